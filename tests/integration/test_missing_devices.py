"""The monthly file of lost and stolen devices, on both databases."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from franking.identifiers import record_id
from franking.messages.listing import MissingDevicesListed
from franking.provider.devices import notes
from franking.provider.devices.records import DeviceState
from franking.provider.reports.missing import file_missing
from franking.storage import Act
from tests.fixtures_closing import DOLLARS, Closing, closing_on
from tests.fixtures_databases import DATABASES
from tests.fixtures_licensing import METER

LOST, FOUND = "0100000001", "0100000002"


@pytest.fixture(params=DATABASES)
def closing(request: pytest.FixtureRequest, tmp_path: Path) -> Closing:
    """A provider with two meters of one licensee, one of them with money in it."""
    made = closing_on(request.param, tmp_path, METER)
    made.device(LOST)
    made.device(FOUND)
    made.bank_file(100 * DOLLARS)
    made.reset(LOST, 40 * DOLLARS, 1)
    return made


def moved(closing: Closing, serial: str, to: DeviceState) -> None:
    """A device is where somebody reports it to be."""
    on = (record_id("device", serial),)
    with closing.books.work(closing.now, "inspect_meter", on=on) as work:
        record = notes.require(work, serial)
        notes.move(work, record, to=to, now=closing.now, because="reported", by="Joe Acme")
        work.record(Act(record=on[0]))


@pytest.mark.duty("R95-501.22(p)")
def test_lost_meters_are_listed_each_month_until_they_are_recovered(closing: Closing) -> None:
    month = closing.now.date().replace(day=1)
    moved(closing, LOST, DeviceState.LOST)
    moved(closing, FOUND, DeviceState.STOLEN)
    closing.world.now = closing.now.replace(month=month.month + 1, day=1)
    moved(closing, FOUND, DeviceState.RECOVERED)
    filed = file_missing(closing.books, closing.world.first.signer, month, closing.now)
    assert (filed.lines, filed.total_mills) == (2, 40 * DOLLARS)
    again = file_missing(closing.books, closing.world.first.signer, month, closing.now)
    assert again == filed
    following = date(month.year, month.month + 1, 1)
    closing.world.now = closing.now.replace(month=month.month + 2)
    later = file_missing(closing.books, closing.world.first.signer, following, closing.now)
    assert (later.lines, later.total_mills) == (2, 40 * DOLLARS)
    closing.world.now = closing.now.replace(month=month.month + 3)
    last = file_missing(
        closing.books, closing.world.first.signer, date(month.year, month.month + 2, 1), closing.now
    )
    assert last.lines == 1, "what was recovered is told once, and then no more"
    told = [
        each
        for each in closing.told(MissingDevicesListed)
        if isinstance(each, MissingDevicesListed)
    ]
    maker = {each.addressee for each in told if each.lines}
    assert len(maker) == 1
    assert [line.device for line in told[0].lines + told[1].lines] == [LOST, FOUND]
    assert closing.world.carry() == []
