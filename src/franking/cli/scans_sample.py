"""``franking scans sample``: a random sample of a night that anybody can draw again."""

from __future__ import annotations

import secrets
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import pyarrow as pa
import pyarrow.parquet as pq
import typer
from rich.console import Group
from rich.table import Table
from rich.text import Text

from franking import rules
from franking.cli.answer import Answer, Shown
from franking.cli.command import Desk
from franking.cli.scans_pictures import plain
from franking.errors import Refusal
from franking.scans.operations import Operation
from franking.scans.sampling import Asked, Estimate, Sample, Stratum, draw_sample

SAMPLE_OVER_VERDICTS = Refusal(
    "SAMPLE_OVER_VERDICTS",
    clause="policy",
    remedy="Give the sample a name of its own: verdicts are evidence, and are not written over.",
    http_status=422,
)
SAMPLE_NOT_WRITTEN = Refusal(
    "SAMPLE_NOT_WRITTEN",
    clause="policy",
    remedy="Name a file with --out in a folder that is there and can be written.",
    http_status=422,
)
_SEED_BITS = 32
_STRATA_SHOWN = 20
_ESTIMATES_SHOWN = 3
"""Of each stratum, as a line has room for: the verdicts and the findings."""
_RULEBOOK = "ibip-1997"


class By(StrEnum):
    """What a sample may be stratified by."""

    DEVICE = "device"
    PLACE = "place"
    SCANNER = "scanner"


class Among(StrEnum):
    """Where the scans were made that a sample is drawn from."""

    ACCEPTANCE = "acceptance"
    ORIGIN = "origin"
    TRANSIT = "transit"
    DESTINATION = "destination"
    DELIVERY = "delivery"


def sample(
    desk: Desk,
    verdicts: Annotated[Path, typer.Argument(help="A file that `franking scans verify` wrote.")],
    size: Annotated[
        int | None, typer.Option(min=1, help="So many scans; else as policy says.")
    ] = None,
    by: Annotated[By | None, typer.Option(help="Some scans of each; else of all alike.")] = None,
    among: Annotated[
        Among | None, typer.Option(help="Only scans made there; destination offices, say.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Draws the same again; else a new one, which is told.")
    ] = None,
    confidence: Annotated[
        int | None, typer.Option(min=50, max=99, help="Per cent; else as policy says.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write the sampled rows (Parquet).")] = None,
) -> Answer:
    """Draw a random sample of a night, and estimate from it what all of the night is like.

    The same seed draws the same scans from the same verdicts, whoever draws them. The intervals
    hold the true share as often as --confidence says.
    """
    if out is not None and out.resolve() == verdicts.resolve():
        raise SAMPLE_OVER_VERDICTS.because(f"{out} is the file of verdicts itself")
    on = desk.home.now.date()
    asked = Asked(
        scans=size or rules.whole("scans", _RULEBOOK, on, "sample_scans"),
        seed=secrets.randbits(_SEED_BITS) if seed is None else seed,
        confidence_percent=confidence
        or rules.whole("scans", _RULEBOOK, on, "sample_confidence_percent"),
        by=by or "",
        among=None if among is None else Operation[among.name],
    )
    found, rows = draw_sample(verdicts, asked)
    if out is not None:
        _write(rows, out)
    drawn = [list(each) for each in zip(*(rows[name].to_pylist() for name in _ROW), strict=True)]
    return Answer(found.as_json() | {"rows": drawn}, _picture(found, out))


_ROW = ("file", "row")


def _write(rows: pa.Table, out: Path) -> None:
    try:
        pq.write_table(rows, out)
    except OSError as failure:
        raise SAMPLE_NOT_WRITTEN.because(f"{out}: {failure.strerror or failure}") from failure


def _picture(found: Sample, out: Path | None) -> Shown:
    asked = found.asked
    of = "scans" if asked.among is None else f"scans made at {asked.among.word}"
    said = f"{found.scans:,} of {found.population:,} {of}, drawn with seed {asked.seed}"
    words = [said + (f", by {asked.by}." if asked.by else ".")]
    if out is not None:
        words.append(f"The sampled rows are in {out}.")
    parts: list[Text | Table] = [Text("\n".join(words), style="bold"), _estimates(found)]
    if asked.by:
        parts.append(_strata(found.strata, asked.by))
    return Group(*parts)


def _estimates(found: Sample) -> Table:
    table = Table(title="What the sample says of all of them", title_justify="left")
    table.add_column("Scans that are")
    table.add_column("In the sample", justify="right")
    table.add_column("Share", justify="right")
    table.add_column(f"{found.asked.confidence_percent} % interval")
    for each in found.estimates:
        table.add_row(each.name, f"{each.found:,}", f"{each.share:.3%}", _interval(each))
    return table


def _strata(strata: tuple[Stratum, ...], by: str) -> Table:
    """Those of which most was found."""
    worst = sorted(strata, key=lambda each: (-_adverse(each), each.name))[:_STRATA_SHOWN]
    table = Table(title=f"By {by}: {len(strata):,} seen, the most adverse first")
    table.add_column(by.capitalize(), no_wrap=True)
    shown = [each.name.capitalize() for each in strata[0].estimates[:_ESTIMATES_SHOWN]]
    for name in ("Scans", "Sampled", *shown):
        table.add_column(name, justify="right")
    for each in worst:
        found = (f"{estimate.found:,}" for estimate in each.estimates[:_ESTIMATES_SHOWN])
        table.add_row(Text(plain(each.name)), f"{each.population:,}", f"{each.scans:,}", *found)
    return table


def _adverse(stratum: Stratum) -> int:
    return sum(each.found for each in stratum.estimates)


def _interval(of: Estimate) -> str:
    return f"{of.low:.3%} to {of.high:.3%}"
