"""A PDF that somebody sends: what it runs, where it leads and what it costs are known before it is kept."""

import io
import re
import struct
import zlib

import pikepdf
import pytest

from app import opening
from app.training import uploads
from app.training.uploads import BadFile, read_file

from .sent import (
    RUNS,
    TOO_COMPLICATED,
    pdf,
    picture,
    refusal,
)

pytestmark = pytest.mark.waits


def test_a_pdf_that_unpacks_to_hundreds_of_megabytes_is_refused():
    """A stream packed twice: 600 MB in a file of 2 KB."""
    page = b"3 0 <</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"
    packing = zlib.compressobj(9)
    once = packing.compress(page) + b"".join(packing.compress(b" " * 2**20) for _rank in range(200)) + packing.flush()
    packed = zlib.compress(once, 9)
    parts = [
        b"1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n",
        b"2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n",
        b"5 0 obj\n<</Type/ObjStm/N 1/First 4/Filter[/FlateDecode/FlateDecode]/Length %d>>stream\n%s\nendstream\nendobj\n"
        % (len(packed), packed),
    ]
    out, places = b"%PDF-1.5\n", []
    for part in parts:
        places.append(len(out))
        out += part
    rows = [(0, 0, 65535), (1, places[0], 0), (1, places[1], 0), (2, 5, 0), (0, 0, 0), (1, places[2], 0), (1, len(out), 0)]
    table = b"".join(struct.pack(">BIH", *row) for row in rows)
    out += b"6 0 obj\n<</Type/XRef/W[1 4 2]/Size 7/Root 1 0 R/Length %d>>stream\n%s\nendstream\nendobj\nstartxref\n%d\n%%%%EOF" % (
        len(table), table, len(out),
    )  # fmt: skip

    with pytest.raises(BadFile):
        read_file(out, uploads.LARGEST)


def at_first_page(document):
    document.Root.OpenAction = pikepdf.Array([document.pages[0].obj, pikepdf.Name.Fit])


def goes_to_first_page(document):
    document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.GoTo, D=pikepdf.Array([document.pages[0].obj, pikepdf.Name.Fit]))


def opens_a_site(document):
    document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.URI, URI="https://example.org")


@pytest.mark.parametrize("change", [at_first_page, goes_to_first_page])
def test_a_pdf_that_says_on_which_page_it_opens_runs_nothing(app, change):
    with app.test_request_context("/"):
        assert read_file(pdf(change))[1] == "application/pdf"


def test_a_pdf_that_opens_a_site_by_itself_is_refused(app):
    assert refusal(app, pdf(opens_a_site)) == RUNS


def opens_more(document):
    more = pikepdf.Dictionary(S=pikepdf.Name.URI, URI="https://example.org/?ouvert")
    document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.GoTo, D=[document.pages[0].obj, pikepdf.Name.Fit], Next=more)


def reads_links_from(document):
    document.Root.URI = pikepdf.Dictionary(Base="file://ailleurs/")


def elsewhere(document):
    document.pages[0].obj.Contents = document.make_stream(b"", F="https://example.org/page")


def refers(document):
    form = {"Subtype": pikepdf.Name.Form, "Ref": pikepdf.Dictionary(F="//ailleurs/x.pdf", Page=0)}
    document.pages[0].obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(X=document.make_stream(b"", **form)))


@pytest.mark.parametrize("change", [opens_more, reads_links_from, elsewhere, refers])
def test_what_leads_elsewhere_by_itself_is_refused(change):
    with pytest.raises(BadFile):
        read_file(pdf(change))


@pytest.mark.parametrize(
    "note",
    [
        {"/Subtype": "/Link", "/A": {"/S": "/GoToR", "/F": "//ailleurs/partage"}},
        {"/Subtype": "/Link", "/A": {"/S": "/URI", "/URI": "javascript:alert(1)"}},
        {"/Subtype": "/RichMedia"},
    ],
)
def test_a_note_on_a_page_leads_nowhere_else(note):
    def named(value):
        if isinstance(value, dict):
            return pikepdf.Dictionary({key: named(one) for key, one in value.items()})
        return pikepdf.Name(value) if value.startswith("/") and not value.startswith("//") else value

    def add(document):
        document.pages[0].Annots = pikepdf.Array([document.make_indirect(named(note))])

    with pytest.raises(BadFile):
        read_file(pdf(add))


@pytest.mark.parametrize("link", ["https://example.org", "mailto:a@example.org", "page.html"])
def test_a_link_of_a_page_is_kept(link):
    def add(document):
        action = pikepdf.Dictionary(S=pikepdf.Name.URI, URI=link)
        document.pages[0].Annots = pikepdf.Array([pikepdf.Dictionary(Subtype=pikepdf.Name.Link, A=action)])

    assert read_file(pdf(add))[1] == "application/pdf"


@pytest.mark.parametrize(
    "link", [r"\\host.example.org\share", "//host.example.org/share", "file:///etc/passwd", "javascript:a()", r"/\host"]
)
def test_a_link_that_reaches_for_something_else_is_refused(link):
    def add(document):
        action = pikepdf.Dictionary(S=pikepdf.Name.URI, URI=link)
        document.pages[0].Annots = pikepdf.Array([pikepdf.Dictionary(Subtype=pikepdf.Name.Link, A=action)])

    with pytest.raises(BadFile):
        read_file(pdf(add))


