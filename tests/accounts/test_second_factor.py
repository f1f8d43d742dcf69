"""The second factor: asked at every door, used once, and got round by nobody."""

import base64
import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from flask_security import hash_password
from sqlalchemy import select, update

from app.accounts import second_factor
from app.accounts.links import invitation_token, sign_in_token
from app.accounts.models import Membership, User, WebSession
from app.accounts.queries import open_sessions
from app.database import now, unit_of_work
from app.extensions import db
from app.tenants.models import Tenant
from app.vault import locked
from tests import factories
from tests.people.fixtures import space_of

from .conftest import PASSWORD

DOOR, PAGE = "/connexion", "/compte/second-facteur"
CLAIRE = {"email": "claire@example.org", "password": PASSWORD}
WRONG = "Ce n'est pas le bon code, ou il a déjà servi. Attendez que l'application en montre un autre."


def shown(secret, later=0):
    """What the application shows now, or so many seconds later."""
    return second_factor.authenticator(secret).generate(time.time() + later).decode()


def secret_of(page):
    """The secret that the page of setting up gives to the application."""
    return base64.b32decode("".join(page.soup.select_one("code.secret").text.split()))


@pytest.fixture
def guarded(client, claire):
    """Claire with a second factor, signed out; its secret and her recovery codes."""
    client.send(DOOR, CLAIRE)
    secret = secret_of(client.page(PAGE))
    page = client.send(PAGE, {"code": shown(secret, later=-30)})
    codes = ["".join(code.text.split()) for code in page.soup.select(".codes code")]
    client.send("/deconnexion")
    return secret, codes


def test_setting_it_up_gives_ten_recovery_codes_and_says_so_by_mail(client, claire, mails, programme):
    client.send(DOOR, CLAIRE)
    secret = secret_of(client.page(PAGE))

    page = client.send(PAGE, {"code": shown(secret)})

    assert page.heading == "Vos codes de secours"
    assert len({code.text for code in page.soup.select(".codes code")}) == 10
    assert "Un code de votre application est demandé à chaque connexion" in client.page(PAGE).text
    [mail] = mails(programme)
    assert (mail.kind, mail.to_address) == ("second_factor", "claire@example.org")


def test_what_was_open_elsewhere_before_it_gives_no_code_and_ends(client, claire, browser):
    other = browser()
    for device in (client, other):
        device.send(DOOR, CLAIRE)
    page = client.page(PAGE)

    client.send(PAGE, {"code": shown(secret_of(page))})

    assert "Vos autres appareils seront déconnectés" in page.text
    assert other.page("/compte").heading == "Se connecter"
    assert client.page("/compte").heading == "Mon compte"


def test_the_picture_and_the_link_say_the_same_as_the_key(client, claire):
    client.send(DOOR, CLAIRE)

    page = client.page(PAGE)

    uri = page.soup.select_one('a[href^="otpauth:"]')["href"]
    assert "".join(page.soup.select_one("code.secret").text.split()) in uri
    assert page.soup.select_one("img.qr")["src"].startswith("data:image/png;base64,")


def test_a_page_that_is_read_again_keeps_the_secret_that_was_photographed(client, claire):
    client.send(DOOR, CLAIRE)

    assert secret_of(client.page(PAGE)) == secret_of(client.page(PAGE))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Tapez le code."),
        ("12345", "Un code a six chiffres ; un code de secours en a douze."),
        ("١٢٣٤٥٦", "Un code a six chiffres ; un code de secours en a douze."),
        ("abc def", "Un code a six chiffres ; un code de secours en a douze."),
        ("1" * 10_000, "Un code a six chiffres ; un code de secours en a douze."),
        ("late", WRONG),
    ],
)
def test_a_wrong_code_is_said_at_its_field_and_sets_nothing_up(client, claire, typed, said):
    client.send(DOOR, CLAIRE)
    secret = secret_of(client.page(PAGE))

    page = client.send(PAGE, {"code": shown(secret, later=-600) if typed == "late" else typed})

    assert page.errors == [said]
    assert client.page(PAGE).heading == "Ajouter un code de mon téléphone"


