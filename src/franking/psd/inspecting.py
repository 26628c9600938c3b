"""The ``.00`` imprint of an inspection: what a device prints to be looked at, worth nothing."""

from __future__ import annotations

import hashlib
from datetime import datetime

from msgspec.structs import replace

from franking.clock import instant_text
from franking.errors import InvariantBroken
from franking.indicium.content import ALGORITHM_ES256, VERSION, IndiciumContent, pack
from franking.psd.mechanism import Mechanism
from franking.psd.orders import require_status
from franking.psd.records import (
    IN_SERVICE,
    SOFTWARE_ID,
    DeviceState,
    EntryKind,
    InspectionImprint,
    device_id_of,
)
from franking.psd.requests import REQUEST_ID_USED, require_request_id
from franking.psd.store import Entry
from franking.psd.terms import accepted_time, require_clock, require_here

_DIGEST = hashlib.sha256(b"inspection").digest()


def inspection_imprint(mechanism: Mechanism, request_id: str, now: datetime) -> InspectionImprint:
    """Journal an imprint that debits nothing and is not signed; again, the same imprint.

    Raises:
        Refused: ``REQUEST_UNREADABLE``, ``REQUEST_ID_USED``, ``DEVICE_FAULTED``,
            ``DEVICE_MOVED``, ``WRONG_STATUS`` or ``CLOCK_BEHIND``.
    """
    require_request_id(request_id)
    mechanism.require_certain()
    earlier = mechanism.store.requests([request_id]).get(request_id)
    if earlier is not None:
        return _again(mechanism.authentic(earlier))
    mechanism.require_sound()
    state, time = mechanism.state, instant_text(now)
    require_here(state.standing)
    require_status(state, IN_SERVICE)
    require_clock(time, latest=state.latest_time)
    mechanism.compare_copies(time)
    accepted = accepted_time(state.standing, now, latest=state.latest_time)
    entry = mechanism.entry(
        EntryKind.INSPECTION,
        state.registers,
        request_id=request_id,
        request_digest=_DIGEST,
        content=pack(_content(state, now)),
        time=accepted,
    )
    mechanism.commit(replace(state, latest_time=accepted), [entry])
    return _imprint(entry)


def _content(state: DeviceState, now: datetime) -> IndiciumContent:
    certificate, licence = state.standing.certificate, state.standing.licence
    if certificate is None or licence is None:
        raise InvariantBroken(f"a device {state.status} without a certificate or a licence")
    return IndiciumContent(
        version=VERSION,
        algorithm=ALGORITHM_ES256,
        certificate_serial=certificate.serial,
        device_id=device_id_of(state),
        ascending_mills=state.registers.ascending_mills,
        postage_mills=0,
        date_of_mailing=now.date(),
        licensing_zip=licence.zip_code,
        destination="",
        software_id=SOFTWARE_ID,
        descending_mills=state.registers.descending_mills,
        rate_category="",
    )


def _again(entry: Entry) -> InspectionImprint:
    if entry.kind is not EntryKind.INSPECTION:
        raise REQUEST_ID_USED.because(f"request id {entry.request_id} was used for another end")
    return _imprint(entry)


def _imprint(entry: Entry) -> InspectionImprint:
    return InspectionImprint(
        request_id=str(entry.request_id), content=entry.content, sequence=entry.sequence
    )
