"""Nothing is written any more on a file that is erased, by whatever page; and the receipts that stay name nobody."""

import pytest
from sqlalchemy import select

from app.extensions import db
from app.mail import Mail
from app.people.actions import close_file
from app.people.check_models import CheckKind, GateException
from app.people.checks import Seen, note_check, sign_charter, write_charter
from app.people.consent import give
from app.people.erased import Erased
from app.people.guardians import name_guardian
from app.people.models import Guardianship, Mentor, SensitiveFact
from app.people.notes import write_to_team
from app.privacy.erasing import erase
from app.training.models import Module, ModuleCompletion, TrainingException
from app.web import today
from tests import factories
from tests.pairs.situations import ask_for
from tests.people.fixtures import day_ago

SPACE = "/a/passerelle"


@pytest.fixture
def erased(association, in_space):
    """A jeune and a mentor of whom nothing is left, and an interview that a course asks for."""
    with in_space(association):
        ask_for("identity")
        course = factories.published("Entretien", [{"kind": "interview", "title": "Se connaître", "minutes": 30}])
        mentee, mentor = factories.mentee(association, account=False), factories.mentor(association, account=False)
        for person in (mentee, mentor):
            close_file(person)
            erase(person)
        module = db.session.scalars(select(Module.id).where(Module.course_id == course.id)).one()
    return {"jeune": mentee.id, "mentor": mentor.id, "module": module}


PAGES = {
    "situation": ("jeunes/{jeune}/situation", {"save": "1", "facts": ["justice", "ase"]}),
    "piece": ("mentors/{mentor}/exception", {"piece": "identity", "reason": "Karim sort de prison", "until": "{later}"}),
    "training": ("formation/mentors/{mentor}/exception", {"what": "hours", "reason": "Karim est malade", "until": "{later}"}),
    "interview": ("formation/mentors/{mentor}/entretien/{module}", {"minutes": "30", "note": "Karim a pleuré"}),
    "decision": ("mentors/{mentor}/decision", {"decision": "no", "reason": "Non"}),
}


@pytest.mark.parametrize("page", PAGES)
def test_nothing_is_written_on_an_erased_file(boss, office, erased, association, in_space, page):
    path, typed = PAGES[page]
    later = day_ago(-30)
    typed = {name: value.format(later=later) if isinstance(value, str) else value for name, value in typed.items()}
    browser = office if page == "situation" else boss

    assert browser.send(f"{SPACE}/{path.format(**erased)}", typed).status == 404
    with in_space(association):
        for model in (SensitiveFact, GateException, TrainingException, ModuleCompletion):
            assert db.session.scalars(select(model)).all() == []


def test_no_document_and_no_charter_either(erased, association, in_space):
    with in_space(association):
        mentor, by = db.session.get_one(Mentor, (association.id, erased["mentor"])), factories.staff(association).user_id
        charter = write_charter("Je m'engage.", True, by)

        with pytest.raises(Erased):
            sign_charter(mentor, charter, "paper", by)
        with pytest.raises(Erased):
            note_check(mentor, Seen(CheckKind.IDENTITY, today(), today(), True), by)


def test_the_receipts_that_stay_name_nobody(association, in_space, office):
    with in_space(association):
        person = factories.mentee(association, 16, first_name="Inès", last_name="Quatrain")
        name_guardian(person, "Nadège Quatrain", "nadege@example.org", None)
        give(db.session.scalars(select(Guardianship)).one(), ["participation"], "Nadège Quatrain")
        write_to_team(person, "bonjour")
        close_file(person)
        erase(person)

        subjects = db.session.scalars(select(Mail.subject)).all()
    assert subjects
    assert not [subject for subject in subjects if "Quatrain" in subject or "Q." in subject]