def test_the_password_alone_opens_nothing(client, guarded):
    page = client.send(DOOR, CLAIRE)

    assert page.heading == "Le code de votre application"
    assert client.page("/a/passerelle/").heading == "Se connecter"
    assert client.page("/compte").heading == "Se connecter"


def test_the_code_opens_the_page_that_was_asked_for(client, guarded):
    secret, _codes = guarded
    door = client.page("/a/passerelle/demandes?etat=accepted")

    client.send(door.soup.select("main form")[-1]["action"], CLAIRE)
    page = client.send(f"{DOOR}/code", {"code": f"{shown(secret)[:3]} {shown(secret)[3:]}"})

    assert page.response.request.full_path.startswith("/a/passerelle/demandes?etat=accepted")


@pytest.mark.parametrize(
    "target",
    [
        "https://mechant.example", "//mechant.example", "/\\mechant.example", "\\\\mechant.example",
        "javascript:alert(1)", "%2F%2Fmechant.example", "/connexion", "/deconnexion", "", "/",
    ],
)  # fmt: skip
def test_nobody_is_led_to_another_site_after_the_code(app, target):
    with app.test_request_context():
        assert second_factor.path_of(target) == "/espaces"


def test_a_page_of_another_address_of_this_site_is_a_page_here(app):
    with app.test_request_context():
        assert second_factor.path_of("http://localhost/a/passerelle/demandes?etat=new") == "/a/passerelle/demandes?etat=new"


@pytest.mark.parametrize("skew", [-30, 30])
def test_a_telephone_whose_clock_is_half_a_minute_wrong_comes_in(client, guarded, skew):
    secret, _codes = guarded
    with time_machine.travel(time.time() + 120):
        client.send(DOOR, CLAIRE)
        assert client.send(f"{DOOR}/code", {"code": shown(secret, later=skew)}).status == 200
        assert client.page("/compte").heading == "Mon compte"


def test_a_code_two_minutes_old_does_not_open(client, guarded):
    secret, _codes = guarded
    client.send(DOOR, CLAIRE)

    assert client.send(f"{DOOR}/code", {"code": shown(secret, later=-120)}).errors == [WRONG]


def test_a_code_serves_once(client, guarded, browser):
    secret, _codes = guarded
    code = shown(secret)
    client.send(DOOR, CLAIRE)
    client.send(f"{DOOR}/code", {"code": code})
    other = browser()
    other.send(DOOR, CLAIRE)

    assert other.send(f"{DOOR}/code", {"code": code}).errors == [WRONG]


def test_a_recovery_code_serves_once_and_is_told_by_mail(client, guarded, browser, mails, programme):
    _secret, codes = guarded
    client.send(DOOR, CLAIRE)
    client.send(f"{DOOR}/code", {"code": codes[3]})
    other = browser()
    other.send(DOOR, CLAIRE)

    page = other.send(f"{DOOR}/code", {"code": codes[3]})

    assert page.errors == [WRONG]
    assert "Il vous reste 9 codes de secours." in client.page(PAGE).text
    assert "codes de secours vient de servir" in mails(programme)[-1].text


def test_what_is_kept_of_recovery_codes_and_of_the_secret_is_neither(guarded, again, claire):
    secret, codes = guarded

    account = again(User, claire.id)

    assert not set(account.recovery_codes) & set(codes)
    assert secret not in account.second_factor_secret


def test_ten_minutes_after_the_password_it_must_be_given_again(client, guarded):
    secret, _codes = guarded
    client.send(DOOR, CLAIRE)

    with time_machine.travel(time.time() + 601):
        page = client.send(f"{DOOR}/code", {"code": shown(secret)})

    assert page.heading == "Se connecter"


def test_the_page_of_the_code_leads_to_the_door_without_a_password(client, programme):
    assert client.page(f"{DOOR}/code").heading == "Se connecter"


def test_a_link_by_mail_asks_for_the_code_too(client, guarded, app, claire):
    with unit_of_work(app, None):
        account = db.session.get(User, claire.id)
        account.link_sent_at = now()
        with app.test_request_context():
            token = sign_in_token(account)

    page = client.send(f"/connexion/lien/{token}")

    assert page.heading == "Le code de votre application"
    assert client.page("/compte").heading == "Se connecter"


