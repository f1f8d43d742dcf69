"""Which column of a file holds what: said by hand, remembered, refused at its field; and what is given back."""

import pytest

from app.leads.models import Lead, LeadImport
from tests import factories

pytestmark = pytest.mark.usefixtures("that_week")  # the files are of November 2026


STRANGE = "Qui;Petit nom;An;Où;CP;Écrire à\nVoisin;Anne;18;Lyon;69001;a@example.org\n"
CHOSEN = {"last_name": "0", "first_name": "1", "age": "2", "city": "3", "email": "5"}


def test_columns_that_are_missing_are_said(operator, send, run_jobs):
    path = send(STRANGE).path

    page = operator.send(path)

    assert page.status == 422
    needed = ["Nom", "Prénom", "Âge ou Date de naissance", "Téléphone ou E-mail", "Ville"]
    assert page.errors == [f"Dites quelle colonne contient : {words}." for words in needed]
    fields = ("last_name", "first_name", "age", "phone", "city")
    assert [page.soup.select_one(f"#{name}-erreur") is not None for name in fields] == [True] * 5
    assert run_jobs() == []


def test_columns_are_said_by_hand_looked_at_again_and_taken(operator, programme, send, stored, run_jobs):
    path = send(STRANGE).path

    looked = operator.send(path, {**CHOSEN, "look": "1"})
    assert looked.rows == [["2", "bonne", "Voisin", "Anne", "18 ans", "a@example.org", "Lyon", "69001"]]
    assert (run_jobs(), stored(programme, Lead)) == ([], [])
    operator.send(path, CHOSEN)
    run_jobs()

    [lead] = stored(programme, Lead)
    assert (lead.last_name, lead.first_name, lead.age, lead.commune_name) == ("Voisin", "Anne", 18, "Lyon")


def test_the_next_file_with_the_same_columns_is_read_alike(operator, send, that_week):
    operator.send(send(STRANGE).path, CHOSEN)
    that_week.shift(60)

    same, other = send(STRANGE.replace("Anne", "Zoé")), send(STRANGE.replace("Qui;", "Qui ?;"))

    assert same.rows == [["2", "bonne", "Voisin", "Zoé", "18 ans", "a@example.org", "Lyon", "69001"]]
    assert len(other.rows[0]) == 3


def test_what_was_only_looked_at_is_not_remembered(operator, send):
    operator.send(send(STRANGE).path, {**CHOSEN, "look": "1"})

    assert len(send(STRANGE).rows[0]) == 3


def test_how_another_space_reads_its_files_is_not_known_here(operator, programme, association, in_space, send, app):
    operator.send(send(STRANGE).path, CHOSEN)
    with in_space(association):
        operator.sign_in(factories.staff(association).user_id)

    assert len(send(STRANGE, space="passerelle").rows[0]) == 3


@pytest.mark.parametrize("place", ["6", "-1", "999", "1.0", " 1", "x", "٣", "1;2"])
def test_a_forged_place_is_refused(operator, programme, send, place, run_jobs, stored):
    path = send(STRANGE).path

    page = operator.send(path, {**CHOSEN, "city": place})

    assert (page.status, page.errors) == (422, ["Choisissez parmi les réponses proposées : elles ont peut-être changé."])
    assert run_jobs() == []
    assert "city" not in stored(programme, LeadImport)[0].mapping


def test_one_column_holds_one_thing(operator, programme, send, run_jobs, stored):
    path = send("Jeune;Âge;Email;Ville;CP\nAnne;18;a@example.org;Lyon;69001\n").path

    page = operator.send(path, {"last_name": "0", "first_name": "0"})

    assert (page.status, page.errors) == (422, ["Cette colonne sert déjà pour « Nom »."])
    assert (run_jobs(), stored(programme, Lead)) == ([], [])


def test_a_column_without_a_title_may_be_chosen(operator, programme, send, run_jobs, stored):
    page = send("Nom;Prénom;Âge;Email;Ville\nVoisin;Anne;18;a@example.org;Lyon;69001\n")
    operator.send(page.path, {"postal_code": "5"})
    run_jobs()

    assert "Colonne 6" in page.text
    assert [lead.commune_name for lead in stored(programme, Lead)] == ["Lyon"]


def test_refused_rows_come_back_as_they_left(operator, programme, send, run_jobs, stored):
    """The columns that were chosen by hand are known again, and no apostrophe is left of what disarmed a formula."""
    file = "Qui;Petit nom;An;Où;CP;Écrire à;Mot\nVoisin;Anne;dix;Lyon;69001;a@example.org;- aime le foot\n"
    path = send(file).path
    operator.send(path, {**CHOSEN, "message": "6"})
    run_jobs()
    refused = operator.get(f"{path}/lignes-refusees").get_data()

    again = send(refused.decode("utf-8-sig").replace(";dix;", ";18;"))
    assert again.rows[0][1] == "bonne"
    operator.send(again.path)
    run_jobs()

    assert [(lead.age, lead.message) for lead in stored(programme, Lead)] == [(18, "- aime le foot")]


def test_a_file_that_is_given_up_says_that_nothing_was_taken(operator, send):
    page = operator.send(f"{send(STRANGE).path}/arret")

    assert page.flashes == ["Ce fichier est abandonné\u00a0: rien n'en a été pris."]
    assert page.heading == "Importer un fichier"


def test_remarks_are_shown_and_kept_whole_however_many_rows_were_refused(operator, programme, take, in_space):
    rows = [f"Voisin;Anne{rank};dix;0612345678;;Lyon;69001" for rank in range(205)]
    good = "Voisin;Chloé;18;06;c@example.org;Lyon;69001"
    page = take("\n".join(["Nom;Prénom;Âge;Téléphone;Email;Ville;Code postal", *rows, good]))

    assert "205 lignes refusées" in page.text
    assert "Les 200 premières sont ici" in page.text
    assert "« 06 » laissé de côté" in " ".join(page.text.split())
    links = [link["href"] for link in page.soup.select("a[href$=remarques]")]
    assert "laissé de côté" in operator.get(links[0]).get_data(as_text=True)


def test_columns_of_one_title_are_told_apart_and_those_not_read_are_named(operator, send):
    page = send("Nom;Prénom;Âge;Téléphone;Ville;Code postal;Nom;Niveau\nVoisin;Anne;18;0612345678;Lyon;69001;Mère;Terminale\n")

    proposed = {option.get_text() for option in page.soup.select("#last_name option")}
    assert {"Nom (colonne 1)", "Nom (colonne 7)", "Niveau"} <= proposed
    assert "2 colonnes ne sont pas lues : Nom (colonne 7), Niveau." in page.text.replace("\u00a0", " ")


def test_a_name_in_one_cell_is_shown_parted(operator, send):
    page = send("Nom et prénom;Âge;Téléphone;Ville;Code postal\nVOISIN Anne;18;0612345678;Lyon;69001\n")

    assert page.rows[0][:5] == ["2", "bonne", "VOISIN", "Anne", "VOISIN Anne"]
    assert "ne sont pas lues" not in page.text


def test_american_dates_are_said_once_the_file_is_sent(operator, send):
    page = send("Nom;Prénom;Né le;Téléphone;Ville;Code postal\nVoisin;Anne;11/24/2008;0612345678;Lyon;69001\n")

    assert "à l'américaine" in page.text
    assert "24 nov. 2008" in page.text
