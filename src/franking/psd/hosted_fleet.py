"""A hosted fleet: many devices in one database, switched on as they are asked for.

Devices stay switched on while there is room; the one that was asked longest ago makes way. A
device that another program has taken over, or whose last commit ended in doubt, is powered up
again, which tells what was done.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Final, NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy import select

from franking.errors import Refused
from franking.identifiers import DeviceId
from franking.psd.device import PostalSecurityDevice
from franking.psd.evidencing import Job, Outcome
from franking.psd.hosted_errors import foreign_errors
from franking.psd.hosted_lane import OneAtATime
from franking.psd.hosted_lanes import lanes_wanted, open_lane
from franking.psd.hosted_store import HostedDeviceStore
from franking.psd.hosted_tables import ENTRIES, REGISTERS, SCHEMA
from franking.psd.mechanism import Mechanism
from franking.psd.records import DeviceProfile, Evidence, EvidenceRequest, TrustAnchors
from franking.psd.shared_commits import Seat, SharedCommits
from franking.psd.store import DEVICE_IN_USE, STORE_FAILING
from franking.psd.vault.port import KeyVault
from franking.rules.permissions import Role
from franking.storage import Actor, Books, Where

SERVICE: Final = Actor("Hosted fleet", Role.PROVIDER_SERVICE)
DEVICES_ON_MAX: Final = 10_000
"""Devices that are kept switched on: some kilobytes each."""
_PAGE: Final = 1000
_TO_BE_OPENED_AGAIN: Final = frozenset({DEVICE_IN_USE.code, STORE_FAILING.code})


class Head(NamedTuple):
    """Where a device's journal stands."""

    device: str
    sequence: int
    ascending_mills: int
    head: bytes
    descending_mills: int


class _Seated(NamedTuple):
    """A device that is on, its place among those that share commits, and what is asked of it."""

    device: PostalSecurityDevice
    seat: Seat
    job: Job


