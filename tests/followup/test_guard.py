"""A word of warning before a free text is sent: what it must see, what it must leave in peace; it never blocks, and never help."""

import pytest

from app.database import uuid7
from app.guard import SUBJECTS, sensitive
from tests import factories

from .situations import SPACE, pair_path

# One sentence between two bars.
SEEN = {
    "health": """
        Il est malade depuis lundi | Sa MALADIE le fatigue | Elle a été diagnostiquée | un diagnostic de dépression |
        Il est dépressif | Elle parle de suicide | idées suicidaires | Il voit un psychiatre | rendez-vous chez la
        psychologue | Elle prend des médicaments | Il est à l'hôpital | hospitalisée hier | sa grossesse | Elle est
        enceinte | un cancer | Il est diabétique | de l'épilepsie | Il est autiste | TDAH | dyslexique | une addiction
        aux écrans | Il se drogue | Son handicap | un père alcoolique | Il fait des crises épileptiques | Elle est
        séropositive | Elle est en déprime | l'alcoolisme de son père | une allergie | de l'asthme | Elle est
        bipolaire | Il se scarifie | une IVG | le dossier MDPH | Elle voit une psychothérapeute | toxicomane |
        anorexique
    """,
    "religion": """
        sa religion | Il est très religieux | musulmane | catholiques | chrétien | protestante | Elle est juive |
        l'Islam | à la mosquée | Il va à l'église | la synagogue | pendant le ramadan | Il est juif | Elle est
        bouddhiste | Elle est hindoue | Il est athée | Il a lu le Coran
    """,
    "justice": """
        un problème avec la justice | devant le tribunal | Il a été condamné | son père est en prison | prisonnier |
        casier judiciaire | un contrôle judiciaire | délinquance | Elle a porté plainte | des plaintes | la police est
        venue | les gendarmes | son avocat | incarcéré | en garde à vue | sa garde-à-vue | sa mise en examen | Il est
        mis en examen | son procès est en mai | les tribunaux | le juge des enfants
    """,
    "others": """
        écrivez à sa mère : nadege.parent@example.org | son numéro : 06 12 34 56 78 | 06.12.34.56.78 | 06-12-34-56-78
        | 0612345678 | +33612345678 | 0033612345678 | le 0692 12 34 56 | (Nadège, 04 78 12 34 56) | Écrivez à
        INES@GMAIL.COM | +33 6 12 34 56 78 | +33 (0)6 12 34 56 78 | +262 692 12 34 56
    """,
}
PEACE = """
    On a joué au foot. | le foot | la plaine | plein air | plain-pied | Je me plains pour rire | C'est juste |
    justement | Il justifie bien | un justicier | Il est maladroit | une maladresse | un malentendu | Il a mal aux
    jambes | Elle a bien travaillé | la patience | Il avance bien en maths | un stage en boulangerie | son CV et sa
    lettre de motivation | Parcoursup avant le 12 mars | Il a 16 ans | Il a eu 14,5 sur 20 | Rendez-vous samedi à 10 h
    | le 3 avril 2027 à 14 h 30 | de 14 h à 16 h | salle 204, 2e étage | 12 rue de la Paix, 69003 Lyon | SIRET 123 456
    789 00012 | Inès et Karim s'entendent bien | une sortie à la cathédrale | visite du musée | un atelier d'écriture
    | le concours d'éloquence | Il apprend à cuisiner | un polar | Elle veut être infirmière | protéger | protestation
    | un chantier | jurer | juillet | la jeunesse | Il s'isole un peu | isolement | elle est droguiste | autonome |
    automne | aux toits | le prisme | condiment | canne à sucre | cancre | diabolo menthe | l'épi | Son grand-père est
    venu | Il m'a envoyé un e-mail | Contactez-moi @ bientôt | @ines | Elle parle anglais et arabe | Il cherche un
    logement | le bus de 17 h 05 | 120 minutes | Il cherche un casier au lycée | la police d'écriture | Elle veut
    devenir avocate | le concours de gendarme | son enceinte bluetooth | un stage à l'hôpital | une droguerie | un
    diagnostic automobile | une religieuse au chocolat | le 01.02.2027 14h30 | des études médicales | le procès-verbal
"""


def sentences(block):
    return [" ".join(part.split()) for part in block.split("|")]


@pytest.mark.parametrize(("subject", "text"), [(subject, text) for subject, block in SEEN.items() for text in sentences(block)])
def test_what_is_sensitive_is_seen(subject, text):
    assert subject in sensitive(text)


