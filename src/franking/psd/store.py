"""Where a device is kept: the port that its stores keep, and what they hold.

A store keeps a register row, a redundant copy of it, an append-only journal, sealed keys,
checkpoints and faults. ``append`` is one durable commit: when it returns, power may fail. A store
refuses to know keys, signatures and rules; it guards what it can see (append-only, ascending
never falls, transitions).

Stores are not thread-safe: the device calls them one at a time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from franking.errors import Refusal
from franking.psd.records import EntryKind, Fault, Registers, Status

DEVICE_EXISTS = Refusal(
    "DEVICE_EXISTS",
    clause="policy",
    remedy="Open the device that is there, or choose another place for a new one.",
)
DEVICE_NOT_THERE = Refusal(
    "DEVICE_NOT_THERE",
    clause="policy",
    remedy="Give the place where the device is kept, or create one.",
    http_status=404,
)
DEVICE_IN_USE = Refusal(
    "DEVICE_IN_USE",
    clause="policy",
    remedy="Close the program that has the device open, or wait until it has ended.",
    http_status=423,
)
STORE_READ_ONLY = Refusal(
    "STORE_READ_ONLY",
    clause="policy",
    remedy="Make the device's folder writable; its registers can be shown meanwhile.",
)
STORE_FULL = Refusal(
    "STORE_FULL",
    clause="policy",
    remedy="Free space where the device is kept, then ask again under the same request id.",
    http_status=507,
)
STORE_FAILING = Refusal(
    "STORE_FAILING",
    clause="policy",
    remedy="Open the device again, then ask under the same request id: it tells what was done.",
    http_status=503,
)
STORE_DAMAGED = Refusal(
    "STORE_DAMAGED",
    clause="39 CFR 501.6(i)(5) (1995)",
    remedy="Do not use the device; send it to the provider for examination.",
)


class RegisterRow(NamedTuple):
    """A device's state as stored, twice."""

    status: Status
    ascending_mills: int
    descending_mills: int
    control_total_mills: int
    piece_count: int
    reset_sequence: int
    sequence: int
    head: bytes
    latest_time: str
    standing: bytes
    """``Standing`` as JSON."""
    mac: bytes

    @property
    def registers(self) -> Registers:
        """The five registers."""
        return Registers(
            ascending_mills=self.ascending_mills,
            descending_mills=self.descending_mills,
            control_total_mills=self.control_total_mills,
            piece_count=self.piece_count,
            reset_sequence=self.reset_sequence,
        )


class Entry(NamedTuple):
    """One journal entry, with the registers after it."""

    sequence: int
    time: str
    kind: EntryKind
    ascending_mills: int
    descending_mills: int
    control_total_mills: int
    piece_count: int
    reset_sequence: int
    request_id: str | None
    """Of a caller's request; ``None`` for messages and events."""
    request_digest: bytes
    """SHA-256 of the request's fields, or of the message carried out."""
    content: bytes
    signature: bytes
    previous_hash: bytes
    hash: bytes
    mac: bytes

    @property
    def registers(self) -> Registers:
        """The five registers after it."""
        return Registers(
            ascending_mills=self.ascending_mills,
            descending_mills=self.descending_mills,
            control_total_mills=self.control_total_mills,
            piece_count=self.piece_count,
            reset_sequence=self.reset_sequence,
        )


def stored_entry(row: Iterable[Any]) -> Entry:
    """An entry as a store reads it back.

    Raises:
        Refused: ``STORE_DAMAGED`` where it is of no kind that is known.
    """
    entry = Entry._make(row)
    try:
        return entry._replace(kind=EntryKind(entry.kind))
    except ValueError:
        raise STORE_DAMAGED.because(
            f"journal entry {entry.sequence} is of no kind that is known: {entry.kind!r}"
        ) from None


class Checkpoint(NamedTuple):
    """A sealed statement of the registers at one entry, so that power-up need not read further."""

    sequence: int
    ascending_mills: int
    descending_mills: int
    control_total_mills: int
    piece_count: int
    reset_sequence: int
    head: bytes
    mac: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """What becomes durable together."""

    row: RegisterRow
    entries: Sequence[Entry]
    checkpoint: Checkpoint | None = None
    keys: Mapping[str, bytes] = field(default_factory=dict)
    """New sealed keys and secrets by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What a store holds at power-up, the journal's body aside."""

    row: RegisterRow | None
    copy: RegisterRow | None
    keys: Mapping[str, bytes]
    checkpoint: Checkpoint | None
    last_sequence: int
    """Of the journal; 0 where it is empty."""
    faults: tuple[Fault, ...]


class DeviceStore(Protocol):
    """One device's place. Errors are refusals of this module, or ``InvariantBroken``."""

    def load(self) -> Stored:
        """Everything but the journal's body. An empty store has no rows and no keys."""

    def copies(self) -> tuple[RegisterRow | None, RegisterRow | None]:
        """The register row and its copy, read anew."""

    def append(self, commit: Commit) -> None:
        """Make ``commit`` durable: all of it, or none.

        Raises:
            Refused: ``STORE_FULL`` or ``STORE_READ_ONLY``: surely nothing changed;
                ``STORE_FAILING``: not known, ``load`` in a new power-up tells.
            InvariantBroken: the store's own guards (a second entry for a request id, an
                ascending register that falls, a transition that is not allowed).
        """

    def adopt(
        self,
        row: RegisterRow,
        entries: Iterable[Entry],
        checkpoints: Iterable[Checkpoint],
        keys: Mapping[str, bytes],
    ) -> None:
        """Fill this empty store with a device that was kept elsewhere; durable on return.

        Raises:
            Refused, InvariantBroken: as ``append``.
        """

    def requests(self, request_ids: Sequence[str]) -> dict[str, Entry]:
        """The entries of those request ids that are known."""

    def message(self, digest: bytes) -> Entry | None:
        """The entry of a message that was carried out, or that left, by its digest."""

    def entry(self, sequence: int) -> Entry | None:
        """One entry."""

    def entries(self, after: int = 0) -> Iterator[Entry]:
        """The journal after an entry, in order, in constant memory."""

    def checkpoints(self) -> Iterator[Checkpoint]:
        """Every sealed checkpoint, in order."""

    def destroy_keys(self, *, keep: Collection[str]) -> None:
        """Overwrite and delete every sealed key but those named; durable on return."""

    def record_fault(self, fault: Fault) -> None:
        """Add a fault; from then on the store takes no commit."""

    def close(self) -> None:
        """Let go; a store may be opened again afterwards."""
