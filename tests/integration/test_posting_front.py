"""Callers who post side by side: each has his own answer, and all share units of work."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from franking.errors import Refused
from franking.ledger import Balance, Posted, Posting
from franking.ledger.front import PostingFront
from franking.storage import Books
from tests.fixtures_databases import DATABASES
from tests.fixtures_small_ledger import LEDGER, NOW, ledger_books, post, posting


@pytest.fixture(params=DATABASES)
def books(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Books]:
    """Books in which deposits:1 has ten dollars."""
    opened = ledger_books(request.param, tmp_path)
    post(opened, posting("paid", "lockbox", "deposits:1", 10_000))
    yield opened
    opened.close()


def front_of(books: Books) -> PostingFront:
    """The ledger of these books, for callers side by side."""
    return PostingFront(books, LEDGER, lambda: NOW, command="post")


def answers(front: PostingFront, postings: list[Posting]) -> list[Posted | Refused]:
    """What sixteen callers are told, in the order of their postings."""

    def ask(one: Posting) -> Posted | Refused:
        try:
            return front.post(one)
        except Refused as refused:
            return refused

    with ThreadPoolExecutor(16) as pool:
        return list(pool.map(ask, postings))


@pytest.mark.law("LEDGER-2")
def test_of_too_many_draws_exactly_what_is_there_is_granted(books: Books) -> None:
    draws = [posting(f"draw {n}", "deposits:1", "used", 1_000) for n in range(40)]
    told = answers(front_of(books), draws)
    refused = [each for each in told if isinstance(each, Refused)]
    assert len(refused) == 30
    assert {each.code for each in refused} == {"LIMIT_PASSED"}
    with books.reading() as reading:
        assert LEDGER.balance(reading, "deposits:1") == Balance(0)
        assert LEDGER.balance(reading, "used") == Balance(10_000)
    assert books.check_journal().faults == ()


@pytest.mark.law("LEDGER-6")
def test_the_same_posting_by_many_is_made_once_and_another_under_its_key_refused(
    books: Books,
) -> None:
    same = [posting("once", "deposits:1", "used", 1_000) for _ in range(12)]
    other = posting("paid", "lockbox", "deposits:1", 1)
    unreadable = posting("worse", "deposits:1", "deposits:1", 1)
    told = answers(front_of(books), [*same, other, unreadable])
    made = [each for each in told if isinstance(each, Posted)]
    assert len(made) == 12
    assert {each.number for each in made} == {made[0].number}
    codes = [each.code for each in told if isinstance(each, Refused)]
    assert codes == ["LEDGER_KEY_REUSED", "TRANSFER_TO_ITSELF"]
    with books.reading() as reading:
        assert LEDGER.balance(reading, "deposits:1") == Balance(9_000)


def test_each_of_a_batch_is_decided_as_those_before_it_left_the_accounts(books: Books) -> None:
    batch = [
        posting("too much", "deposits:1", "used", 10_001),
        posting("all", "deposits:1", "deposits:2", 10_000),
        posting("nothing left", "deposits:1", "used", 1),
        posting("passed on", "deposits:2", "used", 10_000),
    ]
    with books.work(NOW, "post", on=("test:1",)) as work:
        told = LEDGER.post_each(work, batch, NOW)
    assert [isinstance(each, Posted) for each in told] == [False, True, False, True]
    with books.reading() as reading:
        assert LEDGER.find(reading, "too much") is None
        assert LEDGER.balance(reading, "used") == Balance(10_000)
