"""The exchanges between the domains of a home: what a person asks, carried from one to the other.

Each function carries signed messages between a device, the provider and the Postal Service, as a
network would. Whatever an earlier exchange left half way (a lost answer, a killed process) is
settled first: every side gives the same answer to the same message again.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import msgspec

from franking.errors import Refusal, Refused
from franking.home.delivery import credit, deliver, is_enrolled, settle
from franking.home.devices import DevicePlace, TokenPlace, device_names
from franking.home.home import Home
from franking.home.imprints import town_of
from franking.identifiers import DeviceId
from franking.marks.town_circle import Town
from franking.messages import kinds
from franking.postal.certificates import commands as certificates
from franking.postal.certificates.records import Certificate
from franking.postal.licences.commands import issue_licence
from franking.postal.licences.records import Applicant, PostOffice
from franking.provider.resetting import commands, enrolment, ordering
from franking.psd.device import PostalSecurityDevice
from franking.psd.records import DeviceProfile, EvidenceRequest, Registers
from franking.psd.store import DEVICE_EXISTS

__all__ = ["Applicant", "PostOffice"]

MANUFACTURER = "FK"
"""Invented: no manufacturer of the Postal Service's list bears it."""
MODEL = "1A"

_DEVICE_ID = re.compile(r"[0-9A-Z]{4}\d{10}", re.ASCII)

PROFILE_UNKNOWN = Refusal(
    "PROFILE_UNKNOWN",
    clause="policy",
    remedy="Choose ibip-1997 or meter-1995, and an open or a closed system.",
    http_status=422,
)


class Evidenced(msgspec.Struct, frozen=True, kw_only=True):
    """A piece that was paid for; amounts in mills, registers after it."""

    request_id: str
    device_id: str
    indicium: bytes
    registers: Registers
    postage_mills: int
    town: Town
    warnings: tuple[str, ...]

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
        }


def create_device(
    home: Home,
    name: str,
    *,
    rulebook: str = "ibip-1997",
    system: str = "open",
    token: TokenPlace | None = None,
) -> dict[str, Any]:
    """Make a device and its key, and enrol it with the provider (DMM P050.3.1-1).

    A creation that was cut short goes on where it was.

    Raises:
        Refused: ``PROFILE_UNKNOWN``, ``DEVICE_EXISTS``, ``DEVICE_NAME_UNFIT``, or what the store
            and the vault refuse.
    """
    profile = _profile(rulebook, system)
    place, provider = home.place(name), home.provider
    with _new_or_unfinished(home, place, profile, token) as device:
        if is_enrolled(provider, device):
            raise DEVICE_EXISTS.because(f"there is a device {name!r} here already")
        enrolment.enrol_device(
            provider.books,
            provider.signer,
            signing_request=device.certificate_signing_request(home.now),
            rulebook=rulebook,
            system=system,
            now=home.now,
        )
        return {"device": name, **device.show(home.now)}


def authorize(home: Home, name: str, applicant: Applicant, office: PostOffice) -> dict[str, Any]:
    """License the applicant at a post office, certify the key, authorize the device.

    Raises:
        Refused: ``APPLICATION_INCOMPLETE``, ``STATUS_UNSUITABLE``, or what the device refuses.
    """
    postal, provider, now = home.postal, home.provider, home.now
    with home.device(name) as device:
        settle(home.provider, device, home.now)
        licence = issue_licence(postal.books, postal.signer, applicant, office, now)
        enrolment.take_licence(provider.books, licence.message, now)
        order = ordering.authorize(
            provider.books,
            provider.signer,
            device_id=str(device.device_id),
            certificate=_certified(home, device).der,
            licence=licence.number,
            now=now,
        )
        deliver(provider, device, order, now)
        postal.publish(now)
        return {"device": name, **device.show(now)}


def reset(
    home: Home, name: str, *, amount_mills: int, request_id: str | None = None
) -> dict[str, Any]:
    """Credit a device: request, grant, receipt. The same request id credits once.

    Without an id, a reset of the same amount that was cut short is completed, and no other begun.

    Raises:
        Refused: what the device or the provider refuse; a refused request is closed again.
    """
    with home.device(name) as device:
        completed = settle(home.provider, device, home.now)
        if completed is None or request_id is not None or completed.amount_mills != amount_mills:
            completed = _reset(home, device, amount_mills, request_id)
        return {
            "device": name,
            "amount_mills": completed.amount_mills,
            "sequence": completed.sequence,
            **_registers(device.registers),
        }


