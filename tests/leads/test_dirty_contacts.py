"""Telephones, addresses and parents as people write them: several in a cell, words beside them, whose they are."""

import pytest

from app.leads.models import Lead
from app.leads.titles import guess
from app.mail import Mail

from .imported import row, taken

pytestmark = pytest.mark.usefixtures("that_week")  # the files are of November 2026


@pytest.mark.parametrize(
    ("written", "number", "left"),
    [
        ("06 12 34 56 78 / 07 12 34 56 78", "+33612345678", "07 12 34 56 78"),
        ("06/12/34/56/78", "+33612345678", None),
        ("Tél. : 06 12 34 56 78", "+33612345678", None),
        ("portable 0612345678 ou 0123456789", "+33612345678", "0123456789"),
        ("n'a pas, 0612345678", "+33612345678", "n'a pas"),
        ("0612345678 - 0712345678", "+33612345678", "0712345678"),
        ("'0612345678", "+33612345678", None),
        ("612345678.0", "+33612345678", None),
        ("612345678,0", "+33612345678", None),
        ('="0612345678"', "+33612345678", None),
        ("0692 12 34 56", "+262692123456", None),
        ("0690123456", "+590690123456", None),
        ("+33 696 12 34 56", "+596696123456", None),
        ("06 12 34 56 78 (SMS)", "+33612345678", None),
        ("06.12.34.56.78 sms uniquement", "+33612345678", None),
        ("WhatsApp 0612345678", "+33612345678", None),
        ("06_12_34_56_78", "+33612345678", None),
        ("O6 12 34 56 78", "+33612345678", None),  # the letter
        ("p:+33612345678", "+33612345678", None),  # of an advertisement's form
    ],
)
def test_a_telephone_is_read_as_people_write_it(import_file, written, number, left):
    lead, remarks = taken(import_file(row(phone=written)))

    assert lead.phone == number
    assert remarks == ([f"« {left} » laissé de côté : un seul est gardé."] if left else [])


@pytest.mark.parametrize(
    ("written", "address", "left"),
    [
        ("mailto:c@example.org", "c@example.org", None),
        ("Chantal Voisin <c@example.org>", "c@example.org", None),
        ("c@ example.org", "c@example.org", None),
        ("c@example.org.", "c@example.org", None),
        ("c@example.org, d@example.org", "c@example.org", "d@example.org"),
        ("c@example.org d@example.org", "c@example.org", "d@example.org"),
        ("c(at)example.org", "c@example.org", ""),
        ("c@example .org", "c@example.org", ""),
        ("[c@example.org](mailto:c@example.org)", "c@example.org", ""),
        ("c@example.org / d@example.org", "c@example.org", "d@example.org"),
        ("c [arobase] example.org", "c@example.org", ""),
        ("c@example,org", "c@example.org", ""),
        ("Chantal Voisin <c@example.org>", "c@example.org", ""),
        ("C. Voisin <c@example.org>", "c@example.org", ""),
        ("Chantal <c@example.org>", "c@example.org", ""),
    ],
)
def test_an_address_is_read_as_people_write_it(import_file, written, address, left):
    lead, remarks = taken(import_file(row(email=written)))

    assert lead.email == address
    assert remarks == ([f"« {left} » laissé de côté : un seul est gardé."] if left else [])


@pytest.mark.parametrize(
    "written", ["jean c@example.org", "jean, c@example.org", "jean ou c@example.org", "Odile Voisin <c@example.org>"]
)
def test_no_address_is_made_of_a_part_of_what_was_written(import_file, written):
    lead, remarks = taken(import_file(row(email=f'"{written}"')))

    assert lead.email is None
    assert remarks == [f"« {written} » laissé de côté ; le téléphone suffit."]


@pytest.mark.parametrize("written", ["+6 12 34 56 78", "00612345678", "06 12 34 56 78 (CPE) / 07 11 11 11 11"])
def test_no_telephone_of_somebody_else_is_taken(import_file, written):
    lead, remarks = taken(import_file(row(phone=written)))

    assert lead.phone is None
    assert remarks == [f"« {written} » laissé de côté ; l'e-mail suffit."]


PARENT = "Nom;Prénom;Âge;Email;Ville;Code postal;Nom du parent;Téléphone du parent;Mail du parent"


