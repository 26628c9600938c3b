"""What the ledger's own balances come to by kind of account, as a day left them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from franking.provider.closing.day_book import kind_of
from franking.provider.schema import LEDGER
from franking.storage import Reading


def held_by_kind(reading: Reading, moved: Mapping[str, int]) -> dict[str, int]:
    """The balances of each kind of account now, less what was ``moved`` since, by account."""
    since: Counter[str] = Counter()
    for account, mills in moved.items():
        since[kind_of(account)] += mills
    return {line.kind: LEDGER.total(reading, line.kind) - since[line.kind] for line in LEDGER.chart}
