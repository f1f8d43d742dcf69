"""Documents as PDF: the only import of WeasyPrint.

One file is archivable (PDF/A-3a) and accessible (PDF/UA-1) at once, and carries its facts as an attachment. Fonts are parsed once
per process. A document reaches nothing: no network, no file but what is given here.
"""

import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from flask_babel import gettext as _
from PIL import ImageFile
from weasyprint import CSS, HTML, LOGGER, Attachment
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from .errors import DomainError

ImageFile.LOAD_TRUNCATED_IMAGES = False  # WeasyPrint turns it on for the whole process: a logo cut in two would pass
STATIC = Path(__file__).parent / "static"
UA_SCHEMA = """
<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"><pdfuaid:part>1</pdfuaid:part></rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
  xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
  <pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
    <pdfaSchema:schema>PDF/UA Universal Accessibility Schema</pdfaSchema:schema>
    <pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
    <pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
    <pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
      <pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>
      <pdfaProperty:category>internal</pdfaProperty:category>
      <pdfaProperty:description>Part of PDF/UA standard</pdfaProperty:description>
    </rdf:li></rdf:Seq></pdfaSchema:property>
  </rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
"""
_one_at_a_time = threading.Lock()


class Unreachable(RuntimeError):
    """A document asked for something that was not given to it."""


class Unwritable(DomainError):
    """A character has no sign in any font here: the file would show an empty box, and conform to nothing."""


class Unwritten(logging.Handler):
    """Notes the characters that WeasyPrint says it could not write."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.msg.startswith(".notdef") and isinstance(record.args, tuple):
            self.found.append(str(record.args[0]))


class GivenOnly(URLFetcher):  # type: ignore[misc]
    """Serves the bytes that a document was given, and our own fonts; refuses all else."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        super().__init__(fail_on_errors=True)
        self.files = files
        self.refused: list[str] = []

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
        name = url.removeprefix("binome:")
        if url.startswith("binome:fonts/") and (font := our_font(name)) is not None:
            return URLFetcherResponse(url, font, {"Content-Type": "font/ttf"})
        if url.startswith("binome:") and name in self.files:
            return URLFetcherResponse(url, self.files[name], {"Content-Type": "image/png"})
        self.refused.append(url[:80])
        raise FatalURLFetchingError(f"refused: {url[:80]}")


@cache
def our_font(name: str) -> bytes | None:
    """A font that ships with Binôme."""
    path = STATIC / name
    return path.read_bytes() if path.parent == STATIC / "fonts" and path.suffix == ".ttf" else None


@cache
def fonts() -> FontConfiguration:
    """One configuration per process: reading the fonts is what costs."""
    return FontConfiguration()


@cache
def style() -> CSS:
    """The one style sheet of documents, parsed once per process."""
    path = STATIC / "css" / "documents.css"
    return CSS(string=path.read_text(encoding="utf-8"), font_config=fonts(), url_fetcher=GivenOnly({}))


@dataclass(frozen=True)
class Attached:
    """A file inside a document: the same facts, for a machine."""

    name: str
    description: str
    content: bytes


def render(
    html: str, attached: Sequence[Attached], written_at: datetime, files: Mapping[str, bytes] = MappingProxyType({})
) -> bytes:
    """A document from its HTML, with the files attached to it. The same input gives the same bytes.

    Raises Unreachable when the HTML asks for anything that is not in `files`, Unwritable when no font has a character.
    """
    fetcher = GivenOnly(files)
    attachments = [
        Attachment(
            string=file.content.decode(), name=file.name, description=file.description,
            created=written_at, modified=written_at, relationship="Data", url_fetcher=fetcher,
        )
        for file in attached
    ]  # fmt: skip
    unwritten = Unwritten()
    with _one_at_a_time:  # the font configuration is not meant for several threads
        LOGGER.addHandler(unwritten)
        try:
            document = HTML(string=html, base_url="binome:", url_fetcher=fetcher).render(stylesheets=[style()], font_config=fonts())
            document.metadata.attachments = attachments
            say_accessible(document)
            content = bytes(document.write_pdf(pdf_variant="pdf/a-3a"))
        except FatalURLFetchingError as error:
            raise Unreachable(str(error)) from error
        finally:
            LOGGER.removeHandler(unwritten)
    if unwritten.found:
        raise Unwritable(_("Nos polices n'écrivent pas « %(sign)s ». Retirez-le du nom ou du texte.", sign=unwritten.found[0]))
    if fetcher.refused:  # inside an SVG the refusal is only logged, and the picture left out
        raise Unreachable(f"refused: {fetcher.refused[0]}")
    return content


def say_accessible(document: Any) -> None:
    """Say in the metadata that the file is also PDF/UA-1, as PDF/A wants it said."""
    generate = document.metadata.generate_rdf_metadata

    def with_ua(variant: str, version: int, conformance: str) -> bytes:
        rdf: bytes = generate(variant, version, conformance)
        return rdf.replace(b"</rdf:RDF>", UA_SCHEMA.encode() + b"</rdf:RDF>")

    document.metadata.generate_rdf_metadata = with_ua
