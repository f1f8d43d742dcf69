"""A guardian authorises by a link of their own: each thing apart, on a text that they read, and takes it back when they like.

What they give is an authorisation like any other (authorising.authorise): the gate of the database reads it.
"""

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import cast
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import joinedload

from app.accounts.links import is_marked, mark_of, record_of_token, record_token
from app.database import hold_row, now, one_at_a_time, prepared
from app.errors import DomainError
from app.extensions import db
from app.fields import same_mailbox
from app.leads.words import ADULT, ALONE, age_on, together
from app.mail import absolute
from app.tenants.paper import drawn
from app.tenants.resolve import current_tenant
from app.territory.queries import is_same_name
from app.translation import gettext as _
from app.web import local, today

from .actions import uninvite_minor
from .authorising import NotTheirs, authorise, take_back
from .guardians import guardians_of, person_of, refused_by_another
from .letters import file_link, how_to_reach, write_staff, write_to
from .models import Authorisation, AuthorisationKind, FileState, Guardianship, Mentee, Mentor
from .signals import gate_changed
from .words import ALLOWS, AUTHORISATIONS, ON_LINE

LINK = KIND = "autorisation"
TEXT_VERSION = "2026-11-30"  # of the page, and of the sheet to print
AGAIN = timedelta(hours=1)
SOON, LATER = timedelta(days=3), timedelta(days=7)  # as for the guardian of a request (decision 0021): at three days, at ten
TWICE, TOLD, OVER = 2, 3, 4  # of `chased`: the letters sent again; the team was told; nothing is awaited any more
OFFERED = (AuthorisationKind.PARTICIPATION, AuthorisationKind.HOME, AuthorisationKind.IMAGE)


class CannotAsk(DomainError):
    """No link can be sent to this guardian; the sentence says why."""


def opens(row: Guardianship, on: date) -> bool:
    """Whether a guardian's link leads anywhere: for a minor, at an address that is not the minor's own."""
    person, address = person_of(row), row.guardian.email
    is_theirs = address is not None and not same_mailbox(address, person.email)
    return is_theirs and person.erased_at is None and person.is_minor_on(on)


def may_be_asked(row: Guardianship, on: date) -> bool:
    """Whether a guardian can be written to, and allow: the file is open. What they allowed is taken back on a closed one too."""
    return opens(row, on) and person_of(row).state != FileState.WITHDRAWN


def ask(row: Guardianship) -> None:
    """Write to a guardian, with their link; once an hour at most. Raises CannotAsk."""
    hold_row(row)
    if not may_be_asked(row, today()):
        raise CannotAsk(_("Il manque une adresse de cette personne, ou le dossier n'en a plus besoin."))
    if row.asked_at is not None and row.asked_at > now() - AGAIN:
        raise CannotAsk(_("Le lien vient de partir : laissez-lui une heure."))
    row.chased = 0
    send_link(row)


def send_link(row: Guardianship) -> None:
    """The letter with their link."""
    row.asked_at = now()
    person = person_of(row)
    said = {"association": current_tenant.name, "name": person.first_name}
    first = (
        _("%(association)s vous demande ce que vous autorisez encore pour %(name)s.", **said)
        if AuthorisationKind.PARTICIPATION in in_force(person)
        else _("%(association)s accompagne %(name)s, et vous demande votre autorisation. Aucune rencontre n'a lieu avant.", **said)
    )
    page = _("La page dit ce que vous autorisez, point par point. Vous pourrez y revenir, et changer d'avis.")
    subject = _("Votre autorisation pour %(name)s", name=person.first_name)
    link = absolute("people.consent", token=link_of(row))
    write_to(KIND, row.guardian.email, row.guardian.name, subject, [first, page, *how_to_reach()], link, _("Lire et autoriser"))


