"""What two do at the same instant is done once, on a database where commits are real."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select

from app.accounts.links import mark_of, record_token
from app.database import unit_of_work
from app.extensions import db
from app.mail import Mail
from app.meetings.logs import Account, clash
from app.meetings.models import Confirmation, MeetingEvent, MeetingState, Offer
from app.meetings.notice_models import CalendarFeed, NoticeRefusal
from app.people.models import Mentor
from tests import factories

from .situations import DAY, PARIS, SPACE, path, plan_path, soon, stored, typed

pytestmark = pytest.mark.committed


@pytest.fixture
def site(real_app):
    """An association with a pair, a meeting to come and one that was, and times that the mentor proposed."""
    factories.programme(real_app)
    tenant = factories.association(real_app, "passerelle", "Passerelle", ["69"])
    with unit_of_work(real_app, tenant.id), real_app.test_request_context("/"):
        mentor, mentee = factories.mentor(tenant, trained=True), factories.mentee(tenant)
        pair = factories.pair(mentor, mentee)
        coming, past = factories.meeting(pair, 7), factories.meeting(pair, -7)
        first = datetime.combine(soon(3), datetime.min.time(), tzinfo=PARIS).replace(hour=10)
        offer = Offer(pair_id=pair.id, side="mentor", starts=[first, first + DAY], minutes=60, place="remote")
        db.session.add(offer)
    return SimpleNamespace(
        app=real_app, tenant=tenant, mentor=mentor, mentee=mentee, pair=pair, coming=coming, past=past, offer=offer
    )


@pytest.fixture
def in_site(site):
    """A block that reads what is stored."""
    return lambda: unit_of_work(site.app, site.tenant.id)


def together(*acts):
    """Do these at the same instant, each in a thread; gives what each answered."""
    barrier = Barrier(len(acts))

    def wait(act):
        barrier.wait(timeout=30)
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result(timeout=60) for future in [pool.submit(wait, act) for act in acts]]


def sends(site, who, where, *forms):
    """The same page sent by one person from as many telephones."""
    pairs = [(site.app.test_client().sign_in(who.user_id), form) for form in forms]
    return [lambda client=client, form=form: client.post(where, data=form).status_code for client, form in pairs]


def test_two_times_of_an_offer_are_chosen_at_once_and_one_is_planned(site, in_site):
    with in_site():
        forms = [{"start": start.isoformat()} for start in db.session.get(Offer, (site.tenant.id, site.offer.id)).starts]

    answers = together(*sends(site, site.mentee, f"{SPACE}/propositions/{site.offer.id}", *forms))

    assert sorted(answers) == [303, 422]
    with in_site():
        assert len(stored(site.pair)) == 3
        assert db.session.scalar(select(func.count()).where(Mail.kind == "meeting_planned")) == 1
        offer = db.session.get(Offer, (site.tenant.id, site.offer.id))
        assert (offer.state, offer.chosen_id in {m.id for m in stored(site.pair)}) == ("chosen", True)


def test_the_two_choose_the_same_time_from_each_other_at_once_and_it_is_one(site, in_site):
    with in_site():
        start = db.session.get(Offer, (site.tenant.id, site.offer.id)).starts[0]
        back = Offer(pair_id=site.pair.id, side="mentee", starts=[start], minutes=60, place="remote")
        db.session.add(back)

    answers = together(
        *sends(site, site.mentee, f"{SPACE}/propositions/{site.offer.id}", {"start": start.isoformat()}),
        *sends(site, site.mentor, f"{SPACE}/propositions/{back.id}", {"start": start.isoformat()}),
    )

    assert 303 in answers
    with in_site():
        assert len([m for m in stored(site.pair) if m.starts_at == start]) == 1


def test_choosing_and_refusing_at_once_is_one_of_them(site, in_site):
    with in_site():
        start = db.session.get(Offer, (site.tenant.id, site.offer.id)).starts[0]

    together(
        *sends(site, site.mentee, f"{SPACE}/propositions/{site.offer.id}", {"start": start.isoformat()}),
        *sends(site, site.mentee, f"{SPACE}/propositions/{site.offer.id}/refus", {"word": "Non"}),
    )

    with in_site():
        offer = db.session.get(Offer, (site.tenant.id, site.offer.id))
        assert (offer.state, len(stored(site.pair))) in {("chosen", 3), ("ended", 2)}


def test_the_same_meeting_planned_twice_at_once_is_one(site, in_site):
    answers = together(*sends(site, site.mentor, plan_path(site.pair), *[typed(soon(4))] * 3))

    assert answers == [303, 303, 303]
    with in_site():
        assert len(stored(site.pair)) == 3
        assert db.session.scalar(select(func.count()).where(Mail.kind == "meeting_planned")) == 1


def test_both_call_it_off_at_once_and_it_is_once(site, in_site):
    where = path(site.coming, "/annulation")

    answers = together(*sends(site, site.mentor, where, {"word": "Malade"}), *sends(site, site.mentee, where, {"word": "Examen"}))

    assert sorted(answers) == [303, 422], "whoever comes second reads that their word did not leave"
    with in_site():
        assert db.session.scalar(select(func.count()).where(MeetingEvent.what == "cancelled")) == 1
        assert db.session.scalar(select(func.count()).where(Mail.kind == "meeting_cancelled")) == 1
        assert {m.sequence for m in stored(site.pair) if m.id == site.coming.id} == {1}


def test_moving_and_calling_off_at_once_leave_one_story(site, in_site):
    together(
        *sends(site, site.mentor, path(site.coming, "/deplacement"), typed(soon(9))),
        *sends(site, site.mentee, path(site.coming, "/annulation"), {"word": "Examen"}),
    )

    with in_site():
        (meeting,) = [m for m in stored(site.pair) if m.id == site.coming.id]
        whats = set(db.session.scalars(select(MeetingEvent.what).where(MeetingEvent.meeting_id == site.coming.id)))
        assert meeting.state == "cancelled"
        assert meeting.sequence == len(whats)
        assert "cancelled" in whats


def test_the_same_account_written_twice_at_once_is_written_once(site, in_site):
    together(*sends(site, site.mentor, path(site.past, "/compte-rendu"), *[{"outcome": "held", "length": "90"}] * 3))

    with in_site():
        whats = list(db.session.scalars(select(MeetingEvent.what).where(MeetingEvent.meeting_id == site.past.id)))
        assert whats == ["logged"]


def test_what_was_not_planned_is_logged_once(site, in_site):
    data = {"outcome": "held", "length": "60", "place": "remote", "day": soon(-3).isoformat(), "time": "10:00"}

    together(*sends(site, site.mentor, f"{SPACE}/binomes/{site.pair.id}/seances/nouvelle", *[data] * 3))

    with in_site():
        assert len(stored(site.pair)) == 3


def test_the_jeune_taps_twice_and_says_it_once(site, in_site):
    answers = together(*sends(site, site.mentee, path(site.past, "/confirmation"), *[{"answer": "face3"}] * 3))

    assert answers == [303, 303, 303]
    with in_site():
        assert [(c.was_held, c.face) for c in db.session.scalars(select(Confirmation))] == [(True, 3)]


def test_one_address_at_most_is_open(site, in_site):
    answers = together(*sends(site, site.mentee, f"{SPACE}/mon-agenda", {}, {}, {}))

    assert set(answers) <= {303}
    with in_site():
        assert len(db.session.scalars(select(CalendarFeed).where(CalendarFeed.revoked_at.is_(None))).all()) == 1


def test_the_same_refusal_twice_is_one(site, in_site):
    answers = together(*sends(site, site.mentee, f"{SPACE}/rappels", *[{"two_days": "y"}] * 3))

    assert answers == [303, 303, 303]
    with in_site():
        kinds = sorted(db.session.scalars(select(NoticeRefusal.kind)))
        assert kinds == ["evening", "two_hours"]  # the end of the month is the mentor's


def test_the_mentor_and_the_team_note_overlapping_sessions_at_once_and_one_is_asked(site, in_site):
    with in_site():
        staff = factories.staff(site.tenant)
    said = {"day": (factories.today() - DAY).isoformat(), "outcome": "held", "length": "60", "place": "remote"}
    notes = f"{SPACE}/binomes/{site.pair.id}/seances"

    answers = together(
        *sends(site, site.mentor, f"{notes}/nouvelle", {**said, "time": "07:30"}),
        *sends(site, staff, f"{notes}/ajout", {**said, "time": "07:45"}),
    )

    assert sorted(answers) == [303, 422]


def test_a_page_that_waited_sees_what_was_noted_meanwhile(site, in_site):
    """It had read the other session before: as the month does, all at once."""
    with in_site():
        db.session.get(Mentor, (site.tenant.id, site.mentor.id)).capacity = 2
        db.session.flush()
        other = factories.pair(site.mentor, factories.mentee(site.tenant, email="autre.jeune@example.org"))
        factories.meeting(other, -7).starts_at = site.past.starts_at
    with in_site():
        read = {meeting.pair_id: meeting for meeting in stored(site.pair, other) if meeting.starts_at == site.past.starts_at}

        def note():
            with in_site():
                theirs = next(meeting for meeting in stored(other) if meeting.starts_at == site.past.starts_at)
                theirs.state, theirs.first_logged_at = "held", theirs.starts_at + DAY

        together(note)
        assert read[other.id].state == "planned", "as it was read"
        assert clash(read[site.pair.id], Account(MeetingState.HELD, 60))


@pytest.mark.parametrize("other_way", ["link", "month"])
def test_two_sessions_of_one_hour_are_noted_at_once_from_two_places_and_one_is_asked(site, in_site, other_way):
    with in_site():
        db.session.get(Mentor, (site.tenant.id, site.mentor.id)).capacity = 2
        db.session.flush()
        other = factories.pair(site.mentor, factories.mentee(site.tenant, email="autre.jeune@example.org"))
        twin = factories.meeting(other, -7)
        twin.starts_at = site.past.starts_at
        mark = mark_of(site.mentor.email)
        first, second = (f"/seance/{record_token('seance', site.tenant.id, one.id, mark)}" for one in (site.past, twin))
        here = twin.starts_at.astimezone(PARIS)
    said = {"outcome": "held", "length": "60"}
    month = f"{SPACE}/seances/{here.year}/{here.month}"
    ways = {"link": (second, said), "month": (month, {f"outcome_{twin.id}": "held", f"minutes_{twin.id}": "60"})}

    answers = together(*sends(site, site.mentor, first, said), *sends(site, site.mentor, *ways[other_way]))

    assert sorted(answers) == [303, 422]
    with in_site():
        assert sorted(m.state for m in stored(site.pair, other) if m.starts_at == site.past.starts_at) == ["held", "planned"]
