"""Courses in versions, every kind of module, validity in time, waiting lists, exceptions, models of the programme."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.rls import SETTING, isolate, seen_by_owner, tenant_table

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

# A course holds for a mentor on a day when a version that counts was ended by then, and its validity, counted from the last time that it or
# a refresher of it was ended, is not over: the last day counts.
HELD = """
CREATE FUNCTION training_held(day date)
RETURNS TABLE (tenant_id uuid, mentor_id uuid, course_id uuid, completed_on date, valid_until date) LANGUAGE sql STABLE AS $$
  SELECT c.tenant_id, d.mentor_id, c.id, max(d.completed_on),
    CASE WHEN c.valid_months > 0 THEN (max(d.completed_on) + make_interval(months => c.valid_months))::date END
  FROM courses c
  JOIN courses r ON r.tenant_id = c.tenant_id AND (r.id = c.id OR r.renews_id = c.id)
  JOIN completions d ON d.tenant_id = r.tenant_id AND d.course_id = r.id AND d.completed_on <= day
  JOIN course_versions v ON v.tenant_id = d.tenant_id AND v.id = d.version_id AND v.course_id = r.id AND v.counts
  GROUP BY c.tenant_id, c.id, c.valid_months, d.mentor_id
  HAVING bool_or(r.id = c.id)
$$;
"""
# Minutes of training that each mentor has: in the association's courses, and elsewhere when accepted and not a step of a course.
MINUTES = """
CREATE FUNCTION training_minutes(day date)
RETURNS TABLE (tenant_id uuid, mentor_id uuid, minutes bigint) LANGUAGE sql STABLE AS $$
  SELECT tenant_id, mentor_id, sum(minutes)::bigint FROM (
    SELECT c.tenant_id, c.mentor_id, c.minutes FROM module_completions c JOIN tenants t ON t.id = c.tenant_id
    WHERE (c.completed_at AT TIME ZONE t.timezone)::date <= day
    UNION ALL
    SELECT tenant_id, mentor_id, minutes FROM outside_trainings WHERE state = 'accepted' AND module_id IS NULL AND done_on <= day
  ) counted GROUP BY tenant_id, mentor_id
$$;
"""
# What a mentor lacks before meeting a jeune: 'none' (no course concerns them), 'course', 'hours'; null when nothing is lacking.
# app/training/status.py says the same in sentences; a test holds the two together.
LACKS = """
CREATE FUNCTION training_lacks(tenant uuid, mentor uuid, mentee uuid, day date) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
DECLARE
  child mentees%ROWTYPE;
  concerns text[] := ARRAY['all'];
BEGIN
  SELECT * INTO child FROM mentees WHERE tenant_id = tenant AND id = mentee;
  IF coalesce(extract(year FROM age(day, child.birth_date)) < 18, true) THEN
    concerns := concerns || 'minors'::text;
  END IF;
  IF EXISTS (SELECT 1 FROM sensitive_facts WHERE tenant_id = tenant AND mentee_id = mentee AND kind = 'ase') THEN
    concerns := concerns || 'ase'::text;
  END IF;
  IF child.needs && ARRAY['school', 'orientation'] OR 'education' = ANY (child.axes) THEN
    concerns := concerns || 'education'::text;
  END IF;
  IF 'employment' = ANY (child.needs) OR 'employment' = ANY (child.axes) THEN
    concerns := concerns || 'employment'::text;
  END IF;
  IF NOT EXISTS (SELECT 1 FROM courses WHERE tenant_id = tenant AND required_for && concerns) THEN
    RETURN 'none';
  END IF;
  IF EXISTS (
    SELECT 1 FROM courses c WHERE c.tenant_id = tenant AND c.required_for && concerns
    AND NOT EXISTS (SELECT 1 FROM training_held(day) h WHERE h.tenant_id = tenant AND h.course_id = c.id AND h.mentor_id = mentor
                    AND (h.valid_until IS NULL OR h.valid_until >= day))
    AND NOT EXISTS (SELECT 1 FROM training_exceptions e WHERE e.tenant_id = tenant AND e.mentor_id = mentor AND e.course_id = c.id
                    AND e.until >= day AND e.withdrawn_at IS NULL)) THEN
    RETURN 'course';
  END IF;
  IF coalesce((SELECT m.minutes FROM training_minutes(day) m WHERE m.tenant_id = tenant AND m.mentor_id = mentor), 0)
      < (SELECT training_minutes FROM tenants WHERE id = tenant)
    AND NOT EXISTS (SELECT 1 FROM training_exceptions e WHERE e.tenant_id = tenant AND e.mentor_id = mentor
                    AND e.course_id IS NULL AND e.until >= day AND e.withdrawn_at IS NULL) THEN
    RETURN 'hours';
  END IF;
  RETURN NULL;
