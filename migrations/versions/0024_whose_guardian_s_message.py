"""A guardian's thread says with whom each message is: whoever represents the jeune later does not read it."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What was written before belongs to nobody in particular: the team reads it, no link opens it."""
    op.add_column("messages", sa.Column("guardian", sa.Text()))
    op.add_column("messages", sa.Column("guardian_mark", sa.Text()))


def downgrade() -> None:
    op.drop_column("messages", "guardian_mark")
    op.drop_column("messages", "guardian")
