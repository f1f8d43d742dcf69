"""Who took people's data away, erased it, or opened the space to somebody: written once, and kept a year."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.rls import isolate, tenant_table

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None

STANDS = """
CREATE FUNCTION act_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND OLD.created_at < now() - interval '364 days' THEN RETURN OLD; END IF;
  RAISE EXCEPTION '% is frozen', TG_TABLE_NAME USING ERRCODE = 'BN006';
END $$
"""


def upgrade() -> None:
    tenant_table(
        "acts",
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("facts", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_acts_user_id")),
    )
    op.create_index("ix_acts_latest", "acts", ["tenant_id", "created_at", "id"])
    isolate("acts")
    op.execute(STANDS)
    op.execute("CREATE TRIGGER stands BEFORE UPDATE OR DELETE ON acts FOR EACH ROW EXECUTE FUNCTION act_stands()")


def downgrade() -> None:
    op.drop_table("acts")
    op.execute("DROP FUNCTION act_stands()")
