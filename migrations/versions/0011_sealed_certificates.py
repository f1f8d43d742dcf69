"""Certificates of five kinds, sealed, corrected, shared and made by the hundred."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.rls import isolate, seen_by_owner

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

KINDS = "kind in ('training', 'engagement', 'participation', 'hours', 'yearly')"
TENANT_TABLES = ("signatories", "certificate_wordings", "association_seals", "certificate_batches", "certificate_batch_items")


def tenant_columns() -> list[sa.Column]:
    """What each tenant table begins with."""
    return [
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
    ]


def tenant_keys(table: str) -> list[sa.Constraint]:
    return [
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f(f"pk_{table}")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f(f"fk_{table}_tenant_id")),
    ]


def within(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    """A foreign key inside one tenant."""
    columns = ["tenant_id", column], [f"{target}.tenant_id", f"{target}.id"]
    return sa.ForeignKeyConstraint(*columns, name=op.f(f"fk_{table}_tenant_id_{column}"))


def upgrade() -> None:
    for table in ("mentors", "mentees"):
        op.add_column(table, sa.Column("agreement", sa.Text(), server_default="neutral", nullable=False))
        op.create_check_constraint(op.f(f"ck_{table}_agreement"), table, "agreement in ('neutral', 'feminine', 'masculine')")
    op.create_table(
        "signatories", *tenant_columns(),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("signature_key", sa.Text()),
        sa.Column("retired_at", sa.DateTime(timezone=True)),
        *tenant_keys("signatories"),
    )  # fmt: skip
    op.create_table(
        "certificate_wordings", *tenant_columns(),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("signatory_id", sa.Uuid()),
        *tenant_keys("certificate_wordings"),
        within("certificate_wordings", "signatory_id", "signatories"),
        sa.UniqueConstraint("tenant_id", "kind", name=op.f("uq_certificate_wordings_tenant_id_kind")),
        sa.CheckConstraint(KINDS, name=op.f("ck_certificate_wordings_kind")),
    )  # fmt: skip
    op.create_table(
        "signing_keys",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("certificate", sa.LargeBinary(), nullable=False),
        sa.Column("private_key", sa.LargeBinary()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_signing_keys")),
    )
    op.create_index("uq_signing_keys_current", "signing_keys", [sa.text("(retired_at is null)")], unique=True,
                    postgresql_where=sa.text("retired_at is null"))  # fmt: skip
    op.create_table(
        "association_seals", *tenant_columns(),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("not_after", sa.Date(), nullable=False),
        sa.Column("pkcs12", sa.LargeBinary(), nullable=False),
        sa.Column("passphrase", sa.LargeBinary(), nullable=False),
        *tenant_keys("association_seals"),
        sa.UniqueConstraint("tenant_id", name=op.f("uq_association_seals_tenant_id")),
    )  # fmt: skip
    op.create_table(
        "certificate_batches", *tenant_columns(),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("criteria", postgresql.JSONB(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tells_holders", sa.Boolean(), nullable=False),
        sa.Column("started_by", sa.Uuid(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.Column("zip_key", sa.Text()),
        sa.Column("print_key", sa.Text()),
        *tenant_keys("certificate_batches"),
        sa.ForeignKeyConstraint(["started_by"], ["users.id"], name=op.f("fk_certificate_batches_started_by")),
        sa.CheckConstraint(KINDS, name=op.f("ck_certificate_batches_kind")),
        sa.CheckConstraint("state in ('running', 'done', 'cancelled')", name=op.f("ck_certificate_batches_state")),
    )  # fmt: skip
    op.create_index("ix_certificate_batches_created_at", "certificate_batches", ["tenant_id", "created_at"])
    with seen_by_owner("certificates", "mentees"):
        change_certificates()
    op.create_table(
        "certificate_batch_items", *tenant_columns(),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("certificate_id", sa.Uuid()),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        *tenant_keys("certificate_batch_items"),
        within("certificate_batch_items", "batch_id", "certificate_batches"),
        within("certificate_batch_items", "certificate_id", "certificates"),
        sa.UniqueConstraint("tenant_id", "batch_id", "source_id", name=op.f("uq_certificate_batch_items_tenant_id_batch_id_source_id")),
        sa.CheckConstraint("state in ('waiting', 'done', 'failed', 'cancelled')", name=op.f("ck_certificate_batch_items_state")),
    )  # fmt: skip
    op.create_index("ix_certificate_batch_items_state", "certificate_batch_items", ["tenant_id", "batch_id", "state"])
    isolate(*TENANT_TABLES)


def change_certificates() -> None:
    """What a certificate is about, what it replaces, who took it back, which key sealed it."""
    op.add_column("certificate_counters",
                  sa.Column("freed", postgresql.ARRAY(sa.Integer()), server_default="{}", nullable=False))  # fmt: skip
    op.alter_column("certificates", "mentor_id", nullable=True)
    for column in ("mentee_id", "replaces_id", "batch_id", "revoked_by"):
        op.add_column("certificates", sa.Column(column, sa.Uuid()))
    op.add_column("certificates", sa.Column("share_key", sa.Text()))
    for column in ("rendered_sha256", "sealed_by"):
        op.add_column("certificates", sa.Column(column, sa.Text(), server_default="", nullable=False))
        op.alter_column("certificates", column, server_default=None)
    for column, target in (("mentee_id", "mentees"), ("replaces_id", "certificates"), ("batch_id", "certificate_batches")):
        name = op.f(f"fk_certificates_tenant_id_{column}")
        op.create_foreign_key(name, "certificates", target, ["tenant_id", column], ["tenant_id", "id"])
    op.create_foreign_key(op.f("fk_certificates_revoked_by"), "certificates", "users", ["revoked_by"], ["id"])
    op.drop_constraint(op.f("ck_certificates_kind"), "certificates")
    op.create_check_constraint(op.f("ck_certificates_kind"), "certificates", KINDS)
    op.create_check_constraint(op.f("ck_certificates_holder"), "certificates", "num_nonnulls(mentor_id, mentee_id) = 1")
    op.create_unique_constraint(op.f("uq_certificates_tenant_id_replaces_id"), "certificates", ["tenant_id", "replaces_id"])
    op.drop_index("uq_certificates_completion", "certificates")
    op.create_index("uq_certificates_completion", "certificates", ["tenant_id", "completion_id"], unique=True,
                    postgresql_where=sa.text("revoked_at is null"))  # fmt: skip
    op.create_index("ix_certificates_mentee", "certificates", ["tenant_id", "mentee_id"])
    op.create_index("ix_certificates_pair", "certificates", ["tenant_id", "pair_id"])


def downgrade() -> None:
    op.drop_table("certificate_batch_items")
    op.drop_index("ix_certificates_pair", "certificates")
    op.drop_index("ix_certificates_mentee", "certificates")
    op.drop_index("uq_certificates_completion", "certificates")
    op.create_index("uq_certificates_completion", "certificates", ["tenant_id", "completion_id"], unique=True)
    op.drop_constraint(op.f("uq_certificates_tenant_id_replaces_id"), "certificates")
    op.drop_constraint(op.f("ck_certificates_holder"), "certificates")
    op.drop_constraint(op.f("ck_certificates_kind"), "certificates")
    op.create_check_constraint(op.f("ck_certificates_kind"), "certificates", "kind in ('training', 'engagement')")
    for column in ("mentee_id", "replaces_id", "batch_id", "revoked_by", "share_key", "rendered_sha256", "sealed_by"):
        op.drop_column("certificates", column)
    op.alter_column("certificates", "mentor_id", nullable=False)
    op.drop_column("certificate_counters", "freed")
    for table in ("certificate_batches", "association_seals", "signing_keys", "certificate_wordings", "signatories"):
        op.drop_table(table)
    for table in ("mentors", "mentees"):
        op.drop_constraint(op.f(f"ck_{table}_agreement"), table)
        op.drop_column(table, "agreement")
