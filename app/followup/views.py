"""A space's first page, which depends on who looks."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel.speaklater import LazyString

from app.accounts.permissions import Permission, Role
from app.accounts.queries import current_member, current_staff
from app.database import now
from app.gate import requires
from app.leads.offer_forms import lacking
from app.meetings.forms import FACES
from app.meetings.logs import may_confirm
from app.meetings.models import Meeting
from app.meetings.offers import answerable, unanswered
from app.meetings.queries import confirmed, past_of, planned_in
from app.pairs.conditions import barred_among
from app.pairs.own import referents
from app.pairs.queries import first_waiting, pairs_of_mentee, pairs_of_mentor
from app.pairs.standing import papers_of
from app.pairs.waiting import is_being_formed, waits_for
from app.people.applications import planned_interview
from app.people.checks import against, standing
from app.people.consent import asks_agreement
from app.people.letters import read_as
from app.people.models import Mentor, Stage
from app.people.queries import mentee_of, mentor_of
from app.people.stages import ENDED
from app.people.words import APPLYING, CHECKS
from app.tenants.resolve import current_tenant
from app.training.models import Audience
from app.training.progress import what_is_left
from app.web import shown, today

from . import call_views, contact_views, jobs, listeners, report_views, search_views, thread_views, wait_views
from .blueprint import SPACE, bp
from .calls import to_call
from .forms import SnoozeForm
from .queries import figures
from .threads import offers_and_help
from .waits import mentor_since, without_word
from .words import HOWS, PATHS, SIDES, SNOOZES

connected = (
    call_views,
    contact_views,
    jobs,
    listeners,
    report_views,
    search_views,
    thread_views,
    wait_views,
)  # imported for their routes and signals


@bp.route(f"{SPACE}/")
@requires(Permission.SEE_SPACE)
def home() -> ResponseReturnValue:
    """The first page: the operator's desk, the team's day, the mentor's next step, the jeune's next meeting."""
    roles = current_member.roles
    if Role.OPERATOR in roles:
        return redirect(url_for("programme.queue"))
    if current_member.is_staff:
        return team_home()
    return mentor_home() if Role.MENTOR in roles else jeune_home()


def team_home() -> ResponseReturnValue:
    """Whom to call today and why; what else waits for the team, counted and linked."""
    everybody, is_admin, put_off = "tous" in request.args, Role.ADMIN in current_member.roles, "reportes" in request.args
    waiting, how_many = first_waiting(6)
    rows, count = to_call(current_member.user_id, None if everybody else current_staff(), also_nobodys=is_admin, put_off=put_off)
    quiet, quiet_count = without_word(current_member.user_id)
    counted, unheard = figures(today().replace(day=1), current_member.user_id)
    return render_template(
        "followup/team.html", figures=counted, unheard=unheard, waiting=waiting, how_many=how_many, rows=rows, count=count,
        everybody=everybody, put_off=put_off, snooze=SnoozeForm(), snoozes=SNOOZES, sides=SIDES, paths=PATHS, hows=HOWS,
        nothing=lacking(current_tenant), quiet=quiet, quiet_count=quiet_count,
    )  # fmt: skip


def mentor_home() -> ResponseReturnValue:
    """The mentor's one next thing: a meeting to log, a module to follow, a meeting to plan."""
    mentor = mentor_of(current_member.user_id) or abort(404)
    read_as(mentor)
    moment, pairs = now(), pairs_of_mentor(mentor.id)
    planned = planned_in(pairs)
    is_trained, courses = what_is_left(mentor)
    charter = standing(mentor)
    under_way = [meeting for meeting in planned if meeting.is_under_way_at(moment)]
    to_log = [meeting for meeting in reversed(planned) if meeting.is_to_log_at(moment) and not meeting.is_under_way_at(moment)]
    coming = [meeting for meeting in planned if meeting.is_planned and meeting.starts_at > moment]
    live = [pair for pair in pairs if pair.is_open]
    next_of = {pair.id: next((meeting for meeting in coming if meeting.pair_id == pair.id), None) for pair in live}
    offers, help_asked = offers_and_help(pairs, "mentor")
    return render_template(
        "followup/mentor.html",
        sign=bool(charter and charter.is_to_sign),
        mentor=mentor,
        pairs=live,
        stopped=barred_among([pair for pair in live if is_trained and not next_of[pair.id]], today()),
        last=next((pair for pair in pairs if pair.is_known and not pair.is_open), None),
        help_asked=help_asked,
        waiting=waits_for(pairs, "mentor"),
        is_forming=is_being_formed(pairs, "mentor"),
        moment=moment,
        under_way=under_way,
        to_log=to_log,
        month=shown(to_log[-1].starts_at) if to_log else None,
        offers=answerable(offers, "mentor"),
        asked=unanswered(offers, "mentor"),
        next_meeting=next(iter(coming), None),
        next_of=next_of,
        fallen=fallen(planned, next_of),
        is_trained=is_trained,
        courses=courses,
        interview=None if mentor.stage in {Stage.RECEIVED, *ENDED} else planned_interview(mentor, moment),
        applies=APPLYING if is_applying(mentor, is_trained) and not live else {},
        to_show={} if live else to_show(mentor),
        since=mentor_since(mentor) if is_trained and not live and not is_applying(mentor, is_trained) else None,
    )


