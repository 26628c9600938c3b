"""The pages of a print job, drawn from what the books hold of it: always the same bytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Row

from franking.host.face import Face
from franking.host.layouts import face_of
from franking.host.printing import tables
from franking.host.printing.planning import layout_settings
from franking.host.sheets import sheet, sheet_pages, shifted
from franking.host.stocks import stock
from franking.marks.geometry import Drawing
from franking.storage.books import Books

_PAGES_AT_ONCE = 200


def pages_of(
    books: Books, row: Row[Any], lines: frozenset[int], art: Drawing | None
) -> Iterator[Drawing]:
    """The pages of a stored job: all its evidenced pieces, or those on ``lines``.

    Raises:
        Refused: what ``face_of`` refuses, when its page is asked for.
    """
    template = tables.template_of(row)
    faces = _faces(books, row, lines, art)
    if template.sheet:
        return sheet_pages(
            faces, sheet(template.sheet), skip=template.skip_labels, offset=template.offset
        )
    return (shifted(face.drawing(), template.offset) for face in faces)


def _faces(
    books: Books, job: Row[Any], lines: frozenset[int], art: Drawing | None
) -> Iterator[Face]:
    """The faces of the evidenced pieces, read in steps so that a long job takes no memory."""
    usual = layout_settings(tables.template_of(job), tables.town_of(job))
    after = 0
    while rows := _step(books, job.job_id, after):
        for row in rows:
            if not lines or row.line in lines:
                piece, settings = tables.mailpiece_of(row), usual.on(stock(row.stock))
                yield face_of(piece, row.indicium, settings, serial=row.line, advertising=art)
        after = rows[-1].line


def _step(books: Books, job_id: str, after: int) -> Sequence[Row[Any]]:
    with books.reading() as reading:
        return tables.pieces_between(reading, job_id, after=after, limit=_PAGES_AT_ONCE)
