"""What people and pairs hold beyond their files: one of each kind of row, every text of it carrying the mark."""

import hashlib
from datetime import timedelta

from sqlalchemy import select

from app.database import now
from app.extensions import db
from app.followup.models import Call, Contact, Digest, FollowUpSettings, HealthDay
from app.followup.thread_models import Message, Thread
from app.meetings.models import Confirmation, MeetingEvent, Offer
from app.meetings.notice_models import CalendarFeed, MeetingSettings, Notice, NoticeRefusal
from app.pairs.agreement_models import Agreement, AgreementTemplate, Signature
from app.pairs.matching_models import MatchRun, MatchWish, Proposal
from app.pairs.models import (
    Closure,
    CountSnapshot,
    GateNotice,
    ObjectiveReview,
    PairAnswer,
    PairEvent,
    PairSettings,
    Pause,
)  # fmt: skip
from app.people.application_models import Decision, Interview, InterviewGrid, Reference
from app.people.check_models import Charter, CharterSignature, Check, GateException, GateVersion
from app.people.models import FactReading, Guardian, Guardianship, PersonNote, SensitiveFact
from app.storage import store
from app.web import today
from tests import factories

REASONS = [
    {"code": "needs", "points": 200, "of": 250, "detail": []},
    {"code": "hours", "points": 50, "of": 150, "detail": ["sat_morning"]},
    {"code": "interests", "points": 75, "of": 150, "detail": ["sport"]},
    {"code": "near", "points": 150, "of": 150, "detail": ["commune"]},
    {"code": "waiting", "points": 30, "of": 150, "detail": ["30"]},
    {"code": "first", "points": 400, "of": 0, "detail": []},
    {"code": "pinned", "points": 4000, "of": 0, "detail": []},
    {"code": "places", "points": 0, "of": 0, "detail": ["remote"]},
]


def kept(*rows):
    """Store the rows in order; returns the ids."""
    for row in rows:
        db.session.add(row)
        db.session.flush()
    return [row.id for row in rows]


def verify(mark, mentor, mentee, staff):
    """What is asked before a meeting, and what this mentor has of it; returns what names it in paths."""
    user, day = staff.user_id, today()
    kept(Charter(number=1, body=mark, written_by=user))
    check = clear(mentor, staff, mark)
    exception = GateException(mentor_id=mentor.id, mentee_id=mentee.id, piece="record", reason=mark, until=day, made_by=user)
    rules = [{"piece": "identity", "audience": "all", "renew": 36}, {"piece": "charter", "audience": "all"}]
    kept(exception, GateVersion(number=1, rules=rules, note=mark, made_by=user))
    return {"check_id": check.id, "gate_exception_id": exception.id}


def clear(mentor, staff, digest="x"):
    """A mentor who has what the rules of the house ask for: identity seen, and due again in a month; charter signed."""
    day, charter = today(), db.session.scalars(select(Charter)).first()
    check = Check(mentor_id=mentor.id, kind="identity", document_on=day - timedelta(days=400), seen_on=day, seen_by=staff.user_id,
                  is_clear=True, due_on=day + timedelta(days=30))  # fmt: skip
    signed = {"how": "paper", "signed_on": day, "digest": digest, "noted_by": staff.user_id}
    kept(check, CharterSignature(mentor_id=mentor.id, charter_id=charter.id, **signed))
    return check


def apply(mark, mentor, staff):
    """The road of somebody who was accepted, and of somebody half way; returns what names it in paths."""
    user, day = staff.user_id, today()
    half_way = factories.mentor(None, account=False, first_name=mark, last_name=mark, stage="references", employer=mark)
    grid = InterviewGrid(number=1, questions=[mark], criteria=[mark], written_by=user)
    held = Interview(mentor_id=mentor.id, planned_at=now(), place=mark, with_user=user, held_on=day, colour="green", summary=mark,
                     notes=[{"question": mark, "note": mark}])  # fmt: skip
    planned = Interview(mentor_id=half_way.id, planned_at=now() + timedelta(days=2), place=mark, with_user=user)
    answered = Reference(mentor_id=mentor.id, name=mark, email=f"{mark}@example.org".lower(), relation=mark, state="answered",
                         asked_by=user, expires_on=day, answered_at=now(), known_for=mark, advice="yes", note=mark)  # fmt: skip
    asked = Reference(mentor_id=half_way.id, name=mark, email=f"{mark}2@example.org", relation=mark, asked_by=user, expires_on=day)
    kept(grid, held, planned, answered, asked)
    kept(Decision(mentor_id=mentor.id, is_accepted=True, criteria=[mark], reason=mark, decided_by=user))
    return {"interview_id": held.id, "reference_id": answered.id}


