"""The API: a partner posts a request and reads where it stands, as /api/v1/openapi.json describes."""

import hmac
import json
import time
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, current_app, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError
from sqlalchemy import select, text
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge, UnsupportedMediaType

from app.errors import answered_by, code_of
from app.extensions import csrf, db, limiter
from app.gate import public
from app.leads import actions, guardian
from app.leads.letter_boxes import takes
from app.leads.models import Lead, LeadState
from app.leads.reaching import REPRESENTED
from app.leads.words import ADULT, BY_PARTNER, TEXT_VERSION, age_on
from app.tenants.resolve import carries_tenant, current_tenant
from app.territory.queries import find_commune
from app.translation import gettext as _
from app.web import today

from .description import operations, specification
from .keys import budget, caller, digest
from .models import READ, WRITE, ApiCall, Partner
from .problems import BY_STATUS, PROBLEMS, Problem, answer
from .schemas import LeadIn, LeadOut, pointers
from .words import CLOSED, STATUSES_SAID, public_status

bp = Blueprint("api", __name__, url_prefix="/api/v1")
csrf.exempt(bp)  # no cookie counts here: the key is the proof
ATTRIBUTES = LeadIn().fields.keys() - {"agreed", "commune_code", "commune_name", "may_relay", "kind"}
OF_OTHERS = {  # what is not asked of this kind
    "mentee": {"status", "sector", "skills", "axes", "preferred_public"},
    "mentor": {"needs", "situation", "level", "diploma", "hopes", "gender_wish"},
}


