"""Form a pair, close one."""

from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from psycopg.errors import Error as PsycopgError
from sqlalchemy.exc import DBAPIError

from app.errors import DomainError
from app.extensions import db
from app.mail import Letter, absolute, send
from app.people.models import Mentee, Mentor
from app.tenants.models import Staff
from app.tenants.resolve import current_tenant
from app.web import today

from .conditions import missing
from .models import Pair
from .signals import pair_closed

# What the database's gate answers: SQLSTATE, or the constraint's name.
REFUSALS = {
    "BN001": "trained",
    "BN002": "capacity",
    "BN003": "authorised",
    "BN004": "open",
    "uq_pairs_one_open": "free",
}


class GateClosed(DomainError):
    """These two cannot meet yet. `missing` lists what keeps the gate closed."""


@dataclass(frozen=True)
class Plan:
    """What is agreed when a pair starts: a date, months, a rhythm, objectives in one line each."""

    starts_on: date
    planned_months: int
    rhythm: str
    objectives: list[str]


def form_pair(mentee: Mentee, mentor: Mentor, plan: Plan, coordinator: Staff | None) -> Pair:
    """Bring two people together. Raises GateClosed, with everything that is missing, or when somebody else was faster.

    Two coordinators at once: the database lets one through, the other reads why.
    """
    obstacles = missing(mentor, mentee, today())
    if obstacles:
        raise GateClosed(" ".join(obstacle.sentence for obstacle in obstacles))
    pair = Pair(
        mentee_id=mentee.id,
        mentor_id=mentor.id,
        mentee=mentee,
        mentor=mentor,
        coordinator=coordinator,
        starts_on=plan.starts_on,
        planned_months=plan.planned_months,
        rhythm=plan.rhythm,
        objectives=plan.objectives,
    )
    try:
        with db.session.begin_nested():  # a refusal must not end the whole request
            db.session.add(pair)
    except DBAPIError as error:
        raise GateClosed(refusal(error)) from error
    tell_both(pair)
    return pair


def refusal(error: DBAPIError) -> str:
    """The database's refusal in a sentence. An error that is no refusal is raised again."""
    original = error.orig
    assert isinstance(original, PsycopgError)
    code = REFUSALS.get(original.sqlstate or "") or REFUSALS.get(original.diag.constraint_name or "")
    sentences = {
        "trained": _("Cette personne n'a pas terminé la formation obligatoire."),
        "capacity": _("Cette personne vient d'être engagée dans un autre binôme : sa capacité est atteinte."),
        "authorised": _("L'autorisation parentale manque."),
        "open": _("L'un des deux dossiers vient d'être fermé, ou ce jeune a 30 ans."),
        "free": _("Ce jeune vient d'être engagé dans un autre binôme."),
    }
    if code is None:
        raise error
    return sentences[code]


def tell_both(pair: Pair) -> None:
    """Write to the two, each with the other's first name only."""
    for person, other in ((pair.mentor, pair.mentee), (pair.mentee, pair.mentor)):
        if person.email and person.user_id:
            link = absolute("followup.home", slug=current_tenant.slug)
            letter = Letter("pair_formed", _("Votre binôme est formé"))
            send(letter, person.email, person=person, other=other, pair=pair, tenant=current_tenant, link=link)


def close_pair(pair: Pair, on: date, reason: str, note: str | None) -> None:
    """End a pair with its reason; the places of both are free again. Closing a closed pair changes nothing."""
    if not pair.is_open:
        return
    pair.close(on, reason, note)
    pair_closed.send(pair)
