"""What somebody may ask about themself: a copy of what is kept, and to erase it, or a request without a file, before its day."""

from uuid import UUID

from flask import flash, url_for
from flask.typing import ResponseReturnValue

from app.accounts.forms import ConfirmForm
from app.accounts.journal import What, note
from app.accounts.permissions import Permission
from app.accounts.queries import current_member
from app.errors import DomainError
from app.gate import requires
from app.leads.doubles import joined_to
from app.leads.models import Lead, LeadState
from app.people.finding import find_person, to_file
from app.translation import gettext as _
from app.web import download, get_or_404, render_form, see_other, today

from . import jobs, journal_views, requests  # noqa: F401  (for their routes)
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
        note(What.ERASED, kind=kind, person=str(person.id))
        flash(_("L'effacement est lancé : il prend une minute."))
        return to_file(person)
    return render_form("privacy/erasure.html", form=form, person=person, kind=kind, obstacle=obstacle)


@bp.route("/a/<slug:slug>/demandes/<uuid:lead_id>/effacement", methods=["GET", "POST"])
@requires(Permission.ANSWER_RIGHTS)
def request_erasure(lead_id: UUID) -> ResponseReturnValue:
    """In an association: what is erased of a request that has no file, and what stays, then the button."""
    return erase_request(get_or_404(Lead, lead_id), "leads.show")


@bp.route("/a/<slug:slug>/orientation/<uuid:lead_id>/effacement", methods=["GET", "POST"])
@requires(Permission.ORIENT_LEADS)
def desk_erasure(lead_id: UUID) -> ResponseReturnValue:
    """The same in the programme."""
    return erase_request(get_or_404(Lead, lead_id), "programme.lead")


def erase_request(lead: Lead, endpoint: str) -> ResponseReturnValue:
    """Show what goes, and erase it once confirmed; `endpoint` is the page of one request."""
    if lead.erased_at is not None:
        return see_other(endpoint, lead_id=lead.id)
    form, obstacle = ConfirmForm(), None
    try:
        requests.refuse_in_use(lead, current_member.user_id)
        if form.validate_on_submit():
            requests.erase_on_demand(lead, current_member.user_id)
            note(What.ERASED)
            flash(_("La demande est effacée."))
            return see_other(endpoint, lead_id=lead.id)
    except DomainError as error:
        obstacle = str(error)
    return render_form(
        "privacy/request_erasure.html", form=form, lead=lead, obstacle=obstacle, joined=joined_to(lead),
        url=url_for(endpoint, lead_id=lead.id),
        kept_url=url_for(endpoint, lead_id=lead.same_as) if lead.state == LeadState.JOINED else None,
    )  # fmt: skip


@bp.route("/a/<slug:slug>/<any(jeunes, mentors):kind>/<uuid:person_id>/copie", methods=["GET", "POST"])
@requires(Permission.ANSWER_RIGHTS)
def copy(kind: str, person_id: UUID) -> ResponseReturnValue:
    """What the copy holds and what to read in it first, then the button that makes it."""
    person, form = find_person(kind, person_id), ConfirmForm()
    if form.validate_on_submit():
        note(What.COPY, kind=kind, person=str(person.id))
        return download(copy_of(person, current_member.user_id), f"copie-{today()}.zip", "application/zip")
    return render_form("privacy/copying.html", form=form, person=person, kind=kind)
