"""The trust list of a million devices: opened, and brought up to date."""

from __future__ import annotations

import io
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import numpy as np

from benchmarks.measuring import Result, Target, seconds
from benchmarks.pieces import NOW, Keys, new_keys, payloads, rows_of, write_trust_list
from benchmarks.setting import Setting
from franking.verification.trust_delta import apply, difference
from franking.verification.trust_format import ENDING
from franking.verification.trust_list import TrustList
from franking.verification.trust_status import Fit, build_status
from franking.verification.trust_writing import write_arrays

SMALL = 1_000
RECENT = 60

FIRST_VERDICT = """
import sys, time
from pathlib import Path
from benchmarks.pieces import NOW
from franking.psd.vault.ecdsa import public_key_object
from franking.verification.payload import verify_payload
from franking.verification.trust_list import TrustList

path, root, payload = sys.argv[1], bytes.fromhex(sys.argv[2]), bytes.fromhex(sys.argv[3])
started = time.perf_counter()
trust = TrustList.open(Path(path), public_key_object(root))
verdict = verify_payload(payload, trust, NOW).verdict.value
print(verdict, time.perf_counter() - started)
"""


def run(setting: Setting) -> Sequence[Result]:
    """From opening the list to the verdict, and the whole process with Python's own start."""
    devices = setting.size(full=1_000_000, quick=100_000)
    keys, large, small = new_keys(), setting.folder / "large", setting.folder / "small"
    write_trust_list(large, keys, devices=devices)
    write_trust_list(small, keys, devices=SMALL)
    whole, opened_large, opened_small = _medians(large, small, keys, setting.pace.rounds)
    return [
        Result(
            name=f"list of {devices:,} opened and first verdict given",
            figure=opened_large,
            unit="s",
            beside=f"list of {SMALL:,}",
            beside_figure=opened_small,
            target=Target(kind="at most", value=1, unit="s"),
        ),
        Result(
            name="the same, with the start of Python and the imports",
            figure=whole,
            unit="s",
        ),
        Result(
            name="size of the list, a device",
            figure=large.stat().st_size / devices,
            unit="bytes",
            note="80 bytes a row, two bits of status, and the digests of the blocks.",
        ),
        *_brought_up_to_date(keys, devices),
    ]


def _brought_up_to_date(keys: Keys, devices: int) -> Iterator[Result]:
    """What travels when one device in a hundred is not good, and a thousandth changed today."""
    before = _standing(keys, devices, number=1, not_good=0.01)
    after = _standing(keys, devices, number=2, not_good=0.011)
    worst = _standing(keys, devices, number=3, not_good=0.75)
    for name, trust, target in (
        ("status set, one device in a hundred not good", after, None),
        ("status set, each device otherwise", worst, 256),
    ):
        status, endings = _status(trust, keys)
        yield Result(
            name=name,
            figure=len(status) / 1024,
            unit="KiB",
            target=Target(kind="at most", value=target, unit="KiB") if target else None,
            note=f"How those that are not good ended: {len(endings) / 1024:,.0f} KiB more.",
        )
    delta = difference(before, after)
    yield Result(name="delta of a day", figure=len(delta.to_bytes()) / 1024, unit="KiB")
    took = seconds(lambda: apply(delta, before, io.BytesIO(), keys.root_public_key))
    yield Result(name="delta laid on and checked", figure=took, unit="s")


def _status(trust: TrustList, keys: Keys) -> tuple[bytes, bytes]:
    issue = trust.issue
    own = Fit(number=issue.number, certificates=trust.count, rows_digest=trust.rows_digest)
    return build_status(
        trust.standing,
        [own] * RECENT,
        keys.root,
        number=issue.number,
        issued=issue.issued,
        next_issue=issue.next_issue,
    )


def _standing(keys: Keys, devices: int, *, number: int, not_good: float) -> TrustList:
    """The fleet with so many of its devices not good, each since a day and value of its own."""
    rows, random = rows_of(keys.device.public_key, devices), np.random.default_rng(2026)
    endings = np.zeros(devices, ENDING)
    endings["certificate_serial"] = rows["certificate_serial"]
    endings["reason"] = random.choice([1, 4, 6], devices)  # one for each status
    endings["on"] = random.integers(9_800, 10_200, devices)
    endings["final_ascending_mills"] = random.integers(0, 50_000_000, devices)
    endings = endings[random.random(devices) < not_good]
    out = io.BytesIO()
    times = {"issued": NOW, "next_issue": NOW + timedelta(days=7)}
    write_arrays(out, rows, endings, keys.root, number=number, **times)
    return TrustList(out.getvalue(), keys.root_public_key)


def _medians(large: Path, small: Path, keys: Keys, rounds: int) -> tuple[float, float, float]:
    """Median seconds of a whole process, and of opening the large and the small list in it."""
    whole, of_large, of_small = list[float](), list[float](), list[float]()
    for _ in range(rounds):
        whole.append(seconds(lambda: of_large.append(_first_verdict(large, keys))))
        of_small.append(_first_verdict(small, keys))
    return statistics.median(whole), statistics.median(of_large), statistics.median(of_small)


def _first_verdict(path: Path, keys: Keys) -> float:
    """Seconds that a fresh process takes from opening the list to the verdict."""
    (payload,) = payloads(keys.device, 1)
    told = subprocess.run(
        [sys.executable, "-c", FIRST_VERDICT, path, keys.root.public_key.hex(), payload.hex()],
        capture_output=True,
        text=True,
        check=True,
    )
    verdict, seconds = told.stdout.split()
    if verdict != "authentic":
        raise AssertionError(f"a true indicium was found {verdict}")
    return float(seconds)
