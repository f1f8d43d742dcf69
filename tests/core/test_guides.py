"""The guides, as pages: each for who needs it, with its pictures."""

import os
import re
import subprocess
import sys

import pytest
from bs4 import BeautifulSoup

from app import guides
from tests import factories
from tests.databases import ROOT

pytestmark = pytest.mark.waits

SPACE = "/a/passerelle"


@pytest.mark.no_database
def test_what_is_shipped_is_read_as_utf8_whatever_the_terminal_speaks():
    """A Debian set to fr_FR.ISO-8859-15 read « Ã© »; and its Python could not print « … »."""
    asked = (sys.executable, "-X", "warn_default_encoding", "-W", "error::EncodingWarning:app.guides")
    read = subprocess.run([*asked, "-c", "from app import guides; guides.read('jeune')"], cwd=ROOT, check=False)
    said = "said: ; @$(PYTHON) -c 'import sys; print(sys.flags.utf8_mode)'"
    made = subprocess.run(["make", "-s", "--eval", said, "said", f"PYTHON={sys.executable}"], cwd=ROOT, capture_output=True,
                          text=True, check=False, env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"})  # fmt: skip

    assert (read.returncode, made.stdout) == (0, "1\n")


@pytest.mark.parametrize("name", guides.GUIDES)
def test_a_guide_leads_where_it_says(client, programme, name):
    page = client.page(f"/aide/guides/{name}")

    inside = page.tree.xpath("//nav[@aria-label='Dans ce guide']//a/@href")
    shown = page.tree.xpath("//div[contains(@class, 'prose')]//img/@src")
    others = page.tree.xpath("//div[contains(@class, 'prose')]//a/@href")
    assert inside
    assert {where.removeprefix("#") for where in inside} <= set(page.tree.xpath("//h2/@id"))
    assert len(shown) == len(re.findall(r"\.\./pictures/", (guides.FOLDER / f"{name}.md").read_text()))
    for source in shown:
        with client.get(source) as answer:
            assert answer.content_type == "image/png", source
    assert all(client.get(f"/aide/guides/{link}").status_code == 200 for link in others if not link.startswith("http"))
    assert "<" not in page.text


@pytest.mark.no_database
@pytest.mark.parametrize("name", ["equipe", "programme", "verifier"])
def test_a_table_of_a_guide_says_what_it_is_of_and_scrolls_by_itself(name):
    tables = BeautifulSoup(guides.read(name).text, "html.parser").find_all("table")

    assert tables
    for table in tables:
        heading = table.find_previous(["h2", "h3"]).get_text()
        assert table.caption.get_text() == table.parent["aria-label"] == heading
        assert (table.parent["class"], table.parent["tabindex"], table.parent["role"]) == (["scroll"], "0", "region")


def test_no_other_file_is_a_picture_of_a_guide(client, programme):
    assert client.get("/aide/images/exploitation.png").status_code == 404
    assert client.get("/aide/images/..%2Fguides%2Fequipe.png").status_code == 404
    assert client.get("/aide/guides/exploitation").status_code == 404


@pytest.mark.parametrize(
    ("who", "own", "others"),
    [
        (None, "Guide du jeune", ["Guide du mentor", "Vérifier une attestation"]),
        ("coordinator", "Guide de l'équipe", ["Guide du jeune", "Guide du mentor", "Vérifier une attestation"]),
        ("mentor", "Guide du mentor", ["Vérifier une attestation"]),
        ("mentee", "Guide du jeune", ["Vérifier une attestation"]),
    ],
)
def test_help_offers_each_their_own_guide_first(client, people, who, own, others):
    if who:
        client.sign_in(getattr(people, who).user_id)

    page = client.page(f"{SPACE}/aide" if who else "/aide")

    [card] = [sheet for sheet in page.soup.select(".sheet") if sheet.h2.get_text() == "Comment faire"]
    titles = [a.get_text() for a in card.find_all("a") if "#" not in a["href"]]
    assert titles == [own, *others]
    assert card.select("li a")


def test_the_operator_reads_the_programme_s(client, in_space, programme):
    with in_space(programme):
        operator = factories.staff(programme, "operator").user_id

    page = client.sign_in(operator).page(f"/a/{programme.slug}/aide")

    assert page.soup.select("a.go")[-1].get_text() == "Guide du programme"
