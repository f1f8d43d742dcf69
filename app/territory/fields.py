"""A field that takes a commune from the official list, with or without JavaScript."""

import re
from collections.abc import Sequence
from typing import Any

from wtforms import ValidationError

from app.fields import Line, Text, visible
from app.translation import gettext as _

from .models import Commune
from .queries import communes_of, communes_of_places, find_commune, fold, search_communes

POSTED = re.compile(r"(\d{5})\s+(.+)")  # a commune as its field writes it


class CommuneField(Line):
    """What was typed, and the line that was picked from the list (sent as `<name>_code`).

    One match is taken, or the one that has exactly that name; several are shown to choose from; none is an error at the field.
    """

    def __init__(self, label: Any = None, validators: Any = (), **kwargs: Any) -> None:
        super().__init__(label, validators, longest=80, **kwargs)
        self.choices: Sequence[Commune] = ()
        self.commune: Commune | None = None
        self.picked = ""

    def process(self, formdata: Any, *args: Any, **kwargs: Any) -> None:
        super().process(formdata, *args, **kwargs)
        self.picked = visible(formdata.get(f"{self.name}_code", "")) if formdata else ""

    def pick(self, code: str) -> Commune | None:
        """Propose the commune of an INSEE code, picked."""
        commune = find_commune(code)
        self.picked, self.choices = code, [commune] if commune else []
        return commune

    def show(self, code: str) -> None:
        """Show the commune of an INSEE code, picked."""
        commune = self.pick(code)
        self.data = commune.label if commune else None

    def pre_validate(self, form: Any) -> None:
        if not self.data:
            return
        self.choices = search_communes(self.data)
        exact = [commune for commune in self.choices if commune.search == fold(self.data)]
        picked = find_commune(self.picked) if self.picked else None
        if picked is not None and (picked in self.choices or picked.label == self.data):
            self.commune, self.choices = picked, self.choices or [picked]  # shown again, where another field is wrong
        elif len(self.choices) == 1 or len(exact) == 1:  # what was picked before was of other words
            self.commune = (exact or self.choices)[0]
        elif self.choices:
            raise ValidationError(_("Plusieurs communes correspondent : choisissez la vôtre dans la liste."))
        else:
            raise ValidationError(_("Cette commune n'est pas dans la liste officielle. Essayez son code postal."))


class CommunesField(Text):
    """Several communes, a postal code and a name on each line; `codes` are theirs, from the official list."""

    def __init__(self, label: Any = None, validators: Any = (), **kwargs: Any) -> None:
        super().__init__(label, validators, longest=20_000, **kwargs)
        self.codes: list[str] = []

    def process_data(self, value: Sequence[str] | None) -> None:
        """Show the communes of these codes."""
        self.codes = list(value or ())
        self.data = "\n".join(f"{commune.postal_codes[0]} {commune.name}" for commune in communes_of(self.codes))

    def pre_validate(self, form: Any) -> None:
        lines = [line for line in map(str.strip, (self.data or "").split("\n")) if line]
        places = {line: (found[2], found[1]) for line in lines if (found := POSTED.fullmatch(line))}
        known = communes_of_places(set(places.values()))  # as the field writes them: all read at once
        self.codes = []
        for typed in lines:
            commune = known.get(places.get(typed, ("", "")))
            if commune is None or commune.search != fold(places[typed][0]):
                commune = the_commune(typed)
            self.codes = list(dict.fromkeys([*self.codes, commune.code]))


def the_commune(typed: str) -> Commune:
    """The one commune that was typed. Raises ValidationError when there is none, or several."""
    found = search_communes(typed)
    exact = [commune for commune in found if fold(commune.name) in fold(typed)] if len(found) > 1 else found
    if not found:
        raise ValidationError(_("« %(typed)s » n'est pas une commune de la liste officielle.", typed=typed[:60]))
    if len(exact) != 1:
        raise ValidationError(_("« %(typed)s » peut être plusieurs communes : ajoutez son code postal.", typed=typed[:60]))
    return exact[0]
