"""Files: whole or not there, whoever is killed; the same bytes twice are one."""

import os
import time
from io import BytesIO
from uuid import UUID

import pytest
from fsspec.implementations.memory import MemoryFileSystem

from app import storage
from tests import processes

TENANT = UUID(int=7)
CONTENT = b"x" * 100_000
pytestmark = pytest.mark.no_database


@pytest.fixture
def folder(app, tmp_path):
    """Where an application at work keeps its files."""
    usual = app.config["BINOME"]
    app.config["BINOME"] = storage_in(tmp_path)
    with app.app_context():
        yield tmp_path / "files"
    app.config["BINOME"] = usual


def storage_in(place):
    """Settings that say where files are kept."""
    return type("Settings", (), {"storage_url": "", "instance": place})


def files_in(folder):
    """Every file below, by its path."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_the_same_bytes_twice_are_one_file(folder):
    keys = {storage.store(TENANT, CONTENT, "bin") for _time in range(2)}

    assert files_in(folder) == list(keys)
    assert storage.load(keys.pop()) == CONTENT
    assert (folder.stat().st_mode & 0o777, (folder / "unfinished").stat().st_mode & 0o777) == (0o700, 0o700)


def test_what_is_somebodys_is_a_file_of_its_own_whatever_else_holds_the_same_bytes(folder):
    shared, *own = storage.store(TENANT, CONTENT, "bin"), *(storage.store_alone(TENANT, CONTENT, "bin") for _time in range(2))
    storage.forget(own[0])

    assert len({shared, *own}) == 3
    assert storage.load(shared) == storage.load(own[1]) == CONTENT


class Listing(MemoryFileSystem):
    """A store that answers from the list that it made before, while it keeps lists: S3 does."""

    store, pseudo_dirs = {}, [""]

    def exists(self, path, **how):
        known = self.dircache.get("all", set(self.store))
        self.dircache["all"] = known
        return path in known


def test_what_is_kept_elsewhere_is_forgotten_though_it_was_not_there_a_moment_ago(folder, monkeypatch):
    monkeypatch.setattr(storage.fsspec, "url_to_fs", lambda _url, **how: (Listing(**how), "/files"))
    assert not storage.root()[0].exists(f"/files/{TENANT}/lots/a.zip")

    key = storage.store_as(TENANT, "lots/a.zip", CONTENT)
    for _time in range(2):
        storage.forget(key)

    assert Listing.store == {}


def test_lists_of_what_is_kept_elsewhere_are_made_each_time(folder, monkeypatch):
    monkeypatch.setattr(storage.fsspec, "url_to_fs", lambda _url, **how: (Listing(**how), "/files"))
    path = f"/files/{TENANT}/lots/a.zip"
    assert not storage.root()[0].exists(path)

    key = storage.store_as(TENANT, "lots/a.zip", CONTENT)

    assert storage.root()[0].exists(path)
    storage.forget(key)


def test_a_file_that_an_older_version_left_cut_short_is_written_again(folder):
    key = storage.store(TENANT, CONTENT, "bin")
    (folder / key).write_bytes(CONTENT[:10])

    assert storage.store(TENANT, CONTENT, "bin") == key
    assert storage.load(key) == CONTENT


def test_an_open_file_is_kept_from_its_beginning(folder):
    given = BytesIO(CONTENT)
    given.read(10)

    assert storage.load(storage.store_as(TENANT, "all.zip", given)) == CONTENT


class DiskFull(BytesIO):
    """What cannot be read to its end."""

    def read(self, *_how):
        raise OSError("no room")


def test_what_fails_leaves_nothing(folder):
    with pytest.raises(OSError, match="no room"):
        storage.store_as(TENANT, "all.zip", DiskFull())

    assert files_in(folder) == []


class Deadly(BytesIO):
    """A file in the middle of which the process is killed."""

    def read(self, *_how):
        if self.tell():
            os._exit(processes.KILLED)
        return super().read(10)


def store_and_die(place):
    """A process that is killed while it writes."""
    from flask import Flask

    app = Flask(__name__)
    app.config["BINOME"] = storage_in(place)
    with app.app_context():
        storage.store_as(TENANT, "all.zip", Deadly(CONTENT))


def test_killed_in_the_middle_there_is_no_file_and_what_is_left_goes_within_the_hour(folder, tmp_path):
    died = processes.start(store_and_die, tmp_path)
    died.join()
    assert died.exitcode == processes.KILLED
    left = [path for path in files_in(folder) if path.startswith("unfinished/")]
    assert (len(left), files_in(folder)) == (1, left)

    key = storage.store(TENANT, CONTENT, "bin")
    assert files_in(folder) == sorted([key, *left]), "another may be at work on it"

    os.utime(folder / left[0], times=(time.time() - 2 * storage.LONGEST,) * 2)
    storage.store(TENANT, b"another", "bin")
    assert not (folder / left[0]).exists()