END $$;
"""
# The gate of migration 0008, with what it asks of training.
GATE = """
CREATE OR REPLACE FUNCTION pair_gate() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  mentor mentors%ROWTYPE;
  mentee mentees%ROWTYPE;
  today date := space_today(NEW.tenant_id);
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
      OR extract(year FROM age(@day@, mentee.birth_date)) >= 30 THEN
    RAISE EXCEPTION 'pair_gate: a file is not active' USING ERRCODE = 'BN004';
  END IF;
  IF @trained@ THEN
    RAISE EXCEPTION 'pair_gate: the mentor is not trained' USING ERRCODE = 'BN001';
  END IF;
  IF (SELECT count(*) FROM pairs WHERE tenant_id = NEW.tenant_id AND mentor_id = NEW.mentor_id
      AND state = 'active' AND id <> NEW.id) >= mentor.capacity THEN
    RAISE EXCEPTION 'pair_gate: the mentor has no room' USING ERRCODE = 'BN002';
  END IF;
  IF mentor.birth_date IS NULL OR mentee.birth_date IS NULL THEN
    RAISE EXCEPTION 'pair_gate: a date of birth is missing' USING ERRCODE = 'BN003';
  END IF;
  IF coalesce(extract(year FROM age(@day@, mentor.birth_date)) < 18, true)
      AND NOT pair_gate_allowed(NEW.tenant_id, NEW.mentor_id, NULL, 'participation') THEN
    RAISE EXCEPTION 'pair_gate: no authorisation for the mentor' USING ERRCODE = 'BN003';
  END IF;
  IF coalesce(extract(year FROM age(@day@, mentee.birth_date)) < 18, true)
      AND NOT pair_gate_allowed(NEW.tenant_id, NULL, NEW.mentee_id, 'participation') THEN
    RAISE EXCEPTION 'pair_gate: no authorisation for the mentee' USING ERRCODE = 'BN003';
  END IF;
  IF coalesce(extract(year FROM age(@day@, mentee.birth_date)) < 15, true)
      AND NOT pair_gate_allowed(NEW.tenant_id, NULL, NEW.mentee_id, 'own_agreement') THEN
    RAISE EXCEPTION 'pair_gate: no agreement of the mentee' USING ERRCODE = 'BN003';
  END IF;
  RETURN NEW;
END $$;
"""
WAS_TRAINED = """NOT EXISTS (SELECT 1 FROM courses WHERE tenant_id = NEW.tenant_id AND is_required) OR EXISTS (
    SELECT 1 FROM courses c WHERE c.tenant_id = NEW.tenant_id AND c.is_required AND NOT EXISTS (
      SELECT 1 FROM completions d
      WHERE d.tenant_id = c.tenant_id AND d.course_id = c.id AND d.mentor_id = NEW.mentor_id))"""


# The day of a space, on its own clock: the pages and the gate agree until midnight there.
DAY = """
CREATE FUNCTION space_today(space uuid) RETURNS date LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT (now() AT TIME ZONE timezone)::date FROM tenants WHERE id = space
$$;
"""
ALLOWED = """
CREATE OR REPLACE FUNCTION pair_gate_allowed(tenant uuid, mentor uuid, mentee uuid, what text) RETURNS boolean
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT EXISTS (SELECT 1 FROM authorisations WHERE tenant_id = tenant AND kind = what AND given_on <= @day@
    AND (withdrawn_on IS NULL OR withdrawn_on > @day@) AND (mentor_id = mentor OR mentee_id = mentee))
