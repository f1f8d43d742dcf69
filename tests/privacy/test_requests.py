"""The page that erases a request that never became a file: who sees it, what it says, what it refuses; and nobody is written to."""

from datetime import timedelta

import pytest

from app.database import now
from app.extensions import db
from app.leads.models import ContactAttempt, Lead, LeadEvent
from app.mail import Mail
from app.partners.models import Delivery, Partner
from tests import factories
from tests.leads.requests_at_work import ask
from tests.people.situations import SPACE

DESK = "/a/programme/orientation"
CHILD = {"first_name": "Noé", "last_name": "Oubli", "email": "noe@example.org", "guardian_email": "nadege@example.org"}


@pytest.fixture
def operator(app, in_space, programme):
    """A browser where the operator is signed in."""
    with in_space(programme):
        return app.test_client().sign_in(factories.staff(programme, "operator", "Margaux", "Vidal").user_id)


@pytest.fixture
def make(in_space):
    """A request of a space."""

    def lead(space, **changes):
        with in_space(space):
            return factories.lead(**{"last_name": "Oubli", "message": "Un mot", "answer_by": None, **changes})

    return lead


def test_an_admin_reads_what_goes_and_what_stays_then_erases(boss, association, make, stored):
    lead = make(association, state="withdrawn", withdrawn_at=now())
    make(association, state="joined", same_as=lead.id)
    path = f"{SPACE}/demandes/{lead.id}"
    assert boss.page(path).soup.find("a", string="L'effacer maintenant")["href"] == f"{path}/effacement"

    page = boss.page(f"{path}/effacement")
    done = boss.send(f"{path}/effacement")

    assert page.heading == "Effacer cette demande ?"
    assert "1 demande réunie avec elle" in page.text
    assert done.flashes == ["La demande est effacée."]
    assert {(row.full_name, row.email, row.phone, row.message) for row in stored(association, Lead)} == {
        ("Demande effacée", None, None, None)
    }
    after = boss.page(path)
    assert "Il ne reste que des chiffres, sans nom." in after.text
    assert "Effacée · Awa Traoré" in after.text
    assert after.soup.find("a", string="L'effacer maintenant") is None
    assert boss.send(f"{path}/effacement").flashes == []


def test_one_that_waits_is_withdrawn_and_its_family_is_not_told_that_the_child_did(boss, association, in_space, stored):
    with in_space(association):
        lead = ask(association, age=15, **CHILD)
        factories.mentee(association, age=12, account=False, guardian_email=CHILD["guardian_email"])  # who keeps the address
        db.session.add(ContactAttempt(lead_id=lead.id, user_id=factories.user().id, result="reached", note="Sa mère"))
    kinds = {mail.kind for mail in stored(association, Mail)}

    page = boss.page(f"{SPACE}/demandes/{lead.id}/effacement")
    boss.send(f"{SPACE}/demandes/{lead.id}/effacement")

    [row] = stored(association, Lead)
    assert "Cette demande attend encore : elle est retirée, puis effacée." in page.text
    assert (row.state, row.full_name, row.guardian_email) == ("withdrawn", "Demande effacée", None)
    assert "guardian_asked" in kinds
    assert {mail.kind for mail in stored(association, Mail)} <= kinds
    assert stored(association, ContactAttempt) == []
    assert [event.what for event in stored(association, LeadEvent)].count("erased") == 1


def test_in_two_years_neither(association, in_space, night, stored):
    with in_space(association):
        ask(association, age=15, **CHILD)
        factories.mentee(association, age=12, account=False, guardian_email=CHILD["guardian_email"])

    night(now() + timedelta(days=731))

    assert [lead.full_name for lead in stored(association, Lead)] == ["Demande effacée"]
    assert "guardian_withdrawn" not in {mail.kind for mail in stored(association, Mail)}


@pytest.mark.parametrize("state", ["waiting", "lapsed", "withdrawn"])
def test_the_programme_erases_what_no_association_has(operator, programme, make, stored, state):
    lead = make(programme, state=state)
    [link] = operator.page(f"{DESK}/{lead.id}").soup.find_all("a", string="L'effacer maintenant")

    done = operator.send(link["href"])

    assert done.flashes == ["La demande est effacée."]
    assert [row.full_name for row in stored(programme, Lead)] == ["Demande effacée"]
    assert "Oubli" not in done.text
    assert "Effacée" in done.text


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("oriented", "Une association a cette demande : reprenez-la d'abord."),
        ("accepted", "demandez-lui de l'effacer, cette demande partira avec lui."),
        ("joined", "effacez celle qui continue, elle partira avec elle."),
    ],
)
def test_the_programme_does_not_erase_what_goes_with_something_else(operator, programme, make, stored, state, said):
    kept = make(programme, state="withdrawn", last_name="Autre")
    lead = make(programme, state=state, same_as=kept.id if state == "joined" else None)

    page = operator.send(f"{DESK}/{lead.id}/effacement")

    assert said in page.text
    assert page.soup.find("button", string="Effacer maintenant") is None
    assert {row.last_name for row in stored(programme, Lead)} == {"Autre", "Oubli"}


def test_nor_an_association_what_the_programme_sent_or_what_has_a_file(
    boss, programme, association, in_space, make, stored, run_jobs
):
    filed = make(association, state="withdrawn")
    with in_space(association):
        factories.mentee(association, account=False, lead_id=filed.id)
    with in_space(programme):
        ask(programme, last_name="Oubli")
    run_jobs()
    sent = next(lead for lead in stored(association, Lead) if lead.orientation_id)
    moved = make(association, state="moved")

    pages = [boss.send(f"{SPACE}/demandes/{lead.id}/effacement").text for lead in (filed, sent, moved)]

    for page, said in zip(pages, ("a un dossier", "vient du programme", "part vers le programme"), strict=True):
        assert f"Cette demande {said}" in page
    assert {lead.last_name for lead in stored(association, Lead)} == {"Oubli"}


def test_a_coordinator_does_not_erase(office, association, make):
    lead = make(association, state="withdrawn")

    assert office.get(f"{SPACE}/demandes/{lead.id}/effacement").status_code == 403
    assert office.page(f"{SPACE}/demandes/{lead.id}").soup.find("a", string="L'effacer maintenant") is None


def test_nor_does_anybody_erase_their_own(boss, association, make, stored):
    lead = make(association, state="withdrawn", first_name="Awa", last_name="Traoré")

    page = boss.send(f"{SPACE}/demandes/{lead.id}/effacement")

    assert "Cela vous concerne" in page.text
    assert [row.last_name for row in stored(association, Lead)] == ["Traoré"]


def test_what_a_partner_s_server_was_told_is_forgotten_ninety_days_after_the_last_try(association, in_space, night, stored):
    before = now() - timedelta(days=60)
    with in_space(association):
        partner = Partner(name="Lycée", scopes=[])
        db.session.add(partner)
        db.session.flush()
        told = {"partner_id": partner.id, "created_at": before}
        for state, tried_at in (("delivered", before), ("failed", before), ("waiting", None), ("failed", now())):
            db.session.add(Delivery(**told, body=f"{state} {tried_at == before}", state=state, tried_at=tried_at))

    night(now() + timedelta(days=29))
    kept = [delivery.state for delivery in stored(association, Delivery)]
    night(now() + timedelta(days=31))

    assert len(kept) == 4
    assert [delivery.body for delivery in stored(association, Delivery)] == ["failed False"]
