"""How a docket looks to a person: the morning page, and what a sweep did."""

from __future__ import annotations

from datetime import date

from rich.console import Group
from rich.table import Table
from rich.text import Text

from franking.cli.answer import Shown
from franking.docket import Obligation, ObligationStatus, SweepReport
from franking.docket.catalogue import duty
from franking.docket.views import Counts, Page

_STYLE = {
    ObligationStatus.MISSED: "bold red",
    ObligationStatus.SATISFIED: "green",
    ObligationStatus.SATISFIED_LATE: "yellow",
    ObligationStatus.CANCELLED: "dim",
}


def page_picture(found: Page, totals: Counts, today: date, after: str | None) -> Shown:
    """A page of the docket, with how much there is to do above it."""
    if not found.obligations:
        return Group(_totals(totals), Text("Nothing on the docket answers to this."))
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("Due", no_wrap=True)
    table.add_column("Standing", no_wrap=True)
    table.add_column("About, and owed by", overflow="fold")
    table.add_column("What, and by which clause", overflow="fold", ratio=1)
    for each in found.obligations:
        table.add_row(
            each.due.isoformat(),
            _standing(each, today),
            Text.assemble(each.record, "\n", (each.owed_by, "dim")),
            Text.assemble(duty(each.duty).title, "\n", (each.clause, "dim")),
        )
    rest = Text(f"There is more: --after '{after}'", style="dim") if after else Text()
    return Group(_totals(totals), table, rest)


def sweep_picture(report: SweepReport, *, dry_run: bool) -> Shown:
    """What a sweep marked missed, or would."""
    verb = "would be" if dry_run else "was" if report.total == 1 else "were"
    lines = [Text(f"{report.total:,} {verb} marked missed on {report.on}.")]
    lines += [Text(f"  {count:>8,}  {name}") for name, count in sorted(report.missed.items())]
    lines += [
        Text(f"  stays open: {each.obligation.id}: {each.code}: {each.detail}", style="yellow")
        for each in report.stuck
    ]
    return Group(*lines)


def _totals(totals: Counts) -> Text:
    named = {
        "missed": totals.missed,
        "overdue": totals.overdue,
        "due today": totals.due_today,
        "due in the next 7 days": totals.due_this_week,
    }
    return Text(", ".join(f"{_most(count, totals.most)} {name}" for name, count in named.items()))


def _most(count: int, most: int) -> str:
    return f"{most:,} or more" if count == most else f"{count:,}"


def _standing(of: Obligation, today: date) -> Text:
    if of.status is not ObligationStatus.OPEN:
        return Text(str(of.status), style=_STYLE[of.status])
    days = (of.due - today).days
    if days < 0:
        return Text(f"overdue {-days} d", style="red")
    soon = days <= duty(of.duty).warn_days
    return Text("today" if days == 0 else f"in {days} d", style="yellow" if soon else "")
