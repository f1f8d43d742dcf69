"""Files of mentors and mentees, and the authorisations given for them."""

from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, SmallInteger, UniqueConstraint, func, text
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from app.accounts.models import Membership
from app.database import TenantModel, collection, foreign_key, reference
from app.leads.models import PersonColumns
from app.leads.words import ADULT, ALONE, age_on

# Without case, accents or ligatures: Émile stands before Ezra, and « koenig » finds Kœnig.
PLAIN = r"regexp_replace(replace(replace(lower(normalize({}, NFKD)), 'œ', 'oe'), 'æ', 'ae'), '[\u0300-\u036f]', '', 'g')"
SORT = PLAIN.format("last_name || ' ' || first_name")
SEARCH = PLAIN.format("first_name || ' ' || last_name")
MAILBOX = """CASE WHEN split_part(lower({0}), '@', 2) IN ('gmail.com', 'googlemail.com')
THEN replace(split_part(split_part(lower({0}), '@', 1), '+', 1), '.', '') || '@gmail.com'
ELSE split_part(split_part(lower({0}), '@', 1), '+', 1) || '@' || split_part(lower({0}), '@', 2) END"""  # as fields.mailbox_of
REACHES = "reach in ('commune', 'epci', 'arrondissement', 'departement', 'region')"


