"""Meetings at home are agreed by each adult too; names are searched in their index alone."""

from importlib import import_module

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

BEFORE: str = import_module("migrations.versions.0018_life_of_pairs").MISSING
# A guardian allows it for a minor; an adult says it on their file, or in words that were noted since they came of age.
HOME = """
CREATE FUNCTION gate_home(space uuid, a_mentor uuid, a_mentee uuid, places text[], born date, day date) RETURNS boolean
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT CASE
    WHEN coalesce(extract(year FROM age(day, born)) < 18, true) THEN gate_allowed(space, a_mentor, a_mentee, 'home', day)
    ELSE 'home' = ANY (places) OR EXISTS (
      SELECT 1 FROM authorisations WHERE tenant_id = space AND kind = 'home' AND (mentor_id = a_mentor OR mentee_id = a_mentee)
      AND extract(year FROM age(given_on, born)) >= 18 AND given_on <= day AND coalesce(withdrawn_on > day, true))
  END
$$;
"""
LINES = {
    "IF home AND minor AND NOT gate_allowed(space, NULL, a_mentee, 'home', day)":
    "IF home AND NOT gate_home(space, NULL, a_mentee, mentee.places, mentee.birth_date, day)",
    "IF home AND coalesce(years < 18, true) AND NOT gate_allowed(space, a_mentor, NULL, 'home', day)":
    "IF home AND NOT gate_home(space, a_mentor, NULL, mentor.places, mentor.birth_date, day)",
}  # fmt: skip


def upgrade() -> None:
    for kind in ("mentors", "mentees"):
        op.create_index(f"ix_{kind}_search", kind, ["tenant_id", "search_name", "id"])
    op.execute(HOME)
    op.execute(missing(LINES))


def missing(lines: dict[str, str]) -> str:
    """The gate of migration 0018, with these lines of it written anew."""
    function = BEFORE.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
    for old, new in lines.items():
        assert function.count(old) == 1, old
        function = function.replace(old, new)
    return function


def downgrade() -> None:
    """Only minors are asked about."""
    op.execute(missing({}))
    op.execute("DROP FUNCTION gate_home(uuid, uuid, uuid, text[], date, date)")
    for kind in ("mentors", "mentees"):
        op.drop_index(f"ix_{kind}_search", table_name=kind)
