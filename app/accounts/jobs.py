"""What accounts do later: the link is made and written where nobody waits for it."""

import hmac
from uuid import UUID

from flask import current_app
from sqlalchemy import delete, select

from app.database import hold_row, now
from app.extensions import db
from app.jobs import job
from app.mail import Letter, Mail, absolute, has_enough, send
from app.translation import gettext as _

from .links import sign_in_token
from .models import User

OF_ACCOUNTS = ("sign_in", "password_reset", "password_changed", "second_factor")  # letters that say who came, and nothing else


@job
def send_sign_in_link(user_id: UUID) -> None:
    """Write to somebody who wants to come in without a password."""
    user = db.session.get(User, user_id)
    if user is None or not hold_row(user, key_share=True).active:
        return
    if user.link_sent_at is not None and has_enough("sign_in", user.email):
        return  # the last one was not used
    user.link_sent_at = user.link_sent_at or now()  # one that waits to be used is not ended by whoever asks for another
    link = absolute("accounts.sign_in_link", token=sign_in_token(user))
    send(Letter("sign_in", _("Votre lien pour entrer dans Binôme")), user.email, link=link)


def print_of(user_id: UUID, address: str) -> UUID:
    """What tells an account's address from others, and does not say it: nobody without the site's key can try them all."""
    key = current_app.config["SECRET_KEY"].encode()
    return UUID(bytes=hmac.digest(key, f"account {user_id.hex} {address.lower()}".encode(), "sha256")[:16])


@job
def forget_account_letters(user_id: UUID, address_print: UUID) -> None:
    """In the programme: the letters about an account of which nothing says any more whose it was."""
    sent = db.session.execute(select(Mail.id, Mail.to_address).where(Mail.kind.in_(OF_ACCOUNTS)))
    gone = [mail_id for mail_id, address in sent if print_of(user_id, address) == address_print]
    db.session.execute(delete(Mail).where(Mail.id.in_(gone)))
