"""Every way in which a posting or the end of a reservation is refused, and what it leaves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial

import pytest

from franking.errors import InvariantBroken, Refused
from franking.ledger import (
    AccountKind,
    Balance,
    Chart,
    Posted,
    PostedTransfer,
    Posting,
    PostingState,
    Transfer,
)
from franking.ledger.decisions import (
    Standing,
    accounts_of,
    require_pending,
    require_readable,
    require_same,
)
from franking.ledger.records import AMOUNT_MILLS_MAX

CHART = Chart.of(
    AccountKind(kind="purse", title="", meaning="", of="person", counted=True, floor_mills=0),
    AccountKind(kind="credit", title="", meaning="", of="person", counted=True, floor_mills=-500),
    AccountKind(kind="count", title="", meaning="", of="person", counted=True),
    AccountKind(kind="world", title="", meaning=""),
)
AT = datetime(1997, 6, 2, 13, 30, tzinfo=UTC)


def moving(debit: str, credit: str, mills: int = 100) -> tuple[Transfer, ...]:
    return (Transfer(debit=debit, credit=credit, amount_mills=mills),)


def posting(*transfers: Transfer, key: str = "k", kind: str = "gift") -> Posting:
    return Posting(key=key, kind=kind, transfers=transfers, clause="policy")


def posted(
    state: PostingState = PostingState.POSTED, *, until: datetime | None = None, mills: int = 100
) -> Posted:
    made = PostedTransfer(debit="world", credit="purse:a", amount_mills=mills)
    return Posted(
        number=7,
        key="k",
        kind="gift",
        at=AT,
        day=date(1997, 6, 2),
        state=state,
        transfers=(made,),
        clause="policy",
        until=until,
    )


def refused(do: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(Refused) as told:
        do()
    return told.value.code, told.value.detail


GIFT = moving("world", "purse:a")


def test_the_longest_key_and_the_largest_amount_are_taken() -> None:
    most = moving("world", "purse:a", AMOUNT_MILLS_MAX)
    require_readable(posting(*most, key="k" * 200), CHART)


@pytest.mark.law("LEDGER-6")
def test_a_key_is_one_posting() -> None:
    require_same(posting(*GIFT), posted(), reserved=False)
    others = [
        posting(*moving("world", "purse:a", 101)),
        posting(*moving("world", "purse:b")),
        posting(*GIFT, *GIFT),
        posting(*GIFT, kind="loan"),
    ]
    for other in others:
        code, detail = refused(partial(require_same, other, posted(), reserved=False))
        assert (code, detail) == (
            "LEDGER_KEY_REUSED",
            "k: posting 7 of 1997-06-02 has other inputs",
        )


@pytest.mark.law("LEDGER-6")
def test_what_was_posted_cannot_be_reserved_under_its_key() -> None:
    assert refused(lambda: require_same(posting(*GIFT), posted(), reserved=True))[0] == (
        "LEDGER_KEY_REUSED"
    )
    held = posted(PostingState.PENDING, until=AT)
    assert refused(lambda: require_same(posting(*GIFT), held, reserved=False))[0] == (
        "LEDGER_KEY_REUSED"
    )


@pytest.mark.law("LEDGER-2")
def test_no_account_passes_its_limit() -> None:
    standing = Standing(CHART, {"purse:a": Balance(300), "credit:a": Balance(0)})
    standing.post(moving("purse:a", "world", 300))
    assert standing.of("purse:a") == Balance(0)
    code, detail = refused(lambda: standing.post(moving("purse:a", "world", 1)))
    assert (code, detail) == (
        "LIMIT_PASSED",
        "purse:a has $0.00 available and may not fall below $0.00; it would be at -$0.001",
    )
    standing.post(moving("credit:a", "world", 500))
    assert refused(lambda: standing.post(moving("credit:a", "world", 1)))[0] == "LIMIT_PASSED"
    standing.post(moving("count:a", "world", 10**9))
    assert standing.of("count:a") == Balance(-(10**9))


@pytest.mark.law("LEDGER-2")
def test_a_posting_is_weighed_whole_and_a_refused_one_leaves_nothing() -> None:
    standing = Standing(CHART, {})
    through = (*moving("purse:a", "purse:b", 50), *moving("world", "purse:a", 50))
    made = standing.post(through)
    assert [(each.debit_after_mills, each.credit_after_mills) for each in made] == [
        (-50, 50),
        (None, 0),
    ]
    both = (*moving("world", "purse:a", 50), *moving("purse:b", "world", 51))
    assert refused(lambda: standing.post(both))[0] == "LIMIT_PASSED"
    assert standing.changed == {"purse:a": Balance(0), "purse:b": Balance(50)}


@pytest.mark.law("LEDGER-2")
def test_what_is_reserved_is_not_available_twice() -> None:
    standing = Standing(CHART, {"purse:a": Balance(300)})
    standing.reserve(moving("purse:a", "world", 200))
    assert standing.of("purse:a") == Balance(300, 200)
    assert standing.of("purse:a").available_mills == 100
    assert refused(lambda: standing.reserve(moving("purse:a", "world", 101)))[0] == "LIMIT_PASSED"
    assert refused(lambda: standing.post(moving("purse:a", "world", 101)))[0] == "LIMIT_PASSED"
    standing.release([PostedTransfer(debit="purse:a", credit="world", amount_mills=200)])
    assert standing.of("purse:a") == Balance(300)


def test_a_reservation_is_closed_once() -> None:
    held = posted(PostingState.PENDING, until=AT)
    assert require_pending(held, "k", PostingState.POSTED)
    settled = posted(PostingState.POSTED, until=AT)
    assert not require_pending(settled, "k", PostingState.POSTED)
    for state in (PostingState.VOIDED, PostingState.EXPIRED):
        code, detail = refused(partial(require_pending, settled, "k", state))
        assert (code, detail) == ("RESERVATION_CLOSED", f"k is posted, it cannot be {state}")


def test_only_what_was_reserved_can_be_settled() -> None:
    for found in (None, posted()):
        code, _ = refused(partial(require_pending, found, "k", PostingState.POSTED))
        assert code == "LEDGER_KEY_UNKNOWN"


def test_accounts_are_named_once_in_their_order() -> None:
    transfers = (*moving("purse:b", "world"), *moving("purse:b", "purse:a"))
    assert accounts_of(transfers) == ["purse:b", "world", "purse:a"]


def test_a_kind_has_a_name_that_an_account_can_carry() -> None:
    for bad in ("a:b", "Purse", "", "purse 1"):
        with pytest.raises(InvariantBroken, match="is not the name"):
            AccountKind(kind=bad, title="", meaning="")
