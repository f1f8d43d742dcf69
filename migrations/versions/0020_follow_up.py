"""Follow-up: contacts, whom to call and why, how pairs fare, messages, the week's letter."""

from importlib import import_module

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.rls import isolate, tenant_table

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

before = import_module("migrations.versions.0019_meetings_followed")
check, inside, one, user = before.check, before.inside, before.one, before.user
MOMENT = sa.DateTime(timezone=True)
SIDES = "side in ('mentor', 'mentee', 'guardian')"
TABLES = ("contacts", "calls", "health_days", "followup_settings", "digests", "threads", "messages")


def upgrade() -> None:
    op.create_index("ix_mails_refused", "mails", ["tenant_id", "to_address"], postgresql_where=sa.text("state = 'refused'"))
    op.create_index("ix_pairs_open", "pairs", ["tenant_id"], postgresql_where=sa.text("state in ('active', 'paused', 'closing')"))
    line = ["tenant_id", sa.text("first_in_line DESC"), "created_at", "id"]
    op.create_index("ix_mentees_waiting", "mentees", line, postgresql_where=sa.text("state = 'active'"))
    op.create_index("ix_mails_to", "mails", ["tenant_id", "to_address", "created_at"])
    follow()
    write()
    isolate(*TABLES)


def follow() -> None:
    """Contacts, calls, the count of each day, choices, letters of the week."""
    tenant_table(
        "contacts",
        sa.Column("pair_id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("held_at", MOMENT, nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("reached", sa.Boolean(), nullable=False),
        sa.Column("answers", postgresql.JSONB(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("next_step", sa.Text(), nullable=False),
        sa.Column("next_on", sa.Date()),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("once", sa.Text(), nullable=False),
        check("contacts", "side", SIDES),
        check("contacts", "how", "how in ('phone', 'visit', 'mail', 'message')"),
        check("contacts", "minutes", "minutes between 0 and 600"),
        inside("contacts", "pair_id", "pairs", ondelete="CASCADE"),
        user("contacts"),
    )
    op.create_index("ix_contacts_pair", "contacts", ["tenant_id", "pair_id", "held_at"])
    op.create_index("uq_contacts_once", "contacts", ["tenant_id", "pair_id", "once"], unique=True)
    tenant_table(
        "calls",
        sa.Column("pair_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("facts", postgresql.JSONB(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("snoozed_until", sa.Date()),
        sa.Column("snoozed_by", sa.Uuid()),
        sa.Column("ended_at", MOMENT),
        check("calls", "side", SIDES),
        inside("calls", "pair_id", "pairs", ondelete="CASCADE"),
        user("calls", "snoozed_by"),
    )
    open_ones = sa.text("ended_at is null")
    op.create_index(
        "uq_calls_one_open", "calls", ["tenant_id", "pair_id", "kind", "side"], unique=True, postgresql_where=open_ones
    )
    op.create_index("ix_calls_open", "calls", ["tenant_id", "rank", "since"], postgresql_where=open_ones)
    tenant_table(
        "health_days",
        sa.Column("on_day", sa.Date(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("well", "watch", "danger")),
        one("health_days", "on_day"),
    )
    tenant_table(
        "followup_settings",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("values", postgresql.JSONB(), nullable=False),
        sa.Column("made_by", sa.Uuid()),
        user("followup_settings", "made_by"),
        one("followup_settings", "number"),
    )
    tenant_table(
        "digests",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        user("digests"),
        one("digests", "user_id", "week"),
    )


def write() -> None:
    """Threads and their messages."""
    tenant_table(
        "threads",
        sa.Column("pair_id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.Column("waiting_since", MOMENT),
        sa.Column("is_urgent", sa.Boolean(), nullable=False),
        sa.Column("urgent_since", MOMENT),
        sa.Column("team_read_at", MOMENT),
        sa.Column("read_by", sa.Uuid()),
        sa.Column("settled_at", MOMENT),
        sa.Column("settled_by", sa.Uuid()),
        sa.Column("escalated_at", MOMENT),
        user("threads", "read_by"),
        user("threads", "settled_by"),
        check("threads", "side", "side in ('mentor', 'mentee', 'guardian', 'both')"),
        inside("threads", "pair_id", "pairs", ondelete="CASCADE"),
        one("threads", "pair_id", "side"),
    )
    waiting = sa.text("waiting_since is not null")
    op.create_index("ix_threads_waiting", "threads", ["tenant_id", "waiting_since"], postgresql_where=waiting)
    op.create_index("ix_threads_last", "threads", ["tenant_id", "last_at", "id"])
    tenant_table(
        "messages",
        sa.Column("thread_id", sa.Uuid(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Uuid()),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("is_urgent", sa.Boolean(), nullable=False),
        sa.Column("file_key", sa.Text()),
        sa.Column("file_name", sa.Text()),
        sa.Column("media_type", sa.Text()),
        sa.Column("once", sa.Text(), nullable=False),
        check("messages", "author", "author in ('team', 'mentor', 'mentee', 'guardian')"),
        inside("messages", "thread_id", "threads", ondelete="CASCADE"),
        user("messages"),
    )
    op.create_index("ix_messages_thread", "messages", ["tenant_id", "thread_id", "created_at"])
    op.create_index("uq_messages_once", "messages", ["tenant_id", "thread_id", "once"], unique=True)


def downgrade() -> None:
    """Nobody is followed any more."""
    for table in reversed(TABLES):
        op.drop_table(table)
    op.drop_index("ix_mentees_waiting", table_name="mentees")
    op.drop_index("ix_pairs_open", table_name="pairs")
    op.drop_index("ix_mails_to", table_name="mails")
    op.drop_index("ix_mails_refused", table_name="mails")
