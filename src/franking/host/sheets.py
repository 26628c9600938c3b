"""Sheets of labels: several faces on one page, from any free label on.

A sheet that was begun is used up: ``skip`` labels are left as they are. The printer's offset,
measured once with the offset sheet, moves everything on the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from franking.errors import Refusal
from franking.host.face import Face
from franking.marks.geometry import Drawing, Part

SHEET_UNKNOWN = Refusal(
    "SHEET_UNKNOWN",
    clause="policy",
    remedy="Choose one of the sheets listed.",
    http_status=404,
)
SHEET_SKIP_TOO_LARGE = Refusal(
    "SHEET_SKIP_TOO_LARGE",
    clause="policy",
    remedy="Count the labels already used, from the top left, row by row.",
    http_status=422,
)
SHEET_OF_ANOTHER_STOCK = Refusal(
    "SHEET_OF_ANOTHER_STOCK",
    clause="policy",
    remedy="Choose the stock whose labels the sheet has.",
    http_status=422,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offset:
    """How far a printer's image must move, in inches; right and down are positive."""

    right_in: float = 0.0
    down_in: float = 0.0


NO_OFFSET = Offset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A page of labels of one stock: how many across and down, and where they begin."""

    name: str
    stock: str
    width_in: float
    height_in: float
    columns: int
    rows: int
    left: float
    top: float
    pitch_x: float
    pitch_y: float

    @property
    def labels(self) -> int:
        """How many labels a page has."""
        return self.columns * self.rows

    def corner(self, index: int) -> tuple[float, float]:
        """The top left corner of a label, counted from 0, row by row."""
        row, column = divmod(index, self.columns)
        return self.left + column * self.pitch_x, self.top + row * self.pitch_y


SHEETS: tuple[Sheet, ...] = (
    Sheet(
        name="letter-6",
        stock="label-4x3",
        width_in=8.5,
        height_in=11.0,
        columns=2,
        rows=3,
        left=0.15625,
        top=0.5,
        pitch_x=4.1875,
        pitch_y=10 / 3,
    ),
)


def sheet(name: str) -> Sheet:
    """The sheet of that name.

    Raises:
        Refused: ``SHEET_UNKNOWN``.
    """
    for known in SHEETS:
        if known.name == name:
            return known
    raise SHEET_UNKNOWN.because(f"no sheet {name!r}; there are {', '.join(s.name for s in SHEETS)}")


def require_sheet(on: Sheet, *, stock: str, skip: int) -> None:
    """Refuse a sheet whose labels are of another stock, or that has no free label left.

    Raises:
        Refused: ``SHEET_OF_ANOTHER_STOCK``, ``SHEET_SKIP_TOO_LARGE``.
    """
    if on.stock != stock:
        raise SHEET_OF_ANOTHER_STOCK.because(f"{on.name} has labels of {on.stock}, not of {stock}")
    if not 0 <= skip < on.labels:
        raise SHEET_SKIP_TOO_LARGE.because(f"{skip} used labels on a sheet of {on.labels}")


def sheet_pages(
    faces: Iterable[Face], on: Sheet, *, skip: int = 0, offset: Offset = NO_OFFSET
) -> Iterator[Drawing]:
    """The pages of a run of labels; the first leaves ``skip`` labels free.

    Raises:
        Refused: ``SHEET_SKIP_TOO_LARGE``.
    """
    if not 0 <= skip < on.labels:
        raise SHEET_SKIP_TOO_LARGE.because(f"{skip} used labels on a sheet of {on.labels}")
    left = iter(faces)
    while group := list(islice(left, on.labels - skip)):
        parts = [part for i, face in enumerate(group) for part in _put(face, on, skip + i, offset)]
        yield Drawing(width_in=on.width_in, height_in=on.height_in, parts=tuple(parts))
        skip = 0


def pages_for(labels: int, on: Sheet, *, skip: int = 0) -> int:
    """How many pages a run of labels takes."""
    return -(-(labels + skip) // on.labels)


def shifted(drawing: Drawing, offset: Offset) -> Drawing:
    """A page moved by the printer's offset."""
    if offset == NO_OFFSET:
        return drawing
    return Drawing(
        width_in=drawing.width_in,
        height_in=drawing.height_in,
        parts=drawing.placed(offset.right_in, offset.down_in),
    )


def _put(face: Face, on: Sheet, index: int, offset: Offset) -> tuple[Part, ...]:
    x, y = on.corner(index)
    return face.drawing().placed(x + offset.right_in, y + offset.down_in)
