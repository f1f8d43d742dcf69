"""Set a space up."""

from typing import Any

from app.storage import store

from .images import clean_logo
from .models import Tenant


def update_settings(tenant: Tenant, values: dict[str, Any], logo: bytes | None) -> None:
    """Change an association's card. Raises BadImage, and then nothing has changed."""
    if logo is not None:
        tenant.logo_key = store(tenant.id, clean_logo(logo), "png")
    elif values["without_logo"]:
        tenant.logo_key = None  # its file goes in the night, as those that no row names
    for name, value in values.items():
        if name not in {"csrf_token", "logo", "without_logo"}:
            setattr(tenant, name, value)
    tenant.initials = tenant.initials.upper()
