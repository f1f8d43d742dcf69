"""The weekly file: what is taken, what is refused and why, whatever a spreadsheet did to it."""

from pathlib import Path

import pytest
import time_machine

from app.leads.importing import import_leads
from app.leads.models import Lead
from app.leads.tables import LONGEST_FILE, UnreadableFile, decode
from app.leads.words import WAITING_REASONS
from tests import factories

DATA = Path(__file__).parent / "data"
WEEK_46, WEEK_47 = DATA / "demandes-semaine-46.csv", DATA / "demandes-semaine-47.csv"
HEADER = "Date de création;Nom;Prénom;Âge;Téléphone;Email;Ville;Code postal"
ROW = "2026-11-02T17:18:20.000Z;Voisin;Chantal;18;0612345678;c@example.org;Lyon;69001"


@pytest.fixture(autouse=True)
def that_week():
    """The files are of November 2026."""
    with time_machine.travel("2026-11-24T08:00:00Z", tick=False):
        yield


@pytest.fixture
def read(programme, in_space, tmp_path):
    """Import a file, or lines, into the programme's space."""

    def load(what):
        path = what if isinstance(what, Path) else tmp_path / "demandes.csv"
        if not isinstance(what, Path):
            path.write_bytes(what if isinstance(what, bytes) else what.encode())
        with in_space(programme):
            return import_leads(path, programme)

    return load


def row(**changes):
    """A good file of one row, some cells of it changed."""
    names = ["date", "last", "first", "age", "phone", "email", "city", "code"]
    cells = {**dict(zip(names, ROW.split(";"), strict=True)), **changes}
    return f"{HEADER}\r\n{';'.join(cells.values())}\r\n"


def problems(found):
    """Line, column, cause."""
    return [(p.line, p.column, " ".join(p.cause.split())) for p in found]


def test_the_clean_week_is_taken_whole(read, association, stored, programme):
    report = read(WEEK_46)

    assert (len(report.added), report.known, report.refused, report.remarks) == (60, 0, [], [])
    assert len(stored(programme, Lead)) == 60
    assert report.oriented + len(report.waiting) == 60
    assert all(lead.waiting_reason in WAITING_REASONS for lead in report.waiting)
    assert {(lead.commune_name, lead.departement_code) for lead in report.added if lead.state == "oriented"} == {
        ("Le Pont-de-Claix", "38"), ("Bron", "69"),
    }  # fmt: skip


def test_the_same_week_again_adds_nothing(read, association, stored, programme):
    read(WEEK_46)

    report = read(WEEK_46)

    assert (len(report.added), report.known, report.refused) == (0, 60, [])
    assert len(stored(programme, Lead)) == 60


def test_a_row_keeps_what_it_said(read, stored, programme):
    read(WEEK_46)

    lead = next(lead for lead in stored(programme, Lead) if lead.last_name == "Poulain")
    assert (lead.first_name, lead.age, lead.phone, lead.email) == ("Étienne", 17, "+33632301241", "etienne.poulain@example.org")
    assert (lead.kind, lead.source, lead.birth_date, lead.commune_name) == ("mentee", "fichier", None, "Laval")
    assert lead.requested_at.isoformat() == "2026-11-06T16:18:03+00:00"


def test_the_difficult_week_says_what_is_wrong_with_each_row(read):
    read(WEEK_46)

    report = read(WEEK_47)

    assert (len(report.added), report.known) == (37, 2)
    assert problems(report.refused) == [
        (9, "Ville", "« Montpellier » et « 1400 » ne désignent pas une commune."),
        (13, "Âge", "« dix-sept » n'est pas un nombre."),
        (16, "Âge", "34 ans : le programme accompagne de 6 à 29 ans."),
        (25, "Ville", "« Trifouilly-les-Oies » et « 39320 » ne désignent pas une commune."),
        (28, "Nom", '« =HYPERLINK("http://exemple.invalid";"clic") » n\'est pas un nom.'),
        (31, "Téléphone", "aucun moyen de joindre la personne : ni téléphone ni e-mail utilisables."),
    ]


def test_the_difficult_week_remarks_what_was_left_aside(read):
    report = read(WEEK_47)

    assert problems(report.remarks) == [
        (20, "Téléphone", "« non communiqué » laissé de côté ; l'e-mail suffit."),
        (23, "Email", "« pas-de-mail » laissé de côté ; le téléphone suffit."),
        (27, "Email", "« aimée.faure@example.org » laissé de côté ; le téléphone suffit."),
    ]


