"""What a device shows of its registers, and when a meter locks itself."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from franking.psd.records import DeviceProfile
from tests.fixtures_psd import NOON, operational, refuses
from tests.memory_store import Disk, MemoryStore

LARGEST_MILLS = 990
"""The largest denomination of the model, as the rules of 1995 have it for us (policy)."""


@pytest.mark.duty("R95-501.6(i)(2)", "R95-P030.1.1-1")
def test_both_registers_are_shown_and_looking_changes_nothing() -> None:
    bench = operational(MemoryStore(Disk()), amount_mills=100_000)
    bench.piece("piece-1", NOON, postage_mills=320)
    before = bench.device.registers
    shown = json.loads(json.dumps(bench.device.show()))
    assert (shown["ascending_mills"], shown["descending_mills"]) == (320, 99_680)
    assert shown["control_total_mills"] == 100_000
    assert bench.device.registers == before


@pytest.mark.duty("R95-501.6(c)-2", "R95-P030.1.1-1")
def test_a_meter_of_denominations_locks_below_the_largest_of_them() -> None:
    profile = DeviceProfile(rulebook="meter-1995", system="closed", denominational=True)
    bench = operational(MemoryStore(Disk()), amount_mills=LARGEST_MILLS + 320, profile=profile)
    bench.piece("piece-1", NOON, postage_mills=320)
    bench.piece("piece-2", NOON, postage_mills=10)
    with refuses("BELOW_LARGEST_DENOMINATION"):
        bench.piece("piece-3", NOON, postage_mills=10)
    assert bench.device.registers.descending_mills == LARGEST_MILLS - 10


@pytest.mark.duty("R95-501.6(c)-2")
def test_a_device_that_used_its_postage_up_evidences_nothing_more() -> None:
    bench = operational(MemoryStore(Disk()), amount_mills=320)
    bench.piece("piece-1", NOON, postage_mills=320)
    with refuses("EXCEEDS_DESCENDING"):
        bench.piece("piece-2", NOON, postage_mills=1)
    registers = bench.device.registers
    assert (registers.ascending_mills, registers.descending_mills) == (320, 0)


def test_a_meter_that_locked_for_want_of_postage_works_after_its_reset() -> None:
    profile = DeviceProfile(rulebook="meter-1995", system="closed", denominational=True)
    bench = operational(MemoryStore(Disk()), amount_mills=LARGEST_MILLS - 10, profile=profile)
    with refuses("BELOW_LARGEST_DENOMINATION"):
        bench.piece("piece-1", NOON, postage_mills=10)
    bench.reset(10, NOON + timedelta(minutes=1))
    bench.piece("piece-1", NOON + timedelta(minutes=2), postage_mills=10)
    assert bench.device.registers.piece_count == 1
