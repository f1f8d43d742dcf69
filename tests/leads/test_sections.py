"""What a row of a table says of those beside or below it, and a table that has no titles."""

import csv
import io

import pytest

from app.leads.columns import Reading
from app.leads.importing import read_file
from app.leads.sections import is_of_others, says_no_more
from app.leads.tables import UnreadableFile
from app.leads.titles import guess
from app.leads.words import LeadKind

from .test_tables import book

pytestmark = pytest.mark.usefixtures("that_week")  # the ages are of November 2026
TITLES = "Nom;Prénom;Âge;Téléphone;E-mail;Ville;Code postal"
AWA, LINA, NOE, ZOE = (
    f"{last};{first};20;;{first.lower()}@example.org;Lyon;69003"
    for last, first in (("Diallo", "Awa"), ("Sow", "Lina"), ("Petit", "Noe"), ("Roux", "Zoe"))
)


def alone(words, place=0):
    """A row with one cell."""
    return ";" * place + words + ";" * (6 - place)


def taken(report):
    return [lead.first_name for lead in report.added]


@pytest.mark.parametrize(
    "words",
    ["DÉSISTEMENTS", "Désistements (3)", "Refus", "REFUSÉS", "Abandons 2026", "Annulations", "Jeunes désistés", "Ne pas contacter",
     "NE PLUS CONTACTER", "À ne pas contacter", "Liste noire", "Doublons", "Archivés", "Retraits", "Demandes annulées",
     "Déjà accompagnés", "En binôme", "Anciens jeunes", "Jeunes sortis du dispositif", "Terminés", "Hors critères",
     "Opposition RGPD", "Candidats non retenus", "Les désistements", "Ont refusé", "Jeunes ayant abandonné", "Dossiers clos",
     "Jeunes déjà en binôme", "Refus des familles", "Inactifs", "Exclus", "Sans suite", "Décédés", "Désinscrits", "Pas intéressés"],
)  # fmt: skip
def test_the_people_below_such_a_line_are_not_taken(import_file, words):
    report = import_file("\n".join([TITLES, AWA, alone(words), LINA, "", NOE]))

    assert taken(report) == ["Awa"]
    assert [problem.cause.replace("\xa0", " ") for problem in report.refused] == [
        f"sous « {words} » : la ligne n'est pas prise."
    ] * 2
    assert [note.replace("\xa0", " ") for note in report.notes] == [
        f"Ligne 3 : « {words} ». Les lignes en dessous ne sont pas prises."
    ]


@pytest.mark.parametrize(
    "words", ["En attente", "À rappeler", "Nouveaux", "6e A", "Collège Anatole France", "Lyon 3e", "Semaine 46", "Prioritaires",
              "Total", "Terminales", "Awa Diallo"]
)  # fmt: skip
def test_another_line_says_nothing_of_those_below(words):
    assert not says_no_more(words)


def test_a_word_alone_in_another_column_is_a_note(import_file):
    assert taken(import_file("\n".join([TITLES, AWA, alone("injoignable", 4), LINA]))) == ["Awa", "Lina"]


def test_such_a_part_ends_where_another_begins_in_the_same_column(import_file):
    note = alone("appelés le 12 octobre")

    report = import_file("\n".join([TITLES, AWA, alone("Désistements"), LINA, note, NOE, alone("À rappeler"), ZOE]))

    assert taken(report) == ["Awa", "Zoe"]


@pytest.mark.parametrize(
    "words", ["À rappeler", "En attente (2)", "Nouvelles demandes", "Nouveaux - novembre 2026", "Jeunes inscrits", "À CONTACTER",
              "Liste d'attente", "Demandes en cours"]
)  # fmt: skip
def test_words_that_say_to_take_people_again_end_it(import_file, words):
    assert taken(import_file("\n".join([TITLES, alone("Désistements"), LINA, alone(words), ZOE]))) == ["Zoe"]


