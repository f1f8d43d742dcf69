"""Calls for help are found among all that was written, for the day's page."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_messages_urgent", "messages", ["tenant_id", "created_at"], postgresql_where=sa.text("is_urgent"))


def downgrade() -> None:
    op.drop_index("ix_messages_urgent", "messages")
