"""The kill shim kills at every write of a bare store, and what was acknowledged is still there."""

from __future__ import annotations

import shutil
from pathlib import Path

import apsw

from tests.kill_shim import Acknowledge, every_ending

DEBITS = 3


def count_up(path: Path, vfs: str, acknowledge: Acknowledge) -> None:
    store = apsw.Connection(str(path), vfs=vfs)
    store.execute("PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL").fetchall()
    store.execute("PRAGMA synchronous=FULL")
    for number in range(DEBITS):
        store.execute("INSERT INTO journal VALUES (?)", (number,))
        acknowledge(str(number))
    store.close()


def entries(path: Path) -> int:
    store = apsw.Connection(str(path))
    try:
        assert store.execute("PRAGMA integrity_check").get == "ok"
        return int(store.execute("SELECT count(*) FROM journal").get)
    finally:
        store.close()


def test_every_kill_leaves_what_was_acknowledged(tmp_path: Path) -> None:
    template, path = tmp_path / "template", tmp_path / "store"
    store = apsw.Connection(str(template))
    store.execute("CREATE TABLE journal (number INTEGER PRIMARY KEY) STRICT")
    store.close()

    def lay_out() -> None:
        for leftover in tmp_path.glob("store*"):
            leftover.unlink()
        shutil.copy(template, path)

    def work(vfs: str, acknowledge: Acknowledge) -> None:
        count_up(path, vfs, acknowledge)

    kept = []
    for ending in every_ending(work, lay_out=lay_out):
        kept.append(entries(path))
        assert len(ending.acknowledged) <= kept[-1] <= len(ending.acknowledged) + 1
    assert len(kept) > 20
    assert sorted(set(kept)) == [0, 1, 2, 3]
