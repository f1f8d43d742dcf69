"""A link as a picture, readable from a printed page."""

import io

import segno
from PIL import Image

MASK = 0  # bit patterns differ between masks; a fixed one makes the same link give the same picture
MODULE = 4  # pixels: readers that smooth what they enlarge blur a picture of one pixel a module
MARGIN = 2  # modules
INK = bytes([255, 0]) + bytes(254)  # a module that is set is black


def qr_code(link: str) -> bytes:
    """The QR code of a link, as a PNG in shades of grey: a document takes it as it is, without a palette to resolve."""
    modules = segno.make(link, error="m", mask=MASK, micro=False).matrix
    side = len(modules)
    code = Image.frombytes("L", (side, side), b"".join(modules).translate(INK))
    page = Image.new("L", (side + 2 * MARGIN,) * 2, 255)
    page.paste(code, (MARGIN, MARGIN))
    picture = io.BytesIO()
    page.resize((page.width * MODULE,) * 2, Image.Resampling.NEAREST).save(picture, "PNG", compress_level=1)
    return picture.getvalue()
