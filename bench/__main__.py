"""Measure everything, then print the tables."""

import os
import platform
import signal
import sys
import time
from pathlib import Path

from app.serve import interrupt

from .batch import WORKERS, Batched, measure_batch
from .certificate import Making, measure_certificate
from .following import MINE, Followed, measure_following
from .imports import ROWS, Imported, measure_import
from .measure import CONNECTIONS, SEQUENTIAL, Measured, measure_pages
from .pairs import PAIRS, PEOPLE, SMALL, Matched, measure_matching, measure_pairs
from .requests import ASSOCIATIONS, HELD, Listed, Oriented, measure_inbox, measure_orientation
from .site import running_site
from .tables import table
from .training import COURSES, MENTORS, Statuses, measure_training

AIM = 4.0  # a page's processor time, in times the floor's


def main() -> None:
    """Run the bench. Ctrl-C and SIGTERM stop all that was started."""
    for wanted in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(wanted, interrupt)
    if not Path("/proc/self/stat").exists():
        sys.exit("The bench reads processor time from /proc: it runs on Linux only.")
    began = time.monotonic()
    print("Binôme's bench: starting a site with the demonstration…", flush=True)
    try:
        with running_site() as site:
            pages = measure_pages(site)
            making = measure_certificate()
            batched = measure_batch(site.app)
            paired, matched = measure_pairs(site), measure_matching(site.app)
            listed, statuses = measure_training(site)
            inbox, oriented = measure_inbox(site), measure_orientation(site.app)
            imported = measure_import(site.app)
            followed = measure_following(site)
    except KeyboardInterrupt:
        sys.exit("Interrupted; everything that was started is stopped.")
    print_machine()
    print_pages(pages)
    print_certificate(making)
    print_batch(batched, making)
    print_pairs(paired, matched)
    print_training(listed, statuses)
    print_requests(inbox, oriented)
    print_import(imported)
    print_following(followed)
    print(f"\nDone in {time.monotonic() - began:.0f} s.")


def print_machine() -> None:
    """What the figures depend on."""
    load = os.getloadavg()[0]
    print(f"\nPython {platform.python_version()}, {os.cpu_count()} cores, load average {load:.1f} at the end.")
    print("Where others use the machine too, milliseconds are noise; ratios hold.")


def print_pages(pages: list[Measured]) -> None:
    """The six pages."""
    headings = ("page", "bytes", "median ms", "95th ms", "SQL", "requests/s", "CPU ms", "floor CPU ms", "ratio", f"under {AIM:g}")
    rows = [
        (p.name, f"{p.size}", f"{p.median:.1f}", f"{p.late:.1f}", f"{p.statements}", f"{p.rate:.0f}", f"{p.cpu:.2f}",
         f"{p.floor_cpu:.2f}", f"{p.ratio:.1f}", "yes" if p.ratio < AIM else "NO")
        for p in pages
    ]  # fmt: skip
    print(f"\nPages: up to {SEQUENTIAL} requests one after the other; then two gunicorn workers and {CONNECTIONS} connections\n")
    print(table(headings, rows))
    print("\nmedian, 95th  one request at a time, over a kept connection")
    print("SQL           statements sent for one request, set_config() included; neither BEGIN, COMMIT nor the pool's ping")
    print("CPU           processor time of the workers for one request under load; PostgreSQL's and the client's are not in it")
    print("floor         a bare Flask view: set_config(), one query for the page's rows, as many bytes of a constant")
    print(f"ratio         CPU / floor CPU; the aim is under {AIM:g}")


def print_certificate(making: Making) -> None:
    """The certificate, cold and warm, next to what one would write at first and to another engine."""
    print(f"\nCertificate as PDF ({making.size} bytes before its seal), the same facts in a fresh process\n")
    rows = [
        ("import of the application", f"{making.imported:.0f}", ""),
        ("first (cold: a process starts)", f"{making.first:.0f}", ""),
        (f"drawn (warm), median of {making.count}", f"{making.warm:.0f}", f"{making.naive / making.warm:.1f}"),
        ("drawn by two processes at once, ms each", f"{making.together:.0f}", f"{making.naive / making.together:.1f}"),
        ("issued: drawn, attached, sealed, stored", f"{making.issued:.0f}", f"{making.naive / making.issued:.1f}"),
        ("naive loop of HTML(string=...).write_pdf(), the site's fonts", f"{making.naive:.0f}", "1.0"),
        ("the same loop with TTF fonts", f"{making.parsed:.0f}", f"{making.naive / making.parsed:.1f}"),
        ("floor: Typst, neither archive nor accessible", f"{making.floor:.0f}", f"{making.naive / making.floor:.1f}"),
    ]
    print(table(("making", "ms", "times the naive"), rows))
    print("\naim: drawn under 45 ms and 5 times the naive loop, 10 times by two processes; issued under 300 ms")


