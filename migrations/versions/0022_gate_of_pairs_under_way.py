"""The gate of a pair that began: what stops it is asked before each meeting to come, and before it goes on again."""

from importlib import import_module

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

BEFORE: str = import_module("migrations.versions.0018_life_of_pairs").GATE
HOMES = import_module("migrations.versions.0021_home_of_each")
# What was last seen of each kind of document of a mentor and is not clear: no exception, and no rule that does not ask, passes over it.
AGAINST = """
CREATE FUNCTION gate_against(space uuid, a_mentor uuid, day date) RETURNS TABLE (kind text)
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT last.kind FROM (
    SELECT DISTINCT ON (c.kind) c.kind, c.is_clear FROM checks c
    WHERE c.tenant_id = space AND c.mentor_id = a_mentor AND c.cancelled_at IS NULL AND c.seen_on <= day
    ORDER BY c.kind, c.seen_on DESC, c.id DESC) last
  WHERE NOT last.is_clear
$$;
"""
LINES = {
    "CONTINUE WHEN NOT rule.firm AND EXISTS (":
    "CONTINUE WHEN NOT rule.firm AND rule.what NOT IN (SELECT kind FROM gate_against(space, a_mentor, day)) AND EXISTS (",
    "    IF home AND NOT gate_home(space, a_mentor, NULL,":
    """    FOR piece IN SELECT kind FROM gate_against(space, a_mentor, day) WHERE kind NOT IN (SELECT r.piece FROM gate_rules(space) r
      WHERE r.audience = 'all' OR (minor AND r.audience = 'minors') OR (ase AND r.audience = 'ase')) LOOP
      RETURN NEXT;
    END LOOP;
    IF home AND NOT gate_home(space, a_mentor, NULL,""",
}  # fmt: skip
# What keeps a pair that began (`but`) from meeting on a day. Until its first meeting was held, everything that kept it from beginning
# does, but what the pair itself took up. Later, what protects a minor or was taken back, the yearly evaluation of child protection
# among them: any other end that comes by itself is called about, and the pair goes on. A document that somebody saw and cancelled was
# not seen; one that child protection asks for must have been.
BARS = """
CREATE FUNCTION gate_bars(space uuid, a_mentor uuid, a_mentee uuid, day date, but uuid)
RETURNS TABLE (piece text, side text) LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT m.piece, m.side FROM gate_missing(space, a_mentor, a_mentee, day, false, but) m
    CROSS JOIN LATERAL (SELECT regexp_replace(m.piece, '^ase_', '') AS kind) k
  WHERE m.piece IN ('closed', 'participation', 'own_agreement', 'birth_date', 'self')
    OR (m.side = 'mentee' AND m.piece LIKE 'ase!_%' ESCAPE '!')
    OR (m.piece = 'majority' AND EXISTS (SELECT 1 FROM authorisations WHERE tenant_id = space AND mentee_id = a_mentee
      AND kind = 'participation' AND withdrawn_on IS NOT NULL))
    OR (m.side = 'mentor' AND k.kind IN (SELECT kind FROM gate_against(space, a_mentor, day)))
    OR (m.side = 'mentor' AND k.kind IN ('identity', 'honorability', 'record')
      AND NOT EXISTS (SELECT 1 FROM checks c WHERE c.tenant_id = space AND c.mentor_id = a_mentor AND c.kind = k.kind
        AND c.cancelled_at IS NULL)
      AND (m.piece LIKE 'ase!_%' ESCAPE '!' OR EXISTS (
        SELECT 1 FROM checks c WHERE c.tenant_id = space AND c.mentor_id = a_mentor AND c.kind = k.kind)))
    OR (m.piece NOT IN ('paired', 'capacity', 'paused', 'agreement')
      AND NOT EXISTS (SELECT 1 FROM meetings WHERE tenant_id = space AND pair_id = but AND state = 'held'))
$$;
"""
UNDER_WAY = "OLD.state <> ALL (over) AND (OLD.state <> ALL (forming) OR NEW.state = ANY (forming)) THEN\n"
AGAIN = """    IF OLD.state IN ('paused', 'closing') AND NEW.state = 'active' AND EXISTS (
      SELECT 1 FROM gate_bars(NEW.tenant_id, NEW.mentor_id, NEW.mentee_id, space_today(NEW.tenant_id), NEW.id)) THEN
      RAISE EXCEPTION 'pair_gate: barred' USING ERRCODE = 'BN003';
    END IF;
"""


def upgrade() -> None:
    op.execute(AGAINST)
    op.execute(missing())
    op.execute(BARS)
    assert BEFORE.count(UNDER_WAY) == 1
    op.execute(BEFORE.replace(UNDER_WAY, UNDER_WAY + AGAIN))


def missing() -> str:
    """The gate as migration 0021 left it, with these lines of it written anew."""
    function: str = HOMES.missing(HOMES.LINES)
    for old, new in LINES.items():
        assert function.count(old) == 1, old
        function = function.replace(old, new)
    return function


def downgrade() -> None:
    """The gate is asked when a pair begins, or begins again after its end."""
    op.execute(BEFORE)
    op.execute("DROP FUNCTION gate_bars(uuid, uuid, uuid, date, uuid)")
    op.execute(HOMES.missing(HOMES.LINES))
    op.execute("DROP FUNCTION gate_against(uuid, uuid, date)")
