"""The daily record of registers as a form: kept by hand, or told by the journal of a device."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date

from franking.forms.form import Party, Rulebook, rulebook_named
from franking.forms.register_record import DayLine, RegisterRecordForm
from franking.home.devices import device_names
from franking.home.home import Home
from franking.host.register_record.commands import kept_readings
from franking.host.register_record.decisions import days_told
from franking.host.register_record.records import DayReading, DayTold
from franking.psd.device import PostalSecurityDevice
from franking.psd.store import Entry

_ENTRIES_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Whose record of which days is wanted."""

    device: str
    """A device of the home by its name, or any meter or device by its serial number."""
    first_day: date
    last_day: date
    licensee: Party
    licence: str = ""
    rulebook: Rulebook = "ibip-1997"


def serial_of(home: Home, device: str) -> str:
    """The serial number of a device of this home, or ``device`` itself as one.

    Raises:
        Refused: what reading the device refuses.
    """
    if device not in device_names(home.folder):
        return device
    return str(home.shown(device)["device_id"])


def kept_record(home: Home, asked: Asked) -> RegisterRecordForm:
    """The record that was kept by hand.

    Raises:
        Refused: what the mailer's books refuse.
    """
    serial = serial_of(home, asked.device)
    found = kept_readings(
        home.mailer_books, serial, first_day=asked.first_day, last_day=asked.last_day
    )
    return RegisterRecordForm(
        rulebook=asked.rulebook,
        device=serial,
        licence=asked.licence,
        licensee=asked.licensee,
        origin="kept by hand",
        first_day=asked.first_day,
        last_day=asked.last_day,
        lines=tuple(map(_kept_line, found)),
    )


def system_report(home: Home, asked: Asked) -> RegisterRecordForm:
    """The record that the device's own journal tells (DMM P030.2.6b of 1995).

    Raises:
        Refused: ``DEVICE_NOT_THERE``, or what opening the device refuses.
    """
    with home.device(asked.device) as device:
        state = device.state
        licence = state.standing.licence
        told = days_told(
            _entries(device),
            home.now.tzinfo or UTC,
            first_day=asked.first_day,
            last_day=asked.last_day,
        )
        return RegisterRecordForm(
            rulebook=rulebook_named(state.standing.rulebook),
            device=str(state.standing.device_id),
            licence=asked.licence or (licence.licence if licence else ""),
            licensee=asked.licensee,
            origin="from the device's journal",
            first_day=asked.first_day,
            last_day=asked.last_day,
            lines=tuple(map(_told_line, told)),
            journal_head=state.head.hex(),
        )


def _entries(device: PostalSecurityDevice) -> Iterator[Entry]:
    after = 0
    while entries := device.journal(after, _ENTRIES_AT_ONCE):
        yield from entries
        after = entries[-1].sequence


def _kept_line(kept: DayReading) -> DayLine:
    corrected = f"corrected: {kept.correction}" if kept.correction else ""
    return DayLine(
        on=kept.on,
        ascending_mills=kept.ascending_mills,
        descending_mills=kept.descending_mills,
        note="; ".join(filter(None, (kept.note, corrected))),
    )


def _told_line(told: DayTold) -> DayLine:
    return DayLine(
        on=told.on,
        ascending_mills=told.ascending_mills,
        descending_mills=told.descending_mills,
        pieces=told.pieces,
        set_mills=told.set_mills,
    )
