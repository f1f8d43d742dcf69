"""Documents drawn in processes of their own: the same bytes, and a limit that costs one child and never the site."""

import ctypes.util
import os
import resource
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from structlog.testing import capture_logs

from app import pdf, rendering

pytestmark = [pytest.mark.no_database, pytest.mark.waits]
HTML = '<!DOCTYPE html><html lang="fr"><head><title>{title}</title></head><body><p>Bonjour</p>{body}</body></html>'
WHEN = datetime(2026, 3, 9, 12, tzinfo=UTC)
FACTS = [rendering.Attached("a.json", "Les faits", b"{}")]


def page(body="", title="Essai"):
    return HTML.format(title=title, body=body), FACTS, WHEN, {}


@pytest.fixture(scope="module")
def pool():
    pool = rendering.Pool(1)
    yield pool
    pool.close()


def test_a_child_draws_the_same_bytes_as_this_process(pool):
    assert pool.draw(*page()) == pdf.render(*page())


def test_a_child_serves_again(pool):
    pool.draw(*page())
    child = pool.idle.get_nowait()
    pool.idle.put(child)
    pool.draw(*page(title="Encore"))

    assert pool.idle.get_nowait() is child
    pool.idle.put(child)


def test_what_was_not_given_is_refused_as_here(pool):
    with pytest.raises(pdf.Unreachable):
        pool.draw(*page('<img alt="x" src="file:///etc/hostname">'))


@pytest.mark.parametrize("draw", ["here", "in a child"])
def test_a_character_that_no_font_has_is_refused_with_a_sentence(draw, pool):
    with pytest.raises(pdf.Unwritable, match="Retirez-le du nom ou du texte"):
        (pdf.render if draw == "here" else pool.draw)(*page("<p>\U000f1234</p>"))


def test_a_document_that_takes_too_long_is_given_up_and_the_next_one_is_drawn():
    pool = rendering.Pool(1, seconds=0.01)
    with pytest.raises(rendering.NotDrawn, match="trop lourd ou trop long"):
        pool.draw(*page())
    assert pool.idle.empty()

    pool.seconds = rendering.TIMEOUT
    assert pool.draw(*page()).startswith(b"%PDF")
    pool.close()


def test_a_child_that_was_killed_is_replaced():
    pool = rendering.Pool(1)
    pool.draw(*page())
    child = pool.take()
    os.kill(child.process.pid, signal.SIGKILL)
    child.process.wait()
    pool.idle.put(child)

    assert pool.draw(*page()).startswith(b"%PDF")
    pool.close()


def test_a_child_that_dies_at_work_is_said_in_a_sentence(monkeypatch):
    pool = rendering.Pool(1)
    monkeypatch.setattr(rendering, "read", lambda *_: (_ for _ in ()).throw(EOFError()))

    with pytest.raises(rendering.NotDrawn):
        pool.draw(*page())


def test_what_no_other_try_would_draw_is_said_so_and_logged(monkeypatch):
    """A library of the system is missing, say: every child ends before it answers."""
    monkeypatch.setattr(sys, "executable", "/bin/false")
    pool = rendering.Pool(1)

    with capture_logs() as logged, pytest.raises(rendering.NotDrawn, match="recommencer n'y changerait rien"):
        pool.draw(*page())

    assert [(line["event"], line["code"]) for line in logged] == [("document.child_died", 1)] * 2


@pytest.mark.parametrize(("found", "said"), [("lib", []), (None, ["document.libraries_missing"])])
def test_a_missing_library_is_logged_when_a_site_starts(found, said, monkeypatch):
    monkeypatch.setattr(ctypes.util, "find_library", lambda _name: found)

    with capture_logs() as logged:
        rendering.say_what_is_missing()

    assert [line["event"] for line in logged] == said


def test_a_child_that_is_killed_at_work_costs_no_document(monkeypatch):
    pool, read, deaths = rendering.Pool(1), rendering.read, [EOFError()]

    def dies_once(*how):
        if deaths:
            raise deaths.pop()
        return read(*how)

    monkeypatch.setattr(rendering, "read", dies_once)

    assert pool.draw(*page()) == pdf.render(*page())
    pool.close()


def test_a_child_is_replaced_after_many_documents(pool):
    child = pool.take()
    child.left = 1
    pool.idle.put(child)
    pool.draw(*page())
    another = pool.take()
    pool.idle.put(another)

    assert another is not child
    assert child.process.poll() is not None


@pytest.mark.parametrize("seconds", [rendering.TIMEOUT, 0], ids=["drawn", "given up"])
def test_a_child_leaves_no_folder_behind(seconds, monkeypatch, tmp_path):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    pool = rendering.Pool(1)
    pool.draw(*page())
    kept = list(tmp_path.iterdir())
    pool.seconds = seconds
    with suppress(rendering.NotDrawn):
        pool.draw(*page())
    pool.close()

    assert kept
    assert list(tmp_path.iterdir()) == []


def test_memory_is_limited(monkeypatch):
    monkeypatch.setattr(pdf, "render", lambda *_: (_ for _ in ()).throw(MemoryError()))

    assert pdf.answered(page()) == b"FMemoryError"


def test_what_a_document_cannot_take_is_said_in_a_sentence(monkeypatch):
    pool = rendering.Pool(1)
    monkeypatch.setattr(rendering.Child, "draw", lambda *_: (rendering.FAILED, b"MemoryError"))

    with pytest.raises(rendering.NotDrawn):
        pool.draw(*page())
    pool.close()


def test_a_child_has_its_limits_and_answers_on_its_own_way_out():
    code = "import resource, app.pdf as r; resource.setrlimit = lambda *a: print(a, flush=True); r.main()"
    done = subprocess.run([sys.executable, "-c", code], input=b"", capture_output=True, check=True)

    assert done.stdout == b""  # what is printed is no answer
    assert str((resource.RLIMIT_AS, (pdf.MEMORY, pdf.MEMORY))).encode() in done.stderr
