"""Telling a partner's server: signed, tried again, once for each status, and nothing of the person."""

import base64
import hashlib
import hmac
import json
import re
import socket
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select, text
from standardwebhooks import Webhook, WebhookVerificationError

from app import mail
from app.database import unit_of_work, uuid7
from app.extensions import db
from app.jobs import RETRIES, TryAgain, run_worker
from app.leads import actions, desk
from app.leads.models import Lead
from app.partners import webhooks
from app.partners.models import ApiCall, Delivery, Partner
from tests import factories

from .listening import listening, own_certificate

CLOSED_PORT = "http://127.0.0.1:9/hook"


@pytest.fixture(autouse=True)
def loopback(monkeypatch):
    """This machine is somebody else's, for once."""
    monkeypatch.setattr(webhooks, "is_public", lambda _address: True)
    monkeypatch.setattr(webhooks, "allowed_schemes", lambda: {"http", "https"})


@pytest.fixture
def hears(partner_of, in_space, association, programme):
    """A partner of Passerelle, or of another space, whose server is told, their key and their secret: `hears(server.url)`."""

    def make(url, tenant=association):
        partner, key = partner_of(tenant)
        with in_space(tenant):
            secret = webhooks.set_webhook(db.session.get_one(Partner, (tenant.id, partner.id)), url)
        return SimpleNamespace(partner=partner, key=key, secret=secret)

    return make


@pytest.fixture
def move(in_space, association):
    """Do something to the last request of Passerelle: `move(actions.withdraw)`."""

    def act(*verbs):
        for verb in verbs:
            with in_space(association):
                verb(db.session.scalars(select(Lead).order_by(Lead.id.desc())).first())

    return act


def accept(lead):
    actions.accept(lead, factories.staff(db.session.get_one(factories.Tenant, lead.tenant_id)).user_id)


@pytest.fixture
def work(run_jobs):
    """Do what is in the queue; what must be tried again is left aside."""

    def run():
        for _round in range(20):
            with suppress(TryAgain):
                return run_jobs()
        return None

    return run


@pytest.fixture
def again(app, association):
    """Try a delivery once more, as the queue does; whether it wants yet another try."""

    def run(delivery):
        try:
            with app.app_context():
                webhooks.deliver.run(tenant_id=str(association.id), delivery_id=str(delivery.id))
        except TryAgain:
            return True
        return False

    return run


@pytest.fixture
def deliveries(stored, association):
    return lambda: stored(association, Delivery)


def test_a_status_is_told_signed(hears, post, move, work, deliveries):
    with listening() as server:
        heard_by = hears(server.url)
        lead_id = post(heard_by.key).get_json()["id"]
        move(accept)
        work()

    ((path, headers, body),) = server.heard
    assert path == "/hook?a=1"
    assert headers["Content-Type"] == "application/json"
    told = Webhook(heard_by.secret).verify(body, {name.lower(): value for name, value in headers.items()})
    assert (told["type"], told["data"]["id"], told["data"]["status"]) == ("lead.status_changed", lead_id, "accepted")
    assert [(d.state, d.attempts, d.code, d.error) for d in deliveries()] == [("delivered", 1, 204, None)]


def test_the_signature_is_that_of_the_standard(hears, post, move, work):
    with listening() as server:
        secret = base64.b64decode(hears_secret := (heard_by := hears(server.url)).secret.removeprefix("whsec_"))
        post(heard_by.key)
        move(accept)
        work()

    ((_path, headers, body),) = server.heard
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{body}".encode()
    expected = base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60
    assert hears_secret not in str(headers)


def test_what_was_changed_on_the_way_does_not_verify(hears, post, move, work):
    with listening() as server:
        heard_by = hears(server.url)
        post(heard_by.key)
        move(accept)
        work()

    ((_path, headers, body),) = server.heard
    with pytest.raises(WebhookVerificationError):
        Webhook(heard_by.secret).verify(body.replace("accepted", "declined"), headers)


def test_nothing_of_the_person_is_told(hears, post, move, work):
    with listening() as server:
        post(hears(server.url).key, message="Un mot à moi", phone="0612345678")
        move(accept)
        work()

    ((_path, headers, body),) = server.heard
    assert set(json.loads(body)) == {"type", "timestamp", "data"}
    assert set(json.loads(body)["data"]) == {"id", "kind", "status", "created_at"}
    assert not re.findall(r"Noé|Martin|noe@|612345678|2006-05-04|2006, 5, 4|\bmot\b", body + str(headers))


