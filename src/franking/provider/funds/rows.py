"""Reading and writing the rows of accounts on deposit and of what is about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Row, Select, Table, func, insert, select, update

from franking.clock import instant_text
from franking.provider.funds.records import (
    AccountStatus,
    Advance,
    AdvanceDay,
    AdvanceTerms,
    BalanceRefund,
    BankDetails,
    Correction,
    CorrectionStatus,
    FundsAccount,
    Method,
    Payment,
    PaymentPlan,
    PaymentStatus,
    RefundStatus,
    Statements,
)
from franking.provider.funds.tables import (
    ACCOUNTS,
    ADVANCE_DAYS,
    ADVANCE_TERMS,
    ADVANCES,
    BANK_DETAILS,
    CORRECTIONS,
    EVENTS,
    PAYMENTS,
    PLANS,
    REFUNDS,
)
from franking.storage import Act, Reading, Work
from franking.storage.among import among

Record = TypeVar("Record")

# Accounts ------------------------------------------------------------------------------------


def find_account(books: Reading, number: str) -> FundsAccount | None:
    """An account by its number."""
    row = books.row(select(ACCOUNTS).where(ACCOUNTS.c.number == number))
    return None if row is None else _account(row)


def account_of(books: Reading, licence: str) -> FundsAccount | None:
    """The account of a licence."""
    row = books.row(select(ACCOUNTS).where(ACCOUNTS.c.licence == licence))
    return None if row is None else _account(row)


def accounts_of(books: Reading, licences: Iterable[str]) -> dict[str, FundsAccount]:
    """The accounts of many licences, by licence."""
    found = _about(books, select(ACCOUNTS), ACCOUNTS.c.licence, licences)
    return {row.licence: _account(row) for row in found}


def accounts_numbered(books: Reading, numbers: Iterable[str]) -> dict[str, FundsAccount]:
    """Those of these numbers that are accounts, by number."""
    found = _about(books, select(ACCOUNTS), ACCOUNTS.c.number, numbers)
    return {row.number: _account(row) for row in found}


def accounts(books: Reading, status: AccountStatus | None = None) -> list[FundsAccount]:
    """Every account, or those of a status, by number."""
    query = select(ACCOUNTS).order_by(ACCOUNTS.c.number)
    query = query if status is None else query.where(ACCOUNTS.c.status == status)
    return [_account(row) for row in books.rows(query)]


def account_count(books: Reading) -> int:
    """How many accounts there are, closed ones included."""
    return _one(books, select(func.count().label("n")).select_from(ACCOUNTS))


def add_account(work: Work, account: FundsAccount) -> None:
    """Store an account."""
    work.write(insert(ACCOUNTS).values(_columns(account)))


def change_account(work: Work, before: FundsAccount, after: FundsAccount) -> None:
    """Write what changed, if it is still as decided on."""
    mine = (ACCOUNTS.c.number == before.number) & (ACCOUNTS.c.status == before.status)
    work.write_one(update(ACCOUNTS).where(mine).values(_changed(before, after)))


def add_bank_details(work: Work, details: BankDetails) -> None:
    """Keep from where debits are drawn; what was authorized before stays on record."""
    _append(work, BANK_DETAILS, _columns(details))


def bank_details(books: Reading, account: str) -> BankDetails | None:
    """From where debits of an account are drawn."""
    row = _newest(books, BANK_DETAILS, account)
    return None if row is None else _made(BankDetails, row)


# Payments ------------------------------------------------------------------------------------


def next_payment(books: Reading) -> int:
    """The ordinal of the next payment; whoever writes it waits for others first."""
    return _next(books, PAYMENTS)


def payment_number(ordinal: int) -> str:
    """The number of a payment."""
    return f"P-{ordinal:08d}"


def find_payment(books: Reading, number: str) -> Payment | None:
    """A payment by its number."""
    row = books.row(select(PAYMENTS).where(PAYMENTS.c.ordinal == ordinal_of(number)))
    return None if row is None or payment_number(row.ordinal) != number else _payment(row)


def payments(
    books: Reading,
    *,
    account: str | None = None,
    status: PaymentStatus | None = None,
    method: Method | None = None,
    reference: str | None = None,
) -> list[Payment]:
    """Payments that are as asked, oldest first."""
    query = select(PAYMENTS).order_by(PAYMENTS.c.ordinal)
    asked = {"account": account, "status": status, "method": method, "reference": reference}
    for name, value in asked.items():
        query = query if value is None else query.where(PAYMENTS.c[name] == value)
    return [_payment(row) for row in books.rows(query)]


def expected_of(books: Reading, numbers: Iterable[str]) -> list[Payment]:
    """The expected payments of many accounts, oldest first."""
    query = select(PAYMENTS).where(PAYMENTS.c.status == PaymentStatus.EXPECTED)
    found = _about(books, query, PAYMENTS.c.account, numbers)
    return sorted((_payment(row) for row in found), key=lambda each: each.number)


def add_payments(work: Work, some: Sequence[Payment]) -> None:
    """Store payments."""
    work.write_many(PAYMENTS, [_payment_columns(each) for each in some])


def change_payment(work: Work, before: Payment, after: Payment) -> None:
    """Write what changed, if it is still as decided on."""
    mine = (PAYMENTS.c.ordinal == ordinal_of(before.number)) & (PAYMENTS.c.status == before.status)
    work.write_one(update(PAYMENTS).where(mine).values(_changed(before, after)))


def declare_plan(work: Work, plan: PaymentPlan, now: datetime) -> None:
    """Keep which ways of paying the provider accepts from now on."""
    content = msgspec.json.encode(plan, order="sorted").decode()
    work.write(insert(PLANS).values(declared_at=instant_text(now), content=content))


def plan(books: Reading) -> PaymentPlan | None:
    """Which ways of paying the provider accepts."""
    row = books.row(select(PLANS).order_by(PLANS.c.number.desc()).limit(1))
    return None if row is None else msgspec.json.decode(row.content, type=PaymentPlan)


# Advances ------------------------------------------------------------------------------------


def add_terms(work: Work, terms: AdvanceTerms) -> None:
    """Keep what was agreed on advances."""
    _append(work, ADVANCE_TERMS, _columns(terms))


def terms_of(books: Reading, account: str) -> AdvanceTerms | None:
    """What was agreed last on advances to an account."""
    row = _newest(books, ADVANCE_TERMS, account)
    return None if row is None else _made(AdvanceTerms, row)


def advance_day(books: Reading, day: date) -> AdvanceDay | None:
    """The advances of a day, where any were thought of."""
    row = books.row(select(ADVANCE_DAYS).where(ADVANCE_DAYS.c.day == day.isoformat()))
    return None if row is None else _made(AdvanceDay, row)


def advanced_between(books: Reading, since: date, until: date) -> int:
    """What was advanced from ``since`` to ``until``, both included; in mills."""
    table = ADVANCES.c
    span = (table.day >= since.isoformat()) & (table.day <= until.isoformat())
    return _one(
        books, select(func.coalesce(func.sum(table.amount_mills), 0).label("n")).where(span)
    )


def keep_day(work: Work, day: AdvanceDay) -> None:
    """Write a day's cover and advances."""
    if advance_day(work, day.day) is None:
        work.write(insert(ADVANCE_DAYS).values(_columns(day)))
        return
    mine = ADVANCE_DAYS.c.day == day.day.isoformat()
    work.write_one(update(ADVANCE_DAYS).where(mine).values(_columns(day)))


