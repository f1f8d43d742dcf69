"""What staff see of training: what waits, who is trained in what, hours; one mentor's training, its exceptions and interviews."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Response, abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.forms import ConfirmForm
from app.accounts.journal import take_list
from app.accounts.permissions import Permission
from app.accounts.queries import current_member
from app.database import now
from app.extensions import db
from app.fields import options
from app.gate import requires
from app.paging import paginate_by_key
from app.people.finding import find_mentor
from app.people.models import Mentor
from app.people.own import files_about
from app.people.signals import Excepted, exceptions_listed
from app.tenants.models import Tenant
from app.tenants.resolve import current_tenant
from app.translation import gettext as _
from app.translation import ngettext
from app.web import get_or_404, is_uuid, render_form, see_other, today

from . import course_views, following, mentor_views, mistakes, own, queries, quizzes, reminders, session_views, sessions, sheets
from .blueprint import bp
from .forms import DecisionForm, ExceptionForm, InterviewForm, MinimumForm, ReasonForm
from .models import Course, Module, ModuleKind, OutsideTraining, QuizAttempt, TrainingException
from .progress import training_of
from .queries import Standing
from .status import training_statuses
from .words import STANDING_TONES, STANDINGS

__all__ = ["bp", "course_views", "mentor_views", "own", "session_views"]
MOST_AT_ONCE = 500  # mentors that one click enrols or reminds


@bp.route("/formation")
@requires(Permission.RUN_TRAINING)
def index() -> ResponseReturnValue:
    """What waits for staff, the courses and how many have them, the sessions to come."""
    unsaid, coming = sessions.at_hand(now())
    return render_template(
        "training/index.html",
        courses=queries.courses(),
        counts=queries.counts_by_course(),
        expiring=queries.expiring(8),
        sessions=coming[:8],
        to_mark=unsaid[:8],
        waiting=queries.count_waiting(),
        months=queries.completions_by_month(),
        exceptions=queries.exceptions_in_force(but=files_about(current_member.user_id)),
    )


def filters() -> dict[str, Any]:
    """What the address asks of the table; anything else is no filter."""
    shown = queries.published_courses()
    course = next((c for c in shown if str(c.id) == request.args.get("parcours")), None)
    standing = request.args.get("etat", "")
    ready = {"prets": True, "bloques": False}.get(request.args.get("pour", ""))
    return {
        "shown": shown,
        "course": course,
        "standing": Standing(standing) if standing in STANDINGS and course else None,
        "ready": ready,
        "typed": request.args.get("q", "")[:80],
    }


@bp.route("/formation/mentors")
@requires(Permission.RUN_TRAINING)
def mentors() -> ResponseReturnValue:
    """Who is trained in what: every active mentor beside every course."""
    f = filters()
    page = paginate_by_key(
        queries.mentors_in(f["typed"], f["course"], f["standing"], f["ready"]).order_by(None), (Mentor.sort_name, Mentor.id)
    )
    ids = [mentor.id for mentor in page.rows]
    columns = [f["course"]] if f["course"] else f["shown"]
    return render_template(
        "training/mentors.html",
        page=page,
        columns=columns,
        table=queries.table_of(ids, [c.id for c in columns]),
        statuses=training_statuses(ids),
        words=STANDINGS,
        tones=STANDING_TONES,
        form=ConfirmForm(),
        **f,
    )


@bp.route("/formation/mentors/ensemble", methods=["POST"])
@requires(Permission.RUN_TRAINING)
def several() -> ResponseReturnValue:
    """Enrol the ticked mentors in a course, or remind them of what they left."""
    ids = [UUID(value) for value in request.form.getlist("mentor")[:MOST_AT_ONCE] if is_uuid(value)]
    chosen = list(db.session.scalars(queries.mentors_in("", None, None, None).where(Mentor.id.in_(ids))))
    if not chosen:
        flash(_("Cochez d'abord les mentors concernés."), "warning")
    elif request.form.get("action") == "rappel":
        count = reminders.remind(chosen)
        sent = ngettext("%(num)d rappel envoyé.", "%(num)d rappels envoyés.", count)
        flash(sent if count else _("Aucun rappel : ces mentors n'ont rien en cours, ou en ont reçu un depuis hier."))
    else:
        key = request.form.get("parcours", "")
        course = get_or_404(Course, UUID(key)) if is_uuid(key) else abort(404)
        made = following.enrol(chosen, course, current_member.user_id)
        reminders.tell_enrolled(made)
        enrolled = ngettext("%(num)d mentor inscrit.", "%(num)d mentors inscrits.", len(made))
        flash(enrolled if made else _("Personne à inscrire : ces mentors suivent déjà ce parcours, ou l'ont terminé."))
    return see_other("training.mentors", **{k: v for k, v in request.args.items() if k in {"parcours", "etat", "pour", "q"}})


@bp.route("/formation/mentors/export/<any(csv, xlsx):form>")
@requires(Permission.RUN_TRAINING)
def mentors_export(form: str) -> Response:
    """The table as a file, with the filters of the page."""
    f = filters()
    found = db.session.scalars(queries.mentors_in(f["typed"], f["course"], f["standing"], f["ready"])).all()
    return take_list(form, f"formation-{today()}", sheets.table_rows(found, f["shown"]))


@bp.route("/formation/heures")
@requires(Permission.RUN_TRAINING)
def hours() -> ResponseReturnValue:
    """Hours of training by mentor in a year, by kind."""
    year = chosen_year()
    page = paginate_by_key(queries.with_hours(year), (Mentor.sort_name, Mentor.id))
    return render_template(
        "training/hours.html",
        page=page,
        year=year,
        years=range(today().year, today().year - 6, -1),
        hours=queries.hours_in(year, [m.id for m in page.rows]),
        total=queries.total_hours(year),
    )


def chosen_year() -> int:
    year = request.args.get("annee", type=int) or today().year
    return year if 2000 <= year <= 2100 else today().year


@bp.route("/formation/heures/export/<any(csv, xlsx):form>")
@requires(Permission.RUN_TRAINING)
def hours_export(form: str) -> Response:
    """The hours of a year as a file."""
    year = chosen_year()
    return take_list(form, f"heures-de-formation-{year}", sheets.hours_rows(year))


@bp.route("/formation/mentors/<uuid:mentor_id>")
@requires(Permission.RUN_TRAINING)
def mentor(mentor_id: UUID) -> ResponseReturnValue:
    """One mentor's training: what is missing and why, each course, hours, exceptions."""
    mentor = get_or_404(Mentor, mentor_id)
    status, courses = training_of(mentor)
    attempts = queries.failed_attempts(mentor)
    return render_template(
        "training/mentor.html",
        mentor=mentor,
        status=status,
        courses=courses,
        hours=queries.hours_of(mentor),
        outside=queries.outside_of(mentor),
        exceptions=queries.exceptions_in_force(mentor),
        attempts=attempts,
        used_up={row.id for row in attempts if quizzes.is_used_up(row)},
        form=ConfirmForm(),
    )


