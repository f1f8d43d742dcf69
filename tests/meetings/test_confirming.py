"""The jeune says whether a meeting took place and how it felt; neither of the two ever reads what the other said."""

from datetime import timedelta

import pytest

from app.extensions import db
from app.meetings.models import Confirmation
from tests import factories

from .situations import DAY, NOON, SPACE, a_meeting, at, path, since_long

SECOND = timedelta(seconds=1)
WORDS = ("versions différentes", "confirmé", "ressenti")


@pytest.fixture
def meeting(people, in_space, association):
    """A meeting of last week."""
    with in_space(association):
        return a_meeting(people.pair)


@pytest.fixture
def said(in_space, association):
    """What the jeune said, each time as (held, face)."""

    def read():
        with in_space(association):
            return [(row.was_held, row.face) for row in db.session.query(Confirmation)]

    return read


def answer(client, meeting, word):
    return client.send(path(meeting, "/confirmation"), {"answer": word})


ANSWERS = [
    ("face4", (True, 4)), ("face3", (True, 3)), ("face2", (True, 2)), ("face1", (True, 1)), ("yes", (True, None)),
    ("no", (False, None)),
]  # fmt: skip


@pytest.mark.parametrize(("word", "stored"), ANSWERS)
def test_one_tap_says_it(word, stored, jeune, meeting, said):
    buttons = [button["value"] for button in jeune.page(path(meeting, "/confirmation")).soup.find_all("button", {"name": "answer"})]
    assert word in buttons

    page = answer(jeune, meeting, word)

    assert page.flashes == ([] if word == "face1" else ["Merci, c'est noté."])
    assert said() == [stored]


def test_who_says_that_it_went_badly_reads_whom_to_talk_to(jeune, meeting, people):
    page = answer(jeune, meeting, "face1")

    assert page.soup.main.h2.get_text() == "Merci de l'avoir dit."
    assert page.soup.find("a", string="J'ai besoin d'aide")["href"] == f"{SPACE}/aide/{people.pair.id}"
    assert page.soup.select_one("ul.numbers a.go[href='tel:17']"), "as large as elsewhere"
    assert page.soup.find("button", {"value": "face4"}), "the last answer counts"

    assert jeune.page(path(meeting, "/confirmation")).soup.find("a", href="tel:119")
    answer(jeune, meeting, "face2")
    assert not jeune.page(path(meeting, "/confirmation")).soup.find("a", href="tel:119")


@pytest.mark.parametrize(
    ("word", "sentence"),
    [("face1", "Votre réponse\u00a0: Mal."), ("face4", "Votre réponse\u00a0: Très bien."),
     ("yes", "Votre réponse\u00a0: la séance a eu lieu."), ("no", "Votre réponse\u00a0: la séance n'a pas eu lieu.")],
)  # fmt: skip
def test_what_was_answered_is_said_and_marked_and_may_be_changed(word, sentence, jeune, meeting):
    unanswered = jeune.page(path(meeting, "/confirmation")).soup
    answer(jeune, meeting, word)

    page = jeune.page(path(meeting, "/confirmation")).soup

    assert [button["value"] for button in page.select("button[aria-current]")] == [word]
    assert page.find("h2", string=sentence)
    assert "A-t-elle eu lieu" not in page.text
    assert not unanswered.select("button[aria-current]")


def test_the_first_page_asks_about_the_last_meeting_until_it_is_answered(jeune, meeting):
    page = jeune.page(f"{SPACE}/")
    assert "A-t-elle eu lieu ? Comment c'était ?" in page.text
    form = page.soup.select_one("form.faces")

    jeune.send(form["action"], {"answer": "face3"})

    assert jeune.page(f"{SPACE}/").soup.select_one("form.faces") is None


def test_the_last_answer_counts_and_a_meeting_that_was_not_has_no_face(jeune, meeting, said):
    for word in ("face4", "face1", "no"):
        answer(jeune, meeting, word)

    assert said() == [(False, None)]


@pytest.mark.parametrize("data", [{}, {"answer": ""}, {"answer": "face5"}, {"answer": "face0"}, {"answer": "oui"}])
def test_what_is_no_answer_is_refused(data, jeune, meeting, said):
    page = jeune.send(path(meeting, "/confirmation"), data)

    assert (page.status, said()) == (422, [])


