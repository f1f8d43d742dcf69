"""Invitations, my account, my open sessions, my spaces."""

from datetime import timedelta

import pytest
import time_machine

from app.accounts.actions import end_membership, invite
from app.accounts.links import invitation_token
from app.accounts.models import Membership, User, WebSession
from app.accounts.permissions import Role
from app.database import now
from app.extensions import db
from tests import factories

from .conftest import PASSWORD, link_in

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:130.0) Gecko/20100101 Firefox/130.0"
CLAIRE = {"email": "claire@example.org", "password": PASSWORD}


@pytest.fixture
def invited(association, in_space):
    """Somebody who was just invited to Passerelle: the membership."""
    with in_space(association):
        return invite("Karim@example.org", Role.MENTOR, association, "Karim")


@pytest.fixture
def invitation(app, invited):
    """The path of the invitation."""
    with app.test_request_context("/"):
        return f"/invitation/{invitation_token(invited)}"


def test_an_invitation_is_written_with_its_link(client, invited, mails, association):
    [mail] = mails(association)
    invitation = link_in(mail)

    assert (mail.kind, mail.to_address, mail.subject) == ("invitation", "Karim@example.org", "Passerelle vous ouvre son espace")
    assert client.page(invitation).heading == "Passerelle vous ouvre son espace"
    assert f'href="http://localhost{invitation}"' in mail.html
    assert "Bonjour Karim," in mail.text


def test_an_invitation_opens_with_a_button_and_proves_the_address(client, invited, invitation, again):
    page = client.page(invitation)
    assert page.heading == "Passerelle vous ouvre son espace"
    assert again(User, invited.user_id).confirmed_at is None

    client.post(invitation)

    assert again(User, invited.user_id).confirmed_at is not None
    assert client.page("/compte").heading == "Mon compte"


def test_a_link_that_could_not_be_stored_is_not_written_in_the_log(app, client, invitation, monkeypatch, caplog):
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    monkeypatch.setattr("app.database.commit", lambda: 1 / 0)

    page = client.send(invitation)

    assert (page.status, page.heading) == (500, "Quelque chose s'est mal passé")
    assert invitation not in caplog.text


def test_an_invitation_serves_once_then_the_usual_door_opens(client, browser, invitation):
    client.post(invitation)

    page = browser().page(invitation)

    assert page.heading == "Se connecter"
    assert page.flashes == [
        "Vous avez déjà un compte\N{NO-BREAK SPACE}: connectez-vous, par un lien ou par mot de passe, et votre espace s'ouvre."
    ]
    assert page.response.request.args["next"] == "/a/passerelle/"


def test_somebody_who_has_an_account_signs_in_as_usual(client, claire, in_space, elsewhere, app):
    with in_space(elsewhere):
        token = invitation_token(invite("claire@example.org", Role.MENTOR, elsewhere, "Claire"))

    response = client.post(f"/invitation/{token}")

    assert response.headers["Location"] == "/connexion?next=/a/ailleurs/"


@pytest.mark.parametrize(("method", "back"), [("get", "?next=/a/passerelle/reglages?x%3D1"), ("post", "")])
def test_signing_in_leads_back_to_what_can_be_read(method, back, client, association):
    response = getattr(client, method)("/a/passerelle/reglages?x=1")

    assert response.headers["Location"] == f"/connexion{back}"


def test_inviting_twice_gives_one_place_and_writes_again(invited, in_space, association, mails):
    with in_space(association):
        invite("karim@EXAMPLE.org", Role.MENTOR, association, "Karim")
        places = db.session.query(Membership).filter_by(tenant_id=association.id).count()

    assert places == 1
    assert len(mails(association)) == 2


def test_inviting_again_reopens_a_place_that_had_ended(client, invited, invitation, in_space, association):
    with in_space(association):
        end_membership(association.id, invited.user_id, Role.MENTOR)
    assert client.page(invitation).status == 410

    with in_space(association):
        invite("karim@example.org", Role.MENTOR, association, "Karim")

    assert client.page(invitation).status == 200


def test_an_invitation_to_a_place_that_ended_opens_nothing(client, invited, invitation, in_space, association):
    with in_space(association):
        end_membership(association.id, invited.user_id, Role.MENTOR)

    page = client.send(invitation)

    assert (page.status, page.heading) == (410, "Ce lien ne sert plus")


@pytest.mark.parametrize(("days", "status"), [(13, 200), (15, 410)])
def test_an_invitation_serves_for_fourteen_days(client, invitation, days, status):
    with time_machine.travel(now() + timedelta(days=days)):
        assert client.page(invitation).status == status


@pytest.mark.parametrize("change", [lambda path: path[:-3], lambda path: path[:-1] + "!", lambda _path: "/invitation/a.b.c"])
def test_an_invitation_cut_or_forged_opens_nothing(client, invitation, change):
    assert client.send(change(invitation)).status in {404, 410}
    assert client.page("/compte").heading == "Se connecter"


def test_a_membership_ends_once(invited, in_space, association, again):
    key = (association.id, invited.user_id, "mentor")
    with in_space(association):
        end_membership(*key[:2], Role.MENTOR)
    first = again(Membership, key).ended_at

    with in_space(association):
        end_membership(*key[:2], Role.MENTOR)
        end_membership(association.id, factories.uuid7(), Role.ADMIN)

    assert again(Membership, key).ended_at == first


# My account.


@pytest.fixture
def two_devices(client, claire, browser):
    """Claire, signed in here and on another computer."""
    other = browser()
    for device in (client, other):
        device.post("/connexion", data=CLAIRE, headers={"User-Agent": FIREFOX})
    return other


