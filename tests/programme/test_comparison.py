"""The operator compares two requests: one person's are joined, two people's go each their own way."""

import pytest

from app.database import now
from app.extensions import db
from app.leads import actions
from app.leads.actions import receive
from app.leads.models import Lead, LeadEvent, Orientation
from app.mail import Mail
from app.tenants.models import Tenant
from tests import factories

QUEUE = "/a/programme/orientation"
JOIN, TWO = {"decision": "join", "sure": "y"}, {"decision": "separate"}


@pytest.fixture
def arrive(in_space, programme, association):
    """A request that has just arrived at the programme, from somebody of 20 or so many years."""
    born = {age: factories.birth_date(age) for age in (16, 20)}

    def make(age=20, **changes):
        with in_space(programme):
            person = {"age": age, "last_name": "Martin", "birth_date": born[age], **changes}
            lead = factories.lead(state="waiting", answer_by=None, **person)
            receive(lead, db.session.get(Tenant, programme.id))
        return lead

    return make


@pytest.fixture
def rows(in_space, programme):
    """The rows of a table in the programme's space, the oldest first."""

    def read(model):
        with in_space(programme):
            return db.session.scalars(db.select(model).order_by(model.created_at, model.id)).all()

    return read


def states(rows):
    """Where each request stands, and why."""
    return [(lead.state, lead.waiting_reason) for lead in rows(Lead)]


def test_the_second_waits_says_why_and_leads_to_the_comparison(operator, arrive, rows):
    arrive(message="La première")
    second = arrive(message="La seconde")

    page = operator.page(f"{QUEUE}/{second.id}")
    compared = operator.page(f"{QUEUE}/{second.id}/comparaison")

    assert states(rows) == [("oriented", None), ("waiting", "double")]
    assert "La même personne a peut-être déjà une demande : à comparer." in page.text
    assert page.soup.find("a", string="Comparer les deux")["href"] == f"{QUEUE}/{second.id}/comparaison"
    assert "La première" in compared.text
    assert "La seconde" in compared.text


def test_of_a_first_one_that_has_its_answer_nothing_is_read(operator, arrive, in_space, programme):
    first = arrive(message="La première", phone="+33698000001", guardian_name="Nadège Parent")
    second = arrive(message="La seconde")
    with in_space(programme):
        lead = db.session.get(Lead, (programme.id, first.id))
        lead.state, lead.accepted_at = "accepted", now()

    page = operator.page(f"{QUEUE}/{second.id}/comparaison")

    assert "La seconde" in page.text
    assert "Le programme ne montre plus cette personne." in page.text
    assert not [said for said in ("La première", "06 98 00 00 01", "Nadège Parent") if said in page.text]


def test_joined_the_first_goes_on_with_what_was_chosen_and_the_association_learns_it(
    operator, arrive, rows, in_space, association, run_jobs
):
    first = arrive()
    run_jobs()
    second = arrive(email="nouvelle@example.org")

    page = operator.send(f"{QUEUE}/{second.id}/comparaison", {**JOIN, "taken": ["email"]})
    run_jobs()

    assert page.response.request.path == f"{QUEUE}/{first.id}"
    assert states(rows) == [("oriented", None), ("joined", None)]
    with in_space(association):
        assert [copy.email for copy in db.session.query(Lead)] == ["nouvelle@example.org"]


def test_the_joined_one_has_its_tab_and_leads_to_the_other(operator, arrive):
    first, second = arrive(), arrive()
    operator.send(f"{QUEUE}/{second.id}/comparaison", JOIN)

    [row] = operator.page(f"{QUEUE}?etat=joined").rows
    page = operator.page(f"{QUEUE}/{second.id}")

    assert row[0].startswith("Demande du ")
    assert page.soup.find("a", string="Voir la demande qui continue")["href"] == f"{QUEUE}/{first.id}"
    assert f"{QUEUE}/{second.id}" in operator.page(f"{QUEUE}/{first.id}").html


