"""Forms of rows that several people may be changing: a late page undoes nothing (decision 0046)."""

import json
from typing import Any, Self

from flask_wtf import FlaskForm
from wtforms import HiddenField

from .translation import gettext as _


def flat(value: Any) -> str:
    """A value as it is compared: nothing, an empty text and an empty list are one."""
    return ",".join(sorted(value)) if isinstance(value, list) else str(value or "")


class RowForm(FlaskForm):
    """What is said of a row. What its page showed comes back with it: a late page does not undo what others wrote meanwhile."""

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
        """What was changed on the page, of a row as it is now. None where somebody else changed the same: its field says so."""
        shown = self.before
        values = {name: value for name, value in self.values.items() if name not in shown or flat(value) != shown[name]}
        stored = {name: flat(getattr(row, name)) for name in values if name in shown}
        clashes = {name for name, said in stored.items() if said not in {shown[name], flat(values[name])}}
        for name in clashes:
            self[name if name in self else "commune"].errors = [
                _("Quelqu'un vient d'écrire « %(value)s » ici. Relisez, puis enregistrez de nouveau.", value=stored[name])
                if isinstance(values[name], str)
                else _("Quelqu'un vient de changer ce qui est dit ici. Relisez, puis enregistrez de nouveau.")
            ]
        self.shown.data = json.dumps(shown | stored)
        return None if clashes else values
