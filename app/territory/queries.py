"""Find a commune from what people type: a name, the beginning of one, or a postal code."""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from functools import cache

from sqlalchemy import select

from app.extensions import db

from .models import Commune, Departement

MOST = 8
MOST_IN_POSTAL_CODE = 60  # the largest rural code has fewer
PARIS = re.compile(r"^(paris|lyon|marseille) (\d{1,2})(?:e|er|eme)?(?: arrondissement)?$")


def plain(name: str) -> str:
    """A name without case, accent, hyphen or apostrophe."""
    return re.sub(r"[^a-z0-9]+", " ", bare(name)).strip()


def words_of(name: str) -> list[str]:
    """A person's name as it is searched and compared: its words, in any script, without case or accents."""
    return re.findall(r"\w+", bare(name))


def is_same_name(one: str, other: str) -> bool:
    """Whether two names have the same words, in whatever order."""
    return set(words_of(one)) == set(words_of(other))


def bare(name: str) -> str:
    letters = name.lower().replace("œ", "oe").replace("æ", "ae")
    return "".join(c for c in unicodedata.normalize("NFKD", letters) if not unicodedata.combining(c))


def fold(name: str) -> str:
    """A commune's name as it is compared: plain, and « St » is « Saint »."""
    return " ".join({"st": "saint", "ste": "sainte"}.get(word, word) for word in plain(name).split())


def find_commune(code: str) -> Commune | None:
    """The commune of an INSEE code."""
    return db.session.get(Commune, code)


def communes_of(codes: Collection[str]) -> Sequence[Commune]:
    """The communes of several INSEE codes, by name."""
    return db.session.scalars(select(Commune).where(Commune.code.in_(codes)).order_by(Commune.search)).all() if codes else []


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


def communes_by_postal_code(codes: Collection[str]) -> Mapping[str, Sequence[Commune]]:
    """The communes of each postal code, as it was typed; one that a spreadsheet robbed of its first zero is given it back."""
    whole = {code: re.sub(r"\s", "", code).zfill(5) for code in codes}
    statement = select(Commune).where(Commune.postal_codes.overlap(sorted(set(whole.values()))))
    found = db.session.scalars(statement).all() if whole else ()
    within: dict[str, list[Commune]] = {}
    for commune in found:
        for code in commune.postal_codes:
            within.setdefault(code, []).append(commune)
    return {code.strip(): within.get(known, []) for code, known in whole.items()}


def pick_commune(name: str, in_code: Sequence[Commune]) -> Commune | None:
    """The one commune that a file's name and postal code agree on; None when they do not."""
    wanted = PARIS.sub(r"\1", re.sub(r" cedex( \d+)?$", "", fold(re.sub(r"\([^()]*\)", "", name[:200]))))
    exact = next((commune for commune in in_code if commune.search == wanted), None)
    begins = [commune for commune in in_code if wanted and commune.search.startswith(f"{wanted} ")]
    return exact or (begins[0] if len(begins) == 1 else None)  # « Cherbourg », where the code knows one Cherbourg-en-Cotentin


def departement_names() -> list[tuple[str, str]]:
    """Every département's code and name."""
    return [(code, name) for code, name in db.session.execute(select(Departement.code, Departement.name))]


def departement_of(commune_code: str) -> str:
    """The département that a commune's INSEE code begins with: two characters, three overseas."""
    return commune_code[:3] if commune_code.startswith(("97", "98")) else commune_code[:2]


@cache
def regions() -> Mapping[str, tuple[str, str]]:
    """The region of each département, code and name, as shipped: the same for all, for good."""
    from .load import rows

    return {row["code"]: (row["region_code"], row["region_name"]) for row in rows("departements")}


def region_of(departement_code: str) -> str | None:
    """The code of the region that a département is in."""
    found = regions().get(departement_code)
    return found[0] if found else None


def region_choices() -> list[tuple[str, str]]:
    """Every region by name, for a list to choose from."""
    return sorted({code: name for code, name in regions().values() if name}.items(), key=lambda pair: fold(pair[1]))


def departement_choices() -> list[tuple[str, str]]:
    """Every département, for a list to choose from."""
    rows = db.session.scalars(select(Departement).order_by(Departement.code))
    return [(row.code, f"{row.code} · {row.name}") for row in rows]
