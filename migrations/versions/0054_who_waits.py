"""Who waits for a pair: a note that says a talk with them, and when a letter last said that they are not forgotten."""

import sqlalchemy as sa
from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("person_notes", sa.Column("reached", sa.Boolean, nullable=False, server_default=sa.false()))
    for table in ("mentors", "mentees"):
        op.add_column(table, sa.Column("reassured_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    for table in ("mentors", "mentees"):
        op.drop_column(table, "reassured_at")
    op.drop_column("person_notes", "reached")
