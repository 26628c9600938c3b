"""What a mailer does with a print job: plan, evidence, print, confirm, reprint.

The order is what keeps postage safe: a job is planned and checked as a whole; its total is held
against the descending register before the first debit; each batch is marked as asked, then asked
for, then kept. After a crash the batch in doubt is asked for again first, and the device answers
with the same bytes (PSD-4), so resuming redraws what was there and pays for nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from franking.errors import Refusal, Refused
from franking.host.address_data import newest_address_data, require_current
from franking.host.artwork import printable_artwork
from franking.host.mailpiece import destination_digits, require_exact_postage
from franking.host.notices import require_acknowledged
from franking.host.printing import tables
from franking.host.printing.pages import pages_of
from franking.host.printing.planning import plan_digest
from franking.host.printing.records import (
    EvidenceSource,
    JobReport,
    JobStatus,
    JobTemplate,
    PieceStatus,
    Plan,
    ReprintReason,
)
from franking.host.records import System
from franking.identifiers import record_id
from franking.marks.geometry import Drawing
from franking.marks.town_circle import Town
from franking.money import format_dollars
from franking.psd.records import Evidence, EvidenceRequest
from franking.storage.books import Books, Work
from franking.storage.journal import Act

JOB_ID_TAKEN = Refusal(
    "JOB_ID_TAKEN",
    clause="policy",
    remedy="Give the changed list a job name of its own; the pieces already paid keep theirs.",
)
JOB_EMPTY = Refusal(
    "JOB_EMPTY",
    clause="policy",
    remedy="Correct the rows named and plan the job again.",
    http_status=422,
)
TOTAL_EXCEEDS_BALANCE = Refusal(
    "TOTAL_EXCEEDS_BALANCE",
    clause="39 CFR 501.6(c) (1995)",
    remedy="Reset the device with more postage or split the list; nothing was debited.",
)
PRINT_NOT_READY = Refusal(
    "PRINT_NOT_READY",
    clause="39 CFR 501.6(e) (1995)",
    remedy="Evidence the job first; what is printed must be paid.",
)
JOB_CONFIRMED = Refusal(
    "JOB_CONFIRMED",
    clause="DMM P050.4.2 (1997)",
    remedy="Reprint spoiled pieces with a reason, and destroy the spoiled ones.",
)
JOB_NOT_CONFIRMED = Refusal(
    "JOB_NOT_CONFIRMED",
    clause="policy",
    remedy="Print the job again as often as needed until a print is good, then confirm it.",
)
REPRINT_LINES_UNKNOWN = Refusal(
    "REPRINT_LINES_UNKNOWN",
    clause="policy",
    remedy="Name lines of the list that were printed.",
    http_status=422,
)

BATCH = 1_000
_BAD_ROWS_SHOWN_MAX = 5
_WITHOUT_INDICIUM = (PieceStatus.PLANNED, PieceStatus.REFUSED)
_ARTWORK_WIDTH, _ARTWORK_HEIGHT = 2.0, 1.0
"""The advertising area, in inches: left of the facing mark, above the OCR read area."""


def keep_plan(
    books: Books, plan: Plan, *, template: JobTemplate, town: Town, now: datetime
) -> JobReport:
    """Store a planned job. The same list again changes nothing, on whatever day.

    Until a print was confirmed, the printer's dots, offset, labels used and symbology may differ:
    the paid pieces are drawn anew so, with the same bytes in their symbols.

    Raises:
        Refused: ``JOB_EMPTY``, or ``JOB_ID_TAKEN`` for another list under a name in use.
    """
    if not plan.pieces:
        first = "; ".join(map(str, plan.bad_rows[:_BAD_ROWS_SHOWN_MAX]))
        raise JOB_EMPTY.because(f"no row of {plan.job_id} can be printed: {first}")
    digest = plan_digest(plan, template)
    with books.work(now, "plan_job") as work:
        found = tables.find_job(work, plan.job_id)
        if found is None:
            tables.put_job(work, plan, template=template, town=town, digest=digest, now=now)
            work.record(_act("plan_job", plan.job_id, rows=digest))
        elif found.rows_digest != digest:
            raise JOB_ID_TAKEN.because(
                f"{plan.job_id} is the name of another list, or of this one with other options"
            )
        elif found.status != JobStatus.CONFIRMED and tables.template_of(found) != template:
            tables.put_template(work, plan.job_id, template)
            work.record(_act("change_printer", plan.job_id, dpi=template.dpi))
    return report(books, plan.job_id)


def evidence_job(
    books: Books,
    job_id: str,
    device: EvidenceSource,
    *,
    now: datetime,
    progress: Callable[[int], object] = lambda _: None,
) -> JobReport:
    """Evidence every piece of a job that has no indicium yet; start or resume, it is the same.

    Pieces that the device refused before are asked for again: a refusal uses up no request id.
    ``progress`` is told how many pieces were answered, batch by batch.

    Raises:
        Refused: before the first debit ``JOB_UNKNOWN``, ``NOTICE_NOT_ACKNOWLEDGED``,
            ``ADDRESS_DATA_OUTDATED`` or ``TOTAL_EXCEEDS_BALANCE``; later what the device refuses
            as a whole, and then the job can be resumed.
    """
    with books.reading() as reading:
        status = JobStatus(tables.job_row(reading, job_id).status)
        wanted = tables.pieces_in(reading, job_id, *_WITHOUT_INDICIUM, limit=1)
    if status is JobStatus.CONFIRMED or (status is JobStatus.EVIDENCED and not wanted):
        return report(books, job_id)
    with books.reading() as reading:
        template = tables.template_of(tables.job_row(reading, job_id))
    readiness(books, template, now)
    _settle(books, job_id, device, now)
    _require_balance(books, job_id, device)
    _start(books, job_id, status, now)
    asked: set[str] = set()
    while batch := _next_batch(books, job_id, asked):
        asked.update(row.request_id for row in batch)
        _ask(books, job_id, batch, device, now)
        progress(len(asked))
    _move(books, job_id, JobStatus.EVIDENCED, now)
    return report(books, job_id)


def readiness(books: Books, template: JobTemplate, now: datetime) -> tuple[str, ...]:
    """What a mailer should be told before a job is evidenced, if nothing stands in its way.

    Raises:
        Refused: ``NOTICE_NOT_ACKNOWLEDGED``, or ``ADDRESS_DATA_OUTDATED`` for an open system.
    """
    require_acknowledged(books)
    if template.system is not System.OPEN:
        return ()
    return require_current(newest_address_data(books), template.rulebook, now.date())


def advertising_of(books: Books, template: JobTemplate, now: datetime) -> Drawing | None:
    """The approved artwork of a template as it is printed, if it has any.

    Raises:
        Refused: ``ARTWORK_UNKNOWN``, ``ARTWORK_NOT_APPROVED``, ``ARTWORK_DOES_NOT_FIT``.
    """
    if not template.artwork_id:
        return None
    return printable_artwork(
        books,
        template.artwork_id,
        width_in=_ARTWORK_WIDTH,
        height_in=_ARTWORK_HEIGHT,
        rulebook=template.rulebook,
        now=now,
    )


def draw_job(
    books: Books,
    job_id: str,
    *,
    now: datetime,
    lines: Sequence[int] = (),
    with_artwork: bool = True,
) -> Iterator[Drawing]:
    """The pages of an evidenced job, the same each time; the print is recorded first.

    ``lines`` limits it to some rows of the list. ``with_artwork`` may be false where the approval
    of the artwork was taken back after the pieces were paid.

    Raises:
        Refused: ``JOB_UNKNOWN``, ``PRINT_NOT_READY``, ``REPRINT_LINES_UNKNOWN``,
            ``JOB_CONFIRMED``, or that the artwork is not approved.
    """
    art = _artwork(books, job_id, now) if with_artwork else None
    with books.work(now, "print_job") as work:
        row = tables.job_row(work, job_id)
        if row.status == JobStatus.CONFIRMED:
            raise JOB_CONFIRMED.because(f"the print of {job_id} was confirmed")
        pieces = _printable(work, job_id, lines)
        tables.put_run(work, job_id, kind="print", reason="", lines=lines, pieces=pieces, now=now)
        work.record(_act("print_job", job_id, pieces=pieces))
    return pages_of(books, row, frozenset(lines), art)


def confirm_print(books: Books, job_id: str, *, now: datetime) -> JobReport:
    """A person says that the print is good. From here on a print needs a reason.

    Raises:
        Refused: ``JOB_UNKNOWN`` or ``PRINT_NOT_READY``. Confirming twice changes nothing.
    """
    with books.work(now, "confirm_print") as work:
        row = tables.job_row(work, job_id)
        if row.status != JobStatus.CONFIRMED:
            whole = any(not run.lines for run in tables.runs_of(work, job_id))
            if row.status != JobStatus.EVIDENCED or not whole:
                raise PRINT_NOT_READY.because(f"{job_id} is {row.status} and not printed whole")
            tables.move_job(work, job_id, JobStatus.CONFIRMED)
            work.record(_act("confirm_print", job_id))
    return report(books, job_id)


def reprint(
    books: Books,
    job_id: str,
    *,
    reason: ReprintReason,
    note: str,
    lines: Sequence[int],
    now: datetime,
    with_artwork: bool = True,
) -> Iterator[Drawing]:
    """Pages of a confirmed print once more, the same bytes; who, when and why are recorded.

    Raises:
        Refused: ``JOB_UNKNOWN``, ``JOB_NOT_CONFIRMED``, ``REPRINT_LINES_UNKNOWN``, or
            that the artwork is not approved.
    """
    art = _artwork(books, job_id, now) if with_artwork else None
    with books.work(now, "reprint") as work:
        row = tables.job_row(work, job_id)
        if row.status != JobStatus.CONFIRMED:
            raise JOB_NOT_CONFIRMED.because(f"{job_id} is {row.status}")
        pieces = _printable(work, job_id, lines)
        why = f"{reason.value}: {note}" if note else reason.value
        tables.put_run(
            work, job_id, kind="reprint", reason=why, lines=lines, pieces=pieces, now=now
        )
        work.record(_act("reprint", job_id, reason=why, lines=list(lines)))
    return pages_of(books, row, frozenset(lines), art)


def report(books: Books, job_id: str) -> JobReport:
    """Where a job stands, with every row that did not make it.

    Raises:
        Refused: ``JOB_UNKNOWN``.
    """
    with books.reading() as reading:
        row = tables.job_row(reading, job_id)
        totals = tables.totals_of(reading, job_id)
        done = [total for total in totals if total.status == PieceStatus.EVIDENCED]
        waiting = [t for t in totals if t.status in {PieceStatus.PLANNED, PieceStatus.ASKED}]
        return JobReport(
            job_id=job_id,
            status=JobStatus(row.status),
            evidenced=sum(total.pieces for total in done),
            outstanding=sum(total.pieces for total in waiting),
            spent_mills=sum(total.mills for total in done),
            refused=tables.refused_of(reading, job_id),
            bad_rows=tables.bad_rows_of(reading, job_id),
            by_cost_centre={total.cost_centre: total.mills for total in done},
            prints=len(tables.runs_of(reading, job_id)),
        )


def _settle(books: Books, job_id: str, device: EvidenceSource, now: datetime) -> None:
    """Ask again for the batch that was in doubt when the last run ended."""
    with books.reading() as reading:
        doubtful = tables.pieces_in(reading, job_id, PieceStatus.ASKED)
    if doubtful:
        _ask(books, job_id, doubtful, device, now)


def _require_balance(books: Books, job_id: str, device: EvidenceSource) -> None:
    with books.reading() as reading:
        totals = tables.totals_of(reading, job_id)
    due = sum(total.mills for total in totals if total.status in _WITHOUT_INDICIUM)
    held = device.registers.descending_mills
    if due > held:
        raise TOTAL_EXCEEDS_BALANCE.because(
            f"{job_id} needs {format_dollars(due)} and the descending register holds "
            f"{format_dollars(held)}; {format_dollars(due - held)} more is wanted"
        )


def _start(books: Books, job_id: str, status: JobStatus, now: datetime) -> None:
    if status is not JobStatus.STARTED:
        _move(books, job_id, JobStatus.STARTED, now)


def _move(books: Books, job_id: str, status: JobStatus, now: datetime) -> None:
    with books.work(now, f"job_{status.value}") as work:
        tables.move_job(work, job_id, status)
        work.record(_act(f"job_{status.value}", job_id))


def _next_batch(books: Books, job_id: str, asked: set[str]) -> Sequence[Row[Any]]:
    """Pieces without an indicium that were not asked for in this run."""
    with books.reading() as reading:
        found = tables.pieces_in(reading, job_id, *_WITHOUT_INDICIUM, limit=BATCH + len(asked))
    return [row for row in found if row.request_id not in asked][:BATCH]


def _ask(
    books: Books, job_id: str, rows: Sequence[Row[Any]], device: EvidenceSource, now: datetime
) -> None:
    """Mark as asked, ask, keep the answers: the two commits enclose the device's own."""
    requests = _requests(books, job_id, rows, now)
    answers = device.evidence_many(requests, now)
    with books.work(now, "keep_evidence") as work:
        for row, answer in zip(rows, answers, strict=True):
            _keep(work, row, answer)
        given = sum(isinstance(answer, Evidence) for answer in answers)
        work.record(_act("keep_evidence", job_id, given=given, asked=len(rows)))


