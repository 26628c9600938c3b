"""A drawing as ZPL, for thermal label printers.

Bars are boxes (``^GB``) of whole dots; everything else is sent as a bitmap (``^GFA``), so that a
symbol does not depend on the encoder or the fonts of the printer.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from franking.errors import Refusal
from franking.host.render.raster import Dots, dot, dots_of, dots_wide
from franking.marks.geometry import Bars, Box, Drawing, Ink, Modules, Part

RESOLUTION_UNSUITABLE = Refusal(
    "RESOLUTION_UNSUITABLE",
    clause="DMM P050.4.2 (1997)",
    remedy="Draw the symbol for the resolution of the printer it is sent to.",
    http_status=422,
)

_DARK_BELOW = 128
_WHOLE_DOTS_SLACK = 1e-3


def zpl(drawing: Drawing, dpi: int) -> str:
    """One label in ZPL for a printer of ``dpi`` dots per inch.

    Raises:
        Refused: ``RESOLUTION_UNSUITABLE`` if a module of a symbol is not whole dots there.
    """
    _check_modules(drawing, dpi)
    width, height = dots_wide(drawing.width_in, dpi), dots_wide(drawing.height_in, dpi)
    fields = (field for part in drawing.parts for field in _fields(part, dpi))
    return "\n".join(["^XA", f"^PW{width}", f"^LL{height}", "^LH0,0", *fields, "^XZ\n"])


def _check_modules(drawing: Drawing, dpi: int) -> None:
    for part in drawing.parts:
        for shape in part.shapes:
            if isinstance(shape, Modules):
                _check_whole(part.name, shape.module_width * dpi, dpi)
                _check_whole(part.name, shape.module_height * dpi, dpi)


def _check_whole(name: str, dots: float, dpi: int) -> None:
    if abs(dots - round(dots)) > _WHOLE_DOTS_SLACK * dots:
        raise RESOLUTION_UNSUITABLE.because(
            f"a module of {name!r} would be {dots:.2f} dots at {dpi} dots per inch"
        )


def _fields(part: Part, dpi: int) -> Iterator[str]:
    if all(isinstance(shape, Bars) and shape.ink is not Ink.PAPER for shape in part.shapes):
        for shape in part.shapes:
            if isinstance(shape, Bars):
                yield from _boxes(shape, part, dpi)
    else:
        yield _bitmap(part, dpi)


def _boxes(bars: Bars, part: Part, dpi: int) -> Iterator[str]:
    for left, top, width, height in bars.bars:
        x, y = dot(part.x + left, dpi), dot(part.y + top, dpi)
        wide, high = dots_wide(width, dpi), dots_wide(height, dpi)
        yield f"^FO{x},{y}^GB{wide},{high},{min(wide, high)}^FS"


def _bitmap(part: Part, dpi: int) -> str:
    """The part as one bitmap; its corner is moved to a whole dot of the label first."""
    x, y = _corner(part.bounds, dpi)
    box = part.bounds.moved(-x / dpi, -y / dpi)
    part_alone = Drawing(
        width_in=box.right + 2 / dpi,
        height_in=box.bottom + 2 / dpi,
        parts=(part.moved(-x / dpi, -y / dpi),),
    )
    inked = _grey(dots_of(part_alone, dpi)) < _DARK_BELOW
    packed = np.packbits(inked, axis=1)
    per_row = packed.shape[1]
    return f"^FO{x},{y}^GFA,{packed.size},{packed.size},{per_row},{_compressed(packed)}^FS"


def _corner(box: Box, dpi: int) -> tuple[int, int]:
    return max(int(box.left * dpi) - 1, 0), max(int(box.top * dpi) - 1, 0)


def _grey(dots: Dots) -> Dots:
    """Red counts as ink: a thermal printer has one colour."""
    return dots.min(axis=2) if dots.ndim == 3 else dots


def _compressed(packed: Dots) -> str:
    """Rows in hexadecimal: a comma ends a row that is blank from there, a colon repeats a row."""
    lines, before = [], None
    for row in packed:
        text = row.tobytes().hex().upper()
        lines.append(":" if text == before else _short(text))
        before = text
    return "".join(lines)


def _short(text: str) -> str:
    stripped = text.rstrip("0")
    return text if len(stripped) == len(text) else f"{stripped},"
