"""Candidatures of mentors: the board and the list, the interview and its grid, and the stage that each step leaves."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from app.extensions import db
from app.mail import Mail
from app.people.application_models import Decision, Interview, InterviewGrid
from app.people.applications import QUESTIONS
from app.people.check_models import Charter
from app.people.models import Mentor
from app.web import midnight, today
from tests import factories

from .fixtures import at_once, space_of
from .situations import ALL_MET, PARIS, SPACE, day, interview, plain

BOARD = f"{SPACE}/candidatures"
GRID, CHARTER = f"{SPACE}/reglages/entretien", f"{SPACE}/reglages/charte"
PLAN = {"planned_at": f"{factories.today() + timedelta(days=100)}T17:30", "place": "Au local"}
LATER = f"{factories.today() + timedelta(days=103)}T09:00"


def page_of(browser, mentor):
    return browser.page(f"{SPACE}/mentors/{mentor.id}/candidature")


def plan(browser, mentor, **typed):
    return browser.send(f"{SPACE}/mentors/{mentor.id}/entretien", {**PLAN, **typed})


def hold(browser, row, **typed):
    return browser.send(f"{SPACE}/entretiens/{row.id}", {"held_on": day(), "colour": "green", "summary": "Posé.", **typed})


def columns(page):
    """The board: each stage, with its number and who stands there."""
    return {
        column.h2.get_text(" ", strip=True): [link.get_text() for link in column.select(".what a")]
        for column in page.soup.select(".board section")
    }


def questions(page):
    """What the interview's page asks, in its order."""
    return [label.get_text(strip=True) for label in page.soup.select('label[for^="note_"]')]


def test_the_board_has_a_column_for_each_stage_under_way(office, association, in_space):
    with in_space(association):
        for stage, name in (("received", "Anna"), ("checks", "Zoé"), ("received", "Bob"), ("ready", "Prêt"), ("refused", "Non")):
            factories.mentor(association, account=False, first_name=name, last_name="A", stage=stage)

    assert columns(office.page(BOARD)) == {
        "À rencontrer 2": ["Anna A", "Bob A"],
        "Entretien prévu 0": [],
        "Entretien fait 0": [],
        "Références demandées 0": [],
        "Vérifications 1": ["Zoé A"],
    }


def test_a_full_column_shows_who_waits_longest_and_leads_to_the_others(office, association, in_space):
    with in_space(association):
        for rank in range(14):
            factories.mentor(association, account=False, first_name=f"M{'abcdefghijklmn'[rank]}", last_name="A")

    page = office.page(BOARD)

    assert columns(page)["À rencontrer 14"] == [f"M{letter} A" for letter in "abcdefghijkl"]
    assert page.soup.find("a", string="Voir les autres")["href"] == f"{BOARD}?liste=1&etape=received"


def test_a_longer_board_asks_nothing_more_of_the_database(office, association, in_space, statements):
    with in_space(association):
        factories.mentor(association, account=False)
    office.page(BOARD)
    with statements() as one:
        office.page(BOARD)
    with in_space(association):
        for _rank in range(9):
            factories.mentor(association, account=False)

    with statements() as ten:
        office.page(BOARD)

    assert len(ten) == len(one)


def test_somebody_who_came_this_night_has_waited_no_day(office, association, in_space):
    with time_machine.travel("2027-03-10T23:30:00Z", tick=False):
        with in_space(association):
            factories.mentor(association, account=False)
            account = factories.staff(association).user_id
        page = office.sign_in(account).page(BOARD)

    assert "depuis aujourd'hui" in page.text


@pytest.mark.parametrize(("days", "shows"), [(89, False), (90, True)])
def test_the_ninetieth_day_shows(days, shows, office, association, in_space):
    with in_space(association):
        factories.mentor(association, account=False).created_at = midnight(today() - timedelta(days=days))

    page = office.page(BOARD)
    card = office.page(f"{SPACE}/").soup.find("span", string="Candidatures en cours").parent

    assert f"depuis {days} jours" in page.text
    assert bool(page.soup.select(".board .tag.warn")) is shows
    assert (card.strong.get_text(), "alert-soft" in card["class"]) == ("1", shows)


