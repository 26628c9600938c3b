"""How old the mailer's address data is, and when it must be renewed.

The licensee keeps addresses good by updating the Postal Service's address data at least once in
three months (DMM P050.2.5h). The host warns before that day and then refuses to match addresses
until newer data is installed. A closed system prints no address and is not concerned.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import insert, select

from franking import rules
from franking.errors import Refusal
from franking.host.books import ADDRESS_DATA
from franking.identifiers import record_id
from franking.rules.calendars import months
from franking.storage.books import Books
from franking.storage.journal import Act

CLAUSE = "DMM P050.2.5h (1997)"

ADDRESS_DATA_OUTDATED = Refusal(
    "ADDRESS_DATA_OUTDATED",
    clause=CLAUSE,
    remedy="Install the current address data, then print; nothing was evidenced.",
)
ADDRESS_DATA_OF_THE_FUTURE = Refusal(
    "ADDRESS_DATA_OF_THE_FUTURE",
    clause=CLAUSE,
    remedy="Give the date that the address data bears.",
    http_status=422,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressData:
    """One issue of address data: its name, the date it bears, the day it was installed."""

    name: str
    dated: date
    installed_on: date


def install_address_data(books: Books, *, name: str, dated: date, now: datetime) -> AddressData:
    """Record that an issue of address data was installed today. Twice changes nothing.

    Raises:
        Refused: ``ADDRESS_DATA_OF_THE_FUTURE``.
    """
    if dated > now.date():
        raise ADDRESS_DATA_OF_THE_FUTURE.because(f"{name} is dated {dated}")
    issue = AddressData(name=name, dated=dated, installed_on=now.date())
    with books.work(now, "install_address_data") as work:
        known = select(ADDRESS_DATA).where(
            ADDRESS_DATA.c.name == name, ADDRESS_DATA.c.dated == dated.isoformat()
        )
        if work.row(known) is None:
            row = {"name": name, "dated": dated.isoformat(), "installed_on": now.date().isoformat()}
            work.write(insert(ADDRESS_DATA).values(row))
            work.record(
                Act(
                    command="install_address_data",
                    record=record_id("address data", name),
                    clauses=(CLAUSE,),
                )
            )
    return issue


def newest_address_data(books: Books) -> AddressData | None:
    """The issue that bears the latest date, if any was installed."""
    with books.reading() as reading:
        rows = reading.rows(select(ADDRESS_DATA).order_by(ADDRESS_DATA.c.dated.desc()).limit(1))
    for row in rows:
        return AddressData(
            name=row.name,
            dated=date.fromisoformat(row.dated),
            installed_on=date.fromisoformat(row.installed_on),
        )
    return None


def renew_by(issue: AddressData, rulebook: str, on: date) -> date:
    """The last day on which this issue may still be used."""
    return months(issue.dated, rules.whole("host", rulebook, on, "address_data_months"))


def require_current(issue: AddressData | None, rulebook: str, on: date) -> tuple[str, ...]:
    """Refuse outdated address data; otherwise what the mailer should be told.

    Raises:
        Refused: ``ADDRESS_DATA_OUTDATED``.
    """
    if issue is None:
        return (f"no address data is installed; {CLAUSE} asks for an update every three months",)
    last = renew_by(issue, rulebook, on)
    if on > last:
        raise ADDRESS_DATA_OUTDATED.because(f"{issue.name} is dated {issue.dated}, good to {last}")
    warning_days = rules.whole("host", rulebook, on, "warn_address_data_days")
    if on > last - timedelta(days=warning_days):
        return (f"{issue.name} of {issue.dated} must be renewed by {last} ({CLAUSE})",)
    return ()
