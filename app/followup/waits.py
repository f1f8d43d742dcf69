"""Who waits for a pair, jeune or trained mentor: since when, whom nobody has spoken with for too long, and the letter they get.

After so many days without a word (`waiting_days`) the team has a reason to call, until a talk is noted on the file, and a letter
says that they are not forgotten. It leaves by day, once for as many days; to nobody who was written to meanwhile.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Select, and_, case, cast, func, literal, select, union_all

from app.accounts.links import is_marked, mark_of, record_of_token, record_token
from app.database import hold_row
from app.extensions import db
from app.fields import same_mailbox
from app.mail import Mail, absolute, post
from app.meetings.reminders import SHARE, is_awake
from app.pairs.conditions import gate, may_be_asked
from app.pairs.models import FORMING, OPEN, Pair, PairState
from app.pairs.queries import in_a_pair, pairs_of, waits
from app.people.actions import close_file
from app.people.application_models import Decision
from app.people.letters import clock_for, composed, file_link, how_to_reach, write_staff, write_to
from app.people.lists import aged
from app.people.models import FileState, Mentee, Mentor, PersonNote, Stage
from app.people.own import own_files
from app.tenants.resolve import current_tenant
from app.territory.zones import clock_of
from app.training.models import Audience, Completion, Course
from app.training.status import ready_mentors
from app.translation import gettext as _
from app.translation import ngettext
from app.web import iso_day, midnight, today

from .settings import settings

Kind = type[Mentor] | type[Mentee]
LINKS: dict[Kind, str] = {Mentee: "attente-jeune", Mentor: "attente-mentor"}
KIND = "still_waiting"
SHOWN = 10


@dataclass(frozen=True)
class Quiet:
    """Somebody who waits without a word: the file, how to call, since which day, and on which day somebody last spoke with them."""

    kind: str
    id: UUID
    name: str
    first_name: str
    phone: str | None
    guardian_name: str | None
    guardian_phone: str | None
    since: date
    spoke: date | None

    @property
    def numbers(self) -> list[tuple[str, str]]:
        """Who can be reached by telephone: name and number."""
        known = (self.first_name, self.phone), (self.guardian_name or "", self.guardian_phone)
        return [(name, number) for name, number in known if number]

    @property
    def sentence(self) -> str:
        """Why to call, in one line."""
        days, day = (today() - self.since).days, iso_day(self.since.isoformat())
        waits = ngettext("Attend depuis le %(day)s (%(num)d jour)", "Attend depuis le %(day)s (%(num)d jours)", days, day=day)
        spoke = _("dernier échange le %(day)s", day=iso_day(self.spoke.isoformat())) if self.spoke else _("aucun échange depuis")
        return f"{waits}, {spoke}"


def day_of(moment: Any) -> ColumnElement[date]:
    """The day of a moment, on the space's clock."""
    return cast(func.timezone(current_tenant.timezone, moment), Date)


def since(kind: Kind) -> ColumnElement[date]:
    """The day since which somebody waits: of a mentor, the last of what made them ready, or the end of their last pair.

    A proposal that came to nothing, a course that nothing asks for or is renewed, a corrected address are no reason to wait anew.
    """
    if kind is Mentee:
        return day_of(Mentee.waits_since)
    accepted = select(func.max(Decision.created_at)).where(Decision.mentor_id == Mentor.id, Decision.is_accepted)
    first = func.min(Completion.completed_on)
    trained = select(first).join(Completion.course).group_by(Completion.course_id).order_by(first.desc()).limit(1)
    trained = trained.where(Completion.mentor_id == Mentor.id, Course.required_for.contains([Audience.ALL]))
    parted = select(func.max(Pair.closed_on)).where(Pair.mentor_id == Mentor.id, Pair.state == PairState.CLOSED)
    opened = func.greatest(Mentor.created_at, accepted.scalar_subquery())
    return func.greatest(day_of(opened), trained.scalar_subquery(), parted.scalar_subquery())


def spoke(kind: Kind) -> ColumnElement[date]:
    """The day on which somebody of the team last noted a talk on the file."""
    of = PersonNote.mentee_id if kind is Mentee else PersonNote.mentor_id
    return day_of(select(func.max(PersonNote.created_at)).where(of == kind.id, PersonNote.reached).scalar_subquery())


