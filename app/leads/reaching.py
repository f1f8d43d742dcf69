"""How to reach the person of a row, and who represents a minor: telephones and addresses as people write them."""

import re
from collections.abc import Callable, Mapping

from app.fields import Line, is_name, meant_by, normal_email, normal_phone, same_mailbox
from app.territory.queries import plain
from app.translation import gettext as _

from .title_words import GUARDIANS, PLACES, WORKERS
from .words import ADULT, LeadKind

REPRESENTED = ("guardian_name", "guardian_phone", "guardian_email")
CIVILITIES = ("m", "mr", "mme", "mlle", "melle", "monsieur", "madame", "mademoiselle", "dr", "docteur")
NAMELESS = frozenset({*CIVILITIES, "et", "ou"})  # « M. et Mme » is nobody's name
CIVIL = rf"(?:{'|'.join(CIVILITIES)})(?:\. ?| )"
TITLE = re.compile(rf"^{CIVIL}(?=\S+ \S)", re.IGNORECASE)
CALLED_SO = re.compile(rf"^{CIVIL}(?=\S)", re.IGNORECASE)
COUPLE = re.compile(rf"^(?:{CIVIL}(?:et|ou|&) |(?:{'|'.join(CIVILITIES)})\.? ?/ ?){CIVIL}(?=\S)", re.IGNORECASE)
ALONE_TITLE = re.compile(  # before a last name in a cell of its own
    rf"^(?:m\. ?|(?:{'|'.join(CIVILITIES[1:])})\.? )(?=\S)", re.IGNORECASE
)
ASIDE = re.compile(r" *(?:\([^()]*\)|/.*)$")  # « Sow (Momo) », « Diallo / Sow »
SEVERAL = re.compile(r" ?[;,/|&] ?| (?:ou|et|[-–—]) |(?<=\d{9})[-–—](?=[+0])")  # between two telephones, two addresses
TWO_NUMBERS = re.compile(r"(0\d(?:[ .]?\d\d){4}) +(0\d(?:[ .]?\d\d){4})")
PAIRED = re.compile(r"0\d(?:,\d\d){4}")  # 06,12,34,56,78
KIND_OF_PHONE = (
    r"n°|t[ée]l(?:[ée]phone)?|port(?:able)?|mobile|gsm|fixe|pro|perso|bureau|domicile|ligne directe|p(?=:)|sms|whats ?app"
)
BEFORE_PHONE = re.compile(rf"^(?:(?:{KIND_OF_PHONE})\b(?: (?:perso|pro)\w*)?[ .:]* *|')", re.IGNORECASE)
FAMILY = r"m[eè]re|p[eè]re|maman|papa|parents?|tante|oncle|s[oœ]ur|fr[eè]re|grand-?(?:m[eè]re|p[eè]re)|belle-?m[eè]re|beau-?p[eè]re"
LAWFUL = r"(?:repr[eé]sentante?|responsable|tuteur|tutrice)(?: l[eé]gale?)?|famille d.accueil"
WHO = rf"(?:(?:t[eé]l\.? )?(?:sa |la |le |son )?(?:{FAMILY}|{LAWFUL})(?: d[eu]?['’ ] ?[\w-]+)?|n[eé]e? (?!pas|plus)[\w' -]+)"
HOUR = r"\d{1,2} ?h(?: ?\d\d)?"
MOMENT = r"le (?:soir|midi|matin|week-?end)"
CALL = r"(?:(?:à )?r?appeler )?"
WHEN = rf"{CALL}(?:(?:apr[eè]s|avant|à partir de|dès) {HOUR}|entre {HOUR} et {HOUR}|{MOMENT})(?: (?:en semaine|de préférence))?"
ONLY = r"(?: (?:uniquement|seulement|de préférence))?"
WHERE = rf"travail|bureau|domicile|maison|portable|mobile|fixe|perso(?:nnel)?|pro(?:fessionnel)?|(?:par )?(?:whats ?app|sms){ONLY}"
# What may stand beside a way to reach somebody; whatever else does may warn (« ne pas appeler »), and the cell is not read.
WARNS = r"(?!.*\b(?:ne|pas|plus|ancien|faux|interdi))"
RELATION = re.compile(rf"(?: *\( *{WHO} *\)|(?: +[-–]|,) *{WHO})$", re.IGNORECASE)
LED_BY = re.compile(rf"^{WHO} *: *(?=\S)", re.IGNORECASE)  # « Mère : Nadia Voisin »
LED = re.compile(rf"^{WHO} *:? *(?=[+0(])", re.IGNORECASE)  # « mère 06 98 76 54 32 »
HERSELF = r"jeune|[ée]l[èe]ve"
OWN_LED = re.compile(rf"^(?:{HERSELF}) *:? *(?=[+0(])", re.IGNORECASE)
NOBODY = re.compile(  # what stands where the name of a parent is asked, and is none
    rf"(?:(?:sa |la |le |les |son )?(?:{FAMILY}|{LAWFUL})|oui|non|idem|inform[ée]e?s?|x+|ras|n[. ]?[acr]\.?|n/[ac]|majeure?|sans"
    r"|(?:non|pas|sans) (?:renseign|communiqu|concern|applic|objet|de |d['’]).*|(?:lui|elle|moi)(?:-même)?|orpheline?|mna"
    r"|mineure? .*"
    r"|à (?:préciser|venir|compléter)|voir .*|tutelle"
    r"|n[ée]ant|aucune?|inconnue?|même|.*\b(?:ase|udaf|pjj|mecs|foyer|direct(?:eur|rice)|[ée]ducat(?:eur|rice))\b.*"
    r"|.*\bd[ée]c[ée]d[ée]e?s?\b.*)",
    re.IGNORECASE,
)
NOT_PARENTS = (
    WORKERS - {"famille", "parrain", "marraine", "benevole"}
    | PLACES
    | frozenset({"ne", "pas", "plus", "mairie", "ccas", "conseil", "contacter", "appeler"})
)
NO_PARENT = re.compile(
    r"\b(?:refus\w*|interdi\w*|dechue?s?|decheance|oppos\w*|en (?:cours|attente)|social\w*|dcd|feue?|violent\w*|violences?"
    r"|maltrait\w*|agresseu\w+|incest\w*|ecrouee?|en detention"
    r"|incarcer\w*|prison|sans autorite|eloignement|ordonnance|autorite parentale|retiree?s?|exclusive|danger\w*|juge|avocate?"
    r"|maison d enfants|principale?|proviseure?|separee?s?|divorcee?s?|les deux|grande? (?:frere|soeur)|majeure?s?|stop)\b"
)
ACQUAINTED = re.compile(  # who is no parent, however near; « Voisin » alone is a name
    r"(?:(?:sa|son|une?|la|le) (?:petite? |grande? )?(?:voisine?|amie?|compagnon|compagne|mari|cousine?|frere|soeur)"
    r"|voisine$|coach|(?:son |sa )?(?:copine?|copain|conjointe?))\b"
)
NOT_THEM = re.compile(rf"\bne (?:pas|plus|jamais)\b|{NO_PARENT.pattern}|\b(?:decedee?|pas (?:contact|appel|joindre)\w*)\b")
ITS_PLACE = rf"(?:{WHERE}|{WHEN}|{HERSELF}|poste \d+)"
OWN = re.compile(rf"(?<=\d)[ ,]*{WARNS}(?:\( *{ITS_PLACE} *\)|(?<=[ ,]){ITS_PLACE})$", re.IGNORECASE)
SAID = rf"(?:{WHO}|{WHERE}|{WHEN})"
BESIDE = re.compile(rf"(?<=\d)[ ,]*{WARNS}(?:\( *{SAID} *\)|{SAID})$", re.IGNORECASE)
# Apart from a number, behind a dash or a comma: another number, or what says nothing of whose the first is.
NO_OTHER = (
    r"aucune?|n[ée]ant|sans|[-–—.?]+|n['’]a pas|(?:n['’]a )?pas d(?:e |['’] ?)(?:e-?mail|adresse|portable|mobile|fixe|t[ée]l\w*)"
)
APART = re.compile(rf"\(?(?:{ITS_PLACE}|{NO_OTHER})\)?", re.IGNORECASE)
APART_OF_PARENT = re.compile(rf"\(?(?:{SAID}|{NO_OTHER}|{CIVIL}[^\W\d_][^\d()]*)\)?", re.IGNORECASE)
MANY_DIGITS = re.compile(r"(?:\d\D{0,2}){6}")
# In the name that a mail program shows beside an address: it warns, or is nobody's.
WARNING = frozenset({"ne", "pas", "plus", "ancien", "ancienne", "faux", "fausse", "interdit", "interdite", "interdiction",
                     "secretariat", "direction", "standard"})  # fmt: skip
