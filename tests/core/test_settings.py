"""Settings: read once, checked, with a sentence for what is missing; and files."""

import os
import re
import stat
from pathlib import Path

import pytest

from app import embedded, storage
from app.config import MEGABYTE, BadSetting, CannotStart, Settings, kept_key, with_driver
from app.followup.blueprint import LARGEST
from app.training.uploads import LARGEST as HEAVIEST
from tests.databases import ROOT

KEY = "k" * 32
URL = "postgres://binome_app@db/binome"


REFUSED = [
    ({"DATABASE_URL": URL, "SECRET_KEY": KEY, "BINOME_DEMO": "1"}, "BINOME_DEMO=1 ouvre tous les comptes"),
    ({"DATABASE_URL": URL}, "SECRET_KEY est obligatoire"),
    ({"DATABASE_URL": URL, "SECRET_KEY": ""}, "SECRET_KEY est obligatoire"),
    ({"DATABASE_URL": URL, "SECRET_KEY": "k" * 31}, "SECRET_KEY est trop courte"),
    ({"DATABASE_URL": "sqlite:///binome.db", "SECRET_KEY": KEY}, "doit commencer par postgresql://"),
    ({"DATABASE_URL": "binome", "SECRET_KEY": KEY}, "doit commencer par postgresql://"),
    ({"DATABASE_URL": URL, "DATABASE_OWNER_URL": "mysql://x", "SECRET_KEY": KEY}, "doit commencer par postgresql://"),
    ({"DATABASE_URL": URL, "SECRET_KEY": KEY, "MAIL_PORT": "abc"}, "MAIL_PORT s'écrit en chiffres, pas « abc »"),
    ({"DATABASE_URL": URL, "SECRET_KEY": KEY, "TRUSTED_PROXIES": "un"}, "TRUSTED_PROXIES s'écrit en chiffres"),
    ({"DATABASE_URL": URL, "SECRET_KEY": KEY, "RENDER_WORKERS": "-1"}, "RENDER_WORKERS s'écrit en chiffres"),
    ({"DATABASE_URL": URL, "SECRET_KEY": KEY, "MAIL_USE_TLS": "oui"}, "MAIL_USE_TLS vaut 1 ou 0, pas « oui »"),
    ({"DATABASE_URL": URL, "SECRET_KEY": KEY, "PUBLIC_URL": "mentorat.example.org"}, "PUBLIC_URL est l'adresse entière du site"),
    *(
        ({"DATABASE_URL": URL, "SECRET_KEY": KEY, "MAIL_SENDER": sender}, "MAIL_SENDER est une adresse seule")
        for sender in ("Binôme <bonjour@example.org>", "bonjour", "", "a@example.org, b@example.org")
    ),
]


@pytest.mark.no_database
@pytest.mark.parametrize(("values", "sentence"), REFUSED)
def test_what_is_missing_or_contradicts_is_said(values, sentence, environment):
    with pytest.raises(BadSetting, match=sentence):
        environment(**values)


@pytest.mark.no_database
@pytest.mark.parametrize(
    "url", ["postgres://u@h/b", "postgresql://u@h/b", "postgresql+psycopg2://u@h/b", "postgresql+psycopg://u@h/b"]
)
def test_the_driver_is_ours_however_the_address_is_written(url):
    assert with_driver(url) == "postgresql+psycopg://u@h/b"


@pytest.mark.no_database
def test_a_site_of_production_is_read_whole(environment, tmp_path):
    settings = environment(
        DATABASE_URL=URL, DATABASE_OWNER_URL="postgresql://binome_owner@db/binome", SECRET_KEY=KEY, PUBLIC_URL="https://binome.example.org/",
        BINOME_INSTANCE=str(tmp_path), MAIL_SERVER="mail", MAIL_PORT="587", MAIL_USE_TLS="1", MAIL_USERNAME="u", MAIL_PASSWORD="p",
    )  # fmt: skip

    assert (settings.public_url, settings.https, settings.demo) == ("https://binome.example.org", True, False)
    assert settings.database_owner_url == "postgresql+psycopg://binome_owner@db/binome"
    flask = settings.flask()
    assert (flask["SESSION_COOKIE_NAME"], flask["SESSION_COOKIE_SECURE"]) == ("__Host-binome", True)
    assert (flask["MAIL_SERVER"], flask["MAIL_PORT"], flask["MAIL_USE_TLS"], flask["MAIL_SUPPRESS_SEND"]) == (
        "mail",
        587,
        True,
        False,
    )
    assert flask["RATELIMIT_ENABLED"] is True


@pytest.mark.no_database
@pytest.mark.parametrize(("typed", "folder"), [("ailleurs", Path.cwd() / "ailleurs"), ("", ROOT / "instance")])
def test_the_folder_of_an_instance_is_a_whole_path(typed, folder, environment):
    assert environment(DATABASE_URL=URL, SECRET_KEY=KEY, BINOME_INSTANCE=typed).instance == folder


@pytest.mark.no_database
def test_a_command_typed_without_the_settings_of_the_site_says_which_one_it_lacks(environment, monkeypatch, tmp_path):
    monkeypatch.setattr(embedded, "find_spec", lambda name: None)

    with pytest.raises(CannotStart, match="Indiquez DATABASE_URL"):
        environment(BINOME_INSTANCE=str(tmp_path))


