"""What a night came to, for people: by outcome, reason, device, ZIP Code and scanner.

It counts a file of verdicts and nothing else: whoever has the file can make the summary again.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import duckdb
import msgspec

from franking.scans.records import VERDICT
from franking.scans.verdict_files import FINDINGS, opened
from franking.verification.verdict import Verdict

LISTED: Final = 10
"""How many devices, ZIP Codes and scanners are named: those with most that is adverse."""

_TALLIES = """
    SELECT {column} AS name,
           count(*) AS scans,
           count(*) FILTER (verdict = 'authentic') AS authentic,
           count(*) FILTER (verdict = 'undetermined') AS undetermined,
           count(*) FILTER (verdict = 'not authentic') AS not_authentic,
           count(*) FILTER (verdict = 'authentic' AND list_has_any(reasons, $findings)) AS noted
    FROM verdicts WHERE {column} IS NOT NULL GROUP BY name
    ORDER BY not_authentic DESC, undetermined DESC, noted DESC, scans DESC, name LIMIT $listed
"""
_OUTCOMES = "SELECT verdict, count(*) FROM verdicts GROUP BY verdict"
_REASONS = """
    SELECT reason, count(*), count(*) FILTER (verdict = 'not authentic')
    FROM (SELECT unnest(reasons) AS reason, verdict FROM verdicts) GROUP BY 1
"""
_DIFFERENT = (
    "SELECT count(DISTINCT device), count(DISTINCT place), count(DISTINCT scanner) FROM verdicts"
)
_TIMES = "SELECT min(scanned_at)::VARCHAR, max(scanned_at)::VARCHAR FROM verdicts"


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """How the scans of one device, ZIP Code or scanner came out."""

    name: str
    scans: int
    authentic: int
    undetermined: int
    not_authentic: int
    noted: int
    """Of the authentic, those with something that a person has to look at."""


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of scans; every scan has one outcome and any number of reasons."""

    scans: int
    outcomes: dict[str, int]
    """By verdict; they add up to ``scans``."""
    reasons: dict[str, int]
    """By name of ``Reason``, the most frequent first; a scan counts under each of its reasons."""
    proven: dict[str, int]
    """Of these, the scans that are called not authentic; reasons that no such scan has are left
    out."""
    devices: tuple[Tally, ...]
    places: tuple[Tally, ...]
    scanners: tuple[Tally, ...]
    devices_seen: int
    places_seen: int
    scanners_seen: int
    first: str | None
    """When the first scan with a known time was made, in words of UTC."""
    last: str | None

    def as_json(self) -> dict[str, Any]:
        """The summary for programs."""
        told: dict[str, Any] = msgspec.to_builtins(self)
        return told


def summarise(verdicts: Path, *, listed: int = LISTED) -> Summary:
    """The summary of a Parquet file of ``VERDICT`` rows.

    Raises:
        Refused: ``VERDICTS_UNREADABLE``.
    """
    with opened(verdicts) as tables:
        return _counted(tables, listed)


def _counted(tables: duckdb.DuckDBPyConnection, listed: int) -> Summary:
    found = dict(tables.execute(_OUTCOMES).fetchall())
    reasons = sorted(tables.execute(_REASONS).fetchall(), key=lambda each: (-each[1], each[0]))
    devices, places, scanners = tables.execute(_DIFFERENT).fetchall()[0]
    first, last = tables.execute(_TIMES).fetchall()[0]
    return Summary(
        scans=sum(found.values()),
        outcomes={verdict.value: found.get(verdict.value, 0) for verdict in Verdict},
        reasons={name: count for name, count, _ in reasons},
        proven={name: count for name, _, count in reasons if count},
        devices=_tallies(tables, "device", listed),
        places=_tallies(tables, "place", listed),
        scanners=_tallies(tables, "scanner", listed),
        devices_seen=devices,
        places_seen=places,
        scanners_seen=scanners,
        first=first,
        last=last,
    )


def _tallies(tables: duckdb.DuckDBPyConnection, column: str, listed: int) -> tuple[Tally, ...]:
    found = tables.execute(
        _TALLIES.format(column=VERDICT.field(column).name),
        {"findings": FINDINGS, "listed": listed},
    )
    return tuple(
        Tally(
            name=name,
            scans=scans,
            authentic=authentic,
            undetermined=undetermined,
            not_authentic=not_authentic,
            noted=noted,
        )
        for name, scans, authentic, undetermined, not_authentic, noted in found.fetchall()
    )
