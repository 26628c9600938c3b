"""A piece that a night or another desk has seen in the mail is not refunded: a case opens."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from franking.home.mail_seen import SCAN_HISTORY, mail_seen_in
from franking.postal.pieces import commands
from franking.postal.pieces.mail_seen import LOOKED_AT, MailSeen, SeenPiece
from franking.postal.pieces.marking import refusable
from franking.postal.pieces.online import OnlineScan, verify_online
from franking.postal.pieces.records import CaseKind, Fate, Piece
from franking.postal.schema import SCHEMA
from franking.storage import Books
from tests.fixtures_databases import DATABASES, books_on
from tests.fixtures_nights import NIGHT_NOW, small_night
from tests.fixtures_verification import DEVICE, NOW, content, signed, trust
from tests.integration.test_cases_of_a_night import judged
from tests.integration.test_pieces import CLERK, INSPECTOR, fate, refund, scan

ASCENDING, POSTAGE = content().ascending_mills, content().postage_mills
SENT = Piece(device=str(DEVICE), ascending_mills=ASCENDING, postage_mills=POSTAGE)
KEPT = Piece(device=str(DEVICE), ascending_mills=ASCENDING + POSTAGE, postage_mills=POSTAGE)


@pytest.fixture(params=DATABASES)
def books(request: pytest.FixtureRequest, tmp_path: Path) -> Books:
    return books_on(request.param, SCHEMA, tmp_path, by=CLERK)


def by_nights(*pieces: Piece) -> MailSeen:
    """A history that has seen these pieces."""
    seen = {
        (piece.device, piece.ascending_mills): SeenPiece(
            postage_mills=piece.postage_mills,
            on=date(1997, 11, 20),
            source="night:1997-11-20",
            at=None,
            place="60601",
        )
        for piece in pieces
    }
    return MailSeen(
        lambda asked: {
            key: seen[key] for each in asked if (key := (each.device, each.ascending_mills)) in seen
        }
    )


def test_a_piece_that_a_night_has_seen_is_not_refunded_and_opens_a_case(books: Books) -> None:
    marked = refund(books.with_beside(by_nights(SENT)), SENT, KEPT)
    assert [each.piece for each in marked.given] == [KEPT]
    (case,) = marked.opened
    assert (case.kind, case.piece) == (CaseKind.REFUND_AFTER_MAILING, SENT)
    assert "mailed on 1997-11-20 (night:1997-11-20)" in case.detail
    assert fate(books, SENT) is Fate.MAILED


def test_what_would_be_refused_is_seen_before_it_is_asked_and_nothing_is_written(
    books: Books,
) -> None:
    with books.with_beside(by_nights(SENT)).reading() as reading:
        against = refusable(reading, [SENT, KEPT])
    assert [(piece, each.kind) for piece, each in against.items()] == [
        (SENT, CaseKind.REFUND_AFTER_MAILING)
    ]
    assert fate(books, SENT) is None


def test_a_piece_verified_on_line_at_a_counter_is_in_the_mail(books: Books) -> None:
    verify_online(books, signed(), trust(), NOW, OnlineScan(scanner="counter 3", place="10001"))
    (case,) = refund(books, SENT).opened
    assert case.kind is CaseKind.REFUND_AFTER_MAILING
    assert "online:1" in case.detail


def test_a_piece_looked_at_by_the_refund_desk_is_not(books: Books) -> None:
    desk = OnlineScan(scanner="refund desk", place="10001", operation=LOOKED_AT)
    verify_online(books, signed(), trust(), NOW, desk)
    assert refund(books, SENT).given


def test_a_piece_seen_with_another_postage_shares_value_with_what_is_asked_for(
    books: Books,
) -> None:
    claimed = Piece(device=SENT.device, ascending_mills=ASCENDING, postage_mills=2 * POSTAGE)
    (case,) = refund(books.with_beside(by_nights(SENT)), claimed).opened
    assert case.kind is CaseKind.SHARED_VALUE


def test_a_case_that_found_the_scan_an_error_frees_the_piece_for_good(books: Books) -> None:
    knowing = books.with_beside(by_nights(SENT))
    (case,) = refund(knowing, SENT).opened
    commands.close_piece_case(
        books.acting(INSPECTOR), case.number, finding="a sample", never_mailed=True, now=NOW
    )
    assert refund(knowing, SENT).given


def test_what_was_refunded_first_stays_refunded_whatever_nights_saw_later(books: Books) -> None:
    refund(books, SENT)
    knowing = books.with_beside(by_nights(SENT))
    (case,) = refund(knowing, SENT, source="refund:2").opened
    assert case.kind is CaseKind.REFUNDED_TWICE
    assert scan(knowing, SENT).opened


def test_the_history_of_a_real_night_is_asked_by_device_and_ascending(tmp_path: Path) -> None:
    judged(small_night(tmp_path / "night"), tmp_path)
    (tmp_path / "history").rename(tmp_path / SCAN_HISTORY)
    history = mail_seen_in(tmp_path / SCAN_HISTORY)
    sent = Piece(device="FK1A0000000001", ascending_mills=100_320, postage_mills=320)
    asked = [sent, Piece(device=sent.device, ascending_mills=7, postage_mills=7)]
    asked.append(Piece(device="METER 55", ascending_mills=100_320, postage_mills=320))
    (seen,) = history.find(asked).values()
    assert (seen.postage_mills, seen.source) == (320, f"night:{seen.on.isoformat()}")
    assert seen.on <= NIGHT_NOW.date()


def test_where_there_is_no_history_nothing_was_seen(tmp_path: Path) -> None:
    assert mail_seen_in(tmp_path / "nowhere").find([SENT]) == {}