OF_OTHERS = WORKERS | PLACES | GUARDIANS | frozenset(CIVILITIES)
# An address that is no child's, by the name of its box; « ce.0210015x » is a school's.
BOXES = (OF_OTHERS | {"contact", "accueil", "secretariat", "direction", "scolaire", "scolarite", "mairie", "ccas"}) - {"m"}
OTHERS_BOX = re.compile(r"(?:maman|papa|parents|famille)|ce\.?\d{7}[a-z]$", re.IGNORECASE)
SCHOOLS = re.compile(r"ac-[a-z-]+\.fr", re.IGNORECASE)  # of those who work there
SCIENTIFIC = re.compile(r"[1-9][.,]\d{8}E\+?0?8|(?P<whole>3[.,]3\d{9}E\+?10)", re.IGNORECASE)
SHORTEST_NAME = 4  # letters of a parent's name that an address can be known by
LONGEST_PHONES = 200  # characters of a cell in which numbers are looked for


class BadValue(Exception):
    """A value of a row that cannot be taken."""

    def __init__(self, column: str, cause: str) -> None:
        super().__init__(cause)
        self.column, self.cause = column, cause


def contacts(row: Mapping[str, str]) -> tuple[str | None, str | None, list[tuple[str, str]]]:
    """Telephone and address: one of the two is enough; what cannot be used is remarked and left out. Raises BadValue."""
    typed_phone, typed_email = (on_one_line(row.get(name, "")) for name in ("phone", "email"))
    phone, other_phones = first_phone(with_word_for(row, typed_phone))
    email, other_emails = (None, "") if is_a_relatives(typed_email, row) else first_email(typed_email)
    if not phone and not email:
        phone, email = in_either(typed_phone, typed_email)
        if phone or email:
            return phone, email, slips("email", email)
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
    return phone, email, [*remarks, *slips("email", email)]


