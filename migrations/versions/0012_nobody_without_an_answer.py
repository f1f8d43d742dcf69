"""Deadlines with reminders, contact attempts, waiting lists, relays: what a request needs so as never to be forgotten."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.rls import isolate, seen_by_owner

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

STATES = "state in ('waiting', 'oriented', 'received', 'waitlisted', 'moved', 'accepted', 'withdrawn', 'lapsed')"
OLD_STATES = "state in ('waiting', 'oriented', 'received', 'accepted', 'withdrawn')"
ORIENTED = "state in ('sent', 'delivered', 'waitlisted', 'accepted', 'declined', 'withdrawn')"
OLD_ORIENTED = "state in ('sent', 'delivered', 'accepted', 'declined', 'withdrawn')"
OPEN = "state in ('sent', 'delivered', 'waitlisted', 'accepted')"
OLD_OPEN = "state in ('sent', 'delivered', 'accepted')"
SEARCHED = (
    r"regexp_replace(replace(replace(lower(normalize(first_name || ' ' || last_name, NFKD)), 'œ', 'oe'), 'æ', 'ae'), "
    r"'[\u0300-\u036f]', '', 'g') || ' ' || coalesce(lower(email), '')"
)
CLOCK = "state not in ('received', 'waitlisted') or answer_by is not null"
DEADLINES = "answer_days between 1 and 30 and decision_days between 1 and 60 and relays between 0 and 10"
LEAD_COLUMNS = (
    ("clock_from", sa.Date()),
    ("reminded", sa.Text()),
    ("late_told_at", sa.DateTime(timezone=True)),
    ("assigned_to", sa.Uuid()),
    ("contacted_at", sa.DateTime(timezone=True)),
    ("next_try_on", sa.Date()),
    ("last_mail_at", sa.DateTime(timezone=True)),
    ("waitlisted_at", sa.DateTime(timezone=True)),
    ("guardian_agreed_at", sa.DateTime(timezone=True)),
    ("guardian_agreed_by", sa.Text()),
    ("guardian_text", sa.Text()),
)


def tenant_table(name: str, *columns: sa.Column, keys: tuple[sa.Constraint, ...] = ()) -> None:
    op.create_table(
        name,
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f(f"pk_{name}")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f(f"fk_{name}_tenant_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f(f"fk_{name}_user_id")),
        *keys,
    )


def change(table: str, name: str, rule: str) -> None:
    op.drop_constraint(op.f(f"ck_{table}_{name}"), table)
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, rule)


def one_open(rule: str) -> None:
    op.drop_index("uq_orientations_one_open", "orientations")
    op.create_index("uq_orientations_one_open", "orientations", ["tenant_id", "lead_id"], unique=True, postgresql_where=sa.text(rule))


def upgrade() -> None:
    op.add_column("tenants", sa.Column("decision_days", sa.Integer(), server_default="15", nullable=False))
    op.add_column("tenants", sa.Column("relays", sa.Integer(), server_default="3", nullable=False))
    op.create_check_constraint(op.f("ck_tenants_deadlines"), "tenants", DEADLINES)
    op.add_column("leads", sa.Column("may_relay", sa.Boolean(), server_default="true", nullable=False))
    for name, kind in LEAD_COLUMNS:
        op.add_column("leads", sa.Column(name, kind))
    change("leads", "state", STATES)
    op.create_check_constraint(op.f("ck_leads_reminded"), "leads", "reminded in ('half', 'eve', 'deadline')")
    with seen_by_owner("leads"):
        op.execute("UPDATE leads SET clock_from = (requested_at AT TIME ZONE 'Europe/Paris')::date WHERE answer_by IS NOT NULL")
        op.execute("UPDATE leads SET answer_by = (requested_at AT TIME ZONE 'Europe/Paris')::date + 7 "
                   "WHERE state = 'received' AND answer_by IS NULL")
        op.create_foreign_key(op.f("fk_leads_assigned_to"), "leads", "users", ["assigned_to"], ["id"])
    op.create_check_constraint(op.f("ck_leads_clock"), "leads", CLOCK)
    op.add_column("leads", sa.Column("searched", sa.Text(), sa.Computed(SEARCHED, persisted=True), nullable=False))
    op.drop_index("ix_leads_state", "leads")
    op.create_index("ix_leads_state", "leads", ["tenant_id", "state", "requested_at", "id"])
    op.create_index("ix_leads_inbox", "leads", ["tenant_id", "state", "answer_by", "requested_at", "id"])
    op.create_index("ix_leads_assigned_to", "leads", ["tenant_id", "assigned_to", "state"])
    op.create_index("ix_leads_searched", "leads", ["tenant_id", "state", "searched", "id"])
    op.create_index("ix_orientations_state", "orientations", ["tenant_id", "state", "answer_by"])
    op.add_column("orientations", sa.Column("contacted_at", sa.DateTime(timezone=True)))
    op.add_column("orientations", sa.Column("by_hand_reason", sa.Text()))
    op.add_column("orientations", sa.Column("is_direct", sa.Boolean(), server_default="false", nullable=False))
    change("orientations", "state", ORIENTED)
    one_open(OPEN)
    op.add_column("declines", sa.Column("lead_id", sa.Uuid()))
    op.add_column("declines", sa.Column("moved_to", sa.Uuid()))
    tenant_table(
        "contact_attempts",
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("note", sa.Text()),
        sa.Column("next_on", sa.Date()),
        keys=(
            sa.ForeignKeyConstraint(["tenant_id", "lead_id"], ["leads.tenant_id", "leads.id"],
                                    name=op.f("fk_contact_attempts_tenant_id_lead_id"), ondelete="CASCADE"),
            sa.CheckConstraint("result in ('reached', 'no_answer', 'left_message', 'wrong_number')",
                               name=op.f("ck_contact_attempts_result")),
        ),
    )  # fmt: skip
    op.create_index("ix_contact_attempts_lead", "contact_attempts", ["tenant_id", "lead_id", "created_at"])
    tenant_table(
        "saved_views",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("filters", postgresql.JSONB(), nullable=False),
        keys=(sa.UniqueConstraint("tenant_id", "user_id", "name", name=op.f("uq_saved_views_tenant_id_user_id_name")),),
    )
    isolate("contact_attempts", "saved_views")


def downgrade() -> None:
    op.drop_table("saved_views")
    op.drop_table("contact_attempts")
    op.drop_column("declines", "moved_to")
    op.drop_column("declines", "lead_id")
    one_open(OLD_OPEN)
    change("orientations", "state", OLD_ORIENTED)
    op.drop_column("orientations", "is_direct")
    op.drop_column("orientations", "by_hand_reason")
    op.drop_column("orientations", "contacted_at")
    op.drop_index("ix_orientations_state", "orientations")
    for name in ("searched", "assigned_to", "inbox", "state"):
        op.drop_index(f"ix_leads_{name}", "leads")
    op.create_index("ix_leads_state", "leads", ["tenant_id", "state", "requested_at"])
    op.drop_column("leads", "searched")
    op.drop_constraint(op.f("ck_leads_clock"), "leads")
    op.drop_constraint(op.f("ck_leads_reminded"), "leads")
    change("leads", "state", OLD_STATES)
    for name, _kind in LEAD_COLUMNS:
        op.drop_column("leads", name)
    op.drop_column("leads", "may_relay")
    op.drop_constraint(op.f("ck_tenants_deadlines"), "tenants")
    op.drop_column("tenants", "relays")
    op.drop_column("tenants", "decision_days")