def test_several_changes_before_the_worker_comes_are_told_once(hears, post, move, work, deliveries):
    with listening() as server:
        post(hears(server.url).key)
        work()
        move(accept, actions.withdraw)
        work()
        work()

    assert [json.loads(body)["data"]["status"] for _path, _headers, body in server.heard] == ["withdrawn"]
    assert len(deliveries()) == 1


def test_each_change_is_told_in_its_turn(hears, post, move, work):
    with listening() as server:
        post(hears(server.url).key)
        for act in (accept, actions.withdraw):
            move(act)
            work()

    assert [json.loads(body)["data"]["status"] for _path, _headers, body in server.heard] == ["accepted", "withdrawn"]


def test_nothing_is_told_when_the_status_is_the_same(hears, post, move, work, deliveries):
    with listening() as server:
        post(hears(server.url).key)
        work()
        move(lambda lead: actions.correct(lead, {"phone": "+33612345678"}))
        work()

    assert (server.heard, deliveries()) == ([], [])


def test_a_request_that_is_declined_and_forgotten_is_told_closed(hears, post, move, work):
    with listening() as server:
        post(hears(server.url).key)
        move(lambda lead: actions.decline(lead, "age"))
        work()

    assert json.loads(server.heard[0][2])["data"]["status"] == "closed"


def test_a_request_that_the_desk_takes_back_is_told_to_wait(hears, post, programme, association, in_space, work):
    with listening() as server:
        post(hears(server.url, programme).key)
        work()
        with in_space(programme):
            desk.take_back(db.session.scalars(select(Lead)).one(), factories.user().id)
        work()

    assert json.loads(server.heard[-1][2])["data"]["status"] == "waiting"


def test_what_no_partner_sent_is_told_to_nobody(hears, in_space, association, move, work):
    with listening() as server:
        hears(server.url)
        with in_space(association):
            factories.lead()
        move(accept)
        work()

    assert server.heard == []


def test_a_partner_without_a_server_is_told_nothing_and_their_status_is_known(partner_of, post, association, programme, move, work,
                                                                             deliveries, stored):  # fmt: skip
    post(partner_of(association)[1])
    move(accept)
    work()

    assert deliveries() == []
    assert [call.told for call in stored(association, ApiCall)] == ["accepted"]


@pytest.mark.parametrize("code", [500, 404, 302, 429])
def test_a_server_that_refuses_is_told_again_under_the_same_name(hears, post, move, work, again, deliveries, code):
    with listening(code) as server:
        post(hears(server.url).key)
        move(accept)
        work()
        (first,) = deliveries()
        wants_more = again(first)

    assert (first.state, first.attempts, first.code) == ("waiting", 1, code)
    assert [(d.state, d.attempts, d.code, wants_more) for d in deliveries()] == [("delivered", 2, 204, False)]
    assert len({(path, headers["webhook-id"], body) for path, headers, body in server.heard}) == 1
    assert len(server.heard) == 2


def test_a_redirection_is_not_followed(hears, post, move, work):
    with listening(307, 307) as server:
        post(hears(server.url).key)
        move(accept)
        work()

    assert [path for path, _headers, _body in server.heard] == ["/hook?a=1"]


def test_a_server_that_is_down_is_tried_again_and_at_last_is_a_failure(hears, post, move, work, again, deliveries):
    post(hears(CLOSED_PORT).key)
    move(accept)
    work()
    (first,) = deliveries()
    tries = [again(first) for _time in range(RETRIES.max_attempts - 1)]

    assert (first.state, first.code, first.error) == ("waiting", None, "Pas de réponse\u00a0: ConnectionRefusedError.")
    assert tries == [True] * (RETRIES.max_attempts - 2) + [False]
    assert [(d.state, d.attempts) for d in deliveries()] == [("failed", RETRIES.max_attempts)]
    assert not again(first)
    assert deliveries()[0].attempts == RETRIES.max_attempts


def test_what_was_delivered_is_not_delivered_again(hears, post, move, work, again, deliveries):
    with listening() as server:
        post(hears(server.url).key)
        move(accept)
        work()
        again(deliveries()[0])

    assert len(server.heard) == 1


def test_a_secret_that_another_key_of_the_site_locked_is_said(app, hears, post, move, work, deliveries, monkeypatch):
    """Each delivery would crash for a week, and the page say that it waits."""
    with listening() as server:
        post(hears(server.url).key)
        monkeypatch.setitem(app.config, "SECRET_KEY", "another")
        move(accept)
        work()

    assert server.heard == []
    said = "Le secret ne se lit plus\u00a0: effacez l'adresse, puis remettez-la."
    assert [(d.state, d.attempts, d.error) for d in deliveries()] == [("failed", 1, said)]


