"""The queue of jobs (Procrastinate 3.10)."""

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The schema that the pinned version ships; a later version brings its own migrations.
    op.get_bind().connection.driver_connection.execute(SchemaManager.get_schema())


def downgrade() -> None:
    op.execute("""
        DO $$ DECLARE what record; BEGIN
          FOR what IN SELECT relname FROM pg_class WHERE relname LIKE 'procrastinate\\_%' AND relkind = 'r'
                      AND relnamespace = 'public'::regnamespace LOOP
            EXECUTE format('DROP TABLE %I CASCADE', what.relname);
          END LOOP;
          FOR what IN SELECT oid::regprocedure AS name FROM pg_proc WHERE proname LIKE 'procrastinate\\_%' LOOP
            EXECUTE format('DROP FUNCTION %s CASCADE', what.name);
          END LOOP;
          FOR what IN SELECT typname FROM pg_type WHERE typname LIKE 'procrastinate\\_%' AND typtype IN ('e', 'c') LOOP
            EXECUTE format('DROP TYPE %I CASCADE', what.typname);
          END LOOP;
        END $$;
    """)
