"""Reading and writing the rows of refund cases, their items, appeals, checks and designations."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import Row, Table, func, insert, select, update

from franking.clock import instant_text
from franking.postal.refunds.records import (
    AppealStatus,
    CaseItem,
    CaseStatus,
    Check,
    Designation,
    Origin,
    RefundAppeal,
    RefundCase,
)
from franking.postal.refunds.tables import (
    APPEALS,
    CASES,
    CHECKS,
    DESIGNATIONS,
    EVENTS,
    ITEMS,
)
from franking.refunds.records import Item, Payout, Reason, Requester, RouteKind
from franking.storage import Reading, Work
from franking.storage.changing import change_many

_ITEMS_DECODER = msgspec.json.Decoder(Item)
_REASONS_DECODER = msgspec.json.Decoder(tuple[Reason, ...])


def next_number(books: Reading, table: Table) -> int:
    """The next number of a table's records."""
    row = books.row(select(func.max(table.c.number).label("last")))
    return 1 if row is None or row.last is None else int(row.last) + 1


# Cases ---------------------------------------------------------------------------------------


def add_case(work: Work, case: RefundCase) -> None:
    """Store a request as it is filed."""
    work.write(insert(CASES).values(_case_columns(case)))


def change_case(work: Work, before: RefundCase, after: RefundCase) -> None:
    """Store what became of a request, if it still is as decided on."""
    mine = (CASES.c.number == before.number) & (CASES.c.status == before.status.value)
    changed = {
        name: value
        for name, value in _case_columns(after).items()
        if value != _case_columns(before)[name]
    }
    if changed:
        work.write_one(update(CASES).where(mine).values(changed))


def find_case(books: Reading, number: int) -> RefundCase | None:
    """The request of that number."""
    row = books.row(select(CASES).where(CASES.c.number == number))
    return None if row is None else _case(row)


def case_of(books: Reading, provider: str, provider_case: str) -> RefundCase | None:
    """The request that a provider has under a number of its own."""
    table = CASES.c
    query = select(CASES).where(table.provider == provider, table.provider_case == provider_case)
    row = books.row(query)
    return None if row is None else _case(row)


def cases(
    books: Reading, *, statuses: Collection[CaseStatus] = (), office: str = "", device: str = ""
) -> list[RefundCase]:
    """The requests, oldest first; all, or those of some statuses, of an office, of a device."""
    query = select(CASES).order_by(CASES.c.number)
    if statuses:
        query = query.where(CASES.c.status.in_(sorted(statuses)))
    if office:
        query = query.where(CASES.c.office == office)
    if device:
        query = query.where(CASES.c.device == device)
    return [_case(row) for row in books.rows(query)]


def add_event(
    work: Work, case: int, event: str, *, by: str, because: str, clause: str, now: datetime
) -> None:
    """Append to a request's history."""
    row = {
        "case_number": case,
        "at": instant_text(now),
        "event": event,
        "by": by,
        "because": because,
        "clause": clause,
    }
    work.write(insert(EVENTS).values(row))


def events_of(books: Reading, case: int) -> list[dict[str, str]]:
    """A request's history, oldest first."""
    table = EVENTS.c
    query = select(table.at, table.event, table.by, table.because, table.clause)
    found = books.rows(query.where(table.case_number == case).order_by(table.number))
    return [dict(row._mapping) for row in found]


# Items ---------------------------------------------------------------------------------------


def add_items(work: Work, items: Iterable[CaseItem]) -> None:
    """Store the items of a request."""
    work.write_many(ITEMS, [_item_columns(each) for each in items])


def items_of(books: Reading, case: int) -> list[CaseItem]:
    """The items of a request, in the order in which they lie."""
    query = select(ITEMS).where(ITEMS.c.case_number == case).order_by(ITEMS.c.line)
    return [_item(row) for row in books.rows(query)]


def judge_items(work: Work, items: Iterable[CaseItem]) -> None:
    """Store what a ruling granted or denied, item by item."""
    changes = []
    for each in items:
        mine = {"case_number": each.case, "line": each.line}
        fresh = {"reasons": _item_columns(each)["reasons"], "granted": int(bool(each.granted))}
        changes.append((mine, fresh))
    change_many(work, ITEMS, changes)


# Appeals -------------------------------------------------------------------------------------


def add_appeal(work: Work, appeal: RefundAppeal) -> None:
    """Store an appeal as it is filed."""
    work.write(insert(APPEALS).values(_appeal_columns(appeal)))


def change_appeal(work: Work, before: RefundAppeal, after: RefundAppeal) -> None:
    """Store what became of an appeal, if it still is as decided on."""
    mine = (APPEALS.c.case_number == before.case) & (APPEALS.c.status == before.status.value)
    filed = ("case_number", "filed_on", "filed_by", "letter", "originals")
    moved = {name: each for name, each in _appeal_columns(after).items() if name not in filed}
    work.write_one(update(APPEALS).where(mine).values(moved))


