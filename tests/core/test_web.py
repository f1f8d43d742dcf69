"""How figures and dates are written, how lists are cut, what every answer carries."""

import io
import json
import logging
import re
from datetime import UTC, date, datetime

import pytest
import structlog
import time_machine
from flask import flash, g, get_flashed_messages, redirect
from sqlalchemy import select

from app import logs, paging, web
from app.config import Settings
from app.database import now, uuid7
from app.extensions import db
from app.people.models import Mentee
from app.tenants.models import Tenant
from app.training.models import Course
from app.translation import gettext, ngettext
from tests import factories

NB = "\u00a0"


@pytest.mark.no_database
@pytest.mark.parametrize(("name", "said"), [
    ("Inès", "Le dossier d'Inès"), ("Élodie", "Le dossier d'Élodie"), ("œuvre", "Le dossier d'œuvre"),
    ("Karim", "Le dossier de Karim"),
    ("Hugo", "Le dossier de Hugo"),
    ("Hélène", "Le dossier d'Hélène"), ("Hassan", "Le dossier de Hassan"),
    ("Yves", "Le dossier d'Yves"), ("Yann", "Le dossier de Yann"), ("Y", "Le dossier de Y"),
    ("", "Le dossier de "), ("<b>", "Le dossier de <b>"),
])  # fmt: skip
def test_de_is_elided_before_a_vowel(name, said):
    assert gettext("Le dossier de %(name)s", name=name) == said


@pytest.mark.no_database
def test_a_number_in_a_sentence_is_no_name():
    assert ngettext("%(num)s jour", "plus de %(num)s jours", 8) == "plus de 8 jours"


@pytest.fixture
def in_november(in_space, association):
    """On 24 November 2026, in Passerelle."""
    with time_machine.travel("2026-11-24T11:00:00Z", tick=False), in_space(association):
        yield association


DAYS = [
    (date(2026, 11, 25), "mercredi 25 novembre"),
    (date(2026, 12, 1), "mardi 1er décembre"),
    (date(2027, 1, 1), "vendredi 1er janvier 2027"),
    (date(2025, 11, 11), "mardi 11 novembre 2025"),
    (datetime(2026, 11, 24, 23, 30, tzinfo=UTC), "mercredi 25 novembre"),
]


@pytest.mark.parametrize(("value", "words"), DAYS)
def test_a_day_is_said_in_full(value, words, in_november):
    assert web.day(value) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [(date(2026, 3, 9), "9 mars 2026"), (None, ""), (datetime(2026, 12, 31, 23, 30, tzinfo=UTC), "1er janv. 2027")],
)
def test_a_short_day(value, words, in_november):
    assert web.short_day(value) == words


CLOCKS = [
    (datetime(2026, 11, 25, 16, 30, tzinfo=UTC), f"17{NB}h{NB}30"),
    (datetime(2026, 11, 25, 16, 0, tzinfo=UTC), f"17{NB}h"),
    (datetime(2026, 7, 25, 6, 5, tzinfo=UTC), f"8{NB}h{NB}05"),
    (datetime(2026, 11, 25, 23, 0, tzinfo=UTC), f"0{NB}h"),
]


@pytest.mark.parametrize(("value", "words"), CLOCKS)
def test_an_hour_is_one_of_the_spaces_clock(value, words, in_november):
    assert web.clock(value) == words


def test_la_reunion_has_its_own_day(in_november):
    db.session.get(Tenant, in_november.id).timezone = in_november.timezone = "Indian/Reunion"

    with time_machine.travel("2026-11-24T21:00:00Z", tick=False):
        assert web.today() == date(2026, 11, 25)


DURATIONS = [(0, f"0{NB}min"), (45, f"45{NB}min"), (60, f"1{NB}h"), (90, f"1{NB}h{NB}30"), (605, f"10{NB}h{NB}05")]


@pytest.mark.no_database
@pytest.mark.parametrize(("minutes", "words"), DURATIONS)
def test_a_duration(minutes, words):
    assert web.duration(minutes) == words


