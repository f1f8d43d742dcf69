"""What the rules ask of a mentor at the gate: each piece, for whom, from when and until when, and the exceptions to it."""

from datetime import date

import pytest

from app.database import now
from app.extensions import db
from app.pairs.conditions import gate, missing
from app.people.application_models import Decision, Reference
from app.people.check_models import Charter, CharterSignature
from app.people.rules import Rule, make_exception, rules_in_force, set_minimum
from app.web import today
from tests import factories

from .situations import ASE, answer_of_database, ask_for, days, except_from, make_mentee, make_mentor, protect, see


def charter(asks_again=True, number=1):
    """A charter in force."""
    row = Charter(number=number, body="Je m'engage.", asks_again=asks_again, written_by=factories.user().id)
    db.session.add(row)
    db.session.flush()
    return row


def sign(mentor, text):
    """A charter signed today."""
    values = {"how": "paper", "signed_on": today(), "digest": "0" * 64, "noted_by": factories.user().id}
    db.session.add(CharterSignature(mentor_id=mentor.id, charter_id=text.id, **values))
    db.session.flush()


def refer(mentor, state="answered", advice="yes"):
    """A reference, in a state."""
    values = {"name": "Paul", "email": "paul@example.org", "relation": "Collègue", "asked_by": factories.user().id}
    db.session.add(Reference(mentor_id=mentor.id, state=state, advice=advice, expires_on=today(), **values))
    db.session.flush()


def decide(mentor, accepted=True):
    """A decision on an application."""
    reason = "" if accepted else "Trop tôt"
    db.session.add(Decision(mentor_id=mentor.id, is_accepted=accepted, criteria=[], reason=reason, decided_by=factories.user().id))
    db.session.flush()


GIVE = {
    "identity": lambda mentor: see(mentor, "identity"),
    "record": lambda mentor: see(mentor, "record"),
    "honorability": lambda mentor: see(mentor, "honorability"),
    "charter": lambda mentor: sign(mentor, charter()),
    "references": refer,
    "decision": decide,
}
SENTENCES = {
    "identity": "Karim : une pièce d'identité est à voir.",
    "record": "Karim : un bulletin n° 3 récent, qui ne s'oppose pas au mentorat, est à voir.",
    "honorability": "Karim : une attestation d'honorabilité récente, qui ne s'oppose pas au mentorat, est à voir.",
    "charter": "Karim : la charte n'est pas signée.",
    "references": "Karim : aucune référence favorable n'est encore arrivée.",
    "decision": "Karim : la candidature n'est pas encore acceptée.",
}
HIDDEN = "Karim : une pièce demandée pour ce binôme est à voir."  # asked for child protection only: its name would say it
JEUNES = {"adult": (20, False), "minor": (16, False), "ase": (20, True), "ase minor": (16, True)}
ASKED = {  # for whom each audience asks, written out
    "all": {"adult", "minor", "ase", "ase minor"},
    "minors": {"minor", "ase minor"},
    "ase": {"ase", "ase minor"},
}


def jeune(tenant, who):
    """A jeune with everything that is theirs to bring."""
    age, is_ase = JEUNES[who]
    mentee = make_mentee(tenant, age, participation=age < 18)
    return protect(mentee, ASE) if is_ase else mentee


def read(mentor, mentee):
    """What the page says, with plain spaces."""
    return [" ".join(piece.sentence.split()) for piece in missing(mentor, mentee, today())]


def answer(tenant, mentor, mentee):
    return answer_of_database(db.session.connection(), tenant.id, mentor.id, mentee.id)


def holds(piece, mentor, mentee, day):
    """Whether nothing is said of a piece of the mentor on a day."""
    return not {(piece, "mentor"), (f"ase_{piece}", "mentor")} & set(gate(mentor.id, mentee.id, day))


@pytest.mark.parametrize("audience", ASKED)
@pytest.mark.parametrize("piece", GIVE)
def test_a_rule_asks_for_its_piece_of_its_audience_only(association, in_space, piece, audience):
    with in_space(association):
        ask_for(piece, audience)
        for who in JEUNES:
            mentor, mentee = make_mentor(association), jeune(association, who)
            if piece != "honorability":
                see(mentor, "honorability")
            is_asked = who in ASKED[audience] or (piece == "honorability" and "ase" in who)

            is_apart = audience == "ase" or (piece == "honorability" and (audience, who) == ("minors", "ase"))
            sentence = HIDDEN if is_apart else SENTENCES[piece]
            assert (read(mentor, mentee), answer(association, mentor, mentee)) == (
                ([sentence], "BN003") if is_asked else ([], None)
            ), who


