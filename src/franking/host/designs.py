"""The register of approved designs: which imprints a model of device may print, and as drawn how.

Types, sizes and styles are those approved with the product (DMM P050.4.1 of 1997; P030.4.1 of
1995; 39 CFR 501.6(e) and (f) of 1995). A design has an id and a version, the approval it rests on,
the models it was approved for, its elements, and a digest of its specimen: the same words over the
same bytes, drawn. Whoever changes a drawing makes another design, which needs another approval.

The digest covers the postmark, its content and place, and the size of the symbol; not the cells
of the symbol, which differ on every piece. Decides nothing about where on a piece the imprint
stands: that is ``franking.host.placement``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from enum import Enum, StrEnum
from functools import cache, lru_cache
from importlib import resources
from types import MappingProxyType
from typing import Any

import msgspec
import yaml

from franking.errors import Refusal
from franking.identifiers import DeviceId
from franking.marks import evidence
from franking.marks.evidence import Form, Readable, Style
from franking.marks.geometry import Drawing, Modules
from franking.marks.symbols import Symbology
from franking.marks.town_circle import licensing_office, mailed_from

DESIGN_NOT_APPROVED = Refusal(
    "DESIGN_NOT_APPROVED",
    clause="DMM P050.4.1 (1997)",
    remedy="Print with a model of device and a symbology for which the design is approved.",
)

_SPECIMEN_WORDS: Mapping[str, Any] = MappingProxyType(
    {
        "device_id": DeviceId("FK", "1A", 1),
        "day": date(1997, 7, 1),
        "postage_mills": 320,
        "marking": "PRIORITY MAIL",
    }
)
_SPECIMEN_BYTES = bytes(range(113))
_SPECIMEN_DPI = 600
_SPECIMEN_TOWNS = (
    licensing_office(city="Springfield", state="IL", zip_code="62701"),
    mailed_from("62701", words="Mailed From ZIP Code"),
)
_COLUMNS: Mapping[Symbology | None, tuple[int, ...]] = MappingProxyType(
    {Symbology.PDF417: (4, 5, 6, 8)}
)
_PLACES = 3
"""Lengths count to a thousandth of an inch: far below a printer's dot, far above rounding."""


class Mark(StrEnum):
    """What kind of imprint a design is of."""

    INDICIUM = "indicium"
    CORRECTION = "postage correction"
    REDATE = "date correction"
    INSPECTION = "inspection imprint"
    VOID = "test print"


class Design(msgspec.Struct, frozen=True, kw_only=True):
    """One approved design: ``models`` are manufacturer and model, as a device ID begins."""

    id: str
    version: int
    mark: Mark
    symbology: Symbology | None = None
    form: Form | None = None
    approval: str
    models: tuple[str, ...]
    elements: tuple[str, ...]
    digest: str


@cache
def approved_designs() -> tuple[Design, ...]:
    """All designs of the register."""
    text = (resources.files("franking.host") / "designs.yaml").read_text("utf-8")
    return msgspec.convert(yaml.safe_load(text), tuple[Design, ...])


def require_design(mark: Mark, device_id: DeviceId, style: Style | None = None) -> Design:
    """The approved design of an imprint for the model of a device.

    Raises:
        Refused: ``DESIGN_NOT_APPROVED``.
    """
    model = f"{device_id.manufacturer}{device_id.model}"
    found = _approved(mark, model, *((style.symbology, style.form) if style else (None, None)))
    if found is None:
        looks = f", {style.symbology.value} as a {style.form.value}" if style else ""
        raise DESIGN_NOT_APPROVED.because(f"no {mark.value}{looks} is approved for model {model}")
    return found


def specimens(design: Design) -> tuple[Drawing, ...]:
    """The drawings that an approval is of: both postmarks, and every width of symbol."""
    return tuple(
        _drawn(design, Readable(town=town, **_SPECIMEN_WORDS), columns)
        for town in _SPECIMEN_TOWNS
        for columns in _COLUMNS.get(design.symbology, (4,))
    )


def design_digest(design: Design) -> str:
    """SHA-256 in hex of what the specimens of a design look like."""
    seen = [_canonical(drawing) for drawing in specimens(design)]
    return hashlib.sha256(msgspec.json.encode(seen, order="deterministic")).hexdigest()


@lru_cache(maxsize=256)
def _approved(
    mark: Mark, model: str, symbology: Symbology | None, form: Form | None
) -> Design | None:
    for design in approved_designs():
        drawn_so = (design.mark, design.symbology, design.form) == (mark, symbology, form)
        if drawn_so and model in design.models:
            return design
    return None


def _drawn(design: Design, readable: Readable, columns: int) -> Drawing:
    match design.mark:
        case Mark.REDATE:
            return evidence.redate(readable, word="REDATE")
        case Mark.INSPECTION:
            return evidence.inspection_imprint(readable)
        case Mark.INDICIUM:
            draw = evidence.indicium
        case Mark.CORRECTION:
            draw = evidence.postage_correction
        case Mark.VOID:
            draw = evidence.void_test_print
    style = Style(
        symbology=design.symbology or Symbology.DATA_MATRIX,
        form=design.form or Form.COLUMN,
        dpi=_SPECIMEN_DPI,
        columns=columns,
    )
    return draw(readable, _SPECIMEN_BYTES, style)


def _canonical(value: object) -> object:
    """A drawing as plain values that are the same on every machine."""
    if isinstance(value, float):
        return round(value, _PLACES) + 0.0  # no negative zero
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [_canonical(each) for each in value]
    if is_dataclass(value):
        passed_over = {"cells"} if isinstance(value, Modules) else set()
        return {
            each.name: _canonical(getattr(value, each.name))
            for each in fields(value)
            if each.name not in passed_over
        }
    return value


@dataclass(frozen=True, slots=True)
class Change:
    """A design whose specimen no longer looks as it was approved."""

    design: Design
    digest: str

    def __str__(self) -> str:
        return (
            f"{self.design.id} version {self.design.version} is not drawn as approved: give the "
            f"drawing version {self.design.version + 1} and digest {self.digest}"
        )


def changed_designs() -> tuple[Change, ...]:
    """The designs that are drawn otherwise than they were approved; there should be none."""
    drawn = ((design, design_digest(design)) for design in approved_designs())
    return tuple(Change(design, digest) for design, digest in drawn if digest != design.digest)
