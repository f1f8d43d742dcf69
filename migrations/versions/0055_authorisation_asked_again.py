"""How often a guardian was asked again for their authorisation."""

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("guardianships", sa.Column("chased", sa.SmallInteger, nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("guardianships", "chased")
