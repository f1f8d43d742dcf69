"""The weekly file: what is taken, what is refused and why, whatever a spreadsheet did to it."""

from pathlib import Path

import pytest
import time_machine

from app.leads.importing import guess, import_leads, missing
from app.leads.models import Lead
from app.leads.tables import UnreadableFile
from app.leads.words import WAITING_REASONS
from tests import factories

DATA = Path(__file__).parent / "data"
WEEK_46, WEEK_47 = DATA / "demandes-semaine-46.csv", DATA / "demandes-semaine-47.csv"
HEADER = "Date de création;Nom;Prénom;Âge;Téléphone;Email;Ville;Code postal"
UNREACHABLE = "ne permet pas de joindre la personne : il faut un téléphone ou un e-mail."
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
        ("", "Ce fichier est vide."),
        (
            "Sexe;Note\nF;12\n",
            "Il manque des colonnes : Nom, Prénom, Âge ou Date de naissance, Téléphone ou Email, Ville, Code postal.",
        ),
        (HEADER.replace("Nom;", ""), "Il manque des colonnes : Nom."),
        (HEADER.replace("Ville;Code postal", "Commune"), "Il manque des colonnes : Code postal."),
        (row(first="No\x00é"), "Ce fichier n'est pas un fichier CSV."),
    ],
)
def test_what_is_no_such_file_is_refused_whole(read, content, sentence, stored, programme):
    with pytest.raises(UnreadableFile) as refusal:
        read(content)

    assert " ".join(str(refusal.value).split()) == sentence
    assert stored(programme, Lead) == []


@pytest.mark.parametrize(
    ("cells", "column", "cause"),
    [
        ({"date": "hier"}, "Date de création", "« hier » n'est pas une date : écrivez 12/11/2010."),
        ({"date": "01/01/0001"}, "Date de création", "« 01/01/0001 » n'est pas une date : écrivez 12/11/2010."),
        ({"date": "31/02/2026"}, "Date de création", "« 31/02/2026 » n'est pas une date : écrivez 12/11/2010."),
        ({"date": "2026-11-25T00:00:00Z"}, "Date de création", "« 2026-11-25T00:00:00Z » est dans le futur."),
        ({"last": ""}, "Nom", "vide."),
        ({"first": "   "}, "Prénom", "vide."),
        ({"first": "a" * 101}, "Prénom", f"« {'a' * 60}… » est trop long : 100 caractères au plus."),
        ({"first": "<b>"}, "Prénom", "« <b> » n'est pas un nom."),
        ({"age": ""}, "Âge", "vide."),
        ({"age": "seize"}, "Âge", "« seize » n'est pas un nombre."),
        ({"age": "16 mois"}, "Âge", "« 16 mois » n'est pas un nombre."),
        ({"date": "01/01/1900"}, "Date de création", "« 01/01/1900 » est trop ancien pour une demande."),
        ({"date": "12 brumaire 2026"}, "Date de création", "« 12 brumaire 2026 » n'est pas une date : écrivez 12/11/2010."),
        ({"age": "-17"}, "Âge", "« -17 » n'est pas un nombre."),
        ({"age": "17,5"}, "Âge", "« 17,5 » n'est pas un nombre."),
        ({"age": "²"}, "Âge", "« ² » n'est pas un nombre."),
        ({"age": "5"}, "Âge", "5 ans : le programme accompagne de 6 à 29 ans."),
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
def test_a_date_is_read_as_a_spreadsheet_writes_it(read, written, moment):
    [lead] = read(row(date=written)).added

    assert lead.requested_at.isoformat() == moment


@pytest.mark.parametrize("written", ["16", "16 ans", "16ans", "16.0", "16,00"])
def test_an_age_is_read_as_people_write_it(read, written):
    assert [lead.age for lead in read(row(age=written)).added] == [16]


@pytest.mark.parametrize(("city", "code"), [
    ("Laval cedex", "53000"), ("LAVAL CEDEX 9", "53000"), ("Laval (Mayenne)", "53000"), ("Laval", "53 000"), ("laval", " 53000 "),
])  # fmt: skip
def test_a_commune_is_known_with_what_people_add(read, city, code):
    assert [lead.commune_name for lead in read(row(city=city, code=code)).added] == ["Laval"]


def test_what_is_cut_is_said(read):
    content = row().replace("Code postal", "Code postal;Commentaire;Origine").replace("69001", f"69001;{'x' * 2001};{'y' * 41}")
    report = read(content)

    assert problems(report.remarks) == [(2, "Commentaire", "coupé à 2000 caractères."), (2, "Origine", "coupé à 40 caractères.")]
    assert (len(report.added[0].message), len(report.added[0].source)) == (2000, 40)


@pytest.mark.parametrize(("age", "remarks"), [("17", []), ("18", []), ("", []), ("12", ["laissé de côté"]), ("douze", [])])
def test_an_age_that_contradicts_the_date_of_birth_is_said(read, age, remarks):
    report = read(row(age=f"24/11/2008;{age}").replace("Âge", "Né le;Âge"))

    assert [(lead.age, lead.birth_date.isoformat()) for lead in report.added] == [(18, "2008-11-24")]
    assert [word for cause in problems(report.remarks) for word in remarks if word in cause[2]] == remarks


def test_without_an_age_nor_a_date_the_column_that_is_there_is_named(read):
    assert problems(read(row(age="").replace("Âge", "Né le")).refused) == [(2, "Né le", "vide.")]


def test_titles_may_come_after_a_title(read):
    report = read(f"Demandes de la semaine\n\n{row(age='dix')}")

    assert [(p.line, p.column) for p in report.refused] == [(4, "Âge")]


def test_a_quote_that_is_not_closed_takes_nothing(read, stored, programme):
    """It would carry people's telephone numbers into somebody else's file."""
    people = [f"2026-11-02T17:18:20Z;Perdu;Al{rank};18;06123456{rank}0;a{rank}@example.org;Lyon;69001;" for rank in range(10, 14)]
    lines = [f"{HEADER};Commentaire", f"{ROW};\"Il a besoin d'aide", *people]
    with pytest.raises(UnreadableFile, match="Ligne 2"):
        read("\n".join(lines))

    assert stored(programme, Lead) == []


def test_a_postal_code_that_lost_its_zero_is_given_it_back(read):
    [lead] = read(row(city="Bourg en Bresse", code="1000")).added

    assert (lead.commune_name, lead.departement_code) == ("Bourg-en-Bresse", "01")


@pytest.mark.parametrize("content", [row(date=""), row().replace("Date de création", "Note")])
def test_without_a_date_of_creation_a_request_is_of_today(read, content):
    [lead] = read(content).added

    assert lead.requested_at.isoformat() == "2026-11-24T08:00:00+00:00"


def test_without_a_date_of_creation_the_same_row_is_known_the_day_after(read):
    read(row(date=""))

    with time_machine.travel("2026-11-25T08:00:00Z", tick=False):
        report = read(row(date=""))

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
def test_a_date_of_birth_gives_the_age(read, written, age):
    [lead] = read(row(age=written).replace("Âge", "Né le")).added

    assert (lead.age, lead.birth_date.isoformat()) == (age, "2008-11-24" if age == 18 else "2008-11-25")


@pytest.mark.parametrize(
    ("written", "cause"),
    [
        ("hier", "« hier » n'est pas une date : écrivez 12/11/2010."),
        ("25/11/2026", "« 25/11/2026 » est dans le futur."),
        ("01/01/1920", "106 ans : le programme accompagne de 6 à 29 ans."),
        ("01/01/0001", "« 01/01/0001 » n'est pas une date : écrivez 12/11/2010."),
        ("01/01/2022", "4 ans : le programme accompagne de 6 à 29 ans."),
    ],
)
def test_a_date_of_birth_that_cannot_be_is_refused_at_its_column(read, written, cause):
    report = read(row(age=written).replace("Âge", "Naissance"))

    assert problems(report.refused) == [(2, "Naissance", cause)]


# Columns, by their names.


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("last_name", ["NOM", " nom ", "Nom de famille", "nom-usage", "LastName"]),
        ("first_name", ["Prenom", "PRÉNOMS", "first name"]),
        ("age", ["age", "ÂGE"]),
        ("birth_date", ["Né le", "née le", "date de naissance", "Naissance"]),
        ("phone", ["Tél.", "telephone", "Numéro de téléphone", "Portable", "MOBILE"]),
        ("email", ["E-mail", "mail", "Courriel", "Adresse e-mail", "EMAIL"]),
        ("city", ["ville", "Commune", "Localité"]),
        ("postal_code", ["CP", "code_postal", "Code-Postal", "ZIP"]),
        ("requested_at", ["Date", "Horodateur", "Créé le", "date de la demande"]),
        ("source", ["origine", "Provenance", "Canal"]),
        ("message", ["Commentaires", "Précisions", "REMARQUE"]),
    ],
)
def test_a_column_is_recognised_however_it_is_written(name, written):
    assert [guess(["Sexe", title]) for title in written] == [{name: 1}] * len(written)


