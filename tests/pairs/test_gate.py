"""The gate in tables: for every public, the page lists nothing exactly when the database accepts, and each lists what it must."""

from contextlib import contextmanager
from datetime import date
from itertools import combinations, product

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.extensions import db
from app.meetings.actions import plan as plan_meeting
from app.meetings.refusals import NotAtHome
from app.pairs.conditions import gate, missing
from app.web import today
from tests import factories

from .situations import ASE, answer_of_database, born, days, make_mentee, make_mentor, plain, protect, see

# What each public needs before a first meeting, written out. M and J: who must bring it, the mentor or the jeune.
JEUNE = {"child": {"J participation", "J own_agreement"}, "teen": {"J participation"}, "adult": set()}
PROTECTED = {"J " + kind for kind in ASE} | {"M honorability"}
AGES = {"child": 14, "teen": 16, "adult": 20}
EVERY = sorted({"J participation", "J own_agreement", "J home", "M participation", "M home", *PROTECTED})
PUBLICS = list(product(AGES, (False, True), ("adult", "minor"), (False, True)))


def needs(age, ase, mentor, home):
    """What this public needs, by the table."""
    asked = set(JEUNE[age]) | (PROTECTED if ase else set())
    asked |= {"M participation"} if mentor == "minor" else set()
    if home:
        asked |= {"J home", "M home"}
    return asked


def gatherings(asked):
    """Everything that may be given: each combination of what is asked; and nothing else at all, or something that is not asked."""
    ase = sorted({"J " + kind for kind in ASE} & asked)
    rest = sorted(asked - set(ase))
    some_ase = [set(), set(ase), *[set(ase) - {one} for one in ase]] if ase else [set()]
    for size in range(len(rest) + 1):
        for some in combinations(rest, size):
            yield from (set(some) | pieces for pieces in some_ase)
    yield from (set(asked) | {other} for other in EVERY if other not in asked)
    yield set(EVERY) - asked


HOLDS = "CASE WHEN (CASE WHEN mentee_id IS NULL THEN 'M ' ELSE 'J ' END) || kind = ANY (:given) THEN NULL ELSE given_on END"


@contextmanager
def gathered(given):
    """A block where these pieces hold and no other. What it wrote is undone: a row changed hundreds of times is slow to read."""
    with db.session.begin_nested() as savepoint:
        gather(given)
        yield
        savepoint.rollback()


def gather(given):
    """Let these pieces hold, and no other. Only what changes is written."""
    db.session.execute(
        text(f"UPDATE authorisations SET withdrawn_on = {HOLDS} WHERE withdrawn_on IS DISTINCT FROM {HOLDS}"),
        {"given": sorted(given)},
    )
    db.session.execute(
        text("UPDATE checks SET cancelled_at = CASE WHEN NOT :holds THEN now() END WHERE (cancelled_at IS NULL) <> :holds"),
        {"holds": "M honorability" in given},
    )


def couple(tenant, age, ase, mentor):
    """A mentor and a jeune of a public, with every piece there is."""
    a_mentor = make_mentor(tenant, minor=mentor == "minor")
    a_mentee = make_mentee(tenant, AGES[age])
    for piece in EVERY:
        side, kind = piece.split()
        if kind != "honorability":
            factories.authorisation(a_mentor if side == "M" else a_mentee, kind)
    see(a_mentor, "honorability")
    if ase:
        protect(a_mentee)
    return a_mentor, a_mentee


def said(pieces):
    """What the page lists, as the table writes it; the pieces of child protection are one sentence."""
    return {f"{'J' if piece.side == 'mentee' else 'M'} {piece.piece}" for piece in pieces}


def hidden(pieces):
    """The same pieces, those of child protection under one name."""
    names = dict.fromkeys(("J " + kind for kind in ASE), "J protected") | {"M honorability": "M protected"}
    return {names.get(piece, piece) for piece in pieces}


@pytest.mark.parametrize(("age", "ase", "mentor", "home"), PUBLICS)
def test_the_page_is_silent_exactly_when_the_database_accepts(association, in_space, age, ase, mentor, home):
    with in_space(association):
        a_mentor, a_mentee = couple(association, age, ase, mentor)
        asked, before_all = needs(age, ase, mentor, home), needs(age, ase, mentor, False)
        for given in gatherings(asked):
            with gathered(given):
                read = said(missing(a_mentor, a_mentee, today(), at_home=home))
                answer = answer_of_database(db.session.connection(), association.id, a_mentor.id, a_mentee.id)

            assert read == hidden(asked - given), given
            assert answer == (None if before_all <= given else "BN003"), given


