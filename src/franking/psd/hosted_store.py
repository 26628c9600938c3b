"""One device of a hosted fleet as a ``DeviceStore``: rows in a database that many devices share.

A store holds its device by a token in the register row. Whoever opens the device afterwards takes
it over, and this store's commits are refused from then on: two programs never debit one device
from two memories, and a program that died locks nobody out.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import Connection, Select, Table, delete, func, insert, select, update

from franking.errors import InvariantBroken, Refused
from franking.psd.hosted_errors import foreign_errors
from franking.psd.hosted_lane import Lane, Move
from franking.psd.hosted_tables import (
    CHECKPOINTS,
    ENTRIES,
    FAULTS,
    KEYS,
    REGISTER_COPIES,
    REGISTERS,
    ROW_FIELDS,
    STANDING_COPIES,
    STANDINGS,
)
from franking.psd.known_names import KnownNames
from franking.psd.records import Fault
from franking.psd.store import (
    DEVICE_EXISTS,
    DEVICE_IN_USE,
    DEVICE_NOT_THERE,
    Checkpoint,
    Commit,
    Entry,
    RegisterRow,
    Stored,
    stored_entry,
)
from franking.storage import Books
from franking.storage.database import as_writer

_PAGE: Final = 1000
"""Journal entries read or written at a time."""
_HOLDERS: Final = 2**62
_ENTRY = [ENTRIES.c[name] for name in Entry._fields]
_CHECKPOINT = [CHECKPOINTS.c[name] for name in Checkpoint._fields]
_KEPT_IN = ((REGISTERS, STANDINGS), (REGISTER_COPIES, STANDING_COPIES))


class HostedDeviceStore:
    """A ``DeviceStore`` in the books of a fleet. Use ``create`` or ``open``."""

    def __init__(self, books: Books, lane: Lane, device: str) -> None:
        self.device = device
        self.holder = secrets.randbelow(_HOLDERS)
        self._books, self._lane = books, lane
        self.kept: RegisterRow | None = None
        """The register row as this store last read or wrote it."""
        self.is_sharing = False
        """While it stands the rows are not read: the shared commit compares them."""
        self._names: KnownNames | None = None

    @classmethod
    def create(cls, books: Books, lane: Lane, device: str) -> HostedDeviceStore:
        """A place for a device that is not there yet; nothing is written before its first commit.

        Raises:
            Refused: ``DEVICE_EXISTS``.
        """
        store = cls(books, lane, device)
        if store.load().last_sequence:
            raise DEVICE_EXISTS.because(f"the fleet has a device {device} already")
        return store

    @classmethod
    def open(cls, books: Books, lane: Lane, device: str) -> HostedDeviceStore:
        """The device's store; who had it open holds it no more.

        Raises:
            Refused: ``DEVICE_NOT_THERE``, ``STORE_FAILING``.
        """
        store = cls(books, lane, device)
        mine = REGISTERS.c.device == device
        with store._writing() as connection:
            held = connection.execute(update(REGISTERS).where(mine).values(holder=store.holder))
            if held.rowcount == 0 and not store._last_sequence(connection):
                raise DEVICE_NOT_THERE.because(f"the fleet has no device {device}")
        return store

    def load(self) -> Stored:
        """Everything but the journal's body."""
        with self._reading() as connection:
            row, copy = (self._row(connection, *tables) for tables in _KEPT_IN)
            stored = Stored(
                row=row,
                copy=copy,
                keys=self._keys(connection),
                checkpoint=self._last_checkpoint(connection),
                last_sequence=self._last_sequence(connection),
                faults=self._faults(connection),
            )
        self.kept = row
        return stored

    def copies(self) -> tuple[RegisterRow | None, RegisterRow | None]:
        """The register row and its copy.

        Raises:
            Refused: ``DEVICE_IN_USE`` where another program has taken the device over.
        """
        if self.is_sharing:
            return self.kept, self.kept
        with self._reading() as connection:
            holder = self._held_by(connection)
            if holder is not None:
                self.require_held(holder)
            row, copy = (self._row(connection, *tables) for tables in _KEPT_IN)
            return row, copy

    def is_held(self) -> bool:
        """Whether no other program has taken the device over."""
        with self._reading() as connection:
            return self._held_by(connection) in (None, self.holder)

    def _held_by(self, connection: Connection) -> int | None:
        query = select(REGISTERS.c.holder).where(REGISTERS.c.device == self.device)
        return connection.execute(query).scalar_one_or_none()

    def require_held(self, holder: int) -> None:
        """Refuse where another program has taken the device over.

        Raises:
            Refused: ``DEVICE_IN_USE``.
        """
        if holder != self.holder:
            raise self.taken_over()

    def taken_over(self) -> Refused:
        """``DEVICE_IN_USE``, for a commit that was not taken: surely nothing changed."""
        return DEVICE_IN_USE.because(f"another program has opened {self.device} since")

    def is_plain(self, commit: Commit) -> bool:
        """Whether a commit has entries and registers only, as a piece has: a lane can take it."""
        kept = self.kept
        return kept is not None and commit.row.standing == kept.standing and not commit.keys

    def move(self, commit: Commit) -> Move:
        """A plain commit, for a lane."""
        if self.kept is None:
            raise InvariantBroken(f"{self.device}: a commit before its rows were read")
        return Move(self.device, self.holder, self.kept, commit)

    def took(self, commit: Commit) -> None:
        """The commit is durable."""
        self.kept = commit.row
        if self._names is not None:
            self._names.add([e.request_id for e in commit.entries if e.request_id is not None])

    def append(self, commit: Commit) -> None:
        """Make ``commit`` durable."""
        if self.is_plain(commit):
            moved = self._lane.commit([self.move(commit)])
            if self.device not in moved:
                raise self.taken_over()
            self.took(commit)
            return
        with self._writing() as connection:
            self._write_row(connection, commit.row)
            self._put(connection, ENTRIES, commit.entries)
            self._put(connection, CHECKPOINTS, [commit.checkpoint] if commit.checkpoint else [])
            self._put_keys(connection, commit.keys)
        self.took(commit)

    def adopt(
        self,
        row: RegisterRow,
        entries: Iterable[Entry],
        checkpoints: Iterable[Checkpoint],
        keys: Mapping[str, bytes],
    ) -> None:
        """Fill this empty store."""
        with self._writing() as connection:
            self._put(connection, ENTRIES, entries)
            self._put(connection, CHECKPOINTS, checkpoints)
            self._write_row(connection, row)
            self._put_keys(connection, keys)
        self.kept = row

    def requests(self, request_ids: Sequence[str]) -> dict[str, Entry]:
        """The entries of those request ids that are known."""
        perhaps = self._known_names().perhaps(request_ids)
        if not perhaps:
            return {}
        asked = select(*_ENTRY).where(ENTRIES.c.device == self.device)
        with self._reading() as connection:
            rows = connection.execute(asked.where(ENTRIES.c.request_id.in_(perhaps)))
            return {row.request_id: stored_entry(row) for row in rows}

    def message(self, digest: bytes) -> Entry | None:
        """The entry of a message."""
        query = select(*_ENTRY).where(
            ENTRIES.c.device == self.device,
            ENTRIES.c.request_digest == digest,
            ENTRIES.c.request_id.is_(None),
        )
        return next(iter(self._found(query)), None)

    def entry(self, sequence: int) -> Entry | None:
        """One entry."""
        mine = ENTRIES.c.device == self.device
        query = select(*_ENTRY).where(mine, ENTRIES.c.sequence == sequence)
        return next(iter(self._found(query)), None)

    def entries(self, after: int = 0) -> Iterator[Entry]:
        """The journal after an entry, in order; no transaction stays open between two pages."""
        mine = select(*_ENTRY).where(ENTRIES.c.device == self.device)
        while True:
            following = mine.where(ENTRIES.c.sequence > after).order_by(ENTRIES.c.sequence)
            page = self._found(following.limit(_PAGE))
            yield from page
            if len(page) < _PAGE:
                return
            after = page[-1].sequence

    def checkpoints(self) -> Iterator[Checkpoint]:
        """Every sealed checkpoint, in order."""
        query = select(*_CHECKPOINT).where(CHECKPOINTS.c.device == self.device)
        with self._reading() as connection:
            rows = connection.execute(query.order_by(CHECKPOINTS.c.sequence)).all()
        return map(Checkpoint._make, rows)

    def destroy_keys(self, *, keep: Collection[str]) -> None:
        """Overwrite and delete; what the database keeps of deleted rows opens in the vault only."""
        mine = (KEYS.c.device == self.device) & KEYS.c.name.not_in(sorted(keep))
        with self._writing() as connection:
            connection.execute(update(KEYS).where(mine).values(wrapped=b""))
            connection.execute(delete(KEYS).where(mine))

    def record_fault(self, fault: Fault) -> None:
        """Add a fault."""
        with self._writing() as connection:
            count = select(func.count()).where(FAULTS.c.device == self.device)
            number = connection.execute(count).scalar_one() + 1
            connection.execute(
                insert(FAULTS).values(
                    device=self.device, number=number, time=fault.time, finding=fault.finding
                )
            )
            sound = (REGISTERS.c.device == self.device) & (REGISTERS.c.is_faulted == 0)
            connection.execute(update(REGISTERS).where(sound).values(is_faulted=1))

    def close(self) -> None:
        """Nothing to let go of: whoever opens the device next takes it over."""

    def _known_names(self) -> KnownNames:
        """Only this store adds to the journal while it holds the device."""
        if self._names is None or self._names.isfull:
            named = select(ENTRIES.c.request_id).where(
                ENTRIES.c.device == self.device, ENTRIES.c.request_id.is_not(None)
            )
            with self._reading() as connection:
                names = connection.execute(named).scalars().all()
            self._names = KnownNames(names, count=len(names))
        return self._names

    # Reading and writing within a transaction -------------------------------------------------

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with foreign_errors(self.device), self._books.engine.connect() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        engine = self._books.engine
        with (
            foreign_errors(self.device),
            engine.connect().execution_options(**as_writer(engine)) as connection,
            connection.begin(),
        ):
            yield connection

    def _row(self, connection: Connection, kept: Table, standings: Table) -> RegisterRow | None:
        columns = [
            standings.c.standing if name == "standing" else kept.c[name]
            for name in RegisterRow._fields
        ]
        joined = kept.join(standings, kept.c.device == standings.c.device)
        query = select(*columns).select_from(joined).where(kept.c.device == self.device)
        found = connection.execute(query).one_or_none()
        return None if found is None else RegisterRow._make(found)

    def _write_row(self, connection: Connection, row: RegisterRow) -> None:
        values = {name: getattr(row, name) for name in ROW_FIELDS}
        mine = (REGISTERS.c.device == self.device) & (REGISTERS.c.holder == self.holder)
        if connection.execute(update(REGISTERS).where(mine).values(values)).rowcount:
            copied = REGISTER_COPIES.c.device == self.device
            connection.execute(update(REGISTER_COPIES).where(copied).values(values))
            for table in (STANDINGS, STANDING_COPIES):
                ours = table.c.device == self.device
                connection.execute(update(table).where(ours).values(standing=row.standing))
        elif self._last_sequence(connection) and self.kept is not None:
            raise self.taken_over()
        else:
            self._insert_row(connection, values, row.standing)

    def _insert_row(self, connection: Connection, values: dict[str, Any], standing: bytes) -> None:
        named = {"device": self.device, **values}
        held = {**named, "holder": self.holder, "is_faulted": 0}
        connection.execute(insert(REGISTERS).values(held))
        connection.execute(insert(REGISTER_COPIES).values(named))
        for table in (STANDINGS, STANDING_COPIES):
            connection.execute(insert(table).values(device=self.device, standing=standing))

    def _put(self, connection: Connection, table: Table, rows: Iterable[Any]) -> None:
        page: list[dict[str, Any]] = []
        for row in rows:
            page.append({"device": self.device, **row._asdict()})
            if len(page) == _PAGE:
                connection.execute(insert(table), page)
                page = []
        if page:
            connection.execute(insert(table), page)

    def _put_keys(self, connection: Connection, keys: Mapping[str, bytes]) -> None:
        rows = [{"device": self.device, "name": name, "wrapped": keys[name]} for name in keys]
        if rows:
            connection.execute(insert(KEYS), rows)

    def _keys(self, connection: Connection) -> dict[str, bytes]:
        query = select(KEYS.c.name, KEYS.c.wrapped).where(KEYS.c.device == self.device)
        return {name: bytes(wrapped) for name, wrapped in connection.execute(query)}

    def _last_checkpoint(self, connection: Connection) -> Checkpoint | None:
        query = select(*_CHECKPOINT).where(CHECKPOINTS.c.device == self.device)
        last = query.order_by(CHECKPOINTS.c.sequence.desc()).limit(1)
        found = connection.execute(last).one_or_none()
        return None if found is None else Checkpoint._make(found)

    def _last_sequence(self, connection: Connection) -> int:
        last = select(func.coalesce(func.max(ENTRIES.c.sequence), 0))
        return int(connection.execute(last.where(ENTRIES.c.device == self.device)).scalar_one())

    def _faults(self, connection: Connection) -> tuple[Fault, ...]:
        query = select(FAULTS.c.time, FAULTS.c.finding).where(FAULTS.c.device == self.device)
        rows = connection.execute(query.order_by(FAULTS.c.number))
        return tuple(Fault(time, finding) for time, finding in rows)

    def _found(self, query: Select[Any]) -> list[Entry]:
        with self._reading() as connection:
            return [stored_entry(row) for row in connection.execute(query)]
