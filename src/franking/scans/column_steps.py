"""The steps of verification taken by column: what each of them sees in many pieces, as bits.

Steps 4 to 11 but for what other scans and the books say (``franking.scans.relations``). What is
asked is asked in ``franking.verification.predicates``, as of a single piece.
"""

from __future__ import annotations

from datetime import date

import numpy as np

from franking.scans.circumstances import CLASSES, UNKNOWN, Circumstances
from franking.scans.decoding import Contents, Whole
from franking.scans.distinct import distinct
from franking.scans.keys import Certificates
from franking.scans.standing import Standing
from franking.verification import predicates
from franking.verification.predicates import NEVER
from franking.verification.reasons import Reason, bit_of
from franking.verification.trust_format import day_of
from franking.verification.windows import collected_after, latest_date, window_of

Seen = dict[Reason, "predicates.Truth"]
"""What was looked for, and in which rows it was there."""


def bits_seen(count: int, seen: Seen) -> Whole:
    """The reasons of each of ``count`` rows as one number."""
    bits = np.zeros(count, np.int64)
    for reason, there in seen.items():
        bits |= np.where(there, bit_of(reason), 0)
    return bits


def certificate_seen(contents: Contents, certificates: Certificates, ahead_days: Whole) -> Seen:
    """Steps 4 and 6: the certificate, and the device in service. Of listed certificates alone.

    ``ahead_days`` is how far ahead each piece may be dated.
    """
    dated, ended = contents.dated, certificates.ended
    status, final = certificates.status, certificates.final_ascending
    valid = certificates.valid_from, certificates.valid_to
    return {
        Reason.CERTIFICATE_OF_ANOTHER: predicates.certificate_of_another(
            contents.device, certificates.device
        ),
        Reason.CERTIFICATE_OUT_OF_DATE: predicates.certificate_out_of_date(dated, *valid),
        Reason.KEY_COMPROMISED: predicates.key_compromised(status, dated, ended),
        Reason.KEY_COMPROMISED_LATER: predicates.key_compromised_later(status, dated, ended),
        Reason.ABOVE_FINAL_ASCENDING: predicates.above_final_ascending(contents.ascending, final),
        Reason.SERVICE_ENDED: predicates.service_ended(
            status, contents.ascending, final, dated, ended, ahead_days
        ),
        Reason.DEVICE_LOST: predicates.device_lost(certificates.end_reason),
        Reason.DEVICE_STOLEN: predicates.device_stolen(certificates.end_reason),
    }


def date_seen(contents: Contents, said: Circumstances, standing: Standing, today: date) -> Seen:
    """Step 7: the date of mailing (DMM P050.4.6, P050.4.7, P050.5.4)."""
    latest, earliest, last, after = _days_of_deposits(
        standing.rulebook_of(contents.device), said, standing.rulebooks, today
    )
    deposited = said.deposited_on != UNKNOWN
    following = np.where(said.next_collection == UNKNOWN, after, said.next_collection)
    dated = contents.dated
    ahead = predicates.date_ahead_of_deposit(dated, last, following, latest)
    return {
        Reason.DATE_TOO_FAR_AHEAD: predicates.date_too_far_ahead(dated, latest),
        Reason.DATE_AHEAD_OF_DEPOSIT: deposited & ahead,
        Reason.DATE_IS_PAST: deposited & predicates.date_is_past(dated, earliest),
    }


def _days_of_deposits(
    rulebook: Whole, said: Circumstances, rulebooks: tuple[str, ...], today: date
) -> tuple[Whole, Whole, Whole, Whole]:
    """The latest date by now, the earliest of the window, its last, and the next day of collection,
    worked out once for each."""

    def latest(rulebook: int, deposited: int, _: int) -> int:
        day = today if deposited == UNKNOWN else day_of(deposited)
        return latest_date(rulebooks[rulebook], today, day)

    def bound(name: str, rulebook: int, deposited: int, mail_class: int) -> int:
        if deposited == UNKNOWN:
            return 0
        known = None if mail_class == UNKNOWN else CLASSES[mail_class].value
        window = window_of(rulebooks[rulebook], today, day_of(deposited), known)
        return window.earliest if name == "earliest" else window.last

    def after(_: int, deposited: int, __: int) -> int:
        return NEVER if deposited == UNKNOWN else collected_after(day_of(deposited))

    columns = (rulebook, said.deposited_on, said.mail_class)
    groups = distinct(*columns)
    return (
        groups.worked_out(latest, *columns)[0],
        groups.worked_out(lambda *row: bound("earliest", *row), *columns)[0],
        groups.worked_out(lambda *row: bound("last", *row), *columns)[0],
        groups.worked_out(after, *columns)[0],
    )


def registers_seen(contents: Contents, standing: Standing) -> Seen:
    """Step 8: the registers, but for control totals."""
    ascending, postage, limit = (
        contents.ascending,
        contents.postage,
        standing.limit_of(contents.device),
    )
    return {
        Reason.NO_POSTAGE: predicates.no_postage(postage),
        Reason.REGISTERS_IMPOSSIBLE: predicates.registers_impossible(ascending, postage),
        Reason.DESCENDING_OVER_LIMIT: predicates.descending_over_limit(
            contents.descending, postage, limit
        ),
    }


def place_seen(contents: Contents, said: Circumstances, standing: Standing) -> Seen:
    """Step 10: the office of deposit, and where the piece goes (DMM P050.5.3)."""
    offices, known = standing.office_of, said.deposit_zip != UNKNOWN
    deposited = offices[np.where(known, said.deposit_zip, 0)]
    return {
        Reason.WRONG_OFFICE: known
        & predicates.wrong_office(offices[contents.licensing_zip], deposited),
        Reason.DESTINATION_DIFFERS: predicates.destination_differs(
            contents.destination, contents.destination_digits, said.address, said.address_digits
        ),
    }


def amount_seen(contents: Contents, due: Whole) -> Seen:
    """Step 11: whether the postage is exactly what is due (DMM P050.1.5)."""
    known, paid = due != UNKNOWN, contents.postage
    return {
        Reason.SHORT_PAID: known & predicates.short_paid(paid, due),
        Reason.OVERPAID: known & predicates.overpaid(paid, due),
    }
