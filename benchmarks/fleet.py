"""A provider's books on a PostgreSQL server of the run, with a fleet of any size in them.

One row of each kind is made as the rooms make it, then multiplied by the server itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg
from sqlalchemy import Table, text
from tools.postgresql_server import PostgresqlServer, start_server

from franking.docket import Obligation, Opening
from franking.docket.decisions import opened
from franking.docket.tables import row_of
from franking.provider.books import open_books
from franking.provider.devices import rows as device_rows
from franking.provider.devices.records import DeviceRecord, DeviceState, Kind, Occasion, Source
from franking.provider.devices.tables import INVENTORY, MOVEMENTS, READINGS
from franking.provider.examinations.records import AUDIT, QUARTERLY
from franking.provider.identity import establish_provider
from franking.provider.schema import DOCKET, SCHEMA
from franking.psd.vault.port import VaultSigner
from franking.psd.vault.software import SoftwareVault
from franking.storage import Books, Database

INSTALLED = date(1996, 10, 1)
DAY = timedelta(days=1)
PER_LICENCE = 3
PROVIDER = "Fleet provider"
_SERIAL = "'01' || lpad(n::text, 8, '0')"
_LICENCE = f"'00501-' || lpad((n / {PER_LICENCE})::text, 6, '0')"
_RECORD = f"'device:' || {_SERIAL}"
_DIGEST = "encode(sha256(convert_to({what} || n::text, 'UTF8')), 'hex')"


@dataclass(frozen=True, slots=True)
class Fleet:
    """Books with ``devices`` devices in service, of which so many miss their quarter each day."""

    where: Database
    books: Books
    signer: VaultSigner
    devices: int
    a_day: int
    first_due: date

    def serial(self, number: int) -> str:
        """The serial of a device."""
        return f"01{number % self.devices + 1:08d}"

    def licence(self, number: int) -> str:
        """The licence of a device."""
        return f"00501-{(number % self.devices + 1) // PER_LICENCE:06d}"


def start(folder: Path) -> PostgresqlServer:
    """A server with the settings that it is shipped with, but for its memory."""
    folder.parent.chmod(0o755)  # the server may have to run as somebody else
    settings = ("shared_buffers=512MB", "max_wal_size=8GB", "checkpoint_timeout=30min")
    return start_server(folder, durable=True, settings=settings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Make:
    """What the devices of a fleet are, and what each of them owes in its first quarter."""

    kind: Kind
    rulebook: str
    installed: date
    duties: tuple[str, ...]


METERS = Make(kind=Kind.METER, rulebook="meter-1995", installed=INSTALLED, duties=(QUARTERLY,))
PSDS = Make(
    kind=Kind.PSD,
    rulebook="ibip-1997",
    installed=date(1997, 10, 1),
    duties=(AUDIT, "quality mailpiece"),
)


def fill(server: PostgresqlServer, *, devices: int, a_day: int, make: Make = METERS) -> Fleet:
    """A fleet of devices installed one after the other, ``a_day`` of them each day."""
    name = f"{make.kind.name.lower()}{devices}"
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    where = Database(server.database_url(name), "provider")
    books = open_books(where)
    vault, now = SoftwareVault.in_memory(), datetime(1996, 9, 30, 9, tzinfo=UTC)
    own = establish_provider(books, vault, name=PROVIDER, postal_key=b"\4" * 65, now=now)
    _fill_tables(books, make, devices=devices, a_day=a_day)
    with books.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    first_due = max(_obligation(make, duty).due for duty in make.duties)
    signer = vault.open(own.wrapped, PROVIDER)
    return Fleet(where, books, signer, devices=devices, a_day=a_day, first_due=first_due)


def _fill_tables(books: Books, make: Make, *, devices: int, a_day: int) -> None:
    day = f"(DATE '{make.installed}' + ((n - 1) / {a_day})::int)"
    serial = {"serial": _SERIAL}
    moved = {**serial, "number": None}
    inventory = device_rows.columns(_device(make))
    licensed = {"licence": _LICENCE, "lease": _SERIAL, "licensee": f"'Mailer ' || {_LICENCE}"}
    _multiply(books, INVENTORY, inventory, {**serial, **licensed}, devices)
    for before, after in (("inspected", "checked in"), ("issued", "in service")):
        _multiply(books, MOVEMENTS, _movement(before, after), moved, devices)
    _multiply(books, READINGS, _reading(), moved, devices)
    quarter = {
        "record": _RECORD,
        "owed_by": f"'licensee:' || {_LICENCE}",
        "start": f"{day}::text",
        "due": f"({day} + INTERVAL '3 months')::date::text",
    }
    before_it = {**quarter, "start": f"({day} - 90)::text", "due": f"({day} + 2)::text"}
    done = {"status": "satisfied", "closed_on": make.installed.isoformat()}
    for duty in make.duties:
        row = row_of(_obligation(make, duty))
        _multiply(books, DOCKET.tables.obligations, {**row, "ordinal": 2}, quarter, devices)
        _multiply(books, DOCKET.tables.obligations, {**row, **done}, before_it, devices)
    for number, command in ((1, "take_in"), (2, "install")):
        _journal(books, number, command, devices)


def _journal(books: Books, number: int, command: str, devices: int) -> None:
    """One row of every device's chain, with its inputs beside it."""
    row = {
        "sequence": None,
        "record": "",
        "number": number,
        "at": "1996-10-01T09:00:00.000000Z",
        "by": "provider agent: Ann Lee",
        "command": command,
        "clauses": "39 CFR 501.22(a) (1995)",
        "digest": "",
        "before": "",
        "hash": "",
    }
    changes: dict[str, str | None] = {"record": _RECORD, "sequence": None}
    changes |= {
        name: _DIGEST.format(what=f"'{name}{number}'") for name in ("digest", "before", "hash")
    }
    _multiply(books, SCHEMA.journal.journal, row, changes, devices)
    beside = {"record": "", "number": number, "salt": b"\0" * 16, "inputs": '{"by":"carrier"}'}
    _multiply(books, SCHEMA.journal.inputs, beside, {"record": _RECORD}, devices)


