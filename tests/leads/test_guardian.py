"""The guardian of a minor agrees by their own link before the request goes anywhere."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from app.accounts.links import record_token
from app.database import now
from app.extensions import db
from app.leads import actions, desk, doubles, guardian, jobs
from app.leads.deadlines import pass_on
from app.leads.models import Lead, LeadEvent, Orientation
from app.leads.words import GUARDIAN_REFUSED
from app.mail import Mail
from app.people.models import Authorisation, Guardian, Guardianship, Mentee
from app.tenants.models import Tenant
from app.web import today
from tests import factories

from .answers import GUARDIAN, of_mentee, walk
from .guardians import FIND, only
from .requests_at_work import strike_by_day


def test_the_request_waits_and_says_so(client, asked, stored, programme, association, run_jobs):
    run_jobs()

    letters = {mail.kind: mail for mail in stored(programme, Mail)}
    assert (asked.state, asked.waiting_reason) == ("waiting", "guardian")
    assert stored(association, Lead) == []
    assert letters["guardian_asked"].to_address == "nadege@example.org"
    assert letters["guardian_asked"].subject == "Noé demande un mentor : votre accord"


def test_the_person_reads_that_the_guardian_is_awaited(client, association, programme, stored):
    page = walk(client, FIND, of_mentee(16, **GUARDIAN))

    [receipt] = [mail for mail in stored(programme, Mail) if mail.kind == "lead_received"]
    assert "Dès qu'elle dit oui, votre demande continue." in receipt.text
    assert "Nous attendons l'accord de la personne qui vous représente" in page.text
    assert "Il n'y en a pas encore une qui puisse vous répondre" not in page.text


@pytest.mark.parametrize("address", ["noe@example.org", "NOE@Example.org", "noe+papa@example.org"])
def test_nobody_agrees_for_themself(client, programme, stored, address):
    """The link that asks for the agreement leaves for the guardian's address: it is not the minor's own."""
    *first, last = of_mentee(16, **GUARDIAN, email="noe@example.org")
    walk(client, FIND, first)

    page = client.send(f"{FIND}?etape=6", {**last, "guardian_contact": address})

    assert len(page.errors) == 1
    assert "C'est votre propre adresse" in page.errors[0]
    assert stored(programme, Lead) == []


def test_the_guardian_agrees_and_the_request_goes_on(client, asked, accord, stored, programme, association, run_jobs):
    page = client.page(accord(asked))
    assert page.value("name") == "Nadège Martin"
    done = client.send(accord(asked), {"name": "Nadège Martin"})
    run_jobs()

    lead, copy = only(stored, programme), only(stored, association)
    assert "Vous avez donné votre accord" in done.text
    assert (lead.state, lead.guardian_agreed_by, lead.guardian_text) == ("oriented", "Nadège Martin", "2026-11-26")
    assert (copy.guardian_agreed_at, copy.guardian_agreed_by) == (lead.guardian_agreed_at, "Nadège Martin")
    assert [event.what for event in stored(programme, LeadEvent)] == ["received", "guardian_asked", "guardian_agreed", "oriented"]


def test_the_minor_reads_once_that_their_guardian_agreed(client, asked, accord, stored, programme):
    for _click in range(2):
        client.send(accord(asked), {"name": "Nadège Martin"})

    [told] = [mail for mail in stored(programme, Mail) if mail.kind == "lead_goes_on"]
    assert told.to_address == asked.email
    assert "La personne qui vous représente a donné son accord" in told.text


def test_a_guardian_who_is_the_only_way_to_the_child_is_not_told_of_their_own_agreement(client, accord, stored, programme):
    walk(client, FIND, of_mentee(9, email="", phone="", **GUARDIAN))

    client.send(accord(only(stored, programme)), {"name": "Nadège Martin"})

    kinds = {mail.kind: mail.text for mail in stored(programme, Mail)}
    assert "lead_goes_on" not in kinds
    assert "Nous attendons l'accord" not in kinds["lead_received"]


def test_agreeing_twice_is_agreeing_once(client, asked, accord, stored, programme):
    client.send(accord(asked), {"name": "Nadège Martin"})
    first = only(stored, programme).guardian_agreed_at
    client.send(accord(asked), {"name": "Quelqu'un"})

    lead = only(stored, programme)
    assert (lead.guardian_agreed_at, lead.guardian_agreed_by) == (first, "Nadège Martin")
    assert len(stored(programme, Orientation)) == 1


@pytest.mark.parametrize("name", ["", "   ", "12", "x" * 101])
def test_a_name_is_needed(client, asked, accord, stored, programme, name):
    page = client.send(accord(asked), {"name": name})

    assert page.errors
    assert only(stored, programme).waiting_reason == "guardian"


def test_the_guardian_refuses_and_the_request_stops(client, asked, accord, stored, programme, association, run_jobs):
    page = client.send(f"{accord(asked)}/refus")
    run_jobs()

    assert page.flashes == ["C'est noté\u00a0: la demande est arrêtée."]
    assert "Cette demande n'est plus en cours" in page.text
    assert only(stored, programme).state == "withdrawn"
    assert stored(association, Lead) == []


def test_a_guardian_may_change_their_mind(client, asked, accord, stored, programme, association, run_jobs):
    client.send(accord(asked), {"name": "Nadège Martin"})
    run_jobs()
    client.send(f"{accord(asked)}/refus")
    run_jobs()

    assert only(stored, programme).state == "withdrawn"
    assert stored(association, Lead) == []


def test_reading_the_page_agrees_to_nothing(client, asked, accord, stored, programme):
    client.page(accord(asked))

    assert only(stored, programme).guardian_agreed_at is None


@pytest.mark.parametrize("kind", ["suivi", "autre"])
def test_another_link_does_not_agree(app, client, asked, stored, programme, kind):
    with app.app_context():
        token = record_token(kind, asked.tenant_id, asked.id)

    assert client.send(f"/accord/{token}", {"name": "Nadège Martin"}).status == 404
    assert client.send(f"/accord/{token}/refus").status == 404
    assert only(stored, programme).waiting_reason == "guardian"


def test_the_guardians_link_does_not_show_the_request(app, client, asked):
    with app.app_context():
        token = record_token("accord", asked.tenant_id, asked.id)

    assert client.page(f"/suivi/{token}").status == 404


@pytest.mark.parametrize(
    ("age", "guardian"), [(20, {}), (16, {**GUARDIAN, "guardian_contact": "06 98 76 54 32"})], ids=["adult", "telephone only"]
)
def test_who_cannot_be_asked_by_a_link_is_not_waited_for(client, association, programme, stored, age, guardian):
    walk(client, FIND, of_mentee(age, **guardian))

    assert only(stored, programme).state == "oriented"
    assert "guardian_asked" not in [mail.kind for mail in stored(programme, Mail)]


def test_by_an_associations_own_form_the_team_sees_that_the_agreement_is_missing(
    app, client, association, stored, in_space, accord
):
    walk(client, "/a/passerelle/trouver-un-mentor", of_mentee(16, **GUARDIAN))
    lead = only(stored, association)
    with in_space(association):
        staff = factories.staff(association)
    reader = client.sign_in(staff.user_id)

    before = reader.page(f"/a/passerelle/demandes/{lead.id}").text
    asked = client.page(accord(lead)).text
    assert "Que Passerelle, à qui la demande a été faite, vous appelle, puis rencontre" in asked
    with app.app_context():
        tracking = f"/suivi/{record_token('suivi', lead.tenant_id, lead.id)}"
    assert f"Nous avons écrit à {lead.guardian_name} : son accord est attendu." in client.page(tracking).text
    client.send(accord(lead), {"name": "Nadège Martin"})
    assert "son accord est attendu" not in client.page(tracking).text
    after = reader.page(f"/a/passerelle/demandes/{lead.id}").text

    assert lead.state == "received"
    assert "n'a pas encore donné son accord par le lien" in before
    assert "d'accord depuis le" in after


def test_a_silent_guardian_is_reminded_once_then_the_desk_calls(app, asked, stored, programme, association):
    for days in (1, 4, 5, 6):
        with time_machine.travel(now() + timedelta(days=days), tick=False):
            strike_by_day(app, programme)
    letters = [mail.kind for mail in stored(programme, Mail)].count("guardian_asked")
    reason = only(stored, programme).waiting_reason
    with time_machine.travel(now() + timedelta(days=11), tick=False):
        strike_by_day(app, programme)

    assert (letters, reason) == (2, "guardian")
    assert only(stored, programme).waiting_reason == "guardian_silent"
    assert stored(association, Lead) == []


@pytest.mark.parametrize("back", ["declined", "opened again"])
def test_a_silent_guardian_is_not_waited_for_again_at_each_association(
    app, asked, stored, in_space, programme, association, run_jobs, back
):
    with time_machine.travel(now() + timedelta(days=11), tick=False):
        strike_by_day(app, programme)
        with in_space(programme):
            lead, operator = db.session.get(Lead, (programme.id, asked.id)), factories.user()
            tenant = db.session.get(Tenant, programme.id)
            if back == "declined":
                actions.orient_by_hand(lead, association.id, tenant, today(), operator.id, "La famille est d'accord au téléphone")
            else:
                desk.end(lead, "nobody", tenant, operator.id)
                desk.reopen(lead, tenant, today(), operator.id)
        run_jobs()
        for copy in stored(association, Lead):
            with in_space(association):
                actions.decline(copy, "age")
        run_jobs()

    is_anew = back == "opened again"  # and then as if it had just arrived
    assert only(stored, programme).waiting_reason == ("guardian" if is_anew else "guardian_silent")
    assert [mail.kind for mail in stored(programme, Mail)].count("guardian_asked") == (2 if is_anew else 1)


def test_nobody_orients_it_meanwhile(asked, in_space, programme, association):
    with in_space(programme):
        lead, operator = db.session.get(Lead, (programme.id, asked.id)), factories.user()
        assert actions.orient_waiting(programme, factories.today()) == 0
        with pytest.raises(actions.CannotOrient, match="est attendu"):
            actions.orient_by_hand(lead, association.id, programme, factories.today(), operator.id, "Pressé")


@pytest.mark.parametrize(("typed", "kept"), [("06 39 98 12 34", "+33639981234"), ("", None)])
def test_the_guardian_may_say_where_to_call_and_reads_who_has_the_request(client, asked, accord, stored, programme, association,
                                                                          run_jobs, typed, kept):  # fmt: skip
    page = client.send(accord(asked), {"name": "Nadège Martin", "phone": typed})
    run_jobs()

    assert "Passerelle l'a reçue, et vous contacte avant toute rencontre." in page.text
    assert [only(stored, space).guardian_phone for space in (programme, association)] == [kept, kept]


def test_a_number_that_is_none_is_said_at_its_field(client, asked, accord, stored, programme):
    page = client.send(accord(asked), {"name": "Nadège Martin", "phone": "12"})

    assert (page.status, len(page.errors)) == (422, 1)
    assert (page.value("name"), only(stored, programme).guardian_agreed_at) == ("Nadège Martin", None)


@pytest.mark.parametrize("how", ["received", "separated"])
def test_the_guardian_has_their_days_from_when_they_are_asked(programme, in_space, how):
    with in_space(programme):
        tenant, old = db.session.get(Tenant, programme.id), now() - timedelta(days=12)
        asks = {"age": 15, "state": "waiting", "guardian_name": "Nadège Martin", "guardian_email": "nadege@example.org",
                "answer_by": None, "requested_at": old}  # fmt: skip
        if how == "separated":
            actions.receive(factories.lead(**asks | {"email": "zoe@example.org", "guardian_email": None}), tenant)
        lead = factories.lead(**asks | {"email": "zoe@example.org"})
        actions.receive(lead, tenant)
        if how == "separated":
            assert lead.waiting_reason == "double"
            doubles.separate(lead, tenant, factories.user().id)

        guardian.watch(tenant)
        assert (lead.waiting_reason, lead.reminded) == ("guardian", None)
        with time_machine.travel(now() + timedelta(days=4)):
            guardian.watch(tenant)
            assert (lead.waiting_reason, lead.reminded) == ("guardian", "half")
        with time_machine.travel(now() + timedelta(days=11)):
            guardian.watch(tenant)
            assert lead.waiting_reason == "guardian_silent"


def test_a_guardian_reads_that_the_request_is_taken_back(asked, programme, in_space, stored):
    with in_space(programme):
        for _time in range(2):
            actions.withdraw(db.session.get(Lead, (programme.id, asked.id)))

    [told] = [mail for mail in stored(programme, Mail) if mail.kind == "guardian_withdrawn"]
    assert (told.to_address, "a retiré sa demande de mentor" in told.text) == ("nadege@example.org", True)


@pytest.mark.parametrize("age", [16, 18])
def test_whoever_was_not_written_to_reads_nothing(programme, in_space, stored, age):
    """A guardian who was never asked, or of somebody of age by now."""
    with in_space(programme):
        awa = {"guardian_name": "Awa Sow", "guardian_email": "awa@example.org"}
        lead = factories.lead(age=age, state="waiting", waiting_reason="new", **awa)
        actions.withdraw(lead)

    assert [mail for mail in stored(programme, Mail) if mail.to_address == "awa@example.org"] == []


def test_nobody_is_asked_for_who_is_of_age(programme, in_space):
    with in_space(programme):
        for age, awaited in ((17, True), (18, False)):
            lead = factories.lead(age=age, guardian_name="Awa Sow", guardian_email="awa@example.org")
            assert bool(guardian.is_awaited(lead, today())) is awaited


def test_a_number_that_is_known_is_not_replaced_by_who_agrees(programme, in_space):
    with in_space(programme):
        lead = factories.lead(age=16, state="waiting", waiting_reason="guardian", guardian_name="Awa Sow",
                              guardian_email="awa@example.org", guardian_phone="+33639980001")  # fmt: skip

        assert guardian.agree(lead, "Awa Sow", db.session.get(Tenant, programme.id), today(), "+33639980002")
        assert lead.guardian_phone == "+33639980001"


def test_who_refuses_is_not_told_of_it(client, asked, accord, programme, stored):
    client.send(accord(asked) + "/refus")

    assert [mail for mail in stored(programme, Mail) if mail.kind == "guardian_withdrawn"] == []


def test_a_guardian_s_link_follows_a_request_that_went_on(app, client, association, programme, in_space, stored, run_jobs):
    agreed = {"guardian_agreed_at": now(), "guardian_agreed_by": "Nadège Martin", "guardian_text": "x"}
    with in_space(association):
        named = {"guardian_name": "Nadège Martin", "guardian_email": "nadege@example.org"}
        lead = factories.lead(age=14, may_relay=True, **named, **agreed)
        link = guardian.answer_link(lead).removeprefix("http://localhost")
        pass_on(lead, db.session.get(Tenant, association.id), today())
    run_jobs()

    page = client.send(f"{link}/refus")
    assert (page.status, "Noé" in page.text) == (200, True)
    client.send(f"{page.response.request.path}/refus")

    [moved] = stored(programme, Lead)
    assert moved.state == "withdrawn"


def test_who_refuses_while_the_request_travels_is_the_one_who_refused(association, programme, in_space, stored, run_jobs):
    with in_space(association):
        lead = factories.lead(age=14, may_relay=True, guardian_name="Nadège Martin", guardian_email="nadege@example.org")
        pass_on(lead, db.session.get(Tenant, association.id), today())
        actions.withdraw(lead, GUARDIAN_REFUSED)
        known = lead.id
    with in_space(programme):
        moved = factories.lead(age=14, state="waiting", guardian_email="nadege@example.org")
        jobs.withdraw_moved.function(association_id=association.id, asked_id=known, lead_id=moved.id)

    [row] = [row for row in stored(programme, LeadEvent) if row.lead_id == moved.id]
    assert row.what == GUARDIAN_REFUSED


def test_a_guardian_who_represents_nobody_any_more_closes_no_file(
    app, client, asked, accord, stored, programme, association, run_jobs, in_space
):
    client.send(accord(asked), {"name": "Nadège Martin"})
    run_jobs()
    [copy] = stored(association, Lead)
    with in_space(association):
        office = app.test_client().sign_in(factories.staff(association).user_id)
    office.send(f"/a/passerelle/demandes/{copy.id}/acceptation")
    run_jobs()
    [person] = stored(association, Mentee)
    paul = {"name": "Paul Martin", "relation": "parent", "email": "paul@example.org", "phone": ""}
    office.send(f"/a/passerelle/jeunes/{person.id}/representant", paul)
    with in_space(association):
        old = db.session.scalars(select(Guardianship).join(Guardian).where(Guardian.email == "nadege@example.org")).one()
    office.send(f"/a/passerelle/representants/{old.id}/retrait")
    with in_space(association):
        factories.authorisation(db.session.get_one(Mentee, (association.id, person.id)), given_by="Paul Martin")

    with in_space(association):
        opened = db.session.get_one(Lead, (association.id, copy.id))
        actions.tell(opened, "guardian_asked")
        db.session.flush()
        guardian.tell_withdrawn(opened, today())
        told = [mail.to_address for mail in db.session.query(Mail) if mail.kind == "guardian_withdrawn"]
        assert told == ["paul@example.org"], "the file names somebody else"
    client.send(f"{accord(asked)}/refus")
    run_jobs()

    [person] = stored(association, Mentee)
    assert (person.state, [row.withdrawn_on for row in stored(association, Authorisation)]) == ("active", [None])


def test_whoever_asked_reads_that_their_guardian_does_not_agree(
    app, client, asked, accord, programme, association, stored, in_space
):
    client.send(f"{accord(asked)}/refus")

    [told] = [mail for mail in stored(programme, Mail) if mail.kind == "lead_stopped"]
    assert (told.to_address, "n'a pas donné son accord" in told.text) == (asked.email, True)
    with in_space(programme):
        path = actions.tracking_link(db.session.get_one(Lead, (programme.id, asked.id))).removeprefix("http://localhost")
    page = client.page(path)
    assert "Votre demande s'est arrêtée" in page.text
    assert "Votre demande est retirée" not in page.text


@pytest.fixture
def given_back(asked, in_space, programme, association):
    """The same request, which an association had given back before the guardian was asked."""

    def by(reason):
        with in_space(programme):
            lead = db.session.get(Lead, (programme.id, asked.id))
            db.session.add(Orientation(lead_id=lead.id, association_id=association.id, kind=lead.kind, state="declined",
                                       decline_reason=reason, answer_by=today()))  # fmt: skip

    return by


def test_no_choice_of_the_minor_takes_the_wait_for_the_guardian_away(asked, given_back, in_space, programme, association):
    given_back("late")
    with in_space(programme):
        lead = db.session.get(Lead, (programme.id, asked.id))

        for may_relay in (False, True, False):
            actions.correct(lead, {"may_relay": may_relay})

        assert lead.waiting_reason == "guardian"
        assert len(db.session.scalars(select(Mail).where(Mail.kind == "guardian_asked")).all()) == 1


@pytest.mark.parametrize(
    ("reason", "may_relay", "then"),
    [("late", False, "no_relay"), ("unreachable", True, "unreachable"), ("late", True, "declined"), ("double", True, "declined")],
)
def test_once_the_guardian_agrees_it_goes_on_as_it_would_have(
    client, asked, accord, given_back, in_space, stored, programme, reason, may_relay, then
):
    given_back(reason)
    with in_space(programme):
        db.session.get(Lead, (programme.id, asked.id)).may_relay = may_relay

    client.send(accord(asked), {"name": "Nadège Martin"})

    lead = only(stored, programme)
    assert (lead.state, lead.waiting_reason) == ("waiting", then)


def test_nobody_orients_by_hand_while_the_guardian_has_days_whatever_it_waits_for(asked, in_space, programme, association):
    with in_space(programme):
        lead, operator = db.session.get(Lead, (programme.id, asked.id)), factories.user()
        lead.waiting_reason = "no_relay"
        with pytest.raises(actions.CannotOrient, match="est attendu"):
            actions.orient_by_hand(lead, association.id, programme, factories.today(), operator.id, "Pressé")


def test_a_minor_who_offers_to_mentor_asks_for_no_mentor_in_any_letter(programme, in_space, stored):
    with in_space(programme):
        lead = factories.lead(kind="mentor", age=16, birth_date=None, first_name="Léa", state="waiting", answer_by=None,
                              guardian_name="Awa Sow", guardian_email="awa@example.org")  # fmt: skip
        guardian.ask(lead, programme)
        db.session.flush()
        guardian.tell_withdrawn(lead, today())

    letters = [mail for mail in stored(programme, Mail) if mail.to_address == "awa@example.org"]
    assert letters[0].subject == "Léa veut devenir mentor : votre accord"
    assert all("demande de mentor" not in mail.text and "demande un mentor" not in mail.text for mail in letters)
    assert "ne souhaite plus devenir mentor" in letters[1].text


def test_while_a_request_moves_no_agreement_is_taken_that_would_be_lost(client, accord, association, programme, in_space, stored):
    with in_space(association):
        lead = factories.lead(age=15, birth_date=None, state="moved", guardian_name="Awa Sow", guardian_email="awa@example.org")

    page = client.send(accord(lead), {"name": "Awa Sow"})

    assert page.flashes == []
    assert "Cette demande part vers le programme" in page.text
    assert [row.guardian_agreed_at for row in stored(association, Lead)] == [None]
    client.send(f"{accord(lead)}/refus")
    assert [row.state for row in stored(association, Lead)] == ["withdrawn"]
