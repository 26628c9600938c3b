"""What a device is doing when it is killed, and what must hold when it is switched on again.

A ``Scenario`` prepares a device and gives an ``Act``: steps that answer, each under a label. Every
step may be asked again, so the one check fits all: what was acknowledged before the crash is
answered with the same bytes after it, and asking for all of it again brings the device to where
it would have been without a crash, to the mill.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pytest

from franking.errors import Refused
from franking.messages import signing
from franking.messages.kinds import ClearingStatement
from franking.psd.device import PostalSecurityDevice
from franking.psd.records import Evidence, EvidenceRequest, Registers, Status
from franking.psd.sqlite_store import SqliteDeviceStore
from franking.psd.vault.software import SoftwareVault
from tests.fixtures_psd import NOON, Bench, operational

VALUE = 100_000
PIECE = 320

Answers = Iterator[tuple[str, str]]
"""A label, and what the device answered under it."""
Act = Callable[[PostalSecurityDevice], Answers]


class End(NamedTuple):
    """Where a device stands, as its owner sees it."""

    status: Status
    locks: tuple[str, ...]
    registers: Registers


@dataclass(frozen=True, slots=True)
class Scenario:
    """A name, and how a funded device is prepared for it."""

    name: str
    prepare: Callable[[Bench], Act]
    destroyed_with: str = ""
    """The label of the answer that may leave only after a key was destroyed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A device ready for its act: its folder, its vault, and where the act leads undisturbed."""

    folder: Path
    vault: SoftwareVault
    act: Act
    end: End
    doomed: tuple[bytes, ...]
    """The sealed keys that the act destroys."""
    destroyed_with: str

    def switched_on(self, path: Path, *, vfs: str = "") -> PostalSecurityDevice:
        """The device at ``path``."""
        return PostalSecurityDevice.open(SqliteDeviceStore.open(path, vfs=vfs), self.vault, NOON)


def set_scene(scenario: Scenario, folder: Path, rehearsal: Path) -> Scene:
    """A device in ``folder`` before the act; the act is rehearsed on a copy in ``rehearsal``."""
    vault = SoftwareVault.in_memory()
    folder.mkdir()
    rehearsal.mkdir()
    bench = operational(
        SqliteDeviceStore.create(folder / "device"), amount_mills=VALUE, vault=vault
    )
    act = scenario.prepare(bench)
    bench.device.close()
    (rehearsal / "device").write_bytes((folder / "device").read_bytes())
    store = SqliteDeviceStore.open(rehearsal / "device")
    before = store.load().keys
    with PostalSecurityDevice.open(store, vault, NOON) as device:
        for _ in act(device):
            pass
        end, after = end_of(device), store.load().keys
    return Scene(
        folder=folder,
        vault=vault,
        act=act,
        end=end,
        doomed=tuple(before[name] for name in before.keys() - after.keys()),
        destroyed_with=scenario.destroyed_with,
    )


def end_of(device: PostalSecurityDevice) -> End:
    """Where the device stands."""
    return End(device.status, device.state.standing.locks, device.registers)


def check_after_crash(scene: Scene, path: Path, said: dict[str, str]) -> End:
    """Switch the device at ``path`` on, and check the laws; where it stood before going on."""
    if scene.destroyed_with in said:
        require_destroyed(scene, path)
    with scene.switched_on(path) as device:
        found = end_of(device)
        assert device.check(NOON) == ()
        assert found.registers.ascending_mills >= acknowledged_mills(said)
        require_conserved(found.registers)
        answers = dict(scene.act(device))
        assert {label: answers[label] for label in said} == said
        assert end_of(device) == scene.end
        assert device.check(NOON) == ()
    require_destroyed(scene, path)
    return found


def acknowledged_mills(said: dict[str, str]) -> int:
    """The postage of the pieces that were released."""
    return PIECE * sum(label.startswith("piece") for label in said)


def require_conserved(registers: Registers) -> None:
    """Everything ever credited is either evidenced or still there."""
    total = registers.ascending_mills + registers.descending_mills
    assert total == registers.control_total_mills
    assert registers.ascending_mills == PIECE * registers.piece_count


def require_destroyed(scene: Scene, path: Path) -> None:
    """No key that the device gave up is left on any part of its disk."""
    for file in path.parent.iterdir():
        content = file.read_bytes()
        assert not [key for key in scene.doomed if key in content], file.name


# The scenarios -------------------------------------------------------------------------------


def request(name: str) -> EvidenceRequest:
    """A first-class piece."""
    return EvidenceRequest(name, PIECE, destination="60601123499", rate_category="FCL")


def one_by_one(_bench: Bench) -> Act:
    def act(device: PostalSecurityDevice) -> Answers:
        for number in range(6):
            name = f"piece-{number}"
            yield name, device.evidence(request(name), NOON).indicium.hex()

    return act


def in_batches(_bench: Bench) -> Act:
    def act(device: PostalSecurityDevice) -> Answers:
        for batch in range(3):
            names = [f"piece-{batch}-{number}" for number in range(20)]
            outcomes = device.evidence_many([request(name) for name in names], NOON)
            yield from zip(names, map(_released, outcomes), strict=True)

    return act


def reset(bench: Bench) -> Act:
    asked = bench.device.request_reset(50_000, "reset-2", NOON)
    grant = bench.outside.grant(asked, NOON)

    def act(device: PostalSecurityDevice) -> Answers:
        yield "piece before", device.evidence(request("before"), NOON).indicium.hex()
        yield "reset request", device.request_reset(50_000, "reset-2", NOON)
        yield "grant", device.apply_grant(grant, NOON)
        yield "grant again", device.apply_grant(grant, NOON)
        yield "piece after", device.evidence(request("after"), NOON).indicium.hex()

    return act


def reset_closed(bench: Bench) -> Act:
    bench.device.request_reset(50_000, "reset-2", NOON)

    def act(device: PostalSecurityDevice) -> Answers:
        yield "closed", device.close_reset(NOON)
        yield "piece", device.evidence(request("after"), NOON).indicium.hex()

    return act


def lock_and_unlock(bench: Bench) -> Act:
    outside = bench.outside
    lock, unlock, last = outside.lock(NOON), outside.unlock(NOON), outside.lock(NOON, "missing")

    def act(device: PostalSecurityDevice) -> Answers:
        yield "lock", device.lock(lock, NOON)
        yield "unlock", device.unlock(unlock, NOON)
        yield "piece", device.evidence(request("between"), NOON).indicium.hex()
        yield "last lock", device.lock(last, NOON)
        _require_locked(device)

    return act


def withdrawal(bench: Bench) -> Act:
    order = bench.outside.withdrawal(NOON)

    def act(device: PostalSecurityDevice) -> Answers:
        yield "piece", device.evidence(request("last"), NOON).indicium.hex()
        yield "statement", device.withdraw(order, NOON)
        _require_locked(device)

    return act


def clearing(bench: Bench) -> Act:
    bench.device.evidence(request("last"), NOON)
    order = bench.outside.clearing(bench.withdraw(NOON), NOON)

    def act(device: PostalSecurityDevice) -> Answers:
        statement = device.clear(order, NOON)
        read = signing.unverified(statement, ClearingStatement)
        assert read.registers.descending_mills == 0
        assert read.withdrawn_mills == VALUE - PIECE
        yield "statement", statement
        yield "last piece", device.evidence(request("last"), NOON).indicium.hex()

    return act


def rollover(bench: Bench) -> Act:
    bench.device.evidence(request("old-key"), NOON)
    order = bench.outside.rollover(bench.device.request_rollover(NOON), NOON)

    def act(device: PostalSecurityDevice) -> Answers:
        yield "receipt", device.apply_rollover(order, NOON)
        yield "piece", device.evidence(request("new-key"), NOON).indicium.hex()
        yield "piece of old", device.evidence(request("old-key"), NOON).indicium.hex()

    return act


def rollover_request(_bench: Bench) -> Act:
    def act(device: PostalSecurityDevice) -> Answers:
        yield "request", device.request_rollover(NOON)
        yield "piece", device.evidence(request("meanwhile"), NOON).indicium.hex()

    return act


def inspection(_bench: Bench) -> Act:
    def act(device: PostalSecurityDevice) -> Answers:
        yield "imprint", device.inspection_imprint("imprint", NOON).content.hex()
        yield "piece", device.evidence(request("after"), NOON).indicium.hex()

    return act


SCENARIOS = (
    Scenario("pieces one by one", one_by_one),
    Scenario("pieces in batches", in_batches),
    Scenario("reset", reset),
    Scenario("lock and unlock", lock_and_unlock),
    Scenario("withdrawal", withdrawal),
    Scenario("clearing", clearing, destroyed_with="statement"),
    Scenario("rollover", rollover, destroyed_with="receipt"),
    Scenario("rollover request", rollover_request),
    Scenario("inspection imprint", inspection),
)


def _released(outcome: Evidence | Refused) -> str:
    if isinstance(outcome, Refused):
        raise outcome
    return outcome.indicium.hex()


def _require_locked(device: PostalSecurityDevice) -> None:
    """A locked device evidences nothing new."""
    with pytest.raises(Refused) as refused:
        device.evidence(request("never"), NOON)
    assert refused.value.code in ("DEVICE_LOCKED", "DEVICE_WITHDRAWN")
