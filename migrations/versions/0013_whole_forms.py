"""The two forms whole, a week grid, offers told finely, and the same person's two requests."""

import sqlalchemy as sa
from alembic import op

from migrations.rls import seen_by_owner

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

PEOPLE = ("leads", "mentees", "mentors")
SAID = ("hopes", "level", "diploma", "field_wish", "gender_wish", "asker_name", "asker_structure", "asker_contact")
OFFERED = ("regions", "communes", "publics", "places", "languages")
STATES = "state in ('waiting', 'oriented', 'received', 'waitlisted', 'moved', 'accepted', 'withdrawn', 'lapsed', 'joined')"
OLD_STATES = "state in ('waiting', 'oriented', 'received', 'waitlisted', 'moved', 'accepted', 'withdrawn', 'lapsed')"
WEEK = ("mon", "tue", "wed", "thu", "fri")
GRID = {  # what the four old answers say in a week grid
    "weekday_day": [f"{day}_{part}" for day in WEEK for part in ("morning", "afternoon")],
    "weekday_evening": [f"{day}_evening" for day in WEEK],
    "wednesday": ["wed_afternoon"],
    "weekend": [f"{day}_{part}" for day in ("sat", "sun") for part in ("morning", "afternoon", "evening")],
}


def change_state(rule: str) -> None:
    op.drop_constraint(op.f("ck_leads_state"), "leads")
    op.create_check_constraint(op.f("ck_leads_state"), "leads", rule)


def spread(table: str) -> None:
    """Write the old answers as squares of the grid."""
    rows = ", ".join(f"('{old}', '{square}')" for old, squares in GRID.items() for square in squares)
    op.execute(
        f"UPDATE {table} SET slots = (SELECT coalesce(array_agg(DISTINCT coalesce(grid.square, slot)), '{{}}') "  # noqa: S608
        f"FROM unnest(slots) AS slot LEFT JOIN (VALUES {rows}) AS grid (old, square) ON grid.old = slot) WHERE slots <> '{{}}'"
    )


def gather(table: str) -> None:
    """Back to the four old answers: each one of which a square is ticked."""
    rows = ", ".join(f"('{old}', '{square}')" for old, squares in GRID.items() for square in squares)
    op.execute(
        f"UPDATE {table} SET slots = (SELECT coalesce(array_agg(DISTINCT grid.old), '{{}}') "  # noqa: S608
        f"FROM unnest(slots) AS slot JOIN (VALUES {rows}) AS grid (old, square) ON grid.square = slot) WHERE slots <> '{{}}'"
    )


def upgrade() -> None:
    for table in PEOPLE:
        for name in SAID:
            op.add_column(table, sa.Column(name, sa.Text()))
        op.add_column(table, sa.Column("languages", sa.ARRAY(sa.Text()), server_default="{}", nullable=False))
        with seen_by_owner(table):
            spread(table)
    for name in OFFERED:
        op.add_column("tenants", sa.Column(name, sa.ARRAY(sa.Text()), server_default="{}", nullable=False))
    op.add_column("leads", sa.Column("same_as", sa.Uuid()))
    change_state(STATES)
    op.create_index("ix_leads_email", "leads", ["tenant_id", sa.text("lower(email)")])
    op.create_index("ix_leads_phone", "leads", ["tenant_id", "phone"])
    op.create_index("ix_leads_birth_date", "leads", ["tenant_id", "birth_date"])


def downgrade() -> None:
    for name in ("birth_date", "phone", "email"):
        op.drop_index(f"ix_leads_{name}", "leads")
    with seen_by_owner("leads"):
        op.execute("DELETE FROM leads WHERE state = 'joined'")
    change_state(OLD_STATES)
    op.drop_column("leads", "same_as")
    for name in OFFERED:
        op.drop_column("tenants", name)
    for table in PEOPLE:
        with seen_by_owner(table):
            gather(table)
        for name in ("languages", *SAID):
            op.drop_column(table, name)
