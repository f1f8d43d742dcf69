"""Training in Chromium: a mentor's road on a phone, staff from a blank page to the sheet to sign, a room without network."""

import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from app.database import now, unit_of_work
from app.extensions import db
from app.people.models import Mentor
from app.training import sessions
from app.training.models import Completion, Course, ModuleKind, QuizAttempt
from app.training.session_models import AttendanceMark, CourseSession, Registration
from tests import factories
from tests.training import situations

from .conftest import check, enter, follow, press

pytestmark = pytest.mark.browser
TRAINING = "/a/passerelle/formation"
ABSENCE = {
    "id": "absence", "kind": "single", "text": "Votre jeune ne vient pas au rendez-vous. Que faites-vous d'abord ?",
    "feedback": "RETENIR-LE-LIEN",
    "choices": [
        {"id": "c1", "text": "Je prends de ses nouvelles", "right": True, "feedback": ""},
        {"id": "c2", "text": "J'arrête le mentorat", "right": False, "feedback": "UNE-ABSENCE-ARRIVE"},
    ],
}  # fmt: skip


@pytest.fixture
def course(site, spaces):
    """The one required course of the space: a text, a quiz, a live session in two days; and Karim, who has not begun it."""
    parts = [
        {"kind": ModuleKind.TEXT, "title": "Être là, régulièrement", "body": "## Écouter\n\n**Tous les quinze jours**."},
        {"kind": ModuleKind.QUIZ, "title": "Faire le point", "minutes": 10, "questions": [ABSENCE], "pass_mark": 100},
        {"kind": ModuleKind.LIVE, "title": "Une soirée ensemble", "minutes": 90},
    ]
    with unit_of_work(site.app, spaces.id):
        db.session.scalars(select(Course)).one().required_for = []
        course = factories.published("Devenir mentor à Lyon", parts, required_for=["all"])
        live = situations.live_session(situations.modules(course)[-1], days=2)
        factories.mentor(spaces, first_name="Karim", last_name="Trabelsi", email="karim@example.org")
        return SimpleNamespace(id=course.id, session=live.id)


def hold(site, tenant, session_id):
    """The session began two hours ago."""
    with unit_of_work(site.app, tenant.id):
        db.session.scalars(select(CourseSession).where(CourseSession.id == session_id)).one().starts_at = now() - timedelta(hours=2)


def answer(page, choice):
    """Tick a choice of the quiz and send."""
    assert "RETENIR-LE-LIEN" not in page.content()
    page.get_by_text(choice).click()
    press(page, "Envoyer mes réponses")


def pass_quiz(page):
    """Fail, read what is to be kept, try again, pass."""
    press(page, "Commencer le questionnaire")
    answer(page, "J'arrête le mentorat")
    assert page.get_by_role("heading", name="Pas encore", exact=True).is_visible()
    assert page.get_by_text("UNE-ABSENCE-ARRIVE").is_visible()
    follow(page, "Relire, puis essayer encore")
    press(page, "Essayer encore")
    page.get_by_text("Je prends de ses nouvelles").click()
    page.reload()
    assert page.get_by_role("radio", name="Je prends de ses nouvelles").is_checked(), "what was answered is still there"
    answer(page, "Je prends de ses nouvelles")
    assert page.get_by_role("heading", name="C'est réussi").is_visible()
    assert page.get_by_text("RETENIR-LE-LIEN").is_visible()


def test_a_mentor_goes_from_the_first_page_to_the_certificate_on_a_phone(site, spaces, course, visit):
    phone, desk = visit(390), visit()

    enter(site, phone, "karim@example.org")
    phone.goto("/a/passerelle/ma-formation")
    check(phone)
    with phone.expect_navigation():
        phone.locator(f"#parcours-{course.id}").get_by_role("button", name="Commencer").click()
    check(phone)
    assert phone.get_by_role("heading", name="Écouter").is_visible()
    press(phone, "J'ai lu ce module")
    pass_quiz(phone)
    follow(phone, "Continuer ma formation")
    follow(phone, "Continuer\u00a0: Une soirée ensemble")
    press(phone, "Je m'inscris")
    assert phone.get_by_text("L'équipe notera votre présence ce jour-là.").is_visible()

    hold(site, spaces, course.session)
    enter(site, desk, "claire@example.org")
    desk.goto(f"{TRAINING}/sessions/{course.session}")
    check(desk)
    desk.get_by_role("link", name="Tout le monde était là").click()
    press(desk, "Noter les présences")
    site.work()

    phone.goto("/a/passerelle/ma-formation")
    check(phone)
    assert phone.get_by_role("heading", name="Côté formation, tout est en ordre").is_visible()
    follow(phone, "Mon attestation de formation")
    assert phone.get_by_role("heading", name="Attestation de formation").is_visible()
    with unit_of_work(site.app, spaces.id):
        states = [row.state for row in db.session.scalars(select(QuizAttempt).order_by(QuizAttempt.number))]
        assert states == ["failed", "passed"]
        assert [row.course_id for row in db.session.scalars(select(Completion))] == [course.id]


def add_module(page, kind, title, minutes, **more):
    """Add a module of a kind, with its text when there is one."""
    follow(page, kind)
    fields = {"Titre": title, "Durée, en minutes": minutes, **more}
    for label, value in fields.items():
        page.get_by_label(label, exact=True).fill(value)


