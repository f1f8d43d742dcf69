"""Saying how a meeting went: the mentor in twenty seconds or a month at once, the jeune in one tap, staff who correct."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

from flask import abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from sqlalchemy import ColumnElement

from app.accounts.permissions import Permission
from app.accounts.queries import current_member
from app.database import hold_row, now
from app.errors import DomainError
from app.fields import options
from app.gate import requires
from app.guard import flash_danger
from app.leads.calendar import add_months
from app.pairs.models import Pair
from app.pairs.own import is_own_pair
from app.pairs.queries import pairs_of_mentor, with_people
from app.people.letters import read_as
from app.people.queries import mentor_of
from app.territory.zones import clock_of
from app.translation import gettext as _
from app.translation import lazy_gettext as _l
from app.translation import ngettext
from app.web import clock, form_written, get_or_404, month_name, render_form, see_other, shown

from .actions import conflicts, hold_hours
from .blueprint import SPACE, bp, my_meeting, my_mentored_meeting, my_mentored_pair
from .forms import (
    EVENTS,
    FACES,
    HARD,
    ConfirmationForm,
    LogForm,
    RedateForm,
    UnplannedForm,
    month_form,
    others,
    said_in_month,
    said_when,
    show_spot,
)
from .logs import Account, clash, confirm, confirmation_of, is_said, log_meeting, log_unplanned, redate, remove
from .models import Meeting, MeetingState
from .queries import history_of, in_month, meetings_of, usual
from .recurrence import at
from .staff_views import followed_meeting, hour_note, hours_note

TAKEN = _l("Une autre séance est déjà notée à ce moment.")


@bp.route(f"{SPACE}/rendez-vous/<uuid:meeting_id>/compte-rendu", methods=["GET", "POST"])
@requires(Permission.PLAN_OWN_MEETINGS)
def log(meeting_id: UUID) -> ResponseReturnValue:
    """Log a meeting in twenty seconds."""
    meeting, form = my_mentored_meeting(meeting_id), LogForm()
    mine = pairs_of_mentor(meeting.pair.mentor_id)
    form.also.choices = options(others(mine, meeting.pair))
    if form.validate_on_submit() and logged(meeting, form, mine, current_member.user_id):
        thank(form)
        return form_written(see_other("followup.home"))
    if request.method == "GET":
        form.fill(meeting)
    return render_form("meetings/log.html", form=form, meeting=meeting)


def thank(form: LogForm) -> None:
    """Say that it is noted; and, when the word alarms, what goes faster than a word."""
    flash(_("C'est noté, merci."))
    then = _("L'association lira votre mot en premier ; vous pouvez aussi demander de l'aide depuis votre espace.")
    flash_danger(form.note.data, then=then)


def logged(meeting: Meeting, form: LogForm, mine: Sequence[Pair], by: UUID, keeps_note: bool = False) -> bool:
    """Whether it could be written; else a field says why not, or asks. What was told to the team may stay when nothing new is."""
    also = [pair for pair in mine if str(pair.id) in (form.also.data or [])]
    hold_hours(meeting.pair, *also)
    account = account_now(meeting, form, by, keeps_note)
    if account is None:
        return False
    if not form.anyway.data and clash(meeting, account, also):
        form.anyway.errors = [TAKEN]
        return False
    try:
        log_meeting(meeting, account, by, also)
    except DomainError as error:
        form.outcome.errors = [str(error)]
        return False
    return True


def account_now(meeting: Meeting, form: LogForm, by: UUID, keeps_note: bool = False) -> Account | None:
    """What is said of a meeting as it is now, whose pair is held. None where somebody else said otherwise since the page was shown.

    A late page of one's own erases no word, for it does not show it.
    """
    hold_row(meeting)
    is_late = form.is_late(meeting)
    account = replace(form.account, note=form.account.note or meeting.note) if keeps_note or is_late else form.account
    if not is_late or meeting.logged_by == by or is_said(meeting, account):
        return account
    form.outcome.errors = [noted_meanwhile(meeting)]
    form.shown.data = said_when(meeting)
    if not keeps_note:
        form.note.data = account.note
    return None


def noted_meanwhile(meeting: Meeting) -> str:
    """What somebody else noted since the page was shown: whether it was held, and how long."""
    if meeting.state == MeetingState.HELD:
        said = _("elle a eu lieu, %(minutes)s minutes", minutes=meeting.minutes)
    else:
        said = _("elle n'a pas eu lieu") if meeting.state == MeetingState.MISSED else _("elle est annulée")
    return _("Quelqu'un vient de noter cette séance : %(said)s. Relisez, puis enregistrez de nouveau.", said=said)


@bp.route(f"{SPACE}/binomes/<uuid:pair_id>/seances/nouvelle", methods=["GET", "POST"])
@requires(Permission.PLAN_OWN_MEETINGS)
def unplanned(pair_id: UUID) -> ResponseReturnValue:
    """Log a meeting that nobody had planned."""
    pair, form = my_mentored_pair(pair_id), UnplannedForm()
    form.also.choices = []
    if form.validate_on_submit() and added(pair, form):
        thank(form)
        return see_other("followup.home")
    return unplanned_page(pair, form)


def unplanned_page(pair: Pair, form: UnplannedForm, is_team: bool = False) -> ResponseReturnValue:
    """The form, with what is most often true."""
    if request.method == "GET":
        form.outcome.data, form.day.data = "held", shown(now()).date()
        show_spot(form, *usual(pair))
    note = hour_note(pair) if is_team else ""
    return render_form("meetings/unplanned.html", form=form, pair=pair, is_team=is_team, clock_note=note)


def planned_then(pair: Pair, form: UnplannedForm) -> Meeting | None:
    """The meeting of this pair that was planned on the day that is typed, at another hour, and of which nobody said anything."""
    return next(iter(meetings_of(pair.id, Meeting.state == MeetingState.PLANNED, *that_day(pair, form))), None)


def held_then(pair: Pair, form: UnplannedForm) -> Meeting | None:
    """The one that is noted already as held that day, at another hour."""
    return next(iter(meetings_of(pair.id, Meeting.state == MeetingState.HELD, *that_day(pair, form))), None)


def that_day(pair: Pair, form: UnplannedForm) -> tuple[ColumnElement[bool], ...]:
    """What began on the day that is typed, on the mentor's clock, but not at the hour that is typed."""
    zone = clock_of(pair.mentor.departement_code)
    first, end = (at(day, time(), zone) for day in (form.day.data, form.day.data + timedelta(days=1)))
    typed = at(form.day.data, form.time.data, zone)
    return Meeting.starts_at >= first, Meeting.starts_at < min(end, now()), Meeting.starts_at != typed