def with_word_for(row: Mapping[str, str], typed: str) -> str:
    """A cell with « jeune » for the first name of that row in brackets, or before a number: « 0612345678 (Awa) », « Awa : 06… »."""
    name = re.escape(on_one_line(row.get("first_name", "")))
    return re.sub(rf"(?<=\(){name}(?=\))|\b{name}(?= ?: ?[+0])", "jeune", typed, flags=re.IGNORECASE) if name else typed


def in_either(*cells: str) -> tuple[str | None, str | None]:
    """A telephone and an address that stand in the wrong cell, or both in one; nothing where anything else stands."""
    parts = [part for cell in cells for part in SEVERAL.split(cell) if part]
    phones, emails = [normal_phone(part) for part in parts], [normal_email(part) for part in parts]
    if not all(phone or email for phone, email in zip(phones, emails, strict=True)):
        return None, None
    return next(filter(None, phones), None), next(filter(None, emails), None)


def slips(name: str, email: str | None) -> list[tuple[str, str]]:
    """A remark on an address at a mailbox that nobody has, one letter from a known one."""
    meant = meant_by(email) if email else None
    return [(name, _("« %(value)s » : peut-être %(meant)s, vérifiez.", value=email, meant=meant))] if meant else []


def reached(
    row: Mapping[str, str], age: int, kind: LeadKind
) -> tuple[tuple[str | None, str | None, list[tuple[str, str]]], tuple[dict[str, str | None], list[tuple[str, str]]]]:
    """How to reach them and who represents them, with remarks: a child may have no way of their own. Raises BadValue."""
    typed, is_child = on_one_line(row.get("email", "")), kind == LeadKind.MENTEE and age < ADULT
    is_the_first = is_child and is_the_parents(typed, row)
    if is_the_first or (is_child and parent_named_by(row)):
        try:
            kept, found = reached(with_parents_email(row) if is_the_first else {**row, "email": ""}, age, kind)
        except BadValue as error:
            cause = _("l'adresse « %(value)s » dit le nom du parent ; %(cause)s", value=typed[:60], cause=error.cause)
            raise BadValue("email", cause) from error
        cause = _("« %(value)s » laissé de côté : l'adresse dit le nom du parent.", value=typed[:60])
        return (*kept[:2], [*kept[2], ("email", cause)]), found
    try:
        phone, email, remarks = contacts(row)
    except BadValue as error:
        represented, unclear = read_guardian(row, age, kind, None, None)
        if not represented:
            raise unreached(row, age, kind, error) from error
        typed = on_one_line(" ".join(row.get(name, "") for name in ("phone", "email")))
        left = (
            [(error.column, _("« %(value)s » laissé de côté : c'est le parent qui est joint.", value=typed[:60]))] if typed else []
        )
        return (None, None, left), (represented, unclear)
    doubts = in_another_box(row, email) if is_child and email else []
    return (phone, email, [*remarks, *doubts]), read_guardian(row, age, kind, email, phone)


