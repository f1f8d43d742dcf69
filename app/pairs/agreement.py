"""The agreement of a pair: drawn once from the association's text, signed by each through a personal link, then sealed for all.

Whoever signs sees the document, says yes in so many words, and the SHA-256 of what they saw is written beside their name. A
document that changes is another one: the links of the old one only say so.
"""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import joinedload

from app.accounts.links import is_marked, mark_of, record_of_token, record_token
from app.database import hold_row, now, one_at_a_time
from app.errors import DomainError
from app.extensions import db
from app.mail import absolute
from app.markdown import as_html
from app.people.guardians import guardians_of, names_of_guardians
from app.people.letters import write_to
from app.people.models import Mentee, Mentor
from app.storage import store_alone
from app.tenants.models import Staff
from app.tenants.paper import drawn
from app.tenants.resolve import current_tenant
from app.tenants.scope import current_tenant_id
from app.territory.queries import is_same_name, plain
from app.translation import gettext as _
from app.translation import lazy_gettext as _l
from app.web import day, today

from .agreement_models import Agreement, AgreementState, AgreementTemplate, Signature
from .agreement_text import DEFAULT, filled
from .conditions import UNALLOWED, missing
from .interest import tell_team
from .life import KIND, NotNow, begin, locked, note
from .models import Pair, PairState
from .refusals import GateClosed
from .settings import settings
from .signals import agreement_drawn
from .words import ROLES

LINK = "convention"
UNNAMED = _l("Représentant légal")  # whoever represents a minor, where nobody is named yet


class CannotSign(DomainError):
    """This signature cannot be taken; the sentence says why."""


def current_template() -> tuple[int, str]:
    """The number and the text used for the next agreement; 0 is the one that comes with Binôme."""
    last = db.session.scalars(select(AgreementTemplate).order_by(AgreementTemplate.number.desc()).limit(1)).first()
    return (last.number, last.body) if last else (0, DEFAULT)


def write_template(body: str, by: UUID) -> AgreementTemplate | None:
    """Put another text in use for the agreements to come; the same one again makes no version."""
    one_at_a_time("agreement template", current_tenant_id())
    number, current = current_template()
    if body.split() == current.split():
        return None
    row = AgreementTemplate(number=number + 1, body=body, written_by=by)
    db.session.add(row)
    db.session.flush()
    return row


def prepare(pair: Pair, by: UUID, instead_of: str = "") -> Agreement:
    """Draw the document and write to everybody who signs. Asked twice, the second time gives the first one.

    An open one is replaced when it is named: its links lead nowhere any more. Raises NotNow, of a minor whom nobody allows too.
    """
    locked(pair)
    if pair.state not in {PairState.CONFIRMED, PairState.SIGNING}:
        raise NotNow(_("Une convention se prépare quand les deux ont confirmé, avant le début du binôme."))
    old = agreement_of(pair)
    if old is not None and (old.state == AgreementState.SIGNED or (old.state == AgreementState.OPEN and str(old.id) != instead_of)):
        return old
    unallowed = [piece.sentence for piece in missing(pair.mentor, pair.mentee, today(), pair=pair) if piece.piece in UNALLOWED]
    if unallowed:
        raise NotNow(" ".join(unallowed))
    number, body, content = draft(pair)  # what cannot be drawn leaves the one that is being signed as it is
    if old is not None and old.state == AgreementState.OPEN:
        old.state = AgreementState.VOID
        note(pair, "void", by)
        db.session.flush()  # one open agreement at a time
    agreement = Agreement(
        pair_id=pair.id,
        pair=pair,
        template=number,
        body=body,
        file_key=store_alone(current_tenant.id, content, "pdf"),
        digest=hashlib.sha256(content).hexdigest(),
        sign_by=today() + timedelta(days=settings().sign_days),
    )
    db.session.add(agreement)
    db.session.flush()
    for role, name, email in who_signs(pair):
        signature = Signature(agreement_id=agreement.id, agreement=agreement, role=role, name=name, email=email)
        db.session.add(signature)
        db.session.flush()
        invite(signature)
    pair.state = PairState.SIGNING
    note(pair, "prepared", by)
    return agreement


def draft(pair: Pair) -> tuple[int, str, bytes]:
    """The number of the association's text, that text for this pair, and the document as it would be sent now; nothing is kept."""
    number, text = current_template()
    body = filled(text, pair)
    return number, body, draw(pair, body, ())


