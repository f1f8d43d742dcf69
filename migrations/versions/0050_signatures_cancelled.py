"""A signature of the charter noted by mistake is cancelled, and a yes to an application taken back: neither opens a gate."""

from importlib import import_module

import sqlalchemy as sa
from alembic import op

from migrations.rls import seen_by_owner

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

BEFORE = import_module("migrations.versions.0041_reference_set_aside")
HOLDS: str = BEFORE.HOLDS.replace(BEFORE.FAVOURABLE, BEFORE.NOT_ASIDE)
REPLACED = {
    "s.signed_on <= day": "s.signed_on <= day AND s.cancelled_at IS NULL",
    "SELECT is_accepted FROM": "SELECT is_accepted AND taken_back_at IS NULL FROM",
}
SIGNATURES, KEY = "charter_signatures", ["tenant_id", "mentor_id", "charter_id"]
ONCE, STANDING = "uq_charter_signatures_tenant_id_mentor_id_charter_id", "uq_charter_signatures_standing"


def upgrade() -> None:
    op.add_column(SIGNATURES, sa.Column("cancelled_at", sa.DateTime(timezone=True)))
    op.add_column(SIGNATURES, sa.Column("cancelled_by", sa.Uuid()))
    with seen_by_owner(SIGNATURES):  # the key is checked against the rows that are there
        op.create_foreign_key(op.f("fk_charter_signatures_cancelled_by"), SIGNATURES, "users", ["cancelled_by"], ["id"])
    op.drop_constraint(op.f(ONCE), SIGNATURES, type_="unique")
    op.create_index(STANDING, SIGNATURES, KEY, unique=True, postgresql_where=sa.text("cancelled_at is null"))
    holds = HOLDS
    for before, after in REPLACED.items():
        assert holds.count(before) == 1
        holds = holds.replace(before, after)
    op.execute(holds)


def downgrade() -> None:
    op.execute(HOLDS)
    with seen_by_owner(SIGNATURES):  # it would count again
        op.execute("DELETE FROM charter_signatures WHERE cancelled_at IS NOT NULL")
    op.drop_index(STANDING, table_name=SIGNATURES)
    op.create_unique_constraint(op.f(ONCE), SIGNATURES, KEY)
    op.drop_column(SIGNATURES, "cancelled_by")
    op.drop_column(SIGNATURES, "cancelled_at")
