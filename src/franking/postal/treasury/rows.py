"""Reading and writing what the treasury holds of money."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Row, func, insert, select, update

from franking.clock import instant_text
from franking.postal.treasury.records import (
    Acknowledgment,
    Amount,
    BalanceRefund,
    BankReport,
    DepositStatement,
    Difference,
    DifferenceStatus,
    Flow,
    Lockbox,
    LockboxStatus,
    ReportStatus,
    Watch,
    WatchStatus,
)
from franking.postal.treasury.tables import (
    ACKNOWLEDGMENTS,
    AMOUNTS,
    BANK_DAYS,
    BANK_REPORTS,
    DIFFERENCES,
    LOCKBOX_STAYS,
    LOCKBOXES,
    REFUNDS,
    REPORTS,
    STATEMENTS,
    WATCH_STAYS,
    WATCHES,
)
from franking.storage import Reading, Work

Record = TypeVar("Record")
_AGAIN = ", time "


def columns(record: Any, *, but: Collection[str] = ()) -> dict[str, Any]:
    """A record as its row, ``but`` what stays as it was first written.

    Dates and instants are text, lists JSON, truth 0 and 1.
    """
    return {name: _stored(value) for name, value in asdict(record).items() if name not in but}


def record_of(kind: type[Record], row: Row[Any], *lists: str) -> Record:
    """A row as its record; ``lists`` are the columns that hold JSON."""
    held = {name: row._mapping[name] for name in _fields(kind)}
    held |= {name: msgspec.json.decode(held[name]) for name in lists}
    return msgspec.convert(held, kind, strict=False)


# Lockboxes -----------------------------------------------------------------------------------


def put_lockbox(work: Work, before: Lockbox | None, after: Lockbox) -> None:
    """Store a lockbox, or what became of it, if it still is as decided on."""
    if before is None:
        work.write(insert(LOCKBOXES).values(columns(after)))
        return
    table = LOCKBOXES.c
    mine = (table.routing == before.routing) & (table.account == before.account)
    still = mine & (table.status == before.status.value)
    work.write_one(update(LOCKBOXES).where(still).values(columns(after, but=LOCKBOX_STAYS)))


def find_lockbox(books: Reading, *, routing: str, account: str) -> Lockbox | None:
    """The lockbox at that bank with that account number."""
    table = LOCKBOXES.c
    query = select(LOCKBOXES).where(table.routing == routing, table.account == account)
    row = books.row(query)
    return None if row is None else record_of(Lockbox, row)


def lockboxes(books: Reading, *, status: LockboxStatus | None = None) -> list[Lockbox]:
    """Every lockbox, by provider and name."""
    query = select(LOCKBOXES).order_by(*(LOCKBOXES.c[name] for name in _LOCKBOX_ORDER))
    if status is not None:
        query = query.where(LOCKBOXES.c.status == status.value)
    return [record_of(Lockbox, row) for row in books.rows(query)]


_LOCKBOX_ORDER = ("provider", "routing", "account")


# What banks told -----------------------------------------------------------------------------


def add_bank_report(work: Work, report: BankReport) -> None:
    """Keep what became of a bank's file."""
    work.write(insert(BANK_REPORTS).values(columns(report)))


def find_taken(books: Reading, digest: str) -> BankReport | None:
    """The file with that digest, if it was taken."""
    table = BANK_REPORTS.c
    taken = table.status == ReportStatus.TAKEN.value
    row = books.row(select(BANK_REPORTS).where(table.digest == digest, taken))
    return None if row is None else record_of(BankReport, row)


def bank_reports(books: Reading) -> list[BankReport]:
    """Every file that a bank sent, in the order of its coming."""
    query = select(BANK_REPORTS).order_by(BANK_REPORTS.c.number)
    return [record_of(BankReport, row) for row in books.rows(query)]


def add_amounts(work: Work, amounts: Iterable[Amount]) -> None:
    """Keep what moved lockbox accounts."""
    work.write_many(AMOUNTS, (columns(each) for each in amounts))


def amounts_of(books: Reading, lockbox: str, *, day: date | None = None) -> list[Amount]:
    """What moved a lockbox, or moved it on one day, as it was told."""
    query = select(AMOUNTS).where(AMOUNTS.c.lockbox == lockbox).order_by(AMOUNTS.c.number)
    if day is not None:
        query = query.where(AMOUNTS.c.day == day.isoformat())
    return [record_of(Amount, row) for row in books.rows(query)]


def flows(books: Reading, lockbox: str, *, until: date, since: date = date.min) -> dict[Flow, int]:
    """What moved a lockbox from one day until another, by flow, in mills."""
    table = AMOUNTS.c
    between = (table.day >= since.isoformat()) & (table.day <= until.isoformat())
    query = (
        select(table.flow, func.sum(table.amount_mills).label("mills"))
        .where(table.lockbox == lockbox, between)
        .group_by(table.flow)
    )
    return {Flow(row.flow): int(row.mills) for row in books.rows(query)}


