"""The mailbox of a file, and of whoever represents somebody: by it one finds what is about oneself."""

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

MAILBOX = """CASE WHEN split_part(lower(email), '@', 2) IN ('gmail.com', 'googlemail.com')
THEN replace(split_part(split_part(lower(email), '@', 1), '+', 1), '.', '') || '@gmail.com'
ELSE split_part(split_part(lower(email), '@', 1), '+', 1) || '@' || split_part(lower(email), '@', 2) END"""


def upgrade() -> None:
    for table in ("mentors", "mentees", "guardians"):
        op.add_column(table, sa.Column("mailbox", sa.Text, sa.Computed(MAILBOX, persisted=True)))
        op.create_index(f"ix_{table}_mailbox", table, ["tenant_id", "mailbox"], postgresql_where=sa.text("mailbox IS NOT NULL"))
    for table in ("mentors", "mentees"):  # that of guardians has one
        op.create_index(f"ix_{table}_phone", table, ["tenant_id", "phone"], postgresql_where=sa.text("phone IS NOT NULL"))


def downgrade() -> None:
    for table in ("mentors", "mentees"):
        op.drop_index(f"ix_{table}_phone", table)
    for table in ("mentors", "mentees", "guardians"):
        op.drop_column(table, "mailbox")
