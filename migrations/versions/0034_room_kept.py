"""The room that a mentor had before the end of a pair took it; and the indexes by which an address is found."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

PEOPLE = ("mentors", "mentees")


def upgrade() -> None:
    op.add_column("closures", sa.Column("capacity_before", sa.Integer()))
    for table in PEOPLE:
        op.create_index(f"ix_{table}_email", table, ["tenant_id", sa.literal_column("lower(email)")])


def downgrade() -> None:
    for table in PEOPLE:
        op.drop_index(f"ix_{table}_email", table)
    op.drop_column("closures", "capacity_before")
