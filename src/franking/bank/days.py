"""The bank's day: files out, the close, and the transfer to the Federal Reserve Bank.

39 CFR 501.28(e) (1995): the bank consolidates the day's deposits and sends each provider one
transmission (2), and by 10 a.m. of the next banking day it moves the day's amounts (4).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from franking.bank import filing, rows
from franking.bank.decisions import banking_day, end_of
from franking.bank.filing import Making
from franking.bank.records import (
    POSTAL_SERVICE,
    Event,
    EventKind,
    FileKind,
    Lockbox,
    SentFile,
    Transfer,
)
from franking.bank.tables import EVENTS, FILES
from franking.clock import instant_text
from franking.errors import Refusal
from franking.rules import value
from franking.rules.calendars import BANKING
from franking.storage import Act, Books, Work

BANK_DAY_CLOSED = Refusal(
    "BANK_DAY_CLOSED",
    clause="39 CFR 501.28(e)(2) (1995)",
    remedy="A closed day stays closed; what comes now belongs to the next banking day.",
)
BANK_DAY_NOT_OVER = Refusal(
    "BANK_DAY_NOT_OVER",
    clause="39 CFR 501.28(e)(2) (1995)",
    remedy="Close a banking day after its cutoff.",
)
NO_BANKING_DAY = Refusal(
    "NO_BANKING_DAY",
    clause="39 CFR 501.28(e)(4) (1995)",
    remedy="Name a day on which the Federal Reserve Banks are open.",
)
NOTHING_TO_TRANSFER = Refusal(
    "NOTHING_TO_TRANSFER",
    clause="39 CFR 501.28(e)(4) (1995)",
    remedy="Close the day first; each day's amounts are transferred once.",
)
_EARLY = timedelta(minutes=30)
"""So long before the deadline this bank transfers."""
_FILES_CLAUSE = "39 CFR 501.28(e)(2) (1995)"
_TRANSFER_CLAUSE = "39 CFR 501.28(e)(4) (1995)"
_ENDINGS = {
    FileKind.LOCKBOX: "lbx",
    FileKind.ACH: "ach",
    FileKind.TRANSFERS: "bai",
    FileKind.STATEMENT: "bai",
}


def transmit(books: Books, lockbox: str, now: datetime) -> list[SentFile]:
    """Send the provider everything that it was not told yet, of days up to the one under way.

    Raises:
        Refused: ``BANK_LOCKBOX_UNKNOWN``.
    """
    with books.work(now, "transmit_files") as work:
        box = rows.require_lockbox(work, lockbox)
        return _tell(work, box, banking_day(box, now), now)


def close_day(books: Books, lockbox: str, day: date, now: datetime) -> list[SentFile]:
    """Close a banking day: what is still to tell, and the statement to both parties.

    Raises:
        Refused: ``BANK_LOCKBOX_UNKNOWN``, ``NO_BANKING_DAY``, ``BANK_DAY_CLOSED``,
            ``BANK_DAY_NOT_OVER``.
    """
    with books.work(now, "close_bank_day") as work:
        box = rows.require_lockbox(work, lockbox)
        _require_closable(work, box, day, now)
        made = _tell(work, box, day, now)
        closing = rows.balance_cents(work, lockbox, day)
        made += _state(work, box, day, closing, now)
        rows.close_day(work, lockbox, day, closing, now)
        inputs = {"day": day.isoformat(), "closing_cents": closing}
        work.record(Act(record=box.record, clauses=(_FILES_CLAUSE,), inputs=inputs))
    return made


def transfer(books: Books, lockbox: str, day: date, now: datetime) -> Transfer:
    """Move the amounts of a closed day to the Federal Reserve Bank, and report it to both.

    Raises:
        Refused: ``BANK_LOCKBOX_UNKNOWN``, ``NOTHING_TO_TRANSFER``.
    """
    with books.work(now, "transfer_to_reserve_bank") as work:
        box = rows.require_lockbox(work, lockbox)
        if day not in rows.days_to_transfer(work, lockbox):
            raise NOTHING_TO_TRANSFER.because(f"{day} is not closed, or was transferred already")
        cents = rows.balance_cents(work, lockbox, day)
        cents = max(0, cents - rows.transferred_cents(work, lockbox, day))
        made = Transfer(lockbox=lockbox, day=day, amount_cents=cents, made_at=instant_text(now))
        rows.add_transfer(work, made)
        if cents:
            event = _transferred(work, box, made, now)
            rows.add_events(work, [event])
            _report_to_postal_service(work, box, event, now)
            _tell(work, box, event.day, now)
        inputs = {"day": day.isoformat(), "cents": cents}
        work.record(Act(record=box.record, clauses=(_TRANSFER_CLAUSE,), inputs=inputs))
    return made


def hold_transfers(books: Books, lockbox: str, *, hold: bool, now: datetime) -> None:
    """Hold transfers up, or let them go again: a bank that fails to move what it should.

    Raises:
        Refused: ``BANK_LOCKBOX_UNKNOWN``.
    """
    with books.work(now, "transfer_to_reserve_bank") as work:
        box = rows.require_lockbox(work, lockbox)
        rows.hold_transfers(work, lockbox, hold=hold)
        work.record(Act(record=box.record, clauses=(_TRANSFER_CLAUSE,), inputs={"hold": hold}))


def tend(books: Books, now: datetime) -> None:
    """Do what the bank does by itself as time goes on: close days, transfer their amounts.

    Each thing is done as of its own time, however late this is called.

    Raises:
        Refused: ``BOOKS_BUSY`` and its like.
    """
    with books.reading() as reading:
        boxes = rows.lockboxes(reading)
    for box in boxes:
        _close_past(books, box, now)
        _transfer_due(books, box, now)


def deliver(books: Books, number: int, now: datetime) -> None:
    """Note that a file reached its recipient.

    Raises:
        Refused: ``BOOKS_BUSY`` and its like.
    """
    with books.work(now, "deliver_bank_file") as work:
        rows.mark_delivered(work, number, now)
        inputs = {"file": number}
        work.record(Act(record=f"bank-file:{number}", clauses=(_FILES_CLAUSE,), inputs=inputs))


def transfer_deadline(day: date) -> datetime:
    """By when the amounts of a banking day are moved: 10 a.m. of the next one (501.28(e)(4))."""
    following = BANKING.add(day, 1)
    by = value("funds", "meter-1995", following, "lockbox_transfer_time")
    return datetime.combine(following, time.fromisoformat(str(by)))


def _close_past(books: Books, box: Lockbox, now: datetime) -> None:
    """Close the days that are over, after what was to be moved on each: a statement tells it."""
    with books.reading() as reading:
        past = rows.days_to_close(reading, box.number, banking_day(box, now))
    for day in past:
        at = end_of(day, box.transmitted, now)
        _transfer_due(books, box, at)
        close_day(books, box.number, day, at)


def _transfer_due(books: Books, box: Lockbox, now: datetime) -> None:
    with books.reading() as reading:
        held = rows.holds_transfers(reading, box.number)
        waiting = [] if held else rows.days_to_transfer(reading, box.number)
    for day in waiting:
        early = transfer_deadline(day).replace(tzinfo=now.tzinfo) - _EARLY
        if early <= now:
            transfer(books, box.number, day, early)


def _require_closable(work: Work, box: Lockbox, day: date, now: datetime) -> None:
    if not BANKING.is_business_day(day):
        raise NO_BANKING_DAY.because(f"{day} is no banking day")
    if rows.is_closed(work, box.number, day):
        raise BANK_DAY_CLOSED.because(f"{day} is closed")
    if banking_day(box, now) <= day:
        raise BANK_DAY_NOT_OVER.because(f"{day} lasts until {box.cutoff:%H:%M}")


def _tell(work: Work, box: Lockbox, day: date, now: datetime) -> list[SentFile]:
    """Files for the provider of all that was not told yet, each event once."""
    made = []
    for kind, of_day, events in filing.parted(rows.unsent(work, box.number, day)):
        making = _making(work, box, events, now)
        content = filing.write_file(kind, making, of_day, events)
        made.append(_send(work, making, box.provider, kind, of_day, content))
        rows.mark_sent(work, events, making.number)
    return made


def _state(
    work: Work, box: Lockbox, day: date, closing_cents: int, now: datetime
) -> list[SentFile]:
    events = rows.events_of(work, box.number, day)
    opening = closing_cents - sum(each.signed_cents for each in events)
    made = []
    for recipient, named in ((box.provider, box.provider_id), (POSTAL_SERVICE, "USPS")):
        making = _making(work, box, (), now)
        content = filing.write_statement(
            making, day, events, opening_cents=opening, recipient=named
        )
        made.append(_send(work, making, recipient, FileKind.STATEMENT, day, content))
    return made


def _report_to_postal_service(work: Work, box: Lockbox, event: Event, now: datetime) -> None:
    making = _making(work, box, (), now)
    content = filing.write_report(making, event.day, [event], recipient="USPS")
    _send(work, making, POSTAL_SERVICE, FileKind.TRANSFERS, event.day, content)


def _making(work: Work, box: Lockbox, events: Sequence[Event], now: datetime) -> Making:
    return Making(
        lockbox=box,
        payments=rows.payments_of(work, {each.payment for each in events if each.payment}),
        now=now,
        number=rows.next_number(work, FILES),
    )


def _send(
    work: Work, making: Making, recipient: str, kind: FileKind, day: date, content: bytes
) -> SentFile:
    number, box = making.number, making.lockbox
    file = SentFile(
        number=number,
        lockbox=box.number,
        recipient=recipient,
        kind=kind,
        day=day,
        name=f"{box.number}-{day}-{number:06d}.{_ENDINGS[kind]}",
        content=content,
        made_at=instant_text(making.now),
    )
    rows.add_file(work, file)
    inputs = {"file": file.name, "kind": kind.value, "recipient": recipient}
    work.record(Act(record=box.record, clauses=(_FILES_CLAUSE,), inputs=inputs))
    return file


def _transferred(work: Work, box: Lockbox, made: Transfer, now: datetime) -> Event:
    number = rows.next_number(work, EVENTS)
    return Event(
        number=number,
        lockbox=box.number,
        kind=EventKind.TRANSFERRED,
        day=banking_day(box, now),
        at=made.made_at,
        amount_cents=made.amount_cents,
        method="",
        account="",
        reference=f"{number:010d}",
        detail=f"AMOUNTS OF {made.day}",
    )
