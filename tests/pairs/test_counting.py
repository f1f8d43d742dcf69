"""The count of six months: month ends and leap years, pauses, months without a meeting, the end; and what is frozen stays so."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.leads.calendar import add_months
from app.pairs.counting import Story, count
from app.pairs.settings import Choices

pytestmark = pytest.mark.no_database
quick = settings(deadline=None, database=None)
ALL, LENIENT = Choices(), Choices(deduct_pauses=False, deduct_silent=False)
PAUSES, SILENT = Choices(deduct_silent=False), Choices(deduct_pauses=False)


def day(text):
    return date.fromisoformat(text)


def met_between(since, until):
    """A meeting every day."""
    return [since + timedelta(rank) for rank in range((until - since).days)]


STARTS = [  # start, months that are needed, and the day on which it counts
    ("2026-01-15", 6, "2026-07-15"),
    ("2025-08-31", 6, "2026-02-28"),
    ("2027-08-31", 6, "2028-02-29"),
    ("2028-02-29", 12, "2029-02-28"),
    ("2026-12-31", 2, "2027-02-28"),
    ("2026-06-30", 6, "2026-12-30"),
    ("2026-01-31", 1, "2026-02-28"),
]


@pytest.mark.parametrize(("start", "needed", "counts_on"), STARTS)
def test_it_counts_on_the_day_on_which_the_last_month_is_over(start, needed, counts_on):
    story, last = Story(day(start), None), day(counts_on)
    before, after = count(story, needed, LENIENT, last - timedelta(1)), count(story, needed, LENIENT, last)

    assert (before.counts_on, before.counts, before.months) == (last, False, needed - 1)
    assert (after.counts_on, after.counts, after.months) == (last, True, needed)


def test_on_its_first_day_nothing_is_counted_and_the_day_is_known():
    stand = count(Story(day("2026-01-15"), None), 6, ALL, day("2026-01-15"))

    assert (stand.months, stand.deducted, stand.counts_on) == (0, [], day("2026-07-15"))


ENDS = [("2026-07-14", None), ("2026-07-15", "2026-07-15"), ("2026-09-01", "2026-07-15")]


@pytest.mark.parametrize(("ended", "counts_on"), ENDS)
def test_closed_before_its_last_month_is_over_it_never_counts(ended, counts_on):
    stand = count(Story(day("2026-01-15"), day(ended)), 6, LENIENT, day("2026-12-01"))

    assert stand.counts_on == (day(counts_on) if counts_on else None)
    assert (stand.counts, stand.months) == (counts_on is not None, 6 if counts_on else 5)


PAUSED = {  # pauses, the day of the count, and the day on which the pair counts
    "two weeks": ([("2026-03-01", "2026-03-15")], "2026-12-01", "2026-07-29"),
    "two pauses": ([("2026-03-01", "2026-03-15"), ("2026-05-01", "2026-05-11")], "2026-12-01", "2026-08-08"),
    "in another order": ([("2026-05-01", "2026-05-11"), ("2026-03-01", "2026-03-15")], "2026-12-01", "2026-08-08"),
    "after it counted": ([("2026-07-15", "2026-08-15")], "2026-12-01", "2026-07-15"),
    "on its last day": ([("2026-07-14", "2026-07-24")], "2026-12-01", "2026-07-25"),
    "on its first day": ([("2026-01-15", "2026-01-25")], "2026-12-01", "2026-07-25"),
    "open, for ten days": ([("2026-03-01", None)], "2026-03-11", "2026-07-25"),
    "open, since today": ([("2026-03-01", None)], "2026-03-01", "2026-07-15"),
    "one within another": ([("2026-03-01", "2026-03-15"), ("2026-03-05", "2026-03-10")], "2026-12-01", "2026-07-29"),
    "one over the end of another": ([("2026-03-05", "2026-03-15"), ("2026-03-01", "2026-03-10")], "2026-12-01", "2026-07-29"),
    "two, over its last days": ([("2026-07-10", "2026-07-20"), ("2026-07-21", "2026-07-31")], "2026-12-01", "2026-08-04"),
}  # fmt: skip


@pytest.mark.parametrize("case", PAUSED)
def test_a_pause_stops_the_clock(case):
    pauses, on, counts_on = PAUSED[case]
    dates = [(day(since), day(until) if until else None) for since, until in pauses]

    stand = count(Story(day("2026-01-15"), None, dates), 6, PAUSES, day(on))

    assert stand.counts_on == day(counts_on)


def test_a_pause_is_shown_with_its_dates_and_only_when_it_is_deducted():
    story = Story(day("2026-01-15"), None, [(day("2026-03-01"), day("2026-03-15"))])

    shown = count(story, 6, PAUSES, day("2026-04-01")).deducted
    hidden = count(story, 6, LENIENT, day("2026-12-01"))

    assert [(part.why, part.since, part.until, part.days) for part in shown] == [
        ("pause", day("2026-03-01"), day("2026-03-15"), 14)
    ]
    assert (hidden.deducted, hidden.counts_on) == ([], day("2026-07-15"))


def test_a_pause_to_come_or_after_it_counted_is_not_shown():
    story = Story(day("2026-01-15"), None, [(day("2026-06-01"), day("2026-06-15")), (day("2026-09-01"), day("2026-09-15"))])

    assert count(story, 6, PAUSES, day("2026-05-01")).deducted == []
    assert [part.since for part in count(story, 6, PAUSES, day("2026-12-01")).deducted] == [day("2026-06-01")]


def test_a_month_without_a_meeting_is_not_counted_and_is_shown():
    met = [day(f"2026-{month:02}-20") for month in (1, 2, 4, 5, 6, 7)]

    stand = count(Story(day("2026-01-15"), None, (), met), 6, SILENT, day("2026-12-01"))

    assert stand.counts_on == day("2026-08-15")
    assert [(part.why, part.since, part.until) for part in stand.deducted] == [("silent", day("2026-03-15"), day("2026-04-15"))]


@pytest.mark.parametrize(
    ("met", "silent"), [("2026-01-14", True), ("2026-01-15", False), ("2026-02-14", False), ("2026-02-15", True)]
)
def test_a_meeting_counts_for_the_month_in_which_it_was(met, silent):
    stand = count(Story(day("2026-01-15"), None, (), [day(met)]), 6, SILENT, day("2026-02-20"))

    assert (stand.months, len(stand.deducted)) == ((0, 1) if silent else (1, 0))


def test_a_month_is_silent_only_once_it_is_over():
    story = Story(day("2026-01-15"), None)

    assert [count(story, 6, SILENT, day(on)).counts_on for on in ("2026-02-14", "2026-02-15")] == [
        day("2026-07-15"),
        day("2026-08-15"),
    ]


def test_a_month_that_a_pause_makes_longer_may_meet_until_its_end():
    story = Story(day("2026-01-15"), None, [(day("2026-01-20"), day("2026-03-20"))], [day("2026-04-10")])

    stand = count(story, 6, ALL, day("2026-04-15"))

    assert (stand.months, [part.why for part in stand.deducted]) == (1, ["pause"])


def test_the_facts_of_a_snapshot_say_everything():
    story = Story(
        day("2026-01-15"), None, [(day("2026-03-01"), day("2026-03-15"))], met_between(day("2026-01-15"), day("2026-12-01"))
    )

    assert count(story, 6, ALL, day("2026-12-01")).facts == {
        "since": "2026-01-15", "months": 6, "needed": 6, "counts_on": "2026-07-29",
        "deducted": [{"why": "pause", "since": "2026-03-01", "until": "2026-03-15"}],
    }  # fmt: skip


starts = st.dates(date(2020, 1, 1), date(2040, 12, 31))
needs = st.integers(1, 24)
gaps = st.lists(st.tuples(st.integers(0, 120), st.integers(1, 90)), max_size=6)


def laid_out(start, lengths):
    """Pauses that follow each other from a start: so many days later, for so many days."""
    pauses, at = [], start
    for wait, length in lengths:
        since = at + timedelta(wait)
        pauses.append((since, at := since + timedelta(length)))
    return pauses


@quick
@given(starts, needs, gaps, st.integers(0, 1500))
def test_pauses_only_delay_and_never_by_more_than_their_days(start, needed, lengths, later):
    on, pauses = start + timedelta(later), laid_out(start, lengths)
    plain, paused = (count(Story(start, None, some), needed, PAUSES, on) for some in ((), pauses))

    assert plain.counts_on <= paused.counts_on <= plain.counts_on + timedelta(sum(length for _wait, length in lengths))
    assert paused.months <= plain.months


@quick
@given(starts, needs, gaps, st.integers(0, 1500), st.data())
def test_it_never_counts_before_the_months_are_over(start, needed, lengths, later, data):
    on = start + timedelta(later)
    met = data.draw(st.lists(st.integers(0, later).map(lambda rank: start + timedelta(rank)), max_size=8))
    stand = count(Story(start, None, laid_out(start, lengths), met), needed, ALL, on)

    assert stand.counts_on is None or stand.counts_on >= add_months(start, needed)
    assert stand.months <= needed
    assert stand.counts is (stand.months == needed)


@quick
@given(starts, needs, gaps, st.integers(0, 1500), st.integers(1, 400))
def test_time_alone_takes_nothing_away(start, needed, lengths, later, more):
    story = Story(start, None, laid_out(start, lengths), [start + timedelta(rank) for rank in range(0, 2000, 5)])
    early, late = (count(story, needed, ALL, start + timedelta(days)) for days in (later, later + more))

    assert early.months <= late.months
    assert not early.counts or late.counts_on == early.counts_on


@quick
@given(starts, needs, gaps, st.integers(0, 900))
def test_an_end_that_comes_after_it_counts_changes_nothing(start, needed, lengths, more):
    story = Story(start, None, laid_out(start, lengths))
    last = count(story, needed, PAUSES, start + timedelta(4000)).counts_on
    ended = Story(start, last + timedelta(more), story.pauses)

    assert count(ended, needed, PAUSES, start + timedelta(4000)).counts_on == last
    assert count(Story(start, last - timedelta(1), story.pauses), needed, PAUSES, start + timedelta(4000)).counts_on is None


def test_a_pause_before_the_start_stops_nothing():
    story = Story(day("2026-03-01"), None, [(day("2026-01-05"), day("2026-02-04"))])

    counted = count(story, 6, PAUSES, day("2026-10-15"))

    assert (counted.counts_on, counted.deducted) == (day("2026-09-01"), [])


def test_a_pause_that_is_not_over_lasts_until_the_day_of_the_count():
    story = Story(day("2026-01-01"), None, [(day("2026-02-01"), None)])

    assert count(story, 6, PAUSES, day("2026-11-01")).counts_on > day("2026-11-01")
