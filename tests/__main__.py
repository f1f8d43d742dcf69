"""Run every test, in random order, in parallel, then stop the database that they used."""

import os
import subprocess
import sys

from app import embedded

from .databases import INSTANCE


def main() -> int:
    """pytest's own exit code."""
    workers = os.environ.get("TEST_WORKERS", str(max(2, os.cpu_count() or 2)))
    command = [sys.executable, "-m", "pytest", "-n", workers, "--dist", "loadgroup", "--cov", "--cov-report=term", *sys.argv[1:]]
    try:
        return subprocess.run(command, check=False).returncode
    finally:
        embedded.stop(INSTANCE)


if __name__ == "__main__":
    sys.exit(main())
