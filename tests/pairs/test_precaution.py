"""A pair that ends as a precaution: nothing more takes place, the mentor rests, and the two are not brought together again."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.extensions import db
from app.mail import Mail
from app.meetings.actions import plan
from app.meetings.models import Meeting
from app.meetings.refusals import CannotPlan
from app.pairs import closing, interest, life
from app.pairs.actions import Plan, form_pair, give_up, kept_apart, propose
from app.pairs.queries import closure_of
from app.pairs.refusals import GateClosed
from app.people import actions as files
from app.tenants.models import Staff
from app.web import today
from tests import factories

from .situations import again, do_all, plain, story


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
        assert sorted(db.session.scalars(select(Mail.kind))) == ["meeting_cancelled"] * 2 + ["pair"] * 2
        with pytest.raises(CannotPlan, match="se termine"):
            plan(pair, factories.noon(9), 60, "remote", "https://visio.example.org/x")


@pytest.mark.parametrize("end", ["from the start", "on the way"])
def test_the_two_and_a_minor_s_parent_are_told_once_and_not_why(in_space, association, people, end):
    """Though nothing was planned; and they read that it goes on, where it does after all."""
    with in_space(association):
        pair, by = db.session.merge(people.pair), people.admin.user_id
        pair.mentee.birth_date, pair.mentee.guardian_email = factories.birth_date(16), "nadege@example.org"
        closure = closing.begin_closing(pair, "unforeseen", "safety" if end == "from the start" else "time", by)
        for _twice in range(2):
            closing.make_precaution(closure, by)

        told = db.session.scalars(select(Mail)).all()
        assert sorted(mail.to_address for mail in told) == sorted([pair.mentor.email, pair.mentee.email, "nadege@example.org"])
        assert all("s'arrête" in mail.text and "récaution" not in mail.text for mail in told)
        pair.mentee.birth_date = factories.birth_date(18)
        db.session.flush()
        closing.give_up(closure, by)
        again_told = [mail for mail in db.session.scalars(select(Mail)) if "continue" in mail.subject]
        assert {mail.to_address for mail in again_told} == {pair.mentor.email, pair.mentee.email}


def test_the_parent_of_a_mentor_who_is_a_minor_is_told_too(in_space, association, people):
    with in_space(association):
        pair = db.session.merge(people.pair)
        pair.mentor.birth_date, pair.mentor.guardian_email = factories.birth_date(17), "odile@example.org"
        closing.tell_stop(pair)

        assert "odile@example.org" in db.session.scalars(select(Mail.to_address)).all()


def test_the_team_reads_whom_no_letter_reaches(office, in_space, association, people):
    with in_space(association):
        mentee = db.session.merge(people.pair).mentee
        mentee.email, mentee.birth_date = None, factories.birth_date(16)

    page = office.send(f"/a/passerelle/binomes/{people.pair.id}/cloture", {"kind": "unforeseen", "reason": "safety"})

    assert "À prévenir par téléphone, aucun message ne part : Inès, qui représente Inès." in [plain(said) for said in page.flashes]


def test_another_end_calls_nothing_off(in_space, association, people):
    with in_space(association):
        pair = db.session.merge(people.pair)
        factories.meeting(pair, 3)
        closing.begin_closing(pair, "unforeseen", "time", people.admin.user_id)

        assert db.session.scalars(select(Meeting.state)).all() == ["planned"]


def test_the_mentor_is_proposed_to_nobody_from_the_first_day(in_space, association, people):
    """Who accompanies others too has room for these only; the pair that goes on after all gives back what there was."""
    with in_space(association):
        pair, by = again(association, people.pair), people.admin.user_id
        mentor, other, waits = pair.mentor, factories.mentee(association), factories.mentee(association)
        mentor.capacity = 3
        closure = closing.begin_closing(pair, "unforeseen", "safety", by)
        assert (mentor.state, mentor.capacity) == ("paused", 3)
        with pytest.raises(GateClosed, match="en pause"):
            propose(waits, mentor, Plan(today(), 6, "monthly", []), None)
        closing.give_up(closure, by)
        assert (mentor.state, pair.state) == ("active", "active")

        second = factories.pair(mentor, other)
        closure = closing.begin_closing(pair, "unforeseen", "time", by)
        closing.make_precaution(closure, by)
        assert (mentor.state, mentor.capacity) == ("active", 1)
        with pytest.raises(GateClosed, match="autant de jeunes que possible"):
            propose(waits, mentor, Plan(today(), 6, "monthly", []), None)
        do_all(closure)
        closing.close(closure, today(), {"contact_rule": "none", "rematch_mentor": True}, by)
        assert (second.state, mentor.state, mentor.capacity) == ("active", "active", 1)
        life.reopen(pair, by)
        assert (closure.rested, mentor.capacity) == (["mentor"], 3)


@pytest.mark.parametrize("how", ["steps", "form"])
def test_what_comes_to_light_while_a_pair_ends_makes_it_a_precaution(office, in_space, association, people, how):
    """Said on the page of the steps, or by a colleague on the page from before; and though the gate keeps the two from going on."""
    with in_space(association):
        pair = db.session.merge(people.pair)
        factories.meeting(pair, 3)
        closing.begin_closing(pair, "foreseen", "time", people.admin.user_id)
        pair.mentee.birth_date = factories.birth_date(16)  # nobody has allowed it
    path = f"/a/passerelle/binomes/{people.pair.id}/cloture"
    address = office.page(path).soup.find("form", action=f"{path}/precaution")["action"]

    for _twice in range(2):
        office.send(address) if how == "steps" else office.send(path, {"kind": "foreseen", "reason": "safety"})
        office.send(path, {"kind": "foreseen", "reason": "time"})  # it stays one

    page = office.page(path)
    assert "Par précaution" in page.text
    assert page.soup.find("form", action=address) is None
    with in_space(association):
        closure = closure_of(again(association, people.pair))
        assert (closure.reason, "together" in closing.left(closure)) == ("safety", False)
        assert db.session.scalars(select(Meeting.state)).all() == ["cancelled"]
        assert story(closure.pair) == ["closing", "closing"]
        do_all(closure)
        with pytest.raises(closing.CannotClose, match="tout contact passe par l'association"):
            closing.close(closure, today(), {"contact_rule": "free"}, people.admin.user_id)
        closing.close(closure, today(), {"contact_rule": "none"}, people.admin.user_id)
        assert kept_apart(closure.pair.mentor, closure.pair.mentee)


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


@pytest.mark.parametrize(("reason", "asks"), [("safety", False), ("planned", True)])
def test_nobody_is_made_to_say_goodbye_together_after_a_precaution(in_space, association, people, reason, asks):
    with in_space(association):
        closure = closing.begin_closing(db.session.merge(people.pair), "foreseen", reason, people.admin.user_id)

        assert ("together" in closing.left(closure)) is asks


def test_after_a_precaution_nobody_is_left_free_to_stay_in_touch(stopping, office, in_space, association, people):
    with in_space(association):
        do_all(closure_of(again(association, people.pair)))
    page = office.page(f"/a/passerelle/binomes/{people.pair.id}/cloture/fin")
    assert [box["value"] for box in page.soup.find_all("input", {"name": "contact_rule"})] == ["none", "association"]

    with in_space(association):
        closure = closure_of(db.session.merge(stopping).pair)
        do_all(closure)
        with pytest.raises(closing.CannotClose, match="tout contact passe par l'association"):
            closing.close(closure, today(), {"contact_rule": "free"}, people.admin.user_id)


@pytest.mark.parametrize("who", ["mentor", "mentee"])
def test_while_it_ends_both_read_so_and_nothing_more_is_offered(stopping, app, people, who):
    page = app.test_client().sign_in(getattr(people, who).user_id).page("/a/passerelle/")

    assert "se termine" in page.text
    assert page.soup.find("a", string="Proposer un moment") is None
    assert page.soup.find("a", string=lambda words: words and words.startswith("Prévoir un rendez-vous")) is None


def test_that_they_were_kept_apart_is_said_beside_what_is_missing(stopping, office, in_space, association, people):
    with in_space(association):
        closure = db.session.merge(stopping)
        do_all(closure)
        closing.close(closure, today(), {"contact_rule": "none"}, people.admin.user_id)
        closure.pair.mentor.state = "active"
        closure.pair.mentee.birth_date = factories.birth_date(16)
        db.session.flush()
        day = today().isoformat()
    plan = {"starts_on": day, "planned_months": "6", "rhythm": "monthly", "objectives": "Lire"}

    page = office.send("/a/passerelle/binomes/nouveau", {**plan, "mentee": str(people.mentee.id), "mentor": str(people.mentor.id)})

    assert page.status == 422
    assert any("clôturé par précaution" in error for error in page.errors)


def test_who_is_of_the_team_and_of_the_pair_does_not_read_why_it_ended(stopping, app, in_space, association, people):
    with in_space(association):
        factories.place(association.id, people.mentor.user_id, "admin")
        db.session.add(Staff(user_id=people.mentor.user_id, first_name="Karim", last_name="Trabelsi"))
        closure = db.session.merge(stopping)
        do_all(closure)
        closing.close(closure, today(), {"contact_rule": "none"}, people.admin.user_id)
    theirs, colleagues = (app.test_client().sign_in(user) for user in (people.mentor.user_id, people.admin.user_id))

    for path in (f"/a/passerelle/binomes/{people.pair.id}", "/a/passerelle/binomes?etat=closed"):
        assert ["précaution" in browser.page(path).text for browser in (theirs, colleagues)] == [False, True]


@pytest.mark.parametrize("reason", ["safety", "time"])
def test_the_mentors_other_jeunes_are_shown_to_whoever_ends_it(office, in_space, association, people, reason):
    with in_space(association):
        pair = again(association, people.pair)
        pair.mentor.capacity = 3
        others = [factories.pair(pair.mentor, factories.mentee(association, first_name=name)) for name in ("Awa", "Zoé")]
        others[1].state, others[1].closed_on = "closed", today()
        closing.begin_closing(pair, "unforeseen", reason, people.admin.user_id)

    page = office.page(f"/a/passerelle/binomes/{pair.id}/cloture")

    assert ("Les autres jeunes de Karim" in page.text) is (reason == "safety")
    assert ("Awa" in page.text, "Zoé" in page.text) == (reason == "safety", False)


@pytest.fixture
def with_another(in_space, association, people):
    """The pair ended as a precaution; its mentor, who has room for two, has another pair that goes on, or that forms."""

    def make(state="active"):
        with in_space(association):
            pair, by = again(association, people.pair), people.admin.user_id
            pair.mentor.capacity = 2
            other = factories.pair(pair.mentor, factories.mentee(association), state=state)
            end(pair, by, rematch_mentor=True)
            assert (pair.mentor.state, pair.mentor.capacity) == ("active", 1)
            return pair, other, by

    return make


def end(pair, by, reason="safety", **answers):
    closure = closing.begin_closing(pair, "unforeseen", reason, by)
    do_all(closure)
    closing.close(closure, today(), {"contact_rule": "none", **answers}, by)
    return closure


def letters_of(person):
    return [mail.subject for mail in db.session.scalars(select(Mail).where(Mail.to_address == person.email).order_by(Mail.id))]


@pytest.mark.parametrize("how", ["ends", "undone", "given up", "refused"])
def test_the_mentor_rests_too_once_their_other_pair_is_gone(with_another, in_space, association, how):
    state = {"ends": "active", "undone": "active", "given up": "confirmed", "refused": "proposed"}[how]
    pair, other, by = with_another(state)
    with in_space(association):
        other, mentor = again(association, other), again(association, pair).mentor
        if how == "ends":
            end(other, by, "planned", contact_rule="association", rematch_mentor=True)
        elif how == "undone":
            life.undo(other, by)
        elif how == "given up":
            give_up(other, by)
        else:
            interest.answer(interest.ask(other, "mentee"), is_yes=False)

        assert (mentor.state, mentor.paused_until, mentor.first_in_line) == ("paused", None, False)
        assert "en tête de liste" not in "".join(db.session.scalars(select(Mail.text).where(Mail.to_address == mentor.email)))
        with pytest.raises(GateClosed, match="en pause"):
            propose(factories.mentee(association), mentor, Plan(today(), 6, "monthly", []), None)


def test_of_several_other_pairs_each_that_ends_leaves_no_room(with_another, in_space, association):
    pair, other, by = with_another()
    with in_space(association):
        mentor = again(association, pair).mentor
        mentor.capacity = 3
        third = factories.pair(mentor, factories.mentee(association))
        mentor.capacity = 2
        end(third, by, "planned", contact_rule="association")
        assert (mentor.state, mentor.capacity) == ("active", 1)

        end(again(association, other), by, "planned", contact_rule="association")
        assert mentor.state == "paused"


@pytest.mark.parametrize("when", ["at once", "at the end"])
def test_a_day_that_the_mentor_had_said_brings_nobody_back(in_space, association, people, when):
    with in_space(association):
        pair, by = again(association, people.pair), people.admin.user_id
        if when == "at once":
            files.pause(pair.mentor, today() + timedelta(days=3))
            closing.begin_closing(pair, "unforeseen", "safety", by)
        else:
            closing.begin_closing(pair, "unforeseen", "time", by)
            files.pause(pair.mentor, today() + timedelta(days=3))
            closing.make_precaution(closure_of(pair), by)
            do_all(closure_of(pair))
            closing.close(closure_of(pair), today(), {"contact_rule": "none"}, by)
        assert (pair.mentor.state, pair.mentor.paused_until) == ("paused", today() + timedelta(days=3))

        pair.mentor.paused_until = today()
        files.resume_when_due(pair.mentor)
        assert (pair.mentor.state, pair.mentor.paused_until) == (("active", None) if when == "at once" else ("paused", None))
        assert pair.mentor.capacity == 1, "no room beside the pair that is closing"


def test_a_pause_of_before_outlives_a_precaution_that_is_given_up(in_space, association, people):
    with in_space(association):
        pair, by = again(association, people.pair), people.admin.user_id
        files.pause(pair.mentor, today() + timedelta(days=3))
        closure = closing.begin_closing(pair, "unforeseen", "safety", by)

        closing.give_up(closure, by)

        assert (pair.mentor.state, pair.mentor.paused_until) == ("paused", today() + timedelta(days=3))


@pytest.mark.parametrize("reason", ["planned", "time"])
def test_another_pair_that_ended_by_mistake_goes_on_and_the_precaution_stands(with_another, in_space, association, reason):
    pair, other, by = with_another()
    with in_space(association):
        other, mentor = again(association, other), again(association, pair).mentor
        end(other, by, reason, contact_rule="association")
        assert mentor.state == "paused"

        life.reopen(other, by)
        assert (mentor.state, mentor.capacity) == ("active", 1)
        end(other, by, reason, contact_rule="association", rematch_mentor=True)
        assert mentor.state == "paused"


def test_reopening_another_pair_leaves_no_room_for_a_new_one(in_space, association, people):
    with in_space(association):
        pair, by = again(association, people.pair), people.admin.user_id
        mentor = pair.mentor
        mentor.capacity = 2
        other = factories.pair(mentor, factories.mentee(association))
        end(other, by, "time", contact_rule="association", rematch_mentor=False)
        end(pair, by)
        assert mentor.state == "paused"

        life.reopen(other, by)

        assert (mentor.state, mentor.capacity) == ("active", 1)
        end(other, by, "planned", contact_rule="association", rematch_mentor=True)
        assert mentor.state == "paused"


def test_a_file_that_is_closed_and_opened_again_is_still_at_rest(office, in_space, association, people):
    with in_space(association):
        end(again(association, people.pair), people.admin.user_id)
    file = f"/a/passerelle/mentors/{people.mentor.id}"
    office.send(f"{file}/retrait", {})

    page = office.send(f"{file}/reouverture")

    assert "La personne reste en pause, comme à la fin de son binôme." in "".join(plain(page.flashes))
    with in_space(association):
        assert again(association, people.pair).mentor.state == "paused"


@pytest.mark.parametrize("said", [{"resume": "y"}, {"until": factories.Day(-3)}, {"capacity": "3"}], ids=["back", "a day", "room"])
def test_the_team_alone_says_that_they_may_be_proposed_again(office, with_another, in_space, association, said):
    pair, other, by = with_another()
    with in_space(association):
        mentor = again(association, pair).mentor
        if "capacity" not in said:
            end(again(association, other), by, "planned", contact_rule="association")
            assert mentor.state == "paused"
    office.send(f"/a/passerelle/mentors/{mentor.id}/pause", said) if "capacity" not in said else None

    with in_space(association):
        mentor = again(association, pair).mentor
        if "capacity" in said:
            files.correct(mentor, {"capacity": 3})
            end(again(association, other), by, "planned", contact_rule="association")
        assert closing.rests_until_said(mentor) is False
        assert mentor.state == ("paused" if "until" in said else "active")


def test_what_somebody_said_at_an_end_that_was_a_mistake_counts_no_more(in_space, association, people):
    with in_space(association):
        pair, by = again(association, people.pair), people.admin.user_id
        end(pair, by, "time", contact_rule="association", rematch_mentee=False, rematch_mentor=False)
        life.reopen(pair, by)

        end(pair, by, "planned", contact_rule="association")

        assert (pair.mentor.state, pair.mentee.state) == ("active", "active")


def test_a_pair_that_ends_is_not_prolonged(office, stopping, in_space, association, people):
    path = f"/a/passerelle/binomes/{people.pair.id}/modification"
    with in_space(association):
        pair = again(association, people.pair)
        before = letters_of(pair.mentor)
        with pytest.raises(life.NotNow, match="se termine"):
            life.correct(pair, {"planned_months": 9}, people.admin.user_id)

    office.send(path, {"planned_months": "9"})

    with in_space(association):
        pair = again(association, people.pair)
        assert (pair.planned_months, letters_of(pair.mentor)) == (6, before)
