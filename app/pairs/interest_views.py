"""The page behind the link that asks one of the two: who the other is, yes or no."""

from flask import flash
from flask.typing import ResponseReturnValue

from app.errors import DomainError
from app.extensions import limit_link
from app.gate import public
from app.guard import flash_danger, gives_contact, is_alarming, sensitive
from app.leads.words import NEEDS_SHORT
from app.people.models import Mentee, Mentor
from app.people.words import INTERESTS
from app.tenants.resolve import carries_tenant
from app.translation import gettext as _
from app.web import leads_nowhere, render_form, see_other

from . import interest as asked
from .blueprint import bp
from .forms import AnswerForm
from .models import other_side
from .words import RHYTHMS


def said_of(person: Mentor | Mentee) -> dict[str, str]:
    """What somebody wrote of themselves that the other may read before both said yes.

    Nothing by which they are reached; and of what a jeune hopes, nothing that touches health, religion or justice, or alarms.
    """
    texts = {name: getattr(person, name, None) or "" for name in ("sector", "skills", "hopes")}
    if is_alarming(texts["hopes"]) or sensitive(texts["hopes"]):
        texts["hopes"] = ""
    return {name: text for name, text in texts.items() if not gives_contact(text)}


@bp.route("/rencontre/<token:token>", methods=["GET", "POST"])
@public
@carries_tenant
@limit_link
def interest(token: str) -> ResponseReturnValue:
    """Read who it is, then answer. Neither learns how to reach the other before both said yes."""
    row = asked.answer_of_token(token) or leads_nowhere()
    form = AnswerForm()
    if form.validate_on_submit():
        try:
            asked.answer(row, form.answer.data == "yes", form.word.data or "")
        except DomainError as error:
            form.answer.errors = [str(error)]
        else:
            flash(_("Merci, votre réponse est enregistrée."))
            flash_danger(form.word.data)
            return see_other("pairs.interest", token=token)
    other = row.pair.person(other_side(row.side))
    return render_form(
        "pairs/interest.html",
        form=form,
        row=row,
        pair=row.pair,
        other=other,
        said=said_of(other),
        is_over=asked.is_over(row),
        needs=NEEDS_SHORT,
        interests=INTERESTS,
        rhythms=RHYTHMS,
    )
