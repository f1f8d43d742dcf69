"""Two who act on one request at the same instant: the second sees what the first did."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from threading import Event
from time import sleep
from types import SimpleNamespace

import pytest
import time_machine
from flask import session
from sqlalchemy import text

from app.database import now, unit_of_work, uuid7
from app.extensions import db
from app.leads import actions, contacts, desk, doubles, jobs
from app.leads.drafts import key_of, save_answers
from app.leads.models import Decline, Lead, LeadDraft, LeadEvent, Orientation
from app.mail import Mail
from app.people.models import Mentee
from app.tenants.resolve import current_tenant
from tests import factories
from tests.databases import SOMEBODY_WAITS
from tests.people.fixtures import space_of

from .requests_at_work import ASKED, LATE, ask, on, strike


@pytest.fixture
def site(real_app):
    """The programme and Passerelle, whose commits are real."""
    return factories.programme(real_app), factories.association(real_app, "passerelle", "Passerelle", ["69"])


def crossing(app, tenant, first, second):
    """The first has written and not stored yet when the second begins, and ends when the second waits for it, or has ended.

    A refusal of the second is returned.
    """
    written, ended = Event(), Event()

    def hold():
        with unit_of_work(app, tenant.id), app.test_request_context("/"):
            first(current_tenant)
            db.session.flush()
            written.set()
            for _moment in range(1000):
                if ended.is_set() or db.session.scalar(SOMEBODY_WAITS):
                    break
                sleep(0.01)
            else:
                raise AssertionError("The second neither waited nor ended.")

    def follow():
        written.wait(10)
        try:
            with unit_of_work(app, tenant.id), app.test_request_context("/"):
                second(current_tenant)
        except (actions.AlreadyAnswered, contacts.NotNow) as refusal:
            return refusal
        finally:
            ended.set()
        return None

    with ThreadPoolExecutor(2) as pool:
        holding, following = pool.submit(hold), pool.submit(follow)
        holding.result()
        return following.result()


def the_request(here):
    return db.session.scalars(db.select(Lead).where(Lead.tenant_id == here.id)).one()


def withdraw(here):
    actions.withdraw(the_request(here))


@pytest.mark.committed
def test_withdrawn_while_it_was_accepted_the_file_is_closed(real_app, site):
    _programme, tenant = site
    with space_of(real_app, tenant):
        factories.lead()
        by = factories.user().id

    crossing(real_app, tenant, lambda here: actions.accept(the_request(here), by), withdraw)

    with space_of(real_app, tenant):
        assert [lead.state for lead in db.session.query(Lead)] == ["withdrawn"]
        assert [file.state for file in db.session.query(Mentee)] == ["withdrawn"]


@pytest.mark.committed
def test_withdrawn_while_it_was_declined_nobody_meets_a_crash(real_app, site):
    _programme, tenant = site
    with space_of(real_app, tenant):
        factories.lead()

    crossing(real_app, tenant, lambda here: actions.decline(the_request(here), "age"), withdraw)

    with space_of(real_app, tenant):
        assert db.session.query(Lead).count() == 0


@pytest.mark.committed
def test_withdrawn_while_it_was_oriented_it_reaches_nobody(real_app, site):
    programme, _tenant = site
    with space_of(real_app, programme):
        factories.lead(state="waiting", answer_by=None, waiting_reason="capacity")

    crossing(real_app, programme, lambda here: actions.orient_waiting(here, factories.today()), withdraw)

    with space_of(real_app, programme):
        assert [lead.state for lead in db.session.query(Lead)] == ["withdrawn"]
        assert [row.state for row in db.session.query(Orientation)] == ["withdrawn"]


@pytest.mark.committed
def test_withdrawn_while_it_went_on_it_reaches_nobody(real_app, site):
    programme, tenant = site
    with space_of(real_app, programme):
        lead = factories.lead(state="waiting", answer_by=None)
        orientation = actions.orient(lead, programme, factories.today()).id
    jobs.hand_over.run(tenant_id=str(tenant.id), programme_id=str(programme.id), orientation_id=str(orientation))
    factories.association(real_app, "seconde", "Seconde", ["69"])
    with space_of(real_app, tenant):
        actions.decline(db.session.query(Lead).one(), "age")

    crossing(real_app, programme, lambda here: jobs.answer.function(association_id=tenant.id, orientation_id=orientation), withdraw)

    with space_of(real_app, programme):
        assert [row.state for row in db.session.query(Orientation).order_by(Orientation.id)] == ["declined", "withdrawn"]


@pytest.mark.committed
def test_what_was_withdrawn_is_not_oriented_by_hand(real_app, site):
    programme, tenant = site
    with space_of(real_app, programme):
        factories.lead(state="waiting", answer_by=None, waiting_reason="relays")
        by = factories.user().id

    def by_hand(here):
        actions.orient_by_hand(the_request(here), tenant.id, here, factories.today(), by)

    with suppress(actions.CannotOrient):
        crossing(real_app, programme, withdraw, by_hand)

    with space_of(real_app, programme):
        assert [lead.state for lead in db.session.query(Lead)] == ["withdrawn"]


@pytest.fixture
def repeated(real_app, site):
    """Two requests of one person at Passerelle, and who decides there."""
    _programme, tenant = site
    with space_of(real_app, tenant):
        one = {"first_name": "Noé", "last_name": "Martin", "email": "noe@example.org"}
        first = factories.lead(**one, requested_at=now() - timedelta(days=1))
        second, by = ask(tenant, **one, message="La seconde"), factories.user().id
        return SimpleNamespace(tenant=tenant, first=first.id, second=second.id, by=by)


def joining(repeated):
    """Somebody joins the second request to the first."""

    def join(here):
        doubles.join(db.session.get(Lead, (here.id, repeated.second)), ["message"], repeated.by)

    return join


@pytest.mark.committed
def test_two_who_join_at_the_same_instant_join_once(real_app, repeated):
    with pytest.raises(doubles.CannotJoin, match="n'attend plus ici"):
        crossing(real_app, repeated.tenant, joining(repeated), joining(repeated))

    with space_of(real_app, repeated.tenant):
        told = [event.what for event in db.session.query(LeadEvent)]
        assert {lead.id: lead.state for lead in db.session.query(Lead)} == {repeated.first: "received", repeated.second: "joined"}
        assert told.count("joined") == 1


@pytest.mark.committed
def test_joined_to_what_is_withdrawn_in_that_instant_it_goes_on_alone(real_app, repeated):
    def withdraw_first(here):
        actions.withdraw(db.session.get(Lead, (here.id, repeated.first)))

    with pytest.raises(doubles.CannotJoin, match="Il n'y a plus rien à comparer"):
        crossing(real_app, repeated.tenant, withdraw_first, joining(repeated))

    with space_of(real_app, repeated.tenant):
        assert {lead.id: lead.state for lead in db.session.query(Lead)} == {
            repeated.first: "withdrawn",
            repeated.second: "received",
        }


@pytest.mark.committed
def test_accepted_while_it_was_joined_the_second_opens_no_file(real_app, repeated):
    def accept_second(here):
        actions.accept(db.session.get(Lead, (here.id, repeated.second)), repeated.by)

    refused = crossing(real_app, repeated.tenant, joining(repeated), accept_second)

    assert refused is not None
    with space_of(real_app, repeated.tenant):
        assert db.session.query(Mentee).count() == 0


# The same, one after the other.


def test_a_waiting_list_is_noted_by_the_programme(programme, association, in_space, run_jobs, stored):
    with in_space(programme):
        ask(programme)
    run_jobs()
    with in_space(association):
        actions.waitlist(db.session.query(Lead).one(), "Bientôt", factories.user().id, factories.today())

    run_jobs()

    assert [row.state for row in stored(programme, Orientation)] == ["waitlisted"]


def test_who_refuses_a_relay_while_waiting_is_not_relayed(app, programme, association, in_space, run_jobs, stored):
    with in_space(programme):
        lead = ask(programme)
    run_jobs()
    with in_space(association):
        actions.decline(db.session.query(Lead).one(), "age")
    run_jobs()
    with in_space(programme):
        actions.correct(db.session.get(Lead, (programme.id, lead.id)), {"may_relay": False})
    factories.association(app, "seconde", "Seconde", ["69"])

    with on(LATE):
        strike(app, programme)

    assert [row.state for row in stored(programme, Lead)] == ["waiting"]


def test_who_agrees_late_is_still_under_the_limit_of_relays(app, programme, association, in_space, run_jobs, stored):
    with in_space(programme) as _:
        db.session.get(type(programme), programme.id).relays = 0
    with in_space(programme):
        lead = ask(programme, may_relay=False)
    run_jobs()
    factories.association(app, "seconde", "Seconde", ["69"])
    with in_space(association):
        actions.decline(db.session.query(Lead).one(), "unreachable")
    run_jobs()

    with in_space(programme):
        actions.correct(db.session.get(Lead, (programme.id, lead.id)), {"may_relay": True})

    assert [row.state for row in stored(programme, Lead)] == ["waiting"]


def test_a_request_on_its_way_to_the_programme_is_not_forgotten(
    app, programme, association, in_space, run_jobs, stored, rolled_back
):
    with on(ASKED), in_space(association):
        ask(association)
    with on(LATE):
        strike(app, association)
    rolled_back.execute(text("DELETE FROM procrastinate_jobs"))

    with on(LATE, 14):
        strike(app, association, programme)
        run_jobs()

    assert [row.state for row in stored(programme, Lead)] == ["waiting"]


def test_what_arrives_after_its_day_has_its_time(app, programme, association, in_space, run_jobs, stored):
    with on(ASKED), in_space(programme):
        ask(programme)
    with on(LATE, 9):
        run_jobs()

    with on(LATE, 10):
        strike(app, association)

    assert stored(association, Decline) == []


@pytest.mark.parametrize("state", ["moved", "lapsed"])
def test_a_refusal_to_accept_is_true(programme, association, in_space, state):
    with in_space(association):
        lead = factories.lead(state=state)

        with pytest.raises(actions.AlreadyAnswered) as refused:
            actions.accept(lead, factories.user().id)

        assert "a retiré" not in str(refused.value)


def test_of_many_requests_that_come_together_staff_are_told_once(association, in_space, people, stored):
    moment = now()
    for minutes in (0, 1, 4, 6, 7):
        with time_machine.travel(moment + timedelta(minutes=minutes), tick=False), in_space(association):
            actions.tell_staff(factories.lead())

    told = [mail.to_address for mail in stored(association, Mail) if mail.kind == "lead_to_answer"]
    assert len(told) == 2 * len(set(told)) > 0


def oriented(app, programme):
    """A request that was proposed to Passerelle, and that the desk wants back: what its jobs carry."""
    with space_of(app, programme):
        lead, by = factories.lead(state="waiting", answer_by=None), factories.user().id
        orientation = actions.orient(lead, programme, factories.today())
        desk.take_back(lead, by)
        return {"programme_id": programme.id, "orientation_id": orientation.id}


@pytest.mark.committed
@pytest.mark.parametrize("order", [("hand_over", "give_back"), ("give_back", "hand_over")])
def test_taken_back_while_it_was_handed_over_it_does_not_stay(real_app, site, order):
    programme, tenant = site
    ids = oriented(real_app, programme)

    crossing(real_app, tenant, *[lambda _here, name=name: getattr(jobs, name).function(**ids) for name in order])

    with space_of(real_app, tenant):
        assert db.session.query(Lead).count() == 0
        assert [row.reason for row in db.session.query(Decline)] == ["taken_back"]


@pytest.mark.committed
def test_taken_back_while_it_was_accepted_it_stays(real_app, site):
    programme, tenant = site
    ids = oriented(real_app, programme)
    with space_of(real_app, tenant):
        jobs.hand_over.function(**ids)
        by = factories.user().id

    crossing(real_app, tenant, lambda here: actions.accept(the_request(here), by), lambda _here: jobs.give_back.function(**ids))

    with space_of(real_app, tenant):
        assert [lead.state for lead in db.session.query(Lead)] == ["accepted"]
        assert db.session.query(Decline).count() == 0


@pytest.mark.committed
def test_a_first_step_and_what_is_kept_of_it_at_one_instant_are_one_draft(real_app, site):
    programme, _tenant = site
    number = uuid7().hex

    def keep(**answers):
        def act(here):
            session[key_of("mentee", here)] = number
            save_answers("mentee", here, answers)

        return act

    crossing(real_app, programme, keep(needs=["school"]), keep(hopes="Lire"))

    with space_of(real_app, programme):
        assert [draft.answers for draft in db.session.query(LeadDraft)] == [{"needs": ["school"], "hopes": "Lire"}]


@pytest.mark.committed
def test_the_same_person_by_two_forms_at_one_instant_is_oriented_once_and_reminded(real_app, site):
    programme, _tenant = site
    one = {"first_name": "Noé", "last_name": "Martin", "email": "noe@example.org"}

    crossing(real_app, programme, lambda here: ask(here, **one), lambda here: ask(here, **one))

    with space_of(real_app, programme):
        first, second = db.session.query(Lead).order_by(Lead.requested_at)
        assert (first.state, first.same_as) == ("oriented", None)
        assert (second.state, second.waiting_reason, second.same_as) == ("waiting", "double", first.id)
        assert db.session.query(Mail).filter_by(kind="lead_known").count() == 1