def test_an_invitation_asks_for_the_code_too(client, guarded, app, claire, association):
    with unit_of_work(app, None):
        db.session.execute(update(User).where(User.id == claire.id).values(confirmed_at=None, password=None))
        place = db.session.get(Membership, (association.id, claire.id, "coordinator"))
        with app.test_request_context():
            token = invitation_token(place)

    page = client.send(f"/invitation/{token}")

    assert page.heading == "Le code de votre application"


def test_who_guesses_is_stopped(limited):
    app = limited.application
    with unit_of_work(app, None):
        account = factories.user("claire@example.org")
        account.password, account.second_factor_at = hash_password(PASSWORD), now()
    limited.send(DOOR, CLAIRE)

    answers = [limited.send(f"{DOOR}/code", {"code": f"{guess:06}"}).status for guess in range(12)]

    assert answers == [422] * 10 + [429] * 2


def test_half_a_sign_in_is_no_open_device(client, guarded, app, claire):
    client.send(DOOR, CLAIRE)

    with unit_of_work(app, None):
        assert db.session.scalars(select(WebSession).where(WebSession.user_id == claire.id)).all() == []


def test_an_old_session_does_not_change_how_one_comes_in(client, claire):
    client.send(DOOR, CLAIRE)

    with time_machine.travel(time.time() + 16 * 60):
        assert client.page(PAGE).heading == "Confirmer que c'est vous"


def test_without_a_password_an_old_session_asks_for_a_link(client, claire, app):
    client.send(DOOR, CLAIRE)
    with unit_of_work(app, None):
        db.session.get(User, claire.id).password = None

    with time_machine.travel(time.time() + 16 * 60):
        assert client.page(PAGE).soup.select_one("main a.big")["href"] == "/connexion/lien"


def test_turning_it_off_takes_a_code_and_ends_what_is_open_elsewhere(client, guarded, browser, claire):
    secret, codes = guarded
    client.send(DOOR, CLAIRE)
    client.send(f"{DOOR}/code", {"code": shown(secret)})
    other = browser().sign_in(claire)

    refused = client.send(f"{PAGE}/fin", {"code": "123456"})
    done = client.send(f"{PAGE}/fin", {"code": codes[0]})

    assert refused.errors == [WRONG]
    assert "Le code n'est plus demandé" in done.flashes[0]
    assert other.page("/compte").heading == "Se connecter"
    assert client.page(PAGE).heading == "Ajouter un code de mon téléphone"


def test_new_recovery_codes_replace_those_before(client, guarded, browser):
    secret, codes = guarded
    client.send(DOOR, CLAIRE)
    client.send(f"{DOOR}/code", {"code": shown(secret)})

    page = client.send(f"{PAGE}/codes", {"code": codes[0]})
    fresh = "".join(page.soup.select_one(".codes code").text.split())
    other = browser()
    other.send(DOOR, CLAIRE)

    assert other.send(f"{DOOR}/code", {"code": codes[1]}).errors == [WRONG]
    assert other.send(f"{DOOR}/code", {"code": fresh}).status == 200


@pytest.mark.parametrize("page", ["codes", "fin"])
def test_without_a_second_factor_its_pages_lead_to_setting_it_up(client, claire, page):
    client.send(DOOR, CLAIRE)

    assert client.page(f"{PAGE}/{page}").heading == "Ajouter un code de mon téléphone"


def test_a_secret_that_cannot_be_read_any_more_opens_nothing(client, guarded, app, claire):
    secret, _codes = guarded
    client.send(DOOR, CLAIRE)
    with unit_of_work(app, None):
        db.session.execute(update(User).where(User.id == claire.id).values(second_factor_secret=locked(secret, "another purpose")))

    assert client.send(f"{DOOR}/code", {"code": shown(secret)}).errors == [WRONG]


# What a space asks of its team.


def ask(app, tenant):
    with unit_of_work(app, None):
        db.session.execute(update(Tenant).where(Tenant.id == tenant.id).values(asks_second_factor=True))


