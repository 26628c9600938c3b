"""What is inside a device that is switched on: its state, its open key, its store.

Everything that changes a device passes through ``Mechanism.commit``; everything found wrong
through ``Mechanism.fault``. Not thread-safe: ``franking.psd.device`` holds one lock around it.
Laws kept here: PSD-3 (state moves after the durable commit), PSD-5 (compare, fault, destroy).
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from franking.clock import instant_text
from franking.errors import InvariantBroken, Refusal, Refused
from franking.psd.journal import (
    CHECKPOINT_INTERVAL,
    GENESIS,
    MAC_KEY_BYTES,
    fault_of_entry,
    is_row_sealed,
    seal_checkpoint,
    seal_entry,
    seal_row,
    state_of,
)
from franking.psd.records import DeviceState, EntryKind, Fault, Registers, Standing, Status
from franking.psd.registers import require_conserved
from franking.psd.self_test import (
    algorithm_findings,
    journal_findings,
    key_findings,
    register_findings,
    tail_findings,
)
from franking.psd.store import (
    DEVICE_EXISTS,
    DEVICE_NOT_THERE,
    STORE_DAMAGED,
    STORE_FAILING,
    Commit,
    DeviceStore,
    Entry,
    RegisterRow,
    Stored,
)
from franking.psd.vault.port import KeyVault, VaultSigner

JOURNAL_KEY: Final = "journal"
"""The name of the sealed MAC key in the store. It outlives the signing keys."""

DEVICE_FAULTED = Refusal(
    "DEVICE_FAULTED",
    clause="39 CFR 501.6(i)(5) (1995)",
    remedy="Do not use the device; send it to the provider, whose signed examination states its "
    "value. Its registers and past indicia can still be read.",
)


class Step(NamedTuple):
    """A commit, and the state that the device is in when it is durable."""

    state: DeviceState
    commit: Commit


class Mechanism:
    """A powered-up device. ``make`` and ``power_up`` are the ways to get one."""

    def __init__(
        self, store: DeviceStore, vault: KeyVault, state: DeviceState, mac_key: bytes
    ) -> None:
        self.store = store
        self.vault = vault
        self.state = state
        self.faults: tuple[Fault, ...] = ()
        self.mac_key = mac_key
        self._signer: VaultSigner | None = None
        self.row: RegisterRow = seal_row(state, mac_key)
        self._checkpointed = 0
        self._indoubt = False
        self._owes_destruction = False

    @classmethod
    def make(
        cls, store: DeviceStore, vault: KeyVault, standing: Standing, *, content: bytes, time: str
    ) -> Mechanism:
        """A manufactured device: a MAC key, empty registers and the first journal entry.

        Raises:
            Refused: ``DEVICE_EXISTS``, or what the store or the vault refuses.
        """
        if store.load().last_sequence:
            raise DEVICE_EXISTS.because("the store holds a device already")
        mac_key = secrets.token_bytes(MAC_KEY_BYTES)
        mechanism = cls(store, vault, _unmade(standing, time), mac_key)
        mechanism.commit(
            mechanism.state,
            [mechanism.entry(EntryKind.CREATED, Registers(), content=content)],
            keys={JOURNAL_KEY: vault.seal_secret(mac_key, standing.device_id)},
        )
        return mechanism

    @classmethod
    def power_up(cls, store: DeviceStore, vault: KeyVault, now: datetime) -> Mechanism:
        """Self-test the device and open its key, or fault it; finish a destruction cut short.

        Raises:
            Refused: ``DEVICE_NOT_THERE``, ``STORE_DAMAGED`` where nothing can be read at all,
                ``VAULT_CANNOT_OPEN`` for a wrong vault, ``TOKEN_GONE``.
        """
        stored = store.load()
        row, mac_key = _opened_row(stored, vault)
        mechanism = cls(store, vault, state_of(row), mac_key)
        mechanism.row = row
        mechanism._checkpointed = stored.checkpoint.sequence if stored.checkpoint else 0
        mechanism._test(stored, instant_text(now))
        return mechanism

    @property
    def status(self) -> Status:
        """The status; a fault hides what it was before."""
        return Status.FAULTED if self.faults else self.state.status

    @property
    def signer(self) -> VaultSigner:
        """The signing key, opened when it is first wanted.

        Raises:
            Refused: ``DEVICE_FAULTED``, ``TOKEN_GONE``.
            InvariantBroken: the status has no key; whoever asks must have looked.
        """
        self.require_sound()
        if self._signer is None:
            if not self.state.standing.key:
                raise InvariantBroken(f"a {self.status} device has no signing key")
            self._signer = self.opened(self.state.standing.key)
        return self._signer

    def require_sound(self) -> None:
        """Refuse a faulted device.

        Raises:
            Refused: ``DEVICE_FAULTED``.
        """
        if self.faults:
            raise DEVICE_FAULTED.because("; ".join(fault.finding for fault in self.faults))

    def require_certain(self) -> None:
        """Refuse everything while it is not known what is on the disk.

        Raises:
            Refused: ``STORE_FAILING``.
        """
        if self._indoubt:
            raise STORE_FAILING.because("the last commit ended in doubt")

    def compare_copies(self, time: str) -> None:
        """Compare the stored registers with each other and with these; fault on a difference.

        Raises:
            Refused: ``DEVICE_FAULTED``.
        """
        row, copy = self.store.copies()
        if row != self.row or copy != self.row:
            self.fault(["the register row, its copy and the device's memory disagree"], time)
        self.require_sound()

    def entry(
        self,
        kind: EntryKind,
        registers: Registers,
        *,
        request_id: str | None = None,
        request_digest: bytes = b"",
        content: bytes = b"",
        time: str = "",
    ) -> Entry:
        """The next journal entry, sealed; ``time`` is the latest accepted one unless given."""
        return seal_entry(
            self.state.head,
            self.mac_key,
            sequence=self.state.sequence + 1,
            time=time or self.state.latest_time,
            kind=kind,
            registers=registers,
            request_id=request_id,
            request_digest=request_digest,
            content=content,
        )

    def commit(
        self,
        state: DeviceState,
        entries: Sequence[Entry],
        keys: Mapping[str, bytes] | None = None,
    ) -> None:
        """Make entries and state durable, then, and only then, be in that state (PSD-3).

        ``state`` is a decision: its sequence, head, registers and latest time become those of
        the last entry.

        Raises:
            Refused: what the store refuses. After ``STORE_FAILING`` only a power-up helps.
            InvariantBroken: the registers contradict themselves; nothing was written.
        """
        step = self.step(state, entries, keys)
        self.begin()
        try:
            self.store.append(step.commit)
        except Refused as refused:
            self.fail(refused)
            raise
        self.take(step)

    def step(
        self,
        state: DeviceState,
        entries: Sequence[Entry],
        keys: Mapping[str, bytes] | None = None,
    ) -> Step:
        """What ``commit`` makes durable, and the state after it; nothing is stored yet.

        Raises:
            InvariantBroken: the registers contradict themselves.
        """
        last = entries[-1]
        require_conserved(last.registers)
        state = DeviceState(
            status=state.status,
            registers=last.registers,
            standing=state.standing,
            sequence=last.sequence,
            head=last.hash,
            latest_time=last.time,
        )
        standing = None if state.standing is not self.state.standing else self.row.standing
        row = seal_row(state, self.mac_key, standing)
        isdue = last.sequence - self._checkpointed >= CHECKPOINT_INTERVAL
        checkpoint = seal_checkpoint(row, self.mac_key) if isdue else None
        return Step(state, Commit(row=row, entries=entries, checkpoint=checkpoint, keys=keys or {}))

    def begin(self) -> None:
        """A commit is on its way: until ``take`` or ``fail`` nobody knows what is on the disk.

        An interrupt between the store's commit and our own step leaves the doubt standing.
        """
        self._indoubt = True

    def fail(self, refused: Refused) -> None:
        """The commit on its way was refused; only some refusals leave it in doubt."""
        self._indoubt = refused.code == STORE_FAILING.code

    def take(self, step: Step) -> None:
        """The commit on its way is durable: be in its state (PSD-3)."""
        self.state, self.row = step.state, step.commit.row
        if step.commit.checkpoint is not None:
            self._checkpointed = step.commit.row.sequence
        self._indoubt = False

    def fault(self, findings: Sequence[str], time: str) -> None:
        """Record what was found, and destroy the key (PSD-5). Registers stay as they are.

        A store that cannot be written keeps the device faulted for as long as it is switched on;
        the next power-up finds the same again.
        """
        found = tuple(Fault(time, finding) for finding in findings)
        self.faults += found
        self._forget_signer()
        for fault in found:
            with contextlib.suppress(Refused):
                self.store.record_fault(fault)
        with contextlib.suppress(Refused):
            self.store.destroy_keys(keep=[JOURNAL_KEY])

    def opened(self, name: str) -> VaultSigner:
        """A key of the store, open beside the signing key.

        Raises:
            Refused: ``STORE_DAMAGED`` where it is missing, ``TOKEN_GONE``, ``VAULT_CANNOT_OPEN``.
        """
        wrapped = self.store.load().keys.get(name)
        if wrapped is None:
            raise STORE_DAMAGED.because(f"the key {name} is missing")
        return self.vault.open(wrapped, self.state.standing.device_id)

    def destroy_unnamed_keys(self) -> None:
        """Destroy what the standing no longer names, in memory and on the disk.

        Raises:
            Refused: what the store refuses; ``finish_destruction`` or the next power-up
                destroys them.
        """
        self._owes_destruction = True
        self._forget_signer()
        self.store.destroy_keys(keep=self._named_keys())
        self._owes_destruction = False

    def finish_destruction(self) -> None:
        """Destroy again what a failing store has kept: nothing that speaks of it may leave first.

        Raises:
            Refused: what the store refuses.
        """
        if self._owes_destruction:
            self.destroy_unnamed_keys()

    def check_journal(self, time: str) -> tuple[str, ...]:
        """Read the whole journal; what is found faults the device. Returns the findings."""
        if self.faults:
            return tuple(fault.finding for fault in self.faults)
        row, copy = self.store.copies()
        stored = _only_rows(row, copy)
        findings = [
            *register_findings(stored, self.mac_key),
            *_read_through(lambda: journal_findings(self.store, self.row, self.mac_key)),
        ]
        if findings:
            self.fault(findings, time)
        return tuple(findings)

    def authentic(self, entry: Entry) -> Entry:
        """The entry, if this device sealed it: stored bytes are not released on trust.

        Raises:
            Refused: ``STORE_DAMAGED``.
        """
        fault = fault_of_entry(entry, self.mac_key)
        if fault is not None:
            raise STORE_DAMAGED.because(fault)
        return entry

    def close(self) -> None:
        """Switch off."""
        self._forget_signer()
        self.store.close()

    def _test(self, stored: Stored, time: str) -> None:
        if stored.faults:
            self.faults = stored.faults
            with contextlib.suppress(Refused):
                self._destroy_unnamed(stored.keys)
            return
        findings = [
            *algorithm_findings(),
            *register_findings(stored, self.mac_key),
            *_read_through(lambda: tail_findings(self.store, stored, self.row, self.mac_key)),
            *self._open_tested(stored),
        ]
        if findings:
            self.fault(findings, time)

    def _open_tested(self, stored: Stored) -> list[str]:
        standing = self.state.standing
        if not is_row_sealed(self.row, self.mac_key):
            return []
        self._destroy_unnamed(stored.keys)
        if not standing.key:
            return []
        wrapped = stored.keys.get(standing.key)
        if wrapped is None:
            return ["the signing key is missing"]
        try:
            self._signer = self.vault.open(wrapped, standing.device_id)
        except Refused as refused:
            # The vault has just opened the MAC key: it is the right vault.
            if refused.code != "VAULT_CANNOT_OPEN":
                raise
            return [f"the signing key does not open: {refused.detail}"]
        return list(key_findings(self._signer, standing.public_key))

    def _destroy_unnamed(self, keys: Mapping[str, bytes]) -> None:
        """Destroy every sealed key that the standing does not name; a power-up repeats it."""
        keep = self._named_keys()
        if not keep.issuperset(keys):
            self.store.destroy_keys(keep=keep)

    def _named_keys(self) -> set[str]:
        if self.faults:
            return {JOURNAL_KEY}
        standing = self.state.standing
        return {JOURNAL_KEY, standing.key, standing.rollover.key if standing.rollover else ""}

    def _forget_signer(self) -> None:
        if self._signer is not None:
            self._signer.forget()
            self._signer = None


def _unmade(standing: Standing, time: str) -> DeviceState:
    return DeviceState(
        status=Status.MANUFACTURED,
        registers=Registers(),
        standing=standing,
        sequence=0,
        head=GENESIS,
        latest_time=time,
    )


def _opened_row(stored: Stored, vault: KeyVault) -> tuple[RegisterRow, bytes]:
    """The register row, or its copy where the row does not read, and the MAC key it names.

    Raises:
        Refused: ``DEVICE_NOT_THERE`` for an empty store, ``STORE_DAMAGED``,
            ``VAULT_CANNOT_OPEN``.
    """
    if stored.row is None and stored.copy is None and not stored.last_sequence:
        raise DEVICE_NOT_THERE.because("no device was ever made in this store")
    if (sealed := stored.keys.get(JOURNAL_KEY)) is None:
        raise STORE_DAMAGED.because("the key that seals the journal is missing")
    refusal = STORE_DAMAGED.because("neither the register row nor its copy reads")
    for row in (stored.row, stored.copy):
        if row is not None:
            try:
                return row, vault.open_secret(sealed, state_of(row).standing.device_id)
            except InvariantBroken:
                continue
            except Refused as refused:
                refusal = refused
    raise refusal


def _only_rows(row: RegisterRow | None, copy: RegisterRow | None) -> Stored:
    return Stored(row=row, copy=copy, keys={}, checkpoint=None, last_sequence=0, faults=())


def _read_through(read: Callable[[], Iterator[str]]) -> Iterator[str]:
    """The findings of reading the journal; that it does not read is a finding too."""
    try:
        yield from read()
    except Refused as refused:
        if refused.code != STORE_DAMAGED.code:
            raise
        yield refused.detail
