"""Requests that wait while their commune becomes part of another."""

from sqlalchemy import Connection, text

from app.tenants.scope import SET_TENANT

FOLLOW = """
UPDATE leads SET commune_code = heir FROM heirs
WHERE commune_code = heirs.code AND state IN ('waiting', 'oriented', 'received', 'waitlisted', 'moved')
"""


def follow_communes(connection: Connection) -> None:
    """What waits is of the commune that took its own in, or no association would be near; people read the name that they gave.

    As the owner, who reads one space at a time, once `load_territory` has left `heirs`.
    """
    if connection.scalar(text("SELECT EXISTS (SELECT FROM heirs)")):
        for tenant_id in connection.scalars(text("SELECT id::text FROM tenants")).all():
            connection.execute(SET_TENANT, {"tenant_id": tenant_id})
            connection.execute(text(FOLLOW))