def _multiply(
    books: Books,
    table: Table,
    row: Mapping[str, object],
    changes: Mapping[str, str | None],
    count: int,
) -> None:
    """Insert ``row`` so many times; ``changes`` are columns by the number n, or left out."""
    columns = [name for name in row if changes.get(name, "") is not None]
    named = ", ".join(f'"{name}"' for name in columns)
    values = ", ".join(changes[name] or "" if name in changes else f":{name}" for name in columns)
    given = {name: row[name] for name in columns if name not in changes}
    statement = f"INSERT INTO {table.name} ({named}) SELECT {values} FROM numbers"
    numbers = f"WITH numbers AS (SELECT n FROM generate_series(1, {count}) n) "
    with books.engine.begin() as connection:
        connection.execute(text(numbers + statement), given)


def _device(make: Make) -> DeviceRecord:
    return DeviceRecord(
        serial="",
        kind=make.kind,
        rulebook=make.rulebook,
        model="M1",
        version="1",
        state=DeviceState.IN_SERVICE,
        since=INSTALLED,
        licence="00501-000001",
        lease="1",
        licensee="Mailer",
        office="00501",
        place="12 Main St",
        produced_on=INSTALLED,
        installed_on=INSTALLED,
        ascending_mills=1_234_560,
        read_on=INSTALLED,
    )


def _movement(before: str, after: str) -> dict[str, object]:
    return {
        "number": None,
        "serial": "",
        "at": "1996-10-01T09:00:00.000000Z",
        "day": INSTALLED.isoformat(),
        "before": before,
        "after": after,
        "place": "12 Main St",
        "by": "postmaster: Bo Ray",
        "because": "installed",
        "clause": "39 CFR 501.22(d) (1995)",
        "source": str(Source.REPORTED),
        "ascending_mills": 1_234_560,
    }


def _reading() -> dict[str, object]:
    return {
        "number": None,
        "serial": "",
        "at": "1996-10-01T09:00:00.000000Z",
        "ascending_mills": 1_234_560,
        "descending_mills": 0,
        "piece_count": None,
        "source": str(Source.REPORTED),
        "occasion": str(next(iter(Occasion))),
        "by": "postmaster: Bo Ray",
    }


def _obligation(make: Make, duty: str) -> Obligation:
    wanted = Opening(
        duty=duty,
        record="",
        owed_by="",
        rulebook=make.rulebook,
        start=make.installed,
        because="installed",
    )
    return opened(wanted, None, datetime(1996, 10, 1, 9, tzinfo=UTC))
