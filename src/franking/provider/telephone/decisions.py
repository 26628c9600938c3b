"""Who is told a setting code, and what a later reading says of it. Pure.

Refusals come in this order: who calls, what the meter shows against our own record, a code that is
outstanding, the amount. The audit of 1995 is the examination, which denies resets through the
inventory; locks and funds are asked between these, by ``commands``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from franking.errors import Refusal
from franking.money import format_dollars
from franking.provider.devices.records import DeviceRecord, Kind
from franking.provider.telephone.records import Call, Setting, SettingStatus, TelephoneMeter
from franking.rules import RuleSet

_DATA = "39 CFR 501.28(e)(3) (1995)"
_ITEMS = "DMM P030.3.12b (1995)"

NOT_SET_BY_TELEPHONE = Refusal(
    "NOT_SET_BY_TELEPHONE",
    clause="DMM P030.3.9 (1995)",
    remedy="A PSD asks for its reset itself; another meter is set at its post office. A new meter "
    "for telephone setting: franking telephone-reset enrol SERIAL.",
)
ACCOUNT_OF_ANOTHER = Refusal(
    "ACCOUNT_OF_ANOTHER",
    clause=_ITEMS,
    remedy="Give the account number that stands on the licensee's deposit tickets.",
    http_status=403,
)
READINGS_DISAGREE = Refusal(
    "READINGS_DISAGREE",
    clause=_DATA,
    remedy="Read both registers again and type them in; if they are right, have the meter read by "
    "the provider: it gets no setting meanwhile.",
    http_status=422,
)
SETTING_OUTSTANDING = Refusal(
    "SETTING_OUTSTANDING",
    clause=_DATA,
    remedy="Key in the code that was told; calling again with its amount tells it again.",
)
SETTING_NOT_TAKEN = Refusal(
    "SETTING_NOT_TAKEN",
    clause=_DATA,
    remedy="Key in the code at the meter, then read it again.",
)
NO_SETTING_OUTSTANDING = Refusal(
    "NO_SETTING_OUTSTANDING",
    clause=_DATA,
    remedy="Nothing was told that waits to be keyed in; ask for a setting when postage is wanted.",
    http_status=404,
)
SETTING_AMOUNT_WRONG = Refusal(
    "SETTING_AMOUNT_WRONG",
    clause=_ITEMS,
    remedy="Ask for an amount above zero.",
    http_status=422,
)
SETTING_EXCEEDS_CAPACITY = Refusal(
    "SETTING_EXCEEDS_CAPACITY",
    clause="policy",
    remedy="Ask for less, or again when postage was used.",
)
VALUE_GIVEN_UP = Refusal(
    "VALUE_GIVEN_UP",
    clause=_DATA,
    remedy="Give the licensee another meter: what this one shows was refunded, and is nobody's.",
)
METER_ENROLLED = Refusal(
    "METER_ENROLLED",
    clause="DMM P030.3.9 (1995)",
    remedy="Use the meter as it is: its secret was loaded once, at the works.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What our own records hold around one call."""

    device: DeviceRecord
    meter: TelephoneMeter
    account: str
    """The number of the account that its licensee has; empty where there is none."""
    outstanding: Setting | None


def require_set_by_telephone(device: DeviceRecord, meter: TelephoneMeter | None) -> TelephoneMeter:
    """The meter that shares a secret with us, of a device that is set remotely (P030.3.9).

    Raises:
        Refused: ``NOT_SET_BY_TELEPHONE``.
    """
    if device.kind is not Kind.METER or not device.remote:
        told = "is reset by itself" if device.kind is Kind.PSD else "is set at its post office"
        raise NOT_SET_BY_TELEPHONE.because(f"{device.serial} {told}")
    if meter is None:
        raise NOT_SET_BY_TELEPHONE.because(f"{device.serial} shares no secret with the provider")
    return meter


def require_account(known: Known, account: str) -> None:
    """Whether the account number is that of the meter's licensee.

    Raises:
        Refused: ``ACCOUNT_OF_ANOTHER``.
    """
    if not known.account or account.strip() != known.account:
        raise ACCOUNT_OF_ANOTHER.because(
            f"{account!r} is not the account that {known.device.serial} is charged to"
        )


def read(known: Known, *, ascending_mills: int, descending_mills: int) -> Known:
    """What we know after registers were read, if they agree with our own record (501.28(e)(3)).

    An outstanding setting is taken where the control total shows its amount.

    Raises:
        Refused: ``READINGS_DISAGREE``.
    """
    if min(ascending_mills, descending_mills) < 0:
        raise READINGS_DISAGREE.because("no register stands below nothing")
    before = known.device.ascending_mills
    if ascending_mills < before:
        raise READINGS_DISAGREE.because(
            f"ascending {format_dollars(ascending_mills)}, and it stood at"
            f" {format_dollars(before)} before"
        )
    total, waiting = ascending_mills + descending_mills, known.outstanding
    if total == known.meter.total_mills:
        return known
    if waiting is not None and total == waiting.total_mills + waiting.amount_mills:
        meter = replace(known.meter, total_mills=total)
        return replace(known, meter=meter, outstanding=None)
    raise READINGS_DISAGREE.because(
        f"ascending and descending make {format_dollars(total)},"
        f" and {format_dollars(known.meter.total_mills)} were set into it"
    )


def require_same(waiting: Setting, call: Call) -> Setting:
    """The outstanding setting, for a call that asks for it again.

    Raises:
        Refused: ``SETTING_OUTSTANDING``.
    """
    if call.amount_mills != waiting.amount_mills:
        raise SETTING_OUTSTANDING.because(
            f"a code for {format_dollars(waiting.amount_mills)} was told, and paid for"
        )
    return waiting


def require_positive(call: Call) -> None:
    """Whether an amount is asked for that can be set at all.

    Raises:
        Refused: ``SETTING_AMOUNT_WRONG``.
    """
    if call.amount_mills <= 0:
        raise SETTING_AMOUNT_WRONG.because(f"{format_dollars(call.amount_mills)} was asked for")


def require_capacity(call: Call, rules: RuleSet) -> None:
    """Whether the descending register can hold it.

    Raises:
        Refused: ``SETTING_EXCEEDS_CAPACITY``.
    """
    limit, balance = rules.whole("descending_limit"), call.descending_mills + call.amount_mills
    if balance > limit:
        raise SETTING_EXCEEDS_CAPACITY.because(
            f"the descending register would hold {format_dollars(balance)},"
            f" and can hold {format_dollars(limit)}"
        )


def told(known: Known, call: Call, *, at: str) -> tuple[TelephoneMeter, Setting]:
    """The next setting of the meter, paid for and about to be told."""
    meter = replace(known.meter, settings=known.meter.settings + 1)
    setting = Setting(
        serial=meter.serial,
        sequence=meter.settings,
        amount_mills=call.amount_mills,
        total_mills=meter.total_mills,
        ascending_mills=call.ascending_mills,
        descending_mills=call.descending_mills,
        account=call.account.strip(),
        caller=call.caller,
        told_at=at,
    )
    return meter, setting


def settled(before: Known, after: Known) -> Setting | None:
    """The setting that a reading showed to be taken."""
    if before.outstanding is None or after.outstanding is not None:
        return None
    return replace(before.outstanding, status=SettingStatus.TAKEN)


def require_outstanding(waiting: Setting | None) -> Setting:
    """The setting of which nobody knows whether the meter took it.

    Raises:
        Refused: ``NO_SETTING_OUTSTANDING``.
    """
    if waiting is None:
        raise NO_SETTING_OUTSTANDING.because("no code waits to be keyed in")
    return waiting
