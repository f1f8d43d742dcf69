"""The hourly job: who is reminded, by which letter, and where a request goes when its day has passed."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from app.accounts.models import Membership
from app.database import now, unit_of_work
from app.extensions import db
from app.leads import actions, contacts, deadlines, jobs
from app.leads.models import Decline, Lead, LeadEvent
from app.mail import Mail
from app.people.models import Mentee
from app.tenants.models import Tenant
from tests import factories
from tests.people.fixtures import space_of

from .requests_at_work import ASKED, EVE, HALF, LAST, LATE, ask, history, on, strike

DAY = timedelta(days=1)
STEPS = {HALF: "half", EVE: "eve", LAST: "deadline"}


@pytest.fixture
def team(association, in_space):
    """Passerelle's team: one administrator, two coordinators."""
    with on(ASKED), in_space(association):
        names = {"admin": "admin", "claire": "coordinator", "karim": "coordinator"}
        return SimpleNamespace(**{n: factories.member(association, role, f"{n}@example.org").id for n, role in names.items()})


@pytest.fixture
def direct(association, in_space, team):
    """Ask Passerelle directly, that Tuesday."""

    def send(**changes):
        with on(ASKED), in_space(association):
            return ask(association, **changes)

    return send


@pytest.fixture
def hour(app, association):
    """Let an hour strike in a space, Passerelle unless said otherwise: `hour(HALF)`."""

    def at(day, *tenants, hour=10):
        with on(day, hour):
            strike(app, *(tenants or [association]))

    return at


@pytest.fixture
def letters(stored):
    """The letters of a kind in a space: {address: text}; a second one to the same address is an error."""

    def read(tenant, kind="leads_due"):
        mails = [mail for mail in stored(tenant, Mail) if mail.kind == kind]
        assert len({mail.to_address for mail in mails}) == len(mails)
        return {mail.to_address.removesuffix("@example.org"): " ".join((mail.text or "").split()) for mail in mails}

    return read


@pytest.fixture
def events(in_space):
    """A request's history in a space."""

    def read(tenant, lead_id):
        with in_space(tenant):
            return history(lead_id)

    return read


@pytest.mark.parametrize(("day", "written"), [(HALF, {"claire"}), (EVE, {"claire"}), (LAST, {"admin"})])
def test_whoever_has_the_request_is_reminded_and_the_administrators_on_the_last_day(
    direct, team, hour, letters, association, day, written
):
    direct(assigned_to=team.claire)

    hour(day)

    assert set(letters(association)) == written


def test_a_request_about_who_has_it_is_everybodys(direct, team, hour, letters, association):
    direct(assigned_to=team.claire, guardian_email="Claire@example.org")

    hour(HALF)

    assert set(letters(association)) == {"admin", "claire", "karim"}


@pytest.mark.parametrize(("day", "written"), [(HALF, {"admin", "claire", "karim"}), (LAST, {"admin"})])
def test_a_request_that_nobody_has_is_everybodys(direct, hour, letters, association, day, written):
    direct()

    hour(day)

    assert set(letters(association)) == written


def test_the_request_of_somebody_who_left_is_everybodys(direct, team, hour, in_space, letters, association):
    direct(assigned_to=team.claire)
    with in_space(association):
        db.session.query(Membership).filter_by(user_id=team.claire).one().ended_at = now()

    hour(HALF)

    assert set(letters(association)) == {"admin", "karim"}


def test_a_request_held_by_somebody_of_another_space_is_everybodys(direct, hour, in_space, letters, association, elsewhere):
    with in_space(elsewhere):
        stranger = factories.member(elsewhere, "coordinator", "stranger@example.org").id
    direct(assigned_to=stranger)

    hour(HALF)

    assert set(letters(association)) == {"admin", "claire", "karim"}


def test_each_person_gets_one_letter_that_counts_and_names_nobody(direct, team, in_space, hour, letters, association):
    for _each in range(3):
        direct(assigned_to=team.claire, last_name="Bensalah")
    direct(assigned_to=team.karim)
    with in_space(association):
        factories.lead(assigned_to=team.claire, answer_by=HALF + DAY)
        factories.lead(assigned_to=team.claire, answer_by=HALF)

    hour(HALF)

    got = letters(association)
    assert set(got) == {"admin", "claire", "karim"}
    assert (
        "3 demandes attendent votre réponse : la moitié du délai est passée. "
        "Pour une demande, le prochain jour ouvré est le dernier." in got["claire"]
    )
    assert "Une demande attend votre réponse : la moitié du délai est passée." in got["karim"]
    assert (
        "Pour une demande, aujourd'hui est le dernier jour. Sans réponse, elle vous est retirée demain, "
        "ou la personne est prévenue de votre retard."
    ) in got["admin"]
    assert not {"Noé", "Bensalah", "noe"} & set(" ".join(got.values()).replace(",", " ").split())


