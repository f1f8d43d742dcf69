"""One row of a file of requests: its values as people and programs write them, and what each refusal or remark says."""

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

from flask import current_app

from app.database import now
from app.fields import Line, Text, is_name, normal_email, normal_phone
from app.territory.models import Commune
from app.territory.queries import fold, is_said, plain, words_of
from app.translation import gettext as _

from .dates import PARIS_CLOCK, read_day, read_request
from .words import ADULT, NEEDS_SHORT, TOO_OLD, YOUNGEST, YOUNGEST_MENTOR, LeadKind, age_on

OLDEST = 100
REPRESENTED = ("guardian_name", "guardian_phone", "guardian_email")
CIVILITIES = ("m", "mr", "mme", "mlle", "monsieur", "madame", "mademoiselle")
NAMELESS = frozenset({*CIVILITIES, "et", "ou"})  # « M. et Mme » is nobody's name
CIVIL = rf"(?:{'|'.join(CIVILITIES)})(?:\. ?| )"
TITLE = re.compile(rf"^{CIVIL}(?=\S+ \S)", re.IGNORECASE)
COUPLE = re.compile(rf"^{CIVIL}(?:et|ou|&) {CIVIL}(?=\S)", re.IGNORECASE)
PARTICLES = frozenset(
    {"de", "du", "des", "da", "do", "dos", "di", "van", "von", "der", "den", "ben", "bin", "el", "al", "le", "la", "les", "d"}
)
OF = PARTICLES - {"ben", "bin", "el", "al", "van"}  # no last name ends with one of these; the others alone may be a middle name
SEVERAL = re.compile(r" ?[;,/|&] ?| (?:ou|et|-) ")  # between two telephones, two addresses
BEFORE_PHONE = re.compile(r"^(?:(?:n°|t[ée]l(?:[ée]phone)?|port(?:able)?|mobile)\b[ .:]* *|')", re.IGNORECASE)
FAMILY = r"m[eè]re|p[eè]re|maman|papa|parents?|tante|oncle|s[oœ]ur|fr[eè]re|grand-?(?:m[eè]re|p[eè]re)|belle-?m[eè]re|beau-?p[eè]re"
LAWFUL = r"(?:repr[eé]sentante?|responsable|tuteur|tutrice)(?: l[eé]gale?)?|famille d.accueil"
WHO = rf"(?:(?:t[eé]l\.? )?(?:sa |la |le |son )?(?:{FAMILY}|{LAWFUL})(?: d[eu]?['’ ] ?[\w-]+)?|n[eé]e? [\w' -]+)"
HOUR = r"\d{1,2} ?h(?: ?\d\d)?"
MOMENT = r"le (?:soir|midi|matin|week-?end)"
WHEN = rf"(?:(?:apr[eè]s|avant|à partir de|dès) {HOUR}|entre {HOUR} et {HOUR}|{MOMENT})(?: (?:en semaine|de préférence))?"
WHERE = r"travail|bureau|domicile|maison|portable|mobile|fixe|perso(?:nnel)?|pro(?:fessionnel)?|whats ?app"
# What may stand beside a way to reach somebody; whatever else does may warn (« ne pas appeler »), and the cell is not read.
WARNS = r"(?!.*\b(?:ne|pas|plus|ancien|faux|interdi))"
RELATION = re.compile(rf" *\( *{WHO} *\)$", re.IGNORECASE)
HOURS = re.compile(rf"(?<=\d)[ ,]+{WARNS}{WHEN}$", re.IGNORECASE)
SAID = rf"(?:{WHO}|{WHERE}|{WHEN})"
BESIDE = re.compile(rf"(?<=\d)[ ,]*{WARNS}(?:\( *{SAID} *\)|{SAID})$", re.IGNORECASE)
SCIENTIFIC = re.compile(r"[1-9][.,]\d{8}E\+?0?8", re.IGNORECASE)
LONGEST_PHONES = 200  # characters of a cell in which numbers are looked for
NEED_WORDS = {  # beginnings of words that say one of the three needs, or whole words (cours, and not course)
    "school": "scol ecole devoir soutien cours$ methode examen bac$ brevet revis educ etudes",
    "orientation": "orient parcours metier filiere reconver projet",
    "employment": "emploi stage alternan apprenti cv$ entretien insertion job$ jobs$ embauche professionnel",
}
OTHERWISE = (  # what these words say together with others
    (re.compile(r"\bemploi du temps\b"), "methode"),
    (re.compile(r"\b(?:difficultes?|troubles?)(?: \w+)?(?: d| de l| de| des| dans l| dans les)? apprentissages?\b"), "scolaire"),
    (re.compile(r"\bsoutien (?:psycho\w*|moral|affectif)\b"), ""),
)
Value = TypeVar("Value")


