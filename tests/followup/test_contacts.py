"""What the team said with somebody of a pair: the grid, minutes, a day that was; what it answers; read by the staff only."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app.accounts.models import Membership
from app.database import now, uuid7
from app.extensions import db
from app.followup.models import Contact
from app.followup.settings import GRIDS, choose
from app.followup.threads import guardian_link
from app.meetings.models import Meeting
from tests import factories

from .situations import DAY, HOME, MINUTE, SPACE, at, contact, flashes, moment, pair_path, plain, situation

MARK = "Texte-de-la-seule-equipe"


@pytest.fixture
def note(admin, people):
    """Note a contact, as the admin's page does: `note("jeune", note="…")`."""

    def send(who="mentor", client=admin, **values):
        form = {"how": "phone", "day": factories.today().isoformat(), "length": "10", "once": uuid7().hex, **values}
        return client.send(pair_path(people.pair, f"/echanges/nouveau?qui={who}"), form)

    return send


@pytest.fixture
def noted(in_space, association):
    """Every contact, the oldest first."""

    def read():
        with in_space(association):
            return db.session.scalars(select(Contact).order_by(Contact.created_at)).all()

    return read


@pytest.mark.parametrize(("who", "side"), [("mentor", "mentor"), ("jeune", "mentee"), ("parent", "guardian")])
def test_the_grid_of_each_is_ready(who, side, admin, people, change):
    change("mentee", birth_date=factories.birth_date(16))

    page = admin.page(pair_path(people.pair, f"/echanges/nouveau?qui={who}"))

    legends = [plain(one.get_text()) for one in page.soup.select("legend")]
    assert [question for question in legends if question in GRIDS[side]] == GRIDS[side]
    assert page.value("day") == factories.today().isoformat()
    assert not page.soup.select("input[name=length][checked]"), "an untouched page notes nothing"


@pytest.mark.parametrize("who", ["voisin", "parent"])
def test_somebody_who_is_not_of_the_pair_is_not_found(who, admin, people):
    """Nor the guardian of an adult."""
    assert admin.page(pair_path(people.pair, f"/echanges/nouveau?qui={who}")).status == 404


def test_a_contact_is_noted_with_its_grid(note, noted, people):
    tones = {"grid_0": "good", "grid_1": "watch", "grid_3": "bad"}

    page = note("jeune", **tones, how="visit", length="30", note="Il va mieux.", next_step="Voir le stage")

    assert flashes(page) == ["L'échange est noté."]
    (row,) = noted()
    questions = GRIDS["mentee"]
    assert (row.side, row.how, row.minutes, row.reached, row.note) == ("mentee", "visit", 30, True, "Il va mieux.")
    assert row.answers == {questions[0]: "good", questions[1]: "watch", questions[3]: "bad"}
    assert (row.next_step, row.next_on, row.user_id) == ("Voir le stage", None, people.admin.user_id)


@pytest.mark.parametrize(("length", "reached", "words"), [("0", False, "sans réponse"), ("5", True, "5 min"), ("60", True, "1 h")])
def test_minutes_or_in_vain(length, reached, words, note, noted, admin, people):
    note(length=length)

    (row,) = noted()
    assert (row.minutes, row.reached) == (int(length), reached)
    assert words in " ".join(admin.page(pair_path(people.pair, "/echanges")).rows[0])


def test_the_associations_own_grid_is_asked(note, noted, in_space, association, people, admin):
    with in_space(association):
        choose(people.admin.user_id, grids={"mentor": ["Tout va bien ?"], "mentee": [], "guardian": []})

    note("mentor", grid_0="bad", grid_1="good")
    page = admin.page(pair_path(people.pair, "/echanges/nouveau?qui=jeune"))

    assert noted()[0].answers == {"Tout va bien ?": "bad"}
    assert page.soup.find(attrs={"name": "grid_0"}) is None


BAD = [
    ("how", ""), ("how", "pigeon"), ("length", ""), ("length", "7"), ("day", ""), ("day", "2027-02-30"), ("grid_0", "superbe"),
    ("note", "x" * 4001), ("next_step", "x" * 201), ("time", "25:00"), ("once", "x" * 65),
]  # fmt: skip


@pytest.mark.parametrize(("field", "value"), BAD)
def test_what_cannot_be_noted_is_said(field, value, note, noted):
    page = note(**{field: value})

    assert (page.status, noted()) == (422, [])


