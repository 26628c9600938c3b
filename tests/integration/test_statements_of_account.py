"""Statements of account: each transaction of a month, and the balance after it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from franking.errors import Refused
from franking.host.render.to_file import save
from franking.provider.closing import statements
from franking.provider.closing.statements import (
    as_csv,
    parse_month,
    send_statements,
    statement_of,
    statements_due,
)
from franking.provider.funds.accounts import choose_statements
from franking.provider.funds.records import Statements
from franking.provider.reports import tables
from tests.fixtures_closing import DOLLARS, Closing, closing_on
from tests.fixtures_databases import DATABASES
from tests.fixtures_licensing import METER, PSD

SERIAL = "0100000001"
JUNE, JULY = date(1997, 6, 1), date(1997, 7, 1)


@pytest.fixture(params=DATABASES)
def closing(request: pytest.FixtureRequest, tmp_path: Path) -> Closing:
    """A licensee who paid in and was reset twice, in June 1997."""
    made = closing_on(request.param, tmp_path, PSD)
    made.device(SERIAL)
    made.bank_file(300 * DOLLARS)
    made.reset(SERIAL, 100 * DOLLARS, 1)
    made.next_day()
    made.reset(SERIAL, 50 * DOLLARS, 2)
    return made


def monthly(closing: Closing) -> None:
    """The licensee chooses a statement each month."""
    choose_statements(closing.books, closing.account.number, Statements.MONTHLY, now=closing.now)


def sent_in_july(closing: Closing) -> None:
    """The month is over."""
    closing.world.now = closing.now.replace(month=7, day=3)


@pytest.mark.duty("R97-P050.3.5c")
@pytest.mark.duty("R95-501.28(e)(3)-4")
def test_each_transaction_is_stated_with_the_balance_after_it(closing: Closing) -> None:
    with closing.books.reading() as reading:
        form = statement_of(reading, closing.account.number, JUNE)
    assert (form.opening_mills, form.closing_mills) == (0, 150 * DOLLARS)
    told = [(each.on, each.what, each.amount_mills, each.balance_mills) for each in form.lines]
    first, second = date(1997, 6, 2), date(1997, 6, 3)
    assert told == [
        (first, "Deposit received", 300 * DOLLARS, 300 * DOLLARS),
        (first, f"Postage of device {SERIAL}", -100 * DOLLARS, 200 * DOLLARS),
        (second, f"Postage of device {SERIAL}", -50 * DOLLARS, 150 * DOLLARS),
    ]


@pytest.mark.duty("R95-P030.3.12c")
def test_a_meters_statement_cites_the_rule_of_1995(tmp_path: Path) -> None:
    closing = closing_on("sqlite", tmp_path, METER)
    closing.bank_file(300 * DOLLARS)
    with closing.books.reading() as reading:
        form = statement_of(reading, closing.account.number, date(1996, 3, 1))
    assert "P030.3.12c (1995)" in form.masthead.authority
    assert [each.balance_mills for each in form.lines] == [300 * DOLLARS]


def test_a_month_begins_with_what_the_month_before_left(closing: Closing) -> None:
    sent_in_july(closing)
    with closing.books.reading() as reading:
        empty = statement_of(reading, closing.account.number, JULY)
        before = statement_of(reading, closing.account.number, date(1997, 5, 1))
    assert (empty.opening_mills, empty.closing_mills, empty.lines) == (
        150 * DOLLARS,
        150 * DOLLARS,
        (),
    )
    assert (before.opening_mills, before.closing_mills) == (0, 0)
    closing.reset(SERIAL, 20 * DOLLARS, 3)
    with closing.books.reading() as reading:
        july = statement_of(reading, closing.account.number, JULY)
        june = statement_of(reading, closing.account.number, JUNE)
    assert (july.opening_mills, july.closing_mills) == (150 * DOLLARS, 130 * DOLLARS)
    assert june.closing_mills == 150 * DOLLARS


def test_a_statement_is_the_same_byte_for_byte_whenever_it_is_made(
    closing: Closing, tmp_path: Path
) -> None:
    made = []
    for number in range(2):
        with closing.books.reading() as reading:
            form = statement_of(reading, closing.account.number, JUNE)
        (pdf,) = save(form.pages(), tmp_path / f"{number}.pdf", dpi=100)
        made.append((Path(pdf).read_bytes(), as_csv(form), form.as_json()))
        sent_in_july(closing)
        closing.reset(SERIAL, 1 * DOLLARS, 3 + number)
    assert made[0] == made[1]
    assert made[0][1].splitlines() == [
        "date,transaction,amount,balance",
        "1997-06-01,Balance at the beginning,,0.000",
        "1997-06-02,Deposit received,300.000,300.000",
        f"1997-06-02,Postage of device {SERIAL},-100.000,200.000",
        f"1997-06-03,Postage of device {SERIAL},-50.000,150.000",
        "1997-06-30,Balance at the end,,150.000",
    ]


@pytest.mark.duty("R97-P050.3.5c")
@pytest.mark.duty("R95-501.28(e)(3)-4")
def test_statements_go_to_those_who_chose_them(closing: Closing) -> None:
    with closing.books.reading() as reading:
        assert list(statements_due(reading, JUNE)) == [], "there is a document after each reset"
    monthly(closing)
    sent_in_july(closing)
    filed = send_statements(closing.books, JUNE, closing.now)
    assert (filed.lines, filed.total_mills) == (1, 150 * DOLLARS)
    assert send_statements(closing.books, JUNE, closing.now) == filed
    with closing.books.reading() as reading:
        assert [each.period for each in tables.filed(reading)] == ["1997-06"]


def test_sending_satisfies_the_duty_of_the_month_and_opens_the_next(closing: Closing) -> None:
    closing.next_day()
    closing.close()
    record = f"provider:{closing.world.first.name}"
    sent_in_july(closing)
    send_statements(closing.books, JUNE, closing.now)
    duties = [
        (each.start, str(each.status))
        for each in closing.world.first.standing(record)
        if each.duty == "monthly statements"
    ]
    assert duties == [(date(1997, 6, 30), "satisfied"), (date(1997, 7, 31), "open")]


def test_the_statements_of_a_month_that_goes_on_are_not_sent(closing: Closing) -> None:
    with pytest.raises(Refused, match="MONTH_NOT_OVER"):
        send_statements(closing.books, JUNE, closing.now)


def test_no_statement_is_made_of_an_account_that_nobody_knows(closing: Closing) -> None:
    with (
        closing.books.reading() as reading,
        pytest.raises(Refused, match="FUNDS_ACCOUNT_UNKNOWN"),
    ):
        statement_of(reading, "12345678", JUNE)


@pytest.mark.parametrize(
    "text", ["", "1997", "1997-13", "1997-6", "97-06", "0000-01", "1997-06-01"]
)
def test_a_month_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="MONTH_UNREADABLE"):
        parse_month(text)


def test_what_stands_under_every_statement_of_money_on_deposit(closing: Closing) -> None:
    with closing.books.reading() as reading:
        form = statement_of(reading, closing.account.number, JUNE)
    assert "full faith and credit" in form.backing
    assert statements.CLAUSE.startswith("39 CFR 501.28(e)(3)")
