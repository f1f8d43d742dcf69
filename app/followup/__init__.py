"""Follow-up is what everybody sees first in their space: the one thing to do now."""
