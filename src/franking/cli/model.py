"""``franking model``: submit a model and file about it; ``model_desk`` has the desk's part."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from franking.cli import model_desk
from franking.cli.answer import Answer, facts
from franking.cli.command import Desk, command
from franking.cli.options import gathered
from franking.errors import Refusal
from franking.home.approvals import demonstrate
from franking.messages.approving import CONTENTS, ModelDescription, traits_of
from franking.provider.models import commands as maker
from franking.provider.models.commands import FILING_UNREADABLE
from franking.rules.approval import items
from franking.rules.permissions import Role

app = typer.Typer(help="Approval of models, from letter to version.", no_args_is_help=True)
model_desk.register(app)

DOCUMENT_UNREADABLE = Refusal(
    "DOCUMENT_UNREADABLE",
    clause="policy",
    remedy="Give a file that can be read.",
    http_status=422,
)

Model = Annotated[str, typer.Argument(metavar="MODEL", help="The model's name, such as FK1A.")]
Version = Annotated[str, typer.Argument(metavar="VERSION", help="The version, such as 1.0.")]


@dataclass(frozen=True, kw_only=True)
class Submission:
    """What a submission says."""

    model: Model
    version: Version
    design: Annotated[Path, typer.Option(help="The drawings and specifications, or the software.")]
    description: Annotated[Path, typer.Option(help="What the model is, as JSON.")]
    rulebook: Annotated[str, typer.Option(help="meter-1995 or ibip-1997.")] = "ibip-1997"
    changes: Annotated[str, typer.Option(help="The approved version that this one changes.")] = ""
    affects: Annotated[
        list[str] | None, typer.Option(help="A feature or safeguard that the change affects.")
    ] = None


@command(app, "submit")
@gathered(Submission)
def submit(desk: Desk, asked: Submission) -> Answer:
    """Submit a version for approval, or as a change of an approved one."""
    own = maker.submit_model(
        desk.provider_books(Role.PROVIDER_AGENT),
        desk.home.provider.signer,
        model=asked.model,
        version=asked.version,
        rulebook=asked.rulebook,
        design=_digest(asked.design),
        description=_description(asked.description),
        now=desk.home.now,
        changes=asked.changes,
        affects=tuple(asked.affects or ()),
    )
    desk.carry()
    data = {"model": own.model, "version": own.version, "design": own.design}
    return Answer(data, f"Submitted {own.name}; its design is {own.design}.")


@command(app, "file")
def file(
    desk: Desk,
    model: Model,
    version: Version,
    item: Annotated[
        str, typer.Argument(metavar="ITEM", help="As `franking model items` names it.")
    ],
    document: Annotated[Path | None, typer.Option(help="The document; its digest is sent.")] = None,
    content: Annotated[Path | None, typer.Option(help="The fields of the item, as JSON.")] = None,
    title: Annotated[str, typer.Option(help="What the document is called.")] = "",
) -> Answer:
    """File an item about a version: a document, or a record with its fields."""
    filing = maker.file_item(
        desk.provider_books(Role.PROVIDER_AGENT),
        desk.home.provider.signer,
        model=model,
        version=version,
        item=item,
        title=title or (document.name if document else ""),
        digest=_digest(document) if document else "",
        content=_fields(content) if content else {},
        now=desk.home.now,
    )
    desk.carry()
    data = {"model": model, "version": version, "item": item, "digest": filing.digest}
    return Answer(data, f"Filed the {item} of {model}/{version}.")


@command(app, "items")
def list_items(
    _: Desk,
    rulebook: Annotated[str, typer.Argument(help="meter-1995 or ibip-1997.")] = "ibip-1997",
    description: Annotated[
        Path | None, typer.Option(help="Only what this model needs; else a remote electronic one.")
    ] = None,
) -> Answer:
    """List what a submission holds: every item, the step that needs it, its clause and fields."""
    traits = traits_of(_description(description)) if description else frozenset({"electronic"})
    data = [
        {
            "item": each.name,
            "meaning": each.meaning,
            "clause": each.clause,
            "needed_for": str(each.stage),
            "fields": _field_names(each.name),
        }
        for each in items(rulebook, traits)
    ]
    rows = {
        str(each["item"]): f"{each['meaning']} ({each['clause']}), for {each['needed_for']}"
        for each in data
    }
    return Answer(data, facts(f"What a submission under {rulebook} holds", rows))


@command(app, "list")
def list_models(desk: Desk) -> Answer:
    """List the provider's models, and how far each version may go."""
    own = maker.own_models(desk.home.provider.books)
    data = [_told(each) for each in own]
    rows = {each.name: f"{each.leave} {each.because}".strip() for each in own}
    return Answer(data, facts("Models", rows) if rows else "There is no model yet.")


@command(app, "demands")
def demands(desk: Desk) -> Answer:
    """List what the Postal Service asked for about the provider's models."""
    asked = maker.own_demands(desk.home.provider.books)
    data = [_told(each) for each in asked]
    rows = {
        f"{each.number}": f"{each.model}/{each.version} {each.kind}: {each.what}, "
        + (f"answered {each.answered_on}" if each.answered_on else "open")
        for each in asked
    }
    return Answer(data, facts("Demands", rows) if rows else "Nothing was asked for.")


@command(app, "demonstrate")
def demonstrate_model(
    desk: Desk,
    model: Model,
    version: Version,
    rulebook: Annotated[str, typer.Option(help="meter-1995 or ibip-1997.")] = "ibip-1997",
) -> Answer:
    """Approve a version at once with placeholder papers (homes with a simulated clock only)."""
    approved = demonstrate(
        desk.home,
        desk.provider_books(Role.PROVIDER_AGENT),
        desk.postal_books(Role.RSE_MANAGER),
        model=model,
        version=version,
        rulebook=rulebook,
    )
    data = {"model": model, "version": version, "status": str(approved.status)}
    return Answer(data, f"{model}/{version} is {approved.status}, with papers that say nothing.")


def _told(value: object) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(value)
    return told


def _field_names(item: str) -> list[str]:
    kind = CONTENTS.get(item)
    return [] if kind is None else list(kind.__struct_fields__)


def _digest(path: Path) -> str:
    """SHA-256 of a document.

    Raises:
        Refused: ``DOCUMENT_UNREADABLE``.
    """
    try:
        return sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise DOCUMENT_UNREADABLE.because(f"{path}: {error.strerror}") from error


def _fields(path: Path) -> dict[str, Any]:
    """The fields of an item.

    Raises:
        Refused: ``DOCUMENT_UNREADABLE``, ``FILING_UNREADABLE``.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DOCUMENT_UNREADABLE.because(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise FILING_UNREADABLE.because(f"{path} is no JSON: {error}") from error
    if not isinstance(found, dict):
        raise FILING_UNREADABLE.because(f"{path} holds no fields")
    return found


def _description(path: Path) -> ModelDescription:
    """What a model is.

    Raises:
        Refused: ``DOCUMENT_UNREADABLE``, ``FILING_UNREADABLE``.
    """
    try:
        return msgspec.convert(_fields(path), ModelDescription)
    except msgspec.ValidationError as error:
        raise FILING_UNREADABLE.because(f"{path}: {error}") from error
