"""The ledger: double entry in mills, append-only, shared by the domains that keep money.

``ledger`` posts and reads, ``decisions`` says what a posting does to its accounts, ``chart`` is
the kinds of account of a domain, ``tables`` and ``views`` are the rows, ``audit`` is a program by
itself that recomputes everything from an exported journal. Refuses to know what an account is for:
the rooms give the chart, the postings and their clauses.

Laws kept here: LEDGER-1, LEDGER-2, LEDGER-6 (see docs/architecture.md).
"""

from franking.ledger.chart import AccountKind, Chart
from franking.ledger.decisions import LEDGER_KEY_REUSED, LIMIT_PASSED
from franking.ledger.ledger import Ledger, account_record
from franking.ledger.records import (
    Balance,
    Line,
    Posted,
    PostedTransfer,
    Posting,
    PostingState,
    Transfer,
)

__all__ = [
    "LEDGER_KEY_REUSED",
    "LIMIT_PASSED",
    "AccountKind",
    "Balance",
    "Chart",
    "Ledger",
    "Line",
    "Posted",
    "PostedTransfer",
    "Posting",
    "PostingState",
    "Transfer",
    "account_record",
]
