"""What a file of the lockbox bank tells a provider, in mills: read, checked, and not posted yet.

Pure values. ``reference`` is how the bank names the item in all of its files: the trace number of
an ACH entry, else the bank's own ten digits.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from franking.bank_files.faults import Fault
from franking.provider.funds.records import Method


class FileKind(StrEnum):
    """The format of a file of the bank."""

    LOCKBOX = "lockbox"
    """80 columns: checks and cash."""
    ACH = "ACH"
    """NACHA: credits received, debits collected, returns, notifications of change."""
    TRANSFERS = "transfers"
    """BAI2 of the day under way."""
    STATEMENT = "statement"
    """BAI2 of a closed day: compared, never posted."""


class FileStatus(StrEnum):
    """What became of a file."""

    TAKEN = "taken in"
    SET_ASIDE = "set aside"
    """Whole, with the reasons; nothing of it was posted. It may come again."""


FILE_TRANSITIONS: Final[dict[FileStatus, frozenset[FileStatus]]] = {
    FileStatus.TAKEN: frozenset(),
    FileStatus.SET_ASIDE: frozenset({FileStatus.TAKEN}),
}
"""What may follow what, as the database guards it too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BankDeposit:
    """A payment that the bank received."""

    method: Method
    account: str
    """As the payment names it."""
    amount_mills: int
    reference: str
    received_on: date
    payer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BankReturn:
    """An item that came back unpaid after its second presentment (501.28(e)(8))."""

    reference: str
    account: str
    amount_mills: int
    reason: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class BankMadeGood:
    """A returned item that the bank collected in full (501.28(e)(8))."""

    reference: str
    account: str
    amount_mills: int
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class BankTransfer:
    """Amounts that the bank moved to the Federal Reserve Bank (501.28(e)(4))."""

    reference: str
    amount_mills: int
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class BankRefund:
    """A balance that the bank paid back to a licensee (501.28(f))."""

    case: str
    account: str
    amount_mills: int
    reference: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class BankChange:
    """A notification of change: the debits of an account go elsewhere from now on."""

    reference: str
    account: str
    reason: str
    corrected: str


BankItem = BankDeposit | BankReturn | BankMadeGood | BankTransfer | BankRefund | BankChange


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What the bank says of a closed day."""

    opening_mills: int
    closing_mills: int
    credits_mills: int
    debits_mills: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BankFile:
    """A file of the bank as the provider keeps it."""

    digest: str
    """SHA-256 in hex."""
    name: str
    kind: FileKind | None
    """``None`` where nobody could tell."""
    day: date | None
    """The banking day that it is of."""
    status: FileStatus
    taken_at: str
    items: int
    deposits_mills: int
    """The sum of the deposits in it."""
    faults: tuple[Fault, ...] = ()
    statement: Statement | None = None

    def as_json(self) -> dict[str, object]:
        """For programs."""
        return {
            "digest": self.digest,
            "name": self.name,
            "kind": self.kind.value if self.kind else None,
            "day": self.day.isoformat() if self.day else None,
            "status": self.status.value,
            "taken_at": self.taken_at,
            "items": self.items,
            "deposits_mills": self.deposits_mills,
            "faults": [each.as_json() for each in self.faults],
        }