def parent_of(import_file, age, *cells):
    """Who represents the one jeune of a file, and what was remarked."""
    lead, remarks = taken(import_file(f"{PARENT}\nVoisin;Chantal;{age};c@example.org;Lyon;69001;{';'.join(cells)}"))
    return (lead.guardian_name, lead.guardian_phone, lead.guardian_email), remarks


def test_a_minor_s_parent_is_taken_and_asked(import_file, programme, stored):
    who, remarks = parent_of(import_file, 16, "Nadia Voisin", "06 12 34 56 78", "nadia@example.org")

    assert (who, remarks) == (("Nadia Voisin", "+33612345678", "nadia@example.org"), [])
    [lead] = stored(programme, Lead)
    assert lead.waiting_reason == "guardian"
    assert [(mail.kind, mail.to_address) for mail in stored(programme, Mail)] == [("guardian_asked", "nadia@example.org")]


@pytest.mark.parametrize(
    ("name", "phone", "email"),
    [
        ("Parent", "Téléphone parent", "Mail parent"),
        ("Nom de la mère", "Tél. mère", "E-mail de la mère"),
        ("Représentante légale", "N° portable représentante légale", "Adresse mail représentante légale"),
        ("Nom et prénom du tuteur légal", "Tel tuteur légal", "courriel du tuteur légal"),
        ("Responsable 1", "Téléphone responsable 1", "Email responsable 1"),
    ],
)
def test_columns_about_a_parent_are_known_however_they_are_named(name, phone, email):
    header = ["Nom", "Prénom", "Âge", "Téléphone", "Email", "Profession du père", "Autorisation parentale", name, phone, email]
    found = guess(header)

    assert {key: header[place] for key, place in found.items() if key.startswith("guardian")} == {
        "guardian_name": name, "guardian_phone": phone, "guardian_email": email,
    }  # fmt: skip
    assert header[found["phone"]] == "Téléphone"


@pytest.mark.parametrize(
    "title",
    [
        "Responsable", "Mail du responsable de l'établissement", "Téléphone du tuteur de stage", "Mail envoyé au parent",
        "Numéro de sécurité sociale du parent", "Contact parent", "Tuteur", "Adresse postale des parents",
    ],
)  # fmt: skip
def test_a_column_about_somebody_else_is_no_parent_s(title):
    assert not {key for key in guess(["Nom", "Prénom", "Âge", title]) if key.startswith("guardian")}


@pytest.mark.parametrize(
    ("age", "cells", "who", "said"),
    [
        (19, ("Nadia Voisin", "0612345678", ""), (None, None, None), "la personne est majeure (19 ans)"),
        (16, ("Nadia Voisin", "", "C@example.org"), (None, None, None), "« C@example.org » est donné pour le jeune"),
        (16, ("", "0612345678", ""), (None, None, None), "il manque le nom du parent : « 0612345678 » n'est pas gardé"),
        (16, ("Mme & M. Voisin", "", "n@example.org"), ("Voisin", None, "n@example.org"), ""),
        (16, ("M. et Mme Voisin", "", "n@example.org"), ("Voisin", None, "n@example.org"), ""),
        (
            16,
            ("Nadia Voisin (mère)", "0612345678 (travail)", "n@example.org (mère)"),
            ("Nadia Voisin", "+33612345678", "n@example.org"),
            "",
        ),
        *(
            (16, ("Nadia Voisin", warned, ""), (None, None, None), "il manque un moyen de joindre le parent")
            for warned in (
                "06 12 34 56 78 NE PAS APPELER",
                "0612345678 (père, interdiction de contact)",
                "06 12 34 56 78 (ancien numéro)",
                "0612345678 voisine",
                "06 12 34 56 78 après 18h ne pas appeler",
            )
        ),
        *(
            (16, (warned, "0612345678", ""), (None, None, None), "il manque le nom du parent")
            for warned in ("Voisin Marie (décédée)", "Voisin Marie (n'a plus l'autorité parentale)")
        ),
        *(
            (16, (f"Nadia Voisin ({beside})", "0612345678", ""), ("Nadia Voisin", "+33612345678", None), "")
            for beside in (
                "responsable légal",
                "responsable légale",
                "tuteur légal",
                "grand-mère",
                "tante",
                "née Diallo",
                "mère d'Inès",
            )
        ),
        *(
            (16, ("Nadia Voisin", f"0612345678 {beside}", ""), ("Nadia Voisin", "+33612345678", None), "")
            for beside in (
                "(tél. mère)",
                "(personnel)",
                "WhatsApp",
                "(appeler après 18h)",
                "maman d'Inès",
                "après 18h30",
                "entre 18h et 20h",
            )
        ),
        *(
            (16, ("Nadia Voisin", f"0612345678 {beside}", ""), (None, None, None), "il manque un moyen")
            for beside in ("après 18h c'est le voisin", "avant 2024")
        ),
        (16, ("M et Mme", "0612345678", ""), (None, None, None), "il manque le nom du parent"),
        (16, ("Mme Nadia Voisin", "06 12 34 56 78 après 18h", ""), ("Nadia Voisin", "+33612345678", None), ""),
        (
            16,
            ("Nadia Voisin", "06 12", "nadia@example.org"),
            ("Nadia Voisin", None, "nadia@example.org"),
            "« 06 12 » laissé de côté",
        ),
        (16, ("", "", ""), (None, None, None), "mineur, et aucun parent n'est nommé"),
    ],
)
def test_a_parent_is_somebody_else_who_can_be_reached(age, cells, who, said, import_file):
    found, remarks = parent_of(import_file, age, *cells)

    assert found == who
    assert said in " ".join(remarks)
    assert bool(remarks) == bool(said)