def evidence(home: Home, name: str, request: EvidenceRequest) -> Evidenced:
    """Debit the device and sign one indicium (PSD-3, PSD-4).

    Raises:
        Refused: what the device refuses.
    """
    with home.device(name) as device:
        done = device.evidence(request, home.now)
        return Evidenced(
            request_id=done.request_id,
            device_id=str(device.device_id),
            indicium=done.indicium,
            registers=done.registers,
            postage_mills=done.content.postage_mills,
            town=town_of(device.state, home.now.date()),
            warnings=tuple(f"{each.detail} {each.remedy}" for each in device.warnings(home.now)),
        )


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
    return {"device": name, **home.existing(name).shown(home.now)}


def audit(home: Home, name: str) -> dict[str, Any]:
    """The device audit message to the provider, its receipt to the device (39 CFR 502.24).

    Raises:
        Refused: what the provider finds wrong with the report.
    """
    provider = home.provider
    with home.device(name) as device:
        settle(home.provider, device, home.now)
        report = device.audit(home.now)
        receipt = commands.receive_audit(provider.books, provider.signer, report, home.now)
        device.apply_audit_receipt(receipt, home.now)
        return {"device": name, **device.show(home.now)}


def lock(home: Home, name: str, *, cause: str, clause: str) -> dict[str, Any]:
    """Order the device to evidence nothing, for a cause."""
    books, signer = home.provider.books, home.provider.signer
    return _ordered(
        home,
        name,
        lambda device_id: ordering.order_lock(
            books, signer, device_id=device_id, cause=cause, clause=clause, now=home.now
        ),
    )


def unlock(home: Home, name: str, *, cause: str) -> dict[str, Any]:
    """Lift the lock of one cause.

    Raises:
        Refused: ``LOCK_NOT_ORDERED``.
    """
    books, signer = home.provider.books, home.provider.signer
    return _ordered(
        home,
        name,
        lambda device_id: ordering.order_unlock(
            books, signer, device_id=device_id, cause=cause, now=home.now
        ),
    )


def withdraw(home: Home, name: str, *, reason: str) -> dict[str, Any]:
    """End the service of a device: locked for good, its registers stated (PSD-7)."""
    books, signer = home.provider.books, home.provider.signer
    return _ordered(
        home,
        name,
        lambda device_id: ordering.order_withdrawal(
            books, signer, device_id=device_id, reason=reason, now=home.now
        ),
    )


def clear(home: Home, name: str, *, examiner: str) -> dict[str, Any]:
    """After examination: value given up, key destroyed, its end told to every verifier (PSD-7)."""
    books, signer = home.provider.books, home.provider.signer
    before = show(home, name)["descending_mills"]
    done = _ordered(
        home,
        name,
        lambda device_id: ordering.order_clearing(
            books, signer, device_id=device_id, examiner=examiner, now=home.now
        ),
    )
    _report_key_end(home, done["device_id"], "withdrawn")
    return {**done, "withdrawn_mills": before}


def scrap(home: Home, name: str, *, reason: str) -> dict[str, Any]:
    """The end of a cleared device."""
    provider = home.provider
    with home.device(name) as device:
        settle(home.provider, device, home.now)
        order = ordering.order_scrapping(
            provider.books,
            provider.signer,
            device_id=str(device.device_id),
            reason=reason,
            now=home.now,
        )
        device.scrap(order, home.now)
        return {"device": name, **device.show(home.now)}


def roll_over(home: Home, name: str) -> dict[str, Any]:
    """Give a device its next key; pieces of the key before stay verifiable up to its end."""
    postal, provider, now = home.postal, home.provider, home.now
    with home.device(name) as device:
        settle(home.provider, device, home.now)
        wanted = enrolment.request_rollover_certificate(
            provider.books, provider.signer, device.request_rollover(now), now
        )
        certified = certificates.certify_device(postal.books, postal.signer, wanted, now)
        order = ordering.authorize_rollover(
            provider.books,
            provider.signer,
            device_id=str(device.device_id),
            certificate=certified.der,
            now=now,
        )
        deliver(provider, device, order, now)
        _report_key_end(home, str(device.device_id), "rollover")
        return {"device": name, **device.show(now)}


