"""The only place that touches files: a folder, or whatever fsspec reaches (S3).

A file is written under the name of what it contains before the row that names it is stored: a row always has its file.
"""

import hashlib
import os
import re
import shutil
import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO
from uuid import UUID, uuid4

import fsspec
from flask import current_app
from fsspec.implementations.local import LocalFileSystem

LEAST_ROOM = 100 * 1024 * 1024  # bytes
PERSONAL = re.compile(r"/(?:imports/[^/]+|lots/[^/]+|attestations/\d+/[^/]+|[0-9a-f]{2}/[0-9a-f]{32}\.\w+)$")
LONGEST = 3600  # seconds that writing one file may take


def root() -> tuple[fsspec.AbstractFileSystem, str]:
    """The file system and its folder. It remembers no list: other processes write and remove files too."""
    settings = current_app.config["BINOME"]
    filesystem, path = fsspec.url_to_fs(settings.storage_url or str(settings.instance / "files"), use_listings_cache=False)
    return filesystem, path


def store_alone(tenant_id: UUID, content: bytes, suffix: str) -> str:
    """Keep bytes that are somebody's and go with them, and return their key: nothing else ever has this file."""
    name = uuid4().hex
    return store_as(tenant_id, f"{name[:2]}/{name}.{suffix}", content)


def store(tenant_id: UUID, content: bytes, suffix: str) -> str:
    """Keep bytes that are the tenant's own, and return their key. The same bytes twice are one file: it is never forgotten."""
    digest = hashlib.sha256(content).hexdigest()
    name = f"{digest[:2]}/{digest}.{suffix}"
    filesystem, path = root()
    kept = f"{path}/{tenant_id}/{name}"
    if filesystem.exists(kept) and filesystem.size(kept) == len(content):
        return f"{tenant_id}/{name}"
    return store_as(tenant_id, name, content)


def store_as(tenant_id: UUID, name: str, content: bytes | IO[bytes]) -> str:
    """Keep bytes, or a whole open file, for a tenant under a name of its own; what an unfinished attempt left there is replaced.

    Whenever the machine stops, the file is whole or not there.
    """
    key = f"{tenant_id}/{name}"
    filesystem, path = root()
    if isinstance(filesystem, LocalFileSystem):
        write_whole(Path(path), key, content)
    else:
        with filesystem.transaction, filesystem.open(f"{path}/{key}", "wb") as file:
            copy(content, file)
    return key


def write_whole(folder: Path, key: str, content: bytes | IO[bytes]) -> None:
    """Write beside the tenants' folders what then takes its place at once, and remove what those who were killed left there."""
    unfinished, target = folder / "unfinished", folder / key
    for place in (folder, unfinished):
        place.mkdir(mode=0o700, parents=True, exist_ok=True)  # nobody else on the machine reads what is below
    target.parent.mkdir(parents=True, exist_ok=True)
    for left in unfinished.iterdir():
        with suppress(FileNotFoundError):  # another one removes it too
            if left.stat().st_mtime < time.time() - LONGEST:
                left.unlink()
    with NamedTemporaryFile(dir=unfinished, delete=False) as file:
        try:
            copy(content, file)
            file.flush()
            os.fsync(file.fileno())
            os.replace(file.name, target)
        except BaseException:
            Path(file.name).unlink()
            raise
    record = os.open(target.parent, os.O_RDONLY)
    os.fsync(record)  # its name too
    os.close(record)


def copy(content: bytes | IO[bytes], file: IO[bytes]) -> None:
    """All the bytes, from the first."""
    if isinstance(content, bytes):
        file.write(content)
    else:
        content.seek(0)
        shutil.copyfileobj(content, file)


def load(key: str) -> bytes:
    """The bytes kept under a key. Raises FileNotFoundError."""
    filesystem, path = root()
    with filesystem.open(f"{path}/{key}", "rb") as file:
        return bytes(file.read())


def forget(key: str) -> None:
    """Keep these bytes no more; nothing happens when they are gone already."""
    filesystem, path = root()
    with suppress(FileNotFoundError):
        filesystem.rm_file(f"{path}/{key}")


def personal(tenant_id: UUID, before: datetime) -> set[str]:
    """The keys of what a tenant keeps that is somebody's, written before a moment; not of what is its own."""
    filesystem, path = root()
    if not filesystem.exists(f"{path}/{tenant_id}"):
        return set()
    found = [
        file
        for file, said in filesystem.find(f"{path}/{tenant_id}", detail=True).items()
        if PERSONAL.search(file) and (said.get("LastModified") or filesystem.modified(file)) < before  # S3 says it in its list
    ]
    return {f"{tenant_id}/{file.partition(f'/{tenant_id}/')[2]}" for file in found}


def has_room() -> bool:
    """Whether files can be kept: the folder can be written to, and its disk is not full. Elsewhere than on disk, we do not ask."""
    filesystem, path = root()
    if not isinstance(filesystem, LocalFileSystem):
        return True
    folder = next(place for place in (Path(path), *Path(path).parents) if place.exists())
    return os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > LEAST_ROOM
