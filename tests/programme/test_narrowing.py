"""What narrows the programme's list of requests: who asks, where, why it waits, who was asked."""

import pytest

from app.database import uuid7
from app.extensions import db
from app.leads.actions import receive
from app.tenants.models import Tenant
from tests import factories

QUEUE = "/a/programme/orientation"


@pytest.fixture
def waiting(in_space, programme):
    """Three requests that wait, each for another reason."""
    with in_space(programme):
        factories.lead(state="waiting", first_name="Aïcha", waiting_reason="territory")
        factories.lead(state="waiting", first_name="Bilal", waiting_reason="capacity", departement_code="2A")
        factories.lead(state="waiting", first_name="Chloé", kind="mentor", waiting_reason=None)


@pytest.fixture
def proposed(app, in_space, programme, association):
    """A request with Passerelle, and one with another association."""
    other = factories.association(app, "tremplin", "Tremplin", ["59"])
    with in_space(programme):
        for name, code in (("Aïcha", "69"), ("Bilal", "59")):
            receive(factories.lead(first_name=name, departement_code=code), db.session.get(Tenant, programme.id))
    return other


def names(page):
    return [cell.text.split()[0] for cell in page.soup.select("tbody th a")]


@pytest.mark.parametrize(
    ("asked", "found"),
    [("", ["Aïcha", "Bilal", "Chloé"]), ("?qui=mentor", ["Chloé"]), ("?dep=2a", ["Bilal"]), ("?motif=territory", ["Aïcha"]),
     ("?motif=new", ["Chloé"]), ("?motif=capacity&dep=69", []), ("?motif=x&qui=y&dep=&chez=z", ["Aïcha", "Bilal", "Chloé"])],
)  # fmt: skip
def test_what_waits_is_narrowed(operator, waiting, asked, found):
    assert sorted(names(operator.page(f"{QUEUE}{asked}"))) == found


def test_nobody_is_left_and_the_filters_are_taken_off(operator, waiting):
    page = operator.page(f"{QUEUE}?motif=capacity&dep=69")

    assert "Aucune demande ne correspond." in page.text
    assert page.soup.find("a", string="Enlever les filtres")["href"] == f"{QUEUE}?etat=waiting"
    assert page.soup.select_one("#motif option[selected]")["value"] == "capacity"


def test_an_association_has_its_requests(operator, proposed, association):
    listed = f"{QUEUE}?etat=oriented&chez="

    assert names(operator.page(f"{listed}{association.id}")) == ["Aïcha"]
    assert names(operator.page(f"{listed}{proposed.id}")) == ["Bilal"]
    assert names(operator.page(f"{listed}{uuid7()}")) == []
    assert operator.page("/a/programme/associations").soup.find("a", href=f"{listed}{proposed.id}")


def test_whom_the_programme_does_not_read_is_not_found_by_name(operator, in_space, programme):
    with in_space(programme):
        factories.lead(state="accepted", first_name="Aïcha")

    for asked in ("q=Aïcha", "q=Personne"):
        page = operator.page(f"{QUEUE}?etat=accepted&{asked}")
        assert names(page) == ["Demande"]
        assert page.soup.find(id="q") is None
