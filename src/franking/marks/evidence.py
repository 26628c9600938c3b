"""The indicium as a person sees it, and the other imprints of a device.

Five elements (DMM P050.1.1 and 4.5 of 1997): town circle, amount, device ID, two-dimensional
symbol, and advertising if any, which ``franking.marks.advertising`` draws. Refuses to know what
the bytes in the symbol mean and where on the piece the imprint goes; the facing identification
mark is a mark of its own, since some imprints must not bear it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import Enum

from franking.errors import Refusal
from franking.identifiers import DeviceId
from franking.marks.geometry import (
    Anchor,
    Bars,
    Box,
    Drawing,
    Ink,
    Part,
    Text,
    enclosing,
    fitted,
    line_of_text,
)
from franking.marks.lettering import Face, cap_height_in, size_to_fit, width_in
from franking.marks.symbols import DPI_DEFAULT, Symbology, symbol_of
from franking.marks.town_circle import Town, town_circle
from franking.money import format_dollars

POSTAGE_NOT_SHOWN = Refusal(
    "POSTAGE_NOT_SHOWN",
    clause="DMM P050.4.5 (1997)",
    remedy="An indicium shows the amount of postage; ask for a date correction or a test print.",
    http_status=422,
)

Heading = tuple[str, str]
"""Two short lines beside the amount."""

HEADING: Heading = ("U.S.", "POSTAGE")
CORRECTION_HEADING: Heading = ("ADDITIONAL", "POSTAGE")
REDATE_HEADING: Heading = ("DATE", "CORRECTED")
NO_VALUE_HEADING: Heading = ("NO POSTAGE", "VALUE")

_WIDTH = 1.5  # between the zone of the facing identification mark and 1/4 inch from the edge
_WORDS_WIDTH = 1.4
_ROW_WORDS_WIDTH = 0.86
_BLOCK_MIN = 0.9  # lower symbols have the words beside them in a row
_AMOUNT_PT, _SMALL_PT = 17.0, 6.5
_HEADING_SPACING = 0.08
_AMOUNT_GAP, _ROW_GAP, _BLOCK_GAP = 0.06, 0.05, 0.07
_ABOVE_CIRCLE_MIN = 0.24  # the height that heading and amount need above a circle
_VOID_EDGE = 0.01  # the strip reaches over the symbol, so that no sliver of it shows
_CIRCLE_MIN, _CIRCLE_MAX = 0.74, 0.96


class Form(Enum):
    """How the elements stand together.

    ``COLUMN``: symbol beside town circle under the amount, 1.5 inches wide. ``BANNER``: symbol to
    the left of all that a person reads; the gap between the two can hold a facing identification
    mark.
    """

    COLUMN = "column"
    BANNER = "banner"


@dataclass(frozen=True, slots=True, kw_only=True)
class Readable:
    """What a person reads on an imprint; the symbol says the same to a machine.

    ``marking`` is the class or service, such as ``FIRST-CLASS``; ``complete_date`` may be false on
    Standard Mail only, which the layout decides.
    """

    town: Town
    device_id: DeviceId
    day: date
    postage_mills: int = 0
    complete_date: bool = True
    marking: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How a symbol is printed and where it stands.

    ``columns`` is that of PDF417; ``gap_in`` lies between symbol and words of a banner.
    """

    symbology: Symbology = Symbology.DATA_MATRIX
    form: Form = Form.COLUMN
    dpi: int = DPI_DEFAULT
    columns: int = 4
    gap_in: float = _BLOCK_GAP


STYLE_DEFAULT = Style()


def indicium(readable: Readable, payload: bytes, style: Style = STYLE_DEFAULT) -> Drawing:
    """The indicium of a piece.

    Its parts are ``symbol``, ``heading``, ``amount``, ``town-circle``, ``device-id`` and, if there
    is one, ``marking``.

    Raises:
        Refused: ``POSTAGE_NOT_SHOWN``, ``SYMBOL_PAYLOAD_TOO_LONG``, ``TOWN_NAME_TOO_LONG``,
            ``TEXT_UNPRINTABLE``.
    """
    words = _Words(HEADING, _postage(readable), readable)
    return _imprint(words, _symbol(payload, style), style)


def postage_correction(readable: Readable, payload: bytes, style: Style = STYLE_DEFAULT) -> Drawing:
    """An indicium for additional postage: every element, and no FIM (DMM P050.4.9).

    Raises:
        Refused: as ``indicium`` does.
    """
    words = _Words(CORRECTION_HEADING, _postage(readable), readable)
    return _imprint(words, _symbol(payload, style), style)


def redate(readable: Readable, *, word: str) -> Drawing:
    """A date correction: the true date, and ``word`` (REDATE) in place of the amount.

    It bears neither the facing identification mark nor the symbol (DMM P050.4.8).

    Raises:
        Refused: ``TOWN_NAME_TOO_LONG``, ``TEXT_UNPRINTABLE``.
    """
    return fitted(*_words_block(_Words(REDATE_HEADING, word, readable)))


