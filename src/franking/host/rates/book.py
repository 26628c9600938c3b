"""The rate book: dated price lists, looked up by date of mailing, class, shape and weight."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources

from franking.errors import Refusal
from franking.host.rates.edition import Cell, Edition, Table, read_edition
from franking.host.records import MailClass, Price, Shape
from franking.money import format_dollars

RATE_NOT_PUBLISHED = Refusal(
    "RATE_NOT_PUBLISHED",
    clause="DMM P050.1.5 (1997)",
    remedy="Choose a date of mailing that a price list covers, or add the list that covers it.",
)
RATE_CELL_MISSING = Refusal(
    "RATE_CELL_MISSING",
    clause="DMM P050.1.5 (1997)",
    remedy="Choose another class or shape, or add a price list that has the cell with its source.",
)
WEIGHT_NOT_POSITIVE = Refusal(
    "WEIGHT_NOT_POSITIVE",
    clause="DMM P050.1.5 (1997)",
    remedy="Weigh the piece and give its weight in ounces, such as 1 or 2.4.",
    http_status=422,
)


@dataclass(frozen=True, slots=True)
class RateBook:
    """Price lists in order of their first day."""

    editions: tuple[Edition, ...]

    def edition(self, on: date) -> Edition:
        """The list in force on a day.

        Raises:
            Refused: ``RATE_NOT_PUBLISHED``, naming the days that are covered.
        """
        for edition in reversed(self.editions):
            if edition.in_force(on):
                return edition
        raise RATE_NOT_PUBLISHED.because(f"no price list covers {on}; covered: {self.coverage()}")

    def coverage(self) -> str:
        """The covered windows, in words."""
        return ", ".join(f"{e.effective_from} to {e.effective_to or 'now'}" for e in self.editions)

    def price(
        self,
        *,
        on: date,
        mail_class: MailClass,
        shape: Shape,
        weight_oz: Decimal,
        nonmachinable: bool = False,
    ) -> Price:
        """What a piece of ``weight_oz`` ounces owes when mailed ``on`` that date.

        Raises:
            Refused: ``WEIGHT_NOT_POSITIVE``, ``RATE_NOT_PUBLISHED`` or ``RATE_CELL_MISSING``.
        """
        if not weight_oz.is_finite() or weight_oz <= 0:
            raise WEIGHT_NOT_POSITIVE.because(f"the weight is {weight_oz} oz")
        edition = self.edition(on)
        table, cell = _cell(edition, mail_class, shape, weight_oz)
        surcharge = _surcharge(edition) if nonmachinable and shape is Shape.LETTER else 0
        return Price(
            mills=cell.mills + surcharge,
            rate_category=table.category,
            edition=edition.name,
            source=edition.cite(table),
        )

    def warnings(self, on: date) -> tuple[str, ...]:
        """What is doubtful about the list of a day: that nothing confirms it so late."""
        edition = self.edition(on)
        if edition.confirmed_to is None or on <= edition.confirmed_to:
            return ()
        return (
            f"the price list of {edition.name} is confirmed to {edition.confirmed_to}; "
            f"for {on} check it against the current Notice 123",
        )

    def with_editions(self, more: Iterable[Edition]) -> RateBook:
        """The book with further lists; a list of the same first day replaces ours."""
        editions = {e.effective_from: e for e in (*self.editions, *more)}
        return RateBook(tuple(editions[day] for day in sorted(editions)))


@cache
def published() -> RateBook:
    """The price lists that come with Franking."""
    folder = resources.files("franking.host.rates") / "editions"
    texts = (entry.read_text("utf-8") for entry in folder.iterdir() if entry.name.endswith(".yaml"))
    return RateBook(()).with_editions(map(read_edition, texts))


@cache
def price(
    *,
    on: date,
    mail_class: MailClass,
    shape: Shape,
    weight_oz: Decimal,
    nonmachinable: bool = False,
) -> Price:
    """What a piece owes by the lists that come with Franking; see ``RateBook.price``."""
    return published().price(
        on=on,
        mail_class=mail_class,
        shape=shape,
        weight_oz=weight_oz,
        nonmachinable=nonmachinable,
    )


def _cell(
    edition: Edition, mail_class: MailClass, shape: Shape, weight_oz: Decimal
) -> tuple[Table, Cell]:
    table = edition.table(mail_class, shape)
    cell = table.cell(weight_oz) if table else None
    if table is None or cell is None:
        raise RATE_CELL_MISSING.because(
            f"the list of {edition.name} has no {mail_class} {shape} of {weight_oz} oz"
            + (f"; what the list leaves out: {edition.absent}" if edition.absent else ""),
            remedy=_remedy(table),
        )
    return table, cell


def _remedy(table: Table | None) -> str | None:
    if table is None:
        return None
    heaviest = table.cells[-1]
    return (
        f"This list goes over {table.over_oz} oz and up to {heaviest.up_to_oz} oz "
        f"({format_dollars(heaviest.mills)}); choose another shape or class."
    )


def _surcharge(edition: Edition) -> int:
    if edition.nonmachinable_mills is None:
        raise RATE_CELL_MISSING.because(
            f"the list of {edition.name} gives no nonmachinable surcharge"
        )
    return edition.nonmachinable_mills
