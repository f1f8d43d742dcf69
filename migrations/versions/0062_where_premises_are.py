"""An association says where its premises are."""

from alembic import op
import sqlalchemy as sa

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tenants", sa.Column("address", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("tenants", "address")
