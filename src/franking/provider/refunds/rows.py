"""Reading and writing the rows of refunds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

import msgspec
from sqlalchemy import Row, Select, exists, func, insert, select, update

from franking.clock import instant_text
from franking.messages.refunding import RefundedPiece
from franking.provider.refunds.records import (
    Case,
    CaseStatus,
    ClaimedEntry,
    EntryOutcome,
    Event,
    FiledItem,
    HeldEvidence,
    Span,
    case_id,
    case_number,
)
from franking.provider.refunds.tables import (
    CASES,
    CLAIMS,
    ENTRIES,
    EVENTS,
    EVIDENCE,
    ITEMS,
    REFUNDED,
)
from franking.refunds.records import (
    Basis,
    EvidenceKind,
    Item,
    Manner,
    Payout,
    Reason,
    Requester,
    RouteKind,
    System,
    Withdrawal,
)
from franking.storage import Act, Reading, Work

_TYPED: Final[dict[str, type[StrEnum]]] = {
    "route": RouteKind,
    "status": CaseStatus,
    "system": System,
    "withdrawal": Withdrawal,
    "requester": Requester,
    "manner": Manner,
    "payout": Payout,
    "basis": Basis,
}
_FLAGS: Final = frozenset({"returned", "legible", "caused_by_user"})
_DAYS: Final = frozenset({"filed_on", "decided_on", "settled_on"})
_PIECES_AT_ONCE = 400

# Cases ---------------------------------------------------------------------------------------


def next_case(books: Reading) -> int:
    """The number of the next case."""
    found = books.row(select(func.max(CASES.c.number).label("last")))
    return 1 if found is None or found.last is None else int(found.last) + 1


def add_case(work: Work, case: Case) -> None:
    """Keep a new case."""
    work.write(insert(CASES).values(_columns(case)))


def change_case(work: Work, before: Case, after: Case) -> None:
    """Keep a case as it is now."""
    mine = (CASES.c.number == before.number) & (CASES.c.status == before.status.value)
    was = _columns(before)
    changed = {name: value for name, value in _columns(after).items() if value != was[name]}
    work.write_one(update(CASES).where(mine).values(changed))


def find_case(books: Reading, number: int) -> Case | None:
    """A case by its number."""
    row = books.row(select(CASES).where(CASES.c.number == number))
    return None if row is None else _case(row)


def cases(
    books: Reading, *, status: CaseStatus | None = None, licence: str = "", device: str = ""
) -> list[Case]:
    """Cases by number, those of a status, licence or device only where one is named."""
    query = select(CASES).order_by(CASES.c.number)
    if status is not None:
        query = query.where(CASES.c.status == status.value)
    if licence:
        query = query.where(CASES.c.licence == licence)
    if device:
        query = query.where(CASES.c.device == device)
    return [_case(row) for row in books.rows(query)]


def paid_between(books: Reading, first: date, last: date) -> list[Case]:
    """Cases settled on these days, both included, by number: for the report of refunds."""
    # Not BETWEEN, which PostgreSQL does not parse beside the collation of the columns.
    since, until = CASES.c.settled_on >= first.isoformat(), CASES.c.settled_on <= last.isoformat()
    query = select(CASES).where(since, until, CASES.c.status == CaseStatus.PAID.value)
    return [_case(row) for row in books.rows(query.order_by(CASES.c.number))]


# Evidence and items --------------------------------------------------------------------------


def add_evidence(work: Work, number: int, some: Sequence[HeldEvidence]) -> None:
    """Keep what came for a case, after what came before."""
    first = _next(work, EVIDENCE, EVIDENCE.c.number == number)
    work.write_many(
        EVIDENCE,
        (
            {
                "number": number,
                "ordinal": ordinal,
                "kind": each.kind.value,
                "document": each.document,
                "digest": each.digest,
                "on_day": each.on.isoformat(),
                "by": each.by,
            }
            for ordinal, each in enumerate(some, first)
        ),
    )


def evidence_of(books: Reading, number: int) -> list[HeldEvidence]:
    """What came for a case, oldest first."""
    query = select(EVIDENCE).where(EVIDENCE.c.number == number).order_by(EVIDENCE.c.ordinal)
    return [
        HeldEvidence(
            kind=EvidenceKind(row.kind),
            document=row.document,
            digest=row.digest,
            on=date.fromisoformat(row.on_day),
            by=row.by,
        )
        for row in books.rows(query)
    ]


def add_items(work: Work, number: int, items: Iterable[FiledItem]) -> None:
    """Keep the items of a case, with what spoke against each."""
    work.write_many(
        ITEMS,
        (
            {
                "number": number,
                "ordinal": each.ordinal,
                "item": msgspec.json.encode(each.item).decode(),
                "reasons": msgspec.json.encode(each.reasons).decode(),
            }
            for each in items
        ),
    )


def items_of(books: Reading, number: int) -> list[FiledItem]:
    """The items of a case, as they were filed."""
    query = select(ITEMS).where(ITEMS.c.number == number).order_by(ITEMS.c.ordinal)
    return [
        FiledItem(
            ordinal=row.ordinal,
            item=msgspec.json.decode(row.item, type=Item),
            reasons=msgspec.json.decode(row.reasons, type=tuple[Reason, ...]),
        )
        for row in books.rows(query)
    ]


# Pieces that were refunded -------------------------------------------------------------------


def refunded(books: Reading, pieces: Sequence[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """Of these pieces (device, ascending), those refunded before, each with its case."""
    wanted, found = set(pieces), {}
    devices = sorted({device for device, _ in pieces})
    for device in devices:
        values = sorted({ascending for each, ascending in wanted if each == device})
        for start in range(0, len(values), _PIECES_AT_ONCE):
            some = values[start : start + _PIECES_AT_ONCE]
            table = REFUNDED.c
            mine = (table.device == device) & table.ascending_mills.in_(some)
            for row in books.rows(select(REFUNDED).where(mine)):
                found[row.device, row.ascending_mills] = str(row.case_id)
    return found


def refunded_spans(books: Reading, device: str, *, above: int, up_to: int) -> list[Span]:
    """What refunded pieces of a device used up, as far as it touches (above, up_to]."""
    table = REFUNDED.c
    touching = (table.ascending_mills > above) & (
        table.ascending_mills - table.postage_mills < up_to
    )
    query = select(REFUNDED).where(table.device == device, touching)
    return [
        Span(
            device=row.device,
            above_mills=row.ascending_mills - row.postage_mills,
            up_to_mills=row.ascending_mills,
            case=row.case_id,
        )
        for row in books.rows(query.order_by(table.ascending_mills))
    ]


def note_refunded(
    work: Work, pieces: Iterable[RefundedPiece], *, case: str, by: str, on: date
) -> None:
    """Note pieces as refunded, for good."""
    work.write_many(
        REFUNDED,
        (
            {
                "device": each.device,
                "ascending_mills": each.ascending_mills,
                "postage_mills": each.postage_mills,
                "case_id": case,
                "by": by,
                "on_day": on.isoformat(),
            }
            for each in pieces
        ),
    )


# Claims --------------------------------------------------------------------------------------


def next_claim(books: Reading) -> int:
    """The number of the next claim."""
    found = books.row(select(func.max(CLAIMS.c.claim).label("last")))
    return 1 if found is None or found.last is None else int(found.last) + 1


def unclaimed(books: Reading) -> list[Case]:
    """The cases that the provider paid itself, and of which nothing was claimed, by number."""
    claimed = exists().where(ENTRIES.c.number == CASES.c.number)
    own = CASES.c.payout == Payout.PROVIDER.value
    paid = CASES.c.status == CaseStatus.PAID.value
    query = select(CASES).where(paid, own, ~claimed).order_by(CASES.c.number)
    return [_case(row) for row in books.rows(query)]


def add_claim(work: Work, claim: int, entries: Sequence[ClaimedEntry], on: date) -> None:
    """Keep a claim that is sent."""
    total = sum(each.amount_mills for each in entries)
    row = {"claim": claim, "sent_on": on.isoformat(), "total_mills": total, "reimbursed_mills": 0}
    work.write(insert(CLAIMS).values(row))
    work.write_many(
        ENTRIES,
        (
            {
                "entry": each.key,
                "claim": each.claim,
                "number": case_number(each.case),
                "amount_mills": each.amount_mills,
                "paid_on": each.paid_on.isoformat(),
                "outcome": each.outcome.value,
                "because": each.because,
            }
            for each in entries
        ),
    )


def entries_of(books: Reading, claim: str) -> list[ClaimedEntry]:
    """The entries of a claim, by key."""
    query = select(ENTRIES).where(ENTRIES.c.claim == claim).order_by(ENTRIES.c.entry)
    return [
        ClaimedEntry(
            key=row.entry,
            claim=row.claim,
            case=case_id(row.number),
            amount_mills=row.amount_mills,
            paid_on=date.fromisoformat(row.paid_on),
            outcome=EntryOutcome(row.outcome),
            because=row.because,
        )
        for row in books.rows(query)
    ]


def answer_entry(work: Work, key: str, outcome: EntryOutcome, because: str) -> None:
    """Note what became of an entry."""
    mine = (ENTRIES.c.entry == key) & (ENTRIES.c.outcome == EntryOutcome.WAITING.value)
    work.write_one(update(ENTRIES).where(mine).values(outcome=outcome.value, because=because))


def close_claim(work: Work, claim: int, *, reimbursed_mills: int, on: date) -> None:
    """Note that a claim was answered."""
    mine = (CLAIMS.c.claim == claim) & CLAIMS.c.answered_on.is_(None)
    values = {"reimbursed_mills": reimbursed_mills, "answered_on": on.isoformat()}
    work.write_one(update(CLAIMS).where(mine).values(**values))


def claims(books: Reading) -> list[dict[str, Any]]:
    """Every claim, as JSON values."""
    query = select(CLAIMS).order_by(CLAIMS.c.claim)
    return [dict(row._mapping) for row in books.rows(query)]


# Events --------------------------------------------------------------------------------------


def note(
    work: Work, case: Case, event: str, *, clause: str, because: str, by: str, now: datetime
) -> None:
    """Write a step into the case's history and into the journal."""
    row = {
        "number": case.number,
        "ordinal": _next(work, EVENTS, EVENTS.c.number == case.number),
        "at": instant_text(now),
        "by": by,
        "event": event,
        "clause": clause,
        "because": because,
    }
    work.write(insert(EVENTS).values(row))
    inputs: dict[str, object] = {"event": event, "because": because, "status": case.status.value}
    inputs["amount_mills"] = case.amount_mills
    work.record(Act(record=case.record, clauses=(clause,), inputs=inputs))


def events_of(books: Reading, number: int) -> list[Event]:
    """The history of a case, oldest first."""
    columns = [EVENTS.c[field.name] for field in fields(Event)]
    query = select(*columns).where(EVENTS.c.number == number).order_by(EVENTS.c.ordinal)
    return [Event(**row._mapping) for row in books.rows(query)]


def _next(books: Reading, table: Any, mine: Any) -> int:
    query: Select[Any] = select(func.count().label("kept")).select_from(table).where(mine)
    row = books.row(query)
    return 1 if row is None else int(row.kept) + 1


def _columns(case: Case) -> dict[str, object]:
    return {field.name: _column(getattr(case, field.name)) for field in fields(case)}


def _column(value: object) -> object:
    match value:
        case bool():
            return int(value)
        case date():
            return value.isoformat()
        case StrEnum():
            return value.value
    return value


def _case(row: Row[Any]) -> Case:
    values: dict[str, Any] = dict(row._mapping)
    for name, kind in _TYPED.items():
        values[name] = kind(values[name])
    for name in _FLAGS:
        values[name] = bool(values[name])
    for name in _DAYS:
        values[name] = None if values[name] is None else date.fromisoformat(values[name])
    return Case(**values)
