"""Find a commune from what people type: a name, the beginning of one, or a postal code."""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from difflib import SequenceMatcher
from functools import cache

from sqlalchemy import select

from app.extensions import db

from .models import Commune, Departement

MOST = 8
LONGEST = 100  # letters of what is searched: a name has 45 at most, and ten thousand would keep the database busy for two seconds
MOST_IN_POSTAL_CODE = 60  # the largest rural code has fewer
PARIS = re.compile(r"^(paris|lyon|marseille) (\d{1,2}) ?(?:e|er|eme|ieme|nd)?(?: arr(?:ondissement)?)?$")
CEDEX = re.compile(r" cedex( \d+)?$")
ARTICLE = re.compile(r"^(?:les?|la|l) ")
VAGUE = frozenset({"saint", "sainte", "les"})
CLOSE = 0.85  # of the letters, in one postal code: a slip of the fingers, « Grenobel »
CITIES = {  # of the codes of their arrondissements; 13200 or 69380 are postal codes of somewhere else
    **{f"751{rank:02}": "75056" for rank in range(1, 21)},
    **{f"6938{rank}": "69123" for rank in range(1, 10)},
    **{f"132{rank:02}": "13055" for rank in range(1, 17)},
}


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
    """The commune of an INSEE code; of an arrondissement of Paris, Lyon or Marseille, the city."""
    return db.session.get(Commune, CITIES.get(code, code))


def communes_of(codes: Collection[str]) -> Sequence[Commune]:
    """The communes of several INSEE codes, by name."""
    return db.session.scalars(select(Commune).where(Commune.code.in_(codes)).order_by(Commune.search)).all() if codes else []


def search_communes(typed: str) -> Sequence[Commune]:
    """The communes for what was typed, the most populated first: at most eight, or all those of a name or a postal code.

    « 38800 », « Pont-de-Claix », « le pont de cl », « 38800 Le Pont-de-Claix » and « Paris 11e » all find theirs.
    """
    if len(typed) > LONGEST:
        return []
    words = fold(typed)
    if district := PARIS.match(words):
        words = district.group(1)
    postal = next((word for word in words.split() if re.fullmatch(r"\d{5}", word)), None)
    name = " ".join(word for word in words.split() if word != postal)
    if not postal and len(name) < 2:
        return []
    statement = select(Commune).order_by(Commune.population.desc(), Commune.code).limit(MOST if name else MOST_IN_POSTAL_CODE)
    if postal:
        statement = statement.where(Commune.postal_codes.contains([postal]), Commune.search != "")
    if not name:
        return db.session.scalars(statement).all()
    exact = db.session.scalars(statement.where(Commune.search == name).limit(MOST_IN_POSTAL_CODE)).all()
    begins = db.session.scalars(statement.where(Commune.search.startswith(name, autoescape=True))).all()
    found = list(dict.fromkeys([*exact, *begins]))
    found = found or list(db.session.scalars(statement.where(Commune.former.contains(f"|{name}", autoescape=True))))
    return (
        found[: max(MOST, len(exact))] or db.session.scalars(statement.where(Commune.search.contains(name, autoescape=True))).all()
    )


def communes_by_postal_code(codes: Collection[str]) -> Mapping[str, Sequence[Commune]]:
    """The communes of each postal code, as it was typed; one that a spreadsheet robbed of its first zero is given it back."""
    whole = {code: whole_code(code) for code in codes}
    statement = select(Commune).where(Commune.postal_codes.overlap(sorted(set(whole.values()))), Commune.search != "")
    found = db.session.scalars(statement).all() if whole else ()
    within: dict[str, list[Commune]] = {}
    for commune in found:
        for code in commune.postal_codes:
            within.setdefault(code, []).append(commune)
    return {code.strip(): within.get(known, []) for code, known in whole.items()}


