"""A link as a picture, readable from a printed page."""

import io

import segno

# Bit patterns differ between masks; a fixed one makes the same link give the same picture.
MASK = 0


def qr_code(link: str) -> bytes:
    """The QR code of a link, as PNG: one pixel for a module, drawn without smoothing at any size."""
    picture = io.BytesIO()
    segno.make(link, error="m", mask=MASK, micro=False).save(picture, kind="png", scale=1, border=2, dark="#12343b")
    return picture.getvalue()
