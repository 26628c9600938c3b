"""The fixed 80-column lockbox format: ``read_lockbox`` and ``write_lockbox``, and what it holds."""

from franking.bank_files.lockbox_reading import read_lockbox
from franking.bank_files.lockbox_records import Lockbox, LockboxBatch, LockboxFile, LockboxItem
from franking.bank_files.lockbox_writing import batched, write_lockbox

__all__ = [
    "Lockbox",
    "LockboxBatch",
    "LockboxFile",
    "LockboxItem",
    "batched",
    "read_lockbox",
    "write_lockbox",
]
