"""The sweep: every open obligation past due is marked missed, once, with its consequence.

A batch is one unit of work: its obligations are marked and their consequences applied together, or
neither. So a sweep that was killed goes on where it stopped, and two sweeps at once apply nothing
twice. A consequence may reach records beyond those that the duties are about, so each batch has
the books for itself; batches are small, so that nobody waits long.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from franking.clock import instant_text
from franking.docket import tables
from franking.docket.catalogue import duty
from franking.docket.docket import Docket
from franking.docket.records import Obligation
from franking.errors import InvariantBroken, Refusal, Refused
from franking.identifiers import record_id
from franking.messages.signing import Signer
from franking.rules import at
from franking.rules.rulebooks import rulebook
from franking.storage import Act, Books, Work

OBLIGATIONS_AT_ONCE = 250
SWEEPS = record_id("docket", "sweeps")
"""The record under which the journal keeps the sweeps."""
_RULEBOOK = "meter-1995"
"""The oldest rulebook; how long a sweep may be silent is policy, the same in every one."""

CLOCK_WENT_BACK = Refusal(
    "CLOCK_WENT_BACK",
    clause="policy",
    remedy="Set the clock right; nothing was marked missed.",
)
CLOCK_JUMPED = Refusal(
    "CLOCK_JUMPED",
    clause="policy",
    remedy="Set the clock right; or, if nobody swept for so long, say so: --after-silence.",
)


@dataclass(frozen=True, slots=True)
class Swept:
    """What a consequence may need besides the obligations."""

    signer: Signer
    now: datetime


Consequence = Callable[[Work, Sequence[Obligation], Swept], None]
"""What happens when duties of one kind are missed, in the unit of work that marks them missed.

It is given obligations as they were while open. The sweep records one act for each obligation, on
the record that it is about; a consequence records the acts of whatever else it changes.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stuck:
    """An obligation whose consequence was refused; it stays open and is swept again next time."""

    obligation: Obligation
    code: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepReport:
    """What a sweep did."""

    on: date
    missed: Mapping[str, int]
    """How many were marked missed, by duty."""
    stuck: tuple[Stuck, ...] = ()

    @property
    def total(self) -> int:
        """How many were marked missed."""
        return sum(self.missed.values())


def sweep(
    books: Books,
    docket: Docket,
    consequences: Mapping[str, Consequence],
    signer: Signer,
    now: datetime,
    progress: Callable[[int], None] | None = None,
    *,
    after_silence: bool = False,
) -> SweepReport:
    """Mark missed what was due before today, each with its consequence, exactly once.

    ``progress`` is told how many were done, after each batch. What a consequence opens that is
    past due already (after a long silence) is swept too.

    Raises:
        Refused: ``CLOCK_WENT_BACK`` (an earlier sweep has a later time), ``CLOCK_JUMPED`` (the
            last sweep is too long ago, and ``after_silence`` does not say so).
    """
    with books.reading() as reading:
        _require_steady_clock(tables.last_sweep(reading, docket.tables), now, after_silence)
    run = _Run(books, docket, consequences, Swept(signer, now), progress)
    while run.pass_through():
        pass
    run.note()
    return SweepReport(on=now.date(), missed=dict(run.missed), stuck=tuple(run.stuck.values()))


def due_for_sweep(books: Books, docket: Docket, now: datetime) -> SweepReport:
    """What a sweep would mark missed; nothing is changed."""
    missed: dict[str, int] = defaultdict(int)
    with books.reading() as reading:
        after: tables.Position | None = None
        while some := tables.open_before(
            reading, docket.tables, now.date(), after=after, limit=tables.ROWS_AT_ONCE
        ):
            for each in some:
                missed[each.duty] += 1
            after = tables.position(some[-1])
    return SweepReport(on=now.date(), missed=dict(missed))