def test_gone_is_gone(hears, post, move, work, deliveries, stored, association):
    with listening(410) as server:
        post(hears(server.url).key)
        for act in (accept, actions.withdraw):
            move(act)
            work()

    assert len(server.heard) == 1
    assert [(d.state, d.code, d.attempts) for d in deliveries()] == [("failed", 410, 1)]
    assert stored(association, Partner)[0].webhook_stopped_at is not None


def test_what_waits_when_a_partner_stops_is_a_failure(hears, post, move, work, again, deliveries, in_space, association):
    post(hears(CLOSED_PORT).key)
    move(accept)
    work()
    with in_space(association):
        webhooks.set_webhook(db.session.scalars(select(Partner)).one(), None)

    assert not again(deliveries()[0])
    assert [(d.state, d.error, d.attempts) for d in deliveries()] == [("failed", "Le partenaire n'écoute plus.", 1)]


def test_a_server_that_answers_drop_by_drop_does_not_hold_the_worker(hears, post, move, work, deliveries, monkeypatch):
    monkeypatch.setattr(webhooks, "SECONDS", 0.4)
    with listening(drip=True) as server:
        post(hears(server.url).key)
        move(accept)
        work()

        assert server.hung_up.wait(60)
    assert [(d.state, d.code) for d in deliveries()] == [("waiting", None)]


def test_nor_does_one_that_takes_its_time_to_open_the_door(app, monkeypatch, tmp_path):
    """What cuts fell in the middle of the handshake, where there is nothing to cut."""
    monkeypatch.setattr(webhooks, "is_public", lambda _address: True)
    monkeypatch.setattr(webhooks, "SECONDS", 0.3)
    context, trusted = own_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    connect = socket.create_connection

    def slowly(*where, **how):
        connected = connect(*where, **how)
        time.sleep(0.4)
        return connected

    monkeypatch.setattr(socket, "create_connection", slowly)
    with listening(drip=True, context=context) as server, app.app_context(), pytest.raises(webhooks.Refused, match="TimeoutError"):
        webhooks.post(server.url, b"s" * 32, "id", "{}")


def test_a_secret_is_kept_locked_and_a_new_address_has_a_new_one(hears, in_space, association, stored):
    secret = hears("http://127.0.0.1:9/one").secret

    def save(url):
        with in_space(association):
            return webhooks.set_webhook(db.session.scalars(select(Partner)).one(), url)

    assert len(base64.b64decode(secret.removeprefix("whsec_"))) == 32
    assert base64.b64decode(secret.removeprefix("whsec_")) not in stored(association, Partner)[0].webhook_secret
    assert save("http://127.0.0.1:9/one") is None
    assert save("http://127.0.0.1:9/two") not in {None, secret}


def test_a_certificate_that_nobody_vouches_for_is_refused(hears, post, move, work, deliveries, tmp_path):
    context, _trusted = own_certificate(tmp_path)
    with listening(context=context) as server:
        post(hears(server.url).key)
        move(accept)
        work()

    assert server.heard == []
    assert "SSLCertVerificationError" in deliveries()[0].error


def test_a_server_is_told_over_tls(hears, post, move, work, deliveries, tmp_path, monkeypatch):
    context, trusted = own_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    with listening(context=context) as server:
        post(hears(server.url).key)
        move(accept)
        work()

    assert [headers["Host"] for _path, headers, _body in server.heard] == [server.url.split("/")[2]]
    assert [d.state for d in deliveries()] == ["delivered"]


@pytest.mark.committed
def test_a_worker_really_tells_and_tells_again(real_app):
    tenant = factories.association(real_app, "passerelle", "Passerelle", ["69"])
    with listening(500) as server:
        with unit_of_work(real_app, tenant.id), real_app.test_request_context("/"):
            partner = Partner(name="Lycée", scopes=[])
            db.session.add(partner)
            webhooks.set_webhook(partner, server.url)
            db.session.flush()
            webhooks.send(partner, "webhook.test", {})
        for _round in range(2):
            with real_app.app_context():
                run_worker(wait=False)
            with unit_of_work(real_app, None):
                db.session.execute(text("UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo'"))

    assert len(server.heard) == 2
    with unit_of_work(real_app, tenant.id):
        assert [(d.state, d.attempts) for d in db.session.scalars(select(Delivery))] == [("delivered", 2)]


