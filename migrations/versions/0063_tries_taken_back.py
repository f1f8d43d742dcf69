"""What a try changed on its request, for who takes it back; and a letter is a try too."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.rls import seen_by_owner

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None

BEFORE = "'reached', 'no_answer', 'left_message', 'wrong_number'"


def allow(results: str) -> None:
    op.drop_constraint(op.f("ck_contact_attempts_result"), "contact_attempts")
    op.create_check_constraint(op.f("ck_contact_attempts_result"), "contact_attempts", f"result in ({results})")


def upgrade() -> None:
    op.add_column("contact_attempts", sa.Column("before", JSONB()))
    allow(f"{BEFORE}, 'emailed'")


def downgrade() -> None:
    with seen_by_owner("contact_attempts", "lead_events"):
        op.execute("UPDATE contact_attempts SET result = 'left_message' WHERE result = 'emailed'")
        op.execute("UPDATE lead_events SET reason = 'left_message' WHERE what = 'contact' AND reason = 'emailed'")
    allow(BEFORE)
    op.drop_column("contact_attempts", "before")
