"""Scans of a night, one by one: those that a person wants to look at, the most adverse first."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from franking.scans.records import VERDICT
from franking.scans.verdict_files import FINDINGS, opened
from franking.verification.reasons import Reason
from franking.verification.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which scans; all that is adverse or has a finding where nothing is said."""

    verdict: Verdict | None = None
    reason: Reason | None = None
    device: str = ""
    place: str = ""
    scanner: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """How many scans there are of them, and the first, as rows of ``VERDICT``."""

    found: int
    scans: tuple[dict[str, Any], ...]


_ADVERSE = ("(verdict <> 'authentic' OR list_has_any(reasons, ?))", FINDINGS)
_ORDER = [Verdict.NOT_AUTHENTIC.value, Verdict.UNDETERMINED.value, Verdict.AUTHENTIC.value]


def listed(verdicts: Path, wanted: Wanted, *, most: int) -> Listed:
    """The scans that are wanted, at most so many, by verdict, file and row.

    Raises:
        Refused: ``VERDICTS_UNREADABLE``.
    """
    conditions, values = zip(*_conditions(wanted), strict=True)
    where = " AND ".join(conditions)
    order = "list_position(?, verdict), file, row LIMIT ?"
    columns = ", ".join(VERDICT.names)
    with opened(verdicts) as tables:
        count = tables.execute(f"SELECT count(*) FROM verdicts WHERE {where}", values)
        (found,) = count.fetchall()[0]
        rows = tables.sql(
            f"SELECT {columns} FROM verdicts WHERE {where} ORDER BY {order}",
            params=[*values, _ORDER, most],
        )
        return Listed(found=found, scans=tuple(rows.to_arrow_table().to_pylist()))


def _conditions(wanted: Wanted) -> list[tuple[str, object]]:
    """Each with the one value that it asks for."""
    asked = {
        "verdict = ?": wanted.verdict and wanted.verdict.value,
        "list_contains(reasons, ?)": wanted.reason and wanted.reason.value,
        "device = ?": wanted.device,
        "place = ?": wanted.place,
        "scanner = ?": wanted.scanner,
    }
    return [(condition, value) for condition, value in asked.items() if value] or [_ADVERSE]
