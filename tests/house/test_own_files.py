"""Whoever works for an association and mentors in it decides nothing about themself, nor about whom they accompany."""

from datetime import timedelta

import pytest
from flask import url_for
from sqlalchemy import update

from app.accounts.models import User
from app.accounts.permissions import Permission, Role
from app.database import now
from app.extensions import db
from app.gate import ABOUT_PEOPLE
from app.leads.models import ContactAttempt, Lead
from app.pairs import closing
from app.pairs.agreement_models import Signature
from app.pairs.models import ObjectiveReview, Pair, PairEvent
from app.people import notes
from app.people.check_models import GateException
from app.people.models import Mentor
from app.tenants.models import Staff
from app.training.models import TrainingException
from tests import factories
from tests.people.situations import interview, reference

from .test_routes import rules

NAMES = {"mentor_id", "mentee_id", "person_id", "pair_id", "check_id", "authorisation_id", "guardianship_id", "interview_id",
         "reference_id", "gate_exception_id", "proposal_id", "signature_id", "attempt_id", "outside_id", "exception_id",
         "certificate_id", "person_note_id", "lead_id"}  # fmt: skip

# The other forms of the same permissions: each is about the space, about many people at once, or leaves out who sends it.
THE_SPACE = {
    "tenants.settings", "team.new", "team.edit", "team.end", "team.back",
    "team.again", "leads.offer", "people.gate_rules", "people.charter",
    "people.interview_grid", "training.new_session", "training.session_changed", "training.session_cancelled",
    "training.minimum", "pairs.agreement_template", "pairs.pair_settings", "meetings.meeting_rules", "certificates.edit_wording",
    "certificates.preview",
    "certificates.original_wording", "certificates.add_signatory", "certificates.retire_signatory", "certificates.own_seal",
    "certificates.remove_seal", "followup.follow_up_rules", "leads.save_view", "leads.forget_view",
}  # fmt: skip
MANY_AT_ONCE = {"training.several", "training.session_registered", "pairs.count", "pairs.matching", "certificates.batch_cancel",
                "certificates.batch_again", "certificates.batch_revocation", "followup.portfolios"}  # fmt: skip
LEAVES_OUT = {"pairs.new", "training.session", "certificates.new_batch", "followup.snooze", "followup.bring_back",
              "leads.bulk", "pairs.stuck_reminder"}  # fmt: skip


def test_every_other_form_is_known(app):
    about = {
        rule.endpoint for rule in rules(app)
        if getattr(app.view_functions[rule.endpoint], "gate", None) in ABOUT_PEOPLE and "POST" in rule.methods
        and not NAMES & set(rule.arguments)
    }  # fmt: skip

    assert about == THE_SPACE | MANY_AT_ONCE | LEAVES_OUT


def tried(app, client, house, values, association):
    """What each form that is about somebody answers: the rule -> the status, and what the page says."""
    found = {}
    for rule in rules(app):
        needed = getattr(app.view_functions[rule.endpoint], "gate", None)
        if needed in ABOUT_PEOPLE and "POST" in rule.methods and NAMES & set(rule.arguments):
            with app.test_request_context("/"):
                path = url_for(rule.endpoint, **values(rule, house.ours, association))
            page = client.post(path)
            found[rule.rule] = page.status_code, b"une autre personne de l" in page.data
    return found


def test_nobody_decides_about_themself(app, client, house, values, association, in_space):
    with in_space(association):
        mentor = db.session.get(Mentor, (association.id, house.ours.mentor_id))
        factories.place(association.id, mentor.user_id, Role.ADMIN)
        db.session.get(Lead, (association.id, house.ours.lead_id)).email = mentor.email
    client.sign_in(mentor.user_id)

    answers = tried(app, client, house, values, association)

    assert len(answers) > 40
    assert {rule: answer for rule, answer in answers.items() if answer != (409, True)} == {}


def test_a_colleague_does(app, client, house, values, association, in_space):
    with in_space(association):  # every name of the house is one: that of a colleague is another
        db.session.execute(update(Staff).values(first_name="Anne", last_name="Blanc", phone=""))
    client.sign_in(house.ours.roles["admin"])

    answers = tried(app, client, house, values, association)

    assert not [rule for rule, (_status, is_own) in answers.items() if is_own]


READ_OF_ONE = {"people.application", "people.interview", "people.decision", "pairs.closure", "pairs.closure_end", "pairs.review",
               "pairs.proposal", "training.mentor"}  # fmt: skip
SAID = "Je ne lui confierais personne."


def say_everywhere(mentor, house):
    """What colleagues, a reference, the jeune or a parent say of a mentor, wherever it is kept."""
    interview(mentor, held=True, summary=SAID, notes=[])
    reference(mentor, state="answered", advice="no", note=SAID)
    by, until = house.staff_user, factories.today() + timedelta(days=9)
    row = {"mentor_id": mentor.id, "reason": SAID, "until": until, "made_by": by}
    db.session.add_all([GateException(piece="record", **row), TrainingException(**row)])
    db.session.add(ObjectiveReview(pair_id=house.pair_id, month=12, held_on=factories.today(), states={}, note=SAID, noted_by=by))
    signature = db.session.get(Signature, (mentor.tenant_id, house.signature_id))
    signature.refused_at, signature.reason = now(), SAID


