"""Course texts: a few tags, safe links, and nothing that runs."""

import pytest

from app.training.markdown import as_html

pytestmark = pytest.mark.no_database


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("# Titre", "<h2>Titre</h2>\n"),
        ("## Titre", "<h2>Titre</h2>\n"),
        ("**gras** et *penché*", "<p><strong>gras</strong> et <em>penché</em></p>\n"),
        ("- un\n- deux", "<ul>\n<li>un</li>\n<li>deux</li>\n</ul>\n"),
        ("[ici](https://example.org)", '<p><a href="https://example.org" rel="noopener noreferrer">ici</a></p>\n'),
        ("[119](tel:119)", '<p><a href="tel:119" rel="noopener noreferrer">119</a></p>\n'),
        ("", ""),
    ],
)
def test_plain_markdown_becomes_plain_html(typed, shown):
    assert as_html(typed) == shown


@pytest.mark.parametrize(
    "typed",
    [
        "<script>alert(1)</script>",
        "[ici](javascript:alert(1))",
        "[ici](JaVaScRiPt:alert(1))",
        "[ici](data:text/html;base64,PHNjcmlwdD4=)",
        "![image](https://example.org/pixel.png)",
        '![x](x" onerror="alert(1))',
        '<a href="https://example.org" onclick="alert(1)">ici</a>',
        "<iframe src=https://example.org></iframe>",
        '[ici](https://example.org "onmouseover=alert(1)")',
        "<style>body{display:none}</style>",
    ],
)
def test_nothing_runs_and_nothing_is_fetched(typed):
    html = as_html(typed)

    for tag in ("<script", "<img", "<iframe", "<style", 'href="javascript', 'href="data', '<a href="https://example.org" on'):
        assert tag not in html.lower()
