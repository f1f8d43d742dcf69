"""The only place that touches files: a folder, or whatever fsspec reaches (S3).

A file is written under the name of what it contains before the row that names it is stored: a row always has its file.
"""

import hashlib
import os
import shutil
from pathlib import Path
from typing import IO
from uuid import UUID

import fsspec
from flask import current_app
from fsspec.implementations.local import LocalFileSystem

LEAST_ROOM = 100 * 1024 * 1024  # bytes


def root() -> tuple[fsspec.AbstractFileSystem, str]:
    """The file system and its folder."""
    settings = current_app.config["BINOME"]
    filesystem, path = fsspec.url_to_fs(settings.storage_url or str(settings.instance / "files"))
    return filesystem, path


def store(tenant_id: UUID, content: bytes, suffix: str) -> str:
    """Keep bytes for a tenant and return their key. The same bytes twice are one file."""
    digest = hashlib.sha256(content).hexdigest()
    name = f"{digest[:2]}/{digest}.{suffix}"
    filesystem, path = root()
    return f"{tenant_id}/{name}" if filesystem.exists(f"{path}/{tenant_id}/{name}") else store_as(tenant_id, name, content)


def store_as(tenant_id: UUID, name: str, content: bytes | IO[bytes]) -> str:
    """Keep bytes, or a whole open file, for a tenant under a name of its own; what an unfinished attempt left there is replaced."""
    key = f"{tenant_id}/{name}"
    filesystem, path = root()
    target = f"{path}/{key}"
    if isinstance(filesystem, LocalFileSystem):
        Path(path).mkdir(mode=0o700, parents=True, exist_ok=True)  # nobody else on the machine reads what is below
    filesystem.makedirs(target.rsplit("/", 1)[0], exist_ok=True)
    with filesystem.transaction, filesystem.open(target, "wb") as file:
        if isinstance(content, bytes):
            file.write(content)
        else:
            content.seek(0)
            shutil.copyfileobj(content, file)
    return key


def load(key: str) -> bytes:
    """The bytes kept under a key. Raises FileNotFoundError."""
    filesystem, path = root()
    with filesystem.open(f"{path}/{key}", "rb") as file:
        return bytes(file.read())


def forget(key: str) -> None:
    """Keep these bytes no more; nothing happens when they are gone already."""
    filesystem, path = root()
    if filesystem.exists(f"{path}/{key}"):
        filesystem.rm_file(f"{path}/{key}")


def has_room() -> bool:
    """Whether files can be kept: the folder can be written to, and its disk is not full. Elsewhere than on disk, we do not ask."""
    filesystem, path = root()
    if not isinstance(filesystem, LocalFileSystem):
        return True
    folder = next(place for place in (Path(path), *Path(path).parents) if place.exists())
    return os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > LEAST_ROOM
