"""Course texts: a few tags, safe links, the space's own pictures, and nothing that runs."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from app.fields import web_host
from app.markdown import as_html, reading_minutes

pytestmark = pytest.mark.no_database
KEY = "01234567-89ab-cdef-0123-456789abcdef"


def picture(key):
    """Where a file of the space is read."""
    return f"/a/passerelle/formation/fichiers/{key}"


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("# Titre", "<h2>Titre</h2>\n"),
        ("## Titre", "<h2>Titre</h2>\n"),
        ("**gras** et *penché*", "<p><strong>gras</strong> et <em>penché</em></p>\n"),
        ("- un\n- deux", "<ul>\n<li>un</li>\n<li>deux</li>\n</ul>\n"),
        ("[ici](https://example.org)", '<p><a href="https://example.org" rel="noopener noreferrer">ici</a></p>\n'),
        ("[119](tel:119)", '<p><a href="tel:119" rel="noopener noreferrer">119</a></p>\n'),
        ("[nous](mailto:a@example.org)", '<p><a href="mailto:a@example.org" rel="noopener noreferrer">nous</a></p>\n'),
        ("", ""),
    ],
)
def test_plain_markdown_becomes_plain_html(typed, shown):
    assert as_html(typed) == shown


HOSTILE = [
    "<script>alert(1)</script>",
    "[ici](javascript:alert(1))",
    "[ici](JaVaScRiPt:alert(1))",
    "[ici](java\tscript:alert(1))",
    "[ici](&#106;avascript:alert(1))",
    "[ici](vbscript:msgbox)",
    "[ici](data:text/html;base64,PHNjcmlwdD4=)",
    "<javascript:alert(1)>",
    "[x]: javascript:alert(1)\n\n[x]",
    "![image](https://example.org/pixel.png)",
    "![image](//example.org/pixel.png)",
    "![image](data:image/svg+xml;base64,PHN2Zz4=)",
    "![image](/a/autre/formation/fichiers/1)",
    '![x](x" onerror="alert(1))',
    '<a href="https://example.org" onclick="alert(1)">ici</a>',
    "<iframe src=https://example.org></iframe>",
    '[ici](https://example.org "onmouseover=alert(1)")',
    "<style>body{display:none}</style>",
    "<svg onload=alert(1)>",
    "<form action=https://example.org><input name=q></form>",
    "<img src=x onerror=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<meta http-equiv=refresh content=0>",
    "`<script>alert(1)</script>`",
    "    <script>alert(1)</script>",
]
PIECES = [*HOSTILE, f"![x](fichier:{KEY})", "**", "`", "<", '"', "\n", "\n> ", "# ", "é"]
RUNS = re.compile(r"<(?!/?(p|h2|h3|ul|ol|li|strong|em|a|blockquote|br|hr|code|img)\b)\w|<\w+[^>]*\s(on\w+|style|class|id)=", re.I)


@pytest.mark.parametrize("typed", HOSTILE)
@pytest.mark.parametrize("pictures", [None, picture])
def test_nothing_runs_and_nothing_is_fetched(typed, pictures):
    shown = as_html(typed, pictures)

    assert not RUNS.search(shown)
    assert "<img" not in shown
    assert all(link.startswith("https://example.org") for link in re.findall(r'href="([^"]*)"', shown))


@settings(max_examples=100, deadline=None, database=None)
@given(st.lists(st.sampled_from(PIECES), max_size=6).map("".join))
def test_however_hostile_pieces_are_joined_nothing_runs(typed):
    shown = as_html(typed, picture)

    assert not RUNS.search(shown)
    assert set(re.findall(r'src="([^"]*)"', shown)) <= {picture(KEY)}
    assert all(re.match(r"(https?|mailto|tel):", link) for link in re.findall(r'href="([^"]*)"', shown))


def test_a_picture_of_the_space_is_shown_with_its_words():
    shown = as_html(f"![Deux personnes assises](fichier:{KEY})", picture)

    assert f'<img src="{picture(KEY)}" alt="Deux personnes assises">' in shown


@pytest.mark.parametrize(
    "target",
    [f"fichier:{KEY}x", f"fichier:{KEY[:-1]}", f"FICHIER:{KEY}", "fichier:../../etc/passwd", f"fichier:{KEY}?a=1", f"https://example.org/{KEY}"],
)  # fmt: skip
def test_no_other_picture_is_shown(target):
    assert "<img" not in as_html(f"avant ![x]({target}) après", picture)


def test_an_address_that_is_shown_once_does_not_open_the_others():
    shown = as_html(f"![a](fichier:{KEY}) ![b](https://example.org/x.png)", picture)

    assert shown.count("<img") == 1


def test_the_words_of_a_picture_cannot_leave_their_quotes():
    shown = html.fromstring(as_html(f'![" onload="alert(1)](fichier:{KEY})', picture)).find("img")

    assert dict(shown.attrib) == {"src": picture(KEY), "alt": '" onload="alert(1)'}


@pytest.mark.parametrize(("words", "minutes"), [(0, 1), (1, 1), (180, 1), (270, 2), (271, 2), (360, 2), (900, 5), (1800, 10)])
def test_a_text_is_read_at_180_words_a_minute(words, minutes):
    assert reading_minutes("mot\n" * words) == minutes


@pytest.mark.parametrize(
    ("link", "good"),
    [
        ("https://example.org/video?v=1", True),
        ("https://xn--rfrence-bya.example.org/", True),
        ("javascript:alert(1)", False),
        ("JAVASCRIPT://example.org/%0aalert(1)", False),
        (" javascript:alert(1)", False),
        ("data:text/html,<script>", False),
        ("http://example.org", False),
        ("//example.org", False),
        ("https://", False),
        ("https://localhost/", False),
        ("https://moi@example.org/", False),
        ("https://moi:secret@example.org/", False),
        ("https://example.org/a b", False),
        ("https://[::1", False),
        ("ftp://example.org", False),
        ("", False),
    ],
)
def test_a_link_of_a_video_is_a_page_of_the_web(link, good):
    assert (web_host(link) is not None) is good