@pytest.mark.parametrize(
    ("last_name", "values"),
    [
        ("Mendès", {"commune_name": "Saint-Denis", "departement_code": "93"}),
        ("Le Roux", {"first_name": "Zoé"}),
        ("Raymond", {"commune_name": "Louvigné-du-Désert"}),
        ("Étienne", {"first_name": "Éléonore"}),
        ("Dupuis", {"phone": None, "email": "susan.dupuis@example.org"}),
    ],
)
def test_the_difficult_week_is_understood(read, last_name, values):
    report = read(WEEK_47)

    [lead] = [lead for lead in report.added if lead.last_name == last_name]
    assert {name: getattr(lead, name) for name in values} == values


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_file_is_read_whatever_its_encoding(read, encoding):
    content = row(first="Éléonore", last="Lévêque")
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")

    report = read(mark + content.encode(encoding))

    assert [(lead.first_name, lead.last_name) for lead in report.added] == [("Éléonore", "Lévêque")]


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_a_file_is_read_whatever_its_separator(read, separator, end):
    report = read(row().replace(";", separator).replace("\r\n", end))

    assert len(report.added) == 1


def test_columns_in_another_order_without_accents_and_others_besides_are_read(read):
    header, cells = row().split("\r\n")[:2]
    shuffled = [
        ";".join([*reversed(line.split(";")), extra]) for line, extra in ((header.upper().replace("É", "E"), "NOTE"), (cells, "x"))
    ]

    report = read("\n".join(shuffled).replace("Â", "A"))

    assert [lead.last_name for lead in report.added] == ["Voisin"]


def test_empty_lines_are_passed_over(read):
    report = read(f"{HEADER}\n\n;;;;;;;\n{ROW}\n\n")

    assert (len(report.added), report.refused) == (1, [])


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "Il manque des colonnes : Date de création, Nom, Prénom, Âge, Téléphone, Email, Ville, Code postal."),
        (HEADER.replace("Nom;", ""), "Il manque des colonnes : Nom."),
        (HEADER.replace("Ville;Code postal", "Commune"), "Il manque des colonnes : Ville, Code postal."),
        (row(first="No\x00é"), "Ce fichier n'est pas un fichier CSV."),
        (row(first="a" * 140_000), "Ce fichier n'est pas un fichier CSV lisible : field larger than field limit (131072)"),
        (b"x" * (LONGEST_FILE + 1), "Ce fichier dépasse 20 Mo : coupez-le en plusieurs."),
        (b"\x89PNG\r\n\x1a\n", "Il manque des colonnes : Date de création, Nom,"),
    ],
)  # fmt: skip
def test_what_is_no_such_file_is_refused_whole(read, content, sentence, stored, programme):
    with pytest.raises(UnreadableFile) as refusal:
        read(content)

    assert " ".join(str(refusal.value).split()).startswith(sentence)
    assert stored(programme, Lead) == []


@pytest.mark.parametrize(
    ("cells", "column", "cause"),
    [
        ({"date": "hier"}, "Date de création", "« hier » n'est pas une date."),
        ({"date": ""}, "Date de création", "« » n'est pas une date."),
        ({"date": "31/02/2026"}, "Date de création", "« 31/02/2026 » n'est pas une date."),
        ({"date": "2026-11-25T00:00:00Z"}, "Date de création", "« 2026-11-25T00:00:00Z » est dans le futur."),
        ({"last": ""}, "Nom", "vide."),
        ({"first": "   "}, "Prénom", "vide."),
        ({"first": "a" * 101}, "Prénom", f"« {'a' * 60} » n'est pas un nom."),
        ({"first": "<b>"}, "Prénom", "« <b> » n'est pas un nom."),
        ({"age": ""}, "Âge", "« » n'est pas un nombre."),
        ({"age": "-17"}, "Âge", "« -17 » n'est pas un nombre."),
        ({"age": "17,5"}, "Âge", "« 17,5 » n'est pas un nombre."),
        ({"age": "²"}, "Âge", "« ² » n'est pas un nombre."),
        ({"age": "5"}, "Âge", "5 ans : le programme accompagne de 6 à 29 ans."),
        ({"age": "30"}, "Âge", "30 ans : le programme accompagne de 6 à 29 ans."),
        ({"code": "59000"}, "Ville", "« Lyon » et « 59000 » ne désignent pas une commune."),
        ({"city": "", "code": ""}, "Ville", "« » et « » ne désignent pas une commune."),
        ({"phone": "", "email": "x"}, "Téléphone", "aucun moyen de joindre la personne : ni téléphone ni e-mail utilisables."),
    ],
)
def test_a_row_is_refused_with_its_line_its_column_and_its_cause(read, cells, column, cause):
    report = read(row(**cells))

    assert problems(report.refused) == [(2, column, cause)]
    assert report.added == []


