"""Whose a telephone and an address are, where somebody else's columns stand before or after the jeune's."""

import pytest

from app.leads.name_titles import of_who_fills
from app.leads.roles import note_of_mentors
from app.leads.titles import guess, missing

pytestmark = pytest.mark.usefixtures("that_week")  # the ages are of November 2026
OWN = "Nom;Prénom;Âge;Ville;Code postal"
AWA = "Sow;Awa;15;Lyon;69003"
FATOU, KARIM = "0698765433;fatou@example.org", "0698765431;karim@example.org"


@pytest.fixture
def taken(import_file):
    """Of one row: the jeune's telephone and address, and the guardian's name; None when the row is not taken."""

    def read(*lines):
        added = import_file("\n".join(lines)).added
        return (added[0].phone, added[0].email, added[0].guardian_name) if added else None

    return read


@pytest.mark.parametrize(
    ("first", "second"),
    [("Parent 1", "Parent 2"), ("Responsable 1", "Responsable 2"), ("Responsable légal 1", "Responsable légal 2")],
)
def test_the_second_parent_s_are_not_the_jeune_s(taken, first, second):
    titles = f"{OWN};E-mail élève;{first};Tél;Mail;{second};Tél;Mail"

    found = taken(titles, f"{AWA};awa@example.org;Fatou Sow;{FATOU};Karim Sow;{KARIM}")

    assert found == (None, "awa@example.org", "Fatou Sow")


@pytest.mark.parametrize(
    "titles",
    [
        "Nom responsable;Prénom responsable;Téléphone;Mail",
        "Responsable;Lien;Téléphone;Mail",
        "Nom de la famille;Adresse;Téléphone;Mail",
    ],
)
def test_what_stands_right_behind_a_parent_is_not_the_jeune_s(taken, titles):
    found = taken(f"{OWN};E-mail du jeune;{titles}", f"{AWA};awa@example.org;Sow;Fatou;{FATOU}")

    assert found[:2] == (None, "awa@example.org")


@pytest.mark.parametrize(
    "who",
    ["Nom du CIP", "Nom du conseiller ML", "Nom du chargé d'insertion", "Nom du travailleur social ASE",
     "Nom du référent de parcours",
     "Nom du psychologue", "Nom du tuteur de stage", "Nom du responsable de la structure",
     "Créé par", "Demande transmise par", "Inscrit par", "Prescrit par", "Fait par", "Auteur de la demande", "Secrétariat",
     "AS référente", "Établissement;Chef d'établissement", "Proviseur", "Nom allocataire", "Frère aîné", "Avocate", "Coach",
     "Lieu de vie", "Détenteur de l'autorité parentale",
     "Orienté par", "Signalé par", "Rempli par", "Nom et fonction du prescripteur", "Éducatrice spécialisée en charge"],
)  # fmt: skip
def test_what_stands_before_the_jeune_behind_a_professional_is_not_the_jeune_s(taken, who):
    names = ";".join(["Martin Claire"] * len(who.split(";")))
    found = taken(f"{who};Téléphone;Mail;{OWN};E-mail du jeune", f"{names};0476000000;cip@example.org;{AWA};awa@example.org")

    assert found[:2] == (None, "awa@example.org")


@pytest.mark.parametrize("who", ["Conseiller ML", "Référent", "Éducatrice spécialisée"])
def test_an_address_right_behind_a_professional_is_theirs_where_the_jeune_has_a_telephone(taken, who):
    titles = f"{OWN.replace('Ville', 'Téléphone;Ville')};{who};Email"

    assert taken(titles, "Sow;Awa;15;0612345678;Lyon;69003;Claire Martin;claire@example.org")[:2] == ("+33612345678", None)


@pytest.mark.parametrize(
    "titles", ["Nom;Prénom;Téléphone;Mail", "Nom de famille;Prénom;Téléphone;Mail", "Nom d'usage;Prénom;Tél;Mail"]
)
def test_the_jeune_s_own_still_are(taken, titles):
    found = taken(f"{titles};Âge;Ville;Code postal", "Sow;Awa;0612345678;awa@example.org;17;Lyon;69003")

    assert found[:2] == ("+33612345678", "awa@example.org")


