"""What a posting does to the accounts it names: records in, records out, or a refusal.

Pure. Laws kept here: LEDGER-2 no account passes its limit, LEDGER-6 one key, one posting.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from franking.errors import InvariantBroken, Refusal, Refused
from franking.ledger.chart import Chart
from franking.ledger.records import (
    AMOUNT_MILLS_MAX,
    KEY,
    NOTHING,
    Balance,
    Posted,
    PostedTransfer,
    Posting,
    PostingState,
    Transfer,
)
from franking.money import format_dollars

LIMIT_PASSED = Refusal(
    "LIMIT_PASSED",
    clause="policy",
    remedy="Ask for no more than what is available on the account, or pay in first.",
)
LEDGER_KEY_REUSED = Refusal(
    "LEDGER_KEY_REUSED",
    clause="policy",
    remedy="Ask again with what was posted under this key, or use another key.",
)
LEDGER_KEY_UNKNOWN = Refusal(
    "LEDGER_KEY_UNKNOWN",
    clause="policy",
    remedy="Look the key up among the reservations; nothing was reserved under this one.",
    http_status=404,
)
RESERVATION_CLOSED = Refusal(
    "RESERVATION_CLOSED",
    clause="policy",
    remedy="Reserve the amount anew; what was posted is undone by a counter-entry only.",
)
POSTING_UNREADABLE = Refusal(
    "POSTING_UNREADABLE",
    clause="policy",
    remedy="Give a key of at most 200 printable characters and at least one transfer.",
    http_status=422,
)
TRANSFER_AMOUNT_REFUSED = Refusal(
    "TRANSFER_AMOUNT_REFUSED",
    clause="policy",
    remedy="Transfer whole mills, more than none and at most $1,000,000,000.00.",
    http_status=422,
)
TRANSFER_TO_ITSELF = Refusal(
    "TRANSFER_TO_ITSELF",
    clause="policy",
    remedy="Name two different accounts.",
    http_status=422,
)

SETTLED: Final = " (settled)"
"""What is put behind the key of a reservation for the posting that settles it."""


def require_readable(posting: Posting, chart: Chart) -> None:
    """Whether a posting can be taken at all.

    Raises:
        Refused: ``POSTING_UNREADABLE``, ``TRANSFER_AMOUNT_REFUSED``, ``TRANSFER_TO_ITSELF``,
            ``ACCOUNT_UNKNOWN``.
    """
    if KEY.fullmatch(posting.key) is None or posting.key.endswith(SETTLED):
        raise POSTING_UNREADABLE.because(f"{posting.key!r} is not a key")
    if not posting.transfers or not posting.kind:
        raise POSTING_UNREADABLE.because(f"{posting.key}: it names no kind or no transfer")
    for each in posting.transfers:
        amount = each.amount_mills
        if type(amount) is not int or not 0 < amount <= AMOUNT_MILLS_MAX:
            raise TRANSFER_AMOUNT_REFUSED.because(f"{posting.key}: {amount!r} mills")
        if each.debit == each.credit:
            raise TRANSFER_TO_ITSELF.because(f"{posting.key}: from {each.debit} to itself")
        chart.kind_of(each.debit), chart.kind_of(each.credit)


def require_same(posting: Posting, found: Posted, *, reserved: bool) -> None:
    """Whether what was posted under a key is what is asked for now (LEDGER-6).

    Raises:
        Refused: ``LEDGER_KEY_REUSED``.
    """
    asked = (posting.kind, posting.clause, posting.because, posting.reference, reserved)
    there = (found.kind, found.clause, found.because, found.reference, found.until is not None)
    moved = [(one.debit, one.credit, one.amount_mills) for one in found.transfers]
    if asked != there or moved != [(t.debit, t.credit, t.amount_mills) for t in posting.transfers]:
        raise LEDGER_KEY_REUSED.because(
            f"{posting.key}: posting {found.number} of {found.day} has other inputs"
        )


def accounts_of(transfers: Iterable[Transfer | PostedTransfer]) -> list[str]:
    """Every account that the transfers name, each once, in their order."""
    named = (account for each in transfers for account in (each.debit, each.credit))
    return list(dict.fromkeys(named))


class Standing:
    """The counted accounts as they stand while postings are decided, one after the other.

    A posting that is refused leaves them as they were.
    """

    def __init__(self, chart: Chart, found: Mapping[str, Balance]) -> None:
        self._chart = chart
        self.found = dict(found)
        """As the books held them."""
        self.now = dict(found)

    def post(self, transfers: Iterable[Transfer | PostedTransfer]) -> tuple[PostedTransfer, ...]:
        """Move the balances.

        Raises:
            Refused: ``LIMIT_PASSED``.
        """
        after: dict[str, int] = {}
        made = tuple(
            PostedTransfer(
                debit=each.debit,
                credit=each.credit,
                amount_mills=each.amount_mills,
                debit_after_mills=self._moved(after, each.debit, -each.amount_mills),
                credit_after_mills=self._moved(after, each.credit, each.amount_mills),
            )
            for each in transfers
        )
        self._take(
            {
                account: Balance(balance, self.of(account).pending_mills)
                for account, balance in after.items()
            }
        )
        return made

    def reserve(self, transfers: Iterable[Transfer]) -> None:
        """Hold what the transfers will take.

        Raises:
            Refused: ``LIMIT_PASSED``.
        """
        self._hold(transfers, 1)

    def release(self, transfers: Iterable[Transfer | PostedTransfer]) -> None:
        """Hold it no longer."""
        self._hold(transfers, -1)

    def of(self, account: str) -> Balance:
        """A counted account as it stands now."""
        return self.now.get(account, NOTHING)

    @property
    def changed(self) -> dict[str, Balance]:
        """The accounts that no longer stand as they were found, in order of name."""
        moved = (each for each in self.now if self.now[each] != self.found.get(each))
        return {account: self.now[account] for account in sorted(moved)}

    def _moved(self, after: dict[str, int], account: str, amount_mills: int) -> int | None:
        if not self._chart.kind_of(account).counted:
            return None
        before = after.get(account)
        if before is None:
            before = self.of(account).balance_mills
        after[account] = before + amount_mills
        return after[account]

    def _hold(self, transfers: Iterable[Transfer | PostedTransfer], sign: int) -> None:
        net: dict[str, int] = {}
        for each in transfers:
            net[each.debit] = net.get(each.debit, 0) + each.amount_mills
            net[each.credit] = net.get(each.credit, 0) - each.amount_mills
        after = {}
        for account in self._chart.counted(account for account, taken in net.items() if taken > 0):
            before = self.of(account)
            held = before.pending_mills + sign * net[account]
            if held < 0:
                raise InvariantBroken(f"{account}: more is released than was reserved")
            after[account] = Balance(before.balance_mills, held)
        self._take(after)

    def _take(self, after: Mapping[str, Balance]) -> None:
        for account, balance in after.items():
            floor = self._chart.kind_of(account).floor_mills
            if floor is not None and balance.available_mills < floor:
                raise self._passed(account, balance)
        self.now.update(after)

    def _passed(self, account: str, after: Balance) -> Refused:
        available = self.of(account).available_mills
        floor = self._chart.kind_of(account).floor_mills or 0
        return LIMIT_PASSED.because(
            f"{account} has {format_dollars(available)} available and may not fall below"
            f" {format_dollars(floor)}; it would be at {format_dollars(after.available_mills)}"
        )


def require_pending(posted: Posted | None, key: str, wanted: PostingState) -> bool:
    """Whether a reservation is still to be closed; ``False`` where it is closed so already.

    Raises:
        Refused: ``LEDGER_KEY_UNKNOWN``, ``RESERVATION_CLOSED``.
    """
    if posted is None or posted.until is None:
        raise LEDGER_KEY_UNKNOWN.because(f"nothing was reserved under the key {key!r}")
    if posted.state is wanted:
        return False
    if posted.state is not PostingState.PENDING:
        raise RESERVATION_CLOSED.because(f"{key} is {posted.state}, it cannot be {wanted}")
    return True
