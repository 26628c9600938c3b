"""Notices as papers: one in a file, or those of a day each in a file of a folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from franking.cli.command import Desk
from franking.cli.form import draw, require_drawable
from franking.cli.progress import shown_while_running
from franking.home.papers import paper_of


def require_folder(folder: Path | None) -> None:
    """Refuse a folder that no paper could be drawn into, before anybody is told anything.

    Raises:
        Refused: ``OUTPUT_NOT_WRITTEN``.
    """
    if folder is not None:
        require_drawable(_file(folder, "notice"))


def drawn_into(desk: Desk, folder: Path | None, kind: str, about: Sequence[str]) -> list[str]:
    """Draw the latest notice of ``kind`` about each device into ``folder``; the files.

    Raises:
        Refused: ``OUTPUT_NOT_WRITTEN``, ``PAPER_UNKNOWN``.
    """
    if folder is None:
        return []
    files: list[str] = []
    with shown_while_running(quiet=desk.as_json) as bars:
        for done, serial in enumerate(about, start=1):
            files += draw(paper_of(desk.home, "notice", f"{kind}:{serial}"), _file(folder, serial))
            bars.progress("drawn", done, len(about))
    return files


def _file(folder: Path, serial: str) -> Path:
    return folder / f"{serial}.pdf"
