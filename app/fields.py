"""Fields that every form shares: what people type, cleaned and refused at the edge with a sentence."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from flask_wtf import FlaskForm
from flask_wtf.i18n import Translations
from wtforms import (
    DateTimeLocalField,
    Field,
    Form,
    IntegerField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
    widgets,
)
from wtforms.fields.choices import SelectChoice
from wtforms.meta import DefaultMeta
from wtforms.validators import DataRequired, Length, Optional

from .translation import gettext as _
from .translation import lazy_gettext as _l

TO_FILL = _l("À remplir.")
DATE = _l("Indiquez une date qui existe.")
CHOOSE_ONE = _l("Choisissez une réponse.")
CHOOSE_SOME = _l("Choisissez au moins une réponse.")
PROPOSED = _l("Choisissez parmi les réponses proposées : elles ont peut-être changé.")
OURS = {  # what WTForms says, in its own words for who writes programmes, or with the raw value
    "Not a valid choice.": PROPOSED,
    "Invalid Choice: could not coerce.": PROPOSED,
    "Invalid choice(s): one or more data inputs could not be coerced.": PROPOSED,
    "'%(value)s' is not a valid choice for this field.": PROPOSED,
    "Not a valid date value.": DATE,
    "Not a valid datetime value.": DATE,
    "Not a valid time value.": _l("Indiquez une heure, comme 18:30."),
}
INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
FRANCE = 33  # its numbers have nine digits after the zero, overseas too
# Numbers that are dialled in France like any other, and from elsewhere by a code of their own (numbering plan of the ARCEP).
# The end of 06 39 is kept for numbers that nobody has.
OVERSEAS = {**dict.fromkeys(("262", "263", "269", "692", "693"), 262), **{f"639{digit}": 262 for digit in range(8)},
            **dict.fromkeys(("590", "690", "691"), 590), **dict.fromkeys(("594", "694"), 594),
            **dict.fromkeys(("596", "696", "697"), 596)}  # fmt: skip
FRENCH = {FRANCE, *OVERSEAS.values()}
ORDINARY = re.compile(r"\+33([1-79])(\d\d)(\d\d)(\d\d)(\d\d)")  # as we keep a number of the mainland
BARE_LINK = re.compile(r"^(?:http://)?(?=[\w-]+(?:\.[\w-]+)+/\S+$)")  # visio.example.org/room, without https://
WEB_LINK = re.compile(r"https://([a-z0-9_-]+(?:\.[a-z0-9_-]+)+)\.?(?::\d{1,5})?(?:[/?#][^\s\\\x00-\x1f\x7f]*)?", re.IGNORECASE)
# Where people write to each other out of everybody's sight.
PRIVATE = (".wa.me", ".whatsapp.com", ".t.me", ".telegram.me", ".snapchat.com", ".instagram.com", ".m.me", ".messenger.com",
           ".facebook.com", ".discord.gg", ".discord.com", ".tiktok.com", ".signal.me", ".signal.group", ".ig.me", ".fb.me",
           ".line.me", ".threads.net", ".threads.com", ".x.com", ".twitter.com", ".join.skype.com", ".viber.com", ".bere.al",
           ".telegram.org", ".wechat.com", ".kik.me")  # fmt: skip
CALL = re.compile(r"https://[^/]*(?:visio|meet|zoom|teams|jitsi|whereby|webex|bbb|bigbluebutton|renater|webconf)", re.I)
AT_HOME = re.compile(
    r"\b(?:chez (?:moi|lui|elle|nous|(?:ses|mes|tes) parents|(?:sa|ma|ta) m[eè]re|(?:son|mon|ton) p[eè]re)"
    r"|(?:mon|son|notre|ton) (?:domicile|appart\w*|studio)"
    r"|(?:ma|sa|ta|notre) (?:maison|chambre)|[aà] (?:mon |son |notre )?domicile)\b",
    re.IGNORECASE,
)
BLANK = set("\u115f\u1160\u3164\uffa0\u2800")  # letters by their class, and nothing on the page
NUMBERS = {"No", "Nl"}  # ½, ², Ⅳ: what a wrong charset makes of letters
JOINERS = {"\u200c", "\u200d"}  # needed inside some scripts and emoji
NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|[\u0300-\u036f]|[ .'’‘`´′\-\u2010-\u2013])*\Z")
ADDRESS = re.compile(r"\.[^\W\d_]{2}")  # in a name: letters would make a link of it


class Sentences(Translations):
    """What fields say of what they cannot read: sentences of ours first."""

    def gettext(self, string: str) -> str:
        return str(OURS.get(string) or super().gettext(string))

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        return str(OURS.get(singular) or super().ngettext(singular, plural, n))


SENTENCES = Sentences()
for _meta in (DefaultMeta, FlaskForm.Meta):  # of every form, whatever it is made of
    _meta.get_translations = lambda _self, _form: SENTENCES


def visible(text: str, keep: str = "") -> str:
    """The text without control and direction characters, composed (NFC), trimmed."""
    kept = (c for c in text if c in keep or c in JOINERS or (c not in BLANK and unicodedata.category(c) not in INVISIBLE))
    return unicodedata.normalize("NFC", "".join(kept)).strip()


class Line(StringField):
    """One line of text: trimmed, single spaces, no invisible character; at most `longest` characters."""

    def __init__(self, label: Any = None, validators: Any = (), longest: int = 100, **kwargs: Any) -> None:
        too_long = _too_long(longest)
        super().__init__(label, [*validators, too_long], filters=[self.clean], **kwargs)

    @staticmethod
    def clean(value: str | None) -> str | None:
        return " ".join(visible(value, keep="\t\n\r").split()) if value is not None else None


class Name(Line):
    """A person's name in one line; typed in capitals, or without any, it is written as letters will say it."""

    @staticmethod
    def clean(value: str | None) -> str | None:
        return well_cased(Line.clean(value) or "") if value is not None else None


