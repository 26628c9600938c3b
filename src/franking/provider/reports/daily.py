"""What goes to the Postal Service with each daily close: the day's activity, and each download.

The CMRS Daily Activity Report of 39 CFR 501.28(g) (1995) sums the day up; since 502.21(m) (1997)
each download or refill of postage value is filed beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import chain, islice, repeat
from typing import Final

from franking.clock import instant_text
from franking.identifiers import record_id
from franking.messages.dispatch import POSTAL_SERVICE
from franking.messages.funds import (
    LINES_IN_PART,
    BankDeposits,
    DailyActivity,
    FinancialTransactions,
    Movement,
)
from franking.messages.signing import Signer
from franking.provider.closing.day_book import GRANT
from franking.provider.closing.records import DayClose, Difference, in_words
from franking.provider.reports import expecting, periodical, tables
from franking.provider.reports.downloads import downloads
from franking.provider.reports.records import FiledReport, ReportKind
from franking.provider.schema import DISPATCHES
from franking.provider.standing.standing import reports_wanted
from franking.rules.rulebooks import rulebook
from franking.storage import Work

DOWNLOADS_RULEBOOK: Final = "ibip-1997"
_DIFFERENCES_MAX = 200
"""So many differences are told in words; the rest is told by number."""
_MESSAGES_AT_ONCE = 20


def file_daily(work: Work, signer: Signer, close: DayClose, now: datetime) -> None:
    """Send the reports of a day that is being closed, and note what is due next."""
    told, day = activity(close, signer, now), close.day.isoformat()
    record = report_record(ReportKind.DAILY_ACTIVITY, day)
    DISPATCHES.send(work, told, signer, recipient=POSTAL_SERVICE, record=record, now=now)
    moved = sum(each.amount_mills for each in close.movements)
    _note(work, ReportKind.DAILY_ACTIVITY, close, len(close.movements), moved, now)
    if close.day >= rulebook(DOWNLOADS_RULEBOOK).opens:
        _file_downloads(work, signer, close, now)
    for kind in sorted(reports_wanted(work, close.day)):
        periodical.file_wanted(work, signer, ReportKind(kind), close.day, close.closed_by, now)
    expecting.day_closed(work, signer.name, close.day, now)


def _file_downloads(work: Work, signer: Signer, close: DayClose, now: datetime) -> None:
    """Send each download, in as many parts as it takes; memory holds a few of them."""
    made = [each for each in close.movements if each.kind == GRANT]
    count, total = sum(each.count for each in made), sum(each.amount_mills for each in made)
    record = report_record(ReportKind.FINANCIAL_TRANSACTIONS, close.day.isoformat())
    messages = _download_messages(work, signer, close, (count, total), now)
    while some := list(islice(messages, _MESSAGES_AT_ONCE)):
        told = ((record, each) for each in some)
        DISPATCHES.send_many(work, told, signer, recipient=POSTAL_SERVICE, now=now)
    _note(work, ReportKind.FINANCIAL_TRANSACTIONS, close, count, total, now)


def _download_messages(
    work: Work, signer: Signer, close: DayClose, of: tuple[int, int], now: datetime
) -> Iterator[FinancialTransactions]:
    """A message for each portion; for a day without downloads, one that says so."""
    count, total = of
    parts = max(1, -(-count // LINES_IN_PART))
    portions = chain(downloads(work, close.span), repeat([]))
    for part, lines in enumerate(islice(portions, parts), start=1):
        yield FinancialTransactions(
            device="",
            issued_at=instant_text(now),
            sender=signer.name,
            day=close.day.isoformat(),
            lines=lines,
            part=part,
            parts=parts,
            total_mills=total,
        )


def activity(close: DayClose, signer: Signer, now: datetime) -> DailyActivity:
    """The Daily Activity Report of a closed day."""
    return DailyActivity(
        device="",
        issued_at=instant_text(now),
        sender=signer.name,
        day=close.day.isoformat(),
        movements=[
            Movement(
                kind=each.kind,
                debit=each.debit,
                credit=each.credit,
                count=each.count,
                amount_mills=each.amount_mills,
            )
            for each in close.movements
        ],
        balances={each.kind: each.closing_mills for each in close.totals},
        deposits=[
            BankDeposits(
                bank_day=each.bank_day,
                file=each.file,
                count=each.count,
                amount_mills=each.amount_mills,
            )
            for each in close.files
        ],
        devices=close.devices.holding_value,
        oldest_report=close.devices.oldest_report,
        differences=tuple(_told(close.differences)),
    )


def report_record(kind: ReportKind, period: str) -> str:
    """The name of a report's record."""
    return record_id("report", f"{kind.value} {period}")


def _told(differences: tuple[Difference, ...]) -> Iterator[str]:
    for each in differences[:_DIFFERENCES_MAX]:
        yield in_words(each)
    if (rest := len(differences) - _DIFFERENCES_MAX) > 0:
        yield f"{rest} more"


def _note(
    work: Work, kind: ReportKind, close: DayClose, lines: int, total_mills: int, now: datetime
) -> None:
    """Keep that a report of the day was filed; what it says follows from the close."""
    tables.add_filed(
        work,
        FiledReport(
            kind=kind,
            period=close.day.isoformat(),
            since=close.day,
            until=close.day,
            filed_at=instant_text(now),
            filed_by=close.closed_by,
            lines=lines,
            total_mills=total_mills,
            digest=close.digest,
        ),
    )
