"""What each association did in a month, as numbers that the programme gathers."""

import sqlalchemy as sa
from alembic import op

from migrations import rls

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

NUMBERS = ("pairs", "begun", "closed", "jeunes", "mentors", "trained", "held", "minutes")


def upgrade() -> None:
    rls.tenant_table(
        "association_months",
        sa.Column("association_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in NUMBERS),
        sa.ForeignKeyConstraint(["association_id"], ["tenants.id"], name=op.f("fk_association_months_association_id")),
        sa.UniqueConstraint("tenant_id", "association_id", "month", name=op.f("uq_association_months_tenant_id_association_id_month")),
    )
    op.create_index("ix_association_months_month", "association_months", ["tenant_id", "month"])
    rls.isolate("association_months")


def downgrade() -> None:
    op.drop_table("association_months")
