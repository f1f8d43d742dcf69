"""Documents drawn in processes of their own: limits on memory and time, a kill when one is passed, a fresh process after many.

A page that never ends or a picture that fills the memory costs one child, not the site. Children start at the first need and end
with their parent.
"""

import gc
import os
import pickle
import queue
import resource
import select
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import IO

from flask import current_app
from flask_babel import gettext as _

from .errors import DomainError
from .pdf import Attached, Unreachable, Unwritable, render

TIMEOUT = 20.0  # seconds for one document; a certificate takes 0.05
MEMORY = 1024 * 1024 * 1024  # bytes of address space for one child: three times what a certificate takes
PROCESSOR = 600  # seconds of processor for one child in its whole life; 500 certificates take 30
GARBAGE = 100_000  # objects between two collections: a document makes 30,000 that all go, and looking for them costs a tenth
DOCUMENTS = 500  # after so many a child is replaced: whatever it leaks is given back
GOOD, REFUSED, UNWRITABLE, FAILED = b"G", b"R", b"U", b"F"
LENGTH = struct.Struct(">Q")


class NotDrawn(DomainError):
    """A document took too long or too much memory; the sentence says so."""


class Child:
    """One process that draws, one document at a time."""

    def __init__(self) -> None:
        self.left = DOCUMENTS
        self.process = subprocess.Popen(
            [sys.executable, "-m", "app.rendering"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            cwd=os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
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
        """Kill it, whatever it does."""
        self.process.kill()
        self.process.communicate()


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
            child = self.take()
            try:
                mark, content = child.draw(request, self.seconds)
            except (TimeoutError, EOFError) as error:
                child.end()
                raise NotDrawn(_("Ce document n'a pas pu être dessiné : il est trop lourd ou trop long.")) from error
            self.idle.put(child)
        if mark == GOOD:
            return content
        if mark == REFUSED:
            raise Unreachable(content.decode())
        if mark == UNWRITABLE:
            raise Unwritable(content.decode())
        raise NotDrawn(_("Ce document n'a pas pu être dessiné : il est trop lourd ou trop long."))

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
        return render(html, attached, written_at, files)
    with _first:  # a forked process makes its own: children are not shared
        pool = _pools.get(os.getpid()) or _pools.setdefault(os.getpid(), Pool(size))
    return pool.draw(html, attached, written_at, files)


# The child.


def main() -> None:
    """Draw what comes on standard input until it ends."""
    source, target = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints is no answer
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR, PROCESSOR))
    gc.freeze()
    gc.set_threshold(GARBAGE)
    with tempfile.TemporaryDirectory(prefix="binome-") as folder:
        tempfile.tempdir = folder
        while head := source.read(LENGTH.size):
            request = pickle.loads(source.read(LENGTH.unpack(head)[0]))  # noqa: S301  (from our own parent only)
            answer = answered(request)
            target.write(LENGTH.pack(len(answer)) + answer)
            target.flush()


def answered(request: tuple[str, list[Attached], datetime, dict[str, bytes]]) -> bytes:
    """The document, or why there is none."""
    try:
        return GOOD + render(*request)
    except Unreachable as error:
        return REFUSED + str(error).encode()
    except Unwritable as error:
        return UNWRITABLE + str(error).encode()
    except (MemoryError, RecursionError, ValueError, OSError) as error:
        return FAILED + type(error).__name__.encode()


if __name__ == "__main__":
    main()
