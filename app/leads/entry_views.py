"""« Saisir une demande »: somebody called, or came; the team types the request for them."""

from hashlib import sha256

from flask import flash, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from app.accounts.permissions import Permission
from app.accounts.queries import current_member
from app.database import one_at_a_time
from app.extensions import db
from app.gate import requires
from app.tenants.resolve import current_tenant
from app.translation import gettext as _
from app.web import form_written, render_form, see_other, today

from . import actions, contacts
from .blueprint import bp
from .entry_forms import ENTRY_FORMS, EntryForm
from .models import Lead
from .own import is_about
from .words import SPOKEN, TEXT_VERSION, LeadKind


@bp.route("/a/<slug:slug>/demandes/saisie", methods=["GET", "POST"])
@requires(Permission.IMPORT_LEADS)
def entry() -> ResponseReturnValue:
    """A request that somebody made by word, typed here."""
    kind = LeadKind.MENTOR if request.args.get("qui") == LeadKind.MENTOR else LeadKind.MENTEE
    form: EntryForm = ENTRY_FORMS[kind]()
    if not form.validate_on_submit():
        return render_form("leads/entry.html", form=form, kind=kind)
    lead = entered(form)
    flash(_("La demande de %(name)s est enregistrée.", name=lead.full_name))
    if lead.is_minor_on(today()) and not lead.guardian_name:
        flash(_("Personne n'est noté pour représenter %(name)s : demandez-le, puis notez-le ici.", name=lead.first_name), "warning")
    return form_written(see_other("programme.lead" if current_tenant.is_programme else "leads.show", lead_id=lead.id))


def entered(form: EntryForm) -> Lead:
    """The request that a form says, received as any other and in the hands of who typed it, unless it is about them.

    The same form twice is one request.
    """
    by, values = current_member.user_id, form.values()
    mark = f"entry:{sha256(repr((form.once.data, sorted(values.items()))).encode()).hexdigest()}"  # a page that came back says else
    one_at_a_time("entry", by)
    known = db.session.scalar(select(Lead).where(Lead.fingerprint == mark))
    if known is not None:
        return known
    lead = Lead(fingerprint=mark, text_version=TEXT_VERSION, **values)
    actions.store_all([lead], current_tenant)
    actions.compare_all([lead], current_tenant)
    actions.tell(lead, "entered", user_id=by)
    actions.acknowledge(lead, current_tenant)
    if current_tenant.is_programme:
        actions.go_on_all([lead], current_tenant)
    elif not is_about(lead, by):  # a colleague answers one's own
        lead.assigned_to = by
        if lead.source in SPOKEN:  # whoever asked was spoken to: the first contact is made
            contacts.note_attempt(lead, "reached", None, None, by, today())
    return lead
