"""The docket as an iCalendar feed (RFC 5545): one all-day event for each obligation.

A calendar program takes the file again and again: the UID of an obligation stays the same, so that
an event moves or goes with it. Written piece by piece, in flat memory.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from icalendar import Alarm, Calendar, Event

from franking.docket.catalogue import duty
from franking.docket.records import Obligation

_END = b"END:VCALENDAR"


def feed(obligations: Iterable[Obligation], *, name: str, now: datetime) -> Iterator[bytes]:
    """The pieces of a calendar file called ``name``."""
    calendar = Calendar()
    calendar.add("prodid", "-//franking//docket//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", name)
    opening, _, _ = calendar.to_ical().partition(_END)
    yield opening
    for each in obligations:
        yield _event(each, now).to_ical()
    yield _END + b"\r\n"


def _event(of: Obligation, now: datetime) -> Event:
    kind, event = duty(of.duty), Event()
    event.add("uid", f"{hashlib.sha256(of.id.encode()).hexdigest()[:32]}@franking")
    event.add("dtstamp", now)
    event.add("dtstart", of.due)
    event.add("dtend", of.due + timedelta(days=1))
    event.add("summary", f"{kind.title}: {of.record}")
    event.add("description", _description(of))
    event.add("categories", [of.duty, str(of.status)])
    event.add("transp", "TRANSPARENT")
    if kind.warn_days:
        event.add_component(_alarm(kind.title, kind.warn_days))
    return event


def _alarm(title: str, days: int) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", title)
    alarm.add("trigger", -timedelta(days=days))
    return alarm


def _description(of: Obligation) -> str:
    lines = (
        f"Owed by {of.owed_by} under {of.clause}, since {of.start}.",
        f"Status: {of.status}.",
        of.because,
    )
    return "\n".join(line for line in lines if line)
