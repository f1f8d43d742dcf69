"""Sending a file of requests, and saying which of its columns holds what."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import RadioField, SelectField, SubmitField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from app.fields import CHOOSE_ONE, MayBeEmpty, options
from app.translation import gettext as _
from app.translation import lazy_gettext as _l

from .columns import Reading
from .title_words import FIELDS
from .titles import OF_MENTEES
from .words import LeadKind

KINDS = {
    LeadKind.MENTEE.value: _l("Des jeunes qui cherchent un mentor"),
    LeadKind.MENTOR.value: _l("Des personnes qui veulent devenir mentors"),
}


class ImportForm(FlaskForm):
    """A file, and whom it is about."""

    file = FileField(_l("Fichier CSV ou Excel (.xlsx), 4 Mo au plus"), validators=[FileRequired(_l("Choisissez un fichier."))])
    kind = RadioField(_l("Ce fichier contient"), choices=options(KINDS), default=LeadKind.MENTEE.value,
                      validators=[InputRequired(CHOOSE_ONE)])  # fmt: skip


class MappingForm(FlaskForm):
    """Of whom the file is, and which column holds what; « look » shows the first rows again before anything is taken."""

    kind = RadioField(_l("Ce fichier contient"), choices=options(KINDS), validators=[MayBeEmpty()])
    look = SubmitField(_l("Revoir l'aperçu"))
    names: tuple[str, ...] = ()
    header: Sequence[str] = ()

    @classmethod
    def of(cls, header: Sequence[str], mapping: Mapping[str, int], kind: str) -> "MappingForm":
        """The form of a file of this kind, filled with how it would be read."""
        columns = [SelectChoice("", ""), *(SelectChoice(str(place), title) for place, title in enumerate(titles(header)))]
        names = tuple(name for name in FIELDS if kind == LeadKind.MENTEE or name not in OF_MENTEES)
        fields = {name: SelectField(FIELDS[name][0], choices=columns, validators=[MayBeEmpty()]) for name in names}
        said = {"kind": kind} | {name: str(place) for name, place in mapping.items()}
        form: MappingForm = type(cls.__name__, (cls,), {**fields, "names": names, "header": header})(data=said)
        return form

    def validate(self, extra_validators: Any = None) -> bool:
        """Each column holds one thing; before rows are taken, what is needed has a column. Errors stand at their fields."""
        if not super().validate(extra_validators):
            return False
        seen: dict[str, Any] = {}
        for name in self.names:
            chosen = self[name].data
            is_both = name == "postal_code" and chosen == self["city"].data  # « 69003 Lyon »
            if chosen and chosen in seen and not is_both:
                self[name].errors = [_("Cette colonne sert déjà pour « %(name)s ».", name=seen[chosen])]
            elif chosen:
                seen[chosen] = FIELDS[name][0]
        for name, words in Reading(self.header, self.mapping()).lacking.items() if not self.look.data else ():
            self[name].errors = self[name].errors or [_("Dites quelle colonne contient : %(names)s.", names=words)]
        return not self.errors

    def mapping(self) -> dict[str, int]:
        """What was chosen, among the columns that there are."""
        chosen = {name: self[name] for name in self.names if self[name].data}
        return {name: int(field.data) for name, field in chosen.items() if field.data in {one.value for one in field.choices}}

    def fields(self) -> list[Any]:
        """The columns' fields, in order."""
        return [self[name] for name in self.names]


def titles(header: Sequence[str]) -> list[str]:
    """The columns as one tells them apart: a title that is there twice, or none, has its number."""
    return [
        title if header.count(title) == 1 and title
        else _("%(title)s (colonne %(number)s)", title=title, number=place) if title
        else _("Colonne %(number)s", number=place)
        for place, title in enumerate(header, start=1)
    ]  # fmt: skip


def unread(header: Sequence[str], mapping: Mapping[str, int]) -> list[str]:
    """The columns that hold nothing that we take."""
    return [title for place, title in enumerate(titles(header)) if place not in mapping.values()]
