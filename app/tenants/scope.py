"""THE place of isolation: which tenant a database session works for.

PostgreSQL's policies compare each row's tenant with the setting named here. The setting lives for one transaction and is
made on the connection that the transaction just began on. One session serves one tenant for life.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, event, text
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction, UOWTransaction

from app.database import TenantModel
from app.extensions import db

SETTING = "app.tenant_id"
SET_TENANT = text(f"SELECT set_config('{SETTING}', :tenant_id, true)")


class NoTenant(RuntimeError):
    """A tenant's table was asked for before anybody said which tenant."""


class TenantChange(RuntimeError):
    """A live session was asked to serve another tenant, or to store another tenant's row."""


def enter(session: Session, tenant_id: UUID) -> None:
    """Give a session its tenant. Raises TenantChange when it has another one already."""
    current = session.info.get("tenant_id")
    if current == tenant_id:
        return
    if current is not None:
        raise TenantChange("Une session ne change pas d'espace.")
    session.info["tenant_id"] = tenant_id
    if session.in_transaction():
        session.connection().execute(SET_TENANT, {"tenant_id": str(tenant_id)})


def current_tenant_id() -> UUID:
    """The tenant of this request or job. Raises NoTenant when none was entered."""
    tenant_id: UUID | None = db.session().info.get("tenant_id")
    if tenant_id is None:
        raise NoTenant("Aucun espace n'est ouvert.")
    return tenant_id


@contextmanager
def reading(tenant_id: UUID) -> Iterator[Session]:
    """A session of its own that reads another tenant's rows for a job, and can write nothing."""
    with db.session.session_factory() as session:
        enter(session, tenant_id)
        session.connection().execute(text("SET TRANSACTION READ ONLY"))
        yield session


@event.listens_for(Session, "after_begin")
def set_tenant(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    """Tell PostgreSQL for whom this transaction works."""
    tenant_id = session.info.get("tenant_id")
    if tenant_id is not None and not transaction.nested:
        connection.execute(SET_TENANT, {"tenant_id": str(tenant_id)})


@event.listens_for(Session, "do_orm_execute")
def refuse_without_tenant(state: ORMExecuteState) -> None:
    """A statement on a tenant's table needs a tenant, whatever the database would answer."""
    if state.session.info.get("tenant_id") is None:
        for mapper in state.all_mappers:
            if issubclass(mapper.class_, TenantModel):
                raise NoTenant(f"{mapper.class_.__name__} se lit dans un espace.")


@event.listens_for(Session, "before_flush")
def stamp_tenant(session: Session, _context: UOWTransaction, _instances: Any) -> None:
    """Each new row belongs to the session's tenant; a row of another tenant cannot be stored."""
    tenant_id = session.info.get("tenant_id")
    for row in (*session.new, *session.dirty, *session.deleted):
        if isinstance(row, TenantModel):
            if tenant_id is None:
                raise NoTenant(f"{type(row).__name__} s'écrit dans un espace.")
            if row.tenant_id is None:
                row.tenant_id = tenant_id
            elif row.tenant_id != tenant_id:
                raise TenantChange(f"{type(row).__name__} appartient à un autre espace.")
