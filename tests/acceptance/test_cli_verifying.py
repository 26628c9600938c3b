"""What is held up to verification and decoding: true pieces, copies, and what is neither."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.fixtures_cli import TODAY, Program, program

__all__ = ["program"]

VECTORS = Path(__file__).parents[1] / "vectors"


def piece(program: Program, name: str = "piece.png", *more: object) -> Path:
    """A piece of the device in a file."""
    program.evidence(name.replace(".", "-"), "--out", name, *more)
    return Path(name)


def judged(program: Program, *files: object, status: int) -> list[dict[str, Any]]:
    """One object a file, each complete."""
    found: list[dict[str, Any]] = program.json("verify", *files, status=status)
    assert [each["file"] for each in found] == [str(file) for file in files]
    for each in found:
        assert set(each) >= {"file", "verdict", "steps", "findings", "indicium"}
        assert all(set(step) == {"step", "name", "outcome", "reason"} for step in each["steps"])
    assert program.run("verify", *files).status == status
    return found


@pytest.mark.parametrize("name", ["p.png", "p.pdf", "p.bin", "p.hex"])
@pytest.mark.duty("R97-502.9(b)")
def test_a_true_piece_is_authentic_in_every_form(program: Program, name: str) -> None:
    (told,) = judged(program, piece(program, name), status=0)
    assert told["verdict"] == "authentic"
    assert told["indicium"]["fields"]["postage_mills"] == 1000


@pytest.mark.parametrize("symbology", ["datamatrix", "pdf417"])
def test_both_symbols_are_read(program: Program, symbology: str) -> None:
    told = judged(program, piece(program, "p.png", "--symbology", symbology), status=0)
    assert told[0]["verdict"] == "authentic"


def test_a_forged_piece_is_not_authentic(program: Program) -> None:
    genuine, forged = piece(program, "p.bin"), Path("forged.bin")
    payload = bytearray(genuine.read_bytes())
    payload[21] ^= 1
    forged.write_bytes(payload)
    (told,) = judged(program, forged, status=3)
    assert told["verdict"] == "not authentic"
    assert [each["verdict"] for each in judged(program, genuine, forged, status=3)] == [
        "authentic",
        "not authentic",
    ]


def test_a_copy_can_not_be_told_from_its_original(program: Program) -> None:
    original, copy = piece(program), Path("copy.png")
    copy.write_bytes(original.read_bytes())
    for told in judged(program, original, copy, status=4):
        assert told["verdict"] == "undetermined"
        assert [finding["code"] for finding in told["findings"]] == ["DUPLICATE"]


def test_two_indicia_on_one_piece_are_reported(program: Program) -> None:
    first, second = (Image.open(piece(program, name)) for name in ("1.png", "2.png"))
    page = Image.new("L", (first.width + second.width, first.height), 255)
    page.paste(first, (0, 0))
    page.paste(second, (first.width, 0))
    page.save("both.png")
    found = program.json("verify", "both.png")
    assert len(found) == 2
    for told in found:
        codes = [finding["code"] for finding in told["findings"]]
        assert codes == ["MORE_THAN_ONE_INDICIUM"]


def text_file(path: Path) -> None:
    path.write_text("Dear Sir or Madam,\n" * 40)


def empty_file(path: Path) -> None:
    path.write_bytes(b"")


def blank_page(path: Path) -> None:
    Image.new("L", (600, 400), 255).save(path)


def noise(path: Path) -> None:
    Image.fromarray(np.random.default_rng(1).integers(0, 255, (300, 400), np.uint8)).save(path)


def fifty_megapixels(path: Path) -> None:
    Image.new("1", (8000, 6250), 1).save(path)


def decompression_bomb(path: Path) -> None:
    """A PNG of a few bytes that says it is of a hundred thousand by a hundred thousand."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        whole = kind + data
        return struct.pack(">I", len(data)) + whole + struct.pack(">I", zlib.crc32(whole))

    head = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 0, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)


def truncated_image(path: Path) -> None:
    Image.new("L", (600, 400), 255).save(path)
    path.write_bytes(path.read_bytes()[:200])


def truncated_pdf(path: Path) -> None:
    path.write_bytes(b"%PDF-1.7\n1 0 obj\n<<")


def random_bytes(path: Path) -> None:
    path.write_bytes(random.Random(5).randbytes(113))


def too_many_bytes(path: Path) -> None:
    path.write_bytes(random.Random(6).randbytes(5_000_000))


@pytest.mark.parametrize(
    "made",
    [
        text_file,
        empty_file,
        blank_page,
        noise,
        fifty_megapixels,
        decompression_bomb,
        truncated_image,
        truncated_pdf,
        random_bytes,
        too_many_bytes,
    ],
)
def test_what_holds_no_indicium_is_undetermined(
    program: Program, made: Callable[[Path], None]
) -> None:
    odd = Path("odd.png")
    made(odd)
    (told,) = judged(program, odd, status=4)
    assert told["verdict"] == "undetermined"
    assert told["findings"]
    # One bad file does not hide what is true of the others.
    found = judged(program, piece(program), odd, status=4)
    assert [each["verdict"] for each in found] == ["authentic", "undetermined"]


