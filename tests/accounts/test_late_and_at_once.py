"""A card that was opened before a colleague wrote on it, and an invitation that is ended while it is accepted."""

import threading
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from app.accounts.actions import accept_invitation, end_membership, forget_account
from app.accounts.links import invitation_token, membership_of_invitation
from app.accounts.models import Membership, User
from app.accounts.permissions import Role
from app.accounts.queries import lock_staff, roles_in_space
from app.extensions import db
from app.tenants.models import Staff
from tests import factories
from tests.people.fixtures import space_of
from tests.people.test_late_and_at_once import typed_on
from tests.privacy.test_same_instant import waited_for

from .test_team import GOOD, TEAM


@pytest.fixture
def invited(crowd):
    """An admin, and a colleague whose invitation nobody has opened, where commits are real."""
    factories.programme(crowd)
    tenant = factories.association(crowd, "passerelle", "Passerelle", ["69"])
    with space_of(crowd, tenant):
        admin = factories.staff(tenant, "admin")
    boss = crowd.test_client().sign_in(admin.user_id)
    boss.send(f"{TEAM}/nouveau", GOOD)
    with space_of(crowd, tenant):
        card = db.session.scalars(select(Staff).where(Staff.id != admin.id)).one()
        place = db.session.scalars(select(Membership).where(Membership.user_id == card.user_id)).one()
        link = f"/invitation/{invitation_token(place)}"
    return SimpleNamespace(app=crowd, tenant=tenant, boss=boss, boss_id=admin.user_id, card=card, link=link)


@pytest.mark.committed
@pytest.mark.parametrize("accepts_first", [True, False])
def test_an_invitation_that_is_accepted_while_it_is_ended_is_one_or_the_other(invited, accepts_first):
    """Who came in keeps an account and a card; who did not is forgotten whole, and their link opens nothing."""
    end, answers = f"{TEAM}/{invited.card.id}/fin", []
    later = {
        True: lambda: answers.append(invited.boss.post(end).status_code),
        False: lambda: answers.append(invited.app.test_client().post(invited.link).status_code),
    }[accepts_first]
    thread = threading.Thread(target=later)
    with space_of(invited.app, invited.tenant):
        if accepts_first:
            accept_invitation(membership_of_invitation(invited.link.rpartition("/")[2], hold=True))
        else:
            lock_staff(invited.tenant.id)
            end_membership(invited.tenant.id, invited.card.user_id, Role.COORDINATOR)
            forget_account(invited.card.user_id)
        db.session.flush()
        thread.start()
        waited_for(thread)
    thread.join(20)

    assert answers == [303 if accepts_first else 410]
    with space_of(invited.app, invited.tenant):
        account = db.session.get_one(User, invited.card.user_id)
        assert (account.active, account.email == GOOD["email"]) == (accepts_first, accepts_first)
        assert roles_in_space().keys() == {invited.boss_id}


@pytest.fixture
def late(app, association, in_space):
    """The card of a colleague who answers for the space: its form as an admin opened it, and what anybody may change of it."""
    with in_space(association):
        boss, nora, card = (factories.staff(association, "admin", name) for name in ("Anne", "Nora", "Claire"))
    path = f"{TEAM}/{card.id}"
    browsers = [app.test_client().sign_in(one.user_id) for one in (boss, nora)]
    form, hers = (typed_on(browser.page(path)) for browser in browsers)
    return SimpleNamespace(
        card=card, form=form, send=lambda **typed: browsers[0].send(path, {**form, **typed}),
        meanwhile=lambda **typed: browsers[1].send(path, {**hers, **typed}),
    )  # fmt: skip


def test_a_late_card_gives_back_no_role_that_a_colleague_took_away(late, association, in_space):
    late.meanwhile(role="coordinator", phone="06 12 00 99 99")

    page = late.send(office="trésorière")

    assert page.flashes == ["La fiche est corrigée."]
    with in_space(association):
        card = db.session.get_one(Staff, (association.id, late.card.id))
        assert roles_in_space()[late.card.user_id] == {Role.COORDINATOR}
        assert (card.office, card.phone) == ("trésorière", "+33612009999")


def test_what_two_write_of_a_card_is_said_at_its_field(late, association, in_space):
    late.meanwhile(office="présidente")

    page = late.send(office="trésorière", role="coordinator")

    assert page.errors == ["Quelqu'un vient d'écrire « présidente » ici. Relisez, puis enregistrez de nouveau."]
    with in_space(association):
        assert roles_in_space()[late.card.user_id] == {Role.ADMIN}
        assert db.session.get_one(Staff, (association.id, late.card.id)).office == "présidente"