def print_batch(batched: Batched, making: Making) -> None:
    """A thousand at once."""
    each = batched.seconds / batched.count * 1000
    print(f"\nA batch: {batched.count} certificates by {WORKERS} workers, each with a process that draws\n")
    rows = [
        ("seconds", f"{batched.seconds:.0f}"),
        ("ms each", f"{each:.0f}"),
        ("whole issues, in times the drawing of the naive loop", f"{making.naive / each:.1f}"),
        ("most memory of a process that draws, MB", f"{batched.drawing:.0f}"),
        ("most memory of a worker, MB", f"{batched.working:.0f}"),
        ("numbers without a hole", "yes" if batched.consecutive else "NO"),
    ]
    print(table(("batch", ""), rows))
    print("\naim: 45 s for 1,000, 150 MB for a process that draws")


def print_listed(heading: str, pages: list[Listed]) -> None:
    """Pages of a long list."""
    rows = [(page.name, f"{page.ms:.0f}", f"{page.statements}", f"{page.slowest:.1f}") for page in pages]
    print(table((heading, "median ms", "SQL", "slowest statement, ms"), rows))


def print_pairs(pages: list[Listed], matched: Matched) -> None:
    """Very many pairs, and everybody compared at once."""
    print(f"\nPairs: {PAIRS} in one association\n")
    print_listed("page", pages)
    print("\naim: under 10 statements, none over 20 ms")
    print(
        f"\nMatching {PEOPLE} jeunes with {PEOPLE} mentors: read in {matched.reading:.1f} s, chosen in {matched.choosing:.1f} s, ",
        end="",
    )
    better = matched.total / matched.greedy
    print(f"{matched.memory:.0f} MB more; {matched.chosen} pairs, {better:.3f} times the points of a greedy choice")
    print("aim: 5 s and 1 GB")
    if matched.munkres_small is None:
        print("munkres-js could not be fetched: not compared")
    else:
        times = matched.munkres_small / matched.ours_small
        print(f"{SMALL} by {SMALL}: {matched.ours_small:.0f} ms; munkres-js {matched.munkres_small:.0f} ms, {times:.0f} times")


def print_following(followed: Followed) -> None:
    """Who follows whom, and what is sent of meetings."""
    print(f"\nFollow-up: {PAIRS} pairs under way, {MINE} of them with one coordinator\n")
    print_listed("page", followed.pages)
    print("\naim: under 10 statements and 50 ms; a month's form in 5 statements more than its session")
    print(f"\nEvery call computed again, {followed.calls} open: {followed.computing:.1f} s; aim: 30 s")
    print(
        f"{followed.sent} reminders: written in {followed.writing:.0f} s, handed over to a mail server in "
        f"{followed.sending:.0f} s; aim: 3 minutes in all"
    )


def print_training(pages: list[Listed], statuses: Statuses) -> None:
    """Very many mentors and their courses."""
    print(f"\nTraining: {MENTORS} mentors more, {COURSES} courses\n")
    print_listed("table of mentors", pages)
    print("\naim: under 10 statements and 300 ms")
    print(f"\nWho is ready among {statuses.count}: {statuses.ms:.0f} ms, {statuses.statements} statements, {statuses.ready} are")
    print("aim: 2 statements")


def print_requests(inbox: list[Listed], oriented: Oriented) -> None:
    """An inbox that holds very many, and an orientation of very many."""
    print(f"\nAn inbox with {HELD} requests\n")
    print_listed("page", inbox)
    print("\naim: under 10 statements, none over 20 ms")
    print(f"\nOrientation: {oriented.sent} requests sent among {ASSOCIATIONS} associations in {oriented.seconds:.1f} s, ", end="")
    print(f"{oriented.left} wait, {oriented.over} associations over their capacity")
    print("aim: 10,000 requests in 20 s, none over")


def print_import(imported: Imported) -> None:
    """A long file."""
    print(f"\nA file of {ROWS} requests: {imported.added} taken in {imported.seconds:.1f} s, ", end="")
    print(f"{imported.memory:.0f} MB for a worker at most")
    print("aim: 30 s; the orientation that follows is measured above")


if __name__ == "__main__":
    main()
