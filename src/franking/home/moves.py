"""A device on its way to another computer, and the passphrase over its keys.

The parcel is a file; its keys are sealed under a passphrase. See ``franking.psd.moving``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from franking.errors import Refused
from franking.home.delivery import settle
from franking.home.devices import TokenPlace, passphrase
from franking.home.home import Home
from franking.psd.device import PostalSecurityDevice
from franking.psd.sqlite_store import SqliteDeviceStore
from franking.psd.store import DEVICE_EXISTS


def move_out(home: Home, name: str, *, parcel: Path, secret: str) -> dict[str, Any]:
    """Leave in a new file under a passphrase; afterwards this place can only be read.

    Raises:
        Refused: what the store and the device refuse; see ``franking.psd.moving``.
    """
    with home.device(name) as device:
        if not device.state.standing.moved_to:
            settle(home.provider, device, home.now)
        store = SqliteDeviceStore.create(parcel)
        try:
            number = device.move_out(store, secret, home.now)
        finally:
            store.close()
        return {"device": name, "parcel": str(parcel), "number": number, **device.show(home.now)}


def move_in(
    home: Home, name: str, *, parcel: Path, secret: str, token: TokenPlace | None
) -> dict[str, Any]:
    """Take in the device of a parcel; locked until it was audited here.

    Raises:
        Refused: ``DEVICE_EXISTS``, or what the parcel, the store and the vault refuse.
    """
    place = home.place(name)
    if place.is_made():
        raise DEVICE_EXISTS.because(f"there is a device {name!r} here already")
    left = SqliteDeviceStore.peek(parcel)
    try:
        vault, store = place.new_vault(token), place.new_store()
        try:
            device = PostalSecurityDevice.move_in(left, secret, store, vault, home.now)
        except Refused:
            store.close()
            place.remove_unmade()
            raise
    finally:
        left.close()
    with device:
        return {"device": name, **device.show(home.now)}


def change_passphrase(home: Home, name: str, *, new: str | None) -> dict[str, Any]:
    """Protect the device's keys by another passphrase or PIN, or by none.

    The former one is read from where every command reads it.

    Raises:
        Refused: ``VAULT_PASSPHRASE_WRONG``, ``VAULT_UNREADABLE``, ``TOKEN_GONE``.
    """
    home.existing(name).vault().change_passphrase(passphrase(), new)
    return {"device": name, "protected": new is not None}
