"""Who may contest a case about a device, as far as the Postal Service's books know them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import select

from franking.postal.certificates.records import CertificateKind
from franking.postal.certificates.tables import CERTIFICATES
from franking.postal.irregularities.records import Party
from franking.postal.reports.tables import METERS
from franking.storage import Reading
from franking.storage.among import among


def parties_of(books: Reading, devices: Collection[str]) -> dict[str, tuple[str, ...]]:
    """The licensee and the providers of each device, ``provider: Acme Meters``.

    A device that no provider had certified has no known party: its indicia are inventions.
    """
    providers = _providers(books, devices)
    users = _users(books, providers)
    return {
        device: (
            f"{Party.LICENSEE.value}: {users.get(device) or f'holder of {device}'}",
            *(f"{Party.PROVIDER.value}: {each}" for each in names),
        )
        for device, names in providers.items()
    }


def _providers(books: Reading, devices: Collection[str]) -> dict[str, list[str]]:
    table = CERTIFICATES.c
    query = select(table.subject, table.provider).where(
        among(table.subject, devices), table.kind == CertificateKind.DEVICE.value
    )
    found: dict[str, list[str]] = defaultdict(list)
    for row in books.rows(query.distinct().order_by(table.subject, table.provider)):
        found[row.subject].append(row.provider)
    return found


def _users(books: Reading, devices: Collection[str]) -> dict[str, str]:
    table = METERS.c
    query = select(table.serial, table.user).where(among(table.serial, devices))
    found = books.rows(query.order_by(table.noted_on))
    return {row.serial: row.user for row in found if row.user}
