"""What the bench prints and counts, without running it."""

import os
import time

import pytest

from bench.floor import make_floor
from bench.load import Load
from bench.measure import Measured, Tally
from bench.site import TICKS, free_port, ticks_of
from bench.tables import table

pytestmark = pytest.mark.no_database


def test_a_table_is_aligned():
    lines = table(("page", "ms"), [("inbox", "9.5"), ("one pair", "12.0")]).splitlines()

    assert lines == ["page        ms", "--------  ----", "inbox      9.5", "one pair  12.0"]


def test_processor_time_is_what_this_process_used():
    deadline = time.process_time() + 0.1

    while time.process_time() < deadline:
        pass

    assert ticks_of(os.getpid()) / TICKS == pytest.approx(sum(os.times()[:2]), abs=0.1)


def test_a_ratio_compares_requests_not_rounds():
    page, floor = Tally(), Tally()
    page.add(Load(100, 2.0), 1.0)
    page.add(Load(100, 2.0), 1.0)
    floor.add(Load(1000, 1.0), 2.5)

    measured = Measured("inbox", 8000, 9.0, 12.0, 7, page.rate, page.cpu, floor.cpu)

    assert (measured.rate, measured.cpu, measured.floor_cpu, measured.ratio) == (50.0, 10.0, 2.5, 4.0)


def test_the_floor_has_nothing_but_its_pages():
    floor = make_floor({"database": "", "pages": {}})

    assert [rule.rule for rule in floor.url_map.iter_rules()] == ["/<name>"]
    assert floor.test_client().get("/healthz").status_code == 404, "it lives, and knows no such page"


def test_a_free_port_is_one():
    assert 1024 <= free_port() < 65536
