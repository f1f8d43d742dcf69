"""What training announces to the packages above it."""

from blinker import Namespace

_signals = Namespace()

course_completed = _signals.signal("course-completed")  # sender: Completion
