"""`make run`: the port, the folder, the embedded server and its folders, before anybody answers and after a kill."""

import errno
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from contextlib import suppress
from fcntl import LOCK_EX, flock
from itertools import chain, repeat
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest
from procrastinate.exceptions import ConnectorException

from app import embedded, serve
from app.checks import NewerDatabase
from app.demo.people import PLACES
from tests.databases import ROOT

pytestmark = pytest.mark.waits


@pytest.mark.no_database
def test_the_demonstration_is_not_prepared_beside_the_database_of_a_site():
    asked = os.environ | {"DATABASE_URL": "postgres://binome_app@db/binome"}

    done = subprocess.run([sys.executable, "-m", "app.serve"], capture_output=True, text=True, cwd=ROOT, env=asked, check=False)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Binôme ne démarre pas : DATABASE_URL nomme une base")


@pytest.fixture
def door():
    """A port of this machine where somebody listens, and answers nobody."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


@pytest.mark.no_database
def test_who_runs_it_here_already_is_told_so_and_not_to_take_another_port(door, tmp_path):
    flock(embedded.lock_file(tmp_path, "serve.lock"), LOCK_EX)
    (tmp_path / "serve.lock").write_text("1234")
    asked = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    asked |= {"BINOME_INSTANCE": str(tmp_path), "PORT": str(door)}

    done = subprocess.run([sys.executable, "-m", "app.serve"], capture_output=True, text=True, cwd=ROOT, env=asked, check=False)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(
        "Binôme ne démarre pas : il tourne déjà dans ce dossier. Arrêtez-le d'abord (Ctrl-C, ou kill 1234)"
    )


@pytest.mark.no_database
def test_who_listens_is_not_taken_for_the_site(monkeypatch, door):
    monkeypatch.setattr(serve, "PATIENCE", 0.1)
    process = SimpleNamespace(poll=chain([None], repeat(1)).__next__)

    with pytest.raises(SystemExit, match="un des processus s'est arrêté"):
        serve.wait_for(door, [process])


@pytest.mark.no_database
def test_a_site_that_never_answers_is_not_said_to_have_stopped(monkeypatch, door):
    monkeypatch.setattr(serve, "PATIENCE", 0.1)
    monkeypatch.setattr(serve, "LONGEST_START", 0.2)

    with pytest.raises(SystemExit, match="le site n'a pas répondu en une minute"):
        serve.wait_for(door, [SimpleNamespace(poll=lambda: None)])


@pytest.mark.no_database
def test_a_site_that_answers_an_error_is_not_ready(monkeypatch):
    statuses = iter([500, 503, 200])
    answered = SimpleNamespace(request=lambda *_: None, getresponse=lambda: SimpleNamespace(status=next(statuses)), close=bool)
    monkeypatch.setattr(serve, "HTTPConnection", lambda *_, **__: answered)

    serve.wait_for(1, [SimpleNamespace(poll=lambda: None)])

    assert list(statuses) == []


@pytest.mark.no_database
def test_the_port_is_ours_before_the_site_answers(monkeypatch, door):
    monkeypatch.setenv("PORT", str(door))
    with pytest.raises(SystemExit, match="est déjà pris"):
        serve.open_door()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    monkeypatch.setenv("PORT", str(free))

    with serve.open_door(), pytest.raises(SystemExit, match="est déjà pris"):
        serve.open_door()


@pytest.mark.no_database
@pytest.mark.parametrize("typed", ["deux", "0", "-1", "2.5", "²", "", "65536"])
@pytest.mark.parametrize("name", ["PORT", "WEB_CONCURRENCY", "JOB_WORKERS"])
def test_a_number_that_is_none_is_refused_in_a_sentence(monkeypatch, name, typed):
    monkeypatch.setenv(name, typed)

    with pytest.raises(SystemExit, match=f"^Binôme ne démarre pas : {re.escape(f'{name}={typed}')} n'est pas un n"):
        serve.open_door() if name == "PORT" else serve.starters_of(SimpleNamespace(fileno=lambda: 0))


@pytest.mark.no_database
def test_as_many_processes_start_as_are_asked_for(monkeypatch):
    monkeypatch.setenv("WEB_CONCURRENCY", "5")
    monkeypatch.setenv("JOB_WORKERS", "3")

    site, *workers = serve.starters_of(SimpleNamespace(fileno=lambda: 0))

    assert site.args[site.args.index("--workers") + 1] == "5"
    assert len(workers) == 3


@pytest.mark.no_database
def test_a_number_is_refused_before_anything_is_prepared(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        free = probe.getsockname()[1]
    asked = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    asked |= {"BINOME_INSTANCE": str(tmp_path), "PORT": str(free), "JOB_WORKERS": "deux"}

    done = subprocess.run([sys.executable, "-m", "app.serve"], capture_output=True, text=True, cwd=ROOT, env=asked, check=False)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "Binôme ne démarre pas : JOB_WORKERS=deux n'est pas un nombre de processus (1 à 64).\n"


def test_a_stop_that_python_loses_is_heard_at_the_next_look(monkeypatch, tmp_path):
    """An error that is raised while an object is forgotten is ignored, Ctrl-C's too."""
    monkeypatch.setattr(serve, "ASKED_TO_STOP", [])
    monkeypatch.setattr(serve.time, "sleep", lambda _seconds: None)
    with suppress(KeyboardInterrupt):
        serve.interrupt(signal.SIGINT, None)

    serve.watch([], [], tmp_path)

    assert serve.ASKED_TO_STOP == [signal.SIGINT]


