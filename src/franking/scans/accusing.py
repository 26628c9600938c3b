"""The suspicions of a night, made of the evidence that an engine gathered.

Files of earlier nights are numbered on from those of tonight, so that a number names one file.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from franking.scans.devices import device_of
from franking.scans.history import History
from franking.scans.suspicions import (
    BY_PIECE,
    KIND_OF,
    NightFile,
    Seen,
    Suspicion,
    SuspicionKind,
    seen_in,
)
from franking.verification.reasons import Reason, reasons_in

_KINDS = tuple(SuspicionKind)
Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Nights:
    """What scans of tonight and of the history are named by."""

    tonight: str
    files: int
    """How many files tonight has."""
    earlier: Mapping[int, str]
    """The night of each file of the history."""


def suspicions_in(
    evidence: Iterable[Path], night: date, history: History | None, *, files: int
) -> tuple[Suspicion, ...]:
    """What Parquet files of ``relations.EVIDENCE`` rows make suspect, by kind, device and piece.

    ``files`` is how many files tonight has.
    """
    earlier = {each.number: each.night.isoformat() for each in history.files} if history else {}
    nights = _Nights(tonight=night.isoformat(), files=files, earlier=earlier)
    groups: dict[tuple[int, int, int], list[Row]] = defaultdict(list)
    for path in evidence:
        for row in pq.read_table(path).to_pylist():
            piece = row["ascending"] if _KINDS[row["kind"]] in BY_PIECE else 0
            groups[row["kind"], row["device"], piece].append(row)
    return tuple(_suspicion(groups[group], nights) for group in sorted(groups))


def files_named(
    suspicions: Iterable[Suspicion], history: History | None, *, files: int
) -> tuple[NightFile, ...]:
    """The files of the history that members of the suspicions came in."""
    named = {seen.file - files for each in suspicions for seen in each.members}
    return tuple(
        NightFile(number=files + each.number, name=each.name, sha256=each.sha256)
        for each in (history.files if history else ())
        if each.number in named
    )


def _suspicion(rows: Sequence[Row], nights: _Nights) -> Suspicion:
    first = rows[0]
    kind = _KINDS[first["kind"]]
    return Suspicion(
        kind=kind,
        device=str(device_of(first["device"])),
        members=tuple(_seen(row, nights) for row in sorted(rows, key=_turn)),
        count=first["members"],
        pieces=first["pieces"],
        reasons=_reasons(rows, kind),
    )


def _turn(row: Row) -> int:
    turn: int = row["turn"]
    return turn


def _seen(row: Row, nights: _Nights) -> Seen:
    if row["tonight"]:
        return seen_in(row, nights.tonight)
    number = row["file"]
    return seen_in(row | {"file": nights.files + number}, nights.earlier[number])


def _reasons(rows: Sequence[Row], kind: SuspicionKind) -> tuple[Reason, ...]:
    """What the members say that makes the kind."""
    bits = 0
    for row in rows:
        bits |= row["reasons"] | row["related"]
    return tuple(reason for reason in reasons_in(bits) if KIND_OF.get(reason) is kind)
