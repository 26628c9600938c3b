"""Accounts on deposit, payments, advances, refunds of balances, corrections: values.

Amounts are mills, dates postal, instants text. An account number has eight digits, the last of
which checks the others, so that a deposit ticket read wrongly names nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from franking.identifiers import record_id


class AccountStatus(StrEnum):
    """Whether an account may pay for resets."""

    OPEN = "open"
    LOCKED = "locked"
    """An item was returned unpaid; until the bank says it is paid in full (501.28(e)(8))."""
    CLOSED = "closed"


ACCOUNT_TRANSITIONS: Final[dict[AccountStatus, frozenset[AccountStatus]]] = {
    AccountStatus.OPEN: frozenset({AccountStatus.LOCKED, AccountStatus.CLOSED}),
    AccountStatus.LOCKED: frozenset({AccountStatus.OPEN}),
    # The same licensee may come back under the same licence.
    AccountStatus.CLOSED: frozenset({AccountStatus.OPEN, AccountStatus.LOCKED}),
}


class Statements(StrEnum):
    """How a licensee hears of resets and balances (501.28(e)(3); P050.3.5c)."""

    EACH = "each"
    """A document after each reset, with the balance that remains."""
    MONTHLY = "monthly"
    """A statement each month, with the balance after each transaction."""


class Method(StrEnum):
    """Ways of paying, as the rulebooks name them."""

    ACH_DEBIT = "ACH debit"
    ACH_CREDIT = "ACH credit"
    WIRE = "wire transfer"
    CHECK = "check"
    CASH = "cash"
    DEBIT_CARD = "debit card"
    CREDIT_CARD = "credit card"
    CHECK_CARD = "check card"


CARDS: Final = frozenset({Method.DEBIT_CARD, Method.CREDIT_CARD, Method.CHECK_CARD})
RETURNABLE: Final = frozenset({Method.CHECK, Method.ACH_DEBIT})
"""What a bank may return unpaid after it was credited."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FundsAccount:
    """A licensee's account for the prepayment of postage."""

    number: str
    licence: str
    licensee: str
    zip_code: str
    """Of the licensing post office: revenue is allocated by it."""
    rulebook: str
    opened_on: date
    status: AccountStatus = AccountStatus.OPEN
    statements: Statements = Statements.EACH
    method: Method = Method.ACH_DEBIT
    """How the licensee prefers to pay."""
    closed_on: date | None = None

    @property
    def name(self) -> str:
        """The account's name in the ledger."""
        return f"deposits:{self.number}"

    @property
    def record(self) -> str:
        """The name of its record: the ledger's own for the account."""
        return record_id("account", self.name)


class PaymentStatus(StrEnum):
    """Where a payment is."""

    EXPECTED = "expected"
    """The licensee said that it was sent, or a debit was originated."""
    ON_DEPOSIT = "on deposit"
    IN_SUSPENSE = "in suspense"
    """Received for an account that nobody knows."""
    RETURNED = "returned unpaid"
    MADE_GOOD = "paid after its return"
    FAILED = "never received"


PAYMENT_TRANSITIONS: Final[dict[PaymentStatus, frozenset[PaymentStatus]]] = {
    PaymentStatus.EXPECTED: frozenset({PaymentStatus.ON_DEPOSIT, PaymentStatus.FAILED}),
    # Of nobody known, and returned unpaid: nobody owes it.
    PaymentStatus.IN_SUSPENSE: frozenset({PaymentStatus.ON_DEPOSIT, PaymentStatus.FAILED}),
    PaymentStatus.ON_DEPOSIT: frozenset({PaymentStatus.RETURNED}),
    PaymentStatus.RETURNED: frozenset({PaymentStatus.MADE_GOOD}),
    PaymentStatus.MADE_GOOD: frozenset(),
    PaymentStatus.FAILED: frozenset(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """One payment of a licensee, from when it was sent until it is settled.

    ``reference`` is how the bank names the item (check number, trace number, wire reference); with
    it, the bank's later word of a return finds the payment.
    """

    number: str
    account: str
    """As the payment names it; in suspense, of nobody we know."""
    amount_mills: int
    method: Method
    status: PaymentStatus
    reference: str
    sent_on: date | None = None
    received_on: date | None = None
    """By the lockbox bank."""
    posted_at: str = ""
    """When it could be used."""
    file: str = ""
    """The bank file that brought it."""
    returned_on: date | None = None
    reason: str = ""
    settled_on: date | None = None
    """When the bank reported a returned item paid in full."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BankDetails:
    """From which bank account ACH debits are drawn, as the licensee authorized."""

    account: str
    routing: str
    bank_account: str
    kind: str
    """``checking`` or ``savings``."""
    authorized_by: str
    authorized_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentPlan:
    """Which ways of paying the provider accepts, and what it tells those who pay."""

    methods: tuple[Method, ...]
    lockbox: str
    """Post office box of the lockbox, for checks."""
    bank: str
    routing: str
    """The lockbox bank's routing number (ABA)."""
    bank_account: str
    """The lockbox account in the Postal Service's name, for wires and ACH credits."""
    card_processor: str = ""
    card_fee_basis_points: int = 0
    """What the processor keeps of each card payment, borne by the provider."""


class RefundStatus(StrEnum):
    """Where the refund of a balance is."""

    ASKED = "asked"
    ORDERED = "ordered"
    """The bank has the order."""
    PAID = "paid"
    CALLED_OFF = "called off"


REFUND_TRANSITIONS: Final[dict[RefundStatus, frozenset[RefundStatus]]] = {
    RefundStatus.ASKED: frozenset({RefundStatus.ORDERED, RefundStatus.CALLED_OFF}),
    RefundStatus.ORDERED: frozenset({RefundStatus.PAID, RefundStatus.CALLED_OFF}),
    RefundStatus.PAID: frozenset(),
    RefundStatus.CALLED_OFF: frozenset(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceRefund:
    """A licensee's balance on its way back through the lockbox bank (501.28(f))."""

    case: str
    account: str
    amount_mills: int
    asked_at: str
    due_at: str
    """48 hours after the request was received."""
    status: RefundStatus = RefundStatus.ASKED
    paid_on: date | None = None
    reference: str = ""


class CorrectionStatus(StrEnum):
    """Where a correction is."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"


CORRECTION_TRANSITIONS: Final[dict[CorrectionStatus, frozenset[CorrectionStatus]]] = {
    CorrectionStatus.PROPOSED: frozenset({CorrectionStatus.APPROVED, CorrectionStatus.REJECTED}),
    CorrectionStatus.APPROVED: frozenset(),
    CorrectionStatus.REJECTED: frozenset(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A counter-entry that one person proposes and another approves."""

    number: str
    debit: str
    credit: str
    amount_mills: int
    because: str
    reference: str
    """The posting or payment that it corrects."""
    proposed_by: str
    proposed_on: date
    status: CorrectionStatus = CorrectionStatus.PROPOSED
    decided_by: str = ""
    decided_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvanceDay:
    """The advances of one day, and what covers them."""

    day: date
    cover_mills: int
    """The provider's deposit at the start of the day, and what it added."""
    advanced_mills: int

    @property
    def left_mills(self) -> int:
        """What may still be advanced."""
        return self.cover_mills - self.advanced_mills


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvanceTerms:
    """What a provider agreed to advance to a licensee (501.28(b)(5), P030.3.12a)."""

    account: str
    limit_mills: int
    """All that may be owed at once; zero ends the agreement."""
    agreed_by: str
    agreed_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Advance:
    """Funds that a provider advanced to a licensee."""

    number: str
    account: str
    amount_mills: int
    day: date
    at: str
    because: str
