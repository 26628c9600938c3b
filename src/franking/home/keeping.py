"""Looking after the books of a home: where they lie, copies of them with their keys, and back.

A copy of a domain is two files that belong together: the books, and the vault whose key opens the
keys in them. Whoever has both can act for the domain, so both are for their owner's eyes only.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from franking.bank.books import TABLES as BANK_TABLES
from franking.bank.schema import SCHEMA as BANK
from franking.errors import Refusal
from franking.host import books as mailer
from franking.postal.books import TABLES as POSTAL_TABLES
from franking.postal.schema import SCHEMA as POSTAL
from franking.provider.books import TABLES as PROVIDER_TABLES
from franking.provider.resetting.beginning import begin_ledger
from franking.provider.schema import SCHEMA as PROVIDER
from franking.psd.hosted_tables import SCHEMA as FLEET
from franking.storage import Actor, Books, Schema, Where, place_of
from franking.storage.backup import Copied, back_up, restore
from franking.storage.migrating import Migrated, migrate, standing_version

KEYS_THERE = Refusal(
    "KEYS_THERE",
    clause="policy",
    remedy="Move the vault that is there away first: a copy is never laid over keys.",
)
COPY_UNWRITABLE = Refusal(
    "COPY_UNWRITABLE",
    clause="policy",
    remedy="Give a folder that can be written; the books are as they were.",
)
COPY_MISSING = Refusal(
    "COPY_MISSING",
    clause="policy",
    remedy="Give the folder that franking books backup wrote.",
    http_status=404,
)
_VAULT = "vault.json"
_EVERY_ROOM = (*POSTAL_TABLES, *PROVIDER_TABLES, *BANK_TABLES)
"""Tables stand in a schema once their rooms are imported: a copy must miss none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """The books of one domain of a home, opened or not."""

    domain: str
    folder: Path
    where: Where
    schema: Schema

    @property
    def vault(self) -> Path:
        """The file that holds the domain's keys."""
        return self.folder / _VAULT

    def open(self, by: Actor) -> Books:
        """The books, for whoever acts.

        Raises:
            Refused: as ``Books.open``.
        """
        return Books.open(self.where, self.schema, by=by)

    def version(self) -> int:
        """The version of the tables there; 0 where there are no books.

        Raises:
            Refused: as ``standing_version``.
        """
        return standing_version(self.where, self.schema)

    def migrate(self, by: Actor, now: datetime) -> Migrated:
        """Bring the tables to this program's version.

        Raises:
            Refused: as ``storage.migrating.migrate``.
        """
        return migrate(self.where, self.schema, by=by, now=now)


def begin_ledger_of(place: Shelf, by: Actor, now: datetime) -> None:
    """Post what devices of a provider held before its books kept a ledger; else do nothing.

    Raises:
        Refused: as ``begin_ledger``.
    """
    if place.domain == PROVIDER.domain:
        books = place.open(by)
        begin_ledger(books, now)
        books.close()


def shelf(home: Path, domain: str) -> Shelf:
    """Where the books of ``domain`` (provider, postal, mailer, fleet or bank) of a home lie.

    Raises:
        Refused: ``DATABASE_URL_UNREADABLE``.
    """
    folder = home / domain
    if domain == mailer.DOMAIN:
        where: Where = folder / mailer.FILE_NAME
        return Shelf(domain=domain, folder=folder, where=where, schema=mailer.SCHEMA)
    schema = {"provider": PROVIDER, "postal": POSTAL, "fleet": FLEET, "bank": BANK}[domain]
    where = place_of(domain, folder / "books.sqlite3")
    return Shelf(domain=domain, folder=folder, where=where, schema=schema)


def back_up_shelf(place: Shelf, to: Path, *, by: Actor, now: datetime) -> Copied:
    """Copy the books and the vault of a domain into the folder ``to``.

    Raises:
        Refused: ``COPY_UNWRITABLE``, or what the books refuse.
    """
    books = place.open(by)
    try:
        to.mkdir(mode=0o700, parents=True, exist_ok=True)
        copied = back_up(books, _books_in(to, place), now)
        if place.vault.exists():
            _copy_private(place.vault, _vault_in(to, place))
    except OSError as error:
        raise COPY_UNWRITABLE.because(f"{to}: {error.strerror}") from error
    finally:
        books.close()
    return copied


def restore_shelf(place: Shelf, source: Path, *, by: Actor, now: datetime) -> Copied:
    """Make the books and the vault of a domain from the copy in ``source``.

    Raises:
        Refused: ``COPY_MISSING``, ``KEYS_THERE``, or as ``storage.backup.restore``.
    """
    books, vault = _books_in(source, place), _vault_in(source, place)
    if not books.exists():
        raise COPY_MISSING.because(f"there is no {books}")
    same = place.vault.exists() and vault.exists() and _same(place.vault, vault)
    if place.vault.exists() and vault.exists() and not same:
        raise KEYS_THERE.because(f"{place.vault} holds other keys than the copy")
    try:
        place.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        copied = restore(books, place.where, place.schema, by=by, now=now)
        if vault.exists() and not same:
            _copy_private(vault, place.vault)
    except OSError as error:
        raise COPY_UNWRITABLE.because(f"{place.folder}: {error.strerror}") from error
    return copied


def is_copied(place: Shelf, source: Path) -> bool:
    """Whether the folder ``source`` holds a copy of the domain's books."""
    return _books_in(source, place).exists()


def _books_in(folder: Path, place: Shelf) -> Path:
    return folder / f"{place.domain}.books.gz"


def _vault_in(folder: Path, place: Shelf) -> Path:
    return folder / f"{place.domain}.vault.json"


def _same(one: Path, other: Path) -> bool:
    return one.read_bytes() == other.read_bytes()


def _copy_private(source: Path, target: Path) -> None:
    draft = target.with_name(f"{target.name}.new")
    private = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(private, "wb") as file:
        file.write(source.read_bytes())
        file.flush()
        os.fsync(file.fileno())
    draft.replace(target)
