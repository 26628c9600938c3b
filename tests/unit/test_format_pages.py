"""The reference pages of the formats say what the code does."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from tools.make_vectors import FOLDER, INDICIA

from franking.verification.faults import NAMES
from franking.verification.trust_format import REASON_CODES

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
LAYOUT_ROW = re.compile(r"^\| (\d+) \| (\d+) \| [^|]+ \| [^|]+ \| `([0-9a-f ]+)` \|", re.MULTILINE)
PYTHON = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def page(name: str) -> str:
    return (REFERENCE / name).read_text(encoding="utf-8")


def first_vector() -> Mapping[str, str]:
    vectors = json.loads((FOLDER / INDICIA).read_text(encoding="utf-8"))["vectors"]
    return {part: vectors[0][part] for part in ("signed", "signature")}


def test_the_worked_example_is_the_first_vector_byte_for_byte() -> None:
    rows = LAYOUT_ROW.findall(page("indicium.md"))
    end = 0
    for offset, size, example in rows:
        assert (int(offset), len(example.split())) == (end, int(size))
        end += int(size)
    vector = first_vector()
    assert "".join(example.replace(" ", "") for _, _, example in rows) == vector["signed"]
    assert vector["signed"] in page("indicium.md")
    assert vector["signature"] in page("indicium.md").replace("\n", "")


def test_the_python_shown_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (block,) = PYTHON.findall(page("indicium.md"))
    exec(compile(block, "indicium.md", "exec"), {})
    assert capsys.readouterr().out == "ibi-lite 406 ()\n"


def test_every_step_and_every_reason_is_in_the_page() -> None:
    text = page("verification.md")
    for number, name in enumerate(NAMES, start=1):
        assert f"\n| {number} | {name} | " in text
    reasons = ", ".join(f"{code} {reason}" for reason, code in REASON_CODES.items())
    assert f"Reasons: {reasons}." in text
