"""One row of a file of requests: its values as people and programs write them, and what each refusal or remark says."""

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from flask import current_app

from app.database import now
from app.fields import Line, Text
from app.territory.models import Commune
from app.territory.queries import fold, is_said, plain, words_of
from app.translation import gettext as _
from app.translation import ngettext

from .dates import OLDEST_YEAR, day_in_paris, earliest, is_unclear, read_day, read_request
from .names import cut_names, in_doubt, is_of_several, read_first_name, read_name, several
from .reaching import REPRESENTED, BadValue, reached
from .words import ADULT, NEEDS_SHORT, OLDEST, YOUNGEST_MENTOR, LeadKind, age_on, is_age

LONG_AGO = 5  # years
LONGEST_AGE = 4  # figures: a year of birth has as many
TRIALS = frozenset({"test", "essai", "toto"})  # rows that somebody typed to see
SCHOOL = (  # what may stand beside an age: « 16 ans (en 3e) »
    r"(?:en |classe de )?(?:[3-6] ?(?:e|[èe]me)|2n?de|seconde|1[èe]?re|premi[èe]re|t(?:erminale|a?le)"
    r"|(?:bac|lyc[ée]e) pro|coll[èe]ge|lyc[ée]e)"
)
AGE = re.compile(
    r"([0-9]+)(?:[.,][0-9]+| ?½| 1/2)?(?: ?(?:ans?|ann[ée]es?|years?(?: old)?|a)\.?"
    r"(?: et demi| ?½| 1/2|(?: et)? \d{1,2} mois| r[ée]volus| pass[ée]s)?)?"
    rf"(?: ?\(bient[ôo]t \d+(?: ans)?\)| ?\({SCHOOL}\)|,? {SCHOOL})?",
    re.IGNORECASE,
)
MINOR = re.compile(r"(?:mineure?|(?:moins de|[-–—<]) ?18\b)", re.IGNORECASE)  # where an age is asked
NEED_WORDS = {  # beginnings of words that say one of the three needs, or whole words (cours, and not course)
    "school": "scol ecole devoir soutien cours$ methode examen bac$ brevet revis educ etudes math",
    "orientation": "orient parcours metier filiere reconver projet",
    "employment": "emploi stage alternan apprenti cv$ entretien insertion job$ jobs$ embauche professionnel",
}
SAID_NO = re.compile(r"[\w' -]{1,60}[:=] ?non\b", re.IGNORECASE)  # « Scolarité : non »
OTHERWISE = (  # what these words say together with others
    (re.compile(r"\bemploi du temps\b"), "methode"),
    (re.compile(r"\b(?:difficultes?|troubles?)(?: \w+)?(?: d| de l| de| des| dans l| dans les)? apprentissages?\b"), "scolaire"),
    (re.compile(r"\b(?:pas|non) concernee?s?\b.*"), ""),
    (re.compile(r"\bsans emploi\b"), ""),
    (re.compile(r"\b(?:pas|non|aucune?) (?:de |d |besoin de |besoin d )?(\w+)( \w+)?\b"), ""),
    (re.compile(r"\bapprentissages? (?:du |de la |de l |des |d |en )?(?:francais|langue|lecture|anglais|math\w*)\b"), "scolaire"),
    (
        re.compile(
            r"\bparcours (?:migratoire|de soins?)\b|\bprojet de logement\b|\bcours de diagnostic\b|\bentretien avec .{0,4}psy\w*"
        ),
        "",
    ),
    (re.compile(r"\bsoutien (?:psycho\w*|moral|affectif)\b"), ""),
)
NEED_BEGINNINGS = tuple(start for starts in NEED_WORDS.values() for start in starts.split())
FILLER_WORDS = (  # of a need: they say nothing else
    "a ai aide aider alternance apprentissage au aupres aux avec besoin cherche chercher choisir choix d dans de des du en et faire"
    " francais il je j l la le les ma maths mathematiques mes mieux mon moi nos notre ou par pour preparer recherche rechercher sa"
    " ses son sur trouver un une vers votre accompagnement accompagner appui contrat demande mentor mentorat"
    " personnelle travail scolaire"
)
FILLERS = frozenset(f"{word}$" for word in FILLER_WORDS.split())
Value = TypeVar("Value")


