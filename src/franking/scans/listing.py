"""Scans of a night, one by one: those that a person wants to look at, the most adverse first."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from franking.scans.records import VERDICT
from franking.scans.summary import VERDICTS_UNREADABLE
from franking.verification.reasons import KINDS, Reason
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


_FINDINGS = [reason.value for reason in Reason if KINDS[reason].is_finding]
_ADVERSE = ("(verdict <> 'authentic' OR list_has_any(reasons, ?))", _FINDINGS)
_ORDER = [Verdict.NOT_AUTHENTIC.value, Verdict.UNDETERMINED.value, Verdict.AUTHENTIC.value]


def listed(verdicts: Path, wanted: Wanted, *, most: int) -> Listed:
    """The scans that are wanted, at most so many, by verdict, file and row.

    Raises:
        Refused: ``VERDICTS_UNREADABLE``.
    """
    conditions, values = zip(*_conditions(wanted), strict=True)
    where = " AND ".join(conditions)
    order = "list_position(?, verdict), file, row LIMIT ?"
    with closing(duckdb.connect()) as books:
        try:
            books.execute("SET TimeZone = 'UTC'")
            books.read_parquet(str(verdicts)).create_view("verdicts")
            count = books.execute(f"SELECT count(*) FROM verdicts WHERE {where}", values)
            (found,) = count.fetchall()[0]
            columns = ", ".join(VERDICT.names)
            rows = books.sql(
                f"SELECT {columns} FROM verdicts WHERE {where} ORDER BY {order}",
                params=[*values, _ORDER, most],
            )
            return Listed(found=found, scans=tuple(rows.to_arrow_table().to_pylist()))
        except (duckdb.Error, OSError) as failure:
            told = str(failure).partition("\n")[0]
            raise VERDICTS_UNREADABLE.because(f"{verdicts}: {told}") from failure


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
