"""What a device prints beside mail: test prints, the ``.00`` imprint, and corrections.

A test print and a date correction spend nothing and move no register; an inspection imprint is an
entry in the device's journal; a correction of postage is evidenced as any piece is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from franking.errors import Refusal
from franking.home.home import Home
from franking.home.imprints import require_drawable, town_of
from franking.home.mailings import device_named
from franking.host.corrections import correction_face, redate_face, require_redate_day
from franking.host.face import Face
from franking.host.layouts import LayoutSettings
from franking.host.printing.planning import layout_settings, require_template
from franking.host.printing.records import JobTemplate
from franking.host.records import System
from franking.host.render.to_file import save
from franking.host.specimens import specimen_bytes
from franking.host.test_prints import inspection_face, offset_sheet, void_face
from franking.marks.geometry import Drawing
from franking.marks.symbols import DPI_DEFAULT
from franking.psd.device import PostalSecurityDevice
from franking.psd.records import EvidenceRequest

LENGTH_UNREADABLE = Refusal(
    "LENGTH_UNREADABLE",
    clause="policy",
    remedy="Write inches, such as 8.5, up to 48.",
    http_status=422,
)
PAPER_TOO_SMALL = Refusal(
    "PAPER_TOO_SMALL",
    clause="policy",
    remedy="Measure the offset on paper of at least 4 by 4 inches.",
    http_status=422,
)

_PAPER_MIN, _PAPER_MAX = 4, 48


@dataclass(frozen=True, slots=True, kw_only=True)
class Print:
    """Where a print goes and how it looks: the file, and stock, symbology and dots."""

    out: Path
    look: JobTemplate


def void_print(home: Home, name: str | None, wanted: Print) -> dict[str, Any]:
    """A void print on the stock that will be used; it spends nothing and verifies as nothing.

    Raises:
        Refused: ``DEVICE_UNLICENSED``, ``PLACEMENT_WRONG``, or what the output refuses.
    """

    def drawn(device: PostalSecurityDevice, settings: LayoutSettings) -> Face:
        return void_face(device.device_id, home.now.date(), settings)

    return _printed(home, device_named(home, name), wanted, drawn)


def inspection(home: Home, name: str, request_id: str, wanted: Print) -> dict[str, Any]:
    """The ``.00`` imprint of a device under inspection, journalled by it (PSD-5).

    Raises:
        Refused: what the device, the placement or the output refuse.
    """

    def drawn(device: PostalSecurityDevice, settings: LayoutSettings) -> Face:
        return inspection_face(device.inspection_imprint(request_id, home.now).content, settings)

    return _printed(home, name, wanted, drawn)


def redate(home: Home, name: str, day: date, wanted: Print) -> dict[str, Any]:
    """The true date of mailing for the other side of a piece (DMM P050.4.8).

    Raises:
        Refused: ``REDATE_OUT_OF_RANGE``, ``PLACEMENT_WRONG``, or what the output refuses.
    """

    def drawn(device: PostalSecurityDevice, settings: LayoutSettings) -> Face:
        require_redate_day(day, today=home.now.date(), rulebook=settings.rulebook)
        return redate_face(device.device_id, day, settings)

    return {"date": day.isoformat(), **_printed(home, name, wanted, drawn)}


def correct(home: Home, name: str, request: EvidenceRequest, wanted: Print) -> dict[str, Any]:
    """Additional postage for a short-paid piece, for its other side (DMM P050.4.9).

    Whether it can be drawn is tried with a blank before anything is debited.

    Raises:
        Refused: ``PLACEMENT_WRONG``, or what the device or the output refuse.
    """

    def drawn(device: PostalSecurityDevice, settings: LayoutSettings) -> Face:
        looked = device.preview(request, home.now)
        blank = specimen_bytes(
            device.device_id, postage_mills=looked.postage_mills, on=looked.date_of_mailing
        )
        correction_face(blank, settings)
        return correction_face(device.evidence(request, home.now).indicium, settings)

    done = _printed(home, name, wanted, drawn)
    return {"request_id": request.request_id, "postage_mills": request.postage_mills, **done}


def printer_offset_sheet(
    out: Path, *, width_in: Decimal, height_in: Decimal, dpi: int = DPI_DEFAULT
) -> dict[str, Any]:
    """The sheet on which a printer's offset is measured.

    Raises:
        Refused: ``PAPER_TOO_SMALL``, ``PRINTER_UNFIT``, or what the output refuses.
    """
    if min(width_in, height_in) < _PAPER_MIN:
        raise PAPER_TOO_SMALL.because(f"{width_in} by {height_in} inches")
    return {"files": saved(offset_sheet(float(width_in), float(height_in)), out, dpi=dpi)}


def inches(text: str) -> Decimal:
    """A length that a person wrote.

    Raises:
        Refused: ``LENGTH_UNREADABLE``.
    """
    try:
        length = Decimal(text)
    except InvalidOperation:
        length = Decimal("NaN")
    if not (length.is_finite() and 0 < length <= _PAPER_MAX):
        raise LENGTH_UNREADABLE.because(f"{text!r} is no length of paper in inches")
    return length


def saved(drawing: Drawing, out: Path, *, dpi: int = DPI_DEFAULT) -> list[str]:
    """One drawing, written; the names of the files.

    Raises:
        Refused: ``PRINTER_UNFIT``, ``OUTPUT_FORMAT_UNKNOWN``, ``OUTPUT_NOT_WRITTEN``.
    """
    require_template(JobTemplate(dpi=dpi))
    return [str(file) for file in save([drawing], out, dpi=dpi)]


def _printed(
    home: Home,
    name: str,
    wanted: Print,
    drawn: Callable[[PostalSecurityDevice, LayoutSettings], Face],
) -> dict[str, Any]:
    require_drawable(wanted.out)
    require_template(wanted.look)
    with home.device(name) as device:
        face = drawn(device, _settings(device, wanted.look, home.now.date()))
        descending = device.registers.descending_mills
        files = save([face.drawing()], wanted.out, dpi=wanted.look.dpi)
        return {
            "device": name,
            "device_id": str(device.device_id),
            "descending_mills": descending,
            "files": [str(file) for file in files],
        }


def _settings(device: PostalSecurityDevice, look: JobTemplate, on: date) -> LayoutSettings:
    standing = device.state.standing
    of_device = replace(look, rulebook=standing.rulebook, system=System(standing.system))
    return layout_settings(of_device, town_of(device.state, on))