def represent(mark, mentor, mentee, staff):
    """A guardian of the jeune, another of the mentor, and what is sensitive; returns what names it in paths."""
    parent = Guardian(name=mark, email=f"{mark}@example.org", phone="+33698000097")
    kept(parent)
    link = Guardianship(guardian_id=parent.id, mentee_id=mentee.id, relation="parent")
    kept(link, Guardianship(guardian_id=parent.id, mentor_id=mentor.id, relation="other"))
    fact = SensitiveFact(mentee_id=mentee.id, kind="qpv", noted_by=staff.user_id)
    kept(fact, FactReading(mentee_id=mentee.id, user_id=staff.user_id, what="set", kind="qpv"))
    note = PersonNote(mentee_id=mentee.id, body=mark, user_id=staff.user_id)
    kept(note, PersonNote(mentor_id=mentor.id, body=mark, user_id=staff.user_id))
    mentee.guardian_name = mark
    mentee.school = mentor.employer = mark
    return {"guardianship_id": link.id, "person_note_id": note.id}


def live(mark, pair, staff):
    """What happened to a pair under way, and what it counted for last month; returns what names it in paths."""
    user, day = staff.user_id, today()
    events = [PairEvent(pair_id=pair.id, what=what, why=mark, user_id=user) for what in ("proposed", "confirmed", "begun")]
    answers = [PairAnswer(pair_id=pair.id, side=side, answer_by=day, is_yes=True, answered_at=now(), word=mark)
               for side in ("mentee", "mentor")]  # fmt: skip
    frozen = day.replace(day=1) - timedelta(days=1)
    facts = {"since": day.isoformat(), "months": 2, "needed": 6, "deducted": [], "counts_on": None}
    kept(
        *events, *answers,
        Pause(pair_id=pair.id, since=day - timedelta(days=60), until=day - timedelta(days=50), reason=mark),
        ObjectiveReview(pair_id=pair.id, month=3, held_on=day, states={mark: "reached"}, note=mark, noted_by=user),
        Closure(pair_id=pair.id, kind="unforeseen", reason="time", begun_by=user, went_well=mark, reopened_on=day),
        CountSnapshot(pair_id=pair.id, on_day=frozen, counts=False, facts=facts, frozen_by=user),
        GateNotice(pair_id=pair.id, piece="identity", side="mentor", ends_on=day, days=30),
        PairSettings(number=1, values={"answer_days": 9}, made_by=user),
    )  # fmt: skip
    return {"year": frozen.year, "month": frozen.month, "day": frozen.day}


def sign(tenant, mark, pair, state):
    """An agreement of the pair that the mentor signed and the others did not, or that everybody signed; returns its signatures."""
    content = mark.encode()
    paper = Agreement(pair_id=pair.id, state=state, template=1, body=mark, file_key=store(tenant.id, content, "pdf"),
                      digest=hashlib.sha256(content).hexdigest(), sign_by=today() + timedelta(days=9))  # fmt: skip
    kept(paper)
    if state == "signed":
        paper.sealed_key = paper.file_key
    rows = [Signature(agreement_id=paper.id, role=role, name=mark, email=f"{mark}@example.org", reason="")
            for role in ("mentor", "mentee", "association")]  # fmt: skip
    for row in rows if state == "signed" else rows[:1]:
        row.signed_at, row.digest, row.how = now(), paper.digest, "link"
    kept(*rows)
    return rows


def match(mark, mentor, mentee, staff):
    """A run that is done, its proposal, and what somebody said of two people; returns what names it in paths."""
    user = staff.user_id
    figures = {"mentees": 1, "mentors": 1, "places": 1, "proposed": 1, "left": {"hour": 1}, "nobody": {str(mentee.id): "hour"}}
    run = MatchRun(state="done", started_by=user, weights={"needs": 25}, step="done", share=100, figures=figures, finished_at=now())
    kept(run)
    people = {"run_id": run.id, "mentee_id": mentee.id}
    proposal = Proposal(**people, mentor_id=mentor.id, rank=0, score=900, reasons=REASONS)
    wish = MatchWish(mentor_id=mentor.id, mentee_id=mentee.id, is_pin=False, reason=mark, made_by=user)
    kept(proposal, wish)
    return {"run_id": run.id, "proposal_id": proposal.id}


