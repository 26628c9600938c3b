"""The suspicions of a night, made of the evidence that an engine gathered.

A scan of an earlier night is named by its night and by the number that the history gave its file.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from franking.scans.devices import device_of
from franking.scans.history import History
from franking.scans.suspicions import (
    BY_PIECE,
    KIND_OF,
    Seen,
    Suspicion,
    SuspicionKind,
    seen_in,
)
from franking.verification.reasons import Reason, reasons_in

_KINDS = tuple(SuspicionKind)
Row = dict[str, Any]


def suspicions_in(
    evidence: Iterable[Path], night: date, history: History | None
) -> tuple[Suspicion, ...]:
    """What Parquet files of ``relations.EVIDENCE`` rows make suspect, by kind, device and piece."""
    nights = {each.number: each.night.isoformat() for each in history.files} if history else {}
    groups: dict[tuple[int, int, int], list[Row]] = defaultdict(list)
    for path in evidence:
        for row in pq.read_table(path).to_pylist():
            piece = row["ascending"] if _KINDS[row["kind"]] in BY_PIECE else 0
            groups[row["kind"], row["device"], piece].append(row)
    return tuple(_suspicion(groups[group], night.isoformat(), nights) for group in sorted(groups))


def _suspicion(rows: Sequence[Row], tonight: str, nights: dict[int, str]) -> Suspicion:
    first = rows[0]
    kind = _KINDS[first["kind"]]
    return Suspicion(
        kind=kind,
        device=str(device_of(first["device"])),
        members=tuple(_seen(row, tonight, nights) for row in sorted(rows, key=_turn)),
        count=first["members"],
        pieces=first["pieces"],
        reasons=_reasons(rows, kind),
    )


def _turn(row: Row) -> int:
    turn: int = row["turn"]
    return turn


def _seen(row: Row, tonight: str, nights: dict[int, str]) -> Seen:
    return seen_in(row, tonight if row["tonight"] else nights[row["file"]])


def _reasons(rows: Sequence[Row], kind: SuspicionKind) -> tuple[Reason, ...]:
    """What the members say that makes the kind."""
    bits = 0
    for row in rows:
        bits |= row["reasons"] | row["related"]
    return tuple(reason for reason in reasons_in(bits) if KIND_OF.get(reason) is kind)
