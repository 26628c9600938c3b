"""Which dates of mailing a piece may bear, day by day."""

from __future__ import annotations

from datetime import date

import pytest

from franking.verification.facts import Facts
from franking.verification.trust_format import day_number, day_of
from franking.verification.windows import latest_date, window_of
from tests.fixtures_verification import codes, signed, step, verified

TODAY = date(1997, 11, 21)
MONDAY_AFTER = date(1997, 11, 24)


def window(deposited: date, mail_class: str | None = None, *, excusable: bool = True) -> list[date]:
    found = window_of("ibip-1997", TODAY, deposited, mail_class, excusable=excusable)
    return [day_of(found.earliest), day_of(found.last)]


@pytest.mark.duty("R97-P050.5.4")
def test_the_date_of_the_collection_before_is_excused() -> None:
    assert window(TODAY) == [date(1997, 11, 20), TODAY]
    assert window(MONDAY_AFTER) == [date(1997, 11, 22), MONDAY_AFTER]
    assert window(date(1997, 11, 28))[0] == date(1997, 11, 26), "Thanksgiving is no collection day"
    assert window(TODAY, excusable=False) == [TODAY, TODAY]


@pytest.mark.duty("R97-P050.4.6-3")
@pytest.mark.parametrize("mail_class", ["standard", "Standard"])
def test_a_class_that_may_leave_out_the_day_has_its_month_and_three_days(mail_class: str) -> None:
    month = [date(1997, 11, 1), date(1997, 11, 30)]
    assert window(TODAY, mail_class) == month
    assert window(date(1997, 11, 3), mail_class) == [date(1997, 10, 1), month[1]]
    assert window(date(1997, 11, 4), mail_class) == month
    assert window(date(1997, 11, 3), mail_class, excusable=False) == month
    assert window(date(1998, 1, 2), mail_class) == [date(1997, 12, 1), date(1998, 1, 31)]


def test_first_class_mail_shows_the_day() -> None:
    assert window(TODAY, "first-class") == window(TODAY)


@pytest.mark.parametrize("day", [date.min, date(2, 1, 1), date(9998, 12, 31), date.max])
@pytest.mark.parametrize("mail_class", [None, "standard"])
def test_a_day_at_the_ends_of_the_calendar_has_a_window_too(
    day: date, mail_class: str | None
) -> None:
    found = window_of("ibip-1997", TODAY, day, mail_class)
    assert found.earliest <= day_number(day) <= found.last
    assert latest_date("ibip-1997", TODAY, day) > day_number(day)


@pytest.mark.duty("R97-P050.5.4")
def test_only_a_piece_known_to_be_collected_in_time_is_held_to_the_day() -> None:
    yesterday = signed(date_of_mailing=date(1997, 11, 20))
    for delayed in (None, True):
        found = verified(yesterday, Facts(deposited_on=TODAY, delayed=delayed))
        assert codes(found) == set()
        assert "the previous date is no error" in step(found, "date").reason
    held = verified(yesterday, Facts(deposited_on=TODAY, delayed=False))
    assert codes(held) == {"DATE_IS_PAST"}


@pytest.mark.duty("R97-P050.4.6-3")
def test_standard_mail_of_last_month_is_taken_through_the_third() -> None:
    october = signed(date_of_mailing=date(1997, 10, 15))
    facts = Facts(deposited_on=date(1997, 11, 3), mail_class="standard")
    found = verified(october, facts)
    assert codes(found) == set()
    assert "through its grace where delayed" in step(found, "date").reason
    on_time = Facts(deposited_on=date(1997, 11, 3), mail_class="standard", delayed=False)
    late = Facts(deposited_on=date(1997, 11, 4), mail_class="standard")
    letter = Facts(deposited_on=date(1997, 11, 3), mail_class="first-class")
    assert [codes(verified(october, each)) for each in (on_time, late, letter)] == [
        {"DATE_IS_PAST"}
    ] * 3
