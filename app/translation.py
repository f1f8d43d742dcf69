"""Sentences of pages and of closed lists. Their source is French, so a French reader gets them as they are written."""

from typing import Any

from flask import g, has_request_context
from flask_babel import get_locale
from flask_babel import gettext as translated
from flask_babel import ngettext as counted
from flask_babel.speaklater import LazyString


def gettext(text: str, **values: Any) -> str:
    """flask_babel's gettext, which looks into no catalogue for a French reader: pages ask it dozens of times."""
    if not reads_french():
        return str(translated(text, **values))
    return text % values if values else text


def ngettext(singular: str, plural: str, num: int, **values: Any) -> str:
    """A sentence with a number in it. In French none is singular, as one is: « 0 séance »."""
    if not reads_french():
        return str(counted(singular, plural, num, **values))
    return (plural if abs(num) > 1 else singular) % {"num": num, **values}


def lazy_gettext(text: str) -> LazyString:
    """A sentence of a closed list or of a form, put in the reader's language when it is shown."""
    return LazyString(gettext, text)  # type: ignore[no-untyped-call]


def reads_french() -> bool:
    """Whether this request's reader reads French; a job writes French."""
    try:
        french: bool = g.french
    except (AttributeError, RuntimeError):  # asked for the first time, or outside of any request
        if not has_request_context():
            return True
        locale = get_locale()
        french = g.french = locale is None or locale.language == "fr"
    return french
