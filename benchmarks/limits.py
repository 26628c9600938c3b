"""The limits of the machine: a bare signature, a bare check, a bare durable commit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import apsw
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

CONTENT_BYTES = 49
_ROW = bytes(250)
"""About what a device writes of a piece."""
DETERMINISTIC = ec.ECDSA(SHA256(), deterministic_signing=True)
ES256 = ec.ECDSA(SHA256())


def bare_signing(repeats: int = 200) -> Callable[[], int]:
    """Deterministic P-256 signatures over 49 bytes, nothing else."""
    key, content = ec.generate_private_key(ec.SECP256R1()), bytes(CONTENT_BYTES)

    def work() -> int:
        for _ in range(repeats):
            key.sign(content, DETERMINISTIC)
        return repeats

    return work


def bare_verifying(repeats: int = 200) -> Callable[[], int]:
    """P-256 checks of one signature over 49 bytes, nothing else."""
    key, content = ec.generate_private_key(ec.SECP256R1()), bytes(CONTENT_BYTES)
    public_key, signature = key.public_key(), key.sign(content, DETERMINISTIC)

    def work() -> int:
        for _ in range(repeats):
            public_key.verify(signature, content, ES256)
        return repeats

    return work


def bare_commits(folder: Path, repeats: int = 50) -> Callable[[], int]:
    """Durable commits of one register update and one row of 250 bytes in SQLite (WAL, FULL)."""
    store = _bare_store(folder / "bare-commits")

    def work() -> int:
        for _ in range(repeats):
            _commit(store)
        return repeats

    return work


def bare_pieces(folder: Path, repeats: int = 50) -> Callable[[], int]:
    """One bare signature, then one bare durable commit, in turns.

    Each costs more than in a loop of its own: after waiting for the disk the caches are cold.
    """
    store, sign_one = _bare_store(folder / "bare-pieces"), bare_signing(repeats=1)

    def work() -> int:
        for _ in range(repeats):
            sign_one()
            _commit(store)
        return repeats

    return work


def _commit(store: apsw.Connection) -> None:
    with store:
        store.execute("UPDATE register SET value = value + 1")
        store.execute("INSERT INTO entry (content) VALUES (?)", (_ROW,))


def _bare_store(path: Path) -> apsw.Connection:
    store = apsw.Connection(str(path))
    store.execute("PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL").fetchall()
    store.execute("PRAGMA synchronous=FULL")
    store.execute("CREATE TABLE register (value INTEGER NOT NULL) STRICT")
    store.execute("CREATE TABLE entry (sequence INTEGER PRIMARY KEY, content BLOB NOT NULL) STRICT")
    store.execute("INSERT INTO register VALUES (0)")
    return store
