"""What the team writes on a file, with or without a pair."""

import sqlalchemy as sa
from alembic import op

from migrations.rls import isolate, tenant_table

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    people = {"mentee_id": "mentees", "mentor_id": "mentors"}
    tenant_table(
        "person_notes",
        *(sa.Column(name, sa.Uuid()) for name in people),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(mentee_id is null) <> (mentor_id is null)", name=op.f("ck_person_notes_one_person")),
        *(
            sa.ForeignKeyConstraint(
                ["tenant_id", name],
                [f"{table}.tenant_id", f"{table}.id"],
                name=op.f(f"fk_person_notes_tenant_id_{name}"),
                ondelete="CASCADE",
            )
            for name, table in people.items()
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_person_notes_user_id")),
    )
    for name in people:
        op.create_index(f"ix_person_notes_{name.removesuffix('_id')}", "person_notes", ["tenant_id", name, "created_at"])
    isolate("person_notes")


def downgrade() -> None:
    op.drop_table("person_notes")
