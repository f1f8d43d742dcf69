"""Numbers without holes, when many certificates are issued at the same instant and when some fail."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select

from app.certificates.actions import issue_for_pair
from app.certificates.models import Certificate, CertificateCode, CertificateKind
from app.database import unit_of_work
from app.extensions import db
from app.pairs.models import Pair
from app.tenants.resolve import enter_tenant
from tests import factories

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
            enter_tenant(association)
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
