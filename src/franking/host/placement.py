"""Where things may stand on a face: pure geometry, and every violation at once.

The rules are those of DMM P050.4.2, 4.4, 4.8 and 4.9 of 1997, with the zones of a letter's face
that they point to; their numbers come from ``franking.rules``. Nothing is moved here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import combinations

from franking import rules
from franking.errors import Refusal
from franking.host.face import INDICIUM, POSTAL, Element, Face, Role, Side
from franking.marks.geometry import Bars, Box, Margins, Modules, enclosing

PLACEMENT_WRONG = Refusal(
    "PLACEMENT_WRONG",
    clause="DMM P050.4.4 (1997)",
    remedy="Choose another stock, symbology or shorter text; nothing was evidenced.",
)

MM_PER_INCH = 25.4
_SLACK = 1e-6
_SPANNING = 0.05
"""An indicium that spans a narrow label may reach so much nearer to its left edge, in inches."""
_IN_OCR_AREA = frozenset({Role.ADDRESS, Role.DELIVERY_BARCODE, Role.CORRECTION, Role.NOTE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One rule of placement that a face breaks: which one, what stands wrong, and by how much."""

    code: str
    clause: str
    detail: str

    def __str__(self) -> str:
        return f"{self.detail} ({self.clause})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Zones:
    """The numbers of placement that hold on one day under one rulebook, in inches."""

    edge_right: float
    edge_top: float
    clear: float
    fim_left: float
    fim_right: float
    fim_height: float
    fim_bar: float
    fim_tolerance: float
    ocr_side: float
    ocr_bottom: float
    ocr_top: float
    barcode_width: float
    barcode_height: float
    barcode_left_min: float
    barcode_left_max: float
    barcode_bottom_min: float
    barcode_top_max: float
    correction_bottom: float
    letter_height_max: float
    letter_length_max: float
    card_height_max: float
    card_length_max: float

    def fim_zone(self, face: Face) -> Box:
        """The strip at the top that is reserved for the facing identification mark."""
        right = face.width_in
        return Box(
            left=right - self.fim_left,
            top=0.0,
            right=right - self.fim_right,
            bottom=self.fim_height,
        )

    def ocr_area(self, face: Face) -> Box:
        """The area in which address readers look for the address."""
        return Box(
            left=self.ocr_side,
            top=face.height_in - self.ocr_top,
            right=face.width_in - self.ocr_side,
            bottom=face.height_in - self.ocr_bottom,
        )

    def barcode_zone(self, face: Face) -> Box:
        """The lower right corner that is reserved for the delivery barcode."""
        return Box(
            left=face.width_in - self.barcode_width,
            top=face.height_in - self.barcode_height,
            right=face.width_in,
            bottom=face.height_in,
        )

    def is_letter_size(self, *, width_in: float, height_in: float) -> bool:
        """Whether a piece of this size is of letter size."""
        return width_in <= self.letter_length_max and height_in <= self.letter_height_max

    def is_card_size(self, *, width_in: float, height_in: float) -> bool:
        """Whether a piece of this size may be a card."""
        return width_in <= self.card_length_max and height_in <= self.card_height_max


@lru_cache(maxsize=64)
def zones(rulebook: str, on: date) -> Zones:
    """The numbers of placement by ``franking.rules``."""
    said = rules.at("indicium", rulebook, on)

    def inches(name: str) -> float:
        return float(said.length(f"{name}_inches"))

    return Zones(
        edge_right=inches("edge_right"),
        edge_top=inches("edge_top"),
        clear=inches("clear_zone"),
        fim_left=inches("fim_zone_left"),
        fim_right=inches("fim_zone_right"),
        fim_height=inches("fim_zone_height"),
        fim_bar=inches("fim_right_bar"),
        fim_tolerance=inches("fim_tolerance"),
        ocr_side=inches("ocr_side"),
        ocr_bottom=inches("ocr_bottom"),
        ocr_top=inches("ocr_top"),
        barcode_width=inches("barcode_zone_width"),
        barcode_height=inches("barcode_zone_height"),
        barcode_left_min=inches("barcode_left_min"),
        barcode_left_max=inches("barcode_left_max"),
        barcode_bottom_min=inches("barcode_bottom_min"),
        barcode_top_max=inches("barcode_top_max"),
        correction_bottom=float(said.length("correction_bottom_mm")) / MM_PER_INCH,
        letter_height_max=inches("letter_height_max"),
        letter_length_max=inches("letter_length_max"),
        card_height_max=inches("card_height_max"),
        card_length_max=inches("card_length_max"),
    )


