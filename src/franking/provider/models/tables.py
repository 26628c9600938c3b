"""How the provider's models, its filings and the demands about them are stored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import CheckConstraint, Column, Row, Table, and_, func, insert, select, update

from franking.provider.models.records import TRANSITIONS, Leave, OwnDemand, OwnFiling, OwnModel
from franking.provider.schema import METADATA
from franking.storage import Reading, Work
from franking.storage.columns import (
    WHOLE,
    guard_append_only,
    guard_transitions,
    one_of,
    optional_text,
    text,
    whole,
)

_OUTCOMES = ("filed", "accepted", "returned")

OWN_MODELS = Table(
    "own_models",
    METADATA,
    text("model", primary_key=True),
    text("version", primary_key=True),
    text("rulebook"),
    text("leave"),
    text("design"),
    text("system"),
    text("submitted_on"),
    text("changes"),
    whole("units"),
    optional_text("until"),
    text("because"),
    one_of("leave", Leave),
    CheckConstraint("length(design) = 64"),
    sqlite_strict=True,
)
guard_transitions(OWN_MODELS, TRANSITIONS, column="leave")
guard_append_only(OWN_MODELS, columns=("rulebook", "design", "submitted_on", "changes"))

OWN_FILINGS = Table(
    "own_filings",
    METADATA,
    Column("number", WHOLE, primary_key=True),
    text("model"),
    text("version"),
    text("item"),
    text("title"),
    text("digest"),
    text("filed_on"),
    text("outcome"),
    text("reasons"),
    one_of("outcome", _OUTCOMES),
    sqlite_strict=True,
)
guard_append_only(OWN_FILINGS, columns=("item", "title", "digest", "filed_on"))

OWN_DEMANDS = Table(
    "own_demands",
    METADATA,
    Column("number", WHOLE, primary_key=True, autoincrement=False),
    text("model"),
    text("version"),
    text("kind"),
    text("what"),
    optional_text("answered_on"),
    sqlite_strict=True,
)
guard_append_only(OWN_DEMANDS, columns=("model", "version", "kind", "what"))

MEDIA_OFFICES = Table(
    "media_offices",
    METADATA,
    text("model", primary_key=True),
    text("version", primary_key=True),
    text("zip_code", primary_key=True),
    text("heard_on"),
    sqlite_strict=True,
)
guard_append_only(MEDIA_OFFICES)

TABLES = (OWN_MODELS, OWN_FILINGS, OWN_DEMANDS, MEDIA_OFFICES)


def find_model(books: Reading, model: str, version: str) -> OwnModel | None:
    """A version of a model."""
    row = books.row(select(OWN_MODELS).where(_is(OWN_MODELS, model, version)))
    return None if row is None else _model(row)


def every_model(books: Reading) -> list[OwnModel]:
    """Every version, by model."""
    order = OWN_MODELS.c.model, OWN_MODELS.c.submitted_on, OWN_MODELS.c.version
    return [_model(row) for row in books.rows(select(OWN_MODELS).order_by(*order))]


def add_model(work: Work, own: OwnModel) -> None:
    """Store a version as it is submitted."""
    work.write(
        insert(OWN_MODELS).values(
            model=own.model,
            version=own.version,
            rulebook=own.rulebook,
            leave=own.leave,
            design=own.design,
            system=own.system,
            submitted_on=own.submitted_on.isoformat(),
            changes=own.changes,
            units=own.units,
            because=own.because,
        )
    )


def change_leave(work: Work, after: OwnModel) -> None:
    """Store how far a version may go now."""
    until = None if after.until is None else after.until.isoformat()
    told = {"system": after.system, "units": after.units, "because": after.because}
    mine = _is(OWN_MODELS, after.model, after.version)
    work.write_one(update(OWN_MODELS).where(mine).values(leave=after.leave, until=until, **told))


def add_filing(work: Work, own: OwnModel, filing: OwnFiling) -> None:
    """Store an item as it is filed."""
    last = work.row(select(func.max(OWN_FILINGS.c.number).label("number")))
    work.write(
        insert(OWN_FILINGS).values(
            number=1 + ((last and last.number) or 0),
            model=own.model,
            version=own.version,
            item=filing.item,
            title=filing.title,
            digest=filing.digest,
            filed_on=filing.filed_on.isoformat(),
            outcome=filing.outcome,
            reasons="[]",
        )
    )


def note_outcome(
    work: Work, model: str, version: str, item: str, outcome: str, reasons: Sequence[str]
) -> None:
    """Note what was said of an item: of the filing that has waited longest."""
    filings = OWN_FILINGS.c
    waiting = and_(
        _is(OWN_FILINGS, model, version), filings.item == item, filings.outcome == "filed"
    )
    oldest = work.row(select(func.min(filings.number).label("number")).where(waiting))
    if oldest is not None:
        told = {"outcome": outcome, "reasons": msgspec.json.encode(list(reasons)).decode()}
        work.write(update(OWN_FILINGS).where(filings.number == oldest.number).values(**told))


def filings_of(books: Reading, model: str, version: str) -> list[OwnFiling]:
    """Everything filed about a version, oldest first."""
    query = select(OWN_FILINGS).where(_is(OWN_FILINGS, model, version))
    return [_filing(row) for row in books.rows(query.order_by(OWN_FILINGS.c.number))]


def add_demand(work: Work, asked: OwnDemand) -> None:
    """Store a demand."""
    told = {"model": asked.model, "version": asked.version, "kind": asked.kind, "what": asked.what}
    work.write(insert(OWN_DEMANDS).values(number=asked.number, **told))


def find_demand(books: Reading, number: int) -> OwnDemand | None:
    """A demand by its number."""
    row = books.row(select(OWN_DEMANDS).where(OWN_DEMANDS.c.number == number))
    return None if row is None else _demand(row)


def demands(books: Reading) -> list[OwnDemand]:
    """Every demand, oldest first."""
    return [_demand(row) for row in books.rows(select(OWN_DEMANDS).order_by(OWN_DEMANDS.c.number))]


def answer_demand(work: Work, number: int, on: date) -> None:
    """Note that a demand was answered."""
    mine = OWN_DEMANDS.c.number == number
    work.write_one(update(OWN_DEMANDS).where(mine).values(answered_on=on.isoformat()))


def add_media_offices(
    work: Work, model: str, version: str, offices: Sequence[str], on: date
) -> None:
    """Note the offices that have the media of a version."""
    have = set(media_offices(work, model, version))
    for office in sorted(set(offices) - have):
        row = {"model": model, "version": version, "zip_code": office}
        work.write(insert(MEDIA_OFFICES).values(**row, heard_on=on.isoformat()))


def media_offices(books: Reading, model: str, version: str) -> list[str]:
    """The licensing post offices that have the media of a version."""
    query = select(MEDIA_OFFICES.c.zip_code).where(_is(MEDIA_OFFICES, model, version))
    return [row.zip_code for row in books.rows(query.order_by(MEDIA_OFFICES.c.zip_code))]


def _is(table: Table, model: str, version: str) -> Any:
    return and_(table.c.model == model, table.c.version == version)


def _model(row: Row[Any]) -> OwnModel:
    return OwnModel(
        model=row.model,
        version=row.version,
        rulebook=row.rulebook,
        leave=Leave(row.leave),
        design=row.design,
        system=row.system,
        submitted_on=date.fromisoformat(row.submitted_on),
        changes=row.changes,
        units=row.units,
        until=None if row.until is None else date.fromisoformat(row.until),
        because=row.because,
    )


def _filing(row: Row[Any]) -> OwnFiling:
    return OwnFiling(
        number=row.number,
        item=row.item,
        title=row.title,
        digest=row.digest,
        filed_on=date.fromisoformat(row.filed_on),
        outcome=row.outcome,
        reasons=msgspec.json.decode(row.reasons, type=tuple[str, ...]),
    )


def _demand(row: Row[Any]) -> OwnDemand:
    return OwnDemand(
        number=row.number,
        model=row.model,
        version=row.version,
        kind=row.kind,
        what=row.what,
        answered_on=None if row.answered_on is None else date.fromisoformat(row.answered_on),
    )
