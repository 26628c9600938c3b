"""What the provider hears about its models: leave, refusal, suspension, demands."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from franking.identifiers import record_id
from franking.messages.approving import (
    MediaDistributed,
    ModelApproved,
    ModelDemanded,
    ModelItemJudged,
    ModelSuspended,
)
from franking.messages.receiving import Hearer
from franking.messages.signing import Signer
from franking.provider.models import tables
from franking.provider.models.commands import (
    model_record,
    open_breakdown_test,
    record_act,
    require_own,
)
from franking.provider.models.decisions import require_may_follow
from franking.provider.models.records import Leave, OwnDemand, OwnModel
from franking.provider.schema import DOCKET
from franking.storage import Work

_OF_METERS = "meter-1995"
_MANUALS = ("service manual", "setting instructions")


def take_judgement(work: Work, message: ModelItemJudged, _: Signer, now: datetime) -> None:
    """Note that an item was accepted, or returned with what is missing.

    Raises:
        Refused: ``MODEL_NOT_SUBMITTED``.
    """
    own = require_own(work, message.model, message.version)
    outcome = "accepted" if message.accepted else "returned"
    tables.note_outcome(work, own.model, own.version, message.item, outcome, message.reasons)
    record_act(work, own, item=message.item, outcome=outcome)


def take_approval(work: Work, message: ModelApproved, _: Signer, now: datetime) -> None:
    """Note the leave of the Postal Service, and what an approved version owes from now on.

    Raises:
        Refused: ``MODEL_NOT_SUBMITTED``, ``WORD_OUT_OF_ORDER``.
    """
    after = _changed(
        work,
        message,
        system=message.system,
        units=message.units,
        until=date.fromisoformat(message.until) if message.until else None,
        because="",
    )
    if after.leave is Leave.APPROVED and after.rulebook == _OF_METERS:
        open_breakdown_test(work, after, now)
        _open_manuals(work, after, now)


def take_suspension(work: Work, message: ModelSuspended, _: Signer, now: datetime) -> None:
    """Note that a version goes no further, or goes on again.

    Raises:
        Refused: ``MODEL_NOT_SUBMITTED``, ``WORD_OUT_OF_ORDER``.
    """
    until = date.fromisoformat(message.until) if message.until else None
    because = f"{message.because} ({message.clause})"
    _changed(work, message, until=until, because=because)


def take_demand(work: Work, message: ModelDemanded, _: Signer, now: datetime) -> None:
    """Put a demand on the docket.

    Raises:
        Refused: ``MODEL_NOT_SUBMITTED``.
    """
    own = require_own(work, message.model, message.version)
    asked = OwnDemand(
        number=message.demand,
        model=own.model,
        version=own.version,
        kind=message.kind,
        what=message.what,
        answered_on=None,
    )
    tables.add_demand(work, asked)
    DOCKET.open(
        work,
        "answer demand",
        record=record_id("demand", message.demand),
        owed_by="provider",
        rulebook=message.rulebook,
        start=now.date(),
        now=now,
        because=f"{message.kind}: {message.what}",
    )
    record_act(work, own, demand=message.demand, kind=message.kind, what=message.what)


def take_media(work: Work, message: MediaDistributed, _: Signer, now: datetime) -> None:
    """Note which licensing post offices have the media of a version.

    Raises:
        Refused: ``MODEL_NOT_SUBMITTED``.
    """
    own = require_own(work, message.model, message.version)
    tables.add_media_offices(work, own.model, own.version, message.offices, now.date())
    record_act(work, own, offices=list(message.offices))


def _changed(work: Work, message: ModelApproved | ModelSuspended, **told: Any) -> OwnModel:
    before = require_own(work, message.model, message.version)
    leave = Leave(message.approval.value)
    require_may_follow(before, leave)
    after = replace(before, leave=leave, **told)
    tables.change_leave(work, after)
    record_act(work, after, leave=leave, because=after.because)
    return after


def _open_manuals(work: Work, own: OwnModel, now: datetime) -> None:
    """A changed version owes its manuals, unless they were filed with it."""
    filed = {each.item for each in tables.filings_of(work, own.model, own.version)}
    for manual in _MANUALS:
        if manual not in filed:
            DOCKET.open(
                work,
                f"supply {manual}",
                record=model_record(own.name),
                owed_by="provider",
                rulebook=own.rulebook,
                start=now.date(),
                now=now,
                because=f"version {own.version} changes {own.changes}",
            )


def _about(message: Any) -> str:
    return model_record(f"{message.model}/{message.version}")


HEARERS = (
    Hearer(ModelItemJudged, _about, take_judgement),
    Hearer(ModelApproved, _about, take_approval),
    Hearer(ModelSuspended, _about, take_suspension),
    Hearer(ModelDemanded, _about, take_demand),
    Hearer(MediaDistributed, _about, take_media),
)
"""What this room hears."""
