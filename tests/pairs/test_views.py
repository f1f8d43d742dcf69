"""Pairs as a coordinator meets them: the list, forming one, its page, its closure."""

import csv
import io
from datetime import timedelta

import pytest
from openpyxl import load_workbook

from app.extensions import db
from app.pairs.closing import close_pair
from app.pairs.models import Pair
from tests import factories
from tests.people.fixtures import day_ago

from .situations import make_mentee, make_mentor, plain

PAIRS = "/a/passerelle/binomes"


def first_cells(page):
    """Who is in each row."""
    return [row[0] for row in page.rows]


@pytest.fixture
def ready(association, in_space):
    """A jeune of 20 and a trained mentor, who may meet."""
    with in_space(association):
        return make_mentee(association, 20), make_mentor(association)


def form(mentee, mentor, /, **changes):
    """What the form of a new pair sends."""
    values = {
        "mentee": str(getattr(mentee, "id", mentee)), "mentor": str(getattr(mentor, "id", mentor)), "starts_on": day_ago(0),
        "planned_months": "6", "rhythm": "fortnightly", "objectives": "- Choisir une formation\r\n\r\n• Réviser le bac\r\n",
    }  # fmt: skip
    return {**values, **changes}


@pytest.fixture
def some_pairs(association, in_space):
    """Three pairs: one of the last month, one of spring that Sonia follows, one that is closed."""
    with in_space(association):
        sonia = factories.staff(association, first_name="Sonia", last_name="Petit")
        for first, last, days, card in (("Inès", "Évrard", 30, None), ("Noé", "Martin", 200, sonia), ("Léa", "Colas", 400, None)):
            phone = "+33698000001" if card else None
            mentee = factories.mentee(association, account=False, first_name=first, last_name=last, phone=phone)
            mentor = factories.mentor(association, trained=True, account=False, last_name=f"de {first}")
            pair = factories.pair(mentor, mentee, card, starts_on=factories.today() - factories.timedelta(days=days))
        close_pair(pair, factories.today(), "planned", None)
    return sonia


def test_the_list_shows_open_pairs_the_latest_first(office, some_pairs):
    page = office.page(PAIRS)

    assert page.heading == "Binômes"
    assert first_cells(page) == ["Inès Évrard et Karim de Inès", "Noé Martin et Karim de Noé"]
    assert [row[3:] for row in page.rows] == [["Pas encore de séance", ""], ["Pas encore de séance", "Sonia Petit"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?etat=closed", ["Léa"]),
        ("?etat=autre", ["Inès", "Noé"]),
        ("?q=evrard", ["Inès"]),
        ("?q=karim+noe", ["Noé"]),
        ("?q=colas", []),
        ("?etat=closed&q=colas", ["Léa"]),
        ("?q=06+98+00+00+01", ["Noé"]),
        ("?q=06+98+00+00+02", []),
        ("?suivi=personne", ["Inès"]),
        ("?suivi=autre", ["Inès", "Noé"]),
        ("?dep=69", ["Inès", "Noé"]),
        ("?dep=2a", []),
        ("?age=majeurs", ["Inès", "Noé"]),
        ("?age=mineurs", []),
        ("?age=autre", ["Inès", "Noé"]),
    ],
)
def test_the_list_is_filtered_and_searched(office, some_pairs, query, found):
    assert [cell.split()[0] for cell in first_cells(office.page(f"{PAIRS}{query}"))] == found


def test_each_tab_says_how_many_until_the_list_is_narrowed(office, some_pairs):
    def tabs(page):
        return [" ".join(a.get_text(" ").split()) for a in page.soup.select(".tabs a")]

    assert tabs(office.page(PAIRS))[0] == "En cours 2"
    assert [tab for tab in tabs(office.page(PAIRS)) if tab[-1] not in "0"][1:] == ["Clôturés 1"]
    assert tabs(office.page(f"{PAIRS}?q=lea"))[0] == "En cours"


def test_a_pair_of_another_tab_is_said_with_a_way_there(office, some_pairs):
    page = office.page(f"{PAIRS}?q=colas")

    [link] = page.soup.select(".empty a.go")
    assert link.get_text() == "Clôturés (1)"
    assert [cell.split()[0] for cell in first_cells(office.page(link["href"]))] == ["Léa"]


def test_mine_are_those_that_i_follow(client, some_pairs):
    page = client.sign_in(some_pairs.user_id).page(f"{PAIRS}?suivi=moi")

    assert [cell.split()[0] for cell in first_cells(page)] == ["Noé"]


