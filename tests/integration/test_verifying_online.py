"""One piece, verified on-line: what every desk has seen of it is known, in one round trip."""

from __future__ import annotations

import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import func, select

from franking.errors import Refused
from franking.postal.pieces.online import OnlineScan, OnlineVerifier, verify_online
from franking.postal.pieces.online_tables import ONLINE_SIGHTINGS
from franking.postal.pieces.records import Piece
from franking.postal.schema import SCHEMA
from franking.rules.permissions import Role
from franking.scans.operations import Operation
from franking.storage import Actor, Books
from franking.verification.facts import Facts
from franking.verification.payload import Verification
from franking.verification.reasons import Reason
from franking.verification.verdict import Verdict
from tests.fixtures_databases import DATABASES, books_on
from tests.fixtures_verification import DEVICE, NOW, OTHER_KEY, TODAY, content, signed, step, trust
from tests.integration.test_pieces import refund

CLERK = Actor("Pat Moore", Role.POSTMASTER)
NEW_YORK = OnlineScan(scanner="counter 3", place="10001")
CHICAGO = OnlineScan(scanner="counter 7", place="60601")
PIECE = signed()
ASCENDING, POSTAGE = content().ascending_mills, content().postage_mills


@pytest.fixture(params=DATABASES)
def books(request: pytest.FixtureRequest, tmp_path: Path) -> Books:
    return books_on(request.param, SCHEMA, tmp_path, by=CLERK)


def asked(
    books: Books,
    payload: bytes = PIECE,
    scan: OnlineScan = NEW_YORK,
    *,
    after: timedelta = timedelta(0),
    facts: Facts | None = None,
) -> Verification:
    return verify_online(books, payload, trust(), NOW + after, scan, facts or Facts())


def sightings(books: Books) -> int:
    with books.reading() as reading:
        row = reading.row(select(func.count().label("all")).select_from(ONLINE_SIGHTINGS))
    return 0 if row is None else int(row.all)


def test_a_piece_that_nobody_saw_before_is_authentic(books: Books) -> None:
    found = asked(books)
    assert found.verdict is Verdict.AUTHENTIC
    assert step(found, "duplicate").reason == "shares no value with 0 other pieces"
    assert sightings(books) == 1


def test_a_piece_asked_for_again_at_its_counter_is_the_same_piece(books: Books) -> None:
    asked(books)
    again = asked(books, after=timedelta(minutes=2))
    assert (again.verdict, again.reasons) == (Verdict.AUTHENTIC, frozenset())


def test_a_piece_on_its_way_is_the_same_piece(books: Books) -> None:
    asked(books)
    delivery = OnlineScan(scanner="carrier 9", place="60601", operation=Operation.DELIVERY)
    found = asked(books, scan=delivery, after=timedelta(days=2))
    assert found.verdict is Verdict.AUTHENTIC


def test_a_piece_accepted_in_two_cities_is_a_copy_and_says_where_the_other_was(
    books: Books,
) -> None:
    asked(books)
    found = asked(books, scan=CHICAGO, after=timedelta(minutes=10))
    assert (found.verdict, found.reasons) == (Verdict.UNDETERMINED, frozenset({Reason.DUPLICATE}))
    assert "counter 3 at 10001 on 1997-11-21 14:00:00 UTC" in step(found, "duplicate").reason