@pytest.mark.parametrize("text", ["", *sentences(PEACE)])
def test_what_mentors_write_is_left_in_peace(text):
    assert sensitive(text) == []


@pytest.mark.parametrize(
    "change", [str.upper, str.title, lambda text: f"« {text} »", lambda text: f"\n\n{text}…", lambda text: f"({text})."]
)
@pytest.mark.parametrize("text", ["malade", "église", "à l'hôpital", "épilepsie"])
def test_capitals_accents_and_signs_change_nothing(text, change):
    assert sensitive(change(text))
    assert sensitive(change(text.replace("é", "e\u0301").replace("ô", "o\u0302")))


@pytest.mark.parametrize("text", ["Le processus d'inscription", "Corantin arrive", "le 01.02.2027 14:30"])
def test_words_and_dates_that_begin_alike_are_left_in_peace(text):
    assert sensitive(text) == []


def test_a_number_with_spaces_that_do_not_break_is_seen():
    assert sensitive("00 33 6 12 34 56 78") == ["others"]
    assert sensitive("06\u00a012\u00a034\u00a056\u00a078") == ["others"]
    assert sensitive("06\u202f12\u202f34\u202f56\u202f78") == ["others"]


def test_every_subject_is_said_once_in_order():
    text = "malade, maladie, son avocat, l'église, a@example.org, 06 12 34 56 78, la police"

    assert sensitive(text) == list(SUBJECTS)


@pytest.mark.parametrize("text", ["x" * 4000, "a@" * 2000, "0" * 4000, "0 " * 2000, "@" * 4000, "é" * 4000])
def test_a_long_text_of_anything_is_read(text):
    assert sensitive(text) in ([], ["others"])


# Where it warns.

WARNED = "Ce texte parle peut-être d'un sujet délicat : la santé. Si ce n'est pas nécessaire, enlevez ce passage."


def test_a_message_is_held_back_once_and_says_why(post, bodies):
    page = post("mentor", "Il est malade")

    assert (page.status, page.errors, bodies()) == (422, [WARNED], [])
    assert page.value("body").strip() == "Il est malade"
    assert page.soup.find("input", attrs={"name": "anyway"}).get("checked") is None
    assert "C'est nécessaire : j'envoie ce texte tel quel" in page.text


@pytest.mark.parametrize("who", ["mentor", "mentee"])
def test_sent_as_it_is_it_goes(who, post, bodies):
    page = post(who, "Il est malade", anyway="y")

    assert (page.status, bodies(who)) == (200, [(who, "Il est malade")])


def test_corrected_it_goes_too(post, bodies):
    post("mentor", "Il est malade", once="a")

    assert post("mentor", "Il sera absent", once="a").status == 200
    assert bodies() == [("mentor", "Il sera absent")]


def test_a_number_to_call_back_is_given_to_the_team(post, bodies):
    words = "Appelez-moi au 06 39 98 12 34"

    assert (post("mentee", words).status, bodies("mentee")) == (200, [("mentee", words)])


def test_the_box_is_not_there_before(mentor, people):
    assert mentor.page(f"{SPACE}/mes-messages/{people.pair.id}").soup.find(attrs={"name": "anyway"}) is None


def test_the_team_is_warned_too(reply, bodies):
    assert (reply("mentor", "Il est malade").status, bodies()) == (422, [])

    assert reply("mentor", "Il est malade", anyway="y").status == 200
    assert bodies() == [("team", "Il est malade")]


@pytest.mark.parametrize("field", ["note", "next_step"])
def test_a_contact_is_held_back_once(field, admin, people):
    path = pair_path(people.pair, "/echanges/nouveau?qui=mentor")
    form = {"how": "phone", "day": factories.today().isoformat(), "length": "10", "once": uuid7().hex, field: "Il est malade"}

    page = admin.send(path, form)
    assert (page.status, page.errors) == (422, [WARNED])

    assert page.soup.find("input", attrs={"name": "anyway"})
    assert admin.send(path, {**form, "anyway": "y"}).flashes == ["L'échange est noté."]


@pytest.mark.parametrize("body", ["", "x" * 4001])
def test_another_error_offers_no_box(body, post):
    page = post("mentor", body)

    assert page.status == 422
    assert page.soup.find(attrs={"name": "anyway"}) is None


@pytest.mark.parametrize("text", [sentences(block)[0] for block in SEEN.values()])
@pytest.mark.parametrize("who", ["mentor", "mentee"])
def test_help_is_never_held_back(who, text, post, bodies):
    page = post(who, text, "aide")

    assert (page.status, bodies(who)) == (200, [(who, text)])
