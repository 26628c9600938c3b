"""Signed checkpoints: one head over every row of a journal, which ties its chains together.

The chain of a record shows that none of its rows was altered or taken out of its middle. That no
last row and no whole record vanished is shown by the checkpoint: the head of a tree (RFC 6962) over
all rows in the order of their sequence, signed. A later checkpoint can be proven to contain an
earlier one, so whoever keeps a single note need not keep the journal to notice another past.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import Row, func, insert, select

from franking.clock import instant_text
from franking.errors import Refusal
from franking.identifiers import record_id
from franking.storage.books import Books, Reading
from franking.storage.database import BOOKS_BUSY
from franking.storage.journal import Act, JournalTables, in_order
from franking.storage.tree import Frontier, Span, consistency_spans, inclusion_spans, leaf

ORIGIN = "franking journal"
_DASH = "\u2014"

CHECKPOINT_UNKNOWN = Refusal(
    "CHECKPOINT_UNKNOWN",
    clause="policy",
    remedy="Name checkpoints that these books hold: franking journal show lists them.",
    http_status=404,
)
CHECKPOINT_UNREADABLE = Refusal(
    "CHECKPOINT_UNREADABLE",
    clause="policy",
    remedy="Give the note as franking journal checkpoint wrote it.",
    http_status=422,
)


class Seal(Protocol):
    """A P-256 key that signs, wherever it lives."""

    @property
    def name(self) -> str:
        """Who signs."""

    def sign(self, data: bytes) -> bytes:
        """ECDSA over SHA-256 of ``data``: 64 bytes, ``r`` and ``s``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """What a note says: so many rows, up to this sequence, have this head."""

    domain: str
    number: int
    size: int
    upto: int
    root: str
    """Hexadecimal digits."""
    at: str
    note: str
    """The signed text."""


def take_checkpoint(books: Books, seal: Seal, now: datetime) -> Checkpoint:
    """Sign the head of the journal as it stands; with nothing new, the last checkpoint again.

    Waits for the units of work that are under way, for a moment only: rows up to the last one are
    final then, and the tree grows over them while others write on.

    Raises:
        Refused: ``NOT_PERMITTED``, ``BOOKS_BUSY`` (another checkpoint came first), or what the
            books refuse.
    """
    tables, domain = books.schema.journal, books.schema.domain
    record = record_id("journal", domain)
    with books.work(now, "take_checkpoint") as work:
        upto = _last_sequence(work, tables)
    with books.reading() as reading:
        before = _last(reading, tables)
        if before is not None and not _is_news(reading, tables, before.upto, record):
            return _read(domain, before)
        tree = _grown(reading, tables, before, upto)
    number = 1 if before is None else before.number + 1
    body = _body(domain, number, tree, upto, instant_text(now))
    note = f"{body}\n{_DASH} {seal.name} {b64encode(seal.sign(body.encode())).decode()}\n"
    row = {
        "number": number,
        "upto": upto,
        "size": tree.size,
        "root": tree.root().hex(),
        "frontier": json.dumps([head.hex() for head in tree.heads]),
        "note": note,
    }
    with books.work(now, "take_checkpoint", on=(record,)) as work:
        last = _last(work, tables)
        if (0 if last is None else last.number) != number - 1:
            raise BOOKS_BUSY.because("another checkpoint was taken meanwhile")
        work.write(insert(tables.checkpoints).values(row))
        told = {"number": number, "size": tree.size, "root": tree.root().hex()}
        work.record(Act(record=record, clauses=("policy",), inputs=told))
    return read_note(note)


def checkpoints(reading: Reading, tables: JournalTables, domain: str) -> list[Checkpoint]:
    """Every checkpoint, oldest first."""
    rows = reading.rows(select(tables.checkpoints).order_by(tables.checkpoints.c.number))
    return [_read(domain, row) for row in rows]


def require_checkpoint(
    reading: Reading, tables: JournalTables, domain: str, number: int
) -> Checkpoint:
    """The checkpoint with this number.

    Raises:
        Refused: ``CHECKPOINT_UNKNOWN``.
    """
    row = reading.row(select(tables.checkpoints).where(tables.checkpoints.c.number == number))
    if row is None:
        raise CHECKPOINT_UNKNOWN.because(f"there is no checkpoint {number} of {domain}")
    return _read(domain, row)


