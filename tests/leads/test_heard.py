"""What a row says of itself in a column that is not read, in more words: a refusal and its reason, parents, who fills the form.

Only the columns are asked: nothing is stored.
"""

import pytest

from app.leads.columns import Reading
from app.leads.importing import refuse_said
from app.leads.reaching import BadValue
from app.leads.titles import guess
from app.leads.words import LeadKind

TITLES = ["Nom", "Prénom", "Âge", "Téléphone", "E-mail", "Ville", "Code postal"]
AWA = ["Sow", "Awa", "17", "", "awa@example.org", "Lyon", "69003"]


@pytest.fixture
def heard(app):
    """Why a row with more columns is refused; nothing where it is not: `heard("Statut", "Refusé")`."""

    def ask(titles, cells, kind=LeadKind.MENTEE):
        header = [*TITLES, *titles.split(";")]
        reading = Reading(header, guess(header, kind == LeadKind.MENTOR), kind)
        try:
            refuse_said(reading, [*AWA, *cells.split(";")])
        except BadValue as error:
            return error.cause.replace("\xa0", " ")
        return ""

    with app.test_request_context("/"):
        yield ask


@pytest.mark.parametrize("title", ["Statut", "Décision commission", "Étape"])
@pytest.mark.parametrize(
    "said", ["Refusé : trop jeune", "Refusé (trop jeune)", "Refus - manque de temps", "4 - Refusé, trop loin",
             "Clôturé : sans réponse", "Refus de la mère : trop loin", "Avis défavorable de la famille", "Withdrawn by parent",
             "No longer interested", "Rejected: too young", "Déjà accompagné par AFEV", "A trouvé un mentor ailleurs",
             "Anonymisé", "a dit non"]
)  # fmt: skip
def test_a_refusal_with_its_reason_is_a_refusal(heard, title, said):
    assert heard(title, said) == f"« {title} » : « {said} ». La ligne n'est pas prise."


@pytest.mark.parametrize(
    ("title", "said"),
    [("Statut", "Duplicate"), ("Statut", "Hors territoire"), ("Suite donnée", "Sans suite"), ("Suite donnée", "Ne souhaite plus"),
     ("Observations", "Refus de la mère : trop loin"), ("Commentaire", "a déjà un mentor chez AFEV"),
     ("Retour famille", "Refus - trop loin"), ("Retour des parents", "ne souhaitent pas"), ("Réponse", "non merci"),
     ("Souhaite un mentor", "Plus besoin"), ("is_active", "false")],
)  # fmt: skip
def test_an_answer_that_ends_it_is_heard_under_more_titles(heard, title, said):
    assert heard(title, said)


@pytest.mark.parametrize(
    ("title", "said"),
    [("Statut", "En cours : refus d'un premier mentor"), ("Statut", "Abandon du lycée, cherche un mentor"),
     ("Situation actuelle", "Abandon - lycée pro"), ("Observations", "Décès : son père en 2024"),
     ("Observations", "Refus : trois vœux de Parcoursup"), ("Observations", "A déjà eu un mentor en 2024"),
     ("Commentaire", "Suivie par une association sportive"), ("Retour famille", "En attente"), ("Réponse", "Oui"),
     ("Relance 1", "Non"), ("Souhaite un mentor", "Oui, une femme"), ("Observations", "Sans autorisation parentale")],
)  # fmt: skip
def test_a_reason_of_something_else_ends_nothing(heard, title, said):
    assert heard(title, said) == ""
