"""Reports as people read them: tables on paper, the same that go out as messages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from franking.forms.report import ReportColumn, ReportForm, ReportTable
from franking.messages.funds import CustomerAmount, ZipRevenue
from franking.money import format_dollars
from franking.provider.closing.records import DayClose, in_words
from franking.provider.identity import require_identity
from franking.provider.reports.periodical import CLAUSE, advanced_on, refunded_on, revenue_of
from franking.provider.reports.records import ReportKind
from franking.storage import Reading

_WIDE = 2.2


def activity_report(reading: Reading, close: DayClose) -> ReportForm:
    """The CMRS Daily Activity Report of a closed day, for the facsimile."""
    devices = close.devices
    return ReportForm(
        title="CMRS Daily Activity Report",
        clause="39 CFR 501.28(g) (1995)",
        period=close.day.isoformat(),
        provider=require_identity(reading).name,
        closed_on=close.day,
        facts=(
            ("Postings", f"{close.postings:,}"),
            ("Devices that hold value", f"{devices.holding_value:,}"),
            ("Oldest report among them", devices.oldest_report or "none"),
            ("Value in devices", format_dollars(devices.in_device_mills)),
            ("Value in transit", format_dollars(devices.in_transit_mills)),
            ("Differences", f"{len(close.differences):,}"),
        ),
        tables=(
            _movements(close),
            _balances(close),
            _files(close),
            _differences(close),
        ),
    )


def revenue_report(reading: Reading, *, period: str, since: date, until: date) -> ReportForm:
    """The Revenue Allocation Report of an accounting period."""
    lines = revenue_of(reading, since, until)
    return _report(
        reading,
        title="Revenue Allocation Report",
        period=f"{period}: {since} to {until}",
        closed_on=until,
        table=_revenue(lines),
        total_mills=sum(each.amount_mills for each in lines),
    )


def customers_report(reading: Reading, kind: ReportKind, day: date) -> ReportForm:
    """The Postage Refunds Report or the Funds Advanced Report of a day."""
    is_refunds = kind is ReportKind.POSTAGE_REFUNDS
    lines = refunded_on(reading, day) if is_refunds else advanced_on(reading, day)
    return _report(
        reading,
        title="Postage Refunds Report" if is_refunds else "Funds Advanced Report",
        period=day.isoformat(),
        closed_on=day,
        table=_customers(lines),
        total_mills=sum(each.amount_mills for each in lines),
    )


def _report(
    reading: Reading,
    *,
    title: str,
    period: str,
    closed_on: date,
    table: ReportTable,
    total_mills: int,
) -> ReportForm:
    return ReportForm(
        title=title,
        clause=CLAUSE,
        period=period,
        provider=require_identity(reading).name,
        closed_on=closed_on,
        facts=(("Lines", f"{len(table.rows):,}"), ("Total", format_dollars(total_mills))),
        tables=(table,),
    )


def _movements(close: DayClose) -> ReportTable:
    rows = (
        (each.kind, each.debit, each.credit, f"{each.count:,}", format_dollars(each.amount_mills))
        for each in close.movements
    )
    names = ("What happened", "From", "To", "Number", "Amount")
    return _table("Business of the day", names, rows, amounts=2)


def _balances(close: DayClose) -> ReportTable:
    rows = (
        (
            each.kind,
            format_dollars(each.opening_mills),
            format_dollars(each.debits_mills),
            format_dollars(each.credits_mills),
            format_dollars(each.closing_mills),
        )
        for each in close.totals
    )
    names = ("Accounts", "Opening", "Debits", "Credits", "Closing")
    return _table("Balances", names, rows, amounts=4)


def _files(close: DayClose) -> ReportTable:
    rows = (
        (each.bank_day, each.file[:16], f"{each.count:,}", format_dollars(each.amount_mills))
        for each in close.files
    )
    return _table(
        "Files of the bank", ("Banking day", "File", "Payments", "Amount"), rows, amounts=2
    )


def _differences(close: DayClose) -> ReportTable:
    rows = ((str(number), in_words(each)) for number, each in enumerate(close.differences, start=1))
    columns = (ReportColumn(label="No.", share=0.4), ReportColumn(label="Difference", share=5.0))
    return ReportTable(heading="Differences", columns=columns, rows=tuple(rows))


def _revenue(lines: Iterable[ZipRevenue]) -> ReportTable:
    rows = ((each.zip_code, f"{each.count:,}", format_dollars(each.amount_mills)) for each in lines)
    names = ("Licensing post office", "Resettings", "Amount")
    return _table("Resettings by ZIP Code", names, rows, amounts=2)


def _customers(lines: Iterable[CustomerAmount]) -> ReportTable:
    rows = ((each.customer, each.zip_code, format_dollars(each.amount_mills)) for each in lines)
    return _table("Customers", ("Customer", "ZIP Code", "Amount"), rows, amounts=1)


def _table(
    heading: str, names: tuple[str, ...], rows: Iterable[tuple[str, ...]], *, amounts: int
) -> ReportTable:
    """A table whose last ``amounts`` columns are numbers, and whose first is wide."""
    columns = tuple(
        ReportColumn(
            label=name, share=_WIDE if at == 0 else 1.0, is_amount=at >= len(names) - amounts
        )
        for at, name in enumerate(names)
    )
    return ReportTable(heading=heading, columns=columns, rows=tuple(rows))
