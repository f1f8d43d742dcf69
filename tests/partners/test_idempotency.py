"""The same call twice adds nothing, at whatever instant the second one comes."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, inspect, select, text

from app.database import unit_of_work
from app.extensions import db
from app.leads.models import Lead
from app.mail import Mail
from app.partners import keys
from app.partners.models import SCOPES, ApiCall, Partner
from tests import factories

from .conftest import GOOD


@pytest.mark.parametrize("name", [None, "", " ", "x" * 256, "clé", "a b", "a\tb", "\x7f"])
def test_a_call_needs_a_name_of_visible_characters(call, key, programme, stored, name):
    headers = {} if name is None else {"Idempotency-Key": name.encode().decode("latin-1")}

    response = call("POST", "/leads", key, json=GOOD, headers=headers)

    assert response.status_code == 400
    assert response.get_json()["type"].endswith("#no-idempotency-key")
    assert stored(programme, Lead) == []


@pytest.mark.parametrize("name", ["x", "x" * 255, "!~", "2026-000123"])
def test_any_visible_name_will_do(post, key, name):
    assert post(key, name).status_code == 201


def test_the_same_call_again_gives_the_same_answer(call, post, key, programme, association, stored):
    first = post(key, "one")
    turned = dict(reversed(GOOD.items()))
    again = [post(key, "one"), call("POST", "/leads", key, "one", json=turned)]

    for answer in again:
        assert (answer.status_code, answer.get_json()) == (201, first.get_json())
        assert answer.headers["Location"] == first.headers["Location"]
    assert (len(stored(programme, Lead)), len(stored(programme, Mail))) == (1, 1)


def test_the_words_of_a_name_are_not_kept(post, key, programme, stored):
    """They may name somebody, and would outlive their request."""
    post(key, "camille.exemple@lycee.fr-2026")

    (call,) = stored(programme, ApiCall)
    assert "camille" not in str([getattr(call, column.key) for column in inspect(ApiCall).columns])


def test_the_same_call_is_answered_as_it_was_when_the_status_has_moved(post, key, programme, in_space):
    from app.leads import actions

    first = post(key, "one")
    with in_space(programme):
        actions.withdraw(db.session.scalars(select(Lead)).one())

    assert post(key, "one").get_json() == first.get_json()


def test_the_same_name_for_another_body_is_refused(post, key, programme, stored):
    post(key, "one")

    refused = post(key, "one", first_name="Inès")

    assert (refused.status_code, refused.get_json()["type"]) == (422, "http://localhost/api/v1/#key-reused")
    assert len(stored(programme, Lead)) == 1


def test_a_refused_call_may_be_corrected_under_the_same_name(post, key):
    assert [post(key, "one", email="noe").status_code, post(key, "one").status_code] == [422, 201]


def test_two_partners_may_use_the_same_name(post, programme, association, partner_of):
    given = [partner_of(programme)[1], partner_of(programme, "Mission locale")[1], partner_of(association)[1]]

    ids = {post(key, "one").get_json()["id"] for key in given}

    assert len(ids) == 3


def test_while_a_call_is_in_progress_the_other_one_waits(post, programme, partner_of, owner, stored):
    partner, key = partner_of(programme)
    held = {"name": keys.digest(f"{partner.id}/one")}
    owner.execute(text("SELECT pg_advisory_lock(hashtextextended(:name, 0))"), held)

    refused, other = post(key, "one"), post(key, "two", email="ines@example.org", first_name="Inès")
    owner.rollback()
    owner.execute(text("SELECT pg_advisory_unlock(hashtextextended(:name, 0))"), held)

    assert (refused.status_code, refused.headers["Retry-After"]) == (409, "1")
    assert other.status_code == 201
    assert post(key, "one").status_code == 201


@pytest.fixture
def busy(real_app):
    """An application whose commits are real, its programme, and a key."""
    programme = factories.programme(real_app)
    factories.association(real_app, "passerelle", "Passerelle", ["69"])
    with unit_of_work(real_app, programme.id):
        staff = factories.staff(programme, "operator")
        partner = Partner(name="Lycée", scopes=list(SCOPES))
        db.session.add(partner)
        db.session.flush()
        made = keys.make_key(partner, staff.user_id)
    return programme, made


@pytest.mark.committed
def test_a_hundred_calls_at_the_same_instant_make_one_request(real_app, busy):
    programme, key = busy
    together = real_app.config["SQLALCHEMY_ENGINE_OPTIONS"]["pool_size"]  # more would wait for a connection

    def send(_rank):
        client = real_app.test_client()
        answer = client.post("/api/v1/leads", json=GOOD, headers={"Authorization": f"Bearer {key}", "Idempotency-Key": "one"})
        return answer.status_code, (answer.get_json() or {}).get("id")

    with ThreadPoolExecutor(together, initializer=threading.Barrier(together).wait) as pool:
        answers = list(pool.map(send, range(100)))

    assert Counter(code for code, _id in answers).keys() <= {201, 409}
    assert len({lead_id for code, lead_id in answers if code == 201}) == 1
    with unit_of_work(real_app, programme.id):
        assert db.session.scalar(select(func.count()).select_from(Lead)) == 1


@pytest.mark.committed
def test_two_people_at_the_same_instant_make_two_keys_at_most(real_app, busy):
    programme, _key = busy

    def make(_rank):
        try:
            with unit_of_work(real_app, programme.id), real_app.test_request_context("/"):
                partner = db.session.scalars(select(Partner)).one()
                return bool(keys.make_key(partner, db.session.scalars(select(keys.ApiKey.made_by)).first()))
        except keys.TooManyKeys:
            return False

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(make, range(8)))

    assert made.count(True) == 1
