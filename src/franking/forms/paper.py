"""Letter paper: blocks of a form, set one below the other, and parted into pages.

A block gives strips, which are never parted; a table gives one strip a row and repeats its head on
every page. Lengths are inches, type sizes points, as in ``franking.marks.geometry``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Protocol

from franking.errors import Refusal
from franking.marks.geometry import (
    Anchor,
    Bars,
    Box,
    Drawing,
    Part,
    Shape,
    Text,
    frame,
    line_of_text,
    text_width,
)
from franking.marks.lettering import POINTS_PER_INCH, Face

PAGE_WIDTH, PAGE_HEIGHT = 8.5, 11.0
MARGIN = 0.75
"""At both sides."""
TOP_MARGIN, BOTTOM_MARGIN = 0.6, 0.55
WIDTH = PAGE_WIDTH - 2 * MARGIN
HAIRLINE, RULE, BAND = 0.007, 0.012, 0.03
LABEL_PT, SMALL_PT, TEXT_PT, HEADING_PT, TITLE_PT = 6.5, 8.0, 9.5, 9.0, 16.0
_LINE_HEIGHT = 1.32
_PAD, _CELL_PAD = 0.06, 0.04
_HEAD_HEIGHT, _SHORT_HEAD_HEIGHT, _FOOT_HEIGHT = 0.72, 0.36, 0.3


ANSWER_TOO_LONG = Refusal(
    "ANSWER_TOO_LONG",
    clause="policy",
    remedy="Shorten the answer, and put the rest on a sheet of its own.",
    http_status=422,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """A band across the page that is never parted; its shapes stand below its top left corner."""

    name: str
    height: float
    shapes: tuple[Shape, ...] = ()
    heading: Strip | None = None
    """Repeated above it where it begins a page."""
    holds_next: bool = False
    """Stays on one page with the strip after it."""


class Block(Protocol):
    """Something that is set across the page."""

    def strips(self) -> Iterator[Strip]:
        """Its bands, from the top.

        Raises:
            Refused: ``TEXT_UNPRINTABLE``.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Masthead:
    """What stands at the head and foot of every page of a form."""

    number: str
    """Such as ``PS Form 3601-A``; forms without a number have their kind here."""
    title: str
    authority: str
    """The clause that asks for the form."""
    edition: str = ""
    """The edition of the form; empty where the documents give none."""
    about: str = ""
    """Whose or what form it is, repeated on every page after the first."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Clear paper."""

    height: float = 0.12

    def strips(self) -> Iterator[Strip]:
        """One empty band."""
        yield Strip(name="gap", height=self.height)


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of a section, which stays with what it heads."""

    text: str

    def strips(self) -> Iterator[Strip]:
        """One band with a rule at its foot."""
        height = 0.34
        words = line_of_text(self.text, x=0.0, y=height - 0.09, size_pt=HEADING_PT, face=Face.BOLD)
        rule = Bars(bars=((0.0, height - RULE, WIDTH, RULE),))
        yield Strip(
            name=f"heading: {self.text}", height=height, shapes=(words, rule), holds_next=True
        )


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text, parted between its lines; a line break in the text begins a new line."""

    text: str
    face: Face = Face.REGULAR
    size_pt: float = TEXT_PT
    after: float = 0.08

    def strips(self) -> Iterator[Strip]:
        """A band a line, and the space after."""
        height = line_height(self.size_pt)
        for line in wrapped(self.text, face=self.face, size_pt=self.size_pt, width=WIDTH):
            words = _line(line, x=0.0, top=0.0, size_pt=self.size_pt, face=self.face)
            yield Strip(name="text", height=height, shapes=words)
        yield Strip(name="gap", height=self.after)


@dataclass(frozen=True, slots=True)
class Field:
    """One cell: what is asked, and the answer; empty to be filled in by hand."""

    label: str
    value: str = ""
    share: float = 1.0
    """How wide it is, against the others of its row."""


@dataclass(frozen=True, slots=True)
class Fields:
    """Framed cells side by side, as forms have them."""

    cells: tuple[Field, ...]
    strong: bool = False

    def strips(self) -> Iterator[Strip]:
        """One band, as high as its longest answer."""
        edges = _edges([cell.share for cell in self.cells])
        face = Face.BOLD if self.strong else Face.REGULAR
        answers = [
            wrapped(cell.value, face=face, size_pt=TEXT_PT, width=right - left - 2 * _PAD)
            for cell, (left, right) in zip(self.cells, edges, strict=True)
        ]
        top = line_height(LABEL_PT) + _PAD
        height = top + max(1, *map(len, answers)) * line_height(TEXT_PT) + _PAD
        shapes: list[Shape] = list(_cell_frames(edges, height))
        for cell, answer, (left, _) in zip(self.cells, answers, edges, strict=True):
            shapes += _line(cell.label, x=left + _PAD, top=_PAD * 0.6, size_pt=LABEL_PT)
            shapes += _lines(answer, x=left + _PAD, top=top, face=face)
        name = "fields: " + ", ".join(cell.label for cell in self.cells)
        yield Strip(name=name, height=height, shapes=tuple(shapes))


