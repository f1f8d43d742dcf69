"""What the desk ends, opens again, or takes back from an association."""

import pytest
from sqlalchemy import select

from app.database import now, unit_of_work
from app.extensions import db
from app.leads import actions, doubles, jobs
from app.leads.models import Decline, Lead, LeadEvent, Orientation
from app.leads.queries import answer_pace, declined_by, loads_of
from app.leads.words import ENDS
from app.mail import Mail
from app.tenants.models import Tenant
from tests import factories

QUEUE = "/a/programme/orientation"
GONE = "Cette demande n'attend plus ici : une association l'a, ou la personne l'a retirée."


@pytest.fixture
def waiting(in_space, programme):
    """A request that waits at the desk."""

    def make(**changes):
        with in_space(programme):
            return factories.lead(**{"state": "waiting", "email": "noe@example.org", "answer_by": None, **changes})

    return make


@pytest.fixture
def oriented(in_space, programme, association, run_jobs):
    """A request that Passerelle has; it has not arrived there yet when `arrive` is false."""

    def send(arrive=True):
        with in_space(programme):
            lead = factories.lead(state="waiting", email="noe@example.org", answer_by=None)
            actions.receive(lead, db.session.get(Tenant, programme.id))
        if arrive:
            run_jobs()
        return lead

    return send


@pytest.fixture
def read(in_space):
    """The rows of a table in a space, the oldest first."""

    def rows(tenant, model):
        with in_space(tenant):
            return db.session.scalars(select(model).order_by(model.id)).all()

    return rows


@pytest.fixture
def end(operator):
    """End a request on its page."""
    return lambda lead, reason="nobody": operator.send(f"{QUEUE}/{lead.id}/fin", {"reason": reason})


def letters(rows, kind):
    return [mail for mail in rows if mail.kind == kind]


@pytest.mark.parametrize("reason", ENDS)
def test_an_end_is_said_with_its_reason_to_the_person_and_in_the_history(end, waiting, read, programme, client, app, reason):
    lead = waiting(birth_date=factories.birth_date(16))

    page = end(lead, reason)

    assert page.flashes == ["La demande est arrêtée, et la personne le sait."]
    assert "Arrêtée par le programme" in page.text
    assert str(ENDS[reason][0]) in page.text
    [mail] = letters(read(programme, Mail), "lead_ended")
    assert (mail.to_address, str(ENDS[reason][1]) in mail.text) == ("noe@example.org", True)
    with app.test_request_context("/"):
        own = client.page(actions.tracking_link(lead).removeprefix("http://localhost"))
    assert "Votre demande s'est arrêtée" in own.text
    assert " ".join(str(ENDS[reason][1]).split()) in own.text
    assert own.soup.find("a", string="Je retire ma demande") is None


def test_an_adult_is_not_said_to_lack_an_agreement(end, waiting, operator):
    lead = waiting()

    assert "Pas d'accord du représentant légal" not in operator.page(f"{QUEUE}/{lead.id}/fin").text
    assert end(lead, "guardian").status == 422


def test_without_an_address_the_operator_is_asked_to_call(end, waiting, read, programme):
    lead = waiting(email=None, phone="+33612345678")

    page = end(lead)
    assert "La demande est arrêtée : prévenez la personne." in page.text
    assert page.soup.find("a", href="tel:+33612345678")
    assert letters(read(programme, Mail), "lead_ended") == []


def test_twice_it_ends_once(end, waiting, read, programme):
    lead = waiting()

    end(lead), end(lead)

    assert [event.what for event in read(programme, LeadEvent)] == ["ended"]
    assert len(letters(read(programme, Mail), "lead_ended")) == 1


@pytest.mark.parametrize("state", ["oriented", "accepted", "withdrawn"])
def test_what_does_not_wait_is_not_ended(end, waiting, operator, read, programme, state):
    lead = waiting(state=state, last_name="Marqué")

    page, again = operator.page(f"{QUEUE}/{lead.id}/fin"), end(lead)

    assert page.response.request.path == again.response.request.path == f"{QUEUE}/{lead.id}"
    assert (GONE in page.text, GONE in again.text) == (True, True)
    assert (lead.last_name in page.text) == (state == "oriented"), "answered, it names nobody"
    assert [row.state for row in read(programme, Lead)] == [state]


