"""How much is written to addresses that nobody has confirmed: the public forms may not fill somebody's letter box."""

from limits import RateLimitItemPerDay
from wtforms import Field

from app.accounts.links import mark_of
from app.extensions import limiter
from app.fields import mailbox_of
from app.translation import gettext as _

MOST_A_DAY = 20  # requests and corrections that write to one mailbox, whichever way its address is spelt
LETTERS = RateLimitItemPerDay(MOST_A_DAY, namespace="letters")


def takes(*addresses: str | None) -> bool:
    """Count one more letter to each of these, and say whether it may leave.

    Letters themselves cannot be counted: those to an address that is put right are forgotten.
    """
    boxes = {mark_of(mailbox_of(address)) for address in addresses if address} if limiter.enabled else set()
    return all(limiter.limiter.hit(LETTERS, box) for box in boxes)


def takes_changed(*fields: Field) -> bool:
    """The same of the addresses that were changed in these fields; a field says when its own may not be written to."""
    changed = [field for field in fields if "@" in (field.data or "") and field.data != field.object_data]
    full = [field for field in changed if not takes(field.data)]
    for field in full:
        field.errors = [_("Trop de messages sont partis aujourd'hui vers cette adresse : donnez-en une autre, ou revenez demain.")]
    return not full
