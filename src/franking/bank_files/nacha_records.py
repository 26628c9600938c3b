"""What a NACHA file holds: a header, batches of entries, addenda; totals follow from them.

Amounts are integer cents. Kept are the two classes of entry by which licensees pay: PPD (people)
and CCD (firms), their prenotes, returns (addenda 99), and notifications of change (98, in a batch
of class COR). Hashes, counts, totals and check digits are never said by hand: the writer makes
them, the reader compares them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum, StrEnum

from franking.bank_files.routing import check_digit


class EntryClass(StrEnum):
    """The standard entry class of a batch."""

    PPD = "PPD"
    """Entries to accounts of people."""
    CCD = "CCD"
    """Entries to accounts of firms."""
    COR = "COR"
    """Notifications of change, without money."""


class ServiceClass(IntEnum):
    """What a batch may hold."""

    MIXED = 200
    CREDITS = 220
    DEBITS = 225


class TransactionCode(IntEnum):
    """What an entry does to which kind of account."""

    CHECKING_CREDIT_RETURN = 21
    CHECKING_CREDIT = 22
    CHECKING_CREDIT_PRENOTE = 23
    CHECKING_DEBIT_RETURN = 26
    CHECKING_DEBIT = 27
    CHECKING_DEBIT_PRENOTE = 28
    SAVINGS_CREDIT_RETURN = 31
    SAVINGS_CREDIT = 32
    SAVINGS_CREDIT_PRENOTE = 33
    SAVINGS_DEBIT_RETURN = 36
    SAVINGS_DEBIT = 37
    SAVINGS_DEBIT_PRENOTE = 38

    @property
    def is_debit(self) -> bool:
        """Whether the entry takes from the account it names (its last digit is over 5)."""
        return self % 10 > 5

    @property
    def is_prenote(self) -> bool:
        """Whether the entry is a trial without money."""
        return self % 10 in (3, 8)

    @property
    def is_return(self) -> bool:
        """Whether the entry returns another one, or tells of a change to it."""
        return self % 10 in (1, 6)

    @property
    def returned(self) -> TransactionCode:
        """The code of the return of such an entry, and of a notification of change to it."""
        return TransactionCode(self // 10 * 10 + (6 if self.is_debit else 1))


@dataclass(frozen=True, slots=True)
class Payment:
    """Addenda 05: what the payment is for, in at most 80 characters."""

    information: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """Addenda 99: why an entry comes back (``return_codes.RETURN_REASONS``)."""

    reason: str
    original_trace: str
    original_bank: str
    """The first eight digits of the routing number of the bank that received the entry."""
    information: str = ""
    died_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Addenda 98: what to change about an entry (``return_codes.CHANGE_REASONS``)."""

    reason: str
    original_trace: str
    original_bank: str
    corrected: str


Addenda = Payment | Return | Change


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry: so many cents to or from an account at another bank."""

    code: TransactionCode
    bank: str
    """The first eight digits of the routing number of the bank where the account is."""
    account: str
    amount_cents: int
    individual_id: str
    name: str
    trace: str
    """Fifteen digits: the bank that put it in, and a number that only rises in the batch."""
    addenda: Addenda | None = None
    discretionary: str = ""

    @property
    def routing_number(self) -> str:
        """All nine digits."""
        return self.bank + check_digit(self.bank)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Entries of one company for one day."""

    service: ServiceClass
    entry_class: EntryClass
    company: str
    company_id: str
    description: str
    effective_on: date
    bank: str
    """The first eight digits of the routing number of the bank that puts the batch in."""
    number: int
    entries: tuple[Entry, ...]
    company_data: str = ""
    company_date: str = ""
    settled_on_day: str = ""
    """The day of the year, three digits, that the operator settled on; blank before."""
    originator_status: str = "1"

    @property
    def record_count(self) -> int:
        """Entries and addenda."""
        return sum(1 + (each.addenda is not None) for each in self.entries)

    @property
    def entry_hash(self) -> int:
        """The sum of the entries' bank numbers, cut to ten digits."""
        return sum(int(each.bank) for each in self.entries) % HASH_MODULUS

    @property
    def debit_cents(self) -> int:
        """What the entries take."""
        return sum(each.amount_cents for each in self.entries if each.code.is_debit)

    @property
    def credit_cents(self) -> int:
        """What the entries give."""
        return sum(each.amount_cents for each in self.entries if not each.code.is_debit)


@dataclass(frozen=True, slots=True, kw_only=True)
class NachaFile:
    """A whole file."""

    destination: str
    """Ten characters: a blank and the routing number of who receives the file."""
    origin: str
    """Ten characters: who sends it, a bank as a blank and its routing number, or a company id."""
    created_at: datetime
    """To the minute, without offset: the sender's clock."""
    modifier: str
    """A to Z, 0 to 9: tells apart the files of one day."""
    destination_name: str
    origin_name: str
    batches: tuple[Batch, ...]
    reference: str = ""

    @property
    def entry_hash(self) -> int:
        """The sum of the batches' hashes, cut to ten digits."""
        return sum(each.entry_hash for each in self.batches) % HASH_MODULUS

    @property
    def debit_cents(self) -> int:
        """What all entries take."""
        return sum(each.debit_cents for each in self.batches)

    @property
    def credit_cents(self) -> int:
        """What all entries give."""
        return sum(each.credit_cents for each in self.batches)


HASH_MODULUS = 10**10
RECORD_COLUMNS = 94
BLOCK_LINES = 10
