"""Values as other programs and other people write them: American dates, names in one cell, several numbers, old communes."""

import pytest

from app.leads.models import Lead
from app.leads.tables import UnreadableFile
from app.leads.titles import guess
from app.mail import Mail

from .imported import problems, row

pytestmark = pytest.mark.usefixtures("that_week")  # the files are of November 2026

NB = "\u00a0"
ONE_CELL = "Nom et prénom;Âge;Téléphone;Ville;Code postal"


def taken(report):
    """The one request of a file, and what was remarked."""
    [lead] = report.added
    return lead, [cause.replace(NB, " ") for _line, _column, cause in problems(report.remarks)]


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026/11/02 6:18:20 PM UTC+1", "2026-11-02T17:18:20+00:00"),
        ("2026/11/02 12:18:20 AM GMT+01:00", "2026-11-01T23:18:20+00:00"),
        ("2026-11-02 18:18:20 +0100", "2026-11-02T17:18:20+00:00"),
        ("Mon, 02 Nov 2026 17:18:20 GMT", "2026-11-02T17:18:20+00:00"),
        ("lundi 2 novembre 2026 à 18 h 18", "2026-11-02T17:18:00+00:00"),
        ("lundi 2 novembre 2026 à 18 h", "2026-11-02T17:00:00+00:00"),
        ("1er juillet 2026", "2026-06-30T22:00:00+00:00"),
        ("2-Feb-26", "2026-02-01T23:00:00+00:00"),
        ("Nov 2, 2026", "2026-11-01T23:00:00+00:00"),
        ("02 / 11 / 2026", "2026-11-01T23:00:00+00:00"),
        ("Nov 2, 2026 @ 6:18pm", "2026-11-02T17:18:00+00:00"),  # Airtable
        ("2026/11/02 7:18:20 PM EET", "2026-11-02T17:18:20+00:00"),
        ("02/11/2026 18:18 CET", "2026-11-02T17:18:00+00:00"),
        ("2 novembre, 2026", "2026-11-01T23:00:00+00:00"),
        ("1793639900", "2026-11-02T17:18:20+00:00"),
        ("1793639900000", "2026-11-02T17:18:20+00:00"),
    ],
)
def test_a_date_of_another_program_is_read(import_file, written, moment):
    [lead] = import_file(row(date=f'"{written}"')).added

    assert lead.requested_at.isoformat() == moment


@pytest.mark.parametrize(
    "written", ["", "1980-01-01 00:00:00", "1970-01-01T00:00:00Z", "1900-01-00", "0000-00-00 00:00:00", "30/12/1899", "00/01/1900"]
)
def test_what_a_program_writes_where_it_knows_no_date_is_none(import_file, written):
    report = import_file(row(date=written))

    assert [lead.requested_at.isoformat() for lead in report.added] == ["2026-11-24T08:00:00+00:00"]
    assert import_file(row(date=written)).known == 1


@pytest.mark.parametrize(
    "written",
    [
        "2026/11/02 13:18 PM",
        "2026/13/02",
        "2 jui 2026",
        "2026/11/02 25:00",
        "0/0/2026",
        "1980-01-02",
        "1999999999",
        "2026-11-02 10:00 XYZ",
    ],
)
def test_a_date_that_is_none_is_refused(import_file, written):
    assert [p.column for p in import_file(row(date=written)).refused] == ["Date de création"]


def lines(*dates):
    """A file with these dates of birth, one for each person."""
    rows = [f"Voisin;P{'abcdef'[rank]};{day};061234567{rank};Lyon;69001" for rank, day in enumerate(dates)]
    return "\n".join(["Nom;Prénom;Né le;Téléphone;Ville;Code postal", *rows])


def test_dates_of_a_column_that_can_only_be_american_are_read_so(import_file):
    report = import_file(lines("03/04/2009", "11/24/2008", "2/28/2010"))

    assert [lead.birth_date.isoformat() for lead in report.added] == ["2009-03-04", "2008-11-24", "2010-02-28"]
    [note] = report.notes
    assert note.replace(NB, " ") == "Dates lues avec le mois avant le jour, à l'américaine : « Né le »."


