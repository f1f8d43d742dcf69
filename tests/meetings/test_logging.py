"""A mentor says how a meeting went, and corrects it; what is refused."""

from datetime import timedelta

import pytest
import time_machine

from app.database import now
from app.extensions import db
from app.pairs.closing import close_pair
from app.pairs.models import Pair
from app.web import today
from tests import factories


@pytest.fixture
def meeting(in_space, association, people):
    """A meeting of last week, planned for an hour."""
    with in_space(association):
        return factories.meeting(people.pair)


def path_of(meeting):
    return f"/a/passerelle/rendez-vous/{meeting.id}/compte-rendu"


def chosen(page, name):
    return [field["value"] for field in page.soup.find_all("input", {"name": name, "checked": True})]


def test_the_form_starts_from_what_was_planned(mentor, meeting):
    page = mentor.page(path_of(meeting))

    assert chosen(page, "outcome") == ["held"]
    assert chosen(page, "length") == ["60"]
    assert "Inès ne lit ce mot que dans une copie de son dossier" in page.text


def test_two_taps_log_a_meeting(mentor, meeting, again, people):
    page = mentor.send(path_of(meeting), {"outcome": "held", "length": "90"})

    assert page.heading == "Bonjour Karim"
    assert page.flashes == ["C'est noté, merci."]
    stored = again(meeting)
    assert (stored.state, stored.minutes, stored.logged_by) == ("held", 90, people.mentor.user_id)
    assert stored.logged_at is not None


@pytest.mark.parametrize(("outcome", "words"), [("missed", "n'a pas eu lieu"), ("cancelled", "annulé"), ("held", "a eu lieu")])
def test_how_it_went_is_read_in_the_list(outcome, words, mentor, meeting):
    mentor.send(path_of(meeting), {"outcome": outcome, "length": "60"})

    page = mentor.page("/a/passerelle/rendez-vous")

    assert page.soup.select_one(".rows .tag").get_text() == words


def test_other_minutes_are_typed_and_shown_when_it_is_corrected(mentor, meeting, again):
    mentor.send(path_of(meeting), {"outcome": "held", "length": "other", "other_minutes": "75", "subjects": ["cv", "outing"]})

    page = mentor.page(path_of(meeting))

    assert again(meeting).minutes == 75
    assert (chosen(page, "length"), page.value("other_minutes")) == (["other"], "75")
    assert chosen(page, "subjects") == ["cv", "outing"]


BAD = [
    ({"length": "60"}, "Choisissez une réponse."),
    ({"outcome": "held"}, "Indiquez combien de temps elle a duré."),
    ({"outcome": "held", "length": "other"}, "Indiquez combien de temps elle a duré."),
    ({"outcome": "held", "length": "other", "other_minutes": "4"}, "De 5 à 600 minutes."),
    ({"outcome": "held", "length": "other", "other_minutes": "601"}, "De 5 à 600 minutes."),
    ({"outcome": "held", "length": "60", "note": "x" * 2001}, "C'est trop long : 2000 caractères au plus."),
]


@pytest.mark.parametrize(("data", "sentence"), BAD)
def test_what_is_missing_is_said_at_its_field(data, sentence, mentor, meeting, again):
    page = mentor.send(path_of(meeting), data)

    assert (page.status, page.errors) == (422, [sentence])
    assert again(meeting).state == "planned"


@pytest.mark.parametrize("data", [{"outcome": "great"}, {"length": "3"}, {"subjects": ["secret"]}, {"other_minutes": "une heure"}])
def test_what_the_form_did_not_propose_is_refused(data, mentor, meeting, again):
    page = mentor.send(path_of(meeting), {"outcome": "held", "length": "60"} | data)

    assert page.status == 422
    assert len(page.errors) == 1
    assert again(meeting).state == "planned"


@pytest.mark.parametrize("minutes", [5, 600])
def test_the_shortest_and_the_longest_meeting(minutes, mentor, meeting, again):
    mentor.send(path_of(meeting), {"outcome": "held", "length": "other", "other_minutes": str(minutes)})

    assert again(meeting).minutes == minutes


def test_a_meeting_that_was_missed_keeps_its_planned_length_and_no_subject(mentor, meeting, again):
    mentor.send(path_of(meeting), {"outcome": "missed", "length": "120", "subjects": ["cv"], "note": "Train en retard."})

    stored = again(meeting)

    assert (stored.state, stored.minutes, stored.subjects) == ("missed", 60, [])
    assert stored.note == "Train en retard."


def test_saying_it_again_corrects_it(mentor, meeting, again):
    mentor.send(path_of(meeting), {"outcome": "missed"})

    mentor.send(path_of(meeting), {"outcome": "held", "length": "45", "subjects": ["cv"]})

    stored = again(meeting)
    assert (stored.state, stored.minutes, stored.subjects) == ("held", 45, ["cv"])


