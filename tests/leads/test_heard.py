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


@pytest.mark.parametrize(
    ("title", "said"),
    [("Autorisation parentale signée", "Refusée"), ("Autorisation parentale signée", "Non - les parents refusent"),
     ("Vos parents sont-ils d'accord ?", "Non, ils refusent"), ("Accord oral de la famille", "refus"),
     ("Accord du jeune et de sa famille", "Non"), ("Accord du jeune et de sa famille", "Jeune oui, famille non"),
     ("Famille informée et d'accord", "Non"), ("Signature parent", "Refus de signer"), ("Autorisation", "Je n'autorise pas"),
     ("Accord RGPD parents", "Refus"), ("Le parent est d'accord ?", "Pas du tout"), ("Autorisation du tuteur reçue", "Refus")],
)  # fmt: skip
def test_parents_who_say_no_are_heard_under_any_title_that_asks_them(heard, title, said):
    assert "Sans accord, la demande n'est pas prise." in heard(title, said)


@pytest.mark.parametrize(
    ("title", "said"),
    [("Autorisation parentale signée", "Non"), ("Autorisation parentale signée", "en attente"), ("Signature parent", "Non"),
     ("Accord parental pour la photo", "Refus"), ("Vos parents sont-ils d'accord ?", "Oui"), ("Famille informée", "Non"),
     ("Famille informée et d'accord", "non renseigné")],
)  # fmt: skip
def test_parents_who_did_not_answer_yet_say_nothing(heard, title, said):
    assert heard(title, said) == ""


@pytest.mark.parametrize(
    ("title", "said"),
    [("Email blocklisted", "true"), ("EMAIL_BLACKLISTED", "1"), ("emailBlacklisted", "true"), ("Blacklist email", "Oui"),
     ("A supprimer", "x"), ("Suppression demandée", "Oui"), ("Demande de suppression", "12/11/2026"), ("NPC", "x"),
     ("Consent to be contacted", "No"), ("Can we contact you?", "No"),
     ("I agree to share my data with partner associations", "Disagree")],
)  # fmt: skip
def test_who_wants_no_letter_is_heard_in_the_words_of_other_programs(heard, title, said):
    assert "Sans accord, la demande n'est pas prise." in heard(title, said)
    assert heard(title, "false" if said in ("true", "1", "Oui", "x", "12/11/2026") else "Yes") == ""


def test_a_letter_of_news_that_is_not_wanted_says_nothing(heard):
    assert heard("I agree to share my data for marketing", "No") == ""
