"""On a phone of 390 px: the mentor's evening, the jeune's answer, the coordinator's morning, a call for help."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.database import now, unit_of_work
from app.extensions import db
from app.followup.models import Contact
from app.followup.rules import refresh
from app.followup.thread_models import Message
from app.meetings import reminders
from app.meetings.models import Confirmation, Meeting
from app.people.models import Mentee, Mentor
from app.territory.zones import clock_of
from tests import factories

from .conftest import check, enter, follow, press

pytestmark = pytest.mark.browser
PHONE = 390
SOMEWHERE = ("69", "972", "974", "987", "988")  # at any instant it is day in one of these


def where_it_is_day():
    """A département where people may be written to now."""
    return next(code for code in SOMEWHERE if reminders.is_awake(now(), clock_of(code)))


@pytest.fixture
def space(site, spaces):
    """Work in the association's space, with what its rules read."""

    def enter(do):
        with unit_of_work(site.app, spaces.id), site.app.test_request_context("/"):
            return do()

    return enter


@pytest.fixture
def pair(site, spaces, space):
    """Karim and Inès, who met yesterday: nobody has said how it went."""

    def make():
        mentor = factories.mentor(spaces, trained=True, first_name="Karim", email="karim@example.org")
        mentee = factories.mentee(spaces, first_name="Inès", last_name="Benali", email="ines@example.org")
        mentor.departement_code = mentee.departement_code = where_it_is_day()
        made = factories.pair(mentor, mentee)
        factories.meeting(made, starts_at=now() - timedelta(hours=20))
        return made.id

    return space(make)


def one(space, model):
    """The one row of a table."""
    return space(lambda: db.session.scalars(select(model)).one())


@pytest.fixture
def evening(site, spaces, space, pair):
    """The letters of the evening have left."""
    space(lambda: reminders.remind(now()))
    site.work()


def test_the_mentor_logs_from_the_letter_in_two_taps_without_signing_in(site, space, evening, visit):
    page = visit(PHONE)

    page.goto(site.link_in_letter("Votre séance avec Inès", "karim@example.org"))  # the first tap
    check(page)
    press(page, "Enregistrer")  # the second

    page.get_by_text("C'est noté, merci.").wait_for()
    assert one(space, Meeting).state == "held"


def test_the_jeune_confirms_in_one_tap_on_the_page_of_the_letter(site, space, evening, visit):
    page = visit(PHONE)

    page.goto(site.link_in_letter("Votre séance avec Karim", "ines@example.org"))
    check(page)
    press(page, "Très bien")

    said = one(space, Confirmation)
    assert (said.was_held, said.face) == (True, 4)


def test_the_coordinators_morning(site, space, spaces, pair, visit):
    def silence():
        mentor = db.session.scalars(select(Mentor)).one()
        mentor.phone = "+33639980001"
        db.session.scalars(select(Meeting)).one().starts_at = now() - timedelta(days=40)
        refresh()

    space(silence)
    page = visit(PHONE)
    enter(site, page, "claire@example.org")
    follow(page, "Toute l'équipe")

    page.get_by_text("Aucune séance depuis le début").first.wait_for()
    assert page.locator("a[href='tel:+33639980001']").count() == 1
    follow(page, "Noter l'échange")
    page.locator("input[name=grid_0]").first.check()
    page.get_by_label("10 min", exact=True).check()
    page.get_by_label("Ce qui s'est dit").fill("Karim reprend contact cette semaine.")
    press(page, "Enregistrer")

    contact = one(space, Contact)
    assert (contact.reached, contact.minutes, list(contact.answers.values())) == (True, 10, ["good"])


