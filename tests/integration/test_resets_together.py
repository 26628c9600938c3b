"""Resets of many devices in one unit of work, and callers who share one: as if one by one."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import select

from franking.errors import Refused
from franking.ledger import Posting, Transfer
from franking.provider.devices import notes
from franking.provider.funds import chart, rows
from franking.provider.resetting.batches import accept_receipts, grant_resets
from franking.provider.resetting.commands import accept_receipt, grant_reset
from franking.provider.resetting.front import ResettingFront
from franking.provider.resetting.view import device_views
from franking.provider.schema import DOCKET, LEDGER, METADATA
from tests.fixtures_databases import DATABASES
from tests.fixtures_money import balance
from tests.fixtures_three_domains import ThreeDomains, another_device, three_domains

DEVICES = 5
COMPARED = (
    *("devices", "resets", "journal_positions", "device_messages", "inventory_readings"),
    *("inventory", "obligations", "ledger_entries", "ledger_balances"),
)


@pytest.fixture(params=DATABASES)
def fleet(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[list[ThreeDomains]]:
    made = fleet_on(tmp_path, request.param)
    yield made
    for each in made:
        each.device.close()


def fleet_on(folder: Path, database: str = "sqlite") -> list[ThreeDomains]:
    """Several devices of one provider, in service, under one licence."""
    first = three_domains(folder, database=database)
    first.enrol()
    return [first, *(another_device(first, number) for number in range(2, DEVICES + 1))]


def requests_of(fleet: list[ThreeDomains], name: str, amount_mills: int = 50_000) -> list[str]:
    return [each.device.request_reset(amount_mills, name, each.later(minutes=1)) for each in fleet]


def texts(answers: list[str | Refused]) -> list[str]:
    assert all(isinstance(each, str) for each in answers), answers
    return [str(each) for each in answers]


def reset_all(fleet: list[ThreeDomains], name: str) -> None:
    """A whole reset of each, together."""
    world = fleet[0]
    asked = requests_of(fleet, name)
    now = world.later(minutes=5)
    grants = texts(grant_resets(world.provider, world.provider_signer, asked, now))
    receipts = [
        each.device.apply_grant(grant, now) for each, grant in zip(fleet, grants, strict=True)
    ]
    assert texts(accept_receipts(world.provider, receipts, now)) == [""] * len(fleet)


@pytest.mark.law("LEDGER-4", "LEDGER-5")
def test_resets_together_charge_and_credit_each_once(fleet: list[ThreeDomains]) -> None:
    world = fleet[0]
    for name in ("first", "second"):
        reset_all(fleet, name)
        for each in fleet:
            each.now = world.now
            each.evidence(7_000)
    views = {str(view["device_id"]): view for view in device_views(world.provider)}
    for each in fleet:
        serial = str(each.device.device_id)
        assert views[serial]["control_total_mills"] == 100_000
        with world.provider.reading() as reading:
            assert balance(reading, chart.device(serial)) == 93_000
            assert balance(reading, chart.transit(serial)) == 0
    assert world.provider.check_journal().faults == ()


def test_together_writes_what_one_by_one_writes(tmp_path: Path) -> None:
    found = []
    for together in (True, False):
        folder = tmp_path / str(together)
        folder.mkdir()
        fleet = fleet_on(folder)
        world = fleet[0]
        for name in ("first", "second"):
            asked, now = requests_of(fleet, name), world.later(minutes=5)
            if together:
                grants = texts(grant_resets(world.provider, world.provider_signer, asked, now))
            else:
                grants = [
                    grant_reset(world.provider, world.provider_signer, one, now) for one in asked
                ]
            receipts = [
                each.device.apply_grant(one, now) for each, one in zip(fleet, grants, strict=True)
            ]
            if together:
                accept_receipts(world.provider, receipts, now)
            else:
                for receipt in receipts:
                    accept_receipt(world.provider, receipt, now)
            for each in fleet:
                each.now = now
                each.evidence(7_000)
        found.append(stored(world))
        for each in fleet:
            each.device.close()
    assert found[0] == found[1]


def stored(world: ThreeDomains) -> dict[str, list[tuple[str, ...]]]:
    """What the tables hold, but for numbers in the order of writing and what was signed anew."""
    left_out = {"number", "posting", "digest", "text", "reply", "grant_text", "entry_hash"}
    with world.provider.reading() as reading:
        held = {}
        for name in COMPARED:
            table = METADATA.tables[name]
            columns = [
                each
                for each in table.columns
                if each.name not in left_out and not each.name.endswith(("digest", "hash"))
            ]
            rows = reading.rows(select(*columns))
            held[name] = sorted(tuple(map(str, row)) for row in rows)
    return held


def test_one_that_is_refused_holds_up_nobody(fleet: list[ThreeDomains]) -> None:
    world = fleet[0]
    asked = requests_of(fleet, "first")
    denied = str(fleet[1].device.device_id)
    with world.provider.work(world.later(), "receive_audit") as work:
        notes.deny_resets(
            work, denied, cause="quality", clause="502.27", because="late", now=world.now
        )
    answers = grant_resets(
        world.provider,
        world.provider_signer,
        [*asked, "no message at all", asked[0]],
        world.later(minutes=5),
    )
    codes = [each.code if isinstance(each, Refused) else "granted" for each in answers]
    assert codes == [
        *("granted", "RESET_DENIED", "granted", "granted", "granted"),
        *("MESSAGE_UNREADABLE", "granted"),
    ]
    assert answers[0] == answers[-1]


def test_one_that_cannot_be_paid_holds_up_nobody(fleet: list[ThreeDomains]) -> None:
    world = fleet[0]
    number = _leave_on_deposit(world, 120_000)
    answers = grant_resets(
        world.provider, world.provider_signer, requests_of(fleet, "first"), world.later(minutes=5)
    )
    codes = [each.code if isinstance(each, Refused) else "granted" for each in answers]
    assert codes == ["granted", "granted", *["INSUFFICIENT_FUNDS"] * 3]
    with world.provider.reading() as reading:
        assert balance(reading, chart.deposits(number)) == 20_000


def test_two_requests_of_one_device_are_decided_one_after_the_other(
    fleet: list[ThreeDomains],
) -> None:
    world = fleet[0]
    copy = world.copy_device()
    first = requests_of(fleet, "first")
    other = world.opened(copy.name)
    second = other.request_reset(70_000, "other", world.later(minutes=5))
    other.close()
    answers = grant_resets(
        world.provider, world.provider_signer, [*first, second], world.later(minutes=5)
    )
    assert isinstance(answers[-1], Refused)
    assert answers[-1].code == "DEVICE_FORKED"
    assert all(isinstance(each, str) for each in answers[:-1])
    views = {str(view["device_id"]): view for view in device_views(world.provider)}
    assert "DEVICE_FORKED" in str(views[str(world.device.device_id)]["suspicion"])


@pytest.mark.parametrize("lanes", [1, 2])
def test_callers_side_by_side_share_units_of_work(fleet: list[ThreeDomains], lanes: int) -> None:
    world = fleet[0]
    asked = requests_of(fleet, "first")
    now = world.later(minutes=5)
    front = ResettingFront(world.provider, world.provider_signer, lambda: now, lanes=lanes)
    several = [*asked, *asked, *asked]
    random.Random(1).shuffle(several)
    with ThreadPoolExecutor(8) as pool:
        answers = dict(zip(several, pool.map(front.grant, several), strict=True))
        receipts = [
            each.device.apply_grant(answers[one], now)
            for each, one in zip(fleet, asked, strict=True)
        ]
        list(pool.map(front.take_receipt, [*receipts, *receipts]))
        with pytest.raises(Refused) as refused:
            front.grant("no message at all")
    assert refused.value.code == "MESSAGE_UNREADABLE"
    assert len(set(answers.values())) == len(fleet)
    with world.provider.reading() as reading:
        held = LEDGER.balances(reading, kind="device")
        assert [each.balance_mills for each in held.values()] == [50_000] * len(fleet)
        assert DOCKET.standing(reading, record=f"device:{fleet[0].device.device_id}")


def _leave_on_deposit(world: ThreeDomains, left_mills: int) -> str:
    with world.provider.work(world.later(), "receive_audit") as work:
        account = rows.account_of(work, world.licence)
        assert account is not None
        have = LEDGER.balance(work, account.name).balance_mills
        moved = Transfer(debit=account.name, credit=chart.LOCKBOX, amount_mills=have - left_mills)
        posting = Posting(key="test:spent", kind="test", transfers=(moved,), clause="policy")
        LEDGER.post(work, posting, world.now)
    return account.number
