"""Files of people who would mentor: whose each column is, rows that are of a jeune, and what is sent as the wrong kind."""

import pytest
from sqlalchemy import select

from app.extensions import db
from app.leads.models import Lead, LeadImport
from app.leads.titles import guess, is_header
from tests.leads.sent import given_back

from .test_tables import book

pytestmark = pytest.mark.usefixtures("that_week")  # the ages are of November 2026
TITLES = "Nom;Prénom;Âge;E-mail;Ville;Code postal"
MARTINE = "Legrand;Martine;45;m@example.org;Lyon;69001"
AN_IMPORT = "Chaque ligne sera lue comme"


@pytest.mark.parametrize(
    ("header", "read"),
    [
        ("Nom mentoré|Prénom mentoré|Téléphone mentoré|Nom mentor|Prénom mentor|Âge mentor|Téléphone mentor|Ville|CP",
         "last_name=3 first_name=4 age=5 phone=6"),
        ("Nom mentor|Prénom mentor|E-mail mentor|Ville|CP|Prénom mentoré|Âge mentoré|Téléphone mentoré",
         "last_name=0 first_name=1 age=- phone=- email=2"),
        ("Nom du jeune|Prénom du jeune|Âge|Téléphone|Email|Nom du mentor|Prénom du mentor|Ville|Code postal",
         "last_name=5 first_name=6 age=- phone=- email=-"),
        ("Nom parrain|Prénom parrain|Âge|Email|Nom filleul|Prénom filleul|Téléphone", "last_name=0 age=2 email=3 phone=-"),
        ("Nom mentor|Prénom mentor|Téléphone|Mail|Nom mentoré|Prénom mentoré|Âge", "last_name=0 phone=2 email=3 age=-"),
        ("Entreprise|Nom|Prénom|Email|Téléphone|Nom du mentor|Prénom du mentor|Âge du mentor|Email du mentor|Téléphone du mentor",
         "last_name=5 first_name=6 age=7 email=8 phone=9"),
        ("Nom du bénévole|Prénom du bénévole|Âge|Association|Email|Téléphone|Email du bénévole|Téléphone du bénévole",
         "last_name=0 first_name=1 email=6 phone=7"),
        ("ID|Heure de début|Heure de fin|Adresse de messagerie|Nom|Nom du salarié|Prénom du salarié|Votre âge|Ville",
         "last_name=5 first_name=6"),
        ("Nom|Prénom|Date de naissance|Email professionnel|Téléphone N+1|Mail N+1|Prénom N+1", "email=3 phone=- first_name=1"),
        ("Nom|Prénom|Âge|Portable|Nom du manager|Téléphone|E-mail|Ville", "phone=3 email=6"),
        ("Nom|Prénom|Âge|Portable|Mail|Conjoint|Téléphone|E-mail", "phone=3 email=4"),
        ("Nom|Prénom|Âge|Entreprise|Contact entreprise|Mail contact|Tél contact|Email professionnel", "email=7 phone=-"),
        ("Nom|Prénom|Portable|Contact d'urgence|Téléphone contact", "phone=2"),
        ("Nom adhérent|Prénom adhérent|Naissance adhérent|Mail adhérent|Ville adhérent", "last_name=0 birth_date=2 email=3 city=4"),
        ("Nom collaborateur|Prénom collaborateur|Âge|Mail", "last_name=0 first_name=1 age=2 email=3"),
        ("Nom étudiant|Prénom étudiant|Âge|Email", "last_name=0 first_name=1"),
        ("Numéro|Date|Nom participant|Prénom participant|Nom|Prénom|Email|Date de naissance", "last_name=2 first_name=3"),
        ("Nom|Prénom|Âge|Domaine|Axe|Accompagnement souhaité", "needs=-"),
    ],
)  # fmt: skip
def test_each_column_is_whose_it_says(header, read):
    found = guess(header.split("|"), of_mentors=True)

    said = dict(one.split("=") for one in read.split())
    assert {name: str(found.get(name, "-")) for name in said} == said


@pytest.mark.parametrize(
    ("header", "read"),
    [("Nom|Prénom|Âge|Portable|Éducateur|Téléphone", "phone=3"), ("Nom|Prénom|Âge|Référent|Téléphone", "phone=4"),
     ("Nom|Prénom|Âge|Email|Téléphone N+1|Mail N+1", "email=3 phone=-")],
)  # fmt: skip
def test_in_a_file_of_jeunes_too_ones_own_goes_before_what_stands_behind_another(header, read):
    found = guess(header.split("|"))

    said = dict(one.split("=") for one in read.split())
    assert {name: str(found.get(name, "-")) for name in said} == said