WORDS = [
    (45, f"45{NB}minutes"),
    (1, f"1{NB}minute"),
    (60, f"1{NB}heure"),
    (90, f"1{NB}heure{NB}30"),
    (1470, f"24{NB}heures{NB}30"),
    (125, f"2{NB}heures{NB}05"),
]


@pytest.mark.no_database
@pytest.mark.parametrize(("minutes", "words"), WORDS)
def test_a_duration_as_a_document_says_it(minutes, words):
    assert web.hours_in_words(minutes) == words


@pytest.mark.no_database
@pytest.mark.parametrize(
    ("typed", "html"),
    [(None, ""), ("", ""), ("a\n\nb", "<p>a</p>\n<p>b</p>"), ("<b>", "<p>&lt;b&gt;</p>"), ("a\n \n\n", "<p>a</p>")],
)
def test_what_was_typed_keeps_its_paragraphs_and_nothing_else(typed, html):
    assert str(web.paragraphs(typed)) == html


AGENTS = [
    ("Mozilla/5.0 (Windows NT 10.0; Win64) AppleWebKit/537 Chrome/126.0 Safari/537 Edg/126.0", "Edge sur Windows"),
    ("Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko Firefox/127.0", "Firefox sur Linux"),
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit Version/17.5 Mobile Safari/604.1", "Safari sur iPhone"),
    ("Mozilla/5.0 (Linux; Android 14) AppleWebKit Chrome/126.0 Mobile Safari/537", "Chrome sur Android"),
    ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) Version/17.5 Safari/605", "Safari sur Mac"),
    ("curl/8", "Un navigateur"),
    ("", "Un navigateur"),
]


@pytest.mark.parametrize(("agent", "words"), AGENTS)
def test_a_device_is_said_in_words(agent, words, app):
    with app.test_request_context("/"):
        assert web.device(agent) == words


@pytest.mark.no_database
@pytest.mark.parametrize(("value", "words"), [("", ""), ("élan", "Élan"), ("a", "A")])
def test_a_sentence_begins_with_a_capital(value, words):
    assert web.upper_first(value) == words


@pytest.mark.no_database
def test_the_date_that_a_certificate_states():
    assert web.iso_day("2026-03-09") == "9 mars 2026"


PAGES = [
    ("", 1, 2, True),
    ("page=2", 2, 2, True),
    ("page=3", 3, 1, False),
    ("page=4", 4, 0, False),
    ("page=0", 1, 2, True),
    ("page=-1", 1, 2, True),
    ("page=abc", 1, 2, True),
    ("page=", 1, 2, True),
    ("page=99999999999999999999", 10000, 0, False),
]


@pytest.mark.parametrize(("query", "number", "rows", "more"), PAGES)
def test_a_list_is_cut_in_pages(query, number, rows, more, app, in_space, association):
    with in_space(association):
        for _rank in range(5):
            factories.mentee(association, account=False)
    with app.test_request_context(f"/?{query}"):
        from app.tenants.resolve import enter_tenant

        enter_tenant(association)

        page = paging.paginate(select(Mentee).order_by(Mentee.id), size=2)

    assert (page.number, len(page.rows), page.has_next, page.has_previous) == (number, rows, more, number > 1)


def test_a_record_is_of_this_space_or_not_found(app, in_space, association, elsewhere):
    from werkzeug.exceptions import NotFound

    with in_space(elsewhere):
        other = factories.required_course("Ailleurs")
    with in_space(association):
        mine = factories.required_course("Ici")

        assert web.get_or_404(Course, mine.id).title == "Ici"
        with pytest.raises(NotFound):
            web.get_or_404(Course, other.id)


HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@pytest.mark.parametrize("path", ["/", "/nulle-part", "/healthz"])
def test_every_answer_carries_its_headers(path, client, programme):
    response = client.get(path)

    assert {name: response.headers[name] for name in HEADERS} == HEADERS
    assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
    assert len(response.headers["X-Request-Id"]) == 12
    assert "Strict-Transport-Security" not in response.headers


def test_over_https_the_browser_is_told_to_stay_there(client, programme):
    response = client.get("/", base_url="https://localhost")

    assert response.headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"


