"""The whole road, from a request to a certificate that a stranger verifies."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from app.database import now, unit_of_work
from app.extensions import db
from app.meetings.models import Meeting
from app.training.models import Module
from app.training.session_models import CourseSession
from tests import factories

from .conftest import check, follow, press, sign_in_by_mail

pytestmark = pytest.mark.browser


def ask_for_mentor(page, source="1jeune1solution"):
    """A jeune of 17 on a phone, step by step."""
    page.goto(f"/trouver-un-mentor?source={source}")
    check(page)
    page.get_by_text("Je ne sais pas quelle orientation choisir").click()
    press(page, "Continuer")
    page.get_by_text("Au lycée général ou technologique").click()
    press(page, "Continuer")
    born = factories.today() - timedelta(days=17 * 365 + 60)
    for label, value in (("Jour", born.day), ("Mois", born.month), ("Année", born.year)):
        page.get_by_label(label, exact=True).fill(str(value))
    page.get_by_label("Commune ou code postal").press_sequentially("villeurb", delay=20)
    page.get_by_text("Villeurbanne").first.click()
    press(page, "Continuer")
    page.get_by_text("À distance").click()
    page.get_by_label("mercredi après-midi").check()
    page.get_by_label("samedi matin").check()
    press(page, "Continuer")
    press(page, "Continuer")
    fields = {"Prénom": "Inès", "Nom": "Benali", "Adresse e-mail": "ines@example.org", "Son prénom et son nom": "Nadège Benali",
              "Son adresse e-mail ou son téléphone": "06 12 34 56 78"}  # fmt: skip
    for label, value in fields.items():
        page.get_by_label(label, exact=True).fill(value)
    press(page, "Envoyer ma demande")
    page.wait_for_url("**/suivi/**")


def offer_to_mentor(page):
    """Somebody of 40 offers to mentor."""
    page.goto("/devenir-mentor")
    page.get_by_text("Je travaille").click()
    page.get_by_label("Votre secteur ou vos études").fill("informatique")
    press(page, "Continuer")
    page.get_by_text("L'éducation").click()
    page.get_by_text("Je n'ai pas de préférence").click()
    press(page, "Continuer")
    for label, value in (("Jour", 7), ("Mois", 11), ("Année", 1984)):
        page.get_by_label(label, exact=True).fill(str(value))
    page.get_by_label("Commune ou code postal").fill("69001")
    page.get_by_text("Lyon").first.click()
    press(page, "Continuer")
    page.get_by_text("À distance").click()
    page.get_by_label("mardi soir").check()
    press(page, "Continuer")
    page.get_by_label("anglais").check()
    press(page, "Continuer")
    fields = {"Prénom": "Karim", "Nom": "Trabelsi", "Adresse e-mail": "karim@example.org"}
    for label, value in fields.items():
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_label("Pourquoi souhaitez-vous devenir mentor").fill("Transmettre.")
    press(page, "Envoyer ma demande")


def accept_all(page):
    """The coordinator reads each request and accepts it."""
    for _request in range(2):
        page.goto("/a/passerelle/demandes")
        check(page)
        follow(page, re.compile("Inès|Karim"))
        page.locator("summary", has_text="Accepter").click()
        press(page, "Oui, accepter")
        assert page.get_by_role("heading", name="Acceptée").is_visible()


def record_authorisation(page):
    """The guardian's authorisation, without which a minor is not even invited."""
    page.goto("/a/passerelle/jeunes")
    follow(page, "Inès Benali")
    assert page.get_by_text(re.compile("Inès.: l'autorisation parentale manque")).is_visible()
    page.get_by_role("link", name="Noter une autorisation").click()
    page.get_by_text("Participer au mentorat").click()
    page.get_by_text("Sur papier signé").click()
    press(page, "Enregistrer")


def follow_course(site, mentor_page, association):
    """The mentor begins the course, reads the text, takes a seat; the session takes place."""
    mentor_page.goto(site.link_in_letter("Passerelle Rhône vous ouvre son espace", "karim@example.org"))
    press(mentor_page, "Entrer dans mon espace")
    with unit_of_work(site.app, association.id):
        live = db.session.scalars(select(Module).where(Module.kind == "live")).one()
        db.session.add(CourseSession(module_id=live.id, starts_at=now() + timedelta(days=2), place="Nos locaux", seats=5))
    press(mentor_page, "Commencer ma formation")
    check(mentor_page)
    press(mentor_page, "J'ai lu ce module")
    press(mentor_page, "Je m'inscris")
    with unit_of_work(site.app, association.id):
        session = db.session.scalars(select(CourseSession)).one()
        session.starts_at = now() - timedelta(hours=2)
        return session.id


def form_pair(page):
    """The coordinator brings the two together, and lands on the pair's page."""
    page.goto("/a/passerelle/binomes/nouveau")
    check(page)
    page.get_by_label("Jeune").select_option(page.locator("#mentee option", has_text="Inès Benali").get_attribute("value"))
    page.get_by_label("Mentor").select_option(label="Karim Trabelsi, Lyon · à distance seulement")
    page.get_by_label("Toutes les deux semaines").check()
    page.get_by_label("Objectifs, un par ligne").fill("Choisir trois formations")
    press(page, "Former le binôme")
    return page.url


