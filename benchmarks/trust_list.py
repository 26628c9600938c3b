"""The first verdict of a fresh process, from a trust list of a million devices."""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.measuring import Result, Target, seconds
from benchmarks.pieces import Keys, new_keys, payloads, write_trust_list
from benchmarks.setting import Setting

SMALL = 1_000

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
    ]


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
