"""How a device comes into a home: made new, or taken in from another computer.

A creation that was cut short goes on where it was; one that was refused leaves nothing that could
be taken for a device.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count
from typing import Any

import msgspec

from franking.errors import Refusal, Refused
from franking.home.delivery import is_enrolled
from franking.home.devices import DevicePlace, TokenPlace, device_names
from franking.home.home import Home
from franking.identifiers import SERIAL_MAX, DeviceId
from franking.provider.devices.intake import NewInspection, inspect, is_uninspected
from franking.provider.resetting import enrolment
from franking.provider.resetting.view import device_views
from franking.psd.device import PostalSecurityDevice
from franking.psd.records import DeviceProfile, Status
from franking.psd.store import DEVICE_EXISTS

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


def create_device(
    home: Home,
    name: str,
    *,
    rulebook: str = "ibip-1997",
    system: str = "open",
    token: TokenPlace | None = None,
) -> dict[str, Any]:
    """Make a device and its key, and enrol it with the provider (DMM P050.3.1-1).

    Raises:
        Refused: ``PROFILE_UNKNOWN``, ``DEVICE_EXISTS``, ``DEVICE_NAME_UNFIT``, or what the store
            and the vault refuse.
    """
    profile = profile_of(rulebook, system)
    place, provider = home.place(name), home.provider
    with _new_or_unfinished(home, place, profile, token) as device:
        made_as = (device.state.standing.rulebook, device.state.standing.system)
        if is_enrolled(provider, device) or made_as != (rulebook, system):
            raise DEVICE_EXISTS.because(f"there is a device {name!r} here already")
        enrolment.enrol_device(
            provider.books,
            provider.signer,
            signing_request=device.certificate_signing_request(home.now),
            rulebook=rulebook,
            system=system,
            now=home.now,
        )
        inspect_new(home, device)
        return {"device": name, **device.show(home.now)}


def inspect_new(home: Home, device: PostalSecurityDevice) -> None:
    """Inspect a device whose key was just loaded, by what it shows after its own self-test.

    A device that was inspected since its key was loaded stays as it is (39 CFR 502.19).
    """
    serial, shown = str(device.device_id), device.show(home.now)
    if not is_uninspected(home.provider.books, serial):
        return
    inspection = NewInspection(
        serial=serial,
        inspector="power-up self-test",
        finding=f"powered up, self-test passed, {shown['status']}",
        passed=device.status is not Status.FAULTED,
    )
    inspect(home.provider.books, inspection, now=home.now)


def _new_or_unfinished(
    home: Home, place: DevicePlace, profile: DeviceProfile, token: TokenPlace | None
) -> PostalSecurityDevice:
    if place.is_made():
        return place.open(home.now)
    anchors = home.provider.anchors(home.postal)
    device_id = device_id_for(home, place.name)
    vault = place.new_vault(token)
    return PostalSecurityDevice.create(
        place.new_store(), vault, device_id, profile, anchors, home.now
    )


def device_id_for(home: Home, name: str) -> DeviceId:
    """The name itself where it is a device ID; else the serial after the highest of the home."""
    if _DEVICE_ID.fullmatch(name):
        return DeviceId.parse(name)
    known = {str(view["device_id"]) for view in device_views(home.provider.books)}
    ours = [each for each in known.union(_shown_ids(home)) if each.startswith(MANUFACTURER + MODEL)]
    serials = {DeviceId.parse(each).serial for each in ours}
    # A device may have been named with the highest serial there is; then the first gap is taken.
    following = max(serials, default=0) + 1
    serial = following if following <= SERIAL_MAX else next(n for n in count(1) if n not in serials)
    return DeviceId(MANUFACTURER, MODEL, serial)


def _shown_ids(home: Home) -> Iterator[str]:
    """The devices that can be read; one that was damaged is in the provider's books."""
    for name in device_names(home.folder):
        try:
            yield home.place(name).shown(home.now)["device_id"]
        except Refused:
            continue


def profile_of(rulebook: str, system: str) -> DeviceProfile:
    """The profile of a new device.

    Raises:
        Refused: ``PROFILE_UNKNOWN``.
    """
    plain = {"rulebook": rulebook, "system": system}
    try:
        return msgspec.convert(plain, DeviceProfile)
    except msgspec.ValidationError as error:
        raise PROFILE_UNKNOWN.because(
            f"there is no device profile {rulebook!r} with {system!r} system"
        ) from error
