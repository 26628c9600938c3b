"""How journal entries, register rows and checkpoints are hashed, chained and sealed.

An entry's hash covers the entry before it and everything it records; its MAC is over the hash,
under the device's MAC key. Pure; laws kept here: PSD-5.

Layouts (big-endian)::

    hash = SHA-256(previous hash (32) ‖ sequence and registers (6 × 8) ‖ lengths of the six
           parts (6 × 4) ‖ time ‖ kind ‖ request id ‖ request digest ‖ content ‖ signature)
    mac  = the first 16 bytes of HMAC-SHA-256(key, hash)
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from collections.abc import Sequence
from typing import Final

import msgspec

from franking.errors import InvariantBroken
from franking.psd.records import DeviceState, EntryKind, Registers, Standing, Status
from franking.psd.store import Checkpoint, Entry, RegisterRow

GENESIS: Final = bytes(32)
"""What the first entry of a journal names as the hash before it."""
MAC_BYTES: Final = 16
MAC_KEY_BYTES: Final = 32
CHECKPOINT_INTERVAL: Final = 64
"""Entries between sealed checkpoints, at least; a commit has one checkpoint at most."""

_ENTRY: Final = struct.Struct(">6Q6I")
_ROW: Final = struct.Struct(">6Q3I")
_CHECKPOINT: Final = struct.Struct(">6Q")

_BLOCK_BYTES: Final = 64
_INNER, _OUTER = (bytes(byte ^ pad for byte in range(256)) for pad in (0x36, 0x5C))
_sha256 = hashlib.sha256


def seal_entry(
    previous_hash: bytes,
    mac_key: bytes,
    *,
    sequence: int,
    time: str,
    kind: EntryKind,
    registers: Registers,
    request_id: str | None = None,
    request_digest: bytes = b"",
    content: bytes = b"",
    signature: bytes = b"",
) -> Entry:
    """The entry with its hash and MAC."""
    fields = (
        sequence,
        time,
        kind,
        registers.ascending_mills,
        registers.descending_mills,
        registers.control_total_mills,
        registers.piece_count,
        registers.reset_sequence,
        request_id,
        request_digest,
        content,
        signature,
        previous_hash,
    )
    hash_ = entry_hash(Entry(*fields, b"", b""))
    return Entry(*fields, hash_, mac_of(mac_key, hash_))


def seal_pieces(
    previous_hash: bytes,
    mac_key: bytes,
    pieces: Sequence[tuple[int, str, int, int, int, int, int, str, bytes, bytes, bytes]],
) -> list[Entry]:
    """Evidence entries chained one after the other: ``seal_entry`` without its overhead.

    A piece is sequence, time, ascending, descending, control total, piece count, reset sequence,
    request id, request digest, content and signature.
    """
    kind, kind_bytes = EntryKind.EVIDENCE, EntryKind.EVIDENCE.encode()
    kind_length = len(kind_bytes)
    pack, sha256, new = _ENTRY.pack, _sha256, tuple.__new__
    inner, outer = _padded(mac_key)
    sealed: list[Entry] = []
    for (
        sequence,
        time,
        asc,
        desc,
        control,
        count,
        resets,
        name,
        digest,
        content,
        signature,
    ) in pieces:
        name_bytes, time_bytes = name.encode(), time.encode()
        hash_ = sha256(
            b"".join(
                (
                    previous_hash,
                    pack(
                        sequence, asc, desc, control, count, resets,
                        len(time_bytes), kind_length, len(name_bytes), len(digest),
                        len(content), len(signature),
                    ),
                    time_bytes, kind_bytes, name_bytes, digest, content, signature,
                )
            )
        ).digest()  # fmt: skip
        sealed.append(
            new(
                Entry,
                (
                    sequence, time, kind, asc, desc, control, count, resets, name, digest,
                    content, signature, previous_hash, hash_,
                    sha256(outer + sha256(inner + hash_).digest()).digest()[:MAC_BYTES],
                ),
            )
        )  # fmt: skip
        previous_hash = hash_
    return sealed


def entry_hash(entry: Entry) -> bytes:
    """What the hash of ``entry`` has to be."""
    parts = (
        entry.time.encode(),
        entry.kind.encode(),
        (entry.request_id or "").encode(),
        entry.request_digest,
        entry.content,
        entry.signature,
    )
    head = _ENTRY.pack(
        entry.sequence,
        entry.ascending_mills,
        entry.descending_mills,
        entry.control_total_mills,
        entry.piece_count,
        entry.reset_sequence,
        *map(len, parts),
    )
    return _sha256(b"".join((entry.previous_hash, head, *parts))).digest()


def fault_of_entry(entry: Entry, mac_key: bytes) -> str | None:
    """What is wrong with one entry taken by itself, if anything."""
    try:
        expected = entry_hash(entry)
    except (struct.error, AttributeError, TypeError, ValueError):
        return f"journal entry {entry.sequence} is not readable"
    if expected != entry.hash:
        return f"journal entry {entry.sequence} does not have its hash"
    if not hmac.compare_digest(mac_of(mac_key, entry.hash), entry.mac):
        return f"journal entry {entry.sequence} was not sealed by this device"
    return None


def seal_row(state: DeviceState, mac_key: bytes, standing: bytes | None = None) -> RegisterRow:
    """The register row of ``state``, sealed; ``standing`` is its JSON where that is known."""
    registers = state.registers
    fields = (
        state.status,
        registers.ascending_mills,
        registers.descending_mills,
        registers.control_total_mills,
        registers.piece_count,
        registers.reset_sequence,
        state.sequence,
        state.head,
        state.latest_time,
        standing or msgspec.json.encode(state.standing),
    )
    return RegisterRow(*fields, _row_mac(fields, mac_key))


def is_row_sealed(row: RegisterRow, mac_key: bytes) -> bool:
    """Whether this device sealed the row as it stands."""
    try:
        return hmac.compare_digest(_row_mac(row[:-1], mac_key), row.mac)
    except (struct.error, AttributeError, TypeError):
        return False


def state_of(row: RegisterRow) -> DeviceState:
    """The state that a row holds.

    Raises:
        InvariantBroken: the row does not read as a state.
    """
    try:
        standing = msgspec.json.decode(row.standing, type=Standing)
        status = Status(row.status)
    except ValueError as error:
        raise InvariantBroken(f"the register row does not read: {error}") from error
    return DeviceState(
        status=status,
        registers=row.registers,
        standing=standing,
        sequence=row.sequence,
        head=row.head,
        latest_time=row.latest_time,
    )


def seal_checkpoint(row: RegisterRow, mac_key: bytes) -> Checkpoint:
    """A checkpoint at the place of ``row``."""
    numbers = (
        row.sequence,
        row.ascending_mills,
        row.descending_mills,
        row.control_total_mills,
        row.piece_count,
        row.reset_sequence,
    )
    unsealed = Checkpoint(*numbers, row.head, b"")
    return unsealed._replace(mac=_checkpoint_mac(unsealed, mac_key))


def is_checkpoint_sealed(checkpoint: Checkpoint, mac_key: bytes) -> bool:
    """Whether this device sealed the checkpoint as it stands."""
    try:
        return hmac.compare_digest(_checkpoint_mac(checkpoint, mac_key), checkpoint.mac)
    except (struct.error, TypeError):
        return False


def _row_mac(
    fields: tuple[Status, int, int, int, int, int, int, bytes, str, bytes], mac_key: bytes
) -> bytes:
    status, *numbers, head, time, standing = fields
    parts = (status.encode(), time.encode(), standing)
    lengths = _ROW.pack(*numbers, *map(len, parts))
    return mac_of(mac_key, b"".join((b"registers", lengths, head, *parts)))


def _checkpoint_mac(checkpoint: Checkpoint, mac_key: bytes) -> bytes:
    sealed = b"".join((b"checkpoint", _CHECKPOINT.pack(*checkpoint[:6]), checkpoint.head))
    return mac_of(mac_key, sealed)


def mac_of(mac_key: bytes, data: bytes) -> bytes:
    """The first 16 bytes of HMAC-SHA-256 under a key of at most 64 bytes.

    By RFC 2104 from the hash: to set up OpenSSL's HMAC takes longer than such short data do.
    """
    inner, outer = _padded(mac_key)
    return _sha256(outer + _sha256(inner + data).digest()).digest()[:MAC_BYTES]


def _padded(mac_key: bytes) -> tuple[bytes, bytes]:
    """The key as the inner and the outer hash begin with it."""
    block = mac_key.ljust(_BLOCK_BYTES, b"\0")
    return block.translate(_INNER), block.translate(_OUTER)
