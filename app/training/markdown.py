"""Course texts are written in Markdown and shown as clean HTML."""

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

TAGS = {"p", "h2", "h3", "ul", "ol", "li", "strong", "em", "a", "blockquote", "br", "hr", "code"}
_parser = MarkdownIt("commonmark", {"html": False})


def as_html(text: str) -> Markup:
    """The text as HTML with a few tags, links to the web or to a telephone only, and nothing that runs."""
    html = _parser.render(text).replace("<h1>", "<h2>").replace("</h1>", "</h2>")
    clean = nh3.clean(
        html, tags=TAGS, attributes={"a": {"href"}}, url_schemes={"https", "http", "mailto", "tel"},
        link_rel="noopener noreferrer",
    )  # fmt: skip
    return Markup(clean)  # noqa: S704  (nh3 has just cleaned it)
