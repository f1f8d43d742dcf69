"""Twelve months of requests: no association starves, none is given more than it can take, and each gets its fair share."""

from collections import Counter
from datetime import date, timedelta
from random import Random
from uuid import uuid4

import pytest

from app.leads.models import Lead
from app.leads.orientation import Market
from app.tenants.models import Tenant

pytestmark = pytest.mark.no_database
START = date(2026, 1, 1)
PLACES = ("69", "38", "42", "01")


def offer(rank, chance):
    """An association with one to three départements, and room for 5 to 30 requests a month."""
    return Tenant(
        id=uuid4(), name=f"Association {rank:02}", kind="association", all_france=rank == 0, axes=["education", "employment"],
        departements=chance.sample(PLACES, chance.randint(1, 3)), min_age=6, max_age=29, mentee_capacity=chance.randint(5, 30),
        mentor_capacity=0, regions=[], communes=[], publics=[], places=[], languages=[],
    )  # fmt: skip


def asked(chance):
    where = chance.choice(PLACES)
    return Lead(kind="mentee", age=chance.randint(8, 25), departement_code=where, places=["remote"], needs=["school"], axes=[])


def months(tenants, a_day, chance):
    """What each association was sent, month by month."""
    day, loads = START, {}
    for month in range(12):
        market, sent = Market(tenants, {}, day), Counter()
        while day.month == month + 1:
            for _rank in range(a_day):
                lead = asked(chance)
                chosen, reason = market.choose(lead, set())
                if chosen is None:
                    assert reason == "capacity"
                else:
                    market.note(lead, chosen.tenant.id)
                    sent[chosen.tenant.id] += 1
            day += timedelta(days=1)
        loads[month + 1] = sent
    return loads


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("a_day", [1, 3, 12])
def test_no_association_starves_and_none_is_over_its_capacity(seed, a_day):
    chance = Random(seed)  # noqa: S311  (the same requests every time)
    tenants = [offer(rank, chance) for rank in range(12)]

    year = months(tenants, a_day, chance).values()

    assert all(sent[tenant.id] <= tenant.mentee_capacity for sent in year for tenant in tenants)
    assert all(sum(sent[tenant.id] for sent in year) >= 6 for tenant in tenants)


@pytest.mark.parametrize("seed", range(5))
def test_those_who_serve_the_same_place_fill_at_the_same_pace(seed):
    chance = Random(seed)  # noqa: S311  (the same requests every time)
    tenants = [offer(rank, chance) for rank in range(1, 8)]
    for tenant in tenants:
        tenant.departements = list(PLACES)

    for sent in months(tenants, 2, chance).values():
        shares = [sent[tenant.id] / tenant.mentee_capacity for tenant in tenants]
        assert max(shares) - min(shares) <= 1 / min(tenant.mentee_capacity for tenant in tenants)
