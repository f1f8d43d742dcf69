"""Dates as other programs and other people write them: of a request, of birth, day first or American."""

import io
from datetime import datetime

import pytest
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from .imported import NB, row, taken

pytestmark = pytest.mark.usefixtures("that_week")  # the files are of November 2026


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


def test_dates_whose_year_may_come_first_are_not_taken_for_an_adults(import_file):
    report = import_file(lines("10-04-03", "09-12-25", "11-05-30"))

    first = next(problem.cause.replace(NB, " ") for problem in report.refused if problem.line == 2)
    assert "« 10/04/2003 ou 03/04/2010 » : le jour et l'année sont peut-être échangés" in first
    assert [lead.birth_date.year for lead in report.added if lead.birth_date.year < 2009] == []
    assert len(import_file(lines("10-04-03", "09-12-05", "11-05-09")).added) == 3, "day first, each is somebody's"


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


def test_one_column_proves_it_for_the_others_and_words_stay_as_they_are(import_file):
    titles = "Horodateur;Nom;Prénom;Né le;Téléphone;Ville;Code postal;Commentaire"
    rows = ["11/20/2026 10:00;Voisin;A;3/4/09;0612345678;Lyon;69001;11/24/2026 rappel",
            "11/21/2026 9:00;Martin;B;5/6/2010;0612345679;Lyon;69001;ok"]  # fmt: skip
    report = import_file("\n".join([titles, *rows]))

    assert [lead.birth_date.isoformat() for lead in report.added] == ["2009-03-04", "2010-05-06"]
    assert report.added[0].message == "11/24/2026 rappel"


@pytest.mark.parametrize(
    ("at", "read_as"),
    [("11/5/2026 2:02:11 PM", "2010-10-11"), ("11/05/2026, 2:02 p.m.", "2010-10-11"), ("11/5/2026 14:02", "2010-11-10"),
     ("Nov 5, 2026", "2010-11-10")],
)  # fmt: skip
def test_a_clock_of_twelve_hours_is_american(import_file, at, read_as):
    report = import_file(row(date=f'"{at}"', age="10/11/2010").replace("Âge", "Né le"))

    assert [lead.birth_date.isoformat() for lead in report.added] == [read_as]


@pytest.mark.parametrize("at", ["11/5/2026 2:02:11 PM", "Nov 5, 2026"])
@pytest.mark.parametrize("born", ["12/01/2008", "01/12/2008"])
def test_a_birth_that_is_a_minors_in_one_of_two_orders_is_in_doubt_where_another_column_alone_is_american(import_file, at, born):
    report = import_file(row(date=f'"{at}"', age=born).replace("Âge", "Né le"))

    assert (report.added, [p.column for p in report.refused]) == ([], ["Né le"])
    assert "sont peut-être échangés" in report.refused[0].cause


def test_american_dates_that_are_given_back_are_read_the_same_again(import_file):
    titles = "Horodateur;Nom;Prénom;Né le;Email;Ville;CP"
    [refused] = import_file(f"{titles}\n11/5/2026 2:02 PM;Voisin;Chantal;3/4/2009;c@example.org;?;69001").refused
    [lead] = import_file("\n".join([titles, ";".join(refused.cells).replace("?", "Lyon")])).added

    assert (lead.requested_at.date().isoformat(), lead.birth_date.isoformat()) == ("2026-11-05", "2009-03-04")


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


@pytest.mark.parametrize("born", ["?", "-", "inconnue"])
def test_an_age_is_enough_where_the_birth_is_not_known(import_file, born):
    lead, _remarks = taken(
        import_file(f"Nom;Prénom;Âge;Date de naissance;Email;Ville;CP\nVoisin;Chantal;17;{born};c@example.org;Lyon;69001")
    )

    assert (lead.age, lead.birth_date) == (17, None)


@pytest.mark.parametrize(
    ("age", "born"),
    [("18", "12/2008"), ("18", "2009"), ("19", "mars 2010"), ("21", "31/11/2010"), ("18", "??/12/2008"), ("18", "2008-12")],
)
def test_a_date_of_birth_without_its_day_says_who_is_a_minor(import_file, age, born):
    titles = "Nom;Prénom;Âge;Date de naissance;Email;Ville;CP"
    report = import_file(f"{titles}\nVoisin;Chantal;{age};{born};c@example.org;Lyon;69001")

    assert report.added == []
    assert "Qui est mineur" in report.refused[0].cause


@pytest.mark.parametrize("born", ["avril 10", "03/04/10 environ", "030410", "03-04-'10", "03/04/20010", "12/01/2008 ou 01/12/2008"])
@pytest.mark.parametrize("age", ["17", "18"])
def test_an_adults_age_is_not_enough_beside_a_birth_whose_figures_are_not_understood(import_file, born, age):
    titles = "Nom;Prénom;Âge;Date de naissance;Email;Ville;CP"
    report = import_file(f"{titles}\nVoisin;Chantal;{age};{born};c@example.org;Lyon;69001")

    assert [lead.age for lead in report.added] == [17][: age == "17"]
    assert [p.column for p in report.refused] == ["Date de naissance"][: age == "18"]


