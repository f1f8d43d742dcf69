"""At 18 a pair under way goes on: only an authorisation whose last word was a withdrawal keeps it from meeting, not any of before."""

from importlib import import_module

from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

BEFORE = import_module("migrations.versions.0037_held_by_that_day")
TAKEN_BACK = "AND kind = 'participation' AND withdrawn_on IS NOT NULL))"
FOR_GOOD = """AND kind = 'participation' AND withdrawn_on IS NOT NULL)
      AND NOT EXISTS (SELECT 1 FROM authorisations WHERE tenant_id = space AND mentee_id = a_mentee
      AND kind = 'participation' AND withdrawn_on IS NULL))"""
BARS: str = BEFORE.replacing(BEFORE.BARS.replace(BEFORE.HELD, BEFORE.BY_THEN))


def upgrade() -> None:
    assert BARS.count(TAKEN_BACK) == 1
    op.execute(BARS.replace(TAKEN_BACK, FOR_GOOD))


def downgrade() -> None:
    op.execute(BARS)
