"""A commune is found by the names of those that it took in."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("communes", sa.Column("former", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    """Such a commune is found by its name of today alone."""
    op.drop_column("communes", "former")
