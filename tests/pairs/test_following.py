"""Who follows a pair, and the first meeting, that somebody of the team attends."""

from datetime import timedelta

import pytest

from app.extensions import db
from app.mail import Mail
from app.meetings.models import Meeting
from app.pairs.models import Pair, PairEvent
from tests import factories

from .situations import paris_today

PAIRS = "/a/passerelle/binomes"


def first(colleague, days=3, **changes):
    """The form of a first meeting, so many days from today, with a colleague."""
    day = paris_today() + timedelta(days=days)
    values = {
        "starts_at": f"{day.isoformat()}T17:30",
        "place": "association",
        "where_association": "Salle du fond",
        "staff": str(colleague.id),
    }
    return values | changes


@pytest.fixture
def colleague(association, in_space):
    with in_space(association):
        return factories.staff(association, first_name="Sonia", last_name="Petit")


def test_the_pair_is_handed_to_a_colleague_and_its_story_says_so(office, association, people, colleague, stored):
    page = office.send(f"{PAIRS}/{people.pair.id}/referent", {"staff": str(colleague.id)})

    assert page.flashes == ["Le suivi est confié."]
    assert stored(association, Pair)[0].coordinator_id == colleague.id
    assert [(event.what, event.why) for event in stored(association, PairEvent)] == [("changed", "Sonia Petit")]


def test_handed_twice_to_the_same_it_is_told_once(office, association, people, colleague, stored):
    for _time in range(2):
        office.send(f"{PAIRS}/{people.pair.id}/referent", {"staff": str(colleague.id)})

    assert len(stored(association, PairEvent)) == 1


def test_somebody_of_another_association_cannot_follow_it(office, elsewhere, in_space, people):
    with in_space(elsewhere):
        stranger = factories.staff(elsewhere)

    page = office.send(f"{PAIRS}/{people.pair.id}/referent", {"staff": str(stranger.id)})

    assert (page.status, page.errors) == (422, ["Choisissez parmi les réponses proposées : elles ont peut-être changé."])


def test_the_first_meeting_stands_in_the_list_of_both(office, association, people, colleague, stored):
    page = office.send(f"{PAIRS}/{people.pair.id}/premiere-rencontre", first(colleague))

    [meeting] = [meeting for meeting in stored(association, Meeting) if meeting.where == "Salle du fond"]
    assert page.flashes == ["La première rencontre est prévue."]
    assert (meeting.place, meeting.minutes, meeting.state) == ("association", 60, "planned")
    assert "Première rencontre prévue" in page.text
    assert stored(association, PairEvent)[-1].why == "Sonia Petit"
    assert [mail.subject for mail in stored(association, Mail)].count("Une première rencontre à laquelle vous participez") == 1
    told = [mail.text for mail in stored(association, Mail) if mail.kind in {"meeting_planned", "meeting_mine"}]
    assert len(told) == 2
    assert all("Sonia Petit, de l'association, sera avec vous." in text and "Salle du fond" in text for text in told)
    assert all("1\N{NO-BREAK SPACE}h" in text for text in told)


def test_there_is_one_first_meeting_and_the_mentor_is_not_elsewhere(office, association, in_space, people, colleague, stored):
    page = f"{PAIRS}/{people.pair.id}/premiere-rencontre"
    office.send(page, first(colleague))
    again = office.send(page, first(colleague, days=9))
    with in_space(association):
        mentor = db.session.merge(people.mentor)
        mentor.capacity = 2
        other = factories.pair(mentor, factories.mentee(association, first_name="Ali"))
    clash = office.send(f"{PAIRS}/{other.id}/premiere-rencontre", first(colleague))

    assert (again.status, "déjà prévue" in again.errors[0]) == (422, True)
    assert (clash.status, "a déjà un rendez-vous" in clash.errors[0]) == (422, True)
    assert len(stored(association, Meeting)) == 1


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"starts_at": ""}, "Indiquez une date qui existe."),
        ({"place": "bar"}, "Choisissez parmi les réponses proposées : elles ont peut-être changé."),
        ({"where_association": ""}, "Écrivez l'adresse : les deux doivent savoir où venir."),
        ({"staff": "x"}, "Choisissez parmi les réponses proposées : elles ont peut-être changé."),
        ({"days": -400}, "Choisissez un moment à venir. Une rencontre qui a eu lieu se note, elle ne se prévoit pas."),
    ],
)
def test_what_cannot_be_right_is_refused_at_its_field(office, association, people, colleague, stored, typed, sentence):
    before = len(stored(association, Meeting))

    page = office.send(f"{PAIRS}/{people.pair.id}/premiere-rencontre", first(colleague, **typed))

    assert (page.status, page.errors) == (422, [sentence])
    assert len(stored(association, Meeting)) == before


def test_another_hour_than_that_of_a_planned_meeting_asks_where_one_has_to_come(office, association, people, colleague, stored):
    on = factories.noon(9).strftime("%Y-%m-%dT%H:%M")
    path = f"{PAIRS}/{people.pair.id}/premiere-rencontre?quand={on}&lieu=school"
    assert not office.page(path).tree.xpath("//input[@name = 'where_school']")

    page = office.send(path, first(colleague, place="school"))

    assert page.errors == ["Écrivez l'adresse : les deux doivent savoir où venir."]
    assert page.tree.xpath("//input[@name = 'where_school']")
