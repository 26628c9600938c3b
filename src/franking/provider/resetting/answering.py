"""Commands that take what devices answer to orders, and examinations of those that cannot."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from franking.clock import instant_text
from franking.identifiers import record_id
from franking.messages.kinds import (
    ClearingStatement,
    Examination,
    OrderReceipt,
    RegisterReading,
    WithdrawalStatement,
)
from franking.messages.signing import Message, Signer, digest, sign, unverified
from franking.provider.devices import signed
from franking.provider.examinations.departing import departed
from franking.provider.licensing import rows as licensed
from franking.provider.resetting import lifecycle, money, rows, settlement
from franking.provider.resetting.hearing import (
    believed,
    hearing,
    remember,
    require_device,
    require_key,
)
from franking.provider.resetting.records import Device, DeviceStatus, KeyStatus, Order
from franking.storage import Act, Books, Reading, Work

_CLAUSES = ("39 CFR 502.21(e) (1997)",)
_EXAMINATION_CLAUSES = ("39 CFR 502.21(j) (1997)",)
_ROLLOVER = "RolloverAuthorization"
_RECEIPTED = frozenset({"Authorization", "LockOrder", "UnlockOrder", _ROLLOVER})


def accept_order_receipt(books: Books, receipt: str, now: datetime) -> Device:
    """Take an ``OrderReceipt``: the order outstanding was carried out.

    The receipt of a rollover is signed by the device's next key, which is its key from then on.

    Raises:
        Refused: ``ANSWER_TO_ANOTHER_ORDER``, ``REGISTERS_DISAGREE``, and what
            ``hearing.believed`` refuses.
    """
    with hearing(books, receipt, OrderReceipt, now) as work:
        if (again := _answered_before(work, receipt, OrderReceipt)) is not None:
            return again
        waiting = rows.outstanding_order(work, unverified(receipt, OrderReceipt).device)
        is_rollover = waiting is not None and waiting.kind == _ROLLOVER
        status = KeyStatus.REQUESTED if is_rollover else KeyStatus.PRESENT
        device, message = believed(work, receipt, OrderReceipt, key=status)
        order = lifecycle.require_answer(
            waiting, number=message.order, order_digest=message.order_digest, kinds=_RECEIPTED
        )
        transit = rows.reset_in_transit(work, device.device_id)
        after = lifecycle.receipted(device, order, message, transit)
        after = money.reported(work, after, transit, now)
        if is_rollover:
            _change_keys(work, device, message)
        if order.kind == "Authorization":
            _note_in_service(work, device, message, now)
        _settle(work, receipt, OrderReceipt, order, device, after)
    return after


def accept_withdrawal(books: Books, signer: Signer, statement: str, now: datetime) -> Device:
    """Take a ``WithdrawalStatement``: locked for good, with the registers as they stand.

    Its lease ends, and the Postal Service is told where it ordered a removal.

    Raises:
        Refused: as ``accept_order_receipt``.
    """
    with hearing(books, statement, WithdrawalStatement, now) as work:
        if (again := _answered_before(work, statement, WithdrawalStatement)) is not None:
            return again
        device, message = believed(work, statement, WithdrawalStatement)
        order = lifecycle.require_answer(
            rows.outstanding_order(work, device.device_id),
            number=message.order,
            order_digest=message.order_digest,
            kinds=frozenset({"WithdrawalOrder"}),
        )
        transit = rows.reset_in_transit(work, device.device_id)
        after = lifecycle.withdrawn(device, message, transit)
        after = money.reported(work, after, transit, now)
        rows.drop_requested_keys(work, device.device_id)
        signed.checked_out(work, device.device_id, message.registers, now)
        departed(work, signer, device.device_id, by=device.device_id, now=now)
        _settle(work, statement, WithdrawalStatement, order, device, after)
    return after


def accept_clearing(books: Books, statement: str, now: datetime) -> Device:
    """Take a ``ClearingStatement``: value given up; the key ended at its ascending value.

    Raises:
        Refused: as ``accept_order_receipt``.
    """
    with hearing(books, statement, ClearingStatement, now) as work:
        if (again := _answered_before(work, statement, ClearingStatement)) is not None:
            return again
        device, message = believed(work, statement, ClearingStatement)
        order = lifecycle.require_answer(
            rows.outstanding_order(work, device.device_id),
            number=message.order,
            order_digest=message.order_digest,
            kinds=frozenset({"ClearingOrder"}),
        )
        after = money.reported(work, lifecycle.cleared(device, message), None, now)
        money.give_up(work, device.device_id, order.number, now)
        money.give_back(work, rows.closed_resets(work, device.device_id), now)
        _end_key(work, device, message.registers, KeyStatus.PRESENT)
        signed.cleared(work, device.device_id, message.registers, now)
        _settle(work, statement, ClearingStatement, order, device, after)
    return after


def examine_device(
    books: Books,
    signer: Signer,
    *,
    device_id: str,
    examiner: str,
    finding: str,
    registers: RegisterReading,
    now: datetime,
) -> str:
    """State what a device holds that cannot speak for itself, or that is under suspicion.

    Its service ends, its key ends at the ascending value examined, and a grant in transit is
    settled. The signed ``Examination`` is what any refund is based on.

    Raises:
        Refused: ``DEVICE_UNKNOWN``, ``STATUS_UNSUITABLE``, ``EXAMINATION_INCOMPLETE``,
            ``EXAMINATION_IMPLAUSIBLE``.
    """
    message = Examination(
        device=device_id,
        issued_at=instant_text(now),
        examiner=examiner,
        finding=finding,
        registers=registers,
    )
    with books.work(now, "examine_device", on=money.records_of(device_id)) as work:
        device = require_device(work, device_id)
        transit = rows.reset_in_transit(work, device_id)
        after, settled = lifecycle.examined(device, message, transit)
        after = money.settle(work, settlement.examined(device, after, transit), now)
        rows.change_device(work, device, after)
        money.give_back(work, rows.closed_resets(work, device_id), now)
        if settled is not None:
            rows.settle_reset(work, settled)
        # Amid a rollover nobody knows with which of two certified keys it signed last.
        _end_key(work, device, registers, KeyStatus.PRESENT, KeyStatus.REQUESTED)
        rows.drop_requested_keys(work, device_id)
        signed.examined(work, device_id, registers, examiner=examiner, finding=finding, now=now)
        departed(work, signer, device_id, by=examiner, now=now)
        text = sign(message, signer)
        rows.add_examination(work, device_id, text)
        work.record(_examination_act(device, message))
    return text


def is_examined(books: Books, device_id: str) -> bool:
    """Whether a device was examined, which ends its service for good."""
    with books.reading() as reading:
        return _is_examined(reading, device_id)


def scrap_examined(books: Books, *, device_id: str, reason: str, now: datetime) -> Device:
    """Scrap a device that was examined: it can neither take an order nor answer one.

    Again, it changes nothing.

    Raises:
        Refused: ``DEVICE_UNKNOWN``, ``STATUS_UNSUITABLE``.
    """
    with books.work(now, "scrap_examined", on=(record_id("device", device_id),)) as work:
        device = require_device(work, device_id)
        if device.status is DeviceStatus.SCRAPPED and _is_examined(work, device_id):
            return device
        after = lifecycle.scrapped_unheard(device)
        rows.change_device(work, device, after)
        signed.scrapped(work, device_id, reason=reason, now=now)
        work.record(
            Act(
                command="scrap_examined",
                record=record_id("device", device_id),
                clauses=_CLAUSES,
                inputs={"reason": reason},
            )
        )
    return after


def _is_examined(books: Reading, device_id: str) -> bool:
    return rows.find_examination(books, device_id) is not None


def _answered_before(books: Reading, text: str, kind: type[Message]) -> Device | None:
    if rows.reply_to(books, digest(text)) is None:
        return None
    return require_device(books, unverified(text, kind).device)


def _settle(
    work: Work, text: str, kind: type[Message], order: Order, before: Device, after: Device
) -> None:
    rows.change_device(work, before, after)
    rows.answer_order(work, order, text)
    remember(work, text, kind, before)
    work.record(
        Act(
            command=f"accept_{kind.__name__}",
            record=record_id("device", before.device_id),
            clauses=_CLAUSES,
            inputs={"order": order.number, "message": digest(text), **money.shown(after)},
        )
    )


def _note_in_service(work: Work, device: Device, receipt: OrderReceipt, now: datetime) -> None:
    licence = licensed.find_licence(work, device.licence)
    office = licence.zip_code if licence else ""
    signed.in_service(work, device.device_id, receipt.registers, office=office, now=now)


def _examination_act(device: Device, message: Examination) -> Act:
    return Act(
        command="examine_device",
        record=record_id("device", device.device_id),
        clauses=_EXAMINATION_CLAUSES,
        inputs={
            "examiner": message.examiner,
            "suspicion": device.suspicion,
            "given": device.control_total_mills,
            "found": message.registers.control_total_mills,
        },
    )


def _change_keys(work: Work, device: Device, receipt: OrderReceipt) -> None:
    former, present = lifecycle.rolled_over(
        require_key(work, device.device_id, KeyStatus.PRESENT),
        require_key(work, device.device_id, KeyStatus.REQUESTED),
        receipt,
    )
    rows.change_key(work, former)
    rows.change_key(work, present)


def _end_key(
    work: Work,
    device: Device,
    registers: RegisterReading,
    *statuses: KeyStatus,
) -> None:
    """The key of each status ended here; above this ascending value nothing of it is authentic."""
    for status in statuses:
        key = rows.find_key(work, device.device_id, status)
        if key is not None and key.certificate_serial is not None:
            ended = replace(
                key, status=KeyStatus.FORMER, final_ascending_mills=registers.ascending_mills
            )
            rows.change_key(work, ended)
