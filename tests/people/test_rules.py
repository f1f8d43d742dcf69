"""What is asked before a first meeting: the programme's minimum, the association's own rules in versions, and exceptions."""

import pytest

from app.extensions import db
from app.people import rules
from app.people.check_models import GateException, GateVersion
from app.people.models import SensitiveFact
from app.people.rules import Rule
from tests import factories

from .situations import SPACE, asks, charter, check, day, exception, lacking

RULES = f"{SPACE}/reglages/avant-rencontre"
WHY = {"note": "Décision du conseil."}
NO_RULE = "Votre association ne demande rien de plus que la loi et le programme"
SIX_MONTHS = "Une exception dure six mois au plus, à partir d'aujourd'hui."


@pytest.fixture
def mentee(association, in_space):
    """A jeune of 20."""
    with in_space(association):
        return factories.mentee(association, first_name="Lina")


@pytest.fixture
def asked(association, in_space):
    """The association asks for the bulletin of everybody."""
    with in_space(association):
        asks("record")


def request(piece="record", reason="Le bulletin arrive.", until=None):
    return {"piece": piece, "reason": reason, "until": until or day(30)}


def in_force(piece):
    """The rules for a piece: audience, months of freshness, months of renewal, firm."""
    found = [rule for rule in rules.rules_in_force() if rule.piece == piece]
    return [(rule.audience, rule.fresh, rule.renew, rule.firm) for rule in found]


def test_the_law_is_asked_of_every_association_from_the_first_day(boss, association, in_space):
    page = boss.page(RULES)

    months = "datant de moins de 6 mois, à renouveler tous les 36 mois"
    first = f"Attestation d'honorabilité : jeunes de la protection de l'enfance, {months}"
    assert page.heading == "Avant une rencontre"
    assert first in page.text
    with in_space(association):
        assert rules.rules_in_force() == [Rule("honorability", "ase", 6, 36, True)]


def test_a_version_is_in_force_from_the_moment_it_is_made(boss, association, in_space, stored):
    page = boss.send(RULES, {"record-audiences": ["minors"], "record-fresh": "3", "identity-audiences": ["all"], **WHY})

    [row] = stored(association, GateVersion)
    assert page.flashes == ["Ces règles valent à partir de maintenant."]
    assert "Version 1 · Décision du conseil." in page.text
    assert row.rules == [{"piece": "identity", "audience": "all"}, {"piece": "record", "audience": "minors", "fresh": 3}]
    with in_space(association):
        assert in_force("record") == [("minors", 3, None, False)]


def test_every_version_stays_readable_with_who_made_it(boss, association, stored):
    boss.send(RULES, {"record-audiences": ["all"], **WHY})
    boss.send(RULES, {"note": "Finalement non."})

    page = boss.page(RULES)

    assert [row.number for row in stored(association, GateVersion)] == [1, 2]
    assert "Version 2 · Finalement non." in page.text
    assert "rien de plus" in page.text
    assert "Bulletin n° 3 du casier judiciaire : tous les binômes" in page.text


@pytest.mark.parametrize("typed", [{}, {"record-audiences": ["all"], "record-fresh": "3"}])
def test_the_same_again_makes_no_version(boss, association, stored, typed):
    boss.send(RULES, {**typed, **WHY})
    before = len(stored(association, GateVersion))

    page = boss.send(RULES, {**typed, "note": "Encore."})

    assert page.flashes == ["Rien n'a changé."]
    assert len(stored(association, GateVersion)) == before


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"note": ""}, "À remplir."),
        ({"record-fresh": "0"}, "De 1 à 60 mois."),
        ({"record-fresh": "61"}, "De 1 à 60 mois."),
        ({"record-renew": "121"}, "De 1 à 120 mois."),
        ({"record-renew": "-1"}, "De 1 à 120 mois."),
    ],
)
def test_figures_that_make_no_sense_are_refused(boss, association, stored, typed, sentence):
    page = boss.send(RULES, {"record-audiences": ["all"], **WHY, **typed})

    assert (page.status, page.errors) == (422, [sentence])
    assert stored(association, GateVersion) == []


def test_an_audience_that_does_not_exist_is_refused(boss, association, stored):
    page = boss.send(RULES, {"record-audiences": ["nobody"], **WHY})

    assert page.status == 422
    assert stored(association, GateVersion) == []


def test_a_charter_that_is_not_written_cannot_be_asked_for(boss, association, in_space, stored):
    refused = boss.send(RULES, {"charter-audiences": ["all"], **WHY})
    with in_space(association):
        charter()

    page = boss.send(RULES, {"charter-audiences": ["all"], **WHY})

    assert refused.status == 422
    assert page.flashes == ["Ces règles valent à partir de maintenant."]
    assert len(stored(association, GateVersion)) == 1


