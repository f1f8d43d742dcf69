"""What a row says of itself in a column that is not read, in more words: a refusal and its reason, parents, who fills the form.

Only the columns are asked: nothing is stored.
"""

import pytest

from app.leads.boxes import with_left_boxes
from app.leads.columns import Reading
from app.leads.reaching import BadValue
from app.leads.refusing import refuse_said
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
     ("Souhaite un mentor", "Plus besoin"),
     ("Souhaite un mentor", "Plus maintenant"), ("is_active", "false")],
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
     ("Famille informée et d'accord", "non renseigné"), ("Autorisation parentale", "Mère oui, père non joint"),
     ("Accord des parents", "Reçue, père non signataire"), ("Réponse", "Non parvenue"), ("Avis de la famille", "Non jointe"),
     ("Réponse de la famille", "En attente"), ("Retour du jeune", "Non joint après 3 appels - message laissé")],
)  # fmt: skip
def test_parents_who_did_not_answer_yet_say_nothing(heard, title, said):
    assert heard(title, said) == ""


@pytest.mark.parametrize(
    ("title", "said"),
    [("Accord des parents", "Père non joint, mère non"), ("Accord des parents", "Famille non, trop loin"),
     ("Avis de la famille", "Non favorable"), ("Retour du jeune", "Non, joint par téléphone : trop loin"),
     ("Retour du jeune", "Non joint, elle refuse"), ("Réponse de la famille", "Ils n'acceptent pas"),
     ("Consentement RGPD", "Non reçu")],
)  # fmt: skip
def test_a_no_beside_what_did_not_come_yet_is_heard(heard, title, said):
    assert "Sans accord, la demande n'est pas prise." in heard(title, said)


@pytest.mark.parametrize(
    ("said", "is_to_be_left"),
    [("Pas d'accord pour la diffusion de son image", False), ("pas d'accord pour partager ses photos", False),
     ("Pas d'accord pour transmettre ses notes et ses coordonnées", True), ("Pas d'accord pour partager son numéro", True),
     ("N'est pas d'accord pour être contactée le soir", False), ("N'est pas d'accord pour être contactée", True),
     ("Ne veut pas qu'on l'appelle, écrire par mail", False), ("Ne souhaite pas être appelée, écrire par SMS", False),
     ("ne veut pas qu'on l'appelle avant 18h ni le week-end", False), ("Ne souhaite plus être contactée", True),
     ("Ne veut pas qu'on l'appelle ni qu'on lui écrive par mail", True),
     ("Ne souhaite plus être contactée par mail ni téléphone", True)],
)  # fmt: skip
def test_what_else_is_refused_than_to_be_written_to_leaves_the_row(heard, said, is_to_be_left):
    assert bool(heard("Commentaires", said)) is is_to_be_left


@pytest.mark.parametrize(
    ("said", "has_one"),
    [("Suivi par l'AFEV jusqu'en juin, libre", False), ("Suivie par l'AFEV jusqu'en juin 2027", True),
     ("aidée par une autre structure pour le logement", False), ("aidée par une autre structure", True),
     ("Suivi par Article 1 pour les études", False), ("Suivi par Article 1 pour le moment", True),
     ("Aidé par un mentor de l'an dernier", False), ("A déjà un mentor chez Article 1 mais souhaite changer", False),
     ("A trouvé un parrain via une asso puis arrêt : en redemande un", False),
     ("A trouvé un mentor via une asso, ne cherche plus", True), ("A trouvé un mentor via une asso, place libre", True),
     ("Accompagnée par un mentor, cherche un stage", True), ("Accompagnée par l'AFEV, cherche un autre mentor", False)],
)  # fmt: skip
def test_who_asks_for_a_mentor_again_has_none(heard, said, has_one):
    assert bool(heard("Suivi", said)) is has_one


