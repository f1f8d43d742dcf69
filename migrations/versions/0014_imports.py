"""Files of requests that are sent by the web."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.rls import isolate, tenant_table

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    tenant_table(
        "lead_imports",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("header", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("mapping", postgresql.JSONB(), nullable=False),
        sa.Column("file_key", sa.Text()),
        *(sa.Column(count, sa.Integer(), nullable=False) for count in ("total", "position", "added", "known", "refused")),
        sa.Column("reason", sa.Text()),
        sa.Column("started_at", sa.DateTime(timezone=True)),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_lead_imports_user_id")),
        sa.CheckConstraint("state in ('ready', 'running', 'done', 'cancelled', 'failed')", name=op.f("ck_lead_imports_state")),
        sa.CheckConstraint("kind in ('mentee', 'mentor')", name=op.f("ck_lead_imports_kind")),
    )
    tenant_table(
        "import_problems",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("column", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("is_refusal", sa.Boolean(), nullable=False),
        sa.Column("cells", sa.ARRAY(sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "import_id"], ["lead_imports.tenant_id", "lead_imports.id"],
            name=op.f("fk_import_problems_tenant_id_import_id"), ondelete="CASCADE",
        ),
    )  # fmt: skip
    op.create_index("ix_import_problems_import", "import_problems", ["tenant_id", "import_id", "line"])
    isolate("lead_imports", "import_problems")


def downgrade() -> None:
    op.drop_table("import_problems")
    op.drop_table("lead_imports")
