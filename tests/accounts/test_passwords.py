"""Choosing a password: what is accepted, by reset and by change, and what it ends elsewhere."""

import re
from datetime import timedelta

import pytest
import time_machine

from app.accounts.models import User
from app.accounts.security import is_common
from app.database import now

from .conftest import PASSWORD, link_in

FORGOT, CHANGE = "/mot-de-passe/oubli", "/mot-de-passe"
CLAIRE = {"email": "claire@example.org", "password": PASSWORD}
NEW = "une girafe bleue à Lyon"


@pytest.fixture
def reset(client, claire, mails, programme):
    """The path of a reset link, as the message carries it."""

    def ask():
        client.send(FORGOT, {"email": "claire@example.org"})
        return link_in(mails(programme)[-1])

    return ask


def opens(client, password):
    """Whether a password opens the account."""
    client.set_cookie("binome", "")
    return client.send("/connexion", {**CLAIRE, "password": password}).response.request.path != "/connexion"


def test_forgetting_says_the_same_whether_or_not_the_account_exists(client, claire, mails, programme):
    known = client.send(FORGOT, {"email": "claire@example.org"})
    unknown = client.send(FORGOT, {"email": "personne@example.org"})

    assert known.flashes[0].replace("claire", "x") == unknown.flashes[0].replace("personne", "x")
    assert known.status == unknown.status == 200
    assert [mail.to_address for mail in mails(programme)] == ["claire@example.org"]


def test_the_letter_to_choose_a_password_has_text_and_html(reset, mails, programme):
    path = reset()

    [mail] = mails(programme)
    assert (mail.kind, mail.subject) == ("password_reset", "Choisir un nouveau mot de passe")
    assert f'href="http://localhost{path}"' in mail.html


def test_a_new_password_opens_and_the_old_one_does_not(client, reset):
    page = client.send(reset(), {"password": NEW, "password_confirm": NEW})

    assert not page.errors
    assert opens(client, NEW)
    assert not opens(client, PASSWORD)


def test_a_new_password_ends_the_sessions_that_were_open(client, reset, browser):
    other = browser()
    other.send("/connexion", CLAIRE)
    assert other.page("/compte").heading == "Mon compte"

    client.send(reset(), {"password": NEW, "password_confirm": NEW})

    assert other.page("/compte").heading == "Se connecter"


def test_a_reset_link_ends_when_its_account_is_signed_out_everywhere(client, reset, browser):
    signed_in = browser()
    signed_in.send("/connexion", CLAIRE)
    path = reset()

    signed_in.send("/compte/sessions/fin")
    client.send(path, {"password": NEW, "password_confirm": NEW})

    assert opens(client, PASSWORD)


def test_a_reset_link_serves_once(client, reset):
    path = reset()
    client.send(path, {"password": NEW, "password_confirm": NEW})

    client.send(path, {"password": NEW + "2", "password_confirm": NEW + "2"})

    assert opens(client, NEW)


@pytest.mark.parametrize(("minutes", "works"), [(29, True), (31, False)])
def test_a_reset_link_serves_for_thirty_minutes(client, reset, minutes, works):
    path = reset()

    with time_machine.travel(now() + timedelta(minutes=minutes)):
        client.send(path, {"password": NEW, "password_confirm": NEW})

    assert opens(client, NEW) is works


def test_a_forged_reset_link_changes_nothing(client, reset):
    client.send(reset()[:-4] + "AAAA", {"password": NEW, "password_confirm": NEW})

    assert opens(client, PASSWORD)


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("onze caract", "12"),
        ("", "Merci d'indiquer un mot de passe"),
        ("motdepasse123", "parmi les plus connus"),
        ("password1234!", "parmi les plus connus"),
        ("azertyazerty", "parmi les plus connus"),
        ("abcabcabcabc", "parmi les plus connus"),
        ("123456789012", "parmi les plus connus"),
        ("x" * 129, "."),
        ("ab " * 43, "128"),
    ],
)
def test_a_weak_password_is_refused_with_a_sentence(client, reset, password, said):
    page = client.send(reset(), {"password": password, "password_confirm": password})

    assert said in page.errors[0]
    assert opens(client, PASSWORD)


@pytest.mark.parametrize(
    "password",
    ["douze caract", "   quatre mots au hasard   ", "пароль из слов", "密码密钥门窗山水花鸟鱼虫", "🐙🦒🐳🦔🐙🐢🦉🐝🐞🐛🦋🐌",
     "o\u0308rtliche Bahn", "xq" + "z7kw" * 31],
)  # fmt: skip
def test_a_long_password_of_any_characters_is_accepted(client, reset, password):
    page = client.send(reset(), {"password": password, "password_confirm": password})

    assert not page.errors
    assert opens(client, password)