@pytest.mark.parametrize("piece", GIVE)
def test_the_gate_opens_once_the_piece_is_there(association, in_space, piece):
    with in_space(association):
        ask_for(piece)
        mentor, mentee = make_mentor(association), make_mentee(association, 20)
        GIVE[piece](mentor)

        assert (read(mentor, mentee), answer(association, mentor, mentee)) == ([], None)


def test_a_piece_of_somebody_else_opens_nothing(association, in_space):
    with in_space(association):
        for piece, give in GIVE.items():
            ask_for(piece)
            give(make_mentor(association))

        assert sorted(read(make_mentor(association), make_mentee(association, 20))) == sorted(SENTENCES.values())


@pytest.mark.parametrize("piece", ["identity", "record", "honorability"])
@pytest.mark.parametrize(
    ("change", "opens"),
    [
        ({"is_clear": False}, False),
        ({"cancelled_at": now()}, False),
        ({"due_on": "today"}, False),
        ({"due_on": "tomorrow"}, True),
        ({"seen_on": "tomorrow"}, False),
    ],
)
def test_a_check_counts_while_it_is_good(association, in_space, piece, change, opens):
    with in_space(association):
        moments = {"today": today(), "tomorrow": today() + days(1)}
        values = {name: moments.get(value, value) if isinstance(value, str) else value for name, value in change.items()}
        ask_for(piece)
        mentor, mentee = make_mentor(association), make_mentee(association, 20)
        see(mentor, piece, today() - days(20), **{"seen_on": today(), **values})

        assert (answer(association, mentor, mentee) is None) is opens
        assert (read(mentor, mentee) == []) is opens


def test_a_bad_check_undoes_the_good_one_before_it_and_a_good_one_repairs_it(association, in_space):
    with in_space(association):
        ask_for("record")
        mentor, mentee = make_mentor(association), make_mentee(association, 20)
        answers = []
        for ago, is_clear in ((9, True), (6, False), (3, True)):
            see(mentor, "record", today() - days(ago), is_clear=is_clear)
            answers.append(answer(association, mentor, mentee))

    assert answers == [None, "BN003", None]


FRESH = [  # the document's date, the day on which it was seen, and whether that was within six months
    (date(2026, 1, 15), date(2026, 7, 15), True),
    (date(2026, 1, 15), date(2026, 7, 16), False),
    (date(2025, 8, 31), date(2026, 2, 28), True),
    (date(2025, 8, 31), date(2026, 3, 1), False),
    (date(2027, 8, 31), date(2028, 2, 29), True),
    (date(2027, 8, 31), date(2028, 3, 1), False),
]


@pytest.mark.parametrize(("document_on", "seen_on", "fresh"), FRESH)
def test_for_child_protection_the_attestation_is_seen_within_six_months(association, in_space, document_on, seen_on, fresh):
    with in_space(association):
        mentor = make_mentor(association)
        see(mentor, "honorability", document_on, seen_on)

        assert holds("honorability", mentor, jeune(association, "ase"), seen_on) is fresh


RENEWED = [  # the document's date, and the first day on which it is too old
    (date(2026, 1, 15), date(2029, 1, 15)),
    (date(2024, 2, 29), date(2027, 2, 28)),
    (date(2026, 12, 31), date(2029, 12, 31)),
]


@pytest.mark.parametrize(("document_on", "ends"), RENEWED)
def test_for_child_protection_the_attestation_ends_after_three_years(association, in_space, document_on, ends):
    with in_space(association):
        mentor, mentee = make_mentor(association), jeune(association, "ase")
        see(mentor, "honorability", document_on)
        read = [holds("honorability", mentor, mentee, ends - days(ago)) for ago in (1, 0)]

    assert read == [True, False]


def test_the_stricter_of_two_figures_counts(association, in_space):
    with in_space(association):
        ask_for("honorability", "all", fresh=12, renew=24)
        mentor, ase, other = make_mentor(association), jeune(association, "ase"), make_mentee(association, 20)
        see(mentor, "honorability", date(2026, 1, 15), date(2026, 8, 15))

        assert not holds("honorability", mentor, ase, date(2026, 9, 1)), "six months, for child protection"
        assert [holds("honorability", mentor, other, day) for day in (date(2028, 1, 14), date(2028, 1, 15))] == [True, False]


