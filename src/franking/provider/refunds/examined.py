"""What the provider's books hold of a system whose value is asked back: examined, and how.

A postal security device is known by what it signed when it was withdrawn and cleared, or by the
signed examination of one that can no longer speak; a meter by the reading at its check-out or
examination. Nothing is cleared unexamined (9.3.1a; DMM P030.3.7 of 1995).
"""

from __future__ import annotations

from dataclasses import dataclass

from franking.errors import Refusal
from franking.messages.kinds import Examination
from franking.messages.signing import unverified
from franking.provider.devices import rows as device_rows
from franking.provider.devices.records import DeviceRecord, DeviceState, Occasion, RegisterReading
from franking.provider.funds import chart
from franking.provider.refunds import tenure
from franking.provider.refunds.tenure import Clearing
from franking.provider.resetting import rows as resetting_rows
from franking.provider.resetting.records import Device, DeviceStatus
from franking.provider.schema import LEDGER
from franking.storage import Reading

SYSTEM_NOT_EXAMINED = Refusal(
    "REFUND_SYSTEM_NOT_EXAMINED",
    clause="DMM 604.9.3.1a (2008)",
    remedy="Withdraw the system from service and examine it first; then decide.",
)
VALUE_NOT_IN_BOOKS = Refusal(
    "REFUND_VALUE_NOT_IN_BOOKS",
    clause="DMM 604.9.3.1 (2008)",
    remedy="Find out why before anything is paid: franking account lines; correct with two people.",
)
_OUT_OF_SERVICE = frozenset(
    {
        DeviceState.CHECKED_OUT,
        DeviceState.EXAMINED,
        DeviceState.REBUILT,
        DeviceState.UNLEASED,
        DeviceState.SCRAPPED,
    }
)
_STATED = frozenset({DeviceStatus.FAULTED, DeviceStatus.SCRAPPED})
"""A device of which an examiner stated the registers, or did before it was scrapped."""
_AT_THE_END = frozenset({Occasion.CHECK_OUT, Occasion.EXAMINATION, Occasion.CLEARING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What was found of a system out of service, in mills."""

    serial: str
    ascending_mills: int
    unused_mills: int
    """Granted less used; below nothing where more was used than paid for."""
    on: str
    examiner: str
    finding: str
    is_signed: bool
    """Whether the device itself signed the registers."""
    is_documented: bool = False
    """Whether nobody read them: the value was determined from documents."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Where the ledger holds the value of a system, and how much."""

    account: str
    amount_mills: int


def examined(books: Reading, serial: str, *, licence: str) -> Examined | None:
    """What was found of a system when it left the licensee's service.

    ``None`` while it is in service, not examined yet, or with somebody else since.
    """
    clearing = tenure.clearing_of(books, serial, licence)
    if clearing is not None:
        return _cleared(serial, clearing)
    if tenure.holder_of(books, serial) != licence:
        return None
    device = resetting_rows.find_device(books, serial)
    if device is not None:
        return _stated(books, device) if device.status in _STATED else None
    record = device_rows.find(books, serial)
    return None if record is None else _of_meter(books, record)


def require_examined(books: Reading, serial: str, *, licence: str) -> Examined:
    """What was found of a system.

    Raises:
        Refused: ``REFUND_SYSTEM_NOT_EXAMINED``.
    """
    found = examined(books, serial, licence=licence)
    if found is None:
        raise SYSTEM_NOT_EXAMINED.because(f"{serial} was not examined out of service")
    return found


def held(books: Reading, serial: str, *, licence: str) -> Held:
    """Where the ledger holds what is the licensee's of a system: given up, or in it still."""
    clearing = tenure.clearing_of(books, serial, licence)
    account = clearing.account if clearing else chart.device(serial)
    if clearing is None and tenure.holder_of(books, serial) != licence:
        return Held(account=account, amount_mills=0)
    return Held(account=account, amount_mills=LEDGER.balance(books, account).balance_mills)


def require_held(books: Reading, serial: str, amount_mills: int, *, licence: str) -> Held:
    """From where an amount is taken.

    Raises:
        Refused: ``REFUND_VALUE_NOT_IN_BOOKS``.
    """
    found = held(books, serial, licence=licence)
    if found.amount_mills < amount_mills:
        raise VALUE_NOT_IN_BOOKS.because(
            f"the ledger holds {found.amount_mills} mills of {serial}, not {amount_mills}"
        )
    return Held(account=found.account, amount_mills=amount_mills)


def _cleared(serial: str, clearing: Clearing) -> Examined:
    """By its own signed statements: withdrawn, examined, and cleared on its examiner's order."""
    said = clearing.statement
    return Examined(
        serial=serial,
        ascending_mills=said.registers.ascending_mills,
        unused_mills=said.withdrawn_mills,
        on=said.issued_at,
        examiner=clearing.order.examiner,
        finding="cleared on its signed statement",
        is_signed=True,
    )


def _stated(books: Reading, device: Device) -> Examined | None:
    message = resetting_rows.find_examination(books, device.device_id)
    if message is None:
        return None
    said = unverified(message, Examination)
    return Examined(
        serial=device.device_id,
        ascending_mills=said.registers.ascending_mills,
        unused_mills=said.registers.descending_mills,
        on=said.issued_at,
        examiner=said.examiner,
        finding=said.finding,
        is_signed=False,
    )


def _of_meter(books: Reading, record: DeviceRecord) -> Examined | None:
    """By the readings of people: all that was ever set, less what was used at the end."""
    readings = device_rows.readings(books, record.serial)
    ends = [each for each in readings if each.occasion in _AT_THE_END]
    if record.state not in _OUT_OF_SERVICE or not ends:
        return None
    last = ends[-1]
    return Examined(
        serial=record.serial,
        ascending_mills=last.ascending_mills,
        unused_mills=_set_before(readings, last) - last.ascending_mills,
        on=last.at,
        examiner=last.by,
        finding=f"read at its {last.occasion}",
        is_signed=False,
    )


def _set_before(readings: list[RegisterReading], last: RegisterReading) -> int:
    """Ascending and descending together, at the last setting or check-in before the end."""
    set_at = (Occasion.CHECK_IN, Occasion.SETTING, Occasion.RESET)
    known = [each for each in readings if each.occasion in set_at and each.at <= last.at]
    basis = known[-1] if known else last
    return basis.ascending_mills + basis.descending_mills
