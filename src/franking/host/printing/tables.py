"""How print jobs are stored in the mailer's books."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Row, Select, func, insert, select, update

from franking.clock import instant_text
from franking.errors import Refusal
from franking.host.books import BAD_ROWS, JOBS, PIECES, RUNS
from franking.host.csv_rows import BadRow
from franking.host.printing.records import (
    JobStatus,
    JobTemplate,
    PieceStatus,
    Plan,
    PlannedPiece,
)
from franking.host.records import Mailpiece
from franking.marks.town_circle import Town
from franking.storage.books import Reading, Work

JOB_UNKNOWN = Refusal(
    "JOB_UNKNOWN",
    clause="policy",
    remedy="Check the name of the job, or plan this one first.",
    http_status=404,
)

_ROWS_AT_ONCE = 500


def find_job(reading: Reading, job_id: str) -> Row[Any] | None:
    """The row of a job, if there is one."""
    return reading.row(select(JOBS).where(JOBS.c.job_id == job_id))


def job_row(reading: Reading, job_id: str) -> Row[Any]:
    """The row of a job.

    Raises:
        Refused: ``JOB_UNKNOWN``.
    """
    found = find_job(reading, job_id)
    if found is None:
        raise JOB_UNKNOWN.because(f"there is no print job {job_id!r}")
    return found


def template_of(row: Row[Any]) -> JobTemplate:
    """The template of a stored job."""
    return msgspec.json.decode(row.template, type=JobTemplate)


def put_template(work: Work, job_id: str, template: JobTemplate) -> None:
    """Store another template of a job: only what the printer needs may differ."""
    text = msgspec.json.encode(template).decode()
    work.write_one(update(JOBS).where(JOBS.c.job_id == job_id).values(template=text))


def town_of(row: Row[Any]) -> Town:
    """The town circle of a stored job."""
    return msgspec.json.decode(row.town, type=Town)


def put_job(
    work: Work, plan: Plan, *, template: JobTemplate, town: Town, digest: str, now: datetime
) -> None:
    """Store a planned job with its pieces and bad rows."""
    row = {
        "job_id": plan.job_id,
        "status": JobStatus.PLANNED,
        "template": msgspec.json.encode(template).decode(),
        "town": msgspec.json.encode(town).decode(),
        "rows_digest": digest,
        "created_at": instant_text(now),
        "total_mills": plan.total_mills,
    }
    work.write(insert(JOBS).values(row))
    for group in _groups([_piece_row(plan.job_id, piece) for piece in plan.pieces]):
        work.write(insert(PIECES).values(group))
    bad = [_bad_row(plan.job_id, row) for row in plan.bad_rows]
    for group in _groups(bad):
        work.write(insert(BAD_ROWS).values(group))


def move_job(work: Work, job_id: str, status: JobStatus) -> None:
    """Move a job; its table of transitions guards the move."""
    work.write_one(update(JOBS).where(JOBS.c.job_id == job_id).values(status=status))


def pieces_in(
    reading: Reading, job_id: str, *statuses: PieceStatus, limit: int | None = None
) -> Sequence[Row[Any]]:
    """The pieces of a job in some statuses, in order of line."""
    query: Select[Any] = select(PIECES).where(
        PIECES.c.job_id == job_id, PIECES.c.status.in_(statuses)
    )
    return reading.rows(query.order_by(PIECES.c.line).limit(limit))


def pieces_between(reading: Reading, job_id: str, *, after: int, limit: int) -> Sequence[Row[Any]]:
    """The evidenced pieces whose line is above ``after``: how a long job is read in steps."""
    query: Select[Any] = select(PIECES).where(
        PIECES.c.job_id == job_id,
        PIECES.c.status == PieceStatus.EVIDENCED,
        PIECES.c.line > after,
    )
    return reading.rows(query.order_by(PIECES.c.line).limit(limit))


def mark_asked(work: Work, request_ids: Sequence[str]) -> None:
    """Say that the device is about to be asked for these pieces."""
    work.write(
        update(PIECES).where(PIECES.c.request_id.in_(request_ids)).values(status=PieceStatus.ASKED)
    )


def put_indicium(work: Work, request_id: str, indicium: bytes) -> None:
    """Keep the bytes that the device gave for a piece."""
    work.write_one(
        update(PIECES)
        .where(PIECES.c.request_id == request_id)
        .values(status=PieceStatus.EVIDENCED, indicium=indicium, refusal=None)
    )


def put_refusal(work: Work, request_id: str, refusal: Mapping[str, str]) -> None:
    """Keep why the device refused a piece."""
    work.write_one(
        update(PIECES)
        .where(PIECES.c.request_id == request_id)
        .values(status=PieceStatus.REFUSED, refusal=msgspec.json.encode(refusal).decode())
    )


def mailpiece_of(row: Row[Any]) -> Mailpiece:
    """The stored piece."""
    return msgspec.json.decode(row.piece, type=Mailpiece)


def bad_rows_of(reading: Reading, job_id: str) -> tuple[BadRow, ...]:
    """The rows of a job's list that could not be planned."""
    query: Select[Any] = select(BAD_ROWS).where(BAD_ROWS.c.job_id == job_id)
    rows = reading.rows(query.order_by(BAD_ROWS.c.line))
    return tuple(
        BadRow(line=r.line, code=r.code, clause=r.clause, detail=r.detail, remedy=r.remedy)
        for r in rows
    )


