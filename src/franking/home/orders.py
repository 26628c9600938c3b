"""What the provider orders of a device, and what it tells the Postal Service of its keys.

Each function settles what an earlier exchange left half way, and may be repeated: what was done
is not done again, and a key's end that was not told yet is told.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from msgspec.structs import asdict

from franking.errors import InvariantBroken, Refusal, Refused
from franking.home.delivery import close_pending, deliver, settle
from franking.home.home import Home
from franking.messages.kinds import Examination, RegisterReading
from franking.messages.signing import unverified
from franking.postal.certificates import commands as certificates
from franking.postal.certificates.decisions import CERTIFICATE_ENDED_BEFORE
from franking.postal.certificates.records import Certificate
from franking.provider.resetting import answering, enrolment, ordering
from franking.provider.resetting.enrolment import KEY_END_UNKNOWN
from franking.provider.resetting.lifecycle import EXAMINATION_IMPLAUSIBLE
from franking.provider.resetting.view import device_view
from franking.psd.device import PostalSecurityDevice
from franking.psd.records import IN_SERVICE, Status

DEVICE_SOUND = Refusal(
    "DEVICE_SOUND",
    clause="39 CFR 502.21(j) (1997)",
    remedy="Withdraw and clear the device: it can state its registers itself.",
)

_ENDED_BY = {Status.CLEARED: "withdrawn", Status.SCRAPPED: "withdrawn", Status.FAULTED: "faulted"}
"""What ended the last key of a device in this status; in any other, a rollover did."""
_KEYS_ENDING_AT_ONCE_MAX: Final = 2
"""Amid a rollover, the present key and the next."""


def lock(home: Home, name: str, *, cause: str, clause: str) -> dict[str, Any]:
    """Order the device to evidence nothing, for a cause."""
    books, signer = home.provider.books, home.provider.signer
    return _ordered(
        home,
        name,
        lambda device_id: ordering.order_lock(
            books, signer, device_id=device_id, cause=cause, clause=clause, now=home.now
        ),
    )


def unlock(home: Home, name: str, *, cause: str) -> dict[str, Any]:
    """Lift the lock of one cause.

    Raises:
        Refused: ``LOCK_NOT_ORDERED``.
    """
    books, signer = home.provider.books, home.provider.signer
    return _ordered(
        home,
        name,
        lambda device_id: ordering.order_unlock(
            books, signer, device_id=device_id, cause=cause, now=home.now
        ),
    )


def withdraw(home: Home, name: str, *, reason: str) -> dict[str, Any]:
    """End the service of a device: locked for good, its registers stated (PSD-7)."""
    books, signer = home.provider.books, home.provider.signer
    return _ordered(
        home,
        name,
        lambda device_id: ordering.order_withdrawal(
            books, signer, device_id=device_id, reason=reason, now=home.now
        ),
        unless=Status.WITHDRAWN,
    )


def clear(home: Home, name: str, *, examiner: str) -> dict[str, Any]:
    """After examination: value given up, key destroyed, its end told to every verifier (PSD-7)."""
    books, signer = home.provider.books, home.provider.signer
    before = home.shown(name)["descending_mills"]
    done = _ordered(
        home,
        name,
        lambda device_id: ordering.order_clearing(
            books, signer, device_id=device_id, examiner=examiner, now=home.now
        ),
        unless=Status.CLEARED,
    )
    _tell_key_end(home, done["device_id"], "withdrawn")
    return {**done, "withdrawn_mills": before}


def scrap(home: Home, name: str, *, reason: str) -> dict[str, Any]:
    """The end of a cleared device, which has no key left to answer with, or of an examined one.

    An examined device takes no order: it is scrapped in the provider's books, and itself stays as
    it was found.

    Raises:
        Refused: ``STATUS_UNSUITABLE``, or what the device refuses.
    """
    if (scrapped := _scrapped_unheard(home, name, reason=reason)) is not None:
        return scrapped
    provider = home.provider
    with home.device(name) as device:
        settle(provider, device, home.now)
        tell_earlier_key_end(home, device)
        order = ordering.order_scrapping(
            provider.books,
            provider.signer,
            device_id=str(device.device_id),
            reason=reason,
            now=home.now,
        )
        device.scrap(order, home.now)
        return {"device": name, **device.show(home.now)}


def roll_over(home: Home, name: str) -> dict[str, Any]:
    """Give a device its next key; pieces of the key before stay verifiable up to its end."""
    postal, provider, now = home.postal, home.provider, home.now
    with home.device(name) as device:
        settle(provider, device, now)
        # Its request was signed with the key that ends now.
        close_pending(provider, device, now)
        tell_earlier_key_end(home, device)
        wanted = enrolment.request_rollover_certificate(
            provider.books, provider.signer, device.request_rollover(now), now
        )
        certified = certificates.certify_device(postal.books, postal.signer, wanted, now)
        # Before any order that a later command might carry: a piece of the next key may be
        # verified as soon as it is printed.
        postal.publish(now)
        order = ordering.authorize_rollover(
            provider.books,
            provider.signer,
            device_id=str(device.device_id),
            certificate=certified.der,
            now=now,
        )
        deliver(provider, device, order, now)
        _tell_key_end(home, str(device.device_id), "rollover")
        return {"device": name, **device.show(now)}


def report(home: Home, name: str, *, reason: str) -> dict[str, Any]:
    """Tell every verifier that a device is lost or stolen, or its key known to others.

    Raises:
        Refused: ``KEY_END_UNKNOWN``.
    """
    shown = home.shown(name)
    ended = _tell_key_end(home, shown["device_id"], reason)
    return {"device": name, "reason": reason, "certificate_serial": ended.serial}


def examine(home: Home, name: str, *, examiner: str, finding: str) -> dict[str, Any]:
    """State what a device holds that cannot speak for itself (39 CFR 502.21(j)).

    Its registers are read from its store, without its keys; where those cannot be true, all that
    the device was given counts as used. Its service ends, and every verifier is told at which
    ascending value its key ended.

    Raises:
        Refused: ``DEVICE_SOUND``, ``STATUS_UNSUITABLE``, ``EXAMINATION_INCOMPLETE``,
            ``STORE_DAMAGED``.
    """
    shown = home.shown(name)
    _require_unsound(home, name, shown["device_id"])
    statement = _examined(home, shown, examiner=examiner, finding=finding)
    ended = _tell_any_key_end(home, shown["device_id"], "faulted")
    stated: dict[str, Any] = asdict(unverified(statement, Examination).registers)
    return {
        **shown,
        **stated,
        "device": name,
        "examiner": examiner,
        "finding": finding,
        "ended_certificate": ended.serial if ended else None,
        "examination": statement,
    }


def tell_earlier_key_end(home: Home, device: PostalSecurityDevice) -> None:
    """Tell the Postal Service of a key that ended before a process was killed; else nothing."""
    reason = _ENDED_BY.get(device.status, "rollover")
    _tell_any_key_end(home, str(device.device_id), reason)


def _require_unsound(home: Home, name: str, device_id: str) -> None:
    """A sound device would go on, and pieces that were paid for would be called not authentic."""
    view = device_view(home.provider.books, device_id)
    if view["suspicion"] or view["status"] in (Status.FAULTED, Status.SCRAPPED):
        return
    try:
        with home.device(name) as device:
            status = device.status
    except (Refused, InvariantBroken):
        return
    if status in IN_SERVICE:
        raise DEVICE_SOUND.because(f"{name} powers up and is {status}")


def _scrapped_unheard(home: Home, name: str, *, reason: str) -> dict[str, Any] | None:
    """Scrap a device that was examined; ``None`` for any other."""
    shown, books = home.shown(name), home.provider.books
    device_id = shown["device_id"]
    if not answering.is_examined(books, device_id):
        return None
    _tell_any_key_end(home, device_id, "faulted")
    ended = answering.scrap_examined(books, device_id=device_id, reason=reason, now=home.now)
    return {**shown, "device": name, "status": str(ended.status)}


def _examined(home: Home, shown: dict[str, Any], *, examiner: str, finding: str) -> str:
    provider, device_id = home.provider, shown["device_id"]

    def state(registers: RegisterReading) -> str:
        return answering.examine_device(
            provider.books,
            provider.signer,
            device_id=device_id,
            examiner=examiner,
            finding=finding,
            registers=registers,
            now=home.now,
        )

    read = RegisterReading(**{each: shown[each] for each in RegisterReading.__struct_fields__})
    try:
        return state(read)
    except Refused as refused:
        if refused.refusal is EXAMINATION_IMPLAUSIBLE:
            return state(_all_used(home, device_id, read))
        # It may have been examined just before a process was killed.
        if device_view(provider.books, device_id)["status"] == Status.FAULTED:
            _tell_any_key_end(home, device_id, "faulted")
        raise


def _all_used(home: Home, device_id: str, read: RegisterReading) -> RegisterReading:
    """What is stated of a store that cannot be believed: all that the device was given was used.

    So nobody is paid for value that a tampered or restored store only shows, and no piece that the
    device may have made before is called not authentic.
    """
    known: dict[str, Any] = device_view(home.provider.books, device_id)
    given = known["control_total_mills"] + known["in_transit_mills"]
    return RegisterReading(
        ascending_mills=given,
        descending_mills=0,
        control_total_mills=given,
        piece_count=max(known["piece_count"], read.piece_count),
        reset_sequence=max(known["reset_sequence"], read.reset_sequence),
    )


def _ordered(
    home: Home, name: str, issue: Callable[[str], str], *, unless: Status | None = None
) -> dict[str, Any]:
    """Settle, issue an order to the device, carry it there and its answer back.

    A device whose status is ``unless`` has carried out the order already.
    """
    with home.device(name) as device:
        settle(home.provider, device, home.now)
        if unless is None or device.status is not unless:
            if unless is not None:  # the order takes it out of service
                close_pending(home.provider, device, home.now)
            deliver(home.provider, device, issue(str(device.device_id)), home.now)
        return {"device": name, **device.show(home.now)}


def _tell_any_key_end(home: Home, device_id: str, reason: str) -> Certificate | None:
    """As ``_tell_key_end``, for a device that may have no ended key, or a compromised one.

    Of a compromised key nothing more is told; where another ended with it, that one is.
    """
    for _ in range(_KEYS_ENDING_AT_ONCE_MAX):
        try:
            return _tell_key_end(home, device_id, reason)
        except Refused as refused:
            if refused.refusal not in (KEY_END_UNKNOWN, CERTIFICATE_ENDED_BEFORE):
                raise
    return None


def _tell_key_end(home: Home, device_id: str, reason: str) -> Certificate:
    """Tell of every key that ended and was not told of; the last of them."""
    provider, postal, now = home.provider, home.postal, home.now
    told = ""
    while True:
        report = enrolment.report_key_end(
            provider.books, provider.signer, device_id=device_id, reason=reason, now=now
        )
        ended = certificates.take_revocation(postal.books, report, now)
        if report == told:
            postal.publish(now)
            return ended
        told = report
