"""Destroying refunded items: two people, a certificate, and only what nobody can appeal any more.

Items kept after they were refunded are refunded again one day: inspectors found just that.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import Row, insert, select

from franking.errors import Refusal
from franking.identifiers import record_id
from franking.messages.applications import one_spelling
from franking.postal.refunds import rows
from franking.postal.refunds.filing import note
from franking.postal.refunds.records import (
    DESTROY,
    CaseStatus,
    Destruction,
    Origin,
    RefundCase,
)
from franking.postal.refunds.ruling import require_case
from franking.postal.refunds.tables import DESTROYED, DESTRUCTIONS
from franking.postal.schema import DOCKET
from franking.storage import Books, Reading, Work

ITEMS_NOT_DESTROYABLE = Refusal(
    "ITEMS_NOT_DESTROYABLE",
    clause="policy",
    remedy="Keep the originals until the ruling is final; destroy what was refunded, once.",
)
DESTROYED_BY_ONE = Refusal(
    "DESTROYED_BY_ONE",
    clause="policy",
    remedy="Have a second person see it destroyed, and name him: --witness NAME.",
    http_status=422,
)
DESTRUCTION_UNKNOWN = Refusal(
    "DESTRUCTION_UNKNOWN",
    clause="policy",
    remedy="Give the number of a certificate of destruction, such as D-000001.",
    http_status=404,
)


def destroy_items(
    books: Books, numbers: Sequence[int], *, witness: str, method: str, now: datetime
) -> Destruction:
    """Note that two people destroyed the refunded items of cases; the number is the certificate's.

    Raises:
        Refused: ``REFUND_CASE_UNKNOWN``, ``ITEMS_NOT_DESTROYABLE``, ``DESTROYED_BY_ONE``.
    """
    with books.work(now, "destroy_refunded_items") as work:
        first = books.by.name
        if not witness.strip() or one_spelling(witness) == one_spelling(first):
            raise DESTROYED_BY_ONE.because(f"{first} alone")
        cases = [require_case(work, number) for number in sorted(set(numbers))]
        pieces = [_pieces(work, case) for case in cases]
        done = Destruction(
            number=rows.next_number(work, DESTRUCTIONS),
            cases=tuple(case.number for case in cases),
            pieces=sum(pieces),
            amount_mills=sum(case.granted_mills for case in cases),
            method=method,
            first=first,
            second=witness,
            on=now.date(),
        )
        _store(work, done)
        for case in cases:
            record = record_id("refund", case.number)
            because = f"certificate {done.certificate}"
            DOCKET.satisfy(work, DESTROY, record=record, now=now, because=because)
            note(work, case, "items destroyed", by=f"{first}, {witness}", because=because, now=now)
    return done


def find_destruction(books: Reading, certificate: str) -> Destruction:
    """What a certificate certifies.

    Raises:
        Refused: ``DESTRUCTION_UNKNOWN``.
    """
    digits = certificate.upper().removeprefix("D-")
    number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 16 else 0
    row = books.row(select(DESTRUCTIONS).where(DESTRUCTIONS.c.number == number))
    if row is None:
        raise DESTRUCTION_UNKNOWN.because(f"there is no certificate {certificate!r}")
    return _destruction(row)


def destruction_of(books: Reading, case: int) -> Destruction | None:
    """When and by whom the items of a case were destroyed."""
    query = select(DESTRUCTIONS).join(DESTROYED, DESTROYED.c.destruction == DESTRUCTIONS.c.number)
    row = books.row(query.where(DESTROYED.c.case_number == case))
    return None if row is None else _destruction(row)


def _pieces(work: Work, case: RefundCase) -> int:
    """How many refunded items there are to destroy."""
    items = [each for each in rows.items_of(work, case.number) if each.granted]
    before = destruction_of(work, case.number)
    if case.origin is not Origin.COUNTER or not items or before is not None:
        done = f"destroyed under {before.certificate}" if before else "without refunded items here"
        raise ITEMS_NOT_DESTROYABLE.because(f"case {case.number} is {done}")
    if case.status is not CaseStatus.FINAL:
        raise ITEMS_NOT_DESTROYABLE.because(f"case {case.number} is {case.status}, and not final")
    return len(items)


def _store(work: Work, done: Destruction) -> None:
    row = {
        "number": done.number,
        "cases": msgspec.json.encode(done.cases).decode(),
        "pieces": done.pieces,
        "amount_mills": done.amount_mills,
        "method": done.method,
        "first": done.first,
        "second": done.second,
        "on_day": done.on.isoformat(),
    }
    work.write(insert(DESTRUCTIONS).values(row))
    work.write_many(
        DESTROYED, [{"case_number": case, "destruction": done.number} for case in done.cases]
    )


def _destruction(row: Row[Any]) -> Destruction:
    return Destruction(
        number=row.number,
        cases=msgspec.json.decode(row.cases, type=tuple[int, ...]),
        pieces=row.pieces,
        amount_mills=row.amount_mills,
        method=row.method,
        first=row.first,
        second=row.second,
        on=date.fromisoformat(row.on_day),
    )