def test_no_letter_waits_for_a_partner_s_server(hears, in_space, association):
    """It may say nothing for ten seconds, a hundred times in a row."""
    hears(CLOSED_PORT)
    with in_space(association):
        webhooks.send(db.session.scalars(select(Partner)).one(), "webhook.test", {})
        mail.deliver.defer(mail_id=uuid7())
        fetched = "SELECT task_name FROM procrastinate_jobs ORDER BY priority DESC, id"
        names = db.session.scalars(text(fetched)).all()

    assert names == ["mail.deliver", "partners.webhooks.deliver"]


NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
PUT_OFF = "Ce serveur venait de ne pas répondre à un autre envoi."


@pytest.fixture
def words(hears, in_space, association, partner_of):
    """Three words that wait: two to the server of one partner, the second as one says, and one to another partner's."""

    def make(what="lead.status_changed", lead_id=UUID(int=1)):
        hears("http://127.0.0.1:9/one")
        other, _key = partner_of(association, "Mission locale")
        with in_space(association):
            one = db.session.scalars(select(Partner).where(Partner.id != other.id)).one()
            other = db.session.merge(other)
            webhooks.set_webhook(other, "http://127.0.0.1:9/other")
            first, third = (webhooks.send(to, "lead.status_changed", {}, UUID(int=1)) for to in (one, other))
            return first, webhooks.send(one, what, {}, lead_id), third

    return make


@pytest.fixture
def asked(monkeypatch):
    """The servers that were asked, by their paths; `asked.silent` says which give no answer."""
    found = SimpleNamespace(paths=[], silent={"one"})

    def post(url, *_letter):
        found.paths.append(url.rpartition("/")[2])
        if found.paths[-1] in found.silent:
            raise webhooks.Refused("Pas de réponse.")
        return 204

    monkeypatch.setattr(webhooks, "post", post)
    return found


def test_of_a_server_that_says_nothing_other_words_wait_a_minute_and_other_partners_do_not(words, asked, again, deliveries):
    first, second, third = words()
    with time_machine.travel(NOON, tick=False):
        wants_more = [again(word) for word in (first, second, third)]
        told = {word.id: (word.state, word.attempts, word.error) for word in deliveries()}
    with time_machine.travel(NOON + timedelta(seconds=61), tick=False):
        again(second)

    assert wants_more == [True, True, False]
    assert [told[word.id] for word in (first, second, third)] == [
        ("waiting", 1, "Pas de réponse."), ("waiting", 1, PUT_OFF), ("delivered", 1, None),
    ]  # fmt: skip
    assert asked.paths == ["one", "other", "one"]


def test_once_a_server_answers_nothing_is_put_off(words, asked, again, deliveries):
    first, second, _third = words()
    with time_machine.travel(NOON, tick=False):
        again(first)
        asked.silent.clear()
        tries = [again(word) for word in (first, second)]

    assert tries == [False, False]
    assert sorted(word.state for word in deliveries()) == ["delivered", "delivered", "waiting"]


def test_a_test_is_made_at_once_and_put_off_like_the_others_afterwards(words, asked, again, deliveries):
    """Somebody reads the page to know how it went."""
    first, test, _third = words("webhook.test", None)
    with time_machine.travel(NOON, tick=False):
        for word in (first, test, test):
            again(word)

    assert asked.paths == ["one", "one"]
    assert [(word.attempts, word.error) for word in deliveries() if word.id == test.id] == [(2, PUT_OFF)]


def test_what_ends_by_being_put_off_stops_nobody(words, asked, again, deliveries, in_space, association, stored):
    """Sent again by hand, it had a 410 of another day."""
    first, second, _third = words()
    with in_space(association):
        db.session.merge(second).code = 410
    with time_machine.travel(NOON, tick=False):
        again(first)
        tries = [again(second) for _time in range(RETRIES.max_attempts)]

    assert (tries[-1], asked.paths) == (False, ["one"])
    assert [(word.state, word.code) for word in deliveries() if word.id == second.id] == [("failed", None)]
    assert [partner.webhook_stopped_at for partner in stored(association, Partner)] == [None, None]


def test_a_word_says_when(hears, in_space, association, deliveries):
    hears(CLOSED_PORT)
    with time_machine.travel("2026-11-02T10:00:00Z", tick=False), in_space(association):
        webhooks.send(db.session.scalars(select(Partner)).one(), "webhook.test", {})

    assert json.loads(deliveries()[0].body) == {"type": "webhook.test", "timestamp": "2026-11-02T10:00:00+00:00", "data": {}}
