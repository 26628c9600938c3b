"""The labels that stay on a device: the cautionary label and the barcoded serial label.

Their wording, sizes and digits are data of the rules; this module draws what it is given
(39 CFR 501.22(r) of 1995).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import zint

from franking.errors import Refusal
from franking.marks.geometry import (
    Anchor,
    Box,
    Drawing,
    Ink,
    Margins,
    Modules,
    Part,
    Text,
    fitted,
    frame,
    line_of_text,
)
from franking.marks.lettering import POINTS_PER_INCH, Face, cap_height_in, width_in
from franking.marks.symbols import DPI_DEFAULT, cells_of, whole_dots

LABEL_TEXT_TOO_LONG = Refusal(
    "LABEL_TEXT_TOO_LONG",
    clause="39 CFR 501.22(r)(1) (1995)",
    remedy="Make the label larger, or shorten the name of the manufacturer.",
    http_status=422,
)
SERIAL_LABEL_UNREADABLE = Refusal(
    "SERIAL_LABEL_UNREADABLE",
    clause="39 CFR 501.22(r)(2) (1995)",
    remedy="Give the digits of manufacturer code and serial number.",
    http_status=422,
)

_FRAME_LINE, _INSET = 0.028, 0.09
_HEADING_PT_MAX, _HEADING_PT_MIN = 11.0, 5.0
_PARAGRAPH_SIZE = 0.86  # of the size of headings
_LINE_STEP, _PARAGRAPH_GAP = 1.22, 0.36  # ems
_CAPITALS = re.compile(r"[A-Z]{2}")
_SMALL_LETTER = re.compile(r"[a-z]")

_AREA_CODE = re.compile(r"(\([0-9]{3}\)) ")  # stays on one line with its number
_BALANCE_STEP = 0.02

_CODE39_MODULE_MIN = 0.010
_CODE39_QUIET_MODULES = 10  # ISO/IEC 16388
_CODE39_HEIGHT = 0.4
_CODE39_TEXT = re.compile(r"[0-9A-Z .$/+%-]{1,40}", re.ASCII)
_SERIAL_PT, _CAPTION_PT, _SERIAL_SPACING = 9.0, 6.0, 0.12


def caution_label(lines: Sequence[str], *, width_in: float, height_in: float) -> Drawing:
    """The cautionary label: each of ``lines`` a paragraph, words in capitals bold and red.

    A paragraph without small letters is a heading. The type is as large as the label allows.

    Raises:
        Refused: ``LABEL_TEXT_TOO_LONG``, ``TEXT_UNPRINTABLE``.
    """
    texts = [line.replace("--", "\N{EM DASH}") for line in lines]
    room = Box(left=_INSET, top=_INSET, right=width_in - _INSET, bottom=height_in - _INSET)
    body = _largest_setting(texts, room)
    edge = Box(left=0.0, top=0.0, right=width_in, bottom=height_in)
    border = Part.of("border", frame(edge, line=_FRAME_LINE, ink=Ink.RED))
    wording = Part(name="wording", shapes=tuple(body), extent=room)
    return Drawing(width_in=width_in, height_in=height_in, parts=(border, wording))


def serial_label(text: str, *, caption: str = "SERIAL NUMBER", dpi: int = DPI_DEFAULT) -> Drawing:
    """``text`` in Code 39 (3 of 9), with the caption above and the digits below.

    A narrow bar is the least whole number of dots at ``dpi`` that makes 0.010 inch; wide bars are
    twice as wide.

    Raises:
        Refused: ``SERIAL_LABEL_UNREADABLE``, ``TEXT_UNPRINTABLE``.
    """
    if _CODE39_TEXT.fullmatch(text) is None:
        raise SERIAL_LABEL_UNREADABLE.because(f"{text!r} cannot be printed in Code 39")
    bars = _code39(text, dpi)
    middle, end = bars.bounds.width / 2, bars.bounds.bottom
    digits = line_of_text(
        text,
        x=middle,
        y=end + 0.05 + cap_height_in(Face.BOLD, _SERIAL_PT),
        size_pt=_SERIAL_PT,
        face=Face.BOLD,
        anchor=Anchor.MIDDLE,
        spacing=_SERIAL_SPACING,
    )
    above = line_of_text(caption, x=middle, y=-0.05, size_pt=_CAPTION_PT, anchor=Anchor.MIDDLE)
    return fitted(Part.of("caption", above), bars, Part.of("serial", digits))


def _code39(text: str, dpi: int) -> Part:
    symbol = zint.Symbol()
    symbol.symbology = zint.Symbology.CODE39
    symbol.warn_level = zint.WarningLevel.FAIL_ALL
    symbol.encode(text)
    module = whole_dots(_CODE39_MODULE_MIN, dpi)
    modules = Modules(
        left=0.0,
        top=0.0,
        module_width=module,
        module_height=whole_dots(_CODE39_HEIGHT, dpi),
        columns=symbol.width,
        rows=symbol.rows,
        cells=cells_of(symbol),
    )
    quiet = _CODE39_QUIET_MODULES * module
    return Part.of("code-39", modules, quiet=Margins(left=quiet, right=quiet))


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    face: Face
    ink: Ink


_Line = list[_Word]


def _largest_setting(texts: Sequence[str], room: Box) -> list[Text]:
    """The paragraphs in the largest type that leaves them within ``room``."""
    size = _HEADING_PT_MAX
    while size >= _HEADING_PT_MIN:
        paragraphs = [(_size_of(text, size), _broken(text, size, room.width)) for text in texts]
        height = sum(len(lines) * _LINE_STEP * pt for pt, lines in paragraphs)
        gaps = (len(paragraphs) - 1) * _PARAGRAPH_GAP * size
        if (height + gaps) / POINTS_PER_INCH <= room.height:
            return list(_set(paragraphs, room=room))
        size -= 0.1
    raise LABEL_TEXT_TOO_LONG.because("the wording does not fit the label in legible type")


def _size_of(text: str, heading_pt: float) -> float:
    return heading_pt if _SMALL_LETTER.search(text) is None else heading_pt * _PARAGRAPH_SIZE


def _broken(text: str, heading_pt: float, width: float) -> list[_Line]:
    """The words of a paragraph in as few lines as ``width`` allows, about equally long."""
    size = _size_of(text, heading_pt)
    words = list(_words(text))
    lines = _filled_lines(words, size, width)
    narrower = width - _BALANCE_STEP
    while len(lines) > 1 and len(again := _filled_lines(words, size, narrower)) == len(lines):
        lines, narrower = again, narrower - _BALANCE_STEP
    return lines


def _filled_lines(words: Sequence[_Word], size_pt: float, width: float) -> list[_Line]:
    """The words in lines, each as full as ``width`` allows."""
    lines: list[_Line] = []
    used, space = width, _space(size_pt)
    for word in words:
        wide = width_in(word.text, word.face, size_pt)
        if used + space + wide > width or not lines:
            lines.append([word])
            used = wide
        else:
            lines[-1].append(word)
            used += space + wide
    return lines


def _words(text: str) -> Iterator[_Word]:
    """Words in capitals, and the figures that belong to them, bold and red; others plain."""
    emphasized = False
    all_capitals = _SMALL_LETTER.search(text) is None
    for word in _AREA_CODE.sub("\\1\N{NO-BREAK SPACE}", text).split(" "):
        plain = _SMALL_LETTER.search(word) is not None or "." in word[:-1]
        emphasized = all_capitals or (
            not plain and (emphasized or _CAPITALS.search(word) is not None)
        )
        face, ink = (Face.BOLD, Ink.RED) if emphasized else (Face.REGULAR, Ink.BLACK)
        yield _Word(word.replace("\N{NO-BREAK SPACE}", " "), face, ink)


def _space(size_pt: float) -> float:
    return width_in(" ", Face.REGULAR, size_pt)


def _set(paragraphs: Sequence[tuple[float, list[_Line]]], *, room: Box) -> Iterator[Text]:
    """The lines one under the other, centred, the spare height shared between paragraphs."""
    height = sum(len(lines) * _LINE_STEP * pt for pt, lines in paragraphs) / POINTS_PER_INCH
    gap = (room.height - height) / max(len(paragraphs) - 1, 1)
    y = room.top
    for size, lines in paragraphs:
        for line in lines:
            y += _LINE_STEP * size / POINTS_PER_INCH
            yield from _set_line(line, size_pt=size, middle=(room.left + room.right) / 2, y=y)
        y += gap


def _set_line(line: _Line, *, size_pt: float, middle: float, y: float) -> Iterator[Text]:
    """One centred line; neighbours of one style are one text."""
    width = sum(width_in(word.text, word.face, size_pt) for word in line)
    x = middle - (width + _space(size_pt) * (len(line) - 1)) / 2
    baseline = y - 0.3 * (_LINE_STEP * size_pt) / POINTS_PER_INCH
    for word in line:
        yield Text(x=x, y=baseline, text=word.text, face=word.face, size_pt=size_pt, ink=word.ink)
        x += width_in(word.text, word.face, size_pt) + _space(size_pt)
