"""Mail: written with what wants it, sent by a job, tried again, never twice; the receipt is kept."""

import socket
from contextlib import ExitStack
from datetime import timedelta
from smtplib import SMTPServerDisconnected

import pytest
from sqlalchemy import select, text

from app import extensions
from app.database import now, unit_of_work
from app.extensions import db
from app.jobs import TryAgain, run_worker
from app.mail import Letter, Mail, absolute, deliver, deliver_waiting, refusals, send, take_back
from tests import factories
from tests.conftest import borrowed
from tests.partners.listening import own_certificate

from .post_office import post_office

pytestmark = pytest.mark.waits


def write(to="ines@example.org", subject="Une demande attend votre réponse"):
    """A letter to somebody of the team."""
    return send(Letter("file_withdrawn", subject), to, person=factories.Mentee(first_name="Inès", last_name="Benali"), tenant=None)


@pytest.fixture
def site(lasting_app, fresh_database, tmp_path):
    """An application whose mail really leaves for a port; its commits are real."""
    with ExitStack() as borrowings:

        def build(port=9, **changes):
            site = borrowings.enter_context(borrowed(lasting_app, tmp_path, mail_port=port, **changes))
            site.extensions["mail"].suppress = False
            return site

        yield build


@pytest.fixture
def space_of():
    """A block in an association's space of a site, stored at its end."""
    from contextlib import contextmanager

    @contextmanager
    def enter(site, tenant):
        with unit_of_work(site, tenant.id), site.test_request_context("/"):
            yield

    return enter


def mails(site, tenant):
    with unit_of_work(site, tenant.id):
        return list(db.session.scalars(select(Mail).order_by(Mail.created_at)))


def hurry(site):
    """What waits for its next try may be tried now."""
    with unit_of_work(site, None):
        db.session.execute(text("UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo'"))


def work(site):
    with site.app_context():
        run_worker(wait=False)


def test_a_letter_is_a_row_and_a_job(in_space, association, run_jobs):
    with in_space(association):
        mail = write()

    assert (mail.state, mail.attempts, mail.sent_at) == ("waiting", 0, None)
    assert "Inès" in mail.text
    assert "<html" in mail.html
    assert run_jobs() == ["mail.deliver"]


def test_the_receipt_is_kept_and_the_words_are_forgotten(app, in_space, association, run_jobs):
    with in_space(association):
        mail = write()
    run_jobs()

    with in_space(association):
        kept = db.session.get(Mail, (association.id, mail.id))
        assert (kept.state, kept.attempts, kept.message_id) == ("sent", 1, mail.message_id)
        assert kept.sent_at is not None
        assert (kept.text, kept.html) == (None, None)


@pytest.mark.parametrize(
    "typed", ["Bonjour\r\nBcc: victime@example.org", "Bonjour\nBcc: victime@example.org", "Bonjour\tBcc: victime@example.org"]
)
def test_a_subject_cannot_add_a_header(typed, in_space, association):
    with in_space(association):
        mail = write(subject=typed)

    assert mail.subject == "Bonjour Bcc: victime@example.org"


def test_a_link_names_this_site_whatever_host_was_asked(app, association):
    with app.test_request_context("/", base_url="http://evil.example"):
        assert absolute("followup.home", slug="passerelle") == "http://localhost/a/passerelle/"
        assert absolute("followup.home", slug="passerelle", _anchor="notes") == "http://localhost/a/passerelle/#notes"
        assert absolute("followup.home", slug="passerelle", _anchor=None) == "http://localhost/a/passerelle/"


@pytest.mark.committed
def test_a_worker_really_delivers(site, space_of):
    with post_office() as office:
        app = site(office.port)
        factories.programme(app)
        tenant = factories.association(app, "passerelle", "Passerelle", ["69"])
        with space_of(app, tenant):
            mail = write()

        work(app)

    (letter,) = office.letters
    assert letter["Subject"] == "Une demande attend votre réponse"
    assert (letter["To"], letter["Message-ID"]) == ("ines@example.org", mail.message_id)
    assert (letter["From"], letter["Reply-To"]) == ("Binôme <ne-pas-repondre@binome.example.org>", "bonjour@passerelle.example.org")
    assert {part.get_content_type() for part in letter.walk()} >= {"text/plain", "text/html"}
    assert [(m.state, m.text) for m in mails(app, tenant)] == [("sent", None)]


@pytest.mark.committed
def test_a_server_that_refuses_is_tried_again_under_the_same_identity(site, space_of):
    with post_office(refusals=1) as office:
        app = site(office.port)
        factories.programme(app)
        tenant = factories.association(app, "passerelle", "Passerelle", ["69"])
        with space_of(app, tenant):
            mail = write()
        work(app)
        assert office.letters == []
        assert [(m.state, m.text is None) for m in mails(app, tenant)] == [("waiting", False)]

        hurry(app)
        work(app)

    assert [letter["Message-ID"] for letter in office.letters] == [mail.message_id]
    assert mails(app, tenant)[0].state == "sent"


@pytest.mark.committed
def test_nobody_who_takes_a_letter_back_waits_for_a_mail_server(site, space_of, monkeypatch):
    app = site()
    factories.programme(app)
    tenant = factories.association(app, "passerelle", "Passerelle", ["69"])
    with space_of(app, tenant):
        mail = write()

    def slowly(_message):
        with space_of(app, tenant):
            db.session.execute(text("SET LOCAL lock_timeout = '2s'"))
            take_back(mail.text.split()[0], mail.to_address)

    monkeypatch.setattr(extensions.mailer, "send", slowly)
    deliver.run(tenant_id=str(tenant.id), mail_id=str(mail.id))

    assert [(row.state, row.last_error, row.valid_until) for row in mails(app, tenant)] == [("sent", None, None)]