@pytest.mark.parametrize(
    ("born", "is_taken"),
    [("19", True), ("19 ans", True), ("non communiquée (18+)", True), ("plus de 18 ans", True), ("10", False), ("17 ans", False),
     ("18+ (03/04/10 ?)", False)],
)  # fmt: skip
def test_an_adults_age_in_the_place_of_a_birth_is_one_more(import_file, born, is_taken):
    report = import_file(f"Nom;Prénom;Âge;Date de naissance;Email;Ville;CP\nVoisin;Chantal;19;{born};c@example.org;Lyon;69001")

    assert (len(report.added), [p.column for p in report.refused]) == ((1, []) if is_taken else (0, ["Date de naissance"]))


@pytest.mark.parametrize("parts", ["3;12;2008", "03;décembre;2008", "3;déc.;08"])
@pytest.mark.parametrize(("title", "age"), [("Âge;", "18;"), ("", "")])
def test_a_birth_in_three_columns_is_one_date(import_file, parts, title, age):
    titles = f"Nom;Prénom;{title}Jour de naissance;Mois de naissance;Année de naissance;Email;Ville;CP"
    [lead] = import_file(f"{titles}\nVoisin;Chantal;{age}{parts};c@example.org;Lyon;69001").added

    assert (lead.age, lead.birth_date.isoformat()) == (17, "2008-12-03")


@pytest.mark.parametrize(
    ("ages", "is_taken"), [("28;12", False), ("18;17", False), ("12;28", True), ("17;16", True), ("17;", True)]
)
def test_an_adults_age_beside_that_of_a_minor_is_refused(import_file, ages, is_taken):
    report = import_file(f"Nom;Prénom;Âge;Âge élève;Email;Ville;CP\nVoisin;Chantal;{ages};c@example.org;Lyon;69001")

    assert (len(report.added), [p.column for p in report.refused]) == ((1, []) if is_taken else (0, ["Âge"]))


@pytest.mark.parametrize(
    ("day", "is_taken"), [("03/04/2010", False), ("26/11/2008", False), ("24/11/2008", True), ("03/04/2024", True)]
)
def test_a_date_of_nobody_knows_what_may_be_a_minors_birth(import_file, day, is_taken):
    report = import_file(f"Nom;Prénom;Âge;Date;Email;Ville;CP\nVoisin;Chantal;21;{day};c@example.org;Lyon;69001")

    assert (len(report.added), [p.column for p in report.refused]) == ((1, []) if is_taken else (0, ["Âge"]))


@pytest.mark.parametrize(("age", "born"), [("17", "2009"), ("18", "2008"), ("18", "11/2008"), ("25", "03/2001"), ("18", "2025")])
def test_an_age_that_such_a_date_allows_is_enough(import_file, age, born):
    titles = "Nom;Prénom;Âge;Date de naissance;Email;Ville;CP"
    lead, [remark] = taken(import_file(f"{titles}\nVoisin;Chantal;{age};{born};c@example.org;Lyon;69001"))

    assert (lead.age, lead.birth_date) == (int(age), None)
    assert "l'âge suffit" in remark


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


def book(*days, stamps=()):
    """A workbook of people with these dates of birth, and these moments of their requests; real dates, or texts."""
    made = Workbook()
    sheet = made.active
    sheet.append(["Nom", "Prénom", "Date de naissance", "Téléphone", "Ville", "Code postal", *["Horodateur"][: len(stamps)]])
    for rank, day in enumerate(days):
        sheet.append(["Voisin", f"P{'abcdef'[rank]}", day, f"061234567{rank}", "Lyon", "69001", *stamps[rank : rank + 1]])
    kept = io.BytesIO()
    made.save(kept)
    return kept.getvalue()


MARCH = datetime(2008, 3, 12)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("texts", "taken_as"),
    [(("03/25/2010", "06/13/2010"), ["2010-03-25", "2010-06-13"]),  # an American file through a French spreadsheet
     (("25/03/2010", "13/06/2010", "30/11/2011"), ["2010-03-25", "2010-06-13", "2011-11-30"])],  # and the other way round
)  # fmt: skip
def test_a_day_that_a_spreadsheet_swapped_with_the_month_is_not_taken(import_file, texts, taken_as):
    report = import_file(book(MARCH, *texts))

    assert [lead.birth_date.isoformat() for lead in report.added] == taken_as
    [problem] = report.refused
    assert "« 12/03/2008 ou 03/12/2008 » : le jour et le mois sont peut-être échangés" in problem.cause.replace(NB, " ")
    assert "Un tableur a sans doute échangé" in report.notes[0]


def test_a_swapped_column_puts_the_others_of_its_file_in_doubt(import_file):
    stamps = [datetime(2026, 5, day, 10) for day in (1, 2, 5)]  # noqa: DTZ001
    report = import_file(book(MARCH, "03/25/2010", "06/13/2010", stamps=stamps))

    assert [problem.column for problem in report.refused] == ["Horodateur"] * 2, "the fifth of May is one, both ways"
    assert [lead.birth_date.isoformat() for lead in report.added] == ["2010-06-13"]