def test_only_a_document_has_months(boss, association, in_space, stored):
    boss.send(RULES, {"decision-audiences": ["all"], "decision-fresh": "3", "decision-renew": "3", **WHY})

    assert stored(association, GateVersion)[0].rules == [{"piece": "decision", "audience": "all"}]


def test_only_an_admin_sets_rules(office, association, mentor, app, stored):
    for browser in (office, app.test_client().sign_in(mentor.user_id)):
        assert browser.page(RULES).status == 403
        assert browser.send(RULES, {"record-audiences": ["all"], **WHY}).status == 403

    assert stored(association, GateVersion) == []


def test_another_association_s_rules_are_not_ours(association, elsewhere, in_space):
    with in_space(elsewhere):
        asks("record", "charter")

    with in_space(association):
        assert [rule.piece for rule in rules.rules_in_force()] == ["honorability"]


@pytest.mark.parametrize(
    ("own", "together"),
    [
        ({"fresh": 3, "renew": 24}, (3, 24)),
        ({"fresh": 12, "renew": 60}, (6, 36)),
        ({"fresh": 3}, (3, 36)),
        ({"renew": 12}, (6, 12)),
        ({}, (6, 36)),
    ],
)
def test_the_stricter_of_two_figures_counts(association, in_space, own, together):
    with in_space(association):
        asks("honorability", audience="ase", **own)

        assert in_force("honorability") == [("ase", *together, True)]


def test_what_an_association_asks_of_others_is_not_firm(association, in_space):
    with in_space(association):
        asks("honorability", audience="all", fresh=12)

        assert in_force("honorability") == [("all", 12, None, False), ("ase", 6, 36, True)]


@pytest.mark.parametrize(
    ("audience", "age", "is_ase", "asked"),
    [
        ("all", 20, False, True),
        ("minors", 20, False, False),
        ("minors", 17, False, True),
        ("minors", None, False, True),
        ("ase", 17, False, False),
        ("ase", 20, True, True),
    ],
)
def test_a_rule_is_asked_of_its_audience(association, in_space, mentor, audience, age, is_ase, asked):
    with in_space(association):
        asks("record", audience=audience)
        mentee = factories.mentee(association, age=age)
        if is_ase:
            db.session.add(SensitiveFact(mentee_id=mentee.id, kind="ase", noted_by=factories.user().id))
            db.session.flush()

        assert ("record" in lacking(mentor, mentee)) is asked


def test_a_stricter_rule_undoes_a_check_that_was_good_before(association, in_space, mentor, mentee):
    with in_space(association):
        asks("record", fresh=6)
        check(mentor, "record", document_on=day(-150), seen_on=day(-7))
        before = lacking(mentor, mentee)
        asks("record", fresh=3)

        assert ("record" in before, "record" in lacking(mentor, mentee)) == (False, True)


def test_an_admin_makes_an_exception_with_its_reason(boss, association, mentor, asked, stored):
    page = boss.send(f"{SPACE}/mentors/{mentor.id}/exception", request())

    [row] = stored(association, GateException)
    assert page.flashes == ["L'exception est notée, à votre nom."]
    assert "Le bulletin arrive." in page.text
    assert (row.mentor_id, row.piece, row.until, row.withdrawn_at) == (mentor.id, "record", day(30), None)


def test_no_exception_is_made_for_a_document_that_stands_against(boss, association, in_space, mentor, asked, stored):
    with in_space(association):
        check(mentor, "record", is_clear=False)

    page = boss.send(f"{SPACE}/mentors/{mentor.id}/exception", request())

    assert stored(association, GateException) == []
    assert page.flashes == []


@pytest.mark.parametrize(("last", "on", "opens"), [(-1, 0, False), (0, 0, True), (1, 0, True), (30, 30, True), (30, 31, False)])
def test_an_exception_opens_until_its_last_day(association, in_space, mentor, mentee, asked, last, on, opens):
    with in_space(association):
        row = exception(mentor, until=day(last))

        assert ("record" not in lacking(mentor, mentee, day(on))) is opens
        assert row.holds_on(day(on)) is opens


@pytest.mark.parametrize(("days", "is_made"), [(-1, False), (0, True), (183, True), (184, False)])
def test_an_exception_lasts_six_months_at_most(boss, association, mentor, asked, stored, days, is_made):
    page = boss.send(f"{SPACE}/mentors/{mentor.id}/exception", request(until=day(days)))

    assert page.errors == ([] if is_made else [SIX_MONTHS])
    assert len(stored(association, GateException)) == is_made


@pytest.mark.parametrize("typed", [{"reason": ""}, {"reason": "  \n"}, {"piece": ""}, {"until": ""}, {"until": "demain"}])
def test_an_exception_without_a_piece_a_reason_or_an_end_is_refused(boss, association, mentor, asked, stored, typed):
    page = boss.send(f"{SPACE}/mentors/{mentor.id}/exception", {**request(), **typed})

    assert (page.status, len(page.errors)) == (422, 1)
    assert stored(association, GateException) == []


