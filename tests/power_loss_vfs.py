"""A power cut at every instant: an SQLite VFS that records, and a disk that forgets.

``record`` wraps the real file system. What SQLite does in one folder is written on a ``Tape``:
every create, write, truncate, unlink and sync, with the marks that a test sets ("this debit was
acknowledged"). ``power_cuts`` then replays the tape and stops before every event: what was
synced is kept; of what was not, a random part is kept, in a random order, some of it torn at
512-byte sectors. Each ``PowerCut`` can be laid out as a folder and opened again.

The disk is stricter than ext4: a file created or unlinked is durable only when its *folder* was
synced (ext4 commits it with the next sync of any file), so a store that forgets to sync its
folder is caught. Directory changes reach the disk in order; writes do not.

Refuses to know what a device is.
"""

from __future__ import annotations

import contextlib
import enum
import itertools
import os
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import apsw

SECTOR = 512
KEPT_SHARE, TORN_SHARE = 0.5, 0.3
_numbers = itertools.count(1)


class Happening(enum.Enum):
    """What can happen to a file."""

    CREATE = enum.auto()
    WRITE = enum.auto()
    TRUNCATE = enum.auto()
    UNLINK = enum.auto()
    SYNC = enum.auto()
    SYNC_FOLDER = enum.auto()
    MARK = enum.auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One happening; ``inode`` tells a file from another that had its name before."""

    what: Happening
    name: str = ""
    inode: int = 0
    offset: int = 0
    data: bytes = b""


@dataclass(slots=True)
class Tape:
    """What happened in ``folder`` since recording began, and what was there before."""

    folder: Path
    before: dict[str, tuple[int, bytes]]
    events: list[Event] = field(default_factory=list)
    inodes: dict[str, int] = field(default_factory=dict)

    @classmethod
    def starting_at(cls, folder: Path) -> Tape:
        """A tape whose disk holds, safely, what ``folder`` holds now."""
        before = {
            path.name: (next(_numbers), path.read_bytes())
            for path in sorted(folder.iterdir())
            if path.is_file()
        }
        return cls(folder, before, [], {name: inode for name, (inode, _) in before.items()})

    def mark(self, label: str) -> None:
        """Note that something was acknowledged: a power cut from here on must not lose it."""
        self.events.append(Event(what=Happening.MARK, name=label))

    def created(self, name: str) -> int:
        """A new file ``name``; its inode."""
        self.inodes[name] = next(_numbers)
        self.events.append(Event(what=Happening.CREATE, name=name, inode=self.inodes[name]))
        return self.inodes[name]

    def unlinked(self, name: str) -> None:
        """File ``name`` is gone."""
        self.events.append(Event(what=Happening.UNLINK, name=name, inode=self.inodes.pop(name, 0)))

    def folder_synced(self) -> None:
        """The folder's own entries are durable."""
        self.events.append(Event(what=Happening.SYNC_FOLDER))

    def killed_before(self, instant: int, folder: Path) -> Tape:
        """The process dies here, the power stays on: the system keeps every write, synced or not.

        ``folder`` is laid out as the next process finds it; ``record`` goes on with the tape
        returned, whose disk still owes what was not synced.
        """
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        earlier, disk = self.events[:instant], _Disk(self)
        for event in earlier:
            disk.carry_out(event)
        names = disk.kept_by_the_system()
        for name, inode in names.items():
            (folder / name).write_bytes(disk.inodes[inode].volatile())
        return Tape(folder.resolve(), self.before, earlier, names)

    def covers(self, path: str) -> bool:
        """Whether ``path`` is a file of the folder under test."""
        return os.path.dirname(path) == str(self.folder)