def waiting(kind: Kind) -> ColumnElement[bool]:
    """Whether somebody waits: an open file, no pair under way nor on its way; a mentor is accepted, trained, and has room."""
    if kind is Mentee:
        return waits()
    is_open = Mentor.state == FileState.ACTIVE, Mentor.stage == Stage.READY, Mentor.capacity > 0
    return and_(*is_open, ~in_a_pair(Mentor), Mentor.id.in_(ready_mentors(today())))


def without_word(reader: UUID) -> tuple[list[Quiet], int]:
    """Who is to be called, who has waited longest first, and how many they are; none that is about the reader."""
    found = union_all(*(who_waits(kind, reader) for kind in LINKS)).subquery()
    limit = today() - timedelta(days=settings().waiting_days)
    quiet = select(found, func.count().over()).where(func.greatest(found.c.since, found.c.spoke) <= limit)
    rows = db.session.execute(quiet.order_by(found.c.since, found.c.id).limit(SHOWN)).all()
    return [Quiet(*row[:-1]) for row in rows], rows[0][-1] if rows else 0


def who_waits(kind: Kind, reader: UUID) -> Select[Any]:
    """Those of one kind who wait, since when, and when somebody spoke with them: worked out of them alone, hence the offset."""
    return select(
        literal(kind.ROLE).label("kind"), kind.id, (kind.first_name + " " + kind.last_name).label("name"), kind.first_name,
        kind.phone, kind.guardian_name, case((and_(*aged(kind, "mineurs")), kind.guardian_phone)).label("guardian_phone"),
        since(kind).label("since"), spoke(kind).label("spoke"),
    ).where(waiting(kind), kind.id.not_in(own_files(reader))).offset(0)  # fmt: skip


def mentor_since(mentor: Mentor) -> date | None:
    """Since which day a mentor waits; None for one who does not."""
    return db.session.scalar(select(since(Mentor)).where(Mentor.id == mentor.id, waiting(Mentor)))


def address(kind: Kind) -> ColumnElement[str | None]:
    """Where somebody is written to: their own address; that of who represents a minor without any way of their own."""
    alone = and_(kind.phone.is_(None), *aged(kind, "mineurs"))
    return func.coalesce(kind.email, case((alone, kind.guardian_email)))


def reassure(moment: datetime) -> int:
    """Write to those who wait without a word, in person or in writing, for so many days; by their day. How many letters."""
    mails = []
    for kind in LINKS:
        for person, day, to in db.session.execute(unheard(kind)):
            if is_awake(moment, clock_of(person.departement_code)):
                person.reassured_at = moment
                mails.append(letter(person, day, to))
    post(mails)
    return len(mails)


def unheard(kind: Kind) -> Select[Any, date, str | None]:
    """They, their day and address; not whom nobody may be proposed to today, for whom nobody looks.

    Each file is locked: of two workers at the same instant, one writes.
    """
    limit, to = today() - timedelta(days=settings().waiting_days), address(kind)
    last = func.greatest(since(kind), spoke(kind), day_of(kind.reassured_at))
    told = select(Mail.id).where(Mail.to_address == to, Mail.created_at >= midnight(limit))
    return (
        select(kind, since(kind).label("since"), to)
        .where(waiting(kind), to.is_not(None), last <= limit, ~told.exists(), may_be_asked(kind, today()))
        .order_by("since", kind.id)
        .limit(SHARE)
        .with_for_update(of=kind, skip_locked=True, key_share=True)
    )


