"""How a device answers: one message in, one signed reply out, both in one journal entry.

A message that was carried out is known by its digest; the same bytes again get the stored reply,
whatever has become of the device since (PSD-2, PSD-4). A reply is signed, made durable with the
state it speaks of, and only then released (PSD-3).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

import msgspec
from msgspec.structs import replace

from franking.clock import instant_text
from franking.messages import signing
from franking.messages.signing import Message, digest_bytes
from franking.psd.mechanism import Mechanism
from franking.psd.records import DeviceState, EntryKind
from franking.psd.store import STORE_DAMAGED, Entry
from franking.psd.terms import accepted_time
from franking.psd.vault.port import VaultSigner

Reply = Callable[[DeviceState, str], Message]
"""The reply, from the state after and the moment it is issued."""
Settle = Callable[[DeviceState, str], DeviceState]
"""The state after, once the reply's digest is known."""


class Exchanged(msgspec.Struct, frozen=True, kw_only=True):
    """The content of a journal entry about messages: as they crossed, or empty."""

    received: str
    reply: str


def stored_reply(mechanism: Mechanism, text: str) -> str | None:
    """What this very message was answered with, if it was carried out before."""
    entry = mechanism.store.message(digest_bytes(text))
    return None if entry is None else reply_of(mechanism.authentic(entry))


def stored_message(mechanism: Mechanism, digest: str) -> str:
    """A message that this device sent on its own account, by its digest in hex.

    Raises:
        Refused: ``STORE_DAMAGED``.
    """
    entry = mechanism.store.message(bytes.fromhex(digest))
    if entry is None:
        raise STORE_DAMAGED.because(f"the journal does not hold message {digest}")
    return reply_of(mechanism.authentic(entry))


def reply_of(entry: Entry) -> str:
    """The reply in a journal entry about messages.

    Raises:
        Refused: ``STORE_DAMAGED`` for any other entry.
    """
    try:
        return msgspec.json.decode(entry.content, type=Exchanged).reply
    except msgspec.DecodeError as error:
        raise STORE_DAMAGED.because(f"journal entry {entry.sequence} holds no message") from error


def record(
    mechanism: Mechanism,
    kind: EntryKind,
    state: DeviceState,
    now: datetime,
    *,
    received: str = "",
    reply: Reply | None = None,
    settle: Settle | None = None,
    signer: VaultSigner | None = None,
    request_id: str | None = None,
    request_digest: bytes = b"",
    keys: Mapping[str, bytes] | None = None,
) -> str:
    """Enter ``state`` for good, and return the signed reply, empty where there is none.

    ``state`` is the decision, still at the sequence and head of before, which is the journal
    position that replies speak of. Time moves on as ``terms.accepted_time`` says.

    Raises:
        Refused: ``DEVICE_FAULTED`` where the registers disagree, ``TOKEN_GONE``, or what the
            store refuses; nothing has changed then.
    """
    time = instant_text(now)
    mechanism.compare_copies(time)
    if kind is not EntryKind.AUDIT_RECEIVED:
        standing = state.standing if state.standing.watchdog_date else mechanism.state.standing
        latest = accepted_time(standing, now, latest=state.latest_time)
        state = replace(state, latest_time=latest)
    answer = ""
    if reply is not None:
        answer = signing.sign(reply(state, time), signer or mechanism.signer)
    if settle is not None:
        state = settle(state, signing.digest(answer))
    entry = mechanism.entry(
        kind,
        state.registers,
        request_id=request_id,
        request_digest=request_digest or digest_bytes(received or answer),
        content=msgspec.json.encode(Exchanged(received=received, reply=answer)),
        time=state.latest_time,
    )
    mechanism.commit(state, [entry], keys)
    return answer


def hash_at(mechanism: Mechanism, sequence: int) -> bytes | None:
    """The hash of one entry of this journal; of the empty journal at 0."""
    if sequence == 0:
        return bytes(32)
    if not 0 < sequence <= mechanism.state.sequence:
        return None
    entry = mechanism.store.entry(sequence)
    return None if entry is None else mechanism.authentic(entry).hash
