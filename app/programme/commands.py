"""flask spaces …: open the programme, an association, and invite the first person of each."""

import click
from flask import Blueprint
from flask_babel import force_locale
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from wtforms import ValidationError

from app.accounts.actions import invite
from app.accounts.models import Membership
from app.accounts.permissions import Role
from app.accounts.team import JeunesAddress, refuse_a_jeune
from app.database import unit_of_work
from app.extensions import db
from app.fields import Line, is_name, normal_email, refuse_slip
from app.jobs import application
from app.tenants.models import Staff, Tenant, TenantKind
from app.tenants.resolve import current_tenant, find_programme, tenant_named
from app.territory.queries import departement_choices, plain
from app.territory.zones import clock_of
from app.training.library import copy_models
from app.training.models import Course


def address(_context: click.Context, _option: click.Parameter, value: str) -> str:
    """An address as it is kept; a typo is said before a space is opened for it."""
    if normal_email(value) is None:
        raise click.BadParameter(f"« {value} » n'est pas une adresse e-mail complète.")
    try:
        refuse_slip(value)
    except ValidationError as error:
        raise click.BadParameter(str(error)) from error
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
        try:
            refuse_a_jeune(email)
        except JeunesAddress as error:
            raise click.ClickException(str(error)) from error
        membership = invite(email, role, current_tenant, first_name)
        card = db.session.scalar(select(Staff).where(Staff.user_id == membership.user_id))
        if card is None:
            db.session.add(Staff(user_id=membership.user_id, first_name=first_name, last_name=last_name))
        else:
            card.left_at = None  # they come back
        if not current_tenant.is_programme and (is_new or not has_begun(tenant)):
            copy_models()  # also where a first try ended half way
    said = f"L'espace « {tenant.name} » est ouvert ; l'" if is_new else f"Espace « {tenant.name} » : l'"
    click.echo(f"{said}invitation part à {email}.")


def has_begun(tenant: Tenant) -> bool:
    """Whether somebody works in a space, or it has courses: none is added to those that its team chose."""
    entered = select(Membership.user_id).where(Membership.tenant_id == tenant.id, Membership.entered_at.is_not(None)).limit(1)
    return db.session.scalar(select(Course.id).limit(1)) is not None or db.session.scalar(entered) is not None


def initials_of(name: str) -> str:
    """The first letters of a name's words, or its first two letters: what certificates' numbers begin with."""
    words = [word for word in plain(name).upper().split() if len(word) > 1] or plain(name).upper().split()
    return "".join(word[0] for word in words)[:4] if len(words) > 1 else (words[0][:2] if words else "A")


@cli.cli.command("open-programme")
@click.argument("name", metavar="NOM", callback=space_name)
@EMAIL
@PERSON
@click.option(
    "--contact", required=True, metavar="ADRESSE", callback=address, help="Que le public lit, et où arrivent les réponses."
)
def open_programme(name: str, email: str, person: str, contact: str) -> None:
    """Ouvrir l'espace du programme, une fois, et inviter qui oriente les demandes."""
    if find_programme() is not None:
        raise click.ClickException("Le programme a déjà son espace.")
    tenant = store(Tenant(kind=TenantKind.PROGRAMME, slug="programme", name=name, initials="P", email=contact))
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
@click.option("--departement", metavar="NUMÉRO", default="", help="Où elle est, outre-mer : ses pages en prennent l'heure.")
def open_association(slug: str, name: str, email: str, person: str, departement: str) -> None:
    """Ouvrir l'espace d'une association (/a/ADRESSE/) et inviter sa première personne responsable."""
    if find_programme() is None:
        raise click.ClickException("Ouvrez d'abord l'espace du programme : flask spaces open-programme.")
    with unit_of_work(application(), None):
        if departement and departement not in {code for code, _name in departement_choices()}:
            raise click.ClickException(f"« {departement} » n'est le numéro d'aucun département : 974, par exemple.")
    zone = clock_of(departement).key
    tenant = store(Tenant(slug=slug, name=name, initials=initials_of(name), timezone=zone))
    click.echo(f"Ses pages prennent l'heure de {zone}.")
    invite_first(tenant, Role.ADMIN, email, person)