class _RecordedFile(apsw.VFSFile):
    """A file of the real file system whose changes are written on the tape."""

    def __init__(self, tape: Tape, path: str, flags: list[int]) -> None:
        name = os.path.basename(path)
        isnew = not os.path.exists(path)
        super().__init__("", path, flags)
        self._tape, self._name = tape, name
        self._inode = tape.created(name) if isnew else tape.inodes[name]
        # As SQLite's own VFS for Unix: the first sync of a new journal or WAL syncs the folder.
        self._owes_folder_sync = isnew and name.endswith(("-wal", "-journal"))

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        super().xWrite(data, offset)
        self._note(Happening.WRITE, offset=offset, data=bytes(data))

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        super().xTruncate(newsize)
        self._note(Happening.TRUNCATE, offset=newsize)

    def xSync(self, flags: int) -> None:  # noqa: N802
        super().xSync(flags)
        self._note(Happening.SYNC)
        if self._owes_folder_sync:
            self._tape.folder_synced()
            self._owes_folder_sync = False

    def _note(self, what: Happening, *, offset: int = 0, data: bytes = b"") -> None:
        self._tape.events.append(
            Event(what=what, name=self._name, inode=self._inode, offset=offset, data=data)
        )


class _RecordingVFS(apsw.VFS):
    """The real file system, with the folder under test on tape."""

    def __init__(self, name: str, tape: Tape) -> None:
        self._tape = tape
        super().__init__(name, "")

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        if path is None or not self._tape.covers(path):
            return super().xOpen(name, flags)
        return _RecordedFile(self._tape, path, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802
        super().xDelete(filename, syncdir)
        if self._tape.covers(filename):
            self._tape.unlinked(os.path.basename(filename))
            if syncdir:
                self._tape.folder_synced()


@dataclass(frozen=True, slots=True)
class Recording:
    """A running recording: open the store under test with ``vfs``."""

    vfs: str
    tape: Tape


@contextlib.contextmanager
def record(folder: Path, *, tape: Tape | None = None) -> Iterator[Recording]:
    """Record what SQLite does in ``folder`` through the VFS whose name is given.

    ``os.fsync`` of the folder, and of a file in it, is recorded too. Close every connection
    before leaving. ``tape`` continues what another recording began, in the folder it was laid
    out in.
    """
    tape = tape or Tape.starting_at(folder.resolve())
    name = f"power-loss-{next(_numbers)}"
    vfs = _RecordingVFS(name, tape)
    with _outside_syncs_noted(tape):
        try:
            yield Recording(name, tape)
        finally:
            vfs.unregister()


@contextlib.contextmanager
def _outside_syncs_noted(tape: Tape) -> Iterator[None]:
    """Note what is synced in the folder by ``os.fsync``, past SQLite."""
    real, watched = os.fsync, os.stat(tape.folder)

    def fsync(descriptor: int) -> None:
        real(descriptor)
        path = os.readlink(f"/proc/self/fd/{descriptor}")
        if os.path.samestat(os.fstat(descriptor), watched):
            tape.folder_synced()
        elif tape.covers(path) and (name := os.path.basename(path)) in tape.inodes:
            tape.events.append(Event(what=Happening.SYNC, name=name, inode=tape.inodes[name]))

    os.fsync = fsync  # type: ignore[assignment]
    try:
        yield
    finally:
        os.fsync = real


@dataclass(slots=True)
class _Inode:
    """A file's durable bytes, and what has been done to it since the last sync."""

    durable: bytearray
    pending: list[Event] = field(default_factory=list)

    def volatile(self) -> bytes:
        """Its bytes as a running system sees them."""
        content = bytearray(self.durable)
        for event in self.pending:
            _apply(content, event)
        return bytes(content)

    def sync(self) -> None:
        """Everything done to it is durable."""
        for event in self.pending:
            _apply(self.durable, event)
        self.pending.clear()


class _Disk:
    """What is durable, and what is not yet, at one instant of the tape."""

    def __init__(self, tape: Tape) -> None:
        self.inodes = {i: _Inode(bytearray(data)) for i, data in tape.before.values()}
        self.names = {name: inode for name, (inode, _) in tape.before.items()}
        self.pending_names: list[Event] = []

    def carry_out(self, event: Event) -> None:
        match event.what:
            case Happening.CREATE:
                self.inodes[event.inode] = _Inode(bytearray())
                self.pending_names.append(event)
            case Happening.UNLINK:
                self.pending_names.append(event)
            case Happening.WRITE | Happening.TRUNCATE:
                self.inodes[event.inode].pending.append(event)
            case Happening.SYNC:
                self.inodes[event.inode].sync()
            case Happening.SYNC_FOLDER:
                _rename(self.names, self.pending_names)
                self.pending_names.clear()
            case Happening.MARK:
                pass

    def kept_by_the_system(self) -> dict[str, int]:
        """The files that a running system sees, by name."""
        names = dict(self.names)
        _rename(names, self.pending_names)
        return names

    def after_power_cut(self, chance: random.Random) -> dict[str, bytes]:
        """One of the states in which the disk may come back."""
        names = dict(self.names)
        _rename(names, self.pending_names[: chance.randint(0, len(self.pending_names))])
        return {name: _survivor(self.inodes[inode], chance) for name, inode in names.items()}


def _rename(names: dict[str, int], events: list[Event]) -> None:
    for event in events:
        if event.what is Happening.CREATE:
            names[event.name] = event.inode
        else:
            names.pop(event.name, None)


def _survivor(inode: _Inode, chance: random.Random) -> bytes:
    kept = [event for event in inode.pending if chance.random() < KEPT_SHARE]
    chance.shuffle(kept)
    content = bytearray(inode.durable)
    for event in kept:
        torn = event.what is Happening.WRITE and chance.random() < TORN_SHARE
        for part in _sectors(event, chance) if torn else [event]:
            _apply(content, part)
    return bytes(content)


def _sectors(event: Event, chance: random.Random) -> Iterator[Event]:
    """The sectors of a torn write that reached the disk."""
    start, end = event.offset, event.offset + len(event.data)
    edges = [start, *range(start - start % SECTOR + SECTOR, end, SECTOR), end]
    for low, high in itertools.pairwise(edges):
        if chance.random() < KEPT_SHARE:
            yield Event(
                what=Happening.WRITE, offset=low, data=event.data[low - start : high - start]
            )


def _apply(content: bytearray, event: Event) -> None:
    if event.what is Happening.TRUNCATE:
        del content[event.offset :]
        content.extend(bytes(event.offset - len(content)))
        return
    content.extend(bytes(max(0, event.offset - len(content))))
    content[event.offset : event.offset + len(event.data)] = event.data


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerCut:
    """The power fails before event ``instant`` of the tape, with ``marks`` set until then."""

    instant: int
    seed: int
    marks: tuple[str, ...]
    files: dict[str, bytes]

    def lay_out(self, folder: Path) -> Path:
        """``folder`` as it is found when the power is back."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name, content in self.files.items():
            (folder / name).write_bytes(content)
            (folder / name).chmod(0o600)
        return folder


def power_cuts(
    tape: Tape, *, seeds: int = 1, after: str | None = None, step: int = 1
) -> Iterator[PowerCut]:
    """Every ``step``-th instant of the tape, ``seeds`` survivals of each.

    ``after`` names a mark before which nothing is cut (a store that is being made holds no value).
    """
    disk, marks, started = _Disk(tape), list[str](), after is None
    for instant, event in enumerate([*tape.events, None]):
        if started and instant % step == 0:
            for seed in range(seeds):
                files = disk.after_power_cut(random.Random(instant * 1_000_003 + seed))
                yield PowerCut(instant=instant, seed=seed, marks=tuple(marks), files=files)
        if event is None:
            return
        disk.carry_out(event)
        if event.what is Happening.MARK:
            marks.append(event.name)
            started = started or event.name == after
