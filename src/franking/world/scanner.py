"""A simulated printer's sheet on a simulated scanner: turned, blurred, noisy, pale.

The conditions are those under which barcode readers were compared for this project; condition B
of that comparison is A at 200 dots per inch. Reproducible: the same seed gives the same scan.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]

_PAPER = 255
_MID_GREY = 128.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """How a sheet lies and how it is scanned."""

    name: str
    degrees: float
    """Turned counter-clockwise by so much."""
    blur_pixels: float
    """Standard deviation, in pixels of the scan."""
    noise: float
    """Standard deviation, in 256 levels of grey."""
    contrast: float
    """Share of the contrast that is left."""
    jpeg_quality: int | None = None


CLEAN: Final = Condition(name="clean", degrees=0, blur_pixels=0, noise=0, contrast=1)
TURNED_AND_NOISY: Final = Condition(name="A", degrees=5, blur_pixels=1, noise=20, contrast=0.9)
PALE_AND_SMEARED: Final = Condition(
    name="C", degrees=-5, blur_pixels=1.5, noise=30, contrast=0.7, jpeg_quality=50
)


def scan(sheet: Grey, condition: Condition, *, print_dpi: int, scan_dpi: int, seed: int) -> Grey:
    """What a scanner sees of ``sheet``, which was printed at ``print_dpi``."""
    turned = _turned(sheet, condition.degrees)
    scale = scan_dpi / print_dpi
    pixels = cv2.resize(turned, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    if condition.blur_pixels:
        pixels = cv2.GaussianBlur(pixels, (0, 0), condition.blur_pixels)
    noise = np.random.default_rng(seed).normal(0.0, condition.noise, pixels.shape)
    pale = _MID_GREY + (pixels.astype(np.float64) - _MID_GREY) * condition.contrast + noise
    return _compressed(np.clip(pale, 0, _PAPER).astype(np.uint8), condition.jpeg_quality)


def _turned(sheet: Grey, degrees: float) -> Grey:
    """The sheet turned about its middle, on a bed as large as it needs."""
    if not degrees:
        return sheet
    height, width = sheet.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    cosine, sine = abs(turn[0, 0]), abs(turn[0, 1])
    bed = int(width * cosine + height * sine), int(height * cosine + width * sine)
    turn[:, 2] += (bed[0] - width) / 2, (bed[1] - height) / 2
    turned = cv2.warpAffine(sheet, turn, bed, flags=cv2.INTER_LINEAR, borderValue=_PAPER)
    return np.asarray(turned, np.uint8)


def _compressed(pixels: Grey, quality: int | None) -> Grey:
    if quality is None:
        return pixels
    _, jpeg = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_GRAYSCALE), np.uint8)
