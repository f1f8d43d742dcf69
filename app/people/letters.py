"""A few lines and one button: what the packages above write to people and to staff."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from flask import g

from app.accounts.queries import staff_addresses
from app.fields import unbroken_phone
from app.mail import Letter, Mail, absolute, compose, send
from app.tenants.resolve import current_tenant
from app.territory.zones import clock_of
from app.translation import gettext as _
from app.translation import lazy_gettext as _l
from app.web import read_on

from .models import Mentee, Mentor
from .own import accounts_about

TEMPLATE = "note"
UNREAD = _l("Votre message est gardé, mais pour l'instant personne d'autre à l'association ne peut le lire.")


@contextmanager
def clock_for(person: Mentor | Mentee) -> Iterator[None]:
    """Hours as somebody reads them where they live."""
    with read_on(clock_of(person.departement_code)):
        yield


def read_as(person: Mentor | Mentee) -> None:
    """Show hours on somebody's own clock, until the end of the request."""
    g.reader_zone = clock_of(person.departement_code)


def composed(kind: str, address: str, name: str, subject: str, lines: Sequence[str], link: str, label: str) -> Mail:
    """The message, for whoever posts many at once."""
    return compose(Letter(kind, subject, TEMPLATE), address, name=name, lines=lines, link=link, label=label, tenant=current_tenant)


def write_to(
    kind: str,
    address: str | None,
    name: str,
    subject: str,
    lines: Sequence[str],
    link: str,
    label: str,
    calendar: str | None = None,
    until: datetime | None = None,
) -> None:
    """Write to an address; nothing happens when there is none. `kind` says in the receipt what it was about.

    After `until` it would say nothing true any more: it does not leave.
    """
    if address:
        letter = Letter(kind, subject, TEMPLATE)
        mail = send(letter, address, calendar=calendar, name=name, lines=lines, link=link, label=label, tenant=current_tenant)
        mail.valid_until = until


def write(kind: str, person: Mentor | Mentee, subject: str, lines: Sequence[str], link: str, label: str) -> None:
    """Write to somebody who has a file here."""
    write_to(kind, person.email, person.first_name, subject, lines, link, label)


def readers(about: Mentor | Mentee) -> Sequence[str]:
    """Where to write to those who work here of somebody: never to whom it is about too; nowhere, when it is about all of them."""
    return staff_addresses(accounts_about(about.id))


def whether_told(readers: Sequence[str]) -> str:
    """What a page promises of a team that is written to there: nothing, where nobody else can read it."""
    if readers:
        return _("L'association est prévenue.")
    return _("Pour l'instant, personne d'autre à l'association ne peut le lire.")


def write_staff(kind: str, subject: str, lines: Sequence[str], link: str, label: str, about: Mentor | Mentee | None = None) -> None:
    """Write to everybody who works here; of somebody, not to those whom it is about too."""
    for address in readers(about) if about else staff_addresses():
        write_to(kind, address, "", subject, lines, link, label)


def how_to_reach() -> list[str]:
    """How to reach the association, in a line of a letter; none when it gave neither address nor number."""
    contact = " · ".join(part for part in (current_tenant.email, unbroken_phone(current_tenant.phone)) if part)
    return [_("Pour joindre l'association : %(contact)s", contact=contact)] if contact else []


def space_link(endpoint: str, **values: object) -> str:
    """A page of this space, for a letter."""
    return absolute(endpoint, slug=current_tenant.slug, **values)


def file_link(person: Mentor | Mentee, part: str | None = None) -> str:
    """The file of a person, for a letter to the team; at a part of the page."""
    if isinstance(person, Mentee):
        return space_link("people.mentee", mentee_id=person.id, _anchor=part)
    return space_link("people.mentor", mentor_id=person.id, _anchor=part)


def tell_family(person: Mentor | Mentee, with_guardian: bool) -> None:
    """A minor is accepted, and invited later: they, and whoever represents them, learn by whom, and what comes first."""
    said = {"association": current_tenant.name, "name": person.first_name}
    reach = how_to_reach()
    link, label = absolute("house.data", slug=current_tenant.slug), _("Comment vos données sont utilisées")
    authorisation = _(
        "Il reste une autorisation, celle de participer au mentorat : l'association la demande à la personne qui vous représente, "
        "même si elle a déjà dit oui à votre demande. Un message vous ouvrira ensuite votre espace."
    )
    if isinstance(person, Mentee):
        yours = _("%(association)s accepte votre demande", **said)
        subject = _("%(association)s accepte la demande de %(name)s", **said)
        first = _("Bonne nouvelle : %(association)s vous accompagne.", **said)
        news = _("%(association)s a accepté la demande de %(name)s.", **said)
    else:
        yours = _("%(association)s vous ouvre un dossier", **said)
        subject = _("%(association)s ouvre un dossier pour %(name)s", **said)
        first = _("Merci de proposer votre temps. Viennent ensuite un entretien, puis la décision de l'association.")
        news = _("%(name)s veut devenir mentor. Viennent ensuite un entretien, puis la décision de l'association.", **said)
    write_to("file_opened", person.email, person.first_name, yours, [first, authorisation, *reach], link, label)
    asked = _("L'association vous contacte pour votre autorisation. Aucune rencontre n'a lieu avant.")
    if with_guardian:
        write_to("file_opened", person.guardian_email, person.guardian_name or "", subject, [news, asked, *reach], link, label)


def tell_stopped(person: Mentor | Mentee, address: str | None, guardian: str | None) -> None:
    """Whoever represents somebody ends it: they read it at their address, and so do this person, and another parent that is named.

    It is said while the file can still be written to.
    """
    name, reach = person.first_name, how_to_reach()
    link, label = absolute("house.help_page", slug=current_tenant.slug), _("Besoin d'aide ?")
    is_mentee = isinstance(person, Mentee)
    lines = [
        _("La personne qui vous représente n'est pas d'accord : votre accompagnement s'arrête. Ce n'est pas votre faute.")
        if is_mentee
        else _("La personne qui vous représente n'est pas d'accord : votre mentorat s'arrête. Ce n'est pas votre faute."),
        _("Les rendez-vous sont annulés, et votre espace se ferme. Vous pouvez toujours appeler l'association."),
    ]
    subject = _("Votre accompagnement s'arrête") if is_mentee else _("Votre mentorat s'arrête")
    write_to("file_stopped", person.email, name, subject, [*lines, *reach], link, label)
    theirs, mentoring = _("L'accompagnement de %(name)s s'arrête", name=name), _("Le mentorat de %(name)s s'arrête", name=name)
    subject = theirs if is_mentee else mentoring
    asked = _("Comme vous l'avez demandé, les rendez-vous sont annulés. Un clic par erreur ? Dites-le à l'association.")
    write_to("file_stopped", address, guardian or "", subject, [asked, *reach], link, label)
    if (person.guardian_email or "").lower() != (address or "").lower():
        stopped = _("L'association ne prévoit plus aucun rendez-vous. Une question ? Écrivez-lui, ou appelez-la.")
        write_to("file_stopped", person.guardian_email, person.guardian_name or "", subject, [stopped, *reach], link, label)
