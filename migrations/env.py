"""Run the migrations as the owner of the schema; `app.schema` and the `alembic` command come through here."""

from alembic import context
from sqlalchemy import create_engine, pool

from app.models import Base

config = context.config


def owner_url() -> str:
    """The owner's address: given by the caller, or the one of the settings."""
    given = config.attributes.get("url")
    if given:
        return given
    from flask import current_app

    return current_app.config["BINOME"].database_owner_url


def ours(_object: object, name: str | None, type_: str, _reflected: bool, _compare_to: object) -> bool:
    """Leave the queue's own tables to its own schema."""
    return not (type_ == "table" and name and name.startswith("procrastinate_"))


def run() -> None:
    """Bring the schema to the revision that was asked for, in one transaction."""
    engine = create_engine(owner_url(), poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            include_object=ours,
            compare_type=True,
            render_as_batch=False,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
