"""The house's own pages, and whether the service is well."""

import os

import psycopg
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from app import create_app, embedded, schema
from app.checks import NewerDatabase, PrivilegedRole, UnfitDatabase, migration_head, privileged, queue_age
from app.database import unit_of_work
from app.extensions import db
from app.tenants.models import Tenant
from tests import databases, factories
from tests.conftest import settings_for

WELL = {"status": "ok", "database": True, "schema": True, "role": True, "queue": True, "storage": True, "queue_seconds": 0,
        "jobs_given_up": 0}  # fmt: skip


def test_the_front_door_has_two_doors(client, programme):
    page = client.page("/")

    assert page.heading == "Avancer à deux, c'est plus simple"
    assert page.soup.find("a", string="Devenir mentor")
    assert [h.get_text() for h in page.soup.select(".door h2")] == ["Je cherche un mentor", "J'ai un peu de temps à donner"]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/donnees-personnelles", "Le programme reçoit votre demande"),
        ("/a/passerelle/donnees-personnelles", "Passerelle, à qui vous écrivez directement"),
    ],
)
def test_what_becomes_of_data_depends_on_whom_one_writes_to(path, words, client, association):
    page = client.page(path)

    assert words in page.text
    assert "Si aucun accompagnement ne commence, une demande terminée s'efface deux ans après" in page.text


@pytest.mark.parametrize(("path", "named"), [("/aide", False), ("/a/passerelle/aide", True)])
def test_help_names_the_association_inside_its_space(path, named, client, association):
    page = client.page(path)

    assert "119" in page.text
    assert ("Joindre Passerelle" in page.text) is named


@pytest.mark.parametrize("path", ["/aide", "/a/passerelle/aide"])
@pytest.mark.parametrize(
    ("card", "links"),
    [
        ({"phone": "+33199000009"}, ["tel:+33199000009"]),
        ({"email": "contact@example.org"}, ["mailto:contact@example.org"]),
        ({}, []),
    ],
)
def test_help_says_how_to_reach_the_programme(path, card, links, client, association, programme, in_space):
    with in_space(programme):
        for name, value in card.items():
            setattr(db.session.get(Tenant, programme.id), name, value)

    page = client.page(path)

    cards = [sheet for sheet in page.soup.select(".sheet") if sheet.h2.get_text() == "Joindre le programme"]
    assert [a["href"] for sheet in cards for a in sheet.find_all("a")] == links
    assert page.soup.find("a", string="Retrouver ma demande")["href"].endswith("/retrouver-ma-demande")


def test_a_site_without_its_programme_pauses(client):
    assert client.page("/").status == 503


def test_the_process_answers(client):
    assert client.get("/healthz").json == {"status": "ok"}


def test_the_service_is_ready(client):
    response = client.get("/readyz")

    assert (response.status_code, response.json) == (200, WELL)


def as_owner(server, name, statement):
    engine = create_engine(server.url("binome_owner", name))
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


@pytest.mark.committed
def test_an_old_schema_is_not_ready(server, own_database, tmp_path):
    site = create_app(settings_for(server, own_database, tmp_path))
    as_owner(server, own_database, "UPDATE alembic_version SET version_num = '0001'")

    response = site.test_client().get("/readyz")

    with site.app_context():
        db.engine.dispose()

    assert (response.status_code, response.json) == (503, WELL | {"status": "not ready", "schema": False})


@pytest.mark.committed
@pytest.mark.parametrize(("waiting", "code"), [("2 minutes", 200), ("11 minutes", 503)])
def test_a_queue_that_does_not_move_is_not_ready(waiting, code, real_app):
    with unit_of_work(real_app, None):
        db.session.execute(
            text("INSERT INTO procrastinate_jobs (task_name, queue_name, args, scheduled_at)"
                 " VALUES ('mail.deliver', 'default', '{}', now() - CAST(:waiting AS interval))"), {"waiting": waiting}
        )  # fmt: skip
        assert queue_age() > 100

    assert real_app.test_client().get("/readyz").status_code == code


@pytest.mark.committed
def test_what_was_given_up_is_counted(real_app):
    with unit_of_work(real_app, None):
        db.session.execute(text("INSERT INTO procrastinate_jobs (task_name, queue_name, args, status)"
                                " VALUES ('mail.deliver', 'default', '{}', 'failed')"))  # fmt: skip

    response = real_app.test_client().get("/readyz")

    assert (response.status_code, response.json) == (200, WELL | {"jobs_given_up": 1})


