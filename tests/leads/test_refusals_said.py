"""What columns that are not read say (no agreement, over, a mentor), what is nobody's name, people whom a file would lose."""

import io

import pytest
from openpyxl import Workbook

from app.leads.aside_titles import asks
from app.leads.asides import refuse_answer
from app.leads.importing import read_file
from app.leads.reaching import BadValue, is_somebody, is_the_jeunes
from app.leads.roles import refuse_other_kind
from app.leads.tables import UnreadableFile
from app.leads.titles import guess
from app.leads.words import LeadKind

TITLES = "Nom;Prénom;Âge;Téléphone;E-mail;Ville;Code postal"
PARENT = f"{TITLES};Représentant légal;Mail du représentant légal"
pytestmark = pytest.mark.usefixtures("that_week")


def is_refused(title, cell, kind=LeadKind.MENTEE):
    try:
        refuse_answer(title, asks(title), cell, kind)
        refuse_other_kind(title, asks(title), cell, kind)
    except BadValue:
        return True
    return False


@pytest.mark.parametrize(
    ("title", "no", "yes"),
    [("J'accepte que mes données soient transmises aux associations partenaires", ["Non"], ["Oui", ""]),
     ("Accord jeune", ["Non"], ["Oui"]), ("Accord de l'élève", ["Non"], ["Oui"]), ("Le jeune est-il d'accord ?", ["Non"], ["Oui"]),
     ("Jeune informé et d'accord", ["Non"], ["Oui"]), ("J'accepte", ["Non", "0"], ["Oui", "1"]), ("Je consens", ["0"], ["1"]),
     ("J'accepte les conditions", ["0", "unchecked"], ["1"]), ("Accepte d'être recontacté", ["Non"], ["Oui"]),
     ("Ne pas contacter", ["Oui", "x", "12/03/2026"], ["", "Non", "0"]), ("Désinscrit", ["Oui"], ["Non"]),
     ("BLOCKLISTED", ["Yes"], ["No"]),
     ("Je m'oppose à la transmission de mes données", ["X", "coché", "☑", "✔"], ["", "Non"]),
     ("J'accepte que mes données soient transmises", ["[ ]", "0.0", "unchecked", "Ko", "Pas encore", "En attente"], ["", "Oui"]),
     ("Consentement RGPD", ["□"], ["☑"]), ("Autorisation parentale", ["Refusée", "Refus des parents"], ["Oui", "Non", ""]),
     ("Statut", ["Mentor", "Refus du jeune", "En binôme", "Liste noire", "A déménagé", "Remboursé"], ["Nouveau", "En cours"]),
     ("Rôle dans le programme", ["Mentor"], ["Jeune"]), ("Type de participant", ["Mentor"], ["Jeune"]),
     ("Je m'inscris comme", ["Mentor"], ["Jeune"]), ("Tags", ["mentor"], ["lycée"]),
     ("Vous êtes", ["Une personne souhaitant devenir mentor", "Mentor potentiel", "Un salarié souhaitant s'engager"], ["Un jeune"]),
     ("Je souhaite", ["Parrainer un jeune", "M'engager comme bénévole"], ["Trouver un mentor"])],
)  # fmt: skip
def test_a_column_that_is_not_read_may_refuse_its_row(title, no, yes, app):
    with app.test_request_context("/"):
        assert [cell for cell in no if not is_refused(title, cell)] == []
        assert [cell for cell in yes if is_refused(title, cell)] == []


def test_who_is_not_kept_as_a_mentor(app):
    with app.test_request_context("/"):
        assert is_refused("Avis", "Défavorable", LeadKind.MENTOR)
        assert is_refused("Statut candidature", "À exclure", LeadKind.MENTOR)
        assert not is_refused("Avis", "Favorable", LeadKind.MENTOR)