def test_titles_all_of_the_mentor_are_titles():
    titles = ["Nom du mentor", "Prénom du mentor", "Âge du mentor", "Mail du mentor"]

    assert is_header(titles, of_mentors=True)


@pytest.fixture
def taken(operator, programme, take, stored):
    """The people that a file of mentors brings, and what its page says."""

    def load(content):
        page = take(content, kind="mentor")
        return [(lead.last_name, lead.first_name, lead.age) for lead in stored(programme, Lead)], page.text

    return load


def test_a_row_of_sections_says_whose_the_columns_are(taken):
    people, _text = taken(
        "Entreprise;;Salarié volontaire;;;;;;\nNom;Mail;Nom;Prénom;Mail;Téléphone;Âge;Ville;CP\n"
        "ACME;rh@example.org;Legrand;Martine;m@example.org;0612345678;45;Lyon;69001\n"
    )

    assert people == [("Legrand", "Martine", 45)]


@pytest.mark.parametrize(
    ("title", "cell", "is_taken"),
    [("Avez-vous déjà été condamné ?", "Oui", False), ("Avez-vous déjà été condamné ?", "Non", True),
     ("Avez-vous déjà été condamné ?", "", True), ("Condamnations", "Conduite sans permis en 2019", False),
     ("Condamnations", "Aucune", True), ("Condamnations", "Je n'ai jamais été condamnée", True), ("Condamnations", "Néant", True),
     ("J'atteste n'avoir jamais été condamné(e)", "Oui", True), ("J'atteste n'avoir jamais été condamné(e)", "Non", False),
     ("J'atteste ne pas avoir fait l'objet de poursuites", "FALSE", False), ("Attestation de non-condamnation", "Reçue", True),
     ("Êtes-vous mis en examen ou poursuivi ?", "yes", False), ("Faites-vous l'objet d'une interdiction d'exercer ?", "x", False),
     ("Poursuite d'études", "Master", True), ("Acceptez-vous que l'on vérifie l'absence de condamnation ?", "D'accord", True)],
)  # fmt: skip
def test_a_mentor_who_was_condemned_is_not_taken(taken, title, cell, is_taken):
    people, text = taken(f"{TITLES};{title}\n{MARTINE};{cell}\n")

    assert bool(people) is is_taken
    assert is_taken or "La ligne n'est pas prise." in text


@pytest.mark.parametrize(
    ("title", "cell", "is_taken"),
    [("Vous êtes", "Jeune", False), ("Vous êtes", "Mentor", True), ("Je souhaite", "Avoir un mentor", False),
     ("Type", "Mentoré", False), ("Type", "Jeune", False),
     ("Statut du mentor", "Refusé", False), ("Statut bénévole", "Refusé - casier judiciaire", False),
     ("Statut", "Refusée par l'association", False), ("Statut", "Bénévole exclu", False),
     ("Statut de la candidature", "Non retenue", False), ("Statut", "Actif, casier vu", True),
     ("Je souhaite", "Devenir mentor", True),
     ("J'accepte que mes coordonnées soient communiquées aux autres mentors", "Non", True),
     ("Acceptez-vous que votre manager soit contacté ?", "Non", True)],
)  # fmt: skip
def test_a_row_that_is_of_no_mentor_is_not_taken(taken, title, cell, is_taken):
    people, text = taken(f"{TITLES};{title}\n{MARTINE};{cell}\n")

    assert bool(people) is is_taken
    assert is_taken or "n'est pas d'un mentor. Les jeunes s'importent à part." in text or "La ligne n'est pas prise." in text


@pytest.mark.parametrize(
    "last", ["Legrand (mentor)", "Legrand (bénévole depuis 2019)", "Legrand (partie en retraite)", "Dr Legrand"]
)
def test_a_name_may_say_that_one_is_a_mentor(taken, last):
    people, _text = taken(f"{TITLES}\n{MARTINE.replace('Legrand', last)}\n")

    assert people == [("Legrand", "Martine", 45)]


def test_one_is_a_mentor_from_fourteen_on(taken):
    people, text = taken(f"{TITLES}\n{MARTINE.replace('45', '13')}\n")

    assert (people, "13 ans : on est mentor à partir de 14 ans." in text) == ([], True)


# The wrong kind, and what is remembered.

OF_PARENTS = (
    "Nom;Prénom;Âge;E-mail;Ville;Code postal;Nom du parent;Téléphone du parent\n"
    "Petit;Tom;15;t@example.org;Lyon;69001;Marie Petit;0699999999\n"
)


def chosen_on(page):
    """The column that each field is filled from."""
    selects = page.soup.select("form.sheet select")
    return {field["name"]: one["value"] for field in selects if (one := field.find("option", selected=True))}


