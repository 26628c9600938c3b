"""How models, what was filed about them, and their history are stored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Row,
    Table,
    and_,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.sql.elements import ColumnElement

from franking.clock import instant_text
from franking.messages.approving import ModelDescription
from franking.postal.models.records import (
    ITEM_TRANSITIONS,
    TRANSITIONS,
    Demand,
    DemandKind,
    Filing,
    ItemStatus,
    ModelEvent,
    ModelKey,
    ModelStatus,
    ModelVersion,
    Occasion,
)
from franking.postal.schema import METADATA
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

_OF = ("provider", "model", "version")
_FIRST_SIGHT = ("rulebook", "design", "system", "description", "changes", "affects", "submitted_on")

MODELS = Table(
    "models",
    METADATA,
    *(text(name, primary_key=True) for name in _OF),
    text("rulebook"),
    text("status"),
    text("design"),
    text("system"),
    text("description"),
    text("changes"),
    text("affects"),
    text("submitted_on"),
    one_of("status", ModelStatus),
    CheckConstraint("length(design) = 64"),
    sqlite_strict=True,
)
guard_transitions(MODELS, TRANSITIONS)
guard_append_only(MODELS, columns=_FIRST_SIGHT)


def _of_a_model() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(_OF, [MODELS.c[name] for name in _OF])


MODEL_FILINGS = Table(
    "model_filings",
    METADATA,
    Column("number", WHOLE, primary_key=True),
    *(text(name) for name in _OF),
    text("item"),
    text("title"),
    text("digest"),
    text("content"),
    text("filed_on"),
    text("status"),
    optional_text("judged_on"),
    text("reasons"),
    one_of("status", ItemStatus),
    CheckConstraint("(status = 'filed') = (judged_on IS NULL)"),
    _of_a_model(),
    sqlite_strict=True,
)
guard_transitions(MODEL_FILINGS, ITEM_TRANSITIONS)
guard_append_only(MODEL_FILINGS, columns=("item", "title", "digest", "content", "filed_on"))

MODEL_EVENTS = Table(
    "model_events",
    METADATA,
    Column("number", WHOLE, primary_key=True),
    *(text(name) for name in _OF),
    text("at"),
    text("event"),
    text("status"),
    text("by"),
    text("because"),
    text("clause"),
    one_of("status", ModelStatus),
    _of_a_model(),
    sqlite_strict=True,
)
guard_append_only(MODEL_EVENTS)

MODEL_INSPECTIONS = Table(
    "model_inspections",
    METADATA,
    Column("number", WHOLE, primary_key=True),
    *(text(name) for name in _OF),
    text("occasion"),
    whole("good"),
    text("found"),
    text("inspected_on"),
    one_of("occasion", Occasion),
    _of_a_model(),
    sqlite_strict=True,
)
guard_append_only(MODEL_INSPECTIONS)

MODEL_DEMANDS = Table(
    "model_demands",
    METADATA,
    Column("number", WHOLE, primary_key=True),
    *(text(name) for name in _OF),
    text("kind"),
    text("what"),
    text("clause"),
    text("demanded_on"),
    whole("at_providers_cost"),
    optional_text("answered_on"),
    text("delivered"),
    one_of("kind", DemandKind),
    _of_a_model(),
    sqlite_strict=True,
)
guard_append_only(MODEL_DEMANDS, columns=("kind", "what", "clause", "demanded_on"))

MEDIA_COPIES = Table(
    "media_copies",
    METADATA,
    *(text(name, primary_key=True) for name in (*_OF, "zip_code")),
    text("sent_on"),
    CheckConstraint("length(zip_code) = 5"),
    _of_a_model(),
    sqlite_strict=True,
)
guard_append_only(MEDIA_COPIES)

TABLES = (MODELS, MODEL_FILINGS, MODEL_EVENTS, MODEL_INSPECTIONS, MODEL_DEMANDS, MEDIA_COPIES)


def find_model(books: Reading, key: ModelKey) -> ModelVersion | None:
    """A version with everything filed about it."""
    row = books.row(select(MODELS).where(_is(MODELS, key)))
    return None if row is None else _version(books, row)


def versions_of(books: Reading, provider: str, model: str) -> list[ModelVersion]:
    """Every version of a provider's model, as submitted."""
    mine = and_(MODELS.c.provider == provider, MODELS.c.model == model)
    rows = books.rows(select(MODELS).where(mine).order_by(MODELS.c.submitted_on, MODELS.c.version))
    return [_version(books, row) for row in rows]