@pytest.mark.parametrize(
    "said",
    ["Ne pas contacter", "le père est interdit de contact", "Refus des parents", "Mme Martin CPE", "Conseil départemental",
     "Moussa Sow - déchu de ses droits", "Mairie de Lyon", "Assistante sociale", "En cours", "Fatou Sow ne pas appeler"],
)  # fmt: skip
def test_a_warning_or_a_worker_is_no_parent(said):
    assert not is_somebody(said)


def test_a_parent_is_one_but_the_jeune():
    row = {"first_name": "Awa", "last_name": "Sow"}

    assert all(map(is_somebody, ("Fatou Sow", "M. et Mme Diop", "Nadia El Droit", "Nguyen Thi Lan")))
    assert is_the_jeunes("SOW Awa", row)
    assert not is_the_jeunes("Fatou Sow", row)


def test_who_must_not_be_contacted_is_written_to_by_nobody(import_file):
    rows = [f"Sow;Awa;15;06123456{number};;Lyon;69003;{said};p{number}@example.org"
            for number, said in ((70, "Ne pas contacter"), (71, "le père est interdit de contact"), (72, "Awa Sow"))]  # fmt: skip
    report = import_file("\n".join([PARENT, *rows]))

    assert [(lead.guardian_name, lead.guardian_email) for lead in report.added] == [(None, None)] * 3
    assert sum("il manque le nom du parent" in problem.cause for problem in report.remarks) == 3


@pytest.mark.parametrize("between", ["Lien", "Adresse", "Profession", "Qualité;Adresse"])
def test_what_is_said_of_a_parent_before_their_telephone_keeps_it_theirs(between):
    header = f"Nom;Prénom;Né(e) le;Code postal;Ville;Nom du représentant légal;{between};Téléphone;E-mail".split(";")

    mapping = guess(header)

    assert (mapping.get("phone"), mapping.get("email")) == (None, None)
    assert mapping["guardian_phone"] == len(header) - 2
    assert mapping["guardian_email"] == len(header) - 1


def test_in_capitals_the_jeune_of_a_mentor_is_not_the_mentor():
    header = ["NOM MENTORE", "PRENOM MENTORE", "AGE", "TEL", "MAIL", "VILLE", "CP", "NOM MENTOR", "PRENOM MENTOR", "TEL MENTOR"]

    mapping = guess(header, of_mentors=True)

    assert (mapping["last_name"], mapping["first_name"], mapping["phone"]) == (7, 8, 9)


def test_the_address_of_who_filled_a_form_is_not_the_pupils():
    header = [
        "Horodateur",
        "Adresse e-mail",
        "Nom de l'élève",
        "Prénom de l'élève",
        "Âge de l'élève",
        "Numéro de téléphone",
        "Ville",
        "Code postal",
    ]

    assert "email" not in guess(header)
    assert guess(["Horodateur", "Adresse e-mail", "Nom", "Prénom", "Âge", "Ville", "Code postal"])["email"] == 1


def test_titles_said_again_in_other_words_are_no_row(app):
    asked = "Ton nom;Ton prénom;Quel est ton âge ?;Ton téléphone;Ton e-mail;Ta ville;Ton code postal"
    content = f"{TITLES}\n{asked}\nSow;Awa;16;;awa@example.org;Lyon;69003"
    with app.test_request_context("/"):
        _header, rows, _notes = read_file(content.encode())

    assert [line for line, _cells in rows] == [3]


def test_nobody_is_lost_above_the_titles(import_file):
    rows = [f"Ba;{name};16;06123456{number};{number}@example.org;Lyon;69003" for number, name in ((70, "Ali"), (71, "Zoé"))]

    with pytest.raises(UnreadableFile, match=r"Ligne 1\W+quelqu.un est au-dessus des titres"):
        import_file("\n".join([*rows, TITLES, "Sow;Awa;16;0612345678;;Lyon;69003"]))


@pytest.mark.parametrize(
    "above", ["Mission locale;04 78 00 00 00;contact@example.org\nSemaine 46",
              ";Établissement :;Collège Jean Moulin;Tél :;04 78 12 34 56;UAI :;0691234A"]
)  # fmt: skip
def test_a_note_above_the_titles_is_no_one(import_file, above):
    assert len(import_file(f"{above}\n{TITLES}\nSow;Awa;16;0612345678;;Lyon;69003").added) == 1


