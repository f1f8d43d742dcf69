"""What another tenant has is marked, everywhere; the three layers hold, each without the others. Pages: test_pages.py."""

import logging

import pytest
from sqlalchemy import create_engine, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.pool import NullPool

from app.database import TenantModel
from app.extensions import db
from app.leads.models import Lead
from app.mail import Mail
from app.models import Base
from app.people.models import Mentee
from app.storage import load
from app.tenants import scope
from app.web import get_or_404
from tests import factories

from .conftest import MARK

SHARED = {
    "tenants": "who the associations are; public facts only",
    "users": "one account for several spaces; an address and a proof",
    "memberships": "which spaces an account may enter",
    "web_sessions": "a browser's session begins before any space is known",
    "departements": "official list",
    "communes": "official list",
    "certificate_codes": "a stranger has the code only; it names nobody",
    "signing_keys": "public keys of the platform; the private part is encrypted",
    "model_courses": "courses that the programme offers; they hold nobody's data",
    "gate_minimums": "what the programme asks of all before a first meeting; it holds nobody's data",
    "alembic_version": "the schema's own number",
    "procrastinate_jobs": "the queue: ids only",
    "procrastinate_events": "the queue's history: ids only",
    "procrastinate_periodic_defers": "when periodic jobs were enqueued",
    "procrastinate_workers": "which workers are alive",
}
WORDLESS = {  # tables whose rows hold no text that somebody typed
    "attendance_marks", "calendar_feeds", "certificate_counters", "checks", "completions", "confirmations", "count_snapshots",
    "course_steps", "course_versions",
    "digests", "enrolments", "fact_readings", "gate_notices", "guardianships", "health_days", "match_runs", "module_completions",
    "notice_refusals", "pair_settings", "proposals", "registrations", "sensitive_facts", "threads",
}  # fmt: skip
ELSEWHERE = {  # the programme's, or written by what is done
    "association_months", "declines", "lead_drafts", "lead_events", "mails", "orientations",
}  # fmt: skip
TENANT_TABLES = sorted(m.class_.__tablename__ for m in Base.registry.mappers if issubclass(m.class_, TenantModel))


def test_the_other_tenant_has_a_marked_row_in_every_table(house, in_space, elsewhere):
    with in_space(elsewhere):
        rows = {table: "".join(db.session.scalars(text(f"SELECT row_to_json(t)::text FROM {table} t"))) for table in TENANT_TABLES}

    assert {table for table, said in rows.items() if not said} <= ELSEWHERE
    assert {table for table, said in rows.items() if said and MARK.lower() not in said.lower()} <= WORDLESS


def test_letters_and_files_carry_nothing_of_another_tenant(app, house, in_space, association, run_jobs):
    with in_space(association):
        letters = db.session.scalars(select(Mail)).all()
        stored = db.session.execute(text("SELECT file_key FROM certificates UNION SELECT file_key FROM agreements")).scalars().all()
        content = b"".join(load(key) for key in stored)

    assert stored
    assert MARK not in "".join(f"{m.subject}{m.text}{m.html}{m.to_address}" for m in letters)
    assert MARK.encode() not in content


def test_the_log_of_what_is_done_later_says_nothing_of_another_tenant(house, run_jobs, caplog):
    caplog.set_level(logging.DEBUG)
    run_jobs()

    assert MARK not in caplog.text


