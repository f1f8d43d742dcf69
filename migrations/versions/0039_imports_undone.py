"""By which file a request came, and how many of a file's were taken back: an import is undone as a whole."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("leads", sa.Column("import_id", sa.Uuid()))
    op.create_index("ix_leads_import", "leads", ["tenant_id", "import_id"], postgresql_where=sa.text("import_id IS NOT NULL"))
    op.add_column("lead_imports", sa.Column("undone", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("lead_imports", "undone")
    op.drop_index("ix_leads_import", "leads")
    op.drop_column("leads", "import_id")
