"""What the tests of files share: a good row, some cells of it changed; a week in November; importing a file or lines."""

from pathlib import Path

import pytest
import time_machine

from app.leads.importing import import_leads

DATA = Path(__file__).parent / "data"
WEEK_46, WEEK_47 = DATA / "demandes-semaine-46.csv", DATA / "demandes-semaine-47.csv"
NB = "\u00a0"
HEADER = "Date de création;Nom;Prénom;Âge;Téléphone;Email;Ville;Code postal"
ROW = "2026-11-02T17:18:20.000Z;Voisin;Chantal;18;0612345678;c@example.org;Lyon;69001"


@pytest.fixture
def that_week():
    """The files are of November 2026."""
    with time_machine.travel("2026-11-24T08:00:00Z", tick=False) as clock:
        yield clock


@pytest.fixture
def import_file(programme, in_space, tmp_path):
    """Import a file, or lines, into the programme's space."""

    def load(what):
        path = what if isinstance(what, Path) else tmp_path / "demandes.csv"
        if not isinstance(what, Path):
            path.write_bytes(what if isinstance(what, bytes) else what.encode())
        with in_space(programme):
            return import_leads(path, programme)

    return load


def row(**changes):
    """A good file of one row, some cells of it changed."""
    names = ["date", "last", "first", "age", "phone", "email", "city", "code"]
    cells = {**dict(zip(names, ROW.split(";"), strict=True)), **changes}
    return f"{HEADER}\r\n{';'.join(cells.values())}\r\n"


def problems(found):
    """Line, column, cause."""
    return [(p.line, p.column, " ".join(p.cause.split())) for p in found]


def taken(report):
    """The one request of a file, and what was remarked."""
    [lead] = report.added
    return lead, [cause.replace(NB, " ") for _line, _column, cause in problems(report.remarks)]
