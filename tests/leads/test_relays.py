"""How a request goes on from one association to the next: relays, what was stuck, what waits."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, text

from app.extensions import db
from app.leads import actions, jobs
from app.leads.models import Decline, Lead, Orientation
from app.leads.words import BY_HAND
from app.mail import Mail
from app.tenants.models import Tenant
from tests import factories

from .requests_at_work import ASKED, HALF, LAST, LATE, ask, history, on, strike

DAY = timedelta(days=1)


@pytest.fixture
def oriented(programme, association, in_space, run_jobs):
    """Ask the programme, that Tuesday, while Passerelle is alone in the Rhône; it arrived."""

    def send(day=ASKED, arrive=True, **changes):
        with on(day):
            with in_space(programme):
                lead = ask(programme, **changes)
            if arrive:
                run_jobs()
        return lead

    return send


@pytest.fixture
def hour(app, programme, association, run_jobs):
    """Let an hour strike in the programme and in Passerelle, and do what follows."""

    def at(day, *others, of_day=10):
        with on(day, of_day):
            strike(app, association, programme, *others)
            return run_jobs()

    return at


@pytest.fixture
def give_back(in_space, run_jobs):
    """Let an association give back the request that it has."""

    def answer(tenant, reason="age", day=ASKED):
        with on(day):
            with in_space(tenant):
                actions.decline(db.session.query(Lead).one(), reason)
            run_jobs()

    return answer


@pytest.fixture
def relays(programme, in_space):
    """Set how many associations are tried after the first."""

    def allow(number):
        with in_space(programme):
            db.session.get(Tenant, programme.id).relays = number

    return allow


def others(app, count):
    """More associations in the Rhône, with no team."""
    return [factories.association(app, f"asso-{n}", f"Association {n}", ["69"], course=False) for n in range(count)]


def at_the_programme(stored, programme):
    """The request's state there, why it waits, and its orientations'."""
    [lead] = stored(programme, Lead)
    return lead.state, lead.waiting_reason, [row.state for row in stored(programme, Orientation)]


def lose(rolled_back, task):
    """Let a job be lost, as when it was tried eight times in vain."""
    assert rolled_back.execute(
        text("DELETE FROM procrastinate_jobs WHERE task_name = :t AND status = 'todo'"), {"t": task}
    ).rowcount


def queued(rolled_back, task):
    """How many of these jobs wait."""
    count = text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = :task AND status = 'todo'")
    return rolled_back.execute(count, {"task": task}).scalar()


def test_an_oriented_request_without_an_answer_is_given_back_and_goes_to_the_next(
    app, oriented, hour, stored, in_space, programme, association
):
    lead = oriented()
    [second] = others(app, 1)

    hour(LATE)

    assert at_the_programme(stored, programme) == ("oriented", None, ["declined", "delivered"])
    assert [row.decline_reason for row in stored(programme, Orientation)] == ["late", None]
    assert (stored(association, Lead), [row.reason for row in stored(association, Decline)]) == ([], ["late"])
    assert [row.answer_by for row in stored(second, Lead)] == [date(2026, 12, 9)]
    with in_space(programme):
        assert sorted(history(lead.id)[2:]) == [("declined", "late"), ("oriented", None)]
    assert [mail.kind for mail in stored(programme, Mail) if mail.to_address == lead.email] == ["lead_goes_on"]


def test_on_the_last_day_it_is_still_the_associations(app, oriented, hour, stored, programme):
    oriented()
    others(app, 1)

    hour(LAST, of_day=23)
    hour(LATE, of_day=6)

    assert at_the_programme(stored, programme) == ("oriented", None, ["delivered"])


def test_who_did_not_agree_is_proposed_to_nobody_else(app, oriented, hour, stored, programme):
    lead = oriented(may_relay=False)
    [second] = others(app, 1)

    for day in (LATE, LATE + DAY, LATE + 9 * DAY):
        hour(day)

    assert at_the_programme(stored, programme) == ("waiting", "no_relay", ["declined"])
    assert stored(second, Lead) == []
    assert [mail.kind for mail in stored(programme, Mail) if mail.to_address == lead.email] == ["lead_goes_on"]


def test_who_agrees_then_is_proposed_at_once(app, oriented, hour, in_space, stored, programme):
    lead = oriented(may_relay=False)
    others(app, 1)
    hour(LATE)

    with on(LATE + DAY), in_space(programme):
        actions.correct(db.session.get(Lead, (programme.id, lead.id)), {"may_relay": True})

    assert at_the_programme(stored, programme) == ("oriented", None, ["declined", "sent"])


@pytest.mark.parametrize("may_relay", [True, False])
def test_what_the_person_says_of_relays_reaches_the_association(
    oriented, in_space, run_jobs, stored, programme, association, may_relay
):
    lead = oriented(may_relay=not may_relay)

    with in_space(programme):
        actions.correct(db.session.get(Lead, (programme.id, lead.id)), {"may_relay": may_relay})
    run_jobs()

    assert [row.may_relay for row in stored(association, Lead)] == [may_relay]
    with in_space(programme):
        assert history(lead.id)[-1] == ("relay_agreed" if may_relay else "relay_refused", None)


@pytest.mark.parametrize("number", [0, 1, 3])
def test_after_so_many_relays_a_person_decides(app, oriented, give_back, hour, relays, stored, programme, association, number):
    relays(number)
    oriented()
    more = others(app, number + 1)

    for tenant in [association, *more[:number]]:
        give_back(tenant)
    hour(ASKED, *more)

    assert at_the_programme(stored, programme) == ("waiting", "relays", ["declined"] * (number + 1))
    assert stored(more[-1], Lead) == []


def test_a_direct_request_counts_as_one_association(app, relays, hour, in_space, run_jobs, stored, programme, association):
    relays(0)
    others(app, 1)
    with on(ASKED), in_space(association):
        ask(association)

    hour(LATE)

    assert at_the_programme(stored, programme) == ("waiting", "relays", ["declined"])


def test_somebody_out_of_reach_goes_to_the_desk(app, oriented, give_back, hour, stored, programme, association):
    oriented()
    [second] = others(app, 1)

    give_back(association, "unreachable")
    hour(HALF)

    assert at_the_programme(stored, programme) == ("waiting", "unreachable", ["declined"])
    assert stored(second, Lead) == []


# What was stuck.


def test_a_hand_over_that_was_lost_is_sent_again_after_an_hour(oriented, hour, rolled_back, stored, programme, association):
    oriented(arrive=False)
    lose(rolled_back, "leads.hand_over")

    early, late = hour(ASKED, of_day=11), hour(ASKED, of_day=12)

    assert ("leads.hand_over" in early, "leads.hand_over" in late) == (False, True)
    assert len(stored(association, Lead)) == 1
    assert at_the_programme(stored, programme) == ("oriented", None, ["delivered"])


def test_a_hand_over_that_only_waited_is_sent_once_more_and_arrives_once(
    app, oriented, rolled_back, run_jobs, stored, programme, association
):
    oriented(arrive=False)

    with on(HALF):
        for _hour in range(3):
            strike(app, programme)
        waiting = queued(rolled_back, "leads.hand_over")
        run_jobs()

    assert waiting == 2
    assert len(stored(association, Lead)) == 1


def test_an_answer_that_was_lost_is_asked_again(app, oriented, in_space, hour, rolled_back, stored, programme, association):
    oriented()
    with on(LAST), in_space(association):
        actions.decline(db.session.query(Lead).one(), "capacity")
    lose(rolled_back, "leads.answer")

    hour(LATE)
    before = at_the_programme(stored, programme)
    hour(LATE + DAY)

    assert before == ("oriented", None, ["delivered"])
    assert at_the_programme(stored, programme) == ("waiting", "declined", ["declined"])


# What waits.


@pytest.mark.parametrize("leave", ["give_back", "withdraw"])
def test_a_request_that_waits_is_oriented_when_a_place_is_free(
    oriented, give_back, in_space, hour, stored, programme, association, leave
):
    with in_space(programme):
        db.session.get(Tenant, association.id).mentee_capacity = 1
    first, second = oriented(), oriented(ASKED + DAY)
    assert [row.waiting_reason for row in stored(programme, Lead)] == [None, "capacity"]

    if leave == "give_back":
        give_back(association)
    else:
        with in_space(programme):
            actions.withdraw(db.session.get(Lead, (programme.id, first.id)))
    hour(HALF)

    assert [row.programme_lead_id for row in stored(association, Lead)] == [second.id]


@pytest.mark.parametrize("reason", sorted(BY_HAND - {"guardian"}))
def test_what_is_left_to_a_person_stays(programme, association, in_space, hour, stored, reason):
    with in_space(programme):
        factories.lead(state="waiting", answer_by=None, waiting_reason=reason)

    for day in (ASKED, HALF, LATE):
        hour(day)

    assert at_the_programme(stored, programme) == ("waiting", reason, [])


# A request that is on its way to the programme.


@pytest.fixture
def moving(app, programme, association, in_space):
    """A direct request that nobody answered, and that is about to be taken over."""
    with on(ASKED), in_space(association):
        lead = ask(association)
    with on(LATE):
        strike(app, association)
    return lead


def test_withdrawn_before_it_was_taken_over_it_never_arrives(moving, in_space, run_jobs, stored, programme, association):
    with in_space(association):
        actions.withdraw(db.session.get(Lead, (association.id, moving.id)))

    run_jobs()

    assert stored(programme, Lead) == []
    assert [row.state for row in stored(association, Lead)] == ["withdrawn"]


def test_withdrawn_just_after_it_was_taken_over_it_is_withdrawn_everywhere(
    app, moving, in_space, run_jobs, stored, programme, association
):
    [second] = others(app, 1)
    with app.app_context():
        jobs.take_over.run(tenant_id=str(programme.id), association_id=str(association.id), lead_id=str(moving.id))
    with in_space(association):
        actions.withdraw(db.session.get(Lead, (association.id, moving.id)))

    run_jobs()

    assert at_the_programme(stored, programme) == ("withdrawn", None, ["declined", "withdrawn"])
    assert [row.state for row in stored(association, Lead)] == ["withdrawn"]
    assert stored(second, Lead) == []


def test_withdrawn_once_it_was_joined_to_another_the_other_goes_on(app, moving, in_space, run_jobs, stored, programme, association):
    with app.app_context():
        jobs.take_over.run(tenant_id=str(programme.id), association_id=str(association.id), lead_id=str(moving.id))
    with in_space(programme):
        db.session.scalars(select(Lead)).one().state = "joined"
    with in_space(association):
        actions.withdraw(db.session.get(Lead, (association.id, moving.id)))

    run_jobs()

    assert [row.state for row in stored(programme, Lead)] == ["joined"]


def test_taking_over_and_letting_go_twice_is_once(app, moving, run_jobs, stored, programme, association):
    again = {"association_id": str(association.id), "lead_id": str(moving.id)}
    with app.app_context():
        jobs.take_over.run(tenant_id=str(programme.id), **again)
    run_jobs()
    [ours] = stored(programme, Lead)

    with app.app_context():
        jobs.take_over.run(tenant_id=str(programme.id), **again)
    for _time in range(2):
        with app.app_context():
            jobs.let_go.run(
                tenant_id=str(association.id), programme_id=str(programme.id), lead_id=str(moving.id), moved_to=str(ours.id)
            )
    run_jobs()

    assert at_the_programme(stored, programme) == ("waiting", "declined", ["declined"])
    assert (stored(association, Lead), len(stored(association, Decline))) == ([], 1)


def test_what_moved_is_not_answered_any_more(moving, in_space, association):
    with in_space(association):
        lead, by = db.session.get(Lead, (association.id, moving.id)), factories.user().id

        for answer, rest in ((actions.accept, [by]), (actions.decline, ["age"]), (actions.waitlist, ["Bientôt", by, LATE])):
            with pytest.raises(actions.AlreadyAnswered):
                answer(lead, *rest)
        with pytest.raises(actions.AlreadyAnswered):
            actions.correct(lead, {"phone": "+33612000000"})


# More than a share of requests.


def test_those_who_can_be_placed_are_not_kept_behind_those_who_cannot(
    programme, association, in_space, run_jobs, stored, monkeypatch
):
    monkeypatch.setattr(actions, "WAITING_SHARE", 3)
    with in_space(programme):
        for rank in range(7):
            factories.lead(state="waiting", waiting_reason="territory", answer_by=None, departement_code="23" if rank < 6 else "69")

    with in_space(programme):
        first = actions.orient_waiting(programme, ASKED)
    run_jobs()

    assert first == 0
    assert [lead.state for lead in stored(programme, Lead)] == ["waiting"] * 6 + ["oriented"]
