"""What a person reads when something goes wrong."""

import logging
import re
import smtplib
import sys
from types import SimpleNamespace

import psycopg
import pytest
import time_machine
from flask import Response, abort
from sqlalchemy import delete, text
from sqlalchemy.exc import DBAPIError, OperationalError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import Conflict, HTTPException

from app import create_app, extensions
from app.accounts.models import Membership, User
from app.database import hold_row, now, unit_of_work, uuid7
from app.errors import sentence_for
from app.extensions import db
from app.logs import without_quotes
from app.tenants.resolve import find_programme
from app.training.models import Module
from app.training.session_models import CourseSession
from tests import databases, factories
from tests.client import Client
from tests.conftest import settings_for
from tests.people.fixtures import space_of


def test_a_page_that_does_not_exist(client, programme):
    page = client.page("/nulle-part")

    assert (page.status, page.heading) == (404, "Cette page n'existe pas")
    assert page.soup.find("a", string="Aller à l'accueil")["href"] == "/"
    assert "Numéro à donner" not in page.text


def test_a_page_that_is_not_for_this_role(app, people):
    page = app.test_client().sign_in(people.mentor.user_id).page("/a/passerelle/binomes")

    assert (page.status, page.heading) == (403, "Vous n'avez pas accès à cette page")


def test_a_form_sent_where_none_is(client, programme):
    page = client.send("/")

    assert (page.status, page.heading) == (405, "Cette page n'existe pas")
    assert "GET" in page.response.headers["Allow"]


def test_what_is_too_heavy(client, programme):
    page = client.send("/verifier", b"x" * 5_000_000, content_type="multipart/form-data; boundary=x")

    assert (page.status, page.heading) == (413, "Ce fichier est trop lourd")


def test_what_is_too_long_is_said_of_no_file(client, programme):
    page = client.send("/verifier", {"code": "x" * 300_000})

    assert (page.status, page.heading) == (413, "Ce que vous avez écrit est trop long")
    assert "mégaoctets" not in page.text


@pytest.mark.parametrize("path", ["/?source=%00", "/verifier?x=a%00b", "/a/passerelle/%00"])
def test_a_nul_is_refused_at_the_edge(path, client, programme):
    page = client.page(path)

    assert page.status in {400, 404}
    assert page.heading in {"Ce qui a été envoyé n'a pas pu être lu", "Cette page n'existe pas"}


def test_a_space_that_does_not_exist(client, programme):
    assert client.page("/a/personne/").status == 404


def test_a_path_without_its_slash_leads_to_the_page(client, association):
    assert client.get("/a/passerelle").status_code == 308


def test_a_refusal_that_no_form_shows_is_a_sentence(app, people, in_space, association):
    with in_space(association):
        module = db.session.query(Module).filter_by(kind="live").one()
        session = CourseSession(module_id=module.id, starts_at=now(), place="Nos locaux", seats=12)
        db.session.add(session)
        db.session.flush()

    page = app.test_client().sign_in(people.mentor.user_id).send(f"/a/passerelle/sessions/{session.id}/inscription")

    assert (page.status, page.heading) == (409, "Ce n'est pas possible pour l'instant")
    assert "Cette session est passée." in page.text


@pytest.fixture
def broken(real_app):
    """A site of which one page breaks in a way that is given."""

    def breaks(how):
        view = real_app.view_functions["house.help_page"]

        def front():
            how()

        front.gate = view.gate
        real_app.view_functions["house.help_page"] = front
        return real_app.test_client()

    factories.programme(real_app)
    return breaks


def crash():
    raise ZeroDivisionError("secret of Inès")


@pytest.mark.committed
def test_what_nobody_foresaw_has_a_number_and_no_detail(broken, capfd):
    page = broken(crash).page("/aide")

    assert (page.status, page.heading) == (500, "Quelque chose s'est mal passé")
    number = re.search(r"Numéro à donner si vous nous écrivez : ([0-9a-f]{12})", page.text)[1]
    assert page.response.headers["X-Request-Id"] == number
    assert "Inès" not in page.html


