"""The pages behind the links of the evening: one meeting, without signing in, for a while; and the calendar feed."""

from datetime import timedelta
from uuid import UUID

from flask import Response, abort, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.accounts.links import is_marked, mark_in, mark_of, record_of_token
from app.accounts.models import Membership, User
from app.accounts.queries import held_here
from app.database import now
from app.errors import DomainError
from app.extensions import db, limit_link, limiter, link_of_request
from app.fields import options
from app.gate import public
from app.pairs.models import OVER, Pair
from app.pairs.queries import pairs_of_mentor
from app.people.letters import read_as
from app.people.models import FileState
from app.people.queries import mentee_of, mentor_of
from app.tenants.resolve import carries_tenant
from app.web import form_written, see_other

from .blueprint import bp
from .calendar import feed
from .forms import FACES, ConfirmationForm, LogForm, others
from .log_views import logged, thank
from .logs import confirm
from .models import Meeting
from .notice_models import CalendarFeed
from .queries import meetings_for
from .reminders import CONFIRM_LINK, LOG_LINK

LIFE = timedelta(days=14)
FEED_LINK = "agenda"


def meeting_of_token(kind: str, token: str) -> Meeting | None:
    """Enter the space that a link names, and find the meeting; None when the link leads nowhere, or its time is over."""
    pair = joinedload(Meeting.pair)
    meeting = record_of_token(Meeting, kind, token, options=[pair.joinedload(Pair.mentor), pair.joinedload(Pair.mentee)])
    if meeting is None or meeting.ends_at + LIFE < now():
        return None
    person = meeting.pair.mentor if kind == LOG_LINK else meeting.pair.mentee
    if person.state == FileState.WITHDRAWN or (meeting.pair.state in OVER and kind == LOG_LINK and meeting.first_logged_at):
        return None  # who left says nothing more, and what was said of a pair that is over stands
    read_as(person)
    return meeting if person.email and is_marked(token, kind, person.email) else None


@bp.route("/seance/<token:token>", methods=["GET", "POST"])
@public
@carries_tenant
@limit_link
def log_by_link(token: str) -> ResponseReturnValue:
    """The mentor logs one meeting: what was planned is already filled in, one button is enough."""
    meeting = meeting_of_token(LOG_LINK, token)
    if meeting is None:
        return render_template("meetings/link_over.html"), 404
    form, mine = LogForm(), [pair for pair in pairs_of_mentor(meeting.pair.mentor_id) if pair.id in with_them(meeting)]
    form.also.choices = options(others(mine, meeting.pair))
    if form.validate_on_submit():
        if logged(meeting, form, mine, meeting.pair.mentor.user_id or abort(404), keeps_note=True):  # the link shows no note
            thank(form)
            return form_written(see_other("meetings.log_by_link", token=token))
    elif not form.errors:
        form.fill(meeting)
        form.note.data = ""  # a link in a mail shows nothing that was told to the team
    page = render_template("meetings/log_by_link.html", form=form, meeting=meeting)
    return (page, 422) if form.errors else page


def with_them(meeting: Meeting) -> set[UUID]:
    """The pairs that were to be met at the same visit: the link is about nobody else."""
    if meeting.visit_id is None:
        return set()
    return set(db.session.scalars(select(Meeting.pair_id).where(Meeting.visit_id == meeting.visit_id)))


@bp.route("/presence/<token:token>", methods=["GET", "POST"])
@public
@carries_tenant
@limit_link
def confirm_by_link(token: str) -> ResponseReturnValue:
    """The jeune says in one tap whether a meeting took place. What the mentor said is not shown."""
    meeting = meeting_of_token(CONFIRM_LINK, token)
    if meeting is None:
        return render_template("meetings/link_over.html"), 404
    form, said = ConfirmationForm(), None
    if form.validate_on_submit():
        try:
            said = confirm(meeting, form.was_held, form.face)
        except DomainError as error:
            form.answer.errors = [str(error)]
    page = render_template("meetings/confirmation.html", form=form, meeting=meeting, faces=FACES, said=said, by_link=True)
    return (page, 422) if form.errors else page


@bp.route("/agenda/<token:token>")
@public
@carries_tenant
@limiter.limit("60 per hour", key_func=link_of_request)
def calendar_feed(token: str) -> ResponseReturnValue:
    """What a calendar program reads, until the address is taken back, the account's sessions are ended or they leave the space."""
    token = token.removesuffix(".ics")
    row = record_of_token(CalendarFeed, FEED_LINK, token) or abort(404)
    here = (Membership.user_id == row.user_id, *held_here())
    member = select(User.fs_uniquifier).select_from(Membership).join(Membership.user).where(*here, User.active)
    account = db.session.scalar(member.limit(1))
    reader = mentor_of(row.user_id) or mentee_of(row.user_id)
    if row.revoked_at is not None or reader is None or account is None or mark_in(token, FEED_LINK) != mark_of(account):
        abort(404)
    return Response(feed(meetings_for(row.user_id), reader), mimetype="text/calendar")