@pytest.mark.committed
def test_delivering_twice_sends_once(site, space_of):
    with post_office() as office:
        app = site(office.port)
        factories.programme(app)
        tenant = factories.association(app, "passerelle", "Passerelle", ["69"])
        with space_of(app, tenant):
            mail = write()

        for _time in range(2):
            deliver.run(tenant_id=str(tenant.id), mail_id=str(mail.id))

    assert len(office.letters) == 1


@pytest.mark.committed
@pytest.mark.parametrize(("code", "receipt"), [(None, ("sent", None)), (550, ("refused", "SMTPRecipientsRefused"))])
def test_a_server_that_hangs_up_without_a_goodbye_has_said_what_it_made_of_the_letter(code, receipt, site, space_of):
    with post_office(refused={"ines@example.org": code}, goodbye=False) as office:
        app = site(office.port)
        tenant = factories.association(app, "passerelle", "Passerelle", ["69"])
        with space_of(app, tenant):
            write()

        work(app)

    assert [(m.state, m.last_error) for m in mails(app, tenant)] == [receipt]
    assert len(office.letters) == (code is None)


@pytest.mark.committed
def test_a_server_may_take_its_time_over_a_letter(site, space_of, monkeypatch):
    """Given up while it reads, it would keep the letter and be sent it again."""
    monkeypatch.setattr(extensions, "SILENCE", 1)
    with post_office(pause=1.5) as office:
        app = site(office.port)
        tenant = factories.association(app, "passerelle", "Passerelle", ["69"])
        with space_of(app, tenant):
            write()

        work(app)

    assert [m.state for m in mails(app, tenant)] == ["sent"]


@pytest.mark.committed
@pytest.mark.parametrize("vouched_for", [False, True])
def test_a_server_that_nobody_vouches_for_is_given_neither_a_letter_nor_a_password(
    vouched_for, site, space_of, monkeypatch, tmp_path
):
    context, trusted = own_certificate(tmp_path)
    if vouched_for:
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    with post_office(tls=context) as office:
        app = site(office.port, mail_server="localhost", mail_use_tls=True)
        tenant = factories.association(app, "passerelle", "Passerelle", ["69"])
        with space_of(app, tenant):
            write()

        work(app)

    assert len(office.letters) == vouched_for
    assert [m.last_error for m in mails(app, tenant)] == [None if vouched_for else "SSLCertVerificationError"]


@pytest.mark.committed
def test_an_address_with_a_line_break_never_leaves(site, space_of):
    with post_office() as office:
        app = site(office.port)
        factories.programme(app)
        tenant = factories.association(app, "passerelle", "Passerelle", ["69"])
        with space_of(app, tenant):
            mail = write(to="ines@example.org\r\nBcc: victime@example.org")

        deliver.run(tenant_id=str(tenant.id), mail_id=str(mail.id))
        with space_of(app, tenant):
            receipt = db.session.get_one(Mail, (tenant.id, mail.id))

    assert office.letters == []
    assert (receipt.state, receipt.last_error) == ("refused", "BadHeaderError")


@pytest.mark.committed
def test_the_demonstration_keeps_the_words(site, space_of):
    app = site(demo=True)
    app.extensions["mail"].suppress = True
    factories.programme(app)
    tenant = factories.association(app, "passerelle", "Passerelle", ["69"])
    with space_of(app, tenant):
        write()

    work(app)

    assert [(m.state, "Inès" in m.text) for m in mails(app, tenant)] == [("sent", True)]


def test_a_letter_that_is_gone_is_no_error(in_space, association):
    from app.database import uuid7

    deliver.run(tenant_id=str(association.id), mail_id=str(uuid7()))


@pytest.mark.committed
@pytest.mark.parametrize("deliver_it", [deliver_waiting.run, deliver.run], ids=["with all that waits", "alone"])
def test_a_server_that_says_nothing_holds_nobody(deliver_it, site, space_of, monkeypatch):
    """It accepts, and stays silent: the other jobs of the worker would wait with it."""
    monkeypatch.setattr(extensions, "SILENCE", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        here = site(silent.getsockname()[1])
        tenant = factories.association(here, "passerelle", "Passerelle", ["69"])
        with space_of(here, tenant):
            mail = write()
        ids = {"tenant_id": str(tenant.id)} | ({"mail_id": str(mail.id)} if deliver_it == deliver.run else {})
        with here.app_context(), pytest.raises((SMTPServerDisconnected, TryAgain)):
            deliver_it(**ids)

    with space_of(here, tenant):
        assert db.session.scalars(select(Mail.state)).one() == "waiting"


@pytest.mark.parametrize(
    ("state", "error", "days", "later", "is_said"),
    [("refused", "SMTPRecipientsRefused", 1, None, True), ("refused", "SMTPDataError", 89, None, True),
     ("refused", "SMTPDataError", 91, None, False), ("refused", "Late", 1, None, False), ("sent", None, 1, None, False),
     ("refused", "ConnectionRefusedError", 1, None, False), ("refused", "SMTPAuthenticationError", 1, None, False),
     ("refused", "SMTPDataError", 2, "sent", False), ("refused", "SMTPDataError", 2, "waiting", True)],
)  # fmt: skip
def test_an_address_that_refuses_is_known_until_something_went(state, error, days, later, is_said, in_space, association):
    with in_space(association):
        for rank, (one, age) in enumerate([(state, days), *([(later, 0)] if later else [])]):
            row = Mail(kind="x", subject="x", to_address="ines@example.org", message_id=f"<{rank}>", state=one, last_error=error)
            row.created_at = now() - timedelta(days=age)
            db.session.add(row)
        db.session.flush()

        assert set(refusals(["ines@example.org", None])) == ({"ines@example.org"} if is_said else set())