TOO_SOON = "Ce rendez-vous n'a pas encore commencé. S'il n'aura pas lieu, annulez-le."
TOO_LATE = "Ce rendez-vous a plus de 60 jours. Écrivez à l'association, qui peut le corriger."


@pytest.mark.parametrize(("days", "sentence"), [(1, TOO_SOON), (-61, TOO_LATE)])
def test_a_meeting_is_logged_between_its_start_and_60_days(days, sentence, mentor, people, in_space, association, again):
    with in_space(association):
        meeting = factories.meeting(people.pair, days)

    page = mentor.send(path_of(meeting), {"outcome": "held", "length": "60"})

    assert (page.status, page.errors) == (422, [sentence])
    assert again(meeting).state == "planned"


def test_a_meeting_can_be_logged_from_the_minute_it_starts(app, people, in_space, association, again):
    with in_space(association):
        meeting = factories.meeting(people.pair, 1)

    with time_machine.travel(meeting.starts_at, tick=False):
        app.test_client().sign_in(people.mentor.user_id).send(path_of(meeting), {"outcome": "held", "length": "60"})

    assert again(meeting).state == "held"


OLD_ACCOUNT = "Ce compte rendu a plus de 30 jours. Écrivez à l'association, qui peut le corriger."


@pytest.mark.parametrize(("since", "errors"), [(timedelta(days=30), []), (timedelta(days=30, seconds=1), [OLD_ACCOUNT])])
def test_30_days_after_the_first_account_a_mistake_is_the_associations(since, errors, app, people, in_space, association):
    moment = now().replace(microsecond=0)
    with in_space(association):
        meeting = factories.meeting(people.pair, -59, "held", logged_at=moment, first_logged_at=moment)

    with time_machine.travel(moment + since, tick=False):
        page = app.test_client().sign_in(people.mentor.user_id).send(path_of(meeting), {"outcome": "missed"})

    assert page.errors == errors


def test_a_meeting_of_a_closed_pair_can_still_be_logged(association, in_space, mentor, people, meeting, again):
    with in_space(association):
        close_pair(db.session.get(Pair, (association.id, people.pair.id)), today(), "planned", None)

    mentor.send(path_of(meeting), {"outcome": "held", "length": "60"})

    assert again(meeting).state == "held"


def opened(client, path, **typed):
    """What a page that was opened now would send."""
    return {"outcome": "held", "length": "60", "shown": client.page(path).value("shown"), **typed}


def test_a_late_page_of_the_team_does_not_erase_what_the_mentor_told_it(
    mentor, coordinator, people, meeting, again, in_space, association
):
    path = f"/a/passerelle/binomes/{people.pair.id}/seances/{meeting.id}"
    late = opened(coordinator, path, outcome="missed")
    mentor.send(path_of(meeting), {"outcome": "held", "length": "90", "note": "Il parle de mourir."})

    page = coordinator.send(path, late)

    assert page.errors == [
        "Quelqu'un vient de noter cette séance : elle a eu lieu, 90 minutes. Relisez, puis enregistrez de nouveau."
    ]
    assert page.value("note").strip() == "Il parle de mourir.", "they read it before they save"
    assert again(meeting).note == "Il parle de mourir."
    coordinator.send(path, late | {"shown": page.value("shown"), "note": ""})
    assert (again(meeting).state, again(meeting).note) == ("missed", None)
    assert "« Il parle de mourir. »" in coordinator.page(path).text, "the history keeps it"


def test_a_late_page_of_the_mentor_does_not_undo_what_the_team_corrected(mentor, coordinator, people, meeting, again):
    late = opened(mentor, path_of(meeting))
    coordinator.send(f"/a/passerelle/binomes/{people.pair.id}/seances/{meeting.id}", {"outcome": "missed"})

    page = mentor.send(path_of(meeting), late)

    assert page.errors == ["Quelqu'un vient de noter cette séance : elle n'a pas eu lieu. Relisez, puis enregistrez de nouveau."]
    assert again(meeting).state == "missed"


def test_a_late_page_of_one_s_own_corrects_and_erases_no_word(mentor, meeting, again):
    late = opened(mentor, path_of(meeting), length="30")
    mentor.send(path_of(meeting), {"outcome": "held", "length": "60", "note": "Bien."})

    assert mentor.send(path_of(meeting), late).flashes == ["C'est noté, merci."]

    assert (again(meeting).minutes, again(meeting).note) == (30, "Bien.")


def test_the_same_said_by_two_is_said_once(mentor, coordinator, people, meeting, again):
    late = opened(mentor, path_of(meeting))
    coordinator.send(f"/a/passerelle/binomes/{people.pair.id}/seances/{meeting.id}", {"outcome": "held", "length": "60"})

    assert mentor.send(path_of(meeting), late).flashes == ["C'est noté, merci."]

    assert again(meeting).logged_by == people.coordinator.user_id
