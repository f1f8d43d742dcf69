"""Files that tests send: a picture, a PDF and what one may do; and the sentence that refuses a file."""

import io

import pikepdf
import pytest
from PIL import Image

from app.training.uploads import BadFile, read_file

NO_PDF = "Ce PDF ne s'ouvre pas, ou demande un mot de passe."
RUNS = "Ce PDF contient un script ou une pièce jointe\u00a0: exportez-le de nouveau sans eux."
TOO_COMPLICATED = "Ce PDF est trop compliqué\u00a0: exportez-le de nouveau."


def picture(kind="PNG", size=(40, 20), mode="RGB", **options):
    """A picture, as a file."""
    written = io.BytesIO()
    Image.new(mode, size, "red" if mode == "RGB" else 0).save(written, kind, **options)
    return written.getvalue()


def pdf(change=None, **options):
    """A PDF of one page, after something was done to it."""
    document, written = pikepdf.new(), io.BytesIO()
    document.add_blank_page()
    if change is not None:
        change(document)
    document.save(written, **options)
    return written.getvalue()


def javascript(document):
    return pikepdf.Dictionary(S=pikepdf.Name("/JavaScript"), JS="app.alert(1)")


def on_open(document):
    document.Root.OpenAction = javascript(document)


def in_names(document):
    document.Root.Names = pikepdf.Dictionary(JavaScript=pikepdf.Dictionary(Names=["x", javascript(document)]))


def attached(document):
    document.attachments["virus.exe"] = b"MZ"


def of_a_page(document):
    document.pages[0].obj.AA = pikepdf.Dictionary(O=javascript(document))


def of_a_link(document):
    link = pikepdf.Dictionary(Type=pikepdf.Name("/Annot"), Subtype=pikepdf.Name("/Link"), Rect=[0, 0, 9, 9],
                              A=pikepdf.Dictionary(S=pikepdf.Name("/Launch"), F="cmd.exe"))  # fmt: skip
    document.pages[0].obj.Annots = document.make_indirect(pikepdf.Array([link]))


def on_close(document):
    document.Root.AA = pikepdf.Dictionary(WC=javascript(document))


def refusal(app, content):
    """The sentence with which a file is refused."""
    with app.test_request_context("/"), pytest.raises(BadFile) as refused:
        read_file(content)
    return str(refused.value)
