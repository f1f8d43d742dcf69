"""What somebody may ask about themself: a copy of what is kept, and to erase it before its day."""

from uuid import UUID

from flask import flash
from flask.typing import ResponseReturnValue

from app.accounts.forms import ConfirmForm
from app.accounts.permissions import Permission
from app.accounts.queries import current_member
from app.errors import DomainError
from app.gate import requires
from app.people.finding import find_person, to_file
from app.translation import gettext as _
from app.web import download, render_form, today

from . import jobs
from .blueprint import bp
from .copying import copy_of
from .erasing import refuse_open


@bp.route("/a/<slug:slug>/<any(jeunes, mentors):kind>/<uuid:person_id>/effacement", methods=["GET", "POST"])
@requires(Permission.ANSWER_RIGHTS)
def erasure(kind: str, person_id: UUID) -> ResponseReturnValue:
    """What is erased and what stays, then the button."""
    person = find_person(kind, person_id, even_erased=True)
    if person.erased_at is not None:
        return to_file(person)
    form, obstacle = ConfirmForm(), None
    try:
        refuse_open(person)
    except DomainError as error:
        obstacle = str(error)
    if obstacle is None and form.validate_on_submit():
        jobs.erase_person.defer(person_id=person.id, once=True)
        flash(_("L'effacement est lancé : il prend une minute."))
        return to_file(person)
    return render_form("privacy/erasure.html", form=form, person=person, kind=kind, obstacle=obstacle)


@bp.route("/a/<slug:slug>/<any(jeunes, mentors):kind>/<uuid:person_id>/copie", methods=["GET", "POST"])
@requires(Permission.ANSWER_RIGHTS)
def copy(kind: str, person_id: UUID) -> ResponseReturnValue:
    """What the copy holds and what to read in it first, then the button that makes it."""
    person, form = find_person(kind, person_id), ConfirmForm()
    if form.validate_on_submit():
        return download(copy_of(person, current_member.user_id), f"copie-{today()}.zip", "application/zip")
    return render_form("privacy/copying.html", form=form, person=person, kind=kind)
