"""How files of the bank are kept: each with its digest, its items, and why it was set aside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import (
    CheckConstraint,
    Column,
    Index,
    PrimaryKeyConstraint,
    Row,
    Table,
    func,
    insert,
    select,
    update,
)

from franking.bank_files.faults import Fault
from franking.provider.funds.bank_records import (
    FILE_TRANSITIONS,
    BankFile,
    BankItem,
    FileKind,
    FileStatus,
    Statement,
)
from franking.provider.schema import METADATA
from franking.storage import Reading, Work
from franking.storage.columns import (
    WHOLE,
    data,
    guard_append_only,
    guard_transitions,
    one_of,
    optional_text,
    text,
    whole,
)

FILES = Table(
    "bank_files",
    METADATA,
    text("digest", primary_key=True),
    text("name"),
    optional_text("kind"),
    optional_text("day"),
    text("status"),
    text("taken_at"),
    whole("items"),
    whole("deposits_mills"),
    text("faults"),
    optional_text("statement"),
    data("content"),
    one_of("status", FileStatus),
    CheckConstraint("(status = 'taken in') = (faults = '[]')"),
    sqlite_strict=True,
)
Index("bank_files_of_day", FILES.c.day, FILES.c.kind)
guard_append_only(FILES, columns=("digest", "content"))
guard_transitions(FILES, FILE_TRANSITIONS)

ITEMS = Table(
    "bank_items",
    METADATA,
    text("digest"),
    whole("ordinal"),
    text("what"),
    text("reference"),
    text("account"),
    whole("amount_mills"),
    PrimaryKeyConstraint("digest", "ordinal"),
    sqlite_strict=True,
)
Index("bank_items_once", ITEMS.c.reference, ITEMS.c.what, unique=True)
guard_append_only(ITEMS)

ORIGINATIONS = Table(
    "bank_originations",
    METADATA,
    Column("number", WHOLE, primary_key=True, autoincrement=False),
    text("made_at"),
    text("effective_on"),
    whole("debits"),
    whole("debit_mills"),
    whole("refunds"),
    whole("refund_mills"),
    whole("last_trace"),
    text("digest"),
    data("content"),
    text("handed_at"),
    sqlite_strict=True,
)
guard_append_only(ORIGINATIONS, columns=("number", "made_at", "digest", "content"))

TABLES = (FILES, ITEMS, ORIGINATIONS)
_AT_ONCE = 500


def add_file(work: Work, file: BankFile, content: bytes, items: Sequence[BankItem]) -> None:
    """Keep a file and what it told; one that was set aside is from now on as it is this time."""
    row = _row(file)
    before = (FILES.c.digest == file.digest) & (FILES.c.status == FileStatus.SET_ASIDE)
    if not work.write(update(FILES).where(before).values(row)):
        work.write(insert(FILES).values(**row, digest=file.digest, content=content))
    work.write_many(ITEMS, [_item(file.digest, place, each) for place, each in enumerate(items)])


def _row(file: BankFile) -> dict[str, object]:
    return {
        "name": file.name,
        "kind": file.kind.value if file.kind else None,
        "day": file.day.isoformat() if file.day else None,
        "status": file.status.value,
        "taken_at": file.taken_at,
        "items": file.items,
        "deposits_mills": file.deposits_mills,
        "faults": msgspec.json.encode(file.faults).decode(),
        "statement": msgspec.json.encode(file.statement).decode() if file.statement else None,
    }


def _item(digest: str, ordinal: int, item: BankItem) -> dict[str, object]:
    return {
        "digest": digest,
        "ordinal": ordinal,
        "what": type(item).__name__,
        "reference": item.reference,
        "account": getattr(item, "account", ""),
        "amount_mills": getattr(item, "amount_mills", 0),
    }


def find_file(books: Reading, digest: str) -> BankFile | None:
    """A file by its digest, or by as much of its beginning as names one only."""
    table = FILES.c
    query = select(FILES).where(table.digest >= digest, table.digest < digest + "g").limit(2)
    rows = books.rows(query)
    return _file(rows[0]) if len(rows) == 1 else None


def files(
    books: Reading, *, status: FileStatus | None = None, day: date | None = None
) -> list[BankFile]:
    """Files in the order in which they came: all, or of a status or a banking day."""
    query = select(FILES).order_by(FILES.c.taken_at, FILES.c.name)
    query = query if status is None else query.where(FILES.c.status == status)
    query = query if day is None else query.where(FILES.c.day == day.isoformat())
    return [_file(row) for row in books.rows(query)]


def content_of(books: Reading, digest: str) -> bytes:
    """The bytes of a file."""
    row = books.row(select(FILES.c.content).where(FILES.c.digest == digest))
    return b"" if row is None else bytes(row.content)


def told_before(books: Reading, items: Sequence[BankItem]) -> list[str]:
    """The references of those items that a file told before."""
    wanted = {(type(each).__name__, each.reference) for each in items}
    references, found = sorted({reference for _, reference in wanted}), []
    for first in range(0, len(references), _AT_ONCE):
        some = ITEMS.c.reference.in_(references[first : first + _AT_ONCE])
        query = select(ITEMS.c.what, ITEMS.c.reference).where(some)
        found += [row.reference for row in books.rows(query) if (row.what, row.reference) in wanted]
    return found


def add_origination(work: Work, row: dict[str, Any]) -> None:
    """Keep a file that goes to the bank."""
    work.write(insert(ORIGINATIONS).values(row))


def next_origination(books: Reading) -> tuple[int, int]:
    """The number of the next file to the bank, and the last trace number given out."""
    query = select(
        func.coalesce(func.max(ORIGINATIONS.c.number), 0).label("number"),
        func.coalesce(func.max(ORIGINATIONS.c.last_trace), 0).label("trace"),
    )
    row = books.row(query)
    return (1, 0) if row is None else (int(row.number) + 1, int(row.trace))


def waiting_originations(books: Reading) -> list[tuple[int, bytes]]:
    """The number and the bytes of each file that the bank does not have yet."""
    table = ORIGINATIONS.c
    query = select(table.number, table.content).where(table.handed_at == "")
    return [(row.number, bytes(row.content)) for row in books.rows(query.order_by(table.number))]


def hand_over(work: Work, number: int, at: str) -> None:
    """Note that the bank has a file."""
    mine = ORIGINATIONS.c.number == number
    work.write(update(ORIGINATIONS).where(mine).values(handed_at=at))


def _file(row: Row[Any]) -> BankFile:
    statement = row.statement
    return BankFile(
        digest=row.digest,
        name=row.name,
        kind=FileKind(row.kind) if row.kind else None,
        day=date.fromisoformat(row.day) if row.day else None,
        status=FileStatus(row.status),
        taken_at=row.taken_at,
        items=row.items,
        deposits_mills=row.deposits_mills,
        faults=msgspec.json.decode(row.faults, type=tuple[Fault, ...]),
        statement=msgspec.json.decode(statement, type=Statement) if statement else None,
    )