@bp.route("/formation/mentors/<uuid:mentor_id>/exception", methods=["GET", "POST"])
@requires(Permission.SET_SPACE_UP)
def new_exception(mentor_id: UUID) -> ResponseReturnValue:
    """Let a mentor begin without a course, or without the hours: why, and until when."""
    mentor, form = find_mentor(mentor_id), ExceptionForm()
    form.what.choices = options(
        [
            ("hours", _("les heures demandées avant tout contact")),
            *((str(c.id), c.title) for c in queries.courses() if c.is_required),
        ]
    )
    if form.validate_on_submit():
        course = None if form.what.data == "hours" else get_or_404(Course, UUID(form.what.data))
        following.except_from(mentor, course, form.reason.data, form.until.data, current_member.user_id)
        flash(_("L'exception est notée à votre nom."))
        return see_other("training.mentor", mentor_id=mentor.id)
    return render_form("training/exception.html", form=form, mentor=mentor)


@bp.route("/formation/exceptions/<uuid:exception_id>/fin", methods=["POST"])
@requires(Permission.SET_SPACE_UP)
def exception_ended(exception_id: UUID) -> ResponseReturnValue:
    """Take an exception back."""
    row = get_or_404(TrainingException, exception_id)
    following.withdraw_exception(row)
    flash(_("L'exception est retirée."))
    return see_other("training.mentor", mentor_id=row.mentor_id)


@exceptions_listed.connect
def training_exceptions(_sender: None) -> tuple[str, list[Excepted]]:
    """On the page of every exception: those of training."""
    return _("Formation"), [
        Excepted(
            row,
            email,
            row.course.title if row.course else _("les heures avant tout contact"),
            url_for("training.mentor", mentor_id=row.mentor_id),
            url_for("training.exception_ended", exception_id=row.id),
        )
        for row, email in queries.all_exceptions(files_about(current_member.user_id))
    ]


@bp.route("/formation/mentors/<uuid:mentor_id>/entretien/<uuid:module_id>", methods=["GET", "POST"])
@requires(Permission.RUN_TRAINING)
def interview(mentor_id: UUID, module_id: UUID) -> ResponseReturnValue:
    """Record an interview that took place."""
    mentor, module = find_mentor(mentor_id), get_or_404(Module, module_id)
    if module.kind != ModuleKind.INTERVIEW:
        abort(404)
    form = InterviewForm(minutes=module.minutes)
    if form.validate_on_submit():
        following.complete_by_staff(mentor, module, current_member.user_id, form.note.data or "", form.minutes.data)
        flash(_("L'entretien est noté."))
        return see_other("training.mentor", mentor_id=mentor.id)
    return render_form("training/interview.html", form=form, mentor=mentor, module=module)


