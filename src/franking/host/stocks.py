"""What can be printed on: envelopes, cards, labels and tape, by name and size in inches.

A stock says where an address may begin; whether everything fits is decided by
``franking.host.placement`` for each piece.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from franking.errors import Refusal

STOCK_UNKNOWN = Refusal(
    "STOCK_UNKNOWN",
    clause="policy",
    remedy="Choose one of the stocks listed.",
    http_status=404,
)
STOCK_NOT_APPROVED = Refusal(
    "STOCK_NOT_APPROVED",
    clause="DMM P050.4.3 (1997)",
    remedy="Print on tape or labels that the Postal Service has approved, and name the approval.",
)


class StockKind(StrEnum):
    """How an indicium comes on the piece: printed on it, or on a label or tape put on it."""

    ENVELOPE = "envelope"
    LABEL = "label"
    TAPE = "tape"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a block of text begins (its top left corner), and how wide and high it may be."""

    left: float
    top: float
    width: float
    height: float = 1.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """A stock: ``address`` and ``return_address`` are ``None`` where it has no room for them."""

    name: str
    title: str
    kind: StockKind
    width_in: float
    height_in: float
    address: Place | None = None
    return_address: Place | None = None
    barcode_in_corner: bool = False
    """The delivery barcode stands in the lower right corner, not over the address."""
    approval: str = ""
    """The approval of the label or tape; empty for envelopes."""


_APPROVED_HERE = "demonstration stock"

STOCKS: tuple[Stock, ...] = (
    Stock(
        name="no10",
        title="No. 10 envelope, 9-1/2 x 4-1/8 in",
        kind=StockKind.ENVELOPE,
        width_in=9.5,
        height_in=4.125,
        address=Place(left=4.0, top=2.0, width=4.4),
        return_address=Place(left=0.375, top=0.3, width=2.9),
        barcode_in_corner=True,
    ),
    Stock(
        name="6x9",
        title="Envelope, 9 x 6 in",
        kind=StockKind.ENVELOPE,
        width_in=9.0,
        height_in=6.0,
        address=Place(left=3.75, top=3.5, width=4.4),
        return_address=Place(left=0.375, top=0.3, width=2.6),
        barcode_in_corner=True,
    ),
    Stock(
        name="card",
        title="Card, 6 x 4-1/4 in",
        kind=StockKind.ENVELOPE,
        width_in=6.0,
        height_in=4.25,
        address=Place(left=1.9, top=2.15, width=3.5),
        barcode_in_corner=True,
    ),
    Stock(
        name="9x12",
        title="Flat, 12 x 9 in",
        kind=StockKind.ENVELOPE,
        width_in=12.0,
        height_in=9.0,
        address=Place(left=5.0, top=4.4, width=5.5),
        return_address=Place(left=0.375, top=0.35, width=3.0),
    ),
    Stock(
        name="label-4x6",
        title="Label, 4 x 6 in",
        kind=StockKind.LABEL,
        width_in=4.0,
        height_in=6.0,
        address=Place(left=0.5, top=3.9, width=3.2),
        return_address=Place(left=0.25, top=2.75, width=2.6),
        approval=_APPROVED_HERE,
    ),
    Stock(
        name="label-4x3",
        title="Label, 4 x 3-1/3 in, six on a sheet",
        kind=StockKind.LABEL,
        width_in=4.0,
        height_in=10 / 3,
        address=Place(left=0.4, top=2.52, width=3.3, height=0.62),
        approval=_APPROVED_HERE,
    ),
    Stock(
        name="tape-7",
        title="Meter tape, 7 x 2 in",
        kind=StockKind.TAPE,
        width_in=7.0,
        height_in=2.0,
        approval=_APPROVED_HERE,
    ),
)


def stock_names() -> tuple[str, ...]:
    """The names of all stocks."""
    return tuple(known.name for known in STOCKS)


def stock(name: str) -> Stock:
    """The stock of that name.

    Raises:
        Refused: ``STOCK_UNKNOWN``, naming those there are.
    """
    for known in STOCKS:
        if known.name == name:
            return known
    raise STOCK_UNKNOWN.because(f"no stock {name!r}; there are {', '.join(stock_names())}")


def require_approved(used: Stock) -> None:
    """Refuse tape and labels without an approval (DMM P050.4.3).

    Raises:
        Refused: ``STOCK_NOT_APPROVED``.
    """
    if used.kind is not StockKind.ENVELOPE and not used.approval:
        raise STOCK_NOT_APPROVED.because(f"{used.title} has no approval")
