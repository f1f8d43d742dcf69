"""A second factor: a code from an application, asked after the password or the link; a space may ask it of its team."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("second_factor_at", sa.DateTime(timezone=True)))
    op.add_column("users", sa.Column("second_factor_secret", sa.LargeBinary))
    op.add_column("users", sa.Column("second_factor_step", sa.BigInteger))
    op.add_column("users", sa.Column("recovery_codes", sa.ARRAY(sa.Text), nullable=False, server_default="{}"))
    op.add_column("tenants", sa.Column("asks_second_factor", sa.Boolean, nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("tenants", "asks_second_factor")
    for name in ("recovery_codes", "second_factor_step", "second_factor_secret", "second_factor_at"):
        op.drop_column("users", name)