def next_advance(books: Reading) -> int:
    """The ordinal of the next advance."""
    return _next(books, ADVANCES)


def advance_number(ordinal: int) -> str:
    """The number of an advance."""
    return f"V-{ordinal:08d}"


def add_advance(work: Work, given: Advance) -> None:
    """Store an advance."""
    row = _columns(given)
    del row["number"]
    work.write(insert(ADVANCES).values(ordinal=ordinal_of(given.number), **row))


def advances(
    books: Reading, *, day: date | None = None, account: str | None = None
) -> list[Advance]:
    """Advances of a day or an account, oldest first."""
    query = select(ADVANCES).order_by(ADVANCES.c.ordinal)
    query = query if day is None else query.where(ADVANCES.c.day == day.isoformat())
    query = query if account is None else query.where(ADVANCES.c.account == account)
    return [_numbered(Advance, row, "number", advance_number) for row in books.rows(query)]


# Refunds of balances, corrections -------------------------------------------------------------


def next_refund(books: Reading) -> int:
    """The ordinal of the next refund of a balance."""
    return _next(books, REFUNDS)


def refund_case(ordinal: int) -> str:
    """The case of a refund of a balance."""
    return f"B-{ordinal:08d}"


def add_refund(work: Work, refund: BalanceRefund) -> None:
    """Store a refund of a balance."""
    row = _columns(refund)
    del row["case"]
    work.write(insert(REFUNDS).values(ordinal=ordinal_of(refund.case), **row))


