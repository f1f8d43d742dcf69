"""What a file brought is taken back for a week, where nobody did anything about it."""

import pytest
from sqlalchemy import select, update

from app.extensions import db
from app.leads.models import Lead, LeadEvent, LeadImport, Orientation
from app.mail import Mail
from tests import factories
from tests.people.fixtures import space_of

from .sent import ANNE, HEADER, THREE

pytestmark = pytest.mark.usefixtures("that_week")  # the files are of November 2026


def undo(client, page):
    after = client.send(f"{page.path}/retour")
    after.path = page.path
    return after


def test_an_import_is_undone_and_the_same_file_may_be_sent_again(client, staff, association, take, stored):
    page = take(THREE, space="passerelle")
    assert page.soup.find("summary", string="Défaire cet import")

    page = undo(client, page)

    assert page.flashes == ["2 demandes sont retirées."]
    assert stored(association, Lead) == []
    assert "retirées ensuite : 2" in page.text
    assert page.soup.find("summary", string="Défaire cet import") is None
    assert undo(client, page).flashes == []
    take(THREE, space="passerelle")
    assert len(stored(association, Lead)) == 2


def test_columns_that_were_read_wrong_are_not_proposed_again(client, staff, association, take, stored):
    page = take(THREE, space="passerelle")
    undo(client, page)
    [first] = stored(association, LeadImport)
    with space_of(client.application, association):
        db.session.execute(update(LeadImport).values(mapping=first.mapping | {"city": 0}))

    take(THREE, space="passerelle")

    [again] = [row for row in stored(association, LeadImport) if row.id != first.id]
    assert again.mapping == first.mapping


TOUCHED = {
    "called": {"contacted_at": factories.now()},
    "answered": {"state": "accepted"},
    "on the waiting list": {"state": "waitlisted"},
    "agreed to": {"guardian_agreed_at": factories.now()},
    "written to": {"last_mail_at": factories.now()},
}


@pytest.mark.parametrize("how", TOUCHED)
def test_what_somebody_does_something_about_stays(client, staff, association, take, stored, in_space, how):
    page = take(THREE, space="passerelle")
    with in_space(association):
        kept = db.session.scalars(select(Lead).order_by(Lead.id).limit(1)).one()
        for name, value in TOUCHED[how].items():
            setattr(kept, name, value)

    page = undo(client, page)

    assert [said[:14].strip() for said in page.flashes] == ["1 demande est", "1 demande rest"]
    assert [lead.id for lead in stored(association, Lead)] == [kept.id]


@pytest.mark.parametrize("how", ["assigned", "corrected", "repeated", "sent once"])
def test_nor_goes_what_somebody_worked_on_or_repeated(client, staff, association, programme, take, stored, in_space, how):
    page = take(THREE, space="passerelle")
    with in_space(association):
        kept = db.session.scalars(select(Lead).order_by(Lead.id).limit(1)).one()
        if how == "assigned":
            kept.assigned_to = staff.user_id
        elif how == "corrected":
            db.session.add(LeadEvent(lead_id=kept.id, what="corrected"))
        elif how == "repeated":
            factories.lead(same_as=kept.id)
        else:
            db.session.add(
                Orientation(
                    lead_id=kept.id, association_id=association.id, kind="mentee", state="declined", answer_by=factories.today()
                )
            )

    undo(client, page)

    assert kept.id in {lead.id for lead in stored(association, Lead)}


def test_what_left_for_an_association_stays_with_it(client, operator, programme, association, take, stored):
    page = take(THREE)
    assert {lead.state for lead in stored(programme, Lead)} == {"oriented"}

    page = undo(client, page)

    assert page.flashes == ["2 demandes restent\N{NO-BREAK SPACE}: des associations les ont reçues, ou quelqu'un s'en occupe."]
    assert len(stored(programme, Lead)) == 2


def test_after_a_week_nothing_is_undone(client, operator, programme, take, stored, that_week):
    page = take(THREE)
    that_week.shift(8 * 24 * 3600)

    assert undo(client, page).flashes == []
    assert len(stored(programme, Lead)) == 2


def test_nothing_of_another_import_goes(client, staff, association, take, stored):
    first = take(THREE, space="passerelle")
    take(f"{HEADER}\n{ANNE.replace('Anne', 'Zoé')}", space="passerelle")

    undo(client, first)

    assert [lead.first_name for lead in stored(association, Lead)] == ["Zoé"]


def test_a_minor_whose_parent_was_only_asked_goes_too(client, staff, association, take, stored):
    minors = (
        f"{HEADER};Responsable légal;E-mail du responsable légal\nRoux;Zoé;15;0639980001;;Lyon;69001;Awa Roux;awa@example.org\n"
    )
    page = take(minors, space="passerelle")
    assert [mail.kind for mail in stored(association, Mail) if mail.to_address == "awa@example.org"] == ["guardian_asked"]

    assert undo(client, page).flashes == ["1 demande est retirée."]
    assert stored(association, Lead) == []
    assert "awa@example.org" not in {mail.to_address for mail in stored(association, Mail)}, "their parent is written to no more"
