"""What rooms and officers ask of retention: retain, hold, propose, destroy.

A record is retained from the end of its subject on. Where the rules give a ceiling, its
destruction is on the docket; a legal hold takes it off, and lifting the hold puts it back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import delete

from franking.clock import instant_text
from franking.docket import Docket
from franking.messages.dispatch import DispatchTables
from franking.retention import tables as rows
from franking.retention.decisions import (
    RECORD_HELD,
    RECORD_NOT_RETAINED,
    require_destroyable,
    require_second,
    retained,
)
from franking.retention.records import Certificate, Hold, Retained, RetainedStatus
from franking.retention.tables import RetentionTables
from franking.storage import Act, Books, Reading, Schema, Work
from franking.storage.destroying import clear_log, destruction, forget_inputs

DESTROY, DESTROY_LATE = "destroy life record", "destroy after hold"
LIFE = "device life record"
HOLDS, CERTIFICATES = "holds:all", "certificates of destruction:all"
"""The records whose locks give holds and certificates their numbers one by one."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What makes up a record of one kind."""

    delete: Callable[[Work, str], int]
    """Deletes its rows; how many there were."""
    parts: Callable[[Reading, str], Sequence[str]] = lambda _, __: ()
    """The records of other kinds that go with it: a hold on one of them holds the whole."""