def test_a_space_that_asks_for_it_stays_closed_until_it_is_set_up(client, claire, app, association):
    client.send(DOOR, CLAIRE)
    ask(app, association)

    page = client.page("/a/passerelle/demandes")
    posted = client.post("/a/passerelle/reglages")
    client.send(PAGE, {"code": shown(secret_of(page))})

    assert page.heading == "Ajouter un code de mon téléphone"
    assert "demande un code de connexion à toute son équipe" in page.text
    assert posted.location == PAGE
    assert client.page("/a/passerelle/demandes").heading != page.heading


def test_a_space_asks_nothing_of_its_mentors(client, app, people, association):
    ask(app, association)
    client.sign_in(people.mentor.user_id)

    assert client.page("/a/passerelle/").response.request.path.startswith("/a/passerelle")


def test_whoever_sets_the_space_up_asks_for_it(client, people):
    client.sign_in(people.admin.user_id)
    page = client.page("/a/passerelle/reglages")
    kept = {
        field["name"]: field.get("value", "") for field in page.soup.select("form[enctype] input[name]") if field["type"] != "file"
    }

    page = client.send("/a/passerelle/reglages", {**kept, "asks_second_factor": "y"})
    assert (page.status, len(page.errors)) == (422, 1), "whoever has none is not shut out by asking for it"
    assert "Mettez d'abord le vôtre en place" in page.errors[0]
    client.send(PAGE, {"code": shown(secret_of(client.page(PAGE)))})
    page = client.send("/a/passerelle/reglages", {**kept, "asks_second_factor": "y"})

    assert page.flashes == ["Les réglages sont enregistrés."]
    client.sign_in(people.coordinator.user_id)
    assert client.page("/a/passerelle/").heading == "Ajouter un code de mon téléphone"


def test_the_team_s_page_says_who_has_it(client, guarded, people):
    client.sign_in(people.admin.user_id)

    assert len(re.findall("avec un code de connexion", client.page("/a/passerelle/equipe").text)) == 1


# Whoever lost both telephone and codes.


def test_whoever_runs_binome_takes_it_away_and_a_letter_says_so(client, guarded, app, claire, mails, programme):
    client.sign_in(claire)
    done = app.test_cli_runner().invoke(args=["accounts", "forget-second-factor", "CLAIRE@example.org"])

    assert "est retiré" in done.output
    with unit_of_work(app, None):
        left = db.session.execute(select(User.second_factor_at, User.recovery_codes).where(User.id == claire.id)).one()
    assert tuple(left) == (None, [])
    assert "Aucun code n'est plus demandé" in mails(programme)[-1].text
    assert client.page("/compte").heading == "Se connecter"


@pytest.mark.parametrize("address", ["claire@example.org", "personne@example.org"])
def test_there_is_nothing_to_take_away(claire, programme, app, address):
    done = app.test_cli_runner().invoke(args=["accounts", "forget-second-factor", address])

    assert done.exit_code == 1
    assert f"Aucun second facteur pour {address}." in done.output


@pytest.mark.committed
def test_of_four_who_send_the_same_code_at_once_one_comes_in(crowd):
    factories.programme(crowd)
    tenant = factories.association(crowd, "passerelle", "Passerelle", ["69"])
    secret = b"twenty bytes, a few m"
    with space_of(crowd, tenant):
        account = db.session.get(User, factories.staff(tenant).user_id)
        account.email, account.password = CLAIRE["email"], hash_password(PASSWORD)
        account.second_factor_at, account.second_factor_secret = now(), locked(secret, second_factor.PURPOSE)
        user_id = account.id
    doors = [crowd.test_client() for _rank in range(4)]
    for door in doors:
        door.send(DOOR, CLAIRE)

    code = shown(secret)
    with ThreadPoolExecutor(4) as pool:
        pages = list(pool.map(lambda door: door.send(f"{DOOR}/code", {"code": code}), doors))

    with space_of(crowd, tenant):
        assert len(open_sessions(db.session.get(User, user_id))) == 1
    assert sorted(page.status for page in pages) == [200, 422, 422, 422]
