"""The weekly file: what is taken, what is refused and why, whatever a spreadsheet did to it."""

import pytest

from app.leads.actions import decline
from app.leads.importing import import_leads
from app.leads.models import Decline, Lead
from app.leads.tables import UnreadableFile
from app.leads.titles import guess, missing
from app.leads.words import WAITING_REASONS
from tests import factories

from .imported import HEADER, ROW, WEEK_46, WEEK_47, problems, row

pytestmark = pytest.mark.usefixtures("that_week")  # the files are of November 2026


def test_the_clean_week_is_taken_whole(import_file, association, stored, programme):
    report = import_file(WEEK_46)

    assert (len(report.added), report.known, report.refused, report.remarks) == (60, 0, [], [])
    assert len(stored(programme, Lead)) == 60
    assert report.oriented + len(report.waiting) == 60
    assert all(lead.waiting_reason in WAITING_REASONS for lead in report.waiting)
    assert {(lead.commune_name, lead.departement_code) for lead in report.added if lead.state == "oriented"} == {
        ("Le Pont-de-Claix", "38"), ("Bron", "69"),
    }  # fmt: skip


def test_the_same_week_again_adds_nothing(import_file, association, stored, programme):
    import_file(WEEK_46)

    report = import_file(WEEK_46)

    assert (len(report.added), report.known, report.refused) == (0, 60, [])
    assert len(stored(programme, Lead)) == 60


def test_a_spreadsheet_that_drops_seconds_brings_nobody_a_second_time(import_file):
    report = [import_file(row(date=moment)) for moment in ("12/11/2026 15:45:12", "12/11/2026 15:45")]

    assert [(len(said.added), said.known) for said in report] == [(1, 0), (0, 1)]


def test_whom_an_association_declined_does_not_come_back_with_the_same_file(association, programme, in_space, tmp_path, stored):
    path = tmp_path / "demandes.csv"
    path.write_text(row() + row(last="Voisine", email="v@example.org").split("\r\n")[1])
    with in_space(association):
        first, _second = import_leads(path, association).added
        decline(first, "capacity")

        report = import_leads(path, association)

    assert (len(report.added), report.known) == (0, 2)
    assert [lead.last_name for lead in stored(association, Lead)] == ["Voisine"]
    [kept] = stored(association, Decline)
    assert len(kept.mark) == 64
    assert kept.mark != first.fingerprint


def test_a_row_keeps_what_it_said(import_file, stored, programme):
    import_file(WEEK_46)

    lead = next(lead for lead in stored(programme, Lead) if lead.last_name == "Poulain")
    assert (lead.first_name, lead.age, lead.phone, lead.email) == ("Étienne", 17, "+33632301241", "etienne.poulain@example.org")
    assert (lead.kind, lead.source, lead.birth_date, lead.commune_name) == ("mentee", "fichier", None, "Laval")
    assert lead.requested_at.isoformat() == "2026-11-06T16:18:03+00:00"


def test_the_difficult_week_says_what_is_wrong_with_each_row(import_file):
    import_file(WEEK_46)

    report = import_file(WEEK_47)

    assert (len(report.added), report.known) == (37, 2)
    assert problems(report.refused) == [
        (9, "Ville", "« Montpellier » et « 1400 » ne désignent pas une commune."),
        (13, "Âge", "« dix-sept » n'est pas un nombre."),
        (16, "Âge", "34 ans : le programme accompagne de 6 à 29 ans."),
        (25, "Ville", "« Trifouilly-les-Oies » et « 39320 » ne désignent pas une commune."),
        (28, "Nom", '« =HYPERLINK("http://exemple.invalid";"clic") » n\'est pas un nom.'),
        (31, "Téléphone", "aucun moyen de joindre la personne : ni téléphone ni e-mail utilisables."),
    ]


def test_the_difficult_week_remarks_what_was_left_aside(import_file):
    report = import_file(WEEK_47)

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
def test_the_difficult_week_is_understood(import_file, last_name, values):
    report = import_file(WEEK_47)

    [lead] = [lead for lead in report.added if lead.last_name == last_name]
    assert {name: getattr(lead, name) for name in values} == values


def test_columns_in_another_order_without_accents_and_others_besides_are_read(import_file):
    header, cells = row().split("\r\n")[:2]
    shuffled = [
        ";".join([*reversed(line.split(";")), extra]) for line, extra in ((header.upper().replace("É", "E"), "NOTE"), (cells, "x"))
    ]

    report = import_file("\n".join(shuffled).replace("Â", "A"))

    assert [lead.last_name for lead in report.added] == ["Voisin"]