def test_a_pdf_of_a_million_dictionaries_one_in_another_is_not_waited_for(app, monkeypatch):
    monkeypatch.setattr(opening, "MOST_PARTS", 1_000)
    with pikepdf.new() as made:
        made.add_blank_page()
        made.Root.X = pikepdf.Array([pikepdf.Dictionary(A=pikepdf.Array([1])) for _time in range(600)])
        kept = io.BytesIO()
        made.save(kept, object_stream_mode=pikepdf.ObjectStreamMode.generate)

    assert opening.look(kept.getvalue()) == opening.Found.TOO_MUCH


def in_one_stream(part):
    """A PDF of one page whose catalogue holds a part, packed in a stream of objects."""
    with pikepdf.new() as made:
        made.add_blank_page()
        made.Root.X = made.make_indirect(pikepdf.Dictionary(Hole=pikepdf.Name.Here))
        kept = io.BytesIO()
        made.save(kept, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    packed = zlib.compress(b"9 0 " + part, 9)
    stream = b"8 0 obj\n<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>stream\n%s\nendstream\nendobj\n"
    before = kept.getvalue()
    out = before + stream % (len(packed), packed)
    table = struct.pack(">BIHBIH", 1, len(before), 0, 2, 8, 0)
    last = before[: before.rindex(b"startxref")]
    root, xref = re.search(rb"/Root (\d+)", last)[1], int(re.search(rb"startxref\s+(\d+)", before)[1])
    head = b"10 0 obj\n<</Type/XRef/W[1 4 2]/Index[8 2]/Size 11/Root %s 0 R/Prev %d/Length %d>>stream\n%s\nendstream\nendobj\n"
    return out + head % (root, xref, len(table), table) + b"startxref\n%d\n%%%%EOF" % len(out)


SCRIPTS = b"/S/JavaScript/JS(app.alert(1))"


@pytest.mark.parametrize(
    "part",
    [
        b"[" + b"[]" * 4_000_000 + b"]",
        b"[" + b"<<>>" * 1_000_000 + b"]",
        b"[" + (b"[" + b"1 " * 90_000 + b"]") * 150 + b"]",
        b"<<" + SCRIPTS + b"/X" + b"[" * 600 + b"]" * 600 + b">>",
        b"<<" + SCRIPTS + b"/X(" + b" " * 65 * 2**20 + b")>>",
    ],
    ids=["arrays", "dictionaries", "figures", "one in another", "more than is unpacked"],
)
def test_a_pdf_that_would_take_all_the_memory_is_too_complicated(app, part):
    """In a few kilobytes; and what is not read of it, for it is too long, may be a script."""
    assert refusal(app, in_one_stream(part)) == TOO_COMPLICATED


def test_a_script_in_a_stream_of_objects_is_found(app):
    with app.test_request_context("/"):
        assert read_file(in_one_stream(b"[1 2]"))[1] == "application/pdf"
    assert refusal(app, in_one_stream(b"<<" + SCRIPTS + b">>")) == RUNS


def of_scanned_pages(document):
    content = picture("JPEG", (1240, 1754))
    for _page in range(30):
        scan = document.make_stream(
            content, Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=1240, Height=1754,
            ColorSpace=pikepdf.Name.DeviceRGB, BitsPerComponent=8, Filter=pikepdf.Name.DCTDecode,
        )  # fmt: skip
        document.add_blank_page().Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=scan))


def of_many_forms(document):
    fields = []
    for _page in range(300):
        page = document.add_blank_page()
        page.Contents = document.make_stream(b"BT [(mot) -250 (mot)] TJ ET\n" * 100)
        kind = {"Type": pikepdf.Name.Annot, "Subtype": pikepdf.Name.Widget, "FT": pikepdf.Name.Tx}
        notes = [document.make_indirect(pikepdf.Dictionary(T=str(rank), Rect=[1, 1, 9, 9], **kind)) for rank in range(5)]
        page.Annots = pikepdf.Array(notes)
        fields += notes
    document.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array(fields))


@pytest.mark.parametrize("change", [of_scanned_pages, of_many_forms])
@pytest.mark.parametrize("mode", [pikepdf.ObjectStreamMode.generate, pikepdf.ObjectStreamMode.disable])
def test_a_long_pdf_is_taken(app, change, mode):
    with app.test_request_context("/"):
        assert read_file(pdf(change, object_stream_mode=mode))[1] == "application/pdf"


def test_a_process_that_cannot_begin_says_so(monkeypatch):
    monkeypatch.setattr(opening, "__file__", "/nowhere.py")

    with pytest.raises(ValueError, match="is not a valid Found"):
        opening.look_apart(pdf())


def test_a_pdf_that_is_waited_for_too_long_is_too_complicated(monkeypatch):
    monkeypatch.setattr(opening, "TIMEOUT", 0)

    assert opening.look_apart(pdf()) == opening.Found.TOO_MUCH


@pytest.mark.parametrize("names", [{"AF": []}, {"Collection": {}}, {"OPI": {}}, {"A": {"S": "/Thread"}}])
def test_a_pdf_that_names_other_files_is_refused(app, names):
    with pikepdf.new() as made:
        made.add_blank_page()
        for name, value in names.items():
            made.Root[f"/{name}"] = pikepdf.Dictionary(S=pikepdf.Name("/Thread")) if name == "A" else pikepdf.Array(value)
        kept = io.BytesIO()
        made.save(kept)

    with pytest.raises(BadFile, match="script ou une pièce jointe"):
        read_file(kept.getvalue())
