"""What a partner sends and reads, checked at the edge: marshmallow schemas, from which the description is written too."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates_schema

from app.fields import Line, Text, is_name, meant_by, normal_email, normal_phone, same_mailbox
from app.guard import REACH, is_found
from app.leads import words
from app.territory.queries import find_commune, fold
from app.web import today

from .problems import MOST_ERRORS
from .words import STATUSES_SAID

STATUSES = tuple(STATUSES_SAID)
CODES: dict[str, Any] = {
    "required": "required", "null": "type", "invalid": "type", "too_large": "type", "invalid_utf8": "type", "type": "type",
    "validator_failed": "choice", "special": "type", "format": "date",
}  # fmt: skip


def words_of(label: str, longest: int, *checks: Callable[[str], None]) -> fields.String:
    """A text that may be absent."""
    return Clean(validate=[validate.Length(max=longest, error="length"), *checks], metadata={"description": label})


def paragraphs_of(label: str, longest: int, *checks: Callable[[str], None]) -> fields.String:
    """The same, on several lines."""
    return Lines(validate=[validate.Length(max=longest, error="length"), *checks], metadata={"description": label})


def no_reach(value: str) -> None:
    """What the other reads before both said yes gives no way to reach anybody. Raises ValidationError."""
    if is_found(REACH, value):
        raise ValidationError("reach")


class Clean(fields.String):
    """One line of text, as the forms take it: trimmed, single spaces, no invisible character."""

    default_error_messages = CODES

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        return Line.clean(str(super()._deserialize(value, attr, data, **kwargs))) or ""


class Lines(fields.String):
    """Several lines of text, as the forms take them."""

    default_error_messages = CODES

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        return Text.clean(str(super()._deserialize(value, attr, data, **kwargs))) or ""


class Choice(Clean):
    """One of a closed list."""

    def __init__(self, choices: Mapping[str, Any] | tuple[str, ...], description: str, **options: Any) -> None:
        super().__init__(validate=validate.OneOf(list(choices), error="choice"), metadata={"description": description}, **options)


class Several(fields.List[str]):
    """Several of a closed list."""

    default_error_messages = CODES

    def __init__(self, choices: Mapping[str, Any], description: str, **options: Any) -> None:
        super().__init__(Choice(choices, description), validate=validate.Length(max=len(choices), error="length"),
                         metadata={"description": description}, **options)  # fmt: skip

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> list[str | None]:
        return list(dict.fromkeys(super()._deserialize(value, attr, data, **kwargs)))  # each once


class Checked(Clean):
    """A text that a function reads; what it gives back is kept, and None is refused with a code."""

    def __init__(self, read: Any, code: str, longest: int, description: str, **options: Any) -> None:
        super().__init__(validate=validate.Length(1, longest, error="length"), metadata={"description": description}, **options)
        self.read, self.code = read, code

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        read = self.read(super()._deserialize(value, attr, data, **kwargs))
        if not read:
            raise ValidationError(self.code)
        return str(read)


class Day(fields.Date):
    """A day of the calendar, as ISO 8601 writes it."""

    default_error_messages = CODES | {"invalid": "date"}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            raise ValidationError("date")
        return super()._deserialize(value, attr, data, **kwargs)


class Truth(fields.Boolean):
    """true or false, and nothing else."""

    default_error_messages = CODES

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("type")
        return value


def a_name(value: str) -> str | None:
    return value if is_name(value) else None


def an_address(value: str) -> str | None:
    """An address that a letter can reach. Raises ValidationError where its domain is a slip of the fingers."""
    address = normal_email(value)
    if address and meant_by(address):
        raise ValidationError("slip")
    return address


class LeadIn(Schema):
    """A request that a partner sends for somebody, who agrees."""

    class Meta:
        unknown = RAISE

    error_messages = {"unknown": "unknown", "type": "type"}  # noqa: RUF012  (the library's own attribute)

    kind = Choice(("mentee", "mentor"), "mentee: looks for a mentor; mentor: offers to be one", required=True)
    first_name = Checked(a_name, "name", 100, "First name", required=True)
    last_name = Checked(a_name, "name", 100, "Last name", required=True)
    email = Checked(
        an_address, "email", 254, "E-mail; this or a telephone number is needed, but of a minor mentee whose guardian has one"
    )
    phone = Checked(normal_phone, "phone", 30, "Telephone, French or international")
    birth_date = Day(required=True, metadata={"description": "Date of birth"})
    commune_code = Clean(required=True, validate=validate.Regexp(r"^[0-9AB]{5}\Z", error="commune"),
                         metadata={"description": "INSEE code of the commune", "pattern": "^[0-9AB]{5}$"})  # fmt: skip
    commune_name = words_of(
        "Its name, if you want it checked against the code: a postal code may be the INSEE code of another", 100
    )
    agreed = Truth(
        required=True, metadata={"description": "The person agrees that this request is sent: must be true", "enum": [True]}
    )
    needs = Several(words.NEEDS, "What for (mentee)")
    situation = Choice(words.SITUATIONS, "Situation (mentee)")
    level = Choice(words.LEVELS, "Class or level (mentee)")
    diploma = Choice(words.DIPLOMAS, "Last diploma (mentee)")
    hopes = paragraphs_of("Hopes (mentee)", 1000, no_reach)
    status = Choice(words.STATUSES, "Situation (mentor)")
    sector = words_of("Sector or studies (mentor)", 100, no_reach)
    skills = words_of("Skills (mentor)", 300, no_reach)
    axes = Several(words.AXES, "What they would help with (mentor)")
    preferred_public = Choice(words.PUBLICS, "Whom they would rather accompany (mentor)")
    places = Several(words.PLACES, "Where to meet")
    slots = Several(words.SLOTS, "When: a week grid")
    languages = Several(words.LANGUAGES, "Languages")
    field_wish = words_of("Field wished for, or offered", 120)
    gender_wish = Choice(words.GENDER_WISHES, "Whom they would rather talk to (mentee)")
    message = paragraphs_of("In their words; nothing on health, religion or justice", 2000)
    may_relay = Truth(metadata={
        "description": "Whether another association may be asked; unless said, true to the programme and false to an association"
    })  # fmt: skip
    guardian_name = Checked(a_name, "name", 100, "Who represents a minor")
    guardian_email = Checked(an_address, "email", 254, "Their e-mail; this or a telephone number is needed below 18")
    guardian_phone = Checked(normal_phone, "phone", 30, "Their telephone")

    @validates_schema(skip_on_field_errors=False, pass_original=True)  # all that is wrong is said at once
    def whole(self, read: dict[str, Any], sent: dict[str, Any], **_kwargs: Any) -> None:
        """What no field says alone. What was sent and could not be read is not missing."""
        data = {**sent, **read}
        wrong: dict[str, list[str]] = {}
        if read.get("agreed") is False:
            wrong["agreed"] = ["agreed"]
        if read.keys() >= {"kind", "birth_date"}:
            wrong |= age_errors(data)
            if not data.get("email") and not data.get("phone") and not is_reached_otherwise(data):
                wrong["email"] = ["reachable"]
        if "commune_code" in read:
            wrong |= commune_errors(read["commune_code"], read.get("commune_name"))
        if wrong:
            raise ValidationError(wrong)


def commune_errors(code: str, name: str | None) -> dict[str, list[str]]:
    """What is wrong with the code of a commune, or with its name beside it."""
    commune = find_commune(code)
    if commune is None:
        return {"commune_code": ["commune"]}
    return {"commune_name": ["commune-name"]} if name and fold(name) != fold(commune.name) else {}


def is_represented(data: Mapping[str, Any]) -> bool:
    """Whether it says who represents a minor, and how to reach them."""
    return bool(data.get("guardian_name") and (data.get("guardian_email") or data.get("guardian_phone")))


def is_reached_otherwise(data: Mapping[str, Any]) -> bool:
    """Whether it is for a child, who may have no way of their own: whoever represents them has one."""
    return data["kind"] == "mentee" and words.age_on(data["birth_date"], today()) < words.ADULT and is_represented(data)


def age_errors(data: Mapping[str, Any]) -> dict[str, list[str]]:
    """What is wrong with an age, or missing because of it."""
    born: date = data["birth_date"]
    if not date(1900, 1, 1) <= born <= today():
        return {"birth_date": ["date"]}
    age = words.age_on(born, today())
    if not words.is_age(age, words.LeadKind(data["kind"])):
        return {"birth_date": ["age" if data["kind"] == "mentee" else "mentor-age"]}
    if age < words.ADULT and not is_represented(data):
        return {"guardian_name": ["guardian"]}
    if age < words.ADULT and same_mailbox(*(str(data.get(name) or "") for name in ("email", "guardian_email"))):
        return {"guardian_email": ["own"]}
    return {}


class LeadOut(Schema):
    """Where a request stands; nothing of the person."""

    id = fields.UUID(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(["mentee", "mentor"]))
    status = fields.String(required=True, validate=validate.OneOf(STATUSES))
    created_at = fields.DateTime(required=True, format="iso")


class FieldErrorOut(Schema):
    """A field, and what is wrong with it."""

    pointer = fields.String(required=True, metadata={"description": "JSON Pointer"})
    detail = fields.String(required=True)


class ProblemOut(Schema):
    """RFC 9457."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    errors = fields.List(fields.Nested(FieldErrorOut), validate=validate.Length(max=MOST_ERRORS))


def pointers(messages: Any, path: str = "") -> list[tuple[str, str]]:
    """The library's messages as pairs of a place and a code; each place once."""
    if isinstance(messages, dict):
        places = {name: path if name == "_schema" else f"{path}/{escaped(name)}" for name in messages}
        return [pair for name, inner in messages.items() for pair in pointers(inner, places[name])]
    return [(path, next((code for code in map(str, messages) if code), "type"))]


def escaped(name: Any) -> str:
    """A name inside a JSON Pointer (RFC 6901)."""
    return str(name).replace("~", "~0").replace("/", "~1")