def communes_of_places(places: Collection[tuple[str, str]]) -> Mapping[tuple[str, str], Commune]:
    """The commune of each place, a name and a postal code as typed; a place on which the two do not agree has none.

    Where no commune has the code, for it is that of a CEDEX, the name in its département is enough. A name that is exactly that of
    another commune of the département contradicts the code.
    """
    in_code = communes_by_postal_code({code for _name, code in places})
    wanted = {name: place_name(name) for name, _code in places}
    named: dict[str, list[Commune]] = {}
    for commune in db.session.scalars(select(Commune).where(Commune.search.in_(set(wanted.values())))) if wanted else ():
        named.setdefault(commune.search, []).append(commune)
    found = {}
    for name, code in places:
        known = in_code.get(code.strip(), ())
        near = [one for one in named.get(wanted[name], ()) if is_posted_in(code, one)]
        if known:
            picked = pick_commune(name, known, is_elsewhere=any(one not in known for one in near))
        else:
            picked = near[0] if len(near) == 1 else None
        if picked is not None:
            found[(name, code)] = picked
    return found


def is_posted_in(postal_code: str, commune: Commune) -> bool:
    """Whether a postal code is of the commune's département; Corsica's two share theirs."""
    whole = whole_code(postal_code)
    return bool(re.fullmatch(r"\d{5}", whole)) and departement_of(whole) == re.sub("[AB]", "0", commune.departement_code)


def whole_code(typed: str) -> str:
    """A postal code in five figures: a spreadsheet takes its first zero, or gives it a decimal."""
    return re.sub(r"\s", "", typed).removesuffix(".0").zfill(5)


def place_name(typed: str) -> str:
    """The name of a commune in what people write: without its postal code, its district, a CEDEX, what stands in brackets."""
    words = re.sub(r"\b\d{5}\b", " ", re.sub(r"\([^()]*\)", " ", typed[:200]))
    return PARIS.sub(r"\1", CEDEX.sub("", fold(words)))


def pick_commune(name: str, in_code: Sequence[Commune], is_elsewhere: bool = False) -> Commune | None:
    """The one commune that a file's name and postal code agree on; None when they do not.

    A former name counts, and one without its article. Unless the name is another commune's, so do the beginning of a name that no
    other has, more than the name (« Lille Fives »), and a slip of the fingers.
    """
    wanted = place_name(name)
    exact = next((commune for said in names_in(name) for commune in in_code if is_named(said, commune)), None)
    if exact is not None or is_elsewhere or not wanted:
        return exact
    for is_like in (is_begun, is_continued, is_close):
        found = [commune for commune in in_code if is_like(wanted, commune)]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def names_in(typed: str) -> list[str]:
    """What may be the name: all that was typed, as in « Château-Chinon (Ville) », then without what may stand beside it."""
    return [name for name in (fold(typed[:200]), place_name(typed)) if name]


def is_named(wanted: str, commune: Commune) -> bool:
    """Whether a folded name is the commune's, today's or a former one, with its article or without."""
    return bare_name(wanted) == bare_name(commune.search) or f"|{wanted}|" in commune.former


def is_begun(wanted: str, commune: Commune) -> bool:
    """Whether a folded name begins the commune's: « Cherbourg » of Cherbourg-en-Cotentin; « Le » and « Saint » say nothing."""
    return len(wanted) > 3 and wanted not in VAGUE and commune.search.startswith(f"{wanted} ")


def is_continued(wanted: str, commune: Commune) -> bool:
    """Whether what was typed says more than the commune's name."""
    return wanted.startswith(f"{commune.search} ")


def is_close(wanted: str, commune: Commune) -> bool:
    return SequenceMatcher(None, wanted[:60], commune.search).ratio() >= CLOSE


def is_said(name: str, commune: Commune) -> bool:
    """Whether what was typed says this commune without a doubt."""
    return any(is_named(said, commune) for said in names_in(name))


def bare_name(search: str) -> str:
    return ARTICLE.sub("", search)


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
