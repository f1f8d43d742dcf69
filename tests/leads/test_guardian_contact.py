"""How to reach who represents a minor, set right: the link sent before ends, the new address is asked, and who may do it."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import update

from app.accounts.links import mark_of, record_token
from app.accounts.permissions import Role
from app.database import now
from app.extensions import db
from app.leads import actions, guardian
from app.leads.models import Lead, LeadEvent
from app.mail import Mail
from tests import factories

from .answers import GUARDIAN, of_mentee, walk
from .guardians import FIND, only
from .requests_at_work import strike_by_day


@pytest.fixture
def own_link(app):
    def path(lead, kind="suivi", address=None):
        with app.app_context():
            return f"/{kind}/{record_token(kind, lead.tenant_id, lead.id, mark_of(address) if address else '')}"

    return path


@pytest.fixture
def set_right(client, own_link):
    """Send the person's corrections, with what they said at first unless something else is given."""

    def send(lead, **changes):
        own = {"first_name": lead.first_name, "last_name": lead.last_name, "email": lead.email or "", "phone": lead.phone or ""}
        return client.send(f"{own_link(lead)}/corrections", {**own, "may_relay": "y", **GUARDIAN, **changes})

    return send


def asked_addresses(stored, programme):
    return [mail.to_address for mail in stored(programme, Mail) if mail.kind == "guardian_asked"]


def test_a_mistyped_address_is_set_right_and_its_link_ends(client, asked, own_link, set_right, stored, programme, association):
    wrong = own_link(asked, "accord", "nadege@example.org")
    assert client.page(wrong).status == 200

    assert client.page(own_link(asked)).text.count("nadege@example.org") == 1
    assert client.page(f"{own_link(asked)}/corrections").value("guardian_contact") == "nadege@example.org"
    page = set_right(asked, guardian_contact="Nadege.Martin@example.org")
    lead = only(stored, programme)

    assert page.flashes == ["C'est corrigé."]
    assert (lead.state, lead.waiting_reason, lead.guardian_email) == ("waiting", "guardian", "Nadege.Martin@example.org")
    assert asked_addresses(stored, programme) == ["Nadege.Martin@example.org"], "of the first, nothing is kept"
    assert client.send(wrong, {"name": "Quelqu'un"}).status == 404
    assert client.send(f"{wrong}/refus").status == 404
    right = own_link(asked, "accord", "Nadege.Martin@example.org")
    assert client.send(right, {"name": "Nadège Martin"}).flashes == ["Merci. Votre accord est enregistré."]


def test_the_new_address_is_given_its_own_ten_days(app, asked, set_right, stored, programme):
    with time_machine.travel(now() + timedelta(days=11), tick=False):
        strike_by_day(app, programme)
        silent = only(stored, programme).waiting_reason
        set_right(asked, guardian_contact="nadege.martin@example.org")
        strike_by_day(app, programme)
        again = only(stored, programme).waiting_reason
    with time_machine.travel(now() + timedelta(days=15), tick=False):
        strike_by_day(app, programme)
    letters = asked_addresses(stored, programme)
    with time_machine.travel(now() + timedelta(days=22), tick=False):
        strike_by_day(app, programme)

    assert (silent, again) == ("guardian_silent", "guardian")
    assert letters == ["nadege.martin@example.org", "nadege.martin@example.org"]
    assert only(stored, programme).waiting_reason == "guardian_silent"


def test_a_telephone_instead_lets_the_request_go_on(asked, set_right, stored, programme):
    set_right(asked, guardian_contact="06 98 76 54 32")
    lead = only(stored, programme)

    assert (lead.state, lead.guardian_email, lead.guardian_phone) == ("oriented", None, "+33698765432")
    assert asked_addresses(stored, programme) == []


