"""After the end: a pair is reopened within thirty days if the gate is open; and how many closures were accompanied."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.extensions import db
from app.pairs import closing, life
from app.pairs.closing import close_pair
from app.pairs.models import Closure
from app.pairs.queries import closure_of
from app.pairs.refusals import GateClosed
from app.web import today
from tests import factories

from .situations import ANSWERS, again, ask_for, closing_pair, days, do_all, plain, proposed, story

REOPENED = "Le binôme est rouvert. Les rendez-vous qui ont été annulés ne reviennent pas : prévoyez-en d'autres."


@pytest.fixture
def pair(association, in_space, people):
    """The pair as it is stored, in a space of its own."""

    def read(what=lambda row: row):
        with in_space(association):
            return what(again(association, people.pair))

    return read


@pytest.mark.parametrize(("ago", "reopened"), [(0, True), (30, True), (31, False)])
def test_a_pair_is_reopened_within_thirty_days(office, association, in_space, people, pair, ago, reopened):
    with in_space(association):
        closure = closing_pair(association, people.pair)
        do_all(closure)
        closing.close(closure, today() - days(ago), {**ANSWERS, "rematch_mentee": True}, factories.user().id)

    page = office.send(f"/a/passerelle/binomes/{people.pair.id}/reouverture")

    late = "Ce binôme est clôturé depuis plus de 30 jours : formez-en un nouveau, son histoire reste lisible."
    assert [plain(said) for said in page.flashes] == ([REOPENED] if reopened else [late])
    assert pair().state == ("active" if reopened else "closed")
    assert pair(lambda row: row.mentee.first_in_line) is not reopened
    assert pair(lambda row: closure_of(row) is None) is reopened


def test_a_reopened_pair_can_be_closed_again_with_a_file_of_its_own(association, in_space, people):
    with in_space(association):
        for reason in ("goals", "lost"):
            closure = closing_pair(association, people.pair, reason=reason)
            do_all(closure)
            closing.close(closure, today(), ANSWERS, factories.user().id)
            if reason == "goals":
                life.reopen(again(association, people.pair), factories.user().id)

        assert again(association, people.pair).closure_reason == "lost"
        assert sorted(row.reason for row in db.session.query(Closure)) == ["goals", "lost"]


def ready(tenant):
    return factories.mentor(tenant, trained=True)


SHUT = {
    "the jeune has another mentor": lambda pair, tenant: factories.pair(ready(tenant), pair.mentee, starts_on=today()),
    "the mentor has no place left": lambda pair, tenant: factories.pair(pair.mentor, factories.mentee(tenant), starts_on=today()),
    "the file was paused": lambda pair, tenant: setattr(pair.mentor, "state", "paused"),
    "a minor without a parent": lambda pair, tenant: setattr(pair.mentee, "birth_date", factories.birth_date(16)),
}


@pytest.mark.parametrize("why", SHUT)
def test_a_pair_is_not_reopened_while_the_gate_is_closed(association, in_space, people, why):
    with in_space(association):
        pair = again(association, people.pair)
        close_pair(pair, today(), "planned", None)
        db.session.flush()
        SHUT[why](pair, association)
        with pytest.raises(GateClosed):
            life.reopen(pair, factories.user().id)

        assert (pair.state, story(pair)) == ("closed", ["closed"])


def test_a_pair_that_began_before_conventions_were_asked_for_is_reopened(office, association, in_space, people, pair):
    with in_space(association):
        ask_for("agreement")
        close_pair(again(association, people.pair), today(), "planned", None)

    page = office.send(f"/a/passerelle/binomes/{people.pair.id}/reouverture")

    assert ([plain(said) for said in page.flashes], pair().state) == ([REOPENED], "active")


@pytest.mark.parametrize("state", ["closed", "confirmed"])
def test_the_convention_that_is_asked_for_is_asked_of_anybody_else(association, in_space, people, state):
    with in_space(association):
        ask_for("agreement")
        row = again(association, people.pair)
        close_pair(row, today() - days(9), "planned", None)
        if state == "confirmed":
            row = factories.pair(ready(association), row.mentee, state=state, starts_on=today())
        db.session.flush()
        other = ready(association)

        with pytest.raises(DBAPIError, match="pair_gate: agreement"), db.session.begin_nested():
            db.session.execute(BEGUN_WITH, {"pair": row.id, "mentor": other.id})


BEGUN_WITH = text("UPDATE pairs SET mentor_id = :mentor, state = 'active', closed_on = NULL WHERE id = :pair")


def closed_pair(tenant, ago=0, why="", reopened=False):
    """A pair whose closure was accompanied to its end, or explained, so many days ago."""
    pair = factories.pair(ready(tenant), factories.mentee(tenant), starts_on=today() - days(700))
    closure = closing_pair(tenant, pair)
    do_all(closure, why)
    closing.close(closure, today() - days(ago), ANSWERS, factories.user().id)
    if reopened:
        life.reopen(pair, factories.user().id)
    db.session.flush()


def test_the_share_of_accompanied_closures_is_of_the_last_twelve_months(association, elsewhere, in_space):
    with in_space(elsewhere):
        closed_pair(elsewhere)
    with in_space(association):
        assert closing.share_accompanied() == (0, 0)
        for case in ({}, {"ago": 364}, {"ago": 366}, {"why": "Injoignable"}, {"reopened": True}):
            closed_pair(association, **case)
        closing_pair(association, factories.pair(ready(association), factories.mentee(association)))

        assert closing.share_accompanied() == (2, 3)


def test_reopening_twice_or_a_pair_under_way_changes_nothing(office, association, in_space, people, pair):
    for _time in range(2):
        office.send(f"/a/passerelle/binomes/{people.pair.id}/reouverture")

    assert (pair().state, pair(story)) == ("active", [])


def test_a_pair_that_never_began_is_not_reopened(association, in_space):
    with in_space(association):
        pair = proposed(association)
        life.drop(pair, "staff")
        life.reopen(pair, factories.user().id)

        assert pair.state == "dropped"


def test_what_another_jeune_took_in_between_is_not_overlapped(association, in_space, people):
    with in_space(association):
        pair = again(association, people.pair)
        close_pair(pair, today() - days(9), "planned", None)
        db.session.flush()
        between = factories.pair(ready(association), pair.mentee, starts_on=today() - days(9))
        close_pair(between, today() - days(2), "fit", None)
        db.session.flush()

        with pytest.raises(GateClosed, match="binôme précédent"):
            life.reopen(pair, factories.user().id)
        assert (pair.state, pair.closed_on) == ("closed", today() - days(9))


def test_the_list_of_closed_pairs_says_how_many_were_accompanied(office, association, in_space):
    with in_space(association):
        closed_pair(association)
        closed_pair(association, why="Injoignable")

    said = "Depuis un an, 1 clôture sur 2 a été accompagnée jusqu'au bout."
    assert said in office.page("/a/passerelle/binomes?etat=closed").text
    assert said not in office.page("/a/passerelle/binomes").text