@pytest.mark.no_database
def test_without_an_owner_the_application_address_is_used(environment):
    assert environment(DATABASE_URL=URL, SECRET_KEY=KEY).database_owner_url == "postgresql+psycopg://binome_app@db/binome"


@pytest.mark.no_database
@pytest.mark.parametrize(("demo", "testing"), [(True, False), (False, True)])
def test_neither_the_demonstration_nor_a_test_sends_mail(demo, testing):
    assert Settings("x", "x", KEY, demo=demo, testing=testing).flask()["MAIL_SUPPRESS_SEND"] is True


@pytest.mark.no_database
def test_the_key_of_an_instance_is_made_once_and_read_by_its_owner_only(tmp_path):
    path = tmp_path / "new" / "secret-key"

    key = kept_key(path)

    assert (len(key), kept_key(path)) == (64, key)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.no_database
def test_a_key_that_a_power_cut_left_empty_is_made_again(tmp_path):
    (tmp_path / "secret-key").touch()

    assert len(kept_key(tmp_path / "secret-key")) == 64


def test_the_same_bytes_are_one_file_and_are_read_back(app, association):
    with app.app_context():
        first, second = (storage.store(association.id, b"bytes", "png") for _time in range(2))
        other = storage.store(association.id, b"others", "png")

        assert (first, storage.load(first)) == (second, b"bytes")
        assert other != first
        assert first.startswith(f"{association.id}/")


def test_a_file_that_is_gone_is_not_found(app, association):
    with app.app_context(), pytest.raises(FileNotFoundError):
        storage.load(f"{association.id}/00/nothing.pdf")


def test_a_file_that_is_forgotten_is_gone_and_a_second_time_changes_nothing(app, association):
    with app.app_context():
        kept, forgotten = (storage.store_as(association.id, f"imports/{name}", b"bytes") for name in ("one", "two"))

        for _time in range(2):
            storage.forget(forgotten)

        assert storage.load(kept) == b"bytes"
        with pytest.raises(FileNotFoundError):
            storage.load(forgotten)


def test_files_may_stand_elsewhere(app, association, tmp_path):
    from dataclasses import replace

    with app.app_context():
        settings = app.config["BINOME"]
        app.config["BINOME"] = replace(settings, storage_url=f"file://{tmp_path}")
        try:
            key = storage.store(association.id, b"bytes", "pdf")
        finally:
            app.config["BINOME"] = settings

    assert (tmp_path / key).read_bytes() == b"bytes"


@pytest.mark.no_database
def test_the_files_of_a_production_site_name_settings_and_commands_that_exist():
    deploy, guide, readme = (ROOT / name for name in ("deploy", "docs/guides/exploitation.md", "README.md"))
    lines = [line for line in (deploy / "binome.env").read_text().splitlines() if line and not line.startswith("#")]
    services = [path.read_text() for path in sorted(deploy.glob("*.service"))]
    commands = [
        line.removeprefix("ExecStart=/srv/binome/") for text in services for line in text.splitlines() if "ExecStart=" in line
    ]

    assert all(f"`{line.partition('=')[0]}`" in readme.read_text() for line in lines)
    everywhere, for_help = (int(size) for size in re.findall(r"client_max_body_size (\d+)m;", (deploy / "nginx.conf").read_text()))
    assert everywhere * MEGABYTE > HEAVIEST
    assert for_help * MEGABYTE >= 32 * LARGEST, "a call for help is not lost for the film that is joined to it"
    assert len(commands) == 2
    assert all(command in guide.read_text().splitlines() for command in commands)


@pytest.mark.no_database
def test_the_database_that_the_guide_makes_writes_french_whatever_the_server_was_made_for(server):
    guide, name = (ROOT / "docs/guides/exploitation.md").read_text(), f"guide_{os.getpid()}"
    said = re.search(r'"CREATE DATABASE binome ([^"]+)"', guide)[1]
    with embedded.administrator(server) as connection:
        connection.execute(f"CREATE DATABASE {name} {said}")
        asked = "SELECT pg_encoding_to_char(encoding), datcollate FROM pg_database WHERE datname = %s"
        made = connection.execute(asked, [name]).fetchone()
        connection.execute(f"DROP DATABASE {name}")

    assert made == ("UTF8", "C.UTF-8")


@pytest.mark.no_database
def test_the_web_server_keeps_neither_a_secret_link_nor_whose_it_was():
    _before, *servers = (ROOT / "deploy/nginx.conf").read_text().split("server {")

    assert len(servers) == 2
    for server in servers:
        assert re.search(r"^ +access_log off;", server, re.M)
        assert re.search(r"^ +error_log \S+ emerg;", server, re.M), "what is less grave quotes the request"


@pytest.mark.no_database
@pytest.mark.parametrize("port", ["80", "443 ssl"])
def test_the_web_server_answers_phones_that_have_no_other_address_than_ipv6(port):
    assert f"    listen [::]:{port};\n" in (ROOT / "deploy/nginx.conf").read_text()
