"""The official lists, the same for every tenant."""

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.database import Base


class Departement(Base):
    """A département, or an overseas collectivity."""

    __tablename__ = "departements"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    region_code: Mapped[str]
    region_name: Mapped[str]


class Commune(Base):
    """A commune of today, with its postal codes.

    `search` is its name folded for comparison; `former` those of the communes that it took in, each between two bars.
    """

    __tablename__ = "communes"
    __table_args__ = (
        Index("ix_communes_search", "search", postgresql_ops={"search": "text_pattern_ops"}),
        Index("ix_communes_postal_codes", "postal_codes", postgresql_using="gin"),
    )

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    search: Mapped[str]
    departement_code: Mapped[str] = mapped_column(ForeignKey("departements.code"))
    arrondissement: Mapped[str]
    epci: Mapped[str]
    population: Mapped[int]
    postal_codes: Mapped[list[str]]
    former: Mapped[str] = mapped_column(server_default="")

    departement: Mapped[Departement] = relationship(lazy="joined", innerjoin=True)

    @property
    def label(self) -> str:
        """The line that a person picks: Saint-Denis (93, Seine-Saint-Denis)."""
        return f"{self.name} ({self.departement_code}, {self.departement.name})"
