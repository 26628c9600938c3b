"""The ledger of one domain: post, reserve, settle, void, and see what an account holds.

Everything here happens inside the unit of work of the command that it is part of, and tells the
journal itself: an auditor recomputes every balance from the journal alone. Laws kept here:
LEDGER-1 the sum of all balances is zero, LEDGER-2 no account passes its limit, LEDGER-6 one key,
one posting.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

import msgspec
from sqlalchemy import MetaData

from franking.clock import instant_text
from franking.errors import InvariantBroken, Refused
from franking.identifiers import record_id
from franking.ledger import rolling_up, tables, views
from franking.ledger.chart import Chart
from franking.ledger.decisions import (
    SETTLED,
    Standing,
    accounts_of,
    require_pending,
    require_readable,
    require_same,
)
from franking.ledger.records import (
    Balance,
    Line,
    Posted,
    PostedTransfer,
    Posting,
    PostingState,
    Transfer,
)
from franking.ledger.tables import LedgerTables
from franking.storage import Act, Reading, Work


def account_record(account: str) -> str:
    """The name of an account's record, for ``Books.work(on=…)`` and the journal."""
    return record_id("account", account)


@dataclass(frozen=True, slots=True)
class Ledger:
    """The ledger of one domain's books."""

    tables: LedgerTables
    chart: Chart

    @classmethod
    def within(cls, metadata: MetaData, chart: Chart, *, prefix: str = "ledger") -> Ledger:
        """Define the ledger's tables among those of a domain, for the accounts of ``chart``."""
        return cls(LedgerTables.within(metadata, prefix), chart)

    # Writing ---------------------------------------------------------------------------------

    def post(self, work: Work, posting: Posting, now: datetime) -> Posted:
        """Make the transfers of a posting; under a known key, give back what was made.

        Name the counted accounts among the records of the unit of work (``account_record``) where
        they are known beforehand: it saves a round trip.

        Raises:
            Refused: ``LIMIT_PASSED``, ``LEDGER_KEY_REUSED``, ``ACCOUNT_UNKNOWN``,
                ``TRANSFER_AMOUNT_REFUSED``, ``TRANSFER_TO_ITSELF``, ``POSTING_UNREADABLE``,
                ``BOOKS_BUSY``.
        """
        return self.post_many(work, [posting], now)[0]

    def post_many(self, work: Work, postings: Sequence[Posting], now: datetime) -> list[Posted]:
        """Make many postings, one after the other, all or none; in the order asked for.

        Raises:
            Refused: as ``post``.
        """
        return self._whole(work, postings, now, until=None)

    def post_each(
        self, work: Work, postings: Sequence[Posting], now: datetime
    ) -> list[Posted | Refused]:
        """Make many postings, each alone: the refusal of one stands in its place.

        Raises:
            Refused: ``BOOKS_BUSY``, for all of them.
        """
        made, fresh = self._decided(work, postings, now, until=None)
        return self._entered(work, made, fresh, now)

    def reserve(
        self, work: Work, posting: Posting, now: datetime, *, until: date | datetime
    ) -> Posted:
        """Hold what a posting will take: what is available falls, balances do not.

        It ends by itself at ``until`` (a date: with that day) when somebody asks ``expire``.

        Raises:
            Refused: as ``post``.
        """
        return self._whole(work, [posting], now, until=_end(until, now))[0]

    def settle(self, work: Work, key: str, now: datetime) -> Posted:
        """Make the transfers that were reserved under a key; once only.

        Raises:
            Refused: ``LEDGER_KEY_UNKNOWN``, ``RESERVATION_CLOSED``, ``LIMIT_PASSED``.
        """
        one, standing = self._closing(work, key, PostingState.POSTED)
        if standing is None:
            return one
        standing.release(one.transfers)
        (number,) = tables.next_numbers(work, self.tables, 1)
        made = msgspec.structs.replace(
            one,
            number=number,
            key=key + SETTLED,
            state=PostingState.POSTED,
            at=now.astimezone(UTC),
            day=now.date(),
            transfers=standing.post(one.transfers),
            until=None,
        )
        tables.add_settlement(work, self.tables, one, made, instant_text(now))
        tables.add_entries(work, self.tables, [made])
        self._close(work, one, standing, PostingState.POSTED, now, "")
        return msgspec.structs.replace(one, state=PostingState.POSTED, transfers=made.transfers)

    def void(self, work: Work, key: str, now: datetime, *, because: str) -> Posted:
        """Release what was reserved under a key.

        Raises:
            Refused: ``LEDGER_KEY_UNKNOWN``, ``RESERVATION_CLOSED``.
        """
        return self._release(work, key, PostingState.VOIDED, now, because)

    def expire(self, work: Work, now: datetime) -> list[Posted]:
        """Release every reservation whose term has passed."""
        because = "its term has passed"
        return [
            self._release(work, key, PostingState.EXPIRED, now, because)
            for key in tables.expired_keys(work, self.tables, now)
        ]

    def try_post(self, work: Work, posting: Posting, now: datetime) -> Posted:
        """What posting would do, done and taken back.

        Raises:
            Refused: as ``post``.
        """
        with work.rehearsing():
            return self.post(work, posting, now)

    def roll_up(self, work: Work) -> int:
        """Write down what uncounted accounts hold, so that few entries are summed; how many.

        The unit of work names no record, so that nobody posts meanwhile: it belongs to the close
        of a day.

        Raises:
            InvariantBroken: the unit of work names records.
        """
        rolled = rolling_up.roll_up(work, self.tables, self.chart)
        if rolled:
            inputs = {"accounts": rolled, "upto": rolling_up.last_number(work, self.tables)}
            record = record_id("ledger", self.tables.name)
            work.record(Act(record=record, command=f"{self.tables.name}_roll_up", inputs=inputs))
        return rolled

    # Reading ---------------------------------------------------------------------------------

    def find(self, books: Reading, key: str) -> Posted | None:
        """What was posted or reserved under a key, as it stands."""
        return tables.postings_of(books, self.tables, [key]).get(key)

    def find_many(self, books: Reading, keys: Iterable[str]) -> dict[str, Posted]:
        """What was posted or reserved under each of these keys; unknown ones are left out."""
        return tables.postings_of(books, self.tables, keys)

    def balance(self, books: Reading, account: str) -> Balance:
        """What an account holds: nothing, before its first entry.

        Raises:
            Refused: ``ACCOUNT_UNKNOWN``.
        """
        return views.balance(books, self.tables, self.chart, account)

    def balances(self, books: Reading, *, kind: str, on: date | None = None) -> dict[str, Balance]:
        """What each account of a kind holds, by name; ``on`` is as the end of that day left it.

        Raises:
            Refused: ``ACCOUNT_UNKNOWN``.
        """
        return views.balances(books, self.tables, self.chart.kind(kind), on=on)

    def total(self, books: Reading, kind: str, *, on: date | None = None) -> int:
        """The balances of all accounts of a kind together, in mills.

        Raises:
            Refused: ``ACCOUNT_UNKNOWN``.
        """
        return views.total(books, self.tables, self.chart.kind(kind), on=on)

    def lines(
        self,
        books: Reading,
        account: str,
        *,
        since: date | None = None,
        until: date | None = None,
    ) -> Iterator[Line]:
        """The movements of an account from one day to another, both included, oldest first.

        Raises:
            Refused: ``ACCOUNT_UNKNOWN``.
        """
        self.chart.kind_of(account)
        return views.lines(books, self.tables, account, since=since, until=until)

    # Within ----------------------------------------------------------------------------------

    def _whole(
        self, work: Work, postings: Sequence[Posting], now: datetime, *, until: datetime | None
    ) -> list[Posted]:
        made, fresh = self._decided(work, postings, now, until=until)
        for each in made:
            if isinstance(each, Refused):
                raise each
        return [each for each in self._entered(work, made, fresh, now) if isinstance(each, Posted)]

    def _decided(
        self, work: Work, postings: Sequence[Posting], now: datetime, *, until: datetime | None
    ) -> tuple[list[Posted | Refused], _Deciding]:
        """What becomes of each posting; nothing is written yet."""
        unfit = _unfit(postings, self.chart)
        fit = [each for each in postings if id(each) not in unfit]
        standing = self._standing(work, (one for each in fit for one in each.transfers))
        known = tables.postings_of(work, self.tables, (each.key for each in fit))
        deciding = _Deciding(standing, known, now, until)
        return [unfit.get(id(each)) or deciding.made(each) for each in postings], deciding

    def _entered(
        self, work: Work, made: Sequence[Posted | Refused], deciding: _Deciding, now: datetime
    ) -> list[Posted | Refused]:
        """Number and write what is new; each posting as the books have it now."""
        fresh = deciding.fresh
        if not fresh:
            return list(made)
        numbers = tables.next_numbers(work, self.tables, len(fresh))
        written = dict(_numbered(fresh, numbers))
        self._write(work, list(written.values()), deciding.standing, now)
        return [each if isinstance(each, Refused) else written.get(each.key, each) for each in made]

    def _write(
        self, work: Work, fresh: Sequence[Posted], standing: Standing, now: datetime
    ) -> None:
        tables.add_postings(work, self.tables, fresh, instant_text(now))
        tables.add_entries(
            work, self.tables, (each for each in fresh if each.state is PostingState.POSTED)
        )
        self._keep(work, standing)
        for each in fresh:
            verb = "reserve" if each.state is PostingState.PENDING else "post"
            work.record(self._act(each, verb, _inputs(each)))

    def _standing(self, work: Work, transfers: Iterable[Transfer | PostedTransfer]) -> Standing:
        """The counted accounts of these transfers, which nobody else moves from now on."""
        counted = self.chart.counted(accounts_of(transfers))
        work.wait_for(*map(account_record, counted))
        return Standing(self.chart, tables.balances_of(work, self.tables, counted))

    def _closing(self, work: Work, key: str, to: PostingState) -> tuple[Posted, Standing | None]:
        """A reservation with its accounts; without them where it is closed so already."""
        found = self.find(work, key)
        if not require_pending(found, key, to):
            return _there(found), None
        standing = self._standing(work, _there(found).transfers)
        # Others may have closed it while this one waited for its accounts.
        found = self.find(work, key)
        return _there(found), standing if require_pending(found, key, to) else None

    def _release(
        self, work: Work, key: str, to: PostingState, now: datetime, because: str
    ) -> Posted:
        one, standing = self._closing(work, key, to)
        if standing is not None:
            standing.release(one.transfers)
            self._close(work, one, standing, to, now, because)
        return msgspec.structs.replace(one, state=to)

    def _close(
        self,
        work: Work,
        one: Posted,
        standing: Standing,
        to: PostingState,
        now: datetime,
        because: str,
    ) -> None:
        how = {"closed_at": instant_text(now), "closed_because": because}
        tables.close(work, self.tables, one, to, **how)
        self._keep(work, standing)
        inputs: dict[str, object] = {"key": one.key}
        inputs |= {"because": because} if because else {}
        verbs = {PostingState.POSTED: "settle", PostingState.VOIDED: "void"}
        work.record(self._act(one, verbs.get(to, "expire"), inputs))

    def _keep(self, work: Work, standing: Standing) -> None:
        tables.keep_balances(
            work, self.tables, self.chart, found=standing.found, changed=standing.changed
        )

    def _act(self, one: Posted, verb: str, inputs: dict[str, object]) -> Act:
        counted = self.chart.counted(accounts_of(one.transfers))
        record = account_record(counted[0]) if counted else record_id("posting", one.key)
        return Act(
            record=record,
            command=f"{self.tables.name}_{verb}",
            clauses=(one.clause,),
            inputs=inputs,
        )


