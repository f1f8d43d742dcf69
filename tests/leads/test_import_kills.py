"""The worker that takes a file by shares: where it is, stopped, killed and begun again; the file forgotten; who may see it."""

import io
import json
import os
from contextlib import contextmanager
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from app import create_app
from app.database import now, unit_of_work, uuid7
from app.extensions import db
from app.leads import imports as files
from app.leads.models import ImportProblem, Lead, LeadEvent, LeadImport
from app.leads.words import LeadKind
from app.storage import load, root
from tests import factories, processes

pytestmark = pytest.mark.waits

TITLES = "Nom;Prénom;Âge;Email;Ville;Code postal"
WORDS = ("Anne", "Bruno", "Chloé", "Denis", "Emma", "Farid", "Gaël")
SEVEN = TITLES + "".join(f"\nVoisin;{name};{'x' if name == 'Denis' else 18};{name[0]}@example.org;Lyon;69001" for name in WORDS)
TAKEN = [name for name in WORDS if name != "Denis"]


@pytest.fixture
def path(operator):
    """A file of seven rows, the fourth of which is wrong: the path of its page."""
    given = {"file": (io.BytesIO(SEVEN.encode()), "sept.csv"), "kind": "mentee"}
    return operator.post("/a/programme/imports", data=given, content_type="multipart/form-data").location


@pytest.fixture
def by_twos(monkeypatch):
    """Shares of two rows."""
    monkeypatch.setattr(files, "SHARE", 2)


@pytest.fixture
def share(programme):
    """Take one share of a file, as the worker does."""
    return lambda path: files.import_share.run(tenant_id=str(programme.id), import_id=path.rpartition("/")[2])


@pytest.fixture
def the_import(stored, programme):
    """The import as it is stored."""
    return lambda: stored(programme, LeadImport)[-1]


def file_is_kept(app, key):
    """Whether the storage still holds something under a key."""
    with app.app_context():
        filesystem, folder = root()
        return filesystem.exists(f"{folder}/{key}")


def names(leads):
    return sorted(lead.first_name for lead in leads)


# By shares.


def test_it_goes_on_where_it_is(operator, path, by_twos, share, stored, programme):
    operator.send(path)

    share(path)
    page = operator.page(path)
    assert "2 lignes lues sur 7" in page.text
    assert "Vous pouvez quitter cette page et revenir." in page.text
    assert page.soup.select_one("[data-progress]")["data-progress"] == f"{path}/avancement"
    share(path)

    assert 'data-state="running"' in operator.get(f"{path}/avancement").text
    assert names(stored(programme, Lead)) == ["Anne", "Bruno", "Chloé"]


@pytest.mark.parametrize("size", [1, 3, 6, 7, 8])
def test_whatever_the_size_of_a_share_each_row_is_taken_once(
    operator, path, size, run_jobs, the_import, stored, programme, monkeypatch
):
    monkeypatch.setattr(files, "SHARE", size)
    operator.send(path)

    run_jobs()

    row = the_import()
    assert (row.state, row.position, row.added, row.known, row.refused) == ("done", 7, 6, 0, 1)
    assert names(stored(programme, Lead)) == TAKEN
    assert [(problem.line, problem.column) for problem in stored(programme, ImportProblem)] == [(5, "Âge")]
    assert "<html" not in operator.get(f"{path}/avancement").text
    assert 'data-state="done"' in operator.get(f"{path}/avancement").text


def test_a_share_taken_again_goes_on_and_at_the_end_changes_nothing(
    operator, path, by_twos, share, run_jobs, the_import, stored, programme
):
    operator.send(path)
    for _time in range(9):
        share(path)
    run_jobs()

    assert (the_import().state, the_import().added) == ("done", 6)
    assert names(stored(programme, Lead)) == TAKEN


def test_stopped_before_it_starts_it_cannot_start(operator, path, run_jobs, stored, programme, the_import):
    operator.send(f"{path}/arret")
    operator.send(path)
    run_jobs()

    assert (the_import().state, stored(programme, Lead)) == ("cancelled", [])


def test_stopped_in_the_middle_what_is_taken_stays(operator, path, by_twos, share, run_jobs, stored, programme):
    operator.send(path)
    share(path)

    page = operator.send(f"{path}/arret")
    run_jobs()

    assert page.flashes == ["L'import est arrêté. Les demandes déjà ajoutées restent."]
    assert "2 lignes lues sur 7" in operator.page(path).text
    assert names(stored(programme, Lead)) == ["Anne", "Bruno"]


