"""How a missed examination escalates, and what a licensee is told at each step. Pure.

1995: notice, a second approach within 15 days, 15 days later the Postal Service, which orders
removal and revokes by its own procedure; 15 days for the removal (39 CFR 501.22(f)). A remote
meter that was not reset in its quarter has to be examined: a later reset does not make up for it.
1997: a device that is not audited is referred at once; its audit ends the matter (DMM P050.3.4).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from franking import rules
from franking.errors import Refusal
from franking.provider.devices.records import DeviceRecord, Kind
from franking.provider.examinations.records import (
    TRANSITIONS,
    Approach,
    Case,
    CaseStatus,
    Ground,
    MailerProfile,
    Notice,
    NoticeKind,
)
from franking.rules.calendars import due

EXAMINATION_NOT_DUE = Refusal(
    "EXAMINATION_NOT_DUE",
    clause="39 CFR 501.22(f) (1995)",
    remedy="See what is due for the device: franking examination show SERIAL.",
    http_status=404,
)
EXAMINATION_STEP_UNSUITABLE = Refusal(
    "EXAMINATION_STEP_UNSUITABLE",
    clause="39 CFR 501.22(f) (1995)",
    remedy="See which step is next: franking examination show SERIAL.",
)
RESET_AFTER_NOTICE = "a meter not reset in its quarter is examined, whatever was reset since"

NOTICE_CLAUSES = {
    NoticeKind.EXAMINATION_AHEAD: "39 CFR 501.22(f) (1995)",
    NoticeKind.EXAMINATION_DUE: "39 CFR 501.22(f) (1995); DMM P030.3.11 (1995)",
    NoticeKind.SECOND_APPROACH: "39 CFR 501.22(f) (1995)",
    NoticeKind.AUDIT_OVERDUE: "39 CFR 502.24 (1997); DMM P050.3.4 (1997)",
    NoticeKind.REMOVAL: "39 CFR 501.22(f) (1995)",
}
_WORDS = {
    NoticeKind.EXAMINATION_AHEAD: "Reset {device}, or have it examined, by {due}.",
    NoticeKind.EXAMINATION_DUE: (
        "{device} is {ground}. Bring it, with its register log if you keep one, to the licensing"
        " post office at {office} by {due}; after that day it gets no reset, and your licence may"
        " be revoked."
    ),
    NoticeKind.SECOND_APPROACH: (
        "You did not bring in {device}. If it is not examined at {office} by {due}, the Postal"
        " Service will have it removed and revoke your licence."
    ),
    NoticeKind.AUDIT_OVERDUE: (
        "{device} was neither reset nor audited in its quarter, which ended on {due}. It gets no"
        " reset until it is audited: connect it to the Provider."
    ),
    NoticeKind.REMOVAL: "{device} is removed by {due}, on the order of the Postal Service.",
}


def opened(device: DeviceRecord, ground: Ground, *, number: int, today: date) -> Case:
    """A missed examination becomes a case: the licensee is told today."""
    is_meter = device.kind is not Kind.PSD
    return Case(
        serial=device.serial,
        number=number,
        licence=device.licence,
        zip_code=device.office,
        rulebook=device.rulebook,
        ground=ground,
        status=CaseStatus.NOTICED if is_meter else CaseStatus.REFERRED,
        noticed_on=today,
        due_on=step_due(device.rulebook, today) if is_meter else today,
    )


def step_due(rulebook: str, start: date) -> date:
    """The last day to answer a step that starts on ``start`` (39 CFR 501.22(f), 1995)."""
    return due(start, rules.at("provider", rulebook, start)["examination_notice_days"])


def approached(case: Case, how: Approach, today: date) -> Case:
    """The licensee was approached again; another 15 days run from today.

    Raises:
        Refused: ``EXAMINATION_STEP_UNSUITABLE``.
    """
    _require(case, CaseStatus.APPROACHED)
    return replace(
        case,
        status=CaseStatus.APPROACHED,
        approached_on=today,
        approached_how=how.value,
        due_on=step_due(case.rulebook, today),
    )


def moved(case: Case, to: CaseStatus, today: date) -> Case:
    """The case at another step; closed where that ends it.

    Raises:
        Refused: ``EXAMINATION_STEP_UNSUITABLE``.
    """
    _require(case, to)
    after = replace(case, status=to)
    return after if after.is_open else replace(after, closed_on=today)


def ordered(case: Case, due_on: date) -> Case:
    """The Postal Service ordered the removal, by a day.

    Raises:
        Refused: ``EXAMINATION_STEP_UNSUITABLE``.
    """
    _require(case, CaseStatus.ORDERED)
    return replace(case, status=CaseStatus.ORDERED, due_on=due_on)


def notice(
    kind: NoticeKind, device: DeviceRecord, *, today: date, due_on: date, ground: str = ""
) -> Notice:
    """What the licensee is told at a step."""
    words = _WORDS[kind].format(
        device=device.serial, ground=ground, office=device.office, due=due_on.isoformat()
    )
    return Notice(
        serial=device.serial,
        licence=device.licence,
        kind=kind,
        given_on=today,
        due_on=due_on,
        clause=NOTICE_CLAUSES[kind],
        text=words,
    )


def is_inspected_often(profile: MailerProfile | None, on: date, rulebook: str) -> bool:
    """Whether the mailer's meters are inspected by the shorter schedule.

    High-volume is *in excess of* the line (39 CFR 501.25(a), 1995); makers may add risk by
    industry code or by their own records (60 FR 30714, I.B).
    """
    if profile is None:
        return False
    said = rules.at("provider", rulebook, on)
    risky = profile.high_risk or profile.industry_code in said.choices("high_risk_industry_codes")
    return risky or profile.yearly_postage_mills > said.whole("high_volume_yearly_mills")


def _require(case: Case, to: CaseStatus) -> None:
    if to not in TRANSITIONS[case.status]:
        raise EXAMINATION_STEP_UNSUITABLE.because(
            f"the examination of {case.serial} is {case.status.value}, not to be {to.value} now"
        )
