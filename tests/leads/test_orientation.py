"""Which association a request goes to, and why it waits."""

from datetime import date, timedelta
from random import Random

import pytest
import time_machine

from app.database import now
from app.extensions import db
from app.leads import actions
from app.leads.calendar import add_working_days, is_working_day
from app.leads.models import Lead, LeadState, Orientation
from app.leads.orientation import Load, Market, Offer, Wish, departements_served, examine, obstacles, waiting_reason
from app.leads.queries import figures_by_association, loads_of
from app.tenants.models import Tenant
from tests import factories

TODAY = date(2026, 11, 24)


def offer(**changes):
    """An association that takes everything in the Rhône."""
    values = {
        "id": factories.uuid7(), "name": "Passerelle", "departements": ["69"], "axes": ["education", "employment"],
        "regions": [], "communes": [], "publics": [], "places": [], "languages": [],
        "all_france": False, "min_age": 6, "max_age": 29, "mentee_capacity": 2, "mentor_capacity": 2,
    }  # fmt: skip
    return Tenant(**{**values, **changes})


def request(**changes):
    """Somebody of 20 in Lyon, who studies and has difficulties at school."""
    values = {
        "kind": "mentee", "age": 20, "commune_code": "69123", "departement_code": "69", "situation": "superieur",
        "needs": ["school"], "axes": [], "places": ["remote"], "languages": [],
    }  # fmt: skip
    return Lead(**{**values, **changes})


def stands_in_the_way(tenant, lead, load=Load(), declined=frozenset()):
    return next(obstacles(Offer.of(tenant, TODAY), Wish.of(lead, TODAY), load, declined), None)


@pytest.mark.parametrize(
    ("tenant", "lead", "expected"),
    [
        ({}, {}, None),
        ({"departements": ["59"]}, {}, "territory"),
        ({"departements": ["59"], "all_france": True}, {}, None),
        ({"departements": ["59"], "all_france": True}, {"places": []}, None),
        ({"departements": ["59"], "all_france": True}, {"places": ["home"]}, "territory"),
        ({"paused_until": TODAY + timedelta(days=1)}, {}, "paused"),
        ({"paused_until": TODAY}, {}, None),
        ({"mentee_capacity": 0}, {}, "kind"),
        ({"mentor_capacity": 0}, {"kind": "mentor"}, "kind"),
        ({"axes": ["employment"]}, {}, "axis"),
        ({"axes": ["employment"]}, {"needs": ["school", "employment"]}, None),
        ({"axes": ["employment"]}, {"needs": []}, None),
        ({"axes": ["education"]}, {"needs": ["orientation"]}, None),
        ({"axes": ["education"]}, {"kind": "mentor", "needs": [], "axes": ["employment"]}, "axis"),
        ({"min_age": 21}, {}, "age"),
        ({"max_age": 19}, {}, "age"),
        ({"min_age": 20, "max_age": 20}, {}, None),
        ({}, {"age": None}, "age"),
        ({"max_age": 19}, {"kind": "mentor", "age": 70}, None),
        ({"departements": [], "communes": ["69123"]}, {}, None),
        ({"departements": [], "communes": ["69266"]}, {}, "territory"),
        ({"departements": [], "communes": ["69266"], "all_france": True}, {}, None),
        ({"departements": [], "regions": ["84"]}, {}, None),
        ({"departements": [], "regions": ["84"]}, {"departement_code": "38"}, None),
        ({"departements": [], "regions": ["11"]}, {}, "territory"),
        ({"departements": [], "regions": ["94"]}, {"departement_code": "2A"}, None),
        ({"departements": [], "regions": ["04"]}, {"departement_code": "974"}, None),
        ({"publics": ["college"]}, {}, "public"),
        ({"publics": ["college", "superieur"]}, {}, None),
        ({"publics": ["college"]}, {"situation": None}, None),
        ({"publics": ["college"]}, {"kind": "mentor"}, None),
        ({"publics": ["college"], "min_age": 21}, {}, "public"),
        ({"places": ["home", "company"]}, {}, "place"),
        ({"places": ["home", "remote"]}, {}, None),
        ({"places": ["home"]}, {"places": []}, None),
        ({"places": ["home"]}, {"kind": "mentor"}, "place"),
        ({"places": ["association"], "all_france": True}, {"places": ["home"]}, "place"),
        ({"places": ["association"], "all_france": True}, {}, None),
    ],
)
def test_one_condition_stands_in_the_way(tenant, lead, expected):
    assert stands_in_the_way(offer(**tenant), request(**lead)) == expected


@pytest.mark.parametrize(("sent", "expected"), [(0, None), (1, None), (2, "capacity"), (3, "capacity")])
def test_the_capacity_of_the_month_is_the_last_condition(sent, expected):
    assert stands_in_the_way(offer(), request(), Load(sent=sent)) == expected


