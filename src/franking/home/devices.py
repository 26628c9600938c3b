"""The devices of a home: a folder each, with the store and the vault that belongs to it.

``devices/NAME/device.sqlite3`` is the store, ``vault.json`` a software vault, ``token.json`` says
which PKCS#11 token holds the keys instead. A passphrase or a PIN is never stored: it comes from
the file that ``FRANKING_PASSPHRASE_FILE`` names.
"""

from __future__ import annotations

import os
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from franking.errors import Refusal
from franking.psd.device import PostalSecurityDevice
from franking.psd.showing import show_readonly
from franking.psd.sqlite_store import SqliteDeviceStore
from franking.psd.vault.pkcs11 import Pkcs11Vault
from franking.psd.vault.port import KeyVault
from franking.psd.vault.software import SoftwareVault

STORE_FILE = "device.sqlite3"
VAULT_FILE = "vault.json"
TOKEN_FILE = "token.json"
PASSPHRASE_VARIABLE = "FRANKING_PASSPHRASE_FILE"

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)

DEVICE_NAME_UNFIT = Refusal(
    "DEVICE_NAME_UNFIT",
    clause="policy",
    remedy="Name the device with letters, digits, dots and dashes, such as front-office.",
    http_status=422,
)
PASSPHRASE_UNREADABLE = Refusal(
    "PASSPHRASE_UNREADABLE",
    clause="policy",
    remedy=f"Point {PASSPHRASE_VARIABLE} at a file whose first line is the passphrase or PIN.",
)
PIN_WANTED = Refusal(
    "PIN_WANTED",
    clause="policy",
    remedy=f"Point {PASSPHRASE_VARIABLE} at a file whose first line is the token's PIN.",
)


class TokenPlace(msgspec.Struct, frozen=True, kw_only=True):
    """Which PKCS#11 token holds the keys of a device."""

    library: str
    label: str


class DevicePlace:
    """Where one device of a home is kept."""

    def __init__(self, home: Path, name: str) -> None:
        """The place of the device called ``name``.

        Raises:
            Refused: ``DEVICE_NAME_UNFIT``.
        """
        if _NAME.fullmatch(name) is None:
            raise DEVICE_NAME_UNFIT.because(f"{name!r} can not be the name of a device")
        self.name = name
        self.folder = home / "devices" / name

    @property
    def store_path(self) -> Path:
        """The store's file."""
        return self.folder / STORE_FILE

    def exists(self) -> bool:
        """Whether a device was made here."""
        return self.store_path.exists()

    def new_store(self) -> SqliteDeviceStore:
        """An empty store for a device to be made in."""
        return SqliteDeviceStore.create(self.store_path)

    def open(self, now: datetime) -> PostalSecurityDevice:
        """Power up the device; close it after use.

        Raises:
            Refused: what the store, the vault or the self-tests refuse.
        """
        store = SqliteDeviceStore.open(self.store_path)
        try:
            return PostalSecurityDevice.open(store, self.vault(), now)
        except BaseException:
            store.close()
            raise

    def shown(self, now: datetime) -> dict[str, Any]:
        """The display, read without touching the device: also busy, read-only or faulted."""
        return show_readonly(self.store_path, now)

    def new_vault(self, token: TokenPlace | None) -> KeyVault:
        """The vault for a new device: in software, or in a token."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if token is None:
            vault_file = self.folder / VAULT_FILE
            if vault_file.exists():  # the device's creation was cut short before
                return SoftwareVault.load(vault_file, passphrase())
            return SoftwareVault.create(vault_file, passphrase())
        (self.folder / TOKEN_FILE).write_bytes(msgspec.json.encode(token))
        return Pkcs11Vault.create(Path(token.library), label=token.label, pin=_pin())

    def vault(self) -> KeyVault:
        """The vault that holds the device's keys.

        Raises:
            Refused: what the vault refuses.
        """
        token_file = self.folder / TOKEN_FILE
        if token_file.exists():
            token = msgspec.json.decode(token_file.read_bytes(), type=TokenPlace)
            return Pkcs11Vault.load(Path(token.library), label=token.label, pin=_pin())
        return SoftwareVault.load(self.folder / VAULT_FILE, passphrase())


def device_names(home: Path) -> list[str]:
    """The names of all devices of a home, in order."""
    return sorted(file.parent.name for file in (home / "devices").glob(f"*/{STORE_FILE}"))


def passphrase() -> str | None:
    """The first line of the file that ``FRANKING_PASSPHRASE_FILE`` names, if any.

    Raises:
        Refused: ``PASSPHRASE_UNREADABLE``.
    """
    named = os.environ.get(PASSPHRASE_VARIABLE)
    return passphrase_in(Path(named)) if named else None


def passphrase_in(file: Path) -> str:
    """The first line of a file.

    Raises:
        Refused: ``PASSPHRASE_UNREADABLE``.
    """
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise PASSPHRASE_UNREADABLE.because(f"{file} can not be read") from error
    if not lines or not lines[0]:
        raise PASSPHRASE_UNREADABLE.because(f"{file} is empty")
    return lines[0]


def _pin() -> str:
    pin = passphrase()
    if pin is None:
        raise PIN_WANTED.because("the keys of this device are in a token")
    return pin
