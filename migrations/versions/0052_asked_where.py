"""Where a question went, as a mark of the address; a pin that had made its pair pins no more."""

import sqlalchemy as sa
from alembic import op

from migrations.rls import seen_by_owner

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

FULFILLED = """
DELETE FROM match_wishes w USING pairs p
WHERE w.is_pin AND (p.tenant_id, p.mentee_id, p.mentor_id) = (w.tenant_id, w.mentee_id, w.mentor_id)
  AND p.state IN ('active', 'paused', 'closing', 'closed') AND p.created_at > w.created_at
"""


def upgrade() -> None:
    op.add_column("pair_answers", sa.Column("sent_mark", sa.Text))
    with seen_by_owner("match_wishes", "pairs"):
        op.execute(FULFILLED)


def downgrade() -> None:
    """A pin that is gone stays so."""
    op.drop_column("pair_answers", "sent_mark")
