"""Reading and writing the rows of the lockbox bank."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import Row, Select, Table, func, insert, select, update

from franking.bank.records import (
    SIGNS,
    Event,
    EventKind,
    FileKind,
    Lockbox,
    Method,
    Payer,
    Payment,
    PaymentState,
    SentFile,
    Transfer,
)
from franking.bank.tables import DAYS, EVENTS, FILES, LOCKBOXES, ORDERS, PAYMENTS, TRANSFERS
from franking.clock import instant_text
from franking.errors import Refusal
from franking.rules.calendars import BANKING
from franking.storage import Reading, Work

_ONE_DAY: Final = timedelta(days=1)

BANK_LOCKBOX_UNKNOWN = Refusal(
    "BANK_LOCKBOX_UNKNOWN",
    clause="39 CFR 501.28(e)(1) (1995)",
    remedy="Name a lockbox that was opened for a provider: franking bank show.",
    http_status=404,
)
BANK_ITEM_UNKNOWN = Refusal(
    "BANK_ITEM_UNKNOWN",
    clause="39 CFR 501.28(e)(8) (1995)",
    remedy="Give the reference as the bank's file has it: franking bank payments.",
    http_status=404,
)


def next_number(books: Reading, table: Table) -> int:
    """The number of the table's next row."""
    row = books.row(select(func.coalesce(func.max(table.c.number), 0).label("n")))
    return 1 if row is None else int(row.n) + 1


# Lockboxes -----------------------------------------------------------------------------------


def add_lockbox(work: Work, lockbox: Lockbox) -> None:
    """Store a lockbox."""
    times = {"cutoff": f"{lockbox.cutoff:%H:%M}", "transmitted": f"{lockbox.transmitted:%H:%M}"}
    work.write(insert(LOCKBOXES).values({**_fields(lockbox), **times, "holds_transfers": 0}))


def lockboxes(books: Reading) -> list[Lockbox]:
    """Every lockbox."""
    return [_lockbox(row) for row in books.rows(select(LOCKBOXES).order_by(LOCKBOXES.c.number))]


def require_lockbox(books: Reading, number: str) -> Lockbox:
    """A lockbox by its number.

    Raises:
        Refused: ``BANK_LOCKBOX_UNKNOWN``.
    """
    row = books.row(select(LOCKBOXES).where(LOCKBOXES.c.number == number))
    if row is None:
        raise BANK_LOCKBOX_UNKNOWN.because(f"there is no lockbox {number!r}")
    return _lockbox(row)


def holds_transfers(books: Reading, number: str) -> bool:
    """Whether transfers out of a lockbox are held up."""
    query = select(LOCKBOXES.c.holds_transfers).where(LOCKBOXES.c.number == number)
    row = books.row(query)
    return row is not None and bool(row.holds_transfers)


def hold_transfers(work: Work, number: str, *, hold: bool) -> None:
    """Hold transfers up, or let them go again."""
    mine = LOCKBOXES.c.number == number
    work.write(update(LOCKBOXES).where(mine).values(holds_transfers=int(hold)))


# Payments ------------------------------------------------------------------------------------


def add_payments(work: Work, payments: Iterable[Payment]) -> None:
    """Store payments."""
    work.write_many(PAYMENTS, (_payment_row(each) for each in payments))


def find_order(books: Reading, lockbox: str, order: str) -> Payment | None:
    """The payment that a payer called ``order``."""
    table = PAYMENTS.c
    query = select(PAYMENTS).where(table.lockbox == lockbox, table.ordered_as == order)
    row = books.row(query)
    return None if row is None else _payment(row)


def require_payment(books: Reading, reference: str) -> Payment:
    """A payment as the bank's files name it.

    Raises:
        Refused: ``BANK_ITEM_UNKNOWN``.
    """
    table = PAYMENTS.c
    is_number = reference.isascii() and reference.isdigit() and len(reference) <= 10
    named = table.trace == reference
    if is_number:
        named = (table.number == int(reference)) & (table.trace == "")
    rows = books.rows(select(PAYMENTS).where(named, table.number > 0).order_by(table.number))
    if len(rows) != 1 or not reference:
        raise BANK_ITEM_UNKNOWN.because(f"there is no payment {reference!r}")
    return _payment(rows[0])


def payments_of(books: Reading, numbers: Collection[int]) -> dict[int, Payment]:
    """Payments by their numbers."""
    wanted, found = sorted(numbers), {}
    for first in range(0, len(wanted), 500):
        some = PAYMENTS.c.number.in_(wanted[first : first + 500])
        found.update(
            {row.number: _payment(row) for row in books.rows(select(PAYMENTS).where(some))}
        )
    return found


