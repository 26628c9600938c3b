"""Whole faces and sheets with true indicia on them, as dots of a printer and as scans."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from franking.host.layouts import face_of
from franking.host.render import pdf
from franking.host.render.raster import dots_of
from franking.marks.geometry import Drawing
from franking.marks.symbols import Symbology
from franking.verification.facts import NOTHING_KNOWN
from franking.verification.pages import Grey, Page
from franking.verification.payload import Verification
from franking.verification.verify import verify_page
from franking.world.scanner import Condition, scan
from tests.fixtures_host import a_piece, settings
from tests.fixtures_verification import NOW, TODAY, content, signed, trust

PRINT_DPI = 600
TRUST = trust()


def payload_of(piece: int) -> bytes:
    """The indicium of the piece of that number, from 0; no two share any value."""
    return signed(ascending_mills=content().ascending_mills + 320 * piece)


def face(
    payload: bytes, symbology: Symbology = Symbology.DATA_MATRIX, *, on: date = TODAY
) -> Drawing:
    """A No. 10 envelope with everything on it."""
    return face_of(a_piece(on=on), payload, settings("no10", symbology)).drawing()


def grey_dots(drawing: Drawing, dpi: int = PRINT_DPI) -> Grey:
    """The drawing as a printer puts it on paper."""
    dots = dots_of(drawing, dpi)
    return dots if dots.ndim == 2 else np.asarray(cv2.cvtColor(dots, cv2.COLOR_RGB2GRAY), np.uint8)


def scanned(drawing: Drawing, condition: Condition, *, dpi: int, seed: int) -> Grey:
    """The drawing, printed and scanned."""
    dots = grey_dots(drawing)
    return scan(dots, condition, print_dpi=PRINT_DPI, scan_dpi=dpi, seed=seed)


def verified_page(pixels: Grey, *, inches: tuple[float, float] | None = None) -> list[Verification]:
    """What is found on a scan."""
    page = Page(number=1, pixels=pixels, inches=inches)
    return verify_page(page, TRUST, NOW, NOTHING_KNOWN)


def as_png(pixels: Grey) -> bytes:
    return as_image(pixels, "PNG")


def as_image(pixels: Grey, form: str, mode: str = "L") -> bytes:
    """The pixels as an image file of that form and mode."""
    out = BytesIO()
    Image.fromarray(pixels).convert(mode).save(out, form)
    return out.getvalue()


def write_pdf(path: Path, drawings: Iterable[Drawing]) -> Path:
    with path.open("wb") as out:
        pdf(drawings, out)
    return path
