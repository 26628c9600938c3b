"""NACHA files: ``read_nacha`` and ``write_nacha``, and what such a file holds."""

from franking.bank_files.nacha_reading import read_nacha
from franking.bank_files.nacha_records import (
    Addenda,
    Batch,
    Change,
    Entry,
    EntryClass,
    NachaFile,
    Payment,
    Return,
    ServiceClass,
    TransactionCode,
)
from franking.bank_files.nacha_writing import write_nacha

__all__ = [
    "Addenda",
    "Batch",
    "Change",
    "Entry",
    "EntryClass",
    "NachaFile",
    "Payment",
    "Return",
    "ServiceClass",
    "TransactionCode",
    "read_nacha",
    "write_nacha",
]
