"""A first meeting, where somebody of the team is: planned with them, and they learn what becomes of it."""

from collections.abc import Sequence
from datetime import datetime

from app.pairs.interest import tell_attending
from app.pairs.models import Pair
from app.pairs.signals import first_meeting
from app.tenants.models import Staff
from app.tenants.resolve import current_tenant
from app.translation import gettext as _
from app.web import day, read_on

from .actions import Spot, conflicts, hold_hours, note, plan_all
from .letters import of_side, tell, when
from .models import Meeting
from .queries import coming_of, who_attends
from .refusals import CannotPlan
from .signals import attending_named, late_said, meetings_set


@first_meeting.connect
def plan_first(pair: Pair, starts_at: datetime, place: str, where: str, attending: Staff) -> bool:
    """The first meeting, which somebody of the team attends: both read who, also of one that was planned. Whether it is news."""
    hold_hours(pair)
    coming = coming_of(pair.id)
    known = {meeting.id for meeting in coming}
    same = next((one for one in coming if one.starts_at == starts_at), None)
    spot = Spot(same.minutes if same else 60, place, where)
    if clash := next((one for one in conflicts(pair, [starts_at], spot.minutes) if one.id not in known), None):
        raise CannotPlan(_("%(name)s a déjà un rendez-vous %(when)s.", name=pair.mentor.first_name, when=when(clash)))
    firsts = who_attends(coming)
    for other in coming:
        if other.starts_at != starts_at and other.id in firsts:
            raise CannotPlan(_("Une première rencontre est déjà prévue %(when)s : déplacez-la, ou annulez-la.", when=when(other)))
    line = _("%(name)s, de l'association, sera avec vous.", name=attending.full_name)
    [meeting] = plan_all([pair], [starts_at], spot, None, line)
    before = firsts.get(meeting.id)
    if before is attending:
        return False
    if before is not None:
        said = {"pair": pair.title, "name": attending.full_name}
        tell_attending(pair, before, _("%(name)s ira à votre place à la première rencontre de %(pair)s.", **said))
    note(meeting, "attended", attending.user_id)
    if meeting.id in known:
        tell("meeting_planned", meeting, lambda reader, other: (
            _("Votre rendez-vous du %(day)s", day=day(meeting.starts_at)),
            [_("Votre rendez-vous avec %(name)s est prévu %(when)s.", name=other.first_name, when=when(meeting)), line],
        ), None)  # fmt: skip
    attending_named.send(pair)
    return True


@meetings_set.connect
def tell_who_attends(meetings: Sequence[Meeting], kind: str, **_more: str) -> None:
    """Whoever of the team is to be at a first meeting learns that it moves, or is called off."""
    attending = {} if kind == "meeting_planned" else who_attends(meetings)
    for meeting in (one for one in meetings if one.id in attending):
        with read_on(current_tenant.zone):
            said = {"pair": meeting.pair.title, "when": when(meeting)}
        changes = _(
            "La première rencontre de %(pair)s, à laquelle vous participez, change : elle est maintenant prévue %(when)s. "
            "Si vous ne pouvez pas venir, dites-le aux deux.", **said
        )  # fmt: skip
        ends = _("La première rencontre de %(pair)s, à laquelle vous deviez participer, est annulée.", **said)
        tell_attending(meeting.pair, attending[meeting.id], ends if meeting.is_called_off else changes)


@late_said.connect
def tell_who_waits(meeting: Meeting, side: str, minutes: int) -> None:
    """And that one of the two will be late."""
    attending = who_attends([meeting]).get(meeting.id)
    if attending is not None:
        with read_on(current_tenant.zone):
            said = {"name": of_side(meeting.pair, side)[0].first_name, "pair": meeting.pair.title, "when": when(meeting)}
        line = _("%(name)s pense avoir environ %(count)d minutes de retard à la première rencontre de %(pair)s, prévue %(when)s.")
        tell_attending(meeting.pair, attending, _(line, **said, count=minutes))