def test_the_surest_name_wins_and_the_first_of_two_alike():
    assert guess(["Naissance", "Nom de famille", "Nom", "Nom", "Date de naissance"]) == {"last_name": 2, "birth_date": 4}


@pytest.mark.parametrize("header", [[], ["", "Nominal", "Prénommé", "Villes", "0"], ["Ligne", "Colonne", "Motif"]])
def test_what_is_no_known_name_is_left_alone(header):
    assert guess(header) == {}


def test_what_is_missing_is_said_by_the_names_that_we_show():
    assert missing({"last_name": 0, "first_name": 1, "birth_date": 2, "email": 3, "city": 4}) == {"postal_code": "Code postal"}
    assert missing({"last_name": 0, "city": 1, "postal_code": 2}) == {
        "first_name": "Prénom", "age": "Âge ou Date de naissance", "phone": "Téléphone ou Email",
    }  # fmt: skip


def test_the_same_row_twice_in_a_file_is_one_request(read):
    report = read(f"{HEADER}\n{ROW}\n{ROW}\n{ROW.replace('Voisin', ' VOISIN ')}\n")

    assert (len(report.added), report.known) == (1, 2)


def test_a_row_with_a_telephone_only_is_taken_without_remark(read):
    report = read(row(email=""))

    assert (report.added[0].email, report.remarks) == (None, [])


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

    assert command(path).output == "1 demande ajoutée : 1 orientée, 0 en attente.\n"


def test_the_command_refuses_a_file_that_is_no_csv(command, programme, tmp_path):
    path = tmp_path / "vide.csv"
    path.write_text("")

    result = command(path)

    assert result.exit_code == 1
    assert "Ce fichier est vide." in result.output


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
