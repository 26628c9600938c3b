"""``franking home``: the folder that holds books, keys and devices."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from franking.cli.answer import Answer, facts
from franking.cli.command import Desk, command
from franking.home.devices import device_names
from franking.home.home import Home, open_home
from franking.home.settings import DEFAULT_ZONE, create_home

app = typer.Typer(help="The folder that holds books, keys and devices.", no_args_is_help=True)


@command(app, "create")
def create(
    desk: Desk,
    folder: Annotated[Path | None, typer.Argument(help="Where; else --home.")] = None,
    zone: Annotated[
        str, typer.Option(help="Time zone of the licensing post office (tz database name).")
    ] = DEFAULT_ZONE,
) -> Answer:
    """Make a home. With --simulated-clock its time stands still until --now moves it."""
    place = folder or desk.folder
    create_home(place, zone=zone, simulated_clock=desk.simulated_clock)
    return _described(open_home(place))


@command(app, "show")
def show(desk: Desk) -> Answer:
    """Say where the home is, what time it is there, and which devices it has."""
    return _described(desk.home)


def _described(place: Home) -> Answer:
    devices = device_names(place.folder)
    data = {
        "home": str(place.folder.resolve()),
        "zone": place.settings.zone,
        "simulated_clock": place.settings.simulated_clock,
        "now": place.now.isoformat(timespec="seconds"),
    }
    shown = facts("Home", {**data, "devices": ", ".join(devices) or "none"})
    return Answer({**data, "devices": devices}, shown)
