"""What the programme keeps of its own: the numbers of each association, month by month."""

from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.database import TenantModel


class AssociationMonth(TenantModel):
    """What an association did in a month, in numbers, as they were when gathered (`created_at`). Nobody can be read in it."""

    __tablename__ = "association_months"
    __table_args__ = (
        UniqueConstraint("tenant_id", "association_id", "month"),
        Index("ix_association_months_month", "tenant_id", "month"),
    )

    association_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"))
    month: Mapped[date]  # its first day
    pairs: Mapped[int]  # under way on a day of it
    begun: Mapped[int]
    closed: Mapped[int]
    reached: Mapped[int]  # the programme's minimum, in this month
    broken: Mapped[int]  # ended before it
    jeunes: Mapped[int]  # in those pairs
    mentors: Mapped[int]
    trained: Mapped[int]  # courses that mentors ended
    held: Mapped[int]  # sessions
    minutes: Mapped[int]
