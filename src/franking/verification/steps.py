"""The numbered steps of verification: each looks at one thing and says what it saw.

1 read, 2 parse, 3 profile, 4 certificate, 5 signature, 6 device, 7 date, 8 registers,
9 duplicate, 10 place, 11 amount. Every step is taken, whatever the ones before it said, so that all
faults are reported. Pure: refuses to know files, lists and clocks.

What the content says counts as proof only where its signature is true; else the bytes may be
misread, and the signature step speaks for itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from franking import rules
from franking.errors import Refused
from franking.indicium.content import IndiciumContent
from franking.indicium.profiles import Decoded, Profile, algorithm_name
from franking.indicium.signature import SIGNATURE_BYTES, verify_raw
from franking.money import format_dollars
from franking.verification.facts import Facts, Sighting
from franking.verification.trust_format import Ending, Status
from franking.verification.trust_list import TrustedKey
from franking.verification.verdict import Bearing, Finding, Outcome, Step

NAMES: Final = (
    "read",
    "parse",
    "profile",
    "certificate",
    "signature",
    "device",
    "date",
    "registers",
    "duplicate",
    "place",
    "amount",
)
"""The steps in order; the first has number 1."""

_NUMBERS = {name: number for number, name in enumerate(NAMES, start=1)}


class Fault(msgspec.Struct, frozen=True):
    """One thing that a step saw: its reason, its bearing, and the finding, if any."""

    reason: str
    bearing: Bearing = Bearing.NONE
    code: str = ""
    clause: str = "policy"


def passed(name: str, reason: str) -> Step:
    """The step ``name`` found nothing wrong."""
    return Step(_NUMBERS[name], name, Outcome.PASSED, reason)


def unknown(name: str, reason: str, bearing: Bearing = Bearing.NONE) -> Step:
    """The step ``name`` could not be taken."""
    return Step(_NUMBERS[name], name, Outcome.UNKNOWN, reason, bearing)


def failed(name: str, faults: Sequence[Fault]) -> Step:
    """The step ``name`` saw these faults, at least one."""
    return Step(
        _NUMBERS[name],
        name,
        Outcome.FAILED,
        "; ".join(fault.reason for fault in faults),
        _heaviest({fault.bearing for fault in faults}),
        tuple(Finding(f.code, f.reason, f.clause) for f in faults if f.code),
    )


def with_fault(step: Step, fault: Fault) -> Step:
    """The same step with one more fault; one without bearing leaves its outcome as it is."""
    extra = failed(step.name, [fault])
    light = fault.bearing is Bearing.NONE
    return Step(
        step.step,
        step.name,
        step.outcome if light else Outcome.FAILED,
        f"{step.reason}; {fault.reason}" if step.outcome is not Outcome.UNKNOWN else fault.reason,
        _heaviest({step.bearing, fault.bearing}),
        step.findings + extra.findings,
    )


def weakened(step: Step) -> Step:
    """The same step where the bytes may be misread: its proof is doubt."""
    if step.bearing is not Bearing.PROOF:
        return step
    return msgspec.structs.replace(step, bearing=Bearing.DOUBT)


GIVEN: Final = passed("read", "the bytes were given")
_OWN = Profile.FRANKING
_PARSED = passed("parse", "49 bytes of content and 64 of signature")
_OURS = passed("profile", "version 0xf1, ECDSA P-256 with SHA-256")
_OURS_EXTENDED = passed("profile", "version 0xf2, ECDSA P-256 with SHA-256")
_CERTIFIED = passed("certificate", "on the list, in date")
_SIGNED = passed("signature", "true under the listed key")
_IN_SERVICE = passed("device", "in service")
_DATE_PLAUSIBLE = passed("date", "not further ahead than allowed; the day of deposit is not known")
_REGISTERS_PLAUSIBLE = passed(
    "registers", "ascending covers the postage, descending keeps the limit"
)
_REGISTERS_CONSERVED = passed("registers", "they add up to the provider's control total")
_USE_UNKNOWN = unknown("duplicate", "no record of other pieces was at hand")
_PLACE_UNKNOWN = unknown("place", "neither the office of deposit nor the address was at hand")
_AMOUNT_UNKNOWN = unknown("amount", "the amount due was not at hand")


def parse_step(decoded: Decoded) -> Step:
    """Step 2: do the bytes have the form of their profile?"""
    if not decoded.problems and decoded.profile is _OWN:
        return _PARSED
    if decoded.problems:
        return failed("parse", [Fault(odd, Bearing.DOUBT) for odd in decoded.problems])
    return passed("parse", f"{len(decoded.payload)} bytes of {decoded.profile}")


def profile_step(decoded: Decoded) -> Step:
    """Step 3: is it a version and algorithm that can be verified?"""
    match decoded.profile:
        case Profile.FRANKING if decoded.content is not None and not decoded.problems:
            return _OURS
        case Profile.FRANKING_EXTENDED if decoded.content is not None and not decoded.problems:
            return _OURS_EXTENDED
        case Profile.FRANKING | Profile.FRANKING_EXTENDED:
            return failed("profile", [Fault("not as its version is laid out", Bearing.DOUBT)])
        case Profile.IBI_DSA:
            reason = f"{algorithm_name(decoded.payload[1])}: the key is not published"
        case Profile.IBI_LITE:
            reason = "its digest can be checked only by the holder of the device's secret key"
        case Profile.UNKNOWN:
            reason = "not a known kind of indicium"
    return unknown("profile", reason, Bearing.DOUBT)


def certificate_step(
    decoded: Decoded, content: IndiciumContent, key: TrustedKey, *, signed: bool, stale: str
) -> Step:
    """Step 4: is the certificate this device's, in date, and not compromised?

    ``stale`` says why the list is out of date, or is empty.
    """
    day = content.date_of_mailing
    entry = key.entry
    faults = []
    if decoded.payload[6:14] != key.device_bytes:
        faults.append(Fault(f"it is that of {entry.device_id}", _proof(signed)))
    if not entry.valid_from <= day <= entry.valid_to:
        reason = f"{day} is outside its validity, {entry.valid_from} to {entry.valid_to}"
        faults.append(Fault(reason, _proof(signed)))
    if key.status is Status.COMPROMISED and entry.ending is not None:
        faults.append(_compromise(entry.ending, day, signed=signed))
    if faults:
        return failed("certificate", faults)
    return unknown("certificate", stale, Bearing.DOUBT) if stale else _CERTIFIED


def certificate_unknown_step(certificate_serial: int, list_number: int) -> Step:
    """Step 4 where the list has no such certificate."""
    reason = f"certificate {certificate_serial} is not on trust list {list_number}"
    return unknown("certificate", reason, Bearing.DOUBT)


def _compromise(ending: Ending, day: date, *, signed: bool) -> Fault:
    if day >= ending.on:
        reason = f"its key was compromised and revoked on {ending.on}; dated {day}"
        return Fault(reason, _proof(signed), "KEY_COMPROMISED", "39 CFR 502.15(b)(2) (1997)")
    reason = f"its key was compromised (revoked on {ending.on}): a copy could have signed this"
    return Fault(reason, Bearing.DOUBT, "KEY_COMPROMISED", "39 CFR 502.15(b)(2) (1997)")


def signature_step(payload: bytes, key: EllipticCurvePublicKey) -> Step:
    """Step 5: did this key sign what stands before the last 64 bytes?"""
    try:
        verify_raw(key, payload[:-SIGNATURE_BYTES], payload[-SIGNATURE_BYTES:])
    except Refused as refused:
        return failed("signature", [Fault(refused.detail, Bearing.PROOF)])
    return _SIGNED


def device_step(content: IndiciumContent, key: TrustedKey, *, signed: bool) -> Step:
    """Step 6: was the device in service when it made this piece?"""
    ending = key.entry.ending
    if ending is None:
        return _IN_SERVICE
    final = ending.final_ascending_mills
    faults = []
    if final is not None and content.ascending_mills > final:
        reason = (
            f"ascending {format_dollars(content.ascending_mills)} is above the final"
            f" {format_dollars(final)} ({ending.reason} on {ending.on})"
        )
        faults.append(Fault(reason, _proof(signed)))
    if key.status is Status.REPORTED:
        reason = f"the device was reported {ending.reason} on {ending.on}"
        code = f"DEVICE_{ending.reason.upper()}"
        faults.append(Fault(reason, Bearing.NONE, code, "DMM P050.2.8 (1997)"))
    if key.status is Status.ENDED and final is None and content.date_of_mailing > ending.on:
        reason = f"service ended ({ending.reason}) on {ending.on} at an unknown register value"
        faults.append(Fault(reason, Bearing.DOUBT))
    if faults:
        return failed("device", faults)
    return passed("device", f"made before service ended ({ending.reason} on {ending.on})")


def date_step(content: IndiciumContent, facts: Facts, today: date) -> Step:
    """Step 7: may a piece bear this date? (DMM P050.4.7)"""
    day, deposited = content.date_of_mailing, facts.deposited_on
    latest = _latest(facts.rulebook, today, deposited or today)
    if day > latest:
        reason = f"dated {day}, later than {latest}, the last date that may be used by now"
        return failed("date", [Fault(reason, Bearing.NONE, "DATE_TOO_FAR_AHEAD")])
    if deposited is None:
        return _DATE_PLAUSIBLE
    if day in (deposited, facts.next_collection):
        return passed("date", f"dated {day}, deposited {deposited}")
    reason = f"dated {day}, deposited {deposited}"
    code = "DATE_IS_PAST" if day < deposited else "DATE_AHEAD_OF_DEPOSIT"
    return failed("date", [Fault(reason, Bearing.NONE, code, "DMM P050.4.7 (1997)")])


def registers_step(content: IndiciumContent, facts: Facts, today: date) -> Step:
    """Step 8: could the registers of a sound device have these values?"""
    faults = []
    ascending, postage = content.ascending_mills, content.postage_mills
    total = ascending + content.descending_mills
    if postage == 0:
        reason = "its postage is $0.00: it pays for nothing"
        faults.append(Fault(reason, Bearing.DOUBT, "NO_POSTAGE", "DMM P050.1.5 (1997)"))
    if ascending < postage:
        reason = f"ascending {format_dollars(ascending)} is below postage {format_dollars(postage)}"
        faults.append(Fault(reason, Bearing.NONE, "REGISTERS_IMPOSSIBLE", "39 CFR 501.6(c) (1995)"))
    faults += _over_limit(content.descending_mills + postage, facts, today)
    totals = facts.control_totals_mills
    if totals is not None and total not in totals:
        reason = f"ascending and descending add up to {format_dollars(total)}, no control total"
        faults.append(
            Fault(reason, Bearing.NONE, "CONTROL_TOTAL_DIFFERS", "39 CFR 501.6(c) (1995)")
        )
    if faults:
        return failed("registers", faults)
    return _REGISTERS_PLAUSIBLE if totals is None else _REGISTERS_CONSERVED


def _over_limit(descending_before_mills: int, facts: Facts, today: date) -> list[Fault]:
    limit = _limit_mills(facts.rulebook, today)
    if facts.limit_mills is not None:
        limit = min(limit, facts.limit_mills)
    if descending_before_mills <= limit:
        return []
    reason = (
        f"descending was {format_dollars(descending_before_mills)} before this piece,"
        f" above the limit of {format_dollars(limit)}"
    )
    return [Fault(reason, Bearing.NONE, "DESCENDING_OVER_LIMIT", "DMM P050.3.6 (1997)")]


def duplicate_step(content: IndiciumContent, facts: Facts) -> Step:
    """Step 9: was this value used before? A piece is its device and ascending value.

    A piece uses up (ascending - postage, ascending]; two pieces of one device that share part of
    it prove a copy of the piece or of the device, whichever was scanned first.
    """
    faults = []
    if facts.refunded_on is not None:
        reason = f"its postage was refunded on {facts.refunded_on}"
        faults.append(Fault(reason, Bearing.NONE, "REFUNDED", "DMM 604.9.3 (2008)"))
    faults += [_clash(content, other) for other in facts.others or () if _overlap(content, other)]
    if faults:
        return failed("duplicate", faults)
    if facts.others is None:
        return _USE_UNKNOWN
    return passed("duplicate", f"shares no value with {len(facts.others)} other pieces")


def _overlap(content: IndiciumContent, other: Sighting) -> bool:
    same = content.ascending_mills == other.ascending_mills
    low = max(content.ascending_mills - content.postage_mills, _low(other))
    return same or low < min(content.ascending_mills, other.ascending_mills)


def _low(other: Sighting) -> int:
    return other.ascending_mills - other.postage_mills


def _clash(content: IndiciumContent, other: Sighting) -> Fault:
    if content.ascending_mills == other.ascending_mills:
        reason = f"the same device and ascending value as {other.where}"
        return Fault(reason, Bearing.DOUBT, "DUPLICATE")
    reason = (
        f"overlaps {other.where}, which used {format_dollars(_low(other))}"
        f" to {format_dollars(other.ascending_mills)}"
    )
    return Fault(reason, Bearing.DOUBT, "OVERLAP")


def place_step(content: IndiciumContent, facts: Facts) -> Step:
    """Step 10: was it deposited at its office, and does it go where it says? (DMM P050.5.3)"""
    if facts.deposit_zip is None and facts.address is None:
        return _PLACE_UNKNOWN
    faults = []
    if facts.deposit_zip not in (None, content.licensing_zip):
        reason = f"licensed at {content.licensing_zip}, deposited at {facts.deposit_zip}"
        faults.append(Fault(reason, Bearing.NONE, "WRONG_OFFICE", "DMM P050.5.3 (1997)"))
    if facts.address is not None and not _agree(content.destination, facts.address):
        reason = f"made for {content.destination}, addressed to {facts.address}"
        faults.append(Fault(reason, Bearing.NONE, "DESTINATION_DIFFERS", "39 CFR 502.9(a) (1997)"))
    if faults:
        return failed("place", faults)
    return passed("place", "where it was licensed and addressed, as far as known")


def _agree(destination: str, address: str) -> bool:
    """Whether one delivery point says at least the beginning of the other."""
    return destination.startswith(address) or address.startswith(destination)


def amount_step(content: IndiciumContent, facts: Facts) -> Step:
    """Step 11: is the postage exactly what is due? (DMM P050.1.5)"""
    due, paid = facts.amount_due_mills, content.postage_mills
    if due is None:
        return _AMOUNT_UNKNOWN
    if paid == due:
        return passed("amount", f"{format_dollars(paid)}, exactly the amount due")
    code = "SHORT_PAID" if paid < due else "OVERPAID"
    reason = f"paid {format_dollars(paid)}, due {format_dollars(due)}"
    return failed("amount", [Fault(reason, Bearing.NONE, code, "DMM P050.1.5 (1997)")])


def _heaviest(bearings: set[Bearing]) -> Bearing:
    weights = (Bearing.PROOF, Bearing.DOUBT, Bearing.NONE)
    return next(bearing for bearing in weights if bearing in bearings)


def _proof(signed: bool) -> Bearing:
    return Bearing.PROOF if signed else Bearing.NONE


@lru_cache(maxsize=256)
def _limit_mills(rulebook: str, on: date) -> int:
    return rules.whole("device", rulebook, on, "descending_limit")


@lru_cache(maxsize=256)
def _latest(rulebook: str, on: date, deposited: date) -> date:
    """The latest date of mailing that a piece deposited on that day may bear."""
    days = rules.whole("device", rulebook, on, "date_ahead_days_max")
    return deposited + timedelta(days=days)