def awaits(row: Guardianship) -> bool:
    """Whether an answer of this guardian is awaited still: no yes nor no since, here or on paper, and nothing was taken back."""
    if row.asked_at is None or row.says_no or not may_be_asked(row, today()):
        return False
    person, since = person_of(row), local(row.asked_at).date()
    said = [known for known in person.authorisations if known.kind in OFFERED]
    is_answered = any(known.created_at >= row.asked_at or (known.withdrawn_on and known.withdrawn_on >= since) for known in said)
    return not is_answered and AuthorisationKind.PARTICIPATION not in in_force(person)


def asked_of(person_ids: Collection[UUID]) -> dict[UUID, Guardianship]:
    """Of these people, the guardian who was asked last and has allowed nothing since, or said no: one statement for all."""
    rows = db.session.scalars(*unanswered(person_ids, current_tenant.zone.key))
    return {cast(UUID, row.mentee_id or row.mentor_id): row for row in rows}


@prepared
def unanswered(person_ids: Collection[UUID], zone: str) -> Select[Guardianship]:
    asked_on = func.date(func.timezone(zone, Guardianship.asked_at))
    since = or_(Authorisation.created_at >= Guardianship.asked_at, Authorisation.withdrawn_on >= asked_on)
    is_theirs = or_(Authorisation.mentee_id == Guardianship.mentee_id, Authorisation.mentor_id == Guardianship.mentor_id)
    answered = select(Authorisation.id).where(is_theirs, Authorisation.kind.in_(OFFERED), since)
    return (
        select(Guardianship)
        .where(or_(Guardianship.mentee_id.in_(person_ids), Guardianship.mentor_id.in_(person_ids)))
        .where(Guardianship.asked_at.is_not(None), or_(Guardianship.refused_at >= Guardianship.asked_at, ~answered.exists()))
        .options(joinedload(Guardianship.guardian))
        .order_by(Guardianship.asked_at)
    )


def watch() -> None:
    """Every hour, by day: a guardian who does not answer is asked again after three days, a week later; then the team is told."""
    is_due = or_(Guardianship.asked_at < now() - LATER, and_(Guardianship.chased == 0, Guardianship.asked_at < now() - SOON))
    rows = select(Guardianship).where(Guardianship.chased <= TWICE, is_due).order_by(Guardianship.id).limit(200)
    for row in db.session.scalars(rows.with_for_update(skip_locked=True)).all():
        if not awaits(row):
            row.chased = OVER
        elif row.chased < TWICE:
            row.chased += 1
            send_link(row)
        else:
            row.chased = TOLD
            said = {"who": row.guardian.name, "name": person_of(row).first_name}
            line = _("%(who)s n'a pas répondu à la demande d'autorisation, ni à deux rappels. Un appel aide souvent.", **said)
            tell_team(person_of(row), _("Sans réponse : une autorisation pour %(name)s", **said), line)


def link_of(row: Guardianship) -> str:
    return record_token(LINK, row.tenant_id, row.id, mark_of(row.guardian.email))


def page_of(person: Mentor | Mentee, address: str | None) -> str | None:
    """Where whoever represents somebody at this address reads what they allowed, and takes it back; None when nobody does there."""
    rows = (row for row in guardians_of(person) if opens(row, today()) and same_mailbox(row.guardian.email, address))
    return next((absolute("people.consent", token=link_of(row)) for row in rows), None)


def guardianship_of(token: str) -> Guardianship | None:
    """Enter the space that a link names, and find whom the guardian represents; None when it leads nowhere any more."""
    row = record_of_token(Guardianship, LINK, token)
    if row is None or not opens(row, today()) or not is_marked(token, LINK, row.guardian.email):
        return None
    return row


def offered(person: Mentor | Mentee) -> list[AuthorisationKind]:
    """What a guardian is asked for: nothing about homes where the association does not go, or where they chose not to meet."""
    is_home = not current_tenant.places or "home" in current_tenant.places
    return [
        kind for kind in OFFERED if kind != AuthorisationKind.HOME or (is_home and (not person.places or "home" in person.places))
    ]