def test_empty_lines_are_passed_over(import_file):
    report = import_file(f"{HEADER}\n\n;;;;;;;\n{ROW}\n\n")

    assert (len(report.added), report.refused) == (1, [])


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "Ce fichier est vide."),
        (
            "Sexe;Note\nF;12\n",
            "Il manque des colonnes : Nom, Prénom, Âge ou Date de naissance, Téléphone ou E-mail, Ville, Code postal.",
        ),
        (HEADER.replace("Nom;", ""), "Il manque des colonnes : Nom."),
        (HEADER.replace("Ville;Code postal", "Commune"), "Il manque des colonnes : Code postal."),
        (row(first="No" + 9 * "\x00" + "é"), "Ce fichier n'est pas un fichier CSV."),
    ],
)
def test_what_is_no_such_file_is_refused_whole(import_file, content, sentence, stored, programme):
    with pytest.raises(UnreadableFile) as refusal:
        import_file(content)

    assert " ".join(str(refusal.value).split()) == sentence
    assert stored(programme, Lead) == []


def test_titles_may_come_after_a_title(import_file):
    report = import_file(f"Demandes de la semaine\n\n{row(age='dix')}")

    assert [(p.line, p.column) for p in report.refused] == [(4, "Âge")]


def test_a_quote_that_is_not_closed_takes_nothing(import_file, stored, programme):
    """It would carry people's telephone numbers into somebody else's file."""
    people = [f"2026-11-02T17:18:20Z;Perdu;Al{rank};18;06123456{rank}0;a{rank}@example.org;Lyon;69001;" for rank in range(10, 14)]
    lines = [f"{HEADER};Commentaire", f"{ROW};\"Il a besoin d'aide", *people]
    with pytest.raises(UnreadableFile, match="Ligne 2"):
        import_file("\n".join(lines))

    assert stored(programme, Lead) == []


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
    assert guess(["Naissance", "Nom de famille", "Nom", "Nom", "Date de naissance"]) == {"last_name": 1, "birth_date": 4}


@pytest.mark.parametrize("header", [[], ["", "Nominal", "Prénommé", "Villes", "0"], ["Ligne", "Colonne", "Motif"]])
def test_what_is_no_known_name_is_left_alone(header):
    assert guess(header) == {}


def test_what_is_missing_is_said_by_the_names_that_we_show():
    assert missing({"last_name": 0, "first_name": 1, "birth_date": 2, "email": 3, "city": 4}) == {"postal_code": "Code postal"}
    assert missing({"last_name": 0, "city": 1, "postal_code": 2}) == {
        "first_name": "Prénom", "age": "Âge ou Date de naissance", "phone": "Téléphone ou E-mail",
    }  # fmt: skip


@pytest.mark.parametrize(("age", "remarks"), [("16", ["l'âge"]), ("17", [])])
def test_two_of_one_name_and_telephone_a_year_apart_are_said(import_file, age, remarks):
    titles = "Nom;Prénom;Âge;Téléphone;Ville;Code postal"
    report = import_file("\n".join([titles, *(f"Diallo;Mamadou;{one};0478000466;Lyon;69003" for one in ("17", age))]))

    assert (len(report.added), report.known) == (1, 1)
    assert [word for problem in report.remarks for word in remarks if word in problem.cause] == remarks


@pytest.mark.parametrize(("last_names", "said"), [(("Diallo", "Sow", "Ba"), 3), (("Diallo", "Diallo", "Ba"), 0)])
def test_a_telephone_of_several_families_is_said_to_be(import_file, last_names, said):
    rows = [f"{last};P{'abc'[rank]};15;0478001013;;Lyon;69003" for rank, last in enumerate(last_names)]
    report = import_file("\n".join(["Nom;Prénom;Âge;Téléphone;E-mail;Ville;Code postal", *rows]))

    assert len(report.added) == 3
    assert [problem.column for problem in report.remarks if "plusieurs familles" in problem.cause] == ["Téléphone"] * said


def test_the_same_row_twice_in_a_file_is_one_request(import_file):
    report = import_file(f"{HEADER}\n{ROW}\n{ROW}\n{ROW.replace('Voisin', ' VOISIN ')}\n")

    assert (len(report.added), report.known) == (1, 2)


def test_a_row_with_a_telephone_only_is_taken_without_remark(import_file):
    report = import_file(row(email=""))

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
    assert "  en attente · Benoît L., Fégréac : Aucune association n'intervient dans ce département." in lines


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


def test_a_nul_that_a_program_left_in_a_cell_is_dropped_as_in_every_field(import_file):
    assert [lead.first_name for lead in import_file(row(first="No\x00é")).added] == ["Noé"]


@pytest.mark.parametrize(
    ("first", "second", "known"),
    [("2026-11-02T17:18:20.000Z", "02/11/2026", 1), ("02/11/2026", "2026-11-02T17:18:20.000Z", 1),
     ("2026-11-02T17:18:20.000Z", "03/11/2026", 0), ("2026-11-02T17:18:20.000Z", "2026-11-02T18:00:00.000Z", 0)],
)  # fmt: skip
def test_a_file_that_comes_back_without_its_hours_adds_nothing(import_file, first, second, known):
    import_file(row(date=first))

    report = import_file(row(date=second))

    assert (report.known, len(report.added)) == (known, 1 - known)