def test_both_times_must_be_the_same(client, reset):
    page = client.send(reset(), {"password": NEW, "password_confirm": NEW + "x"})

    assert len(page.errors) == 1
    assert opens(client, PASSWORD)


@pytest.mark.parametrize(
    ("password", "common"),
    [("password", True), ("Password!!2024", True), ("aaaaaaaaaaaa", True), ("123123123123", True), ("...------...", True),
     ("quatre mots au hasard", False), ("girafe-bleue-lyon", False)],
)  # fmt: skip
def test_a_common_password_is_known_however_it_is_dressed(password, common):
    assert is_common(password) is common


def test_changing_asks_for_the_old_password_and_keeps_this_session(client, claire, mails, programme):
    client.send("/connexion", CLAIRE)

    refused = client.send(CHANGE, {"password": "pas le bon mot", "new_password": NEW, "new_password_confirm": NEW})
    changed = client.send(CHANGE, {"password": PASSWORD, "new_password": NEW, "new_password_confirm": NEW})

    assert len(refused.errors) == 1
    assert changed.heading == "Mon compte"
    assert [mail.kind for mail in mails(programme)] == ["password_changed"]
    assert opens(client, NEW)


def test_changing_ends_the_other_sessions(client, claire, browser):
    other = browser()
    for device in (client, other):
        device.send("/connexion", CLAIRE)

    client.send(CHANGE, {"password": PASSWORD, "new_password": NEW, "new_password_confirm": NEW})

    assert client.page("/compte").heading == "Mon compte"
    assert other.page("/compte").heading == "Se connecter"


@pytest.mark.parametrize("how", ["change", "reset"])
def test_what_a_new_password_closed_is_not_shown_as_open(how, client, reset, browser):
    browser().send("/connexion", CLAIRE)
    client.send("/connexion", CLAIRE)
    assert len(client.page("/compte").soup.select("form[action$='/fin'][action^='/compte/sessions/']")) == 2

    if how == "change":
        client.send(CHANGE, {"password": PASSWORD, "new_password": NEW, "new_password_confirm": NEW})
    else:
        browser().send(reset(), {"password": NEW, "password_confirm": NEW})
        opens(client, NEW)

    assert client.page("/compte").soup.select("form[action$='/fin'][action^='/compte/sessions/']") == []


def test_what_asks_for_the_password_again_says_so_in_french(client, claire):
    client.send("/connexion", CLAIRE)

    assert client.page("/verification").heading == "Confirmer que c'est vous"
    assert client.send("/verification", {"password": "pas le bon mot"}).errors == ["Mot de passe non valide"]


@pytest.mark.parametrize("path", ["/verification", CHANGE])
def test_a_password_of_ten_thousand_characters_is_only_wrong(client, claire, path):
    client.send("/connexion", CLAIRE)

    page = client.send(path, {"password": "x" * 10_000, "new_password": NEW, "new_password_confirm": NEW})

    assert page.errors == ["Mot de passe non valide"]


@pytest.mark.parametrize("path", ["/connexion", FORGOT, "/connexion/lien"])
def test_the_pages_of_the_door_speak_french(client, programme, path):
    page = client.page(path)

    assert page.status == 200
    assert not re.search(r"\b(Password|Email Address|Login|Submit|Recover)\b", page.text)


def test_a_password_is_stored_hashed(claire, again):
    assert again(User, claire.id).password.startswith("$argon2id$")


@pytest.mark.parametrize("typed", ["", " ", "claire", "claire@", "@example.org", "a b@example.org"])
def test_what_is_no_address_is_said_at_its_field(client, programme, mails, typed):
    page = client.send(FORGOT, {"email": typed})

    assert (page.status, page.errors, page.flashes) == (422, ["Indiquez une adresse e-mail complète."], [])
    assert page.value("email").strip() == typed.strip()
    assert mails(programme) == []


def test_the_link_leads_to_this_site_whatever_host_was_asked(client, claire, mails, programme):
    client.post(FORGOT, data={"email": "claire@example.org"}, headers={"Host": "evil.example"})

    [mail] = mails(programme)
    assert "evil.example" not in mail.html + mail.text
    assert link_in(mail).startswith("/mot-de-passe/oubli/")


@pytest.mark.parametrize("address", ["claire@example.org", "personne@example.org"])
def test_an_address_that_is_known_takes_as_long_as_another(client, claire, monkeypatch, address):
    """The slow part, one hash, is done for both."""
    hashed = []
    for module in ("app.accounts.security", "flask_security.views"):
        monkeypatch.setattr(f"{module}.hash_password", hashed.append)

    client.send(FORGOT, {"email": address})

    assert hashed == ["not-a-password"]
