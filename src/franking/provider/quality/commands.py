"""Taking a licensee's mailpiece, and what follows where none comes (39 CFR 502.27, 1997)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from pathlib import Path

from franking.clock import instant_text
from franking.docket import Obligation, Swept
from franking.errors import Refusal
from franking.identifiers import record_id
from franking.messages.dispatch import POSTAL_SERVICE
from franking.messages.examining import ExaminationSettled, QualityDeficient, QualityIgnored
from franking.messages.receiving import Dispatched
from franking.messages.signing import Signer
from franking.provider.devices import notes, service_duties
from franking.provider.devices import rows as device_rows
from franking.provider.devices.records import WITH_LICENSEE, DeviceRecord, Kind
from franking.provider.identity import require_identity
from franking.provider.quality import tables
from franking.provider.quality.grading import grade
from franking.provider.quality.records import (
    CORRECTED,
    DENIED,
    MAILPIECE,
    Grade,
    GradedPiece,
    NoticeKind,
    QualityNotice,
)
from franking.provider.schema import DISPATCHES, DOCKET
from franking.storage import Act, Books, Work
from franking.verification.facts import Facts
from franking.verification.trust_list import TrustList
from franking.verification.verify import verify_file

PIECE_SENT_BEFORE = Refusal(
    "PIECE_SENT_BEFORE",
    clause="39 CFR 502.27 (1997)",
    remedy="Send another piece: one evidenced since the last one was evaluated.",
)
PSD_ONLY = Refusal(
    "PSD_ONLY",
    clause="39 CFR 502.27 (1997)",
    remedy="Only postal security devices send mailpieces for quality; a meter is inspected.",
)
_CLAUSE = "39 CFR 502.27 (1997)"
_DUE_CLAUSE = "39 CFR 502.27 (1997); DMM P050.2.5i (1997)"


def receive_mailpiece(
    books: Books,
    signer: Signer,
    *,
    serial: str,
    picture: Path,
    trust: TrustList,
    now: datetime,
    seen: Collection[str] = (),
) -> GradedPiece:
    """Read and grade a mailpiece of a device; ``seen`` is what the evaluator found by eye.

    A good one lifts the denial that a missing one caused. A deficient one of this device was
    forwarded, so the quarter's duty is done, but a better one has to follow; licensee and Postal
    Service are told what falls short, the licensee with guidance.

    Raises:
        Refused: ``FILE_UNREADABLE``, ``PIECE_UNCLEAR``, ``TRUST_LIST_TOO_OLD``,
            ``PIECE_OF_ANOTHER_DEVICE``,
            ``OBSERVATION_UNKNOWN``, ``PIECE_SENT_BEFORE``, ``PSD_ONLY``,
            ``DEVICE_NOT_IN_INVENTORY``.
    """
    piece = grade(serial, verify_file(picture, trust, now, Facts()), seen, now.date())
    with books.work(now, "receive_mailpiece", on=(record_id("device", serial),)) as work:
        device = notes.require(work, serial)
        if device.kind is not Kind.PSD:
            raise PSD_ONLY.because(f"{serial} is a {device.kind.value}")
        _require_fresh(work, piece)
        tables.add_piece(work, piece)
        if piece.is_of_its_device:
            _forwarded(work, device, now)
        if piece.grade is Grade.GOOD:
            _accept(work, signer, device, now)
        else:
            _find_fault(work, signer, device, piece, now)
        codes = [each.code for each in piece.deficiencies]
        _act(work, device, "", grade=piece.grade.value, deficiencies=codes)
    return piece


def deny_without_mailpiece(work: Work, missed: Sequence[Obligation], swept: Swept) -> None:
    """No acceptable mailpiece came in time: the consequence that the docket's sweep applies.

    All future resets are denied, the licensee is told so, and the Postal Service is told of the
    licensee, so that it can initiate revocation (502.27, P050.2.3f).
    """
    serials = [each.record.removeprefix("device:") for each in missed]
    known = device_rows.of_serials(work, serials)
    alike: dict[tuple[str, date], dict[str, DeviceRecord]] = {}
    for obligation, serial in zip(missed, serials, strict=True):
        device = known.get(serial) or notes.require(work, serial)
        if device.state in WITH_LICENSEE:
            alike.setdefault((obligation.duty, obligation.due), {})[serial] = device
    for (duty, due), devices in alike.items():
        _deny(work, list(devices.values()), duty, due, swept)


def quality_view(books: Books, serial: str) -> dict[str, object]:
    """The graded pieces of a device, and what its licensee was told.

    Raises:
        Refused: ``DEVICE_NOT_IN_INVENTORY``.
    """
    with books.reading() as reading:
        device = notes.require(reading, serial)
        denied = [each for each in notes.denials(reading, serial) if each.cause == DENIED]
        known = DOCKET.standing(reading, record=record_id("device", serial))
        due = [
            each.due
            for each in known
            if each.duty in (MAILPIECE, CORRECTED) and each.is_outstanding
        ]
        return {
            "serial": serial,
            "licence": device.licence,
            "due_on": min(due).isoformat() if due else None,
            "resets_denied": denied[0].because if denied else None,
            "pieces": [piece.as_json() for piece in tables.pieces_of(reading, serial)],
            "notices": [notice.as_json() for notice in tables.notices_of(reading, serial)],
        }


def _require_fresh(work: Work, piece: GradedPiece) -> None:
    """One piece is evaluated once, else a single good print would do for good."""
    if piece.ascending_mills is None:
        return
    before = tables.find_piece(work, piece.serial, piece.ascending_mills)
    if before is not None:
        raise PIECE_SENT_BEFORE.because(f"this piece was evaluated on {before.received_on}")


def _forwarded(work: Work, device: DeviceRecord, now: datetime) -> None:
    """The quarter's piece was forwarded; the next one is due in three months."""
    record = record_id("device", device.serial)
    DOCKET.satisfy(work, MAILPIECE, record=record, now=now, because="a mailpiece was evaluated")
    if device.state in WITH_LICENSEE:
        DOCKET.open_many(work, [service_duties.mailpiece(device, now.date())], now)