def plan_meeting(page):
    """The mentor plans tomorrow's meeting."""
    page.goto("/a/passerelle/")
    check(page)
    follow(page, "Prévoir un rendez-vous")
    page.get_by_label("Date").fill((now() + timedelta(days=1)).date().isoformat())
    page.get_by_label("Heure").fill("17:30")
    page.get_by_label("Dans l'établissement").check()
    assert page.get_by_label("Nom et adresse de l'établissement").is_visible()
    assert page.get_by_label("Lien de la visio").is_hidden()
    page.get_by_label("À distance").check()
    page.get_by_label("Lien de la visio").fill("https://visio.example.org/abc")
    press(page, "Fixer le rendez-vous")


def see_next_meeting(site, page):
    """The jeune comes in for the first time, on a phone, and takes the meeting in a calendar."""
    page.goto(site.link_in_letter("Passerelle Rhône vous ouvre son espace", "ines@example.org"))
    press(page, "Entrer dans mon espace")
    assert page.get_by_role("link", name="Rejoindre la visio").is_visible()
    assert page.get_by_text("avec Karim").is_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Mon agenda").click()
    assert "BEGIN:VCALENDAR" in download.value.path().read_text()


def log_meeting(site, page, association):
    """The meeting takes place; the mentor logs it with a word for the coordinator."""
    with unit_of_work(site.app, association.id):
        db.session.scalars(select(Meeting)).one().starts_at = now() - timedelta(hours=3)
    page.goto("/a/passerelle/")
    follow(page, "Noter la séance")
    page.get_by_label("Orientation").check()
    page.get_by_label("Un mot pour l'association").fill("MOT-POUR-CLAIRE")
    press(page, "Enregistrer")


def certify(page, pair_url):
    """The coordinator reads the word and issues the certificate; its verification link comes back."""
    page.goto(pair_url)
    check(page)
    assert page.get_by_text("MOT-POUR-CLAIRE").is_visible()
    follow(page, "Attester l'engagement de Karim")
    press(page, "Faire l'attestation")
    with page.expect_download() as download:
        page.get_by_role("link", name="Télécharger le PDF").click()
    assert download.value.path().read_bytes().startswith(b"%PDF")
    return page.get_by_role("link", name="/verifier/").get_attribute("href")


def test_the_whole_road_from_request_to_verified_certificate(site, visit, spaces):
    jeune, mentor, coordinator, stranger = visit(390), visit(390), visit(), visit(390)

    ask_for_mentor(jeune)
    offer_to_mentor(mentor)
    site.work()
    jeune.reload()
    assert jeune.get_by_role("heading", name="Passerelle Rhône a reçu votre demande").is_visible()
    check(jeune)

    sign_in_by_mail(site, coordinator, "claire@example.org")
    check(coordinator)
    accept_all(coordinator)
    record_authorisation(coordinator)
    site.work()

    session_id = follow_course(site, mentor, spaces)
    coordinator.goto(f"/a/passerelle/formation/sessions/{session_id}")
    check(coordinator)
    coordinator.get_by_role("link", name="Tout le monde était là").click()
    press(coordinator, "Noter les présences")
    site.work()
    mentor.goto("/a/passerelle/mes-attestations")
    check(mentor)
    assert mentor.get_by_role("heading", name="Attestation de formation").is_visible()

    pair_url = form_pair(coordinator)
    site.work()
    plan_meeting(mentor)
    site.work()
    see_next_meeting(site, jeune)
    log_meeting(site, mentor, spaces)
    jeune.goto("/a/passerelle/")
    check(jeune)
    assert "MOT-POUR-CLAIRE" not in jeune.content()

    stranger.goto(certify(coordinator, pair_url))
    check(stranger)
    assert stranger.get_by_role("heading", name="Attestation valide").is_visible()
    assert "Inès" not in stranger.content()
    assert "Trabelsi" not in stranger.content()


def test_a_request_can_be_made_without_javascript(site, chromium, spaces):
    context = chromium.new_context(java_script_enabled=False, base_url=site.url, viewport={"width": 320, "height": 700})
    page = context.new_page()

    page.goto("/trouver-un-mentor")
    page.get_by_text("J'ai des difficultés à l'école").click()
    page.get_by_role("button", name="Continuer").click()
    page.get_by_text("En emploi", exact=True).click()
    page.get_by_role("button", name="Continuer").click()
    for label, value in (("Jour", 1), ("Mois", 2), ("Année", 2005)):
        page.get_by_label(label, exact=True).fill(str(value))
    page.get_by_label("Commune ou code postal").fill("38800")
    page.get_by_role("button", name="Continuer").click()
    page.get_by_text("Champagnier").click()
    page.get_by_role("button", name="Continuer").click()
    heading = page.get_by_role("heading", level=1).inner_text()
    page.go_back()
    page.go_back()
    kept = page.get_by_label("Année", exact=True).input_value()
    context.close()

    assert heading == "Comment souhaitez-vous vous rencontrer\u00a0?"
    assert kept == "2005"


def test_the_operator_sees_why_a_request_waits(site, visit, spaces):
    page = visit()
    with site.app.app_context():
        programme_id = db.session.execute(text("SELECT id FROM tenants WHERE kind = 'programme'")).scalar()
    with unit_of_work(site.app, programme_id):
        factories.lead(state="waiting", waiting_reason="territory", commune_code="2A004", departement_code="2A", answer_by=None)

    sign_in_by_mail(site, page, "operatrice@example.org")
    check(page)
    follow(page, re.compile("Noé"))

    assert page.get_by_text("Aucune association n'intervient dans ce département").is_visible()
    assert page.get_by_text("hors de son territoire", exact=True).is_visible()
