"""What is written while somebody is erased: nothing of it stays, and whoever wrote is told."""

import threading
import time
from types import SimpleNamespace

import pytest
from sqlalchemy import select, text

from app.certificates.jobs import issue_training_certificate
from app.certificates.models import Certificate
from app.database import unit_of_work
from app.extensions import db
from app.followup.models import Contact
from app.followup.thread_models import Message
from app.pairs import life
from app.pairs.actions import Plan, form_pair, propose
from app.pairs.models import Pair
from app.pairs.refusals import GateClosed
from app.people import consent
from app.people.actions import withdraw
from app.people.authorising import take_back
from app.people.erased import refuse_erased
from app.people.guardians import name_guardian
from app.people.models import Authorisation, Guardian, Guardianship, Mentee, Mentor, PersonNote
from app.privacy.erasing import erase
from app.training.models import Completion, Course
from tests import factories
from tests.databases import SOMEBODY_WAITS
from tests.people.situations import SPACE

pytestmark = pytest.mark.committed
WORDS = "Va mal chez sa mère"


@pytest.fixture
def site(real_app):
    """An association with a pair that is over, whose two files are closed."""
    factories.programme(real_app)
    tenant = factories.association(real_app, "passerelle", "Passerelle", ["69"])
    with unit_of_work(real_app, tenant.id), real_app.test_request_context("/"):
        db.session.execute(select(Course)).scalar_one().certifies = True
        staff = factories.staff(tenant, "admin").user_id
        mentor, mentee = factories.mentor(tenant, trained=True), factories.mentee(tenant)
        pair = factories.pair(mentor, mentee)
        pair.state, pair.closed_on, pair.closure_reason = "closed", factories.today(), "planned"
        db.session.flush()
        completion = db.session.scalars(select(Completion.id)).one()
        withdraw(mentor)
        withdraw(mentee)
    return SimpleNamespace(app=real_app, tenant=tenant, staff=staff, mentor=mentor, mentee=mentee, pair=pair, completion=completion)


def while_erasing(site, person, act):
    """Do something in another thread once this person is erased, before that is stored; what the thread gives, after it is."""
    given = []
    kind = type(person)
    thread = threading.Thread(target=lambda: given.append(act()))
    with unit_of_work(site.app, site.tenant.id), site.app.test_request_context("/"):
        pairs = kind.__tablename__.removesuffix("s") + "_id"
        db.session.execute(text(f"SELECT 1 FROM pairs WHERE {pairs} = :id FOR NO KEY UPDATE"), {"id": person.id})
        erase(db.session.scalars(select(kind).where(kind.id == person.id).with_for_update()).one())
        db.session.flush()
        thread.start()
        waited_for(thread)
    thread.join(20)
    return given[0] if given else None


def waited_for(thread):
    """Until what another thread does waits for a lock, or is over."""
    for _moment in range(200):
        if not thread.is_alive() or db.session.scalar(SOMEBODY_WAITS):
            return
        time.sleep(0.02)


def forms(site):
    """What the team may write about somebody: the path, what is typed, and where it would stay."""
    file, pair = f"{SPACE}/jeunes/{site.mentee.id}", f"{SPACE}/binomes/{site.pair.id}"
    on = factories.today().isoformat()
    call = {"how": "phone", "day": on, "time": "00:01", "length": "10", "note": WORDS, "once": "x"}
    return {
        "note": (f"{file}/notes", {"body": WORDS}, PersonNote.body),
        "message": (f"{pair}/messages/jeune", {"body": WORDS, "once": "x"}, Message.body),
        "contact": (f"{pair}/echanges/nouveau?qui=jeune", call, Contact.note),
        "authorisation": (
            f"{file}/autorisation",
            {"kind": "participation", "given_by": WORDS, "given_on": on, "how": "paper"},
            Authorisation.given_by,
        ),
        "guardian": (
            f"{file}/representant",
            {"name": WORDS, "relation": "parent", "email": "parent@example.org"},
            Guardian.name,
        ),
    }


@pytest.mark.parametrize("what", ["note", "message", "contact", "authorisation", "guardian"])
def test_nothing_that_is_written_meanwhile_stays(site, what):
    path, typed, column = forms(site)[what]
    client = site.app.test_client().sign_in(site.staff)

    answer = while_erasing(site, site.mentee, lambda: client.post(path, data=typed))

    assert answer.status_code in {404, 409, 422}
    with unit_of_work(site.app, site.tenant.id):
        assert db.session.get_one(Mentee, (site.tenant.id, site.mentee.id)).erased_at is not None
        assert WORDS not in db.session.scalars(select(column)).all()


