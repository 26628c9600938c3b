"""The device's signing keys: making the first, asking for the next."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from franking.clock import instant_text
from franking.psd import replies
from franking.psd.exchange import record, stored_message
from franking.psd.mechanism import Mechanism
from franking.psd.orders import require_status
from franking.psd.records import IN_SERVICE, DeviceState, EntryKind, PendingRollover, Status
from franking.psd.store import STORE_DAMAGED
from franking.psd.terms import require_clock, require_here
from franking.psd.vault.certification import signing_request

_INITIALIZABLE = frozenset({Status.MANUFACTURED, Status.INITIALIZED, Status.CLEARED})


def initialize(mechanism: Mechanism, now: datetime) -> bytes:
    """Make the key and ask for its certificate; again, the same request (PKCS#10, DER).

    Raises:
        Refused: ``DEVICE_FAULTED``, ``DEVICE_MOVED``, ``WRONG_STATUS``, ``CLOCK_BEHIND``.
    """
    _require_ready(mechanism)
    state = mechanism.state
    require_status(state, _INITIALIZABLE)
    if state.status is Status.INITIALIZED:
        return _stored_request(mechanism)
    require_clock(instant_text(now), latest=state.latest_time)
    return _make_first_key(mechanism, instant_text(now))


def request_rollover(mechanism: Mechanism, now: datetime) -> str:
    """Make the next key and ask for its certificate, signed by the present one.

    The same request again while it still awaits the order number it names; once another order
    was carried out, a new request for the same key.

    Raises:
        Refused: ``DEVICE_FAULTED``, ``DEVICE_MOVED``, ``WRONG_STATUS``, ``CLOCK_BEHIND``.
    """
    _require_ready(mechanism)
    state = mechanism.state
    require_status(state, IN_SERVICE)
    pending = state.standing.rollover
    if pending is not None and pending.order == state.standing.orders + 1:
        return stored_message(mechanism, pending.request_digest)
    require_clock(instant_text(now), latest=state.latest_time)
    return _request_next_key(mechanism, now, pending)


def _make_first_key(mechanism: Mechanism, time: str) -> bytes:
    state = mechanism.state
    standing = state.standing
    sealed = mechanism.vault.generate(standing.device_id)
    name = _key_name(state)
    request = signing_request(mechanism.vault.open(sealed.wrapped, standing.device_id))
    mechanism.compare_copies(time)
    entry = mechanism.entry(
        EntryKind.INITIALIZED, state.registers, content=request, time=max(time, state.latest_time)
    )
    after = replace(
        standing,
        key=name,
        public_key=sealed.public_key.hex(),
        keys_made=standing.keys_made + 1,
        initialized_sequence=entry.sequence,
    )
    mechanism.commit(
        replace(state, status=Status.INITIALIZED, standing=after, latest_time=entry.time),
        [entry],
        {name: sealed.wrapped},
    )
    return request


def _request_next_key(mechanism: Mechanism, now: datetime, pending: PendingRollover | None) -> str:
    state, keys = mechanism.state, {}
    order = state.standing.orders + 1
    if pending is None:
        sealed = mechanism.vault.generate(state.standing.device_id)
        pending = PendingRollover(
            order=order,
            request_digest="",
            key=_key_name(state),
            public_key=sealed.public_key.hex(),
        )
        keys = {pending.key: sealed.wrapped}
        made = replace(state.standing, keys_made=state.standing.keys_made + 1)
        state = replace(state, standing=made)
        signer = mechanism.vault.open(sealed.wrapped, state.standing.device_id)
    else:
        signer = mechanism.opened(pending.key)
    waiting = replace(pending, order=order)

    def settle(after: DeviceState, digest: str) -> DeviceState:
        rollover = replace(waiting, request_digest=digest)
        return replace(after, standing=replace(after.standing, rollover=rollover))

    return record(
        mechanism,
        EntryKind.ROLLOVER_REQUESTED,
        state,
        now,
        reply=replies.rollover_request(order, signing_request(signer)),
        settle=settle,
        keys=keys,
    )


def _require_ready(mechanism: Mechanism) -> None:
    mechanism.require_certain()
    mechanism.require_sound()
    require_here(mechanism.state.standing)


def _key_name(state: DeviceState) -> str:
    return f"signing-{state.standing.keys_made + 1}"


def _stored_request(mechanism: Mechanism) -> bytes:
    entry = mechanism.store.entry(mechanism.state.standing.initialized_sequence)
    if entry is None:
        raise STORE_DAMAGED.because("the entry with the signing request is missing")
    return mechanism.authentic(entry).content
