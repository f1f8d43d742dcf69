"""The guides of docs/guides as pages of the site: each person opens the one for what they do."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape

from .accounts.permissions import STAFF_ROLES, Role
from .accounts.queries import Member
from .translation import lazy_gettext as _l

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "guides"
PICTURES = FOLDER.parent / "pictures"
GUIDES: dict[str, Any] = {
    "programme": _l("Guide du programme"),
    "equipe": _l("Guide de l'équipe"),
    "jeune": _l("Guide du jeune"),
    "mentor": _l("Guide du mentor"),
    "verifier": _l("Vérifier une attestation"),
}


@dataclass(frozen=True)
class Guide:
    """A guide: its title, its sections (where each begins, and its name) and its text."""

    title: str
    sections: tuple[tuple[str, str], ...]
    text: Markup


def guides_for(member: Member | None) -> list[str]:
    """Who may want which of GUIDES, their own first."""
    roles = member.roles if member else {Role.MENTOR, Role.JEUNE}
    hidden = {
        "programme": Role.OPERATOR not in roles,
        "equipe": not roles & STAFF_ROLES,
        "mentor": roles == {Role.JEUNE},
        "jeune": roles == {Role.MENTOR},
    }
    return [name for name in GUIDES if not hidden.get(name)]


@cache
def read(name: str) -> Guide:
    """One of GUIDES, for a page beside which the others are."""
    text = (FOLDER / f"{name}.md").read_text(encoding="utf-8").replace("../pictures/", "/aide/images/")
    text = re.sub(r"\]\((\w+)\.md\)", r"](\1)", text)
    text = re.sub(r"(?<=\S) (?=[:;?!»](?:\s|[,.)*_]|$))", "\u00a0", text).replace("« ", "«\u00a0")  # no line begins with them
    parser = MarkdownIt("commonmark").enable("table")
    tokens = parser.parse(text)
    sections: list[tuple[str, str]] = []
    for opening, inline in pairwise(tokens):
        if opening.type == "heading_open" and opening.tag == "h2":
            opening.attrSet("id", f"s{len(sections) + 1}")
            sections.append((f"s{len(sections) + 1}", inline.content))
    html = parser.renderer.render(list(with_captions(tokens))[3:], parser.options, {})  # after the title
    html = html.replace("<pre>", '<pre tabindex="0">')  # it scrolls, and whoever has no mouse scrolls it too
    return Guide(tokens[1].content, tuple(sections), Markup(html))  # noqa: S704  (our own words)


def with_captions(tokens: list[Token]) -> Iterator[Token]:
    """The same, where a table is named after the heading above it, and scrolls by itself where it is too wide."""
    heading, last = Markup(""), ""
    for token in tokens:
        if last == "heading_open":
            heading = escape(token.content)
        if token.type == "table_open":
            yield raw(f'<div class="scroll" tabindex="0" role="region" aria-label="{heading}">')
        yield token
        if token.type == "table_open":
            yield raw(f'<caption class="visually-hidden">{heading}</caption>')
        if token.type == "table_close":
            yield raw("</div>")
        last = token.type


def raw(html: str) -> Token:
    return Token("html_block", "", 0, content=html)
