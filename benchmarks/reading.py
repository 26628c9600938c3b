"""Reading and verifying a whole No. 10 face at 300 dpi, beside the barcode library alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

from benchmarks.measuring import Result, Target, Work, rates
from benchmarks.pieces import NOW, faces, new_keys, write_trust_list
from benchmarks.setting import Setting
from franking.host.render import png
from franking.verification.trust_list import TrustList
from franking.verification.verdict import Verdict
from franking.verification.verify import verify_file

DPI = 300
SYMBOLS = [zxingcpp.BarcodeFormat.DataMatrix, zxingcpp.BarcodeFormat.PDF417]


def run(setting: Setting) -> Sequence[Result]:
    """A PNG from the disk to its verdict; the library decodes the same PNG and reads it once."""
    keys, path = new_keys(), setting.folder / "trust.list"
    write_trust_list(path, keys, devices=1000)
    trust = TrustList.open(path, keys.root_public_key)
    (face,) = faces(keys, 1)
    scan = setting.folder / "face.png"
    scan.write_bytes(png(face, DPI))
    found = rates(
        setting.pace,
        ours=_verifying(scan, trust),
        library=_library(scan),
        pixels=_library_on_pixels(_pixels(scan)),
    )
    return [
        Result(
            name="verify_file, clean scan",
            figure=1000 / found["ours"],
            unit="ms",
            beside="zxing-cpp, with decoding the PNG",
            beside_figure=1000 / found["library"],
            target=Target(kind="ratio at most", value=2),
        ),
        Result(
            name="zxing-cpp on pixels in memory",
            figure=1000 / found["pixels"],
            unit="ms",
        ),
    ]


def _verifying(scan: Path, trust: TrustList) -> Work:
    def work() -> int:
        (verification,) = verify_file(scan, trust, NOW)
        if verification.verdict is not Verdict.AUTHENTIC:
            raise AssertionError(f"a true face was found {verification.verdict}")
        return 1

    return work


def _library(scan: Path) -> Work:
    def work() -> int:
        return len(zxingcpp.read_barcodes(_pixels(scan), formats=SYMBOLS, try_invert=False))

    return work


def _library_on_pixels(pixels: NDArray[np.uint8]) -> Work:
    def work() -> int:
        return len(zxingcpp.read_barcodes(pixels, formats=SYMBOLS, try_invert=False))

    return work


def _pixels(scan: Path) -> NDArray[np.uint8]:
    pixels = cv2.imread(str(scan), cv2.IMREAD_GRAYSCALE)
    if pixels is None:
        raise AssertionError(f"{scan} does not read")
    return np.asarray(pixels, np.uint8)
