"""Meetings: mine, the association's, planning, moving, cancelling, the calendar file."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Response, flash, render_template, request
from flask.typing import ResponseReturnValue

from app.accounts.permissions import Permission
from app.accounts.queries import current_member
from app.database import now
from app.errors import DomainError
from app.fields import options
from app.gate import requires
from app.guard import flash_danger
from app.pairs.models import Pair, other_side
from app.pairs.queries import pairs_of_mentor
from app.people.applications import planned_interview
from app.people.letters import read_as
from app.people.models import Mentee, Mentor
from app.people.queries import mentor_of
from app.territory.zones import clock_of, school_zone
from app.training.sessions import seats_of
from app.translation import gettext as _
from app.translation import ngettext
from app.web import download, render_form, see_other, today

from . import calling_off, first_meetings, jobs, lateness, link_views, listeners, log_views, notice_views, offer_views, staff_views
from .blueprint import (
    SPACE,
    bp,
    moved,
    my_meeting,
    my_mentored_meeting,
    my_mentored_pair,
    planned_as_typed,
    reader_of,
    stopped_page,
)
from .calendar import feed
from .forms import SUBJECTS, CancelForm, LateForm, MoveForm, PlanForm, others, show_spot
from .letters import is_told, of_side
from .models import Meeting
from .offers import answerable, open_offers, unanswered
from .queries import called_off_by, confirmed, meetings_for, pairs_for, usual

connected = (
    first_meetings,
    jobs,
    link_views,
    listeners,
    log_views,
    notice_views,
    offer_views,
    staff_views,
)  # imported for their routes and signals


@bp.route(f"{SPACE}/rendez-vous")
@requires(Permission.SEE_OWN_MEETINGS)
def index() -> ResponseReturnValue:
    """My meetings: to come, and what was; times that are proposed to me."""
    meetings, pairs, moment = meetings_for(current_member.user_id), pairs_for(current_member.user_id), now()
    if pairs:
        read_as(reader_of(pairs[0]))
    elif meetings:
        read_as(reader_of(meetings[0].pair))
    open_ones, me = open_offers(pairs), current_member.user_id
    offers = [o for o in open_ones if answerable([o], o.pair.side_of(me))]
    asked = [o for o in open_ones if unanswered([o], o.pair.side_of(me))]
    return render_template(
        "meetings/index.html", coming=[m for m in meetings if m.ends_at > moment],
        past=[m for m in reversed(meetings) if m.ends_at <= moment], user_id=me, moment=moment,
        said=confirmed(meetings), offers=offers, asked=asked, **with_the_team(moment),
    )  # fmt: skip


def with_the_team(moment: datetime) -> dict[str, Any]:
    """What a mentor has to come with the association: their interview, their seats in sessions."""
    mentor = mentor_of(current_member.user_id)
    if mentor is None:
        return {"interview": None, "seats": ()}
    return {"interview": planned_interview(mentor, moment), "seats": seats_of(mentor)}


@bp.route(f"{SPACE}/binomes/<uuid:pair_id>/rendez-vous/nouveau", methods=["GET", "POST"])
@requires(Permission.PLAN_OWN_MEETINGS)
def new(pair_id: UUID) -> ResponseReturnValue:
    """Plan a meeting of my pair, or a series."""
    pair, form = my_mentored_pair(pair_id), PlanForm()
    mine = pairs_of_mentor(pair.mentor_id)
    form.also.choices = options(others(mine, pair))
    clashes: Sequence[Meeting] = ()
    if form.validate_on_submit():
        pairs = [pair, *(other for other in mine if str(other.id) in (form.also.data or []))]
        clashes, planned = planned_as_typed(pairs, form)
        if planned:
            flash(said_planned(planned, pair))
            return see_other("meetings.index")
    if request.method == "GET":
        if stopped := stopped_page(pair):
            return stopped
        show_spot(form, *usual(pair))
    return render_form(
        "meetings/plan.html", form=form, pair=pair, clashes=clashes, clock_note=clock_note(pair.mentor, pair.mentee),
        has_school=school_zone(pair.mentee.departement_code) is not None,
    )  # fmt: skip


def said_planned(planned: Sequence[Meeting], pair: Pair) -> str:
    """What was done, and who is told."""
    count = len({meeting.starts_at for meeting in planned})
    sentence = _("Le rendez-vous est noté.") if count == 1 else _("%(count)s rendez-vous sont notés.", count=count)
    return and_told(sentence, pair, "mentee") if any(meeting.starts_at > now() for meeting in planned) else sentence


def and_told(sentence: str, pair: Pair, side: str) -> str:
    """The sentence, and that one of the two is written to, when they are."""
    name = of_side(pair, side)[0].first_name
    return " ".join((sentence, _("%(name)s reçoit un message.", name=name))) if is_told(pair, side) else sentence


def clock_note(mine: Mentor | Mentee, other: Mentor | Mentee) -> str:
    """Whose clock counts, when the two do not live on the same one."""
    here, there = (now().astimezone(clock_of(person.departement_code)).utcoffset() for person in (mine, other))
    if here == there:
        return ""
    return _("L'heure est celle de chez vous. %(name)s la lira à son heure.", name=other.first_name)


@bp.route(f"{SPACE}/rendez-vous/<uuid:meeting_id>")
@requires(Permission.SEE_OWN_MEETINGS)
def show(meeting_id: UUID) -> ResponseReturnValue:
    """One meeting, as the two of the pair may see it."""
    meeting = my_meeting(meeting_id)
    return render_template(
        "meetings/meeting.html", meeting=meeting, subjects=SUBJECTS, moment=now(), said=confirmed([meeting]),
        is_mentor=meeting.pair.mentor.user_id == current_member.user_id, called_off_by=called_off_by(meeting),
    )  # fmt: skip


@bp.route(f"{SPACE}/rendez-vous/<uuid:meeting_id>/deplacement", methods=["GET", "POST"])
@requires(Permission.PLAN_OWN_MEETINGS)
def moving(meeting_id: UUID) -> ResponseReturnValue:
    """Another time, another place, with a word."""
    meeting, form = my_mentored_meeting(meeting_id), MoveForm()
    zone = clock_of(meeting.pair.mentor.departement_code)
    clashes: Sequence[Meeting] = ()
    if form.validate_on_submit():
        is_moved, clashes = moved(meeting, form, zone)
        if is_moved:
            flash(and_told(_("Le rendez-vous a changé."), meeting.pair, "mentee"))
            flash_danger(form.word.data)
            return see_other("meetings.show", meeting_id=meeting.id)
    if request.method == "GET":
        form.fill(meeting, zone)
    return render_form(
        "meetings/moving.html", form=form, meeting=meeting, clashes=clashes,
        clock_note=clock_note(meeting.pair.mentor, meeting.pair.mentee),
    )  # fmt: skip


@bp.route(f"{SPACE}/rendez-vous/<uuid:meeting_id>/annulation", methods=["GET", "POST"])
@requires(Permission.ANSWER_OWN_MEETINGS)
def cancellation(meeting_id: UUID) -> ResponseReturnValue:
    """Call a meeting off, with a word: the mentor, or the jeune who cannot come."""
    meeting, form = my_meeting(meeting_id), CancelForm()
    side = meeting.pair.side_of(current_member.user_id)
    is_mentor = side == "mentor"
    if form.validate_on_submit():
        word, by = form.word.data or "", current_member.user_id
        off = calling_off.cancel_rest if is_mentor and form.rest.data else calling_off.cancel
        try:
            count = off(meeting, word, by)
        except DomainError as error:
            form.word.errors = [str(error)]
        else:
            said = ngettext("Le rendez-vous est annulé.", "%(num)d rendez-vous sont annulés.", count)
            flash(and_told(said, meeting.pair, other_side(side)))
            flash_danger(word)
            return see_other("meetings.index")
    other = of_side(meeting.pair, other_side(side))[0]
    return render_form("meetings/cancellation.html", form=form, meeting=meeting, other=other, is_mentor=is_mentor)


@bp.route(f"{SPACE}/rendez-vous/<uuid:meeting_id>/retard", methods=["POST"])
@requires(Permission.ANSWER_OWN_MEETINGS)
def late(meeting_id: UUID) -> ResponseReturnValue:
    """« Je serai en retard »: the other one is told at once."""
    meeting, form = my_meeting(meeting_id), LateForm()
    side = meeting.pair.side_of(current_member.user_id)
    if not form.validate_on_submit():
        raise lateness.CannotBeLate(_("Choisissez combien de minutes."))
    lateness.announce(meeting, side, int(form.minutes.data), current_member.user_id)
    flash(and_told(_("C'est noté."), meeting.pair, other_side(side)))
    if not is_told(meeting.pair, other_side(side)):
        flash(_("Personne ne peut lui écrire d'ici : appelez l'association."), "warning")
    return see_other("meetings.show", meeting_id=meeting.id)


@bp.route(f"{SPACE}/rendez-vous/<uuid:meeting_id>/agenda")
@requires(Permission.SEE_OWN_MEETINGS)
def calendar(meeting_id: UUID) -> Response:
    """A calendar file for one meeting."""
    meeting = my_meeting(meeting_id)
    return download(feed([meeting], reader_of(meeting.pair)), f"rendez-vous-{today().isoformat()}.ics", "text/calendar")
