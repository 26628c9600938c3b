"""Where a home keeps its hosted devices: ``fleet/``, or a database that the environment names."""

from __future__ import annotations

from pathlib import Path

from franking.home.postal_office import vault_in
from franking.psd.hosted_fleet import HostedFleet
from franking.psd.hosted_tables import SCHEMA
from franking.storage import place_of

FOLDER = "fleet"


def has_fleet(home: Path) -> bool:
    """Whether a hosted device was ever made in this home."""
    return (home / FOLDER / "vault.json").exists()


def open_fleet(home: Path) -> HostedFleet:
    """The fleet of a home, made on first use.

    Raises:
        Refused: what the books or the vault refuse.
    """
    folder = home / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    where = place_of(SCHEMA.domain, folder / "books.sqlite3")
    return HostedFleet.open(where, vault_in(folder))
