"""``franking model``, the approval desk's part: judge, approve, demand, suspend."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Group
from rich.table import Table
from rich.text import Text

from franking.cli.answer import Answer, facts
from franking.cli.command import Desk, command
from franking.cli.options import gathered
from franking.clock import parse_date, parse_instant
from franking.home.provider_office import NAME as HOME_PROVIDER
from franking.host.addresses import require_zip_in_use
from franking.messages.approving import EVERY_OFFICE
from franking.postal.models import commands as desk_commands
from franking.postal.models import ending
from franking.postal.models.decisions import missing_for
from franking.postal.models.records import (
    DemandKind,
    FieldTest,
    ModelEvent,
    ModelKey,
    ModelStatus,
    ModelVersion,
    Occasion,
)
from franking.rules.approval import Stage
from franking.rules.permissions import Role

Model = Annotated[str, typer.Argument(metavar="MODEL", help="The model's name, such as FK1A.")]
Version = Annotated[str, typer.Argument(metavar="VERSION", help="The version, such as 1.0.")]
Provider = Annotated[str, typer.Option(help="Whose model; else the provider of this home.")]
Because = Annotated[str, typer.Option(help="The facts and the reason.")]
Proceeding = Annotated[str, typer.Option(help="The record of the case that decided it.")]


@dataclass(frozen=True, kw_only=True)
class Approving:
    """How far a version is let go."""

    model: Model
    version: Version
    provider: Provider = HOME_PROVIDER
    tentative: Annotated[bool, typer.Option(help="A preliminary model, for its tests.")] = False
    field_test: Annotated[int, typer.Option(help="So many devices for a field test.")] = 0
    until: Annotated[str, typer.Option(help="The last day of the field test.")] = ""


def register(app: typer.Typer) -> None:
    """Add the commands of the desk."""
    bodies: Mapping[str, Callable[..., Answer]] = {
        "show": show,
        "judge": judge,
        "inspect": inspect,
        "tested": confirm,
        "approve": approve,
        "refuse": refuse,
        "demand": demand,
        "media": media,
        "suspend": suspend,
        "restore": restore,
        "revoke": revoke,
    }
    for name, body in bodies.items():
        command(app, name)(body)


def show(desk: Desk, model: Model, version: Version, provider: Provider = HOME_PROVIDER) -> Answer:
    """Show the file of a version: where it stands, what is missing, its history."""
    key = ModelKey(provider, model, version)
    found, history, asked = desk_commands.model_file(desk.home.postal.books, key)
    missing = list(missing_for(Stage.APPROVED, found))
    data = {
        "provider": provider,
        "model": model,
        "version": version,
        "status": str(found.status),
        "system": found.system,
        "design": found.design,
        "missing": missing,
        "filings": msgspec.to_builtins(found.filings),
        "history": msgspec.to_builtins(history),
        "demands": msgspec.to_builtins(asked),
    }
    return Answer(data, Group(_head(found, missing), _history(history, desk.home.now)))


def judge(
    desk: Desk,
    model: Model,
    version: Version,
    item: Annotated[str, typer.Argument(metavar="ITEM")],
    return_because: Annotated[
        list[str] | None, typer.Option("--return", help="Return it, for this reason.")
    ] = None,
    provider: Provider = HOME_PROVIDER,
) -> Answer:
    """Accept the item that waits, or return it; a faulty one can not be accepted."""
    books, signer = desk.postal_books(Role.RSE_MANAGER), desk.home.postal.signer
    key, reasons = ModelKey(provider, model, version), tuple(return_because or ())
    after = desk_commands.judge_item(
        books, signer, key, item, desk.home.now, return_because=reasons
    )
    desk.carry()
    return _said(after, f"The {item} was {'returned' if reasons else 'accepted'}.")


def inspect(
    desk: Desk,
    model: Model,
    version: Version,
    found: Annotated[str, typer.Option(help="What the inspection found.")],
    bad: Annotated[bool, typer.Option("--bad", help="The unit is not good.")] = False,
    occasion: Annotated[Occasion, typer.Option(help="Why it is inspected.")] = Occasion.SUBMISSION,
    provider: Provider = HOME_PROVIDER,
) -> Answer:
    """Write down the inspection of a unit in the hand."""
    after = desk_commands.record_inspection(
        desk.postal_books(Role.RSE_MANAGER),
        ModelKey(provider, model, version),
        occasion,
        good=not bad,
        found=found,
        now=desk.home.now,
    )
    return _said(after, f"Inspected upon {occasion}.")


def confirm(
    desk: Desk, model: Model, version: Version, provider: Provider = HOME_PROVIDER
) -> Answer:
    """Confirm that a version passed its tests."""
    books, key = desk.postal_books(Role.RSE_MANAGER), ModelKey(provider, model, version)
    return _said(desk_commands.confirm_tested(books, key, desk.home.now), "")


@gathered(Approving)
def approve(desk: Desk, asked: Approving) -> Answer:
    """Approve a version; or a preliminary model tentatively, or for a field test."""
    books, signer = desk.postal_books(Role.RSE_MANAGER), desk.home.postal.signer
    key, now = ModelKey(asked.provider, asked.model, asked.version), desk.home.now
    if asked.field_test or asked.until:
        test = FieldTest(units=asked.field_test, until=parse_date(asked.until))
        after = desk_commands.authorize_field_test(books, signer, key, test, now)
    elif asked.tentative:
        after = desk_commands.approve_tentatively(books, signer, key, now)
    else:
        after = desk_commands.approve_model(books, signer, key, now)
    desk.carry()
    return _said(after, "")


def refuse(
    desk: Desk, model: Model, version: Version, because: Because, provider: Provider = HOME_PROVIDER
) -> Answer:
    """Refuse a version, or the change of one."""
    books, signer = desk.postal_books(Role.RSE_MANAGER), desk.home.postal.signer
    key = ModelKey(provider, model, version)
    after = desk_commands.refuse_model(books, signer, key, because=because, now=desk.home.now)
    desk.carry()
    return _said(after, because)


def demand(
    desk: Desk,
    model: Model,
    version: Version,
    kind: Annotated[DemandKind, typer.Option(help="What kind of thing is asked for.")],
    what: Annotated[str, typer.Option(help="What exactly.")],
    provider: Provider = HOME_PROVIDER,
) -> Answer:
    """Ask the provider for tests, models, units, documents or a change; no cause is needed."""
    books, signer = desk.postal_books(Role.RSE_MANAGER), desk.home.postal.signer
    key = ModelKey(provider, model, version)
    asked = ending.demand(books, signer, key, kind, what, desk.home.now)
    desk.carry()
    data: dict[str, Any] = msgspec.to_builtins(asked)
    cost = ", at the provider's cost" if asked.at_providers_cost else ""
    return Answer(data, f"Demand {asked.number}: {kind}, {what} ({asked.clause}){cost}.")


def media(
    desk: Desk,
    model: Model,
    version: Version,
    office: Annotated[
        list[str], typer.Option(help="ZIP Code of a licensing post office, or every.")
    ],
    provider: Provider = HOME_PROVIDER,
) -> Answer:
    """Copy the master of the training media and send it to licensing post offices."""
    for zip_code in office:
        if zip_code != EVERY_OFFICE:
            require_zip_in_use(zip_code)
    books, signer = desk.postal_books(Role.RSE_MANAGER), desk.home.postal.signer
    key = ModelKey(provider, model, version)
    offices = [each if each == EVERY_OFFICE else each[:5] for each in office]
    have = desk_commands.distribute_media(books, signer, key, offices, desk.home.now)
    desk.carry()
    return Answer({"offices": have}, f"Offices with the media: {', '.join(have)}.")


def suspend(
    desk: Desk,
    model: Model,
    version: Version,
    proceeding: Proceeding,
    because: Because,
    provider: Provider = HOME_PROVIDER,
) -> Answer:
    """Suspend the approval of a version, as a proceeding decided."""
    return _ended(desk, ending.suspend_model, provider, model, version, proceeding, because)


def restore(
    desk: Desk,
    model: Model,
    version: Version,
    proceeding: Proceeding,
    because: Because,
    provider: Provider = HOME_PROVIDER,
) -> Answer:
    """Withdraw a suspension."""
    return _ended(desk, ending.restore_model, provider, model, version, proceeding, because)


def revoke(
    desk: Desk,
    model: Model,
    version: Version,
    proceeding: Proceeding,
    because: Because,
    provider: Provider = HOME_PROVIDER,
) -> Answer:
    """Revoke the approval of a version for good, as a proceeding decided."""
    return _ended(desk, ending.revoke_model, provider, model, version, proceeding, because)


def _ended(
    desk: Desk, act: Any, provider: str, model: str, version: str, proceeding: str, because: str
) -> Answer:
    now: datetime = desk.home.now
    after: ModelVersion = act(
        desk.postal_books(Role.RSE_MANAGER),
        desk.home.postal.signer,
        ModelKey(provider, model, version),
        proceeding=proceeding,
        because=because,
        now=now,
    )
    desk.carry()
    return _said(after, because)


def _said(after: ModelVersion, because: str) -> Answer:
    data = {
        "provider": after.key.provider,
        "model": after.key.model,
        "version": after.key.version,
        "status": str(after.status),
    }
    return Answer(data, f"{after.key.model}/{after.key.version} is {after.status}. {because}")


def _head(found: ModelVersion, missing: list[str]) -> Table:
    waiting = "" if found.status is ModelStatus.APPROVED else ", ".join(missing)
    rows = {
        "status": found.status,
        "rulebook": found.rulebook,
        "system": found.system,
        "design": found.design,
        "submitted": found.submitted_on,
        "missing": waiting or "nothing",
    }
    return facts(str(found.key), rows)


def _history(history: list[ModelEvent], now: datetime) -> Table:
    table = Table(title="History", title_justify="left", box=None, padding=(0, 2))
    for heading in ("when", "what", "by", "because"):
        table.add_column(heading)
    for each in history:
        day = parse_instant(each.at).astimezone(now.tzinfo).date().isoformat()
        table.add_row(*(Text(part) for part in (day, each.event, each.by, each.because)))
    return table
