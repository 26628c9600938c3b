"""A drawing, or many, into the file that a person named: the ending says which format.

Refuses to know what is drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

from franking.errors import Refusal
from franking.host.render.pdf import pdf
from franking.host.render.png import png
from franking.host.render.svg import svg
from franking.host.render.zpl import zpl
from franking.marks.geometry import Drawing

OUTPUT_FORMAT_UNKNOWN = Refusal(
    "OUTPUT_FORMAT_UNKNOWN",
    clause="policy",
    remedy="Let the file's name end in .pdf, .png, .svg or .zpl.",
    http_status=422,
)
OUTPUT_NOT_WRITTEN = Refusal(
    "OUTPUT_NOT_WRITTEN",
    clause="policy",
    remedy="Give a place that can be written and print again: the same bytes are drawn.",
)

_ONE_PIECE: Mapping[str, Callable[[Drawing, int], bytes]] = MappingProxyType(
    {
        ".png": png,
        ".svg": lambda drawing, _: svg(drawing).encode("utf-8"),
        ".zpl": lambda drawing, dpi: zpl(drawing, dpi).encode("utf-8"),
    }
)


def require_format(path: Path) -> str:
    """The format that a file's name asks for, as its ending.

    Raises:
        Refused: ``OUTPUT_FORMAT_UNKNOWN``.
    """
    ending = path.suffix.lower()
    if ending != ".pdf" and ending not in _ONE_PIECE:
        raise OUTPUT_FORMAT_UNKNOWN.because(f"{path.name!r} names no format")
    return ending


def save(pages: Iterable[Drawing], path: Path, *, dpi: int) -> tuple[Path, ...]:
    """Write the pages: one PDF, or one file a page with ``-2``, ``-3`` … after the first.

    A file appears whole or not at all. Gives the files written.

    Raises:
        Refused: ``OUTPUT_FORMAT_UNKNOWN``, ``OUTPUT_NOT_WRITTEN``, or what the pages refuse.
    """
    ending = require_format(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if ending == ".pdf":
            return (_save_pdf(pages, path),)
        draw = _ONE_PIECE[ending]
        return tuple(
            save_bytes(draw(page, dpi), _numbered(path, number))
            for number, page in enumerate(pages, start=1)
        )
    except OSError as error:
        raise OUTPUT_NOT_WRITTEN.because(f"{path}: {error.strerror or error}") from error


def save_bytes(content: bytes, path: Path) -> Path:
    """Write a file, whole or not at all.

    Raises:
        Refused: ``OUTPUT_NOT_WRITTEN``.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = _draft(path)
        draft.write_bytes(content)
        return draft.replace(path)
    except OSError as error:
        raise OUTPUT_NOT_WRITTEN.because(f"{path}: {error.strerror or error}") from error


def _save_pdf(pages: Iterable[Drawing], path: Path) -> Path:
    draft = _draft(path)
    with draft.open("wb") as out:
        pdf(pages, out)
    draft.replace(path)
    return path


def _draft(path: Path) -> Path:
    return path.with_name(f".{path.name}.part")


def _numbered(path: Path, number: int) -> Path:
    return path if number == 1 else path.with_name(f"{path.stem}-{number}{path.suffix}")
