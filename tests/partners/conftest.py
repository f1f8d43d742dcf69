"""A partner of a space, with a key."""

import pytest

from app.extensions import db
from app.partners import keys
from app.partners.models import SCOPES, Partner
from tests import factories

GOOD = {
    "kind": "mentee", "first_name": "Noé", "last_name": "Martin", "email": "noe@example.org", "birth_date": "2006-05-04",
    "commune_code": "69123", "needs": ["orientation"], "agreed": True,
}  # fmt: skip


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