def report(home: Home, name: str, *, reason: str) -> dict[str, Any]:
    """Tell every verifier that a device is lost or stolen, or its key known to others.

    Raises:
        Refused: ``KEY_END_UNKNOWN``.
    """
    shown = show(home, name)
    ended = _report_key_end(home, shown["device_id"], reason)
    return {"device": name, "reason": reason, "certificate_serial": ended.serial}


def check(home: Home, name: str) -> dict[str, Any]:
    """Power up, and read the whole journal; what is wrong faults the device (PSD-5)."""
    with home.device(name) as device:
        findings = device.check(home.now)
        shown: dict[str, Any] = device.show(home.now)
        found = list(dict.fromkeys([*shown["faults"], *findings]))
        return {**shown, "device": name, "findings": found, "entries": shown["sequence"]}


def _reset(
    home: Home, device: PostalSecurityDevice, amount_mills: int, request_id: str | None
) -> kinds.ResetReceipt:
    provider, now = home.provider, home.now
    # The sequence names the request: the same reset repeated after a crash is the same request.
    asked = request_id or f"reset-{device.registers.reset_sequence + 1}"
    request = device.request_reset(amount_mills, asked, now)
    try:
        grant = commands.grant_reset(provider.books, provider.signer, request, now)
    except Refused:
        commands.accept_closed(provider.books, device.close_reset(now), now)
        raise
    return credit(provider, device, grant, now)


def _ordered(home: Home, name: str, issue: Callable[[str], str]) -> dict[str, Any]:
    """Settle, issue an order to the device, carry it there and its answer back."""
    with home.device(name) as device:
        settle(home.provider, device, home.now)
        deliver(home.provider, device, issue(str(device.device_id)), home.now)
        return {"device": name, **device.show(home.now)}


def _report_key_end(home: Home, device_id: str, reason: str) -> Certificate:
    provider, postal, now = home.provider, home.postal, home.now
    told = enrolment.report_key_end(
        provider.books, provider.signer, device_id=device_id, reason=reason, now=now
    )
    ended = certificates.take_revocation(postal.books, told, now)
    postal.publish(now)
    return ended


def _certified(home: Home, device: PostalSecurityDevice) -> Certificate:
    """The certificate of the device's key; asked for again, it is the same."""
    provider, postal, standing = home.provider, home.postal, device.state.standing
    request = enrolment.enrol_device(
        provider.books,
        provider.signer,
        signing_request=device.certificate_signing_request(home.now),
        rulebook=standing.rulebook,
        system=standing.system,
        now=home.now,
    )
    return certificates.certify_device(postal.books, postal.signer, request, home.now)


def _new_or_unfinished(
    home: Home, place: DevicePlace, profile: DeviceProfile, token: TokenPlace | None
) -> PostalSecurityDevice:
    if place.exists():
        return place.open(home.now)
    anchors = home.provider.anchors(home.postal)
    device_id = _device_id_for(home, place.name)
    vault = place.new_vault(token)
    return PostalSecurityDevice.create(
        place.new_store(), vault, device_id, profile, anchors, home.now
    )


def _device_id_for(home: Home, name: str) -> DeviceId:
    """The name itself where it is a device ID; else the serial after the highest in the home."""
    if _DEVICE_ID.fullmatch(name):
        return DeviceId.parse(name)
    own = (show(home, each)["device_id"] for each in device_names(home.folder))
    serials = [DeviceId.parse(each).serial for each in own if each.startswith(MANUFACTURER + MODEL)]
    return DeviceId(MANUFACTURER, MODEL, max(serials, default=0) + 1)


def _profile(rulebook: str, system: str) -> DeviceProfile:
    plain = {"rulebook": rulebook, "system": system}
    try:
        return msgspec.convert(plain, DeviceProfile)
    except msgspec.ValidationError as error:
        raise PROFILE_UNKNOWN.because(f"{rulebook!r}, {system!r}: {error}") from error


def _registers(registers: Registers) -> dict[str, int]:
    found: dict[str, int] = msgspec.to_builtins(registers)
    return found
