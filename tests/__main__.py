"""Check style, types and layers while every test runs, in random order, in parallel; then stop the tests' database."""

import os
import subprocess
import sys
import threading

from . import databases

ENOUGH = "95"  # per cent of lines and branches of app/ that the tests go through


class Checks(threading.Thread):
    """`make check`, beside the tests: it says what it found as soon as it knows."""

    failed = False

    def run(self) -> None:
        done = subprocess.run(["make", "--no-print-directory", "check"], capture_output=True, text=True, check=False)
        self.failed = done.returncode != 0
        print(f"\n{done.stdout}{done.stderr}\nmake check: {'ÉCHEC' if self.failed else 'tout est bon'}", flush=True)


def main() -> int:
    """0 when every test passed and every check too."""
    workers = os.environ.get("TEST_WORKERS", str(max(2, os.cpu_count() or 2)))
    covered = ["-m", "slipcover", "--branch", "--source", "app", "--omit", "app/serve.py", "--skip-covered", "--fail-under", ENOUGH]
    command = [sys.executable, *covered, "-m", "pytest", "-n", workers, "--dist", "loadgroup", *sys.argv[1:]]
    checks = Checks()
    checks.start()
    try:
        code = subprocess.run(command, check=False).returncode
    finally:
        checks.join()
        databases.stop()
    if checks.failed:
        print("make check a trouvé à redire : voir plus haut.", file=sys.stderr)
    return code or int(checks.failed)


if __name__ == "__main__":
    sys.exit(main())