def test_my_account_shows_where_i_am_signed_in(client, two_devices):
    page = client.page("/compte")

    devices = [" ".join(row.get_text(" ").split()) for row in page.soup.select(".rows li")]
    assert len(devices) == 2
    assert all(device.startswith("Firefox sur Windows vu le") for device in devices)
    assert [device.endswith("cet appareil") for device in devices].count(True) == 1
    assert "Par votre mot de passe, ou par un lien envoyé à claire@example.org." in page.text


def test_ending_the_other_session_signs_that_device_out(client, two_devices):
    form = client.page("/compte").soup.select_one(".rows form")

    page = client.send(form["action"])

    assert page.flashes == ["Cet appareil est déconnecté."]
    assert two_devices.page("/compte").heading == "Se connecter"
    assert "Déconnecter tous les autres" not in page.text
    assert client.send(form["action"]).status == 200, "ending it twice is no error"


def test_ending_all_the_others_keeps_only_this_one(client, two_devices, browser):
    third = browser().sign_in(db_user(client))

    page = client.send("/compte/sessions/fin")

    assert page.flashes == ["Tous vos autres appareils sont déconnectés."]
    assert len(page.soup.select(".rows li")) == 1
    assert [device.page("/compte").heading for device in (two_devices, third)] == ["Se connecter"] * 2


def db_user(client):
    """The account of the claire fixture."""
    with client.application.app_context():
        return db.session.query(User).filter_by(email="claire@example.org").one().id


def test_a_session_of_somebody_else_cannot_be_ended(client, two_devices, browser, in_space, association, claire):
    with in_space(association):
        stranger = factories.user()
        target = db.session.query(WebSession).filter_by(user_id=claire.id).first().id

    browser().sign_in(stranger).send(f"/compte/sessions/{target}/fin")

    assert len(client.page("/compte").soup.select(".rows li")) == 2


def test_a_device_with_a_strange_name_is_kept(client, claire):
    client.post("/connexion", data=CLAIRE, headers={"User-Agent": "<script>" + "é" * 5000})

    page = client.page("/compte")

    assert "Un navigateur" in page.text
    assert "<script>é" not in page.html


@pytest.mark.parametrize("password", [True, False])
def test_my_account_offers_to_choose_or_to_change_a_password(client, claire, in_space, association, password):
    with in_space(association):
        account = claire if password else factories.member(association, "mentor")
    client.sign_in(account)

    assert ("Changer mon mot de passe" in client.page("/compte").text) is password


@pytest.mark.parametrize("path", ["/compte", "/espaces", "/compte?x=1"])
def test_a_page_of_ones_own_asks_to_sign_in_and_leads_back(client, programme, path):
    page = client.page(path)

    assert page.heading == "Se connecter"
    assert page.response.request.args["next"] == path


# My spaces.


def test_one_space_opens_at_once(client, claire):
    client.sign_in(claire)

    assert client.page("/espaces").response.request.path == "/a/passerelle/"
    assert client.page("/espaces?choisir=1").heading == "Mes espaces"


def test_several_spaces_are_shown_with_the_roles_held_in_each(client, claire, in_space, elsewhere, association):
    with in_space(elsewhere):
        factories.place(elsewhere.id, claire.id, "mentor")
        factories.place(association.id, claire.id, "admin")
    client.sign_in(claire)

    page = client.page("/espaces")

    cards = {card["href"]: card.small.get_text() for card in page.soup.select("a.choice")}
    assert cards == {"/a/passerelle/": cards["/a/passerelle/"], "/a/ailleurs/": "mentor"}
    assert set(cards["/a/passerelle/"].split(", ")) == {"équipe", "responsable"}


def test_no_space_says_what_to_do(client, in_space, association):
    with in_space(association):
        account = factories.user()
    client.sign_in(account)

    assert "Aucun espace ne vous est ouvert pour l'instant." in client.page("/espaces").text


def test_a_space_that_ended_is_not_found_any_more_at_the_next_request(client, claire, in_space, association):
    client.sign_in(claire)
    assert client.page("/a/passerelle/demandes").status == 200

    with in_space(association):
        end_membership(association.id, claire.id, Role.COORDINATOR)

    assert client.page("/a/passerelle/demandes").status == 404
    page = client.page("/espaces")
    assert f"Vous n'avez plus accès à l'espace de {association.name}." in page.text
    assert "vous invitera" not in page.text


def test_the_space_of_others_is_not_found(client, claire, elsewhere):
    client.sign_in(claire)

    assert client.page("/a/ailleurs/demandes").status == 404


@pytest.mark.parametrize("roles", [{"coordinator"}, {"admin"}, {"mentor"}, {"jeune"}, {"mentor", "coordinator"}])
def test_roles_add_up_in_one_space(client, in_space, association, roles):
    with in_space(association):
        account = factories.user()
        for role in roles:
            factories.place(association.id, account.id, role)
    client.sign_in(account)

    inbox, settings = client.page("/a/passerelle/demandes").status, client.page("/a/passerelle/reglages").status

    assert inbox == (200 if roles & {"coordinator", "admin"} else 403)
    assert settings == (200 if "admin" in roles else 403)


@pytest.mark.parametrize("address", ["//[", "https://[", "//[::1"])
def test_an_address_that_nobody_can_read_leads_nowhere(client, programme, address):
    asked = client.post("/connexion/lien", query_string={"next": address}, data={"email": "claire@example.org"})
    signed = client.post("/connexion", query_string={"next": address}, data={"email": "claire@example.org", "password": "x"})

    assert (asked.status_code, signed.status_code) == (200, 400)
