"""The chart of the provider's books: every kind of account, its limit, and what it means.

Balances are credits less debits, in mills; Σ over all accounts is zero (LEDGER-1). Value is in
exactly one place at every moment: kinds are grouped by ``Place``, and what came in is what is
held, spent or owed (LEDGER-3); the provider's own money balances by itself.
"""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import Final

from franking.ledger.chart import AccountKind, Chart

_CMRS = "39 CFR 501.28 (1995)"

LOCKBOX: Final = "lockbox"
FUND: Final = "fund"
COUNTER: Final = "counter"
OPENING: Final = "opening"
USED: Final = "used"
PROVIDER_DEPOSIT: Final = "provider-deposit"
CAPITAL: Final = "provider-capital"
EXPENSE: Final = "fees"
ON_SITE_FEES: Final = "on-site-fees"
REIMBURSEMENTS: Final = "reimbursements"


class Place(StrEnum):
    """Where the money of an account is, as LEDGER-3 counts it."""

    SOURCE = "came in"
    """Debit side: received by the bank, moved to the fund, paid at counters, still receivable."""
    HELD = "held"
    """On deposit, in transit, in a device, or owed back."""
    SPENT = "spent"
    """Used as postage, or paid as a fee."""
    PROVIDER = "the provider's own"
    """What the provider has to collect, and what it bears; zero by itself."""


def _counted(kind: str, title: str, meaning: str, clause: str, *, of: str = "") -> AccountKind:
    """A kind with a limit: no account of it falls below zero."""
    return AccountKind(
        kind=kind,
        title=title,
        of=of,
        counted=True,
        floor_mills=0,
        meaning=meaning,
        clause=clause,
    )


def _summed(kind: str, title: str, meaning: str, clause: str, *, of: str = "") -> AccountKind:
    """A kind without a limit: nothing waits for it."""
    return AccountKind(kind=kind, title=title, of=of, meaning=meaning, clause=clause)


CHART: Final[Chart] = Chart.of(
    _counted(
        "deposits",
        "Licensee's deposit",
        "What a licensee has on deposit with the Postal Service and may reset devices with.",
        "39 CFR 501.28(b)(2) (1995), 502.26(b)(1) (1997)",
        of="licensee's account",
    ),
    _counted(
        "transit",
        "Value in transit",
        "Granted to a device that has not confirmed it yet.",
        "39 CFR 501.28(e)(3) (1995), 502.26(a) (1997)",
        of="device",
    ),
    _counted(
        "device",
        "Value in the device",
        "The descending register as last reported, with what was credited since.",
        "39 CFR 501.6(c) (1995), 502.23 (1997)",
        of="device",
    ),
    _summed(USED, "Postage used", "Evidenced by devices, as they reported.", _CMRS),
    _summed(
        LOCKBOX,
        "Lockbox",
        "What the bank received for the Postal Service and has not moved on.",
        "39 CFR 501.28(e)(2) (1995)",
    ),
    _summed(
        FUND,
        "Postal Service Fund",
        "What the bank moved to the Federal Reserve Bank, and what the fund paid.",
        "39 CFR 501.28(b)(1), (e)(4) (1995)",
    ),
    _counted(
        "suspense",
        "Payment not assigned",
        "Received for an account that nobody knows.",
        "39 CFR 501.28(e)(2) (1995)",
        of="payment",
    ),
    _summed(
        "returned",
        "Items returned unpaid",
        "What a licensee owes the Postal Service for checks and debits that came back.",
        "39 CFR 501.28(e)(8) (1995)",
        of="licensee's account",
    ),
    _counted(
        PROVIDER_DEPOSIT,
        "Provider's deposit",
        "The provider's own money with the Postal Service, out of which it advances.",
        "39 CFR 501.28(b)(5) (1995)",
    ),
    _summed(
        "owed",
        "Advances to collect",
        "What a licensee owes the provider, and nobody else, for advances.",
        "39 CFR 501.28(b)(5) (1995)",
        of="licensee's account",
    ),
    _summed(
        CAPITAL,
        "Provider's capital",
        "The provider's side of advances and fees.",
        "39 CFR 501.28(b)(5) (1995)",
    ),
    _counted(
        "refunds",
        "Refunds to pay",
        "Decided or asked for, and not paid yet.",
        "39 CFR 501.28(f) (1995); DMM 604.9 (2008)",
        of="case",
    ),
    _summed(
        REIMBURSEMENTS,
        "Reimbursements",
        "Refunds that the provider paid, for which the Postal Service reimburses it.",
        "DMM 604.9.3 (2008)",
    ),
    _summed(
        EXPENSE,
        "Card fees",
        "Discount fees of the card processor, which the provider bears.",
        "DMM P050.3.2 (1997)",
    ),
    _summed(
        ON_SITE_FEES,
        "On-site fees",
        "Fees for setting and checking meters at licensees' places.",
        "DMM P030.3.5 (1995)",
    ),
    _summed(
        COUNTER,
        "Paid at counters",
        "Postage, residues and fees paid at post office counters.",
        "DMM P030.3.6 (1995)",
    ),
    _summed(
        "charges",
        "Charges about a device",
        "Residues and on-site fees that are due about a device.",
        "39 CFR 501.22(e)(3) (1995)",
        of="device",
    ),
    _summed(OPENING, "Opening", "What was in devices before the ledger was kept.", "policy"),
)

PLACES: Final = MappingProxyType(
    {
        **dict.fromkeys((LOCKBOX, FUND, COUNTER, OPENING, "returned", "charges"), Place.SOURCE),
        **dict.fromkeys(
            (
                "deposits",
                "transit",
                "device",
                "suspense",
                "refunds",
                PROVIDER_DEPOSIT,
                REIMBURSEMENTS,
            ),
            Place.HELD,
        ),
        **dict.fromkeys((USED, ON_SITE_FEES), Place.SPENT),
        **dict.fromkeys(("owed", CAPITAL, EXPENSE), Place.PROVIDER),
    }
)
"""Where the money of each kind is."""


def deposits(account: str) -> str:
    """A licensee's balance on deposit."""
    return f"deposits:{account}"


def transit(serial: str) -> str:
    """What is granted to a device and not confirmed."""
    return f"transit:{serial}"


def device(serial: str) -> str:
    """What is in a device."""
    return f"device:{serial}"


def suspense(payment: str) -> str:
    """A payment of nobody known."""
    return f"suspense:{payment}"


def returned(account: str) -> str:
    """What a licensee owes for items returned unpaid."""
    return f"returned:{account}"


def owed(account: str) -> str:
    """What a licensee owes the provider for advances."""
    return f"owed:{account}"


def refunds(case: str) -> str:
    """What is to be paid on a refund."""
    return f"refunds:{case}"


def charges(serial: str) -> str:
    """What is due about a device."""
    return f"charges:{serial}"
