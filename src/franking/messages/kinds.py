"""The messages that cross between device, provider and Postal Service, field by field.

Money is integer mills, instants are UTC ISO 8601, dates are ISO 8601, digests are SHA-256 in
hex, certificates are DER in base64. Refuses to know who may send what: the rooms decide.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from franking.messages.signing import Message

Whole = Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)]
"""A whole number that JSON carries exactly everywhere, and every database holds sums of."""


class RegisterReading(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The registers of a device at one moment, in mills."""

    ascending_mills: Whole
    descending_mills: Whole
    control_total_mills: Whole
    piece_count: Whole
    reset_sequence: Whole


class JournalPosition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An entry of a device's journal: its sequence and its hash in hex."""

    sequence: Whole
    entry_hash: str


# Postal Service and provider ---------------------------------------------------------------


class LicenceIssued(Message, frozen=True, kw_only=True):
    """Postal Service → provider: a licence (PS Form 3601-B); ``device`` is empty."""

    licence: str
    licensee: str
    zip_code: str
    city: str
    state: str


class CertificateRequest(Message, frozen=True, kw_only=True):
    """Provider → Postal Service: certify this device's key."""

    provider: str
    signing_request: str
    """PKCS#10 request signed by the device's new key, DER in base64."""


class RevocationRequest(Message, frozen=True, kw_only=True):
    """Provider → Postal Service: this certificate's key must no longer be believed."""

    provider: str
    certificate_serial: Whole
    reason: str
    """``rollover``, ``compromise``, ``lost``, ``stolen``, ``withdrawn`` or ``faulted``."""
    final_ascending_mills: Whole | None
    """Above this nothing is authentic; ``None`` where it is not known."""


# Provider → device, and the device's answers -----------------------------------------------


class Authorization(Message, frozen=True, kw_only=True):
    """Provider → device: licence, post office, limit, certificate (DMM P050.3.1-1)."""

    order: Whole
    licence: str
    zip_code: str
    city: str
    state: str
    limit_mills: Whole
    watchdog_date: str
    certificate: str


class LockOrder(Message, frozen=True, kw_only=True):
    """Provider → device: refuse to evidence, for this cause."""

    order: Whole
    cause: str
    clause: str


class UnlockOrder(Message, frozen=True, kw_only=True):
    """Provider → device: the cause named is gone."""

    order: Whole
    cause: str


class WithdrawalOrder(Message, frozen=True, kw_only=True):
    """Provider → device: end service; answered by a ``WithdrawalStatement``."""

    order: Whole
    reason: str


class ClearingOrder(Message, frozen=True, kw_only=True):
    """Provider → device: examined; give up the value and destroy the key."""

    order: Whole
    statement_digest: str
    examiner: str


class ScrappingOrder(Message, frozen=True, kw_only=True):
    """Provider → device: a cleared device is scrapped."""

    order: Whole
    reason: str


class RolloverAuthorization(Message, frozen=True, kw_only=True):
    """Provider → device: the certificate of the device's next key."""

    order: Whole
    request_digest: str
    certificate: str


class OrderReceipt(Message, frozen=True, kw_only=True):
    """Device → provider: an order was carried out; this is where the device stands."""

    order: Whole
    order_digest: str
    status: str
    locks: list[str]
    registers: RegisterReading
    journal: JournalPosition


class WithdrawalStatement(Message, frozen=True, kw_only=True):
    """Device → provider: locked for good, with the registers as they stand."""

    order: Whole
    order_digest: str
    registers: RegisterReading
    journal: JournalPosition


class ClearingStatement(Message, frozen=True, kw_only=True):
    """Device → provider: value given up, descending zero; signed before the key is destroyed."""

    order: Whole
    order_digest: str
    withdrawn_mills: Whole
    registers: RegisterReading
    journal: JournalPosition


class RolloverRequest(Message, frozen=True, kw_only=True):
    """Device → provider: the next key, signed by the present one."""

    order: Whole
    """The number that the answering ``RolloverAuthorization`` has to bear."""
    signing_request: str
    registers: RegisterReading


class ResetRequest(Message, frozen=True, kw_only=True):
    """Device → provider: postage value wanted (39 CFR 502.26(a))."""

    sequence: Whole
    request_id: str
    amount_mills: Whole
    registers: RegisterReading
    journal: JournalPosition
    acknowledged: JournalPosition
    """The device's own entry at the sequence that the provider last acknowledged."""


class ResetGrant(Message, frozen=True, kw_only=True):
    """Provider → device: credit this, once."""

    sequence: Whole
    amount_mills: Whole
    request_digest: str
    acknowledged: JournalPosition
    watchdog_date: str


class ResetReceipt(Message, frozen=True, kw_only=True):
    """Device → provider: credited."""

    sequence: Whole
    amount_mills: Whole
    grant_digest: str
    registers: RegisterReading
    journal: JournalPosition


class ResetClosed(Message, frozen=True, kw_only=True):
    """Device → provider: this reset sequence closed unused; no grant for it will be taken."""

    sequence: Whole
    request_digest: str
    registers: RegisterReading
    journal: JournalPosition


class AuditReport(Message, frozen=True, kw_only=True):
    """Device → provider: the device audit message (39 CFR 502.24)."""

    audit_sequence: Whole
    status: str
    locks: list[str]
    faults: list[str]
    certificate_serial: Whole
    watchdog_date: str
    registers: RegisterReading
    journal: JournalPosition
    acknowledged: JournalPosition


class AuditReceipt(Message, frozen=True, kw_only=True):
    """Provider → device: the audit passed; the watchdog is renewed (DMM P050.3.4)."""

    audit_sequence: Whole
    report_digest: str
    acknowledged: JournalPosition
    watchdog_date: str
    corrected_time: str
    """The provider's instant; corrects a device clock within the policy tolerance."""


class Examination(Message, frozen=True, kw_only=True):
    """Provider's signed statement of the value of a device that can no longer speak for itself."""

    examiner: str
    finding: str
    registers: RegisterReading
