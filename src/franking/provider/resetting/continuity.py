"""Does a report continue what the device reported before? Restored, forked and cloned devices.

A device reports its journal's head, and its own entry at the position that the provider
last acknowledged. A copy restored from before that position cannot know the acknowledgement; a
copy that went another way has another hash there. Each of its messages is an entry of its own, so
that no two of them stand at one position. A report that is merely late is told apart by the
device's own time: it was issued before one that was heard already, and not in the same instant.

Pure. Refuses to judge by the order in which pieces are scanned: that is verification's matter.
"""

from __future__ import annotations

from dataclasses import replace

from franking.errors import Refusal
from franking.messages.kinds import JournalPosition, RegisterReading
from franking.money import format_dollars
from franking.provider.resetting.records import Device, Reset

_CLAUSE = "39 CFR 502.26(a) (1997)"
_EXAMINE = "The device gets nothing more: lock it, and have it examined."

REPORT_OVERTAKEN = Refusal(
    "REPORT_OVERTAKEN",
    clause=_CLAUSE,
    remedy="Send the device's latest report; a later one was taken already.",
)
DEVICE_FORKED = Refusal("DEVICE_FORKED", clause=_CLAUSE, remedy=_EXAMINE, http_status=403)
DEVICE_REWOUND = Refusal("DEVICE_REWOUND", clause=_CLAUSE, remedy=_EXAMINE, http_status=403)
REGISTERS_DISAGREE = Refusal(
    "REGISTERS_DISAGREE", clause="39 CFR 501.28(e)(3) (1995)", remedy=_EXAMINE, http_status=403
)
DEVICE_REPORTS_FAULTS = Refusal(
    "DEVICE_REPORTS_FAULTS",
    clause="39 CFR 502.21(j) (1997)",
    remedy="Retrieve the device and examine it.",
)

GROUNDS_FOR_SUSPICION = frozenset(
    {DEVICE_FORKED, DEVICE_REWOUND, REGISTERS_DISAGREE, DEVICE_REPORTS_FAULTS}
)
"""After one of these, the device is under suspicion until it is examined."""


def is_overtaken(device: Device, *, issued_at: str, journal: JournalPosition) -> bool:
    """Whether a report is merely late: a later one, by the device's own time, was heard."""
    return journal.sequence < device.heard.sequence and issued_at < device.heard_at


def is_undatable(device: Device, *, issued_at: str, journal: JournalPosition) -> bool:
    """Whether a report is late or of a rewound device, and its time does not tell which."""
    return journal.sequence < device.heard.sequence and issued_at == device.heard_at


def require_one_journal(
    *,
    journal: JournalPosition,
    acknowledged: JournalPosition,
    hash_acknowledged: str | None,
    hash_heard: str | None,
) -> None:
    """Whether a new report is of the journal that was heard and acknowledged.

    ``hash_acknowledged`` is what we acknowledged at the sequence the device names, ``hash_heard``
    what another message said of the sequence of its head; ``None`` where there is nothing.

    Raises:
        Refused: ``DEVICE_FORKED``.
    """
    if hash_acknowledged != acknowledged.entry_hash:
        raise DEVICE_FORKED.because(
            f"its entry {acknowledged.sequence} is not the one that was acknowledged"
        )
    if hash_heard is not None:
        before = "that" if hash_heard == journal.entry_hash else "another"
        raise DEVICE_FORKED.because(
            f"it sent another message from {before} entry {journal.sequence} before"
        )


def require_not_rewound(
    device: Device, *, issued_at: str, journal: JournalPosition, acknowledged: JournalPosition
) -> None:
    """Whether a report that is not merely late stands no further back than what was heard.

    Raises:
        Refused: ``DEVICE_REWOUND``.
    """
    if is_overtaken(device, issued_at=issued_at, journal=journal):
        return
    if (
        journal.sequence < device.heard.sequence
        or acknowledged.sequence < device.confirmed.sequence
    ):
        raise DEVICE_REWOUND.because(
            f"it stands at entry {journal.sequence} and knows acknowledgement"
            f" {acknowledged.sequence}; before, it stood at {device.heard.sequence} and knew"
            f" {device.confirmed.sequence}"
        )


def require_consistent(
    device: Device, registers: RegisterReading, *, in_transit_mills: int, transit_sequence: int
) -> None:
    """Whether the registers are what the device was given (39 CFR 501.28(e)(3)).

    ``in_transit_mills`` was granted for reset ``transit_sequence`` and not confirmed; 0 for none.
    Whether they continue the last report is for ``require_growth``.

    Raises:
        Refused: ``REGISTERS_DISAGREE``.
    """
    shown, expected = registers.control_total_mills, device.control_total_mills
    if registers.ascending_mills + registers.descending_mills != shown:
        raise REGISTERS_DISAGREE.because("ascending and descending do not add to the control total")
    if min(registers.ascending_mills, registers.descending_mills, registers.piece_count) < 0:
        raise REGISTERS_DISAGREE.because("a register is below zero")
    possible = {expected}
    if in_transit_mills and registers.reset_sequence >= transit_sequence:
        possible.add(expected + in_transit_mills)
    if shown not in possible:
        raise REGISTERS_DISAGREE.because(
            f"it shows a control total of {format_dollars(shown)},"
            f" and was given {format_dollars(expected)}"
        )


def is_shown(device: Device, reset: Reset) -> bool:
    """Whether the registers last heard show a credit whose receipt has not come."""
    shown = device.registers
    held = device.control_total_mills + reset.amount_mills
    return shown.control_total_mills == held and shown.reset_sequence >= reset.sequence


def require_growth(*, earlier: RegisterReading, later: RegisterReading) -> None:
    """Whether nothing fell that never falls.

    Raises:
        Refused: ``REGISTERS_DISAGREE``.
    """
    fallen = [
        name
        for name in ("ascending_mills", "piece_count", "reset_sequence")
        if getattr(later, name) < getattr(earlier, name)
    ]
    if fallen:
        raise REGISTERS_DISAGREE.because(f"{', '.join(fallen)} fell from one report to the next")


def heard(
    device: Device, *, issued_at: str, journal: JournalPosition, registers: RegisterReading
) -> Device:
    """The device after a report; one that is behind the furthest heard changes nothing."""
    if journal.sequence < device.heard.sequence:
        return device
    return replace(
        device,
        registers=registers,
        heard=journal,
        heard_at=max(issued_at, device.heard_at),
    )


def confirmed(device: Device, acknowledged: JournalPosition) -> Device:
    """The device after it has shown to know an acknowledgement."""
    if acknowledged.sequence <= device.confirmed.sequence:
        return device
    return replace(device, confirmed=acknowledged)
