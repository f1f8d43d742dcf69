"""Meetings: mine, planning, logging, cancelling, the calendar file."""

from uuid import UUID

from flask import Blueprint, Response, abort, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from app.accounts.permissions import Permission
from app.accounts.queries import current_member
from app.database import now
from app.errors import DomainError
from app.gate import requires
from app.leads.words import PLACES
from app.mail import absolute
from app.pairs.models import Pair
from app.pairs.queries import with_people
from app.tenants.resolve import current_tenant
from app.web import get_or_404, render_form, see_other, today

from . import actions, listeners
from .calendar import as_calendar
from .forms import SUBJECTS, CancelForm, LogForm, PlanForm
from .models import Meeting
from .queries import meetings_for, next_meetings

bp = Blueprint("meetings", __name__, url_prefix="/a/<slug:slug>")
listeners_connected = listeners  # imported for its signals


def my_meeting(meeting_id: UUID) -> Meeting:
    """A meeting of one of my own pairs, or not found: nobody learns that other meetings exist."""
    pair = joinedload(Meeting.pair)
    meeting = get_or_404(Meeting, meeting_id, options=[pair.joinedload(Pair.mentor), pair.joinedload(Pair.mentee)])
    return meeting if meeting.pair.belongs_to(current_member.user_id) else abort(404)


def my_mentored_meeting(meeting_id: UUID) -> Meeting:
    """The same, for the mentor of the pair only."""
    meeting = my_meeting(meeting_id)
    return meeting if meeting.pair.mentor.user_id == current_member.user_id else abort(404)


@bp.route("/rendez-vous")
@requires(Permission.SEE_OWN_MEETINGS)
def index() -> ResponseReturnValue:
    """My meetings: to come, and what was."""
    return render_template(
        "meetings/index.html", meetings=meetings_for(current_member.user_id), user_id=current_member.user_id,
        places=PLACES, subjects=SUBJECTS, moment=now(),
    )  # fmt: skip


@bp.route("/rendez-vous/a-venir")
@requires(Permission.FOLLOW_PAIRS)
def upcoming() -> ResponseReturnValue:
    """The association's meetings to come."""
    return render_template("meetings/upcoming.html", meetings=next_meetings(100), places=PLACES)


@bp.route("/binomes/<uuid:pair_id>/rendez-vous/nouveau", methods=["GET", "POST"])
@requires(Permission.PLAN_OWN_MEETINGS)
def new(pair_id: UUID) -> ResponseReturnValue:
    """Plan a meeting of my pair."""
    pair = get_or_404(Pair, pair_id, options=with_people())
    if pair.mentor.user_id != current_member.user_id:
        abort(404)
    form = PlanForm()
    if form.validate_on_submit():
        try:
            meeting = actions.plan(pair, form.starts_at, int(form.length.data), form.place.data, form.where.data or "")
        except DomainError as error:
            field = form.place if isinstance(error, actions.NotAtHome) else form.day
            field.errors = [str(error)]
        else:
            told = _("%(name)s reçoit un message.", name=pair.mentee.first_name) if actions.is_told(meeting) else ""
            flash(" ".join((_("Le rendez-vous est noté."), told)).strip())
            return see_other("meetings.index")
    if request.method == "GET":
        form.place.data = next((p for p in pair.mentor.places if p in pair.mentee.places), "remote")
    return render_form("meetings/plan.html", form=form, pair=pair)


@bp.route("/rendez-vous/<uuid:meeting_id>")
@requires(Permission.SEE_OWN_MEETINGS)
def show(meeting_id: UUID) -> ResponseReturnValue:
    """One meeting, as the two of the pair may see it."""
    meeting = my_meeting(meeting_id)
    return render_template(
        "meetings/meeting.html", meeting=meeting, places=PLACES, subjects=SUBJECTS, moment=now(),
        is_mentor=meeting.pair.mentor.user_id == current_member.user_id,
    )  # fmt: skip


@bp.route("/rendez-vous/<uuid:meeting_id>/compte-rendu", methods=["GET", "POST"])
@requires(Permission.PLAN_OWN_MEETINGS)
def log(meeting_id: UUID) -> ResponseReturnValue:
    """Log a meeting in twenty seconds."""
    meeting = my_mentored_meeting(meeting_id)
    form = LogForm()
    if form.validate_on_submit():
        try:
            actions.log_meeting(meeting, form.account, by=current_member.user_id)
        except DomainError as error:
            form.outcome.errors = [str(error)]
        else:
            flash(_("C'est noté, merci."))
            return see_other("followup.home")
    if request.method == "GET":
        fill(form, meeting)
    return render_form("meetings/log.html", form=form, meeting=meeting, begun=meeting.starts_at <= now())


def fill(form: LogForm, meeting: Meeting) -> None:
    """What is already known: the length that was planned, or what was logged before."""
    lengths = {choice.value for choice in form.length.choices}
    known = str(meeting.minutes)
    form.length.data = known if known in lengths else "other"
    form.other_minutes.data = None if known in lengths else meeting.minutes
    form.outcome.data = "held" if meeting.is_planned else meeting.state
    form.subjects.data, form.note.data = meeting.subjects, meeting.note


@bp.route("/rendez-vous/<uuid:meeting_id>/annulation", methods=["GET", "POST"])
@requires(Permission.PLAN_OWN_MEETINGS)
def cancellation(meeting_id: UUID) -> ResponseReturnValue:
    """Call a meeting off, with a word."""
    meeting = my_mentored_meeting(meeting_id)
    form = CancelForm()
    if form.validate_on_submit():
        try:
            actions.cancel(meeting, form.word.data or "", by=current_member.user_id)
        except DomainError as error:
            form.word.errors = [str(error)]
        else:
            flash(_("Le rendez-vous est annulé."))
            return see_other("meetings.index")
    return render_form("meetings/cancellation.html", form=form, meeting=meeting)


@bp.route("/rendez-vous/<uuid:meeting_id>/agenda")
@requires(Permission.SEE_OWN_MEETINGS)
def calendar(meeting_id: UUID) -> ResponseReturnValue:
    """A calendar file for one meeting."""
    meeting = my_meeting(meeting_id)
    mine = meeting.pair.mentor.user_id == current_member.user_id
    other = meeting.pair.mentee if mine else meeting.pair.mentor
    url = absolute("meetings.show", slug=current_tenant.slug, meeting_id=meeting.id)
    return Response(
        as_calendar(meeting, current_tenant, other.first_name, url),
        mimetype="text/calendar",
        headers={"Content-Disposition": f'attachment; filename="rendez-vous-{today().isoformat()}.ics"'},
    )