def read_row(
    row: Mapping[str, str], communes: Mapping[tuple[str, str], Commune], kind: LeadKind, is_any_date: bool = False
) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """The values of a request, whose date may be another one (« Date »), and remarks. Raises BadValue at the first that is bad."""
    requested_at = read(row, "requested_at", read_request)
    last_name = read(row, "last_name", lambda value: read_name(value, kind))
    if is_of_several(row.get("full_name", "")):
        raise BadValue("first_name", several(row["full_name"]))
    if row.get("full_name") and not row["first_name"]:
        raise BadValue("first_name", _("« %(value)s » : il manque le prénom.", value=last_name[:60]))
    first_name = read(row, "first_name", lambda value: read_first_name(value, kind))
    if plain(last_name) == plain(first_name) and plain(first_name) in TRIALS:
        raise BadValue("last_name", _("« %(value)s » : cette ligne est un essai.", value=f"{first_name} {last_name}"))
    born, age, remarks = read_birth(row, kind, requested_at, is_any_date)
    (phone, email, others), (represented, unclear) = reached(row, age, kind)
    commune, doubts = read_place(row, communes)
    message, source, cuts = read_words(row)
    needs, unknown = read_needs(row, kind)
    moment = requested_at.replace(second=0, microsecond=0).isoformat() if requested_at else ""  # a spreadsheet drops them
    of_mentor = [] if kind == LeadKind.MENTEE else [kind]  # somebody may ask for a mentor, and later offer to be one
    ways = (email, phone) if email or phone else (represented["guardian_email"], represented["guardian_phone"])
    identity = "|".join([*of_mentor, moment, same_name(last_name), same_name(first_name), *((way or "").lower() for way in ways)])
    return {
        "first_name": first_name,
        "last_name": last_name,
        "email": email,
        "phone": phone,
        "birth_date": born,
        "age": age,
        **represented,
        **needs,
        "message": message,
        "source": source or "fichier",
        "requested_at": requested_at or now(),
        "commune_code": commune.code,
        "commune_name": commune.name,
        "departement_code": commune.departement_code,
        "fingerprint": hashlib.sha256(identity.encode()).hexdigest(),
    }, [*in_doubt(row), *cut_names(row, last_name, first_name), *remarks, *others, *doubts, *unclear, *unknown, *cuts]


def same_name(name: str) -> str:
    """A name as it counts in what makes two rows the same; also in a script that has none of our letters."""
    return fold(name) or " ".join(words_of(name))


def read(row: Mapping[str, str], name: str, reader: Callable[[str], Value]) -> Value:
    """One value, cleaned and read. Raises BadValue that names the column."""
    try:
        return reader(Line.clean(row.get(name, "")) or "")
    except ValueError as error:
        raise BadValue(name, str(error)) from error


def read_place(row: Mapping[str, str], communes: Mapping[tuple[str, str], Commune]) -> tuple[Commune, list[tuple[str, str]]]:
    """The commune that the city and the postal code agree on, and a remark when it took some guessing. Raises BadValue."""
    city, postal_code = (Line.clean(row.get(name, "")) or "" for name in ("city", "postal_code"))
    for name, value in (("city", city), ("postal_code", postal_code)):
        if not value:
            raise BadValue(name, _("vide."))
        if len(value) > 100:
            raise BadValue(name, _("« %(value)s… » est trop long : 100 caractères au plus.", value=value[:60]))
    commune = communes.get((row["city"], row["postal_code"]))
    if commune is None:
        cause = _("« %(city)s » et « %(code)s » ne désignent pas une commune.", city=city, code=postal_code)
        raise BadValue("city", cause)
    if is_said(city, commune):
        return commune, []
    return commune, [("city", _("« %(city)s » lu : %(commune)s.", city=city, commune=commune.name))]


