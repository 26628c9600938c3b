"""What readings of a meter mean for money, within the unit of work that believed them.

The meter signs nothing: what its account holds follows what people read, once that agrees with our
own record. What is missing at the first setting was in the meter before the ledger was kept; what
is missing after a refund was refunded, and is not set into the books a second time.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from franking.clock import instant_text
from franking.ledger import Posting
from franking.money import format_dollars
from franking.provider.devices import notes
from franking.provider.devices.records import Occasion, RegisterReading, Source
from franking.provider.funds import chart, postings
from franking.provider.schema import LEDGER
from franking.provider.telephone import rows
from franking.provider.telephone.decisions import VALUE_GIVEN_UP, Known, settled
from franking.provider.telephone.records import Setting, SettingStatus, TelephoneMeter
from franking.storage import Work

_USE = "use"


def note_reading(
    work: Work,
    before: Known,
    after: Known,
    *,
    ascending_mills: int,
    descending_mills: int,
    occasion: Occasion,
    by: str,
    now: datetime,
) -> Known:
    """Write down registers that agree with our record, the setting they show, and what was used."""
    serial = before.device.serial
    if (taken := settled(before, after)) is not None:
        rows.settle_setting(work, taken, SettingStatus.TAKEN)
        LEDGER.post(work, _credited(taken), now)
    meter = replace(after.meter, misses=0, readings=before.meter.readings + 1)
    rows.change_meter(work, before.meter, meter)
    _post_use(work, meter, descending_mills, now)
    device = notes.record_reading(
        work,
        RegisterReading(
            serial=serial,
            at=instant_text(now),
            ascending_mills=ascending_mills,
            descending_mills=descending_mills,
            source=Source.REPORTED,
            occasion=occasion,
            by=by,
        ),
    )
    return replace(after, meter=meter, device=device)


def give_back(work: Work, setting: Setting, now: datetime) -> None:
    """The value of a setting that the meter never took goes back to the account it came from."""
    rows.settle_setting(work, setting, SettingStatus.NOT_TAKEN)
    back = postings.returned_unused(
        serial=setting.serial,
        sequence=setting.sequence,
        account=setting.account,
        amount_mills=setting.amount_mills,
    )
    LEDGER.post(work, back, now)


def _credited(setting: Setting) -> Posting:
    return postings.receipt(
        serial=setting.serial, sequence=setting.sequence, amount_mills=setting.amount_mills
    )


def _post_use(work: Work, meter: TelephoneMeter, descending_mills: int, now: datetime) -> None:
    """The report is named by its number: a life record that is destroyed leaves no reading here."""
    serial = meter.serial
    held = LEDGER.balance(work, chart.device(serial)).balance_mills
    rise = held - descending_mills
    if rise > 0:
        report = f"reading {meter.readings}"
        used = postings.use(serial=serial, report=report, amount_mills=rise)
        LEDGER.post(work, used, now)
    elif rise < 0:
        _require_kept(work, serial)
        LEDGER.post(work, postings.opening(serial=serial, amount_mills=-rise), now)


def _require_kept(work: Work, serial: str) -> None:
    """Whether the meter gave up nothing but what it printed.

    Raises:
        Refused: ``VALUE_GIVEN_UP``.
    """
    for line in LEDGER.lines(work, chart.device(serial)):
        if line.amount_mills < 0 and line.kind != _USE:
            raise VALUE_GIVEN_UP.because(
                f"{format_dollars(-line.amount_mills)} of {serial} went elsewhere on {line.day}"
            )