class _Run:
    """One sweep on its way."""

    def __init__(
        self,
        books: Books,
        docket: Docket,
        consequences: Mapping[str, Consequence],
        swept: Swept,
        progress: Callable[[int], None] | None,
    ) -> None:
        self._books = books
        self._docket = docket
        self._consequences = consequences
        self._swept = swept
        self._progress = progress
        self.missed: dict[str, int] = defaultdict(int)
        self.stuck: dict[str, Stuck] = {}

    def pass_through(self) -> bool:
        """Go through everything past due once; whether anything was marked missed."""
        before, after = sum(self.missed.values()), None
        while (reached := self._batch(after)) is not None:
            after = reached
            if self._progress is not None:
                self._progress(sum(self.missed.values()))
        return sum(self.missed.values()) > before

    def note(self) -> None:
        """Note in the books that the docket was swept."""
        now, total = self._swept.now, sum(self.missed.values())
        with self._books.work(now, "sweep_docket", on=(SWEEPS,)) as work:
            tables.add_sweep(work, self._docket.tables, at=now, missed=total)
            inputs = {"missed": total, "stuck": len(self.stuck)}
            work.record(Act(record=SWEEPS, clauses=("policy",), inputs=inputs))

    def _batch(self, after: tables.Position | None) -> tables.Position | None:
        """Mark the next batch behind ``after``; the place of its last one, or none at the end."""
        some: list[Obligation] = []
        try:
            with self._books.work(self._swept.now, "sweep_docket") as work:
                some = self._next(work, after, OBLIGATIONS_AT_ONCE)
                self._apply(work, some)
        except Refused as refused:
            self._one_by_one(some, refused)
        else:
            self._count(some)
        return tables.position(some[-1]) if some else None

    def _next(self, work: Work, after: tables.Position | None, limit: int) -> list[Obligation]:
        day = self._swept.now.date()
        return tables.open_before(work, self._docket.tables, day, after=after, limit=limit)

    def _one_by_one(self, some: Sequence[Obligation], refused: Refused) -> None:
        """Find out which one is refused, so that it holds up nobody beside it."""
        if refused.is_passing or not some:
            raise refused
        for each in some:
            try:
                with self._books.work(self._swept.now, "sweep_docket") as work:
                    if self._still_open(work, each):
                        self._apply(work, [each])
            except Refused as error:
                if error.is_passing:
                    raise
                stuck = Stuck(obligation=each, code=error.code, detail=error.detail)
                self.stuck[each.id] = stuck
            else:
                self._count([each])

    def _still_open(self, work: Work, each: Obligation) -> bool:
        key = each.record, each.duty, each.ordinal
        return tables.find(work, self._docket.tables, key) == each

    def _apply(self, work: Work, some: Sequence[Obligation]) -> None:
        if not some:
            return
        self._docket.miss(work, some, self._swept.now)
        for name, group in self._by_consequence(some):
            self._consequences[name](work, group, self._swept)
        for each in some:
            work.record(_act(each))

    def _by_consequence(
        self, some: Sequence[Obligation]
    ) -> Iterator[tuple[str, Sequence[Obligation]]]:
        groups: dict[str, list[Obligation]] = defaultdict(list)
        for each in some:
            if name := duty(each.duty).consequence:
                groups[name].append(each)
        if unknown := sorted(set(groups) - set(self._consequences)):
            raise InvariantBroken(f"nobody registered the consequences {', '.join(unknown)}")
        yield from groups.items()

    def _count(self, some: Sequence[Obligation]) -> None:
        for each in some:
            self.missed[each.duty] += 1
            self.stuck.pop(each.id, None)


def _act(each: Obligation) -> Act:
    inputs = {"duty": each.duty, "ordinal": each.ordinal, "due": each.due.isoformat()}
    return Act(record=each.record, command="miss_duty", clauses=(each.clause,), inputs=inputs)


def _require_steady_clock(last: datetime | None, now: datetime, after_silence: bool) -> None:
    if last is None:
        return
    times = f"the last sweep was at {instant_text(last)}, it is {instant_text(now)} now"
    if now < last:
        raise CLOCK_WENT_BACK.because(times)
    if now - last > _silence_max(now.date()) and not after_silence:
        raise CLOCK_JUMPED.because(times)


def _silence_max(on: date) -> timedelta:
    opened = max(on, rulebook(_RULEBOOK).opens)
    return timedelta(days=at("provider", _RULEBOOK, opened).whole("sweep_silence_days_max"))