@pytest.mark.parametrize("typed", ["", "nadege", "n@gmial.com", "noe@example.org", "Noe@Example.org", "x" * 255])
def test_a_contact_that_is_none_or_ones_own_is_refused_at_its_field(asked, set_right, stored, programme, typed):
    page = set_right(asked, guardian_contact=typed, first_name="Noa")

    assert (page.status, len(page.errors)) == (422, 1)
    assert page.value("first_name") == "Noa"
    lead = only(stored, programme)
    assert (lead.first_name, lead.guardian_email) == ("Noé", "nadege@example.org")


def test_ones_own_address_does_not_become_the_guardians(asked, set_right, stored, programme):
    """Nor the other way round: whoever keeps the guardian's contact may not take its address."""
    page = set_right(asked, email="nadege@example.org")

    assert (page.status, only(stored, programme).email) == (422, "noe@example.org")


def test_strangers_are_not_written_to_without_end(asked, set_right, stored, programme):
    answers = [set_right(asked, guardian_contact=f"parent{n}@example.org").status for n in range(5)]

    assert answers == [200, 200, 200, 422, 422]
    assert asked_addresses(stored, programme) == ["parent2@example.org"]
    assert [event.what for event in stored(programme, LeadEvent)].count("guardian_corrected") == 3


def test_nothing_new_writes_to_nobody(asked, set_right, stored, programme):
    set_right(asked)

    assert asked_addresses(stored, programme) == ["nadege@example.org"]
    assert "guardian_corrected" not in [event.what for event in stored(programme, LeadEvent)]


def test_once_agreed_the_contact_stays(client, asked, accord, set_right, stored, programme):
    client.send(accord(asked), {"name": "Nadège Martin"})
    set_right(asked, guardian_contact="autre@example.org")

    assert only(stored, programme).guardian_email == "nadege@example.org"


def test_agreeing_while_the_address_changes_is_no_agreement(asked, in_space, programme):
    """The link was read with the old address, the agreement arrives after the new one is stored."""
    with in_space(programme):
        read = db.session.get(Lead, (programme.id, asked.id))
        db.session.execute(update(Lead).values(guardian_email="autre@example.org").execution_options(synchronize_session=False))
        guardian.agree(read, "Quelqu'un", programme, factories.today())

        assert read.guardian_agreed_at is None


def test_refusing_while_the_address_changes_is_no_refusal(asked, in_space, programme):
    with in_space(programme):
        read = db.session.get(Lead, (programme.id, asked.id))
        db.session.execute(update(Lead).values(guardian_email="autre@example.org").execution_options(synchronize_session=False))

        assert guardian.refuse(read, factories.today()) is False
        assert read.state == "waiting"


@pytest.mark.parametrize("meanwhile", [{"state": "moved"}, {"guardian_agreed_at": now()}, {"state": "withdrawn"}])
def test_a_contact_that_is_sent_too_late_is_refused(asked, in_space, programme, meanwhile):
    """Whatever its page showed: the request is read again once it is held."""
    with in_space(programme):
        read = db.session.get(Lead, (programme.id, asked.id))
        ended = {"withdrawn_at": now()} if meanwhile.get("state") == "withdrawn" else {}
        db.session.execute(update(Lead).values(**meanwhile, **ended).execution_options(synchronize_session=False))
        named = {"guardian_name": "Paul Martin", "guardian_email": "paul@example.org"}

        for by in (None, factories.user().id):
            with pytest.raises(guardian.CannotCorrect):
                guardian.correct(read, named, programme, factories.today(), by)


def test_a_request_that_is_compared_first_asks_nobody_meanwhile(asked, set_right, in_space, stored, programme):
    with in_space(programme):
        db.session.get(Lead, (programme.id, asked.id)).waiting_reason = "double"
    before = asked_addresses(stored, programme)

    set_right(asked, guardian_contact="autre@example.org")

    assert (only(stored, programme).guardian_email, only(stored, programme).waiting_reason) == ("autre@example.org", "double")
    assert [address for address in asked_addresses(stored, programme) if address not in before] == []