def _requests(
    books: Books, job_id: str, rows: Sequence[Row[Any]], now: datetime
) -> list[EvidenceRequest]:
    with books.work(now, "ask_evidence") as work:
        template = tables.template_of(tables.job_row(work, job_id))
        fresh = [row.request_id for row in rows if row.status != PieceStatus.ASKED]
        if fresh:
            tables.mark_asked(work, fresh)
            work.record(_act("ask_evidence", job_id, first=fresh[0], pieces=len(fresh)))
    return [_request(row, template) for row in rows]


def _request(row: Row[Any], template: JobTemplate) -> EvidenceRequest:
    piece = tables.mailpiece_of(row)
    return EvidenceRequest(
        request_id=row.request_id,
        postage_mills=piece.price.mills,
        date_of_mailing=piece.date_of_mailing,
        destination=destination_digits(piece, template.system),
        rate_category=piece.price.rate_category,
    )


def _keep(work: Work, row: Row[Any], answer: Evidence | Refused) -> None:
    if isinstance(answer, Refused):
        tables.put_refusal(work, row.request_id, answer.as_json())
        return
    require_exact_postage(tables.mailpiece_of(row), answer.content.postage_mills)
    tables.put_indicium(work, row.request_id, answer.indicium)


def _printable(work: Work, job_id: str, lines: Sequence[int]) -> int:
    """How many pieces a print will have."""
    done = {row.line for row in tables.pieces_in(work, job_id, PieceStatus.EVIDENCED)}
    if not done:
        raise PRINT_NOT_READY.because(f"no piece of {job_id} has its indicium yet")
    unknown = sorted(set(lines) - done)
    if unknown:
        raise REPRINT_LINES_UNKNOWN.because(
            f"line {unknown[0]} of {job_id} has no indicium; {len(unknown)} such lines"
        )
    return len(set(lines)) if lines else len(done)


def _artwork(books: Books, job_id: str, now: datetime) -> Drawing | None:
    with books.reading() as reading:
        template = tables.template_of(tables.job_row(reading, job_id))
    return advertising_of(books, template, now)


def _act(command: str, job_id: str, **inputs: object) -> Act:
    return Act(
        command=command,
        record=record_id("job", job_id),
        clauses=("DMM P050.1.5 (1997)",),
        inputs=inputs,
    )
