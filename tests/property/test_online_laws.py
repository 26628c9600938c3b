"""Law of on-line verification: it says what a verifier says who has every sighting at hand."""

from __future__ import annotations

import tempfile
from datetime import date, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from franking.postal.books import open_books
from franking.postal.pieces.online import OnlineScan, OnlineVerifier
from franking.rules.permissions import Role
from franking.storage import Actor
from franking.verification.facts import Facts, Sighting
from franking.verification.payload import verify_payload
from tests.fixtures_verification import NOW, TODAY, signed, trust

COUNTER = OnlineScan(scanner="counter 3", place="10001")
CLERK = Actor("Pat Moore", Role.POSTMASTER)
days = st.integers(-90, 0).map(lambda days: TODAY + timedelta(days=days))
pieces = st.tuples(st.integers(1, 60), st.integers(1, 40), days).filter(
    lambda one: one[0] >= one[1]
)


def payload_of(piece: tuple[int, int, date]) -> bytes:
    ascending, postage, day = piece
    return signed(ascending_mills=ascending * 10, postage_mills=postage * 10, date_of_mailing=day)


def sighting_of(piece: tuple[int, int, date]) -> Sighting:
    ascending, postage, day = piece
    return Sighting(
        ascending_mills=ascending * 10,
        postage_mills=postage * 10,
        where="before",
        dated=day,
        same_content=False,
    )


@settings(max_examples=25)
@given(st.lists(pieces, min_size=2, max_size=12, unique=True))
def test_on_line_sees_what_all_sightings_say(asked: list[tuple[int, int, date]]) -> None:
    listed = trust()
    with tempfile.TemporaryDirectory() as folder:
        books = open_books(Path(folder) / "books.sqlite3", by=CLERK)
        verifier = OnlineVerifier(books)
        for place, piece in enumerate(asked):
            known = Facts(others=tuple(map(sighting_of, asked[:place])))
            wanted = verify_payload(payload_of(piece), listed, NOW, known)
            found = verifier.verify(payload_of(piece), listed, NOW, COUNTER)
            assert (found.verdict, found.reasons) == (wanted.verdict, wanted.reasons)
        books.close()
