"""Bring a database's schema and official lists up to date, as its owner: `python -m app.schema`, at each new version."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import create_engine, pool, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from .checks import STOPPED, VERSION, UnfitDatabase, first_line, refuse_newer, refuse_old
from .config import Settings
from .leads.communes import follow_communes
from .territory.load import load_territory, shipped
from .training.library import load_models

ROOT = Path(__file__).resolve().parent.parent


def upgrade(owner_url: str, revision: str = "head") -> None:
    """Run what is missing of the migrations; load the official lists if they are not those shipped, and new model courses.

    Raises NewerDatabase, and touches nothing, when a newer version has been here.
    """
    engine = create_engine(owner_url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        refuse_newer(MigrationContext.configure(connection).get_current_revision())
    command.upgrade(alembic_config(owner_url), revision)
    with engine.begin() as connection:
        if connection.scalar(text("SELECT obj_description('pk_communes'::regclass)")) != shipped():
            load_territory(connection)
            follow_communes(connection)
        load_models(connection)


def alembic_config(owner_url: str) -> Config:
    """Alembic's configuration for one database."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.attributes["url"] = owner_url
    return config


def main() -> None:
    """Upgrade the database that the environment names. Raises CannotStart, whose sentence is all that is printed."""
    url = Settings.from_environment().database_owner_url
    try:
        with create_engine(url, poolclass=pool.NullPool).connect() as connection:
            refuse_old(connection.execute(text(f"SELECT {VERSION}")).scalar_one(), "DATABASE_OWNER_URL")
    except OperationalError as error:
        raise UnfitDatabase(f"La base ne répond pas à l'adresse de DATABASE_OWNER_URL : {first_line(error)}") from None
    try:
        upgrade(url)
    except STOPPED as error:
        raise UnfitDatabase(f"La mise à jour s'est arrêtée. Réglez ce qui suit, puis relancez-la : {first_line(error)}") from None
    except ProgrammingError as error:
        if not isinstance(error.orig, InsufficientPrivilege):
            raise
        raise UnfitDatabase(
            f"DATABASE_OWNER_URL nomme un rôle qui ne possède pas le schéma ; c'est binome_owner : {first_line(error)}"
        ) from None


if __name__ == "__main__":
    main()
