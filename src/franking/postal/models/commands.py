"""What the approval desk does with a version: judge its items, and let it go a step further."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from franking import rules
from franking.clock import instant_text
from franking.errors import Refusal
from franking.messages.approving import Approval, MediaDistributed, ModelApproved, ModelSuspended
from franking.messages.dispatch import POSTAL_SERVICE
from franking.messages.signing import Signer
from franking.postal.models import tables
from franking.postal.models.decisions import ITEM_FAULTY, approval_clause, faults_of, moved
from franking.postal.models.hearing import (
    judge,
    model_record,
    record_act,
    require_model,
    send,
    tell,
)
from franking.postal.models.records import (
    Demand,
    FieldTest,
    Filing,
    ItemStatus,
    ModelEvent,
    ModelKey,
    ModelStatus,
    ModelVersion,
    Occasion,
)
from franking.storage import Books, Work

ITEM_NOT_FILED = Refusal(
    "ITEM_NOT_FILED",
    clause="39 CFR 501.8 (1995); 39 CFR 502.10 (1997)",
    remedy="Name an item that waits to be judged; see `franking model show`.",
    http_status=404,
)
FIELD_TEST_UNLIMITED = Refusal(
    "FIELD_TEST_UNLIMITED",
    clause="39 CFR 501.8 (1995)",
    remedy="Give the number of devices, and a last day that is still to come.",
    http_status=422,
)
MEDIA_MISSING = Refusal(
    "MEDIA_MISSING",
    clause="39 CFR 501.11(b) (1995)",
    remedy="Have the provider file the master of the training media, and accept it.",
)


def judge_item(
    books: Books,
    signer: Signer,
    key: ModelKey,
    item: str,
    now: datetime,
    *,
    return_because: Sequence[str] = (),
) -> ModelVersion:
    """Accept the item that has waited longest, or return it for the reasons given.

    Raises:
        Refused: ``MODEL_UNKNOWN``, ``ITEM_NOT_FILED``, ``ITEM_FAULTY`` with every fault of it.
    """
    with books.work(now, "judge_item", on=(model_record(key),)) as work:
        version = require_model(work, key)
        filing = _waiting(version, item)
        if not return_because:
            _require_faultless(filing, version, now)
        by, reasons = str(books.by), tuple(return_because)
        judge(work, signer, version, filing, reasons=reasons, now=now, by=by)
        record_act(work, version, item=item, reasons=list(return_because))
        return require_model(work, key)


def record_inspection(
    books: Books, key: ModelKey, occasion: Occasion, *, good: bool, found: str, now: datetime
) -> ModelVersion:
    """Write down the inspection of a unit in the hand: at submission, or upon suspicion.

    Raises:
        Refused: ``MODEL_UNKNOWN``.
    """
    with books.work(now, "record_inspection", on=(model_record(key),)) as work:
        version = require_model(work, key)
        tables.add_inspection(work, key, occasion, good=good, found=found, on=now.date())
        event = f"inspected upon {occasion}: {'good' if good else 'not good'}"
        tell(work, version, event, now=now, by=str(books.by), because=found)
        record_act(work, version, occasion=occasion, good=good)
        return require_model(work, key)


def approve_tentatively(books: Books, signer: Signer, key: ModelKey, now: datetime) -> ModelVersion:
    """Approve a preliminary working model for the tests to come (39 CFR 501.8).

    Raises:
        Refused: ``MODEL_UNKNOWN``, ``MODEL_MAY_NOT_MOVE``, ``SUBMISSION_INCOMPLETE``.
    """
    with books.work(now, "approve_tentatively", on=(model_record(key),)) as work:
        after = _move(work, books, key, ModelStatus.TENTATIVE, now)
        send(work, _leave(after, Approval.TENTATIVE, now), signer, after, now)
    return after


def authorize_field_test(
    books: Books, signer: Signer, key: ModelKey, test: FieldTest, now: datetime
) -> ModelVersion:
    """Authorize so many devices for a preliminary field test, until a day (39 CFR 501.8).

    Raises:
        Refused: ``MODEL_UNKNOWN``, ``MODEL_MAY_NOT_MOVE``, ``FIELD_TEST_UNLIMITED``.
    """
    if test.units < 1 or test.until < now.date():
        raise FIELD_TEST_UNLIMITED.because(f"{test.units} devices until {test.until}")
    with books.work(now, "authorize_field_test", on=(model_record(key),)) as work:
        after = _move(work, books, key, ModelStatus.FIELD_TEST, now)
        leave = _leave(after, Approval.FIELD_TEST, now, units=test.units, until=test.until)
        send(work, leave, signer, after, now)
    return after


def confirm_tested(books: Books, key: ModelKey, now: datetime) -> ModelVersion:
    """Confirm that a version passed its tests; its items up to there are accepted.

    Raises:
        Refused: ``MODEL_UNKNOWN``, ``MODEL_MAY_NOT_MOVE``, ``SUBMISSION_INCOMPLETE``.
    """
    with books.work(now, "confirm_tested", on=(model_record(key),)) as work:
        return _move(work, books, key, ModelStatus.TESTED, now)


def approve_model(books: Books, signer: Signer, key: ModelKey, now: datetime) -> ModelVersion:
    """Approve a version, or the change of one: written leave to make and distribute it.

    Raises:
        Refused: ``MODEL_UNKNOWN``, ``MODEL_MAY_NOT_MOVE``, ``SUBMISSION_INCOMPLETE``.
    """
    with books.work(now, "approve_model", on=(model_record(key),)) as work:
        after = _move(work, books, key, ModelStatus.APPROVED, now)
        send(work, _leave(after, Approval.APPROVED, now), signer, after, now)
    return after


def refuse_model(
    books: Books, signer: Signer, key: ModelKey, *, because: str, now: datetime
) -> ModelVersion:
    """Refuse a version, or the change of one, with the reason.

    Raises:
        Refused: ``MODEL_UNKNOWN``, ``MODEL_MAY_NOT_MOVE``.
    """
    with books.work(now, "refuse_model", on=(model_record(key),)) as work:
        after = _move(work, books, key, ModelStatus.REFUSED, now, because=because)
        send(work, word(after, Approval.REFUSED, now, because=because), signer, after, now)
    return after


def distribute_media(
    books: Books, signer: Signer, key: ModelKey, offices: Sequence[str], now: datetime
) -> list[str]:
    """Copy the master of the training media and send it to offices; every office that has it.

    One master may cover all families of a maker's meters (preamble III.E of 1995).

    Raises:
        Refused: ``MODEL_UNKNOWN``, ``MEDIA_MISSING``.
    """
    with books.work(now, "distribute_media", on=(model_record(key),)) as work:
        version = require_model(work, key)
        if version.accepted("training media") is None and not _covered(work, version):
            raise MEDIA_MISSING.because(f"no master of {key} was accepted")
        tables.add_media_copies(work, key, offices, now.date())
        told = MediaDistributed(
            device="",
            issued_at=instant_text(now),
            sender=POSTAL_SERVICE,
            model=key.model,
            version=key.version,
            offices=tuple(sorted(set(offices))),
        )
        send(work, told, signer, version, now)
        tell(work, version, "media distributed", now=now, by=str(books.by))
        record_act(work, version, offices=sorted(set(offices)))
        return tables.offices_with_media(work, key)


def models(books: Books) -> list[ModelVersion]:
    """Every version of every provider."""
    with books.reading() as reading:
        return tables.every_model(reading)


def model_file(books: Books, key: ModelKey) -> tuple[ModelVersion, list[ModelEvent], list[Demand]]:
    """A version with what was filed, its history, and the demands about it.

    Raises:
        Refused: ``MODEL_UNKNOWN``.
    """
    with books.reading() as reading:
        version = require_model(reading, key)
        return version, tables.events_of(reading, key), tables.demands_of(reading, key)


def word(
    version: ModelVersion,
    approval: Approval,
    now: datetime,
    *,
    because: str,
    clause: str = "",
    until: str = "",
) -> ModelSuspended:
    """What a provider is told about a version that goes no further."""
    return ModelSuspended(
        device="",
        issued_at=instant_text(now),
        sender=POSTAL_SERVICE,
        model=version.key.model,
        version=version.key.version,
        approval=approval,
        because=because,
        clause=clause or approval_clause(version),
        until=until,
    )


def _move(
    work: Work, books: Books, key: ModelKey, to: ModelStatus, now: datetime, *, because: str = ""
) -> ModelVersion:
    before = require_model(work, key)
    after = moved(before, to)
    tables.move_model(work, key, before=before.status, after=to)
    tell(work, after, to, now=now, by=str(books.by), because=because)
    record_act(work, after, to=to, because=because)
    return after


def _leave(
    version: ModelVersion,
    approval: Approval,
    now: datetime,
    *,
    units: int = 0,
    until: date | None = None,
) -> ModelApproved:
    return ModelApproved(
        device="",
        issued_at=instant_text(now),
        sender=POSTAL_SERVICE,
        model=version.key.model,
        version=version.key.version,
        rulebook=version.rulebook,
        design=version.design,
        approval=approval,
        system=version.system,
        units=units,
        until="" if until is None else until.isoformat(),
    )


def _waiting(version: ModelVersion, item: str) -> Filing:
    for filing in version.filings:
        if filing.item == item and filing.status is ItemStatus.FILED:
            return filing
    raise ITEM_NOT_FILED.because(f"no {item} of {version.key} waits to be judged")


def _require_faultless(filing: Filing, version: ModelVersion, now: datetime) -> None:
    at = rules.at("provider", version.rulebook, now.date())
    if faults := faults_of(filing, version, at):
        raise ITEM_FAULTY.because(f"the {filing.item} of {version.key}: {'; '.join(faults)}")


def _covered(work: Work, version: ModelVersion) -> bool:
    """Whether an accepted master of another model of the maker covers this family."""
    for key in tables.keys_of(work, version.key.provider):
        master = require_model(work, key).accepted("training media")
        if master is not None and version.key.model in master.content["families"]:
            return True
    return False
