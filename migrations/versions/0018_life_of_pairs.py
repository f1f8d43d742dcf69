"""The life of a pair from proposal to closure, matching, agreements; and the gate: one function that says what is missing."""

from importlib import import_module

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.rls import isolate, tenant_table

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

TABLES = (
    "gate_notices",
    "agreement_templates",
    "match_runs",
    "pair_settings",
    "match_wishes",
    "agreements",
    "closures",
    "count_snapshots",
    "objective_reviews",
    "pair_answers",
    "pair_events",
    "pauses",
    "proposals",
    "signatures",
)
STATES = "'proposed', 'confirmed', 'signing', 'active', 'paused', 'closing', 'closed', 'dropped'"
OVER = "state not in ('closed', 'dropped')"
# What the programme asks of all, and on top of it what the association does: the stricter of two figures. What the programme asks of
# all is firm: no exception opens it.
RULES = """
CREATE FUNCTION gate_rules(space uuid)
RETURNS TABLE (piece text, audience text, fresh integer, renew integer, firm boolean) LANGUAGE sql STABLE
SET search_path = public, pg_temp AS $$
  SELECT r ->> 'piece', r ->> 'audience', min((r ->> 'fresh')::integer), min((r ->> 'renew')::integer), bool_or(v.firm)
  FROM (
    (SELECT rules, true AS firm FROM gate_minimums ORDER BY number DESC LIMIT 1)
    UNION ALL
    (SELECT rules, false FROM gate_versions WHERE tenant_id = space ORDER BY number DESC LIMIT 1)
  ) v, jsonb_array_elements(v.rules) r
  GROUP BY 1, 2
$$;
"""
# Whether an authorisation holds on a day.
ALLOWED = """
CREATE FUNCTION gate_allowed(space uuid, a_mentor uuid, a_mentee uuid, what text, day date) RETURNS boolean
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT EXISTS (
    SELECT 1 FROM authorisations WHERE tenant_id = space AND kind = what AND (mentor_id = a_mentor OR mentee_id = a_mentee)
    AND given_on <= day AND coalesce(withdrawn_on > day, true) AND coalesce(ends_on > day, true))
$$;
"""
# Whether a mentor has, on a day, a piece that rules ask for. Of a kind of check the latest counts: a bad one undoes a good one.
HOLDS = """
CREATE FUNCTION gate_holds(space uuid, a_mentor uuid, what text, day date, fresh integer, renew integer) RETURNS boolean
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT CASE what
    WHEN 'charter' THEN EXISTS (
      SELECT 1 FROM charter_signatures s JOIN charters c ON c.tenant_id = s.tenant_id AND c.id = s.charter_id
      WHERE s.tenant_id = space AND s.mentor_id = a_mentor AND s.signed_on <= day
      AND c.number >= coalesce((SELECT max(number) FROM charters WHERE tenant_id = space AND asks_again), 1))
    WHEN 'references' THEN EXISTS (
      SELECT 1 FROM person_references WHERE tenant_id = space AND mentor_id = a_mentor AND state = 'answered' AND advice <> 'no')
    WHEN 'decision' THEN coalesce((
      SELECT is_accepted FROM decisions WHERE tenant_id = space AND mentor_id = a_mentor ORDER BY created_at DESC, id DESC LIMIT 1), false)
    ELSE coalesce((
      SELECT is_clear AND coalesce(due_on > day, true) AND coalesce(seen_on <= document_on + make_interval(months => fresh), true)
        AND coalesce(document_on + make_interval(months => renew) > day, true)
      FROM checks WHERE tenant_id = space AND mentor_id = a_mentor AND kind = what AND cancelled_at IS NULL AND seen_on <= day
      ORDER BY seen_on DESC, id DESC LIMIT 1), false)
  END
$$;
"""
# THE gate: everything that is missing, on a day, before these two may meet, and on whose side; of one alone when the other is null.
# A pair that is already theirs (`but`) does not count against them. app/pairs/conditions.py says it in sentences.
MISSING = """
CREATE FUNCTION gate_missing(space uuid, a_mentor uuid, a_mentee uuid, day date, home boolean, but uuid)
RETURNS TABLE (piece text, side text) LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
DECLARE
  mentor mentors%ROWTYPE;
  mentee mentees%ROWTYPE;
  years integer;
  minor boolean := false;
  ase boolean := false;
  rule record;
BEGIN
  IF a_mentee IS NOT NULL THEN
    SELECT * INTO mentee FROM mentees WHERE tenant_id = space AND id = a_mentee;
    years := extract(year FROM age(day, mentee.birth_date));
    minor := coalesce(years < 18, true);
    ase := EXISTS (SELECT 1 FROM sensitive_facts WHERE tenant_id = space AND mentee_id = a_mentee AND kind = 'ase');
    side := 'mentee';
    IF mentee.state IS DISTINCT FROM 'active' THEN
      piece := CASE mentee.state WHEN 'paused' THEN 'paused' ELSE 'closed' END;
      RETURN NEXT;
    END IF;
    IF years >= 30 THEN piece := 'too_old'; RETURN NEXT; END IF;
    IF EXISTS (SELECT 1 FROM pairs WHERE tenant_id = space AND mentee_id = a_mentee AND state NOT IN ('closed', 'dropped')
               AND id IS DISTINCT FROM but) THEN
      piece := 'paired'; RETURN NEXT;
    END IF;
    IF mentee.birth_date IS NULL THEN
      piece := 'birth_date'; RETURN NEXT;
    ELSIF minor AND NOT gate_allowed(space, NULL, a_mentee, 'participation', day) THEN
      piece := 'participation'; RETURN NEXT;
    END IF;
    IF years < 15 AND NOT gate_allowed(space, NULL, a_mentee, 'own_agreement', day) THEN
      piece := 'own_agreement'; RETURN NEXT;
    END IF;
    IF years >= 18 AND EXISTS (SELECT 1 FROM authorisations WHERE tenant_id = space AND mentee_id = a_mentee AND kind = 'participation'
        AND extract(year FROM age(given_on, mentee.birth_date)) < 18)
      AND NOT EXISTS (SELECT 1 FROM authorisations WHERE tenant_id = space AND mentee_id = a_mentee AND kind = 'own_agreement'
        AND extract(year FROM age(given_on, mentee.birth_date)) >= 15 AND given_on <= day AND coalesce(withdrawn_on > day, true)) THEN
      piece := 'majority'; RETURN NEXT;
    END IF;
    IF ase THEN
      FOR piece IN SELECT k FROM unnest(ARRAY['ase_evaluation', 'ase_parental', 'ase_departement', 'ase_agreement']) k
        WHERE NOT gate_allowed(space, NULL, a_mentee, k, day) LOOP
        RETURN NEXT;
      END LOOP;
    END IF;
    IF home AND minor AND NOT gate_allowed(space, NULL, a_mentee, 'home', day) THEN piece := 'home'; RETURN NEXT; END IF;
  END IF;
  IF a_mentor IS NOT NULL THEN
    SELECT * INTO mentor FROM mentors WHERE tenant_id = space AND id = a_mentor;
    years := extract(year FROM age(day, mentor.birth_date));
    side := 'mentor';
    IF mentor.state IS DISTINCT FROM 'active' THEN
      piece := CASE mentor.state WHEN 'paused' THEN 'paused' ELSE 'closed' END;
      RETURN NEXT;
    END IF;
    IF a_mentee IS NOT NULL AND training_lacks(space, a_mentor, a_mentee, day) IS NOT NULL THEN piece := 'training'; RETURN NEXT; END IF;
    IF (SELECT count(*) FROM pairs WHERE tenant_id = space AND mentor_id = a_mentor AND state NOT IN ('closed', 'dropped')
        AND id IS DISTINCT FROM but) >= mentor.capacity THEN
      piece := 'capacity'; RETURN NEXT;
    END IF;
    IF mentor.birth_date IS NULL THEN
      piece := 'birth_date'; RETURN NEXT;
    ELSIF years < 18 AND NOT gate_allowed(space, a_mentor, NULL, 'participation', day) THEN
      piece := 'participation'; RETURN NEXT;
    END IF;
    FOR rule IN SELECT r.piece AS what, min(r.fresh) AS fresh, min(r.renew) AS renew, bool_or(r.firm) AS firm,
        bool_and(r.audience = 'ase') AS protected FROM gate_rules(space) r
      WHERE r.audience = 'all' OR (minor AND r.audience = 'minors') OR (ase AND r.audience = 'ase') GROUP BY r.piece ORDER BY 1 LOOP
      IF rule.what = 'agreement' THEN
        IF a_mentee IS NOT NULL
          AND NOT EXISTS (SELECT 1 FROM agreements WHERE tenant_id = space AND pair_id = but AND state = 'signed') THEN
          piece := 'agreement'; side := 'pair'; RETURN NEXT; side := 'mentor';
        END IF;
        CONTINUE;
      END IF;
      CONTINUE WHEN gate_holds(space, a_mentor, rule.what, day, rule.fresh, rule.renew);
      CONTINUE WHEN NOT rule.firm AND EXISTS (
        SELECT 1 FROM gate_exceptions e WHERE e.tenant_id = space AND e.mentor_id = a_mentor AND e.piece = rule.what
        AND (e.mentee_id IS NULL OR e.mentee_id = a_mentee) AND e.withdrawn_at IS NULL AND e.until >= day);
      piece := CASE WHEN rule.protected THEN 'ase_' ELSE '' END || rule.what;  -- asked for child protection only: it says so
      RETURN NEXT;
    END LOOP;
    IF home AND coalesce(years < 18, true) AND NOT gate_allowed(space, a_mentor, NULL, 'home', day) THEN piece := 'home'; RETURN NEXT; END IF;
  END IF;
  IF a_mentor IS NOT NULL AND a_mentee IS NOT NULL AND (mentor.user_id = mentee.user_id
      OR (lower(mentor.email), lower(mentor.first_name), lower(mentor.last_name))
        = (lower(mentee.email), lower(mentee.first_name), lower(mentee.last_name))) THEN
    piece := 'self'; side := 'pair'; RETURN NEXT;
  END IF;
  IF home AND EXISTS (SELECT 1 FROM tenants WHERE id = space AND cardinality(places) > 0 AND NOT 'home' = ANY (places)) THEN
    piece := 'home'; side := 'space'; RETURN NEXT;
  END IF;
END $$;
"""
# Held for every statement of every role. On the way to a first meeting both must be there and free; to begin, or to begin again,
# nothing at all may be missing.
GATE = """
CREATE OR REPLACE FUNCTION pair_gate() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  lacks text;
  forming CONSTANT text[] := ARRAY['proposed', 'confirmed', 'signing'];
  over CONSTANT text[] := ARRAY['closed', 'dropped'];
BEGIN
  IF NEW.state = ANY (over) THEN
    RETURN NEW;
  END IF;
  IF TG_OP = 'UPDATE' AND (OLD.tenant_id, OLD.mentor_id, OLD.mentee_id) = (NEW.tenant_id, NEW.mentor_id, NEW.mentee_id)
    AND OLD.state <> ALL (over) AND (OLD.state <> ALL (forming) OR NEW.state = ANY (forming)) THEN
    RETURN NEW;
  END IF;
  PERFORM 1 FROM mentors WHERE tenant_id = NEW.tenant_id AND id = NEW.mentor_id FOR UPDATE;
  PERFORM 1 FROM mentees WHERE tenant_id = NEW.tenant_id AND id = NEW.mentee_id FOR UPDATE;
  SELECT m.piece INTO lacks
  FROM gate_missing(NEW.tenant_id, NEW.mentor_id, NEW.mentee_id, space_today(NEW.tenant_id), false, NEW.id) m
  WHERE m.piece <> 'paired' AND (NEW.state <> ALL (forming) OR m.piece IN ('closed', 'paused', 'too_old', 'capacity', 'self'))
  ORDER BY array_position(ARRAY['closed', 'paused', 'too_old', 'self', 'training', 'capacity'], m.piece) LIMIT 1;
  IF lacks IS NULL AND EXISTS (  -- on a day since the start, as many others at once as the mentor has places
    WITH others AS (
      SELECT starts_on AS since, coalesce(closed_on, 'infinity') AS until FROM pairs
      WHERE tenant_id = NEW.tenant_id AND mentor_id = NEW.mentor_id AND id <> NEW.id AND state <> 'dropped')
    SELECT 1 FROM (SELECT NEW.starts_on AS day UNION SELECT since FROM others WHERE since > NEW.starts_on) d
    WHERE (SELECT count(*) FROM others WHERE since <= d.day AND until > d.day)
      >= (SELECT capacity FROM mentors WHERE tenant_id = NEW.tenant_id AND id = NEW.mentor_id)) THEN
    lacks := 'capacity';
  END IF;
  IF lacks IS NULL AND EXISTS (SELECT 1 FROM pairs WHERE tenant_id = NEW.tenant_id AND mentee_id = NEW.mentee_id AND id <> NEW.id
      AND state = 'closed' AND closed_on > NEW.starts_on) THEN
    lacks := 'overlap';
  END IF;
  IF lacks IS NOT NULL THEN
    RAISE EXCEPTION 'pair_gate: %', lacks USING ERRCODE = CASE
      WHEN lacks IN ('closed', 'paused', 'too_old', 'self') THEN 'BN004' WHEN lacks = 'training' THEN 'BN001'
      WHEN lacks = 'overlap' THEN 'BN005' WHEN lacks = 'capacity' THEN 'BN002' ELSE 'BN003' END;
  END IF;
  RETURN NEW;
END $$;
"""
# What a day counted for is written once.
FROZEN = """
CREATE FUNCTION frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is frozen', TG_TABLE_NAME USING ERRCODE = 'BN006';
END $$;
"""


