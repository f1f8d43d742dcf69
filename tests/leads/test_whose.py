"""Whose a telephone and an address are, where somebody else's columns stand before or after the jeune's."""

import pytest

pytestmark = pytest.mark.usefixtures("that_week")  # the ages are of November 2026
OWN = "Nom;Prénom;Âge;Ville;Code postal"
AWA = "Sow;Awa;15;Lyon;69003"
FATOU, KARIM = "0698765433;fatou@example.org", "0698765431;karim@example.org"


@pytest.fixture
def taken(import_file):
    """Of one row: the jeune's telephone and address, and the guardian's name; None when the row is not taken."""

    def read(*lines):
        added = import_file("\n".join(lines)).added
        return (added[0].phone, added[0].email, added[0].guardian_name) if added else None

    return read


@pytest.mark.parametrize(
    ("first", "second"),
    [("Parent 1", "Parent 2"), ("Responsable 1", "Responsable 2"), ("Responsable légal 1", "Responsable légal 2")],
)
def test_the_second_parent_s_are_not_the_jeune_s(taken, first, second):
    titles = f"{OWN};E-mail élève;{first};Tél;Mail;{second};Tél;Mail"

    found = taken(titles, f"{AWA};awa@example.org;Fatou Sow;{FATOU};Karim Sow;{KARIM}")

    assert found == (None, "awa@example.org", "Fatou Sow")


@pytest.mark.parametrize(
    "titles",
    [
        "Nom responsable;Prénom responsable;Téléphone;Mail",
        "Responsable;Lien;Téléphone;Mail",
        "Nom de la famille;Adresse;Téléphone;Mail",
    ],
)
def test_what_stands_right_behind_a_parent_is_not_the_jeune_s(taken, titles):
    found = taken(f"{OWN};E-mail du jeune;{titles}", f"{AWA};awa@example.org;Sow;Fatou;{FATOU}")

    assert found[:2] == (None, "awa@example.org")


@pytest.mark.parametrize(
    "who",
    ["Nom du CIP", "Nom du conseiller ML", "Nom du chargé d'insertion", "Nom du travailleur social ASE",
     "Nom du référent de parcours",
     "Nom du psychologue", "Nom du tuteur de stage", "Nom du responsable de la structure",
     "Orienté par", "Signalé par", "Rempli par", "Nom et fonction du prescripteur", "Éducatrice spécialisée en charge"],
)  # fmt: skip
def test_what_stands_before_the_jeune_behind_a_professional_is_not_the_jeune_s(taken, who):
    found = taken(f"{who};Téléphone;Mail;{OWN};E-mail du jeune", f"Martin Claire;0476000000;cip@example.org;{AWA};awa@example.org")

    assert found[:2] == (None, "awa@example.org")


@pytest.mark.parametrize(
    "titles", ["Nom;Prénom;Téléphone;Mail", "Nom de famille;Prénom;Téléphone;Mail", "Nom d'usage;Prénom;Tél;Mail"]
)
def test_the_jeune_s_own_still_are(taken, titles):
    found = taken(f"{titles};Âge;Ville;Code postal", "Sow;Awa;0612345678;awa@example.org;17;Lyon;69003")

    assert found[:2] == ("+33612345678", "awa@example.org")
