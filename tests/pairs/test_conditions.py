"""The gate before a first meeting: the page lists what is missing, and the database accepts exactly when it lists nothing."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from app.database import now
from app.extensions import db
from app.pairs.closing import close_pair
from app.pairs.conditions import missing
from app.pairs.models import Pair
from app.people.guardians import guardians_of, name_guardian
from app.training.models import Course
from app.web import today
from tests import factories
from tests.people.fixtures import space_of

from .situations import answer_of_database, by_hand, make_mentee, make_mentor, plain

YES_NO = (False, True)
MORNING = datetime(2026, 11, 30, 9, tzinfo=UTC)
MENTORS = [(False, False), (True, False), (True, True)]  # adult; minor without and with an authorisation


def sentences(mentor, mentee):
    """What the page says is missing."""
    return [plain(piece.sentence) for piece in missing(mentor, mentee, today())]


def on(connection, tenant, mentor, mentee):
    """What the database answers in that space."""
    return answer_of_database(connection, tenant.id, mentor.id, mentee.id)


@pytest.mark.parametrize(
    ("age", "participation", "own", "mentor_is", "trained", "room"),
    list(product((14, 16, 20, 30), YES_NO, YES_NO, MENTORS, YES_NO, YES_NO)),
)
def test_page_and_database_agree(association, in_space, age, participation, own, mentor_is, trained, room):
    with in_space(association):
        mentor = make_mentor(association, *mentor_is, trained=trained, room=room)
        mentee = make_mentee(association, age, participation, own)
        allowed = age < 30 and (age >= 18 or participation) and (age >= 15 or own)
        expected = allowed and trained and room and mentor_is != (True, False)

        assert (sentences(mentor, mentee) == []) is expected
        assert (on(db.session.connection(), association, mentor, mentee) is None) is expected


@pytest.mark.parametrize(("participation", "own"), list(product(YES_NO, YES_NO)))
def test_an_unknown_age_is_asked_for_and_the_database_waits_for_it(association, in_space, participation, own):
    with in_space(association):
        mentor, mentee = make_mentor(association), make_mentee(association, None, participation, own)

        assert "Inès : la date de naissance manque." in sentences(mentor, mentee)
        assert on(db.session.connection(), association, mentor, mentee) == "BN003"


@pytest.mark.parametrize(
    ("mentor", "mentee", "said", "code"),
    [
        ({"trained": False}, {"age": 20}, "la formation « Devenir mentor » n'est pas terminée.", "BN001"),
        ({"room": False}, {"age": 20}, "Karim accompagne déjà autant de jeunes que possible (0).", "BN002"),
        ({"minor": True}, {"age": 20}, "Karim : l'autorisation parentale manque.", "BN003"),
        ({}, {"age": 17}, "Inès : l'autorisation parentale manque.", "BN003"),
        ({}, {"age": 14, "own_agreement": True}, "Inès : l'autorisation parentale manque.", "BN003"),
        ({}, {"age": 14, "participation": True}, "Inès a moins de 15 ans : il faut aussi son propre accord.", "BN003"),
        ({}, {"age": 30}, "Inès a 30 ans ou plus : le programme accompagne jusqu'à 29 ans.", "BN004"),
    ],
)
def test_each_missing_piece_has_its_sentence_and_its_code(association, in_space, mentor, mentee, said, code):
    with in_space(association):
        a_mentor, a_mentee = make_mentor(association, **mentor), make_mentee(association, **mentee)
        read = " ".join(sentences(a_mentor, a_mentee))

        assert said in read
        assert on(db.session.connection(), association, a_mentor, a_mentee) == code


@pytest.mark.parametrize("state", ["paused", "withdrawn"])
@pytest.mark.parametrize("who", ["mentor", "mentee"])
def test_a_file_that_is_not_open_keeps_the_gate_closed(association, in_space, state, who):
    with in_space(association):
        both = {"mentor": make_mentor(association), "mentee": make_mentee(association, 20)}
        both[who].state = state
        db.session.flush()

        name = both[who].first_name
        assert sentences(**both) == [f"{name} est en pause." if state == "paused" else f"{name} : le dossier n'est pas ouvert."]
        assert on(db.session.connection(), association, **both) == "BN004"


def test_without_a_required_course_nobody_is_ready(association, in_space):
    with in_space(association):
        mentor, mentee = make_mentor(association), make_mentee(association, 20)
        db.session.query(Course).update({"required_for": []})

        assert sentences(mentor, mentee) == ["Karim : l'association n'a pas encore choisi de formation obligatoire."]
        assert on(db.session.connection(), association, mentor, mentee) == "BN001"


def test_a_jeune_in_a_pair_is_promised_to_nobody_else(association, in_space, people):
    with in_space(association):
        mentor = make_mentor(association)

        assert sentences(mentor, people.mentee) == ["Inès a déjà un binôme en cours ou proposé."]
        assert on(db.session.connection(), association, mentor, people.mentee) == "23505"


def test_a_closed_pair_leaves_room_for_both(association, in_space, people):
    with in_space(association):
        close_pair(db.session.get(Pair, (association.id, people.pair.id)), today(), "planned", None)
        db.session.flush()

        assert sentences(people.mentor, people.mentee) == []
        assert on(db.session.connection(), association, people.mentor, people.mentee) is None


@pytest.mark.parametrize(
    ("given", "withdrawn", "open_"), [(0, None, True), (-1, None, False), (9, 0, False), (9, 1, False), (9, -1, True)]
)
def test_an_authorisation_counts_on_the_days_that_it_holds(association, in_space, given, withdrawn, open_):
    with in_space(association):
        mentor, mentee = make_mentor(association), make_mentee(association, 16)
        day = today()
        ended = None if withdrawn is None else day - timedelta(days=withdrawn)
        factories.authorisation(mentee, given_on=day - timedelta(days=given), withdrawn_on=ended)

        assert (missing(mentor, mentee, day) == []) is open_
        assert on(db.session.connection(), association, mentor, mentee) == (None if open_ else "BN003")


@pytest.mark.parametrize(
    ("years", "days_before", "code"),
    [(15, 1, "BN003"), (15, 0, None), (18, 1, "BN003"), (18, 0, None), (30, 1, None), (30, 0, "BN004")],
)
def test_the_gate_turns_on_the_birthday(association, in_space, years, days_before, code):
    with in_space(association):
        mentor = make_mentor(association)
        day = today() + timedelta(days=days_before)
        mentee = make_mentee(association, None, participation=years == 15)
        mentee.birth_date = day.replace(year=day.year - years, day=min(day.day, 28) if (day.month, day.day) == (2, 29) else day.day)
        db.session.flush()

        assert (missing(mentor, mentee, today()) == []) is (code is None)
        assert on(db.session.connection(), association, mentor, mentee) == code


@pytest.mark.parametrize(
    ("asked", "who"),
    [
        ({}, "l'équipe\u00a0: la demander"),
        ({"asked_at": MORNING}, "Nadège Parent, à qui elle est demandée depuis le 30 novembre 2026"),
        (
            {"asked_at": MORNING, "refused_at": MORNING + timedelta(days=1)},
            "l'équipe\u00a0: appeler Nadège Parent, qui n'autorise pas depuis le 1er décembre 2026",
        ),
        ({"refused_at": MORNING}, "l'équipe\u00a0: appeler Nadège Parent, qui n'autorise pas depuis le 30 novembre 2026"),
    ],
)
def test_each_piece_says_who_must_bring_it(association, in_space, asked, who):
    with in_space(association):
        mentee = factories.mentee(association, age=14)
        name_guardian(mentee, "Nadège Parent", "nadege@example.org", None)
        for name, moment in asked.items():
            setattr(guardians_of(mentee)[0], name, moment)
        pieces = missing(make_mentor(association, trained=False), mentee, today())

    assert [piece.who for piece in pieces] == ["Karim", who, "Inès"]


@pytest.mark.parametrize("taken_back", [True, False])
def test_who_has_answered_is_not_awaited_any_more(association, in_space, taken_back):
    with in_space(association):
        mentee = factories.mentee(association, age=16)
        name_guardian(mentee, "Nadège Parent", "nadege@example.org", None)
        guardians_of(mentee)[0].asked_at = now() - timedelta(days=3)
        given = factories.authorisation(mentee, given_by="Nadège Parent")
        given.created_at = now() - timedelta(days=9)
        given.withdrawn_on = today() - timedelta(days=1 if taken_back else 8)
        pieces = missing(None, mentee, today())

    assert [piece.who.startswith("l'équipe") for piece in pieces] == [taken_back]


def test_a_closed_pair_is_not_opened_again_while_the_gate_is_closed(association, in_space, people):
    with in_space(association):
        pair = db.session.get(Pair, (association.id, people.pair.id))
        close_pair(pair, today(), "planned", None)
        db.session.get(type(people.mentee), (association.id, people.mentee.id)).birth_date = factories.birth_date(14)
        db.session.flush()

        with pytest.raises(DBAPIError, match="pair_gate: participation") as refused, db.session.begin_nested():
            db.session.execute(text("UPDATE pairs SET state = 'active', closed_on = NULL"))

    assert refused.value.orig.sqlstate == "BN003"


def test_an_open_pair_is_changed_without_asking_the_gate_again(association, in_space, people):
    with in_space(association):
        db.session.get(type(people.mentor), (association.id, people.mentor.id)).capacity = 0
        db.session.flush()
        db.session.execute(text("UPDATE pairs SET planned_months = 12"))

        assert db.session.scalar(text("SELECT planned_months FROM pairs")) == 12


@pytest.mark.parametrize("column", ["mentor_id", "mentee_id"])
def test_an_open_pair_is_not_given_to_somebody_who_may_not(association, in_space, people, column):
    with in_space(association):
        other = make_mentor(association, trained=False) if column == "mentor_id" else make_mentee(association, 16)
        with pytest.raises(DBAPIError) as refused, db.session.begin_nested():
            db.session.execute(text(f"UPDATE pairs SET {column} = :other"), {"other": other.id})

    assert refused.value.orig.sqlstate == ("BN001" if column == "mentor_id" else "BN003")


@pytest.mark.committed
@pytest.mark.parametrize("role", ["binome_app", "binome_owner", "postgres"])
def test_the_gate_holds_for_every_role(crowd, server, fresh_database, role):
    factories.programme(crowd)
    tenant = factories.association(crowd, "passerelle", "Passerelle", ["69"])
    with space_of(crowd, tenant):
        ready, full = make_mentor(tenant), make_mentor(tenant, room=False)
        learning, minor = make_mentor(tenant, trained=False), make_mentor(tenant, minor=True)
        adult, old, child = (make_mentee(tenant, age) for age in (20, 30, 14))
    tries = {"BN001": (learning, adult), "BN002": (full, adult), "BN003": (minor, adult), "BN004": (ready, old)}
    engine = create_engine(server.url(role, fresh_database))

    with engine.connect() as connection:
        connection.execute(text("SELECT set_config('app.tenant_id', :id, false)"), {"id": str(tenant.id)})
        answers = {code: answer_of_database(connection, tenant.id, a.id, b.id) for code, (a, b) in tries.items()}
        assert answers == {code: code for code in tries}
        assert answer_of_database(connection, tenant.id, ready.id, child.id) == "BN003"
        by_hand(connection, tenant.id, ready.id, adult.id)
        assert connection.execute(text("SELECT count(*) FROM pairs")).scalar_one() == 1
    engine.dispose()
