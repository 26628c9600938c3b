"""The SQLite file of a device: durable, alone, and guarded by itself."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any

import apsw
import pytest

from franking.errors import InvariantBroken, Refused
from franking.psd import sqlite_file
from franking.psd.records import TRANSITIONS, EntryKind, Fault, Status
from franking.psd.sqlite_store import SqliteDeviceStore
from franking.psd.store import Commit, Entry
from tests.fixtures_psd import NOON, Bench, operational, refuses
from tests.fixtures_stores import SqlitePlace, row_of


def raw(place: SqlitePlace) -> apsw.Connection:
    return apsw.Connection(str(place.path))


@pytest.mark.duty("R95-501.6(i)(1)-1")
def test_a_commit_is_on_the_disk_before_it_is_answered(tmp_path: Path) -> None:
    store = SqlitePlace(tmp_path).create()
    read = store._connection.pragma
    assert (read("journal_mode"), read("synchronous"), read("locking_mode")) == (
        "wal",
        2,
        "exclusive",
    )
    assert read("secure_delete") == 1


def test_sqlite_that_may_corrupt_a_journal_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apsw, "sqlite_lib_version", lambda: "3.51.2")
    with pytest.raises(InvariantBroken, match=r"3\.51\.3 is needed"):
        SqlitePlace(tmp_path).create()
    assert sqlite_file.SQLITE_VERSION_MIN == (3, 51, 3)


def test_a_new_store_is_durable_with_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, synced = SqlitePlace(tmp_path), list[Path]()
    real = sqlite_file.sync

    def noted(folder: Path) -> None:
        synced.append(folder)
        real(folder)

    monkeypatch.setattr(sqlite_file, "sync", noted)
    place.create()
    assert {place.path.parent, tmp_path} <= set(synced)


def test_one_file_is_one_device(tmp_path: Path) -> None:
    place = SqlitePlace(tmp_path)
    bench = operational(place.create())
    with refuses("DEVICE_IN_USE"):
        place.open()
    with refuses("DEVICE_IN_USE"):
        place.create()
    bench.device.close()
    with refuses("DEVICE_EXISTS"):
        place.create()
    place.open().close()


def test_a_creation_cut_short_is_made_anew(tmp_path: Path) -> None:
    place = SqlitePlace(tmp_path)
    place.create().close()
    bench = operational(place.create())
    assert bench.device.status is Status.OPERATIONAL
    half = tmp_path / "half" / "device.sqlite"
    half.parent.mkdir()
    half.touch()
    SqliteDeviceStore.create(half).close()


@pytest.mark.parametrize("content", [b"x" * 5_000, b"SQLite format 3\0" + b"y" * 5_000])
def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with refuses("STORE_DAMAGED"):
        SqliteDeviceStore.open(path)
    with refuses("STORE_DAMAGED"):
        SqliteDeviceStore.create(path)
    assert path.read_bytes() == content


def test_a_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE accounts (balance)")
    with refuses("DEVICE_NOT_THERE"):
        SqliteDeviceStore.open(path)
    with refuses("DEVICE_EXISTS"):
        SqliteDeviceStore.create(path)


def test_a_later_format_is_not_guessed_at(tmp_path: Path) -> None:
    place = SqlitePlace(tmp_path)
    place.create().close()
    connection = raw(place)
    connection.pragma("user_version", 2)
    connection.close()
    with refuses("STORE_DAMAGED", "format"):
        place.open()


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("UPDATE register SET ascending_mills = 0, control_total_mills = 99680", "rises"),
        ("UPDATE register SET sequence = 99, descending_mills = -1", "CHECK"),
        ("UPDATE register SET sequence = 99, descending_mills = 7", "CHECK"),
        ("UPDATE register SET sequence = 99, piece_count = 0", "rises"),
        ("UPDATE register SET sequence = 99, reset_sequence = 0", "rises"),
        ("UPDATE register SET sequence = sequence", "rises"),
        ("UPDATE register SET sequence = 99, status = 'manufactured'", "transition"),
        ("UPDATE register_copy SET sequence = 99, status = 'scrapped'", "transition"),
        ("UPDATE register SET sequence = 99, head = x'00'", "CHECK"),
        ("DELETE FROM register", "never deleted"),
        ("DELETE FROM register_copy", "never deleted"),
        ("UPDATE entry SET content = x'00'", "append-only"),
        ("DELETE FROM entry", "append-only"),
        ("UPDATE checkpoint SET sequence = 1", "append-only"),
        ("DELETE FROM fault", "append-only"),
        ("INSERT INTO entry SELECT 99, time, kind, 0, 0, 0, 0, 0, request_id, request_digest,"
         " content, signature, previous_hash, hash, mac FROM entry WHERE sequence = 6", "UNIQUE"),
        ("UPDATE register SET piece_count = 'many'", "TEXT value in INTEGER"),
    ],
)  # fmt: skip
@pytest.mark.law("PSD-1", "PSD-4")
def test_the_file_itself_refuses_what_no_device_does(
    tmp_path: Path, statement: str, why: str
) -> None:
    place = SqlitePlace(tmp_path)
    bench = operational(place.create())
    bench.piece("p", NOON)
    bench.device.close()
    connection = raw(place)
    connection.execute("INSERT INTO checkpoint SELECT 6, 0, 0, 0, 0, 0, x'00', x'00'")
    connection.execute("INSERT INTO fault VALUES (1, '', '')") if "fault" in statement else None
    with pytest.raises(apsw.ConstraintError, match=why):
        connection.execute(statement)


def test_every_transition_of_the_table_is_in_the_file(tmp_path: Path) -> None:
    place = SqlitePlace(tmp_path)
    place.create().close()
    stored = set(raw(place).execute("SELECT before, after FROM transition"))
    assert stored == {(before, after) for before in TRANSITIONS for after in TRANSITIONS[before]}


def next_commit(bench: Bench, **fields: Any) -> Commit:
    row = row_of(bench.store)
    entry = Entry(
        row.sequence + 1, "t", EntryKind.LOCKED, *row[1:6], None, b"", b"", b"", b"", b"", b""
    )
    changed = {"sequence": row.sequence + 1, **fields}
    return Commit(row=row._replace(**changed), entries=[entry])


def test_a_commit_is_whole_or_not_at_all(tmp_path: Path) -> None:
    bench = operational(SqlitePlace(tmp_path).create())
    before, last = bench.store.copies(), bench.store.load().last_sequence
    with pytest.raises(InvariantBroken, match="rises"):
        bench.store.append(next_commit(bench, reset_sequence=0))
    assert (bench.store.copies(), bench.store.load().last_sequence) == (before, last)
    bench.piece("p", NOON)


def test_a_faulted_device_is_never_written_to_again(tmp_path: Path) -> None:
    bench = operational(SqlitePlace(tmp_path).create())
    bench.store.record_fault(Fault("t", "a finding"))
    with pytest.raises(InvariantBroken, match="faulted"):
        bench.store.append(next_commit(bench))


@pytest.mark.law("PSD-7")
def test_a_destroyed_key_is_in_no_file_any_more(tmp_path: Path) -> None:
    place = SqlitePlace(tmp_path)
    bench = operational(place.create())
    wrapped = bench.store.load().keys["signing-1"]
    assert wrapped in b"".join(path.read_bytes() for path in place.path.parent.iterdir())
    bench.clear(NOON)
    assert wrapped not in b"".join(path.read_bytes() for path in place.path.parent.iterdir())
    bench.device.close()
    assert wrapped not in b"".join(path.read_bytes() for path in place.path.parent.iterdir())


def test_a_full_disk_refuses_and_the_device_goes_on_afterwards(tmp_path: Path) -> None:
    place = SqlitePlace(tmp_path)
    bench = operational(place.create())
    store = bench.store
    assert isinstance(store, SqliteDeviceStore)
    pages = store._connection.pragma("page_count")
    store._connection.pragma("max_page_count", pages)
    for number in range(40):
        try:
            bench.piece(f"p{number}", NOON, 1)
        except Refused:
            break
    with refuses("STORE_FULL", "nothing was changed"):
        bench.piece("full", NOON, 1)
    count = bench.device.registers.piece_count
    store._connection.pragma("max_page_count", 1_000_000)
    assert bench.piece("full", NOON, 1).registers.piece_count == count + 1
    assert bench.device.check(NOON) == ()


def test_a_folder_that_cannot_be_written_is_said_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = SqlitePlace(tmp_path)
    operational(place.create()).device.close()

    def read_only(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", read_only)
    with refuses("STORE_READ_ONLY"):
        place.open()
