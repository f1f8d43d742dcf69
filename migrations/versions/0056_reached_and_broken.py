"""How many pairs of an association reached the programme's minimum in a month, and how many ended before it."""

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What is there is gathered anew within the day."""
    for name in ("reached", "broken"):
        op.add_column("association_months", sa.Column(name, sa.Integer, nullable=False, server_default="0"))
        op.alter_column("association_months", name, server_default=None)


def downgrade() -> None:
    for name in ("reached", "broken"):
        op.drop_column("association_months", name)
