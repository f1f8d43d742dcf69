"""flask spaces …: open the programme, an association, and invite the first person of each."""

import click
from flask import Blueprint, current_app, g
from flask_babel import force_locale
from sqlalchemy.exc import IntegrityError

from app.accounts.actions import invite
from app.accounts.permissions import Role
from app.database import unit_of_work
from app.extensions import db
from app.tenants.models import Staff, Tenant, TenantKind
from app.tenants.resolve import enter_tenant, find_programme
from app.training.library import copy_models

cli = Blueprint("spaces_commands", __name__, cli_group="spaces")
EMAIL = click.option("--email", required=True, help="Qui reçoit l'invitation.")
PERSON = click.option("--person", required=True, metavar="'PRÉNOM NOM'", help="Son prénom et son nom.")


def store(tenant: Tenant) -> Tenant:
    """Store a space. Leaves with a sentence when its name in addresses is taken or wrong."""
    try:
        with unit_of_work(current_app._get_current_object(), None):  # type: ignore[attr-defined]
            db.session.add(tenant)
    except IntegrityError as error:
        raise click.ClickException("Ce nom d'adresse est déjà pris, ou s'écrit mal : minuscules, chiffres, tirets.") from error
    return tenant


def invite_first(tenant: Tenant, role: Role, email: str, person: str) -> None:
    """The first person of a space; an association begins with the ready courses."""
    first_name, _space, last_name = person.strip().partition(" ")
    with unit_of_work(current_app._get_current_object(), tenant.id), force_locale("fr"):  # type: ignore[attr-defined]
        enter_tenant(db.session.get_one(Tenant, tenant.id))
        membership = invite(email, role, g.tenant, first_name)
        db.session.add(Staff(user_id=membership.user_id, first_name=first_name, last_name=last_name))
        if not g.tenant.is_programme:
            copy_models()
    click.echo(f"L'espace « {tenant.name} » est ouvert ; l'invitation part à {email}.")


@cli.cli.command("open-programme")
@click.argument("name", metavar="NOM")
@EMAIL
@PERSON
def open_programme(name: str, email: str, person: str) -> None:
    """Ouvrir l'espace du programme, une fois, et inviter qui oriente les demandes."""
    if find_programme() is not None:
        raise click.ClickException("Le programme a déjà son espace.")
    tenant = store(Tenant(kind=TenantKind.PROGRAMME, slug="programme", name=name, initials="P"))
    invite_first(tenant, Role.OPERATOR, email, person)


@cli.cli.command("open-association")
@click.argument("slug", metavar="ADRESSE")
@click.argument("name", metavar="NOM")
@EMAIL
@PERSON
def open_association(slug: str, name: str, email: str, person: str) -> None:
    """Ouvrir l'espace d'une association (/a/ADRESSE/) et inviter sa première personne responsable."""
    if find_programme() is None:
        raise click.ClickException("Ouvrez d'abord l'espace du programme : flask spaces open-programme.")
    tenant = store(Tenant(slug=slug, name=name, initials=name[:2].upper()))
    invite_first(tenant, Role.ADMIN, email, person)
