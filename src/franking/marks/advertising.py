"""What may be printed beside an indicium: advertising art, and postal markings in its place.

Refuses to judge the art: whether it is obscene, deceptive or defamatory is decided before, by the
approval whose id the artwork carries (DMM P050.4.10 of 1997, 39 CFR 501.22(d) of 1995).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise

from franking.errors import Refusal
from franking.marks.geometry import (
    Anchor,
    Box,
    Drawing,
    Part,
    Picture,
    Shape,
    Text,
    line_of_text,
)
from franking.marks.lettering import POINTS_PER_INCH, Face, cap_height_in, width_in

ARTWORK_NOT_APPROVED = Refusal(
    "ARTWORK_NOT_APPROVED",
    clause="DMM P050.4.10 (1997)",
    remedy="Ask the provider to have the artwork approved, and print it with its approval id.",
)
ARTWORK_DOES_NOT_FIT = Refusal(
    "ARTWORK_DOES_NOT_FIT",
    clause="DMM P050.4.10 (1997)",
    remedy="Use fewer or shorter lines, or a wider area.",
    http_status=422,
)
MARKING_TOO_SMALL = Refusal(
    "MARKING_TOO_SMALL",
    clause="DMM P050.4.11 (1997)",
    remedy="Give the marking a larger area, or print it outside the advertising area.",
    http_status=422,
)

_ART_PT, _ART_PT_MIN, _MAILER_PT = 14.0, 5.0, 6.5
_LEADING = 1.35  # from baseline to baseline, in cap heights and a half
_WORD = re.compile(r"[^\s-]+(?:-|\s*)")
_MARKING_GAP = 0.35  # between lines of a marking, in cap heights
_MAILER_GAP = 0.06


@dataclass(frozen=True, slots=True, kw_only=True)
class Artwork:
    """Advertising art: lines of text or a picture of black dots, as the provider supplies it.

    ``dots`` holds one byte a dot, 1 for ink, row by row, ``columns`` to the row.
    """

    approval_id: str
    mailer_name: str = ""
    lines: tuple[str, ...] = ()
    dots: bytes = b""
    columns: int = 0

    @property
    def names_the_mailer(self) -> bool:
        """Whether one of its own lines holds the mailer's name."""
        name = self.mailer_name.casefold()
        return bool(name) and any(name in line.casefold() for line in self.lines)


def advertisement(
    artwork: Artwork, *, width_in: float, height_in: float, mailers_message: str
) -> Drawing:
    """The art in an area of that size, with the mailer's name, or else ``mailers_message``.

    Raises:
        Refused: ``ARTWORK_NOT_APPROVED``, ``ARTWORK_DOES_NOT_FIT``, ``TEXT_UNPRINTABLE``.
    """
    if not artwork.approval_id:
        raise ARTWORK_NOT_APPROVED.because("the artwork has no approval id")
    footer = [] if artwork.names_the_mailer else [artwork.mailer_name or mailers_message]
    foot = cap_height_in(Face.REGULAR, _MAILER_PT) + _MAILER_GAP if footer else 0.0
    room = Box(left=0.0, top=0.0, right=width_in, bottom=height_in - foot)
    shapes: list[Shape] = [*(_picture(artwork, room) if artwork.dots else _slogan(artwork, room))]
    shapes += [_footer(line, width_in, height_in) for line in footer]
    whole = Box(left=0.0, top=0.0, right=width_in, bottom=height_in)
    part = Part(name="advertising", shapes=tuple(shapes), extent=whole)
    return Drawing(width_in=width_in, height_in=height_in, parts=(part,))


def postal_marking(
    text: str, *, width_in: float, height_in: float, letter_height_min_in: float
) -> Drawing:
    """A class or service marking that fills the advertising area, alone, in bold capitals.

    The words are broken, at spaces and hyphens, into the lines that let the letters be largest.

    Raises:
        Refused: ``MARKING_TOO_SMALL`` if capitals would be lower than ``letter_height_min_in``;
            ``TEXT_UNPRINTABLE``.
    """
    words = _WORD.findall(text.upper())
    if not words:
        raise MARKING_TOO_SMALL.because("there are no words to print")
    size, lines = max(
        (_largest_pt(lines, width_in, height_in), lines) for lines in _line_breaks(words)
    )
    high = cap_height_in(Face.BOLD, size)
    if high < letter_height_min_in - 1e-9:
        raise MARKING_TOO_SMALL.because(
            f"{text!r} would be {high:.3f} inch high, below {letter_height_min_in} inch"
        )
    shapes = _centred(lines, size_pt=size, width=width_in, height=height_in)
    extent = Box(left=0.0, top=0.0, right=width_in, bottom=height_in)
    part = Part(name="postal-marking", shapes=tuple(shapes), extent=extent)
    return Drawing(width_in=width_in, height_in=height_in, parts=(part,))


