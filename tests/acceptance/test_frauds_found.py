"""Every fraud that the program is to find: made up, verified and brought to a case from the shell.

Two nights five weeks apart are made by ``franking scans synthesize`` and verified one after the
other by ``franking scans verify``; ``franking cases take`` opens the cases of the second.
"""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from franking.scans.suspicions import read
from franking.verification.reasons import Reason
from franking.world.nights.records import Fraud
from franking.world.nights.scoring import Score, score
from tests.fixtures_cli import Program, program
from tests.fixtures_nights import made_night, small_night

DEEDS, MORE_THAN_A_HANDFUL_EACH = 12, 90
DEVICES = 3
NIGHT, MORNING = "1997-11-20", "1997-11-21T13:00"
FIRST_NIGHT, FIRST_MORNING = "1997-10-16", "1997-10-17T13:00"

__all__ = ["program"]

WHAT_IS_SEEN = {
    Fraud.FORGED_SIGNATURE: (Reason.SIGNATURE_FALSE, "forged"),
    Fraud.INVENTED_CERTIFICATE: (Reason.CERTIFICATE_UNKNOWN, None),
    Fraud.ALTERED_VALUE: (Reason.SIGNATURE_FALSE, "forged"),
    Fraud.COPY_SAME_NIGHT: (Reason.DUPLICATE, "copied"),
    Fraud.COPY_EARLIER: (Reason.DUPLICATE, "copied"),
    Fraud.CLONE: (Reason.OVERLAP, "cloned"),
    Fraud.ROLLED_BACK: (Reason.ROLLED_BACK, "rolled back"),
    Fraud.VALUE_NOT_COVERED: (Reason.CONTROL_TOTAL_DIFFERS, "value not covered"),
    Fraud.SHORT_PAID: (Reason.SHORT_PAID, "short paid"),
    Fraud.WRONG_OFFICE: (Reason.WRONG_OFFICE, "wrong post office"),
    Fraud.DATED_AHEAD: (Reason.DATE_TOO_FAR_AHEAD, "date outside its window"),
    Fraud.DATED_PAST: (Reason.DATE_IS_PAST, "date outside its window"),
    Fraud.REFUNDED: (Reason.REFUNDED, "refunded yet mailed"),
    Fraud.WITHDRAWN: (Reason.ABOVE_FINAL_ASCENDING, "device ended"),
    Fraud.REVOKED: (Reason.SERVICE_ENDED, "device ended"),
    Fraud.LOST: (Reason.DEVICE_LOST, "device missing"),
    Fraud.STOLEN: (Reason.DEVICE_STOLEN, "device missing"),
    Fraud.COMPROMISED_KEY: (Reason.KEY_COMPROMISED, "device ended"),
    Fraud.ANOTHER_CERTIFICATE: (Reason.CERTIFICATE_OF_ANOTHER, "forged"),
    Fraud.RANDOM_BYTES: (Reason.PROFILE_NOT_VERIFIABLE, None),
    Fraud.ILLEGIBLE: (Reason.ILLEGIBLE, None),
}
"""The reason that a scan gets, and the kind of case that opens; none where nobody can be named."""


@dataclass(frozen=True)
class Told:
    """What the program said of the two nights."""

    first: Score
    second: Score
    summary: Any
    cases: list[Any]