@dataclass(frozen=True, slots=True)
class Retention:
    """The retention of one domain's books."""

    schema: Schema
    docket: Docket
    dispatches: DispatchTables
    tables: RetentionTables

    @classmethod
    def within(cls, schema: Schema, docket: Docket, dispatches: DispatchTables) -> Retention:
        """Define the tables of retention among those of a domain."""
        return cls(schema, docket, dispatches, RetentionTables.within(schema.metadata))

    def retain(
        self, work: Work, kind: str, *, record: str, rulebook: str, ended_on: date, now: datetime
    ) -> Retained:
        """Retain a record whose subject ended; retained before, nothing changes.

        Raises:
            Refused: ``RULEBOOK_NOT_OPEN``, ``PARAMETER_UNKNOWN``.
        """
        before = rows.find(work, self.tables, record, kind)
        if before is not None:
            return before
        kept = retained(record, kind, rulebook=rulebook, ended_on=ended_on)
        rows.add(work, self.tables, kept)
        if kept.destroy_by is not None:
            self._owe(work, DESTROY, kept, start=ended_on, now=now, because=f"{kind} ended")
        told = {"kind": kind, "ended_on": ended_on.isoformat()}
        work.record(_act(kept.record, kept.clause, "retain", **told))
        return kept

    def place_hold(
        self, books: Books, record: str, *, because: str, clause: str, now: datetime
    ) -> Hold:
        """Hold a record for a proceeding: nobody destroys it, whatever its ceiling.

        A record whose subject has not ended can be held as well.
        """
        with books.work(now, "place_hold", on=(record, HOLDS)) as work:
            hold = Hold(
                number=rows.next_number(work, self.tables.holds),
                record=record,
                because=because,
                clause=clause,
                placed_by=str(books.by),
                placed_at=instant_text(now),
            )
            rows.add_hold(work, self.tables, hold)
            for duty in (DESTROY, DESTROY_LATE):
                told = f"legal hold {hold.number}: {because}"
                self.docket.cancel(work, duty, record=record, now=now, because=told)
            work.record(_act(record, clause, "", hold=hold.number, because=because))
        return hold

    def lift_hold(self, books: Books, record: str, number: int, now: datetime) -> Hold:
        """Lift a hold; where it was the last one, the ceiling counts again.

        Raises:
            Refused: ``RECORD_HELD`` where no such hold stands.
        """
        with books.work(now, "lift_hold", on=(record, HOLDS)) as work:
            standing = {each.number: each for each in self._holds(work, record)}
            if number not in standing:
                raise RECORD_HELD.because(f"no hold {number} stands on {record}")
            lifted = standing.pop(number)
            rows.lift(work, self.tables, lifted, instant_text(now))
            if not standing:
                self._owe_again(work, record, now)
            work.record(_act(record, "policy", "", hold=number))
        return replace(lifted, lifted_at=instant_text(now))

    def propose_destruction(self, books: Books, record: str, kind: str, now: datetime) -> Retained:
        """The first of two people proposes to destroy a record.

        Raises:
            Refused: ``RECORD_NOT_RETAINED``, and as ``require_destroyable``.
        """
        with books.work(now, "propose_destruction", on=(record,)) as work:
            before = self._destroyable(work, record, kind, now)
            status = RetainedStatus.PROPOSED
            after = replace(before, status=status, proposed_by=books.by.name)
            if before.status is not status:
                rows.move(work, self.tables, before, after)
                work.record(_act(record, before.clause, "", kind=kind))
        return after if before.status is not status else before

    def destroy(
        self,
        books: Books,
        record: str,
        kind: str,
        contents: Contents,
        *,
        method: str,
        now: datetime,
    ) -> Certificate:
        """The second person destroys a record: its rows, and what the journal knows of it.

        One unit of work: cut short, everything is there still. The journal's chain stays, and
        with it the certificate.

        Raises:
            Refused: ``RECORD_NOT_RETAINED``, ``SECOND_PERSON_WANTED``, and as
                ``require_destroyable``.
        """
        with books.reading() as reading:
            parts = tuple(contents.parts(reading, record))
        with books.work(now, "destroy_record", on=(record, CERTIFICATES, *parts)) as work:
            kept = self._destroyable(work, record, kind, now, parts)
            require_second(kept, books.by.name)
            certificate = Certificate(
                number=rows.next_number(work, self.tables.certificates),
                record=record,
                kind=kind,
                clause=kept.clause,
                destroyed_at=instant_text(now),
                first=kept.proposed_by,
                second=books.by.name,
                method=method,
                rows=self._delete(work, record, parts, contents),
            )
            rows.add_certificate(work, self.tables, certificate)
            rows.move(work, self.tables, kept, replace(kept, status=RetainedStatus.DESTROYED))
            self._done(work, record, certificate, now)
            self._gone_with(work, kept, parts)
            work.record(_act(record, kept.clause, "", certificate=certificate.number))
        clear_log(books)
        return certificate

    def may_destroy(
        self, books: Books, record: str, kind: str, contents: Contents, now: datetime
    ) -> Retained:
        """What ``destroy`` would destroy for the same person; nothing is changed.

        Raises:
            Refused: as ``destroy``.
        """
        with books.reading() as reading:
            parts = contents.parts(reading, record)
            kept = self._destroyable(reading, record, kind, now, parts)
        require_second(kept, books.by.name)
        return kept

    def listed(self, books: Books, *, until: date | None = None) -> list[Retained]:
        """What is retained; with ``until``, what may be destroyed on that day."""
        with books.reading() as reading:
            return rows.listed(reading, self.tables, until=until)

    def standing(
        self, reading: Reading, record: str
    ) -> tuple[list[Retained], list[Hold], list[Certificate]]:
        """What is retained about a record, what holds it, and who destroyed it."""
        return (
            rows.of_record(reading, self.tables, record),
            rows.standing_holds(reading, self.tables, record),
            rows.certificates(reading, self.tables, record=record),
        )

    def _holds(self, books: Reading, record: str) -> list[Hold]:
        return rows.standing_holds(books, self.tables, record)

    def _destroyable(
        self, books: Reading, record: str, kind: str, now: datetime, parts: Sequence[str] = ()
    ) -> Retained:
        kept = rows.find(books, self.tables, record, kind)
        if kept is None:
            raise RECORD_NOT_RETAINED.because(f"no {kind} of {record} is retained")
        holds = [hold for each in (record, *parts) for hold in self._holds(books, each)]
        require_destroyable(kept, holds, now.date())
        return kept

    def _gone_with(self, work: Work, whole: Retained, parts: Sequence[str]) -> None:
        """The parts of what was destroyed are destroyed by the same two people."""
        gone = RetainedStatus.DESTROYED
        for part in (each for name in parts for each in rows.of_record(work, self.tables, name)):
            if part.status is gone:
                continue
            proposed = replace(part, status=RetainedStatus.PROPOSED, proposed_by=whole.proposed_by)
            if part.status is not proposed.status:
                rows.move(work, self.tables, part, proposed)
            rows.move(work, self.tables, proposed, replace(proposed, status=gone))
            work.record(_act(part.record, whole.clause, "", part_of=whole.record))

    def _delete(self, work: Work, record: str, parts: Sequence[str], contents: Contents) -> int:
        with destruction(work, self.schema, record):
            gone = contents.delete(work, record)
            for table in (self.docket.tables.events, self.docket.tables.obligations):
                others = table.c.duty.not_in((DESTROY, DESTROY_LATE))
                gone += work.write(delete(table).where(table.c.record == record, others))
            for table in (self.dispatches.outbox, self.dispatches.inbox):
                gone += work.write(delete(table).where(table.c.record == record))
            gone += forget_inputs(work, self.schema, (record, *parts))
        return gone

    def _done(self, work: Work, record: str, certificate: Certificate, now: datetime) -> None:
        for duty in (DESTROY, DESTROY_LATE):
            because = f"certificate {certificate.number}"
            self.docket.satisfy(work, duty, record=record, now=now, because=because)

    def _owe(
        self, work: Work, duty: str, kept: Retained, *, start: date, now: datetime, because: str
    ) -> None:
        self.docket.open(
            work,
            duty,
            record=kept.record,
            owed_by="provider",
            rulebook=kept.rulebook,
            start=start,
            now=now,
            because=because,
        )

    def _owe_again(self, work: Work, record: str, now: datetime) -> None:
        """The ceiling counts again; past already, the record goes within a term of its own."""
        for kept in rows.of_record(work, self.tables, record):
            if kept.destroy_by is None or kept.status is RetainedStatus.DESTROYED:
                continue
            passed = kept.destroy_by <= now.date()
            duty, start = (DESTROY_LATE, now.date()) if passed else (DESTROY, kept.ended_on)
            self._owe(work, duty, kept, start=start, now=now, because="legal hold lifted")


def _act(record: str, clause: str, command: str, **inputs: object) -> Act:
    return Act(record=record, clauses=(clause,), command=command, inputs=inputs)
