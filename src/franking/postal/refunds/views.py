"""How a request is shown: its items with every reason, its appeal, what was paid, its history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from franking.postal.refunds import rows
from franking.postal.refunds.decisions import appeal_by
from franking.postal.refunds.destroying import destruction_of
from franking.postal.refunds.records import (
    RULED,
    CaseItem,
    CaseStatus,
    Check,
    Designation,
    Destruction,
    RefundAppeal,
    RefundCase,
)
from franking.postal.refunds.ruling import require_case
from franking.storage import Books

Record = RefundCase | RefundAppeal | Check | Designation | Destruction


def case_view(books: Books, number: int) -> dict[str, Any]:
    """Everything about a request.

    Raises:
        Refused: ``REFUND_CASE_UNKNOWN``.
    """
    with books.reading() as reading:
        case = require_case(reading, number)
        appeal = rows.appeal_of(reading, number)
        destroyed = destruction_of(reading, number)
        return {
            **as_json(case),
            "due_mills": case.due_mills,
            "appeal_by": appeal_by(case).isoformat() if case.status in RULED else None,
            "items": [item_json(each) for each in rows.items_of(reading, number)],
            "appeal": as_json(appeal) if appeal else None,
            "checks": [as_json(each) for each in rows.checks_of(reading, number)],
            "destroyed": as_json(destroyed) if destroyed else None,
            "history": rows.events_of(reading, number),
        }


def cases_view(books: Books, *, office: str = "", everything: bool = False) -> list[dict[str, Any]]:
    """The requests that are not final, or all; of one office, or of every one."""
    waiting = [each for each in CaseStatus if everything or each is not CaseStatus.FINAL]
    with books.reading() as reading:
        return [as_json(each) for each in rows.cases(reading, statuses=waiting, office=office)]


def appeals_view(books: Books, *, everything: bool = False) -> list[dict[str, Any]]:
    """The appeals that wait, or all."""
    with books.reading() as reading:
        return [as_json(each) for each in rows.appeals(reading, waiting_only=not everything)]


def designations_view(books: Books, *, district: str = "") -> list[dict[str, Any]]:
    """Who was named in writing, by district."""
    with books.reading() as reading:
        return [as_json(each) for each in rows.designations(reading, district=district)]


def item_json(each: CaseItem) -> dict[str, Any]:
    """An item of a request as JSON values."""
    item = each.item
    return {
        "line": each.line,
        "device": item.device,
        "ascending_mills": item.ascending_mills,
        "postage_mills": item.postage_mills,
        "date_shown": item.date_shown.isoformat() if item.date_shown else None,
        "form": item.form.value,
        "granted": each.granted,
        "reasons": [asdict(reason) for reason in each.reasons],
    }


def as_json(record: Record) -> dict[str, Any]:
    """A record as JSON values."""
    return {name: _plain(value) for name, value in _fields(record).items()}


def _fields(record: Record) -> Mapping[str, Any]:
    more = {"certificate": record.certificate} if isinstance(record, Destruction) else {}
    return {**asdict(record), **more}


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value
