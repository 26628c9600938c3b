"""The one statement of an on-line verification: note a scan, and say what was seen near it.

Near is what the steps ask of other pieces: scans of the same piece, pieces that used up any of the
same value, pieces of a higher register and an earlier date. Each part is a short walk along an
index, however many pieces the device has made, or one piece has scans.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final

from franking.postal.pieces.online_tables import ONLINE_SIGHTINGS
from franking.postal.pieces.records import Fate

_NEAR_MAX: Final = 32
"""So many of each kind are looked at: one more clash proves nothing more."""
_GIVEN: Final = tuple(column.name for column in ONLINE_SIGHTINGS.columns)[1:]
_ANSWERED: Final = (
    "number",
    "ascending_mills",
    "low_mills",
    "dated",
    "content",
    "scanned_at",
    "place",
    "operation",
    "scanner",
)
_JSON: Final = {
    "sqlite": ("json_group_array", "json_array"),
    "postgresql": ("json_agg", "json_build_array"),
}
_PARTS: Final = (
    # Scans of the same piece, the latest.
    ("ascending_mills = :ascending_mills ORDER BY number DESC", ""),
    # Pieces that end within its value, and those that begin within it.
    (
        "ascending_mills > :low_mills AND ascending_mills < :ascending_mills"
        " ORDER BY ascending_mills",
        "",
    ),
    (
        "low_mills >= :low_mills AND low_mills < :ascending_mills"
        " AND ascending_mills <> :ascending_mills ORDER BY low_mills",
        "",
    ),
    # Of the next below, those that reach over it; of the next above, those dated before it, too.
    ("low_mills < :low_mills ORDER BY low_mills DESC", "ascending_mills > :ascending_mills"),
    (
        "ascending_mills > :ascending_mills ORDER BY ascending_mills",
        "low_mills < :ascending_mills OR dated < :dated",
    ),
)
"""Where a walk along an index begins and goes, and which of the rows that it meets are near."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnlineSighting:
    """One scan of a piece whose signature was true; money in mills."""

    device: str
    ascending_mills: int
    low_mills: int
    """The register before the piece."""
    descending_mills: int
    dated: int
    """The date of mailing, in days since 1970-01-01."""
    certificate: int
    content: int
    """Digest of the signed bytes, as nights of scans have it."""
    scanned_at: int
    """Microseconds since 1970-01-01, UTC."""
    place: str
    """The ZIP Code; empty where it was not said."""
    operation: int
    """A ``franking.scans.operations.Operation``."""
    scanner: str
    looks: int
    quality: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NearSighting:
    """What is asked of a sighting near a new one; see ``OnlineSighting``."""

    number: int
    """In the order in which they were noted."""
    ascending_mills: int
    low_mills: int
    dated: int
    content: int
    scanned_at: int
    place: str
    operation: int
    scanner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """What noting a sighting answered."""

    number: int
    """That the new sighting was given."""
    near: tuple[NearSighting, ...]
    """Oldest first; never the new one."""
    refunded_on: date | None


def noting(dialect: str) -> str:
    """The statement for a database of that kind, with the parameters of ``values_of``."""
    all_rows, one_row = _JSON[dialect]
    columns = ", ".join(_ANSWERED)
    near = " UNION ".join(
        f"SELECT * FROM (SELECT {columns} FROM online_sightings WHERE device = :device AND {walk}"
        f" LIMIT :most) AS part_{number}{f' WHERE {which}' if which else ''}"
        for number, (walk, which) in enumerate(_PARTS)
    )
    return (
        f"INSERT INTO online_sightings ({', '.join(_GIVEN)})"
        f" VALUES ({', '.join(f':{name}' for name in _GIVEN)}) RETURNING number,"
        f" (SELECT CAST({all_rows}({one_row}({columns})) AS TEXT) FROM ({near}) AS near),"
        " (SELECT day FROM pieces WHERE device = :device AND ascending_mills = :ascending_mills"
        f" AND fate = '{Fate.REFUNDED}')"
    )


def values_of(sighting: OnlineSighting) -> dict[str, object]:
    """The parameters of ``noting``."""
    return {**asdict(sighting), "most": _NEAR_MAX}


def noted_in(answer: tuple[Any, ...]) -> Noted:
    """What ``noting`` answered. SQLite may count the new sighting among those near it."""
    number, near, refunded = answer
    rows = [
        NearSighting(**dict(zip(_ANSWERED, row, strict=True))) for row in json.loads(near or "[]")
    ]
    return Noted(
        number=number,
        near=tuple(sorted((row for row in rows if row.number != number), key=_in_order)),
        refunded_on=date.fromisoformat(refunded) if refunded else None,
    )


def _in_order(sighting: NearSighting) -> int:
    return sighting.number