def every_model(books: Reading) -> list[ModelVersion]:
    """Every version of every provider, without what was filed."""
    rows = books.rows(select(MODELS).order_by(*(MODELS.c[name] for name in _OF)))
    return [_version(None, row) for row in rows]


def keys_of(books: Reading, provider: str) -> list[ModelKey]:
    """Every version of every model of a provider."""
    query = select(*(MODELS.c[name] for name in _OF)).where(MODELS.c.provider == provider)
    rows = books.rows(query.order_by(MODELS.c.model))
    return [ModelKey(row.provider, row.model, row.version) for row in rows]


def add_model(work: Work, version: ModelVersion) -> None:
    """Store a version as it was submitted."""
    work.write(
        insert(MODELS).values(
            **_key_columns(version.key),
            rulebook=version.rulebook,
            status=version.status,
            design=version.design,
            system=version.system,
            description=_json(version.description),
            changes=version.changes,
            affects=_json(version.affects),
            submitted_on=version.submitted_on.isoformat(),
        )
    )


def move_model(work: Work, key: ModelKey, *, before: ModelStatus, after: ModelStatus) -> None:
    """Move a version from one status to the next."""
    mine = and_(_is(MODELS, key), MODELS.c.status == before)
    work.write_one(update(MODELS).where(mine).values(status=after))


def add_event(work: Work, key: ModelKey, event: ModelEvent) -> None:
    """Write one step of the history."""
    row = {"at": event.at, "event": event.event, "status": event.status, "by": event.by}
    told = {"because": event.because, "clause": event.clause}
    work.write(insert(MODEL_EVENTS).values(**_key_columns(key), **row, **told))


def events_of(books: Reading, key: ModelKey) -> list[ModelEvent]:
    """The history of a version, oldest first."""
    query = select(MODEL_EVENTS).where(_is(MODEL_EVENTS, key)).order_by(MODEL_EVENTS.c.number)
    return [
        ModelEvent(
            at=row.at,
            event=row.event,
            status=ModelStatus(row.status),
            by=row.by,
            because=row.because,
            clause=row.clause,
        )
        for row in books.rows(query)
    ]


def add_filing(work: Work, key: ModelKey, filing: Filing) -> None:
    """Store an item as it was filed."""
    work.write(
        insert(MODEL_FILINGS).values(
            number=_next(work, MODEL_FILINGS),
            **_key_columns(key),
            item=filing.item,
            title=filing.title,
            digest=filing.digest,
            content=_json(filing.content),
            filed_on=filing.filed_on.isoformat(),
            status=ItemStatus.FILED,
            reasons=_json(()),
        )
    )


def judge_filing(
    work: Work, number: int, status: ItemStatus, *, reasons: Sequence[str], on: date
) -> None:
    """Note what became of a filed item."""
    mine = and_(MODEL_FILINGS.c.number == number, MODEL_FILINGS.c.status == ItemStatus.FILED)
    values = {"status": status, "reasons": _json(tuple(reasons)), "judged_on": on.isoformat()}
    work.write_one(update(MODEL_FILINGS).where(mine).values(**values))


def add_inspection(
    work: Work, key: ModelKey, occasion: Occasion, *, good: bool, found: str, on: date
) -> None:
    """Store an inspection in the hand."""
    told = {"occasion": occasion, "good": int(good), "found": found}
    work.write(
        insert(MODEL_INSPECTIONS).values(**_key_columns(key), **told, inspected_on=on.isoformat())
    )


def add_demand(work: Work, demand: Demand) -> None:
    """Store a demand."""
    work.write(
        insert(MODEL_DEMANDS).values(
            number=demand.number,
            **_key_columns(demand.key),
            kind=demand.kind,
            what=demand.what,
            clause=demand.clause,
            demanded_on=demand.demanded_on.isoformat(),
            at_providers_cost=int(demand.at_providers_cost),
            delivered="",
        )
    )


def answer_demand(work: Work, number: int, *, delivered: str, on: date) -> None:
    """Note what a demand brought."""
    mine = and_(MODEL_DEMANDS.c.number == number, MODEL_DEMANDS.c.answered_on.is_(None))
    values = {"answered_on": on.isoformat(), "delivered": delivered}
    work.write_one(update(MODEL_DEMANDS).where(mine).values(**values))


