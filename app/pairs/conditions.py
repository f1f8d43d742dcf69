"""The gate before a first meeting: what is missing for a mentor and a jeune, each in a sentence with who must do it.

The database holds the same gate (function pair_gate), whoever asks; this page says it in words.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.extensions import db
from app.leads.words import TOO_OLD
from app.people.actions import allowed
from app.people.models import AuthorisationKind, FileState, Mentee, Mentor
from app.training.status import TrainingStatus, training_status

from .models import Pair, PairState


@dataclass(frozen=True)
class Missing:
    """One thing that keeps the gate closed."""

    sentence: str
    who: str


def missing(mentor: Mentor, mentee: Mentee, on: date) -> list[Missing]:
    """Everything that keeps these two from meeting; empty when the gate is open."""
    return [*missing_of_mentor(mentor, on, training_status(mentor, on, mentee)), *missing_of_mentee(mentee, on)]


def missing_of_mentor(
    mentor: Mentor, on: date, training: TrainingStatus | None = None, paired: int | None = None
) -> Iterator[Missing]:
    """A mentor must be active, trained, within capacity, and authorised when a minor.

    A caller that knows the training, or the number of open pairs, gives them: nothing is read twice.
    """
    name = mentor.first_name
    if mentor.state != FileState.ACTIVE:
        yield Missing(_("Le dossier de %(name)s n'est pas ouvert.", name=name), _("l'équipe"))
    for sentence in (training or training_status(mentor, on)).missing:
        yield Missing(f"{name} : {sentence}", name)
    if (open_pairs(mentor) if paired is None else paired) >= mentor.capacity:
        yield Missing(
            _(
                "%(name)s accompagne déjà autant de jeunes que possible (%(count)s).",
                name=name,
                count=mentor.capacity,
            ),
            _("l'équipe"),
        )
    yield from missing_authorisation(mentor, on)


def missing_of_mentee(mentee: Mentee, on: date, paired: bool | None = None) -> Iterator[Missing]:
    """A jeune must be active, under 30, free, and authorised: by a guardian under 18, by themself too under 15."""
    name, age = mentee.first_name, mentee.age_on(on)
    if mentee.state != FileState.ACTIVE:
        yield Missing(_("Le dossier de %(name)s n'est pas ouvert.", name=name), _("l'équipe"))
    if age is not None and age >= TOO_OLD:
        yield Missing(_("%(name)s a 30 ans : le programme s'arrête avant.", name=name), _("l'équipe"))
    if has_pair(mentee) if paired is None else paired:
        yield Missing(_("%(name)s a déjà un binôme en cours.", name=name), _("l'équipe"))
    yield from missing_authorisation(mentee, on)
    if age is not None and mentee.needs_own_agreement_on(on) and not allowed(mentee, AuthorisationKind.OWN_AGREEMENT, on):
        yield Missing(_("%(name)s a moins de 15 ans : il faut aussi son propre accord.", name=name), name)


def missing_authorisation(person: Mentor | Mentee, on: date) -> Iterator[Missing]:
    """Under 18, a holder of parental authority allows the participation; an unknown age has to be asked first."""
    if person.birth_date is None:
        yield Missing(_("La date de naissance de %(name)s manque.", name=person.first_name), _("l'équipe"))
    elif person.is_minor_on(on) and not allowed(person, AuthorisationKind.PARTICIPATION, on):
        guardian = person.guardian_name or _("le représentant légal")
        yield Missing(_("L'autorisation parentale pour %(name)s manque.", name=person.first_name), guardian)


def open_pairs(mentor: Mentor) -> int:
    """How many jeunes a mentor accompanies now."""
    return db.session.scalar(
        select(func.count()).where(Pair.mentor_id == mentor.id, Pair.state == PairState.ACTIVE)
    ) or 0  # fmt: skip


def has_pair(mentee: Mentee) -> bool:
    return db.session.scalar(
        select(Pair.id).where(Pair.mentee_id == mentee.id, Pair.state == PairState.ACTIVE)
    ) is not None  # fmt: skip
