"""Whether a path of the team's certificates is about who looks; and who of a batch is the one who makes it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import or_, select

from app.accounts.queries import current_member
from app.extensions import db
from app.gate import concerns
from app.pairs.models import Pair
from app.people.own import is_own, own_files
from app.training.models import Completion
from app.translation import gettext as _
from app.web import find

from .awards import Candidate
from .models import Certificate


@concerns
def is_own_certificate(values: Mapping[str, Any]) -> bool:
    """Whether a certificate's file is about them."""
    row = find(Certificate, values["certificate_id"]) if "certificate_id" in values else None
    return row is not None and any(is_own(file) for file in (row.mentor_id, row.mentee_id) if file)


def but_own(rows: Sequence[Candidate]) -> list[Candidate]:
    """A batch's list, in which whoever makes it gets none, nor whom they accompany; they read no other reason of it."""
    files = own_files(current_member.user_id)
    if not files:
        return list(rows)
    pairs = select(Pair.id).where(or_(Pair.mentor_id.in_(files), Pair.mentee_id.in_(files)))
    trainings = select(Completion.id).where(Completion.mentor_id.in_(files))
    own = {*files, *db.session.scalars(pairs.union_all(trainings))}
    left_out = _("Cela vous concerne : une autre personne de l'équipe doit le faire.")
    return [replace(row, excluded=left_out) if row.source_id in own else row for row in rows]
