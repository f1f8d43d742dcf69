"""Forms of rows that several people may be changing: a late page undoes nothing (decision 0046)."""

import json
from datetime import date, time
from typing import Any, ClassVar, Self

from flask_wtf import FlaskForm
from wtforms import Field, HiddenField
from wtforms.fields.choices import SelectFieldBase

from .translation import gettext as _
from .web import iso_day

LONGEST_QUOTED = 200  # of what somebody else wrote: a whole charter is read on its page


def flat(value: Any) -> str:
    """A value as it is compared: nothing, an empty text and an empty list are one."""
    return ",".join(sorted(value)) if isinstance(value, list) else str(value or "")


def what_changed(field: Field, value: Any) -> str:
    """What somebody else did of a field, in words."""
    if isinstance(value, list | bool) or len(str(value)) > LONGEST_QUOTED:
        return _("Quelqu'un vient de changer ce qui est dit ici.")
    if value in {None, ""}:
        return _("Quelqu'un vient d'effacer ce qui était ici.")
    words = {choice[0]: choice[1] for choice in field.iter_choices()} if isinstance(field, SelectFieldBase) else {}
    said = f"{value:%H:%M}" if isinstance(value, time) else words.get(value, value)
    said = iso_day(value.isoformat()) if isinstance(value, date) else said
    return _("Quelqu'un vient d'écrire « %(value)s » ici.", value=said)


class RowForm(FlaskForm):
    """What is said of a row. What its page showed comes back with it: a late page does not undo what others wrote meanwhile."""

    together: ClassVar[tuple[set[str], ...]] = ()  # columns that are right or wrong together
    shown = HiddenField()

    @classmethod
    def of(cls, row: Any) -> Self:
        """The form of a row, filled with what it says."""
        form = cls(obj=row)
        if not form.is_submitted():
            form.shown.data = json.dumps({name: flat(getattr(row, name)) for name in form.columns})
        return form

    @property
    def columns(self) -> list[str]:
        """What it writes of the row."""
        return [name for name in self._fields if name not in {"csrf_token", "shown"}]

    @property
    def values(self) -> dict[str, Any]:
        """What the row is to say."""
        return {name: self[name].data for name in self.columns}

    @property
    def before(self) -> dict[str, str]:
        """What the page showed."""
        try:
            return dict(json.loads(self.shown.data or "{}"))
        except (ValueError, TypeError):
            return {}

    def changed(self, row: Any) -> dict[str, Any] | None:
        """What was changed on the page, of a row as it is now. None where somebody else changed the same, or what goes with it.

        The field says so. What only they changed is shown in its place.
        """
        shown = self.before
        values = {name: value for name, value in self.values.items() if name not in shown or flat(value) != shown[name]}
        beside = {name for group in self.together if values.keys() & group for name in group if name in shown} - values.keys()
        stored = {name: flat(getattr(row, name)) for name in values.keys() | beside if name in shown}
        clashes = {name for name, said in stored.items() if said != shown[name] and (name in beside or said != flat(values[name]))}
        for name in clashes:
            field, now = (self[name], getattr(row, name)) if name in self else (self["commune"], row.commune_name)
            if name in beside:
                field.data, field.raw_data = now, None
            field.errors = [_("%(what)s Relisez, puis enregistrez de nouveau.", what=what_changed(field, now))]
        self.shown.data = json.dumps(shown | stored)
        return None if clashes else values
