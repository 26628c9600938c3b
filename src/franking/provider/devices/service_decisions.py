"""Whether a device may be checked in, set, checked out, opened. Pure: facts and rules in.

Who checks in, sets and examines is rule data: the post office in 1995, the provider in 1997.
"""

from __future__ import annotations

from collections.abc import Sequence

from franking.errors import Refusal
from franking.money import format_dollars
from franking.provider.devices.records import DeviceRecord, DeviceState, Kind
from franking.provider.devices.service_records import (
    Charge,
    Check,
    Facility,
    FormAction,
    Installation,
    OnSitePlace,
    Setting,
)
from franking.rules import RuleSet

_CHECK_IN = "39 CFR 501.22(e) (1995)"
_ON_SITE = "DMM P030.3.5 (1995)"
_OPENED = frozenset({DeviceState.CHECKED_OUT, DeviceState.EXAMINED})

DEVICE_NOT_INSPECTED = Refusal(
    "DEVICE_NOT_INSPECTED",
    clause="39 CFR 501.19 (1995)",
    remedy="Inspect the new or rebuilt device first: franking inventory inspect SERIAL.",
)
CHECKED_BY_ANOTHER = Refusal(
    "CHECKED_BY_ANOTHER",
    clause=_CHECK_IN,
    remedy="Present the device to the one that its rulebook names.",
    http_status=403,
)
DEVICE_UNLEASED = Refusal(
    "DEVICE_UNLEASED",
    clause="39 CFR 501.22(c) (1995)",
    remedy="Lease the device to a licensee first: franking lease.",
)
INSTALLATION_FORM_INCOMPLETE = Refusal(
    "INSTALLATION_FORM_INCOMPLETE",
    clause="39 CFR 501.22(e)(2) (1995)",
    remedy="Complete PS Form 3601-C for this device, and present it with the device.",
    http_status=422,
)
REGISTER_RECORD_MISSING = Refusal(
    "REGISTER_RECORD_MISSING",
    clause="39 CFR 501.22(g) (1995)",
    remedy="Bring a copy of the register record (PS Form 3602-A), or its equal, with the device.",
    http_status=422,
)
PRESENTED_ELSEWHERE = Refusal(
    "PRESENTED_ELSEWHERE",
    clause="39 CFR 501.22(e)(1) (1995)",
    remedy="Present it at its licensing post office, or at a place on the on-site programme.",
    http_status=403,
)
NOT_ON_SITE_PROGRAMME = Refusal(
    "NOT_ON_SITE_PROGRAMME",
    clause=_ON_SITE,
    remedy="Enrol the place and the meter on the on-site programme, or go to the post office.",
    http_status=403,
)
PAYMENT_UNSUITABLE = Refusal(
    "PAYMENT_UNSUITABLE",
    clause="DMM P030.3.6 (1995)",
    remedy="Pay the whole amount, in a way that the rule names, at the time of the service.",
    http_status=422,
)
SET_REMOTELY = Refusal(
    "SET_REMOTELY",
    clause="DMM P030.3.9 (1995)",
    remedy="Reset the device remotely; no post office sets it.",
)
DEVICE_NOT_CHECKED_OUT = Refusal(
    "DEVICE_NOT_CHECKED_OUT",
    clause="39 CFR 501.27 (1995)",
    remedy="Have the device checked out of service before it is opened.",
)
REPAIR_SHOP_UNKNOWN = Refusal(
    "REPAIR_SHOP_UNKNOWN",
    clause="39 CFR 501.27 (1995)",
    remedy="Repair in a factory or repair department under your direct control, and register it.",
    http_status=403,
)


def require_inspected(record: DeviceRecord) -> None:
    """Whether a new or rebuilt device was inspected before it leaves (501.19; 502.19).

    Raises:
        Refused: ``DEVICE_NOT_INSPECTED``.
    """
    uninspected = {DeviceState.PRODUCED, DeviceState.KEY_INITIALIZED, DeviceState.REBUILT}
    if record.state in uninspected:
        raise DEVICE_NOT_INSPECTED.because(f"{record.serial} is {record.state}")


def require_check_in(
    record: DeviceRecord, check: Check, place: OnSitePlace | None, rules: RuleSet
) -> None:
    """Whether a device may be checked into service as presented.

    Raises:
        Refused: ``DEVICE_NOT_INSPECTED``, ``DEVICE_UNLEASED``, ``CHECKED_BY_ANOTHER``,
            ``INSTALLATION_FORM_INCOMPLETE``, and what ``require_place`` refuses.
    """
    require_inspected(record)
    if not record.licence:
        raise DEVICE_UNLEASED.because(f"{record.serial} is leased to nobody")
    require_party(record, check, rules)
    wanted = frozenset({FormAction.INSTALLATION, FormAction.REPLACEMENT})
    require_form(record, check.form, wanted)
    if record.kind is Kind.METER:
        require_place(record, check.facility, check.office, place)


def require_check_out(
    record: DeviceRecord, check: Check, place: OnSitePlace | None, rules: RuleSet
) -> None:
    """Whether a device may be checked out of service as presented.

    Raises:
        Refused: ``CHECKED_BY_ANOTHER``, ``INSTALLATION_FORM_INCOMPLETE``,
            ``REGISTER_RECORD_MISSING``, and what ``require_place`` refuses.
    """
    require_party(record, check, rules)
    wanted = frozenset({FormAction.WITHDRAWAL, FormAction.REPLACEMENT})
    require_form(record, check.form, wanted)
    if "register record" in rules.choices("check_out_papers") and not check.register_record:
        raise REGISTER_RECORD_MISSING.because(f"{record.serial} came without it")
    if record.kind is Kind.METER:
        require_place(record, check.facility, check.office, place)


