"""Files of people: checks, charter, guardians, interviews, references, decisions, the rules of the gate and their exceptions."""

import json

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.rls import isolate, seen_by_owner, tenant_table

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

TABLES = (
    "charters",
    "gate_versions",
    "guardians",
    "interview_grids",
    "charter_signatures",
    "checks",
    "decisions",
    "gate_exceptions",
    "guardianships",
    "interviews",
    "person_references",
)
# The law's: whoever meets a jeune of child protection has an attestation d'honorabilité of less than six months, again every three years.
MINIMUM = [{"piece": "honorability", "audience": "ase", "fresh": 6, "renew": 36}]
KINDS = "'participation', 'own_agreement', 'home'"
PROTECTED = "'ase_evaluation', 'ase_parental', 'ase_departement', 'ase_agreement'"
FACTS = "'ase', 'handicap', 'precarious', 'carer', 'refugee', 'justice', 'dropping_out', 'qpv'"
REACHES = "reach in ('commune', 'epci', 'arrondissement', 'departement', 'region')"
STAGES = "'received', 'interview_planned', 'interviewed', 'references', 'checks', 'ready', 'withdrawn', 'refused'"


def upgrade() -> None:
    make_tables()
    isolate(*TABLES)
    minimum = json.dumps(MINIMUM)
    op.execute(f"INSERT INTO gate_minimums (number, rules, note) VALUES (1, '{minimum}', '')")
    for table in ("mentors", "mentees"):
        op.add_column(table, sa.Column("interests", sa.ARRAY(sa.Text()), server_default="{}", nullable=False))
        op.add_column(table, sa.Column("reach", sa.Text(), server_default="departement", nullable=False))
        op.add_column(table, sa.Column("first_in_line", sa.Boolean(), server_default=sa.text("false"), nullable=False))
        op.create_check_constraint(op.f(f"ck_{table}_reach"), table, REACHES)
        op.create_check_constraint(op.f(f"ck_{table}_paused"), table, "(state = 'paused') or paused_until is null")
    op.add_column("mentees", sa.Column("school", sa.Text()))
    op.add_column("mentors", sa.Column("employer", sa.Text()))
    op.add_column("mentors", sa.Column("stage", sa.Text(), server_default="ready", nullable=False))
    op.add_column("mentors", sa.Column("forget_on", sa.Date()))
    op.create_check_constraint(op.f("ck_mentors_stage"), "mentors", f"stage in ({STAGES})")
    op.create_index("ix_mentors_stage", "mentors", ["tenant_id", "stage", "sort_name"])
    op.add_column("authorisations", sa.Column("ends_on", sa.Date()))
    op.create_check_constraint(op.f("ck_authorisations_ends"), "authorisations", "ends_on > given_on")
    op.add_column("fact_readings", sa.Column("kind", sa.Text()))
    kinds(f"{KINDS}, 'image', {PROTECTED}", FACTS)
    name_guardians()


def kinds(allowed: str, facts: str) -> None:
    """What an authorisation, and a sensitive fact, may be."""
    for table, values in (("authorisations", allowed), ("sensitive_facts", facts)):
        op.drop_constraint(op.f(f"ck_{table}_kind"), table, type_="check")
        op.create_check_constraint(op.f(f"ck_{table}_kind"), table, f"kind in ({values})")


def name_guardians() -> None:
    """Who represents somebody, as the file says it, becomes a row that brothers and sisters share."""
    with seen_by_owner("mentors", "mentees", "guardians", "guardianships"):
        named = """
          SELECT tenant_id, id, {who}, guardian_name AS name, lower(guardian_email) AS email, guardian_phone AS phone FROM {table}
          WHERE guardian_name IS NOT NULL AND (guardian_email IS NOT NULL OR guardian_phone IS NOT NULL)"""
        people = " UNION ALL ".join(named.format(who=f"'{table}' AS kind", table=table) for table in ("mentees", "mentors"))
        op.execute(f"""
          INSERT INTO guardians (tenant_id, id, name, email, phone)
          SELECT tenant_id, gen_random_uuid(), name, email, phone FROM ({people}) p GROUP BY tenant_id, name, email, phone""")
        op.execute(f"""
          INSERT INTO guardianships (tenant_id, id, guardian_id, mentee_id, mentor_id, relation)
          SELECT p.tenant_id, gen_random_uuid(), g.id, CASE WHEN p.kind = 'mentees' THEN p.id END,
            CASE WHEN p.kind = 'mentors' THEN p.id END, 'parent'
          FROM ({people}) p JOIN guardians g ON g.tenant_id = p.tenant_id AND g.name = p.name
            AND g.email IS NOT DISTINCT FROM p.email AND g.phone IS NOT DISTINCT FROM p.phone""")