@dataclass(frozen=True, slots=True)
class Choices:
    """A framed row of boxes to tick, one or none of them ticked."""

    label: str
    options: tuple[str, ...]
    chosen: str = ""

    def strips(self) -> Iterator[Strip]:
        """One band; options flow onto further lines."""
        box, row = 0.12, line_height(TEXT_PT) + 0.03
        shapes: list[Shape] = list(_line(self.label, x=_PAD, top=_PAD * 0.6, size_pt=LABEL_PT))
        x, top = _PAD, line_height(LABEL_PT) + _PAD
        for option in self.options:
            width = box + 0.07 + text_width(option, Face.REGULAR, TEXT_PT)
            if x > _PAD and x + width > WIDTH - _PAD:
                x, top = _PAD, top + row
            shapes += tick_box(x=x, top=top + 0.025, size=box, ticked=option == self.chosen)
            shapes += _line(option, x=x + box + 0.07, top=top, size_pt=TEXT_PT)
            x += width + 0.24
        height = top + row + _PAD * 0.7
        frames = _cell_frames([(0.0, WIDTH)], height)
        yield Strip(name=f"choices: {self.label}", height=height, shapes=(*frames, *shapes))


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table."""

    label: str
    share: float = 1.0
    anchor: Anchor = Anchor.START


@dataclass(frozen=True, slots=True)
class Listing:
    """A table; its head is repeated on every page."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    size_pt: float = SMALL_PT
    least_rows: int = 0
    """Empty lines are added up to so many, to be filled in by hand."""

    def strips(self) -> Iterator[Strip]:
        """A band for the head and one a row."""
        head = self._row([column.label for column in self.columns], face=Face.BOLD, line=RULE)
        yield Strip(name="head", height=head.height, shapes=head.shapes, holds_next=True)
        blank = ("",) * len(self.columns)
        missing = max(0, self.least_rows - len(self.rows))
        for row in (*self.rows, *[blank] * missing):
            strip = self._row(row)
            yield Strip(name="row", height=strip.height, shapes=strip.shapes, heading=head)

    def _row(
        self, cells: Sequence[str], *, face: Face = Face.REGULAR, line: float = HAIRLINE
    ) -> Strip:
        size, shapes, height = self.size_pt, list[Shape](), 0.0
        edges = _edges([column.share for column in self.columns])
        for text, column, (left, right) in zip(cells, self.columns, edges, strict=True):
            inner = (left + _CELL_PAD, right - _CELL_PAD)
            lines = wrapped(text, face=face, size_pt=size, width=inner[1] - inner[0])
            x = inner[0] + column.anchor.value * (inner[1] - inner[0])
            shapes += _lines(lines, x=x, top=0.04, size_pt=size, face=face, anchor=column.anchor)
            height = max(height, 0.08 + max(1, len(lines)) * line_height(size))
        shapes.append(Bars(bars=((0.0, height - line / 2, WIDTH, line),)))
        return Strip(name="row", height=height, shapes=tuple(shapes))


@dataclass(frozen=True, slots=True)
class Signature:
    """A line to sign on: who signs as what; the name and date where it was signed."""

    role: str
    name: str = ""
    dated: str = ""


@dataclass(frozen=True, slots=True)
class Signatures:
    """Lines to sign on, two beside each other."""

    lines: tuple[Signature, ...]

    def strips(self) -> Iterator[Strip]:
        """A band for every two."""
        gutter = 0.35
        width = (WIDTH - gutter) / 2
        for at in range(0, len(self.lines), 2):
            shapes: list[Shape] = []
            for place, each in enumerate(self.lines[at : at + 2]):
                shapes += _signature(each, left=place * (width + gutter), width=width)
            names = ", ".join(each.role for each in self.lines[at : at + 2])
            yield Strip(name=f"signatures: {names}", height=0.68, shapes=tuple(shapes))


