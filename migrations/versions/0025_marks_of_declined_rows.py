"""A file that is sent again does not bring back whom the association declined: a mark of the row stays, and says nothing of who it was."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("declines", sa.Column("mark", sa.Text()))
    op.create_index("ix_declines_mark", "declines", ["tenant_id", "mark"], postgresql_where=sa.text("mark is not null"))


def downgrade() -> None:
    op.drop_index("ix_declines_mark", "declines")
    op.drop_column("declines", "mark")
