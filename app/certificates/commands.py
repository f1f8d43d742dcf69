"""flask commands about the platform's seal."""

import click
from flask import Blueprint
from flask_babel import force_locale

from app.database import unit_of_work
from app.jobs import application

from .sealing import rotate_key

cli = Blueprint("certificates_commands", __name__, cli_group="certificates")


@cli.cli.command("new-key")
def new_key_command() -> None:
    """Changer la clé qui scelle : les fichiers déjà scellés restent vérifiables."""
    with unit_of_work(application(), None), force_locale("fr"):
        name = rotate_key().name
    click.echo(f"La clé {name} scelle désormais les attestations.")