def change_refund(work: Work, before: BalanceRefund, after: BalanceRefund) -> None:
    """Write what changed, if it is still as decided on."""
    mine = (REFUNDS.c.ordinal == ordinal_of(before.case)) & (REFUNDS.c.status == before.status)
    work.write_one(update(REFUNDS).where(mine).values(_changed(before, after)))


def find_refund(books: Reading, case: str) -> BalanceRefund | None:
    """A refund of a balance by its case."""
    row = books.row(select(REFUNDS).where(REFUNDS.c.ordinal == ordinal_of(case)))
    return None if row is None or refund_case(row.ordinal) != case else _refund(row)


def refunds(
    books: Reading, *, account: str | None = None, status: RefundStatus | None = None
) -> list[BalanceRefund]:
    """Refunds of balances, oldest first."""
    query = select(REFUNDS).order_by(REFUNDS.c.ordinal)
    query = query if account is None else query.where(REFUNDS.c.account == account)
    query = query if status is None else query.where(REFUNDS.c.status == status)
    return [_refund(row) for row in books.rows(query)]


def next_correction(books: Reading) -> int:
    """The ordinal of the next correction."""
    return _next(books, CORRECTIONS)


def correction_number(ordinal: int) -> str:
    """The number of a correction."""
    return f"C-{ordinal:08d}"


def add_correction(work: Work, correction: Correction) -> None:
    """Store a correction."""
    row = _columns(correction)
    del row["number"]
    work.write(insert(CORRECTIONS).values(ordinal=ordinal_of(correction.number), **row))


def change_correction(work: Work, before: Correction, after: Correction) -> None:
    """Write what changed, if it is still as decided on."""
    table = CORRECTIONS.c
    mine = (table.ordinal == ordinal_of(before.number)) & (table.status == before.status)
    work.write_one(update(CORRECTIONS).where(mine).values(_changed(before, after)))


def find_correction(books: Reading, number: str) -> Correction | None:
    """A correction by its number."""
    row = books.row(select(CORRECTIONS).where(CORRECTIONS.c.ordinal == ordinal_of(number)))
    return None if row is None or correction_number(row.ordinal) != number else _correction(row)


def corrections(books: Reading, status: CorrectionStatus | None = None) -> list[Correction]:
    """Corrections, oldest first."""
    query = select(CORRECTIONS).order_by(CORRECTIONS.c.ordinal)
    query = query if status is None else query.where(CORRECTIONS.c.status == status)
    return [_correction(row) for row in books.rows(query)]


# Events --------------------------------------------------------------------------------------