@cache
def told() -> Told:
    """Made, verified and taken in once for all tests."""
    folder = Path(tempfile.mkdtemp(prefix="franking-frauds-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    program, made = Program(folder / "home"), folder / "nights"
    spec = folder / "spec.yaml"
    deeds = dict.fromkeys(Fraud, DEEDS) | {Fraud.WRONG_OFFICE: MORE_THAN_A_HANDFUL_EACH}
    spec.write_text(json.dumps({"frauds": deeds, "nights": [35, 0]}))
    program.json("home", "create", "--simulated-clock", program.home, "--now", FIRST_MORNING)
    asked = ("--pieces", 800, "--devices", DEVICES, "--fraud", spec, "--on", NIGHT)
    program.json("scans", "synthesize", "--out", made, *asked)
    first, _ = verified(program, made / "earlier" / FIRST_NIGHT, made, "--now", FIRST_MORNING)
    second, answer = verified(program, made, made, "--now", MORNING)
    program.json("cases", "take", made / "verdicts.suspicions.json")
    return Told(first, second, answer["summary"], program.json("cases"))


def verified(program: Program, night: Path, made: Path, *more: object) -> tuple[Score, Any]:
    """Verify a night from the shell; its verdicts beside the truth, and the answer."""
    verdicts = night / "verdicts.parquet"
    given = ("--trust", made / "trust.list", "--root", made / "root.pem", "--known", made / "known")
    answer = program.json(
        *("scans", "verify", night / "scans.parquet", "--out", verdicts),
        *(*given, "--history", made / "history", "--no-cases", *more),
    )
    evidence = read(Path(answer["suspicions_file"]).read_bytes())
    return score(night / "truth.parquet", verdicts, evidence.suspicions), answer


def test_every_fraud_has_its_line_in_this_table() -> None:
    assert set(WHAT_IS_SEEN) == set(Fraud)


@pytest.mark.parametrize("fraud", Fraud)
def test_every_scan_that_shows_a_fraud_is_found_with_the_right_reason(fraud: Fraud) -> None:
    tally = told().second.frauds[fraud]
    assert tally.detectable >= DEEDS // 3
    assert tally.found == tally.detectable, told().second.strange


@pytest.mark.parametrize("fraud", Fraud)
def test_the_summary_names_its_reason(fraud: Fraud) -> None:
    reason, _ = WHAT_IS_SEEN[fraud]
    assert told().summary["reasons"][reason] >= DEEDS // 3


@pytest.mark.parametrize("fraud", [fraud for fraud in Fraud if WHAT_IS_SEEN[fraud][1]])
def test_a_case_opens_about_it(fraud: Fraud) -> None:
    kinds = Counter(each["kind"] for each in told().cases)
    _, kind = WHAT_IS_SEEN[fraud]
    assert kinds[kind], kinds


def test_every_device_that_a_deed_befell_has_a_case_of_its_own() -> None:
    """Not one for each piece, and none for a device that did nothing."""
    kinds = Counter(each["kind"] for each in told().cases)
    assert kinds["cloned"] == kinds["value not covered"] == DEEDS
    assert kinds["device missing"] == 2 * DEEDS
    assert kinds["device ended"] == 3 * DEEDS


def test_a_copy_is_told_with_its_distance_in_place_and_time() -> None:
    facts = [each["facts"] for each in told().cases if each["kind"] == "copied"]
    assert all("miles" in each and "apart" in each for each in facts)


def test_no_genuine_piece_is_called_not_authentic() -> None:
    assert told().first.falsely_accused == told().second.falsely_accused == 0


def test_no_honest_scan_is_said_to_be_what_it_is_not() -> None:
    """Run again, forwarded, returned, sent astray, deposited late, by clocks that are wrong."""
    for night in (told().first, told().second):
        assert night.stray == night.wrong_verdicts == 0, night.strange


@pytest.mark.duty("R97-P050.5.4")
def test_the_previous_date_is_excused_and_an_older_one_is_not() -> None:
    """One in fifty is deposited a day late, or after the last collection with the next date."""
    tally = told().second.frauds[Fraud.DATED_PAST]
    assert tally.found == tally.detectable > 0
    assert told().second.stray == 0


def test_no_case_opens_about_honest_mail() -> None:
    assert told().first.false_suspicions == told().second.false_suspicions == 0


def test_nothing_is_known_of_a_copy_before_it_is_mailed() -> None:
    assert all(tally.found == 0 for tally in told().first.frauds.values())


def test_what_was_made_before_is_not_written_over(program: Program, tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("something")
    refused = program.refused("scans", "synthesize", "--out", tmp_path, "--on", NIGHT)
    assert refused["code"] == "FOLDER_NOT_EMPTY"


def test_a_fraud_that_nobody_knows_is_refused_by_name(program: Program, tmp_path: Path) -> None:
    spec = tmp_path / "spec.yaml"
    spec.write_text("frauds: {arson: 1}")
    refused = program.refused(
        "scans", "synthesize", "--out", tmp_path / "new", "--fraud", spec, "--on", NIGHT
    )
    assert refused["code"] == "NIGHT_SPEC_UNREADABLE"
    assert "arson" in refused["detail"]
    assert not (tmp_path / "new").exists()


def test_verdicts_are_compared_with_the_truth_of_their_own_night_only(
    program: Program, tmp_path: Path
) -> None:
    night, other = small_night(tmp_path / "night"), made_night(tmp_path / "other")
    lists = ("--trust", night.trust, "--root", night.root, "--no-cases", "--no-keep")
    program.json("scans", "verify", night.scans, "--out", "said.parquet", *lists)
    refused = program.refused("scans", "score", other.truth, "said.parquet")
    assert refused["code"] == "NOT_OF_ONE_NIGHT"
    assert program.refused("scans", "score", night.truth, "none.parquet")["detail"]


def test_what_was_missed_is_told_with_an_exit_status(program: Program, tmp_path: Path) -> None:
    """Without what is known beside the scans nobody can tell what was refunded."""
    night = small_night(tmp_path / "night")
    lists = ("--trust", night.trust, "--root", night.root, "--no-cases", "--no-keep")
    program.json("scans", "verify", night.scans, "--out", "said.parquet", *lists)
    told = program.json("scans", "score", night.truth, "said.parquet", status=3)
    assert told["frauds"]["refunded"] == {
        "scans": 1,
        "detectable": 1,
        "found": 0,
        "suspected": 0,
        "suspicious": 0,
    }
    assert told["called_not_authentic"] == 0
