"""Tests are run by copies of the process that has read them all: what is imported, measured and collected is so once.

One more copy runs those that wait, for a browser or another process: it leaves the processors to the others, and they never wait.
`python -m tests` names this plugin to pytest. Pytest alone runs every test in its own process.
"""

import gc
import json
import sys
from multiprocessing import connection, get_context
from pathlib import Path
from types import FunctionType

import pytest
import slipcover
from _pytest.runner import runtestprotocol

copies = get_context("fork")
APP = {"sources": ["app"], "omit": ["app/serve.py"]}


class Measured(slipcover.Slipcover):
    """What of app/ is gone through. A line that was seen is not looked at any more, also where a decorator hides its function.

    Slipcover looks through every class of every module for functions each time, and misses those; Python knows them all.
    """

    def __init__(self, **options):
        super().__init__(**options)
        self.functions = {}  # those of app/, by their code

    def deinstrument_seen(self):
        with self.lock:
            for file, seen in self._get_newly_seen().items():
                for code in list(self.instrumented[file]):
                    self.deinstrument(code, seen)
                self.all_seen[file].update(seen)
            for old, new in self.replace_map.items():
                for function in (functions := self.functions.pop(old, [])):
                    function.__code__ = new
                self.functions[new] = functions
            self.replace_map.clear()

    def find(self):
        """Know every function whose lines are looked at; from Python 3.12 on it is Python that stops looking at a line."""
        for one in gc.get_objects() if sys.version_info < (3, 12) else ():
            if type(one) is FunctionType and one.__code__ in self.code2index:
                self.functions.setdefault(one.__code__, []).append(one)


measured = Measured(branch=True, source=APP["sources"], omit=APP["omit"])


def pytest_addoption(parser):
    """How many copies, beside the one that waits, and where to write what of app/ they all went through."""
    parser.addoption("--copies", type=int, default=1)
    parser.addoption("--measured", type=Path, default=None)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config):
    """Before anything of app/ is imported."""
    if early_config.known_args_namespace.measured:
        slipcover.ImportManager(measured, slipcover.FileMatcher(**APP)).__enter__()


def waits(item: pytest.Item) -> bool:
    """Whether a test mostly waits for what others do."""
    return "browser" in item.keywords or "waits" in item.keywords


class Shares:
    """What is left to each copy: places in the list of tests, from `begins` to before `ends`; `runs` is where each is, or -1.

    Neighbours stay together, for they share fixtures: whoever has nothing left takes the second half of the largest share, also
    of a copy that died. The first tests are those that `wait`: they are the share of the last copy, which takes no other.
    """

    def __init__(self, total: int, number: int, wait: int = 0) -> None:
        bounds = [wait + (total - wait) * rank // number for rank in range(number + 1)]
        self.lock, self.number = copies.Lock(), number
        self.begins, self.ends = copies.RawArray("l", [*bounds[:-1], 0]), copies.RawArray("l", [*bounds[1:], wait])
        self.runs = copies.RawArray("l", [-1] * (number + 1))
        self.is_over = copies.RawValue("b", False)

    def take(self, copy: int) -> int | None:
        """The next place, or None when nothing is left to anybody, or all is over."""
        with self.lock:
            if self.begins[copy] == self.ends[copy] and copy < self.number:
                richest = max(range(len(self.ends)), key=lambda one: self.ends[one] - self.begins[one])
                middle = (self.begins[richest] + self.ends[richest]) // 2
                self.begins[copy], self.ends[copy], self.ends[richest] = middle, self.ends[richest], middle
            if self.is_over.value or self.begins[copy] == self.ends[copy]:
                return None
            self.begins[copy] += 1
            return self.begins[copy] - 1


class Copy:
    """One of the processes that run tests: it says what each did to the one that it is a copy of."""

    def __init__(self, session: pytest.Session, copy: int, items: list, shares: Shares, channel: connection.Connection) -> None:
        self.session, self.copy, self.items, self.shares, self.channel = session, copy, items, shares, channel

    def run(self, listeners: list[connection.Connection]) -> None:
        """Run tests until none is left, then say what of app/ they went through."""
        for listener in listeners:  # the other process alone listens: when it is gone, nobody does
            listener.close()
        config = self.session.config
        config.pluginmanager.register(self)
        config._tmp_path_factory._basetemp = config._tmp_path_factory.mktemp(f"copy{self.copy}")
        captured = config.pluginmanager.getplugin("capturemanager")
        captured.stop_global_capturing()  # its files are those of the other process
        captured.start_global_capturing()
        measured.signal_child_process()
        try:
            self.run_tests()
        except (KeyboardInterrupt, BrokenPipeError):
            self.session._setupstate.teardown_exact(None)  # what tests share is put away
        else:
            self.channel.send(measured.get_coverage() if config.option.measured else {})

    def run_tests(self) -> None:
        """One after the other; which one comes next is known beforehand, for what both share stays."""
        place = self.shares.take(self.copy)
        while place is not None:
            self.shares.runs[self.copy], following = place, self.shares.take(self.copy)
            nextitem = None if following is None else self.items[following]
            self.session.config.hook.pytest_runtest_protocol(item=self.items[place], nextitem=nextitem)
            place = following
        self.shares.runs[self.copy] = -1

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item, nextitem):
        """Of a test that passed, say that it did, and no more."""
        for report in runtestprotocol(item, log=False, nextitem=nextitem):
            if report.when == "call" or not report.passed:
                self.channel.send(item.config.hook.pytest_report_to_serializable(config=item.config, report=report))
        return True


