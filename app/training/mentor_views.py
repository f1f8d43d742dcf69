"""The mentor's training: what is done, the one next step, quizzes, seats, training followed elsewhere."""

import io
from collections.abc import Mapping
from uuid import UUID

from flask import abort, flash, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from app.accounts.forms import ConfirmForm
from app.accounts.permissions import Permission
from app.accounts.queries import current_member
from app.gate import requires
from app.markdown import as_html, reading_minutes
from app.people.letters import read_as
from app.people.models import Mentor
from app.people.queries import mentor_of
from app.storage import load
from app.tenants.resolve import current_tenant
from app.translation import gettext as _
from app.web import form_written, get_or_404, is_uuid, render_form, see_other

from . import following, quizzes, sessions
from .blueprint import bp
from .forms import OutsideForm
from .models import AttemptState, Course, CourseFile, Module, ModuleKind, QuizAttempt
from .progress import progress_in, training_of
from .queries import failed_attempts, hours_of, outside_of
from .session_models import CourseSession


def my_file() -> Mentor:
    """The file of the mentor who is signed in; hours are theirs."""
    mentor = mentor_of(current_member.user_id) or abort(404)
    read_as(mentor)
    return mentor


def shown(text: str) -> str:
    """A text of a course as HTML, with the space's own pictures."""
    return as_html(text, lambda key: url_for("training.file", file_id=key) if is_uuid(key) else "")


@bp.route("/ma-formation")
@requires(Permission.FOLLOW_TRAINING)
def my_training() -> ResponseReturnValue:
    """What I have done, and the one next thing to do."""
    mentor = my_file()
    status, courses = training_of(mentor)
    return render_template(
        "training/my_training.html",
        courses=courses,
        status=status,
        used_up={row.module_id for row in failed_attempts(mentor) if quizzes.is_used_up(row)},
        hours=hours_of(mentor),
        outside=outside_of(mentor),
        least=current_tenant.training_minutes,
        form=ConfirmForm(),
    )


@bp.route("/ma-formation/parcours/<uuid:course_id>/debut", methods=["POST"])
@requires(Permission.FOLLOW_TRAINING)
def beginning(course_id: UUID) -> ResponseReturnValue:
    """Begin a course, or follow it again when it has to be."""
    course, mentor = get_or_404(Course, course_id), my_file()
    standing = progress_in(mentor, course.id)
    if standing is not None and standing.may_begin:
        following.begin(mentor, course)
    return next_step(mentor, course.id)


@bp.route("/ma-formation/<uuid:module_id>")
@requires(Permission.FOLLOW_TRAINING)
def my_module(module_id: UUID) -> ResponseReturnValue:
    """Read a module, answer its quiz, or choose the session to attend."""
    module, mentor = get_or_404(Module, module_id), my_file()
    course, step = following.step_for(mentor, module)
    module = step.module
    live, quiz = module.is_live and not step.is_done, module.kind == ModuleKind.QUIZ
    made = quizzes.attempts_at(course.enrolment.id, module.id) if quiz and course.enrolment else []
    return render_template(
        "training/my_module.html",
        course=course,
        module=module,
        step=step,
        body=shown(module.body),
        form=ConfirmForm(),
        reading=reading_minutes(module.body),
        made=made,
        used_up=bool(made) and quizzes.is_used_up(made[-1]),
        place=[m.module.id for m in course.modules].index(module.id) + 1,
        left=quizzes.attempts_left(module, made, course.enrolment) if course.enrolment else module.attempts or None,
        sessions=sessions.upcoming(module) if live else [],
        seat=sessions.seat_of(mentor, module) if live else None,
        declared=[row for row in outside_of(mentor) if row.module_id == module.id] if module.kind == ModuleKind.ELSEWHERE else [],
    )


@bp.route("/ma-formation/<uuid:module_id>/lecture", methods=["POST"])
@requires(Permission.FOLLOW_TRAINING)
def reading(module_id: UUID) -> ResponseReturnValue:
    """I have read this module: on to the next one."""
    module, mentor = get_or_404(Module, module_id), my_file()
    following.finish_alone(mentor, module, by=current_member.user_id)
    flash(_("Module terminé."))
    return next_step(mentor, module.course_id)


def next_step(mentor: Mentor, course_id: UUID) -> ResponseReturnValue:
    """The next module of a course, or the list when there is none."""
    standing = progress_in(mentor, course_id)
    if standing is None or standing.next_module is None:
        return see_other("training.my_training")
    return see_other("training.my_module", module_id=standing.next_module.id)