def well_cased(name: str) -> str:
    """« lina » and « ROCHE », « de la TOUR », « jean-luc », « O'NEIL » as they are written; one in both cases stays."""
    telling = re.sub(r"\b(?:de(?: la)? |d['’])", "", name)  # a particle stays small beside capitals
    if not (telling.islower() or (telling.isupper() and len(telling) > 2)):  # « JB » are initials
        return name
    titled = re.sub(r"(?:[^\W\d_]|[\u0300-\u036f])+", lambda word: word[0].capitalize(), name)
    return re.sub(r"\bDe(?: La)? |\bD(?=['’])", lambda particle: particle[0].lower(), titled)


class Text(TextAreaField):
    """Several lines of text; at most `longest` characters."""

    def __init__(self, label: Any = None, validators: Any = (), longest: int = 2000, **kwargs: Any) -> None:
        super().__init__(label, [*validators, _too_long(longest)], filters=[self.clean], **kwargs)

    @staticmethod
    def clean(value: str | None) -> str | None:
        return visible(value.replace("\r\n", "\n").replace("\r", "\n"), keep="\n\t") if value is not None else None


class MayBeEmpty(Optional):
    """Of a list from which nothing has to be chosen: a blank is none of its choices, and `Optional` would let it through."""

    def __init__(self) -> None:
        super().__init__(strip_whitespace=False)


class WholeNumber(IntegerField):
    """A whole number, in figures."""

    def __init__(self, label: Any = None, validators: Any = (), **kwargs: Any) -> None:
        super().__init__(label, validators, _l("Écrivez un nombre entier, en chiffres."), **kwargs)


def options(words: Mapping[str, Any] | Iterable[tuple[str, Any]]) -> list[SelectChoice]:
    """What a field proposes: each code with its words (of several words, the first)."""
    pairs = words.items() if isinstance(words, Mapping) else words
    return [SelectChoice(code, label[0] if isinstance(label, tuple) else label) for code, label in pairs]


class Choices(SelectMultipleField):
    """Several of a few: checkboxes."""

    widget = widgets.ListWidget(prefix_label=False)
    option_widget = widgets.CheckboxInput()


