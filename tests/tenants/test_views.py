"""The card of a space, field by field, and its logo."""

import io
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from app.database import hold_row
from app.tenants.models import Tenant
from tests import factories

from .test_images import UNREADABLE, picture

SETTINGS = "/a/passerelle/reglages"
GOOD = {
    "name": "Passerelle", "initials": "PA", "city": "Lyon", "address": "14 rue des Passerelles, Lyon",
    "email": "bonjour@example.org", "phone": "01 99 00 00 00",
    "timezone": "Europe/Paris", "colour": "#7a1f1f",
    "signatory_name": "Claire Morel", "signatory_office": "présidente",
}  # fmt: skip


@pytest.fixture
def admin(client, association, in_space):
    """The person in charge of Passerelle, signed in."""
    with in_space(association):
        account = factories.member(association, "admin")
    client.sign_in(account)
    return account


@pytest.fixture
def tenant(association, in_space):
    """Passerelle, read afresh."""

    def read():
        with in_space(association):
            return factories.db.session.get(Tenant, association.id)

    return read


def test_settings_are_kept(client, admin, tenant):
    page = client.send(SETTINGS, {**GOOD, "name": "Passerelle du Rhône"})

    kept = tenant()
    assert page.flashes == ["Les réglages sont enregistrés."]
    assert (kept.name, kept.initials, kept.city, kept.colour) == ("Passerelle du Rhône", "PA", "Lyon", "#7a1f1f")
    assert (kept.email, kept.phone) == ("bonjour@example.org", "+33199000000")
    assert (kept.signatory_name, kept.signatory_office) == ("Claire Morel", "présidente")
    assert (kept.departements, kept.mentee_capacity) == (["69", "38"], 20), "the offer is another page's"


def test_the_form_shows_what_is_set(client, admin):
    client.send(SETTINGS, GOOD)

    page = client.page(SETTINGS)

    assert [page.value(name) for name in ("city", "address", "colour")] == ["Lyon", "14 rue des Passerelles, Lyon", "#7a1f1f"]


def test_what_is_emptied_is_empty(client, admin, tenant):
    client.send(SETTINGS, {**GOOD, "email": "", "phone": "", "city": "", "signatory_name": "", "signatory_office": ""})

    kept = tenant()
    assert (kept.email, kept.phone, kept.city, kept.signatory_name) == ("", "", "", "")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": ""}, "À remplir."),
        ({"signatory_name": ""}, "De qui est-ce la fonction ? Donnez le nom de qui signe."),
        ({"name": "\x00\u202e"}, "À remplir."),
        ({"name": "a" * 10_000}, "C'est trop long : 80 caractères au plus."),
        ({"initials": ""}, "À remplir."),
        ({"initials": "PASSE"}, "C'est trop long : 4 caractères au plus."),
        ({"initials": "P-A"}, "De une à quatre lettres ou chiffres, sans accent."),
        ({"initials": "ÉÀ"}, "De une à quatre lettres ou chiffres, sans accent."),
        ({"email": "bonjour"}, "Cette adresse n'est pas complète."),
        ({"phone": "12"}, "Ce numéro n'est pas complet. Exemple : 06 12 34 56 78."),
        ({"colour": ""}, "À remplir."),
        ({"colour": "rouge"}, "Une couleur s'écrit # suivi de six chiffres ou lettres de A à F."),
        ({"colour": "#12345"}, "Une couleur s'écrit # suivi de six chiffres ou lettres de A à F."),
    ],
)
def test_a_setting_that_cannot_be_is_refused_at_its_field(client, admin, tenant, changes, sentence):
    page = client.send(SETTINGS, {**GOOD, **changes})

    assert (page.status, page.errors) == (422, [sentence])
    assert tenant().email == "bonjour@passerelle.example.org", "nothing was stored"


def test_what_was_typed_is_kept_beside_the_sentence(client, admin):
    page = client.send(SETTINGS, {**GOOD, "name": "Nouveau nom", "initials": "P-A"})

    assert (page.value("name"), page.value("initials")) == ("Nouveau nom", "P-A")


