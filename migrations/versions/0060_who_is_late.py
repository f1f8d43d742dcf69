"""How many minutes late one of the two said they would be."""

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None

SIDES = ("mentor", "mentee")


def upgrade() -> None:
    for side in SIDES:
        op.add_column("meetings", sa.Column(f"{side}_late", sa.Integer()))
        op.create_check_constraint(op.f(f"ck_meetings_{side}_late"), "meetings", f"{side}_late between 1 and 60")


def downgrade() -> None:
    for side in SIDES:
        op.drop_column("meetings", f"{side}_late")
