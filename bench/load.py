"""Requests over kept connections: one after the other, or from several threads at once. Each answer is checked."""

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection

TIMEOUT = 20  # seconds that an answer may take
ENOUGH = 20  # times that a 95th percentile needs


class WrongAnswer(RuntimeError):
    """The server answered something else than the page: what was measured would mean nothing."""


@dataclass(frozen=True)
class Target:
    """A page on a server of this machine, and what opens it."""

    port: int
    path: str
    size: int | None = None
    headers: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Load:
    """How many requests were answered, in how many seconds."""

    count: int
    seconds: float


def fetch(connection: HTTPConnection, target: Target) -> bytes:
    """One request. Raises WrongAnswer unless the page comes, as long as it should be."""
    connection.request("GET", target.path, headers=dict(target.headers or {}))
    response = connection.getresponse()
    body = response.read()
    if response.status != 200:
        raise WrongAnswer(f"{target.path}: {response.status}")
    if target.size is not None and len(body) != target.size:
        raise WrongAnswer(f"{target.path}: {len(body)} bytes, not {target.size}")
    return body


def connect(target: Target) -> HTTPConnection:
    """A connection to keep; its caller closes it."""
    return HTTPConnection("127.0.0.1", target.port, timeout=TIMEOUT)


def size_of(target: Target) -> int:
    """How many bytes a page is."""
    connection = connect(target)
    try:
        return len(fetch(connection, target))
    finally:
        connection.close()


def one_by_one(target: Target, count: int, seconds: float) -> list[float]:
    """The milliseconds of each request over one connection: `count` of them, or what `seconds` hold, yet enough of them."""
    connection, times = connect(target), list[float]()
    try:
        fetch(connection, target)  # opens the connection, which is not counted
        deadline = time.perf_counter() + seconds
        while len(times) < count and (len(times) < ENOUGH or time.perf_counter() < deadline):
            began = time.perf_counter()
            fetch(connection, target)
            times.append((time.perf_counter() - began) * 1000)
    finally:
        connection.close()
    return times


def at_once(target: Target, count: int, connections: int, seconds: float) -> Load:
    """About `count` requests over several connections at once, none begun after `seconds`."""
    began = time.perf_counter()
    share = count // connections
    with ThreadPoolExecutor(connections) as threads:
        work = [threads.submit(repeat, target, share, began + seconds) for _number in range(connections)]
        done = sum(future.result() for future in work)
    return Load(done, time.perf_counter() - began)


def repeat(target: Target, count: int, deadline: float) -> int:
    """One connection's share; returns how many requests were answered."""
    connection = connect(target)
    try:
        for number in range(count):
            if time.perf_counter() > deadline:
                return number
            fetch(connection, target)
        return count
    finally:
        connection.close()