def letter(person: Mentor | Mentee, day: date, to: str) -> Mail:
    """A few lines, and the way to say that they need nobody any more."""
    is_own = to == person.email
    said = {"day": iso_day(day.isoformat()), "association": current_tenant.name, "name": person.first_name}
    if isinstance(person, Mentor):
        first = _(
            "Votre formation est terminée, et vous attendez depuis le %(day)s. %(association)s cherche avec qui vous réunir.",
            **said,
        )
        last = _("Vous n'êtes plus disponible ? Dites-le d'un geste, sur la page ci-dessous.")
    elif is_own:
        first = _("Vous attendez un mentor depuis le %(day)s. %(association)s cherche toujours la bonne personne.", **said)
        last = _("Vous n'en avez plus besoin ? Dites-le d'un geste, sur la page ci-dessous.")
    else:
        first = _("%(name)s attend un mentor depuis le %(day)s. %(association)s cherche toujours la bonne personne.", **said)
        last = _("Ce n'est plus la peine ? Dites-le d'un geste, sur la page ci-dessous.")
    if lacks(person):
        then = _("Il manque encore une pièce ou un accord au dossier : l'association vous dira quoi.")
    else:
        then = _("Vous n'avez rien à faire : elle vous écrit dès qu'elle a trouvé.")
    name = person.first_name if is_own else person.guardian_name or ""
    link = absolute("followup.wait", token=record_token(LINKS[type(person)], person.tenant_id, person.id, mark_of(to)))
    with clock_for(person):
        lines = [first, then, last, *how_to_reach()]
        return composed(KIND, to, name, _("Nous ne vous oublions pas"), lines, link, _("Voir ma page"))


def lacks(person: Mentor | Mentee) -> bool:
    """Whether something is still to be gathered on their side before a first meeting."""
    mentor_id, mentee_id = (person.id, None) if isinstance(person, Mentor) else (None, person.id)
    return bool(gate(mentor_id, mentee_id, today()))


def of_link(token: str) -> Mentor | Mentee | None:
    """Enter the space that a link names, and find who waits; None when it leads nowhere any more."""
    for kind, link in LINKS.items():
        person = record_of_token(kind, link, token)
        if person is not None:
            to = db.session.scalar(select(address(kind)).where(kind.id == person.id))
            return person if to and person.erased_at is None and is_marked(token, link, to) else None
    return None


def where(person: Mentor | Mentee) -> str:
    """Where somebody is: "over" when the file is closed, "paired", "forming", "paused", else "waiting"."""
    if person.state == FileState.WITHDRAWN:
        return "over"
    states = {pair.state for pair in pairs_of(person)}
    if not states.isdisjoint(OPEN):
        return "paired"
    if not states.isdisjoint(FORMING):
        return "forming"
    return "paused" if person.state == FileState.PAUSED else "waiting"


def need_nobody(person: Mentor | Mentee) -> None:
    """They say so: the file closes, and the team is told, as they and whoever represents them are.

    Twice is once, at the same instant too. Raises a DomainError when a pair is on its way.
    """
    if hold_row(person).state == FileState.WITHDRAWN:
        return
    to = db.session.scalar(select(address(type(person))).where(type(person).id == person.id))
    close_file(person)
    tell_closed(person, to)
    subject = _("%(name)s n'attend plus", name=person.first_name)
    said = (
        _("%(name)s n'est plus disponible, et le dit par son lien.", name=person.full_name)
        if isinstance(person, Mentor)
        else _("%(name)s n'a plus besoin de mentor : c'est ce que dit son lien.", name=person.full_name)
    )
    lines = [said, _("Son dossier est fermé. Une erreur ? Il se rouvre depuis sa page.")]
    write_staff(KIND, subject, lines, file_link(person), _("Ouvrir le dossier"), about=person)


def tell_closed(person: Mentor | Mentee, to: str | None) -> None:
    """A receipt where the link was sent; and, of a minor, to whoever represents them: a mailbox may be opened by another."""
    guardian = person.guardian_email if person.is_minor_on(today()) and not same_mailbox(person.guardian_email, to) else None
    link, name = absolute("house.help_page", slug=current_tenant.slug), person.first_name
    for email in filter(None, (to, guardian)):
        is_own = email == person.email
        subject = _("Votre dossier est fermé") if is_own else _("Le dossier de %(name)s est fermé", name=name)
        lines = [
            _(
                "C'est ce que dit le lien que nous avions envoyé : %(association)s ne cherche plus.",
                association=current_tenant.name,
            ),
            _("Une erreur, ou quelqu'un d'autre l'a fait ? Dites-le à l'association : un dossier se rouvre."),
            *how_to_reach(),
        ]
        called = name if is_own else person.guardian_name or ""
        write_to(KIND, email, called, subject, lines, link, _("Besoin d'aide ?"))
