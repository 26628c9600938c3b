"""What a licensee should attend to before it locks the device. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from franking import rules
from franking.money import format_dollars
from franking.psd.records import LOCK_MOVED, DeviceState, Notice, Standing
from franking.psd.terms import is_watchdog_expired
from franking.rules import RuleSet, calendars


def notices(state: DeviceState, today: date) -> Iterator[Notice]:
    """Locks first, then what is near: watchdog, balance, certificate, battery."""
    device = rules.at("device", state.standing.rulebook, today)
    yield from _locks(state.standing)
    yield from _watchdog(state.standing, today, device)
    yield from _balance(state, device)
    yield from _certificate(state.standing, today, device)
    yield from _battery(state.standing, today, device)


def _locks(standing: Standing) -> Iterator[Notice]:
    for cause in standing.locks:
        remedy = (
            "Connect to the provider for an audit: the device came from another computer."
            if cause == LOCK_MOVED
            else "Ask the provider what ends this lock."
        )
        yield Notice(code="LOCKED", detail=f"The device is locked for: {cause}.", remedy=remedy)


def _watchdog(standing: Standing, today: date, device: RuleSet) -> Iterator[Notice]:
    if standing.watchdog_date is None:
        return
    remedy = "Connect to the provider for an audit or a reset."
    if is_watchdog_expired(standing, today):
        detail = f"The last audit or reset was good until {standing.watchdog_date}."
        yield Notice(code="WATCHDOG_EXPIRED", detail=detail, remedy=remedy)
    elif standing.watchdog_date - today <= _days(device, "warn_watchdog_days"):
        detail = f"After {standing.watchdog_date} the device refuses to evidence."
        yield Notice(code="WATCHDOG_NEAR", detail=detail, remedy=remedy)


def _balance(state: DeviceState, device: RuleSet) -> Iterator[Notice]:
    left = state.registers.descending_mills
    if state.standing.licence is not None and left < device.whole("warn_balance_mills"):
        yield Notice(
            code="BALANCE_LOW",
            detail=f"{format_dollars(left)} of postage is left.",
            remedy="Reset the device with more postage.",
        )


def _certificate(standing: Standing, today: date, device: RuleSet) -> Iterator[Notice]:
    certificate = standing.certificate
    if certificate is None:
        return
    if certificate.last_day - today <= _days(device, "warn_certificate_days"):
        yield Notice(
            code="CERTIFICATE_NEAR_END",
            detail=f"The device's certificate ends on {certificate.last_day}.",
            remedy="Connect to the provider to roll the key over.",
        )


def _battery(standing: Standing, today: date, device: RuleSet) -> Iterator[Notice]:
    if standing.battery_renewed is None or "battery_years_min" not in device:
        return
    ends = calendars.years(standing.battery_renewed, device.whole("battery_years_min"))
    if ends - today <= _days(device, "warn_battery_days"):
        yield Notice(
            code="BATTERY_NEAR_END",
            detail=f"The battery that holds the registers is good until {ends}.",
            remedy="Return the device to the provider for a new battery.",
        )


def _days(device: RuleSet, name: str) -> timedelta:
    return timedelta(days=device.whole(name))