def test_an_association_that_declined_is_not_asked_again():
    tenant = offer()

    assert stands_in_the_way(tenant, request(), declined={tenant.id}) == "declined"


@pytest.mark.parametrize(
    ("tenant", "lead", "reasons"),
    [
        ({}, {}, ("departement", "axis_education")),
        ({"departements": [], "all_france": True}, {}, ("remote", "axis_education")),
        ({}, {"needs": ["school", "employment"]}, ("departement", "axis_education", "axis_employment")),
        ({}, {"needs": []}, ("departement",)),
        ({"communes": ["69123"]}, {"needs": []}, ("commune",)),
        ({"regions": ["84"]}, {"needs": []}, ("departement",)),
        ({"departements": [], "regions": ["84"]}, {"needs": []}, ("region",)),
        ({"languages": ["ar"]}, {"needs": [], "languages": ["fr", "ar"]}, ("departement", "language_ar")),
        ({"languages": ["fr"]}, {"needs": [], "languages": ["fr"]}, ("departement",)),
        ({"languages": ["ar", "bm"]}, {"needs": [], "languages": ["bm", "ar"]}, ("departement", "language_ar")),
        ({"publics": ["superieur"]}, {"needs": []}, ("departement", "public")),
    ],
)
def test_the_choice_says_why(tenant, lead, reasons):
    [candidate] = examine(request(**lead), [offer(**tenant)], {}, set(), TODAY)

    assert candidate.reasons == reasons


def test_the_least_loaded_comes_first_then_who_waited_longest_then_the_name():
    full, half = offer(name="A", mentee_capacity=10), offer(name="B", mentee_capacity=2)
    recent, early, never = offer(name="C"), offer(name="D"), offer(name="E")
    loads = {
        full.id: Load(9, TODAY), half.id: Load(1, TODAY),
        recent.id: Load(0, TODAY), early.id: Load(0, date(2026, 11, 2)),
    }  # fmt: skip

    ranked = examine(request(), [full, half, recent, early, never, offer(name="F")], loads, set(), TODAY)

    assert [c.tenant.name for c in ranked] == ["E", "F", "D", "C", "B", "A"]


def chosen_first(lead, *tenants, loads=None):
    """The name of the association that comes first."""
    return examine(lead, tenants, loads or {}, set(), TODAY)[0].tenant.name


def test_the_commune_comes_before_the_departement_the_region_and_what_is_far():
    far, region = offer(name="A", departements=[], all_france=True), offer(name="B", departements=[], regions=["84"])
    departement, commune = offer(name="C"), offer(name="D", departements=[], communes=["69123"])

    ranked = examine(request(), [far, region, departement, commune], {}, set(), TODAY)

    assert [(c.tenant.name, c.reasons[0], c.points) for c in ranked] == [
        ("D", "commune", 80), ("C", "departement", 70), ("B", "region", 60), ("A", "remote", 50),
    ]  # fmt: skip


def test_what_is_near_comes_first_even_without_room_to_spare():
    far, near = offer(name="A", departements=[], all_france=True, languages=["ar"]), offer(name="B", mentee_capacity=10)

    assert chosen_first(request(languages=["ar"]), far, near, loads={near.id: Load(9, TODAY)}) == "B"


@pytest.mark.parametrize("better", [{"languages": ["ar"]}, {"publics": ["superieur"]}, {"communes": ["69123"]}])
def test_what_is_shared_with_the_person_comes_before_the_name(better):
    assert chosen_first(request(languages=["ar"]), offer(name="A"), offer(name="B", **better)) == "B"


def test_the_room_left_weighs_more_than_a_language():
    full, free = offer(name="A", languages=["ar"], mentee_capacity=4), offer(name="B", mentee_capacity=4)

    assert chosen_first(request(languages=["ar"]), full, free, loads={full.id: Load(1, TODAY)}) == "B"


@pytest.mark.parametrize(
    ("tenants", "lead", "reason"),
    [
        ([], {}, "territory"),
        ([{"departements": ["59"]}], {}, "territory"),
        ([{"departements": ["59"]}, {"axes": ["employment"]}], {}, "axis"),
        ([{"min_age": 25}, {"axes": ["employment"]}], {}, "age"),
        ([{"mentor_capacity": 0}], {"kind": "mentor"}, "kind"),
        ([{"paused_until": date(2027, 1, 1)}, {"departements": []}], {}, "paused"),
        ([{}], {"age": None}, "birth_date"),
        ([{"departements": ["59"]}, {"publics": ["college"]}], {}, "public"),
        ([{"publics": ["college"]}, {"places": ["home"]}], {}, "place"),
    ],
)
def test_a_request_waits_for_the_reason_of_the_nearest_association(tenants, lead, reason):
    lead = request(**lead)
    candidates = examine(lead, [offer(**tenant) for tenant in tenants], {}, set(), TODAY)

    assert waiting_reason(lead, [c.obstacle for c in candidates if c.obstacle], TODAY) == reason