def who_signs(pair: Pair) -> list[tuple[str, str, str | None]]:
    """Who signs, by role, name and address: both, whoever represents a minor of the two, and the association."""
    rows = list[tuple[str, str, str | None]]()
    for role, represents, person in (("mentor", "mentor_guardian", pair.mentor), ("mentee", "guardian", pair.mentee)):
        rows.append((role, person.full_name, person.email))
        if person.is_minor_on(today()):
            rows.append((represents, person.guardian_name or str(UNNAMED), person.guardian_email))
    rows.append(("association", current_tenant.signatory_name or current_tenant.name, None))
    return rows


def invite(signature: Signature) -> None:
    """Write to one who signs; where there is no address, staff note a signature on paper."""
    pair, until = signature.agreement.pair, day(signature.agreement.sign_by)
    whose, names = represented(signature), {"mentor": pair.mentor.first_name, "mentee": pair.mentee.first_name}
    subject = (
        _("La convention de mentorat de %(name)s à signer", name=whose) if whose else _("Votre convention de mentorat à signer")
    )
    write_to(
        KIND,
        address_now(signature),
        names.get(signature.role, signature.name),
        subject,
        [
            _("La convention réunit %(mentor)s, mentor, et %(mentee)s : elle dit à quoi chacun s'engage.", **names),
            _("Lisez-la, puis signez-la, ou dites que vous ne souhaitez pas signer. Vous avez jusqu'au %(day)s.", day=until),
        ],
        link_of(signature),
        _("Lire et signer"),
    )


def represented(signature: Signature) -> str | None:
    """The first name of the minor for whom somebody signs; None when they sign for themself."""
    person = minor_of(signature)
    return person.first_name if person else None


def minor_of(signature: Signature) -> Mentor | Mentee | None:
    """Whom somebody signs for, who was a minor when the document was drawn; None when they sign for themself."""
    pair = signature.agreement.pair
    minors: dict[str, Mentor | Mentee] = {"guardian": pair.mentee, "mentor_guardian": pair.mentor}
    return minors.get(signature.role)


def is_outgrown(signature: Signature) -> bool:
    """Whether a parent's signature is not asked for any more: they had not signed when the minor came of age."""
    person = minor_of(signature)
    return person is not None and signature.signed_at is None and not person.is_minor_on(today())


def invite_again(signature: Signature) -> None:
    """Send the link once more, once a day, to one who has not signed, at the address of today. Raises CannotSign."""
    agreement, _pair = held(signature)
    address = address_now(signature)
    is_over = signature.signed_at or signature.refused_at or is_outgrown(signature)
    if agreement.state != AgreementState.OPEN or is_over or not address:
        raise CannotSign(_("Il n'y a plus rien à signer par ce lien."))
    refuse_another(signature)
    if signature.reminded_on == today() and signature.email == address:
        raise CannotSign(_("Le lien est déjà reparti aujourd'hui : %(name)s l'a dans sa boîte.", name=signature.name))
    signature.email, signature.reminded_on = address, today()
    invite(signature)


def link_of(signature: Signature) -> str:
    """The personal link of one who signs."""
    return absolute("pairs.signature", token=record_token(LINK, signature.tenant_id, signature.id, mark_of(address_now(signature))))


def names_another(signature: Signature) -> bool:
    """Whether the document names somebody who represents the minor no more: whoever does signs a document of theirs."""
    person = minor_of(signature)
    if person is None or not person.is_minor_on(today()) or signature.name == str(UNNAMED):
        return False
    return not any(is_same_name(signature.name, name) for name in names_of_guardians(person))


def lacks_signer(agreement: Agreement) -> bool:
    """Whether somebody must sign who was not asked, or did not before it was complete: a minor was thought to be of age."""
    is_open = agreement.state == AgreementState.OPEN
    known = {row.role for row in signatures_of(agreement) if row.signed_at or is_open}
    return not {role for role, _name, _email in who_signs(agreement.pair)} <= known


def end_outgrown(pair: Pair, unallowed: bool = False) -> None:
    """A pair whose agreement somebody else must sign: it is prepared again, signed by all or not; the team is told.

    So is one that is being signed, of a minor whom nobody allows any more.
    """
    agreement = agreement_of(pair)
    if agreement is None or agreement.state not in {AgreementState.OPEN, AgreementState.SIGNED}:
        return
    is_open = agreement.state == AgreementState.OPEN  # once signed by all, it stands
    is_anothers = is_open and any(map(names_another, signatures_of(agreement)))
    if not (lacks_signer(agreement) or is_anothers or (is_open and unallowed)):
        return
    agreement.state, pair.state = AgreementState.VOID, PairState.CONFIRMED
    note(pair, "void", None)
    tell_team(
        pair,
        _("Une convention est à préparer de nouveau"),
        _("%(pair)s : qui représente une personne mineure doit d'abord autoriser sa participation.", pair=pair.title)
        if unallowed
        else _("%(pair)s : qui représente aujourd'hui une personne mineure doit la signer.", pair=pair.title),
    )


