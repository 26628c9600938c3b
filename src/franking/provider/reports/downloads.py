"""Each download or refill of postage value of a day, from the charges that paid for it.

Read in portions, so that memory does not grow with the day. 39 CFR 502.21(m) (1997).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import islice

from sqlalchemy import func, select, tuple_

from franking.messages.funds import LINES_IN_PART, Download
from franking.provider.closing.day_book import Grant, grants
from franking.provider.closing.records import Span
from franking.provider.funds.records import FundsAccount
from franking.provider.funds.rows import accounts_numbered
from franking.provider.funds.tables import ADVANCES
from franking.provider.resetting.records import ResetStatus
from franking.provider.resetting.tables import RESETS
from franking.provider.telephone.tables import SETTINGS
from franking.storage import Reading

Named = tuple[str, int]
"""Serial and sequence: the name of a download for ever."""


def downloads(reading: Reading, span: Span) -> Iterator[list[Download]]:
    """The downloads that a close covers, in the order in which they were granted, in portions."""
    advanced = _advanced(reading, span.day)
    coming = grants(reading, span)
    while some := list(islice(coming, LINES_IN_PART)):
        accounts = accounts_numbered(reading, {each.account for each in some})
        before = _credited_before(reading, [(each.serial, each.sequence) for each in some])
        yield [_download(each, accounts, before, advanced) for each in some]


def _download(
    grant: Grant,
    accounts: Mapping[str, FundsAccount],
    before: Mapping[Named, int],
    advanced: Mapping[str, int],
) -> Download:
    account = accounts.get(grant.account)
    return Download(
        device=grant.serial,
        licence=account.licence if account else "",
        account=grant.account,
        zip_code=account.zip_code if account else "",
        sequence=grant.sequence,
        amount_mills=grant.amount_mills,
        at=grant.at,
        control_total_mills=before.get((grant.serial, grant.sequence), 0),
        advanced_mills=advanced.get(f"reset {grant.sequence} of {grant.serial}", 0),
    )


def _credited_before(reading: Reading, named: Sequence[Named]) -> dict[Named, int]:
    """What each device had been credited in all before each of these resets."""
    return {**_before_resets(reading, named), **_before_settings(reading, named)}


def _before_resets(reading: Reading, named: Sequence[Named]) -> dict[Named, int]:
    this, earlier = RESETS.alias("this").c, RESETS.alias("earlier").c
    confirmed = earlier.status == ResetStatus.CONFIRMED.value
    same = (earlier.device_id == this.device_id) & (earlier.sequence < this.sequence) & confirmed
    query = (
        select(
            this.device_id,
            this.sequence,
            func.coalesce(func.sum(earlier.amount_mills), 0).label("mills"),
        )
        .join_from(this.device_id.table, earlier.device_id.table, same, isouter=True)
        .where(tuple_(this.device_id, this.sequence).in_(named))
        .group_by(this.device_id, this.sequence)
    )
    return {(row.device_id, row.sequence): int(row.mills) for row in reading.rows(query)}


def _before_settings(reading: Reading, named: Sequence[Named]) -> dict[Named, int]:
    told = SETTINGS.c
    query = select(told.serial, told.sequence, told.total_mills).where(
        tuple_(told.serial, told.sequence).in_(named)
    )
    return {(row.serial, row.sequence): row.total_mills for row in reading.rows(query)}


def _advanced(reading: Reading, day: date) -> dict[str, int]:
    """What was advanced on a day, by what it was for."""
    table = ADVANCES.c
    query = (
        select(table.because, func.sum(table.amount_mills).label("mills"))
        .where(table.day == day.isoformat())
        .group_by(table.because)
    )
    return {row.because: int(row.mills) for row in reading.rows(query)}