@pytest.mark.parametrize("name", ["nowhere.png", ".", "x" * 300 + ".png"])
def test_what_is_no_file_is_refused(program: Program, name: str) -> None:
    for command in (("verify", name), ("indicium", "decode", name)):
        assert program.refused(*command)["code"] == "FILE_UNREADABLE"


def test_a_half_written_symbol_is_never_authentic(program: Program) -> None:
    whole = piece(program).read_bytes()
    Path("half.png").write_bytes(whole[: len(whole) // 2])
    (told,) = judged(program, "half.png", status=4)
    assert told["verdict"] == "undetermined"


def test_trust_lists_that_can_not_be_believed(program: Program) -> None:
    true, listed = piece(program), program.home / "postal" / "trust.list"
    cut, foreign = Path("cut.list"), Path("foreign.list")
    cut.write_bytes(listed.read_bytes()[:-10])
    stranger = Program(program.home.parent / "stranger")
    stranger.json("device", "create", "a", "--simulated-clock", "--now", TODAY)
    stranger.json("device", "authorize", "a", "--zip", "20260")
    foreign.write_bytes((stranger.home / "postal" / "trust.list").read_bytes())
    for bad in (cut, foreign, true, Path("empty"), Path(".")):
        if bad.name == "empty":
            bad.write_bytes(b"")
        told = program.refused("verify", true, "--trust", bad)
        assert told["code"].startswith("TRUST_LIST"), told
    assert program.refused("verify", true, "--trust", "none")["code"] == "NO_TRUST_LIST"
    assert program.refused("verify", true, "--root", true)["code"] == "ROOT_KEY_UNREADABLE"
    named = ("--trust", listed, "--root", program.home / "postal" / "root.pem")
    assert stranger.json("verify", true, *named)[0]["verdict"] == "authentic"
    # In the stranger's list another key bears that serial number.
    assert stranger.json("verify", true, status=3)[0]["verdict"] == "not authentic"


# Decoding -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "vector", sorted(VECTORS.glob("printed-*.txt")), ids=lambda path: path.stem
)
def test_indicia_of_others_decode_to_what_they_show(program: Program, vector: Path) -> None:
    lines = vector.read_text().splitlines()
    digits = "".join(
        line for line in lines if line and not line.startswith("#") and "=" not in line
    )
    wanted = dict(line.split(" = ") for line in lines if " = " in line)
    told = program.json("indicium", "decode", "--hex", digits.replace(" ", ""))
    assert set(told) == {"profile", "fields", "signature", "problems"}
    shown = {name: str(value) for name, value in told["fields"].items()}
    assert {name: shown[name] for name in wanted} == wanted
    assert set(told["signature"]) == {"present", "expected"}
    # The file says the same as it is, comments and notes included, and so does verification.
    assert program.json("indicium", "decode", vector) == told
    verified = judged(program, vector, status=4)[0]["indicium"]
    assert verified == {**told, "payload": digits.replace(" ", "")}


def test_an_own_piece_decodes_from_file_and_hex(program: Program) -> None:
    file = piece(program, "p.png", "--destination", "20500-0001")
    told = program.json("indicium", "decode", file)
    assert told["fields"]["destination"] == "205000001"
    assert told["signature"] == {"present": 64, "expected": 64}
    assert told["problems"] == []
    piece_hex = program.evidence("p-png", "--destination", "20500-0001")["indicium_hex"]
    assert program.json("indicium", "decode", "--hex", piece_hex) == told
    cut = program.json("indicium", "decode", "--hex", piece_hex[:80])
    assert cut["problems"]
    assert cut["signature"]["present"] == 0


@pytest.mark.parametrize("digits", ["f", "f11", "xy", "f1 1", "0x12"])
def test_what_is_not_hexadecimal_is_refused(program: Program, digits: str) -> None:
    assert program.refused("indicium", "decode", "--hex", digits)["code"] == "HEX_UNREADABLE"


def test_one_thing_is_decoded_at_a_time(program: Program) -> None:
    both = program.refused("indicium", "decode", piece(program), "--hex", "ff")
    assert both["code"] == "ONE_SOURCE_WANTED"
    assert program.refused("indicium", "decode")["code"] == "ONE_SOURCE_WANTED"


@pytest.mark.parametrize("length", [0, 1, 13, 14, 20, 49, 88, 89, 112, 113, 114, 2000, 60_000])
def test_any_bytes_decode_to_something(program: Program, length: int) -> None:
    generator = random.Random(length)
    for first in (b"\xf1\x10", b"\x05\x01", b"\xff", b""):
        payload = (first + generator.randbytes(length))[:length]
        told = program.json("indicium", "decode", "--hex", payload.hex())
        assert set(told) == {"profile", "fields", "signature", "problems"}