class BadValue(Exception):
    """A value of a row that cannot be taken."""

    def __init__(self, column: str, cause: str) -> None:
        super().__init__(cause)
        self.column, self.cause = column, cause


def read_row(
    row: Mapping[str, str], communes: Mapping[tuple[str, str], Commune], kind: LeadKind
) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """The values of a request, and remarks on what was left out. Raises BadValue at the first that cannot be taken."""
    requested_at = read(row, "requested_at", read_request) if row.get("requested_at", "").strip() else None
    last_name = read(row, "last_name", read_name)
    if row.get("full_name") and not row["first_name"]:
        raise BadValue("first_name", _("« %(value)s » : il manque le prénom.", value=last_name[:60]))
    first_name = read(row, "first_name", read_name)
    (born, age, remarks), (phone, email, others) = read_birth(row, kind), contacts(row)
    commune, doubts = read_place(row, communes)
    message, source, cuts = read_words(row)
    (represented, unclear), (needs, unknown) = read_guardian(row, age, kind, email, phone), read_needs(row, kind)
    moment = requested_at.isoformat() if requested_at else ""
    of_mentor = [] if kind == LeadKind.MENTEE else [kind]  # somebody may ask for a mentor, and later offer to be one
    identity = "|".join([*of_mentor, moment, same_name(last_name), same_name(first_name), email or "", phone or ""])
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
    }, [*in_doubt(row), *remarks, *others, *doubts, *unclear, *unknown, *cuts]


def same_name(name: str) -> str:
    """A name as it counts in what makes two rows the same; also in a script that has none of our letters."""
    return fold(name) or " ".join(words_of(name))


def read(row: Mapping[str, str], name: str, reader: Callable[[str], Value]) -> Value:
    """One value, cleaned and read. Raises BadValue that names the column."""
    try:
        return reader(Line.clean(row.get(name, "")) or "")
    except ValueError as error:
        raise BadValue(name, str(error)) from error


def split_name(written: str, first_comes_first: bool) -> tuple[str, str]:
    """The last and the first name of a cell that holds both.

    A comma stands after the last name. Words in capitals, at one end, are the last name, with the particles among them; else the
    title of the column says the order, and a particle goes with the name that follows it.
    """
    whole = TITLE.sub("", Line.clean(written[:300]) or "")
    if "," in whole:
        last, _comma, first = whole.partition(",")
        return last.strip(), first.strip()
    words = whole.split()
    if len(words) < 2:
        return whole, ""
    capitals = [is_capital(word) for word in words]
    if any(capitals) and not all(capitals):
        return by_capitals(words, capitals, first_comes_first)
    if first_comes_first:
        return " ".join(words[1:]), words[0]
    place = len(words) - 1
    while place > 1 and (words[place - 1].lower() in OF or (words[place - 1].lower() == "van" and words[place].lower() in OF)):
        place -= 1  # « Zoé de La Tour », « Anna Van Der Berg »
    if place < len(words) - 1:
        return " ".join(words[place:]), " ".join(words[:place])
    return " ".join(words[:place]), words[place]


def is_capital(word: str) -> bool:
    return word.isupper() and len(word) > 1


def by_capitals(words: Sequence[str], capitals: Sequence[bool], first_comes_first: bool) -> tuple[str, str]:
    """The same, where some words are in capitals: they are the last name when they stand together at one end."""
    first, last = capitals.index(True), len(capitals) - 1 - capitals[::-1].index(True)
    while first > 0 and words[first - 1].lower() in PARTICLES:
        first -= 1  # « de LA TOUR »
    if first == 0 or last == len(words) - 1:
        return " ".join(words[first : last + 1]), " ".join([*words[:first], *words[last + 1 :]])
    return split_name(" ".join(words).title(), first_comes_first)


def in_doubt(row: Mapping[str, str]) -> list[tuple[str, str]]:
    """A remark on how a name in one cell was parted, when it has more than two words."""
    words = row.get("full_name", "").split()
    if len(words) <= 2:
        return []
    whole = " ".join(words)[:200]
    cause = _("« %(whole)s » lu : prénom %(first)s, nom %(last)s.", whole=whole, first=row["first_name"], last=row["last_name"])
    return [("full_name", cause)]


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


def read_name(value: str) -> str:
    if not value:
        raise ValueError(_("vide."))
    if len(value) > 100:
        raise ValueError(_("« %(value)s… » est trop long : 100 caractères au plus.", value=value[:60]))
    if not is_name(value):
        raise ValueError(_("« %(value)s » n'est pas un nom.", value=value[:60]))
    return value


