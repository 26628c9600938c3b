"""Checkpoints over a journal, and its export as a separate program checks it."""

from __future__ import annotations

import json
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import MetaData

from franking.errors import Refused
from franking.storage import Act, Books, Schema
from franking.storage import export_check as separate
from franking.storage.checkpoints import (
    checkpoints,
    prove_consistency,
    prove_inclusion,
    read_note,
    require_checkpoint,
    take_checkpoint,
)
from franking.storage.export import export_journal
from franking.storage.export_check import check_export, verifier
from franking.storage.tree import is_consistent, is_included, leaf
from tests.fixtures_databases import DATABASES, books_on

SCHEMA = Schema("ledgers", 1, MetaData())
NOW = datetime(1997, 6, 2, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class KeyOnPaper:
    key: ec.EllipticCurvePrivateKey
    name: str = "Provider of this test"

    def sign(self, data: bytes) -> bytes:
        r, s = decode_dss_signature(self.key.sign(data, ec.ECDSA(SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


@pytest.fixture(params=DATABASES)
def books(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Books]:
    opened = books_on(request.param, SCHEMA, tmp_path)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def seal() -> KeyOnPaper:
    return KeyOnPaper(ec.generate_private_key(ec.SECP256R1()))


def tell(books: Books, record: str, *, times: int = 1) -> None:
    for n in range(times):
        with books.work(NOW, "tell", on=(record,)) as work:
            work.record(Act(record=record, clauses=("policy",), inputs={"n": n, "é": "\x1f\u2028"}))


def lines_of(books: Books) -> list[str]:
    with books.reading() as reading:
        return list(export_journal(reading, SCHEMA))


def pem(seal: KeyOnPaper) -> bytes:
    key = seal.key.public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def test_a_checkpoint_covers_every_row_and_is_told_in_the_journal(
    books: Books, seal: KeyOnPaper
) -> None:
    tell(books, "thing:1", times=2)
    tell(books, "thing:2")
    taken = take_checkpoint(books, seal, NOW)
    assert (taken.number, taken.size, taken.domain) == (1, 3, "ledgers")
    assert taken.at == "1997-06-02T09:30:00.000000Z"
    assert read_note(taken.note) == taken
    assert [row.command for row in books.journal_rows()] == ["tell"] * 3 + ["take_checkpoint"]


def test_a_checkpoint_of_nothing_new_is_the_last_one(books: Books, seal: KeyOnPaper) -> None:
    tell(books, "thing:1")
    first = take_checkpoint(books, seal, NOW)
    assert take_checkpoint(books, seal, NOW + DAY) == first
    tell(books, "thing:1")
    second = take_checkpoint(books, seal, NOW + DAY)
    assert (second.number, second.size) == (2, 3)
    with books.reading() as reading:
        assert checkpoints(reading, SCHEMA.journal, "ledgers") == [first, second]


def test_a_later_checkpoint_is_proven_to_contain_an_earlier_one(
    books: Books, seal: KeyOnPaper
) -> None:
    taken = []
    for size in (3, 1, 4):
        tell(books, f"thing:{size}", times=size)
        taken.append(take_checkpoint(books, seal, NOW))
    first, _, last = taken
    with books.reading() as reading:
        proof = prove_consistency(reading, SCHEMA.journal, old=first, new=last)
    roots = {"old_root": bytes.fromhex(first.root), "new_root": bytes.fromhex(last.root)}
    assert is_consistent(old=first.size, new=last.size, proof=proof, **roots)
    roots["old_root"] = bytes(32)
    assert not is_consistent(old=first.size, new=last.size, proof=proof, **roots)


def test_a_row_is_proven_to_be_within_a_checkpoint(books: Books, seal: KeyOnPaper) -> None:
    tell(books, "thing:1", times=6)
    taken = take_checkpoint(books, seal, NOW)
    row = books.journal_rows()[4]
    with books.reading() as reading:
        proof = prove_inclusion(reading, SCHEMA.journal, index=4, within=taken)
    mine, root = leaf(row.sequence, row.hash), bytes.fromhex(taken.root)
    assert is_included(leaf=mine, index=4, size=taken.size, root=root, proof=proof)


def test_an_unknown_checkpoint_and_an_unreadable_note_are_refused(books: Books) -> None:
    with books.reading() as reading, pytest.raises(Refused, match="CHECKPOINT_UNKNOWN"):
        require_checkpoint(reading, SCHEMA.journal, "ledgers", 7)
    with pytest.raises(Refused, match="CHECKPOINT_UNREADABLE"):
        read_note("Dear Postmaster,\n\n")


def test_an_export_is_checked_without_the_database(books: Books, seal: KeyOnPaper) -> None:
    tell(books, "thing:1", times=3)
    take_checkpoint(books, seal, NOW)
    tell(books, "thing:2")
    found = check_export(lines_of(books), verifier(pem(seal)))
    assert found.faults == []
    assert (found.rows, found.records, found.checkpoints, found.signatures) == (5, 3, 1, 1)
    assert found.after_checkpoint == 2
    assert found.head == books.check_journal().head


def altered(line: str, **values: object) -> str:
    return json.dumps({**json.loads(line), **values}) + "\n"


def test_whatever_somebody_does_to_an_export_is_told(books: Books, seal: KeyOnPaper) -> None:
    for number in (1, 2, 1, 3):
        tell(books, f"thing:{number}")
    take_checkpoint(books, seal, NOW)
    whole = lines_of(books)
    title, one, two, again, three, checkpoint, told, end = whole
    cases = {
        "row 1 is not what was written": [title, altered(one, by="Mal"), *whole[2:]],
        "the inputs of row 1 are not": [title, altered(one, inputs="{}"), *whole[2:]],
        "row 1 is missing before row 2": [title, *whole[2:]],
        "rows were exported, 4 are here": [title, one, two, again, checkpoint, told, end],
        "does not come after": [title, two, one, *whole[3:]],
        "tells of other rows": [title, one, two, again, checkpoint, three, told, end],
        "signature of checkpoint 1 is false": [
            altered(line, note=json.loads(checkpoint)["note"].replace("1997-", "1996-"))
            if line is checkpoint
            else line
            for line in whole
        ],
        "its last line is missing": whole[:-1],
        "has no title": whole[1:],
        "line 3 is unreadable": [title, one, two[:40] + "\n", *whole[3:]],
        "line 1 is of no kind": ['{"letter": "Dear"}\n', *whole[1:]],
        "line 2 is unreadable": [title, altered(one, number="one"), *whole[2:]],
    }
    verify = verifier(pem(seal))
    assert check_export(whole, verify).faults == []
    for fault, lines in cases.items():
        faults = check_export(lines, verify).faults
        assert any(fault in one for one in faults), (fault, faults)


def test_a_last_row_that_vanished_is_seen_by_the_checkpoint_alone(
    books: Books, seal: KeyOnPaper
) -> None:
    tell(books, "thing:1", times=2)
    take_checkpoint(books, seal, NOW)
    title, one, _, checkpoint, told, _ = lines_of(books)
    left = [title, one, checkpoint, told, '{"rows": 2}\n']
    assert check_export(left).faults == ["checkpoint 1 tells of other rows than those before it"]


def test_the_program_stands_by_itself(books: Books, seal: KeyOnPaper, tmp_path: Path) -> None:
    tell(books, "thing:1", times=2)
    take_checkpoint(books, seal, NOW)
    (tmp_path / "export").write_text("".join(lines_of(books)), encoding="utf-8")
    (tmp_path / "key.pem").write_bytes(pem(seal))
    program = tmp_path / "check.py"
    program.write_bytes(Path(separate.__file__).read_bytes())
    arguments = [tmp_path / "export", tmp_path / "key.pem"]
    done = subprocess.run(
        [sys.executable, "-P", program, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "3 rows of 2 records, 1 checkpoints, 1 rows after the last; 0 faults\n"


def test_memory_does_not_grow_with_the_export(tmp_path: Path) -> None:
    def peak(rows: int) -> int:
        books = books_on("sqlite", SCHEMA, tmp_path)
        with books.work(NOW, "import") as work:
            for n in range(rows):
                work.record(Act(record=f"thing:{n}"))
        tracemalloc.start()
        with books.reading() as reading:
            assert check_export(export_journal(reading, SCHEMA)).faults == []
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        books.close()
        return most

    assert peak(12_000) < peak(6_000) * 1.2