def void_test_print(readable: Readable, payload: bytes, style: Style = STYLE_DEFAULT) -> Drawing:
    """A test print: $0.00, with VOID over a symbol that no reader accepts any more.

    Raises:
        Refused: as ``indicium`` does, save that it shows no postage whatever ``readable`` says.
    """
    words = _Words(NO_VALUE_HEADING, format_dollars(0), readable)
    return _imprint(words, _voided(_symbol(payload, style)), style)


def inspection_imprint(readable: Readable) -> Drawing:
    """The imprint of value .00 that an inspection asks of a device; it bears no symbol.

    Raises:
        Refused: ``TOWN_NAME_TOO_LONG``, ``TEXT_UNPRINTABLE``.
    """
    return fitted(*_words_block(_Words(NO_VALUE_HEADING, ".00", readable)))


@dataclass(frozen=True, slots=True)
class _Words:
    """What stands in the top row, and the rest of what a person reads."""

    heading: Heading
    amount: str
    readable: Readable


def _postage(readable: Readable) -> str:
    if readable.postage_mills <= 0:
        raise POSTAGE_NOT_SHOWN.because(f"the amount is {format_dollars(readable.postage_mills)}")
    return format_dollars(readable.postage_mills)


def _symbol(payload: bytes, style: Style) -> Part:
    drawing = symbol_of(payload, style.symbology, dpi=style.dpi, columns=style.columns)
    return drawing.parts[0]


def _imprint(words: _Words, symbol: Part, style: Style) -> Drawing:
    return _column(words, symbol) if style.form is Form.COLUMN else _banner(words, symbol, style)


def _column(words: _Words, symbol: Part) -> Drawing:
    """Symbol and town circle side by side, the device ID and class below them.

    The amount stands above both, or, where a large symbol leaves room, above the circle alone.
    """
    side = symbol.bounds
    room = _WIDTH - side.width - max(symbol.quiet.right, _ROW_GAP / 2)
    circle = _circle(words.readable, room)
    if side.height - circle.bounds.height < _ABOVE_CIRCLE_MIN:
        top = _top_row(words, width=_WIDTH)
        below = cap_height_in(Face.BOLD, _AMOUNT_PT) + max(_AMOUNT_GAP, symbol.quiet.top)
    else:
        top = _above_circle(words, left=_WIDTH - room, width=room)
        below = 0.0
    height = max(side.height, circle.bounds.height)
    drop = (height - circle.bounds.height) / (2 if below else 1)
    foot = below + height + max(_ROW_GAP, symbol.quiet.bottom)
    return fitted(
        *top,
        _put(symbol, x=0.0, y=below + (height - side.height) / 2),
        _put(circle, x=_WIDTH - circle.bounds.width, y=below + drop),
        *_bottom_row(words.readable, width=_WIDTH, top=foot),
    )


def _above_circle(words: _Words, *, left: float, width: float) -> tuple[Part, Part]:
    """One line of heading, the amount under it, in the narrow room beside a large symbol."""
    heading = _fitted_line(
        "heading", " ".join(words.heading), x=left, width=width, size_pt=_SMALL_PT, face=Face.BOLD
    )
    amount = _fitted_line(
        "amount", words.amount, x=left, width=width, size_pt=_AMOUNT_PT, face=Face.BOLD
    )
    room = _ABOVE_CIRCLE_MIN - heading.bounds.height
    squeezed = min(1.0, (room - _ROW_GAP) / amount.bounds.height)
    if squeezed < 1.0:
        size = _AMOUNT_PT * squeezed
        amount = _fitted_line(
            "amount", words.amount, x=left, width=width, size_pt=size, face=Face.BOLD
        )
    return (
        _put(heading, x=left, y=0.0),
        _put(amount, x=left, y=heading.bounds.height + _ROW_GAP),
    )


def _banner(words: _Words, symbol: Part, style: Style) -> Drawing:
    """The symbol to the left, all that a person reads to the right, their tops level."""
    right = symbol.bounds.width + max(style.gap_in, symbol.quiet.right)
    if symbol.bounds.height < _BLOCK_MIN:
        read = _words_row(words, height=symbol.bounds.height)
    else:
        read = _words_block(words, height=symbol.bounds.height)
    return fitted(_put(symbol, x=0.0, y=0.0), *(part.moved(right, 0.0) for part in read))


def _words_row(words: _Words, *, height: float) -> tuple[Part, ...]:
    """All that a person reads, beside each other: for tape, where height is dear."""
    readable = words.readable
    circle = _circle(readable, height)
    left, y = circle.bounds.width + _BLOCK_GAP, 0.0
    lines = (
        ("heading", " ".join(words.heading), _SMALL_PT, Face.BOLD),
        ("amount", words.amount, _AMOUNT_PT, Face.BOLD),
        ("device-id", str(readable.device_id), _SMALL_PT, Face.REGULAR),
        ("marking", readable.marking, _SMALL_PT, Face.BOLD),
    )
    parts = [
        _fitted_line(name, text, x=left, width=_ROW_WORDS_WIDTH, size_pt=size, face=face)
        for name, text, size, face in lines
        if text
    ]
    spare = (height - sum(part.bounds.height for part in parts)) / (len(parts) - 1)
    placed = []
    for part in parts:
        placed.append(_put(part, x=left, y=y))
        y += part.bounds.height + spare
    return _put(circle, x=0.0, y=0.0), *placed


