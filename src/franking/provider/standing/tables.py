"""How the provider's standing with the treasury is stored, and its rows read and written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import Column, PrimaryKeyConstraint, Row, Table, insert, select, update

from franking.provider.schema import METADATA
from franking.provider.standing.records import (
    HOLD_TRANSITIONS,
    LETTER_TRANSITIONS,
    HoldStatus,
    Letter,
    LetterKind,
    LetterStatus,
    LockboxTerms,
    ResettingHold,
)
from franking.storage import Reading, Work
from franking.storage.columns import (
    WHOLE,
    guard_append_only,
    guard_transitions,
    one_of,
    optional_text,
    text,
)

HOLDS = Table(
    "standing_resetting_holds",
    METADATA,
    Column("assessment", WHOLE, primary_key=True, autoincrement=False),
    text("status"),
    text("deficiency"),
    text("clause"),
    text("since"),
    text("told_on"),
    optional_text("ended_on"),
    one_of("status", HoldStatus),
    sqlite_strict=True,
)
guard_transitions(HOLDS, HOLD_TRANSITIONS)
guard_append_only(HOLDS, columns=("assessment", "told_on"))

LETTERS = Table(
    "standing_letters",
    METADATA,
    text("kind"),
    text("reference"),
    text("content"),
    text("told_on"),
    text("status"),
    optional_text("due_on"),
    optional_text("answered_on"),
    text("answer"),
    PrimaryKeyConstraint("kind", "reference"),
    one_of("kind", LetterKind),
    one_of("status", LetterStatus),
    sqlite_strict=True,
)
guard_transitions(LETTERS, LETTER_TRANSITIONS)
guard_append_only(LETTERS, columns=("kind", "reference", "content", "told_on", "due_on"))

TERMS = Table(
    "standing_lockbox_terms",
    METADATA,
    Column("number", WHOLE, primary_key=True, autoincrement=True),
    text("bank"),
    text("routing"),
    text("timezone"),
    text("cutoff_time"),
    text("transmission_time"),
    text("post_office_box"),
    text("toll_free"),
    text("representative"),
    text("since"),
    sqlite_strict=True,
)
guard_append_only(TERMS)

TABLES = (HOLDS, LETTERS, TERMS)


def put_hold(work: Work, before: ResettingHold | None, after: ResettingHold) -> None:
    """Store a hold, or what became of it, if it still is as decided on."""
    row = _columns(after)
    if before is None:
        work.write(insert(HOLDS).values(row))
        return
    del row["assessment"]
    mine = (HOLDS.c.assessment == before.assessment) & (HOLDS.c.status == before.status.value)
    del row["told_on"]
    work.write_one(update(HOLDS).where(mine).values(row))


def find_hold(books: Reading, assessment: int) -> ResettingHold | None:
    """The hold of that assessment."""
    row = books.row(select(HOLDS).where(HOLDS.c.assessment == assessment))
    return None if row is None else _hold(row)


def holds(books: Reading) -> list[ResettingHold]:
    """Every hold there ever was, oldest first."""
    return [_hold(row) for row in books.rows(select(HOLDS).order_by(HOLDS.c.assessment))]


def standing_holds(books: Reading) -> list[ResettingHold]:
    """The holds that were not lifted; in force or not."""
    waiting = HOLDS.c.status != HoldStatus.LIFTED.value
    rows = books.rows(select(HOLDS).where(waiting).order_by(HOLDS.c.assessment))
    return [_hold(row) for row in rows]


def add_letter(work: Work, letter: Letter) -> None:
    """Keep a letter."""
    work.write(insert(LETTERS).values(_columns(letter)))


def answer_letter(work: Work, before: Letter, after: Letter) -> None:
    """Store the answer to a letter that still waits."""
    table = LETTERS.c
    mine = (
        (table.kind == before.kind.value)
        & (table.reference == before.reference)
        & (table.status == before.status.value)
    )
    row = _columns(after)
    moved = {name: row[name] for name in ("status", "answered_on", "answer")}
    work.write_one(update(LETTERS).where(mine).values(moved))


def find_letter(books: Reading, kind: LetterKind, reference: str) -> Letter | None:
    """The letter of that kind and number."""
    mine = (LETTERS.c.kind == kind.value) & (LETTERS.c.reference == reference)
    row = books.row(select(LETTERS).where(mine))
    return None if row is None else _letter(row)


def letters(books: Reading, *kinds: LetterKind) -> list[Letter]:
    """The letters of these kinds, or all, oldest first."""
    query = select(LETTERS).order_by(LETTERS.c.told_on, LETTERS.c.kind, LETTERS.c.reference)
    if kinds:
        query = query.where(LETTERS.c.kind.in_([kind.value for kind in kinds]))
    return [_letter(row) for row in books.rows(query)]


def add_terms(work: Work, terms: LockboxTerms) -> None:
    """Keep what was agreed with the bank; the latest holds."""
    work.write(insert(TERMS).values(_columns(terms)))


def terms_of(books: Reading) -> Sequence[LockboxTerms]:
    """The terms in force by bank, by its name."""
    latest: dict[str, LockboxTerms] = {}
    for row in books.rows(select(TERMS).order_by(TERMS.c.number)):
        latest[row.routing] = _terms(row)
    return sorted(latest.values(), key=lambda each: each.bank)


def _columns(record: ResettingHold | Letter | LockboxTerms) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in asdict(record).items()
    }


def _hold(row: Row[Any]) -> ResettingHold:
    return ResettingHold(
        assessment=row.assessment,
        status=HoldStatus(row.status),
        deficiency=row.deficiency,
        clause=row.clause,
        since=date.fromisoformat(row.since),
        told_on=date.fromisoformat(row.told_on),
        ended_on=_day(row.ended_on),
    )


def _letter(row: Row[Any]) -> Letter:
    return Letter(
        kind=LetterKind(row.kind),
        reference=row.reference,
        content=row.content,
        told_on=date.fromisoformat(row.told_on),
        status=LetterStatus(row.status),
        due_on=_day(row.due_on),
        answered_on=_day(row.answered_on),
        answer=row.answer,
    )


def _terms(row: Row[Any]) -> LockboxTerms:
    kept = {name: value for name, value in row._mapping.items() if name not in ("number", "since")}
    return LockboxTerms(**kept, since=date.fromisoformat(row.since))


def _day(text_or_none: str | None) -> date | None:
    return None if text_or_none is None else date.fromisoformat(text_or_none)