@bp.route("/ma-formation/<uuid:module_id>/essai", methods=["POST"])
@requires(Permission.FOLLOW_TRAINING)
def attempt_opened(module_id: UUID) -> ResponseReturnValue:
    """Begin a quiz, or go on with it."""
    attempt = quizzes.open_attempt(my_file(), get_or_404(Module, module_id))
    return see_other("training.attempt", attempt_id=attempt.id)


@bp.route("/ma-formation/essais/<uuid:attempt_id>", methods=["GET", "POST"])
@requires(Permission.FOLLOW_TRAINING)
def attempt(attempt_id: UUID) -> ResponseReturnValue:
    """Answer a quiz; then read what was right and why."""
    mentor = my_file()
    row, form = quizzes.attempt_of(mentor, attempt_id) or abort(404), ConfirmForm()
    missing: Mapping[str, str] = {}
    if row.state == AttemptState.OPEN and form.validate_on_submit():
        try:
            quizzes.answer(mentor, row, dict(request.form.lists()))
        except quizzes.NotAnswered as error:
            missing = error.missing
        else:
            return form_written(see_other("training.attempt", attempt_id=row.id))
    if row.state != AttemptState.OPEN and request.method == "POST":
        return form_written(see_other("training.attempt", attempt_id=row.id))
    if row.state == AttemptState.OPEN:
        page = render_template(
            "training/attempt.html",
            attempt=row,
            questions=quizzes.asked(row),
            form=form,
            missing=missing,
            typed=request.form if missing else MultiDict(),
        )
        return page, 422 if missing or form.errors else 200
    return result_of(row)


def result_of(attempt: QuizAttempt) -> str:
    """What was right and why; after a failure that is the last one, whether another try is left."""
    last = quizzes.attempts_at(attempt.enrolment_id, attempt.module_id)[-1]
    return render_template(
        "training/attempt_result.html",
        attempt=attempt,
        bank={question["id"]: question for question in attempt.module.questions},
        is_last=last.id == attempt.id and attempt.enrolment.ended_at is None,
        used_up=quizzes.is_used_up(last),
    )


@bp.route("/ma-formation/ailleurs", methods=["GET", "POST"])
@requires(Permission.FOLLOW_TRAINING)
def outside() -> ResponseReturnValue:
    """Declare training that I followed elsewhere, for a step of a course or for its hours."""
    mentor, form = my_file(), OutsideForm()
    key = request.args.get("module", "")
    module = get_or_404(Module, UUID(key)) if is_uuid(key) else None
    if module is not None and module.kind != ModuleKind.ELSEWHERE:
        abort(404)
    if form.validate_on_submit():
        following.declare_outside(
            mentor,
            module,
            title=form.title.data,
            body=form.organisation.data,
            done_on=form.done_on.data,
            minutes=form.minutes.data,
            evidence=form.evidence.data,
        )
        flash(_("C'est envoyé : l'équipe vous répondra."))
        return see_other("training.my_training")
    return render_form("training/outside.html", form=form, module=module)


@bp.route("/sessions/<uuid:session_id>/inscription", methods=["POST"])
@requires(Permission.FOLLOW_TRAINING)
def registration(session_id: UUID) -> ResponseReturnValue:
    """Take a seat, or a place on the waiting list."""
    session = get_or_404(CourseSession, session_id)
    row = sessions.take_seat(my_file(), session)
    flash(
        _("Votre place est réservée.")
        if row.is_seated
        else _("Vous êtes sur la liste d'attente : nous vous écrirons si une place se libère.")
    )
    return see_other("training.my_module", module_id=session.module_id)


@bp.route("/sessions/<uuid:session_id>/desistement", methods=["POST"])
@requires(Permission.FOLLOW_TRAINING)
def cancellation(session_id: UUID) -> ResponseReturnValue:
    """Give my seat back."""
    session = get_or_404(CourseSession, session_id)
    if sessions.leave_seat(my_file(), session):
        flash(_("Votre place est rendue."))
    else:
        flash(_("Cette session a commencé : vous n'y étiez pas ? Dites-le à l'association."), "warning")
    return see_other("training.my_module", module_id=session.module_id)


@bp.route("/formation/fichiers/<uuid:file_id>")
@requires(Permission.SEE_SPACE)
def file(file_id: UUID) -> ResponseReturnValue:
    """A file of a course, for those who follow or write courses: shown when it is a picture, a video or a sound, kept otherwise."""
    if not (current_member.can(Permission.FOLLOW_TRAINING) or current_member.can(Permission.WRITE_COURSES)):
        abort(404)
    row = get_or_404(CourseFile, file_id)
    suffix = row.key.rpartition(".")[2]
    response = send_file(
        io.BytesIO(load(row.key)),
        mimetype=row.media_type,
        conditional=True,
        download_name=f"fichier.{suffix}",
        as_attachment=row.media_type == "application/pdf",
    )
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
