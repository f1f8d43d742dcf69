"""A contact set right, or taken back, by who noted it, in the week that follows; the calls follow."""

from datetime import timedelta

import pytest

from app.database import now
from app.followup.settings import GRIDS
from tests import factories

from .noted import BAD
from .situations import SPACE, at, flashes, pair_path

MARK = "Texte-de-la-seule-equipe"


@pytest.fixture
def own(admin, people, noting, noted):
    """A contact that the admin noted just now, and its path."""
    noting(note=MARK, grid_0="good", length="20", next_step="Rappeler")
    (row,) = noted()
    return row, pair_path(people.pair, f"/echanges/{row.id}")


def typed(row, **changes):
    """What the form of a correction sends."""
    day = factories.today().isoformat()
    return {
        "how": row.how,
        "day": day,
        "length": "20",
        "note": row.note,
        "next_step": "",
        "once": row.once,
        "grid_0": "good",
        **changes,
    }


def test_a_contact_is_set_right_by_who_noted_it(admin, people, own, noted):
    row, path = own
    page = admin.page(path)

    assert [page.value(name) for name in ("day", "note", "next_step")] == [factories.today().isoformat(), MARK, "Rappeler"]
    assert [one["value"] for one in page.soup.select("[name=length][checked], [name=grid_0][checked]")] == ["20", "good"]
    assert path in [link["href"] for link in admin.page(pair_path(people.pair, "/echanges")).soup.select("a[href]")]
    done = admin.send(path, typed(row, note="Autre chose", grid_0="bad", length="5"))

    (after,) = noted()
    assert flashes(done) == ["L'échange est corrigé."]
    assert (after.id, after.note, after.minutes, after.next_step) == (row.id, "Autre chose", 5, "")
    assert after.answers == {GRIDS["mentor"][0]: "bad"}


@pytest.mark.parametrize(("field", "value"), BAD)
def test_a_correction_that_cannot_be_is_said(field, value, admin, own, noted):
    row, path = own
    page = admin.send(path, typed(row, **{field: value}))

    assert (page.status, noted()[0].note) == (422, MARK)


def test_a_contact_that_was_not_is_taken_back_and_what_it_answered_is_to_do_again(admin, people, own, noted, change, calls):
    change("pair", starts_on=factories.today() - timedelta(days=90))
    row, path = own
    admin.send(path, typed(row))
    settled, put_off = set(calls()), calls("long_silence", "snoozed_until")
    page = admin.send(f"{path}/retrait")
    again = admin.send(f"{path}/retrait")

    assert flashes(page) == ["L'échange est retiré."]
    assert (noted(), again.status) == ([], 404)
    assert put_off == [("long_silence", "mentor", factories.today() + timedelta(days=7))]
    assert calls("long_silence", "snoozed_until") == [("long_silence", "mentor", None)]
    assert {("contact", "mentor")} == set(calls()) - settled


def test_said_by_mistake_that_they_answered_they_are_called_about_again(admin, people, own, change, calls):
    """Corrected to « Sans réponse », it has settled nothing."""
    change("pair", starts_on=factories.today() - timedelta(days=90))
    row, path = own
    admin.send(path, typed(row))
    settled = set(calls())
    admin.send(path, typed(row, length="0"))

    assert {("contact", "mentor")} == set(calls()) - settled


def test_only_who_noted_it_and_only_for_a_week(signed, coordinator, people, own, noted):
    row, path = own
    list_of = pair_path(people.pair, "/echanges")

    assert coordinator.page(path).status == coordinator.send(f"{path}/retrait").status == 404
    assert path not in coordinator.page(list_of).response.text
    with at(now() + timedelta(days=8)):
        later = signed("admin")
        assert later.page(path).status == later.send(path, typed(row)).status == 404
        assert path not in later.page(list_of).response.text
    assert [row.note for row in noted()] == [MARK]


def test_a_contact_of_another_pair_is_not_found(admin, own, people, in_space, association):
    row, path = own
    with in_space(association):
        other = factories.pair(factories.mentor(association, trained=True), factories.mentee(association))
        elsewhere = path.replace(str(people.pair.id), str(other.id))

    assert admin.page(elsewhere).status == admin.send(elsewhere, typed(row)).status == 404


def test_a_correction_leaves_what_a_colleague_decided(admin, coordinator, own, change, calls, in_space, association):
    """« Plus tard » is nobody's to undo by mending a word."""
    change("pair", starts_on=factories.today() - timedelta(days=90))
    row, path = own
    admin.send(path, typed(row))
    ((_kind, _side, call_id),) = calls("long_silence", "id")
    coordinator.send(f"{SPACE}/appels/{call_id}/report", {"days": "14"})
    before = calls("long_silence", "snoozed_until")
    admin.send(path, typed(row, note="Un mot mieux écrit"))

    assert calls("long_silence", "snoozed_until") == before == [("long_silence", "mentor", factories.today() + timedelta(days=14))]


def test_a_rest_counts_from_the_day_of_the_contact(signed, own, change, calls):
    change("pair", starts_on=factories.today() - timedelta(days=90))
    row, path = own
    with at(now() + timedelta(days=6)):
        signed("admin").send(path, typed(row, note="Un mot mieux écrit"))

    assert calls("long_silence", "snoozed_until") == [("long_silence", "mentor", factories.today() + timedelta(days=7))]


def test_a_contact_whose_day_has_passed_is_still_set_right(signed, admin, people, noting, noted):
    tomorrow = factories.today() + timedelta(days=1)
    noting(next_on=tomorrow.isoformat(), note=MARK)
    (row,) = noted()
    with at(now() + timedelta(days=3)):
        late = signed("admin")
        path = pair_path(people.pair, f"/echanges/{row.id}")
        kept = late.send(path, typed(row, day=(factories.today() - timedelta(days=3)).isoformat(), next_on=tomorrow.isoformat()))
        moved = late.send(path, typed(row, next_on=(tomorrow + timedelta(days=1)).isoformat()))

    assert (kept.status, moved.status) == (200, 422)
    assert noted()[0].next_on == tomorrow
