"""What the stylesheet owes to paper, and to colours that somebody forces."""

import re
from pathlib import Path

import pytest

import app

CSS = re.sub(r"/\*.*?\*/", "", (Path(app.__file__).parent / "static/css/app.css").read_text())
SCREEN, PAPER = CSS.split("@media print")
DRAWN, FORCED = SCREEN.split("@media (forced-colors: active)")

pytestmark = pytest.mark.no_database


def where(declaration, css):
    """The selectors of the rules that hold a declaration."""
    rules = re.findall(rf"([^{{}}]+)\{{[^{{}}]*?(?<![-\w]){declaration}", css)
    return [selector.strip() for selectors in rules for selector in selectors.split(",")]


@pytest.mark.parametrize("written", where("color: #fff", DRAWN))
def test_what_is_written_in_white_keeps_its_ground_on_paper(written):
    assert any(kept in written for kept in where("print-color-adjust: exact", PAPER))


@pytest.mark.parametrize("drawn", where(r"fill: var\(--(?:brand|ink|quiet)\)", DRAWN))
def test_what_is_drawn_in_our_own_colours_is_drawn_again_in_forced_ones(drawn):
    assert drawn in where("(?:fill: |forced-color-adjust: none)", FORCED)


def test_paper_has_the_last_word():
    """Of two rules of equal weight, the later one wins: a list printed its search form."""
    assert re.search(r"\.filters\b[^{]*\{ display: none", PAPER)
    assert PAPER.count("@media") == 0
