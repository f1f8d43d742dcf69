"""Logos: what is taken is drawn again, what cannot be read is refused with a sentence."""

import hashlib
import io
from functools import partial

import pytest
from PIL import Image

from app.tenants.images import LARGEST_FILE, BadImage, clean_logo

UNREADABLE = "Ce fichier n'est pas une image PNG, JPEG ou WebP lisible."
INCOMPLETE = "Cette image est incomplète : envoyez-la de nouveau, ou choisissez-en une autre."
TOO_MANY = "Cette image a trop de pixels : 16 millions au plus."
NOISE = hashlib.shake_256(b"bruit").digest(5000)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def picture(size=(400, 300), kind="PNG", mode="RGB", **options):
    """An image file."""
    file = io.BytesIO()
    grey = {"1": 0, "L": 128, "P": 128}
    Image.new(mode, size, grey.get(mode, (120, 30, 30, 128)[: len(mode)])).save(file, kind, **options)
    return file.getvalue()


def drawn(content):
    """The image that a logo becomes."""
    return Image.open(io.BytesIO(clean_logo(content)))


def plain(colour):
    """A picture of one colour."""
    file = io.BytesIO()
    Image.new("RGBA", (40, 20), colour).save(file, "PNG")
    return file.getvalue()


def with_exif():
    """A photograph that says where it was taken, and that it lies on its side."""
    exif = Image.Exif()
    exif[0x010E], exif[0x8825] = "secret", {1: "N", 2: (45.0, 45.0, 0.0)}
    return picture((2000, 1000), "JPEG", exif=exif, comment=b"secret")


@pytest.mark.parametrize(
    ("size", "becomes"),
    [((400, 300), (400, 300)), ((1200, 1200), (1200, 1200)), ((2400, 600), (1200, 300)), ((10, 3000), (4, 1200)), ((1, 1), (1, 1))],
)
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_logo_is_1200_pixels_at_most(size, becomes, kind):
    logo = drawn(picture(size, kind))

    assert (logo.format, logo.size, logo.mode) == ("PNG", becomes, "RGBA")


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P", "1", "LA"])
def test_any_kind_of_pixels_is_taken(mode):
    assert drawn(picture(mode=mode)).mode == "RGBA"


def test_a_photograph_loses_what_it_says_besides_the_picture():
    logo = clean_logo(with_exif())

    assert b"secret" not in logo
    assert dict(Image.open(io.BytesIO(logo)).getexif()) == {}
    assert Image.open(io.BytesIO(logo)).size == (1200, 600)


def test_what_hides_behind_a_picture_is_dropped():
    assert b"<script>" not in clean_logo(picture() + SVG)


def test_transparency_is_kept():
    assert drawn(picture(mode="RGBA")).getpixel((0, 0)) == (120, 30, 30, 128)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (partial(picture, (8000, 8000), mode="1"), TOO_MANY),
        (partial(picture, (20_000, 20_000), mode="1"), TOO_MANY),
        (partial(picture, (4000, 4001), mode="1"), TOO_MANY),
        (b"x" * (LARGEST_FILE + 1), "Cette image dépasse 2 Mo."),
        (NOISE, UNREADABLE),
        (b"\x89PNG\r\n\x1a\n" + NOISE, UNREADABLE),
        (picture()[:200], INCOMPLETE),
        (picture(kind="JPEG")[:400], INCOMPLETE),
        (picture(kind="JPEG")[:-2], INCOMPLETE),
        (picture(kind="WEBP")[:60], UNREADABLE),
        (SVG, UNREADABLE),
        (picture(kind="GIF"), UNREADABLE),
        (picture(kind="BMP"), UNREADABLE),
        (picture(kind="TIFF"), UNREADABLE),
        (b"Ceci est un texte.", UNREADABLE),
        (b"%PDF-1.7", UNREADABLE),
        (b"", "Ce fichier est vide."),
        (plain((0, 0, 0, 0)), "Cette image est toute transparente : il n'y a rien à voir."),
        *((plain(colour), "Cette image est toute blanche : sur du papier, il n'y aurait rien à voir.")
          for colour in ("white", (255, 255, 255, 90), (250, 252, 248, 255), (0, 0, 0, 6))),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else "file",
)  # fmt: skip
def test_what_cannot_serve_as_a_logo_is_refused(app, content, sentence):
    with app.test_request_context("/"), pytest.raises(BadImage) as refusal:
        clean_logo(content() if callable(content) else content)

    assert " ".join(str(refusal.value).split()) == sentence


def test_a_telephones_photograph_is_taken():
    assert drawn(picture((4000, 4000), mode="1")).size == (1200, 1200)


@pytest.mark.parametrize(("orientation", "size", "corner"), [(1, (60, 20), "red"), (6, (20, 60), "red"), (3, (60, 20), "blue")])
def test_a_photograph_is_set_upright(orientation, size, corner):
    """Red on the left, blue on the right as the sensor saw it; a telephone says how it was held."""
    image = Image.new("RGB", (60, 20), "red")
    image.paste("blue", (30, 0, 60, 20))
    exif, file = Image.Exif(), io.BytesIO()
    exif[0x0112] = orientation
    image.save(file, "PNG", exif=exif)
    logo = drawn(file.getvalue())

    assert logo.size == size
    assert logo.getpixel((0, 0))[:3] == {"red": (255, 0, 0), "blue": (0, 0, 255)}[corner]


def test_sixteen_bits_of_grey_are_not_all_white():
    """What a scanner makes of a signature."""
    image, file = Image.new("I;16", (40, 20), 65_535), io.BytesIO()
    image.paste(0, (0, 0, 20, 20))
    image.save(file, "PNG")
    logo = drawn(file.getvalue())

    assert [logo.getpixel((x, 5))[0] for x in (5, 35)] == [0, 255]


def test_no_colour_profile_stays():
    assert b"iCCP" not in clean_logo(picture(icc_profile=b"x" * 500))


@pytest.mark.parametrize("place", range(6, 60, 3))
def test_damaged_words_leave_the_picture(place):
    """A photograph whose EXIF was cut or overwritten is still a picture."""
    image, file, exif = Image.new("RGB", (40, 20), "red"), io.BytesIO(), Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "x" * 40
    image.save(file, "JPEG", exif=exif)
    content = bytearray(file.getvalue())
    begins = content.index(b"Exif")
    content[begins + place : begins + place + 3] = b"\xff\xff\xff"

    assert drawn(bytes(content)).size in {(40, 20), (20, 40)}