@pytest.mark.parametrize("piece", ["honorability", "participation", "ase_parental", "training", "agreement", "charter", "x"])
def test_what_the_law_asks_or_nobody_asks_has_no_exception(boss, association, in_space, mentor, stored, piece):
    with in_space(association):
        asks("record", "agreement")

    page = boss.send(f"{SPACE}/mentors/{mentor.id}/exception", request(piece))

    assert page.status == 422
    assert stored(association, GateException) == []


@pytest.mark.parametrize("piece", ["honorability", "agreement", "charter"])
def test_no_other_way_leads_to_such_an_exception(association, in_space, mentor, piece):
    with in_space(association):
        asks("agreement")

        with pytest.raises(rules.CannotExcept):
            rules.make_exception(mentor, None, piece, "Pourquoi pas.", day(10), factories.user().id)


def test_without_a_rule_of_its_own_an_association_has_no_exception_to_make(boss, association, mentor, stored):
    page = boss.page(f"{SPACE}/mentors/{mentor.id}/exception")

    assert NO_RULE in page.text
    assert page.soup.find("button", string="Noter l'exception") is None
    assert boss.send(f"{SPACE}/mentors/{mentor.id}/exception", request()).status == 422
    assert stored(association, GateException) == []


def test_an_exception_does_not_open_what_became_firm(association, in_space, mentor, asked):
    with in_space(association):
        exception(mentor)
        rules.set_minimum([Rule("record", "minors")], "Pour les mineurs.")
        adult, minor = factories.mentee(association, age=20), factories.mentee(association, age=16)

        assert "record" not in lacking(mentor, adult)
        assert "record" in lacking(mentor, minor)


def test_an_exception_for_one_jeune_opens_for_nobody_else(association, in_space, mentor, mentee, asked):
    with in_space(association):
        exception(mentor, mentee_id=mentee.id)
        other = factories.mentee(association)

        assert ["record" in lacking(mentor, one) for one in (mentee, other, None)] == [False, True, True]


def test_an_exception_opens_its_own_piece_and_mentor_only(association, in_space, mentor, mentee):
    with in_space(association):
        asks("record", "identity")
        other = factories.mentor(association)
        exception(mentor)

        assert {"record", "identity"} & lacking(mentor, mentee) == {"identity"}
        assert {"record", "identity"} <= lacking(other, mentee)


def test_the_admin_s_page_lists_every_exception(boss, association, in_space, mentor):
    with in_space(association):
        exception(mentor, "identity", until=day(-1), reason="Passée.")
        exception(mentor, reason="En cours.")

    page = boss.page(f"{SPACE}/exceptions")

    assert page.heading == "Exceptions"
    assert [(row[0], row[2], row[5]) for row in page.rows] == [
        ("Karim Benali", "En cours.", "Retirer"),
        ("Karim Benali", "Passée.", "terminée"),
    ]


def test_an_exception_that_is_withdrawn_opens_nothing_and_stays_listed(boss, association, in_space, mentor, mentee, asked, stored):
    with in_space(association):
        row = exception(mentor)

    page = boss.send(f"{SPACE}/exceptions/{row.id}/retrait")

    assert page.flashes == ["L'exception est retirée."]
    assert [cells[5] for cells in page.rows] == ["terminée"]
    with in_space(association):
        assert "record" in lacking(mentor, mentee)
    [first] = stored(association, GateException)
    boss.send(f"{SPACE}/exceptions/{row.id}/retrait")
    assert stored(association, GateException)[0].withdrawn_at == first.withdrawn_at


def test_without_an_exception_the_page_says_that_it_is_well_so(boss):
    assert "Aucune exception en cours." in boss.page(f"{SPACE}/exceptions").text


def test_only_an_admin_makes_reads_or_withdraws_exceptions(office, association, in_space, mentor, asked, stored):
    with in_space(association):
        row = exception(mentor)

    for path in (f"/mentors/{mentor.id}/exception", "/exceptions"):
        assert office.page(f"{SPACE}{path}").status == 403
    assert office.send(f"{SPACE}/mentors/{mentor.id}/exception", request()).status == 403
    assert office.send(f"{SPACE}/exceptions/{row.id}/retrait").status == 403
    assert [kept.withdrawn_at for kept in stored(association, GateException)] == [None]
    assert "Faire une exception" not in office.page(f"{SPACE}/mentors/{mentor.id}/candidature").text


def test_another_association_s_exceptions_are_not_found(boss, elsewhere, in_space, stranger, stored):
    with in_space(elsewhere):
        asks("record")
        row = exception(stranger)

    assert boss.send(f"{SPACE}/mentors/{stranger.id}/exception", request()).status == 404
    assert boss.send(f"{SPACE}/exceptions/{row.id}/retrait").status == 404
    assert boss.page(f"{SPACE}/exceptions").rows == []
    assert [kept.withdrawn_at for kept in stored(elsewhere, GateException)] == [None]
