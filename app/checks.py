"""What must hold before Binôme serves anybody."""

import os
from functools import cache
from pathlib import Path

import psycopg
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError

from .config import ROOT, CannotStart
from .extensions import db

PRIVILEGED = text("""
SELECT CASE
  WHEN rolsuper THEN 'superuser'
  WHEN rolbypassrls THEN 'bypassrls'
  WHEN pg_has_role(current_user, (SELECT nspowner FROM pg_namespace WHERE nspname = 'public'), 'MEMBER') THEN 'schema'
  WHEN EXISTS (
    SELECT 1 FROM pg_class WHERE relnamespace = 'public'::regnamespace AND pg_has_role(current_user, relowner, 'MEMBER')
  ) THEN 'owner'
END FROM pg_roles WHERE rolname = current_user
""")
VERSION = "current_setting('server_version_num')::int"
STATE = text(f"SELECT {VERSION}, to_regclass('public.alembic_version') IS NULL")
REVISION = text("SELECT version_num FROM alembic_version")
VERSIONS = ROOT / "migrations" / "versions"
STOPPED = (OperationalError, psycopg.OperationalError)  # a full disk, a server that ends: some statements go by the driver alone
OLDEST = 16  # hosted offers lag: what the tests are run on, once
GIVEN_UP = text("SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed'")
QUEUE_AGE = text("""
SELECT coalesce(extract(epoch FROM now() - min(coalesce(job.scheduled_at, event.at))), 0)
FROM procrastinate_jobs job JOIN procrastinate_events event ON event.job_id = job.id AND event.type = 'deferred'
WHERE job.status = 'todo' AND coalesce(job.scheduled_at, event.at) <= now()
""")


class PrivilegedRole(CannotStart):
    """The application's role could bypass isolation."""


class UnfitDatabase(CannotStart):
    """The database does not answer, is too old, has no tables yet, or those of a newer version."""


class NewerDatabase(UnfitDatabase):
    """A version that knows more has changed the schema."""


def first_line(error: DBAPIError | psycopg.Error) -> str:
    """What PostgreSQL, or the way to it, said; it names no password."""
    return str(error.orig if isinstance(error, DBAPIError) else error).strip().partition("\n")[0]


def privileged() -> str | None:
    """How the current role could bypass isolation; None when it cannot."""
    answer: str | None = db.session.scalar(PRIVILEGED)
    return answer


def refuse_unfit_database(app: Flask) -> None:
    """Do not start on a database that cannot be served from, or with a role that row level security would not hold.

    Raises UnfitDatabase, PrivilegedRole.
    """
    with app.app_context():
        try:
            version, is_empty = db.session.execute(STATE).one()
            how = privileged()
            revision = None if is_empty or how else db.session.scalar(REVISION)  # another role may not read it
        except OperationalError as error:
            named = " à l'adresse de DATABASE_URL" if os.environ.get("DATABASE_URL") else ""  # else it is the embedded one
            raise UnfitDatabase(f"La base ne répond pas{named} : {first_line(error)}") from None
        finally:
            db.session.rollback()
            db.engine.dispose()  # nothing opened before a fork is used after it
    refuse_old(version, "DATABASE_URL")
    if is_empty:
        raise UnfitDatabase("La base est vide : faites d'abord les migrations, par « python -m app.schema ».")
    if how is not None:
        raise PrivilegedRole(
            f"Le rôle de DATABASE_URL est privilégié ({how}) : l'isolation entre espaces ne le retiendrait pas. "
            "Utilisez le rôle binome_app de deploy/roles.sql."
        )
    refuse_newer(revision)


def refuse_old(version: int, setting: str) -> None:
    """Raises UnfitDatabase when the server that a setting names, whose number is given as PostgreSQL counts, is too old."""
    if version < OLDEST * 10_000:
        raise UnfitDatabase(f"Il faut PostgreSQL {OLDEST} ou plus récent ; celui de {setting} est le {version // 10_000}.")


def refuse_newer(revision: str | None) -> None:
    """Raises NewerDatabase when this code does not have the last migration of a database; None is before the first."""
    if revision is not None and not any(VERSIONS.glob(f"{revision}_*.py")):
        raise NewerDatabase(
            f"La base est d'une version plus récente de Binôme (sa migration {revision} n'est pas dans ce code). "
            "Mettez le code à jour, ou revenez à une sauvegarde d'avant."
        )


@cache
def migration_head(root: str) -> str | None:
    """The last migration of this code."""
    from alembic.config import Config  # once: what answers pages has no other use for it
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(root).parent / "migrations"))
    return ScriptDirectory.from_config(config).get_current_head()


def queue_age() -> float:
    """Seconds that the oldest job has been waiting."""
    return float(db.session.scalar(QUEUE_AGE) or 0)


def jobs_given_up() -> int:
    """How many jobs failed as often as they may: they are taken up every hour for a week, and somebody should look."""
    return db.session.scalar(GIVEN_UP) or 0
