"""Templates parse, none is unused, every sentence is marked for translation, in French typography."""

import re
from pathlib import Path

import pytest
from jinja2 import nodes

APP = Path(__file__).resolve().parents[2] / "app"
FOLDER = APP / "templates"
TEMPLATES = sorted(str(p.relative_to(FOLDER)) for p in FOLDER.rglob("*") if p.is_file())
UNMARKED = {"Binôme", "SHA", "gras", "Programme", "openapi", "json"}
NO_BREAK = "\u00a0"


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_parses(app, name):
    assert app.jinja_env.get_template(name)


def test_no_template_is_unused(app):
    sources = "".join(p.read_text() for p in [*APP.rglob("*.py"), *(FOLDER / name for name in TEMPLATES)])
    mails = {Path(name).stem for name in TEMPLATES if name.startswith("mail/")}
    unused = [n for n in TEMPLATES if f'"{n}"' not in sources and not (n.startswith("mail/") and f'"{Path(n).stem}"' in sources)]

    assert unused == []
    assert {"invitation", "sign_in"} <= mails


@pytest.mark.parametrize("name", [n for n in TEMPLATES if n.endswith(".html")])
def test_every_sentence_is_marked_for_translation(app, name):
    source = (FOLDER / name).read_text()
    tree = app.jinja_env.parse(source)
    written = "".join(
        part.data for output in tree.find_all(nodes.Output) for part in output.nodes if isinstance(part, nodes.TemplateData)
    )
    written = re.sub(r"<(style|pre).*?</\1>|<!--.*?-->|<[^>]*>|[a-z-]+=\"[^\"]*\"?", " ", written, flags=re.S)
    words = set(re.findall(r"[A-Za-zÀ-ÿ]{4,}", re.sub(r"[\w-]+=\"?|\"?>", " ", written))) - UNMARKED

    assert words <= {"https", "title", "class", "checked", "selected", "multiple"}, words


def marked(path):
    """The sentences marked in a file."""
    return re.findall(r"""\b(?:_l?|ngettext)\(\s*"((?:[^"\\]|\\.)*)\"""", path.read_text())


@pytest.mark.parametrize("path", [*sorted(APP.rglob("*.py")), *(FOLDER / n for n in TEMPLATES)], ids=str)
def test_no_line_begins_with_a_colon(path):
    wrong = [s for s in marked(path) if re.search(r" [?!:;»](\s|$)|« (?! )", s)]

    assert wrong == []


@pytest.mark.parametrize("path", [*sorted(APP.rglob("*.py")), *(FOLDER / n for n in TEMPLATES)], ids=str)
def test_nobody_is_addressed_familiarly(path):
    familiar = re.compile(r"\b(tu|toi|ton|tes|te)\b", re.I)

    assert [s for s in marked(path) if familiar.search(s)] == []


@pytest.mark.parametrize("path", [*sorted(APP.rglob("*.py")), *(FOLDER / n for n in TEMPLATES)], ids=str)
def test_no_typography_that_a_screen_reader_stumbles_on(path):
    assert [s for s in marked(path) if re.search(r"\w[·•]\w|\w\((?:e|s|ne|rice)\)", s)] == []
