"""The inspection of a meter in use: what is looked at, item by item, and what follows. Pure.

The seventeen items are those of 39 CFR 501.25(b) (1995). What can be reckoned is reckoned from the
readings on the sheet, not ticked off by the inspector. A sheet that leaves an item out, or that
the licensee did not sign, is no inspection. Refuses to know when one is due.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import msgspec

from franking.errors import Refusal
from franking.messages.kinds import Whole
from franking.money import format_dollars

_CLAUSE = "39 CFR 501.25(b)"

INSPECTION_UNREADABLE = Refusal(
    "INSPECTION_UNREADABLE",
    clause="39 CFR 501.25(b) (1995)",
    remedy="Take an empty sheet with `franking examination sheet SERIAL`, and fill in every line.",
    http_status=422,
)
INSPECTION_INCOMPLETE = Refusal(
    "INSPECTION_INCOMPLETE",
    clause="39 CFR 501.25(b) (1995)",
    remedy="Look at every item of the sheet; write 'not applicable' where this model has none.",
    http_status=422,
)
INSPECTION_UNSIGNED = Refusal(
    "INSPECTION_UNSIGNED",
    clause="39 CFR 501.25(b)(7)(x) (1995)",
    remedy="Have the licensee sign the sheet: without it the inspection has not taken place.",
    http_status=422,
)


class Condition(StrEnum):
    """What an inspector found of one item."""

    SOUND = "sound"
    IRREGULAR = "irregular"
    NOT_APPLICABLE = "not applicable"
    """This model has none; only for the items of (b)(7)."""


@dataclass(frozen=True, slots=True)
class Item:
    """One item that an inspector looks at."""

    clause: str
    asks: str
    optional: bool = False
    """Whether a model may have none."""


ITEMS: Final[Mapping[str, Item]] = MappingProxyType(
    {
        "condition": Item("", "It is clean and in proper operating condition."),
        "value selection": Item(
            "(4)", "Selection, indicator wheels or display, and printing wheels agree."
        ),
        "seal": Item("(5)", "The locking seal is in place, its wire well wound, gripped, tight."),
        "lock cover": Item("(6)", "It protects the lock; not loosened, bent or tampered with."),
        "base": Item("(7)(i)", "The meter fits properly on its base.", optional=True),
        "breakoff screws": Item(
            "(7)(ii)", "None is missing or loose or shows signs of removal.", optional=True
        ),
        "dater and plates": Item(
            "(7)(iii)",
            "Dater, postmark die and advertising plate work when operated.",
            optional=True,
        ),
        "printing wheels": Item(
            "(7)(iv)", "The engraving, where visible, is aligned and sound.", optional=True
        ),
        "register door": Item(
            "(7)(v)", "No damage, pry marks or scarring; it opens with its key only.", optional=True
        ),
        "drum": Item("(7)(vi)", "No damage, pry marks or scarring.", optional=True),
        "cover": Item(
            "(7)(vii)", "No pry marks near lock or screws, no holes, no entry.", optional=True
        ),
        "stamp die": Item(
            "(7)(viii)", "Not worn, damaged, broken or pried; no screw is missing.", optional=True
        ),
        "windows": Item(
            "(7)(ix)", "Register and display windows are whole and clear.", optional=True
        ),
    }
)
"""What is looked at; the other items of the clause are readings on the sheet, and its signature."""


class Inspection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The sheet of one inspection, as filled in at the licensee's place; money in mills."""

    serial: str
    """As it stands on the meter."""
    inspector: str
    ascending_mills: Whole
    descending_mills: Whole
    seal_number: str
    log_seen: bool
    """Whether Form 3602-A or its equivalent was there."""
    receipt_control_total_mills: Whole
    """On the latest setting receipt (Form 3603), after the last setting."""
    receipt_seal_number: str
    """Recorded at the last resetting."""
    ascending_after_zero_stamp_mills: Whole
    descending_after_zero_stamp_mills: Whole
    items: dict[str, Condition]
    remarks: str = ""
    licensee_signature: str = ""
    """Who signed for the licensee."""

    @property
    def control_total_mills(self) -> int:
        """The proof of registers: ascending and descending together."""
        return self.ascending_mills + self.descending_mills


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionReport:
    """An inspection, and everything irregular that it found."""

    sheet: Inspection
    inspected_on: date
    irregularities: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        """For programs and forms."""
        sheet: dict[str, object] = msgspec.to_builtins(self.sheet)
        return {
            **sheet,
            "control_total_mills": self.sheet.control_total_mills,
            "inspected_on": self.inspected_on.isoformat(),
            "irregularities": list(self.irregularities),
        }