def test_the_list_shows_those_whom_a_colleague_follows(office, some_pairs):
    page = office.page(f"{PAIRS}?suivi={some_pairs.id}")

    assert first_cells(page) == ["Noé Martin et Karim de Noé"]
    assert page.soup.select_one("#suivi option[selected]").text == "Sonia Petit"


def test_the_file_has_what_the_list_has(office, some_pairs):
    page = office.page(f"{PAIRS}?suivi={some_pairs.id}&q=noe")
    link = page.soup.find("a", string="Télécharger (CSV)")["href"]
    [row] = csv.DictReader(io.StringIO(office.get(link).data.decode("utf-8-sig")), delimiter=";")

    assert (row["Nom du jeune"], row["Nom du mentor"], row["Suivi par"]) == ("Martin", "de Noé", "Sonia Petit")
    assert (row["Téléphone du jeune"], row["Où cela en est"], row["Dernière rencontre"]) == ("06 98 00 00 01", "en cours", "")


def test_the_file_counts_the_days_on_which_each_pair_met(office, association, in_space):
    with in_space(association):
        pair = factories.pair(factories.mentor(association, trained=True), factories.mentee(association))
        meeting = factories.meeting(pair, -3, "held")

    answer = office.get(f"{PAIRS}/export/xlsx")
    [titles, row] = load_workbook(io.BytesIO(answer.data)).active.iter_rows(values_only=True)

    said = dict(zip(titles, row, strict=True))
    assert (said["Jours de rencontre"], said["Dernière rencontre"].date()) == (1, meeting.starts_at.date())


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("", "Pas encore de binôme. Il faut un jeune, et un mentor ou une mentore dont la formation est terminée."),
        ("?q=x", "Aucun binôme ne correspond."),
        ("?suivi=moi", "Aucun binôme ne correspond."),
        ("?etat=closed", "Aucun binôme ne correspond."),
    ],
)
def test_an_empty_list_says_what_to_do(office, query, sentence):
    assert sentence in office.page(f"{PAIRS}{query}").text


def test_the_list_shows_nothing_of_another_association(office, elsewhere, in_space):
    with in_space(elsewhere):
        factories.pair(factories.mentor(elsewhere, trained=True), factories.mentee(elsewhere))

    assert office.page(PAIRS).rows == []


def test_a_longer_list_asks_nothing_more_of_the_database(office, association, in_space, statements):
    def add(count):
        with in_space(association):
            for _each in range(count):
                factories.pair(
                    factories.mentor(association, trained=True, account=False), factories.mentee(association, account=False)
                )

    add(1)
    office.page(PAIRS)
    with statements() as one:
        office.page(PAIRS)
    add(9)
    with statements() as ten:
        assert len(office.page(PAIRS).rows) == 10

    assert len(ten) == len(one)


def test_the_form_proposes_who_waits_and_who_is_trained_first(office, association, in_space, ready):
    with in_space(association):
        make_mentor(association, trained=False)
        make_mentor(association, room=False)

    page = office.page(f"{PAIRS}/nouveau")

    options = [" ".join(o.get_text().split()) for o in page.soup.select("#mentor option")]
    assert page.heading == "Former un binôme"
    assert [option.endswith("formation à terminer") for option in options] == [False, False, True]
    assert (page.value("starts_on"), page.value("planned_months")) == (day_ago(0), "6")


def test_the_form_says_what_each_asked_for(office, association, in_space):
    with in_space(association):
        factories.mentee(association, first_name="Lina", gender_wish="woman", places=["remote"])
        factories.mentee(association, first_name="Tom", gender_wish="man", places=["home", "school"])
        factories.mentee(association, first_name="Zoé", gender_wish="any", places=["remote", "home"])
        factories.mentor(association, first_name="Karim", places=["remote"])

    options = {o.get_text().split()[0]: o.get_text() for o in office.page(f"{PAIRS}/nouveau").soup.select("option")}

    said = {name: text.partition(" · ")[2] for name, text in options.items()}
    assert said["Lina"] == "préfère une femme · à distance seulement"
    assert said["Tom"] == "préfère un homme · pas à distance"
    assert said["Zoé"] == ""
    assert said["Karim"].startswith("à distance seulement")


def test_a_file_leads_to_the_form_with_the_person_chosen(office, ready):
    mentee, mentor = ready
    link = office.page(f"/a/passerelle/jeunes/{mentee.id}").soup.find("a", string="Former un binôme")["href"]

    page = office.page(f"{link}&mentor={mentor.id}")

    assert [o["value"] for o in page.soup.select("option[selected]")] == [str(mentee.id), str(mentor.id)]
    assert "ne peuvent pas encore se rencontrer" not in page.text


