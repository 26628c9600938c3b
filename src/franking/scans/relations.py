"""What scans say of each other: one text of SQL for every engine, and what it is filled in with.

Each statement is one SELECT in ``scans/sql``; its first line says the tables that it reads and the
one that it makes. An engine makes a table of each in the order of ``STATEMENTS``, and ``judged`` of
``clashing`` by ``journeyed`` between them. DuckDB and Spark run the same text unchanged.

The tables that an engine provides, ``EXAMINED`` where nothing else is said:

- ``tonight``: the scans of this night, of some whole buckets or of all;
- ``history``: the signed scans of earlier nights, of the same buckets;
- ``refunds`` (``KNOWN_REFUNDS``), ``totals`` (``KNOWN_TOTALS``): empty where they are not known;
- ``numbers`` (``NUMBERS``): the files of this night that the history takes in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import cache
from importlib import resources
from string import Template
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from franking import rules
from franking.scans.journeys import Journeys, Pace, judged_journeys
from franking.scans.records import EXAMINED
from franking.scans.suspicions import BY_PIECE, KIND_OF, SuspicionKind
from franking.verification.reasons import Reason, bit_of, bits_of

STATEMENTS: Final = (
    "speaking",
    "near",
    "seen",
    "noticed",
    "pieces",
    "troubled",
    "wanted",
    "clashing",
    "against",
    "marked",
    "met",
    "complete",
    "evidence",
    "kept",
)
"""The tables in order; ``judged`` is made of ``clashing`` before ``marked``. The results: ``met``
(for ``disputed_in``), ``complete`` (for ``conclude``), ``evidence`` and ``kept``."""

VIEWS: Final = frozenset({"speaking", "seen", "met", "complete", "evidence", "kept"})
"""Those of the tables that are asked once, or are cheaper made again than held."""

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

JUDGED: Final = pa.schema(
    [
        *CLASHING,
        pa.field(
            "evident", pa.int64(), metadata={"meaning": "reasons that the scan is evidence of"}
        ),
        pa.field(
            "beside", pa.string(), metadata={"meaning": "scanner of tonight it is held against"}
        ),
        pa.field("mistimed", pa.bool_(), metadata={"meaning": "their times contradict each other"}),
    ]
)
"""The same after the journeys: ``related`` has DUPLICATE where no journey explains the scan."""

MET: Final = pa.schema(
    [
        pa.field("scanner", pa.string()),
        pa.field("other", pa.string(), metadata={"meaning": "null: scans of earlier nights"}),
        pa.field("meetings", pa.int64(), metadata={"meaning": "devices whose mail both saw"}),
        pa.field("mistimed", pa.int64(), metadata={"meaning": "those with contradicting times"}),
        pa.field("devices", pa.int64(), metadata={"meaning": "of those, each under one other"}),
    ]
)
"""Each scanner of tonight beside each other one that saw the same pieces."""

NUMBERS: Final = pa.schema([pa.field("file", pa.int32()), pa.field("number", pa.int32())])
"""A file of this night, and its number in the history."""

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
        pa.field("turn", pa.int64(), metadata={"meaning": "1 for the foremost member"}),
    ]
)

STRANGERS: Final = bits_of((Reason.CERTIFICATE_OF_ANOTHER, Reason.KEY_COMPROMISED))
"""Signed by somebody else: it says nothing of the device that it names."""

JOURNEY_ORDER: Final = ("device", "ascending", "content", "scanned_at", "file", "row")
"""How ``clashing`` is sorted before ``journeyed``: by piece, then time, unknown times last."""

_PIECE: Final = JOURNEY_ORDER[:3]
_DUPLICATE, _ROLLED_BACK = bit_of(Reason.DUPLICATE), bit_of(Reason.ROLLED_BACK)


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


def journeyed(batches: Iterable[pa.RecordBatch], pace: Pace) -> Iterator[pa.RecordBatch]:
    """``clashing``, sorted by ``JOURNEY_ORDER``, as ``JUDGED``; a piece may span batches."""
    for whole in _whole_pieces(batches):
        yield from _judged(whole, pace).to_batches()


def _whole_pieces(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """The same rows, cut between pieces only. A piece of many batches is put together once."""
    held: list[pa.RecordBatch] = []
    for batch in batches:
        if not batch.num_rows:
            continue
        starts = np.flatnonzero(_beginnings([*_last_row(held), batch])[-batch.num_rows :])
        cut = int(starts[-1]) if len(starts) else 0
        if cut or (held and len(starts)):
            yield pa.Table.from_batches([*held, batch.slice(0, cut)])
            held = []
        held.append(batch.slice(cut))
    if held:
        yield pa.Table.from_batches(held)


def _last_row(batches: Sequence[pa.RecordBatch]) -> list[pa.RecordBatch]:
    return [batch.slice(batch.num_rows - 1) for batch in batches[-1:]]


def _beginnings(batches: Sequence[pa.RecordBatch]) -> NDArray[np.bool_]:
    """Where another piece begins; the first row is no beginning, as nothing stands before it."""
    scans = pa.Table.from_batches(batches).select(list(_PIECE))
    begins = np.zeros(scans.num_rows, dtype=np.bool_)
    for name in _PIECE:
        values = scans.column(name).to_numpy()
        begins[1:] |= values[1:] != values[:-1]
    return begins


def _judged(scans: pa.Table, pace: Pace) -> pa.Table:
    """Whole pieces, with what their journeys say of each scan."""
    journeys = _journeys(scans, pace)
    unexplained = journeys.impossible
    pieces = np.cumsum(_beginnings(scans.to_batches()))
    copied = (np.bincount(pieces, weights=unexplained) > 0)[pieces]
    related = scans.column("related").to_numpy() | np.where(unexplained, _DUPLICATE, 0)
    witness = scans.column("witness").to_numpy()
    evident = related | np.where(copied, _DUPLICATE, 0) | np.where(witness, _ROLLED_BACK, 0)
    changed = {"related": pa.array(related), "evident": pa.array(evident)}
    changed |= {
        "beside": _scanners_beside(scans, journeys.beside),
        "mistimed": pa.array(journeys.mistimed, mask=journeys.beside < 0),
    }
    columns = {name: scans.column(name) for name in CLASHING.names} | changed
    return pa.table(columns, JUDGED)


def _scanners_beside(scans: pa.Table, beside: NDArray[np.int64]) -> pa.Array:
    """The scanner of tonight at each of these rows; of an earlier night nobody can tell today."""
    tonight = scans.column("tonight").to_numpy()
    return scans.column("scanner").take(pa.array(beside, mask=(beside < 0) | ~tonight[beside]))


def _journeys(scans: pa.Table, pace: Pace) -> Journeys:
    """What journeys say of each scan; of one of a piece that was scanned once, nothing."""
    repeated = scans.column("repeated").to_numpy()
    count = scans.num_rows
    found, mistimed = np.zeros(count, np.bool_), np.zeros(count, np.bool_)
    beside = np.full(count, -1)
    if repeated.any():
        rows = np.flatnonzero(repeated)
        judged = judged_journeys(scans.filter(scans.column("repeated")), pace)
        found[rows], mistimed[rows] = judged.impossible, judged.mistimed
        beside[rows] = np.where(judged.beside < 0, -1, rows[judged.beside])
    return Journeys(impossible=found, beside=beside, mistimed=mistimed)


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
    "history": _columns(EXAMINED, "history"),
    "seen": _columns(EXAMINED.append(pa.field("tonight", pa.bool_())), "seen"),
    "kept": _columns(pa.schema([field for field in EXAMINED if field.name != "file"])),
    "day": str(1 << 40),
    "strangers": str(STRANGERS),
    "other": str(bit_of(Reason.CERTIFICATE_OF_ANOTHER)),
    "overlap": str(bit_of(Reason.OVERLAP)),
    "rolled_back": str(bit_of(Reason.ROLLED_BACK)),
    "too_far_ahead": str(bit_of(Reason.DATE_TOO_FAR_AHEAD)),
    "refunded": str(bit_of(Reason.REFUNDED)),
    "control_total_differs": str(bit_of(Reason.CONTROL_TOTAL_DIFFERS)),
    "suspect": str(bits_of(KIND_OF)),
    "kinds": _kinds(),
    "kind_forged": str(tuple(SuspicionKind).index(SuspicionKind.FORGED)),
    "kind_rolled_back": str(tuple(SuspicionKind).index(SuspicionKind.ROLLED_BACK)),
    "kind_copied": str(tuple(SuspicionKind).index(SuspicionKind.COPIED)),
    "kind_ended": str(tuple(SuspicionKind).index(SuspicionKind.DEVICE_ENDED)),
}