def read_birth(row: Mapping[str, str], kind: LeadKind) -> tuple[date | None, int, list[tuple[str, str]]]:
    """The date of birth when the file has one, the age, and a remark where the two contradict each other. Raises BadValue."""
    said = row.get("age", "").strip()
    typed = row.get("birth_date", "").strip()
    if said and typed and not any(letter.isdigit() for letter in typed):  # « ? », « inconnue »
        return None, read(row, "age", lambda value: read_age(value, kind)), []
    if not typed:
        column = "birth_date" if "birth_date" in row and "age" not in row else "age"
        return None, read(row, column, lambda value: read_age(value, kind)), []
    born = read(row, "birth_date", read_day)
    age = age_on(born, now().astimezone(PARIS_CLOCK).date())
    age = read({"birth_date": str(age)}, "birth_date", lambda value: read_age(value, kind))
    figures = re.match(r"\d{1,3}", said)
    if figures is None or abs(int(figures[0]) - age) <= 1:
        return born, age, []
    return born, age, [("age", _("« %(value)s » laissé de côté : la date de naissance dit %(age)s ans.", value=said, age=age))]


def read_age(value: str, kind: LeadKind) -> int:
    if not value:
        raise ValueError(_("vide."))
    figures = re.fullmatch(r"([0-9]+)(?:[.,][0-9]+)?(?: ?ans?(?: et demi)?)?", value)
    if figures is None:
        raise ValueError(_("« %(value)s » n'est pas un nombre.", value=value))
    age = int(figures[1][:4])
    if kind == LeadKind.MENTEE and not YOUNGEST <= age < TOO_OLD:
        raise ValueError(_("%(age)s ans : le programme accompagne de 6 à 29 ans.", age=age))
    if not (YOUNGEST if kind == LeadKind.MENTEE else YOUNGEST_MENTOR) <= age <= OLDEST:
        raise ValueError(_("%(age)s ans : ce n'est pas un âge possible.", age=age))
    return age


def contacts(row: Mapping[str, str]) -> tuple[str | None, str | None, list[tuple[str, str]]]:
    """Telephone and address: one of the two is enough; what cannot be used is remarked and left out. Raises BadValue."""
    typed_phone, typed_email = (on_one_line(row.get(name, "")) for name in ("phone", "email"))
    phone, other_phones = first_phone(typed_phone)
    email, other_emails = first_email(typed_email)
    if not phone and not email:
        typed = " ".join(_("« %(value)s »", value=value[:60]) for value in (typed_phone, typed_email) if value)
        column = "email" if "phone" not in row or (typed_email and not typed_phone) else "phone"
        if typed:
            raise BadValue(
                column, _("%(typed)s ne permet pas de joindre la personne : il faut un téléphone ou un e-mail.", typed=typed)
            )
        raise BadValue(column, _("aucun moyen de joindre la personne : ni téléphone ni e-mail utilisables."))
    remarks = []
    if typed_phone and not phone:
        remarks.append(("phone", _("« %(value)s » laissé de côté ; l'e-mail suffit.", value=typed_phone)))
    if typed_email and not email:
        remarks.append(("email", _("« %(value)s » laissé de côté ; le téléphone suffit.", value=typed_email)))
    for name, other in (("phone", other_phones), ("email", other_emails)):
        if other:
            remarks.append((name, _("« %(value)s » laissé de côté : un seul est gardé.", value=other)))
    return phone, email, remarks


def read_guardian(
    row: Mapping[str, str], age: int, kind: LeadKind, email: str | None, phone: str | None
) -> tuple[dict[str, str | None], list[tuple[str, str]]]:
    """Who represents a minor, when the file says it: a name with a way to reach them that is not the jeune's own."""
    typed = {name: on_one_line(row.get(name, "")) for name in REPRESENTED}
    if kind != LeadKind.MENTEE or age >= ADULT or not any(typed.values()):
        is_asked = kind == LeadKind.MENTEE and age < ADULT and "guardian_name" in row
        return {}, [("guardian_name", _("mineur, et aucun parent n'est nommé : l'association le demandera."))] if is_asked else []
    said = TITLE.sub("", COUPLE.sub("", RELATION.sub("", typed["guardian_name"]).strip()))
    name = said if is_name(said) and not all(word.strip(".").lower() in NAMELESS for word in said.split()) else None
    number, address = ways_to_parent(row, email, phone)
    found = {"guardian_name": name, "guardian_phone": number, "guardian_email": address}
    remarks = [(key, _("« %(value)s » laissé de côté : cela ne permet pas de joindre le parent.", value=value[:60]))
               for key, value in typed.items() if value and not found[key] and key != "guardian_name"]  # fmt: skip
    if other := first_phone(typed["guardian_phone"], BESIDE)[1]:
        remarks.append(("guardian_phone", _("« %(value)s » laissé de côté : un seul est gardé.", value=other)))
    if name and (number or address):
        return found, remarks
    if name is None:
        kept = ", ".join(filter(None, typed.values()))[:200]
        cause = _("il manque le nom du parent : « %(value)s » n'est pas gardé, l'association le demandera.", value=kept)
    else:
        cause = _("il manque un moyen de joindre le parent : la demande est prise sans parent.")
    return {}, [*remarks, ("guardian_name", cause)]