def gone(error):
    """The database went away while somebody's page was written."""

    def raises():
        raise error

    return raises


@pytest.mark.committed
@pytest.mark.parametrize(
    "error", [OperationalError("", {}, Exception()), PendingRollbackError(), PoolTimeout(),
              DBAPIError("", {}, Exception(), connection_invalidated=True)], ids=lambda error: type(error).__name__,
)  # fmt: skip
def test_a_database_that_goes_away_meanwhile_is_a_pause(error, broken):
    page = broken(gone(error)).page("/aide")

    assert (page.status, page.heading) == (503, "Binôme fait une courte pause")


TYPED = "confidences-d-ines"


def store_twice():
    """Two tell the programme something under one name at the same instant."""
    for email in (f"{TYPED}@example.org", f"{TYPED.upper()}@example.org"):
        db.session.add(User(email=email, fs_uniquifier=uuid7().hex))
    db.session.flush()


def name_nobody():
    """What is named has just been erased."""
    db.session.add(Membership(tenant_id=uuid7(), user_id=uuid7(), role="mentor"))
    db.session.flush()


def store_nonsense():
    """A rule of ours that no page checked."""
    db.session.add(Membership(tenant_id=find_programme().id, user_id=factories.user(f"{TYPED}@example.org").id, role=TYPED))
    db.session.flush()


def lose_the_database():
    db.session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))


CRASHES = [
    (store_twice, 409, "Cela vient de changer"),
    (name_nobody, 409, "Cela vient de changer"),
    (store_nonsense, 500, "Quelque chose s'est mal passé"),
    (lose_the_database, 503, "Binôme fait une courte pause"),
]


@pytest.mark.committed
@pytest.mark.parametrize(("how", "code", "heading"), CRASHES)
def test_an_error_of_the_database_is_the_calm_page_and_quotes_nothing(how, code, heading, broken, capfd):
    """Whoever is signed in: nothing of them can be read any more in the transaction that failed."""
    client = broken(how)
    with unit_of_work(client.application, None):
        account = factories.member(find_programme(), "operator")

    page = client.sign_in(account.id).page("/aide")

    assert (page.status, page.heading) == (code, heading)
    assert page.response.headers["X-Request-Id"]
    logged = capfd.readouterr().err
    assert TYPED not in logged.lower()
    assert client.page("/connexion").status == 200, "the next request finds a session that works"


@pytest.mark.no_database
@pytest.mark.parametrize(
    "quoting",
    [
        ValueError(f"'{TYPED}' does not appear to be an IPv4 or IPv6 address"),
        psycopg.errors.UniqueViolation(f"Key (email)=({TYPED}) already exists"),
        smtplib.SMTPRecipientsRefused({TYPED: (450, b"not here")}),
    ],
)
def test_what_a_library_logs_of_the_database_or_a_mail_server_quotes_nothing(quoting):
    record = logging.LogRecord("library", logging.ERROR, "", 0, "Job %s failed", ("x",), None)
    try:
        try:
            raise quoting
        except Exception as error:
            raise RuntimeError("in the job") from error
    except RuntimeError:
        record.exc_info = sys.exc_info()

    assert without_quotes(record)

    said = logging.Formatter().format(record)
    assert said.startswith("Job x failed\n")
    assert said.endswith("builtins.RuntimeError")
    assert type(quoting).__name__ in said
    assert TYPED not in said


@pytest.mark.committed
def test_an_answer_that_a_view_chose_is_left_alone(broken):
    def refuse():
        raise Conflict(response=Response("déjà pris", 409))

    response = broken(refuse).get("/aide")

    assert (response.status_code, response.get_data(as_text=True)) == (409, "déjà pris")


class Unchanged(HTTPException):
    """An HTTP answer that is raised and is no error."""

    code = 304


@pytest.mark.committed
def test_what_is_no_error_passes(broken):
    def answer():
        raise Unchanged

    assert broken(answer).get("/aide").status_code == 304