@pytest.mark.parametrize(
    ("said", "is_unsafe"),
    [("Figure au FIJAIS : non", False), ("Pas fiché au FIJAIS", False), ("N'est pas connu au fijais", False),
     ("Figure au FIJAIS", True), ("Figure au FIJAIS : non déclaré", True), ("B3 : non. Connu au FIJAIS", True),
     ("Ne pas mettre en contact avant le 15 janvier 2027", False), ("Ne plus mettre en binôme avant mars", False),
     ("Ne pas mettre en contact avant vérification du casier", True),
     ("Ne pas mettre en contact avant janvier, plainte en cours", True)],
)  # fmt: skip
def test_a_mentor_who_was_checked_or_is_away_is_taken(heard, said, is_unsafe):
    assert bool(heard("Remarques", said, LeadKind.MENTOR)) is is_unsafe


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


@pytest.mark.parametrize(
    ("title", "said"),
    [*(("Je souhaite", said) for said in (
        "Mentor", "Aider un jeune", "Accompagner un collégien", "M'engager en tant que mentor", "Donner de mon temps",
        "Rejoindre l'équipe des mentors",
    )),
     ("Souhait", "Devenir mentor"), ("Je souhaite", "Parrainer des enfants"), ("Je souhaite être", "Bénévole"),
     ("Vous êtes", "Mentor (salarié)"), ("Vous êtes", "Retraité"),
     ("Vous êtes", "Parent et mentor"), ("Vous êtes", "Étudiant souhaitant être mentor"), ("Profil", "Mentor étudiant"),
     ("Type", "Bénévole mentorat"), ("Tags", "Mentor, 2026"), ("Tags", "lyon|mentor"),
     ("Lifecycle Stage", "Mentor"), ("Formulaire", "Je deviens mentor"), ("Mentor;Mentoré", "X;"), ("Mentor(e);Jeune", "oui;non")],
)  # fmt: skip
def test_a_mentor_says_so_in_other_words(heard, title, said):
    assert "cette ligne n'est pas d'un jeune" in heard(title, said)


@pytest.mark.parametrize(
    ("title", "said"),
    [("Je souhaite", "Un mentor"), ("Je souhaite", "Être accompagnée par un mentor"), ("Je souhaite être", "Mentoré(e)"),
     ("Vous êtes", "Salarié"), ("Tags", "lycée, en attente d'un mentor"), ("Mentor;Mentoré", ";X"), ("Mentor;Mentoré", "X;X"),
     ("Je veux", "Un mentor"), ("Groupe", "Jeunes, mentors"), ("Souhait", "Aider les enfants"),
     ("Souhait", "Donner de mon temps"), ("Profil", "Étudiant souhaitant accompagner des enfants")],
)  # fmt: skip
def test_a_jeune_who_speaks_of_mentors_is_none(heard, title, said):
    assert heard(title, said) == ""


@pytest.mark.parametrize(
    ("title", "said"),
    [("Pour qui faites-vous cette demande ?", "Pour mon enfant"), ("Pour qui faites-vous cette demande ?", "Pour un proche"),
     ("Pour qui faites-vous cette demande ?", "Pour un jeune que j'accompagne"), ("Vous êtes ?", "Je demande pour mon fils"),
     ("Vous êtes ?", "Autre : ma fille"), ("Vous êtes", "Tante"), ("Vous êtes", "Autre : je suis sa tante"),
     ("Vous êtes", "Éducatrice spécialisée"), ("Vous êtes", "Assistante familiale"),
     ("Vous faites cette demande", "Pour votre enfant"), ("Cette demande est pour", "Mon enfant"),
     ("Demande pour", "mes enfants"), ("Demande pour", "mon fils de 12 ans"), ("Demande pour", "un jeune de mon foyer"),
     ("Qui remplit ce formulaire ?", "Éduc"), ("Qui remplit ce formulaire ?", "AS du collège"),
     ("Qui remplit ce formulaire ?", "Référente ASE")],
)  # fmt: skip
def test_who_fills_the_form_for_another_says_so_in_other_words(heard, title, said):
    assert "nommez la colonne « Nom du jeune »" in heard(title, said)


