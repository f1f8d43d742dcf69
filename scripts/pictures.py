"""Take the pictures of README.md and docs/guides from a running demonstration, in the system's Chromium.

    make run                                     (in another terminal)
    .venv/bin/python scripts/pictures.py http://127.0.0.1:8000 [certificate phones …]

Parts may be named after the address; without any, all are taken. It walks the road as anybody would, so it leaves a request
behind and, the first time, a certificate: never aim it at a real site, and start from a new demonstration. Each picture is what a
screen shows without scrolling, on a phone of 390 px or a desk of 1280 px. Needs `pdftoppm` (package poppler-utils) for the
certificate.
"""

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "pictures"
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
FLAGS = ("--no-sandbox", "--disable-gpu", "--hide-scrollbars")
PHONE, DESK = (390, 780), (1280, 800)
SPACE = "/a/passerelle-rhone"
OPERATOR, COORDINATOR, ADMIN = "operatrice@example.org", "claire.morel@example.org", "samuel.girard@example.org"
MENTOR, JEUNE, TRAINEE = "karim.trabelsi@example.org", "ines.benali@example.org", "thomas.mansouri@example.org"
PASSWORD = "binome-demonstration"  # noqa: S105  (printed on the demonstration's own page)
LARGEST = 150_000  # bytes: a page of documentation loads on a telephone


class Visitors:
    """Browsers of different people, each with cookies of their own."""

    def __init__(self, browser: Browser, base: str) -> None:
        self.browser, self.base = browser, base

    @contextmanager
    def visit(self, size: tuple[int, int], account: str | None = None) -> Iterator[Page]:
        """Somebody's browser; signed in when an account of the demonstration is given."""
        context = self.browser.new_context(
            base_url=self.base, viewport={"width": size[0], "height": size[1]}, locale="fr-FR", reduced_motion="reduce"
        )
        page = context.new_page()
        page.set_default_timeout(15_000)
        if account:
            sign_in(page, account)
        yield page
        context.close()


def sign_in(page: Page, account: str) -> None:
    """Come in with the password that all accounts of the demonstration share."""
    page.goto("/connexion")
    page.locator("#email").fill(account)
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Entrer").click()
    page.wait_for_url("**/a/**")


def take(page: Page, name: str, top: str = "") -> None:
    """Keep what the screen shows from the top of the page; with `top`, from the line with these words."""
    page.evaluate("window.scrollTo(0, 0)")
    if top:
        page.get_by_text(top).first.evaluate("e => window.scrollTo(0, e.getBoundingClientRect().top + window.scrollY - 24)")
    page.evaluate("document.activeElement.blur()")
    page.evaluate("document.fonts.ready")
    target = FOLDER / f"{name}.png"
    page.screenshot(path=target)
    Image.open(target).convert("RGB").quantize(256, dither=Image.Dither.NONE).save(target, optimize=True)  # a third of the weight
    report(target)


def dates_in_french(page: Page) -> None:
    """Show dates as a French browser does: the system's Chromium may know English only."""
    page.evaluate(
        """() => document.querySelectorAll("input[type=date]").forEach(field => {
            const shown = field.value.split("-").reverse().join("/");
            field.type = "text";
            field.value = shown;
        })"""
    )


def report(target: Path) -> None:
    """Say what was written. Leaves when it is too heavy for a page."""
    size = target.stat().st_size
    print(f"{target.name:<28} {size // 1000:>4} ko")
    if size > LARGEST:
        sys.exit(f"{target.name} pèse plus de {LARGEST // 1000} ko.")


def press(page: Page, name: str) -> None:
    """Press a button and wait for the page that comes."""
    with page.expect_navigation():
        page.get_by_role("button", name=name).click()


