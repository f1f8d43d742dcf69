"""Bringing two people together: whom we write to, and what happens when two coordinators act at the same instant."""

import pytest
from sqlalchemy.exc import DBAPIError

from app.extensions import db
from app.mail import Mail
from app.pairs.actions import Plan, form_pair
from app.pairs.closing import close_pair
from app.pairs.models import Pair
from app.pairs.refusals import GateClosed, refusal
from app.pairs.signals import pair_closed
from app.people.models import Mentee
from app.web import today
from tests import factories
from tests.people.fixtures import at_once, day_ago, space_of

from .situations import again, make_mentee, make_mentor, plain

SPACE = "/a/passerelle"


def plan(**changes):
    """Six months from today."""
    return Plan(**{"starts_on": today(), "planned_months": 6, "rhythm": "monthly", "objectives": [], **changes})


def test_both_are_written_to_with_first_names_only(association, in_space, stored):
    with in_space(association):
        mentor = factories.mentor(association, trained=True, last_name="Tahar")
        mentee = factories.mentee(association, last_name="Bensalah")
        form_pair(mentee, mentor, plan(), None)

    mails = {mail.to_address: mail for mail in stored(association, Mail)}
    assert set(mails) == {mentor.email, mentee.email}
    assert "Bonjour Karim, Vous formez un binôme avec Inès" in " ".join(mails[mentor.email].text.split())
    assert "Bonjour Inès, Vous formez un binôme avec Karim" in " ".join(mails[mentee.email].text.split())
    for mail in mails.values():
        assert not {"Tahar", "Bensalah"} & set(f"{mail.text} {mail.html} {mail.subject}".replace("<", " ").split())


@pytest.mark.parametrize("without", [{"email": None}, {"account": False}])
def test_who_has_no_address_or_no_account_is_not_written_to(association, in_space, stored, without):
    with in_space(association):
        mentor = factories.mentor(association, trained=True)
        form_pair(make_mentee(association, 20) if "account" in without else _silent(association), mentor, plan(), None)

    assert [mail.to_address for mail in stored(association, Mail)] == [mentor.email]


def _silent(association):
    """A jeune with an account whose file has no address."""
    mentee = factories.mentee(association)
    mentee.email = None
    return mentee


def test_everything_that_is_missing_is_said_at_once(association, in_space):
    with in_space(association):
        with pytest.raises(GateClosed) as refused:
            form_pair(make_mentee(association, 14), make_mentor(association, trained=False), plan(), None)

        assert "n'est pas terminée" in plain(refused.value)
        assert "Inès : l'autorisation parentale manque." in plain(refused.value)
        assert "il faut aussi son propre accord." in plain(refused.value)
        assert db.session.query(Pair).count() == 0


def test_an_error_that_is_no_refusal_is_not_hidden(association, in_space):
    with in_space(association):
        mentee, mentor = make_mentee(association, 20), make_mentor(association)

        with pytest.raises(DBAPIError, match="ck_pairs_planned_months"):
            form_pair(mentee, mentor, plan(planned_months=0), None)


def test_a_closure_is_announced_once(association, in_space, people):
    heard = []

    with in_space(association), pair_closed.connected_to(heard.append):
        pair = db.session.get(Pair, (association.id, people.pair.id))
        for _time in range(2):
            close_pair(pair, today(), "planned", None)

    assert len(heard) == 1


def form(mentee, mentor):
    """The form of a new pair."""
    return {
        "mentee": str(mentee.id), "mentor": str(mentor.id), "starts_on": day_ago(0), "planned_months": "6", "rhythm": "monthly",
    }  # fmt: skip


@pytest.fixture
def two_offices(crowd):
    """An association with two coordinators, whose commits are real."""
    factories.programme(crowd)
    tenant = factories.association(crowd, "passerelle", "Passerelle", ["69"])
    with space_of(crowd, tenant):
        return crowd, tenant, [factories.staff(tenant).user_id for _each in range(2)]


@pytest.mark.committed
def test_two_coordinators_at_once_do_not_give_a_mentor_more_than_their_capacity(two_offices):
    app, tenant, accounts = two_offices
    with space_of(app, tenant):
        mentor, mentees = make_mentor(tenant), [make_mentee(tenant, 20) for _each in range(8)]

    pages = at_once(app, [(accounts[i % 2], f"{SPACE}/binomes/nouveau", form(m, mentor)) for i, m in enumerate(mentees)])

    assert sorted(page.status for page in pages) == [200] + [422] * 7
    with space_of(app, tenant):
        assert db.session.query(Pair).count() == 1


@pytest.mark.committed
def test_two_coordinators_at_once_do_not_promise_a_jeune_to_two_mentors(two_offices):
    app, tenant, accounts = two_offices
    with space_of(app, tenant):
        mentee, mentors = make_mentee(tenant, 20), [make_mentor(tenant) for _each in range(8)]

    pages = at_once(app, [(accounts[i % 2], f"{SPACE}/binomes/nouveau", form(mentee, m)) for i, m in enumerate(mentors)])

    assert sorted(page.status for page in pages) == [200] + [422] * 7
    with space_of(app, tenant):
        assert db.session.query(Pair).count() == 1


@pytest.mark.committed
def test_a_file_that_closes_while_a_pair_is_formed_leaves_one_of_the_two(two_offices):
    app, tenant, (one, two) = two_offices
    with space_of(app, tenant):
        couples = [(make_mentee(tenant, 20), make_mentor(tenant)) for _each in range(4)]
    forming = [(one, f"{SPACE}/binomes/nouveau", form(*couple)) for couple in couples]
    closing = [(two, f"{SPACE}/jeunes/{mentee.id}/retrait", {}) for mentee, _mentor in couples]

    pages = at_once(app, [*forming, *closing])

    assert {page.status for page in pages} <= {200, 409, 422}, "nobody meets a crash"
    with space_of(app, tenant):
        paired = {pair.mentee_id for pair in db.session.query(Pair)}
        closed = {mentee.id for mentee in db.session.query(Mentee).filter_by(state="withdrawn")}
        assert not paired & closed
        assert len(paired | closed) == 4


RACES = {
    "trained": "Cette personne n'a pas terminé la formation obligatoire.",
    "room": "sa capacité est atteinte.",
    "authorised": "Il manque un document ou une autorisation, qui vient peut-être d'être retirée.",
    "open": "L'un des deux dossiers vient d'être fermé ou mis en pause, ou la personne accompagnée a 30 ans.",
    "free": "Cette personne vient d'entrer dans un autre binôme.",
    "alone": "Cette personne avait encore son binôme précédent à cette date : choisissez un début plus tard.",
}


@pytest.mark.parametrize("what", RACES)
def test_a_refusal_of_the_database_is_read_as_a_sentence(association, in_space, people, what):
    with in_space(association):
        if what == "alone":
            close_pair(again(association, people.pair), today(), "planned", None)
        age = {"authorised": 16, "open": 30}.get(what, 20)
        mentee = people.mentee if what in {"free", "alone"} else make_mentee(association, age)
        mentor = make_mentor(association, trained=what != "trained", room=what != "room")
        with pytest.raises(DBAPIError) as refused, db.session.begin_nested():
            factories.pair(mentor, mentee)

        assert RACES[what] in " ".join(refusal(refused.value).split())
