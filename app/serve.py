"""`make run`: database, schema, demonstration, workers and web server, started together and stopped together."""

import atexit
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Collection
from contextlib import closing, suppress
from fcntl import LOCK_EX, LOCK_NB, flock
from functools import partial
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from itertools import count
from pathlib import Path
from types import FrameType

from . import embedded
from .config import ROOT, instance_folder

ASKED_TO_STOP: list[int] = []  # by which signals
STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)  # Ctrl-C, whoever runs us, a terminal that closes
ASKED_EVERY = 10  # seconds: whether the database answers
PATIENCE, LONGEST_START = 5, 60  # seconds: for one answer of a busy machine; for the site to be up
WAITING = 2048  # who knocks before the site is up, as many as gunicorn's own
ENDING = 12  # seconds that a site takes to end by itself, once what started it was killed
HELD_BY = "serve.lock"  # the number of what runs here; empty when it has ended
HALF = "half of a demonstration"  # written on the database while it is loaded
Starter = Callable[[], subprocess.Popen[bytes]]


def refuse(sentence: str) -> None:
    """One clear sentence, and out."""
    sys.exit(f"Binôme ne démarre pas : {sentence}")


def whole(name: str, default: int, most: int, what: str) -> int:
    """A number of the environment, 1 at least. Leaves with a sentence when it is none, or too large."""
    typed = os.environ.get(name, str(default))
    if not typed.isdecimal() or not 0 < int(typed) <= most:
        refuse(f"{name}={typed} n'est pas {what} (1 à {most}).")
    return int(typed)


def processes_asked(name: str) -> int:
    """How many processes of a kind run here; two unless the environment says otherwise."""
    return whole(name, 2, 64, "un nombre de processus")


def open_door(seconds: float = 0) -> socket.socket:
    """The port to listen on, ours from now on: preparing takes a minute. Leaves with a sentence when it is no port, or taken.

    One that is taken may be free within so many seconds.
    """
    port, deadline = whole("PORT", 8000, 65535, "un numéro de port"), time.monotonic() + seconds
    while True:
        door = socket.socket()
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind(("127.0.0.1", port))
            door.listen(WAITING)  # bound alone, another may still take it
        except OSError as error:
            door.close()
            if isinstance(error, PermissionError):
                refuse(f"le port {port} est réservé au système. Choisissez-en un autre : make run PORT=8001")
            if time.monotonic() > deadline:
                refuse(f"le port {port} est déjà pris. Choisissez-en un autre : make run PORT=8001")
            time.sleep(0.2)
        else:
            return door