def test_stopped_when_it_is_over_it_stays_done(operator, path, run_jobs, the_import):
    operator.send(path)
    run_jobs()

    page = operator.send(f"{path}/arret")

    assert page.flashes == []
    assert the_import().state == "done"


def test_a_file_that_is_lost_says_so(operator, path, app, share, the_import):
    operator.send(path)
    with app.app_context():
        files.forget(the_import().file_key)

    share(path)

    assert the_import().state == "failed"
    assert "Ce fichier n'est plus gardé : envoyez-le encore une fois." in operator.page(path).text


# Forgotten.


@pytest.mark.parametrize("end", ["done", "cancelled"])
def test_the_file_is_forgotten_at_the_end(operator, path, app, run_jobs, the_import, end):
    key = the_import().file_key
    assert file_is_kept(app, key)

    operator.send(path if end == "done" else f"{path}/arret")
    run_jobs()

    assert (the_import().state, the_import().file_key) == (end, None)
    assert not file_is_kept(app, key)


def test_the_file_that_is_kept_holds_its_rows_and_its_lines(app, path, the_import):
    with app.app_context():
        kept = [json.loads(line) for line in load(the_import().file_key).splitlines()]

    assert [line for line, _cells in kept] == [2, 3, 4, 5, 6, 7, 8]
    assert kept[2][1][1] == "Chloé"


def test_forgotten_twice_nothing_happens(operator, path, programme, run_jobs, the_import):
    operator.send(f"{path}/arret")
    run_jobs()

    files.forget_file.run(tenant_id=str(programme.id), import_id=str(the_import().id))

    assert the_import().file_key is None


@pytest.mark.parametrize(("hours", "state"), [(23, "ready"), (25, "cancelled")])
def test_what_nobody_starts_is_forgotten_after_a_day(path, app, programme, run_jobs, the_import, hours, state):
    key = the_import().file_key

    with time_machine.travel(now() + timedelta(hours=hours)):
        files.forget_imports.run(tenant_id=str(programme.id))
        run_jobs()

    assert the_import().state == state
    assert file_is_kept(app, key) == (state == "ready")


def test_what_has_not_moved_for_a_day_is_forgotten(operator, path, app, programme, by_twos, share, the_import, run_jobs):
    key = the_import().file_key
    operator.send(path)
    share(path)

    with time_machine.travel(now() + timedelta(hours=25)):
        files.forget_imports.run(tenant_id=str(programme.id))
        run_jobs()

    assert (the_import().state, the_import().added) == ("cancelled", 2)
    assert not file_is_kept(app, key)


@pytest.mark.parametrize(("days", "left"), [(29, 1), (31, 0)])
def test_what_was_refused_is_forgotten_after_thirty_days(operator, path, programme, run_jobs, stored, days, left):
    operator.send(path)
    run_jobs()

    with time_machine.travel(now() + timedelta(days=days)):
        files.forget_imports.run(tenant_id=str(programme.id))

    assert len(stored(programme, ImportProblem)) == left
    assert "6, déjà connues : 0, refusées : 1" in operator.page(path).text
    assert operator.get(f"{path}/lignes-refusees").data.count(b"\n") == left + 1


# Whose it is.


PAGES = [("", "GET"), ("", "POST"), ("/avancement", "GET"), ("/lignes-refusees", "GET"), ("/arret", "POST")]


@pytest.mark.parametrize(("page", "method"), PAGES)
def test_another_spaces_file_is_not_found(path, client, association, in_space, the_import, page, method):
    with in_space(association):
        client.sign_in(factories.staff(association, "admin").user_id)

    answer = client.open(path.replace("programme", "passerelle") + page, method=method)

    assert answer.status_code == 404
    assert the_import().state == "ready"


@pytest.mark.parametrize(("page", "method"), PAGES)
def test_a_file_that_never_was_is_not_found(operator, page, method):
    assert operator.open(f"/a/programme/imports/{uuid7()}{page}", method=method).status_code == 404


@pytest.mark.parametrize(("role", "status"), [("mentor", 403), ("jeune", 403), ("coordinator", 200), ("admin", 200)])
def test_those_who_answer_requests_may_send_files(client, association, in_space, role, status):
    with in_space(association):
        client.sign_in(factories.member(association, role))

    assert client.page("/a/passerelle/imports").status == status


