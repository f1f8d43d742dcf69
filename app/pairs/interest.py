"""Each of the two is asked, by a link, whether they are interested. Silence or no frees the other, who is first in line."""

from collections.abc import Callable, Container, Sequence
from datetime import timedelta
from functools import cache
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.accounts.links import is_marked, mark_of, record_of_token, record_token
from app.accounts.queries import addresses_by_user, admin_addresses, current_member
from app.database import hold_row, now, uuid7
from app.extensions import db
from app.guard import is_alarming
from app.mail import absolute
from app.people.letters import how_to_reach, space_link, write, write_to
from app.people.models import Mentee, Mentor
from app.tenants.models import Staff
from app.tenants.resolve import current_tenant
from app.tenants.scope import current_tenant_id
from app.translation import gettext as _
from app.translation import lazy_gettext as _l
from app.web import day, today

from .life import KIND, NotNow, drop, locked, note
from .matching_models import MatchWish
from .models import Pair, PairAnswer, PairState, other_side
from .own import accounts_by_pair
from .rest import put_first
from .settings import settings

LINK = "rencontre"
SIDES = ("mentee", "mentor")
QUESTION = _l("Une personne à rencontrer")


class Outcome(NamedTuple):
    """What became of a proposal, said to one of the two; and of them, to whoever represents them."""

    subject: str
    sentence: str
    subject_for: str
    sentence_for: str


def ask_first(pair: Pair) -> None:
    """Ask whom the association asks first."""
    ask(pair, settings().first)


def ask(pair: Pair, side: str) -> PairAnswer:
    """Write to one of the two; a minor without an address is asked through who represents them. Twice is once."""
    known = answer_of(pair, side)
    if known is not None:
        return known
    row = PairAnswer(pair_id=pair.id, pair=pair, side=side, answer_by=today() + timedelta(days=settings().answer_days))
    db.session.add(row)
    db.session.flush()
    note(pair, f"asked_{side}" if address_of(row) else f"call_{side}")
    write_about(row)
    return row


def said_of_question(pair: Pair) -> str:
    """Whether a letter left to the first of the two, or who is to be called."""
    to_call = next((row.pair.person(row.side).first_name for row in answers_of(pair).values() if not address_of(row)), None)
    if to_call:
        return _("%(name)s n'a pas d'adresse : appelez, puis notez sa réponse ici.", name=to_call)
    return _("La question est partie.")


def write_about(row: PairAnswer) -> None:
    """The letter with the link; where nobody has an address, the team is told to ask by telephone and to note the answer."""
    person, address = row.pair.person(row.side), address_of(row)
    row.sent_mark = mark_of(address)
    if address is None:
        sentence = _(
            "%(pair)s : %(name)s n'a pas d'adresse. Appelez, puis notez la réponse.", pair=row.pair.title, name=person.first_name
        )
        tell_team(row.pair, _("Une personne à appeler"), sentence)
        return
    is_theirs, until = address == person.email, day(row.answer_by)
    found = _("%(association)s a trouvé quelqu'un avec qui vous pourriez former un binôme.", association=current_tenant.name)
    found_for = _(
        "%(association)s a trouvé quelqu'un avec qui %(name)s pourrait former un binôme. Parlez-en ensemble.",
        association=current_tenant.name,
        name=person.first_name,
    )
    write_to(
        KIND,
        address,
        person.first_name if is_theirs else person.guardian_name or "",
        str(QUESTION),
        [
            found if is_theirs else found_for,
            _(
                "Lisez sa présentation, puis répondez oui ou non : rien n'est décidé sans vous. Vous avez jusqu'au %(day)s.",
                day=until,
            ),
        ],
        absolute("pairs.interest", token=record_token(LINK, row.tenant_id, row.id, mark_of(address))),
        _("Lire et répondre"),
    )
    if is_theirs and row.reminded_on is None:
        tell_guardian(person, until)


def tell_guardian(person: Mentor | Mentee, until: str) -> None:
    """Whoever represents a minor learns that they are asked; the answer stays theirs, and so does the link."""
    if not person.is_minor_on(today()) or not person.guardian_email:
        return
    said = {"association": current_tenant.name, "name": person.first_name, "day": until}
    lines = [
        _("%(association)s a trouvé quelqu'un avec qui %(name)s pourrait former un binôme, et lui demande son avis d'ici au "
          "%(day)s. Parlez-en ensemble.", **said),
        _("Rien n'est décidé sans %(name)s, et vous pouvez retirer votre autorisation quand vous voulez.", **said),
    ]  # fmt: skip
    write_guardian(person.guardian_email, person.guardian_name, _("Une personne à rencontrer, pour %(name)s", **said), lines)


