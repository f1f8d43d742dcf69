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
from app.people.models import Mentee
from tests import factories

from .matched import sign_all, to_sign
from .situations import ask_for

PAIRS = "/a/passerelle/binomes"


@pytest.fixture
def prepared(association, in_space, by):
    """A pair whose agreement waits for signatures, and something else before it may begin."""
    with in_space(association):
        ask_for("agreement")
        ask_for("identity")
        return to_sign(association, by)


def found(association, prepared):
    pair = db.session.get(Pair, (association.id, prepared.pair.id))
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
