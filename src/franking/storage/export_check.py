"""Check an exported journal: a small program by itself, which needs no database of ours.

    python export_check.py EXPORT [KEY.pem]

Shares no code with what wrote the export, and uses the standard library alone; only for the
signatures of checkpoints does it need ``cryptography`` and the signer's public key. Every line is
read once, and memory does not grow with the journal: the last row of each record is kept in a
temporary file.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import sys
import tempfile
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

_HASHED = ("record", "number", "at", "by", "command", "clauses", "digest", "before")
_GENESIS = "00" * 32
_ROWS_AT_ONCE = 4096

Verify = Callable[[bytes, bytes], bool]
"""Whether a signature (64 bytes) over a text is true."""
Line = dict[str, object]


@dataclass(slots=True, kw_only=True)
class ExportCheck:
    """What the check of an export found: every fault, not the first."""

    domain: str = ""
    rows: int = 0
    records: int = 0
    destroyed: int = 0
    """Rows whose inputs were destroyed by rule: only their chain can be checked."""
    checkpoints: int = 0
    signatures: int = 0
    """Checkpoints whose signature was checked, and is true."""
    after_checkpoint: int = 0
    """Rows after the last checkpoint: nothing shows yet that none is missing at the end."""
    head: str = ""
    faults: list[str] = field(default_factory=list)


def check_export(lines: Iterable[str], verify: Verify | None = None) -> ExportCheck:
    """Read an export and list everything wrong with it.

    ``verify`` checks the signatures of the checkpoints; without it they are only compared.
    """
    with tempfile.TemporaryDirectory(prefix="franking-check-") as folder:
        return _Reader(sqlite3.connect(Path(folder) / "heads"), verify).read(lines)


def verifier(pem: bytes) -> Verify:
    """Check signatures with the public key in a PEM file.

    Raises:
        ValueError: it holds no key of the kind that signs checkpoints.
    """
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import ec, utils
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    key = load_pem_public_key(pem)
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise ValueError("the key is of another kind than those that sign checkpoints")

    def verify(text: bytes, signature: bytes) -> bool:
        r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
        try:
            key.verify(utils.encode_dss_signature(r, s), text, ec.ECDSA(SHA256()))
        except InvalidSignature:
            return False
        return True

    return verify


class _Reader:
    """The state of one reading."""

    def __init__(self, heads: sqlite3.Connection, verify: Verify | None) -> None:
        self.found = ExportCheck()
        self._verify = verify
        self._tree: list[bytes] = []
        self._last = 0
        self._checkpoint = 0
        self._ended = False
        self._heads = heads
        heads.execute("PRAGMA journal_mode=OFF")
        heads.execute("PRAGMA synchronous=OFF")
        heads.execute("CREATE TABLE heads (record TEXT PRIMARY KEY, number INT, hash TEXT)")

    def read(self, lines: Iterable[str]) -> ExportCheck:
        numbered = enumerate(lines, start=1)
        while batch := list(islice(numbered, _ROWS_AT_ONCE)):
            self._read_some([(place, _parse(line)) for place, line in batch])
        if not self.found.domain:
            self._fault("the export has no title: its first line is missing")
        if not self._ended:
            self._fault("the export ends before its end: its last line is missing")
        (self.found.records,) = self._heads.execute("SELECT count(*) FROM heads").fetchone()
        self.found.head = _root(self._tree).hex()
        self._heads.close()
        return self.found

    def _read_some(self, batch: list[tuple[int, Line | None]]) -> None:
        rows = [line for _, line in batch if line is not None and _is_row(line)]
        heads = self._known({str(row["record"]) for row in rows})
        for place, line in batch:
            if line is None:
                self._fault(f"line {place} is unreadable")
            elif _is_row(line):
                self._read_row(line, heads)
            else:
                self._read_other(place, line)
        keep = ((record, number, mark) for record, (number, mark) in heads.items())
        self._heads.executemany("INSERT OR REPLACE INTO heads VALUES (?, ?, ?)", keep)

    def _known(self, records: set[str]) -> dict[str, tuple[int, str]]:
        query = "SELECT number, hash FROM heads WHERE record = ?"
        found = {record: self._heads.execute(query, (record,)).fetchone() for record in records}
        return {record: head for record, head in found.items() if head is not None}

    def _read_row(self, row: Line, heads: dict[str, tuple[int, str]]) -> None:
        record, sequence = str(row["record"]), int(str(row["sequence"]))
        number, before = heads.get(record, (0, _GENESIS))
        for fault in _faults(row, number + 1, before):
            self._fault(f"{record}: {fault}")
        if sequence <= self._last:
            self._fault(f"row {sequence} does not come after row {self._last}")
        self._last = sequence
        heads[record] = int(str(row["number"])), str(row["hash"])
        leaf = sequence.to_bytes(8, "big") + bytes.fromhex(str(row["hash"]))
        _grow(self._tree, self.found.rows, hashlib.sha256(b"\x00" + leaf).digest())
        self.found.rows += 1
        self.found.after_checkpoint += 1
        self.found.destroyed += "salt" not in row

    def _read_other(self, place: int, line: Line) -> None:
        if place == 1 and "journal" in line:
            self.found.domain = str(line.get("domain"))
        elif "note" in line:
            self._read_checkpoint(str(line["note"]))
        elif "rows" in line:
            self._ended = True
            if line["rows"] != self.found.rows:
                self._fault(f"{line['rows']} rows were exported, {self.found.rows} are here")
        else:
            self._fault(f"line {place} is of no kind that an export has")

    def _read_checkpoint(self, note: str) -> None:
        self._checkpoint += 1
        body, _, signed = note.partition("\n\n")
        told = [
            f"franking journal: {self.found.domain}",
            f"number {self._checkpoint}",
            f"{self.found.rows}",
            b64encode(_root(self._tree)).decode(),
            f"upto {self._last}",
        ]
        if body.split("\n")[:5] != told:
            self._fault(f"checkpoint {self._checkpoint} tells of other rows than those before it")
        if self._verify is not None:
            if self._is_signed(body + "\n", signed):
                self.found.signatures += 1
            else:
                self._fault(f"the signature of checkpoint {self._checkpoint} is false")
        self.found.checkpoints += 1
        self.found.after_checkpoint = 0

    def _is_signed(self, body: str, signed: str) -> bool:
        try:
            signature = b64decode(signed.rstrip("\n").rpartition(" ")[2], validate=True)
        except ValueError:
            return False
        return (
            self._verify is not None
            and len(signature) == 64
            and self._verify(body.encode(), signature)
        )

    def _fault(self, fault: str) -> None:
        self.found.faults.append(fault)


def _parse(line: str) -> Line | None:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) and (not _is_row(value) or _is_whole(value)) else None


def _is_row(line: Line) -> bool:
    return "sequence" in line


def _is_whole(row: Line) -> bool:
    numbers = all(type(row.get(name)) is int for name in ("sequence", "number"))
    texts = all(
        type(row.get(name)) is str
        for name in (*_HASHED, "hash", *(("salt", "inputs") if "salt" in row else ()))
        if name != "number"
    )
    return numbers and texts and all(_is_hex(row[name]) for name in ("hash", *_salt(row)))


def _salt(row: Line) -> tuple[str, ...]:
    return ("salt",) if "salt" in row else ()


def _is_hex(value: object) -> bool:
    return all(digit in "0123456789abcdef" for digit in str(value)) and len(str(value)) % 2 == 0


def _faults(row: Line, expected: int, before: str) -> Iterator[str]:
    number = row["number"]
    if number != expected:
        yield f"row {expected} is missing before row {number}"
    if row["before"] != before:
        yield f"row {number} does not follow the row before it"
    hashed = {name: row[name] for name in _HASHED}
    text = json.dumps(hashed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    if hashlib.sha256(text.encode()).hexdigest() != row["hash"]:
        yield f"row {number} is not what was written"
    if "salt" in row:
        salted = bytes.fromhex(str(row["salt"])) + str(row["inputs"]).encode()
        if hashlib.sha256(salted).hexdigest() != row["digest"]:
            yield f"the inputs of row {number} are not what was written"


def _grow(tree: list[bytes], size: int, leaf: bytes) -> None:
    """Add a leaf to the heads of the full subtrees (RFC 6962 section 2.1)."""
    tree.append(leaf)
    while size & 1:
        right = tree.pop()
        tree.append(hashlib.sha256(b"\x01" + tree.pop() + right).digest())
        size >>= 1


def _root(tree: list[bytes]) -> bytes:
    if not tree:
        return hashlib.sha256(b"").digest()
    root = tree[-1]
    for head in reversed(tree[:-1]):
        root = hashlib.sha256(b"\x01" + head + root).digest()
    return root


def main(arguments: list[str]) -> int:
    """Check the export that is named; 0 when nothing is wrong with it."""
    if len(arguments) not in {1, 2}:
        sys.stderr.write(__doc__ or "")
        return 2
    verify = verifier(Path(arguments[1]).read_bytes()) if len(arguments) == 2 else None
    with Path(arguments[0]).open(encoding="utf-8", errors="replace") as lines:
        found = check_export(lines, verify)
    sys.stdout.writelines(f"{fault}\n" for fault in found.faults)
    sys.stdout.write(
        f"{found.rows} rows of {found.records} records, {found.checkpoints} checkpoints,"
        f" {found.after_checkpoint} rows after the last; {len(found.faults)} faults\n"
    )
    return 1 if found.faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
