"""The numbered steps of verification: each looks at one thing and says what it saw.

Every step is taken, whatever the ones before it said, so that all faults are reported. What a step
asks is asked in ``predicates``, which verifiers of many pieces ask by column; here it is asked of
one piece, and the answer put into words. Pure: refuses to know files, lists and clocks.

What the content says counts as proof only where its signature is true; else the bytes may be
misread, and the signature step speaks for itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from franking import rules
from franking.errors import Refused
from franking.indicium.content import IndiciumContent
from franking.indicium.profiles import Decoded, Profile, algorithm_name
from franking.indicium.signature import SIGNATURE_BYTES, verify_raw
from franking.money import format_dollars
from franking.verification import predicates
from franking.verification.facts import Facts
from franking.verification.faults import Fault, failed, not_taken, passed, undecided
from franking.verification.predicates import FINAL_UNKNOWN, NEVER
from franking.verification.reasons import Reason
from franking.verification.trust_format import REASON_CODES, Ending, Status, day_number, day_of
from franking.verification.trust_list import TrustedKey
from franking.verification.verdict import Step
from franking.verification.windows import (
    collected_after,
    day_may_be_left_out,
    latest_date,
    window_of,
)

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
_PLACES_AGREE = passed("place", "where it was licensed and addressed, as far as known")
_PLACE_UNKNOWN = not_taken("place", "neither the office of deposit nor the address was at hand")
_AMOUNT_UNKNOWN = not_taken("amount", "the amount due was not at hand")

_DELIVERY_POINT_DIGITS = 11


def parse_step(decoded: Decoded) -> Step:
    """Step 2: do the bytes have the form of their profile?"""
    if not decoded.problems and decoded.profile is _OWN:
        return _PARSED
    if decoded.problems:
        return failed("parse", [Fault(Reason.MALFORMED, odd) for odd in decoded.problems])
    return passed("parse", f"{len(decoded.payload)} bytes of {decoded.profile}")


def profile_step(decoded: Decoded) -> Step:
    """Step 3: is it a version and algorithm that can be verified?"""
    match decoded.profile:
        case Profile.FRANKING if decoded.content is not None and not decoded.problems:
            return _OURS
        case Profile.FRANKING_EXTENDED if decoded.content is not None and not decoded.problems:
            return _OURS_EXTENDED
        case Profile.FRANKING | Profile.FRANKING_EXTENDED:
            return failed("profile", [Fault(Reason.MALFORMED, "not as its version is laid out")])
        case Profile.IBI_DSA:
            reason = f"{algorithm_name(decoded.payload[1])}: the key is not published"
        case Profile.IBI_LITE:
            reason = "its digest can be checked only by the holder of the device's secret key"
        case Profile.UNKNOWN:
            reason = "not a known kind of indicium"
    return undecided("profile", [Fault(Reason.PROFILE_NOT_VERIFIABLE, reason)])


def certificate_step(
    decoded: Decoded, content: IndiciumContent, key: TrustedKey, *, signed: bool, stale: str
) -> Step:
    """Step 4: is the certificate this device's, in date, and not compromised?

    ``stale`` says why the list is out of date, or is empty.
    """
    faults = _certificate_faults(decoded.payload[6:14], content, key, signed=signed)
    if not faults and not stale:
        return _CERTIFIED
    old = _staleness(stale)
    return failed("certificate", faults + old) if faults else undecided("certificate", old)


def certificate_unknown_step(certificate_serial: int, list_number: int, *, stale: str) -> Step:
    """Step 4 where the list has no such certificate."""
    detail = f"certificate {certificate_serial} is not on trust list {list_number}"
    return undecided("certificate", [Fault(Reason.CERTIFICATE_UNKNOWN, detail), *_staleness(stale)])


def _staleness(stale: str) -> list[Fault]:
    return [Fault(Reason.TRUST_LIST_STALE, stale)] if stale else []


def _certificate_faults(
    device: bytes, content: IndiciumContent, key: TrustedKey, *, signed: bool
) -> list[Fault]:
    entry, day = key.entry, content.date_of_mailing
    first, last = entry.valid_from, entry.valid_to
    faults = []
    if predicates.certificate_of_another(device, key.device_bytes):
        detail = f"it is that of {entry.device_id}"
        faults.append(Fault(Reason.CERTIFICATE_OF_ANOTHER, detail, signed))
    if predicates.certificate_out_of_date(day_number(day), day_number(first), day_number(last)):
        detail = f"{day} is outside its validity, {first} to {last}"
        faults.append(Fault(Reason.CERTIFICATE_OUT_OF_DATE, detail, signed))
    if entry.ending is not None:
        faults += _compromises(key.status, day, entry.ending.on, signed=signed)
    return faults


def _compromises(status: Status, day: date, revoked: date, *, signed: bool) -> Iterator[Fault]:
    dated, ended = day_number(day), day_number(revoked)
    if predicates.key_compromised(status, dated, ended):
        detail = f"its key was compromised and revoked on {revoked}; dated {day}"
        yield Fault(Reason.KEY_COMPROMISED, detail, signed)
    if predicates.key_compromised_later(status, dated, ended):
        detail = f"its key was compromised (revoked on {revoked}): a copy could have signed this"
        yield Fault(Reason.KEY_COMPROMISED_LATER, detail, signed)


def signature_step(payload: bytes, key: EllipticCurvePublicKey) -> Step:
    """Step 5: did this key sign what stands before the last 64 bytes?"""
    try:
        verify_raw(key, payload[:-SIGNATURE_BYTES], payload[-SIGNATURE_BYTES:])
    except Refused as refused:
        return failed("signature", [Fault(Reason.SIGNATURE_FALSE, refused.detail)])
    return _SIGNED


def device_step(
    content: IndiciumContent, key: TrustedKey, facts: Facts, today: date, *, signed: bool
) -> Step:
    """Step 6: was the device in service when it made this piece?"""
    ending = key.entry.ending
    if ending is None:
        return _IN_SERVICE
    ahead = rules.whole("device", facts.rulebook, today, "date_ahead_days_max")
    found = _device_faults(content, key, ending, ahead)
    faults = [Fault(reason, detail, signed) for reason, detail in found]
    if faults:
        return failed("device", faults)
    return passed("device", f"made before service ended ({ending.reason} on {ending.on})")


def _device_faults(
    content: IndiciumContent, key: TrustedKey, ending: Ending, ahead_days: int
) -> Iterator[tuple[Reason, str]]:
    known, ascending = ending.final_ascending_mills, content.ascending_mills
    final = FINAL_UNKNOWN if known is None else known
    dated, ended = day_number(content.date_of_mailing), day_number(ending.on)
    code = REASON_CODES[ending.reason]
    reported = f"the device was reported {ending.reason} on {ending.on}"
    if predicates.above_final_ascending(ascending, final):
        yield (
            Reason.ABOVE_FINAL_ASCENDING,
            f"ascending {format_dollars(ascending)} is above the final"
            f" {format_dollars(final)} ({ending.reason} on {ending.on})",
        )
    if predicates.device_lost(code):
        yield Reason.DEVICE_LOST, reported
    if predicates.device_stolen(code):
        yield Reason.DEVICE_STOLEN, reported
    if predicates.service_ended(key.status, ascending, final, dated, ended, ahead_days):
        where = "at an unknown register value" if known is None else f"at {format_dollars(final)}"
        detail = f"service ended ({ending.reason}) on {ending.on} {where}"
        yield Reason.SERVICE_ENDED, f"{detail}; dated {content.date_of_mailing}"


def date_step(content: IndiciumContent, facts: Facts, today: date) -> Step:
    """Step 7: may a piece bear this date? (DMM P050.4.6, P050.4.7, P050.5.4)"""
    day, deposited = content.date_of_mailing, facts.deposited_on
    dated = day_number(day)
    latest = latest_date(facts.rulebook, today, deposited or today)
    if predicates.date_too_far_ahead(dated, latest):
        detail = f"dated {day}, later than {day_of(latest)}, the last date that may be used by now"
        return failed("date", [Fault(Reason.DATE_TOO_FAR_AHEAD, detail)])
    if deposited is None:
        return _DATE_PLAUSIBLE
    return _deposit_date_step(dated, latest, deposited, facts, today)


def _deposit_date_step(dated: int, latest: int, deposited: date, facts: Facts, today: date) -> Step:
    window = window_of(
        facts.rulebook, today, deposited, facts.mail_class, excusable=facts.delayed is not False
    )
    following = _next_collection(deposited, facts)
    detail = f"dated {day_of(dated)}, deposited {deposited}"
    if predicates.date_is_past(dated, window.earliest):
        return failed("date", [Fault(Reason.DATE_IS_PAST, detail)])
    if predicates.date_ahead_of_deposit(dated, window.last, following, latest):
        return failed("date", [Fault(Reason.DATE_AHEAD_OF_DEPOSIT, detail)])
    return passed("date", detail + _excuse(dated, deposited, facts, today))


def _next_collection(deposited: date, facts: Facts) -> int:
    """As it was noted, else the next day of collection, unless the piece is known to be in time."""
    if facts.next_collection is not None:
        return day_number(facts.next_collection)
    return NEVER if facts.delayed is False else collected_after(deposited)


def _excuse(dated: int, deposited: date, facts: Facts, today: date) -> str:
    """Why a date that is not the day of deposit is none the worse for it."""
    if dated == day_number(deposited):
        return ""
    if day_may_be_left_out(facts.rulebook, today, facts.mail_class):
        return "; its class may show the month alone, taken through its grace where delayed"
    if dated < day_number(deposited):
        return "; the previous date is no error after the last collection, or if none was made"
    return "; the next collection is on that date"


def registers_step(content: IndiciumContent, facts: Facts, today: date) -> Step:
    """Step 8: could the registers of a sound device have these values?"""
    faults = _register_faults(content) + _stock_faults(content, facts, today)
    if faults:
        return failed("registers", faults)
    return _REGISTERS_PLAUSIBLE if facts.control_totals_mills is None else _REGISTERS_CONSERVED


def _register_faults(content: IndiciumContent) -> list[Fault]:
    ascending, postage = content.ascending_mills, content.postage_mills
    faults = []
    if predicates.no_postage(postage):
        faults.append(Fault(Reason.NO_POSTAGE, "its postage is $0.00: it pays for nothing"))
    if predicates.registers_impossible(ascending, postage):
        detail = f"ascending {format_dollars(ascending)} is below postage {format_dollars(postage)}"
        faults.append(Fault(Reason.REGISTERS_IMPOSSIBLE, detail))
    return faults


def _stock_faults(content: IndiciumContent, facts: Facts, today: date) -> list[Fault]:
    """What is wrong with the value that the device says it holds."""
    descending, postage = content.descending_mills, content.postage_mills
    limit, totals = _limit_mills(facts, today), facts.control_totals_mills
    faults = []
    if predicates.descending_over_limit(descending, postage, limit):
        detail = (
            f"descending was {format_dollars(descending + postage)} before this piece,"
            f" above the limit of {format_dollars(limit)}"
        )
        faults.append(Fault(Reason.DESCENDING_OVER_LIMIT, detail))
    total = predicates.control_total(content.ascending_mills, descending)
    if totals is not None and total not in totals:
        detail = f"ascending and descending add up to {format_dollars(int(total))}"
        faults.append(Fault(Reason.CONTROL_TOTAL_DIFFERS, f"{detail}, no control total"))
    return faults


def place_step(content: IndiciumContent, facts: Facts) -> Step:
    """Step 10: was it deposited at its office, and does it go where it says? (DMM P050.5.3)"""
    if facts.deposit_zip is None and facts.address is None:
        return _PLACE_UNKNOWN
    faults = [*_office_faults(content, facts), *_address_faults(content, facts)]
    return failed("place", faults) if faults else _PLACES_AGREE


def _office_faults(content: IndiciumContent, facts: Facts) -> Iterator[Fault]:
    if facts.deposit_zip is None:
        return
    licensed, served = content.licensing_zip, facts.deposit_zip
    if facts.offices is not None:
        licensed, served = (
            facts.offices.get(zip_code, zip_code) for zip_code in (licensed, served)
        )
    if predicates.wrong_office(licensed, served):
        detail = f"licensed at {content.licensing_zip}, deposited at {facts.deposit_zip}"
        yield Fault(Reason.WRONG_OFFICE, detail)


def _address_faults(content: IndiciumContent, facts: Facts) -> Iterator[Fault]:
    if facts.address is None:
        return
    destination, address = _digits(content.destination), _digits(facts.address)
    if predicates.destination_differs(*destination, *address):
        detail = f"made for {content.destination}, addressed to {facts.address}"
        yield Fault(Reason.DESTINATION_DIFFERS, detail)


def _digits(point: str) -> tuple[int, int]:
    """A delivery point as a number, and how many digits it has; 0 and 0 where it is none."""
    digits = point.replace("-", "")
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= _DELIVERY_POINT_DIGITS):
        return 0, 0
    return int(digits), len(digits)


def amount_step(content: IndiciumContent, facts: Facts) -> Step:
    """Step 11: is the postage exactly what is due? (DMM P050.1.5)"""
    due, paid = facts.amount_due_mills, content.postage_mills
    if due is None:
        return _AMOUNT_UNKNOWN
    detail = f"paid {format_dollars(paid)}, due {format_dollars(due)}"
    if predicates.short_paid(paid, due):
        return failed("amount", [Fault(Reason.SHORT_PAID, detail)])
    if predicates.overpaid(paid, due):
        return failed("amount", [Fault(Reason.OVERPAID, detail)])
    return passed("amount", f"{format_dollars(paid)}, exactly the amount due")


def _limit_mills(facts: Facts, today: date) -> int:
    """The descending limit of the device: its own, where below that of its rulebook."""
    limit = _rulebook_limit_mills(facts.rulebook, today)
    return limit if facts.limit_mills is None else min(limit, facts.limit_mills)


@lru_cache(maxsize=256)
def _rulebook_limit_mills(rulebook: str, on: date) -> int:
    return rules.whole("device", rulebook, on, "descending_limit")
