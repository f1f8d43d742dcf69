"""A request that was joined to one that was joined itself leads to the one that stays, and goes with it if it was erased."""

from alembic import op

from migrations.rls import seen_by_owner

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

LAST = """
    WITH RECURSIVE steps AS (
        SELECT tenant_id, id, same_as AS last FROM leads WHERE state = 'joined'
        UNION
        SELECT s.tenant_id, s.id, l.same_as FROM steps s
        JOIN leads l ON l.tenant_id = s.tenant_id AND l.id = s.last WHERE l.state = 'joined' AND l.same_as IS NOT NULL
    )
    UPDATE leads SET same_as = s.last FROM steps s
    WHERE s.tenant_id = leads.tenant_id AND s.id = leads.id AND s.last <> leads.same_as AND NOT EXISTS (
        SELECT FROM leads l WHERE l.tenant_id = s.tenant_id AND l.id = s.last AND l.state = 'joined' AND l.same_as IS NOT NULL
    )
"""
OLD = """
    UPDATE leads SET updated_at = kept.erased_at - interval '3 years' FROM leads kept
    WHERE leads.state = 'joined' AND leads.erased_at IS NULL
    AND kept.tenant_id = leads.tenant_id AND kept.id = leads.same_as AND kept.erased_at IS NOT NULL
"""
UNHEARD = """
    DELETE FROM contact_attempts c USING leads l, leads kept
    WHERE l.tenant_id = c.tenant_id AND l.id = c.lead_id AND l.state = 'joined' AND l.erased_at IS NULL
    AND kept.tenant_id = l.tenant_id AND kept.id = l.same_as AND kept.erased_at IS NOT NULL
"""


def upgrade() -> None:
    """What an erasure left behind goes by itself in the hour that follows, with its letters: it is older than what is kept."""
    with seen_by_owner("leads", "contact_attempts"):
        for statement in (LAST, OLD, UNHEARD):
            op.execute(statement)


def downgrade() -> None:
    """What is one step away was so for some before."""
