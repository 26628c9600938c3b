"""What a BAI2 report holds: groups of accounts with summaries and transactions.

Amounts are integers in the currency's smallest unit (cents). Account totals, group totals and
record counts are made by the writer and compared by the reader.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from typing import Final


class GroupStatus(StrEnum):
    """What a group of a report is."""

    UPDATE = "1"
    DELETION = "2"
    CORRECTION = "3"
    TEST = "4"


class FundsType(StrEnum):
    """When the funds of an amount are there."""

    UNKNOWN = "Z"
    NOW = "0"
    IN_ONE_DAY = "1"
    IN_TWO_DAYS = "2"
    SPREAD = "S"
    """Three amounts: now, in one day, in more."""
    DATED = "V"
    """From a day and time on."""
    DISTRIBUTED = "D"
    """Any number of days, each with its amount."""


@dataclass(frozen=True, slots=True)
class Funds:
    """When the funds of an amount are there; ``parts`` as the type has them.

    ``SPREAD``: three amounts of cents. ``DATED``: date and time as written. ``DISTRIBUTED``: days
    and cents in turns. None for the others.
    """

    kind: FundsType | None = None
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A total or a status of an account: type code, cents (``None`` where not reported)."""

    code: str
    amount_cents: int | None
    items: int | None = None
    funds: Funds = Funds()


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """One movement of an account; whether it is a credit or a debit follows from its code."""

    code: str
    amount_cents: int
    bank_reference: str = ""
    customer_reference: str = ""
    text: str = ""
    funds: Funds = Funds()

    @property
    def is_credit(self) -> bool:
        """Type codes to 399 are credits, to 699 debits; of custom ones 920 to 959 are credits."""
        return self.code < "400" or "920" <= self.code < "960"

    @property
    def signed_cents(self) -> int:
        """Above zero for a credit."""
        return self.amount_cents if self.is_credit else -self.amount_cents


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account of the report."""

    number: str
    summaries: tuple[Summary, ...]
    transactions: tuple[Transaction, ...]
    currency: str = ""

    @property
    def control_total_cents(self) -> int:
        """The sum of all amounts of the account, as its trailer has it: no sign follows a code."""
        stated = sum(each.amount_cents or 0 for each in self.summaries)
        return stated + sum(each.amount_cents for each in self.transactions)

    def summary(self, code: str) -> int | None:
        """The cents of the summary with this code; ``None`` where it is not reported."""
        return next((each.amount_cents for each in self.summaries if each.code == code), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Accounts of one bank as of one moment."""

    receiver: str
    originator: str
    status: GroupStatus
    as_of: date
    as_of_time: time | None
    accounts: tuple[Account, ...]
    currency: str = "USD"
    as_of_modifier: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bai2File:
    """A whole report."""

    sender: str
    receiver: str
    created_on: date
    created_at: time
    file_id: str
    groups: tuple[Group, ...]
    record_length: int | None = None
    block_size: int | None = None


OPENING_LEDGER: Final = "010"
CLOSING_LEDGER: Final = "015"
TOTAL_CREDITS: Final = "100"
TOTAL_LOCKBOX: Final = "110"
LOCKBOX_DEPOSIT: Final = "115"
ACH_CREDIT_RECEIVED: Final = "142"
PREAUTHORIZED_ACH_CREDIT: Final = "165"
INCOMING_WIRE: Final = "195"
ACH_RETURN_PAID: Final = "257"
"""A returned ACH debit that was collected after all."""
RETURN_ITEM_PAID: Final = "266"
"""A returned check that was collected after all."""
CASH_DEPOSITED: Final = "366"
CARD_SETTLEMENT: Final = "399"
TOTAL_DEBITS: Final = "400"
OUTGOING_WIRE: Final = "495"
"""To the Federal Reserve Bank for the Postal Service, or a balance refunded by wire."""
ACH_REFUND_PAID: Final = "455"
ITEM_RETURNED: Final = "555"
ACH_ITEM_RETURNED: Final = "557"

MEANINGS: Final = {
    OPENING_LEDGER: "opening ledger",
    CLOSING_LEDGER: "closing ledger",
    TOTAL_CREDITS: "total credits",
    TOTAL_LOCKBOX: "total lockbox deposits",
    LOCKBOX_DEPOSIT: "lockbox deposit",
    ACH_CREDIT_RECEIVED: "ACH credit received",
    PREAUTHORIZED_ACH_CREDIT: "preauthorized ACH credit",
    INCOMING_WIRE: "incoming money transfer",
    ACH_RETURN_PAID: "individual ACH return item",
    RETURN_ITEM_PAID: "return item",
    CASH_DEPOSITED: "currency and coin deposited",
    CARD_SETTLEMENT: "miscellaneous credit",
    TOTAL_DEBITS: "total debits",
    ACH_REFUND_PAID: "preauthorized ACH debit",
    OUTGOING_WIRE: "outgoing money transfer",
    ITEM_RETURNED: "deposited item returned",
    ACH_ITEM_RETURNED: "individual ACH return item",
}
"""The type codes that pass between this bank, the provider and the Postal Service."""
