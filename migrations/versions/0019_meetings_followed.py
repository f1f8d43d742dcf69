"""Meetings in series and in visits, their history, what the jeune says, times that are proposed; reminders, preferences, feeds."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.rls import isolate, seen_by_owner, tenant_table

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

PLACES = "place in ('remote', 'home', 'school', 'association', 'company')"
MOMENT = sa.DateTime(timezone=True)
COLUMNS = (
    ("set_at", MOMENT), ("first_logged_at", MOMENT), ("series_id", sa.Uuid()), ("visit_id", sa.Uuid()),
    ("planned_minutes", sa.Integer()), ("planned_place", sa.Text()),
)  # fmt: skip
TABLES = ("meeting_events", "confirmations", "offers", "meeting_settings", "notices", "notice_refusals", "calendar_feeds")


def inside(table: str, column: str, target: str, **options: str) -> sa.ForeignKeyConstraint:
    """A foreign key inside one tenant."""
    return sa.ForeignKeyConstraint(
        ["tenant_id", column], [f"{target}.tenant_id", f"{target}.id"], name=op.f(f"fk_{table}_tenant_id_{column}"), **options
    )


def user(table: str, column: str = "user_id") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["users.id"], name=op.f(f"fk_{table}_{column}"))


def one(table: str, *columns: str) -> sa.UniqueConstraint:
    """No two rows of a tenant say the same."""
    return sa.UniqueConstraint("tenant_id", *columns, name=op.f(f"uq_{table}_tenant_id_{'_'.join(columns)}"))


def check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def upgrade() -> None:
    for name, kind in COLUMNS:
        op.add_column("meetings", sa.Column(name, kind))
    with seen_by_owner("meetings"):
        op.execute("UPDATE meetings SET set_at = created_at, first_logged_at = CASE WHEN state <> 'cancelled' THEN logged_at END")
    op.alter_column("meetings", "set_at", nullable=False)
    op.create_index("ix_meetings_planned", "meetings", ["tenant_id", "starts_at"], postgresql_where=sa.text("state = 'planned'"))
    op.add_column("mails", sa.Column("valid_until", MOMENT))
    receive_refusals("'waiting', 'sent', 'refused'")
    op.create_index(
        "ix_mails_waiting", "mails", ["tenant_id", "created_at"], postgresql_where=sa.text("state = 'waiting' and attempts = 0")
    )
    tell_of_meetings()
    remind_of_meetings()
    isolate(*TABLES)


def receive_refusals(states: str) -> None:
    """What a message may have become."""
    op.drop_constraint(op.f("ck_mails_state"), "mails", type_="check")
    op.create_check_constraint(op.f("ck_mails_state"), "mails", f"state in ({states})")


def tell_of_meetings() -> None:
    """What is said of each meeting, and times that are proposed."""
    tenant_table(
        "meeting_events",
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("before", postgresql.JSONB(), nullable=False),
        sa.Column("user_id", sa.Uuid()),
        inside("meeting_events", "meeting_id", "meetings", ondelete="CASCADE"),
        user("meeting_events"),
    )
    op.create_index("ix_meeting_events_meeting", "meeting_events", ["tenant_id", "meeting_id", "created_at"])
    tenant_table(
        "confirmations",
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("was_held", sa.Boolean(), nullable=False),
        sa.Column("face", sa.Integer()),
        check("confirmations", "face", "face between 1 and 4"),
        inside("confirmations", "meeting_id", "meetings", ondelete="CASCADE"),
        one("confirmations", "meeting_id"),
    )
    tenant_table(
        "offers",
        sa.Column("pair_id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("starts", postgresql.ARRAY(sa.DateTime(timezone=True)), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("where", sa.Text(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("instead_of", sa.Uuid()),
        sa.Column("chosen_id", sa.Uuid()),
        check("offers", "side", "side in ('mentor', 'mentee')"),
        check("offers", "state", "state in ('open', 'chosen', 'ended')"),
        check("offers", "place", PLACES),
        check("offers", "minutes", "minutes between 5 and 600"),
        inside("offers", "pair_id", "pairs", ondelete="CASCADE"),
        inside("offers", "instead_of", "meetings", ondelete="CASCADE"),
        inside("offers", "chosen_id", "meetings", ondelete="CASCADE"),
    )
    op.create_index("ix_offers_pair", "offers", ["tenant_id", "pair_id", "state"])


def remind_of_meetings() -> None:
    """The association's choices, what was sent, what somebody does not want, secret addresses of calendars."""
    tenant_table(
        "meeting_settings",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("values", postgresql.JSONB(), nullable=False),
        sa.Column("made_by", sa.Uuid()),
        user("meeting_settings", "made_by"),
        one("meeting_settings", "number"),
    )
    tenant_table(
        "notices",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("about", sa.Uuid(), nullable=False),
        sa.Column("pair_id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("mail_id", sa.Uuid()),
        check("notices", "side", "side in ('mentor', 'mentee', 'team')"),
        inside("notices", "pair_id", "pairs", ondelete="CASCADE"),
        inside("notices", "mail_id", "mails"),
        one("notices", "kind", "about", "side", "mark"),
    )
    op.create_index("ix_notices_pair", "notices", ["tenant_id", "pair_id", "created_at"])
    op.create_index("ix_notices_about", "notices", ["tenant_id", "about"])
    tenant_table(
        "notice_refusals",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        user("notice_refusals"),
        one("notice_refusals", "user_id", "kind"),
    )
    tenant_table(
        "calendar_feeds",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        user("calendar_feeds"),
    )
    op.create_index(
        "uq_calendar_feeds_one",
        "calendar_feeds",
        ["tenant_id", "user_id"],
        unique=True,
        postgresql_where=sa.text("revoked_at is null"),
    )


def downgrade() -> None:
    """Back to meetings by themselves."""
    for table in reversed(TABLES):
        op.drop_table(table)
    op.drop_index("ix_mails_waiting", table_name="mails")
    with seen_by_owner("mails"):
        op.execute("UPDATE mails SET state = 'sent' WHERE state = 'refused'")
    receive_refusals("'waiting', 'sent'")
    op.drop_column("mails", "valid_until")
    op.drop_index("ix_meetings_planned", table_name="meetings")
    for name, _kind in COLUMNS:
        op.drop_column("meetings", name)
