"""The fate of a piece: mailed or refunded once, whoever asks first, on either database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from franking.errors import InvariantBroken, Refused
from franking.identifiers import record_id
from franking.postal.pieces import commands, rows
from franking.postal.pieces.marking import Marked, mark_mailed, mark_refunded
from franking.postal.pieces.records import LOOK_INTO, CaseKind, Fate, Piece
from franking.postal.pieces.tables import PIECES
from franking.postal.schema import DOCKET, SCHEMA
from franking.rules.permissions import Role
from franking.storage import Act, Actor, Books
from tests.fixtures_databases import DATABASES, books_on
from tests.fixtures_prints import payload_of
from tests.fixtures_verification import DEVICE, NOW, content, signed, trust

INSPECTOR = Actor("Ida Noyes", Role.POSTAL_INSPECTOR)
CLERK = Actor("Pat Moore", Role.POSTMASTER)
POSTAGE = 320
SERIAL = "FK1A0000000001"


def piece(number: int, *, postage_mills: int = POSTAGE, device: str = SERIAL) -> Piece:
    """The piece of that number of a device, from 1, each of the same postage."""
    return Piece(device=device, ascending_mills=number * POSTAGE, postage_mills=postage_mills)


@pytest.fixture(params=DATABASES)
def books(request: pytest.FixtureRequest, tmp_path: Path) -> Books:
    return books_on(request.param, SCHEMA, tmp_path, by=CLERK)


def refund(books: Books, *pieces: Piece, source: str = "refund:1", provider: str = "") -> Marked:
    with books.work(NOW, "scan_mail", on=(source,)) as work:
        marked = mark_refunded(work, pieces, source=source, provider=provider, now=NOW)
        work.record(Act(record=source))
    return marked


def scan(books: Books, *pieces: Piece, at: str = "scan:01101") -> Marked:
    with books.work(NOW, "scan_mail", on=(at,)) as work:
        marked = mark_mailed(work, pieces, source=at, now=NOW)
        work.record(Act(record=at))
    return marked


def fate(books: Books, one: Piece) -> Fate | None:
    with books.reading() as reading:
        known = commands.fate_of(reading, one)
    return known.fate if known else None


def test_pieces_are_refunded_and_others_mailed(books: Books) -> None:
    assert not refund(books, piece(1), piece(2)).refused
    assert not scan(books, piece(3)).refused
    assert [fate(books, piece(number)) for number in (1, 2, 3, 4)] == [
        Fate.REFUNDED,
        Fate.REFUNDED,
        Fate.MAILED,
        None,
    ]
    assert commands.piece_cases(books) == []


def test_a_scan_after_a_refund_opens_a_case_on_the_docket_and_the_refund_stands(
    books: Books,
) -> None:
    refund(books, piece(1))
    (case,) = scan(books, piece(1)).opened
    assert case.kind is CaseKind.MAILED_AFTER_REFUND
    assert "refunded on 1997-11-21 (refund:1)" in case.detail
    assert fate(books, piece(1)) is Fate.REFUNDED
    with books.reading() as reading:
        (owed,) = DOCKET.standing(reading, record=record_id("piece-case", case.number))
    assert (owed.duty, owed.due) == (LOOK_INTO, NOW.date() + timedelta(days=30))


def test_a_refund_after_a_scan_opens_a_case_and_pays_nothing(books: Books) -> None:
    scan(books, piece(1))
    marked = refund(books, piece(1), piece(2))
    assert [each.piece for each in marked.given] == [piece(2)]
    assert marked.refused[piece(1)].kind is CaseKind.REFUND_AFTER_MAILING
    assert fate(books, piece(1)) is Fate.MAILED


def test_a_piece_is_refunded_once_whoever_asks(books: Books) -> None:
    refund(books, piece(1), source="claim:Alpha/1", provider="Alpha")
    marked = refund(books, piece(1), source="claim:Beta/1", provider="Beta")
    assert marked.refused[piece(1)].kind is CaseKind.REFUNDED_TWICE
    assert "by Alpha" in marked.refused[piece(1)].detail
    with books.reading() as reading:
        assert len(rows.of_source(reading, "claim:Beta/1")) == 0


def test_the_same_piece_twice_in_one_claim_is_refunded_once(books: Books) -> None:
    marked = refund(books, piece(1), piece(1))
    assert [each.piece for each in marked.given] == [piece(1)]
    assert marked.refused[piece(1)].kind is CaseKind.REFUNDED_TWICE


def test_mail_is_scanned_at_every_stop_without_a_case(books: Books) -> None:
    scan(books, piece(1))
    marked = scan(books, piece(1), at="scan:20260")
    assert [each.piece for each in marked.again] == [piece(1)]
    assert not marked.refused
    seen = commands.piece_view(books, SERIAL, POSTAGE)["seen"]
    assert isinstance(seen, Sequence)
    assert [each["outcome"] for each in seen] == ["mailed", "seen again"]


def test_a_refunded_piece_scanned_at_every_stop_is_one_case(books: Books) -> None:
    refund(books, piece(1))
    first, second = scan(books, piece(1)), scan(books, piece(1), at="scan:20260")
    assert second.opened == []
    assert second.standing == first.opened


@pytest.mark.parametrize("postage_mills", [POSTAGE // 2, POSTAGE * 2])
def test_a_piece_that_shares_value_with_another_opens_a_case(
    books: Books, postage_mills: int
) -> None:
    scan(books, piece(5))
    fork = piece(5, postage_mills=postage_mills)
    assert refund(books, fork).refused[fork].kind is CaseKind.SHARED_VALUE
    within = Piece(device=SERIAL, ascending_mills=5 * POSTAGE - 10, postage_mills=POSTAGE)
    assert scan(books, within).refused[within].kind is CaseKind.SHARED_VALUE
    neighbour = piece(6)
    assert not scan(books, neighbour).refused


def test_pieces_of_different_devices_have_nothing_to_do_with_each_other(books: Books) -> None:
    scan(books, piece(1))
    assert not refund(books, piece(1, device="FK1A0000000002")).refused


@pytest.mark.parametrize(
    ("device", "ascending", "postage"),
    [(SERIAL, 320, 0), (SERIAL, 320, -5), (SERIAL, 100, 101), ("", 320, 320)],
)
def test_a_piece_that_no_device_can_have_made_is_refused(
    books: Books, device: str, ascending: int, postage: int
) -> None:
    unfit = Piece(device=device, ascending_mills=ascending, postage_mills=postage)
    with pytest.raises(Refused, match="PIECE_UNFIT"):
        refund(books, unfit)


def test_a_case_is_closed_once_with_a_finding(books: Books) -> None:
    refund(books, piece(1))
    (case,) = scan(books, piece(1)).opened
    inspector = books.acting(INSPECTOR)
    with pytest.raises(Refused, match="FINDING_MISSING"):
        commands.close_piece_case(inspector, case.number, finding=" ", now=NOW)
    closed = commands.close_piece_case(
        inspector, case.number, finding="mailed with a copied print", now=NOW
    )
    assert closed.closed_by == "Ida Noyes"
    assert commands.piece_cases(books) == []
    with books.reading() as reading:
        (owed,) = DOCKET.standing(reading, record=record_id("piece-case", case.number))
    assert owed.status == "satisfied"
    with pytest.raises(Refused, match="PIECE_CASE_CLOSED"):
        commands.close_piece_case(inspector, case.number, finding="again", now=NOW)
    with pytest.raises(Refused, match="PIECE_CASE_UNKNOWN"):
        commands.close_piece_case(inspector, 99, finding="x", now=NOW)


def test_a_piece_scanned_in_error_can_be_refunded_after_its_case_says_so(books: Books) -> None:
    scan(books, piece(1))
    case = refund(books, piece(1)).refused[piece(1)]
    commands.close_piece_case(
        books.acting(INSPECTOR),
        case.number,
        finding="handed in at the counter and scanned there",
        never_mailed=True,
        now=NOW,
    )
    assert fate(books, piece(1)) is Fate.FREED
    assert not refund(books, piece(1)).refused
    assert fate(books, piece(1)) is Fate.REFUNDED


def test_what_was_refunded_is_never_freed(books: Books) -> None:
    refund(books, piece(1))
    (case,) = scan(books, piece(1)).opened
    with pytest.raises(Refused, match="PIECE_NOT_FREED"):
        commands.close_piece_case(
            books.acting(INSPECTOR), case.number, finding="x", never_mailed=True, now=NOW
        )


def test_the_database_itself_keeps_a_refunded_piece_refunded(books: Books) -> None:
    refund(books, piece(1))
    with (
        pytest.raises((InvariantBroken, IntegrityError)),
        books.work(NOW, "scan_mail", on=("scan:x",)) as work,
    ):
        work.write(update(PIECES).values(fate="freed"))


def test_only_an_inspector_closes_a_case(books: Books) -> None:
    with pytest.raises(Refused, match="NOT_PERMITTED"):
        commands.close_piece_case(books, 1, finding="x", now=NOW)


def scanned(
    books: Books, tmp_path: Path, *payloads: bytes, now: datetime = NOW
) -> list[commands.Scanned]:
    files = []
    for number, payload in enumerate(payloads):
        file = tmp_path / f"{number}.bin"
        file.write_bytes(payload)
        files.append(file)
    return commands.scan_mail(books, files, trust(), place="01101", now=now)


def test_a_print_is_read_verified_and_noted_as_mailed(books: Books, tmp_path: Path) -> None:
    (seen,) = scanned(books, tmp_path, payload_of(0))
    assert (seen.verdict, seen.outcome) == ("authentic", "mailed")
    assert seen.piece == Piece(
        device=str(DEVICE),
        ascending_mills=content().ascending_mills,
        postage_mills=content().postage_mills,
    )


def test_a_print_that_was_refunded_is_told_to_the_clerk(books: Books, tmp_path: Path) -> None:
    (seen,) = scanned(books, tmp_path, payload_of(0))
    assert seen.piece is not None
    other = Piece(
        device=str(DEVICE),
        ascending_mills=content().ascending_mills + 320,
        postage_mills=content().postage_mills,
    )
    refund(books, other)
    first, second = scanned(books, tmp_path, payload_of(0), payload_of(1))
    assert first.outcome == "seen again"
    assert second.outcome.startswith("case 1: ")


def test_nothing_that_is_not_proven_of_its_device_is_noted(books: Books, tmp_path: Path) -> None:
    false = bytearray(payload_of(0))
    false[-1] ^= 1
    made_up = signed(certificate_serial=99)
    found = scanned(books, tmp_path, bytes(false), made_up)
    assert [each.outcome for each in found] == ["not noted", "not noted"]
    assert not refund(
        books,
        Piece(
            device=str(DEVICE),
            ascending_mills=content().ascending_mills,
            postage_mills=content().postage_mills,
        ),
    ).refused


def test_a_file_that_is_not_there_is_refused_and_an_unknown_piece_not_found(
    books: Books, tmp_path: Path
) -> None:
    with pytest.raises(Refused, match="FILE_UNREADABLE"):
        commands.scan_mail(books, [tmp_path / "no.png"], trust(), place="01101", now=NOW)
    with pytest.raises(Refused, match="PIECE_UNKNOWN"):
        commands.piece_view(books, SERIAL, 1)


def test_an_impossible_piece_keeps_no_other_from_being_noted(books: Books, tmp_path: Path) -> None:
    odd = signed(ascending_mills=content().postage_mills - 1)
    found = scanned(books, tmp_path, odd, payload_of(0))
    assert [each.outcome for each in found] == ["not noted", "mailed"]
