"""Bytes as large as an indicium, signed by nobody: to try a layout with before anything is paid."""

from __future__ import annotations

from datetime import date

from franking.identifiers import DeviceId
from franking.indicium.content import ALGORITHM_ES256, VERSION, IndiciumContent, pack
from franking.indicium.signature import SIGNATURE_BYTES
from franking.psd.records import SOFTWARE_ID


def specimen_bytes(
    device_id: DeviceId,
    *,
    postage_mills: int,
    on: date,
    destination: str = "",
    rate_category: str = "",
) -> bytes:
    """113 bytes with a signature of zeros: worth nothing, and never authentic."""
    content = IndiciumContent(
        version=VERSION,
        algorithm=ALGORITHM_ES256,
        certificate_serial=0,
        device_id=device_id,
        ascending_mills=0,
        postage_mills=postage_mills,
        date_of_mailing=on,
        licensing_zip="00000",
        destination=destination,
        software_id=SOFTWARE_ID,
        descending_mills=0,
        rate_category=rate_category,
    )
    return pack(content) + bytes(SIGNATURE_BYTES)