@pytest.mark.parametrize(
    "days",
    [(MARCH, datetime(2010, 3, 25), "13/06/2010", "30/11/2011"), (MARCH, "25/03/2010"), (MARCH, "03/04/2010", "25/03/2010"),  # noqa: DTZ001
     (MARCH, datetime(2010, 3, 5), datetime(2010, 3, 7)), (datetime(2008, 3, 3), "25/03/2010", "13/06/2010")],  # noqa: DTZ001
    ids=["a later day", "too few", "any text", "no text", "the same both ways"],
)  # fmt: skip
def test_other_real_dates_are_as_they_are(import_file, days):
    report = import_file(book(*days))

    assert (len(report.added), report.refused) == (len(days), [])
    assert report.added[0].birth_date == days[0].date()


@pytest.mark.parametrize("stamps", [["11/20/2026 10:00:00"], ["11/20/2026 10:00:00", "11/21/2026 10:00:00"]])
def test_dates_beside_american_texts_may_be_of_a_minor(import_file, stamps):
    grown = datetime(2006, 3, 12)  # noqa: DTZ001
    report = import_file(book(*[MARCH, grown][: len(stamps)], stamps=stamps))

    assert ["« 12/03/2008 ou 03/12/2008 »" in problem.cause.replace(NB, " ") for problem in report.refused] == [True]
    assert [lead.birth_date for lead in report.added] == [grown.date()][: len(stamps) - 1]


def test_the_dates_of_a_text_file_are_no_spreadsheets(import_file):
    assert len(import_file(lines("2008-03-12", "25/03/2010", "13/06/2010")).added) == 3


@pytest.mark.parametrize(
    ("title", "written", "age"),
    [("MM/JJ/AAAA", "12/03/2008", 17), ("format : mm/jj/aaaa", "12/03/2008", 17), ("MM/DD/YYYY", "12-03-08", 17),
     ("AAAA-JJ-MM", "2008-03-12", 17), ("AA/MM/JJ", "08/12/03", 17), ("MM/JJ/AAAA", "2008-03-12", 18),
     ("JJ/MM/AAAA", "12/03/2008", 18), ("JJ/MM/AA", "12/03/08", 18), ("AAAA-MM-JJ", "2008-03-12", 18),
     ("AAAA-JJ-MM", "12/03/2008", 18), ("MM/JJ/AAAA", "3 décembre 2008", 17)],
)  # fmt: skip
def test_a_title_says_in_which_order_its_dates_are_written(import_file, title, written, age):
    [lead] = import_file(row(age=written).replace("Âge", f"Date de naissance ({title})")).added

    assert lead.age == age


def test_a_date_that_its_title_makes_impossible_is_refused(import_file):
    report = import_file(row(age="13/03/2008").replace("Âge", "Date de naissance (MM/JJ/AAAA)"))

    assert (report.added, "n'est pas une date" in report.refused[0].cause) == ([], True)


@pytest.mark.parametrize(
    ("created", "born", "age"),
    [("Date de création", "Date de naissance (JJ/MM/AAAA)", 17), ("Date de création (MM/JJ/AAAA)", "Date de naissance", 18)],
)
def test_a_title_that_says_the_order_goes_before_other_columns_and_another_follows_it(import_file, created, born, age):
    content = row(date="11/13/2026 9:12am", age="03/12/2008").replace("Âge", born).replace("Date de création", created, 1)
    content += "11/14/2026 9:12am;Roux;Léa;04/12/2008;;lea@example.org;Lyon;69001\r\n"

    assert [lead.age for lead in import_file(content).added] == [age, age]


def test_what_was_read_in_the_order_of_its_title_is_given_back_so_that_it_is_read_again(import_file):
    content = row(age="12/03/2008", city="?").replace("Âge", "Date de naissance (MM/JJ/AAAA)")
    [refused] = import_file(content).refused

    [lead] = import_file("\n".join([content.splitlines()[0], ";".join(refused.cells).replace("?", "Lyon")])).added

    assert lead.age == 17


def test_a_workbook_whose_title_puts_the_day_before_the_month_does_not_say_what_it_kept(import_file):
    made = Workbook()
    for line in row(age="x").replace("Âge", "Date de naissance (AAAA-JJ-MM)").splitlines():
        made.active.append(["2008-03-12" if cell == "x" else cell for cell in line.split(";")])
    kept = io.BytesIO()
    made.save(kept)

    assert "12/03/2008 ou 03/12/2008" in import_file(kept.getvalue()).refused[0].cause


def test_a_workbook_that_counts_since_1904_says_the_days_that_it_counts(import_file):
    made = Workbook()
    made.epoch = CALENDAR_MAC_1904
    made.active.append(["Nom", "Prénom", "Date de naissance", "Téléphone", "Ville", "Code postal"])
    made.active.append(["Voisin", "Chantal", 38810, "0612345678", "Lyon", 69001])
    kept = io.BytesIO()
    made.save(kept)
    report = import_file(kept.getvalue())

    assert [lead.birth_date.isoformat() for lead in report.added] == ["2010-04-04"]
    assert "à partir de 1904" in report.notes[0]