@pytest.mark.committed
def test_who_writes_what_somebody_has_just_deleted_is_told_so(broken):
    def answer():
        row = factories.user("partie@example.org")
        db.session.execute(delete(User).where(User.id == row.id), execution_options={"synchronize_session": False})
        hold_row(row)

    page = broken(answer).page("/aide")

    assert page.status == 409


@pytest.mark.committed
@pytest.mark.parametrize("code", [400, 404, 409, 429, 503, 418])
def test_every_error_is_the_same_calm_page(code, broken):
    page = broken(lambda: abort(code)).page("/aide")

    assert page.status == code
    assert page.heading


@pytest.fixture
def without_database(server, own_database, tmp_path):
    """A site whose database is gone, and somebody who was signed in."""
    app = create_app(settings_for(server, own_database, tmp_path))
    app.test_client_class = Client
    programme = factories.programme(app)
    with unit_of_work(app, programme.id):
        account = factories.member(programme, "operator")
    client = app.test_client().sign_in(account.id)
    databases.drop(server, own_database)
    yield client
    with app.app_context():
        db.engine.dispose()


@pytest.mark.committed
def test_without_its_database_the_site_says_that_it_pauses(without_database):
    for client in (without_database.application.test_client(), without_database):
        page = client.page("/")

        assert (page.status, page.heading) == (503, "Binôme fait une courte pause")
        assert "Rien n'est perdu. Essayez encore dans une minute." in page.text
        assert "Numéro à donner" in page.text


@pytest.mark.committed
@pytest.mark.parametrize("path", ["/trouver-un-mentor?etape=1", "/connexion", "/a/programme/orientation/reprise"])
def test_a_form_that_is_sent_without_the_database_is_told_the_same(path, without_database):
    page = without_database.send(path, {"needs": "school"})

    assert (page.status, page.heading) == (503, "Binôme fait une courte pause")
    assert "rechargez cette page" in page.text, "its link would leave what was typed behind"
    assert "Numéro à donner" in page.text


@pytest.mark.committed
def test_without_its_database_the_process_lives_and_is_not_ready(without_database):
    assert without_database.get("/healthz").json == {"status": "ok"}
    response = without_database.get("/readyz")
    assert (response.status_code, response.json) == (503, {"status": "not ready", "database": False})


@pytest.mark.committed
def test_too_many_tries_are_told_to_wait(limited):
    codes = [limited.send("/verifier", {"code": ""}).status for _time in range(31)]

    assert codes == [422] * 30 + [429]
    page = limited.send("/verifier", {"code": ""})
    assert page.heading == "Trop d'essais à la suite"
    assert int(page.response.headers["Retry-After"]) <= 600
    assert re.search(r"Attendez (une minute|\d minutes|10 minutes), puis essayez encore\.", page.text)


@pytest.mark.parametrize(
    ("seconds", "said"), [(-1, "une minute"), (61, "2 minutes"), (3600, "60 minutes"), (3601, "2 heures"), (80_000, "23 heures")]
)
def test_how_long_to_wait_is_said_as_it_is(app, monkeypatch, seconds, said):
    with app.test_request_context("/"), time_machine.travel(0, tick=False):
        monkeypatch.setattr("app.errors.limiter", SimpleNamespace(current_limit=SimpleNamespace(reset_at=seconds)))

        assert sentence_for(429)[1] == f"Attendez {said}, puis essayez encore."


@pytest.mark.committed
def test_a_whole_school_asks_from_behind_one_address(limited):
    links = [limited.post("/connexion/lien", data={"email": f"eleve{rank}@example.org"}).status_code for rank in range(40)]
    steps = [limited.post("/trouver-un-mentor?etape=1", data={"needs": ["school"]}).status_code for _rank in range(130)]

    assert set(links) == {200}
    assert set(steps) == {303}


LINKS = [
    "suivi/{}/corrections", "accord/{}", "accord/{}/refus", "autorisation/{}", "autorisation/{}/retrait/image", "convention/{}",
    "rencontre/{}", "reference/{}", "seance/{}", "presence/{}", "parent/{}",
]  # fmt: skip


