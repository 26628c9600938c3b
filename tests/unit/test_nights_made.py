"""Made-up nights: what they hold, that their seed tells them, and how verifiers are scored."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from franking.errors import Refused
from franking.identifiers import DeviceId
from franking.indicium.content import ALGORITHM_ES256, VERSION, IndiciumContent, pack
from franking.indicium.profiles import OWN_PROFILES, decode
from franking.scans.records import KNOWN_TOTALS, SCAN, VERDICT
from franking.scans.suspicions import Seen, Suspicion, SuspicionKind
from franking.verification.reasons import Reason
from franking.verification.trust_format import day_number
from franking.world.nights import places, synthesis
from franking.world.nights.fleet import device_numbers, root_key
from franking.world.nights.mail import mailed, prices, registered
from franking.world.nights.plan import Plan, latest_night, read_spec
from franking.world.nights.records import TRUTH, Fraud, Night, Trouble
from franking.world.nights.scoring import Score, score
from franking.world.nights.signing import contents
from tests.fixtures_nights import made_night, small_night

ON = date(1997, 11, 20)
TODAY = day_number(ON)


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Night:
    return made_night(tmp_path_factory.mktemp("made") / "night", nights=(35, 0))


def rows(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pq.read_table(path).to_pylist()
    return found


def test_contents_are_laid_out_as_a_device_lays_them_out() -> None:
    random = np.random.default_rng(7)
    pieces = mailed(np.array([0, 3, 3]), np.array([TODAY] * 3), random)
    registered(pieces)
    wanted = [
        pack(
            IndiciumContent(
                version=VERSION,
                algorithm=ALGORITHM_ES256,
                certificate_serial=int(piece["certificate"]),
                device_id=DeviceId("FK", "1A", int(piece["device"]) + 1),
                ascending_mills=int(piece["ascending"]),
                postage_mills=int(piece["postage"]),
                date_of_mailing=ON,
                licensing_zip=f"{places.ZIPS[piece['office'], 0]:05d}",
                destination=f"{piece['destination']:011d}",
                software_id=b"NIGHT1",
                descending_mills=int(piece["descending"]),
                rate_category="FCL",
            )
        )
        for piece in pieces
    ]
    assert [row.tobytes() for row in contents(pieces)] == wanted


def test_every_device_spends_what_it_was_reset_with() -> None:
    """One piece after another, never more than it had, and never above the limit of $500."""
    random = np.random.default_rng(7)
    pieces = mailed(random.integers(0, 4, 4000), np.array([TODAY] * 4000), random)
    registered(pieces)
    same = np.diff(pieces["device"]) == 0
    assert (np.diff(pieces["ascending"])[same] == pieces["postage"][1:][same]).all()
    assert (pieces["descending"] >= 0).all()
    assert (pieces["descending"] + pieces["postage"] <= 500_000).all()


def test_a_letter_of_one_ounce_pays_the_price_of_its_day() -> None:
    assert prices(TODAY)[0] == 320


def test_scans_and_truth_are_row_for_row_the_same(night: Night) -> None:
    assert pq.read_schema(night.scans).equals(SCAN)
    assert pq.read_schema(night.truth).equals(TRUTH)
    truth = rows(night.truth)
    assert [each["row"] for each in truth] == list(range(pq.read_metadata(night.scans).num_rows))


def test_each_deed_is_done_as_often_as_it_was_asked_for(night: Night) -> None:
    done = {
        (each["fraud"], each["incident"])
        for path in (night.truth, night.earlier[0].with_name("truth.parquet"))
        for each in rows(path)
        if each["fraud"]
    }
    counts = {fraud: sum(each == fraud.value for each, _ in done) for fraud in Fraud}
    assert counts == dict.fromkeys(Fraud, 2)


def test_what_may_be_read_was_printed(night: Night) -> None:
    """Only nonsense and misread prints are no indicium of ours."""
    pairs = zip(rows(night.scans), rows(night.truth), strict=True)
    for scan, truth in pairs:
        if scan["payload"] is None:
            assert truth["trouble"] == Trouble.SMUDGED or truth["fraud"] == Fraud.ILLEGIBLE
        elif truth["fraud"] != Fraud.RANDOM_BYTES and truth["trouble"] != Trouble.MISREAD:
            decoded = decode(scan["payload"])
            assert decoded.profile in OWN_PROFILES
            assert not decoded.problems


def test_some_mailers_have_bytes_of_their_own_signed(night: Night) -> None:
    lengths = {len(each) for each in payloads(night) if each is not None}
    assert 113 in lengths
    assert lengths <= {113, *range(115, 143)}
    assert len(lengths) > 5


def test_honest_mail_is_scanned_along_a_journey(night: Night) -> None:
    operations = {each["operation"] for each in rows(night.scans)}
    assert {"acceptance", "origin", "destination", "delivery"} <= operations


def test_totals_are_known_of_every_honest_device(night: Night) -> None:
    totals = pq.read_table(night.known / "totals.parquet", schema=KNOWN_TOTALS)
    assert set(device_numbers(np.arange(6)).tolist()) <= set(totals["device"].to_pylist())


def test_the_same_seed_makes_the_same_nights_whoever_makes_them(tmp_path: Path) -> None:
    first = made_night(tmp_path / "first", shard_pieces=100)
    second = made_night(tmp_path / "second", shard_pieces=100, processes=2)
    other = made_night(tmp_path / "other", shard_pieces=100, seed=2)
    files = ("scans.parquet", "truth.parquet", "trust.list", "root.pem")
    made = [[(each.scans.parent / name).read_bytes() for name in files] for each in (first, second)]
    assert made[0] == made[1]
    assert other.scans.read_bytes() != first.scans.read_bytes()


def test_a_night_too_large_to_hold_is_dealt_together_part_by_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = made_night(tmp_path / "whole")
    monkeypatch.setattr(synthesis, "PART_ROWS", 100)
    parts = made_night(tmp_path / "parts")
    assert pq.read_metadata(parts.scans).num_row_groups > 1
    assert sorted(map(str, payloads(parts))) == sorted(map(str, payloads(whole)))
    assert [each["row"] for each in rows(parts.truth)] == list(range(len(payloads(parts))))


def payloads(night: Night) -> list[bytes | None]:
    found: list[bytes | None] = pq.read_table(night.scans)["payload"].to_pylist()
    return found


def test_one_device_alone_makes_a_night(tmp_path: Path) -> None:
    """Nobody can then sign as another, and nobody does."""
    frauds = {each["fraud"] for each in rows(made_night(tmp_path / "one", devices=1).truth)}
    assert Fraud.ANOTHER_CERTIFICATE not in frauds
    assert Fraud.CLONE in frauds


@pytest.mark.parametrize(("now", "day"), [("1997-11-21T11:59", 19), ("1997-11-21T12:00", 20)])
def test_a_night_is_over_at_noon(now: str, day: int) -> None:
    assert latest_night(datetime.fromisoformat(f"{now}+00:00")) == date(1997, 11, day)


def test_a_share_is_at_least_one_deed() -> None:
    plan = Plan(pieces=100, devices=2, on=ON, frauds={Fraud.CLONE: 0.001, Fraud.LOST: 0})
    assert (plan.deeds(Fraud.CLONE), plan.deeds(Fraud.LOST)) == (1, 0)


def test_a_spec_names_frauds_as_people_write_them(tmp_path: Path) -> None:
    spec = tmp_path / "spec.yaml"
    spec.write_text("frauds: {copy_of_the_same_night: 3, Rolled-Back: 0.1}\nnights: [1]\n")
    assert read_spec(spec) == {
        "frauds": {Fraud.COPY_SAME_NIGHT: 3, Fraud.ROLLED_BACK: 0.1},
        "nights": (1, 0),
    }


@pytest.mark.parametrize(
    "text",
    [
        "frauds: {arson: 1}",
        "frauds: {clone: -1}",
        "frauds: {clone: 1.5}",
        "frauds: {clone: many}",
        "frauds: [clone]",
        "troubles: {clone: 1}",
        "nights: [-1]",
        "nights: []",
        "nights: tomorrow",
        "devices: 5",
        "[",
        "",
    ],
)
def test_a_spec_that_says_anything_else_is_refused(tmp_path: Path, text: str) -> None:
    spec = tmp_path / "spec.yaml"
    spec.write_text(text)
    with pytest.raises(Refused) as refused:
        read_spec(spec)
    assert refused.value.code == "NIGHT_SPEC_UNREADABLE"


def test_a_night_before_any_price_list_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        made_night(tmp_path / "night", on=date(1970, 1, 1))
    assert refused.value.code == "RATE_NOT_PUBLISHED"


def scored(
    folder: Path,
    change: Callable[[list[dict[str, Any]]], None] = lambda verdicts: None,
    suspicions: tuple[Suspicion, ...] | None = None,
) -> Score:
    """The score of a verifier that says the truth of a small night, but for the ``change``."""
    night = small_night(folder)
    verdicts = [
        {name: each.get(name) for name in VERDICT.names} | {"device": "FK1A0000000001"}
        for each in rows(night.truth)
    ]
    change(verdicts)
    pq.write_table(pa.Table.from_pylist(verdicts, VERDICT), folder / "verdicts.parquet")
    return score(night.truth, folder / "verdicts.parquet", suspicions)


def test_who_says_the_truth_has_found_everything(tmp_path: Path) -> None:
    found = scored(tmp_path / "night")
    assert found.is_perfect, found.strange
    assert {fraud for fraud, tally in found.frauds.items() if tally.found} == set(Fraud) - {
        Fraud.COPY_EARLIER  # of which there is none in a single night
    }


def test_a_genuine_piece_called_not_authentic_is_counted(tmp_path: Path) -> None:
    found = scored(tmp_path / "night", lambda said: said[0].update(verdict="not authentic"))
    assert (found.falsely_accused, found.wrong_verdicts, found.is_perfect) == (1, 1, False)


def test_a_reason_that_is_not_true_is_counted(tmp_path: Path) -> None:
    found = scored(tmp_path / "night", lambda said: said[0].update(reasons=["DUPLICATE"]))
    assert (found.stray, found.is_perfect) == (1, False)
    assert found.strange[0].stray == (Reason.DUPLICATE,)


def test_a_fraud_that_was_not_seen_is_counted(tmp_path: Path) -> None:
    found = scored(tmp_path / "night", lambda said: said[30].update(reasons=[]))
    tally = found.frauds[Fraud.FORGED_SIGNATURE]
    assert (tally.detectable, tally.found, found.is_perfect) == (1, 0, False)


def test_a_suspicion_of_honest_mail_alone_is_counted(tmp_path: Path) -> None:
    member = Seen(ascending_mills=1, postage_mills=1, dated=ON, night="1997-11-21", row=3)
    suspicion = Suspicion(
        kind=SuspicionKind.CLONED,
        device="FK1A0000000001",
        members=(member,),
        count=1,
        pieces=1,
        reasons=(Reason.OVERLAP,),
    )
    found = scored(tmp_path / "night", suspicions=(suspicion,))
    assert found.false_suspicions == 1
    assert found.frauds[Fraud.CLONE].suspected == 2
    assert found.frauds[Fraud.STOLEN].suspected == 0


def test_verdicts_of_other_rows_are_no_verdicts(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is not of the rows"):
        scored(tmp_path / "night", lambda said: said[0].update(row=99))


def test_keys_are_told_by_their_seed() -> None:
    assert root_key(1).point == root_key(1).point != root_key(2).point
