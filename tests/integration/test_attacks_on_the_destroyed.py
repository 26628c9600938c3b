"""Somebody looks for a record that was destroyed by rule: in the tables, and in the bytes."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from franking.identifiers import record_id
from franking.postal.licences.revoking import order_removal
from franking.provider.devices import notes
from franking.provider.devices.records import DeviceState
from franking.provider.licensing.removing import release_device
from franking.provider.retention.contents import CONTENTS
from franking.provider.schema import METADATA, RETENTION
from franking.retention.retention import LIFE
from franking.storage import Actor, Books
from tests.fixtures_databases import DATABASES
from tests.fixtures_licensing import (
    AGENT,
    FIRST,
    METER,
    LicensingWorld,
    licensing_world,
    moved,
)

SERIAL = "M77012345"
RECORD = record_id("device", SERIAL)
MARK = "stood in the cellar of Mr Quixwold"
"""What somebody said about the device, and what nobody may read of it any more."""


def lived(world: LicensingWorld) -> None:
    """A device is installed, ordered removed with a reason, checked out, scrapped."""
    licence = world.licensed()
    world.installed(world.leased(licence), SERIAL)
    order_removal(
        world.desk,
        world.signer,
        device=SERIAL,
        licence=licence.number,
        provider=FIRST,
        clause="39 CFR 501.22(m) (1995)",
        because=MARK,
        now=world.later(days=3),
    )
    world.carry()
    moved(world.first, SERIAL, DeviceState.CHECKED_OUT, world.later(days=1))
    release_device(world.first.books, world.first.signer, SERIAL, world.now)
    world.carry()
    moved(world.first, SERIAL, DeviceState.EXAMINED, world.later(days=1))
    with world.first.service.work(world.now, "scrap_device") as work:
        device = notes.require(work, SERIAL)
        notes.move(work, device, to=DeviceState.SCRAPPED, now=world.now, because=MARK)


def destroyed(world: LicensingWorld) -> None:
    """Three years later, two people destroy the record of its life."""
    now, books = world.later(days=3 * 366), world.first.books
    RETENTION.propose_destruction(books, RECORD, LIFE, now)
    second = books.acting(Actor("Jo Second", AGENT.role))
    RETENTION.destroy(second, RECORD, LIFE, CONTENTS[LIFE], method="deleted", now=now)


def tables_with(books: Books, words: str) -> set[str]:
    """The tables that hold these words."""
    with books.reading() as reading:
        return {
            table.name
            for table in METADATA.sorted_tables
            for row in reading.rows(select(table))
            if any(words in str(value) for value in row)
        }


def files_with(books: Books, words: str) -> list[str]:
    """The files of SQLite in whose bytes these words stand."""
    assert isinstance(books.where, Path)
    found = sorted(books.where.parent.glob(f"{books.where.name}*"))
    return [each.name for each in found if words.encode() in each.read_bytes()]


@pytest.mark.duty("R95-501.22(k)-4")
@pytest.mark.parametrize("database", DATABASES)
def test_no_table_knows_what_was_said_of_a_destroyed_device(database: str, tmp_path: Path) -> None:
    world = licensing_world(database, tmp_path, METER)
    lived(world)
    books = world.first.service
    assert "licensing_events" in tables_with(books, MARK)
    destroyed(world)
    assert tables_with(books, MARK) == set()
    assert books.check_journal().faults == ()


def test_no_byte_of_the_file_or_its_log_knows_it_either(tmp_path: Path) -> None:
    world = licensing_world("sqlite", tmp_path, METER)
    lived(world)
    books = world.first.service
    assert files_with(books, MARK)
    destroyed(world)
    assert files_with(books, MARK) == []
