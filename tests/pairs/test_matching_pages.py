"""Matching as a coordinator reads it: runs, proposals side by side, decisions, and an admin's settings."""

from datetime import timedelta

import pytest

from app.database import now
from app.extensions import db
from app.pairs.actions import form_pair
from app.pairs.closing import close_pair
from app.pairs.matching_models import MatchRun, MatchWish, Proposal
from app.pairs.models import Pair, PairSettings
from app.pairs.settings import WEIGHTS, Choices, choose, settings
from app.web import today
from tests import factories
from tests.people.fixtures import day_ago

from .matched import a_proposal, a_run, available, computed, flashes, plan, waiting

PAIRS = "/a/passerelle/binomes"
RUNS, SETTINGS = f"{PAIRS}/rapprochements", f"{PAIRS}/reglages"
APPROVE = {"decision": "approve", "starts_on": day_ago(0), "planned_months": "6", "rhythm": "monthly", "objectives": "- Réviser"}
CHOICES = {
    "first": "mentee", "answer_days": "7", "sign_days": "15", "deduct_pauses": "y", "deduct_silent": "y",
    **{name: str(weight) for name, weight in WEIGHTS.items()},
}  # fmt: skip


@pytest.fixture
def admin(client, association, in_space):
    """A browser where an admin of Passerelle is signed in."""
    with in_space(association):
        card = factories.staff(association, "admin")
    return client.sign_in(card.user_id)


@pytest.fixture
def draft(association, in_space, run_jobs, by):
    """The proposal made for Inès, with two other mentors who could do."""
    shared = {"interests": ["music", "sport"], "slots": ["sat_morning"], "languages": ["fr"]}
    with in_space(association):
        waiting(association, last_name="Bensalah", field_wish="Droit", places=["remote", "school"], **shared)
        available(association, last_name="Tahar", sector="Droit des affaires", places=[], **shared)
        available(association, last_name="Lille", commune_code="59350", slots=[], axes=["employment"])
        available(association, last_name="Tarare", commune_code="69243")
    return computed(association, by, run_jobs, in_space)[0]


@pytest.fixture
def place(draft):
    """The address of that proposal."""
    return f"{PAIRS}/propositions/{draft.id}"


def test_without_any_run_the_page_says_so_and_what_weighs(office):
    page = office.page(RUNS)

    assert page.heading == "Rapprocher"
    assert "Aucun calcul pour l'instant." in page.text
    assert "Temps d'attente du jeune 15" in page.text
    assert "Réglages" not in page.soup.main.get_text(), "a coordinator cannot change them"


def test_a_run_is_started_followed_and_read(office, association, in_space, run_jobs):
    with in_space(association):
        waiting(association, last_name="Bensalah"), available(association, last_name="Tahar")

    started = office.send(RUNS)
    assert "Calcul en attente…" in started.text
    assert office.send(RUNS).response.request.path == started.response.request.path, "twice is one run"
    run_jobs()

    page = office.page(started.response.request.path)
    assert [row[:2] for row in page.rows] == [["Inès Bensalah", "Karim Tahar"]]
    assert "1 proposition, 1 jeune attend, 1 place de mentor libre." in page.text
    assert page.rows[0][4] == "à lire"
    assert "1 binôme proposé, 1 jeune attendait terminé" in office.page(RUNS).text


def test_the_part_that_moves_says_how_far_it_is(office, association, in_space, by):
    with in_space(association):
        run = a_run(by, "running")
        run.share, run.step = 20, "comparing"
        done = a_run(by)

    assert "Comparaison de tous avec tous…" in office.get(f"{RUNS}/{run.id}/avancement").text
    assert "Terminé." in office.get(f"{RUNS}/{done.id}/avancement").text


def test_a_run_that_was_interrupted_keeps_nobody_from_starting_another(office, association, in_space, by, stored):
    with in_space(association):
        stuck = a_run(by, "running", created_at=now() - timedelta(days=1))

    office.send(RUNS)

    assert sorted(run.state for run in stored(association, MatchRun)) == ["failed", "running"]
    assert "Ce calcul a été interrompu. Lancez-en un autre." in office.page(f"{RUNS}/{stuck.id}").text
    assert "interrompu" in office.page(RUNS).text


def test_a_run_without_proposals_says_what_it_takes(office, association, in_space, by):
    with in_space(association):
        run = a_run(by)

    assert "Aucune proposition. Il faut des jeunes qui attendent" in office.page(f"{RUNS}/{run.id}").text
    assert "Chaque jeune a une proposition." in office.page(f"{RUNS}/{run.id}/sans-proposition").text


