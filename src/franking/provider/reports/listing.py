"""Filing the quarterly list of meters, and settling where the Postal Service's record differs.

39 CFR 501.22(j) (1995): the list goes out at the close of each postal quarter; the Postal Service
answers with what it misses and what it did not know, and the provider settles every difference,
with the licensing post offices through its branches or dealers where that takes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Final

from franking.clock import instant_text
from franking.errors import Refusal
from franking.identifiers import record_id
from franking.messages.dispatch import POSTAL_SERVICE
from franking.messages.funds import parted
from franking.messages.listing import (
    DifferencesDisposed,
    Disposition,
    InServiceCompared,
    InServiceListed,
)
from franking.messages.receiving import Hearer
from franking.messages.signing import Signer
from franking.provider.reports import expecting, tables
from franking.provider.reports.expecting import RECONCILE_DUTY
from franking.provider.reports.in_service import (
    CLAUSE,
    RULEBOOK,
    ListFile,
    require_closed,
    write_list,
)
from franking.provider.reports.records import (
    DispositionKind,
    FiledReport,
    ListedDifference,
    ListStatus,
    ReportKind,
)
from franking.provider.schema import DISPATCHES, DOCKET
from franking.rules.calendars import Period
from franking.storage import Act, Books, Work

LIST_DIFFERS = Refusal(
    "LIST_DIFFERS",
    clause=CLAUSE,
    remedy="The list of this quarter was filed before; settle what differs by dispositions.",
)
LIST_DIFFERENCE_UNKNOWN = Refusal(
    "LIST_DIFFERENCE_UNKNOWN",
    clause=CLAUSE,
    remedy="Name the quarter and the number that `franking report differences` gives it.",
    http_status=404,
)
DISPOSITION_UNFIT = Refusal(
    "DISPOSITION_UNFIT",
    clause=CLAUSE,
    remedy=f"Give one of {', '.join(DispositionKind)}, and say what was found: --because.",
    http_status=422,
)
_LIST_KIND: Final = ReportKind.IN_SERVICE


def file_list(
    books: Books, signer: Signer, quarter: Period, path: Path, now: datetime
) -> FiledReport:
    """Write a quarter's list into a file, and tell the Postal Service which file it is.

    The same list again is the same report; another list of the same quarter is not filed.

    Raises:
        Refused: ``QUARTER_NOT_CLOSED``, ``LIST_NOT_WRITTEN``, ``LIST_DIFFERS``.
    """
    require_closed(quarter, now.date())
    with books.reading() as reading:
        written = write_list(reading, quarter, path)
    record = list_record(written.quarter)
    on = (record, record_id("provider", signer.name))
    with books.work(now, "file_in_service_list", on=on) as work:
        found = tables.find_filed(work, _LIST_KIND, written.quarter)
        if found is not None:
            _require_same(found, written)
            return found
        filed = _filed(written, quarter, str(books.by), now)
        tables.add_filed(work, filed)
        DISPATCHES.send(
            work,
            _told(written, signer, now),
            signer,
            recipient=POSTAL_SERVICE,
            record=record,
            now=now,
        )
        expecting.report_filed(work, _LIST_KIND, signer.name, quarter.last, now)
        inputs = {"devices": written.devices, "digest": written.digest}
        work.record(Act(record=record, clauses=(CLAUSE,), inputs=inputs))
    return filed


def list_record(quarter: str) -> str:
    """The record of a quarter's list."""
    return record_id("list", quarter)


def take_compared(work: Work, message: InServiceCompared, _: Signer, now: datetime) -> None:
    """Keep where the Postal Service's record differs; each is to be settled."""
    tables.add_differences(
        work,
        (
            ListedDifference(
                quarter=message.quarter,
                number=each.number,
                device=each.device,
                what=each.what,
                listed=each.listed,
                held=each.held,
            )
            for each in message.lines
        ),
    )
    record = list_record(message.quarter)
    if message.total:
        DOCKET.open(
            work,
            RECONCILE_DUTY,
            record=record,
            owed_by="provider",
            rulebook=RULEBOOK,
            start=now.date(),
            now=now,
            because=f"{message.total} differences",
        )
    inputs = {"differences": len(message.lines), "total": message.total}
    work.record(Act(record=record, clauses=(CLAUSE,), inputs=inputs))


