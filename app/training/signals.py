"""What training announces to the packages above it."""

from blinker import Namespace

_signals = Namespace()

course_completed = _signals.signal("course-completed")  # sender: Completion
presence_taken_back = _signals.signal("presence-taken-back")  # an interview too; sender: the Completion that it may have brought