def test_a_file_that_was_closed_leaves_the_board(office, association, in_space, mentor):
    office.send(f"{SPACE}/mentors/{mentor.id}/retrait")

    assert columns(office.page(BOARD))["À rencontrer 0"] == []
    assert [row[3] for row in office.page(f"{BOARD}?liste=1").rows] == ["Retirée"]


def test_the_list_shows_every_candidature_the_latest_first(office, association, in_space):
    with in_space(association):
        for name, stage in (("Anna", "received"), ("Zoé", "ready"), ("Émile", "refused")):
            factories.mentor(association, account=False, first_name=name, last_name="Abel", stage=stage)

    rows = office.page(f"{BOARD}?liste=1").rows

    assert [(row[0], row[1], row[3]) for row in rows] == [
        ("Émile Abel", "Lyon", "Refusée"),
        ("Zoé Abel", "Lyon", "Acceptée"),
        ("Anna Abel", "Lyon", "À rencontrer"),
    ]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"etape": "ready"}, ["Zoé Abel"]),
        ({"etape": "lost"}, ["Zoé Abel", "Anna Abel"]),
        ({"q": "zoe"}, ["Zoé Abel"]),
        ({"q": "abel", "etape": "received"}, ["Anna Abel"]),
        ({"q": "%"}, ["Zoé Abel", "Anna Abel"]),
        ({"q": "personne"}, []),
    ],
)
def test_the_list_is_read_by_stage_and_by_name(office, association, in_space, asked, found):
    with in_space(association):
        factories.mentor(association, account=False, first_name="Anna", last_name="Abel")
        factories.mentor(association, account=False, first_name="Zoé", last_name="Abel", stage="ready")

    page = office.page(BOARD, query_string={"liste": "1", **asked})

    assert [row[0] for row in page.rows] == found
    assert found or "Aucune candidature ici." in page.text


def test_another_association_s_candidatures_are_nowhere(office, elsewhere, in_space, stranger, stored):
    with in_space(elsewhere):
        row = interview(stranger)

    assert office.page(f"{BOARD}?liste=1").rows == []
    assert page_of(office, stranger).status == 404
    assert plan(office, stranger).status == 404
    assert hold(office, row).status == 404
    assert [(kept.held_on, kept.cancelled_at) for kept in stored(elsewhere, Interview)] == [(None, None)]


@pytest.mark.parametrize("path", ["/candidatures", "/mentors/{0}/candidature", "/mentors/{0}/entretien", "/mentors/{0}/decision"])
def test_a_mentor_reads_no_candidature_even_their_own(app, mentor, path):
    browser = app.test_client().sign_in(mentor.user_id)

    assert browser.page(f"{SPACE}{path.format(mentor.id)}").status == 403


def test_an_interview_is_planned_and_the_person_is_written_to(office, association, mentor, stored):
    with time_machine.travel("2026-11-26T10:00:00Z", tick=False):
        page = plan(office, mentor, planned_at="2027-03-12T17:30")

    [row], [mail] = stored(association, Interview), stored(association, Mail)
    assert page.flashes == ["L'entretien est prévu. Karim reçoit un message."]
    assert "Entretien prévu" in page.text
    assert row.planned_at.astimezone(PARIS) == datetime(2027, 3, 12, 17, 30, tzinfo=PARIS)
    assert (mail.to_address, mail.subject) == (mentor.email, "Votre entretien")
    assert "vendredi 12 mars 2027 à 17 h 30, au local." in plain(mail.text)
    assert stored(association, Mentor)[0].stage == "interview_planned"


def test_without_an_address_nobody_is_said_to_be_written_to(office, association, in_space, stored):
    with in_space(association):
        person = factories.mentor(association, account=False, email=None)

    page = plan(office, person)

    assert page.flashes == ["L'entretien est prévu."]
    assert stored(association, Mail) == []


