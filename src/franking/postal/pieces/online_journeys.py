"""Whether a piece that is scanned again may be on its way, by the rule that nights go by."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pyarrow as pa

from franking.postal.pieces.online_rows import NearSighting, OnlineSighting
from franking.scans.circumstances import places_in
from franking.scans.journeys import Pace, impossible


def contradicting(
    new: OnlineSighting, before: Sequence[NearSighting], *, rulebook: str, today: date
) -> list[NearSighting]:
    """Of the scans ``before`` of the same piece, those that the ``new`` one contradicts.

    None, where one journey explains the new scan.

    Raises:
        Refused: ``RULEBOOK_UNKNOWN``.
    """
    scans: list[NearSighting | OnlineSighting] = [*before, new]
    scans.sort(key=lambda each: each.scanned_at)
    found = impossible(_table(scans), Pace.at(rulebook, today)).tolist()
    flagged = [each for each, is_impossible in zip(scans, found, strict=True) if is_impossible]
    if not any(isinstance(each, OnlineSighting) for each in flagged):
        return []
    return [each for each in flagged if isinstance(each, NearSighting)]


def _table(scans: Sequence[NearSighting | OnlineSighting]) -> pa.Table:
    """As much of ``EXAMINED`` as journeys ask for."""
    return pa.table(
        {
            "device": pa.array([0] * len(scans), pa.int64()),
            "ascending": pa.array([each.ascending_mills for each in scans], pa.int64()),
            "content": pa.array([each.content for each in scans], pa.int64()),
            "scanned_at": pa.array(
                [each.scanned_at for each in scans], pa.timestamp("us", tz="UTC")
            ),
            "place": places_in(pa.array([each.place for each in scans], pa.string())),
            "operation": pa.array([each.operation for each in scans], pa.int8()),
        }
    )