def upgrade() -> None:
    widen_pairs()
    make_tables()
    isolate(*TABLES)
    for function in (RULES, ALLOWED, HOLDS, MISSING, GATE, FROZEN):
        op.execute(function)
    op.execute("DROP FUNCTION pair_gate_allowed(uuid, uuid, uuid, text)")
    op.execute("CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON count_snapshots FOR EACH ROW EXECUTE FUNCTION frozen()")


def widen_pairs() -> None:
    op.add_column("pairs", sa.Column("why", postgresql.JSONB(), server_default="[]", nullable=False))
    for check in ("state", "closed_on", "dates"):
        op.drop_constraint(op.f(f"ck_pairs_{check}"), "pairs", type_="check")
    op.create_check_constraint(op.f("ck_pairs_state"), "pairs", f"state in ({STATES})")
    op.create_check_constraint(op.f("ck_pairs_closed_on"), "pairs", "(state in ('closed', 'dropped')) = (closed_on is not null)")
    op.create_check_constraint(op.f("ck_pairs_dates"), "pairs", "state = 'dropped' or closed_on >= starts_on")
    op.drop_index("uq_pairs_one_open", table_name="pairs")
    op.create_index("uq_pairs_one_open", "pairs", ["tenant_id", "mentee_id"], unique=True, postgresql_where=sa.text(OVER))
    op.drop_index("ix_pairs_list", table_name="pairs")
    op.create_index("ix_pairs_list", "pairs", ["tenant_id", "state", "starts_on", "id"])
    op.create_index("ix_pairs_mentee", "pairs", ["tenant_id", "mentee_id"])
    op.create_index("ix_pairs_coordinator", "pairs", ["tenant_id", "coordinator_id", "state", "starts_on", "id"])