def appeal_of(books: Reading, case: int) -> RefundAppeal | None:
    """The appeal about a request."""
    row = books.row(select(APPEALS).where(APPEALS.c.case_number == case))
    return None if row is None else _appeal(row)


def appeals(books: Reading, *, waiting_only: bool = False) -> list[RefundAppeal]:
    """The appeals, by the number of their cases."""
    query = select(APPEALS).order_by(APPEALS.c.case_number)
    if waiting_only:
        query = query.where(APPEALS.c.status != AppealStatus.DECIDED.value)
    return [_appeal(row) for row in books.rows(query)]


# Designations and checks ---------------------------------------------------------------------


def add_designation(work: Work, designation: Designation) -> None:
    """Store a writing that names a designee."""
    work.write(insert(DESIGNATIONS).values(_plain(asdict(designation))))


def end_designation(work: Work, number: int, until: date) -> None:
    """Store the last day of a designation."""
    mine = (DESIGNATIONS.c.number == number) & DESIGNATIONS.c.until.is_(None)
    work.write_one(update(DESIGNATIONS).where(mine).values(until=until.isoformat()))


def designations(books: Reading, *, district: str = "") -> list[Designation]:
    """The writings that name designees, oldest first."""
    query = select(DESIGNATIONS).order_by(DESIGNATIONS.c.number)
    if district:
        query = query.where(DESIGNATIONS.c.district == district)
    return [Designation(**_dated(row, "since", "until")) for row in books.rows(query)]


def add_check(work: Work, check: Check) -> None:
    """Store a check that was issued."""
    given = _plain(asdict(check))
    given["case_number"] = given.pop("case")
    work.write(insert(CHECKS).values(given))


def checks_of(books: Reading, case: int) -> list[Check]:
    """What was paid on a request, oldest first."""
    query = select(CHECKS).where(CHECKS.c.case_number == case).order_by(CHECKS.c.number)
    return [_check(row) for row in books.rows(query)]


# Columns -------------------------------------------------------------------------------------


def _plain(given: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, date) else _value_of(value)
        for name, value in given.items()
    }


def _value_of(value: Any) -> Any:
    if isinstance(value, StrEnum):
        return value.value
    return int(value) if isinstance(value, bool) else value


def _flag(value: bool | None) -> int | None:
    return None if value is None else int(value)


def _dated(row: Row[Any], *names: str) -> dict[str, Any]:
    given = dict(row._mapping)
    days = {name: date.fromisoformat(given[name]) if given[name] else None for name in names}
    return {**given, **days}


def _case_columns(case: RefundCase) -> dict[str, Any]:
    documents = msgspec.json.encode(case.documents).decode()
    return {**_plain(asdict(case)), "documents": documents}


def _case(row: Row[Any]) -> RefundCase:
    given = _dated(row, "filed_on", "ruled_on", "received_on", "final_on")
    given |= {
        "origin": Origin(row.origin),
        "route": RouteKind(row.route),
        "capacity": Requester(row.capacity),
        "wanted": Payout(row.wanted),
        "caused_by_user": bool(row.caused_by_user),
        "documents": msgspec.json.decode(row.documents, type=tuple[str, ...]),
        "status": CaseStatus(row.status),
    }
    return RefundCase(**given)


def _check(row: Row[Any]) -> Check:
    given = _dated(row, "issued_on")
    given["case"] = given.pop("case_number")
    return Check(**given)


def _item_columns(each: CaseItem) -> dict[str, Any]:
    return {
        "case_number": each.case,
        "line": each.line,
        "device": each.item.device,
        "ascending_mills": each.item.ascending_mills,
        "postage_mills": each.item.postage_mills,
        "item": msgspec.json.encode(each.item).decode(),
        "reasons": msgspec.json.encode(each.reasons).decode(),
        "granted": _flag(each.granted),
    }


def _item(row: Row[Any]) -> CaseItem:
    return CaseItem(
        case=row.case_number,
        line=row.line,
        item=_ITEMS_DECODER.decode(row.item),
        reasons=_REASONS_DECODER.decode(row.reasons),
        granted=None if row.granted is None else bool(row.granted),
    )


def _appeal_columns(appeal: RefundAppeal) -> dict[str, Any]:
    given = _plain(asdict(appeal))
    given["case_number"], given["addressee"] = given.pop("case"), given.pop("to")
    return given


def _appeal(row: Row[Any]) -> RefundAppeal:
    given = _dated(row, "filed_on", "forwarded_on", "decided_on")
    given["case"], given["to"] = given.pop("case_number"), given.pop("addressee")
    given |= {"status": AppealStatus(row.status), "sustained": bool(row.sustained)}
    return RefundAppeal(**given)
