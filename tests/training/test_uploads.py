"""Files that modules show: read for what they are, cleaned, served as nothing else, to whom they are for."""

import io
import re
import struct
import zlib
from itertools import count

import pikepdf
import pytest
from PIL import Image, PngImagePlugin

from app import opening
from app.storage import load
from app.training import course_views, uploads
from app.training.models import CourseFile
from app.training.uploads import BadFile, read_file
from tests import factories

from .test_road import SPACE

FILES = f"{SPACE}/formation/fichiers"
NO_KIND = "Déposez une image (PNG, JPEG, WebP), un PDF, une vidéo (MP4, WebM) ou un son (MP3, M4A, OGG)."
INCOMPLETE = "Cette image est incomplète\u00a0: envoyez-la de nouveau, ou choisissez-en une autre."
NO_PDF = "Ce PDF ne s'ouvre pas, ou demande un mot de passe."
RUNS = "Ce PDF contient un script ou une pièce jointe\u00a0: exportez-le de nouveau sans eux."
TOO_COMPLICATED = "Ce PDF est trop compliqué\u00a0: exportez-le de nouveau."
TOO_MANY = "Cette image a trop de pixels\u00a0: 40 millions au plus."
OTHERS = "Ce format (HEIC, AVIF, MOV…) ne s'ouvre pas partout\u00a0: enregistrez la photo en JPEG, ou le film en MP4."
SCRIPT = b"<script>alert(document.cookie)</script>"
VIDEO = b"\x00\x00\x00\x18ftypmp42" + bytes(range(256)) * 4


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


