"""Isolation: a session serves one space, and nothing of another can be read or stored through it."""

import pytest
from sqlalchemy import select, text

from app.database import unit_of_work
from app.extensions import db
from app.leads.models import Lead
from app.tenants import scope
from app.tenants.resolve import tenant_named
from tests import factories


def test_without_a_space_a_tenants_table_is_not_read(app, programme):
    with unit_of_work(app, None), pytest.raises(scope.NoTenant, match="Lead se lit dans un espace"):
        db.session.scalars(select(Lead)).all()


def test_without_a_space_a_record_is_not_found_by_its_key(app, association, in_space):
    with in_space(association):
        lead = factories.lead()

    with unit_of_work(app, None), pytest.raises(scope.NoTenant):
        db.session.get(Lead, (association.id, lead.id))


def test_without_a_space_a_tenants_row_is_not_written(app, association):
    with unit_of_work(app, None):
        db.session.add(Lead(tenant_id=association.id, kind="mentee"))

        with pytest.raises(scope.NoTenant, match="Lead s'écrit dans un espace"):
            db.session.flush()
        db.session.expunge_all()


def test_without_a_space_nobody_can_ask_which(app, programme):
    with unit_of_work(app, None), pytest.raises(scope.NoTenant, match="Aucun espace n'est ouvert"):
        scope.current_tenant_id()


def test_the_list_of_spaces_is_public(app, association):
    with unit_of_work(app, None):
        assert tenant_named("passerelle").name == "Passerelle"


def test_a_session_does_not_change_spaces(app, association, elsewhere):
    with unit_of_work(app, association.id), pytest.raises(scope.TenantChange, match="ne change pas d'espace"):
        scope.enter(db.session(), elsewhere.id)


def test_entering_the_same_space_again_changes_nothing(app, association):
    with unit_of_work(app, association.id):
        scope.enter(db.session(), association.id)

        assert scope.current_tenant_id() == association.id


def test_a_row_belongs_to_the_space_that_writes_it(app, association, in_space):
    with in_space(association):
        assert factories.lead().tenant_id == association.id


@pytest.mark.parametrize("how", ["added", "changed", "deleted"])
def test_a_row_of_another_space_is_not_stored(app, association, elsewhere, in_space, how):
    with in_space(elsewhere):
        foreign = factories.lead()

    with in_space(association):
        touch(foreign, how)

        with pytest.raises(scope.TenantChange, match="Lead appartient à un autre espace"):
            db.session.flush()
        db.session.expunge_all()


def touch(lead, how):
    """Do to a row what would store it."""
    if how == "added":
        db.session.add(Lead(tenant_id=lead.tenant_id, kind="mentee"))
        return
    db.session.add(lead)
    if how == "changed":
        lead.first_name = "Pirate"
    else:
        db.session.delete(lead)


def test_rows_of_another_space_are_not_seen(association, elsewhere, in_space):
    with in_space(elsewhere):
        lead = factories.lead()

    with in_space(association):
        assert db.session.scalars(select(Lead)).all() == []
        assert db.session.get(Lead, (elsewhere.id, lead.id)) is None
        assert db.session.execute(text("SELECT count(*) FROM leads")).scalar() == 0


def test_statements_written_by_hand_change_nothing_elsewhere(association, elsewhere, in_space):
    with in_space(elsewhere):
        lead = factories.lead(first_name="Inès")

    with in_space(association):
        changed = db.session.execute(text("UPDATE leads SET first_name = 'Pirate'")).rowcount
        gone = db.session.execute(text("DELETE FROM leads")).rowcount

    with in_space(elsewhere):
        assert (changed, gone, db.session.get(Lead, (elsewhere.id, lead.id)).first_name) == (0, 0, "Inès")


def test_another_space_can_be_read_by_a_job_and_not_written(app, association, elsewhere, in_space):
    with in_space(elsewhere):
        lead = factories.lead()

    with in_space(association), scope.reading(elsewhere.id) as session:
        row = session.get(Lead, (elsewhere.id, lead.id))
        row.first_name = "Pirate"

        with pytest.raises(Exception, match="read-only transaction"):
            session.flush()


def test_reading_another_space_leaves_ours_as_it_was(association, elsewhere, in_space):
    with in_space(association):
        factories.lead()
        with scope.reading(elsewhere.id) as session:
            assert session.scalars(select(Lead)).all() == []

        assert scope.current_tenant_id() == association.id
        assert len(db.session.scalars(select(Lead)).all()) == 1
        factories.lead()


def test_a_space_entered_within_a_transaction_holds_at_once(app, association, in_space):
    with in_space(association):
        factories.lead()

    with unit_of_work(app, None):
        tenant_named("passerelle")
        scope.enter(db.session(), association.id)

        assert len(db.session.scalars(select(Lead)).all()) == 1


def test_a_space_still_holds_after_a_savepoint(app, association, in_space):
    with in_space(association):
        with db.session.begin_nested():
            factories.lead()

        assert len(db.session.scalars(select(Lead)).all()) == 1
