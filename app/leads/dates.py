"""Dates as people and programs write them in a file: day first, ISO 8601, American where a column can be nothing else."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from app.database import now
from app.territory.queries import plain
from app.translation import gettext as _

from .words import ADULT, age_on

PARIS_CLOCK = ZoneInfo("Europe/Paris")
OLDEST_YEAR = 1900
LONGEST = 100  # characters of a date; JavaScript's takes seventy
FIRST_YEAR = 2000  # of a request
SERIAL_START = date(1899, 12, 30)  # day 0 of a spreadsheet
SERIAL = re.compile(r"\d{5}(?:[.,]\d{1,12})?")
LATER = 1462  # days between day 0 of a spreadsheet, and of one that counts since 1904
MONTHS = (
    ("janvier", "fevrier", "mars", "avril", "mai", "juin", "juillet", "aout", "septembre", "octobre", "novembre", "decembre"),
    ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"),
)
YEAR_FIRST = r"(?P<year>\d{4})[-/. ](?P<month>\d{1,2})[-/. ](?P<day>\d{1,2})"
WEEKDAY = r"(?:(?:lun|mar|mer|jeu|ven|sam|dim)[a-z]*|(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*)\.?,? "
DAY_FIRST = (
    rf"(?:{WEEKDAY})?(?P<day>\d{{1,2}})(?: ?er)?[-/. ]{{1,2}}(?P<month>[^\W\d_]+\.?,?|\d{{1,2}})[-/. ]{{1,2}}"
    r"(?P<year>\d{4}|\d{2})"
)
MONTH_FIRST = rf"(?:{WEEKDAY})?(?P<month>[^\W\d_]{{3,}}\.?) (?P<day>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<year>\d{{4}})"
ZONES = {"z": 0, "utc": 0, "gmt": 0, "wet": 0, "west": 1, "cet": 1, "cest": 2, "eet": 2, "eest": 3}  # hours east
ZONE = rf"(?:UTC|GMT)?(?P<sign>[+-])(?P<hours>\d{{1,2}}):?(?P<minutes>\d{{2}})?|{'|'.join(ZONES)}"
CLOCK = (
    r"(?:(?:[ T,à@]+| [-–] )(?P<hour>\d{1,2}) ?[:hH] ?(?P<minute>\d{2})?(?::(?P<second>\d{2})(?:[.,]\d+)?)?"
    rf"(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?(?: ?(?P<zone>{ZONE}))?)?"
)
WRITTEN = [re.compile(days + CLOCK, re.IGNORECASE) for days in (YEAR_FIRST, DAY_FIRST, MONTH_FIRST)]
# What people write around a date: « né(e) le », « reçue le : », « (17 ans) », « à Lyon »; programs, the name of a zone.
AROUND = re.compile(
    r"^'|^(?:(?:née?|né\(e\)|né[.·]e|reçue?) )?le ?:? |\.$| *(?:[-–,] )?\(?\b\d{1,2} ans?\b\)?$"
    r"| à (?-i:[A-ZÀ-Ý])[^\d:]*$|(?<=\d) \((?:heure|cet|cest|utc|gmt|central)[^()\d]*\)$",
    re.IGNORECASE,
)
WITHIN = re.compile(r"\d{1,2} ans? \(([^()]+)\)", re.IGNORECASE)  # « 17 ans (03/03/2009) »
SLASHED = re.compile(r"(\d{1,2})([-/.])(\d{1,2})(\2(?:\d{4}|\d{2})(?:,? \d{1,2}[:hH].{0,30})?)")
# In which order a title says that its dates are written: « (MM/JJ/AAAA) ».
ORDER = re.compile(
    r"\b([jd]{1,2}|m{1,2}|a{2,4}|y{2,4})([-/. ])([jd]{1,2}|m{1,2})\2([jd]{1,2}|m{1,2}|a{2,4}|y{2,4})\b", re.IGNORECASE
)
DAY_OR_MONTH, REST = r"\d{1,2}", r"(?P<rest>\D.*)?"
OTHERWISE = {  # than day first, and than a whole year first
    "mdy": re.compile(rf"(?P<m>{DAY_OR_MONTH})([-/. ])(?P<d>{DAY_OR_MONTH})\2(?P<y>\d{{4}}|\d\d){REST}"),
    "ymd": re.compile(rf"(?P<y>\d\d)([-/. ])(?P<m>{DAY_OR_MONTH})\2(?P<d>{DAY_OR_MONTH}){REST}"),
    "ydm": re.compile(rf"(?P<y>\d{{4}}|\d\d)([-/. ])(?P<d>{DAY_OR_MONTH})\2(?P<m>{DAY_OR_MONTH}){REST}"),
}
# A date that a workbook kept as one, as `tables.written` says it.
AS_KEPT = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?: \d\d:\d\d:\d\d)?")
EITHER = re.compile(r"\d\d/\d\d/(\d{4}) ou \d\d/\d\d/(\d{4})")
HALF_DAY = re.compile(r" ?\d{1,2}:\d.* ?[ap]\.?m\b", re.IGNORECASE)  # of a clock of twelve hours, as Americans write them
SECONDS = re.compile(r"1\d{9}(?:\d{3})?")
NO_DATE = re.compile(  # what programs write where there is no date: LimeSurvey, Unix, spreadsheets, MySQL
    r"1980-01-01 00:00(?::00)?|1970-01-01[ T]0[01]:00:00\S*|(?:1900-01-00|1899-12-3[01]|0000-00-00)(?:[ T]00:00(?::00)?\S*)?"
    r"|(?:00/01/1900|3[01]/12/1899|00/00/0000)(?: 00:00(?::00)?)?"
)
OF_AGE = re.compile(r"\+ ?(?:de )?18\b|\bplus de 18\b|\b18(?: ans)? ?(?:\+|et plus|ou plus|révolus)", re.IGNORECASE)
SHORT = re.compile(r"\d\d([-/.])\d\d\1\d\d")
FEWEST_YEARS, MOST_YEARS = 5, 90  # of whom a file is of
SWAPPED = 3  # dates of a column, at least, in which a spreadsheet is seen to have taken days for months
PROOFS = 2  # dates that can only be American, before a file is read so: one may be a slip


def read_request(value: str) -> datetime | None:
    """The moment of a request, in UTC; None where no date stands, or what a program writes when it knows none."""
    if not value or NO_DATE.fullmatch(value):
        return None
    moment = (past_seconds(value) or past(value)).astimezone(UTC)
    if moment.year < FIRST_YEAR:
        raise ValueError(_("« %(value)s » est trop ancien pour une demande.", value=value))
    return moment


def past_seconds(value: str) -> datetime | None:
    """What a program counts in seconds, or milliseconds, since 1970; None when it is written otherwise, or to come."""
    moment = datetime.fromtimestamp(int(value[:10]), UTC) if SECONDS.fullmatch(value) else None
    return moment if moment and moment <= now() else None


def past(value: str) -> datetime:
    """A moment not to come, as people and programs write one; without a zone, of Paris."""
    if two := EITHER.fullmatch(value):
        words = {"value": value, "part": _("le mois") if two[1] == two[2] else _("l'année")}
        cause = _(
            "« %(value)s » : le jour et %(part)s sont peut-être échangés. Écrivez la bonne date, le mois en lettres.", **words
        )
        raise ValueError(cause)
    moment = parsed(value)
    if moment is None or moment.year < OLDEST_YEAR:
        raise ValueError(_("« %(value)s » n'est pas une date : écrivez-la comme 12/11/2010.", value=value))
    if moment > now():
        raise ValueError(_("« %(value)s » est une date à venir.", value=value))
    return moment


def read_day(value: str) -> date:
    """A day that is past: the one that is written, where the zone is; in Paris when it is none, or the one of programs (UTC)."""
    moment = past(value)
    return (moment if moment.utcoffset() else moment.astimezone(PARIS_CLOCK)).date()


def earliest(value: str) -> date | None:
    """The first day that an incomplete or wrong date may be: « 12/2008 », « mars 2010 », « 31/11/2010 », « 2009 »."""
    found = re.search(r"(?:\b([^\W\d_]{3,}\.?|\d{1,2})[-/. ]{1,2})?\b((?:19|20)\d{2})\b(?:[-/.](\d{1,2})\b)?", value[:LONGEST])
    if found is None:
        return None
    month = month_of(found[1] or found[3] or "1") or 1
    return date(int(found[2]), month if 1 <= month <= 12 else 1, 1)


def is_unclear(value: str) -> bool:
    """Whether a date of birth that is not understood has figures that are no year: it may say that somebody is a minor."""
    is_none = not re.search(r"[1-9]", OF_AGE.sub("", value)) or NO_DATE.fullmatch(value)
    return bool(EITHER.fullmatch(value)) or not (is_none or earliest(value))


def since_1904(cell: str) -> str:
    """The day that a number is in a workbook that counts since 1904, as the others count; anything else as it is."""
    return f"{int(cell[:5]) + LATER}{cell[5:]}" if SERIAL.fullmatch(cell) else cell


def parsed(value: str) -> datetime | None:
    """What a date says: ISO 8601, day first with any separator, a month in letters, or the days that a spreadsheet counts."""
    if len(value) > LONGEST:
        return None
    inside = WITHIN.fullmatch(value)
    value = re.sub(r" */ *", "/", AROUND.sub("", inside[1] if inside else value))
    value = re.sub(r"^(\d{2})(\d{2})((?:19|20)\d{2})$", r"\1/\2/\3", value)
    if SERIAL.fullmatch(value):
        return datetime.combine(SERIAL_START, time(), PARIS_CLOCK) + timedelta(days=float(value.replace(",", ".")))
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        found = next(filter(None, (pattern.fullmatch(value) for pattern in WRITTEN)), None)
        return said(found) if found else None
    return moment if moment.tzinfo else moment.replace(tzinfo=PARIS_CLOCK)


def said(found: re.Match[str]) -> datetime | None:
    """The moment that a date in parts says; None when there is no such day, or no such hour."""
    month = month_of(found["month"])
    hour, minute, second = (int(found[part] or 0) for part in ("hour", "minute", "second"))
    if found["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if found["half"] in "pP" else 0)
    try:
        day = date(year_of(found["year"]), month or 0, int(found["day"]))
        return datetime.combine(day, time(hour, minute, second), zone_of(found))
    except ValueError:
        return None


def zone_of(found: re.Match[str]) -> ZoneInfo | timezone:
    """Where the clock stood: as written, or in Paris."""
    if not found["zone"]:
        return PARIS_CLOCK
    if not found["sign"]:
        return timezone(timedelta(hours=ZONES[found["zone"].lower()]))
    away = timedelta(hours=int(found["hours"]), minutes=int(found["minutes"] or 0))
    return timezone(-away if found["sign"] == "-" else away)


def month_of(written: str) -> int | None:
    """A month, by its number or by the beginning of its name, French or English."""
    if written.isdecimal():
        return int(written)
    word = plain(written)
    for names in MONTHS:
        found = [rank for rank, name in enumerate(names, start=1) if len(word) >= 3 and name.startswith(word)]
        if len(found) == 1:
            return found[0]  # « jui » may be two
    return None


def year_of(written: str) -> int:
    """Two digits are of the hundred years that end now."""
    year, last = int(written), now().year
    return year if len(written) == 4 else last - (last - year) % 100


def order_said(title: str) -> str:
    """In which order a title says that its dates are written (« dmy », « mdy », « ymd », « ydm »); empty where it says none."""
    found = ORDER.search(title)
    said = "".join(part[0] for part in found.group(1, 3, 4)).lower() if found else ""
    order = said.translate({ord("j"): "d", ord("a"): "y"})
    return order if sorted(order) == ["d", "m", "y"] else ""


def in_order(order: str, cell: str) -> str:
    """A date that is written in another order, so that in no order it is another one; anything else as it is."""
    found = OTHERWISE[order].fullmatch(cell.strip()) if order in OTHERWISE else None
    if not found:
        return cell
    day, month, year, rest = found["d"], found["m"], year_of(found["y"]), found["rest"] or ""
    return f"{year}-{month}-{day}{rest}" if order == "mdy" else f"{day}/{month}/{year}{rest}"


def american_columns(rows: Sequence[tuple[int, list[str]]], told: Mapping[int, str]) -> tuple[set[int], set[int], bool]:
    """The columns of dates whose dates are month first; those that only others say to be so; and whether it is proven.

    Proven is: several can be nothing else (11/24/2026), or one has a clock of twelve hours, and none is only French. One column,
    or a title that tells the order, proves it for the others: the same program wrote them; beside a column that is French, for
    itself alone. One such date, or « Nov 24, 2026 », only says it. Dates that a workbook kept as dates are not among them.
    """
    dates: dict[int, list[tuple[int, int]]] = {}
    others: dict[int, int] = {}
    clocks, is_english = set[int](), False
    for _line, cells in rows:
        for place, cell in enumerate(cells):
            found = SLASHED.fullmatch(cell.strip())
            if found:
                dates.setdefault(place, []).append((int(found[1]), int(found[3])))
                clocks |= {place} if HALF_DAY.search(found[4]) else set()
            elif cell.strip():
                others[place] = others.get(place, 0) + 1
                is_english = is_english or bool(WRITTEN[2].fullmatch(cell.strip()[:LONGEST]))
    columns = {
        place: pairs for place, pairs in dates.items() if len(pairs) >= others.get(place, 0) and told.get(place, "mdy") == "mdy"
    }  # fmt: skip
    french, american = ({place: sum(pair[rank] > 12 for pair in pairs) for place, pairs in columns.items()} for rank in (0, 1))
    is_told = not told.keys().isdisjoint(columns)
    american |= dict.fromkeys(columns.keys() & (told.keys() | clocks), PROOFS)
    if any(french.values()):
        alone = {place for place in columns if american[place] >= PROOFS and not french[place]}
        return alone, set(), bool(alone)
    proofs = sum(american.values())
    if not proofs and not is_english:
        return set(), set(), False
    is_proven = proofs >= PROOFS or (bool(proofs) and sum(map(len, columns.values())) == 1)
    unsure = set[int]() if is_told else {place for place in columns if not (is_proven and american[place])}
    return set(columns), unsure, is_proven


def day_last(cell: str) -> str:
    """A date that was written month first, so that in no order it is another one; anything else as it is."""
    return in_order("mdy", cell) if SLASHED.fullmatch(cell.strip()) else cell


def day_in_paris(moment: datetime) -> date:
    """The day that it is in Paris, where files are read, whatever the clock of a space."""
    return moment.astimezone(PARIS_CLOCK).date()


def in_doubt(cell: str, order: str = "mdy") -> str:
    """Both days of birth that a date may be, where one is a minor's and the other an adult's; anything else as it is."""
    typed = cell.strip()
    made = AS_KEPT.fullmatch(typed)
    if not made and not SLASHED.fullmatch(typed):
        return cell
    day, other = parsed(typed), parsed(f"{made[1]}-{made[3]}-{made[2]}" if made else in_order(order, typed))
    if day is None or other is None:
        return cell
    minors = {age_on(moment.date(), day_in_paris(now())) < ADULT for moment in (day, other)}
    return " ou ".join(f"{moment:%d/%m/%Y}" for moment in (day, other)) if len(minors) > 1 else cell


def are_year_first(cells: Iterable[str]) -> bool:
    """Whether of births in two figures (« 10-04-03 ») one, day first, is nobody's; and none is, year first."""
    births = [typed for cell in cells if SHORT.fullmatch(typed := cell.strip())]
    return not all(map(is_somebodys, births)) and all(is_somebodys(in_order("ymd", born)) for born in births)