@pytest.mark.parametrize(
    ("title", "said"),
    [("Pour qui faites-vous cette demande ?", "Pour moi"), ("Vous êtes", "Un élève"), ("Vous êtes", "Je suis lycéenne"),
     ("Vous faites cette demande", "Pour vous-même"), ("Demande pour", "moi-même"), ("Qui remplit ce formulaire ?", "Moi"),
     ("Statut", "Famille contactée")],
)  # fmt: skip
def test_who_asks_for_themselves_is_taken(heard, title, said):
    assert heard(title, said) == ""


@pytest.mark.parametrize(
    "said", ["on m'a inscrit sans mon accord", "pas d'accord pour transmission", "Veut pas", "a déjà un mentor chez AFEV",
             "maman ne veut pas que l'asso appelle", "retiré à la demande de la mère"]
)  # fmt: skip
def test_a_comment_that_refuses_in_other_words_is_heard(heard, said):
    assert "la ligne n'est pas prise" in heard("Commentaire", said).lower()


@pytest.mark.parametrize(
    "said", ["inscrite au lycée sans son bulletin", "pas d'accord pour un redoublement", "Veut plus de maths",
             "ne veut pas qu'on l'appelle avant 18h", "stage annulé à la demande de la mère"]
)  # fmt: skip
def test_a_comment_of_something_else_is_not(heard, said):
    assert heard("Commentaire", said) == ""


NOT_ASKED = [""] * 10
ACCEPTS = "J'accepte que mes données soient transmises aux associations"


@pytest.mark.parametrize(
    ("answers", "left"),
    [(["J'accepte", "", "J'accepte"], [1]), (["J'accepte", "", "Je n'accepte pas"], [1]), (["Oui", "", "Oui"], []),
     (["Oui", "", "Non"], []), (["", "", ""], []), (["J'accepte", "J'accepte sauf la photo", ""], []),
     ([*NOT_ASKED, "J'accepte", "", "J'accepte"], [11]), (["J'accepte", *NOT_ASKED], []), (["J'accepte", "", ""], [1, 2]),
     (["", "J'accepte", *NOT_ASKED, ""], [0])],
)  # fmt: skip
def test_a_box_that_was_left_beside_ticked_ones_is_said_to_be_one(answers, left):
    header = [*TITLES, ACCEPTS]
    rows = [*enumerate([*AWA, answer] if answer else AWA for answer in answers), (9, ["", "note"])]

    told, notes = with_left_boxes(header, rows)

    assert [line for line, cells in told if cells[-1] == "☐"] == left
    assert len(notes) == (len(answers) > len(NOT_ASKED))


@pytest.mark.parametrize(
    "title", ["J'autorise mon enfant à être contacté", "J'accepte que les données de mon enfant soient transmises",
              "Consentement du représentant légal"]
)  # fmt: skip
def test_a_box_that_parents_left_refuses_minors_alone(import_file, title):
    ages, said = (17, 17, 19), ("J'autorise", "", "")
    people = zip(("Awa", "Bilal", "Chloé"), ages, said, strict=True)
    rows = [f"Voisin;{name};{age};0612345678;69001;Lyon;{cell}" for name, age, cell in people]
    report = import_file("\n".join([f"Nom;Prénom;Âge;Téléphone;Code postal;Ville;{title}", *rows]))

    assert [lead.age for lead in report.added] == [17, 19]
    assert [one.line for one in report.refused] == [3]


@pytest.mark.parametrize(
    "title", [ACCEPTS, "Accord du jeune et de la famille", "J'accepte d'être contacté (accord du représentant légal si mineur)",
              "J'accepte que mes données, ou celles de mon enfant, soient transmises"]
)  # fmt: skip
def test_a_box_that_was_left_refuses_its_row(heard, title):
    assert heard(title, "☐") == f"« {title[:60]} » : « ☐ ». Sans accord, la demande n'est pas prise."


def test_a_form_that_was_not_sent_is_known_by_its_code_too(heard):
    assert "ce formulaire n'a pas été envoyé" in heard("submitdate. Date de soumission", "")
    assert heard("submitdate. Date de soumission", "2026-11-12 10:00:00") == ""


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("Le jeune a-t-il donné son accord ?", "Non"),
        ("La famille a-t-elle donné son accord (si mineur) ?", "Refus"),
        ("Accord donné par les parents", "Refus"),
    ],
)
def test_whether_an_accord_was_given_is_a_question_of_accord(heard, title, said):
    assert heard(title, said)
    assert not heard(title, "Oui")


