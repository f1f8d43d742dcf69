"""What must hold before Binôme serves anybody."""

from functools import cache
from pathlib import Path

from flask import Flask
from sqlalchemy import text

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
GIVEN_UP = text("SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed'")
QUEUE_AGE = text("""
SELECT coalesce(extract(epoch FROM now() - min(coalesce(job.scheduled_at, event.at))), 0)
FROM procrastinate_jobs job JOIN procrastinate_events event ON event.job_id = job.id AND event.type = 'deferred'
WHERE job.status = 'todo' AND coalesce(job.scheduled_at, event.at) <= now()
""")


class PrivilegedRole(RuntimeError):
    """The application's role could bypass isolation."""


def privileged() -> str | None:
    """How the current role could bypass isolation; None when it cannot."""
    answer: str | None = db.session.scalar(PRIVILEGED)
    return answer


def refuse_privileged_role(app: Flask) -> None:
    """Do not start with a role that row level security would not hold. Raises PrivilegedRole."""
    with app.app_context():
        how = privileged()
        db.session.rollback()
        db.engine.dispose()  # nothing opened before a fork is used after it
    if how is not None:
        raise PrivilegedRole(
            f"Le rôle de DATABASE_URL est privilégié ({how}) : l'isolation entre espaces ne le retiendrait pas. "
            "Utilisez le rôle binome_app de deploy/roles.sql."
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
