"""PSD-1, PSD-3 and PSD-4 over every store: one debit, one indicium, the same bytes for ever."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from franking.errors import Refused
from franking.indicium.signature import verify_raw
from franking.psd.believing import public_key_of
from franking.psd.records import SOFTWARE_ID, Evidence, EvidenceRequest, Status
from franking.psd.store import STORE_FAILING, STORE_FULL, Commit
from tests.fixtures_psd import DEVICE_ID, NOON, Bench, operational, refuses
from tests.fixtures_stores import EVERY_PLACE, PlaceKind

REQUEST = EvidenceRequest("piece-1", 320, date(2026, 11, 24), "20260000112", "FCM1")


def refusal(outcome: Evidence | Refused) -> str:
    assert isinstance(outcome, Refused)
    return outcome.code


@EVERY_PLACE
@pytest.mark.law("PSD-1")
@pytest.mark.duty("R97-502.9(a)", "R97-Pre-PSD", "R95-501.6(e)-1")
def test_an_indicium_says_what_the_registers_did(kind: PlaceKind, tmp_path: Path) -> None:
    bench = operational(kind(tmp_path).create(), amount_mills=100_000)
    evidence = bench.device.evidence(REQUEST, NOON)
    content = evidence.content
    assert len(evidence.indicium) == 113
    assert (content.device_id, content.certificate_serial) == (DEVICE_ID, 1)
    assert (content.postage_mills, content.ascending_mills, content.descending_mills) == (
        320,
        320,
        99_680,
    )
    assert (content.date_of_mailing, content.licensing_zip) == (date(2026, 11, 24), "20260")
    assert (content.destination, content.rate_category) == ("20260000112", "FCM1")
    assert content.software_id == SOFTWARE_ID
    assert evidence.registers == bench.device.registers
    assert (evidence.registers.piece_count, evidence.registers.control_total_mills) == (1, 100_000)


@EVERY_PLACE
@pytest.mark.duty("R97-502.9(b)", "R97-Pre-Key")
def test_an_indicium_is_signed_by_the_certified_key(kind: PlaceKind, tmp_path: Path) -> None:
    bench = operational(kind(tmp_path).create())
    indicium = bench.device.evidence(REQUEST, NOON).indicium
    key = public_key_of(bench.device.state.standing.public_key)
    verify_raw(key, indicium[:49], indicium[49:])
    with refuses("INDICIUM_SIGNATURE_FALSE"):
        verify_raw(key, indicium[:48] + b"?", indicium[49:])


@EVERY_PLACE
@pytest.mark.law("PSD-4")
def test_the_same_request_gives_the_same_bytes_and_one_debit(
    kind: PlaceKind, tmp_path: Path
) -> None:
    bench = operational(kind(tmp_path).create())
    first = bench.device.evidence(REQUEST, NOON)
    bench.piece("piece-2", NOON)
    again = bench.device.evidence(REQUEST, NOON + timedelta(days=1))
    assert again == first
    assert bench.device.registers.piece_count == 2


@EVERY_PLACE
@pytest.mark.law("PSD-4")
@pytest.mark.parametrize(
    "other",
    [
        EvidenceRequest("piece-1", 321, date(2026, 11, 24), "20260000112", "FCM1"),
        EvidenceRequest("piece-1", 320, date(2026, 11, 25), "20260000112", "FCM1"),
        EvidenceRequest("piece-1", 320, None, "20260000112", "FCM1"),
        EvidenceRequest("piece-1", 320, date(2026, 11, 24), "20260", "FCM1"),
        EvidenceRequest("piece-1", 320, date(2026, 11, 24), "20260000112", "FCM2"),
    ],
)
def test_the_same_id_with_other_fields_is_refused(
    kind: PlaceKind, tmp_path: Path, other: EvidenceRequest
) -> None:
    bench = operational(kind(tmp_path).create())
    bench.device.evidence(REQUEST, NOON)
    with refuses("REQUEST_ID_USED"):
        bench.device.evidence(other, NOON)
    assert bench.device.registers.piece_count == 1


@EVERY_PLACE
@pytest.mark.law("PSD-4")
def test_a_default_date_is_resolved_once(kind: PlaceKind, tmp_path: Path) -> None:
    bench = operational(kind(tmp_path).create())
    undated = EvidenceRequest("undated", 320)
    first = bench.device.evidence(undated, NOON)
    tomorrow = bench.device.evidence(undated, NOON + timedelta(days=1))
    assert tomorrow == first
    assert first.content.date_of_mailing == NOON.date()


@EVERY_PLACE
@pytest.mark.law("PSD-4")
def test_a_refused_attempt_does_not_use_up_its_id(kind: PlaceKind, tmp_path: Path) -> None:
    bench = operational(kind(tmp_path).create(), amount_mills=1_000)
    with refuses("EXCEEDS_DESCENDING"):
        bench.piece("later", NOON, 2_000)
    bench.reset(5_000, NOON)
    assert bench.piece("later", NOON, 2_000).content.postage_mills == 2_000


def locked(bench: Bench) -> None:
    bench.device.lock(bench.outside.lock(NOON), NOON)


def rolled_over(bench: Bench) -> None:
    bench.roll_over(NOON)


def withdrawn(bench: Bench) -> None:
    bench.withdraw(NOON)


def cleared(bench: Bench) -> None:
    bench.clear(NOON)


def scrapped(bench: Bench) -> None:
    bench.clear(NOON)
    bench.device.scrap(bench.outside.scrapping(NOON), NOON)


def faulted(bench: Bench) -> None:
    bench.device._mechanism.fault(["a test found fault"], "2026-11-23T12:00:00.000000Z")


@EVERY_PLACE
@pytest.mark.law("PSD-4")
@pytest.mark.parametrize("happens", [locked, rolled_over, withdrawn, cleared, scrapped, faulted])
@pytest.mark.parametrize("isrestarted", [False, True])
def test_whatever_becomes_of_the_device_its_past_can_be_asked_for(
    kind: PlaceKind, tmp_path: Path, happens: object, isrestarted: bool
) -> None:
    place = kind(tmp_path)
    bench = operational(place.create())
    before = bench.device.evidence(REQUEST, NOON)
    assert callable(happens)
    happens(bench)
    if isrestarted:
        bench.device.close()
        bench.power_up(place.open(), NOON)
    assert bench.device.evidence(REQUEST, NOON) == before
    with refuses("REQUEST_ID_USED"):
        bench.device.evidence(EvidenceRequest("piece-1", 999), NOON)


@EVERY_PLACE
@pytest.mark.law("PSD-1", "PSD-4")
def test_a_batch_refuses_some_and_evidences_the_others(kind: PlaceKind, tmp_path: Path) -> None:
    bench = operational(kind(tmp_path).create(), amount_mills=1_000)
    outcomes = bench.device.evidence_many(
        [
            EvidenceRequest("a", 400),
            EvidenceRequest("b", 700),
            EvidenceRequest("c", 0),
            EvidenceRequest("a", 400),
            EvidenceRequest("a", 401),
            EvidenceRequest("d", 600),
            EvidenceRequest("", 1),
        ],
        NOON,
    )
    first, last = outcomes[0], outcomes[5]
    assert isinstance(first, Evidence)
    assert isinstance(last, Evidence)
    assert outcomes[3] == first
    assert [refusal(outcomes[at]) for at in (1, 2, 4, 6)] == [
        "EXCEEDS_DESCENDING",
        "POSTAGE_MUST_BE_POSITIVE",
        "REQUEST_ID_USED",
        "REQUEST_UNREADABLE",
    ]
    assert bench.device.registers.descending_mills == 0
    assert (first.sequence + 1, last.registers.piece_count) == (last.sequence, 2)


@EVERY_PLACE
@pytest.mark.law("PSD-4")
def test_a_batch_asked_again_is_read_and_not_signed(kind: PlaceKind, tmp_path: Path) -> None:
    bench = operational(kind(tmp_path).create())
    batch = [EvidenceRequest(f"p{number}", 10 + number) for number in range(40)]
    first = bench.device.evidence_many(batch, NOON)
    more = [*batch, EvidenceRequest("p40", 5)]
    assert bench.device.evidence_many(more, NOON)[:-1] == first
    assert bench.device.registers.piece_count == 41


@EVERY_PLACE
def test_a_batch_longer_than_a_commit_is_as_one(kind: PlaceKind, tmp_path: Path) -> None:
    bench = operational(kind(tmp_path).create())
    batch = [EvidenceRequest(f"p{number}", 3) for number in range(2_100)]
    outcomes = bench.device.evidence_many(batch, NOON)
    ascending = [one.content.ascending_mills for one in outcomes if isinstance(one, Evidence)]
    assert ascending == list(range(3, 6_303, 3))
    assert bench.device.check(NOON) == ()


@EVERY_PLACE
def test_no_requests_are_no_trouble(kind: PlaceKind, tmp_path: Path) -> None:
    assert operational(kind(tmp_path).create()).device.evidence_many([], NOON) == []


class Unwritable:
    """What the store does when asked to make something durable."""

    def __init__(self, failure: Refused, *, isdurable: bool) -> None:
        self.failure, self.isdurable = failure, isdurable

    def install(self, bench: Bench) -> None:
        append = bench.store.append

        def fails(commit: Commit) -> None:
            if self.isdurable:
                append(commit)
            raise self.failure

        bench.store.append = fails  # type: ignore[method-assign]


@EVERY_PLACE
@pytest.mark.law("PSD-3")
@pytest.mark.duty("R95-501.6(e)-2", "R95-501.6(i)(1)-1")
def test_nothing_leaves_a_device_whose_store_is_full(kind: PlaceKind, tmp_path: Path) -> None:
    place = kind(tmp_path)
    bench = operational(place.create())
    before, append = bench.device.registers, bench.store.append
    Unwritable(STORE_FULL.because("no space"), isdurable=False).install(bench)
    outcomes = bench.device.evidence_many([EvidenceRequest("a", 1), EvidenceRequest("b", 2)], NOON)
    assert [refusal(one) for one in outcomes] == ["STORE_FULL", "STORE_FULL"]
    with refuses("STORE_FULL"):
        bench.device.lock(bench.outside.lock(NOON, order=2), NOON)
    assert bench.device.registers == before
    bench.store.append = append  # type: ignore[method-assign]
    assert bench.piece("a", NOON, 1).registers.piece_count == 1


@EVERY_PLACE
@pytest.mark.law("PSD-3", "PSD-4")
@pytest.mark.parametrize("isdurable", [False, True])
def test_after_a_commit_in_doubt_only_a_power_up_tells(
    kind: PlaceKind, tmp_path: Path, isdurable: bool
) -> None:
    place = kind(tmp_path)
    bench = operational(place.create())
    append = bench.store.append
    Unwritable(STORE_FAILING.because("half way"), isdurable=isdurable).install(bench)
    with refuses("STORE_FAILING"):
        bench.device.evidence(REQUEST, NOON)
    bench.store.append = append  # type: ignore[method-assign]
    for _ in range(2):
        with refuses("STORE_FAILING", "in doubt"):
            bench.device.evidence(REQUEST, NOON)
        with refuses("STORE_FAILING"):
            bench.device.audit(NOON)
    bench.device.close()
    device = bench.power_up(place.open(), NOON)
    assert device.registers.piece_count == int(isdurable)
    assert device.evidence(REQUEST, NOON).content.ascending_mills == 320
    assert device.registers.piece_count == 1


@EVERY_PLACE
@pytest.mark.law("PSD-3")
def test_an_interrupt_between_commit_and_answer_loses_nothing(
    kind: PlaceKind, tmp_path: Path
) -> None:
    place = kind(tmp_path)
    bench = operational(place.create())
    append = bench.store.append

    def interrupted(commit: Commit) -> None:
        append(commit)
        raise KeyboardInterrupt

    bench.store.append = interrupted  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        bench.device.evidence(REQUEST, NOON)
    bench.store.append = append  # type: ignore[method-assign]
    with refuses("STORE_FAILING"):
        bench.device.evidence(REQUEST, NOON)
    bench.device.close()
    device = bench.power_up(place.open(), NOON)
    assert device.status is Status.OPERATIONAL
    assert device.evidence(REQUEST, NOON).registers.piece_count == 1


@EVERY_PLACE
@pytest.mark.duty("R95-501.6(i)(3)")
def test_the_next_amount_can_be_shown_without_changing_anything(
    kind: PlaceKind, tmp_path: Path
) -> None:
    bench = operational(kind(tmp_path).create(), amount_mills=1_000)
    before = bench.device.state
    preview = bench.device.preview(EvidenceRequest("next", 320), NOON)
    assert (preview.postage_mills, preview.descending_after_mills) == (320, 680)
    assert preview.date_of_mailing == NOON.date()
    with refuses("EXCEEDS_DESCENDING"):
        bench.device.preview(EvidenceRequest("next", 1_001), NOON)
    assert bench.device.state == before
