"""The journal of a space: what is noted, who reads it, that nobody changes it, and that it ends after a year."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.accounts.models import Act
from app.database import now
from app.extensions import db
from app.partners.models import ApiKey, Partner
from app.people.models import Mentee
from app.privacy.jobs import forget_old_acts
from app.tenants.models import Staff
from tests import factories
from tests.people.situations import SPACE

JOURNAL, TEAM = f"{SPACE}/journal", f"{SPACE}/equipe"
LUCIE = {
    "first_name": "Lucie",
    "last_name": "Petit",
    "email": "lucie@example.org",
    "phone": "",
    "office": "",
    "role": "coordinator",
}


@pytest.fixture
def lines(boss):
    """What the journal says, the latest first: « Awa Traoré a invité Lucie Petit… »."""

    def read(query=""):
        page = boss.page(f"{JOURNAL}?{query}")
        return [" ".join(row.select_one("p").get_text(" ").split()) for row in page.soup.select(".rows li")]

    return read


@pytest.fixture
def acted(association, in_space):
    """An act of somebody, so many days ago."""

    def make(days=0, what="list", card=None, **facts):
        with in_space(association):
            whose = card or factories.staff(association, first_name="Claire", last_name="Morel")
            row = Act(what=what, user_id=whose.user_id, facts=facts, created_at=now() - timedelta(days=days))
            db.session.add(row)
            db.session.flush()
            return row

    return make


def test_who_takes_a_list_is_noted_with_what_and_how_many(boss, office, lines, association, in_space):
    with in_space(association):
        for _one in range(2):
            factories.mentee(association)

    office.get(f"{SPACE}/jeunes/export/csv")
    boss.get(f"{SPACE}/jeunes/export/xlsx?q=personne-de-ce-nom")

    day = factories.today()
    assert lines() == [
        f"Awa Traoré a pris le fichier jeunes-{day}.xlsx, 0 ligne",
        f"Claire Morel a pris le fichier jeunes-{day}.csv, 2 lignes",
    ]


def test_a_file_that_is_refused_is_not_noted(client, association, lines):
    assert client.get(f"{SPACE}/jeunes/export/csv").status_code == 302

    assert lines() == []


def test_each_change_of_who_has_access_is_noted(boss, lines, association, stored):
    boss.send(f"{TEAM}/nouveau", LUCIE)
    lucie = next(card for card in stored(association, Staff) if card.first_name == "Lucie")
    boss.send(f"{TEAM}/{lucie.id}", {**LUCIE, "role": "admin"})
    boss.send(f"{TEAM}/{lucie.id}", {**LUCIE, "role": "admin", "office": "directrice"})

    assert lines("quoi=acces") == [
        "Awa Traoré a changé le rôle de Lucie Petit (Responsable de l'espace)",
        "Awa Traoré a invité Lucie Petit (Chargé ou chargée de mentorat)",
    ]


def test_a_place_that_is_ended_and_given_back_is_noted(boss, at_work, lines):
    card, _cookie = at_work

    boss.send(f"{TEAM}/{card.id}/fin")
    boss.send(f"{TEAM}/{card.id}/retour")

    assert lines() == ["Awa Traoré a rendu l'accès à Claire Morel", "Awa Traoré a retiré l'accès de Claire Morel"]


def test_a_copy_and_an_erasure_are_noted_without_a_name(boss, lines, association, in_space, stored, run_jobs):
    with in_space(association):
        person = factories.mentee(association, first_name="Inès", last_name="Oubli", state="withdrawn", withdrawn_at=now())
        lead = factories.lead(state="withdrawn", withdrawn_at=now(), answer_by=None, first_name="Noé", last_name="Oubli")

    boss.post(f"{SPACE}/jeunes/{person.id}/copie")
    boss.send(f"{SPACE}/jeunes/{person.id}/effacement")
    boss.send(f"{SPACE}/demandes/{lead.id}/effacement")
    run_jobs()

    assert lines() == [
        "Awa Traoré a effacé une demande",
        "Awa Traoré a demandé l'effacement d'un dossier",
        "Awa Traoré a fait la copie de ce qui est gardé de quelqu'un",
    ]
    assert stored(association, Mentee)[0].erased_at
    page = boss.page(JOURNAL)
    assert "Oubli" not in page.html
    assert len(page.soup.find_all("a", href=f"{SPACE}/jeunes/{person.id}", string="Voir le dossier")) == 2


def test_the_keys_of_a_partner_are_noted(boss, lines, association, in_space, stored):
    with in_space(association):
        partner = Partner(name="Cap Emploi", scopes=["leads:write"])
        db.session.add(partner)
        db.session.flush()
    page = f"{SPACE}/partenaires/{partner.id}"

    boss.send(f"{page}/cles")
    (key,) = stored(association, ApiKey)
    for _time in range(2):
        boss.send(f"{page}/cles/{key.id}/revocation")

    assert lines("quoi=partenaires") == ["Awa Traoré a révoqué une clé de Cap Emploi", "Awa Traoré a fait une clé pour Cap Emploi"]


def test_it_is_narrowed_by_who_and_by_what(boss, acted, lines):
    mine = acted(file="jeunes.csv", rows=1)
    acted(what="erased")

    assert len(lines()) == 2
    assert lines(f"par={mine.user_id}") == ["Claire Morel a pris le fichier jeunes.csv, 1 ligne"]
    assert len(lines("quoi=effacements")) == 1
    assert len(lines("quoi=nimporte&par=quoi")) == 2
    page = boss.page(f"{JOURNAL}?quoi=acces")
    assert "Rien ne correspond à cette recherche." in page.text


def test_a_long_one_is_read_by_pages_and_taken_whole(boss, acted, lines, association, in_space):
    card = acted(days=60, file="0.csv", rows=0)
    with in_space(association):
        db.session.add_all(Act(what="list", user_id=card.user_id, facts={"file": f"={rank}.csv"}) for rank in range(1, 51))

    assert len(lines()) == 50
    older = boss.page(JOURNAL).soup.find("a", string="Page suivante")["href"]
    assert "0.csv" in boss.page(older).text
    rows = boss.get(f"{JOURNAL}/export/csv").get_data(as_text=True).splitlines()
    assert len(rows) == 52
    assert lines("quoi=fichiers")[0].endswith(", 51 lignes")


def test_only_who_answers_for_the_space_reads_it(office, people, app, association):
    assert office.page(JOURNAL).status == 403
    assert office.get(f"{JOURNAL}/export/csv").status_code == 403
    assert app.test_client().sign_in(people.mentor.user_id).page(JOURNAL).status == 403


def test_the_team_s_page_leads_to_it(boss):
    assert boss.page(TEAM).soup.find("a", href=JOURNAL)
    assert "Rien n'a été fait qui se note ici." in boss.page(JOURNAL).text


@pytest.mark.parametrize("change", ["UPDATE acts SET facts = '{}'", "UPDATE acts SET user_id = user_id", "DELETE FROM acts"])
def test_the_database_lets_nobody_change_it(change, acted, association, in_space):
    acted(days=300, file="jeunes.csv")

    with in_space(association):
        with pytest.raises(DBAPIError) as refused, db.session.begin_nested():
            db.session.execute(text(change))
        assert refused.value.orig.sqlstate == "BN006"


def test_it_ends_after_a_year(app, acted, association, stored):
    kept, _old = acted(days=364), acted(days=366)

    with app.app_context():
        forget_old_acts.run(tenant_id=str(association.id))

    assert [row.id for row in stored(association, Act)] == [kept.id]