def require_party(record: DeviceRecord, check: Check, rules: RuleSet) -> None:
    """Whether the one who checks is the one that the rules name.

    Raises:
        Refused: ``CHECKED_BY_ANOTHER``.
    """
    named = rules["checked_by"]
    if check.party not in rules.choices("checked_by") or not check.by.strip():
        raise CHECKED_BY_ANOTHER.because(
            f"{record.serial} is checked by its {' or '.join(rules.choices('checked_by'))}"
            f" under {rules.rulebook} ({named.clause}), not by {check.party} {check.by!r}"
        )


def require_form(record: DeviceRecord, form: Installation, wanted: frozenset[FormAction]) -> None:
    """Whether PS Form 3601-C is complete, and of this device.

    Raises:
        Refused: ``INSTALLATION_FORM_INCOMPLETE``.
    """
    if form.action not in wanted:
        raise INSTALLATION_FORM_INCOMPLETE.because(f"the form is for {form.action}")
    ours = {"serial": record.serial, "model": record.model, "licence": record.licence}
    for name, value in ours.items():
        if getattr(form, name) != value:
            raise INSTALLATION_FORM_INCOMPLETE.because(
                f"its {name} is {getattr(form, name)!r}, the device's {value!r}"
            )
    for name in ("licensee", "office", "place", "signed_by"):
        if not getattr(form, name).strip():
            raise INSTALLATION_FORM_INCOMPLETE.because(f"it lacks the {name.replace('_', ' ')}")


def require_place(
    record: DeviceRecord, facility: Facility, office: str, place: OnSitePlace | None
) -> None:
    """Whether a meter is presented where it may be: at its office, or on the programme.

    Raises:
        Refused: ``PRESENTED_ELSEWHERE``, ``NOT_ON_SITE_PROGRAMME``.
    """
    match facility:
        case Facility.CONTRACT_UNIT:
            raise PRESENTED_ELSEWHERE.because("a contract station or branch sets no meters")
        case Facility.POST_OFFICE:
            if office != record.office:
                raise PRESENTED_ELSEWHERE.because(
                    f"{record.serial} is licensed at {record.office}, not at {office}"
                )
        case Facility.BRANCH:
            if place is None or place.facility is not Facility.BRANCH:
                raise NOT_ON_SITE_PROGRAMME.because("the branch is not on the programme")
        case Facility.LICENSEE:
            _require_participation(record, place)


def on_site_fee(place: OnSitePlace | None, rules: RuleSet) -> int:
    """What a service at a place on the programme costs, in mills; nothing at a post office."""
    return 0 if place is None or place.staffed else rules.whole("on_site_fee_mills")


def require_payment(
    *, due_mills: int, paid_mills: int, payment: str, on_site: bool, rules: RuleSet
) -> None:
    """Whether what is due is paid at the time, in a way that the rule names.

    Raises:
        Refused: ``PAYMENT_UNSUITABLE``.
    """
    if paid_mills != due_mills or paid_mills < 0:
        raise PAYMENT_UNSUITABLE.because(
            f"{format_dollars(due_mills)} are due, {format_dollars(paid_mills)} were paid"
        )
    ways = rules.choices("on_site_payments" if on_site else "setting_payments")
    if due_mills and payment not in ways:
        raise PAYMENT_UNSUITABLE.because(f"by {payment or 'nothing'}, not by {', '.join(ways)}")


def require_setting(record: DeviceRecord, setting: Setting, place: OnSitePlace | None) -> None:
    """Whether postal staff may set this meter here.

    Raises:
        Refused: ``SET_REMOTELY``, ``PAYMENT_UNSUITABLE``, ``PRESENTED_ELSEWHERE``,
            ``NOT_ON_SITE_PROGRAMME``.
    """
    if record.remote:
        raise SET_REMOTELY.because(f"{record.serial} is reset remotely")
    if setting.postage_mills < 0:
        raise PAYMENT_UNSUITABLE.because("a setting adds postage: it takes none out")
    require_place(record, setting.facility, setting.office, place)


def setting_due(setting: Setting, open_charges: Sequence[Charge], fee_mills: int) -> int:
    """What must be paid at a setting: postage, what is still due, the on-site fee; in mills."""
    return setting.postage_mills + fee_mills + sum(each.amount_mills for each in open_charges)


def require_openable(record: DeviceRecord, shop: str, shops: frozenset[str]) -> None:
    """Whether a device may be opened, in this shop (39 CFR 501.27).

    Raises:
        Refused: ``DEVICE_NOT_CHECKED_OUT``, ``REPAIR_SHOP_UNKNOWN``.
    """
    if record.state not in _OPENED:
        raise DEVICE_NOT_CHECKED_OUT.because(f"{record.serial} is {record.state}")
    if shop not in shops:
        raise REPAIR_SHOP_UNKNOWN.because(f"{shop!r} is not a registered repair department")


def _require_participation(record: DeviceRecord, place: OnSitePlace | None) -> None:
    if place is None or place.facility is not Facility.LICENSEE:
        raise NOT_ON_SITE_PROGRAMME.because("the place is not on the programme")
    if record.serial not in place.meters:
        raise NOT_ON_SITE_PROGRAMME.because(f"{record.serial} does not participate there")
    if record.office != place.office:
        raise PRESENTED_ELSEWHERE.because(
            f"{place.name} lies in the area of {place.office}; the meter's is {record.office}"
        )
