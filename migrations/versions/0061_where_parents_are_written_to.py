"""Requests are found by the address of whoever represents a child."""

from alembic import op
import sqlalchemy as sa

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_leads_guardian_email",
        "leads",
        ["tenant_id", sa.text("lower(guardian_email)")],
        postgresql_where=sa.text("guardian_email IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_leads_guardian_email", "leads")
