"""Every step of verification that needs no other scan, on a batch of scans by column."""

from __future__ import annotations

import pyarrow as pa

from franking.scans.context import Context
from franking.scans.records import EXAMINED


def examine(batch: pa.RecordBatch, context: Context) -> pa.RecordBatch:
    """The scans of a ``NUMBERED`` batch as ``EXAMINED``, row for row in the same order.

    A scan whose payload is null is ``ILLEGIBLE``. What is not known of a scan (its device, its
    place, its time) is null.

    Raises:
        Refused: as ``TrustList.open``, ``TRUST_LIST_DAMAGED``, ``RULEBOOK_UNKNOWN``,
            ``KNOWN_FILE_UNREADABLE``; never for what the scans hold.
    """
    raise NotImplementedError(f"{batch.num_rows} scans at {context.now} as {EXAMINED.names}")