@pytest.mark.parametrize(
    ("titles", "cells"),
    [("Votre lien avec le jeune;Téléphone;E-mail", f"Maman;{FATOU}"),
     ("Votre lien avec le jeune;Téléphone", "Éducateur;0698765433"),
     ("Téléphone;E-mail;Quel est votre lien avec le jeune ?", f"{FATOU};Mère"),
     ("Votre mail;Votre lien avec le jeune", "fatou@example.org;mère"),
     ("Téléphone;E-mail;Lien de parenté", f"{FATOU};Mère"), ("Contact;Lien;Téléphone;Email", f"Fatou Sow;Mère;{FATOU}"),
     ("Téléphone;Lien avec le jeune", "0698765433;Mère")],
)  # fmt: skip
def test_what_is_said_to_be_a_parents_is_not_the_childs(import_file, titles, cells):
    report = import_file(f"{OWN};{titles}\n{AWA};{cells}")

    assert report.added == []
    assert "ne permet pas de joindre la personne" in report.refused[0].cause


@pytest.mark.parametrize(
    ("titles", "cells"),
    [("Téléphone;Lien avec le jeune", "0612345678;Lui-même"), ("Téléphone;Lien", "0612345678;https://example.org/x"),
     ("Votre lien avec le jeune;Téléphone", "Moi-même;0612345678"),
     ("Téléphone;Personne à prévenir;Lien de parenté;Téléphone d'urgence", "0612345678;Fatou;Mère;0698765433"),
     ("Téléphone;Qualité", "0612345678;Lycéenne"), ("Téléphone;Nom du parent;Lien", "0612345678;Fatou Sow;Mère")],
)  # fmt: skip
def test_a_relation_of_somebody_else_changes_nothing(taken, titles, cells):
    assert taken(f"{OWN};{titles}", f"{AWA};{cells}")[0] == "+33612345678"


@pytest.mark.parametrize(
    ("title", "said", "is_own"),
    [("Remarques", "téléphone de la mère", False), ("Remarques", "n° du père", False), ("Remarques", "Tél. maman", False),
     ("Remarques", "numéro mère : idem", False), ("Remarques", "Joignable par téléphone, parents séparés", True),
    ("Remarques", "le portable de sa mère", False),
     ("Observations", "n'a pas de téléphone, numéro de son éducateur", False),
     ("Précisions sur le téléphone", "celui de la mère", False), ("Remarques", "son téléphone est celui du père", False),
     ("Remarques", "Tél. de la mère : 06 98 76 54 33", True), ("Remarques", "adresse mail de la mère", True),
     ("Remarques", "numéro de téléphone vérifié", True), ("Remarques", "à la demande de la mère", True)],
)  # fmt: skip
def test_somebodys_words_say_whose_the_telephone_is(taken, title, said, is_own):
    phone, email, _guardian = taken(f"{OWN};Téléphone;Mail;{title}", f"{AWA};0612345678;awa@example.org;{said}")

    assert (phone is not None) is is_own
    assert (email is not None) is ("adresse mail" not in said)


@pytest.mark.parametrize(
    ("name", "phone"),
    [("Parent's name", "Parent's phone"), ("Parent's name / Nom du parent", "Parent's phone / Tél du parent"),
     ("Nom et prénom de la personne ayant l'autorité parentale", "Téléphone de la personne ayant l'autorité parentale")],
)  # fmt: skip
def test_a_parent_is_known_in_english_and_by_their_authority(import_file, name, phone):
    titles = f"{OWN};Mail;{name};{phone}"

    [lead] = import_file(f"{titles}\n{AWA};awa@example.org;Fatou Sow;0698765433").added

    assert (lead.guardian_name, lead.guardian_phone) == ("Fatou Sow", "+33698765433")


@pytest.mark.parametrize("title", ["Mail perso", "Email personnel", "Adresse e-mail personnelle", "E-mail perso"])
def test_an_address_of_ones_own_is_read(taken, title):
    assert taken(f"{OWN};{title}", f"{AWA};awa@example.org")[1] == "awa@example.org"


@pytest.mark.parametrize(
    "titles",
    ["Nom du jeune;Prénom du jeune;Âge;Ville;Code postal;Nom;Prénom;Téléphone;Mail",
     "Nom de l'enfant;Prénom de l'enfant;Âge;Ville;Code postal;Votre nom;Votre prénom;Téléphone;Mail",
     "Nom de l'élève;Prénom de l'élève;Âge;Ville;Code postal;Nom et prénom;Remarques;Tél;E-mail"],
)  # fmt: skip
def test_what_stands_behind_a_name_that_is_nobodys_is_not_the_jeunes(titles):
    header = titles.split(";")

    assert list(missing(guess(header))) == ["phone"]
    assert guess([*header, "Mail du jeune"])["email"] == len(header)