def refuse_another(signature: Signature) -> None:
    """Raise CannotSign when somebody else represents the minor now, or must sign and was not asked."""
    if lacks_signer(signature.agreement):
        raise CannotSign(_("Qui représente une personne mineure doit signer aussi : la convention est à préparer de nouveau."))
    another = next(filter(names_another, signatures_of(signature.agreement)), None)  # whoever signs last begins the pair
    if another is not None:
        raise CannotSign(
            _("La convention nomme %(name)s, qui ne représente plus %(minor)s : elle est à préparer de nouveau.",
              name=another.name, minor=represented(another) or "")
        )  # fmt: skip


def address_now(signature: Signature) -> str | None:
    """Where this person is written to today, which may have been corrected since; of two parents, the one who is named."""
    pair, person = signature.agreement.pair, minor_of(signature)
    if person is None:
        return {"mentor": pair.mentor.email, "mentee": pair.mentee.email}.get(signature.role)
    if signature.name == str(UNNAMED) or is_same_name(signature.name, person.guardian_name or ""):
        return person.guardian_email
    named = (row.guardian.email for row in guardians_of(person) if is_same_name(signature.name, row.guardian.name))
    return next(filter(None, named), None)


def agreement_of(pair: Pair) -> Agreement | None:
    """The pair's open or signed agreement, else its last one."""
    current = Agreement.state.in_((AgreementState.OPEN, AgreementState.SIGNED))
    return db.session.scalars(
        select(Agreement).where(Agreement.pair_id == pair.id).order_by(current.desc(), Agreement.created_at.desc()).limit(1)
    ).first()


def signatures_of(agreement: Agreement) -> Sequence[Signature]:
    """Who signs, in the order of the document."""
    rows = db.session.scalars(select(Signature).where(Signature.agreement_id == agreement.id)).all()
    return sorted(rows, key=lambda row: tuple(ROLES).index(row.role))


def signature_of_token(token: str) -> Signature | None:
    """Enter the space that a link names, and find whose signature is asked for; None when the link leads nowhere."""
    row = record_of_token(Signature, LINK, token, options=[joinedload(Signature.agreement).joinedload(Agreement.pair)])
    return row if row is not None and not is_outgrown(row) and is_marked(token, LINK, address_now(row)) else None


def sign(signature: Signature, digest: str, how: str = "link", by: UUID | None = None) -> None:
    """Take a signature of the document that was shown. Signing twice is once. Raises CannotSign."""
    agreement, pair = held(signature)
    if signature.signed_at is not None:
        return
    if agreement.state != AgreementState.OPEN or pair.state != PairState.SIGNING:
        raise CannotSign(_("Cette convention n'est plus à signer : elle a été remplacée, refusée, ou son délai est passé."))
    if digest != agreement.digest:
        raise CannotSign(_("Le document a changé depuis que vous l'avez ouvert. Relisez-le, puis signez."))
    if by is None and agreement.sign_by < today():
        raise CannotSign(_("Le délai pour signer est passé. L'association peut vous l'envoyer de nouveau."))
    refuse_another(signature)
    if signature.role == "association" and by is not None:
        signature.name = in_the_name_of(signature.name, by)
    signature.signed_at, signature.digest, signature.how, signature.noted_by = now(), digest, how, by
    note(pair, "signed", by, signature.role)
    rows = signatures_of(agreement)
    left = still_to_sign(rows)
    if not left:
        complete(agreement, rows)
    elif [row.role for row in left] == ["association"]:
        tell_team(
            pair,
            _("Une convention n'attend plus que vous"),
            _("%(pair)s : chacun a signé, à vous de signer pour l'association.", pair=pair.title),
        )


def still_to_sign(rows: Sequence[Signature]) -> list[Signature]:
    """Whose signature is awaited today."""
    return [row for row in rows if row.signed_at is None and not is_outgrown(row)]


def in_the_name_of(name: str, by: UUID) -> str:
    """Who signs for the association: whoever is signed in, and for whom when it is somebody else."""
    card = db.session.scalar(select(Staff).where(Staff.user_id == by))
    who = card.full_name if card is not None else name
    return who if plain(who) == plain(name) else _("%(who)s, pour %(name)s", who=who, name=name)