@bp.route(f"{SPACE}/binomes/<uuid:pair_id>/seances/ajout", methods=["GET", "POST"])
@requires(Permission.FOLLOW_PAIRS)
def addition(pair_id: UUID) -> ResponseReturnValue:
    """The team logs a meeting that nobody had planned, whatever its age. The hour is the mentor's, as on the mentor's own page."""
    pair, form = get_or_404(Pair, pair_id, options=with_people()), UnplannedForm()
    if is_own_pair(pair):
        abort(404)
    read_as(pair.mentor)
    form.also.choices = []
    if form.validate_on_submit() and added(pair, form, as_staff=True):
        flash(_("La séance est notée."))
        return see_other("pairs.show", pair_id=pair.id)
    return unplanned_page(pair, form, is_team=True)


@bp.route(f"{SPACE}/rendez-vous/<uuid:meeting_id>/autre-moment", methods=["GET", "POST"])
@requires(Permission.PLAN_OWN_MEETINGS)
def redating(meeting_id: UUID) -> ResponseReturnValue:
    """The mentor says that a meeting took place at another moment."""
    meeting = my_mentored_meeting(meeting_id)
    return redate_page(meeting, "meetings.log", meeting_id=meeting.id)


@bp.route(f"{SPACE}/binomes/<uuid:pair_id>/seances/<uuid:meeting_id>/autre-moment", methods=["GET", "POST"])
@requires(Permission.FOLLOW_PAIRS)
def team_redating(pair_id: UUID, meeting_id: UUID) -> ResponseReturnValue:
    """The team says so; the hour is the mentor's."""
    meeting = followed_meeting(pair_id, meeting_id)
    return redate_page(meeting, "meetings.correction", as_staff=True, pair_id=pair_id, meeting_id=meeting.id)


