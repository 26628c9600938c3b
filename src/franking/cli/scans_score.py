"""``franking scans score``: the verdicts on a made-up night beside the truth about it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import msgspec
import pyarrow as pa
import typer
from rich.console import Group
from rich.table import Table

from franking.cli.answer import Answer, facts
from franking.cli.command import Desk
from franking.errors import EXIT_DONE, Refusal
from franking.scans.suspicions import Suspicion, read
from franking.world.nights.scoring import Score, score

EXIT_NOT_PERFECT = 3

NOT_OF_ONE_NIGHT = Refusal(
    "NOT_OF_ONE_NIGHT",
    clause="policy",
    remedy="Give the truth.parquet of a made-up night and the verdicts on its scans, on no others.",
    http_status=422,
)


def score_night(
    desk: Desk,
    truth: Annotated[Path, typer.Argument(help="The truth.parquet of a made-up night.")],
    verdicts: Annotated[Path, typer.Argument(help="What `franking scans verify` said of it.")],
    suspicions: Annotated[
        Path | None, typer.Option(help="The suspicions that lie beside the verdicts.")
    ] = None,
) -> Answer:
    """Count what a verifier found of a made-up night, what it missed, and whom it wronged.

    Exits with 3 where anything that can be seen was missed, or anything said that is not true.
    """
    try:
        found = score(truth, verdicts, _suspicions(suspicions))
    except (OSError, ValueError, KeyError, pa.ArrowException, msgspec.DecodeError) as error:
        raise NOT_OF_ONE_NIGHT.because(f"{truth} and {verdicts}: {error}") from error
    return Answer(
        _told(found), _picture(found), EXIT_DONE if found.is_perfect else EXIT_NOT_PERFECT
    )


def _suspicions(path: Path | None) -> tuple[Suspicion, ...] | None:
    return None if path is None else read(path.read_bytes()).suspicions


def _told(found: Score) -> dict[str, Any]:
    return {
        "rows": found.rows,
        "genuine": found.genuine,
        "called_not_authentic": found.falsely_accused,
        "not_true_reasons": found.stray,
        "wrong_verdicts": found.wrong_verdicts,
        "undetermined": found.undetermined,
        "false_suspicions": found.false_suspicions,
        "perfect": found.is_perfect,
        "frauds": {
            fraud.value: asdict(tally) for fraud, tally in found.frauds.items() if tally.scans
        },
    }


def _picture(found: Score) -> Group:
    table = Table("Fraud", title="By fraud", title_justify="left")
    for name in ("Scans", "Can be seen", "Found", "Suspected"):
        table.add_column(name, justify="right")
    for fraud, tally in found.frauds.items():
        if tally.scans:
            suspected = f"{tally.suspected} of {tally.suspicious}" if tally.suspicious else ""
            counts = (tally.scans, tally.detectable, tally.found)
            table.add_row(fraud, *map(str, counts), suspected)
    told = {
        "scans": f"{found.rows:,}, of genuine pieces {found.genuine:,}",
        "genuine, called not authentic": found.falsely_accused,
        "genuine, with a reason not true": found.stray,
        "wrong verdicts": found.wrong_verdicts,
        "suspicions of honest mail": found.false_suspicions,
        "genuine, undetermined": found.undetermined,
    }
    return Group(facts("Verdicts beside the truth", told), table)