@pytest.mark.parametrize(
    ("titles", "cells"),
    [("Vous êtes [Jeune];Vous êtes [Parent]", "Non;Oui"), ("Vous êtes [Jeune];Vous êtes [Mentor]", "Non;Oui"),
     ("Vous êtes (Un parent);Vous êtes (Un jeune)", "TRUE;FALSE"), ("Vous êtes: Jeune;Vous êtes: Mentor", ";X"),
     ("Je suis le parent", "x"), ("Êtes-vous un professionnel ?", "Oui"), ("Êtes-vous un parent ?", "Oui")],
)  # fmt: skip
def test_a_box_that_says_who_somebody_is_is_heard_where_it_is_ticked(heard, titles, cells):
    assert heard(titles, cells)
    assert not heard(titles, ";".join(reversed(cells.split(";"))) if ";" in cells else "Non")


@pytest.mark.parametrize(
    ("title", "said"),
    [("Inscription en tant que", "Mère"), ("Identité du demandeur", "Tutrice"), ("Votre situation", "Éducateur"),
     ("Pour qui ?", "Mon enfant"), ("La demande concerne", "Un jeune que je suis"), ("Je m'inscris pour", "Mon fils"),
     ("Qualité du demandeur", "Un proche"), ("Vous êtes", "Éduc spé"),
     ("Vous êtes", "Prof principal"), ("Vous êtes", "Conjointe"), ("Profession", "Assistant social"),
     ("Mentor/Mentoré", "Mentor"), ("I am a", "mentor"), ("Type d'adhésion", "Mentor"),
     ("Nom mentor", "Blanc"), ("Mentor lié", "Luc Blanc"), ("Matché avec", "Luc"), ("Bénévole attribué", "Luc"),
     ("Parrain", "Paul Martin"), ("Mentor", "BLANC Luc (12/11/26)")],
)  # fmt: skip
def test_who_fills_the_form_or_mentors_already_is_heard_under_more_titles(heard, title, said):
    assert heard(title, said)


@pytest.mark.parametrize(
    ("title", "said"),
    [("Votre situation", "Étudiante"), ("Profession", "Vendeuse"), ("Pour qui ?", "Moi"), ("La demande concerne", "Moi"),
     ("Je suis mineur", "x"), ("Je m'inscris pour", "les maths"), ("Mentor", "à trouver"), ("Nom mentor", ""),
     ("Nom mentoré", "Sow"),
     ("Êtes-vous suivi par un éducateur ?", "Oui"), ("Vous êtes (jeune ou parent)", "Jeune"), ("Rempli par", "Elle-même")],
)  # fmt: skip
def test_who_asks_for_themselves_and_has_nobody_yet_is_taken(heard, title, said):
    assert not heard(title, said)


@pytest.mark.parametrize(
    ("title", "said", "is_refused"),
    [("École de votre enfant", "École Pasteur", True), ("Besoins de votre enfant", "Soutien scolaire", True),
     ("Acceptez-vous que votre enfant soit accompagné ?", "Oui", True), ("Prénoms et âges de vos enfants", "Ana 14 ans", True),
     ("Nombre d'enfants à inscrire", "1", True), ("École de votre enfant", "", False), ("École de votre enfant", "Néant", False),
     ("Accord pour votre enfant, s'il est mineur", "Oui", False), ("Avez-vous des enfants ?", "Oui", False),
     ("Jeune suivi", "Léo D.", True), ("Prénom de la personne concernée", "Léo", True), ("Jeune suivi", "oui", False)],
)  # fmt: skip
def test_an_adult_who_is_asked_about_a_child_is_not_the_jeune(import_file, title, said, is_refused):
    report = import_file(f"{';'.join(TITLES)};{title}\nRoy;Claire;28;0612345678;c@example.org;Lyon;69003;{said}")

    assert bool(report.refused) is is_refused
