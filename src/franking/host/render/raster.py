"""Drawings as dots: what a printer of so many dots per inch puts on paper.

Bars and modules are whole dots: where a bar starts is rounded, its width is the same for all bars
of one width, and every module of a symbol has the same number of dots. Letters and rings are
shaded at their edges.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from io import BytesIO
from typing import Final, assert_never

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from franking.marks.geometry import Bars, Drawing, Ink, Modules, Part, Picture, Ring, Shape, Text
from franking.marks.lettering import POINTS_PER_INCH, Face, font_file

Dots = NDArray[np.uint8]
"""Grey values, 255 for bare paper; red, green and blue where a drawing has colour."""

Coverage = NDArray[np.uint8]
"""How much of each dot is inked: 0 none, 255 all."""

_PAPER = 255
_INKS: Final = {Ink.BLACK: (0, 0, 0), Ink.RED: (199, 15, 26), Ink.PAPER: (255, 255, 255)}
_WHOLE_DOTS_SLACK = 0.02
_FINE = 4  # letters at an angle are drawn so much larger, turned, then reduced


def dots_of(drawing: Drawing, dpi: int) -> Dots:
    """The drawing as dots: height × width, × 3 if any of its ink has a colour."""
    shapes = [shape for part in drawing.parts for shape in part.shapes]
    size = (max(round(drawing.height_in * dpi), 1), max(round(drawing.width_in * dpi), 1))
    canvas = np.full((*size, 3) if _has_colour(shapes) else size, _PAPER, dtype=np.uint8)
    for part in drawing.parts:
        for shape in part.shapes:
            _paint(canvas, shape, part, dpi)
    return canvas


def dot(length: float, dpi: int) -> int:
    """The dot at which something ``length`` inches from the corner starts."""
    return int(length * dpi + 0.5 + 1e-9)


def dots_wide(length: float, dpi: int) -> int:
    """The whole dots, at least one, that come nearest to ``length`` inches."""
    return max(1, dot(length, dpi))


def module_dots(module: float, dpi: int) -> int:
    """The whole dots of one module: the nearest within 2 %, else as many as fit."""
    exact = module * dpi
    nearest = round(exact)
    fits = nearest if abs(exact - nearest) <= _WHOLE_DOTS_SLACK * exact else int(exact)
    return max(1, fits)


def _has_colour(shapes: Iterable[Shape]) -> bool:
    return any(isinstance(shape, Bars | Text) and shape.ink is Ink.RED for shape in shapes)


def _paint(canvas: Dots, shape: Shape, part: Part, dpi: int) -> None:
    match shape:
        case Bars():
            _paint_bars(canvas, shape, part, dpi)
        case Modules():
            _paint_modules(canvas, shape, part, dpi)
        case Text():
            _paint_text(canvas, shape, part, dpi)
        case Ring():
            _paint_ring(canvas, shape, part, dpi)
        case Picture():
            _paint_picture(canvas, shape, part, dpi)
        case _:
            assert_never(shape)


def _paint_bars(canvas: Dots, bars: Bars, part: Part, dpi: int) -> None:
    ink = _ink_for(canvas, bars.ink)
    for left, top, width, height in bars.bars:
        x, y = dot(part.x + left, dpi), dot(part.y + top, dpi)
        canvas[y : y + dots_wide(height, dpi), x : x + dots_wide(width, dpi)] = ink


def _paint_modules(canvas: Dots, symbol: Modules, part: Part, dpi: int) -> None:
    wide, high = module_dots(symbol.module_width, dpi), module_dots(symbol.module_height, dpi)
    cells = np.frombuffer(symbol.cells, dtype=np.uint8).reshape(symbol.rows, symbol.columns)
    area = np.kron(cells, np.full((high, wide), _PAPER, dtype=np.uint8))
    box = next(symbol.boxes())
    spare_x = box.width - area.shape[1] / dpi
    spare_y = box.height - area.shape[0] / dpi
    x = dot(part.x + box.left + spare_x / 2, dpi)
    y = dot(part.y + box.top + spare_y / 2, dpi)
    _cover(canvas, area, x, y, Ink.BLACK)


def _paint_picture(canvas: Dots, picture: Picture, part: Part, dpi: int) -> None:
    dots = np.frombuffer(picture.dots, dtype=np.uint8).reshape(picture.rows, picture.columns)
    size = (dots_wide(picture.width, dpi), dots_wide(picture.height, dpi))
    fitted = Image.fromarray(dots * _PAPER).resize(size, Image.Resampling.BOX)
    x, y = dot(part.x + picture.left, dpi), dot(part.y + picture.top, dpi)
    _cover(canvas, np.asarray(fitted), x, y, Ink.BLACK)


def _paint_ring(canvas: Dots, ring: Ring, part: Part, dpi: int) -> None:
    box = next(ring.boxes()).moved(part.x, part.y)
    left, top = int(box.left * dpi) - 1, int(box.top * dpi) - 1
    side = int(box.width * dpi) + 4
    ys, xs = np.mgrid[0:side, 0:side]
    from_centre = np.hypot(
        xs + 0.5 + left - (part.x + ring.x) * dpi, ys + 0.5 + top - (part.y + ring.y) * dpi
    )
    inside = ring.line * dpi / 2 - np.abs(from_centre - ring.radius * dpi)
    shade = np.clip(inside + 0.5, 0.0, 1.0) * _PAPER
    _cover(canvas, shade.astype(np.uint8), left, top, Ink.BLACK)


def _paint_text(canvas: Dots, text: Text, part: Part, dpi: int) -> None:
    x, y = (part.x + text.x) * dpi, (part.y + text.y) * dpi
    if text.angle:
        mask, left, top = _turned_letters(text, dpi)
        _cover(canvas, mask, round(x) + left, round(y) + top, text.ink)
        return
    mask, left, top = _level_letters(text, dpi, x % 1)
    _cover(canvas, mask, int(x // 1) + left, round(y) + top, text.ink)


@lru_cache(maxsize=256)
def _level_letters(text: Text, dpi: int, phase: float) -> tuple[Coverage, int, int]:
    """The inked dots of a line, and where they start from its own starting dot."""
    size = text.size_pt * dpi / POINTS_PER_INCH
    margin = int(size) + 1
    width = int(text.width * dpi) + 2 * margin
    image = Image.new("L", (width, 3 * margin))
    _draw_letters(image, text, size=size, x=margin + phase, y=2 * margin)
    return np.asarray(image), -margin, -2 * margin


@lru_cache(maxsize=1024)
def _turned_letters(text: Text, dpi: int) -> tuple[Coverage, int, int]:
    """The inked dots of a line at an angle, and where they start from its own starting dot."""
    size = text.size_pt * dpi / POINTS_PER_INCH
    reach = int(text.width * dpi + 2 * size) + 1
    middle = reach * _FINE
    image = Image.new("L", (2 * middle, 2 * middle))
    _draw_letters(image, text, size=size * _FINE, x=middle, y=middle)
    turned = image.rotate(-text.angle, Image.Resampling.BICUBIC, center=(middle, middle))
    return np.asarray(turned.reduce(_FINE)), -reach, -reach


def _draw_letters(image: Image.Image, text: Text, *, size: float, x: float, y: float) -> None:
    """Each letter where its width says, so that lines end where the geometry says."""
    draw, font = ImageDraw.Draw(image), _font(text.face, size)
    for letter, ahead in zip(text.text, _advances(text), strict=True):
        draw.text((x + ahead * size, y), letter, fill=_PAPER, font=font, anchor="ls")


def _advances(text: Text) -> list[float]:
    """How far from the start of the line each letter starts, in ems."""
    widths = font_file(text.face).widths
    starts, at = [], 0.0
    for letter in text.text:
        starts.append(at)
        at += widths[letter] + text.spacing
    return starts


@lru_cache(maxsize=128)
def _font(face: Face, size: float) -> ImageFont.FreeTypeFont:
    file = BytesIO(font_file(face).data)
    return ImageFont.truetype(file, size, layout_engine=ImageFont.Layout.BASIC)


def _cover(canvas: Dots, mask: Coverage, x: int, y: int, ink: Ink) -> None:
    """Ink the canvas through ``mask`` from ``x``, ``y`` on; dots off the page fall away."""
    height, width = canvas.shape[:2]
    top, left = max(y, 0), max(x, 0)
    bottom, right = min(y + mask.shape[0], height), min(x + mask.shape[1], width)
    if top >= bottom or left >= right:
        return
    shade = mask[top - y : bottom - y, left - x : right - x].astype(np.uint16)
    under = canvas[top:bottom, left:right]
    if canvas.ndim == 3:
        shade = shade[:, :, None]
    over = np.asarray(_ink_for(canvas, ink), dtype=np.uint16)
    under[...] = (under * (255 - shade) + over * shade + 127) // 255


def _ink_for(canvas: Dots, ink: Ink) -> int | tuple[int, int, int]:
    return _INKS[ink] if canvas.ndim == 3 else _INKS[ink][0]
