"""Check style, types and layers while every test runs, in random order, in parallel; then stop the tests' database."""

import fcntl
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import slipcover

ENOUGH = 95  # per cent of lines and branches of app/ that all tests together go through
MEMORY = Path("/dev/shm")  # noqa: S108  (a folder of our own in it)
LIMITS = [Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes")]  # of a container
ROOM = 6_000_000_000  # what a run writes there grows to 1.5 GB
PREFIX = "binome-tests-"


class Checks(threading.Thread):
    """`make check`, beside the tests: it says what it found as soon as it knows."""

    failed = False

    def run(self) -> None:
        command = ["nice", "-n", "19", "make", "--no-print-directory", "check"]  # in the moments that the tests leave
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        self.failed = done.returncode != 0
        print(f"\n{done.stdout}{done.stderr}\nmake check: {'ÉCHEC' if self.failed else 'tout est bon'}", flush=True)


class Database(threading.Thread):
    """The server and the template that every process copies: made while the tests are read, and stopped at the end."""

    def __init__(self, left: list[Path]) -> None:
        super().__init__()
        self.left = left

    def run(self) -> None:
        self.databases = import_module("tests.databases")  # a second, in which nothing else would have begun
        self.databases.ensure_template(self.databases.place())
        for folder in self.left:
            self.databases.stop(folder / "instance")
            shutil.rmtree(folder, ignore_errors=True)

    def stop(self) -> None:
        self.join()
        self.databases.stop()


def memory() -> Path | None:
    """Where what a run writes stays in memory, which takes a twelfth less of the time, if there is room for it: nobody keeps it."""
    try:
        shared, meminfo = os.statvfs(MEMORY), Path("/proc/meminfo").read_text()
        limits = [limit.read_text().strip() for limit in LIMITS if limit.exists()]
    except OSError:
        return None
    free = [int(found) * 1024 for found in re.findall(r"^MemAvailable: +(\d+) kB$", meminfo, re.MULTILINE)]
    room = min(shared.f_bavail * shared.f_frsize, *free, *(int(limit) for limit in limits if limit.isdigit()))
    runs_commands = not shared.f_flag & getattr(os, "ST_NOEXEC", 0)  # PostgreSQL's may have to be copied there
    return MEMORY if runs_commands and room > ROOM else None


@contextmanager
def own_folder() -> Iterator[tuple[Path, list[Path]]]:
    """A folder for all that this run writes, removed at its end, and those that runs which were killed have left."""
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir=memory()) as name, (Path(name) / "held").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # until this process ends, however it does
        folder, instance = Path(name), Path(name, "instance")
        instance.mkdir()
        for one in (folder, instance):
            one.chmod(0o711)  # the tests' PostgreSQL goes through it
        others = (one for one in folder.parent.glob(f"{PREFIX}*") if one != folder and one.lstat().st_uid == os.getuid())
        yield folder, [one for one in others if is_left(one)]


def is_left(folder: Path) -> bool:
    """Whether nobody holds the folder of a run any more."""
    try:
        with (folder / "held").open("r+") as held:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # held, or so new that it is not yet
        return False
    return True


def run_tests(folder: Path) -> int:
    """Run them, and leave in this folder what of app/ they went through; pytest's code."""
    workers = os.environ.get("TEST_WORKERS", str(os.cpu_count() or 1))
    measured = folder / "measured.json"
    dealt = ["-p", "tests.dealing", "--copies", workers, "--measured", str(measured)]
    command = [sys.executable, "-m", "pytest", *dealt, *sys.argv[1:]]
    return subprocess.run(command, check=False).returncode


def is_covered(folder: Path) -> bool:
    """Print what no test goes through, and whether that is little enough; some of the tests alone are not asked for it."""
    report = folder / "measured.json"
    if not report.exists():
        print("Rien n'a été mesuré.", file=sys.stderr)
        return len(sys.argv) > 1
    coverage = json.loads(report.read_text())
    slipcover.print_coverage(coverage, outfile=sys.stdout, skip_covered=True)
    share = coverage["summary"]["percent_covered"]
    print(f"Lignes et branches de app/ parcourues : {share:.2f} % (au moins {ENOUGH})", flush=True)
    return len(sys.argv) > 1 or share >= ENOUGH


def main() -> int:
    """0 when every test passed, every check too, and enough of the application was gone through."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)  # whoever ends a run leaves no server behind
    with own_folder() as (folder, left):
        os.environ.setdefault("TEST_INSTANCE", str(folder / "instance"))
        os.environ |= {"TMPDIR": str(folder), "PYTEST_DEBUG_TEMPROOT": tempfile.gettempdir()}  # pytest keeps its own where it did
        tempfile.tempdir = str(folder)
        checks, database = Checks(), Database(left)
        checks.start()
        database.start()
        try:
            code = run_tests(folder)
        finally:
            checks.join()
            database.stop()
        enough = is_covered(folder)
    for is_wrong, sentence in ((checks.failed, "make check a trouvé à redire : voir plus haut."), (not enough, "C'est trop peu.")):
        if is_wrong:
            print(sentence, file=sys.stderr)
    return code or int(checks.failed or not enough)


if __name__ == "__main__":
    sys.exit(main())