@pytest.mark.parametrize(
    ("jeune", "mentor", "sentence"),
    [
        ({}, {"trained": False}, "Aucun mentor disponible n'est prêt pour ce public (formation, pièces)."),
        ({"places": ["school"]}, {"places": ["company"]}, "Aucun mentor prêt n'accepte le même lieu assez près."),
        ({"slots": ["sun_evening"]}, {}, "Aucun n'a d'heure commune dans la semaine."),
        ({"languages": ["uk"]}, {"languages": ["fr"]}, "Aucun ne parle une langue commune."),
        ({"gender_wish": "woman"}, {"agreement": "masculine"}, "Aucun ne correspond au souhait"),
    ],
)
def test_who_has_no_proposal_is_listed_with_why(office, association, in_space, run_jobs, jeune, mentor, sentence):
    with in_space(association):
        waiting(association, last_name="Bensalah", **jeune), available(association, **mentor)
    path = office.send(RUNS).response.request.path
    run_jobs()

    assert "1 jeune n'a pas de proposition : pourquoi" in office.page(path).text
    ((name, _since, why),) = office.page(f"{path}/sans-proposition").rows
    assert (name, sentence in why) == ("Inès Bensalah", True)


def test_who_is_left_to_others_is_led_to_the_best_possibility(office, association, in_space, run_jobs, by):
    with in_space(association):
        first, _left = waiting(association, 2)
        first.last_name, first.first_in_line = "Bensalah", True
        available(association, last_name="Tahar")
    (found,) = computed(association, by, run_jobs, in_space)

    page = office.page(f"{RUNS}/{found.run_id}/sans-proposition")

    ((_name, _since, why),) = page.rows
    assert "Ceux qui conviendraient sont proposés à d'autres" in why
    link = page.soup.find("a", string="Voir la meilleure possibilité")["href"]
    assert office.page(link).heading.endswith(" et Karim Tahar")
    assert "En tête de liste" in office.page(f"{PAIRS}/propositions/{found.id}").text


def test_a_proposal_shows_both_side_by_side_with_reasons_for(office, draft, place):
    page = office.page(place)

    assert page.heading == "Inès Bensalah et Karim Tahar"
    assert f"{draft.score} points sur {sum(reason['of'] for reason in draft.reasons)} possibles" in page.text
    for words in (
        "Aide dans le domaine demandé 250 sur 250",
        "Travaille dans un domaine qui attire le ou la jeune 150 sur 150",
        "Ont en commun : sport et musique 150 sur 150",
        "Libres en même temps : samedi matin 50 sur 150",
        "Même commune 150 sur 150",
        "Lieux possibles : à distance et dans l'établissement",
        "Domaine qui attire Droit",
        "Secteur Droit des affaires",
    ):
        assert words in page.text


def test_a_proposal_shows_what_speaks_against(office, draft, place, association, in_space):
    assert "Rien ne s'y oppose." in office.page(place).text

    with in_space(association):
        other = db.session.query(Proposal).filter_by(rank=2).one()
    page = office.page(f"{PAIRS}/propositions/{other.id}")

    assert page.heading == "Inès Bensalah et Karim Lille"
    for words in (
        "N'aide pas d'abord dans le domaine demandé, ou préfère un autre public.",
        "Ne travaille pas dans le domaine qui attire le ou la jeune.",
        "Pas d'heure commune connue : l'un des deux n'a pas donné sa semaine.",
        "Habitent dans des régions différentes : à distance seulement.",
    ):
        assert words in page.text


def test_a_respect_that_weighs_nothing_speaks_neither_for_nor_against(office, association, in_space, by):
    nothing = [{"code": "field", "points": 0, "of": 0, "detail": []}, {"code": "near", "points": 0, "of": 0, "detail": ["far"]}]
    with in_space(association):
        row = a_proposal(a_run(by), *waiting(association), *available(association), reasons=nothing)

    page = office.page(f"{PAIRS}/propositions/{row.id}")

    assert "Rien ne s'y oppose." in page.text
    assert "régions différentes" not in page.text


def test_what_is_to_gather_and_a_wish_that_is_not_known_are_said(office, association, in_space, by):
    with in_space(association):
        (mentee,) = waiting(association, age=16, gender_wish="woman")
        row = a_proposal(a_run(by), mentee, *available(association))

    page = office.page(f"{PAIRS}/propositions/{row.id}")

    assert "Inès : l'autorisation parentale manque." in page.text
    assert "Souhaite échanger avec une femme ou un homme en particulier : à vérifier." in page.text


