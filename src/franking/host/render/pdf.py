"""Drawings as a PDF file, one page each, written as they come.

A writer of its own, since pages are few kinds of shapes and many in number: it holds one page in
memory, embeds the letters used and nothing else, and gives the same bytes for the same drawings.
Coordinates stay in inches from the top left corner; one matrix a page turns them into points.
The viewer is told not to scale, for a symbol scaled to fit is no longer whole printer dots.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Iterator
from functools import lru_cache
from math import cos, radians, sin
from typing import BinaryIO, Final, assert_never

from franking.host.render.cells import dark_runs
from franking.host.render.font_subset import subset
from franking.marks.geometry import Bars, Drawing, Ink, Modules, Part, Picture, Ring, Shape, Text
from franking.marks.lettering import ENCODING, POINTS_PER_INCH, Face, font_file

_FONT_NAMES: Final = {Face.REGULAR: b"F1", Face.BOLD: b"F2"}
_COLOURS: Final = {Ink.BLACK: b"0 g", Ink.RED: b".78 .06 .1 rg", Ink.PAPER: b"1 g"}
_BEZIER_CIRCLE = 0.5522847498
_FIRST_CODE, _LAST_CODE = 32, 255

# The objects whose numbers every page refers to; pages follow, fonts come last.
_CATALOG, _PAGES, _RESOURCES, _INFO = 1, 2, 3, 4
_FIRST_FREE = 5


def pdf(pages: Iterable[Drawing], out: BinaryIO) -> int:
    """Write ``pages`` to ``out`` as one PDF file; the number of pages.

    The pages are taken one at a time, so that a long run needs no more memory than a short one.
    """
    file = _File(out)
    letters: dict[Face, set[str]] = {face: set() for face in Face}
    kids = [_write_page(file, page, letters) for page in pages]
    fonts = {face: _write_font(file, face, used) for face, used in letters.items() if used}
    file.write(_RESOURCES, _resources(fonts))
    file.write(_PAGES, _page_tree(kids))
    file.write(_INFO, b"<</Producer(Franking)>>")
    file.write(
        _CATALOG,
        b"<</Type/Catalog/Pages %d 0 R/ViewerPreferences<</PrintScaling/None>>>>" % _PAGES,
    )
    file.close()
    return len(kids)


class _File:
    """A PDF file being written: where each object starts, and a digest of all so far."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._at = 0
        self._starts: dict[int, int] = {}
        self._free = _FIRST_FREE
        self._digest = hashlib.sha256()
        self._emit(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")

    def next_number(self) -> int:
        """A number for a new object."""
        self._free += 1
        return self._free - 1

    def write(self, number: int, body: bytes) -> None:
        """Write the object ``number``."""
        self._starts[number] = self._at
        self._emit(b"%d 0 obj\n%b\nendobj\n" % (number, body))

    def write_stream(self, number: int, data: bytes, *, entries: bytes = b"") -> None:
        """Write the object ``number`` as a compressed stream with more dictionary entries."""
        packed = zlib.compress(data, 6)
        head = b"<</Length %d/Filter/FlateDecode%b>>\nstream\n" % (len(packed), entries)
        self.write(number, b"%b%b\nendstream" % (head, packed))

    def close(self) -> None:
        """Write the table of objects and the trailer."""
        table_at, count = self._at, self._free
        rows = b"".join(b"%010d 00000 n \n" % self._starts[n] for n in range(1, count))
        name = self._digest.hexdigest()[:32].encode()
        self._emit(b"xref\n0 %d\n0000000000 65535 f \n%b" % (count, rows))
        self._emit(
            b"trailer\n<</Size %d/Root %d 0 R/Info %d 0 R/ID[<%b><%b>]>>\nstartxref\n%d\n%%%%EOF\n"
            % (count, _CATALOG, _INFO, name, name, table_at)
        )

    def _emit(self, data: bytes) -> None:
        self._out.write(data)
        self._digest.update(data)
        self._at += len(data)


def _write_page(file: _File, page: Drawing, letters: dict[Face, set[str]]) -> int:
    content, number = file.next_number(), file.next_number()
    width, height = page.width_in * POINTS_PER_INCH, page.height_in * POINTS_PER_INCH
    file.write_stream(content, b"72 0 0 -72 0 %.3f cm\n%b" % (height, _page_content(page)))
    file.write(
        number,
        b"<</Type/Page/Parent %d 0 R/MediaBox[0 0 %.3f %.3f]/Resources %d 0 R/Contents %d 0 R>>"
        % (_PAGES, width, height, _RESOURCES, content),
    )
    for part in page.parts:
        for shape in part.shapes:
            if isinstance(shape, Text):
                letters[shape.face].update(shape.text)
    return number


def _page_content(page: Drawing) -> bytes:
    return b"".join(line for part in page.parts for line in _part_content(part))


def _part_content(part: Part) -> Iterator[bytes]:
    yield b"q 1 0 0 1 %.5f %.5f cm\n" % (part.x, part.y)
    for shape in part.shapes:
        yield _shape_content(shape)
    yield b"Q\n"


def _shape_content(shape: Shape) -> bytes:
    match shape:
        case Modules():
            return _modules_content(shape)
        case Text():
            return _text_content(shape)
        case Bars():
            return _bars_content(shape)
        case Ring():
            return _ring_content(shape)
        case Picture():
            return _picture_content(shape)
        case _:
            assert_never(shape)


def _modules_content(symbol: Modules) -> bytes:
    scale = (symbol.module_width, symbol.module_height, symbol.left, symbol.top)
    return _cells_content(symbol.cells, symbol.columns, symbol.rows, scale)


def _picture_content(picture: Picture) -> bytes:
    width, height = picture.width / picture.columns, picture.height / picture.rows
    scale = (width, height, picture.left, picture.top)
    return _cells_content(picture.dots, picture.columns, picture.rows, scale)


def _cells_content(
    cells: bytes, columns: int, rows: int, scale: tuple[float, float, float, float]
) -> bytes:
    """All runs as one path, filled once, so that no seam shows between rows."""
    runs = dark_runs(cells, columns=columns, rows=rows)
    path = b"%d %d %d 1 re\n" * len(runs) % tuple(runs.ravel().tolist())
    return b"q %.6f 0 0 %.6f %.5f %.5f cm\n0 g\n%bf\nQ\n" % (*scale, path)


@lru_cache(maxsize=32)
def _bars_content(bars: Bars) -> bytes:
    numbers = tuple(length for bar in bars.bars for length in bar)
    path = b"%.5f %.5f %.5f %.5f re\n" * len(bars.bars) % numbers
    return b"%b\n%bf\n" % (_COLOURS[bars.ink], path)


@lru_cache(maxsize=512)
def _text_content(text: Text) -> bytes:
    across, down = cos(radians(text.angle)), sin(radians(text.angle))
    em = text.size_pt / POINTS_PER_INCH
    matrix = (across * em, down * em, down * em, -across * em, text.x, text.y)
    return b"BT %b /%b 1 Tf %.4f Tc %.6f %.6f %.6f %.6f %.5f %.5f Tm (%b) Tj ET\n" % (
        _COLOURS[text.ink], _FONT_NAMES[text.face], text.spacing, *matrix, _literal(text.text),
    )  # fmt: skip


def _literal(text: str) -> bytes:
    coded = text.encode(ENCODING)
    return coded.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


@lru_cache(maxsize=64)
def _ring_content(ring: Ring) -> bytes:
    x, y, r, k = ring.x, ring.y, ring.radius, ring.radius * _BEZIER_CIRCLE
    curves = (
        (x + r, y + k, x + k, y + r, x, y + r),
        (x - k, y + r, x - r, y + k, x - r, y),
        (x - r, y - k, x - k, y - r, x, y - r),
        (x + k, y - r, x + r, y - k, x + r, y),
    )
    path = b"".join(b"%.5f %.5f %.5f %.5f %.5f %.5f c\n" % curve for curve in curves)
    return b"0 G %.5f w %.5f %.5f m\n%bs\n" % (ring.line, x + r, y, path)


def _page_tree(kids: list[int]) -> bytes:
    refs = b" ".join(b"%d 0 R" % kid for kid in kids)
    return b"<</Type/Pages/Count %d/Kids[%b]>>" % (len(kids), refs)


def _resources(fonts: dict[Face, int]) -> bytes:
    named = b"".join(b"/%b %d 0 R" % (_FONT_NAMES[face], number) for face, number in fonts.items())
    return b"<</ProcSet[/PDF/Text]/Font<<%b>>>>" % named


def _write_font(file: _File, face: Face, letters: set[str]) -> int:
    """Embed the letters used of ``face`` as a simple TrueType font in WinAnsi encoding."""
    font = font_file(face)
    data = subset(font, letters)
    name = b"%b+%b" % (_subset_tag(data), face.name.encode())
    program, descriptor, number = file.next_number(), file.next_number(), file.next_number()
    file.write_stream(program, data, entries=b"/Length1 %d" % len(data))
    per_mille = 1000 / font.units_per_em
    file.write(
        descriptor,
        b"<</Type/FontDescriptor/FontName/%b/Flags 32/FontBBox[-200 -300 1300 1000]/ItalicAngle 0"
        b"/Ascent %d/Descent %d/CapHeight %d/StemV 80/FontFile2 %d 0 R>>"
        % (name, font.ascent * per_mille, font.descent * per_mille,
           font.cap_height * per_mille, program),
    )  # fmt: skip
    codes = bytes(range(_FIRST_CODE, _LAST_CODE + 1))
    widths = b" ".join(
        b"%d" % round(1000 * font.widths.get(letter, 0))
        for letter in codes.decode(ENCODING, errors="replace")
    )
    file.write(
        number,
        b"<</Type/Font/Subtype/TrueType/BaseFont/%b/Encoding/WinAnsiEncoding"
        b"/FirstChar %d/LastChar %d/Widths[%b]/FontDescriptor %d 0 R>>"
        % (name, _FIRST_CODE, _LAST_CODE, widths, descriptor),
    )
    return number


def _subset_tag(data: bytes) -> bytes:
    """Six capitals that name this subset."""
    return bytes(65 + byte % 26 for byte in hashlib.sha256(data).digest()[:6])