def with_parents_email(row: Mapping[str, str]) -> dict[str, str]:
    """The row of a child with the address that stood as theirs where a parent's is asked, unless the parent has one there."""
    theirs = row.get("guardian_email", "").strip()
    theirs = " ; ".join((theirs, row["email"])) if normal_phone(theirs) else theirs or row["email"]
    return {**row, "email": "", "guardian_email": theirs}


def in_another_box(row: Mapping[str, str], email: str) -> list[tuple[str, str]]:
    """A remark on a child's address whose box says an adult's or a place's, and not their own name (« papa.roux@ », « cpe@ »)."""
    box, _at, domain = email.partition("@")
    own = plain(f"{row.get('first_name', '')} {row.get('last_name', '')}").split()
    words = {*re.split(r"[^a-z]+", box.lower())} - {*own}
    is_others = bool(OTHERS_BOX.match(box) or SCHOOLS.fullmatch(domain)) and not box.lower().startswith(tuple(own))
    if not words & BOXES and not is_others:
        return []
    return [("email", _("« %(value)s » : cette adresse est peut-être celle d'une autre personne, vérifiez.", value=email))]


def is_the_parents(typed: str, row: Mapping[str, str]) -> bool:
    """Whether the box of an address says the name of the parent of that row, and nothing of the jeune's own first name."""
    email, name = first_email(typed)[0], named_parent(on_one_line(row.get("guardian_name", "")), row)[0]
    first, last = (plain(row.get(part, "")).split() for part in ("first_name", "last_name"))
    if not email or not name or not first:
        return False
    box = plain(email.partition("@")[0].replace("_", " "))
    theirs = set(plain(name).split()) - {*first, *last, *CIVILITIES}
    is_own = first[0][:1] in box.split() or any(word in box for word in first)  # « a.diallo », Awa's
    return not is_own and any(word in box for word in theirs if len(word) >= SHORTEST_NAME)