def tick_box(*, x: float, top: float, size: float, ticked: bool) -> tuple[Shape, ...]:
    """A small square; ticked, with a black square in it, which no printer loses."""
    outline = frame(Box.sized(left=x, top=top, width=size, height=size), line=0.01)
    if not ticked:
        return (outline,)
    inset = size * 0.25
    return outline, Bars(bars=((x + inset, top + inset, size - 2 * inset, size - 2 * inset),))


def set_pages(masthead: Masthead, blocks: Iterable[Block]) -> tuple[Drawing, ...]:
    """The pages of a form.

    Raises:
        Refused: ``TEXT_UNPRINTABLE``, ``ANSWER_TOO_LONG``.
    """
    parted = list(_parted([strip for block in blocks for strip in block.strips()]))
    return tuple(
        _page(masthead, strips, number=number, of=len(parted))
        for number, strips in enumerate(parted, start=1)
    )


def wrapped(text: str, *, face: Face, size_pt: float, width: float) -> list[str]:
    """The lines of ``text`` that fit a width; a word that is wider by itself is broken."""
    return [
        line
        for paragraph in text.split("\n")
        for line in _wrapped_words(paragraph.split(), face, size_pt, width)
    ]


def line_height(size_pt: float) -> float:
    """From one baseline to the next, in inches."""
    return size_pt * _LINE_HEIGHT / POINTS_PER_INCH


def _wrapped_words(words: list[str], face: Face, size_pt: float, width: float) -> list[str]:
    lines = [""]
    for word in words:
        longer = f"{lines[-1]} {word}".strip()
        if text_width(longer, face, size_pt) <= width:
            lines[-1] = longer
            continue
        first, *more = _broken(word, face, size_pt, width)
        lines += [first, *more] if lines[-1] else []
        if lines[-1] == "":
            lines[-1:] = [first, *more]
    return lines


def _broken(word: str, face: Face, size_pt: float, width: float) -> list[str]:
    pieces = [""]
    for letter in word:
        if pieces[-1] and text_width(pieces[-1] + letter, face, size_pt) > width:
            pieces.append("")
        pieces[-1] += letter
    return pieces


def _parted(strips: Sequence[Strip]) -> Iterator[list[Strip]]:
    """Strips of each page; one that holds the next is never the last on its page."""
    page: list[Strip] = []
    left = whole = _room(first=True)
    for at, strip in enumerate(strips):
        if strip.height > whole:
            raise ANSWER_TOO_LONG.because(f"{strip.name}: {strip.height:.1f} inches of text")
        needed = _height_with_next(strips, at)
        if page and needed > left:
            yield page
            page, left = [], _room(first=False)
            if strip.name == "gap":
                continue
            if strip.heading is not None:
                page.append(strip.heading)
                left -= strip.heading.height
        page.append(strip)
        left -= strip.height
    yield page


def _height_with_next(strips: Sequence[Strip], at: int) -> float:
    height = strips[at].height
    while strips[at].holds_next and at + 1 < len(strips):
        at += 1
        height += strips[at].height
    return height


def _room(*, first: bool) -> float:
    head = _HEAD_HEIGHT if first else _SHORT_HEAD_HEIGHT
    return PAGE_HEIGHT - TOP_MARGIN - BOTTOM_MARGIN - head - _FOOT_HEIGHT


def _page(masthead: Masthead, strips: Sequence[Strip], *, number: int, of: int) -> Drawing:
    head = _head(masthead) if number == 1 else _short_head(masthead)
    tops = accumulate((strip.height for strip in strips), initial=TOP_MARGIN + head.height)
    inked = [
        Part.of(strip.name, *strip.shapes).moved(MARGIN, top)
        for strip, top in zip(strips, tops, strict=False)
        if strip.shapes
    ]
    parts = (_placed(head, TOP_MARGIN), *inked, _foot(masthead, number=number, of=of))
    return Drawing(width_in=PAGE_WIDTH, height_in=PAGE_HEIGHT, parts=parts)


def _placed(strip: Strip, top: float) -> Part:
    return Part.of(strip.name, *strip.shapes).moved(MARGIN, top)


def _head(masthead: Masthead) -> Strip:
    shapes = (
        Bars(bars=((0.0, 0.0, WIDTH, BAND),)),
        line_of_text(masthead.number, x=0.0, y=0.19, size_pt=SMALL_PT, face=Face.BOLD),
        line_of_text(masthead.authority, x=WIDTH, y=0.19, size_pt=LABEL_PT, anchor=Anchor.END),
        line_of_text(
            masthead.title,
            x=0.0,
            y=0.48,
            size_pt=_title_size(masthead.title),
            face=Face.BOLD,
        ),
    )
    return Strip(name="head of the form", height=_HEAD_HEIGHT, shapes=shapes)


