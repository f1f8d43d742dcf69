"""Documents drawn in processes of their own: limits on memory and time, a kill when one is passed, a fresh process after many.

A page that never ends or a picture that fills the memory costs one child, not the site. Children start at the first need and end
with their parent.
"""

import ctypes.util
import os
import pickle
import queue
import select
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import IO

import structlog
from flask import current_app

from .refusal import DomainError
from .translation import lazy_gettext as _l

log = structlog.get_logger()
TIMEOUT = 20.0  # seconds for one document; a certificate takes 0.05
LAST_BREATH = 1.0  # seconds for a child that says no more to end by itself
LIBRARIES = ("pango-1.0", "pangoft2-1.0", "harfbuzz-subset")  # of the system: those that scripts/setup.py looks for
DOCUMENTS = 500  # after so many a child is replaced: whatever it leaks is given back
GOOD, REFUSED, UNWRITABLE, FAILED = b"G", b"R", b"U", b"F"
LENGTH = struct.Struct(">Q")


@dataclass(frozen=True)
class Attached:
    """A file inside a document: the same facts, for a machine."""

    name: str
    description: str
    content: bytes


class Unreachable(RuntimeError):
    """A document asked for something that was not given to it."""


class Unwritable(DomainError):
    """A character has no sign in any font here: the file would show an empty box, and conform to nothing."""


class Died(RuntimeError):
    """A child ended in the middle of a document."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class NotDrawn(DomainError):
    """A document took too long or too much memory; the sentence says so."""


TOO_MUCH = _l("Ce document n'a pas pu être créé : il est trop lourd ou trop long.")
FAULTY = _l("Ce document n'a pas pu être créé, et recommencer n'y changerait rien : dites-le à la personne qui héberge le site.")
STOPPED = _l("La création de ce document a été interrompue : essayez encore. Si cela recommence, il est trop lourd ou trop long.")


class Child:
    """One process that draws, one document at a time."""

    def __init__(self) -> None:
        self.left = DOCUMENTS
        self.folder = tempfile.TemporaryDirectory(prefix="binome-", ignore_cleanup_errors=True)  # for all that it writes
        self.process = subprocess.Popen(
            [sys.executable, "-m", "app.pdf"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            cwd=os.path.dirname(os.path.dirname(os.path.abspath(__file__))), env={**os.environ, "TMPDIR": self.folder.name},
        )  # fmt: skip

    def draw(self, request: bytes, seconds: float) -> tuple[bytes, bytes]:
        """The answer to a request: its mark and its bytes. Raises TimeoutError, or EOFError when the child died."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.left -= 1
        try:
            self.process.stdin.write(LENGTH.pack(len(request)) + request)
            self.process.stdin.flush()
        except BrokenPipeError as error:
            raise EOFError from error
        deadline = time.monotonic() + seconds
        head = read(self.process.stdout, LENGTH.size, deadline)
        body = read(self.process.stdout, LENGTH.unpack(head)[0], deadline)
        return body[:1], body[1:]

    @property
    def is_good(self) -> bool:
        return self.left > 0 and self.process.poll() is None

    def end(self) -> None:
        """Kill it, whatever it does; nothing that it wrote is left."""
        self.process.kill()
        self.process.communicate()
        self.folder.cleanup()

    def died(self) -> int:
        """How one ended that says no more: its exit code, or the signal that killed it, below zero."""
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=LAST_BREATH)
        self.end()
        log.error("document.child_died", code=self.process.returncode)
        return self.process.returncode


def read(stream: IO[bytes], length: int, deadline: float) -> bytes:
    """So many bytes before the deadline. Raises TimeoutError or EOFError."""
    content = bytearray()
    while len(content) < length:
        ready, _writable, _failed = select.select([stream], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            raise TimeoutError
        part = os.read(stream.fileno(), min(1 << 20, length - len(content)))
        if not part:
            raise EOFError
        content += part
    return bytes(content)


class Pool:
    """A few children, started when there is work for them."""

    def __init__(self, size: int, seconds: float = TIMEOUT) -> None:
        self.seconds = seconds
        self.places = threading.BoundedSemaphore(size)
        self.idle: queue.SimpleQueue[Child] = queue.SimpleQueue()

    def draw(self, html: str, attached: Sequence[Attached], written_at: datetime, files: Mapping[str, bytes]) -> bytes:
        """The document. Raises Unreachable and Unwritable as pdf.render() does, and NotDrawn when a limit was passed."""
        request = pickle.dumps((html, list(attached), written_at, dict(files)))
        with self.places:
            try:
                mark, content = self.ask(request)
            except Died:  # killed from outside, as like as not: a document that is too heavy does it again
                try:
                    mark, content = self.ask(request)
                except Died as error:
                    raise NotDrawn(FAULTY if error.code > 0 else STOPPED) from error
        if mark == GOOD:
            return content
        if mark == REFUSED:
            raise Unreachable(content.decode())
        if mark == UNWRITABLE:
            raise Unwritable(content.decode())
        raise NotDrawn(TOO_MUCH)

    def ask(self, request: bytes) -> tuple[bytes, bytes]:
        """What one child answers. Raises Died, and NotDrawn when it took too long."""
        child = self.take()
        try:
            answer = child.draw(request, self.seconds)
        except EOFError as error:
            raise Died(child.died()) from error
        except TimeoutError as error:
            child.end()
            raise NotDrawn(TOO_MUCH) from error
        self.idle.put(child)
        return answer

    def take(self) -> Child:
        """A child that waits, or a new one."""
        while True:
            try:
                child = self.idle.get_nowait()
            except queue.Empty:
                return Child()
            if child.is_good:
                return child
            child.end()

    def close(self) -> None:
        """End the children that wait."""
        while not self.idle.empty():
            self.idle.get_nowait().end()


_pools: dict[int, Pool] = {}
_first = threading.Lock()


def draw(html: str, attached: Sequence[Attached], written_at: datetime, files: Mapping[str, bytes]) -> bytes:
    """The document, drawn by this process's pool; with RENDER_WORKERS=0, here. The same input gives the same bytes."""
    size = current_app.config["BINOME"].render_workers
    if size == 0:
        from .pdf import render

        return render(html, attached, written_at, files)
    with _first:  # a forked process makes its own: children are not shared
        pool = _pools.get(os.getpid()) or _pools.setdefault(os.getpid(), Pool(size))
    return pool.draw(html, attached, written_at, files)


def say_what_is_missing() -> None:
    """Write in the log, when a site starts, which of the system's libraries no document is drawn without."""
    missing = [name for name in LIBRARIES if ctypes.util.find_library(name) is None]
    if missing:
        log.error("document.libraries_missing", libraries=missing, see="docs/guides/exploitation.md")
