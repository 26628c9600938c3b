"""Why a record stands as it does: the clause behind a lock, a denial or a due date, and the facts.

Three sources, all in the books: what the rooms hold against the record now (a denial, a lock), the
obligations about it with the rule that set their term, and the journal of what was done to it.
Everything returned is ready for JSON. Refuses to know how it is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import and_, select

from franking.docket.catalogue import duty, term_of
from franking.docket.docket import Docket
from franking.docket.records import DocketEvent, Obligation
from franking.errors import Refusal
from franking.rules import Parameter, at
from franking.storage import Reading, Schema

Plain = dict[str, Any]

RECORD_UNKNOWN = Refusal(
    "RECORD_UNKNOWN",
    clause="policy",
    remedy="Name the record as journals do: device:SERIAL, licence:NUMBER, lease:NUMBER.",
    http_status=404,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Something a room holds against a record: a denial of resets, a lock, an order to remove."""

    what: str
    clause: str
    since: str
    because: str
    until: str = ""
    """When it was lifted; empty while it stands."""


Explainer = Callable[[Reading, str], Iterable[Hold]]
"""What one room holds against a record; rooms register theirs beside their consequences."""


def explain(
    reading: Reading,
    schema: Schema,
    docket: Docket,
    record: str,
    *,
    on: date,
    explainers: Sequence[Explainer] = (),
) -> Plain:
    """What stands against and about a record, each with its clause and the facts behind it.

    Raises:
        Refused: ``RECORD_UNKNOWN`` where these books have never heard of it.
    """
    events = docket.events(reading, record=record)
    obligations = docket.standing(reading, record=record)
    found = {
        "record": record,
        "holds": [_hold(each) for ask in explainers for each in ask(reading, record)],
        "obligations": [_obligation(each, events, on) for each in obligations],
        "journal": _journal(reading, schema, record),
    }
    if not any(found[part] for part in ("holds", "obligations", "journal")):
        raise RECORD_UNKNOWN.because(f"nothing is known of {record!r} in these books")
    return found


def why_due(of: Obligation) -> str:
    """One sentence: the day, the clause, the term and what it was counted from."""
    parameter = _parameter(of)
    term = "stated when it was opened" if parameter is None else _term(parameter)
    return f"due {of.due} under {of.clause}: {term}, counted from {of.start}"


def _term(parameter: Parameter) -> str:
    return f"{parameter.value} {parameter.unit} ({parameter.name}, {parameter.clause})"


def _parameter(of: Obligation) -> Parameter | None:
    term = term_of(of.duty, of.rulebook)
    if not term.parameter:
        return None
    return at(term.subject, of.rulebook, of.start)[term.parameter]


def _obligation(of: Obligation, events: Sequence[DocketEvent], on: date) -> Plain:
    kind = duty(of.duty)
    return {
        "duty": of.duty,
        "ordinal": of.ordinal,
        "title": kind.title,
        "status": str(of.status),
        "owed_by": of.owed_by,
        "rulebook": of.rulebook,
        "clause": of.clause,
        "start": of.start.isoformat(),
        "due": of.due.isoformat(),
        "days_late": of.days_late(on),
        "why_due": why_due(of),
        "because": of.because,
        "consequence": kind.consequence,
        "consequence_applied": of.missed_on is not None and bool(kind.consequence),
        "missed_on": _text(of.missed_on),
        "closed_on": _text(of.closed_on),
        "events": [_event(each) for each in events if _is_of(each, of)],
    }


def _is_of(event: DocketEvent, of: Obligation) -> bool:
    return (event.duty, event.ordinal) == (of.duty, of.ordinal)


def _event(of: DocketEvent) -> Plain:
    plain = {"at": of.at.isoformat(), "event": of.event, "because": of.because, "by": of.by}
    return plain if of.cost_mills is None else {**plain, "cost_mills": of.cost_mills}


def _hold(of: Hold) -> Plain:
    return {name: getattr(of, name) for name in Hold.__dataclass_fields__}


def _journal(reading: Reading, schema: Schema, record: str) -> list[Plain]:
    """What was done to a record; the inputs are gone where the rules had them destroyed."""
    rows, beside = schema.journal.journal, schema.journal.inputs
    with_inputs = rows.outerjoin(
        beside, and_(rows.c.record == beside.c.record, rows.c.number == beside.c.number)
    )
    query = select(
        rows.c.number, rows.c.at, rows.c.by, rows.c.command, rows.c.clauses, beside.c.inputs
    ).select_from(with_inputs)
    found = reading.rows(query.where(rows.c.record == record).order_by(rows.c.number))
    return [
        {
            "at": row.at,
            "by": row.by,
            "command": row.command,
            "clauses": [each for each in row.clauses.split("; ") if each],
            "inputs": None if row.inputs is None else msgspec.json.decode(row.inputs),
        }
        for row in found
    ]


def _text(day: date | None) -> str:
    return "" if day is None else day.isoformat()