def lines_of(text: str | None) -> list[str]:
    """What was typed one per line, without the dashes that some put before."""
    return [line for line in (part.strip("-• ").strip() for part in (text or "").splitlines()) if line]


def _too_long(longest: int) -> Length:
    return Length(max=longest, message=_l("C'est trop long : %(max)d caractères au plus."))


def person_name(_form: Form, field: Field) -> None:
    """A person's name: letters of any script, spaces, hyphens, apostrophes."""
    if field.data and not is_name(field.data):
        raise ValidationError(_("Un nom s'écrit avec des lettres, des espaces, des traits d'union ou des apostrophes."))


def is_name(value: str) -> bool:
    is_plain = NAME.match(value) and not ADDRESS.search(value)
    return bool(is_plain) and not any(unicodedata.category(c) in NUMBERS or c in "ªº" for c in value)


def mailbox_of(address: str | None) -> str:
    """Where letters to an address arrive, as most mail services sort them: « awa+papa@… » is awa's, and Gmail sees no dot."""
    name, _at, host = (address or "").strip().lower().partition("@")
    name, host = name.partition("+")[0], "gmail.com" if host == "googlemail.com" else host
    return f"{name.replace('.', '') if host == 'gmail.com' else name}@{host}"


def same_mailbox(one: str | None, other: str | None) -> bool:
    """Whether two addresses are of one mailbox: who would authorise themselves writes theirs in two ways."""
    return bool(one and other) and mailbox_of(one) == mailbox_of(other)


def normal_phone(value: str) -> str | None:
    """A phone number as +33612345678; None when it cannot be called. A number without country code is French."""
    bare = re.sub(r"^[oO](?=[1-9])", "0", re.sub(r"[\s._/()\-\u2010-\u2015]", "", value))  # « O6 12 34 56 78 », the letter
    written = re.sub(r"^00", "+", bare)
    if re.fullmatch(r"33\d{9}", written):
        written = f"+{written}"
    if not re.fullmatch(r"\+?\d+", written):
        return None  # the library would dial letters, or leave them out
    try:
        number = phonenumbers.parse(written, "FR")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number) or (number.country_code == FRANCE and len(str(number.national_number)) != 9):
        return None  # « possible » is also what is dialled inside one town
    if number.country_code not in FRENCH and not phonenumbers.is_valid_number(number):
        return None  # « +6 12 34 56 78 » is no Australian's
    if number.country_code == FRANCE:
        dialled = str(number.national_number)
        number.country_code = OVERSEAS.get(dialled[:3]) or OVERSEAS.get(dialled[:4], FRANCE)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


SLIPS = {  # the mailboxes of most people in France, and how they are mistyped
    "gmail.com": "gmial.com gmai.com gmal.com gamil.com gnail.com gmaill.com gmail.con gmail.cm gmail.om gmil.com gmail.fr",
    "hotmail.com": "hotmial.com hotmal.com hotmai.com hotmil.com hotmail.con hotmaill.com",
    "hotmail.fr": "hotmial.fr hotmal.fr hotmai.fr hotmil.fr",
    "outlook.fr": "outlok.fr outloo.fr oulook.fr",
    "outlook.com": "outlok.com outloo.com oulook.com outlook.con",
    "orange.fr": "ornage.fr oragne.fr orang.fr orange.f",
    "wanadoo.fr": "wanado.fr wandoo.fr wanaddo.fr",
    "yahoo.fr": "yaho.fr yahooo.fr yhaoo.fr",
    "yahoo.com": "yaho.com yahooo.com yahoo.con",
    "laposte.net": "laposte.ne lapost.net laposte.fr.net",
    "icloud.com": "iclou.com icloud.con icould.com",
}


def normal_email(value: str) -> str | None:
    """The address, when a letter can reach it: letters without accents before the @, as nearly every mail server wants."""
    try:
        return validate_email(value, check_deliverability=False, allow_smtputf8=False).normalized
    except EmailNotValidError:
        return None


