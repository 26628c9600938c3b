"""What the approval desk hears from providers: submissions, and items about them."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from franking import rules
from franking.clock import instant_text
from franking.errors import Refusal
from franking.identifiers import record_id
from franking.messages.approving import (
    ModelFiled,
    ModelItemJudged,
    ModelSubmitted,
    traits_of,
)
from franking.messages.dispatch import POSTAL_SERVICE
from franking.messages.receiving import Hearer
from franking.messages.signing import Signer
from franking.postal.models import tables
from franking.postal.models.decisions import (
    approval_clause,
    classify,
    faults_of,
    require_leave_sought,
)
from franking.postal.models.records import (
    Filing,
    ItemStatus,
    ModelKey,
    ModelStatus,
    ModelVersion,
)
from franking.postal.schema import DISPATCHES, DOCKET
from franking.rules.approval import require_as_defined
from franking.storage import Act, Reading, Work

_DIGEST = re.compile(r"[0-9a-f]{64}")
_AFTER_APPROVAL = frozenset({"lot attestation", "breakdown sample"})
"""What is filed about production: judged when it is heard."""

MODEL_KNOWN = Refusal(
    "MODEL_KNOWN",
    clause="39 CFR 501.8 (1995); 39 CFR 502.12 (1997)",
    remedy="Give a changed product a version of its own.",
)
MODEL_UNKNOWN = Refusal(
    "MODEL_UNKNOWN",
    clause="39 CFR 501.8 (1995); 39 CFR 502.10 (1997)",
    remedy="Have the provider submit the version first; see `franking model list`.",
    http_status=404,
)
DESIGN_UNNAMED = Refusal(
    "DESIGN_UNNAMED",
    clause="39 CFR 501.10 (1995); 39 CFR 502.12 (1997)",
    remedy="Give the SHA-256 of the drawings and specifications, 64 hexadecimal digits.",
    http_status=422,
)
NOT_IN_PRODUCTION = Refusal(
    "NOT_IN_PRODUCTION",
    clause="39 CFR 501.15 (1995); 39 CFR 502.17 (1997)",
    remedy="Wait for the approval of the version before you attest its production.",
)
DEMAND_UNKNOWN = Refusal(
    "DEMAND_UNKNOWN",
    clause="39 CFR 501.11 (1995); 39 CFR 502.13 (1997)",
    remedy="Name an open demand about this version; see `franking model show`.",
    http_status=404,
)


def submission_record(message: ModelSubmitted | ModelFiled) -> str:
    """The record that a submission or filing is about."""
    return model_record(ModelKey(message.sender, message.model, message.version))


def model_record(key: ModelKey) -> str:
    """The name of a version's record in the postal books."""
    return record_id("model", key)


def take_submission(work: Work, message: ModelSubmitted, _: Signer, now: datetime) -> None:
    """Open the file of a version; one of a known model says which version it changes.

    Raises:
        Refused: ``MODEL_KNOWN``, ``MODEL_NOT_AS_DEFINED``, ``DESIGN_UNNAMED``,
            ``CHANGE_WITHOUT_LEAVE``.
    """
    version = _submitted(message, now)
    known = tables.versions_of(work, version.key.provider, version.key.model)
    others = {each.key.version: each for each in known}
    if version.key.version in others:
        raise MODEL_KNOWN.because(f"{version.key} was submitted before")
    require_leave_sought(version, others)
    tables.add_model(work, version)
    tell(work, version, "submitted", now=now, by=message.sender)
    inputs = {"design": version.design, "changes": version.changes}
    record_act(work, version, **inputs)


def take_filing(work: Work, message: ModelFiled, signer: Signer, now: datetime) -> None:
    """Keep an item; what is filed about production is judged at once.

    Raises:
        Refused: ``MODEL_UNKNOWN``, ``NOT_IN_PRODUCTION``, ``DEMAND_UNKNOWN``.
    """
    version = require_model(work, ModelKey(message.sender, message.model, message.version))
    if message.item == "demand answer":
        _take_answer(work, version, message, now)
    else:
        _keep(work, version, message, signer, now)
    record_act(work, version, item=message.item, digest=message.digest)


def require_model(books: Reading, key: ModelKey) -> ModelVersion:
    """The file of a version.

    Raises:
        Refused: ``MODEL_UNKNOWN``.
    """
    found = tables.find_model(books, key)
    if found is None:
        raise MODEL_UNKNOWN.because(f"{key} was never submitted")
    return found


