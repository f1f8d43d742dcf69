"""A document of the space: its mark, its colour, the day."""

from typing import Any

from flask import render_template

from app import rendering
from app.colour import legible
from app.database import now
from app.storage import load

from .resolve import current_tenant


def drawn(template: str, **values: Any) -> bytes:
    """A PDF in the association's name, from a template of documents/ that is given its logo and its colour."""
    files = {"logo": load(current_tenant.logo_key)} if current_tenant.logo_key else {}
    html = render_template(template, tenant=current_tenant, colour=legible(current_tenant.colour), files=files, **values)
    return rendering.draw(html, (), now().replace(microsecond=0), files)
