"""Commands of a device's service: checked in, set, issued, installed, checked out."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from franking.clock import instant_text
from franking.errors import Refusal
from franking.identifiers import record_id
from franking.provider.devices import notes, rows, service_duties, service_money, service_rows
from franking.provider.devices import service_decisions as decisions
from franking.provider.devices.articles import apply_seal
from franking.provider.devices.leaving import left_service
from franking.provider.devices.records import (
    DeviceRecord,
    DeviceState,
    Kind,
    Occasion,
    RegisterReading,
    Source,
)
from franking.provider.devices.service_records import (
    ChargeKind,
    Check,
    Facility,
    OnSitePlace,
    Setting,
)
from franking.provider.models.commands import require_media_at
from franking.provider.schema import DOCKET, RETENTION
from franking.rules import RuleSet, at
from franking.storage import Act, Books, Reading, Work

_CHECK_IN = {Kind.METER: "39 CFR 501.22(e) (1995)", Kind.PSD: "DMM P050.3.1 (1997)"}
_CHECK_OUT = {Kind.METER: "39 CFR 501.22(g) (1995)", Kind.PSD: "39 CFR 502.21(e) (1997)"}
_RESIDUE = "39 CFR 501.22(e)(3) (1995)"
_FORM = "installation form"
_SETTING = "DMM P030.3.3 (1995)"
_ON_SITE = "DMM P030.3.5 (1995)"
_DELIVERY = {Kind.METER: "39 CFR 501.22(e)(1) (1995)", Kind.PSD: "DMM P050.3.1 (1997)"}

PLACE_ENROLLED = Refusal(
    "PLACE_ENROLLED",
    clause=_ON_SITE,
    remedy="Use the place as it is on the programme, or give the new one another name.",
)


def register_on_site_place(books: Books, place: OnSitePlace, *, now: datetime) -> None:
    """Put a licensee's place, or a branch of the maker, on the on-site programme.

    Raises:
        Refused: ``PLACE_ENROLLED``, ``NOT_ON_SITE_PROGRAMME``.
    """
    if place.facility not in (Facility.LICENSEE, Facility.BRANCH):
        raise decisions.NOT_ON_SITE_PROGRAMME.because(f"{place.facility} is no such place")
    record = record_id("on-site place", place.name)
    with books.work(now, "register_on_site_place", on=(record,)) as work:
        if service_rows.find_place(work, place.name) is not None:
            raise PLACE_ENROLLED.because(f"{place.name!r} is on the programme")
        service_rows.add_place(work, place)
        work.record(Act(record=record, clauses=(_ON_SITE,), inputs={"office": place.office}))


def check_in(books: Books, check: Check, *, now: datetime) -> DeviceRecord:
    """Check a device into service: by the post office in 1995, by the provider in 1997.

    A descending register that is not zero is charged as the residue that the locked-out meter
    could not print; the first payment must include it.

    Raises:
        Refused: what ``service_decisions.require_check_in`` refuses, ``PAYMENT_UNSUITABLE``,
            ``ARTICLE_UNKNOWN`` (of a seal), ``READING_FALLS``, ``DEVICE_MOVE_UNSUITABLE``.
    """
    serial = check.form.serial
    seal = (record_id("seal", check.seal),) if check.seal else ()
    with books.work(now, "check_in", on=(record_id("device", serial), *seal)) as work:
        record = notes.require(work, serial)
        rules, place = _rules(record, now), service_rows.find_place(work, check.site)
        decisions.require_check_in(record, check, place, rules)
        _take_fee(work, record, place, check, rules, now)
        if check.form.descending_mills > 0:
            residue, kind = check.form.descending_mills, ChargeKind.RESIDUE
            service_money.charge(work, serial, kind, residue, clause=_RESIDUE, now=now)
        service_rows.add_form(work, check.form)
        if check.seal:
            apply_seal(work, check.seal, serial=serial, by=check.by, now=now)
        return _checked(work, record, check, DeviceState.CHECKED_IN, now)


def checked_out(work: Work, check: Check, *, now: datetime) -> None:
    """Check a device out within a unit of work, with its 3601-C and copy of its register record.

    What had the device retrieved is satisfied; what its service owed is void. The lease, and
    whatever else its leaving ends, is the concern of ``franking.provider.examinations.departing``.

    Raises:
        Refused: what ``service_decisions.require_check_out`` refuses, ``PAYMENT_UNSUITABLE``,
            ``READING_FALLS``, ``DEVICE_MOVE_UNSUITABLE``.
    """
    record = notes.require(work, check.form.serial)
    rules, place = _rules(record, now), service_rows.find_place(work, check.site)
    decisions.require_check_out(record, check, place, rules)
    _take_fee(work, record, place, check, rules, now)
    service_rows.add_form(work, check.form, register_record=check.register_record)
    service_money.read(work, record, check.form.descending_mills, now)
    _checked(work, record, check, DeviceState.CHECKED_OUT, now)
    _retain_forms(work, record, now)
    left_service(work, record.serial, now, because="checked out of service")


def set_postage(books: Books, setting: Setting, *, now: datetime) -> DeviceRecord:
    """Postal staff set postage into an ordinary meter, and take the payment for it.

    Raises:
        Refused: ``DEVICE_NOT_IN_INVENTORY``, ``DEVICE_MOVE_UNSUITABLE``, ``SET_REMOTELY``,
            ``PRESENTED_ELSEWHERE``, ``NOT_ON_SITE_PROGRAMME``, ``PAYMENT_UNSUITABLE``,
            ``RESET_DENIED``, ``READING_FALLS``.
    """
    serial = setting.serial
    with books.work(now, "set_postage", on=(record_id("device", serial),)) as work:
        record = notes.require(work, serial)
        rules, place = _rules(record, now), service_rows.find_place(work, setting.site)
        notes.require_settable(work, record)
        decisions.require_setting(record, setting, place)
        fee = decisions.on_site_fee(place, rules)
        open_charges = service_rows.charges(work, serial, unpaid=True)
        decisions.require_payment(
            due_mills=decisions.setting_due(setting, open_charges, fee),
            paid_mills=setting.paid_mills,
            payment=setting.payment,
            on_site=place is not None,
            rules=rules,
        )
        _note_fee(work, serial, fee, now)
        service_money.read(work, record, setting.descending_mills, now)
        service_money.set_in(work, serial, setting.postage_mills, now)
        _pay_all(work, serial, setting.payment, now)
        work.record(_setting_act(setting))
        _renew_quarter(work, record, now)
        return notes.record_reading(work, _after_setting(setting, now))


def _renew_quarter(work: Work, record: DeviceRecord, now: datetime) -> None:
    """A setting is what keeps a meter from being presented each quarter (DMM P030.2.6d, 1995)."""
    if record.state is not DeviceState.IN_SERVICE:
        return
    about, duty = record_id("device", record.serial), service_duties.QUARTERLY
    DOCKET.satisfy(work, duty, record=about, now=now, because="set by postal staff")
    DOCKET.open_many(work, [service_duties.quarterly_reset(record, now.date())], now)


def pay_charges(books: Books, serial: str, *, paid_mills: int, payment: str, now: datetime) -> None:
    """Take the payment of everything due about a device, where no setting does.

    Raises:
        Refused: ``DEVICE_NOT_IN_INVENTORY``, ``PAYMENT_UNSUITABLE``.
    """
    with books.work(now, "pay_charge", on=(record_id("device", serial),)) as work:
        record = notes.require(work, serial)
        due = sum(each.amount_mills for each in service_rows.charges(work, serial, unpaid=True))
        decisions.require_payment(
            due_mills=due,
            paid_mills=paid_mills,
            payment=payment,
            on_site=False,
            rules=_rules(record, now),
        )
        _pay_all(work, serial, payment, now)
        work.record(
            Act(
                record=record_id("device", serial),
                clauses=(_RESIDUE,),
                inputs={"paid_mills": paid_mills, "payment": payment},
            )
        )


def issue(books: Books, serial: str, *, by: str, now: datetime) -> DeviceRecord:
    """Hand a checked-in device over for its licensee: never before it is checked in.

    Raises:
        Refused: ``DEVICE_NOT_IN_INVENTORY``, ``DEVICE_MOVE_UNSUITABLE``.
    """
    with books.work(now, "issue_device", on=(record_id("device", serial),)) as work:
        record = notes.require(work, serial)
        return notes.move(
            work,
            record,
            to=DeviceState.ISSUED,
            now=now,
            because=f"issued to {record.licensee}",
            by=by,
            clause=_DELIVERY[record.kind],
        )


def install(books: Books, serial: str, *, place: str, by: str, now: datetime) -> DeviceRecord:
    """Install a device at its licensee's place: it is in service, and owes what that owes.

    Raises:
        Refused: ``DEVICE_NOT_IN_INVENTORY``, ``MEDIA_NOT_AT_OFFICE``, ``DEVICE_MOVE_UNSUITABLE``.
    """
    with books.work(now, "install_device", on=(record_id("device", serial),)) as work:
        before = notes.require(work, serial)
        require_media_at(work, before.model, before.version, before.office)
        record = replace(before, installed_on=now.date())
        rows.change(work, before, record)
        after = notes.move(
            work,
            record,
            to=DeviceState.IN_SERVICE,
            now=now,
            because=f"installed at {place}",
            place=place,
            by=by,
            clause=_CHECK_IN[record.kind],
        )
        DOCKET.open_many(work, service_duties.service_duties(after, now.date()), now)
    return after


def _retain_forms(work: Work, record: DeviceRecord, now: datetime) -> None:
    """The forms of a withdrawn device are kept for their term from today (502.21(e))."""
    for number in service_rows.form_numbers(work, record.serial):
        RETENTION.retain(
            work,
            _FORM,
            record=record_id(_FORM, number),
            rulebook=record.rulebook,
            ended_on=now.date(),
            now=now,
        )


def _checked(
    work: Work, record: DeviceRecord, check: Check, to: DeviceState, now: datetime
) -> DeviceRecord:
    occasion = Occasion.CHECK_IN if to is DeviceState.CHECKED_IN else Occasion.CHECK_OUT
    clauses = _CHECK_IN if to is DeviceState.CHECKED_IN else _CHECK_OUT
    reading = RegisterReading(
        serial=record.serial,
        at=instant_text(now),
        ascending_mills=check.form.ascending_mills,
        descending_mills=check.form.descending_mills,
        source=Source.REPORTED,
        occasion=occasion,
        by=check.by,
    )
    return notes.move(
        work,
        record,
        to=to,
        now=now,
        because=f"{occasion} by the {check.party}, {check.site or check.office}",
        by=check.by,
        clause=clauses[record.kind],
        reading=reading,
    )


def _take_fee(
    work: Work,
    record: DeviceRecord,
    place: OnSitePlace | None,
    check: Check,
    rules: RuleSet,
    now: datetime,
) -> None:
    """The fee of a service on site is paid at the time (DMM P030.3.5, 1995)."""
    if place is None:
        return
    fee = decisions.on_site_fee(place, rules)
    decisions.require_payment(
        due_mills=fee,
        paid_mills=check.paid_mills,
        payment=check.payment,
        on_site=True,
        rules=rules,
    )
    _note_fee(work, record.serial, fee, now)
    if fee:
        kinds = (ChargeKind.ON_SITE_FEE,)
        service_money.pay(work, record.serial, kinds, payment=check.payment, now=now)


def _pay_all(work: Work, serial: str, payment: str, now: datetime) -> None:
    service_money.pay(work, serial, tuple(ChargeKind), payment=payment, now=now)


def _note_fee(work: Work, serial: str, fee_mills: int, now: datetime) -> None:
    if fee_mills:
        kind = ChargeKind.ON_SITE_FEE
        service_money.charge(work, serial, kind, fee_mills, clause=_ON_SITE, now=now)


def _after_setting(setting: Setting, now: datetime) -> RegisterReading:
    return RegisterReading(
        serial=setting.serial,
        at=instant_text(now),
        ascending_mills=setting.ascending_mills,
        descending_mills=setting.descending_mills + setting.postage_mills,
        source=Source.REPORTED,
        occasion=Occasion.SETTING,
        by=setting.by,
    )


def _setting_act(setting: Setting) -> Act:
    return Act(
        record=record_id("device", setting.serial),
        clauses=(_SETTING,),
        inputs={
            "postage_mills": setting.postage_mills,
            "paid_mills": setting.paid_mills,
            "payment": setting.payment,
            "by": setting.by,
        },
    )


def _rules(record: DeviceRecord, now: datetime) -> RuleSet:
    return at("provider", record.rulebook, now.date())


def charges_of(books: Reading, serial: str) -> list[dict[str, object]]:
    """What was and is due about a device, as JSON values."""
    return [
        {
            "kind": str(each.kind),
            "amount_mills": each.amount_mills,
            "clause": each.clause,
            "due_since": each.due_since,
            "paid_at": each.paid_at,
        }
        for each in service_rows.charges(books, serial)
    ]