def make_tables() -> None:
    tenant_table(
        "agreement_templates",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("written_by", sa.Uuid()),
        sa.ForeignKeyConstraint(["written_by"], ["users.id"], name=op.f("fk_agreement_templates_written_by")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_agreement_templates_tenant_id_number")),
    )
    tenant_table(
        "match_runs",
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("started_by", sa.Uuid(), nullable=False),
        sa.Column("weights", postgresql.JSONB(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("share", sa.Integer(), nullable=False),
        sa.Column("figures", postgresql.JSONB(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("state in ('running', 'done', 'failed')", name=op.f("ck_match_runs_state")),
        sa.ForeignKeyConstraint(["started_by"], ["users.id"], name=op.f("fk_match_runs_started_by")),
    )
    op.create_index("ix_match_runs_created", "match_runs", ["tenant_id", "created_at"])
    op.create_index(
        "uq_match_runs_one_running", "match_runs", ["tenant_id"], unique=True, postgresql_where=sa.text("state = 'running'")
    )
    tenant_table(
        "pair_settings",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("values", postgresql.JSONB(), nullable=False),
        sa.Column("made_by", sa.Uuid()),
        sa.ForeignKeyConstraint(["made_by"], ["users.id"], name=op.f("fk_pair_settings_made_by")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_pair_settings_tenant_id_number")),
    )
    tenant_table(
        "match_wishes",
        sa.Column("mentor_id", sa.Uuid(), nullable=False),
        sa.Column("mentee_id", sa.Uuid(), nullable=False),
        sa.Column("is_pin", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Uuid()),
        sa.CheckConstraint("is_pin or reason <> ''", name=op.f("ck_match_wishes_reason")),
        sa.ForeignKeyConstraint(["made_by"], ["users.id"], name=op.f("fk_match_wishes_made_by")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "mentee_id"],
            ["mentees.tenant_id", "mentees.id"],
            name=op.f("fk_match_wishes_tenant_id_mentee_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "mentor_id"],
            ["mentors.tenant_id", "mentors.id"],
            name=op.f("fk_match_wishes_tenant_id_mentor_id"),
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint("tenant_id", "mentee_id", "mentor_id", name=op.f("uq_match_wishes_tenant_id_mentee_id_mentor_id")),
    )
    tenant_table(
        "agreements",
        sa.Column("pair_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("template", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("file_key", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("sign_by", sa.Date(), nullable=False),
        sa.Column("sealed_key", sa.Text()),
        sa.CheckConstraint("state in ('open', 'signed', 'refused', 'lapsed', 'void')", name=op.f("ck_agreements_state")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "pair_id"],
            ["pairs.tenant_id", "pairs.id"],
            name=op.f("fk_agreements_tenant_id_pair_id"),
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_agreements_ends", "agreements", ["tenant_id", "state", "sign_by"])
    op.create_index("ix_agreements_pair", "agreements", ["tenant_id", "pair_id"])
    op.create_index(
        "uq_agreements_one_open",
        "agreements",
        ["tenant_id", "pair_id"],
        unique=True,
        postgresql_where=sa.text("state in ('open', 'signed')"),
    )
    tenant_table(
        "closures",
        sa.Column("pair_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("begun_by", sa.Uuid(), nullable=False),
        sa.Column("steps", postgresql.JSONB(), nullable=False),
        sa.Column("went_well", sa.Text(), nullable=False),
        sa.Column("contact_rule", sa.Text()),
        sa.Column("rematch_mentee", sa.Boolean()),
        sa.Column("rematch_mentor", sa.Boolean()),
        sa.Column("closed_on", sa.Date()),
        sa.Column("reopened_on", sa.Date()),
        sa.CheckConstraint("kind in ('foreseen', 'unforeseen', 'absent')", name=op.f("ck_closures_kind")),
        sa.ForeignKeyConstraint(["begun_by"], ["users.id"], name=op.f("fk_closures_begun_by")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "pair_id"],
            ["pairs.tenant_id", "pairs.id"],
            name=op.f("fk_closures_tenant_id_pair_id"),
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_closures_pair", "closures", ["tenant_id", "pair_id"])
    op.create_index(
        "uq_closures_one_open", "closures", ["tenant_id", "pair_id"], unique=True, postgresql_where=sa.text("reopened_on is null")
    )
    tenant_table(
        "count_snapshots",
        sa.Column("pair_id", sa.Uuid(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column("facts", postgresql.JSONB(), nullable=False),
        sa.Column("frozen_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["frozen_by"], ["users.id"], name=op.f("fk_count_snapshots_frozen_by")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "pair_id"], ["pairs.tenant_id", "pairs.id"], name=op.f("fk_count_snapshots_tenant_id_pair_id")
        ),
        sa.UniqueConstraint("tenant_id", "pair_id", "on_day", name=op.f("uq_count_snapshots_tenant_id_pair_id_on_day")),
    )
    op.create_index("ix_count_snapshots_day", "count_snapshots", ["tenant_id", "on_day"])
    tenant_table(
        "objective_reviews",
        sa.Column("pair_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("states", postgresql.JSONB(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("noted_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("month between 1 and 60", name=op.f("ck_objective_reviews_month")),
        sa.ForeignKeyConstraint(["noted_by"], ["users.id"], name=op.f("fk_objective_reviews_noted_by")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "pair_id"],
            ["pairs.tenant_id", "pairs.id"],
            name=op.f("fk_objective_reviews_tenant_id_pair_id"),
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint("tenant_id", "pair_id", "month", name=op.f("uq_objective_reviews_tenant_id_pair_id_month")),
    )
    tenant_table(
        "pair_answers",
        sa.Column("pair_id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=False),
        sa.Column("reminded_on", sa.Date()),
        sa.Column("is_yes", sa.Boolean()),
        sa.Column("answered_at", sa.DateTime(timezone=True)),
        sa.Column("word", sa.Text(), nullable=False),
        sa.CheckConstraint("side in ('mentor', 'mentee')", name=op.f("ck_pair_answers_side")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "pair_id"],
            ["pairs.tenant_id", "pairs.id"],
            name=op.f("fk_pair_answers_tenant_id_pair_id"),
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint("tenant_id", "pair_id", "side", name=op.f("uq_pair_answers_tenant_id_pair_id_side")),
    )
    op.create_index("ix_pair_answers_due", "pair_answers", ["tenant_id", "answer_by"])
    tenant_table(
        "pair_events",
        sa.Column("pair_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Uuid()),
        sa.ForeignKeyConstraint(
            ["tenant_id", "pair_id"],
            ["pairs.tenant_id", "pairs.id"],
            name=op.f("fk_pair_events_tenant_id_pair_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_pair_events_user_id")),
    )
    op.create_index("ix_pair_events_pair", "pair_events", ["tenant_id", "pair_id", "created_at"])
    tenant_table(
        "gate_notices",
        sa.Column("pair_id", sa.Uuid(), nullable=False),
        sa.Column("piece", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "pair_id"],
            ["pairs.tenant_id", "pairs.id"],
            name=op.f("fk_gate_notices_tenant_id_pair_id"),
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint(
            "tenant_id",
            "pair_id",
            "piece",
            "side",
            "ends_on",
            "days",
            name=op.f("uq_gate_notices_tenant_id_pair_id_piece_side_ends_on_days"),
        ),
    )
    tenant_table(
        "pauses",
        sa.Column("pair_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date()),
        sa.Column("back_on", sa.Date()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("until > since", name=op.f("ck_pauses_dates")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "pair_id"], ["pairs.tenant_id", "pairs.id"], name=op.f("fk_pauses_tenant_id_pair_id"), ondelete="CASCADE"
        ),
    )
    op.create_index("ix_pauses_pair", "pauses", ["tenant_id", "pair_id"])
    op.create_index(
        "uq_pauses_one_open", "pauses", ["tenant_id", "pair_id"], unique=True, postgresql_where=sa.text("until is null")
    )
    tenant_table(
        "proposals",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("mentee_id", sa.Uuid(), nullable=False),
        sa.Column("mentor_id", sa.Uuid(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("reasons", postgresql.JSONB(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Uuid()),
        sa.Column("pair_id", sa.Uuid()),
        sa.CheckConstraint("(state = 'approved') = (pair_id is not null)", name=op.f("ck_proposals_approved")),
        sa.CheckConstraint("state <> 'dismissed' or reason <> ''", name=op.f("ck_proposals_reason")),
        sa.CheckConstraint("state in ('draft', 'approved', 'dismissed')", name=op.f("ck_proposals_state")),
        sa.ForeignKeyConstraint(["decided_by"], ["users.id"], name=op.f("fk_proposals_decided_by")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "mentee_id"],
            ["mentees.tenant_id", "mentees.id"],
            name=op.f("fk_proposals_tenant_id_mentee_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "mentor_id"],
            ["mentors.tenant_id", "mentors.id"],
            name=op.f("fk_proposals_tenant_id_mentor_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "pair_id"],
            ["pairs.tenant_id", "pairs.id"],
            name=op.f("fk_proposals_tenant_id_pair_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "run_id"],
            ["match_runs.tenant_id", "match_runs.id"],
            name=op.f("fk_proposals_tenant_id_run_id"),
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint(
            "tenant_id", "run_id", "mentee_id", "mentor_id", name=op.f("uq_proposals_tenant_id_run_id_mentee_id_mentor_id")
        ),
    )
    op.create_index("ix_proposals_run", "proposals", ["tenant_id", "run_id", "rank", "score"])
    op.create_index("uq_proposals_pair", "proposals", ["tenant_id", "pair_id"], unique=True)
    tenant_table(
        "signatures",
        sa.Column("agreement_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text()),
        sa.Column("signed_at", sa.DateTime(timezone=True)),
        sa.Column("digest", sa.Text()),
        sa.Column("how", sa.Text()),
        sa.Column("noted_by", sa.Uuid()),
        sa.Column("refused_at", sa.DateTime(timezone=True)),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reminded_on", sa.Date()),
        sa.CheckConstraint(
            "role in ('mentor', 'mentee', 'guardian', 'mentor_guardian', 'association')", name=op.f("ck_signatures_role")
        ),
        sa.CheckConstraint("digest is null or signed_at is not null", name=op.f("ck_signatures_digest")),
        sa.CheckConstraint("signed_at is null or refused_at is null", name=op.f("ck_signatures_one_answer")),
        sa.ForeignKeyConstraint(["noted_by"], ["users.id"], name=op.f("fk_signatures_noted_by")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "agreement_id"],
            ["agreements.tenant_id", "agreements.id"],
            name=op.f("fk_signatures_tenant_id_agreement_id"),
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint("tenant_id", "agreement_id", "role", name=op.f("uq_signatures_tenant_id_agreement_id_role")),
    )


def downgrade() -> None:
    """Back to pairs that are under way or closed; whoever was on the way to one has none."""
    before = import_module("migrations.versions.0016_versions_of_courses")
    op.execute(before.ALLOWED.replace("@day@", "space_today(tenant)"))
    op.execute(before.gate("training_lacks(NEW.tenant_id, NEW.mentor_id, NEW.mentee_id, today) IS NOT NULL", "today"))
    for table in reversed(TABLES):
        op.drop_table(table)
    for function in (
        "frozen()",
        "gate_missing(uuid, uuid, uuid, date, boolean, uuid)",
        "gate_holds(uuid, uuid, text, date, integer, integer)",
        "gate_allowed(uuid, uuid, uuid, text, date)",
        "gate_rules(uuid)",
    ):
        op.execute(f"DROP FUNCTION {function}")
    op.execute("ALTER TABLE pairs DISABLE TRIGGER USER")  # the gate of before would ask again
    op.execute("ALTER TABLE pairs NO FORCE ROW LEVEL SECURITY")
    op.execute("UPDATE pairs SET state = 'active' WHERE state IN ('paused', 'closing')")
    op.execute("""UPDATE pairs SET state = 'closed', starts_on = least(starts_on, coalesce(closed_on, CURRENT_DATE)),
      closed_on = coalesce(closed_on, CURRENT_DATE) WHERE state IN ('proposed', 'confirmed', 'signing', 'dropped')""")
    op.execute("ALTER TABLE pairs FORCE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE pairs ENABLE TRIGGER USER")
    for index in ("ix_pairs_coordinator", "ix_pairs_mentee", "ix_pairs_list", "uq_pairs_one_open"):
        op.drop_index(index, table_name="pairs")
    op.create_index("ix_pairs_list", "pairs", ["tenant_id", "state", "starts_on"])
    op.create_index(
        "uq_pairs_one_open", "pairs", ["tenant_id", "mentee_id"], unique=True, postgresql_where=sa.text("state = 'active'")
    )
    for check in ("state", "closed_on", "dates"):
        op.drop_constraint(op.f(f"ck_pairs_{check}"), "pairs", type_="check")
    op.create_check_constraint(op.f("ck_pairs_state"), "pairs", "state in ('active', 'closed')")
    op.create_check_constraint(op.f("ck_pairs_closed_on"), "pairs", "(state = 'closed') = (closed_on is not null)")
    op.create_check_constraint(op.f("ck_pairs_dates"), "pairs", "closed_on >= starts_on")
    op.drop_column("pairs", "why")
