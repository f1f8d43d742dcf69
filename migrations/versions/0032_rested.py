"""Whom the end of a pair put to rest; where a link to sign in leads; and the indexes that keys of other tables look through."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

INDEXES = {"notices": "mail_id", "attendance_marks": "registration_id", "declines": "lead_id"}


def upgrade() -> None:
    op.add_column("users", sa.Column("link_then", sa.Text, nullable=False, server_default=""))
    op.add_column("closures", sa.Column("rested", sa.ARRAY(sa.Text), nullable=False, server_default="{}"))
    for table, column in INDEXES.items():
        op.create_index(f"ix_{table}_{column}", table, ["tenant_id", column])


def downgrade() -> None:
    for table, column in INDEXES.items():
        op.drop_index(f"ix_{table}_{column}", table)
    op.drop_column("closures", "rested")
    op.drop_column("users", "link_then")
