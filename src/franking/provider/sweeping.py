"""What happens when a duty on the provider's docket is missed: one table, by name.

The names are those that ``franking/docket/duties/<room>.yaml`` gives as ``consequence``. Each room
adds its own lines.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from franking.docket import Consequence, SweepReport, sweep
from franking.messages.signing import Signer
from franking.provider.examinations import escalating as _examinations
from franking.provider.quality import commands as _quality
from franking.provider.schema import DOCKET
from franking.storage import Books

CONSEQUENCES: Final[dict[str, Consequence]] = {
    "notice examination": _examinations.notice_examination,
    "deny unexamined": _examinations.deny_unexamined,
    "refer unexamined": _examinations.refer_unexamined,
    "deny unaudited": _examinations.deny_unaudited,
    "deny without mailpiece": _quality.deny_without_mailpiece,
}


def sweep_docket(
    books: Books,
    signer: Signer,
    now: datetime,
    progress: Callable[[int], None] | None = None,
    *,
    after_silence: bool = False,
) -> SweepReport:
    """Sweep the provider's docket.

    Raises:
        Refused: as ``sweep``.
    """
    return sweep(books, DOCKET, CONSEQUENCES, signer, now, progress, after_silence=after_silence)
