"""What the database's gate refuses, in sentences."""

from collections.abc import Iterable
from contextlib import AbstractContextManager

from psycopg.errors import Error as PsycopgError
from sqlalchemy.exc import DBAPIError

from app.database import attempt
from app.errors import DomainError
from app.translation import gettext as _

# What the database's gate answers: SQLSTATE, or the constraint's name.
REFUSALS = {
    "BN001": "trained",
    "BN002": "capacity",
    "BN003": "pieces",
    "BN004": "open",
    "BN005": "overlap",
    "uq_pairs_one_open": "free",
}


class GateClosed(DomainError):
    """These two cannot meet yet; the sentence lists what keeps the gate closed."""


def refuse(sentences: Iterable[str]) -> None:
    """Raise GateClosed with these sentences; nothing when there is none."""
    said = " ".join(sentences)
    if said:
        raise GateClosed(said)


def gated() -> AbstractContextManager[None]:
    """Store what this block does, or nothing of it. Raises GateClosed when the database's gate refuses it."""
    return attempt(lambda error: GateClosed(refusal(error)))


def refusal(error: DBAPIError) -> str:
    """The database's refusal in a sentence. An error that is no refusal is raised again."""
    original = error.orig
    assert isinstance(original, PsycopgError)
    code = REFUSALS.get(original.sqlstate or "") or REFUSALS.get(original.diag.constraint_name or "")
    sentences = {
        "trained": _("Cette personne n'a pas terminé la formation obligatoire."),
        "capacity": _("Cette personne vient d'être engagée dans un autre binôme : sa capacité est atteinte."),
        "pieces": _("Il manque un document ou une autorisation, qui vient peut-être d'être retirée."),
        "open": _("L'un des deux dossiers vient d'être fermé ou mis en pause, ou la personne accompagnée a 30 ans."),
        "overlap": _("Cette personne avait encore son binôme précédent à cette date : choisissez un début plus tard."),
        "free": _("Cette personne vient d'entrer dans un autre binôme."),
    }
    if code is None:
        raise error
    return sentences[code]
