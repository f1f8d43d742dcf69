"""What accounts ask, and packages above them answer."""

from blinker import Namespace

_signals = Namespace()
colleague_asked = _signals.signal("colleague-asked")  # sender: an address -> whether somebody accompanied here has it
# sender: Staff, whose place has just ended; by: whose account ended it; never_in: the address of who never came in
colleague_left = _signals.signal("colleague-left")
