"""Once everybody of a space is erased, nothing says who they were: their mark is looked for in every column and every file."""

from pathlib import Path

import pytest
from sqlalchemy import select, text, update

from app.certificates.models import BatchItem
from app.extensions import db
from app.pairs.models import Pair
from app.people.models import Mentee, Mentor
from app.privacy.jobs import erase_person
from app.storage import load

from .conftest import MARK
from .test_isolation import TENANT_TABLES

NOBODYS = {  # tables whose words are the association's, not of somebody who is accompanied or accompanies
    "agreement_templates", "charters", "course_files", "course_sessions", "courses", "followup_settings", "gate_versions",
    "acts", "interview_grids", "meeting_settings", "modules", "partners", "api_keys", "saved_views", "signatories", "staff",
    "certificate_wordings", "association_seals", "certificate_batches",
    "leads", "contact_attempts", "lead_imports", "import_problems", "api_calls", "webhook_deliveries",  # a request nobody accepted
}  # fmt: skip


@pytest.fixture
def erase(app, house, in_space, elsewhere, run_jobs):
    """Close the files of a kind, and everybody's pairs, then erase. The next test finds its files again."""
    folder = Path(app.config["BINOME"].instance) / "files"
    kept = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    def act(*kinds):
        with in_space(elsewhere):
            db.session.execute(update(Pair).values(state="closed", closed_on=Pair.starts_on))
            failed = select(Pair.id).where(Pair.id.not_in(select(BatchItem.source_id))).limit(1).scalar_subquery()
            db.session.execute(update(BatchItem).where(BatchItem.state == "failed").values(source_id=failed))
        for kind in kinds:
            with in_space(elsewhere):
                db.session.execute(update(kind).values(state="withdrawn"))
                ids = db.session.scalars(select(kind.id)).all()
            for person_id in ids:
                with app.app_context():
                    erase_person.run(tenant_id=str(elsewhere.id), person_id=str(person_id))
        run_jobs()

    yield act
    for path, content in kept.items():
        if not path.exists():
            path.write_bytes(content)


def marked(in_space, space):
    """The tables of a space in which the mark stands, and where: the names of the columns."""
    found = {}
    with in_space(space):
        for table in TENANT_TABLES:
            rows = db.session.scalars(text(f"SELECT to_jsonb(t) FROM {table} t")).all()
            columns = {name for row in rows for name, value in row.items() if MARK.lower() in str(value).lower()}
            if columns:
                found[table] = columns
    return found


@pytest.mark.parametrize("kinds", [(Mentee, Mentor), (Mentor, Mentee)], ids=["jeunes first", "mentors first"])
def test_nothing_says_who_they_were(kinds, erase, in_space, elsewhere):
    erase(*kinds)

    assert {table: columns for table, columns in marked(in_space, elsewhere).items() if table not in NOBODYS} == {}


KEYS = "SELECT file_key FROM certificates UNION SELECT file_key FROM agreements UNION SELECT sealed_key FROM agreements"


def test_no_file_is_left_of_them(erase, in_space, elsewhere, app):
    with in_space(elsewhere):
        keys = set(db.session.scalars(text(f"{KEYS} UNION SELECT file_key FROM messages"))) - {None}
        assert all(load(key) for key in keys)
    erase(Mentee, Mentor)

    folder = Path(app.config["BINOME"].instance) / "files"
    assert len(keys) >= 2
    assert [key for key in keys if (folder / key).exists()] == []


def test_what_is_of_the_jeune_stays_when_the_mentor_is_erased(erase, in_space, elsewhere):
    erase(Mentor)

    left = marked(in_space, elsewhere)
    assert {"mentees", "guardians", "agreements", "meetings", "pairs", "messages", "contacts"} - left.keys() == {"contacts"}
    assert not {"mentors", "interviews", "person_references", "decisions", "outside_trainings", "quiz_attempts"} & left.keys()


def test_what_is_of_the_mentor_stays_when_the_jeune_is_erased(erase, in_space, elsewhere):
    erase(Mentee)

    left = marked(in_space, elsewhere)
    assert {"mentors", "guardians", "interviews", "decisions", "certificates", "messages", "contacts"} <= left.keys()
    assert not {"mentees", "agreements", "meetings", "offers", "objective_reviews", "pair_events"} & left.keys()
