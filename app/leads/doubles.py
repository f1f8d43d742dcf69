"""The same person asking twice: the second request waits beside the first until somebody says that they are one, or two people's.

Whoever sends the second one learns nothing of the first: their page is that of any request, and the word that a request exists
already goes to the address given the first time. Nothing is ever joined without a person's decision: brothers and sisters share an
address, and a stranger may type somebody's name.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, update

from app.database import one_at_a_time
from app.errors import DomainError
from app.extensions import db
from app.mail import Letter, send
from app.tenants.models import Tenant
from app.tenants.resolve import current_tenant, rules_for
from app.territory.queries import is_same_name, plain
from app.translation import gettext as _
from app.translation import lazy_gettext as _l
from app.web import local, today

from . import actions, clock, guardian, queries
from .forms import TAKEN
from .models import OPEN_STATES, Lead, LeadState
from .signals import closed_file_asked

SHARE = 500  # requests whose like is looked for together: a statement takes so many values
AGREE = OPEN_STATES - {LeadState.MOVED} | {LeadState.ACCEPTED}  # states of a first request that a second one repeats
GONE = _l("Il n'y a plus rien à comparer : une des deux demandes a changé entre-temps.")


class CannotJoin(DomainError):
    """These two requests cannot be made one; the sentence says what to do."""


class Undecided(DomainError):
    """A request is not accepted while nobody has said whether it repeats another: one person would have two files."""


def same_person(lead: Lead) -> Lead | None:
    """The oldest request of this space, open or accepted, that is perhaps the same person's."""
    return first_match(lead, by_mark(candidates([lead])))


def candidates(leads: Sequence[Lead]) -> Sequence[Lead]:
    """The requests, open or accepted, that share an address or a number with one of these, or a date of birth and a word of a name.

    A file where nobody's date of birth is known may give everybody the same one: the word keeps the others in the database.
    """
    by_day: dict[date, set[str]] = {}
    for lead in leads:
        if lead.birth_date:
            by_day.setdefault(lead.birth_date, set()).add(longest_word(lead.full_name))
    statement = select(Lead).where(
        Lead.state.in_(AGREE),
        or_(
            func.lower(Lead.email).in_({lead.email.lower() for lead in leads if lead.email}),
            Lead.phone.in_({lead.phone for lead in leads if lead.phone}),
            *(and_(Lead.birth_date == day, has_one_of(words)) for day, words in by_day.items()),
        ),  # each by its own index
    )
    return db.session.scalars(statement).all()


def has_one_of(words: Collection[str]) -> ColumnElement[bool]:
    """Whether a request's name has one of these words."""
    return or_(*(func.strpos(Lead.searched, word) > 0 for word in sorted(words)))


def longest_word(name: str) -> str:
    """What of a name is looked for: « bernard » of « Inès Bernard »; nothing of one in another script, which anything has."""
    return max(plain(name).split(), key=len, default="")


def marks_of(lead: Lead) -> list[tuple[str, str]]:
    """What may be shared with another request of the same person."""
    marks = ("email", (lead.email or "").lower()), ("phone", lead.phone or ""), ("born", str(lead.birth_date or ""))
    return [mark for mark in marks if mark[1]]


def by_mark(leads: Sequence[Lead]) -> dict[tuple[str, str], list[Lead]]:
    """The same requests, found by what may be shared."""
    found: dict[tuple[str, str], list[Lead]] = {}
    for lead in leads:
        for mark in marks_of(lead):
            found.setdefault(mark, []).append(lead)
    return found


def first_match(lead: Lead, known: Mapping[tuple[str, str], Sequence[Lead]]) -> Lead | None:
    """The oldest that a request repeats; never one that repeats it."""
    others = {other.id: other for mark in marks_of(lead) for other in known.get(mark, ())}.values()
    alike = [o for o in others if o.kind == lead.kind and lead.id not in {o.id, o.same_as} and agree(lead, o)]
    return min(alike, key=lambda o: (o.requested_at, o.id), default=None)