@pytest.mark.parametrize(
    ("dates", "born"),
    [
        (("03/04/2009", "04/05/2009"), ["2009-04-03", "2009-05-04"]),
        (("03/04/2009", "24/11/2008", "11/24/2008"), ["2009-04-03", "2008-11-24"]),  # both kinds
        (("03/04/2009", "05/06/2010", "10/13/2008"), ["2009-04-03", "2010-06-05"]),  # one alone may be a slip
    ],
)
def test_other_dates_are_french(import_file, dates, born):
    report = import_file(lines(*dates))

    assert [lead.birth_date.isoformat() for lead in report.added] == born
    assert len(report.notes) == ("10/13/2008" in dates)  # it is said, and nothing is guessed
    assert len(report.refused) == len(dates) - len(born)


@pytest.mark.parametrize(
    ("title", "written", "last", "first", "is_said"),
    [
        ("Nom et prénom", "VOISIN Chantal", "VOISIN", "Chantal", False),
        ("Prénom Nom", "Chantal Voisin", "Voisin", "Chantal", False),
        ("Nom Prénom", "Voisin Chantal", "Voisin", "Chantal", False),
        ("Nom complet", "Chantal VOISIN", "VOISIN", "Chantal", False),
        ("Nom et prénom", "Mme de LA TOUR Marie-Ange", "de LA TOUR", "Marie-Ange", True),
        ("Nom et prénom", "Voisin, Chantal Marie", "Voisin", "Chantal Marie", True),
        ("Prénom et nom", "Jean Le Goff", "Le Goff", "Jean", True),
        ("Nom et prénom", "Le Goff Jean", "Le Goff", "Jean", True),
        ("Prénom Nom", "chantal Voisin", "Voisin", "chantal", False),
        ("Prénom Nom", "Anne de Gaulle", "de Gaulle", "Anne", True),
        ("Prénom Nom", "Lucas van der Berg", "van der Berg", "Lucas", True),
        ("Nom complet", "Chantal Voisin", "Voisin", "Chantal", False),
        ("Full name", "Chantal Voisin", "Voisin", "Chantal", False),
        ("Nom Prénom", "DIALLO Mamadou dit Mamad", "DIALLO", "Mamadou dit Mamad", True),
        ("Nom Prénom", "M'Bappé Kylian", "M'Bappé", "Kylian", False),
        ("Nom Prénom", "M. Voisin Jean", "Voisin", "Jean", True),
    ],
)
def test_a_name_in_one_cell_is_parted(import_file, title, written, last, first, is_said):
    content = f'{ONE_CELL.replace("Nom et prénom", title)}\n"{written}";16;0612345678;Lyon;69001\n'
    lead, remarks = taken(import_file(content))

    assert (lead.last_name, lead.first_name) == (last, first)
    assert remarks == ([f"« {written} » lu : prénom {first}, nom {last}."] if is_said else [])


def test_a_name_of_one_word_is_refused_at_its_column(import_file):
    report = import_file(f"{ONE_CELL}\nVoisin;16;0612345678;Lyon;69001\n")

    assert problems(report.refused) == [(2, "Nom et prénom", "« Voisin » : il manque le prénom.")]


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


@pytest.mark.parametrize(
    ("city", "code", "commune", "is_said"),
    [
        ("Lyon 3ème arr.", "69003", "Lyon", True),
        ("LYON 03", "69003", "Lyon", True),
        ("69003 Lyon", "69003", "Lyon", True),
        ("Pont de Claix (Le)", "38800", "Le Pont-de-Claix", True),
        ("Annecy-le-Vieux", "74940", "Annecy", True),
        ("Cherbourg", "50100", "Cherbourg-en-Cotentin", False),
        ("Montreuil sous Bois", "93100", "Montreuil", False),
        ("Grenobel", "38000", "Grenoble", False),
        ("Grenoble Cedex 1", "38025", "Grenoble", True),
        ("Ajaccio", "20181", "Ajaccio", True),
        ("Château-Chinon (Ville)", "58120", "Château-Chinon (Ville)", True),
    ],
)
def test_a_commune_is_found_by_what_people_call_it(import_file, city, code, commune, is_said):
    lead, remarks = taken(import_file(row(city=city, code=code)))

    assert lead.commune_name == commune
    assert remarks == ([] if is_said else [f"« {city} » lu : {commune}."])


NO_COMMUNE = [
    ("Saint-Étienne", "42130"), ("Mérignac", "33350"), ("Villeurbanne", "69999999999"), ("Le", "38800"), ("Saint", "38400"),
    ("Lyon", "38025"), ("Grenoble", "99025"), ("Voiron", "38000"), ("75011", "75011"),
]  # fmt: skip


