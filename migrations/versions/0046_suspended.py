"""The programme may send nothing more to an association."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tenants", sa.Column("suspended_on", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("tenants", "suspended_on")
