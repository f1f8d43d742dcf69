"""What an association offers: where, to whom, how many."""

from datetime import date, timedelta

import pytest
import time_machine
from werkzeug.datastructures import MultiDict

from app.database import uuid7
from app.extensions import db
from app.leads.models import Lead
from app.leads.offer_forms import OfferForm
from app.tenants.models import Tenant
from tests import factories

from .answers import of_mentee, walk

OFFER = "/a/passerelle/reglages/offre"
GOOD = {
    "departements": ["69", "38"], "regions": ["84"], "communes": "38800 Le Pont-de-Claix\n69001 Lyon", "axes": ["education"],
    "publics": ["college", "superieur"], "places": ["remote", "association"], "languages": ["ar", "fsl"],
    "min_age": "11", "max_age": "25", "mentee_capacity": "12", "mentor_capacity": "8", "paused_until": "2099-01-01",
}  # fmt: skip
SAVED = "Votre offre est enregistrée : les prochaines demandes en tiennent compte."
NUMBERS = ("min_age", "max_age", "mentee_capacity", "mentor_capacity")
AGES, NO_NUMBER, ROOM = "De 6 à 29 ans.", "Indiquez un nombre.", "De 0 à 1 000."
UNKNOWN = "« %s » n'est pas une commune de la liste officielle."
SEVERAL = "« %s » peut être plusieurs communes : ajoutez son code postal."


@pytest.fixture
def admin(client, association, in_space):
    """The person in charge of Passerelle, signed in."""
    with in_space(association):
        account = factories.member(association, "admin")
    return client.sign_in(account)


@pytest.fixture
def tenant(association, in_space):
    """Passerelle, read afresh."""

    def read():
        with in_space(association):
            return db.session.get(Tenant, association.id)

    return read


def said(text):
    """The same with single, ordinary spaces."""
    return " ".join(text.split())


def checked(page, name):
    """The boxes that are ticked."""
    return [box["value"] for box in page.soup.select(f"input[name={name}][checked]")]


def test_an_offer_is_kept(admin, tenant):
    page = admin.send(OFFER, GOOD)

    kept = tenant()
    assert [said(flash) for flash in page.flashes] == [SAVED]
    assert (kept.departements, kept.regions, kept.communes) == (["69", "38"], ["84"], ["38317", "69123"])
    assert (kept.axes, kept.publics, kept.places) == (["education"], ["college", "superieur"], ["remote", "association"])
    assert (kept.languages, kept.all_france, kept.paused_until) == (["ar", "fsl"], False, date(2099, 1, 1))
    assert (kept.min_age, kept.max_age, kept.mentee_capacity, kept.mentor_capacity) == (11, 25, 12, 8)


def test_two_ages_that_two_people_changed_are_not_stored_the_wrong_way_round(admin, tenant, association, in_space):
    page = admin.page(OFFER)
    sent = {**GOOD, "min_age": page.value("min_age"), "max_age": "15", "shown": page.value("shown")}
    with in_space(association):
        db.session.get(Tenant, association.id).min_age = 17
    page = admin.send(OFFER, sent)

    assert page.errors == ["Quelqu'un vient d'écrire « 17 » ici. Relisez, puis enregistrez de nouveau."]
    assert page.value("min_age") == "17"
    again = admin.send(OFFER, {**sent, "min_age": "17", "shown": page.value("shown")})
    assert again.errors == ["L'âge le plus élevé est au-dessous du plus jeune."]


def test_an_offer_is_shown_again_and_can_be_sent_as_it_is_shown(admin, tenant):
    admin.send(OFFER, GOOD)

    page = admin.page(OFFER)
    shown = {name: checked(page, name) for name in ("departements", "regions", "axes", "publics", "places", "languages")}
    shown |= {name: page.value(name) for name in ("communes", *NUMBERS, "paused_until")}
    again = admin.send(OFFER, shown)

    assert page.value("communes") == "38800 Le Pont-de-Claix\n69001 Lyon"
    assert (shown["regions"], sorted(shown["departements"]), shown["languages"]) == (["84"], ["38", "69"], ["ar", "fsl"])
    assert (again.errors, tenant().communes, tenant().paused_until) == ([], ["38317", "69123"], date(2099, 1, 1))


def test_what_is_emptied_is_empty(admin, tenant):
    admin.send(OFFER, GOOD)

    page = admin.send(OFFER, {**{name: GOOD[name] for name in NUMBERS}, "communes": "", "paused_until": ""})

    assert [said(flash) for flash in page.flashes] == [
        SAVED,
        "Aucun territoire n'est choisi : aucune demande ne vous sera confiée.",
        "Rien n'est coché dans « Ce que nous accompagnons » : aucune demande ne vous sera confiée.",
    ]
    kept = tenant()
    assert [kept.departements, kept.regions, kept.communes, kept.axes, kept.publics, kept.places, kept.languages] == [[]] * 7
    assert (kept.all_france, kept.paused_until) == (False, None)


def test_a_pause_that_is_over_is_none(admin, tenant):
    admin.send(OFFER, {**GOOD, "paused_until": "2020-01-01"})

    assert tenant().paused_until is None


