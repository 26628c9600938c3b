"""``franking scans synthesize``: nights of mail to try a verifier on, and the truth about them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import pyarrow.parquet as pq
import typer

from franking.cli.answer import Answer, facts
from franking.cli.command import Desk
from franking.cli.progress import shown_while_running
from franking.clock import parse_date
from franking.errors import Refusal
from franking.world.nights.plan import Plan, latest_night, read_spec
from franking.world.nights.records import Night
from franking.world.nights.synthesis import synthesize as make_nights

FOLDER_NOT_EMPTY = Refusal(
    "FOLDER_NOT_EMPTY",
    clause="policy",
    remedy="Name a folder that is new or empty: what was made before is not written over.",
    http_status=409,
)
FOLDER_NOT_MADE = Refusal(
    "FOLDER_NOT_MADE",
    clause="policy",
    remedy="Name a new folder in a place that can be written.",
    http_status=422,
)


def synthesize(
    desk: Desk,
    out: Annotated[Path, typer.Option(help="A new folder for everything that is made.")],
    pieces: Annotated[int, typer.Option(min=1, help="Pieces mailed a day.")] = 10_000,
    devices: Annotated[int, typer.Option(min=1, help="Honest devices.")] = 200,
    nights: Annotated[int, typer.Option(min=1, help="Nights in a row.")] = 1,
    fraud: Annotated[
        Path | None, typer.Option(help="YAML: frauds and troubles, as shares or numbers.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed makes the same nights.")] = 1,
    on: Annotated[str, typer.Option(help="The day of the last night; else the latest.")] = "",
    processes: Annotated[int, typer.Option(min=0, help="0: one for each core.")] = 0,
) -> Answer:
    """Make nights of mail: signed by real keys, honest or not, and what is true of each scan.

    Writes the scans, those of the nights before, a signed trust list with its root key, what is
    known of the devices, and the truth. Nothing of it is to be believed anywhere else.
    """
    asked: dict[str, Any] = {"nights": tuple(reversed(range(nights)))}
    plan = Plan(
        pieces=pieces,
        devices=devices,
        on=parse_date(on) if on else latest_night(desk.home.now),
        seed=seed,
        **asked | (read_spec(fraud) if fraud else {}),
    )
    _make_folder(out)
    with shown_while_running(quiet=desk.as_json) as shown:
        night = make_nights(
            plan,
            out,
            processes=processes or os.cpu_count() or 1,
            watch=lambda done, of: shown.progress("making", done, of),
        )
    return _answer(plan, night)


def _answer(plan: Plan, night: Night) -> Answer:
    data = {
        "night": plan.on.isoformat(),
        "scans": str(night.scans),
        "rows": pq.read_metadata(night.scans).num_rows,
        "earlier": [str(path) for path in night.earlier],
        "trust": str(night.trust),
        "root": str(night.root),
        "known": str(night.known),
        "truth": str(night.truth),
    }
    shown = data | {"earlier": f"{len(night.earlier)} nights"}
    return Answer(data, facts("A made-up night", shown))


def _make_folder(out: Path) -> None:
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise FOLDER_NOT_EMPTY.because(f"{out} is there, with something in it")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as failure:
        raise FOLDER_NOT_MADE.because(f"{out}: {failure.strerror}") from failure
