"""A real server on a database of its own, a worker on demand, and Chromium."""

import shutil
import threading
from pathlib import Path

import pytest
from flask_mail import email_dispatched
from playwright.sync_api import sync_playwright
from sqlalchemy import select, text
from werkzeug.serving import make_server

from app import create_app, jobs
from app.accounts.models import User
from app.database import unit_of_work
from app.extensions import db
from tests import factories
from tests.client import session_of
from tests.conftest import borrowed, settings_for

AXE = (Path(__file__).parent / "vendor" / "axe-core-4.14.1.min.js").read_text()
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--js-flags=--no-maglev --no-turbofan",  # no page lives long enough
)  # fmt: skip


class Site:
    """The running site: its address, its letters, and a worker that empties the queue."""

    def __init__(self, app, url):
        self.app, self.url, self.letters = app, url, []

    def work(self):
        """Do everything that is in the queue, in another thread, as a worker process would."""

        def run():
            waiting = text("SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing')")
            with self.app.app_context():
                while db.session.scalar(waiting):
                    db.session.rollback()
                    jobs.run_worker(wait=False)
                db.session.rollback()

        worker = threading.Thread(target=run)
        worker.start()
        worker.join(timeout=60)
        assert not worker.is_alive()

    def link_in_letter(self, subject, to):
        """The link of the latest letter to somebody with this subject."""
        letter = next(m for m in reversed(self.letters) if subject in m.subject and to in m.recipients)
        return next(word for word in letter.body.split() if word.startswith("http"))


@pytest.fixture(scope="session")
def served(server, second_database, tmp_path_factory):
    """The application behind a real HTTP server, with real commits, and its address."""
    httpd = make_server("127.0.0.1", 0, lambda _environ, _start: [], threaded=True)
    url = f"http://127.0.0.1:{httpd.server_port}"
    httpd.app = create_app(settings_for(server, second_database, tmp_path_factory.mktemp("served"), public_url=url))
    thread = threading.Thread(target=httpd.serve_forever, daemon=True)
    thread.start()
    yield httpd.app, url
    httpd.shutdown()
    thread.join()
    httpd.server_close()


@pytest.fixture
def site(served, fresh_database, tmp_path):
    """The site with nobody in it yet."""
    site = Site(*served)

    def keep(_app, message):
        site.letters.append(message)

    with borrowed(site.app, tmp_path), email_dispatched.connected_to(keep):
        yield site


@pytest.fixture(scope="package")
def chromium():
    """One browser for every journey: while it lives, its event loop runs in this thread, and no worker could run here."""
    path = next(filter(None, map(shutil.which, ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"))))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium, site):
    """A new visitor with a browser of their own: `visit(390)` on a phone, `visit()` at a desk."""
    contexts = []

    def open_browser(width=1280):
        height = 844 if width < 500 else 900
        context = chromium.new_context(viewport={"width": width, "height": height}, locale="fr-FR", base_url=site.url)
        context.add_init_script(f"window.loadAxe = function () {{ {AXE} }}")  # sent once, and read by the pages that are checked
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        return page

    yield open_browser
    for context in contexts:
        context.close()


FAULTS = """async () => {
  const {violations, incomplete} = (window.axe || loadAxe(), await axe.run({rules: {"target-size": {enabled: true}}}));
  const hidden = incomplete.map(v => ({id: v.id, nodes: v.nodes.filter(n => n.any.some(c => c.data?.contrastRatio === 1))}));
  return [...violations, ...hidden.filter(v => v.nodes.length)].map(v => `${v.id}: ${v.nodes.map(n => n.target).join(' ')}`);
}"""


def check(page):
    """No violation that axe-core can see, nothing in the colour of what is behind it (axe asks), nothing wider than the screen."""
    found = page.evaluate(FAULTS)
    assert found == [], f"{page.url}: {found}"
    wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wider <= 0, f"{page.url} is {wider} px too wide"


@pytest.fixture
def spaces(site):
    """A programme with an operator, and an association with a coordinator."""
    programme = factories.programme(site.app)
    association = factories.association(site.app, "passerelle", "Passerelle Rhône", ["69"])
    with unit_of_work(site.app, programme.id):
        factories.staff(programme, "operator", "Margaux", "Vidal")
        site.operator = "operatrice@example.org"
        db.session.execute(text("UPDATE users SET email = 'operatrice@example.org'"))
    with unit_of_work(site.app, association.id):
        card = factories.staff(association, "coordinator")
        db.session.execute(text("UPDATE users SET email = 'claire@example.org' WHERE id = :id"), {"id": card.user_id})
    return association


def sign_in_by_mail(site, page, address):
    """Ask for a link, open the letter, press the button."""
    page.goto("/connexion/lien")
    check(page)
    page.get_by_label("Adresse e-mail").fill(address)
    page.get_by_role("button", name="Envoyer le lien").click()
    site.work()
    page.goto(site.link_in_letter("Votre lien pour entrer", address))
    check(page)
    page.get_by_role("button", name="Entrer dans Binôme").click()
    page.wait_for_url("**/a/**")


def enter(site, page, address):
    """Signed in already, on one's first page: the road shows how one signs in."""
    with unit_of_work(site.app, None):
        account = db.session.scalars(select(User).where(User.email == address)).one()
    name, value = session_of(site.app, account)
    page.context.add_cookies([{"name": name, "value": value, "url": site.url}])
    page.goto("/espaces")
    page.wait_for_url("**/a/**")
    check(page)


def press(page, name):
    """Press the big button and check the page that comes."""
    with page.expect_navigation():
        page.get_by_role("button", name=name).click()
    check(page)


def follow(page, name):
    """Follow a link and check the page that comes."""
    with page.expect_navigation():
        page.get_by_role("link", name=name).first.click()
    check(page)
