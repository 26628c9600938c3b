"""Powering up a device with a long journal, beside one with an empty journal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks.measuring import Result, Target, durations, seconds
from benchmarks.one_provider import LIMITS, NOW, OneProvider, fund, new_device
from benchmarks.setting import Setting
from franking.psd.device import PostalSecurityDevice
from franking.psd.journal import CHECKPOINT_INTERVAL
from franking.psd.records import EvidenceRequest
from franking.psd.sqlite_store import SqliteDeviceStore
from franking.psd.vault.software import SoftwareVault

BATCH = 1_000


def run(setting: Setting) -> Sequence[Result]:
    """Self-tests, key, registers, the journal from its last sealed checkpoint."""
    pieces = setting.size(full=1_000_000, quick=50_000)
    vault = SoftwareVault.in_memory()
    empty, full = setting.folder / "empty", setting.folder / "full"
    _make(empty, vault, pieces=0, tail=0)
    _make(full, vault, pieces=pieces, tail=CHECKPOINT_INTERVAL - 1)
    found = durations(
        5 * setting.pace.rounds,
        empty=lambda: _power_up(empty, vault),
        full=lambda: _power_up(full, vault),
    )
    return [
        Result(
            name=f"power-up, journal of {pieces:,} pieces",
            figure=1000 * found["full"],
            unit="ms",
            beside="empty journal",
            beside_figure=1000 * found["empty"],
            target=Target(kind="ratio at most", value=2),
        ),
        Result(
            name="check of that whole journal",
            figure=pieces / seconds(lambda: _check(full, vault)),
            unit="entries/s",
        ),
        Result(name="size of the device", figure=full.stat().st_size / pieces, unit="bytes/piece"),
    ]


def _make(path: Path, vault: SoftwareVault, *, pieces: int, tail: int) -> None:
    """A device of so many pieces, and a ``tail`` of pieces after its last checkpoint."""
    one = OneProvider.new()
    with new_device(path, one, vault, rulebook="meter-1995") as device:
        fund(device, one, amount_mills=LIMITS["meter-1995"])
        for first in range(0, pieces, BATCH):
            names = range(first, min(first + BATCH, pieces))
            device.evidence_many([EvidenceRequest(f"piece-{name}", 32) for name in names], NOW)
        for last in range(tail):
            device.evidence(EvidenceRequest(f"last-{last}", 32), NOW)


def _power_up(path: Path, vault: SoftwareVault) -> None:
    PostalSecurityDevice.open(SqliteDeviceStore.open(path), vault, NOW).close()


def _check(path: Path, vault: SoftwareVault) -> None:
    with PostalSecurityDevice.open(SqliteDeviceStore.open(path), vault, NOW) as device:
        findings = device.check(NOW)
    if findings:
        raise AssertionError(f"the journal has faults: {findings}")