def test_a_piece_that_shares_value_with_another_overlaps_it(books: Books) -> None:
    asked(books)
    clone = signed(ascending_mills=ASCENDING + POSTAGE // 2)
    found = asked(books, clone)
    assert (found.verdict, found.reasons) == (Verdict.UNDETERMINED, frozenset({Reason.OVERLAP}))
    assert sightings(books) == 2


def test_other_content_at_the_same_register_is_a_clone_and_no_copy(books: Books) -> None:
    asked(books)
    found = asked(books, signed(destination="10001000000"))
    assert found.reasons == {Reason.OVERLAP}


def test_a_piece_that_another_reaches_over_overlaps_it(books: Books) -> None:
    asked(books, signed(ascending_mills=ASCENDING + 5_000, postage_mills=20_000))
    assert asked(books).reasons == {Reason.OVERLAP}


def test_pieces_that_follow_each_other_share_nothing(books: Books) -> None:
    for number in (2, 0, 1, 4, 3):
        found = asked(books, signed(ascending_mills=ASCENDING + number * POSTAGE))
        assert found.verdict is Verdict.AUTHENTIC


def test_a_register_set_back_is_seen_by_the_date_of_the_next_above(books: Books) -> None:
    ahead = signed(
        ascending_mills=ASCENDING + 50 * POSTAGE, date_of_mailing=TODAY - timedelta(days=60)
    )
    asked(books, ahead)
    assert asked(books).reasons == {Reason.ROLLED_BACK}


def test_a_refunded_piece_that_is_mailed_is_a_finding(books: Books) -> None:
    refund(books, Piece(device=str(DEVICE), ascending_mills=ASCENDING, postage_mills=POSTAGE))
    found = asked(books)
    assert (found.verdict, found.reasons) == (Verdict.AUTHENTIC, frozenset({Reason.REFUNDED}))


def test_what_is_not_proven_to_be_of_its_device_is_not_noted(books: Books) -> None:
    for payload in (signed(OTHER_KEY), b"rubbish", signed(postage_mills=0), PIECE[:-1]):
        assert asked(books, payload).verdict is not Verdict.AUTHENTIC
    assert sightings(books) == 0
    assert asked(books).verdict is Verdict.AUTHENTIC


def test_what_the_desk_knows_is_kept(books: Books) -> None:
    found = asked(books, facts=Facts(amount_due_mills=POSTAGE + 10))
    assert found.reasons == {Reason.SHORT_PAID}


def test_a_piece_shown_a_hundred_times_is_answered_as_quickly_as_one(books: Books) -> None:
    verifier, listed = OnlineVerifier(books), trust()
    for minute in range(100):
        scan = OnlineScan(scanner=f"counter {minute}", place="10001")
        found = verifier.verify(PIECE, listed, NOW + timedelta(minutes=minute), scan)
    assert found.reasons == {Reason.DUPLICATE}
    assert step(found, "duplicate").reason.count("the same device") <= 32


def test_two_desks_with_one_piece_at_once_do_not_both_find_it_alone(books: Books) -> None:
    listed, both = trust(), Barrier(2)

    def desk(scan: OnlineScan, number: int) -> frozenset[Reason]:
        both.wait()
        payload = signed(ascending_mills=ASCENDING + number * POSTAGE)
        return verify_online(books, payload, listed, NOW, scan).reasons

    with ThreadPoolExecutor(2) as desks:
        for number in range(15):
            answers = desks.map(desk, (NEW_YORK, CHICAGO), (number, number))
            assert sorted(answers, key=len) == [frozenset(), {Reason.DUPLICATE}]
    assert sightings(books) == 30


def test_two_desks_with_clones_at_once_do_not_both_find_theirs_alone(books: Books) -> None:
    listed, both = trust(), Barrier(2)

    def desk(shift: int, number: int) -> frozenset[Reason]:
        both.wait()
        payload = signed(ascending_mills=ASCENDING + number * POSTAGE + shift)
        return verify_online(books, payload, listed, NOW, NEW_YORK).reasons

    with ThreadPoolExecutor(2) as desks:
        for number in range(0, 30, 2):
            answers = desks.map(desk, (0, POSTAGE // 2), (number, number))
            assert sorted(answers, key=len) == [frozenset(), {Reason.OVERLAP}]


def test_who_may_not_scan_is_refused_and_nothing_is_noted(books: Books) -> None:
    mailer = books.acting(Actor("Sam Hill", Role.MAILER))
    with pytest.raises(Refused, match="NOT_PERMITTED"):
        asked(mailer)
    assert sightings(books) == 0


def test_a_scan_that_cannot_be_written_is_refused_and_the_next_one_goes_on(books: Books) -> None:
    for _ in range(3):
        with pytest.raises(Refused, match="VALUE_UNWRITABLE"):
            asked(books, scan=OnlineScan(scanner="counter", quality=2**70))
    assert sightings(books) == 0
    assert asked(books).verdict is Verdict.AUTHENTIC


def test_a_sighting_is_never_rewritten(books: Books) -> None:
    asked(books)
    with pytest.raises(Exception, match="append-only"), books.engine.begin() as connection:
        connection.execute(ONLINE_SIGHTINGS.delete())


def test_on_postgresql_it_is_one_round_trip(tmp_path: Path) -> None:
    books = books_on("postgresql", SCHEMA, tmp_path, by=CLERK)
    verifier = OnlineVerifier(books)
    verifier.verify(PIECE, trust(), NOW, NEW_YORK)
    with tempfile.TemporaryFile() as file:
        driver = books.engine.raw_connection()
        assert driver.driver_connection is not None
        driver.driver_connection.pgconn.trace(file.fileno())
        driver.close()
        verifier.verify(PIECE, trust(), NOW, NEW_YORK)
        file.seek(0)
        sent = [line.split(b"\t")[3].strip() for line in file if b"\tF\t" in line]
    assert sent.count(b"Sync") == 1
    assert b"Query" not in sent
