"""The provider killed at every statement of a reset: charged once and credited once.

On both databases. After each death the same message comes again, as a device that got no answer
sends it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from franking.provider.funds import chart, rows
from franking.provider.resetting.batches import grant_resets
from franking.provider.resetting.commands import (
    accept_closed,
    accept_receipt,
    grant_reset,
    receive_audit,
)
from franking.provider.schema import LEDGER
from franking.provider.telephone.commands import tell_setting
from tests.fixtures_databases import DATABASES
from tests.fixtures_killing import every_kill
from tests.fixtures_money import PLENTY, balance
from tests.fixtures_telephone import telephone_desk
from tests.fixtures_three_domains import DEVICE, ThreeDomains, another_device, three_domains

AMOUNT, STRIDE = 50_000, 7
ON_BOTH = pytest.mark.parametrize("database", DATABASES)


def held(world: ThreeDomains) -> tuple[int, int, int]:
    """Taken from the deposit, in transit, in the device; all accounts sum to zero."""
    with world.provider.reading() as reading:
        account = rows.account_of(reading, world.licence)
        assert account is not None
        assert sum(LEDGER.total(reading, line.kind) for line in LEDGER.chart) == 0
        return (
            PLENTY - balance(reading, chart.deposits(account.number)),
            balance(reading, chart.transit(DEVICE)),
            balance(reading, chart.device(DEVICE)),
        )


def let_go(world: ThreeDomains) -> None:
    """A child must not use its parent's connections."""
    world.provider.engine.dispose()


@ON_BOTH
@pytest.mark.law("LEDGER-4", "LEDGER-6")
def test_a_grant_killed_anywhere_is_charged_once(database: str, tmp_path: Path) -> None:
    world = three_domains(tmp_path, database=database)
    world.enrol()
    request, now = world.device.request_reset(AMOUNT, "asked", world.later()), world.later()
    let_go(world)
    states = set()
    for _ in every_kill(
        lambda: grant_reset(world.provider, world.provider_signer, request, now), every=STRIDE
    ):
        states.add(held(world))
        let_go(world)
    grant = grant_reset(world.provider, world.provider_signer, request, now)
    assert held(world) == (AMOUNT, AMOUNT, 0)
    assert states <= {(0, 0, 0), (AMOUNT, AMOUNT, 0)}
    receipt = world.device.apply_grant(grant, world.later())
    let_go(world)
    states = set()
    for _ in every_kill(lambda: accept_receipt(world.provider, receipt, now), every=STRIDE):
        states.add(held(world))
        let_go(world)
    accept_receipt(world.provider, receipt, now)
    assert held(world) == (AMOUNT, 0, AMOUNT)
    assert states <= {(AMOUNT, AMOUNT, 0), (AMOUNT, 0, AMOUNT)}
    assert world.provider.check_journal().faults == ()
    world.device.close()


@ON_BOTH
@pytest.mark.law("LEDGER-4")
def test_what_closed_unused_goes_back_once(database: str, tmp_path: Path) -> None:
    world = three_domains(tmp_path, database=database)
    world.enrol()
    world.grant(AMOUNT, "asked")
    accept_closed(world.provider, world.device.close_reset(world.later()), world.later())
    report, now = world.device.audit(world.later()), world.later()
    let_go(world)
    for _ in every_kill(
        lambda: receive_audit(world.provider, world.provider_signer, report, now), every=STRIDE
    ):
        assert held(world) in {(AMOUNT, AMOUNT, 0), (0, 0, 0)}
        let_go(world)
    receive_audit(world.provider, world.provider_signer, report, now)
    assert held(world) == (0, 0, 0)
    world.device.close()


@ON_BOTH
@pytest.mark.law("LEDGER-4", "LEDGER-6")
def test_a_telephone_setting_killed_anywhere_is_charged_once(database: str, tmp_path: Path) -> None:
    desk = telephone_desk(database, tmp_path)
    call, now, books = desk.call(AMOUNT), desk.fleet.later(), desk.fleet.books
    books.engine.dispose()
    for _ in every_kill(
        lambda: tell_setting(books, desk.vault, desk.signer, call, now), every=STRIDE
    ):
        on_deposit, transit, *_rest = desk.money()
        assert (on_deposit, transit) in {(1_000_000, 0), (950_000, AMOUNT)}
        books.engine.dispose()
    told = desk.answer(call, now)
    assert told.again
    desk.key_in(told)
    assert desk.meter.descending_mills == AMOUNT
    assert desk.money()[:2] == (950_000, AMOUNT)


def test_a_batch_killed_anywhere_charges_each_once(tmp_path: Path) -> None:
    world = three_domains(tmp_path)
    world.enrol()
    fleet = [world, another_device(world, 2), another_device(world, 3)]
    asked = [each.device.request_reset(AMOUNT, "asked", each.later()) for each in fleet]
    now = world.later(minutes=9)
    let_go(world)
    for _ in every_kill(
        lambda: grant_resets(world.provider, world.provider_signer, asked, now), every=STRIDE
    ):
        assert held(world)[0] in {0, len(fleet) * AMOUNT}
        let_go(world)
    first = grant_resets(world.provider, world.provider_signer, asked, now)
    assert first == grant_resets(world.provider, world.provider_signer, asked, now)
    assert held(world) == (len(fleet) * AMOUNT, AMOUNT, 0)
    for each in fleet:
        each.device.close()
