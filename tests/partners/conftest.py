"""A partner of a space, with a key; calling the API; reading what was stored."""

from itertools import count

import pytest
from sqlalchemy import select

from app.extensions import db
from app.partners import keys
from app.partners.models import SCOPES, Partner
from tests import factories

GOOD = {
    "kind": "mentee", "first_name": "Noé", "last_name": "Martin", "email": "noe@example.org", "birth_date": "2006-05-04",
    "commune_code": "69123", "needs": ["orientation"], "agreed": True,
}  # fmt: skip
ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
def partner_of(in_space):
    """A partner of a tenant, and a live key: `partner_of(programme)`."""

    def make(tenant, name="Lycée Ampère", scopes=SCOPES):
        with in_space(tenant):
            staff = factories.staff(tenant, "operator" if tenant.is_programme else "admin", last_name=f"De {name}")
            partner = Partner(name=name, scopes=list(scopes))
            db.session.add(partner)
            db.session.flush()
            return partner, keys.make_key(partner, staff.user_id)

    return make


@pytest.fixture
def key(programme, partner_of):
    """A live key of a partner of the programme."""
    return partner_of(programme)[1]


@pytest.fixture
def call(client):
    """Call the API with a key: `call("POST", "/leads", key, json=…, idempotency="1")`."""

    def ask(method, path, key=None, idempotency=None, headers=None, **options):
        sent = dict(headers or {})
        if key:
            sent["Authorization"] = f"Bearer {key}"
        if idempotency:
            sent["Idempotency-Key"] = idempotency
        return client.open(f"/api/v1{path}", method=method, headers=sent, **options)

    return ask


@pytest.fixture
def post(call):
    """Post a good request, changed a little, under a name of its own: `post(key, email="…")`; None takes a field out."""
    rank = count(1)

    def send(key, idempotency=None, **changes):
        body = {name: value for name, value in {**GOOD, **changes}.items() if value is not None}
        return call("POST", "/leads", key, idempotency or f"call-{next(rank)}", json=body, headers=ENGLISH)

    return send


@pytest.fixture
def stored(in_space):
    """The rows of a table in a tenant's space, the oldest first: `stored(programme, Lead)`."""

    def read(tenant, model):
        with in_space(tenant):
            return db.session.scalars(select(model).order_by(model.id)).all()

    return read


def said(response):
    """What a problem says at each field."""
    return {(error["pointer"], error["detail"]) for error in response.get_json()["errors"]}
