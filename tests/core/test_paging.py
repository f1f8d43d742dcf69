"""Lists that are read by key: every row once, forward and back, and marks that somebody made up."""

from datetime import UTC, date, datetime
from urllib.parse import quote

import pytest
from sqlalchemy import select

from app.leads.models import Lead
from app.paging import paginate_by_key, read_keys, written_keys
from app.tenants.resolve import enter_tenant
from tests import factories

KEYS = (Lead.answer_by, Lead.requested_at, Lead.id)
DAY, NOON = date(2026, 11, 9), datetime(2026, 11, 2, 12, tzinfo=UTC)
NUMBER = "01910000-0000-7000-8000-000000000000"


@pytest.fixture
def rows(in_space, association):
    """Seven requests in order: two of one day, four of the next and of one instant, one of the last day."""
    with in_space(association):
        same = sorted((factories.lead(answer_by=DAY, requested_at=NOON) for _rank in range(4)), key=lambda lead: lead.id)
        return [
            factories.lead(answer_by=date(2026, 11, 1), requested_at=NOON),
            factories.lead(answer_by=date(2026, 11, 1), requested_at=NOON.replace(microsecond=1)),
            *same,
            factories.lead(answer_by=date(2026, 12, 1), requested_at=datetime(2025, 1, 1, tzinfo=UTC)),
        ]


@pytest.fixture
def read(app, association):
    """The page that a query string asks for, two rows at a time: the ids of its rows, and its marks."""

    def page(size=2, **query):
        path = "/?" + "&".join(f"{name}={quote(value)}" for name, value in query.items())
        with app.test_request_context(path):
            enter_tenant(association)
            found = paginate_by_key(select(Lead), KEYS, size=size)
            return [row.id for row in found.rows], found.before, found.after

    return page


def test_going_forward_reads_every_row_once(rows, read):
    seen, mark, pages = [], None, 0

    while pages == 0 or mark:
        ids, _before, mark = read(**({"apres": mark} if mark else {}))
        seen, pages = [*seen, *ids], pages + 1

    assert (seen, pages) == ([row.id for row in rows], 4)


def test_going_back_reads_the_same_pages(rows, read):
    forward = [read()]
    while forward[-1][2]:
        forward.append(read(apres=forward[-1][2]))
    back = [forward[-1]]
    while back[-1][1]:
        back.append(read(avant=back[-1][1]))

    assert [page[0] for page in back] == [page[0] for page in reversed(forward)]


def test_the_first_and_the_last_page_lead_one_way(rows, read):
    ids, before, after = read()
    last, before_last, after_last = read(apres=written_keys(rows[5], KEYS))

    assert (len(ids), before, after is None) == (2, None, False)
    assert (last, before_last is None, after_last) == ([rows[6].id], False, None)


def test_back_on_the_first_page_there_is_nothing_before(rows, read):
    ids, before, after = read(avant=written_keys(rows[2], KEYS))

    assert (ids, before) == ([row.id for row in rows[:2]], None)
    assert read(apres=after)[0] == [row.id for row in rows[2:4]]


@pytest.mark.parametrize(("size", "more"), [(6, True), (7, False), (8, False)])
def test_a_page_that_ends_with_the_list_leads_no_further(rows, read, size, more):
    ids, before, after = read(size=size)

    assert (len(ids), before, after is not None) == (min(size, 7), None, more)


def test_a_list_without_rows_leads_nowhere(read):
    assert read() == ([], None, None)


@pytest.mark.parametrize(("name", "of"), [("apres", 6), ("avant", 0)])
def test_beyond_both_ends_there_are_no_rows(rows, read, name, of):
    assert read(**{name: written_keys(rows[of], KEYS)}) == ([], None, None)


def test_a_row_that_left_meanwhile_still_marks_its_place(rows, read, in_space, association):
    from app.extensions import db

    mark = written_keys(rows[3], KEYS)
    with in_space(association):
        db.session.delete(db.session.get(Lead, (association.id, rows[3].id)))

    assert read(apres=mark)[0] == [row.id for row in rows[4:6]]
    assert read(avant=mark)[0] == [row.id for row in rows[1:3]]


WRONG = [
    "",
    "~",
    "~~",
    "abc",
    NUMBER,
    f"2026-11-09~{NUMBER}",
    f"2026-11-02T12:00:00+00:00~{NUMBER}",
    f"2026-11-09~2026-11-02T12:00:00~{NUMBER}",
    f"2026-11-09~2026-11-02~{NUMBER}",
    f"2026-11-31~2026-11-02T12:00:00+00:00~{NUMBER}",
    f"2026-11-02T12:00:00+00:00~2026-11-02T12:00:00+00:00~{NUMBER}",
    f"{NUMBER}~2026-11-02T12:00:00+00:00~2026-11-09",
    "2026-11-09~2026-11-02T12:00:00+00:00~1",
    f"2026-11-09~2026-11-02T12:00:00+00:00~{NUMBER}~",
    "2026-11-09~2026-11-02T12:00:00+00:00~' or 1=1 --",
    "٢٠٢٦-١١-٠٩~2026-11-02T12:00:00+00:00~" + NUMBER,
    "é" * 10_000,
]


@pytest.mark.no_database
@pytest.mark.parametrize("written", WRONG)
def test_what_is_no_mark_is_read_as_none(written):
    assert read_keys(written, KEYS) == []


@pytest.mark.parametrize("name", ["apres", "avant"])
@pytest.mark.parametrize("written", WRONG)
def test_what_is_no_mark_begins_the_list(written, name, rows, read):
    ids, before, _after = read(**{name: written})

    assert (ids, before) == ([row.id for row in rows[:2]], None)


EXTREMES = [
    "0001-01-01~0001-01-01T00:00:00+23:59",
    "9999-12-31~9999-12-31T23:59:59.999999-23:59",
    "2026-11-09~2026-11-02T12:00:00+00:00:30",
    "2026-11-09~2026-11-02T12:00:00+00:00:30.123456",
]


@pytest.mark.parametrize("name", ["apres", "avant"])
@pytest.mark.parametrize("written", EXTREMES)
def test_a_mark_at_the_edge_of_the_calendar_is_answered(written, name, rows, read):
    ids, _before, _after = read(**{name: f"{written}~{NUMBER}"})

    assert len(ids) <= 2


def test_a_mark_is_read_back_as_it_was_written(rows):
    values = [literal.value for literal in read_keys(written_keys(rows[0], KEYS), KEYS)]

    assert values == [rows[0].answer_by, rows[0].requested_at, rows[0].id]


def test_the_mark_of_another_associations_row_shows_only_what_is_here(rows, read, in_space, elsewhere):
    with in_space(elsewhere):
        theirs = factories.lead(answer_by=DAY, requested_at=NOON)

    seen = [*read(size=20, apres=written_keys(theirs, KEYS))[0], *read(size=20, avant=written_keys(theirs, KEYS))[0]]

    assert sorted(seen) == sorted(row.id for row in rows)