@pytest.mark.parametrize("typed", [{"planned_at": ""}, {"planned_at": "demain"}, {"place": ""}, {"planned_at": "2027-02-30T10:00"}])
def test_an_interview_without_a_moment_or_a_place_is_refused(office, association, mentor, stored, typed):
    page = plan(office, mentor, **typed)

    assert (page.status, len(page.errors)) == (422, 1)
    assert [*stored(association, Interview), *stored(association, Mail)] == []


def test_another_moment_replaces_the_one_that_was_planned(office, association, mentor, stored):
    plan(office, mentor)

    page = plan(office, mentor, planned_at=LATER)

    first, second = stored(association, Interview)
    assert (first.cancelled_at is None, second.cancelled_at is None) == (False, True)
    assert "9 h" in page.text
    assert "17 h 30" not in page.text


def test_an_interview_that_was_replaced_is_not_noted_by_an_old_page(office, association, mentor, stored):
    plan(office, mentor)
    [first] = stored(association, Interview)
    plan(office, mentor, planned_at=LATER)

    page = hold(office, first)

    assert (page.status, len(page.errors)) == (422, 1)
    assert office.page(f"{SPACE}/entretiens/{first.id}").status == 404
    assert stored(association, Mentor)[0].stage == "interview_planned"
    assert [row.held_on for row in stored(association, Interview)] == [None, None]


def test_an_interview_that_was_held_is_not_replaced_by_the_next(office, association, in_space, mentor, stored):
    with in_space(association):
        interview(mentor, held=True)

    plan(office, mentor)

    assert [row.cancelled_at for row in stored(association, Interview)] == [None, None]


@pytest.mark.parametrize("stage", ["withdrawn", "refused"])
def test_a_candidature_that_is_over_has_no_interview_any_more(office, association, in_space, stored, stage):
    with in_space(association):
        person = factories.mentor(association, stage=stage)

    page = plan(office, person)

    assert (page.status, page.errors) == (422, ["Cette candidature est terminée."])
    assert [*stored(association, Interview), *stored(association, Mail)] == []


def test_an_interview_is_noted_question_by_question(office, association, in_space, mentor, stored):
    with in_space(association):
        row = interview(mentor)

    page = hold(office, row, note_0="Il a été aidé lui-même.", note_4="Il le dit à l'équipe.", colour="orange")

    [kept] = stored(association, Interview)
    assert page.flashes == ["L'entretien est noté."]
    assert "Posé. À discuter" in page.text
    assert [said["note"] for said in kept.notes] == ["Il a été aidé lui-même.", "", "", "", "Il le dit à l'équipe.", ""]
    assert stored(association, Mentor)[0].stage == "interviewed"


@pytest.mark.parametrize(("colour", "word"), [("green", "Favorable"), ("orange", "À discuter"), ("red", "Défavorable")])
def test_what_is_left_of_it_is_a_word_never_a_colour_alone(office, association, in_space, mentor, colour, word):
    with in_space(association):
        row = interview(mentor)

    page = hold(office, row, colour=colour)

    assert word in [tag.get_text() for tag in page.soup.select(".rows .tag")]


@pytest.mark.parametrize(
    "typed",
    [{"colour": ""}, {"colour": "blue"}, {"held_on": ""}, {"held_on": day(2)}, {"note_0": "x" * 1001}],
)
def test_an_interview_that_does_not_hold_together_is_refused(office, association, in_space, mentor, stored, typed):
    with in_space(association):
        row = interview(mentor)

    page = hold(office, row, **typed)

    assert (page.status, len(page.errors)) == (422, 1)
    assert stored(association, Interview)[0].held_on is None
    assert stored(association, Mentor)[0].stage == "received"


def test_an_interview_opened_again_asks_the_same_in_the_same_order(office, association, in_space, mentor):
    with in_space(association):
        row = interview(mentor)
    hold(office, row, note_2="Deux heures.")

    page = office.page(f"{SPACE}/entretiens/{row.id}")

    assert questions(page) == list(QUESTIONS)
    assert page.value("note_2").strip() == "Deux heures."