@pytest.mark.parametrize(("hour_of_day", "written"), [(0, 0), (7, 0), (8, 3), (19, 3), (20, 0), (23, 0)])
def test_nobody_is_reminded_in_the_night(direct, hour, letters, association, hour_of_day, written):
    direct()

    hour(HALF, hour=hour_of_day)

    assert len(letters(association)) == written


def test_eight_is_read_on_the_clock_of_the_space(app, direct, in_space, letters, association):
    direct()
    with in_space(association):
        db.session.get(Tenant, association.id).timezone = "Indian/Reunion"

    with on(HALF, 7, 59, ZoneInfo("Indian/Reunion")):
        strike(app, association)
    before = len(letters(association))
    with on(HALF, 8, 0, ZoneInfo("Indian/Reunion")):
        strike(app, association)

    assert (before, len(letters(association))) == (0, 3)


def test_each_step_is_in_the_history_once_however_often_the_hour_strikes(direct, hour, events, association, stored):
    lead = direct()

    for day in (ASKED, HALF, HALF, HALF + DAY, EVE, EVE, LAST, LAST):
        hour(day)
        hour(day, hour=23)

    assert events(association, lead.id) == [("received", None), *(("reminded", step) for step in STEPS.values())]
    assert [mail.kind for mail in stored(association, Mail)].count("leads_due") == 3 + 3 + 1


def test_an_hour_that_comes_late_does_only_the_furthest_step(direct, hour, events, letters, association):
    lead = direct()

    hour(LAST)

    assert events(association, lead.id) == [("received", None), ("reminded", "deadline")]
    assert set(letters(association)) == {"admin"}


def test_an_hour_that_comes_too_late_reminds_nobody(direct, hour, events, letters, association):
    lead = direct()

    hour(LATE)

    assert events(association, lead.id) == [("received", None), ("moved", None)]
    assert letters(association) == {}


def test_an_attempt_gives_time_to_decide_and_new_reminders(direct, team, hour, in_space, stored, association):
    lead = direct()
    hour(EVE)
    with on(EVE, 14), in_space(association):
        contacts.note_attempt(db.session.get(Lead, (association.id, lead.id)), "reached", None, None, team.karim, EVE)

    hour(LATE)
    [kept] = stored(association, Lead)
    hour(date(2026, 12, 9))

    assert (kept.state, kept.reminded, kept.answer_by) == ("received", None, date(2026, 12, 21))
    assert stored(association, Lead)[0].reminded == "half"


def test_a_waiting_list_is_not_silent_for_ever(direct, team, hour, in_space, stored, events, association):
    lead = direct()
    with on(ASKED), in_space(association):
        actions.waitlist(db.session.get(Lead, (association.id, lead.id)), "Bientôt", team.claire, ASKED)
    assert stored(association, Lead)[0].answer_by == date(2026, 12, 22)

    for day in (LATE, date(2026, 12, 8), date(2026, 12, 21), date(2026, 12, 22), date(2026, 12, 23)):
        hour(day)

    assert [what for what in events(association, lead.id) if what[0] in {"reminded", "moved"}] == [
        *(("reminded", step) for step in STEPS.values()), ("moved", None),
    ]  # fmt: skip


@pytest.mark.parametrize("answer", [actions.accept, actions.decline, actions.withdraw])
def test_what_was_answered_is_never_due_again(direct, team, hour, in_space, letters, association, answer):
    lead = direct()
    with on(ASKED), in_space(association):
        rest = {actions.accept: [team.claire], actions.decline: ["age"]}.get(answer, [])
        answer(db.session.get(Lead, (association.id, lead.id)), *rest)

    for day in (*STEPS, LATE):
        hour(day)

    assert letters(association) == {}


# The ways on.


def test_a_direct_request_moves_to_the_programme_and_the_person_is_told(
    app, direct, hour, run_jobs, events, stored, letters, association, programme
):
    second = factories.association(app, "seconde", "Seconde", ["69"])
    lead = direct(message="Bonjour")

    hour(LATE)
    moving = [row.state for row in stored(association, Lead)]
    with on(LATE):
        run_jobs()

    [ours], [there] = stored(programme, Lead), stored(second, Lead)
    assert (moving, stored(association, Lead), stored(association, LeadEvent)) == (["moved"], [], [])
    assert [(row.reason, row.moved_to, row.lead_id) for row in stored(association, Decline)] == [("late", ours.id, lead.id)]
    assert (ours.state, there.state, there.message, there.email) == ("oriented", "received", "Bonjour", lead.email)
    assert sorted(events(programme, ours.id)) == [("declined", "late"), ("oriented", None)]
    assert list(letters(programme, "lead_goes_on")) == [lead.email.removesuffix("@example.org")]


def test_the_letter_of_a_request_that_goes_on_names_the_next_association(
    app, direct, in_space, hour, letters, association, programme
):
    factories.association(app, "seconde", "Seconde", ["69"])
    lead = direct()
    hour(LATE)

    with on(LATE), app.app_context():
        jobs.take_over.run(tenant_id=str(programme.id), association_id=str(association.id), lead_id=str(lead.id))

    [text] = letters(programme, "lead_goes_on").values()
    assert "Bonjour Noé" in text
    assert "Seconde" in text


