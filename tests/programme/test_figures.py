"""What the programme reads of each association, figures only, and the rules that it sets for all of them."""

from datetime import date, timedelta

import pytest
import time_machine

from app.database import now
from app.extensions import db
from app.leads.actions import orient, receive
from app.leads.models import Orientation
from app.leads.queries import answer_pace, association_names
from app.tenants.models import Tenant
from tests import factories

FIGURES, RULES = "/a/programme/associations", "/a/programme/regles"
GOOD = {"answer_days": "3", "decision_days": "8", "relays": "1", "minimum_months": "8"}


@pytest.fixture
def answered(in_space, programme, association):
    """An orientation of so many days ago, with what became of it: `answered(20, contacted=2, state="accepted")`."""

    def make(ago=20, contacted=None, answered=None, answer_in=7, whose=association, **values):
        asked = now() - timedelta(days=ago)
        moments = {
            "contacted_at": asked + timedelta(days=contacted) if contacted is not None else None,
            "answered_at": asked + timedelta(days=answered) if answered is not None else None,
        }
        with in_space(programme):
            taken = values.get("state") in {"accepted", "taken"}
            values["state"] = {"taken": "withdrawn"}.get(values.get("state"), values.get("state"))
            lead = factories.lead(state="accepted", accepted_at=now() if taken else None)
            due = (asked + timedelta(days=answer_in)).date()
            db.session.add(
                Orientation(
                    lead_id=lead.id, association_id=whose.id, kind="mentee", answer_by=due, created_at=asked, **moments, **values
                )
            )

    return make


def change(in_space, tenant, **values):
    with in_space(tenant):
        row = db.session.get(Tenant, tenant.id)
        for name, value in values.items():
            setattr(row, name, value)


def test_the_associations_are_figures(operator, answered, association, elsewhere):
    with time_machine.travel("2026-11-24T10:00:00Z", tick=False):
        answered(3, state="delivered")
        for state in ("accepted", "accepted", "declined"):
            answered(3, answered=1, state=state)
        answered(3, answered=1, state="withdrawn", decline_reason="withdrawn")
        answered(3, answered=1, state="taken")
        answered(30, answered=3, state="accepted")

        page = operator.page(FIGURES)

    assert [row[:-1] for row in page.rows] == [
        ["Ailleurs", "59", "0", "0", "0", "–", "–", "20 sur 20", "20 sur 20"],
        ["Passerelle", "69, 38", "5", "3", "1", "1 j", "100 %", "17 sur 20", "20 sur 20"],
    ]


def test_an_association_that_lowered_its_offer_has_no_room_rather_than_less_than_none(operator, answered, association, in_space):
    change(in_space, association, mentee_capacity=1)
    with time_machine.travel("2026-11-24T10:00:00Z", tick=False):
        answered(3, state="delivered")
        answered(3, state="delivered")

        (row,) = operator.page(FIGURES).rows

    assert row[-3] == "0 sur 1"


def test_an_association_on_pause_or_open_to_all_says_so(operator, in_space, association):
    change(in_space, association, all_france=True, paused_until=factories.today() + timedelta(days=9))

    (row,) = operator.page(FIGURES).rows

    assert row[:2] == ["Passerelle en pause", "69, 38, toute la France à distance"]


PACES = [
    ([{"contacted": 2}], (2.0, 1.0)),
    ([{"answered": 3, "state": "declined", "decline_reason": "age"}], (3.0, 1.0)),
    ([{"contacted": 2, "answered": 6, "state": "accepted"}], (2.0, 1.0)),
    ([{"contacted": 1}, {"contacted": 2}, {"contacted": 6}], (2.0, 1.0)),
    ([{"contacted": 1}, {"contacted": 2}], (1.5, 1.0)),
    ([{"ago": 20}], (None, 0.0)),
    ([{"ago": 20}, {"contacted": 4}], (4.0, 0.5)),
    ([{"ago": 2}], (None, None)),
    ([{"ago": 2}, {"contacted": 4}], (4.0, 1.0)),
    ([{"contacted": 4, "state": "withdrawn"}], None),
    ([{"contacted": 4, "answered": 5, "state": "taken"}], (4.0, 1.0)),
    ([{"contacted": 4}, {"decline_reason": "late", "is_direct": True}], (4.0, 1.0)),
    ([{"ago": 91, "contacted": 4}], None),
    ([{"ago": 89, "contacted": 4}], (4.0, 1.0)),
]