def test_the_colour_is_darkened_on_the_page_when_needed(client, admin):
    page = client.send(SETTINGS, {**GOOD, "colour": "#ffff00"})

    assert "--brand: #ffff00" not in page.html
    assert "--brand: #" in page.html


def with_logo(content, name="logo.png"):
    """The form with a file."""
    return {**GOOD, "logo": (io.BytesIO(content), name)}


def test_a_logo_is_drawn_again_and_shown(client, admin, tenant):
    assert client.page("/a/passerelle/logo").status == 404

    page = client.send(SETTINGS, with_logo(picture((2400, 600), "JPEG"), "photo.jpg"))

    image = client.get("/a/passerelle/logo")
    assert page.flashes == ["Les réglages sont enregistrés."]
    assert (image.content_type, image.data[:8]) == ("image/png", b"\x89PNG\r\n\x1a\n")
    assert tenant().logo_key.endswith(".png")
    assert "Le logo actuel est gardé si vous n'en choisissez pas." in page.text


def test_the_logo_stays_when_none_is_chosen(client, admin, tenant):
    client.send(SETTINGS, with_logo(picture()))
    key = tenant().logo_key

    client.send(SETTINGS, GOOD)

    assert tenant().logo_key == key


def test_a_logo_is_taken_away_and_not_where_another_is_chosen(client, admin, tenant):
    assert client.page(SETTINGS).soup.find("input", {"name": "without_logo"}) is None
    shown = client.send(SETTINGS, with_logo(picture()))
    first = tenant().logo_key
    client.send(SETTINGS, {**with_logo(picture((900, 300))), "without_logo": "y"})
    second = tenant().logo_key

    client.send(SETTINGS, {**GOOD, "without_logo": "y"})

    assert shown.soup.find("img", alt="Le logo actuel")
    assert second not in {None, first}
    assert tenant().logo_key is None
    assert client.page("/a/passerelle/logo").status == 404


@pytest.mark.parametrize(("content", "sentence"), [(b"<html><script>alert(1)</script>", UNREADABLE), (b"", "Ce fichier est vide.")])
def test_what_only_calls_itself_an_image_is_refused(content, sentence, client, admin, tenant):
    before = tenant().colour

    page = client.send(SETTINGS, with_logo(content))

    assert (page.status, page.errors) == (422, [sentence])
    assert (tenant().logo_key, tenant().colour) == (None, before)


def test_a_file_over_four_megabytes_is_refused_before_it_is_read(client, admin):
    page = client.send(SETTINGS, b"x" * (5 * 1024 * 1024), content_type="multipart/form-data; boundary=x")

    assert (page.status, page.heading) == (413, "Ce fichier est trop lourd")


def test_logos_are_public_and_each_space_has_its_own(client, admin, browser_of, elsewhere):
    client.send(SETTINGS, with_logo(picture()))

    assert browser_of().get("/a/passerelle/logo").status_code == 200
    assert browser_of().get("/a/ailleurs/logo").status_code == 404


@pytest.fixture
def browser_of(app):
    """Somebody who is not signed in."""
    return app.test_client


@pytest.mark.parametrize("role", ["coordinator", "mentor", "jeune"])
def test_only_those_in_charge_change_the_settings(client, association, in_space, role):
    with in_space(association):
        account = factories.member(association, role)
    client.sign_in(account)

    assert (client.page(SETTINGS).status, client.send(SETTINGS, GOOD).status) == (403, 403)


def test_a_space_is_in_pause_until_the_day_given():
    tenant = Tenant(paused_until=date(2026, 12, 1))

    assert tenant.is_paused(date(2026, 11, 30))
    assert not tenant.is_paused(date(2026, 12, 1))
    assert not Tenant().is_paused(date(2026, 12, 1) - timedelta(days=1))


@pytest.mark.parametrize(
    ("path", "status"), [("/a/inconnu/", 404), ("/a/PASSERELLE/", 404), ("/a/passerelle--x/", 404), ("/a//", 404)]
)
def test_an_unknown_space_is_not_found(client, association, path, status):
    assert client.page(path).status == status