class FileState(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"
    WITHDRAWN = "withdrawn"


class Agreement(StrEnum):
    """How words agree with a person in what is written of them: as they choose, neutral until they do."""

    NEUTRAL = "neutral"
    FEMININE = "feminine"
    MASCULINE = "masculine"


class Reach(StrEnum):
    """How far somebody goes to meet, on the official map: their commune, then each wider one around it."""

    COMMUNE = "commune"
    EPCI = "epci"
    ARRONDISSEMENT = "arrondissement"
    DEPARTEMENT = "departement"
    REGION = "region"


class Stage(StrEnum):
    """Where the application of somebody who wants to mentor stands."""

    RECEIVED = "received"
    INTERVIEW_PLANNED = "interview_planned"
    INTERVIEWED = "interviewed"
    REFERENCES = "references"
    CHECKS = "checks"
    READY = "ready"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"


class Person(PersonColumns, TenantModel):
    """What the files of a mentor and of a mentee share."""

    __abstract__ = True
    ROLE: ClassVar[str]  # that their account has

    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    lead_id: Mapped[UUID | None]
    source: Mapped[str] = mapped_column(default="direct")
    state: Mapped[str] = mapped_column(default=FileState.ACTIVE)
    paused_until: Mapped[date | None]
    withdrawn_at: Mapped[datetime | None]
    invited_at: Mapped[datetime | None]
    agreement: Mapped[str] = mapped_column(default=Agreement.NEUTRAL, server_default=Agreement.NEUTRAL)
    interests: Mapped[list[str]] = mapped_column(default=list, server_default="{}")
    reach: Mapped[str] = mapped_column(default=Reach.DEPARTEMENT, server_default=Reach.DEPARTEMENT)
    first_in_line: Mapped[bool] = mapped_column(default=False, server_default=text("false"))  # the other one left
    reassured_at: Mapped[datetime | None]  # when a letter last said that they still wait, and are not forgotten
    forget_on: Mapped[date | None]  # of a closed file: when what is kept is erased
    erased_at: Mapped[datetime | None]  # nothing says any more who this was

    @declared_attr.directive
    @classmethod
    def sort_name(cls) -> Mapped[str]:
        return mapped_column(Computed(SORT, persisted=True))

    @declared_attr.directive
    @classmethod
    def search_name(cls) -> Mapped[str]:
        return mapped_column(Computed(SEARCH, persisted=True))

    @declared_attr.directive
    @classmethod
    def mailbox(cls) -> Mapped[str | None]:
        return mapped_column(Computed(MAILBOX.format("email"), persisted=True))

    @declared_attr
    @classmethod
    def place(cls) -> Mapped[Membership | None]:
        """The place that their account has in the space, with their role; it is given, and ended, elsewhere."""
        columns = ("tenant_id", "user_id")
        same = [f"foreign(Membership.{name}) == {cls.__name__}.{name}" for name in columns]
        join = f"and_({', '.join(same)}, foreign(Membership.role) == '{cls.ROLE}')"
        return relationship(Membership, primaryjoin=join, viewonly=True, uselist=False)

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def short_name(self) -> str:
        """Inès B."""
        return f"{self.first_name} {self.last_name[:1]}."

    @property
    def entered_at(self) -> datetime | None:
        """When they came into their space for the first time since they were invited."""
        return self.place.entered_at if self.place and self.place.ended_at is None else None

    @property
    def is_told(self) -> bool:
        """Whether letters that lead to their space are for them: they have an address, were invited, and did not leave."""
        return bool(self.email and self.user_id and self.state != FileState.WITHDRAWN)

    def age_on(self, day: date) -> int | None:
        return age_on(self.birth_date, day) if self.birth_date else None

    def is_minor_on(self, day: date) -> bool:
        """Under 18; somebody whose date of birth is unknown is treated as a minor."""
        age = self.age_on(day)
        return age is None or age < ADULT

    def needs_own_agreement_on(self, day: date) -> bool:
        """Under 15, the child agrees together with a parent."""
        age = self.age_on(day)
        return age is None or age < ALONE


class Mentor(Person):
    """Somebody who gives one to two hours a month."""

    __tablename__ = "mentors"
    ROLE = "mentor"
    __table_args__ = (
        CheckConstraint("state in ('active', 'paused', 'withdrawn')", name="state"),
        CheckConstraint("agreement in ('neutral', 'feminine', 'masculine')", name="agreement"),
        CheckConstraint("capacity between 0 and 10", name="capacity"),
        CheckConstraint(REACHES, name="reach"),
        CheckConstraint(
            "stage in ('received', 'interview_planned', 'interviewed', 'references', 'checks', 'ready', 'withdrawn', 'refused')",
            name="stage",
        ),
        CheckConstraint("(state = 'paused') or paused_until is null", name="paused"),
        Index("ix_mentors_stage", "tenant_id", "stage", "sort_name"),
        Index("ix_mentors_email", "tenant_id", text("lower(email)")),
        Index("ix_mentors_mailbox", "tenant_id", "mailbox", postgresql_where=text("mailbox IS NOT NULL")),
        Index("ix_mentors_phone", "tenant_id", "phone", postgresql_where=text("phone IS NOT NULL")),
        UniqueConstraint("tenant_id", "lead_id"),
        UniqueConstraint("tenant_id", "user_id"),
        Index("ix_mentors_sort", "tenant_id", "sort_name"),
        Index("ix_mentors_search", "tenant_id", "search_name", "id"),
    )

    capacity: Mapped[int] = mapped_column(default=1)
    employer: Mapped[str | None]  # a company or a school
    stage: Mapped[str] = mapped_column(default=Stage.RECEIVED, server_default=Stage.READY)

    authorisations: Mapped[list["Authorisation"]] = collection(
        "Authorisation", "mentor_id", order_by="Authorisation.given_on.desc(), Authorisation.id.desc()"
    )


def opened(context: DefaultExecutionContext) -> datetime:
    """When the file is opened, as its row says."""
    moment: datetime = context.get_current_parameters()["created_at"]  # type: ignore[no-untyped-call]
    return moment


class Mentee(Person):
    """A young person under 30."""

    __tablename__ = "mentees"
    ROLE = "jeune"
    __table_args__ = (
        CheckConstraint("state in ('active', 'paused', 'withdrawn')", name="state"),
        CheckConstraint("agreement in ('neutral', 'feminine', 'masculine')", name="agreement"),
        UniqueConstraint("tenant_id", "lead_id"),
        UniqueConstraint("tenant_id", "user_id"),
        CheckConstraint(REACHES, name="reach"),
        CheckConstraint("(state = 'paused') or paused_until is null", name="paused"),
        Index("ix_mentees_sort", "tenant_id", "sort_name"),
        Index("ix_mentees_email", "tenant_id", text("lower(email)")),
        Index("ix_mentees_mailbox", "tenant_id", "mailbox", postgresql_where=text("mailbox IS NOT NULL")),
        Index("ix_mentees_phone", "tenant_id", "phone", postgresql_where=text("phone IS NOT NULL")),
        Index("ix_mentees_search", "tenant_id", "search_name", "id"),
        Index(  # who waits, in the order of the line
            "ix_mentees_waiting",
            "tenant_id",
            text("first_in_line DESC"),
            "waits_since",
            "id",
            postgresql_where=text("state = 'active'"),
        ),
    )

    school: Mapped[str | None]  # where they study
    waits_since: Mapped[datetime] = mapped_column(  # since their last pair ended, or the file was opened: read from created_at
        default=opened, server_default=func.now(), sort_order=1
    )

    authorisations: Mapped[list["Authorisation"]] = collection(
        "Authorisation", "mentee_id", order_by="Authorisation.given_on.desc(), Authorisation.id.desc()"
    )


class AuthorisationKind(StrEnum):
    """What somebody allows. The four pieces of child protection (ASE) stand with what is sensitive, not on the file."""

    PARTICIPATION = "participation"
    OWN_AGREEMENT = "own_agreement"
    HOME = "home"
    IMAGE = "image"
    ASE_EVALUATION = "ase_evaluation"
    ASE_PARENTAL = "ase_parental"
    ASE_DEPARTEMENT = "ase_departement"
    ASE_AGREEMENT = "ase_agreement"

    @property
    def is_protected(self) -> bool:
        return self.startswith("ase_")

    @property
    def is_of_guardian(self) -> bool:
        """Whether who represents a minor gives it."""
        return self in {self.PARTICIPATION, self.HOME, self.IMAGE, self.ASE_PARENTAL}


class PersonNote(TenantModel):
    """What somebody of the team writes on a file: a call to who waits, a thing to know. The person may ask to read it."""

    __tablename__ = "person_notes"
    __table_args__ = (
        foreign_key("mentee_id", "mentees", ondelete="CASCADE"),
        foreign_key("mentor_id", "mentors", ondelete="CASCADE"),
        CheckConstraint("(mentee_id is null) <> (mentor_id is null)", name="one_person"),
        Index("ix_person_notes_mentee", "tenant_id", "mentee_id", "created_at"),
        Index("ix_person_notes_mentor", "tenant_id", "mentor_id", "created_at"),
    )

    mentee_id: Mapped[UUID | None]
    mentor_id: Mapped[UUID | None]
    body: Mapped[str]
    reached: Mapped[bool] = mapped_column(default=False, server_default=text("false"))  # the team spoke with them, or theirs
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))

    mentee: Mapped[Mentee | None] = reference("Mentee", "mentee_id")
    mentor: Mapped[Mentor | None] = reference("Mentor", "mentor_id")


