"""Staff write courses: drafts, modules, questions, versions, models, files."""

from uuid import UUID

from flask import abort, flash, render_template, request
from flask.typing import ResponseReturnValue

from app.accounts.forms import ConfirmForm
from app.accounts.permissions import Permission
from app.accounts.queries import current_member
from app.config import MEGABYTE
from app.database import hold_row
from app.extensions import db
from app.fields import options
from app.gate import requires
from app.storage import store
from app.tenants.resolve import current_tenant
from app.translation import gettext as _
from app.web import form_written, get_or_404, render_form, see_other

from . import courses as writing
from . import library
from .blueprint import bp
from .forms import CountsForm, CourseForm, FileForm, MediaForm, ModuleForm, PublishForm, QuestionForm, QuizForm, RulesForm
from .mentor_views import shown
from .models import Course, CourseFile, CourseVersion, Module, ModuleKind, Step
from .progress import steps_of
from .queries import courses, files_by_name
from .questions import BadQuestion
from .uploads import LARGEST, BadFile, read_file
from .words import NEW_MODULES

FORMS: dict[str, type[ModuleForm]] = {ModuleKind.MEDIA: MediaForm, ModuleKind.QUIZ: QuizForm}


@bp.route("/formation/parcours/nouveau", methods=["GET", "POST"])
@requires(Permission.WRITE_COURSES)
def new_course() -> ResponseReturnValue:
    """Write a course, from nothing or from a model."""
    form = CourseForm()
    if form.validate_on_submit():
        course = writing.write_once(form.title.data, form.summary.data or "")
        return see_other("training.course", course_id=course.id)
    return render_form("training/new_course.html", form=form)


@bp.route("/formation/parcours/<uuid:course_id>")
@requires(Permission.WRITE_COURSES)
def course(course_id: UUID) -> ResponseReturnValue:
    """A course: what is published, what is being written, its rules, its versions."""
    course = get_or_404(Course, course_id)
    versions = writing.versions_of(course)
    return render_template(
        "training/course.html",
        course=course,
        versions=versions,
        steps=steps_of([v.id for v in versions]),
        form=ConfirmForm(),
        completions=writing.completions_by_version(course),
        newer=library.newer_models([course]).get(course.id),
        renewed=get_or_404(Course, course.renews_id) if course.renews_id else None,
        kinds=NEW_MODULES,
    )


@bp.route("/formation/parcours/<uuid:course_id>/regles", methods=["GET", "POST"])
@requires(Permission.WRITE_COURSES)
def course_rules(course_id: UUID) -> ResponseReturnValue:
    """Title, whom the course is required for, how long it holds: who is ready changes with it."""
    course = get_or_404(Course, course_id)
    form = RulesForm.of(course)
    form.renews.choices = options((str(c.id), c.title) for c in courses() if c.id != course.id and c.renews_id is None)
    if form.validate_on_submit() and (changed := form.changed(hold_row(course))) is not None:
        writing.set_rules(course, changed)
        flash(_("Les règles sont enregistrées."))
        return see_other("training.course", course_id=course.id)
    return render_form("training/course_rules.html", form=form, course=course)


@bp.route("/formation/parcours/<uuid:course_id>/modules/nouveau", methods=["GET", "POST"])
@requires(Permission.WRITE_COURSES)
def new_module(course_id: UUID) -> ResponseReturnValue:
    """Add a module of a kind at the end of the draft."""
    course, kind = get_or_404(Course, course_id), request.args.get("genre", "")
    if kind not in NEW_MODULES:
        abort(404)
    form = module_form(kind, course, None)
    if form.validate_on_submit():
        module = writing.add_module(course, {"kind": kind, **form.content})
        writing.set_after(course, module, form.prerequisites)
        flash(_("Le module est ajouté au brouillon."))
        if kind == ModuleKind.QUIZ:
            return form_written(see_other("training.module", course_id=course.id, module_id=module.id))
        return form_written(see_other("training.course", course_id=course.id))
    return render_form("training/module.html", form=form, course=course, kind=kind, module=None, kinds=NEW_MODULES, preview="")


def module_form(kind: str, course: Course, step: Step | None) -> ModuleForm:
    """The form of a kind of module, with what may be done before it."""
    kind_form = FORMS.get(kind, ModuleForm)
    form = kind_form.of(step) if step else kind_form()
    others = [s for s in latest_steps(course) if step is None or s.position < step.position]
    form.after.choices = options((str(s.module.root_id), s.module.title) for s in others)
    if isinstance(form, MediaForm):
        form.file.choices = options((str(row.id), row.name) for row in files_by_name())
    return form


