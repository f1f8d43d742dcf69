"""Who must not be contacted is not, wherever the file says it; and who a parent is not."""

import pytest

from app.leads.reaching import is_somebody
from tests import factories

HEAD, ROW = "Nom;Prénom;Âge;Téléphone;Email;Ville;Code postal", "Sow;Awa;15;0612345678;a@example.org;Lyon;69001"


@pytest.fixture
def taken(import_file):
    """How many requests a file of one more column adds, and why others are refused."""

    def read(title, cell, head=HEAD, row=ROW):
        report = import_file(f"{head};{title}\n{row};{cell}\n")
        return len(report.added), [problem.cause for problem in report.refused]

    return read


@pytest.mark.parametrize(
    ("title", "cell"),
    [
        ("Commentaire", "Père violent, NE PAS CONTACTER LE PÈRE"), ("Commentaire", "A retiré sa demande"),
        ("Commentaire", "Décédée le 3/11"), ("Commentaire", "annulé par la mère"), ("Remarques", "ne plus contacter"),
        ("Commentaire", "Refuse que ses données soient transmises"), ("Origine", "ANNULÉ"), ("Besoin", "Aucun, s'est désistée"),
        ("Retrait du consentement", "Oui"), ("Consentement retiré", "12/03/2026"), ("Sans consentement", "x"),
        ("Désistement", "Oui"), ("Décédé", "x"), ("Annulé", "Oui"), ("Refus", "12/11/2026"), ("Doublon", "x"),
        ("Ne souhaite plus être contacté", "Oui"), ("Ne pas rappeler", "Oui"), ("Do not contact", "TRUE"), ("Opt-in", "0"),
        ("Consent", "No"), ("Peut-on vous recontacter ?", "Non"), ("Souhaitez-vous un mentor ?", "Non"),
        ("Données personnelles", "Je refuse"), ("Contact autorisé", "Non"), ("Accord de la mère", "Refusé"),
        ("Ne pas contacter", "oui (père violent)"), ("Ne pas contacter", "surtout pas"), ("Statut", "DCD"),
        ("Statut", "La famille refuse"), ("Statut", "4 - Annulé"), ("Statut", "N'est plus intéressé"),
        ("Statut", "A trouvé un mentor"),
        ("Suivi", "Ne plus contacter"), ("Observations", "Décédée le 3/11"), ("Consentement RGPD", "non signé"),
        ("Consentement RGPD", "Aucun"), ("", "NE PAS CONTACTER"),
    ],
)  # fmt: skip
def test_the_row_is_refused(taken, title, cell):
    added, refused = taken(title, cell)

    assert (added, len(refused)) == (0, 1), cell


@pytest.mark.parametrize(
    ("title", "cell"),
    [
        ("Commentaire", "Mon père est décédé, je cherche de l'aide"), ("Commentaire", "Mon stage a été annulé"),
        ("Commentaire", "Je ne veux pas rater mon bac"), ("Commentaire", "Elle ne veut pas être infirmière"),
        ("Commentaire", "Ne souhaite pas aller en lycée professionnel"),
        ("Commentaire", "Retirée du collège en 2025, cherche un stage"),
        ("Retrait du consentement", "Non"), ("Désistement", ""),
        ("Désistement", "Non"), ("Ne pas contacter", "non"), ("Statut", "À contacter"), ("Observations", "très motivée"),
        ("Consentement RGPD", "Oui"), ("Suivi", "en cours"), ("Opt-in", "1"), ("Notes", "16/20 de moyenne"),
    ],
)  # fmt: skip
def test_the_row_is_taken(taken, title, cell):
    assert taken(title, cell) == (1, []), cell


@pytest.mark.parametrize("cell", ["NE PAS CONTACTER", "0612345678 NE PAS CONTACTER", "ne souhaite plus être contactée"])
@pytest.mark.parametrize("column", [3, 4])
def test_nor_is_the_other_way_used(import_file, cell, column):
    cells = ROW.split(";")
    cells[column] = cell
    report = import_file(f"{HEAD}\n{';'.join(cells)}\n")

    assert (report.added, len(report.refused)) == ([], 1)


@pytest.mark.parametrize("name", ["Diallo (DCD)", "Diallo (mort)", "Diallo (stop)", "Diallo (sans suite)", "Diallo DCD"])
def test_a_warning_beside_a_name(import_file, name):
    report = import_file(f"{HEAD}\n{ROW.replace('Sow', name)}\n")

    assert (report.added, len(report.refused)) == ([], 1)


@pytest.mark.parametrize(
    "said",
    ["Karim Sow DCD", "feu Karim Voisin", "attention père violent", "Karim Voisin incarcéré",
     "Karim Voisin sans autorité parentale",
     "Karim Voisin mesure d'éloignement", "autorité parentale retirée", "garde exclusive mère", "juge des enfants", "Les deux",
     "Madame la Principale", "séparés", "Grand frère", "Élève majeur", "danger"],
)  # fmt: skip
def test_who_is_no_parent_to_write_to(said):
    assert not is_somebody(said)


BOTH = "Nom père;Tél père;Mail père;Nom mère;Tél mère;Mail mère"
TWO = "Karim Sow;{};k@example.org;Fatou Sow;0698765433;f@example.org"


@pytest.mark.parametrize(
    ("title", "said", "number"),
    [("Autorité parentale", "Mère seule", "0698765432"), ("Parent à contacter", "Mère uniquement", "0698765432"),
     ("Classe", "3e", "ne pas appeler 0698765432")],
)  # fmt: skip
def test_the_parent_who_may_be_written_to_is(import_file, title, said, number):
    report = import_file(f"{HEAD};{title};{BOTH}\n{ROW};{said};{TWO.format(number)}\n")

    [lead] = report.added
    assert (lead.guardian_name, lead.guardian_email) == ("Fatou Sow", "f@example.org")


def test_where_the_only_one_may_not_nobody_is(import_file):
    head, row = "Nom père;Mail père;Garde", "Karim Sow;k@example.org;mère"
    report = import_file(f"{HEAD};{head}\n{ROW};{row}\n")

    [lead] = report.added
    assert lead.guardian_email is None


@pytest.mark.parametrize(
    ("head", "row"),
    [("Nom du parent;Date de naissance;Téléphone;Nom;Prénom;Âge;Email;Ville;Code postal",
      "Fatou Sow;12/03/1998;0698765432;Sow;Awa;12;a@example.org;Lyon;69001"),
     ("Référent;Âge;Nom;Prénom;Date de naissance;Email;Ville;Code postal",
      "Paul;28;Sow;Awa;{born};a@example.org;Lyon;69001")],
)  # fmt: skip
def test_the_age_of_an_adult_before_them_is_not_theirs(import_file, head, row):
    born = f"{factories.birth_date(12):%d/%m/%Y}"
    [lead] = import_file(f"{head}\n{row.format(born=born)}\n").added

    assert (lead.first_name, lead.age) == ("Awa", 12)
