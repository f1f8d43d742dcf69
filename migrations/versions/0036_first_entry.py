"""When each place was first entered: of an account, a space knows what was done there and nothing of the others."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("memberships", sa.Column("entered_at", sa.DateTime(timezone=True)))
    op.execute(
        "UPDATE memberships SET entered_at = u.confirmed_at FROM users u WHERE u.id = memberships.user_id AND u.confirmed_at IS NOT NULL"
    )


def downgrade() -> None:
    op.drop_column("memberships", "entered_at")
