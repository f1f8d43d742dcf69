"""A certificate, cold then warm, next to a naive loop and to another engine: `python -m bench.certificate` prints JSON.

It measures in a process of its own, so that the first file is really the first.
"""

import json
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from flask import render_template
from sqlalchemy import select

WARM = 20
NAIVE = 5
TOGETHER, MANY = 2, 200  # processes that draw, and files
SPACE = "passerelle-rhone"


@dataclass(frozen=True)
class Making:
    """Milliseconds: of the import, of the first file, of one more, of one among many that two processes draw, of a whole issue, of
    the naive loop with the site's woff2 fonts, of the same with TTF, and of the other engine.

    A whole issue renders, attaches, seals and stores. Then the number of times, and the file's bytes.
    """

    imported: float
    first: float
    warm: float
    together: float
    issued: float
    naive: float
    parsed: float
    floor: float
    count: int
    size: int


def measure_certificate() -> Making:
    """Measure in a fresh process, on the site of this environment. Raises RuntimeError with what that process said."""
    done = subprocess.run([sys.executable, "-m", "bench.certificate"], capture_output=True, text=True, timeout=120, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"The certificate was not made:\n{done.stderr[-2000:]}")
    return Making(**json.loads(done.stdout))


def measure_here() -> Making:
    """Make one certificate of the demonstration again and again; before it is sealed, the bytes must be the same each time."""
    application, imported = timed(make_application)
    from app.certificates import actions, awards
    from app.certificates.documents import as_pdf, to_draw
    from app.certificates.models import Certificate, CertificateKind
    from app.certificates.sealing import current_key
    from app.extensions import db
    from app.tenants.resolve import current_tenant
    from app.training.models import Completion

    from .batch import in_space

    with in_space(application):
        certificate = db.session.scalars(select(Certificate).where(Certificate.kind == "training").limit(1)).one()
        facts, link, key = certificate.facts, actions.verification_link(certificate.code), current_key()

        def draw() -> bytes:
            return as_pdf(facts, current_tenant, link, key)

        content, first = timed(draw)
        again = [timed(draw) for _number in range(WARM)]
        assert all(same == content for same, _ms in again), "the same facts give the same bytes"
        together = drawn_together(to_draw(facts, current_tenant, link, key))
        (completion_id,) = db.session.scalars(select(Completion.id).limit(1))
        award = awards.award(CertificateKind.TRAINING, completion_id)
        certificate.revoked_at = certificate.created_at
        whole = [timed(lambda: issue_and_forget(award)) for _number in range(WARM)]
        naive = [timed(lambda: naive_pdf(facts, woff2=True)) for _number in range(NAIVE)]
        parsed = [timed(lambda: naive_pdf(facts, woff2=False)) for _number in range(NAIVE)]
        floor = [timed(lambda: typst_pdf(facts)) for _number in range(WARM)]
        db.session.rollback()
    warm, issued, slow, slower, least = (median(ms for _content, ms in times) for times in (again, whole, naive, parsed, floor))
    return Making(imported, first, warm, together, issued, slow, slower, least, WARM, len(content))


def drawn_together(document: Any) -> float:
    """Milliseconds for each of many files, drawn by two processes at once."""
    from app.rendering import Pool

    pool = Pool(TOGETHER)
    with ThreadPoolExecutor(TOGETHER) as hands:
        list(hands.map(lambda _number: pool.draw(*document), range(TOGETHER * 3)))  # both have started
        _files, ms = timed(lambda: list(hands.map(lambda _number: pool.draw(*document), range(MANY))))
    pool.close()
    return ms / MANY


def issue_and_forget(award: Any) -> None:
    """A whole issue, taken back at once."""
    from app.certificates import actions
    from app.extensions import db

    with db.session.begin_nested() as savepoint:
        actions.issue(award)
        savepoint.rollback()


def naive_pdf(facts: dict[str, Any], woff2: bool) -> bytes:
    """What one would write at first: everything parsed again for each file, with the site's own fonts (woff2) or with TTF."""
    from weasyprint import CSS, HTML
    from weasyprint.text.fonts import FontConfiguration

    from app import pdf
    from app.certificates import wording
    from app.qr import qr_code

    site = {path.name: path.read_bytes() for path in (pdf.STATIC / "fonts").glob("*.woff2")}
    fetcher = pdf.GivenOnly({"qr": qr_code("https://binome.example.org/verifier/ABCDEFGHJKLM"), **site})
    html = render_template("documents/certificate.html", facts=facts, body=wording.as_html(facts["body"]), colour="#12343b",
                           link_shown="binome.example.org/verifier/ABCD-EFGH-JKLM", files=fetcher.files)  # fmt: skip
    style, fonts = (pdf.STATIC / "css" / "documents.css").read_text(encoding="utf-8"), FontConfiguration()
    if woff2:
        style = re.sub(r"fonts/(.*?)-[47]00\.ttf", r"\1-wght-normal.woff2", style)
    sheet = CSS(string=style, font_config=fonts, url_fetcher=fetcher)
    document = HTML(string=html, base_url="binome:", url_fetcher=fetcher)
    return bytes(document.write_pdf(stylesheets=[sheet], font_config=fonts))


def typst_pdf(facts: dict[str, Any]) -> bytes:
    """The same words by Typst: how quick another engine is, with neither archive nor accessibility."""
    import typst

    from app import pdf
    from app.certificates.wording import plain

    source = f"""
        #set page(paper: "a4", flipped: true, margin: 25mm)
        #set text(font: "Atkinson Hyperlegible Next", size: 15pt, lang: "fr")
        #text(weight: "bold")[#{json.dumps(facts["association"], ensure_ascii=False)}]
        #v(1cm) #text(size: 36pt, weight: "bold")[#{json.dumps(facts["title"], ensure_ascii=False)}]
        #v(1cm) #text(size: 27pt, weight: "bold")[#{json.dumps(facts["holder"], ensure_ascii=False)}]
        #{json.dumps(plain(facts["body"]), ensure_ascii=False)}
    """
    return bytes(typst.compile(source.encode(), font_paths=[str(pdf.STATIC / "fonts")]))  # type: ignore[misc]


def make_application() -> Any:
    """The application, with all that importing it costs."""
    from app import create_app

    return create_app()


def timed(action: Any) -> tuple[Any, float]:
    """What an action gives, and its milliseconds."""
    began = time.perf_counter()
    result = action()
    return result, (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    print(json.dumps(asdict(measure_here())))
