"""What people and computers do to a device's folder: it refuses in words, or tells the truth.

Never a traceback, never evidence from registers that are not the device's own.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import random
import resource
import shutil
import signal
import sqlite3
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from franking.errors import InvariantBroken, Refused
from franking.psd.device import PostalSecurityDevice
from franking.psd.records import EvidenceRequest, Registers, Status
from franking.psd.showing import show_readonly
from franking.psd.sqlite_store import SqliteDeviceStore
from tests.fixtures_psd import NOON, Bench, operational, position, refuses
from tests.fixtures_torture import memory_folder
from tests.kill_shim import Acknowledge, run_and_kill
from tests.torture_profile import SURVIVALS

__all__ = ["memory_folder"]

PIECES = 5
NOBODY = 65_534


@pytest.fixture
def bench(memory_folder: Path) -> Iterator[Bench]:
    """A device with a few pieces behind it, switched on."""
    folder = memory_folder / "device"
    folder.mkdir()
    made = operational(SqliteDeviceStore.create(folder / "psd"))
    for number in range(PIECES):
        made.piece(f"piece-{number}", NOON)
    yield made
    made.device.close()


def path_of(bench: Bench) -> Path:
    store = bench.store
    assert isinstance(store, SqliteDeviceStore)
    return store.path


def switched_on(bench: Bench, path: Path) -> PostalSecurityDevice:
    return PostalSecurityDevice.open(SqliteDeviceStore.open(path), bench.vault, NOON)


def outcome_of(bench: Bench, path: Path) -> Registers | str:
    """The registers of a sound device at ``path``, or the word for what is wrong."""
    try:
        with switched_on(bench, path) as device:
            if device.status is not Status.FAULTED:
                device.evidence(EvidenceRequest("one-more", 320), NOON)
            return device.registers if device.status is not Status.FAULTED else "faulted"
    except Refused as refused:
        return refused.code
    except InvariantBroken:
        return "contradicts itself"


# Two at once --------------------------------------------------------------------------------


def test_a_second_program_is_told_that_the_device_is_in_use(bench: Bench) -> None:
    path = path_of(bench)

    def second(_vfs: str, say: Acknowledge) -> None:
        say(str(outcome_of(bench, path)))

    assert run_and_kill(second, at=10_000).acknowledged == ("DEVICE_IN_USE",)
    with refuses("DEVICE_IN_USE"):
        SqliteDeviceStore.open(path)
    assert bench.piece("still-mine", NOON).registers.piece_count == PIECES + 1


@pytest.mark.law("PSD-5")
def test_a_busy_device_can_be_shown_by_another_program(bench: Bench) -> None:
    """Reading never disturbs the one who works, and never sees half a commit."""
    path = path_of(bench)
    bench.device.close()
    counts = []
    with at_work(bench, path):
        for _ in range(300):
            seen = show_readonly(path)
            assert seen["ascending_mills"] + seen["descending_mills"] == 100_000
            assert seen["copies_agree"]
            counts.append(seen["piece_count"])
    assert counts == sorted(counts)
    assert counts[-1] > counts[0]
    with switched_on(bench, path) as device:
        assert device.check(NOON) == ()


@contextlib.contextmanager
def at_work(bench: Bench, path: Path) -> Iterator[None]:
    """Another process that evidences at ``path`` until it is killed."""
    child = os.fork()
    if child == 0:
        try:
            device = switched_on(bench, path)
            for number in itertools.count():
                device.evidence(EvidenceRequest(f"busy-{number}", 1), NOON)
        finally:
            os._exit(1)
    try:
        yield
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


# Nowhere to write ---------------------------------------------------------------------------


def test_a_folder_that_may_only_be_read_refuses_work_and_shows_the_registers(
    bench: Bench, memory_folder: Path
) -> None:
    path = path_of(bench)
    bench.device.close()
    Path(f"{path}-in-use").unlink()
    os.chmod(memory_folder, 0o755)
    os.chmod(path, 0o444)
    os.chmod(path.parent, 0o555)

    def reader(_vfs: str, say: Acknowledge) -> None:
        if os.geteuid() == 0:
            os.setuid(NOBODY)
        say(str(outcome_of(bench, path)))
        say(str(show_readonly(path)["piece_count"]))

    ending = run_and_kill(reader, at=10_000)
    os.chmod(path.parent, 0o700)
    assert ending.acknowledged == ("STORE_READ_ONLY", str(PIECES))


def test_a_read_only_file_system_is_named_so(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.device.close()
    real = os.open

    def read_only(path: str, flags: int, *rest: int, **named: int) -> int:
        if flags & (os.O_RDWR | os.O_WRONLY | os.O_CREAT):
            raise OSError(errno.EROFS, "Read-only file system")
        return real(path, flags, *rest, **named)

    monkeypatch.setattr(os, "open", read_only)
    with refuses("STORE_READ_ONLY"):
        SqliteDeviceStore.open(path_of(bench))


def test_a_limit_on_the_size_of_files_refuses_and_loses_nothing(bench: Bench) -> None:
    path = path_of(bench)
    bench.device.close()

    def limited(_vfs: str, say: Acknowledge) -> None:
        with switched_on(bench, path) as device:
            room = Path(f"{path}-wal").stat().st_size + 100_000
            resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
            for number in range(1000):
                try:
                    device.evidence(EvidenceRequest(f"until-full-{number}", 1), NOON)
                except Refused as refused:
                    say(refused.code)
                    break
                say("piece")

    said = run_and_kill(limited, at=1_000_000).acknowledged
    assert said[-1] in ("STORE_FULL", "STORE_FAILING")
    with switched_on(bench, path) as device:
        assert device.registers.piece_count in (PIECES + len(said) - 1, PIECES + len(said))
        assert device.check(NOON) == ()


# Damaged files ------------------------------------------------------------------------------


def test_a_file_cut_short_is_never_evidenced_from(bench: Bench) -> None:
    path = path_of(bench)
    bench.device.close()
    whole = path.read_bytes()
    for size in range(0, len(whole), max(512, len(whole) // 200)):
        path.write_bytes(whole[:size])
        assert isinstance(outcome_of(bench, path), str), f"cut at {size}"
        _shown_or_refused(path)


@pytest.mark.law("PSD-5")
def test_a_changed_byte_is_found_or_did_not_matter(bench: Bench) -> None:
    """A device that still works after a byte was changed has its own registers, and says so."""
    path = path_of(bench)
    bench.device.close()
    whole, chance = path.read_bytes(), random.Random(5)
    true = Registers(
        ascending_mills=320 * (PIECES + 1),
        descending_mills=100_000 - 320 * (PIECES + 1),
        control_total_mills=100_000,
        piece_count=PIECES + 1,
        reset_sequence=1,
    )
    found = 0
    for _ in range(300 * SURVIVALS):
        place = chance.randrange(len(whole))
        changed = bytearray(whole)
        changed[place] ^= 1 << chance.randrange(8)
        for leftover in path.parent.glob("psd-*"):
            leftover.unlink()
        path.write_bytes(changed)
        outcome = outcome_of(bench, path)
        assert outcome == true or isinstance(outcome, str), f"byte {place}"
        found += isinstance(outcome, str)
        _shown_or_refused(path)
    assert found


@pytest.mark.parametrize(
    "abuse",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_text("a shopping list"),
        lambda path: (path.unlink(), path.mkdir()),
        lambda path: path.unlink(),
        lambda path: _another_database(path),
        lambda path: path.write_bytes(os.urandom(20_000)),
    ],
    ids=["emptied", "text", "folder", "gone", "another database", "noise"],
)
def test_what_is_not_a_device_is_refused(bench: Bench, abuse: Callable[[Path], object]) -> None:
    path = path_of(bench)
    bench.device.close()
    abuse(path)
    assert outcome_of(bench, path) in ("DEVICE_NOT_THERE", "STORE_DAMAGED", "STORE_FAILING")
    _shown_or_refused(path)


def test_noise_in_place_of_the_log_is_ignored_or_refused(bench: Bench) -> None:
    path = path_of(bench)
    bench.device.close()
    Path(f"{path}-wal").write_bytes(os.urandom(50_000))
    outcome = outcome_of(bench, path)
    assert isinstance(outcome, Registers)
    assert outcome.piece_count == PIECES + 1


def test_the_log_of_another_day_brings_back_the_past_or_is_refused(bench: Bench) -> None:
    """As an old copy does: only the provider's books and the verifier can tell (see the next)."""
    path = path_of(bench)
    log = Path(f"{path}-wal")
    old = log.read_bytes()
    for number in range(40):
        bench.piece(f"later-{number}", NOON)
    bench.device.close()
    log.write_bytes(old)
    outcome = outcome_of(bench, path)
    assert isinstance(outcome, str) or outcome.ascending_mills == 320 * outcome.piece_count


