"""Reading and writing the rows of irregularities, their evidence and what is said against them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import Row, Select, func, select, update

from franking.postal.irregularities.records import (
    CaseStatus,
    Contest,
    Evidence,
    Irregularity,
    IrregularityKind,
    Outcome,
    Party,
)
from franking.postal.irregularities.tables import CONTESTS, EVIDENCE, IRREGULARITIES
from franking.storage import Reading, Work
from franking.storage.among import among

_STANDING = ("status", "outcome", "finding", "closed_by", "closed_on")
Key = tuple[IrregularityKind, str]
"""What a case is about: its kind, and the device or piece."""


def add_cases(work: Work, cases: Sequence[Irregularity]) -> None:
    """Store cases as they open."""
    work.write_many(IRREGULARITIES, map(_columns, cases))


def add_evidence(work: Work, evidence: Sequence[Evidence]) -> None:
    """Keep signed records."""
    work.write_many(EVIDENCE, ({**asdict(each), "kind": each.kind.value} for each in evidence))


def add_contest(work: Work, contest: Contest) -> None:
    """Keep what a party says."""
    row = {**asdict(contest), "party": contest.party.value}
    work.write_many(CONTESTS, [{**row, "contested_on": contest.contested_on.isoformat()}])


def change_case(work: Work, before: Irregularity, after: Irregularity) -> None:
    """Store what became of a case, if it still is as decided on."""
    table = IRREGULARITIES.c
    mine = (table.number == before.number) & (table.status == before.status.value)
    fresh = {name: value for name, value in _columns(after).items() if name in _STANDING}
    work.write_one(update(IRREGULARITIES).where(mine).values(fresh))


def find_case(books: Reading, number: int) -> Irregularity | None:
    """The case of that number."""
    row = books.row(select(IRREGULARITIES).where(IRREGULARITIES.c.number == number))
    return None if row is None else _case(row)


def standing_cases(books: Reading, subjects: Collection[str]) -> dict[Key, Irregularity]:
    """The cases about any of these that are not closed."""
    table = IRREGULARITIES.c
    query = select(IRREGULARITIES).where(
        among(table.subject, subjects), table.status != CaseStatus.CLOSED.value
    )
    found = map(_case, books.rows(query.order_by(table.number)))
    return {(each.kind, each.subject): each for each in found}


def contents_known(books: Reading, subjects: Collection[str]) -> set[tuple[Key, str]]:
    """What is kept already about any of these: the key and the digest of its content."""
    table = EVIDENCE.c
    query = select(table.kind, table.subject, table.content).where(among(table.subject, subjects))
    found = books.rows(query)
    return {((IrregularityKind(row.kind), row.subject), row.content) for row in found}


def cases(
    books: Reading, *, open_only: bool = False, kind: str = "", device: str = ""
) -> list[Irregularity]:
    """The cases, oldest first; all, or those that stand, of a kind, or about a device."""
    table = IRREGULARITIES.c
    query = select(IRREGULARITIES).order_by(table.number)
    if open_only:
        query = query.where(table.status != CaseStatus.CLOSED.value)
    if kind:
        query = query.where(table.kind == kind)
    if device:
        query = query.where(table.device == device)
    return [_case(row) for row in books.rows(query)]


def evidence_of(books: Reading, number: int) -> list[Evidence]:
    """The signed records of a case, oldest first."""
    query = select(EVIDENCE).where(EVIDENCE.c.case_number == number)
    return [_evidence(row) for row in books.rows(query.order_by(EVIDENCE.c.number))]


def weights(books: Reading) -> dict[int, tuple[int, int]]:
    """By case: how many nights bear it out, and how many scans it rests on."""
    table = EVIDENCE.c
    nights, scans = func.count(table.night.distinct()), func.sum(table.scans)
    query: Select[Any] = select(table.case_number, nights.label("nights"), scans.label("scans"))
    found = books.rows(query.group_by(table.case_number))
    return {row.case_number: (int(row.nights), int(row.scans)) for row in found}


def contests_of(books: Reading, number: int) -> list[Contest]:
    """What parties said against a case, oldest first."""
    query = select(CONTESTS).where(CONTESTS.c.case_number == number)
    return [_contest(row) for row in books.rows(query.order_by(CONTESTS.c.number))]


def _columns(case: Irregularity) -> dict[str, Any]:
    given: dict[str, Any] = msgspec.to_builtins(asdict(case))
    return {**given, "parties": msgspec.json.encode(case.parties).decode()}


def _case(row: Row[Any]) -> Irregularity:
    given = dict(row._mapping)
    for name in ("opened_on", "contest_by", "closed_on"):
        given[name] = date.fromisoformat(given[name]) if given[name] else None
    given |= {
        "kind": IrregularityKind(row.kind),
        "status": CaseStatus(row.status),
        "outcome": Outcome(row.outcome) if row.outcome else None,
        "parties": msgspec.json.decode(row.parties, type=tuple[str, ...]),
    }
    return Irregularity(**given)


def _evidence(row: Row[Any]) -> Evidence:
    given = {name: value for name, value in row._mapping.items() if name != "number"}
    return Evidence(**{**given, "kind": IrregularityKind(row.kind)})


def _contest(row: Row[Any]) -> Contest:
    return Contest(
        case_number=row.case_number,
        party=Party(row.party),
        grounds=row.grounds,
        contested_on=date.fromisoformat(row.contested_on),
    )
