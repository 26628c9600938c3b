"""The docket of one domain: open, satisfy and cancel obligations, and see how one stands.

Everything here happens inside the unit of work of the command that it is part of: an obligation is
opened or closed if and only if that command is committed. The command records its own act.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import MetaData

from franking.docket import tables
from franking.docket.decisions import opened, status_when_done
from franking.docket.records import DocketEvent, Obligation, ObligationStatus, Opening
from franking.docket.tables import DocketTables
from franking.storage import Reading, Work


@dataclass(frozen=True, slots=True)
class Docket:
    """The docket of one domain's books."""

    tables: DocketTables

    @classmethod
    def within(cls, metadata: MetaData) -> Docket:
        """Define the docket's tables among those of a domain."""
        return cls(DocketTables.within(metadata))

    def open(
        self,
        work: Work,
        duty: str,
        *,
        record: str,
        owed_by: str,
        rulebook: str,
        start: date,
        now: datetime,
        due: date | None = None,
        because: str = "",
    ) -> Obligation:
        """Open an obligation whose term runs from ``start`` under ``rulebook``.

        While one of this duty is open about this record, that one stands and is given back,
        whatever ``start`` is: satisfy it first. A missed one is given back for the same ``start``;
        a later start opens a new one beside it. ``due`` is for terms that are stated case by case.

        Raises:
            Refused: ``RULEBOOK_NOT_OPEN``, ``PARAMETER_UNKNOWN``.
        """
        wanted = Opening(
            duty=duty,
            record=record,
            owed_by=owed_by,
            rulebook=rulebook,
            start=start,
            due=due,
            because=because,
        )
        return self.open_many(work, [wanted], now)[0]

    def open_many(self, work: Work, openings: Iterable[Opening], now: datetime) -> list[Obligation]:
        """Open many at once, as ``open`` does one after the other; in the order asked for."""
        wanted = list(openings)
        newest = tables.latest(work, self.tables, ((each.record, each.duty) for each in wanted))
        found, fresh = [], []
        for each in wanted:
            before = newest.get((each.record, each.duty))
            after = opened(each, before, now)
            if after is not before:
                fresh.append(after)
                newest[each.record, each.duty] = after
            found.append(after)
        tables.add_all(work, self.tables, fresh)
        return found

    def satisfy(
        self, work: Work, duty: str, *, record: str, now: datetime, because: str
    ) -> Obligation | None:
        """Note that a duty was done: whatever of it is outstanding is satisfied, in time or late.

        Gives the newest one as it is now, or ``None`` where nothing was outstanding.
        """
        done = self.satisfy_many(work, duty, records=[record], now=now, because=because)
        return done[-1] if done else None

    def satisfy_many(
        self, work: Work, duty: str, *, records: Sequence[str], now: datetime, because: str
    ) -> list[Obligation]:
        """Note that a duty was done about many records, as ``satisfy`` does one after the other."""
        done: list[Obligation] = []
        found = tables.outstanding(work, self.tables, records=records, duty=duty)
        for status in ObligationStatus:
            some = [one for one in found if status_when_done(one, now.date()) is status]
            done += self._close_all(work, some, status, now, because)
        return sorted(done, key=lambda one: (one.record, one.ordinal))

    def cancel(
        self, work: Work, duty: str, *, record: str, now: datetime, because: str
    ) -> Obligation | None:
        """Call off whatever of a duty is outstanding; the newest one as it is now, or ``None``."""
        off = self.cancel_many(work, duty, records=[record], now=now, because=because)
        return off[-1] if off else None

    def cancel_many(
        self, work: Work, duty: str, *, records: Sequence[str], now: datetime, because: str
    ) -> list[Obligation]:
        """Call off a duty about many records, as ``cancel`` does one after the other."""
        found = tables.outstanding(work, self.tables, records=records, duty=duty)
        return self._close_all(work, found, ObligationStatus.CANCELLED, now, because)

    def standing(self, reading: Reading, *, record: str) -> list[Obligation]:
        """Every obligation about a record, closed ones included, by due date."""
        return tables.of_records(reading, self.tables, [record])

    def standing_of(
        self, reading: Reading, *, records: Sequence[str]
    ) -> dict[str, list[Obligation]]:
        """What ``standing`` gives for each of many records."""
        found: dict[str, list[Obligation]] = {record: [] for record in records}
        for each in tables.of_records(reading, self.tables, records):
            found[each.record].append(each)
        return found

    def events(self, reading: Reading, *, record: str) -> list[DocketEvent]:
        """What happened to the obligations about a record, oldest first."""
        return tables.events_of(reading, self.tables, record)

    def miss(self, work: Work, obligations: Sequence[Obligation], now: datetime) -> None:
        """Mark open obligations missed; for the sweep, which applies their consequences."""
        missed, on = ObligationStatus.MISSED, now.date().isoformat()
        tables.move_all(work, self.tables, obligations, missed, missed_on=on)
        because = f"not done when the docket was swept on {on}"
        events = [_event(each, missed, now, because) for each in obligations]
        tables.add_events(work, self.tables, events)

    def _close_all(
        self,
        work: Work,
        some: Sequence[Obligation],
        to: ObligationStatus,
        now: datetime,
        because: str,
    ) -> list[Obligation]:
        on = now.date()
        tables.move_all(work, self.tables, some, to, closed_on=on.isoformat())
        tables.add_events(work, self.tables, [_event(each, to, now, because) for each in some])
        return [replace(each, status=to, closed_on=on) for each in some]


def _event(of: Obligation, event: ObligationStatus, now: datetime, because: str) -> DocketEvent:
    return DocketEvent(
        record=of.record,
        duty=of.duty,
        ordinal=of.ordinal,
        at=now,
        event=event,
        because=because,
    )