@pytest.mark.parametrize(
    "titles",
    ["Nom du jeune;Prénom du jeune;Téléphone;Mail;Âge;Ville;Code postal;Nom;Prénom",
     "Nom du jeune;Nom d'usage;Prénom du jeune;Téléphone;Mail;Âge;Ville;Code postal",
     "Nom;Prénom;Âge;Ville;Code postal;Établissement;Téléphone;Mail"],
)  # fmt: skip
def test_and_what_stands_elsewhere_still_is(titles):
    assert not missing(guess(titles.split(";")))


@pytest.mark.parametrize(
    ("said", "is_theirs"),
    [("tél et mail de la maman", True), ("numéro et mail de la mère", True), ("tel et mail = parents", True),
     ("c'est le numéro et l'adresse du père", True), ("coordonnées de la mère", True), ("Coordonnées de l'éducateur", True),
     ("contact = mère", True), ("demander les coordonnées de la mère", False), ("coordonnées du père à obtenir", False),
     ("contact avec la mère difficile", False), ("contact avec la mère", False)],
)  # fmt: skip
def test_both_ways_are_theirs_whose_words_say_it(taken, said, is_theirs):
    found = taken(f"{OWN};Téléphone;Mail;Remarques", f"{AWA};0612345678;awa@example.org;{said}")

    assert (found is None) is is_theirs


def test_your_telephone_before_the_jeunes_name_is_of_whoever_fills_the_form():
    own = ["Nom du jeune", "Prénom du jeune", "Âge", "Ville", "Code postal"]
    titles = ["Qui inscrit le jeune ?", "Votre mail", "Votre téléphone", *own]

    assert list(missing(guess(titles))) == ["phone"]
    assert guess([*titles[3:], *titles[1:3]])["phone"] == 6


@pytest.mark.parametrize(
    "titles",
    ["Nom de l'enfant;Prénom de l'enfant;Âge;Votre téléphone;Votre mail;Ville;Code postal",
     "Nom et prénom de l'élève;Âge de l'élève;Votre numéro de téléphone;Votre e-mail;Commune;Code postal"],
)  # fmt: skip
def test_your_telephone_is_of_whoever_fills_the_form_for_a_child(titles):
    header = titles.split(";")

    assert list(missing(guess(header))) == ["phone"]
    assert not missing(guess([*header, "Votre âge"]))  # then it is the child who is asked


@pytest.mark.parametrize(
    "place", ["Établissement;Mail;Téléphone", "Collège;Ville;Téléphone", "Structure orientatrice;Contact mail;Contact tél"]
)
def test_what_stands_right_behind_a_place_before_the_jeune_is_not_theirs(place):
    header = f"{place};{OWN}".split(";")

    assert list(missing(guess(header))) == ["phone"]
    assert not any(missing(guess([own, *header])) for own in ("N° adhérent", "Classe", "Né(e) le"))
    assert not missing(guess(header[1:]))


def test_a_number_of_a_parent_is_their_telephone(import_file):
    [lead] = import_file(f"{OWN};E-mail;Nom maman;N° maman\n{AWA};awa@example.org;Fatou Sow;0698765433").added

    assert (lead.guardian_name, lead.guardian_phone) == ("Fatou Sow", "+33698765433")


# Whose the name is, where another column may name the jeune.

BY_HER_MOTHER = "Nom;Prénom;Téléphone;E-mail;{};Ville;Code postal"
MOTHER = "Sow;Fatou;0698765433;fatou@example.org;{};Lyon;69003"


@pytest.mark.parametrize(
    ("titles", "cells"),
    [
        *((f"{title};Date de naissance", f"{cell};12/03/2010") for title, cell in (
            ("Jeune", "DIALLO Awa"), ("Élève", "Awa"), ("Enfant", "Awa"), ("Votre enfant", "Awa Diallo"), ("Fils/fille", "Awa"),
            ("Nom de votre enfant", "Sow"), ("Jeune concerné", "Awa Diallo"), ("Bénéficiaire", "Awa Diallo"),
            ("Enfant à accompagner", "Awa, en 3e"), ("Filleul(e)", "Awa"), ("Nom et adresse de l'enfant", "Awa Diallo, Lyon"))),
        ("Prénom et âge de l'enfant;Âge", "Awa, 16 ans;16"), ("Date de naissance;Jeune", "12/03/2010;DIALLO Awa"),
        ("Nom;Prénom;Date de naissance", "Sow;Awa;12/03/2010"), ("Nom et prénom;Né(e) le", "Awa Sow;12/03/2010"),
    ],
)  # fmt: skip
def test_a_name_beside_the_jeunes_is_not_taken_for_theirs(import_file, titles, cells):
    report = import_file("\n".join([BY_HER_MOTHER.format(titles), MOTHER.format(cells)]))

    assert [(problem.column, "Nom du jeune" in problem.cause) for problem in report.refused] == [("Nom", True)]


