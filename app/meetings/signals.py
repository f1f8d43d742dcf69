"""What happens to meetings, for the packages above, which this one does not know."""

from blinker import Namespace

_signals = Namespace()

meetings_set = _signals.signal(
    "meetings-set"
)  # sender: meetings of a pair, planned, moved or called off; kind: of the letter that says so; was: the place before
late_said = _signals.signal("late-said")  # sender: Meeting; side: who will be late; minutes: how late
meeting_logged = _signals.signal("meeting-logged")  # sender: Meeting, whose account was written or corrected
barred_called_off = _signals.signal("barred-called-off")  # sender: Pair; meetings: those called off, for they may not be any more
attending_named = _signals.signal("attending-named")  # sender: Pair, at whose first meeting somebody of the team will be
meeting_confirmed = _signals.signal("meeting-confirmed")  # sender: Meeting; confirmation: what the jeune says of it
