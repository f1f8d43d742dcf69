"""Whom the comparison of everybody brings together: the best whole, within every limit, with reasons that add up."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.pairs.matching import Comparison, assign, match
from app.pairs.settings import WEIGHTS

from .matched import MAP, a_jeune, a_mentor, chosen_of, most, pool_of

pytestmark = pytest.mark.no_database

SMALL = settings(max_examples=200, deadline=None)
ONLY = {name: dict.fromkeys(WEIGHTS, 0) | {name: 100} for name in WEIGHTS}


@st.composite
def tables(draw):
    """A small table of points, jeunes by mentors, some impossible (0), and the room of each mentor."""
    rows, columns = draw(st.integers(0, 5)), draw(st.integers(0, 4))
    points = st.integers(0, 9) | st.integers(0, 9000)
    worth = draw(st.lists(st.lists(points, min_size=columns, max_size=columns), min_size=rows, max_size=rows))
    room = draw(st.lists(st.integers(0, 3), min_size=columns, max_size=columns))
    return worth, room


def assigned(worth, room):
    """What is chosen on a table."""
    columns = len(room)
    return assign(np.array(worth, dtype=np.int32).reshape(len(worth), columns), np.array(room, dtype=np.int64))


@SMALL
@given(tables())
def test_the_choice_is_the_best_of_all_there_are(table):
    worth, room = table

    chosen = assigned(worth, room)

    assert sum(worth[jeune][mentor] for jeune, mentor in chosen.items()) == most(worth, room)


@SMALL
@given(tables())
def test_nobody_is_given_more_than_their_room_nor_somebody_impossible(table):
    worth, room = table

    chosen = assigned(worth, room)

    assert all(list(chosen.values()).count(mentor) <= places for mentor, places in enumerate(room))
    assert all(worth[jeune][mentor] > 0 for jeune, mentor in chosen.items())


def test_the_best_whole_is_not_the_best_first():
    assert assigned([[10, 9], [8, 0]], [1, 1]) == {0: 1, 1: 0}


def test_a_mentor_with_two_places_takes_two():
    assert list(assigned([[5], [5], [5]], [2]).values()) == [0, 0]


@pytest.mark.parametrize(("jeunes", "mentors"), [(0, 0), (0, 2), (2, 0)])
def test_an_empty_side_gives_nothing(jeunes, mentors):
    outcome = match(pool_of([a_jeune(str(i)) for i in range(jeunes)], [a_mentor(str(i)) for i in range(mentors)]), WEIGHTS)

    assert outcome.matches == []
    assert set(outcome.left.values()) == ({"ready"} if jeunes else set())


NEARNESS = [
    ("Lyon", "Lyon", 5),
    ("Lyon", "Villeurbanne", 4),
    ("Tarare", "Villefranche", 3),
    ("Lyon", "Tarare", 2),
    ("Lyon", "Grenoble", 1),
    ("Lyon", "Lille", 0),
]


@pytest.mark.parametrize(("one", "other", "level"), NEARNESS)
def test_nearness_has_the_levels_of_the_official_map(one, other, level):
    for here, there in ((one, other), (other, one)):
        compared = Comparison(pool_of([a_jeune(commune_code=here)], [a_mentor(commune_code=there)]), WEIGHTS)

        assert compared.near[0, 0] == level


def test_a_level_that_the_map_does_not_know_is_nobodys_neighbourhood():
    MAP["Iles"], MAP["Mer"] = ("97701", "", "", "977", ""), ("97702", "", "", "978", "")
    try:
        compared = Comparison(pool_of([a_jeune(commune_code="Iles")], [a_mentor(commune_code="Mer")]), WEIGHTS)
    finally:
        del MAP["Iles"], MAP["Mer"]

    assert compared.near[0, 0] == 0


def possible(jeune, mentor, at_home=False):
    """Whether two may be brought together."""
    return bool(Comparison(pool_of([a_jeune(**jeune)], [a_mentor(**mentor)]), WEIGHTS, at_home).possible[0, 0])


@pytest.mark.parametrize(
    ("where", "jeune", "mentor", "expected"),
    [
        ("Lyon", "commune", "commune", True),
        ("Villeurbanne", "epci", "epci", True),
        ("Villeurbanne", "commune", "region", False),
        ("Villeurbanne", "region", "commune", False),
        ("Tarare", "departement", "departement", True),
        ("Tarare", "arrondissement", "region", False),
        ("Grenoble", "region", "region", True),
        ("Grenoble", "region", "departement", False),
        ("Lille", "region", "region", False),
    ],
)
def test_to_meet_in_person_both_must_find_it_near_enough(where, jeune, mentor, expected):
    school = {"places": ["school"]}

    assert possible({**school, "reach": jeune}, {**school, "reach": mentor, "commune_code": where}) is expected
    assert possible({"places": ["remote"], "reach": jeune}, {"reach": mentor, "commune_code": where}), "at a distance, always"


@pytest.mark.parametrize(
    ("jeune", "mentor", "at_home", "expected"),
    [
        (["school"], ["company"], False, False),
        (["school", "company"], ["company"], False, True),
        ([], ["company"], False, True),
        (["association"], [], False, True),
        ([], [], False, True),
        (["home"], ["home"], False, False),
        (["home"], ["home"], True, True),
        ([], ["home"], False, False),
        ([], ["home"], True, True),
        (["home"], [], False, False),
    ],
)
def test_a_place_that_both_accept_and_that_the_association_offers(jeune, mentor, at_home, expected):
    assert possible({"places": jeune}, {"places": mentor}, at_home) is expected


@pytest.mark.parametrize("what", ["slots", "languages"])
@pytest.mark.parametrize(("jeune", "mentor", "expected"), [(0, 0, True), (1, 0, True), (0, 1, True), (1, 1, True), (1, 2, False)])
def test_something_in_common_is_asked_only_where_both_said_any(what, jeune, mentor, expected):
    words = {"slots": [[], ["mon_morning", "sun_evening"], ["tue_evening"]], "languages": [[], ["fr", "bm"], ["uk"]]}[what]

    assert possible({what: words[jeune]}, {what: words[mentor]}) is expected


@pytest.mark.parametrize(
    ("wish", "agreement", "expected"),
    [
        ("woman", "feminine", True),
        ("woman", "masculine", False),
        ("woman", "neutral", True),
        ("man", "masculine", True),
        ("man", "feminine", False),
        ("any", "masculine", True),
        (None, "feminine", True),
    ],
)
def test_a_wish_to_talk_with_a_woman_or_a_man_is_kept_where_it_is_known(wish, agreement, expected):
    assert possible({"gender_wish": wish}, {"agreement": agreement}) is expected


def test_who_was_set_aside_is_not_proposed_again():
    outcome = match(pool_of([a_jeune()], [a_mentor("A"), a_mentor("B")], unwanted=[(0, 0)]), WEIGHTS)

    assert [(found.mentor, found.rank) for found in outcome.matches] == [(1, 0)]


APART = {
    "ready": {"unready": [(0, 0)]},
    "place": {"jeune": {"places": ["school"]}, "mentor": {"places": ["company"]}},
    "hour": {"jeune": {"slots": ["mon_morning"]}, "mentor": {"slots": ["mon_evening"]}},
    "language": {"jeune": {"languages": ["fr"]}, "mentor": {"languages": ["uk"]}},
    "gender": {"jeune": {"gender_wish": "woman"}, "mentor": {"agreement": "masculine"}},
    "unwanted": {"unwanted": [(0, 0)]},
}


@pytest.mark.parametrize("why", APART)
def test_the_condition_that_leaves_nobody_is_named(why):
    case = {"jeune": {}, "mentor": {}, **APART[why]}
    jeune, mentor = a_jeune(**case.pop("jeune")), a_mentor(**case.pop("mentor"))

    outcome = match(pool_of([jeune], [mentor], **case), WEIGHTS)

    assert (outcome.matches, outcome.left) == ([], {"Inès": why})


def test_of_several_conditions_the_one_that_removes_the_last_is_named():
    jeune = a_jeune(slots=["mon_morning"], languages=["fr"])
    mentors = [a_mentor("A", places=["home"]), a_mentor("B", slots=["sun_evening"]), a_mentor("C", languages=["uk"])]

    assert match(pool_of([jeune], mentors), WEIGHTS).left == {"Inès": "language"}
    assert match(pool_of([jeune], mentors[:2]), WEIGHTS).left == {"Inès": "hour"}


def test_who_could_meet_somebody_proposed_to_another_reads_taken_and_keeps_the_next_best():
    outcome = match(pool_of([a_jeune("A"), a_jeune("B")], [a_mentor()], waited=[30, 10]), WEIGHTS)

    assert outcome.left == {"B": "taken"}
    assert [(found.mentee, found.rank) for found in outcome.matches] == [(0, 0), (1, 1)]


def test_the_three_next_best_follow_the_choice_the_strongest_first():
    likes = [[], ["music"], ["music", "sport"], [], ["music"], ["sport", "music"]]
    mentors = [a_mentor(str(rank), interests=liked) for rank, liked in enumerate(likes)]

    outcome = match(pool_of([a_jeune(interests=["music", "sport"])], mentors, unwanted=[(0, 5)]), WEIGHTS)

    assert [(found.rank, found.mentor) for found in outcome.matches] == [(0, 2), (1, 1), (2, 4), (3, 0)]
    assert [found.score for found in outcome.matches] == sorted((found.score for found in outcome.matches), reverse=True)


def points(what, jeune, mentor):
    """How well two fit in one respect, 0 to 1."""
    return float(Comparison(pool_of([a_jeune(**jeune)], [a_mentor(**mentor)]), WEIGHTS).parts[what][0, 0])


@pytest.mark.parametrize(
    ("what", "jeune", "mentor", "share"),
    [
        ("needs", {"needs": ["school"]}, {"axes": ["education"]}, 1),
        ("needs", {"needs": ["employment"]}, {"axes": ["education"]}, 0),
        ("needs", {"needs": ["school", "employment"]}, {"axes": ["education"]}, 0.5),
        ("needs", {}, {"preferred_public": "superieur"}, 1),
        ("needs", {}, {"preferred_public": "any"}, 1),
        ("needs", {}, {"preferred_public": "college"}, 0.7),
        ("needs", {"situation": "lycee_pro"}, {"preferred_public": "lycee"}, 1),
        ("needs", {"situation": None}, {"preferred_public": "lycee"}, 0.7),
        ("field", {"field_wish": "Informatique"}, {"sector": "informaticienne"}, 1),
        ("field", {"field_wish": "métiers de la santé"}, {"skills": "Sante publique"}, 1),
        ("field", {"field_wish": "Travailler dans la mode"}, {"sector": "Cadre dans la banque"}, 0),
        ("field", {"field_wish": "Le droit"}, {"sector": "Bâtiment"}, 0),
        ("interests", {"interests": ["music"]}, {"interests": ["music", "sport"]}, 0.5),
        ("interests", {"interests": ["music", "sport", "arts"]}, {"interests": ["music", "sport", "arts"]}, 1),
        ("hours", {"slots": ["mon_morning"]}, {"slots": ["mon_morning"]}, 1 / 3),
        ("hours", {"slots": []}, {"slots": ["mon_morning"]}, 0),
        ("near", {}, {"commune_code": "Tarare"}, 0.4),
    ],
)
def test_each_respect_gives_its_share(what, jeune, mentor, share):
    assert points(what, jeune, mentor) == pytest.approx(share)


def test_weights_change_who_is_proposed():
    jeune = a_jeune(interests=["music", "sport"])
    pool = pool_of([jeune], [a_mentor("near"), a_mentor("alike", interests=["music", "sport"], commune_code="Lille")])

    assert chosen_of(match(pool, ONLY["near"])) == {0: 0}
    assert chosen_of(match(pool, ONLY["interests"])) == {0: 1}


def test_only_the_proportions_of_the_weights_count():
    pool = pool_of([a_jeune(interests=["music"])], [a_mentor(interests=["music"], commune_code="Tarare")], waited=[3])

    doubled = {name: 2 * weight for name, weight in WEIGHTS.items()}

    assert match(pool, doubled).matches == match(pool, WEIGHTS).matches


def test_without_any_weight_everybody_is_still_brought_together():
    outcome = match(pool_of([a_jeune("A"), a_jeune("B")], [a_mentor("C"), a_mentor("D")]), dict.fromkeys(WEIGHTS, 0))

    assert len(chosen_of(outcome)) == 2
    assert outcome.left == {}


@pytest.mark.parametrize("weights", [WEIGHTS, ONLY["waiting"], ONLY["needs"]])
@pytest.mark.parametrize("waited", [[40, 30, 20, 10], [1000, 999, 998, 997], [2, 1, 1, 0]])
@pytest.mark.parametrize("room", [[1], [2], [3], [1, 1], [2, 1], [1, 2]])
def test_of_equals_who_waits_longest_is_first(weights, waited, room):
    jeunes, mentors = [a_jeune(str(rank)) for rank in range(4)], [a_mentor(str(rank)) for rank in range(len(room))]

    chosen = chosen_of(match(pool_of(jeunes, mentors, room=room, waited=waited), weights))

    assert sorted(waited[jeune] for jeune in chosen) == sorted(waited[: sum(room)])


def test_who_is_first_in_line_passes_before_who_fits_better():
    better = a_jeune("better", interests=["music", "sport"])
    mentor = a_mentor(interests=["music", "sport"])

    assert chosen_of(match(pool_of([better, a_jeune("first", first_in_line=True)], [mentor]), WEIGHTS)) == {1: 0}


def test_a_pin_passes_before_everything_else():
    jeunes = [a_jeune("A", first_in_line=True, interests=["music", "sport"]), a_jeune("B", commune_code="Lille")]
    mentors = [a_mentor("C", first_in_line=True, interests=["music", "sport"])]

    assert chosen_of(match(pool_of(jeunes, mentors, pinned=[(1, 0)], waited=[500, 0]), WEIGHTS)) == {1: 0}


def test_a_pin_opens_nothing_that_is_closed():
    assert match(pool_of([a_jeune()], [a_mentor()], pinned=[(0, 0)], unready=[(0, 0)]), WEIGHTS).left == {"Inès": "ready"}


def lists(words, most_of=3):
    return st.lists(st.sampled_from(words), max_size=most_of, unique=True)


PEOPLE = {
    "places": lists(["remote", "school", "home", "company"]),
    "slots": lists(["mon_morning", "tue_evening", "sat_morning"]),
    "languages": lists(["fr", "uk"]),
    "interests": lists(["music", "sport", "arts", "games"]),
    "commune_code": st.sampled_from(sorted(MAP)),
    "reach": st.sampled_from(["commune", "epci", "departement", "region"]),
    "first_in_line": st.booleans(),
}
JEUNES = st.fixed_dictionaries({
    **PEOPLE, "needs": lists(["school", "employment"]), "gender_wish": st.sampled_from([None, "any", "woman", "man"]),
    "situation": st.sampled_from([None, "college", "superieur"]), "field_wish": st.sampled_from([None, "Droit", "Santé, droit"]),
})  # fmt: skip
MENTORS = st.fixed_dictionaries({
    **PEOPLE, "axes": lists(["education", "employment"]), "agreement": st.sampled_from(["neutral", "feminine", "masculine"]),
    "preferred_public": st.sampled_from([None, "any", "college"]), "sector": st.sampled_from([None, "Droit", "Santé"]),
})  # fmt: skip
POOLS = st.tuples(st.lists(JEUNES, max_size=4), st.lists(MENTORS, max_size=3), st.data())


def drawn(jeunes, mentors, data):
    """A pool of these people, and how much each reason weighs."""
    couples = [(jeune, mentor) for jeune in range(len(jeunes)) for mentor in range(len(mentors))]
    some = st.lists(st.sampled_from(couples), unique=True, max_size=3) if couples else st.just([])
    room = data.draw(st.lists(st.integers(1, 2), min_size=len(mentors), max_size=len(mentors)))
    waited = data.draw(st.lists(st.integers(0, 900), min_size=len(jeunes), max_size=len(jeunes)))
    people = [a_jeune(str(i), **row) for i, row in enumerate(jeunes)], [a_mentor(str(i), **row) for i, row in enumerate(mentors)]
    pool = pool_of(*people, room, waited, unwanted=data.draw(some), pinned=data.draw(some))
    return pool, {name: data.draw(st.integers(0, 100)) for name in WEIGHTS}


@SMALL
@given(POOLS)
def test_everybody_is_proposed_once_or_told_why_not_and_the_whole_is_the_best(drawing):
    pool, weights = drawn(*drawing)

    outcome = match(pool, weights)

    chosen = chosen_of(outcome)
    assert len(chosen) + len(outcome.left) == len(pool.mentees.ids)
    if pool.mentees.ids:
        compared = Comparison(pool, weights)
        worth = np.where(compared.possible, compared.score + 1, 0).tolist()
        assert sum(worth[jeune][mentor] for jeune, mentor in chosen.items()) == most(worth, pool.room.tolist())
        assert all(compared.possible[found.mentee, found.mentor] for found in outcome.matches)


@SMALL
@given(POOLS)
def test_the_reasons_of_a_match_add_up_to_its_points(drawing):
    outcome = match(*drawn(*drawing))

    for found in outcome.matches:
        assert sum(reason["points"] for reason in found.reasons) == found.score
        assert all(0 <= reason["points"] <= reason["of"] for reason in found.reasons if reason["of"])


def test_two_who_are_both_first_in_line_have_both_in_their_reasons():
    outcome = match(pool_of([a_jeune(first_in_line=True)], [a_mentor(first_in_line=True)]), WEIGHTS)

    assert sum(reason["points"] for reason in outcome.matches[0].reasons) == outcome.matches[0].score


def test_a_reason_says_what_the_two_share():
    jeune = a_jeune(slots=["sat_morning", "mon_evening"], interests=["arts", "music"], places=["remote", "school"])
    mentor = a_mentor(slots=["mon_evening", "sun_evening"], interests=["music"], commune_code="Tarare", places=["school"])

    reasons = {reason["code"]: reason for reason in match(pool_of([jeune], [mentor], waited=[12]), WEIGHTS).matches[0].reasons}

    assert {code: reasons[code]["detail"] for code in ("hours", "interests", "near", "waiting", "places")} == {
        "hours": ["mon_evening"], "interests": ["music"], "near": ["departement"], "waiting": ["12"], "places": ["school"],
    }  # fmt: skip
