"""What begins cannot be moved, what was said is not written over, and nobody meets after the end."""

from datetime import datetime, time, timedelta

import pytest
import time_machine
from sqlalchemy import select

from app.accounts.models import User
from app.database import now
from app.extensions import db
from app.mail import Mail
from app.meetings import actions, logs, offers
from app.meetings.actions import Spot
from app.meetings.logs import Account, CannotLog
from app.meetings.models import Meeting, MeetingEvent, MeetingState, Offer
from app.meetings.queries import held_by_mentor
from app.meetings.refusals import CannotPlan
from app.pairs import life
from app.pairs.closing import close_pair
from app.pairs.models import Pair, PairEvent
from app.tenants.models import Staff
from app.territory.zones import clock_of
from tests import factories
from tests.people.fixtures import at_once, space_of

from .situations import SPACE, VIDEO, a_meeting, brother, path, plain, soon, spot, stored, typed

HELD, SPOT = Account(MeetingState.HELD, 60), Spot(60, "remote", VIDEO)


@pytest.fixture
def pair(in_space, association, people):
    """The pair in a space that is open."""
    with in_space(association):
        yield db.session.get(Pair, (people.pair.tenant_id, people.pair.id))


def test_a_meeting_that_began_is_not_moved(pair, people):
    meeting = factories.meeting(pair, -1)
    logs.confirm(meeting, False)

    with pytest.raises(CannotPlan, match="déjà commencé"):
        actions.move(meeting, factories.noon(2), SPOT, "", people.mentor.user_id)
    assert life.has_met(pair)


def test_a_time_that_is_chosen_after_the_hour_makes_another_meeting(pair, people):
    meeting = factories.meeting(pair, 1)
    offer = offers.propose(pair, "mentee", [factories.noon(4)], SPOT, "", meeting)

    with time_machine.travel(now() + timedelta(days=2)):
        offer = db.session.get(Offer, (offer.tenant_id, offer.id))
        chosen = offers.choose(offer, offer.starts[0], people.mentor.user_id)

    assert chosen.id != meeting.id
    assert meeting.starts_at < chosen.starts_at


def test_brothers_planned_one_after_the_other_are_met_at_once(pair, people, association):
    other, start = brother(association, pair), factories.noon(1)
    actions.plan_all([pair], [start], SPOT, people.mentor.user_id)
    both = actions.plan_all([pair, other], [start], SPOT, people.mentor.user_id)
    assert len({meeting.visit_id for meeting in both} - {None}) == 1

    with time_machine.travel(start + timedelta(hours=2)):
        for meeting in both:
            logs.log_meeting(meeting, HELD, people.mentor.user_id)
        held = held_by_mentor([pair.mentor_id], now() - timedelta(days=1), now())[pair.mentor_id]

    assert (held.count, held.minutes) == (1, 60)


@pytest.mark.parametrize("ago", [3, 49])
def test_what_was_said_of_a_brother_is_not_written_over(pair, people, association, ago):
    other, by, start = brother(association, pair), people.mentor.user_id, now() - timedelta(days=50 if ago > 30 else 4)
    mine, theirs = a_meeting(pair, starts_at=start), a_meeting(other, starts_at=start)
    with time_machine.travel(now() - timedelta(days=ago)):
        logs.log_meeting(theirs, Account(MeetingState.MISSED, 60, note="Rayan n'est pas venu"), by)

    with pytest.raises(CannotLog):
        logs.log_meeting(mine, HELD, by, [other])
    assert (theirs.state, theirs.note) == ("missed", "Rayan n'est pas venu")


def test_a_visit_is_corrected_for_both(pair, people, association):
    other, by = brother(association, pair), people.mentor.user_id
    mine = a_meeting(pair, -2)
    logs.log_meeting(mine, HELD, by, [other])
    logs.log_meeting(mine, Account(MeetingState.HELD, 90), by, [other])

    rows = db.session.scalars(select(Meeting).where(Meeting.visit_id == mine.visit_id)).all()
    assert [row.minutes for row in rows] == [90, 90]


def test_nobody_meets_after_the_last_day(pair, people):
    meeting = factories.meeting(pair, -2)
    close_pair(pair, factories.today() - timedelta(days=10), "planned", None, people.coordinator.user_id)

    for as_staff in (False, True):
        with pytest.raises(CannotLog, match="s'est terminé le"):
            logs.log_meeting(meeting, HELD, people.mentor.user_id, as_staff=as_staff)
    logs.log_meeting(meeting, Account(MeetingState.MISSED, 60), people.mentor.user_id)
    assert meeting.state == "missed"


