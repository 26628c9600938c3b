"""What the provider shows of its devices, as JSON values."""

from __future__ import annotations

from franking.provider.resetting import rows
from franking.provider.resetting.hearing import require_device
from franking.provider.resetting.records import Device, KeyStatus
from franking.storage import Books, Reading


def device_view(books: Books, device_id: str) -> dict[str, object]:
    """Everything the provider knows of a device; money in mills.

    Raises:
        Refused: ``DEVICE_UNKNOWN``.
    """
    with books.reading() as reading:
        return _view(reading, require_device(reading, device_id))


def is_known(books: Books, device_id: str) -> bool:
    """Whether the device was ever enrolled."""
    with books.reading() as reading:
        return rows.find_device(reading, device_id) is not None


def device_views(books: Books) -> list[dict[str, object]]:
    """Every device, by ID."""
    with books.reading() as reading:
        return [_view(reading, device) for device in rows.every_device(reading)]


def _view(books: Reading, device: Device) -> dict[str, object]:
    key = rows.find_key(books, device.device_id, KeyStatus.PRESENT)
    order = rows.outstanding_order(books, device.device_id)
    transit = rows.reset_in_transit(books, device.device_id)
    return {
        "device_id": device.device_id,
        "status": str(device.status),
        "rulebook": device.rulebook,
        "system": device.system,
        "licence": device.licence,
        "certificate_serial": key.certificate_serial if key else None,
        "limit_mills": device.limit_mills,
        "watchdog_date": device.watchdog_date.isoformat() if device.watchdog_date else None,
        "locks": list(device.locks),
        "ascending_mills": device.registers.ascending_mills,
        "descending_mills": device.registers.descending_mills,
        "control_total_mills": device.control_total_mills,
        "piece_count": device.registers.piece_count,
        "reset_sequence": device.reset_sequence,
        "in_transit_mills": transit.amount_mills if transit else 0,
        "audit_sequence": device.audit_sequence,
        "order_outstanding": order.kind if order else None,
        "orders": device.orders,
        "journal_sequence": device.heard.sequence,
        "journal_head": device.heard.entry_hash,
        "reported_at": device.heard_at,
        "acknowledged_sequence": device.confirmed.sequence,
        "suspicion": device.suspicion,
    }
