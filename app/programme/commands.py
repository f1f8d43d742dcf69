"""flask spaces …: open the programme, an association, and invite the first person of each."""

import click
from flask import Blueprint
from flask_babel import force_locale
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.accounts.actions import invite
from app.accounts.permissions import Role
from app.database import unit_of_work
from app.extensions import db
from app.fields import Line, is_name, normal_email
from app.jobs import application
from app.tenants.models import Staff, Tenant, TenantKind
from app.tenants.resolve import current_tenant, find_programme, tenant_named
from app.training.library import copy_models
from app.training.models import Course


def address(_context: click.Context, _option: click.Parameter, value: str) -> str:
    """An address as it is kept; a typo is said before a space is opened for it."""
    if normal_email(value) is None:
        raise click.BadParameter(f"« {value} » n'est pas une adresse e-mail complète.")
    return value


def whole_name(_context: click.Context, _option: click.Parameter, value: str) -> str:
    """A first name and a last name, which the letter and the team's page say."""
    name = Line.clean(value) or ""
    if " " not in name or not is_name(name):
        raise click.BadParameter(f"« {value} » : écrivez un prénom et un nom, entre guillemets.")
    return name


def space_name(_context: click.Context, _argument: click.Parameter, value: str) -> str:
    """The name of a space, which every page of it shows."""
    name = Line.clean(value) or ""
    if not name or len(name) > LONGEST_NAME:
        raise click.BadParameter(f"De 1 à {LONGEST_NAME} caractères.")
    return name


LONGEST_NAME = 80
cli = Blueprint("spaces_commands", __name__, cli_group="spaces")
EMAIL = click.option("--email", required=True, help="Qui reçoit l'invitation.", callback=address)
PERSON = click.option("--person", required=True, metavar="'PRÉNOM NOM'", help="Son prénom et son nom.", callback=whole_name)


def store(tenant: Tenant) -> Tenant:
    """Store a space. Leaves with a sentence when its name in addresses is taken or wrong."""
    try:
        with unit_of_work(application(), None):
            db.session.add(tenant)
    except IntegrityError as error:
        raise click.ClickException("Ce nom d'adresse est déjà pris, ou s'écrit mal : minuscules, chiffres, tirets.") from error
    return tenant


def invite_first(tenant: Tenant, role: Role, email: str, person: str, is_new: bool = True) -> None:
    """Somebody who answers for a space; an association that begins has the ready courses."""
    first_name, _space, last_name = person.strip().partition(" ")
    with unit_of_work(application(), tenant.id), force_locale("fr"):
        membership = invite(email, role, current_tenant, first_name)
        if db.session.scalar(select(Staff.id).where(Staff.user_id == membership.user_id)) is None:
            db.session.add(Staff(user_id=membership.user_id, first_name=first_name, last_name=last_name))
        if not current_tenant.is_programme and db.session.scalar(select(Course.id).limit(1)) is None:
            copy_models()  # also where a first try ended half way
    said = f"L'espace « {tenant.name} » est ouvert ; l'" if is_new else f"Espace « {tenant.name} » : l'"
    click.echo(f"{said}invitation part à {email}.")


@cli.cli.command("open-programme")
@click.argument("name", metavar="NOM", callback=space_name)
@EMAIL
@PERSON
def open_programme(name: str, email: str, person: str) -> None:
    """Ouvrir l'espace du programme, une fois, et inviter qui oriente les demandes."""
    if find_programme() is not None:
        raise click.ClickException("Le programme a déjà son espace.")
    tenant = store(Tenant(kind=TenantKind.PROGRAMME, slug="programme", name=name, initials="P"))
    invite_first(tenant, Role.OPERATOR, email, person)


@cli.cli.command("invite")
@click.argument("slug", metavar="ADRESSE")
@EMAIL
@PERSON
def invite_one(slug: str, email: str, person: str) -> None:
    """Inviter quelqu'un à répondre d'un espace : une autre personne du programme, ou la première quand son adresse était fausse."""
    with unit_of_work(application(), None):
        tenant = tenant_named(slug)
    if tenant is None:
        raise click.ClickException(f"Aucun espace à l'adresse {slug}.")
    invite_first(tenant, Role.OPERATOR if tenant.is_programme else Role.ADMIN, email, person, is_new=False)


@cli.cli.command("open-association")
@click.argument("slug", metavar="ADRESSE")
@click.argument("name", metavar="NOM", callback=space_name)
@EMAIL
@PERSON
def open_association(slug: str, name: str, email: str, person: str) -> None:
    """Ouvrir l'espace d'une association (/a/ADRESSE/) et inviter sa première personne responsable."""
    if find_programme() is None:
        raise click.ClickException("Ouvrez d'abord l'espace du programme : flask spaces open-programme.")
    tenant = store(Tenant(slug=slug, name=name, initials=name[:2].upper()))
    invite_first(tenant, Role.ADMIN, email, person)