def write_guardian(address: str | None, name: str | None, subject: str, lines: Sequence[str]) -> None:
    """Write to whoever represents a minor, who has no space of their own."""
    link, label = absolute("house.data", slug=current_tenant.slug), _("Comment vos données sont utilisées")
    write_to(KIND, address, name or "", subject, [*lines, *how_to_reach()], link, label)


def address_of(row: PairAnswer) -> str | None:
    """Where one of the two is asked."""
    return mailbox(row.pair.person(row.side))


def mailbox(person: Mentor | Mentee) -> str | None:
    """Where somebody is asked, and told: at their own address, or a minor's guardian's."""
    return person.email or (person.guardian_email if person.is_minor_on(today()) else None)


def answer_of_token(token: str) -> PairAnswer | None:
    """Enter the space that a link names, and find the question; None when the link leads nowhere."""
    row = record_of_token(PairAnswer, LINK, token)
    return row if row is not None and is_marked(token, LINK, address_of(row)) else None  # an address that was wrong opens nothing


def answer_of(pair: Pair, side: str) -> PairAnswer | None:
    return db.session.scalar(select(PairAnswer).where(PairAnswer.pair_id == pair.id, PairAnswer.side == side))


def answers_of(pair: Pair) -> dict[str, PairAnswer]:
    """Those who were asked: side -> the question."""
    return {row.side: row for row in db.session.scalars(select(PairAnswer).where(PairAnswer.pair_id == pair.id))}


def is_over(row: PairAnswer) -> bool:
    """Whether nothing can be answered any more: the pair went another way."""
    return row.pair.state != PairState.PROPOSED


def answer(row: PairAnswer, is_yes: bool, word: str = "", by: UUID | None = None) -> None:
    """Yes asks the other, then confirms; no ends it, and puts the other first in line. The same answer twice is once.

    A yes may become a no until both have said yes. Raises NotNow when the answer comes too late, or after a no.
    """
    pair = locked(row.pair)
    hold_row(row)
    if row.is_yes is is_yes:
        return
    if row.is_yes is False or pair.state != PairState.PROPOSED:
        raise NotNow(_("Cette proposition n'attend plus de réponse. L'association peut vous en dire plus."))
    if by is None and row.is_yes is None and row.answer_by < today():
        raise NotNow(_("Le délai pour répondre est passé. Écrivez à l'association : elle peut vous le proposer de nouveau."))
    row.is_yes, row.answered_at, row.word = is_yes, now(), word
    note(pair, f"{'yes' if is_yes else 'no'}_{row.side}", by, word)
    if by is None:
        tell_danger(pair, row.side, word)
    if not is_yes:
        end(row, f"no_{row.side}", by)
        return
    other = ask(pair, other_side(row.side))
    if other.is_yes:
        confirm(pair)


def confirm(pair: Pair) -> None:
    """Both said yes: the coordinator goes on from here."""
    pair.state = PairState.CONFIRMED
    note(pair, "confirmed")
    for side in SIDES:
        tell(pair, side, agreed)
    tell_team(
        pair, _("Un binôme est confirmé"), _("%(pair)s : les deux ont dit oui. À vous de préparer la suite.", pair=pair.title)
    )


def end(row: PairAnswer, reason: str, by: UUID | None = None) -> None:
    """These two are not proposed to each other again, and the one who did nothing wrong is first in line."""
    pair = row.pair
    wish = {
        "tenant_id": current_tenant_id(),
        "id": uuid7(),
        "mentor_id": pair.mentor_id,
        "mentee_id": pair.mentee_id,
        "is_pin": False,
        "reason": reason,
        "made_by": by,
    }
    unwanted = {"is_pin": False, "reason": reason}
    statement = insert(MatchWish).values(**wish)
    db.session.execute(statement.on_conflict_do_update(index_elements=["tenant_id", "mentee_id", "mentor_id"], set_=unwanted))
    is_next = put_first(pair.person(other_side(row.side)))
    other = answer_of(pair, other_side(row.side))
    if other is not None and other.is_yes is not False:  # whoever was asked, and did not say no
        tell(pair, other.side, off if is_next else halted)
    drop(pair, reason, by)
    one, another = pair.person(row.side).first_name, pair.person(other_side(row.side)).first_name
    why = _("%(pair)s : %(name)s n'a pas répondu à temps.") if row.is_yes is None else _("%(pair)s : %(name)s a dit non.")
    turn = _("%(name)s passe en tête de liste.") if is_next else _("%(name)s est au repos : personne ne lui est proposé.")
    tell_team(pair, _("Un binôme ne se fait pas"), f"{_(why, pair=pair.title, name=one)} {_(turn, name=another)}")


