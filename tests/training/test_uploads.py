"""Files that modules show: read for what they are, cleaned, served as nothing else, to whom they are for."""

import io
import struct
import zlib
from itertools import count

import pikepdf
import pytest
from PIL import Image, PngImagePlugin

from app.storage import load
from app.training import course_views, uploads
from app.training.models import CourseFile
from app.training.uploads import BadFile, read_file
from tests import factories

from .sent import (
    NO_PDF,
    RUNS,
    attached,
    in_names,
    of_a_link,
    of_a_page,
    on_close,
    on_open,
    pdf,
    picture,
    refusal,
)
from .test_road import SPACE

FILES = f"{SPACE}/formation/fichiers"
NO_KIND = "Déposez une image (PNG, JPEG, WebP), un PDF, une vidéo (MP4, WebM) ou un son (MP3, M4A, OGG)."
INCOMPLETE = "Cette image est incomplète\u00a0: envoyez-la de nouveau, ou choisissez-en une autre."
TOO_MANY = "Cette image a trop de pixels\u00a0: 40 millions au plus."
OTHERS = "Ce format (HEIC, AVIF, MOV…) ne s'ouvre pas partout\u00a0: enregistrez la photo en JPEG, ou le film en MP4."
SCRIPT = b"<script>alert(document.cookie)</script>"
VIDEO = b"\x00\x00\x00\x18ftypmp42" + bytes(range(256)) * 4


def bomb(width, height, words=b""):
    """A PNG of a few bytes that says it is immense, or whose words are."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join([
        chunk(b"IHDR", head), chunk(b"zTXt", b"a\0\0" + zlib.compress(words)), chunk(b"IDAT", zlib.compress(bytes(1000))),
        chunk(b"IEND", b""),
    ])  # fmt: skip


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
        (bomb(10, 10, bytes(5_000_000)), "Cette image est trop compliquée\u00a0: exportez-la de nouveau."),
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


CUT = box(b"moov", box(b"trak", box(b"udta", WHERE), size=90), size=900)  # where the film ends


@pytest.mark.parametrize(
    "inside", [CUT, *(box(b"moov", box(name, box(b"udta", WHERE))) for name in (b"edts", b"stbl"))], ids=count()
)
def test_nor_does_one_that_is_cut_or_that_says_it_elsewhere(inside):
    content, _media_type, _suffix = read_file(box(b"ftyp", b"isom") + inside)

    assert WHERE not in content
    assert b"free" in content


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


def test_a_jpeg_of_endless_scans_is_refused_before_it_is_drawn():
    drawn = picture("JPEG", (400, 300), progressive=True)
    last = drawn.rindex(b"\xff\xda")

    with pytest.raises(BadFile, match="trop compliquée"):
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


def test_a_large_photograph_is_read_small_and_another_picture_is_not_so_large():
    content, _media, _suffix = read_file(picture("JPEG", (6000, 6000)))

    assert max(Image.open(io.BytesIO(content)).size) == 1600
    for size, options in (((5000, 5000), {}), ((1, 20_001), {})):
        with pytest.raises(BadFile, match="enregistrez-la en JPEG"):
            read_file(picture("PNG", size, **options))