@pytest.mark.parametrize("title", ["Prénom de votre enfant", "Prénom du jeune", "Prénom de l'élève"])
def test_a_child_without_a_last_name_is_matched_by_hand(title):
    titles = BY_HER_MOTHER.format(f"{title};Date de naissance").split(";")

    assert missing(guess(titles)) == {"last_name": "Nom"}


@pytest.mark.parametrize(
    ("titles", "cells"),
    [
        ("Jeune;Âge", "oui;16"), ("Élève;Âge", "Terminale;16"), ("Élève;Âge", "3e A;16"), ("Jeune;Âge", ";16"),
        ("Jeune;Âge", "SOW Fatou;16"), ("Prénom de l'enfant;Âge;Âge de l'enfant", "Léa;22;3"),
        ("Étudiante;Âge", "Lyon 2, droit;20"),
        ("N° élève;Âge", "A123;16"), ("Nom de jeune fille;Âge", "Diallo;22"), ("Mineur;Âge", "oui;16"),
        ("Établissement;Nom;Âge", "x;Lycée Ampère;16"), ("Prénoms;Âge", "Fatou Marie;16"), ("Âge;Nom;Prénom", "16;Sow;Karim"),
        ("Nom complet;Âge", "Fatou SOW;16"), ("Fils/fille;Âge", "Fille;16"),
        ("Adresse du jeune;Âge", "3 rue Victor Hugo;16"), ("Adresse de l'enfant;Âge", "Chez sa tante;16"),
    ],
)  # fmt: skip
def test_a_column_that_names_nobody_else_refuses_nobody(import_file, titles, cells):
    report = import_file("\n".join([BY_HER_MOTHER.format(titles), MOTHER.format(cells)]))

    assert [lead.first_name for lead in report.added] == ["Fatou"]


@pytest.mark.parametrize(
    ("titles", "are_noted"),
    [("Nom de votre enfant;Prénom de votre enfant;Âge;Téléphone;E-mail", True),
     ("Nom du/de la jeune;Prénom du/de la jeune;Âge;Votre téléphone;Votre mail", True),
     ("Votre nom;Votre prénom;Votre âge;Votre téléphone;Votre mail", False),
     ("Nom du jeune;Prénom du jeune;Âge;Téléphone;E-mail", False)],
)  # fmt: skip
def test_ways_that_may_be_of_whoever_fills_the_form_are_noted(titles, are_noted):
    notes = of_who_fills(titles.split(";"))

    assert [note.split("\xa0»")[0].lstrip("«\xa0") for note in notes] == (titles.split(";")[3:] if are_noted else [])


@pytest.mark.parametrize("title", ["Casier judiciaire", "Charte mentor signée", "Pourquoi voulez-vous devenir mentor ?"])
def test_a_file_that_seems_of_mentors_is_noted(title):
    assert note_of_mentors(["Nom", title])
    assert not note_of_mentors(["Nom", "Souhaits pour le mentor", "Charte du jeune signée"])


@pytest.mark.parametrize(
    ("titles", "cells", "doubted"),
    [("Téléphone;E-mail;Référent", "0612345678;luc.petit@sauvegarde69.fr;Luc Petit", ["E-mail"]),
     ("Téléphone;E-mail;Professeur principal", "0612345678;luc.petit@laposte.net;M. Luc Petit", ["E-mail"]),
     ("Téléphone;E-mail;Nom du pro", "0612345678;lpetit@ml-lyon.fr;Luc Petit", ["E-mail"]),
     ("Téléphone;E-mail;Nom allocataire;Prénom allocataire", "0612345678;fatou.sow@laposte.net;Sow;Fatou", ["E-mail"]),
     ("Téléphone;E-mail;Référent", "0612345678;awa.sow@laposte.net;Luc Petit", []),
     ("Personne à contacter;Téléphone;E-mail", "Fatou Sow;0612345678;f@laposte.net", ["Téléphone", "E-mail"]),
     ("Contact;Téléphone;E-mail", "Salon;0612345678;f@laposte.net", []),
     ("Contact;Téléphone;E-mail", "Awa Sow;0612345678;f@laposte.net", [])],
)  # fmt: skip
def test_ways_that_may_be_of_an_adult_named_beside_are_doubted(import_file, titles, cells, doubted):
    report = import_file(f"{OWN};{titles}\n{AWA};{cells}")

    assert report.added
    assert [one.column for one in report.remarks if "nommée à côté" in one.cause] == doubted
