"""Which association a request goes to, and why: conditions that filter, then points that order.

An association fits when it is open, serves the commune, the département or the region (or all France when the person accepts to
meet at a distance), accompanies one of the axes asked for, that situation and that age, and meets where the person would. One that
is near comes before one that would meet at a distance. Then points, each with its reason: how near, a language in common, a
situation that the association names, and above all the room left this month, so that no association is starved by its neighbours.
Equal, the one that has waited longest comes first; then the name.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from app.tenants.models import Tenant
from app.territory.queries import departement_of, region_of, regions

from .models import Lead

# From the first obstacle to the last: what stands in the way of the nearest association is the reason shown.
OBSTACLES = ("territory", "paused", "kind", "axis", "public", "age", "place", "declined", "capacity")
POINTS = {"commune": 30, "departement": 20, "region": 10, "remote": 0, "language": 10, "public": 5}
ROOM = 50  # points for a month that has not begun


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

    @property
    def room(self) -> float:
        """Points for the room left this month."""
        return ROOM * max(0.0, 1 - self.share)

    @property
    def points(self) -> float:
        return self.room + sum(POINTS.get(reason.partition("_")[0], 0) for reason in self.reasons)

    @property
    def order(self) -> tuple[bool, bool, float, date, str]:
        """What sorts candidates, the one to choose first."""
        return not self.fits, "remote" in self.reasons, -self.points, self.last, self.tenant.name


def capacity_of(tenant: Tenant, lead: Lead) -> int:
    return tenant.mentee_capacity if lead.is_mentee else tenant.mentor_capacity


def obstacle(tenant: Tenant, lead: Lead, load: Load, declined: set[UUID], on: date) -> str | None:
    """The first thing, in the order of OBSTACLES, that keeps an association from receiving a request; None when nothing does."""
    if nearness(tenant, lead) is None and not meets_far(tenant, lead):
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
        if tenant.publics and lead.situation and lead.situation not in tenant.publics:
            return "public"
        age = lead.age_on(on)
        if age is None or not tenant.min_age <= age <= tenant.max_age:
            return "age"
    if tenant.places and lead.places and set(tenant.places).isdisjoint(lead.places) and not meets_far(tenant, lead):
        return "place"
    if tenant.id in declined:
        return "declined"
    return "capacity" if load.sent >= room else None


def nearness(tenant: Tenant, lead: Lead) -> str | None:
    """How near the association serves, as a code; None when not at all."""
    if tenant.communes and lead.commune_code in tenant.communes:
        return "commune"
    if lead.departement_code in tenant.departements:
        return "departement"
    return "region" if tenant.regions and region_of(lead.departement_code) in tenant.regions else None


def meets_far(tenant: Tenant, lead: Lead) -> bool:
    """Whether they could meet at a distance, wherever the person lives."""
    return tenant.all_france and (not lead.places or "remote" in lead.places)


def reasons_for(tenant: Tenant, lead: Lead) -> tuple[str, ...]:
    """Why this association fits, as codes."""
    shared = sorted((set(tenant.languages) & set(lead.languages or ())) - {"fr"})[:1]
    return (
        nearness(tenant, lead) or "remote",
        *sorted(f"axis_{axis}" for axis in lead.wanted_axes & set(tenant.axes)),
        *(f"language_{language}" for language in shared),
        *(["public"] if lead.situation and lead.situation in tenant.publics else []),
    )


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
    return sorted(candidates, key=lambda c: c.order)


def departements_served(tenant: Tenant) -> set[str]:
    """The départements where an association serves at least a commune."""
    within = {code for code, (region, _name) in regions().items() if region in tenant.regions} if tenant.regions else set()
    return {*tenant.departements, *map(departement_of, tenant.communes), *within}


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
            for code in departements_served(tenant):
                self.near.setdefault(code, []).append(tenant)

    def choose(self, lead: Lead, declined: set[UUID]) -> tuple[Candidate | None, str]:
        """The association that examine() would put first, or None and why the request waits.

        Those that serve the département are looked at first; those that would meet at a distance, only when none of them is near.
        """
        around = self.near.get(lead.departement_code, [])
        fits, obstacles = self.sort(lead, around, declined)
        if all("remote" in one.reasons for one in fits):
            known = {tenant.id for tenant in around}
            others, further = self.sort(lead, [t for t in self.far if t.id not in known and meets_far(t, lead)], declined)
            fits, obstacles = fits + others, obstacles | further
        if fits:
            return min(fits, key=lambda c: c.order), ""
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
