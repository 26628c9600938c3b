"""``franking trust``: the list of keys to believe."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from franking.cli.answer import Answer, facts
from franking.cli.command import Desk, command
from franking.clock import instant_text

app = typer.Typer(help="The list of device keys to believe.", no_args_is_help=True)


@command(app, "publish")
def publish(desk: Desk) -> Answer:
    """Publish the trust list as the Postal Service's books stand now."""
    place = desk.home
    issue = place.postal.publish(place.now)
    path = place.own_trust_list
    data = {
        "number": issue.number,
        "certificates": issue.certificates,
        "issued": instant_text(issue.issued_at),
        "next_issue": instant_text(issue.next_issue_at),
        "path": str(path),
        "root": str(place.own_root_key),
    }
    return Answer(data, facts("Published", data))


@command(app, "show")
def show(
    desk: Desk,
    trust: Annotated[Path | None, typer.Option(help="A trust list; else the home's.")] = None,
    root: Annotated[Path | None, typer.Option(help="The root key in PEM.")] = None,
) -> Answer:
    """Say what a trust list holds, how old it is, and whether it is stale."""
    place = desk.home
    listed = place.trust_list(trust, root)
    data = {
        "number": listed.issue.number,
        "certificates": listed.count,
        "issued": instant_text(listed.issue.issued),
        "next_issue": instant_text(listed.issue.next_issue),
        "stale": listed.is_stale(place.now),
    }
    return Answer(data, facts("Trust list", data))