def agree(lead: Lead, other: Lead) -> bool:
    """Whether two requests may be one person's: the same address or number, or the same name and date of birth.

    Case, accents and the order of the names do not count. Somebody with another first name and another date of birth is somebody
    else, who shares an address: brothers and sisters do.
    """
    contact = (lead.email and lead.email.lower() == (other.email or "").lower()) or (lead.phone and lead.phone == other.phone)
    born = lead.birth_date is not None and lead.birth_date == other.birth_date
    if (contact or born) and is_same_name(lead.full_name, other.full_name):
        return True
    return bool(contact and (born or is_same_name(lead.first_name, other.first_name) or begin_alike(lead, other)))


def begin_alike(lead: Lead, other: Lead) -> bool:
    """Whether one gave a first name and the other two (« Awa », « Awa Marie » Diallo), and no date of birth says otherwise."""
    firsts = plain(lead.first_name).split()[:1], plain(other.first_name).split()[:1]
    told = lead.birth_date and other.birth_date
    return bool(firsts[0] and firsts[0] == firsts[1] and is_same_name(lead.last_name, other.last_name) and not told)


def note(leads: Sequence[Lead], tenant: Tenant) -> set[UUID]:
    """Mark the requests, among those that have just arrived, that repeat another, and remind who asked again of their first one.

    Two of one person that arrive at the same instant come one after the other. Returns which they are.
    """
    one_at_a_time("doubles", tenant.id)  # before the places are counted, as everywhere, and with no request that others answer
    fresh, repeated = {lead.id for lead in leads}, dict[UUID, Lead]()
    shares = (leads[first : first + SHARE] for first in range(0, len(leads), SHARE))
    known = by_mark([other for share in shares for other in candidates(share) if other.id not in fresh])
    for lead in leads:
        same = first_match(lead, known)
        for mark in marks_of(lead):
            known.setdefault(mark, []).append(lead)
        if same is not None:
            lead.same_as = same.id
            actions.tell(lead, "double")
            repeated[lead.id] = same
    asked = {lead.id for lead in leads if lead.fingerprint is None}  # a row of a file is the team's doing, not theirs
    for same in {same.id: same for lead_id, same in repeated.items() if lead_id in asked}.values():
        if not has_left(same):
            remind(same, tenant)
    db.session.flush()  # a first request that somebody answers now is waited for here: they may count the places next
    return set(repeated)


def remind(lead: Lead, tenant: Tenant) -> None:
    """Write to the person that their request exists, at the address that it gave; once a day, however often a form is sent."""
    if lead.mailbox and not recently_told(lead):
        actions.tell(lead, "asked_again")
        letter = Letter("lead_known", _("Votre demande existe déjà"))
        send(letter, lead.mailbox, lead=lead, tenant=tenant, link=actions.their_link(lead))


def recently_told(lead: Lead) -> bool:
    """Whether the person was reminded today."""
    return any(event.what == "asked_again" and local(event.created_at).date() == today() for event in queries.history_of(lead))


def first_of(lead: Lead) -> Lead | None:
    """The request that this one repeats, while both stand."""
    if lead.same_as is None or not lead.is_open:
        return None
    same = db.session.get(Lead, (lead.tenant_id, lead.same_as))
    return same if same is not None and same.state in AGREE else None


def has_left(first: Lead) -> bool:
    """Whether the file that a first request opened is closed: who asks again comes back, and has a second file."""
    return first.accepted_at is not None and any(said for _receiver, said in closed_file_asked.send(first))


def refuse_undecided(lead: Lead) -> None:
    """Somebody says first whether this request repeats the one that it looks like. Raises Undecided."""
    first = first_of(lead)
    if first is not None and not has_left(first):
        raise Undecided(_("%(name)s a peut-être déjà une demande ici : dites d'abord, sur sa page, si c'est la même personne.",
                          name=lead.full_name))  # fmt: skip


