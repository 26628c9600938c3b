"""Shapes on a plane: what every mark is made of and every renderer draws.

Lengths are inches, x to the right and y down from the top left corner; type sizes are points. A
``Drawing`` has named parts, each of which knows where its ink ends (``bounds``) and how much
clear paper it needs around it (``clear_box``), so that a layout can check zones and overlap
without knowing what a part means. Values are frozen: moving a part gives another part and shares
its shapes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum
from itertools import combinations
from typing import Self

from franking.marks.lettering import POINTS_PER_INCH, Face, font_file, width_in

Rectangle = tuple[float, float, float, float]
"""Left, top, width, height."""


class Ink(Enum):
    """What a shape is printed with; ``PAPER`` knocks out what lies beneath."""

    BLACK = "black"
    RED = "red"
    PAPER = "paper"


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """An upright rectangle by its four edges."""

    left: float
    top: float
    right: float
    bottom: float

    @classmethod
    def sized(cls, *, left: float, top: float, width: float, height: float) -> Self:
        """The box with its top left corner at ``left``, ``top``."""
        return cls(left=left, top=top, right=left + width, bottom=top + height)

    @property
    def width(self) -> float:
        """From the left to the right edge."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """From the top to the bottom edge."""
        return self.bottom - self.top

    def moved(self, right: float, down: float) -> Box:
        """This box shifted."""
        return Box(
            left=self.left + right,
            top=self.top + down,
            right=self.right + right,
            bottom=self.bottom + down,
        )

    def grown(self, margins: Margins) -> Box:
        """This box with margins around it."""
        return Box(
            left=self.left - margins.left,
            top=self.top - margins.top,
            right=self.right + margins.right,
            bottom=self.bottom + margins.bottom,
        )

    def overlaps(self, other: Box, *, slack: float = 1e-6) -> bool:
        """Whether the two share an area; touching edges do not."""
        return (
            self.left < other.right - slack
            and other.left < self.right - slack
            and self.top < other.bottom - slack
            and other.top < self.bottom - slack
        )

    def holds(self, other: Box, *, slack: float = 1e-6) -> bool:
        """Whether ``other`` lies wholly within this box."""
        return (
            self.left <= other.left + slack
            and self.top <= other.top + slack
            and self.right >= other.right - slack
            and self.bottom >= other.bottom - slack
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Margins:
    """Widths of clear paper at the four sides."""

    left: float = 0.0
    top: float = 0.0
    right: float = 0.0
    bottom: float = 0.0

    @classmethod
    def all_round(cls, width: float) -> Self:
        """The same at every side."""
        return cls(left=width, top=width, right=width, bottom=width)


NO_MARGINS = Margins()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """Filled rectangles. A raster rounds where each starts, and gives equal widths equal dots."""

    bars: tuple[Rectangle, ...]
    ink: Ink = Ink.BLACK

    def boxes(self) -> Iterator[Box]:
        """The rectangles as boxes."""
        return (Box.sized(left=x, top=y, width=w, height=h) for x, y, w, h in self.bars)


@dataclass(frozen=True, slots=True, kw_only=True)
class Modules:
    """The cells of a two-dimensional symbol, drawn as one area.

    ``cells`` holds one byte a cell, 1 for dark, row by row. A raster gives every module the same
    whole number of dots.
    """

    left: float
    top: float
    module_width: float
    module_height: float
    columns: int
    rows: int
    cells: bytes

    def boxes(self) -> Iterator[Box]:
        """The one box of the whole symbol, without its quiet zone."""
        yield Box.sized(
            left=self.left,
            top=self.top,
            width=self.columns * self.module_width,
            height=self.rows * self.module_height,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture of black dots, such as advertising art, fitted into a rectangle.

    ``dots`` holds one byte a dot, 1 for ink, row by row.
    """

    left: float
    top: float
    width: float
    height: float
    columns: int
    rows: int
    dots: bytes

    def boxes(self) -> Iterator[Box]:
        """The one box of the picture."""
        yield Box.sized(left=self.left, top=self.top, width=self.width, height=self.height)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """A circle drawn with a line; ``radius`` reaches to the middle of the line."""

    x: float
    y: float
    radius: float
    line: float

    def boxes(self) -> Iterator[Box]:
        """The one box around the ring."""
        reach = self.radius + self.line / 2
        yield Box(
            left=self.x - reach, top=self.y - reach, right=self.x + reach, bottom=self.y + reach
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One line of text that starts at ``x`` on the baseline ``y``.

    ``angle`` turns it clockwise about that point, in degrees. ``spacing`` is extra width after
    each letter, in ems.
    """

    x: float
    y: float
    text: str
    face: Face
    size_pt: float
    angle: float = 0.0
    spacing: float = 0.0
    ink: Ink = Ink.BLACK

    @property
    def width(self) -> float:
        """How far the line reaches along its baseline, in inches."""
        return text_width(self.text, self.face, self.size_pt, spacing=self.spacing)

    def boxes(self) -> Iterator[Box]:
        """The one box around the line, from the tops of tall letters to the descenders."""
        font = font_file(self.face)
        em = self.size_pt / POINTS_PER_INCH
        up = font.ascent / font.units_per_em * em
        down = -font.descent / font.units_per_em * em
        yield self._turned(width=self.width, up=up, down=down)

    def _turned(self, *, width: float, up: float, down: float) -> Box:
        cos, sin = math.cos(math.radians(self.angle)), math.sin(math.radians(self.angle))
        corners = ((0.0, -up), (width, -up), (0.0, down), (width, down))
        xs = [self.x + x * cos - y * sin for x, y in corners]
        ys = [self.y + x * sin + y * cos for x, y in corners]
        return Box(left=min(xs), top=min(ys), right=max(xs), bottom=max(ys))


Shape = Bars | Modules | Picture | Ring | Text


class Anchor(Enum):
    """Which point of a line of text is given: its start, its middle or its end."""

    START = 0.0
    MIDDLE = 0.5
    END = 1.0


def text_width(text: str, face: Face, size_pt: float, *, spacing: float = 0.0) -> float:
    """How wide a line is, in inches; the space after the last letter does not count."""
    extra = spacing * max(len(text) - 1, 0) * size_pt / POINTS_PER_INCH
    return width_in(text, face, size_pt) + extra


def line_of_text(
    text: str,
    *,
    x: float,
    y: float,
    size_pt: float,
    face: Face = Face.REGULAR,
    anchor: Anchor = Anchor.START,
    spacing: float = 0.0,
    ink: Ink = Ink.BLACK,
) -> Text:
    """A level line of text on the baseline ``y`` whose ``anchor`` lies at ``x``.

    Raises:
        Refused: ``TEXT_UNPRINTABLE``.
    """
    start = x - anchor.value * text_width(text, face, size_pt, spacing=spacing)
    return Text(x=start, y=y, text=text, face=face, size_pt=size_pt, spacing=spacing, ink=ink)


def frame(box: Box, *, line: float, ink: Ink = Ink.BLACK) -> Bars:
    """The outline of ``box``, drawn inside it as four bars of width ``line``."""
    inner = box.height - 2 * line
    return Bars(
        bars=(
            (box.left, box.top, box.width, line),
            (box.left, box.bottom - line, box.width, line),
            (box.left, box.top + line, line, inner),
            (box.right - line, box.top + line, line, inner),
        ),
        ink=ink,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some shapes under one name, at an offset, with the clear paper they need around them."""

    name: str
    shapes: tuple[Shape, ...]
    extent: Box
    quiet: Margins = NO_MARGINS
    x: float = 0.0
    y: float = 0.0

    @classmethod
    def of(cls, name: str, *shapes: Shape, quiet: Margins = NO_MARGINS) -> Self:
        """A part whose extent is that of its shapes."""
        extent = enclosing(box for shape in shapes for box in shape.boxes())
        return cls(name=name, shapes=shapes, extent=extent, quiet=quiet)

    @property
    def bounds(self) -> Box:
        """Where its ink is."""
        return self.extent.moved(self.x, self.y)

    @property
    def clear_box(self) -> Box:
        """Where its ink is, and the paper around it that must stay clear."""
        return self.bounds.grown(self.quiet)

    def moved(self, right: float, down: float) -> Part:
        """This part shifted; its shapes are shared."""
        return replace(self, x=self.x + right, y=self.y + down)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A mark or a page: a size in inches, and the parts on it in the order they are printed."""

    width_in: float
    height_in: float
    parts: tuple[Part, ...] = ()

    @property
    def bounds(self) -> Box:
        """Where the ink of all its parts is."""
        return enclosing(part.bounds for part in self.parts)

    def placed(self, x: float, y: float) -> tuple[Part, ...]:
        """Its parts, moved so that its top left corner lies at ``x``, ``y`` of a page."""
        return tuple(part.moved(x, y) for part in self.parts)

    def with_parts(self, parts: Iterable[Part]) -> Drawing:
        """This drawing with more parts on it."""
        return replace(self, parts=(*self.parts, *parts))

    def part(self, name: str) -> Part:
        """The part of that name.

        Raises:
            KeyError: there is none.
        """
        for part in self.parts:
            if part.name == name:
                return part
        raise KeyError(name)

    def names(self) -> tuple[str, ...]:
        """The names of its parts, in the order they are printed."""
        return tuple(part.name for part in self.parts)

    def outside(self) -> tuple[Part, ...]:
        """The parts that reach over its edge."""
        page = Box(left=0.0, top=0.0, right=self.width_in, bottom=self.height_in)
        return tuple(part for part in self.parts if not page.holds(part.bounds))


def fitted(*parts: Part) -> Drawing:
    """The drawing that just holds ``parts``, quiet zones included, moved to its corner."""
    box = enclosing(part.clear_box for part in parts)
    moved = tuple(part.moved(-box.left, -box.top) for part in parts)
    return Drawing(width_in=box.width, height_in=box.height, parts=moved)


def collisions(parts: Iterable[Part]) -> Iterator[tuple[Part, Part]]:
    """Pairs of parts of which one has ink in the other's clear box (DMM P050.4.2 of 1997)."""
    for one, other in combinations(parts, 2):
        if one.bounds.overlaps(other.clear_box) or other.bounds.overlaps(one.clear_box):
            yield one, other


def enclosing(boxes: Iterable[Box]) -> Box:
    """The smallest box that holds all of ``boxes``.

    Raises:
        ValueError: there are none.
    """
    held = list(boxes)
    return Box(
        left=min(box.left for box in held),
        top=min(box.top for box in held),
        right=max(box.right for box in held),
        bottom=max(box.bottom for box in held),
    )
