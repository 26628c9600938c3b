"""``franking demo``: the whole job, shown."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Group
from rich.table import Table
from rich.text import Text

from franking.cli.answer import Answer, console, facts
from franking.cli.command import Desk
from franking.cli.verify import verdict_text
from franking.verification.payload import Verification
from franking.verification.verdict import Outcome
from franking.world import demo as story
from franking.world.demo import Scene


def demo(
    desk: Desk,
    folder: Annotated[
        Path, typer.Option("--dir", help="Where the demo's home and prints go.")
    ] = Path("franking-demo"),
) -> Answer:
    """Do the whole job in a folder of its own: licence, fund, print, read back, verify.

    Ten mailpieces from a mailing list, then a copied piece, an altered one and one of a revoked
    key. A former demo in the folder is replaced; nothing else is touched.
    """
    started = time.monotonic()
    scenes: list[Scene] = []
    out = console()
    for scene in story.play(folder):
        scenes.append(scene)
        if not desk.as_json:
            out.print(_picture(len(scenes), scene))
    data = {"folder": str(folder.resolve()), "scenes": [_as_json(scene) for scene in scenes]}
    return Answer(data, _farewell(folder, seconds=time.monotonic() - started))


def _picture(number: int, scene: Scene) -> Group:
    parts: list[Any] = [Text(f"{number}. {scene.title}", style="bold")]
    if scene.facts:
        parts.append(facts("", dict(scene.facts)))
    if scene.verifications:
        parts.append(_verdicts(scene.verifications))
    return Group(*parts, "")


def _verdicts(found: tuple[Verification, ...]) -> Table:
    table = Table(show_header=False, box=None, padding=(0, 2))
    for each in found:
        said = each.indicium.fields if each.indicium else {}
        table.add_row(
            verdict_text(each),
            Path(each.where).name,
            f"{said.get('device_id', '')} {said.get('ascending_mills', '')}",
            "; ".join(step.reason for step in each.steps if step.outcome is Outcome.FAILED),
        )
    return table


def _as_json(scene: Scene) -> dict[str, Any]:
    return {
        "title": scene.title,
        "facts": dict(scene.facts),
        "verifications": [each.as_json() for each in scene.verifications],
    }


def _farewell(folder: Path, *, seconds: float) -> Group:
    home = folder / "home"
    rows = {
        "envelopes": folder / story.PIECES,
        "parcel label": f"{folder / story.LABEL} and {folder / story.ZPL}",
        "one piece": folder / story.PICTURE,
        "frauds": folder / "frauds",
        "books, keys, devices": home,
    }
    hints = (
        f"franking verify {folder / story.PICTURE} --home {home}",
        f"franking device show {story.DEVICE} --home {home}",
        f"franking device evidence {story.DEVICE} --postage 0.485 --request-id mine"
        f" --out mine.png --home {home}",
        f"franking rules show device.descending_limit --home {home}",
    )
    return Group(
        facts(f"Done in {seconds:.0f} seconds. The files:", rows),
        Text("\nTry next:", style="bold"),
        *(Text(f"  {hint}") for hint in hints),
    )
