"""Numbers without holes: many certificates at the same instant, some that fail, workers side by side, a worker that is killed."""

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import create_engine, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.pool import NullPool

from app import create_app
from app.certificates import actions, awards, batches
from app.certificates.actions import issue_for_pair, next_numbers
from app.certificates.jobs import gather_files, make_share
from app.certificates.models import BatchItem, Certificate, CertificateBatch, CertificateCode, CertificateKind
from app.database import unit_of_work
from app.extensions import db
from app.mail import Mail
from app.pairs.models import Pair
from app.storage import load
from app.training.models import Course
from tests import factories, processes

from .situations import last_year

pytestmark = pytest.mark.committed


class Interrupted(RuntimeError):
    """What a machine that stops in the middle leaves."""


@pytest.fixture(autouse=True)
def jobs_of_this_app(real_app):
    """Nothing to set: the application of this test was made last."""


@pytest.fixture
def association(real_app):
    """An association on a database of its own."""
    factories.programme(real_app)
    return factories.association(real_app, "passerelle", "Passerelle", ["69"])


@pytest.fixture
def space(real_app, association):
    """Work in the association's space, stored at the end."""
    from contextlib import contextmanager

    @contextmanager
    def enter():
        with unit_of_work(real_app, association.id), real_app.test_request_context("/"):
            yield

    return enter


def make_pairs(association, count):
    pairs = [factories.pair(factories.mentor(association, trained=True), factories.mentee(association)) for _rank in range(count)]
    for pair in pairs:
        factories.meeting(pair, state="held")
    return [pair.id for pair in pairs]


def issue_all(space, association, pair_ids, failing=()):
    """Issue for every pair at the same instant; those named fail after their number was given."""
    barrier = Barrier(len(pair_ids))

    def issue(rank, pair_id):
        barrier.wait()
        try:
            with space():
                pair = db.session.get(Pair, (association.id, pair_id))
                issue_for_pair(CertificateKind.ENGAGEMENT, pair, by=pair.mentor.user_id)
                if rank in failing:
                    raise Interrupted
        except Interrupted:
            return "failed"
        return "issued"

    with ThreadPoolExecutor(len(pair_ids)) as pool:
        return list(pool.map(issue, range(len(pair_ids)), pair_ids))


def numbers(space):
    with space():
        return sorted(db.session.scalars(select(Certificate.number)))


def test_ten_at_once_get_ten_numbers(space, association):
    with space():
        pair_ids = make_pairs(association, 10)

    issue_all(space, association, pair_ids)

    assert numbers(space) == list(range(1, 11))
    with space():
        assert len(db.session.scalars(select(CertificateCode)).all()) == 10


def test_those_that_fail_in_the_middle_leave_no_hole(space, association):
    with space():
        pair_ids = make_pairs(association, 8)

    outcome = issue_all(space, association, pair_ids, failing={1, 4, 6})

    assert outcome.count("failed") == 3
    assert numbers(space) == [1, 2, 3, 4, 5]


def test_a_double_click_is_one_certificate(space, association):
    with space():
        (pair_id,) = make_pairs(association, 1)

    issue_all(space, association, [pair_id] * 4)

    assert numbers(space) == [1]


# Batches, with commits that are real.


@pytest.fixture
def batch(space, association, monkeypatch):
    """A batch of seven, in shares of two, that nobody has begun."""
    monkeypatch.setattr(batches, "SHARE", 2)
    with space():
        make_pairs(association, 7)
        everybody = awards.candidates(CertificateKind.ENGAGEMENT, months=0)
        return batches.start(CertificateKind.ENGAGEMENT, "Essai", everybody, {}, factories.user().id, False)


@pytest.fixture
def share(association, batch):
    """Make one share, as a worker does."""

    def make(_rank=0):
        make_share.run(tenant_id=str(association.id), batch_id=str(batch.id))

    return make


def fates(space):
    """The state of each item, and of the batch."""
    with space():
        items = db.session.scalars(select(BatchItem.state).order_by(BatchItem.position)).all()
        return items, db.session.scalars(select(CertificateBatch.state)).one()


def files_are_the_certificates(space, association):
    """Whether there is one file for each certificate, whose bytes are those that its row names."""
    with space():
        rows = db.session.scalars(select(Certificate)).all()
        same = all(hashlib.sha256(load(row.file_key)).hexdigest() == row.sha256 for row in rows)
        return same and len({row.file_key for row in rows}) == len(rows)


def at_once(*functions):
    """Call each in a thread of its own, all at the same instant."""
    barrier = Barrier(len(functions))

    def call(function):
        barrier.wait()
        return function()

    with ThreadPoolExecutor(len(functions)) as pool:
        return list(pool.map(call, functions))


@pytest.mark.parametrize("about", ["a pair", "a year"])
def test_two_clicks_at_the_same_instant_make_one_certificate_and_one_letter(real_app, space, association, about):
    with space():
        [pair_id], staff = make_pairs(association, 1), factories.staff(association, "coordinator")
        mentor_id, day = db.session.get_one(Pair, (association.id, pair_id)).mentor_id, factories.today()
    path = f"binomes/{pair_id}" if about == "a pair" else f"mentors/{mentor_id}"
    form = {"kind": "yearly", "first": (day - timedelta(days=60)).isoformat(), "last": day.isoformat()}

    def click():
        client = real_app.test_client().sign_in(staff.user_id)
        return client.post(f"/a/passerelle/{path}/attestation", data=form).status_code

    statuses = at_once(click, click, click)

    with space():
        letters = db.session.scalars(select(Mail.kind).where(Mail.kind == "certificate_issued")).all()
    assert (statuses, numbers(space), len(letters)) == ([303, 303, 303], [1], 1)


