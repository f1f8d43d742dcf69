"""Applications of mentors: the board and the list, one application, and the page behind a reference's link."""

from collections.abc import Sequence
from types import SimpleNamespace
from uuid import UUID

from flask import abort, flash, render_template, request
from flask.typing import ResponseReturnValue

from app.accounts.permissions import Permission
from app.accounts.queries import current_member
from app.database import now
from app.errors import DomainError
from app.extensions import limit_link
from app.fields import options
from app.gate import public, requires
from app.paging import paginate
from app.tenants.resolve import carries_tenant, current_tenant
from app.translation import gettext as _
from app.web import flash_done, form_written, get_or_404, leads_nowhere, render_form, see_other, today

from . import applications, check_views, signals
from .application_forms import DecisionForm, InterviewForm, PlanInterviewForm, ReferenceAnswerForm, ReferenceForm, interview_form
from .application_models import Interview, Reference
from .blueprint import SPACE, bp
from .finding import find_mentor
from .history import history_of
from .letters import how_to_reach
from .models import Mentor, Stage
from .queries import applicants
from .stages import ORDER, OVER
from .words import ADVICE, COLOURS, STAGES


@bp.route(f"{SPACE}/candidatures")
@requires(Permission.FOLLOW_PEOPLE)
def applications_board() -> ResponseReturnValue:
    """The applications under way, a column for each stage; or the same as a list, the ended ones too."""
    if "liste" in request.args:
        stage, typed = request.args.get("etape", ""), request.args.get("q", "")[:80]
        page = paginate(applicants(stage if stage in set(Stage) else None, typed))
        return render_template("people/applications_list.html", page=page, stage=stage, typed=typed, stages=STAGES)
    columns, counts = applications.board()
    return render_template("people/applications.html", columns=columns, counts=counts, stages=STAGES, long=applications.LONG)


@bp.route(f"{SPACE}/mentors/<uuid:mentor_id>/candidature")
@requires(Permission.FOLLOW_PEOPLE)
def application(mentor_id: UUID) -> ResponseReturnValue:
    """One application: what was done, what comes next."""
    mentor = get_or_404(Mentor, mentor_id)
    said = history_of(mentor.id)
    return render_template(
        "people/application.html",
        mentor=mentor,
        stages=STAGES,
        order=ORDER,
        interviews=said.interviews,
        references=said.references,
        decisions=said.decisions,
        colours=COLOURS,
        advice=ADVICE,
        moment=today(),
        is_over=mentor.stage in OVER,
        panels=[*signals.standing(mentor), *check_views.panels(mentor, said.exceptions)],
    )


def with_letter(done: str, mentor: Mentor) -> str:
    """What was done, and that the person is written to, when there is an address."""
    return f"{done} {_('%(name)s reçoit un message.', name=mentor.first_name)}" if mentor.email else done


@bp.route(f"{SPACE}/mentors/<uuid:mentor_id>/entretien", methods=["GET", "POST"])
@requires(Permission.FOLLOW_PEOPLE)
def new_interview(mentor_id: UUID) -> ResponseReturnValue:
    """Agree on a day for the interview."""
    mentor, form = find_mentor(mentor_id), PlanInterviewForm()
    if form.validate_on_submit():
        try:
            moment = form.planned_at.data.replace(tzinfo=current_tenant.zone)
            planned = applications.plan_interview(mentor, moment, form.place.data, current_member.user_id)
        except DomainError as error:
            form.planned_at.errors = [str(error)]
        else:
            if moment <= now():
                flash(_("Cette date est passée : notez maintenant ce qui s'est dit. Personne n'a été prévenu."))
                return see_other("people.interview", interview_id=planned.id)
            flash(with_letter(_("L'entretien est prévu."), mentor))
            return see_other("people.application", mentor_id=mentor.id)
    return render_form("people/new_interview.html", form=form, mentor=mentor)


@bp.route(f"{SPACE}/entretiens/<uuid:interview_id>", methods=["GET", "POST"])
@requires(Permission.FOLLOW_PEOPLE)
def interview(interview_id: UUID) -> ResponseReturnValue:
    """Note the interview, question by question."""
    row = get_or_404(Interview, interview_id)
    if row.cancelled_at is not None and request.method == "GET":
        abort(404)
    grid = applications.grid(request.form.get("grid", type=int))  # the one that the page showed: another may be in use by now
    questions = [said["question"] for said in row.notes] or grid.questions
    form = interview_form(questions, said_in(row, len(questions), grid.number))
    if form.validate_on_submit() and note_interview(row, form, questions):
        flash(_("L'entretien est noté."))
        return form_written(see_other("people.application", mentor_id=row.mentor_id))
    return render_form("people/interview.html", form=form, row=row, questions=questions)


def said_in(row: Interview, count: int, grid: int) -> SimpleNamespace:
    """What is noted of an interview, by field of its form; the day is at first the one on which it was planned."""
    noted = [said["note"] for said in row.notes] + [""] * count
    notes = {f"note_{rank}": noted[rank] for rank in range(count)}
    held_on = row.held_on or min(today(), applications.planned_day(row))
    return SimpleNamespace(grid=grid, held_on=held_on, colour=row.colour, summary=row.summary, **notes)