def test_noting_it_again_corrects_it_and_takes_no_stage_back(office, association, in_space, mentor, stored):
    with in_space(association):
        row = interview(mentor)
    hold(office, row)
    office.send(f"{SPACE}/mentors/{mentor.id}/reference", {"name": "Odile Garant", "email": "o@example.org", "relation": "Amie"})

    hold(office, row, colour="red", summary="À revoir.")

    [kept] = stored(association, Interview)
    assert (kept.colour, kept.summary) == ("red", "À revoir.")
    assert stored(association, Mentor)[0].stage == "references"


def test_a_late_page_of_the_grid_or_of_the_charter_undoes_nothing(boss, association, stored):
    late = {path: boss.page(path) for path in (GRID, CHARTER)}
    boss.send(GRID, {"questions": "Pourquoi ?", "criteria": late[GRID].value("criteria"), "shown": late[GRID].value("shown")})
    boss.send(CHARTER, {"body": "Être là.", "shown": late[CHARTER].value("shown")})

    page = boss.send(GRID, {"questions": late[GRID].value("questions"), "criteria": "Écoute", "shown": late[GRID].value("shown")})
    again = boss.send(CHARTER, {"body": "Être à l'heure.", "shown": late[CHARTER].value("shown")})

    assert page.flashes == ["La grille sert aux prochains entretiens."]
    last = max(stored(association, InterviewGrid), key=lambda grid: grid.number)
    assert (last.questions, last.criteria) == (["Pourquoi ?"], ["Écoute"])
    assert (again.status, again.value("body").strip()) == (422, "Être à l'heure.")
    assert again.errors == ["Quelqu'un vient d'écrire « Être là. » ici. Relisez, puis enregistrez de nouveau."]
    assert [charter.body for charter in stored(association, Charter)] == ["Être là."]


def test_two_who_note_one_interview_read_each_other(office, boss, association, in_space, mentor, stored):
    with in_space(association):
        row = interview(mentor)
    late = office.page(f"{SPACE}/entretiens/{row.id}")
    hold(boss, row, note_0="Il a été aidé lui-même.", colour="red", summary="À ne pas accepter.")

    page = hold(office, row, note_1="Oui, au club.", colour="green", summary="Très bien.", shown=late.value("shown"))

    assert (page.status, page.value("note_1").strip(), page.value("summary").strip()) == (422, "Oui, au club.", "Très bien.")
    assert page.errors == [
        f"Quelqu'un vient d'écrire « {said} » ici. Relisez, puis enregistrez de nouveau."
        for said in ("Défavorable", "À ne pas accepter.")
    ]
    [kept] = stored(association, Interview)
    assert (kept.colour, kept.summary, kept.notes[1]["note"]) == ("red", "À ne pas accepter.", "")
    page = hold(office, row, note_1="Oui, au club.", colour="red", summary="Parlons-en.", shown=page.value("shown"))
    [kept] = stored(association, Interview)
    assert (page.status, kept.summary) == (200, "Parlons-en.")
    assert [said["note"] for said in kept.notes[:2]] == ["Il a été aidé lui-même.", "Oui, au club."]


def test_planning_another_leaves_the_one_that_is_still_to_be_noted(office, association, in_space, mentor, stored):
    with in_space(association):
        interview(mentor, days=-1)

    plan(office, mentor)
    plan(office, mentor, planned_at=LATER)

    assert [row.cancelled_at is None for row in stored(association, Interview)] == [True, False, True]


def test_cancelling_the_one_that_was_not_noted_leaves_the_next(office, association, in_space, mentor, stored):
    with in_space(association):
        missed = interview(mentor, days=-1)
    plan(office, mentor, planned_at=LATER)
    page = office.page(f"{SPACE}/mentors/{mentor.id}/candidature")
    assert page.text.count("il remplace celui-ci") == page.text.count("La personne ne reçoit pas de message.") == 1

    office.send(f"{SPACE}/entretiens/{missed.id}/annulation")

    assert [row.cancelled_at is None for row in stored(association, Interview)] == [False, True]
    assert stored(association, Mentor)[0].stage == "interview_planned"