$$;
"""


def gate(trained: str, day: str) -> str:
    """The function pair_gate, with its condition on training and its day."""
    return GATE.replace("@trained@", trained).replace("@day@", day)


def upgrade() -> None:
    op.add_column("mails", sa.Column("calendar", sa.Text()))
    make_tables()
    with seen_by_owner("courses", "modules", "course_sessions", "registrations", "module_completions", "completions",
                       "course_versions", "course_steps", "enrolments", "course_files"):  # fmt: skip
        widen()
        fill()
        hold()
    op.execute(DAY)
    op.execute(ALLOWED.replace("@day@", "space_today(tenant)"))
    op.execute(HELD)
    op.execute(MINUTES)
    op.execute(LACKS)
    op.execute(gate("training_lacks(NEW.tenant_id, NEW.mentor_id, NEW.mentee_id, today) IS NOT NULL", "today"))


def make_tables() -> None:
    op.create_table(
        "model_courses",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("key", "number", name=op.f("pk_model_courses")),
    )
    tenant_table(
        "course_files",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["added_by"], ["users.id"], name=op.f("fk_course_files_added_by")),
    )
    tenant_table(
        "course_versions",
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True)),
        sa.Column("published_by", sa.Uuid()),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column("counts_reason", sa.Text(), nullable=False),
        sa.CheckConstraint("not is_current or published_at is not null", name=op.f("ck_course_versions_current")),
        sa.ForeignKeyConstraint(["published_by"], ["users.id"], name=op.f("fk_course_versions_published_by")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "course_id"],
            ["courses.tenant_id", "courses.id"],
            name=op.f("fk_course_versions_tenant_id_course_id"),
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint("tenant_id", "course_id", "number", name=op.f("uq_course_versions_tenant_id_course_id_number")),
    )
    tenant_table(
        "course_steps",
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("module_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("after", sa.ARRAY(sa.Text())),
        sa.ForeignKeyConstraint(
            ["tenant_id", "module_id"], ["modules.tenant_id", "modules.id"], name=op.f("fk_course_steps_tenant_id_module_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "version_id"],
            ["course_versions.tenant_id", "course_versions.id"],
            name=op.f("fk_course_steps_tenant_id_version_id"),
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint("tenant_id", "version_id", "module_id", name=op.f("uq_course_steps_tenant_id_version_id_module_id")),
    )
    tenant_table(
        "enrolments",
        sa.Column("mentor_id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("enrolled_by", sa.Uuid()),
        sa.Column("extra_tries", sa.Integer(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True)),
        sa.Column("reminded", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["enrolled_by"], ["users.id"], name=op.f("fk_enrolments_enrolled_by")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "course_id"], ["courses.tenant_id", "courses.id"], name=op.f("fk_enrolments_tenant_id_course_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "mentor_id"],
            ["mentors.tenant_id", "mentors.id"],
            name=op.f("fk_enrolments_tenant_id_mentor_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "version_id"],
            ["course_versions.tenant_id", "course_versions.id"],
            name=op.f("fk_enrolments_tenant_id_version_id"),
        ),
    )
    tenant_table(
        "fact_readings",
        sa.Column("mentee_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "mentee_id"],
            ["mentees.tenant_id", "mentees.id"],
            name=op.f("fk_fact_readings_tenant_id_mentee_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_fact_readings_user_id")),
    )
    tenant_table(
        "outside_trainings",
        sa.Column("mentor_id", sa.Uuid(), nullable=False),
        sa.Column("module_id", sa.Uuid()),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Uuid()),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("state <> 'refused' or reason <> ''", name=op.f("ck_outside_trainings_reason")),
        sa.CheckConstraint("state in ('sent', 'accepted', 'refused')", name=op.f("ck_outside_trainings_state")),
        sa.CheckConstraint("minutes between 1 and 6000", name=op.f("ck_outside_trainings_minutes")),
        sa.ForeignKeyConstraint(["decided_by"], ["users.id"], name=op.f("fk_outside_trainings_decided_by")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "mentor_id"],
            ["mentors.tenant_id", "mentors.id"],
            name=op.f("fk_outside_trainings_tenant_id_mentor_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "module_id"], ["modules.tenant_id", "modules.id"], name=op.f("fk_outside_trainings_tenant_id_module_id")
        ),
    )
    tenant_table(
        "sensitive_facts",
        sa.Column("mentee_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("noted_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("kind in ('ase')", name=op.f("ck_sensitive_facts_kind")),
        sa.ForeignKeyConstraint(["noted_by"], ["users.id"], name=op.f("fk_sensitive_facts_noted_by")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "mentee_id"],
            ["mentees.tenant_id", "mentees.id"],
            name=op.f("fk_sensitive_facts_tenant_id_mentee_id"),
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint("tenant_id", "mentee_id", "kind", name=op.f("uq_sensitive_facts_tenant_id_mentee_id_kind")),
    )
    tenant_table(
        "training_exceptions",
        sa.Column("mentor_id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_training_exceptions_reason")),
        sa.ForeignKeyConstraint(["made_by"], ["users.id"], name=op.f("fk_training_exceptions_made_by")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "course_id"], ["courses.tenant_id", "courses.id"], name=op.f("fk_training_exceptions_tenant_id_course_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "mentor_id"],
            ["mentors.tenant_id", "mentors.id"],
            name=op.f("fk_training_exceptions_tenant_id_mentor_id"),
            ondelete="CASCADE",
        ),
    )
    tenant_table(
        "quiz_attempts",
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("module_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("drawn", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("answers", postgresql.JSONB(), nullable=False),
        sa.Column("marks", postgresql.JSONB(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("score", sa.Integer()),
        sa.Column("submitted_at", sa.DateTime(timezone=True)),
        sa.Column("marked_by", sa.Uuid()),
        sa.CheckConstraint("state in ('open', 'to_mark', 'passed', 'failed')", name=op.f("ck_quiz_attempts_state")),
        sa.CheckConstraint("score between 0 and 100", name=op.f("ck_quiz_attempts_score")),
        sa.ForeignKeyConstraint(["marked_by"], ["users.id"], name=op.f("fk_quiz_attempts_marked_by")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "enrolment_id"],
            ["enrolments.tenant_id", "enrolments.id"],
            name=op.f("fk_quiz_attempts_tenant_id_enrolment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "module_id"], ["modules.tenant_id", "modules.id"], name=op.f("fk_quiz_attempts_tenant_id_module_id")
        ),
        sa.UniqueConstraint(
            "tenant_id",
            "enrolment_id",
            "module_id",
            "number",
            name=op.f("uq_quiz_attempts_tenant_id_enrolment_id_module_id_number"),
        ),
    )
    tenant_table(
        "attendance_marks",
        sa.Column("registration_id", sa.Uuid(), nullable=False),
        sa.Column("attended", sa.Boolean(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["users.id"], name=op.f("fk_attendance_marks_by")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "registration_id"],
            ["registrations.tenant_id", "registrations.id"],
            name=op.f("fk_attendance_marks_tenant_id_registration_id"),
            ondelete="CASCADE",
        ),
    )
    op.create_index(
        "uq_course_versions_current",
        "course_versions",
        ["tenant_id", "course_id"],
        unique=True,
        postgresql_where=sa.text("is_current"),
    )
    op.create_index(
        "uq_course_versions_draft",
        "course_versions",
        ["tenant_id", "course_id"],
        unique=True,
        postgresql_where=sa.text("published_at is null"),
    )
    op.create_index("ix_enrolments_moved_at", "enrolments", ["tenant_id", "ended_at", "moved_at"], unique=False)
    op.create_index(
        "uq_enrolments_open",
        "enrolments",
        ["tenant_id", "mentor_id", "course_id"],
        unique=True,
        postgresql_where=sa.text("ended_at is null"),
    )
    op.create_index("ix_fact_readings_mentee", "fact_readings", ["tenant_id", "mentee_id", "created_at"], unique=False)
    op.create_index("ix_outside_trainings_mentor", "outside_trainings", ["tenant_id", "mentor_id"], unique=False)
    op.create_index("ix_outside_trainings_state", "outside_trainings", ["tenant_id", "state"], unique=False)
    op.create_index("ix_training_exceptions_mentor", "training_exceptions", ["tenant_id", "mentor_id"], unique=False)
    op.create_index("ix_quiz_attempts_state", "quiz_attempts", ["tenant_id", "state"], unique=False)
    op.create_index(
        "uq_quiz_attempts_open",
        "quiz_attempts",
        ["tenant_id", "enrolment_id", "module_id"],
        unique=True,
        postgresql_where=sa.text("state in ('open', 'to_mark')"),
    )
    isolate(
        "course_files",
        "course_versions",
        "course_steps",
        "enrolments",
        "fact_readings",
        "outside_trainings",
        "sensitive_facts",
        "training_exceptions",
        "quiz_attempts",
        "attendance_marks",
    )
    op.execute("ALTER TABLE model_courses ENABLE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY everybody_reads ON model_courses FOR SELECT USING (true)")
    op.execute(f"CREATE POLICY programme_writes ON model_courses FOR INSERT WITH CHECK (EXISTS (SELECT 1 FROM tenants "
               f"WHERE id = current_setting('{SETTING}')::uuid AND kind = 'programme'))")  # fmt: skip


def widen() -> None:
    """New columns, and the keys that no longer hold."""
    op.add_column("completions", sa.Column("version_id", sa.Uuid()))
    op.add_column("completions", sa.Column("end_told", sa.Date()))
    op.add_column("completions", sa.Column("enrolment_id", sa.Uuid()))
    op.drop_constraint(op.f("uq_completions_tenant_id_mentor_id_course_id"), "completions", type_="unique")
    op.add_column("course_sessions", sa.Column("sequence", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.add_column("course_sessions", sa.Column("cancelled_at", sa.DateTime(timezone=True)))
    op.add_column("course_sessions", sa.Column("cancel_reason", sa.Text(), nullable=False, server_default=sa.text("''")))
    op.add_column("courses", sa.Column("required_for", sa.ARRAY(sa.Text()), nullable=False, server_default=sa.text("'{}'")))
    op.add_column("courses", sa.Column("valid_months", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.add_column("courses", sa.Column("renews_id", sa.Uuid()))
    op.add_column("courses", sa.Column("certifies", sa.Boolean(), nullable=False, server_default=sa.text("true")))
    op.add_column("courses", sa.Column("model_key", sa.Text()))
    op.add_column("courses", sa.Column("model_number", sa.Integer()))
    op.add_column("module_completions", sa.Column("enrolment_id", sa.Uuid()))
    op.add_column("module_completions", sa.Column("is_done", sa.Boolean(), nullable=False, server_default=sa.text("true")))
    op.add_column("module_completions", sa.Column("note", sa.Text(), nullable=False, server_default=sa.text("''")))
    op.drop_constraint(op.f("uq_module_completions_tenant_id_mentor_id_module_id"), "module_completions", type_="unique")
    op.add_column("modules", sa.Column("root_id", sa.Uuid()))
    op.add_column("modules", sa.Column("link", sa.Text()))
    op.add_column("modules", sa.Column("file_id", sa.Uuid()))
    op.add_column("modules", sa.Column("questions", postgresql.JSONB(), nullable=False, server_default=sa.text("'[]'")))
    op.add_column("modules", sa.Column("pass_mark", sa.Integer(), nullable=False, server_default=sa.text("80")))
    op.add_column("modules", sa.Column("attempts", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.add_column("modules", sa.Column("draw", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.drop_constraint(op.f("uq_modules_tenant_id_course_id_position"), "modules", type_="unique")
    op.add_column("registrations", sa.Column("number", sa.Integer()))
    op.add_column("registrations", sa.Column("is_seated", sa.Boolean(), nullable=False, server_default=sa.text("true")))
    op.add_column("registrations", sa.Column("minutes", sa.Integer()))
    op.add_column("registrations", sa.Column("reminded", sa.Text()))
    op.add_column("registrations", sa.Column("seated_at", sa.DateTime(timezone=True)))
    op.add_column("tenants", sa.Column("training_minutes", sa.Integer(), server_default="120", nullable=False))
    op.drop_constraint(op.f("ck_modules_kind"), "modules", type_="check")


def fill() -> None:
    """What was there becomes the first version of each course, and what mentors did, their enrolment in it."""
    op.execute("UPDATE courses SET required_for = CASE WHEN is_required THEN ARRAY['all'] ELSE '{}' END")
    op.execute("UPDATE modules SET root_id = id")
    op.execute("""
      INSERT INTO course_versions (tenant_id, id, course_id, number, notes, published_at, is_current, counts, counts_reason)
      SELECT tenant_id, gen_random_uuid(), id, 1, '', created_at, true, true, '' FROM courses""")
    op.execute("""
      INSERT INTO course_steps (tenant_id, id, version_id, module_id, position)
      SELECT m.tenant_id, gen_random_uuid(), v.id, m.id, m.position FROM modules m
      JOIN course_versions v ON v.tenant_id = m.tenant_id AND v.course_id = m.course_id""")
    op.execute("""
      INSERT INTO enrolments (tenant_id, id, mentor_id, course_id, version_id, moved_at, ended_at, extra_tries, reminded)
      SELECT DISTINCT ON (x.tenant_id, x.mentor_id, x.course_id)
        x.tenant_id, gen_random_uuid(), x.mentor_id, x.course_id, v.id, x.at, d.created_at, 0, 0
      FROM (SELECT c.tenant_id, c.mentor_id, m.course_id, c.completed_at AS at FROM module_completions c
              JOIN modules m ON m.tenant_id = c.tenant_id AND m.id = c.module_id
            UNION ALL SELECT tenant_id, mentor_id, course_id, created_at FROM completions) x
      JOIN course_versions v ON v.tenant_id = x.tenant_id AND v.course_id = x.course_id
      LEFT JOIN completions d ON d.tenant_id = x.tenant_id AND d.mentor_id = x.mentor_id AND d.course_id = x.course_id
      ORDER BY x.tenant_id, x.mentor_id, x.course_id, x.at DESC""")
    op.execute("""
      UPDATE completions d SET enrolment_id = e.id, version_id = e.version_id FROM enrolments e
      WHERE e.tenant_id = d.tenant_id AND e.mentor_id = d.mentor_id AND e.course_id = d.course_id""")
    op.execute("""
      UPDATE module_completions c SET enrolment_id = e.id FROM enrolments e, modules m
      WHERE m.tenant_id = c.tenant_id AND m.id = c.module_id
        AND e.tenant_id = c.tenant_id AND e.mentor_id = c.mentor_id AND e.course_id = m.course_id""")
    op.execute("""
      UPDATE registrations r SET number = n.number, seated_at = r.created_at FROM (
        SELECT tenant_id, id, row_number() OVER (PARTITION BY tenant_id, session_id ORDER BY created_at, id) AS number
        FROM registrations) n
      WHERE n.tenant_id = r.tenant_id AND n.id = r.id""")


def hold() -> None:
    """The keys and the checks of what is there now."""
    op.alter_column("completions", "version_id", nullable=False)
    op.alter_column("completions", "enrolment_id", nullable=False)
    op.create_index("ix_completions_course", "completions", ["tenant_id", "course_id", "completed_on"], unique=False)
    op.create_index("ix_completions_mentor", "completions", ["tenant_id", "mentor_id", "course_id"], unique=False)
    op.create_unique_constraint(op.f("uq_completions_tenant_id_enrolment_id"), "completions", ["tenant_id", "enrolment_id"])
    op.create_foreign_key(
        op.f("fk_completions_tenant_id_enrolment_id"),
        "completions",
        "enrolments",
        ["tenant_id", "enrolment_id"],
        ["tenant_id", "id"],
    )
    op.create_foreign_key(
        op.f("fk_completions_tenant_id_version_id"),
        "completions",
        "course_versions",
        ["tenant_id", "version_id"],
        ["tenant_id", "id"],
    )
    op.alter_column("course_sessions", "sequence", server_default=None)
    op.alter_column("course_sessions", "cancel_reason", server_default=None)
    op.alter_column("courses", "required_for", server_default=None)
    op.alter_column("courses", "valid_months", server_default=None)
    op.alter_column("courses", "certifies", server_default=None)
    op.create_foreign_key(
        op.f("fk_courses_tenant_id_renews_id"), "courses", "courses", ["tenant_id", "renews_id"], ["tenant_id", "id"]
    )
    op.drop_column("courses", "is_required")
    op.alter_column("module_completions", "enrolment_id", nullable=False)
    op.alter_column("module_completions", "is_done", server_default=None)
    op.alter_column("module_completions", "note", server_default=None)
    op.create_index("ix_module_completions_mentor", "module_completions", ["tenant_id", "mentor_id"], unique=False)
    op.create_unique_constraint(
        op.f("uq_module_completions_tenant_id_enrolment_id_module_id"),
        "module_completions",
        ["tenant_id", "enrolment_id", "module_id"],
    )
    op.create_foreign_key(
        op.f("fk_module_completions_tenant_id_enrolment_id"),
        "module_completions",
        "enrolments",
        ["tenant_id", "enrolment_id"],
        ["tenant_id", "id"],
        ondelete="CASCADE",
    )
    op.alter_column("modules", "root_id", nullable=False)
    op.alter_column("modules", "questions", server_default=None)
    op.alter_column("modules", "pass_mark", server_default=None)
    op.alter_column("modules", "attempts", server_default=None)
    op.alter_column("modules", "draw", server_default=None)
    op.create_foreign_key(
        op.f("fk_modules_tenant_id_file_id"), "modules", "course_files", ["tenant_id", "file_id"], ["tenant_id", "id"]
    )
    op.drop_column("modules", "position")
    op.alter_column("registrations", "number", nullable=False)
    op.alter_column("registrations", "is_seated", server_default=None)
    op.create_index("ix_registrations_mentor", "registrations", ["tenant_id", "mentor_id"], unique=False)
    op.create_unique_constraint(
        op.f("uq_registrations_tenant_id_session_id_number"), "registrations", ["tenant_id", "session_id", "number"]
    )
    op.create_check_constraint(
        op.f("ck_modules_kind"), "modules", "kind in ('text', 'media', 'quiz', 'live', 'interview', 'elsewhere')"
    )
    op.create_check_constraint(
        op.f("ck_modules_quiz"), "modules", "pass_mark between 0 and 100 and attempts between 0 and 20 and draw between 0 and 200"
    )
    op.create_check_constraint(op.f("ck_module_completions_minutes"), "module_completions", "minutes between 0 and 6000")
    op.create_check_constraint(
        op.f("ck_courses_required_for"), "courses", "required_for <@ array['all', 'minors', 'ase', 'education', 'employment']"
    )
    op.create_check_constraint(op.f("ck_courses_valid_months"), "courses", "valid_months between 0 and 120")
    op.create_check_constraint(op.f("ck_courses_renews_another"), "courses", "renews_id <> id")
    op.create_check_constraint(
        op.f("ck_course_sessions_cancelled"), "course_sessions", "cancelled_at is null or cancel_reason <> ''"
    )
    op.create_check_constraint(op.f("ck_registrations_seated"), "registrations", "is_seated or attended is null")
    op.create_check_constraint(op.f("ck_registrations_minutes"), "registrations", "minutes between 0 and 600")
    op.create_check_constraint(op.f("ck_tenants_training_minutes"), "tenants", "training_minutes between 0 and 6000")


def downgrade() -> None:
    """Back to one version of each course; what only the new tables say is lost."""
    op.drop_column("mails", "calendar")
    op.execute(gate(WAS_TRAINED, "current_date").replace("space_today(NEW.tenant_id)", "current_date"))
    op.execute(ALLOWED.replace("@day@", "current_date"))
    for function in ("training_lacks(uuid, uuid, uuid, date)", "training_minutes(date)", "training_held(date)", "space_today(uuid)"):
        op.execute(f"DROP FUNCTION {function}")
    for check, table in (
        ("ck_modules_kind", "modules"),
        ("ck_modules_quiz", "modules"),
        ("ck_module_completions_minutes", "module_completions"),
        ("ck_course_sessions_cancelled", "course_sessions"),
        ("ck_courses_required_for", "courses"),
        ("ck_courses_valid_months", "courses"),
        ("ck_courses_renews_another", "courses"),
        ("ck_registrations_seated", "registrations"),
        ("ck_registrations_minutes", "registrations"),
        ("ck_tenants_training_minutes", "tenants"),
    ):
        op.drop_constraint(op.f(check), table, type_="check")
    with seen_by_owner("courses", "modules", "course_sessions", "registrations", "module_completions", "completions",
                       "course_versions", "course_steps"):  # fmt: skip
        op.execute("DELETE FROM registrations WHERE NOT is_seated")
        op.execute("DELETE FROM module_completions WHERE NOT is_done OR minutes = 0")
        narrow()
    for table in (
        "attendance_marks",
        "quiz_attempts",
        "training_exceptions",
        "sensitive_facts",
        "outside_trainings",
        "fact_readings",
        "enrolments",
        "course_steps",
        "course_versions",
        "course_files",
        "model_courses",
    ):
        op.drop_table(table)


def narrow() -> None:
    """The columns of before, filled."""
    op.add_column("modules", sa.Column("position", sa.Integer()))
    op.add_column("courses", sa.Column("is_required", sa.Boolean()))
    op.execute("UPDATE courses SET is_required = cardinality(required_for) > 0")
    op.execute("""
      UPDATE modules m SET position = s.rank FROM (
        SELECT tenant_id, id, row_number() OVER (PARTITION BY tenant_id, course_id ORDER BY created_at, id) AS rank FROM modules) s
      WHERE s.tenant_id = m.tenant_id AND s.id = m.id""")
    op.execute("DELETE FROM modules WHERE kind NOT IN ('text', 'live')")
    op.alter_column("courses", "is_required", nullable=False)
    op.alter_column("modules", "position", nullable=False)
    op.create_check_constraint(op.f("ck_modules_kind"), "modules", "kind in ('text', 'live')")
    op.drop_constraint(op.f("uq_registrations_tenant_id_session_id_number"), "registrations", type_="unique")
    op.drop_constraint(op.f("fk_modules_tenant_id_file_id"), "modules", type_="foreignkey")
    op.drop_constraint(op.f("fk_module_completions_tenant_id_enrolment_id"), "module_completions", type_="foreignkey")
    op.drop_constraint(op.f("uq_module_completions_tenant_id_enrolment_id_module_id"), "module_completions", type_="unique")
    op.drop_constraint(op.f("fk_courses_tenant_id_renews_id"), "courses", type_="foreignkey")
    op.drop_constraint(op.f("fk_completions_tenant_id_version_id"), "completions", type_="foreignkey")
    op.drop_constraint(op.f("fk_completions_tenant_id_enrolment_id"), "completions", type_="foreignkey")
    op.drop_constraint(op.f("uq_completions_tenant_id_enrolment_id"), "completions", type_="unique")
    op.drop_column("tenants", "training_minutes")
    op.drop_index("ix_registrations_mentor", table_name="registrations")
    op.drop_column("registrations", "reminded")
    op.drop_column("registrations", "seated_at")
    op.drop_column("registrations", "minutes")
    op.drop_column("registrations", "is_seated")
    op.drop_column("registrations", "number")
    op.drop_column("modules", "draw")
    op.drop_column("modules", "attempts")
    op.drop_column("modules", "pass_mark")
    op.drop_column("modules", "questions")
    op.drop_column("modules", "file_id")
    op.drop_column("modules", "link")
    op.drop_column("modules", "root_id")
    op.drop_index("ix_module_completions_mentor", table_name="module_completions")
    op.drop_column("module_completions", "note")
    op.drop_column("module_completions", "is_done")
    op.drop_column("module_completions", "enrolment_id")
    op.drop_column("courses", "model_number")
    op.drop_column("courses", "model_key")
    op.drop_column("courses", "certifies")
    op.drop_column("courses", "renews_id")
    op.drop_column("courses", "valid_months")
    op.drop_column("courses", "required_for")
    op.drop_column("course_sessions", "cancel_reason")
    op.drop_column("course_sessions", "cancelled_at")
    op.drop_column("course_sessions", "sequence")
    op.drop_index("ix_completions_mentor", table_name="completions")
    op.drop_index("ix_completions_course", table_name="completions")
    op.drop_column("completions", "enrolment_id")
    op.drop_column("completions", "version_id")
    op.drop_column("completions", "end_told")
    for table, keys in (("completions", "mentor_id, course_id"), ("module_completions", "mentor_id, module_id")):
        op.execute(  # a course that was followed twice was ended once, the last time
            f"DELETE FROM {table} a USING {table} b WHERE (a.tenant_id, a.{keys.replace(', ', ', a.')}) = "
            f"(b.tenant_id, b.{keys.replace(', ', ', b.')}) AND a.id < b.id"
        )
    op.create_unique_constraint(op.f("uq_modules_tenant_id_course_id_position"), "modules", ["tenant_id", "course_id", "position"])
    op.create_unique_constraint(
        op.f("uq_module_completions_tenant_id_mentor_id_module_id"), "module_completions", ["tenant_id", "mentor_id", "module_id"]
    )
    op.create_unique_constraint(
        op.f("uq_completions_tenant_id_mentor_id_course_id"), "completions", ["tenant_id", "mentor_id", "course_id"]
    )
