"""An evidenced piece into the file that a person named: drawn, or as bare bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from tempfile import NamedTemporaryFile
from types import MappingProxyType

from franking import rules
from franking.errors import Refusal
from franking.host.records import Symbology
from franking.host.render import to_file
from franking.host.tape import bare_indicium
from franking.marks.town_circle import Town, licensing_office, mailed_from
from franking.psd.records import DeviceState

DEVICE_UNLICENSED = Refusal(
    "DEVICE_UNLICENSED",
    clause="DMM P050.1.3 (1997)",
    remedy="Authorize the device first: franking device authorize DEVICE --zip ZIP.",
)

_BYTES: Mapping[str, Callable[[bytes], bytes]] = MappingProxyType(
    {
        ".bin": lambda payload: payload,
        ".hex": lambda payload: payload.hex().encode() + b"\n",
    }
)


def require_writable(path: Path) -> None:
    """Refuse a file that could not be written, before anything is debited.

    Raises:
        Refused: ``OUTPUT_FORMAT_UNKNOWN``, ``OUTPUT_NOT_WRITTEN``.
    """
    if path.suffix.lower() not in {".pdf", ".png", ".svg", ".zpl", *_BYTES}:
        raise to_file.OUTPUT_FORMAT_UNKNOWN.because(
            f"{path.name!r} names no format",
            remedy="Let the file's name end in .png, .pdf, .svg, .zpl, .bin or .hex.",
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}."):
            pass
    except OSError as error:
        raise to_file.OUTPUT_NOT_WRITTEN.because(f"{path}: {error.strerror}") from error
    if path.is_dir():
        raise to_file.OUTPUT_NOT_WRITTEN.because(f"{path} is a folder")


def require_drawable(path: Path) -> None:
    """Refuse a file that nothing could be drawn into, before anything is debited.

    Raises:
        Refused: ``OUTPUT_FORMAT_UNKNOWN``, ``OUTPUT_NOT_WRITTEN``.
    """
    to_file.require_format(path)
    require_writable(path)


def save(
    indicium: bytes, town: Town, path: Path, *, symbology: Symbology, dpi: int
) -> tuple[Path, ...]:
    """Write the indicium, drawn or as bytes (``.bin``, ``.hex``).

    Raises:
        Refused: ``OUTPUT_FORMAT_UNKNOWN``, ``OUTPUT_NOT_WRITTEN``, or what the marks refuse.
    """
    as_bytes = _BYTES.get(path.suffix.lower())
    if as_bytes is not None:
        return (to_file.save_bytes(as_bytes(indicium), path),)
    drawing = bare_indicium(indicium, town, symbology=symbology, dpi=dpi)
    return to_file.save([drawing], path, dpi=dpi)


def town_of(state: DeviceState, on: date) -> Town:
    """What the town circle of a device says: its post office, or where it is mailed from.

    Without the office's city the words "Mailed From ZIP Code" take its place (DMM P050.4.5).

    Raises:
        Refused: ``DEVICE_UNLICENSED``.
    """
    licence, standing = state.standing.licence, state.standing
    if licence is None:
        raise DEVICE_UNLICENSED.because(f"{standing.device_id} has no licence")
    if licence.city and licence.state:
        return licensing_office(city=licence.city, state=licence.state, zip_code=licence.zip_code)
    words = rules.at("indicium", standing.rulebook, on).text("mailed_from_words")
    return mailed_from(licence.zip_code, words=words)
