"""What is taken back stops a pair that began: nothing is planned, what was planned is called off, the team is called on."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.accounts.links import mark_of, record_token
from app.database import now
from app.extensions import db
from app.followup.jobs import follow
from app.followup.models import Call
from app.followup.rules import refresh
from app.followup.settings import choose as choose_followup
from app.leads.models import Lead
from app.mail import Mail
from app.meetings.actions import Spot, plan_all
from app.meetings.models import Meeting, Offer
from app.meetings.refusals import MOST_COMING
from app.pairs.actions import Plan, form_pair
from app.pairs.conditions import barred
from app.pairs.jobs import end_pauses
from app.pairs.life import begin
from app.pairs.models import Pair
from app.pairs.refusals import GateClosed
from app.people.authorising import take_back
from app.people.guardians import name_guardian
from app.people.models import Authorisation, Mentee
from app.people.rules import Rule, set_rules
from app.web import today
from tests import factories
from tests.meetings.situations import soon, typed
from tests.pairs.situations import ASE, except_from, protect, see
from tests.people.fixtures import at_once, day_ago, space_of

from .situations import SPACE, pair_path, situation

STOPPED = ("stopped", "mentee")
CHECK = {"document_on": day_ago(0), "seen_on": day_ago(0)}


@pytest.fixture(params=[False, True], ids=["before the first meeting", "after it"])
def minor(request, people, in_space, association, change):
    """The jeune is sixteen, allowed to take part; a meeting is planned. Before or after the first one was held."""
    change("mentee", birth_date=factories.birth_date(16), guardian_name="Nadège Martin", guardian_email="nadege@example.org")
    with in_space(association):
        factories.authorisation(situation(association, people.mentee))
        pair = situation(association, people.pair)
        if request.param:
            factories.meeting(pair, -5, "held")
        factories.meeting(pair, 4)
    return request.param


@pytest.fixture
def states(in_space, association):
    """The meetings' states, the soonest first."""

    def read():
        with in_space(association):
            return [meeting.state for meeting in db.session.scalars(select(Meeting).order_by(Meeting.starts_at))]

    return read


@pytest.fixture
def withdraw(admin, in_space, association):
    """The team notes that the authorisation is taken back."""

    def send():
        with in_space(association):
            row = db.session.scalars(select(Authorisation).where(Authorisation.kind == "participation")).one()
        return admin.send(f"{SPACE}/autorisations/{row.id}/retrait")

    return send


def plans(client, pair):
    """What planning one more meeting answers."""
    return client.send(pair_path(pair, "/rendez-vous/nouveau"), typed(soon(6)))


def test_while_nothing_is_missing_they_meet(minor, mentor, people, states, calls):
    assert plans(mentor, people.pair).status == 200
    assert states()[-2:] == ["planned", "planned"]
    assert calls("stopped") == []


def test_an_authorisation_taken_back_calls_off_what_was_planned(minor, withdraw, mentor, admin, people, states, calls, letters):
    withdraw()
    page = plans(mentor, people.pair)

    assert states()[-1] == "cancelled"
    assert calls("stopped") == [STOPPED]
    assert "Rencontres arrêtées" in " ".join(admin.page(f"{SPACE}/?tous=1").text.split())
    assert page.status == 422
    assert "Il manque un document ou une autorisation pour cette rencontre" in page.errors[0]
    off = letters("meeting_cancelled")
    assert [mail.subject.endswith(" est annulé") for mail in off] == [True, True]
    assert not any("Annulé par" in mail.text for mail in off)  # nobody did


@pytest.mark.parametrize("path", ["/rendez-vous/nouveau", "/propositions/nouvelle"])
def test_whoever_would_plan_reads_why_nothing_can_be_planned_and_whom_to_ask(path, minor, mentor, withdraw, people):
    assert mentor.page(pair_path(people.pair, path)).soup.select_one("input[type=date]")

    withdraw()
    page = mentor.page(pair_path(people.pair, path))

    assert page.soup.h1.get_text() == "Les rencontres sont arrêtées pour l'instant"
    assert page.soup.main.find("a", href=f"{SPACE}/mes-messages/{people.pair.id}")
    assert page.soup.select_one("input[type=date]") is None


