"""A guardian authorises by a link: when it was last sent, and an authorisation that nobody of the team recorded."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("guardianships", sa.Column("asked_at", sa.DateTime(timezone=True)))
    op.alter_column("authorisations", "recorded_by", nullable=True)
    op.drop_constraint("how", "authorisations", type_="check")
    op.create_check_constraint("how", "authorisations", "how in ('paper', 'in_person', 'mail', 'link')")


def downgrade() -> None:
    op.execute("ALTER TABLE authorisations NO FORCE ROW LEVEL SECURITY")
    op.execute("DELETE FROM authorisations WHERE how = 'link'")
    op.execute("ALTER TABLE authorisations FORCE ROW LEVEL SECURITY")
    op.drop_constraint("how", "authorisations", type_="check")
    op.create_check_constraint("how", "authorisations", "how in ('paper', 'in_person', 'mail')")
    op.alter_column("authorisations", "recorded_by", nullable=False)
    op.drop_column("guardianships", "asked_at")
