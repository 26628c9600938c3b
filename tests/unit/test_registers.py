"""How the registers move: tables for PSD-1 and PSD-2 without a device around them."""

from __future__ import annotations

import pytest

from franking.errors import InvariantBroken
from franking.indicium.content import ASCENDING_MILLS_MAX, POSTAGE_MILLS_MAX
from franking.psd.records import Registers
from franking.psd.registers import close_unused, credit, debit, give_up, require_conserved
from tests.fixtures_psd import refuses

LIMIT = 500_000


def registers(ascending: int = 0, descending: int = 0, resets: int = 0) -> Registers:
    return Registers(
        ascending_mills=ascending,
        descending_mills=descending,
        control_total_mills=ascending + descending,
        reset_sequence=resets,
    )


@pytest.mark.law("PSD-1")
@pytest.mark.duty("R95-501.6(c)-1")
def test_a_debit_moves_postage_from_descending_to_ascending() -> None:
    after = debit(registers(1_000, 500), postage_mills=320)
    assert after == Registers(
        ascending_mills=1_320, descending_mills=180, control_total_mills=1_500, piece_count=1
    )


@pytest.mark.law("PSD-1")
@pytest.mark.duty("R95-501.6(c)-3")
@pytest.mark.parametrize(
    ("before", "postage", "code"),
    [
        (registers(0, 319), 320, "EXCEEDS_DESCENDING"),
        (registers(0, 0), 1, "EXCEEDS_DESCENDING"),
        (registers(0, 500), 0, "POSTAGE_MUST_BE_POSITIVE"),
        (registers(0, 500), -1, "POSTAGE_MUST_BE_POSITIVE"),
        (registers(0, 2**30), POSTAGE_MILLS_MAX + 1, "POSTAGE_TOO_HIGH"),
        (registers(ASCENDING_MILLS_MAX - 10, 500), 11, "ASCENDING_FULL"),
    ],
)
def test_a_debit_the_registers_cannot_give_is_refused(
    before: Registers, postage: int, code: str
) -> None:
    with refuses(code):
        debit(before, postage_mills=postage)


@pytest.mark.law("PSD-1")
def test_the_last_mill_can_be_spent() -> None:
    assert debit(registers(0, 320), postage_mills=320).descending_mills == 0


@pytest.mark.law("PSD-2")
@pytest.mark.duty("R97-P050.3.6-1")
def test_a_credit_fills_up_to_the_limit_and_not_a_mill_above() -> None:
    full = credit(registers(0, 100_000), amount_mills=400_000, limit_mills=LIMIT)
    assert full == Registers(
        descending_mills=500_000, control_total_mills=500_000, reset_sequence=1
    )
    with refuses("CREDIT_ABOVE_LIMIT", r"\$500\.00"):
        credit(registers(0, 100_000), amount_mills=400_001, limit_mills=LIMIT)


@pytest.mark.law("PSD-2")
@pytest.mark.parametrize("amount", [0, -1])
def test_a_credit_of_nothing_is_refused(amount: int) -> None:
    with refuses("AMOUNT_MUST_BE_POSITIVE"):
        credit(registers(), amount_mills=amount, limit_mills=LIMIT)


@pytest.mark.law("PSD-2")
def test_a_reset_closed_unused_counts_and_moves_no_money() -> None:
    assert close_unused(registers(7, 9, resets=3)) == registers(7, 9, resets=4)


@pytest.mark.law("PSD-7")
def test_giving_up_takes_the_value_and_keeps_the_ascending_register() -> None:
    after = give_up(registers(700, 300, resets=2))
    assert after == registers(700, 0, resets=2)
    assert after.control_total_mills == 700


@pytest.mark.parametrize(
    "wrong",
    [
        Registers(ascending_mills=1, descending_mills=1, control_total_mills=3),
        Registers(ascending_mills=-1, descending_mills=1, control_total_mills=0),
        Registers(ascending_mills=2, descending_mills=-1, control_total_mills=1),
        Registers(piece_count=-1),
    ],
)
def test_registers_that_contradict_themselves_stop_everything(wrong: Registers) -> None:
    with pytest.raises(InvariantBroken):
        require_conserved(wrong)
