"""Moving a device to another computer, lawfully: it leaves one place before it is in another.

The old place is sealed first, then the parcel is written, then the key at the old place is
destroyed. Cut short in between, the old place is sealed and the move is to be done again. A
device that arrives is locked until the provider has accepted its audit: should a parcel arrive
twice, the provider accepts one of the two journals, and sees the other for what it is.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from itertools import chain
from typing import Final

import msgspec
from msgspec.structs import replace

from franking.clock import instant_text
from franking.errors import InvariantBroken, Refusal
from franking.psd.journal import seal_row, state_of
from franking.psd.mechanism import JOURNAL_KEY, Mechanism
from franking.psd.orders import require_status
from franking.psd.records import IN_SERVICE, LOCK_MOVED, DeviceState, EntryKind
from franking.psd.self_test import journal_findings, register_findings
from franking.psd.store import DEVICE_EXISTS, DeviceStore, RegisterRow, Stored
from franking.psd.terms import DEVICE_MOVED, accepted_time, require_clock
from franking.psd.vault.port import KeyVault

_ARRIVAL_BYTES: Final = 16

PARCEL_UNREADABLE = Refusal(
    "PARCEL_UNREADABLE",
    clause="policy",
    remedy="Make the parcel again where the device was, and bring it here unchanged.",
    http_status=422,
)


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """The content of a journal entry about a move."""

    parcel: str
    arrival: str = ""
    """Drawn anew at each arrival: a parcel that arrives twice makes two journals."""


def move_out(mechanism: Mechanism, parcel: DeviceStore, passphrase: str, now: datetime) -> str:
    """Leave in ``parcel``, an empty store, under ``passphrase``; the parcel's name.

    Raises:
        Refused: ``DEVICE_MOVED`` where it has left already, ``WRONG_STATUS``, ``CLOCK_BEHIND``,
            ``DEVICE_FAULTED``, ``DEVICE_EXISTS`` where the parcel is not empty.
    """
    mechanism.require_certain()
    mechanism.require_sound()
    _require_empty(parcel)
    standing = mechanism.state.standing
    if standing.moved_to and not standing.key:
        raise DEVICE_MOVED.because(f"it left in parcel {standing.moved_to}")
    if not standing.moved_to:
        _seal_here(mechanism, now)
    _write_parcel(mechanism, parcel, passphrase)
    _give_up_keys(mechanism)
    return mechanism.state.standing.moved_to


def move_in(
    parcel: DeviceStore, passphrase: str, store: DeviceStore, vault: KeyVault, now: datetime
) -> None:
    """Arrive in ``store``, an empty one; power it up afterwards. Locked until audited.

    Raises:
        Refused: ``PARCEL_UNREADABLE``, ``VAULT_PASSPHRASE_WRONG``, ``VAULT_CANNOT_OPEN``,
            ``DEVICE_EXISTS``, or what the store refuses.
    """
    _require_empty(store)
    stored = parcel.load()
    row, state = _parcelled(stored)
    name = state.standing.device_id
    keys = {
        key: vault.open_from_transport(sealed, name, passphrase)
        for key, sealed in stored.keys.items()
    }
    mac_key = vault.open_secret(keys[JOURNAL_KEY], name)
    _require_whole(parcel, stored, row, mac_key)
    mechanism = Mechanism(store, vault, state, mac_key)
    standing = replace(state.standing, moved_to="", locks=(*state.standing.locks, LOCK_MOVED))
    entry = mechanism.entry(
        EntryKind.MOVED_IN,
        state.registers,
        content=_content(state.standing.moved_to, arrival=secrets.token_hex(_ARRIVAL_BYTES)),
        time=accepted_time(state.standing, now, latest=state.latest_time),
    )
    arrived = replace(
        state,
        standing=standing,
        sequence=entry.sequence,
        head=entry.hash,
        latest_time=entry.time,
    )
    store.adopt(
        seal_row(arrived, mac_key),
        chain(parcel.entries(), [entry]),
        parcel.checkpoints(),
        keys,
    )


def _seal_here(mechanism: Mechanism, now: datetime) -> None:
    """From here on this place refuses everything but reading, and moving on."""
    state, time = mechanism.state, instant_text(now)
    require_status(state, IN_SERVICE)
    require_clock(time, latest=state.latest_time)
    mechanism.compare_copies(time)
    name = f"{state.standing.device_id}-{state.sequence + 1}"
    accepted = accepted_time(state.standing, now, latest=state.latest_time)
    entry = mechanism.entry(
        EntryKind.MOVED_OUT, state.registers, content=_content(name), time=accepted
    )
    mechanism.commit(replace(state, standing=replace(state.standing, moved_to=name)), [entry])


def _write_parcel(mechanism: Mechanism, parcel: DeviceStore, passphrase: str) -> None:
    state, vault = mechanism.state, mechanism.vault
    name = state.standing.device_id
    keys = {
        key: vault.seal_for_transport(sealed, name, passphrase)
        for key, sealed in mechanism.store.load().keys.items()
    }
    parcel.adopt(
        seal_row(state, mechanism.mac_key),
        mechanism.store.entries(),
        mechanism.store.checkpoints(),
        keys,
    )


def _give_up_keys(mechanism: Mechanism) -> None:
    state = mechanism.state
    standing = replace(state.standing, key="", public_key="", rollover=None)
    content = _content(state.standing.moved_to)
    entry = mechanism.entry(EntryKind.MOVED_OUT, state.registers, content=content)
    mechanism.commit(replace(state, standing=standing), [entry])
    mechanism.destroy_unnamed_keys()


def _require_empty(store: DeviceStore) -> None:
    if store.load().last_sequence:
        raise DEVICE_EXISTS.because("the store holds a device already")


def _parcelled(stored: Stored) -> tuple[RegisterRow, DeviceState]:
    if stored.row is None or JOURNAL_KEY not in stored.keys or stored.faults:
        raise PARCEL_UNREADABLE.because("it holds no sound device")
    try:
        state = state_of(stored.row)
    except InvariantBroken as error:
        raise PARCEL_UNREADABLE.because(str(error)) from error
    if not state.standing.moved_to or state.standing.key not in stored.keys:
        raise PARCEL_UNREADABLE.because("its device has not left the place where it was")
    return stored.row, state


def _require_whole(parcel: DeviceStore, stored: Stored, row: RegisterRow, mac_key: bytes) -> None:
    findings = [*register_findings(stored, mac_key), *journal_findings(parcel, row, mac_key)]
    if findings:
        raise PARCEL_UNREADABLE.because("; ".join(findings))


def _content(parcel: str, *, arrival: str = "") -> bytes:
    return msgspec.json.encode(Moved(parcel=parcel, arrival=arrival))