BOTH = ("Anne Dupont", "0698765432", "Jean Durand", "jean@example.org")


TWO = "Nom mère;Téléphone mère;Nom père;Mail père"


@pytest.mark.parametrize(
    ("titles", "cells", "who", "said"),
    [
        (TWO, ("Anne Dupont", "inconnu", *BOTH[2:]), ("Jean Durand", None, "jean@example.org"), ""),
        (TWO, ("Anne Dupont", "06 12", *BOTH[2:]), ("Jean Durand", None, "jean@example.org"), ""),
        (TWO, BOTH, ("Anne Dupont", "+33698765432", None), "Jean Durand, jean@example.org"),
        ("Nom père;Nom mère;Téléphone mère;Téléphone père", ("Jean Durand", "Anne Dupont", "0698765432", ""),
         ("Jean Durand", None, None), None),
        (TWO, ("", "", *BOTH[2:]), ("Jean Durand", None, "jean@example.org"), ""),
        (TWO, ("Anne Dupont", "", *BOTH[2:]), ("Jean Durand", None, "jean@example.org"), ""),
        ("Nom du parent;Tél mère;Tél père", ("Anne Dupont", "", "0698765432"), ("Anne Dupont", "+33698765432", None), ""),
        ("Nom de la mère;Tél. parent;Mail parent", ("Anne Dupont", "0698765432", ""), ("Anne Dupont", "+33698765432", None), ""),
    ],
)  # fmt: skip
def test_two_parents_are_never_mixed(titles, cells, who, said, import_file):
    row_ = ";".join(cells)
    lead, remarks = taken(import_file(f"Nom;Prénom;Âge;Email;Ville;CP;{titles}\nVoisin;Chantal;16;c@example.org;Lyon;69001;{row_}"))

    if said is None:  # the mother, who can be reached, and the father, who cannot
        assert (lead.guardian_name, lead.guardian_phone) == ("Anne Dupont", "+33698765432")
        return
    assert (lead.guardian_name, lead.guardian_phone, lead.guardian_email) == who
    assert ("l'autre parent est laissé de côté" in " ".join(remarks)) is bool(said)
    assert said in " ".join(remarks)


@pytest.mark.parametrize(
    ("typed", "phone"),
    [
        ("06 12 34 56 78 après 18h", "+33612345678"),
        ("6,12345678E+08", "+33612345678"),
        ("3,3612345678E+10", "+33612345678"),
        ('"06 12 34 56 78\n07 11 11 11 11"', "+33612345678"),
        ("06 12 34 56 78 (maman)", None),
    ],
)
def test_words_beside_a_telephone(import_file, typed, phone):
    lead, _remarks = taken(import_file(row(phone=typed)))

    assert lead.phone == phone