def payments(books: Reading, lockbox: str, *, account: str | None = None) -> list[Payment]:
    """The payments of a lockbox, or those for an account, oldest first."""
    query = select(PAYMENTS).where(PAYMENTS.c.lockbox == lockbox).order_by(PAYMENTS.c.number)
    query = query if account is None else query.where(PAYMENTS.c.account == account)
    return [_payment(row) for row in books.rows(query)]


def known_traces(books: Reading, lockbox: str, traces: Collection[str]) -> set[str]:
    """Those of the traces that name a payment already."""
    wanted = sorted(traces)
    known: set[str] = set()
    for first in range(0, len(wanted), 500):
        some = PAYMENTS.c.trace.in_(wanted[first : first + 500])
        query = select(PAYMENTS.c.trace).where(PAYMENTS.c.lockbox == lockbox, some)
        known.update(row.trace for row in books.rows(query))
    return known


def move_payment(work: Work, payment: Payment, state: PaymentState, reason: str) -> None:
    """Put a payment into another state, if it is still as decided on."""
    mine = (PAYMENTS.c.number == payment.number) & (PAYMENTS.c.state == payment.state)
    work.write_one(update(PAYMENTS).where(mine).values(state=state, reason=reason))


# Events --------------------------------------------------------------------------------------


def add_events(work: Work, events: Iterable[Event]) -> None:
    """Note what happened to a lockbox account."""
    work.write_many(EVENTS, (_plain(_fields(each)) for each in events))


def unsent(books: Reading, lockbox: str, upto: date) -> list[Event]:
    """What was not told yet, of days up to one, oldest first."""
    table = EVENTS.c
    query = select(EVENTS).where(
        table.sent_in.is_(None), table.lockbox == lockbox, table.day <= upto.isoformat()
    )
    return [_event(row) for row in books.rows(query.order_by(table.number))]


def mark_sent(work: Work, events: Sequence[Event], file: int) -> None:
    """Note in which file events were told."""
    numbers = [each.number for each in events]
    for first in range(0, len(numbers), 500):
        mine = EVENTS.c.number.in_(numbers[first : first + 500])
        work.write(update(EVENTS).where(mine).values(sent_in=file))


def events_of(books: Reading, lockbox: str, day: date) -> list[Event]:
    """What happened on a banking day, in order."""
    table = EVENTS.c
    query = select(EVENTS).where(table.lockbox == lockbox, table.day == day.isoformat())
    return [_event(row) for row in books.rows(query.order_by(table.number))]


def balance_cents(books: Reading, lockbox: str, upto: date) -> int:
    """What is in a lockbox account at the end of a day."""
    table = EVENTS.c
    query = (
        select(table.kind, func.sum(table.amount_cents).label("cents"))
        .where(table.lockbox == lockbox, table.day <= upto.isoformat())
        .group_by(table.kind)
    )
    return sum(SIGNS[EventKind(row.kind)] * int(row.cents) for row in books.rows(query))


def transferred_cents(books: Reading, lockbox: str, after: date) -> int:
    """What was transferred on days after one."""
    table = EVENTS.c
    query = select(func.coalesce(func.sum(table.amount_cents), 0).label("cents")).where(
        table.lockbox == lockbox,
        table.kind == EventKind.TRANSFERRED,
        table.day > after.isoformat(),
    )
    row = books.row(query)
    return 0 if row is None else int(row.cents)


# Files ---------------------------------------------------------------------------------------


def add_file(work: Work, file: SentFile) -> None:
    """Keep a file for its recipient."""
    work.write(insert(FILES).values(_plain(_fields(file))))


def files(books: Reading, *, recipient: str | None = None, waiting: bool = False) -> list[SentFile]:
    """Files, oldest first: all, those for one recipient, those not delivered yet."""
    query = select(FILES).order_by(FILES.c.number)
    query = query if recipient is None else query.where(FILES.c.recipient == recipient)
    query = query.where(FILES.c.delivered_at == "") if waiting else query
    return [_file(row) for row in books.rows(query)]


def find_file(books: Reading, number: int) -> SentFile | None:
    """A file by its number."""
    row = books.row(select(FILES).where(FILES.c.number == number))
    return None if row is None else _file(row)


def mark_delivered(work: Work, number: int, now: datetime) -> None:
    """Note that a file reached its recipient."""
    mine = FILES.c.number == number
    work.write(update(FILES).where(mine).values(delivered_at=instant_text(now)))


# Origination files, days, transfers ------------------------------------------------------------


def is_taken(books: Reading, digest: str) -> bool:
    """Whether an origination file was taken before."""
    return books.row(select(ORDERS.c.digest).where(ORDERS.c.digest == digest)) is not None