def parent_named_by(row: Mapping[str, str]) -> str:
    """The parent of that row, other than the one who is kept, whose name the address says; « parents » has one on each line."""
    typed = on_one_line(row.get("email", ""))
    others = filter(str.strip, row.get("parents", "").splitlines())
    return next((name for name in others if is_the_parents(typed, {**row, "guardian_name": name})), "")


def unreached(row: Mapping[str, str], age: int, kind: LeadKind, error: BadValue) -> BadValue:
    """What refuses a row in which nobody can be reached: of a column that the file has, and of a parent whose name it lacks."""
    theirs = [name for name in REPRESENTED[1:] if name in row]
    typed = next((name for name in theirs if row[name].strip()), "")
    if kind == LeadKind.MENTEE and age < ADULT and (typed or row.get("left")):
        return BadValue(typed or theirs[0], unreached_by_parent(row, typed))
    is_own = not theirs or not row.keys().isdisjoint({"phone", "email"})
    return error if is_own else BadValue(typed or theirs[0], error.cause)


def unreached_by_parent(row: Mapping[str, str], typed: str) -> str:
    """Why nobody of a child's row can be reached, where a way to a parent stands in it: it is not to be used, or not theirs."""
    said = on_one_line(row.get("left") or row[typed])[:60]
    if row.get("left") or NOT_THEM.search(plain(" ".join(row.get(name, "") for name in REPRESENTED))):
        return _(
            "aucun moyen de joindre la personne : « %(value)s » n'est pas gardé, il ne faut peut-être pas lui écrire.", value=said
        )
    if not any(ways_to_parent(row, None, None)):
        return _("aucun moyen de joindre la personne : « %(value)s » ne permet pas de joindre le parent.", value=said)
    if name := on_one_line(row.get("guardian_name", "")):
        return _(
            "aucun moyen de joindre la personne : « %(value)s » est à « %(name)s », qui n'est pas lu comme le nom d'un parent.",
            value=said,
            name=name[:60],
        )
    return _("aucun moyen de joindre la personne : « %(value)s » est à un parent dont il manque le nom.", value=said)


def read_guardian(
    row: Mapping[str, str], age: int, kind: LeadKind, email: str | None, phone: str | None
) -> tuple[dict[str, str | None], list[tuple[str, str]]]:
    """Who represents a minor, when the file says it: a name with a way to reach them that is not the jeune's own."""
    typed = {name: on_one_line(row.get(name, "")) for name in REPRESENTED}
    if kind != LeadKind.MENTEE or not any(typed.values()):
        is_asked = kind == LeadKind.MENTEE and age < ADULT and "guardian_name" in row
        return {}, [("guardian_name", _("mineur, et aucun parent n'est nommé : l'association le demandera."))] if is_asked else []
    name, other_name = named_parent(typed["guardian_name"], row)
    number, address = ways_to_parent(row, email, phone)
    if age >= ADULT:
        cause = _("« %(value)s » n'est pas gardé : la personne est majeure (%(age)s ans). Vérifiez son âge.", value=name, age=age)
        return {}, [("guardian_name", cause)] if name and (number or address) else []
    found = {"guardian_name": name, "guardian_phone": number, "guardian_email": address}
    remarks = []
    shared = dict(zip(REPRESENTED[1:], ways_to_parent(row, None, None), strict=True))  # with the jeune
    for key, value in typed.items():
        if value and not found[key] and key != "guardian_name" and not {*in_either(value)} & {number, address} - {None}:
            cause = (
                _("« %(value)s » est donné pour le jeune et pour le parent : vérifiez à qui il est.", value=value[:60])
                if shared[key]
                else _("« %(value)s » laissé de côté : cela ne permet pas de joindre le parent.", value=value[:60])
            )
            remarks.append((key, cause))
    if name and other_name:
        remarks.append(("guardian_name", _("« %(value)s » laissé de côté : un seul est gardé.", value=other_name[:60])))
    if other := first_phone(typed["guardian_phone"], of_parent=True)[1]:
        remarks.append(("guardian_phone", _("« %(value)s » laissé de côté : un seul est gardé.", value=other)))
    if name and (number or address):
        return found, [*remarks, *slips("guardian_email", address)]
    if name is None:
        kept = ", ".join(filter(None, typed.values()))[:200]
        cause = _("il manque le nom du parent : « %(value)s » n'est pas gardé, l'association le demandera.", value=kept)
    else:
        cause = _("il manque un moyen de joindre le parent : la demande est prise sans parent.")
    return {}, [*remarks, ("guardian_name", cause)]


