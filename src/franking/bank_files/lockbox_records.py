"""What a lockbox file holds: the checks and cash that came to a lockbox, batch by batch.

The fixed 80-column format of the Bank Administration Institute's lockbox standard: what stands in
the columns it leaves to each bank is written down in ``lockbox_layout``. Amounts are integer cents.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LockboxItem:
    """One payment: the check, and the account on its pre-encoded deposit ticket."""

    amount_cents: int
    account: str
    """The licensee's account as the ticket shows it; empty where there was no ticket to read."""
    routing_number: str
    """The bank the check is drawn on; empty for cash."""
    check_account: str
    check_number: str
    received_on: date
    reference: str
    """The bank's own number of the item, by which it tells of a return."""
    remarks: str = ""
    """What else stood on the papers, such as the remitter's name; goes into overflow records."""

    @property
    def is_cash(self) -> bool:
        """Whether it was paid in without a check."""
        return not self.routing_number


@dataclass(frozen=True, slots=True, kw_only=True)
class LockboxBatch:
    """Up to 999 items, counted and totalled together."""

    number: int
    items: tuple[LockboxItem, ...]

    @property
    def total_cents(self) -> int:
        """The items' sum."""
        return sum(each.amount_cents for each in self.items)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lockbox:
    """What one lockbox received for one banking day."""

    number: str
    deposited_on: date
    batches: tuple[LockboxBatch, ...]

    @property
    def count(self) -> int:
        """How many items."""
        return sum(len(each.items) for each in self.batches)

    @property
    def total_cents(self) -> int:
        """The items' sum."""
        return sum(each.total_cents for each in self.batches)


@dataclass(frozen=True, slots=True, kw_only=True)
class LockboxFile:
    """A whole transmission."""

    destination: str
    """Ten characters that name who receives it."""
    origin: str
    """Ten characters that name the bank."""
    created_at: datetime
    """To the minute, without offset: the bank's clock."""
    reference: str
    """Ten digits: the number of the transmission."""
    lockboxes: tuple[Lockbox, ...]

    @property
    def total_cents(self) -> int:
        """The items' sum."""
        return sum(each.total_cents for each in self.lockboxes)


RECORD_COLUMNS = 80