def test_what_may_be_somebodys_second_request_is_compared_first(end, waiting, operator):
    lead = waiting(waiting_reason="double")

    assert end(lead).errors == ["Comparez d'abord cette demande avec celle de la même personne."]
    assert operator.page(f"{QUEUE}/{lead.id}").soup.find("a", string="Arrêter la demande") is None


@pytest.mark.parametrize("reason", ["", "autre", "late"])
def test_a_reason_is_one_of_the_list(end, waiting, read, programme, reason):
    page = end(waiting(), reason)

    assert (page.status, bool(page.errors)) == (422, True)
    assert [row.state for row in read(programme, Lead)] == ["waiting"]


def test_the_list_says_how_many_ended_when_and_why_and_who_to_find_them_again(end, waiting, operator):
    for rank, reason in enumerate(["nobody", "nobody", "gone"]):
        end(waiting(last_name=f"Marqué{rank}"), reason)

    page = operator.page(f"{QUEUE}?etat=lapsed")

    assert "Aucune association ne peut l'accompagner (2) ; La personne n'en a plus besoin (1)" in page.text
    assert [row[-1].split(" ", 3)[-1] for row in page.rows] == [str(ENDS[reason][0]) for reason in ("nobody", "nobody", "gone")]
    assert [row[0].split(",")[0].strip() for row in operator.page(f"{QUEUE}?etat=lapsed&q=marque1").rows] == ["Noé Marqué1"]


def test_opened_again_it_looks_for_an_association_and_the_person_is_told(
    end, waiting, operator, association, read, programme, run_jobs
):
    lead = waiting()
    end(lead)

    page = operator.send(f"{QUEUE}/{lead.id}/reouverture")
    operator.send(f"{QUEUE}/{lead.id}/reouverture")

    assert page.flashes == ["La demande est rouverte."]
    [mail] = letters(read(programme, Mail), "lead_goes_on")
    assert "Votre demande est maintenant confiée à l'association Passerelle" in mail.text
    run_jobs()
    assert [row.first_name for row in read(association, Lead)] == [lead.first_name]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"departement_code": "59"}, "territory"),
        ({"birth_date": factories.birth_date(15), "guardian_name": "Léa Roux", "guardian_email": "lea@example.org"}, "guardian"),
    ],
)
def test_opened_again_it_waits_for_what_it_would_wait_for(end, waiting, operator, association, read, programme, changes, reason):
    lead = waiting(**changes)
    end(lead)

    operator.send(f"{QUEUE}/{lead.id}/reouverture")

    assert [(row.state, row.waiting_reason) for row in read(programme, Lead)] == [("waiting", reason)]
    [mail] = letters(read(programme, Mail), "lead_goes_on")
    assert "Le programme cherche de nouveau une association pour vous." in " ".join(mail.text.split())


def test_opened_again_beside_a_new_request_of_the_same_person_the_two_are_compared(end, waiting, operator, read, programme):
    lead = waiting()
    end(lead)
    again = waiting()

    operator.send(f"{QUEUE}/{lead.id}/reouverture")

    [first, _second] = read(programme, Lead)
    assert (first.waiting_reason, first.same_as) == ("double", again.id)


def test_who_refused_relays_is_not_proposed_again_by_itself(end, waiting, operator, association, in_space, read, programme):
    lead = waiting(may_relay=False)
    with in_space(programme):
        orientation = Orientation(lead_id=lead.id, association_id=association.id, kind="mentee", answer_by=factories.today())
        orientation.state, orientation.decline_reason = "declined", "age"
        db.session.add(orientation)
    end(lead)

    operator.send(f"{QUEUE}/{lead.id}/reouverture")

    assert [row.waiting_reason for row in read(programme, Lead)] == ["no_relay"]


