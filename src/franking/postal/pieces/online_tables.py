"""How pieces that were verified on-line are stored: one row a scan whose signature was true.

The values are those that a night keeps of a scan (``franking.scans.records.EXAMINED``), so that a
night can learn them. Both indexes are asked by every verification (``online_rows``).
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Index, Table

from franking.postal.schema import METADATA
from franking.storage.columns import WHOLE, guard_append_only, optional_whole, text, whole

ONLINE_SIGHTINGS = Table(
    "online_sightings",
    METADATA,
    Column("number", WHOLE, primary_key=True, autoincrement=True),
    text("device"),
    whole("ascending_mills"),
    whole("low_mills"),
    whole("descending_mills"),
    whole("dated"),
    whole("certificate"),
    whole("content"),
    whole("scanned_at"),
    text("place"),
    whole("operation"),
    text("scanner"),
    whole("looks"),
    optional_whole("quality"),
    CheckConstraint("low_mills >= 0 AND ascending_mills > low_mills"),
    sqlite_strict=True,
)
_OF = ONLINE_SIGHTINGS.c
Index("online_sightings_by_end", _OF.device, _OF.ascending_mills, _OF.number)
Index("online_sightings_by_beginning", _OF.device, _OF.low_mills)
guard_append_only(ONLINE_SIGHTINGS)

TABLES = (ONLINE_SIGHTINGS,)
