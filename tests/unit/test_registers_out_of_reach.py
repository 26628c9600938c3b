"""What models must keep of the registers: nobody sets them, everybody can read them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import timedelta

import pytest

from franking.psd.device import PostalSecurityDevice
from tests.fixtures_psd import NOON, Bench, operational, refuses
from tests.memory_store import Disk, MemoryStore

LATER = NOON + timedelta(hours=1)


def bench() -> Bench:
    """A device with a hundred dollars that has evidenced one piece."""
    made = operational(MemoryStore(Disk()), amount_mills=100_000)
    made.piece("piece-1", NOON, postage_mills=320)
    return made


@pytest.mark.duty("R95-501.6(d)-3")
def test_nothing_that_a_device_offers_takes_a_value_for_its_ascending_register() -> None:
    offered = {
        name: inspect.signature(member).parameters
        for name, member in inspect.getmembers(PostalSecurityDevice, inspect.isfunction)
        if not name.startswith("_")
    }
    assert "evidence" in offered
    assert [
        name for name, takes in offered.items() if any("ascending" in each for each in takes)
    ] == []
    with pytest.raises(AttributeError):
        bench().device.registers = None  # type: ignore[misc,assignment]


@pytest.mark.duty("R95-501.6(d)-3")
@pytest.mark.parametrize(
    "act",
    [
        lambda made: made.reset(10_000, LATER),
        lambda made: made.audit(LATER),
        lambda made: made.device.lock(made.outside.lock(LATER), LATER),
        lambda made: made.withdraw(LATER),
        lambda made: made.roll_over(LATER),
    ],
    ids=["reset", "audit", "lock", "withdrawal", "new key"],
)
def test_the_ascending_register_changes_by_evidencing_and_by_nothing_else(
    act: Callable[[Bench], object],
) -> None:
    made = bench()
    act(made)
    assert made.device.registers.ascending_mills == 320


@pytest.mark.duty("R95-501.6(d)-2")
def test_value_comes_by_the_signed_grant_of_the_provider_and_by_nothing_else() -> None:
    made = bench()
    request = made.device.request_reset(10_000, "reset-9", LATER)
    grant = made.outside.grant(request, LATER)
    head, _, signature = grant.rpartition(".")
    with refuses("MESSAGE_SIGNATURE_FALSE"):
        made.device.apply_grant(f"{head}.{signature[::-1]}", LATER)
    assert made.device.registers.descending_mills == 99_680
    made.device.apply_grant(grant, LATER)
    assert made.device.registers.descending_mills == 109_680


@pytest.mark.duty("R95-501.6(d)-4")
@pytest.mark.parametrize(
    "act",
    [
        lambda made: None,
        lambda made: made.device.request_reset(10_000, "reset-9", LATER),
        lambda made: made.device.lock(made.outside.lock(LATER), LATER),
        lambda made: made.withdraw(LATER),
    ],
    ids=["idle", "a reset under way", "locked", "withdrawn"],
)
def test_both_registers_can_be_read_between_any_two_operations(
    act: Callable[[Bench], object],
) -> None:
    made = bench()
    act(made)
    shown = made.device.show(LATER)
    assert (shown["ascending_mills"], shown["descending_mills"]) == (320, 99_680)