def meant_by(address: str) -> str | None:
    """The address that somebody meant, where the domain is a slip of the fingers that nobody has; None for any other."""
    name, _at, domain = address.rpartition("@")
    meant = next((known for known, slips in SLIPS.items() if domain.lower() in slips.split()), None)
    return f"{name}@{meant}" if meant else None


def refuse_slip(address: str) -> None:
    """Raise ValidationError for an address whose domain is a slip of the fingers."""
    meant, domain = meant_by(address), address.rpartition("@")[2]
    if meant:
        raise ValidationError(_("« %(domain)s » n'existe pas : vouliez-vous écrire %(meant)s ?", domain=domain, meant=meant))


def email(_form: Form, field: Field) -> None:
    """An address that a letter can reach, with its domain as it is written everywhere."""
    if field.data:
        address = normal_email(field.data)
        if address is None:
            accented = not field.data.isascii() and "@" in field.data
            raise ValidationError(
                _("Une adresse s'écrit sans accent : vérifiez-la.") if accented else _("Cette adresse n'est pas complète.")
            )
        refuse_slip(address)
        field.data = address


def french_phone(value: str | None) -> str:
    """The number as a person dials it in France: 06 12 34 56 78."""
    if not value:
        return ""
    if ordinary := ORDINARY.fullmatch(value):  # as phonenumbers would, which parses it for a fortieth of a page
        return " ".join(("0" + ordinary[1], *ordinary.groups()[1:]))
    try:
        number = phonenumbers.parse(value, "FR")
    except phonenumbers.NumberParseException:
        return value
    style = phonenumbers.PhoneNumberFormat
    is_french = number.country_code in FRENCH
    return phonenumbers.format_number(number, style.NATIONAL if is_french else style.INTERNATIONAL)


def unbroken_phone(value: str | None) -> str:
    """The same in the middle of a letter, where no line may cut it in two."""
    return french_phone(value).replace(" ", "\u00a0")


def phone(_form: Form, field: Field) -> None:
    """A number that can be called, kept in its international form."""
    if field.data:
        number = normal_phone(field.data)
        if number is None:
            raise ValidationError(_("Ce numéro n'est pas complet. Exemple : 06 12 34 56 78."))
        field.data = number


def as_link(text: str) -> str:
    """An address on the web as it is opened: `visio.example.org/salle` is of https."""
    return BARE_LINK.sub("https://", text)


def web_host(link: str) -> str | None:
    """The host of an address on the web that browsers read as we do, in small letters; None for any other text.

    They take a backslash for a slash, skip slashes that are too many, and fold letters of full width: what would need that is none.
    """
    found = WEB_LINK.fullmatch(link)
    return found[1].lower() if found else None


def is_call(text: str) -> bool:
    """Whether a text is the link of a video call."""
    return bool(CALL.match(as_link(text)))


def check_link(form: Form, field: Field) -> None:
    """At a distance, where is a call, not somebody's own messages; elsewhere it is nobody's home, unless that is said.

    Raises ValidationError.
    """
    place, link = form["place"].data, as_link(field.data or "")
    if place not in {"remote", "home"} and AT_HOME.search(link):
        raise ValidationError(_("Cela ressemble à un domicile : choisissez « À domicile », qui demande l'accord de chacun."))
    if place != "remote" or not link:
        return
    host = web_host(link)
    if host is None:
        raise ValidationError(_("À distance, donnez le lien de la visio, qui commence par https://, ou laissez vide."))
    if f".{host}".endswith(PRIVATE):
        raise ValidationError(_("Ce lien ouvre une messagerie privée. Donnez celui d'une visio."))


def check_year(_form: Form, field: Field) -> None:
    """A day that clocks can tell everywhere: a year typed too short or too long is none. Raises ValidationError."""
    if not 1900 <= field.data.year <= 2200:
        raise ValidationError(_("Vérifiez l'année."))


class Moment(DateTimeLocalField):
    """A day and an hour."""

    def __init__(self, label: Any, **options: Any) -> None:
        formats, checks = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"], [DataRequired(DATE), check_year]
        super().__init__(label, format=formats, validators=checks, **options)