def moved_by(books: Reading, lockbox: str, *, day: date, deadline: datetime) -> int:
    """What the bank moved on a day and had told of by an instant of it, in mills."""
    return -sum(
        each.amount_mills
        for each in amounts_of(books, lockbox, day=day)
        if each.flow is Flow.TRANSFER and each.told_at <= deadline
    )


def close_bank_day(
    work: Work, lockbox: Lockbox, *, day: date, closing_mills: int, file: str, told_at: datetime
) -> None:
    """Note that the bank has told the whole of a day."""
    row = {
        "lockbox": lockbox.name,
        "provider": lockbox.provider,
        "day": day.isoformat(),
        "closing_mills": closing_mills,
        "file": file,
        "told_at": instant_text(told_at),
    }
    work.write(insert(BANK_DAYS).values(row))


def closed_days(books: Reading, lockbox: str) -> dict[date, int]:
    """The days that the bank told whole, each with the balance at its close, in mills."""
    query = select(BANK_DAYS.c.day, BANK_DAYS.c.closing_mills)
    rows = books.rows(query.where(BANK_DAYS.c.lockbox == lockbox).order_by(BANK_DAYS.c.day))
    return {date.fromisoformat(row.day): int(row.closing_mills) for row in rows}


# Transfers -----------------------------------------------------------------------------------


def put_watch(work: Work, before: Watch | None, after: Watch) -> None:
    """Store what was seen at a deadline, or how an alarm ended."""
    if before is None:
        work.write(insert(WATCHES).values(columns(after)))
        return
    table = WATCHES.c
    mine = (table.lockbox == before.lockbox) & (table.banking_day == before.banking_day.isoformat())
    still = mine & (table.status == before.status.value)
    work.write_one(update(WATCHES).where(still).values(columns(after, but=WATCH_STAYS)))


def watches(books: Reading, *, lockbox: str = "", status: WatchStatus | None = None) -> list[Watch]:
    """What was seen at the deadlines, oldest first."""
    query = select(WATCHES).order_by(WATCHES.c.banking_day, WATCHES.c.lockbox)
    if lockbox:
        query = query.where(WATCHES.c.lockbox == lockbox)
    if status is not None:
        query = query.where(WATCHES.c.status == status.value)
    return [record_of(Watch, row) for row in books.rows(query)]


# What providers reported ---------------------------------------------------------------------


def add_report(
    work: Work,
    *,
    provider: str,
    kind: str,
    day: str,
    part: int,
    parts: int,
    total_mills: int,
    content: str,
    now: datetime,
) -> None:
    """Keep a provider's report, or a part of one."""
    row = {"provider": provider, "kind": kind, "day": day, "part": part, "parts": parts}
    kept = {**row, "total_mills": total_mills, "content": content}
    work.write(insert(REPORTS).values({**kept, "heard_at": instant_text(now)}))


def reports_of(
    books: Reading, *, provider: str, kind: str, day: str = "", since: str = ""
) -> list[Row[Any]]:
    """The reports of a kind by day and part: ``day``, ``part``, ``parts``, ``total_mills``,
    ``content``, ``heard_at``."""
    table = REPORTS.c
    query = select(REPORTS).where(table.provider == provider, table.kind == kind)
    if day:
        query = query.where(table.day == day)
    if since:
        query = query.where(table.day >= since)
    return list(books.rows(query.order_by(table.day, table.part)))


def total_reported(books: Reading, *, provider: str, kind: str, until: str) -> int:
    """What the reports of a kind about the days until one add up to, in mills."""
    table = REPORTS.c
    mine = (table.provider == provider) & (table.kind == kind) & (table.day <= until)
    row = books.row(select(func.sum(table.total_mills).label("mills")).where(mine))
    return 0 if row is None or row.mills is None else int(row.mills)


def last_report(books: Reading, *, provider: str, kind: str, before: str) -> Row[Any] | None:
    """The latest report of a kind about a day before that one."""
    table = REPORTS.c
    mine = (table.provider == provider) & (table.kind == kind) & (table.day < before)
    return books.row(select(REPORTS).where(mine).order_by(table.day.desc()).limit(1))


# Differences ---------------------------------------------------------------------------------


def add_differences(work: Work, found: Sequence[Difference]) -> list[Difference]:
    """Keep the differences that are not known yet; they get their numbers.

    One that is known with other amounts is another: what was settled hides nothing greater.
    """
    known = [each for one in {each.provider for each in found} for each in _all(work, one)]
    fresh: list[Difference] = []
    for each in found:
        if (named := _named(each, [*known, *fresh])) is not None:
            fresh.append(named)
    for each in fresh:
        row = columns(each)
        del row["number"]
        work.write(insert(DIFFERENCES).values(row))
    wanted = {_key(each) for each in fresh}
    providers = sorted({each.provider for each in fresh})
    return [each for one in providers for each in _all(work, one) if _key(each) in wanted]


