"""The values of a row as people and programs write them: dates, ages, places, contacts; what each refusal says."""

import pytest
import time_machine

from app.leads.tables import UnreadableFile

from .imported import HEADER, problems, row

pytestmark = pytest.mark.usefixtures("that_week")  # the files are of November 2026

NB = "\u00a0"
UNREACHABLE = "ne permet pas de joindre la personne : il faut un téléphone ou un e-mail."


@pytest.mark.parametrize(
    ("cells", "column", "cause"),
    [
        ({"date": "hier"}, "Date de création", "« hier » n'est pas une date : écrivez-la comme 12/11/2010."),
        ({"date": "01/01/0001"}, "Date de création", "« 01/01/0001 » n'est pas une date : écrivez-la comme 12/11/2010."),
        ({"date": "31/02/2026"}, "Date de création", "« 31/02/2026 » n'est pas une date : écrivez-la comme 12/11/2010."),
        ({"date": "2026-11-25T00:00:00Z"}, "Date de création", "« 2026-11-25T00:00:00Z » est une date à venir."),
        ({"last": ""}, "Nom", "vide."),
        ({"first": "   "}, "Prénom", "vide."),
        ({"first": "a" * 101}, "Prénom", f"« {'a' * 60}… » est trop long : 100 caractères au plus."),
        ({"first": "<b>"}, "Prénom", "« <b> » n'est pas un nom."),
        ({"age": ""}, "Âge", "vide."),
        ({"age": "seize"}, "Âge", "« seize » n'est pas un nombre."),
        ({"age": "16 mois"}, "Âge", "« 16 mois » n'est pas un nombre."),
        ({"date": "01/01/1900"}, "Date de création", "« 01/01/1900 » est trop ancien pour une demande."),
        (
            {"date": "12 brumaire 2026"},
            "Date de création",
            "« 12 brumaire 2026 » n'est pas une date : écrivez-la comme 12/11/2010.",
        ),
        ({"age": "-17"}, "Âge", "« -17 » n'est pas un nombre."),
        ({"age": "17-18"}, "Âge", "« 17-18 » n'est pas un nombre."),
        ({"age": "²"}, "Âge", "« ² » n'est pas un nombre."),
        ({"age": "5"}, "Âge", "5 ans : le programme accompagne de 6 à 29 ans."),
        ({"age": "1"}, "Âge", "1 an : le programme accompagne de 6 à 29 ans."),
        ({"age": "0"}, "Âge", "0 an : le programme accompagne de 6 à 29 ans."),
        ({"age": "30"}, "Âge", "30 ans : le programme accompagne de 6 à 29 ans."),
        ({"code": "59000"}, "Ville", "« Lyon » et « 59000 » ne désignent pas une commune."),
        ({"city": "", "code": ""}, "Ville", "vide."),
        ({"code": ""}, "Code postal", "vide."),
        ({"phone": "", "email": ""}, "Téléphone", "aucun moyen de joindre la personne : ni téléphone ni e-mail utilisables."),
        ({"phone": "", "email": "x"}, "Email", f"« x » {UNREACHABLE}"),
        ({"phone": "06 12 34 56 78 (mère)", "email": ""}, "Téléphone", f"« 06 12 34 56 78 (mère) » {UNREACHABLE}"),
        ({"phone": "061234567", "email": "a b@example.org"}, "Téléphone", f"« 061234567 » « a b@example.org » {UNREACHABLE}"),
        ({"phone": "0612345O18", "email": ""}, "Téléphone", f"« 0612345O18 » {UNREACHABLE}"),
    ],
)
def test_a_row_is_refused_with_its_line_its_column_and_its_cause(import_file, cells, column, cause):
    report = import_file(row(**cells))

    assert problems(report.refused) == [(2, column, cause)]
    assert report.added == []


@pytest.mark.parametrize("code", ["69003\u200b", "\u200e69003"])
def test_what_nobody_sees_beside_a_postal_code_refuses_nothing(import_file, code):
    report = import_file(row(code=code))

    assert [lead.commune_name for lead in report.added] == ["Lyon"]


