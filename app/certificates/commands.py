"""flask commands about the platform's seal."""

import click
from flask import Blueprint, current_app
from flask_babel import force_locale

from app.database import unit_of_work

from .sealing import rotate_key

cli = Blueprint("certificates_commands", __name__, cli_group="certificates")


@cli.cli.command("new-key")
def new_key_command() -> None:
    """Changer la clé qui scelle : les fichiers déjà scellés restent vérifiables."""
    application = current_app._get_current_object()  # type: ignore[attr-defined]
    with unit_of_work(application, None), force_locale("fr"):
        name = rotate_key().name
    click.echo(f"La clé {name} scelle désormais les attestations.")