@pytest.mark.parametrize("heading", ["DÉSISTEMENTS", "Ne pas contacter"])
@pytest.mark.parametrize("words", ["SOW Ada", "Sow", "Collège Jean Moulin", "Novembre 2026", "Nouveaux désistements"])
def test_any_other_cell_alone_does_not_and_its_row_is_refused_too(import_file, heading, words):
    report = import_file("\n".join([TITLES, AWA, alone(heading), alone(words), LINA]))

    assert taken(report) == ["Awa"]
    assert [problem.line for problem in report.refused] == [4, 5]


@pytest.mark.parametrize("words", ["MENTORS", "Bénévoles (2)", "Parents", "Les professionnels"])
def test_a_part_of_other_people_is_not_taken_and_the_jeunes_end_it(import_file, words):
    report = import_file("\n".join([TITLES, alone("JEUNES"), AWA, alone(words), LINA, alone("Jeunes"), ZOE]))

    assert taken(report) == ["Awa", "Zoe"]
    assert [problem.line for problem in report.refused] == [5]


@pytest.mark.parametrize(
    "words", ["Mineurs sans autorisation parentale", "Familles qui ont dit non", "Jeunes déjà suivis (ne pas reprendre)",
              "Déjà traités semaine 45", "Les demandes ci-dessous ont été annulées par les jeunes"]
)  # fmt: skip
def test_such_a_part_begins_in_other_words(import_file, words):
    assert taken(import_file("\n".join([TITLES, AWA, alone(words), LINA]))) == ["Awa"]


def test_a_line_that_is_not_understood_is_said_to_be_one(import_file):
    report = import_file("\n".join([TITLES, alone("Jeunes de Madame Petit"), LINA]))

    assert taken(report) == ["Lina"]
    assert [problem.cause.replace("\xa0", " ") for problem in report.refused] == [
        "« Jeunes de Madame Petit » est seul sur sa ligne. Les lignes en dessous sont lues : vérifiez."
    ]


def test_the_jeunes_do_not_end_another_part(import_file):
    assert taken(import_file("\n".join([TITLES, AWA, alone("Désistements"), alone("Jeunes"), LINA]))) == ["Awa"]


def test_a_sheet_of_mentors_is_not_of_jeunes(import_file):
    report = import_file(workbook(Mentors=[TITLES, AWA]))

    assert taken(report) == []
    assert len(taken(import_file(workbook(Jeunes=[TITLES, AWA])))) == 1


@pytest.mark.parametrize("words", ["DÉSISTEMENTS", "Liste des jeunes désistés - année 2026"])
def test_such_a_line_above_the_titles_is_of_the_whole_table(import_file, words):
    assert taken(import_file("\n".join([alone(words), TITLES, AWA, LINA]))) == []
    assert taken(import_file("\n".join([alone("Jeunes de novembre"), TITLES, AWA]))) == ["Awa"]


def test_what_was_refused_for_its_part_is_refused_again_when_it_comes_back(import_file):
    report = import_file("\n".join([TITLES, alone("Désistements"), LINA]))
    back = io.StringIO()
    csv.writer(back, delimiter=";").writerows([[*TITLES.split(";"), "Partie du tableau"], report.refused[0].cells])

    assert taken(import_file(back.getvalue())) == []


@pytest.mark.parametrize(
    "band",
    ["Coordonnées du jeune;;;;Coordonnées du parent;;", "Informations sur l'élève;;;;Contact des parents;;",
     "Infos jeune;;;;Infos parents;;", "Identité du jeune;;;;Responsable légal;;", "Fiche élève;;;;Renseignements sur la famille;;",
     ";;;;Parents;;", "Semaine 46;;;;Représentant légal;;"],
)  # fmt: skip
def test_a_band_above_the_titles_says_whose_a_telephone_is(app, band):
    titles = "Nom;Prénom;Date de naissance;Code postal;Nom;Téléphone;E-mail"

    with app.test_request_context("/"):
        header, _rows, _notes = read_file(f"{band}\n{titles}\nA;B;12/03/2009;69003;C;0612345678;c@example.org".encode())

    assert guess(header).keys() & {"phone", "email"} == set()


