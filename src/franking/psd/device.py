"""The postal security device: everything a person or a program may ask of one.

It checks, debits, signs, makes durable, and only then releases. It believes messages signed by
its provider and nothing else, and answers with messages signed by itself. ``now`` is always the
caller's: an aware instant whose offset is that of the place. Safe between threads; callers who
evidence at the same time share a commit.

The laws PSD-1 to PSD-7 are kept in the modules this one calls; here is who may ask, and the order
in which things happen.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import islice
from types import TracebackType
from typing import Self, TypeVar

import msgspec

from franking.clock import instant_text
from franking.errors import Refused
from franking.identifiers import DeviceId
from franking.indicium.content import unpack
from franking.psd import inspecting, keying, moving, notices, ordering, resetting, showing
from franking.psd.believing import point_of
from franking.psd.commit_queue import COMMIT_PIECES_MAX, CommitQueue, Queue
from franking.psd.evidencing import Job, Outcome, Plan, evidence_jobs
from franking.psd.mechanism import Mechanism
from franking.psd.records import (
    DeviceProfile,
    DeviceState,
    Evidence,
    EvidenceRequest,
    InspectionImprint,
    Notice,
    Preview,
    Registers,
    Standing,
    Status,
    TrustAnchors,
)
from franking.psd.store import DeviceStore, Entry
from franking.psd.terms import terms_of
from franking.psd.vault.port import KeyVault

_Shared = TypeVar("_Shared", bound=Queue)


class PostalSecurityDevice:
    """One device, switched on. ``create`` makes one, ``open`` powers one up."""

    def __init__(self, mechanism: Mechanism) -> None:
        self._mechanism = mechanism
        self._turn = threading.RLock()
        self._queue: Queue = CommitQueue(self._turn, lambda jobs: evidence_jobs(mechanism, jobs))

    def share(self, queue_of: Callable[[Mechanism, threading.RLock], _Shared]) -> _Shared:
        """Have evidence committed together with that of other devices, by another queue.

        The queue is given what it works on, and the lock to hold meanwhile; it is given back.
        """
        self._queue = queue = queue_of(self._mechanism, self._turn)
        return queue

    @classmethod
    def create(
        cls,
        store: DeviceStore,
        vault: KeyVault,
        device_id: DeviceId,
        profile: DeviceProfile,
        trust: TrustAnchors,
        now: datetime,
    ) -> Self:
        """Make a device in an empty store: manufactured, without a signing key yet.

        Raises:
            Refused: ``DEVICE_EXISTS``, or what the store or the vault refuses.
        """
        standing = Standing(
            device_id=str(device_id),
            rulebook=profile.rulebook,
            system=profile.system,
            denominational=profile.denominational,
            battery_renewed=profile.battery_renewed,
            provider_key=point_of(trust.provider_key),
            postal_key=point_of(trust.postal_key),
        )
        content = msgspec.json.encode(standing)
        return cls(Mechanism.make(store, vault, standing, content=content, time=instant_text(now)))

    @classmethod
    def open(cls, store: DeviceStore, vault: KeyVault, now: datetime) -> Self:
        """Power up: self-tests, then ready; a device that fails them opens faulted (PSD-5).

        Where it cannot be powered up the store is let go, so that it can be opened again.

        Raises:
            Refused: ``DEVICE_NOT_THERE``, ``STORE_DAMAGED``, ``VAULT_CANNOT_OPEN``,
                ``TOKEN_GONE``.
        """
        try:
            return cls(Mechanism.power_up(store, vault, now))
        except BaseException:
            store.close()
            raise

    @classmethod
    def move_in(
        cls,
        parcel: DeviceStore,
        passphrase: str,
        store: DeviceStore,
        vault: KeyVault,
        now: datetime,
    ) -> Self:
        """Take in a device that left another computer; locked until its audit is accepted.

        Raises:
            Refused: see ``franking.psd.moving``.
        """
        moving.move_in(parcel, passphrase, store, vault, now)
        return cls.open(store, vault, now)

    def move_out(self, parcel: DeviceStore, passphrase: str, now: datetime) -> str:
        """Leave for another computer in ``parcel``, an empty store; the parcel's name.

        Afterwards this place can only be read. Cut short, it is to be done again.

        Raises:
            Refused: see ``franking.psd.moving``.
        """
        with self._turn:
            return moving.move_out(self._mechanism, parcel, passphrase, now)

    def close(self) -> None:
        """Switch off; the store is let go."""
        with self._turn:
            self._mechanism.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # What can be read at any time ----------------------------------------------------------

    @property
    def device_id(self) -> DeviceId:
        """The identity, printed on every piece."""
        return DeviceId.parse(self._mechanism.state.standing.device_id)

    @property
    def status(self) -> Status:
        """The status."""
        return self._mechanism.status

    @property
    def registers(self) -> Registers:
        """The registers as they stand; also of a faulted device, without a warrant."""
        return self._mechanism.state.registers

    @property
    def state(self) -> DeviceState:
        """Everything the device knows of itself."""
        return self._mechanism.state

    def show(self, now: datetime | None = None) -> dict[str, object]:
        """The display, for JSON; locks and warnings are those of ``now``, or of the last time."""
        return showing.shown_at(self._mechanism.state, self._mechanism.faults, now)

    def warnings(self, now: datetime) -> list[Notice]:
        """What to attend to before it locks the device."""
        return list(notices.notices(self._mechanism.state, now.date()))

    def journal(self, after: int = 0, limit: int = COMMIT_PIECES_MAX) -> list[Entry]:
        """At most ``limit`` entries after one, in order."""
        with self._turn:
            return list(islice(self._mechanism.store.entries(after), limit))

    def check(self, now: datetime) -> tuple[str, ...]:
        """Read the whole journal; findings fault the device (PSD-5). None is good."""
        with self._turn:
            self._mechanism.require_certain()
            return self._mechanism.check_journal(instant_text(now))

    def condemn(self, finding: str, now: datetime) -> None:
        """Fault the device for what only somebody outside can know: it is a restored copy (PSD-5).

        The same finding again changes nothing.
        """
        with self._turn:
            if finding not in {fault.finding for fault in self._mechanism.faults}:
                self._mechanism.fault([finding], instant_text(now))

    # Evidence ------------------------------------------------------------------------------

    def evidence(self, request: EvidenceRequest, now: datetime) -> Evidence:
        """One indicium; the same request id gives the same bytes for ever (PSD-4).

        Raises:
            Refused: see ``franking.psd.evidencing`` for the order; nothing was debited.
        """
        outcome = self.evidence_many([request], now)[0]
        if isinstance(outcome, Refused):
            raise Refused(outcome.refusal, outcome.detail, outcome.remedy)
        return outcome

    def evidence_many(
        self, requests: Sequence[EvidenceRequest], now: datetime
    ) -> list[Evidence | Refused]:
        """Many indicia, in order; a refused one stops none of the others.

        Commits at most ``COMMIT_PIECES_MAX`` at a time.

        Raises:
            Refused: the store cannot be read; ask again under the same request ids.
        """
        outcomes: list[Outcome] = []
        for first in range(0, len(requests), COMMIT_PIECES_MAX):
            some = requests[first : first + COMMIT_PIECES_MAX]
            outcomes += self._queue.outcomes(self.job(some, now))
        return outcomes

    def job(self, requests: Sequence[EvidenceRequest], now: datetime) -> Job:
        """Requests as a job for the queue that the device shares with others."""
        # What is wrong with a caller's own time is not to stop those who share its commit.
        instant_text(now)
        return Job(requests, now, self._mechanism.state.latest_time)

    def preview(self, request: EvidenceRequest, now: datetime) -> Preview:
        """What the request would print; changes nothing (39 CFR 501.6(i)(3)).

        Raises:
            Refused: as ``evidence``.
        """
        with self._turn:
            mechanism = self._mechanism
            mechanism.require_sound()
            plan = Plan(mechanism.state, {})
            state, time = mechanism.state, instant_text(now)
            terms = terms_of(state, now.date(), time=time, latest=state.latest_time)
            outcome = plan.outcome(request, time, terms)
        if isinstance(outcome, Refused):
            raise outcome
        content = unpack(plan.contents[0])
        return Preview(
            postage_mills=content.postage_mills,
            date_of_mailing=content.date_of_mailing,
            descending_after_mills=content.descending_mills,
        )

    def inspection_imprint(self, request_id: str, now: datetime) -> InspectionImprint:
        """The ``.00`` imprint for an inspector: no debit, no signature, but journalled.

        Raises:
            Refused: ``REQUEST_ID_USED``, ``DEVICE_FAULTED``, ``DEVICE_MOVED``, ``WRONG_STATUS``
                or ``CLOCK_BEHIND``.
        """
        with self._turn:
            return inspecting.inspection_imprint(self._mechanism, request_id, now)

    # Life: key, licence, orders ------------------------------------------------------------

    def certificate_signing_request(self, now: datetime) -> bytes:
        """Make the device's key and ask for its certificate: PKCS#10 in DER (DMM P050.3.1).

        Asked again before the authorization it gives the same request.

        Raises:
            Refused: ``WRONG_STATUS``, ``DEVICE_FAULTED``, ``DEVICE_MOVED``.
        """
        with self._turn:
            return keying.initialize(self._mechanism, now)

    def authorize(self, order: str, now: datetime) -> str:
        """Take licence, limit and certificate (JWS ``Authorization`` → ``OrderReceipt``).

        Raises:
            Refused: what ``believing``, ``orders.require_order`` and ``orders.authorize`` refuse.
        """
        with self._turn:
            return ordering.authorize(self._mechanism, order, now)

    def lock(self, order: str, now: datetime) -> str:
        """Bar evidence for a cause (JWS ``LockOrder`` → ``OrderReceipt``)."""
        with self._turn:
            return ordering.lock(self._mechanism, order, now)

    def unlock(self, order: str, now: datetime) -> str:
        """Release the lock of that cause only (JWS ``UnlockOrder`` → ``OrderReceipt``)."""
        with self._turn:
            return ordering.unlock(self._mechanism, order, now)

    def withdraw(self, order: str, now: datetime) -> str:
        """Lock for good (JWS ``WithdrawalOrder`` → ``WithdrawalStatement``; PSD-7)."""
        with self._turn:
            return ordering.withdraw(self._mechanism, order, now)

    def clear(self, order: str, now: datetime) -> str:
        """Give up value, then key (JWS ``ClearingOrder`` → ``ClearingStatement``; PSD-7)."""
        with self._turn:
            return ordering.clear(self._mechanism, order, now)

    def scrap(self, order: str, now: datetime) -> None:
        """The end of a cleared device (JWS ``ScrappingOrder``); it has no key for a receipt."""
        with self._turn:
            ordering.scrap(self._mechanism, order, now)

    def request_rollover(self, now: datetime) -> str:
        """Make the next key and ask for its certificate (JWS ``RolloverRequest``)."""
        with self._turn:
            return keying.request_rollover(self._mechanism, now)

    def apply_rollover(self, order: str, now: datetime) -> str:
        """Sign with the next key from now on (JWS ``RolloverAuthorization`` → ``OrderReceipt``).

        The receipt is signed by the next key.
        """
        with self._turn:
            return ordering.roll_over(self._mechanism, order, now)

    # Resets and audits ---------------------------------------------------------------------

    def request_reset(self, amount_mills: int, request_id: str, now: datetime) -> str:
        """Ask for postage (JWS ``ResetRequest``); the same id gives the same request.

        Raises:
            Refused: see ``franking.psd.resetting``.
        """
        with self._turn:
            return resetting.request_reset(
                self._mechanism, request_id, now, amount_mills=amount_mills
            )

    def apply_grant(self, grant: str, now: datetime) -> str:
        """Credit a grant once (JWS ``ResetGrant`` → ``ResetReceipt``; PSD-2)."""
        with self._turn:
            return resetting.apply_grant(self._mechanism, grant, now)

    def close_reset(self, now: datetime) -> str:
        """End the pending reset unused (JWS ``ResetClosed``; PSD-2)."""
        with self._turn:
            return resetting.close_reset(self._mechanism, now)

    def audit(self, now: datetime) -> str:
        """The device audit message (JWS ``AuditReport``; 39 CFR 502.24)."""
        with self._turn:
            return resetting.audit(self._mechanism, now)

    def apply_audit_receipt(self, receipt: str, now: datetime) -> None:
        """Renew the watchdog, correct the clock (JWS ``AuditReceipt``; PSD-6)."""
        with self._turn:
            resetting.apply_audit_receipt(self._mechanism, receipt, now)
