"""How closed days, their differences and what was said of them are stored. All of it stays."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import date
from typing import Any, Final

import msgspec
from sqlalchemy import (
    CheckConstraint,
    Column,
    Index,
    PrimaryKeyConstraint,
    Row,
    Table,
    insert,
    select,
)

from franking.provider.closing.records import (
    Answer,
    DayClose,
    DevicesTotal,
    Difference,
    DifferenceKind,
    FileTotal,
    KindTotal,
    MovementTotal,
    Resets,
)
from franking.provider.schema import METADATA
from franking.storage import Reading, Work
from franking.storage.columns import (
    WHOLE,
    guard_append_only,
    one_of,
    optional_text,
    optional_whole,
    text,
    whole,
)

CLOSES = Table(
    "closes",
    METADATA,
    text("day", primary_key=True),
    optional_text("before"),
    whole("through"),
    whole("through_before"),
    text("ended_at"),
    text("closed_at"),
    text("closed_by"),
    whole("postings"),
    text("content"),
    whole("differences"),
    text("digest"),
    CheckConstraint("(before IS NULL OR before < day) AND through >= through_before"),
    sqlite_strict=True,
)
guard_append_only(CLOSES, permanent=True)

DIFFERENCES = Table(
    "close_differences",
    METADATA,
    text("day"),
    whole("number"),
    text("kind"),
    text("about", index=True),
    optional_whole("expected_mills"),
    optional_whole("found_mills"),
    text("detail"),
    PrimaryKeyConstraint("day", "number"),
    one_of("kind", DifferenceKind),
    sqlite_strict=True,
)
guard_append_only(DIFFERENCES, permanent=True)

ANSWERS = Table(
    "close_answers",
    METADATA,
    Column("ordinal", WHOLE, primary_key=True, autoincrement=True),
    text("day"),
    whole("number"),
    text("at"),
    text("by"),
    text("because"),
    sqlite_strict=True,
)
Index("close_answers_of", ANSWERS.c.day, ANSWERS.c.number)
guard_append_only(ANSWERS, permanent=True)

TABLES = (CLOSES, DIFFERENCES, ANSWERS)


class _Content(msgspec.Struct, frozen=True, kw_only=True):
    """What a close holds beside its own columns and its differences."""

    totals: tuple[KindTotal, ...]
    movements: tuple[MovementTotal, ...]
    files: tuple[FileTotal, ...]
    devices: DevicesTotal
    granted: Resets


_STATED: Final = ("day", "before", "postings", "totals", "movements", "files", "devices", "granted")


def digest_of(close: DayClose) -> str:
    """SHA-256 in hex of what a close states; not of who closed it, and when."""
    stated = {name: getattr(close, name) for name in (*_STATED, "differences")}
    return hashlib.sha256(msgspec.json.encode(stated, order="deterministic")).hexdigest()


def add(work: Work, close: DayClose) -> DayClose:
    """Keep a closed day, with its digest."""
    whole_close = replace(close, digest=digest_of(close))
    content = _Content(
        totals=close.totals,
        movements=close.movements,
        files=close.files,
        devices=close.devices,
        granted=close.granted,
    )
    row = {
        "day": close.day.isoformat(),
        "before": close.before.isoformat() if close.before else None,
        "through": close.through,
        "through_before": close.through_before,
        "ended_at": close.ended_at,
        "closed_at": close.closed_at,
        "closed_by": close.closed_by,
        "postings": close.postings,
        "content": msgspec.json.encode(content).decode(),
        "differences": len(close.differences),
        "digest": whole_close.digest,
    }
    work.write(insert(CLOSES).values(row))
    work.write_many(DIFFERENCES, _difference_rows(close))
    return whole_close


def _difference_rows(close: DayClose) -> Iterable[dict[str, Any]]:
    for number, each in enumerate(close.differences, start=1):
        yield {
            "day": close.day.isoformat(),
            "number": number,
            **asdict(each),
            "kind": str(each.kind),
        }


def find(books: Reading, day: date) -> DayClose | None:
    """The close of a day, where it is closed."""
    row = books.row(select(CLOSES).where(CLOSES.c.day == day.isoformat()))
    return None if row is None else _close(books, row)


def latest(books: Reading) -> DayClose | None:
    """The last day that is closed."""
    row = books.row(select(CLOSES).order_by(CLOSES.c.day.desc()).limit(1))
    return None if row is None else _close(books, row)


def closed_between(books: Reading, since: date, until: date) -> list[DayClose]:
    """The closed days from one day to another, in order."""
    mine = (CLOSES.c.day >= since.isoformat(), CLOSES.c.day <= until.isoformat())
    rows = books.rows(select(CLOSES).where(*mine).order_by(CLOSES.c.day))
    return [_close(books, row) for row in rows]


def add_answer(work: Work, answer: Answer) -> None:
    """Keep what was found out about a difference."""
    row = asdict(answer) | {"day": answer.day.isoformat()}
    work.write(insert(ANSWERS).values(row))


def answers(books: Reading, day: date) -> list[Answer]:
    """What was found out about the differences of a day, oldest first."""
    query = select(ANSWERS).where(ANSWERS.c.day == day.isoformat()).order_by(ANSWERS.c.ordinal)
    return [
        Answer(day=day, number=row.number, at=row.at, by=row.by, because=row.because)
        for row in books.rows(query)
    ]


def _close(books: Reading, row: Row[Any]) -> DayClose:
    content = msgspec.json.decode(row.content, type=_Content)
    return DayClose(
        day=date.fromisoformat(row.day),
        before=date.fromisoformat(row.before) if row.before else None,
        through=row.through,
        through_before=row.through_before,
        ended_at=row.ended_at,
        closed_at=row.closed_at,
        closed_by=row.closed_by,
        postings=row.postings,
        totals=content.totals,
        movements=content.movements,
        files=content.files,
        devices=content.devices,
        granted=content.granted,
        differences=_differences(books, row) if row.differences else (),
        digest=row.digest,
    )


def _differences(books: Reading, row: Row[Any]) -> tuple[Difference, ...]:
    mine = select(DIFFERENCES).where(DIFFERENCES.c.day == row.day).order_by(DIFFERENCES.c.number)
    return tuple(
        Difference(
            kind=DifferenceKind(each.kind),
            about=each.about,
            expected_mills=each.expected_mills,
            found_mills=each.found_mills,
            detail=each.detail,
        )
        for each in books.rows(mine)
    )