def api(view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
    """A view of the API: it enters its space by its key, and what it refuses is a problem, whoever refuses it."""

    @wraps(view)
    def wrapped(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        try:
            return view(*args, **kwargs)
        except Problem as problem:
            db.session.rollback()
            return answer(problem)

    limited: Callable[..., ResponseReturnValue] = limiter.limit("1200 per minute")(wrapped)  # of an address, whatever key it shows
    limited = limiter.limit("600 per minute", key_func=budget)(limited)
    return public(carries_tenant(limited))


def print_of(body: Any) -> str:
    """What tells a body from another one; without the site's key, nobody can tell who was in it."""
    key: bytes = current_app.config["SECRET_KEY"].encode()
    return hmac.new(key, json.dumps(body, sort_keys=True).encode("utf-8", "surrogatepass"), "sha256").hexdigest()


@bp.route("/leads", methods=["POST"])
@api
def post_lead() -> ResponseReturnValue:
    """Send a request for somebody who agrees. The same Idempotency-Key and body again give the same answer and add nothing."""
    partner = caller(WRITE)
    key = idempotency_key(partner)
    body = json_body()
    fingerprint = print_of(body)
    hold(key)
    known = db.session.scalar(select(ApiCall).where(ApiCall.partner_id == partner.id, ApiCall.key == key))
    if known is not None and known.fingerprint != fingerprint:
        raise Problem("key-reused")
    if known is not None:
        return created(known.answer)
    lead = take(checked(body), partner)
    answered = shown(lead)
    db.session.add(ApiCall(partner_id=partner.id, key=key, fingerprint=fingerprint, lead_id=lead.id, answer=answered,
                        told=answered["status"]))  # fmt: skip
    return created(answered)


@bp.route("/leads/<uuid:lead_id>")
@api
def get_lead(lead_id: UUID) -> ResponseReturnValue:
    """Where a request that this partner sent stands."""
    partner = caller(READ)
    call = sent_by(partner, lead_id)
    lead = db.session.get(Lead, (partner.tenant_id, lead_id))
    return jsonify({**call.answer, "status": public_status(lead) if lead is not None else CLOSED})


@bp.route("/leads/<uuid:lead_id>", methods=["DELETE"])
@api
def delete_lead(lead_id: UUID) -> ResponseReturnValue:
    """Take back a request that this partner sent, and that nobody has answered. Twice is once."""
    partner = caller(WRITE)
    lead = db.session.get(Lead, (partner.tenant_id, sent_by(partner, lead_id).lead_id), with_for_update=True)
    if lead is not None and lead.state == LeadState.WITHDRAWN:
        return "", 204
    if lead is None or not lead.is_open:
        raise Problem("answered")
    actions.withdraw(lead, BY_PARTNER)
    tell_taken_back(lead, partner)
    return "", 204


@bp.route("/leads/check", methods=["POST"])
@api
def check_lead() -> ResponseReturnValue:
    """Say what is wrong with a request, as sending it would, and keep nothing."""
    caller(WRITE)
    checked(json_body())
    return "", 204


@bp.route("/openapi.json")
@public
def openapi() -> ResponseReturnValue:
    """The description, for machines."""
    return jsonify(specification())


@bp.route("/")
@public
def documentation() -> ResponseReturnValue:
    """The description, for people."""
    return render_template(
        "partners/documentation.html", operations=operations(), spec=specification(), statuses=STATUSES_SAID, problems=PROBLEMS
    )


def idempotency_key(partner: Partner) -> str:
    """The digest of the caller's own name for this call: their words may name somebody, and are not kept. Raises Problem."""
    key = request.headers.get("Idempotency-Key", "").strip()
    if not 1 <= len(key) <= 255 or not all("!" <= c <= "~" for c in key):
        raise Problem("no-idempotency-key")
    return digest(f"{partner.id}/{key}")


def json_body() -> dict[str, Any]:
    """The JSON object that was sent. Raises Problem."""
    if not request.is_json:
        raise Problem("media-type")
    try:
        body = json.loads(request.get_data())
    except (ValueError, RecursionError) as error:
        raise Problem("bad-json") from error
    if not isinstance(body, dict):
        raise Problem("bad-json")
    return body


def checked(body: dict[str, Any]) -> dict[str, Any]:
    """The values of a request. Raises Problem, which says all that is wrong at once."""
    try:
        values: dict[str, Any] = LeadIn().load(body)
    except ValidationError as error:
        raise Problem("invalid", pointers(error.messages)) from error
    return values


def sent_by(partner: Partner, lead_id: UUID) -> ApiCall:
    """The call by which this partner sent a request. Raises Problem."""
    call = db.session.scalar(select(ApiCall).where(ApiCall.lead_id == lead_id, ApiCall.partner_id == partner.id))
    if call is None:
        raise Problem("not-found")
    return call


def tell_taken_back(lead: Lead, partner: Partner) -> None:
    """The person reads that their request stops, and who said so, for they may not know; whoever represents a minor does too."""
    lines = [
        _("%(partner)s, qui avait envoyé votre demande de mentorat, l'a retirée.", partner=partner.name),
        _("Ce n'est pas ce que vous voulez ? Vous pouvez faire une demande vous-même, en quelques minutes."),
    ]
    guardian.tell_stopped(lead, lead.mailbox, lines)
    if lead.mailbox != lead.guardian_email:
        guardian.tell_withdrawn(lead, today(), partner.name)


def hold(key: str) -> None:
    """Keep this key for this transaction. Raises Problem when a call with it is in progress."""
    if not db.session.scalar(text("SELECT pg_try_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": key}):
        raise Problem("in-progress")


def take(values: dict[str, Any], partner: Partner) -> Lead:
    """Receive a checked request, as a form's is. Raises Problem when too much was written to a mailbox today."""
    commune, age = find_commune(values["commune_code"]), age_on(values["birth_date"], today())
    assert commune is not None
    asked = ATTRIBUTES - OF_OTHERS[values["kind"]] - set(REPRESENTED if age >= ADULT else ())  # nothing else is kept
    lead = Lead(
        kind=values["kind"],
        source=partner.name,
        partner_id=partner.id,
        text_version=TEXT_VERSION,
        age=age,
        commune_code=commune.code,
        commune_name=commune.name,
        departement_code=commune.departement_code,
        may_relay=values.get("may_relay", current_tenant.is_programme),
        **{name: values[name] for name in asked & values.keys()},
    )
    if not takes(lead.email, lead.guardian_email):
        raise Problem("mailbox")
    actions.receive(lead, current_tenant)
    actions.acknowledge(lead, current_tenant)
    db.session.flush()  # its state is told
    return lead


def shown(lead: Lead) -> dict[str, Any]:
    """What a partner reads of a request."""
    row = {"id": lead.id, "kind": lead.kind, "status": public_status(lead), "created_at": lead.created_at}
    found: dict[str, Any] = LeadOut().dump(row)
    return found


def created(body: dict[str, Any]) -> Response:
    """201, and where the request is."""
    response = jsonify(body)
    response.status_code = 201
    response.headers["Location"] = url_for("api.get_lead", lead_id=body["id"])
    return response


@bp.after_request
def say_budget(response: Response) -> Response:
    """The RateLimit headers of the draft standard, where calls are counted."""
    limit = min(limiter.current_limits, key=lambda one: one.remaining, default=None)  # the one that binds first
    if limit is not None:
        left = max(0, limit.reset_at - int(time.time()))
        response.headers["RateLimit-Policy"] = f'"calls";q={limit.limit.amount};w={limit.limit.get_expiry()}'
        response.headers["RateLimit"] = f'"calls";r={limit.remaining};t={left}'
    return response


@answered_by
def refusal(error: Exception) -> Response | None:
    """What went wrong under /api/, as a problem; None elsewhere."""
    if not request.path.startswith("/api/"):
        return None
    if isinstance(error, UnsupportedMediaType):
        return answer(Problem("media-type"))
    if isinstance(error, RequestEntityTooLarge):
        return answer(Problem("too-large"))
    code = error.code if isinstance(error, HTTPException) else code_of(error)
    code = code or 500
    response = answer(Problem(BY_STATUS.get(code, "bad-request" if code < 500 else "failure"), status=code))
    if isinstance(error, HTTPException):
        for name, value in error.get_headers():
            if name in {"Allow", "Retry-After"}:
                response.headers[name] = value
    return response
