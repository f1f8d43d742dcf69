"""What requests announce to the packages above them."""

from blinker import Namespace

_signals = Namespace()

lead_accepted = _signals.signal("lead-accepted")  # sender: Lead, in the association's space
lead_withdrawn = _signals.signal("lead-withdrawn")  # sender: Lead, once accepted; what: who did, as its history says
guardian_answers = _signals.signal(
    "guardian-answers"
)  # sender: Lead, whose file is open; email: a guardian's -> False when somebody else represents the person now
closed_file_asked = _signals.signal(
    "closed-file-asked"
)  # sender: Lead, once accepted -> True when the file that it opened is closed
lead_moved = _signals.signal("lead-moved")  # sender: Lead, with each moment of its history
leads_undone = _signals.signal("leads-undone")  # sender: LeadImport; addresses: of the people of the requests that it takes back