def test_the_next_best_are_beside_it_the_strongest_first(office, place):
    page = office.page(place)

    titles = [link.get_text() for link in page.soup.select('ul.rows a[href*="propositions"]')]
    assert "Les autres possibilités pour Inès" in page.text
    assert titles == ["Karim Tarare", "Karim Lille"]
    assert "Plus de points, mais proposé à quelqu'un d'autre" not in page.text


def test_why_one_with_more_points_is_kept_for_somebody_else_is_said(office, association, draft, in_space, place):
    with in_space(association):
        db.session.query(Proposal).filter_by(rank=1).one().score = draft.score + 1

    assert office.page(place).text.count("Plus de points, mais proposé à quelqu'un d'autre") == 1


def test_the_next_best_can_be_approved_instead(office, association, draft, in_space, stored):
    with in_space(association):
        other = db.session.query(Proposal).filter_by(rank=1).one()

    page = office.send(f"{PAIRS}/propositions/{other.id}", APPROVE)

    assert flashes(page) == ["Approuvé. La question est partie."]
    (pair,) = stored(association, Pair)
    assert (pair.mentor_id, pair.state, pair.objectives) == (other.mentor_id, "proposed", ["Réviser"])
    assert "Inès a déjà un binôme en cours ou proposé." in office.page(f"{PAIRS}/propositions/{draft.id}").text


def test_what_was_approved_leads_to_the_pair_and_asks_nothing_more(office, place):
    office.send(place, APPROVE)

    page = office.page(place)

    assert "Voir le binôme" in page.text
    assert "a déjà un binôme" not in page.text
    assert not page.soup.select("button[value=approve], button[value=dismiss]")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"starts_on": ""}, "Indiquez une date qui existe."),
        ({"starts_on": day_ago(-184)}, "Le début est à six mois d'aujourd'hui au plus."),
        ({"planned_months": "0"}, "De 1 à 60 mois."),
        ({"planned_months": "x"}, "Écrivez un nombre entier, en chiffres."),
        ({"rhythm": ""}, "Choisissez un rythme."),
    ],
)
def test_an_error_is_said_at_its_field_and_nothing_is_approved(office, association, place, stored, changes, error):
    page = office.send(place, {**APPROVE, **changes})

    assert page.status == 422
    assert error in page.errors
    assert stored(association, Pair) == []


def test_to_set_aside_takes_a_reason(office, association, place, stored):
    page = office.send(place, {"decision": "dismiss", "ecart-reason": " "})

    assert (page.status, page.errors) == (422, ["À remplir."])
    assert stored(association, MatchWish) == []


def test_what_was_set_aside_says_so_and_is_decided(office, place):
    page = office.send(place, {"decision": "dismiss", "ecart-reason": "Même famille"})

    assert flashes(page) == ["Écarté : ces deux personnes ne seront plus proposées ensemble."]
    assert page.rows[0][4] == "écartée"
    late = office.send(place, APPROVE)
    assert late.status == 422
    assert "Cette proposition a été écartée entre-temps." in late.text


def test_a_pin_is_put_and_taken_back(office, association, place, stored):
    assert flashes(office.send(place, {"decision": "pin"})) == ["Épinglé : le prochain calcul les rapprochera."]
    assert "Retirer l'épingle" in office.page(place).text

    assert flashes(office.send(place, {"decision": "unpin"})) == ["L'épingle est retirée."]

    assert stored(association, MatchWish) == []


def test_a_pin_ends_with_the_pair_that_it_made(office, association, place, draft, in_space, by, stored):
    office.send(place, {"decision": "pin"})

    with in_space(association):
        mentee, mentor = (db.session.merge(person) for person in (draft.mentee, draft.mentor))
        form_pair(mentee, mentor, plan(), None, by)

    assert stored(association, MatchWish) == []


def test_who_is_kept_apart_as_a_precaution_is_said_before_the_click(office, association, place, draft, in_space):
    with in_space(association):
        row = factories.pair(*(db.session.merge(person) for person in (draft.mentor, draft.mentee)))
        close_pair(row, today(), "safety", None)

    page = office.page(place)

    assert "Leur binôme a été clôturé par précaution" in page.text
    assert page.soup.select_one("button[value=approve]").has_attr("disabled")
    assert not page.soup.select("button[value=pin]")


def test_a_decision_that_does_not_exist_changes_nothing(office, association, place, stored):
    assert office.send(place, {"decision": "marry"}).status == 200

    assert stored(association, Pair) == stored(association, MatchWish) == []


