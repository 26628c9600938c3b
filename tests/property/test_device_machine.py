"""A device under every operation in any order, against a model that knows no device.

The model keeps money in plain integers and a list of what it was given; the device keeps it in
registers, a journal and signatures. After every step they must agree, to the mill, and whatever
the device ever gave out it must give out again, byte for byte. Laws: PSD-1, PSD-2, PSD-4, PSD-6,
PSD-7.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from franking.errors import Refused
from franking.indicium.signature import verify_raw
from franking.psd.believing import public_key_of
from franking.psd.records import Evidence, EvidenceRequest
from tests.fixtures_psd import LIMIT_MILLS, NOON, Bench, authorized, refuses, watchdog
from tests.fixtures_stores import MemoryPlace, Place, SqlitePlace

AMOUNTS = st.sampled_from([1, 7, 320, 50_000, LIMIT_MILLS]) | st.integers(1, LIMIT_MILLS)
POSTAGE = st.sampled_from([0, 1, 320, 20_000]) | st.integers(-5, LIMIT_MILLS + 5)
NAMES = st.integers(0, 12).map("p{}".format)


@dataclass(slots=True)
class Model:
    """What a bookkeeper outside would write down."""

    status: str = "authorized"
    credited: int = 0
    spent: int = 0
    given_up: int = 0
    pieces: int = 0
    resets: int = 0
    locks: list[str] = field(default_factory=list)
    pending: int | None = None
    given_out: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    replies: list[tuple[Callable[[], object], object]] = field(default_factory=list)

    @property
    def left(self) -> int:
        return self.credited - self.spent - self.given_up


class DeviceMachine(RuleBasedStateMachine):
    """One device, its provider, and a bookkeeper."""

    place_kind: Callable[[Path], Place] = MemoryPlace

    @initialize()
    def make(self) -> None:
        """A device that is authorized and empty."""
        self.folder = Path(tempfile.mkdtemp(prefix="franking-machine-"))
        self.place: Place = self.place_kind(self.folder)
        self.bench: Bench = authorized(self.place.create())
        self.model = Model()
        self.now = NOON
        self.audited = NOON
        self.resets = 0

    def teardown(self) -> None:
        """Switch off."""
        if hasattr(self, "bench"):
            self.bench.device.close()
            shutil.rmtree(self.folder)

    # What happens --------------------------------------------------------------------------

    @rule(hours=st.sampled_from([0, 1, 30, 24 * 40]))
    def time_passes(self, hours: int) -> None:
        """Hours, or more than a month."""
        self.now += timedelta(hours=hours)

    @rule()
    def power_is_cut(self) -> None:
        """The device is switched off and on."""
        self.bench.device.close()
        self.bench.power_up(self.place.open(), self.now)

    @rule(name=NAMES, postage=POSTAGE)
    def evidence(self, name: str, postage: int) -> None:
        """One piece, new or asked for again."""
        expected = self.expected(name, postage)
        if expected:
            with refuses(expected):
                self.bench.piece(name, self.now, postage)
        else:
            self.take(name, postage, self.bench.piece(name, self.now, postage))

    @rule(wanted=st.lists(st.tuples(NAMES, POSTAGE), max_size=8))
    def evidence_many(self, wanted: list[tuple[str, int]]) -> None:
        """A batch: as one by one, in order."""
        requests = [EvidenceRequest(name, postage) for name, postage in wanted]
        outcomes = self.bench.device.evidence_many(requests, self.now)
        for (name, postage), outcome in zip(wanted, outcomes, strict=True):
            expected = self.expected(name, postage)
            if isinstance(outcome, Refused):
                assert outcome.code == expected
            else:
                assert expected == ""
                self.take(name, postage, outcome)

    @precondition(lambda self: self.model.pending is None and self.is_in_service())
    @rule(amount=AMOUNTS)
    def request_reset(self, amount: int) -> None:
        """Ask for postage; above the limit it is refused."""
        self.resets += 1
        name = f"reset-{self.resets}"
        if self.model.left + amount > LIMIT_MILLS:
            with refuses("CREDIT_ABOVE_LIMIT"):
                self.bench.device.request_reset(amount, name, self.now)
            return
        request = self.bench.device.request_reset(amount, name, self.now)
        self.model.pending, self.request = amount, request
        self.remember(lambda: self.bench.device.request_reset(amount, name, self.now), request)

    @precondition(lambda self: self.model.pending is not None and self.is_in_service())
    @rule()
    def grant(self) -> None:
        """The provider grants what was asked for."""
        assert self.model.pending is not None
        grant = self.bench.outside.grant(self.request, self.now)
        receipt = self.bench.device.apply_grant(grant, self.now)
        self.model.credited += self.model.pending
        self.model.resets += 1
        self.model.pending, self.model.status = None, "operational"
        self.audited = self.now
        self.remember(lambda: self.bench.device.apply_grant(grant, self.now), receipt)

    @precondition(lambda self: self.model.pending is not None)
    @rule()
    def close_reset(self) -> None:
        """The reset ends unused."""
        self.bench.device.close_reset(self.now)
        self.model.resets += 1
        self.model.pending = None

    @precondition(lambda self: self.is_in_service())
    @rule(cause=st.sampled_from(["account", "quality"]))
    def lock(self, cause: str) -> None:
        """The provider locks."""
        order = self.bench.outside.lock(self.now, cause)
        receipt = self.bench.device.lock(order, self.now)
        if cause not in self.model.locks:
            self.model.locks.append(cause)
        self.remember(lambda: self.bench.device.lock(order, self.now), receipt)

    @precondition(lambda self: self.is_in_service())
    @rule(cause=st.sampled_from(["account", "quality"]))
    def unlock(self, cause: str) -> None:
        """The provider unlocks."""
        self.bench.device.unlock(self.bench.outside.unlock(self.now, cause), self.now)
        self.model.locks = [one for one in self.model.locks if one != cause]

    @precondition(lambda self: self.is_in_service())
    @rule()
    def audit(self) -> None:
        """An audit that is accepted."""
        self.bench.audit(self.now)
        self.audited = self.now

    @precondition(lambda self: self.is_in_service())
    @rule()
    def roll_over(self) -> None:
        """A new key."""
        self.bench.roll_over(self.now)

    @precondition(lambda self: self.is_in_service())
    @rule()
    def inspect(self) -> None:
        """An imprint worth nothing."""
        self.bench.device.inspection_imprint(f"look-{self.bench.device.state.sequence}", self.now)

    @precondition(lambda self: self.is_in_service() and self.model.pieces > 3)
    @rule()
    def withdraw(self) -> None:
        """Out of service."""
        order = self.bench.outside.withdrawal(self.now)
        self.statement = self.bench.device.withdraw(order, self.now)
        self.model.status = "withdrawn"
        self.remember(lambda: self.bench.device.withdraw(order, self.now), self.statement)

    @precondition(lambda self: self.model.status == "withdrawn" and self.model.pending is None)
    @rule()
    def clear(self) -> None:
        """Examined: value and key are given up."""
        order = self.bench.outside.clearing(self.statement, self.now)
        final = self.bench.device.clear(order, self.now)
        self.model.given_up += self.model.left
        self.model.status, self.model.locks = "cleared", []
        self.remember(lambda: self.bench.device.clear(order, self.now), final)

    @precondition(lambda self: self.model.status == "cleared")
    @rule()
    def start_again(self) -> None:
        """A new life for a cleared device."""
        request = self.bench.device.certificate_signing_request(self.now)
        self.bench.device.authorize(self.bench.outside.authorization(request, self.now), self.now)
        self.model.status, self.audited = "authorized", self.now

    # What must hold -------------------------------------------------------------------------

    @invariant()
    def registers_are_those_of_the_bookkeeper(self) -> None:
        """PSD-1, PSD-2: to the mill."""
        registers, model = self.bench.device.registers, self.model
        assert registers.ascending_mills == model.spent
        assert registers.descending_mills == model.left
        assert registers.control_total_mills == model.credited - model.given_up
        assert (registers.piece_count, registers.reset_sequence) == (model.pieces, model.resets)
        assert 0 <= registers.descending_mills <= LIMIT_MILLS
        assert self.bench.device.status.value == model.status

    @rule()
    def everything_given_out_is_given_out_again(self) -> None:
        """PSD-4, PSD-2: the same bytes for the same question, whatever happened since."""
        before = self.bench.device.state
        for name, (postage, indicium) in self.model.given_out.items():
            assert self.bench.piece(name, self.now, postage).indicium == indicium
        for ask, answer in self.model.replies:
            assert ask() == answer
        assert self.bench.device.state == before

    @rule()
    def the_journal_is_whole(self) -> None:
        """PSD-5: a full check finds nothing."""
        assert self.bench.device.check(self.now) == ()

    # How the bookkeeper reckons --------------------------------------------------------------

    def is_in_service(self) -> bool:
        """Whether orders and resets make sense."""
        return self.model.status in ("authorized", "operational")

    def expected(self, name: str, postage: int) -> str:
        """The code of the refusal that is due, or nothing."""
        model = self.model
        if name in model.given_out:
            return "" if model.given_out[name][0] == postage else "REQUEST_ID_USED"
        if model.status in ("withdrawn", "cleared"):
            return "DEVICE_WITHDRAWN"
        if model.status == "authorized":
            return "DEVICE_NOT_OPERATIONAL"
        if model.locks:
            return "DEVICE_LOCKED"
        if self.now.date() > watchdog(self.audited):
            return "WATCHDOG_EXPIRED"
        if postage <= 0:
            return "POSTAGE_MUST_BE_POSITIVE"
        return "EXCEEDS_DESCENDING" if postage > model.left else ""

    def take(self, name: str, postage: int, evidence: Evidence) -> None:
        """Write a piece down, once."""
        model = self.model
        if name in model.given_out:
            assert evidence.indicium == model.given_out[name][1]
            return
        model.spent += postage
        model.pieces += 1
        model.given_out[name] = (postage, evidence.indicium)
        content = evidence.content
        assert (content.ascending_mills, content.descending_mills) == (model.spent, model.left)
        key = public_key_of(self.bench.device.state.standing.public_key)
        verify_raw(key, evidence.indicium[:49], evidence.indicium[49:])

    def remember(self, ask: Callable[[], object], answer: object) -> None:
        """A question that must be answered the same way for ever."""
        self.model.replies.append((ask, answer))


class SqliteDeviceMachine(DeviceMachine):
    """The same device in a file."""

    place_kind = SqlitePlace


TestDeviceInMemory = pytest.mark.law("PSD-1", "PSD-2", "PSD-4", "PSD-6", "PSD-7")(
    DeviceMachine.TestCase
)
TestDeviceInMemory.settings = settings(stateful_step_count=30)
TestDeviceInAFile = pytest.mark.law("PSD-1", "PSD-2", "PSD-4", "PSD-6", "PSD-7")(
    SqliteDeviceMachine.TestCase
)
TestDeviceInAFile.settings = settings(stateful_step_count=20)