def test_choosing_two_who_may_not_meet_says_why_before_sending(office, association, in_space):
    with in_space(association):
        mentee, mentor = make_mentee(association, 16), make_mentor(association, trained=False)

    page = office.page(f"{PAIRS}/nouveau?jeune={mentee.id}&mentor={mentor.id}")

    assert "Ces deux personnes ne peuvent pas encore se rencontrer" in page.text
    assert "Inès : l'autorisation parentale manque." in page.text


def test_a_pair_is_formed_and_its_page_shows_what_was_agreed(office, association, stored, ready):
    page = office.send(f"{PAIRS}/nouveau", form(*ready))

    [pair] = stored(association, Pair)
    assert page.flashes == ["Le binôme est formé. Les deux personnes reçoivent un message."]
    assert page.heading == f"{ready[0].short_name} et {ready[1].short_name}"
    assert pair.starts_on.isoformat() == day_ago(0)
    assert [li.get_text(strip=True) for li in page.soup.select(".checklist li")] == ["Choisir une formation", "Réviser le bac"]
    for said in ("Toutes les deux semaines", "(6 mois)", "Claire Morel", "Suivi par", "Rendez-vous", "Attestation"):
        assert said in page.text


@pytest.mark.parametrize(
    ("age", "trained", "said"),
    [
        (16, True, {"mentee": "Inès : l'autorisation parentale manque."}),
        (20, False, {"mentor": "n'est pas terminée"}),
        (16, False, {"mentee": "Inès : l'autorisation parentale manque.", "mentor": "n'est pas terminée"}),
    ],
    ids=["jeune", "mentor", "both"],
)
def test_what_is_missing_is_said_under_who_lacks_it_and_leads_to_where_it_is_done(
    office, association, in_space, stored, age, trained, said
):
    with in_space(association):
        mentee, mentor = make_mentee(association, age), make_mentor(association, trained=trained)

    page = office.send(f"{PAIRS}/nouveau", form(mentee, mentor))

    under = {name: page.soup.select_one(f"#{name}-erreur") for name in ("mentee", "mentor")}
    where = [link["href"] for link in page.soup.select("#erreurs a")]
    assert page.status == 422
    assert {name for name, error in under.items() if error} == set(said)
    assert all(sentence in plain(under[name].get_text()) for name, sentence in said.items())
    assert len(where) >= len(said)
    assert all(office.page(path).status == 200 for path in where)
    assert page.value("objectives").startswith("- Choisir une formation")
    assert stored(association, Pair) == []


def test_asking_first_says_only_what_nothing_can_gather(office, association, in_space, stored):
    with in_space(association):
        mentee, mentor = make_mentee(association, 14, participation=True), make_mentor(association)
        mentee.first_name, mentee.last_name, mentee.email = mentor.first_name, mentor.last_name, mentor.email

    page = office.send(f"{PAIRS}/nouveau", {**form(mentee, mentor), "how": "propose"})

    assert page.status == 422
    assert page.soup.select_one("#mentee-erreur") is None
    assert (
        "On ne forme pas un binôme avec soi-même, ni avec le ou la jeune que l'on représente."
        in page.soup.select_one("#mentor-erreur").get_text()
    )
    assert stored(association, Pair) == []


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"mentee": ""}, "Choisissez une personne."),
        ({"mentor": "x"}, "Choisissez parmi les réponses proposées : elles ont peut-être changé."),
        ({"starts_on": "2026-02-30"}, "Indiquez une date qui existe."),
        ({"starts_on": ""}, "Indiquez une date qui existe."),
        ({"starts_on": "0001-01-01"}, "Le début est à six mois d'aujourd'hui au plus."),
        ({"starts_on": day_ago(184)}, "Le début est à six mois d'aujourd'hui au plus."),
        ({"starts_on": day_ago(-184)}, "Le début est à six mois d'aujourd'hui au plus."),
        ({"planned_months": ""}, "Indiquez un nombre de mois."),
        ({"planned_months": "0"}, "De 1 à 60 mois."),
        ({"planned_months": "61"}, "De 1 à 60 mois."),
        ({"planned_months": "six"}, "Écrivez un nombre entier, en chiffres."),
        ({"rhythm": "yearly"}, "Choisissez parmi les réponses proposées : elles ont peut-être changé."),
        ({"objectives": "a" * 1001}, "C'est trop long : 1000 caractères au plus."),
    ],
)
def test_what_cannot_be_right_is_refused_at_its_field(office, association, stored, ready, typed, sentence):
    page = office.send(f"{PAIRS}/nouveau", form(*ready, **typed))

    assert (page.status, page.errors) == (422, [sentence])
    assert stored(association, Pair) == []