def _title_size(title: str) -> float:
    wide = text_width(title, Face.BOLD, TITLE_PT)
    return TITLE_PT if wide <= WIDTH else TITLE_PT * WIDTH / wide


def _short_head(masthead: Masthead) -> Strip:
    words = f"{masthead.number} · {masthead.title}"
    shapes: tuple[Shape, ...] = (
        Bars(bars=((0.0, 0.0, WIDTH, RULE),)),
        line_of_text(words, x=0.0, y=0.17, size_pt=LABEL_PT, face=Face.BOLD),
        *_line(
            masthead.about,
            x=WIDTH,
            top=0.17 - LABEL_PT / POINTS_PER_INCH,
            size_pt=LABEL_PT,
            anchor=Anchor.END,
        ),
    )
    return Strip(name="head of the form", height=_SHORT_HEAD_HEIGHT, shapes=shapes)


def _foot(masthead: Masthead, *, number: int, of: int) -> Part:
    left = ", ".join(filter(None, (masthead.number, masthead.edition)))
    words = (
        line_of_text(left, x=0.0, y=0.16, size_pt=LABEL_PT),
        line_of_text(
            f"Page {number} of {of}", x=WIDTH, y=0.16, size_pt=LABEL_PT, anchor=Anchor.END
        ),
    )
    rule = Bars(bars=((0.0, 0.0, WIDTH, HAIRLINE),))
    return Part.of("foot", rule, *words).moved(MARGIN, PAGE_HEIGHT - BOTTOM_MARGIN - 0.2)


def _signature(each: Signature, *, left: float, width: float) -> Iterator[Shape]:
    base = 0.46
    yield Bars(bars=((left, base, width, HAIRLINE),))
    beside = text_width(each.dated, Face.REGULAR, TEXT_PT) + _PAD if each.dated else 0.0
    yield from _signed_name(each.name, left=left, base=base - 0.06, width=width - beside)
    if each.dated:
        yield line_of_text(
            each.dated, x=left + width, y=base - 0.06, size_pt=TEXT_PT, anchor=Anchor.END
        )
    yield line_of_text(each.role, x=left, y=base + 0.13, size_pt=LABEL_PT)
    yield line_of_text("Date", x=left + width, y=base + 0.13, size_pt=LABEL_PT, anchor=Anchor.END)


def _signed_name(name: str, *, left: float, base: float, width: float) -> Iterator[Shape]:
    """A name on its line; a longer one in small letters, in lines that end on it."""
    fits = text_width(name, Face.REGULAR, TEXT_PT) <= width
    size = TEXT_PT if fits else LABEL_PT
    lines = wrapped(name, face=Face.REGULAR, size_pt=size, width=width)
    for above, line in enumerate(reversed(lines)):
        yield line_of_text(line, x=left, y=base - above * line_height(size), size_pt=size)


def _edges(shares: Sequence[float]) -> list[tuple[float, float]]:
    """Left and right edge of each cell across the page."""
    whole = sum(shares)
    rights = [WIDTH * each / whole for each in accumulate(shares)]
    return list(zip([0.0, *rights[:-1]], rights, strict=True))


def _cell_frames(edges: Iterable[tuple[float, float]], height: float) -> Iterator[Shape]:
    """Outlines whose lines fall together with those of the cells beside and below."""
    half = HAIRLINE / 2
    for left, right in edges:
        box = Box(left=left - half, top=-half, right=right + half, bottom=height + half)
        yield frame(box, line=HAIRLINE)


def _lines(
    lines: Sequence[str],
    *,
    x: float,
    top: float,
    size_pt: float = TEXT_PT,
    face: Face = Face.REGULAR,
    anchor: Anchor = Anchor.START,
) -> Iterator[Shape]:
    for number, line in enumerate(lines):
        yield from _line(
            line,
            x=x,
            top=top + number * line_height(size_pt),
            size_pt=size_pt,
            face=face,
            anchor=anchor,
        )


def _line(
    text: str,
    *,
    x: float,
    top: float,
    size_pt: float,
    face: Face = Face.REGULAR,
    anchor: Anchor = Anchor.START,
) -> tuple[Text, ...]:
    """The line whose tall letters begin at ``top``; none for no text."""
    if not text:
        return ()
    baseline = top + size_pt / POINTS_PER_INCH
    return (line_of_text(text, x=x, y=baseline, size_pt=size_pt, face=face, anchor=anchor),)
