"""The power-loss simulator tells a durable store from one that is not.

Run on a bare store of one register row and one journal row a debit, so that a failure of the
device tests is a failure of the device, not of the simulator.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import apsw
import pytest

from tests.power_loss_vfs import PowerCut, power_cuts, record
from tests.torture_profile import SURVIVALS

VALUE = 1_000_000
MAKE = f"""
CREATE TABLE registers (
    ascending INTEGER NOT NULL, descending INTEGER NOT NULL CHECK (descending >= 0),
    pieces INTEGER NOT NULL
) STRICT;
CREATE TABLE journal (sequence INTEGER PRIMARY KEY, ascending INTEGER NOT NULL) STRICT;
INSERT INTO registers VALUES (0, {VALUE}, 0);
"""


@dataclass(frozen=True, slots=True)
class Tally:
    """What came of the power cuts of one way of storing."""

    cuts: int
    broken: int
    losing: int


def opened(
    path: Path, *, journal: str, synchronous: str, vfs: str | None = None
) -> apsw.Connection:
    store = apsw.Connection(str(path), vfs=vfs)
    store.execute("PRAGMA locking_mode=EXCLUSIVE")
    store.execute(f"PRAGMA journal_mode={journal}")
    store.execute(f"PRAGMA synchronous={synchronous}")
    store.execute("PRAGMA wal_autocheckpoint=8")
    return store


def debit(store: apsw.Connection, *, sequence: int) -> None:
    with store:
        store.execute(
            "UPDATE registers SET ascending = ascending + 320, descending = descending - 320,"
            " pieces = pieces + 1"
        )
        store.execute("INSERT INTO journal VALUES (?, ?)", (sequence, sequence * 320))


def tally(tmp_path: Path, *, journal: str, synchronous: str, debits: int = 40) -> Tally:
    folder = tmp_path / "store"
    folder.mkdir()
    store = opened(folder / "bare", journal=journal, synchronous=synchronous)
    store.execute(MAKE)
    store.close()
    with record(folder) as recording:
        store = opened(folder / "bare", journal=journal, synchronous=synchronous, vfs=recording.vfs)
        for sequence in range(1, debits + 1):
            debit(store, sequence=sequence)
            recording.tape.mark(f"debit {sequence}")
        store.close()
    outcomes = [
        outcome(cut, tmp_path / "cut") for cut in power_cuts(recording.tape, seeds=SURVIVALS)
    ]
    return Tally(len(outcomes), outcomes.count("broken"), outcomes.count("losing"))


def outcome(cut: PowerCut, folder: Path) -> str:
    """``sound``, ``broken`` (the store contradicts itself) or ``losing`` (acknowledged debits)."""
    store = apsw.Connection(str(cut.lay_out(folder) / "bare"))
    try:
        if store.execute("PRAGMA integrity_check").get != "ok":
            return "broken"
        ascending, descending, pieces = store.execute("SELECT * FROM registers").get
        entries = store.execute("SELECT count(*) FROM journal").get
    except apsw.Error:
        return "broken"
    finally:
        store.close()
    if ascending + descending != VALUE or pieces != entries:
        return "broken"
    return "losing" if pieces < len(cut.marks) else "sound"


@pytest.mark.parametrize("journal", ["WAL", "DELETE"])
def test_a_store_that_syncs_every_commit_survives_every_power_cut(
    tmp_path: Path, journal: str
) -> None:
    result = tally(tmp_path, journal=journal, synchronous="FULL")
    assert result.cuts > 200
    assert (result.broken, result.losing) == (0, 0)


def test_a_store_that_syncs_only_at_checkpoints_loses_acknowledged_debits(tmp_path: Path) -> None:
    assert tally(tmp_path, journal="WAL", synchronous="NORMAL").losing > 0


def test_a_store_that_never_syncs_is_found_broken(tmp_path: Path) -> None:
    assert tally(tmp_path, journal="WAL", synchronous="OFF").broken > 0
