"""Files that modules show: recognised by what they contain, cleaned when they are pictures, served as nothing else."""

import io

from app.errors import DomainError
from app.opening import Found, look_apart
from app.tenants.images import BadImage, NoImage, bare, in_turn, open_image
from app.translation import gettext as _
from app.translation import lazy_gettext as _l

LARGEST = 30 * 1024 * 1024  # bytes; a longer video is better given as a link
MOST_PIXELS, LONGEST_SIDE = 40_000_000, 1600
PICTURES = {"PNG": ("image/png", "png"), "JPEG": ("image/jpeg", "jpg"), "WEBP": ("image/webp", "webp")}
# What an MP4 says it is; a photograph (HEIC, AVIF) or a MOV says something else in the same place.
FILMS = (b"isom", b"iso2", b"iso3", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"MSNV", b"dash", b"mmp4")
HIDDEN = {b"udta", b"meta", b"uuid"}  # boxes of a film that say where, when and with what it was taken
HOLD = {b"moov", b"trak", b"edts", b"mdia", b"minf", b"dinf", b"stbl", b"mvex", b"moof", b"traf", b"mfra"}
MOST_BOXES = 10_000  # in a film; a long one in fragments has a few thousand
# What opens a file of each kind, and where.
SIGNS = (
    (4, b"ftypM4A", "audio/mp4", "m4a"),
    *((4, b"ftyp" + brand, "video/mp4", "mp4") for brand in FILMS),
    (0, b"\x1aE\xdf\xa3", "video/webm", "webm"),
    (0, b"OggS", "audio/ogg", "ogg"),
    (0, b"ID3", "audio/mpeg", "mp3"),
    *((0, b"\xff" + second, "audio/mpeg", "mp3") for second in (b"\xfb", b"\xfa", b"\xf3", b"\xf2")),
)
REFUSALS = {
    Found.RUNS: _l("Ce PDF contient un script ou une pièce jointe : exportez-le de nouveau sans eux."),
    Found.UNREAD: _l("Ce PDF ne s'ouvre pas, ou demande un mot de passe."),
    Found.TOO_MUCH: _l("Ce PDF est trop compliqué : exportez-le de nouveau."),
}


class BadFile(DomainError):
    """This file cannot be shown; the sentence says why."""


def read_file(content: bytes, largest: int = LARGEST) -> tuple[bytes, str, str]:
    """What is kept of a file, its media type and its suffix. Raises BadFile.

    A picture is drawn again; a PDF that would run something is refused; a video or a sound is known by its first bytes.
    """
    if not content:
        raise BadFile(_("Ce fichier est vide."))
    if len(content) > largest:
        raise BadFile(_("Ce fichier est trop lourd."))
    if content[:1024].lstrip().startswith(b"%PDF-"):
        return check_pdf(content), "application/pdf", "pdf"
    for place, sign, media_type, suffix in SIGNS:
        if content[place : place + 8].startswith(sign):
            return without_words(content) if suffix in {"mp4", "m4a"} else content, media_type, suffix
    return draw_again(content)


def without_words(content: bytes) -> bytes:
    """A film or a sound in MP4 that does not say where it was taken: those boxes are renamed, so that nothing else moves.

    A box is its length in four bytes, its name in four, then what it holds (ISO/IEC 14496-12). Of one that is cut, what is there.
    """
    film, left, seen = bytearray(content), [(0, len(content))], 0
    while left:
        at, end = left.pop()
        seen += 1
        if seen > MOST_BOXES:
            raise BadFile(_("Cette vidéo est trop compliquée : exportez-la de nouveau."))
        size, name = int.from_bytes(film[at : at + 4]), bytes(film[at + 4 : at + 8])
        head = 16 if size == 1 else 8
        size = int.from_bytes(film[at + 8 : at + 16]) if size == 1 else size or end - at
        if at + head > end or size < head:
            continue  # damaged from here on: players stop here too
        size = min(size, end - at)
        if at + size < end:
            left.append((at + size, end))
        if name in HIDDEN:
            film[at + 4 : at + 8] = b"free"
            film[at + head : at + size] = bytes(size - head)
        elif name in HOLD:
            left.append((at + head, at + size))
    return bytes(film)


@in_turn
def draw_again(content: bytes) -> tuple[bytes, str, str]:
    """A picture without anything but its pixels, 1,600 on its longest side at most."""
    try:
        image = open_image(content, MOST_PIXELS, LONGEST_SIDE)
    except NoImage as error:
        if content[4:8] == b"ftyp":
            raise BadFile(
                _("Ce format (HEIC, AVIF, MOV…) ne s'ouvre pas partout : enregistrez la photo en JPEG, ou le film en MP4.")
            ) from error
        raise BadFile(_("Déposez une image (PNG, JPEG, WebP), un PDF, une vidéo (MP4, WebM) ou un son (MP3, M4A, OGG).")) from error
    except BadImage as error:
        raise BadFile(str(error)) from error
    kind = image.format or "PNG"
    picture = image.convert("RGB" if kind == "JPEG" else "RGBA")  # first: of two colours, one line in two would be left out
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    drawn = io.BytesIO()
    bare(picture).save(drawn, kind)
    return drawn.getvalue(), *PICTURES[kind]


@in_turn
def check_pdf(content: bytes) -> bytes:
    """The same PDF, when it opens without a password and runs nothing."""
    found = look_apart(content)
    if found != Found.NOTHING:
        raise BadFile(str(REFUSALS[found]))
    return content