def write_course(page):
    """A text, a quiz of one question, a live session to be followed at any moment."""
    page.goto(TRAINING)
    check(page)
    follow(page, "Écrire un parcours")
    page.get_by_label("Titre").fill("Accueillir")
    page.get_by_label("En deux phrases").fill("La première rencontre, et ce qui la prépare.")
    press(page, "Continuer vers les modules")
    add_module(page, "Un texte à lire", "Avant la rencontre", "20", **{"Texte (Markdown)": "## Préparer"})
    press(page, "Enregistrer dans le brouillon")
    add_module(page, "Un questionnaire", "Le point", "10")
    press(page, "Enregistrer dans le brouillon")
    follow(page, "Ajouter une question")
    page.get_by_label("Question", exact=True).fill("Qui appeler le soir ?")
    page.get_by_label("Réponse 1", exact=True).fill("L'association")
    page.get_by_label("Réponse 2", exact=True).fill("Personne")
    page.get_by_label("La réponse 1 est bonne").check()
    press(page, "Enregistrer la question")
    follow(page, "Accueillir")
    add_module(page, "Une session en direct", "Une soirée ensemble", "60")
    page.get_by_label("à tout moment").check()
    press(page, "Enregistrer dans le brouillon")


def publish(page):
    """Publish what was written, then make it required for all."""
    follow(page, "Publier")
    press(page, "Publier")
    assert page.get_by_text("Le parcours est publié.").is_visible()
    follow(page, "Titre et règles")
    page.get_by_text("de tous les jeunes").click()
    press(page, "Enregistrer")
    assert page.get_by_text("Les règles sont enregistrées.").is_visible()


def plan_session(site, page, tenant):
    """Plan a session with one seat; two mentors ask for it, one after the other."""
    page.goto(TRAINING)
    follow(page, "Planifier une session")
    page.get_by_label("Module").select_option(label="Une soirée ensemble (Accueillir)")
    page.get_by_label("Date").fill((now() + timedelta(days=10)).date().isoformat())
    page.get_by_label("Heure").fill("18:30")
    page.get_by_label("Lieu, ou lien de la visio").fill("12 rue des Lilas, Lyon")
    page.get_by_label("Places").fill("1")
    press(page, "Enregistrer la session")
    with unit_of_work(site.app, tenant.id), site.app.test_request_context("/"):
        session = db.session.scalars(select(CourseSession)).one()
        for name in ("Karim", "Martine"):
            sessions.take_seat(factories.mentor(tenant, first_name=name, last_name="Roux"), session)
        return session.id


def note_a_part(page):
    """A part of the session: refused without its minutes, then noted."""
    page.reload()
    page.get_by_role("radio", name="Une partie").check()
    press(page, "Noter les présences")
    assert page.get_by_role("link", name="Minutes de Karim Roux").is_visible()
    assert page.get_by_text("Indiquez les minutes, de 1 à 60.").is_visible()
    assert page.get_by_role("radio", name="Une partie").is_checked()
    page.get_by_label("Minutes, pour une partie").fill("40")
    press(page, "Noter les présences")
    assert page.get_by_text(re.compile("C.est noté.: 1 personne était là")).is_visible()


def test_staff_go_from_a_blank_page_to_the_sheet_to_sign(site, spaces, visit):
    page = visit(1280)

    enter(site, page, "claire@example.org")
    write_course(page)
    publish(page)
    session_id = plan_session(site, page, spaces)
    page.reload()
    check(page)
    assert page.get_by_role("heading", name="1 place prise sur 1").is_visible()
    assert page.get_by_role("heading", name="Liste d'attente").is_visible()
    assert page.get_by_text("1. Martine Roux").is_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Feuille à signer").click()
    assert download.value.path().read_bytes().startswith(b"%PDF")

    hold(site, spaces, session_id)
    note_a_part(page)

    with unit_of_work(site.app, spaces.id):
        course = db.session.scalars(select(Course).where(Course.title == "Accueillir")).one()
        assert course.required_for == ["all"]
        assert [(m.attended, m.minutes) for m in db.session.scalars(select(AttendanceMark))] == [(True, 40)]


def said_of(site, tenant):
    """What is stored of everybody's presence."""
    with unit_of_work(site.app, tenant.id):
        return [(row.attended, row.minutes) for row in db.session.scalars(select(Registration))]


def test_attendance_noted_without_network_is_kept_and_sent_when_it_is_back(site, spaces, course, visit):
    phone = visit(390)
    with unit_of_work(site.app, spaces.id):
        session = db.session.scalars(select(CourseSession)).one()
        situations.seat(session, db.session.scalars(select(Mentor)).one())
    hold(site, spaces, course.session)
    enter(site, phone, "claire@example.org")
    phone.goto(f"{TRAINING}/sessions/{course.session}")
    check(phone)

    phone.context.set_offline(True)
    phone.get_by_role("radio", name="Une partie").check()
    phone.get_by_label("Minutes, pour une partie").fill("80")
    phone.get_by_role("button", name="Noter les présences").click()
    phone.get_by_text("c'est gardé ici, et ce sera envoyé tout seul").wait_for()
    check(phone)
    assert said_of(site, spaces) == [(None, None)]
    with phone.expect_navigation():
        phone.context.set_offline(False)

    check(phone)
    assert said_of(site, spaces) == [(True, 80)]
    assert phone.get_by_text("c'est gardé ici").is_hidden()
    assert phone.get_by_role("radio", name="Une partie").is_checked()
    assert phone.get_by_label("Minutes, pour une partie").input_value() == "80"
    assert phone.evaluate("localStorage.length") == 0
