"""Commands by which devices come to the provider, and by which their keys are certified."""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode
from dataclasses import replace
from datetime import datetime

from franking.clock import instant_text
from franking.errors import Refusal
from franking.identifiers import DeviceId, record_id
from franking.messages.kinds import (
    CertificateRequest,
    LicenceIssued,
    RevocationRequest,
    RolloverRequest,
)
from franking.messages.signing import Signer, digest, sign, verify
from franking.provider.devices import signed
from franking.provider.identity import require_identity
from franking.provider.licensing import rows as licensed
from franking.provider.licensing.records import HeardLicence
from franking.provider.resetting import rows
from franking.provider.resetting.hearing import believed, require_device
from franking.provider.resetting.lifecycle import enrolled
from franking.provider.resetting.records import (
    READ_ENDS,
    DeviceKey,
    KeyStatus,
)
from franking.psd.vault.certification import SIGNING_REQUEST_FALSE, verified_request
from franking.storage import Act, Books, Reading, Work

_LICENCE_CLAUSES = ("DMM P050.2.1 (1997)",)
_KEY_CLAUSES = ("39 CFR 502.9(e) (1997)",)

KEY_END_UNKNOWN = Refusal(
    "KEY_END_UNKNOWN",
    clause=_KEY_CLAUSES[0],
    remedy="Take the device's last statement, or examine it, before you report how its key ended.",
)
_OTHER_ENDS = frozenset({"lost", "stolen", "compromise"})


def take_licence(books: Books, message: str, now: datetime) -> HeardLicence:
    """Take the Postal Service's ``LicenceIssued``; the same again changes nothing.

    Raises:
        Refused: ``MESSAGE_SIGNATURE_FALSE`` and the like.
    """
    with books.work(now, "take_licence") as work:
        postal = require_identity(work).postal
        told = verify(message, LicenceIssued, postal)
        licence = HeardLicence(
            number=told.licence,
            licensee=told.licensee,
            zip_code=told.zip_code,
            city=told.city,
            state=told.state,
        )
        if licensed.find_licence(work, licence.number) is None:
            licensed.keep_licence(work, licence)
            work.record(
                Act(
                    command="take_licence",
                    record=record_id("licence", licence.number),
                    clauses=_LICENCE_CLAUSES,
                    inputs={"message": digest(message)},
                )
            )
    return licence


def enrol_device(
    books: Books,
    signer: Signer,
    *,
    signing_request: bytes,
    rulebook: str,
    system: str,
    now: datetime,
) -> str:
    """Take in a device whose key was just made; the ``CertificateRequest`` for it.

    Tracking begins here, with the loading of the key. The same signing request gets the same
    answer. A cleared device is enrolled again with a new key, and keeps its registers.

    Raises:
        Refused: ``SIGNING_REQUEST_FALSE``, ``DEVICE_ID_UNREADABLE``, ``DEVICE_ENROLLED``.
    """
    device_id, public_key = verified_request(signing_request)
    device_id = str(DeviceId.parse(device_id))
    source = hashlib.sha256(signing_request).hexdigest()
    with books.work(now, "enrol_device") as work:
        if (asked := rows.key_for_source(work, source)) is not None:
            return asked.request
        _enter(work, device_id=device_id, rulebook=rulebook, system=system)
        signed.key_loaded(work, device_id, rulebook=rulebook, now=now)
        request = _certificate_request(signer, device_id, signing_request, now)
        rows.add_key(
            work,
            DeviceKey(
                device_id=device_id,
                public_key=public_key,
                status=KeyStatus.REQUESTED,
                request=request,
                request_source=source,
            ),
        )
        work.record(_act("enrol_device", device_id, key=public_key.hex()))
    return request