def redate_page(meeting: Meeting, endpoint: str, as_staff: bool = False, **path: Any) -> ResponseReturnValue:
    """Another date or hour of what took place, then back to what was said of it."""
    form, zone = RedateForm(), clock_of(meeting.pair.mentor.departement_code)
    if form.validate_on_submit():
        try:
            redate(meeting, at(form.day.data, form.time.data, zone), current_member.user_id, as_staff)
        except DomainError as error:
            form.day.errors = [str(error)]
        else:
            flash(_("La date est corrigée."))
            return see_other(endpoint, **path)
    if request.method == "GET":
        here = meeting.starts_at.astimezone(zone)
        form.day.data, form.time.data = here.date(), here.time()
    note = hour_note(meeting.pair) if as_staff else ""
    return render_form("meetings/redating.html", form=form, meeting=meeting, back_to=url_for(endpoint, **path), clock_note=note)


@bp.route(f"{SPACE}/binomes/<uuid:pair_id>/seances/<uuid:meeting_id>/retrait", methods=["POST"])
@requires(Permission.FOLLOW_PAIRS)
def removal(pair_id: UUID, meeting_id: UUID) -> ResponseReturnValue:
    """A meeting that was noted twice counts once."""
    if remove(followed_meeting(pair_id, meeting_id), current_member.user_id):
        flash(_("La séance est retirée : elle ne compte plus, et personne n'est interrogé à son sujet."))
    return see_other("pairs.show", pair_id=pair_id)


def added(pair: Pair, form: UnplannedForm, as_staff: bool = False) -> bool:
    """Whether a meeting that nobody had planned could be written; else a field says why not, or asks."""
    starts_at, account = at(form.day.data, form.time.data, clock_of(pair.mentor.departement_code)), form.account
    hold_hours(pair)
    if not form.anyway.data and (planned := planned_then(pair, form)):
        time_then = clock(planned.starts_at)
        form.anyway.errors = [_("Un rendez-vous de ce jour-là, à %(time)s, est encore à noter : est-ce celui-ci ?", time=time_then)]
        form.planned = planned
        return False
    if account.state == MeetingState.HELD and not form.anyway.data and (said_then := held_then(pair, form)):
        form.anyway.errors = [
            _("Une séance de ce jour-là est déjà notée, à %(time)s : est-ce une seconde ?", time=clock(said_then.starts_at))
        ]
        return False
    if account.state == MeetingState.HELD and not form.anyway.data:
        held = [m for m in conflicts(pair, [starts_at], account.minutes) if m.state == MeetingState.HELD]
        others_then = [other for other in held if other.starts_at != starts_at or other.pair_id != pair.id]
        if others_then:
            said = {"name": others_then[0].pair.mentee.first_name, "time": clock(others_then[0].starts_at)}
            form.anyway.errors = [_("Une autre séance est déjà notée à ce moment, avec %(name)s, à %(time)s.", **said)]
            return False
    try:
        log_unplanned(pair, starts_at, account, current_member.user_id, as_staff)
    except DomainError as error:
        form.day.errors = [str(error)]
        return False
    return True


@bp.route(f"{SPACE}/seances/<int:year>/<int:month>", methods=["GET", "POST"])
@requires(Permission.PLAN_OWN_MEETINGS)
def month(year: int, month: int) -> ResponseReturnValue:
    """A whole month at once."""
    first = first_of(year, month)
    mentor = mentor_of(current_member.user_id) or abort(404)
    read_as(mentor)
    meetings = in_month(mentor.id, first, clock_of(mentor.departement_code))
    form = month_form(meetings)
    if form.validate_on_submit():
        count = log_month(meetings, form)
        if not form.errors:
            flash(ngettext("%(num)d séance notée.", "%(num)d séances notées.", count))
            return see_other("meetings.month", year=year, month=month)
    return render_form(
        "meetings/month.html", form=form, meetings=meetings, title=month_name(first), before=add_months(first, -1),
        after=add_months(first, 1),
    )  # fmt: skip