def test_the_regions_and_departements_are_named(admin):
    page = admin.page(OFFER)

    regions = [said(label.get_text(" ")) for label in page.soup.select("label[for^=regions-]")]
    assert {"Auvergne-Rhône-Alpes", "La Réunion"} <= set(regions)
    assert "69 · Rhône" in page.text
    assert len(regions) == len(set(regions)) >= 18


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("38800 Le Pont-de-Claix", ["38317"]),
        ("Le Pont-de-Claix", ["38317"]),
        ("le pont de claix 38800", ["38317"]),
        ("69001 lyon\r\n\r\n  75011 Paris  ", ["69123", "75056"]),
        ("Paris 11e", ["75056"]),
        ("69001 Lyon\n69002 Lyon", ["69123"]),
        ("97400 St-Denis", ["97411"]),
        (" \n\t\n", []),
    ],
)
def test_a_commune_is_found_as_people_write_it(admin, tenant, typed, codes):
    page = admin.send(OFFER, {**GOOD, "communes": typed})

    assert (page.errors, tenant().communes) == ([], codes)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("Trifouilly-les-Oies", UNKNOWN % "Trifouilly-les-Oies"),
        ("69001 Lyon\n99999 Lyon", UNKNOWN % "99999 Lyon"),
        ("69001 Lyon\n%", UNKNOWN % "%"),
        ("x" * 100, UNKNOWN % ("x" * 60)),
        ("38800", SEVERAL % "38800"),
        ("Saint-Denis", SEVERAL % "Saint-Denis"),
    ],
)
def test_a_commune_that_cannot_be_told_is_refused_and_what_was_typed_stays(admin, tenant, typed, sentence):
    page = admin.send(OFFER, {**GOOD, "communes": typed})

    assert (page.status, page.errors[0]) == (422, sentence)
    assert page.value("communes").strip() == typed
    assert tenant().communes == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"min_age": ""}, NO_NUMBER),
        ({"min_age": "5"}, AGES),
        ({"max_age": "30"}, AGES),
        ({"min_age": "20", "max_age": "19"}, "L'âge le plus élevé est au-dessous du plus jeune."),
        ({"mentee_capacity": ""}, NO_NUMBER),
        ({"mentee_capacity": "-1"}, ROOM),
        ({"mentor_capacity": "1001"}, ROOM),
        ({"mentor_capacity": "9" * 30}, ROOM),
    ],
)
def test_a_number_that_cannot_be_is_refused_at_its_field(admin, tenant, changes, sentence):
    page = admin.send(OFFER, {**GOOD, **changes})

    assert (page.status, page.errors) == (422, [sentence])
    assert tenant().min_age == 6, "nothing was stored"


@pytest.mark.parametrize(
    "changes",
    [
        {"min_age": "onze"}, {"mentee_capacity": "1,5"}, {"mentor_capacity": "9" * 5000}, {"paused_until": "demain"},
        {"paused_until": "2026-02-31"}, {"departements": ["999"]}, {"departements": ["69", "\x00"]}, {"axes": ["sport"]},
        {"regions": ["00"]}, {"publics": ["roi"]}, {"places": ["lune"]}, {"languages": ["latin"]},
    ],
)  # fmt: skip
def test_a_value_of_the_wrong_kind_is_refused_in_french(admin, changes):
    page = admin.send(OFFER, {**GOOD, **changes})

    assert (page.status, len(page.errors)) == (422, 1)
    assert not page.errors[0].startswith(("Not", "Invalid", "'"))


def test_the_programme_offers_nothing_itself(client, programme, in_space):
    with in_space(programme):
        account = factories.member(programme, "admin")
    client.sign_in(account)

    assert client.page("/a/programme/reglages/offre").status == 404


@pytest.mark.parametrize("role", ["coordinator", "mentor", "jeune"])
def test_only_those_in_charge_change_the_offer(client, association, in_space, tenant, role):
    with in_space(association):
        account = factories.member(association, role)
    client.sign_in(account)

    assert (client.page(OFFER).status, client.send(OFFER, GOOD).status) == (403, 403)
    assert tenant().communes == []


def test_an_offer_is_read_by_the_next_choice(client, admin, programme, association, stored):
    admin.send(OFFER, {**GOOD, "publics": ["college"], "paused_until": ""})

    walk(client, "/trouver-un-mentor", of_mentee())

    assert [lead.waiting_reason for lead in stored(programme, Lead)] == ["public"]


def test_an_association_reads_what_it_was_sent_this_month(admin, association, in_space):
    with time_machine.travel(factories.now().replace(day=15, hour=12), tick=False), in_space(association):
        for kind, how_many, changes in (("mentee", 2, {}), ("mentor", 1, {}), ("mentee", 1, {"orientation_id": None})):
            for _rank in range(how_many):
                factories.lead(kind, **{"orientation_id": uuid7(), **changes})
        factories.lead(orientation_id=uuid7(), created_at=factories.now() - timedelta(days=40))
    with time_machine.travel(factories.now().replace(day=15, hour=13), tick=False):
        page = admin.page(OFFER)

    assert "le programme vous a confié : 2 demandes de jeunes, 1 candidature de mentor." in page.text


def test_many_communes_are_looked_up_at_once(app, association, in_space, statements):
    several = ["69001 Lyon", "38800 Le Pont-de-Claix", "38000 Grenoble", "69100 Villeurbanne", "42000 Saint-Étienne"]
    with in_space(association):
        counts = []
        for lines in (several[:2], several):
            with statements() as seen:
                form = OfferForm(formdata=MultiDict({"communes": "\n".join(lines)}), meta={"csrf": False})
                form.communes.validate(form)
            counts.append(len(seen))

    assert form.communes.codes == ["69123", "38317", "38185", "69266", "42218"]
    assert counts[1] <= counts[0]