def _accept(work: Work, signer: Signer, device: DeviceRecord, now: datetime) -> None:
    because = "a good mailpiece came"
    record = record_id("device", device.serial)
    DOCKET.satisfy(work, CORRECTED, record=record, now=now, because=because)
    if notes.lift_denial(work, device.serial, cause=DENIED, now=now, because=because) is None:
        return
    _tell(
        work, device, NoticeKind.LIFTED, "Your mailpiece is good: resets are possible again.", now
    )
    settled = ExaminationSettled(
        device=device.serial,
        issued_at=instant_text(now),
        sender=require_identity(work).name,
        how="good mailpiece",
        on=now.date().isoformat(),
    )
    _send(work, settled, signer, now)


def _find_fault(
    work: Work, signer: Signer, device: DeviceRecord, piece: GradedPiece, now: datetime
) -> None:
    """A deficient piece: guidance, word to the Postal Service, and a better one is owed."""
    DOCKET.open(
        work,
        CORRECTED,
        record=record_id("device", device.serial),
        owed_by=f"licensee:{device.licence}",
        rulebook=device.rulebook,
        start=now.date(),
        now=now,
        because=", ".join(each.code for each in piece.deficiencies),
    )
    lines = [f"{each.code} ({each.detail}): {each.guidance}" for each in piece.deficiencies]
    _tell(work, device, NoticeKind.GUIDANCE, "\n".join(lines), now)
    told = QualityDeficient(
        device=device.serial,
        issued_at=instant_text(now),
        sender=require_identity(work).name,
        licence=device.licence,
        zip_code=device.office,
        received_on=now.date().isoformat(),
        deficiencies=[f"{each.code}: {each.detail}" for each in piece.deficiencies],
    )
    _send(work, told, signer, now)


def _deny(work: Work, devices: Sequence[DeviceRecord], duty: str, due: date, swept: Swept) -> None:
    """Deny many devices their resets that owed the same by the same day."""
    what = "mailpiece without deficiencies" if duty == CORRECTED else "mailpiece"
    because, now = f"no {what} came by {due.isoformat()}", swept.now
    serials = [device.serial for device in devices]
    notes.deny_many(work, serials, cause=DENIED, clause=_DUE_CLAUSE, because=because, now=now)
    words = f"{because}: all future resets of {{}} are denied until a good one comes."
    words = words[0].upper() + words[1:]
    tables.add_notices(
        work,
        [_notice(each, NoticeKind.DENIAL, words.format(each.serial), now) for each in devices],
    )
    _tell_of(work, devices, because, due, swept)
    for device in devices:
        _act(work, device, "deny_without_mailpiece", due_on=due.isoformat())


def _tell_of(
    work: Work, devices: Sequence[DeviceRecord], ground: str, due: date, swept: Swept
) -> None:
    name = require_identity(work).name
    messages = (
        (
            record_id("device", device.serial),
            QualityIgnored(
                device=device.serial,
                issued_at=instant_text(swept.now),
                sender=name,
                licence=device.licence,
                zip_code=device.office,
                ground=ground,
                due_on=due.isoformat(),
            ),
        )
        for device in devices
    )
    DISPATCHES.send_many(work, messages, swept.signer, recipient=POSTAL_SERVICE, now=swept.now)


def _tell(work: Work, device: DeviceRecord, kind: NoticeKind, words: str, now: datetime) -> None:
    tables.add_notices(work, [_notice(device, kind, words, now)])


def _notice(device: DeviceRecord, kind: NoticeKind, words: str, now: datetime) -> QualityNotice:
    return QualityNotice(
        serial=device.serial,
        licence=device.licence,
        kind=kind,
        given_on=now.date(),
        clause=_CLAUSE,
        text=words,
    )


def _send(work: Work, message: Dispatched, signer: Signer, now: datetime) -> None:
    record = record_id("device", message.device)
    DISPATCHES.send(work, message, signer, recipient=POSTAL_SERVICE, record=record, now=now)


def _act(work: Work, device: DeviceRecord, command: str, **inputs: object) -> None:
    record = record_id("device", device.serial)
    work.record(Act(command=command, record=record, clauses=(_CLAUSE,), inputs=inputs))