@pytest.mark.parametrize(("orientations", "pace"), PACES)
def test_the_pace_of_an_association(orientations, pace, answered, in_space, programme, association):
    for values in orientations:
        answered(**values)

    with in_space(programme):
        found = answer_pace().get(association.id)

    assert (found and (found.days and pytest.approx(float(found.days)), found.in_time)) == pace


def test_what_was_given_back_by_the_clock_was_not_in_time(answered, in_space, programme, association):
    answered(contacted=1)
    answered(answered=8, state="declined", decline_reason="late")

    with in_space(programme):
        assert answer_pace()[association.id].in_time == 0.5


def test_each_association_has_its_own_pace(operator, answered, association, elsewhere):
    answered(contacted=2)
    answered(contacted=3)
    answered(contacted=5, whose=elsewhere)
    answered(whose=elsewhere)
    answered(whose=elsewhere)

    page = operator.page(FIGURES)

    assert [(row[0], *row[5:7]) for row in page.rows] == [("Ailleurs", "5 j", "33 %"), ("Passerelle", "2,5 j", "100 %")]


def test_the_figures_of_many_orientations_ask_the_database_the_same(operator, answered, statements):
    answered(contacted=2)
    operator.page(FIGURES)
    with statements() as few:
        operator.page(FIGURES)
    for _rank in range(8):
        answered(contacted=2)

    with statements() as many:
        operator.page(FIGURES)

    assert len(many) == len(few)


def test_the_rules_are_shown_as_they_are(operator):
    page = operator.page(RULES)

    assert [page.value(name) for name in GOOD] == ["5", "15", "3", "6"]
    assert "Une demande déjà partie garde les siennes." in page.text


def test_the_rules_are_stored_for_the_programme_alone(operator, in_space, programme, association):
    page = operator.send(RULES, GOOD)

    assert page.flashes == ["Les règles sont enregistrées."]
    assert [page.value(name) for name in GOOD] == ["3", "8", "1", "8"]
    with in_space(association):
        untouched = db.session.get(Tenant, association.id)
        assert (untouched.answer_days, untouched.decision_days, untouched.relays) == (5, 15, 3)


EDGES = [("answer_days", 1, 30), ("decision_days", 1, 60), ("relays", 0, 10), ("minimum_months", 1, 36)]


@pytest.mark.parametrize(("name", "lowest", "highest"), EDGES)
def test_a_rule_has_its_bounds(name, lowest, highest, operator, in_space, programme):
    for value in (lowest, highest):
        assert operator.send(RULES, {**GOOD, name: value}).flashes == ["Les règles sont enregistrées."]
    for value in (lowest - 1, highest + 1):
        page = operator.send(RULES, {**GOOD, name: value})
        assert (page.status, len(page.errors)) == (422, 1)
        assert page.errors[0].startswith(f"De {lowest} à {highest}")
    with in_space(programme):
        assert getattr(db.session.get(Tenant, programme.id), name) == highest


@pytest.mark.parametrize("typed", ["", "trois", "2.5", "1e1", "9" * 40, "-1", "\u202e"])
def test_a_rule_is_a_whole_number(typed, operator, in_space, programme):
    page = operator.send(RULES, {**GOOD, "answer_days": typed})

    assert page.status == 422
    assert page.errors
    with in_space(programme):
        assert db.session.get(Tenant, programme.id).answer_days == 5


def test_nothing_else_of_the_programme_is_set_with_the_rules(operator, in_space, programme):
    operator.send(RULES, {**GOOD, "name": "Autre", "slug": "autre", "kind": "association", "paused_until": "2030-01-01"})

    with in_space(programme):
        tenant = db.session.get(Tenant, programme.id)
        assert (tenant.name, tenant.slug, tenant.kind, tenant.paused_until) == ("Le programme", "programme", "programme", None)


def test_the_next_orientation_follows_the_rules_and_the_one_before_keeps_its_own(operator, in_space, programme, association):
    with time_machine.travel("2026-11-02T10:00:00Z", tick=False):
        with in_space(programme):
            receive(factories.lead(), db.session.get(Tenant, programme.id))
        operator.send(RULES, GOOD)
        with in_space(programme):
            receive(factories.lead(), db.session.get(Tenant, programme.id))

    with in_space(programme):
        days = [row.answer_by for row in db.session.query(Orientation).order_by(Orientation.id)]
    assert sorted(days) == [date(2026, 11, 5), date(2026, 11, 9)]