def some(chance, values):
    """None, some or all of these."""
    return chance.sample(values, chance.randint(0, len(values)))


def test_the_quick_choice_is_the_one_that_the_desk_sees_first():
    chance = Random(7)  # noqa: S311  (the same situations every time)
    for _case in range(300):
        tenants = [
            offer(name=f"A{rank}", departements=chance.sample(["69", "38", "59"], chance.randint(0, 2)),
                  regions=some(chance, ["84", "11"]), communes=some(chance, ["69123", "69266", "38185"]),
                  publics=some(chance, ["superieur", "college"]), places=some(chance, ["remote", "home"]),
                  languages=some(chance, ["ar", "bm", "fr"]), all_france=chance.random() < 0.3,
                  axes=chance.choice([["education"], ["employment"]]), mentee_capacity=chance.randint(0, 4),
                  paused_until=chance.choice([None, date(2027, 1, 1)]))
            for rank in range(8)
        ]  # fmt: skip
        loads = {tenant.id: Load(chance.randint(0, 4), chance.choice([None, TODAY])) for tenant in tenants}
        declined = {chance.choice(tenants).id}
        commune = chance.choice(["69123", "69266", "38185", "59350"])
        lead = request(age=chance.choice([None, 8, 20]), places=chance.choice([["remote"], ["home"]]), commune_code=commune,
                       departement_code=commune[:2], languages=some(chance, ["ar", "bm", "fr"]))  # fmt: skip

        chosen, reason = Market(tenants, {"mentee": loads}, TODAY).choose(lead, declined)

        first = examine(lead, tenants, loads, declined, TODAY)[0]
        assert (chosen or first) == first
        assert (chosen is None) == (not first.fits) == bool(reason)
        assert not reason or reason == waiting_reason(lead, obstacles_of(lead, tenants, loads, declined), TODAY)


def obstacles_of(lead, tenants, loads, declined):
    """What the desk reads beside each association."""
    return [c.obstacle for c in examine(lead, tenants, loads, declined, TODAY)]


def test_where_an_association_serves_is_every_departement_that_it_reaches():
    tenant = offer(departements=["59"], regions=["94"], communes=["69123", "97411"])

    assert departements_served(tenant) == {"59", "2A", "2B", "69", "974"}


def received(count, programme, **changes):
    """Requests that just arrived at the programme."""
    leads = [factories.lead(state="waiting", answer_by=None, **changes) for _ in range(count)]
    for lead in leads:
        actions.orient(lead, programme, factories.today())
    return leads


def shares(stored, programme):
    """How many requests each association was sent."""
    given = {}
    for row in stored(programme, Orientation):
        given[row.association_id] = given.get(row.association_id, 0) + 1
    return given


def test_thirty_requests_are_shared_in_proportion_of_the_capacities(app, programme, in_space, stored):
    sizes = {factories.association(app, f"a{size}", f"A{size}", ["69"], course=False, mentee_capacity=size).id: size
             for size in (10, 20, 30)}  # fmt: skip

    with in_space(programme):
        received(30, programme)

    given = shares(stored, programme)
    assert {size: given[tenant] for tenant, size in sizes.items()} == {10: 5, 20: 10, 30: 15}


def test_no_association_is_sent_more_than_its_capacity(app, programme, in_space, stored):
    sizes = {factories.association(app, f"a{n}", f"A{n}", ["69"], course=False, mentee_capacity=n).id: n for n in (1, 2, 4)}

    with in_space(programme):
        leads = received(10, programme)

    assert shares(stored, programme) == sizes
    assert [lead.waiting_reason for lead in leads] == [None] * 7 + ["capacity"] * 3


def test_mentors_and_mentees_are_counted_apart(programme, association, in_space):
    with in_space(programme):
        db.session.get(Tenant, association.id).mentee_capacity = 1
        leads = [*received(2, programme), *received(1, programme, kind="mentor")]

    assert [lead.state for lead in leads] == ["oriented", "waiting", "oriented"]


@pytest.mark.parametrize(
    ("at", "oriented"),
    [
        ("2026-12-31T22:30:00Z", False),  # 31 December, 23 h 30 in Paris
        ("2026-12-31T23:30:00Z", True),  # 1 January, 0 h 30 in Paris
        ("2027-01-01T12:00:00Z", True),
    ],
)
def test_a_new_month_brings_the_capacity_back(app, programme, in_space, at, oriented):
    factories.association(app, "petite", "Petite", ["69"], course=False, mentee_capacity=1)
    with time_machine.travel("2026-12-15T12:00:00Z"), in_space(programme):
        received(1, programme)

    with time_machine.travel(at), in_space(programme):
        lead = factories.lead(state="waiting")
        actions.orient(lead, programme, now().astimezone(programme.zone).date())

    assert (lead.state == LeadState.ORIENTED) is oriented


