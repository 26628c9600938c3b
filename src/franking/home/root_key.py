"""The root key of a home's Postal Service: its backup, the drill of it, its return.

Works on the books and the vault themselves, without opening the root: where its vault was lost, it
can not be opened. The parcel and its passphrase are kept apart from each other, and from the home.
"""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from franking.errors import Refusal
from franking.home.keeping import Shelf
from franking.home.postal_office import vault_in
from franking.postal.certificates import authority
from franking.postal.certificates.records import Authority, KeyDrill
from franking.psd.vault.software import SoftwareVault
from franking.storage import Actor

ROOT_PARCEL_THERE = Refusal(
    "ROOT_PARCEL_THERE",
    clause="39 CFR 502.9(e) (1997)",
    remedy="Name a file that is not there yet: a backup is never laid over another.",
)
ROOT_PARCEL_UNWRITABLE = Refusal(
    "ROOT_PARCEL_UNWRITABLE",
    clause="policy",
    remedy="Give a place that can be written, and ask again: no backup was kept.",
)
ROOT_PARCEL_UNREADABLE = Refusal(
    "ROOT_PARCEL_UNREADABLE",
    clause="policy",
    remedy="Give the file that franking trust back-up wrote.",
    http_status=404,
)


def back_up(place: Shelf, to: Path, *, passphrase: str, by: Actor, now: datetime) -> None:
    """Write the root key into the parcel ``to``, under ``passphrase``.

    Raises:
        Refused: ``ROOT_PARCEL_THERE``, ``ROOT_PARCEL_UNWRITABLE``, or as
            ``authority.back_up_authority``.
    """
    if to.exists():
        raise ROOT_PARCEL_THERE.because(f"{to} is there")
    books = place.open(by)
    try:
        with os.fdopen(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(
                authority.back_up_authority(
                    books, vault_in(place.folder), passphrase=passphrase, now=now
                )
            )
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise ROOT_PARCEL_UNWRITABLE.because(f"{to}: {error.strerror}") from error
    finally:
        books.close()
        _drop_empty(to)


def drill(place: Shelf, parcel: Path, *, passphrase: str, by: Actor, now: datetime) -> KeyDrill:
    """Restore the backup into a vault of its own, sign with it as the root does, and drop it.

    Raises:
        Refused: ``ROOT_PARCEL_UNREADABLE``, or as ``authority.drill_restore``.
    """
    sealed, books = _read(parcel), place.open(by)
    try:
        with TemporaryDirectory() as folder:
            spare = SoftwareVault.create(Path(folder) / "vault.json")
            return authority.drill_restore(books, spare, sealed, passphrase=passphrase, now=now)
    finally:
        books.close()


def restore(place: Shelf, parcel: Path, *, passphrase: str, by: Actor, now: datetime) -> Authority:
    """Put the backed-up root key into the vault of the domain, made anew where it was lost.

    Raises:
        Refused: ``ROOT_PARCEL_UNREADABLE``, or as ``authority.restore_authority``.
    """
    sealed, books = _read(parcel), place.open(by)
    try:
        vault = vault_in(place.folder)
        return authority.restore_authority(books, vault, sealed, passphrase=passphrase, now=now)
    finally:
        books.close()


def _read(parcel: Path) -> bytes:
    try:
        return parcel.read_bytes()
    except OSError as error:
        raise ROOT_PARCEL_UNREADABLE.because(f"{parcel}: {error.strerror}") from error


def _drop_empty(parcel: Path) -> None:
    """Leave no empty file behind where the root could not be backed up."""
    if parcel.exists() and not parcel.stat().st_size:
        parcel.unlink()
