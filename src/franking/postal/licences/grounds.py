"""Whether facts make out a ground to revoke a licence, and how a revocation moves. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date

from franking.errors import Refusal
from franking.postal.licences.decisions import GROUND_NOT_MADE_OUT, received
from franking.postal.licences.records import (
    GROUNDS,
    IMMEDIATE_CLAUSE,
    IMMEDIATE_GROUNDS,
    LIVE,
    METER,
    ExportPermission,
    Facts,
    Ground,
    Licence,
    LicenceStatus,
    Revocation,
    RevocationStatus,
)
from franking.rules import RuleSet
from franking.rules.calendars import due

GROUND_UNKNOWN = Refusal(
    "GROUND_UNKNOWN",
    clause="DMM P030.2.4 (1995), P050.2.3 (1997)",
    remedy="Choose a ground that the rulebook of the device names.",
    http_status=422,
)
NO_IMMEDIATE_REVOCATION = Refusal(
    "NO_IMMEDIATE_REVOCATION",
    clause=IMMEDIATE_CLAUSE,
    remedy="Revoke by notice: it takes effect ten days later unless the licensee appeals.",
)
LICENCE_NOT_LIVE = Refusal(
    "LICENCE_NOT_LIVE",
    clause="DMM P030.2.4 (1995), P050.2.3 (1997)",
    remedy="See where the licence stands with `franking licence show`.",
)


def ground_clause(rulebook: str, ground: Ground) -> str:
    """The clause of a ground under a rulebook.

    Raises:
        Refused: ``GROUND_UNKNOWN``.
    """
    clause = GROUNDS.get(rulebook, {}).get(ground)
    if clause is None:
        raise GROUND_UNKNOWN.because(f"{rulebook} knows no revocation for {str(ground)!r}")
    return clause


def require_made_out(
    licence: Licence,
    ground: Ground,
    facts: Facts,
    *,
    rules: RuleSet,
    permissions: Collection[ExportPermission],
    office_of: Mapping[str, str],
) -> None:
    """Whether the facts make out the ground; what can be computed is computed.

    ``office_of`` gives the post office of a branch or station: both are one place (P030.3.2).

    Raises:
        Refused: ``GROUND_NOT_MADE_OUT``.
    """
    if not facts.told.strip():
        raise GROUND_NOT_MADE_OUT.because(f"{str(ground)!r} needs its facts in words")
    match ground:
        case Ground.INACTIVITY:
            _require_inactive(facts.last_active_on, rules)
        case Ground.ABROAD:
            _require_no_permission(facts.device, permissions, rules.on)
        case Ground.WRONG_OFFICE:
            _require_wrong_office(licence, facts.deposited_at, office_of)
        case _:
            return


def immediate_clause(rulebook: str, ground: Ground, reason: str) -> str:
    """The clause of an immediate revocation, which only the agreement of 1995 allows.

    Raises:
        Refused: ``NO_IMMEDIATE_REVOCATION``.
    """
    if rulebook != METER:
        raise NO_IMMEDIATE_REVOCATION.because(f"{rulebook} knows revocation by notice only")
    if ground not in IMMEDIATE_GROUNDS:
        raise NO_IMMEDIATE_REVOCATION.because(f"{str(ground)!r} is no ground of the agreement")
    if not reason.strip():
        raise NO_IMMEDIATE_REVOCATION.because("it needs a reason why it can not wait")
    return IMMEDIATE_CLAUSE


def require_live(licence: Licence) -> None:
    """Whether a licence is valid.

    Raises:
        Refused: ``LICENCE_NOT_LIVE``.
    """
    if licence.status not in LIVE:
        raise LICENCE_NOT_LIVE.because(f"licence {licence.number} is {licence.status}")


def runs_from(revocation: Revocation, rules: RuleSet) -> date:
    """The day from which the days before a revocation takes effect are counted.

    1995 says "10 days thereafter" and names no receipt, 1997 counts from receipt: receipt where it
    is proven, else the date of the notice and the days that mail takes, for both.
    """
    return received(revocation.noticed_on, revocation.received_on, rules)


def last_day(revocation: Revocation, rules: RuleSet) -> date:
    """The last day on which an appeal stops the revocation; it takes effect after it."""
    return due(runs_from(revocation, rules), rules["revocation_days"])


def in_effect(licence: Licence, revocation: Revocation, on: date) -> tuple[Licence, Revocation]:
    """The licence revoked on ``on``."""
    return (
        replace(licence, status=LicenceStatus.REVOKED),
        replace(revocation, status=RevocationStatus.EFFECTIVE, effective_on=on),
    )


def stayed(licence: Licence, revocation: Revocation) -> tuple[Licence, Revocation]:
    """The licence while an appeal that came in time is heard; one in effect is not stayed."""
    if revocation.status is not RevocationStatus.PENDING:
        return licence, revocation
    return (
        replace(licence, status=LicenceStatus.STAYED),
        replace(revocation, status=RevocationStatus.STAYED),
    )


def set_aside(licence: Licence, revocation: Revocation) -> tuple[Licence, Revocation]:
    """The licence kept, or given back where the revocation was in effect."""
    return (
        replace(licence, status=LicenceStatus.ISSUED),
        replace(revocation, status=RevocationStatus.SET_ASIDE),
    )


def _require_inactive(last: date | None, rules: RuleSet) -> None:
    if last is None:
        raise GROUND_NOT_MADE_OUT.because("inactivity needs the day of the last use or audit")
    over = due(last, rules["inactivity_months"])
    if rules.on <= over:
        raise GROUND_NOT_MADE_OUT.because(f"last active on {last}: not inactive before {over}")


def _require_no_permission(
    device: str, permissions: Collection[ExportPermission], on: date
) -> None:
    for each in permissions:
        in_force = each.granted_on <= on and (each.until is None or on <= each.until)
        if in_force and each.device == device:
            raise GROUND_NOT_MADE_OUT.because(
                f"{each.granted_by} permitted it to be in {each.place} ({each.basis})"
            )


def _require_wrong_office(licence: Licence, zip_code: str, office_of: Mapping[str, str]) -> None:
    licensing = office_of.get(licence.office.zip_code, licence.office.zip_code)
    if not zip_code or office_of.get(zip_code, zip_code) == licensing:
        raise GROUND_NOT_MADE_OUT.because(
            f"mail at {zip_code or 'no named office'} is not at another office than {licensing}"
        )
