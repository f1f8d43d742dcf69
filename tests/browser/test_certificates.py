"""A batch of certificates in the coordinator's browser, and one verified by a stranger, on a phone."""

import re

import pytest

from app.accounts.models import User
from app.certificates.models import Certificate
from app.database import unit_of_work
from app.extensions import db
from tests import factories

from .conftest import check, enter

pytestmark = pytest.mark.browser


@pytest.fixture
def space(site):
    """An association with a coordinator and two pairs that have met."""
    factories.programme(site.app)
    association = factories.association(site.app, "passerelle", "Passerelle Rhône", ["69"])
    with unit_of_work(site.app, association.id):
        card = factories.staff(association, "admin")
        db.session.get(User, card.user_id).email = "claire@example.org"
        for _pair in range(2):
            mentor = factories.mentor(association, trained=True)
            pair = factories.pair(mentor, factories.mentee(association))
            for days in (-60, -30, -7):
                factories.meeting(pair, days=days, state="held")
    return association


def make_batch(site, page):
    """Choose, check, start, let the worker work, come back."""
    page.goto("/a/passerelle/attestations/lots/nouveau")
    check(page)
    page.get_by_text("Engagement", exact=True).click()
    page.get_by_label("Durée minimale du binôme, en mois").fill("2")
    page.get_by_role("button", name="Voir la liste").click()
    page.get_by_text("2 attestations à faire").wait_for()
    check(page)
    page.get_by_role("button", name="Faire les attestations").click()
    page.get_by_text("0 faite sur 2").wait_for()
    check(page)
    site.work()
    page.get_by_role("link", name=re.compile("Tous les fichiers")).wait_for()
    check(page)


def test_a_batch_is_made_and_a_stranger_verifies_one(site, space, visit, tmp_path):
    desk, phone = visit(), visit(390)
    enter(site, desk, "claire@example.org")

    make_batch(site, desk)
    with unit_of_work(site.app, space.id):
        certificate = db.session.query(Certificate).order_by(Certificate.number).first()
        holder, code = certificate.facts["holder"], certificate.shown_code
    desk.goto(f"/a/passerelle/attestations/{certificate.id}")
    check(desk)
    with desk.expect_download() as download:
        desk.get_by_role("link", name=re.compile("Télécharger le PDF")).click()
    paper = tmp_path / "recu.pdf"
    download.value.save_as(paper)

    phone.goto("/verifier")
    phone.get_by_label("Code de l'attestation").fill(code.lower())
    phone.get_by_role("button", name="Vérifier").click()
    phone.get_by_role("heading", name="Attestation valide").wait_for()
    check(phone)
    assert holder not in phone.content()
    phone.get_by_label("Nom écrit sur le document").fill(holder.upper())
    phone.get_by_role("button", name="Comparer le nom").click()
    phone.get_by_text(holder).first.wait_for()
    phone.get_by_label("Le fichier PDF reçu").set_input_files(paper)
    phone.get_by_role("button", name="Comparer le fichier").click()
    phone.get_by_text("pas un octet n'a changé").wait_for()
    check(phone)


def test_the_look_of_a_text_follows_while_one_types(site, space, visit):
    page = visit()
    enter(site, page, "claire@example.org")

    page.goto("/a/passerelle/attestations/textes/engagement")
    check(page)
    page.get_by_label("Texte, à la suite du nom").fill("a donné **{durée}** à une jeune personne.")

    page.locator("[data-preview-here]", has_text="a donné").wait_for()
    assert page.locator("[data-preview-here] strong").last.inner_text().startswith("20")
