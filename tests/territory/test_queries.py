"""Communes, found from what people type and from what files say."""

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from app.database import unit_of_work
from app.extensions import db
from app.leads.communes import follow_communes
from app.leads.models import Lead
from app.leads.offer_forms import OfferForm
from app.territory.load import load_territory, shipped
from app.territory.queries import (
    MOST,
    communes_by_postal_code,
    departement_choices,
    fold,
    pick_commune,
    plain,
    search_communes,
)
from tests import factories

GONE = """
INSERT INTO communes (code, name, search, departement_code, arrondissement, epci, population, postal_codes, former)
SELECT '97999', 'Perdue', 'perdue', departement_code, arrondissement, epci, 1, '{69001}', '' FROM communes LIMIT 1
"""
SEYNOD = """
INSERT INTO communes (code, name, search, departement_code, arrondissement, epci, population, postal_codes, former)
SELECT '74268', 'Seynod', 'seynod', '74', arrondissement, epci, 1, '{74600}', '' FROM communes LIMIT 1
"""


@pytest.fixture(autouse=True)
def context(app, rolled_back):
    """The official lists are read in any space, or none."""
    with unit_of_work(app, None):
        yield


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("Lyon", "Lyon (69, Rhône)"),
        ("lyon", "Lyon (69, Rhône)"),
        ("LYON 3e", "Lyon (69, Rhône)"),
        ("Paris 11e", "Paris (75, Paris)"),
        ("marseille 1er arrondissement", "Marseille (13, Bouches-du-Rhône)"),
        ("75011", "Paris (75, Paris)"),
        ("St Denis", "Saint-Denis (974, La Réunion)"),
        ("93200", "Saint-Denis (93, Seine-Saint-Denis)"),
        ("le pont de cl", "Le Pont-de-Claix (38, Isère)"),
        ("Pont-de-Claix", "Le Pont-de-Claix (38, Isère)"),
        ("38800 Le Pont-de-Claix", "Le Pont-de-Claix (38, Isère)"),
        ("l'isle-d'abeau", "L'Isle-d'Abeau (38, Isère)"),
        ("vandoeuvre", "Vandœuvre-lès-Nancy (54, Meurthe-et-Moselle)"),
        ("97310", "Kourou (973, Guyane)"),
        ("Annecy-le-Vieux", "Annecy (74, Haute-Savoie)"),
        ("cran gev", "Annecy (74, Haute-Savoie)"),
        ("20000", "Ajaccio (2A, Corse-du-Sud)"),
        ("Y", None),
        ("", None),
        ("99999", None),
        ("%", None),
        ("_____", None),
        ("🙂", None),
    ],
)
def test_a_commune_is_found_from_what_people_type(typed, first):
    found = search_communes(typed)

    assert (found[0].label.replace("’", "'") if found else None) == first


def test_a_name_that_none_can_be_is_not_searched(statements):
    with statements() as seen:
        assert list(search_communes("a" * 10_000)) == []

    assert seen == []


def test_a_list_is_short_and_the_most_populated_come_first():
    found = search_communes("saint")

    assert len(found) == MOST
    assert [commune.population for commune in found] == sorted((commune.population for commune in found), reverse=True)


def test_a_postal_code_gives_all_its_communes():
    assert {commune.name for commune in search_communes("38800")} >= {"Le Pont-de-Claix", "Champagnier"}


@pytest.mark.parametrize(
    ("name", "code", "found"),
    [
        ("Saint-Denis", "93200", "93066"),
        ("St Denis", "93200", "93066"),
        ("SAINT DENIS", "97400", "97411"),
        ("Bourg-en-Bresse", "1000", "01053"),
        ("Paris 11e", "75011", "75056"),
        ("Paris", "75116", "75056"),
        (" Lyon ", " 69001 ", "69123"),
        ("Lyon", "59000", None),
        ("Trifouilly-les-Oies", "39320", None),
        ("", "", None),
        ("Lyon", "abc", None),
    ],
)
def test_a_name_and_a_code_agree_on_one_commune(name, code, found):
    commune = pick_commune(name, communes_by_postal_code([code]).get(code.strip(), ()))

    assert (commune.code if commune else None) == found


def test_the_communes_of_many_codes_are_read_at_once(statements):
    with statements() as seen:
        found = communes_by_postal_code(["69001", "1000", " 38800 ", "99999", "", "abc"])

    assert len(seen) == 1
    assert {code: "Lyon" in [c.name for c in communes] for code, communes in found.items()} == {
        "69001": True, "1000": False, "38800": False, "99999": False, "": False, "abc": False,
    }  # fmt: skip
    assert [commune.departement_code for commune in found["1000"]][:1] == ["01"]


