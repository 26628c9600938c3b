"""Each download or refill of postage value of a day, from the charges that paid for it.

Read in portions, so that memory does not grow with the day. 39 CFR 502.21(m) (1997).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import islice
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, Integer, cast, func, select

from franking.messages.funds import LINES_IN_PART, Download
from franking.provider.closing.day_book import Grant, grants
from franking.provider.closing.records import Span
from franking.provider.funds.tables import ACCOUNTS, ADVANCES
from franking.provider.resetting.records import ResetStatus
from franking.provider.resetting.tables import RESETS
from franking.provider.schema import LEDGER
from franking.provider.telephone.tables import SETTINGS
from franking.storage import Reading

_DEVICE: Final = "device:"


class Payer(NamedTuple):
    """Of whose account a download was paid."""

    licence: str
    zip_code: str


def downloads(reading: Reading, span: Span) -> Iterator[list[Download]]:
    """The downloads that a close covers, in the order in which they were granted, in portions."""
    advanced = _advanced(reading, span.day)
    coming = grants(reading, span, *_CREDITED_BEFORE)
    while some := list(islice(coming, LINES_IN_PART)):
        payers = _payers(reading, {each.account for each in some})
        yield [_download(each, payers, advanced) for each in some]


def _download(grant: Grant, payers: Mapping[str, Payer], advanced: Mapping[str, int]) -> Download:
    payer = payers.get(grant.account, Payer("", ""))
    return Download(
        device=grant.serial,
        licence=payer.licence,
        account=grant.account,
        zip_code=payer.zip_code,
        sequence=grant.sequence,
        amount_mills=grant.amount_mills,
        at=grant.at,
        control_total_mills=sum(int(mills or 0) for mills in grant.beside),
        advanced_mills=advanced.get(f"reset {grant.sequence} of {grant.serial}", 0),
    )


def _payers(reading: Reading, accounts: set[str]) -> dict[str, Payer]:
    table = ACCOUNTS.c
    query = select(table.number, table.licence, table.zip_code)
    rows = reading.rows(query.where(table.number.in_(sorted(accounts))))
    return {row.number: Payer(row.licence, row.zip_code) for row in rows}


def _advanced(reading: Reading, day: date) -> dict[str, int]:
    """What was advanced on a day, by what it was for."""
    table = ADVANCES.c
    query = (
        select(table.because, func.sum(table.amount_mills).label("mills"))
        .where(table.day == day.isoformat())
        .group_by(table.because)
    )
    return {row.because: int(row.mills) for row in reading.rows(query)}


def _credited_before() -> tuple[ColumnElement[int], ...]:
    """What a device had been credited in all before the reset that a posting charged.

    Of a device by its confirmed resets, of a meter as its readings gave it; one of both is there.
    The posting's key is ``grant:SERIAL:SEQUENCE``, its reference ``device:SERIAL``.
    """
    posting, reset, told = LEDGER.tables.postings.c, RESETS.c, SETTINGS.c
    serial = func.substr(posting.reference, len(_DEVICE) + 1)
    sequence = cast(func.substr(posting.key, func.length(posting.reference) + 1), Integer)
    confirmed = reset.status == ResetStatus.CONFIRMED.value
    by_resets = select(func.sum(reset.amount_mills)).where(
        reset.device_id == serial, reset.sequence < sequence, confirmed
    )
    by_readings = select(told.total_mills).where(told.serial == serial, told.sequence == sequence)
    return by_resets.scalar_subquery(), by_readings.scalar_subquery()


_CREDITED_BEFORE: Final = _credited_before()
