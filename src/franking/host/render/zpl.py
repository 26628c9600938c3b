"""A drawing as ZPL, for thermal label printers.

Bars are boxes (``^GB``) of whole dots; everything else is sent as a bitmap (``^GFA``), so that a
symbol does not depend on the encoder or the fonts of the printer.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

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
_FIELD_BYTES_MAX = 24_000
_COUNT_MAX, _PLAIN_MAX = 400, 2
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
        yield from _bitmaps(part, dpi)


def _boxes(bars: Bars, part: Part, dpi: int) -> Iterator[str]:
    for left, top, width, height in bars.bars:
        x, y = dot(part.x + left, dpi), dot(part.y + top, dpi)
        wide, high = dots_wide(width, dpi), dots_wide(height, dpi)
        yield f"^FO{x},{y}^GB{wide},{high},{min(wide, high)}^FS"


def _bitmaps(part: Part, dpi: int) -> Iterator[str]:
    """The part as bitmaps one under the other, none of more bytes than a field may hold."""
    x, y = _corner(part.bounds, dpi)
    packed = np.packbits(_inked(part, x, y, dpi), axis=1)
    per_row = packed.shape[1]
    step = max(_FIELD_BYTES_MAX // per_row, 1)
    for top in range(0, len(packed), step):
        band = packed[top : top + step]
        field = f"^GFA,{band.size},{band.size},{per_row},{_compressed(band)}"
        yield f"^FO{x},{y + top}{field}^FS"


def _inked(part: Part, x: int, y: int, dpi: int) -> NDArray[np.bool_]:
    """The dots of the part alone, from the dot ``x``, ``y`` of the label on."""
    alone = part.moved(-x / dpi, -y / dpi)
    drawing = Drawing(
        width_in=alone.bounds.right + 2 / dpi,
        height_in=alone.bounds.bottom + 2 / dpi,
        parts=(alone,),
    )
    return _grey(dots_of(drawing, dpi)) < _DARK_BELOW


def _corner(box: Box, dpi: int) -> tuple[int, int]:
    return max(int(box.left * dpi) - 1, 0), max(int(box.top * dpi) - 1, 0)


def _grey(dots: Dots) -> Dots:
    """Red counts as ink: a thermal printer has one colour."""
    return dots.min(axis=2) if dots.ndim == 3 else dots


def _compressed(packed: NDArray[np.uint8]) -> str:
    """Rows in the printer's own short form of hexadecimal; a colon repeats the row before."""
    lines: list[str] = []
    before = b""
    for row in packed:
        held = row.tobytes()
        lines.append(":" if held == before else _short(held.hex().upper()))
        before = held
    return "".join(lines)


def _short(digits: str) -> str:
    """A comma ends a row that is blank from there; a count stands before a repeated digit."""
    inked = digits.rstrip("0")
    end = "" if len(inked) == len(digits) else ","
    return "".join(_repeated(digit, len(list(run))) for digit, run in groupby(inked)) + end


def _repeated(digit: str, count: int) -> str:
    """``G`` to ``Y`` stand for 1 to 19, ``g`` to ``z`` for 20 to 400 in twenties."""
    if count <= _PLAIN_MAX:
        return digit * count
    rounds, rest = divmod(count, _COUNT_MAX)
    whole = f"z{digit}" * rounds
    if not rest:
        return whole
    twenties, ones = divmod(rest, 20)
    letters = (chr(ord("f") + twenties) if twenties else "") + (
        chr(ord("F") + ones) if ones else ""
    )
    return f"{whole}{letters}{digit}"