def test_a_call_for_help_from_a_phone_reaches_the_team_first(site, space, pair, visit):
    page = visit(PHONE)
    enter(site, page, space(lambda: db.session.scalars(select(Mentee.email)).one()))

    follow(page, "J'ai besoin d'aide")
    assert page.locator(".numbers a").first.inner_text() == "119"
    page.get_by_label("Votre message").fill("Je voudrais parler à quelqu'un.")
    page.context.set_offline(True)
    page.get_by_role("button", name="Envoyer ma demande d'aide").click()
    page.get_by_text("rien n'est parti").wait_for()
    assert page.locator(".numbers a").first.is_visible()
    page.context.set_offline(False)
    page.evaluate("Object.defineProperty(navigator, 'onLine', { get: () => false })")  # a device that knows no network but its own
    press(page, "Envoyer ma demande d'aide")
    page.get_by_text("Il passe avant tous les autres").wait_for()
    site.work()

    assert one(space, Message).is_urgent
    assert any("URGENT" in letter.subject for letter in site.letters)
    office = visit(PHONE)
    enter(site, office, "claire@example.org")
    menu = office.locator("details.menu")
    menu.locator("summary").click()
    office.keyboard.press("Tab")
    office.keyboard.press("Escape")
    assert (menu.get_attribute("open"), menu.locator("summary").evaluate("one => one === document.activeElement")) == (None, True)
    follow(office, "Messages")
    follow(office, "Inès")
    press(office, "J'ai lu, je m'en occupe")
    page.reload()
    page.get_by_text("Lu par l'association").wait_for()
    answer = office.get_by_label("Votre message")
    answer.fill("Bonjour Inès,")
    with office.expect_navigation():
        office.locator("button[name=canned]").first.click()
    written = answer.input_value()
    assert written.startswith("Bonjour Inès,")
    assert len(written) > 30, "the ready answer is added to what was typed"
    office.reload()
    assert answer.input_value() == written
    press(office, "Répondre")
    assert (answer.input_value(), office.evaluate("sessionStorage.length")) == ("", 0)


def test_a_call_for_help_outlives_the_session_that_ended(site, space, pair, visit):
    page = visit(PHONE)
    enter(site, page, "ines@example.org")
    follow(page, "J'ai besoin d'aide")
    page.get_by_label("Votre message").fill("Je voudrais parler à quelqu'un.")
    page.context.clear_cookies()

    press(page, "Envoyer ma demande d'aide")
    assert page.locator(".help a").first.inner_text() == "119"
    enter(site, visitor := page.context.new_page(), "ines@example.org")
    visitor.close()
    follow(page, "Revenir au formulaire")
    assert page.get_by_label("Votre message").input_value() == "Je voudrais parler à quelqu'un."
    press(page, "Envoyer ma demande d'aide")

    assert one(space, Message).body == "Je voudrais parler à quelqu'un."
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]


def test_what_the_mentor_was_typing_is_there_when_the_page_comes_back(site, space, evening, visit):
    page = visit(PHONE)
    link = site.link_in_letter("Votre séance avec Inès", "karim@example.org")
    page.goto(link)
    page.locator("input[name=outcome][value=missed]").check()
    page.get_by_label("Un mot pour l'association").fill("Elle était à un examen.")

    page.goto("/")
    page.goto(link)

    assert page.locator("input[name=outcome][value=missed]").is_checked()
    page.route("**/seance/**", lambda route: route.fulfill(status=503) if route.request.method == "POST" else route.continue_())
    page.get_by_role("button", name="Enregistrer").click()
    page.unroute("**/seance/**")
    page.goto(link)
    assert page.get_by_label("Un mot pour l'association").input_value() == "Elle était à un examen.", "nothing was written yet"
    press(page, "Enregistrer")
    assert one(space, Meeting).note == "Elle était à un examen."
    assert page.evaluate("Object.keys(localStorage)") == []

    word = page.get_by_label("Un mot pour l'association")
    page.context.set_offline(True)
    word.fill("Elle l'a réussi.")
    page.get_by_role("button", name="Enregistrer").click()
    assert [name for name in page.evaluate("Object.keys(localStorage)") if name.endswith("-draft")] == []
    word.fill("Elle l'a réussi. Bravo à elle.")
    page.context.set_offline(False)
    page.get_by_text("La séance que ce téléphone gardait est enregistrée.").wait_for()
    assert one(space, Meeting).note == "Elle l'a réussi."
    assert word.input_value() == "Elle l'a réussi. Bravo à elle.", "what was added since stays"
    press(page, "Enregistrer")
    assert one(space, Meeting).note == "Elle l'a réussi. Bravo à elle."
    assert page.evaluate("Object.keys(localStorage)") == []

    word.fill("Je ne l'enverrai pas.")
    other = page.context.new_page()
    other.goto(link)
    other.get_by_label("Un mot pour l'association").fill("Elle a reporté.")
    press(other, "Enregistrer")
    other.close()
    page.reload()
    assert word.input_value() == "", "what was written since is not covered by a draft"

    word.fill("Un brouillon d'il y a deux jours.")
    page.evaluate("""() => { for (const [name, said] of Object.entries(localStorage))
        localStorage.setItem(name, JSON.stringify({...JSON.parse(said), at: Date.now() - 2 * 86_400_000})); }""")
    page.goto("/")
    assert page.evaluate("Object.keys(localStorage)") == []


