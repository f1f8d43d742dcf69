"""Many messages at once: one job, one connection, a receipt for each; what is refused, late, hung up on or killed in the middle."""

from contextlib import ExitStack, contextmanager
from datetime import timedelta
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPServerDisconnected
from types import SimpleNamespace

import pytest
from flask_mail import BadHeaderError
from sqlalchemy import select, text

from app import extensions, mail
from app.database import now, unit_of_work
from app.extensions import db
from app.jobs import TryAgain, run_worker
from app.mail import Letter, Mail, compose, deliver, deliver_waiting, give_up, is_final, post
from tests import factories
from tests.conftest import borrowed

from .post_office import post_office

pytestmark = pytest.mark.waits


class Killed(BaseException):
    """The process ends here."""


def messages(*addresses, **changes):
    """Messages that are not stored yet."""
    person = factories.Mentee(first_name="Inès", last_name="Benali")
    found = [compose(Letter("file_withdrawn", f"Lettre {a}"), a, person=person, tenant=None) for a in addresses]
    for one in found:
        for name, value in changes.items():
            setattr(one, name, value)
    return found


def names(count):
    return [f"p{rank}@example.org" for rank in range(count)]


@pytest.fixture
def site(lasting_app, fresh_database, tmp_path):
    """An association whose mail really leaves for a post office that is open; its commits are real."""

    with ExitStack() as borrowings:

        @contextmanager
        def build(**changes):
            with post_office(**changes) as office:
                app = borrowings.enter_context(borrowed(lasting_app, tmp_path, mail_port=office.port))
                app.extensions["mail"].suppress = False
                factories.programme(app)
                yield SimpleNamespace(app=app, office=office, tenant=factories.association(app, "passerelle", "Passerelle", ["69"]))

        yield build


def posted(site, *addresses, **changes):
    """Post messages to these addresses."""
    with unit_of_work(site.app, site.tenant.id), site.app.test_request_context("/"):
        post(messages(*addresses, **changes))


def work(site, rounds=1):
    """Run a worker, and again as if the time until the next try had passed."""
    for _round in range(rounds):
        with site.app.app_context():
            run_worker(wait=False)
        with unit_of_work(site.app, None):
            db.session.execute(text("UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo'"))


def receipts(site):
    """The state, tries and error of each message, by address."""
    with unit_of_work(site.app, site.tenant.id):
        return {m.to_address: (m.state, m.attempts, m.last_error) for m in db.session.scalars(select(Mail))}


def delivered(site):
    return sorted(letter["To"] for letter in site.office.letters)


def jobs(site, state="todo"):
    with unit_of_work(site.app, None):
        rows = text("SELECT task_name FROM procrastinate_jobs WHERE status = :state AND task_name LIKE 'mail.%'")
        return list(db.session.scalars(rows, {"state": state}))


def test_many_are_stored_with_one_job(in_space, association, rolled_back):
    with in_space(association):
        post(messages(*names(20)))
        post(messages("autre@example.org"))
        post([])

        assert db.session.query(Mail).count() == 21
    assert rolled_back.execute(text("SELECT task_name FROM procrastinate_jobs")).all() == [("mail.deliver_waiting",)]


def test_nothing_to_post_is_no_job(in_space, association, rolled_back):
    with in_space(association):
        post([])

    assert rolled_back.execute(text("SELECT count(*) FROM procrastinate_jobs")).scalar() == 0


@pytest.mark.committed
def test_each_is_delivered_once_with_its_receipt_and_its_words_are_forgotten(site):
    with site() as here:
        posted(here, *names(12))

        work(here, rounds=2)

        assert delivered(here) == sorted(names(12))
    assert set(receipts(here).values()) == {("sent", 1, None)}
    with unit_of_work(here.app, here.tenant.id):
        assert {(m.text, m.html, m.sent_at is None) for m in db.session.scalars(select(Mail))} == {(None, None, False)}


REFUSED = [
    (550, ("refused", 1, "SMTPRecipientsRefused")),
    (500, ("refused", 1, "SMTPRecipientsRefused")),
    (451, ("waiting", 1, "SMTPRecipientsRefused")),
]