@pytest.mark.parametrize("lacking", ["a right", "room"])
def test_without_a_place_for_files_the_site_is_not_ready(lacking, client, monkeypatch):
    client.get("/readyz")  # what a first request reads from the disk is read
    if lacking == "room":
        monkeypatch.setattr("app.storage.LEAST_ROOM", 1 << 62)
    else:
        monkeypatch.setattr("app.storage.os.access", lambda _folder, _mode: False)

    response = client.get("/readyz")

    assert (response.status_code, response.json) == (503, WELL | {"status": "not ready", "storage": False})


ROLES = [("postgres", "superuser"), ("binome_owner", "schema"), ("binome_backup", "bypassrls")]


@pytest.mark.no_database
@pytest.mark.parametrize(("role", "how"), ROLES)
def test_the_site_does_not_start_with_a_role_that_isolation_would_not_hold(role, how, server, database_name, tmp_path):
    with pytest.raises(PrivilegedRole, match=rf"privilégié \({how}\).*binome_app"):
        create_app(settings_for(server, database_name, tmp_path, database_url=server.url(role, database_name)))


@pytest.mark.committed
def test_a_role_that_owns_one_table_is_refused(server, own_database, tmp_path):
    with embedded.administrator(server) as connection:
        connection.execute("DO $$ BEGIN CREATE ROLE binome_test_owner LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$")
    engine = create_engine(server.url("postgres", own_database))
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE leads OWNER TO binome_test_owner"))
    engine.dispose()

    with pytest.raises(PrivilegedRole, match="owner"):
        create_app(settings_for(server, own_database, tmp_path, database_url=server.url("binome_test_owner", own_database)))


@pytest.fixture
def empty_database(server):
    """A database without a table, as a host gives it."""
    name = f"empty_{os.getpid()}"
    with embedded.administrator(server) as connection:
        connection.execute(f"CREATE DATABASE {name} OWNER binome_owner")
    yield name
    databases.drop(server, name)


@pytest.mark.no_database
def test_before_the_migrations_the_site_says_what_to_do(server, empty_database, tmp_path):
    url = server.url("binome_app", empty_database)

    with pytest.raises(UnfitDatabase, match=r"La base est vide.*python -m app\.schema"):
        create_app(settings_for(server, empty_database, tmp_path, database_url=url))


@pytest.mark.no_database
def test_too_old_a_server_is_refused(server, database_name, tmp_path, monkeypatch):
    monkeypatch.setattr("app.checks.OLDEST", 99)

    with pytest.raises(UnfitDatabase, match="Il faut PostgreSQL 99 ou plus récent ; celui de DATABASE_URL est le 18"):
        create_app(settings_for(server, database_name, tmp_path))


@pytest.mark.no_database
def test_too_old_a_server_is_refused_before_its_migrations(server, empty_database, monkeypatch):
    monkeypatch.setattr("app.checks.OLDEST", 99)
    monkeypatch.setattr("app.schema.upgrade", lambda url: pytest.fail("begun"))
    monkeypatch.setenv("DATABASE_URL", NOWHERE)
    monkeypatch.setenv("DATABASE_OWNER_URL", server.url("binome_owner", empty_database))
    monkeypatch.setenv("SECRET_KEY", "k" * 32)

    with pytest.raises(UnfitDatabase, match="Il faut PostgreSQL 99 ou plus récent ; celui de DATABASE_OWNER_URL est le 18"):
        schema.main()


NOWHERE = "postgresql+psycopg://binome_app:secret@127.0.0.1:1/binome"


@pytest.mark.no_database
@pytest.mark.parametrize(("named", "sentence"), [(NOWHERE, "pas à l'adresse de DATABASE_URL : "), ("", "La base ne répond pas : ")])
def test_a_database_that_does_not_answer_is_one_sentence(server, database_name, tmp_path, monkeypatch, named, sentence):
    monkeypatch.setenv("DATABASE_URL", named)
    with pytest.raises(UnfitDatabase, match=sentence) as refused:
        create_app(settings_for(server, database_name, tmp_path, database_url=NOWHERE))

    assert ("secret" in str(refused.value), "\n" in str(refused.value)) == (False, False)