def public_road(visitors: Visitors) -> None:
    """A jeune of 17 asks for a mentor on a phone, and follows the request."""
    with visitors.visit(PHONE) as page:
        page.goto("/")
        take(page, "accueil")
        page.goto("/trouver-un-mentor?source=1jeune1solution")
        page.get_by_text("Je ne sais pas quelle orientation choisir").click()
        take(page, "demande")
        press(page, "Continuer")
        page.get_by_text("Au lycée général ou technologique").click()
        press(page, "Continuer")
        born = date.today() - timedelta(days=17 * 365 + 60)  # noqa: DTZ011  (a birthday has no clock)
        for label, number in (("Jour", born.day), ("Mois", born.month), ("Année", born.year)):
            page.get_by_label(label, exact=True).fill(str(number))
        page.get_by_label("Commune ou code postal").press_sequentially("villeurb", delay=30)
        page.get_by_text("Villeurbanne").first.click()
        take(page, "demande-commune")
        press(page, "Continuer")
        page.get_by_text("Dans les locaux de l'association").click()
        page.locator("input[name=slots]").first.check()
        press(page, "Continuer")
        press(page, "Continuer")  # what one would like is optional
        fields = {
            "Prénom": "Salomé", "Nom": "Vasseur", "Adresse e-mail": f"salome.vasseur.{int(time.time())}@example.org",
            "Son prénom et son nom": "Claude Vasseur", "Son adresse e-mail ou son téléphone": "06 12 34 56 78",
        }  # fmt: skip
        for label, value in fields.items():
            page.get_by_label(label, exact=True).fill(value)
        page.wait_for_timeout(4000)  # a form that is filled in no time is shown once more
        press(page, "Envoyer ma demande")
        wait_for_association(page)
        take(page, "suivi")


def wait_for_association(page: Page) -> None:
    """The worker hands the request over within seconds. Leaves when it does not."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if page.get_by_role("heading", name="a reçu votre demande").is_visible():
            return
        time.sleep(1)
        page.reload()
    sys.exit("La demande n'est confiée à personne : le travailleur tourne-t-il ?")


def programme_desk(visitors: Visitors) -> None:
    """The operator's queue, and why one request waits."""
    with visitors.visit(DESK, OPERATOR) as page:
        page.goto("/a/programme/orientation")
        take(page, "programme")
        page.locator("table.list a").first.click()
        page.get_by_role("heading", name="Pourquoi chaque association").wait_for()
        take(page, "programme-demande")


def coordinator_desk(visitors: Visitors) -> None:
    """The day, the inbox, a request, a pair to form, a pair that lives, the settings."""
    with visitors.visit(DESK, COORDINATOR) as page:
        take(page, "equipe")
        page.goto(f"{SPACE}/sante-des-binomes?etat=watch")
        take(page, "sante")
        page.goto(f"{SPACE}/demandes")
        take(page, "demandes")
        page.locator("table.list a").first.click()
        page.get_by_text("Accepter", exact=True).first.wait_for()
        take(page, "demande-equipe")
        page.goto(f"{SPACE}/binomes/nouveau")
        for label in ("Jeune", "Mentor"):
            page.get_by_label(label, exact=True).select_option(index=1)
        page.get_by_label("Toutes les deux semaines").check()
        page.get_by_label("Objectifs, un par ligne").fill("Choisir trois formations\nReprendre confiance à l'oral")
        dates_in_french(page)
        take(page, "former-binome")
        page.goto(f"{SPACE}/binomes?q=benali")
        page.locator("table.list a").first.click()
        page.get_by_role("heading", name="Les deux personnes").wait_for()
        take(page, "binome")
    with visitors.visit(DESK, ADMIN) as page:
        page.goto(f"{SPACE}/reglages")
        take(page, "reglages")


def phones(visitors: Visitors) -> None:
    """What mentors and jeunes have in their hand."""
    with visitors.visit(PHONE, TRAINEE) as page:
        page.goto(f"{SPACE}/ma-formation")
        take(page, "formation")
    with visitors.visit(PHONE, MENTOR) as page:
        page.goto(f"{SPACE}/")
        take(page, "mentor")
        with page.expect_navigation():
            page.get_by_role("link", name="Noter la séance").first.click()
        for word in ("Oui", "1 h", "Orientation", "Confiance"):
            page.get_by_label(word, exact=True).check()
        take(page, "seance", top="Séance avec")
    with visitors.visit(PHONE, JEUNE) as page:
        page.goto(f"{SPACE}/")
        take(page, "jeune")


