"""Closing the days of a home's provider, with the registers of the devices that it hosts."""

from __future__ import annotations

from datetime import date

from franking.home.home import Home
from franking.home.hosting import has_fleet
from franking.provider.closing import commands
from franking.provider.closing.records import DayClose, HostedReading
from franking.storage import Books


def close_days(home: Home, books: Books, through: date | None) -> list[DayClose]:
    """Close every day that has ended; hosted devices are read for the last one.

    Raises:
        Refused: ``DAY_NOT_OVER``, or what the books or the fleet refuse.
    """
    return commands.close_days(
        books, home.provider.signer, home.now, through=through, hosted=hosted_readings(home)
    )


def hosted_readings(home: Home) -> dict[str, HostedReading]:
    """The registers of every hosted device now, by device ID; none where there is no fleet."""
    if not has_fleet(home.folder):
        return {}
    return {
        head.device: HostedReading(
            serial=head.device,
            ascending_mills=head.ascending_mills,
            descending_mills=head.descending_mills,
        )
        for head in home.fleet.heads()
    }
