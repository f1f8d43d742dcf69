"""What a first meeting ends of the gate, it ends once it has begun: one written as held on a day to come opens nothing before."""

from importlib import import_module

from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

BARS: str = import_module("migrations.versions.0022_gate_of_pairs_under_way").BARS
HELD = "pair_id = but AND state = 'held'"
BY_THEN = f"{HELD} AND (starts_at AT TIME ZONE (SELECT timezone FROM tenants WHERE id = space))::date <= day"


def replacing(function: str) -> str:
    """The same, where there is one already."""
    return function.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")


def upgrade() -> None:
    assert BARS.count(HELD) == 1
    op.execute(replacing(BARS.replace(HELD, BY_THEN)))


def downgrade() -> None:
    op.execute(replacing(BARS))