@pytest.mark.committed
def test_each_link_is_counted_apart(limited):
    def codes(tokens):
        return [[limited.post(f"/{link.format(token)}").status_code for token in tokens] for link in LINKS]

    assert codes([f"eleve{rank}" for rank in range(31)]) == [[404] * 31] * len(LINKS)
    assert codes(["eleve1"] * 30) == [[404] * 29 + [429]] * len(LINKS)


@pytest.mark.committed
def test_a_room_of_people_chooses_passwords_by_links_of_their_own(limited):
    paths = [f"/mot-de-passe/oubli/{rank}" for rank in range(12)]
    codes = [limited.post(path, data={"password": "court"}).status_code for path in paths]

    assert 429 not in codes
    assert [limited.post(paths[0]).status_code for _again in range(11)][-1] == 429


def test_who_tries_one_link_after_another_is_stopped_too(limited, monkeypatch):
    monkeypatch.setattr(extensions, "FROM_ONE_PLACE", "3 per hour")

    link = f"/{LINKS[0]}"
    assert [limited.post(link.format(rank)).status_code for rank in range(4)] == [404, 404, 404, 429]


@pytest.mark.committed
def test_what_is_counted_opens_nothing(limited):
    limited.post("/accord/le-lien-secret")

    assert extensions.limiter.storage.storage
    assert "le-lien-secret" not in str(extensions.limiter.storage.storage)


@pytest.mark.committed
def test_who_writes_to_the_team_is_counted_by_account(limited):
    tenant = factories.association(limited.application, "passerelle", "Passerelle", ["69"])
    with space_of(limited.application, tenant):
        first, second = (factories.mentee(tenant).user_id for _one in range(2))
    browsers = [limited.application.test_client().sign_in(user_id) for user_id in (first, second)]

    codes = [browsers[0].post("/a/passerelle/ecrire", data={}).status_code for _time in range(21)]

    assert codes == [422] * 20 + [429]
    assert browsers[1].post("/a/passerelle/ecrire", data={}).status_code == 422


@pytest.mark.parametrize("code", [400, 403, 404, 405, 409, 413, 429, 503, 500, 418])
def test_every_error_has_a_title_and_a_sentence(code, app):
    with app.test_request_context("/"):
        title, sentence = sentence_for(code)

    assert title
    assert sentence.endswith(".")


@pytest.mark.committed
def test_one_address_however_it_is_written_is_tried_so_often(limited):
    spellings = ["Lea@example.org", "lea@\uff45xample.org", "lea@e\uff58ample.org", "LEA@EXAMPLE.ORG", " lea@example.org "]

    links = [limited.send("/connexion/lien", {"email": spelling}).status for spelling in spellings * 2][:6]
    words = [limited.send("/connexion", {"email": spelling, "password": "x"}).status for spelling in spellings * 3][:11]

    assert links == [200] * 5 + [429]
    assert words[-1] == 429


def test_who_tries_elsewhere_keeps_nobody_from_their_account(limited):
    def answers(path, times, place, **typed):
        where = {"environ_overrides": {"REMOTE_ADDR": place}}
        return [limited.post(path, data={"email": "lea@example.org", **typed}, **where).status_code for _time in range(times)]

    assert answers("/connexion/lien", 6, "127.0.0.9")[-1] == 429
    assert answers("/connexion", 11, "127.0.0.9", password="x")[-1] == 429

    assert answers("/connexion/lien", 1, "127.0.0.8") == [200]
    assert answers("/connexion", 1, "127.0.0.8", password="x") != [429]


def test_who_is_guessed_from_many_places_comes_in_by_a_link_all_the_same(limited):
    def sent(path, place, **typed):
        where = {"environ_overrides": {"REMOTE_ADDR": f"127.0.0.{place}"}}
        return limited.send(path, {"email": "lea@example.org", **typed}, **where)

    for place in range(50):
        sent("/connexion", place, password="x")
        assert sent("/connexion/lien", place).status == 200
    page = sent("/connexion?next=/compte", 60, password="x")

    assert page.status == 429
    assert page.soup.find("a", string="Recevoir un lien")["href"] == "/connexion/lien?next=/compte"
    assert sent("/connexion/lien", 60).status == 200
