"""Since when a jeune has waited: their file was opened, or their last pair ended."""

import sqlalchemy as sa
from alembic import op

from migrations.rls import seen_by_owner

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

WAITING = "ix_mentees_waiting"


def upgrade() -> None:
    op.add_column("mentees", sa.Column("waits_since", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()))
    with seen_by_owner("mentees", "pairs"):
        op.execute(
            "UPDATE mentees m SET waits_since = greatest(m.created_at, (SELECT max(p.closed_on)::timestamptz FROM pairs p "
            "WHERE p.tenant_id = m.tenant_id AND p.mentee_id = m.id AND p.state = 'closed'))"
        )
    replace_index("waits_since")


def downgrade() -> None:
    replace_index("created_at")
    op.drop_column("mentees", "waits_since")


def replace_index(column: str) -> None:
    op.drop_index(WAITING, "mentees")
    columns = ["tenant_id", sa.text("first_in_line DESC"), column, "id"]
    op.create_index(WAITING, "mentees", columns, postgresql_where=sa.text("state = 'active'"))