@pytest.mark.parametrize(("age", "mentor"), list(product(AGES, ("adult", "minor"))))
def test_a_meeting_at_home_waits_for_who_allows_it(association, in_space, age, mentor):
    with in_space(association):
        a_mentor, a_mentee = couple(association, age, False, mentor)
        pair = factories.pair(a_mentor, a_mentee)
        asked = needs(age, False, mentor, True) - needs(age, False, mentor, False)
        for given in (set(), *[{one} for one in sorted(asked)], asked):
            gather((set(EVERY) - asked) | given)
            try:
                plan_meeting(pair, factories.noon(1), 60, "home", "Chez lui")
                accepted = True
            except NotAtHome:
                accepted = False

            assert accepted is (asked <= given), given


def test_an_association_that_does_not_go_home_says_so_to_adults_too(association, in_space):
    with in_space(association):
        mentor, mentee = couple(association, "adult", False, "adult")
        db.session.execute(text("UPDATE tenants SET places = '{remote}' WHERE id = :id"), {"id": association.id})

        pieces = missing(mentor, mentee, today(), at_home=True)

        assert [piece.sentence for piece in pieces] == ["L'association ne propose pas de rencontres à domicile."]
        assert missing(mentor, mentee, today()) == []


@pytest.mark.parametrize(("age", "is_enough"), [("teen", False), ("adult", True)])
def test_an_adult_agrees_to_meet_at_home_on_their_file_a_minor_cannot(association, in_space, age, is_enough):
    with in_space(association):
        mentor, mentee = couple(association, age, False, "adult")
        db.session.execute(text("UPDATE authorisations SET withdrawn_on = given_on WHERE kind = 'home'"))
        mentor.places = mentee.places = ["remote", "home"]
        db.session.flush()

        assert (said(missing(mentor, mentee, today(), at_home=True)) == set()) is is_enough


def test_what_a_guardian_allowed_at_home_is_asked_again_of_an_adult(association, in_space):
    with in_space(association):
        mentor, mentee = couple(association, "teen", False, "adult")
        coming_of_age = born(-18, mentee.birth_date) + days(1)
        factories.authorisation(mentee, "own_agreement", given_on=today())

        [piece] = [m for m in missing(mentor, mentee, coming_of_age, at_home=True) if m.piece == "home"]

        assert (plain(piece.sentence), piece.who) == ("Inès n'a pas dit accepter les rencontres à domicile.", "Inès")


@pytest.mark.parametrize("who", ["mentor", "mentee"])
def test_somebody_without_a_date_of_birth_waits_for_it(association, in_space, who):
    with in_space(association):
        both = dict(zip(("mentor", "mentee"), couple(association, "adult", False, "adult"), strict=True))
        both[who].birth_date = None
        db.session.flush()

        [piece] = missing(both["mentor"], both["mentee"], today())

        assert plain(piece.sentence) == f"{both[who].first_name} : la date de naissance manque."
        assert answer_of_database(db.session.connection(), association.id, both["mentor"].id, both["mentee"].id) == "BN003"


MAJORITY = {  # who gave what, when (years of age of the jeune then), and whether an agreement of their own is asked at 18
    "a parent at 16, nothing since": ([("participation", 16)], True),
    "a parent at 14, both then": ([("participation", 14), ("own_agreement", 14)], True),
    "a parent at 16, their own at 16": ([("participation", 16), ("own_agreement", 16)], False),
    "a parent at 14, their own at 15": ([("participation", 14), ("own_agreement", 15)], False),
    "a parent at 16, their own at 18": ([("participation", 16), ("own_agreement", 18)], False),
    "nobody, an adult who asked alone": ([], False),
    "a parent at 18, which nobody asked": ([("participation", 18)], False),
}


@pytest.mark.parametrize("case", MAJORITY)
def test_at_18_what_a_parent_gave_is_not_enough(association, in_space, case):
    given, asked = MAJORITY[case]
    with in_space(association):
        mentor, mentee = make_mentor(association), make_mentee(association, 20)
        birth = mentee.birth_date = born(18, today())
        for kind, years in given:
            factories.authorisation(mentee, kind, given_on=birth.replace(year=birth.year + years))
        db.session.flush()

        read = [plain(piece.sentence) for piece in missing(mentor, mentee, today())]
        answer = answer_of_database(db.session.connection(), association.id, mentor.id, mentee.id)

    assert read == (["Inès a 18 ans : il faut maintenant son propre accord."] if asked else [])
    assert answer == ("BN003" if asked else None)


def test_an_own_agreement_taken_back_is_asked_again_at_18(association, in_space):
    with in_space(association):
        mentor, mentee = make_mentor(association), make_mentee(association, 20)
        factories.authorisation(mentee, given_on=mentee.birth_date + days(6000))
        factories.authorisation(mentee, "own_agreement", withdrawn_on=today())

        assert said(missing(mentor, mentee, today())) == {"J majority"}


