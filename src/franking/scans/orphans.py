"""Worker processes that end with the one that started them, however it ends.

A worker waits for work that nobody gives it any more, in the memory that it had, and may still
write what nobody asked it for. Whoever starts workers gives them ``leave_no_orphan`` to begin with.
"""

from __future__ import annotations

import os
import signal
import threading
from multiprocessing import parent_process
from multiprocessing.connection import wait


def leave_no_orphan() -> None:
    """Have this process end as soon as the one that started it has ended, or at a Ctrl-C.

    It ends at once then and without a word: the one that started it says what became of the work.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    threading.Thread(target=_end_when_alone, daemon=True).start()


def _end_when_alone() -> None:
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
