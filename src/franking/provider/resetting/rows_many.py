"""Reading and writing the records of many devices at once: a statement for all, not one for each.

Written values name the state they were decided on, as ``rows`` does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select

from franking.messages.kinds import JournalPosition
from franking.messages.signing import digest
from franking.provider.resetting import rows
from franking.provider.resetting.records import (
    BEGINNING,
    Device,
    DeviceKey,
    KeyStatus,
    Order,
    Reset,
    ResetStatus,
)
from franking.provider.resetting.tables import (
    DEVICES,
    KEYS,
    MESSAGES,
    ORDERS,
    POSITIONS,
    RESETS,
)
from franking.storage import Reading, Work
from franking.storage.among import among, newest_among, pair_among
from franking.storage.changing import change_many

_DECIDED_ON = ("device_id", "status", "orders", "reset_sequence", "control_total_mills")
"""What a decision on a device rests on, and what nobody may have changed meanwhile."""
_REPORTED = (
    *("reset_sequence", "control_total_mills", "watchdog_date", "posted_mills"),
    *("shown_ascending_mills", "shown_descending_mills", "shown_control_total_mills"),
    *("shown_piece_count", "shown_reset_sequence"),
    *("heard_sequence", "heard_hash", "heard_at", "confirmed_sequence", "confirmed_hash"),
)
"""What a reset changes of a device."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """A device's message as it came, and our answer."""

    device_id: str
    kind: str
    text: str
    reply: str = ""


def replies_to(books: Reading, digests: Iterable[str]) -> dict[str, str]:
    """What messages were answered with before, by their digests."""
    query = select(MESSAGES.c.digest, MESSAGES.c.reply)
    return {row.digest: row.reply for row in _among(books, query, MESSAGES.c.digest, digests)}


def devices(books: Reading, device_ids: Iterable[str]) -> dict[str, Device]:
    """Devices by their IDs; unknown ones are left out."""
    found = _among(books, select(DEVICES), DEVICES.c.device_id, device_ids)
    return {row.device_id: rows.as_device(row) for row in found}


def present_keys(books: Reading, device_ids: Iterable[str]) -> dict[str, DeviceKey]:
    """The keys that devices sign with."""
    query = select(KEYS).where(KEYS.c.status == KeyStatus.PRESENT)
    found = _among(books, query, KEYS.c.device_id, device_ids)
    return {row.device_id: rows.as_key(row) for row in found}


def resets_in_transit(books: Reading, device_ids: Iterable[str]) -> dict[str, Reset]:
    """The grants that are not settled."""
    query = select(RESETS).where(RESETS.c.status == ResetStatus.GRANTED)
    found = _among(books, query, RESETS.c.device_id, device_ids)
    return {row.device_id: rows.as_reset(row) for row in found}


def resets_at(books: Reading, asked: Iterable[tuple[str, int]]) -> dict[str, Reset]:
    """What the books hold for one sequence of each device."""
    mine = pair_among(RESETS.c.device_id, RESETS.c.sequence, asked)
    found = books.rows(select(RESETS).where(mine))
    return {row.device_id: rows.as_reset(row) for row in found}


def orders_outstanding(books: Reading, device_ids: Iterable[str]) -> dict[str, Order]:
    """The orders that devices have not answered."""
    query = select(ORDERS).where(ORDERS.c.answer == "")
    found = _among(books, query, ORDERS.c.device_id, device_ids)
    return {row.device_id: rows.as_order(row) for row in found}


def positions_at(
    books: Reading, asked: Iterable[tuple[str, int]]
) -> dict[tuple[str, int], tuple[str, bool]]:
    """What was heard of positions of journals, and whether it was acknowledged."""
    mine = pair_among(POSITIONS.c.device_id, POSITIONS.c.sequence, asked)
    found = books.rows(select(POSITIONS).where(mine))
    return {
        (row.device_id, row.sequence): (row.entry_hash, bool(row.acknowledged)) for row in found
    }


def last_acknowledged(books: Reading, device_ids: Sequence[str]) -> dict[str, JournalPosition]:
    """The furthest positions that were acknowledged to devices."""
    keys = ((each,) for each in device_ids)
    furthest = newest_among(POSITIONS, ["device_id"], "sequence", keys, acknowledged=1)
    found = books.rows(furthest)
    known = {
        row.device_id: JournalPosition(sequence=row.sequence, entry_hash=row.entry_hash)
        for row in found
    }
    return {device_id: known.get(device_id, BEGINNING) for device_id in device_ids}


def change_devices(work: Work, changed: Sequence[tuple[Device, Device]]) -> None:
    """Store what resets changed of devices, if they still are as decided on."""
    given = []
    for before, after in changed:
        was, to = rows.columns_of(before), rows.columns_of(after)
        given.append(
            ({name: was[name] for name in _DECIDED_ON}, {name: to[name] for name in _REPORTED})
        )
    change_many(work, DEVICES, given)


def add_resets(work: Work, resets: Iterable[Reset]) -> None:
    """Store grants; their sequences are taken for good."""
    work.write_many(RESETS, (rows.reset_columns(reset) for reset in resets))


def settle_resets(work: Work, resets: Sequence[Reset]) -> None:
    """Store what became of grants in transit."""
    granted = ResetStatus.GRANTED.value
    given = [
        (
            {"device_id": one.device_id, "sequence": one.sequence, "status": granted},
            {"status": one.status.value},
        )
        for one in resets
    ]
    change_many(work, RESETS, given)


def note_positions(
    work: Work, heard: Iterable[tuple[str, JournalPosition]], *, acknowledged: bool
) -> None:
    """Note positions that were not heard before."""
    work.write_many(
        POSITIONS,
        (
            {
                "device_id": device_id,
                "sequence": position.sequence,
                "entry_hash": position.entry_hash,
                "acknowledged": int(acknowledged),
            }
            for device_id, position in heard
        ),
    )


def remember(work: Work, messages: Iterable[Remembered]) -> None:
    """Keep messages as they came, and our answers."""
    work.write_many(
        MESSAGES,
        (
            {
                "digest": digest(one.text),
                "device_id": one.device_id,
                "kind": one.kind,
                "text": one.text,
                "reply": one.reply,
            }
            for one in messages
        ),
    )


def _among(books: Reading, query: Select[Any], column: Any, wanted: Iterable[str]) -> Sequence[Any]:
    return books.rows(query.where(among(column, wanted)))
