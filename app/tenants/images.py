"""A logo is cleaned when it arrives: its size is read before its pixels, and it is drawn again."""

import io
import warnings

from flask_babel import gettext as _
from PIL import Image, UnidentifiedImageError

from app.errors import DomainError

LARGEST_FILE = 2 * 1024 * 1024  # bytes
MOST_PIXELS = 10_000_000
LONGEST_SIDE = 1200  # pixels
FORMATS = ("PNG", "JPEG", "WEBP")


class BadImage(DomainError):
    """This file cannot serve as a logo; the sentence says why."""


class TooManyPixels(BadImage):
    """The image is too large to be drawn again."""


def open_image(content: bytes, most_pixels: int) -> Image.Image:
    """A PNG, JPEG or WebP image whose size was read before its pixels, whatever its name says. Raises TooManyPixels, BadImage."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(content), formats=FORMATS)
            if image.width * image.height > most_pixels:
                millions = most_pixels // 1_000_000
                raise TooManyPixels(_("Cette image a trop de pixels : %(count)s millions au plus.", count=millions))
            image.load()
    except (
        UnidentifiedImageError,
        OSError,
        ValueError,
        SyntaxError,
        Image.DecompressionBombError,
        Warning,
    ) as error:
        raise BadImage(_("Ce fichier n'est pas une image PNG, JPEG ou WebP lisible.")) from error
    return image


def clean_logo(content: bytes) -> bytes:
    """The image drawn again as PNG, 1,200 pixels at most. Raises BadImage; over 10 million pixels none is read."""
    if len(content) > LARGEST_FILE:
        raise BadImage(_("Cette image dépasse 2 Mo."))
    picture = open_image(content, MOST_PIXELS).convert("RGBA")
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    drawn = io.BytesIO()
    picture.save(drawn, "PNG")
    return drawn.getvalue()