def test_the_team_does_not_give_a_minor_the_address_of_their_parent(app, association, in_space, stored):
    with in_space(association):
        lead = factories.lead(age=15, guardian_name="Awa Sow", guardian_email="awa@example.org")
        office = app.test_client().sign_in(factories.staff(association).user_id)
    typed = {"first_name": "Noé", "last_name": lead.last_name, "email": "AWA+noe@example.org", "phone": ""}

    page = office.send(f"/a/passerelle/demandes/{lead.id}/coordonnees", typed)

    assert page.errors == ["C'est l'adresse de la personne qui représente ce ou cette jeune."]
    assert stored(association, Lead)[0].email == lead.email


def test_the_desk_sets_it_right_on_the_phone(client, asked, stored, in_space, programme):
    with in_space(programme):
        operator = factories.staff(programme, role=Role.OPERATOR)
    reader, path = client.sign_in(operator.user_id), f"/a/programme/orientation/{asked.id}"

    assert f"{path}/representant" in [link["href"] for link in reader.page(path).soup.select("a[href]")]
    page = reader.send(f"{path}/representant", {"guardian_name": "Nadège Martin", "guardian_contact": "n.martin@example.org"})

    assert page.flashes == ["C'est corrigé."]
    assert "Contact du parent corrigé" in page.text
    assert asked_addresses(stored, programme) == ["n.martin@example.org"]


def test_an_association_sets_right_what_was_asked_of_it_only(client, association, programme, stored, in_space, run_jobs):
    walk(client, "/a/passerelle/trouver-un-mentor", of_mentee(16, **GUARDIAN))
    walk(
        client, FIND, of_mentee(17, **{**GUARDIAN, "guardian_contact": "06 98 76 54 32"}, first_name="Lou", email="lou@example.org")
    )
    run_jobs()
    own, sent = sorted(stored(association, Lead), key=lambda lead: lead.orientation_id is not None)
    with in_space(association):
        staff = factories.staff(association)
    reader = client.sign_in(staff.user_id)
    typed = {"guardian_name": "Nadège Martin", "guardian_contact": "n.martin@example.org"}

    for lead in (own, sent):
        reader.send(f"/a/passerelle/demandes/{lead.id}/representant", typed)

    assert {lead.first_name: lead.guardian_email for lead in stored(association, Lead)} == {
        "Noé": "n.martin@example.org",
        "Lou": None,
    }
    assert asked_addresses(stored, association) == ["n.martin@example.org"]
    assert (
        reader.page(f"/a/passerelle/demandes/{sent.id}/representant").response.request.path == f"/a/passerelle/demandes/{sent.id}"
    )


def test_what_is_set_right_reaches_the_association(client, asked, set_right, stored, programme, association, run_jobs):
    set_right(asked, guardian_contact="06 98 76 54 32")
    run_jobs()
    set_right(only(stored, programme), guardian_contact="06 11 22 33 44")
    run_jobs()

    assert only(stored, association).guardian_phone == "+33611223344"


def test_somebodys_decision_is_not_taken_by_a_new_address(
    asked, set_right, own_link, client, stored, in_space, programme, association
):
    """Who does not want another association is not sent to one because the guardian's address was corrected."""
    with in_space(programme):
        lead = db.session.get(Lead, (programme.id, asked.id))
        lead.waiting_reason, lead.may_relay = "no_relay", False
    set_right(asked, guardian_contact="n.martin@example.org", may_relay="")
    client.send(own_link(asked, "accord", "n.martin@example.org"), {"name": "Nadège Martin"})
    lead = only(stored, programme)

    assert (lead.state, lead.waiting_reason, lead.guardian_agreed_by) == ("waiting", "no_relay", "Nadège Martin")
    assert asked_addresses(stored, programme)[-1] == "n.martin@example.org"


def test_three_addresses_then_a_telephone_and_names_are_no_addresses(asked, set_right, stored, programme):
    for name in ("Nadège Martin-Roy", "Nadia Martin", "Nadège Roy", "Nadège Martin"):
        assert set_right(asked, guardian_name=name).status == 200
    for rank in range(3):
        assert set_right(asked, guardian_contact=f"parent{rank}@example.org").status == 200
    assert set_right(asked, guardian_contact="parent4@example.org").status == 422

    assert set_right(asked, guardian_contact="06 98 76 54 32").status == 200
    assert only(stored, programme).state == "oriented"


