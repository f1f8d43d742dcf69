"""A coordinator's morning with the inbox, on a phone; an operator's at the desk."""

import pytest

from app.database import unit_of_work
from app.extensions import db
from app.leads import actions
from app.tenants.models import Tenant
from app.tenants.resolve import enter_tenant
from tests import factories

from .conftest import check, enter, follow, press

pytestmark = pytest.mark.browser
FILE = (
    "Nom;Prénom;Âge;Téléphone;Email;Ville;Code postal\n"
    "Okafor;Chidi;19;06 12 34 56 70;chidi@example.org;Lyon;69001\n"
    "Petit;Zoé;dix-sept;;zoe@example.org;Lyon;69001\n"
)


def receive(site, tenant_id, *people):
    """Requests that arrived in a space."""
    with unit_of_work(site.app, tenant_id), site.app.test_request_context("/"):
        tenant = db.session.get(Tenant, tenant_id)
        enter_tenant(tenant)
        for first, last, email in people:
            lead = factories.lead(state="waiting", answer_by=None, first_name=first, last_name=last, email=email, phone=None)
            actions.receive(lead, tenant)


def test_a_coordinator_answers_the_morning_s_requests(site, spaces, visit):
    receive(site, spaces.id, ("Inès", "Benali", "ines@example.org"), ("Noé", "Roux", "noe@example.org"),
            ("Ines", "Benali", "ines@example.org"))  # fmt: skip
    page = visit(390)
    enter(site, page, "claire@example.org")

    page.goto("/a/passerelle/demandes?q=noe")
    check(page)
    follow(page, "Noé Roux")
    page.get_by_label("Message laissé").check()
    page.get_by_label("Note pour l'équipe").fill("Rappeler jeudi")
    press(page, "Noter l'appel ou le message")
    assert page.get_by_text("Rappeler jeudi").is_visible()
    follow(page, "Liste d'attente")
    page.get_by_label("Votre message").fill("Une place se libère en janvier.")
    press(page, "Envoyer")

    page.goto("/a/passerelle/demandes")
    page.get_by_role("link", name="Ines Benali", exact=True).click()
    follow(page, "Comparer les deux")
    page.get_by_label("C'est bien une seule personne").check()
    check(page)
    press(page, "C'est la même personne")
    page.locator("summary", has_text="Accepter").click()
    press(page, "Oui, accepter")
    assert page.get_by_role("heading", name="Acceptée").is_visible()

    page.goto("/a/passerelle/imports")
    check(page)
    page.get_by_label("Fichier CSV ou Excel").set_input_files(
        {"name": "semaine.csv", "mimeType": "text/csv", "buffer": FILE.encode()}
    )
    press(page, "Envoyer et voir l'aperçu")
    press(page, "Importer ces demandes")
    site.work()
    page.reload()
    check(page)
    assert page.get_by_text("« dix-sept » n'est pas un nombre.").is_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Les lignes refusées").click()
    assert "Zoé" in download.value.path().read_text(encoding="utf-8-sig")

    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/a/passerelle/faire-connaitre")
    page.get_by_role("button", name="Copier, pour les jeunes").click()
    page.get_by_text("Copié.").wait_for()
    assert page.evaluate("navigator.clipboard.readText()").endswith("/a/passerelle/trouver-un-mentor")
    check(page)


def test_an_operator_clears_the_desk(site, spaces, visit):
    with unit_of_work(site.app, None):
        programme = db.session.query(Tenant).filter_by(kind="programme").one()
        db.session.get(Tenant, spaces.id).mentee_capacity = 1
    receive(site, programme.id, ("Inès", "Benali", "ines@example.org"), ("Noé", "Roux", "noe@example.org"),
            ("INES", "BENALI", "ines@example.org"))  # fmt: skip
    page = visit()
    enter(site, page, site.operator)

    page.goto("/a/programme/orientation")
    check(page)
    follow(page, "INES BENALI")
    follow(page, "Comparer les deux")
    page.get_by_label("C'est bien une seule personne").check()
    check(page)
    press(page, "C'est la même personne")
    assert page.get_by_text("Deux demandes réunies").is_visible()

    page.goto("/a/programme/orientation")
    follow(page, "Noé Roux")
    assert page.get_by_text("capacité du mois atteinte", exact=True).is_visible()
    page.get_by_label("Association").select_option("Passerelle Rhône (capacité du mois atteinte)")
    page.get_by_label("Pourquoi ce choix").fill("La famille habite à deux rues.")
    press(page, "Confier la demande")
    site.work()
    page.reload()
    assert page.get_by_text("La famille habite à deux rues.").is_visible()

    for path in ("territoires", "associations", "regles", "partenaires", "imports"):
        page.goto(f"/a/programme/{path}")
        check(page)
    page.goto("/a/programme/partenaires")
    page.get_by_label("Nom du partenaire").fill("Lycée Ampère")
    press(page, "Ajouter")
    press(page, "Faire une clé")
    assert page.locator("code.secret").inner_text().startswith("binome_")
    page.goto("/api/v1/")
    check(page)