def test_however_many_were_planned_none_is_left(minor, withdraw, states, people, in_space, association):
    with in_space(association):
        for rank in range(MOST_COMING // 4 + 3):
            for hour in (9, 11, 14, 17):
                factories.meeting(people.pair, starts_at=now() + timedelta(days=7 + rank, hours=hour))

    withdraw()

    assert "planned" not in states()


def test_nobody_plans_more_than_two_people_can_look_after(minor, mentor, people, in_space, association, states):
    with in_space(association):
        for rank in range(MOST_COMING - 1):
            factories.meeting(people.pair, starts_at=now() + timedelta(days=7 + rank // 4, hours=9 + rank % 4))

    page = plans(mentor, people.pair)

    assert (page.status, states().count("planned")) == (422, MOST_COMING)
    assert page.errors == ["Ce binôme aurait plus de 120 rendez-vous à venir. Annulez-en quelques-uns d'abord."]


def test_what_was_called_off_is_not_logged_past_the_gate(minor, mentor, admin, people, in_space, association, withdraw, states):
    with in_space(association):
        meeting = factories.meeting(people.pair, starts_at=now() + timedelta(minutes=2))
    withdraw()

    with time_machine.travel(now() + timedelta(minutes=10)):
        path = f"{SPACE}/rendez-vous/{meeting.id}/compte-rendu"
        page = mentor.send(path, {"outcome": "held", "length": "30", "place": "remote"})
        missed = mentor.send(path, {"outcome": "missed"})
        team = admin.send(pair_path(people.pair, f"/seances/{meeting.id}"), {"outcome": "held", "length": "30", "place": "remote"})

    assert (page.status, page.errors[0].startswith("Il manquait un document ou une autorisation")) == (422, True)
    assert (missed.status, team.status) == (200, 200)
    assert states().count("held") == 1 + minor


@pytest.mark.parametrize("who", ["mentor", "jeune"])
def test_nothing_more_is_written_to_the_other_one(who, minor, mentor, jeune, withdraw, people, in_space, association, letters):
    writer, side = (mentor, "mentee") if who == "mentor" else (jeune, "mentor")
    with in_space(association):
        choose_followup(people.admin.user_id, both_write=True)
        offer = Offer(
            pair_id=people.pair.id, side=side, starts=[now() + timedelta(days=9)], minutes=60, place="remote", where="", word=""
        )
        db.session.add(offer)
        db.session.flush()
        offer_id = offer.id
    talk = f"{SPACE}/conversation/{people.pair.id}"
    assert writer.page(talk).status == 200

    withdraw()
    before = len(letters("meeting_offer"))
    answers = [writer.send(f"{SPACE}/propositions/{offer_id}/refus", {"word": "viens quand même"}),
               writer.send(talk, {"body": "viens quand même", "once": "b"})]  # fmt: skip

    assert [page.status for page in answers][1] == 404
    assert len(letters("meeting_offer")) == before
    with in_space(association):
        assert db.session.get(Offer, (association.id, offer_id)).answer != "viens quand même"


@pytest.mark.parametrize("contact", ["email", "phone"])
def test_who_is_noted_as_their_parent_does_not_mentor_them(
    contact, minor, mentor, admin, people, states, calls, in_space, association
):
    other = {"email": "autre@example.org", "phone": "06 55 55 55 55", contact: getattr(people.mentor, contact).upper()}

    admin.send(f"{SPACE}/jeunes/{people.mentee.id}/representant", {"name": "Karim Tahar", "relation": "parent", **other})

    assert states()[-1] == "cancelled"
    assert calls("stopped") == [("stopped", "mentor")]
    assert plans(mentor, people.pair).status == 422
    with in_space(association), pytest.raises(GateClosed, match="le ou la jeune que l'on représente"):
        form_pair(
            situation(association, people.mentee), situation(association, people.mentor), Plan(today(), 6, "monthly", []), None
        )


def test_noted_again_it_lets_them_meet(minor, withdraw, mentor, people, in_space, association, calls, admin):
    withdraw()
    form = {"kind": "participation", "given_by": "Nadège Martin", "given_on": factories.today().isoformat(), "how": "paper"}
    admin.send(f"{SPACE}/jeunes/{people.mentee.id}/autorisation", form)

    assert calls("stopped") == []
    assert plans(mentor, people.pair).status == 200


@pytest.mark.parametrize("kind", ["record", "honorability", "identity"])
def test_a_check_that_is_not_clear_stops_them_where_it_is_asked(
    kind, minor, admin, mentor, people, in_space, association, states, calls
):
    with in_space(association):
        set_rules([Rule(kind, "minors")], "", people.admin.user_id)
        see(situation(association, people.mentor), kind)
    before = calls("stopped")
    admin.send(f"{SPACE}/mentors/{people.mentor.id}/verification", {**CHECK, "kind": kind, "result": "not_clear"})

    assert (before, calls("stopped")) == ([], [("stopped", "mentor")])
    assert states()[-1] == "cancelled"
    assert plans(mentor, people.pair).status == 422


def test_a_check_that_ends_by_itself_stops_no_pair_that_met(minor, people, in_space, association, calls, refreshed):
    with in_space(association):
        set_rules([Rule("record", "minors", renew=12)], "", people.admin.user_id)
        see(
            situation(association, people.mentor),
            "record",
            document_on=today() - timedelta(days=400),
            due_on=today() - timedelta(days=35),
        )
    refreshed()

    assert calls("stopped") == ([] if minor else [("stopped", "mentor")])


def test_a_date_of_birth_put_right_asks_the_gate_again(admin, mentor, people, in_space, association, states, calls):
    """Twenty on the file, they met without anybody's authorisation: sixteen in truth."""
    with in_space(association):
        factories.meeting(situation(association, people.pair), 4)
    file = admin.page(f"{SPACE}/jeunes/{people.mentee.id}/coordonnees")
    form = {
        field["name"]: field.get("value", "")
        for field in file.soup.select("form.sheet input[name]")
        if field["name"] != "csrf_token"
    }
    born = factories.birth_date(16)
    admin.send(
        f"{SPACE}/jeunes/{people.mentee.id}/coordonnees",
        {**form, "birth_date": [str(born.day), str(born.month), str(born.year)], "sure": "y"},
    )

    with in_space(association):
        assert situation(association, people.mentee).birth_date == born
    assert (states(), calls("stopped")) == (["cancelled"], [STOPPED])
    assert plans(mentor, people.pair).status == 422


def test_a_jeune_who_takes_the_request_back_is_met_no_more(
    app, client, people, in_space, association, states, calls, mentor, letters
):
    with in_space(association):
        lead = factories.lead(state="accepted", accepted_at=now())
        situation(association, people.mentee).lead_id = lead.id
        factories.meeting(situation(association, people.pair), 4)
        link = f"/suivi/{record_token('suivi', association.id, lead.id)}/retrait"
    client.send(link)

    assert (states(), calls("stopped")) == (["cancelled"], [STOPPED])
    assert plans(mentor, people.pair).status == 422
    with in_space(association):
        written = {mail.to_address for mail in letters() if mail.kind.startswith("meeting")}
        assert written == {situation(association, people.mentor).email}, "whoever left is written to no more"


def test_a_guardian_who_refuses_later_stops_it_too(client, people, in_space, association, states, change, calls):
    change("mentee", birth_date=factories.birth_date(16), guardian_name="Nadège", guardian_email="nadege@example.org")
    with in_space(association):
        factories.authorisation(situation(association, people.mentee))
        lead = factories.lead(state="accepted", accepted_at=now(), guardian_name="Nadège", guardian_email="nadege@example.org",
                              birth_date=factories.birth_date(16))  # fmt: skip
        situation(association, people.mentee).lead_id = lead.id
        factories.meeting(situation(association, people.pair), 4)
        link = f"/accord/{record_token('accord', association.id, lead.id)}"
    asked = client.page(f"{link}/refus")
    assert states() == ["planned"], "reading the page refuses nothing"
    page = client.send(f"{link}/refus")

    with in_space(association):
        assert db.session.get(Lead, (association.id, lead.id)).state == "withdrawn"
        assert situation(association, people.mentee).state == "withdrawn"
    assert "Arrêter la demande de" in asked.heading
    assert "Cette demande n'est plus en cours" in page.text
    assert (states(), calls("stopped")) == (["cancelled"], [STOPPED])


def test_a_guardian_who_agrees_once_the_file_is_open_is_heard(client, people, in_space, association):
    with in_space(association):
        lead = factories.lead(state="accepted", accepted_at=now(), guardian_name="Nadège", guardian_email="nadege@example.org",
                              birth_date=factories.birth_date(16))  # fmt: skip
        link = f"/accord/{record_token('accord', association.id, lead.id)}"
    page = client.send(link, {"name": "Nadège Martin"})

    with in_space(association):
        assert db.session.get(Lead, (association.id, lead.id)).guardian_agreed_by == "Nadège Martin"
    assert page.flashes == ["Merci. Votre accord est enregistré."]
    assert "Je change d'avis" in page.text


def test_home_taken_back_calls_off_what_is_at_home_and_nothing_else(minor, admin, people, in_space, association, states):
    with in_space(association):
        situation(association, people.mentor).places = ["home"]
        home = factories.authorisation(situation(association, people.mentee), "home")
        factories.meeting(situation(association, people.pair), 6, place="home")
    admin.send(f"{SPACE}/autorisations/{home.id}/retrait")

    assert states()[-2:] == ["planned", "cancelled"]


# Pauses.


def test_a_pause_does_not_end_while_something_is_taken_back(minor, withdraw, admin, people, in_space, association):
    admin.send(pair_path(people.pair, "/pause"), {"reason": "Vacances"})
    withdraw()
    page = admin.send(pair_path(people.pair, "/reprise"))

    assert "l'autorisation parentale manque" in page.text
    with in_space(association):
        assert situation(association, people.pair).state == "paused"


def test_nor_for_any_statement(minor, withdraw, admin, people, in_space, association):
    admin.send(pair_path(people.pair, "/pause"), {"reason": "Vacances"})
    withdraw()

    with in_space(association), pytest.raises(DBAPIError, match="pair_gate: barred"), db.session.begin_nested():
        db.session.execute(text("UPDATE pairs SET state = 'active' WHERE id = :id"), {"id": people.pair.id})


def test_nor_by_itself_on_its_day(minor, withdraw, admin, people, in_space, association, calls):
    admin.send(pair_path(people.pair, "/pause"), {"reason": "Vacances", "back_on": soon(2).isoformat()})
    withdraw()
    with in_space(association):
        db.session.execute(text("UPDATE pauses SET back_on = space_today(tenant_id)"))
        end_pauses()
        assert situation(association, people.pair).state == "paused"
    assert calls("stopped") == [STOPPED]


def test_days_are_answered_together(minor, people, in_space, association):
    """At eighteen, the jeune says yes in their own name: before the first meeting the pair waits for it, later it goes on."""
    with in_space(association):
        mentee = situation(association, people.mentee)
        mentee.birth_date = today().replace(year=today().year - 18) + timedelta(days=10)
        db.session.flush()
        days = [today() + timedelta(days=count) for count in (1, 30)]
        found = barred(situation(association, people.pair), days)

    assert found == ({} if minor else {days[1]: [("majority", "mentee")]})


def test_whoever_has_no_pair_is_nobodys_call(admin, in_space, association, calls):
    with in_space(association):
        alone = factories.mentee(association, age=16)
        row = factories.authorisation(alone)
    admin.send(f"{SPACE}/autorisations/{row.id}/retrait")

    assert calls("stopped") == []


# What was found by somebody who tried to get round it.


@pytest.mark.parametrize("asked", [True, False], ids=["asked, with an exception", "nobody asks for it"])
def test_no_exception_and_no_silence_passes_over_a_check_that_is_not_clear(
    asked, minor, admin, mentor, people, in_space, association, states, calls
):
    with in_space(association):
        if asked:
            set_rules([Rule("record", "minors")], "", people.admin.user_id)
            except_from("record", situation(association, people.mentor), today() + timedelta(days=60))
    admin.send(f"{SPACE}/mentors/{people.mentor.id}/verification", {**CHECK, "kind": "record", "result": "not_clear"})

    assert (states()[-1], calls("stopped")) == ("cancelled", [("stopped", "mentor")])
    assert plans(mentor, people.pair).status == 422


def test_a_check_that_was_cancelled_was_not_seen(minor, admin, mentor, people, in_space, association, calls):
    with in_space(association):
        set_rules([Rule("record", "minors")], "", people.admin.user_id)
        check = see(situation(association, people.mentor), "record")
    admin.send(f"{SPACE}/verifications/{check.id}/annulation")

    assert calls("stopped") == [("stopped", "mentor")]
    assert plans(mentor, people.pair).status == 422


def test_child_protection_asks_that_the_attestation_was_seen(minor, mentor, people, in_space, association, refreshed, calls):
    with in_space(association):
        protect(situation(association, people.mentee), ASE)
    refreshed()

    assert calls("stopped") == [("stopped", "mentor")]
    assert plans(mentor, people.pair).status == 422


def test_both_are_told_of_a_whole_series(minor, people, withdraw, states, letters, in_space, association):
    with in_space(association):
        plan_all([situation(association, people.pair)], [factories.noon(7 * rank) for rank in (1, 2, 3, 4)], Spot(60, "remote"))
    before = states().count("planned")
    withdraw()

    told = letters("meeting_cancelled")
    assert (before, states().count("planned")) == (5, 0)
    assert sum("Des rendez-vous" in mail.subject for mail in told) >= 2, "one letter to each for the series"


def test_saying_that_they_met_does_not_open_the_gate(people, mentor, in_space, association, change, withdraw, calls):
    change("mentee", birth_date=factories.birth_date(16))
    change("pair", starts_on=factories.today() - timedelta(days=30))
    with in_space(association):
        factories.authorisation(situation(association, people.mentee))
    withdraw()
    form = {"outcome": "held", "length": "60", "place": "remote", "day": soon(-1).isoformat(), "time": "10:00"}
    page = mentor.send(pair_path(people.pair, "/seances/nouvelle"), form)

    assert (page.status, calls("stopped")) == (422, [STOPPED])
    assert "dites à l'association qu'elle a eu lieu" in " ".join(page.errors)


def test_a_closure_that_is_given_up_asks_again(minor, admin, people, withdraw, in_space, association):
    admin.send(pair_path(people.pair, "/cloture"), {"kind": "unforeseen", "reason": "time"})
    withdraw()
    admin.send(pair_path(people.pair, "/cloture/abandon"))

    with in_space(association):
        assert situation(association, people.pair).state == "closing"


def test_what_a_rule_bars_is_called_off_within_the_hour(people, in_space, association, states, calls, run_jobs):
    """Nothing was noted on a file: the association changed what it asks before a first meeting."""
    with in_space(association):
        factories.meeting(situation(association, people.pair), 4)
        set_rules([Rule("record", "all")], "", people.admin.user_id)
    before = states()
    follow.run(tenant_id=str(association.id))
    run_jobs()

    assert (before, states(), calls("stopped")) == (["planned"], ["cancelled"], [("stopped", "mentor")])


def test_who_is_not_the_guardian_any_more_stops_nothing(client, people, in_space, association, change, states):
    change("mentee", birth_date=factories.birth_date(16))
    with in_space(association):
        mentee = situation(association, people.mentee)
        factories.authorisation(mentee)
        name_guardian(mentee, "Claude Roy", "claude.roy@example.org", None)
        lead = factories.lead(state="accepted", accepted_at=now(), guardian_name="?", guardian_email="stranger@example.org",
                              birth_date=factories.birth_date(16))  # fmt: skip
        mentee.lead_id = lead.id
        factories.meeting(situation(association, people.pair), 4)
        link = f"/accord/{record_token('accord', association.id, lead.id, mark_of('stranger@example.org'))}"
    page = client.send(f"{link}/refus")

    assert "Cette demande n'est plus en cours" in page.text
    assert states() == ["planned"]


def test_nor_does_a_parent_of_an_adult(client, people, in_space, association, states):
    with in_space(association):
        lead = factories.lead(state="accepted", accepted_at=now(), guardian_name="Nadège", guardian_email="nadege@example.org",
                              birth_date=factories.birth_date(19))  # fmt: skip
        situation(association, people.mentee).lead_id = lead.id
        factories.meeting(situation(association, people.pair), 4)
        link = f"/accord/{record_token('accord', association.id, lead.id, mark_of('nadege@example.org'))}"
    client.send(f"{link}/refus")

    assert states() == ["planned"]


@pytest.mark.committed
def test_planning_and_taking_back_at_the_same_instant_leave_nothing_planned(crowd):
    factories.programme(crowd)
    tenant = factories.association(crowd, "passerelle", "Passerelle", ["69"])
    with space_of(crowd, tenant):
        office = factories.staff(tenant).user_id
        forms = []
        for _each in range(4):
            mentor, mentee = factories.mentor(tenant, trained=True), factories.mentee(tenant, age=16)
            row = factories.authorisation(mentee)
            pair = factories.pair(mentor, mentee)
            forms += [(mentor.user_id, pair_path(pair, "/rendez-vous/nouveau"), typed(soon(6))),
                      (office, f"{SPACE}/autorisations/{row.id}/retrait", {})]  # fmt: skip
    pages = at_once(crowd, forms)

    with space_of(crowd, tenant):
        assert {meeting.state for meeting in db.session.scalars(select(Meeting))} <= {"cancelled"}
    assert {page.status for page in pages} <= {200, 422}


@pytest.mark.committed
@pytest.mark.parametrize("state", ["confirmed", None])
def test_a_pair_that_begins_waits_for_what_is_being_taken_back(crowd, state):
    factories.programme(crowd)
    tenant = factories.association(crowd, "passerelle", "Passerelle", ["69"])
    with space_of(crowd, tenant):
        mentor, mentee = factories.mentor(tenant, trained=True), factories.mentee(tenant, age=16)
        row = factories.authorisation(mentee)
        pair = factories.pair(mentor, mentee, state=state) if state else None

    def begins():
        with space_of(crowd, tenant):
            if pair is not None:
                return begin(db.session.get_one(Pair, (tenant.id, pair.id)))
            return form_pair(situation(tenant, mentee), situation(tenant, mentor), Plan(today(), 6, "fortnightly", []), None)

    with ThreadPoolExecutor(1) as other:
        with space_of(crowd, tenant):
            take_back(db.session.get_one(Authorisation, (tenant.id, row.id)), today())
            beginning = other.submit(begins)
            with pytest.raises(TimeoutError):
                beginning.result(timeout=0.5)
        with pytest.raises(GateClosed):
            beginning.result(timeout=20)


def of_age_today(pair):
    """The jeune has their birthday."""
    pair.mentee.birth_date = today().replace(year=today().year - 18)
    db.session.flush()


@pytest.mark.parametrize("taken_back_before", [False, True])
def test_at_18_what_was_given_again_lets_the_pair_go_on(association, in_space, taken_back_before):
    with in_space(association):
        mentee = factories.mentee(association, age=17)
        if taken_back_before:
            factories.authorisation(mentee, given_on=today() - timedelta(days=200), withdrawn_on=today() - timedelta(days=100))
        factories.authorisation(mentee, given_on=today() - timedelta(days=90))
        pair = factories.pair(factories.mentor(association, trained=True), mentee)
        factories.meeting(pair, days=-7, state="held")
        of_age_today(pair)

        assert barred(pair, [today()]) == {}


def test_at_18_what_was_taken_back_is_still_called_about(association, in_space):
    with in_space(association):
        mentee = factories.mentee(association, age=17)
        allowed = factories.authorisation(mentee, given_on=today() - timedelta(days=90))
        pair = factories.pair(factories.mentor(association, trained=True), mentee)
        factories.meeting(pair, days=-7, state="held")
        allowed.withdrawn_on = today() - timedelta(days=1)
        of_age_today(pair)

        refresh([pair.id])

        assert barred(pair, [today()])
        assert "stopped" in db.session.scalars(select(Call.kind).where(Call.ended_at.is_(None))).all()


@pytest.mark.parametrize(("given_at", "is_stopped"), [(14, False), (17, True), (18, True)])
def test_what_an_adult_said_themself_and_took_back_stops_them_after_meetings_too(association, in_space, given_at, is_stopped):
    """A child's own word, taken back before 15, was not theirs as an adult."""
    with in_space(association):
        mentee = factories.mentee(association, age=19)
        mentee.created_at -= timedelta(days=2500)
        pair = factories.pair(factories.mentor(association, trained=True), mentee)
        factories.authorisation(mentee, given_on=today() - timedelta(days=800))
        factories.meeting(pair, days=-7, state="held")
        coming = factories.meeting(pair, days=4)
        said_on = mentee.birth_date + timedelta(days=given_at * 365 + 30)
        take_back(factories.authorisation(mentee, "own_agreement", given_on=said_on), today())

        refresh([pair.id])

        assert bool(barred(pair, [today()])) is is_stopped
        assert (situation(association, coming).state == "cancelled") is is_stopped
        assert ("stopped" in db.session.scalars(select(Call.kind).where(Call.ended_at.is_(None))).all()) is is_stopped


def test_both_and_the_team_read_that_meetings_may_go_on(minor, withdraw, people, in_space, association, admin, letters):
    withdraw()
    with in_space(association):
        db.session.query(Mail).delete()
        factories.authorisation(db.session.get(Mentee, (association.id, people.mentee.id)), given_on=today())
        refresh([people.pair.id])

        told = db.session.execute(select(Mail.to_address, Mail.subject)).all()

    assert {subject for _to, subject in told} == {"Vos rencontres peuvent reprendre", "Des rencontres peuvent reprendre"}
    assert {people.mentor.email, people.mentee.email} <= {to for to, _subject in told}
