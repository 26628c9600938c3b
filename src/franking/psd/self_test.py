"""What a device asks itself at power-up, and what a full check asks of its whole journal.

Every question answers with findings, sentences of what is wrong; none is good. What follows from
a finding (the key is destroyed) is decided by ``franking.psd.mechanism``. Law kept here: PSD-5.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.hashes import SHA256

from franking.errors import Refused
from franking.indicium.content import unpack
from franking.indicium.signature import der_from_raw
from franking.psd.journal import (
    GENESIS,
    fault_of_entry,
    is_checkpoint_sealed,
    is_row_sealed,
    mac_of,
)
from franking.psd.records import EntryKind, Registers
from franking.psd.store import Checkpoint, DeviceStore, Entry, RegisterRow, Stored
from franking.psd.vault.port import VaultSigner

_PAIRWISE: Final = b"franking: pairwise consistency of a device key at power-up"

# RFC 6979, A.2.5: P-256, SHA-256, message "sample" (its s brought to the lower half).
_KNOWN_MESSAGE: Final = b"sample"
_KNOWN_KEY: Final = bytes.fromhex(
    "04"
    "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
    "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"
)
_KNOWN_SIGNATURE: Final = bytes.fromhex(
    "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
    "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"
)
# FIPS 180-4, "abc"; RFC 4231, test case 2, to the 16 bytes that a journal keeps.
_KNOWN_SHA256: Final = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
_KNOWN_HMAC: Final = "5bdcc146bf60754e6a042426089575c7"


def algorithm_findings() -> Iterator[str]:
    """Known answers of the three algorithms the device relies on (FIPS 140 power-up tests)."""
    if hashlib.sha256(b"abc").hexdigest() != _KNOWN_SHA256:
        yield "SHA-256 gives a wrong answer"
    if mac_of(b"Jefe", b"what do ya want for nothing?").hex() != _KNOWN_HMAC:
        yield "HMAC-SHA-256 gives a wrong answer"
    if not _verifies(_KNOWN_KEY, _KNOWN_MESSAGE, _KNOWN_SIGNATURE):
        yield "ECDSA over P-256 gives a wrong answer"


def key_findings(signer: VaultSigner, public_key: str) -> Iterator[str]:
    """Whether the signing key is the one that the device knows, and signs.

    Raises:
        Refused: ``TOKEN_GONE``, which is no fault of the device.
    """
    if signer.public_key.hex() != public_key:
        yield "the signing key is not the one that was certified"
    elif not _verifies(signer.public_key, _PAIRWISE, signer.sign(_PAIRWISE)):
        yield "the signing key fails its pairwise consistency check"


def register_findings(stored: Stored, mac_key: bytes) -> Iterator[str]:
    """Whether the register row and its copy are there, sealed, and agree."""
    for name, row in (("register row", stored.row), ("copy of the registers", stored.copy)):
        if row is None:
            yield f"the {name} is missing"
        elif not is_row_sealed(row, mac_key):
            yield f"the {name} was not sealed by this device"
    if None not in (stored.row, stored.copy) and stored.row != stored.copy:
        yield "the register row and its copy disagree"


def tail_findings(
    store: DeviceStore, stored: Stored, row: RegisterRow, mac_key: bytes
) -> Iterator[str]:
    """Whether the journal from the last sealed checkpoint on leads to the register row."""
    start = stored.checkpoint
    if start is not None and not is_checkpoint_sealed(start, mac_key):
        yield f"the checkpoint at entry {start.sequence} was not sealed by this device"
        return
    if start is not None and _head_at(store, start.sequence) != start.head:
        yield f"the journal does not hold the entry of the checkpoint at {start.sequence}"
        return
    chain = Chain(mac_key, start)
    yield from chain.findings(store.entries(chain.sequence))
    yield from chain.end_findings(row)


def journal_findings(store: DeviceStore, row: RegisterRow, mac_key: bytes) -> Iterator[str]:
    """The whole journal from its first entry, and every checkpoint on the way."""
    chain = Chain(mac_key, None)
    yield from chain.findings(store.entries())
    yield from chain.end_findings(row)
    for checkpoint in store.checkpoints():
        if not is_checkpoint_sealed(checkpoint, mac_key):
            yield f"the checkpoint at entry {checkpoint.sequence} was not sealed by this device"
        elif _head_at(store, checkpoint.sequence) != checkpoint.head:
            yield f"the journal does not hold the entry of the checkpoint at {checkpoint.sequence}"


class Chain:
    """Follows a journal from a checkpoint, or from its beginning."""

    def __init__(self, mac_key: bytes, start: Checkpoint | None) -> None:
        self._mac_key = mac_key
        self.sequence = start.sequence if start else 0
        self.head = start.head if start else GENESIS
        self.registers = _registers_of(start) if start else Registers()
        self._isbroken = False

    def findings(self, entries: Iterable[Entry]) -> Iterator[str]:
        """What is wrong with the entries that follow; stops at the first break."""
        for entry in entries:
            broken = (
                self._place_fault(entry)
                or fault_of_entry(entry, self._mac_key)
                or arithmetic_fault(self.registers, entry)
            )
            if broken is not None:
                self._isbroken = True
                yield broken
                return
            self.sequence, self.head, self.registers = entry.sequence, entry.hash, entry.registers

    def end_findings(self, row: RegisterRow) -> Iterator[str]:
        """Whether the chain ended where the register row says; a broken one ended nowhere."""
        if self._isbroken:
            return
        if (self.sequence, self.head) != (row.sequence, row.head):
            yield (
                f"the journal leads to entry {self.sequence},"
                f" the register row stands at entry {row.sequence}"
            )
        elif self.registers != row.registers:
            yield "the registers are not those of the last journal entry"

    def _place_fault(self, entry: Entry) -> str | None:
        if entry.sequence != self.sequence + 1:
            return f"journal entry {self.sequence + 1} is missing"
        if entry.previous_hash != self.head:
            return f"journal entry {entry.sequence} does not follow the entry before it"
        return None


def arithmetic_fault(before: Registers, entry: Entry) -> str | None:
    """Whether an entry moves the registers as its kind may (PSD-1, PSD-2)."""
    after = entry.registers
    match entry.kind:
        case EntryKind.EVIDENCE:
            postage = after.ascending_mills - before.ascending_mills
            expected = _moved(before, ascending=postage, descending=-postage, pieces=1)
            isright = postage > 0 and after.descending_mills >= 0 and _is_stated(entry, postage)
        case EntryKind.CREDITED:
            amount = after.descending_mills - before.descending_mills
            expected = _moved(before, descending=amount, resets=1)
            isright = amount > 0
        case EntryKind.RESET_CLOSED:
            expected, isright = _moved(before, resets=1), True
        case EntryKind.CLEARED:
            expected, isright = _moved(before, descending=-before.descending_mills), True
        case _:
            expected, isright = before, True
    if isright and after == expected:
        return None
    return f"journal entry {entry.sequence} ({entry.kind}) moves the registers as it may not"


def _moved(
    before: Registers, *, ascending: int = 0, descending: int = 0, pieces: int = 0, resets: int = 0
) -> Registers:
    return Registers(
        ascending_mills=before.ascending_mills + ascending,
        descending_mills=before.descending_mills + descending,
        control_total_mills=before.control_total_mills + ascending + descending,
        piece_count=before.piece_count + pieces,
        reset_sequence=before.reset_sequence + resets,
    )


def _is_stated(entry: Entry, postage_mills: int) -> bool:
    """Whether the signed content says what the registers did."""
    try:
        content = unpack(entry.content)
    except Refused:
        return False
    return (content.ascending_mills, content.descending_mills, content.postage_mills) == (
        entry.ascending_mills,
        entry.descending_mills,
        postage_mills,
    )


def _head_at(store: DeviceStore, sequence: int) -> bytes | None:
    entry = store.entry(sequence)
    return entry.hash if entry is not None else None


def _registers_of(checkpoint: Checkpoint) -> Registers:
    return Registers(
        ascending_mills=checkpoint.ascending_mills,
        descending_mills=checkpoint.descending_mills,
        control_total_mills=checkpoint.control_total_mills,
        piece_count=checkpoint.piece_count,
        reset_sequence=checkpoint.reset_sequence,
    )


def _verifies(point: bytes, message: bytes, raw: bytes) -> bool:
    key = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), point)
    try:
        key.verify(der_from_raw(raw), message, ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True
