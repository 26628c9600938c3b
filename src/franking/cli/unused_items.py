"""Unused items as people hand them in: a list in a CSV file, or prints that are read.

A list has a line of column names: ``device`` and ``postage``, and where they are known
``ascending`` and ``date`` (as the indicium shows them), ``pieces`` (so many alike), ``form`` and
``faults`` (what an examiner sees, parted by semicolons), for PC Postage ``printed`` (the day) and
``pic`` with its ``service``. Nothing is taken of a file with a line
that cannot be read, and every such line is told.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from franking.clock import parse_date
from franking.errors import Refusal, Refused
from franking.home.home import Home
from franking.money import parse_dollars
from franking.refunds.records import Item, ItemForm
from franking.verification.payload import Verification
from franking.verification.verdict import Verdict
from franking.verification.verify import verify_file

ITEMS_UNREADABLE = Refusal(
    "ITEMS_UNREADABLE",
    clause="policy",
    remedy="Correct the lines named: device,postage,ascending,date,pieces,form,faults,printed,pic,"
    "service.",
    http_status=422,
)
PRINT_NAMES_NOTHING = Refusal(
    "PRINT_NAMES_NOTHING",
    clause="DMM 604.9.3.2 (2008)",
    remedy="Scan it again, or enter what it shows in a list.",
    http_status=422,
)
_PIECES_MAX = 10_000
_SHOWN_MAX = 10
_LINE_DIGITS_MAX = 15
_COLUMNS: Final = frozenset(
    {"device", "postage", "ascending", "date", "pieces", "form", "faults"}
    | {"printed", "pic", "service"}
)
FAULTS: Final[Mapping[str, Mapping[str, bool]]] = MappingProxyType(
    {
        "incomplete": {"complete": False},
        "illegible": {"legible": False},
        "not valid": {"valid": False},
        "no local office": {"local_office": False},
        "removed": {"removed": True},
        "fastened": {"fastened": True},
    }
)
"""What an examiner sees at an item, and what it means."""


def listed_items(path: Path | None) -> tuple[Item, ...]:
    """The items in a list; none where no file is named.

    Raises:
        Refused: ``ITEMS_UNREADABLE``, naming every line that is wrong.
    """
    if path is None:
        return ()
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return tuple(_read(csv.DictReader(file)))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ITEMS_UNREADABLE.because(f"{path}: {error}") from error


def printed_items(home: Home, files: Iterable[Path], *, dated: bool = True) -> tuple[Item, ...]:
    """The items that prints show, each verified; what is not authentic counts as not valid.

    ``dated``: whether the date in the symbol is printed on the piece as well.

    Raises:
        Refused: ``FILE_UNREADABLE``, ``PRINT_NAMES_NOTHING``, ``NO_TRUST_LIST``.
    """
    given = tuple(files)
    if not given:
        return ()
    trust = home.trust_list()
    return tuple(
        _printed(each, dated) for file in given for each in verify_file(file, trust, home.now)
    )


def denied_lines(given: Iterable[str]) -> dict[int, str]:
    """Lines to deny, each with why: ``3=it looks mailed``.

    Raises:
        Refused: ``ITEMS_UNREADABLE``.
    """
    found = {}
    for each in given:
        line, _, why = each.partition("=")
        if not line.strip().isdecimal() or len(line) > _LINE_DIGITS_MAX:
            raise ITEMS_UNREADABLE.because(
                f"{each!r} names no line", remedy="Write LINE=WHY: --deny '3=it looks mailed'."
            )
        found[int(line)] = why.strip()
    return found


def _read(lines: csv.DictReader[str]) -> Iterator[Item]:
    unknown = sorted(set(lines.fieldnames or ()) - _COLUMNS)
    if unknown or not {"device", "postage"} <= set(lines.fieldnames or ()):
        raise ITEMS_UNREADABLE.because(f"its columns are {', '.join(lines.fieldnames or ())}")
    wrong, items = [], []
    for number, line in enumerate(lines, start=2):
        try:
            items += _of_line(line)
        except (Refused, ValueError) as error:
            wrong.append(f"line {number}: {error}")
    if wrong:
        more = f"; and {len(wrong) - _SHOWN_MAX} more" if len(wrong) > _SHOWN_MAX else ""
        raise ITEMS_UNREADABLE.because("; ".join(wrong[:_SHOWN_MAX]) + more)
    yield from items


def _of_line(line: Mapping[str, str | None]) -> list[Item]:
    told = {name: (value or "").strip() for name, value in line.items() if name in _COLUMNS}
    pieces = int(told.get("pieces") or 1)
    if not told["device"] or not 0 < pieces <= _PIECES_MAX:
        raise ValueError(f"{pieces} pieces of {told['device']!r}")
    postage = parse_dollars(told["postage"])
    if postage <= 0:
        raise ValueError(f"postage of {told['postage']}")
    ascending, day = told.get("ascending"), told.get("date")
    if ascending and pieces > 1:
        raise ValueError("several pieces cannot share one ascending register")
    printed, pic = told.get("printed"), told.get("pic", "")
    usual = ItemForm.DATA if pic else ItemForm.WHOLE_PIECE
    item = Item(
        device=told["device"].upper(),
        postage_mills=postage,
        ascending_mills=parse_dollars(ascending) if ascending else None,
        date_shown=parse_date(day) if day else None,
        printed_on=parse_date(printed) if printed else None,
        pic=pic,
        pic_service=told.get("service", ""),
        form=ItemForm(told.get("form") or usual),
    )
    return [replace(item, **_faults(told.get("faults", "")))] * pieces


def _faults(words: str) -> dict[str, Any]:
    found: dict[str, bool] = {}
    for word in filter(None, (each.strip() for each in words.split(";"))):
        if word not in FAULTS:
            raise ValueError(f"{word!r} is none of {', '.join(FAULTS)}")
        found |= FAULTS[word]
    return found


def _printed(verification: Verification, dated: bool) -> Item:
    content = verification.indicium.content if verification.indicium else None
    if content is None:
        raise PRINT_NAMES_NOTHING.because(f"nothing can be read of {verification.where}")
    return Item(
        device=str(content.device_id),
        postage_mills=content.postage_mills,
        ascending_mills=content.ascending_mills,
        date_shown=content.date_of_mailing if dated else None,
        valid=verification.verdict is Verdict.AUTHENTIC,
    )