def refused_of(reading: Reading, job_id: str) -> tuple[BadRow, ...]:
    """The pieces that the device refused, as rows with a reason."""
    return tuple(_refused_row(row) for row in pieces_in(reading, job_id, PieceStatus.REFUSED))


def totals_of(reading: Reading, job_id: str) -> Sequence[Row[Any]]:
    """Count and postage of the pieces of a job, by status and cost centre."""
    query: Select[Any] = (
        select(
            PIECES.c.status,
            PIECES.c.cost_centre,
            func.count().label("pieces"),
            func.sum(PIECES.c.postage_mills).label("mills"),
        )
        .where(PIECES.c.job_id == job_id)
        .group_by(PIECES.c.status, PIECES.c.cost_centre)
    )
    return reading.rows(query)


def runs_of(reading: Reading, job_id: str) -> Sequence[Row[Any]]:
    """Every print of a job, oldest first."""
    query: Select[Any] = select(RUNS).where(RUNS.c.job_id == job_id)
    return reading.rows(query.order_by(RUNS.c.run))


def put_run(
    work: Work,
    job_id: str,
    *,
    kind: str,
    reason: str,
    lines: Sequence[int],
    pieces: int,
    now: datetime,
) -> None:
    """Record a print or reprint."""
    run = len(runs_of(work, job_id)) + 1
    row = {
        "job_id": job_id,
        "run": run,
        "kind": kind,
        "reason": reason,
        "at": instant_text(now),
        "lines": ",".join(map(str, lines)),
        "pieces": pieces,
    }
    work.write(insert(RUNS).values(row))


def _groups(rows: Sequence[dict[str, object]]) -> Iterator[Sequence[dict[str, object]]]:
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        yield rows[start : start + _ROWS_AT_ONCE]


def _piece_row(job_id: str, planned: PlannedPiece) -> dict[str, object]:
    return {
        "job_id": job_id,
        "line": planned.line,
        "request_id": planned.request_id,
        "status": PieceStatus.PLANNED,
        "cost_centre": planned.cost_centre,
        "reference": planned.reference,
        "stock": planned.stock,
        "postage_mills": planned.piece.price.mills,
        "piece": msgspec.json.encode(planned.piece).decode(),
        "indicium": None,
        "refusal": None,
    }


def _bad_row(job_id: str, row: BadRow) -> dict[str, object]:
    return {
        "job_id": job_id,
        "line": row.line,
        "code": row.code,
        "clause": row.clause,
        "detail": row.detail,
        "remedy": row.remedy,
    }


def _refused_row(row: Row[Any]) -> BadRow:
    return BadRow(line=row.line, **msgspec.json.decode(row.refusal, type=dict[str, str]))