def ways_to_parent(row: Mapping[str, str], email: str | None, phone: str | None) -> tuple[str | None, str | None]:
    """The number and the address of who represents a minor, that are not the jeune's own."""
    number = first_phone(on_one_line(row.get("guardian_phone", "")), BESIDE)[0]
    address = first_email(RELATION.sub("", on_one_line(row.get("guardian_email", ""))).strip())[0]
    return None if number == phone else number, None if (address or "").lower() == (email or "").lower() else address


def on_one_line(typed: str) -> str:
    """A cell on one line: what stood on several is several."""
    return Line.clean(re.sub(r"\s*[\r\n]+\s*", " ; ", typed.strip())) or ""


def read_needs(row: Mapping[str, str], kind: LeadKind) -> tuple[dict[str, list[str]], list[tuple[str, str]]]:
    """What a jeune needs help with, from words of a cell; nothing of a column that is not there."""
    typed = Line.clean(row.get("needs", "")) or ""
    if kind != LeadKind.MENTEE or not typed:
        return {}, []
    text = plain(typed)
    for words, meant in OTHERWISE:
        text = words.sub(meant, text)
    said = [f"{word}$" for word in text.split()]
    needs = [need for need, starts in NEED_WORDS.items() if any(word.startswith(tuple(starts.split())) for word in said)]
    if needs:
        read_as = ", ".join(str(NEEDS_SHORT[need]) for need in needs)
        several = [("needs", _("« %(value)s » lu : %(needs)s.", value=typed[:60], needs=read_as))] if len(needs) > 1 else []
        return {"needs": needs}, several
    return {}, [("needs", _("« %(value)s » laissé de côté : scolarité, orientation ou emploi.", value=typed[:60]))]


def first_phone(typed: str, beside: re.Pattern[str] = HOURS) -> tuple[str | None, str]:
    """The first number of a cell that can be called, without what may stand `beside` it, and what else stands there."""
    written = BEFORE_PHONE.sub("", re.sub(r"(?<=\d{9})\.0$", "", typed[:LONGEST_PHONES]))
    if SCIENTIFIC.fullmatch(written):  # what a spreadsheet makes of a number
        written = f"0{round(float(written.replace(',', '.')))}"
    return first_of(written, lambda part: normal_phone(part) or normal_phone(beside.sub("", part)))


def first_email(typed: str) -> tuple[str | None, str]:
    """The first address of a cell, and what else stands there: bare, in angle brackets, or as a link."""
    written = re.sub(r" *@ *", "@", typed)
    if inside := re.fullmatch(r"[^<>]*<([^<>]+)>", written):
        written = inside[1]
    written = re.sub(r"^mailto:", "", written, flags=re.IGNORECASE).strip(" .;,'<>")
    if all("@" in part for part in SEVERAL.split(written)):
        return first_of(written, normal_email)
    return normal_email(written), ""


def first_of(written: str, normal: Callable[[str], str | None]) -> tuple[str | None, str]:
    """The whole when it is one; else the first of several, and the others."""
    if found := normal(written):
        return found, ""
    parts = [part for part in SEVERAL.split(written) if part]
    for place, part in enumerate(parts):
        if found := normal(part):
            return found, ", ".join(other for other in parts[:place] + parts[place + 1 :] if other)
        if any(letter.isdigit() for letter in part):
            break  # a number that we cannot read: what stands after may be somebody else's
    return None, ""


def mark_of_row(fingerprint: str | None) -> str | None:
    """What is kept of the row of a file once the person is forgotten: without the site's key, nobody can tell who that was."""
    key = current_app.config["SECRET_KEY"].encode()
    return hmac.new(key, fingerprint.encode(), "sha256").hexdigest() if fingerprint else None