def _fitted_line(
    name: str, text: str, *, x: float, width: float, size_pt: float, face: Face
) -> Part:
    size = size_to_fit(text, face, width=width, largest_pt=size_pt)
    return _part(name, line_of_text(text, x=x, y=0.0, size_pt=size, face=face))


def _words_block(words: _Words, *, height: float = 0.0) -> tuple[Part, ...]:
    """All that a person reads, in a block as high as ``height`` where that can be."""
    readable = words.readable
    below = cap_height_in(Face.BOLD, _AMOUNT_PT) + _AMOUNT_GAP
    foot = cap_height_in(Face.REGULAR, _SMALL_PT) + _ROW_GAP
    circle = _circle(readable, min(max(height - below - foot, _CIRCLE_MIN), _CIRCLE_MAX))
    x = (_WORDS_WIDTH - circle.bounds.width) / 2
    end = below + circle.bounds.height + _ROW_GAP
    return (
        *_top_row(words, width=_WORDS_WIDTH),
        _put(circle, x=x, y=below),
        *_bottom_row(readable, width=_WORDS_WIDTH, top=end, alone=Anchor.MIDDLE),
    )


def _top_row(words: _Words, *, width: float) -> tuple[Part, Part]:
    """Two small lines of heading at the left, the amount at the right, as high as both."""
    high = cap_height_in(Face.BOLD, _AMOUNT_PT)
    small = cap_height_in(Face.BOLD, _SMALL_PT)
    lines = [
        line_of_text(text, x=0.0, y=y, size_pt=_SMALL_PT, face=Face.BOLD, spacing=_HEADING_SPACING)
        for text, y in zip(words.heading, (small, high), strict=True)
    ]
    room = width - max(line.width for line in lines) - _BLOCK_GAP
    size = size_to_fit(words.amount, Face.BOLD, width=room, largest_pt=_AMOUNT_PT)
    amount = line_of_text(
        words.amount, x=width, y=high, size_pt=size, face=Face.BOLD, anchor=Anchor.END
    )
    return _part("heading", *lines), _part("amount", amount)


def _bottom_row(
    readable: Readable, *, width: float, top: float, alone: Anchor = Anchor.START
) -> tuple[Part, ...]:
    """The device ID at the left and the class at the right; the device ID alone at ``alone``."""
    device, marking = str(readable.device_id), readable.marking
    wide = width_in(device, Face.REGULAR, _SMALL_PT) + width_in(marking, Face.BOLD, _SMALL_PT)
    room = width - (_BLOCK_GAP if marking else 0.0)
    size = _SMALL_PT * min(1.0, room / wide)
    y = top + cap_height_in(Face.REGULAR, size)
    anchor = Anchor.START if marking else alone
    left = line_of_text(device, x=anchor.value * width, y=y, size_pt=size, anchor=anchor)
    if not marking:
        return (_part("device-id", left),)
    right = line_of_text(marking, x=width, y=y, size_pt=size, face=Face.BOLD, anchor=Anchor.END)
    return _part("device-id", left), _part("marking", right)


def _circle(readable: Readable, diameter: float) -> Part:
    drawing = town_circle(
        readable.town, readable.day, complete_date=readable.complete_date, diameter=diameter
    )
    return drawing.parts[0]


def _put(part: Part, *, x: float, y: float) -> Part:
    """The part with the corner of its ink at ``x``, ``y``."""
    box = part.bounds
    return part.moved(x - box.left, y - box.top)


def _part(name: str, *lines: Text) -> Part:
    """A part of lines in capitals and figures: its ink ends at baselines and cap heights."""
    boxes = (
        Box(
            left=line.x,
            top=line.y - cap_height_in(line.face, line.size_pt),
            right=line.x + line.width,
            bottom=line.y,
        )
        for line in lines
    )
    return Part(name=name, shapes=lines, extent=enclosing(boxes))


def _voided(symbol: Part) -> Part:
    """The symbol with VOID printed across it on a strip of bare paper."""
    box = symbol.extent
    strip = 0.42 * box.height
    size = size_to_fit("VOID", Face.BOLD, width=0.92 * box.width, largest_pt=_void_size(strip))
    middle = (box.top + box.bottom) / 2
    paper = (box.left - _VOID_EDGE, middle - strip / 2, box.width + 2 * _VOID_EDGE, strip)
    word = line_of_text(
        "VOID",
        x=(box.left + box.right) / 2,
        y=middle + cap_height_in(Face.BOLD, size) / 2,
        size_pt=size,
        face=Face.BOLD,
        anchor=Anchor.MIDDLE,
    )
    return replace(symbol, shapes=(*symbol.shapes, Bars(bars=(paper,), ink=Ink.PAPER), word))


def _void_size(strip: float) -> float:
    """The size in points whose capitals fill most of a strip of that height."""
    return 0.78 * strip / cap_height_in(Face.BOLD, 1.0)
