"""flask accounts …: what whoever runs Binôme does about an account, once they know whose it is."""

import click
from flask import Blueprint
from flask_babel import force_locale

from app.database import unit_of_work
from app.jobs import application
from app.tenants.resolve import enter_tenant, find_programme

from .queries import find_user
from .second_factor import turn_off

cli = Blueprint("accounts_commands", __name__, cli_group="accounts")


@cli.cli.command("forget-second-factor")
@click.argument("email", metavar="ADRESSE")
def forget_second_factor(email: str) -> None:
    """Retirer le second facteur de qui a perdu téléphone et codes de secours, une fois sûr que c'est cette personne."""
    with unit_of_work(application(), None), force_locale("fr"):
        user, programme = find_user(email), find_programme()
        if user is None or user.second_factor_at is None or programme is None:
            raise click.ClickException(f"Aucun second facteur pour {email}.")
        enter_tenant(programme)  # its letter leaves from there
        turn_off(user)
    click.echo(f"Le second facteur de {email} est retiré ; un message le lui dit.")