def on_the_way(tenant, mark, mentor, staff, stages):
    """Pairs at each other stage of their life, all of one mentor with room; returns what names them in paths."""
    mentor.capacity = 6
    user, found = staff.user_id, {}
    for state in stages:
        jeune = factories.mentee(tenant, account=False, first_name=mark, last_name=mark)
        pair = factories.pair(mentor, jeune, coordinator=staff, state=state, objectives=[mark], why=REASONS)
        found[f"{state}_id"] = pair.id
        kept(PairEvent(pair_id=pair.id, what="proposed", why=mark, user_id=user))
        if state == "proposed":
            answer = PairAnswer(pair_id=pair.id, side="mentee", answer_by=today())
            kept(answer)
            found["answer_id"] = answer.id
        elif state == "signing":
            awaited = sign(tenant, mark, pair, "open")[1]
            found |= {"signature_id": awaited.id, "agreement_id": awaited.agreement_id}
        else:
            steps = {"mentee": {"why": mark}, "mentor": {"done_on": today().isoformat()}}
            kept(Closure(pair_id=pair.id, kind="unforeseen", reason="time", begun_by=user, steps=steps, went_well=mark))
    kept(AgreementTemplate(number=1, body=f"{mark} {{jeune}}", written_by=user))
    return found


def tell(tenant, mark, pair, staff, stages):
    """Everything that there is to tell of a pair under way and of its two people; returns what names it in paths."""
    mentor, mentee = pair.mentor, pair.mentee
    waiting = factories.mentee(tenant, account=False, first_name=mark, last_name=mark)
    found = verify(mark, mentor, mentee, staff) | apply(mark, mentor, staff) | represent(mark, mentor, mentee, staff)
    found |= live(mark, pair, staff) | on_the_way(tenant, mark, mentor, staff, stages) | match(mark, mentor, waiting, staff)
    sign(tenant, mark, pair, "signed")
    return found


def meet(mark, pair, meeting, held, staff):
    """What goes round a meeting: history, what the jeune says, times proposed, reminders; returns what names it in paths."""
    user, soon = pair.mentor.user_id, now() + timedelta(days=5)
    offer = Offer(pair_id=pair.id, side="mentee", starts=[soon], minutes=60, place="association", where=mark, word=mark)
    mine = Offer(pair_id=pair.id, side="mentor", starts=[soon], minutes=60, place="association", where=mark, word=mark)
    feed = CalendarFeed(user_id=user)
    kept(
        MeetingEvent(meeting_id=held.id, what="corrected", before={"note": mark}, user_id=user),
        Confirmation(meeting_id=held.id, was_held=False, face=1), offer, mine, feed,
        MeetingSettings(number=1, values={"video_server": f"https://example.org/{mark}"}, made_by=staff.user_id),
        Notice(kind="two_days", about=meeting.id, pair_id=pair.id, side="mentor", mark=mark),
        NoticeRefusal(user_id=user, kind="two_hours"),
    )  # fmt: skip
    return {"offer_id": offer.id, "feed_id": feed.id}


def follow(tenant, mark, pair, staff):
    """What the team said with a pair's people and is to say, what they write to each other; returns what names it in paths."""
    user, day = staff.user_id, today()
    pair.mentee.guardian_email, pair.mentee.birth_date = f"{mark}@example.org".lower(), day - timedelta(days=6000)
    call = Call(pair_id=pair.id, kind="next_step", side="mentor", since=day, facts={"step": mark}, rank=85)
    said = Contact(pair_id=pair.id, side="mentor", how="phone", held_at=now(), minutes=10, reached=True, answers={mark: "watch"},
                   note=mark, next_step=mark, next_on=day, user_id=user)  # fmt: skip
    threads = {side: Thread(pair_id=pair.id, side=side, last_at=now(), waiting_since=now())
               for side in ("mentor", "mentee", "guardian", "both")}  # fmt: skip
    kept(
        said, call, HealthDay(on_day=day, well=1, watch=0, danger=0), Digest(user_id=user, week=day),
        FollowUpSettings(number=1, values={"canned": [f"{mark}\n{mark}"], "both_write": True}, made_by=user), *threads.values(),
    )  # fmt: skip
    key = store(tenant.id, mark.encode(), "pdf")
    words = [Message(thread_id=thread.id, author="team", user_id=user, body=mark, once=side, file_key=key, file_name=mark,
                     media_type="application/pdf") for side, thread in threads.items()]  # fmt: skip
    kept(*words)
    return {"call_id": call.id, "message_id": words[0].id, "contact_id": said.id}
