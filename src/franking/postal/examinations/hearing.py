"""What providers say of examinations, inspections and quality, and what is kept of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import msgspec

from franking.errors import Refusal
from franking.identifiers import record_id
from franking.messages.examining import (
    AuditCopy,
    ExaminationDue,
    ExaminationIgnored,
    ExaminationSettled,
    InspectionIrregular,
    QualityDeficient,
    QualityIgnored,
)
from franking.messages.kinds import AuditReport
from franking.messages.receiving import Dispatched, Hearer
from franking.messages.signing import Signer, unverified, verify
from franking.postal.certificates.records import CertificateKind
from franking.postal.certificates.tables import certificates_of
from franking.postal.examinations import rows
from franking.postal.examinations.records import (
    ACT_ON_REFERRAL,
    Referral,
    ReferralGround,
    ReferralStatus,
)
from franking.postal.schema import DOCKET
from franking.psd.vault.ecdsa import public_key_object
from franking.storage import Act, Work

AUDIT_OF_NOBODY = Refusal(
    "AUDIT_OF_NOBODY",
    clause="DMM P050.3.4 (1997)",
    remedy="Send the audit message as the device signed it under a key that is certified.",
    http_status=422,
)
_DUE = "39 CFR 501.22(f) (1995)"
_QUALITY = "39 CFR 502.27 (1997)"
_PSD_RULEBOOK = "ibip-1997"


def take_due(work: Work, message: ExaminationDue, _: Signer, now: datetime) -> None:
    """A device has to be examined: it goes on the list of its licensing office."""
    rows.add_due(
        work,
        provider=message.sender,
        serial=message.device,
        licence=message.licence,
        zip_code=message.zip_code,
        ground=message.ground,
        due_on=message.due_on,
        told_on=now.date().isoformat(),
    )
    _note(work, message, "note_examination_due", _DUE, {"ground": message.ground})


def take_ignored(work: Work, message: ExaminationIgnored, _: Signer, now: datetime) -> None:
    """Nobody answered, or a PSD was not audited: the Postal Service has to act (501.22(f))."""
    audited = message.rulebook == _PSD_RULEBOOK
    ground = ReferralGround.NOT_AUDITED if audited else ReferralGround.NOT_EXAMINED
    told = f"{message.device} was {message.ground}; noticed on {message.noticed_on}"
    if message.approached_on:
        told += f", approached again {message.approached_how} on {message.approached_on}"
    _refer(work, message, ground, told, message.rulebook, message.last_active_on, now)


def take_quality_ignored(work: Work, message: QualityIgnored, _: Signer, now: datetime) -> None:
    """A licensee sent no acceptable mailpiece: revocation can be initiated (502.27, P050.2.3f)."""
    told = f"{message.device}: {message.ground}, due on {message.due_on}"
    ground = ReferralGround.NO_QUALITY_PIECE
    _refer(work, message, ground, told, _PSD_RULEBOOK, message.due_on, now)


def take_settled(work: Work, message: ExaminationSettled, _: Signer, now: datetime) -> None:
    """A device that was reported is in order again, or gone."""
    today = now.date()
    rows.settle_due(work, provider=message.sender, serial=message.device, how=message.how, on=today)
    for before in rows.open_referrals(work, provider=message.sender, serial=message.device):
        closes = before.ground is not ReferralGround.NO_QUALITY_PIECE
        if closes or message.how in ("removed", "good mailpiece"):
            close_referral(work, before, message.how, now)
    _note(work, message, "settle_referral", _DUE, {"how": message.how})


def take_irregular(work: Work, message: InspectionIrregular, _: Signer, now: datetime) -> None:
    """An inspection found something: the licensing postmaster sees it at once (501.25(b)(8))."""
    facts = [f"inspected by {message.inspector} on {message.inspected_on}"]
    _keep(work, message, "irregular on inspection", [*facts, *message.irregularities], now)
    _note(work, message, "note_irregularity", "39 CFR 501.25(b)(8) (1995)", {"facts": facts})


def take_deficient(work: Work, message: QualityDeficient, _: Signer, now: datetime) -> None:
    """A mailpiece fell short (62 FR 14833; 502.27)."""
    _keep(work, message, "deficient mailpiece", message.deficiencies, now)
    inputs: dict[str, object] = {"deficiencies": message.deficiencies}
    _note(work, message, "note_deficiency", _QUALITY, inputs)


def take_audit(work: Work, message: AuditCopy, _: Signer, now: datetime) -> None:
    """A device's own audit, for a remote examination (DMM P050.3.4, 1997).

    Believed under the key that the Postal Service certified for the device, not the provider's.

    Raises:
        Refused: ``AUDIT_OF_NOBODY``, ``MESSAGE_SIGNATURE_FALSE``.
    """
    serial = unverified(message.report, AuditReport).certificate_serial
    keys = {
        each.serial: each.public_key
        for each in certificates_of(work, message.device)
        if each.kind is CertificateKind.DEVICE and each.provider == message.sender
    }
    if serial not in keys:
        raise AUDIT_OF_NOBODY.because(f"certificate {serial} is not of {message.device}")
    report = verify(message.report, AuditReport, public_key_object(keys[serial]))
    if report.device != message.device:
        raise AUDIT_OF_NOBODY.because(f"the audit is of {report.device}")
    facts = [
        f"status {report.status}; locks {', '.join(report.locks) or 'none'};"
        f" faults {', '.join(report.faults) or 'none'}",
        f"ascending {report.registers.ascending_mills} mills,"
        f" descending {report.registers.descending_mills} mills (signed)",
    ]
    known = {"provider": message.sender, "serial": message.device, "licence": "", "zip_code": ""}
    kept = msgspec.json.encode(facts).decode()
    rows.add_report(
        work, **known, kind="remote examination", told_on=now.date().isoformat(), facts=kept
    )
    inputs: dict[str, object] = {"audit": report.audit_sequence}
    _note(work, message, "examine_remotely", "DMM P050.3.4 (1997)", inputs)


def close_referral(work: Work, before: Referral, how: str, now: datetime) -> None:
    """Close a referral, and what was owed on it."""
    after = replace(before, status=ReferralStatus.CLOSED, closed_on=now.date(), closed_how=how)
    rows.change_referral(work, before, after)
    record = record_id("referral", before.number)
    DOCKET.cancel(work, ACT_ON_REFERRAL, record=record, now=now, because=how)
    inputs: dict[str, object] = {"how": how}
    work.record(Act(command="close_referral", record=record, clauses=(_DUE,), inputs=inputs))


def _refer(
    work: Work,
    message: ExaminationIgnored | QualityIgnored,
    ground: ReferralGround,
    facts: str,
    rulebook: str,
    last_active_on: str,
    now: datetime,
) -> None:
    mine = rows.open_referrals(work, provider=message.sender, serial=message.device)
    if any(each.ground is ground for each in mine):
        _note(work, message, "refer_again", _DUE, {"ground": ground.value})
        return
    unnumbered = Referral(
        number=0,
        provider=message.sender,
        serial=message.device,
        licence=message.licence,
        zip_code=message.zip_code,
        rulebook=rulebook,
        ground=ground,
        facts=facts,
        last_active_on=date.fromisoformat(last_active_on),
        received_on=now.date(),
    )
    referral = rows.add_referral(work, unnumbered)
    record = record_id("referral", referral.number)
    DOCKET.open(
        work,
        ACT_ON_REFERRAL,
        record=record,
        owed_by="Postal Service",
        rulebook=rulebook,
        start=now.date(),
        now=now,
        because=facts,
    )
    inputs: dict[str, object] = {"provider": message.sender, "facts": facts}
    work.record(Act(command="open_referral", record=record, clauses=(_DUE,), inputs=inputs))


def _keep(
    work: Work,
    message: InspectionIrregular | QualityDeficient,
    kind: str,
    facts: list[str],
    now: datetime,
) -> None:
    rows.add_report(
        work,
        provider=message.sender,
        serial=message.device,
        licence=message.licence,
        zip_code=message.zip_code,
        kind=kind,
        told_on=now.date().isoformat(),
        facts=msgspec.json.encode(facts).decode(),
    )


def _note(
    work: Work, message: Dispatched, command: str, clause: str, inputs: dict[str, object]
) -> None:
    given = {**inputs, "provider": message.sender}
    work.record(Act(command=command, record=_about(message), clauses=(clause,), inputs=given))


def _about(message: Dispatched) -> str:
    return record_id("device", message.device)


HEARERS = (
    Hearer(ExaminationDue, _about, take_due),
    Hearer(ExaminationIgnored, _about, take_ignored),
    Hearer(ExaminationSettled, _about, take_settled),
    Hearer(InspectionIrregular, _about, take_irregular),
    Hearer(QualityDeficient, _about, take_deficient),
    Hearer(QualityIgnored, _about, take_quality_ignored),
    Hearer(AuditCopy, _about, take_audit),
)