def test_the_association_writes_its_own_grid(boss, office, association, in_space, mentor, stored):
    with in_space(association):
        old, new = interview(mentor, days=-9), interview(mentor)
    hold(office, old)

    for _time in range(2):
        page = boss.send(GRID, {"questions": "- Pourquoi ?\n\n• Et après ?\n", "criteria": "Écoute"})

    assert page.flashes == ["La grille sert aux prochains entretiens."]
    assert [grid.questions for grid in stored(association, InterviewGrid)] == [["Pourquoi ?", "Et après ?"]]
    assert questions(office.page(f"{SPACE}/entretiens/{new.id}")) == ["Pourquoi ?", "Et après ?"]
    assert questions(office.page(f"{SPACE}/entretiens/{old.id}")) == list(QUESTIONS)


def test_notes_stand_under_the_questions_that_were_asked(boss, office, association, in_space, mentor, stored):
    with in_space(association):
        row = interview(mentor)
    shown = office.page(f"{SPACE}/entretiens/{row.id}").value("grid")
    boss.send(GRID, {"questions": "Et après ?\nPourquoi ?", "criteria": "Écoute"})

    hold(office, row, grid=shown, note_0="Parce que.")

    [kept] = stored(association, Interview)
    assert kept.notes[0] == {"question": QUESTIONS[0], "note": "Parce que."}


@pytest.mark.parametrize("name", ["questions", "criteria"])
@pytest.mark.parametrize("typed", ["", "  \n ", "-", "- \n• -\n"])
def test_a_grid_without_a_question_or_a_criterion_is_refused(boss, association, stored, name, typed):
    page = boss.send(GRID, {"questions": "Pourquoi ?", "criteria": "Écoute", name: typed})

    assert (page.status, page.errors) == (422, ["À remplir."])
    assert stored(association, InterviewGrid) == []


def test_only_an_admin_writes_the_grid(office, association, stored):
    assert office.page(GRID).status == 403
    assert office.send(GRID, {"questions": "Pourquoi ?", "criteria": "Écoute"}).status == 403
    assert stored(association, InterviewGrid) == []


def test_an_accepted_request_begins_at_the_first_stage(office, association, in_space, stored):
    with in_space(association):
        lead = factories.lead("mentor", age=40)

    office.send(f"{SPACE}/demandes/{lead.id}/acceptation")

    [person] = stored(association, Mentor)
    page = page_of(office, person)
    assert person.stage == "received"
    assert page.soup.select_one('[aria-current="step"]').get_text() == "À rencontrer"
    assert "Candidature reçue le" in page.text
    assert datetime.now(UTC) >= person.created_at


@pytest.mark.committed
def test_of_two_who_decide_the_contrary_at_once_one_is_heard(crowd):
    factories.programme(crowd)
    association = factories.association(crowd, "passerelle", "Passerelle", ["69"])
    with space_of(crowd, association):
        mentor = factories.mentor(association, account=False, email="paul@example.org", stage="interviewed")
        interview(mentor, held=True)
        accounts = [factories.staff(association).user_id for _rank in range(2)]
        path = f"{SPACE}/mentors/{mentor.id}/decision"

    at_once(crowd, [(accounts[0], path, {"outcome": "yes", "criteria": ALL_MET, "reason": "Oui."}),
                    (accounts[1], path, {"outcome": "no", "criteria": [], "reason": "Non."})])  # fmt: skip

    with space_of(crowd, association):
        made = db.session.query(Decision).order_by(Decision.id).all()
        row = db.session.query(Mentor).one()
        assert [one.is_accepted for one in made] in ([False], [True])
        assert row.stage == ("ready" if made[0].is_accepted else "refused")
        assert db.session.query(Mail).filter_by(to_address="paul@example.org").count() == 1


@pytest.mark.parametrize("when", ["0001-01-01T00:00", "9999-12-31T23:59"])
def test_an_interview_is_in_a_year_that_exists(app, people, when):
    client = app.test_client().sign_in(people.coordinator.user_id)

    page = client.send(f"/a/passerelle/mentors/{people.mentor.id}/entretien", {"planned_at": when, "place": "ici"})

    assert (page.status, page.errors) == (422, ["Vérifiez l'année."])
