"""Commands killed at any moment and repeated: everything is done once, and nothing is stuck."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from franking.provider.resetting import commands
from tests.fixtures_cli import DEVICE, FUNDED_MILLS, TODAY, Program, funded_home, program
from tests.fixtures_money import totals_in_home

__all__ = ["program"]

KILLS = 20
LIFE_KILLS = 4


@pytest.fixture(scope="module")
def moment(tmp_path_factory: pytest.TempPathFactory) -> float:
    """How long a reset is at work on this computer, in seconds."""
    home = tmp_path_factory.mktemp("measured") / "home"
    shutil.copytree(funded_home(), home)
    began = time.monotonic()
    Program(home).forked("device", "reset", DEVICE, "--amount", "1")
    return time.monotonic() - began


def kill_and_repeat(
    program: Program, generator: random.Random, moment: float, *command: object
) -> bool:
    """Kill a command, then carry it out; whether the kill met it at work."""
    met = program.killed(*command, after_seconds=generator.uniform(0.005, moment))
    program.json(*command)
    return met


@pytest.mark.duty("R97-502.26(a)-1")
@pytest.mark.law("PSD-2", "PSD-3")
def test_killed_resets_credit_once(program: Program, moment: float) -> None:
    generator, met = random.Random(1), 0
    for number in range(1, KILLS + 1):
        asked = ("device", "reset", DEVICE, "--amount", "1", "--request-id", f"r{number}")
        met += kill_and_repeat(program, generator, moment, *asked)
        shown = program.show()
        assert shown["descending_mills"] == FUNDED_MILLS + number * 1000
        assert shown["reset_pending_mills"] == 0
    assert met > KILLS // 4
    assert program.json("device", "audit", DEVICE)["control_total_mills"] == (
        FUNDED_MILLS + KILLS * 1000
    )
    assert program.json("device", "check", DEVICE)["findings"] == []


def test_killed_resets_without_a_name_are_completed_or_make_room(
    program: Program, moment: float
) -> None:
    """Whatever amount is asked for next, no request and no grant stays on its way."""
    generator, given = random.Random(2), FUNDED_MILLS
    for number in range(12):
        program.killed(
            *("device", "reset", DEVICE, "--amount", "2"),
            after_seconds=generator.uniform(0.005, moment),
        )
        amount = 1 + number % 2
        program.json("device", "reset", DEVICE, "--amount", str(amount))
        now = program.show()["control_total_mills"]
        # The killed one was never asked for, was carried to its end, or was the one repeated.
        assert now - given in ({1000, 3000} if amount == 1 else {2000, 4000})
        given = now
    assert program.json("device", "audit", DEVICE)["control_total_mills"] == given


def test_a_request_that_was_cut_short_makes_no_device_look_restored(program: Program) -> None:
    """The clock stands still: nothing but the device's next audit tells it from an old copy."""

    def cut_short_before_the_grant() -> None:
        commands.grant_reset = lambda *_: os._exit(9)

    for named in ((), ("--request-id", "r")):
        reset = ("device", "reset", DEVICE, "--amount", "1", *named)
        before = program.show()["descending_mills"]
        os.waitpid(program.start(*reset, before=cut_short_before_the_grant), 0)
        assert program.show()["reset_pending_mills"] == 1000
        program.json("device", "audit", DEVICE)
        if named:
            assert program.refused(*reset)["code"] == "REPORT_OVERTAKEN"
            reset = (*reset[:-1], "another")
        program.json(*reset)
        assert program.show()["descending_mills"] == before + 1000
    assert program.json("device", "audit", DEVICE)["control_total_mills"] == FUNDED_MILLS + 2000


def test_killed_by_the_system_a_real_process_credits_once(program: Program) -> None:
    franking = Path(sys.executable).parent / "franking"
    environment = {**os.environ, "FRANKING_HOME": str(program.home)}
    for number, pause in enumerate((0.55, 0.75, 0.95), start=1):
        asked = ("device", "reset", DEVICE, "--amount", "1", "--request-id", f"r{number}")
        process = subprocess.Popen([franking, *asked], env=environment, stdout=subprocess.DEVNULL)
        time.sleep(pause)
        process.send_signal(signal.SIGKILL)
        process.wait()
        program.json(*asked)
        assert program.show()["descending_mills"] == FUNDED_MILLS + number * 1000