@pytest.mark.committed
@pytest.mark.parametrize(("code", "receipt"), REFUSED)
def test_an_address_that_is_refused_is_noted_and_the_others_are_delivered(code, receipt, site):
    with site(refused={"p1@example.org": code}) as here:
        posted(here, *names(4))
        with here.app.app_context():
            deliver_waiting.run(tenant_id=str(here.tenant.id))

        assert delivered(here) == ["p0@example.org", "p2@example.org", "p3@example.org"]
    assert receipts(here)["p1@example.org"] == receipt
    assert ("mail.deliver" in jobs(here)) is (code < 500)


@pytest.mark.committed
def test_what_was_refused_for_a_while_is_delivered_later_under_the_same_identity(site):
    with site(refused={"p1@example.org": 451}) as here:
        posted(here, *names(3))
        with unit_of_work(here.app, here.tenant.id):
            identities = set(db.session.scalars(select(Mail.message_id)))
        work(here)
        here.office.refused.clear()
        work(here, rounds=2)

        assert delivered(here) == names(3)
        assert {letter["Message-ID"] for letter in here.office.letters} == identities
    assert receipts(here)["p1@example.org"][0] == "sent"


@pytest.mark.committed
@pytest.mark.parametrize("bad", ["a@example.org\r\nBcc: b@example.org", "a@" + "é" * 80 + ".org"])
def test_one_that_can_never_be_sent_does_not_keep_the_others(bad, site):
    with site() as here:
        posted(here, bad)
        posted(here, *names(3))

        work(here, rounds=2)

        assert delivered(here) == names(3)
    assert receipts(here)[bad][0] == "refused"


@pytest.mark.committed
def test_when_the_server_hangs_up_the_rest_goes_over_another_connection(site):
    with site(hang_ups=[2, 5]) as here:
        posted(here, *names(8))

        work(here, rounds=4)

        assert delivered(here) == names(8)
    assert {state for state, _tries, _error in receipts(here).values()} == {"sent"}


@pytest.mark.committed
def test_when_the_server_says_nothing_the_rest_is_put_off(site, monkeypatch):
    """Each of them would wait as long, and the next association's with them."""
    monkeypatch.setattr(extensions, "DIGESTION", 0.2)
    with site(pause=1) as here:
        posted(here, *names(4))
        with here.app.app_context(), pytest.raises(TryAgain):
            deliver_waiting.run(tenant_id=str(here.tenant.id))

    assert sorted(tries for _state, tries, _error in receipts(here).values()) == [0, 0, 0, 1]
    assert "mail.deliver" in jobs(here)


@pytest.mark.committed
def test_letters_leave_when_nothing_else_is_to_be_done(site):
    with site() as here:
        posted(here, *names(1))
        with unit_of_work(here.app, here.tenant.id):
            deliver.defer(mail_id=db.session.scalars(select(Mail.id)).one())
            give_up.defer()

        fetched = "SELECT task_name FROM procrastinate_jobs ORDER BY priority DESC, id"
        with unit_of_work(here.app, None):
            assert db.session.scalars(text(fetched)).first() == "mail.give_up"


@pytest.mark.committed
def test_when_the_server_is_closed_nothing_is_lost(site):
    with site() as here:
        posted(here, *names(3))
        port, here.app.extensions["mail"].port = here.app.extensions["mail"].port, 9
        work(here)
        assert set(receipts(here).values()) == {("waiting", 0, None)}

        here.app.extensions["mail"].port = port
        work(here, rounds=2)

        assert delivered(here) == names(3)


@pytest.mark.committed
def test_what_a_long_outage_left_behind_is_taken_up_for_a_week(site):
    with site() as here:
        posted(here, "hier@example.org", "ce-mois@example.org")
        with unit_of_work(here.app, here.tenant.id):
            db.session.execute(text("DELETE FROM procrastinate_jobs"))
            db.session.execute(text("UPDATE mails SET attempts = 9"))
            db.session.execute(text("UPDATE mails SET created_at = now() - interval '8 days' WHERE to_address LIKE 'ce-mois%'"))
            for one in db.session.scalars(select(Mail)):
                deliver.defer(mail_id=one.id)
            db.session.execute(text("UPDATE procrastinate_jobs SET status = 'failed', attempts = 8"))

        give_up.run(tenant_id=str(here.tenant.id))
        with unit_of_work(here.app, None):
            db.session.execute(
                text("INSERT INTO procrastinate_jobs (task_name, queue_name, args)"
                     " VALUES ('jobs.hourly', 'default', '{\"timestamp\": 0}')")
            )  # fmt: skip
        work(here, rounds=3)

        assert delivered(here) == ["hier@example.org"]
    assert {address: state for address, (state, *_rest) in receipts(here).items()} == {
        "hier@example.org": "sent", "ce-mois@example.org": "refused",
    }  # fmt: skip


