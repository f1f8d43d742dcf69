"""What two do at the same instant is done once, and nothing is lost, on a database where commits are real."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select

from app.accounts.links import mark_of, record_token
from app.database import now, unit_of_work
from app.extensions import db
from app.followup import digest, rules, threads, waits
from app.followup.models import Call, Contact, Digest
from app.followup.portfolio import CannotHandOver, given_by, going, hand_portfolio
from app.followup.thread_models import Message, Thread
from app.mail import Mail
from app.pairs.models import Pair, PairEvent
from app.people.models import Mentee
from app.tenants.models import Staff
from app.web import today
from tests import factories
from tests.meetings.test_same_instant import together

from .situations import SPACE, pair_path

pytestmark = pytest.mark.committed


@pytest.fixture
def site(real_app):
    """An association with two pairs that its coordinator follows, and an admin."""
    factories.programme(real_app)
    tenant = factories.association(real_app, "passerelle", "Passerelle", ["69"])
    with unit_of_work(real_app, tenant.id), real_app.test_request_context("/"):
        admin, coordinator = factories.staff(tenant, "admin"), factories.staff(tenant)
        mentor, mentee = factories.mentor(tenant, trained=True), factories.mentee(tenant)
        pair = factories.pair(mentor, mentee, coordinator)
        factories.pair(factories.mentor(tenant, trained=True), factories.mentee(tenant), coordinator)
    return SimpleNamespace(
        app=real_app, tenant=tenant, admin=admin, coordinator=coordinator, mentor=mentor, mentee=mentee, pair=pair
    )


@pytest.fixture
def inside(site):
    """Do something in the association's space, in a transaction of its own."""

    def run(act):
        with unit_of_work(site.app, site.tenant.id), site.app.test_request_context("/"):
            return act()

    return run


@pytest.fixture
def count(inside):
    """How many rows there are."""
    return lambda model, *where: inside(lambda: db.session.scalar(select(func.count()).select_from(model).where(*where)))


def sends(site, who, where, *forms):
    """The same page sent by one person from as many telephones; what each is answered."""
    clients = [(site.app.test_client().sign_in(who.user_id), form) for form in forms]
    return [lambda client=client, form=form: client.post(where, data=form).status_code for client, form in clients]


def test_the_same_first_message_three_times_at_once_is_one(site, count):
    where = f"{SPACE}/mes-messages/{site.pair.id}"

    answers = together(*sends(site, site.mentor, where, *[{"body": "Bonjour", "once": "a"}] * 3))

    assert answers == [303, 303, 303]
    assert (count(Thread), count(Message), count(Mail, Mail.kind == "message")) == (1, 1, 1)


def test_the_same_call_for_help_three_times_at_once_is_one(site, count):
    answers = together(*sends(site, site.mentee, f"{SPACE}/aide/{site.pair.id}", *[{"body": "Au secours", "once": "a"}] * 3))

    assert answers == [303, 303, 303]
    assert (count(Message), count(Mail, Mail.kind == "help")) == (1, 1)
    assert count(Call, Call.kind == "help", Call.ended_at.is_(None)) == 1


def test_both_write_at_once_and_nothing_is_lost(site, count):
    answers = together(
        *sends(site, site.mentor, f"{SPACE}/mes-messages/{site.pair.id}", *[{"body": f"{n}", "once": f"{n}"} for n in range(3)]),
        *sends(site, site.mentee, f"{SPACE}/aide/{site.pair.id}", {"body": "Au secours", "once": "a"}),
    )

    assert answers == [303] * 4
    assert (count(Thread), count(Message)) == (2, 4)
    assert count(Thread, Thread.waiting_since.isnot(None)) == 2


