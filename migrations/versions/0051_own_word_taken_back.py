"""Their own agreement taken back keeps an adult from meeting, as a guardian's does; a pair that had begun goes on without a convention."""

from importlib import import_module

from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

AGAIN = import_module("migrations.versions.0040_agreed_again")
BARS: str = AGAIN.BARS.replace(AGAIN.TAKEN_BACK, AGAIN.FOR_GOOD)
AT_18 = "    OR (m.piece = 'majority' AND EXISTS ("
# A child's word, taken back before 15, was never their word as an adult.
OWN_WORD = """    OR (m.piece = 'majority' AND EXISTS (
      SELECT 1 FROM authorisations a JOIN mentees j ON (j.tenant_id, j.id) = (a.tenant_id, a.mentee_id)
      WHERE a.tenant_id = space AND a.mentee_id = a_mentee AND a.kind = 'own_agreement' AND a.withdrawn_on IS NOT NULL
      AND extract(year FROM age(a.given_on, j.birth_date)) >= 15))
"""
UNDER_WAY = import_module("migrations.versions.0022_gate_of_pairs_under_way")
GATE: str = UNDER_WAY.BEFORE.replace(UNDER_WAY.UNDER_WAY, UNDER_WAY.UNDER_WAY + UNDER_WAY.AGAIN)
ASKED = "  WHERE m.piece <> 'paired' AND (NEW.state"
# What a pair that is reopened did without when it began, for nobody asked for it then; of other people it is asked.
BEGUN = """  WHERE NOT (m.piece = 'agreement' AND TG_OP = 'UPDATE' AND OLD.state = 'closed'
      AND (OLD.tenant_id, OLD.mentor_id, OLD.mentee_id) = (NEW.tenant_id, NEW.mentor_id, NEW.mentee_id))
    AND m.piece <> 'paired' AND (NEW.state"""


def upgrade() -> None:
    assert (BARS.count(AT_18), GATE.count(ASKED)) == (1, 1)
    op.execute(BARS.replace(AT_18, OWN_WORD + AT_18))
    op.execute(GATE.replace(ASKED, BEGUN))


def downgrade() -> None:
    op.execute(BARS)
    op.execute(GATE)