def violations(face: Face, zone: Zones) -> tuple[Violation, ...]:
    """Every rule of placement that the face breaks."""
    return tuple(_violations(face, zone))


def is_lawful(face: Face, zone: Zones) -> bool:
    """Whether the face breaks no rule of placement; stops at the first it breaks."""
    return next(_violations(face, zone), None) is None


def require_well_placed(face: Face, zone: Zones) -> None:
    """Refuse a face that breaks a rule of placement, naming every one.

    Raises:
        Refused: ``PLACEMENT_WRONG``.
    """
    found = violations(face, zone)
    if found:
        raise PLACEMENT_WRONG.because("; ".join(map(str, found)))


def _violations(face: Face, zone: Zones) -> Iterator[Violation]:
    checks = [_off_face]
    if face.side is Side.ADDRESS:
        checks += [_edges, _corner, _horizontal, _fim_zone, _fim_position, _clear_zone]
        if face.letter_zones:
            checks += [_ocr_area, _address_place, _barcode_zone, _barcode_position]
    elif face.side is not Side.APPLIED:
        checks += [_correction]
    for check in (*checks, _overlaps):
        yield from check(face, zone)


def _off_face(face: Face, zone: Zones) -> Iterator[Violation]:
    page = Box(left=0.0, top=0.0, right=face.width_in, bottom=face.height_in)
    for element in face.elements:
        if not page.holds(element.bounds):
            yield Violation(
                code="OFF_FACE",
                clause="DMM P050.4.2 (1997)",
                detail=f"the {element.role} reaches over the edge",
            )


def _overlaps(face: Face, zone: Zones) -> Iterator[Violation]:
    held = [
        (element.role, part, part.bounds, part.clear_box)
        for element in face.elements
        for part in element.parts
    ]
    for (role, part, ink, clear), (other, its, its_ink, its_clear) in combinations(held, 2):
        if ink.overlaps(its_clear) or its_ink.overlaps(clear):
            yield Violation(
                code="OVERLAP",
                clause="DMM P050.4.2 (1997)",
                detail=f"{part.name} of the {role} and {its.name} of the {other} are too close",
            )


def _edges(face: Face, zone: Zones) -> Iterator[Violation]:
    for element in face.of(*INDICIUM):
        right, top = face.width_in - element.bounds.right, element.bounds.top
        if right < zone.edge_right - _SLACK:
            yield Violation(
                code="EDGE_RIGHT",
                clause="DMM P050.4.4 (1997)",
                detail=f"the {element.role} is {right:.3f} in from the right edge",
            )
        if top < zone.edge_top - _SLACK:
            yield Violation(
                code="EDGE_TOP",
                clause="DMM P050.4.4 (1997)",
                detail=f"the {element.role} is {top:.3f} in from the top edge",
            )


def _corner(face: Face, zone: Zones) -> Iterator[Violation]:
    held = face.of(*INDICIUM)
    if not held:
        return
    box = enclosing(element.bounds for element in held)
    to_the_left = box.left < face.width_in - box.right - _SPANNING
    to_the_bottom = face.height_in - box.bottom < box.top - _SLACK
    if to_the_left or to_the_bottom:
        yield Violation(
            code="NOT_UPPER_RIGHT",
            clause="DMM P050.4.4 (1997)",
            detail="the indicium is not in the upper right corner",
        )


def _horizontal(face: Face, zone: Zones) -> Iterator[Violation]:
    for element in face.of(Role.SYMBOL):
        for part in element.parts:
            if any(isinstance(s, Modules) for s in part.shapes) and (
                part.bounds.height > part.bounds.width + _SLACK
            ):
                yield Violation(
                    code="BARCODE_UPRIGHT",
                    clause="DMM P050.4.4 (1997)",
                    detail="the indicium barcode is not horizontal",
                )


def _fim_zone(face: Face, zone: Zones) -> Iterator[Violation]:
    if not face.of(Role.FIM):
        return
    strip = zone.fim_zone(face)
    for element in face.elements:
        if element.role is not Role.FIM and element.bounds.overlaps(strip):
            yield Violation(
                code="FIM_ZONE",
                clause="DMM P050.4.4 (1997)",
                detail=f"the {element.role} stands in the zone of the facing mark",
            )


