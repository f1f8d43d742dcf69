"""What the association asks before a first meeting, in versions; its charter; the grid of its interviews."""

from types import SimpleNamespace

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue

from app.accounts.permissions import Permission
from app.accounts.queries import current_member
from app.fields import lines_of
from app.gate import requires
from app.translation import gettext as _
from app.web import form_written, render_form, see_other

from . import applications, checks, rules
from .application_forms import GridForm
from .blueprint import SPACE, bp
from .forms import CharterForm, NoteForm, RuleForm, chosen_rules, rule_forms
from .words import AUDIENCES, CHECKS, PIECES


@bp.route(f"{SPACE}/reglages/avant-rencontre", methods=["GET", "POST"])
@requires(Permission.SET_SPACE_UP)
def gate_rules() -> ResponseReturnValue:
    """What is asked of a mentor before a first meeting, on top of the law and of the programme's minimum."""
    if request.method == "POST":
        rules.hold_rules()
    past = rules.versions()
    own = rules.rules_of(past[0][0].rules) if past else []
    forms, note = rule_forms(own), NoteForm.of(past[0][0].number if past else 0)
    if request.method == "POST" and all([*(form.validate() for form in forms.values()), note.validate(), may_ask_charter(forms)]):
        made = rules.set_rules(chosen_rules(forms, own), note.note.data, current_member.user_id)
        flash(_("Ces règles valent à partir de maintenant.") if made else _("Rien n'a changé."))
        return see_other("people.gate_rules")
    page = render_template(
        "people/gate_rules.html",
        forms=forms,
        note=note,
        words=PIECES,
        dated=CHECKS,
        audiences=AUDIENCES,
        past=past,
        minimum=rules.rules_of(rules.minimum().rules, firm=True),
    )
    return (page, 422) if note.errors or any(form.errors for form in forms.values()) else page


def may_ask_charter(forms: dict[str, RuleForm]) -> bool:
    """A charter is asked for once it is written."""
    field = forms["charter"].audiences
    if field.data and checks.current_charter() is None:
        field.errors = [_("Écrivez d'abord la charte, dans les réglages.")]
    return not field.errors


@bp.route(f"{SPACE}/reglages/charte", methods=["GET", "POST"])
@requires(Permission.SET_SPACE_UP)
def charter() -> ResponseReturnValue:
    """Write the charter; the text that is in force is where one starts from."""
    current = checks.current_charter()
    text = SimpleNamespace(body=current.body if current else applications.CHARTER, asks_again=False)
    form = CharterForm.of(text)
    if form.validate_on_submit() and (changed := form.changed(text)) is not None:
        checks.write_charter(by=current_member.user_id, **vars(text) | changed)
        flash(_("La charte est en ligne : vos mentors la trouvent dans leur espace."))
        return form_written(see_other("people.charter"))
    return render_form("people/charter.html", form=form, current=current)


@bp.route(f"{SPACE}/reglages/entretien", methods=["GET", "POST"])
@requires(Permission.SET_SPACE_UP)
def interview_grid() -> ResponseReturnValue:
    """The questions of an interview, and the criteria of a decision."""
    current = applications.grid()
    grid = SimpleNamespace(questions="\n".join(current.questions), criteria="\n".join(current.criteria))
    form = GridForm.of(grid)
    if form.validate_on_submit() and (changed := form.changed(grid)) is not None:
        said = {name: lines_of(text) for name, text in (vars(grid) | changed).items()}
        applications.write_grid(said["questions"][:40], said["criteria"][:20], current_member.user_id)
        flash(_("La grille sert aux prochains entretiens."))
        return see_other("people.interview_grid")
    return render_form("people/interview_grid.html", form=form, current=current)
