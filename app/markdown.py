"""Course texts are written in Markdown and shown as clean HTML."""

import re
from collections.abc import Callable

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

TAGS = {"p", "h2", "h3", "ul", "ol", "li", "strong", "em", "a", "blockquote", "br", "hr", "code", "img"}
WORDS_A_MINUTE = 180
OUR_PICTURE = re.compile(r'src="fichier:([0-9a-f-]{36})"')
_parser = MarkdownIt("commonmark", {"html": False})


def as_html(text: str, picture: Callable[[str], str] | None = None) -> Markup:
    """The text as HTML with a few tags, links to the web or to a telephone only, and nothing that runs.

    `picture` gives the address of one of the space's own files; no other picture is shown.
    """
    html = _parser.render(text).replace("<h1>", "<h2>").replace("</h1>", "</h2>")
    known = set[str]()

    def ours(found: re.Match[str]) -> str:
        address = picture(found[1]) if picture else ""
        known.update([address] if address else [])
        return f'src="{address}"'

    html = OUR_PICTURE.sub(ours, html)
    clean = nh3.clean(
        html,
        tags=TAGS,
        attributes={"a": {"href"}, "img": {"src", "alt"}},
        url_schemes={"https", "http", "mailto", "tel", "sms"},
        link_rel="noopener noreferrer",
        attribute_filter=lambda tag, name, value: value if tag != "img" or name != "src" or value in known else None,
    )
    clean = re.sub(r"<img(?![^>]*\ssrc=)[^>]*>", "", clean)
    return Markup(clean)  # noqa: S704  (nh3 has just cleaned it)


def reading_minutes(text: str) -> int:
    """How long a text takes to read, at 180 words a minute: at least one."""
    return max(1, round(len(text.split()) / WORDS_A_MINUTE))