def test_a_space_goes_by_its_own_clock(client, admin, tenant):
    client.send(SETTINGS, {**GOOD, "timezone": "Indian/Reunion"})

    assert tenant().zone.key == "Indian/Reunion"
    assert client.send(SETTINGS, {**GOOD, "timezone": "Mars/Olympus"}).errors


def test_a_late_page_undoes_nothing_that_a_colleague_set(client, admin, tenant, association, in_space):
    shown = client.page(SETTINGS).value("shown")
    with in_space(association):
        factories.db.session.get(Tenant, association.id).timezone = "Indian/Reunion"

    page = client.send(SETTINGS, {**GOOD, "phone": "01 99 00 00 11", "shown": shown})

    assert page.flashes == ["Les réglages sont enregistrés."]
    assert (tenant().timezone, tenant().phone) == ("Indian/Reunion", "+33199000011")


def test_two_who_write_the_same_are_told(client, admin, tenant, association, in_space):
    shown = client.page(SETTINGS).value("shown")
    with in_space(association):
        factories.db.session.get(Tenant, association.id).city = "Villeurbanne"

    page = client.send(SETTINGS, {**GOOD, "city": "Bron", "shown": shown})

    assert page.errors == ["Quelqu'un vient d'écrire « Villeurbanne » ici. Relisez, puis enregistrez de nouveau."]
    assert (tenant().city, page.value("city")) == ("Villeurbanne", "Bron")


@pytest.mark.parametrize(
    ("name", "theirs", "mine", "said"),
    [
        ("timezone", "Indian/Reunion", "America/Cayenne", "Quelqu'un vient d'écrire « La Réunion » ici."),
        ("city", "", "Bron", "Quelqu'un vient d'effacer ce qui était ici."),
    ],
)
def test_what_a_colleague_did_is_said_in_words(name, theirs, mine, said, client, admin, tenant, association, in_space):
    shown = client.page(SETTINGS).value("shown")
    with in_space(association):
        setattr(factories.db.session.get(Tenant, association.id), name, theirs)

    page = client.send(SETTINGS, {**GOOD, name: mine, "shown": shown})

    assert page.errors == [f"{said} Relisez, puis enregistrez de nouveau."]


def test_an_office_does_not_outlive_the_name_that_a_colleague_took_away(client, admin, tenant, association, in_space):
    shown = client.page(SETTINGS).value("shown")
    with in_space(association):
        card = factories.db.session.get(Tenant, association.id)
        card.signatory_name = card.signatory_office = ""

    asked = {**GOOD, "signatory_name": association.signatory_name, "signatory_office": "trésorière", "shown": shown}
    page = client.send(SETTINGS, asked)

    assert "Quelqu'un vient d'effacer ce qui était ici. Relisez, puis enregistrez de nouveau." in page.errors
    assert page.value("signatory_name") == ""
    assert tenant().signatory_office == ""


def test_the_programme_says_where_it_is_written_to(app, client, programme, in_space, admin):
    with in_space(programme):
        operator = factories.member(programme, "operator")
    browser = app.test_client().sign_in(operator)

    page = browser.send("/a/programme/carte", {"name": "1 jeune, 1 mentor", "email": "bonjour@programme.example.org", "phone": ""})

    assert page.flashes == ["Les réglages sont enregistrés."]
    assert "bonjour@programme.example.org" in browser.page("/a/programme/carte").html
    assert "bonjour@programme.example.org" in app.test_client().page("/donnees-personnelles").html
    assert client.page("/a/passerelle/carte").status in {403, 404}


@pytest.mark.committed
def test_who_holds_a_card_keeps_nobody_from_writing_in_the_space(real_app):
    """A picture may take long: what names the space is added meanwhile."""
    association = factories.association(real_app, "passerelle", "Passerelle", ["69"])
    with real_app.app_context(), factories.db.engine.connect() as other:
        hold_row(factories.db.session.get_one(Tenant, association.id), key_share=True)
        other.execute(text("SET lock_timeout = '2s'"))
        other.execute(text("SELECT FROM tenants WHERE id = :id FOR KEY SHARE"), {"id": association.id})