# Pages of any length.


def test_its_page_asks_the_database_the_same_for_many_problems(
    operator, path, run_jobs, in_space, programme, the_import, statements
):
    assert operator.send(path).status == 200  # what is said there is taken from the session
    run_jobs()
    counted = []
    one = {"import_id": the_import().id, "line": 9, "column": "Nom", "cause": "vide.", "is_refusal": True, "cells": ["x"]}
    for many in (0, 199, 300):
        with in_space(programme):
            db.session.add_all(ImportProblem(**one) for _time in range(many))
        with statements() as seen:
            page = operator.page(path)
        counted.append((len(seen), len(page.rows)))

    assert [rows for _count, rows in counted] == [1, 200, 200]
    assert len({count for count, _rows in counted}) == 1


def test_the_list_and_the_columns_ask_the_database_the_same_for_many(operator, programme, in_space, statements):
    counted = []
    operator.page("/a/programme/imports")  # the first page of a session stores it
    for many in (1, 30):
        with in_space(programme):
            by = factories.staff(programme, "operator").user_id
            for _time in range(many):
                last, _notes = files.receive_file("x.csv", (SEVEN + "\na;b;c;d;e;f" * many).encode(), LeadKind.MENTEE, by)
        with statements() as seen:
            operator.page("/a/programme/imports")
            operator.page(f"/a/programme/imports/{last.id}")
        counted.append(len(seen))

    assert counted[0] == counted[1]


def test_a_share_asks_the_database_the_same_for_many_rows(programme, association, in_space, share, statements):
    counted = []
    for many in (5, 50):
        with in_space(programme):
            rows = "".join(
                f"\nVoisin;Jean-{'abcdefghij'[n % 10]}{'k' * (n // 10)};18;n{many}x{n}@example.org;Lyon;69001" for n in range(many)
            )
            row, _notes = files.receive_file(
                "x.csv", (TITLES + rows).encode(), LeadKind.MENTEE, factories.staff(programme, "operator").user_id
            )
            files.start(row, row.mapping)
        with statements() as seen:
            share(f"/{row.id}")
        counted.append(len(seen))

    assert counted[1] <= counted[0] + 2


# Killed, on a database of its own.


def take_a_share_and_die(settings, tenant_id, import_id):
    """A worker that is killed before what its share wrote is stored."""
    create_app(settings)
    files.SHARE, note = 2, files.note

    def note_and_die(row, report, count):
        note(row, report, count)
        db.session.flush()
        os._exit(processes.KILLED)

    files.note = note_and_die
    files.import_share.run(tenant_id=tenant_id, import_id=import_id)


@pytest.fixture
def real_programme(real_app):
    """A programme whose commits are real."""
    return factories.programme(real_app)


@pytest.fixture
def space(real_app, real_programme):
    """Work in the programme's space, stored at the end."""

    @contextmanager
    def enter():
        with unit_of_work(real_app, real_programme.id), real_app.test_request_context("/"):
            yield

    return enter


@pytest.mark.committed
def test_a_worker_that_is_killed_in_a_share_loses_nothing_and_takes_nothing_twice(real_app, space, real_programme, by_twos):
    with space():
        by = factories.staff(real_programme, "operator").user_id
        row, _notes = files.receive_file("sept.csv", SEVEN.encode(), LeadKind.MENTEE, by)
        files.start(row, row.mapping)
        ids = {"tenant_id": str(real_programme.id), "import_id": str(row.id)}
    files.import_share.run(**ids)

    died = processes.start(take_a_share_and_die, real_app.config["BINOME"], *ids.values())
    died.join()

    assert died.exitcode == processes.KILLED
    assert result(space) == ("running", 2, 2, 0, 0, ["Anne", "Bruno"], [])
    for _time in range(4):
        files.import_share.run(**ids)
    assert result(space) == ("done", 7, 6, 0, 1, TAKEN, [5])
    with space():
        assert [event.what for event in db.session.scalars(select(LeadEvent))] == ["received"] * 6


def result(space):
    """What became of the file: state, place, counts, the requests and the lines refused."""
    with space():
        row = db.session.scalars(select(LeadImport)).one()
        lines = [problem.line for problem in db.session.scalars(select(ImportProblem))]
        return row.state, row.position, row.added, row.known, row.refused, names(db.session.scalars(select(Lead))), lines
