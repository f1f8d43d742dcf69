"""Copies of the process that reads the tests run each of them once, and what they say of each is what pytest would say."""

import os
import re
import shutil
import subprocess
import sys

import pytest

from tests import __main__ as run_of_tests
from tests import dealing
from tests.databases import ROOT

pytestmark = [pytest.mark.no_database, pytest.mark.waits]


@pytest.mark.parametrize(("total", "number"), [(0, 2), (1, 3), (7, 2), (100, 3)])
def test_each_test_is_taken_once(total, number):
    shares = dealing.Shares(total, number)
    turns = [0] * 5 + [rank % number for rank in range(total + number)]  # the first goes faster, and takes from the others
    taken = [shares.take(copy) for copy in turns]

    assert sorted(place for place in taken if place is not None) == list(range(total))
    assert all(shares.take(copy) is None for copy in range(number))


def test_what_is_left_to_one_that_died_others_take():
    shares = dealing.Shares(6, 2)

    assert [shares.take(0) for _test in range(7)] == [0, 1, 2, 4, 5, 3, None]


def test_those_that_wait_are_the_share_of_a_copy_that_takes_no_other():
    shares = dealing.Shares(9, 2, wait=3)

    assert [shares.take(2) for _test in range(4)] == [0, 1, 2, None]
    assert [shares.take(0) for _test in range(7)] == [3, 4, 5, 7, 8, 6, None]


def test_who_has_nothing_left_helps_the_copy_that_waits():
    shares = dealing.Shares(6, 1, wait=4)

    assert [shares.take(0) for _test in range(5)] == [4, 5, 2, 3, 1]
    assert [shares.take(1) for _test in range(2)] == [0, None]


def test_only_the_folder_of_a_run_that_ended_is_left():
    with run_of_tests.own_folder() as (folder, _left):
        assert not run_of_tests.is_left(folder)
        assert (folder / "instance").stat().st_mode & 0o777 == 0o711
        ended = folder.with_name(f"{run_of_tests.PREFIX}ended")
        try:
            ended.mkdir()
            assert not run_of_tests.is_left(ended), "it has just been made"
            (ended / "held").touch()
            with run_of_tests.own_folder() as (other, left):
                assert ended in left
                assert not {folder, other} & set(left)
        finally:
            shutil.rmtree(ended)
    assert not folder.exists()


def test_a_run_writes_in_memory_where_that_has_room(monkeypatch, tmp_path):
    monkeypatch.setattr(run_of_tests, "MEMORY", tmp_path)
    monkeypatch.setattr(run_of_tests, "ROOM", 1)
    assert run_of_tests.memory() == tmp_path

    (tmp_path / "max").write_text("0\n")
    monkeypatch.setattr(run_of_tests, "LIMITS", [tmp_path / "max", tmp_path / "none"])
    assert run_of_tests.memory() is None

    monkeypatch.setattr(run_of_tests, "MEMORY", tmp_path / "none")
    assert run_of_tests.memory() is None


def test_nothing_is_left_once_all_is_over():
    shares = dealing.Shares(4, 2)
    shares.take(1)
    shares.is_over.value = True

    assert (shares.take(0), shares.take(1)) == (None, None)


@pytest.fixture
def run(tmp_path):
    """Run a file of tests in two copies: pytest's code, what it printed, and what became of each test."""

    def run(source, *options):
        (tmp_path / "test_some.py").write_text(source)
        (tmp_path / "pytest.ini").write_text("[pytest]\n")
        command = [sys.executable, "-m", "pytest", "-rA", "-p", "tests.dealing", "--copies", "2"]
        where = ["-c", str(tmp_path / "pytest.ini"), "-p", "no:cacheprovider", str(tmp_path)]
        there = {**os.environ, "PYTEST_ADDOPTS": "", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        done = subprocess.run([*command, *where, *options], cwd=ROOT, env=there, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, re.findall(r"^(PASSED|FAILED) \S+::(.+)$", done.stdout, re.MULTILINE)

    return run


def test_one_that_fails_says_why_and_one_that_dies_leaves_the_others(run):
    code, printed, ends = run("""
import os, signal
import pytest

@pytest.mark.parametrize("rank", range(8))
def test_passes(rank):
    assert rank < 8

def test_fails():
    print("written by the one that fails")
    assert 1 + 1 == 3

def test_dies():
    os.kill(os.getpid(), signal.SIGKILL)

@pytest.mark.parametrize("rank", range(8))
def test_passes_too(rank):
    assert rank < 8
""")

    assert code == pytest.ExitCode.TESTS_FAILED
    assert {said.split(" ")[0] for end, said in ends if end == "FAILED"} == {"test_fails", "test_dies"}
    passed = {f"{name}[{rank}]" for name in ("test_passes", "test_passes_too") for rank in range(8)}
    assert sorted(name for end, name in ends if end == "PASSED") == sorted(passed)
    assert all(words in printed for words in ("assert (1 + 1) == 3", "written by the one that fails", "Its process ended with -9."))


def test_after_the_first_failure_no_other_is_begun_where_one_is_enough(run):
    code, printed, ends = run(
        """
import time
import pytest

@pytest.mark.parametrize("rank", range(40))
def test_some(rank):
    time.sleep(0.05)
    assert rank
""",
        "-x",
    )

    assert code == pytest.ExitCode.TESTS_FAILED
    assert "stopping after 1 failures" in printed
    assert len(ends) < 40


@pytest.mark.parametrize("end", ["os._exit(0)", "os._exit(3)", "os.kill(os.getpid(), 9)", "raise KeyboardInterrupt"])
def test_however_a_copy_ends_its_test_has_failed_and_every_other_runs(run, end):
    code, _printed, ends = run(f"""
import os
import pytest

@pytest.mark.parametrize("rank", range(12))
def test_some(rank):
    if rank in (2, 3, 7):
        {end}
""")

    assert code == pytest.ExitCode.TESTS_FAILED
    assert {said.split(" ")[0] for end, said in ends if end == "FAILED"} == {f"test_some[{rank}]" for rank in (2, 3, 7)}
    assert sorted(said for end, said in ends if end == "PASSED") == sorted(
        f"test_some[{rank}]" for rank in range(12) if rank not in (2, 3, 7)
    )


def test_a_file_that_cannot_be_read_is_said_and_nothing_runs(run):
    code, printed, _ends = run("import nothing_of_that_name\n")

    assert code == pytest.ExitCode.INTERRUPTED
    assert "nothing_of_that_name" in printed
