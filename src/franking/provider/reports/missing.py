"""The monthly file of lost and stolen devices, with the money in them.

39 CFR 501.22(p) (1995) wants it at the Information Systems Service Center, 502.21(k) (1997) at
Retail Systems and Equipment, on the first of each month for the month before. A device that was
recovered in the month is told as recovered, and is on no later file (501.26(d)). Who determines a
loss, and the report of each, is for other rooms; here the inventory says how each device stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import Row, func, select

from franking.clock import instant_text
from franking.errors import Refusal
from franking.identifiers import record_id
from franking.messages.dispatch import POSTAL_SERVICE
from franking.messages.funds import parted
from franking.messages.listing import MissingDevice, MissingDevicesListed
from franking.messages.signing import Signer
from franking.provider.devices.records import DeviceState
from franking.provider.devices.tables import INVENTORY, MOVEMENTS
from franking.provider.funds import chart
from franking.provider.reports import expecting, tables
from franking.provider.reports.expecting import month_end
from franking.provider.reports.records import FiledReport, ReportKind
from franking.provider.schema import DISPATCHES, LEDGER
from franking.storage import Act, Books, Reading, Work

CLAUSES: Final[Mapping[str, str]] = MappingProxyType(
    {"meter-1995": "39 CFR 501.22(p) (1995)", "ibip-1997": "39 CFR 502.21(k) (1997)"}
)
ADDRESSEES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "meter-1995": "Information Systems Service Center",
        "ibip-1997": "Retail Systems and Equipment",
    }
)
GONE: Final = frozenset({DeviceState.LOST, DeviceState.STOLEN})
_TOLD: Final = GONE | {DeviceState.RECOVERED}

MONTH_NOT_ENDED = Refusal(
    "MONTH_NOT_ENDED",
    clause=CLAUSES["meter-1995"],
    remedy="File it on the first of the next month: it is of the whole month.",
)


def missing_at(reading: Reading, last: date) -> dict[str, list[MissingDevice]]:
    """By rulebook: devices lost or stolen at the end of a month, or recovered in it; by serial."""
    found: dict[str, list[MissingDevice]] = {name: [] for name in ADDRESSEES}
    for row in _last_movements(reading, last):
        recovered_before = row.after == DeviceState.RECOVERED and row.day[:7] != f"{last:%Y-%m}"
        if row.after in _TOLD and not recovered_before:
            found.setdefault(row.rulebook, []).append(_missing(reading, row))
    return found


def still_missing_mills(lines: list[MissingDevice]) -> int:
    """What is in the devices that nobody has recovered."""
    return sum(each.in_device_mills for each in lines if each.state in GONE)


def file_missing(books: Books, signer: Signer, month: date, now: datetime) -> FiledReport:
    """File a month's lost and stolen devices; again, it is the same file.

    Raises:
        Refused: ``MONTH_NOT_ENDED``.
    """
    last, period = month_end(month), f"{month:%Y-%m}"
    if last >= now.date():
        raise MONTH_NOT_ENDED.because(f"{period} ends on {last}")
    record = record_id("report", f"{ReportKind.MISSING_DEVICES.value} {period}")
    on = (record, record_id("provider", signer.name))
    with books.work(now, "file_missing_devices", on=on) as work:
        if (found := tables.find_filed(work, ReportKind.MISSING_DEVICES, period)) is not None:
            return found
        listed = missing_at(work, last)
        for rulebook, lines in listed.items():
            _send(work, signer, record, period, rulebook, lines, now)
        filed = _filed(listed, month, str(books.by), now)
        tables.add_filed(work, filed)
        expecting.report_filed(work, ReportKind.MISSING_DEVICES, signer.name, last, now)
        inputs = {"devices": filed.lines, "total_mills": filed.total_mills, "digest": filed.digest}
        work.record(Act(record=record, clauses=tuple(CLAUSES.values()), inputs=inputs))
    return filed


def _send(
    work: Work,
    signer: Signer,
    record: str,
    period: str,
    rulebook: str,
    lines: list[MissingDevice],
    now: datetime,
) -> None:
    """To each addressee the devices of its rulebook; that there is none is said, too."""
    messages = [
        (
            record,
            MissingDevicesListed(
                device="",
                issued_at=instant_text(now),
                sender=signer.name,
                month=period,
                addressee=ADDRESSEES[rulebook],
                lines=some,
                part=part,
                parts=parts,
                total_mills=still_missing_mills(lines),
            ),
        )
        for part, parts, some in parted(lines)
    ]
    DISPATCHES.send_many(work, messages, signer, recipient=POSTAL_SERVICE, now=now)


def _filed(
    listed: dict[str, list[MissingDevice]], month: date, by: str, now: datetime
) -> FiledReport:
    lines = [each for some in listed.values() for each in some]
    return FiledReport(
        kind=ReportKind.MISSING_DEVICES,
        period=f"{month:%Y-%m}",
        since=month,
        until=month_end(month),
        filed_at=instant_text(now),
        filed_by=by,
        lines=len(lines),
        total_mills=still_missing_mills(lines),
        digest=tables.digest_of(lines),
    )


def _last_movements(reading: Reading, last: date) -> Iterator[Row[Any]]:
    """The last movement, up to a day, of every device that was ever gone, with its record."""
    moved, device = MOVEMENTS.c, INVENTORY.c
    ever = select(moved.serial).where(moved.after.in_(sorted(GONE))).distinct()
    upto = (moved.serial.in_(ever)) & (moved.day <= last.isoformat())
    newest = select(func.max(moved.number)).where(upto).group_by(moved.serial)
    query = (
        select(
            device.serial,
            device.rulebook,
            device.model,
            device.licence,
            device.licensee,
            device.office,
            device.ascending_mills,
            device.descending_mills,
            moved.after,
            moved.day,
        )
        .join_from(MOVEMENTS, INVENTORY, device.serial == moved.serial)
        .where(moved.number.in_(newest))
        .order_by(device.serial)
    )
    yield from reading.rows(query)


def _missing(reading: Reading, row: Row[Any]) -> MissingDevice:
    inside = LEDGER.balance(reading, chart.device(row.serial)).balance_mills
    coming = LEDGER.balance(reading, chart.transit(row.serial)).balance_mills
    return MissingDevice(
        device=row.serial,
        model=row.model,
        licence=row.licence,
        licensee=row.licensee,
        zip_code=row.office,
        state=row.after,
        since=row.day,
        ascending_mills=row.ascending_mills,
        descending_mills=row.descending_mills,
        in_device_mills=inside,
        in_transit_mills=coming,
    )