def held(signature: Signature) -> tuple[Agreement, Pair]:
    """The agreement and the pair of a signature, locked with it: two who sign at once do so one after the other."""
    pair = locked(signature.agreement.pair)
    hold_row(signature.agreement)
    hold_row(signature)
    return signature.agreement, pair


def complete(agreement: Agreement, rows: Sequence[Signature]) -> None:
    """Everybody signed: the sealed copy is made and sent to all, and the pair begins if nothing else is missing."""
    pair, rows = agreement.pair, [row for row in rows if row.signed_at is not None]
    agreement.state = AgreementState.SIGNED
    agreement.sealed_key = store_alone(current_tenant.id, sealed(draw(pair, agreement.body, rows)), "pdf")
    note(pair, "agreed")
    for row in rows:
        lines = [_("Tout le monde a signé. Gardez ce lien : il ouvre la copie définitive.")]
        write_to(KIND, address_now(row), row.name, _("Votre convention est signée"), lines, link_of(row), _("Voir la convention"))
    try:
        begin(pair)
    except GateClosed:  # what is missing can be gathered; the signatures stand
        tell_team(
            pair, _("Une convention est signée"), _("%(pair)s : il reste des pièces à réunir avant de commencer.", pair=pair.title)
        )


def refuse(signature: Signature, reason: str, by: UUID | None = None) -> None:
    """Somebody does not sign: the agreement stops, and the team decides what comes next. Twice is once."""
    agreement, pair = held(signature)
    if signature.refused_at is not None:
        return
    if agreement.state != AgreementState.OPEN:
        raise CannotSign(_("Cette convention n'est plus à signer : elle a été remplacée, signée par tous, ou son délai est passé."))
    if signature.signed_at is not None:
        raise CannotSign(_("Vous avez déjà signé. Pour revenir en arrière, écrivez à l'association."))
    signature.refused_at, signature.reason = now(), reason
    agreement.state = AgreementState.REFUSED
    note(pair, "refused", by, reason)
    tell_team(pair, _("Une convention est refusée"), _("%(pair)s : %(name)s ne signe pas.", pair=pair.title, name=signature.name))


def watch() -> None:
    """Every hour: remind two days before the end; the day after, the agreement lapses, and the team is told.

    One that waited for a parent alone is signed by all on the day on which the minor comes of age.
    """
    unsigned = select(Signature.id).where(Signature.agreement_id == Agreement.id, Signature.signed_at.is_(None))
    for agreement in awaited(~unsigned.where(Signature.role.not_in(("guardian", "mentor_guardian"))).exists()):
        rows = signatures_of(agreement)
        if not still_to_sign(rows):
            complete(agreement, rows)
    for agreement in awaited(Agreement.sign_by < today()):
        agreement.state = AgreementState.LAPSED
        note(agreement.pair, "lapsed")
        title = agreement.pair.title
        tell_team(
            agreement.pair, _("Une convention n'a pas été signée à temps"), _("%(pair)s : préparez-la de nouveau.", pair=title)
        )
    old = Agreement.created_at < now() - timedelta(days=1)  # the first letter is not that fresh
    unreminded = unsigned.where(Signature.reminded_on.is_(None)).exists()
    for agreement in awaited(and_(Agreement.sign_by <= today() + timedelta(days=2), old, unreminded)):
        for row in [row for row in still_to_sign(signatures_of(agreement)) if row.reminded_on is None]:
            row.reminded_on = today()
            invite(row)


def awaited(condition: ColumnElement[bool]) -> Iterator[Agreement]:
    """The agreements that wait for signatures; the pair is locked first, as whoever signs does."""
    waiting = select(Agreement.id).join(Agreement.pair).where(
        Agreement.state == AgreementState.OPEN, Pair.state == PairState.SIGNING, condition
    )  # fmt: skip
    for agreement_id in db.session.scalars(waiting.order_by(Agreement.sign_by).limit(100)).all():
        agreement = db.session.get_one(Agreement, (current_tenant_id(), agreement_id))
        locked(agreement.pair)
        hold_row(agreement)
        if agreement.state == AgreementState.OPEN:
            yield agreement


def draw(pair: Pair, body: str, signatures: Sequence[Signature]) -> bytes:
    """The document; with its signatures once they are all there."""
    return drawn("documents/agreement.html", pair=pair, body=as_html(body), signatures=signatures, roles=ROLES)


def sealed(content: bytes) -> bytes:
    """The file sealed by whoever knows how: the package of certificates does."""
    for _receiver, signed in agreement_drawn.send(content):
        content = signed
    return content
