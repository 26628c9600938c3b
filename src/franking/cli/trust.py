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
from franking.home.updating_trust import update_trust
from franking.rules.permissions import Role
from franking.verification.trust_list import TrustList

app = typer.Typer(
    help="The list of device keys to believe, and its root key.", no_args_is_help=True
)

Parcel = Annotated[Path, typer.Argument(metavar="PARCEL", help="The file of the backup.")]
Secret = Annotated[
    Path,
    typer.Option(metavar="FILE", help="A file whose first line is the backup's passphrase."),
]


@command(app, "publish")
def publish(
    desk: Desk,
    to: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="A folder for verifiers to update from, too."),
    ] = None,
) -> Answer:
    """Publish the trust list as the Postal Service's books stand now.

    With --to, the folder then holds the list, the status set without keys, and a delta from each
    recent list: static files, for a web server or a disk.
    """
    place = desk.home
    issue = place.postal.publish(place.now)
    data: dict[str, object] = {
        "number": issue.number,
        "certificates": issue.certificates,
        "issued": instant_text(issue.issued_at),
        "next_issue": instant_text(issue.next_issue_at),
        "path": str(place.own_trust_list),
        "root": str(place.own_root_key),
    }
    if to is not None:
        index = place.postal.publish_to(to, place.now)
        data |= {"to": str(to), "deltas_from": [each.base for each in index.deltas]}
        data |= {"list_bytes": index.whole.bytes, "status_bytes": index.status.bytes}
    shown = {name.replace("_", " "): value for name, value in data.items()}
    return Answer(data, facts("Published", shown))


@command(app, "update")
def update(
    desk: Desk,
    source: Annotated[
        str,
        typer.Argument(metavar="FROM", help="A folder, or an http(s) address; else as last time."),
    ] = "",
    root: Annotated[
        Path | None, typer.Option(help="The root key in PEM; needed once, then pinned.")
    ] = None,
    status_only: Annotated[
        bool,
        typer.Option("--status-only", help="Only how the keys at hand stand: a small download."),
    ] = False,
) -> Answer:
    """Bring the newest trust list here: what changed, where that is enough.

    Everything is checked under the pinned root key before it takes the place of the list at hand.
    An older list is refused. A download that broke off goes on where it stopped.
    """
    done = update_trust(desk.home, source, root=root, status_only=status_only)
    told = {"way": done.way.value, "before": done.before, "fetched_bytes": done.fetched_bytes}
    data = told | _standing(done.trust, desk)
    shown = {name.replace("_", " "): value for name, value in data.items() if value is not None}
    return Answer(data, facts("Trust list", shown))


@command(app, "show")
def show(
    desk: Desk,
    trust: Annotated[Path | None, typer.Option(help="A trust list; else the home's.")] = None,
    root: Annotated[Path | None, typer.Option(help="The root key in PEM.")] = None,
) -> Answer:
    """Say what a trust list holds, how old it is, whether it is stale, and what that limits."""
    data = _standing(desk.home.trust_list(trust, root), desk)
    shown = {name.replace("_", " "): value for name, value in data.items() if value is not None}
    return Answer(data, facts("Trust list", shown))


def _standing(listed: TrustList, desk: Desk) -> dict[str, object]:
    """What a list is worth now, for programs and people alike."""
    now, issue = desk.home.now, listed.issue
    counts = listed.count_by_status()
    return {
        "number": issue.number,
        "keys_of_list": issue.keys_number,
        "certificates": listed.count,
        **{status.name.lower(): count for status, count in counts.items()},
        "issued": instant_text(issue.issued),
        "age_hours": issue.age_hours(now),
        "next_issue": instant_text(issue.next_issue),
        "stale": listed.is_stale(now),
        "limits": "; ".join(listed.limits(now)) or None,
    }


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
