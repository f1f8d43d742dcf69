"""The worker killed at any instant while reminders leave: each leaves once, and says so. `KILLS=20 MEETINGS=200` proves more."""

import os
import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta
from threading import Barrier
from time import monotonic, sleep

import pytest
from sqlalchemy import func, select, text

from app.database import unit_of_work
from app.extensions import db
from app.mail import Mail, deliver_waiting
from app.meetings import reminders
from app.meetings.jobs import remind
from app.meetings.notice_models import Notice
from app.people.models import Mentee
from tests import factories, processes
from tests.conftest import borrowed
from tests.core.post_office import post_office

from .situations import DAY, HOUR, PARIS, a_meeting, at, since_long

KILLS, MEETINGS = int(os.environ.get("KILLS", "2")), int(os.environ.get("MEETINGS", "20"))
NOON = datetime.combine(factories.today() + DAY, time(12), tzinfo=PARIS).astimezone(UTC)  # tomorrow: the worker lives today
REMINDER = Mail.kind.in_([f"reminder_{kind}" for kind in reminders.WORDS])
LONGEST = 120  # seconds for the last worker, which is not killed
pytestmark = [pytest.mark.committed, pytest.mark.waits]


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture
def office():
    """A mail server that takes its time."""
    with post_office(pause=0.01) as one:
        yield one


@pytest.fixture
def site(lasting_app, fresh_database, tmp_path, office):
    """An application whose mail leaves for the post office."""
    with borrowed(lasting_app, tmp_path, mail_port=office.port) as app:
        factories.programme(app)
        yield app


@pytest.fixture
def tenant(site):
    """An association whose meetings of the afternoon are to be reminded of at noon."""
    tenant = factories.association(site, "passerelle", "Passerelle", ["69"])
    with unit_of_work(site, tenant.id), site.test_request_context("/"):
        for rank in range(MEETINGS):
            pair = factories.pair(factories.mentor(tenant, trained=True), factories.mentee(tenant))
            since_long(pair)
            a_meeting(pair, starts_at=NOON + 2 * HOUR - timedelta(minutes=rank % 60))
    return tenant


@pytest.fixture
def worker(server, fresh_database, tmp_path, office):
    """Start a worker process on this database; all are ended."""
    with processes.workers(server, fresh_database, tmp_path, office.port) as start:
        yield start


def remind_at(site, tenant, moment=NOON):
    """What is done every ten minutes, at a moment."""
    with at(moment), site.app_context():
        remind.run(tenant_id=str(tenant.id))


def counted(site, tenant):
    """How many reminders were noted, and how many of their letters are in each state.

    A worker does at the hour what is due at the hour: whatever else it notes does not count.
    """
    with unit_of_work(site, tenant.id):
        noted = select(func.count()).select_from(Notice).where(Notice.kind.in_(reminders.WORDS))
        states = db.session.execute(select(Mail.state, func.count()).where(REMINDER).group_by(Mail.state))
        return db.session.scalar(noted), {state: count for state, count in states}


def identities(site, tenant):
    """What the reminders' letters are known by."""
    with unit_of_work(site, tenant.id):
        return set(db.session.scalars(select(Mail.message_id).where(REMINDER)))


def until(condition, seconds=LONGEST):
    """Wait for something, not for ever."""
    deadline = monotonic() + seconds
    while not condition() and monotonic() < deadline:
        sleep(0.05)
    assert condition()


def an_hour_passes(site):
    """What the killed worker was doing is taken up again once nobody has heard of it for a while."""
    with site.app_context(), db.engine.begin() as connection:
        connection.execute(text("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'"))
        connection.execute(text("UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo'"))


def test_the_worker_is_killed_again_and_again_and_each_letter_leaves(site, tenant, worker, office):
    """A kill between the server's answer and the receipt makes a letter leave twice, under one identity.

    A worker does two things at a time: two letters a kill at most.
    """
    remind_at(site, tenant)
    assert counted(site, tenant) == (2 * MEETINGS, {"waiting": 2 * MEETINGS})
    chance = random.Random(20261126)  # noqa: S311  (instants, the same each time)
    for _kill in range(KILLS):
        floor, process = len(office.letters) + chance.randrange(4), worker()
        until(lambda floor=floor: len(office.letters) > floor or not counted(site, tenant)[1].get("waiting"))
        process.kill()
        process.join()
        an_hour_passes(site)

    worker()
    until(lambda: not counted(site, tenant)[1].get("waiting"))

    assert counted(site, tenant) == (2 * MEETINGS, {"sent": 2 * MEETINGS})
    wanted = identities(site, tenant)
    times = Counter(letter["Message-ID"] for letter in office.letters if letter["Message-ID"] in wanted)
    assert len(times) == 2 * MEETINGS
    assert sum(times.values()) - len(times) <= 2 * KILLS


@pytest.mark.parametrize("where", ["letter", "post"])
def test_killed_while_writing_nothing_is_noted_and_the_next_time_all_is_written(where, site, tenant, monkeypatch):
    real, calls = getattr(reminders, where), []

    def dies(*arguments):
        calls.append(arguments)
        if len(calls) == (5 if where == "letter" else 1):
            raise Killed
        return real(*arguments)

    monkeypatch.setattr(reminders, where, dies)
    with pytest.raises(Killed):
        remind_at(site, tenant)
    assert counted(site, tenant) == (0, {})

    monkeypatch.setattr(reminders, where, real)
    for _time in range(2):
        remind_at(site, tenant)

    assert counted(site, tenant) == (2 * MEETINGS, {"waiting": 2 * MEETINGS})


def test_two_workers_at_the_same_instant_write_each_once(site, tenant):
    barrier = Barrier(3)

    def run():
        with site.app_context():
            barrier.wait(timeout=30)
            remind.run(tenant_id=str(tenant.id))

    with at(NOON), ThreadPoolExecutor(3) as pool:
        for future in [pool.submit(run) for _time in range(3)]:
            future.result(timeout=60)

    assert counted(site, tenant) == (2 * MEETINGS, {"waiting": 2 * MEETINGS})


def test_an_address_that_refuses_is_noted_on_the_receipt(site, tenant, office):
    site.extensions["mail"].suppress = False
    with unit_of_work(site, tenant.id):
        refused = db.session.scalars(select(Mentee.email).order_by(Mentee.email).limit(1)).one()
    office.refused[refused] = 550
    remind_at(site, tenant)

    with at(NOON), site.app_context():
        deliver_waiting.run(tenant_id=str(tenant.id))

    assert counted(site, tenant) == (2 * MEETINGS, {"sent": 2 * MEETINGS - 1, "refused": 1})
    with unit_of_work(site, tenant.id):
        mail = db.session.scalars(select(Mail).where(Mail.state == "refused")).one()
        notice = db.session.scalars(select(Notice).where(Notice.mail_id == mail.id)).one()
        assert (mail.to_address, mail.last_error, notice.side) == (refused, "SMTPRecipientsRefused", "mentee")


def test_a_reminder_that_waited_until_the_meeting_began_is_not_sent(site, tenant, office):
    site.extensions["mail"].suppress = False
    remind_at(site, tenant)

    with at(NOON + 3 * HOUR), site.app_context():
        deliver_waiting.run(tenant_id=str(tenant.id))

    assert office.letters == []
    assert counted(site, tenant)[1] == {"refused": 2 * MEETINGS}
