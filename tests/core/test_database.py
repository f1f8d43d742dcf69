"""Keys that follow time, what happens after the commit, and work that is stored whole or not at all."""

import time
from uuid import RFC_4122

import pytest
import time_machine
from sqlalchemy import create_engine, select, text
from sqlalchemy.pool import NullPool

from app import database
from app.database import commit, now, on_commit, prepared, rollback, unit_of_work, uuid7
from app.extensions import db
from app.pairs.models import Pair
from app.tenants.models import Tenant
from app.tenants.scope import NoTenant, current_tenant_id
from tests import factories


@pytest.mark.no_database
def test_a_key_is_a_valid_uuid_version_7():
    key = uuid7()

    assert (key.version, key.variant) == (7, RFC_4122)
    assert abs((key.int >> 80) - time.time() * 1000) < 1000


@pytest.mark.no_database
def test_keys_follow_time():
    keys = []
    with time_machine.travel("2026-11-24T10:00:00Z", tick=False) as clock:
        for _rank in range(50):
            keys.append(uuid7())
            clock.shift(0.001)

    assert keys == sorted(keys)


@pytest.mark.no_database
def test_keys_made_within_one_millisecond_follow_each_other():
    keys = []
    with time_machine.travel("2026-11-24T10:00:00Z", tick=False) as clock:
        for microseconds in range(0, 1000, 20):
            keys.append(uuid7())
            clock.move_to(f"2026-11-24T10:00:00.{microseconds + 20:06d}Z")

    assert keys == sorted(keys)
    assert len({key.int >> 80 for key in keys}) == 1


@pytest.mark.no_database
def test_keys_of_one_instant_differ():
    with time_machine.travel("2026-11-24T10:00:00Z", tick=False):
        assert len({uuid7() for _rank in range(1000)}) == 1000


def test_after_the_commit_actions_run_in_the_order_they_were_asked(in_space, association):
    done = []
    with in_space(association):
        on_commit(done.append, "first")
        on_commit(done.append, "second")
        on_commit(lambda one, two: done.append(one + two), "th", "ird")
        assert done == []

    assert done == ["first", "second", "third"]


def test_after_a_rollback_nothing_runs(in_space, association):
    done = []

    with pytest.raises(ZeroDivisionError), in_space(association):  # noqa: PT012
        on_commit(done.append, "never")
        raise ZeroDivisionError

    assert done == []


def test_what_a_rollback_forgot_does_not_run_after_the_next_commit(app, association):
    done = []
    with app.app_context():
        on_commit(done.append, "never")
        rollback()
        commit()

    assert done == []


def test_a_process_that_stands_still_holds_nothing_for_ever(real_app):
    with real_app.app_context():
        assert db.session.scalar(text("SHOW idle_in_transaction_session_timeout")) == "5min"


def test_a_connection_that_died_while_it_rested_is_replaced(real_app, monkeypatch):
    """The server was started again in the night: the first page of the morning does not pay for it."""
    monkeypatch.setattr(database, "REST", -1)
    with real_app.app_context():
        pid = db.session.scalar(text("SELECT pg_backend_pid()"))
        db.session.remove()
    with create_engine(real_app.config["BINOME"].database_url, poolclass=NullPool).connect() as another:
        another.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})

    with real_app.app_context():
        assert db.session.scalar(text("SELECT 1")) == 1


@pytest.mark.parametrize("value", [1, None, object()])
def test_only_ids_wait_for_the_commit(value, in_space, association):
    with in_space(association), pytest.raises(TypeError, match="on_commit takes ids"):
        on_commit(print, value)


def test_a_model_does_not_wait_for_the_commit(in_space, association):
    with in_space(association), pytest.raises(TypeError, match="on_commit takes ids"):
        on_commit(print, association)


def test_work_is_stored_whole(app, programme):
    with unit_of_work(app, None):
        db.session.get(Tenant, programme.id).name = "Nouveau nom"

    with unit_of_work(app, None):
        assert db.session.get(Tenant, programme.id).name == "Nouveau nom"


def test_work_that_fails_is_forgotten(app, programme):
    with pytest.raises(ZeroDivisionError), unit_of_work(app, None):  # noqa: PT012
        db.session.get(Tenant, programme.id).name = "Perdu"
        raise ZeroDivisionError

    with unit_of_work(app, None):
        assert db.session.get(Tenant, programme.id).name == "Le programme"


def test_without_a_space_no_tenants_row_is_read(app, programme):
    with app.app_context(), pytest.raises(NoTenant):
        db.session.scalars(select(factories.Mentor)).all()


def test_a_refused_form_stores_nothing(app, people, in_space, association):
    """422 is an answer over 400: what the view did is forgotten."""
    client = app.test_client().sign_in(people.mentor.user_id)

    page = client.send(f"/a/passerelle/binomes/{people.pair.id}/rendez-vous/nouveau", {"day": "hier"})

    assert page.status == 422


def test_a_row_says_when_it_was_written_and_changed(in_space, association):
    with in_space(association):
        mentor = factories.mentor(association)
        created = mentor.created_at
    with time_machine.travel(now().replace(year=now().year + 1)), in_space(association):
        row = db.session.get(factories.Mentor, (association.id, mentor.id))
        row.capacity = 3

    assert row.created_at == created
    assert row.updated_at > created


def test_a_prepared_statement_is_put_together_once_and_asked_with_other_values(people, association, in_space):
    written = []

    @prepared
    def of_state(mentor_id, states):
        written.append(mentor_id)
        return select(Pair.id).where(Pair.mentor_id == mentor_id, Pair.state.in_(states))

    with in_space(association):
        found = [
            db.session.scalars(*of_state(people.mentor.id, ["active"])).all(),
            db.session.scalars(*of_state(people.mentor.id, ["closed", "paused"])).all(),
            db.session.scalars(*of_state(uuid7(), states=["active", "closed"])).all(),
        ]

    assert found == [[people.pair.id], [], []]
    assert len(written) == 1


def test_a_prepared_statement_cannot_keep_the_tenant_of_the_first_who_asks(people, association, in_space):
    @prepared
    def of_here():
        return select(Pair.id).where(Pair.tenant_id == current_tenant_id())

    with in_space(association), pytest.raises(RuntimeError, match="context"):
        db.session.scalars(*of_here())


def test_a_cursors_columns_are_described_when_they_are_asked_for(rolled_back):
    cursor = rolled_back.connection.cursor()
    cursor.execute("SELECT 1 AS one, 'b' AS two")
    described = cursor.description

    assert "found" not in vars(described)
    assert (len(described), described[1].name, [column.name for column in described]) == (2, "two", ["one", "two"])
    assert rolled_back.execute(text("SELECT 1 AS one, 2 AS two")).mappings().one() == {"one": 1, "two": 2}


def test_what_answers_no_row_describes_none(rolled_back):
    cursor = rolled_back.connection.cursor()
    cursor.execute("SET LOCAL work_mem = '4MB'")

    assert cursor.description is None
