"""What the lockbox bank knows: lockboxes, payments, what it has told whom, and its transfers.

Amounts are integer cents, as in every file of a bank.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from franking.identifiers import record_id

POSTAL_SERVICE: Final = "postal service"
"""The recipient of files that is no provider; its name in the messages, too."""


class Method(StrEnum):
    """How money reaches the bank, by the names that the rulebooks use."""

    CHECK = "check"
    CASH = "cash"
    WIRE = "wire transfer"
    ACH_DEBIT = "ACH debit"
    ACH_CREDIT = "ACH credit"
    DEBIT_CARD = "debit card"
    CREDIT_CARD = "credit card"
    CHECK_CARD = "check card"


RETURNABLE: Final = frozenset({Method.CHECK, Method.ACH_DEBIT})
"""What can come back unpaid (39 CFR 501.28(e)(8), 1995)."""
ACH: Final = frozenset({Method.ACH_DEBIT, Method.ACH_CREDIT})
LOCKBOX: Final = frozenset({Method.CHECK, Method.CASH})
"""What comes to the lockbox with a deposit ticket."""


class PaymentState(StrEnum):
    """What became of a payment."""

    RECEIVED = "received"
    REPRESENTED = "presented again"
    """Came back once; the bank presents it a second time by itself."""
    UNPAID = "unpaid"
    PAID = "paid"
    """Collected after it had come back unpaid."""


TRANSITIONS: Final[Mapping[PaymentState, frozenset[PaymentState]]] = MappingProxyType(
    {
        PaymentState.RECEIVED: frozenset({PaymentState.REPRESENTED}),
        PaymentState.REPRESENTED: frozenset({PaymentState.UNPAID}),
        PaymentState.UNPAID: frozenset({PaymentState.PAID}),
        PaymentState.PAID: frozenset(),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lockbox:
    """A lockbox account in the Postal Service's name, through which one provider's licensees pay.

    39 CFR 501.28(e)(1), (2), (4) and (6) (1995): cutoff and transmission times are agreed with the
    provider; checks go to a post office box; a toll-free number and a senior representative serve.
    """

    number: str
    """Seven digits."""
    provider: str
    provider_id: str
    """Ten characters: the provider in NACHA files."""
    bank: str
    """The bank's routing number."""
    account: str
    """The Postal Service's account at the bank."""
    post_office_box: str
    cutoff: time
    transmitted: time
    toll_free: str
    representative: str

    @property
    def record(self) -> str:
        """The name of this record in journals."""
        return record_id("lockbox", self.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """Who pays, and from which account."""

    name: str
    routing_number: str = ""
    account: str = ""
    check_number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """Money that came in."""

    number: int
    lockbox: str
    method: Method
    account: str
    """The licensee's account, as the deposit ticket or the transfer names it; empty if none."""
    amount_cents: int
    payer: Payer
    received_at: str
    day: date
    """The banking day that it belongs to."""
    state: PaymentState
    trace: str = ""
    """Of an ACH entry: its trace number."""
    entry_class: str = ""
    reason: str = ""
    """Why it came back last."""
    order: str = ""
    """What the payer called it: the same order twice is one payment."""

    @property
    def reference(self) -> str:
        """How the bank names the payment in its files: an ACH entry's trace, else ten digits."""
        return self.trace or payment_reference(self.number)

    @property
    def record(self) -> str:
        """The name of this record in journals."""
        return record_id("payment", self.reference)


class EventKind(StrEnum):
    """What the bank has to tell."""

    DEPOSIT = "deposit"
    RETURNED = "returned"
    PAID = "paid"
    REFUNDED = "refunded"
    """A balance paid back to a licensee."""
    CHANGED = "changed"
    """A notification of change: the account of a payer is another one now."""
    TRANSFERRED = "transferred"
    """To the Federal Reserve Bank, for the Postal Service."""


SIGNS: Final[Mapping[EventKind, int]] = MappingProxyType(
    {
        EventKind.DEPOSIT: 1,
        EventKind.RETURNED: -1,
        EventKind.PAID: 1,
        EventKind.REFUNDED: -1,
        EventKind.CHANGED: 0,
        EventKind.TRANSFERRED: -1,
    }
)
"""What each does to the lockbox account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened to a lockbox account, and the file in which it was told."""

    number: int
    lockbox: str
    kind: EventKind
    day: date
    at: str
    amount_cents: int
    method: str
    account: str
    reference: str
    """How the bank names the payment or the order."""
    reason: str = ""
    detail: str = ""
    payment: int | None = None
    sent_in: int | None = None
    """The number of the file in which it was told."""

    @property
    def signed_cents(self) -> int:
        """What it adds to the lockbox account."""
        return SIGNS[self.kind] * self.amount_cents


class FileKind(StrEnum):
    """The format of a file, and what it is for."""

    LOCKBOX = "lockbox"
    """80 columns: checks and cash."""
    ACH = "ACH"
    """NACHA: credits received, debits collected, returns, notifications of change."""
    TRANSFERS = "transfers"
    """BAI2 of the day under way: wires, cards, returned checks, paid items, transfers."""
    STATEMENT = "statement"
    """BAI2 of a closed day: balances, totals, and each deposit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentFile:
    """A file that the bank made for somebody."""

    number: int
    """Counts the files; a file to two recipients has two."""
    lockbox: str
    recipient: str
    kind: FileKind
    day: date
    name: str
    content: bytes
    made_at: str
    delivered_at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """The previous day's available balance, moved to the Federal Reserve Bank."""

    lockbox: str
    day: date
    """The day whose amounts were moved."""
    amount_cents: int
    made_at: str


def payment_reference(number: int) -> str:
    """The bank's number of a payment as it stands in files."""
    return f"{number:010d}"