def next_demand_number(books: Reading) -> int:
    """The number of the next demand."""
    return _next(books, MODEL_DEMANDS)


def demands_of(books: Reading, key: ModelKey) -> list[Demand]:
    """Every demand about a version, oldest first."""
    query = select(MODEL_DEMANDS).where(_is(MODEL_DEMANDS, key)).order_by(MODEL_DEMANDS.c.number)
    return [_demand(row) for row in books.rows(query)]


def add_media_copies(work: Work, key: ModelKey, offices: Sequence[str], on: date) -> None:
    """Note the offices to which copies of the media went."""
    have = set(offices_with_media(work, key))
    for office in sorted(set(offices) - have):
        row = {"zip_code": office, "sent_on": on.isoformat()}
        work.write(insert(MEDIA_COPIES).values(**_key_columns(key), **row))


def offices_with_media(books: Reading, key: ModelKey) -> list[str]:
    """The licensing post offices that have the media of a version."""
    query = select(MEDIA_COPIES.c.zip_code).where(_is(MEDIA_COPIES, key))
    return [row.zip_code for row in books.rows(query.order_by(MEDIA_COPIES.c.zip_code))]


def history_event(
    event: str, status: ModelStatus, *, now: datetime, by: str, because: str, clause: str
) -> ModelEvent:
    """A step of the history, at ``now``."""
    at = instant_text(now)
    return ModelEvent(at=at, event=event, status=status, by=by, because=because, clause=clause)


def _version(books: Reading | None, row: Row[Any]) -> ModelVersion:
    key = ModelKey(row.provider, row.model, row.version)
    return ModelVersion(
        key=key,
        rulebook=row.rulebook,
        status=ModelStatus(row.status),
        design=row.design,
        system=row.system,
        description=msgspec.json.decode(row.description, type=ModelDescription),
        submitted_on=date.fromisoformat(row.submitted_on),
        changes=row.changes,
        affects=msgspec.json.decode(row.affects, type=tuple[str, ...]),
        filings=() if books is None else _filings(books, key),
        inspected=() if books is None else _inspected(books, key),
    )


def _filings(books: Reading, key: ModelKey) -> tuple[Filing, ...]:
    query = select(MODEL_FILINGS).where(_is(MODEL_FILINGS, key)).order_by(MODEL_FILINGS.c.number)
    return tuple(_filing(row) for row in books.rows(query))


def _filing(row: Row[Any]) -> Filing:
    return Filing(
        number=row.number,
        item=row.item,
        title=row.title,
        digest=row.digest,
        content=msgspec.json.decode(row.content),
        filed_on=date.fromisoformat(row.filed_on),
        status=ItemStatus(row.status),
        judged_on=None if row.judged_on is None else date.fromisoformat(row.judged_on),
        reasons=msgspec.json.decode(row.reasons, type=tuple[str, ...]),
    )


def _inspected(books: Reading, key: ModelKey) -> tuple[Occasion, ...]:
    good = and_(_is(MODEL_INSPECTIONS, key), MODEL_INSPECTIONS.c.good == 1)
    rows = books.rows(select(MODEL_INSPECTIONS.c.occasion).where(good))
    return tuple(Occasion(row.occasion) for row in rows)


def _demand(row: Row[Any]) -> Demand:
    return Demand(
        number=row.number,
        key=ModelKey(row.provider, row.model, row.version),
        kind=DemandKind(row.kind),
        what=row.what,
        clause=row.clause,
        demanded_on=date.fromisoformat(row.demanded_on),
        at_providers_cost=bool(row.at_providers_cost),
        answered_on=None if row.answered_on is None else date.fromisoformat(row.answered_on),
        delivered=row.delivered,
    )


def _is(table: Table, key: ModelKey) -> ColumnElement[bool]:
    return and_(*(table.c[name] == value for name, value in _key_columns(key).items()))


def _key_columns(key: ModelKey) -> dict[str, str]:
    return {"provider": key.provider, "model": key.model, "version": key.version}


def _next(books: Reading, table: Table) -> int:
    row = books.row(select(func.max(table.c.number).label("last")))
    return 1 if row is None or row.last is None else int(row.last) + 1


def _json(value: object) -> str:
    return msgspec.json.encode(value, order="sorted").decode()
