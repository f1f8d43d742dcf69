"""A space's partners: who sends requests by machine, their keys, what their servers were told."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.accounts.forms import ConfirmForm
from app.accounts.journal import What, note
from app.accounts.permissions import Permission
from app.accounts.queries import current_member
from app.database import AT_ONCE, hold_row, now, one_at_a_time
from app.errors import DomainError
from app.extensions import db, limiter
from app.gate import requires
from app.tenants.resolve import current_tenant
from app.translation import gettext as _
from app.web import get_or_404, render_form, see_other

from . import api, keys, webhooks
from .forms import SCOPES, PartnerForm, WebhookForm
from .models import ApiKey, Delivery, Partner

__all__ = ["api", "bp"]
bp = Blueprint("partners", __name__, url_prefix="/a/<slug:slug>/partenaires")


@bp.route("", methods=["GET", "POST"])
@requires(Permission.MANAGE_PARTNERS)
def index() -> ResponseReturnValue:
    """The partners of this space; add one."""
    form = PartnerForm()
    if form.validate_on_submit():
        one_at_a_time("partner", current_tenant.id)
        same = Partner.name == form.name.data, Partner.scopes == form.scopes.data, Partner.created_at > now() - AT_ONCE
        partner = db.session.scalar(select(Partner).where(*same)) or Partner()  # two clicks add one, and both lead to it
        if stored(partner, form, form.values):
            return see_other("partners.show", partner_id=partner.id)
    partners = db.session.scalars(select(Partner).order_by(Partner.name)).all()
    return render_form("partners/index.html", form=form, partners=partners, scopes=SCOPES)


def stored(partner: Partner, form: PartnerForm, said: Mapping[str, Any]) -> bool:
    """Keep what is said of a partner; False, said at its field of the form, when another has this name."""
    try:
        with db.session.begin_nested():
            for name, value in said.items():
                setattr(partner, name, value)
            db.session.add(partner)
    except IntegrityError:
        form.name.errors = [_("Un partenaire a déjà ce nom.")]
        return False
    return True


@bp.route("/<uuid:partner_id>/modification", methods=["GET", "POST"])
@requires(Permission.MANAGE_PARTNERS)
def edit(partner_id: UUID) -> ResponseReturnValue:
    """Another name, or other rights: the keys that live have them at once, what was sent before keeps its origin."""
    partner = get_or_404(Partner, partner_id)
    form = PartnerForm.of(partner)
    if form.validate_on_submit():
        changed = form.changed(hold_row(partner, key_share=True))
        if changed is not None and stored(partner, form, changed):
            flash(_("C'est enregistré."))
            return see_other("partners.show", partner_id=partner.id)
    return render_form("partners/edit.html", form=form, partner=partner)


@bp.route("/<uuid:partner_id>", methods=["GET", "POST"])
@requires(Permission.MANAGE_PARTNERS)
def show(partner_id: UUID) -> ResponseReturnValue:
    """A partner's keys, their server, the last deliveries."""
    partner = get_or_404(Partner, partner_id)
    form = WebhookForm(url=partner.webhook_url or "")
    if form.validate_on_submit():
        try:
            secret = webhooks.set_webhook(partner, form.url.data)
        except DomainError as error:
            form.url.errors = [str(error)]
        else:
            if secret:
                return page(partner, form, secret=secret)
            flash(_("C'est enregistré."))
            return see_other("partners.show", partner_id=partner.id)
    return page(partner, form)


def page(partner: Partner, form: WebhookForm, key: str = "", secret: str = "") -> ResponseReturnValue:
    """The partner's page; a new key or secret is shown here and never again."""
    alive = select(ApiKey).where(ApiKey.partner_id == partner.id).order_by(ApiKey.created_at.desc()).limit(20)
    deliveries = select(Delivery).where(Delivery.partner_id == partner.id).order_by(Delivery.created_at.desc()).limit(50)
    return render_form(
        "partners/partner.html", form=form, partner=partner, keys=db.session.scalars(alive).all(), key=key, secret=secret,
        deliveries=db.session.scalars(deliveries).all(), confirm=ConfirmForm(),
    )  # fmt: skip


@bp.route("/<uuid:partner_id>/cles", methods=["POST"])
@requires(Permission.MANAGE_PARTNERS)
def add_key(partner_id: UUID) -> ResponseReturnValue:
    """A new key, shown once. The page that shows it, read again, makes no other: its button names the key that was the last."""
    partner = get_or_404(Partner, partner_id)
    try:
        key = keys.make_key(partner, current_member.user_id, request.args.get("apres"))
        note(What.KEY, name=partner.name)
    except DomainError as error:
        flash(str(error), "warning")
        return see_other("partners.show", partner_id=partner.id)
    return page(partner, WebhookForm(formdata=None, url=partner.webhook_url or ""), key=key)


@bp.route("/<uuid:partner_id>/cles/<uuid:key_id>/revocation", methods=["POST"])
@requires(Permission.MANAGE_PARTNERS)
def revoke_key(partner_id: UUID, key_id: UUID) -> ResponseReturnValue:
    """A key opens nothing any more."""
    key = get_or_404(ApiKey, key_id)
    if key.partner_id != partner_id:
        abort(404)
    if key.revoked_at is None:
        keys.revoke(key)
        note(What.KEY_ENDED, name=key.partner.name)
    flash(_("La clé n'ouvre plus rien."))
    return see_other("partners.show", partner_id=partner_id)


def partner_of_request() -> str:
    """Whose tests are counted together."""
    return str((request.view_args or {}).get("partner_id"))


@bp.route("/<uuid:partner_id>/essai", methods=["POST"])
@requires(Permission.MANAGE_PARTNERS)
@limiter.limit("20 per hour", key_func=partner_of_request)
def try_webhook(partner_id: UUID) -> ResponseReturnValue:
    """Send a test to their server; the log says how it went."""
    partner = get_or_404(Partner, partner_id)
    if partner.webhook_url is None:
        abort(409)
    partner.webhook_stopped_at = None
    webhooks.send(partner, "webhook.test", {})
    flash(_("Un essai part : rechargez cette page dans un instant."))
    return see_other("partners.show", partner_id=partner.id)


@bp.route("/<uuid:partner_id>/envois/<uuid:delivery_id>/reprise", methods=["POST"])
@requires(Permission.MANAGE_PARTNERS)
def send_again(partner_id: UUID, delivery_id: UUID) -> ResponseReturnValue:
    """Try a failed delivery again."""
    delivery = get_or_404(Delivery, delivery_id)
    if delivery.partner_id != partner_id:
        abort(404)
    if delivery.state == "failed":
        delivery.state, delivery.attempts = "waiting", 0
        db.session.flush()  # the job reads it
        webhooks.deliver.defer(delivery_id=delivery.id)
        flash(_("L'envoi repart."))
    return see_other("partners.show", partner_id=partner_id)
