"""A sheet that two people fill: a late page undoes nothing that a colleague said meanwhile, and loses nothing typed."""

import pytest

from app.training.models import Completion
from app.training.session_models import Registration
from tests import factories

from .sheets import answers, note
from .test_road import MINE, SPACE


@pytest.fixture
def colleague(app, association, in_space):
    """The browser of somebody else of the team."""
    with in_space(association):
        return app.test_client().sign_in(factories.staff(association).user_id)


def sheet(browser, session):
    """What the page of a session would send, as it shows it."""
    form = browser.page(f"{SPACE}/formation/sessions/{session.id}").soup.select_one("form[data-kept]")
    fields = [f for f in form.select("input[name]") if f.get("type") != "radio" or f.has_attr("checked")]
    return {field["name"]: field.get("value", "") for field in fields}


def post(browser, session, fields, **options):
    return browser.send(f"{SPACE}/formation/sessions/{session.id}", fields, **options)


@pytest.mark.parametrize("kept", [{}, {"X-Kept": "1"}])
def test_a_late_sheet_does_not_restore_a_presence_that_a_colleague_took_back(
    office, colleague, desk, association, stored, course, mentor, other, session_of, kept
):
    """Sent at once, or by a device that had no network."""
    session = session_of(mentor, other, days=-1)
    desk.send(f"{MINE}/{course.text.id}/lecture")
    note(office, session, mentor)
    opened = sheet(office, session)
    note(colleague, session, absent=[mentor])

    post(office, session, opened | {f"p-{other.id}": "whole"}, headers=kept)

    came = {row.mentor_id: row.attended for row in stored(association, Registration)}
    assert came == {mentor.id: False, other.id: True}
    assert stored(association, Completion) == []


def test_what_two_people_changed_is_read_again_and_nothing_typed_is_lost(
    office, colleague, association, stored, mentor, other, session_of
):
    session = session_of(mentor, other, days=-1)
    opened = sheet(office, session)
    note(colleague, session, mentor, minutes=20)

    page = post(office, session, opened | {f"p-{mentor.id}": "whole", f"p-{other.id}": "absent"})

    assert (page.status, page.errors) == (422, ["Quelqu'un vient de noter « 20 min » ici. Relisez, puis enregistrez de nouveau."])
    assert answers(page) == {"Léa Abel": "absent", "Karim Tahar": "whole"}
    assert {row.mentor_id: row.minutes for row in stored(association, Registration)} == {mentor.id: 20, other.id: None}
    again = {f["name"]: f.get("value") for f in page.soup.select("fieldset.presence input") if f.get("type") != "radio"}

    post(office, session, again | {f"p-{mentor.id}": "whole", f"p-{other.id}": "absent"})

    assert {row.mentor_id: row.minutes for row in stored(association, Registration)} == {mentor.id: 60, other.id: 0}


def test_a_refused_sheet_shows_what_only_the_colleague_changed(office, colleague, mentor, other, session_of):
    session = session_of(mentor, other, days=-1)
    note(office, session, mentor, other)
    opened = sheet(office, session)
    note(colleague, session, absent=[mentor, other])

    page = post(office, session, opened | {f"p-{mentor.id}": "part", f"m-{mentor.id}": "30"})

    assert page.errors == ["Quelqu'un vient de noter « pas là » ici. Relisez, puis enregistrez de nouveau."]
    assert answers(page) == {"Léa Abel": "absent", "Karim Tahar": "part"}


def test_minutes_asked_again_do_not_hide_what_a_colleague_did(office, colleague, association, stored, mentor, session_of):
    session = session_of(mentor, days=-1)
    opened = sheet(office, session)
    note(colleague, session, absent=[mentor])
    asked = post(office, session, opened | {f"p-{mentor.id}": "part"})

    page = post(office, session, {f"s-{mentor.id}": asked.value(f"s-{mentor.id}"), f"p-{mentor.id}": "whole"})

    assert page.status == 422
    assert [row.attended for row in stored(association, Registration)] == [False]


def test_one_s_own_late_sheet_is_no_clash(office, association, stored, mentor, session_of):
    """What was kept without network was sent, and one goes on on the same page."""
    session = session_of(mentor, days=-1)
    opened = sheet(office, session)
    post(office, session, opened | {f"p-{mentor.id}": "whole"})

    post(office, session, opened | {f"p-{mentor.id}": "absent"})

    assert [row.attended for row in stored(association, Registration)] == [False]