@pytest.mark.parametrize(("city", "code"), NO_COMMUNE)
def test_no_commune_is_made_up(import_file, city, code):
    assert [p.column for p in import_file(row(city=city, code=code)).refused] == ["Ville"]


def test_titles_of_a_form_are_known(import_file):
    titles = "Horodateur;Nom du jeune;Prénom du jeune;Date de naissance du jeune;Adresse électronique;Commune de résidence;CP"
    lead, _remarks = taken(import_file(f"{titles}\n2026/11/02 6:18:20 PM UTC+1;Voisin;Chantal;24/11/2010;c@example.org;Lyon;69001"))

    assert (lead.last_name, lead.age, lead.requested_at.isoformat()) == ("Voisin", 16, "2026-11-02T17:18:20+00:00")


@pytest.mark.parametrize("written", ["+6 12 34 56 78", "00612345678", "06 12 34 56 78 (CPE) / 07 11 11 11 11"])
def test_no_telephone_of_somebody_else_is_taken(import_file, written):
    lead, remarks = taken(import_file(row(phone=written)))

    assert lead.phone is None
    assert remarks == [f"« {written} » laissé de côté ; l'e-mail suffit."]


def test_the_columns_of_the_jeune_come_before_those_of_who_fills_the_form(import_file):
    titles = "Nom;Prénom;Adresse de messagerie;Téléphone;Nom du jeune;Prénom du jeune;Mail du jeune;Téléphone du jeune;Âge;Ville;CP"
    row_ = "Dupond;Prof;prof@example.org;0611111111;Voisin;Chantal;c@example.org;0612345678;16;Lyon;69001"
    lead, _remarks = taken(import_file(f"{titles}\n{row_}"))

    assert (lead.full_name, lead.email, lead.phone) == ("Chantal Voisin", "c@example.org", "+33612345678")


def test_one_column_proves_it_for_the_others_and_words_stay_as_they_are(import_file):
    titles = "Horodateur;Nom;Prénom;Né le;Téléphone;Ville;Code postal;Commentaire"
    rows = ["11/20/2026 10:00;Voisin;A;3/4/09;0612345678;Lyon;69001;11/24/2026 rappel",
            "11/21/2026 9:00;Martin;B;5/6/2010;0612345679;Lyon;69001;ok"]  # fmt: skip
    report = import_file("\n".join([titles, *rows]))

    assert [lead.birth_date.isoformat() for lead in report.added] == ["2009-03-04", "2010-05-06"]
    assert report.added[0].message == "11/24/2026 rappel"


@pytest.mark.parametrize("last", ["N´Diaye", "Jean\u2011Paul", "d‘Artagnan"])
def test_a_name_is_taken_with_the_signs_of_a_word_processor(import_file, last):
    assert [lead.last_name for lead in import_file(row(last=last)).added] == [last]


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
    ("typed", "needs"),
    [
        ("Soutien scolaire", ["school"]),
        ("Orientation / Parcoursup", ["orientation"]),
        ("recherche d'alternance; CV", ["employment"]),
        ("Difficultés à l'école, trouver un stage", ["school", "employment"]),
        ("Méthode de travail", ["school"]),
        ("", []),
    ],
)
def test_a_need_is_read_from_words(import_file, typed, needs):
    lead, remarks = taken(
        import_file(f'Nom;Prénom;Âge;Email;Ville;CP;Besoin\nVoisin;Chantal;19;c@example.org;Lyon;69001;"{typed}"')
    )

    assert lead.needs == needs
    assert (" lu : " in " ".join(remarks)) == (len(needs) > 1), "who reads several needs into words says so"


def test_a_need_that_is_none_of_the_three_is_remarked(import_file):
    lead, remarks = taken(import_file("Nom;Prénom;Âge;Email;Ville;CP;Besoin\nVoisin;Chantal;19;c@example.org;Lyon;69001;Permis"))

    assert (lead.needs, remarks) == ([], ["« Permis » laissé de côté : scolarité, orientation ou emploi."])