def die_with_parent() -> None:
    """On Linux, a child does not outlive this process, even killed."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def start(*command: str, doors: Collection[int] = ()) -> subprocess.Popen[bytes]:
    """One of the processes, in a group of its own: Ctrl-C reaches it through us only, in order."""
    return subprocess.Popen(command, cwd=ROOT, start_new_session=True, preexec_fn=die_with_parent, pass_fds=doors)  # noqa: PLW1509


def stop(processes: list[subprocess.Popen[bytes]]) -> None:
    """Ask each to end its work, then make sure."""
    for process in processes:
        with suppress(ProcessLookupError):
            process.terminate()
    for process in processes:
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def prepare(instance: Path) -> None:
    """Database, schema and demonstration. Leaves with a sentence when the folder or the database refuses.

    Where nothing has changed since the last time, the application is not loaded to find out. A demonstration that was interrupted
    in the middle is made again from nothing: nobody has seen it.
    """
    try:
        embedded.start(instance)
        place = embedded.find_place(instance, 18)
        before = embedded.progress_of(place)
        if before == HALF:
            embedded.make_again(place)
        if before != embedded.made_from():
            fill(place)
    except BaseException as error:
        with suppress(embedded.EmbeddedError, OSError):  # what is said is why it did not start
            embedded.stop(instance)
        if not isinstance(error, KeyboardInterrupt):
            refuse_known(error, instance)
        raise


def refuse_known(error: BaseException, instance: Path) -> None:
    """Leave with a sentence when the cause is known: a server that cannot start or stopped, newer data, a full disk."""
    from .checks import STOPPED, NewerDatabase, first_line

    room = embedded.lack_of_room(instance)
    if isinstance(error, NewerDatabase):
        refuse(f"les données de {instance} sont d'une version plus récente de Binôme. Mettez le code à jour (git pull),"
               " ou clonez ailleurs.")  # fmt: skip
    if isinstance(error, embedded.EmbeddedError):
        refuse(f"{str(error).rstrip('.')}.{room}")
    for said in (error, error.__cause__):  # the queue wraps what it hears
        if isinstance(said, STOPPED):
            refuse(f"la base n'a pas pu être remplie : {first_line(said)}.{room}")
    if room and isinstance(error, OSError):
        refuse(f"les fichiers n'ont pas pu être écrits.{room}")


def fill(place: embedded.Place) -> None:
    """Bring the schema up to date; load the demonstration into an empty site."""
    from . import create_app, schema
    from .demo.load import is_loaded, load_demonstration

    schema.upgrade(place.urls().owner)
    app = create_app()
    if not is_loaded(app):
        embedded.note_progress(place, HALF)
        load_demonstration(app)
    embedded.note_progress(place, embedded.made_from())


def hold(instance: Path) -> bool:
    """Hold this folder until we end; whether who held it before was killed, and did not say that they ended.

    Leaves with a sentence when Binôme runs here already, or nothing can be written.
    """
    note = instance / HELD_BY
    try:
        lock = embedded.lock_file(instance, HELD_BY)
        flock(lock, LOCK_EX | LOCK_NB)
    except embedded.EmbeddedError as error:
        refuse(str(error))
    except OSError:
        number = note.read_text()
        how = f"Ctrl-C, ou kill {number}" if number else "Ctrl-C"
        refuse(f"il tourne déjà dans ce dossier. Arrêtez-le d'abord ({how}), ou clonez ailleurs.")
    was_killed = note.read_text() != ""
    try:
        note.write_text(str(os.getpid()))
    except OSError as error:
        refuse(f"rien ne s'écrit dans {instance} ({error.strerror}).{embedded.lack_of_room(instance)}")
    atexit.register(note.write_text, "")
    return was_killed


def interrupt(wanted: int, _frame: FrameType | None) -> None:
    """Stop at once; where Python ignores errors, as while it forgets an object, at the next look of `watch`."""
    ASKED_TO_STOP.append(wanted)
    raise KeyboardInterrupt


def wait_for(port: int, processes: list[subprocess.Popen[bytes]]) -> None:
    """Return when the site answers. Leaves with a sentence when a process ended instead, or when none did and it never answers."""
    deadline = time.monotonic() + LONGEST_START
    while time.monotonic() < deadline and all(process.poll() is None for process in processes):
        asked = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        with suppress(OSError, HTTPException), closing(asked):  # the door is open before anybody answers
            asked.request("GET", "/healthz")
            if asked.getresponse().status < HTTPStatus.INTERNAL_SERVER_ERROR:
                return
        time.sleep(0.05)
    if all(process.poll() is None for process in processes):
        refuse("le site n'a pas répondu en une minute : cette machine est peut-être très occupée. Relancez-le.")
    refuse("un des processus s'est arrêté ; son message est au-dessus.")


def watch(starters: list[Starter], processes: list[subprocess.Popen[bytes]], instance: Path) -> None:
    """Start again whichever process dies, the database too, also when it lives and answers nobody, until Ctrl-C."""
    for second in count(1):
        time.sleep(1)
        if ASKED_TO_STOP:
            return
        if not embedded.is_running(instance, asks=second % ASKED_EVERY == 0):
            with suppress(embedded.EmbeddedError):  # what is left of it may take a moment to go: tried again
                embedded.start(instance)
        for place, process in enumerate(processes):
            if process.poll() is not None:
                processes[place] = starters[place]()


def starters_of(door: socket.socket) -> list[Starter]:
    """What starts the web server, and the workers."""
    python, workers = sys.executable, str(processes_asked("WEB_CONCURRENCY"))
    site = partial(start, python, "-m", "gunicorn", "wsgi:application", "--bind", f"fd://{door.fileno()}", "--preload",
                   "--workers", workers, "--threads", "4", "--log-level", "warning", "--graceful-timeout", "10",
                   "--no-control-socket", doors=[door.fileno()])  # fmt: skip
    worker = partial(start, python, "-m", "flask", "--app", "wsgi", "worker")
    return [site, *[worker] * processes_asked("JOB_WORKERS")]


def main() -> None:
    """Start everything, say where, wait for Ctrl-C, stop everything."""
    if os.environ.get("DATABASE_URL"):
        refuse("DATABASE_URL nomme une base, et la démonstration n'ouvre que la sienne. Tapez : env -u DATABASE_URL make run")
    die_with_parent()  # a `make` that is killed leaves no site behind that nobody can stop
    instance = instance_folder(os.environ)
    was_killed = hold(instance)  # first: who runs it here already needs no other port
    door = open_door(ENDING if was_killed else 0)
    port = door.getsockname()[1]
    os.environ.update(BINOME_DEMO="1", PORT=str(port), BINOME_INSTANCE=str(instance))
    os.environ.setdefault("PUBLIC_URL", f"http://127.0.0.1:{port}")
    starters, processes = starters_of(door), list[subprocess.Popen[bytes]]()
    for wanted in STOPS:  # also where a shell started us with Ctrl-C ignored
        signal.signal(wanted, interrupt)
    print("Binôme : préparation de la base et de la démonstration…", flush=True)
    try:
        prepare(instance)
        site, *workers = starters
        processes.append(site())
        wait_for(port, processes)
        processes += [worker() for worker in workers]  # which would only have made the site wait
        announce(port)
        watch(starters, processes, instance)
    except KeyboardInterrupt:
        pass
    finally:
        for wanted in STOPS:
            signal.signal(wanted, signal.SIG_IGN)
        stop(processes)
        with suppress(embedded.EmbeddedError):  # it was said before: nothing was started
            embedded.stop(instance)
        print("\nBinôme est arrêté.", flush=True)


def announce(port: int) -> None:
    """The address and the accounts."""
    from .demo.people import ACCOUNTS

    print(f"\n  Binôme est prêt : http://127.0.0.1:{port}\n")
    print(f"  Comptes de la démonstration, en un clic : http://127.0.0.1:{port}/demonstration")
    for account in ACCOUNTS:
        print(f"    {account.words:<28} {account.email}")
    print("\n  Les e-mails sont dans la boîte aux lettres de la démonstration. Ctrl-C arrête tout.\n", flush=True)


if __name__ == "__main__":
    main()
