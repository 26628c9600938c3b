"""What people look at: a request with its history, the requests, what can be claimed."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date

import msgspec

from franking.identifiers import record_id
from franking.provider.refunds import claiming, decisions, examined, rows
from franking.provider.refunds.filing import require_case
from franking.provider.refunds.records import Case, CaseStatus, ClaimedEntry, FiledItem
from franking.provider.schema import DOCKET
from franking.refunds import navigator
from franking.refunds.manifest import Manifest, manifest
from franking.storage import Books, Reading


def refund_view(books: Books, case: str) -> dict[str, object]:
    """Everything about a request, as JSON values.

    Raises:
        Refused: ``REFUND_REQUEST_UNKNOWN``.
    """
    with books.reading() as reading:
        found = require_case(reading, case)
        held = rows.evidence_of(reading, found.number)
        kinds = {each.kind for each in held}
        lacking, without = decisions.missing(found, kinds), decisions.unsupported(found, kinds)
        return {
            **case_json(found),
            "evidence": [
                {"kind": each.kind.value, "document": each.document, "on": each.on.isoformat()}
                for each in held
            ],
            "missing": [{"kind": each.kind.value, "clause": each.clause} for each in lacking],
            "unsupported": asdict(without) if without else None,
            "examined": _examined(reading, found),
            "items": [item_json(each) for each in rows.items_of(reading, found.number)],
            "due": _due(reading, found),
            "appeal": appeal_json(found),
            "events": [asdict(each) for each in rows.events_of(reading, found.number)],
        }


def refunds(books: Books, *, status: CaseStatus | None = None, licence: str = "") -> list[Case]:
    """The requests by number, those of a status or licence only where one is named."""
    with books.reading() as reading:
        return rows.cases(reading, status=status, licence=licence)


def paid_between(books: Books, first: date, last: date) -> list[Case]:
    """What was paid on these days: customer, ZIP Code and amount of each (501.28(g))."""
    with books.reading() as reading:
        return rows.paid_between(reading, first, last)


def claims_view(books: Books) -> list[dict[str, object]]:
    """Every claim with its entries, as JSON values."""
    with books.reading() as reading:
        return [
            {
                **each,
                "claim": claiming.claim_id(each["claim"]),
                "entries": [
                    entry_json(one)
                    for one in rows.entries_of(reading, claiming.claim_id(each["claim"]))
                ],
            }
            for each in rows.claims(reading)
        ]


def manifest_of(books: Books, case: str) -> Manifest:
    """The items of a request, sorted and bundled as they have to lie (9.3.2b).

    Raises:
        Refused: ``REFUND_REQUEST_UNKNOWN``.
    """
    with books.reading() as reading:
        found = require_case(reading, case)
        items = [each.item for each in rows.items_of(reading, found.number)]
        return manifest(items, found.rulebook, found.filed_on)


def case_json(case: Case) -> dict[str, object]:
    """A request as JSON values."""
    values: dict[str, object] = {"case": case.id, **msgspec.to_builtins(case)}
    del values["number"]
    return values


def item_json(filed: FiledItem) -> dict[str, object]:
    """An item as JSON values, with every reason against it."""
    values: dict[str, object] = {"item": filed.ordinal, **msgspec.to_builtins(filed.item)}
    values["reasons"] = [asdict(each) for each in filed.reasons]
    return values


def entry_json(entry: ClaimedEntry) -> dict[str, object]:
    """An entry of a claim as JSON values."""
    values: dict[str, object] = msgspec.to_builtins(entry)
    return values


def appeal_json(case: Case) -> dict[str, object] | None:
    """How a ruling on a request is appealed; ``None`` where the documents name no way."""
    on = case.decided_on or case.filed_on
    route = navigator.appeal_of(decisions.route_of(case), case.rulebook, on)
    return None if route is None else asdict(route)


def _examined(reading: Reading, case: Case) -> dict[str, object] | None:
    if not case.is_of_value:
        return None
    found = examined.examined(reading, case.device, licence=case.licence)
    return None if found is None else asdict(found)


def _due(reading: Reading, case: Case) -> list[dict[str, object]]:
    standing = DOCKET.standing(reading, record=record_id("refund", case.id))
    return [
        {"duty": each.duty, "due_on": each.due.isoformat(), "status": each.status.value}
        for each in standing
    ]