@pytest.mark.parametrize("state", ["planned", "held", "missed", "cancelled"])
def test_whatever_the_mentor_logged_the_jeune_may_answer(state, mentor, jeune, meeting, said):
    if state != "planned":
        mentor.send(path(meeting, "/compte-rendu"), {"outcome": state, "length": "60"})

    assert answer(jeune, meeting, "yes").status == 200
    assert said() == [(True, None)]


EDGES = [(timedelta(), 200), (-SECOND, 422), (60 * DAY, 200), (60 * DAY + SECOND, 422)]


@pytest.mark.parametrize(("age", "status"), EDGES)
def test_from_its_first_second_until_60_days(age, status, app, people, in_space, association):
    with in_space(association):
        since_long(people.pair)
        meeting = a_meeting(people.pair, starts_at=NOON)

    with at(NOON + age):
        assert answer(app.test_client().sign_in(people.mentee.user_id), meeting, "yes").status == status


@pytest.mark.parametrize(("who", "status"), [("mentor", 404), ("coordinator", 403), ("stranger", 404)])
def test_nobody_answers_for_the_jeune(who, status, app, people, meeting, said, in_space, association):
    with in_space(association):
        stranger = factories.mentee(association).user_id
    user_id = stranger if who == "stranger" else getattr(people, who).user_id

    page = answer(app.test_client().sign_in(user_id), meeting, "yes")

    assert (page.status, said()) == (status, [])


def pages_of(client, meeting):
    """Every page where somebody reads of a meeting, in words, and their calendar."""
    wheres = (f"{SPACE}/", f"{SPACE}/rendez-vous", path(meeting))
    file = client.get(path(meeting, "/agenda")).get_data(as_text=True)
    calendar = [line for line in file.splitlines() if not line.startswith(("DTSTAMP", "LAST-MODIFIED"))]
    return [client.page(where).text for where in wheres], calendar


STORIES = [("held", "no"), ("missed", "face4"), ("held", "face1"), ("cancelled", "yes"), ("missed", "no")]


@pytest.mark.parametrize(("outcome", "word"), STORIES)
def test_the_jeune_reads_the_same_whatever_the_mentor_says(outcome, word, mentor, jeune, meeting):
    answer(jeune, meeting, word)
    before = pages_of(jeune, meeting)

    mentor.send(
        path(meeting, "/compte-rendu"), {"outcome": outcome, "length": "90", "place": "association", "note": "Rien de grave."}
    )

    assert pages_of(jeune, meeting) == before


@pytest.mark.parametrize(("outcome", "word"), STORIES)
def test_the_mentor_reads_the_same_whatever_the_jeune_says(outcome, word, mentor, jeune, meeting):
    mentor.send(path(meeting, "/compte-rendu"), {"outcome": outcome, "length": "60"})
    mentor.page(f"{SPACE}/")  # what is said once, is said
    before = pages_of(mentor, meeting), mentor.page(path(meeting, "/compte-rendu")).text

    answer(jeune, meeting, word)

    assert (pages_of(mentor, meeting), mentor.page(path(meeting, "/compte-rendu")).text) == before


TAGS = [
    ("held", "no", "versions différentes"), ("missed", "face4", "versions différentes"), ("held", "yes", "confirmé"),
    ("missed", "no", "confirmé"), ("held", "face4", "ressenti : Très bien"), ("held", "face1", "ressenti : Mal"),
    ("cancelled", "yes", "versions différentes"), ("cancelled", "no", "confirmé"), ("planned", "face3", "ressenti : Bien"),
]  # fmt: skip


@pytest.mark.parametrize(("outcome", "word", "tag"), TAGS)
def test_the_team_reads_both(outcome, word, tag, mentor, jeune, coordinator, meeting):
    if outcome != "planned":
        mentor.send(path(meeting, "/compte-rendu"), {"outcome": outcome, "length": "60"})
    answer(jeune, meeting, word)

    page = coordinator.page(f"{SPACE}/binomes/{meeting.pair_id}")

    tags = [" ".join(span.get_text().split()) for span in page.soup.select(".rows .tag")]
    assert [one for one in tags if one.startswith(WORDS)] == [tag]
    seen = coordinator.page(f"{SPACE}/binomes/{meeting.pair_id}/seances/{meeting.id}").text
    assert ("La séance n'a pas eu lieu." if word == "no" else "La séance a eu lieu.") in seen


def test_until_the_jeune_answers_the_team_reads_nothing_of_theirs(coordinator, meeting):
    page = coordinator.page(f"{SPACE}/binomes/{meeting.pair_id}/seances/{meeting.id}")

    assert "Ce que dit Inès Rien pour l'instant." in page.text