def test_every_table_is_isolated_or_on_the_list_of_shared_ones(owner):
    tables = owner.execute(text(
        "SELECT relname, relrowsecurity AND relforcerowsecurity FROM pg_class "
        "WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    )).all()  # fmt: skip

    assert {name for name, isolated in tables if not isolated} == set(SHARED)
    assert sorted(name for name, isolated in tables if isolated) == TENANT_TABLES


@pytest.mark.parametrize("table", TENANT_TABLES)
def test_the_policy_of_each_table_is_the_one_policy(owner, table):
    policies = owner.execute(
        text("SELECT permissive, roles, cmd, qual, with_check FROM pg_policies WHERE tablename = :name"), {"name": table}
    ).all()
    condition = "(tenant_id = (current_setting('app.tenant_id'::text))::uuid)"

    assert [tuple(row) for row in policies] == [("PERMISSIVE", ["public"], "ALL", condition, condition)]


@pytest.fixture(scope="module")
def newcomers(server, database_name):
    """Connections on which no tenant was ever set."""
    return create_engine(server.url("binome_app", database_name), poolclass=NullPool)


@pytest.mark.parametrize("table", TENANT_TABLES)
def test_without_a_tenant_a_table_answers_with_an_error(newcomers, table):
    with newcomers.connect() as connection, pytest.raises(DBAPIError, match=r"app\.tenant_id"):
        connection.execute(text(f"SELECT count(*) FROM {table}")).scalar()


def test_rows_of_another_tenant_cannot_be_seen_changed_or_removed(rolled_back, house, association):
    def touched(table):
        tenant = {"id": association.id}
        removed = rolled_back.execute(text(f"DELETE FROM {table} WHERE tenant_id <> :id"), tenant).rowcount
        changed = rolled_back.execute(text(f"UPDATE {table} SET created_at = now() WHERE tenant_id <> :id"), tenant).rowcount
        return rolled_back.execute(text(f"SELECT count(*) FROM {table} WHERE tenant_id <> :id"), tenant).scalar(), removed, changed

    rolled_back.execute(scope.SET_TENANT, {"tenant_id": str(association.id)})
    assert {table: touched(table) for table in TENANT_TABLES} == dict.fromkeys(TENANT_TABLES, (0, 0, 0))


@pytest.mark.parametrize("table", TENANT_TABLES)
def test_keys_begin_with_the_tenant(owner, table):
    keys = owner.execute(text("""
        SELECT i.relname, (SELECT attname FROM pg_attribute WHERE attrelid = x.indrelid AND attnum = x.indkey[0])
        FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid WHERE x.indrelid = CAST(:name AS regclass)
    """), {"name": table}).all()  # fmt: skip
    foreign = owner.execute(text("""
        SELECT conname, confrelid::regclass::text, (SELECT array_agg(attname) FROM pg_attribute
          WHERE attrelid = conrelid AND attnum = ANY(conkey)) FROM pg_constraint
        WHERE contype = 'f' AND conrelid = CAST(:name AS regclass)
    """), {"name": table}).all()  # fmt: skip

    assert [name for name, first in keys if first != "tenant_id"] == []
    assert [name for name, target, columns in foreign if target not in SHARED and "tenant_id" not in columns] == []


def test_a_key_of_another_tenant_is_refused_by_the_foreign_key(house, in_space, association):
    with pytest.raises(IntegrityError, match="fk_meetings"), in_space(association):
        db.session.execute(
            text("INSERT INTO meetings (id, pair_id, starts_at, minutes, place, \"where\", state, subjects, sequence, set_at)"
                 " VALUES (gen_random_uuid(), :pair, now(), 60, 'remote', '', 'planned', '{}', 0, now())"),
            {"pair": house.theirs.pair_id},
        )  # fmt: skip


@pytest.mark.committed
def test_the_application_alone_holds_without_the_database_policies(server, fresh_database, tmp_path):
    """The first layer, with the others off: as a superuser, whom no policy holds."""
    from werkzeug.exceptions import NotFound

    from app import create_app
    from app.checks import PrivilegedRole
    from tests.conftest import settings_for

    app = create_app(settings_for(server, fresh_database, tmp_path))
    one = factories.association(app, "une", "Une", ["69"])
    other = factories.association(app, "autre", "Autre", ["59"])
    from app.database import unit_of_work

    with unit_of_work(app, other.id):
        mentee = factories.mentee(other)
    settings = settings_for(server, fresh_database, tmp_path, database_url=server.url("postgres", fresh_database))
    with pytest.raises(PrivilegedRole):
        create_app(settings)

    with app.app_context():
        db.engine.dispose()
        db.engines[None].dispose()
        with pytest.raises(scope.NoTenant):
            db.session.scalars(select(Lead)).all()
        scope.enter(db.session(), one.id)
        with pytest.raises(NotFound):
            get_or_404(Mentee, mentee.id)
        with pytest.raises(scope.TenantChange):
            scope.enter(db.session(), other.id)
        db.session.add(Mentee(tenant_id=other.id, first_name="x", last_name="x", commune_code="69123", commune_name="x"))
        with pytest.raises(scope.TenantChange):
            db.session.flush()
        db.session.rollback()
    with app.app_context():
        db.engine.dispose()
