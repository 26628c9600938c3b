"""Commands of the telephone desk: enrol a meter, tell a setting code, take what is read off.

A call that is repeated gets the same code and costs nothing more. Whatever is refused changes
nothing, except that calls whose readings disagree are counted: too many in a row, and the meter
gets no setting until the provider has read it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from franking.clock import instant_text
from franking.errors import Refused
from franking.identifiers import record_id
from franking.ledger import account_record
from franking.messages.signing import Signer
from franking.money import format_dollars
from franking.provider.devices import notes
from franking.provider.devices.records import DeviceRecord, Occasion
from franking.provider.devices.signed import require_grantable
from franking.provider.examinations import standing
from franking.provider.funds import chart
from franking.provider.funds.accounts import account_of
from franking.provider.funds.charging import charge_for_reset, require_resettable
from franking.provider.schema import LEDGER
from franking.provider.telephone import decisions, rows, settling
from franking.provider.telephone.codes import setting_code
from franking.provider.telephone.decisions import METER_ENROLLED, READINGS_DISAGREE, Known
from franking.provider.telephone.records import Call, Setting, TelephoneMeter
from franking.psd.vault.port import KeyVault
from franking.rules import RuleSet, at
from franking.storage import Act, Books, Reading, Work

_CLAUSES = ("39 CFR 501.28(a) (1995)", "39 CFR 501.28(e)(3) (1995)", "DMM P030.3.12 (1995)")
_READINGS = "readings"
"""The cause under which a meter whose readings disagree again and again gets no setting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a caller is told."""

    setting: Setting
    code: str
    """Digits without spaces, see ``codes.grouped``."""
    balance_mills: int
    """What remains in the account."""
    again: bool = False
    """The code was told before, and nothing was charged now."""


def enrol_meter(
    books: Books, vault: KeyVault, serial: str, *, secret: bytes, now: datetime
) -> TelephoneMeter:
    """Share a secret with a meter, which is loaded into it at the works; once for its life.

    Raises:
        Refused: ``DEVICE_NOT_IN_INVENTORY``, ``NOT_SET_BY_TELEPHONE``, ``METER_ENROLLED``.
    """
    about = record_id("device", serial)
    with books.work(now, "enrol_telephone_meter", on=(about,)) as work:
        device = notes.require(work, serial)
        if rows.find_meter(work, serial) is not None:
            raise METER_ENROLLED.because(f"{serial} shares a secret with the provider already")
        meter = TelephoneMeter(
            serial=serial,
            sealed=vault.seal_secret(secret, serial),
            total_mills=device.ascending_mills + device.descending_mills,
        )
        decisions.require_set_by_telephone(device, meter)
        rows.add_meter(work, meter)
        work.record(Act(record=about, clauses=("DMM P030.3.9 (1995)",)))
    return meter


def tell_setting(books: Books, vault: KeyVault, signer: Signer, call: Call, now: datetime) -> Told:
    """Answer a call with a setting code, charged to the account in the same unit of work.

    Raises:
        Refused: in this order ``DEVICE_NOT_IN_INVENTORY``, ``NOT_SET_BY_TELEPHONE``,
            ``ACCOUNT_OF_ANOTHER``, ``READINGS_DISAGREE``, ``VALUE_GIVEN_UP``,
            ``SETTING_OUTSTANDING``,
            ``RESET_DENIED``, ``DEVICE_MOVE_UNSUITABLE``, ``FUNDS_ACCOUNT_LOCKED`` and its like,
            ``SETTING_AMOUNT_WRONG``, ``INSUFFICIENT_FUNDS``, ``ADVANCE_REFUSED``,
            ``SETTING_EXCEEDS_CAPACITY``.
    """
    with _answering(books, call.serial, "tell_setting", now) as work:
        before = _known(work, call.serial)
        decisions.require_account(before, call.account)
        known = _read(work, before, call, Occasion.RESET, now)
        again = known.outstanding is not None
        if known.outstanding is not None:
            setting = decisions.require_same(known.outstanding, call)
        else:
            setting = _charged(work, known, call, now)
            standing.heard_from(work, signer, call.serial, how="reset", now=now)
        work.record(_act(setting))
        code = _code(vault, known.meter, setting)
        balance = LEDGER.balance(work, chart.deposits(setting.account))
    return Told(setting=setting, code=code, balance_mills=balance.balance_mills, again=again)


def confirm_setting(books: Books, call: Call, now: datetime) -> Setting:
    """Take readings that show that the code was keyed in; the amount of the call is not asked.

    Raises:
        Refused: as ``tell_setting`` up to the readings, ``NO_SETTING_OUTSTANDING``,
            ``SETTING_NOT_TAKEN``.
    """
    with _answering(books, call.serial, "confirm_setting", now) as work:
        before = _known(work, call.serial)
        decisions.require_account(before, call.account)
        waiting = decisions.require_outstanding(before.outstanding)
        known = _read(work, before, call, Occasion.RESET, now)
        if known.outstanding is not None:
            raise decisions.SETTING_NOT_TAKEN.because(
                f"the meter does not hold the {format_dollars(waiting.amount_mills)} yet"
            )
        work.record(_act(waiting))
    return waiting


def read_at_meter(
    books: Books,
    serial: str,
    *,
    ascending_mills: int,
    descending_mills: int,
    by: str,
    now: datetime,
) -> DeviceRecord:
    """Take what the provider's representative reads off the meter, who passes over an unused code.

    It settles a code that is outstanding either way, and ends the denial after disagreeing calls.

    Raises:
        Refused: ``DEVICE_NOT_IN_INVENTORY``, ``NOT_SET_BY_TELEPHONE``, ``READINGS_DISAGREE``,
            ``VALUE_GIVEN_UP``.
    """
    with books.work(now, "read_at_meter", on=_records(serial)) as work:
        before = _known(work, serial)
        after = decisions.read(
            before, ascending_mills=ascending_mills, descending_mills=descending_mills
        )
        known = settling.note_reading(
            work,
            before,
            after,
            ascending_mills=ascending_mills,
            descending_mills=descending_mills,
            occasion=Occasion.INSPECTION,
            by=by,
            now=now,
        )
        if known.outstanding is not None:
            settling.give_back(work, known.outstanding, now)
        notes.lift_denial(work, serial, cause=_READINGS, now=now, because=f"read by {by}")
        work.record(Act(record=record_id("device", serial), clauses=_CLAUSES, inputs={"by": by}))
    return known.device


def _charged(work: Work, known: Known, call: Call, now: datetime) -> Setting:
    """The next setting: locks first, then funds, then what the meter can hold."""
    require_grantable(work, call.serial)
    notes.require_settable(work, known.device)
    require_resettable(work, known.device.licence, now.date())
    decisions.require_positive(call)
    meter, setting = decisions.told(known, call, at=instant_text(now))
    charge_for_reset(
        work,
        serial=call.serial,
        licence=known.device.licence,
        amount_mills=setting.amount_mills,
        sequence=setting.sequence,
        now=now,
    )
    decisions.require_capacity(call, _rules(known.device, now))
    rows.change_meter(work, known.meter, meter)
    rows.add_setting(work, setting)
    return setting


def _read(work: Work, before: Known, call: Call, occasion: Occasion, now: datetime) -> Known:
    after = decisions.read(
        before, ascending_mills=call.ascending_mills, descending_mills=call.descending_mills
    )
    return settling.note_reading(
        work,
        before,
        after,
        ascending_mills=call.ascending_mills,
        descending_mills=call.descending_mills,
        occasion=occasion,
        by=call.caller,
        now=now,
    )


def _known(books: Reading, serial: str) -> Known:
    device = notes.require(books, serial)
    meter = decisions.require_set_by_telephone(device, rows.find_meter(books, serial))
    account = account_of(books, device.licence) if device.licence else None
    return Known(
        device=device,
        meter=meter,
        account=account.number if account else "",
        outstanding=rows.outstanding(books, serial),
    )


def _code(vault: KeyVault, meter: TelephoneMeter, setting: Setting) -> str:
    return setting_code(
        vault.open_secret(meter.sealed, meter.serial),
        serial=setting.serial,
        sequence=setting.sequence,
        amount_mills=setting.amount_mills,
        total_mills=setting.total_mills,
    )


def _records(serial: str) -> tuple[str, ...]:
    accounts = (chart.device(serial), chart.transit(serial))
    return (record_id("device", serial), *map(account_record, accounts))


@contextmanager
def _answering(books: Books, serial: str, command: str, now: datetime) -> Iterator[Work]:
    """A unit of work for a call; readings that disagree are counted once it is undone."""
    try:
        with books.work(now, command, on=_records(serial)) as work:
            yield work
    except Refused as refused:
        if refused.refusal is READINGS_DISAGREE:
            _count_miss(books, serial, now)
        raise


def _count_miss(books: Books, serial: str, now: datetime) -> None:
    about = record_id("device", serial)
    with books.work(now, "count_disagreeing_call", on=(about,)) as work:
        known = _known(work, serial)
        meter = replace(known.meter, misses=known.meter.misses + 1)
        rows.change_meter(work, known.meter, meter)
        most = _rules(known.device, now, "provider").whole("disagreeing_calls_max")
        if meter.misses >= most:
            because = f"the readings of {meter.misses} calls in a row disagree"
            clause = READINGS_DISAGREE.clause
            notes.deny_resets(
                work, serial, cause=_READINGS, clause=clause, because=because, now=now
            )
        work.record(Act(record=about, clauses=_CLAUSES, inputs={"misses": meter.misses}))


def _rules(device: DeviceRecord, now: datetime, subject: str = "device") -> RuleSet:
    return at(subject, device.rulebook, now.date())


def _act(setting: Setting) -> Act:
    return Act(
        record=record_id("device", setting.serial),
        clauses=_CLAUSES,
        inputs={
            "sequence": setting.sequence,
            "amount": format_dollars(setting.amount_mills),
            "caller": setting.caller,
        },
    )
