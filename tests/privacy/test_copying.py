"""The copy of what is kept of somebody: whole, in words, and of nobody else."""

import io
import json
import re
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import CheckConstraint, select
from sqlalchemy.dialects.postgresql import JSONB

from app.accounts.models import User
from app.certificates.actions import issue, issue_for_pair
from app.certificates.awards import Period, award
from app.certificates.models import Certificate, CertificateKind
from app.database import Base
from app.extensions import db
from app.followup.models import Contact
from app.followup.thread_models import Message, Thread
from app.meetings.models import MeetingEvent
from app.pairs.agreement_models import Agreement
from app.pairs.matching_models import Proposal
from app.pairs.models import Closure, CountSnapshot, ObjectiveReview, Pair
from app.people.application_models import Interview
from app.people.models import FactReading, SensitiveFact
from app.privacy import copying
from app.privacy.words import CODES, COLUMNS
from app.storage import store_alone
from app.training.models import Module, QuizAttempt
from tests import factories
from tests.people.situations import SPACE

# Marks that keep machines from saying a thing twice; and each presence once more, as it was noted before it was corrected.
ELSEWHERE = {"gate_notices", "notices", "attendance_marks"}
MODELS = [value for value in vars(copying).values() if hasattr(value, "__mapper__")]


def unpacked(answer):
    """The copy that was sent: its page, its data, the names of its files."""
    with answer:
        file = zipfile.ZipFile(io.BytesIO(answer.data))
    data = json.loads(file.read("copie.json"))
    names = [name.removeprefix("fichiers/") for name in file.namelist() if name.startswith("fichiers/")]
    return file.read("copie.html").decode(), data, names


def copy_of(browser, kind, person):
    return unpacked(browser.post(f"{SPACE}/{kind}/{person.id}/copie"))


@pytest.fixture
def two(association, in_space):
    """A jeune and a mentor with a story: a meeting, a certificate, messages with a file, something sensitive."""
    with in_space(association):
        mentee = factories.mentee(
            association, first_name="Inès", last_name="Benali", phone="+33612345678", message="Être moins stressée"
        )
        mentor = factories.mentor(association, trained=True, first_name="Karim", last_name="Trabelsi", employer="Atelier Karim")
        pair = factories.pair(mentor, mentee, objectives=["Réussir le bac"])
        factories.meeting(pair, -9, "held", note="Elle a repris confiance", subjects=["lessons"])
        staff = factories.staff(association)
        issue_for_pair(CertificateKind.ENGAGEMENT, pair, by=staff.user_id)
        for side, words in (("mentee", "Un mot d'Inès"), ("mentor", "Un mot de Karim")):
            thread = Thread(pair_id=pair.id, side=side, last_at=factories.now())
            db.session.add(thread)
            db.session.flush()
            key = store_alone(association.id, words.encode(), "pdf")
            sent = {"file_key": key, "file_name": "lettre.pdf", "media_type": "application/pdf"}
            db.session.add(Message(thread_id=thread.id, author=side, body=words, once=words, **sent))
        db.session.add(SensitiveFact(mentee_id=mentee.id, kind="handicap", noted_by=staff.user_id))
    return mentee, mentor


def test_every_column_is_said_or_is_technical():
    assert [f"{model.__tablename__}.{name}" for model in MODELS for name in copying.told(model) if name not in COLUMNS] == []


CODE = re.compile(r"^(\w+) in \(([^()]*)\)", re.M)


@pytest.mark.parametrize("model", MODELS)
def test_no_code_is_read_as_it_is_stored(model):
    """Each value that the database allows in a column, where they are few, has words."""
    checks = "\n".join(str(one.sqltext) for one in model.__table__.constraints if isinstance(one, CheckConstraint))
    codes = [(name, code) for name, values in CODE.findall(checks) for code in re.findall(r"'(\w+)'", values)]
    known = {name: CODES.get(f"{model.__tablename__}.{name}") or CODES.get(name) or {} for name, _code in codes}

    assert [(name, code) for name, code in codes if name in copying.told(model) and copying.one(known[name], code) == code] == []


def test_each_moment_of_a_meetings_history_has_words():
    sources = "".join(path.read_text() for path in Path("app/meetings").glob("*.py"))
    noted = set(re.findall(r"\bnote\(\w+, \"(\w+)\"", sources))

    assert noted >= {"planned", "moved", "late"}
    assert noted <= CODES["meeting_events.what"].keys()