@pytest.mark.parametrize(
    ("titles", "names"),
    [("Nom;Prénom", 'Sow;"Awa\nAli et Zoé"'), ("Nom;Prénom", "Sow;Zoé - Léo"), ("Nom;Prénom", "Sow;Zoé ainsi que Tom"),
     ("Nom;Prénom", "Sow;Les jumeaux"), ("Nom et prénom", "Sow Awa et Diop Ali"), ("Nom et prénom", '"SOW Awa\nSOW Ali"'),
     ("Nom et prénom", "SOW Awa - SOW Ali"), ("Nom;Prénom", "NOM;Prénom"), ("Nom;Prénom", "Sow;Maman"),
     ("Nom;Prénom", "Dupont (exemple);Marie")],
)  # fmt: skip
def test_two_people_or_none_in_a_cell_are_not_one(import_file, titles, names):
    report = import_file(f"{titles};Âge;Téléphone;Ville;Code postal\n{names};16;0612345678;Lyon;69003")

    assert (report.added, len(report.refused)) == ([], 1)


@pytest.mark.parametrize(
    ("titles", "names", "read"),
    [("Nom et prénom", "SOW\nAwa", ("Sow", "Awa")), ("Prénom et nom", "Awa S.", ("S.", "Awa")),
     ("Nom;Prénom", "'Sow;Awa", ("Sow", "Awa")),
     ("Nom;Prénom", "Sow;Jean-Léo", ("Sow", "Jean-Léo"))],
)  # fmt: skip
def test_a_name_in_an_odd_cell_is_read(import_file, titles, names, read):
    cells = ";".join(f'"{name}"' for name in names.split(";"))
    [lead] = import_file(f"{titles};Âge;Téléphone;Ville;Code postal\n{cells};'16;'0612345678;Lyon;'69003").added

    assert (lead.last_name.casefold(), lead.first_name) == (read[0].casefold(), read[1])
    assert (lead.age, lead.phone, lead.commune_name) == (16, "+33612345678", "Lyon")


@pytest.mark.parametrize("place", ["Lyon;69003,0", "69003;Lyon", "Bourg-en-Bresse;1000,0"])
def test_a_place_that_a_reader_knows_is_known(import_file, place):
    assert len(import_file(f"Nom;Prénom;Âge;Téléphone;Ville;Code postal\nSow;Awa;16;0612345678;{place}").added) == 1


def test_an_age_that_is_none_is_said_as_it_is(import_file):
    report = import_file(f"{TITLES}\nSow;Awa;40000;0612345678;;Lyon;69003\nSow;Ali;{'9' * 400};0612345679;;Lyon;69003")

    assert ["40000" in report.refused[0].cause, len(report.refused[1].cause) < 100] == [True, True]


@pytest.mark.parametrize(
    "title", ["submitdate", "Heure de soumission", "Submit Date (UTC)", "Submission Date", "Date d'inscription"]
)
def test_the_date_of_a_request_is_known_by_its_title(title):
    assert guess([*TITLES.split(";"), title])["requested_at"] == 7


def test_half_a_letter_in_a_workbook_stops_nothing(import_file):
    book, written = Workbook(), io.BytesIO()
    book.active.append([*TITLES.split(";"), "Note_x0000_"])
    book.active.append(["Sow_x0000_", "Awa_xD83D_", 16, "0612345678", "", "Lyon", "69003_x0000_", "_xD83D_"])
    book.active.append(["Ba", "Ali_x000D_", "x_x0000_", "0612345679", "", "Lyon", "69003", ""])
    book.save(written)

    report = import_file(written.getvalue())

    assert [(lead.last_name, lead.first_name) for lead in report.added] == [("Sow", "Awa")]
    assert [problem.line for problem in report.refused] == [3]
    assert "\x00" not in str(report)