def test_of_another_association_nothing_is_found(office, elsewhere, in_space, stored):
    with in_space(elsewhere):
        run = a_run(factories.user().id)
        row = a_proposal(run, *waiting(elsewhere), *available(elsewhere))

    for path in (f"{run.id}", f"{run.id}/avancement", f"{run.id}/sans-proposition"):
        assert office.get(f"{RUNS}/{path}").status_code == 404
    for data in (APPROVE, {"decision": "dismiss", "ecart-reason": "x"}, {"decision": "pin"}):
        assert office.send(f"{PAIRS}/propositions/{row.id}", data).status == 404
    assert stored(elsewhere, Pair) == stored(elsewhere, MatchWish) == []


def test_a_longer_run_asks_nothing_more_of_the_database(office, association, in_space, by, statements):
    with in_space(association):
        run = a_run(by)
        a_proposal(run, *waiting(association), *available(association))
    office.page(f"{RUNS}/{run.id}")
    with statements() as one:
        office.page(f"{RUNS}/{run.id}")
    with in_space(association):
        for mentee, mentor in zip(waiting(association, 9), available(association, 9), strict=True):
            a_proposal(run, mentee, mentor)

    with statements() as ten:
        assert len(office.page(f"{RUNS}/{run.id}").rows) == 10

    assert len(ten) == len(one) < 10


def test_only_an_admin_sets_weights_and_delays(client, admin, by):
    assert admin.page(SETTINGS).heading == "Rapprochements et décompte"

    coordinator = client.sign_in(by)

    assert coordinator.get(SETTINGS).status_code == coordinator.post(SETTINGS, data=CHOICES).status_code == 403


def test_settings_are_kept_in_versions_and_the_same_again_make_none(admin, association, stored):
    for _time in range(2):
        page = admin.send(SETTINGS, {**CHOICES, "first": "mentor", "answer_days": "10", "near": "40", "deduct_pauses": ""})
    admin.send(SETTINGS, {**CHOICES, "near": "0"})

    assert flashes(page) == ["Les réglages sont enregistrés. Ils valent à partir de maintenant."]
    versions = stored(association, PairSettings)
    assert [(row.number, row.values["weights"]["near"], row.values["first"]) for row in versions] == [
        (1, 40, "mentor"),
        (2, 0, "mentee"),
    ]
    assert (versions[0].values["answer_days"], versions[0].values["deduct_pauses"]) == (10, False)
    assert admin.page(SETTINGS).value("near") == "0"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"near": "101"}, "De 0 à 100."),
        ({"near": "-1"}, "De 0 à 100."),
        ({"near": ""}, "Un nombre de 0 à 100."),
        ({"answer_days": "1"}, "De 2 à 30."),
        ({"sign_days": "61"}, "De 2 à 60."),
        ({"first": ""}, "Choisissez une réponse."),
    ],
)
def test_a_setting_out_of_bounds_is_refused_at_its_field(admin, association, stored, changes, error):
    page = admin.send(SETTINGS, {**CHOICES, **changes})

    assert (page.status, page.errors) == (422, [error])
    assert stored(association, PairSettings) == []


def test_other_weights_are_tried_before_they_are_kept(admin, association, in_space, stored):
    with in_space(association):
        waiting(association, interests=["music", "sport"])
        available(association, interests=["music", "sport"], commune_code="59350", slots=[]), available(association)

    page = admin.send(SETTINGS, {**CHOICES, **dict.fromkeys(WEIGHTS, "0"), "near": "100", "preview": "1"})

    assert "1 proposition (1 avec les poids actuels)." in page.text
    assert "Rien n'est enregistré." in page.text
    assert page.value("near") == "100"
    assert stored(association, PairSettings) == []


def test_a_late_page_undoes_nothing_that_a_colleague_chose(admin, association, in_space, by):
    shown = admin.page(SETTINGS).value("shown")
    with in_space(association):
        choose(by, first="mentor", weights={**WEIGHTS, "near": 0}, closing_word="Merci à vous.")

    page = admin.send(SETTINGS, {**CHOICES, "hours": "30", "near": "50", "shown": shown})

    assert page.errors == ["Quelqu'un vient d'écrire « 0 » ici. Relisez, puis enregistrez de nouveau."]
    admin.send(SETTINGS, {**CHOICES, "hours": "30", "near": "50", "preview": "1", "shown": page.value("shown")})
    admin.send(SETTINGS, {**CHOICES, "hours": "30", "near": "0", "shown": page.value("shown")})
    with in_space(association):
        assert settings() == Choices(first="mentor", weights={**WEIGHTS, "near": 0, "hours": 30}, closing_word="Merci à vous.")