def in_force(person: Mentor | Mentee) -> dict[str, Authorisation]:
    """What is allowed now, by kind: the last word of each."""
    return {row.kind: row for row in reversed(person.authorisations) if row.withdrawn_on is None and row.kind in OFFERED}


def give(row: Guardianship, kinds: Collection[AuthorisationKind], name: str) -> bool:
    """The guardian allows this, under their own name; the team is told, and a minor who waited for it is invited.

    False where another guardian has said no to the participation: nothing is noted, and the team speaks with both. An association
    that knows of a no may not presume that each acts with the other's agreement (Code civil, art. 372-2).
    Raises NotTheirs, CannotAsk once the file is closed, or they represent nobody here any more.
    """
    if not is_same_name(name, row.guardian.name):
        raise NotTheirs(
            _("L'association a noté « %(name)s » : écrivez ce nom, ou demandez-lui de le corriger.", name=row.guardian.name)
        )
    person = answering(row)
    fresh = [kind for kind in kinds if kind not in in_force(person)]
    if AuthorisationKind.PARTICIPATION in fresh and (other := refused_by_another(person, name)) is not None:
        row.chased = OVER
        said = {"who": name, "name": person.full_name, "other": other}
        line = _("%(who)s veut autoriser %(name)s à participer, mais %(other)s n'autorise pas. Rien n'est noté : parlez avec "
                 "les deux. Un accord donné depuis se note sur le dossier.", **said)  # fmt: skip
        tell_team(person, _("Deux réponses contraires pour %(name)s", name=person.first_name), line)
        return False
    for kind in fresh:
        authorise(person, kind, name, today(), ON_LINE, None, TEXT_VERSION)
    if fresh:
        tell_team(
            person,
            _("Une autorisation pour %(name)s", name=person.first_name),
            _("%(who)s autorise pour %(name)s : %(what)s.", who=name, name=person.full_name, what=named(fresh)),
        )
    return True


def answering(row: Guardianship) -> Mentor | Mentee:
    """Whom a guardian answers about, with nobody else at work on it. Raises CannotAsk when they are asked nothing any more."""
    person = alone_with(row)
    if db.session.scalar(select(Guardianship.id).where(Guardianship.id == row.id)) is None:
        raise CannotAsk(
            _(
                "L'association ne vous compte plus parmi ceux qui représentent %(name)s : appelez-la.",
                name=person.first_name,
            )
        )
    if not may_be_asked(row, today()):
        raise CannotAsk(_("Ce dossier est fermé : il n'y a plus rien à autoriser."))
    return person


def refuse(row: Guardianship) -> None:
    """The guardian does not authorise: nobody asks again, the team is told; their later yes counts. Twice is once.

    Raises CannotAsk. What was allowed since they opened the page, by another or on paper, is taken back.
    """
    person = answering(row)
    db.session.refresh(row)
    known = in_force(person).get(AuthorisationKind.PARTICIPATION)
    if known is not None:
        take_back(known, today())
    if known is not None or not row.says_no:
        row.refused_at, row.chased = now(), OVER
        said = {"who": row.guardian.name, "name": person.full_name}
        line = _(
            "%(who)s n'autorise pas %(name)s à participer au mentorat. Aucun rappel ne part plus ; un appel aide souvent.", **said
        )
        tell_team(person, _("Un refus d'autorisation pour %(name)s", name=person.first_name), line)


def named(kinds: Collection[AuthorisationKind]) -> str:
    """What was allowed, or is no more, in words."""
    return together([str(AUTHORISATIONS[kind]).lower() for kind in kinds])


def withdraw(row: Guardianship, kind: AuthorisationKind) -> None:
    """The guardian takes something back: what it allowed is called off at once, and the team is told. Twice is once."""
    person = alone_with(row)
    known = in_force(person).get(kind)
    if known is not None:
        take_back(known, today())
        if kind == AuthorisationKind.PARTICIPATION:
            row.refused_at = now()
        tell_team(
            person,
            _("Une autorisation retirée pour %(name)s", name=person.first_name),
            _(
                "%(who)s n'autorise plus pour %(name)s : %(what)s.",
                who=row.guardian.name,
                name=person.full_name,
                what=named([kind]),
            ),
        )


