"""``franking scans``: a night of scans verified, counted, sampled, and kept for later nights."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Group
from rich.text import Text

from franking.cli.answer import Answer
from franking.cli.cases_pictures import taken_words
from franking.cli.command import USAGE, Desk, command
from franking.cli.progress import shown_while_running
from franking.cli.scans_history import app as history_app
from franking.cli.scans_known import known as known_beside_scans
from franking.cli.scans_list import list_scans
from franking.cli.scans_pictures import intake_picture, rows_words, summary_picture
from franking.cli.scans_sample import sample
from franking.cli.scans_score import score_night
from franking.cli.scans_synthesize import synthesize
from franking.clock import instant_text, parse_date
from franking.errors import EXIT_DONE
from franking.home.nights import (
    OUTPUT_IS_INPUT,
    NightAsked,
    NightDone,
    look_through,
    verify_files,
)
from franking.rules.permissions import Role
from franking.scans.duckdb_engine import DuckdbEngine
from franking.scans.intake_report import IntakeReport
from franking.scans.night import Engine
from franking.scans.spark_engine import SparkEngine
from franking.scans.summary import Summary, summarise
from franking.verification.reasons import Reason

app = typer.Typer(
    help="Nights of scans: verify, count, sample and keep them.", no_args_is_help=True
)

EXIT_NOT_WHOLE = 4
"""Something that came in could not be read; everything else was judged."""


class EngineName(StrEnum):
    """What does the work."""

    DUCKDB = "duckdb"
    SPARK = "spark"


Verdicts = Annotated[Path, typer.Argument(help="A file that `franking scans verify` wrote.")]
Picture = Annotated[
    Path | None, typer.Option("--summary-png", metavar="PNG", help="Draw the summary, too.")
]


@command(app, "verify")
def verify(
    desk: Desk,
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE", help="Parquet, CSV, or folders of them.")
    ],
    out: Annotated[Path, typer.Option(help="Where the verdicts go (Parquet).")] = Path(
        "verdicts.parquet"
    ),
    summary_png: Picture = None,
    history: Annotated[
        Path | None, typer.Option(help="The folder of earlier nights; else the home's.")
    ] = None,
    keep: Annotated[
        bool, typer.Option("--keep/--no-keep", help="Keep the night for later ones.")
    ] = True,
    known: Annotated[
        Path | None, typer.Option(help="What is known beside the scans; else the books.")
    ] = None,
    cases: Annotated[
        bool | None,
        typer.Option(
            "--cases/--no-cases", help="Open cases; else as the trust list is the home's."
        ),
    ] = None,
    night: Annotated[str, typer.Option(help="The day of the night; else its scans say it.")] = "",
    engine: Annotated[EngineName, typer.Option(help="What does the work.")] = EngineName.DUCKDB,
    master: Annotated[str, typer.Option(help="The cluster of --engine spark.")] = "",
    processes: Annotated[int, typer.Option(min=0, help="0: one for each core.")] = 0,
    scratch: Annotated[
        Path | None, typer.Option(help="A folder for interim files; else beside the verdicts.")
    ] = None,
    trust: Annotated[
        Path | None, typer.Option(help="A trust list; else the home's latest.")
    ] = None,
    root: Annotated[Path | None, typer.Option(help="The root key in PEM; else the home's.")] = None,
    rulebook: Annotated[str, typer.Option(help="What devices stand under.")] = "ibip-1997",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would come in; write nothing.")
    ] = False,
) -> Answer:
    """Check every piece of a night, with no network, against every night before.

    Writes a verdict for each row, the suspicions beside it, and a summary. Rows that cannot be
    read are judged illegible, never dropped. Exits with 4 where a file could not be read whole.
    """
    asked = NightAsked(
        files=tuple(files),
        out=out,
        picture=summary_png,
        trust=trust,
        root=root,
        known=known,
        history=history,
        keep=keep,
        cases=cases,
        night=parse_date(night) if night else None,
        rulebook=rulebook,
        scratch=scratch,
    )
    with shown_while_running(quiet=desk.as_json) as shown:
        if dry_run:
            found = look_through(desk.home, asked, shown.progress)
            return _looked_through(found.report, found.night)
        by = desk.actor(Role.POSTAL_INSPECTOR)
        works = _engine(engine, master, processes)
        done = verify_files(desk.home, asked, works, by=by, progress=shown.progress)
    return _verified(done, out, summary_png)


@command(app, "show")
def show(desk: Desk, verdicts: Verdicts, summary_png: Picture = None) -> Answer:
    """Count a file of verdicts again: by outcome, reason, device, ZIP Code and scanner."""
    summary = summarise(verdicts)
    if summary_png is not None and summary_png.resolve() == verdicts.resolve():
        raise OUTPUT_IS_INPUT.because(f"{summary_png} is the file of verdicts itself")
    _drawn(summary, summary_png, verdicts.name)
    return Answer(summary.as_json(), summary_picture(summary))


command(app, "list")(list_scans)
command(app, "known")(known_beside_scans)
command(app, "sample")(sample)
command(app, "synthesize")(synthesize)
command(app, "score")(score_night)
app.add_typer(history_app, name="history")


def _engine(name: EngineName, master: str, processes: int) -> Engine:
    if name is EngineName.SPARK:
        return SparkEngine(master=master)
    if master:
        raise USAGE.because("--master names a cluster: say --engine spark, too")
    return DuckdbEngine(processes=processes)


def _looked_through(report: IntakeReport, night: date) -> Answer:
    data = {"night": night.isoformat(), "intake": report.as_json()}
    shown = Group(Text(f"Night of {night}; nothing was judged."), intake_picture(report))
    return Answer(data, shown, _status(report), tuple(report.cautions()))


def _verified(done: NightDone, out: Path, picture: Path | None) -> Answer:
    summary = summarise(out)
    _drawn(summary, picture, f"Night of {done.report.night}")
    report = done.files.report
    data = _told(done, out) | {"summary": summary.as_json(), "intake": report.as_json()}
    shown = Group(
        Text("\n".join(_words(done, out)), style="bold"),
        summary_picture(summary),
        Text(_next_words(done)),
    )
    disputed = (each.caution for each in done.report.disputed)
    warnings = (*report.cautions(), *disputed, *_known_words(done), *_stale_words(summary))
    return Answer(data, shown, _status(report), warnings)


def _told(done: NightDone, out: Path) -> dict[str, Any]:
    report, evidence = done.report, done.report.evidence
    opened = done.opened
    return {
        "night": report.night.isoformat(),
        "verdicts": str(out),
        "rows": report.rows,
        "outcomes": {verdict.value: count for verdict, count in report.verdicts.items()},
        "disputed_scanners": msgspec.to_builtins(report.disputed),
        "suspicions": len(evidence.suspicions),
        "suspicions_file": str(done.suspicions),
        "cases": None
        if opened is None
        else {
            "opened": [each.number for each in opened.cases],
            "of_pieces": opened.piece_cases,
            "borne_out": opened.borne_out,
            "known": opened.known,
            "findings_only": opened.findings_only,
        },
        "trust_list": {
            "number": evidence.trust_list,
            "issued": instant_text(evidence.trust_issued),
        },
        "history": None if done.history is None else str(done.history),
        "history_rows": report.history_rows,
        "known_before": {str(file): on.isoformat() for file, on in report.known_before.items()},
        "seconds": {name: round(taken, 3) for name, taken in report.seconds.items()},
    }


def _words(done: NightDone, out: Path) -> list[str]:
    report, evidence = done.report, done.report.evidence
    age = evidence.judged_at - evidence.trust_issued
    seconds = sum(report.seconds.values())
    return [
        f"Night of {report.night}: {rows_words(done.files.report)}",
        f"Judged in {seconds:,.1f} s under trust list {evidence.trust_list}, {age.days} days old.",
        f"The verdicts are in {out}, the suspicions in {done.suspicions}.",
    ]


def _next_words(done: NightDone) -> str:
    night, count = done.report.evidence.night, len(done.report.evidence.suspicions)
    if done.opened is not None:
        return f"{taken_words(done.opened, night)}\nLook into them: franking cases"
    if not count:
        return "Nothing is suspect."
    return f"{count:,} suspicions. Open their cases: franking cases take {done.suspicions}"


def _known_words(done: NightDone) -> list[str]:
    names = {each.number: each.name for each in done.files.report.files}
    return [
        f"{names[number]}: these very bytes came in on the night of {on}; they are not kept again"
        for number, on in done.report.known_before.items()
    ]


def _stale_words(summary: Summary) -> list[str]:
    if not summary.reasons.get(Reason.TRUST_LIST_STALE):
        return []
    return ["the trust list is stale, so no scan is called authentic: franking trust update"]


def _status(report: IntakeReport) -> int:
    return EXIT_DONE if report.is_whole else EXIT_NOT_WHOLE


def _drawn(summary: Summary, picture: Path | None, title: str) -> None:
    """Drawing is read in only where something is to be drawn."""
    if picture is not None:
        from franking.scans.summary_picture import draw

        draw(summary, picture, title=title)
