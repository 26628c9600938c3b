"""What the rooms of the provider's books hold against a record: one table, for ``explain``.

Each room adds its own line.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlalchemy import select

from franking.docket.explaining import Explainer, Hold
from franking.messages.kinds import LockOrder, UnlockOrder
from franking.messages.signing import unverified
from franking.provider.devices import rows
from franking.provider.examinations import rows as examination_rows
from franking.provider.models.records import Leave
from franking.provider.models.tables import find_model
from franking.provider.refunds import rows as refund_rows
from franking.provider.refunds.records import ENDED as REFUND_ENDED
from franking.provider.refunds.records import case_number
from franking.provider.resetting.tables import ORDERS
from franking.provider.schema import RETENTION
from franking.provider.standing.tables import holds as resetting_holds
from franking.rules.approval import clause_of
from franking.storage import Reading


def _denials_of_resets(reading: Reading, record: str) -> Iterator[Hold]:
    kind, _, serial = record.partition(":")
    if kind != "device":
        return
    for denial in rows.denials(reading, serial, standing=False):
        yield Hold(
            what=f"resets denied until lifted ({denial.cause})",
            clause=denial.clause,
            since=denial.since,
            because=denial.because,
            until=denial.lifted_at or "",
        )


def _locks(reading: Reading, record: str) -> Iterator[Hold]:
    """Locks that the provider ordered a PSD to keep, each until it ordered that cause gone."""
    _, _, serial = record.partition(":")
    table = ORDERS.c
    ours = (table.device_id == serial) & table.kind.in_(("LockOrder", "UnlockOrder"))
    ordered = reading.rows(select(ORDERS).where(ours).order_by(table.number))
    ends = [unverified(row.text, UnlockOrder) for row in ordered if row.kind == "UnlockOrder"]
    for row in ordered:
        if row.kind == "LockOrder":
            lock = unverified(row.text, LockOrder)
            later = (
                end.issued_at for end in ends if end.cause == lock.cause and end.order > lock.order
            )
            yield Hold(
                what=f"ordered to evidence nothing ({lock.cause})",
                clause=lock.clause,
                since=lock.issued_at,
                because=f"order {lock.order}" + ("" if row.answer else ", not carried out yet"),
                until=min(later, default=""),
            )


def _models(reading: Reading, record: str) -> Iterator[Hold]:
    """What keeps a version of a model from being made and placed."""
    kind, _, name = record.partition(":")
    model, _, version = name.rpartition("/")
    own = find_model(reading, model, version) if kind == "model" else None
    if own is not None and own.leave is not Leave.APPROVED:
        until = "" if own.until is None else own.until.isoformat()
        since = own.submitted_on.isoformat()
        clause = clause_of(own.rulebook)
        what = f"no device may be placed: {own.leave}"
        yield Hold(what=what, clause=clause, since=since, because=own.because, until=until)


def _legal_holds(reading: Reading, record: str) -> Iterator[Hold]:
    """Legal holds that keep a record from being destroyed."""
    _, holds, _ = RETENTION.standing(reading, record)
    for hold in holds:
        yield Hold(
            what=f"legal hold {hold.number}: not destroyed",
            clause=hold.clause,
            since=hold.placed_at,
            because=f"{hold.because} ({hold.placed_by})",
        )


def _examinations(reading: Reading, record: str) -> Iterator[Hold]:
    """Missed examinations of a device, as far as they have escalated."""
    kind, _, serial = record.partition(":")
    if kind != "device":
        return
    for case in examination_rows.cases_of(reading, serial):
        yield Hold(
            what=f"examination missed: {case.status.value}, to be answered by {case.due_on}",
            clause="39 CFR 501.22(f) (1995); 502.24 (1997)",
            since=case.noticed_on.isoformat(),
            because=case.ground.value,
            until=case.closed_on.isoformat() if case.closed_on else "",
        )


def _refunds(reading: Reading, record: str) -> Iterator[Hold]:
    """Requests for refunds: of a device those of its value, and each request itself."""
    kind, _, name = record.partition(":")
    found = refund_rows.cases(reading, device=name) if kind == "device" else []
    if kind == "refund" and (number := case_number(name)) is not None:
        found = [each for each in (refund_rows.find_case(reading, number),) if each is not None]
    for case in found:
        ended = case.status in REFUND_ENDED
        settled = case.settled_on or case.decided_on
        yield Hold(
            what=f"refund {case.id}, {case.route.value}: {case.status.value}",
            clause=case.clause or "DMM 604.9.3.1 (2008)",
            since=case.filed_on.isoformat(),
            because=case.because or f"asked for by {case.filed_by}",
            until=settled.isoformat() if ended and settled else "",
        )


def _resetting(reading: Reading, record: str) -> Iterator[Hold]:
    """Suspensions of resetting: no device gets value while one is in force."""
    if record.partition(":")[0] in ("device", "standing"):
        for hold in resetting_holds(reading):
            yield Hold(
                what=f"resetting {hold.status.value}, from {hold.since}",
                clause=hold.clause,
                since=hold.told_on.isoformat(),
                because=hold.deficiency,
                until=hold.ended_on.isoformat() if hold.ended_on else "",
            )


EXPLAINERS: Final[list[Explainer]] = [
    _resetting,
    _denials_of_resets,
    _examinations,
    _locks,
    _models,
    _legal_holds,
    _refunds,
]