def named_parent(typed: str, row: Mapping[str, str]) -> tuple[str | None, str]:
    """The name of who represents a minor, of a cell that may say more; and the other's, where it names two."""
    said = TITLE.sub("", COUPLE.sub("", LED_BY.sub("", RELATION.sub("", typed).strip())))
    first, _slash, other = map(str.strip, said.partition("/"))
    said = first if is_name(first) and not NOBODY.fullmatch(said) else said
    return (said if is_somebody(said) and not is_the_jeunes(said, row) else None), other


def is_somebody(said: str) -> bool:
    """Whether what stands where the name of a parent is asked is one: no warning, no worker nor place, nothing still to come."""
    words = plain(said).split()
    is_warned = bool(set(words) & NOT_PARENTS) or bool(NO_PARENT.search(" ".join(words)) or ACQUAINTED.match(" ".join(words)))
    return is_name(said) and not NOBODY.fullmatch(said) and not is_warned and not set(words) <= NAMELESS


def is_the_jeunes(said: str, row: Mapping[str, str]) -> bool:
    """Whether the jeune's own name stands there."""
    own = plain(f"{row.get('first_name', '')} {row.get('last_name', '')}").split()
    return len(own) > 1 and sorted(plain(said).split()) == sorted(own)


def ways_to_parent(row: Mapping[str, str], email: str | None, phone: str | None) -> tuple[str | None, str | None]:
    """The number and the address of who represents a minor, that are not the jeune's own; none where one of the cells warns."""
    if NOT_THEM.search(plain(" ".join(row.get(name, "") for name in REPRESENTED))):
        return None, None
    number = first_phone(on_one_line(row.get("guardian_phone", "")), of_parent=True)[0]
    address = first_email(RELATION.sub("", on_one_line(row.get("guardian_email", ""))).strip(), of_parent=True)[0]
    if not number and not address:
        number, address = in_either(*(on_one_line(row.get(name, "")) for name in ("guardian_phone", "guardian_email")))
    return None if number == phone else number, None if same_mailbox(address, email) else address


def on_one_line(typed: str) -> str:
    """A cell on one line: what stood on several is several."""
    return Line.clean(" ; ".join(line.strip() for line in re.split(r"[\r\n]+", typed.strip()) if line.strip())) or ""


def first_phone(typed: str, of_parent: bool = False) -> tuple[str | None, str]:
    """The first number of a cell that can be called, and what else stands there.

    What may be said of it, before, beside or apart, says whose it is: the jeune's own, or a parent's in the cell of a parent.
    """
    before, beside, apart = (LED, BESIDE, APART_OF_PARENT) if of_parent else (OWN_LED, OWN, APART)
    written = BEFORE_PHONE.sub("", re.sub(r"(?<=\d{9})[.,]0+$", "", typed[:LONGEST_PHONES]))
    if made := SCIENTIFIC.fullmatch(written):  # what a spreadsheet makes of a number, with or without 33 before
        written = f"{'+' if made['whole'] else '0'}{round(float(written.replace(',', '.')))}"
    if PAIRED.fullmatch(written):
        written = written.replace(",", " ")
    if two := TWO_NUMBERS.fullmatch(written):
        written = f"{two[1]} ; {two[2]}"
    parts = SEVERAL.split(written)
    own = [part for part in parts if not of_parent and MANY_DIGITS.search(part) and re.search(HERSELF, part, re.IGNORECASE)]
    if len(own) == 1:  # « 06… (mère) / 06… (jeune) »
        written = " / ".join([*own, *(part for part in parts if part not in own)])
    return first_of(
        written,
        lambda part: normal_phone(part) or normal_phone(beside.sub("", before.sub("", BEFORE_PHONE.sub("", part)))),
        lambda part: bool(apart.fullmatch(part) or MANY_DIGITS.search(part)),
    )


