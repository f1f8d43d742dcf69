"""Check style, types and layers while every test runs, in random order, in parallel; then stop the tests' database."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from importlib import import_module
from pathlib import Path

import slipcover

ENOUGH = 95  # per cent of lines and branches of app/ that all tests together go through
MEMORY = Path("/dev/shm")  # noqa: S108  (a folder of ours in it)
ROOM = 6_000_000_000  # what a run writes there grows to 1.3 GB


class Checks(threading.Thread):
    """`make check`, beside the tests: it says what it found as soon as it knows."""

    failed = False

    def run(self) -> None:
        command = ["nice", "-n", "19", "make", "--no-print-directory", "check"]  # in the moments that the tests leave
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        self.failed = done.returncode != 0
        print(f"\n{done.stdout}{done.stderr}\nmake check: {'ÉCHEC' if self.failed else 'tout est bon'}", flush=True)


class Database(threading.Thread):
    """The server and the template that every process copies: made while the tests are read, and stopped at the end.

    Tests keep nothing of what they write: it stays in memory where there is room. A disk takes a twelfth of the time.
    """

    def __init__(self) -> None:
        super().__init__()
        self.memory = MEMORY / f"binome-{os.getuid()}-{hashlib.sha256(bytes(Path.cwd())).hexdigest()[:12]}"
        with suppress(OSError):
            runs_nothing = os.statvfs(MEMORY).f_flag & getattr(os, "ST_NOEXEC", 0)  # where the binaries may have to be copied
            if shutil.disk_usage(MEMORY).free > ROOM and not runs_nothing:
                self.memory.mkdir(exist_ok=True)
                self.memory.chmod(0o711)  # PostgreSQL's user goes through it; nobody else's folder is changed
                os.environ["TEST_INSTANCE"] = str(self.memory)

    def run(self) -> None:
        self.databases = import_module("tests.databases")  # a second, in which nothing else would have begun
        self.databases.ensure_template(self.databases.place())

    def stop(self) -> None:
        self.join()
        self.databases.stop()
        shutil.rmtree(self.memory, ignore_errors=True)


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
    checks, database = Checks(), Database()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)  # the tests' PostgreSQL goes through it
        os.environ |= {"TMPDIR": folder, "PYTEST_DEBUG_TEMPROOT": tempfile.gettempdir()}  # pytest keeps its own where it did
        tempfile.tempdir = folder
        checks.start()
        database.start()
        try:
            code = run_tests(Path(folder))
        finally:
            checks.join()
            database.stop()
        enough = is_covered(Path(folder))
    for is_wrong, sentence in ((checks.failed, "make check a trouvé à redire : voir plus haut."), (not enough, "C'est trop peu.")):
        if is_wrong:
            print(sentence, file=sys.stderr)
    return code or int(checks.failed or not enough)


if __name__ == "__main__":
    sys.exit(main())
