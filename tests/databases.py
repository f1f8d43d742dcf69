"""The tests' PostgreSQL: a migrated template, and clones of it."""

import os
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import text

from app import embedded, schema

ROOT = Path(__file__).resolve().parent.parent
INSTANCE = Path(os.environ.get("TEST_INSTANCE", ROOT / "instance" / "tests"))
SOMEBODY_WAITS = text(  # for what the connection that asks holds
    "SELECT exists (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))"
)
OLDEST = 16  # the oldest PostgreSQL that must work
VERSION = int(os.environ.get("TEST_POSTGRES", "18"))
FILLED = ("alembic_version", "communes", "departements", "gate_minimums", "model_courses")  # by the migrations
EMPTY = f"""
    SET session_replication_role = replica;  -- no trigger, no foreign key
    DO $$
    DECLARE one regclass; is_filled boolean;
    BEGIN
        FOR one IN SELECT oid FROM pg_class
                   WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname NOT IN {FILLED} LOOP
            EXECUTE format('SELECT EXISTS (SELECT FROM %s)', one) INTO is_filled;
            IF is_filled THEN EXECUTE format('DELETE FROM %s', one); END IF;
        END LOOP;
    END $$
"""


def place(version: int = VERSION) -> embedded.Place:
    """The running server of the tests."""
    embedded.start(INSTANCE, durable=False, version=version)
    return embedded.find_place(INSTANCE, version)


def stop(instance: Path = INSTANCE) -> None:
    """Stop every server that tests started."""
    for version in (OLDEST, VERSION):
        embedded.stop(instance, version)


def template_name() -> str:
    """The template of this schema: another schema has another one."""
    return f"template_{embedded.made_from()[:12]}"


def ensure_template(where: embedded.Place) -> str:
    """Migrate a template once; whoever comes at the same time waits."""
    name = template_name()
    with embedded.locked(INSTANCE), embedded.administrator(where) as connection:
        known = connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'template\\_%'").fetchall()
        if (name,) not in known:
            for (old,) in known:
                connection.execute(f"DROP DATABASE {old} WITH (FORCE)")
            connection.execute(f"CREATE DATABASE {name}_draft OWNER binome_owner")
            schema.upgrade(where.url("binome_owner", f"{name}_draft"))
            connection.execute(f"ALTER DATABASE {name}_draft RENAME TO {name}")
    return name


def clone(where: embedded.Place, name: str, template: str = "") -> None:
    """A fresh database made from the migrated template, or from another database."""
    template = template or ensure_template(where)
    with embedded.locked(INSTANCE), embedded.administrator(where) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} OWNER binome_owner")


def empty(connection: psycopg.Connection) -> None:
    """Leave in a clone nothing but what the template holds: quicker than another clone. Its schema must not have changed.

    The administrator's connection has been there before: another would open every table anew, which takes five times as long.
    """
    connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    connection.execute(EMPTY)


def count(where: embedded.Place, name: str) -> None:
    """Give its tables the statistics that the server would make by itself in use: plans for many rows are then as they would be."""
    with embedded.administrator(where, name) as connection:
        connection.execute("ANALYZE")


def drop(where: embedded.Place, name: str) -> None:
    """Remove a clone."""
    with embedded.administrator(where) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@contextmanager
def cloned(where: embedded.Place, name: str):
    """A block with a clone of the migrated template, removed at its end: gives its name."""
    clone(where, name)
    yield name
    drop(where, name)