def test_an_answer_and_a_new_message_at_once_leave_the_message_waiting(site, count, inside):
    where = pair_path(site.pair, "/messages/mentor")
    mine = f"{SPACE}/mes-messages/{site.pair.id}"
    together(*sends(site, site.mentor, mine, {"body": "Un", "once": "un"}))
    seen = site.app.test_client().sign_in(site.admin.user_id).page(where).value("seen")

    together(
        *sends(site, site.admin, where, {"body": "Réponse", "once": "r", "seen": seen}),
        *sends(site, site.mentor, mine, {"body": "Deux", "once": "deux"}),
    )

    assert (count(Message), count(Thread, Thread.waiting_since.isnot(None))) == (3, 1)


def test_the_same_contact_three_times_at_once_is_one(site, count):
    form = {"how": "phone", "day": factories.today().isoformat(), "length": "10", "once": "a"}

    answers = together(*sends(site, site.admin, pair_path(site.pair, "/echanges/nouveau?qui=mentor"), *[form] * 3))

    assert answers == [303, 303, 303]
    assert count(Contact) == 1


def test_two_workers_tell_of_a_call_for_help_once(site, inside, count):
    together(*sends(site, site.mentee, f"{SPACE}/aide/{site.pair.id}", {"body": "Au secours", "once": "a"}))

    told = together(*[lambda: inside(lambda: threads.escalate(now() + timedelta(hours=25)))] * 3)

    assert sum(told) == 1
    assert count(Mail, Mail.kind == "help") == 2  # the coordinator at once, then the admin


def test_two_workers_write_the_weeks_letter_once(site, inside, count):
    inside(rules.refresh)

    written = together(*[lambda: inside(lambda: digest.send_digests(today()))] * 3)

    assert sum(written) == 1
    assert (count(Mail, Mail.kind == "digest"), count(Digest)) == (1, 1)


def test_a_portfolio_is_handed_over_once(site, inside, count):
    def hand():
        giver, receiver = (db.session.get(Staff, (site.tenant.id, who.id)) for who in (site.coordinator, site.admin))
        try:
            pairs = going(giver, receiver, given_by(site.admin.user_id))
        except CannotHandOver:
            return 0
        hand_portfolio(pairs, receiver, site.admin.user_id)
        return len(pairs)

    moved = together(*[lambda: inside(hand)] * 3)

    assert sorted(moved) == [0, 0, 2]
    assert count(PairEvent, PairEvent.what == "changed") == 2
    assert count(Mail, Mail.kind == "handed_over") == 4
    assert count(Pair, Pair.coordinator_id == site.admin.id) == 2


def test_noting_writing_and_the_hour_at_once_do_not_hinder_each_other(site, inside, count):
    form = {"how": "phone", "day": factories.today().isoformat(), "length": "10", "once": "a"}

    answers = together(
        *sends(site, site.admin, pair_path(site.pair, "/echanges/nouveau?qui=mentor"), form),
        *sends(site, site.mentor, f"{SPACE}/mes-messages/{site.pair.id}", {"body": "Bonjour", "once": "b"}),
        *sends(site, site.mentee, f"{SPACE}/aide/{site.pair.id}", {"body": "Au secours", "once": "c"}),
        lambda: inside(rules.refresh),
        lambda: inside(rules.refresh),
    )
    inside(rules.refresh)

    assert answers == [303, 303, 303, None, None]
    assert count(Call, Call.pair_id == site.pair.id, Call.kind == "help", Call.ended_at.is_(None)) == 1
    assert count(Call, Call.pair_id == site.pair.id, Call.kind == "contact", Call.ended_at.is_(None)) == 1


def test_who_says_twice_at_once_that_they_need_nobody_is_heard_once(site, inside, count):
    def link():
        person = factories.mentee(site.tenant)
        return f"/attente/{record_token(waits.LINKS[Mentee], site.tenant.id, person.id, mark_of(person.email))}"

    path = inside(link)

    answers = together(*[lambda: site.app.test_client().post(path, data={}).status_code for _time in range(2)])

    assert answers == [303, 303]
    assert count(Mail, Mail.kind == waits.KIND, Mail.subject.contains("n'attend plus")) == 2, "the coordinator and the admin, once"
