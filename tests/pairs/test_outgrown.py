"""An agreement that somebody else must sign too, or that says something else: it is prepared again, whoever signed it."""

from datetime import timedelta

import pytest

from app.database import now
from app.extensions import db
from app.meetings.models import Confirmation, Meeting
from app.pairs import agreement as papers
from app.pairs.agreement_models import AgreementState
from app.pairs.life import correct as change
from app.pairs.models import Pair
from app.people.actions import correct
from app.people.authorising import take_back
from app.people.models import Mentee
from app.web import today
from tests import factories

from .matched import sign_all, to_sign
from .situations import ask_for, letters_to, strike

PAIRS = "/a/passerelle/binomes"


@pytest.fixture
def prepared(association, in_space, by):
    """A pair whose agreement waits for signatures, and something else before it may begin."""
    with in_space(association):
        ask_for("agreement")
        ask_for("identity")
        return to_sign(association, by)


def found(association, prepared):
    pair = db.session.get(Pair, (association.id, prepared.pair_id))
    return pair, papers.agreement_of(pair)


@pytest.mark.parametrize("all_signed", [False, True])
def test_a_minor_thought_of_age_is_not_met_without_whoever_represents_them(association, in_space, prepared, stored, all_signed):
    with in_space(association):
        pair, agreement = found(association, prepared)
        if all_signed:
            sign_all(agreement)
        mentee = db.session.get(Mentee, (association.id, pair.mentee_id))
        names = {name: getattr(mentee, name) for name in ("first_name", "last_name", "email", "phone")}
        correct(mentee, {**names, "birth_date": factories.birth_date(16)})

        pair, agreement = found(association, prepared)
        assert (pair.state, agreement.state) == ("confirmed", AgreementState.VOID)


def test_nobody_signs_a_document_that_lacks_a_signer(association, in_space, prepared):
    with in_space(association):
        pair, agreement = found(association, prepared)
        pair.mentee.birth_date = factories.birth_date(16)
        db.session.flush()
        signature = papers.signatures_of(agreement)[0]

        with pytest.raises(papers.CannotSign, match="doit signer aussi"):
            papers.sign(signature, agreement.digest)


@pytest.fixture
def taken_back(association, in_space, by):
    """The agreement of a jeune of 16 that was being signed when a parent took the authorisation back."""
    with in_space(association):
        ask_for("agreement")
        agreement = to_sign(association, by, age=16)
        mentee = agreement.pair.mentee
        mentee.guardian_name, mentee.guardian_email = "Nadège Parent", "nadege@example.org"
        take_back(factories.authorisation(mentee, "home"), today())
        assert agreement.state == AgreementState.OPEN, "it is not what they sign under"
        take_back(next(row for row in mentee.authorisations if row.kind == "participation"), today())
        return agreement


def test_nothing_more_is_signed_of_a_minor_whom_nobody_allows(app, association, in_space, taken_back):
    strike(app, association, taken_back.sign_by)

    with in_space(association):
        pair, agreement = found(association, taken_back)
        assert (pair.state, agreement.state) == ("confirmed", AgreementState.VOID)
        assert not [subject for subject in letters_to("nadege@example.org") if "à signer" in subject]
        with pytest.raises(papers.CannotSign, match="n'est plus à signer"):
            papers.sign(papers.signatures_of(agreement)[0], agreement.digest)


def test_it_is_not_prepared_again_until_they_are_allowed_again(office, association, in_space, taken_back, by):
    page = office.send(f"{PAIRS}/{taken_back.pair_id}/convention")
    assert "l'autorisation parentale manque" in " ".join(page.flashes)

    with in_space(association):
        pair, _agreement = found(association, taken_back)
        factories.authorisation(pair.mentee)
        assert papers.prepare(pair, by).state == AgreementState.OPEN


def test_nor_are_they_the_next_when_the_team_gives_it_up(office, association, in_space, taken_back):
    office.send(f"{PAIRS}/{taken_back.pair_id}/abandon")

    with in_space(association):
        pair, _agreement = found(association, taken_back)
        assert (pair.state, pair.mentee.first_in_line, pair.mentor.first_in_line) == ("dropped", False, True)
        assert not [subject for subject in letters_to("nadege@example.org") if "ne se fait pas" in subject]


def test_what_everybody_signed_does_not_change_unseen(association, in_space, prepared, by):
    with in_space(association):
        pair, agreement = found(association, prepared)
        sign_all(agreement)
        change(pair, {"planned_months": 24}, by)
        first = agreement.id

        pair, agreement = found(association, prepared)
        assert (pair.state, agreement.state) == ("confirmed", AgreementState.VOID)
        again = papers.prepare(pair, by)
        assert (again.id != first, again.state, pair.state) == (True, AgreementState.OPEN, "signing")


def test_a_pair_whose_jeune_says_that_they_met_is_not_undone(office, people, association, in_space):
    """The mentor's word alone does not outweigh the jeune's."""
    with in_space(association):
        pair = db.session.get(Pair, (association.id, people.pair.id))
        meeting = factories.meeting(pair, starts_at=now() - timedelta(days=1), state="missed")
        db.session.flush()
        db.session.add(Confirmation(meeting_id=meeting.id, was_held=True, face=1))

    page = office.send(f"{PAIRS}/{people.pair.id}/erreur")

    with in_space(association):
        assert db.session.get(Pair, (association.id, people.pair.id)).state == "active"
        assert db.session.get(Meeting, (association.id, meeting.id)).state == "missed"
    assert "C'est défait" not in page.text
