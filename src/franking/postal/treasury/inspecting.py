"""Inspections of the records and facilities of a resetting system (39 CFR 501.28(h), 1995)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time

from franking import rules
from franking.clock import instant_text
from franking.errors import Refusal
from franking.identifiers import record_id
from franking.messages.dispatch import POSTAL_SERVICE
from franking.messages.funds import InspectionOfRecords, RecordsProduced, ReportWanted
from franking.messages.signing import Signer
from franking.postal.schema import DISPATCHES, DOCKET
from franking.postal.treasury import oversight_tables as tables
from franking.postal.treasury.oversight_records import (
    INSPECT,
    INSPECTION_TRANSITIONS,
    InspectionStatus,
    RecordsInspection,
)
from franking.postal.treasury.records import treasury_record
from franking.rules.calendars import FEDERAL
from franking.storage import Act, Books, Work

INSPECTION_UNKNOWN = Refusal(
    "INSPECTION_UNKNOWN",
    clause="39 CFR 501.28(h) (1995)",
    remedy="See the inspections: franking treasury inspections.",
    http_status=404,
)
INSPECTION_MAY_NOT_MOVE = Refusal(
    "INSPECTION_MAY_NOT_MOVE",
    clause="39 CFR 501.28(h) (1995)",
    remedy="See where it stands: franking treasury inspections.",
)
TIME_UNREASONABLE = Refusal(
    "TIME_UNREASONABLE",
    clause="39 CFR 501.28(h) (1995)",
    remedy="Come on a business day within business hours: at a reasonable time.",
    http_status=422,
)
INSPECTION_UNFIT = Refusal(
    "INSPECTION_UNFIT",
    clause="39 CFR 501.28(h) (1995)",
    remedy="Name the representatives, and the records or facilities, with first and last day.",
    http_status=422,
)
REPORT_NOT_ON_REQUEST = Refusal(
    "REPORT_NOT_ON_REQUEST",
    clause="39 CFR 501.28(g) (1995)",
    remedy="Ask for postage refunds or funds advanced; the others come by themselves.",
    http_status=422,
)
ON_REQUEST = ("postage refunds", "funds advanced")
"""The reports that are given by request only (39 CFR 501.28(g), 1995)."""
_CLAUSE = "39 CFR 501.28(h) (1995)"
_METER = "meter-1995"
_NUMBERS = "inspections of records:all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Who comes, when, and to see what."""

    provider: str
    representatives: tuple[str, ...]
    at: datetime
    facilities: tuple[str, ...]
    records: str
    since: date
    until: date


def announce_inspection(
    books: Books, signer: Signer, visit: Visit, now: datetime
) -> RecordsInspection:
    """Announce an inspection at a reasonable time; the provider has to lay everything open then.

    Raises:
        Refused: ``TIME_UNREASONABLE``, ``INSPECTION_UNFIT``.
    """
    _require_fit(visit, now)
    record = treasury_record(visit.provider)
    with books.work(now, "announce_records_inspection", on=(record, _NUMBERS)) as work:
        one = RecordsInspection(
            number=tables.next_number(work, tables.INSPECTIONS),
            provider=visit.provider,
            representatives=visit.representatives,
            at=visit.at,
            facilities=visit.facilities,
            records=visit.records,
            since=visit.since,
            until=visit.until,
            announced_on=now.date(),
        )
        tables.put_inspection(work, None, one)
        DOCKET.open(
            work,
            INSPECT,
            record=_record_of(one),
            owed_by=f"provider:{one.provider}",
            rulebook=_METER,
            start=now.date(),
            due=visit.at.astimezone(now.tzinfo).date(),
            now=now,
            because=one.records or ", ".join(one.facilities),
        )
        told = _told(one, now)
        DISPATCHES.send(work, told, signer, recipient=one.provider, record=record, now=now)
        _record(work, one)
    return one


def take_records(work: Work, message: RecordsProduced, _: Signer, now: datetime) -> None:
    """A provider laid its records open; the digest says what was handed over.

    Raises:
        Refused: ``INSPECTION_UNKNOWN``, ``INSPECTION_MAY_NOT_MOVE``.
    """
    before = _require(work, message.inspection)
    if before.provider != message.sender:
        raise INSPECTION_UNKNOWN.because(f"{message.sender} has no such inspection")
    after = replace(
        _moved(before, InspectionStatus.PRODUCED), digest=message.digest, entries=message.entries
    )
    tables.put_inspection(work, before, after)
    because = f"{message.entries} entries"
    DOCKET.satisfy(work, INSPECT, record=_record_of(before), now=now, because=because)
    _record(work, after, "take_records", digest=message.digest)