def test_what_is_erased_stays_ended(end, waiting, operator, in_space, read, programme):
    lead = waiting()
    end(lead)
    with in_space(programme):
        db.session.get(Lead, (programme.id, lead.id)).erased_at = now()

    page = operator.send(f"{QUEUE}/{lead.id}/reouverture")

    assert "ses données sont effacées" in page.text
    assert [row.state for row in read(programme, Lead)] == ["lapsed"]


# Taking back.


@pytest.mark.parametrize("arrive", [True, False])
def test_what_nobody_answered_comes_back_to_the_desk_and_is_given_to_another(
    oriented, operator, read, programme, association, run_jobs, app, arrive
):
    lead = oriented(arrive)
    other = factories.association(app, "voisine", "Voisine", ["69"], course=False)

    page = operator.send(f"{QUEUE}/{lead.id}/rappel")
    run_jobs()

    assert "sauf si l'association l'accepte avant" in page.text
    assert [(row.state, row.waiting_reason) for row in read(programme, Lead)] == [("waiting", "taken_back")]
    assert [(row.state, row.decline_reason) for row in read(programme, Orientation)] == [("withdrawn", "taken_back")]
    assert (read(association, Lead), [row.reason for row in read(association, Decline)]) == ([], ["taken_back"])
    assert [mail.to_address for mail in letters(read(programme, Mail), "lead_goes_on")] == ["noe@example.org"]
    operator.send(f"{QUEUE}/{lead.id}", {"association": str(other.id), "reason": "Plus près."})
    run_jobs()
    assert [row.state for row in read(other, Lead)] == ["received"]


def test_who_refused_another_association_is_asked_before_one_is_tried(in_space, operator, read, programme, association, run_jobs):
    with in_space(programme):
        lead = factories.lead(state="waiting", answer_by=None, may_relay=False)
        actions.receive(lead, db.session.get(Tenant, programme.id))
    run_jobs()

    operator.send(f"{QUEUE}/{lead.id}/rappel")
    run_jobs()

    assert [row.waiting_reason for row in read(programme, Lead)] == ["no_relay"]


def test_asked_twice_it_is_asked_once(oriented, operator, read, programme, run_jobs):
    lead = oriented()

    operator.send(f"{QUEUE}/{lead.id}/rappel")
    page = operator.send(f"{QUEUE}/{lead.id}/rappel")
    run_jobs()

    assert page.soup.find("summary", string="Reprendre la demande") is None
    assert [event.what for event in read(programme, LeadEvent)].count("taken_back") == 1


def test_what_the_association_accepts_first_stays_with_it(oriented, operator, in_space, read, programme, association, run_jobs):
    lead = oriented()
    operator.send(f"{QUEUE}/{lead.id}/rappel")
    with in_space(association):
        staff = factories.staff(association)
        actions.accept(db.session.scalars(select(Lead)).one(), by=staff.user_id)
    run_jobs()

    assert [row.state for row in read(programme, Lead)] == ["accepted"]
    assert [row.state for row in read(programme, Orientation)] == ["accepted"]
    assert [row.state for row in read(association, Lead)] == ["accepted"]
    assert read(association, Decline) == []


@pytest.mark.parametrize("state", ["waiting", "accepted", "withdrawn", "lapsed"])
def test_what_no_association_has_to_answer_is_not_taken_back(waiting, operator, state):
    lead = waiting(state=state)

    page = operator.send(f"{QUEUE}/{lead.id}/rappel")

    assert "Cette demande a déjà reçu une réponse, ou la personne l'a retirée." in page.text