def test_our_own_files_are_kept_by_the_browser(client):
    with client.get("/static/css/app.css") as response:
        assert response.status_code == 200

    assert response.headers["Cache-Control"] == "public, max-age=86400", "what the stylesheet names has no mark"


def test_another_file_has_another_address_and_one_that_is_missing_is_not_kept(client, programme):
    links = [link["href"] for link in client.page("/").soup.find_all("link", rel="stylesheet")]

    assert all(re.fullmatch(r"/\S+\.css\?v=[0-9a-f]{10}", link) for link in links)
    for link in links:
        with client.get(link) as response:
            assert (response.status_code, response.headers["Cache-Control"]) == (200, "public, max-age=604800, immutable")
    assert client.get("/static/css/none.css").headers["Cache-Control"] == "no-store"


def test_a_script_that_sends_what_waited_is_told_where_it_leads_and_what_is_said_there_waits(app):
    with app.test_request_context("/", method="POST", headers={"X-Kept": "1"}, data={"draft": "seance-1"}):
        flash("C'est noté.")
        answer = web.form_written(redirect("/ici", 303))
        assert get_flashed_messages() == ["C'est noté."]

    assert (answer.status_code, answer.headers["Location"], answer.headers.get("Set-Cookie")) == (204, "/ici", None)


def test_no_script_runs_without_the_nonce_of_its_page(client, programme):
    first, second = client.page("/"), client.page("/")

    nonces = [page.response.headers["Content-Security-Policy"].split("'nonce-")[1].split("'")[0] for page in (first, second)]
    assert nonces[0] != nonces[1]
    assert {script.get("nonce") for script in first.soup.find_all("script")} <= {nonces[0]}


@pytest.mark.parametrize("path", ["/a/Majuscule/", "/a/-x/", "/a/x--y/", "/verifier/a_b", "/a/passerelle/binomes/12"])
def test_a_path_of_another_form_is_no_page(path, client, association):
    assert client.get(path).status_code == 404


@pytest.fixture
def lines():
    """What is written in the log, as JSON."""
    saved, written = structlog.get_config(), io.StringIO()
    structlog.configure(
        **saved
        | {
            "wrapper_class": structlog.make_filtering_bound_logger(logging.INFO),
            "logger_factory": structlog.PrintLoggerFactory(written),
        }
    )
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    structlog.configure(**saved)


def test_the_log_has_one_line_a_request_and_nobodys_data(client, association, lines):
    client.get("/a/passerelle/donnees-personnelles?q=ines@example.org")

    (line,) = lines()
    assert (line["route"], line["status"], line["tenant"]) == ("/a/<slug:slug>/donnees-personnelles", 200, str(association.id))
    assert line["ms"] >= 0
    assert "ines" not in json.dumps(line)


def test_the_log_of_a_page_that_does_not_exist_has_no_path(client, programme, lines):
    client.get("/ines@example.org")

    assert [(line["route"], line["status"]) for line in lines()] == [(None, 404)]


@pytest.mark.no_database
def test_of_an_error_the_log_has_where_it_came_from_and_none_of_its_words(capsys):
    saved, typed, address = structlog.get_config(), "Awa Diop, 06 39 90 00 00", "awa@example.org"
    try:
        logs.configure(Settings("postgresql+psycopg://x", "postgresql+psycopg://x", "x" * 40, testing=True))
        try:
            raise ValueError(typed) from KeyError(address)
        except ValueError:
            structlog.get_logger().exception("broken")
    finally:
        structlog.configure(**saved)

    (line,) = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert "test_web.py" in line["exception"]
    assert line["exception"].endswith("builtins.ValueError")
    assert "builtins.KeyError" in line["exception"]
    assert "06 39" not in json.dumps(line)
    assert "awa@" not in json.dumps(line)


@pytest.mark.parametrize("path", ["/trouver-un-mentor", "/verifier", "/connexion", "/suivi/x/corrections"])
def test_a_part_of_a_form_without_a_name_is_refused(path, client, programme):
    body = b"--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--\r\n"

    answer = client.post(path, data=body, content_type="multipart/form-data; boundary=x")

    assert answer.status_code == 400