def judge(
    work: Work,
    signer: Signer,
    version: ModelVersion,
    filing: Filing,
    *,
    reasons: tuple[str, ...],
    now: datetime,
    by: str = "",
) -> None:
    """Accept an item, or return it with ``reasons``; the provider is told."""
    status = ItemStatus.RETURNED if reasons else ItemStatus.ACCEPTED
    tables.judge_filing(work, filing.number, status, reasons=reasons, on=now.date())
    told = ModelItemJudged(
        device="",
        issued_at=instant_text(now),
        sender=POSTAL_SERVICE,
        model=version.key.model,
        version=version.key.version,
        item=filing.item,
        accepted=not reasons,
        reasons=reasons,
    )
    send(work, told, signer, version, now)
    because = "; ".join(reasons)
    by = by or signer.name
    tell(work, version, f"{filing.item} {status}", now=now, by=by, because=because)


def tell(
    work: Work, version: ModelVersion, event: str, *, now: datetime, by: str, because: str = ""
) -> None:
    """Write a step into the history of a version."""
    clause = approval_clause(version)
    step = tables.history_event(
        event, version.status, now=now, by=by, because=because, clause=clause
    )
    tables.add_event(work, version.key, step)


def send(work: Work, message: Any, signer: Signer, version: ModelVersion, now: datetime) -> None:
    """Send word about a version to its provider."""
    record, recipient = model_record(version.key), version.key.provider
    DISPATCHES.send(work, message, signer, recipient=recipient, record=record, now=now)


def record_act(work: Work, version: ModelVersion, **inputs: object) -> None:
    """Say in the journal what was done to a version."""
    clauses = (approval_clause(version),)
    work.record(Act(record=model_record(version.key), clauses=clauses, inputs=inputs))


def _submitted(message: ModelSubmitted, now: datetime) -> ModelVersion:
    require_as_defined(message.rulebook, traits_of(message.description))
    if _DIGEST.fullmatch(message.design) is None:
        raise DESIGN_UNNAMED.because(f"{message.design!r} is no SHA-256 digest")
    changing = bool(message.changes)
    return ModelVersion(
        key=ModelKey(message.sender, message.model, message.version),
        rulebook=message.rulebook,
        status=ModelStatus.CHANGE_REQUESTED if changing else ModelStatus.SUBMITTED,
        design=message.design,
        system=classify(message.description).system,
        description=message.description,
        submitted_on=now.date(),
        changes=message.changes,
        affects=message.affects,
    )


def _keep(
    work: Work, version: ModelVersion, message: ModelFiled, signer: Signer, now: datetime
) -> None:
    in_production = message.item in _AFTER_APPROVAL
    if in_production and version.status is not ModelStatus.APPROVED:
        raise NOT_IN_PRODUCTION.because(f"{version.key} is {version.status}")
    filing = _filing(message, now)
    tables.add_filing(work, version.key, filing)
    tell(work, version, f"{message.item} filed", now=now, by=message.sender)
    if in_production:
        kept = require_model(work, version.key).filings[-1]
        at = rules.at("provider", version.rulebook, now.date())
        judge(work, signer, version, kept, reasons=faults_of(kept, version, at), now=now)


def _filing(message: ModelFiled, now: datetime) -> Filing:
    return Filing(
        number=0,
        item=message.item,
        title=message.title,
        digest=message.digest,
        content=message.content,
        filed_on=now.date(),
        status=ItemStatus.FILED,
    )


def _take_answer(work: Work, version: ModelVersion, message: ModelFiled, now: datetime) -> None:
    number, delivered = message.content.get("demand"), message.content.get("delivered", "")
    waiting = {each.number for each in tables.demands_of(work, version.key) if not each.answered_on}
    if number not in waiting:
        raise DEMAND_UNKNOWN.because(f"no demand {number} about {version.key} is open")
    tables.answer_demand(work, number, delivered=str(delivered), on=now.date())
    told = f"demand {number} answered: {delivered}"
    DOCKET.satisfy(work, "answer demand", record=demand_record(number), now=now, because=told)
    tell(work, version, told, now=now, by=message.sender)


def demand_record(number: int) -> str:
    """The name of a demand's record."""
    return record_id("demand", number)


HEARERS = (
    Hearer(ModelSubmitted, submission_record, take_submission),
    Hearer(ModelFiled, submission_record, take_filing),
)
"""What this room hears."""