def dispose(
    books: Books,
    signer: Signer,
    *,
    quarter: str,
    numbers: Sequence[int],
    disposition: str,
    because: str,
    through: str = "",
    now: datetime,
) -> list[ListedDifference]:
    """Settle differences of a quarter alike, and tell the Postal Service how.

    ``through`` names the branch or dealer that asked the licensing post office. What is settled
    already stays as it was settled.

    Raises:
        Refused: ``LIST_DIFFERENCE_UNKNOWN``, ``DISPOSITION_UNFIT``.
    """
    if disposition not in set(DispositionKind) or not because.strip():
        raise DISPOSITION_UNFIT.because(
            f"{disposition!r}, because {because.strip() or 'nothing'!r}"
        )
    record = list_record(quarter)
    with books.work(now, "dispose_difference", on=(record,)) as work:
        known = {each.number: each for each in tables.differences(work, quarter)}
        if unknown := sorted(set(numbers) - set(known)):
            raise LIST_DIFFERENCE_UNKNOWN.because(f"{quarter} has no difference {unknown[0]}")
        before = [known[number] for number in dict.fromkeys(numbers)]
        fresh = [each for each in before if each.status is ListStatus.OPEN]
        after = [_disposed(each, disposition, through, because, now.date()) for each in fresh]
        for each in after:
            tables.dispose(work, each)
        if after:
            _tell(work, signer, record, quarter, after, now)
            _settle(work, record, quarter, now)
    return after


def _disposed(
    before: ListedDifference, disposition: str, through: str, because: str, on: date
) -> ListedDifference:
    return replace(
        before,
        status=ListStatus.DISPOSED,
        disposition=disposition,
        through=through,
        because=because,
        disposed_on=on,
    )


def _tell(
    work: Work,
    signer: Signer,
    record: str,
    quarter: str,
    after: Sequence[ListedDifference],
    now: datetime,
) -> None:
    messages = [
        (
            record,
            DifferencesDisposed(
                device="",
                issued_at=instant_text(now),
                sender=signer.name,
                quarter=quarter,
                lines=[_line(each) for each in some],
            ),
        )
        for _, _, some in parted(after)
    ]
    DISPATCHES.send_many(work, messages, signer, recipient=POSTAL_SERVICE, now=now)
    inputs = {"numbers": [each.number for each in after], "disposition": after[0].disposition}
    work.record(Act(record=record, clauses=(CLAUSE,), inputs=inputs))


def _line(each: ListedDifference) -> Disposition:
    return Disposition(
        number=each.number,
        device=each.device,
        disposition=each.disposition,
        through=each.through,
        because=each.because,
    )


def _settle(work: Work, record: str, quarter: str, now: datetime) -> None:
    """When the last difference of a quarter is settled, the duty is done."""
    if all(each.status is ListStatus.DISPOSED for each in tables.differences(work, quarter)):
        because = "every difference is settled"
        DOCKET.satisfy(work, RECONCILE_DUTY, record=record, now=now, because=because)


def _require_same(found: FiledReport, written: ListFile) -> None:
    if found.digest != written.digest:
        raise LIST_DIFFERS.because(
            f"{found.period} was filed with {found.lines} meters, this list has {written.devices}"
        )


def _filed(written: ListFile, quarter: Period, by: str, now: datetime) -> FiledReport:
    return FiledReport(
        kind=_LIST_KIND,
        period=written.quarter,
        since=quarter.first,
        until=quarter.last,
        filed_at=instant_text(now),
        filed_by=by,
        lines=written.devices,
        total_mills=0,
        digest=written.digest,
    )


def _told(written: ListFile, signer: Signer, now: datetime) -> InServiceListed:
    return InServiceListed(
        device="",
        issued_at=instant_text(now),
        sender=signer.name,
        quarter=written.quarter,
        closed_on=written.closed_on.isoformat(),
        devices=written.devices,
        digest=written.digest,
    )


def _about(message: InServiceCompared) -> str:
    return list_record(message.quarter)


HEARERS: Final = (Hearer(InServiceCompared, _about, take_compared),)