@pytest.mark.law("PSD-4")
def test_killed_pieces_are_debited_once(program: Program, moment: float) -> None:
    generator = random.Random(3)
    for number in range(1, 11):
        asked = ("device", "evidence", DEVICE, "--postage", "1", "--request-id", f"p{number}",
                 "--out", f"p{number}.bin")  # fmt: skip
        kill_and_repeat(program, generator, moment, *asked)
        assert program.show()["ascending_mills"] == number * 1000
        assert not list(Path().glob("*.part")) or Path(f"p{number}.bin").exists()


@pytest.mark.parametrize("seed", range(LIFE_KILLS))
def test_a_life_with_a_kill_at_every_station(tmp_path: Path, seed: int, moment: float) -> None:
    """From nothing to scrapped; every command is killed once, and repeated until it is done."""
    generator, program = random.Random(seed), Program(tmp_path / "home")
    program.json("home", "create", program.home, "--simulated-clock")
    program.json("home", "show", "--now", TODAY)
    (tmp_path / "secret").write_text("correct horse\n")
    piece = tmp_path / "piece.bin"
    stations: list[tuple[object, ...]] = [
        ("create", DEVICE),
        ("authorize", DEVICE, "--zip", "20260"),
        ("reset", DEVICE, "--amount", "5", "--request-id", "r1", "--pay", "wire"),
        ("audit", DEVICE),
        ("roll-over", DEVICE),
        ("evidence", DEVICE, "--postage", "1", "--request-id", "x", "--out", piece),
        ("lock", DEVICE),
        ("withdraw", DEVICE),
        ("clear", DEVICE, "--examiner", "A. Clerk"),
        ("scrap", DEVICE, "--reason", "old"),
    ]
    for station in stations:
        command = ("device", *station)
        program.killed(*command, after_seconds=generator.uniform(0.005, 1.3 * moment))
        told = program.run(*command, "--json")
        # What was finished before the kill may be refused as done, and never half done.
        assert told.status == 0 or told.data["refused"]["code"] in {
            "DEVICE_EXISTS",
            "STATUS_UNSUITABLE",
        }, (station, told.out)
    shown = program.show()
    assert shown["status"] == "scrapped"
    assert (shown["ascending_mills"], shown["descending_mills"]) == (1000, 0)
    assert program.json("device", "check", DEVICE)["findings"] == []
    assert program.json("verify", piece)[0]["verdict"] == "authentic"
    # Paid once, charged once: one dollar used, four to be refunded, nothing anywhere else.
    assert totals_in_home(program.home) == {"lockbox": -5000, "used": 1000, "refunds": 4000}


@pytest.mark.parametrize("seed", range(3))
def test_a_killed_move_is_in_one_place(program: Program, seed: int, moment: float) -> None:
    generator = random.Random(seed)
    Path("secret").write_text("correct horse\n")
    words = ("--passphrase-file", "secret")
    leave = ("device", "move-out", DEVICE, "--to", "parcel", *words)
    program.killed(*leave, after_seconds=generator.uniform(0.005, moment))
    told = program.run(*leave, "--json")
    if told.status == 2 and told.data["refused"]["code"] == "DEVICE_EXISTS":
        # The parcel was written: either all was done, or the old place still has its key.
        again = program.run(*leave[:4], "another-parcel", *words, "--json")
        if again.status == 0:
            shutil.copyfile("another-parcel", "parcel")
        else:
            assert again.data["refused"]["code"] == "DEVICE_MOVED"
    asked = ("--postage", "1", "--request-id", "x")
    assert program.refused("device", "evidence", DEVICE, *asked)["code"] == "DEVICE_MOVED"
    arrive = ("device", "move-in", "new", "--from", "parcel", *words)
    program.killed(*arrive, after_seconds=generator.uniform(0.005, 2 * moment))
    told = program.run(*arrive, "--json")
    assert told.status == 0 or told.data["refused"]["code"] == "DEVICE_EXISTS"
    assert program.json("device", "audit", "new")["locks"] == []
    assert program.json("device", "evidence", "new", *asked)["ascending_mills"] == 1000