def _fim_position(face: Face, zone: Zones) -> Iterator[Violation]:
    strip = zone.fim_zone(face)
    for element in face.of(Role.FIM):
        box = _bars(element)
        off = abs(face.width_in - box.right - zone.fim_bar)
        high = box.top > zone.fim_tolerance + _SLACK
        low = abs(box.bottom - strip.bottom) > zone.fim_tolerance + _SLACK
        inside = strip.left - _SLACK <= box.left and box.right <= strip.right + _SLACK
        if off > zone.fim_tolerance + _SLACK or high or low or not inside:
            yield Violation(
                code="FIM_POSITION",
                clause="DMM P050.4.12 (1997)",
                detail=(
                    f"the facing mark ends {face.width_in - box.right:.3f} in from the right edge, "
                    f"{box.top:.3f} to {box.bottom:.3f} in below the top"
                ),
            )


def _bars(element: Element) -> Box:
    boxes = (
        box.moved(part.x, part.y)
        for part in element.parts
        for shape in part.shapes
        if isinstance(shape, Bars)
        for box in shape.boxes()
    )
    return enclosing(boxes)


def _clear_zone(face: Face, zone: Zones) -> Iterator[Violation]:
    held = face.of(*INDICIUM)
    if not held:
        return
    box = enclosing(element.bounds for element in held)
    clear = box.grown(Margins(left=zone.clear, bottom=zone.clear))
    for element in face.elements:
        if element.role not in POSTAL and element.bounds.overlaps(clear):
            yield Violation(
                code="CLEAR_ZONE",
                clause="DMM P050.4.4 (1997)",
                detail=f"the {element.role} is within {zone.clear} in of the indicium",
            )


def _ocr_area(face: Face, zone: Zones) -> Iterator[Violation]:
    area = zone.ocr_area(face)
    for element in face.elements:
        if element.role not in _IN_OCR_AREA and element.bounds.overlaps(area):
            yield Violation(
                code="OCR_AREA",
                clause="DMM P050.4.4 (1997)",
                detail=f"the {element.role} stands in the OCR read area",
            )


def _address_place(face: Face, zone: Zones) -> Iterator[Violation]:
    for element in face.of(Role.ADDRESS):
        if not zone.ocr_area(face).holds(element.bounds):
            yield Violation(
                code="ADDRESS_PLACE",
                clause="DMM P050.4.2 (1997)",
                detail="the delivery address is not within the OCR read area",
            )


def _barcode_zone(face: Face, zone: Zones) -> Iterator[Violation]:
    strip = zone.barcode_zone(face)
    for element in face.elements:
        if element.role is not Role.DELIVERY_BARCODE and element.bounds.overlaps(strip):
            yield Violation(
                code="BARCODE_ZONE",
                clause="DMM P050.4.4 (1997)",
                detail=f"the {element.role} stands in the barcode clear zone",
            )


def _barcode_position(face: Face, zone: Zones) -> Iterator[Violation]:
    for element in face.of(Role.DELIVERY_BARCODE):
        box = element.bounds
        if zone.ocr_area(face).holds(box):
            continue
        left, bottom = face.width_in - box.left, face.height_in - box.bottom
        top = face.height_in - box.top
        well = (
            zone.barcode_left_min - _SLACK <= left <= zone.barcode_left_max + _SLACK
            and zone.barcode_bottom_min - _SLACK <= bottom
            and top <= zone.barcode_top_max + _SLACK
        )
        if not well:
            yield Violation(
                code="BARCODE_POSITION",
                clause="DMM P050.4.2 (1997)",
                detail=(
                    f"the delivery barcode begins {left:.3f} in from the right edge, "
                    f"{bottom:.3f} to {top:.3f} in above the bottom"
                ),
            )


def _correction(face: Face, zone: Zones) -> Iterator[Violation]:
    for element in face.of(Role.CORRECTION):
        above = face.height_in - element.bounds.bottom
        if above < zone.correction_bottom - _SLACK:
            yield Violation(
                code="CORRECTION_LOW",
                clause="DMM P050.4.8 (1997)",
                detail=f"the correction is {above * MM_PER_INCH:.1f} mm above the bottom edge",
            )
        if face.side is Side.FLAP:
            yield Violation(
                code="CORRECTION_ON_FLAP",
                clause="DMM P050.4.9 (1997)",
                detail="the correction is on a flap",
            )
