"""The programme's side of the demonstration: the requests that became files, those under way, and those that wait."""

from dataclasses import dataclass
from datetime import timedelta
from random import Random
from uuid import UUID

from sqlalchemy import select

from app.database import now
from app.extensions import db
from app.leads.actions import receive, waitlist
from app.leads.clock import extend
from app.leads.contacts import note_attempt
from app.leads.jobs import CARRIED
from app.leads.models import ContactAttempt, Lead, LeadEvent, LeadState, Orientation, OrientationState
from app.leads.queries import history_of
from app.leads.words import TEXT_VERSION
from app.tenants.models import Staff
from app.tenants.resolve import current_tenant
from app.territory.queries import find_commune
from app.web import today

from .people import FIRST, LAST, UNSERVED, address


@dataclass(frozen=True)
class Story:
    """A request as an association has it, for the programme to have it too."""

    lead: Lead
    association_id: UUID


def answer_some(leads: list[Lead]) -> None:
    """In an association: one request is new, one was called, one is on the waiting list, one person cannot be reached."""
    claire = db.session.scalars(select(Staff).order_by(Staff.phone).limit(1)).one()
    _new, called, listed, lost = leads
    note_attempt(called, "left_message", "Rappeler après 17 h.", today() + timedelta(days=1), claire.user_id, today())
    waitlist(
        listed, "Nous formons trois mentors ce mois-ci : une de ces personnes pourra vous accompagner.", claire.user_id, today()
    )
    lost.requested_at = now() - timedelta(days=14)
    for event in db.session.scalars(select(LeadEvent).where(LeadEvent.lead_id == lost.id, LeadEvent.what == "received")):
        event.created_at = lost.requested_at
    lost.assigned_to, lost.contacted_at = claire.user_id, now() - timedelta(days=12)
    for days, result in ((12, "no_answer"), (6, "left_message"), (1, "no_answer")):
        db.session.add(
            ContactAttempt(lead_id=lost.id, user_id=claire.user_id, result=result, created_at=now() - timedelta(days=days))
        )
    extend(lost, today() - timedelta(days=12), current_tenant.decision_days)
    db.session.flush()  # what follows reads them


def fill_programme(stories: list[Story]) -> None:
    """Requests at every stage."""
    for story in stories:
        remember(story)
    for rank, code in enumerate(UNSERVED):
        wait(rank, code)
    for rank in range(3):
        take_back(rank)


def remember(story: Story) -> None:
    """The programme's own row of a request that an association received, with its orientation and its history."""
    copy = story.lead
    known = {
        LeadState.ACCEPTED: (LeadState.ACCEPTED, OrientationState.ACCEPTED),
        LeadState.WAITLISTED: (LeadState.WAITLISTED, OrientationState.WAITLISTED),
    }
    state, orientation_state = known.get(LeadState(copy.state), (LeadState.ORIENTED, OrientationState.DELIVERED))
    assert copy.programme_lead_id is not None
    assert copy.answer_by is not None
    lead = Lead(
        id=copy.programme_lead_id, state=state, accepted_at=copy.accepted_at,
        answer_by=copy.answer_by if state == LeadState.WAITLISTED else None,
        **{name: getattr(copy, name) for name in CARRIED},
    )  # fmt: skip
    db.session.add(lead)
    db.session.flush()  # orientation and history name it
    db.session.add(
        Orientation(
            id=copy.orientation_id, lead_id=lead.id, association_id=story.association_id, kind=lead.kind, answer_by=copy.answer_by,
            state=orientation_state, reasons=["near"], contacted_at=copy.contacted_at,
            created_at=lead.requested_at, delivered_at=lead.requested_at + timedelta(minutes=1), answered_at=copy.accepted_at,
        )
    )  # fmt: skip
    happened = [("received", lead.requested_at, None), ("oriented", lead.requested_at, story.association_id)]
    if state == LeadState.WAITLISTED:
        happened.append(("waitlisted", now(), story.association_id))
    if lead.accepted_at:
        happened.append(("accepted", lead.accepted_at, story.association_id))
    for what, when, who in happened:
        db.session.add(LeadEvent(lead_id=lead.id, what=what, created_at=when, association_id=who))


def make(rank: int, code: str, age: int) -> Lead:
    """An invented request."""
    commune = find_commune(code)
    assert commune is not None
    first, last = FIRST[-1 - rank], LAST[-1 - rank]
    return Lead(
        kind="mentee", first_name=first, last_name=last, email=address(first, f"{last}-p{rank}"), phone=None,
        birth_date=today() - timedelta(days=age * 366), age=age, commune_code=commune.code, commune_name=commune.name,
        departement_code=commune.departement_code, places=["association"], slots=["sat_morning"], needs=["orientation"],
        situation="superieur", axes=[], source="1jeune1solution", requested_at=now() - timedelta(days=3 * rank + 1),
        text_version=TEXT_VERSION,
    )  # fmt: skip


def wait(rank: int, code: str) -> None:
    """A request from where no association is: it waits, and says why."""
    lead = make(rank, code, 18 + rank)
    receive(lead, current_tenant)
    for event in history_of(lead):
        event.created_at = lead.requested_at


def take_back(rank: int) -> None:
    """A request that was withdrawn."""
    lead = make(10 + rank, UNSERVED[rank], 19 + Random(rank).randint(0, 5))  # noqa: S311
    lead.state, lead.withdrawn_at = LeadState.WITHDRAWN, now() - timedelta(hours=rank + 1)
    db.session.add(lead)
    db.session.flush()  # history names it
    for what, when in (("received", lead.requested_at), ("withdrawn", lead.withdrawn_at)):
        db.session.add(LeadEvent(lead_id=lead.id, what=what, created_at=when))