@pytest.mark.parametrize(("field", "days", "status"), [
    ("day", 1, 422), ("day", 0, 200), ("day", -366, 200), ("day", -367, 422),
    ("next_on", -1, 422), ("next_on", 0, 200), ("next_on", 366, 200), ("next_on", 367, 422),
])  # fmt: skip
def test_the_future_is_refused_and_what_is_too_long_ago(field, days, status, note, noted):
    page = note(**{field: (factories.today() + timedelta(days)).isoformat()})

    assert (page.status, len(noted()), len(page.errors)) == (status, int(status == 200), int(status == 422))


HOURS = [
    ("2027-03-10", "", "2027-03-10 09:00"),  # without an hour, noon: not yet, so now
    ("2027-03-10", "08:15", "2027-03-10 08:15"),
    ("2027-03-10", "23:00", "2027-03-10 09:00"),
    ("2027-03-09", "", "2027-03-09 12:00"),
    ("2027-03-09", "23:59", "2027-03-09 23:59"),
]


@pytest.mark.parametrize("zone", ["Europe/Paris", "Indian/Reunion", "Pacific/Noumea", "Pacific/Tahiti"])
@pytest.mark.parametrize(("day", "hour", "held_at"), HOURS)
def test_the_hour_is_that_of_the_association_and_never_to_come(day, hour, held_at, zone, on_clock, signed, note, noted):
    on_clock(zone)
    with at(moment(date(2027, 3, 10), "09:00", zone)):
        note(client=signed("admin"), day=day, time=hour)

    (row,) = noted()
    assert f"{row.held_at.astimezone(association_zone(zone)):%Y-%m-%d %H:%M}" == held_at


def association_zone(name):
    return moment(date(2027, 1, 1), zone=name).tzinfo


def test_the_same_form_twice_is_one_contact(note, noted):
    for _time in range(2):
        assert flashes(note(once="une-fois", note="Bonjour")) == ["L'échange est noté."]

    assert len(noted()) == 1


# What it answers.


def test_a_contact_ends_what_it_answers(note, refreshed, calls, people):
    refreshed()
    assert [side for _kind, side in calls("contact")] == ["mentee", "mentor"]

    note("mentor")
    assert [side for _kind, side in calls("contact")] == ["mentee"]

    note("jeune")
    assert calls("contact") == []


@pytest.mark.parametrize(("days", "kind", "rest"), [(-40, "no_meeting", 14), (-70, "long_silence", 7)])
def test_a_silence_that_was_spoken_of_is_left_in_peace(days, kind, rest, note, refreshed, calls, change):
    change(starts_on=factories.today() + timedelta(days))
    refreshed()

    note("jeune")

    assert calls(kind, "snoozed_until") == [(kind, "mentor", factories.today() + timedelta(rest))]


def test_who_was_called_in_vain_is_called_the_next_day_or_the_day_that_was_noted(note, refreshed, calls):
    refreshed()

    note("mentor", length="0")
    tomorrow = factories.today() + DAY
    expected = [("contact", "mentee", None), ("contact", "mentor", tomorrow)]
    assert calls("contact", "snoozed_until") == expected

    note("jeune", length="0", next_on=(tomorrow + 4 * DAY).isoformat())
    assert calls("contact", "snoozed_until") == [("contact", "mentee", tomorrow + 4 * DAY), expected[1]]


# Who reads it.


@pytest.fixture
def told(in_space, association, people, change):
    """Contacts with each of three, with a mark in every field that is typed; the jeune is a minor."""
    change("mentee", birth_date=factories.birth_date(16), guardian_name="Nadège Parent", guardian_email="nadege@example.org")
    with in_space(association):
        for side in ("mentor", "mentee", "guardian"):
            words = {"note": MARK, "next_step": MARK, "answers": {MARK: "bad"}, "next_on": factories.today()}
            contact(people.pair, people.admin.user_id, side, **words)
        factories.meeting(people.pair, -3, "held")
        factories.meeting(people.pair, 3)
        choose(people.admin.user_id, both_write=True)


@pytest.mark.parametrize("page", ["", "/echanges", "/echanges/nouveau?qui=mentor"])
@pytest.mark.parametrize("who", ["admin", "coordinator"])
def test_the_team_reads_it(who, page, told, signed, people):
    assert MARK in signed(who).page(pair_path(people.pair, page)).text


