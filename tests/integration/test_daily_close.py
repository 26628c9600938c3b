"""The daily close: devices, ledger and bank files held against each other, day by day."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from franking.ledger import account_record
from franking.provider.closing.commands import (
    check_close,
    close_day,
    close_days,
    device_positions,
    explain_difference,
)
from franking.provider.closing.records import DayClose, DifferenceKind
from franking.provider.funds import chart, postings
from franking.provider.schema import LEDGER
from franking.rules.permissions import Role
from franking.storage import Act, Actor
from tests.fixtures_money import PLENTY
from tests.fixtures_three_domains import DEVICE, START, ThreeDomains, three_domains

DAY = START.date()


@pytest.fixture
def world(tmp_path: Path) -> ThreeDomains:
    """A device in service and money on deposit, on one day."""
    made = three_domains(tmp_path)
    made.enrol()
    return made


def closed(world: ThreeDomains) -> list[DayClose]:
    """Close all days that have ended."""
    return close_days(world.provider, world.provider_signer, world.now)


def next_day(world: ThreeDomains) -> None:
    """The next morning at six."""
    world.now = (world.now + timedelta(days=1)).replace(hour=6)


def test_a_day_of_a_deposit_a_reset_and_use_closes_without_a_difference(
    world: ThreeDomains,
) -> None:
    world.reset(100_000, "r1")
    world.evidence(320)
    next_day(world)
    (close,) = closed(world)
    assert close.day == DAY
    assert close.differences == ()
    assert close.balance("device") == 100_000
    assert close.balance("deposits") == PLENTY - 100_000
    assert close.balance("lockbox") == -PLENTY
