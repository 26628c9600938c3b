"""Meters of 1995 set by telephone: typed readings in, a setting code out, paid for once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from franking.errors import Refused
from franking.provider.books import SERVICE
from franking.provider.devices import notes
from franking.provider.funds import chart, postings
from franking.provider.schema import LEDGER
from franking.provider.telephone import commands
from franking.provider.telephone.records import SettingStatus
from franking.world import meter as meters
from tests.fixtures_databases import DATABASES
from tests.fixtures_inventory import METER, OFFICER
from tests.fixtures_telephone import DEPOSITED, SECRET, TelephoneDesk, telephone_desk


@pytest.fixture(params=DATABASES)
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> TelephoneDesk:
    return telephone_desk(request.param, tmp_path)


def refusal(desk: TelephoneDesk, /, amount_mills: int = 50_000, **changed: object) -> str:
    with pytest.raises(Refused) as refused:
        desk.answer(desk.call(amount_mills, **changed), desk.fleet.later())
    assert refused.value.clause, refused.value
    return refused.value.code


@pytest.mark.duty("R95-501.28(a)-1")
@pytest.mark.duty("R95-501.28(a)-3")
@pytest.mark.duty("R95-501.28(e)(3)-3")
@pytest.mark.duty("R95-P030.3.9-1")
def test_a_call_is_charged_and_answered_with_a_code_that_sets_the_meter(
    desk: TelephoneDesk,
) -> None:
    told = desk.tell(300_000)
    assert told.balance_mills == DEPOSITED - 300_000
    assert desk.money() == (700_000, 300_000, 0, 0)  # charged at once, and nobody knows more yet
    desk.key_in(told)
    assert desk.meter.descending_mills == 300_000
    desk.print(20_000)
    again = desk.set(100_000)  # the next call's readings show that the first was taken
    assert again.balance_mills == 600_000
    assert desk.money() == (600_000, 100_000, 280_000, 20_000)
    assert [one.status for one in desk.settings()] == [SettingStatus.TAKEN, SettingStatus.TOLD]


@pytest.mark.duty("R95-501.28(e)(3)-3")
def test_the_same_call_gets_the_same_code_and_is_charged_once(desk: TelephoneDesk) -> None:
    first, again = desk.tell(300_000), desk.tell(300_000)
    assert (first.code, first.setting) == (again.code, again.setting)
    assert again.again
    assert desk.money()[0] == DEPOSITED - 300_000
    # Also when the meter has printed meanwhile: its control total is what the code is bound to.
    desk.key_in(first)
    desk.print(20_000)
    second = desk.tell(50_000)
    desk.print(20_000)
    assert desk.tell(50_000).code == second.code
    desk.key_in(second)


def test_calls_at_the_same_time_are_charged_once(desk: TelephoneDesk) -> None:
    call, now = desk.call(300_000), desk.fleet.later()
    with ThreadPoolExecutor(6) as pool:
        told = list(pool.map(lambda _: desk.answer(call, now), range(12)))
    assert len({each.code for each in told}) == 1
    assert sorted(each.again for each in told) == [False] + [True] * 11
    assert desk.money() == (700_000, 300_000, 0, 0)


def test_another_amount_waits_until_the_code_that_was_paid_for_is_keyed_in(
    desk: TelephoneDesk,
) -> None:
    told = desk.tell(300_000)
    assert refusal(desk, 200_000) == "SETTING_OUTSTANDING"
    assert desk.money()[0] == 700_000
    desk.key_in(told)
    desk.tell(200_000)


@pytest.mark.duty("R95-501.28(a)-2")
@pytest.mark.duty("R95-501.28(e)(3)-1")
@pytest.mark.duty("R95-P030.3.12b")
@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"serial": "0199999999"}, "DEVICE_NOT_IN_INVENTORY"),
        ({"account": "10000025"}, "ACCOUNT_OF_ANOTHER"),
        ({"account": ""}, "ACCOUNT_OF_ANOTHER"),
        ({"ascending_mills": 1}, "READINGS_DISAGREE"),
        ({"descending_mills": 279_999}, "READINGS_DISAGREE"),
        ({"ascending_mills": 10_000, "descending_mills": 290_000}, "READINGS_DISAGREE"),
        ({"ascending_mills": -1, "descending_mills": 300_001}, "READINGS_DISAGREE"),
        ({"ascending_mills": 2**70, "descending_mills": 0}, "READINGS_DISAGREE"),
        ({"amount_mills": 0}, "SETTING_AMOUNT_WRONG"),
        ({"amount_mills": -50_000}, "SETTING_AMOUNT_WRONG"),
        ({"amount_mills": 99_999_991}, "INSUFFICIENT_FUNDS"),
        ({"amount_mills": 2**70}, "INSUFFICIENT_FUNDS"),
    ],
)
def test_each_of_the_four_items_is_checked_against_our_own_record(
    desk: TelephoneDesk, changed: dict[str, Any], code: str
) -> None:
    desk.set(300_000)
    desk.print(20_000)
    desk.set(100_000)
    before = desk.money(), desk.settings()
    assert refusal(desk, **changed) == code
    assert (desk.money(), desk.settings()) == before


@pytest.mark.duty("R95-501.28(b)(2)-1")
@pytest.mark.duty("R95-501.28(b)(5)-3")
@pytest.mark.duty("R95-501.28(e)(3)-2")
@pytest.mark.duty("R95-P030.3.12a")
def test_no_setting_goes_beyond_the_balance_where_no_advance_is_agreed(desk: TelephoneDesk) -> None:
    assert refusal(desk, DEPOSITED + 10) == "INSUFFICIENT_FUNDS"
    assert desk.money() == (DEPOSITED, 0, 0, 0)
    desk.set(DEPOSITED)
    assert refusal(desk, 10) == "INSUFFICIENT_FUNDS"


def test_what_the_meter_can_hold_is_asked_last(desk: TelephoneDesk) -> None:
    from tests.fixtures_inventory import LICENCE
    from tests.fixtures_money import deposit

    deposit(desk.fleet.books, LICENCE, desk.fleet.later(), payment="more")
    assert refusal(desk, 99_999_991) == "SETTING_EXCEEDS_CAPACITY"
    assert desk.money()[1] == 0


def test_locks_are_asked_before_funds(desk: TelephoneDesk) -> None:
    with desk.fleet.books.work(desk.fleet.later(), "retrieve_device") as work:
        notes.order_removal(
            work, METER, now=desk.fleet.now, because="licence revoked", clause="39 CFR 501.22(l)"
        )
    assert refusal(desk, DEPOSITED * 2) == "RESET_DENIED"
    # A code that was paid for before is told again all the same; see the next test.


def test_a_code_that_was_paid_for_is_told_again_whatever_denies_the_next(
    desk: TelephoneDesk,
) -> None:
    first = desk.tell(50_000)
    with desk.fleet.books.work(desk.fleet.later(), "retrieve_device") as work:
        notes.order_removal(
            work, METER, now=desk.fleet.now, because="licence revoked", clause="39 CFR 501.22(l)"
        )
    assert desk.tell(50_000).code == first.code


@pytest.mark.duty("R95-501.28(e)(3)-1")
def test_calls_that_disagree_again_and_again_wait_for_a_reading_at_the_meter(
    desk: TelephoneDesk,
) -> None:
    desk.set(300_000)
    for _ in range(2):
        assert refusal(desk, descending_mills=1) == "READINGS_DISAGREE"
    desk.set(10_000)  # a right call begins the count anew
    for _ in range(3):
        assert refusal(desk, descending_mills=1) == "READINGS_DISAGREE"
    assert refusal(desk) == "RESET_DENIED"
    desk.read()
    desk.set(50_000)


def test_a_code_that_was_never_keyed_in_goes_back_on_deposit_once_the_meter_was_read(
    desk: TelephoneDesk,
) -> None:
    told = desk.tell(300_000)
    assert desk.money() == (700_000, 300_000, 0, 0)
    desk.read()
    assert desk.money() == (DEPOSITED, 0, 0, 0)
    assert desk.settings()[0].status is SettingStatus.NOT_TAKEN
    with pytest.raises(Refused) as refused:
        desk.key_in(told)  # the representative had the meter pass it over
    assert refused.value.code == "CODE_WRONG"
    desk.set(50_000)
    assert desk.settings()[1].sequence == 2


def test_a_reading_at_the_meter_finds_a_code_that_was_keyed_in(desk: TelephoneDesk) -> None:
    desk.set(300_000)
    desk.print(120_000)
    assert desk.read().descending_mills == 180_000
    assert desk.money() == (700_000, 0, 180_000, 120_000)


def test_a_licensee_may_tell_that_the_code_was_taken(desk: TelephoneDesk) -> None:
    with pytest.raises(Refused) as refused:
        commands.confirm_setting(desk.fleet.books, desk.call(0), desk.fleet.later())
    assert refused.value.code == "NO_SETTING_OUTSTANDING"
    told = desk.tell(300_000)
    with pytest.raises(Refused) as refused:
        commands.confirm_setting(desk.fleet.books, desk.call(0), desk.fleet.later())
    assert refused.value.code == "SETTING_NOT_TAKEN"
    desk.key_in(told)
    commands.confirm_setting(desk.fleet.books, desk.call(0), desk.fleet.later())
    assert desk.money() == (700_000, 0, 300_000, 0)


def test_what_was_in_a_meter_before_the_ledger_was_kept_is_opened_at_its_first_setting(
    tmp_path: Path,
) -> None:
    desk = telephone_desk("sqlite", tmp_path, descending_mills=70_000)
    desk.print(20_000)
    desk.set(300_000)
    desk.print(30_000)
    desk.tell(10_000)
    assert desk.money()[1:3] == (10_000, 320_000)


def test_what_was_refunded_of_a_meter_is_not_in_it_again_for_the_next_licensee(
    desk: TelephoneDesk,
) -> None:
    desk.set(50_000)
    desk.print(10_000)
    desk.read()
    fleet = desk.fleet
    account = chart.deposits(desk.account)
    refund = postings.withdrawn(serial=METER, key="case", to=account, amount_mills=40_000)
    with fleet.books.acting(SERVICE).work(fleet.later(), "accept_closed") as work:
        LEDGER.post(work, refund, fleet.now)
    assert desk.money() == (DEPOSITED - 10_000, 0, 0, 10_000)
    assert refusal(desk) == "VALUE_GIVEN_UP"
    with pytest.raises(Refused, match="VALUE_GIVEN_UP"):
        desk.read()
    assert desk.money() == (DEPOSITED - 10_000, 0, 0, 10_000)


def test_a_meter_shares_a_secret_once(desk: TelephoneDesk) -> None:
    books, now = desk.fleet.books, desk.fleet.later()
    with pytest.raises(Refused) as refused:
        commands.enrol_meter(books, desk.vault, METER, secret=SECRET, now=now)
    assert refused.value.code == "METER_ENROLLED"


def test_the_secret_does_not_stand_in_the_books(desk: TelephoneDesk) -> None:
    from franking.provider.telephone import rows

    with desk.fleet.books.reading() as reading:
        kept = rows.find_meter(reading, METER)
    assert kept is not None
    assert SECRET not in kept.sealed
    assert desk.vault.open_secret(kept.sealed, METER) == SECRET


@pytest.mark.parametrize("remote", [True, False])
def test_only_enrolled_remote_meters_are_set_by_telephone(
    desk: TelephoneDesk, remote: bool
) -> None:
    fleet, other = desk.fleet, "0100000009"
    fleet.take_in(other, remote=remote)
    assert refusal(desk, serial=other) == "NOT_SET_BY_TELEPHONE"
    if not remote:
        with pytest.raises(Refused, match="at its post office"):
            commands.enrol_meter(
                fleet.acting(OFFICER), desk.vault, other, secret=SECRET, now=fleet.later()
            )


def test_the_meter_locks_its_keypad_after_guesses_and_not_after_slips(desk: TelephoneDesk) -> None:
    told = desk.tell(300_000)
    slipped = told.code[:-1] + str((int(told.code[-1]) + 1) % 10)
    with pytest.raises(Refused) as refused:
        meters.key_in(desk.meter, amount_mills=300_000, code=slipped)
    assert refused.value.code == "CODE_MISTYPED"
    with pytest.raises(Refused) as refused:
        meters.key_in(desk.meter, amount_mills=400_000, code=told.code)
    assert refused.value.code == "CODE_WRONG"
    for _ in range(meters.ATTEMPTS_MAX):
        desk.meter = meters.tried(desk.meter)
    with pytest.raises(Refused) as refused:
        desk.key_in(told)
    assert refused.value.code == "KEYPAD_LOCKED"
    desk.meter = meters.serviced(desk.meter, settings=0)
    desk.key_in(told)
    with pytest.raises(Refused) as refused:
        desk.key_in(told)
    assert refused.value.code == "CODE_WRONG"  # a code is taken once