@pytest.mark.parametrize("band", ["Vous;;;;Votre enfant;;;;;;", "Professionnel;;;;Jeune;;;;;;", "Vous;;;;Le jeune;;;;;;"])
def test_a_band_tells_who_fills_the_form_from_whom_it_is_about(app, band):
    titles = "Nom;Prénom;Téléphone;E-mail;Nom;Prénom;Âge;Téléphone;E-mail;Ville;Code postal"

    with app.test_request_context("/"):
        header, _rows, _notes = read_file(
            f"{band}\n{titles}\nA;B;0612345678;a@example.org;C;D;15;;d@example.org;Lyon;69003".encode()
        )

    found = guess(header)
    assert [found.get(name) for name in ("last_name", "first_name", "age", "phone", "email")] == [4, 5, 6, 7, 8]


def told_below(sections, kind=LeadKind.MENTEE):
    """What is read, and the rows left, of a table whose sections are in the row below its titles."""
    content = f"Nom;Prénom;Âge;Téléphone;;E-mail;;Ville;Code postal\n{sections}\nA;B;17;;;;;Lyon;69003"
    header, rows, _notes = read_file(content.encode(), kind)
    return guess(header, kind == LeadKind.MENTOR), rows


@pytest.mark.parametrize("adult", ["Resp. légal", "Parent", "Mère", "Parent 1"])
def test_sections_below_the_titles_tell_whose_a_telephone_is(app, adult):
    with app.test_request_context("/"):
        found, rows = told_below(f";;;{adult};Élève;{adult};Élève;;")

    assert [found[name] for name in ("phone", "email", "guardian_phone", "guardian_email")] == [4, 6, 3, 5]
    assert [line for line, _cells in rows] == [3]


def test_below_the_titles_a_professional_and_the_mentor_are_told_apart_too(app):
    with app.test_request_context("/"):
        found, _rows = told_below(";;;Éducateur;Jeune;Éducateur;Jeune;;")
        of_mentors, _rows = told_below(";;;Référent;Mentor;Référent;Mentor;;", LeadKind.MENTOR)

    assert [(one["phone"], one["email"]) for one in (found, of_mentors)] == [(4, 6)] * 2


@pytest.mark.parametrize("first", [";;;Parent;;;;;", "Parent;Élève;17;;;;;Lyon;69003", ";;;;;;;;"])
def test_a_row_below_the_titles_that_says_more_is_one_like_the_others(app, first):
    with app.test_request_context("/"):
        found, rows = told_below(first)

    assert (found["phone"], found["email"], len(rows)) == (3, 5, 2 if first.strip(";") else 1)


def test_a_band_of_the_association_says_nothing(app):
    with app.test_request_context("/"):
        header, _rows, _notes = read_file(f"Association des parents d'élèves;;;;;;\n{TITLES}\n{AWA}".encode())

    assert header == TITLES.split(";")


def test_a_table_without_titles_keeps_its_first_row_and_asks_what_each_column_holds(app, import_file):
    with app.test_request_context("/"):
        header, rows, notes = read_file(f"{AWA}\n{LINA}\n".encode())

    assert (header, [cells[1] for _line, cells in rows]) == ([""] * 7, ["Awa", "Lina"])
    assert notes == ["Ce fichier n'a pas de titres de colonnes\xa0: dites ce que contient chacune."]
    with pytest.raises(UnreadableFile, match="Il manque des colonnes"):
        import_file(f"{AWA}\n{LINA}\n")


@pytest.mark.parametrize(
    "first",
    ["Dupont;Léa;16;06-12-34-56-78;Lyon;69003", "Dupont;Léa;16;06\xa012\xa034\xa056\xa078;Lyon;69003", "Dupont;Léa;16;;Lyon;69003",
     "Dupont Léa;16;0612345678;69003 Lyon"],
)  # fmt: skip
def test_nobody_is_taken_for_titles(app, first):
    with app.test_request_context("/"):
        header, rows, notes = read_file(f"{first}\n{first.replace('Léa', 'Zoé')}\n".encode())

    assert (set(header), ["Léa" in " ".join(cells) for _line, cells in rows]) == ({""}, [True, False])
    assert notes == ["Ce fichier n'a pas de titres de colonnes\xa0: dites ce que contient chacune."]


