"""The ledger as many callers post to it at once, who share its units of work.

A posting alone waits for the disk alone; callers side by side are decided in one unit of work, each
with his own answer: what one is refused for undoes nobody else's posting.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from franking.errors import Refused
from franking.ledger.decisions import accounts_of, require_readable
from franking.ledger.ledger import Ledger, account_record
from franking.ledger.records import Posted, Posting
from franking.storage import Books
from franking.storage.shared_work import SharedWork

BATCH_MAX: Final = 100
"""Postings in one unit of work; each names few accounts, so that it locks what it names only."""


class PostingFront:
    """Makes postings, a batch at a time; threads may share it.

    ``command`` is what the role behind the books has to be permitted to do.
    """

    def __init__(
        self, books: Books, ledger: Ledger, clock: Callable[[], datetime], *, command: str
    ) -> None:
        def posting(some: Sequence[Posting]) -> list[Posted | Refused]:
            now = clock()
            with books.work(now, command, on=_records(ledger, some)) as work:
                return ledger.post_each(work, some, now)

        self._chart = ledger.chart
        self._shared = SharedWork(posting, batch_max=BATCH_MAX)

    def post(self, posting: Posting) -> Posted:
        """Make a posting, as ``Ledger.post``.

        Raises:
            Refused: as ``Ledger.post``.
        """
        require_readable(posting, self._chart)
        return self._shared.ask(posting)


def _records(ledger: Ledger, postings: Sequence[Posting]) -> list[str]:
    """The counted accounts that the postings name; where they name none, the first posting."""
    named = accounts_of(one for each in postings for one in each.transfers)
    counted = ledger.chart.counted(named)
    return [account_record(each) for each in counted] or [f"posting:{postings[0].key}"]
