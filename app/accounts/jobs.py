"""What accounts do later: the link is made and written where nobody waits for it."""

from uuid import UUID

from app.database import now
from app.extensions import db
from app.jobs import job
from app.mail import Letter, absolute, send
from app.translation import gettext as _

from .links import sign_in_token
from .models import User


@job
def send_sign_in_link(user_id: UUID) -> None:
    """Write to somebody who wants to come in without a password."""
    user = db.session.get(User, user_id)
    if user is None or not user.active:
        return
    user.link_sent_at = now()
    link = absolute("accounts.sign_in_link", token=sign_in_token(user))
    send(Letter("sign_in", _("Votre lien pour entrer dans Binôme")), user.email, link=link)
