"""What the team said with somebody of a pair: the grid, minutes, a day that was; what it answers; read by the staff only."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app.database import now
from app.extensions import db
from app.followup.guardians import link_of as guardian_link
from app.followup.settings import GRIDS, choose
from app.meetings.models import Meeting
from tests import factories

from .noted import BAD
from .situations import DAY, HOME, MINUTE, SPACE, at, contact, flashes, message, moment, pair_path, plain, situation

MARK = "Texte-de-la-seule-equipe"


@pytest.mark.parametrize(("who", "side"), [("mentor", "mentor"), ("jeune", "mentee"), ("parent", "guardian")])
def test_the_grid_of_each_is_ready(who, side, admin, people, change):
    change("mentee", birth_date=factories.birth_date(16))

    page = admin.page(pair_path(people.pair, f"/echanges/nouveau?qui={who}"))

    legends = [plain(one.get_text()) for one in page.soup.select("legend")]
    assert [question for question in legends if question in GRIDS[side]] == GRIDS[side]
    assert page.value("day") == factories.today().isoformat()
    assert not page.soup.select("input[name=length][checked]"), "an untouched page notes nothing"
    others = {a["href"].partition("?qui=")[2] for a in page.soup.select("main a[href*='echanges/nouveau?qui=']")}
    assert others == {"jeune", "mentor", "parent"} - {who}


@pytest.mark.parametrize("urgent", [True, False])
def test_a_parent_who_waits_is_called_though_the_jeune_came_of_age(
    urgent, change, admin, people, noting, noted, in_space, association
):
    with in_space(association):
        message(association, people.pair, "guardian", urgent=urgent)
    if urgent:  # put aside without a word, it is still to be called about
        thread = admin.page(pair_path(people.pair, "/messages/parent"))
        assert admin.page(thread.soup.find("a", string="Noter l'échange")["href"]).status == 200
        admin.send(thread.soup.find("button", string="Oui, c'est réglé").find_parent("form")["action"])

    assert noting("parent", time="23:59").status == 200
    assert [row.side for row in noted()] == ["guardian"]
    assert noting("parent").status == (404 if urgent else 200)  # until that was done


@pytest.mark.parametrize("who", ["voisin", "parent"])
def test_somebody_who_is_not_of_the_pair_is_not_found(who, admin, people):
    """Nor the guardian of an adult."""
    assert admin.page(pair_path(people.pair, f"/echanges/nouveau?qui={who}")).status == 404


def test_a_contact_is_noted_with_its_grid(noting, noted, people):
    tones = {"grid_0": "good", "grid_1": "watch", "grid_3": "bad"}

    page = noting("jeune", **tones, how="visit", length="30", note="Il va mieux.", next_step="Voir le stage")

    assert flashes(page) == ["L'échange est noté."]
    (row,) = noted()
    questions = GRIDS["mentee"]
    assert (row.side, row.how, row.minutes, row.reached, row.note) == ("mentee", "visit", 30, True, "Il va mieux.")
    assert row.answers == {questions[0]: "good", questions[1]: "watch", questions[3]: "bad"}
    assert (row.next_step, row.next_on, row.user_id) == ("Voir le stage", None, people.admin.user_id)


@pytest.mark.parametrize(("length", "reached", "words"), [("0", False, "sans réponse"), ("5", True, "5 min"), ("60", True, "1 h")])
def test_minutes_or_in_vain(length, reached, words, noting, noted, admin, people):
    page = noting(length=length)

    (row,) = noted()
    assert (row.minutes, row.reached) == (int(length), reached)
    assert ("Cette personne revient dans « À appeler aujourd'hui » le" in flashes(page)[0]) is not reached
    assert words in " ".join(admin.page(pair_path(people.pair, "/echanges")).rows[0])


def test_the_associations_own_grid_is_asked(noting, noted, in_space, association, people, admin):
    with in_space(association):
        choose(people.admin.user_id, grids={"mentor": ["Tout va bien ?"], "mentee": [], "guardian": []})

    noting("mentor", grid_0="bad", grid_1="good")
    page = admin.page(pair_path(people.pair, "/echanges/nouveau?qui=jeune"))

    assert noted()[0].answers == {"Tout va bien ?": "bad"}
    assert page.soup.find(attrs={"name": "grid_0"}) is None


@pytest.mark.parametrize(("field", "value"), BAD)
def test_what_cannot_be_noted_is_said(field, value, noting, noted):
    page = noting(**{field: value})

    assert (page.status, noted()) == (422, [])


@pytest.mark.parametrize(("field", "days", "status"), [
    ("day", 1, 422), ("day", 0, 200), ("day", -366, 200), ("day", -367, 422),
    ("next_on", -1, 422), ("next_on", 0, 200), ("next_on", 366, 200), ("next_on", 367, 422),
])  # fmt: skip
def test_the_future_is_refused_and_what_is_too_long_ago(field, days, status, noting, noted):
    page = noting(**{field: (factories.today() + timedelta(days)).isoformat()})

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
def test_the_hour_is_that_of_the_association_and_never_to_come(day, hour, held_at, zone, on_clock, signed, noting, noted):
    on_clock(zone)
    with at(moment(date(2027, 3, 10), "09:00", zone)):
        noting(client=signed("admin"), day=day, time=hour)

    (row,) = noted()
    assert f"{row.held_at.astimezone(association_zone(zone)):%Y-%m-%d %H:%M}" == held_at


def association_zone(name):
    return moment(date(2027, 1, 1), zone=name).tzinfo


def test_the_same_form_twice_is_one_contact(noting, noted):
    for _time in range(2):
        assert flashes(noting(once="une-fois", note="Bonjour")) == ["L'échange est noté."]

    assert len(noted()) == 1


def test_the_same_form_with_other_words_sets_it_right(noting, noted):
    """Somebody goes back to the form, or adds to it while the network is away."""
    noting(once="une-fois", note="Bonjour")
    noting(once="une-fois", note="Bonjour, tout va bien")

    assert [row.note for row in noted()] == ["Bonjour, tout va bien"]


def test_a_late_copy_of_the_form_does_not_undo_what_was_corrected_on_its_own_page(noting, noted, admin, people):
    noting(once="une-fois", note="Bonjour")
    for note in ("Bonsoir", "Bonne nuit"):
        typed = {"how": "phone", "day": factories.today().isoformat(), "length": "10", "note": note}
        admin.send(pair_path(people.pair, f"/echanges/{noted()[0].id}"), typed)

        assert "a été corrigé depuis" in noting(once="une-fois", note="Bonjour").text
        assert [row.note for row in noted()] == [note]


# What it answers.


def test_a_contact_ends_what_it_answers(noting, refreshed, calls, people):
    refreshed()
    assert [side for _kind, side in calls("contact")] == ["mentee", "mentor"]

    noting("mentor")
    assert [side for _kind, side in calls("contact")] == ["mentee"]

    noting("jeune")
    assert calls("contact") == []


@pytest.mark.parametrize(("days", "kind", "rest"), [(-40, "no_meeting", 14), (-70, "long_silence", 7)])
def test_a_silence_that_was_spoken_of_is_left_in_peace(days, kind, rest, noting, refreshed, calls, change):
    change(starts_on=factories.today() + timedelta(days))
    refreshed()

    noting("jeune")

    assert calls(kind, "snoozed_until") == [(kind, "mentor", factories.today() + timedelta(rest))]


def test_who_was_called_in_vain_is_called_the_next_day_or_the_day_that_was_noted(noting, refreshed, calls):
    refreshed()

    noting("mentor", length="0")
    tomorrow = factories.today() + DAY
    expected = [("contact", "mentee", None), ("contact", "mentor", tomorrow)]
    assert calls("contact", "snoozed_until") == expected

    noting("jeune", length="0", next_on=(tomorrow + 4 * DAY).isoformat())
    assert calls("contact", "snoozed_until") == [("contact", "mentee", tomorrow + 4 * DAY), expected[1]]


# Who reads it.


@pytest.fixture
def told(in_space, association, people, change):
    """Contacts with each of three, with a mark in every field that is typed; the jeune is a minor."""
    change("mentee", birth_date=factories.birth_date(16), guardian_name="Nadège Parent", guardian_email="nadege@example.org")
    with in_space(association):
        factories.authorisation(people.mentee)
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
        factories.place(association.id, people.mentor.user_id, "coordinator")

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