def _line_breaks(words: list[str]) -> Iterator[tuple[str, ...]]:
    """Every way to break the words into lines."""
    count = len(words)
    for breaks in range(count):
        for cuts in combinations(range(1, count), breaks):
            edges = (0, *cuts, count)
            yield tuple("".join(words[a:b]).strip() for a, b in pairwise(edges))


def _largest_pt(lines: tuple[str, ...], width: float, height: float) -> float:
    widest = max(width_in(line, Face.BOLD, 1.0) for line in lines)
    tall = cap_height_in(Face.BOLD, 1.0) * (len(lines) + _MARKING_GAP * (len(lines) - 1))
    return min(width / widest, height / tall)


def _centred(
    lines: tuple[str, ...], *, size_pt: float, width: float, height: float
) -> Iterator[Text]:
    high = cap_height_in(Face.BOLD, size_pt)
    step = high * (1 + _MARKING_GAP)
    first = (height - step * (len(lines) - 1) + high) / 2
    for number, line in enumerate(lines):
        yield line_of_text(
            line,
            x=width / 2,
            y=first + step * number,
            size_pt=size_pt,
            face=Face.BOLD,
            anchor=Anchor.MIDDLE,
        )


def _slogan(artwork: Artwork, room: Box) -> Iterator[Text]:
    """The lines of the art, the first one bold, as large as the room allows."""
    if not artwork.lines:
        raise ARTWORK_DOES_NOT_FIT.because(f"artwork {artwork.approval_id} has nothing to print")
    widest = max(width_in(line, Face.BOLD, 1.0) for line in artwork.lines)
    tall = 1.5 * _LEADING * len(artwork.lines) * cap_height_in(Face.BOLD, 1.0)
    size = min(_ART_PT, room.width / widest, room.height / tall)
    if size < _ART_PT_MIN:
        raise ARTWORK_DOES_NOT_FIT.because(
            f"artwork {artwork.approval_id} would be {size:.1f} points high"
        )
    step = 1.5 * _LEADING * cap_height_in(Face.BOLD, size)
    first = (room.height - step * (len(artwork.lines) - 1)) / 2
    first += cap_height_in(Face.BOLD, size) / 2
    for number, line in enumerate(artwork.lines):
        face = Face.REGULAR if number else Face.BOLD
        yield line_of_text(
            line,
            x=room.width / 2,
            y=first + step * number,
            size_pt=size,
            face=face,
            anchor=Anchor.MIDDLE,
        )


def _picture(artwork: Artwork, room: Box) -> Iterator[Picture]:
    """The dots of the art, fitted into the room without distortion."""
    columns = artwork.columns
    rows, rest = divmod(len(artwork.dots), columns) if columns > 0 else (0, 0)
    if rows == 0 or rest or max(artwork.dots) > 1:
        raise ARTWORK_DOES_NOT_FIT.because(
            f"artwork {artwork.approval_id} is not {columns} columns of dots"
        )
    dot = min(room.width / columns, room.height / rows)
    yield Picture(
        left=(room.width - dot * columns) / 2,
        top=(room.height - dot * rows) / 2,
        width=dot * columns,
        height=dot * rows,
        columns=columns,
        rows=rows,
        dots=artwork.dots,
    )


def _footer(line: str, width: float, height: float) -> Text:
    size = min(_MAILER_PT, _MAILER_PT * width / width_in(line, Face.REGULAR, _MAILER_PT))
    descender = 0.24 * size / POINTS_PER_INCH
    return line_of_text(line, x=width / 2, y=height - descender, size_pt=size, anchor=Anchor.MIDDLE)