def test_what_waited_for_the_network_is_sent_and_what_is_answered_is_read(site, space, evening, visit):
    page = visit(PHONE)
    link = site.link_in_letter("Votre séance avec Inès", "karim@example.org")
    page.goto(link)
    word = page.get_by_label("Un mot pour l'association")
    page.context.set_offline(True)
    word.fill("Elle veut mourir.")
    page.get_by_role("button", name="Enregistrer").click()
    page.get_by_text("ce téléphone garde votre réponse").wait_for()
    word.fill("Elle veut mourir. Je reste avec elle.")
    page.context.set_offline(False)
    page.get_by_text("Idées de suicide : le 3114").wait_for()
    page.get_by_text("La séance que ce téléphone gardait est enregistrée.").wait_for()
    assert word.input_value() == "Elle veut mourir. Je reste avec elle."
    page.context.set_offline(True)
    page.get_by_role("button", name="Enregistrer").click()
    page.get_by_text("ce téléphone garde votre réponse").wait_for()

    page.route("**/seance/**", lambda route: route.fulfill(status=503) if route.request.method == "POST" else route.continue_())
    page.context.set_offline(False)
    page.get_by_role("button", name="Enregistrer").click()
    page.wait_for_url(link)
    page.goto(link)
    assert word.input_value() == "Elle veut mourir. Je reste avec elle.", (
        "a sheet that waits and is sent by hand is lost by no refusal"
    )
    page.unroute("**/seance/**")
    page.context.set_offline(True)
    page.get_by_role("button", name="Enregistrer").click()
    with page.expect_navigation():
        page.context.set_offline(False)
    page.get_by_text("Idées de suicide : le 3114").wait_for()
    assert one(space, Meeting).note == "Elle veut mourir. Je reste avec elle."
    assert page.evaluate("Object.keys(localStorage)") == []


def test_what_the_team_was_typing_leaves_with_whoever_signs_out(site, pair, visit):
    page = visit()
    enter(site, page, "claire@example.org")
    page.goto(f"/a/passerelle/binomes/{pair}/echanges/nouveau")
    page.locator("textarea[name=note]").fill("Elle a peur de son stage.")
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 1]
    page.reload()
    assert page.locator("textarea[name=note]").input_value() == "Elle a peur de son stage."

    other = page.context.new_page()
    other.goto("/a/passerelle/")
    press(other, "Se déconnecter")

    page.locator("textarea").wait_for(state="detached")
    assert page.evaluate("[Object.keys(localStorage), sessionStorage.length]") == [["signed-out"], 0]


def test_where_a_browser_keeps_nothing_pages_go_on(site, evening, visit):
    page = visit(PHONE)
    page.add_init_script("""for (const name of ["localStorage", "sessionStorage"])
        Object.defineProperty(window, name, {get() { throw new DOMException("", "SecurityError"); }});""")
    page.goto(site.link_in_letter("Votre séance avec Inès", "karim@example.org"))

    page.get_by_role("button", name="Enregistrer").click()

    page.get_by_text("C'est noté, merci.").wait_for()
    assert page.evaluate("document.activeElement.className").startswith("flash"), "what comes after in the script runs too"
