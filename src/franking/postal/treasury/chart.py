"""The chart of the Postal Service's books: the fund, and what each provider's customers hold.

Balances are credits less debits, in mills; Σ over all accounts is zero (LEDGER-1). What a provider
reports of a day is posted here under the names of its own chart, kind by kind. Where it speaks of
the bank or the fund, its word goes to a clearing account, and so does the bank's, or the
treasury's own: a clearing account that is not zero is a difference, for as long as it is there.

No account has a limit: what a provider did wrong is to be seen here, not to be refused.
"""

from __future__ import annotations

import hashlib
import re
from types import MappingProxyType
from typing import Final

from franking.ledger.chart import AccountKind, Chart

FUND: Final = "fund"
POSTAGE_REFUNDS: Final = "postage-refunds"
_CODE: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z.-]{0,47}", re.ASCII)
_UNFIT: Final = re.compile(r"[^0-9A-Za-z.]+", re.ASCII)
_CMRS = "39 CFR 501.28 (1995)"
_PROVIDER = "provider"


def _of_provider(kind: str, title: str, meaning: str, clause: str = _CMRS) -> AccountKind:
    return AccountKind(kind=kind, title=title, meaning=meaning, of=_PROVIDER, clause=clause)


CHART: Final[Chart] = Chart.of(
    AccountKind(
        kind=FUND,
        title="Postal Service Fund",
        meaning="At Treasury, backed in full faith and credit; what is there stands below zero.",
        clause="39 CFR 501.28(b)(1), (e)(4) (1995)",
    ),
    AccountKind(
        kind=POSTAGE_REFUNDS,
        title="Postage refunded",
        meaning="Paid back for postage that was evidenced and not mailed.",
        clause="DMM 604.9 (2008)",
    ),
    AccountKind(
        kind="losses",
        title="Losses on returned items",
        meaning="Returned items that were given up: the Postal Service's risk.",
        clause="39 CFR 501.28(e)(8) (1995)",
    ),
    _of_provider(
        "lockbox",
        "Lockbox",
        "At the bank and not transferred yet, by the bank's own statements.",
        "39 CFR 501.28(e)(2) (1995)",
    ),
    _of_provider(
        "bank-clearing",
        "Bank and provider",
        "What the bank says it received, less what the provider booked of it.",
        "39 CFR 501.28(e)(2) (1995)",
    ),
    _of_provider(
        "fund-clearing",
        "Fund and provider",
        "What the fund received or paid, less what the provider booked of it.",
        "39 CFR 501.28(b)(5), (f) (1995)",
    ),
    _of_provider(
        "deposits",
        "Customers' deposits",
        "On deposit with the Postal Service for postage.",
        "39 CFR 501.28(b)(2) (1995)",
    ),
    _of_provider("suspense", "Payments not assigned", "Received for accounts nobody knows."),
    _of_provider("transit", "In transit", "Granted to devices that have not confirmed it yet."),
    _of_provider("device", "Unused in devices", "Postage value that devices still hold."),
    _of_provider("used", "Postage revenue", "Evidenced by devices, as they reported."),
    _of_provider(
        "returned",
        "Items returned unpaid",
        "What customers owe the Postal Service for checks and debits that came back.",
        "39 CFR 501.28(e)(8) (1995)",
    ),
    _of_provider(
        "provider-deposit",
        "Provider's deposit",
        "Of the provider's own deposit, what its advances have left.",
        "39 CFR 501.28(b)(5) (1995)",
    ),
    _of_provider("refunds", "Refunds to pay", "Decided or asked for, and not paid yet."),
    _of_provider(
        "reimbursements",
        "Reimbursements",
        "Refunds that the provider paid, to be reimbursed once.",
        "DMM 604.9.3 (2008)",
    ),
    _of_provider(
        "counter", "Paid at counters", "Paid at post office counters.", "DMM P030.3.6 (1995)"
    ),
    _of_provider(
        "charges",
        "Charges about devices",
        "Due for residues and on-site fees.",
        "DMM P030.3.5 (1995)",
    ),
    _of_provider(
        "on-site-fees", "On-site fees", "For setting and checking.", "DMM P030.3.5 (1995)"
    ),
    _of_provider("opening", "Opening", "Value from before the ledgers were kept.", "policy"),
    _of_provider("unexplained", "Unexplained", "Movements between unknown accounts.", "policy"),
)

CLEARED: Final = MappingProxyType({"lockbox": "bank-clearing", "fund": "fund-clearing"})
"""Where a provider's word of the bank and of the fund goes."""
PROVIDERS_OWN: Final = frozenset({"owed", "provider-capital", "fees"})
"""Kinds of a provider's chart that are not the Postal Service's: it bears no loss on advances."""
MIRRORED: Final = frozenset(
    line.kind for line in CHART if line.of and line.kind not in ("lockbox", *CLEARED.values())
) - {"unexplained"}
"""Kinds that stand here as the provider reports them."""
KNOWN: Final = MIRRORED | PROVIDERS_OWN | CLEARED.keys()
"""Every kind that a provider's chart may have."""
DEBIT_SIDE: Final = frozenset(
    {FUND, POSTAGE_REFUNDS, "losses", "lockbox", "returned", "counter", "charges", "opening"}
)
"""Kinds that hold what is there or owed to us: people read them with the sign turned."""
ADVANCES_FROM: Final = "provider-deposit"


def code_of(provider: str) -> str:
    """A provider's name as accounts can carry it; two names never have the same."""
    if _CODE.fullmatch(provider):
        return provider
    digest = hashlib.sha256(provider.encode()).hexdigest()[:8]
    readable = _UNFIT.sub("-", provider).strip("-.")[:32] or "provider"
    return f"{readable}-{digest}"


def account(kind: str, provider: str) -> str:
    """The account of a kind that is kept for each provider."""
    return f"{kind}:{code_of(provider)}"


def mirror(kind: str, provider: str) -> str | None:
    """Where an account of the provider's chart stands here; ``None`` where it is its own affair."""
    if kind in PROVIDERS_OWN:
        return None
    if kind in CLEARED:
        return account(CLEARED[kind], provider)
    return account(kind if kind in MIRRORED else "unexplained", provider)
