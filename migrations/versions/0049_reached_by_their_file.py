"""A request whose file is open is reached by the file: nobody may be left to represent a child who has no way of their own."""

from alembic import op

from migrations.rls import seen_by_owner

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

REACHABLE = "reachable"
WAYS = "email, phone, guardian_email, guardian_phone, erased_at"


def upgrade() -> None:
    op.drop_constraint(REACHABLE, "leads", type_="check")
    op.create_check_constraint(REACHABLE, "leads", f"num_nonnulls({WAYS}, accepted_at) > 0")


def downgrade() -> None:
    with seen_by_owner("leads"):
        op.execute(f"UPDATE leads SET guardian_phone = '' WHERE num_nonnulls({WAYS}) = 0")
    op.drop_constraint(REACHABLE, "leads", type_="check")
    op.create_check_constraint(REACHABLE, "leads", f"num_nonnulls({WAYS}) > 0")