# Copies -------------------------------------------------------------------------------------


def test_a_copy_made_while_in_use_is_a_moment_of_the_past_or_refused(
    bench: Bench, memory_folder: Path
) -> None:
    """File and log copied one after the other, with pieces in between."""
    path, copy = path_of(bench), memory_folder / "copy" / "psd"
    copy.parent.mkdir()
    for number in range(30):
        shutil.copy(path, copy)
        for between in range(number % 3):
            bench.piece(f"between-{number}-{between}", NOON)
        shutil.copy(f"{path}-wal", f"{copy}-wal")
        outcome = outcome_of(bench, copy)
        if isinstance(outcome, Registers):
            assert outcome.piece_count <= bench.device.registers.piece_count + 1
            assert outcome.ascending_mills == 320 * outcome.piece_count
        bench.piece(f"after-{number}", NOON)


def test_a_device_restored_from_an_old_copy_is_told_from_itself(
    bench: Bench, memory_folder: Path
) -> None:
    """The provider has acknowledged an entry that the copy does not hold: no grant is taken."""
    path, copy = path_of(bench), memory_folder / "copy" / "psd"
    bench.device.close()
    shutil.copytree(path.parent, copy.parent)
    device = bench.power_up(SqliteDeviceStore.open(path), NOON)
    for number in range(10):
        bench.piece(f"forgotten-{number}", NOON)
    bench.audit(NOON)
    acknowledged = device.state.standing
    device.close()
    with switched_on(bench, copy) as restored:
        request = restored.request_reset(1_000, "again", NOON)
        grant = bench.outside.grant(
            request,
            NOON,
            acknowledged=position(
                acknowledged.acknowledged_sequence, acknowledged.acknowledged_hash
            ),
        )
        with refuses("JOURNAL_NOT_ACKNOWLEDGED"):
            restored.apply_grant(grant, NOON)


# Clocks -------------------------------------------------------------------------------------


@pytest.mark.law("PSD-6")
def test_a_clock_set_back_stops_new_pieces_and_no_others(bench: Bench) -> None:
    later, earlier = NOON + timedelta(hours=3), NOON + timedelta(hours=1)
    first = bench.piece("at-three", later)
    with refuses("CLOCK_BEHIND"):
        bench.piece("at-one", earlier)
    assert bench.piece("at-three", earlier).indicium == first.indicium
    bench.device.close()
    again = bench.power_up(SqliteDeviceStore.open(path_of(bench)), earlier)
    with refuses("CLOCK_BEHIND"):
        bench.piece("at-one", earlier)
    assert again.status is Status.OPERATIONAL
    assert bench.piece("at-four", NOON + timedelta(hours=4)).registers.piece_count == PIECES + 2


def _another_database(path: Path) -> None:
    path.unlink()
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE register (id INTEGER PRIMARY KEY)")
    other.commit()
    other.close()


def _shown_or_refused(path: Path) -> None:
    """Looking at it without opening it never ends in a traceback either."""
    with contextlib.suppress(Refused):
        show_readonly(path)
