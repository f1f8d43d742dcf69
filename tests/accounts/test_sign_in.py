"""The door: password, link, leaving, and where one goes after."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import urljoin, urlsplit

import pytest
import time_machine
from flask import session
from flask_security import hash_password
from sqlalchemy import delete, select

from app.accounts.actions import end_membership, give_place, invite
from app.accounts.jobs import send_sign_in_link
from app.accounts.links import invitation_token, sign_in_token
from app.accounts.models import Membership, User, WebSession
from app.accounts.permissions import Role
from app.accounts.queries import open_sessions
from app.database import now
from app.extensions import db
from app.mail import Mail
from tests import factories
from tests.people.fixtures import at_once, space_of

from .conftest import PASSWORD, link_in

DOOR = "/connexion"
WRONG = "Cette adresse et ce mot de passe ne vont pas ensemble."
CLAIRE = {"email": "claire@example.org", "password": PASSWORD}


def test_the_right_password_opens_the_space(client, claire):
    page = client.send(DOOR, CLAIRE)

    assert page.response.request.path == "/a/passerelle/"
    assert page.status == 200


@pytest.mark.parametrize("email", ["CLAIRE@example.org", "Claire@Example.ORG"])
def test_the_case_of_an_address_does_not_matter(client, claire, email):
    assert client.send(DOOR, {**CLAIRE, "email": email}).response.request.path == "/a/passerelle/"


@pytest.mark.parametrize(
    "typed",
    [
        {"email": "claire@example.org", "password": "un autre mot de passe"},
        {"email": "personne@example.org", "password": PASSWORD},
        {"email": "claire@example.org", "password": ""},
        {"email": "", "password": PASSWORD},
        {"email": "claire", "password": PASSWORD},
        {"email": "claire@example.org", "password": "x" * 10_000},
        {},
    ],
)
def test_a_wrong_sign_in_says_the_same_whether_or_not_the_account_exists(client, claire, typed):
    page = client.send(DOOR, typed)

    summary = " ".join(page.soup.select_one(".summary").get_text(" ").split())
    both = f"{WRONG} Vérifiez-les, ou recevez plutôt un lien par e-mail."
    assert summary == (both if typed.get("password") else "Indiquez aussi votre mot de passe, ou recevez un lien.")
    assert client.page("/compte").heading == "Se connecter"


@pytest.mark.parametrize(
    "typed", [{"email": "claire@example.org\x00", "password": "x"}, {"email": "claire@example.org", "password": "\x00"}]
)
def test_a_nul_does_not_break_the_door(client, claire, typed):
    assert client.send(DOOR, typed).status < 500


def test_an_account_without_password_does_not_open_with_one(client, claire, in_space, association):
    with in_space(association):
        account = factories.user("sans@example.org")

    page = client.send(DOOR, {"email": account.email, "password": PASSWORD})

    assert WRONG in page.text


def test_a_closed_account_does_not_open(client, claire, in_space, association):
    with in_space(association):
        factories.db.session.get(User, claire.id).active = False

    assert WRONG in client.send(DOOR, CLAIRE).text


@pytest.mark.parametrize(
    "target",
    [
        "https://mechant.example", "//mechant.example", "/\\mechant.example", "\\\\mechant.example", "http:mechant.example",
        "javascript:alert(1)", "https:///mechant.example", "%2F%2Fmechant.example",
    ],
)  # fmt: skip
def test_nobody_is_led_to_another_site_after_signing_in(client, claire, target):
    response = client.post(DOOR, data=CLAIRE, query_string={"next": target})

    where = response.headers.get("Location", "/")
    assert "\\" not in where
    assert urlsplit(urljoin("http://localhost/connexion", where)).netloc == "localhost"


def test_signing_in_leads_back_to_the_page_that_was_asked_for(client, claire):
    door = client.page("/a/passerelle/demandes?etat=accepted")

    page = client.send(door.soup.select("main form")[-1]["action"], CLAIRE)

    assert page.response.request.full_path.startswith("/a/passerelle/demandes?etat=accepted")


def test_the_session_key_is_renewed_when_somebody_signs_in(client, claire, cookie, browser):
    client.send("/trouver-un-mentor?etape=1", {"needs": ["school"]})
    planted = cookie(client)

    client.send(DOOR, CLAIRE)

    assert planted
    assert cookie(client) != planted
    assert browser(planted).page("/compte").heading == "Se connecter"


def test_the_cookie_lasts_as_long_as_the_session_that_is_used(client, claire):
    client.send(DOOR, CLAIRE)

    with time_machine.travel(now() + timedelta(days=10)):
        answer = client.get("/compte")

    assert "Max-Age=1209600" in answer.headers["Set-Cookie"]
    with time_machine.travel(now() + timedelta(days=20)):
        assert client.page("/compte").heading == "Mon compte"


def test_a_link_is_offered_first_and_leads_to_the_page_that_was_asked_for(client, claire, link):
    door = client.page("/a/passerelle/demandes?etat=accepted")
    by_link, by_password = door.soup.select("main form")
    assert (by_link.button.get_text(), by_password.find_all("input")[-1]["type"]) == ("Recevoir un lien", "password")

    sent = client.send(by_link["action"], {"email": "claire@example.org"})
    page = client.send(link())

    assert sent.heading == "Regardez vos e-mails"
    assert page.response.request.full_path.startswith("/a/passerelle/demandes?etat=accepted")


def test_leaving_ends_the_session_even_for_a_cookie_that_was_kept(client, claire, cookie, browser):
    client.send(DOOR, CLAIRE)
    kept = cookie(client)

    client.send("/deconnexion")

    assert browser(kept).page("/compte").heading == "Se connecter"
    assert client.page("/compte").heading == "Se connecter"


def test_following_a_link_to_the_way_out_signs_nobody_out(client, claire):
    client.send(DOOR, CLAIRE)

    assert client.page("/deconnexion").status == 405
    assert client.page("/compte").heading == "Mon compte"


def test_what_was_sent_while_a_session_was_ended_from_elsewhere_is_kept(client, claire, app, monkeypatch):
    client.send(DOOR, CLAIRE)
    view = app.view_functions["house.help_page"]

    def ended():
        session["noted"] = True
        gone = delete(WebSession).where(WebSession.user_id == claire.id)
        db.session.execute(gone, execution_options={"synchronize_session": False})
        return view()

    ended.gate = view.gate
    monkeypatch.setitem(app.view_functions, "house.help_page", ended)

    assert client.get("/aide").status_code == 200
    assert client.get("/a/passerelle/").status_code == 302


@pytest.mark.parametrize("key", ["", "inconnu", "x" * 4000, "é\x00".encode().decode("latin1")])
def test_a_cookie_that_is_no_session_is_nobody(browser, programme, key):
    assert browser(key).page("/compte").heading == "Se connecter"


def test_a_session_ends_after_fourteen_days_without_a_visit(client, claire):
    client.send(DOOR, CLAIRE)

    with time_machine.travel(now() + timedelta(days=14, minutes=1)):
        page = client.page("/compte")

    assert page.heading == "Se connecter"


def test_a_visit_makes_a_session_last(client, claire):
    client.send(DOOR, CLAIRE)
    start = now()
    with time_machine.travel(start + timedelta(days=10)):
        client.page("/compte")

    with time_machine.travel(start + timedelta(days=20)):
        assert client.page("/compte").heading == "Mon compte"


@pytest.mark.parametrize(("role", "days"), [("coordinator", 30), ("mentor", 90)])
def test_a_session_ends_some_day_however_often_it_is_used(client, in_space, association, role, days):
    with in_space(association):
        client.sign_in(factories.member(association, role))
    start = now()

    headings = []
    for day in (*range(10, days, 10), days - 1, days + 1):
        with time_machine.travel(start + timedelta(days=day)):
            headings.append(client.page("/compte").heading)

    assert headings == ["Mon compte"] * (len(headings) - 1) + ["Se connecter"]


# By link.


@pytest.fixture
def link(app, claire, programme, mails):
    """A sign-in link made now, read in its letter."""

    def make():
        with app.app_context():
            send_sign_in_link.run(tenant_id=str(programme.id), user_id=str(claire.id))
        return link_in(mails(programme)[-1])

    return make


def test_a_link_is_asked_for_written_and_opens_with_a_button(client, claire, mails, programme, run_jobs):
    client.send("/connexion/lien", {"email": "Claire@Example.org"})
    assert run_jobs() == ["accounts.send_sign_in_link", "mail.deliver"]

    [mail] = mails(programme)

    assert (mail.kind, mail.to_address, mail.state) == ("sign_in", "claire@example.org", "sent")
    assert mail.subject == "Votre lien pour entrer dans Binôme"
    assert mail.text is None, "what opens doors is forgotten once sent"


def test_the_answer_is_the_same_when_there_is_no_such_account(client, claire, mails, programme, run_jobs):
    known = client.send("/connexion/lien", {"email": "claire@example.org"})
    unknown = client.send("/connexion/lien", {"email": "personne@example.org"})
    run_jobs()

    assert known.heading == unknown.heading == "Regardez vos e-mails"
    assert known.text.replace("claire", "x") == unknown.text.replace("personne", "x")
    assert [mail.to_address for mail in mails(programme)] == ["claire@example.org"]


def test_a_link_ends_with_the_sessions_of_its_account(app, client, claire, programme, in_space, link):
    path = link()
    with in_space(programme):
        factories.db.session.get(User, claire.id).fs_uniquifier = "another"  # as another password does

    assert "/espaces" not in (client.post(path).location or "")


def test_a_link_ends_when_its_account_is_signed_out_everywhere(client, browser, claire, link):
    client.send(DOOR, CLAIRE)
    path = link()

    client.send("/compte/sessions/fin")

    assert browser().send(path).heading == "Ce lien ne sert plus"
    assert client.page("/compte").heading == "Mon compte"


def test_a_closed_account_is_sent_no_link(client, claire, mails, programme, run_jobs, in_space):
    client.send("/connexion/lien", {"email": "claire@example.org"})
    with in_space(programme):
        factories.db.session.get(User, claire.id).active = False
    run_jobs()
    client.send("/connexion/lien", {"email": "claire@example.org"})

    assert run_jobs() == []
    assert mails(programme) == []


@pytest.mark.parametrize(
    ("email", "sentence"),
    [
        ("", "Indiquez votre adresse e-mail."),
        ("\x00", "Indiquez votre adresse e-mail."),
        ("claire", "Cette adresse e-mail n'est pas complète : il y faut un nom, @ et un domaine."),
        ("a" * 10_000 + "@example.org", "Cette adresse est trop longue."),
    ],
)
def test_an_address_that_cannot_be_is_refused(client, programme, email, sentence):
    page = client.send("/connexion/lien", {"email": email})

    assert (page.status, page.errors) == (422, [sentence])


def test_opening_a_link_signs_nobody_in_before_the_button(client, link):
    path = link()

    page = client.page(path)

    assert (page.status, page.heading) == (200, "Bonjour")
    assert client.page("/compte").heading == "Se connecter"


def test_the_button_of_a_link_opens_the_space_once(client, browser, link):
    path = link()

    page = client.send(path)
    twice = browser().send(path)

    assert page.response.request.path == "/a/passerelle/"
    assert (twice.status, twice.heading) == (410, "Ce lien ne sert plus")
    assert "Recevoir un nouveau lien" in twice.text


@pytest.mark.parametrize(("seconds", "status"), [(9 * 60, 200), (10 * 60 + 2, 410)])
def test_a_link_serves_for_ten_minutes(client, link, seconds, status):
    path = link()

    with time_machine.travel(time.time() + seconds):
        assert client.page(path).status == status


def test_a_link_that_somebody_else_asks_for_neither_ends_mine_nor_leads_it_elsewhere(client, browser, link):
    client.send("/connexion/lien?next=/a/passerelle/demandes", {"email": "claire@example.org"})
    mine = link()
    browser().send("/connexion/lien?next=/a/passerelle/binomes", {"email": "claire@example.org"})
    another = link()

    assert mine != another
    assert client.send(mine).response.request.path == "/a/passerelle/demandes"
    assert browser().send(another).status == 410, "one that was used ends the others"


def test_links_asked_for_again_and_again_do_not_make_the_first_last(client, link):
    first = link()
    with time_machine.travel(time.time() + 9 * 60):
        second = link()
    with time_machine.travel(time.time() + 11 * 60):
        link()

        assert (client.page(first).status, client.page(second).status) == (410, 200)


def test_beyond_many_links_in_an_hour_the_last_one_serves_while_it_is_new(client, claire, mails, programme, link, monkeypatch):
    monkeypatch.setattr("app.mail.MANY", 2)

    def asked():
        return link(), len(mails(programme))

    assert [asked()[1] for _time in range(4)] == [1, 2, 2, 2]
    with time_machine.travel(time.time() + 6 * 60):
        assert [asked()[1] for _time in range(2)] == [3, 3]
        client.send(asked()[0])
        assert [asked()[1] for _time in range(2)] == [4, 4], "one that was used serves nobody"


@pytest.mark.parametrize("change", [lambda path: path[:-3], lambda path: path + "A", lambda _path: "/connexion/lien/abc"])
def test_a_link_cut_or_forged_opens_nothing(client, link, change):
    assert client.send(change(link())).status == 410


def test_a_link_of_a_closed_account_opens_nothing(client, link, claire, in_space, programme):
    path = link()
    with in_space(programme):
        factories.db.session.get(User, claire.id).active = False

    assert client.page(path).status == 410


def test_the_letter_carries_the_link_in_text_and_in_html(app, claire, programme, mails):
    with app.app_context():
        send_sign_in_link.run(tenant_id=str(programme.id), user_id=str(claire.id))

    [mail] = mails(programme)
    path = link_in(mail)
    assert path.startswith("/connexion/lien/")
    assert f'href="http://localhost{path}"' in mail.html
    assert "Il sert une fois, pendant dix minutes." in mail.text


def test_an_invitation_opens_no_account_that_is_used_by_password(app, association, in_space, client):
    with in_space(association):
        place = invite("karim@example.org", Role.MENTOR, association, "Karim")
        path = f"/invitation/{invitation_token(place)}"
        place.user.password = hash_password(PASSWORD)

    page = client.send(path)

    assert (page.heading, client.page("/compte").heading) == ("Se connecter", "Se connecter")


def test_a_place_that_is_given_back_was_not_entered_yet(association, in_space):
    with in_space(association):
        person = factories.staff(association)
        place = db.session.get(Membership, (association.id, person.user_id, "coordinator"))
        place.entered_at = now()
        end_membership(association.id, person.user_id, Role.COORDINATOR)
        again = give_place(association.id, person.user_id, Role.COORDINATOR)

        assert (again.ended_at, again.entered_at) == (None, None)


# Twice at the same instant.


@pytest.fixture
def account(crowd):
    """An account whose commits are real, which has a place in a space."""
    factories.programme(crowd)
    tenant = factories.association(crowd, "passerelle", "Passerelle", ["69"])
    with space_of(crowd, tenant):
        return tenant, factories.staff(tenant).user_id


@pytest.mark.committed
def test_a_link_opened_by_four_at_once_opens_one_session(crowd, account):
    tenant, user_id = account
    with space_of(crowd, tenant):
        user = factories.db.session.get(User, user_id)
        user.link_sent_at = now()
        path = f"/connexion/lien/{sign_in_token(user)}"

    statuses = sorted(page.status for page in at_once(crowd, [(None, path, {})] * 4))

    with space_of(crowd, tenant):
        assert len(open_sessions(factories.db.session.get(User, user_id))) == 1
    assert statuses == [200, 410, 410, 410]


@pytest.mark.committed
def test_the_links_of_two_letters_written_at_once_both_open(crowd, account):
    """The second worker had read the account before the first one stored when its link left."""
    tenant, user_id = account

    def write():
        with space_of(crowd, tenant):
            send_sign_in_link.function(user_id)

    with space_of(crowd, tenant):
        read = db.session.get_one(User, user_id)
        with ThreadPoolExecutor(1) as pool:
            pool.submit(write).result()
        send_sign_in_link.function(read.id)

    with space_of(crowd, tenant):
        links = [link_in(mail) for mail in db.session.scalars(select(Mail).where(Mail.kind == "sign_in"))]
    assert [crowd.test_client().page(link).status for link in links] == [200, 200]


@pytest.mark.committed
def test_an_invitation_opened_by_four_at_once_lets_one_in(crowd, account):
    tenant, user_id = account
    with space_of(crowd, tenant):
        factories.db.session.get(User, user_id).confirmed_at = None
        path = f"/invitation/{invitation_token(factories.db.session.get(Membership, (tenant.id, user_id, 'coordinator')))}"

    headings = [page.heading for page in at_once(crowd, [(None, path, {})] * 4)]

    with space_of(crowd, tenant):
        assert len(open_sessions(factories.db.session.get(User, user_id))) == 1
    assert headings.count("Se connecter") == 3