def test_every_table_that_is_of_somebody_is_in_the_copy():
    about = {"mentee_id", "mentor_id", "pair_id", "meeting_id", "thread_id", "agreement_id", "enrolment_id", "registration_id"}
    tables = {table.name for table in Base.metadata.tables.values() if about & set(table.columns.keys())}

    assert tables - {model.__tablename__ for model in MODELS} == ELSEWHERE


def test_a_jeune_s_copy_says_all_of_it_in_words(boss, two):
    page, data, names = copy_of(boss, "jeunes", two[0])

    [file, *_account] = data["Le dossier"]
    assert (file["Prénom"], file["Mots libres"], file["Besoins"]) == (
        "Inès",
        "Être moins stressée",
        "J'ai des difficultés à l'école",
    )
    assert data["Binômes"][0]["Avec"] == "Karim"
    assert data["Binômes"][0]["Objectifs"] == "Réussir le bac"
    assert (data["Rendez-vous"][0]["Note"], data["Rendez-vous"][0]["Sujets"]) == ("Elle a repris confiance", "Cours")
    [fact] = data["Situation protégée, et chaque lecture"]  # the copy's own is noted, and not yet one of those that it tells
    assert fact["Nature"] == "Situation de handicap"
    assert "Un mot d&#39;Inès" in page
    assert names == ["piece-jointe-1.pdf"]


def test_a_mentor_s_copy_holds_certificates_and_training(boss, two):
    _page, data, names = copy_of(boss, "mentors", two[1])

    assert data["Le dossier"][0]["Entreprise ou école"] == "Atelier Karim"
    assert {"Formation", "Attestations", "Rendez-vous"} <= data.keys()
    assert any(name.startswith("attestation-") for name in names)
    assert "piece-jointe-1.pdf" in names


def test_an_agreement_is_in_the_jeune_s_copy_alone(boss, two, association, in_space):
    with in_space(association):
        pair = db.session.scalars(select(Pair)).one()
        key = store_alone(association.id, b"%PDF", "pdf")
        db.session.add(Agreement(pair_id=pair.id, template=0, body="Entre Benali et Trabelsi", file_key=key, digest="x",
                                 sign_by=factories.today()))  # fmt: skip

    assert "convention-1.pdf" in copy_of(boss, "jeunes", two[0])[2]
    assert "convention-1.pdf" not in copy_of(boss, "mentors", two[1])[2]


def test_it_says_nothing_of_the_other_but_a_first_name(boss, two):
    of_jeune = json.dumps(copy_of(boss, "jeunes", two[0])[1], ensure_ascii=False)
    of_mentor = json.dumps(copy_of(boss, "mentors", two[1])[1], ensure_ascii=False)

    assert not [word for word in ("Trabelsi", "Atelier", "Un mot de Karim") if word in of_jeune]
    assert not [word for word in ("Benali", "12345678", "Réussir le bac", "Un mot d'Inès", "handicap") if word in of_mentor]


def test_of_an_account_it_says_what_was_done_here_and_nothing_of_elsewhere(app, boss, two, association, elsewhere, in_space):
    with in_space(association):
        user_id = db.session.merge(two[1]).user_id
    alone = copy_of(boss, "mentors", two[1])[1]
    with in_space(elsewhere):
        factories.mentor(elsewhere, account=False, user_id=user_id)
        factories.place(elsewhere.id, user_id, "mentor")
        account = db.session.get_one(User, user_id)
        account.confirmed_at, account.second_factor_at = factories.now(), factories.now()
    app.test_client().sign_in(user_id).page("/mon-compte")

    assert copy_of(boss, "mentors", two[1])[1] == alone


def test_reading_what_is_sensitive_is_noted(boss, two, association, in_space):
    copy_of(boss, "jeunes", two[0])

    with in_space(association):
        assert db.session.scalars(select(FactReading.what)).all() == ["read"]


def test_a_page_says_what_it_holds_first(boss, two):
    page = boss.page(f"{SPACE}/jeunes/{two[0].id}")
    page = boss.page(page.soup.find("a", string="Préparer une copie")["href"])

    assert page.heading == "Copie de ce qui est gardé d'Inès Benali"


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_coordinator_makes_no_copy(office, two, method):
    assert getattr(office, method)(f"{SPACE}/jeunes/{two[0].id}/copie").status_code == 403
    assert "Préparer une copie" not in office.page(f"{SPACE}/jeunes/{two[0].id}").text