def test_two_people_go_each_their_own_way(operator, arrive, rows, run_jobs):
    arrive()
    second = arrive()

    page = operator.send(f"{QUEUE}/{second.id}/comparaison", TWO)
    operator.send(f"{QUEUE}/{second.id}/comparaison", TWO)

    assert page.flashes == ["C'est noté\u00a0: ce sont deux personnes."]
    assert states(rows) == [("oriented", None), ("oriented", None)]
    assert len(rows(Orientation)) == 2
    assert [event.what for event in rows(LeadEvent)].count("distinct") == 1


def test_the_guardian_of_a_second_young_person_is_asked_once_they_are_two(operator, arrive, rows):
    guardian = {"guardian_name": "Nadège", "guardian_email": "nadege@example.org"}
    arrive(age=16, **guardian)
    second = arrive(age=16, **guardian)
    before = [mail.kind for mail in rows(Mail)].count("guardian_asked")

    operator.send(f"{QUEUE}/{second.id}/comparaison", TWO)

    assert states(rows) == [("waiting", "guardian"), ("waiting", "guardian")]
    assert (before, [mail.kind for mail in rows(Mail)].count("guardian_asked")) == (1, 2)


def test_by_hand_nobody_sends_what_must_be_compared_first(operator, arrive, rows, association):
    arrive()
    second = arrive()

    page = operator.send(f"{QUEUE}/{second.id}", {"association": str(association.id), "reason": "Ils habitent à côté."})

    assert "Comparez d'abord cette demande avec celle de la même personne." in page.text
    assert [row.lead_id == second.id for row in rows(Orientation)] == [False]


def test_once_the_first_is_withdrawn_the_second_can_go_on(operator, arrive, rows, in_space, programme):
    first, second = arrive(), arrive()
    with in_space(programme):
        actions.withdraw(db.session.get(Lead, (programme.id, first.id)))

    page = operator.page(f"{QUEUE}/{second.id}")
    done = operator.send(f"{QUEUE}/{second.id}/distincte")

    assert "L'autre demande est terminée, ou ailleurs." in page.text
    assert page.soup.find("button", string="Continuer l'orientation")
    assert done.flashes == ["La demande continue."]
    assert states(rows) == [("withdrawn", None), ("oriented", None)]


def test_a_second_attempt_to_orient_what_waits_leaves_it_at_the_desk(operator, arrive, rows):
    arrive()
    arrive()

    page = operator.send(f"{QUEUE}/reprise")

    assert page.flashes == [
        "Rien n'est parti à l'instant\u00a0: la raison est écrite sur chaque ligne. "
        "Quand la file est longue, la suite est essayée dans les minutes qui viennent."
    ]
    assert states(rows)[1] == ("waiting", "double")


def test_the_desk_does_not_compare_what_is_another_space_s(operator, elsewhere, in_space):
    with in_space(elsewhere):
        lead = factories.lead()

    assert operator.page(f"{QUEUE}/{lead.id}/comparaison").status == 404
    assert operator.send(f"{QUEUE}/{lead.id}/comparaison", JOIN).status == 404
    assert operator.send(f"{QUEUE}/{lead.id}/distincte").status == 404


def test_a_request_given_back_as_known_there_goes_on_elsewhere(app, operator, arrive, rows, in_space, association, run_jobs):
    factories.association(app, "seconde", "Seconde", ["69"], mentee_capacity=1)
    arrive()
    run_jobs()
    with in_space(association):
        actions.decline(db.session.query(Lead).one(), "double")

    run_jobs()

    [lead] = rows(Lead)
    page = operator.page(f"{QUEUE}/{lead.id}")
    operator.send(f"{QUEUE}/{lead.id}/distincte")

    assert (lead.state, lead.waiting_reason, lead.same_as) == ("waiting", "double", None)
    assert "L'autre demande est terminée, ou ailleurs." in page.text
    assert states(rows) == [("oriented", None)]
    assert len({row.association_id for row in rows(Orientation)}) == 2