def test_a_row_that_is_too_short_is_refused(import_file):
    report = import_file(f"{HEADER}\n2026-11-02T17:18:20Z;Voisin\n")

    assert problems(report.refused) == [(2, "Prénom", "vide.")]


def test_an_age_of_ten_thousand_figures_is_refused(import_file):
    report = import_file(row(age="9" * 10_000))

    assert [p.column for p in report.refused] == ["Âge"]


@pytest.mark.parametrize("age", ["6", "29"])
def test_the_ages_of_the_programme_are_taken(import_file, age):
    assert len(import_file(row(age=age)).added) == 1


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-11-02T17:18:20.500Z", "2026-11-02T17:18:20.500000+00:00"),
        ("2026-11-02T17:18:20Z", "2026-11-02T17:18:20+00:00"),
        ("02/11/2026 18:18:20", "2026-11-02T17:18:20+00:00"),
        ("02/11/2026 18:18", "2026-11-02T17:18:00+00:00"),
        ("02/07/2026", "2026-07-01T22:00:00+00:00"),
        ("2026-07-02", "2026-07-01T22:00:00+00:00"),
        ("2026/07/02", "2026-07-01T22:00:00+00:00"),
        ("02-07-2026", "2026-07-01T22:00:00+00:00"),
        ("2.7.2026", "2026-07-01T22:00:00+00:00"),
        ("02/07/26", "2026-07-01T22:00:00+00:00"),
        ("2 juil. 2026", "2026-07-01T22:00:00+00:00"),
        ("2 juillet 2026", "2026-07-01T22:00:00+00:00"),
        ("46205", "2026-07-01T22:00:00+00:00"),
        ("2026-07-02 08:30", "2026-07-02T06:30:00+00:00"),
        ("2026-07-02T08:30:00+01:00", "2026-07-02T07:30:00+00:00"),
        ("02/07/2026 à 8h30", "2026-07-02T06:30:00+00:00"),
    ],
)
def test_a_date_is_read_as_a_spreadsheet_writes_it(import_file, written, moment):
    [lead] = import_file(row(date=written)).added

    assert lead.requested_at.isoformat() == moment


@pytest.mark.parametrize(
    "written",
    [
        "16",
        "16 ans",
        "16ans",
        "16.0",
        "16,00",
        "16 ans.",
        "16 (en 3e)",
        "16 ans (3ème)",
        "16 ans, en seconde",
        "16 years old",
        "16 1/2",
        "16 ans ½",
        "16½",
        "16 ans révolus",
        "16 ans passés",
    ],
)
def test_an_age_is_read_as_people_write_it(import_file, written):
    assert [lead.age for lead in import_file(row(age=written)).added] == [16]


@pytest.mark.parametrize(("city", "code"), [
    ("Laval cedex", "53000"), ("LAVAL CEDEX 9", "53000"), ("Laval (Mayenne)", "53000"), ("Laval", "53 000"), ("laval", " 53000 "),
])  # fmt: skip
def test_a_commune_is_known_with_what_people_add(import_file, city, code):
    assert [lead.commune_name for lead in import_file(row(city=city, code=code)).added] == ["Laval"]


def test_what_is_cut_is_said(import_file):
    content = row().replace("Code postal", "Code postal;Commentaire;Origine").replace("69001", f"69001;{'x' * 2001};{'y' * 41}")
    report = import_file(content)

    assert problems(report.remarks) == [(2, "Commentaire", "coupé à 2000 caractères."), (2, "Origine", "coupé à 40 caractères.")]
    assert (len(report.added[0].message), len(report.added[0].source)) == (2000, 40)


@pytest.mark.parametrize(("age", "remarks"), [("17", []), ("18", []), ("", []), ("25", ["laissé de côté"]), ("douze", [])])
def test_an_age_that_contradicts_the_date_of_birth_is_said(import_file, age, remarks):
    report = import_file(row(age=f"24/11/2008;{age}").replace("Âge", "Né le;Âge"))

    assert [(lead.age, lead.birth_date.isoformat()) for lead in report.added] == [(18, "2008-11-24")]
    assert [word for cause in problems(report.remarks) for word in remarks if word in cause[2]] == remarks


