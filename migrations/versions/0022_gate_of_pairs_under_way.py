"""The gate of a pair that began: what stops it is asked before each meeting to come, and before it goes on after a pause."""

from importlib import import_module

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

BEFORE: str = import_module("migrations.versions.0018_life_of_pairs").GATE
# What keeps a pair that began (`but`) from meeting on a day. Until its first meeting was held, everything that kept it from beginning
# does, but what the pair itself took up. Later, what protects a minor or was taken back, the yearly evaluation of child protection
# among them: any other end that comes by itself is called about, and the pair goes on.
BARS = """
CREATE FUNCTION gate_bars(space uuid, a_mentor uuid, a_mentee uuid, day date, but uuid)
RETURNS TABLE (piece text, side text) LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT m.piece, m.side FROM gate_missing(space, a_mentor, a_mentee, day, false, but) m
  WHERE m.piece IN ('closed', 'participation', 'own_agreement', 'birth_date', 'self')
    OR (m.side = 'mentee' AND m.piece LIKE 'ase!_%' ESCAPE '!')
    OR (m.side = 'mentor' AND NOT coalesce((
      SELECT is_clear FROM checks WHERE tenant_id = space AND mentor_id = a_mentor AND kind = regexp_replace(m.piece, '^ase_', '')
      AND cancelled_at IS NULL AND seen_on <= day ORDER BY seen_on DESC, id DESC LIMIT 1), true))
    OR (m.piece NOT IN ('paired', 'capacity', 'paused', 'agreement')
      AND NOT EXISTS (SELECT 1 FROM meetings WHERE tenant_id = space AND pair_id = but AND state = 'held'))
$$;
"""
UNDER_WAY = "OLD.state <> ALL (over) AND (OLD.state <> ALL (forming) OR NEW.state = ANY (forming)) THEN\n"
AGAIN = """    IF OLD.state = 'paused' AND NEW.state = 'active' AND EXISTS (
      SELECT 1 FROM gate_bars(NEW.tenant_id, NEW.mentor_id, NEW.mentee_id, space_today(NEW.tenant_id), NEW.id)) THEN
      RAISE EXCEPTION 'pair_gate: barred' USING ERRCODE = 'BN003';
    END IF;
"""


def upgrade() -> None:
    op.execute(BARS)
    assert BEFORE.count(UNDER_WAY) == 1
    op.execute(BEFORE.replace(UNDER_WAY, UNDER_WAY + AGAIN))


def downgrade() -> None:
    """The gate is asked when a pair begins, or begins again after its end."""
    op.execute(BEFORE)
    op.execute("DROP FUNCTION gate_bars(uuid, uuid, uuid, date, uuid)")