def test_another_name_alone_starts_no_days_again(app, asked, set_right, stored, programme):
    with time_machine.travel(now() + timedelta(days=9), tick=False):
        set_right(asked, guardian_name="Nadège Roy")
    with time_machine.travel(now() + timedelta(days=11), tick=False):
        strike_by_day(app, programme)

    assert only(stored, programme).waiting_reason == "guardian_silent"


def test_a_link_without_a_mark_ends_with_the_first_correction(client, asked, accord, set_right):
    """Links of before marks open as long as nothing was corrected."""
    assert client.page(accord(asked)).status == 200
    set_right(asked, guardian_contact="n.martin@example.org")

    assert client.page(accord(asked)).status == 404


def test_staff_read_whose_address_it_is(client, asked, in_space, programme):
    with in_space(programme):
        operator = factories.staff(programme, role=Role.OPERATOR)
    path = f"/a/programme/orientation/{asked.id}/representant"
    page = client.sign_in(operator.user_id).send(path, {"guardian_name": "Nadège", "guardian_contact": "noe@example.org"})

    assert [" ".join(error.split()) for error in page.errors] == [
        "C'est l'adresse du jeune : le lien qui demande l'accord ne lui est pas envoyé."
    ]


def test_who_agrees_after_the_file_is_open_is_heard_there_too(
    app, client, asked, own_link, stored, in_space, programme, association, run_jobs
):
    """The desk oriented a silent guardian's request; the association accepted it; then the link was pressed."""
    with time_machine.travel(now() + timedelta(days=11), tick=False):
        strike_by_day(app, programme)
    with in_space(programme):
        lead, operator = db.session.get(Lead, (programme.id, asked.id)), factories.user()
        actions.orient_by_hand(lead, association.id, programme, factories.today(), operator.id, "La mère a appelé")
    run_jobs()
    with in_space(association):
        copy = db.session.get(Lead, (association.id, only(stored, association).id))
        actions.accept(copy, factories.user().id)
    run_jobs()
    client.send(own_link(asked, "accord", "nadege@example.org"), {"name": "Nadège Martin"})
    run_jobs()

    assert only(stored, association).guardian_agreed_by == "Nadège Martin"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ({"guardian_contact": "nadege@example.org"}, ("nadege@example.org", "+33639981234")),  # only the first name of the jeune
        ({"guardian_contact": "nadege.m@example.org"}, ("nadege.m@example.org", "+33639981234")),  # one letter of the address
        ({"guardian_contact": "06 39 98 12 34"}, (None, "+33639981234")),  # the address was a stranger's
        ({"guardian_name": "Awa Sow", "guardian_contact": "awa@example.org"}, ("awa@example.org", None)),  # somebody else
    ],
)
def test_what_was_shown_is_set_right_and_the_other_way_stays_theirs(asked, set_right, in_space, stored, programme, typed, kept):
    with in_space(programme):
        db.session.get(Lead, (programme.id, asked.id)).guardian_phone = "+33639981234"

    set_right(asked, first_name="Noam", **typed)

    lead = only(stored, programme)
    assert (lead.first_name, lead.guardian_email, lead.guardian_phone) == ("Noam", *kept)


def test_what_the_guardian_refused_is_not_said_to_be_the_persons(
    app, client, asked, own_link, stored, in_space, programme, association, run_jobs
):
    client.send(own_link(asked, "accord", "nadege@example.org"), {"name": "Nadège Martin"})
    run_jobs()
    with in_space(association):
        actions.accept(db.session.get(Lead, (association.id, only(stored, association).id)), factories.user().id)
    run_jobs()
    client.send(own_link(asked, "accord", "nadege@example.org") + "/refus")
    run_jobs()

    assert only(stored, association).state == "withdrawn"
    assert [event.what for event in stored(association, LeadEvent)][-1] == "guardian_refused"
