"""What desks saw on-line, as a night of scans: so that a copy in tonight's mail is found.

A history of nights learns it as one more file, and each sighting once. Refuses to know where a
history lies.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
from sqlalchemy import Row, func, select

from franking.identifiers import DeviceId
from franking.postal.pieces.mail_seen import LOOKED_AT
from franking.postal.pieces.online import COMMAND
from franking.postal.pieces.online_tables import ONLINE_SIGHTINGS
from franking.scans.circumstances import places_in
from franking.scans.context import BUCKETS
from franking.scans.devices import buckets_of, device_number
from franking.scans.history import ORDER
from franking.scans.records import EXAMINED
from franking.storage import Books
from franking.storage.observing import settled

ROWS_AT_ONCE: Final = 1_000_000
_SAME: Final = ("dated", "certificate", "content", "scanner", "looks", "quality")


def last_sighting(books: Books) -> int:
    """The number of the last sighting; every one up to it is there to be read, or never will be.

    Raises:
        Refused: ``BOOKS_BUSY``, ``BOOKS_UNREADABLE``, ``BOOKS_UNREACHABLE``.
    """
    settled(books, COMMAND)
    with books.reading() as reading:
        row = reading.row(select(func.max(ONLINE_SIGHTINGS.c.number).label("last")))
    return 0 if row is None or row.last is None else int(row.last)


def examined_sightings(
    books: Books, *, after: int, through: int, file: int, buckets: int = BUCKETS
) -> pa.Table:
    """The sightings with these numbers as ``EXAMINED``, in the order of a history.

    At most ``ROWS_AT_ONCE`` should be asked for; a scan that only looked at a piece is left out.
    ``file`` is the number that the history gives them as a file.

    Raises:
        Refused: what the books refuse.
    """
    table = ONLINE_SIGHTINGS.c
    query = select(ONLINE_SIGHTINGS).where(
        table.number > after, table.number <= through, table.operation > LOOKED_AT
    )
    with books.reading() as reading:
        rows = list(reading.stream(query.order_by(table.number)))
    examined = pa.table(_columns(rows, file, buckets), schema=EXAMINED)
    return examined.sort_by([(name, "ascending") for name in ORDER])


def _columns(rows: Sequence[Row[Any]], file: int, buckets: int) -> dict[str, Any]:
    devices = [device_number(DeviceId.parse(row.device)) for row in rows]
    columns: dict[str, Any] = {
        "file": [file] * len(rows),
        "row": range(len(rows)),
        "bucket": buckets_of(np.array(devices, np.int64), buckets),
        "device": devices,
        "ascending": [row.ascending_mills for row in rows],
        "postage": [row.ascending_mills - row.low_mills for row in rows],
        "descending": [row.descending_mills for row in rows],
        "signed": [True] * len(rows),
        "bearing": [0] * len(rows),
        "reasons": [0] * len(rows),
        "scanned_at": [row.scanned_at for row in rows],
        "place": places_in(pa.array([row.place for row in rows], pa.string())),
        "operation": [row.operation for row in rows],
    }
    columns |= {name: [getattr(row, name) for row in rows] for name in _SAME}
    return {each.name: pa.array(columns[each.name], each.type) for each in EXAMINED}