def test_a_worker_that_stood_still_and_wakes_rewrites_no_file(space, association):
    """Its session was ended meanwhile, and another made the same number: what it still writes is of nobody."""
    with space():
        [pair_id] = make_pairs(association, 1)
        award = awards.award(CertificateKind.ENGAGEMENT, pair_id)
        actions.issue(award, number=1)

    with pytest.raises(IntegrityError), space():
        actions.issue(awards.award(CertificateKind.ENGAGEMENT, pair_id), number=1)

    assert files_are_the_certificates(space, association)


def test_a_share_that_others_hold_is_looked_at_again(real_app, space, share, batch):
    """Whoever holds it may die with it: somebody comes back, once."""
    later = text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = :name AND scheduled_at > now() + interval '50 seconds'")
    with space():
        url = db.engine.url
    with create_engine(url, poolclass=NullPool).connect() as held:
        held.execute(text("SELECT set_config('app.tenant_id', :id, true)"), {"id": str(batch.tenant_id)})
        held.execute(select(BatchItem.id).with_for_update())
        share(), share()
        with space():
            waits = db.session.scalar(later, {"name": make_share.name})

    for _time in range(4):
        share()
    assert (waits, fates(space)) == (1, (["done"] * 7, "done"))


def test_workers_side_by_side_make_each_certificate_once(space, association, share):
    def work():
        for _time in range(4):
            share()

    at_once(work, work, work)

    assert numbers(space) == [1, 2, 3, 4, 5, 6, 7]
    assert fates(space) == (["done"] * 7, "done")
    assert files_are_the_certificates(space, association)
    with space():
        waiting = text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'certificates.gather_files'")
        assert db.session.scalar(waiting) == 1


@pytest.mark.parametrize("kind", ["engagement", "training", "hours"])
def test_the_same_batch_started_twice_makes_each_certificate_once(kind, space, association):
    with space():
        make_pairs(association, 4)
        course_id, by = db.session.scalars(select(Course.id)).one(), factories.user().id
        listed = awards.candidates(CertificateKind(kind), last_year(), course_id, months=0)
        criteria = {"from": last_year().first.isoformat(), "to": last_year().last.isoformat()}
        twins = [batches.start(CertificateKind(kind), "Essai", listed, criteria, by, False).id for _time in range(2)]

    at_once(*(lambda twin=twin: make_share.run(tenant_id=str(association.id), batch_id=str(twin)) for twin in twins))

    with space():
        states = db.session.scalars(select(BatchItem.state)).all()
        assert len({row.holder_id for row in db.session.scalars(select(Certificate))}) == len(numbers(space)) == 4
    assert (states.count("done"), states.count("failed")) == (4, 4)


def test_stopped_while_workers_make_some_no_number_is_lost(space, association, batch, share):
    def stop():
        with space():
            batches.cancel(batch.id)

    at_once(share, share, stop)
    share()

    items, state = fates(space)
    assert state == "cancelled"
    assert items.count("done") == len(numbers(space)) == 7 - items.count("cancelled")
    with space():
        given = [*db.session.scalars(select(Certificate.number)), *next_numbers(batch.year, 8 - items.count("done"))]
    assert sorted(given) == list(range(1, 9))
    assert files_are_the_certificates(space, association)


def test_those_issued_alone_meanwhile_take_other_numbers(space, association, batch, share):
    with space():
        alone = make_pairs(association, 3)

    at_once(lambda: issue_all(space, association, alone), share, share)
    for _time in range(4):
        share()

    assert numbers(space) == list(range(1, 11))
    assert files_are_the_certificates(space, association)


def test_a_share_that_breaks_is_made_again_whole(space, association, share, monkeypatch):
    def stop(_tenant_id, name, _content):
        raise Interrupted(name)

    share()
    with monkeypatch.context() as broken:
        broken.setattr(actions, "store_as", stop)
        with pytest.raises(Interrupted):
            share()
    assert numbers(space) == [1, 2]
    for _time in range(3):
        share()

    assert numbers(space) == [1, 2, 3, 4, 5, 6, 7]
    assert files_are_the_certificates(space, association)


def make_share_and_die(settings, tenant_id, batch_id, files):
    """A worker that the machine kills once it has written so many files, before anything of its share is stored."""
    create_app(settings)
    store_as, left = actions.store_as, files

    def store_and_die(*given):
        nonlocal left
        key = store_as(*given)
        left -= 1
        return key if left else os._exit(processes.KILLED)

    actions.store_as = store_and_die
    make_share.run(tenant_id=tenant_id, batch_id=batch_id)


def test_a_worker_that_is_killed_leaves_no_hole_and_no_double(real_app, space, association, batch, share):
    share()

    died = processes.start(make_share_and_die, real_app.config["BINOME"], str(association.id), str(batch.id), 3)
    died.join()

    assert died.exitcode == processes.KILLED
    assert numbers(space) == [1, 2]
    assert fates(space) == (["done"] * 2 + ["waiting"] * 5, "running")
    for _time in range(3):
        share()
    assert numbers(space) == [1, 2, 3, 4, 5, 6, 7]
    assert fates(space) == (["done"] * 7, "done")
    assert files_are_the_certificates(space, association)


def test_the_files_of_a_batch_are_gathered_twice_alike(space, association, batch, share):
    for _time in range(4):
        share()

    for _time in range(2):
        gather_files.run(tenant_id=str(association.id), batch_id=str(batch.id))

    with space():
        row = db.session.scalars(select(CertificateBatch)).one()
        assert load(row.zip_key).startswith(b"PK")
        assert load(row.print_key).startswith(b"%PDF")