def close_inspection(
    books: Books, *, number: int, refused: bool, finding: str, now: datetime
) -> RecordsInspection:
    """Write down what was found, or that access was refused.

    Raises:
        Refused: ``INSPECTION_UNKNOWN``, ``INSPECTION_MAY_NOT_MOVE``, ``INSPECTION_UNFIT``.
    """
    if not finding.strip():
        raise INSPECTION_UNFIT.because("nothing is said of what was found")
    record = record_id("records-inspection", number)
    with books.work(now, "close_records_inspection", on=(record,)) as work:
        before = _require(work, number)
        to = InspectionStatus.REFUSED if refused else InspectionStatus.DONE
        after = replace(_moved(before, to), finding=finding, closed_on=now.date())
        tables.put_inspection(work, before, after)
        if not refused:
            DOCKET.satisfy(work, INSPECT, record=record, now=now, because=finding)
        _record(work, after, finding=finding)
    return after


def want_report(
    books: Books,
    signer: Signer,
    *,
    provider: str,
    report: str,
    since: date,
    until: date | None,
    now: datetime,
) -> None:
    """Ask for a report that is given on request only (39 CFR 501.28(g), 1995).

    Raises:
        Refused: ``REPORT_NOT_ON_REQUEST``.
    """
    if report not in ON_REQUEST or (until is not None and until < since):
        raise REPORT_NOT_ON_REQUEST.because(f"{report!r} from {since} to {until or 'on'}")
    record = treasury_record(provider)
    with books.work(now, "want_report", on=(record,)) as work:
        wanted = ReportWanted(
            device="",
            issued_at=instant_text(now),
            sender=POSTAL_SERVICE,
            report=report,
            since=since.isoformat(),
            until=until.isoformat() if until else "",
        )
        DISPATCHES.send(work, wanted, signer, recipient=provider, record=record, now=now)
        inputs: dict[str, object] = {"report": report, "since": since.isoformat()}
        work.record(Act(record=record, clauses=("39 CFR 501.28(g) (1995)",), inputs=inputs))


def _require_fit(visit: Visit, now: datetime) -> None:
    if not visit.representatives or visit.until < visit.since:
        raise INSPECTION_UNFIT.because("nobody comes, or the days run backwards")
    if not visit.facilities and not visit.records.strip():
        raise INSPECTION_UNFIT.because("neither records nor facilities are named")
    book = rules.at("provider", _METER, now.date())
    opens, closes = (
        time.fromisoformat(str(book[name].value))
        for name in ("inspection_opens", "inspection_closes")
    )
    at = visit.at.astimezone(now.tzinfo)
    is_open = FEDERAL.is_business_day(at.date()) and opens <= at.time() <= closes
    if at < now or not is_open:
        raise TIME_UNREASONABLE.because(f"{at:%A %Y-%m-%d %H:%M}")


def _told(one: RecordsInspection, now: datetime) -> InspectionOfRecords:
    return InspectionOfRecords(
        device="",
        issued_at=instant_text(now),
        sender=POSTAL_SERVICE,
        inspection=one.number,
        representatives=list(one.representatives),
        at=one.at.isoformat(),
        facilities=list(one.facilities),
        records=one.records,
        since=one.since.isoformat(),
        until=one.until.isoformat(),
    )


def _require(work: Work, number: int) -> RecordsInspection:
    found = tables.find_inspection(work, number)
    if found is None:
        raise INSPECTION_UNKNOWN.because(f"there is no inspection {number}")
    return found


def _moved(before: RecordsInspection, to: InspectionStatus) -> RecordsInspection:
    if to not in INSPECTION_TRANSITIONS[before.status]:
        raise INSPECTION_MAY_NOT_MOVE.because(
            f"inspection {before.number} is {before.status.value}"
        )
    return replace(before, status=to)


def _record_of(one: RecordsInspection) -> str:
    return record_id("records-inspection", one.number)


def _record(work: Work, one: RecordsInspection, command: str = "", **inputs: object) -> None:
    given: dict[str, object] = {"provider": one.provider, "status": one.status.value, **inputs}
    work.record(Act(command=command, record=_record_of(one), clauses=(_CLAUSE,), inputs=given))
