"""Drawings as a PDF file, one page each, by reportlab.

reportlab writes the file, its texts and its fonts, of which it embeds the letters used and nothing
else; the same drawings give the same bytes. What repeats from page to page is put into words once
a file, and every page is packed as it comes: the file is written at the end, and until then a job
of ten thousand pieces waits in memory.

Coordinates stay in inches from the top left corner; one matrix a page turns them into points.
The viewer is told not to scale, for a symbol scaled to fit is no longer whole printer dots.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache, partial
from math import cos, radians, sin
from threading import Lock
from typing import BinaryIO, Final, assert_never

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.pdfdoc import (
    PDFArray,
    PDFDictionary,
    PDFName,
    PDFPage,
    PDFResourceDictionary,
    PDFStream,
)
from reportlab.pdfgen.canvas import Canvas

from franking.host.render.cells import dark_runs
from franking.marks.geometry import Bars, Drawing, Ink, Modules, Part, Picture, Ring, Shape, Text
from franking.marks.lettering import POINTS_PER_INCH, Face, font_file

_COLOURS: Final = {Ink.BLACK: (0, 0, 0), Ink.RED: (0.78, 0.06, 0.1), Ink.PAPER: (1, 1, 1)}
_SINCE_PRINT_SCALING = (1, 6)
_ONE_FILE_AT_A_TIME = Lock()  # a font of reportlab keeps its reading place while it embeds itself


def pdf(pages: Iterable[Drawing], out: BinaryIO) -> int:
    """Write ``pages`` to ``out`` as one PDF file; the number of pages.

    The pages are taken one at a time; of each about as many bytes are kept as it takes in the file.
    """
    canvas = _canvas(out)
    sheets = _Sheets(canvas)
    for page in pages:
        sheets.add(page)
    with _ONE_FILE_AT_A_TIME:
        canvas.save()
    return sheets.count


def _canvas(out: BinaryIO) -> Canvas:
    canvas = Canvas(
        out,
        pageCompression=1,
        invariant=1,
        pdfVersion=_SINCE_PRINT_SCALING,
        initialFontName=_font_name(Face.REGULAR),  # type: ignore[arg-type]
    )
    canvas.setViewerPreference("PrintScaling", "None")
    canvas.setCreator("Franking")
    canvas.setTitle("Franking")
    return canvas


@cache
def _font_name(face: Face) -> str:
    """The name under which reportlab knows ``face``, made known to it once."""
    font = font_file(face).font
    pdfmetrics.registerFont(font)
    return str(font.fontName)


class _Sheets:
    """The pages of one file.

    They go to reportlab's document packed and with one dictionary of resources for all; pages made
    by the canvas would wait as plain text, each with a dictionary of its own.
    """

    def __init__(self, canvas: Canvas) -> None:
        self.count = 0
        self._document = canvas._doc  # type: ignore[attr-defined]
        self._text = lru_cache(maxsize=512)(partial(_text_code, canvas))
        self._ring = lru_cache(maxsize=64)(partial(_ring_code, canvas))
        self._box = lru_cache(maxsize=64)(_media_box)
        self._packed = PDFDictionary({"Filter": PDFName("FlateDecode")})
        resources = PDFResourceDictionary()
        resources.basicFonts()
        self._resources = self._document.Reference(resources)

    def add(self, drawing: Drawing) -> None:
        """Put ``drawing`` on a page of its own."""
        page = PDFPage()
        page.Override_default_compilation = 1
        page.MediaBox = self._box(drawing.width_in, drawing.height_in)
        page.Resources = self._resources
        page.Parent = self._document.Reference(self._document.Pages)
        page.Contents = _Contents(self._packed, self._packed_code(drawing))
        self._document.addPage(page)
        self.count += 1

    def _packed_code(self, drawing: Drawing) -> bytes:
        """What is drawn on the page, which also goes into the digest that names the file."""
        packed = zlib.compress("\n".join(self._page_code(drawing)).encode("ascii"))
        self._document.updateSignature(packed)
        return packed

    def _page_code(self, drawing: Drawing) -> Iterator[str]:
        yield f"72 0 0 -72 0 {drawing.height_in * POINTS_PER_INCH:.3f} cm"
        for part in drawing.parts:
            yield from self._part_code(part)

    def _part_code(self, part: Part) -> Iterator[str]:
        yield f"q 1 0 0 1 {part.x:.5f} {part.y:.5f} cm"
        for shape in part.shapes:
            yield self._shape_code(shape)
        yield "Q"

    def _shape_code(self, shape: Shape) -> str:
        match shape:
            case Modules():
                return _modules_code(shape)
            case Text():
                return self._text(shape)
            case Bars():
                return _bars_code(shape)
            case Ring():
                return self._ring(shape)
            case Picture():
                return _picture_code(shape)
            case _:
                assert_never(shape)


class _Contents(PDFStream):
    """What is drawn on a page, let go as soon as it is part of the file."""

    def format(self, document: object) -> bytes:
        """The stream as it stands in the file; once."""
        written: bytes = super().format(document)
        self.content = None
        return written


def _media_box(width_in: float, height_in: float) -> PDFArray:
    return PDFArray([0, 0, width_in * POINTS_PER_INCH, height_in * POINTS_PER_INCH])


def _modules_code(symbol: Modules) -> str:
    scale = (symbol.module_width, symbol.module_height, symbol.left, symbol.top)
    return _cells_code(symbol.cells, symbol.columns, symbol.rows, scale)


def _picture_code(picture: Picture) -> str:
    width, height = picture.width / picture.columns, picture.height / picture.rows
    scale = (width, height, picture.left, picture.top)
    return _cells_code(picture.dots, picture.columns, picture.rows, scale)


def _cells_code(
    cells: bytes, columns: int, rows: int, scale: tuple[float, float, float, float]
) -> str:
    """All runs as one path, filled once, so that no seam shows between rows."""
    runs = dark_runs(cells, columns=columns, rows=rows)
    path = "%d %d %d 1 re\n" * len(runs) % tuple(runs.ravel().tolist())
    place = "{:.6f} 0 0 {:.6f} {:.5f} {:.5f} cm".format(*scale)
    return f"q {place}\n0 g\n{path}f\nQ"


@lru_cache(maxsize=32)
def _bars_code(bars: Bars) -> str:
    numbers = tuple(length for bar in bars.bars for length in bar)
    path = "%.5f %.5f %.5f %.5f re\n" * len(bars.bars) % numbers
    red, green, blue = _COLOURS[bars.ink]
    return f"{red} {green} {blue} rg\n{path}f"


def _text_code(canvas: Canvas, text: Text) -> str:
    across, down = cos(radians(text.angle)), sin(radians(text.angle))
    em = text.size_pt / POINTS_PER_INCH
    line = canvas.beginText()
    line.setFont(_font_name(text.face), 1)
    line.setFillColorRGB(*_COLOURS[text.ink])
    line.setCharSpace(text.spacing)
    line.setTextTransform(across * em, down * em, down * em, -across * em, text.x, text.y)
    line.textOut(text.text)
    return str(line.getCode())


def _ring_code(canvas: Canvas, ring: Ring) -> str:
    path = canvas.beginPath()
    path.circle(ring.x, ring.y, ring.radius)
    return f"0 G {ring.line:.5f} w {path.getCode()} s"