def prove_consistency(
    reading: Reading, tables: JournalTables, *, old: Checkpoint, new: Checkpoint
) -> list[bytes]:
    """The hashes that show that the rows of ``old`` are the first rows of ``new``."""
    return _heads(reading, tables, consistency_spans(old.size, new.size))


def prove_inclusion(
    reading: Reading, tables: JournalTables, *, index: int, within: Checkpoint
) -> list[bytes]:
    """The hashes that show that the row at ``index`` (from 0) is one of those of ``within``."""
    return _heads(reading, tables, inclusion_spans(index, within.size))


def read_note(note: str) -> Checkpoint:
    """The checkpoint that a note tells of; its signature is checked by whoever has the key.

    Raises:
        Refused: ``CHECKPOINT_UNREADABLE``.
    """
    try:
        origin, number, size, root, upto, at = note.partition("\n\n")[0].split("\n")
        title, domain = origin.split(": ")
        checkpoint = Checkpoint(
            domain=domain,
            number=int(number.removeprefix("number ")),
            size=int(size),
            upto=int(upto.removeprefix("upto ")),
            root=b64decode(root, validate=True).hex(),
            at=at.removeprefix("at "),
            note=note,
        )
    except ValueError as error:
        raise CHECKPOINT_UNREADABLE.because("this is not the note of a checkpoint") from error
    if title != ORIGIN:
        raise CHECKPOINT_UNREADABLE.because(f"this is a note of {title}")
    return checkpoint


def _body(domain: str, number: int, tree: Frontier, upto: int, at: str) -> str:
    root = b64encode(tree.root()).decode()
    return f"{ORIGIN}: {domain}\nnumber {number}\n{tree.size}\n{root}\nupto {upto}\nat {at}\n"


def _read(domain: str, row: Row[tuple[object, ...]]) -> Checkpoint:
    told = read_note(row.note)
    if (told.domain, told.number, told.root) != (domain, row.number, row.root):
        raise CHECKPOINT_UNREADABLE.because(f"the note of checkpoint {row.number} tells of another")
    return told


def _last(reading: Reading, tables: JournalTables) -> Row[tuple[object, ...]] | None:
    table = tables.checkpoints
    return reading.row(select(table).order_by(table.c.number.desc()).limit(1))


def _last_sequence(reading: Reading, tables: JournalTables) -> int:
    row = reading.row(select(func.max(tables.journal.c.sequence).label("last")))
    return 0 if row is None or row.last is None else int(row.last)


def _is_news(reading: Reading, tables: JournalTables, upto: int, record: str) -> bool:
    """Whether anything was written but the row that tells of the last checkpoint itself."""
    journal = tables.journal.c
    newer = select(journal.sequence).where(journal.sequence > upto, journal.record != record)
    return reading.row(newer.limit(1)) is not None


def _grown(
    reading: Reading, tables: JournalTables, before: Row[tuple[object, ...]] | None, upto: int
) -> Frontier:
    tree = Frontier()
    if before is not None:
        heads = tuple(bytes.fromhex(head) for head in json.loads(before.frontier))
        tree = Frontier(before.size, heads)
    after = 0 if before is None else before.upto
    query = in_order(tables, after=after).where(tables.journal.c.sequence <= upto)
    for row in reading.stream(query):
        tree = tree.grown(leaf(row.sequence, row.hash))
    return tree


def _heads(reading: Reading, tables: JournalTables, spans: list[Span]) -> list[bytes]:
    """The heads of these subtrees, in one pass over the rows."""
    growing = {span: Frontier() for span in spans}
    last = max((end for _, end in spans), default=0)
    for index, row in enumerate(reading.stream(in_order(tables).limit(last))):
        for span in spans:
            if span[0] <= index < span[1]:
                growing[span] = growing[span].grown(leaf(row.sequence, row.hash))
    return [growing[span].root() for span in spans]
