"""Templates parse, none is unused, every sentence is marked for translation, in French typography."""

import re
from functools import cache
from pathlib import Path

import pytest
from jinja2 import nodes

APP = Path(__file__).resolve().parents[2] / "app"
FOLDER = APP / "templates"
TEMPLATES = sorted(str(p.relative_to(FOLDER)) for p in FOLDER.rglob("*") if p.is_file())
UNMARKED = {"Binôme", "SHA", "gras", "Programme", "openapi", "json"}
WRONG = {
    "a line that begins with a colon": re.compile(r" [?!:;»](\s|$)|« (?! )"),
    "a figure without its unit at the end of a line": re.compile(r"\d Mo\b"),
    "familiar": re.compile(r"\b(tu|toi|ton|tes|te)\b", re.I),
    "what a screen reader stumbles on": re.compile(r"\w[·•]\w|\w\((?:e|s|ne|rice)\)"),
    "a unit where a figure should stand": re.compile(r"\b(?:les|de|depuis) \((?:jours|mois)\)"),
}


def test_every_template_parses(app):
    assert all(app.jinja_env.get_template(name) for name in TEMPLATES)


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


LEADS_BACK = re.compile(r"\{\{ back\(.*, \w+\.(?:full_name|short_name|title|name|reference_number)\) \}\}")


@pytest.mark.parametrize("name", [n for n in TEMPLATES if LEADS_BACK.search((FOLDER / n).read_text())])
def test_a_page_about_somebody_or_something_names_it_in_its_title(name):
    """Two tabs, or what a screen reader says first, are told apart."""
    [title] = re.findall(r"\{% block title %\}(.*)\{% endblock %\}", (FOLDER / name).read_text())

    assert re.search(r" · |name=|full_name|\.title", title), title


@cache
def marked(path):
    """The sentences marked in a file."""
    return re.findall(r"""\b(?:_l?|ngettext)\(\s*"((?:[^"\\]|\\.)*)\"""", path.read_text())


@pytest.mark.parametrize("fault", list(WRONG))
def test_no_sentence_is(fault):
    sources = [*APP.rglob("*.py"), *(FOLDER / name for name in TEMPLATES)]
    wrong = {str(path): [s for s in marked(path) if WRONG[fault].search(s)] for path in sources}

    assert {path: sentences for path, sentences in wrong.items() if sentences} == {}


def test_what_follows_a_value_does_not_begin_a_line_with_a_colon():
    wrong = {name: re.findall(r"(?:\}\}|%\}|</\w+>) [:;?!»].{9}", (FOLDER / name).read_text()) for name in TEMPLATES}

    assert {name: found for name, found in wrong.items() if found} == {}


QUOTED = {  # what others say: programs, a file, papers; and beginnings whose rest changes
    "Signature is Valid", "Certificate issuer is unknown", "Mail responsable légal", "… du jeune", "Attester l'engagement de…",
    "Attester la participation de…", "Annule et remplace l'attestation n°…", "… personnes ne sont pas dans la liste, et pourquoi",
    "Le sceau des attestations", "Qui a perdu son second facteur",
}  # fmt: skip


def spaced(text):
    """With single spaces, the no-break ones too."""
    return " ".join(text.split())


@pytest.mark.parametrize(
    "guide", ["README.md", *sorted(f"docs/guides/{p.name}" for p in (APP.parent / "docs/guides").glob("*.md"))]
)
def test_a_guide_quotes_what_screens_say(guide):
    said = spaced("".join(p.read_text() for p in APP.rglob("*") if p.suffix in {".html", ".py", ".md", ".js", ".txt"}))
    quoted = {spaced(words) for words in re.findall(r"«([^»]+)»", (APP.parent / guide).read_text())}

    assert [words for words in sorted(quoted - QUOTED) if words.rstrip(".") not in said.replace('" "', "")] == []


# Texts that are about nobody, or that whoever they are about reads.
ABOUT_NOBODY = re.compile(
    r"^certificates/|settings|_grid|charter|agreement_template|offer\.html|module|course|publication|question|version"
    r"|training/decision|session_cancelled|taken_back|messages\.html"
)


def areas_of(text):
    """Each call of area(), whole."""
    for found in re.finditer(r"\barea\(", text):
        depth = 0
        for place in range(found.end() - 1, len(text)):
            depth += {"(": 1, ")": -1}.get(text[place], 0)
            if depth == 0:
                yield text[found.start() : place + 1]
                break


def test_who_writes_of_somebody_is_asked_to_leave_health_religion_and_justice_out():
    unsaid = set()
    for name in TEMPLATES:
        text = (FOLDER / name).read_text()
        told = "pas de santé" in text or name.startswith("components/")
        unsaid |= {name for call in areas_of(text) if "santé" not in call and "objectives" not in call and not told}

    assert {name for name in unsaid if not ABOUT_NOBODY.search(name)} == set()
