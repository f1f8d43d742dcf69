-- The three roles of Binôme. In production, run this once as an administrator, then set the passwords:
--   ALTER ROLE binome_owner PASSWORD '...';  ALTER ROLE binome_app PASSWORD '...';
-- binome_owner   owns the schema and runs the migrations
-- binome_app     is what the application connects as: it owns nothing and cannot bypass row level security
-- binome_backup  reads everything, writes nothing: pg_dump
DO $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'binome_owner') THEN
    CREATE ROLE binome_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
  END IF;
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'binome_app') THEN
    CREATE ROLE binome_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOINHERIT;
  END IF;
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'binome_backup') THEN
    CREATE ROLE binome_backup LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE BYPASSRLS;
  END IF;
END $$;
