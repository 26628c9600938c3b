"""Submitting a version for approval, filing items about it, and what its leave allows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import msgspec

from franking.clock import instant_text
from franking.errors import Refusal
from franking.identifiers import record_id
from franking.messages.approving import (
    CONTENTS,
    ModelDescription,
    ModelFiled,
    ModelSubmitted,
    traits_of,
)
from franking.messages.dispatch import POSTAL_SERVICE
from franking.messages.signing import Signer
from franking.provider.identity import require_identity
from franking.provider.models import tables
from franking.provider.models.decisions import allowed, require_media
from franking.provider.models.records import Leave, OwnDemand, OwnFiling, OwnModel
from franking.provider.schema import DISPATCHES, DOCKET
from franking.rules.approval import clause_of, require_as_defined
from franking.storage import Act, Books, Reading, Work

_DIGEST = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._ -]{0,39}")
_MANUALS = {
    "service manual": "supply service manual",
    "setting instructions": "supply setting instructions",
}

MODEL_SUBMITTED = Refusal(
    "MODEL_SUBMITTED",
    clause="39 CFR 501.10 (1995); 39 CFR 502.12 (1997)",
    remedy="Give a changed product a version of its own.",
)
MODEL_NOT_SUBMITTED = Refusal(
    "MODEL_NOT_SUBMITTED",
    clause="39 CFR 501.8 (1995); 39 CFR 502.10 (1997)",
    remedy="Submit the version first: franking model submit.",
    http_status=404,
)
FILING_UNREADABLE = Refusal(
    "FILING_UNREADABLE",
    clause="39 CFR 501.7 (1995); 39 CFR 502.10 (1997)",
    remedy="Give the fields that `franking model items` lists for the item.",
    http_status=422,
)
DEMAND_NOT_OPEN = Refusal(
    "DEMAND_NOT_OPEN",
    clause="39 CFR 501.11 (1995); 39 CFR 502.13 (1997)",
    remedy="Name a demand that is not answered yet; see `franking model demands`.",
    http_status=404,
)


def submit_model(
    books: Books,
    signer: Signer,
    *,
    model: str,
    version: str,
    rulebook: str,
    design: str,
    description: ModelDescription,
    now: datetime,
    changes: str = "",
    affects: tuple[str, ...] = (),
) -> OwnModel:
    """Submit a version for approval, or as a change of an approved one.

    Raises:
        Refused: ``MODEL_SUBMITTED``, ``MODEL_NOT_AS_DEFINED``, ``FILING_UNREADABLE``.
    """
    _require_named(model, version, design)
    require_as_defined(rulebook, traits_of(description))
    own = OwnModel(
        model=model,
        version=version,
        rulebook=rulebook,
        leave=Leave.SUBMITTED,
        design=design,
        system="",
        submitted_on=now.date(),
        changes=changes,
    )
    with books.work(now, "submit_model", on=(model_record(own.name),)) as work:
        if tables.find_model(work, model, version) is not None:
            raise MODEL_SUBMITTED.because(f"{own.name} was submitted before")
        tables.add_model(work, own)
        message = ModelSubmitted(
            device="",
            issued_at=instant_text(now),
            sender=require_identity(work).name,
            model=model,
            version=version,
            rulebook=rulebook,
            design=design,
            description=description,
            changes=changes,
            affects=affects,
        )
        _send(work, message, signer, own, now)
        record_act(work, own, design=design, changes=changes)
    return own


def file_item(
    books: Books,
    signer: Signer,
    *,
    model: str,
    version: str,
    item: str,
    title: str = "",
    digest: str = "",
    content: Mapping[str, Any] | None = None,
    now: datetime,
) -> OwnFiling:
    """File an item about a version: a document by its digest, or a record with its fields.

    Raises:
        Refused: ``MODEL_NOT_SUBMITTED``, ``FILING_UNREADABLE``, ``DEMAND_NOT_OPEN``.
    """
    fields = _readable(item, content or {}, digest)
    filing = OwnFiling(
        number=0, item=item, title=title, digest=digest, filed_on=now.date(), outcome="filed"
    )
    with books.work(now, "file_item", on=(model_record(f"{model}/{version}"),)) as work:
        own = require_own(work, model, version)
        tables.add_filing(work, own, filing)
        message = ModelFiled(
            device="",
            issued_at=instant_text(now),
            sender=require_identity(work).name,
            model=model,
            version=version,
            item=item,
            title=title,
            digest=digest,
            content=fields,
        )
        _send(work, message, signer, own, now)
        _satisfy(work, own, item, fields, now)
        record_act(work, own, item=item, digest=digest)
    return filing


def require_approved(
    books: Reading, model: str, version: str, on: date, *, units_before: int = 0
) -> OwnModel:
    """The version, if its devices may be taken in on a day; at intake, for every device.

    ``units_before`` is how many devices of a version in field test were taken in already.

    Raises:
        Refused: ``MODEL_NOT_APPROVED``, ``MODEL_SUSPENDED``, ``FIELD_TEST_USED_UP``.
    """
    own = tables.find_model(books, model, version)
    return allowed(own, named=f"{model}/{version}", on=on, units_before=units_before)


def require_media_at(books: Reading, model: str, version: str, zip_code: str) -> None:
    """Whether a meter of this version may be placed under an office (39 CFR 501.11(b)).

    Raises:
        Refused: ``MODEL_NOT_SUBMITTED``, ``MEDIA_NOT_AT_OFFICE``.
    """
    own = require_own(books, model, version)
    require_media(own, zip_code, tables.media_offices(books, model, version))


def require_own(books: Reading, model: str, version: str) -> OwnModel:
    """A version that was submitted.

    Raises:
        Refused: ``MODEL_NOT_SUBMITTED``.
    """
    own = tables.find_model(books, model, version)
    if own is None:
        raise MODEL_NOT_SUBMITTED.because(f"{model}/{version} was never submitted")
    return own


def only_version(books: Books, model: str) -> str:
    """The version of a model that has one only; else none."""
    versions = {each.version for each in own_models(books) if each.model == model}
    return versions.pop() if len(versions) == 1 else ""


def own_models(books: Books) -> list[OwnModel]:
    """Every version, with how far it may go."""
    with books.reading() as reading:
        return tables.every_model(reading)


def own_filings(books: Books, model: str, version: str) -> list[OwnFiling]:
    """What was filed about a version, and what was said of it.

    Raises:
        Refused: ``MODEL_NOT_SUBMITTED``.
    """
    with books.reading() as reading:
        require_own(reading, model, version)
        return tables.filings_of(reading, model, version)


def own_demands(books: Books) -> list[OwnDemand]:
    """Every demand of the Postal Service."""
    with books.reading() as reading:
        return tables.demands(reading)


def model_record(name: str) -> str:
    """The name of a version's record in the provider's books."""
    return record_id("model", name)


def record_act(work: Work, own: OwnModel, **inputs: object) -> None:
    """Say in the journal what was done to a version."""
    clauses = (clause_of(own.rulebook),)
    work.record(Act(record=model_record(own.name), clauses=clauses, inputs=inputs))


def _send(work: Work, message: Any, signer: Signer, own: OwnModel, now: datetime) -> None:
    record = model_record(own.name)
    DISPATCHES.send(work, message, signer, recipient=POSTAL_SERVICE, record=record, now=now)


def _satisfy(
    work: Work, own: OwnModel, item: str, content: Mapping[str, Any], now: datetime
) -> None:
    record, because = model_record(own.name), f"{item} filed"
    if item == "demand answer":
        _answer(work, own, content, now)
    elif item in _MANUALS:
        DOCKET.satisfy(work, _MANUALS[item], record=record, now=now, because=because)
    elif item == "breakdown sample":
        DOCKET.satisfy(work, "breakdown test", record=record, now=now, because=because)
        open_breakdown_test(work, own, now)


def open_breakdown_test(work: Work, own: OwnModel, now: datetime) -> None:
    """Have the next breakdown test of the production of a version on the docket (501.16)."""
    DOCKET.open(
        work,
        "breakdown test",
        record=model_record(own.name),
        owed_by="provider",
        rulebook=own.rulebook,
        start=now.date(),
        now=now,
    )


def _answer(work: Work, own: OwnModel, content: Mapping[str, Any], now: datetime) -> None:
    asked = tables.find_demand(work, content["demand"])
    mine = asked is not None and (asked.model, asked.version) == (own.model, own.version)
    if asked is None or not mine or asked.answered_on is not None:
        raise DEMAND_NOT_OPEN.because(f"no demand {content['demand']} about {own.name} is open")
    tables.answer_demand(work, asked.number, now.date())
    record = record_id("demand", asked.number)
    because = str(content["delivered"])
    DOCKET.satisfy(work, "answer demand", record=record, now=now, because=because)


def _require_named(model: str, version: str, design: str) -> None:
    for name in (model, version):
        if _NAME.fullmatch(name) is None:
            raise FILING_UNREADABLE.because(f"{name!r} is no name of a model or version")
    if _DIGEST.fullmatch(design) is None:
        raise FILING_UNREADABLE.because(f"the design {design!r} is no SHA-256 digest")


def _readable(item: str, content: Mapping[str, Any], digest: str) -> dict[str, Any]:
    """The fields of an item as they are sent.

    Raises:
        Refused: ``FILING_UNREADABLE``.
    """
    if digest and _DIGEST.fullmatch(digest) is None:
        raise FILING_UNREADABLE.because(f"{digest!r} is no SHA-256 digest")
    kind = CONTENTS.get(item)
    if kind is None:
        if content or not digest:
            raise FILING_UNREADABLE.because(f"{item!r} is filed as a document, by its digest")
        return {}
    try:
        fields: dict[str, Any] = msgspec.to_builtins(msgspec.convert(dict(content), kind))
    except msgspec.ValidationError as error:
        raise FILING_UNREADABLE.because(f"the {item}: {error}") from error
    return fields
