"""Which versions the provider may make, take in and place. Pure."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from franking.errors import Refusal
from franking.messages.approving import EVERY_OFFICE
from franking.provider.models.records import TRANSITIONS, Leave, OwnModel

_BEFORE_1997 = "meter-1995"

MODEL_NOT_APPROVED = Refusal(
    "MODEL_NOT_APPROVED",
    clause="39 CFR 501.8 (1995); 39 CFR 502.12 (1997)",
    remedy="Have this version of the model approved, or its field test authorized, before its "
    "devices are taken in; see `franking model list`.",
)
MODEL_SUSPENDED = Refusal(
    "MODEL_SUSPENDED",
    clause="39 CFR 501.12 (1995); 39 CFR 502.14 (1997)",
    remedy="Correct what the suspension names; no device of this version is made or placed before "
    "it is withdrawn.",
)
FIELD_TEST_USED_UP = Refusal(
    "FIELD_TEST_USED_UP",
    clause="39 CFR 501.8 (1995)",
    remedy="Ask for a larger or longer field test, or for the approval of the version.",
)
MEDIA_NOT_AT_OFFICE = Refusal(
    "MEDIA_NOT_AT_OFFICE",
    clause="39 CFR 501.11(b) (1995)",
    remedy="Have the media sent there: franking model media MODEL VERSION --office ZIP.",
)
WORD_OUT_OF_ORDER = Refusal(
    "WORD_OUT_OF_ORDER",
    clause="policy",
    remedy="Ask the Postal Service how far the version may go.",
)


def allowed(own: OwnModel | None, *, named: str, on: date, units_before: int) -> OwnModel:
    """The version, if its devices may be taken in on a day.

    Raises:
        Refused: ``MODEL_NOT_APPROVED``, ``MODEL_SUSPENDED``, ``FIELD_TEST_USED_UP``.
    """
    if own is None:
        raise MODEL_NOT_APPROVED.because(f"{named} was never submitted for approval")
    match own.leave:
        case Leave.APPROVED:
            return own
        case Leave.FIELD_TEST:
            return _within_field_test(own, on, units_before)
        case Leave.SUSPENDED | Leave.REVOKED:
            raise MODEL_SUSPENDED.because(f"{named} is {own.leave}: {own.because}")
        case Leave.SUBMITTED | Leave.TENTATIVE | Leave.REFUSED:
            raise MODEL_NOT_APPROVED.because(f"{named} is {own.leave}, not approved")


def require_media(own: OwnModel, zip_code: str, offices: Collection[str]) -> None:
    """Whether the licensing post office has the media of the model (1995 only).

    Raises:
        Refused: ``MEDIA_NOT_AT_OFFICE``.
    """
    if own.rulebook == _BEFORE_1997 and not {zip_code, EVERY_OFFICE} & set(offices):
        raise MEDIA_NOT_AT_OFFICE.because(f"the office at {zip_code} has no media of {own.name}")


def require_may_follow(own: OwnModel, leave: Leave) -> None:
    """Whether the Postal Service's word can follow what it said before.

    Raises:
        Refused: ``WORD_OUT_OF_ORDER``.
    """
    if leave not in TRANSITIONS[own.leave]:
        raise WORD_OUT_OF_ORDER.because(f"{own.name} is {own.leave}, and can not be {leave}")


def _within_field_test(own: OwnModel, on: date, units_before: int) -> OwnModel:
    if own.until is not None and on > own.until:
        raise FIELD_TEST_USED_UP.because(f"the field test of {own.name} ended on {own.until}")
    if units_before >= own.units:
        raise FIELD_TEST_USED_UP.because(f"all {own.units} devices of its field test are taken in")
    return own
