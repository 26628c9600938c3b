"""One piece from its bytes to its verdict on-line, with what every other desk has seen of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import text

from benchmarks.measuring import Result, Target, Work, rates
from benchmarks.pgbench import pgbench_server
from benchmarks.pieces import NOW, Keys, new_keys, payloads, write_trust_list
from benchmarks.setting import Setting
from franking.postal.books import open_books
from franking.postal.pieces.online import OnlineScan, OnlineVerifier
from franking.rules.permissions import Role
from franking.storage import Actor, Books, Database, Where
from franking.verification.payload import verify_payload
from franking.verification.trust_list import TrustList
from franking.verification.verdict import Verdict

DEVICES = 10_000
AT_ONCE = 50
_CLERK = Actor("clerk", Role.POSTMASTER)
_COUNTER = OnlineScan(scanner="counter 1", place="60601")


def run(setting: Setting) -> Sequence[Result]:
    """Beside the off-line verification and one bare row written in the same database, added up."""
    keys, path = new_keys(), setting.folder / "trust.list"
    write_trust_list(path, keys, devices=DEVICES)
    trust = TrustList.open(path, keys.root_public_key)
    with pgbench_server(("postal",)) as server:
        places: dict[str, Where] = {
            "SQLite": setting.folder / "books.sqlite3",
            "PostgreSQL": Database(server.database_url("postal"), "postal"),
        }
        return [_measured(setting, name, where, keys, trust) for name, where in places.items()]


def _measured(setting: Setting, name: str, where: Where, keys: Keys, trust: TrustList) -> Result:
    pieces = payloads(keys.device, setting.size(full=60_000, quick=12_000))
    books = open_books(where, by=_CLERK)
    try:
        found = rates(
            setting.pace,
            online=_online(books, trust, iter(pieces)),
            offline=_offline(trust, pieces[:AT_ONCE]),
            bare=_bare_row(books),
        )
    finally:
        books.close()
    beside = 1 / found["offline"] + 1 / found["bare"]
    return Result(
        name=f"on-line, {name}, one desk",
        figure=1_000_000 / found["online"],
        unit="us a piece",
        beside="off-line + one bare row written",
        beside_figure=1_000_000 * beside,
        target=Target(kind="ratio at most", value=2),
        note=f"{found['online']:,.0f} pieces/s on-line, {found['offline']:,.0f} off-line,"
        f" {found['bare']:,.0f} bare rows/s.",
    )


def _online(books: Books, trust: TrustList, pieces: Iterator[bytes]) -> Work:
    verifier = OnlineVerifier(books)

    def work() -> int:
        for _ in range(AT_ONCE):
            found = verifier.verify(next(pieces), trust, NOW, _COUNTER)
            if found.verdict is not Verdict.AUTHENTIC:
                raise AssertionError("a true indicium that nobody saw was not found authentic")
        return AT_ONCE

    return work


def _offline(trust: TrustList, pieces: Sequence[bytes]) -> Work:
    def work() -> int:
        for payload in pieces:
            verify_payload(payload, trust, NOW)
        return len(pieces)

    return work


def _bare_row(books: Books) -> Work:
    """A row of two numbers, committed: the least that a database does to keep what was seen."""
    with books.engine.begin() as connection:
        connection.execute(text("CREATE TABLE bare (number BIGINT PRIMARY KEY, piece BIGINT)"))
    pooled = books.engine.raw_connection()
    is_postgresql = books.engine.dialect.name == "postgresql"
    if is_postgresql:
        driver: Any = pooled.driver_connection
        driver.autocommit = True
    mark, numbers = "%s" if is_postgresql else "?", iter(range(10_000_000))
    statement = f"INSERT INTO bare VALUES ({mark}, {mark})"

    def work() -> int:
        kept: Any = pooled.driver_connection  # by the pool's own name, so that it stays ours
        for _ in range(AT_ONCE):
            kept.execute(statement, (next(numbers), 320))
        return AT_ONCE

    return work
