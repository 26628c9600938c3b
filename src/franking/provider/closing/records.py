"""What a daily close holds. Frozen; money in mills, days postal.

A close covers the postings up to a number (its *watermark*) that bear its day or an earlier one
that no close has covered. So a closed day stays as it was closed, whatever is posted later, and
can be computed again at any time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from franking.money import format_dollars


class DifferenceKind(StrEnum):
    """In what way device, ledger and bank file can disagree."""

    NOT_ZERO = "the accounts do not sum to zero"
    CARRIED = "carried totals and balances differ"
    PAST_LIMIT = "an account stands past its limit"
    LATE_POSTING = "posted for a day that was closed"
    REGISTERS = "device and ledger differ"
    TRANSIT = "value in transit is not what was granted and not confirmed"
    GRANT_UNPAID = "granted, and not charged so"
    CHARGE_WITHOUT_GRANT = "charged, and not granted so"
    FILE = "bank file and ledger differ"
    FILE_SET_ASIDE = "a bank file waits, set aside whole"
    WITHOUT_FILE = "posted as from the bank, and in none of its files"
    HOSTED = "registers of a hosted device contradict the ledger"
    CONSERVATION = "what came in is not what is held or spent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing on which two records of the same money disagree."""

    kind: DifferenceKind
    about: str
    """The record: ``device:FK1A0000000001``, ``account:deposits:…``, ``file:…``."""
    expected_mills: int | None = None
    found_mills: int | None = None
    detail: str = ""


def in_words(difference: Difference) -> str:
    """A difference as people read it."""
    amounts = (
        f"{format_dollars(difference.found_mills)} instead of"
        f" {format_dollars(difference.expected_mills)}"
        if difference.found_mills is not None
        and difference.expected_mills is not None
        and difference.found_mills != difference.expected_mills
        else ""
    )
    facts = ", ".join(filter(None, (amounts, difference.detail)))
    return f"{difference.about}: {difference.kind.value}" + (f" ({facts})" if facts else "")


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
    signed: bool = False
    """Whether the device signed it; a person read it else."""
    ascending_mills: int
    descending_mills: int
    in_device_mills: int
    """By the ledger, when the day ended."""
    in_transit_mills: int
    held_mills: int
    """By the ledger, when the registers were as shown: that is now."""
    granted_mills: int = 0
    """By the ledger, in transit when the registers were as shown."""
    hosted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HostedReading:
    """The registers of a hosted device, read at the close."""

    serial: str
    ascending_mills: int
    descending_mills: int


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
class Span:
    """Which postings a close covers."""

    day: date
    before: date | None
    """The last day closed before; ``None`` for the first close."""
    through: int
    through_before: int

    def covers(self, day: str, number: int) -> bool:
        """Whether a posting of that day and number is in it."""
        if number > self.through or day > self.day.isoformat():
            return False
        return not self.was_closed(day) or number > self.through_before

    def was_closed(self, day: str) -> bool:
        """Whether a day was closed before: what is posted for it now is late."""
        return self.before is not None and day <= self.before.isoformat()


@dataclass(frozen=True, slots=True, kw_only=True)
class Resets:
    """Every reset granted so far, counted from the messages, or from the ledger."""

    count: int
    amount_mills: int
    upto: int = 0
    """The number of the last posting that was there when they were counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayClose:
    """One day, closed."""

    day: date
    before: date | None
    """The day closed before it; ``None`` for the first."""
    through: int
    """The number of the last posting that was there when it was closed."""
    through_before: int
    """The same of the close before it."""
    ended_at: str
    """The instant at which the day ended at the provider's place."""
    closed_at: str
    closed_by: str
    postings: int
    totals: tuple[KindTotal, ...]
    movements: tuple[MovementTotal, ...]
    files: tuple[FileTotal, ...]
    devices: DevicesTotal
    granted: Resets
    """Every reset ever granted, as the devices' messages have them, when the day was closed."""
    differences: tuple[Difference, ...]
    digest: str = ""
    """SHA-256 in hex of everything above but who closed it and when."""

    @property
    def span(self) -> Span:
        """Which postings it covers."""
        return Span(
            day=self.day,
            before=self.before,
            through=self.through,
            through_before=self.through_before,
        )

    def balance(self, kind: str) -> int:
        """What all accounts of a kind stood at, in mills."""
        return sum(each.closing_mills for each in self.totals if each.kind == kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What somebody found out about one difference of a closed day."""

    day: date
    number: int
    """Of the difference, from 1."""
    at: str
    by: str
    because: str
