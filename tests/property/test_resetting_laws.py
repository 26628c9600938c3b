"""Resets under any order of messages: lost, late, repeated; and with a device that was copied."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from franking.errors import Refused
from franking.messages.kinds import ResetGrant
from franking.messages.signing import unverified
from franking.provider.funds import chart
from franking.provider.resetting.commands import (
    accept_closed,
    accept_receipt,
    grant_reset,
    receive_audit,
)
from franking.provider.resetting.records import ResetStatus
from franking.provider.resetting.rows import find_device, resets_of
from franking.provider.resetting.view import device_view
from franking.provider.schema import LEDGER
from franking.psd.device import PostalSecurityDevice
from franking.psd.records import EvidenceRequest
from tests.fixtures_money import PLENTY
from tests.fixtures_random_money import audited
from tests.fixtures_three_domains import DEVICE, three_domains
from tests.memory_store import Disk, MemoryStore


class MessagesInAnyOrder(RuleBasedStateMachine):
    """A real device and its provider; every message ever sent may arrive at any time, again."""

    requests = Bundle("requests")
    grants = Bundle("grants")
    receipts = Bundle("receipts")
    closings = Bundle("closings")
    reports = Bundle("reports")
    audit_receipts = Bundle("audit_receipts")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="resetting-"))
        self.store = MemoryStore(Disk())
        self.world = three_domains(self.folder, self.store)
        self.world.enrol()
        self.answers: dict[str, str] = {}
        self.granted: set[str] = set()
        self.asked = 0

    def teardown(self) -> None:
        assert audited(self.world.provider).faults == []
        self.world.postal.close()
        self.world.provider.close()
        shutil.rmtree(self.folder)

    # What the device does ------------------------------------------------------------------

    @rule(postage_mills=st.sampled_from([1, 320, 20_000]))
    def evidence(self, postage_mills: int) -> None:
        self.world.pieces += 1
        piece = EvidenceRequest(f"piece-{self.world.pieces}", postage_mills)
        self.allowed(lambda: self.world.device.evidence(piece, self.world.later()))

    @rule(target=requests, amount_mills=st.sampled_from([1_000, 50_000, 300_000]))
    def request(self, amount_mills: int) -> str:
        return self.ask(amount_mills)

    def ask(self, amount_mills: int) -> str:
        self.asked += 1
        name = f"reset-{self.asked}"
        return self.allowed(
            lambda: self.world.device.request_reset(amount_mills, name, self.world.later())
        )

    @rule(target=receipts, grant=grants)
    def apply(self, grant: str) -> str:
        return self.allowed(lambda: self.world.device.apply_grant(grant, self.world.later()))

    @rule(target=closings)
    def close(self) -> str:
        return self.allowed(lambda: self.world.device.close_reset(self.world.later()))

    @rule(target=reports)
    def audit(self) -> str:
        return self.report()

    def report(self) -> str:
        return self.allowed(lambda: self.world.device.audit(self.world.later()))

    @rule(receipt=audit_receipts)
    def apply_audit_receipt(self, receipt: str) -> None:
        self.allowed(lambda: self.world.device.apply_audit_receipt(receipt, self.world.later()))

    # What the provider does ----------------------------------------------------------------

    @rule()
    def a_whole_reset(self) -> None:
        """As it goes when nothing is lost."""
        grant = self.grant_of(self.ask(1_000))
        self.accept(self.allowed(lambda: self.world.device.apply_grant(grant, self.world.later())))

    @rule(target=grants, request=requests)
    def grant(self, request: str) -> str:
        return self.grant_of(request)

    def grant_of(self, request: str) -> str:
        answer = self.answered(request, self.granting(request))
        self.granted |= {answer} - {""}
        return answer

    @rule(receipt=receipts)
    def accept_receipt(self, receipt: str) -> None:
        self.accept(receipt)

    def accept(self, receipt: str) -> None:
        if receipt:
            self.allowed(
                lambda: str(accept_receipt(self.world.provider, receipt, self.world.later()))
            )

    @rule(closed=closings)
    def accept_closed(self, closed: str) -> None:
        if closed:
            self.allowed(
                lambda: str(accept_closed(self.world.provider, closed, self.world.later()))
            )

    @rule(target=audit_receipts, report=reports)
    def receive_audit(self, report: str) -> str:
        return self.answered(report, self.auditing(report))

    def granting(self, request: str) -> Callable[[], str]:
        world = self.world
        return lambda: grant_reset(world.provider, world.provider_signer, request, world.later())

    def auditing(self, report: str) -> Callable[[], str]:
        world = self.world
        return lambda: receive_audit(world.provider, world.provider_signer, report, world.later())

    # What must hold ------------------------------------------------------------------------

    @invariant()
    def the_provider_knows_what_the_device_was_given(self) -> None:
        """Confirmed, plus what is in transit, bounds what the device holds (PSD-2)."""
        view, shown = self.view(), self.world.device.show()
        given, held = view["control_total_mills"], shown["control_total_mills"]
        assert held in {given, int(str(given)) + int(str(view["in_transit_mills"]))}

    @invariant()
    def a_sound_device_is_never_suspected(self) -> None:
        assert self.view()["suspicion"] == ""

    @invariant()
    def every_mill_is_in_one_place(self) -> None:
        """LEDGER-1, LEDGER-3, LEDGER-4: on deposit, in transit, in the device, or used."""
        with self.world.provider.reading() as reading:
            kinds = {line.kind: LEDGER.total(reading, line.kind) for line in LEDGER.chart}
            resets = resets_of(reading, DEVICE)
        assert sum(kinds.values()) == 0
        held = kinds["transit"] + kinds["device"] + kinds["used"]
        assert PLENTY - kinds["deposits"] == held
        charged = [one for one in resets if one.grant and one.status is not ResetStatus.RETURNED]
        assert held == sum(one.amount_mills for one in charged)

    @invariant()
    def the_ledger_says_what_the_device_last_said(self) -> None:
        """LEDGER-5: after each report that was believed."""
        with self.world.provider.reading() as reading:
            device = find_device(reading, DEVICE)
            value = LEDGER.balance(reading, chart.device(DEVICE)).balance_mills
        assert device is not None
        shown = device.registers
        credited = max(shown.control_total_mills, device.control_total_mills)
        assert value == credited - shown.ascending_mills

    @invariant()
    def confirmed_grants_are_what_was_given(self) -> None:
        with self.world.provider.reading() as reading:
            device, resets = find_device(reading, DEVICE), resets_of(reading, DEVICE)
        confirmed = [one.amount_mills for one in resets if one.status is ResetStatus.CONFIRMED]
        assert device is not None
        assert sum(confirmed) == device.control_total_mills

    # -----------------------------------------------------------------------------------

    def view(self) -> dict[str, object]:
        return device_view(self.world.provider, DEVICE)

    def allowed(self, action: Callable[[], object]) -> str:
        """What the action gives, or nothing where it is refused."""
        try:
            return str(action())
        except Refused:
            return ""

    def answered(self, message: str, action: Callable[[], str]) -> str:
        """An answer once given to a message is its answer for ever."""
        if not message:
            return ""
        answer = self.allowed(action)
        before = self.answers.get(message)
        assert before in (None, answer)
        if answer:
            self.answers[message] = answer
        return answer


class WithACopiedDevice(MessagesInAnyOrder):
    """As before, and somebody copies the device's disk and puts an old copy back."""

    def __init__(self) -> None:
        super().__init__()
        self.copy = self.store.disk.copy()

    @rule()
    def copy_disk(self) -> None:
        self.copy = self.store.disk.copy()

    @rule()
    def put_the_copy_back(self) -> None:
        self.store = MemoryStore(self.copy.copy())
        self.world.device = PostalSecurityDevice.open(self.store, self.world.vault, self.world.now)

    @rule(amount_mills=st.sampled_from([1_000, 50_000]))
    def a_device_from_before_an_acknowledgement_gets_nothing(self, amount_mills: int) -> None:
        if not self.is_behind():
            return
        request, report = self.ask(amount_mills), self.report()
        assert self.answered(request, self.granting(request)) == ""
        assert self.answered(report, self.auditing(report)) == ""

    def is_behind(self) -> bool:
        """Whether the device has forgotten an acknowledgement that it had shown to know."""
        knows = self.world.device._mechanism.state.standing.acknowledged_sequence
        return knows < int(str(self.view()["acknowledged_sequence"]))

    @invariant()
    def the_provider_knows_what_the_device_was_given(self) -> None:
        """A copy may hold what the device has used up; the provider's account does not change."""

    @invariant()
    def a_sound_device_is_never_suspected(self) -> None:
        """This one is not sound."""

    @invariant()
    def one_grant_a_sequence(self) -> None:
        granted = [unverified(one, ResetGrant).sequence for one in self.granted]
        assert len(set(granted)) == len(granted)


# Every example founds three domains: a third of what others take, in a night's run too.
LONG = settings(max_examples=settings().max_examples // 3, stateful_step_count=30, deadline=None)
TestMessagesInAnyOrder = pytest.mark.law("PSD-2", "LEDGER-1", "LEDGER-3", "LEDGER-4", "LEDGER-5")(
    MessagesInAnyOrder.TestCase
)
TestMessagesInAnyOrder.settings = LONG
TestWithACopiedDevice = pytest.mark.law("PSD-2", "LEDGER-1", "LEDGER-3", "LEDGER-4", "LEDGER-5")(
    WithACopiedDevice.TestCase
)
TestWithACopiedDevice.settings = LONG
