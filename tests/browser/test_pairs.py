"""Pairs in Chromium: from a matching run to an agreement that four people signed, and a closure to its end and back."""

from datetime import datetime

import pytest
from sqlalchemy import select

from app.database import unit_of_work
from app.extensions import db
from app.meetings.models import Meeting
from app.pairs.agreement_models import Signature
from app.pairs.models import Closure, Pair
from app.people.models import Mentee, Mentor
from tests import factories

from .conftest import check, enter, follow, press

pytestmark = pytest.mark.browser
PAIRS = "/a/passerelle/binomes"
MENTOR = {"first_name": "Karim", "last_name": "Trabelsi", "email": "karim@example.org", "sector": "Informatique"}
JEUNE = {
    "first_name": "Inès", "last_name": "Benali", "email": "ines@example.org", "age": 16, "field_wish": "informatique",
    "guardian_name": "Nadège Benali", "guardian_email": "nadege@example.org",
}  # fmt: skip
DONE = (
    "Entretien de fin avec le ou la jeune", "Entretien de fin avec le mentor ou la mentore",
    "Dernière rencontre, pour se dire au revoir",
    "Règle dite aux deux", "Attestations proposées",
)  # fmt: skip
GUARDIAN = "Échange avec la personne qui représente le ou la jeune"


@pytest.fixture
def people(site, spaces):
    """A trained mentor, and a jeune of 16 with the guardian's authorisation; nobody has a pair."""
    with unit_of_work(site.app, spaces.id):
        factories.mentor(spaces, trained=True, **MENTOR)
        factories.authorisation(factories.mentee(spaces, **JEUNE), given_by="Nadège Benali")


@pytest.fixture
def under_way(site, spaces, people):
    """The pair of these two, of three months, and their next meeting."""
    with unit_of_work(site.app, spaces.id):
        pair = factories.pair(db.session.scalars(select(Mentor)).one(), db.session.scalars(select(Mentee)).one())
        factories.meeting(pair, days=4)
        return pair.id


def stored(site, tenant, model):
    """The rows of a table in the space."""
    with unit_of_work(site.app, tenant.id):
        return db.session.scalars(select(model)).all()


def open_letter(site, page, subject, address):
    """Follow the link of a letter, once it has left."""
    site.work()
    page.goto(site.link_in_letter(subject, address))
    check(page)


def match(site, page):
    """Compare everybody, read the one proposal, approve it; the pair's page opens."""
    page.goto(PAIRS)
    check(page)
    follow(page, "Rapprocher")
    press(page, "Chercher pour tous")
    site.work()
    page.get_by_role("link", name="Inès Benali").wait_for()
    check(page)
    follow(page, "Inès Benali")
    assert page.get_by_text("Travaille dans un domaine qui attire le ou la jeune").is_visible()
    page.get_by_label("Objectifs, un par ligne").fill("Choisir trois formations")
    press(page, "Approuver, et demander aux deux")
    return page.url


def say_yes(site, page, address, other):
    """Read who it is, and accept."""
    open_letter(site, page, "Une personne à rencontrer", address)
    assert page.get_by_role("heading", name=other).is_visible()
    page.get_by_text("Oui, je veux bien").click()
    press(page, "Envoyer ma réponse")
    assert page.get_by_role("heading", name="Votre réponse est enregistrée").is_visible()


def sign(site, page, address, subject="Votre convention de mentorat à signer"):
    """Read the document, agree, sign."""
    open_letter(site, page, subject, address)
    assert page.get_by_text("Choisir trois formations").is_visible()
    page.get_by_label("J'ai lu cette convention et je la signe").check()
    with page.expect_navigation():
        page.get_by_role("button", name="Signer", exact=True).click()
    check(page)
    assert page.get_by_role("heading", name="Vous avez signé le").is_visible()


