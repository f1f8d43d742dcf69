"""Documents as PDF: the only import of WeasyPrint.

One file is archivable (PDF/A-3a) and accessible (PDF/UA-1) at once, and carries its facts as an attachment. Fonts are parsed once
per process. A document reaches nothing: no network, no file but what is given here.
"""

import gc
import logging
import os
import pickle
import resource
import tempfile
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from PIL import ImageFile
from weasyprint import CSS, HTML, LOGGER, Attachment
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from .rendering import FAILED, GOOD, LENGTH, REFUSED, UNWRITABLE, Attached, Unreachable, Unwritable
from .translation import gettext as _

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
MEMORY = 1024 * 1024 * 1024  # bytes of address space for one child: three times what a certificate takes
PROCESSOR = 600  # seconds of processor for one child in its whole life; 500 certificates take 30
GARBAGE = 100_000  # objects between two collections: a document makes 30,000 that all go, and looking for them costs a tenth
_one_at_a_time = threading.Lock()


class Unwritten(logging.Handler):
    """Notes the characters that WeasyPrint says it could not write."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.msg.startswith(".notdef") and isinstance(record.args, tuple):
            self.found.append(str(record.args[0]))


class GivenOnly(URLFetcher):
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
        raise Unwritable(
            _("Le caractère « %(sign)s » ne peut pas être imprimé. Retirez-le du nom ou du texte.", sign=unwritten.found[0])
        )
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


# The process that draws, from here on: app.rendering starts it.


def main() -> None:
    """Draw what comes on standard input until it ends."""
    source, target = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints is no answer
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR, PROCESSOR))
    gc.freeze()
    gc.set_threshold(GARBAGE)
    with tempfile.TemporaryDirectory(prefix="binome-") as folder:
        tempfile.tempdir = folder
        while head := source.read(LENGTH.size):
            request = pickle.loads(source.read(LENGTH.unpack(head)[0]))  # noqa: S301  (from our own parent only)
            answer = answered(request)
            target.write(LENGTH.pack(len(answer)) + answer)
            target.flush()


def answered(request: tuple[str, list[Attached], datetime, dict[str, bytes]]) -> bytes:
    """The document, or why there is none."""
    try:
        return GOOD + render(*request)
    except Unreachable as error:
        return REFUSED + str(error).encode()
    except Unwritable as error:
        return UNWRITABLE + str(error).encode()
    except (MemoryError, RecursionError, ValueError, OSError) as error:
        return FAILED + type(error).__name__.encode()


if __name__ == "__main__":
    main()
