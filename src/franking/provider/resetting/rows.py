"""Reading and writing the records of the resetting system.

Every change names the state it was decided on, so that a decision on another past is an
``InvariantBroken`` and not a change.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
from msgspec.structs import asdict
from sqlalchemy import Row, insert, select, update

from franking.errors import InvariantBroken
from franking.messages.kinds import JournalPosition, RegisterReading
from franking.provider.resetting.records import (
    BEGINNING,
    READ_ENDS,
    Device,
    DeviceKey,
    DeviceStatus,
    KeyStatus,
    Order,
    Reset,
    ResetStatus,
)
from franking.provider.resetting.tables import (
    DEVICES,
    EXAMINATIONS,
    KEY_REPORTS,
    KEYS,
    MESSAGES,
    ORDERS,
    POSITIONS,
    RESETS,
)
from franking.storage import Reading, Work


def find_device(books: Reading, device_id: str) -> Device | None:
    """A device by its ID."""
    row = books.row(select(DEVICES).where(DEVICES.c.device_id == device_id))
    return None if row is None else as_device(row)


def every_device(books: Reading) -> list[Device]:
    """Every device, by ID."""
    return [as_device(row) for row in books.rows(select(DEVICES).order_by(DEVICES.c.device_id))]


def add_device(work: Work, device: Device) -> None:
    """Store a new device, and the beginning of its journal as acknowledged."""
    work.write(insert(DEVICES).values(columns_of(device)))
    acknowledge(work, device.device_id, BEGINNING)


def change_device(work: Work, before: Device, after: Device) -> None:
    """Store a device's next state, if it still is as decided on; note what was heard."""
    table = DEVICES.c
    change = update(DEVICES).where(
        table.device_id == before.device_id,
        table.status == before.status,
        table.orders == before.orders,
        table.reset_sequence == before.reset_sequence,
        table.control_total_mills == before.control_total_mills,
    )
    work.write_one(change.values(columns_of(after)))
    if after.heard.sequence > before.heard.sequence:
        _note_position(work, after.device_id, after.heard)


def find_key(books: Reading, device_id: str, status: KeyStatus) -> DeviceKey | None:
    """The present key of a device, or the one it waits for; the latest where there are more."""
    table = KEYS.c
    query = select(KEYS).where(table.device_id == device_id, table.status == status)
    rows = books.rows(query.order_by(table.certificate_serial))
    return as_key(rows[-1]) if rows else None


def ended_keys(books: Reading, device_id: str) -> list[DeviceKey]:
    """The certified keys of a device that ended at a known ascending value, by serial."""
    table = KEYS.c
    query = select(KEYS).where(
        table.device_id == device_id,
        table.certificate_serial.is_not(None),
        table.final_ascending_mills.is_not(None),
    )
    return [as_key(row) for row in books.rows(query.order_by(table.certificate_serial))]


def key_for_source(books: Reading, request_source: str) -> DeviceKey | None:
    """The key that a device's request was about."""
    row = books.row(select(KEYS).where(KEYS.c.request_source == request_source))
    return None if row is None else as_key(row)


def add_key(work: Work, key: DeviceKey) -> None:
    """Store a key that a certificate is asked for."""
    row = {name: getattr(key, name) for name in DeviceKey.__dataclass_fields__}
    work.write(insert(KEYS).values(row))


def change_key(work: Work, key: DeviceKey) -> None:
    """Store what became of a key."""
    changed = {
        "status": key.status,
        "certificate_serial": key.certificate_serial,
        "final_ascending_mills": key.final_ascending_mills,
    }
    work.write_one(update(KEYS).where(KEYS.c.public_key == key.public_key).values(changed))


def ask_again(work: Work, key: DeviceKey) -> None:
    """Store that the device asks for the same next key under a later order."""
    changed = {"request_source": key.request_source, "rollover_order": key.rollover_order}
    work.write_one(update(KEYS).where(KEYS.c.public_key == key.public_key).values(changed))


def drop_requested_keys(work: Work, device_id: str) -> None:
    """Give up keys that the device never came to sign with."""
    table = KEYS.c
    waiting = (table.device_id == device_id) & (table.status == KeyStatus.REQUESTED)
    work.write(update(KEYS).where(waiting).values(status=KeyStatus.FORMER))


def outstanding_order(books: Reading, device_id: str) -> Order | None:
    """The order that a device has not answered yet."""
    table = ORDERS.c
    row = books.row(select(ORDERS).where(table.device_id == device_id, table.answer == ""))
    return None if row is None else as_order(row)


def latest_order(books: Reading, device_id: str) -> Order | None:
    """The order issued last."""
    query = select(ORDERS).where(ORDERS.c.device_id == device_id)
    row = books.row(query.order_by(ORDERS.c.number.desc()).limit(1))
    return None if row is None else as_order(row)


def add_order(work: Work, order: Order) -> None:
    """Store an order as issued."""
    row = {name: getattr(order, name) for name in Order.__dataclass_fields__}
    work.write(insert(ORDERS).values(row))


