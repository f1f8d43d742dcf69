"""A try that was noted by mistake is taken back by whoever noted it, while nobody can have relied on it."""

from datetime import date, timedelta

import pytest
import time_machine

from app.database import now
from app.extensions import db
from app.leads import actions, contacts
from app.leads.models import ContactAttempt, Lead, LeadEvent, Orientation
from tests import factories
from tests.people.fixtures import space_of

from .test_crossings import crossing, site, the_request  # noqa: F401
from .test_reaching import INBOX, MONDAY, note

CHANGED = ("contacted_at", "answer_by", "clock_from", "reminded", "next_try_on", "assigned_to")


def standing(lead):
    """What an attempt changes on a request."""
    return [getattr(lead, name) for name in CHANGED]


@pytest.fixture
def noted(client, staff, make, stored, association):
    """A request with a reminder behind it, an attempt just noted, and how it stood before; it is a Monday."""
    with time_machine.travel(MONDAY, tick=False) as clock:
        made = make(answer_by=date(2026, 11, 9), clock_from=date(2026, 10, 30), reminded="half", next_try_on=date(2026, 11, 3))
        [before] = stored(association, Lead)
        note(client, made, "reached", next_on="2026-11-20")
        [attempt] = stored(association, ContactAttempt)
        yield made, attempt, before, clock


def take_back(client, lead, attempt):
    return client.send(f"{INBOX}/{lead.id}/contacts/{attempt.id}/retrait")


def test_what_noting_a_try_does_is_said(client, staff, make):
    with time_machine.travel(MONDAY, tick=False):
        lead = make(first_name="Lou", answer_by=date(2026, 11, 9))

        [first], [second] = note(client, lead).flashes, note(client, lead, "left_message").flashes

    undone = "Une erreur ? Retirez-le ci-dessous, dans le quart d'heure."
    assert first == (f"C'est noté, et la page de suivi de Lou le dit. Vous avez jusqu'au mardi 24 novembre pour répondre. {undone}")
    assert second == f"C'est noté, et la page de suivi de Lou le dit. {undone}"


def test_a_try_taken_back_leaves_the_request_its_story_and_the_persons_page_as_they_were(client, noted, stored, association, link):
    lead, attempt, before, clock = noted
    seen = client.page(link(lead)).text
    clock.shift(timedelta(minutes=14))

    page = take_back(client, lead, attempt)

    assert "L'association vous a parlé" in seen
    assert page.flashes == ["C'est retiré : la demande est comme avant, et la page de suivi n'en dit plus rien."]
    assert standing(stored(association, Lead)[0]) == standing(before)
    assert (stored(association, ContactAttempt), stored(association, LeadEvent)) == ([], [])
    assert "À contacter au plus tard le lundi 9 novembre" in page.text
    again = client.page(link(lead)).text
    assert "L'association doit vous contacter au plus tard le lundi 9 novembre." in again
    assert "vous a parlé" not in again


def test_the_programme_and_its_page_forget_it_too(client, proposed, run_jobs, stored, programme, association, in_space, link):
    with time_machine.travel("2026-11-03T10:00:00Z", tick=False):
        [before] = stored(programme, Orientation)
        note(client, proposed)
        run_jobs()
        [told] = stored(programme, Orientation)
        take_back(client, proposed, stored(association, ContactAttempt)[0])
        run_jobs()

    [after] = stored(programme, Orientation)
    assert told.contacted_at is not None
    assert told.answer_by > before.answer_by
    assert (after.contacted_at, after.answer_by) == (None, before.answer_by)
    assert "contact" not in [event.what for event in stored(programme, LeadEvent)]


def test_of_two_tries_the_programme_keeps_the_one_that_stays(client, proposed, run_jobs, stored, programme, association):
    with time_machine.travel("2026-11-03T10:00:00Z", tick=False) as clock:
        note(client, proposed)
        clock.shift(timedelta(minutes=3))
        note(client, proposed, "left_message")
        run_jobs()
        [told] = stored(programme, Orientation)
        take_back(client, proposed, stored(association, ContactAttempt)[0])
        run_jobs()

    [after], [event] = stored(programme, Orientation), [one for one in stored(programme, LeadEvent) if one.what == "contact"]
    assert (event.reason, after.contacted_at, after.answer_by) == ("left_message", event.created_at, told.answer_by)


def test_a_try_taken_back_before_the_programme_heard_of_it_is_not_told(client, proposed, run_jobs, stored, programme, association):
    note(client, proposed)
    take_back(client, proposed, stored(association, ContactAttempt)[0])

    run_jobs()

    assert "contact" not in [event.what for event in stored(programme, LeadEvent)]
    assert stored(programme, Orientation)[0].contacted_at is None


def test_the_try_that_was_noted_after_it_keeps_the_deadline_then_gives_it_back(client, noted, app, colleague, stored, association):
    lead, attempt, before, clock = noted
    clock.shift(timedelta(minutes=2))
    other = app.test_client().sign_in(colleague.user_id)
    note(other, lead, "no_answer", next_on="2026-11-12")
    second = stored(association, ContactAttempt)[1]

    take_back(client, lead, attempt)
    [between] = stored(association, Lead)
    take_back(other, lead, second)

    assert (between.answer_by, between.next_try_on) == (date(2026, 11, 24), date(2026, 11, 12))
    assert (between.contacted_at is None, between.assigned_to) == (False, colleague.user_id)
    assert standing(stored(association, Lead)[0]) == standing(before)


