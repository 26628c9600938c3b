"""What scans say of each other: one text of SQL for every engine, and what it is filled in with.

Each statement is one SELECT in ``scans/sql``; its first line says the tables that it reads and the
one that it makes. An engine makes a table of each in the order of ``STATEMENTS``, and ``judged`` of
``clashing`` by ``journeyed`` between them. DuckDB and Spark run the same text unchanged.

The tables that an engine provides, ``EXAMINED`` where nothing else is said:

- ``tonight``: the scans of this night, of some whole buckets or of all;
- ``history``: the signed scans of earlier nights, of the same buckets;
- ``refunds`` (``KNOWN_REFUNDS``), ``totals`` (``KNOWN_TOTALS``): empty where they are not known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cache
from importlib import resources
from string import Template
from typing import Final

import pyarrow as pa

from franking import rules
from franking.scans.records import EXAMINED
from franking.scans.suspicions import BY_PIECE, KIND_OF, SuspicionKind
from franking.verification.reasons import Reason, bit_of, bits_of

STATEMENTS: Final = (
    "seen",
    "pieces",
    "troubled",
    "wanted",
    "clashing",
    "against",
    "marked",
    "complete",
    "evidence",
)
"""The tables in order; ``judged`` is made of ``clashing`` before ``marked``. ``seen`` and
``complete`` are better left as views. ``marked``, ``complete`` and ``evidence`` are the results."""

CLASHING: Final = pa.schema(
    [
        *EXAMINED,
        pa.field("tonight", pa.bool_()),
        pa.field("related", pa.int64(), metadata={"meaning": "bits of reasons against the scan"}),
        pa.field("repeated", pa.bool_()),
        pa.field("witness", pa.bool_()),
    ]
)
"""Scans of pieces that something may be wrong with, those of earlier nights among them."""

JUDGED: Final = CLASHING.append(
    pa.field("evident", pa.int64(), metadata={"meaning": "reasons that the scan is evidence of"})
)
"""The same after the journeys: ``related`` has DUPLICATE where no journey explains the scan."""

MARKED: Final = pa.schema(
    [
        pa.field("file", pa.int32()),
        pa.field("row", pa.int64()),
        pa.field("related", pa.int64()),
        pa.field("evident", pa.int64()),
    ]
)

COMPLETE: Final = EXAMINED.append(pa.field("related", pa.int64()))
"""Every scan of tonight with all that is said of it: what ``conclude`` takes."""

EVIDENCE: Final = pa.schema(
    [
        *EXAMINED,
        pa.field("related", pa.int64()),
        pa.field("tonight", pa.bool_()),
        pa.field("kind", pa.int32(), metadata={"meaning": "the place in SuspicionKind"}),
        pa.field("members", pa.int64(), metadata={"meaning": "scans of the suspicion in all"}),
        pa.field("pieces", pa.int64(), metadata={"meaning": "pieces of the suspicion in all"}),
    ]
)

STRANGERS: Final = bits_of((Reason.CERTIFICATE_OF_ANOTHER, Reason.KEY_COMPROMISED))
"""Signed by somebody else: it says nothing of the device that it names."""

JOURNEY_ORDER: Final = ("device", "ascending", "content", "scanned_at", "file", "row")
"""How ``clashing`` is sorted before ``journeyed``: by piece, then time, unknown times last."""


def statement(name: str, *, rulebook: str, now: datetime) -> str:
    """The SQL of ``name``, one of ``STATEMENTS``, as the rules stand at ``now``.

    Raises:
        Refused: ``RULEBOOK_UNKNOWN``.
    """
    return Template(_text(name)).substitute(
        _VALUES,
        days_ahead=rules.whole("device", rulebook, now.date(), "date_ahead_days_max"),
        members_max=rules.whole("irregularities", rulebook, now.date(), "scans_listed_max"),
    )


def journeyed(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """``clashing``, sorted by ``JOURNEY_ORDER``, as ``JUDGED``; a piece may span batches."""
    raise NotImplementedError(f"{batches}")


@cache
def _text(name: str) -> str:
    path = resources.files("franking.scans").joinpath("sql", f"{name}.sql")
    return path.read_text("utf-8")


def _columns(schema: pa.Schema, table: str = "") -> str:
    return ", ".join(f"{table}.{name}" if table else name for name in schema.names)


def _kinds() -> str:
    """A row a kind of suspicion: its place, the bits that make it, whether it is about a piece."""
    rows = []
    for place, kind in enumerate(SuspicionKind):
        mask = bits_of(reason for reason, made in KIND_OF.items() if made is kind)
        rows.append(f"({place}, CAST({mask} AS bigint), {int(kind in BY_PIECE)})")
    return ", ".join(rows)


_VALUES: Final = {
    "examined": _columns(EXAMINED),
    "tonight": _columns(EXAMINED, "tonight"),
    "seen": _columns(EXAMINED.append(pa.field("tonight", pa.bool_())), "seen"),
    "day": str(1 << 40),
    "strangers": str(STRANGERS),
    "other": str(bit_of(Reason.CERTIFICATE_OF_ANOTHER)),
    "overlap": str(bit_of(Reason.OVERLAP)),
    "rolled_back": str(bit_of(Reason.ROLLED_BACK)),
    "refunded": str(bit_of(Reason.REFUNDED)),
    "control_total_differs": str(bit_of(Reason.CONTROL_TOTAL_DIFFERS)),
    "suspect": str(bits_of(KIND_OF)),
    "kinds": _kinds(),
    "kind_forged": str(tuple(SuspicionKind).index(SuspicionKind.FORGED)),
    "kind_rolled_back": str(tuple(SuspicionKind).index(SuspicionKind.ROLLED_BACK)),
}
