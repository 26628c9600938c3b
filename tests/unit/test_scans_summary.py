"""A summary counts verdicts, whoever has the file; its picture is a picture."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image
from rich.console import Console

from franking.cli.scans_pictures import summary_picture
from franking.errors import Refused
from franking.scans.records import VERDICT
from franking.scans.summary import Summary, summarise
from franking.scans.summary_picture import draw

FORGED = {"verdict": "not authentic", "reasons": ["SIGNATURE_FALSE"]}
SHORT_PAID = {"verdict": "authentic", "reasons": ["SHORT_PAID"]}
COPIED = {"verdict": "undetermined", "reasons": ["DUPLICATE", "TRUST_LIST_STALE"]}
FINE: dict[str, Any] = {"verdict": "authentic", "reasons": []}


def counted(path: Path, *rows: dict[str, Any], listed: int = 10) -> Summary:
    whole = [dict.fromkeys(VERDICT.names) | {"file": 0, "row": 0} | row for row in rows]
    pq.write_table(pa.Table.from_pylist(whole, VERDICT), path)
    return summarise(path, listed=listed)


def test_every_scan_counts_once_by_outcome_and_under_each_of_its_reasons(tmp_path: Path) -> None:
    found = counted(tmp_path / "v.parquet", FINE, FINE, FORGED, SHORT_PAID, COPIED, COPIED)
    assert found.scans == 6
    assert found.outcomes == {"authentic": 3, "not authentic": 1, "undetermined": 2}
    assert list(found.reasons.items()) == [
        ("DUPLICATE", 2),
        ("TRUST_LIST_STALE", 2),
        ("SHORT_PAID", 1),
        ("SIGNATURE_FALSE", 1),
    ]


def test_a_false_signature_proves_as_much_as_scans_are_called_not_authentic(tmp_path: Path) -> None:
    doubted = FORGED | {"verdict": "undetermined"}
    found = counted(tmp_path / "v.parquet", FORGED, doubted, doubted, SHORT_PAID)
    assert found.proven == {"SIGNATURE_FALSE": 1}
    shown = Console(width=100, record=True, file=StringIO())
    shown.print(summary_picture(found))
    assert "proof 1, doubt 2" in shown.export_text()


def test_the_most_adverse_devices_are_named_first(tmp_path: Path) -> None:
    rows = [
        *[FINE | {"device": "busy"}] * 5,
        SHORT_PAID | {"device": "short"},
        COPIED | {"device": "copied"},
        FORGED | {"device": "forged"},
        FORGED | {"device": None},
    ]
    found = counted(tmp_path / "v.parquet", *rows, listed=3)
    assert [each.name for each in found.devices] == ["forged", "copied", "short"]
    assert found.devices_seen == 4
    assert found.devices[2].noted == 1


def test_a_night_without_scans_has_a_summary(tmp_path: Path) -> None:
    found = counted(tmp_path / "v.parquet")
    assert (found.scans, found.reasons, found.devices) == (0, {}, ())
    assert found.outcomes == {"authentic": 0, "not authentic": 0, "undetermined": 0}
    draw(found, tmp_path / "p.png", title="Nothing")
    assert Image.open(tmp_path / "p.png").format == "PNG"


def test_the_picture_bears_odd_names(tmp_path: Path) -> None:
    odd = ["$x$", "\\frac{", "a\nb\x1b[31m", "名" * 50, ""]
    rows = [FORGED | {"scanner": name, "place": "10001"} for name in odd]
    draw(counted(tmp_path / "v.parquet", *rows), tmp_path / "p.png", title="Odd $names$")
    with Image.open(tmp_path / "p.png") as picture:
        assert picture.size[0] > 1000


def test_the_same_summary_is_the_same_picture(tmp_path: Path) -> None:
    found = counted(tmp_path / "v.parquet", FINE, FORGED | {"device": "d"})
    for name in ("a.png", "b.png"):
        draw(found, tmp_path / name, title="Night")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_what_is_not_a_file_of_verdicts_is_refused(tmp_path: Path) -> None:
    (tmp_path / "letter.parquet").write_bytes(b"Dear sir")
    pq.write_table(pa.table({"payload": [b"a"]}), tmp_path / "scans.parquet")
    for name in ("letter.parquet", "scans.parquet", "nothing.parquet"):
        with pytest.raises(Refused, match="VERDICTS_UNREADABLE"):
            summarise(tmp_path / name)
    found = counted(tmp_path / "v.parquet", FINE)
    with pytest.raises(Refused, match="PICTURE_NOT_WRITTEN"):
        draw(found, tmp_path / "nowhere" / "p.png", title="Night")