def test_nor_reads_what_others_said_of_them(app, client, house, values, association, in_space):
    """A candidature, an interview, how a pair ends: pages of what colleagues said, closed to whom it is said of."""
    with in_space(association):
        mentor = db.session.get(Mentor, (association.id, house.ours.mentor_id))
        factories.place(association.id, mentor.user_id, Role.ADMIN)
        say_everywhere(mentor, house.ours)
    client.sign_in(mentor.user_id)
    refused = set()
    for rule in rules(app):
        if "GET" in rule.methods and (NAMES & set(rule.arguments) or rule.endpoint in {"people.exceptions", "training.index"}):
            with app.test_request_context("/"):
                path = url_for(rule.endpoint, **values(rule, house.ours, association))
            page = client.get(path)
            assert SAID.encode() not in page.data, rule.endpoint
            if page.status_code == 409 and b"une autre personne de l" in page.data:
                refused.add(rule.endpoint)

    assert refused == READ_OF_ONE


def test_what_is_sensitive_is_about_somebody():
    assert Permission.READ_SENSITIVE_FACTS in ABOUT_PEOPLE


@pytest.mark.parametrize("role", ["admin", "coordinator"])
def test_nor_accepts_their_own_request(client, association, in_space, stored_lead, role):
    with in_space(association):
        staff = factories.staff(association, role)
        lead = factories.lead("mentor", email=db.session.get(User, staff.user_id).email.upper())
    page = client.sign_in(staff.user_id).send(f"/a/passerelle/demandes/{lead.id}/acceptation")

    assert (page.status, stored_lead(lead)) == (409, "received")


@pytest.mark.parametrize("field", ["email", "guardian_email"])
def test_nor_reads_or_gives_back_what_is_theirs_or_their_childs(field, client, association, in_space, stored_lead):
    with in_space(association):
        staff, colleague = factories.staff(association), factories.staff(association, first_name="Anne")
        name, _at, host = db.session.get(User, staff.user_id).email.partition("@")
        lead = factories.lead("mentee", **{field: f"{name}+jeune@{host}"})
        db.session.add(ContactAttempt(lead_id=lead.id, user_id=colleague.user_id, result="reached", note="La mère décroche mal."))
    path = f"/a/passerelle/demandes/{lead.id}"
    read = ["décroche mal" in client.sign_in(who.user_id).page(path).text for who in (colleague, staff)]

    page = client.send("/a/passerelle/demandes/lot", {"demande": str(lead.id), "action": "decline:capacity", "sure": "1"})

    assert read == [True, False]
    assert stored_lead(lead) == "received"
    assert "une autre personne de l'équipe doit le faire" in page.text


@pytest.fixture
def stored_lead(in_space, association):
    """The state of a request."""

    def read(lead):
        with in_space(association):
            return db.session.get(type(lead), (association.id, lead.id)).state

    return read


@pytest.fixture
def both(client, association, in_space):
    """Somebody who works here and mentors here, and their file."""
    with in_space(association):
        mentor = factories.mentor(association, trained=True)
        factories.place(association.id, mentor.user_id, Role.ADMIN)
    return client.sign_in(mentor.user_id), mentor


def test_nobody_forms_their_own_pair(both, association, in_space, programme):
    client, mentor = both
    with in_space(association):
        mentee = factories.mentee(association)
    form = {"mentee": mentee.id, "mentor": mentor.id, "starts_on": factories.today(), "planned_months": "6", "rhythm": "monthly"}

    page = client.send("/a/passerelle/binomes/nouveau", {name: str(value) for name, value in form.items()})

    with in_space(association):
        assert db.session.query(Pair).count() == 0
    assert "une autre personne de l'équipe doit le faire" in page.errors[0]
    assert (page.status, page.heading) == (422, "Former un binôme")


def test_whoever_accompanies_a_jeune_does_not_read_what_was_said_of_it(client, association, in_space, programme):
    with in_space(association):
        mentor, mentee = factories.mentor(association, trained=True), factories.mentee(association)
        colleague = factories.staff(association)
        factories.place(association.id, mentor.user_id, Role.ADMIN)
        pair = factories.pair(mentor, mentee)
        notes.add_note(mentee, "Trouve son mentor brusque.", colleague.user_id)
        db.session.add(PairEvent(pair_id=pair.id, what="no_mentee", why="Un peu peur de lui."))
        closing.begin_closing(pair, "unforeseen", "safety", colleague.user_id)
    pages = {}
    for who in (colleague, mentor):
        client.sign_in(who.user_id)
        paths = f"/a/passerelle/jeunes/{mentee.id}", f"/a/passerelle/binomes/{pair.id}", f"/a/passerelle/binomes/{pair.id}/cloture"
        pages[who.id] = [client.page(path).text for path in paths]

    said = ("Trouve son mentor brusque.", "Un peu peur de lui.", "précaution")
    assert [words in text for words, text in zip(said, pages[colleague.id], strict=True)] == [True, True, True]
    assert [words in text for words, text in zip(said, pages[mentor.id], strict=True)] == [False, False, False]
    assert ["a dit non" in pages[who.id][1] for who in (colleague, mentor)] == [True, False]