@pytest.mark.parametrize(
    ("again", "opens"), [(False, True), (True, False)], ids=["a text for the next ones", "a text that asks everybody again"]
)
def test_a_later_charter_is_signed_again_only_when_it_asks(association, in_space, again, opens):
    with in_space(association):
        ask_for("charter")
        mentor, mentee = make_mentor(association), make_mentee(association, 20)
        sign(mentor, charter())
        charter(asks_again=again, number=2)

        assert (answer(association, mentor, mentee) is None) is opens
        assert (read(mentor, mentee) == []) is opens


@pytest.mark.parametrize(
    ("references", "opens"),
    [
        ([("asked", None)], False),
        ([("declined", None)], False),
        ([("answered", "no")], False),
        ([("answered", "reserved")], True),
        ([("answered", "no"), ("answered", "yes")], True),
    ],
)
def test_one_favourable_reference_is_enough(association, in_space, references, opens):
    with in_space(association):
        ask_for("references")
        mentor, mentee = make_mentor(association), make_mentee(association, 20)
        for state, advice in references:
            refer(mentor, state, advice)

        assert (answer(association, mentor, mentee) is None) is opens


@pytest.mark.parametrize(("decisions", "opens"), [([True, False], False), ([False, True], True)])
def test_the_last_decision_counts(association, in_space, decisions, opens):
    with in_space(association):
        ask_for("decision")
        mentor, mentee = make_mentor(association), make_mentee(association, 20)
        for accepted in decisions:
            decide(mentor, accepted)

        assert (answer(association, mentor, mentee) is None) is opens


EXCEPTIONS = {  # how the exception differs, and whether it opens the gate today
    "until today": ({"until": 0}, True),
    "until yesterday": ({"until": -1}, False),
    "for this jeune": ({"until": 9, "for": "this"}, True),
    "for another jeune": ({"until": 9, "for": "other"}, False),
    "withdrawn": ({"until": 9, "withdrawn_at": now()}, False),
    "from another piece": ({"until": 9, "piece": "record"}, False),
    "for another mentor": ({"until": 9, "mentor": "other"}, False),
}


@pytest.mark.parametrize("case", EXCEPTIONS)
def test_an_exception_opens_until_its_last_day(association, in_space, case):
    how, opens = EXCEPTIONS[case]
    with in_space(association):
        ask_for("identity")
        mentor, mentee, other = make_mentor(association), make_mentee(association, 20), make_mentee(association, 20)
        whose = {"this": mentee, "other": other}.get(how.get("for"))
        holder = make_mentor(association) if "mentor" in how else mentor
        until = today() + days(how["until"])
        except_from(how.get("piece", "identity"), holder, until, whose, withdrawn_at=how.get("withdrawn_at"))

        assert (answer(association, mentor, mentee) is None) is opens
        assert (read(mentor, mentee) == []) is opens


def test_no_exception_opens_what_the_law_asks(association, in_space):
    with in_space(association):
        mentor, mentee = make_mentor(association), jeune(association, "ase")
        except_from("honorability", mentor, today() + days(9))

        assert read(mentor, mentee) == [HIDDEN]
        assert answer(association, mentor, mentee) == "BN003"


def test_an_exception_to_the_associations_own_rule_leaves_the_laws_one(association, in_space):
    with in_space(association):
        ask_for("honorability", "all")
        mentor, ase, other = make_mentor(association), jeune(association, "ase"), make_mentee(association, 20)
        make_exception(mentor, None, "honorability", "Demande en cours", today() + days(9), factories.user().id)

        assert (answer(association, mentor, other), answer(association, mentor, ase)) == (None, "BN003")


def test_what_the_programme_asks_is_asked_everywhere_and_open_to_no_exception(association, elsewhere, in_space):
    for tenant in (association, elsewhere):
        with in_space(tenant):
            if tenant is association:
                set_minimum([Rule("identity", "all")], "")
            mentor, mentee = make_mentor(tenant), make_mentee(tenant, 20)
            except_from("identity", mentor, today() + days(9))

            assert (read(mentor, mentee), answer(tenant, mentor, mentee)) == ([SENTENCES["identity"]], "BN003")
            assert ("honorability", "ase") in {(rule.piece, rule.audience) for rule in rules_in_force()}


def test_the_rules_of_another_association_ask_nothing_here(association, elsewhere, in_space):
    with in_space(elsewhere):
        ask_for("identity")

    with in_space(association):
        assert answer(association, make_mentor(association), make_mentee(association, 20)) is None


def test_an_agreement_that_is_asked_keeps_a_pair_from_beginning_by_hand(association, in_space):
    with in_space(association):
        ask_for("agreement")
        mentor, mentee = make_mentor(association), make_mentee(association, 20)

        assert read(mentor, mentee) == [], "there is no pair to sign for yet"
        assert answer(association, mentor, mentee) == "BN003"