def note(
    work: Work, record: str, event: str, *, clause: str, because: str, by: str, now: datetime
) -> None:
    """Write the event into the record's history and into the journal."""
    last = select(func.coalesce(func.max(EVENTS.c.ordinal), 0).label("n"))
    row = {
        "record": record,
        "ordinal": _one(work, last.where(EVENTS.c.record == record)) + 1,
        "at": instant_text(now),
        "by": by,
        "event": event,
        "clause": clause,
        "because": because,
    }
    work.write(insert(EVENTS).values(row))
    inputs = {"event": event, "because": because}
    work.record(Act(record=record, clauses=(clause,), inputs=inputs))


def events_of(books: Reading, record: str) -> list[dict[str, str]]:
    """The history of a record, oldest first."""
    columns = [EVENTS.c[name] for name in ("at", "by", "event", "clause", "because")]
    query = select(*columns).where(EVENTS.c.record == record).order_by(EVENTS.c.ordinal)
    return [dict(row._mapping) for row in books.rows(query)]


# ---------------------------------------------------------------------------------------------


def ordinal_of(number: str) -> int:
    """The place of a number in its table; 0, which is nobody's, where it is no number of ours."""
    _, _, digits = number.partition("-")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 18 else 0


def _about(
    books: Reading, query: Select[Any], column: Any, wanted: Iterable[str]
) -> Sequence[Row[Any]]:
    return books.rows(query.where(among(column, wanted)))


def _one(books: Reading, query: Select[Any]) -> int:
    row = books.row(query)
    return 0 if row is None else int(row.n)


def _next(books: Reading, table: Table) -> int:
    return _one(books, select(func.coalesce(func.max(table.c.ordinal), 0).label("n"))) + 1


def _append(work: Work, table: Table, row: Mapping[str, Any]) -> None:
    mine = table.c.account == row["account"]
    last = select(func.coalesce(func.max(table.c.ordinal), 0).label("n")).where(mine)
    work.write(insert(table).values(ordinal=_one(work, last) + 1, **row))


def _newest(books: Reading, table: Table, account: str) -> Row[Any] | None:
    mine = select(table).where(table.c.account == account)
    return books.row(mine.order_by(table.c.ordinal.desc()).limit(1))


def _columns(record: Any) -> dict[str, Any]:
    return {each.name: _column(getattr(record, each.name)) for each in fields(record)}


def _changed(before: Any, after: Any) -> dict[str, Any]:
    was, now = _columns(before), _columns(after)
    return {name: value for name, value in now.items() if value != was[name]}


def _column(value: Any) -> Any:
    match value:
        case date():
            return value.isoformat()
        case StrEnum():
            return str(value)
    return value


def _made(kind: type[Record], row: Row[Any], **typed: Any) -> Record:
    """The record of a row: what is named so, with its days read."""
    given: dict[str, Any] = {}
    for each in fields(kind):  # type: ignore[arg-type]
        value = typed.get(each.name, row._mapping.get(each.name))
        is_day = isinstance(value, str) and str(each.type).startswith("date")
        given[each.name] = date.fromisoformat(str(value)) if is_day else value
    return kind(**given)


def _numbered(kind: type[Record], row: Row[Any], name: str, spell: Any, **typed: Any) -> Record:
    return _made(kind, row, **{name: spell(row.ordinal)}, **typed)


def _account(row: Row[Any]) -> FundsAccount:
    return _made(
        FundsAccount,
        row,
        status=AccountStatus(row.status),
        statements=Statements(row.statements),
        method=Method(row.method),
    )


def _payment_columns(payment: Payment) -> dict[str, Any]:
    row = _columns(payment)
    del row["number"]
    return {"ordinal": ordinal_of(payment.number), **row}


def _payment(row: Row[Any]) -> Payment:
    typed = {"method": Method(row.method), "status": PaymentStatus(row.status)}
    return _numbered(Payment, row, "number", payment_number, **typed)


def _refund(row: Row[Any]) -> BalanceRefund:
    return _numbered(BalanceRefund, row, "case", refund_case, status=RefundStatus(row.status))


def _correction(row: Row[Any]) -> Correction:
    status = CorrectionStatus(row.status)
    return _numbered(Correction, row, "number", correction_number, status=status)
