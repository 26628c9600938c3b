"""Where the value of a reset is at every moment: on deposit, in transit, in the device, used."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import update

from franking.errors import Refused
from franking.ledger import Posting, Transfer
from franking.messages.kinds import RegisterReading
from franking.provider.devices import notes
from franking.provider.funds import chart, rows
from franking.provider.funds.records import AccountStatus
from franking.provider.resetting import money
from franking.provider.resetting.answering import (
    accept_clearing,
    accept_order_receipt,
    accept_withdrawal,
    examine_device,
)
from franking.provider.resetting.commands import (
    accept_closed,
    accept_receipt,
    grant_reset,
    receive_audit,
)
from franking.provider.resetting.ordering import order_clearing, order_lock, order_withdrawal
from franking.provider.resetting.records import ResetStatus
from franking.provider.resetting.rows import resets_of
from franking.provider.resetting.settlement import clearing_case
from franking.provider.resetting.tables import DEVICES
from franking.provider.resetting.view import device_view
from franking.provider.schema import LEDGER
from franking.storage import Act
from tests.fixtures_databases import DATABASES
from tests.fixtures_money import PLENTY, balance, deposit
from tests.fixtures_three_domains import DEVICE, ThreeDomains, three_domains

A_HUNDRED, FIFTY = 100_000, 50_000


@pytest.fixture(params=DATABASES)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ThreeDomains]:
    made = three_domains(tmp_path, database=request.param)
    made.enrol()
    yield made
    made.device.close()


@pytest.fixture
def simple(tmp_path: Path) -> Iterator[ThreeDomains]:
    """The same in a file, for what is decided and not stored."""
    made = three_domains(tmp_path)
    made.enrol()
    yield made
    made.device.close()


def account(world: ThreeDomains) -> str:
    with world.provider.reading() as reading:
        found = rows.account_of(reading, world.licence)
    assert found is not None
    return found.number


def held(world: ThreeDomains) -> tuple[int, int, int, int]:
    """Taken from the deposit, in transit, in the device, used: mills. They sum to zero."""
    with world.provider.reading() as reading:
        taken = PLENTY - balance(reading, chart.deposits(account(world)))
        found = (
            balance(reading, chart.transit(DEVICE)),
            balance(reading, chart.device(DEVICE)),
            balance(reading, chart.USED),
        )
        everything = sum(LEDGER.total(reading, line.kind) for line in LEDGER.chart)
    assert everything == 0
    return (taken, *found)


def code(action: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refused:
        action()
    assert refused.value.clause
    return refused.value.code


def ask(world: ThreeDomains, amount_mills: int = FIFTY, name: str = "asked") -> str:
    return world.device.request_reset(amount_mills, name, world.later())


def grant(world: ThreeDomains, request: str) -> str:
    return grant_reset(world.provider, world.provider_signer, request, world.later())


def audit(world: ThreeDomains) -> None:
    report = world.device.audit(world.later())
    receipt = receive_audit(world.provider, world.provider_signer, report, world.later())
    world.device.apply_audit_receipt(receipt, world.later())


def close(world: ThreeDomains) -> None:
    accept_closed(world.provider, world.device.close_reset(world.later()), world.later())


# A whole reset ---------------------------------------------------------------------------------


@pytest.mark.duty("R97-502.26(a)-2", "R97-P050.3.2-1")
@pytest.mark.law("LEDGER-4", "LEDGER-5")
def test_a_grant_is_charged_at_once_and_in_the_device_when_it_says_so(world: ThreeDomains) -> None:
    given = grant(world, ask(world, A_HUNDRED))
    assert held(world) == (A_HUNDRED, A_HUNDRED, 0, 0)
    receipt = world.device.apply_grant(given, world.later())
    accept_receipt(world.provider, receipt, world.later())
    assert held(world) == (A_HUNDRED, 0, A_HUNDRED, 0)
    world.evidence(30_000)
    audit(world)
    assert held(world) == (A_HUNDRED, 0, 70_000, 30_000)
    assert world.device.show()["descending_mills"] == 70_000


@pytest.mark.law("LEDGER-5")
def test_every_signed_report_posts_what_was_used_since_the_last(world: ThreeDomains) -> None:
    world.reset(A_HUNDRED, "first")
    world.evidence(10_000)
    world.reset(FIFTY, "second")  # the request says so
    assert held(world) == (150_000, 0, 140_000, 10_000)
    world.evidence(20_000)
    order = order_lock(
        world.provider,
        world.provider_signer,
        device_id=DEVICE,
        cause="examination",
        clause="39 CFR 502.24",
        now=world.later(),
    )
    accept_order_receipt(world.provider, world.device.lock(order, world.later()), world.later())
    assert held(world) == (150_000, 0, 120_000, 30_000)


@pytest.mark.law("LEDGER-4", "LEDGER-6")
def test_lost_answers_and_repeats_charge_once_and_credit_once(world: ThreeDomains) -> None:
    request = ask(world)
    grants = {grant(world, request) for _ in range(3)}
    receipts = {world.device.apply_grant(given, world.later()) for given in grants for _ in "ab"}
    for receipt in receipts:
        for _ in range(3):
            accept_receipt(world.provider, receipt, world.later())
    assert held(world) == (FIFTY, 0, FIFTY, 0)


def test_two_callers_at_once_with_two_requests_of_one_device_are_charged_once(
    world: ThreeDomains,
) -> None:
    copy = world.copy_device()
    first = ask(world, FIFTY, "one")
    other = world.opened(copy.name)
    second = other.request_reset(A_HUNDRED, "two", world.later())
    other.close()

    def asked(request: str) -> str:
        try:
            return grant(world, request)
        except Refused as refused:
            return refused.code

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(asked, (first, second)))
    assert sorted(answer in ("DEVICE_FORKED", "DEVICE_SUSPECT") for answer in answers) == [
        False,
        True,
    ]
    taken, transit, *_ = held(world)
    assert taken == transit
    assert taken in (FIFTY, A_HUNDRED)


# An audit overtakes a receipt ------------------------------------------------------------------


@pytest.mark.law("LEDGER-4", "LEDGER-5")
def test_an_audit_that_overtakes_the_receipt_shows_the_credit_and_may_have_spent_it(
    world: ThreeDomains,
) -> None:
    receipt = world.device.apply_grant(grant(world, ask(world)), world.later())
    world.evidence(20_000)
    audit(world)
    assert held(world) == (FIFTY, 0, 30_000, 20_000)
    accept_receipt(world.provider, receipt, world.later())
    assert held(world) == (FIFTY, 0, 30_000, 20_000)


def test_a_device_that_has_shown_the_credit_may_not_say_that_it_closed_unused(
    simple: ThreeDomains,
) -> None:
    world = simple
    request = ask(world)
    copy = world.copy_device()
    world.device.apply_grant(grant(world, request), world.later())
    audit(world)
    world.device.close()
    world.device = world.opened(copy.name)
    assert code(lambda: close(world)) in ("DEVICE_FORKED", "REGISTERS_DISAGREE")
    assert held(world) == (FIFTY, 0, FIFTY, 0)
    assert device_view(world.provider, DEVICE)["suspicion"]


# Closed unused ---------------------------------------------------------------------------------


@pytest.mark.law("LEDGER-4")
def test_what_closed_unused_stays_in_transit_until_a_clean_audit(world: ThreeDomains) -> None:
    grant(world, ask(world))
    close(world)
    assert held(world) == (FIFTY, FIFTY, 0, 0)
    # A new reset does not free it, and is charged by itself.
    world.reset(A_HUNDRED, "another")
    assert held(world) == (150_000, FIFTY, A_HUNDRED, 0)
    audit(world)
    assert held(world) == (A_HUNDRED, 0, A_HUNDRED, 0)
    audit(world)  # once
    assert held(world) == (A_HUNDRED, 0, A_HUNDRED, 0)
    with world.provider.reading() as reading:
        assert [one.status for one in resets_of(reading, DEVICE)] == [
            ResetStatus.RETURNED,
            ResetStatus.CONFIRMED,
        ]


def test_a_device_restored_to_before_its_grant_gets_nothing_back(simple: ThreeDomains) -> None:
    """It withholds the receipt of what it spent, and signs that the sequence closed unused."""
    world = simple
    request = ask(world)
    copy = world.copy_device()
    world.device.apply_grant(grant(world, request), world.later())
    audit(world)  # what it spends is acknowledged, as it is by every reset and audit
    world.evidence(20_000)
    world.device.close()
    world.device = world.opened(copy.name)
    code(lambda: close(world))
    code(lambda: audit(world))
    assert held(world) == (FIFTY, 0, FIFTY, 0)


# Refusals in their order -----------------------------------------------------------------------


@pytest.mark.duty("R95-501.28(b)(2)-1", "R97-502.26(b)(1)-1", "R97-P050.3.5a-1")
def test_without_funds_and_without_an_advance_nothing_is_granted(simple: ThreeDomains) -> None:
    world = simple
    _spend_all_but(world, 20_000)
    request = ask(world)
    assert code(lambda: grant(world, request)) == "INSUFFICIENT_FUNDS"
    assert held(world)[1:] == (0, 0, 0)
    # The refusal changed nothing: once there is money, the very request is granted.
    deposit(world.provider, world.licence, world.later(), amount_mills=30_000, payment="more")
    grant(world, request)
    assert held(world)[1] == FIFTY


@pytest.mark.duty("R97-502.26(a)-2")
def test_each_refusal_comes_before_the_next(simple: ThreeDomains) -> None:
    """Registers, audit, locks (examination, returned item), funds, limit: the first is told."""
    world = simple
    world.reset(450_000, "first")
    _spend_all_but(world, 10_000)
    world.device.close()
    world.device = world.opened("device")
    request = world.device.request_reset(50_000, "above", world.later())
    _deny(world)
    _lock_account(world)
    assert code(lambda: grant(world, request)) == "RESET_DENIED"
    _lift(world)
    assert code(lambda: grant(world, request)) == "FUNDS_ACCOUNT_LOCKED"
    _unlock_account(world)
    assert code(lambda: grant(world, request)) == "INSUFFICIENT_FUNDS"
    deposit(world.provider, world.licence, world.later(), amount_mills=A_HUNDRED, payment="more")
    _lower_limit(world, 460_000)
    assert code(lambda: grant(world, request)) == "RESET_EXCEEDS_LIMIT"
    assert held(world)[1] == 0


def test_a_device_being_withdrawn_is_not_reset_and_not_charged(world: ThreeDomains) -> None:
    request = ask(world)
    order_withdrawal(
        world.provider, world.provider_signer, device_id=DEVICE, reason="moved", now=world.later()
    )
    assert code(lambda: grant(world, request)) == "RESET_BARRED"
    assert held(world) == (0, 0, 0, 0)


# Leaving service -------------------------------------------------------------------------------


def withdraw(world: ThreeDomains) -> None:
    order = order_withdrawal(
        world.provider, world.provider_signer, device_id=DEVICE, reason="moved", now=world.later()
    )
    statement = world.device.withdraw(order, world.later())
    accept_withdrawal(world.provider, world.provider_signer, statement, world.later())


def clear(world: ThreeDomains) -> int:
    """Clear it; the number of the order."""
    order = order_clearing(
        world.provider,
        world.provider_signer,
        device_id=DEVICE,
        examiner="R. Moss",
        now=world.later(),
    )
    accept_clearing(world.provider, world.device.clear(order, world.later()), world.later())
    return int(str(device_view(world.provider, DEVICE)["orders"]))


@pytest.mark.law("LEDGER-5")
def test_what_a_cleared_device_gave_up_waits_for_its_refund(world: ThreeDomains) -> None:
    world.reset(A_HUNDRED, "first")
    world.evidence(30_000)
    withdraw(world)
    assert held(world) == (A_HUNDRED, 0, 70_000, 30_000)
    case = clearing_case(DEVICE, clear(world))
    assert held(world) == (A_HUNDRED, 0, 0, 30_000)
    with world.provider.reading() as reading:
        assert balance(reading, chart.refunds(case)) == 70_000


def test_a_withdrawn_device_that_closes_its_grant_gives_it_back_when_it_is_cleared(
    world: ThreeDomains,
) -> None:
    world.reset(A_HUNDRED, "first")
    grant(world, ask(world))
    withdraw(world)
    close(world)
    assert held(world) == (150_000, FIFTY, A_HUNDRED, 0)
    clear(world)
    assert held(world) == (A_HUNDRED, 0, 0, 0)


@pytest.mark.parametrize(
    ("ascending", "descending", "wanted"),
    [
        # The grant was never taken: its value goes back.
        (30_000, 70_000, (A_HUNDRED, 0, 70_000, 30_000)),
        # It was taken, and 10,000 mills of it used.
        (110_000, 40_000, (150_000, 0, 40_000, 110_000)),
        # The store lost value: that stays on the device's account, where the close shows it.
        (30_000, 60_000, (A_HUNDRED, 0, 70_000, 30_000)),
    ],
)
@pytest.mark.law("LEDGER-5")
def test_an_examination_settles_a_grant_in_transit(
    simple: ThreeDomains, ascending: int, descending: int, wanted: tuple[int, int, int, int]
) -> None:
    world = simple
    world.reset(A_HUNDRED, "first")
    world.evidence(30_000)
    audit(world)
    grant(world, ask(world))
    found = RegisterReading(
        ascending_mills=ascending,
        descending_mills=descending,
        control_total_mills=ascending + descending,
        piece_count=1,
        reset_sequence=1 if ascending + descending <= A_HUNDRED else 2,
    )
    examine_device(
        world.provider,
        world.provider_signer,
        device_id=DEVICE,
        examiner="R. Moss",
        finding="display dark",
        registers=found,
        now=world.later(),
    )
    assert held(world) == wanted


def test_use_read_from_a_hosted_device_is_posted_once_with_its_next_report(
    simple: ThreeDomains,
) -> None:
    world = simple
    world.reset(A_HUNDRED, "first")
    world.evidence(30_000)
    for _ in range(2):
        with world.provider.work(
            world.later(), "receive_audit", on=money.records_of(DEVICE)
        ) as work:
            money.post_use(work, DEVICE, 30_000, world.now)
            work.record(Act(record=f"device:{DEVICE}"))
        assert held(world) == (A_HUNDRED, 0, 70_000, 30_000)
    world.evidence(5_000)
    audit(world)
    assert held(world) == (A_HUNDRED, 0, 65_000, 35_000)


# -----------------------------------------------------------------------------------------------


def _spend_all_but(world: ThreeDomains, left_mills: int) -> None:
    number = account(world)
    with world.provider.work(world.later(), "receive_audit") as work:
        have = LEDGER.balance(work, chart.deposits(number)).balance_mills
        moved = Transfer(
            debit=chart.deposits(number), credit=chart.LOCKBOX, amount_mills=have - left_mills
        )
        posting = Posting(key="test:spent", kind="test", transfers=(moved,), clause="policy")
        LEDGER.post(work, posting, world.now)


def _deny(world: ThreeDomains) -> None:
    with world.provider.work(world.later(), "receive_audit") as work:
        notes.deny_resets(
            work, DEVICE, cause="quality", clause="502.27", because="late", now=world.now
        )


def _lift(world: ThreeDomains) -> None:
    with world.provider.work(world.later(), "receive_audit") as work:
        notes.lift_denial(work, DEVICE, cause="quality", now=world.now, because="sent")


def _lock_account(world: ThreeDomains, to: AccountStatus = AccountStatus.LOCKED) -> None:
    with world.provider.work(world.later(), "receive_audit") as work:
        before = rows.account_of(work, world.licence)
        assert before is not None
        rows.change_account(work, before, replace(before, status=to))
        work.record(Act(record=before.record))


def _unlock_account(world: ThreeDomains) -> None:
    _lock_account(world, AccountStatus.OPEN)


def _lower_limit(world: ThreeDomains, limit_mills: int) -> None:
    with world.provider.work(world.later(), "receive_audit") as work:
        work.write(update(DEVICES).values(limit_mills=limit_mills))
        work.record(Act(record=f"device:{DEVICE}"))
