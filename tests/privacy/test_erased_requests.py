"""Requests are erased too: when nobody touches them any more, with their person, and in the programme."""

from datetime import timedelta

import pytest
import time_machine

from app.database import now
from app.extensions import db
from app.leads.actions import decline, waitlist
from app.leads.doubles import join
from app.leads.importing import import_leads
from app.leads.models import ContactAttempt, Lead, Orientation
from app.mail import Mail
from app.privacy.copying import sections_of
from app.privacy.erasing import erase
from app.privacy.jobs import forget_old_letters
from tests import factories
from tests.leads.imported import row as line

from .test_erasing import close


@pytest.mark.parametrize(("days", "is_kept"), [(729, True), (731, False)])
def test_a_request_that_nobody_touches_is_erased_after_two_years(days, is_kept, programme, in_space, night, stored, tmp_path):
    file = tmp_path / "x.csv"
    file.write_text(line(email="chantal@example.org", city="Laval", code="53000"))
    with in_space(programme):
        [lead] = import_leads(file, programme).added
        db.session.add(ContactAttempt(lead_id=lead.id, user_id=factories.staff(programme, "operator").user_id, result="reached"))

    night(now() + timedelta(days=days), programme)

    [lead] = stored(programme, Lead)
    assert (lead.last_name, lead.email) == (("Voisin", "chantal@example.org") if is_kept else ("effacée", None))
    assert (lead.departement_code, lead.age) == ("53", 18)
    assert bool(stored(programme, ContactAttempt)) is is_kept
    with in_space(programme):
        report = import_leads(file, programme)  # the same file, again
    assert (report.added, report.known) == ([], 1)


def test_the_programme_forgets_with_the_association(programme, association, in_space, stored, run_jobs, app):
    with in_space(programme):
        asked = factories.lead(state="accepted", answer_by=None, last_name="Oubli")
        orientation = Orientation(lead_id=asked.id, association_id=association.id, kind="mentee", state="accepted",
                                  answer_by=factories.today(), by_hand_reason="Noé Oubli le souhaite")  # fmt: skip
        other = factories.lead(state="accepted", answer_by=None, last_name="Autre")
        db.session.add(orientation)
        db.session.flush()
    with in_space(association):
        copy = factories.lead(state="accepted", orientation_id=orientation.id, last_name="Oubli")
        person = factories.mentee(association, account=False, lead_id=copy.id, last_name="Oubli")
        close(person)
        erase(person)
    run_jobs()

    assert [lead.full_name for lead in stored(association, Lead)] == ["Demande effacée"]
    assert {lead.id: lead.full_name for lead in stored(programme, Lead)} == {asked.id: "Demande effacée", other.id: "Noé Autre"}
    assert [row.by_hand_reason for row in stored(programme, Orientation)] == [None]


def test_a_request_that_may_be_the_same_person_s_is_not_theirs(association, in_space, stored):
    with in_space(association):
        old = factories.lead(state="accepted", answer_by=None, last_name="Oubli")
        joined = factories.lead(state="joined", answer_by=None, last_name="Oubli", same_as=old.id)
        again = factories.lead(last_name="Oubli", same_as=old.id)
        person = factories.mentee(association, account=False, lead_id=old.id, last_name="Oubli")
        close(person)
        erase(person)

    assert {lead.id: (lead.last_name, lead.same_as) for lead in stored(association, Lead)} == {
        old.id: ("effacée", None), joined.id: ("effacée", old.id), again.id: ("Oubli", None),
    }  # fmt: skip


def test_a_request_joined_to_one_that_was_joined_in_turn_goes_too(association, in_space, stored):
    """And its copy holds all of it."""
    born = factories.birth_date(20)
    with in_space(association):
        by = factories.user().id
        first, second, third = (factories.lead(last_name="Oubli", birth_date=born, message=f"Mot {rank}") for rank in range(3))
        for lead, same in ((third, second), (second, first)):
            lead.same_as = same.id
            db.session.flush()
            join(lead, (), by)
        first.state, first.answer_by = "accepted", None
        person = factories.mentee(association, account=False, lead_id=first.id, last_name="Oubli")
        copied = dict(sections_of(person))["Demandes"]
        close(person)
        erase(person)

    assert {row["Mots libres"] for row in copied} == {"Mot 0", "Mot 1", "Mot 2"}
    assert {(lead.last_name, lead.message) for lead in stored(association, Lead)} == {("effacée", None)}


def test_of_a_request_that_is_declined_no_letter_says_whose_it_was(association, in_space, run_jobs, stored):
    with in_space(association):
        lead = factories.lead(email="noe@example.org")
        waitlist(lead, "Encore un peu", factories.staff(association).user_id, factories.today())
    run_jobs()
    with in_space(association):
        decline(db.session.merge(lead), "full")
    run_jobs()

    theirs = [mail for mail in stored(association, Mail) if mail.to_address == "noe@example.org"]
    assert [(mail.kind, mail.state) for mail in theirs] == [("lead_declined", "sent")], "the last word left, and goes in a month"
    with time_machine.travel(now() + timedelta(days=31)), in_space(association):
        forget_old_letters.function()
    assert "noe@example.org" not in {mail.to_address for mail in stored(association, Mail)}


@pytest.mark.parametrize("state", ["accepted", "oriented", "waitlisted"])
def test_the_programme_keeps_what_an_association_answers_for(state, programme, association, in_space, night, stored):
    with in_space(programme):
        factories.lead(state=state, answer_by=None if state == "accepted" else factories.today(), last_name="Suivi")

    night(now() + timedelta(days=800), programme)

    assert [lead.last_name for lead in stored(programme, Lead)] == ["Suivi"]


def test_what_the_programme_joined_goes_with_it(programme, in_space, night, stored):
    with in_space(programme):
        kept = factories.lead(state="withdrawn", answer_by=None, last_name="Oubli")
        factories.lead(state="joined", answer_by=None, last_name="Oubli", message="Noé", same_as=kept.id)

    night(now() + timedelta(days=731), programme)

    assert {(lead.last_name, lead.message) for lead in stored(programme, Lead)} == {("effacée", None)}
