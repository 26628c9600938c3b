"""The registers of a device, and how they move.

Pure: no clock, no storage, no keys. Who may ask, and in what order things reach the disk, is
decided by ``franking.psd.device``. Laws kept here: PSD-1, PSD-2.
"""

from __future__ import annotations

from franking.errors import InvariantBroken, Refusal
from franking.indicium.content import ASCENDING_MILLS_MAX, POSTAGE_MILLS_MAX
from franking.money import format_dollars
from franking.psd.records import Registers

POSTAGE_MUST_BE_POSITIVE = Refusal(
    "POSTAGE_MUST_BE_POSITIVE",
    clause="DMM P050.1.5 (1997)",
    remedy="Ask for the exact postage due; a redate mark needs no evidence.",
    http_status=422,
)
POSTAGE_TOO_HIGH = Refusal(
    "POSTAGE_TOO_HIGH",
    clause="39 CFR 502.9(a) (1997)",
    remedy="Split the postage: one indicium cannot show so much.",
    http_status=422,
)
EXCEEDS_DESCENDING = Refusal(
    "EXCEEDS_DESCENDING",
    clause="39 CFR 501.6(c) (1995)",
    remedy="Reset the device with more postage, then ask again under the same request id.",
)
ASCENDING_FULL = Refusal(
    "ASCENDING_FULL",
    clause="39 CFR 501.6(c) (1995)",
    remedy="Have the device withdrawn and replaced: its ascending register is full.",
)
AMOUNT_MUST_BE_POSITIVE = Refusal(
    "AMOUNT_MUST_BE_POSITIVE",
    clause="policy",
    remedy="Ask for an amount above zero.",
    http_status=422,
)
CREDIT_ABOVE_LIMIT = Refusal(
    "CREDIT_ABOVE_LIMIT",
    clause="DMM P050.3.6 (1997)",
    remedy="Ask for less, or evidence some of the postage first.",
)


def debit(before: Registers, *, postage_mills: int) -> Registers:
    """Take ``postage_mills`` for one indicium (39 CFR 501.6(c); PSD-1).

    Raises:
        Refused: ``POSTAGE_MUST_BE_POSITIVE``, ``POSTAGE_TOO_HIGH``, ``EXCEEDS_DESCENDING`` or
            ``ASCENDING_FULL``.
    """
    require_postage(
        postage_mills,
        ascending_mills=before.ascending_mills,
        descending_mills=before.descending_mills,
    )
    return Registers(
        ascending_mills=before.ascending_mills + postage_mills,
        descending_mills=before.descending_mills - postage_mills,
        control_total_mills=before.control_total_mills,
        piece_count=before.piece_count + 1,
        reset_sequence=before.reset_sequence,
    )


def require_postage(postage_mills: int, *, ascending_mills: int, descending_mills: int) -> None:
    """Whether the registers can give this postage.

    Raises:
        Refused: as ``debit``.
    """
    if postage_mills <= 0:
        raise POSTAGE_MUST_BE_POSITIVE.because(f"postage {format_dollars(postage_mills)}")
    if postage_mills > POSTAGE_MILLS_MAX:
        raise POSTAGE_TOO_HIGH.because(
            f"postage {format_dollars(postage_mills)} is above"
            f" {format_dollars(POSTAGE_MILLS_MAX)}, the most that an indicium can show"
        )
    if postage_mills > descending_mills:
        raise EXCEEDS_DESCENDING.because(
            f"postage {format_dollars(postage_mills)} exceeds the"
            f" {format_dollars(descending_mills)} in the descending register"
        )
    if ascending_mills + postage_mills > ASCENDING_MILLS_MAX:
        raise ASCENDING_FULL.because(
            f"the ascending register holds {format_dollars(ascending_mills)}"
        )


def credit(before: Registers, *, amount_mills: int, limit_mills: int) -> Registers:
    """Add ``amount_mills``; this ends one reset (PSD-2, DMM P050.3.6).

    Raises:
        Refused: ``AMOUNT_MUST_BE_POSITIVE`` or ``CREDIT_ABOVE_LIMIT``.
    """
    require_credit(before, amount_mills=amount_mills, limit_mills=limit_mills)
    return Registers(
        ascending_mills=before.ascending_mills,
        descending_mills=before.descending_mills + amount_mills,
        control_total_mills=before.control_total_mills + amount_mills,
        piece_count=before.piece_count,
        reset_sequence=before.reset_sequence + 1,
    )


def require_credit(before: Registers, *, amount_mills: int, limit_mills: int) -> None:
    """Whether the registers can take this amount under the limit in force.

    Raises:
        Refused: as ``credit``.
    """
    if amount_mills <= 0:
        raise AMOUNT_MUST_BE_POSITIVE.because(f"amount {format_dollars(amount_mills)}")
    if before.descending_mills + amount_mills > limit_mills:
        raise CREDIT_ABOVE_LIMIT.because(
            f"{format_dollars(before.descending_mills)} and {format_dollars(amount_mills)} more"
            f" exceed the limit of {format_dollars(limit_mills)}"
        )


def close_unused(before: Registers) -> Registers:
    """End one reset without a credit (PSD-2)."""
    return Registers(
        ascending_mills=before.ascending_mills,
        descending_mills=before.descending_mills,
        control_total_mills=before.control_total_mills,
        piece_count=before.piece_count,
        reset_sequence=before.reset_sequence + 1,
    )


def give_up(before: Registers) -> Registers:
    """Give up the value that is left; the control total falls by it (PSD-7)."""
    return Registers(
        ascending_mills=before.ascending_mills,
        descending_mills=0,
        control_total_mills=before.ascending_mills,
        piece_count=before.piece_count,
        reset_sequence=before.reset_sequence,
    )


def require_conserved(registers: Registers) -> None:
    """Check what must always hold of registers (PSD-1, PSD-2).

    Raises:
        InvariantBroken: a register below zero, or ascending + descending ≠ control total.
    """
    if min(registers.ascending_mills, registers.descending_mills, registers.piece_count) < 0:
        raise InvariantBroken(f"a register below zero: {registers}")
    if registers.ascending_mills + registers.descending_mills != registers.control_total_mills:
        raise InvariantBroken(
            f"ascending and descending do not make the control total: {registers}"
        )