def _unfit(postings: Iterable[Posting], chart: Chart) -> dict[int, Refused]:
    """What cannot be taken at all, by the posting's identity."""
    unfit = {}
    for each in postings:
        try:
            require_readable(each, chart)
        except Refused as refused:
            unfit[id(each)] = refused
    return unfit


@dataclass(slots=True)
class _Deciding:
    """Postings that are decided one after the other, each as those before it left the accounts."""

    standing: Standing
    known: Mapping[str, Posted]
    now: datetime
    until: datetime | None
    fresh: dict[str, Posted] = field(default_factory=dict)
    """What is new, by its key; it has no number yet."""

    def made(self, posting: Posting) -> Posted | Refused:
        """The posting as it was made now or before, or why it is not made."""
        try:
            found = self.known.get(posting.key) or self.fresh.get(posting.key)
            if found is not None:
                require_same(posting, found, reserved=self.until is not None)
                return found
            new = _make(posting, self.standing, number=0, now=self.now, until=self.until)
        except Refused as refused:
            return refused
        self.fresh[posting.key] = new
        return new


def _numbered(fresh: Mapping[str, Posted], numbers: Iterable[int]) -> Iterator[tuple[str, Posted]]:
    for (key, each), number in zip(fresh.items(), numbers, strict=True):
        yield key, msgspec.structs.replace(each, number=number)