@pytest.fixture
def attend(coordinator, people):
    """Say that somebody of the team is at the first meeting."""

    def send(day, who="admin", hour="17:00"):
        return coordinator.send(
            f"{SPACE}/binomes/{people.pair.id}/premiere-rencontre",
            {"starts_at": f"{day}T{hour}", **spot("association", "12 rue"), "staff": str(getattr(people, who).id)},
        )

    return send


@pytest.fixture
def written(in_space, association):
    def read(address):
        with in_space(association):
            rows = db.session.scalars(select(Mail).where(Mail.to_address == address).order_by(Mail.created_at)).all()
            return [row.text for row in rows]

    return read


def test_who_attends_a_first_meeting_that_was_planned_is_told_to_both(attend, written, people, in_space, association):
    with in_space(association):
        row = db.session.get(Pair, (people.pair.tenant_id, people.pair.id))
        start = datetime.combine(soon(), time(17), tzinfo=association.zone)
        actions.plan_all([row], [start], Spot(60, "association", "12 rue"), people.mentor.user_id)
    attend(soon())

    for person in (people.mentor, people.mentee):
        assert "de l'association, sera avec vous." in written(person.email)[-1]


def test_the_same_form_twice_writes_once(attend, written, people, in_space, association):
    attend(soon())
    attend(soon())
    with in_space(association):
        events = db.session.scalars(select(PairEvent).where(PairEvent.what == "first_meeting")).all()

    assert len(events) == 1
    assert len([text for text in written(people.mentee.email) if "sera avec vous" in text]) == 1
    with in_space(association):
        db.session.get(Staff, (association.id, people.coordinator.id)).first_name = "Awa"
    attend(soon(), "coordinator")
    assert len([text for text in written(people.mentee.email) if "sera avec vous" in text]) == 2


def test_a_first_meeting_is_on_the_mentors_clock(attend, people, in_space, association, coordinator):
    with in_space(association):
        row = db.session.get(Pair, (people.pair.tenant_id, people.pair.id))
        row.mentor.departement_code = "974"
    attend(soon())

    with in_space(association):
        [meeting] = db.session.scalars(select(Meeting)).all()
        assert meeting.starts_at == datetime.combine(soon(), time(17), tzinfo=clock_of("974"))


def test_what_keeps_a_first_meeting_from_being_planned_is_named(attend, people, in_space, association):
    with in_space(association):
        row = db.session.get(Pair, (people.pair.tenant_id, people.pair.id))
        row.mentee.birth_date = factories.birth_date(16)

    [error] = attend(soon()).errors
    assert "l'autorisation parentale manque" in error


def test_a_meeting_called_off_while_its_pair_is_paused_is_called_off_once(real_app):
    factories.programme(real_app)
    association = factories.association(real_app, "passerelle", "Passerelle", ["69"])
    with space_of(real_app, association):
        staff, mentor = factories.staff(association), factories.mentor(association, trained=True)
        row = factories.pair(mentor, factories.mentee(association))
        meeting = factories.meeting(row, 3)
        by = mentor.user_id, staff.user_id
    cancel = (by[0], f"{SPACE}/rendez-vous/{meeting.id}/annulation", {"word": "Malade"})
    pause = (by[1], f"{SPACE}/binomes/{row.id}/pause", {"reason": "Examens"})
    at_once(real_app, [cancel, pause])

    with space_of(real_app, association):
        subjects = db.session.scalars(select(Mail.subject).where(Mail.to_address == row.mentee.email)).all()
        assert len([subject for subject in subjects if "est annulé" in subject]) == 1


def held_on(pair, days=-3, **changes):
    meeting = a_meeting(pair, days, **changes)
    logs.log_meeting(meeting, HELD, meeting.pair.mentor.user_id)
    return meeting


def test_a_wrong_date_is_set_right_for_the_brothers_too(pair, people, association):
    other = brother(association, pair)
    mine = a_meeting(pair, -3)
    logs.log_meeting(mine, HELD, people.mentor.user_id, [other])
    then = mine.starts_at - timedelta(days=1)
    for _time in range(2):
        logs.redate(mine, then, people.mentor.user_id)

    rows = db.session.scalars(select(Meeting).where(Meeting.visit_id == mine.visit_id)).all()
    assert [row.starts_at for row in rows] == [then, then]
    moved = db.session.scalars(select(MeetingEvent).where(MeetingEvent.what == "moved")).all()
    assert len(moved) == 2


