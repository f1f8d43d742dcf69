"""What accounts ask, and packages above them answer."""

from blinker import Namespace

_signals = Namespace()
colleague_asked = _signals.signal("colleague-asked")  # sender: an address -> whether somebody accompanied here has it