def test_a_matching_run_leads_to_an_agreement_that_four_people_signed(site, spaces, people, visit):
    desk, jeune, mentor, guardian = visit(), visit(390), visit(390), visit()

    enter(site, jeune, "ines@example.org")
    assert jeune.get_by_role("heading", name="Nous cherchons la bonne personne pour vous").is_visible()
    check(jeune)
    enter(site, desk, "claire@example.org")
    pair_url = match(site, desk)
    say_yes(site, jeune, "ines@example.org", "Karim")
    say_yes(site, mentor, "karim@example.org", "Inès")
    desk.goto(pair_url)
    check(desk)
    follow(desk, "Préparer la convention")
    press(desk, "Préparer la convention et l'envoyer")
    sign(site, mentor, "karim@example.org")
    sign(site, jeune, "ines@example.org")
    sign(site, guardian, "nadege@example.org", "La convention de mentorat d'Inès à signer")
    desk.reload()
    desk.get_by_text("Signer pour l'association").click()
    press(desk, "Signer")

    assert desk.get_by_text("signée par tous").is_visible()
    desk.goto(pair_url)
    check(desk)
    assert desk.get_by_text("en cours", exact=True).is_visible()
    open_letter(site, jeune, "Votre convention est signée", "ines@example.org")
    with jeune.expect_download() as download:
        jeune.get_by_role("link", name="Télécharger la convention").click()
    assert download.value.path().read_bytes().startswith(b"%PDF")
    signatures = stored(site, spaces, Signature)
    assert {row.role for row in signatures if row.signed_at} == {"mentor", "mentee", "guardian", "association"}
    assert len({row.digest for row in signatures}) == 1
    assert [pair.state for pair in stored(site, spaces, Pair)] == ["active"]


def note_step(page, name, why=""):
    """Say of a step of the closure that it was done today, or why not."""
    step = page.get_by_role("group", name=name)
    if why:
        step.get_by_label("Sinon, pour quelle raison").fill(why)
    else:
        step.get_by_label("Fait le").fill(datetime.now(factories.PARIS).date().isoformat())


def close(page):
    """Open the closure, note each of its steps, answer the last questions."""
    follow(page, "Clôturer")
    page.get_by_text("Les deux savent que le binôme se termine").click()
    page.get_by_text("Objectifs atteints plus tôt").click()
    press(page, "Commencer la clôture")
    for name in DONE:
        note_step(page, name)
    press(page, "Enregistrer")
    assert page.get_by_role("link", name="Terminer la clôture").count() == 0
    note_step(page, GUARDIAN, "Sa mère n'a pas pu être jointe")
    press(page, "Enregistrer")
    follow(page, "Terminer la clôture")
    page.get_by_label("Ce qui s'est bien passé").fill("Trois formations choisies")
    page.get_by_text("Aucun contact après la clôture").click()
    for question in ("Le ou la jeune souhaite une autre personne", "Le mentor ou la mentore souhaite accompagner"):
        page.get_by_role("group", name=question).get_by_label("Oui").check()
    press(page, "Clôturer")


def test_a_closure_is_accompanied_to_its_end_and_the_pair_is_reopened(site, spaces, under_way, visit):
    page = visit()

    enter(site, page, "claire@example.org")
    page.goto(f"{PAIRS}/{under_way}")
    check(page)
    close(page)
    assert page.get_by_role("link", name="Former un autre binôme pour Inès").is_visible()
    page.goto(f"{PAIRS}/{under_way}")
    assert page.get_by_role("heading", name="Clôturé le").is_visible()
    assert page.get_by_text("Trois formations choisies").is_visible()
    assert [meeting.state for meeting in stored(site, spaces, Meeting)] == ["cancelled"]
    follow(page, "Voir la clôture")
    assert page.get_by_text("Sa mère n'a pas pu être jointe").is_visible()
    page.goto(f"{PAIRS}/{under_way}")
    page.get_by_text("Rouvrir", exact=True).click()
    press(page, "Oui, rouvrir le binôme")

    assert page.get_by_text("Le binôme est rouvert.").is_visible()
    assert page.get_by_text("en cours", exact=True).is_visible()
    [closure] = stored(site, spaces, Closure)
    assert (closure.contact_rule, closure.rematch_mentee, closure.rematch_mentor) == ("none", True, True)
    assert closure.reopened_on is not None