class HostedFleet:
    """The devices of one provider's hosted service. Safe between threads."""

    def __init__(
        self,
        books: Books,
        vault: KeyVault,
        *,
        on_max: int = DEVICES_ON_MAX,
        lanes: int | None = None,
    ) -> None:
        self._books, self._vault, self._on_max = books, vault, on_max
        self._commits = SharedCommits(
            [open_lane(books) for _ in range(lanes or lanes_wanted(books))]
        )
        self._alone = OneAtATime(open_lane(books))
        self._mutex, self._opening = threading.Lock(), threading.Lock()
        self._on: OrderedDict[str, PostalSecurityDevice] = OrderedDict()
        self._seats: WeakKeyDictionary[PostalSecurityDevice, Seat] = WeakKeyDictionary()

    @classmethod
    def open(cls, where: Where, vault: KeyVault, *, on_max: int = DEVICES_ON_MAX) -> HostedFleet:
        """The fleet at ``where``, made where there is none.

        Raises:
            Refused: as ``Books.open``.
        """
        return cls(Books.open(where, SCHEMA, by=SERVICE), vault, on_max=on_max)

    def create(
        self, device_id: DeviceId, profile: DeviceProfile, trust: TrustAnchors, now: datetime
    ) -> PostalSecurityDevice:
        """Make a device: manufactured, without a signing key yet; it stays switched on.

        Raises:
            Refused: ``DEVICE_EXISTS``, or what the database or the vault refuses.
        """
        name = str(device_id)
        store = HostedDeviceStore.create(self._books, self._alone, name)
        device = PostalSecurityDevice.create(store, self._vault, device_id, profile, trust, now)
        return self._keep(name, store, device)

    def evidence(self, name: str, request: EvidenceRequest, now: datetime) -> Evidence:
        """One indicium of the device called ``name``, in a commit shared with others.

        Raises:
            Refused: ``DEVICE_NOT_THERE``, or as the device's ``evidence``.
        """
        outcome = self.evidence_many(name, [request], now)[0]
        if isinstance(outcome, Refused):
            raise outcome
        return outcome

    def evidence_many(
        self, name: str, requests: Sequence[EvidenceRequest], now: datetime
    ) -> list[Outcome]:
        """Many indicia of one device, in order; a refused one stops none of the others.

        Raises:
            Refused: ``DEVICE_NOT_THERE``, or as the device's ``evidence_many``.
        """
        outcomes = self._asked(name, requests, now)
        if any(_is(outcome, DEVICE_IN_USE.code) for outcome in outcomes):
            # Another program took the device over, and lets us take it back.
            outcomes = self._asked(name, requests, now)
        return outcomes

    def evidence_each(
        self, asked: Sequence[tuple[str, EvidenceRequest]], now: datetime
    ) -> list[Outcome]:
        """An indicium of each of many devices, in one commit; in the order asked for.

        For a front that gathers what its callers ask; a refused one stops none of the others.
        """
        seated = [self._seated(name, request, now) for name, request in asked]
        self._commits.carry_out([(on.seat, on.job) for on in seated if isinstance(on, _Seated)])
        return [
            one if isinstance(one, Refused) else self._outcome(one, name, now)
            for (name, _), one in zip(asked, seated, strict=True)
        ]

    def _seated(self, name: str, request: EvidenceRequest, now: datetime) -> _Seated | Refused:
        try:
            device = self._switched_on(name, now)
            with self._mutex:
                seat = self._seats[device]
            return _Seated(device, seat, device.job([request], now))
        except Refused as refused:
            return refused

    def _outcome(self, one: _Seated, name: str, now: datetime) -> Outcome:
        job = one.job
        outcome = job.outcomes[0] if job.error is None else job.error
        if isinstance(outcome, Evidence):
            return outcome
        if not isinstance(outcome, Refused):
            raise outcome
        if outcome.code in _TO_BE_OPENED_AGAIN:
            self._switch_off(name, one.device)
        if outcome.code == DEVICE_IN_USE.code:
            # Another program took the device over, and lets us take it back.
            return self.evidence_many(name, job.requests, now)[0]
        return outcome

    @contextmanager
    def device(self, name: str, now: datetime) -> Iterator[PostalSecurityDevice]:
        """The device called ``name``, switched on: for its orders, resets and audits.

        Raises:
            Refused: ``DEVICE_NOT_THERE``, or what a power-up refuses.
        """
        device = self._still_held(name, now)
        try:
            yield device
        except Refused as refused:
            if refused.code in _TO_BE_OPENED_AGAIN:
                self._switch_off(name, device)
            raise

    def heads(self) -> Iterator[Head]:
        """Where every device's journal stands, by name, in constant memory."""
        columns = [REGISTERS.c[name] for name in Head._fields]
        after = ""
        while True:
            page = select(*columns).where(REGISTERS.c.device > after).order_by(REGISTERS.c.device)
            with foreign_errors("fleet"), self._books.engine.connect() as connection:
                heads = [Head._make(row) for row in connection.execute(page.limit(_PAGE))]
            yield from heads
            if len(heads) < _PAGE:
                return
            after = heads[-1].device

    def has(self, name: str) -> bool:
        """Whether the fleet has a device of this ID."""
        return self.entry_hash(name, 1) is not None

    def entry_hash(self, name: str, sequence: int) -> str | None:
        """The hash of a journal entry in hex, where there is such an entry."""
        mine = (ENTRIES.c.device == name) & (ENTRIES.c.sequence == sequence)
        with foreign_errors("fleet"), self._books.engine.connect() as connection:
            found = connection.execute(select(ENTRIES.c.hash).where(mine)).scalar_one_or_none()
        return None if found is None else found.hex()

    def condemn(self, name: str, finding: str, now: datetime) -> None:
        """Fault a device for what was found outside of it: a copy that is not the latest (PSD-5).

        Raises:
            Refused: ``DEVICE_NOT_THERE``, or what a power-up refuses.
        """
        with self.device(name, now) as device:
            device.condemn(finding, now)

    def close(self) -> None:
        """Switch every device off, and let the database go."""
        with self._mutex:
            for device in self._on.values():
                device.close()
            self._on.clear()
        self._commits.close()
        self._alone.close()
        self._books.close()

    def _asked(
        self, name: str, requests: Sequence[EvidenceRequest], now: datetime
    ) -> list[Outcome]:
        device = self._switched_on(name, now)
        try:
            outcomes = device.evidence_many(requests, now)
        except Refused as refused:
            if refused.code not in _TO_BE_OPENED_AGAIN:
                raise
            self._switch_off(name, device)
            if refused.code == STORE_FAILING.code:
                raise
            return [refused]
        if any(_is(outcome, code) for outcome in outcomes for code in _TO_BE_OPENED_AGAIN):
            self._switch_off(name, device)
        return outcomes

    def _switched_on(self, name: str, now: datetime) -> PostalSecurityDevice:
        # One is powered up at a time; who asks for one that is on does not wait for that.
        found = self._found(name)
        if found is not None:
            return found
        with self._opening:
            found = self._found(name)
            if found is not None:
                return found
            store = HostedDeviceStore.open(self._books, self._alone, name)
            opened = PostalSecurityDevice.open(store, self._vault, now)
            return self._keep(name, store, opened)

    def _still_held(self, name: str, now: datetime) -> PostalSecurityDevice:
        """The device, powered up again if another program has had it meanwhile."""
        device = self._switched_on(name, now)
        with self._mutex:
            seat = self._seats.get(device)
        if seat is None or seat.store.is_held():
            return device
        self._switch_off(name, device)
        return self._switched_on(name, now)

    def _found(self, name: str) -> PostalSecurityDevice | None:
        with self._mutex:
            device = self._on.get(name)
            if device is not None:
                self._on.move_to_end(name)
            return device

    def _keep(
        self, name: str, store: HostedDeviceStore, device: PostalSecurityDevice
    ) -> PostalSecurityDevice:
        """Let the device share commits, and keep it switched on; another makes way."""

        def seat_of(mechanism: Mechanism, turn: threading.RLock) -> Seat:
            return Seat(self._commits, mechanism, turn, store)

        seat = device.share(seat_of)
        with self._mutex:
            self._on[name] = device
            self._seats[device] = seat
            if len(self._on) > self._on_max:
                # Who is using it just now finds it taken over, and asks again.
                self._on.popitem(last=False)
        return device

    def _switch_off(self, name: str, device: PostalSecurityDevice) -> None:
        with self._mutex:
            if self._on.get(name) is device:
                del self._on[name]


def _is(outcome: Outcome, code: str) -> bool:
    return type(outcome) is Refused and outcome.code == code