def test_born_on_29_february_one_is_18_on_1_march(association, in_space):
    with in_space(association):
        mentor, mentee = make_mentor(association), make_mentee(association, None)
        mentee.birth_date = date(2012, 2, 29)
        factories.authorisation(mentee, given_on=date(2030, 2, 28))
        codes = {day: {piece for piece, side in gate(mentor.id, mentee.id, day) if side == "mentee"} for day in EDGES}

    assert codes == {EDGES[0]: {"participation"}, EDGES[1]: set(), EDGES[2]: {"majority"}}


EDGES = (date(2030, 2, 27), date(2030, 2, 28), date(2030, 3, 1))


@pytest.mark.parametrize("lacking", range(1, 5))
def test_pieces_of_child_protection_are_counted_and_never_named(association, in_space, office, lacking):
    with in_space(association):
        mentor, mentee = make_mentor(association), protect(make_mentee(association, 20), ASE[lacking:])
        see(mentor, "honorability")

    read = office.page(f"/a/passerelle/binomes/nouveau?jeune={mentee.id}&mentor={mentor.id}").text
    file = office.page(f"/a/passerelle/jeunes/{mentee.id}").text

    sentence = ["une pièce propre à sa situation manque.", "pièces propres à sa situation manquent."][lacking > 1]
    for words in (read, file):
        assert sentence in words
        assert not [word for word in NAMED if word in words]


NAMED = ["ASE", "protection de l'enfance", "Évaluation de l'année", "Accord du département", "autorité parentale", "ase_"]


def test_the_link_of_a_protected_piece_leads_to_the_situation(association, in_space, office):
    with in_space(association):
        mentor, mentee = make_mentor(association), protect(make_mentee(association, 20))
        see(mentor, "honorability")
        [piece] = missing(mentor, mentee, today())

    assert (piece.who, piece.values["_anchor"]) == ("l'équipe", "situation")
    assert office.page(f"/a/passerelle/jeunes/{mentee.id}").soup.find(id="situation")


def named_alike(mentor, mentee):
    mentee.first_name, mentee.last_name, mentee.email = mentor.first_name, mentor.last_name, mentor.email.upper()


SAME = {
    "the same account": lambda mentor, mentee: setattr(mentee, "user_id", mentor.user_id),
    "the same name and address": named_alike,
}


@pytest.mark.parametrize("how", SAME)
def test_nobody_is_brought_together_with_themself(association, in_space, how):
    with in_space(association):
        mentor, mentee = factories.mentor(association, trained=True), make_mentee(association, 20)
        SAME[how](mentor, mentee)
        db.session.flush()

        assert len(missing(mentor, mentee, today())) == 1
        assert answer_of_database(db.session.connection(), association.id, mentor.id, mentee.id) == "BN004"


def test_brother_and_sister_who_share_an_address_are_two_people(association, in_space):
    with in_space(association):
        mentor, mentee = factories.mentor(association, trained=True), make_mentee(association, 20)
        mentee.email = mentor.email
        db.session.flush()

        assert missing(mentor, mentee, today()) == []


PERIODS = {  # the closed pairs before (from, until, in days ago), the places of the mentor, when the new one starts, and the answer
    "after the other": ([(200, 100)], 1, 100, None),
    "a day too early": ([(200, 100)], 1, 101, "BN002"),
    "beside another, with two places": ([(200, 100)], 2, 150, None),
    "beside two at once, with two places": ([(200, 100), (180, 90)], 2, 150, "BN002"),
    "beside one after the other, with two places": ([(200, 150), (140, 90)], 2, 160, None),
}


@pytest.mark.parametrize("case", PERIODS)
def test_periods_never_overlap_beyond_the_mentors_places(association, in_space, case):
    before, places, start, code = PERIODS[case]
    with in_space(association):
        mentor, mentee = factories.mentor(association, trained=True, capacity=places), make_mentee(association, 20)
        for since, until in before:
            row = factories.pair(mentor, make_mentee(association, 20), starts_on=today() - days(since), state="confirmed")
            row.state, row.closed_on = "closed", today() - days(until)
            db.session.flush()

        assert refused(lambda: factories.pair(mentor, mentee, starts_on=today() - days(start))) == code


@pytest.mark.parametrize(("start", "code"), [(100, None), (101, "BN005")])
def test_periods_of_a_jeune_never_overlap(association, in_space, start, code):
    with in_space(association):
        mentee = make_mentee(association, 20)
        row = factories.pair(make_mentor(association), mentee, starts_on=today() - days(200))
        row.state, row.closed_on = "closed", today() - days(100)
        db.session.flush()

        assert refused(lambda: factories.pair(make_mentor(association), mentee, starts_on=today() - days(start))) == code


def refused(act):
    """The database's SQLSTATE for something, None when it accepts."""
    try:
        with db.session.begin_nested():
            act()
    except DBAPIError as error:
        return error.orig.sqlstate
    return None