def test_who_may_be_a_minor_is_not_taken_for_an_adult(import_file):
    report = import_file(row(age="03/09/2000;16").replace("Âge", "Né le;Âge"))

    assert not report.added
    [(line, column, cause)] = problems(report.refused)
    assert (line, column, "la date de naissance dit 26 ans" in cause) == (2, "Âge", True)


@pytest.mark.parametrize(
    ("title", "minor", "others"),
    [("Mineur / Majeur", "Mineur", ["Majeur", "", "Majeure (était mineure)"]), ("J'ai moins de 18 ans", "Oui", ["Non", ""]),
     *((title, "Non", ["Oui", ""]) for title in ("+18 ans", "Plus de 18 ans ?", "As-tu plus de 18 ans ?", "18 ans ou plus")),
     ("-18 ans", "Oui", ["Non"]), ("Tu as moins de 18 ans ?", "x", ["non"]),
     ("Majeur", "Non", ["Oui", ""]), ("Jeune mineur", "x", ["", "non"]), ("Mineur ou majeur ?", "mineure", ["oui", "?"])],
)  # fmt: skip
def test_an_adult_who_is_said_to_be_a_minor_is_not_taken(import_file, title, minor, others):
    report = import_file(row(age=f"20;{minor}").replace("Âge", f"Âge;{title}"))

    assert [(cause[1], "a 20 ans" in cause[2]) for cause in problems(report.refused)] == [("Âge", True)]
    assert all(import_file(row(age=f"20;{said}", first=f"A{'bcd'[rank]}").replace("Âge", f"Âge;{title}")).added
               for rank, said in enumerate(others))  # fmt: skip


def test_who_was_a_minor_when_they_asked_and_is_none_today_is_taken(import_file):
    assert import_file(row(age="10/11/2008;oui").replace("Âge", "Né le;Mineur")).added


@pytest.mark.parametrize("title", ["Prénom d'usage", "Prénom usuel", "Prénom choisi"])
def test_another_first_name_that_somebody_goes_by_is_said(import_file, title):
    report = import_file(row(first="Awa;Alex").replace("Prénom", f"Prénom;{title}"))

    [(_line, column, cause)] = problems(report.remarks)
    assert (column, report.unread) == (title, [])
    assert cause.replace(NB, " ") == "« Alex » n'est pas gardé, les lettres disent « Awa » : demandez lequel écrire."
    assert import_file(row(first="Zoé;").replace("Prénom", f"Prénom;{title}")).remarks == []


def test_without_an_age_nor_a_date_the_column_that_is_there_is_named(import_file):
    assert problems(import_file(row(age="").replace("Âge", "Né le")).refused) == [(2, "Né le", "vide.")]


def test_a_postal_code_that_lost_its_zero_is_given_it_back(import_file):
    [lead] = import_file(row(city="Bourg en Bresse", code="1000")).added

    assert (lead.commune_name, lead.departement_code) == ("Bourg-en-Bresse", "01")


@pytest.mark.parametrize("content", [row(date=""), row().replace("Date de création", "Note")])
def test_without_a_date_of_creation_a_request_is_of_today(import_file, content):
    [lead] = import_file(content).added

    assert lead.requested_at.isoformat() == "2026-11-24T08:00:00+00:00"


def test_without_a_date_of_creation_the_same_row_is_known_the_day_after(import_file):
    import_file(row(date=""))

    with time_machine.travel("2026-11-25T08:00:00Z", tick=False):
        report = import_file(row(date=""))

    assert (report.added, report.known) == ([], 1)


@pytest.mark.parametrize(
    ("written", "age"),
    [
        ("24/11/08", 18),
        ("24 nov. 2008", 18),
        ("39776", 18),
        ("24/11/2008", 18),
        ("25/11/2008", 17),
        ("2008-11-25", 17),
        ("2008-11-24T23:00:00.000Z", 17),
        ("24/11/2008 00:00", 18),
    ],
)
def test_a_date_of_birth_gives_the_age(import_file, written, age):
    [lead] = import_file(row(age=written).replace("Âge", "Né le")).added

    assert (lead.age, lead.birth_date.isoformat()) == (age, "2008-11-24" if age == 18 else "2008-11-25")