class Authorisation(TenantModel):
    """Somebody allowed something for a minor: who, when, how, on which text; and when it was taken back."""

    __tablename__ = "authorisations"
    __table_args__ = (
        foreign_key("mentee_id", "mentees", ondelete="CASCADE"),
        foreign_key("mentor_id", "mentors", ondelete="CASCADE"),
        CheckConstraint("(mentee_id is null) <> (mentor_id is null)", name="one_person"),
        CheckConstraint(
            "kind in ('participation', 'own_agreement', 'home', 'image', 'ase_evaluation', 'ase_parental', 'ase_departement', "
            "'ase_agreement')",
            name="kind",
        ),
        CheckConstraint("ends_on > given_on", name="ends"),
        CheckConstraint("how in ('paper', 'in_person', 'mail', 'link')", name="how"),
        Index("ix_authorisations_mentee", "tenant_id", "mentee_id"),
        Index("ix_authorisations_mentor", "tenant_id", "mentor_id"),
    )

    mentee_id: Mapped[UUID | None]
    mentor_id: Mapped[UUID | None]
    kind: Mapped[str]
    given_by: Mapped[str]
    given_on: Mapped[date]
    how: Mapped[str]
    text_version: Mapped[str]
    recorded_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))  # nobody: who gave it did, by their link
    withdrawn_on: Mapped[date | None]
    lapsed: Mapped[bool] = mapped_column(default=False)  # nobody took it back: whoever gave it represents them no more
    ends_on: Mapped[date | None]  # the first day on which it no longer holds; a yearly evaluation has one

    mentee: Mapped[Mentee | None] = reference("Mentee", "mentee_id")
    mentor: Mapped[Mentor | None] = reference("Mentor", "mentor_id")

    def holds_on(self, day: date) -> bool:
        """Whether it counts on a day."""
        return self.given_on <= day and all(end is None or day < end for end in (self.withdrawn_on, self.ends_on))


