"""Which association a request goes to, and why: conditions that filter, then points that order.

An association fits when it is open, serves the commune, the département or the region (or all France when the person accepts to
meet at a distance), accompanies one of the axes asked for, that situation and that age, and meets where the person would. One that
is near comes before one that would meet at a distance. Then points, each with its reason: how near, a language in common, a
situation that the association names, and above all the room left this month, so that no association is starved by its neighbours.
Equal, the one that has waited longest comes first; then the name.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Self
from uuid import UUID

from app.tenants.models import Tenant
from app.territory.queries import departement_of, region_of, regions

from .models import Lead

# From the first obstacle to the last: what stands in the way of the nearest association is the reason shown.
OBSTACLES = ("territory", "paused", "kind", "axis", "public", "age", "place", "declined", "capacity")
FIRM = frozenset({"paused", "kind", "age"})  # that no telephone call opens: it receives nothing now, nobody of that kind or age
POINTS = {"commune": 30, "departement": 20, "region": 10, "remote": 0, "language": 10, "public": 5}
ROOM = 50  # points for a month that has not begun


@dataclass(frozen=True)
class Load:
    """What the programme sent to an association this month for one kind of request."""

    sent: int = 0
    last: date | None = None


NOTHING = Load()


@dataclass(frozen=True, slots=True)
class Offer:
    """An association as orientation reads it, on a day: worked out once for many requests."""

    tenant: Tenant
    communes: frozenset[str]
    departements: frozenset[str]
    regions: frozenset[str]
    axes: frozenset[str]
    publics: frozenset[str]
    places: frozenset[str]
    languages: frozenset[str]
    ages: range
    capacity: dict[bool, int]  # in a month, for young people (True) and for mentors
    all_france: bool
    paused: bool

    @classmethod
    def of(cls, tenant: Tenant, on: date) -> Self:
        return cls(
            tenant=tenant,
            communes=frozenset(tenant.communes),
            departements=frozenset(tenant.departements),
            regions=frozenset(tenant.regions),
            axes=frozenset(tenant.axes),
            publics=frozenset(tenant.publics),
            places=frozenset(tenant.places),
            languages=frozenset(tenant.languages),
            ages=range(tenant.min_age, tenant.max_age + 1),
            capacity={True: tenant.mentee_capacity, False: tenant.mentor_capacity},
            all_france=tenant.all_france,
            paused=tenant.is_paused(on),
        )


@dataclass(frozen=True, slots=True)
class Wish:
    """A request as orientation reads it, on a day: worked out once for many associations."""

    is_mentee: bool
    commune: str
    departement: str
    region: str | None
    axes: frozenset[str]
    age: int | None
    situation: str | None
    places: frozenset[str]
    languages: frozenset[str]

    @classmethod
    def of(cls, lead: Lead, on: date) -> Self:
        return cls(
            is_mentee=lead.is_mentee,
            commune=lead.commune_code,
            departement=lead.departement_code,
            region=region_of(lead.departement_code),
            axes=frozenset(lead.wanted_axes),
            age=lead.age_on(on),
            situation=lead.situation,
            places=frozenset(lead.places),
            languages=frozenset(lead.languages or ()),
        )

    @property
    def accepts_far(self) -> bool:
        return not self.places or "remote" in self.places


@dataclass(frozen=True)
class Candidate:
    """An association, whether it fits, and why."""

    tenant: Tenant
    obstacles: tuple[str, ...]
    reasons: tuple[str, ...]
    share: float
    last: date

    @classmethod
    def of(cls, offer: Offer, wish: Wish, load: Load, obstacles: Iterable[str] = ()) -> Self:
        """An association beside a request."""
        share = load.sent / max(1, offer.capacity[wish.is_mentee])
        return cls(offer.tenant, tuple(obstacles), reasons_for(offer, wish), share, load.last or date.min)

    @property
    def obstacle(self) -> str | None:
        """The first one, which is the reason shown."""
        return self.obstacles[0] if self.obstacles else None

    @property
    def said(self) -> str | None:
        """The same, as the desk reads it: who would meet at a distance is out of its territory for want of a choice."""
        return "far" if self.obstacle == "territory" and self.tenant.all_france else self.obstacle

    @property
    def fits(self) -> bool:
        return not self.obstacles

    @property
    def may_agree(self) -> bool:
        """Whether the association may pass over all that stands in the way, when it is asked."""
        return FIRM.isdisjoint(self.obstacles)

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


def obstacles(offer: Offer, wish: Wish, load: Load, declined: set[UUID]) -> Iterator[str]:
    """What keeps an association from receiving a request, in the order of OBSTACLES; nothing when it fits."""
    far = meets_far(offer, wish)
    room = offer.capacity[wish.is_mentee]
    if not far and nearness(offer, wish) is None:
        yield "territory"
    if offer.paused:
        yield "paused"
    if room == 0:
        yield "kind"
    if wish.axes and wish.axes.isdisjoint(offer.axes):
        yield "axis"
    if wish.is_mentee:
        if offer.publics and wish.situation and wish.situation not in offer.publics:
            yield "public"
        if wish.age is None or wish.age not in offer.ages:
            yield "age"
    if not far and offer.places and wish.places and offer.places.isdisjoint(wish.places):
        yield "place"
    if offer.tenant.id in declined:
        yield "declined"
    if load.sent >= room:
        yield "capacity"


def nearness(offer: Offer, wish: Wish) -> str | None:
    """How near the association serves, as a code; None when not at all."""
    if wish.commune in offer.communes:
        return "commune"
    if wish.departement in offer.departements:
        return "departement"
    return "region" if wish.region in offer.regions else None


def meets_far(offer: Offer, wish: Wish) -> bool:
    """Whether they could meet at a distance, wherever the person lives."""
    return offer.all_france and wish.accepts_far


def reasons_for(offer: Offer, wish: Wish) -> tuple[str, ...]:
    """Why this association fits, as codes."""
    shared = sorted((offer.languages & wish.languages) - {"fr"})[:1]
    where = nearness(offer, wish) or ("remote" if meets_far(offer, wish) else None)
    return (
        *([where] if where else []),
        *(f"axis_{axis}" for axis in sorted(wish.axes & offer.axes)),
        *(f"language_{language}" for language in shared),
        *(["public"] if wish.situation in offer.publics else []),
    )


def examine(lead: Lead, tenants: Iterable[Tenant], loads: Mapping[UUID, Load], declined: set[UUID], on: date) -> list[Candidate]:
    """Every association with its obstacle or its reasons, the one to choose first."""
    wish, candidates = Wish.of(lead, on), []
    for offer in (Offer.of(tenant, on) for tenant in tenants):
        load = loads.get(offer.tenant.id, NOTHING)
        candidates.append(Candidate.of(offer, wish, load, obstacles(offer, wish, load, declined)))
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
    near: dict[str, list[Offer]] = field(init=False)
    far: list[Offer] = field(init=False)

    def __post_init__(self) -> None:
        offers = [Offer.of(tenant, self.on) for tenant in self.tenants]
        self.near, self.far = {}, [offer for offer in offers if offer.all_france]
        for offer in offers:
            for code in departements_served(offer.tenant):
                self.near.setdefault(code, []).append(offer)

    def choose(self, lead: Lead, declined: set[UUID]) -> tuple[Candidate | None, str]:
        """The association that examine() would put first, or None and why the request waits.

        Those that serve the département are looked at first; those that would meet at a distance, only when none of them is near.
        """
        wish, loads = Wish.of(lead, self.on), self.loads.get(lead.kind, {})
        around = self.near.get(wish.departement, [])
        fits, in_the_way = sort(wish, around, loads, declined)
        if wish.accepts_far and all("remote" in one.reasons for one in fits):
            known = {offer.tenant.id for offer in around}
            others, further = sort(wish, [offer for offer in self.far if offer.tenant.id not in known], loads, declined)
            fits, in_the_way = fits + others, in_the_way | further
        if fits:
            return min(fits, key=lambda c: c.order), ""
        reason = waiting_reason(lead, in_the_way, self.on)
        if reason == "territory" and not wish.accepts_far:
            far = replace(wish, places=wish.places | {"remote"})
            reason = "far" if sort(far, self.far, loads, declined)[0] else reason
        return None, reason

    def note(self, lead: Lead, tenant_id: UUID) -> None:
        """One more was sent."""
        loads = self.loads.setdefault(lead.kind, {})
        loads[tenant_id] = Load(loads.get(tenant_id, NOTHING).sent + 1, self.on)


def sort(wish: Wish, offers: Iterable[Offer], loads: Mapping[UUID, Load], declined: set[UUID]) -> tuple[list[Candidate], set[str]]:
    """Those that fit, and what stands in the way of the others."""
    fits, in_the_way = list[Candidate](), set[str]()
    for offer in offers:
        load = loads.get(offer.tenant.id, NOTHING)
        reason = next(obstacles(offer, wish, load, declined), None)
        if reason is None:
            fits.append(Candidate.of(offer, wish, load))
        else:
            in_the_way.add(reason)
    return fits, in_the_way


def waiting_reason(lead: Lead, obstacles: Iterable[str], on: date) -> str:
    """Why a request waits: the obstacle of the association that came nearest to receiving it."""
    if lead.is_mentee and lead.age_on(on) is None:
        return "birth_date"
    return max(obstacles, key=OBSTACLES.index, default="territory")
