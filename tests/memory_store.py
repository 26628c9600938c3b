"""A ``DeviceStore`` in memory: a second keeper of the port, so that no law leans on SQLite.

What was made durable survives ``reopened``; what was not is gone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from franking.errors import InvariantBroken
from franking.psd.records import TRANSITIONS, Fault
from franking.psd.store import Checkpoint, Commit, Entry, RegisterRow, Stored


@dataclass(slots=True)
class Disk:
    """What is durable."""

    rows: list[RegisterRow | None] = field(default_factory=lambda: [None, None])
    entries: list[Entry] = field(default_factory=list)
    checkpoints: list[Checkpoint] = field(default_factory=list)
    keys: dict[str, bytes] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def copy(self) -> Disk:
        """The disk as it is now, for a test that restores it later."""
        return Disk(
            list(self.rows),
            list(self.entries),
            list(self.checkpoints),
            dict(self.keys),
            list(self.faults),
        )


class MemoryStore:
    """A device's store on a ``Disk``."""

    def __init__(self, disk: Disk) -> None:
        self.disk = disk

    def load(self) -> Stored:
        """Everything but the journal's body."""
        disk = self.disk
        return Stored(
            row=disk.rows[0],
            copy=disk.rows[1],
            keys=dict(disk.keys),
            checkpoint=disk.checkpoints[-1] if disk.checkpoints else None,
            last_sequence=disk.entries[-1].sequence if disk.entries else 0,
            faults=tuple(disk.faults),
        )

    def copies(self) -> tuple[RegisterRow | None, RegisterRow | None]:
        """The register row and its copy."""
        return self.disk.rows[0], self.disk.rows[1]

    def append(self, commit: Commit) -> None:
        """Make ``commit`` durable."""
        self._guard(commit)
        disk = self.disk
        disk.entries += commit.entries
        disk.rows = [commit.row, commit.row]
        disk.checkpoints += [commit.checkpoint] if commit.checkpoint else []
        disk.keys.update(commit.keys)

    def adopt(
        self,
        row: RegisterRow,
        entries: Iterable[Entry],
        checkpoints: Iterable[Checkpoint],
        keys: Mapping[str, bytes],
    ) -> None:
        """Fill this empty store."""
        self.disk = replace(
            self.disk,
            rows=[row, row],
            entries=list(entries),
            checkpoints=list(checkpoints),
            keys=dict(keys),
        )

    def requests(self, request_ids: Sequence[str]) -> dict[str, Entry]:
        """The entries of those request ids that are known."""
        wanted = set(request_ids)
        return {
            entry.request_id: entry
            for entry in self.disk.entries
            if entry.request_id is not None and entry.request_id in wanted
        }

    def message(self, digest: bytes) -> Entry | None:
        """The entry of a message."""
        found = (
            entry
            for entry in self.disk.entries
            if entry.request_id is None and entry.request_digest == digest
        )
        return next(found, None)

    def entry(self, sequence: int) -> Entry | None:
        """One entry."""
        found = (entry for entry in self.disk.entries if entry.sequence == sequence)
        return next(found, None)

    def entries(self, after: int = 0) -> Iterator[Entry]:
        """The journal after an entry."""
        return (entry for entry in list(self.disk.entries) if entry.sequence > after)

    def checkpoints(self) -> Iterator[Checkpoint]:
        """Every checkpoint."""
        return iter(list(self.disk.checkpoints))

    def destroy_keys(self, *, keep: Collection[str]) -> None:
        """Destroy every key but those named."""
        self.disk.keys = {name: key for name, key in self.disk.keys.items() if name in keep}

    def record_fault(self, fault: Fault) -> None:
        """Add a fault."""
        self.disk.faults.append(fault)

    def close(self) -> None:
        """Nothing to let go of."""

    def _guard(self, commit: Commit) -> None:
        known = {entry.request_id for entry in self.disk.entries} - {None}
        if any(entry.request_id in known for entry in commit.entries):
            raise InvariantBroken("a second entry for a request id")
        if self.disk.faults:
            raise InvariantBroken("a faulted device is not written to")
        before, after = self.disk.rows[0], commit.row
        if before is None:
            return
        if after.ascending_mills < before.ascending_mills or after.sequence <= before.sequence:
            raise InvariantBroken("a register that only rises would fall")
        if after.status != before.status and after.status not in TRANSITIONS[before.status]:
            raise InvariantBroken("no such transition")