@bp.route("/formation/mentors/<uuid:mentor_id>/entretien/<uuid:module_id>/reprise", methods=["GET", "POST"])
@requires(Permission.RUN_TRAINING)
def interview_taken_back(mentor_id: UUID, module_id: UUID) -> ResponseReturnValue:
    """Take back an interview that was noted by mistake."""
    mentor, module = find_mentor(mentor_id), get_or_404(Module, module_id)
    form = ReasonForm()
    if module.kind != ModuleKind.INTERVIEW:
        abort(404)
    if form.validate_on_submit() and is_done(form, mistakes.take_back_interview, mentor, module):
        reminders.tell_taken_back(mentor, module)
        flash(_("L'entretien est repris : le module est à faire, et le mentor est prévenu."))
        return see_other("training.mentor", mentor_id=mentor.id)
    return render_form("training/taken_back.html", form=form, mentor=mentor, row=None)


@bp.route("/formation/minimum", methods=["GET", "POST"])
@requires(Permission.SET_SPACE_UP)
def minimum() -> ResponseReturnValue:
    """How much training a mentor has before any contact, whatever the courses."""
    space = db.session.get_one(Tenant, current_tenant.id)
    form = MinimumForm.of(space)
    if form.validate_on_submit() and (changed := form.changed(space)) is not None:
        space.training_minutes = changed.get("training_minutes", space.training_minutes)
        flash(_("C'est enregistré."))
        return see_other("training.index")
    return render_form("training/minimum.html", form=form)


@bp.route("/formation/a-traiter")
@requires(Permission.RUN_TRAINING)
def waiting() -> ResponseReturnValue:
    """Answers to mark, and training followed elsewhere to accept or refuse."""
    return render_template("training/waiting.html", attempts=quizzes.to_mark(), outside=queries.outside_waiting())


@bp.route("/formation/essais/<uuid:attempt_id>", methods=["GET", "POST"])
@requires(Permission.RUN_TRAINING)
def marking(attempt_id: UUID) -> ResponseReturnValue:
    """Mark the free answers of a quiz."""
    attempt, form = get_or_404(QuizAttempt, attempt_id), ConfirmForm()
    if form.validate_on_submit():
        said = {key: request.form.get(f"m-{key}") for key in attempt.drawn}
        quizzes.mark_free(
            attempt, {key: value == "yes" for key, value in said.items() if value in {"yes", "no"}}, current_member.user_id
        )
        reminders.tell_marked(attempt)
        flash(_("C'est corrigé : le mentor est prévenu."))
        return see_other("training.waiting")
    return render_form("training/marking.html", form=form, attempt=attempt, bank={q["id"]: q for q in attempt.module.questions})


@bp.route("/formation/essais/<uuid:attempt_id>/encore", methods=["POST"])
@requires(Permission.RUN_TRAINING)
def attempt_given(attempt_id: UUID) -> ResponseReturnValue:
    """One more try for a mentor who used them all."""
    attempt = get_or_404(QuizAttempt, attempt_id)
    quizzes.give_attempt(attempt)
    flash(_("Un nouvel essai est ouvert."))
    return see_other("training.mentor", mentor_id=attempt.enrolment.mentor_id)


@bp.route("/formation/ailleurs/<uuid:outside_id>", methods=["GET", "POST"])
@requires(Permission.RUN_TRAINING)
def decision(outside_id: UUID) -> ResponseReturnValue:
    """Accept or refuse training followed elsewhere."""
    row, form = get_or_404(OutsideTraining, outside_id), DecisionForm()
    if form.validate_on_submit():
        following.decide_outside(row, form.answer.data == "yes", form.reason.data or "", current_member.user_id)
        reminders.tell_decided(row)
        flash(_("La décision est notée : le mentor est prévenu."))
        return see_other("training.waiting")
    return render_form("training/decision.html", form=form, row=row)


@bp.route("/formation/ailleurs/<uuid:outside_id>/reprise", methods=["GET", "POST"])
@requires(Permission.RUN_TRAINING)
def decision_taken_back(outside_id: UUID) -> ResponseReturnValue:
    """Take back that a training followed elsewhere was accepted."""
    row, form = get_or_404(OutsideTraining, outside_id), ReasonForm()
    if form.validate_on_submit() and is_done(form, mistakes.take_back_outside, row):
        reminders.tell_decided(row)
        flash(_("Cette formation ne compte plus : le mentor est prévenu."))
        return see_other("training.mentor", mentor_id=row.mentor_id)
    return render_form("training/taken_back.html", form=form, mentor=row.mentor, row=row)


def is_done(form: ReasonForm, take_back: Callable[..., None], *what: Any) -> bool:
    """Take something back for the reason that was typed; where it is refused, the form says why and nothing is written."""
    try:
        with db.session.begin_nested():
            take_back(*what, form.reason.data, current_member.user_id)
    except following.NotYet as error:
        form.reason.errors = [str(error)]
        return False
    return True