def test_how_mentors_were_read_is_not_how_jeunes_are(operator, programme, take, stored, in_space):
    """Sent as mentors by mistake, taken back, sent again: the parent is read, and asked."""
    page = take(OF_PARENTS, kind="mentor")
    operator.send(f"{page.path}/retour")

    take(OF_PARENTS)

    [lead] = stored(programme, Lead)
    assert (lead.kind, lead.guardian_name, lead.guardian_phone) == ("mentee", "Marie Petit", "+33699999999")


def test_the_kind_is_put_right_before_anything_is_taken(operator, programme, send, stored, run_jobs):
    page = send(OF_PARENTS, kind="mentor")
    assert f"{AN_IMPORT} une personne qui veut devenir mentor" in page.text
    assert page.soup.find("select", {"name": "guardian_name"}) is None

    page = operator.send(page.path, {"kind": "mentee", "last_name": "0"})

    assert f"{AN_IMPORT} un ou une jeune" in page.text
    assert (run_jobs(), stored(programme, Lead)) == ([], [])
    chosen = chosen_on(page)
    assert (chosen["last_name"], chosen["guardian_name"], chosen["guardian_phone"]) == ("0", "6", "7")
    operator.send(page.response.request.path, {**chosen, "kind": "mentee"})
    run_jobs()

    assert [lead.guardian_name for lead in stored(programme, Lead)] == ["Marie Petit"]


def test_mentors_sent_as_jeunes_come_back_as_mentors(operator, programme, take, stored):
    page = take(f"{TITLES}\n{MARTINE}\n")
    header, row = given_back(operator, page)
    assert header[-1] == "Motif"

    take("\n".join(";".join(cells) for cells in (header, row)), kind="mentor")

    assert [(lead.kind, lead.first_name) for lead in stored(programme, Lead)] == [("mentor", "Martine")]


def test_rows_refused_to_mentors_are_not_taken_for_jeunes_of_the_same_columns(operator, programme, take, stored, in_space):
    page = take(f"{TITLES}\n{MARTINE.replace('45', 'x')}\n", kind="mentor")
    header, row = given_back(operator, page)
    take(f"{TITLES}\nPetit;Tom;x;t@example.org;Lyon;69001\n")
    assert header[-1] == "Motif (mentors)"

    take("\n".join(";".join(cells) for cells in (header, [cell if cell != "x" else "26" for cell in row])))

    assert [(lead.kind, lead.first_name) for lead in stored(programme, Lead)] == [("mentor", "Martine")]
    with in_space(programme):
        last = db.session.scalars(select(LeadImport).where(LeadImport.added == 1)).one()
    assert last.kind == "mentor"


def test_one_column_holds_the_city_and_its_code(operator, programme, send, stored, run_jobs):
    page = send("Nom;Prénom;Âge;E-mail;Code postal et ville\nPetit;Tom;16;t@example.org;69001 Lyon\n")
    chosen = chosen_on(page)

    operator.send(page.path, chosen)
    run_jobs()

    assert (chosen["city"], chosen["postal_code"]) == ("4", "4")
    assert [lead.commune_code for lead in stored(programme, Lead)] == ["69123"]


def test_what_is_wrong_is_shown_as_it_would_be_read(operator, programme, send):
    page = send(f"{TITLES}\nPetit;Tom;16;t@example.org;Lyon;69001\n")

    page = operator.send(page.path, {"last_name": "1", "first_name": "1"})

    assert page.status == 422
    assert "Tom" in page.rows[0][2]


def test_two_hundred_columns_come_back_with_their_reasons(operator, programme, take, stored):
    more = "".join(f";C{n}" for n in range(194))
    page = take(f"{TITLES}{more}\nPetit;Tom;dix;t@example.org;Lyon;69001\n")
    header, row = given_back(operator, page)

    take("\n".join(";".join(cells) for cells in (header, [cell if cell != "dix" else "16" for cell in row])))

    assert (len(header), [lead.age for lead in stored(programme, Lead)]) == (203, [16])


def test_a_book_of_both_is_read_by_its_sheet_of_mentors(operator, programme, send):
    sheet = ["Nom du mentor", "Prénom du mentor", "Âge du mentor", "E-mail du mentor", "Ville", "Code postal"]
    content = book(
        sheet, ["Legrand", "Martine", "45", "m@example.org", "Lyon", "69001"], Places=[["Nom", "Adresse", "Ville"], ["A", "B", "C"]]
    )

    page = send(content, name="x.xlsx", kind="mentor")

    assert page.rows[0][2:4] == ["Legrand", "Martine"]


def test_a_file_that_is_given_up_says_so(operator, programme, send):
    page = send(f"{TITLES}\n{MARTINE}\n")
    operator.send(f"{page.path}/arret")

    assert "Ce fichier a été abandonné : rien n'en a été pris." in operator.page(page.path).text
