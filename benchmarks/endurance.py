"""The endurance test of 39 CFR 501.16 (1995): cycles without an error, lock-out at intervals.

A cycle is one debit with its indicium. Before, at intervals and after, the balance lock-out is
exercised: a meter whose descending register is below its largest denomination evidences nothing,
and a reset releases it. Both registers are checked at each cycle.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from benchmarks.measuring import Result, Target
from benchmarks.one_provider import DEVICE, LIMITS, NOW, OneProvider, fund
from benchmarks.setting import Setting
from franking import rules
from franking.errors import Refused
from franking.indicium.content import CONTENT_BYTES
from franking.indicium.signature import verify_raw
from franking.psd.device import PostalSecurityDevice
from franking.psd.records import DeviceProfile, Evidence, EvidenceRequest, Registers
from franking.psd.sqlite_store import SqliteDeviceStore
from franking.psd.vault.ecdsa import public_key_object
from franking.psd.vault.software import SoftwareVault

PIECE_MILLS = 320
LEFT_MILLS = 980
"""What an interval leaves on the descending register: below the largest denomination."""
BATCH = 1_000
CHECKED_SIGNATURES = 997
"""One signature in so many is checked."""


@dataclass(slots=True)
class Endurance:
    """The record of one test: how far it came, what went wrong."""

    cycles: int = 0
    lock_outs: int = 0
    errors: list[str] = field(default_factory=list)
    seconds: float = 0.0


def run(setting: Setting) -> Sequence[Result]:
    """As many cycles as the rulebook asks of a fast model, or ``--cycles``."""
    asked = rules.whole("provider", "meter-1995", NOW.date(), "endurance_cycles_fast")
    cycles = setting.cycles or setting.size(full=asked, quick=20_000)
    record = endure(setting.folder / "device", cycles=cycles, interval=min(100_000, cycles // 2))
    return [
        Result(
            name=f"errors in {record.cycles:,} cycles",
            figure=len(record.errors),
            unit="errors",
            target=Target(kind="at most", value=0, unit="errors"),
            note="; ".join(record.errors[:5]),
        ),
        Result(name="lock-outs exercised", figure=record.lock_outs, unit=""),
        Result(name="pace, with every check", figure=record.cycles / record.seconds, unit="/s"),
    ]


def endure(path: Path, *, cycles: int, interval: int) -> Endurance:
    """Run ``cycles`` debits on a new meter at ``path``; lock-out every ``interval``."""
    one, vault, record = OneProvider.new(), SoftwareVault.in_memory(), Endurance()
    started = time.perf_counter()
    with _new_meter(path, one, vault) as device:
        fund(device, one, amount_mills=LEFT_MILLS, request_id="first")
        _exercise_lock_out(device, record)
        while record.cycles < cycles:
            some = min(interval, cycles - record.cycles)
            fund(device, one, amount_mills=some * PIECE_MILLS, request_id=f"at-{record.cycles}")
            _run_interval(device, record, some)
            _exercise_lock_out(device, record)
        record.errors += device.check(NOW)
    with PostalSecurityDevice.open(SqliteDeviceStore.open(path), vault, NOW) as again:
        _require_registers(again.registers, record)
    record.seconds = time.perf_counter() - started
    return record


def _new_meter(path: Path, one: OneProvider, vault: SoftwareVault) -> PostalSecurityDevice:
    device = PostalSecurityDevice.create(
        SqliteDeviceStore.create(path),
        vault,
        DEVICE,
        DeviceProfile(rulebook="meter-1995", denominational=True),
        one.anchors,
        NOW,
    )
    request = device.certificate_signing_request(NOW)
    device.authorize(one.authorization(request, limit_mills=LIMITS["meter-1995"]), NOW)
    return device


def _run_interval(device: PostalSecurityDevice, record: Endurance, cycles: int) -> None:
    key = public_key_object(bytes.fromhex(device.state.standing.public_key))
    names = iter(range(record.cycles, record.cycles + cycles))
    while batch := [EvidenceRequest(f"c{name}", PIECE_MILLS) for name in islice(names, BATCH)]:
        before = device.registers
        outcomes = device.evidence_many(batch, NOW)
        record.errors += _faults(before, outcomes, key)
        record.cycles += len(batch)
    _require_registers(device.registers, record)


def _faults(
    before: Registers, outcomes: Sequence[Evidence | Refused], key: EllipticCurvePublicKey
) -> Iterator[str]:
    """What is wrong with the cycles of one batch, by the registers after each."""
    for number, outcome in enumerate(outcomes, start=1):
        if isinstance(outcome, Refused):
            yield f"refused: {outcome}"
            continue
        after, spent = outcome.registers, PIECE_MILLS * number
        if (after.ascending_mills, after.descending_mills, after.piece_count) != (
            before.ascending_mills + spent,
            before.descending_mills - spent,
            before.piece_count + number,
        ):
            yield f"cycle {after.piece_count} registers {after}"
        if after.piece_count % CHECKED_SIGNATURES == 0:
            yield from _signature_fault(outcome, key)


def _signature_fault(evidence: Evidence, key: EllipticCurvePublicKey) -> Iterator[str]:
    content, signature = evidence.indicium[:CONTENT_BYTES], evidence.indicium[CONTENT_BYTES:]
    try:
        verify_raw(key, content, signature)
    except (Refused, InvalidSignature) as error:
        yield f"cycle {evidence.registers.piece_count} has a false signature: {error}"


def _require_registers(registers: Registers, record: Endurance) -> None:
    """Both registers, to the mill."""
    if registers.ascending_mills != PIECE_MILLS * record.cycles:
        record.errors.append(f"ascending after {record.cycles} cycles: {registers}")
    if registers.descending_mills != LEFT_MILLS:
        record.errors.append(f"descending after {record.cycles} cycles: {registers}")


def _exercise_lock_out(device: PostalSecurityDevice, record: Endurance) -> None:
    """A piece below the largest denomination is refused, and nothing moves (501.16(c))."""
    before = device.registers
    try:
        device.evidence(EvidenceRequest(f"locked-{record.cycles}", PIECE_MILLS), NOW)
        record.errors.append(f"not locked out at {record.cycles} cycles: {before}")
    except Refused as refused:
        if refused.code != "BELOW_LARGEST_DENOMINATION" or device.registers != before:
            record.errors.append(f"at {record.cycles} cycles: {refused}")
    record.lock_outs += 1
