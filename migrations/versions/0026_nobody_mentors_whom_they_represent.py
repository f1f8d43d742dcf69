"""Whoever represents a jeune does not mentor them: one person would sign, and read, for both sides."""

from importlib import import_module

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

BEFORE = import_module("migrations.versions.0022_gate_of_pairs_under_way")
SELF = "  IF a_mentor IS NOT NULL AND a_mentee IS NOT NULL AND (mentor.user_id = mentee.user_id\n"
ALSO = """      OR lower(mentee.guardian_email) = lower(mentor.email) OR mentee.guardian_phone = mentor.phone
      OR EXISTS (SELECT 1 FROM guardianships g JOIN guardians p ON p.tenant_id = g.tenant_id AND p.id = g.guardian_id
        WHERE g.tenant_id = space AND g.mentee_id = a_mentee AND (lower(p.email) = lower(mentor.email) OR p.phone = mentor.phone))
"""


def upgrade() -> None:
    function: str = BEFORE.missing()
    assert function.count(SELF) == 1
    op.execute(function.replace(SELF, SELF + ALSO))


def downgrade() -> None:
    """Only somebody's own account, or address and name, is seen to be one person."""
    op.execute(BEFORE.missing())
