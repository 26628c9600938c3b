"""Closing days, one after the other; what is closed stays as it was closed.

First nobody else is at work for a moment, so that every posting of the day is there; then the
records are read and compared while others go on; then the close is written, with the reports that
go out with it, in one unit of work. Asked again, a closed day is given back as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from franking.clock import instant_text, parse_date
from franking.errors import Refusal
from franking.identifiers import record_id
from franking.messages.signing import Signer
from franking.provider.closing import day_book, hosted_use, tables
from franking.provider.closing.bank_side import bank_differences, files_of
from franking.provider.closing.decisions import (
    ledger_differences,
    tally,
    transit_differences,
)
from franking.provider.closing.granted import (
    expected_in_transit,
    grant_differences,
    granted_ever,
)
from franking.provider.closing.held import held_by_kind
from franking.provider.closing.positions import EndOfDay, positions
from franking.provider.closing.records import (
    Answer,
    DayClose,
    DevicePosition,
    Difference,
    DifferenceKind,
    HostedReading,
    Span,
)
from franking.provider.reports import daily
from franking.provider.schema import LEDGER
from franking.storage import Act, Books, Reading

_CLAUSE = "39 CFR 501.28(g) (1995)"
_LAWS = (_CLAUSE, "39 CFR 502.21(m) (1997)")
_ONE_DAY = timedelta(days=1)

DAY_NOT_OVER = Refusal(
    "DAY_NOT_OVER",
    clause=_CLAUSE,
    remedy="Close it when it has ended: on the next day, or later.",
)
DAY_CLOSED_OUT_OF_ORDER = Refusal(
    "DAY_CLOSED_OUT_OF_ORDER",
    clause=_CLAUSE,
    remedy="Close the days one after the other: `franking close` closes all that have ended.",
)
DAY_NOT_CLOSED = Refusal(
    "DAY_NOT_CLOSED",
    clause=_CLAUSE,
    remedy="Close it first: franking close.",
    http_status=404,
)
CLOSE_DIFFERENCE_UNKNOWN = Refusal(
    "CLOSE_DIFFERENCE_UNKNOWN",
    clause="policy",
    remedy="Name a difference by the number that `franking close show` gives it.",
    http_status=404,
)
EXPLANATION_EMPTY = Refusal(
    "EXPLANATION_EMPTY",
    clause="policy",
    remedy="Say what was found out: --because.",
    http_status=422,
)


def close_days(
    books: Books,
    signer: Signer,
    now: datetime,
    *,
    through: date | None = None,
    hosted: Mapping[str, HostedReading] | None = None,
) -> list[DayClose]:
    """Close every day that has ended and is not closed yet, up to ``through`` (else yesterday).

    ``hosted`` are the registers of hosted devices, read now: they are held against the last day.
    Nothing is closed before the first posting; where that was today, no day has ended.

    Raises:
        Refused: ``DAY_NOT_OVER``.
    """
    last = now.date() - _ONE_DAY if through is None else through
    if last >= now.date():
        raise DAY_NOT_OVER.because(f"it is {now.date()}, and {last} goes on")
    closed = []
    for day in _open_days(books, last):
        read = hosted if day == last else None
        closed.append(close_day(books, signer, now, day=day, hosted=read))
    return closed


def close_day(
    books: Books,
    signer: Signer,
    now: datetime,
    *,
    day: date,
    hosted: Mapping[str, HostedReading] | None = None,
) -> DayClose:
    """Close one day: the day after the last one closed; a closed one is given back.

    Raises:
        Refused: ``DAY_NOT_OVER``, ``DAY_CLOSED_OUT_OF_ORDER``.
    """
    if day >= now.date():
        raise DAY_NOT_OVER.because(f"it is {now.date()}, and {day} goes on")
    with books.reading() as reading:
        if (found := tables.find(reading, day)) is not None:
            return found
    hosted_use.post(books, (hosted or {}).values(), now)
    span = _span(books, day, now)
    with books.reading() as reading:
        computed = _computed(reading, span, now, hosted or {})
    return _keep(books, signer, replace(computed, closed_by=str(books.by)), now)


def try_close(books: Books, now: datetime, *, day: date) -> DayClose:
    """What closing the day would find; nothing is kept.

    Raises:
        Refused: as ``close_day``.
    """
    with books.reading() as reading:
        if (found := tables.find(reading, day)) is not None:
            return found
        before = tables.latest(reading)
        _require_next(before, day)
        span = _span_from(before, day, day_book.last_number(reading))
        return _computed(reading, span, now, {})


def check_close(books: Books, day: date) -> tuple[Difference, ...]:
    """Compute a closed day again from its postings; what differs from how it was closed.

    Raises:
        Refused: ``DAY_NOT_CLOSED``.
    """
    with books.reading() as reading:
        kept = require_closed(reading, day)
        before = tables.find(reading, kept.before) if kept.before else None
        book = day_book.read_day(reading, kept.span)
    again = book.totals(_closing(before))
    stated = {each.kind: each.closing_mills for each in kept.totals}
    differing = tuple(ledger_differences(again, stated))
    if tables.digest_of(kept) != kept.digest:
        differing += (_digest_differs(kept),)
    return differing


def explain_difference(
    books: Books, *, day: date, number: int, because: str, now: datetime
) -> Answer:
    """Keep what was found out about a difference; the difference itself stays listed.

    Raises:
        Refused: ``DAY_NOT_CLOSED``, ``CLOSE_DIFFERENCE_UNKNOWN``, ``EXPLANATION_EMPTY``.
    """
    record = _record(day)
    with books.work(now, "explain_difference", on=(record,)) as work:
        kept = require_closed(work, day)
        if not 1 <= number <= len(kept.differences):
            raise CLOSE_DIFFERENCE_UNKNOWN.because(f"{day} has {len(kept.differences)} differences")
        if not because.strip():
            raise EXPLANATION_EMPTY.because("it says nothing")
        answer = Answer(
            day=day, number=number, at=instant_text(now), by=str(books.by), because=because
        )
        tables.add_answer(work, answer)
        inputs = {"number": number, "because": because}
        work.record(Act(record=record, clauses=("policy",), inputs=inputs))
    return answer


def require_closed(reading: Reading, day: date) -> DayClose:
    """The close of a day.

    Raises:
        Refused: ``DAY_NOT_CLOSED``.
    """
    found = tables.find(reading, day)
    if found is None:
        raise DAY_NOT_CLOSED.because(f"{day} is not closed")
    return found


def device_positions(reading: Reading, close: DayClose, now: datetime) -> Iterator[DevicePosition]:
    """Every device as it stood when a closed day ended, by serial."""
    yield from positions(reading, _end(reading, close.span, now, {}))


def _open_days(books: Books, last: date) -> Iterator[date]:
    with books.reading() as reading:
        before, first = tables.latest(reading), day_book.first_day(reading)
    if before is not None:
        day = before.day + _ONE_DAY
    elif first:
        day = parse_date(first)
    else:
        return
    while day <= last:
        yield day
        day += _ONE_DAY


def _span(books: Books, day: date, now: datetime) -> Span:
    """What the close covers. For this moment nobody else is at work: no posting is on its way.

    What uncounted accounts hold is written down with it, so that years are never summed.
    """
    with books.work(now, "close_day") as work:
        before = tables.latest(work)
        _require_next(before, day)
        LEDGER.roll_up(work)
        return _span_from(before, day, day_book.last_number(work))


def _require_next(before: DayClose | None, day: date) -> None:
    if before is not None and day != before.day + _ONE_DAY:
        raise DAY_CLOSED_OUT_OF_ORDER.because(
            f"{before.day} was closed last, {day} does not follow"
        )


def _span_from(before: DayClose | None, day: date, through: int) -> Span:
    return Span(
        day=day,
        before=before.day if before else None,
        through=through,
        through_before=before.through if before else 0,
    )


def _computed(
    reading: Reading, span: Span, now: datetime, hosted: Mapping[str, HostedReading]
) -> DayClose:
    before, ended = tables.latest(reading), instant_text(_end_of(span.day, now))
    book = day_book.read_day(reading, span)
    totals = book.totals(_closing(before))
    end = _end(reading, span, now, hosted)
    counted = tally(positions(reading, end), hosted)
    after = before.ended_at if before else ""
    files = files_of(reading, after=after, until=ended)
    movements = book.lines()
    granted = granted_ever(reading)
    differences = (
        *book.late,
        *ledger_differences(totals, held_by_kind(reading, end.moved)),
        *grant_differences(reading, before, granted),
        *transit_differences(counted.coming, expected_in_transit(reading), end.moved),
        *bank_differences(reading, movements, files, after=after, until=ended),
        *counted.differences,
    )
    return DayClose(
        day=span.day,
        before=span.before,
        through=span.through,
        through_before=span.through_before,
        ended_at=ended,
        closed_at=instant_text(now),
        closed_by="",
        postings=book.postings,
        totals=totals,
        movements=movements,
        files=files,
        devices=counted.total(),
        granted=granted,
        differences=differences,
    )


def _end(
    reading: Reading, span: Span, now: datetime, hosted: Mapping[str, HostedReading]
) -> EndOfDay:
    return EndOfDay(
        day=span.day,
        place=now.tzinfo or UTC,
        moved=day_book.moved_after(reading, span),
        hosted=frozenset(hosted),
    )


def _end_of(day: date, now: datetime) -> datetime:
    """Midnight after the day, where the provider is."""
    return datetime.combine(day + _ONE_DAY, time(), tzinfo=now.tzinfo)


def _closing(before: DayClose | None) -> Mapping[str, int]:
    return {} if before is None else {each.kind: each.closing_mills for each in before.totals}


def _keep(books: Books, signer: Signer, computed: DayClose, now: datetime) -> DayClose:
    record = _record(computed.day)
    on = (record, record_id("provider", signer.name))
    with books.work(now, "close_day", on=on) as work:
        if (found := tables.find(work, computed.day)) is not None:
            return found
        kept = tables.add(work, computed)
        daily.file_daily(work, signer, kept, now)
        inputs = {"digest": kept.digest, "differences": len(kept.differences)}
        work.record(Act(record=record, clauses=_LAWS, inputs=inputs))
    return kept


def _record(day: date) -> str:
    return record_id("close", day.isoformat())


def _digest_differs(kept: DayClose) -> Difference:
    return Difference(
        kind=DifferenceKind.CARRIED,
        about=_record(kept.day),
        detail="the rows of the close are not those that were written",
    )
