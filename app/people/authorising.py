"""What somebody allows, for themself or for a minor whom they represent: noted, and taken back."""

from datetime import date
from uuid import UUID

from sqlalchemy import select

from app.database import hold_row, one_at_a_time
from app.errors import DomainError
from app.extensions import db
from app.leads.calendar import add_months
from app.leads.words import TEXT_VERSION
from app.territory.queries import is_same_name
from app.translation import gettext as _
from app.web import iso_day, today

from .actions import held, invitation_obstacle, invite_person, uninvite_minor
from .erased import refuse_erased
from .guardians import forget_refusal, last_no, names_of_guardians, person_of, whose
from .models import Authorisation, AuthorisationKind, Mentee, Mentor
from .signals import gate_changed, person_held
from .words import ON_LINE


class NotTheirs(DomainError):
    """Somebody under 18 does not allow this for themself, nor does whoever does not represent them."""


def authorise(
    person: Mentor | Mentee, kind: AuthorisationKind, given_by: str, given_on: date, how: str, by: UUID | None,
    text_version: str = TEXT_VERSION,
) -> Authorisation:  # fmt: skip
    """Record that somebody allowed something; a minor who waited for it is invited. A yearly evaluation ends after a year.

    Noted by two at once, or twice, it is one. Raises Erased, and NotTheirs when one is said to allow what the other must.
    """
    if kind == AuthorisationKind.OWN_AGREEMENT and not is_same_name(given_by, person.full_name):
        raise NotTheirs(_("C'est %(name)s qui donne son propre accord : personne ne le donne à sa place.", name=person.first_name))
    one_at_a_time("authorisation", person.id)  # first, as a guardian's link does: neither has what the other waits for
    refuse_erased(held(person))
    is_theirs = kind == AuthorisationKind.OWN_AGREEMENT or AuthorisationKind(kind).is_protected or not person.is_minor_on(today())
    if not is_theirs:
        refuse_others(person, given_by, by)
    if by is not None:
        refuse_older(person, kind, given_by, given_on)
    said = {**whose(person), "kind": kind, "given_by": given_by, "given_on": given_on, "how": how}
    known = db.session.scalars(select(Authorisation).filter_by(**said, withdrawn_on=None)).first()
    if known is not None:
        return known
    authorisation = Authorisation(
        **said,
        text_version=text_version,
        recorded_by=by,
        ends_on=add_months(given_on, 12) if kind == AuthorisationKind.ASE_EVALUATION else None,
    )
    db.session.add(authorisation)
    if kind == AuthorisationKind.PARTICIPATION:
        forget_refusal(person, given_by)
    db.session.flush()  # whether an invitation may leave is read from the table
    db.session.expire(person, ["authorisations"])
    gate_changed.send(person)
    if person.invited_at is None and invitation_obstacle(person) is None:
        invite_person(person)
    return authorisation


def refuse_older(person: Mentor | Mentee, kind: AuthorisationKind, given_by: str, given_on: date) -> None:
    """What was taken back since opens nothing again; nor, after a word by a guardian's link, an earlier paper. Raises NotTheirs."""
    for row in person.authorisations:
        is_covered = row.how == ON_LINE or given_on <= row.given_on  # a paper that was noted wrong is taken back, and noted right
        if row.kind == kind and row.withdrawn_on and not row.lapsed and given_on < row.withdrawn_on and is_covered:
            when = iso_day(row.withdrawn_on.isoformat())
            raise NotTheirs(_("Cette autorisation a été retirée le %(day)s : notez celle qui a été donnée depuis.", day=when))
    said_no = last_no(person, kind, given_by)
    if said_no and given_on < said_no:
        when = iso_day(said_no.isoformat())
        raise NotTheirs(_("Refusé le %(day)s par un lien : notez un accord donné depuis.", day=when))


def refuse_others(person: Mentor | Mentee, given_by: str, by: UUID | None) -> None:
    """For a minor, one of those who are noted as representing them allows, and nobody else. Raises NotTheirs.

    A father may have his child's name: somebody of the team notes what he allows. By a link, nobody knows which of the two it is.
    """
    names = names_of_guardians(person)
    is_noted, is_own = any(is_same_name(given_by, name) for name in names), is_same_name(given_by, person.full_name)
    if is_noted and is_own and by is None:
        said = _(
            "Ce nom est aussi celui de %(name)s : donnez votre autorisation à l'association, sur papier.", name=person.first_name
        )
        raise NotTheirs(said)
    if is_noted:
        return
    if is_own:
        raise NotTheirs(_("Avant 18 ans, c'est la personne qui représente %(name)s qui autorise.", name=person.first_name))
    if not names:
        raise NotTheirs(_("Notez d'abord qui représente %(name)s : c'est cette personne qui autorise.", name=person.first_name))
    known = {"name": person.first_name, "known": ", ".join(names)}
    raise NotTheirs(_("Représente %(name)s : %(known)s. Si c'est quelqu'un d'autre, notez-le d'abord.", **known))


def take_back(authorisation: Authorisation, on: date) -> None:
    """An authorisation is withdrawn; the record of both moments stays, and what it allowed is called off.

    It may have been noted several times: whoever takes it back takes all of that kind back.
    """
    person = person_of(authorisation)
    one_at_a_time("authorisation", person.id)
    person_held.send(person)
    if hold_row(authorisation).withdrawn_on is not None:
        return
    db.session.expire(person, ["authorisations"])
    for row in person.authorisations:
        if row.kind == authorisation.kind and row.withdrawn_on is None:
            row.withdrawn_on = on
    if authorisation.kind == AuthorisationKind.PARTICIPATION:
        uninvite_minor(person)
    gate_changed.send(person)