def test_what_is_sent_in_the_first_hour_of_a_month_in_paris_counts_in_that_month(programme, association, in_space):
    with time_machine.travel("2026-12-31T23:30:00Z"), in_space(programme):
        received(1, programme)

    with time_machine.travel("2027-01-05T12:00:00Z"), in_space(programme):
        loads, figures = loads_of("mentee", date(2027, 1, 5)), figures_by_association(date(2027, 1, 5))

    assert loads[association.id] == Load(1, date(2027, 1, 1))
    assert figures == {association.id: {"sent": 1}}


def test_requests_that_wait_are_taken_again_oldest_first(app, programme, in_space):
    with in_space(programme):
        leads = [factories.lead(state="waiting", requested_at=now() - timedelta(days=day)) for day in (1, 3, 2)]

        assert actions.waiting_leads(100) == [leads[1], leads[2], leads[0]]


@pytest.mark.parametrize(
    ("changes", "possible"),
    [
        ({}, True),
        ({"mentee_capacity": 1}, True),
        ({"departements": ["59"]}, True),
        ({"axes": ["employment"]}, True),
        ({"publics": ["college"]}, True),
        ({"places": ["home"]}, True),
        ({"mentee_capacity": 0}, False),
        ({"max_age": 19}, False),
        ({"paused_until": date(2099, 1, 1)}, False),
        ({"departements": ["59"], "max_age": 19}, False),
        ({"departements": ["59"], "paused_until": date(2099, 1, 1)}, False),
        ({"axes": ["employment"], "mentee_capacity": 0}, False),
    ],
)
def test_by_hand_an_association_may_agree_to_more_than_it_offers(app, programme, in_space, changes, possible):
    tenant = factories.association(app, "petite", "Petite", ["69"], course=False)
    with in_space(programme):
        received(1, programme)
        for name, value in changes.items():
            setattr(db.session.get(Tenant, tenant.id), name, value)
        lead, by = factories.lead(state="waiting"), factories.user().id

        assert orients(lead, tenant, programme, by) is possible
        assert (lead.state == LeadState.ORIENTED) is possible


def orients(lead, tenant, programme, by):
    """Whether the operator can send a request there."""
    try:
        return actions.orient_by_hand(lead, tenant.id, programme, factories.today(), by).by_hand
    except actions.CannotOrient:
        return False


def test_by_hand_an_association_that_declined_may_be_asked_again(programme, association, in_space):
    with in_space(programme):
        [lead] = received(1, programme)
        orientation = actions.current_orientation(lead)
        orientation.state, lead.state = "declined", "waiting"
        db.session.flush()

        again = actions.orient_by_hand(lead, association.id, programme, factories.today(), factories.user().id)

    assert (again.association_id, again.by_hand, lead.state) == (association.id, True, "oriented")


@pytest.mark.parametrize("state", ["oriented", "accepted", "withdrawn"])
def test_a_request_that_does_not_wait_is_not_oriented_by_hand(programme, association, in_space, state):
    with in_space(programme):
        lead, by = factories.lead(state=state), factories.user().id

        with pytest.raises(actions.CannotOrient, match="n'attend plus"):
            actions.orient_by_hand(lead, association.id, programme, factories.today(), by)


def test_what_is_no_association_is_not_chosen_by_hand(programme, association, in_space):
    with in_space(programme):
        lead, by = factories.lead(state="waiting"), factories.user().id

        with pytest.raises(actions.CannotOrient, match="ne peut pas recevoir"):
            actions.orient_by_hand(lead, programme.id, programme, factories.today(), by)


@pytest.mark.parametrize(
    ("day", "works"),
    [(date(2026, 11, 24), True), (date(2026, 11, 28), False), (date(2026, 11, 11), False), (date(2026, 12, 25), False),
     (date(2026, 5, 14), False)],
)  # fmt: skip
def test_working_days_are_those_of_france(day, works):
    assert is_working_day(day) is works


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [(date(2026, 11, 24), 5, date(2026, 12, 1)), (date(2026, 11, 27), 1, date(2026, 11, 30)),
     (date(2026, 11, 10), 1, date(2026, 11, 12)),
     (date(2026, 11, 24), 0, date(2026, 11, 24))],
)  # fmt: skip
def test_an_answer_is_due_in_working_days(start, count, end):
    assert add_working_days(start, count) == end