def test_no_code_asks_nothing(statements):
    with statements() as seen:
        assert communes_by_postal_code([]) == {}

    assert seen == []


@pytest.mark.parametrize(
    ("written", "folded"),
    [("Saint-Étienne", "saint etienne"), ("St-Étienne", "saint etienne"), ("Ste Foy", "sainte foy"),
     ("L'Haÿ-les-Roses", "l hay les roses"),
     ("Œuilly", "oeuilly"), ("  Aix  ", "aix"), ("🙂", "")],
)  # fmt: skip
def test_names_are_compared_without_accents_nor_abbreviations(written, folded):
    assert fold(written) == folded


def test_a_person_called_st_is_no_saint():
    assert plain("Sté-Phane") == "ste phane"


def test_departements_are_those_of_the_whole_country():
    choices = {choice[0]: choice[1] for choice in map(tuple, departement_choices())}

    assert len(choices) >= 101
    assert (choices["01"], choices["2A"], choices["974"]) == ("01 · Ain", "2A · Corse-du-Sud", "974 · La Réunion")


def test_all_of_one_name_are_there():
    """However many: nobody can tell theirs from a list that is cut short."""
    found = search_communes("Sainte-Colombe")

    assert len(found) > MOST
    assert {commune.name for commune in found} == {"Sainte-Colombe"}


def test_another_list_is_brought_up_to_date_and_what_is_no_more_is_not_proposed(owner):
    """Those who live there keep it."""
    owner.execute(text(GONE))
    load_territory(owner)

    row = owner.execute(text("SELECT name, search, postal_codes FROM communes WHERE code = '97999'")).one()
    assert tuple(row) == ("Perdue", "", ["69001"])
    assert owner.scalar(text("SELECT obj_description('pk_communes'::regclass)")) == shipped()
    owner.rollback()


@pytest.fixture
def retired(server, fresh_database):
    """A commune that is no more, for a test of its own database."""
    engine = create_engine(server.url("binome_owner", fresh_database), poolclass=NullPool)
    with engine.begin() as owner:
        owner.execute(text(GONE.replace("'perdue'", "''")))
    yield
    with engine.begin() as owner:
        owner.execute(text("DELETE FROM communes WHERE code = '97999'"))


@pytest.mark.committed
def test_what_is_no_more_is_found_by_nothing_that_one_types_and_read_by_who_had_it(real_app, retired):
    with real_app.test_request_context("/"):
        for typed in ("69001", "Perdue", "69001 Perdue"):
            assert "Perdue" not in {commune.name for commune in search_communes(typed)}
        assert "Perdue" not in {commune.name for commune in communes_by_postal_code(["69001"])["69001"]}
        assert OfferForm(data={"communes": ["97999"]}).communes.data == "69001 Perdue"


@pytest.mark.committed
def test_who_served_a_commune_that_was_merged_serves_the_one_that_took_it_in(real_app, server, fresh_database):
    """Seynod is in Annecy since 2017."""
    association = factories.association(real_app, "passerelle", "Passerelle", [], communes=["74268", "69123"])
    engine = create_engine(server.url("binome_owner", fresh_database), poolclass=NullPool)
    with engine.connect() as owner:
        owner.execute(text(SEYNOD))
        owner.commit()
        with unit_of_work(real_app, association.id):
            ids = [
                factories.lead(commune_code="74268", commune_name="Seynod", state=state).id for state in ("received", "accepted")
            ]
        load_territory(owner)
        follow_communes(owner)
        owner.commit()

        assert owner.scalar(text("SELECT communes FROM tenants WHERE id = :id"), {"id": association.id}) == ["69123", "74010"]
    with unit_of_work(real_app, association.id):
        found = [db.session.get(Lead, (association.id, lead_id)) for lead_id in ids]
        assert [(lead.commune_code, lead.commune_name) for lead in found] == [("74010", "Seynod"), ("74268", "Seynod")]
        for lead in found:
            db.session.delete(lead)
    with engine.begin() as owner:  # what is official stays for the next test
        owner.execute(text("DELETE FROM communes WHERE code = '74268'"))


def test_loading_the_lists_again_changes_no_count(owner):
    count = load_territory(owner)

    assert 34_000 < count < 36_000
    owner.rollback()
