"""What meetings add to a pair's page and to the list of pairs."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from flask import flash, g, has_request_context, render_template
from markupsafe import Markup

from app.database import now
from app.pairs.models import Pair, PairState
from app.pairs.own import is_own_pair
from app.pairs.signals import meeting_begun, meetings_asked, pair_shown, pairs_listed
from app.territory.zones import clock_of
from app.translation import gettext as _
from app.translation import ngettext
from app.web import duration, local, short_day

from .forms import FACES, SUBJECTS
from .logs import disagree
from .models import Confirmation, Meeting, MeetingState
from .queries import HISTORY, Held, days_held, held_by_pair, held_in, told_of, who_attends
from .signals import barred_called_off


@pair_shown.connect
def meetings_panel(pair: Pair) -> tuple[str, Markup]:
    """On a pair's page: what was held, and the list with the mentor's notes, for staff."""
    if is_own_pair(pair):
        return "main", Markup("")
    said = shown(pair.id)
    meetings = list(said)
    return "main", Markup(  # noqa: S704  (a rendered template)
        render_template("meetings/panel.html", pair=pair, meetings=meetings, held=held_in(meetings, pair.id), subjects=SUBJECTS,
                        moment=now(), said=said, faces=FACES, disagree=disagree, **first_of(pair, meetings))
    )  # fmt: skip


def first_of(pair: Pair, meetings: Sequence[Meeting]) -> dict[str, Any]:
    """Until two have met: the first meeting that is planned, on the mentor's clock, and whoever of the team is to be there."""
    if pair.state != PairState.ACTIVE or any(one.state == MeetingState.HELD or one.is_to_log_at(now()) for one in meetings):
        return {"is_first": False}
    coming = [one for one in reversed(meetings) if one.is_planned]
    attended = who_attends(coming) if coming else {}
    first = next((one for one in coming if one.id in attended), next(iter(coming), None))
    starts_at = first.starts_at.astimezone(clock_of(pair.mentor.departement_code)) if first else None
    return {"is_first": True, "first": first, "attending": attended.get(first.id) if first else None, "starts_at": starts_at}


@barred_called_off.connect
def say_called_off(_pair: Pair, meetings: Sequence[Meeting]) -> None:
    """Whoever changed what the gate asks reads at once what it did."""
    if meetings and has_request_context():
        said = ngettext("Une rencontre prévue ne peut plus avoir lieu : elle est annulée, et les deux personnes sont prévenues.",
                        "%(num)d rencontres prévues ne peuvent plus avoir lieu : elles sont annulées, et les deux personnes sont "
                        "prévenues.", len(meetings))  # fmt: skip
        flash(said, "warning")


@pairs_listed.connect
def notes(rows: Sequence[Pair]) -> dict[UUID, str]:
    """In a list of pairs: how many meetings, how long, when the last was."""
    held = held_by_pair([pair.id for pair in rows])
    return {pair.id: note(held.get(pair.id, Held())) for pair in rows}


def note(held: Held) -> str:
    if not held.count:
        return _("Pas encore de séance")
    return ngettext(
        "%(num)d séance, %(time)s, le %(day)s",
        "%(num)d séances, %(time)s, dernière le %(day)s",
        held.count, time=duration(held.minutes), day=short_day(held.last),
    )  # fmt: skip


def shown(pair_id: UUID) -> Mapping[Meeting, Confirmation | None]:
    """A pair's meetings and what the jeune said, read once for its page: the panel shows them, the count of months reads days."""
    if g.get("meetings_shown", (None, ()))[0] != pair_id:
        g.meetings_shown = (pair_id, {meeting: said for meeting, said in told_of(pair_id)})
    meetings: Mapping[Meeting, Confirmation | None] = g.meetings_shown[1]
    return meetings


@meetings_asked.connect
def met(pair_ids: Sequence[UUID]) -> dict[UUID, list[date]]:
    """For the count of months: the days on which each pair met."""
    if len(pair_ids) == 1:
        meetings = shown(pair_ids[0])
        if len(meetings) < HISTORY:
            return {pair_ids[0]: [local(m.starts_at).date() for m in meetings if m.state == MeetingState.HELD]}
    return days_held(pair_ids)


@meeting_begun.connect
def has_begun(pair: Pair) -> bool:
    """Whether a meeting began that was not called off, noted or not, or that the jeune says took place; read with what is shown."""
    counted = {MeetingState.PLANNED, MeetingState.HELD}
    return any(
        meeting.starts_at <= now() and (meeting.state in counted or (said is not None and said.was_held is True))
        for meeting, said in shown(pair.id).items()
    )