def test_whoever_followed_it_is_told_without_a_name(oriented, operator, in_space, read, programme, association):
    lead = oriented()
    with in_space(association):
        account = factories.member(association, "coordinator")
        db.session.scalars(select(Lead)).one().assigned_to = account.id

    operator.send(f"{QUEUE}/{lead.id}/rappel")
    [orientation] = read(programme, Orientation)
    jobs.give_back.run(tenant_id=str(association.id), programme_id=str(programme.id), orientation_id=str(orientation.id))

    [mail] = letters(read(association, Mail), "lead_taken_back")
    assert mail.to_address == account.email
    assert (lead.first_name in mail.text, lead.last_name in mail.text) == (False, False)
    assert "/a/passerelle/demandes" in mail.text


def test_it_counts_neither_as_a_refusal_nor_as_a_place_of_the_month(oriented, operator, run_jobs, app, in_space, programme):
    lead = oriented()
    operator.send(f"{QUEUE}/{lead.id}/rappel")
    run_jobs()

    with in_space(programme):
        fresh = db.session.get(Lead, (programme.id, lead.id))
        assert (dict(loads_of("mentee", factories.today())), dict(answer_pace())) == ({}, {})
        assert len(declined_by(fresh)) == 1, "and the rules do not send it there again"


def test_nor_as_one_of_the_associations_that_may_be_tried(
    oriented, operator, run_jobs, app, in_space, read, programme, association
):
    with in_space(programme):
        db.session.get(Tenant, programme.id).relays = 1
    lead = oriented()
    others = [factories.association(app, f"asso-{n}", f"Association {n}", ["69"], course=False) for n in range(2)]
    operator.send(f"{QUEUE}/{lead.id}/rappel")
    run_jobs()
    operator.send(f"{QUEUE}/{lead.id}", {"association": str(others[0].id), "reason": "Plus près."})
    run_jobs()

    with in_space(others[0]):
        actions.decline(db.session.scalars(select(Lead)).one(), "age")
    run_jobs()

    assert [row.state for row in read(programme, Lead)] == ["oriented"]
    assert (len(read(others[1], Lead)), read(association, Lead)) == (1, [])


def test_what_came_straight_to_the_association_stays_there(
    client, oriented, operator, in_space, read, programme, association, run_jobs, app
):
    with in_space(association):
        own = factories.lead(first_name="Noé", email="noe@example.org", may_relay=False)
        staff = factories.staff(association)
    lead = oriented()
    with in_space(association):
        copy = db.session.scalars(select(Lead).where(Lead.orientation_id.is_not(None))).one()
        doubles.join(copy, (), staff.user_id)

    operator.send(f"{QUEUE}/{lead.id}/rappel")
    run_jobs()

    assert [(row.id, row.state, row.same_as) for row in read(association, Lead)] == [(own.id, "received", None)]
    with app.test_request_context("/"):
        link = actions.tracking_link(own).removeprefix("http://localhost")
    assert "Passerelle a reçu votre demande" in client.page(link).text


@pytest.mark.parametrize("back", ["taken back", "declined"])
def test_a_guardian_who_got_an_address_meanwhile_is_asked_before_it_goes_on(
    operator, in_space, read, programme, association, run_jobs, app, back
):
    factories.association(app, "voisine", "Voisine", ["69"], course=False)
    with in_space(programme):
        lead = factories.lead(
            state="waiting",
            answer_by=None,
            birth_date=factories.birth_date(14),
            guardian_name="Léa Roux",
            guardian_phone="+33611223344",
        )
        actions.receive(lead, db.session.get(Tenant, programme.id))
    run_jobs()
    operator.send(f"{QUEUE}/{lead.id}/representant", {"guardian_name": "Léa Roux", "guardian_contact": "lea@example.org"})

    if back == "taken back":
        operator.send(f"{QUEUE}/{lead.id}/rappel")
    else:
        [one] = read(programme, Orientation)
        with unit_of_work(app, one.association_id), app.test_request_context("/"):
            actions.decline(db.session.scalars(select(Lead)).one(), "age")
    run_jobs()

    assert [(row.state, row.waiting_reason) for row in read(programme, Lead)] == [("waiting", "guardian")]
    assert [mail.to_address for mail in letters(read(programme, Mail), "guardian_asked")] == ["lea@example.org"]