def joined_to(lead: Lead) -> Sequence[Lead]:
    """The requests that were made one with this one."""
    return db.session.scalars(queries.joined_to(lead)).all()


def keep_own(lead: Lead) -> None:
    """What came first straight here, and was joined to what the programme takes back, is answered as if it had just arrived."""
    for own in [one for one in joined_to(lead) if one.orientation_id is None][:1]:
        own.state, own.same_as, own.reminded = LeadState.RECEIVED, None, None
        clock.start(own, today(), rules_for(current_tenant).answer_days)
        actions.tell(own, "distinct")
        repoint(lead, own)  # the same person's others
    db.session.flush()  # what is forgotten is read again


def pair_of(lead: Lead) -> tuple[Lead, Lead] | None:
    """Which of the two stays, and which is joined to it: what the programme oriented stays; else the first one does."""
    first = first_of(lead)
    if first is None:
        return None
    return (lead, first) if lead.orientation_id and not first.orientation_id and first.is_open else (first, lead)


def differences(kept: Lead, other: Lead) -> Mapping[str, tuple[Any, Any]]:
    """What may be chosen: where both say something else."""
    found = {name: (getattr(kept, name), getattr(other, name)) for name in TAKEN}
    return {name: values for name, values in found.items() if values[1] and values[0] != values[1]}


def join(lead: Lead, taken: Collection[str], by: UUID) -> Lead:
    """Make the two one, taking from the second what was chosen; the second one and its history stay readable behind the first.

    Raises CannotJoin, or AlreadyAnswered when one of them is gone; done again, nothing changes.
    """
    pair = pair_of(lead)
    if pair is None:
        raise CannotJoin(GONE)
    kept, other = (actions.locked(one) for one in sorted(pair, key=lambda one: one.id))
    if kept.id != pair[0].id:
        kept, other = other, kept
    if kept.state not in AGREE:
        raise CannotJoin(GONE)
    if has_left(kept):
        raise CannotJoin(_("Le dossier de la première demande est fermé : la personne revient. Acceptez sa nouvelle demande."))
    if kept.is_open and kept.orientation_id and other.orientation_id:
        raise CannotJoin(_("Les deux viennent du programme : rendez celle-ci avec la raison « Déjà connue ici », il les réunira."))
    if other.state not in OPEN_STATES - {LeadState.ORIENTED, LeadState.MOVED}:
        raise CannotJoin(_("Cette demande n'attend plus ici : elle ne peut plus être réunie."))
    if kept.is_open:
        actions.change(kept, {name: getattr(other, name) for name in taken if name in differences(kept, other)})
    other.state, other.same_as, other.waiting_reason, other.next_try_on = LeadState.JOINED, kept.id, None, None
    kept.same_as = None
    repoint(other, kept)
    actions.tell(other, "joined", user_id=by)  # read in the history of the one that stays, too
    actions.report_answer(other.orientation_id)
    return kept


def repoint(other: Lead, kept: Lead) -> None:
    """What was joined to one, or looks like it, is joined to the other: erasing and copying follow one step."""
    db.session.execute(update(Lead).where(Lead.same_as == other.id, Lead.id != kept.id).values(same_as=kept.id))


def separate(lead: Lead, tenant: Tenant, by: UUID) -> None:
    """Two people: the second request goes its own way, once its guardian agrees. Done again, nothing changes."""
    lead = actions.locked(lead)
    held = tenant.is_programme and lead.state == LeadState.WAITING and lead.waiting_reason == "double"
    if not lead.is_open or (lead.same_as is None and not held):
        return
    lead.same_as = None
    actions.tell(lead, "distinct", user_id=by)
    db.session.flush()  # the next choice reads it
    awaited = guardian.is_awaited(lead, today())
    if awaited and (held or not tenant.is_programme):
        guardian.ask(lead, tenant)
    if held and awaited:
        lead.waiting_reason = "guardian"
    elif held:
        actions.go_on(lead, tenant, queries.last_refusal(lead), today())
