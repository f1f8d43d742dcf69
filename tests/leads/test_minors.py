"""What says a minor beside an age of 18 years or more, under any title: the row is refused until one of the two is right."""

import pytest

from app.leads.minors import refuse_minor
from app.leads.reaching import BadValue

from .imported import problems, row


def is_refused(title, cell, age=19):
    try:
        refuse_minor(title, cell, age)
    except BadValue:
        return True
    return False


SAID = [
    ("Statut légal", "Mineur"), ("Statut", "Mineur émancipé"), ("Statut", "Mineur isolé étranger"),
    ("Commentaire", "Mineure"), ("Public", "Mineurs"),
    ("Majorité", "Non"), ("Majorité", "Mineur"), ("- de 18 ans", "X"), ("Catégorie d'âge", "Mineur (moins de 18 ans)"),
    ("Catégorie d'âge", "16-17"), ("Tranche d'âge", "15-17 ans"), ("Tranche d'âge", "Moins de 18 ans"), ("Groupe", "- de 18"),
    ("Groupe", "15 à 17 ans"), ("Êtes-vous mineur(e) ?", "Oui, j'ai 17 ans"), ("Mineur (O/N)", "Oui (17 ans)"),
    ("Mineur (O/N)", "Non, 17 ans"), ("Majeur", "Non"), ("Tranche d'âge", "Entre 15 et 17 ans"), ("Âge", "15 et 17 ans"),
    ("Groupe", "de 15 a 17 ans"), ("Tranche d'âge", "de 15 ans à 17 ans"), ("Tranche d'âge", "0-17 ans"),
    *(("Majeur(e)", no) for no in ("❌", "☐", "Pas encore", "bientôt", "Non, majeure en mars", "Oui, dans 2 mois", "Presque")),
    ("Mineur", "oui, bientôt majeur"), ("Mineur", "Oui (majeure en mars)"), ("Mineur ou majeur", "Bientôt majeur"),
    ("Mineur", "Non, mineur émancipé"), ("Es-tu majeur.e ?", "Non"), ("Êtes-vous majeur·e ?", "Non"), ("Es-tu mineur-e ?", "Oui"),
    ("Le ou la jeune est-il/elle mineur(e) ?", "Oui"), ("18 ans et +", "Non"), ("+18", "Non"), ("-18", "x"), ("Maj/Min", "Min"),
    ("Je certifie avoir plus de 18 ans", "Non"), ("Si tu as moins de 18 ans, coche ici", "x"), ("J'ai au moins 18 ans", "Non"),
    ("Tranche d'âge (Moins de 18 ans)", "TRUE"), ("Tranche d'âge [15-17 ans]", "Oui"), ("Tranche d'âge", "moins de 16 ans"),
    ("Tranche d'âge", "< 16 ans"), ("Tranche d'âge", "14 ans et moins"), ("Tranche d'âge", "Ado (12-17)"),
    ("Tranche d'âge", "15-17 ans inclus"), ("Tranche d'âge", "Enfant"), ("Public", "Adolescent·e"), ("Groupe", "Moins de 16 ans"),
]  # fmt: skip
NOT_SAID = [
    ("Statut légal", "Majeur"), ("Majorité", "Oui"), ("- de 18 ans", ""), ("+ de 18 ans", "X"), ("Tranche d'âge", "18-25"),
    ("Tranche d'âge", "16-25 ans"), ("Disponibilités", "16-17"), ("Fratrie", "12-15 ans"), ("Mineur (O/N)", "N"),
    ("Commentaire", "S'occupe de mineurs le mercredi"), ("Statut", "Ancien mineur non accompagné"), ("Musique", "La mineur"),
    ("Mineur", "Non, 18 ans"), ("Majeur", "Oui depuis mai"), ("Durée souhaitée", "1 à 2 ans"), ("Expérience", "2-3 ans"),
    ("Majeur", "Oui (depuis 2 ans)"), ("Majeur", "Oui, depuis 6 ans"), ("Majeur", "Oui, bientôt 20 ans"), ("Mineur", "❌"),
    ("Foyer", "12 et 15 ans"), ("Majeur", "Oui, 19 ans dans 2 mois"), ("Majeur", "Oui, pas encore de carte"),
    ("Majeur", "Non renseigné"), ("Mineur", "Non, majeur"), ("Moins de 18 ans", "☐"), ("J'ai au moins 18 ans", "Oui"),
    ("Es-tu majeur.e ?", "Oui"), ("18 ans et +", "x"), ("Maj/Min", "Maj"), ("Tranche d'âge (Moins de 18 ans)", "FALSE"),
    ("Tranche d'âge (18-25 ans)", "TRUE"), ("Autorisation (mineurs)", "Oui"), ("Expérience", "moins de 2 ans"),
    ("Tranche d'âge", "moins de 26 ans"), ("Enfants", "moins de 12 ans"), ("Disponibilités", "Soir (16-17)"),
]  # fmt: skip


def test_a_cell_that_says_a_minor_refuses_an_adult_whatever_its_title(app):
    with app.test_request_context("/"):
        assert [one for one in SAID if not is_refused(*one)] == []
        assert [one for one in NOT_SAID if is_refused(*one)] == []
        assert not is_refused("Statut", "Mineur", age=17)


@pytest.mark.usefixtures("that_week")
@pytest.mark.parametrize(
    ("titles", "cells", "is_taken"),
    [("Né en;Âge", "2010;18", False), ("Date de naissance 2;Âge", "03/04/2010;18", False), ("Né en;Âge", "2007;18", True),
     ("Statut légal;Âge", "Mineur;18", False)],
)  # fmt: skip
def test_a_birth_in_a_column_that_is_not_read_is_heard(import_file, titles, cells, is_taken):
    report = import_file(row(age=cells).replace("Âge", titles))

    assert bool(report.added) is is_taken
    assert is_taken or [cause[1] for cause in problems(report.refused)] == ["Âge"]


@pytest.mark.usefixtures("that_week")
@pytest.mark.parametrize(("hour", "is_taken"), [("22:30", True), ("23:30", False)])
def test_who_was_a_minor_when_they_asked_was_one_in_paris(import_file, hour, is_taken):
    content = row(date=f"2026-11-02T{hour}:00.000Z", age="03/11/2008;Mineur").replace("Âge", "Date de naissance;Statut légal")

    assert bool(import_file(content).added) is is_taken


@pytest.mark.usefixtures("that_week")
@pytest.mark.parametrize(
    ("names", "is_taken"),
    [({"first": "Ana (mineure)"}, False), ({"first": "Bob (17 ans)"}, False), ({"last": "Roy (15 ans)"}, False),
     ({"first": "Cid (19 ans)"}, True), ({"first": "Cid (17 ans)", "age": "17"}, True)],
)  # fmt: skip
def test_what_stands_beside_a_name_is_heard(import_file, names, is_taken):
    assert bool(import_file(row(**names)).added) is is_taken
