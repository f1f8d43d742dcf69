"""Set a space up."""

from typing import Any

from app.storage import store

from .images import clean_logo
from .models import Tenant


def update_card(tenant: Tenant, values: dict[str, Any], logo: bytes | None, without_logo: bool) -> None:
    """Change what a space's card says, of these columns. Raises BadImage, and then nothing has changed."""
    if logo is not None:
        tenant.logo_key = store(tenant.id, clean_logo(logo), "png")
    elif without_logo:
        tenant.logo_key = None
    for name, value in values.items():
        setattr(tenant, name, value)
    tenant.initials = tenant.initials.upper()