def test_a_guardian_who_takes_back_and_the_team_that_writes_do_not_hold_each_other(real_app):
    """The team has the pair and asks for the person; the guardian's link must not have the person and ask for the pair."""
    factories.programme(real_app)
    tenant = factories.association(real_app, "passerelle", "Passerelle", ["69"])
    with unit_of_work(real_app, tenant.id), real_app.test_request_context("/"):
        mentee = factories.mentee(tenant, age=16)
        name_guardian(mentee, "Nadège Parent", "nadege@example.org", None)
        factories.authorisation(mentee)
        pair = factories.pair(factories.mentor(tenant, trained=True), mentee)
        link = f"/autorisation/{consent.link_of(db.session.scalars(select(Guardianship)).one())}/retrait/participation"
    answers = []
    guardian = threading.Thread(target=lambda: answers.append(real_app.test_client().post(link)))
    with unit_of_work(real_app, tenant.id), real_app.test_request_context("/"):
        life.locked(db.session.get_one(Pair, (tenant.id, pair.id)))
        guardian.start()
        waited_for(guardian)
        refuse_erased(db.session.get_one(Mentee, (tenant.id, mentee.id)))
    guardian.join(20)

    assert [answer.status_code for answer in answers] == [303]
    with unit_of_work(real_app, tenant.id):
        assert db.session.scalars(select(Authorisation.withdrawn_on)).all() == [factories.today()]


def test_a_guardian_and_the_team_allow_at_once(real_app):
    factories.programme(real_app)
    tenant = factories.association(real_app, "passerelle", "Passerelle", ["69"])
    with unit_of_work(real_app, tenant.id), real_app.test_request_context("/"):
        staff = factories.staff(tenant, "admin").user_id
        mentee = factories.mentee(tenant, age=16, account=False)
        name_guardian(mentee, "Nadège Parent", "nadege@example.org", None)
        link = f"/autorisation/{consent.link_of(db.session.scalars(select(Guardianship)).one())}"
    on = factories.today().isoformat()
    said = {"kind": "participation", "given_by": "Nadège Parent", "given_on": on, "how": "paper"}
    team = real_app.test_client().sign_in(staff)
    answers = []
    parent, file = real_app.test_client(), f"{SPACE}/jeunes/{mentee.id}/autorisation"
    yes = {"kinds": ["participation"], "name": "Nadège Parent"}
    threads = [
        threading.Thread(target=lambda: answers.append(parent.post(link, data=yes).status_code)),
        threading.Thread(target=lambda: answers.append(team.post(file, data=said).status_code)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert answers == [303, 303]


@pytest.mark.parametrize("act", [propose, form_pair])
def test_nobody_is_proposed_while_a_parent_takes_it_back(real_app, act):
    factories.programme(real_app)
    tenant = factories.association(real_app, "passerelle", "Passerelle", ["69"])
    with unit_of_work(real_app, tenant.id):
        mentor, mentee = factories.mentor(tenant, trained=True), factories.mentee(tenant, age=16)
        given = factories.authorisation(mentee)
    said = []

    def bring_together():
        with unit_of_work(real_app, tenant.id), real_app.test_request_context("/"):
            rows = (db.session.get_one(kind, (tenant.id, one.id)) for kind, one in ((Mentee, mentee), (Mentor, mentor)))
            try:
                act(*rows, Plan(factories.today(), 6, "monthly", []), None)
            except GateClosed as error:
                said.append(str(error))

    thread = threading.Thread(target=bring_together)
    with unit_of_work(real_app, tenant.id), real_app.test_request_context("/"):
        take_back(db.session.get_one(Authorisation, (tenant.id, given.id)), factories.today())
        thread.start()
        waited_for(thread)
    thread.join(20)

    assert len(said) == 1
    assert "autorisation" in said[0]
    with unit_of_work(real_app, tenant.id):
        assert db.session.scalars(select(Pair)).all() == []


def test_nor_is_a_certificate_issued(site):
    def work():
        with site.app.app_context():
            issue_training_certificate.run(tenant_id=str(site.tenant.id), completion_id=str(site.completion))

    while_erasing(site, site.mentor, work)

    with unit_of_work(site.app, site.tenant.id):
        assert db.session.get_one(Mentor, (site.tenant.id, site.mentor.id)).erased_at is not None
        assert db.session.scalars(select(Certificate)).all() == []