def judge(sheet: Inspection, *, serial_on_record: str, today: date) -> InspectionReport:
    """The report of an inspection: every irregularity, not the first.

    Raises:
        Refused: ``INSPECTION_INCOMPLETE``, ``INSPECTION_UNSIGNED``.
    """
    _require_whole(sheet)
    found = (*_reckoned(sheet, serial_on_record), *_seen(sheet))
    return InspectionReport(sheet=sheet, inspected_on=today, irregularities=found)


def read_sheet(text: bytes | str) -> Inspection:
    """A sheet from JSON.

    Raises:
        Refused: ``INSPECTION_UNREADABLE``.
    """
    try:
        return msgspec.json.decode(text, type=Inspection)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise INSPECTION_UNREADABLE.because(f"this is no inspection sheet: {error}") from error


def empty_sheet(serial: str, inspector: str) -> dict[str, object]:
    """A sheet to be filled in: what has to be written stands as ``null``."""
    asked = Inspection.__struct_fields__
    known = {"serial": serial, "inspector": inspector, "remarks": "", "items": dict.fromkeys(ITEMS)}
    return {name: known.get(name) for name in asked}


def _require_whole(sheet: Inspection) -> None:
    missing = [name for name in ITEMS if name not in sheet.items]
    unknown = [name for name in sheet.items if name not in ITEMS]
    evaded = [
        name
        for name, item in ITEMS.items()
        if not item.optional and sheet.items.get(name) is Condition.NOT_APPLICABLE
    ]
    if missing or unknown or evaded or not sheet.inspector or not sheet.seal_number:
        wrong = ", ".join((*missing, *unknown, *evaded)) or "inspector or seal number"
        raise INSPECTION_INCOMPLETE.because(f"the sheet of {sheet.serial} lacks: {wrong}")
    if not sheet.licensee_signature.strip():
        raise INSPECTION_UNSIGNED.because(f"nobody signed the sheet of {sheet.serial}")


def _reckoned(sheet: Inspection, serial_on_record: str) -> Iterator[str]:
    """What the readings prove, each with its clause."""
    if sheet.serial != serial_on_record:
        yield f"{_CLAUSE}(1): the meter bears {sheet.serial}, the records {serial_on_record}"
    if not sheet.log_seen:
        yield f"{_CLAUSE}(3): there is no register log"
    total, receipt = sheet.control_total_mills, sheet.receipt_control_total_mills
    if total != receipt:
        yield (
            f"{_CLAUSE}(3): the registers add up to {format_dollars(total)}, the latest setting"
            f" receipt says {format_dollars(receipt)}"
        )
    before = sheet.ascending_mills, sheet.descending_mills
    after = sheet.ascending_after_zero_stamp_mills, sheet.descending_after_zero_stamp_mills
    if before != after:
        yield f"{_CLAUSE}(4): a stamp of .00 moved the registers"
    if sheet.seal_number != sheet.receipt_seal_number:
        yield (
            f"{_CLAUSE}(5): the seal is {sheet.seal_number}, at the last resetting it was"
            f" {sheet.receipt_seal_number or 'none'}"
        )


def _seen(sheet: Inspection) -> Iterator[str]:
    for name, item in ITEMS.items():
        if sheet.items[name] is Condition.IRREGULAR:
            yield f"{_CLAUSE}{item.clause}: {name} is irregular"