@bp.route("/formation/parcours/<uuid:course_id>/modules/<uuid:module_id>", methods=["GET", "POST"])
@requires(Permission.WRITE_COURSES)
def module(course_id: UUID, module_id: UUID) -> ResponseReturnValue:
    """Change a module in the draft; published versions keep it as it was."""
    course, step = found_step(course_id, module_id)
    form = module_form(step.module.kind, course, step)
    if form.validate_on_submit() and (changed := form.changed(step)) is not None:
        row = writing.change_module(course, step.module, {name: changed[name] for name in changed if name != "after"})
        if "after" in changed:
            writing.set_after(course, row, changed["after"])
        flash(_("Le module est enregistré dans le brouillon."))
        return form_written(see_other("training.course", course_id=course.id))
    return render_form(
        "training/module.html",
        form=form,
        course=course,
        kind=step.module.kind,
        module=step.module,
        kinds=NEW_MODULES,
        preview=shown(step.module.body),
    )


def found_step(course_id: UUID, module_id: UUID) -> tuple[Course, Step]:
    """A course, and where a module stands in its latest version, the draft when there is one; not found when it is not there.

    Of two who write at the same instant, the second reads what the first wrote.
    """
    course = get_or_404(Course, course_id)
    if request.method == "POST":
        hold_row(course)
    asked = get_or_404(Module, module_id)
    return course, next((step for step in latest_steps(course) if step.module.root_id == asked.root_id), None) or abort(404)


def latest_steps(course: Course) -> list[Step]:
    """The steps of the latest version, the draft when there is one."""
    return writing.steps_in(writing.versions_of(course)[0])


@bp.route("/formation/parcours/<uuid:course_id>/modules/<uuid:module_id>/place", methods=["POST"])
@requires(Permission.WRITE_COURSES)
def module_place(course_id: UUID, module_id: UUID) -> ResponseReturnValue:
    """Move a module up or down, or take it out of the draft."""
    course, module, wish = get_or_404(Course, course_id), get_or_404(Module, module_id), request.form.get("vers")
    if wish == "retrait":
        writing.remove_module(course, module)
        flash(_("Le module est retiré du brouillon."))
    elif wish in {"haut", "bas"}:
        writing.move_module(course, module, up=wish == "haut")
    return see_other("training.course", course_id=course.id)


@bp.route("/formation/parcours/<uuid:course_id>/modules/<uuid:module_id>/questions/<code:question>", methods=["GET", "POST"])
@requires(Permission.WRITE_COURSES)
def question(course_id: UUID, module_id: UUID, question: str) -> ResponseReturnValue:
    """Write a question of a quiz (« nouvelle »), change it, or take it out."""
    course, step = found_step(course_id, module_id)
    if step.module.kind != ModuleKind.QUIZ:
        abort(404)
    bank = list(step.module.questions)
    known = next((one for one in bank if one["id"] == question), None)
    is_gone = known is None and question != "nouvelle"
    if is_gone and request.method == "GET":
        abort(404)
    form = QuestionForm(data=known)
    problem = _("Quelqu'un vient de retirer cette question. Enregistrez-la pour l'ajouter de nouveau.") if is_gone else None
    if request.method == "POST" and request.form.get("vers") == "retrait" and known is not None:
        writing.change_module(course, step.module, {"questions": [one for one in bank if one is not known]})
        flash(_("La question est retirée."))
        return see_other("training.module", course_id=course.id, module_id=step.module.id)
    if form.validate_on_submit() and not is_gone:
        try:
            written = form.read(request.form, known["id"] if known else None)
        except BadQuestion as error:
            problem = str(error)
        else:
            kept = [written if one is known else one for one in bank] if known else [*bank, written]
            changed = writing.change_module(course, step.module, {"questions": kept})
            flash(_("La question est enregistrée."))
            return see_other("training.module", course_id=course.id, module_id=changed.id)
    page = render_template(
        "training/question.html", form=form, course=course, module=step.module, known=known, problem=problem, typed=request.form
    )
    return page, 422 if form.errors or problem else 200


@bp.route("/formation/parcours/<uuid:course_id>/publication", methods=["GET", "POST"])
@requires(Permission.WRITE_COURSES)
def publication(course_id: UUID) -> ResponseReturnValue:
    """Publish the draft, and say what becomes of those who completed an earlier version."""
    course, form = get_or_404(Course, course_id), PublishForm()
    versions = writing.versions_of(course)
    if form.validate_on_submit():
        said = form.notes.data or "", form.earlier.data == "yes", form.reason.data or ""
        try:
            writing.publish(course, current_member.user_id, *said, read=form.read.data)
        except writing.NotWritten as error:
            form.notes.errors, form.read.data = [str(error)], writing.mark_of(versions[0])
        else:
            flash(_("Le parcours est publié."))
            return see_other("training.course", course_id=course.id)
    elif not form.is_submitted():
        form.read.data = writing.mark_of(versions[0])
    return render_form("training/publication.html", form=form, course=course, first=len(versions) < 2)


