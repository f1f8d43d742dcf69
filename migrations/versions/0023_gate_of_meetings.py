"""A meeting to come of a pair that may not meet is refused by the database too, whoever writes it."""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

# Held for every statement of every role, where a meeting to come is written or its moment, place or pair changes. What took place is
# logged all the same, and what was planned before something was taken back may be read, noted and called off.
GATE = """
CREATE FUNCTION meeting_gate() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  pair pairs%ROWTYPE;
  day date;
BEGIN
  IF NEW.state <> 'planned' OR NEW.starts_at <= now() THEN
    RETURN NEW;
  END IF;
  IF TG_OP = 'UPDATE' AND (OLD.tenant_id, OLD.pair_id, OLD.state, OLD.starts_at, OLD.place)
    = (NEW.tenant_id, NEW.pair_id, NEW.state, NEW.starts_at, NEW.place) THEN
    RETURN NEW;
  END IF;
  SELECT * INTO pair FROM pairs WHERE tenant_id = NEW.tenant_id AND id = NEW.pair_id;
  SELECT (NEW.starts_at AT TIME ZONE timezone)::date INTO day FROM tenants WHERE id = NEW.tenant_id;
  IF pair.state NOT IN ('active', 'paused', 'closing')
    OR EXISTS (SELECT 1 FROM gate_bars(NEW.tenant_id, pair.mentor_id, pair.mentee_id, day, pair.id))
    OR NEW.place = 'home' AND EXISTS (
      SELECT 1 FROM gate_missing(NEW.tenant_id, pair.mentor_id, pair.mentee_id, day, true, pair.id) m WHERE m.piece = 'home') THEN
    RAISE EXCEPTION 'meeting_gate: barred' USING ERRCODE = 'BN007';
  END IF;
  RETURN NEW;
END $$;
"""


def upgrade() -> None:
    op.execute(GATE)
    op.execute(
        "CREATE TRIGGER meeting_gate BEFORE INSERT OR UPDATE OF tenant_id, pair_id, state, starts_at, place ON meetings "
        "FOR EACH ROW EXECUTE FUNCTION meeting_gate()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER meeting_gate ON meetings")
    op.execute("DROP FUNCTION meeting_gate()")
