"""The mentor's training, and the staff's courses and live sessions."""

from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.forms import ConfirmForm
from app.accounts.permissions import Permission
from app.accounts.queries import current_member
from app.database import now
from app.extensions import db
from app.fields import options
from app.gate import requires
from app.people.models import Mentor
from app.people.queries import mentor_of
from app.web import get_or_404, render_form, see_other

from . import actions
from .forms import CourseForm, ModuleForm, SessionForm
from .markdown import as_html
from .models import Course, CourseSession, Module, ModuleKind
from .queries import (
    all_sessions,
    courses,
    is_done,
    modules_by_course,
    registrations_of,
    seat_of,
    training_status,
    upcoming_sessions,
)

bp = Blueprint("training", __name__, url_prefix="/a/<slug:slug>")


def my_file() -> Mentor:
    """The file of the mentor who is signed in."""
    return mentor_of(current_member.user_id) or abort(404)


@bp.route("/ma-formation")
@requires(Permission.FOLLOW_TRAINING)
def my_training() -> ResponseReturnValue:
    """What I have done, and the one next thing to do."""
    return render_template("training/my_training.html", status=training_status(my_file()))


@bp.route("/ma-formation/<uuid:module_id>")
@requires(Permission.FOLLOW_TRAINING)
def my_module(module_id: UUID) -> ResponseReturnValue:
    """Read a module, or choose the session to attend."""
    module, mentor = get_or_404(Module, module_id), my_file()
    return render_template(
        "training/my_module.html", module=module, body=as_html(module.body), done=is_done(mentor, module),
        sessions=upcoming_sessions(module) if module.is_live else [], seat=seat_of(mentor, module), form=ConfirmForm(),
    )  # fmt: skip


@bp.route("/ma-formation/<uuid:module_id>/lecture", methods=["POST"])
@requires(Permission.FOLLOW_TRAINING)
def reading(module_id: UUID) -> ResponseReturnValue:
    """I have read this module: on to the next one."""
    module, mentor = get_or_404(Module, module_id), my_file()
    actions.finish_reading(mentor, module, by=current_member.user_id)
    flash(_("Module terminé."))
    following = next((c.next_module for c in training_status(mentor).courses if c.course.id == module.course_id), None)
    return see_other("training.my_module", module_id=following.id) if following else see_other("training.my_training")


@bp.route("/sessions/<uuid:session_id>/inscription", methods=["POST"])
@requires(Permission.FOLLOW_TRAINING)
def registration(session_id: UUID) -> ResponseReturnValue:
    """Take a seat."""
    session = get_or_404(CourseSession, session_id)
    actions.take_seat(my_file(), session)
    flash(_("Votre place est réservée."))
    return see_other("training.my_module", module_id=session.module_id)


@bp.route("/sessions/<uuid:session_id>/desistement", methods=["POST"])
@requires(Permission.FOLLOW_TRAINING)
def cancellation(session_id: UUID) -> ResponseReturnValue:
    """Give my seat back."""
    session = get_or_404(CourseSession, session_id)
    actions.leave_seat(my_file(), session)
    flash(_("Votre place est rendue."))
    return see_other("training.my_module", module_id=session.module_id)


@bp.route("/formation")
@requires(Permission.RUN_TRAINING)
def index() -> ResponseReturnValue:
    """Courses and live sessions."""
    return render_template("training/index.html", courses=courses(), modules=modules_by_course(), sessions=all_sessions())


@bp.route("/formation/parcours/nouveau", methods=["GET", "POST"])
@requires(Permission.RUN_TRAINING)
def new_course() -> ResponseReturnValue:
    """Write a course."""
    form = CourseForm()
    if form.validate_on_submit():
        course = actions.write_course(form.title.data, form.summary.data)
        return see_other("training.course", course_id=course.id)
    return render_form("training/new_course.html", form=form)


@bp.route("/formation/parcours/<uuid:course_id>", methods=["GET", "POST"])
@requires(Permission.RUN_TRAINING)
def course(course_id: UUID) -> ResponseReturnValue:
    """A course and its modules, with one more to add."""
    course, form = get_or_404(Course, course_id), ModuleForm()
    if form.validate_on_submit():
        actions.add_module(course, ModuleKind(form.kind.data), form.title.data, form.minutes.data, form.body.data or "")
        flash(_("Le module est ajouté."))
        return see_other("training.course", course_id=course.id)
    return render_form("training/course.html", form=form, course=course, modules=modules_by_course().get(course.id, []))


@bp.route("/formation/parcours/<uuid:course_id>/obligation", methods=["GET", "POST"])
@requires(Permission.RUN_TRAINING)
def requirement(course_id: UUID) -> ResponseReturnValue:
    """Make a course required, or no longer: who is trained changes with it."""
    course, form = get_or_404(Course, course_id), ConfirmForm()
    if form.validate_on_submit():
        actions.require_course(course, not course.is_required)
        flash(_("Le parcours est obligatoire.") if course.is_required else _("Le parcours n'est plus obligatoire."))
        return see_other("training.course", course_id=course.id)
    return render_form("training/requirement.html", form=form, course=course)


@bp.route("/formation/sessions/nouvelle", methods=["GET", "POST"])
@requires(Permission.RUN_TRAINING)
def new_session() -> ResponseReturnValue:
    """Plan a live session."""
    form = SessionForm()
    titles = {c.id: c.title for c in courses()}
    live = [m for modules in modules_by_course().values() for m in modules if m.is_live]
    form.module.choices = options((str(m.id), f"{m.title} ({titles[m.course_id]})") for m in live)
    if form.validate_on_submit():
        session = CourseSession(
            module_id=UUID(form.module.data), starts_at=form.starts_at, place=form.place.data,
            trainer=form.trainer.data or "", seats=form.seats.data,
        )  # fmt: skip
        db.session.add(session)
        db.session.flush()  # its page is shown next
        flash(_("La session est ouverte aux inscriptions."))
        return redirect(url_for("training.session", session_id=session.id), code=303)
    return render_form("training/new_session.html", form=form)


@bp.route("/formation/sessions/<uuid:session_id>", methods=["GET", "POST"])
@requires(Permission.RUN_TRAINING)
def session(session_id: UUID) -> ResponseReturnValue:
    """Who comes to a live session; and afterwards, who came."""
    session, form = get_or_404(CourseSession, session_id), ConfirmForm()
    if form.validate_on_submit():
        came = actions.record_attendance(session, present_ids(), by=current_member.user_id)
        flash(_("Présences notées : %(count)s.", count=came))
        return see_other("training.session", session_id=session.id)
    return render_form(
        "training/session.html", form=form, session=session, registrations=registrations_of(session),
        begun=session.starts_at <= now(),
    )  # fmt: skip


def present_ids() -> set[UUID]:
    """The mentors ticked on the sheet; anything that is no id is nobody."""
    ticked = set()
    for value in request.form.getlist("present"):
        try:
            ticked.add(UUID(value))
        except ValueError:
            continue
    return ticked
