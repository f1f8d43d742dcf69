"""A form under way: its draft lives in the tenant's space, the browser holds its number only."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import request, session
from sqlalchemy import delete, select

from app.database import now, one_at_a_time, uuid7
from app.extensions import db
from app.fields import visible
from app.tenants.models import Tenant
from app.territory.queries import find_commune
from app.web import today

from .forms import Step, read_contact, split_contact, steps_of
from .models import Lead, LeadDraft
from .words import TEXT_VERSION, LeadKind, age_on

LIFE = timedelta(hours=4)
RECEIPT = "receipt"  # of a request that was sent: the link of its page
READ = "read"  # once that page was shown where it was sent
SEVERAL = frozenset({"places", "slots", "needs", "axes", "languages"})
PLAIN = (*SEVERAL, "first_name", "last_name", "email", "phone", "hopes", "situation", "level", "diploma", "field_wish",
         "gender_wish", "status", "sector", "skills", "preferred_public", "message", "guardian_name", "asker_name",
         "asker_structure")  # fmt: skip
FIELDS_OF: dict[type[Step], Mapping[str, bool]] = {}


def key_of(kind: str, tenant: Tenant) -> str:
    return f"draft-{kind}-{tenant.id.hex}"


def find_draft(kind: str, tenant: Tenant, lock: bool = False) -> LeadDraft | None:
    """The draft of this browser, if it is still alive."""
    number = session.get(key_of(kind, tenant))
    if not number:
        return None
    statement = select(LeadDraft).where(LeadDraft.id == UUID(number), LeadDraft.expires_at > now())
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return db.session.scalar(statement)


def save_answers(kind: str, tenant: Tenant, answers: dict[str, Any]) -> LeadDraft:
    """Add a step's answers to the draft, which begins with the first of them."""
    draft = find_draft(kind, tenant, lock=True) or begin_draft(kind, tenant)
    draft.answers = {**draft.answers, **answers}
    draft.expires_at = now() + LIFE
    return draft


def number_of(kind: str, tenant: Tenant) -> UUID:
    """The number of this browser's draft, from when it is shown the form: what it then sends at one instant is of one draft."""
    return UUID(session.setdefault(key_of(kind, tenant), uuid7().hex))


def begin_draft(kind: str, tenant: Tenant) -> LeadDraft:
    """An empty one, unless it was begun at this instant: then that one, with what it holds."""
    number = number_of(kind, tenant)
    one_at_a_time("draft", number)
    draft = find_draft(kind, tenant, lock=True)
    if draft is None:
        db.session.execute(delete(LeadDraft).where(LeadDraft.id == number))  # too old, and not forgotten yet
        draft = LeadDraft(id=number, kind=kind, answers={}, source=source_of_request(), expires_at=now())
        db.session.add(draft)
    return draft


def source_of_request() -> str:
    """Where the person came from, as the link said."""
    return visible(request.args.get("source", ""))[:40] or "direct"


def note_read(lead: Lead, tenant: Tenant) -> None:
    """The page of a request is shown: where it was sent from, the form begins anew."""
    draft = find_draft(lead.kind, tenant)
    if draft is not None and draft.lead_id == lead.id:
        draft.answers = {**draft.answers, READ: True}


def forget_draft(kind: str, tenant: Tenant) -> None:
    """Keep nothing of what was typed."""
    draft = find_draft(kind, tenant)
    if draft is not None:
        db.session.delete(draft)
    session.pop(key_of(kind, tenant), None)


def first_missing(draft: LeadDraft | None, kind: str) -> int:
    """The number of the first step that has no valid answer yet; one more than the last when all have."""
    answers = draft.answers if draft else {}
    steps = steps_of(kind, answers)
    for number, step in enumerate(steps, start=1):
        if any(is_needed and not answers.get(name) for name, is_needed in fields_of(step).items()):
            return number
    return len(steps) + 1


def fields_of(step: type[Step]) -> Mapping[str, bool]:
    """The fields of a step, and whether each needs an answer: read once, for each page of the form asks it of all its steps."""
    if step not in FIELDS_OF:
        FIELDS_OF[step] = {field.name: bool(field.flags.required) for field in step(meta={"csrf": False})}
    return FIELDS_OF[step]


def answers_of(draft: LeadDraft) -> Mapping[str, Any]:
    """What the steps of this draft say; those of a step that is no longer asked are left out."""
    asked = {name for step in steps_of(draft.kind, draft.answers) for name in fields_of(step)}
    return {name: value for name, value in draft.answers.items() if name in asked or name == "commune_code"}


def as_lead(draft: LeadDraft) -> Lead:
    """The request that a finished draft becomes."""
    answers = answers_of(draft)
    commune = find_commune(answers["commune_code"])
    assert commune is not None
    born = date.fromisoformat(answers["birth_date"])
    return Lead(
        kind=LeadKind(draft.kind),
        birth_date=born,
        age=age_on(born, today()),
        commune_code=commune.code,
        commune_name=commune.name,
        departement_code=commune.departement_code,
        source=draft.source,
        text_version=TEXT_VERSION,
        may_relay=bool(answers.get("may_relay")),
        asker_contact=read_contact(answers["asker_contact"]) if answers.get("asker_contact") else None,
        **{name: answers.get(name) or ([] if name in SEVERAL else None) for name in PLAIN},
        **(split_contact(answers["guardian_contact"]) if answers.get("guardian_contact") else {}),
    )
