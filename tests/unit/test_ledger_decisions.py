"""What a posting does to the accounts it names, and which postings are not taken at all."""

from __future__ import annotations

from typing import Any

import pytest

from franking.errors import InvariantBroken, Refused
from franking.ledger import AccountKind, Balance, Chart, Posting, Transfer
from franking.ledger.decisions import Standing, require_readable
from franking.ledger.records import AMOUNT_MILLS_MAX
from tests.fixtures_small_ledger import CHART, posting


def _transfers(*moves: tuple[str, str, int]) -> tuple[Transfer, ...]:
    return tuple(
        Transfer(debit=debit, credit=credit, amount_mills=mills) for debit, credit, mills in moves
    )


@pytest.mark.parametrize("amount", [0, -1, AMOUNT_MILLS_MAX + 1, 2**63, 0.5, True, "5"])
def test_an_amount_that_is_no_whole_number_of_mills_above_none_is_refused(amount: Any) -> None:
    with pytest.raises(Refused) as refused:
        require_readable(posting("a", "lockbox", "deposits:1", amount), CHART)
    assert refused.value.code == "TRANSFER_AMOUNT_REFUSED"


@pytest.mark.parametrize("key", ["", " a", "a\n", "a\x00", "x" * 201, "a (settled)", "ä"])
def test_a_key_that_cannot_be_written_down_is_refused(key: str) -> None:
    with pytest.raises(Refused) as refused:
        require_readable(posting(key, "lockbox", "deposits:1", 1), CHART)
    assert refused.value.code == "POSTING_UNREADABLE"


def test_a_posting_without_transfers_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        require_readable(Posting(key="a", kind="x", transfers=(), clause="policy"), CHART)
    assert refused.value.code == "POSTING_UNREADABLE"


@pytest.mark.parametrize(
    "account", ["savings", "deposits", "deposits:", "lockbox:1", "Deposits:1", "deposits:a b", ""]
)
def test_an_account_outside_the_chart_is_refused(account: str) -> None:
    with pytest.raises(Refused) as refused:
        require_readable(posting("a", account, "used", 1), CHART)
    assert refused.value.code == "ACCOUNT_UNKNOWN"


def test_an_account_pays_nothing_to_itself() -> None:
    with pytest.raises(Refused) as refused:
        require_readable(posting("a", "lockbox", "lockbox", 1), CHART)
    assert refused.value.code == "TRANSFER_TO_ITSELF"


def test_balances_after_each_transfer_are_told_for_counted_accounts_only() -> None:
    standing = Standing(CHART, {"deposits:1": Balance(100)})
    made = standing.post(
        _transfers(("lockbox", "deposits:1", 50), ("deposits:1", "transit:S", 120))
    )
    assert [(one.debit_after_mills, one.credit_after_mills) for one in made] == [
        (None, 150),
        (30, 120),
    ]
    assert standing.changed == {"deposits:1": Balance(30), "transit:S": Balance(120)}


@pytest.mark.law("LEDGER-2")
def test_what_passes_a_limit_is_refused_and_leaves_all_accounts_as_they_were() -> None:
    standing = Standing(CHART, {"deposits:1": Balance(100), "deposits:2": Balance(100)})
    with pytest.raises(Refused) as refused:
        standing.post(_transfers(("deposits:2", "used", 10), ("deposits:1", "used", 101)))
    assert refused.value.code == "LIMIT_PASSED"
    assert refused.value.detail == (
        "deposits:1 has $0.10 available and may not fall below $0.00; it would be at -$0.001"
    )
    assert standing.changed == {}


@pytest.mark.law("LEDGER-2")
def test_what_is_reserved_is_not_available_to_others() -> None:
    standing = Standing(CHART, {"deposits:1": Balance(100)})
    standing.reserve(_transfers(("deposits:1", "transit:S", 60)))
    assert standing.of("deposits:1") == Balance(100, 60)
    assert standing.of("deposits:1").available_mills == 40
    assert standing.of("transit:S") == Balance(0)
    with pytest.raises(Refused):
        standing.post(_transfers(("deposits:1", "used", 41)))


def test_no_more_is_released_than_was_reserved() -> None:
    standing = Standing(CHART, {"deposits:1": Balance(100, 10)})
    with pytest.raises(InvariantBroken):
        standing.release(_transfers(("deposits:1", "used", 11)))


def test_a_limit_stands_on_counted_accounts_only() -> None:
    with pytest.raises(InvariantBroken):
        AccountKind(kind="hot", title="Hot", meaning="", floor_mills=0)


def test_a_kind_stands_once_in_a_chart() -> None:
    line = AccountKind(kind="cash", title="Cash", meaning="")
    with pytest.raises(InvariantBroken):
        Chart.of(line, line)
