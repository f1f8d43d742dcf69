"""The floor: a bare Flask view that asks PostgreSQL once and returns as many bytes as the real page.

BENCH_FLOOR names a JSON file, written by the bench: the database, and for each page its tenant, its query and its size.
"""

import json
import os
import threading
from pathlib import Path
from typing import Any

import psycopg
from flask import Flask, Response, abort

_local = threading.local()


def connection(database: str) -> psycopg.Connection[Any]:
    """This thread's connection, opened once."""
    if not hasattr(_local, "connection"):
        _local.connection = psycopg.connect(database)
    kept: psycopg.Connection[Any] = _local.connection
    return kept


def make_floor(settings: dict[str, Any]) -> Flask:
    """One route for each page, and nothing else."""
    floor = Flask(__name__, static_folder=None)
    pages = settings["pages"]
    padding = {name: b"x" * page["size"] for name, page in pages.items()}

    @floor.get("/<name>")
    def rows(name: str) -> Response:
        page = pages.get(name) or abort(404)
        database = connection(settings["database"])
        with database.transaction():
            database.execute("SELECT set_config('app.tenant_id', %s, true)", (page["tenant_id"],))
            database.execute(page["query"], page["values"]).fetchall()
        return Response(padding[name], mimetype="text/html")

    return floor


if "BENCH_FLOOR" in os.environ:
    application = make_floor(json.loads(Path(os.environ["BENCH_FLOOR"]).read_text()))