HOLDS = "import os, sys; from pathlib import Path; from app import serve; print(serve.hold(Path(sys.argv[1])), flush=True); {}"


@pytest.mark.no_database
def test_the_next_knows_that_who_held_the_folder_was_killed(tmp_path):
    def said(end):
        command = [sys.executable, "-c", HOLDS.format(end), tmp_path]
        return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False).stdout.strip()

    assert [said("sys.exit(1)"), said("os.kill(os.getpid(), 9)"), said(""), said("")] == ["False", "False", "True", "False"]


@pytest.mark.no_database
def test_a_port_that_is_left_meanwhile_is_ours(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("PORT", str(taken.getsockname()[1]))
        monkeypatch.setattr(serve.time, "sleep", lambda _seconds: taken.close())

        serve.open_door(5).close()


def is_started_again(instance):
    """As `make run` does: tried again while what was killed is still going, for twenty seconds at most."""
    for _try in range(200):
        time.sleep(0.1)
        if not embedded.is_running(instance):
            with suppress(embedded.EmbeddedError):
                return bool(embedded.start(instance))
    return False


@pytest.mark.no_database
def test_without_an_address_the_embedded_server_starts(environment, tmp_path, monkeypatch):
    """A clone where PostgreSQL's user cannot go gets a place of its own under /var/lib; killed, or deaf, it starts again."""
    instance = tmp_path / "instance"
    try:
        settings = environment(BINOME_INSTANCE=str(instance), BINOME_DEMO="1", PORT="8123")

        assert settings.database_url.startswith("postgresql+psycopg://binome_app@/binome?host=")
        assert (settings.demo, settings.public_url) == (True, "http://127.0.0.1:8123")
        assert settings.secret_key == (instance / "secret-key").read_text()
        assert embedded.start(instance).owner == settings.database_owner_url

        place = embedded.find_place(instance, 18)
        note = place.data / "postmaster.pid"
        os.kill(int(note.read_text().split()[0]), signal.SIGKILL)
        assert is_started_again(instance)
        assert embedded.is_running(instance)

        embedded.stop(instance)
        for written in (note, place.sockets / ".s.PGSQL.5432.lock"):
            written.write_text(f"{os.getpid()}\n")  # after a power cut, the number is somebody else's
        assert not embedded.is_running(instance, asks=False)
        embedded.stop(instance)
        assert embedded.start(instance)
        assert embedded.is_running(instance)

        monkeypatch.setattr(embedded, "PATIENCE", 1)
        deaf = int(note.read_text().split()[0])
        os.kill(deaf, signal.SIGSTOP)
        assert embedded.is_running(instance, asks=False)
        assert embedded.start(instance), "it lives, and answers nobody: another takes its place"
        assert embedded.is_running(instance)
        assert int(note.read_text().split()[0]) != deaf
    finally:
        remove(instance)


def remove(instance):
    """Stop a server, twice, and remove the place of its own that it may have."""
    embedded.stop(instance)
    assert not embedded.is_running(instance)
    embedded.stop(instance)
    note = instance / "postgres-place"
    if note.exists():
        shutil.rmtree(note.read_text())


PREPARE = """
import sys
from pathlib import Path

from app import embedded, serve
from app.demo import load

instance, said = Path(sys.argv[1]), []
embedded.start(instance)
server = embedded.find_place(instance, 18)
embedded.note_progress(server, serve.HALF)
with embedded.administrator(server, "binome") as connection:
    connection.execute("CREATE TABLE half ()")

load.fill_association = lambda place, *_more: said.append(embedded.progress_of(server) == serve.HALF) or []
load.fill_programme = lambda stories: said.append("filled")
serve.prepare(instance)
serve.fill = lambda place: said.append("filled again")
serve.prepare(instance)
with embedded.administrator(server, "binome") as connection:
    said += connection.execute("SELECT to_regclass('half'), to_regclass('tenants')::text").fetchone()
print(*said, embedded.progress_of(server) == embedded.made_from())
"""


@pytest.mark.no_database
def test_a_demonstration_that_was_interrupted_is_made_again_and_a_whole_one_is_left_alone(environment, tmp_path):
    """In a process of its own, for an application that is not one of the tests' limits how often one asks."""
    instance = tmp_path / "instance"
    environment(BINOME_INSTANCE=str(instance), BINOME_DEMO="1")
    try:
        done = subprocess.run([sys.executable, "-c", PREPARE, instance], capture_output=True, text=True, cwd=ROOT, check=True)
    finally:
        remove(instance)

    assert done.stdout.split() == [*(["True"] * len(PLACES)), "filled", "None", "tenants", "True"]


NOT_ANSWERING = embedded.EmbeddedError("PostgreSQL ne répond pas (postgres.log).")
GONE = psycopg.OperationalError("server closed the connection unexpectedly\n\tThis probably means")
QUEUE_GONE = ConnectorException()
QUEUE_GONE.__cause__ = GONE
FULL = r"\. Le disque de .* est plein, ou presque : il y reste 5 Mo\. Faites-y de la place, puis relancez\.$"


@pytest.fixture
def left(monkeypatch):
    """Megabytes that are left on the disk; what would start fails for a cause of ours, and nothing is there to stop."""
    monkeypatch.setattr(embedded, "stop", lambda _instance: None)

    def say(megabytes, error):
        def fail(_instance):
            raise error

        monkeypatch.setattr(embedded, "start", fail)
        monkeypatch.setattr(embedded.shutil, "disk_usage", lambda _folder: SimpleNamespace(free=megabytes * 1_000_000))

    return say


@pytest.mark.no_database
@pytest.mark.parametrize(
    ("megabytes", "error", "sentence"),
    [
        (5, NOT_ANSWERING, rf"PostgreSQL ne répond pas \(postgres\.log\){FULL}"),
        (500, NOT_ANSWERING, r"PostgreSQL ne répond pas \(postgres\.log\)\.$"),
        (5, GONE, f"la base n'a pas pu être remplie : server closed the connection unexpectedly{FULL}"),
        (500, QUEUE_GONE, r"la base n'a pas pu être remplie : server closed the connection unexpectedly\.$"),
        (5, OSError("No space left on device"), f"les fichiers n'ont pas pu être écrits{FULL}"),
        (500, NewerDatabase("…"), r"les données de .* sont d'une version plus récente .*git pull\), ou clonez ailleurs\.$"),
    ],
)
def test_why_it_cannot_be_prepared_is_one_sentence(left, tmp_path, megabytes, error, sentence):
    left(megabytes, error)

    with pytest.raises(SystemExit, match=f"^Binôme ne démarre pas : {sentence}"):
        serve.prepare(tmp_path)


@pytest.mark.no_database
@pytest.mark.parametrize(("megabytes", "error"), [(500, OSError("?")), (5, KeyError("?"))])
def test_what_no_sentence_is_known_for_is_shown_as_it_is(left, tmp_path, megabytes, error):
    left(megabytes, error)

    with pytest.raises(type(error)):
        serve.prepare(tmp_path)


@pytest.mark.no_database
def test_a_disk_without_room_for_one_number_is_said(left, tmp_path, monkeypatch):
    def fail(*_given):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    left(5, None)
    monkeypatch.setattr(Path, "write_text", fail)

    with pytest.raises(SystemExit, match=f"rien ne s'écrit dans .* \\(No space left on device\\){FULL}"):
        serve.hold(tmp_path)


@pytest.mark.no_database
@pytest.mark.parametrize("folder", [Path("/proc/binome"), Path("/dev/null/binome")])
def test_a_folder_that_cannot_be_written_is_said(folder):
    with (
        pytest.raises(embedded.EmbeddedError, match=f"Le dossier {folder} n'est pas accessible en écriture"),
        embedded.locked(folder),
    ):
        pass


@pytest.mark.no_database
def test_a_path_that_is_too_long_for_a_socket_gets_a_short_one(tmp_path):
    home = tmp_path / ("x" * 100)
    home.mkdir()

    folder = embedded.socket_folder(home, None)

    assert len(os.fsencode(folder)) <= embedded.LONGEST_SOCKET_FOLDER
    assert embedded.socket_folder(home, None) == folder
    folder.rmdir()
    another = embedded.socket_folder(home, None)
    assert another != folder
    another.rmdir()


@pytest.mark.no_database
@pytest.mark.parametrize("name", ["l'a", "a,b"])
def test_a_path_that_postgresql_would_cut_gets_another_one_for_its_sockets(name, tmp_path):
    (tmp_path / name).mkdir()

    folder = embedded.socket_folder(tmp_path / name, None)

    assert not {"'", ","} & set(str(folder))
    folder.rmdir()


@pytest.mark.no_database
def test_a_short_path_keeps_its_sockets_at_home(tmp_path):
    folder = (
        embedded.socket_folder(Path(tmp_path.anchor) / "tmp", None)
        if len(str(tmp_path)) > 80
        else embedded.socket_folder(tmp_path, None)
    )

    assert folder.name == "run"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.no_database
def test_binaries_are_copied_once_where_they_can_be_run(tmp_path):
    binaries = tmp_path / "wheel" / "pginstall18" / "bin"
    binaries.mkdir(parents=True)
    (binaries / "pg_ctl").write_text("first")
    home = tmp_path / "place" / "postgres-18"
    home.parent.mkdir()

    copied = embedded.copied_binaries(binaries, home)
    (binaries / "pg_ctl").write_text("second")

    assert embedded.copied_binaries(binaries, home) == copied == tmp_path / "place" / "pginstall18" / "bin"
    assert (copied / "pg_ctl").read_text() == "first"
    assert [p.name for p in home.parent.iterdir()] == ["pginstall18"]


@pytest.mark.no_database
@pytest.mark.parametrize(("version", "folder"), [(18, "pginstall18"), (16, "pginstall")])
def test_each_version_has_its_own_binaries(version, folder):
    assert embedded.wheel_binaries(version).parent.name == folder


@pytest.mark.no_database
def test_without_the_embedded_extra_the_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setattr(embedded, "find_spec", lambda name: None)

    with pytest.raises(embedded.EmbeddedError, match="Indiquez DATABASE_URL, ou installez la base embarquée"):
        embedded.wheel_binaries(18)


@pytest.mark.no_database
def test_an_ordinary_user_runs_the_server_as_themself(monkeypatch, tmp_path):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    place = embedded.find_place(tmp_path, 18)

    assert (place.user, place.home) == (None, tmp_path / "postgres-18")
    assert place.urls("x").application.startswith("postgresql+psycopg://binome_app@/x?host=")


@pytest.mark.no_database
@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as somebody else")
def test_binaries_that_the_servers_user_cannot_reach_are_copied(monkeypatch, tmp_path):
    closed = tmp_path / "wheel" / "pginstall18" / "bin"
    closed.mkdir(parents=True)
    monkeypatch.setattr(embedded, "wheel_binaries", lambda version: closed)
    instance = tmp_path / "instance"
    instance.mkdir()

    place = embedded.find_place(instance, 18)

    assert place.binaries == place.home.parent / "pginstall18" / "bin"
    shutil.rmtree(place.home.parent)


@pytest.mark.no_database
@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as somebody else")
@pytest.mark.parametrize(("uid", "whose"), [(1, "daemon"), (54321, "54321")])
def test_what_a_person_has_is_not_taken_from_them_by_a_sudo(uid, whose, monkeypatch, tmp_path):
    monkeypatch.setattr(embedded, "reachable", lambda path: True)
    home = tmp_path / "postgres-18"
    home.mkdir()
    os.chown(home, uid, uid)

    with pytest.raises(embedded.EmbeddedError, match=f"est à {whose}. Lancez Binôme depuis ce compte, sans sudo"):
        embedded.find_place(tmp_path, 18)

    assert home.stat().st_uid == uid


@pytest.mark.no_database
@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as somebody else")
def test_whoever_ran_the_server_goes_on(monkeypatch, tmp_path):
    """A PostgreSQL that was installed since brings a user of its own."""
    monkeypatch.setattr(embedded, "reachable", lambda path: True)
    (tmp_path / "postgres-18").mkdir()
    shutil.chown(tmp_path / "postgres-18", "nobody")

    assert embedded.find_place(tmp_path, 18).user == "nobody"


@pytest.mark.no_database
def test_a_user_that_does_not_exist_is_not_known():
    assert embedded.known_user("root")
    assert not embedded.known_user("personne-du-tout")


@pytest.fixture
def place(tmp_path, server):
    """Folders where a server could stand, reachable by its user."""
    home = Path(f"/var/tmp/binome-test-{os.getpid()}")  # noqa: S108
    home.mkdir(mode=0o755)
    if server.user:
        shutil.chown(home, server.user)
    yield embedded.Place(home, home, server.binaries, server.user)
    shutil.rmtree(home)


@pytest.mark.no_database
def test_a_cluster_that_cannot_be_made_is_said(place):
    place.data.write_text("not a folder")

    with pytest.raises(embedded.EmbeddedError, match="PostgreSQL n'a pas pu créer sa base : "):
        embedded.boot(place, durable=True)


@pytest.mark.no_database
@pytest.mark.parametrize("durable", [True, False])
def test_a_cluster_that_is_to_last_is_made_on_the_disk(durable, place, monkeypatch):
    asked = []
    failed = subprocess.CompletedProcess([], 1, "", "no")
    monkeypatch.setattr(embedded.Place, "run", lambda _place, *words: asked.extend(words) or failed)

    with pytest.raises(embedded.EmbeddedError):
        embedded.boot(place, durable)

    assert ("--no-sync" not in asked) is durable


@pytest.mark.no_database
def test_a_cluster_that_does_not_start_is_said(place):
    place.data.mkdir(mode=0o700)
    (place.data / "PG_VERSION").write_text("18\n")
    if place.user:
        shutil.chown(place.data, place.user)

    with pytest.raises(embedded.EmbeddedError, match="PostgreSQL n'a pas démarré"):
        embedded.boot(place, durable=False)
