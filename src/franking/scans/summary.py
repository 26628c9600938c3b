"""What a night came to, for people: by outcome, reason, device, ZIP Code and scanner.

It counts a file of verdicts and nothing else: whoever has the file can make the summary again.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import msgspec

LISTED: Final = 10
"""How many devices, ZIP Codes and scanners are named: those with most verdicts that are adverse."""


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """How the scans of one device, ZIP Code or scanner came out."""

    name: str
    scans: int
    authentic: int
    undetermined: int
    not_authentic: int
    findings: int
    """Scans with a reason that a person has to look at, whatever the verdict."""


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of scans; every scan has one outcome and any number of reasons."""

    scans: int
    outcomes: dict[str, int]
    """By verdict; they add up to ``scans``."""
    reasons: dict[str, int]
    """By name of ``Reason``; a scan counts under each of its reasons."""
    devices: tuple[Tally, ...]
    places: tuple[Tally, ...]
    scanners: tuple[Tally, ...]
    devices_seen: int
    places_seen: int
    scanners_seen: int

    def as_json(self) -> dict[str, Any]:
        """The summary for programs."""
        told: dict[str, Any] = msgspec.to_builtins(self)
        return told


def summarise(verdicts: Path, *, listed: int = LISTED) -> Summary:
    """The summary of a Parquet file of ``VERDICT`` rows.

    Raises:
        Refused: ``VERDICTS_UNREADABLE``.
    """
    raise NotImplementedError


def draw(summary: Summary, path: Path, *, title: str) -> None:
    """Draw the summary as a PNG."""
    raise NotImplementedError