@pytest.mark.parametrize(
    ("written", "cause"),
    [
        ("hier", "« hier » n'est pas une date : écrivez-la comme 12/11/2010."),
        ("25/11/2026", "« 25/11/2026 » est une date à venir."),
        ("01/01/1920", "106 ans : le programme accompagne de 6 à 29 ans."),
        ("01/01/0001", "« 01/01/0001 » n'est pas une date : écrivez-la comme 12/11/2010."),
        ("01/01/2022", "4 ans : le programme accompagne de 6 à 29 ans."),
    ],
)
def test_a_date_of_birth_that_cannot_be_is_refused_at_its_column(import_file, written, cause):
    report = import_file(row(age=written).replace("Âge", "Naissance"))

    assert problems(report.refused) == [(2, "Naissance", cause)]


def test_a_line_break_in_a_cell_is_a_space(import_file):
    report = import_file(row(last='"Benali\nTrabelsi"', first='"Marie\r\nClaire"', email='"ines@example.org\nmaman"'))

    [lead] = report.added
    assert (lead.first_name, lead.last_name, lead.email) == ("Marie Claire", "Benali Trabelsi", None)
    assert [(p.column, "ines@example.org ; maman" in p.cause) for p in report.remarks] == [("Email", True)]


def test_what_is_beyond_the_last_title_is_remarked(import_file):
    lines = row().splitlines()
    report = import_file(f"{lines[0]};Commentaire\n{lines[1]};en foyer; NE PAS appeler le père; urgent\n")

    assert [lead.message for lead in report.added] == ["en foyer"]
    assert [(p.column, p.cause) for p in report.remarks] == [
        ("Commentaire", f"cette ligne a plus de cases que de titres{NB}: «{NB}NE PAS appeler le père ; urgent{NB}» n'est pas lu.")
    ]


def test_brothers_and_sisters_in_another_script_are_several(import_file):
    people = [("بنعلي", "محمد"), ("بنعلي", "فاطمة"), ("Петров", "Иван"), ("Петров", "Анна")]
    rows = [row(last=last, first=first).splitlines()[1] for last, first in people]

    report = import_file("\n".join([HEADER, *rows, rows[0]]))

    assert [(lead.last_name, lead.first_name) for lead in report.added] == people
    assert report.known == 1


@pytest.mark.parametrize(
    ("title", "cell", "age", "is_taken"),
    [("Année de naissance", "2010", "18", False), ("Mois et année de naissance", "03/2010", "19", False),
     ("Année de naissance du jeune", "2009", "18", False), ("Birth year", "2010", "18", False),
     ("Année de naissance", "2008", "18", True), ("Année de naissance", "2010", "16", True), ("Année de naissance", "", "18", True),
     ("Année de naissance", "2025", "18", True),
     ("Année de naissance du père", "2010", "18", True), ("Année d'inscription", "2026", "18", True)],
)  # fmt: skip
def test_a_year_of_birth_beside_an_age_that_it_denies(import_file, title, cell, age, is_taken):
    content = row(age=f"{age};{cell}").replace("Âge", f"Âge;{title}")
    report = import_file(content)

    assert bool(report.added) is is_taken
    assert is_taken or "Qui est mineur" in report.refused[0].cause


def test_an_age_of_long_ago_has_grown_beside_a_year_of_birth(import_file):
    content = row(date="02/11/2024", age="17;2007").replace("Âge", "Âge;Année de naissance")

    assert "mineur ou majeur aujourd'hui" in import_file(content).refused[0].cause
    assert [lead.age for lead in import_file(content.replace("17;2007", "19;2005")).added] == [21]


@pytest.mark.parametrize(
    ("said", "is_taken"), [("moins de 18", False), ("-18 ans", False), ("< 18", False), ("Mineure", False), ("plus de 18", True)]
)
def test_a_minor_in_words_beside_a_birth_of_an_adult(import_file, said, is_taken):
    report = import_file(row(age=f"{said};12/03/2006").replace("Âge", "Âge;Date de naissance"))

    assert bool(report.added) is is_taken


def test_an_age_of_a_year_ago_is_not_todays(import_file):
    with pytest.raises(UnreadableFile, match="Âge"):
        import_file(row(age="17").replace("Âge", "Âge (2023)"))
