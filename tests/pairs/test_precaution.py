"""A pair that ends as a precaution: nothing more takes place, the mentor rests, and the two are not brought together again."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.database import now
from app.extensions import db
from app.mail import Mail
from app.meetings.actions import plan
from app.meetings.models import Meeting
from app.meetings.refusals import CannotPlan
from app.pairs import closing
from app.pairs.actions import Plan, form_pair, propose
from app.pairs.queries import closure_of
from app.pairs.refusals import GateClosed
from app.web import today
from tests import factories


@pytest.fixture
def stopping(in_space, association, people):
    """Its closure, with a meeting that was to come."""
    with in_space(association):
        pair = db.session.merge(people.pair)
        factories.meeting(pair, 3)
        return closing.begin_closing(pair, "unforeseen", "safety", people.admin.user_id)


def test_what_was_planned_is_called_off_at_once_and_nothing_more_is_planned(stopping, in_space, association):
    with in_space(association):
        pair = db.session.merge(stopping).pair

        assert db.session.scalars(select(Meeting.state)).all() == ["cancelled"]
        assert db.session.scalars(select(Mail.kind)).all() == ["meeting_cancelled"] * 2
        with pytest.raises(CannotPlan, match="se termine"):
            plan(pair, now() + timedelta(days=9), 60, "remote", "https://visio.example.org/x")


def test_another_end_calls_nothing_off(in_space, association, people):
    with in_space(association):
        pair = db.session.merge(people.pair)
        factories.meeting(pair, 3)
        closing.begin_closing(pair, "unforeseen", "time", people.admin.user_id)

        assert db.session.scalars(select(Meeting.state)).all() == ["planned"]


def test_the_mentor_rests_and_the_two_are_not_brought_together_again(stopping, in_space, association, people):
    with in_space(association):
        closure = closure_of(db.session.merge(stopping).pair)
        for step in closing.left(closure):
            closing.mark_step(closure, step, None, "Par téléphone")
        wishes = {"went_well": "", "contact_rule": "none", "rematch_mentee": True, "rematch_mentor": True}
        closing.close(closure, today(), wishes, people.admin.user_id)
        pair = closure.pair

        assert (pair.mentor.state, pair.mentor.first_in_line, pair.mentee.first_in_line) == ("paused", False, True)
        texts = [mail.text for mail in db.session.scalars(select(Mail).where(Mail.subject == "Votre binôme est terminé"))]
        assert len(texts) == 2
        assert not [text for text in texts if "Merci" in text or "accompagner quelqu'un d'autre" in text]
        pair.mentor.state = "active"
        db.session.flush()
        for bring in (form_pair, propose):
            with pytest.raises(GateClosed, match="clôturé par précaution"):
                bring(pair.mentee, pair.mentor, Plan(today(), 6, "monthly", ["Lire"]), None)
