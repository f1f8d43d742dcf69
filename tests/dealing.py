"""Tests are run by copies of the process that has read them all: what is imported, measured and collected is so once.

`python -m tests` names this plugin to pytest. Pytest alone runs every test in its own process.
"""

import json
from multiprocessing import connection, get_context
from pathlib import Path

import pytest
import slipcover
from _pytest.runner import runtestprotocol

APP = {"source": ["app"], "omit": ["app/serve.py"]}
copies = get_context("fork")
measured = slipcover.Slipcover(branch=True, **APP)
slipcover.ImportManager(measured, slipcover.FileMatcher(sources=APP["source"], omit=APP["omit"])).__enter__()


def pytest_addoption(parser):
    """How many copies, and where to write what of app/ they all went through."""
    parser.addoption("--copies", type=int, default=1)
    parser.addoption("--measured", type=Path, default=None)


class Shares:
    """What is left to each copy: places in the list of tests, from `begins` to before `ends`; `runs` is where each is, or -1.

    Neighbours stay together, for they share fixtures: whoever has nothing left takes the second half of the largest share.
    """

    def __init__(self, total: int, number: int) -> None:
        bounds = [total * rank // number for rank in range(number + 1)]
        self.lock = copies.Lock()
        self.begins, self.ends = copies.RawArray("l", bounds[:-1]), copies.RawArray("l", bounds[1:])
        self.runs = copies.RawArray("l", [-1] * number)

    def take(self, copy: int) -> int | None:
        """The next place, or None when nothing is left to anybody."""
        with self.lock:
            if self.begins[copy] == self.ends[copy]:
                richest = max(range(len(self.ends)), key=lambda one: self.ends[one] - self.begins[one])
                middle = (self.begins[richest] + self.ends[richest]) // 2
                self.begins[copy], self.ends[copy], self.ends[richest] = middle, self.ends[richest], middle
            if self.begins[copy] == self.ends[copy]:
                return None
            self.begins[copy] += 1
            return self.begins[copy] - 1

    def give_back(self, copy: int) -> int:
        """What a copy that died had taken beforehand is left again; returns the place of the test that it ran."""
        with self.lock:
            if 0 <= self.runs[copy] < self.begins[copy] - 1:
                self.begins[copy] -= 1
            return self.runs[copy]

    def clear(self) -> None:
        """Nothing is left: each copy ends what it runs."""
        with self.lock:
            self.ends[:] = self.begins[:]


class Copy:
    """One of the processes that run tests: it says what each did to the one that it is a copy of."""

    def __init__(self, session: pytest.Session, copy: int, shares: Shares, channel: connection.Connection) -> None:
        self.session, self.copy, self.shares, self.channel = session, copy, shares, channel

    def run(self) -> None:
        """Run tests until none is left, then say what of app/ they went through."""
        config = self.session.config
        config.pluginmanager.register(self)
        config._tmp_path_factory._basetemp = config._tmp_path_factory.mktemp(f"copy{self.copy}")
        captured = config.pluginmanager.getplugin("capturemanager")
        captured.stop_global_capturing()  # its files are those of the other process
        captured.start_global_capturing()
        measured.signal_child_process()
        try:
            self.run_tests()
        except KeyboardInterrupt:
            self.session._setupstate.teardown_exact(None)  # what tests share is put away
        if config.option.measured:
            self.channel.send(measured.get_coverage())

    def run_tests(self) -> None:
        """One after the other; which one comes next is known beforehand, for what both share stays."""
        place = self.shares.take(self.copy)
        while place is not None:
            self.shares.runs[self.copy], following = place, self.shares.take(self.copy)
            nextitem = None if following is None else self.session.items[following]
            self.session.config.hook.pytest_runtest_protocol(item=self.session.items[place], nextitem=nextitem)
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
        self.shares = Shares(len(session.items), session.config.option.copies)
        self.running = {}
        self.coverages = []  # what of app/ each process went through

    def begin(self, copy: int) -> None:
        """Start a copy."""
        here, there = copies.Pipe(duplex=False)
        process = copies.Process(target=Copy(self.session, copy, self.shares, there).run)
        process.start()
        there.close()
        self.running[here] = copy, process

    def run(self) -> None:
        """Until every copy has ended."""
        for copy in range(self.session.config.option.copies):
            self.begin(copy)
        try:
            while self.running:
                for channel in connection.wait(list(self.running)):
                    self.listen(channel)
        finally:
            self.shares.clear()
            for channel, (_copy, process) in self.running.items():
                channel.close()  # nobody waits to be heard
                process.join()
        if self.session.config.option.measured:
            self.write(self.session.config.option.measured)

    def write(self, measures: Path) -> None:
        """What of app/ was gone through, when it was read and by the copies."""
        whole = measured.get_coverage()
        for coverage in self.coverages:
            slipcover.merge_coverage(whole, coverage)
        measures.write_text(json.dumps(whole))

    def listen(self, channel: connection.Connection) -> None:
        """Take what a copy says: what a test did, or at its end what it went through; or see that it died."""
        copy, process = self.running[channel]
        try:
            said = channel.recv()
        except EOFError:
            process.join()
            del self.running[channel]
            if process.exitcode:
                self.mourn(copy, process.exitcode)
            return
        if "$report_type" in said:
            self.tell(self.hook.pytest_report_from_serializable(config=self.session.config, data=said))
        else:
            self.coverages.append(said)

    def mourn(self, copy: int, exitcode: int) -> None:
        """The test that a copy ran when it died has failed; another goes on with the rest."""
        place = self.shares.give_back(copy)
        if place < 0:
            raise RuntimeError(f"A copy ended with {exitcode}, outside any test.")
        item = self.session.items[place]
        self.tell(pytest.TestReport(item.nodeid, item.location, {}, "failed", f"Its process died of {exitcode}.", "call"))
        self.begin(copy)

    def tell(self, report: pytest.TestReport) -> None:
        """Pytest's own words, as if the test had run here."""
        self.hook.pytest_runtest_logstart(nodeid=report.nodeid, location=report.location)
        self.hook.pytest_runtest_logreport(report=report)
        self.hook.pytest_runtest_logfinish(nodeid=report.nodeid, location=report.location)
        if self.session.shouldfail or self.session.shouldstop:
            self.shares.clear()


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session):
    """In place of pytest's own loop, when tests were found and none failed to be read."""
    if session.testsfailed or session.config.option.collectonly or not session.items:
        return None
    Dealer(session).run()
    if session.shouldfail:
        raise session.Failed(session.shouldfail)
    if session.shouldstop:
        raise session.Interrupted(session.shouldstop)
    return True
