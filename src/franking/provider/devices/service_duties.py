"""What is owed about a device from the day it goes into service, as openings for the docket.

Pure. The terms are the rules'; who inspects a meter how often follows its mailer's volume
(39 CFR 501.25(a), 1995). Refuses to know what follows when any of it is missed.
"""

from __future__ import annotations

from datetime import date

from franking import rules
from franking.docket import Opening
from franking.identifiers import record_id
from franking.provider.devices.records import DeviceRecord, Kind
from franking.rules.calendars import due

QUARTERLY = "quarterly reset or examination"
AUDIT = "quarterly reset or audit"
YEARLY = "yearly postal examination"
INSPECTION = "inspection of a meter"
MAILPIECE = "quality mailpiece"
_STEPS = (
    "bring the meter in for examination",
    "second approach",
    "answer to the second approach",
    "corrected mailpiece",
)
EVERY = (QUARTERLY, AUDIT, YEARLY, INSPECTION, MAILPIECE, *_STEPS)
"""Everything that is void once the device has left its licensee."""


def service_duties(device: DeviceRecord, start: date) -> list[Opening]:
    """Everything that is owed about ``device`` when it goes into service on ``start``."""
    if device.kind is Kind.PSD:
        return [psd_audit(device, start), mailpiece(device, start)]
    yearly = [yearly_examination(device, start)] if device.remote else []
    return [quarterly_reset(device, start), *yearly, inspection(device, start)]


def quarterly_reset(device: DeviceRecord, start: date) -> Opening:
    """A meter is reset or examined once in three months (DMM P030.3.11, 1995)."""
    return _opening(QUARTERLY, device, start, owed_by=f"licensee:{device.licence}")


def yearly_examination(device: DeviceRecord, start: date) -> Opening:
    """A remotely set meter is examined by postal staff once a year (DMM P030.3.11, 1995)."""
    return _opening(YEARLY, device, start, owed_by=f"licensee:{device.licence}")


def psd_audit(device: DeviceRecord, start: date) -> Opening:
    """A PSD is audited once in three months, with its reset (39 CFR 502.24, 1997)."""
    return _opening(AUDIT, device, start, owed_by="provider")


def mailpiece(device: DeviceRecord, start: date) -> Opening:
    """A PSD's licensee sends a mailpiece once in three months (39 CFR 502.27, 1997)."""
    return _opening(MAILPIECE, device, start, owed_by=f"licensee:{device.licence}")


def inspection(device: DeviceRecord, start: date, *, often: bool = False) -> Opening:
    """The maker inspects its meter by the schedule; ``often`` for high volume or high risk."""
    set_how = "remote" if device.remote else "office_set"
    name = f"inspection_months_{set_how}{'_high_volume' if often else ''}"
    limit = due(start, rules.at("provider", device.rulebook, start)[name])
    return _opening(INSPECTION, device, start, owed_by="provider", due=limit)


def _opening(
    duty: str, device: DeviceRecord, start: date, *, owed_by: str, due: date | None = None
) -> Opening:
    return Opening(
        duty=duty,
        record=record_id("device", device.serial),
        owed_by=owed_by,
        rulebook=device.rulebook,
        start=start,
        due=due,
    )
