"""What happens to folders and disks: refused in words, or the truth is told."""

from __future__ import annotations

import os
import random
import resource
import shutil
import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from franking.psd.sqlite_store import SqliteDeviceStore
from tests.fixtures_cli import DEVICE, FUNDED_MILLS, Program, funded_home, open_folder, program

__all__ = ["open_folder", "program"]

NOBODY = 65_534
PIECE = ("device", "evidence", DEVICE, "--postage", "1", "--request-id", "x")
LATER = ("--now", "2027-03-02")
AUDIT = ("device", "audit", DEVICE)
RESET = ("device", "reset", DEVICE, "--amount", "1")


# Restored from an old copy: three checks, each for what the others can not see ----------------


@pytest.mark.duty("R95-501.6(i)(5)", "R95-501.6(i)(1)-2")
def test_an_old_register_is_found_at_power_up(program: Program) -> None:
    """The register row alone is older than its copy and the journal."""
    with sqlite3.connect(program.store()) as file:
        old = file.execute("SELECT * FROM register").fetchone()
        columns = [each[1] for each in file.execute("PRAGMA table_info(register)")]
    file.close()
    program.evidence("one-more")
    with sqlite3.connect(program.store()) as file:
        for (name,) in file.execute(
            "SELECT name FROM sqlite_schema WHERE type='trigger'"
        ).fetchall():
            file.execute(f"DROP TRIGGER {name}")
        file.execute(f"UPDATE register SET {', '.join(f'{each} = ?' for each in columns)}", old)
    file.close()
    told = program.refused(*PIECE)
    assert (told["code"], told["clause"]) == ("DEVICE_FAULTED", "39 CFR 501.6(i)(5) (1995)")
    assert program.show()["status"] == "faulted"


@pytest.mark.duty("R97-502.26(a)-2")
@pytest.mark.parametrize(("when", "pieces"), [(LATER, 0), (LATER, 1), ((), 1), ((), 3)])
@pytest.mark.parametrize("contact", [AUDIT, RESET, (*RESET, "--request-id", "r")])
def test_an_old_copy_is_found_at_the_next_contact(
    program: Program, contact: tuple[str, ...], when: tuple[str, ...], pieces: int
) -> None:
    """All of it is older: in itself it is sound, but the provider has heard more."""
    shutil.copytree(program.folder(), "old")
    for number in range(pieces):
        program.evidence(f"{number}-more")
    program.json(*AUDIT)
    program.evidence("forgotten")
    shutil.rmtree(program.folder())
    shutil.copytree("old", program.folder())
    assert program.json("device", "check", DEVICE)["findings"] == []
    told = program.refused(*contact, *when)
    assert told["code"] in {"DEVICE_REWOUND", "DEVICE_FORKED"}
    assert told["clause"] == "39 CFR 502.26(a) (1997)"
    assert program.refused(*AUDIT)["code"] == "DEVICE_SUSPECT"
    refused = program.refused("device", "reset", DEVICE, "--amount", "1")
    assert refused["code"] == "DEVICE_SUSPECT"
    # It is examined, and ends: nothing more is credited to it.
    program.json("device", "examine", DEVICE, "--examiner", "A. Clerk", "--finding", "old copy")
    assert program.refused(*AUDIT)["clause"]


def test_a_copy_that_is_used_beside_its_original_is_found_at_verification(program: Program) -> None:
    """Neither has met the provider since: the same value was used twice."""
    shutil.copytree(program.folder(), program.folder("copy"))
    program.evidence("here", "--out", "here.png")
    more = ("--postage", "1", "--request-id", "there", "--out", "there.png")
    program.json("device", "evidence", "copy", *more)
    found = program.json("verify", "here.png", "there.png", status=4)
    assert {each["verdict"] for each in found} == {"undetermined"}
    codes = {finding["code"] for each in found for finding in each["findings"]}
    assert codes <= {"OVERLAP", "DUPLICATE"}
    assert codes
    program.json("device", "audit", "copy")
    assert program.refused(*AUDIT)["code"] in {"DEVICE_FORKED", "DEVICE_REWOUND"}


