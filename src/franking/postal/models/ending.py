"""What the Postal Service asks of an approved model, and how an approval ends.

An approval is never final as to the protection of revenue (39 CFR 501.10, 502.12). Suspension and
revocation follow proceedings of their own (501.12, 502.14), which name themselves here: a
``proceeding`` is the record of the case whose decision is carried out.
"""

from __future__ import annotations

from datetime import datetime

from franking import rules
from franking.clock import instant_text
from franking.errors import Refusal
from franking.messages.approving import Approval, ModelDemanded
from franking.messages.dispatch import POSTAL_SERVICE
from franking.messages.signing import Signer
from franking.postal.models import tables
from franking.postal.models.commands import word
from franking.postal.models.decisions import moved
from franking.postal.models.hearing import (
    demand_record,
    model_record,
    record_act,
    require_model,
    send,
    tell,
)
from franking.postal.models.records import (
    AT_PROVIDERS_COST,
    DEMAND_CLAUSES,
    Demand,
    DemandKind,
    ModelKey,
    ModelStatus,
    ModelVersion,
)
from franking.postal.schema import DOCKET
from franking.rules.calendars import due
from franking.storage import Act, Books, Work

DEMANDS = "demands:all"
"""The record whose lock gives demands their numbers one by one."""
_CLAUSES = {"meter-1995": "39 CFR 501.12 (1995)", "ibip-1997": "39 CFR 502.14 (1997)"}

PROCEEDING_UNNAMED = Refusal(
    "PROCEEDING_UNNAMED",
    clause="39 CFR 501.12 (1995); 39 CFR 502.14 (1997)",
    remedy="Name the proceeding whose decision this carries out.",
    http_status=422,
)


def demand(
    books: Books, signer: Signer, key: ModelKey, kind: DemandKind, what: str, now: datetime
) -> Demand:
    """Ask a provider for tests, models, units, documents or a change; no cause need be given.

    Raises:
        Refused: ``MODEL_UNKNOWN``.
    """
    with books.work(now, "demand", on=(model_record(key), DEMANDS)) as work:
        version = require_model(work, key)
        asked = _demand(work, version, kind, what, now)
        tables.add_demand(work, asked)
        send(work, _told(asked, version, now), signer, version, now)
        _on_docket(work, asked, version, now)
        tell(work, version, f"demanded {kind}", now=now, by=str(books.by), because=what)
        record_act(work, version, demand=asked.number, kind=kind, what=what)
    return asked


def suspend_model(
    books: Books,
    signer: Signer,
    key: ModelKey,
    *,
    proceeding: str,
    because: str,
    now: datetime,
) -> ModelVersion:
    """Suspend an approved version; at the end of the term the Postal Service decides again.

    Raises:
        Refused: ``MODEL_UNKNOWN``, ``MODEL_MAY_NOT_MOVE``, ``PROCEEDING_UNNAMED``.
    """
    with books.work(now, "suspend_model", on=(model_record(key),)) as work:
        rulebook = require_model(work, key).rulebook
        until = due(now.date(), rules.at("provider", rulebook, now.date())["suspension_days_max"])
        decided = {"proceeding": proceeding, "because": because, "until": until.isoformat()}
        after = _end(work, books, signer, key, ModelStatus.SUSPENDED, now, **decided)
        DOCKET.open(
            work,
            "decide suspension",
            record=model_record(key),
            owed_by="Postal Service",
            rulebook=rulebook,
            start=now.date(),
            now=now,
            because=because,
        )
    return after


def restore_model(
    books: Books, signer: Signer, key: ModelKey, *, proceeding: str, because: str, now: datetime
) -> ModelVersion:
    """Withdraw a suspension: the version is approved again.

    Raises:
        Refused: ``MODEL_UNKNOWN``, ``MODEL_MAY_NOT_MOVE``, ``PROCEEDING_UNNAMED``.
    """
    with books.work(now, "restore_model", on=(model_record(key),)) as work:
        decided = {"proceeding": proceeding, "because": because}
        after = _end(work, books, signer, key, ModelStatus.APPROVED, now, **decided)
        _suspension_decided(work, key, now, "withdrawn")
    return after


def revoke_model(
    books: Books, signer: Signer, key: ModelKey, *, proceeding: str, because: str, now: datetime
) -> ModelVersion:
    """Revoke the approval of a version for good.

    Raises:
        Refused: ``MODEL_UNKNOWN``, ``MODEL_MAY_NOT_MOVE``, ``PROCEEDING_UNNAMED``.
    """
    with books.work(now, "revoke_model", on=(model_record(key),)) as work:
        decided = {"proceeding": proceeding, "because": because}
        after = _end(work, books, signer, key, ModelStatus.REVOKED, now, **decided)
        _suspension_decided(work, key, now, "revoked")
    return after


def _demand(
    work: Work, version: ModelVersion, kind: DemandKind, what: str, now: datetime
) -> Demand:
    return Demand(
        number=tables.next_demand_number(work),
        key=version.key,
        kind=kind,
        what=what,
        clause=DEMAND_CLAUSES[version.rulebook][kind],
        demanded_on=now.date(),
        at_providers_cost=kind in AT_PROVIDERS_COST,
    )


def _told(asked: Demand, version: ModelVersion, now: datetime) -> ModelDemanded:
    return ModelDemanded(
        device="",
        issued_at=instant_text(now),
        sender=POSTAL_SERVICE,
        model=asked.key.model,
        version=asked.key.version,
        demand=asked.number,
        kind=asked.kind,
        what=asked.what,
        rulebook=version.rulebook,
    )


def _on_docket(work: Work, asked: Demand, version: ModelVersion, now: datetime) -> None:
    DOCKET.open(
        work,
        "answer demand",
        record=demand_record(asked.number),
        owed_by=f"provider:{asked.key.provider}",
        rulebook=version.rulebook,
        start=now.date(),
        now=now,
        because=f"{asked.kind}: {asked.what} ({asked.clause})",
    )


def _end(
    work: Work,
    books: Books,
    signer: Signer,
    key: ModelKey,
    to: ModelStatus,
    now: datetime,
    *,
    proceeding: str,
    because: str,
    until: str = "",
) -> ModelVersion:
    if not proceeding.strip():
        raise PROCEEDING_UNNAMED.because(f"nothing says which decision makes {key} {to}")
    before = require_model(work, key)
    after = moved(before, to)
    tables.move_model(work, key, before=before.status, after=to)
    clause = _CLAUSES[after.rulebook]
    told = word(after, Approval(to.value), now, because=because, clause=clause, until=until)
    send(work, told, signer, after, now)
    tell(work, after, to, now=now, by=str(books.by), because=f"{proceeding}: {because}")
    inputs = {"proceeding": proceeding, "because": because, "until": until}
    work.record(Act(record=model_record(key), clauses=(clause,), inputs=inputs))
    return after


def _suspension_decided(work: Work, key: ModelKey, now: datetime, because: str) -> None:
    DOCKET.satisfy(work, "decide suspension", record=model_record(key), now=now, because=because)
