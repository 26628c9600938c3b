"""What devices sign, as postings: value in transit, in the device, used, given up. Pure.

A grant puts value in transit. It is in the device from the first report that shows it, be that the
receipt or an audit that overtook it; what the ascending register rose since the last report was
used (LEDGER-4, LEDGER-5). A sequence that closed unused keeps its value in transit until the next
clean audit: a device restored to before the grant could withhold its receipt and sign the same.
An examination settles what no message can.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from franking.ledger.records import Posting
from franking.provider.funds import chart, postings
from franking.provider.resetting.continuity import is_shown
from franking.provider.resetting.records import Device, Reset, ResetStatus


@dataclass(frozen=True, slots=True)
class Settled:
    """A device up to whose registers use is posted, and what is posted for that."""

    device: Device
    postings: tuple[Posting, ...] = ()


def reported(device: Device, transit: Reset | None) -> Settled:
    """A device as it was just heard: what was used since, and a grant in transit that it shows."""
    credit = [credited(transit)] if transit is not None and is_shown(device, transit) else []
    return _used(device, credit)


def confirmed(device: Device, reset: Reset) -> Settled:
    """A device whose receipt was just taken; an audit may have shown the credit before."""
    return _used(device, [credited(reset)])


def credited(reset: Reset) -> Posting:
    """The value of a grant is in its device; told again, it is the same posting."""
    return postings.receipt(
        serial=reset.device_id, sequence=reset.sequence, amount_mills=reset.amount_mills
    )


def returned(reset: Reset) -> Posting:
    """The value of a grant that no device took goes back to the account it was charged to."""
    return postings.returned_unused(
        serial=reset.device_id,
        sequence=reset.sequence,
        account=reset.account,
        amount_mills=reset.amount_mills,
    )


def unused(resets: Iterable[Reset]) -> tuple[tuple[Reset, ...], tuple[Posting, ...]]:
    """Sequences that closed unused, after a clean audit: as they stand then, and what goes back."""
    back = tuple(replace(reset, status=ResetStatus.RETURNED) for reset in resets)
    return back, tuple(map(returned, back))


def examined(before: Device, after: Device, transit: Reset | None) -> Settled:
    """A device as its examiner read it: it holds a grant in transit, or never took it.

    What it lost stays on its account, for whoever bears the loss: the daily close shows it.
    """
    if transit is None:
        return _used(after, [])
    held = after.registers.control_total_mills > before.control_total_mills
    if held or is_shown(before, transit):
        return _used(after, [credited(transit)])
    return _used(after, [returned(transit)])


def clearing_case(device_id: str, order: int) -> str:
    """The name under which what a device gave up at a clearing order waits for its refund."""
    return f"{device_id}-{order}"


def given_up(device_id: str, order: int, amount_mills: int) -> tuple[Posting, ...]:
    """What a device gave up when it was cleared, less what a refund has taken already."""
    if amount_mills <= 0:
        return ()
    case = clearing_case(device_id, order)
    return (
        postings.withdrawn(
            serial=device_id, key=case, to=chart.refunds(case), amount_mills=amount_mills
        ),
    )


def used_up_to(device: Device, ascending_mills: int) -> Settled:
    """What was used from where use was posted last up to an ascending value."""
    rise = ascending_mills - device.posted_mills
    if rise <= 0:
        return Settled(device)
    use = postings.use(serial=device.device_id, report=str(ascending_mills), amount_mills=rise)
    return Settled(replace(device, posted_mills=ascending_mills), (use,))


def _used(device: Device, first: Iterable[Posting]) -> Settled:
    used = used_up_to(device, device.registers.ascending_mills)
    return Settled(used.device, (*first, *used.postings))
