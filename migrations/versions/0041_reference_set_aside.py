"""The team sets a reference aside: its link leads nowhere, and whatever was answered opens no gate."""

from importlib import import_module

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

HOLDS: str = import_module("migrations.versions.0018_life_of_pairs").HOLDS.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
FAVOURABLE = "state = 'answered' AND advice <> 'no')"
NOT_ASIDE = "state = 'answered' AND advice <> 'no'\n      AND set_aside_at IS NULL)"


def upgrade() -> None:
    assert HOLDS.count(FAVOURABLE) == 1
    op.add_column("person_references", sa.Column("set_aside_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(HOLDS.replace(FAVOURABLE, NOT_ASIDE))


def downgrade() -> None:
    op.execute(HOLDS)
    op.drop_column("person_references", "set_aside_at")
