"""The ledger on both databases: keys, limits, reservations, roll-ups, many writers, kills."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from franking.errors import InvariantBroken, Refused
from franking.ledger import Balance, Posting, PostingState
from franking.ledger.ledger import account_record
from franking.storage import Books, Where
from tests.fixtures_databases import DATABASES
from tests.fixtures_killing import every_kill
from tests.fixtures_small_ledger import CLERK, LEDGER, NOW, SCHEMA, ledger_books, post, posting

TABLES = LEDGER.tables


@pytest.fixture(params=DATABASES)
def books(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Books]:
    """Books in which deposits:1 has one dollar."""
    opened = ledger_books(request.param, tmp_path)
    post(opened, posting("paid", "lockbox", "deposits:1", 1000, because="check 17"))
    yield opened
    opened.close()


def _balance(books: Books, account: str) -> Balance:
    with books.reading() as reading:
        return LEDGER.balance(reading, account)


@pytest.mark.law("LEDGER-6")
def test_one_key_is_one_posting(books: Books) -> None:
    again = posting("paid", "lockbox", "deposits:1", 1000, because="check 17")
    with books.work(NOW + timedelta(hours=1), "post", on=("test:1",)) as work:
        told, twice = LEDGER.post_many(work, [again, again], NOW + timedelta(hours=1))
    assert told == twice
    assert (told.at, told.day) == (NOW, date(1997, 6, 2))
    assert told.transfers[0].credit_after_mills == 1000
    assert _balance(books, "deposits:1") == Balance(1000)


@pytest.mark.law("LEDGER-6")
@pytest.mark.parametrize(
    "other",
    [
        posting("paid", "lockbox", "deposits:1", 1001, because="check 17"),
        posting("paid", "lockbox", "deposits:2", 1000, because="check 17"),
        posting("paid", "lockbox", "deposits:1", 1000, because="check 18"),
        posting("paid", "lockbox", "deposits:1", 1000, because="check 17", kind="gift"),
        posting("paid", "lockbox", "deposits:1", 1000, because="check 17", reference="file:1"),
    ],
)
def test_the_same_key_with_other_inputs_is_refused(books: Books, other: Posting) -> None:
    with (
        pytest.raises(Refused) as refused,
        books.work(NOW, "post", on=("test:1",)) as work,
    ):
        LEDGER.post(work, other, NOW)
    assert refused.value.code == "LEDGER_KEY_REUSED"
    assert _balance(books, "deposits:1") == Balance(1000)


def test_a_posting_refused_on_the_way_can_be_passed_over(books: Books) -> None:
    with books.work(NOW, "post", on=("test:1",)) as work:
        with pytest.raises(Refused):
            LEDGER.post(work, posting("much", "deposits:1", "transit:S", 1001), NOW)
        LEDGER.post(work, posting("less", "deposits:1", "transit:S", 400), NOW)
    assert _balance(books, "deposits:1") == Balance(600)


def test_many_are_posted_all_or_none(books: Books) -> None:
    with pytest.raises(Refused):
        post(
            books,
            posting("a", "deposits:1", "transit:S", 600),
            posting("b", "deposits:1", "transit:S", 600),
        )
    assert _balance(books, "deposits:1") == Balance(1000)
    with books.reading() as reading:
        assert LEDGER.find_many(reading, ["a", "b"]) == {}


def test_a_dry_run_says_what_would_be_and_changes_nothing(books: Books) -> None:
    with books.work(NOW, "post", on=("test:1",)) as work:
        told = LEDGER.try_post(work, posting("a", "deposits:1", "transit:S", 600), NOW)
        assert told.transfers[0].debit_after_mills == 400
        with pytest.raises(Refused):
            LEDGER.try_post(work, posting("b", "deposits:1", "transit:S", 1001), NOW)
    assert _balance(books, "deposits:1") == Balance(1000)
    assert [row.command for row in books.journal_rows()] == ["ledger_post"]


def test_a_reservation_holds_what_it_takes_until_it_is_settled(books: Books) -> None:
    wanted = posting("r", "deposits:1", "transit:S", 700)
    with books.work(NOW, "post", on=("test:1",)) as work:
        LEDGER.reserve(work, wanted, NOW, until=NOW + timedelta(hours=1))
    assert _balance(books, "deposits:1") == Balance(1000, 700)
    with pytest.raises(Refused) as refused:
        post(books, posting("other", "deposits:1", "used", 301))
    assert refused.value.code == "LIMIT_PASSED"
    with books.work(NOW, "post", on=("test:1",)) as work:
        settled = LEDGER.settle(work, "r", NOW)
        assert LEDGER.settle(work, "r", NOW) == settled
    assert settled.state is PostingState.POSTED
    assert _balance(books, "deposits:1") == Balance(300)
    assert _balance(books, "transit:S") == Balance(700)
    with books.reading() as reading:
        assert LEDGER.find(reading, "r") == settled


def test_a_reservation_is_void_or_expires_once_and_is_not_settled_then(books: Books) -> None:
    with books.work(NOW, "post", on=("test:1",)) as work:
        for key in ("void", "late"):
            wanted = posting(key, "deposits:1", "transit:S", 400)
            LEDGER.reserve(work, wanted, NOW, until=date(1997, 6, 2))
        LEDGER.void(work, "void", NOW, because="not wanted any more")
        assert LEDGER.expire(work, NOW.replace(hour=23, minute=59)) == []
    assert _balance(books, "deposits:1") == Balance(1000, 400)
    midnight = NOW.replace(day=3, hour=0, minute=0)
    with books.work(midnight, "post", on=("test:1",)) as work:
        assert [one.key for one in LEDGER.expire(work, midnight)] == ["late"]
        assert LEDGER.expire(work, midnight) == []
        for key, state in (("void", "voided"), ("late", "expired")):
            with pytest.raises(Refused) as refused:
                LEDGER.settle(work, key, midnight)
            assert refused.value.code == "RESERVATION_CLOSED"
            found = LEDGER.find(work, key)
            assert found is not None
            assert found.state == state
    assert _balance(books, "deposits:1") == Balance(1000)


@pytest.mark.parametrize("key", ["paid", "nothing"])
def test_only_what_was_reserved_is_settled(books: Books, key: str) -> None:
    with pytest.raises(Refused) as refused, books.work(NOW, "post") as work:
        LEDGER.settle(work, key, NOW)
    assert refused.value.code == "LEDGER_KEY_UNKNOWN"


def test_a_statement_has_the_balance_after_each_line(books: Books) -> None:
    tomorrow = NOW + timedelta(days=1)
    with books.work(tomorrow, "post", on=("test:1",)) as work:
        LEDGER.post(work, posting("g", "deposits:1", "transit:S", 250, reference="device:S"), NOW)
        LEDGER.post(work, posting("h", "lockbox", "deposits:1", 5), tomorrow)
    with books.reading() as reading:
        mine = list(LEDGER.lines(reading, "deposits:1"))
        later = list(LEDGER.lines(reading, "lockbox", since=tomorrow.date()))
        first = list(LEDGER.lines(reading, "deposits:1", until=NOW.date()))
    assert [(line.amount_mills, line.balance_after_mills) for line in mine] == [
        (1000, 1000),
        (-250, 750),
        (5, 755),
    ]
    assert (mine[0].because, mine[1].reference) == ("check 17", "device:S")
    assert [(line.amount_mills, line.balance_after_mills) for line in later] == [(-5, -1005)]
    assert first == mine[:2]


@pytest.mark.law("LEDGER-1")
def test_all_balances_add_up_to_zero_before_and_after_a_roll_up(books: Books) -> None:
    for round_ in range(3):
        post(
            books,
            posting(f"g{round_}", "deposits:1", "device:S", 100),
            posting(f"u{round_}", "device:S", "used", 60),
            posting(f"o{round_}", f"owed:{round_}", "deposits:2", 7),
        )
        with books.reading() as reading:
            before = {kind.kind: LEDGER.balances(reading, kind=kind.kind) for kind in LEDGER.chart}
        with books.work(NOW, "roll_up") as work:
            assert LEDGER.roll_up(work) == (3 if round_ == 0 else 2)
            assert LEDGER.roll_up(work) == 0
        with books.reading() as reading:
            assert before == {
                kind.kind: LEDGER.balances(reading, kind=kind.kind) for kind in LEDGER.chart
            }
            assert sum(LEDGER.total(reading, kind.kind) for kind in LEDGER.chart) == 0
    assert before["used"] == {"used": Balance(180)}
    assert _balance(books, "owed:1") == Balance(-7)


def test_the_end_of_a_day_can_be_asked_for_later(books: Books) -> None:
    tomorrow = NOW + timedelta(days=1)
    with books.work(tomorrow, "post", on=("test:1",)) as work:
        LEDGER.post(work, posting("g", "deposits:1", "transit:S", 250), tomorrow)
    with books.reading() as reading:
        then = LEDGER.balances(reading, kind="deposits", on=NOW.date())
        assert then == {"deposits:1": Balance(1000)}
        assert LEDGER.total(reading, "transit", on=NOW.date()) == 0
        assert LEDGER.total(reading, "deposits") == 750


@pytest.mark.law("LEDGER-2")
def test_writers_at_once_never_pass_a_limit(books: Books) -> None:
    def draw(number: int) -> bool:
        wanted = posting(f"d{number}", "deposits:1", f"transit:{number}", 100)
        return "LIMIT_PASSED" not in {_outcome(books, wanted) for _ in range(2)}

    with ThreadPoolExecutor(8) as pool:
        granted = sum(pool.map(draw, range(16)))
    assert granted == 10
    assert _balance(books, "deposits:1") == Balance(0)
    assert not books.check_journal().faults


def _outcome(books: Books, wanted: Posting) -> str:
    """Post, asking again while the books are busy; the code of the refusal, if any."""
    for _ in range(50):
        try:
            post(books, wanted)
        except Refused as refused:
            if refused.code != "BOOKS_BUSY":
                return refused.code
        else:
            return ""
    raise AssertionError("the books were never free")


def test_postings_to_one_uncounted_account_wait_for_nobody(tmp_path: Path) -> None:
    books = ledger_books("postgresql", tmp_path)
    with (
        books.work(NOW, "post", on=("test:1",)) as one,
        books.work(NOW, "post", on=("test:2",)) as other,
    ):
        LEDGER.post(one, posting("a", "lockbox", "deposits:1", 5), NOW)
        LEDGER.post(other, posting("b", "lockbox", "deposits:2", 7), NOW)
    assert _balance(books, "lockbox") == Balance(-12)


def test_a_roll_up_beside_others_is_a_mistake(tmp_path: Path) -> None:
    books = ledger_books("postgresql", tmp_path)
    with pytest.raises(InvariantBroken), books.work(NOW, "roll_up", on=("test:1",)) as work:
        LEDGER.roll_up(work)


def test_the_database_itself_keeps_limits_and_rewrites_nothing(books: Books) -> None:
    postings, balances = TABLES.postings, TABLES.balances
    forbidden = (
        update(balances).where(balances.c.account == "deposits:1").values(balance_mills=-1),
        update(postings).values(transfers="[]"),
        update(postings).values(state="voided"),
        delete(postings),
        update(TABLES.entries).values(amount_mills=1),
        delete(TABLES.entries),
    )
    for statement in forbidden:
        with pytest.raises(InvariantBroken), books.work(NOW, "cheat") as work:
            work.write(statement)
    assert _balance(books, "deposits:1") == Balance(1000)


@pytest.mark.law("LEDGER-6")
@pytest.mark.parametrize("database", DATABASES)
def test_a_process_killed_at_any_statement_posts_once_when_asked_again(
    database: str, tmp_path: Path
) -> None:
    books = ledger_books(database, tmp_path)
    where = books.where
    post(books, posting("paid", "lockbox", "deposits:1", 1000))
    books.close()

    def act() -> None:
        mine = Books.open(where, SCHEMA, by=CLERK)
        on = tuple(map(account_record, ("deposits:1", "transit:S")))
        with mine.work(NOW, "post", on=on) as work:
            LEDGER.post(work, posting("g", "deposits:1", "transit:S", 300), NOW)

    for _ in every_kill(act):
        _require_once(where)
    assert _require_once(where)


def _require_once(where: Where) -> bool:
    """Whether it is posted; it is in no place by half."""
    seen = Books.open(where, SCHEMA, by=CLERK)
    with seen.reading() as reading:
        done = LEDGER.find(reading, "g") is not None
        held = [LEDGER.balance(reading, one) for one in ("deposits:1", "transit:S")]
        assert sum(LEDGER.total(reading, kind.kind) for kind in LEDGER.chart) == 0
    assert held == ([Balance(700), Balance(300)] if done else [Balance(1000), Balance(0)])
    assert len(seen.journal_rows()) == 1 + done
    seen.close()
    return done