def test_a_copy_made_while_in_use_is_whole_or_refused(program: Program) -> None:
    store = SqliteDeviceStore.open(program.store())
    try:
        shutil.copytree(program.folder(), program.folder("copy"))
    finally:
        store.close()
    told = program.run("device", "check", "copy", "--json")
    assert told.status in (0, 2)
    assert told.status == 2 or told.data["findings"] == []


def test_a_copy_that_was_kept_is_not_credited_again(program: Program) -> None:
    shutil.copytree(program.folder(), "old")
    program.json("device", "reset", DEVICE, "--amount", "20")
    shutil.rmtree(program.folder())
    shutil.copytree("old", program.folder())
    told = program.refused("device", "reset", DEVICE, "--amount", "20", *LATER)
    assert told["code"] in {"DEVICE_REWOUND", "DEVICE_FORKED"}
    assert program.show()["descending_mills"] == FUNDED_MILLS


# Damage -------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", [0.0, 0.01, 0.3, 0.6, 0.99])
def test_a_half_written_store_is_never_believed(program: Program, part: float) -> None:
    program.evidence("before")
    whole = program.store().read_bytes()
    program.store().write_bytes(whole[: int(len(whole) * part)])
    for command in (PIECE, AUDIT, ("device", "check", DEVICE)):
        told = program.run(*command, "--json")
        assert told.status in (1, 2), told.out
        if told.status == 2:
            assert told.data["refused"]["remedy"]
    told = program.run("device", "show", DEVICE, "--json")
    assert told.status == 2 or told.data["status"] == "faulted" or told.data["ascending_mills"]


def test_flipped_bits_are_found_or_do_no_harm(program: Program) -> None:
    program.evidence("before")
    whole = program.store().read_bytes()
    generator = random.Random(7)
    for _ in range(12):
        damaged = bytearray(whole)
        for _ in range(40):
            damaged[generator.randrange(len(damaged))] ^= 1 << generator.randrange(8)
        program.store().write_bytes(damaged)
        told = program.run("device", "check", DEVICE, "--json")
        if told.status == 0:
            assert told.data["descending_mills"] == FUNDED_MILLS - 1000
    program.store().write_bytes(whole)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"zone": 5}', b"\xff\xfe", b"null"])
def test_a_damaged_home_is_refused(program: Program, content: bytes) -> None:
    (program.home / "home.json").write_bytes(content)
    assert program.refused("device", "show", DEVICE)["code"] == "HOME_UNREADABLE"
    assert (program.home / "home.json").read_bytes() == content


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ('{"zone": "Mars/Olympus", "simulated_instant": null}', "ZONE_UNKNOWN"),
        ('{"zone": "America/New_York", "simulated_instant": "noon"}', "TIME_UNREADABLE"),
    ],
)
def test_settings_that_make_no_sense(program: Program, content: str, code: str) -> None:
    (program.home / "home.json").write_text(content)
    assert program.refused("device", "show", DEVICE)["code"] == code


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "America", "../../etc/passwd"])
def test_a_home_is_made_whole_or_not_at_all(program: Program, zone: str) -> None:
    place = program.home.parent / "new"
    assert program.refused("home", "create", place, "--zone", zone)["code"] == "ZONE_UNKNOWN"
    assert not (place / "home.json").exists()
    program.json("home", "create", place, "--zone", "America/Chicago")


@pytest.mark.parametrize("books", ["provider", "postal"])
def test_damaged_books_change_nothing(program: Program, books: str) -> None:
    file = program.home / books / "books.sqlite3"
    file.write_bytes(b"no database" * 500)
    for command in (AUDIT, ("device", "reset", DEVICE, "--amount", "1")):
        told = program.refused(*command)
        assert told["code"] == "BOOKS_UNREADABLE"
    assert program.show()["descending_mills"] == FUNDED_MILLS
    # A device evidences without its provider.
    assert program.evidence("alone")["descending_mills"] == FUNDED_MILLS - 1000


# Two at once --------------------------------------------------------------------------------


