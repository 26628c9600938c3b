"""How a night of scans looks to a person: what came in, what was found, where to look."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group
from rich.table import Table
from rich.text import Text

from franking.cli.answer import Shown
from franking.scans.intake_report import FileReport, IntakeReport
from franking.scans.summary import Summary, Tally
from franking.verification.reasons import KINDS, Reason
from franking.verification.verdict import Bearing, Verdict

_STYLES = {
    Verdict.AUTHENTIC: "green",
    Verdict.UNDETERMINED: "yellow",
    Verdict.NOT_AUTHENTIC: "red",
}
_BEARINGS = {
    Bearing.NONE: ("finding", ""),
    Bearing.DOUBT: ("doubt", "yellow"),
    Bearing.PROOF: ("proof", "red"),
}


def summary_picture(summary: Summary) -> Shown:
    """The summary of a night: outcomes, reasons, and where what is adverse comes from."""
    return Group(
        _outcomes(summary),
        _reasons(summary),
        *_tables("device", summary.devices_seen, summary.devices),
        *_tables("ZIP Code", summary.places_seen, summary.places),
        *_tables("scanner", summary.scanners_seen, summary.scanners),
    )


def intake_picture(report: IntakeReport) -> Shown:
    """The files of a night, one a line, and how their rows add up."""
    table = Table(title="Files", title_justify="left")
    table.add_column("No.", justify="right")
    table.add_column("File")
    table.add_column("Rows", justify="right")
    table.add_column("What becomes of it")
    for each in report.files:
        table.add_row(str(each.number), Text(each.name), f"{each.rows:,}", _fate_of(each))
    return Group(table, Text(rows_words(report, "to be judged")))


def rows_words(report: IntakeReport, judged: str = "judged") -> str:
    """How the rows add up, in one sentence."""
    said = f"{report.rows:,} rows came in: {report.rows_judged:,} {judged}"
    if report.rows_repeated:
        said += f", {report.rows_repeated:,} of files that were given twice"
    unread = sum(1 for each in report.files if each.fault)
    return f"{said}." + (
        f" {unread} of {len(report.files)} files cannot be read." if unread else ""
    )


def _fate_of(file: FileReport) -> str:
    if file.fault:
        return "cannot be read"
    if file.is_repeated:
        return f"the same as file {file.same_as}: to be judged once"
    return "to be judged" if file.is_whole else "to be judged as far as it can be read"


def _outcomes(summary: Summary) -> Table:
    table = Table(title="By outcome", title_justify="left")
    table.add_column("Outcome")
    table.add_column("Scans", justify="right")
    table.add_column("Share", justify="right")
    for verdict, style in _STYLES.items():
        count = summary.outcomes[verdict.value]
        share = f"{count / summary.scans:.3%}" if summary.scans else ""
        table.add_row(Text(verdict.value, style=style), f"{count:,}", share)
    table.add_row(Text("all", style="bold"), f"{summary.scans:,}", "")
    return table


def _reasons(summary: Summary) -> Table:
    table = Table(title="By reason (a scan may have several)", title_justify="left")
    for name in ("Reason", "Means", "Clause"):
        table.add_column(name)
    table.add_column("Scans", justify="right")
    for name, count in summary.reasons.items():
        kind = KINDS[Reason(name)]
        meaning = _meaning(kind.bearing, summary.proven.get(name, 0), count)
        table.add_row(name, meaning, kind.clause, f"{count:,}")
    return table


def _meaning(bearing: Bearing, proven: int, count: int) -> Text:
    """What a reason means; what proves a forgery on sure bytes is a doubt on others."""
    word, style = _BEARINGS[bearing]
    if bearing is not Bearing.PROOF or proven == count:
        return Text(word, style=style)
    doubt = Text(f"doubt {count - proven:,}", style=_BEARINGS[Bearing.DOUBT][1])
    return Text(", ").join([Text(f"proof {proven:,}", style=style), doubt]) if proven else doubt


def _tables(what: str, seen: int, tallies: Sequence[Tally]) -> Sequence[Table]:
    """One table of the most adverse; none where nothing is."""
    odd = [each for each in tallies if each.scans > each.authentic or each.noted]
    if not odd:
        return ()
    title = f"By {what}: {seen:,} seen, the most adverse first"
    table = Table(title=title, title_justify="left")
    table.add_column(what.capitalize() if what.islower() else what)
    for name in ("Scans", "Not authentic", "Undetermined", "With a finding"):
        table.add_column(name, justify="right")
    for each in odd:
        counts = (each.scans, each.not_authentic, each.undetermined, each.noted)
        table.add_row(Text(plain(each.name)), *(f"{count:,}" for count in counts))
    return (table,)


def plain(text: str) -> str:
    """Text from a file of scans, safe to print."""
    return "".join(each if each.isprintable() else "�" for each in text)