def take_all_back(row: Guardianship) -> None:
    """A guardian represents this person no more: what they allowed, by their link or on paper, ends; what another allowed stays."""
    person, name = alone_with(row), row.guardian.name
    if any(other.id != row.id and is_same_name(other.guardian.name, name) for other in guardians_of(person)):
        return  # noted twice
    mine = [
        known
        for known in person.authorisations
        if known.withdrawn_on is None and AuthorisationKind(known.kind).is_of_guardian and is_same_name(known.given_by, name)
    ]
    for known in mine:
        known.withdrawn_on, known.lapsed = today(), True
    if mine:
        uninvite_minor(person)
        gate_changed.send(person)


def asks_agreement(person: Mentee, on: date) -> bool:
    """Whether the jeune's own word is still to be had: under 15 beside a guardian's, from 18 in its place (gate_missing)."""
    age, mine = person.age_on(on), own_agreements(person, on)
    if age is None or ALONE <= age < ADULT:
        return False
    if age < ALONE:
        return not mine
    born = cast(date, person.birth_date)
    allowed = [row for row in person.authorisations if row.kind == AuthorisationKind.PARTICIPATION]
    was_minor = any(age_on(born, row.given_on) < ADULT for row in allowed)
    return was_minor and not any(age_on(born, row.given_on) >= ALONE for row in mine)


def own_agreements(person: Mentee, on: date) -> list[Authorisation]:
    """The jeune's own agreements that hold on a day; none at an age at which nothing depends on them."""
    age = person.age_on(on)
    if age is None or ALONE <= age < ADULT:
        return []
    return [row for row in person.authorisations if row.kind == AuthorisationKind.OWN_AGREEMENT and row.holds_on(on)]


def agreement_of(person: Mentee, on: date) -> Authorisation | None:
    """The last of them: the most recent comes first."""
    return next(iter(own_agreements(person, on)), None)


def agree(person: Mentee) -> None:
    """The jeune agrees, in their own space; the team is told. Twice is once."""
    is_news = asks_agreement(person, today())
    authorise(person, AuthorisationKind.OWN_AGREEMENT, person.full_name, today(), ON_LINE, by=None, text_version=TEXT_VERSION)
    if is_news:
        said = _("%(who)s a donné son propre accord.", who=person.full_name)
        tell_team(person, _("%(name)s a donné son accord", name=person.first_name), said)


def disagree(person: Mentee) -> None:
    """They take it back: what it allowed is called off at once, and the team is told. Twice is once."""
    known = agreement_of(person, today())
    if known is not None:
        take_back(known, today())
        said = _("%(who)s retire son propre accord.", who=person.full_name)
        tell_team(person, _("%(name)s retire son accord", name=person.first_name), said)


def alone_with(row: Guardianship) -> Mentor | Mentee:
    """The person and their authorisations as they are now; whoever else changes them waits. No row is locked: pairs come first."""
    person = person_of(row)
    one_at_a_time("authorisation", person.id)
    db.session.refresh(person)
    db.session.expire(person, ["authorisations"])
    return person


def tell_team(person: Mentor | Mentee, subject: str, said: str) -> None:
    """One letter to the team, that leads to the file. Its subject, which is kept, says a first name and no more."""
    lines = [said, _("Le dossier dit ce qui est autorisé aujourd'hui.")]
    write_staff(KIND, subject, lines, file_link(person), _("Ouvrir le dossier"), about=person)


def sheet(person: Mentor | Mentee, names: Sequence[str]) -> bytes:
    """The same to print and sign, for who has no address: a PDF. Of several who may sign, none is named."""
    name = names[0] if len(names) == 1 else ""
    said = {"kinds": offered(person), "allows": ALLOWS, "version": TEXT_VERSION}
    return drawn("documents/authorisation.html", person=person, name=name, **said)