@pytest.mark.duty("R95-501.6(i)(2)")
def test_a_device_in_use_is_shown_and_nothing_else(program: Program) -> None:
    store = SqliteDeviceStore.open(program.store())
    try:
        for command in (PIECE, AUDIT, ("device", "check", DEVICE), ("device", "journal", DEVICE)):
            told = program.forked(*command, "--json")
            assert (told.status, told.data["refused"]["code"]) == (2, "DEVICE_IN_USE")
        shown = program.forked("device", "show", DEVICE, "--json")
        assert shown.data["descending_mills"] == FUNDED_MILLS
    finally:
        store.close()
    program.evidence("afterwards")


def test_many_processes_at_once_never_share_a_debit(program: Program) -> None:
    pieces = [("device", "evidence", DEVICE, "--postage", "1", "--request-id", f"p{number}")
              for number in range(8)]  # fmt: skip
    children = [program.start(*piece) for piece in pieces]
    statuses = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    assert set(statuses) <= {0, 2}
    assert program.show()["piece_count"] == statuses.count(0)
    indicia = {program.json(*piece)["indicium_hex"] for piece in pieces}
    assert len(indicia) == len(pieces)
    shown = program.show()
    assert (shown["piece_count"], shown["ascending_mills"]) == (8, 8000)


# Nowhere to write ---------------------------------------------------------------------------


def as_nobody() -> None:
    """From here on this process may write nowhere."""
    if os.geteuid() == 0:
        os.setgid(NOBODY)
        os.setuid(NOBODY)


@pytest.fixture
def read_only(open_folder: Path) -> Program:
    """The funded home where nobody may write, and everybody may read."""
    home = open_folder / "home"
    shutil.copytree(funded_home(), home)
    for lock in home.rglob("*-in-use"):
        lock.unlink()
    for each in [home, *home.rglob("*")]:
        each.chmod(0o555 if each.is_dir() else 0o444)
    return Program(home)


def test_a_read_only_device_is_shown_and_does_nothing(read_only: Program) -> None:
    shown = read_only.forked("device", "show", DEVICE, "--json", before=as_nobody)
    assert shown.data["descending_mills"] == FUNDED_MILLS
    for command in (PIECE, ("device", "check", DEVICE)):
        told = read_only.forked(*command, "--json", before=as_nobody)
        assert (told.status, told.data["refused"]["code"]) == (2, "STORE_READ_ONLY")
    for other in (AUDIT, ("device", "create", "second"), ("home", "show", "--now", "2028-01-01")):
        told = read_only.forked(*other, "--json", before=as_nobody)
        assert told.status == 2, told.out
        assert told.data["refused"]["remedy"]


def test_a_home_that_can_not_be_made_is_refused(open_folder: Path) -> None:
    open_folder.chmod(0o555)
    nowhere = Program(open_folder / "home")
    told = nowhere.forked("device", "list", "--json", before=as_nobody)
    assert (told.status, told.data["refused"]["code"]) == (2, "HOME_UNREADABLE")
    a_file = Program(Path("/dev/null"))
    assert a_file.refused("device", "list")["code"] == "HOME_UNREADABLE"
    too_long = Program(open_folder / ("x" * 300))
    assert too_long.refused("device", "list")["code"] == "HOME_UNREADABLE"


def full_disk(room: int) -> Callable[[], None]:
    """Files of this process can not grow beyond ``room`` bytes."""

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    return limit


@pytest.mark.parametrize("room", [0, 100, 5_000, 20_000, 40_000, 70_000])
def test_a_full_disk_charges_nothing(program: Program, room: int) -> None:
    for command in (PIECE, ("device", "reset", DEVICE, "--amount", "1"),
                    ("device", "create", "second")):  # fmt: skip
        told = program.forked(*command, "--json", before=full_disk(room))
        if told.status != 0:
            assert told.status == 2, told.out
            assert told.data["refused"]["remedy"]
    shown = program.show()
    spent = shown["piece_count"] * 1000
    assert shown["ascending_mills"] == spent
    # With room again everything is carried to its end, once.
    assert program.json(*PIECE)["ascending_mills"] == 1000
    program.json("device", "reset", DEVICE, "--amount", "1", "--request-id", "again")
    assert program.json(*AUDIT)["control_total_mills"] in (FUNDED_MILLS + 1000, FUNDED_MILLS + 2000)
    if "second" not in [each["device"] for each in program.json("device", "list")]:
        program.json("device", "create", "second")
    assert program.json("device", "check", DEVICE)["findings"] == []
