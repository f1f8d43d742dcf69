"""What ended because its giver represents nobody any more is told from what somebody took back."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("authorisations", sa.Column("lapsed", sa.Boolean(), nullable=False, server_default="false"))
    op.alter_column("authorisations", "lapsed", server_default=None)


def downgrade() -> None:
    op.drop_column("authorisations", "lapsed")