def test_what_was_noted_twice_leaves_the_visit_of_the_brothers(pair, people, association):
    other = brother(association, pair)
    mine = a_meeting(pair, -3)
    logs.log_meeting(mine, HELD, people.mentor.user_id, [other])
    theirs = db.session.scalars(select(Meeting).where(Meeting.pair_id == other.id)).one()

    logs.remove(theirs, people.mentor.user_id)
    logs.redate(mine, mine.starts_at - timedelta(days=1), people.mentor.user_id)

    assert (theirs.visit_id, theirs.state) == (None, "cancelled")
    assert theirs.starts_at == mine.starts_at + timedelta(days=1)


@pytest.mark.parametrize(
    ("ago", "as_staff", "sentence"),
    [(-1, False, "pas encore passé"), (70, False, "trop ancienne"), (400, True, "n'était pas en cours"), (9, False, "déjà notée")],
)
def test_a_moment_that_cannot_be_is_refused(pair, people, ago, as_staff, sentence):
    pair.starts_on = factories.today() - timedelta(days=200)
    meeting = held_on(pair)
    held_on(pair, starts_at=now() - timedelta(days=9))

    with pytest.raises(CannotLog, match=sentence):
        logs.redate(meeting, now() - timedelta(days=ago), people.mentor.user_id, as_staff)


@pytest.mark.parametrize("who", ["mentor", "coordinator"])
def test_each_corrects_the_date_on_a_page(app, people, in_space, association, who):
    with in_space(association):
        meeting = held_on(people.pair)
    browser = app.test_client().sign_in(getattr(people, who).user_id)
    path = f"rendez-vous/{meeting.id}" if who == "mentor" else f"binomes/{people.pair.id}/seances/{meeting.id}"
    day = factories.today() - timedelta(days=5)

    page = browser.send(f"{SPACE}/{path}/autre-moment", {"day": day.isoformat(), "time": "10:30"})
    late = browser.send(f"{SPACE}/{path}/autre-moment", {"day": soon().isoformat(), "time": "10:30"})

    assert page.flashes == ["La date est corrigée."]
    assert late.errors
    with in_space(association):
        [row] = db.session.scalars(select(Meeting)).all()
        assert row.starts_at == datetime.combine(day, time(10, 30), tzinfo=association.zone)


def test_what_was_noted_twice_counts_once_and_asks_nobody(app, coordinator, jeune, people, in_space, association):
    with in_space(association):
        first, second = held_on(people.pair, -3), held_on(people.pair, -4)
    path = f"{SPACE}/binomes/{people.pair.id}/seances/{second.id}"
    for _time in range(2):
        coordinator.send(f"{path}/retrait")

    with in_space(association):
        held = held_by_mentor([people.pair.mentor_id], now() - timedelta(days=30), now())[people.pair.mentor_id]
        assert (held.count, held.minutes) == (1, 60)
    assert "Retirée, notée en double" in coordinator.page(path).text
    assert jeune.page(f"{SPACE}/rendez-vous/{first.id}").text.count("Dire si elle a eu lieu") == 1
    assert "Dire si elle a eu lieu" not in jeune.page(f"{SPACE}/rendez-vous/{second.id}").text


def test_a_late_page_does_not_bring_back_what_was_noted_twice(app, coordinator, mentor, people, in_space, association):
    with in_space(association):
        one = a_meeting(people.pair, -3)
    opened = {"outcome": "held", "length": "60", "shown": mentor.page(path(one, "/compte-rendu")).value("shown")}
    mentor.send(path(one, "/compte-rendu"), {"outcome": "held", "length": "60"})
    later = {**opened, "shown": mentor.page(path(one, "/compte-rendu")).value("shown")}
    coordinator.send(f"{SPACE}/binomes/{people.pair.id}/seances/{one.id}/retrait")

    for late in (opened, later):
        assert "elle est annulée" in mentor.send(path(one, "/compte-rendu"), late).errors[0]
        with in_space(association):
            assert [m.state for m in stored(people.pair)] == ["cancelled"]


def test_a_second_meeting_of_one_day_is_asked_about(mentor, people, in_space, association):
    with in_space(association):
        start = datetime.combine(factories.today() - timedelta(days=2), time(9), tzinfo=association.zone)
        held_on(people.pair, starts_at=start)
    typed = {"outcome": "held", "length": "60", "place": "remote", "day": start.date().isoformat(), "time": "20:00"}
    path = f"{SPACE}/binomes/{people.pair.id}/seances/nouvelle"
    asked = mentor.send(path, typed)

    assert "déjà notée, à 9 h : est-ce une seconde ?" in asked.errors[0]
    assert mentor.send(path, typed | {"anyway": "y"}).flashes == ["C'est noté, merci."]


