"""Writing a lockbox file: every count and total is made here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from franking.bank_files import lockbox_layout as layout
from franking.bank_files.columns import clock_text, day_text
from franking.bank_files.faults import BANK_FILE_UNWRITABLE, BankFileFaulty
from franking.bank_files.lockbox_reading import read_lockbox
from franking.bank_files.lockbox_records import Lockbox, LockboxBatch, LockboxFile, LockboxItem


def write_lockbox(file: LockboxFile) -> bytes:
    """The file as bytes, lines ended by LF.

    It is read back before it is given away: what ``read_lockbox`` would find fault with is no file.

    Raises:
        Refused: ``BANK_FILE_UNWRITABLE``.
    """
    lines = list(_lines(file))
    lines.append(layout.TRAILER.write({"records": len(lines) + 1}))
    written = ("\n".join(lines) + "\n").encode("ascii")
    try:
        read_lockbox(written)
    except BankFileFaulty as faulty:
        raise BANK_FILE_UNWRITABLE.because(faulty.detail) from None
    return written


def batched(items: Sequence[LockboxItem]) -> tuple[LockboxBatch, ...]:
    """Items in batches as large as they may be, numbered from 1."""
    return tuple(
        LockboxBatch(number=number, items=tuple(items[first : first + layout.ITEMS_MAX]))
        for number, first in enumerate(range(0, len(items), layout.ITEMS_MAX), 1)
    )


def _lines(file: LockboxFile) -> Iterator[str]:
    parties = {"destination": file.destination, "origin": file.origin}
    moment = {
        "created_on": day_text(file.created_at.date()),
        "created_at": clock_text(file.created_at),
    }
    yield layout.TRANSMISSION.write({**parties, **moment})
    yield layout.SERVICE.write({**parties, "reference": file.reference})
    for box in file.lockboxes:
        yield layout.LOCKBOX.write({**_named(box), **parties, "batch": 0})
        for batch in box.batches:
            yield from _batch(box, batch)
        total = {"batch": len(box.batches), "item": 0}
        sums = {"count": box.count, "total_cents": box.total_cents}
        yield layout.LOCKBOX_TOTAL.write({**_named(box), **total, **sums})


def _batch(box: Lockbox, batch: LockboxBatch) -> Iterator[str]:
    for number, item in enumerate(batch.items, 1):
        place = {"batch": batch.number, "item": number}
        yield layout.PAYMENT.write({**_payment(item), **place})
        for overflow in _overflows(item.remarks):
            yield layout.OVERFLOW.write({**overflow, **place})
    count = len(batch.items)
    total = {"batch": batch.number, "item": count, "count": count}
    yield layout.BATCH_TOTAL.write({**_named(box), **total, "total_cents": batch.total_cents})


def _payment(item: LockboxItem) -> dict[str, object]:
    values: dict[str, object] = {name: getattr(item, name) for name in item.__slots__}
    received = day_text(item.received_on)
    return {**values, "routing_number": item.routing_number or 0, "received_on": received}


def _overflows(remarks: str) -> Iterator[dict[str, object]]:
    if len(remarks) > layout.OVERFLOWS_MAX * layout.REMARKS_COLUMNS:
        raise BANK_FILE_UNWRITABLE.because(f"remarks of {len(remarks)} characters")
    parts = range(0, len(remarks), layout.REMARKS_COLUMNS)
    for sequence, first in enumerate(parts, 1):
        last = layout.LAST if sequence == len(parts) else layout.MORE
        text = remarks[first : first + layout.REMARKS_COLUMNS]
        yield {"sequence": sequence, "last": last, "remarks": text}


def _named(box: Lockbox) -> dict[str, object]:
    return {"lockbox": box.number, "deposited_on": day_text(box.deposited_on)}