@bp.route("/formation/parcours/<uuid:course_id>/abandon", methods=["GET", "POST"])
@requires(Permission.WRITE_COURSES)
def draft_dropped(course_id: UUID) -> ResponseReturnValue:
    """Forget what was being written since the last publication, or a course that was never published."""
    course, form = get_or_404(Course, course_id), ConfirmForm()
    if form.validate_on_submit():
        if writing.drop_draft(course):
            flash(_("Le brouillon est abandonné."))
            return see_other("training.course", course_id=course.id)
        flash(_("Le parcours est abandonné."))
        return see_other("training.index")
    return render_form("training/draft_dropped.html", form=form, course=course, first=len(writing.versions_of(course)) < 2)


@bp.route("/formation/parcours/versions/<uuid:version_id>", methods=["GET", "POST"])
@requires(Permission.WRITE_COURSES)
def version(version_id: UUID) -> ResponseReturnValue:
    """A version as mentors follow it, and whether having completed it still counts."""
    row = get_or_404(CourseVersion, version_id)
    course = get_or_404(Course, row.course_id)
    form = CountsForm(data={"counts": "yes" if row.counts else "no", "reason": row.counts_reason})
    if form.validate_on_submit():
        writing.decide_counts(row, form.counts.data == "yes", form.reason.data)
        flash(_("La décision est enregistrée."))
        return see_other("training.course", course_id=course.id)
    return render_form(
        "training/version.html",
        form=form,
        course=course,
        version=row,
        steps=writing.steps_in(row),
        shown=shown,
        completions=writing.completions_by_version(course).get(row.id, 0),
    )


@bp.route("/formation/modeles")
@requires(Permission.WRITE_COURSES)
def models() -> ResponseReturnValue:
    """The model courses of the programme; in the programme's own space, the courses that it writes to offer."""
    mine = courses()
    return render_template(
        "training/models.html", models=library.models(), courses=mine, copied={c.model_key for c in mine}, form=ConfirmForm()
    )


@bp.route("/formation/modeles/<code:model_key>/copie", methods=["POST"])
@requires(Permission.WRITE_COURSES)
def model_copied(model_key: str) -> ResponseReturnValue:
    """Make our own copy of a model, as a draft to adapt and publish."""
    model = next((one for one in library.models() if one.key == model_key), None) or abort(404)
    course = library.copy_once(model)
    flash(_("Le modèle est copié : adaptez-le, puis publiez-le."))
    return see_other("training.course", course_id=course.id)


@bp.route("/formation/parcours/<uuid:course_id>/modele", methods=["POST"])
@requires(Permission.WRITE_COURSES)
def model_taken(course_id: UUID) -> ResponseReturnValue:
    """Put the model's later number in the draft."""
    course = get_or_404(Course, course_id)
    newer = library.newer_models([course]).get(course.id)
    if newer is not None:
        library.take_newer(course, newer)
        flash(_("La nouvelle version du modèle est dans le brouillon : relisez-la, puis publiez-la."))
    return see_other("training.course", course_id=course.id)


@bp.route("/formation/parcours/<uuid:course_id>/offre", methods=["POST"])
@requires(Permission.OFFER_MODELS)
def model_offered(course_id: UUID) -> ResponseReturnValue:
    """The programme offers what it published to every association."""
    library.offer(get_or_404(Course, course_id))
    flash(_("Le parcours est proposé aux associations."))
    return see_other("training.models")


@bp.route("/formation/fichiers", methods=["GET", "POST"])
@requires(Permission.WRITE_COURSES)
def files() -> ResponseReturnValue:
    """The files that modules may show, and one more to add."""
    form = FileForm()
    if form.validate_on_submit():
        try:
            content, media_type, suffix = read_file(form.file.data.read(LARGEST + 1))
        except BadFile as error:
            form.file.errors = [str(error)]
            return render_form("training/files.html", form=form, rows=files_by_name(), largest=LARGEST // MEGABYTE)
        key = store(current_tenant.id, content, suffix)
        db.session.add(
            CourseFile(name=form.name.data, media_type=media_type, key=key, size=len(content), added_by=current_member.user_id)
        )
        flash(_("Le fichier est ajouté."))
        return see_other("training.files")
    return render_form("training/files.html", form=form, rows=files_by_name(), largest=LARGEST // MEGABYTE)
