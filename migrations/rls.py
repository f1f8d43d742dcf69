"""Put a table under isolation: the one function that migrations call for each tenant table."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op

SETTING = "app.tenant_id"


def tenant_table(name: str, *columns: sa.schema.SchemaItem) -> None:
    """A table whose rows belong to one tenant, as every one begins; `isolate` still has to be called for it."""
    op.create_table(
        name,
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f(f"pk_{name}")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f(f"fk_{name}_tenant_id")),
    )


def isolate(*tables: str) -> None:
    """Only rows of the transaction's tenant can be seen or written, by anybody but a role that bypasses row level security.

    An unset tenant raises an error: `current_setting` without a second argument does.
    """
    tenant = f"current_setting('{SETTING}')::uuid"
    for table in tables:
        op.execute(f"ALTER TABLE {table} ALTER COLUMN tenant_id SET DEFAULT {tenant}")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant ON {table} USING (tenant_id = {tenant}) WITH CHECK (tenant_id = {tenant})")


@contextmanager
def seen_by_owner(*tables: str) -> Iterator[None]:
    """Let the owner, inside this block, check every tenant's rows: adding a foreign key reads them all."""
    for table in tables:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    yield
    for table in tables:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
