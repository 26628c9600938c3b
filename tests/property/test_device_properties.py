"""Properties of registers, requests, batches, journals and messages, for whatever may come."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from franking.errors import Refused
from franking.psd.journal import GENESIS, fault_of_entry, seal_entry, seal_pieces
from franking.psd.records import EntryKind, Evidence, EvidenceRequest, Registers
from franking.psd.registers import close_unused, credit, debit, give_up, require_conserved
from franking.psd.requests import RequestReader
from franking.psd.store import Entry
from tests.fixtures_psd import NOON, Bench, operational
from tests.fixtures_stores import MemoryPlace

LIMIT = 500_000
STEPS = st.lists(
    st.tuples(st.sampled_from(["debit", "credit", "close", "give up"]), st.integers(-5, LIMIT + 5)),
    max_size=40,
)
DAYS = st.dates(date(2026, 11, 20), date(2027, 1, 1))
REQUESTS = st.builds(
    EvidenceRequest,
    st.integers(0, 30).map("p{}".format),
    st.integers(-2, 4_000),
    st.none() | DAYS,
    st.sampled_from(["", "20260", "202601234", "20260123456", "1234"]),
    st.sampled_from(["", "FCM", "FCM1", "TOOLONG"]),
)
ANYTHING = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary()


def bench_in_memory(amount_mills: int = 100_000) -> Bench:
    return operational(MemoryPlace(Path()).create(), amount_mills=amount_mills)


@pytest.mark.law("PSD-1", "PSD-2")
@given(STEPS)
def test_no_sequence_of_moves_breaks_the_registers(steps: list[tuple[str, int]]) -> None:
    registers, credited, withdrawn = Registers(), 0, 0
    for step, amount in steps:
        before = registers
        try:
            if step == "debit":
                registers = debit(before, postage_mills=amount)
            elif step == "credit":
                registers = credit(before, amount_mills=amount, limit_mills=LIMIT)
                credited += amount
            elif step == "close":
                registers = close_unused(before)
            else:
                registers = give_up(before)
                withdrawn += before.descending_mills
        except Refused:
            assert registers is before
        require_conserved(registers)
        assert registers.ascending_mills >= before.ascending_mills
        assert 0 <= registers.descending_mills <= LIMIT
        assert registers.control_total_mills == credited - withdrawn


@pytest.mark.law("PSD-1", "PSD-4")
@given(st.lists(REQUESTS, max_size=25), st.lists(st.integers(1, 8), min_size=1, max_size=6))
def test_a_batch_is_what_its_requests_are_one_by_one(
    requests: list[EvidenceRequest], cuts: list[int]
) -> None:
    together, apart = bench_in_memory(20_000), bench_in_memory(20_000)
    batched: list[Evidence | Refused] = []
    rest = requests
    while rest:
        size = cuts[len(batched) % len(cuts)]
        batched += together.device.evidence_many(rest[:size], NOON)
        rest = rest[size:]
    for request, outcome in zip(requests, batched, strict=True):
        [single] = apart.device.evidence_many([request], NOON)
        if isinstance(single, Refused):
            assert isinstance(outcome, Refused)
            assert outcome.code == single.code
        else:
            assert isinstance(outcome, Evidence)
            assert outcome.content.ascending_mills == single.content.ascending_mills
            assert outcome.registers == single.registers
    assert together.device.registers == apart.device.registers
    assert together.device.check(NOON) == ()


@pytest.mark.law("PSD-1")
@given(st.lists(st.integers(1, 3_000), max_size=40))
def test_the_quick_way_debits_as_the_registers_do(postages: list[int]) -> None:
    bench = bench_in_memory(60_000)
    registers = bench.device.registers
    requests = [EvidenceRequest(f"p{at}", postage) for at, postage in enumerate(postages)]
    for outcome, postage in zip(bench.device.evidence_many(requests, NOON), postages, strict=True):
        if isinstance(outcome, Evidence):
            registers = debit(registers, postage_mills=postage)
            assert outcome.registers == registers
        else:
            assert outcome.code == "EXCEEDS_DESCENDING"
            assert postage > registers.descending_mills


@pytest.mark.law("PSD-4")
@given(st.tuples(ANYTHING, ANYTHING, ANYTHING, ANYTHING, ANYTHING))
def test_whatever_is_asked_is_answered_or_refused(fields: tuple[Any, ...]) -> None:
    bench = bench_in_memory()
    before = bench.device.registers
    [outcome] = bench.device.evidence_many([EvidenceRequest(*fields)], NOON)
    spent = bench.device.registers.ascending_mills - before.ascending_mills
    if isinstance(outcome, Refused):
        assert spent == 0
        assert outcome.remedy
    else:
        assert spent == fields[1] > 0


@pytest.mark.law("PSD-4")
@given(REQUESTS, REQUESTS)
def test_requests_with_other_fields_have_other_digests(
    one: EvidenceRequest, two: EvidenceRequest
) -> None:
    reader = RequestReader()
    try:
        first, second = reader.read(one), reader.read(two)
    except Refused:
        return
    same = (one.postage_mills, one.date_of_mailing, one.destination, one.rate_category) == (
        two.postage_mills,
        two.date_of_mailing,
        two.destination,
        two.rate_category,
    )
    assert (first.digest == second.digest) == same


KEY = b"k" * 32
REGISTERS = st.builds(
    Registers,
    ascending_mills=st.integers(0, 2**40),
    descending_mills=st.integers(0, 2**32),
    control_total_mills=st.integers(0, 2**41),
    piece_count=st.integers(0, 2**31),
    reset_sequence=st.integers(0, 2**31),
)
ENTRIES = st.builds(
    lambda **fields: seal_entry(GENESIS, KEY, **fields),
    sequence=st.integers(1, 2**31),
    time=st.text(max_size=30),
    kind=st.sampled_from(EntryKind),
    registers=REGISTERS,
    request_id=st.none() | st.text(min_size=1, max_size=64),
    request_digest=st.binary(max_size=32),
    content=st.binary(max_size=200),
    signature=st.binary(max_size=64),
)


@pytest.mark.law("PSD-5")
@given(ENTRIES, ENTRIES, st.sampled_from(Entry._fields))
def test_no_field_of_an_entry_changes_unseen(entry: Entry, other: Entry, name: str) -> None:
    assert fault_of_entry(entry, KEY) is None
    altered = entry._replace(**{name: getattr(other, name)})
    if altered != entry:
        assert fault_of_entry(altered, KEY) is not None


@pytest.mark.law("PSD-5")
@given(st.lists(ENTRIES, min_size=1, max_size=5))
def test_the_quick_way_seals_pieces_as_entries_are_sealed(entries: list[Entry]) -> None:
    pieces = [
        (one.sequence, one.time, *one[3:8], one.request_id or "x", *one[9:12]) for one in entries
    ]
    previous = GENESIS
    for piece, sealed in zip(pieces, seal_pieces(GENESIS, KEY, pieces), strict=True):
        slow = seal_entry(
            previous,
            KEY,
            sequence=sealed.sequence,
            time=sealed.time,
            kind=EntryKind.EVIDENCE,
            registers=sealed.registers,
            request_id=sealed.request_id,
            request_digest=sealed.request_digest,
            content=sealed.content,
            signature=sealed.signature,
        )
        assert sealed == slow
        assert sealed.request_id == piece[7]
        previous = sealed.hash


@pytest.mark.law("PSD-2")
@given(st.data())
def test_no_mutation_of_a_message_moves_the_device(data: st.DataObject) -> None:
    bench = bench_in_memory()
    request = bench.device.request_reset(1_000, "r2", NOON)
    message = data.draw(
        st.sampled_from(
            [
                bench.outside.grant(request, NOON),
                bench.outside.lock(NOON),
                bench.outside.withdrawal(NOON, order=2),
                request,
            ]
        )
    )
    at = data.draw(st.integers(0, len(message) - 1))
    altered = message[:at] + data.draw(st.text(max_size=3)) + message[at + 1 :]
    if altered == message:
        return
    before = bench.device.state
    device = bench.device
    for take in (device.apply_grant, device.lock, device.withdraw, device.apply_rollover):
        with pytest.raises(Refused):
            take(altered, NOON)
    with pytest.raises(Refused):
        device.apply_audit_receipt(altered, NOON)
    assert device.state == before


@pytest.mark.law("PSD-6")
@given(st.lists(st.integers(-3_000, 10_000), max_size=20))
def test_accepted_time_never_falls(minutes: list[int]) -> None:
    bench = bench_in_memory()
    latest = NOON
    for number, minute in enumerate(minutes):
        now: datetime = NOON + timedelta(minutes=minute)
        [outcome] = bench.device.evidence_many([EvidenceRequest(f"p{number}", 1)], now)
        if now < latest:
            assert isinstance(outcome, Refused)
            assert outcome.code == "CLOCK_BEHIND"
        else:
            assert isinstance(outcome, Evidence)
            latest = now
    times = [entry.time for entry in bench.device.journal()]
    assert times == sorted(times)


@pytest.mark.law("PSD-4")
@given(st.lists(REQUESTS, min_size=1, max_size=12))
def test_a_power_up_between_any_two_requests_changes_no_answer(
    requests: list[EvidenceRequest],
) -> None:
    with TemporaryDirectory() as folder:
        place = MemoryPlace(Path(folder))
        bench = operational(place.create(), amount_mills=20_000)
        first = [bench.device.evidence_many([one], NOON)[0] for one in requests]
        for request, answer in zip(requests, first, strict=True):
            bench.device.close()
            bench.power_up(place.open(), NOON)
            [again] = bench.device.evidence_many([request], NOON)
            if isinstance(answer, Evidence):
                assert again == answer