@pytest.mark.parametrize("days", [183, -183])
def test_a_pair_may_start_six_months_before_or_after_today(office, association, stored, ready, days):
    office.send(f"{PAIRS}/nouveau", form(*ready, starts_on=day_ago(days)))

    assert stored(association, Pair)[0].starts_on.isoformat() == day_ago(days)


@pytest.mark.parametrize("who", ["mentee", "mentor"])
def test_a_person_of_another_association_is_no_choice(office, elsewhere, in_space, stored, ready, who):
    with in_space(elsewhere):
        stranger = make_mentee(elsewhere, 20) if who == "mentee" else make_mentor(elsewhere)

    page = office.send(f"{PAIRS}/nouveau", form(*ready, **{who: str(stranger.id)}))

    assert (page.status, page.errors) == (422, ["Choisissez parmi les réponses proposées : elles ont peut-être changé."])
    assert stored(elsewhere, Pair) == []


@pytest.mark.parametrize(("method", "path"), [("page", ""), ("page", "/cloture"), ("send", "/cloture")])
def test_a_pair_of_another_association_is_not_found(office, elsewhere, in_space, stored, method, path):
    with in_space(elsewhere):
        pair = factories.pair(factories.mentor(elsewhere, trained=True), factories.mentee(elsewhere))

    assert getattr(office, method)(f"{PAIRS}/{pair.id}{path}").status == 404
    assert stored(elsewhere, Pair)[0].is_open


@pytest.mark.parametrize("who", ["mentor", "mentee"])
def test_a_file_shows_its_pairs(office, people, who):
    person, kind = getattr(people, who), {"mentor": "mentors", "mentee": "jeunes"}[who]

    page = office.page(f"/a/passerelle/{kind}/{person.id}")

    assert people.pair.title in page.text
    assert "en cours" in page.text
    assert "Avant une première rencontre" not in page.text


@pytest.mark.parametrize("who", ["mentor", "mentee"])
def test_only_staff_follow_pairs(client, people, who):
    client.sign_in(getattr(people, who).user_id)

    assert client.page(PAIRS).status == 403
    assert client.page(f"{PAIRS}/{people.pair.id}").status == 403


def test_a_mentor_with_two_jeunes_is_counted_so(office, association, in_space, people):
    with in_space(association):
        mentor = db.session.get(type(people.mentor), (association.id, people.mentor.id))
        mentor.capacity = 2
        db.session.flush()
        factories.pair(mentor, make_mentee(association, 20))

    assert [row[2] for row in office.page("/a/passerelle/mentors").rows] == ["Accompagne 2 jeunes"]


def test_the_form_says_who_each_is_and_why_a_mentor_is_not_there(office, people, association, in_space):
    with in_space(association):
        factories.mentee(association, age=14, first_name="Zoé", last_name="Garnier", needs=["school", "employment"])
        factories.mentor(association, first_name="Paul", last_name="Roy", state="paused")

    page = office.page(f"{PAIRS}/nouveau")

    jeunes = [option.get_text() for option in page.soup.select("#mentee option")]
    assert "Zoé Garnier, 14 ans, Lyon (Scolarité, Emploi) · à distance seulement · autorisation à obtenir" in jeunes
    said = " ".join(page.soup.main.details.get_text(" ").split())
    assert "2 mentors ne sont pas dans cette liste, et pourquoi" in said
    assert "Paul Roy , en pause" in said
    assert "accompagne 1 jeune sur 1" in said


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (
            {"place": "remote", "where_remote": "https://wa.me/33612345678"},
            "Ce lien ouvre une messagerie privée. Donnez celui d'une visio.",
        ),
        ({"starts_at": "9999-12-31T23:30", "place": "remote"}, "Vérifiez l'année."),
    ],
)
def test_a_first_meeting_is_refused_at_its_field(app, people, said, error):
    on = (factories.today() + timedelta(days=3)).isoformat() + "T10:00"
    client = app.test_client().sign_in(people.coordinator.user_id)

    page = client.send(
        f"/a/passerelle/binomes/{people.pair.id}/premiere-rencontre", {"starts_at": on, "staff": str(people.coordinator.id), **said}
    )

    assert (page.status, page.errors) == (422, [error])


@pytest.mark.parametrize("path", ["99999999999/1/1", "2026/99999999999/1", "2026/13/1"])
def test_a_day_that_does_not_exist_was_not_frozen(app, people, path):
    client = app.test_client().sign_in(people.coordinator.user_id)

    assert client.page(f"/a/passerelle/binomes/decompte/{path}").status == 404