def first_of(year: int, month: int) -> date:
    """The first day of a month of a path; not found when there is none."""
    if not (2000 <= year <= 2200 and 1 <= month <= 12):
        abort(404)
    return date(year, month, 1)


def log_month(meetings: Sequence[Meeting], form: FlaskForm) -> int:
    """Write what was said of each; what cannot be written is said at its field. How many were written."""
    count = 0
    if meetings:
        hold_hours(*(meeting.pair for meeting in meetings))
    for meeting in meetings:
        hold_row(meeting)
        outcome, minutes, shown_then = (form[f"{name}_{meeting.id}"] for name in ("outcome", "minutes", "shown"))
        said = (outcome.data or "", minutes.data or meeting.minutes)
        if not outcome.data or said == (meeting.state, meeting.minutes) or shown_then.data == f"{said[0]} {said[1]}":
            continue
        if shown_then.data not in {"", said_in_month(meeting)}:
            outcome.errors = [noted_meanwhile(meeting)]
            shown_then.data = said_in_month(meeting)
            continue
        account = Account(MeetingState(outcome.data), said[1], meeting.subjects, meeting.note)
        if clash(meeting, account):
            outcome.errors = [_("Une autre séance est déjà notée à ce moment : ouvrez celle-ci pour la noter.")]
            continue
        try:
            log_meeting(meeting, account, current_member.user_id)
        except DomainError as error:
            outcome.errors = [str(error)]
        else:
            count += 1
    return count


@bp.route(f"{SPACE}/rendez-vous/<uuid:meeting_id>/confirmation", methods=["GET", "POST"])
@requires(Permission.ANSWER_OWN_MEETINGS)
def confirmation(meeting_id: UUID) -> ResponseReturnValue:
    """The jeune's one tap. What the mentor said is not shown; whom to talk to is, when it was hard."""
    meeting, form = my_meeting(meeting_id), ConfirmationForm()
    if meeting.pair.mentee.user_id != current_member.user_id:
        abort(404)
    if form.validate_on_submit():
        try:
            said = confirm(meeting, form.was_held, form.face)
        except DomainError as error:
            form.answer.errors = [str(error)]
        else:
            if said.face == HARD:
                return see_other("meetings.confirmation", meeting_id=meeting.id)
            flash(_("Merci, c'est noté."))
            return see_other("followup.home")
    return render_form("meetings/confirmation.html", form=form, meeting=meeting, faces=FACES, said=confirmation_of(meeting))


def corrected(meeting: Meeting, form: LogForm) -> bool:
    """Whether the team's account could be written; else a field says why not."""
    hold_hours(meeting.pair)
    account = account_now(meeting, form, current_member.user_id)
    if account is None:
        return False
    try:
        log_meeting(meeting, account, current_member.user_id, as_staff=True)
    except DomainError as error:
        form.outcome.errors = [str(error)]
        return False
    return True


@bp.route(f"{SPACE}/binomes/<uuid:pair_id>/seances/<uuid:meeting_id>", methods=["GET", "POST"])
@requires(Permission.FOLLOW_PAIRS)
def correction(pair_id: UUID, meeting_id: UUID) -> ResponseReturnValue:
    """The team reads what both say of a meeting, with its history, and corrects it whatever its age."""
    meeting, form = followed_meeting(pair_id, meeting_id), LogForm()
    pair = meeting.pair
    form.also.choices = []
    is_first, from_list = meeting.first_logged_at is None, "liste" in request.args
    if form.validate_on_submit() and corrected(meeting, form):
        flash(_("La séance est notée.") if is_first else _("La séance est corrigée."))
        return see_other("meetings.to_log") if from_list else see_other("pairs.show", pair_id=pair.id)
    if request.method == "GET":
        form.fill(meeting)
    page = render_template(
        "meetings/correction.html", form=form, meeting=meeting, pair=pair, said=confirmation_of(meeting), faces=FACES,
        history=history_of(meeting), events=EVENTS, from_list=from_list,
        clock_note=hours_note(pair),
    )  # fmt: skip
    return (page, 422) if form.errors else page