def test_a_row_that_is_too_short_is_refused(read):
    report = read(f"{HEADER}\n2026-11-02T17:18:20Z;Voisin\n")

    assert problems(report.refused) == [(2, "Prénom", "vide.")]


def test_an_age_of_ten_thousand_figures_is_refused(read):
    report = read(row(age="9" * 10_000))

    assert [p.column for p in report.refused] == ["Âge"]


@pytest.mark.parametrize("age", ["6", "29"])
def test_the_ages_of_the_programme_are_taken(read, age):
    assert len(read(row(age=age)).added) == 1


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-11-02T17:18:20.500Z", "2026-11-02T17:18:20.500000+00:00"),
        ("2026-11-02T17:18:20Z", "2026-11-02T17:18:20+00:00"),
        ("02/11/2026 18:18:20", "2026-11-02T17:18:20+00:00"),
        ("02/11/2026 18:18", "2026-11-02T17:18:00+00:00"),
        ("02/07/2026", "2026-07-01T22:00:00+00:00"),
    ],
)
def test_a_date_is_read_as_a_spreadsheet_writes_it(read, written, moment):
    [lead] = read(row(date=written)).added

    assert lead.requested_at.isoformat() == moment


def test_a_postal_code_that_lost_its_zero_is_given_it_back(read):
    [lead] = read(row(city="Bourg en Bresse", code="1000")).added

    assert (lead.commune_name, lead.departement_code) == ("Bourg-en-Bresse", "01")


def test_the_same_row_twice_in_a_file_is_one_request(read):
    report = read(f"{HEADER}\n{ROW}\n{ROW}\n{ROW.replace('Voisin', ' VOISIN ')}\n")

    assert (len(report.added), report.known) == (1, 2)


def test_a_row_with_a_telephone_only_is_taken_without_remark(read):
    report = read(row(email=""))

    assert (report.added[0].email, report.remarks) == (None, [])


def test_undecodable_bytes_do_not_stop_the_reading():
    assert decode(b"\xe9t\xe9 \x81") == "été \ufffd"


# The command.


@pytest.fixture
def command(app):
    """`flask leads import FILE`."""
    return lambda path: app.test_cli_runner().invoke(args=["leads", "import", str(path)])


def test_the_command_says_what_became_of_the_file(command, programme, association):
    result = command(WEEK_46)

    lines = result.output.splitlines()
    assert result.exit_code == 0
    assert lines[0] == "60 demandes ajoutées : 2 orientées, 58 en attente."
    assert "  en attente · Benoît L., Fégréac : Aucune association ne sert ce département." in lines


def test_the_command_lists_remarks_and_refusals(command, programme, association):
    command(WEEK_46)

    output = " ".join(command(WEEK_47).output.split())

    assert "2 déjà reçues : rien de changé." in output
    assert "3 remarques :" in output
    assert "6 lignes refusées :" in output
    assert "ligne 13, Âge : « dix-sept » n'est pas un nombre." in output


def test_the_command_of_a_clean_file_has_no_empty_list(command, programme, association, tmp_path):
    path = tmp_path / "une.csv"
    path.write_text(row())

    assert command(path).output == "1 demandes ajoutées : 1 orientées, 0 en attente.\n"


def test_the_command_refuses_a_file_that_is_no_csv(command, programme, tmp_path):
    path = tmp_path / "vide.csv"
    path.write_text("")

    result = command(path)

    assert result.exit_code == 1
    assert "Il manque des colonnes" in result.output


def test_the_command_needs_a_programme(command):
    result = command(WEEK_46)

    assert result.exit_code == 1
    assert "Il n'y a pas encore de programme" in result.output


def test_the_command_needs_a_file(command):
    assert command("nulle-part.csv").exit_code == 2


def test_imported_requests_travel_like_the_others(command, programme, association, stored, run_jobs, in_space):
    with in_space(association):
        factories.staff(association)
    command(WEEK_46)

    run_jobs()

    assert sorted(lead.last_name for lead in stored(association, Lead)) == ["Bouvier", "Fernandes"]