def test_of_somebody_erased_there_is_no_copy(boss, two, association, in_space):
    with in_space(association):
        db.session.get(type(two[0]), (association.id, two[0].id)).erased_at = factories.now()

    assert boss.post(f"{SPACE}/jeunes/{two[0].id}/copie").status_code == 404


def test_two_certificates_of_the_same_number_in_two_years_are_two_files(association, in_space, people):
    with in_space(association):
        pair = db.session.get(Pair, (association.id, people.pair.id))
        by = people.coordinator.user_id
        for year in (2025, 2026):
            with time_machine.travel(datetime(year, 11, 20, 11, tzinfo=UTC), tick=False):
                factories.meeting(pair, starts_at=datetime(year, 11, 5, 10, tzinfo=UTC), state="held")
                issue(award("hours", pair.mentor_id, Period.of_year(year)), by)

        with copying.copy_of(pair.mentor, by) as copy:
            names = zipfile.ZipFile(copy).namelist()

        assert len([name for name in names if "attestation" in name]) == 2
        assert len(set(names)) == len(names)


QUIZ = [{"id": "a", "kind": "single", "text": "Qui prévenir ?", "choices": [{"id": "1", "text": "L'équipe", "right": True}]},
        {"id": "b", "kind": "free", "text": "Pourquoi ?", "choices": []}]  # fmt: skip
PAUSED = {"why": "pause", "since": "2026-03-01", "until": "2026-03-15"}
# Every column that holds data: what is in it, and what the copy says.
DATA = [
    (Certificate(facts={"text": "Passerelle atteste.", "code": "X"}), "facts", "Passerelle atteste."),
    (Contact(answers={"Ils se voient": "good"}), "answers", "Ils se voient : Bien"),
    (
        MeetingEvent(before={"minutes": 60, "state": "held", "starts_at": "2026-11-12T16:30:00+00:00", "subjects": []}), "before",
        "Minutes : 60 ; État : a eu lieu ; Date et heure : 12 nov. 2026 à 17 h 30",
    ),
    (Proposal(reasons=[{"code": "needs", "points": 9, "of": 10, "detail": []}]), "reasons", "aide dans le domaine demandé"),
    (Pair(why=[{"code": "needs", "points": 9, "of": 10, "detail": []}]), "why", "aide dans le domaine demandé"),
    (
        Closure(steps={"mentee": {"done_on": "2026-11-28"}, "x": {"why": "absent"}}), "steps",
        "Entretien de fin avec le ou la jeune : fait le 28 nov. 2026 ; x : pas fait, parce que : absent",
    ),
    (
        CountSnapshot(facts={"months": 5, "needed": 6, "deducted": [PAUSED]}), "facts",
        "5 mois comptés sur 6 ; pause du 2026-03-01 au 2026-03-15",
    ),
    (ObjectiveReview(states={"Réussir le bac": "reached"}), "states", "Réussir le bac : Atteint"),
    (Interview(notes=[{"question": "Pourquoi ?", "note": "Pour aider."}]), "notes", "Pourquoi ? : Pour aider."),
    (QuizAttempt(module=Module(questions=QUIZ), answers={"a": ["1"], "b": "Parce que"}), "answers",
     "Qui prévenir ? : L'équipe ; Pourquoi ? : Parce que"),
]  # fmt: skip


@pytest.mark.parametrize(("row", "name", "said"), DATA, ids=[f"{type(row).__tablename__}.{name}" for row, name, _said in DATA])
def test_what_a_column_of_data_holds_is_said_in_words(app, association, in_space, row, name, said):
    with in_space(association):
        assert copying.cell(type(row), name, row).replace("\xa0", " ") == said


def test_every_column_of_data_is_said_in_words():
    held = {f"{model.__tablename__}.{name}" for model in MODELS for name in copying.told(model)
            if isinstance(model.__mapper__.columns[name].type, JSONB)}  # fmt: skip

    assert held == {f"{type(row).__tablename__}.{name}" for row, name, _said in DATA}


def test_why_a_mentor_was_chosen_is_not_in_their_copy(boss, two, association, in_space):
    with in_space(association):
        pair = db.session.scalars(select(Pair)).one()
        pair.why = [{"code": "needs", "points": 9, "of": 10, "detail": []}]

    theirs, jeunes = (copy_of(boss, kind, person)[1]["Binômes"][0] for kind, person in (("mentors", two[1]), ("jeunes", two[0])))

    assert ("Pourquoi" in theirs, jeunes["Pourquoi"]) == (False, "aide dans le domaine demandé")
