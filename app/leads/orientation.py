"""Which association a request goes to, and why: conditions that filter, then a fair share of the month.

An association fits when it is open, serves the département (or all France when the person accepts to meet at a distance),
accompanies one of the axes asked for, and the age. One that is near comes before one that
would meet at a distance; then, among those with room left this month, the least loaded in proportion of its
capacity is chosen; then the one that has waited longest; then the name.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from app.tenants.models import Tenant

from .models import Lead

# From the first obstacle to the last: what stands in the way of the nearest association is the reason shown.
OBSTACLES = ("territory", "paused", "kind", "axis", "age", "declined", "capacity")


@dataclass(frozen=True)
class Load:
    """What the programme sent to an association this month for one kind of request."""

    sent: int = 0
    last: date | None = None


NOTHING = Load()


@dataclass(frozen=True)
class Candidate:
    """An association, whether it fits, and why."""

    tenant: Tenant
    obstacle: str | None
    reasons: tuple[str, ...]
    share: float
    last: date

    @property
    def fits(self) -> bool:
        return self.obstacle is None


def capacity_of(tenant: Tenant, lead: Lead) -> int:
    return tenant.mentee_capacity if lead.is_mentee else tenant.mentor_capacity


def obstacle(tenant: Tenant, lead: Lead, load: Load, declined: set[UUID], on: date) -> str | None:
    """The first thing, in the order of OBSTACLES, that keeps an association from receiving a request; None when nothing does."""
    if lead.departement_code not in tenant.departements and not meets_far(tenant, lead):
        return "territory"
    if tenant.is_paused(on):
        return "paused"
    room = capacity_of(tenant, lead)
    if room == 0:
        return "kind"
    wanted = lead.wanted_axes
    if wanted and wanted.isdisjoint(tenant.axes):
        return "axis"
    if lead.is_mentee:
        age = lead.age_on(on)
        if age is None or not tenant.min_age <= age <= tenant.max_age:
            return "age"
    if tenant.id in declined:
        return "declined"
    return "capacity" if load.sent >= room else None


def meets_far(tenant: Tenant, lead: Lead) -> bool:
    """Whether they could meet at a distance, wherever the person lives."""
    return tenant.all_france and (not lead.places or "remote" in lead.places)


def reasons_for(tenant: Tenant, lead: Lead) -> tuple[str, ...]:
    """Why this association fits, as codes."""
    near = "near" if lead.departement_code in tenant.departements else "remote"
    return near, *sorted(f"axis_{axis}" for axis in lead.wanted_axes & set(tenant.axes))


def candidate(tenant: Tenant, lead: Lead, load: Load, reason: str | None) -> Candidate:
    """An association beside a request."""
    share = load.sent / max(1, capacity_of(tenant, lead))
    return Candidate(tenant, reason, reasons_for(tenant, lead), share, load.last or date.min)


def examine(lead: Lead, tenants: Iterable[Tenant], loads: Mapping[UUID, Load], declined: set[UUID], on: date) -> list[Candidate]:
    """Every association with its obstacle or its reasons, the one to choose first."""
    candidates = []
    for tenant in tenants:
        load = loads.get(tenant.id, NOTHING)
        candidates.append(candidate(tenant, lead, load, obstacle(tenant, lead, load, declined, on)))
    return sorted(candidates, key=lambda c: (not c.fits, "near" not in c.reasons, c.share, c.last, c.tenant.name))


@dataclass
class Market:
    """The associations and what each was sent this month: read once for many requests, and kept up as they are chosen."""

    tenants: Sequence[Tenant]
    loads: dict[str, dict[UUID, Load]]
    on: date
    near: dict[str, list[Tenant]] = field(init=False)
    far: list[Tenant] = field(init=False)

    def __post_init__(self) -> None:
        self.near, self.far = {}, [tenant for tenant in self.tenants if tenant.all_france]
        for tenant in self.tenants:
            for code in tenant.departements:
                self.near.setdefault(code, []).append(tenant)

    def choose(self, lead: Lead, declined: set[UUID]) -> tuple[Candidate | None, str]:
        """The association that examine() would put first, or None and why the request waits.

        Those of the territory are looked at first, and those that would meet at a distance only when none of them fits.
        """
        near = self.near.get(lead.departement_code, [])
        fits, obstacles = self.sort(lead, near, declined)
        if not fits:
            fits, further = self.sort(lead, [t for t in self.far if t not in near and meets_far(t, lead)], declined)
            obstacles |= further
        if fits:
            return min(fits, key=lambda c: (c.share, c.last, c.tenant.name)), ""
        return None, waiting_reason(lead, obstacles, self.on)

    def sort(self, lead: Lead, tenants: Iterable[Tenant], declined: set[UUID]) -> tuple[list[Candidate], set[str]]:
        """Those that fit, and what stands in the way of the others."""
        loads, fits, obstacles = self.loads.get(lead.kind, {}), list[Candidate](), set[str]()
        for tenant in tenants:
            load = loads.get(tenant.id, NOTHING)
            reason = obstacle(tenant, lead, load, declined, self.on)
            if reason is None:
                fits.append(candidate(tenant, lead, load, None))
            else:
                obstacles.add(reason)
        return fits, obstacles

    def note(self, lead: Lead, tenant_id: UUID) -> None:
        """One more was sent."""
        loads = self.loads.setdefault(lead.kind, {})
        loads[tenant_id] = Load(loads.get(tenant_id, NOTHING).sent + 1, self.on)


def waiting_reason(lead: Lead, obstacles: Iterable[str], on: date) -> str:
    """Why a request waits: the obstacle of the association that came nearest to receiving it."""
    if lead.is_mentee and lead.age_on(on) is None:
        return "birth_date"
    return max(obstacles, key=OBSTACLES.index, default="territory")
