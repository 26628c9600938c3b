"""The simulated disk forgets what a real one may forget, and nothing else."""

from __future__ import annotations

from pathlib import Path

from tests.power_loss_vfs import SECTOR, Event, Happening, Tape, power_cuts

SEEDS = 40


def tape_of(tmp_path: Path, **files: bytes) -> Tape:
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    return Tape.starting_at(tmp_path)


def write(tape: Tape, name: str, data: bytes, *, offset: int = 0) -> None:
    inode = tape.inodes[name]
    tape.events.append(
        Event(what=Happening.WRITE, name=name, inode=inode, offset=offset, data=data)
    )


def sync(tape: Tape, name: str) -> None:
    tape.events.append(Event(what=Happening.SYNC, name=name, inode=tape.inodes[name]))


def survivals(tape: Tape, name: str = "store") -> set[bytes | None]:
    """What ``name`` may hold when the power fails after the last event."""
    cuts = power_cuts(tape, seeds=SEEDS)
    return {cut.files.get(name) for cut in cuts if cut.instant == len(tape.events)}


def test_what_was_synced_survives(tmp_path: Path) -> None:
    tape = tape_of(tmp_path, store=b"old")
    write(tape, "store", b"new")
    sync(tape, "store")
    assert survivals(tape) == {b"new"}


def test_what_was_not_synced_may_be_dropped_and_may_be_kept(tmp_path: Path) -> None:
    tape = tape_of(tmp_path, store=b"old")
    write(tape, "store", b"new")
    assert survivals(tape) == {b"old", b"new"}


def test_writes_may_reach_the_disk_out_of_order(tmp_path: Path) -> None:
    tape = tape_of(tmp_path, store=b"..")
    write(tape, "store", b"a")
    write(tape, "store", b"b", offset=1)
    write(tape, "store", b"c")
    assert survivals(tape) >= {b"..", b".b", b"ab", b"cb", b"c."}


def test_a_write_is_torn_at_sectors_only(tmp_path: Path) -> None:
    tape = tape_of(tmp_path, store=b"." * 3 * SECTOR)
    write(tape, "store", b"n" * 2 * SECTOR, offset=SECTOR // 2)
    whole = [content or b"" for content in survivals(tape)]
    for content in whole:
        assert len(set(content[: SECTOR // 2])) == 1
        assert len(set(content[SECTOR : 2 * SECTOR])) == 1
    assert len(whole) > 2


def test_a_file_whose_folder_was_not_synced_may_be_gone(tmp_path: Path) -> None:
    tape = tape_of(tmp_path)
    tape.created("store")
    write(tape, "store", b"value")
    sync(tape, "store")
    assert survivals(tape) == {None, b"value"}
    tape.folder_synced()
    assert survivals(tape) == {b"value"}


def test_an_unlinked_file_may_come_back_and_is_not_its_successor(tmp_path: Path) -> None:
    tape = tape_of(tmp_path, store=b"old")
    tape.unlinked("store")
    tape.created("store")
    assert survivals(tape) == {b"old", None, b""}


def test_marks_tell_what_was_acknowledged_before_the_power_failed(tmp_path: Path) -> None:
    tape = tape_of(tmp_path, store=b"old")
    write(tape, "store", b"new")
    tape.mark("written")
    assert [cut.marks for cut in power_cuts(tape)] == [(), (), ("written",)]
    assert [cut.instant for cut in power_cuts(tape, after="written")] == [2]


def test_a_kill_keeps_what_was_not_synced_and_a_later_power_cut_may_lose_it(tmp_path: Path) -> None:
    tape = tape_of(tmp_path, store=b"old")
    write(tape, "store", b"new")
    going_on = tape.killed_before(len(tape.events), tmp_path / "next")
    assert (tmp_path / "next" / "store").read_bytes() == b"new"
    assert survivals(going_on) == {b"old", b"new"}
    sync(going_on, "store")
    assert survivals(going_on) == {b"new"}
