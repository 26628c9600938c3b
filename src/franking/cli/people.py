"""``franking people``: who may do what, as the one table of roles has it."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from franking.cli.answer import Answer, facts
from franking.cli.command import ROLE_UNKNOWN, Desk, command
from franking.errors import Refusal
from franking.rules.permissions import Permission, Role, permissions

app = typer.Typer(help="People and roles: who may do what.", no_args_is_help=True)

COMMAND_UNKNOWN = Refusal(
    "COMMAND_UNKNOWN",
    clause="policy",
    remedy="See the whole table: franking people show.",
    http_status=404,
)


@command(app, "roles")
def roles(_: Desk) -> Answer:
    """List the roles, with how many commands each may give."""
    counted = {role: len(_lines(role=role)) for role in Role}
    data = [{"role": str(role), "commands": count} for role, count in counted.items()]
    rows = {str(role): f"{count} commands" for role, count in counted.items()}
    return Answer(data, facts("Roles", rows))


@command(app, "show")
def show(
    _: Desk,
    role: Annotated[str, typer.Option(help="What this role may do.")] = "",
    room: Annotated[str, typer.Option(help="The commands of one room.")] = "",
    command_name: Annotated[
        str, typer.Option("--command", metavar="COMMAND", help="Who may give this command.")
    ] = "",
) -> Answer:
    """Show who may do what, with the clause: the whole table, or a part of it."""
    found = _lines(role=_role(role), room=room, command_name=command_name)
    if not found:
        raise COMMAND_UNKNOWN.because("no line of the table is asked for by that")
    return Answer([_as_json(each) for each in found], _table(found))


def _role(name: str) -> Role | None:
    if not name:
        return None
    if name not in set(Role):
        raise ROLE_UNKNOWN.because(f"{name!r} is no role")
    return Role(name)


def _lines(
    *, role: Role | None = None, room: str = "", command_name: str = ""
) -> tuple[Permission, ...]:
    return tuple(
        each
        for each in permissions().values()
        if (role is None or role in each.roles)
        and room in ("", each.room)
        and command_name in ("", each.command)
    )


def _as_json(line: Permission) -> dict[str, object]:
    return {
        "command": line.command,
        "room": line.room,
        "roles": sorted(line.roles),
        "clause": line.clause,
    }


def _table(lines: tuple[Permission, ...]) -> Table:
    table = Table("Room", "Command", "Who", "Clause", box=None)
    for line in lines:
        table.add_row(line.room, line.command, "; ".join(sorted(line.roles)), line.clause)
    return table
