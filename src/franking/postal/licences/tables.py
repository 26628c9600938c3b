"""How licences are stored."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, Row, Table, UniqueConstraint, func, insert, select

from franking.postal.licences.records import Applicant, Licence, PostOffice
from franking.postal.schema import METADATA
from franking.storage import Reading, Work
from franking.storage.columns import guard_append_only, text

LICENCES = Table(
    "licences",
    METADATA,
    text("number", primary_key=True),
    text("applicant_key"),
    text("name"),
    text("address"),
    text("zip_code"),
    text("city"),
    text("state"),
    text("issued_on"),
    text("message"),
    UniqueConstraint("applicant_key", "zip_code"),
    CheckConstraint("length(zip_code) = 5"),
    sqlite_strict=True,
)
guard_append_only(LICENCES)

TABLES = (LICENCES,)


def find_licence(books: Reading, *, applicant_key: str, zip_code: str) -> Licence | None:
    """The licence of an applicant at a post office."""
    table = LICENCES.c
    query = select(LICENCES).where(table.applicant_key == applicant_key, table.zip_code == zip_code)
    row = books.row(query)
    return None if row is None else _licence(row)


def every_licence(books: Reading) -> list[Licence]:
    """Every licence, by number."""
    return [_licence(row) for row in books.rows(select(LICENCES).order_by(LICENCES.c.number))]


def count_at(books: Reading, zip_code: str) -> int:
    """How many licences a post office has."""
    row = books.row(select(func.count().label("n")).where(LICENCES.c.zip_code == zip_code))
    return 0 if row is None else int(row.n)


def add_licence(work: Work, licence: Licence, *, applicant_key: str) -> None:
    """Store a licence."""
    work.write(
        insert(LICENCES).values(
            number=licence.number,
            applicant_key=applicant_key,
            name=licence.applicant.name,
            address=licence.applicant.address,
            zip_code=licence.office.zip_code,
            city=licence.office.city,
            state=licence.office.state,
            issued_on=licence.issued_on.isoformat(),
            message=licence.message,
        )
    )


def _licence(row: Row[Any]) -> Licence:
    return Licence(
        number=row.number,
        applicant=Applicant(name=row.name, address=row.address),
        office=PostOffice(zip_code=row.zip_code, city=row.city, state=row.state),
        issued_on=date.fromisoformat(row.issued_on),
        message=row.message,
    )
