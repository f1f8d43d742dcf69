"""What is erased stays so: nothing more is written to a file of which nothing is left."""

from sqlalchemy import select

from app.errors import DomainError
from app.extensions import db
from app.translation import gettext as _

from .models import Mentee, Mentor


class Erased(DomainError):
    """This file is erased: what is written now would stay for ever."""


def refuse_erased(person: Mentor | Mentee) -> None:
    """Raise Erased for a file that is erased, at this very instant too: an erasure under way is waited for, and waits for us."""
    kind = type(person)
    row = select(kind.erased_at).where(kind.id == person.id).with_for_update(read=True, key_share=True)
    if db.session.scalar(row) is not None:
        raise Erased(_("Le dossier de cette personne est effacé : plus rien ne s'y écrit."))