def test_without_titles_a_refusal_names_what_is_refused(app):
    reading = Reading([""] * 3, {"last_name": 0, "first_name": 1, "age": 2})

    with app.test_request_context("/"):
        assert reading.label("age") == "Âge"


def workbook(**sheets):
    """A workbook of these sheets, each with its lines."""
    return book(**{title: [line.split(";") for line in lines] for title, lines in sheets.items()})


@pytest.mark.parametrize("title", ["Désistements", "STOP", "Anciens", "Ne plus contacter", "Refus 2026"])
def test_a_sheet_may_say_it_too(import_file, title):
    report = import_file(workbook(**{title: [TITLES, AWA, LINA]}))

    assert taken(report) == []
    assert [problem.cause.replace("\xa0", " ") for problem in report.refused] == [
        f"sous « {title} » : la ligne n'est pas prise."
    ] * 2
    assert f"Feuille « {title} » : ses lignes ne sont pas prises." in [note.replace("\xa0", " ") for note in report.notes]


def test_beside_such_a_sheet_the_other_is_read(import_file):
    report = import_file(workbook(Demandes=[TITLES, AWA], Désistements=[TITLES, LINA], Refus=[TITLES, NOE]))

    assert (taken(report), report.refused) == (["Awa"], [])
    assert "Ne le sont pas : « Désistements », « Refus »." in report.notes[0].replace("\xa0", " ")


def test_two_that_say_nothing_are_still_refused():
    with pytest.raises(UnreadableFile, match="plusieurs feuilles"):
        read_file(workbook(Lyon=[TITLES, AWA], Bron=[TITLES, LINA], Désistements=[TITLES, NOE]))


def test_it_may_stand_several_lines_above_the_titles(import_file):
    report = import_file("\n".join([alone("DÉSISTEMENTS"), alone("Mise à jour 12/11/2026"), "", TITLES, AWA]))

    assert (taken(report), len(report.refused)) == ([], 1)


@pytest.mark.parametrize("note", ["Rappelés le 12 novembre", "Motif : déménagement", "Total : 1", "Page 2"])
def test_a_note_does_not_end_such_a_part(import_file, note):
    assert taken(import_file("\n".join([TITLES, AWA, alone("Désistements"), LINA, alone(note), NOE]))) == ["Awa"]


@pytest.mark.parametrize("line", ["DÉSISTEMENTS;;;;;;3", ";;DÉSISTEMENTS;;;;", ";".join(["Désistements"] * 7)])
def test_such_a_line_may_have_its_number_stand_in_the_middle_or_be_repeated(import_file, line):
    assert taken(import_file("\n".join([TITLES, AWA, line, LINA]))) == ["Awa"]


@pytest.mark.parametrize(
    "words", ["Ne souhaitent plus être accompagnés", "NE VEULENT PLUS", "N'ont pas donné leur accord", "Sans consentement",
              "Départs", "Déménagés", "Radiés", "Démissions", "NPC", "Ont déjà un mentor", "Binômes en cours"]
)  # fmt: skip
def test_more_words_say_it(words):
    assert says_no_more(words)


@pytest.mark.parametrize(
    "words", ["Ne pas prendre", "Ne plus joindre", "Partis en Bretagne", "Départs 2026", "Terminés en juin 2026",
              "Sortis du programme", "Sorties de l'action en juin", "Départ en juin", "Ex-mentorés",
              "Anciens bénéficiaires (2025)", "Clos depuis septembre", "Clôturés le 30 novembre",
              "Inscriptions annulées", "Ne pas appeler avant janvier", "Sortis de la liste", "Ne plus suivre cette année",
              "Anciens binômes"]
)  # fmt: skip
def test_and_so_do_these(words):
    assert says_no_more(words)


