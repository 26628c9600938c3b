"""Scans given to ``examine`` as rows of plain values."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from franking.scans.context import Context
from franking.scans.examining import examine
from franking.scans.records import KNOWN_DEVICES, KNOWN_OFFICES, NUMBERED
from franking.verification.reasons import Reason, reasons_in
from franking.verification.trust_list import TrustEntry, build
from tests.fixtures_verification import NOW, ROOT_KEY, entry

BEARINGS = ("none", "doubt", "proof")


def batch_of(*rows: dict[str, Any]) -> pa.RecordBatch:
    """A batch of scans; what a row does not name is null."""
    empty = dict.fromkeys(NUMBERED.names)
    numbered = [empty | {"file": 0, "row": place} | row for place, row in enumerate(rows)]
    return pa.RecordBatch.from_pylist(numbered, schema=NUMBERED)


def context_in(folder: Path, *entries: TrustEntry, **more: Any) -> Context:
    """A context with a trust list of these certificates, or of the ordinary device's."""
    path = folder / f"trust-{len(list(folder.iterdir()))}.list"
    issued = NOW - timedelta(days=1)
    due = issued + timedelta(days=7)
    path.write_bytes(build(entries or (entry(),), ROOT_KEY, issued=issued, next_issue=due))
    fields: dict[str, Any] = {
        "trust_list": path,
        "root_public_key": ROOT_KEY.public_key,
        "now": NOW,
    }
    return Context(**(fields | more))


def examined(context: Context, *rows: dict[str, Any]) -> list[dict[str, Any]]:
    """What is said of each scan: bearing in words, reasons by name."""
    return [
        row | {"reasons": set(reasons_in(row["reasons"])), "bearing": BEARINGS[row["bearing"]]}
        for row in examine(batch_of(*rows), context).to_pylist()
    ]


def reasons(context: Context, **row: Any) -> set[Reason]:
    """The reasons of one scan."""
    (one,) = examined(context, row)
    found: set[Reason] = one["reasons"]
    return found


def known_folder(
    folder: Path,
    *,
    devices: list[dict[str, Any]] | None = None,
    offices: dict[str, str] | None = None,
) -> Path:
    """A folder of known facts."""
    listed = [{"zip": zip_code, "office": office} for zip_code, office in (offices or {}).items()]
    pq.write_table(pa.Table.from_pylist(devices or [], KNOWN_DEVICES), folder / "devices.parquet")
    pq.write_table(pa.Table.from_pylist(listed, KNOWN_OFFICES), folder / "offices.parquet")
    return folder