class Dealer:
    """The process that has read the tests: it runs none, and tells what its copies say."""

    def __init__(self, session: pytest.Session) -> None:
        self.session, self.hook = session, session.config.hook
        self.told = set()  # the tests that something was said of
        self.coverages = []  # what of app/ was gone through, when it was read and by each copy
        session.config._tmp_path_factory.getbasetemp()  # copies have theirs in it

    def run(self) -> None:
        """Until something was said of each test. What a copy that died had taken beforehand comes in a second round."""
        left = self.session.items
        while left and not self.is_over():
            before = len(self.told)
            self.deal(left)
            left = [item for item in left if item.nodeid not in self.told]
            if len(self.told) == before:
                raise RuntimeError("Every copy ended before its first test.")

    def is_over(self) -> bool:
        """Whether one failure is enough, or somebody asked to stop."""
        return bool(self.session.shouldfail or self.session.shouldstop)

    def deal(self, items: list) -> None:
        """Run these tests in copies, until all have ended."""
        items = sorted(items, key=waits, reverse=True)
        wait = sum(map(waits, items))
        number = max(1, min(self.session.config.option.copies, len(items)))
        shares, running = Shares(len(items), number, wait), {}
        try:
            for copy in range(number + bool(wait)):
                here, there = copies.Pipe(duplex=False)
                one = Copy(self.session, copy, items, shares, there)
                process = copies.Process(target=one.run, args=([*running, here],))
                process.start()
                there.close()
                running[here] = copy, process
            if self.session.config.option.measured:
                self.coverages = self.coverages or [measured.get_coverage()]  # while the copies are at work
            while running:
                for channel in connection.wait(list(running)):
                    self.listen(channel, running, items, shares)
                shares.is_over.value = self.is_over()
        finally:
            for channel, (_copy, process) in running.items():
                channel.close()  # nobody waits to be heard
                process.join()

    def listen(self, channel: connection.Connection, running: dict, items: list, shares: Shares) -> None:
        """Take what a copy says: what a test did, or at its end what it went through; or see that it died."""
        copy, process = running[channel]
        try:
            said = channel.recv()
        except (EOFError, OSError):
            del running[channel]
            process.join()
            self.mourn(items, shares.runs[copy], process.exitcode)
            return
        if "$report_type" in said:
            self.tell(self.hook.pytest_report_from_serializable(config=self.session.config, data=said))
        else:
            self.coverages.append(said)
            del running[channel]
            process.join()

    def mourn(self, items: list, place: int, exitcode: int) -> None:
        """The test that a copy ran when it died has failed."""
        if place < 0:
            raise RuntimeError(f"A copy ended with {exitcode}, outside any test.")
        item = items[place]
        self.tell(pytest.TestReport(item.nodeid, item.location, {}, "failed", f"Its process ended with {exitcode}.", "call"))

    def tell(self, report: pytest.TestReport) -> None:
        """Pytest's own words, as if the test had run here."""
        self.told.add(report.nodeid)
        self.hook.pytest_runtest_logstart(nodeid=report.nodeid, location=report.location)
        self.hook.pytest_runtest_logreport(report=report)
        self.hook.pytest_runtest_logfinish(nodeid=report.nodeid, location=report.location)

    def write(self, measures: Path) -> None:
        """What of app/ was gone through, altogether."""
        whole, *others = self.coverages
        for coverage in others:
            slipcover.merge_coverage(whole, coverage)
        measures.write_text(json.dumps(whole))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_finish(session):
    """While what was read is where Python looks for it."""
    if session.config.option.measured:
        measured.find()


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session):
    """In place of pytest's own loop, when tests were found and none failed to be read."""
    if session.testsfailed or session.config.option.collectonly or not session.items:
        return None
    dealer = Dealer(session)
    dealer.run()
    if session.config.option.measured:
        dealer.write(session.config.option.measured)
    if session.shouldfail:
        raise session.Failed(session.shouldfail)
    if session.shouldstop:
        raise session.Interrupted(session.shouldstop)
    return True
