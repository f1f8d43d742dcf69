"""A picture is cleaned when it arrives: its size is read before its pixels, it is set upright, and drawn again."""

import io
import struct
import threading
import warnings
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from PIL import Image, ImageOps, UnidentifiedImageError

from app.errors import DomainError
from app.translation import gettext as _

LARGEST_FILE = 2 * 1024 * 1024  # bytes
MOST_PIXELS = 16_000_000  # a telephone's photograph
LONGEST_SIDE = 1200  # pixels
LIGHTEST = 245  # of 255: what is lighter does not show on paper
MOST_LONG = 20_000  # pixels on one side: a line of millions takes more time than a picture
SCAN, MOST_SCANS = b"\xff\xda", 100  # each pass over a JPEG costs as much as all of it; cameras make ten
CUT = ("image file is truncated", "Truncated File Read")  # how Pillow says that more was to come
HEAVY = ("Decompressed data too large", "Too much memory")  # and that words, or a colour profile, unpack without end
FORMATS = ("PNG", "JPEG", "WEBP")
DRAWING = threading.Lock()
SEVERAL_IN_ONE = "MPO"  # a JPEG that carries more pictures, a small one or one for each eye: cameras make them; the first is it


P = ParamSpec("P")
R = TypeVar("R")


def in_turn(draw: Callable[P, R]) -> Callable[P, R]:
    """One picture at a time in a process: each takes what memory its pixels take."""

    @wraps(draw)
    def wait(*given: P.args, **named: P.kwargs) -> R:
        with DRAWING:
            return draw(*given, **named)

    return wait


class BadImage(DomainError):
    """This file cannot serve as a logo; the sentence says why."""


class NoImage(BadImage):
    """This file is none of the images that we read."""


def open_image(content: bytes, most_pixels: int, wanted: int = LONGEST_SIDE) -> Image.Image:
    """A PNG, JPEG or WebP image as it was held, whose size was read before its pixels, whatever its name says.

    A JPEG is read about as large as it is `wanted`, on its longest side, which takes little memory; another, whole: it may have as
    many pixels as a logo. Raises BadImage, NoImage.
    """
    many = BadImage(_("Cette image a trop de pixels : %(count)s millions au plus.", count=most_pixels // 1_000_000))
    heavy = BadImage(_("Cette image est trop compliquée : exportez-la de nouveau."))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # words that are damaged, which nobody keeps
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(content), formats=FORMATS)
            kind = "JPEG" if image.format == SEVERAL_IN_ONE else image.format
            if image.width * image.height > most_pixels:
                raise many
            if kind != "JPEG" and (image.width * image.height > MOST_PIXELS or max(image.size) > MOST_LONG):
                raise BadImage(_("Cette image est trop grande : enregistrez-la en JPEG."))
            if kind == "JPEG" and content.count(SCAN) > MOST_SCANS:
                raise heavy
            image.draft(image.mode, (wanted, wanted))
            image.load()
            upright = set_upright(image)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise many from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        if str(error).startswith(CUT):
            raise BadImage(_("Cette image est incomplète : envoyez-la de nouveau, ou choisissez-en une autre.")) from error
        if str(error).startswith(HEAVY):
            raise heavy from error
        raise NoImage(_("Ce fichier n'est pas une image PNG, JPEG ou WebP lisible.")) from error
    if upright.mode.startswith("I"):  # sixteen bits of grey: all that is over 255 would be white
        upright = upright.point(lambda light: light * (1 / 256)).convert("L")
    upright.format = kind
    return upright


def set_upright(image: Image.Image) -> Image.Image:
    """The image as it was held; one whose words are damaged stays as it is."""
    try:
        return ImageOps.exif_transpose(image)
    except (struct.error, TypeError, AttributeError, ValueError, KeyError, IndexError, ArithmeticError, SyntaxError, OSError):
        return image


def bare(picture: Image.Image) -> Image.Image:
    """The same pixels, without a word of what came with them: place, time, comment, colour profile."""
    picture.info.clear()
    return picture


@in_turn
def clean_logo(content: bytes) -> bytes:
    """The image drawn again as PNG, 1,200 pixels at most. Raises BadImage; over 16 million pixels none is read."""
    if not content:
        raise BadImage(_("Ce fichier est vide."))
    if len(content) > LARGEST_FILE:
        raise BadImage(_("Cette image dépasse 2 Mo."))
    picture = open_image(content, MOST_PIXELS).convert("RGBA")
    if not picture.getchannel("A").getextrema()[1]:
        raise BadImage(_("Cette image est toute transparente : il n'y a rien à voir."))
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    on_paper = Image.new("RGBA", picture.size, "white")
    on_paper.alpha_composite(picture)
    if not any(on_paper.convert("L").histogram()[:LIGHTEST]):
        raise BadImage(_("Cette image est toute blanche : sur du papier, il n'y aurait rien à voir."))
    drawn = io.BytesIO()
    bare(picture).save(drawn, "PNG")
    return drawn.getvalue()
