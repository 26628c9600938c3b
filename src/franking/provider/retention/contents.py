"""The rows that make up each kind of record in the provider's books.

The life record of a device is every row that bears its serial number, in whatever room, except
what is kept for good: key records (39 CFR 501.22(n)), and what retention itself notes.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from sqlalchemy import Column, Table, delete, select

from franking.identifiers import record_id
from franking.provider.schema import METADATA
from franking.retention.retention import LIFE, Contents
from franking.storage import Reading, Work

FORM: Final = "installation form"
HISTORY: Final = "licensing_events"
"""What licensing tells of records of several kinds, each by its name: devices are among them."""
SERIAL_COLUMNS: Final = ("serial", "device", "device_id")
"""How the rooms call the column that holds a device's serial number."""
KEPT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "device_keys": "key records are permanent",
        "key_reports": "key records are permanent",
        "articles": "keys, seals and dies have registers of their own, and keys a permanent one",
        "article_events": "as the registers of keys, seals and dies",
    }
)
"""Tables that stay when a device's life record is destroyed, and why."""


def life_tables() -> list[tuple[Table, Column[str]]]:
    """The tables that hold rows of a device's life, those that refer to others first."""
    found = []
    for table in reversed(METADATA.sorted_tables):
        named = [table.c[name] for name in SERIAL_COLUMNS if name in table.c]
        if named and table.name not in KEPT:
            found.append((table, named[0]))
    return found


def delete_life(work: Work, record: str) -> int:
    """Delete the rows of a device's life; how many there were."""
    serial = record.partition(":")[2]
    gone = sum(work.write(delete(table).where(at == serial)) for table, at in life_tables())
    told = METADATA.tables[HISTORY]
    return gone + work.write(delete(told).where(told.c.record == record))


def delete_form(work: Work, record: str) -> int:
    """Delete an installation form by its number; how many rows there were."""
    number = record.partition(":")[2]
    forms = METADATA.tables["installation_forms"]
    return work.write(delete(forms).where(forms.c.number == int(number)))


def forms_of(books: Reading, record: str) -> list[str]:
    """The installation forms of a device, which are destroyed with its life record."""
    forms, serial = METADATA.tables["installation_forms"].c, record.partition(":")[2]
    mine = select(forms.number).where(forms.serial == serial).order_by(forms.number)
    return [record_id(FORM, str(row.number)) for row in books.rows(mine)]


CONTENTS: Final[Mapping[str, Contents]] = MappingProxyType(
    {LIFE: Contents(delete_life, forms_of), FORM: Contents(delete_form)}
)
"""By kind of record; a kind that is not here is kept outside these books."""