@pytest.mark.no_database
@pytest.mark.parametrize(("testing", "written"), [(True, 1), (False, 2)])
def test_events_are_lines_of_json_on_standard_error(testing, written, capsys):
    saved = structlog.get_config()
    try:
        logs.configure(Settings("postgresql+psycopg://x", "postgresql+psycopg://x", "x" * 40, testing=testing))
        log = structlog.get_logger()
        log.info("quiet", name="Inès")
        log.warning("loud", name="Inès")
    finally:
        structlog.configure(**saved)

    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert (len(lines), lines[-1]["event"], lines[-1]["name"]) == (written, "loud", "Inès")
    assert datetime.fromisoformat(lines[-1]["time"]) <= now()


def menu(page):
    return [" ".join(a.get_text(" ").split()) for a in page.soup.select("nav a[href^='/a/']")]


@pytest.mark.parametrize(("who", "shown", "hidden"), [("coordinator", "Binômes", "Réglages"), ("admin", "Réglages", "Orientation")])
def test_the_menu_shows_what_a_role_may_open(who, shown, hidden, app, people):
    items = menu(app.test_client().sign_in(getattr(people, who).user_id).page("/a/passerelle/"))

    assert shown in items
    assert hidden not in items


def test_a_mentor_has_no_menu_of_staff(app, people):
    assert "Binômes" not in menu(app.test_client().sign_in(people.mentor.user_id).page("/a/passerelle/"))


@pytest.mark.parametrize("path", ["binomes", "binomes/nouveau"])
def test_the_menu_says_where_one_is(path, app, people):
    page = app.test_client().sign_in(people.coordinator.user_id).page(f"/a/passerelle/{path}")

    assert "Binômes" in page.soup.select_one("nav a[aria-current]").get_text()


def test_a_link_that_is_remembered_stays_in_its_space(app, association, elsewhere):
    paths = []
    for slug in ("passerelle", "ailleurs", None, "passerelle"):
        with app.test_request_context("/"):
            g.slug = slug
            paths.append(web.link("leads.other_doors"))

    assert paths == ["/a/passerelle/autres-portes", "/a/ailleurs/autres-portes", "/autres-portes", "/a/passerelle/autres-portes"]


def test_a_link_to_a_row_is_remembered_for_that_row_alone(app, association):
    first, second = uuid7(), uuid7()
    with app.test_request_context("/"):
        g.slug = "passerelle"
        paths = [web.link("pairs.show", pair_id=one) for one in (first, second, first)]

    assert paths == [f"/a/passerelle/binomes/{one}" for one in (first, second, first)]


def test_a_whole_address_is_that_of_its_request(app):
    for host in ("a.example.org", "b.example.org"):
        with app.test_request_context("/", base_url=f"http://{host}"):
            assert web.link("static", filename="css/app.css", _external=True) == f"http://{host}/static/css/app.css"


@pytest.mark.parametrize("path", ["/connexion", "/verifier", "/trouver-un-mentor", "/mot-de-passe/oubli", "/connexion/lien"])
@pytest.mark.parametrize("body", ['"x"', "[[", '{"email": ["a@example.org", "b"], "code": 5}', '{"email": "\\ud800"}'])
def test_a_page_reads_no_json(client, programme, path, body):
    assert client.post(path, data=body, content_type="application/json").status_code == 415


class FullDisk(io.StringIO):
    """A log that cannot be written any more."""

    def write(self, *_words):
        raise OSError(28, "No space left on device")

    flush = write


@pytest.mark.no_database
def test_a_log_that_cannot_be_written_keeps_nothing_from_being_done(monkeypatch):
    saved = structlog.get_config()
    monkeypatch.setattr("sys.stderr", FullDisk())
    try:
        logs.configure(Settings("postgresql+psycopg://x", "postgresql+psycopg://x", "x" * 40))
        structlog.get_logger().warning("loud")
    finally:
        structlog.configure(**saved)
