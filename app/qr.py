"""A link as a picture, readable from a printed page."""

import io

import segno

# Bit patterns differ between masks; a fixed one makes the same link give the same picture.
MASK = 0


def qr_code(link: str) -> bytes:
    """The QR code of a link, as PNG; four pixels for a module, for readers that smooth what they enlarge."""
    picture = io.BytesIO()
    segno.make(link, error="m", mask=MASK, micro=False).save(picture, kind="png", scale=4, border=2, dark="#12343b")
    return picture.getvalue()