@pytest.mark.parametrize(
    ("age", "cells", "who", "said"),
    [
        (19, ("Nadia Voisin", "0612345678", ""), (None, None, None), ""),
        (16, ("Nadia Voisin", "", "C@example.org"), (None, None, None), "« C@example.org » laissé de côté"),
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
            for beside in ("(tél. mère)", "(personnel)", "WhatsApp", "maman d'Inès", "après 18h30", "entre 18h et 20h")
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


AMERICAN_CLOCK = "Horodateur;Nom;Prénom;Date de naissance;Email;Ville;CP"
STAMPS = ("10/24/2026 10:12:03", "10/25/2026 09:00:00", "11/03/2026 09:00:00", "10/09/2026 18:01:02")
BIRTHS = ("24/11/2010", "13/02/2009", "03/02/2009", "05/06/2008")


def test_a_column_that_proves_itself_american_is_read_so_beside_french_ones(import_file):
    lines = [f"{at};Voisin;Chantal;{born};c{born[:2]}@example.org;Lyon;69001" for at, born in zip(STAMPS, BIRTHS, strict=True)]
    report = import_file("\n".join([AMERICAN_CLOCK, *lines]))

    asked = [lead.requested_at.date().isoformat() for lead in report.added]
    assert asked == ["2026-10-24", "2026-10-25", "2026-11-03", "2026-10-09"]
    assert [lead.birth_date.isoformat() for lead in report.added] == ["2010-11-24", "2009-02-13", "2009-02-03", "2008-06-05"]
    assert "Horodateur" in report.notes[0]


@pytest.mark.parametrize(
    ("typed", "phone"),
    [
        ("06 12 34 56 78 après 18h", "+33612345678"),
        ("6,12345678E+08", "+33612345678"),
        ('"06 12 34 56 78\n07 11 11 11 11"', "+33612345678"),
        ("06 12 34 56 78 (maman)", None),
    ],
)
def test_words_beside_a_telephone(import_file, typed, phone):
    lead, _remarks = taken(import_file(row(phone=typed)))

    assert lead.phone == phone


@pytest.mark.parametrize("born", ["?", "-", "inconnue"])
def test_an_age_is_enough_where_the_birth_is_not_known(import_file, born):
    lead, _remarks = taken(
        import_file(f"Nom;Prénom;Âge;Date de naissance;Email;Ville;CP\nVoisin;Chantal;17;{born};c@example.org;Lyon;69001")
    )

    assert (lead.age, lead.birth_date) == (17, None)


@pytest.mark.parametrize(
    ("typed", "first", "last"),
    [
        ("Zoé de La Tour", "Zoé", "de La Tour"),
        ("Marie du Bois", "Marie", "du Bois"),
        ("de La Tour Zoé", "Zoé", "de La Tour"),
        ("Nguyen Van Anh", "Anh", "Nguyen Van"),
        ("Benali El Mehdi", "Mehdi", "Benali El"),
    ],
)
def test_no_last_name_ends_with_a_particle(import_file, typed, first, last):
    lead, _remarks = taken(import_file(f"{ONE_CELL}\n{typed};16;0612345678;Lyon;69001\n"))

    assert (lead.first_name, lead.last_name) == (first, last)


def test_a_byte_that_was_cut_spoils_its_letter_alone(import_file):
    content = (
        f"{PARENT.split(';Nom du parent', maxsplit=1)[0]};Commentaire\nFenêt;Côme;17;c@example.org;Lyon;69001;abc ".encode()
        + b"\xc3\n"
    )
    lead, _remarks = taken(import_file(content))

    assert (lead.first_name, lead.last_name, lead.message) == ("Côme", "Fenêt", "abc \N{REPLACEMENT CHARACTER}")


def test_what_steers_a_terminal_is_not_repeated(import_file):
    [problem] = import_file(row(city="Gren\033[2Joble")).refused

    assert "\033" not in problem.cause


@pytest.mark.parametrize(
    ("typed", "needs"),
    [
        ("Difficultés d'apprentissage", ["school"]), ("Troubles de l'apprentissage (dyslexie)", ["school"]),
        ("Gérer son emploi du temps", ["school"]), ("soutien psychologique", []), ("course à pied", []), ("bachata", []),
        ("Cours de maths", ["school"]), ("Passer le bac", ["school"]), ("Contrat d'apprentissage", ["employment"]),
        ("CV", ["employment"]), ("Un job d'été", ["employment"]),
    ],
)  # fmt: skip
def test_a_word_inside_another_is_no_need(import_file, typed, needs):
    [lead] = import_file(f'Nom;Prénom;Âge;Email;Ville;CP;Besoin\nVoisin;Chantal;19;c@example.org;Lyon;69001;"{typed}"').added

    assert lead.needs == needs


STRAY = """Nom;Prénom;Âge;E-mail;Ville;Code postal;Commentaire;Origine
Premier;Lia;19;a@example.org;Lyon;69003;{}"Je veux réussir;collège
Second;Tom;20;b@example.org;Lyon;69003;être aidé"{};lycée
Dernier;Zoé;20;c@example.org;Lyon;69003;ok;lycée"""


def test_nobody_is_swallowed_by_a_stray_quote(import_file):
    with pytest.raises(UnreadableFile, match="il manque un guillemet"):
        import_file(STRAY.format("", ""))


def test_what_is_really_in_several_lines_is_taken(import_file):
    told = "Bonjour,\nj'habite 69003 Lyon ; merci ; à bientôt"
    report = import_file(f'Nom;Prénom;Âge;E-mail;Ville;Code postal;Commentaire\nUn;Lia;19;a@example.org;Lyon;69003;"{told}"')

    assert [lead.message for lead in report.added] == [told]


@pytest.mark.parametrize("sign", "-.")
def test_american_dates_have_any_separator(import_file, sign):
    dates = [sign.join(parts) for parts in (("03", "05", "2009"), ("11", "24", "2009"), ("12", "25", "2008"))]

    assert [lead.birth_date.isoformat() for lead in import_file(lines(*dates)).added] == ["2009-03-05", "2009-11-24", "2008-12-25"]


@pytest.mark.parametrize(
    ("written", "born"),
    [
        ("2009-03-05T00:00:00+04:00", "2009-03-05"), ("2009-03-05T00:00:00-04:00", "2009-03-05"),
        ("2009-03-04T23:00:00Z", "2009-03-05"), ("2009-03-05T00:00:00+00:00", "2009-03-05"), ("39876.0", "2009-03-04"),
    ],
)  # fmt: skip
def test_a_birthday_is_the_day_that_is_written(import_file, written, born):
    assert [lead.birth_date.isoformat() for lead in import_file(lines(written)).added] == [born]


def test_what_was_encoded_twice_is_read(import_file):
    names = "Voisin;Jérôme;19;j@example.org;Lyon;69001\nÉtienne;Côme;20;c@example.org;Saint-Étienne;42000"
    content = f"Nom;Prénom;Âge;E-mail;Ville;Code postal\n{names}".encode().decode("cp1252").encode()

    assert [lead.full_name for lead in import_file(content).added] == ["Jérôme Voisin", "Côme Étienne"]


def test_portuguese_letters_are_no_mistake(import_file):
    [lead] = import_file("Nom;Prénom;Âge;E-mail;Ville;Code postal\nSÃO JOÃO;Côme;20;c@example.org;Lyon;69001").added

    assert lead.last_name == "SÃO JOÃO"


@pytest.mark.parametrize("last", ["Lec½ur", "M²", "Josº"])
def test_what_a_wrong_charset_makes_of_a_letter_is_in_no_name(import_file, last):
    assert import_file(f"Nom;Prénom;Âge;E-mail;Ville;Code postal\n{last};Zoé;20;c@example.org;Lyon;69001").added == []


@pytest.mark.parametrize("whose", ["de l'élève", "de l'enfant", "du bénéficiaire", "de la mentorée"])
def test_the_jeune_is_known_by_other_words_and_two_names_are_said(import_file, whose):
    header = f"Nom;Prénom;Mail;Nom {whose};Prénom {whose};Âge;Ville;Code postal"
    report = import_file(f"{header}\nParent;Paula;p@example.org;Élève;Emma;19;Lyon;69003")

    assert [lead.full_name for lead in report.added] == ["Emma Élève"]
    [note] = report.notes
    assert f"« Nom {whose} » est lue" in note.replace(NB, " ")


def test_two_columns_of_one_name_are_said(import_file):
    report = import_file("Nom;Prénom;Nom;Prénom;Âge;E-mail;Ville;Code postal\nProf;Paul;Élève;Emma;19;e@example.org;Lyon;69003")

    assert len(report.notes) == 1


@pytest.mark.parametrize(("written", "age"), [("17.38", 17), ("17,5", 17), ("17 ans et demi", 17)])
def test_an_age_that_was_reckoned_is_in_whole_years(import_file, written, age):
    [lead] = import_file(f"Nom;Prénom;Âge;E-mail;Ville;Code postal\nUn;Zoé;{written};c@example.org;Lyon;69001").added

    assert lead.age == age


def test_a_number_that_a_spreadsheet_wrote_as_a_power_is_read(import_file):
    [lead] = import_file("Nom;Prénom;Âge;Téléphone;Ville;Code postal\nUn;Zoé;20;6.12345678E8;Lyon;69001").added

    assert lead.phone == "+33612345678"