def answer_order(work: Work, order: Order, answer: str) -> None:
    """Store the device's answer; an order has one."""
    table = ORDERS.c
    this = (table.device_id == order.device_id) & (table.number == order.number)
    work.write_one(update(ORDERS).where(this, table.answer == "").values(answer=answer))


def find_reset(books: Reading, device_id: str, sequence: int) -> Reset | None:
    """What the books hold for one reset sequence."""
    table = RESETS.c
    query = select(RESETS).where(table.device_id == device_id, table.sequence == sequence)
    row = books.row(query)
    return None if row is None else as_reset(row)


def reset_in_transit(books: Reading, device_id: str) -> Reset | None:
    """The grant that is not settled; there is one at most."""
    table = RESETS.c
    query = select(RESETS).where(table.device_id == device_id, table.status == ResetStatus.GRANTED)
    row = books.row(query)
    return None if row is None else as_reset(row)


def resets_in_transit(books: Reading) -> list[Reset]:
    """Every grant that is not settled, by device."""
    query = select(RESETS).where(RESETS.c.status == ResetStatus.GRANTED)
    return [as_reset(row) for row in books.rows(query.order_by(RESETS.c.device_id))]


def resets_of(books: Reading, device_id: str) -> list[Reset]:
    """Every reset of a device, by sequence."""
    query = select(RESETS).where(RESETS.c.device_id == device_id)
    return [as_reset(row) for row in books.rows(query.order_by(RESETS.c.sequence))]


def add_reset(work: Work, reset: Reset) -> None:
    """Store a reset; its sequence is taken for good."""
    work.write(insert(RESETS).values(reset_columns(reset)))


def settle_reset(work: Work, reset: Reset) -> None:
    """Store what became of a grant in transit."""
    table = RESETS.c
    this = (table.device_id == reset.device_id) & (table.sequence == reset.sequence)
    granted = table.status == ResetStatus.GRANTED
    work.write_one(update(RESETS).where(this, granted).values(status=reset.status))


def closed_resets(books: Reading, device_id: str) -> list[Reset]:
    """Sequences that were charged and closed unused, whose value has not gone back yet."""
    table = RESETS.c
    query = select(RESETS).where(
        table.device_id == device_id, table.status == ResetStatus.CLOSED, table.amount_mills > 0
    )
    return [as_reset(row) for row in books.rows(query.order_by(table.sequence))]


def return_reset(work: Work, reset: Reset) -> None:
    """Store that the value of a sequence that closed unused went back."""
    table = RESETS.c
    this = (table.device_id == reset.device_id) & (table.sequence == reset.sequence)
    closed = table.status == ResetStatus.CLOSED
    work.write_one(update(RESETS).where(this, closed).values(status=reset.status))


def acknowledge(work: Work, device_id: str, position: JournalPosition) -> None:
    """Note a position as acknowledged to the device."""
    _note_position(work, device_id, position)
    table = POSITIONS.c
    this = (table.device_id == device_id) & (table.sequence == position.sequence)
    work.write_one(update(POSITIONS).where(this).values(acknowledged=1))


def hash_heard(books: Reading, device_id: str, sequence: int) -> str | None:
    """What was heard of a position of a device's journal."""
    table = POSITIONS.c
    row = books.row(
        select(POSITIONS).where(table.device_id == device_id, table.sequence == sequence)
    )
    return None if row is None else str(row.entry_hash)


def hash_acknowledged(books: Reading, device_id: str, sequence: int) -> str | None:
    """What was acknowledged of a position of a device's journal."""
    table = POSITIONS.c
    row = books.row(
        select(POSITIONS).where(
            table.device_id == device_id, table.sequence == sequence, table.acknowledged == 1
        )
    )
    return None if row is None else str(row.entry_hash)


def last_acknowledged(books: Reading, device_id: str) -> JournalPosition:
    """The furthest position of a device's journal that was acknowledged to it."""
    table = POSITIONS.c
    query = select(POSITIONS).where(table.device_id == device_id, table.acknowledged == 1)
    row = books.row(query.order_by(table.sequence.desc()).limit(1))
    if row is None:
        return BEGINNING
    return JournalPosition(sequence=row.sequence, entry_hash=row.entry_hash)


def reply_to(books: Reading, digest: str) -> str | None:
    """What a device's very message was answered with before."""
    row = books.row(select(MESSAGES).where(MESSAGES.c.digest == digest))
    return None if row is None else str(row.reply)


def message_text(books: Reading, digest: str) -> str | None:
    """A device's message as it came, by its digest."""
    row = books.row(select(MESSAGES.c.text).where(MESSAGES.c.digest == digest))
    return None if row is None else str(row.text)


def latest_message(books: Reading, device_id: str, kind: str) -> str:
    """The device's last message of a kind.

    Raises:
        InvariantBroken: there is none, though the device's status says there is.
    """
    table = MESSAGES.c
    query = select(MESSAGES).where(table.device_id == device_id, table.kind == kind)
    row = books.row(query.order_by(table.number.desc()).limit(1))
    if row is None:
        raise InvariantBroken(f"no {kind} of {device_id} is kept")
    return str(row.text)


