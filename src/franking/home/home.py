"""A home, opened for one command: its folder, its time, and the domains in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from franking.errors import Refusal
from franking.home.bank_office import BankOffice, open_bank
from franking.home.brought_trust import latest_list, pinned_root
from franking.home.devices import DevicePlace, device_names
from franking.home.hosting import has_fleet, open_fleet
from franking.home.postal_office import ROOT_KEY, TRUST_LIST, PostalOffice
from franking.home.provider_office import ProviderOffice
from franking.home.root_reading import read_root_key
from franking.home.settings import (
    CLOCK_NOT_SIMULATED,
    HomeSettings,
    create_home,
    is_home,
    now_in,
    read_home,
)
from franking.host.books import open_mailer_books
from franking.psd.device import PostalSecurityDevice
from franking.psd.hosted_fleet import HostedFleet
from franking.psd.store import DEVICE_NOT_THERE
from franking.storage import Books
from franking.verification.trust_list import TrustList

NO_TRUST_LIST = Refusal(
    "NO_TRUST_LIST",
    clause="39 CFR 502.9(b) (1997)",
    remedy="Bring one with `franking trust update`, or give its file with --trust.",
    http_status=404,
)


@dataclass(frozen=True)
class Home:
    """One folder with all domains; ``now`` is the instant of this command, at the post office."""

    folder: Path
    settings: HomeSettings
    now: datetime

    @cached_property
    def postal(self) -> PostalOffice:
        """The Postal Service of this home."""
        return PostalOffice.open(self.folder / "postal", self.now)

    @cached_property
    def provider(self) -> ProviderOffice:
        """The provider of this home, certified by its Postal Service."""
        return ProviderOffice.open(self.folder / "provider", self.postal, self.now)

    @cached_property
    def bank(self) -> BankOffice:
        """The lockbox bank of this home, with a lockbox for its provider."""
        return open_bank(self)

    @cached_property
    def mailer_books(self) -> Books:
        """The mailer's books: print jobs, artwork, notices."""
        return open_mailer_books(self.folder / "mailer")

    @cached_property
    def fleet(self) -> HostedFleet:
        """The hosted devices of this home's provider; made on first use."""
        return open_fleet(self.folder)

    @property
    def own_trust_list(self) -> Path:
        """Where the home's Postal Service publishes its trust list."""
        return self.folder / "postal" / TRUST_LIST

    @property
    def own_root_key(self) -> Path:
        """Where the home's Postal Service publishes its root key."""
        return self.folder / "postal" / ROOT_KEY

    def place(self, name: str) -> DevicePlace:
        """Where the device called ``name`` is kept, or would be.

        Raises:
            Refused: ``DEVICE_NAME_UNFIT``.
        """
        return DevicePlace(self.folder, name)

    def existing(self, name: str) -> DevicePlace:
        """Where the device called ``name`` is kept.

        Raises:
            Refused: ``DEVICE_NOT_THERE``, ``DEVICE_NAME_UNFIT``.
        """
        place = self.place(name)
        if not place.exists():
            there = ", ".join(device_names(self.folder)) or "none"
            raise DEVICE_NOT_THERE.because(
                f"there is no device {name!r} here; there are: {there}",
                remedy=f"Make one: franking device create {name} --profile ibip-1997.",
            )
        return place

    @contextmanager
    def device(self, name: str) -> Iterator[PostalSecurityDevice]:
        """The device called ``name``, powered up for the length of the block.

        Raises:
            Refused: what the store, the vault or the self-tests refuse.
        """
        if self._is_hosted(name):
            with self.fleet.device(name, self.now) as device:
                yield device
            return
        with self.existing(name).open(self.now) as device:
            yield device

    def shown(self, name: str) -> dict[str, Any]:
        """The display of the device called ``name``; also of a busy, read-only or faulted one.

        Raises:
            Refused: ``DEVICE_NOT_THERE``, ``DEVICE_NAME_UNFIT``, or what the fleet refuses.
        """
        if self._is_hosted(name):
            with self.fleet.device(name, self.now) as device:
                return device.show(self.now)
        return self.existing(name).shown(self.now)

    def _is_hosted(self, name: str) -> bool:
        """Whether a device is in the fleet and not in a folder of its own."""
        return not self.place(name).exists() and has_fleet(self.folder) and self.fleet.has(name)

    @property
    def trust_folder(self) -> Path:
        """Where this home keeps the trust list that it was brought, and the root it pinned."""
        return self.folder / "trust"

    def believed(self, path: Path | None = None, root: Path | None = None) -> tuple[Path, Path]:
        """The files of the trust list and of the pinned root, unless others are named.

        What ``franking trust update`` brought goes before what the home's own Postal Service
        published; of one Postal Service, the newer list does.
        """
        return path or latest_list(self), root or pinned_root(self)

    def trust_list(self, path: Path | None = None, root: Path | None = None) -> TrustList:
        """A trust list under its pinned root: as ``believed`` says.

        Raises:
            Refused: ``NO_TRUST_LIST``, ``ROOT_KEY_UNREADABLE``, or what the list refuses.
        """
        listed, pinned = self.believed(path, root)
        if not listed.exists() or not pinned.exists():
            missing = listed if not listed.exists() else pinned
            raise NO_TRUST_LIST.because(f"there is no {missing}")
        return TrustList.open(listed, read_root_key(pinned))


def open_home(folder: Path, *, now_text: str | None = None) -> Home:
    """Open the home in ``folder`` for one command.

    Raises:
        Refused: ``HOME_UNREADABLE``, ``CLOCK_NOT_SIMULATED``, ``TIME_UNREADABLE``.
    """
    settings = read_home(folder)
    return Home(folder, settings, now_in(folder, settings, now_text))


def open_or_create(folder: Path, *, simulated_clock: bool, now_text: str | None) -> Home:
    """Open the home in ``folder``, making it on first use.

    Raises:
        Refused: as ``open_home`` and ``create_home``.
    """
    if not is_home(folder):
        if now_text is not None and not simulated_clock:
            raise CLOCK_NOT_SIMULATED.because(
                f"{folder} is no home yet, and would be made with the real clock",
                remedy="Add --simulated-clock, so that the home is made with a clock that moves.",
            )
        create_home(folder, simulated_clock=simulated_clock)
    return open_home(folder, now_text=now_text)
