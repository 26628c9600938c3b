"""The other reports of 39 CFR 501.28(g) (1995): revenue by ZIP Code, refunds, funds advanced.

The Revenue Allocation Report goes out each postal accounting period, when all its days are closed;
refunds and advances are told for days that the Postal Service asked about. Each report is sent in
as many parts as it takes, once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import func, select

from franking.clock import instant_text
from franking.errors import Refusal
from franking.identifiers import record_id
from franking.messages.dispatch import POSTAL_SERVICE
from franking.messages.funds import (
    CustomerAmount,
    FundsAdvanced,
    PostageRefunds,
    RevenueAllocation,
    ZipRevenue,
    parted,
)
from franking.messages.receiving import Dispatched
from franking.messages.signing import Signer
from franking.provider.closing.day_book import GRANT
from franking.provider.closing.tables import CLOSES
from franking.provider.funds import rows as funds
from franking.provider.funds.records import RefundStatus
from franking.provider.funds.tables import ACCOUNTS, ADVANCES
from franking.provider.refunds import rows as refunds
from franking.provider.reports import expecting, tables
from franking.provider.reports.records import FiledReport, ReportKind
from franking.provider.schema import DISPATCHES, LEDGER
from franking.rules.calendars import Period
from franking.storage import Act, Books, Reading, Work

CLAUSE: Final = "39 CFR 501.28(g) (1995)"

PERIOD_NOT_CLOSED = Refusal(
    "PERIOD_NOT_CLOSED",
    clause=CLAUSE,
    remedy="Close every day of the accounting period first: franking close.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prepared:
    """A report before it is sent."""

    kind: ReportKind
    period: str
    since: date
    until: date
    lines: Sequence[Any]
    make: Callable[[int, int, Sequence[Any]], Dispatched]

    @property
    def total_mills(self) -> int:
        """What all lines come to."""
        return sum(each.amount_mills for each in self.lines)

    @property
    def record(self) -> str:
        """The name of its record."""
        return record_id("report", f"{self.kind.value} {self.period}")


def period_name(period: Period) -> str:
    """An accounting period as reports name it: ``1997-AP09``."""
    return f"{period.year}-AP{period.number:02d}"


def revenue_of(reading: Reading, since: date, until: date) -> list[ZipRevenue]:
    """What was reset under the licences of each post office, by ZIP Code."""
    postings, entries = LEDGER.tables.postings.c, LEDGER.tables.entries.c
    days = (postings.day >= since.isoformat()) & (postings.day <= until.isoformat())
    charged = (entries.account > "deposits:") & (entries.account < "deposits;")
    count, mills = func.count(postings.number), -func.sum(entries.amount_mills)
    query: Any = (
        select(ACCOUNTS.c.zip_code, count.label("some"), mills.label("mills"))
        .join_from(LEDGER.tables.postings, LEDGER.tables.entries, entries.number == postings.number)
        .join(ACCOUNTS, entries.account == "deposits:" + ACCOUNTS.c.number)
        .where(days, charged, postings.kind == GRANT, postings.until.is_(None))
        .group_by(ACCOUNTS.c.zip_code)
        .order_by(ACCOUNTS.c.zip_code)
    )
    return [
        ZipRevenue(zip_code=row.zip_code, count=int(row.some), amount_mills=int(row.mills))
        for row in reading.rows(query)
    ]


def advanced_on(reading: Reading, day: date) -> list[CustomerAmount]:
    """What was advanced to each customer on a day."""
    query: Any = (
        select(
            ACCOUNTS.c.number, ACCOUNTS.c.zip_code, func.sum(ADVANCES.c.amount_mills).label("mills")
        )
        .join_from(ADVANCES, ACCOUNTS, ADVANCES.c.account == ACCOUNTS.c.number)
        .where(ADVANCES.c.day == day.isoformat())
        .group_by(ACCOUNTS.c.number, ACCOUNTS.c.zip_code)
        .order_by(ACCOUNTS.c.number)
    )
    return [
        CustomerAmount(customer=row.number, zip_code=row.zip_code, amount_mills=int(row.mills))
        for row in reading.rows(query)
    ]


def refunded_on(reading: Reading, day: date) -> list[CustomerAmount]:
    """What was refunded to each customer on a day: balances and postage, one line a refund."""
    paid = [each for each in funds.refunds(reading) if each.status is RefundStatus.PAID]
    back = [each for each in paid if each.paid_on == day]
    accounts = funds.accounts_numbered(reading, (each.account for each in back))
    balances = [
        CustomerAmount(
            customer=each.account,
            zip_code=accounts[each.account].zip_code,
            amount_mills=each.amount_mills,
        )
        for each in back
    ]
    settled = refunds.paid_between(reading, day, day)
    holders = funds.accounts_of(reading, (each.licence for each in settled))
    return balances + [
        CustomerAmount(
            customer=holders[each.licence].number if each.licence in holders else each.licence,
            zip_code=each.zip_code,
            amount_mills=each.amount_mills,
        )
        for each in settled
    ]


def file_revenue(books: Books, signer: Signer, period: Period, now: datetime) -> FiledReport:
    """File the Revenue Allocation Report of an accounting period; again, it is the same report.

    Raises:
        Refused: ``PERIOD_NOT_CLOSED``.
    """
    name = period_name(period)
    record = record_id("report", f"{ReportKind.REVENUE_ALLOCATION.value} {name}")
    on = (record, record_id("provider", signer.name))
    with books.work(now, "file_revenue_allocation", on=on) as work:
        if (found := tables.find_filed(work, ReportKind.REVENUE_ALLOCATION, name)) is not None:
            return found
        _require_closed(work, period)
        lines = revenue_of(work, period.first, period.last)
        total = sum(each.amount_mills for each in lines)

        def make(part: int, parts: int, some: Sequence[ZipRevenue]) -> RevenueAllocation:
            return RevenueAllocation(
                device="",
                issued_at=instant_text(now),
                sender=signer.name,
                period=name,
                since=period.first.isoformat(),
                until=period.last.isoformat(),
                lines=list(some),
                part=part,
                parts=parts,
                total_mills=total,
            )

        prepared = _Prepared(
            kind=ReportKind.REVENUE_ALLOCATION,
            period=name,
            since=period.first,
            until=period.last,
            lines=lines,
            make=make,
        )
        filed = _send(work, signer, prepared, str(books.by), now)
        expecting.report_filed(work, ReportKind.REVENUE_ALLOCATION, signer.name, period.last, now)
    return filed


def file_wanted(
    work: Work, signer: Signer, kind: ReportKind, day: date, by: str, now: datetime
) -> FiledReport:
    """Send a report on request about a day, within a unit of work; once for each day."""
    if (found := tables.find_filed(work, kind, day.isoformat())) is not None:
        return found
    message = PostageRefunds if kind is ReportKind.POSTAGE_REFUNDS else FundsAdvanced
    lines = refunded_on(work, day) if message is PostageRefunds else advanced_on(work, day)
    total = sum(each.amount_mills for each in lines)

    def make(part: int, parts: int, some: Sequence[CustomerAmount]) -> Dispatched:
        return message(
            device="",
            issued_at=instant_text(now),
            sender=signer.name,
            day=day.isoformat(),
            lines=list(some),
            part=part,
            parts=parts,
            total_mills=total,
        )

    prepared = _Prepared(
        kind=kind, period=day.isoformat(), since=day, until=day, lines=lines, make=make
    )
    return _send(work, signer, prepared, by, now)


def _require_closed(reading: Reading, period: Period) -> None:
    last = period.last.isoformat()
    if reading.row(select(CLOSES.c.day).where(CLOSES.c.day == last)) is None:
        raise PERIOD_NOT_CLOSED.because(f"{period_name(period)} ends on {last}, not closed yet")


def _send(work: Work, signer: Signer, prepared: _Prepared, by: str, now: datetime) -> FiledReport:
    """Send every part of a report, and keep that it was filed."""
    messages = [
        (prepared.record, prepared.make(part, parts, some))
        for part, parts, some in parted(prepared.lines)
    ]
    DISPATCHES.send_many(work, messages, signer, recipient=POSTAL_SERVICE, now=now)
    filed = FiledReport(
        kind=prepared.kind,
        period=prepared.period,
        since=prepared.since,
        until=prepared.until,
        filed_at=instant_text(now),
        filed_by=by,
        lines=len(prepared.lines),
        total_mills=prepared.total_mills,
        digest=tables.digest_of(prepared.lines),
    )
    tables.add_filed(work, filed)
    inputs = {"lines": filed.lines, "total_mills": filed.total_mills, "digest": filed.digest}
    work.record(Act(record=prepared.record, clauses=(CLAUSE,), inputs=inputs))
    return filed
