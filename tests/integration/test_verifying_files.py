"""Files as people have them: every form of image, PDF, sheets, huge ones, broken ones."""

from __future__ import annotations

import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from franking.errors import Refused
from franking.marks.geometry import Drawing
from franking.marks.symbols import Symbology, data_matrix
from franking.verification.pages import PIXELS_MAX, Grey
from franking.verification.payload import Verification
from franking.verification.verdict import Outcome, Verdict
from franking.verification.verify import payloads_in, verify_file
from franking.world.scanner import TURNED_AND_NOISY
from tests.fixtures_prints import (
    TRUST,
    as_image,
    as_png,
    face,
    grey_dots,
    payload_of,
    scanned,
    write_pdf,
)
from tests.fixtures_verification import NOW, OTHER_KEY, codes, flipped, signed, step

AUTHENTIC, FALSE, DOUBTFUL = Verdict.AUTHENTIC, Verdict.NOT_AUTHENTIC, Verdict.UNDETERMINED


@pytest.fixture(scope="module")
def plain_face() -> Grey:
    """A No. 10 face at 200 dpi."""
    return grey_dots(face(payload_of(0)), 200)


def saved(folder: Path, data: bytes, name: str = "scan") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def verdicts(found: tuple[Verification, ...]) -> list[Verdict]:
    return [one.verdict for one in found]


