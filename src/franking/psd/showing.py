"""The display of a device: its registers and standing, for people and for JSON.

``show_readonly`` reads a device that is busy, read-only or faulted, without its vault: it shows
what is written, and that nothing vouches for it.
"""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from franking.clock import parse_instant
from franking.errors import InvariantBroken, Refused
from franking.psd.journal import state_of
from franking.psd.notices import notices
from franking.psd.orders import limit_mills
from franking.psd.records import DeviceState, Fault, Registers, Standing, Status
from franking.psd.sqlite_store import SqliteDeviceStore
from franking.psd.store import STORE_DAMAGED, RegisterRow, Stored
from franking.psd.terms import locks_in_force

_LOOKS: Final = 5
"""One look in some hundreds goes wrong on a device that commits without a pause."""


def shown(state: DeviceState, faults: tuple[Fault, ...], today: date) -> dict[str, Any]:
    """The display, as JSON has it; both registers stand side by side (39 CFR 501.6(i)(2))."""
    standing, isfaulted = state.standing, bool(faults)
    return {
        "device_id": standing.device_id,
        "status": Status.FAULTED.value if isfaulted else state.status.value,
        "locks": list(locks_in_force(standing, today)),
        "faults": [fault.finding for fault in faults],
        "profile": standing.rulebook,
        "system": standing.system,
        **_licensed(standing, today),
        **_registers(state.registers),
        "sequence": state.sequence,
        "journal_head": state.head.hex(),
        "latest_time": state.latest_time,
        "watchdog_date": _text(standing.watchdog_date),
        "reset_pending_mills": standing.reset.amount_mills if standing.reset else 0,
        "moved_to": standing.moved_to,
        "warnings": [
            {"code": notice.code, "detail": notice.detail, "remedy": notice.remedy}
            for notice in notices(state, today)
        ],
    }


def shown_at(state: DeviceState, faults: tuple[Fault, ...], now: datetime | None) -> dict[str, Any]:
    """``shown`` on the day of ``now``, or of the device's latest accepted time."""
    return shown(state, faults, (now or parse_instant(state.latest_time)).date())


def show_readonly(path: Path, now: datetime | None = None) -> dict[str, Any]:
    """The display of the device at ``path``, read without touching it and without its keys.

    ``copies_agree`` says whether the two stored register rows are the same. Locks and warnings are
    those of ``now``, or of the day of the device's latest accepted time.

    Raises:
        Refused: ``DEVICE_NOT_THERE``, ``STORE_DAMAGED``.
    """
    stored = _steadily_read(path)
    state = _state(stored)
    return {
        **shown_at(state, stored.faults, now),
        "copies_agree": stored.row == stored.copy,
    }


def _steadily_read(path: Path) -> Stored:
    """Read without a lock; a device at work may change in the middle of it, so look again."""
    for look in range(1, _LOOKS + 1):
        try:
            stored = _read(path)
        except Refused as refused:
            if refused.code != STORE_DAMAGED.code or look == _LOOKS:
                raise
        else:
            if stored.row == stored.copy:
                break
    return stored


def _read(path: Path) -> Stored:
    store = SqliteDeviceStore.peek(path)
    try:
        return store.load()
    finally:
        store.close()


def _state(stored: Stored) -> DeviceState:
    for row in (stored.row, stored.copy):
        if isinstance(row, RegisterRow):
            try:
                return state_of(row)
            except InvariantBroken:
                continue
    raise STORE_DAMAGED.because("neither the register row nor its copy reads")


def _registers(registers: Registers) -> dict[str, int]:
    return {
        "ascending_mills": registers.ascending_mills,
        "descending_mills": registers.descending_mills,
        "control_total_mills": registers.control_total_mills,
        "piece_count": registers.piece_count,
        "reset_sequence": registers.reset_sequence,
    }


def _licensed(standing: Standing, today: date) -> dict[str, Any]:
    licence, certificate = standing.licence, standing.certificate
    return {
        "licence": licence.licence if licence else None,
        "licence_zip": licence.zip_code if licence else None,
        "licence_city": licence.city if licence else None,
        "licence_state": licence.state if licence else None,
        "limit_mills": limit_mills(standing, today),
        "certificate_serial": certificate.serial if certificate else None,
        "certificate_ends": _text(certificate.last_day) if certificate else None,
    }


def _text(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None