def bomb(width, height):
    """A PNG of a few bytes that says it is immense."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


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


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "Ce fichier est vide."),
        (b"\x00", NO_KIND),
        (SCRIPT, NO_KIND),
        (b"GIF89a/*" + SCRIPT, NO_KIND),
        (picture("GIF"), NO_KIND),
        (picture("BMP"), NO_KIND),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', NO_KIND),
        (b"MZ\x90\x00" + bytes(200), NO_KIND),
        *((b"\x00\x00\x00\x18ftyp" + brand + bytes(200), OTHERS) for brand in (b"heic", b"avif", b"mif1", b"qt  ", b"3gp4")),
        (b"PK\x03\x04" + bytes(200), NO_KIND),
        (picture()[: len(picture()) // 2], INCOMPLETE),
        (picture("JPEG", size=(400, 400))[:400], INCOMPLETE),
        (picture()[:20], INCOMPLETE),
        (picture("JPEG")[:-2], INCOMPLETE),
        (picture(size=(8000, 8000), mode="1"), TOO_MANY),
        (bomb(60_000, 60_000), TOO_MANY),
        (bomb(6500, 6500), TOO_MANY),
        (bomb(5000, 5000), "Cette image est trop grande\u00a0: enregistrez-la en JPEG."),
        (bomb(3000, 3000), INCOMPLETE),
        (b"%PDF-1.7\n", NO_PDF),
        (b"%PDF-1.7\n" + SCRIPT, NO_PDF),
        (pdf(encryption=pikepdf.Encryption(user="secret", owner="secret")), NO_PDF),
        (pdf(on_open), RUNS),
        (pdf(in_names), RUNS),
        (pdf(attached), RUNS),
        (pdf(on_close), RUNS),
        (pdf(of_a_page), RUNS),
        (pdf(of_a_link), RUNS),
        (pdf(lambda document: document.pages.__delitem__(0)), RUNS),
    ],
    ids=count(),
)
def test_what_cannot_be_shown_is_refused_with_its_reason(app, content, sentence):
    assert refusal(app, content) == sentence


@pytest.mark.parametrize(
    ("content", "media_type", "suffix"),
    [
        (picture("PNG"), "image/png", "png"),
        (picture("JPEG"), "image/jpeg", "jpg"),
        (picture("WEBP"), "image/webp", "webp"),
        (picture("JPEG", mode="CMYK"), "image/jpeg", "jpg"),
        (picture("PNG", mode="P"), "image/png", "png"),
        (pdf(), "application/pdf", "pdf"),
        (VIDEO, "video/mp4", "mp4"),
        (b"\x1aE\xdf\xa3webm", "video/webm", "webm"),
        (b"OggS" + bytes(10), "audio/ogg", "ogg"),
        (b"ID3\x04" + bytes(10), "audio/mpeg", "mp3"),
        (b"\xff\xfb\x90d" + bytes(10), "audio/mpeg", "mp3"),
        (b"\x00\x00\x00\x20ftypM4A " + bytes(10), "audio/mp4", "m4a"),
    ],
    ids=count(),
)
def test_a_file_is_known_by_what_it_contains(app, content, media_type, suffix):
    with app.test_request_context("/"):
        assert read_file(content)[1:] == (media_type, suffix)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_that_is_also_something_else_is_only_a_picture_afterwards(app, kind):
    with app.test_request_context("/"):
        kept, *_kind = read_file(picture(kind) + SCRIPT + b"PK\x03\x04")

    assert b"script" not in kept
    assert b"PK\x03\x04" not in kept
    assert Image.open(io.BytesIO(kept)).size == (40, 20)


def test_what_a_picture_tells_of_its_author_is_not_kept(app):
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Author", "Inès Benali, 12 rue des Lilas")
    exif = Image.Exif()
    exif[0x013B] = "Ines Benali"

    with app.test_request_context("/"):
        png, *_png = read_file(picture(pnginfo=notes))
        jpeg, *_jpeg = read_file(picture("JPEG", exif=exif))

    assert b"Benali" not in png + jpeg
    assert not Image.open(io.BytesIO(jpeg)).getexif()


def test_a_photograph_is_shown_as_the_telephone_was_held(app):
    exif = Image.Exif()
    exif[0x0112] = 6

    with app.test_request_context("/"):
        kept, *_kind = read_file(picture("JPEG", exif=exif))

    assert Image.open(io.BytesIO(kept)).size == (20, 40)


@pytest.mark.parametrize(("size", "kept"), [((2000, 2000), (1600, 1600)), ((3200, 100), (1600, 50)), ((1600, 9), (1600, 9))])
def test_a_picture_is_made_no_larger_than_a_screen(app, size, kept):
    with app.test_request_context("/"):
        content, *_kind = read_file(picture(size=size, mode="1"))

    assert Image.open(io.BytesIO(content)).size == kept


@pytest.mark.parametrize("mode", ["1", "P"])
def test_a_scan_in_black_and_white_keeps_its_thin_strokes(app, mode):
    """A signature is one pixel wide: made smaller, it is grey."""
    scan, written = Image.new("1", (400, 3200), 1), io.BytesIO()
    for row in range(0, 3200, 4):
        scan.paste(0, (0, row + 1, 400, row + 2))
    scan.convert(mode).save(written, "PNG")

    with app.test_request_context("/"):
        content, *_kind = read_file(written.getvalue())

    kept = Image.open(io.BytesIO(content)).convert("L")
    assert kept.size == (200, 1600)
    assert len(kept.getcolors()) > 2
    assert 150 < sum(kept.tobytes()) / (200 * 1600) < 230  # three lines in four are white


def drop(browser, content, name="Le trajet", called="photo.png"):
    """Add a file on the page of files."""
    return browser.send(FILES, {"file": (io.BytesIO(content), called), "name": name}, content_type="multipart/form-data")


def test_a_file_is_added_and_listed(office, association, stored):
    page = drop(office, picture() + SCRIPT, called="../../etc/passwd.html")

    [row] = stored(association, CourseFile)
    assert page.flashes == ["Le fichier est ajouté."]
    assert "Le trajet" in page.text
    assert f"![Le trajet](fichier:{row.id})" in page.text
    assert (row.media_type, row.size, row.key.rpartition(".")[2]) == ("image/png", len(load_in(office, row)), "png")
    assert row.key.startswith(f"{association.id}/")


def load_in(office, row):
    with office.application.app_context():
        return load(row.key)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"name": "Sans fichier"}, "Choisissez un fichier."),
        ({"name": "", "file": (io.BytesIO(VIDEO), "a.mp4")}, "À remplir."),
        ({"name": "a" * 121, "file": (io.BytesIO(VIDEO), "a.mp4")}, "C'est trop long : 120 caractères au plus."),
    ],
)
def test_what_is_missing_is_said_at_its_field(office, association, stored, data, sentence):
    page = office.send(FILES, data, content_type="multipart/form-data")

    assert (page.status, page.errors) == (422, [sentence])
    assert stored(association, CourseFile) == []


@pytest.mark.parametrize("content", [b"", SCRIPT, picture()[:30], pdf(on_open)], ids=count())
def test_a_refused_file_is_not_kept_and_the_page_says_why(office, association, stored, content):
    page = drop(office, content)

    assert page.status == 422
    assert any(words in page.text for words in ("Ce fichier est vide.", "Déposez une image", "Ce PDF contient un script"))
    assert stored(association, CourseFile) == []


def test_a_file_just_too_large_is_not_kept_cut(office, association, stored, monkeypatch):
    monkeypatch.setattr(uploads.read_file, "__defaults__", (500,))
    monkeypatch.setattr(course_views, "LARGEST", 500)

    assert drop(office, VIDEO).errors == ["Ce fichier est trop lourd."]
    assert stored(association, CourseFile) == []


@pytest.mark.parametrize(
    ("path", "size", "sentence"),
    [
        (FILES, 2 * 1024**3, "Choisissez un fichier de 30 mégaoctets au plus."),
        (FILES, 30 * 1024**2 + 65 * 1024, "Choisissez un fichier de 30 mégaoctets au plus."),
        (f"{SPACE}/formation/parcours/nouveau", 5 * 1024**2, "Choisissez un fichier de 4 mégaoctets au plus."),
    ],
)
def test_what_is_too_large_is_refused_before_it_is_read(office, association, stored, path, size, sentence):
    data = {"file": (io.BytesIO(VIDEO), "film.mp4"), "name": "Film"}

    page = office.send(path, data, content_type="multipart/form-data", environ_overrides={"CONTENT_LENGTH": str(size)})

    assert page.status == 413
    assert page.heading == "Ce fichier est trop lourd"
    assert sentence in page.text
    assert stored(association, CourseFile) == []


@pytest.fixture
def kept(office, association, stored):
    """Add a file and give the address where it is served."""

    def add(content):
        drop(office, content)
        return f"{FILES}/{stored(association, CourseFile)[-1].id}"

    return add


@pytest.mark.parametrize(
    ("content", "media_type", "attached"),
    [(picture(), "image/png", False), (VIDEO, "video/mp4", False), (pdf(), "application/pdf", True)],
    ids=count(),
)
def test_a_file_is_served_as_what_it_is(desk, kept, content, media_type, attached):
    response = desk.get(kept(content))

    assert (response.status_code, response.mimetype) == (200, media_type)
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert response.headers.get("Content-Disposition", "").startswith("attachment") is attached
    assert "no-store" in response.headers["Cache-Control"]


def test_a_script_in_a_video_is_bytes_of_a_video(desk, kept):
    response = desk.get(kept(VIDEO[:12] + SCRIPT))

    assert (response.mimetype, response.headers["X-Content-Type-Options"]) == ("video/mp4", "nosniff")


def test_a_video_is_read_from_anywhere(desk, kept):
    address = kept(VIDEO)

    part = desk.get(address, headers={"Range": "bytes=12-21"})
    end = desk.get(address, headers={"Range": "bytes=-4"})

    assert (part.status_code, part.data) == (206, VIDEO[12:22])
    assert part.headers["Content-Range"] == f"bytes 12-21/{len(VIDEO)}"
    assert (end.status_code, end.data) == (206, VIDEO[-4:])


def test_a_place_after_the_end_of_a_video_is_none(desk, kept):
    assert desk.get(kept(VIDEO), headers={"Range": "bytes=999999-"}).status_code == 416


def test_a_file_is_not_for_the_young_people(app, association, in_space, kept):
    address = kept(picture())
    with in_space(association):
        jeune = factories.mentee(association)

    assert app.test_client().sign_in(jeune.user_id).page(address).status == 404


def test_a_file_is_for_who_is_signed_in(app, kept):
    address = kept(picture())

    assert app.test_client().get(address).mimetype != "image/png"


@pytest.mark.parametrize("role", ["coordinator", "mentor"])
def test_a_file_of_another_association_is_not_found(app, elsewhere, in_space, kept, role):
    address = kept(picture())
    with in_space(elsewhere):
        account = factories.mentor(elsewhere).user_id if role == "mentor" else factories.staff(elsewhere).user_id

    assert app.test_client().sign_in(account).page(address.replace(SPACE, "/a/ailleurs")).status == 404


@pytest.mark.parametrize("role", ["mentor", "jeune"])
def test_only_who_writes_courses_adds_files(app, association, in_space, stored, role):
    with in_space(association):
        account = factories.member(association, role)

    assert drop(app.test_client().sign_in(account), picture()).status == 403
    assert stored(association, CourseFile) == []


def test_the_same_picture_twice_is_two_files_of_the_same_bytes(office, association, stored):
    drop(office, picture(), name="Un")
    drop(office, picture(), name="Deux")

    first, second = stored(association, CourseFile)
    assert (first.key, first.name, second.name) == (second.key, "Un", "Deux")


def box(name, *inside, size=None):
    """A box of an MP4 (ISO/IEC 14496-12)."""
    content = b"".join(inside)
    return struct.pack(">I", len(content) + 8 if size is None else size) + name + content


WHERE = b"+45.7640+004.8357/"
FILM = box(b"ftyp", b"isom", bytes(4)) + box(b"mdat", b"pixels udta meta") + box(
    b"moov", box(b"mvhd", bytes(20)), box(b"trak", box(b"tkhd", bytes(4)), box(b"udta", WHERE)),
    box(b"udta", box(b"\xa9xyz", WHERE)), box(b"meta", WHERE),
) + box(b"uuid", WHERE)  # fmt: skip


def test_a_film_does_not_say_where_it_was_taken():
    content, media_type, suffix = read_file(FILM)

    assert (media_type, suffix) == ("video/mp4", "mp4")
    assert WHERE not in content
    assert len(content) == len(FILM), "nothing moves: what the film says of its own places stays true"
    assert b"pixels udta meta" in content
    assert [content.count(name) for name in (b"moov", b"mvhd", b"trak", b"tkhd", b"free")] == [1, 1, 1, 1, 4]


ENDS = (b"", b"\x00", struct.pack(">I", 2**31) + b"moov", struct.pack(">I", 0) + b"udta", struct.pack(">I", 1) + b"moov" + bytes(7),
        box(b"moov", size=4), bytes(16))  # fmt: skip


@pytest.mark.parametrize("end", ENDS, ids=count())
def test_a_film_that_is_damaged_is_read_to_where_it_is(end):
    content, _media_type, _suffix = read_file(FILM + end)

    assert WHERE not in content[: len(FILM)]
    assert len(content) == len(FILM) + len(end)


def test_a_film_of_endless_boxes_is_refused_at_once(app):
    assert (
        refusal(app, box(b"ftyp", b"isom") + box(b"free") * 20_000)
        == "Cette vidéo est trop compliquée\u00a0: exportez-la de nouveau."
    )


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


def test_a_jpeg_of_endless_scans_is_refused_before_it_is_drawn():
    drawn = picture("JPEG", (400, 300), progressive=True)
    last = drawn.rindex(b"\xff\xda")

    with pytest.raises(BadFile):
        read_file(drawn[:-2] + drawn[last:-2] * 120 + drawn[-2:], uploads.LARGEST)
    assert read_file(drawn, uploads.LARGEST)[1] == "image/jpeg"


def several_in_one():
    """A photograph of some cameras: a JPEG that carries a second picture."""
    written = io.BytesIO()
    first, second = (Image.new("RGB", (40, 20), colour) for colour in ("red", "blue"))
    first.save(written, "MPO", save_all=True, append_images=[second])
    return written.getvalue()


def test_a_photograph_that_carries_another_is_a_jpeg(app):
    with app.test_request_context("/"):
        kept, media_type, suffix = read_file(several_in_one())

    assert (media_type, suffix) == ("image/jpeg", "jpg")
    assert Image.open(io.BytesIO(kept)).format == "JPEG"


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


def test_a_large_photograph_is_read_small_and_another_picture_is_not_so_large():
    content, _media, _suffix = read_file(picture("JPEG", (6000, 6000)))

    assert max(Image.open(io.BytesIO(content)).size) == 1600
    for size, options in (((5000, 5000), {}), ((1, 20_001), {})):
        with pytest.raises(BadFile, match="enregistrez-la en JPEG"):
            read_file(picture("PNG", size, **options))


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
