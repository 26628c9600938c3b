"""BAI2 reports: ``read_bai2`` and ``write_bai2``, and what such a report holds."""

from franking.bank_files.bai2_reading import read_bai2
from franking.bank_files.bai2_records import (
    Account,
    Bai2File,
    Funds,
    FundsType,
    Group,
    GroupStatus,
    Summary,
    Transaction,
)
from franking.bank_files.bai2_writing import write_bai2

__all__ = [
    "Account",
    "Bai2File",
    "Funds",
    "FundsType",
    "Group",
    "GroupStatus",
    "Summary",
    "Transaction",
    "read_bai2",
    "write_bai2",
]