def add_message(
    work: Work, *, digest: str, device_id: str, kind: str, message: str, reply: str
) -> None:
    """Keep a device's message as it came, and our answer."""
    row = {"digest": digest, "device_id": device_id, "kind": kind, "text": message}
    work.write(insert(MESSAGES).values(**row, reply=reply))


def add_examination(work: Work, device_id: str, message: str) -> None:
    """Keep the statement of an examination; a device has one."""
    work.write(insert(EXAMINATIONS).values(device_id=device_id, message=message))


def find_examination(books: Reading, device_id: str) -> str | None:
    """The statement of a device's examination."""
    row = books.row(select(EXAMINATIONS).where(EXAMINATIONS.c.device_id == device_id))
    return None if row is None else str(row.message)


def is_key_end_told(books: Reading, certificate_serial: int) -> bool:
    """Whether the Postal Service was told where the key of a certificate ended."""
    told = (KEY_REPORTS.c.certificate_serial == certificate_serial) & KEY_REPORTS.c.reason.in_(
        READ_ENDS
    )
    return bool(books.rows(select(KEY_REPORTS).where(told)))


def find_key_report(books: Reading, *, certificate_serial: int, reason: str) -> str | None:
    """What was told the Postal Service of a certificate for a reason."""
    table = KEY_REPORTS.c
    query = select(KEY_REPORTS).where(
        table.certificate_serial == certificate_serial, table.reason == reason
    )
    row = books.row(query)
    return None if row is None else str(row.message)


def add_key_report(work: Work, *, certificate_serial: int, reason: str, message: str) -> None:
    """Keep what is told the Postal Service."""
    row = {"certificate_serial": certificate_serial, "reason": reason, "message": message}
    work.write(insert(KEY_REPORTS).values(row))


def _note_position(work: Work, device_id: str, position: JournalPosition) -> None:
    if hash_heard(work, device_id, position.sequence) is None:
        work.write(
            insert(POSITIONS).values(
                device_id=device_id,
                sequence=position.sequence,
                entry_hash=position.entry_hash,
                acknowledged=0,
            )
        )


def columns_of(device: Device) -> dict[str, object]:
    """A device as its row."""
    return {
        "device_id": device.device_id,
        "rulebook": device.rulebook,
        "system": device.system,
        "status": device.status,
        "licence": device.licence,
        "limit_mills": device.limit_mills,
        "watchdog_date": device.watchdog_date.isoformat() if device.watchdog_date else None,
        "orders": device.orders,
        "locks": msgspec.json.encode(device.locks).decode(),
        "audit_sequence": device.audit_sequence,
        "reset_sequence": device.reset_sequence,
        "control_total_mills": device.control_total_mills,
        **{f"shown_{name}": value for name, value in asdict(device.registers).items()},
        "heard_sequence": device.heard.sequence,
        "heard_hash": device.heard.entry_hash,
        "heard_at": device.heard_at,
        "confirmed_sequence": device.confirmed.sequence,
        "confirmed_hash": device.confirmed.entry_hash,
        "suspicion": device.suspicion,
        "posted_mills": device.posted_mills,
    }


def reset_columns(reset: Reset) -> dict[str, object]:
    """A reset as its row."""
    return {
        "device_id": reset.device_id,
        "sequence": reset.sequence,
        "amount_mills": reset.amount_mills,
        "request_digest": reset.request_digest,
        "grant_text": reset.grant,
        "grant_digest": reset.grant_digest,
        "status": reset.status.value,
        "account": reset.account,
    }


def as_device(row: Row[Any]) -> Device:
    """A device from its row."""
    return Device(
        device_id=row.device_id,
        rulebook=row.rulebook,
        system=row.system,
        status=DeviceStatus(row.status),
        licence=row.licence,
        limit_mills=row.limit_mills,
        watchdog_date=date.fromisoformat(row.watchdog_date) if row.watchdog_date else None,
        orders=row.orders,
        locks=msgspec.json.decode(row.locks, type=tuple[str, ...]),
        audit_sequence=row.audit_sequence,
        reset_sequence=row.reset_sequence,
        control_total_mills=row.control_total_mills,
        registers=RegisterReading(
            **{name: row._mapping[f"shown_{name}"] for name in RegisterReading.__struct_fields__}
        ),
        heard=JournalPosition(sequence=row.heard_sequence, entry_hash=row.heard_hash),
        heard_at=row.heard_at,
        confirmed=JournalPosition(sequence=row.confirmed_sequence, entry_hash=row.confirmed_hash),
        suspicion=row.suspicion,
        posted_mills=row.posted_mills,
    )


def as_key(row: Row[Any]) -> DeviceKey:
    """A key from its row."""
    fields = {**row._mapping, "status": KeyStatus(row.status)}
    return DeviceKey(**fields)


def as_order(row: Row[Any]) -> Order:
    """An order from its row."""
    return Order(**row._mapping)


def as_reset(row: Row[Any]) -> Reset:
    """A reset from its row."""
    return Reset(
        device_id=row.device_id,
        sequence=row.sequence,
        amount_mills=row.amount_mills,
        request_digest=row.request_digest,
        grant=row.grant_text,
        grant_digest=row.grant_digest,
        status=ResetStatus(row.status),
        account=row.account,
    )