def test_who_did_not_agree_is_told_once_then_the_request_lapses(direct, hour, events, letters, stored, association, programme):
    lead = direct(may_relay=False)
    hour(LATE)
    [told] = stored(association, Lead)
    again = told.answer_by

    for day in (LATE, LATE + DAY, again - DAY, again):
        hour(day)
    before = stored(association, Lead)[0].state
    for day in (again + DAY, again + 2 * DAY):
        hour(day)

    assert (told.state, before, again) == ("received", "received", date(2026, 12, 9))
    assert [row.state for row in stored(association, Lead)] == ["lapsed"]
    assert {name for name, _reason in events(association, lead.id)} == {"received", "late_told", "reminded", "lapsed"}
    assert "Vous pouvez accepter que votre demande soit proposée" in letters(association, "lead_late").popitem()[1]
    assert "Nous en sommes désolés." in letters(association, "lead_lapsed").popitem()[1]
    assert stored(programme, Lead) == []


def test_who_agrees_after_that_letter_goes_on(direct, hour, in_space, run_jobs, stored, association, programme):
    lead = direct(may_relay=False)
    hour(LATE)
    with on(LATE, 15), in_space(association):
        actions.correct(db.session.get(Lead, (association.id, lead.id)), {"may_relay": True})

    hour(date(2026, 12, 10))
    run_jobs()

    assert [row.state for row in stored(programme, Lead)] == ["waiting"]
    assert stored(association, Lead) == []


@pytest.mark.parametrize("may_relay", [True, False])
def test_a_person_without_an_address_is_not_written_to(direct, hour, run_jobs, stored, association, programme, may_relay):
    lead = direct(email=None, may_relay=may_relay)

    for day in (LATE, date(2026, 12, 10)):
        hour(day)
        with on(day):
            run_jobs()

    assert [row.state for row in stored(association, Lead)] == ([] if may_relay else ["lapsed"])
    assert not any(mail.kind in {"lead_late", "lead_lapsed", "lead_goes_on"} for mail in stored(association, Mail))
    assert stored(programme, Mail) == []
    assert lead.phone


def test_without_a_programme_a_request_is_told_then_lapses(app, in_space, stored):
    alone, states = factories.association(app, "seule", "Seule", ["69"], answer_days=2), []
    with on(ASKED), in_space(alone):
        ask(alone)

    for day in (date(2026, 11, 26), date(2026, 11, 27), date(2026, 12, 1), date(2026, 12, 2)):
        with on(day):
            strike(app, alone)
        states.append([(row.state, row.late_told_at is not None) for row in stored(alone, Lead)])

    assert states == [[("received", False)], [("received", True)], [("received", True)], [("lapsed", True)]]


# At the same instant.


def together(*acts):
    """Do these at the same instant; returns what each gave, or the refusal that it met."""
    start = Barrier(len(acts))

    def do(act):
        start.wait(timeout=60)
        try:
            return act()
        except actions.AlreadyAnswered as refusal:
            return refusal

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(do, acts))


@pytest.mark.committed
@pytest.mark.parametrize("is_oriented", [False, True])
def test_an_answer_and_the_deadline_at_once_leave_exactly_one_outcome(real_app, is_oriented):
    factories.programme(real_app)
    tenant = factories.association(real_app, "passerelle", "Passerelle", ["69"])
    with on(ASKED), space_of(real_app, tenant):
        by = factories.member(tenant, "coordinator").id
        proposed = [factories.uuid7() if is_oriented else None for _each in range(6)]
        ids = [factories.lead(answer_by=LAST, orientation_id=orientation_id).id for orientation_id in proposed]

    def accept(lead_id):
        with unit_of_work(real_app, tenant.id), real_app.test_request_context("/"):
            lead = db.session.get(Lead, (tenant.id, lead_id))
            if lead is None:
                raise actions.AlreadyAnswered
            actions.accept(lead, by)

    def hour():
        deadlines.watch_deadlines.run(tenant_id=str(tenant.id))

    with on(LATE):
        refused = together(*[lambda lead_id=lead_id: accept(lead_id) for lead_id in ids], hour, hour)
        hour()

    with space_of(real_app, tenant):
        taken = db.session.query(Lead).filter_by(state="accepted").count()
        gone = db.session.query(Decline).count() + db.session.query(Lead).filter_by(state="moved").count()
        tasks = [name for (name,) in db.session.execute(text("SELECT task_name FROM procrastinate_jobs"))]
        assert (taken + gone, db.session.query(Mentee).count()) == (6, taken)
    assert sum(isinstance(one, actions.AlreadyAnswered) for one in refused) == gone
    assert tasks.count("leads.answer" if is_oriented else "leads.take_over") == (6 if is_oriented else gone)