def test_who_attends_a_first_meeting_hears_that_it_moves_or_is_called_off(attend, written, app, people, in_space, association):
    attend(soon())
    with in_space(association):
        [meeting] = stored(people.pair)
    mentor = app.test_client().sign_in(people.mentor.user_id)
    address = written_to(in_space, association, people.admin)

    mentor.send(path(meeting, "/deplacement"), typed(soon(4), "18:00", place="association", where="12 rue"))
    assert "à laquelle vous participez, change" in written(address)[-1]
    assert "à 18 h. Si vous ne pouvez pas venir" in plain(written(address)[-1])
    app.test_client().sign_in(people.mentee.user_id).send(path(meeting, "/annulation"), {"word": ""})
    assert "à laquelle vous deviez participer, est annulée" in written(address)[-1]


def test_who_attends_and_calls_it_off_is_not_written_to(attend, written, app, people, in_space, association):
    attend(soon())
    with in_space(association):
        [meeting] = stored(people.pair)
    before = written(written_to(in_space, association, people.admin))

    app.test_client().sign_in(people.admin.user_id).send(
        f"{SPACE}/binomes/{people.pair.id}/rendez-vous/{meeting.id}/annulation", {"word": ""}
    )

    with in_space(association):
        assert [m.state for m in stored(people.pair)] == ["cancelled"]
    assert written(written_to(in_space, association, people.admin)) == before


def test_the_team_hears_of_a_meeting_that_comes_before_the_first_that_it_attends(
    attend, written, app, people, in_space, association
):
    attend(soon(5))
    team = [written_to(in_space, association, one) for one in (people.admin, people.coordinator)]
    mentor = app.test_client().sign_in(people.mentor.user_id)

    for day, is_told in ((8, False), (3, True)):
        mentor.send(f"{SPACE}/binomes/{people.pair.id}/rendez-vous/nouveau", typed(soon(day)))
        told = [text for address in team for text in written(address) if "se rencontrent" in text]
        assert bool(told) is is_told


def test_who_is_replaced_at_a_first_meeting_hears_of_it(attend, written, people, in_space, association):
    attend(soon())
    attend(soon(), "coordinator")

    assert "ira à votre place à la première rencontre" in written(written_to(in_space, association, people.admin))[-1]


def test_a_forgotten_meeting_of_the_past_is_no_first_one_to_come(app, written, people, in_space, association):
    with in_space(association):
        a_meeting(people.pair, -2, "held")
        db.session.get(Pair, (people.pair.tenant_id, people.pair.id)).starts_on = soon(-20)
    mentor = app.test_client().sign_in(people.mentor.user_id)
    mentor.send(f"{SPACE}/binomes/{people.pair.id}/seances/nouvelle", typed(soon(-9)) | {"outcome": "held"})

    with in_space(association):
        assert len(stored(people.pair)) == 2
    team = [written_to(in_space, association, one) for one in (people.admin, people.coordinator)]
    assert [text for address in team for text in written(address) if "se rencontrent" in text] == []


def written_to(in_space, association, staff):
    """Where somebody of the team is written to."""
    with in_space(association):
        return db.session.get(User, staff.user_id).email


def test_an_address_typed_for_a_moment_that_is_planned_is_not_lost(attend, people, in_space, association):
    with in_space(association):
        row = db.session.get(Pair, (people.pair.tenant_id, people.pair.id))
        start = datetime.combine(soon(), time(17), tzinfo=association.zone)
        actions.plan_all([row], [start], Spot(60, "association", "4 rue"), people.mentor.user_id)

    page = attend(soon())

    assert "avec une autre adresse" in page.errors[0]


def test_one_of_a_visit_does_not_move_onto_the_others(pair, people, association):
    other = brother(association, pair)
    start = datetime.combine(soon(), time(14), tzinfo=association.zone)
    mine, _theirs = actions.plan_all([pair, other], [start], Spot(60, "association"), people.mentor.user_id)

    half_an_hour_later = [mine.starts_at + timedelta(minutes=30)]
    assert [m.pair_id for m in actions.conflicts(pair, half_an_hour_later, 60, mine)] == [other.id]
    assert actions.conflicts(pair, [mine.starts_at], 90, mine) == []