def is_somebodys(cell: str) -> bool:
    """Whether a date may be the birth of somebody whom a file is of."""
    day = parsed(cell)
    return day is not None and FEWEST_YEARS <= age_on(day.date(), day_in_paris(now())) <= MOST_YEARS


def early_columns(rows: Sequence[tuple[int, list[str]]]) -> set[int]:
    """The columns where a workbook kept dates of which no day is after the 12th: each may be a month."""
    kept: dict[int, bool] = {}
    for _line, cells in rows:
        for place, cell in enumerate(cells):
            if made := AS_KEPT.fullmatch(cell):
                kept[place] = kept.get(place, True) and int(made[3]) <= 12
    return {place for place, is_early in kept.items() if is_early}


def swapped_columns(rows: Sequence[tuple[int, list[str]]]) -> set[int]:
    """The columns of a workbook where a spreadsheet of another country took days for months, wherever that gave a date.

    It kept the others as text: no date that it made has a day after the 12th, and each text has one part after it, in one place.
    One column proves it for those that hold such dates alone: the same spreadsheet made them.
    """
    kept: dict[int, list[int]] = {}  # days
    texts: dict[int, list[int]] = {}  # which part is after the 12th; -1 where neither is, or both
    for _line, cells in rows:
        for place, cell in enumerate(cells):
            if made := AS_KEPT.fullmatch(cell):
                kept.setdefault(place, []).append(int(made[3]))
            elif typed := SLASHED.fullmatch(cell.strip()):
                late = [rank for rank, part in enumerate((typed[1], typed[3])) if int(part) > 12]
                texts.setdefault(place, []).append(late[0] if len(late) == 1 else -1)
    early = {place for place, days in kept.items() if max(days) <= 12}
    proven = {
        place for place in early & texts.keys()
        if set(texts[place]) in ({0}, {1}) and len(kept[place]) + len(texts[place]) >= SWAPPED
    }  # fmt: skip
    return proven | (early - texts.keys()) if proven else set()


def either(cell: str) -> str:
    """Both dates that a swapped one may be, for nobody to take it as it is; anything else, or the same one twice, as it is."""
    made = AS_KEPT.fullmatch(cell)
    return f"{made[3]}/{made[2]}/{made[1]} ou {made[2]}/{made[3]}/{made[1]}" if made and made[2] != made[3] else cell