def read_words(row: Mapping[str, str]) -> tuple[str | None, str | None, list[tuple[str, str]]]:
    """The comment and the origin; what is too long to be kept whole is remarked."""
    kept: list[str | None] = []
    remarks = []
    for name, clean, longest in (("message", Text.clean, 2000), ("source", Line.clean, 40)):
        value = clean(row.get(name, "")) or ""
        if len(value) > longest:
            remarks.append((name, _("coupé à %(count)s caractères.", count=longest)))
        kept.append(value[:longest].strip() or None)
    return kept[0], kept[1], remarks


def read_birth(
    row: Mapping[str, str], kind: LeadKind, requested_at: datetime | None = None, is_any_date: bool = False
) -> tuple[date | None, int, list[tuple[str, str]]]:
    """The date of birth when the file has one, the age, and a remark where they contradict each other. Raises BadValue.

    An age that was said more than a year ago has grown since.
    """
    said, typed = row.get("age", "").strip(), row.get("birth_date", "").strip()
    if not typed:
        column = "birth_date" if "birth_date" in row and "age" not in row else "age"
        return None, *grown(row, column, kind, requested_at, is_any_date)
    born = None
    try:
        born = read(row, "birth_date", read_day)
    except BadValue:
        if not said or (is_adult(said) and is_unclear(typed) and not is_adult(typed)):
            raise
    today = day_in_paris(now())
    age = age_on(born, today) if born else None
    # No date, or today's, or the first that a program knows, where the age says another:
    if age is None or (said and not is_age(age, kind)):
        said_age, remarks = grown(row, "age", kind, requested_at, is_any_date)
        at_most = age_on(since, today) if born is None and (since := earliest(typed)) else said_age
        if kind == LeadKind.MENTEE and is_age(at_most, kind) and at_most < ADULT <= said_age:
            raise contradiction(said, at_most)
        is_date = any(letter.isdigit() for letter in typed)  # not « ? », nor « inconnue »
        cause = _("« %(value)s » laissé de côté : l'âge suffit.", value=typed[:60])
        return None, said_age, [*remarks, *([("birth_date", cause)] if is_date else [])]
    age = read({"birth_date": str(age)}, "birth_date", lambda value: read_age(value, kind))
    if kind == LeadKind.MENTEE and age >= ADULT and MINOR.match(said):
        raise contradiction(said, age)
    figures = re.search(r"\d{1,3}", said)
    if figures is None or abs(int(figures[0]) - age) <= 1:
        return born, age, []
    years = (now() - requested_at).days // 365 if requested_at else 0
    if int(figures[0]) < ADULT <= age and kind == LeadKind.MENTEE and abs(int(figures[0]) + years - age) > 1:
        raise contradiction(said, age)
    return born, age, [("age", _("« %(value)s » laissé de côté : la date de naissance dit %(age)s ans.", value=said, age=age))]


def is_adult(said: str) -> bool:
    """Whether the age that a row says is an adult's; « 030410 » is none."""
    figures = AGE.fullmatch(said)
    return figures is not None and len(figures[1]) <= LONGEST_AGE and ADULT <= int(figures[1]) <= OLDEST


def contradiction(said: str, age: int) -> BadValue:
    """What refuses an age and a date of birth of which one is a minor's and the other an adult's."""
    return BadValue(
        "age",
        _("« %(value)s » : la date de naissance dit %(age)s ans. Qui est mineur ? Corrigez l'un des deux.", value=said, age=age),
    )