def make_tables() -> None:
    op.create_table(
        "gate_minimums",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("rules", postgresql.JSONB(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_gate_minimums")),
    )
    tenant_table(
        "charters",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("asks_again", sa.Boolean(), nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["written_by"], ["users.id"], name=op.f("fk_charters_written_by")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_charters_tenant_id_number")),
    )
    tenant_table(
        "gate_versions",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("rules", postgresql.JSONB(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["users.id"], name=op.f("fk_gate_versions_made_by")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_gate_versions_tenant_id_number")),
    )
    tenant_table(
        "guardians",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text()),
        sa.Column("phone", sa.Text()),
        sa.CheckConstraint("email is not null or phone is not null", name=op.f("ck_guardians_reachable")),
    )
    op.create_index("ix_guardians_email", "guardians", ["tenant_id", sa.literal_column("lower(email)")])
    op.create_index("ix_guardians_phone", "guardians", ["tenant_id", "phone"])
    tenant_table(
        "interview_grids",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("questions", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("criteria", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("written_by", sa.Uuid()),
        sa.ForeignKeyConstraint(["written_by"], ["users.id"], name=op.f("fk_interview_grids_written_by")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_interview_grids_tenant_id_number")),
    )
    tenant_table(
        "charter_signatures",
        sa.Column("mentor_id", sa.Uuid(), nullable=False),
        sa.Column("charter_id", sa.Uuid(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("noted_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("how in ('online', 'paper')", name=op.f("ck_charter_signatures_how")),
        sa.ForeignKeyConstraint(["noted_by"], ["users.id"], name=op.f("fk_charter_signatures_noted_by")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "charter_id"],
            ["charters.tenant_id", "charters.id"],
            name=op.f("fk_charter_signatures_tenant_id_charter_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "mentor_id"],
            ["mentors.tenant_id", "mentors.id"],
            name=op.f("fk_charter_signatures_tenant_id_mentor_id"),
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint(
            "tenant_id", "mentor_id", "charter_id", name=op.f("uq_charter_signatures_tenant_id_mentor_id_charter_id")
        ),
    )
    tenant_table(
        "checks",
        sa.Column("mentor_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("document_on", sa.Date(), nullable=False),
        sa.Column("seen_on", sa.Date(), nullable=False),
        sa.Column("seen_by", sa.Uuid(), nullable=False),
        sa.Column("is_clear", sa.Boolean(), nullable=False),
        sa.Column("due_on", sa.Date()),
        sa.Column("told_on", sa.Date()),
        sa.Column("cancelled_at", sa.DateTime(timezone=True)),
        sa.Column("cancelled_by", sa.Uuid()),
        sa.CheckConstraint("kind in ('identity', 'honorability', 'record')", name=op.f("ck_checks_kind")),
        sa.CheckConstraint("document_on <= seen_on", name=op.f("ck_checks_dates")),
        sa.CheckConstraint("due_on > document_on", name=op.f("ck_checks_due")),
        sa.ForeignKeyConstraint(["cancelled_by"], ["users.id"], name=op.f("fk_checks_cancelled_by")),
        sa.ForeignKeyConstraint(["seen_by"], ["users.id"], name=op.f("fk_checks_seen_by")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "mentor_id"],
            ["mentors.tenant_id", "mentors.id"],
            name=op.f("fk_checks_tenant_id_mentor_id"),
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_checks_due", "checks", ["tenant_id", "due_on"])
    op.create_index("ix_checks_mentor", "checks", ["tenant_id", "mentor_id", "kind"])
    tenant_table(
        "decisions",
        sa.Column("mentor_id", sa.Uuid(), nullable=False),
        sa.Column("is_accepted", sa.Boolean(), nullable=False),
        sa.Column("criteria", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("is_accepted or reason <> ''", name=op.f("ck_decisions_reason")),
        sa.ForeignKeyConstraint(["decided_by"], ["users.id"], name=op.f("fk_decisions_decided_by")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "mentor_id"],
            ["mentors.tenant_id", "mentors.id"],
            name=op.f("fk_decisions_tenant_id_mentor_id"),
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_decisions_mentor", "decisions", ["tenant_id", "mentor_id"])
    tenant_table(
        "gate_exceptions",
        sa.Column("mentor_id", sa.Uuid(), nullable=False),
        sa.Column("mentee_id", sa.Uuid()),
        sa.Column("piece", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True)),
        sa.Column("withdrawn_by", sa.Uuid()),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_gate_exceptions_reason")),
        sa.ForeignKeyConstraint(["made_by"], ["users.id"], name=op.f("fk_gate_exceptions_made_by")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "mentee_id"],
            ["mentees.tenant_id", "mentees.id"],
            name=op.f("fk_gate_exceptions_tenant_id_mentee_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "mentor_id"],
            ["mentors.tenant_id", "mentors.id"],
            name=op.f("fk_gate_exceptions_tenant_id_mentor_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["withdrawn_by"], ["users.id"], name=op.f("fk_gate_exceptions_withdrawn_by")),
    )
    op.create_index("ix_gate_exceptions_mentor", "gate_exceptions", ["tenant_id", "mentor_id", "piece"])
    tenant_table(
        "guardianships",
        sa.Column("guardian_id", sa.Uuid(), nullable=False),
        sa.Column("mentee_id", sa.Uuid()),
        sa.Column("mentor_id", sa.Uuid()),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.CheckConstraint("(mentee_id is null) <> (mentor_id is null)", name=op.f("ck_guardianships_one_person")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "guardian_id"],
            ["guardians.tenant_id", "guardians.id"],
            name=op.f("fk_guardianships_tenant_id_guardian_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "mentee_id"],
            ["mentees.tenant_id", "mentees.id"],
            name=op.f("fk_guardianships_tenant_id_mentee_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "mentor_id"],
            ["mentors.tenant_id", "mentors.id"],
            name=op.f("fk_guardianships_tenant_id_mentor_id"),
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint("tenant_id", "mentee_id", "guardian_id", name=op.f("uq_guardianships_tenant_id_mentee_id_guardian_id")),
        sa.UniqueConstraint("tenant_id", "mentor_id", "guardian_id", name=op.f("uq_guardianships_tenant_id_mentor_id_guardian_id")),
    )
    op.create_index("ix_guardianships_guardian", "guardianships", ["tenant_id", "guardian_id"])
    tenant_table(
        "interviews",
        sa.Column("mentor_id", sa.Uuid(), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("with_user", sa.Uuid(), nullable=False),
        sa.Column("held_on", sa.Date()),
        sa.Column("notes", postgresql.JSONB(), nullable=False),
        sa.Column("colour", sa.Text()),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("colour in ('green', 'orange', 'red')", name=op.f("ck_interviews_colour")),
        sa.CheckConstraint("(held_on is null) = (colour is null)", name=op.f("ck_interviews_held")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "mentor_id"],
            ["mentors.tenant_id", "mentors.id"],
            name=op.f("fk_interviews_tenant_id_mentor_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["with_user"], ["users.id"], name=op.f("fk_interviews_with_user")),
    )
    op.create_index("ix_interviews_mentor", "interviews", ["tenant_id", "mentor_id"])
    tenant_table(
        "person_references",
        sa.Column("mentor_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("reminded_at", sa.DateTime(timezone=True)),
        sa.Column("answered_at", sa.DateTime(timezone=True)),
        sa.Column("known_for", sa.Text(), nullable=False),
        sa.Column("advice", sa.Text()),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint("(state = 'answered') = (advice is not null)", name=op.f("ck_person_references_answered")),
        sa.CheckConstraint("advice in ('yes', 'reserved', 'no')", name=op.f("ck_person_references_advice")),
        sa.CheckConstraint("state in ('asked', 'answered', 'declined')", name=op.f("ck_person_references_state")),
        sa.ForeignKeyConstraint(["asked_by"], ["users.id"], name=op.f("fk_person_references_asked_by")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "mentor_id"],
            ["mentors.tenant_id", "mentors.id"],
            name=op.f("fk_person_references_tenant_id_mentor_id"),
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_person_references_mentor", "person_references", ["tenant_id", "mentor_id"])


def downgrade() -> None:
    """Back to what a file said before; what only the new tables say is lost."""
    with seen_by_owner("authorisations", "sensitive_facts"):
        op.execute(f"DELETE FROM authorisations WHERE kind NOT IN ({KINDS})")
        op.execute("DELETE FROM sensitive_facts WHERE kind <> 'ase'")
        kinds(KINDS, "'ase'")
    op.drop_column("fact_readings", "kind")
    op.drop_constraint(op.f("ck_authorisations_ends"), "authorisations", type_="check")
    op.drop_column("authorisations", "ends_on")
    op.drop_index("ix_mentors_stage", table_name="mentors")
    op.drop_constraint(op.f("ck_mentors_stage"), "mentors", type_="check")
    for column in ("forget_on", "stage", "employer"):
        op.drop_column("mentors", column)
    op.drop_column("mentees", "school")
    for table in ("mentors", "mentees"):
        op.drop_constraint(op.f(f"ck_{table}_paused"), table, type_="check")
        op.drop_constraint(op.f(f"ck_{table}_reach"), table, type_="check")
        op.drop_column(table, "first_in_line")
        op.drop_column(table, "reach")
        op.drop_column(table, "interests")
    for table in reversed(("gate_minimums", *TABLES)):
        op.drop_table(table)
