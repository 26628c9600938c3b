"""Verification of indicia that were read, beside a bare P-256 check of 49 bytes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle, islice

from benchmarks.limits import bare_verifying
from benchmarks.measuring import Result, Target, Work, rates
from benchmarks.pieces import NOW, Keys, new_keys, payloads, write_trust_list
from benchmarks.setting import Setting
from franking.verification.payload import verify_payload
from franking.verification.trust_list import TrustList
from franking.verification.verdict import Verdict

DEVICES = 10_000
PIECES = 400


def run(setting: Setting) -> Sequence[Result]:
    """Eleven steps a piece, all of them, with the verdict and its reasons."""
    keys, path = new_keys(), setting.folder / "trust.list"
    write_trust_list(path, keys, devices=DEVICES)
    trust = TrustList.open(path, keys.root_public_key)
    found = rates(setting.pace, ours=_verifying(keys, trust), bare=bare_verifying())
    return [
        Result(
            name="verify_payload, one thread",
            figure=found["ours"],
            unit="pieces/s",
            beside="bare P-256 check",
            beside_figure=found["bare"],
            target=Target(kind="ratio at least", value=0.8),
        )
    ]


def _verifying(keys: Keys, trust: TrustList, repeats: int = 200) -> Work:
    stream = cycle(payloads(keys.device, PIECES))

    def work() -> int:
        for payload in islice(stream, repeats):
            if verify_payload(payload, trust, NOW).verdict is not Verdict.AUTHENTIC:
                raise AssertionError("a true indicium was not found authentic")
        return repeats

    return work
