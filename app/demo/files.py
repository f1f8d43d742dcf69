"""What files and pairs of the demonstration say beyond requests: rules, profiles, checks, applications, lives of pairs."""

from collections.abc import Sequence
from datetime import timedelta
from random import Random

from sqlalchemy import select

from app.database import now
from app.extensions import db
from app.pairs.closing import begin_closing, mark_step
from app.pairs.models import Pair, PairAnswer, PairEvent, PairState, Pause
from app.people import checks, rules
from app.people.application_models import Decision, Interview, Reference
from app.people.applications import ANSWER_WITHIN, CHARTER, grid
from app.people.check_models import CheckKind
from app.people.checks import Seen
from app.people.guardians import name_guardian
from app.people.models import Mentee, Mentor, Stage
from app.people.rules import Rule
from app.people.words import INTERESTS
from app.tenants.models import Staff
from app.tenants.resolve import current_tenant
from app.web import midnight, today

from .people import address

ASKED = (Rule("charter", "all"), Rule("identity", "all"), Rule("record", "minors", fresh=3, renew=36))
SAID = "Envie de transmettre, disponible le soir, à l'écoute."


def set_rules() -> None:
    """What the association asks on top of the law, and its charter."""
    staff = team()
    checks.write_charter(CHARTER, False, staff.user_id)
    rules.set_rules(ASKED, "Règles de départ", staff.user_id)


def team() -> Staff:
    """Who follows people here."""
    return db.session.scalars(select(Staff).order_by(Staff.phone).limit(1)).one()


def tell_profiles(mentors: Sequence[Mentor], mentees: Sequence[Mentee], chance: Random) -> None:
    """Interests, languages, how far; who represents a minor."""
    for person in (*mentors, *mentees):
        person.interests = chance.sample(sorted(INTERESTS), 3)
        person.languages = ["fr", *chance.sample(["en", "es", "ar", "pt"], 1)]
        person.reach = chance.choice(["epci", "departement", "departement", "region"])
    for rank, mentee in enumerate(mentees):
        if mentee.guardian_name and mentee.guardian_phone:  # one in three has a telephone alone
            mail = address(*mentee.guardian_name.split(" ", 1)) if rank % 3 else None
            name_guardian(mentee, mentee.guardian_name, mail, mentee.guardian_phone)


def check_mentors(mentors: Sequence[Mentor]) -> None:
    """Those who are ready: interviewed, accepted, verified, the charter signed. The last ones are on their way."""
    staff, charter = team(), checks.current_charter()
    assert charter is not None
    for mentor in mentors:
        asked = mentor.created_at.date()
        seen = asked + timedelta(days=3)
        for kind in (CheckKind.IDENTITY, CheckKind.RECORD):
            checks.note_check(mentor, Seen(kind, asked, seen, True), staff.user_id)
        checks.sign_charter(mentor, charter, "online", mentor.user_id or staff.user_id).signed_on = seen
        interview(mentor, -(today() - seen).days, staff, held=True)
        db.session.add(
            Decision(mentor_id=mentor.id, is_accepted=True, criteria=grid().criteria, reason="", decided_by=staff.user_id)
        )
        mentor.stage = Stage.READY
    db.session.flush()


def apply(mentors: Sequence[Mentor]) -> None:
    """One was met and a reference is awaited; the other is met in a few days."""
    staff = team()
    met, coming = mentors[:2]
    interview(met, -4, staff, held=True)
    db.session.add(
        Reference(mentor_id=met.id, name="Solange Perrin", email="solange.perrin@example.org", relation="ancienne collègue",
                  asked_by=staff.user_id, expires_on=today() + ANSWER_WITHIN)
    )  # fmt: skip
    met.stage = Stage.REFERENCES
    interview(coming, 3, staff, held=False)
    coming.stage = Stage.INTERVIEW_PLANNED
    db.session.flush()


def interview(mentor: Mentor, days: int, staff: Staff, held: bool) -> None:
    """A talk so many days from today, with the grid's questions when it was held."""
    day = today() + timedelta(days=days)
    notes = [{"question": question, "note": SAID} for question in grid().questions[:2]] if held else []
    db.session.add(
        Interview(mentor_id=mentor.id, planned_at=midnight(day) + timedelta(hours=17), place=current_tenant.city,
                  with_user=staff.user_id, held_on=day if held else None, colour="green" if held else None, notes=notes,
                  summary=SAID if held else "")
    )  # fmt: skip


def tell_stories(pairs: Sequence[Pair], mentor: Mentor, mentee: Mentee) -> None:
    """Each pair began; one was paused, one is being closed; two more people are asked whether they are interested."""
    staff = team()
    for pair in pairs:
        began = midnight(pair.starts_on) + timedelta(hours=10)
        db.session.add(PairEvent(pair_id=pair.id, what="begun", user_id=staff.user_id, created_at=began))
    paused, closing = pairs[6], pairs[1]
    db.session.add(
        Pause(pair_id=paused.id, since=today() - timedelta(days=16), until=today() - timedelta(days=9), reason="Examens")
    )
    closure = begin_closing(closing, "foreseen", "goals", staff.user_id)
    assert closure is not None
    mark_step(closure, "mentee", today() - timedelta(days=1), "")
    proposed = Pair(
        mentor_id=mentor.id, mentee_id=mentee.id, coordinator_id=staff.id, starts_on=today() + timedelta(days=7), planned_months=6,
        rhythm="fortnightly", objectives=[], state=PairState.PROPOSED,
    )  # fmt: skip
    db.session.add(proposed)
    db.session.flush()
    asked = PairAnswer(pair_id=proposed.id, side="mentee", answer_by=today() + timedelta(days=5), is_yes=True, answered_at=now())
    waiting = PairAnswer(pair_id=proposed.id, side="mentor", answer_by=today() + timedelta(days=6))
    told = [PairEvent(pair_id=proposed.id, what=what, user_id=staff.user_id if what == "proposed" else None)
            for what in ("proposed", "asked_mentee", "yes_mentee", "asked_mentor")]  # fmt: skip
    db.session.add_all([asked, waiting, *told])
    db.session.flush()