def _make(
    posting: Posting,
    standing: Standing,
    *,
    number: int,
    now: datetime,
    until: datetime | None,
) -> Posted:
    if until is None:
        transfers = standing.post(posting.transfers)
    else:
        standing.reserve(posting.transfers)
        transfers = tuple(
            PostedTransfer(debit=each.debit, credit=each.credit, amount_mills=each.amount_mills)
            for each in posting.transfers
        )
    return Posted(
        number=number,
        key=posting.key,
        kind=posting.kind,
        at=now.astimezone(UTC),
        day=now.date(),
        state=PostingState.POSTED if until is None else PostingState.PENDING,
        transfers=transfers,
        clause=posting.clause,
        because=posting.because,
        reference=posting.reference,
        until=until,
    )


def _inputs(one: Posted) -> dict[str, object]:
    """What the journal keeps of a posting: enough to recompute every balance."""
    moved = [[each.debit, each.credit, each.amount_mills] for each in one.transfers]
    inputs: dict[str, object] = {"key": one.key, "kind": one.kind, "transfers": moved}
    inputs |= {"because": one.because} if one.because else {}
    inputs |= {"reference": one.reference} if one.reference else {}
    inputs |= {"until": instant_text(one.until)} if one.until else {}
    return inputs


def _end(until: date | datetime, now: datetime) -> datetime:
    if isinstance(until, datetime):
        return until.astimezone(UTC)
    after = datetime.combine(until + timedelta(days=1), time(), tzinfo=now.tzinfo)
    return after.astimezone(UTC)


def _there(found: Posted | None) -> Posted:
    if found is None:
        raise InvariantBroken("a reservation is gone")
    return found
