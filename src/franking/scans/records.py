"""The tables of a night, column by column: what comes in, what is kept of it, what is said of it.

Arrow schemas; every engine reads and writes exactly these. Whole numbers are signed, since one of
the engines has no others. Money in mills, days as days since 1970-01-01, instants as microseconds
since then in UTC; a number that is not known is null.
"""

from __future__ import annotations

from typing import Final

import pyarrow as pa

SCAN: Final = pa.schema(
    [
        pa.field(
            "payload", pa.binary(), metadata={"meaning": "bytes of the symbol; null: illegible"}
        ),
        pa.field("scanner", pa.string()),
        pa.field("place", pa.string(), metadata={"meaning": "ZIP Code where it was scanned"}),
        pa.field("scanned_at", pa.timestamp("us", tz="UTC")),
        pa.field("operation", pa.string(), metadata={"meaning": "the word of an Operation"}),
        pa.field(
            "looks", pa.int32(), metadata={"meaning": "different looks that gave these bytes"}
        ),
        pa.field("quality", pa.int32(), metadata={"meaning": "unused error correction, per cent"}),
        pa.field("mail_class", pa.string()),
        pa.field("weight_ounces", pa.float64()),
        pa.field("amount_due_mills", pa.int64()),
        pa.field("address", pa.string(), metadata={"meaning": "delivery point on the piece"}),
        pa.field("deposited_on", pa.date32()),
        pa.field("next_collection", pa.date32()),
        pa.field("deposit_zip", pa.string(), metadata={"meaning": "office of deposit"}),
    ]
)
"""A file of scans, one row a scan. Only ``payload`` has to be there."""

NUMBERED: Final = pa.schema([pa.field("file", pa.int32()), pa.field("row", pa.int64()), *SCAN])
"""Scans as they were taken in: ``file`` counts the files of the night, ``row`` the rows of each."""

EXAMINED: Final = pa.schema(
    [
        pa.field("file", pa.int32()),
        pa.field("row", pa.int64()),
        pa.field("bucket", pa.int32(), metadata={"meaning": "hash of the device; the partition"}),
        pa.field(
            "device", pa.int64(), metadata={"meaning": "the 8 bytes of the device ID, big-endian"}
        ),
        pa.field("ascending", pa.int64()),
        pa.field("postage", pa.int64()),
        pa.field("descending", pa.int64()),
        pa.field("dated", pa.int32()),
        pa.field("certificate", pa.int64()),
        pa.field("content", pa.int64(), metadata={"meaning": "digest of the signed bytes"}),
        pa.field("signed", pa.bool_(), metadata={"meaning": "the signature is true"}),
        pa.field("bearing", pa.int8(), metadata={"meaning": "0 none, 1 doubt, 2 proof"}),
        pa.field("reasons", pa.int64(), metadata={"meaning": "bits of verification.reasons"}),
        pa.field("scanned_at", pa.timestamp("us", tz="UTC")),
        pa.field("place", pa.int32()),
        pa.field("operation", pa.int8()),
        pa.field("scanner", pa.string()),
        pa.field("looks", pa.int32()),
        pa.field("quality", pa.int32()),
    ]
)
"""A scan after every step that needs no other scan. Those that are ``signed`` are the history."""

VERDICT: Final = pa.schema(
    [
        pa.field("file", pa.int32()),
        pa.field("row", pa.int64()),
        pa.field("verdict", pa.string()),
        pa.field("reasons", pa.list_(pa.string())),
        pa.field("device", pa.string(), metadata={"meaning": "null where no content was read"}),
        pa.field("ascending_mills", pa.int64()),
        pa.field("postage_mills", pa.int64()),
        pa.field("dated", pa.date32()),
        pa.field("certificate", pa.int64()),
        pa.field("scanner", pa.string()),
        pa.field("place", pa.string()),
        pa.field("scanned_at", pa.timestamp("us", tz="UTC")),
        pa.field("operation", pa.string()),
    ]
)
"""What is said of each scan: one row for each row that came in, by file and row."""

KNOWN_TOTALS: Final = pa.schema(
    [pa.field("device", pa.int64()), pa.field("control_total", pa.int64())]
)
"""Known beside the scans: every control total of a device, as it was told; ``totals.parquet``."""

KNOWN_REFUNDS: Final = pa.schema(
    [
        pa.field("device", pa.int64()),
        pa.field("ascending", pa.int64()),
        pa.field("refunded", pa.int32(), metadata={"meaning": "the day"}),
    ]
)
"""Known beside the scans: pieces whose postage was refunded; ``refunds.parquet``."""

KNOWN_DEVICES: Final = pa.schema(
    [
        pa.field("device", pa.int64()),
        pa.field("limit", pa.int64(), metadata={"meaning": "descending limit of its own"}),
        pa.field("rulebook", pa.string()),
    ]
)
"""Known beside the scans: devices that differ from their rulebook; ``devices.parquet``."""

KNOWN_OFFICES: Final = pa.schema([pa.field("zip", pa.string()), pa.field("office", pa.string())])
"""Known beside the scans: which licensing post office serves a ZIP Code; ``offices.parquet``."""

WORDS: Final = ["scanner", "place", "verdict", "reasons.list.element"]
"""Columns in which values come again and again; for others a dictionary is work for nothing."""