def is_applying(mentor: Mentor, is_trained: bool) -> bool:
    """Whether they read where their application stands; once trained, not of one that nobody has looked at: many teams use none."""
    return mentor.stage in APPLYING and not (is_trained and mentor.stage == Stage.RECEIVED)


def fallen(planned: Sequence[Meeting], next_of: Mapping[UUID, Meeting | None]) -> list[Meeting]:
    """Of each pair under way that has nothing planned any more, the last meeting to come that was called off."""
    called_off = {meeting.pair_id: meeting for meeting in planned if meeting.is_called_off}
    return [called_off[pair_id] for pair_id, coming in next_of.items() if coming is None and pair_id in called_off]


def to_show(mentor: Mentor) -> dict[str, tuple[LazyString, bool]]:
    """The documents still to be seen, and whether for a minor only; not one that was not clear, which is talked about."""
    lacking = papers_of(mentor, today())
    talked_about = against(mentor.id, today()) if lacking else set()
    return {
        kind: (label, lacking[kind] == Audience.MINORS) for kind, label in CHECKS.items() if kind in lacking.keys() - talked_about
    }


def jeune_home() -> ResponseReturnValue:
    """The jeune's next meeting first; then their objectives, and how to reach the association."""
    mentee = mentee_of(current_member.user_id) or abort(404)
    read_as(mentee)
    moment, pairs = now(), pairs_of_mentee(mentee.id)
    pair = next((pair for pair in pairs if pair.is_open), None)
    past = past_of(pairs, 5)
    last = pair or next((one for one in pairs if one.is_known), None)
    planned = planned_in(pairs)
    coming = [meeting for meeting in planned if meeting.is_planned and meeting.ends_at > moment]
    said = confirmed(past)
    offers, help_asked = offers_and_help(pairs, "mentee")
    return render_template(
        "followup/jeune.html", mentee=mentee, pair=pair, stopped=barred_among([pair] if pair and not coming else [], today()),
        past=past, said=said, faces=FACES, moment=moment,
        coming=coming, fallen=fallen(planned, {pair.id: next(iter(coming), None)} if pair else {}),
        to_confirm=next((meeting for meeting in past if may_confirm(meeting, moment) and meeting.id not in said), None),
        offers=answerable(offers, "mentee"), asked=unanswered(offers, "mentee"),
        coordinator=referents([last]).get(last.id) if last else None, last=last,
        asks_agreement=asks_agreement(mentee, today()), help_asked=help_asked,
        waiting=waits_for(pairs, "mentee"), is_forming=is_being_formed(pairs, "mentee"),
    )  # fmt: skip
