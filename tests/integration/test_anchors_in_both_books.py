"""Anchoring hosted journals, from the provider to the Postal Service, on both databases."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from franking.errors import InvariantBroken
from franking.messages.hosting import AnchorsWanted, HostedHeads, JournalHead
from franking.messages.signing import verify
from franking.postal.anchors import tables
from franking.postal.anchors.hearing import take_heads, tell_anchors
from franking.postal.anchors.records import FindingKind
from franking.postal.certificates.commands import CONTRADICTED
from franking.postal.schema import DISPATCHES as POSTAL_DISPATCHES
from franking.postal.schema import DOCKET as POSTAL_DOCKET
from franking.postal.schema import SCHEMA as POSTAL
from franking.provider.hosting import commands
from franking.provider.schema import DISPATCHES, DOCKET, SCHEMA
from franking.rules.permissions import Role
from franking.storage import Actor, Books
from tests.fixtures_databases import DATABASES, books_on
from tests.fixtures_psd import NOON, new_signer

EITHER = pytest.mark.parametrize("database", DATABASES)
POSTAL_SERVICE = Actor("Postal Service", Role.POSTAL_SERVICE)
AGENT = Actor("Alpha", Role.PROVIDER_AGENT)


def head(device: str, sequence: int, mark: str = "aa") -> JournalHead:
    return JournalHead(
        device=device, sequence=sequence, ascending_mills=10 * sequence, entry_hash=mark * 32
    )


def heard(books: Books, sender: str, *heads: JournalHead, days: int = 0) -> None:
    now = NOON + timedelta(days=days)
    message = HostedHeads(device="", issued_at=now.isoformat(), sender=sender, heads=list(heads))
    with books.work(now, "hear_HostedHeads") as work:
        take_heads(work, message, new_signer(sender), now)


@EITHER
def test_each_provider_s_anchors_are_kept_apart(database: str, tmp_path: Path) -> None:
    books = books_on(database, POSTAL, tmp_path, by=POSTAL_SERVICE)
    heard(books, "Alpha", head("D1", 3), head("D2", 4))
    heard(books, "Beta", head("D3", 7))
    heard(books, "Alpha", head("D1", 5), days=1)
    with books.reading() as reading:
        alpha = tables.latest_of_provider(reading, "Alpha", limit=10)
        assert [(a.device, a.sequence) for a in alpha] == [("D1", 5), ("D2", 4)]
        assert len(tables.latest_of_provider(reading, "Beta", limit=10)) == 1
        assert tables.findings(reading) == []


@EITHER
def test_a_journal_that_goes_back_or_forks_is_kept_as_a_finding(
    database: str, tmp_path: Path
) -> None:
    books = books_on(database, POSTAL, tmp_path, by=POSTAL_SERVICE)
    heard(books, "Alpha", head("D1", 5), head("D2", 5))
    heard(books, "Alpha", head("D1", 4), head("D2", 5, "bb"), days=1)
    heard(books, "Beta", head("D1", 9), days=2)
    with books.reading() as reading:
        kinds = [(each.device, each.kind) for each in tables.findings(reading)]
        assert kinds == [
            ("D1", FindingKind.WENT_BACK),
            ("D2", FindingKind.FORKED),
            ("D1", FindingKind.OF_TWO_PROVIDERS),
        ]
        assert [a.sequence for a in tables.latest_anchors(reading, {"D1", "D2"})] == [5, 5]
        assert len(tables.findings(reading, device="D2")) == 1
        (owed,) = POSTAL_DOCKET.standing(reading, record="device:D2")
    assert (owed.duty, owed.owed_by) == (CONTRADICTED, "provider:Alpha")
    assert owed.due == NOON.date() + timedelta(days=4)
    assert owed.because.startswith("forked: another entry 5")


@EITHER
def test_an_anchor_is_never_changed(database: str, tmp_path: Path) -> None:
    books = books_on(database, POSTAL, tmp_path, by=POSTAL_SERVICE)
    heard(books, "Alpha", head("D1", 5))
    with (
        pytest.raises(InvariantBroken, match="append-only"),
        books.work(NOON, "hear_HostedHeads") as work,
    ):
        work.write(text("UPDATE anchors SET sequence = 4"))


@EITHER
def test_only_what_moved_is_reported_and_in_pages(database: str, tmp_path: Path) -> None:
    books, signer = books_on(database, SCHEMA, tmp_path, by=AGENT), new_signer("Alpha")
    heads = [head(f"FK1A{number:010}", 123_456_789) for number in range(1_500)]
    assert commands.anchor_heads(books, signer, heads, NOON) == 1_500
    assert commands.anchor_heads(books, signer, heads, NOON) == 0
    heads[7] = head(heads[7].device, 123_456_790)
    assert commands.anchor_heads(books, signer, heads, NOON) == 1
    with books.reading() as reading:
        sent = DISPATCHES.undelivered(reading)
    said = [verify(each.text, HostedHeads, signer.key.public_key()) for each in sent]
    assert [len(message.heads) for message in said] == [500, 500, 500, 1]


@EITHER
def test_the_next_report_is_due_a_week_after_the_last(database: str, tmp_path: Path) -> None:
    books, signer = books_on(database, SCHEMA, tmp_path, by=AGENT), new_signer("Alpha")
    commands.anchor_heads(books, signer, [], NOON)
    assert standing(books) == []
    commands.expect_anchors(books, signer, NOON)
    commands.expect_anchors(books, signer, NOON + timedelta(days=1))
    assert standing(books) == [("open", NOON.date() + timedelta(days=7))]
    commands.anchor_heads(books, signer, [head("D1", 3)], NOON + timedelta(days=8))
    assert standing(books) == [
        ("satisfied late", NOON.date() + timedelta(days=7)),
        ("open", NOON.date() + timedelta(days=15)),
    ]


def standing(books: Books) -> list[tuple[str, date]]:
    """Where the duty to report stands."""
    with books.reading() as reading:
        found = DOCKET.standing(reading, record="provider:Alpha")
    return [(str(each.status), each.due) for each in sorted(found, key=lambda each: each.ordinal)]


@EITHER
def test_a_provider_is_told_of_its_own_anchors_only(database: str, tmp_path: Path) -> None:
    books = books_on(database, POSTAL, tmp_path, by=POSTAL_SERVICE)
    heard(books, "Alpha", head("D1", 3))
    heard(books, "Beta", head("D2", 4))
    wanted = AnchorsWanted(device="", issued_at=NOON.isoformat(), sender="Beta", token="1")
    with books.work(NOON, "hear_AnchorsWanted") as work:
        tell_anchors(work, wanted, new_signer("Postal Service"), NOON)
    with books.reading() as reading:
        (answer,) = POSTAL_DISPATCHES.undelivered(reading)
    assert answer.recipient == "Beta"
    assert "D1" not in answer.text
