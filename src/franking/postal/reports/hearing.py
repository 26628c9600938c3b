"""What providers tell of lists: which file it is, how differences were settled, what is gone."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from franking.errors import Refusal
from franking.messages.listing import (
    DifferencesDisposed,
    Disposition,
    InServiceListed,
    MissingDevicesListed,
)
from franking.messages.receiving import Dispatched, Hearer
from franking.messages.signing import Signer
from franking.postal.reports import tables
from franking.postal.reports.commands import CLAUSE, list_record
from franking.postal.reports.records import Disagreement, HeardList, Held
from franking.storage import Act, Work

_MISSING = "39 CFR 501.22(p) (1995), 502.21(k) (1997)"
_TO_THE_LIST: Final = frozenset(
    {"postal record to be corrected", "placed in service", "licensing post office changed"}
)
"""Dispositions after which our record is as the list had it."""
_GONE: Final = frozenset({"removed from service", "device is missing"})
"""Dispositions after which the meter is not in service."""

LIST_HEARD_BEFORE = Refusal(
    "LIST_HEARD_BEFORE",
    clause=CLAUSE,
    remedy="Settle differences of the list that was announced; a quarter has one list.",
)
DISPOSITION_OF_NOTHING = Refusal(
    "DISPOSITION_OF_NOTHING",
    clause=CLAUSE,
    remedy="Name a difference that the Postal Service found, by quarter and number.",
)


def take_listed(work: Work, message: InServiceListed, _: Signer, now: datetime) -> None:
    """A provider announced the list of a quarter; its file comes apart."""
    if tables.find_list(work, message.sender, message.quarter) is not None:
        raise LIST_HEARD_BEFORE.because(f"{message.sender} announced {message.quarter} before")
    heard = HeardList(
        provider=message.sender,
        quarter=message.quarter,
        closed_on=date.fromisoformat(message.closed_on),
        devices=message.devices,
        digest=message.digest,
        heard_on=now.date(),
    )
    tables.add_list(work, heard)
    _note(work, message, CLAUSE, quarter=message.quarter, digest=message.digest)


def take_disposed(work: Work, message: DifferencesDisposed, _: Signer, now: datetime) -> None:
    """The provider settled differences: our record follows where the disposition says so."""
    for line in message.lines:
        found = tables.find_difference(work, message.sender, message.quarter, line.number)
        if found is None or found[0].serial != line.device:
            raise DISPOSITION_OF_NOTHING.because(
                f"{message.quarter} has no difference {line.number} of {line.device}"
            )
        difference, settled = found
        if not settled:
            tables.dispose(work, message.sender, message.quarter, line, now.date())
            _follow(work, message.sender, difference, line, now.date())
    numbers = [line.number for line in message.lines]
    _note(work, message, CLAUSE, quarter=message.quarter, numbers=numbers)


def take_missing(work: Work, message: MissingDevicesListed, _: Signer, now: datetime) -> None:
    """Keep a month's file of lost and stolen devices."""
    tables.add_missing(work, message, now.date())
    _note(work, message, _MISSING, month=message.month, devices=len(message.lines))


def _follow(
    work: Work, provider: str, difference: Disagreement, line: Disposition, on: date
) -> None:
    source = f"disposition: {line.disposition}"
    if line.disposition in _TO_THE_LIST:
        meter = difference.listed or difference.held
        held = Held.IN_SERVICE if difference.listed is not None else Held.LEFT
    elif line.disposition in _GONE:
        meter, held = difference.held or difference.listed, Held.LEFT
    else:
        return
    if meter is not None:
        tables.put_meter(work, provider, meter, held=held, on=on, source=source)


def _note(work: Work, message: Dispatched, clause: str, **inputs: object) -> None:
    record = list_record(message.sender)
    work.record(Act(record=record, clauses=(clause,), inputs=inputs))


def _about(message: Dispatched) -> str:
    return list_record(message.sender)


HEARERS: Final = (
    Hearer(InServiceListed, _about, take_listed),
    Hearer(DifferencesDisposed, _about, take_disposed),
    Hearer(MissingDevicesListed, _about, take_missing),
)
