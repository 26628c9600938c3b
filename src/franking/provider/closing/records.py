"""What a daily close holds. Frozen; money in mills, days postal.

A close covers the postings up to a number (its *watermark*) that bear its day or an earlier one
that no close has covered. So a closed day stays as it was closed, whatever is posted later, and
can be computed again at any time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

OWN_LEDGER: Final = "ledger"


class DifferenceKind(StrEnum):
    """In what way device, ledger and bank file can disagree."""

    NOT_ZERO = "the accounts do not sum to zero"
    PAST_LIMIT = "an account stands past its limit"
    LATE_POSTING = "posted for a day that was closed"
    REGISTERS = "device and ledger differ"
    TRANSIT = "value in transit is not what was granted and not confirmed"
    GRANT_UNPAID = "granted, and no account was charged"
    CHARGE_WITHOUT_GRANT = "charged, and nothing was granted"
    FILE = "bank file and ledger differ"
    WITHOUT_FILE = "posted as from the bank, and in none of its files"
    HOSTED = "a hosted device's registers contradict its ledger"
    CONSERVATION = "what came in is not what is held, used or paid out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing on which two records of the same money disagree."""

    kind: DifferenceKind
    about: str
    """The record: ``device:FK1A0000000001``, ``account:deposits:…``, ``file:…``."""
    expected_mills: int | None = None
    found_mills: int | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KindTotal:
    """All accounts of one kind on one day, in mills, credit positive."""

    kind: str
    opening_mills: int
    debits_mills: int
    credits_mills: int

    @property
    def closing_mills(self) -> int:
        """What they stand at when the day ends."""
        return self.opening_mills + self.credits_mills - self.debits_mills


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementTotal:
    """All postings of one kind on one day between two kinds of accounts."""

    kind: str
    debit: str
    credit: str
    count: int
    amount_mills: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FileTotal:
    """One file of the lockbox bank that was taken in on the day, beside what it posted."""

    file: str
    """Its digest."""
    bank_day: str
    count: int
    amount_mills: int
    posted_mills: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DevicePosition:
    """One device at the end of a day: what it last said, beside what the ledger has in it."""

    serial: str
    licence: str
    office: str
    reported_on: str
    """The day of its last signed report or reading; empty: never."""
    age_days: int
    """How long ago that was; -1: it never reported."""
    ascending_mills: int
    descending_mills: int
    in_device_mills: int
    in_transit_mills: int
    hosted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DevicesTotal:
    """All devices at the end of a day."""

    devices: int
    holding_value: int
    in_device_mills: int
    in_transit: int
    """How many devices have value in transit."""
    in_transit_mills: int
    oldest_report: str
    """Of the devices that hold value; use since then is not known yet. Empty: none does."""
    ages: tuple[tuple[str, int], ...] = ()
    """How many devices reported how long ago, in order."""
    hosted: int = 0
    """Devices whose registers were read at the close, and closed to the mill."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayClose:
    """One day, closed."""

    day: date
    since: date
    """The first day it covers: the day after the last one that was closed."""
    through: int
    """The number of the last posting that was there when it was closed."""
    through_before: int
    """The same of the close before it."""
    closed_at: str
    closed_by: str
    postings: int
    totals: tuple[KindTotal, ...]
    movements: tuple[MovementTotal, ...]
    files: tuple[FileTotal, ...]
    devices: DevicesTotal
    differences: tuple[Difference, ...]
    digest: str = ""
    """SHA-256 in hex of everything above but who closed it and when."""

    def balance(self, kind: str) -> int:
        """What all accounts of a kind stood at, in mills."""
        return sum(each.closing_mills for each in self.totals if each.kind == kind)
