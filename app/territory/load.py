"""Put the shipped official lists into the database."""

import csv
import gzip
import hashlib
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.dialects.postgresql import insert

from .models import Departement
from .queries import fold

DATA = Path(__file__).parent / "data"
COLUMNS = "code, name, search, departement_code, arrondissement, epci, population, postal_codes, former"
MERGE = f"""
INSERT INTO communes ({COLUMNS}) SELECT {COLUMNS} FROM fresh
ON CONFLICT (code) DO UPDATE SET ({COLUMNS}) = ({", ".join(f"excluded.{name}" for name in COLUMNS.split(", "))})
"""  # noqa: S608  (names of our own columns)
# Communes that are no more: each was merged into another, whose former names say it.
GONE = """
CREATE TEMP TABLE gone ON COMMIT DROP AS
SELECT code, search, departement_code, postal_codes FROM communes WHERE search <> '' AND code NOT IN (SELECT code FROM fresh)
"""
HEIRS = """
CREATE TEMP TABLE heirs ON COMMIT DROP AS
SELECT gone.code, heir.code AS heir FROM gone
JOIN fresh heir ON heir.departement_code = gone.departement_code AND heir.postal_codes && gone.postal_codes
    AND heir.former LIKE '%|' || gone.search || '|%'
"""
# Who served one of them serves the one that took it in.
FOLLOW = """
UPDATE tenants SET communes = ARRAY(
    SELECT DISTINCT coalesce(heir, served.code)
    FROM unnest(tenants.communes) AS served (code) LEFT JOIN heirs ON heirs.code = served.code
    ORDER BY 1
) WHERE communes && ARRAY(SELECT code FROM heirs)
"""
# They are found no more; for those who live there they stay.
RETIRE = "UPDATE communes SET search = '', former = '' WHERE code IN (SELECT code FROM gone)"
# Until then, whoever looks for a postal code reads first all that has just been written.
SORT_IN = "SELECT gin_clean_pending_list('ix_communes_postal_codes')"


def shipped() -> str:
    """What the shipped lists are, in one word: a database whose lists are others brings them up to date."""
    return hashlib.sha256(b"".join((DATA / f"{name}.csv.gz").read_bytes() for name in ("departements", "communes"))).hexdigest()


def rows(name: str) -> Iterator[dict[str, str]]:
    with gzip.open(DATA / f"{name}.csv.gz", "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def load_territory(connection: Connection) -> int:
    """Bring the lists up to date with the shipped ones, as their owner, and return the number of communes.

    Until the transaction ends, the table `heirs` says of each commune that is no more which one took it in.
    """
    departements = insert(Departement)
    names = {c.name: departements.excluded[c.name] for c in Departement.__table__.columns}
    connection.execute(departements.on_conflict_do_update(index_elements=["code"], set_=names), list(rows("departements")))
    connection.execute(text("CREATE TEMP TABLE fresh (LIKE communes) ON COMMIT DROP"))
    driver = connection.connection.driver_connection
    count = 0
    with driver.cursor().copy(f"COPY fresh ({COLUMNS}) FROM STDIN") as copy:  # type: ignore[union-attr]
        for row in rows("communes"):
            codes, former = row["postal_codes"].split(), "".join(f"|{fold(name)}|" for name in row["former"].split("|") if name)
            copy.write_row((row["code"], row["name"], fold(row["name"]), row["departement_code"], row["arrondissement"],
                            row["epci"], int(row["population"]), codes, former))  # fmt: skip
            count += 1
    for statement in (MERGE, GONE, HEIRS, FOLLOW, RETIRE, SORT_IN, "ANALYZE communes"):
        connection.execute(text(statement))
    connection.execute(text(f"COMMENT ON INDEX pk_communes IS '{shipped()}'"))
    return count