def knowing(pair: Pair, asked: Container[str]) -> list[str]:
    """Which of the two know of a pair that forms: whoever was asked, or both once it is agreed."""
    return [side for side in SIDES if pair.is_known or side in asked]


def agreed(name: str) -> Outcome:
    """Both said yes."""
    return Outcome(
        _("C'est oui des deux côtés"),
        _("Bonne nouvelle. L'association prépare la suite et vous écrit."),
        _("Le binôme de %(name)s : c'est oui des deux côtés", name=name),
        _("Bonne nouvelle pour %(name)s. L'association prépare la suite et vous écrit.", name=name),
    )


def off(name: str) -> Outcome:
    """It is not made, and their turn is the next."""
    return Outcome(
        _("Ce binôme ne se fait pas"),
        _("Ce binôme ne se fera pas, et cela ne dit rien de vous. Vous êtes en tête de liste pour la suite."),
        _("Le binôme de %(name)s ne se fait pas", name=name),
        _("Ce binôme ne se fera pas, et cela ne dit rien de %(name)s, qui est en tête de liste pour la suite.", name=name),
    )


def halted(name: str) -> Outcome:
    """It is not made, for something of theirs is missing, or stands against it, which is not said here: they are not the next."""
    sentence = _("Ce binôme ne se fera pas. L'association vous en dira plus.")
    return Outcome(_("Ce binôme ne se fait pas"), sentence, _("Le binôme de %(name)s ne se fait pas", name=name), sentence)


def tell(pair: Pair, side: str, outcome: Callable[[str], Outcome]) -> None:
    """Write to one of the two; of a minor who has no address, to whoever was asked in their place."""
    person = pair.person(side)
    said = outcome(person.first_name)
    if person.email:
        write(KIND, person, said.subject, [said.sentence], space_link("followup.home"), _("Ouvrir mon espace"))
    else:
        write_guardian(mailbox(person), person.guardian_name, said.subject_for, [said.sentence_for])


def followers_of(pairs: Sequence[Pair]) -> dict[UUID, Sequence[str]]:
    """Where to write to whoever follows each pair now; to the administrators when nobody does, or when it is about who does."""
    about, admins = accounts_by_pair(*pairs), cache(admin_addresses)
    known = addresses_by_user() if any(pair.coordinator for pair in pairs) else {}

    def where(pair: Pair) -> Sequence[str]:
        referent = pair.coordinator.user_id if pair.coordinator else None
        address = known.get(referent) if referent and referent not in about[pair.id] else None
        return [address] if address else admins(about[pair.id])

    return {pair.id: where(pair) for pair in pairs}


def followers(pair: Pair) -> Sequence[str]:
    """The same of one pair; nowhere, when it is about all who work here: what is written then waits for whoever comes next."""
    return followers_of([pair])[pair.id]


def others(pair: Pair) -> Sequence[str]:
    """Where to write to the administrators, else to the team: never to whom it may be about (decision 0035)."""
    return admin_addresses(accounts_by_pair(pair)[pair.id])


def tell_team(pair: Pair, subject: str, sentence: str) -> None:
    """Write to whoever follows the pair, else to the administrators."""
    for address in followers(pair):
        write_to(KIND, address, "", subject, [sentence], space_link("pairs.show", pair_id=pair.id), _("Voir le binôme"))


def tell_danger(pair: Pair, side: str, word: str) -> None:
    """One of the two wrote words that alarm, to answer or to the other: the team is to read them today, where they are."""
    if is_alarming(word):
        said = _("%(pair)s : %(name)s a écrit des mots qui peuvent parler d'un danger. Lisez-les sur leur page, et appelez.",
                 pair=pair.title, name=pair.person(side).first_name)  # fmt: skip
        tell_team(pair, _("À lire aujourd'hui : des mots qui inquiètent"), said)


def tell_attending(pair: Pair, attending: Staff, line: str) -> None:
    """Write to whoever of the team is at the first meeting, unless they do it themself."""
    address = addresses_by_user().get(attending.user_id)
    if address and not (current_member and attending.user_id == current_member.user_id):
        title = _("Une première rencontre à laquelle vous participez")
        write_to(KIND, address, attending.first_name, title, [line], space_link("pairs.show", pair_id=pair.id), _("Voir le binôme"))
