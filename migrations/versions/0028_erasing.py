"""What is kept of somebody has a last day, and what is erased says when."""

import sqlalchemy as sa
from alembic import op

from migrations.rls import seen_by_owner

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

REACHABLE = "reachable"


def upgrade() -> None:
    op.add_column("mentees", sa.Column("forget_on", sa.Date()))
    for table in ("mentees", "mentors", "leads"):
        op.add_column(table, sa.Column("erased_at", sa.DateTime(timezone=True)))
    with seen_by_owner("mentees", "mentors"):
        for table in ("mentees", "mentors"):
            op.execute(
                f"UPDATE {table} SET forget_on = coalesce(withdrawn_at, updated_at)::date + 730 "  # noqa: S608
                "WHERE state = 'withdrawn' AND forget_on IS NULL"
            )
        op.execute(  # refused volunteers were erased already
            "UPDATE mentors SET erased_at = updated_at, forget_on = NULL WHERE state = 'withdrawn' AND stage = 'refused' "
            "AND first_name = 'Dossier' AND last_name = 'effacé' AND email IS NULL AND phone IS NULL"
        )
    op.drop_constraint(REACHABLE, "leads", type_="check")
    op.create_check_constraint(REACHABLE, "leads", "email is not null or phone is not null or erased_at is not null")


def downgrade() -> None:
    """Requests that were erased go: without a way to reach somebody, none may stay."""
    with seen_by_owner("leads"):
        op.execute("DELETE FROM leads WHERE email IS NULL AND phone IS NULL")
    op.drop_constraint(REACHABLE, "leads", type_="check")
    op.create_check_constraint(REACHABLE, "leads", "email is not null or phone is not null")
    for table in ("mentees", "mentors", "leads"):
        op.drop_column(table, "erased_at")
    op.drop_column("mentees", "forget_on")
