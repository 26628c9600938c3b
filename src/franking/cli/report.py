"""``franking report``: what the provider reports of its money, and what was filed."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Group
from rich.table import Table

from franking.cli import report_lists
from franking.cli.answer import Answer, Shown, minute
from franking.cli.close import LastDay, as_json, the_close
from franking.cli.command import Desk, command
from franking.cli.form import Drawn, draw, require_drawable
from franking.clock import parse_date
from franking.errors import Refusal
from franking.forms.report import ReportForm
from franking.messages.funds import Download
from franking.money import format_dollars
from franking.provider.reports import papers, periodical, tables
from franking.provider.reports.downloads import downloads
from franking.provider.reports.records import ON_REQUEST, FiledReport, ReportKind
from franking.rules.calendars import Period, accounting_period
from franking.rules.permissions import Role

app = typer.Typer(help="Reports to the Postal Service.", no_args_is_help=True)
report_lists.register(app)

Day = Annotated[str, typer.Argument(metavar="DAY", help="Such as 1997-06-02.")]
REPORT_KIND_UNKNOWN = Refusal(
    "REPORT_KIND_UNKNOWN",
    clause="39 CFR 501.28(g) (1995)",
    remedy=f"Name one of {', '.join(sorted(ON_REQUEST))}.",
    http_status=422,
)


@command(app, "list")
def list_reports(desk: Desk) -> Answer:
    """List every report that was filed, with its digest."""
    with desk.home.provider.books.reading() as reading:
        found = tables.filed(reading)
    table = Table("report", "period", "filed", "lines", "total", "digest", title="Reports")
    for each in found:
        table.add_row(
            each.kind.value,
            each.period,
            each.filed_at[:10],
            f"{each.lines:,}",
            format_dollars(each.total_mills),
            each.digest[:16],
        )
    return Answer([_filed(each) for each in found], table)


@command(app, "activity")
def activity(desk: Desk, day: LastDay = "", pdf: Drawn = None) -> Answer:
    """Show the CMRS Daily Activity Report of a closed day; draw it for the facsimile."""
    require_drawable(pdf)
    with desk.home.provider.books.reading() as reading:
        close = the_close(desk, reading, day)
        form = papers.activity_report(reading, close)
    return _drawn(form, pdf, as_json(close))


@command(app, "downloads")
def show_downloads(desk: Desk, day: LastDay = "") -> Answer:
    """Show each download of a closed day, as it was filed (502.21(m), 1997)."""
    with desk.home.provider.books.reading() as reading:
        close = the_close(desk, reading, day)
        lines = [each for some in downloads(reading, close.span) for each in some]
    return Answer([_plain(each) for each in lines], _downloads(lines, desk.home.now))


@command(app, "revenue")
def revenue(
    desk: Desk,
    on: Annotated[
        str, typer.Option(metavar="DAY", help="A day of the period; else the last one closed.")
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show it; file nothing.")] = False,
    pdf: Drawn = None,
) -> Answer:
    """File the Revenue Allocation Report of a postal accounting period."""
    require_drawable(pdf)
    period = _period(desk, on)
    filed: FiledReport | None = None
    if not dry_run:
        books = desk.provider_books(Role.PROVIDER_AGENT)
        filed = periodical.file_revenue(books, desk.home.provider.signer, period, desk.home.now)
        desk.carry()
    name = periodical.period_name(period)
    with desk.home.provider.books.reading() as reading:
        lines = periodical.revenue_of(reading, period.first, period.last)
        form = papers.revenue_report(reading, period=name, since=period.first, until=period.last)
    data = {
        "period": name,
        "since": period.first.isoformat(),
        "until": period.last.isoformat(),
        "filed": _filed(filed) if filed else None,
        "lines": [_plain(each) for each in lines],
    }
    return _drawn(form, pdf, data)


@command(app, "customers")
def customers(
    desk: Desk,
    kind: Annotated[str, typer.Argument(metavar="REPORT", help="postage refunds, funds advanced")],
    day: Day,
    pdf: Drawn = None,
) -> Answer:
    """Show the Postage Refunds or Funds Advanced Report of a day; it is filed where asked for."""
    require_drawable(pdf)
    if kind not in ON_REQUEST:
        raise REPORT_KIND_UNKNOWN.because(f"{kind!r} is no report on request")
    on = parse_date(day)
    with desk.home.provider.books.reading() as reading:
        form = papers.customers_report(reading, ReportKind(kind), on)
        was_filed = tables.find_filed(reading, ReportKind(kind), day)
    data = {"report": kind, "day": day, "filed": _filed(was_filed) if was_filed else None}
    return _drawn(form, pdf, data | form.as_json())


def _period(desk: Desk, on: str) -> Period:
    """The accounting period of a day, else the newest that has ended."""
    if on:
        return accounting_period(parse_date(on))
    return accounting_period(accounting_period(desk.home.now.date()).first - timedelta(days=1))


def _drawn(form: ReportForm, pdf: Any, data: dict[str, Any]) -> Answer:
    return Answer({**data, "files": draw(form, pdf)}, _picture(form))


def _picture(form: ReportForm) -> Shown:
    drawn: list[Table | str] = [f"{form.title}, {form.period}"]
    for each in form.tables:
        table = Table(*(column.label for column in each.columns), title=f"\n{each.heading}")
        for row in each.rows:
            table.add_row(*row)
        drawn.append(table)
    return Group(*drawn)


def _downloads(lines: list[Download], now: datetime) -> Table:
    table = Table("device", "reset", "account", "ZIP Code", "amount", "advanced", "at")
    for each in lines:
        table.add_row(
            each.device,
            str(each.sequence),
            each.account,
            each.zip_code,
            format_dollars(each.amount_mills),
            format_dollars(each.advanced_mills),
            minute(each.at, now),
        )
    return table


def _filed(report: FiledReport) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in asdict(report).items()
    }


def _plain(value: object) -> Any:
    return msgspec.to_builtins(value)
