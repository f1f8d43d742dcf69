"""Who gives a missing piece themself is reminded of it by the team, in one click, and once in three days at most."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import or_, select

from app.database import now
from app.extensions import db
from app.mail import Mail, post
from app.people.letters import composed, space_link
from app.people.models import Mentee, Mentor
from app.translation import gettext as _

from .lacking import Waiting
from .models import Pair

KIND, RESTS = "piece_reminder", timedelta(days=3)
GIVEN_BY = {"charter": Mentor, "training": Mentor, "own_agreement": Mentee, "majority": Mentee}  # in their own space


def remind(rows: Sequence[Waiting], piece: str) -> tuple[int, int]:
    """Write to whoever of these gives a piece themself: how many letters, and how many people get none.

    For they have no space to give it in, or were reminded of something less than three days ago.
    """
    people = givers(rows, GIVEN_BY[piece])
    told = [person for person in people if person.is_told]
    lately = Mail.kind == KIND, Mail.created_at > now() - RESTS, Mail.to_address.in_([str(person.email) for person in told])
    rested = set(db.session.scalars(select(Mail.to_address).where(*lately)))
    mails = [letter(person, piece) for person in told if person.email not in rested]
    post(mails)
    return len(mails), len(people) - len(mails)


def givers(rows: Sequence[Waiting], kind: type[Any]) -> Sequence[Mentor | Mentee]:
    """The mentors, or the jeunes, of these rows; held, so that two clicks at once make one letter."""
    ids = [row.id for row in rows]
    of_pairs = select(Pair.mentor_id if kind is Mentor else Pair.mentee_id).where(Pair.id.in_(ids))
    among = or_(kind.id.in_(ids), kind.id.in_(of_pairs))
    return db.session.scalars(select(kind).where(among).order_by(kind.id).with_for_update(key_share=True)).all()


def letter(person: Mentor | Mentee, piece: str) -> Mail:
    """What is to be done before a first meeting, and where."""
    lines = [
        {
            "charter": _(
                "La charte de l'association est à lire et à signer : c'est l'affaire de quelques minutes, dans votre espace."
            ),
            "training": _("Votre formation n'est pas terminée : la suite vous attend dans votre espace."),
        }.get(piece, _("Votre accord pour participer est à donner : cela se fait dans votre espace.")),
        _("Un empêchement, une question ? Répondez à l'association : elle vous aidera."),
    ]
    subject, label = _("Avant une première rencontre, une chose vous attend"), _("Ouvrir mon espace")
    return composed(KIND, str(person.email), person.first_name, subject, lines, space_link("followup.home"), label)
