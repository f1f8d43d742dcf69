"""Keys: what opens and what does not, two alive at most, and only a digest that is kept."""

import hashlib

import pytest
from sqlalchemy import text

from app.extensions import db
from app.leads.models import Lead
from app.partners import keys
from app.partners.models import READ, WRITE, ApiKey, Partner
from tests import factories

from .conftest import GOOD

NOBODY = "/leads/0192f0c1-0000-7000-8000-000000000000"


def refused(call, key=None, headers=None):
    """Whether both operations say that the key opens nothing."""
    answers = [call("GET", NOBODY, key, headers=headers), call("POST", "/leads", key, "1", json=GOOD, headers=headers)]
    return [answer.status_code for answer in answers] == [401, 401]


def test_without_a_key_nothing_opens(call, programme):
    assert refused(call)


@pytest.mark.parametrize(
    "shape",
    [
        "{key}x",
        "x{key}",
        "{key} x",
        "binome_",
        "binome__",
        "{space}",
        "é{key}",
        "{upper}",
        "{secret}",
        "\x00",
        "' OR 1=1",
        "x" * 9000,
    ],
)
def test_a_key_of_another_shape_opens_nothing(call, key, shape):
    space, secret = key[:40], key[40:]

    assert refused(
        call, headers={"Authorization": "Bearer " + shape.format(key=key, space=space, secret=secret, upper=key.upper())}
    )


@pytest.mark.parametrize("scheme", ["Basic", "Token", "", "Bearer:"])
def test_only_a_bearer_is_heard(call, key, scheme):
    assert refused(call, headers={"Authorization": f"{scheme} {key}"})


def test_the_word_bearer_is_written_as_one_likes(call, key):
    assert call("GET", NOBODY, headers={"Authorization": f"bearer {key}"}).status_code == 404


def test_an_unknown_secret_opens_nothing(call, key):
    assert refused(call, key[:-1] + ("A" if key[-1] != "A" else "B"))


def test_a_key_does_not_open_another_space(call, key, association):
    assert refused(call, f"binome_{association.id.hex}_{key[40:]}")


def test_a_space_that_does_not_exist_has_no_keys(call, key):
    assert refused(call, f"binome_{'0' * 32}_{key[40:]}")


def test_a_session_is_no_key(call, client, in_space, programme):
    with in_space(programme):
        staff = factories.staff(programme, "operator")
    client.sign_in(staff.user_id)

    assert refused(call)


def test_a_revoked_key_opens_nothing(call, key, programme, in_space, stored):
    (kept,) = stored(programme, ApiKey)
    with in_space(programme):
        keys.revoke(db.session.get_one(ApiKey, (programme.id, kept.id)))
    first = stored(programme, ApiKey)[0].revoked_at
    with in_space(programme):
        keys.revoke(db.session.get_one(ApiKey, (programme.id, kept.id)))

    assert refused(call, key)
    assert stored(programme, ApiKey)[0].revoked_at == first


def test_a_scope_allows_what_it_says_and_no_more(call, post, programme, partner_of, stored):
    _one, reads = partner_of(programme, "Lecture", (READ,))
    _two, writes = partner_of(programme, "Écriture", (WRITE,))

    assert (post(reads).status_code, call("GET", NOBODY, reads).status_code) == (403, 404)
    sent = post(writes)
    assert (sent.status_code, call("GET", f"/leads/{sent.get_json()['id']}", writes).status_code) == (201, 403)
    assert len(stored(programme, Lead)) == 1


def test_one_key_replaces_another_without_a_break(call, programme, partner_of, in_space, stored):
    partner, old = partner_of(programme)
    user = stored(programme, ApiKey)[0].made_by

    with in_space(programme):
        new = keys.make_key(db.session.get_one(Partner, (programme.id, partner.id)), user)
    both = [call("GET", NOBODY, key).status_code for key in (old, new)]
    with in_space(programme):
        keys.revoke(db.session.get_one(ApiKey, (programme.id, stored(programme, ApiKey)[0].id)))

    assert both == [404, 404]
    assert [call("GET", NOBODY, key).status_code for key in (old, new)] == [401, 404]


def test_two_keys_live_at_once_at_most(programme, partner_of, in_space, stored):
    partner, _old = partner_of(programme)
    (first,) = stored(programme, ApiKey)

    with in_space(programme):
        same = db.session.get_one(Partner, (programme.id, partner.id))
        keys.make_key(same, first.made_by)
        with pytest.raises(keys.TooManyKeys, match="Deux clés sont déjà actives"):
            keys.make_key(same, first.made_by)
        keys.revoke(db.session.get_one(ApiKey, (programme.id, first.id)))
        assert keys.make_key(same, first.made_by)


def test_only_a_digest_is_kept(key, in_space, programme, stored):
    secret = key[40:]
    (kept,) = stored(programme, ApiKey)

    with in_space(programme):
        row = str(db.session.execute(text("SELECT * FROM api_keys")).all())

    assert (kept.digest, kept.hint) == (hashlib.sha256(secret.encode()).hexdigest(), secret[-4:])
    assert secret not in row
    assert secret[:-4] not in row


def test_a_key_is_seen_once_an_hour(call, key, programme, stored, statements):
    call("GET", NOBODY, key)  # a refusal writes nothing
    assert stored(programme, ApiKey)[0].used_at is None
    lead_id = call("POST", "/leads", key, "1", json=GOOD).get_json()["id"]
    assert stored(programme, ApiKey)[0].used_at is not None

    with statements() as seen:
        call("GET", f"/leads/{lead_id}", key)

    assert [s for s in seen if s.startswith("UPDATE")] == []
