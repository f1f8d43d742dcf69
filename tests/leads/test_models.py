"""What a request says of itself."""

from datetime import date, timedelta

import pytest

from app.leads.models import Lead, LeadState
from app.leads.words import age_on

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        (date(2008, 11, 24), TODAY, 18),
        (date(2008, 11, 25), TODAY, 17),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
        (date(2008, 2, 29), date(2028, 2, 29), 20),
    ],
)
def test_age_is_in_whole_years(born, day, age):
    assert age_on(born, day) == age


@pytest.mark.parametrize(
    ("lead", "minor"),
    [({"birth_date": date(2008, 11, 25)}, True), ({"birth_date": date(2008, 11, 24)}, False),
     ({"age": 17}, True), ({"age": 18}, False), ({}, False)],
)  # fmt: skip
def test_a_minor_is_under_18_as_far_as_is_known(lead, minor):
    assert Lead(**lead).is_minor_on(TODAY) is minor


@pytest.mark.parametrize(
    ("state", "days", "late"),
    [("received", -1, True), ("received", 0, False), ("accepted", -1, False), ("withdrawn", -1, False), ("received", None, False)],
)
def test_only_what_waits_for_an_answer_is_late(state, days, late):
    answer_by = TODAY + timedelta(days=days) if days is not None else None

    assert Lead(state=state, answer_by=answer_by).is_late_on(TODAY) is late


@pytest.mark.parametrize(
    ("lead", "axes"),
    [({"needs": ["school", "orientation"], "axes": []}, {"education"}), ({"needs": ["employment"], "axes": []}, {"employment"}),
     ({"needs": [], "axes": ["education", "employment"]}, {"education", "employment"}), ({"needs": [], "axes": []}, set())],
)  # fmt: skip
def test_needs_say_the_axes(lead, axes):
    assert Lead(**lead).wanted_axes == axes


@pytest.mark.parametrize(
    ("state", "is_open"), [("waiting", True), ("oriented", True), ("received", True), ("accepted", False), ("withdrawn", False)]
)
def test_a_request_is_open_until_it_is_answered(state, is_open):
    assert Lead(state=LeadState(state)).is_open is is_open


def test_a_short_name_hides_the_family():
    assert Lead(first_name="Inès", last_name="Benali").short_name == "Inès B."
