"""Who lost the link of their request has it sent again, and nobody learns whose requests there are."""

import re

import pytest

from app.leads import actions, guardian
from app.leads.models import LeadState
from app.mail import Mail
from tests import factories

from .answers import of_mentee, walk

AGAIN, FIND = "/retrouver-ma-demande", "/trouver-un-mentor"
SUBJECT = "Le lien vers votre demande"


@pytest.fixture
def asked(client, stored):
    """What leaves when somebody asks for a link at an address: to whom, and where it leads."""

    def ask(tenant, address, path=AGAIN):
        page = client.send(path, {"email": address})
        assert (page.status, page.heading) == (200, "Regardez vos e-mails")
        letters = [mail for mail in stored(tenant, Mail) if mail.subject == SUBJECT]
        return [(mail.to_address, re.search(r"http://localhost(/\S+)", mail.text)[1]) for mail in letters]

    return ask


def test_the_link_of_a_request_is_sent_again_to_its_address(client, association, programme, asked):
    walk(client, FIND, of_mentee(email="noe@example.org"))

    [(address, link)] = asked(programme, " NOE@example.org ")

    assert address == "noe@example.org"
    assert client.page(link).heading == "Bonjour Noé"


def test_of_an_address_without_request_the_same_is_said_and_nothing_leaves(client, programme, asked):
    walk(client, FIND, of_mentee(email="noe@example.org"))

    assert asked(programme, "autre@example.org") == []
    assert client.send(AGAIN, {"email": "pas une adresse"}).errors == [
        "Cette adresse e-mail n'est pas complète : il y faut un nom, @ et un domaine."
    ]


def test_each_request_of_the_address_has_its_link_the_last_first(programme, in_space, asked):
    with in_space(programme):
        leads = [factories.lead(email="awa@example.org", state=LeadState.WAITING, waiting_reason="nobody") for _rank in range(2)]
        links = {actions.tracking_link(lead).removeprefix("http://localhost") for lead in leads}

    assert {link for _address, link in asked(programme, "awa@example.org")} == links


def test_all_the_links_leave_or_none(programme, in_space, asked):
    """The last letters serve once there are enough of them: no request of the address is left without its link."""
    with in_space(programme):
        for _number in range(5):
            factories.lead(email="famille@example.org", state=LeadState.WAITING)

    assert [len(asked(programme, "Famille@example.org")) for _time in range(3)] == [5, 10, 10]


def test_of_a_child_without_a_way_of_their_own_it_goes_to_whoever_represents_them(client, programme, in_space, asked):
    way = {"guardian_email": "parent@example.org", "email": None, "phone": None}
    with in_space(programme):
        factories.lead(age=12, state=LeadState.WAITING, waiting_reason="nobody", **way)

    [(address, link)] = asked(programme, "parent@example.org")

    assert (address, client.page(link).status) == ("parent@example.org", 200)


def test_a_parent_who_is_waited_for_has_their_own_link_and_no_other_parent_has_one(client, programme, in_space, asked):
    way = {"guardian_email": "parent@example.org", "email": "enfant@example.org", "phone": None, "age": 12}
    with in_space(programme):
        lead = factories.lead(state=LeadState.WAITING, waiting_reason="nobody", **way)
    assert asked(programme, "parent@example.org") == []

    with in_space(programme):
        held = factories.lead(state=LeadState.WAITING, waiting_reason="guardian", **way)
        link = guardian.answer_link(held).removeprefix("http://localhost")

    assert asked(programme, "parent@example.org") == [("parent@example.org", link)]
    assert lead.guardian_email == held.guardian_email


def test_an_association_finds_what_came_by_its_own_form_and_not_what_was_confided(client, programme, association, in_space, asked):
    walk(client, "/a/passerelle/trouver-un-mentor", of_mentee(email="noe@example.org"))
    walk(client, FIND, of_mentee(email="ailleurs@example.org"))

    assert len(asked(association, "noe@example.org", f"/a/passerelle{AGAIN}")) == 1
    assert len(asked(association, "ailleurs@example.org", f"/a/passerelle{AGAIN}")) == 1  # the letter of before


@pytest.mark.parametrize("path", ["/", "/connexion", "/suivi/abc"])
def test_the_pages_where_somebody_looks_for_it_lead_there(client, programme, path):
    assert client.page(path).tree.xpath(f"//a[@href = '{AGAIN}']")


@pytest.mark.committed
def test_a_link_is_asked_for_five_times_an_hour_from_one_place(limited):
    answers = [limited.send(AGAIN, {"email": "noe@example.org"}).status for _rank in range(6)]

    assert answers == [200] * 5 + [429]
