"""Open the PDF that somebody sent: a file of a few kilobytes may unpack to all the memory there is."""

import io

import pikepdf

UNPACKED = 64 * 1024 * 1024  # bytes of one stream
pikepdf.settings.set_qpdf_limits(
    flate_max_memory=UNPACKED, png_max_memory=UNPACKED, tiff_max_memory=UNPACKED, run_length_max_memory=UNPACKED,
    dct_max_memory=UNPACKED, dct_max_progressive_scans=100, max_stream_filters=4, parser_max_container_size=100_000,
)  # fmt: skip


def open_pdf(content: bytes) -> pikepdf.Pdf:
    """The document; what unpacks to more than 64 MB in one stream is not read. Raises pikepdf.PdfError."""
    return pikepdf.open(io.BytesIO(content))