def change_difference(work: Work, before: Difference, after: Difference) -> None:
    """Store what became of a difference, if it still is as decided on."""
    table, row = DIFFERENCES.c, columns(after)
    moved = {name: row[name] for name in ("status", "answer", "settled_by", "settled_on")}
    mine = (table.number == before.number) & (table.status == before.status.value)
    work.write_one(update(DIFFERENCES).where(mine).values(moved))


def find_difference(books: Reading, number: int) -> Difference | None:
    """The difference of that number."""
    row = books.row(select(DIFFERENCES).where(DIFFERENCES.c.number == number))
    return None if row is None else record_of(Difference, row)


def differences(books: Reading, *, provider: str = "", settled: bool = True) -> list[Difference]:
    """The differences, oldest first; all of them, or those that nobody settled."""
    query = select(DIFFERENCES).order_by(DIFFERENCES.c.number)
    if provider:
        query = query.where(DIFFERENCES.c.provider == provider)
    if not settled:
        query = query.where(DIFFERENCES.c.status != DifferenceStatus.SETTLED.value)
    return [record_of(Difference, row) for row in books.rows(query)]


def _all(books: Reading, provider: str) -> list[Difference]:
    return differences(books, provider=provider)


def _named(one: Difference, known: Sequence[Difference]) -> Difference | None:
    """A difference by a name of its own; ``None`` where it is known."""
    alike = [each for each in known if _is_about(each, one)]
    said = {(each.ours_mills, each.theirs_mills, each.words) for each in alike}
    if (one.ours_mills, one.theirs_mills, one.words) in said:
        return None
    return replace(one, what=f"{one.what}{_AGAIN}{len(alike) + 1}") if alike else one


def _is_about(known: Difference, one: Difference) -> bool:
    what = known.what.partition(_AGAIN)[0]
    return (known.provider, known.day, what) == (one.provider, one.day, one.what)


def _key(one: Difference) -> tuple[str, date, str]:
    return one.provider, one.day, one.what


# Providers' deposits, acknowledgments, refunds of balances -----------------------------------


def add_statement(work: Work, statement: DepositStatement) -> None:
    """Keep a statement of a provider's deposit."""
    work.write(insert(STATEMENTS).values(columns(statement)))


def statements(books: Reading, provider: str) -> list[DepositStatement]:
    """The statements to a provider, oldest first."""
    query = select(STATEMENTS).where(STATEMENTS.c.provider == provider)
    rows = books.rows(query.order_by(STATEMENTS.c.number))
    return [record_of(DepositStatement, row) for row in rows]


def add_acknowledgment(work: Work, acknowledgment: Acknowledgment) -> None:
    """Keep an acknowledgment as it reached its addressee."""
    work.write(insert(ACKNOWLEDGMENTS).values(columns(acknowledgment)))


def acknowledgments(books: Reading, *, addressee: str = "") -> list[Acknowledgment]:
    """The acknowledgments of an addressee, or all, by account."""
    table = ACKNOWLEDGMENTS.c
    query = select(ACKNOWLEDGMENTS).order_by(table.provider, table.account, table.signed_on)
    if addressee:
        query = query.where(table.addressee == addressee)
    return [record_of(Acknowledgment, row) for row in books.rows(query)]


def put_refund(work: Work, before: BalanceRefund | None, after: BalanceRefund) -> None:
    """Keep a request for a balance, or that it was paid."""
    row = columns(after)
    if before is None:
        work.write(insert(REFUNDS).values(row))
        return
    table = REFUNDS.c
    mine = (
        (table.provider == before.provider)
        & (table.account == before.account)
        & (table.requested_at == row["requested_at"])
        & table.paid_at.is_(None)
    )
    paid = {name: row[name] for name in ("paid_at", "late")}
    work.write_one(update(REFUNDS).where(mine).values(paid))


def refunds(books: Reading, *, provider: str = "") -> list[BalanceRefund]:
    """Requests for balances, oldest first."""
    query = select(REFUNDS).order_by(REFUNDS.c.requested_at, REFUNDS.c.account)
    if provider:
        query = query.where(REFUNDS.c.provider == provider)
    return [record_of(BalanceRefund, row) for row in books.rows(query)]


def _stored(value: object) -> object:
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, datetime):
        return instant_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return msgspec.json.encode(value).decode()
    return int(value) if isinstance(value, bool) else value


def _fields(kind: type[Any]) -> tuple[str, ...]:
    return tuple(kind.__dataclass_fields__)
