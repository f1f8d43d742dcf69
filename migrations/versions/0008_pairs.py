"""Pairs, and the gate that the database holds."""

import sqlalchemy as sa
from alembic import op

from migrations.rls import isolate

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# The gate before a first meeting, held for every statement of every role (../../app/pairs/conditions.py says it in words):
# BN001  the mentor has not completed every required course, or none is required
# BN002  the mentor accompanies as many jeunes as their capacity allows; the mentor's row is locked, so two at once are counted
# BN003  a date of birth is missing, or somebody under 18 is without a guardian's authorisation; a jeune under 15 without their own agreement
# BN004  one of the two files is not active, or the jeune is 30
PAIR_GATE = """
CREATE FUNCTION pair_gate() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  mentor mentors%ROWTYPE;
  mentee mentees%ROWTYPE;
BEGIN
  IF NEW.state <> 'active' THEN
    RETURN NEW;
  END IF;
  IF TG_OP = 'UPDATE' AND OLD.state = 'active' AND (OLD.tenant_id, OLD.mentor_id, OLD.mentee_id)
      = (NEW.tenant_id, NEW.mentor_id, NEW.mentee_id) THEN
    RETURN NEW;
  END IF;
  SELECT * INTO mentor FROM mentors WHERE tenant_id = NEW.tenant_id AND id = NEW.mentor_id FOR UPDATE;
  SELECT * INTO mentee FROM mentees WHERE tenant_id = NEW.tenant_id AND id = NEW.mentee_id FOR UPDATE;
  IF mentor.state IS DISTINCT FROM 'active' OR mentee.state IS DISTINCT FROM 'active'
      OR extract(year FROM age(current_date, mentee.birth_date)) >= 30 THEN
    RAISE EXCEPTION 'pair_gate: a file is not active' USING ERRCODE = 'BN004';
  END IF;
  IF NOT EXISTS (SELECT 1 FROM courses WHERE tenant_id = NEW.tenant_id AND is_required) OR EXISTS (
    SELECT 1 FROM courses c WHERE c.tenant_id = NEW.tenant_id AND c.is_required AND NOT EXISTS (
      SELECT 1 FROM completions d
      WHERE d.tenant_id = c.tenant_id AND d.course_id = c.id AND d.mentor_id = NEW.mentor_id)) THEN
    RAISE EXCEPTION 'pair_gate: the mentor is not trained' USING ERRCODE = 'BN001';
  END IF;
  IF (SELECT count(*) FROM pairs WHERE tenant_id = NEW.tenant_id AND mentor_id = NEW.mentor_id
      AND state = 'active' AND id <> NEW.id) >= mentor.capacity THEN
    RAISE EXCEPTION 'pair_gate: the mentor has no room' USING ERRCODE = 'BN002';
  END IF;
  IF mentor.birth_date IS NULL OR mentee.birth_date IS NULL THEN
    RAISE EXCEPTION 'pair_gate: a date of birth is missing' USING ERRCODE = 'BN003';
  END IF;
  IF coalesce(extract(year FROM age(current_date, mentor.birth_date)) < 18, true)
      AND NOT pair_gate_allowed(NEW.tenant_id, NEW.mentor_id, NULL, 'participation') THEN
    RAISE EXCEPTION 'pair_gate: no authorisation for the mentor' USING ERRCODE = 'BN003';
  END IF;
  IF coalesce(extract(year FROM age(current_date, mentee.birth_date)) < 18, true)
      AND NOT pair_gate_allowed(NEW.tenant_id, NULL, NEW.mentee_id, 'participation') THEN
    RAISE EXCEPTION 'pair_gate: no authorisation for the mentee' USING ERRCODE = 'BN003';
  END IF;
  IF coalesce(extract(year FROM age(current_date, mentee.birth_date)) < 15, true)
      AND NOT pair_gate_allowed(NEW.tenant_id, NULL, NEW.mentee_id, 'own_agreement') THEN
    RAISE EXCEPTION 'pair_gate: no agreement of the mentee' USING ERRCODE = 'BN003';
  END IF;
  RETURN NEW;
END $$;
"""
ALLOWED = """
CREATE FUNCTION pair_gate_allowed(tenant uuid, mentor uuid, mentee uuid, what text) RETURNS boolean
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT EXISTS (SELECT 1 FROM authorisations WHERE tenant_id = tenant AND kind = what AND given_on <= current_date
    AND (withdrawn_on IS NULL OR withdrawn_on > current_date) AND (mentor_id = mentor OR mentee_id = mentee))
$$;
"""


def upgrade() -> None:
    op.create_table('pairs',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('mentor_id', sa.Uuid(), nullable=False),
    sa.Column('mentee_id', sa.Uuid(), nullable=False),
    sa.Column('coordinator_id', sa.Uuid(), nullable=True),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('planned_months', sa.Integer(), nullable=False),
    sa.Column('rhythm', sa.Text(), nullable=False),
    sa.Column('objectives', sa.ARRAY(sa.Text()), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('closed_on', sa.Date(), nullable=True),
    sa.Column('closure_reason', sa.Text(), nullable=True),
    sa.Column('closure_note', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("(state = 'closed') = (closed_on is not null)", name=op.f('ck_pairs_closed_on')),
    sa.CheckConstraint("rhythm in ('weekly', 'fortnightly', 'monthly')", name=op.f('ck_pairs_rhythm')),
    sa.CheckConstraint("state in ('active', 'closed')", name=op.f('ck_pairs_state')),
    sa.CheckConstraint('closed_on >= starts_on', name=op.f('ck_pairs_dates')),
    sa.CheckConstraint('planned_months between 1 and 60', name=op.f('ck_pairs_planned_months')),
    sa.ForeignKeyConstraint(['tenant_id', 'coordinator_id'], ['staff.tenant_id', 'staff.id'], name=op.f('fk_pairs_tenant_id_coordinator_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'mentee_id'], ['mentees.tenant_id', 'mentees.id'], name=op.f('fk_pairs_tenant_id_mentee_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'mentor_id'], ['mentors.tenant_id', 'mentors.id'], name=op.f('fk_pairs_tenant_id_mentor_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_pairs_tenant_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_pairs'))
    )
    op.create_index('ix_pairs_list', 'pairs', ['tenant_id', 'state', 'starts_on'], unique=False)
    op.create_index('ix_pairs_mentor', 'pairs', ['tenant_id', 'mentor_id'], unique=False)
    op.create_index('uq_pairs_one_open', 'pairs', ['tenant_id', 'mentee_id'], unique=True, postgresql_where=sa.text("state = 'active'"))
    isolate("pairs")
    op.execute(ALLOWED)
    op.execute(PAIR_GATE)
    op.execute("CREATE TRIGGER pair_gate BEFORE INSERT OR UPDATE ON pairs FOR EACH ROW EXECUTE FUNCTION pair_gate()")


def downgrade() -> None:
    op.drop_table("pairs")
    op.execute("DROP FUNCTION pair_gate()")
    op.execute("DROP FUNCTION pair_gate_allowed(uuid, uuid, uuid, text)")