@pytest.mark.parametrize(
    "words", ["Ne pas modifier les titres des colonnes", "Ne pas diffuser", "Ne plus remplir à la main", "Partie lycée",
              "Ne pas appeler avant 18h",
              "Partie à remplir par l'établissement", "Partie 1 : les élèves", "Inscriptions closes le 30 novembre 2026",
              "Clôture le 30 novembre", "Ex : DUPONT Marie, 17 ans, Lyon", "Départ du mentorat : janvier 2027",
              "Ex-lycéens en recherche d'alternance", "Sortie du système scolaire 2026", "Anciens 3e - 2026",
              "Sorties de classe et soutien", "Sorties du mercredi", "Sortie des élèves : 3 juin", "Anciens et nouveaux"]
)  # fmt: skip
def test_a_notice_above_the_titles_refuses_nobody(import_file, words):
    assert taken(import_file("\n".join([alone(words), TITLES, AWA, LINA]))) == ["Awa", "Lina"]


def test_a_section_that_we_do_not_know_holds_somebody_elses_name(import_file):
    titles = "Nom;Tél;Mail;Nom;Prénom;Âge;E-mail;Ville;Code postal"
    cells = "Claire;0478000001;claire@example.org;Sow;Awa;14;awa@example.org;Lyon;69003"

    [lead] = import_file(f"Qui oriente;;;Le jeune;;;;;\n{titles}\n{cells}").added

    assert (lead.last_name, lead.first_name, lead.phone, lead.email) == ("Sow", "Awa", None, "awa@example.org")


def test_a_section_that_holds_no_name_is_the_jeunes(import_file):
    titles = "Nom;Prénom;Âge;Téléphone;Mail;Ville;Code postal"

    [lead] = import_file(f"Le jeune;;;Pour le joindre;;Où;\n{titles}\nSow;Awa;14;0612345678;awa@example.org;Lyon;69003").added

    assert (lead.phone, lead.email) == ("+33612345678", "awa@example.org")


@pytest.mark.parametrize(
    ("line", "is_taken"), [("Mentors disponibles", False), ("Mentors formés", False), ("Jeunes en attente", True)]
)
def test_a_line_may_say_more_of_those_below_it(import_file, line, is_taken):
    titles = "Nom;Prénom;Âge;Téléphone;Ville;Code postal"
    report = import_file(f"{titles}\nSow;Awa;16;0612000001;Lyon;69003\n{line};;;;;\nMartin;Paul;28;0612000002;Lyon;69003")

    assert [lead.first_name for lead in report.added] == ["Awa", *["Paul"] * is_taken]


def test_jeunes_in_a_file_of_mentors_are_others():
    assert is_of_others("Jeunes en attente", of_mentors=True)
    assert not is_of_others("Mentors en attente", of_mentors=True)


def test_a_line_of_those_who_are_accompanied_is_said(import_file):
    titles = "Nom;Prénom;Âge;Téléphone;Ville;Code postal"

    report = import_file(f"{titles}\nJEUNES ACCOMPAGNÉS;;;;;\nRoux;Léa;16;0612000002;Lyon;69003")

    assert ["est seul sur sa ligne" in problem.cause for problem in report.refused] == [True]


@pytest.mark.parametrize("title", ["Bénévoles mentors", "mentors_export", "Tuteurs bénévoles"])
def test_a_sheet_of_mentors_says_so_in_more_words(import_file, title):
    assert taken(import_file(workbook(**{title: [TITLES, AWA]}))) == []


@pytest.mark.parametrize(
    ("words", "is_taken"),
    [("Liste des élèves dont les parents ont refusé", False), ("Liste des mentors potentiels 2026", True),
     ("NB : ne pas contacter les lignes surlignées en jaune", True)],
)  # fmt: skip
def test_what_is_said_above_the_titles_is_applied_or_said_again(app, words, is_taken):
    with app.test_request_context("/"):
        header, rows, notes = read_file("\n".join([alone(words), TITLES, AWA]).encode())

    assert [note.replace("\xa0", " ") for note in notes] == [
        f"Ligne 1 : « {words} ». "
        + ("Cette phrase, au-dessus des titres, ne retire personne : vérifiez qui est à prendre." if is_taken
           else "Les lignes en dessous ne sont pas prises.")
    ]  # fmt: skip
    assert ("Partie du tableau" in header, len(rows)) == (not is_taken, 1)