def request_rollover_certificate(books: Books, signer: Signer, request: str, now: datetime) -> str:
    """Take a device's ``RolloverRequest``; the ``CertificateRequest`` for its next key.

    Where the device asks again for the same key under a later order number, the same request
    goes to the Postal Service again.

    Raises:
        Refused: ``DEVICE_UNKNOWN``, ``MESSAGE_SIGNATURE_FALSE`` and the like,
            ``SIGNING_REQUEST_FALSE``.
    """
    with books.work(now, "request_rollover_certificate") as work:
        if (asked := rows.key_for_source(work, digest(request))) is not None:
            return asked.request
        device, message = believed(work, request, RolloverRequest)
        der = _der(message.signing_request)
        subject, public_key = verified_request(der)
        if subject != device.device_id:
            raise SIGNING_REQUEST_FALSE.because(f"it names {subject!r}")
        waiting = rows.find_key(work, device.device_id, KeyStatus.REQUESTED)
        if waiting is not None and waiting.public_key == public_key:
            key = replace(waiting, request_source=digest(request), rollover_order=message.order)
            rows.ask_again(work, key)
        else:
            key = DeviceKey(
                device_id=device.device_id,
                public_key=public_key,
                status=KeyStatus.REQUESTED,
                request=_certificate_request(signer, device.device_id, der, now),
                request_source=digest(request),
                rollover_order=message.order,
            )
            rows.drop_requested_keys(work, device.device_id)
            rows.add_key(work, key)
        work.record(_act("request_rollover_certificate", device.device_id, key=public_key.hex()))
    return key.request


def report_key_end(
    books: Books, signer: Signer, *, device_id: str, reason: str, now: datetime
) -> str:
    """Tell the Postal Service that a device's key ended (``RevocationRequest``).

    ``rollover``, ``withdrawn`` and ``faulted`` are about the first key whose end was not told yet,
    else the key that ended last, with the ascending value it ended at; ``lost``, ``stolen`` and
    ``compromise`` about the present key. Asking again when all is told gives the same message.

    Raises:
        Refused: ``DEVICE_UNKNOWN``, ``KEY_END_UNKNOWN``.
    """
    with books.work(now, "report_key_end") as work:
        device = require_device(work, device_id)
        key = _ended_key(work, device.device_id, reason)
        serial = key.certificate_serial
        if serial is None:
            raise KEY_END_UNKNOWN.because(f"no certificate of {device_id} was taken")
        before = rows.find_key_report(work, certificate_serial=serial, reason=reason)
        if before is not None:
            return before
        message = RevocationRequest(
            device=device.device_id,
            issued_at=instant_text(now),
            provider=signer.name,
            certificate_serial=serial,
            reason=reason,
            final_ascending_mills=key.final_ascending_mills,
        )
        text = sign(message, signer)
        rows.add_key_report(work, certificate_serial=serial, reason=reason, message=text)
        signed.missing(work, device_id, reason, now)
        work.record(_act("report_key_end", device_id, serial=serial, reason=reason))
    return text


def _enter(work: Work, *, device_id: str, rulebook: str, system: str) -> None:
    before = rows.find_device(work, device_id)
    device = enrolled(before, device_id=device_id, rulebook=rulebook, system=system)
    if before is None:
        rows.add_device(work, device)
    else:
        rows.change_device(work, before, device)


def _ended_key(books: Reading, device_id: str, reason: str) -> DeviceKey:
    if reason in READ_ENDS:
        ended = rows.ended_keys(books, device_id)
        untold = [key for key in ended if not _is_told(books, key)]
        key = next(iter([*untold, *ended[-1:]]), None)
    elif reason in _OTHER_ENDS:
        key = rows.find_key(books, device_id, KeyStatus.PRESENT)
    else:
        raise KEY_END_UNKNOWN.because(f"{reason!r} is no reason to report")
    if key is None:
        raise KEY_END_UNKNOWN.because(f"{device_id} has no key of which that is known")
    return key


def _is_told(books: Reading, key: DeviceKey) -> bool:
    return key.certificate_serial is not None and rows.is_key_end_told(
        books, key.certificate_serial
    )


def _certificate_request(signer: Signer, device_id: str, der: bytes, now: datetime) -> str:
    message = CertificateRequest(
        device=device_id,
        issued_at=instant_text(now),
        provider=signer.name,
        signing_request=b64encode(der).decode(),
    )
    return sign(message, signer)


def _der(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except ValueError as error:
        raise SIGNING_REQUEST_FALSE.because("it is not base64") from error


def _act(command: str, device_id: str, **inputs: object) -> Act:
    return Act(
        command=command, record=record_id("device", device_id), clauses=_KEY_CLAUSES, inputs=inputs
    )
