"""A furnished house: one association with one of everything, another with the same and marked, and a way to name each record."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from app.accounts.links import invitation_token, record_token, sign_in_token
from app.accounts.models import Act, Membership, User
from app.certificates import batches, wording
from app.certificates.actions import issue_for_pair, share
from app.certificates.awards import Candidate
from app.certificates.models import AssociationSeal, BatchItem, CertificateKind, Signatory, SigningKey
from app.database import now
from app.extensions import db
from app.leads import imports
from app.leads.models import ContactAttempt, ImportProblem, Orientation, SavedView
from app.leads.words import LeadKind
from app.partners.models import SCOPES, ApiCall, ApiKey, Delivery, Partner
from app.storage import store
from app.training.models import (
    Course,
    CourseFile,
    CourseVersion,
    Module,
    OutsideTraining,
    QuizAttempt,
    TrainingException,
)  # fmt: skip
from app.training.session_models import AttendanceMark, CourseSession, Registration
from tests import factories
from tests.bases import begun, stored
from tests.people.fixtures import boss  # noqa: F401  (for the pages of a colleague)

from . import stories

MARK = "ZZMARQUEZZ"
LINKS = {  # what a link names, of those that are about one record
    "people.reference": ("reference", "reference_id"),
    "people.consent": ("autorisation", "guardianship_id"),
    "people.consent_refusal": ("autorisation", "guardianship_id"),
    "people.consent_withdrawal": ("autorisation", "guardianship_id"),
    "pairs.interest": ("rencontre", "answer_id"),
    "pairs.signature": ("convention", "signature_id"),
    "pairs.signature_file": ("convention", "signature_id"),
    "meetings.log_by_link": ("seance", "meeting_id"),
    "meetings.confirm_by_link": ("presence", "meeting_id"),
    "meetings.calendar_feed": ("agenda", "feed_id"),
    "followup.guardian_thread": ("parent", "pair_id"),
    "followup.wait": ("attente-jeune", "mentee_id"),
    "followup.guardian_file": ("parent", "pair_id"),
}
WORDS = {  # what the other parameters may be
    "kind": "engagement", "audience": "jeunes", "question": "nouvelle", "form": "csv", "model_key": "devenir-mentor",
    "allowed": "home", "which": "archive", "lead_kind": "mentee", "filename": "css/app.css",
    "guide": "equipe", "whose": "mentor", "crowd": "jeunes", "meetings": "a-venir",
}  # fmt: skip
STAGES = ("proposed", "signing", "closing")


def furnish(app, tenant, mark):
    """One of everything in a space, each text of it carrying the mark."""
    with factories.in_space(app, tenant):
        kind = "operator" if tenant.is_programme else "coordinator"
        staff = factories.staff(tenant, kind, first_name=mark, last_name=mark)
        lead = factories.lead(
            first_name=mark, last_name=mark, message=mark, state="waiting" if tenant.is_programme else "received",
            answer_by=None if tenant.is_programme else factories.today() + timedelta(days=3),
        )  # fmt: skip
        view = SavedView(user_id=staff.user_id, name=mark, filters={"q": mark})
        act = Act(what="invited", user_id=staff.user_id, facts={"name": mark, "role": kind})
        attempt = ContactAttempt(lead_id=lead.id, user_id=staff.user_id, result="reached", note=mark)
        db.session.add_all([view, act, attempt])
        db.session.flush()
        found = {"view_id": view.id, "staff_id": staff.id, "lead_id": lead.id, "staff_user": staff.user_id}
        found["contact_attempt_id"] = attempt.id
        found["import_id"] = send_file(mark, staff).id
        found |= hear_of(mark, staff, lead)
        if tenant.is_programme:
            db.session.add(Orientation(lead_id=factories.lead(first_name=mark, state="oriented").id, association_id=tenant.id,
                                       kind="mentee", answer_by=factories.today()))  # fmt: skip
            course = factories.published(mark, [{"kind": "quiz", "title": mark, "body": mark}], summary=mark)
            module = db.session.scalars(select(Module).where(Module.course_id == course.id)).one()
            version = db.session.scalars(select(CourseVersion).where(CourseVersion.course_id == course.id)).one()
            found |= {"course_id": course.id, "module_id": module.id, "version_id": version.id}
            return SimpleNamespace(**found, roles={"operator": staff.user_id})
        admin = factories.staff(tenant, "admin", first_name=mark, last_name=mark)
        mentor = factories.mentor(tenant, trained=True, first_name=mark, last_name=mark, message=mark)
        mentee = factories.mentee(tenant, first_name=mark, last_name=mark, message=mark)
        pair = factories.pair(mentor, mentee, coordinator=staff, objectives=[mark])
        held = factories.meeting(pair, days=-14, state="held", note=mark)
        factories.meeting(pair, days=3, where=mark)
        meeting = factories.meeting(pair, days=-1, where=mark, note=mark)
        course = db.session.scalars(select(Course)).first()
        course.title = course.summary = mark
        module = db.session.scalars(select(Module).where(Module.kind == "live", Module.course_id == course.id)).one()
        module.title = module.body = mark
        session = CourseSession(module_id=module.id, starts_at=now() + timedelta(days=2), place=mark, seats=5)
        db.session.add(session)
        db.session.flush()
        seat = Registration(session_id=session.id, mentor_id=mentor.id, number=1)
        db.session.add(seat)
        db.session.flush()
        found |= teach(tenant, mark, mentor, course, staff, seat)
        certificate = issue_for_pair(CertificateKind.ENGAGEMENT, pair, by=staff.user_id)
        authorisation = factories.authorisation(mentee, given_by=mark)
        signatory, batch = certify(tenant, mark, pair, staff)
        found |= stories.tell(tenant, mark, pair, staff, STAGES) | stories.meet(mark, pair, meeting, held, staff)
        found |= stories.follow(tenant, mark, pair, staff)
        found |= {
            "mentor_id": mentor.id, "mentee_id": mentee.id, "pair_id": pair.id, "meeting_id": meeting.id,
            "course_id": course.id, "module_id": module.id, "session_id": session.id, "certificate_id": certificate.id,
            "authorisation_id": authorisation.id, "code": certificate.code, "signatory_id": signatory.id, "batch_id": batch.id,
            "name": db.session.scalars(select(SigningKey.name)).one(), "key": share(certificate),
        }  # fmt: skip
        roles = {"coordinator": staff.user_id, "admin": admin.user_id, "mentor": mentor.user_id, "jeune": mentee.user_id}
    return SimpleNamespace(**found, roles=roles)


def every(given, record):
    """A page of a jeune's file, then the same of a mentor's; of a pair, then the same of pairs at other stages; each thread."""
    yield given
    if "whose" in given:
        for whose in ("jeune", "parent", "binome"):
            yield given | {"whose": whose}
    if given.get("kind") == "jeunes":
        yield given | {"kind": "mentors", "person_id": record.mentor_id}
    if given.get("pair_id") == record.pair_id:
        for stage in STAGES:
            yield given | {"pair_id": getattr(record, f"{stage}_id")}


def send_file(mark, staff):
    """A file of requests whose columns are to be checked, and one that is done, with a row that was refused; returns the first."""
    content = f"Nom;Prénom;Âge;Email;Ville;Code postal\n{mark};{mark};20;a@example.org;Lyon;69001\n".encode()
    ready, done = (imports.receive_file(f"{mark}.csv", content, LeadKind.MENTEE, staff.user_id)[0] for _time in range(2))
    done.state, done.file_key, done.position, done.refused = "done", None, 1, 1
    problem = ImportProblem(import_id=ready.id, line=2, column=mark, cause=mark, is_refusal=True, cells=[mark])
    db.session.add(problem)
    db.session.flush()
    return ready


def hear_of(mark, staff, lead):
    """A partner with a key, a request that they sent, and a word to their server that failed; returns what names them in paths."""
    partner = Partner(name=mark, scopes=list(SCOPES), webhook_url=f"https://example.org/{mark}")
    db.session.add(partner)
    db.session.flush()
    key = ApiKey(partner_id=partner.id, digest=mark, hint=mark, made_by=staff.user_id)
    word = Delivery(partner_id=partner.id, lead_id=lead.id, body=mark, state="failed", error=mark)
    lead.partner_id = partner.id
    db.session.add_all([key, word])
    db.session.add(ApiCall(partner_id=partner.id, key=mark, fingerprint=mark, lead_id=lead.id, answer={"id": mark}, told=mark))
    db.session.flush()
    return {"partner_id": partner.id, "key_id": key.id, "delivery_id": word.id}


def teach(tenant, mark, mentor, course, staff, seat):
    """What training holds of a mentor: a quiz to mark, training followed elsewhere, an exception, a file; gives their ids."""
    bank = [{"id": "q1", "kind": "free", "text": mark, "feedback": mark, "choices": []}]
    parts = [{"kind": "quiz", "title": mark, "questions": bank, "body": mark}, {"kind": "interview", "title": mark},
             {"kind": "elsewhere", "title": mark}]  # fmt: skip
    other = factories.published(mark, parts, summary=mark)
    version = db.session.scalars(select(CourseVersion).where(CourseVersion.course_id == other.id)).one()
    quiz = db.session.scalars(select(Module).where(Module.course_id == other.id, Module.kind == "quiz")).one()
    attempt = QuizAttempt(enrolment_id=factories.enrol(mentor, other).id, module_id=quiz.id, number=1, drawn=["q1"],
                          answers={"q1": mark}, marks={"q1": None}, state="to_mark", submitted_at=now())  # fmt: skip
    outside = OutsideTraining(mentor_id=mentor.id, title=mark, body=mark, evidence=mark, done_on=factories.today(), minutes=60)
    exception = TrainingException(
        mentor_id=mentor.id, course_id=course.id, reason=mark, made_by=staff.user_id, until=factories.today()
    )
    file = CourseFile(name=mark, media_type="image/png", key=store(tenant.id, mark.encode(), "png"), size=9, added_by=staff.user_id)
    mark_row = AttendanceMark(registration_id=seat.id, attended=False, minutes=0, by=staff.user_id)
    db.session.add_all([attempt, outside, exception, file, mark_row])
    db.session.flush()
    return {
        "version_id": version.id,
        "attempt_id": attempt.id,
        "outside_id": outside.id,
        "exception_id": exception.id,
        "file_id": file.id,
    }


def certify(tenant, mark, pair, staff):
    """What an association sets and starts: its texts, who signs them, its seal, a batch in which somebody failed."""
    signatory = Signatory(name=mark, office=mark)
    db.session.add(signatory)
    db.session.flush()
    for kind in CertificateKind:
        wording.keep_wording(kind, mark, mark, signatory.id)
    seal = AssociationSeal(subject=mark, not_after=factories.today() - timedelta(days=1), pkcs12=b"x", passphrase=b"x")  # over
    batch = batches.start(CertificateKind.PARTICIPATION, mark, [Candidate(pair.id, mark, mark, None)], {}, staff.user_id, False)
    failed = BatchItem(batch_id=batch.id, position=1, source_id=staff.id, holder=mark, state="failed", reason=mark)
    db.session.add_all([seal, failed])
    db.session.flush()
    return signatory, batch


@stored(on="programme")
def house(app):
    """The programme, our association, and another one whose every text is marked."""
    return SimpleNamespace(
        programme=furnish(app, begun(app, "programme"), "Margaux"),
        ours=furnish(app, begun(app, "association"), "Camille"),
        theirs=furnish(app, begun(app, "elsewhere"), MARK),
    )


@pytest.fixture
def values(app, house, association):
    """Builds the parameters of a route from the records of one space."""

    def build(rule, record, tenant):
        given = WORDS | {name: getattr(record, name) for name in rule.arguments if hasattr(record, name)}
        given["slug"] = tenant.slug
        if "person_id" in rule.arguments:
            given |= {"kind": "jeunes", "person_id": record.mentee_id}
        if "token" in rule.arguments:
            given["token"] = token_for(rule.endpoint, record, tenant)
        return {name: value for name, value in given.items() if name in rule.arguments}

    def token_for(endpoint, record, tenant):
        with app.app_context():
            if endpoint in LINKS:
                kind, name = LINKS[endpoint]
                return record_token(kind, tenant.id, getattr(record, name))
            if endpoint.startswith("leads."):
                return record_token("accord" if "guardian" in endpoint else "suivi", tenant.id, record.lead_id)
            user = db.session.get(User, record.staff_user)
            if endpoint == "accounts.sign_in_link":
                user.link_sent_at = now()
                db.session.commit()
                return sign_in_token(user)
            return invitation_token(db.session.scalars(select(Membership).where(Membership.user_id == user.id)).one())

    return build
