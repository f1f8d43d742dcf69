"""« Je serai en retard »: two taps, and whoever waits learns it; nobody is told of what is over, far away or another's."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts.models import User
from app.database import now, uuid7
from app.extensions import db
from app.mail import Mail
from app.meetings.models import MeetingEvent
from app.people.models import Mentee
from tests import factories

from .situations import HOUR, brother, path, plain, soon, typed

MINUTE = timedelta(minutes=1)


@pytest.fixture
def make(in_space, association, people):
    """A meeting of the pair that begins so long from now."""

    def one(begins=HOUR, **changes):
        with in_space(association):
            return factories.meeting(people.pair, starts_at=now() + begins, state=changes.pop("state", "planned"), **changes)

    return one


def test_the_jeune_learns_that_the_mentor_will_be_late(mentor, jeune, make, letters, again, people):
    meeting = make()

    page = mentor.send(path(meeting, "/retard"), {"minutes": "20"})

    assert page.flashes == ["C'est noté. Inès reçoit un message."]
    assert "Vous avez prévenu : environ 20 minutes de retard." in page.text
    assert again(meeting).late == {"mentor": 20, "mentee": None}
    [letter] = letters("meeting_late")
    assert letter.to_address == people.mentee.email
    assert "Karim pense avoir environ 20 minutes de retard au rendez-vous de " in plain(letter.text)
    assert letter.valid_until == meeting.ends_at
    for shown in ("/a/passerelle/", path(meeting)):
        assert "Karim prévient : environ 20 minutes de retard." in jeune.page(shown).text


def test_the_mentor_learns_that_the_jeune_will_be(mentor, jeune, make, letters, people):
    meeting = make(-5 * MINUTE)

    jeune.send(path(meeting, "/retard"), {"minutes": "10"})

    assert [letter.to_address for letter in letters("meeting_late")] == [people.mentor.email]
    for shown in ("/a/passerelle/", path(meeting)):
        assert "Inès prévient : environ 10 minutes de retard." in mentor.page(shown).text


def test_twice_is_once_and_only_more_is_told(mentor, make, letters, again):
    meeting = make()

    for minutes in ("10", "10", "30", "20"):
        mentor.send(path(meeting, "/retard"), {"minutes": minutes})

    assert again(meeting).mentor_late == 30
    assert len(letters("meeting_late")) == 2


def test_the_history_keeps_it(mentor, coordinator, make, in_space, association, people):
    meeting = make()
    mentor.send(path(meeting, "/retard"), {"minutes": "10"})

    assert "Retard annoncé, 10 min" in coordinator.page(f"/a/passerelle/binomes/{people.pair.id}/seances/{meeting.id}").text

    with in_space(association):
        [event] = db.session.query(MeetingEvent).filter_by(meeting_id=meeting.id, what="late")
        assert (event.before, event.user_id) == ({"minutes": 10}, people.mentor.user_id)


@pytest.mark.parametrize("begins", [3 * HOUR, -2 * HOUR])
def test_nobody_waits_for_a_meeting_that_is_far_or_over(mentor, make, letters, again, begins):
    meeting = make(begins)

    page = mentor.send(path(meeting, "/retard"), {"minutes": "10"})

    assert page.status == 409
    assert "dans plus de deux heures" in page.text
    assert (again(meeting).mentor_late, letters("meeting_late")) == (None, [])
    assert "Je serai en retard" not in mentor.page(path(meeting)).text


def test_nor_for_one_that_was_called_off(mentor, make, letters):
    meeting = make(state="cancelled")

    assert mentor.send(path(meeting, "/retard"), {"minutes": "10"}).status == 409
    assert letters("meeting_late") == []


@pytest.mark.parametrize("minutes", ["", "15", "-10", "1000", "dix", "\x00"])
def test_another_number_is_refused(mentor, make, letters, again, minutes):
    meeting = make()

    assert mentor.send(path(meeting, "/retard"), {"minutes": minutes}).status == 409
    assert (again(meeting).mentor_late, letters("meeting_late")) == (None, [])


def test_another_hour_is_another_meeting(mentor, make, again):
    meeting = make()
    mentor.send(path(meeting, "/retard"), {"minutes": "30"})

    mentor.send(path(meeting, "/deplacement"), typed(soon(3), "18:00"))

    assert again(meeting).late == {"mentor": None, "mentee": None}


def test_the_team_and_strangers_are_not_late(coordinator, client, make, again):
    meeting = make()

    answers = [
        coordinator.post(path(meeting, "/retard"), data={"minutes": "10"}).status_code,
        client.post(path(meeting, "/retard"), data={"minutes": "10"}).status_code,
    ]

    assert again(meeting).late == {"mentor": None, "mentee": None}
    assert answers[0] in {403, 404}
    assert answers[1] == 302 or answers[1] in {401, 403}


def test_a_mentor_is_late_for_brothers_and_sisters_and_a_jeune_for_themself(
    mentor, jeune, make, again, in_space, association, people
):
    visit = uuid7()
    first = make(visit_id=visit)
    with in_space(association):
        other = brother(association, people.pair)
        second = factories.meeting(other, starts_at=first.starts_at, visit_id=visit)

    jeune.send(path(first, "/retard"), {"minutes": "10"})
    mentor.send(path(first, "/retard"), {"minutes": "20"})

    assert [again(one).late for one in (first, second)] == [{"mentor": 20, "mentee": 10}, {"mentor": 20, "mentee": None}]


@pytest.mark.parametrize(("place", "told"), [("association", ["nadege@example.org"]), ("remote", [])])
def test_whoever_represents_a_minor_learns_that_the_mentor_is_awaited(
    mentor, make, letters, in_space, association, people, place, told
):
    meeting = make(place=place, where="")
    with in_space(association):
        child = db.session.get(Mentee, (association.id, people.mentee.id))
        child.birth_date = factories.birth_date(14)
        child.guardian_name, child.guardian_email = "Nadège Benali", "nadege@example.org"

    mentor.send(path(meeting, "/retard"), {"minutes": "20"})

    assert [one.to_address for one in letters("meeting_late") if one.to_address != people.mentee.email] == told


def test_whoever_of_the_team_is_at_a_first_meeting_is_told(mentor, make, letters, in_space, association, people):
    meeting = make()
    with in_space(association):
        db.session.add(MeetingEvent(meeting_id=meeting.id, what="attended", user_id=people.coordinator.user_id))

    mentor.send(path(meeting, "/retard"), {"minutes": "30"})

    with in_space(association):
        address = db.session.get(User, people.coordinator.user_id).email
        [text] = db.session.scalars(select(Mail.text).where(Mail.to_address == address))
    assert "Karim pense avoir environ 30 minutes de retard à la première rencontre" in plain(text)


def test_where_nobody_can_be_written_to_the_association_is_to_be_called(mentor, make, letters, in_space, association, people):
    with in_space(association):
        db.session.get(Mentee, (association.id, people.mentee.id)).email = None

    page = mentor.send(path(make(), "/retard"), {"minutes": "10"})

    assert [plain(said) for said in page.flashes] == ["C'est noté.", "Personne ne peut lui écrire d'ici : appelez l'association."]
    assert letters("meeting_late") == []