def note_interview(row: Interview, form: InterviewForm, questions: Sequence[str]) -> bool:
    """Note what was changed on the page; False where a colleague noted something else: the field says it, what was typed stays."""
    applications.hold(row)
    said = said_in(row, len(questions), form.grid.data)
    changed = form.changed(said)
    if changed is None:
        return False
    told = vars(said) | changed
    notes = [{"question": question, "note": told[f"note_{rank}"] or ""} for rank, question in enumerate(questions)]
    try:
        applications.hold_interview(row, notes, told["colour"], told["summary"] or "", told["held_on"])
    except DomainError as error:
        form.held_on.errors = [str(error)]
        return False
    return True


@bp.route(f"{SPACE}/mentors/<uuid:mentor_id>/reference", methods=["GET", "POST"])
@requires(Permission.FOLLOW_PEOPLE)
def new_reference(mentor_id: UUID) -> ResponseReturnValue:
    """Ask somebody who knows the person."""
    mentor, form = find_mentor(mentor_id), ReferenceForm()
    if form.validate_on_submit():
        try:
            applications.ask_reference(mentor, form.name.data, form.email.data, form.relation.data, current_member.user_id)
        except DomainError as error:
            form.email.errors = [str(error)]
        else:
            flash(_("La question est partie à %(address)s.", address=form.email.data))
            return see_other("people.application", mentor_id=mentor.id)
    return render_form("people/new_reference.html", form=form, mentor=mentor)


@bp.route(f"{SPACE}/mentors/<uuid:mentor_id>/decision", methods=["GET", "POST"])
@requires(Permission.FOLLOW_PEOPLE)
def decision(mentor_id: UUID) -> ResponseReturnValue:
    """Accept or refuse, by the written criteria."""
    mentor, form = find_mentor(mentor_id), DecisionForm()
    form.criteria.choices = options({criterion: criterion for criterion in applications.grid().criteria})
    if form.validate_on_submit():
        try:
            accepted = form.outcome.data == "yes"
            made = applications.decide(mentor, accepted, form.criteria.data, form.reason.data or "", current_member.user_id)
        except DomainError as error:
            form.outcome.errors = [str(error)]
        else:
            again = _("C'était déjà décidé ainsi : ce que vous venez d'écrire n'est pas noté.")
            flash(with_letter(_("La décision est notée."), mentor) if made else again)
            return form_written(see_other("people.application", mentor_id=mentor.id))
    said = history_of(mentor.id)
    known = {"interviews": said.interviews, "references": said.references}
    return render_form("people/decision.html", form=form, mentor=mentor, colours=COLOURS, advice=ADVICE, **known)


@bp.route(f"{SPACE}/mentors/<uuid:mentor_id>/decision/reprise", methods=["POST"])
@requires(Permission.FOLLOW_PEOPLE)
def decision_taken_back(mentor_id: UUID) -> ResponseReturnValue:
    """A refusal was a mistake, or a yes."""
    mentor = get_or_404(Mentor, mentor_id)
    done = _("La candidature est de nouveau à décider.") if mentor.stage == Stage.READY else _("La candidature continue.")
    flash_done(lambda: applications.take_back(mentor), with_letter(done, mentor))
    return see_other("people.application", mentor_id=mentor.id)


@bp.route(f"{SPACE}/entretiens/<uuid:interview_id>/annulation", methods=["POST"])
@requires(Permission.FOLLOW_PEOPLE)
def interview_cancelled(interview_id: UUID) -> ResponseReturnValue:
    """An interview that was planned does not take place."""
    row = get_or_404(Interview, interview_id)
    flash_done(lambda: applications.cancel_interview(row), _("L'entretien est annulé."))
    return see_other("people.application", mentor_id=row.mentor_id)


@bp.route(f"{SPACE}/references/<uuid:reference_id>/retrait", methods=["POST"])
@requires(Permission.FOLLOW_PEOPLE)
def reference_set_aside(reference_id: UUID) -> ResponseReturnValue:
    """A reference was asked at the wrong address, or of the wrong person."""
    row = get_or_404(Reference, reference_id)
    flash_done(lambda: applications.set_aside(row), _("Cette référence ne compte plus, et son lien ne mène nulle part."))
    return see_other("people.application", mentor_id=row.mentor_id)


def answered_before() -> str:
    """To somebody whose answer is noted already, and who says something else."""
    return " ".join([_("Une réponse est déjà enregistrée ; pour la changer, écrivez à l'association."), *how_to_reach()])


@bp.route("/reference/<token:token>", methods=["GET", "POST"])
@public
@carries_tenant
@limit_link
def reference(token: str) -> ResponseReturnValue:
    """Somebody who knows the person answers, or prefers not to."""
    row = applications.reference_of_token(token) or leads_nowhere()
    form = ReferenceAnswerForm() if "decline" not in request.form else ReferenceAnswerForm(formdata=None)
    try:
        if "decline" in request.form:
            is_kept = applications.decline_reference(row)
            flash(_("C'est noté, merci.") if is_kept else answered_before())
            return see_other("people.reference", token=token)
        if form.validate_on_submit():
            is_kept = applications.answer_reference(row, form.known_for.data, form.advice.data, form.note.data or "")
            flash(_("Merci, votre réponse est enregistrée.") if is_kept else answered_before())
            return form_written(see_other("people.reference", token=token))
    except DomainError as error:
        form.advice.errors = [str(error)]
    return render_form("people/reference.html", form=form, row=row)
