"""Which papers a recommendation needs, and what is recommended. Pure.

Which papers, the technology decides (39 CFR 501.22(h)(1), (2)); how much, the redundant memories,
or, where they do not say it, the mailing history (DMM P030.3.8).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from franking.errors import Refusal
from franking.provider.adjustments.records import DocumentKind, Malfunction, Readout, UsageEstimate
from franking.provider.devices.records import DeviceRecord, DeviceState, Mechanism

REPORT_INCOMPLETE = Refusal(
    "MALFUNCTION_REPORT_INCOMPLETE",
    clause="39 CFR 501.22(h) (1995)",
    remedy="Add the papers named: --document 'KIND=WHICH'; franking adjustment papers lists them.",
    http_status=422,
)
NOT_EXAMINED_YET = Refusal(
    "NOT_EXAMINED_YET",
    clause="39 CFR 501.22(o) (1995), 502.21(j) (1997)",
    remedy="Check the device out and examine it first: franking inventory examine SERIAL.",
)
MALFUNCTION_UNCLEAR = Refusal(
    "MALFUNCTION_UNCLEAR",
    clause="DMM P030.3.8 (1995)",
    remedy="Give the days of the malfunction in order, none after the examination, and amounts"
    " not below nothing.",
    http_status=422,
)
_K = DocumentKind
_MECHANICAL, _ELECTRONIC = "39 CFR 501.22(h)(1) (1995)", "39 CFR 501.22(h)(2) (1995)"
_HISTORY, _PSD = "DMM P030.3.8 (1995)", "DMM P050.3.3 (1997)"
_METER = "meter-1995"
EXAMINED = frozenset(
    {DeviceState.EXAMINED, DeviceState.REBUILT, DeviceState.UNLEASED, DeviceState.SCRAPPED}
)
"""States in which a device was checked out and examined."""


@dataclass(frozen=True, slots=True)
class Needed:
    """A paper that has to be there: one of these kinds, under a clause."""

    kinds: tuple[DocumentKind, ...]
    clause: str

    @property
    def words(self) -> str:
        """For a person."""
        return f"{' or '.join(kind.value for kind in self.kinds)} ({self.clause})"


_LOG_OR_OTHER = (_K.REGISTER_LOG, _K.SYSTEM_REGISTER, _K.OTHER_EVIDENCE)
_WITHOUT_MEMORY = (
    (_K.REFUND_REQUEST,),
    (_K.SETTING_RECORD,),
    _LOG_OR_OTHER,
    (_K.MAILING_HISTORY,),
)
_WITH_MEMORY = ((_K.MEMORY_SUMMARY,), (_K.LETTER,), (_K.SETTING_RECORD,))
_OF_A_PSD = ((_K.REFUND_REQUEST,), (_K.REGISTER_LOG, _K.SYSTEM_REGISTER, _K.OTHER_EVIDENCE))


def needed_papers(
    rulebook: str, mechanism: Mechanism, *, readable: bool, conclusive: bool, determined: bool
) -> tuple[Needed, ...]:
    """What has to accompany a recommendation.

    ``readable``: the redundant memories could be read; ``conclusive``: they say what was used;
    ``determined``: what caused the malfunction is known.
    """
    return tuple(_needed(rulebook, mechanism, readable, conclusive, determined))


def missing_papers(
    needed: Collection[Needed], there: Mapping[DocumentKind, str]
) -> tuple[Needed, ...]:
    """What is not there."""
    kinds = {kind for kind, which in there.items() if which.strip()}
    return tuple(each for each in needed if not kinds & set(each.kinds))


def require_papers(needed: Collection[Needed], there: Mapping[DocumentKind, str]) -> None:
    """A recommendation comes with all its papers.

    Raises:
        Refused: ``MALFUNCTION_REPORT_INCOMPLETE``, naming every one that is missing.
    """
    if missing := missing_papers(needed, there):
        raise REPORT_INCOMPLETE.because("; ".join(each.words for each in missing))


def require_reportable(device: DeviceRecord, malfunction: Malfunction) -> None:
    """Whether a device was checked out and examined, and its malfunction is told in order.

    Raises:
        Refused: ``NOT_EXAMINED_YET``, ``MALFUNCTION_UNCLEAR``.
    """
    if device.state not in EXAMINED:
        raise NOT_EXAMINED_YET.because(f"{device.serial} is {device.state}")
    days = (malfunction.began_on, malfunction.ended_on, malfunction.examined_on)
    if list(days) != sorted(days) or malfunction.registered_mills < 0:
        raise MALFUNCTION_UNCLEAR.because(
            f"from {days[0]} to {days[1]}, examined on {days[2]},"
            f" {malfunction.registered_mills} mills registered"
        )


def memories_agree(readouts: Collection[Readout]) -> bool:
    """Whether the redundant memories are conclusive: at least two, and all say the same."""
    said = {(each.ascending_mills, each.descending_mills) for each in readouts}
    return len(readouts) > 1 and len(said) == 1


def by_memory(device: DeviceRecord, readouts: Collection[Readout]) -> int:
    """What the device registered above what its redundant memories hold, in mills."""
    true = next(iter(readouts)).ascending_mills
    return device.ascending_mills - true


def by_history(malfunction: Malfunction, estimated: UsageEstimate) -> int:
    """What the device registered above what was probably used, in mills."""
    return malfunction.registered_mills - estimated.used_mills


def _needed(
    rulebook: str, mechanism: Mechanism, readable: bool, conclusive: bool, determined: bool
) -> Iterator[Needed]:
    if rulebook != _METER:
        yield from (Needed(kinds, _PSD) for kinds in _OF_A_PSD)
    elif mechanism is Mechanism.MECHANICAL:
        yield from (Needed(kinds, _MECHANICAL) for kinds in _WITHOUT_MEMORY)
    elif readable:
        yield from (Needed(kinds, _ELECTRONIC) for kinds in _WITH_MEMORY)
        if determined:
            yield Needed((_K.EXPLANATION,), _ELECTRONIC)
    else:
        yield from (Needed(kinds, _ELECTRONIC) for kinds in _WITHOUT_MEMORY)
    is_mechanical = rulebook == _METER and mechanism is Mechanism.MECHANICAL
    if not is_mechanical and (readable or rulebook != _METER) and not conclusive:
        yield Needed((_K.MAILING_HISTORY,), _HISTORY)