@pytest.mark.committed
def test_one_that_comes_too_late_is_not_sent(site):
    with site() as here:
        posted(here, "tard@example.org", valid_until=now() - timedelta(seconds=1))
        posted(here, "temps@example.org", valid_until=now() + timedelta(hours=1))

        work(here)

        assert delivered(here) == ["temps@example.org"]
    assert receipts(here)["tard@example.org"] == ("refused", 1, "Late")


@pytest.mark.committed
@pytest.mark.parametrize("before", [True, False], ids=["before the server has it", "after the server has it"])
def test_killed_in_the_middle_the_rest_waits_and_is_sent_once(before, site, monkeypatch):
    """Between the server's answer and the receipt is the one instant when a letter goes twice, under the same identity."""
    real, sent = mail.hand_over, []

    def dies(one, sending):
        sent.append(one.to_address)
        if len(sent) == 4:
            if not before:
                real(one, sending)
            raise Killed
        real(one, sending)

    with site() as here:
        posted(here, *names(8))
        monkeypatch.setattr(mail, "hand_over", dies)
        with here.app.app_context(), pytest.raises(Killed):
            deliver_waiting.run(tenant_id=str(here.tenant.id))
        assert sorted(receipt[0] for receipt in receipts(here).values()) == ["sent"] * 3 + ["waiting"] * 5

        monkeypatch.setattr(mail, "hand_over", real)
        work(here, rounds=2)

        assert delivered(here) == sorted(names(8) + ([] if before else [sent[3]]))
        assert len({letter["Message-ID"] for letter in here.office.letters}) == 8
    assert {state for state, _tries, _error in receipts(here).values()} == {"sent"}


@pytest.mark.committed
def test_another_associations_messages_wait_for_their_own_job(site):
    with site() as here:
        other = factories.association(here.app, "ailleurs", "Ailleurs", ["59"])
        posted(here, *names(2))

        with here.app.app_context():
            deliver_waiting.run(tenant_id=str(other.id))
        assert delivered(here) == []

        work(here)
        assert delivered(here) == names(2)


@pytest.mark.committed
def test_an_invitation_leaves_as_a_calendar_that_mail_programs_know(site):
    calendar = "BEGIN:VCALENDAR\r\nMETHOD:{}\r\nSUMMARY:Mentorat avec Inès\r\nEND:VCALENDAR\r\n"
    with site() as here:
        for method in ("REQUEST", "CANCEL"):
            posted(here, f"{method.lower()}@example.org", calendar=calendar.format(method))
        work(here)

        for letter in here.office.letters:
            method = letter["To"].partition("@")[0].upper()
            (part,) = [part for part in letter.walk() if part.get_content_type() == "text/calendar"]
            assert (part.get_param("method"), part.get_content_charset()) == (method, "utf-8")
            assert part.get_payload(decode=True).decode() == calendar.format(method)
        assert len(here.office.letters) == 2


FINAL = [
    (SMTPRecipientsRefused({"a": (550, b"")}), True), (SMTPRecipientsRefused({"a": (450, b"")}), False),
    (SMTPRecipientsRefused({"a": (550, b""), "b": (450, b"")}), False), (SMTPDataError(554, b""), True),
    (SMTPDataError(451, b""), False), (SMTPServerDisconnected(), False), (ConnectionRefusedError(), False), (TimeoutError(), False),
    (BadHeaderError(), True), (UnicodeError(), True),
]  # fmt: skip


@pytest.mark.no_database
@pytest.mark.parametrize(("error", "final"), FINAL)
def test_what_is_final_and_what_is_tried_again(error, final):
    assert is_final(error) is final