def test_an_association_answers_its_own_form_by_the_rules_of_the_programme(operator, in_space, association):
    operator.send(RULES, GOOD)

    with time_machine.travel("2026-11-02T10:00:00Z", tick=False), in_space(association):
        lead = factories.lead()
        receive(lead, db.session.get(Tenant, association.id))

        assert lead.answer_by == date(2026, 11, 5)


@pytest.mark.parametrize("who", ["coordinator", "admin", "mentor"])
def test_the_rules_are_the_operators_alone(who, app, people, in_space, programme):
    client = app.test_client().sign_in(getattr(people, who).user_id)

    assert client.page(RULES).status == 404
    assert client.send(RULES, GOOD).status == 404
    assert client.send("/a/passerelle/regles", GOOD).status == 403
    with in_space(programme):
        assert db.session.get(Tenant, programme.id).answer_days == 5


def test_a_visitor_signs_in_before_reading_the_rules(client, programme):
    assert client.get(RULES).status_code in {302, 303}


def test_a_territory_is_said_whole(operator, association, in_space):
    with in_space(association):
        tenant = db.session.get(Tenant, association.id)
        tenant.departements, tenant.regions, tenant.communes, tenant.all_france = [], ["84"], ["38317"], True

    page = operator.page("/a/programme/associations")

    assert "Auvergne-Rhône-Alpes, 1 commune, toute la France à distance" in page.text


def test_whoever_has_no_second_factor_does_not_shut_themselves_out(operator):
    page = operator.send(RULES, {**GOOD, "asks_second_factor": "y"})

    assert (page.status, len(page.errors)) == (422, 1)
    assert page.errors[0].startswith("Mettez d'abord le vôtre en place")
    assert operator.page(RULES).status == 200


def test_the_programme_sends_nothing_more_to_an_association_that_stops(operator, client, in_space, programme, association):
    page = operator.send(f"{FIGURES}/suspension?association={association.id}")

    assert "Rien n'est plus confié à Passerelle." in page.flashes[0]
    assert (page.rows[0][0], page.rows[0][-1]) == ("Passerelle suspendue", "Lui confier de nouveau Passerelle")
    with in_space(programme):
        lead = factories.lead(state="waiting", departement_code="69")
        assert orient(lead, db.session.get(Tenant, programme.id), factories.today()) is None
        assert lead.waiting_reason == "paused"
    with in_space(association):
        admin = factories.member(association, "admin")
    home = client.sign_in(admin).page("/a/passerelle/")
    assert "Le programme ne vous confie plus rien" in home.text
    assert not home.soup.select("main a[href$='/reglages/offre']"), "the offer changes nothing to it"
    assert "Le programme ne vous confie plus rien" in client.page("/a/passerelle/reglages/offre").text
    assert client.sign_in(admin).send(f"{FIGURES}/suspension?association={association.id}&reprise=1").status in {403, 404}

    page = operator.send(f"{FIGURES}/suspension?association={association.id}&reprise=1")

    assert page.flashes == ["Passerelle reçoit de nouveau des demandes."]
    assert operator.send(f"{FIGURES}/suspension?association={programme.id}").status == 404


def test_two_associations_of_one_name_are_told_apart(app, programme, association, in_space):
    factories.association(app, "passerelle-nord", "Passerelle", ["59"], city="Lille")

    with in_space(programme):
        assert sorted(association_names().values()) == ["Passerelle (Lille)", f"Passerelle ({association.city or 'passerelle'})"]
    factories.association(app, "passerelle-sud", "Passerelle", ["59"], city="Lille")
    with in_space(programme):
        assert {"Passerelle (passerelle-nord)", "Passerelle (passerelle-sud)"} < set(association_names().values())


def test_a_late_page_of_rules_undoes_nothing(operator, programme, in_space):
    shown = operator.page(RULES).value("shown")
    change(in_space, programme, asks_second_factor=False, relays=7)

    page = operator.send(RULES, {**GOOD, "relays": "2", "shown": shown})

    assert len(page.errors) == 1
    page = operator.send(RULES, {**GOOD, "relays": "7", "answer_days": "4", "shown": shown})
    assert page.flashes == ["Les règles sont enregistrées."]
    with in_space(programme):
        row = db.session.get(Tenant, programme.id)
        assert (row.relays, row.answer_days) == (7, 4)