def add_origination(work: Work, row: Mapping[str, object]) -> None:
    """Note that an origination file was taken."""
    work.write(insert(ORDERS).values(row))


def is_closed(books: Reading, lockbox: str, day: date) -> bool:
    """Whether a banking day is closed."""
    mine = (DAYS.c.lockbox == lockbox) & (DAYS.c.day == day.isoformat())
    return books.row(select(DAYS.c.day).where(mine)) is not None


def last_closed(books: Reading, lockbox: str) -> date | None:
    """The latest day that is closed."""
    row = books.row(select(func.max(DAYS.c.day).label("day")).where(DAYS.c.lockbox == lockbox))
    return None if row is None or row.day is None else date.fromisoformat(row.day)


def days_to_close(books: Reading, lockbox: str, before: date) -> list[date]:
    """Every banking day before one that is not closed, quiet ones too, since the first payment."""
    events = select(func.min(EVENTS.c.day).label("day")).where(EVENTS.c.lockbox == lockbox)
    days = select(func.max(DAYS.c.day).label("day")).where(DAYS.c.lockbox == lockbox)
    began, closed = _day(books, events), _day(books, days)
    first = closed + _ONE_DAY if closed else began or before
    span = (first + number * _ONE_DAY for number in range((before - first).days))
    return [day for day in span if BANKING.is_business_day(day)]


def _day(books: Reading, query: Select[Any]) -> date | None:
    found = books.row(query)
    return date.fromisoformat(found.day) if found is not None and found.day else None


def close_day(work: Work, lockbox: str, day: date, closing_cents: int, now: datetime) -> None:
    """Close a banking day."""
    row = {"lockbox": lockbox, "day": day.isoformat(), "closed_at": instant_text(now)}
    work.write(insert(DAYS).values(closing_cents=closing_cents, **row))


def days_to_transfer(books: Reading, lockbox: str) -> list[date]:
    """Closed days whose amounts were not transferred, oldest first."""
    moved = select(TRANSFERS.c.day).where(TRANSFERS.c.lockbox == lockbox)
    query = select(DAYS.c.day).where(DAYS.c.lockbox == lockbox, DAYS.c.day.not_in(moved))
    return [date.fromisoformat(row.day) for row in books.rows(query.order_by(DAYS.c.day))]


def add_transfer(work: Work, transfer: Transfer) -> None:
    """Note a transfer."""
    work.write(insert(TRANSFERS).values(_plain(_fields(transfer))))


def transfers(books: Reading, lockbox: str) -> list[Transfer]:
    """The transfers out of a lockbox, oldest first."""
    query = select(TRANSFERS).where(TRANSFERS.c.lockbox == lockbox).order_by(TRANSFERS.c.day)
    return [
        Transfer(
            lockbox=row.lockbox,
            day=date.fromisoformat(row.day),
            amount_cents=row.amount_cents,
            made_at=row.made_at,
        )
        for row in books.rows(query)
    ]


# ---------------------------------------------------------------------------------------------


def _fields(record: Any) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__slots__}


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, date) else value for name, value in row.items()
    }


def _lockbox(row: Row[Any]) -> Lockbox:
    values = dict(row._mapping)
    del values["holds_transfers"]
    values |= {name: time.fromisoformat(values[name]) for name in ("cutoff", "transmitted")}
    return Lockbox(**values)


def _payment_row(payment: Payment) -> dict[str, Any]:
    row = _plain(_fields(payment))
    payer: Payer = row.pop("payer")
    return {
        **row,
        "ordered_as": row.pop("order"),
        "payer_name": payer.name,
        "payer_routing": payer.routing_number,
        "payer_account": payer.account,
        "check_number": payer.check_number,
    }


def _payment(row: Row[Any]) -> Payment:
    payer = Payer(
        name=row.payer_name,
        routing_number=row.payer_routing,
        account=row.payer_account,
        check_number=row.check_number,
    )
    return Payment(
        number=row.number,
        lockbox=row.lockbox,
        method=Method(row.method),
        account=row.account,
        amount_cents=row.amount_cents,
        payer=payer,
        received_at=row.received_at,
        day=date.fromisoformat(row.day),
        state=PaymentState(row.state),
        trace=row.trace,
        entry_class=row.entry_class,
        reason=row.reason,
        order=row.ordered_as,
    )


def _event(row: Row[Any]) -> Event:
    values = dict(row._mapping)
    values |= {"kind": EventKind(row.kind), "day": date.fromisoformat(row.day)}
    return Event(**values)


def _file(row: Row[Any]) -> SentFile:
    values = dict(row._mapping)
    values |= {"kind": FileKind(row.kind), "day": date.fromisoformat(row.day)}
    return SentFile(**{**values, "content": bytes(row.content)})
