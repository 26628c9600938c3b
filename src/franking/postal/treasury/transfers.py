"""At 10 a.m. of each banking day: has the bank moved what it received (501.28(e)(4), 1995)?

Payable on a banking day is everything that the lockbox account received until the banking day
before, less what came back or was refunded, less what was moved before; all available balances
(501.28(b)(4)). Where the bank has not even said what it received, that is an alarm too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from franking import rules
from franking.docket import Obligation, Swept
from franking.identifiers import record_id
from franking.money import format_dollars
from franking.postal.schema import DOCKET
from franking.postal.treasury import rows
from franking.postal.treasury.records import (
    TRANSFER,
    Flow,
    Lockbox,
    LockboxStatus,
    Watch,
    WatchStatus,
    treasury_record,
)
from franking.postal.treasury.statements import Statement
from franking.rules.calendars import BANKING, local_time
from franking.storage import Act, Books, Reading, Work

_CLAUSE = "39 CFR 501.28(e)(4) (1995)"
_METER = "meter-1995"
_ONE_DAY = timedelta(days=1)


def watch_transfers(books: Books, now: datetime) -> list[Watch]:
    """Look at every deadline that has passed and was not looked at; the alarms that stand.

    Asked again, nothing changes but that an alarm ends when the amounts were moved after all.
    """
    with books.reading() as reading:
        on = {treasury_record(each.provider) for each in rows.lockboxes(reading)}
    with books.work(now, "watch_transfers", on=(*sorted(on), "treasury:watch")) as work:
        look_at_deadlines(work, now)
        settle_alarms(work, now)
        return rows.watches(work, status=WatchStatus.ALARM)


def look_at_deadlines(work: Work, now: datetime) -> None:
    """Note what is seen at each deadline that has passed."""
    for lockbox in rows.lockboxes(work, status=LockboxStatus.APPROVED):
        for banking_day in _unwatched(work, lockbox, now):
            seen = _seen(work, lockbox, banking_day, now)
            rows.put_watch(work, None, seen)
            _expect(work, lockbox, seen.of_day, now, because=seen.because)
            if seen.status is WatchStatus.IN_TIME:
                _satisfy(work, seen, now)
            _record(work, seen, "watch_transfer")


def settle_alarms(work: Work, now: datetime) -> None:
    """End the alarms whose amounts the bank has moved by now: in time, by its word, or late."""
    ours = {each.name: each for each in rows.lockboxes(work)}
    for before in rows.watches(work, status=WatchStatus.ALARM):
        lockbox = ours[before.lockbox]
        if not _is_moved(work, lockbox, before):
            continue
        again = _seen(work, lockbox, before.banking_day, now)
        status = WatchStatus.IN_TIME if again.status is WatchStatus.IN_TIME else WatchStatus.LATE
        after = replace(again, status=status, seen_at=before.seen_at, settled_at=now)
        rows.put_watch(work, before, after)
        _satisfy(work, after, now)
        _record(work, after, "settle_transfer")


def expect_transfer(work: Work, statement: Statement, now: datetime) -> None:
    """A closed day of a lockbox puts the transfer of its amounts on the docket."""
    if not statement.is_closed:
        return
    due_on = BANKING.add(statement.day, 1)
    payable, _ = _payable(work, statement.lockbox, statement.day, due_on)
    if payable > 0:
        because = f"{format_dollars(payable)} of {statement.day} and before"
        _expect(work, statement.lockbox, statement.day, now, because=because)


def transfer_missed(work: Work, _: Sequence[Obligation], swept: Swept) -> None:
    """A banking day passed without its transfer: whoever watches sees the alarm."""
    look_at_deadlines(work, swept.now)


def deadline_of(lockbox: Lockbox, banking_day: date) -> datetime:
    """10 a.m. of a banking day, on the clock of the bank."""
    at = rules.at("funds", _METER, banking_day)["lockbox_transfer_time"].value
    return local_time(banking_day, str(at), ZoneInfo(lockbox.timezone or "America/New_York"))


def _unwatched(reading: Reading, lockbox: Lockbox, now: datetime) -> Iterator[date]:
    """The banking days whose deadline has passed, from the first that has amounts on.

    That is the one after the approval; or after the first day that the bank closed, if sooner.
    """
    seen = {each.banking_day for each in rows.watches(reading, lockbox=lockbox.name)}
    began = lockbox.decided_on or now.date()
    first = min([began, *rows.closed_days(reading, lockbox.name)])
    day = BANKING.add(max(seen, default=first), 1)
    while deadline_of(lockbox, day) <= now:
        yield day
        day = BANKING.add(day, 1)


def _seen(reading: Reading, lockbox: Lockbox, banking_day: date, now: datetime) -> Watch:
    of_day, deadline = BANKING.before(banking_day), deadline_of(lockbox, banking_day)
    payable, is_told = _payable(reading, lockbox, of_day, banking_day)
    moved = rows.moved_by(reading, lockbox.name, day=banking_day, deadline=deadline)
    short = payable - moved
    because = f"{format_dollars(moved)} of {format_dollars(max(payable, 0))} moved"
    if not is_told:
        because = f"the bank has not said what it received on {of_day}"
    in_time = is_told and short <= 0
    return Watch(
        lockbox=lockbox.name,
        provider=lockbox.provider,
        banking_day=banking_day,
        of_day=of_day,
        deadline=deadline,
        payable_mills=payable,
        moved_mills=moved,
        status=WatchStatus.IN_TIME if in_time else WatchStatus.ALARM,
        because=because,
        seen_at=now,
    )


def _is_moved(reading: Reading, lockbox: Lockbox, watch: Watch) -> bool:
    """Whether what was payable that day has been moved since, whenever that was."""
    if watch.of_day not in rows.closed_days(reading, lockbox.name):
        return False
    received = _received(rows.flows(reading, lockbox.name, until=watch.of_day))
    moved = -rows.flows(reading, lockbox.name, until=date.max).get(Flow.TRANSFER, 0)
    return moved >= received


def _payable(
    reading: Reading, lockbox: Lockbox, of_day: date, banking_day: date
) -> tuple[int, bool]:
    """What is to be moved on a banking day, and whether the bank has told it whole."""
    received = _received(rows.flows(reading, lockbox.name, until=of_day))
    before = rows.flows(reading, lockbox.name, until=banking_day - _ONE_DAY)
    return received + before.get(Flow.TRANSFER, 0), of_day in rows.closed_days(
        reading, lockbox.name
    )


def _received(flows: dict[Flow, int]) -> int:
    return sum(mills for flow, mills in flows.items() if flow is not Flow.TRANSFER)


def _expect(work: Work, lockbox: Lockbox, of_day: date, now: datetime, *, because: str) -> None:
    due_on = BANKING.add(of_day, 1)
    DOCKET.open(
        work,
        TRANSFER,
        record=transfer_record(lockbox.name, due_on),
        owed_by=f"bank:{lockbox.bank}",
        rulebook=_METER,
        start=of_day,
        due=due_on,
        now=now,
        because=because,
    )


def _satisfy(work: Work, watch: Watch, now: datetime) -> None:
    record = transfer_record(watch.lockbox, watch.banking_day)
    DOCKET.satisfy(work, TRANSFER, record=record, now=now, because=watch.because)


def transfer_record(lockbox: str, banking_day: date) -> str:
    """What the docket calls the transfer of one banking day."""
    return record_id("transfer", f"{lockbox}/{banking_day.isoformat()}")


def _record(work: Work, watch: Watch, command: str) -> None:
    inputs: dict[str, object] = {
        "status": watch.status.value,
        "payable_mills": watch.payable_mills,
        "moved_mills": watch.moved_mills,
    }
    record = transfer_record(watch.lockbox, watch.banking_day)
    work.record(Act(command=command, record=record, clauses=(_CLAUSE,), inputs=inputs))
