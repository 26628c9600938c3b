"""``franking trust``: the list of keys to believe, and the root key that signs it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from franking.cli.answer import Answer, facts
from franking.cli.command import Desk, command
from franking.clock import instant_text
from franking.home import root_key
from franking.home.devices import passphrase_in
from franking.home.keeping import shelf
from franking.rules.permissions import Role

app = typer.Typer(
    help="The list of device keys to believe, and its root key.", no_args_is_help=True
)

Parcel = Annotated[Path, typer.Argument(metavar="PARCEL", help="The file of the backup.")]
Secret = Annotated[
    Path,
    typer.Option(metavar="FILE", help="A file whose first line is the backup's passphrase."),
]


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


@command(app, "back-up")
def back_up(desk: Desk, parcel: Parcel, passphrase_file: Secret) -> Answer:
    """Back the root key up into a file, under a passphrase; keep both apart, away from here."""
    place, by = shelf(desk.home.folder, "postal"), desk.actor(Role.AUTHORITY_OFFICER)
    secret = passphrase_in(passphrase_file)
    root_key.back_up(place, parcel, passphrase=secret, by=by, now=desk.home.now)
    told = f"The root key is in {parcel}.\nNext, try it: franking trust drill {parcel}"
    return Answer({"parcel": str(parcel)}, f"{told} --passphrase-file FILE")


@command(app, "drill")
def drill(desk: Desk, parcel: Parcel, passphrase_file: Secret) -> Answer:
    """Try a backup of the root key in a vault of its own; satisfies the duty of the docket."""
    place, by = shelf(desk.home.folder, "postal"), desk.actor(Role.AUTHORITY_OFFICER)
    secret = passphrase_in(passphrase_file)
    done = root_key.drill(place, parcel, passphrase=secret, by=by, now=desk.home.now)
    data = {
        "parcel": str(parcel),
        "tried_at": instant_text(done.at),
        "next_by": done.next_by.isoformat(),
    }
    return Answer(data, f"The backup signs as the root does. Try it again by {done.next_by}.")


@command(app, "restore")
def restore(desk: Desk, parcel: Parcel, passphrase_file: Secret) -> Answer:
    """Put the root key back from its backup, where its vault was lost."""
    place, by = shelf(desk.home.folder, "postal"), desk.actor(Role.AUTHORITY_OFFICER)
    secret = passphrase_in(passphrase_file)
    root = root_key.restore(place, parcel, passphrase=secret, by=by, now=desk.home.now)
    data = {"authority": root.name, "public_key": root.public_key.hex()}
    return Answer(data, f"The root key of {root.name} is back.")