class Guardian(TenantModel):
    """A holder of parental authority: one row for all the brothers and sisters."""

    __tablename__ = "guardians"
    __table_args__ = (
        CheckConstraint("email is not null or phone is not null", name="reachable"),
        Index("ix_guardians_email", "tenant_id", text("lower(email)")),
        Index("ix_guardians_mailbox", "tenant_id", "mailbox", postgresql_where=text("mailbox IS NOT NULL")),
        Index("ix_guardians_phone", "tenant_id", "phone"),
    )

    name: Mapped[str]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    mailbox: Mapped[str | None] = mapped_column(Computed(MAILBOX.format("email"), persisted=True))


class Guardianship(TenantModel):
    """Whom a guardian represents, and what they are to each other."""

    __tablename__ = "guardianships"
    __table_args__ = (
        foreign_key("guardian_id", "guardians", ondelete="CASCADE"),
        foreign_key("mentee_id", "mentees", ondelete="CASCADE"),
        foreign_key("mentor_id", "mentors", ondelete="CASCADE"),
        CheckConstraint("(mentee_id is null) <> (mentor_id is null)", name="one_person"),
        UniqueConstraint("tenant_id", "mentee_id", "guardian_id"),
        UniqueConstraint("tenant_id", "mentor_id", "guardian_id"),
        Index("ix_guardianships_guardian", "tenant_id", "guardian_id"),
    )

    guardian_id: Mapped[UUID]
    mentee_id: Mapped[UUID | None]
    mentor_id: Mapped[UUID | None]
    relation: Mapped[str] = mapped_column(default="parent")
    asked_at: Mapped[datetime | None]  # when their link to authorise was last sent
    chased: Mapped[int] = mapped_column(SmallInteger, default=0, server_default=text("0"))  # how often again (consent.py)
    refused_at: Mapped[datetime | None]  # when they said, by that link, that they do not authorise

    guardian: Mapped[Guardian] = reference("Guardian", "guardian_id")
    mentee: Mapped[Mentee | None] = reference("Mentee", "mentee_id")
    mentor: Mapped[Mentor | None] = reference("Mentor", "mentor_id")

    @property
    def says_no(self) -> bool:
        """Whether they answered no, and nobody has asked them again since."""
        return self.refused_at is not None and (self.asked_at is None or self.refused_at >= self.asked_at)


class SensitiveFact(TenantModel):
    """Something about a jeune that only named roles read, apart from the file; SENSITIVE in words.py says what."""

    __tablename__ = "sensitive_facts"
    __table_args__ = (
        foreign_key("mentee_id", "mentees", ondelete="CASCADE"),
        CheckConstraint(
            "kind in ('ase', 'handicap', 'precarious', 'carer', 'refugee', 'justice', 'dropping_out', 'qpv')", name="kind"
        ),
        UniqueConstraint("tenant_id", "mentee_id", "kind"),
    )

    mentee_id: Mapped[UUID]
    kind: Mapped[str]
    noted_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))


class FactReading(TenantModel):
    """Who opened the page of a jeune's sensitive facts, or changed them, and when."""

    __tablename__ = "fact_readings"
    __table_args__ = (
        foreign_key("mentee_id", "mentees", ondelete="CASCADE"),
        Index("ix_fact_readings_mentee", "tenant_id", "mentee_id", "created_at"),
    )

    mentee_id: Mapped[UUID]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    what: Mapped[str]
    kind: Mapped[str | None]  # of what was set or removed
