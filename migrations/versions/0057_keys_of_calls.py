"""The idempotency key of a call is kept as a digest: a partner may put somebody's address in it, and it stays for good."""

from alembic import op

from migrations.rls import seen_by_owner

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None

DIGESTS = "UPDATE api_calls SET key = encode(sha256(convert_to(partner_id || '/' || key, 'UTF8')), 'hex')"


def upgrade() -> None:
    with seen_by_owner("api_calls"):
        op.execute(DIGESTS)


def downgrade() -> None:
    """The words are gone: a call of before that is sent again is a new one."""