def grown(
    row: Mapping[str, str], column: str, kind: LeadKind, requested_at: datetime | None, is_any_date: bool
) -> tuple[int, list[tuple[str, str]]]:
    """The age that a row says, as it is today, and a remark where it grew since, or may have. Raises BadValue."""
    years = (now() - requested_at).days // 365 if requested_at else 0
    if years <= 0 or (is_any_date and years > LONG_AGO):
        age = read(row, column, lambda value: read_age(value, kind))
        since = age_on(day_in_paris(requested_at), day_in_paris(now())) if requested_at else 0
        if is_any_date and kind == LeadKind.MENTEE and is_age(since, kind) and since < ADULT <= age:
            said = {"age": age, "years": since}
            cause = _("« %(age)s ans », à côté d'une date d'il y a %(years)s ans, de naissance peut-être : corrigez.", **said)
            raise BadValue(column, cause)
        cause = _("« %(age)s ans » gardé, à côté d'une date d'il y a %(years)s ans : vérifiez.", age=age, years=years)
        return age, [(column, cause)] if years > 0 else []
    then = read(row, column, lambda value: read_age(value, kind, then=True))
    if then < ADULT <= then + years and any(row.get(name, "").strip() for name in REPRESENTED):
        cause = _("%(then)s ans quand la demande a été faite : gardé, puisqu'un parent est nommé, vérifiez.", then=then)
        return then, [(column, cause)]
    if kind == LeadKind.MENTEE and then < ADULT <= then + years:
        cause = _(
            "%(then)s ans à une date ancienne : mineur ou majeur aujourd'hui ? Donnez la date de naissance.",
            then=then,
        )
        raise BadValue(column, cause)
    age = read({column: str(then + years)}, column, lambda value: read_age(value, kind))
    cause = _("%(then)s ans quand la demande a été faite : compté %(age)s ans aujourd'hui, vérifiez.", then=then, age=age)
    return age, [(column, cause)]


def read_age(value: str, kind: LeadKind, then: bool = False) -> int:
    """An age in figures, of whom the programme accompanies today; said long ago, any. Raises ValueError."""
    if not value:
        raise ValueError(_("vide."))
    figures = AGE.fullmatch(value)
    if figures is None:
        raise ValueError(_("« %(value)s » n'est pas un nombre.", value=value))
    if len(figures[1]) > LONGEST_AGE:
        raise ValueError(_("« %(value)s » n'est pas un âge.", value=value[:60]))
    age = int(figures[1])
    if (then and age <= OLDEST) or is_age(age, kind):
        return age
    if OLDEST_YEAR <= age <= now().year:
        raise ValueError(_("« %(value)s » est une année : il faut un âge, ou une date de naissance entière.", value=value))
    said = ngettext("%(num)s an", "%(num)s ans", age)
    if kind == LeadKind.MENTEE:
        raise ValueError(_("%(age)s : le programme accompagne de 6 à 29 ans.", age=said))
    if age < YOUNGEST_MENTOR:
        raise ValueError(_("%(age)s : on est mentor à partir de %(youngest)s ans.", age=said, youngest=YOUNGEST_MENTOR))
    raise ValueError(_("%(age)s : ce n'est pas un âge possible.", age=said))


def read_needs(row: Mapping[str, str], kind: LeadKind) -> tuple[dict[str, list[str]], list[tuple[str, str]]]:
    """What a jeune needs help with, from words of a cell; nothing of a column that is not there."""
    typed = Line.clean(row.get("needs", "")) or ""
    if kind != LeadKind.MENTEE or not typed:
        return {}, []
    text = plain(SAID_NO.sub("", typed))
    for words, meant in OTHERWISE:
        text = words.sub(meant, text)
    said = [f"{word}$" for word in text.split()]
    needs = [need for need, starts in NEED_WORDS.items() if any(word.startswith(tuple(starts.split())) for word in said)]
    if needs:
        read_as = ", ".join(str(NEEDS_SHORT[need]) for need in needs)
        is_doubtful = len(needs) > 1 or any(is_strange(word) for word in said)
        doubts = [("needs", _("« %(value)s » lu : %(needs)s.", value=typed[:60], needs=read_as))] if is_doubtful else []
        return {"needs": needs}, doubts
    return {}, [("needs", _("« %(value)s » laissé de côté : scolarité, orientation ou emploi.", value=typed[:60]))]


def is_strange(word: str) -> bool:
    """Whether a word of a need says something else than what we read, and more than an article."""
    return word not in FILLERS and not word.startswith(NEED_BEGINNINGS)


def mark_of_row(fingerprint: str | None) -> str | None:
    """What is kept of the row of a file once the person is forgotten: without the site's key, nobody can tell who that was."""
    key = current_app.config["SECRET_KEY"].encode()
    return hmac.new(key, fingerprint.encode(), "sha256").hexdigest() if fingerprint else None