def sheet(*payloads: bytes, width: float = 8.5, height: float = 11.0) -> Drawing:
    """A page of labels, or of whatever is smaller, with a symbol each."""
    parts = [
        part
        for place, payload in enumerate(payloads)
        for part in data_matrix(payload).placed(1 + place % 3 * 2.5, 1 + place // 3 * 1.5)
    ]
    return Drawing(width_in=width, height_in=height, parts=tuple(parts))


@pytest.mark.parametrize(
    ("form", "mode"),
    [
        ("PNG", "L"),
        ("PNG", "1"),
        ("PNG", "P"),
        ("PNG", "RGB"),
        ("PNG", "RGBA"),
        ("PNG", "LA"),
        ("PNG", "I;16"),
        ("JPEG", "L"),
        ("JPEG", "CMYK"),
        ("TIFF", "L"),
        ("GIF", "L"),
        ("BMP", "RGB"),
        ("WEBP", "RGB"),
    ],
)
def test_every_form_of_image_is_read(
    plain_face: Grey, tmp_path: Path, form: str, mode: str
) -> None:
    if mode == "I;16":
        image = Image.fromarray(plain_face.astype(np.uint16) * 257)
        image.save(tmp_path / "scan", form)
    else:
        saved(tmp_path, as_image(plain_face, form, mode))
    assert verdicts(verify_file(tmp_path / "scan", TRUST, NOW)) == [AUTHENTIC]


def test_a_transparent_background_is_paper(plain_face: Grey, tmp_path: Path) -> None:
    ink_only = np.zeros((*plain_face.shape, 4), np.uint8)
    ink_only[..., 3] = 255 - plain_face
    Image.fromarray(ink_only).save(tmp_path / "scan", "PNG")
    assert verdicts(verify_file(tmp_path / "scan", TRUST, NOW)) == [AUTHENTIC]


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_piece_may_lie_any_way_up(plain_face: Grey, tmp_path: Path, turns: int) -> None:
    path = saved(tmp_path, as_png(np.rot90(plain_face, turns)))
    assert verdicts(verify_file(path, TRUST, NOW)) == [AUTHENTIC]


def test_light_on_dark_is_read(plain_face: Grey, tmp_path: Path) -> None:
    path = saved(tmp_path, as_png(255 - plain_face))
    (found,) = verify_file(path, TRUST, NOW)
    assert found.verdict is AUTHENTIC
    assert "inverted" in step(found, "read").reason


@pytest.mark.parametrize("symbology", Symbology)
def test_a_pdf_of_faces_gives_a_verdict_for_each_page(tmp_path: Path, symbology: Symbology) -> None:
    faces = [face(payload_of(piece), symbology) for piece in range(3)]
    found = verify_file(write_pdf(tmp_path / "job.pdf", faces), TRUST, NOW)
    assert verdicts(found) == [AUTHENTIC] * 3
    assert {one.file for one in found} == {str(tmp_path / "job.pdf")}
    assert [one.page for one in found] == [1, 2, 3]
    assert [one.where.removeprefix(str(tmp_path)) for one in found] == [
        "/job.pdf",
        "/job.pdf, page 2",
        "/job.pdf, page 3",
    ]
    assert payloads_in(tmp_path / "job.pdf") == tuple(payload_of(piece) for piece in range(3))


def test_every_label_of_a_sheet_is_verified(tmp_path: Path) -> None:
    payloads = [payload_of(piece) for piece in range(9)]
    payloads[4] = flipped(payloads[4], 19 * 8)
    found = verify_file(write_pdf(tmp_path / "sheet.pdf", [sheet(*payloads)]), TRUST, NOW)
    assert verdicts(found) == [AUTHENTIC] * 4 + [FALSE] + [AUTHENTIC] * 4
    assert all(codes(one) == set() for one in found)


def test_a_label_of_a_sheet_that_cannot_be_read_is_reported(tmp_path: Path) -> None:
    dots = grey_dots(sheet(*(payload_of(piece) for piece in range(3))), 200).copy()
    _scribble(dots, left=700, top=200, side=160)
    Image.fromarray(dots).save(tmp_path / "sheet.png", dpi=(200, 200))
    found = verify_file(tmp_path / "sheet.png", TRUST, NOW)
    assert verdicts(found) == [AUTHENTIC, DOUBTFUL, AUTHENTIC]
    assert [codes(one) for one in found] == [set(), {"ILLEGIBLE"}, set()]


def _scribble(dots: Grey, *, left: int, top: int, side: int) -> None:
    """Random blots over the inside of a symbol."""
    random = np.random.default_rng(1)
    for _ in range(12):
        x, y = random.integers(20, side - 40, 2)
        dots[top + y : top + y + 14, left + x : left + x + 14] = 0


@pytest.mark.duty("R97-P050.4.2-1")
def test_two_indicia_on_one_piece_are_reported(tmp_path: Path) -> None:
    page = sheet(payload_of(0), payload_of(1), width=9.5, height=4.125)
    found = verify_file(write_pdf(tmp_path / "piece.pdf", [page]), TRUST, NOW)
    assert verdicts(found) == [AUTHENTIC] * 2
    assert [codes(one) for one in found] == [{"MORE_THAN_ONE_INDICIUM"}] * 2


def test_one_indicium_twice_leaves_both_undetermined(tmp_path: Path) -> None:
    twice = [face(payload_of(0)), face(payload_of(1)), face(payload_of(0))]
    found = verify_file(write_pdf(tmp_path / "job.pdf", twice), TRUST, NOW)
    assert verdicts(found) == [DOUBTFUL, AUTHENTIC, DOUBTFUL]
    assert codes(found[0]) == codes(found[2]) == {"DUPLICATE"}
    assert step(found[0], "duplicate").reason == "the same indicium is here 2 times"


def test_a_symbol_of_something_else_beside_the_indicium_is_left_out(tmp_path: Path) -> None:
    page = sheet(payload_of(0), b"parcel 4711, shelf 12")
    found = verify_file(write_pdf(tmp_path / "piece.pdf", [page]), TRUST, NOW)
    assert verdicts(found) == [AUTHENTIC]


def test_a_symbol_of_something_else_alone_is_undetermined(tmp_path: Path) -> None:
    page = sheet(b"parcel 4711, shelf 12")
    (found,) = verify_file(write_pdf(tmp_path / "piece.pdf", [page]), TRUST, NOW)
    assert found.verdict is DOUBTFUL
    assert step(found, "parse").reason == "21 bytes of no known profile"


@pytest.mark.parametrize("symbology", Symbology)
@pytest.mark.parametrize("payload", [signed(OTHER_KEY), flipped(signed(), 19 * 8)])
def test_a_false_print_is_called_so_after_two_looks_agree(
    tmp_path: Path, payload: bytes, symbology: Symbology
) -> None:
    poor = scanned(face(payload, symbology), TURNED_AND_NOISY, dpi=300, seed=5)
    (found,) = verify_file(saved(tmp_path, as_png(poor)), TRUST, NOW)
    assert found.verdict is FALSE
    assert " and " in step(found, "read").reason


def test_a_false_print_seen_in_one_look_only_is_undetermined(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("franking.verification.read.LADDER", ())
    path = saved(tmp_path, as_png(grey_dots(face(signed(OTHER_KEY)), 200)))
    (found,) = verify_file(path, TRUST, NOW)
    assert found.verdict is DOUBTFUL
    assert step(found, "signature").outcome is Outcome.FAILED


@pytest.mark.duty("R97-P050.4.2-1")
@pytest.mark.parametrize("kind", ["blank", "noise", "black", "text"])
def test_a_page_without_a_symbol_is_undetermined_and_illegible(tmp_path: Path, kind: str) -> None:
    page = np.full((900, 1400), 255, np.uint8)
    if kind == "noise":
        page = np.random.default_rng(3).integers(0, 256, page.shape, np.uint8)
    if kind == "black":
        page[:] = 0
    if kind == "text":
        for line in range(20):
            cv2.putText(page, "no postage here " * 4, (5, 40 * line), 0, 1, 0, 2)
    (found,) = verify_file(saved(tmp_path, as_png(page)), TRUST, NOW)
    assert found.verdict is DOUBTFUL
    assert codes(found) == {"ILLEGIBLE"}
    assert found.as_json()["indicium"] is None


def test_fifty_megapixels_are_read_in_bounded_time(tmp_path: Path) -> None:
    path = saved(tmp_path, as_png(grey_dots(face(payload_of(0)), 1130)))
    with Image.open(path) as image:
        assert image.width * image.height > 49_000_000
    started = time.perf_counter()
    assert verdicts(verify_file(path, TRUST, NOW)) == [AUTHENTIC]
    assert time.perf_counter() - started < 30


def test_an_image_beyond_the_bound_is_not_decoded(tmp_path: Path) -> None:
    path = tmp_path / "bomb.png"
    Image.new("1", (20_000, 20_000)).save(path, "PNG")
    assert PIXELS_MAX < 20_000 * 20_000
    (found,) = verify_file(path, TRUST, NOW)
    assert found.verdict is DOUBTFUL
    assert codes(found) == {"IMAGE_TOO_LARGE"}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x89PNG\r\n\x1a\n",
        b"%PDF-1.7\nthis is not a PDF",
        b"GIF89a" + bytes(50),
        b"II*\0" + bytes(60),
        b"\xff\xd8\xff\xe0" + bytes(100),
        b"some text that is neither hexadecimal nor an indicium",
        bytes(20_000),
    ],
)
def test_a_broken_file_is_undetermined_and_says_why(tmp_path: Path, data: bytes) -> None:
    (found,) = verify_file(saved(tmp_path, data), TRUST, NOW)
    assert found.verdict is DOUBTFUL
    assert codes(found) == {"FILE_UNREADABLE"}
    assert step(found, "read").outcome is Outcome.FAILED


@pytest.mark.parametrize("keep", [0.2, 0.5, 0.9])
@pytest.mark.parametrize("form", ["PNG", "JPEG", "TIFF"])
def test_an_image_cut_short_never_raises_and_is_never_false(
    plain_face: Grey, tmp_path: Path, form: str, keep: float
) -> None:
    data = as_image(plain_face, form)
    (found,) = verify_file(saved(tmp_path, data[: int(len(data) * keep)]), TRUST, NOW)
    assert found.verdict is not FALSE


def test_bytes_in_a_file_are_verified_raw_and_in_hex(tmp_path: Path) -> None:
    payload = payload_of(0)
    spaced = payload.hex(" ", 4).upper().encode() + b"\n"
    for data in (payload, payload.hex().encode(), spaced):
        path = saved(tmp_path, data)
        assert verdicts(verify_file(path, TRUST, NOW)) == [AUTHENTIC]
        assert payloads_in(path) == (payload,)


def test_a_file_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.png", tmp_path):
        with pytest.raises(Refused) as refused:
            verify_file(path, TRUST, NOW)
        assert refused.value.code == "FILE_UNREADABLE"