def test_the_last_of_two_gives_back_only_what_it_changed(client, noted, stored, association):
    lead, _attempt, _before, clock = noted
    [first] = stored(association, Lead)
    clock.shift(timedelta(minutes=2))
    note(client, lead, "no_answer")

    take_back(client, lead, stored(association, ContactAttempt)[1])

    assert standing(stored(association, Lead)[0]) == standing(first)


def test_what_came_since_is_not_undone(client, noted, colleague, stored, association):
    lead, attempt, _before, _clock = noted
    client.send(f"{INBOX}/{lead.id}/suivi-par", {"qui": colleague.user_id})
    client.send(f"{INBOX}/{lead.id}/liste-d-attente", {"message": "Cela sera long."})
    [listed] = stored(association, Lead)

    take_back(client, lead, attempt)

    [after] = stored(association, Lead)
    assert (after.contacted_at, after.answer_by) == (listed.contacted_at, listed.answer_by)
    assert after.assigned_to == colleague.user_id
    assert stored(association, ContactAttempt) == []


LATE = "Il est trop tard pour le retirer : il fallait le faire dans le quart d'heure."
ANOTHERS, TWICE = "Seule la personne qui l'a noté peut le retirer.", "C'est déjà retiré."
ANSWERED = "Cette demande a déjà reçu une réponse."


def test_a_late_one_stays(client, noted, stored, association):
    lead, attempt, _before, clock = noted
    here = f"contacts/{attempt.id}/retrait"
    offered = here in client.page(f"{INBOX}/{lead.id}").html
    clock.shift(timedelta(minutes=15))

    page = take_back(client, lead, attempt)

    assert (offered, here in page.html) == (True, False)
    assert page.flashes == [LATE]
    assert len(stored(association, ContactAttempt)) == 1


def test_anothers_stays(app, noted, colleague, stored, association):
    lead, attempt, _before, _clock = noted
    other = app.test_client().sign_in(colleague.user_id)
    offered = "retrait" in other.page(f"{INBOX}/{lead.id}").html

    page = take_back(other, lead, attempt)

    assert (offered, page.flashes) == (False, [ANOTHERS])
    assert len(stored(association, ContactAttempt)) == 1


def test_one_taken_back_is_gone(client, noted):
    lead, attempt, _before, _clock = noted
    take_back(client, lead, attempt)

    assert take_back(client, lead, attempt).flashes == [TWICE]


def test_one_of_another_request_is_not_found_here(client, noted, make, stored, association):
    _lead, attempt, _before, _clock = noted

    assert take_back(client, make(), attempt).flashes == [TWICE]
    assert len(stored(association, ContactAttempt)) == 1


def test_once_the_request_has_its_answer_it_stays(client, noted, stored, association):
    lead, attempt, _before, _clock = noted
    client.send(f"{INBOX}/{lead.id}/acceptation")

    page = take_back(client, lead, attempt)

    assert (page.flashes, "Oui, retirer" in page.text) == ([ANSWERED], False)
    assert len(stored(association, ContactAttempt)) == 1


def test_one_noted_before_this_was_possible_stays(client, staff, make, association, in_space):
    lead = make()
    with in_space(association):
        attempt = ContactAttempt(lead_id=lead.id, user_id=staff.user_id, result="reached")
        db.session.add(attempt)

    assert take_back(client, lead, attempt).flashes == [LATE]


def test_nobody_takes_back_one_of_another_association(client, staff, elsewhere, in_space, stored):
    with in_space(elsewhere):
        lead = factories.lead()
        attempt = contacts.note_attempt(lead, "reached", None, None, factories.staff(elsewhere).user_id, now().date())

    assert take_back(client, lead, attempt).status == 404
    assert len(stored(elsewhere, ContactAttempt)) == 1


# Two people at once.


def tries(here):
    return db.session.scalars(db.select(ContactAttempt).order_by(ContactAttempt.created_at)).all()


@pytest.fixture
def tried(real_app, site):  # noqa: F811
    """A request that somebody has just tried to reach: the space, who, and taking it back."""
    _programme, tenant = site
    with space_of(real_app, tenant):
        lead, by = factories.lead(), factories.member(tenant, "coordinator").id
        attempt = contacts.note_attempt(lead, "reached", None, None, by, factories.today())
    return tenant, by, lambda here: contacts.take_back(the_request(here), attempt.id, by)


@pytest.mark.committed
def test_a_try_taken_back_twice_at_once_goes_once(real_app, tried):
    tenant, _by, take_back = tried

    refused = crossing(real_app, tenant, take_back, take_back)

    assert (type(refused), str(refused)) == (contacts.NotNow, "C'est déjà retiré.")
    with space_of(real_app, tenant):
        assert (tries(tenant), the_request(tenant).contacted_at) == ([], None)


@pytest.mark.committed
def test_a_try_taken_back_while_the_request_was_accepted_stays(real_app, tried):
    tenant, by, take_back = tried

    refused = crossing(real_app, tenant, lambda here: actions.accept(the_request(here), by), take_back)

    assert isinstance(refused, actions.AlreadyAnswered)
    with space_of(real_app, tenant):
        assert len(tries(tenant)) == 1


@pytest.mark.committed
def test_a_try_noted_while_another_was_taken_back_gives_its_own_time(real_app, tried):
    tenant, by, take_back = tried

    def note(here):
        contacts.note_attempt(the_request(here), "no_answer", None, None, by, factories.today())

    crossing(real_app, tenant, take_back, note)

    with space_of(real_app, tenant):
        assert [attempt.result for attempt in tries(tenant)] == ["no_answer"]
        assert the_request(tenant).contacted_at is not None
        assert "answer_by" in tries(tenant)[0].before
