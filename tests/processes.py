"""Processes that tests kill: each is a copy of one that has imported the application, and takes a tenth of a second to begin."""

import os
from contextlib import contextmanager
from importlib import import_module
from multiprocessing import get_context

from app import create_app
from app.packages import blueprints

blueprints()  # imports every package
import_module("app.commands")
KILLED = 9  # how a process that kills itself ends
_processes = get_context("forkserver")
_processes.set_forkserver_preload([__name__])


def start(what, *given):
    """Start a process that does `what`, a function of a module, with what is given."""
    process = _processes.Process(target=quietly, args=(what, *given))
    process.start()
    return process


def quietly(what, *given):
    """Nothing of it is printed among the tests' own words."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    what(*given)


def work(environment):
    """`flask worker`, in this environment, until it is killed."""
    os.environ.update(environment)
    create_app().test_cli_runner().invoke(args=["worker"])


@contextmanager
def workers(server, database, folder, mail_port=9):
    """Start a worker process on this database: `start()`. All are killed at the end."""
    environment = {
        "DATABASE_URL": server.url("binome_app", database), "SECRET_KEY": "x" * 40, "BINOME_INSTANCE": str(folder),
        "MAIL_PORT": str(mail_port),
    }  # fmt: skip
    started = []

    def begin():
        started.append(start(work, environment))
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.join()