def first_email(typed: str, of_parent: bool = False) -> tuple[str | None, str]:
    """The first address of a cell, and what else stands there: bare, in angle brackets, or as a link.

    Where the name beside it is somebody else's, or warns, there is none.
    """
    written = re.sub(r"\[([^\[\]]+)\]\(mailto:[^()]*\)", r"\1", typed)
    written = re.sub(r" *(?:@|[(\[{] ?(?:at|a|arobase) ?[)\]}]) *", "@", written, flags=re.IGNORECASE)
    written = re.sub(r"(@[\w-]+),(?=[a-z]{2,6}$)", r"\1.", written)  # « exemple,org »
    if written.count("@") == 1:
        written = re.sub(
            r"(@[\w-]+) +(?=\.\w)|(@[\w-]+\.) +(?=[a-z]{2,6}$)", lambda said: said[1] or said[2], written
        )  # « exemple .org »
    elif " " in written and "<" not in written and all("@" in part for part in written.split()):
        written = " ; ".join(part.strip(",;/|&") for part in written.split())
    if inside := re.fullmatch(r"([^<>]*)<([^<>]+)>", written):
        if not may_show(inside[1].strip(" \"'"), of_parent):
            return None, ""
        written = inside[2]
    written = re.sub(r"^(?:mailto|(?:e-?)?mail|courriel|adresse) ?:", "", written, flags=re.IGNORECASE).strip(" .;,'<>()")
    if all("@" in part for part in SEVERAL.split(written)):
        return first_of(written, normal_email, lambda part: "@" in part)
    return normal_email(written), ""


def may_show(shown: str, of_parent: bool) -> bool:
    """Whether the name that a mail program shows beside an address lets it be read."""
    if not shown or normal_email(shown):
        return True
    words = set(plain(shown).split())
    if words & WARNING or of_parent:
        return not words & WARNING
    return is_name(shown) and not words & OF_OTHERS and not re.search(WHO, shown, re.IGNORECASE)


def is_a_relatives(typed: str, row: Mapping[str, str]) -> bool:
    """Whether the name before an address in angle brackets is a relative's: « Fatou Sow <…> » in the row of Awa Sow."""
    shown = set(plain(typed.partition("<")[0]).split()) if "<" in typed else set[str]()
    first, last = (plain(row.get(name, "")).split() for name in ("first_name", "last_name"))
    others = shown - set(last)
    return bool(shown & set(last) and others) and not others & {*first, *(name[:1] for name in first)}


def first_of(written: str, normal: Callable[[str], str | None], may_stand_apart: Callable[[str], bool]) -> tuple[str | None, str]:
    """The whole when it is one; else the first of several, and the others; none where another says that it is not theirs."""
    if found := normal(written):
        return found, ""
    parts = [part for part in SEVERAL.split(written) if part]
    for place, part in enumerate(parts):
        if found := normal(part):
            others = parts[:place] + parts[place + 1 :]
            return (found, ", ".join(others)) if all(map(may_stand_apart, others)) else (None, "")
        if any(letter.isdigit() for letter in part):
            break  # a number that we cannot read: what stands after may be somebody else's
    return None, ""
