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

from franking.errors import Refusal, Refused
from franking.home.settings import HOME_UNREADABLE
from franking.psd.device import PostalSecurityDevice
from franking.psd.showing import show_readonly
from franking.psd.sqlite_store import SqliteDeviceStore
from franking.psd.store import DEVICE_NOT_THERE
from franking.psd.vault.pkcs11 import Pkcs11Vault
from franking.psd.vault.port import VAULT_UNREADABLE, KeyVault
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

    def is_made(self) -> bool:
        """Whether a device is here; what a creation cut short has left is none.

        Raises:
            Refused: ``STORE_DAMAGED``.
        """
        try:
            store = SqliteDeviceStore.peek(self.store_path)
        except Refused as refused:
            if refused.refusal is not DEVICE_NOT_THERE:
                raise
            return False
        try:
            return store.load().last_sequence > 0
        finally:
            store.close()

    def new_store(self) -> SqliteDeviceStore:
        """An empty store for a device to be made in."""
        return SqliteDeviceStore.create(self.store_path)

    def remove_unmade(self) -> None:
        """Remove the store that a refused creation has left; never one that holds a device.

        Raises:
            Refused: ``STORE_DAMAGED``.
        """
        if self.exists() and not self.is_made():
            self.store_path.unlink()

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
        """The vault for a new device: in software, or in a token.

        Raises:
            Refused: ``HOME_UNREADABLE`` where nothing can be written, or what the vault refuses.
        """
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if token is not None:
                return self._new_token(token)
            # A creation that was cut short may have left either.
            self._token_file.unlink(missing_ok=True)
        except OSError as error:
            raise HOME_UNREADABLE.because(f"{self.folder}: {error.strerror}") from error
        if self._vault_file.exists():
            return SoftwareVault.load(self._vault_file, passphrase())
        return SoftwareVault.create(self._vault_file, passphrase())

    def _new_token(self, token: TokenPlace) -> KeyVault:
        vault = Pkcs11Vault.create(Path(token.library), label=token.label, pin=_pin())
        self._token_file.write_bytes(msgspec.json.encode(token))
        return vault

    def vault(self) -> KeyVault:
        """The vault that holds the device's keys.

        Raises:
            Refused: what the vault refuses.
        """
        if not self._token_file.exists():
            return SoftwareVault.load(self._vault_file, passphrase())
        token = self._token()
        return Pkcs11Vault.load(Path(token.library), label=token.label, pin=_pin())

    @property
    def _vault_file(self) -> Path:
        return self.folder / VAULT_FILE

    @property
    def _token_file(self) -> Path:
        return self.folder / TOKEN_FILE

    def _token(self) -> TokenPlace:
        try:
            return msgspec.json.decode(self._token_file.read_bytes(), type=TokenPlace)
        except (OSError, msgspec.DecodeError) as error:
            raise VAULT_UNREADABLE.because(f"{self._token_file} names no token: {error}") from error


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
