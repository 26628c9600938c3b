"""The exchanges between the domains of a home: what a person asks, carried from one to the other.

Each function carries signed messages between a device, the provider and the Postal Service, as a
network would. Whatever an earlier exchange left half way (a lost answer, a killed process) is
settled first: every side gives the same answer to the same message again.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

import msgspec

from franking.bank.records import Method
from franking.errors import Refused
from franking.home import bank
from franking.home.authorizing import authorize, license_mailer
from franking.home.delivery import close_pending, credit, settle
from franking.home.home import Home
from franking.home.imprints import town_of
from franking.home.making import create_device
from franking.home.orders import (
    clear,
    examine,
    lock,
    report,
    roll_over,
    scrap,
    tell_earlier_key_end,
    unlock,
    withdraw,
)
from franking.host.addresses import require_zip_in_use
from franking.marks.town_circle import Town
from franking.messages import kinds
from franking.postal.licences.records import Applicant, PostOffice
from franking.provider.funds import charging
from franking.provider.funds.accounts import require_account_of
from franking.provider.funds.records import FundsAccount
from franking.provider.resetting import commands
from franking.provider.resetting.continuity import REPORT_OVERTAKEN
from franking.provider.resetting.view import device_view
from franking.provider.schema import LEDGER
from franking.psd.device import PostalSecurityDevice
from franking.psd.orders import RESET_PENDING
from franking.psd.records import EvidenceRequest, Notice, Registers
from franking.psd.requests import REQUEST_ID_USED
from franking.psd.resets import require_resettable
from franking.psd.store import Entry

__all__ = [
    "Applicant",
    "Evidenced",
    "PostOffice",
    "audit",
    "authorize",
    "check",
    "clear",
    "create_device",
    "evidence",
    "examine",
    "journal",
    "license_mailer",
    "lock",
    "preview",
    "provider_view",
    "report",
    "reset",
    "roll_over",
    "scrap",
    "show",
    "unlock",
    "withdraw",
]

_IS_DELIVERY_POINT = re.compile(r"\d{5}(\d{4}(\d{2})?)?", re.ASCII)


class Evidenced(msgspec.Struct, frozen=True, kw_only=True):
    """A piece that was paid for; amounts in mills, registers after it."""

    request_id: str
    device_id: str
    indicium: bytes
    registers: Registers
    postage_mills: int
    town: Town
    warnings: tuple[Notice, ...]

    @property
    def descending_mills(self) -> int:
        """What is left in the device."""
        return self.registers.descending_mills

    def as_json(self) -> dict[str, Any]:
        """For programs: the bytes in hex, and the registers after the piece."""
        return {
            "request_id": self.request_id,
            "device_id": self.device_id,
            "indicium_hex": self.indicium.hex(),
            "postage_mills": self.postage_mills,
            "ascending_mills": self.registers.ascending_mills,
            "descending_mills": self.registers.descending_mills,
            "piece_count": self.registers.piece_count,
            "warnings": [msgspec.to_builtins(each) for each in self.warnings],
        }


def reset(
    home: Home,
    name: str,
    *,
    amount_mills: int,
    request_id: str | None = None,
    pay: Method | None = None,
) -> dict[str, Any]:
    """Credit a device: request, grant, receipt. The same request id credits once.

    Without an id, a reset of the same amount that was cut short is completed, and no other begun.
    ``pay`` is how the amount is paid in first; what was paid for a reset that was then refused
    stays on deposit, and is not paid again for the same amount.

    Raises:
        Refused: what the device or the provider refuse; a refused request is closed again.
    """
    with home.device(name) as device:
        completed = settle(home.provider, device, home.now)
        if completed is None or request_id is not None or completed.amount_mills != amount_mills:
            if pay is not None:
                pay_for(home, device, amount_mills, pay, request_id)
            completed = _reset(home, device, amount_mills, request_id)
        return {
            "device": name,
            "device_id": str(device.device_id),
            "amount_mills": completed.amount_mills,
            "sequence": completed.sequence,
            "balance_mills": _balance(home, device),
            **_registers(device.registers),
        }


def evidence(home: Home, name: str, request: EvidenceRequest) -> Evidenced:
    """Debit the device and sign one indicium (PSD-3, PSD-4).

    Raises:
        Refused: what the device refuses.
    """
    if _IS_DELIVERY_POINT.fullmatch(request.destination):
        require_zip_in_use(request.destination)
    with home.device(name) as device:
        done = device.evidence(request, home.now)
        return Evidenced(
            request_id=done.request_id,
            device_id=str(device.device_id),
            indicium=done.indicium,
            registers=done.registers,
            postage_mills=done.content.postage_mills,
            town=town_of(device.state, home.now.date()),
            warnings=tuple(device.warnings(home.now)),
        )


def provider_view(home: Home, name: str) -> dict[str, Any]:
    """What the provider knows of a device, from messages that it signed."""
    device_id = show(home, name)["device_id"]
    return {"device": name, **device_view(home.provider.books, device_id)}


def preview(home: Home, name: str, request: EvidenceRequest) -> dict[str, Any]:
    """What a request would print and leave; nothing is changed.

    Raises:
        Refused: as ``evidence``.
    """
    with home.device(name) as device:
        found: dict[str, Any] = msgspec.to_builtins(device.preview(request, home.now))
        return found


def show(home: Home, name: str) -> dict[str, Any]:
    """The registers and standing of a device; also read-only, busy or faulted."""
    return {"device": name, **home.shown(name)}


def audit(home: Home, name: str) -> dict[str, Any]:
    """The device audit message to the provider, its receipt to the device (39 CFR 502.24).

    An audit is how a rewound journal is found and a clock is put right, so what an earlier
    exchange left half way does not stop it; it is settled afterwards.

    Raises:
        Refused: what the provider finds wrong with the report.
    """
    provider, now = home.provider, home.now
    with home.device(name) as device:
        with suppress(Refused):
            settle(provider, device, now)
        _audited(home, device)
        settle(provider, device, now)
        tell_earlier_key_end(home, device)
        return {"device": name, **device.show(now)}


def check(home: Home, name: str) -> dict[str, Any]:
    """Power up, and read the whole journal; what is wrong faults the device (PSD-5)."""
    with home.device(name) as device:
        findings = device.check(home.now)
        shown: dict[str, Any] = device.show(home.now)
        found = list(dict.fromkeys([*shown["faults"], *findings]))
        return {**shown, "device": name, "findings": found, "entries": shown["sequence"]}


def journal(home: Home, name: str, *, after: int, limit: int) -> list[dict[str, Any]]:
    """At most ``limit`` journal entries after one, in order; bytes in hex."""
    with home.device(name) as device:
        return [_entry(entry) for entry in device.journal(after, limit)]


def _reset(
    home: Home, device: PostalSecurityDevice, amount_mills: int, request_id: str | None
) -> kinds.ResetReceipt:
    provider, now = home.provider, home.now
    request = _requested(home, device, amount_mills, request_id)
    try:
        grant = commands.grant_reset(provider.books, provider.signer, request, now)
    except Refused as refused:
        isundatable = refused.refusal is REPORT_OVERTAKEN
        try:
            if isundatable:
                _audited(home, device)  # which a rewound device does not pass
        finally:
            # The person is told why the provider refused; a rewound device may not close, too.
            with suppress(Refused):
                close_pending(provider, device, now)
        if isundatable and request_id is None:
            return _reset(home, device, amount_mills, None)
        raise
    return credit(provider, device, grant, now)


def pay_for(
    home: Home,
    device: PostalSecurityDevice,
    amount_mills: int,
    method: Method,
    request_id: str | None,
) -> None:
    """Pay an amount into the account of a device's licence, once for one and the same reset.

    Raises:
        Refused: what locks the account or all resetting, what the device would refuse, and what
            paying refuses.
    """
    if request_id is None and device.state.standing.reset is None:
        require_resettable(device.state, amount_mills=amount_mills, now=home.now)
    which = request_id or f"after {device.registers.control_total_mills}"
    order = f"reset of {device.device_id} by {amount_mills}, {which}"
    with home.provider.books.reading() as reading:
        account = charging.require_resettable(reading, _licence(device), home.now.date())
    bank.pay(home, account.number, amount_mills, method=method, order=order)


def _licence(device: PostalSecurityDevice) -> str:
    licence = device.state.standing.licence
    return licence.licence if licence else ""


def _account(home: Home, device: PostalSecurityDevice) -> FundsAccount:
    with home.provider.books.reading() as reading:
        return require_account_of(reading, _licence(device))


def _balance(home: Home, device: PostalSecurityDevice) -> int:
    """What remains on deposit for the licence of a device, in mills."""
    account = _account(home, device)
    with home.provider.books.reading() as reading:
        return LEDGER.balance(reading, account.name).balance_mills


def _audited(home: Home, device: PostalSecurityDevice) -> None:
    """The device audit message, and its receipt."""
    provider, now = home.provider, home.now
    report = device.audit(now)
    receipt = commands.receive_audit(provider.books, provider.signer, report, now)
    device.apply_audit_receipt(receipt, now)


def _requested(
    home: Home, device: PostalSecurityDevice, amount_mills: int, request_id: str | None
) -> str:
    """The device's request; one that was cut short before its grant makes room for another."""
    try:
        return device.request_reset(amount_mills, request_id or _name_of_next(device), home.now)
    except Refused as refused:
        named = refused.refusal is REQUEST_ID_USED and request_id is None
        if device.state.standing.reset is None or not (named or refused.refusal is RESET_PENDING):
            raise
    close_pending(home.provider, device, home.now)
    return device.request_reset(amount_mills, request_id or _name_of_next(device), home.now)


def _name_of_next(device: PostalSecurityDevice) -> str:
    """The sequence names it: the same reset repeated after a crash is the same request."""
    return f"reset-{device.registers.reset_sequence + 1}-of-{device.device_id}"


def _entry(entry: Entry) -> dict[str, Any]:
    plain = {**entry._asdict(), "kind": entry.kind.value}
    return {key: each.hex() if isinstance(each, bytes) else each for key, each in plain.items()}


def _registers(registers: Registers) -> dict[str, int]:
    found: dict[str, int] = msgspec.to_builtins(registers)
    return found
