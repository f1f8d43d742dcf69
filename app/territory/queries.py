"""Find a commune from what people type: a name, the beginning of one, or a postal code."""

import re
import unicodedata
from collections.abc import Sequence

from sqlalchemy import select

from app.extensions import db

from .models import Commune, Departement

MOST = 8
MOST_IN_POSTAL_CODE = 60  # the largest rural code has fewer
PARIS = re.compile(r"^(paris|lyon|marseille) (\d{1,2})(?:e|er|eme)?(?: arrondissement)?$")


def plain(name: str) -> str:
    """A name without case, accent, hyphen or apostrophe."""
    letters = name.lower().replace("œ", "oe").replace("æ", "ae")
    letters = "".join(c for c in unicodedata.normalize("NFKD", letters) if not unicodedata.combining(c))
    return re.sub(r"[^a-z0-9]+", " ", letters).strip()


def fold(name: str) -> str:
    """A commune's name as it is compared: plain, and « St » is « Saint »."""
    return " ".join({"st": "saint", "ste": "sainte"}.get(word, word) for word in plain(name).split())


def find_commune(code: str) -> Commune | None:
    """The commune of an INSEE code."""
    return db.session.get(Commune, code)


def search_communes(typed: str) -> Sequence[Commune]:
    """The communes for what was typed, the most populated first: at most eight, or all those of a postal code.

    « 38800 », « Pont-de-Claix », « le pont de cl », « 38800 Le Pont-de-Claix » and « Paris 11e » all find theirs.
    """
    words = fold(typed)
    if district := PARIS.match(words):
        words = district.group(1)
    postal = next((word for word in words.split() if re.fullmatch(r"\d{5}", word)), None)
    name = " ".join(word for word in words.split() if word != postal)
    if not postal and len(name) < 2:
        return []
    statement = select(Commune).order_by(Commune.population.desc(), Commune.code).limit(MOST if name else MOST_IN_POSTAL_CODE)
    if postal:
        statement = statement.where(Commune.postal_codes.contains([postal]))
    if not name:
        return db.session.scalars(statement).all()
    exact = db.session.scalars(statement.where(Commune.search == name)).all()
    begins = db.session.scalars(statement.where(Commune.search.startswith(name, autoescape=True))).all()
    found = list(dict.fromkeys([*exact, *begins]))
    return found[:MOST] or db.session.scalars(statement.where(Commune.search.contains(name, autoescape=True))).all()


def match_commune(name: str, postal_code: str) -> Commune | None:
    """The one commune that a file's name and postal code agree on; None when they do not.

    A postal code that a spreadsheet robbed of its first zero is given it back.
    """
    code = postal_code.strip().zfill(5)
    in_code = db.session.scalars(select(Commune).where(Commune.postal_codes.contains([code]))).all()
    wanted = PARIS.sub(r"\1", fold(name))
    return next((commune for commune in in_code if commune.search == wanted), None)


def departement_names() -> list[tuple[str, str]]:
    """Every département's code and name."""
    return [(code, name) for code, name in db.session.execute(select(Departement.code, Departement.name))]


def departement_choices() -> list[tuple[str, str]]:
    """Every département, for a list to choose from."""
    rows = db.session.scalars(select(Departement).order_by(Departement.code))
    return [(row.code, f"{row.code} · {row.name}") for row in rows]
