"""A parent who is not to be written to is not the guardian, whoever says it, and however."""

import pytest

pytestmark = pytest.mark.usefixtures("that_week")  # the ages are of November 2026
TITLES = "Nom;Prénom;Âge;Téléphone;E-mail;Ville;Code postal"
PARENTS = "Nom père;Tél père;Mail père;Nom mère;Tél mère;Mail mère"
AWA = "Sow;Awa;15;;awa@example.org;Lyon;69003"
KARIM, FATOU = "Karim Sow;0698765431;karim@example.org", "Fatou Sow;0698765433;fatou@example.org"


@pytest.fixture
def guardian(import_file):
    """The guardian of a jeune whose file has both parents, or only the father, and one more column."""

    def read(title, cell, parents=PARENTS, people=f"{KARIM};{FATOU}"):
        (lead,) = import_file(f"{TITLES};{title};{parents}\n{AWA};{cell};{people}").added
        return lead.guardian_name

    return read


ANSWERS = [
    *(("Autorité parentale", said) for said in (
        "Mère (père décédé)", "Mère seule, père inconnu", "Mère - père déchu", "Père déchu, mère seule", "mère (père interdit)",
        "Mère, pas le père", "Mère. Père incarcéré", "mère exclusive, père droit de visite", "Mère", "Mère exclusivement",
    )),
    ("Garde", "Mère (père décédé)"),
    *((title, "Mère") for title in (
        "Détenteur de l'autorité parentale", "Qui a l'autorité parentale ?", "Titulaire de l'autorité parentale",
        "Exercice de l'autorité parentale", "Contact prioritaire", "Représentant légal à contacter",
        "Parent à contacter en priorité", "Réside chez", "Vit chez", "Résidence principale",
    )),
    *((title, "Oui") for title in ("Ne pas contacter le père", "Père : contact interdit", "Père décédé")),
    *((title, "Non") for title in (
        "Contact autorisé père", "Le père peut-il être contacté ?", "Autorité parentale père", "J'autorise à contacter le père",
    )),
    ("Droits parentaux père", "Aucun"),
    *(("Commentaire", said) for said in (
        "Ne pas prévenir le père", "Ne rien dire au père", "Le père ne doit pas être au courant",
        "Ne pas informer le père de la démarche", "Pas de contact avec le père", "Père : ne pas joindre",
        "Ne pas envoyer de courrier au père", "Contacter uniquement la mère", "Appeler uniquement la mère", "Père violent",
        "Ordonnance de protection contre le père", "Père déchu de l'autorité parentale", "Père décédé",
        "Femme battue, ne pas appeler le père", "Elle cherche un stage. Son papa ne doit rien savoir.",
    )),
    ("Alerte", "Père violent"), ("Vigilance", "père à ne pas informer"),
]  # fmt: skip


@pytest.mark.parametrize(("title", "cell"), ANSWERS)
def test_the_other_parent_is_kept(guardian, title, cell):
    assert guardian(title, cell) == "Fatou Sow"


@pytest.mark.parametrize(("title", "cell"), ANSWERS)
def test_where_there_is_no_other_nobody_is(guardian, title, cell):
    assert guardian(title, cell, "Nom père;Tél père;Mail père", KARIM) is None


NOBODY = [
    *((title, "Non") for title in (
        "J'accepte que mes parents soient contactés", "J'autorise l'association à contacter mes parents",
        "Accord pour contacter les parents", "Contacter les parents", "Prévenir les parents", "Contact parents autorisé",
    )),
    *(("Commentaire", said) for said in (
        "Ne pas prévenir les parents", "mes parents ne sont pas au courant, ne leur dites rien",
        "Mes parents ne doivent pas le savoir",
    )),
    ("Ne pas contacter la famille", "Oui"), ("Autorité parentale", "ASE"), ("Autorité parentale", "Retirée aux deux parents"),
    ("Autorité parentale", "Délégation au Département"),
]  # fmt: skip


@pytest.mark.parametrize(("title", "cell"), NOBODY)
@pytest.mark.parametrize("parents", [(PARENTS, f"{KARIM};{FATOU}"), ("Nom du parent;Tél parent;Mail parent", FATOU)])
def test_neither_is(guardian, title, cell, parents):
    assert guardian(title, cell, *parents) is None


NOTHING = [
    ("Commentaire", "Ses parents sont d'accord"), ("Commentaire", "Son père est artisan, sa mère ne travaille pas"),
    ("Commentaire", "Elle ne veut pas faire comme son grand-père"), ("Autorité parentale", "Père et mère"),
    ("Autorité parentale", "conjointe"), ("Parents informés", "Non"), ("Père contacté", "Non"), ("Accord du père", "Oui"),
    ("Autorité parentale", "Les deux parents"), ("Commentaire", "Son beau-père est décédé"), ("Profession du père", "Sans"),
    ("Commentaire", "Le père préfère le soir"), ("Réside chez", "ses parents"), ("Garde", "alternée"),
]  # fmt: skip


@pytest.mark.parametrize(("title", "cell"), NOTHING)
def test_what_rules_nobody_out_changes_nothing(guardian, title, cell):
    assert guardian(title, cell) == "Karim Sow"


@pytest.mark.parametrize("said", ["ÉDUCATRICE", "ASE", "FRÈRE", "PÈRE (sans autorité parentale)", "Décédé", "Famille d'accueil"])
def test_a_relation_that_is_no_parent_is_no_guardian(guardian, said):
    titles = "Nom du responsable légal;Tél du responsable légal;Mail du responsable légal"

    assert guardian("Lien de parenté", said, titles, KARIM) is None


@pytest.mark.parametrize("said", ["Père", "Mère", "Tuteur légal", "", "Grand-mère (tutrice)"])
def test_another_relation_is(guardian, said):
    titles = "Nom du responsable légal;Tél du responsable légal;Mail du responsable légal"

    assert guardian("Lien de parenté", said, titles, KARIM) == "Karim Sow"


@pytest.mark.parametrize("first", ["", "Père", "inconnu", "ASE", "Voir la mère"])
def test_the_parent_who_has_a_name_goes_before_one_who_has_none(guardian, first):
    assert guardian("Classe", "3e", people=f"{first};0698765431;karim@example.org;{FATOU}") == "Fatou Sow"


def test_what_is_not_kept_is_said(import_file):
    report = import_file(f"{TITLES};Vigilance;Nom père;Tél père\n{AWA};père violent;Karim Sow;0698765431")

    causes = [problem.cause.replace("\xa0", " ") for problem in report.remarks]
    said = "« Karim Sow, 0698765431 » n'est pas gardé : ce parent n'est pas à contacter. L'association en demandera un autre."
    assert said in causes
