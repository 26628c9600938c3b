"""Files as grey pages: images, and PDF drawn at a resolution that symbols read at.

Bounded: a file, a page and a drawing have a largest size, checked before anything is decoded.
Refuses to know symbols. Foreign errors end here as refusals.
"""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from pathlib import Path
from threading import Lock
from typing import Final

import msgspec
import numpy as np
import pypdfium2
from numpy.typing import NDArray
from PIL import Image, ImageSequence, UnidentifiedImageError

from franking.errors import Refusal

Grey = NDArray[np.uint8]

FILE_BYTES_MAX: Final = 256 * 2**20
PIXELS_MAX: Final = 64_000_000
"""The largest image that is read: A4 at 800 dots per inch."""

_SCANNER_DPI_MIN = 100
_PDF_DPI = 300
_PDF_PIXELS_MAX = 24_000_000
_POINTS_PER_INCH = 72
_PDF_MARK = b"%PDF-"
_PDF_MARK_WITHIN = 1024

# Only what scanners and cameras write: other forms would start other programs (EPS) or plug-ins.
_FORMATS = ("PNG", "JPEG", "TIFF", "GIF", "BMP", "WEBP", "PPM")

# The size is checked here before anything is decoded, so the library's warning is none.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)

# PDFium keeps global state: one page is drawn at a time.
_PDFIUM = Lock()

FILE_UNREADABLE = Refusal(
    "FILE_UNREADABLE",
    clause="policy",
    remedy="Give the path of a PNG, JPEG, TIFF or PDF, or of the bytes of an indicium, raw or hex.",
    http_status=422,
)
IMAGE_TOO_LARGE = Refusal(
    "IMAGE_TOO_LARGE",
    clause="policy",
    remedy="Scan at 300 or 600 dots per inch, or cut the mailpiece out.",
    http_status=413,
)

_BROKEN_IMAGE = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    struct.error,
    zlib.error,
    MemoryError,
)
"""What the image library raises on broken files."""


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """One page of a file, in 256 levels of grey."""

    number: int
    """The first has number 1."""
    pixels: Grey
    inches: tuple[float, float] | None
    """Width and height, where the file says it reliably."""


def file_bytes(path: Path) -> bytes:
    """The bytes of a file that may hold indicia.

    Raises:
        Refused: ``FILE_UNREADABLE``, ``IMAGE_TOO_LARGE``.
    """
    try:
        with path.open("rb") as file:
            # Whatever size it claims: a pipe claims none, and may never end.
            data = file.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        raise FILE_UNREADABLE.because(f"{path}: {error.strerror or error}") from error
    if len(data) > FILE_BYTES_MAX:
        raise IMAGE_TOO_LARGE.because(f"{path.name} has more than {FILE_BYTES_MAX} bytes")
    return data


def is_pdf(data: bytes) -> bool:
    """Whether the bytes say that they are a PDF."""
    return _PDF_MARK in data[:_PDF_MARK_WITHIN]


def is_image(data: bytes) -> bool:
    """Whether the bytes begin as an image that can be read does."""
    try:
        with _opened(data):
            return True
    except Image.DecompressionBombError:
        return True
    except _BROKEN_IMAGE:
        return False


def pages(data: bytes) -> Iterator[Page]:
    """The pages of an image or a PDF, one at a time.

    Raises:
        Refused: ``FILE_UNREADABLE``, ``IMAGE_TOO_LARGE``.
    """
    return _pdf_pages(data) if is_pdf(data) else _image_pages(data)


def _image_pages(data: bytes) -> Iterator[Page]:
    try:
        with _opened(data) as image:
            for number, frame in enumerate(ImageSequence.Iterator(image), start=1):
                _require_size(frame.width, frame.height, number)
                yield Page(number=number, pixels=_grey(frame), inches=_inches(frame))
    except Image.DecompressionBombError as error:
        raise IMAGE_TOO_LARGE.because(str(error)) from error
    except UnidentifiedImageError as error:
        reason = "it is neither an image nor a PDF nor the bytes of an indicium"
        raise FILE_UNREADABLE.because(reason) from error
    except _BROKEN_IMAGE as error:
        raise FILE_UNREADABLE.because(f"the image is broken: {error}") from error


def _opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data), formats=_FORMATS)


def _require_size(width: int, height: int, number: int) -> None:
    if width * height > PIXELS_MAX:
        raise IMAGE_TOO_LARGE.because(
            f"page {number} has {width} × {height} pixels, more than {PIXELS_MAX // 10**6} million"
        )


def _inches(frame: Image.Image) -> tuple[float, float] | None:
    """The size that a scanner wrote down; what programs fill in for lack of one is less."""
    across, down = frame.info.get("dpi", (0, 0))
    if not (across >= _SCANNER_DPI_MIN and down >= _SCANNER_DPI_MIN):
        return None
    return frame.width / float(across), frame.height / float(down)


def _grey(frame: Image.Image) -> Grey:
    if frame.mode in ("I;16", "I;16B", "I;16L", "I"):
        deep = np.asarray(frame).astype(np.int64)
        return (deep >> 8).clip(0, 255).astype(np.uint8)
    if frame.mode in ("RGBA", "LA", "PA") or "transparency" in frame.info:
        paper = Image.new("RGBA", frame.size, "white")
        return np.asarray(Image.alpha_composite(paper, frame.convert("RGBA")).convert("L"))
    return np.asarray(frame.convert("L"))


def _pdf_pages(data: bytes) -> Iterator[Page]:
    try:
        with _PDFIUM:
            document = pypdfium2.PdfDocument(data)
        for index in range(len(document)):
            yield _pdf_page(document, index)
    except pypdfium2.PdfiumError as error:
        raise FILE_UNREADABLE.because(f"the PDF is broken or locked: {error}") from error


def _pdf_page(document: pypdfium2.PdfDocument, index: int) -> Page:
    with _PDFIUM:
        page = document[index]
        width, height = (side / _POINTS_PER_INCH for side in page.get_size())
        scale = _pdf_scale(width, height)
        pixels = page.render(scale=scale, grayscale=True).to_numpy()
        page.close()
    return Page(number=index + 1, pixels=pixels.reshape(pixels.shape[:2]), inches=(width, height))


def _pdf_scale(width: float, height: float) -> float:
    """Pixels a point, fewer where the page is very large."""
    pixels = width * height * _PDF_DPI**2
    shrink = min(1.0, (_PDF_PIXELS_MAX / pixels) ** 0.5) if pixels > 0 else 1.0
    return shrink * _PDF_DPI / _POINTS_PER_INCH