@pytest.mark.no_database
@pytest.mark.parametrize(
    ("role", "sentence"),
    [("binome_app", "un rôle qui ne possède pas le schéma"), (None, "ne répond pas à l'adresse de DATABASE_OWNER_URL")],
)
def test_migrations_that_cannot_be_made_are_one_sentence(server, empty_database, monkeypatch, role, sentence):
    monkeypatch.setenv("DATABASE_URL", NOWHERE)
    monkeypatch.setenv("DATABASE_OWNER_URL", server.url(role, empty_database) if role else NOWHERE)
    monkeypatch.setenv("SECRET_KEY", "k" * 32)

    with pytest.raises(UnfitDatabase, match=sentence):
        schema.main()


@pytest.mark.no_database
@pytest.mark.parametrize("by_the_driver_alone", [True, False])
def test_an_upgrade_that_a_full_disk_stops_is_one_sentence(server, empty_database, monkeypatch, by_the_driver_alone):
    full = psycopg.errors.DiskFull("could not extend file: No space left on device\nCONTEXT:  COPY fresh, line 4988")
    monkeypatch.setattr("app.schema.upgrade", raises(full if by_the_driver_alone else OperationalError("SELECT", {}, full)))
    monkeypatch.setenv("DATABASE_URL", NOWHERE)
    monkeypatch.setenv("DATABASE_OWNER_URL", server.url("binome_owner", empty_database))
    monkeypatch.setenv("SECRET_KEY", "k" * 32)

    with pytest.raises(UnfitDatabase, match=r"^La mise à jour s'est arrêtée\. .* No space left on device$"):
        schema.main()


def raises(error):
    """What fails like this, whatever it is given."""

    def fail(*_given, **_named):
        raise error

    return fail


@pytest.mark.no_database
def test_what_a_newer_version_has_changed_is_neither_served_nor_upgraded(server, empty_database, tmp_path, monkeypatch):
    as_owner(server, empty_database, "CREATE TABLE alembic_version AS SELECT '9999' AS version_num")
    as_owner(server, empty_database, "GRANT SELECT ON alembic_version TO binome_app")
    monkeypatch.setattr("app.schema.command.upgrade", lambda *_given: pytest.fail("begun"))
    monkeypatch.setenv("DATABASE_URL", NOWHERE)
    monkeypatch.setenv("DATABASE_OWNER_URL", server.url("binome_owner", empty_database))
    monkeypatch.setenv("SECRET_KEY", "k" * 32)

    for start in (schema.main, lambda: create_app(settings_for(server, empty_database, tmp_path))):
        with pytest.raises(NewerDatabase, match="La base est d'une version plus récente de Binôme"):
            start()


def test_the_applications_role_is_held_by_isolation(app):
    with app.app_context():
        assert privileged() is None


@pytest.mark.no_database
def test_the_head_is_the_last_migration(app):
    last = max(path.name[:4] for path in (databases.ROOT / "migrations" / "versions").glob("0*.py"))

    assert migration_head(app.root_path) == last


@pytest.mark.no_database
def test_a_schema_is_made_from_nothing_and_made_again_changes_nothing(server, empty_database, monkeypatch):
    url = server.url("binome_owner", empty_database)
    monkeypatch.setenv("DATABASE_URL", server.url("binome_app", empty_database))
    monkeypatch.setenv("DATABASE_OWNER_URL", url)
    monkeypatch.setenv("SECRET_KEY", "k" * 32)

    for _time in range(2):
        schema.main()

    engine = create_engine(url)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM communes")) > 34_000
    engine.dispose()


def test_a_mail_is_written_without_a_request(app, programme):
    """A job has no request: templates know of the demonstration only."""
    from flask import render_template

    with app.app_context():
        html = render_template("mail/letter.html", subject="Essai")

    assert "Binôme" in html
    assert factories.number


@pytest.mark.parametrize(
    ("path", "responsible"),
    [("/donnees-personnelles", "le programme est responsable de votre demande"),
     ("/a/passerelle/donnees-personnelles", "L'association est responsable de ce qu'elle en fait.")],
)  # fmt: skip
def test_the_page_about_data_says_who_answers_for_them_and_who_reads_them(client, programme, association, path, responsible):
    page = client.page(path)

    assert responsible in page.text
    for said in (
        "Le mentor, ou le ou la jeune, que l'association vous propose lit",
        "vous y opposer",
        "deux ans après le dernier changement",
    ):
        assert said in page.text