def certificate(visitors: Visitors) -> None:
    """A certificate of engagement, its first page as a picture, and what a stranger reads of it."""
    with visitors.visit(DESK, COORDINATOR) as page:
        page.goto(f"{SPACE}/binomes?q=benali")
        page.locator("table.list a").first.click()
        with page.expect_navigation():
            page.get_by_role("link", name="Attester l'engagement de Karim").click()
        press(page, "Faire l'attestation")
        link = page.get_by_role("link", name="/verifier/").get_attribute("href") or ""
        with TemporaryDirectory() as folder, page.expect_download() as download:
            page.get_by_role("link", name="Télécharger le PDF").click()
            draw_first_page(Path(folder), download.value.path())
    with visitors.visit(PHONE) as page:
        page.goto(urlsplit(link).path)
        take(page, "verification")
        page.get_by_label("Nom écrit sur le document").fill("Karim Trabelsi")
        press(page, "Comparer le nom")
        take(page, "verification-nom", top="Oui, cette attestation")


def certificates_desk(visitors: Visitors) -> None:
    """Who gets one in a batch and who does not, and why; what a certificate says, with its look beside."""
    with visitors.visit(DESK, COORDINATOR) as page:
        page.goto(f"{SPACE}/attestations/lots/nouveau?kind=engagement&months=3")
        page.get_by_text("et pourquoi").click()
        take(page, "lot", top="à faire")
    with visitors.visit(DESK, ADMIN) as page:
        page.goto(f"{SPACE}/attestations/textes/engagement")
        body = page.get_by_label("Texte, à la suite du nom")
        body.fill(f"{body.input_value()} Toute l'équipe l'en remercie.")
        page.locator("[data-preview-here]").get_by_text("l'en remercie").wait_for()
        take(page, "texte", top="Texte, à la suite du nom")


def my_certificates(visitors: Visitors) -> None:
    """What holders have in their hand: a jeune's, and a mentor's with a link to show."""
    with visitors.visit(PHONE, JEUNE) as page:
        page.goto(f"{SPACE}/mes-attestations")
        take(page, "mes-attestations-jeune")
    with visitors.visit(PHONE, MENTOR) as page:
        page.goto(f"{SPACE}/mes-attestations")
        share = page.get_by_role("button", name="Créer un lien à montrer")
        if share.count() == page.get_by_role("link", name="Télécharger").count():
            with page.expect_navigation():
                share.first.click()
        take(page, "mes-attestations", top="Attestation d'engagement")


def draw_first_page(folder: Path, document: Path) -> None:
    """The first page of a PDF, as docs/pictures/attestation.png."""
    target = FOLDER / "attestation"
    command = ["pdftoppm", "-png", "-singlefile", "-scale-to-x", "780", "-scale-to-y", "-1", str(document), str(target)]
    subprocess.run(command, check=True, cwd=folder)
    report(target.with_suffix(".png"))


PARTS = {
    part.__name__: part
    for part in (public_road, programme_desk, coordinator_desk, phones, certificate, certificates_desk, my_certificates)
}


def main(base: str, names: list[str]) -> None:
    """The pictures of these parts, in the order of the road; all of them when none is named."""
    chromium = next(filter(None, map(shutil.which, BROWSERS)), None)
    if chromium is None or shutil.which("pdftoppm") is None:
        sys.exit("Il faut Chromium et pdftoppm : sudo apt-get install chromium poppler-utils")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        visitors = Visitors(browser, base.rstrip("/"))
        for name, part in PARTS.items():
            if not names or name in names:
                part(visitors)
        browser.close()


if __name__ == "__main__":
    if len(sys.argv) < 2 or not set(sys.argv[2:]) <= set(PARTS):
        sys.exit(f"Usage : scripts/pictures.py http://127.0.0.1:8000 [{' '.join(PARTS)}]")
    main(sys.argv[1], sys.argv[2:])