PAGES = [
    HOME, f"{SPACE}/rendez-vous", f"{SPACE}/rappels", f"{SPACE}/mes-attestations", f"{SPACE}/ma-formation", f"{SPACE}/ma-charte",
    f"{SPACE}/seances/{factories.today():%Y/%m}",
    *(f"{SPACE}/{page}/{{pair}}" for page in ("mes-messages", "aide", "conversation")),
    *(f"{SPACE}/binomes/{{pair}}/{page}" for page in ("propositions/nouvelle", "rendez-vous/nouveau", "seances/nouvelle")),
    *(f"{SPACE}/rendez-vous/{{meeting}}{page}" for page in ("", "/compte-rendu", "/confirmation", "/agenda")),
]  # fmt: skip


@pytest.mark.parametrize("who", ["mentor", "mentee"])
def test_neither_of_the_two_ever_reads_it(who, told, signed, people, in_space, association):
    with in_space(association):
        meetings = db.session.scalars(select(Meeting.id).order_by(Meeting.starts_at)).all()
    client, read = signed(who), 0

    for path in PAGES:
        for meeting in meetings if "{meeting}" in path else meetings[:1]:
            page = client.page(path.format(pair=people.pair.id, meeting=meeting))
            assert MARK not in page.html, path
            read += page.status == 200

    assert read >= 10


@pytest.mark.parametrize("who", ["mentor", "mentee"])
@pytest.mark.parametrize("page", ["/echanges", "/echanges/nouveau?qui=mentor", "/messages/mentor", ""])
def test_the_pages_of_the_team_are_closed_to_the_two(page, who, told, signed, people):
    assert signed(who).page(pair_path(people.pair, page)).status == 403


def test_nor_does_the_guardian(told, client, in_space, association, people):
    with in_space(association):
        link = guardian_link(situation(association, people.pair)).removeprefix("http://localhost")

    page = client.page(link)

    assert page.status == 200
    assert MARK not in page.html


@pytest.mark.parametrize("page", ["/echanges", "/echanges/nouveau?qui=jeune"])
def test_staff_who_are_one_of_the_two_do_not_read_it(page, told, signed, people, in_space, association):
    with in_space(association):
        db.session.add(Membership(tenant_id=association.id, user_id=people.mentor.user_id, role="coordinator"))

    assert signed("mentor").page(pair_path(people.pair, page)).status == 404


@pytest.mark.parametrize("page", ["/echanges", "/echanges/nouveau?qui=jeune", "/messages/jeune"])
def test_another_association_finds_nothing(page, told, app, in_space, elsewhere, people):
    with in_space(elsewhere):
        staff = factories.staff(elsewhere, "admin")

    client = app.test_client().sign_in(staff.user_id)

    assert client.page(pair_path(people.pair, page)).status == 404
    assert client.page(pair_path(people.pair, page).replace("passerelle", "ailleurs")).status == 404


def test_the_list_shows_the_latest_first(admin, people, in_space, association):
    assert "Aucun échange noté." in admin.page(pair_path(people.pair, "/echanges")).text
    with in_space(association):
        for rank in range(3):
            contact(people.pair, people.admin.user_id, held_at=now() - rank * DAY - MINUTE, note=f"Échange {rank}")

    notes = [row[3] for row in admin.page(pair_path(people.pair, "/echanges")).rows]

    assert notes == ["Échange 0", "Échange 1", "Échange 2"]


@pytest.fixture
def own(admin, people, note, noted):
    """A contact that the admin noted just now, and its path."""
    note(note=MARK, grid_0="good", length="20", next_step="Rappeler")
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


def test_a_contact_whose_day_has_passed_is_still_set_right(signed, admin, people, note, noted):
    tomorrow = factories.today() + timedelta(days=1)
    note(next_on=tomorrow.isoformat(), note=MARK)
    (row,) = noted()
    with at(now() + timedelta(days=3)):
        late = signed("admin")
        path = pair_path(people.pair, f"/echanges/{row.id}")
        kept = late.send(path, typed(row, day=(factories.today() - timedelta(days=3)).isoformat(), next_on=tomorrow.isoformat()))
        moved = late.send(path, typed(row, next_on=(tomorrow + timedelta(days=1)).isoformat()))

    assert (kept.status, moved.status) == (200, 422)
    assert noted()[0].next_on == tomorrow
