"""Partners who send requests by machine: their keys, their calls, what their servers were told."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.rls import isolate, seen_by_owner, tenant_table

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

OF_PARTNER = ("api_keys", "api_calls", "webhook_deliveries")


def of_partner(name: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", "partner_id"], ["partners.tenant_id", "partners.id"],
        name=op.f(f"fk_{name}_tenant_id_partner_id"), ondelete="CASCADE",
    )  # fmt: skip


def upgrade() -> None:
    tenant_table(
        "partners",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scopes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("webhook_url", sa.Text()),
        sa.Column("webhook_secret", sa.LargeBinary()),
        sa.Column("webhook_stopped_at", sa.DateTime(timezone=True)),
        sa.UniqueConstraint("tenant_id", "name", name=op.f("uq_partners_tenant_id_name")),
    )
    tenant_table(
        "api_keys",
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("hint", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        of_partner("api_keys"),
        sa.ForeignKeyConstraint(["made_by"], ["users.id"], name=op.f("fk_api_keys_made_by")),
        sa.UniqueConstraint("tenant_id", "digest", name=op.f("uq_api_keys_tenant_id_digest")),
    )
    tenant_table(
        "api_calls",
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("answer", postgresql.JSONB(), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        of_partner("api_calls"),
        sa.UniqueConstraint("tenant_id", "partner_id", "key", name=op.f("uq_api_calls_tenant_id_partner_id_key")),
    )
    op.create_index("ix_api_calls_lead", "api_calls", ["tenant_id", "lead_id"])
    tenant_table(
        "webhook_deliveries",
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("lead_id", sa.Uuid()),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("code", sa.Integer()),
        sa.Column("error", sa.Text()),
        sa.Column("tried_at", sa.DateTime(timezone=True)),
        of_partner("webhook_deliveries"),
        sa.CheckConstraint("state in ('waiting', 'delivered', 'failed')", name=op.f("ck_webhook_deliveries_state")),
    )
    op.create_index("ix_webhook_deliveries_partner", "webhook_deliveries", ["tenant_id", "partner_id", "created_at"])
    isolate("partners", *OF_PARTNER)
    op.add_column("leads", sa.Column("partner_id", sa.Uuid()))
    with seen_by_owner("leads", "partners"):
        op.create_foreign_key(
            op.f("fk_leads_tenant_id_partner_id"), "leads", "partners", ["tenant_id", "partner_id"], ["tenant_id", "id"]
        )


def downgrade() -> None:
    op.drop_constraint(op.f("fk_leads_tenant_id_partner_id"), "leads")
    op.drop_column("leads", "partner_id")
    for table in reversed(("partners", *OF_PARTNER)):
        op.drop_table(table)
